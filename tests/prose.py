"""Measures of what is written: how long it takes to say, and what stops a fast reader."""

import re
from collections.abc import Mapping

SHORT = (60, 80)  # words in thirty seconds
TWO_MINUTES = (220, 260)
LONGEST_SENTENCE = 35  # words
FIRST_SENTENCE = 30
FIRST_FORMULA = 16  # characters
# Idiom, and a word of two meanings: sure, or rightly sure.
_GUESSED = re.compile(r"\b(?:dear(?:er)?|ruin|confident(?:ly)?|in disguise|the volume|cliff|shrug)\b", re.IGNORECASE)
_DISPLAYED = re.compile(r"\$\$.+?\$\$", re.DOTALL)
_FORMULA = re.compile(r"\$[^$]+\$|`[^`]+`")
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )|\n(?=\|)|(?<!\\)\|")  # paragraphs, items and cells
_END = re.compile(r"(?<=[.?!…])[\"”’)*]*\s+(?=[\"“(*]*(?:\0|[^\W_a-zα-ω]))")


def _plain(text: str) -> str:
    """Markdown with every formula as one word."""
    return _FORMULA.sub("formula", _DISPLAYED.sub("\n\nformula\n\n", text))


def words(text: str) -> int:
    """How many words a text has; a formula is one, a mark alone none."""
    return sum(any(letter.isalnum() for letter in word) for word in _plain(text).split())


def sentences(text: str) -> list[str]:
    """The sentences of Markdown; the end of a paragraph, an item or a table's cell ends one too."""
    kept: list[str] = []  # formulas, put back where they stood

    def keep(formula: re.Match[str]) -> str:
        kept.append(formula[0])
        return f"\0{len(kept) - 1}\0"

    hidden = _FORMULA.sub(keep, _DISPLAYED.sub("\n\n", text))
    found = [part for block in _BLOCK.split(hidden) for part in _END.split(block)]
    shown = [re.sub(r"\0(\d+)\0", lambda at: kept[int(at[1])], " ".join(part.split())) for part in found]
    return [sentence for sentence in shown if words(sentence)]


def rows(text: str) -> list[str]:
    """The rows of the tables of Markdown."""
    return [line for line in text.splitlines() if line.startswith("|")]


def ranges(text: str) -> int:
    """How many ranges of numbers a text has: 11 to 30, 4–7."""
    return len(re.findall(r"\d[%\w]*(?: to | ?[–…] ?| ?\\dots ?)[-−]?\d", text))


def said_in_time(sections: Mapping[str, str]) -> list[str]:
    """What keeps the spoken depths of an answer from being said in their time."""
    found = []
    for depth, (least, most) in (("In 30 seconds", SHORT), ("In 2 minutes", TWO_MINUTES)):
        text = sections[depth]
        if not least <= words(text) <= most:
            found.append(f"{depth}: {words(text)} words")
        if rows(text) or "$$" in text:
            found.append(f"{depth}: a table or a displayed formula cannot be said")
    first = sentences(sections["In 30 seconds"])[0]
    if words(first) > FIRST_SENTENCE:
        found.append(f"{words(first)} words: {first}")
    return found + [formula for formula in _FORMULA.findall(first) if len(formula) > FIRST_FORMULA]


def stumbles(text: str) -> list[str]:
    """Where a fast reader stops: at a long sentence, a word to guess, or a row of a table with many ranges."""
    long = [sentence for sentence in sentences(text) if words(sentence) > LONGEST_SENTENCE]
    return long + _GUESSED.findall(text) + [row for row in rows(text) if ranges(row) > 2]
