"""Measures of what is written: how long it takes to say, and what stops a fast reader."""

import re

SHORT = (60, 80)  # words in thirty seconds
TWO_MINUTES = (220, 260)
LONGEST_SENTENCE = 35  # words
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


def cells(text: str) -> list[str]:
    """The cells of the tables of Markdown."""
    rows = [line.strip().strip("|") for line in _FORMULA.sub("formula", text).splitlines() if line.startswith("|")]
    return [cell.strip() for row in rows for cell in row.split("|")]


def ranges(text: str) -> int:
    """How many ranges of numbers a text has: 11 to 30, 4–7."""
    return len(re.findall(r"\d[%\w]*(?: to | ?[–…] ?)[-−]?\d", text))
