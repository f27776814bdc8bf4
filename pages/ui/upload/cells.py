"""From the texts of a column to numbers or to a few levels, and how they were read if not literally."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pages.ui.upload.limits import MAX_LEVELS, MAX_TEXTS
from pages.ui.upload.words import counted

MISSING = ("", "NA", "N/A", "#N/A", "NaN", "null", "?")  # unless the visitor says that a text column means one
GAPS = frozenset(word.casefold() for word in MISSING)
_NUMBER_GAPS = GAPS | {"none"}  # in a column of numbers
# Said of a missing number too, where all other cells of a column are numbers.
_STRAY = {"-", "--", ".", "n.a.", "na.", "<na>", "nil", "missing", "unknown", "not available", "#null!"}
_STRAY |= {"#value!", "#div/0!", "#ref!", "#num!", "#name?"}
_INFINITE = r"[+-]?inf(?:inity)?"
_EXPONENT = r"(?:e[+-]?\d+)?"
_GROUP = r"[+-]?\d{1,3}(?:[%s]\d{3})"
_LITERAL = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_PLAIN = re.compile(rf"{_LITERAL}{_EXPONENT}|{_INFINITE}", re.ASCII | re.I)
_PLAIN_LETTERS = frozenset("0123456789.eE+-")
_SPACES = " \u00a0\u2009\u202f"
_THOUSANDS = "commas or spaces read as thousands separators"
_DECIMAL = "commas read as decimal commas"
_POINTS = "points read as thousands separators"
_PERCENT = "percent signs left out, so that 5% is 5"
_OTHERS = "texts in a column of numbers"
_READINGS = {  # what is said of a column so read: its pattern, and how to turn a match into a plain number
    "": (_PLAIN, {}),
    _THOUSANDS: (
        re.compile(rf"{_GROUP % f',{_SPACES}’'}*(?:\.\d*)?{_EXPONENT}|{_PLAIN.pattern}", re.ASCII | re.I),
        str.maketrans("", "", f",{_SPACES}’"),
    ),
    _DECIMAL: (
        re.compile(rf"(?:{_GROUP % f'.{_SPACES}’'}+|[+-]?\d*),\d+{_EXPONENT}|[+-]?\d+|{_INFINITE}", re.ASCII | re.I),
        str.maketrans(",", ".", f".{_SPACES}’"),
    ),
    _POINTS: (
        re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+|[+-]?\d{1,3}", re.ASCII),
        str.maketrans("", "", "."),
    ),
}
_CURRENCY = r"(?:[$€£¥₹₽₩₺]|\b(?:USD|EUR|GBP|CHF|JPY|INR|CAD|AUD|kr|Rs\.?)(?![a-z]))"
_SIGNS = {  # what is said of a column where these are left out, and what they are
    "numbers in brackets read as negative": re.compile("(?!)"),  # which they always are: nothing else is left out
    "currency signs left out": re.compile(rf"\s*(?:US|R|A|C)?{_CURRENCY}\s*", re.I),
    _PERCENT: re.compile(r"\s*%$"),
}
_UNIT = re.compile(rf"{_LITERAL}{_EXPONENT}\s*([^\W\d_°µ]{{1,3}}[²³]?|[^\W\d_]{{2,12}}|[°µ][^\W\d_]{{1,2}})", re.I)
_IN_BRACKETS = re.compile(r"\(([^()-]+)\)")  # an accountant's −
_SIGN_FIRST = re.compile(r"^([+-])\s+(?=[\d.])")

# What a comma in a number is, as far as the file as a whole tells; where it is decimal, points may be separators.
Commas = Literal["thousands", "perhaps decimal", "decimal"]


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table."""

    values: pd.Series  # float64, or a category of texts
    reading: str  # what was not taken literally
    words: Counter[str]  # texts that may mean a missing one, and how often
    different: int  # texts, where they are too many to be kept; then all values are missing
    padded: bool = False  # whether there are numbers with zeros before them, as codes have
    percent: bool = False


def is_gap(text: str) -> bool:
    """Whether a cell is empty or says that nothing is known."""
    return text.casefold() in _NUMBER_GAPS


def is_number(text: str) -> bool:
    """Whether a text is a number as a program writes it."""
    return bool(_PLAIN.fullmatch(text))


def looks_like_number(text: str) -> bool:
    """Whether a text is a number in any way that people write it."""
    return any(pattern.fullmatch(text) or pattern.fullmatch(_bare(text)) for pattern, _ in _READINGS.values())


def _bare(text: str) -> str:
    for pattern in _SIGNS.values():
        text = pattern.sub("", text)
    return text


def read_column(cells: Sequence[str], commas: Commas, gaps: Collection[str] = GAPS) -> Column:
    """Numbers if the cells are numbers, else texts, of which those in `gaps` (in lower case) are missing."""
    texts = [cell.strip() for cell in cells]
    known = [text for text in texts if text.casefold() not in _NUMBER_GAPS]
    if set("".join(known)) <= _PLAIN_LETTERS and (known or not any(map(_is_none, texts))):
        try:
            values = [np.nan if text.casefold() in _NUMBER_GAPS else float(text) for text in texts]
        except ValueError:
            pass
        else:
            if not (commas == "decimal" and _are_grouped(known)):
                return Column(pd.Series(values, dtype=float), "", Counter(), 0, any(map(_is_padded, known)))
    codes, found = pd.factorize(np.array(texts, dtype=object))
    return _as_numbers(codes, [*found], commas) or _as_texts(codes, [*found], gaps)


