"""A programming challenge: its words, its probes, the reference, and the mistakes that it recognises.

The words are `pages/content/challenges/<name>.md`; the rest is `pages/practice/challenges/<name>.py`, a module with
REFERENCE, PROBES, MISTAKES and, where several answers are right, CANONICAL. A known mistake is a wrong program; the
docstring of its first function is what its author is told.
"""

import functools
import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from pages.practice import words

CONTENT = Path(__file__).parents[1] / "content" / "challenges"
RULES = (
    "Compute in float64; answers are compared to six digits. Where numbers with fractions are asked for, whole numbers "
    "of the same value count too. Arrays that are passed stay as they are, and nothing is remembered between calls."
)
Function = Callable[..., Any]
Program = Mapping[str, Function]  # the functions that a program defines, by name


@dataclass(frozen=True)
class Probe:
    """One call of the visitor's program, and how its answer is judged.

    Without `judge` the answer must equal the reference's, to a relative `tolerance`; with it the answer must have a
    property: `judge(answer, *args)` returns "" if it has, else a sentence that says what is wrong. With `unlike`, the
    name of an earlier probe, it must also be another answer than to that one: some argument must have an effect.
    """

    name: str  # what is looked at, as a visitor reads it
    args: tuple[Any, ...]
    function: str = ""  # the first of the challenge's functions, unless said
    judge: Callable[..., str] | None = None
    tolerance: float = 1e-6
    unlike: str = ""


@dataclass(frozen=True)
class Challenge:
    """All of one challenge."""

    name: str  # of both its files; stable, since progress is kept under it
    title: str
    order: int
    level: str  # entry, mid, senior
    topic: str
    lab: str  # the lab whose experiment shows it at work
    state: str  # the query that opens it
    sections: Mapping[str, str] = field(repr=False)  # Task, Hints, Afterwards
    starter: str = field(repr=False)
    module: ModuleType = field(repr=False)
    reference: Program = field(repr=False)  # what the visitor is to define
    probes: tuple[Probe, ...] = field(repr=False)
    mistakes: tuple[Program, ...] = field(repr=False)  # each defines only the functions that it has wrong
    canonical: Program = field(repr=False)  # makes equivalent answers equal: canonical(answer, *args)

    @property
    def hints(self) -> list[str]:
        """Three steps, each saying more than the one before."""
        return [hint.strip() for hint in self.sections["Hints"].split("\n---\n")]

    def asked(self, probe: Probe) -> str:
        """The name of the function that a probe calls."""
        return probe.function or next(iter(self.reference))

    def parameters(self, function: str) -> list[str]:
        """The names of a function's parameters, as the starter writes them."""
        definitions: dict[str, Any] = {}
        exec(compile(self.starter, self.name, "exec"), definitions)  # our own text
        return list(inspect.signature(definitions[function]).parameters)


@functools.cache
def load(name: str) -> Challenge:
    """Read the challenge of that name."""
    head, sections = words.read(CONTENT / f"{name}.md")
    sections = {title: text.strip() for title, text in sections.items()}
    module = importlib.import_module(f"pages.practice.challenges.{name}")
    return Challenge(
        name=name,
        **head,
        starter=sections.pop("Starter").removeprefix("```python\n").removesuffix("```"),
        sections=sections,
        module=module,
        reference=module.REFERENCE,
        probes=tuple(module.PROBES),
        mistakes=tuple(module.MISTAKES),
        canonical=getattr(module, "CANONICAL", {}),
    )


def all_challenges() -> list[Challenge]:
    """Every challenge, in order."""
    return sorted((load(path.stem) for path in CONTENT.glob("*.md")), key=lambda challenge: challenge.order)
