"""Words that are data, and words that are looked for in them.

A Markdown file has a TOML head, then one section for each `## ` heading. A search finds British and American spelling,
and what means the same by `pages/content/synonyms.txt`: a group a line.
"""

import functools
import re
import tomllib
from pathlib import Path
from typing import Any

SYNONYMS = Path(__file__).parents[1] / "content" / "synonyms.txt"
# Both sides of a search are rewritten alike: optimizer is optimiser, color is colour, labeled is labelled.
_SPELLINGS = (("z", "s"), ("ou", "o"), ("ll", "l"), ("centre", "center"), ("centri", "centeri"), ("learnt", "learned"))
_ENDING = re.compile(r"(?<=\w{5})(?:ations?|ings?|ers?|ed|es|e|s)$")
_ABBREVIATION = 3  # letters: so short a phrase of the table is looked for as a whole word, since CV begins others too


def read(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The head of a file, and its sections by their headings."""
    _, head, body = path.read_text("utf-8").split("+++\n", 2)
    parts = body.strip().removeprefix("## ").split("\n## ")
    return tomllib.loads(head), dict(part.split("\n", 1) for part in parts)


def plain(text: str) -> str:
    """A text as it is searched: its words in one spelling, a space around each."""
    text = text.casefold()
    for written, as_searched in _SPELLINGS:
        text = text.replace(written, as_searched)
    return " ".join(["", *re.findall(r"\w+", text), ""])


@functools.cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """By each phrase of the table, whatever in a `plain` text means the same: beginnings of words, or short words."""
    groups = [[plain(phrase) for phrase in line.split(",")] for line in SYNONYMS.read_text("utf-8").splitlines()]
    sought = [tuple(p if len(p.strip()) <= _ABBREVIATION else p.rstrip() for p in group) for group in groups]
    return {phrase: same for group, same in zip(groups, sought, strict=True) for phrase in group}


def finds(search: str, text: str) -> bool:
    """Whether every word of a search, or what means the same, stands in a `plain` text."""
    wanted = plain(search).split()
    while wanted:
        # The longest phrase of the table that the rest begins with; otherwise one word, whatever its ending.
        lengths = [n for n in range(len(wanted), 0, -1) if f" {' '.join(wanted[:n])} " in synonyms()] or [1]
        phrase, wanted = f" {' '.join(wanted[: lengths[0]])} ", wanted[lengths[0] :]
        if not any(same in text for same in synonyms().get(phrase, [_ENDING.sub("", phrase.strip())])):
            return False
    return True