def _is_none(text: str) -> bool:
    return text.casefold() == "none"


def _is_padded(text: str) -> bool:
    return text[0] == "0" and len(text) > 2 and text.isdigit()  # a month has two digits, and is a number


def _are_grouped(texts: Sequence[str]) -> bool:
    """Whether points can only be thousands separators: always three digits behind them."""
    pattern, _ = _READINGS[_POINTS]
    return any("." in text for text in texts) and all(pattern.fullmatch(text) for text in texts)


def _as_numbers(codes: np.ndarray, found: list[str], commas: Commas) -> Column | None:
    """The column with what stands beside its numbers left out; None if it holds texts."""
    sample = [text for text in found[:: len(found) // 1000 + 1] if not is_gap(text)]
    said, fits = _best_reading(sample, commas)
    beside = None
    for sign, pattern in _signs(sample, len(found)).items():
        bare = [_without(pattern, text) for text in sample]
        if sign == _PERCENT and sum(map(str.__ne__, bare, sample)) < 0.9 * len(sample):
            continue  # a few percentages among other numbers are on another scale
        said_bare, fits_bare = _best_reading(bare, commas)
        if fits_bare > fits:
            said, fits, beside = said_bare, fits_bare, (sign, pattern)
    if not fits or (len(found) > 1000 and fits < 0.5 * len(sample)):
        return None
    pattern, marks = _READINGS[said]
    bare = found if beside is None else [_without(beside[1], text) for text in found]
    numbers = np.array([float(text.translate(marks)) if pattern.fullmatch(text) else np.nan for text in bare])
    counts = np.bincount(codes, minlength=len(found))
    strange = np.isnan(numbers) & ~np.array([is_gap(text) for text in found])
    stray = all(text.casefold() in _STRAY for text, odd in zip(found, strange, strict=True) if odd)
    good = ~np.isnan(numbers)
    left = int(counts[strange].sum())
    many = len(np.unique(numbers[good])) > MAX_LEVELS
    if left and not (many and (stray or left <= 0.05 * (left + counts[good].sum()))):
        return None
    reading = ", and ".join(
        filter(None, (beside and beside[0], said, left and f"{_OTHERS} taken as missing ({counted(left, 'cell')})"))
    )
    reading = reading[:1].upper() + reading[1:]
    padded = any(_is_padded(text) for text in found if is_number(text))
    return Column(
        pd.Series(numbers[codes]), reading, Counter(), 0, padded, beside is not None and beside[0] == _PERCENT
    )


def _best_reading(sample: list[str], commas: Commas) -> tuple[str, int]:
    """How most of the texts are numbers, and how many are."""
    if commas == "decimal" and _are_grouped(sample):
        return _POINTS, len(sample)
    order = ["", _THOUSANDS, _DECIMAL, _POINTS] if commas == "thousands" else ["", _DECIMAL, _THOUSANDS, _POINTS]
    fits = [sum(bool(_READINGS[said][0].fullmatch(text)) for text in sample) for said in order]
    return order[int(np.argmax(fits))], max(fits)


def _signs(sample: list[str], different: int) -> dict[str, re.Pattern[str]]:
    """What may stand beside the numbers; the unit of a few values makes them names, which stay as they are."""
    units = Counter(match[1].removesuffix("s") for match in map(_UNIT.fullmatch, sample) if match)
    if not units or different <= MAX_LEVELS:
        return _SIGNS
    (unit, often), *_ = units.most_common(1)
    if often < 0.9 * len(sample):
        return _SIGNS
    return {**_SIGNS, f"the unit {unit} left out": re.compile(rf"\s*{re.escape(unit)}s?$")}


def _without(sign: re.Pattern[str], text: str) -> str:
    """The number without what stands beside it."""
    return _SIGN_FIRST.sub(r"\1", _IN_BRACKETS.sub(r"-\1", sign.sub("", text)).strip())


def _as_texts(codes: np.ndarray, found: list[str], gaps: Collection[str]) -> Column:
    """The column as a category, in order; of too many different texts only the number is kept."""
    counts = np.bincount(codes, minlength=len(found))
    words = Counter(
        {
            text: int(often)
            for text, often in zip(found, counts, strict=True)
            if text and (is_gap(text) or text.casefold() in _STRAY)
        }
    )
    levels = {text for text in found if text and text.casefold() not in gaps}
    if len(levels) > MAX_TEXTS:
        empty = pd.Categorical.from_codes(np.full(len(codes), -1, dtype=np.int8), [])
        return Column(pd.Series(empty), "", words, len(levels))
    names = {text: text for text in levels}
    if {text.casefold() for text in levels} <= {"true", "false"}:
        names = {text: text.capitalize() for text in levels}  # TRUE, true and True are one
    order = sorted(set(names.values()))
    place = {text: order.index(name) for text, name in names.items()}
    to = np.array([place.get(text, -1) for text in found], dtype=np.int8)
    return Column(pd.Series(pd.Categorical.from_codes(to[codes], order)), "", words, 0)
