"""What a stranger wrote, made fit to show, and the sentence for what cannot be used."""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence

MAX_NAME = 40  # characters of a name on screen
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.I)


class Unusable(ValueError):
    """The data cannot be used; the message is the one sentence that tells the visitor why."""


def safe_name(name: object) -> str:
    """A name that is short, visible and harmless as plain text; `as_code` makes it harmless in Markdown too.

    Control, invisible and direction-changing characters go, a backtick becomes an apostrophe, and what a
    spreadsheet would run as a formula gets an apostrophe before it.
    """
    text = " ".join(str(name)[: 50 * MAX_NAME].replace("`", "'").split())
    text = "".join(letter for letter in text if unicodedata.category(letter)[0] not in "CZ" or letter == " ").strip()
    if text.startswith("__"):
        text = text.strip("_")  # `__proto__` would change an object in the browser
    if text[:1] in {"=", "@"} or (text[:1] in {"+", "-"} and len(text) > 1 and not _NUMBER.fullmatch(text)):
        text = f"'{text}"
    return text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 1]}…"


def as_code(name: str) -> str:
    """A safe name as Markdown code: no emphasis, formula, directive, emoji or link can start in it."""
    return f"`{name}`"


def unique_names(raw: Iterable[object], unnamed: str = "column") -> list[str]:
    """Safe names, no two alike: a repeated one is numbered, an empty one gets its place."""
    taken: set[str] = set()
    names = []
    for place, name in enumerate(raw, 1):
        base = safe_name(name) or f"{unnamed} {place}"
        numbered = (f"{base[: MAX_NAME - 8]} ({number})" for number in itertools.count(2))
        unique = next(text for text in itertools.chain([base], numbered) if text not in taken)
        taken.add(unique)
        names.append(unique)
    return names


def listed(names: Sequence[str]) -> str:
    """At most five names, and how many more."""
    shown = ", ".join(as_code(name) for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def counted(number: int, thing: str = "") -> str:
    """A number with thin spaces, and what it counts."""
    return f"{number:,}".replace(",", "\u202f") + (f" {thing}{'' if number == 1 else 's'}" if thing else "")
