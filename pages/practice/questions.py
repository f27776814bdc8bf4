"""The bank of questions: one Markdown file each in `pages/content/questions`, a TOML head and the answers below it."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from pages.practice import words

CONTENT = Path(__file__).parents[1] / "content" / "questions"
LEVELS = ("entry", "mid", "senior")


@dataclass(frozen=True)
class Question:
    """What a file says; its name is stable, for links and the visitor's reviews know the question by it."""

    name: str
    number: int  # the place in the bank
    question: str
    level: str  # one of LEVELS
    topic: str
    lab: str  # the lab that proves the answer
    state: str  # the query that opens it there
    prediction: str  # asked before the answer is shown
    options: tuple[str, ...]
    right: str  # the option that the lab shows
    claim: str  # Python that computes `right` from the lab at that state: for the tests
    points: tuple[str, ...]  # what a good answer contains
    sections: Mapping[str, str]  # depth of answer → Markdown

    @property
    def query(self) -> list[tuple[str, str]]:
        """`state` as the parameters of a link."""
        return parse_qsl(self.state, keep_blank_values=True)

    @functools.cached_property
    def _searched(self) -> str:
        said = (self.question, self.topic, self.level, self.prediction, *self.points, *self.sections.values())
        return words.plain("\n".join(said))

    def matches(self, search: str) -> bool:
        """Whether every word of a search, or what means the same, stands somewhere in the question or its answers."""
        return words.finds(search, self._searched)


@functools.cache
def load(name: str) -> Question:
    """Read `pages/content/questions/<name>.md`."""
    said, sections = words.read(CONTENT / f"{name}.md")
    said |= {key: tuple(said[key]) for key in ("options", "points")}
    return Question(name=name, sections=sections, **said)


@functools.cache
def all_questions() -> tuple[Question, ...]:
    """Every question, in the order of their numbers."""
    return tuple(sorted((load(path.stem) for path in CONTENT.glob("*.md")), key=lambda question: question.number))


def topics() -> list[str]:
    """Every topic, in the order of its first question."""
    return list(dict.fromkeys(question.topic for question in all_questions()))
