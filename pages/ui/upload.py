"""The visitor's own data: a CSV file becomes arrays, or one sentence says why it cannot.

    prepared = upload_and_choose(lab, "binary")  # draws everything; None until there is something to work with

The core needs no Streamlit: `read_table` (bytes → table), `prepare` (table → training and test arrays),
`labels_and_scores` and `parse_pairs` (for scores made elsewhere). What it cannot use raises `Unusable`, whose
message is the sentence to show. What it changed it says: in `table.attrs["notes"]` and in `report`.

A file lives in the memory of its session and nowhere else: no cache of the process, no disk, no other host.
"""

import contextlib
import csv
import io
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st
from starlette.formparsers import MultiPartParser

from pages.ui.lab import Lab

MAX_MEGABYTES = 100  # as in .streamlit/config.toml
MAX_ROWS = 200_000
MIN_ROWS = 20
MAX_COLUMNS = 100  # of the file, and of the features once text is coded
MAX_CLASSES = 10
MIN_CLASS_ROWS = 5
MAX_LEVELS = 20  # different texts in a feature
MAX_LINE = 1_000_000  # characters
MAX_SIZE = 1e100  # of a number: squares must not overflow
MAX_NAME = 40  # characters of a name on screen
FIRST_FEATURES = 8  # chosen before the visitor chooses
MISSING = ("", "NA", "N/A", "#N/A", "NaN", "null", "None", "?")
# An upload above 1 MB would be spooled to a temporary file while it arrives; this keeps it in memory.
MultiPartParser.spool_max_size = (MAX_MEGABYTES + 1) * 2**20

Task = Literal["binary", "classification", "regression"]
Progress = Callable[[float], object]

_MISSING = {spelling.casefold() for spelling in MISSING}
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_INFINITE = r"[+-]?inf(?:inity)?"
_EXPONENT = r"(?:e[+-]?\d+)?"
_GROUP = r"[+-]?\d{1,3}(?:[%s]\d{3})"
_PLAIN = re.compile(rf"[+-]?(?:\d+\.?\d*|\.\d+){_EXPONENT}|{_INFINITE}", re.ASCII | re.I)
_READINGS = {  # what is said of a column so read: its pattern, and how to turn a match into a plain number
    "": (_PLAIN, {}),
    "Commas or spaces read as thousands separators": (
        re.compile(rf"{_GROUP % ', ’'}*(?:\.\d*)?{_EXPONENT}|{_PLAIN.pattern}", re.ASCII | re.I),
        str.maketrans("", "", ", ’"),
    ),
    "Commas read as decimal commas": (
        re.compile(rf"(?:{_GROUP % '. ’'}+|[+-]?\d*),\d+{_EXPONENT}|[+-]?\d+|{_INFINITE}", re.ASCII | re.I),
        str.maketrans(",", ".", ". ’"),
    ),
}
_FOREIGN = {  # how other kinds of file begin, in lower case and without white space
    b"pk\x03\x04": "an Excel workbook or another ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x89png": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"gif8": "a picture",
    b"%pdf": "a PDF document",
    b"\x1f\x8b": "a compressed archive",
    b"par1": "a Parquet file",
    b"sqliteformat": "a database",
    b"{\\rtf": "a text document",
    b'{"': "JSON",
    b"[{": "JSON",
    b"[[": "JSON",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"<?xml": "XML",
}


class Unusable(ValueError):
    """The data cannot be used; the message is the one sentence that tells the visitor why."""


@dataclass(frozen=True)
class Prepared:
    """Finite arrays, ready to fit; everything learnt from data was learnt on the training rows.

    `X_train` (n, d) and `X_test` (m, d) are floats in the file's own units, not scaled. `y_train` (n,) and `y_test`
    (m,) are integers 0…K−1, the places in `class_names`, or floats for a regression, which has no classes.
    """

    X_train: np.ndarray
    X_test: np.ndarray
    y_train: np.ndarray
    y_test: np.ndarray
    feature_names: tuple[str, ...]
    target: str
    class_names: tuple[str, ...]
    report: tuple[str, ...]  # what was done to the data, a sentence each


@dataclass(frozen=True)
class Scored:
    """Labels `y` (n,), 1 for the positive class, and the finite scores (n,) that some model gave."""

    y: np.ndarray
    score: np.ndarray
    class_names: tuple[str, str]  # negative, positive
    report: tuple[str, ...]


@dataclass(frozen=True)
class Chosen:
    """What the visitor chose of a table."""

    target: str
    features: tuple[str, ...]
    positive: str | None  # the class to tell from the rest, in a binary task


def limits_in_words() -> str:
    """The limits, to be shown before the upload."""
    return (
        f"Up to {MAX_MEGABYTES} MB, {MIN_ROWS} to {_count(MAX_ROWS)} rows and 2 to {MAX_COLUMNS} columns; the first "
        f"line names the columns. A target for classification has 2 to {MAX_CLASSES} classes of at least "
        f"{MIN_CLASS_ROWS} rows each; a text feature has up to {MAX_LEVELS} different values. Commas, semicolons or "
        f"tabs separate the cells. Missing is an empty cell or {', '.join(as_code(word) for word in MISSING[1:])}."
    )


# Names: a stranger wrote them, so they never reach the screen as they came.


def safe_name(name: object) -> str:
    """A name that is short, visible and harmless as plain text; `as_code` makes it harmless in Markdown too.

    Control, invisible and direction-changing characters go, a backtick becomes an apostrophe, and what a
    spreadsheet would run as a formula gets an apostrophe before it.
    """
    text = " ".join(str(name)[: 50 * MAX_NAME].replace("`", "'").split())
    text = "".join(letter for letter in text if unicodedata.category(letter)[0] not in "CZ" or letter == " ").strip()
    if text.startswith("__"):
        text = text.strip("_")  # `__proto__` would change an object in the browser
    if text[:1] in {"=", "@"} or (text[:1] in {"+", "-"} and len(text) > 1 and not _PLAIN.fullmatch(text)):
        text = f"'{text}"
    return text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 1]}…"


def as_code(name: str) -> str:
    """A safe name as Markdown code: no emphasis, formula, directive, emoji or link can start in it."""
    return f"`{name}`"


def _unique_names(raw: Iterable[object], unnamed: str = "column") -> list[str]:
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


def _listed(names: Sequence[str]) -> str:
    """At most five names, and how many more."""
    shown = ", ".join(as_code(name) for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def _count(number: int, thing: str = "") -> str:
    """A number with thin spaces, and what it counts."""
    return f"{number:,}".replace(",", "\u202f") + (f" {thing}{'' if number == 1 else 's'}" if thing else "")


# Reading a file.


def read_table(data: bytes, progress: Progress = lambda share: None) -> pd.DataFrame:
    """Read delimited text with a header; each column is float64, NaN where missing, or a category of texts.

    Infinite numbers stay (`prepare` treats them as missing). `progress` is called with the share done, 0 to 1.
    What was not taken literally is said in `attrs["notes"]`. Raises `Unusable`.
    """
    notes: list[str] = []
    data, encoding = _as_text(data, notes)
    delimiter = _sniff(data, encoding)
    decimal = "," if delimiter == ";" and _has_decimal_commas(data, encoding) else "."
    names, kept, rows = _check_shape(data, encoding, delimiter, notes, lambda share: progress(0.7 * share))
    try:
        frame = pd.read_csv(
            io.BytesIO(data),
            sep=delimiter,
            decimal=decimal,
            encoding=encoding,
            header=0,
            names=range(len(names)),
            usecols=kept,
            na_values=MISSING,
            keep_default_na=False,
            skipinitialspace=True,
            low_memory=False,
        )
    except (ValueError, OverflowError):
        frame = pd.DataFrame()
    if len(frame) != rows:
        raise Unusable("The file mixes ways of quoting or ending lines, so its rows cannot be told apart.")
    if decimal == ",":
        notes.append("Commas in numbers were read as decimal commas.")
    readings: dict[str, list[str]] = {}
    columns = {}
    for place, column in enumerate(kept):
        columns[names[column]], reading = _typed(frame.pop(column), delimiter)
        readings.setdefault(reading, []).append(names[column])
        progress(0.7 + 0.3 * (place + 1) / len(kept))
    notes += [f"{reading}: {_listed(which)}." for reading, which in readings.items() if reading]
    table = pd.DataFrame(columns)
    table.attrs["notes"] = notes
    return table


def _as_text(data: bytes, notes: list[str]) -> tuple[bytes, str]:
    """The file and its encoding; UTF-16 is turned into UTF-8."""
    if len(data) > MAX_MEGABYTES * 2**20:
        raise Unusable(f"The file has {len(data) / 2**20:.0f} MB; at most {MAX_MEGABYTES} MB are taken.")
    start = data[:4096]
    begin = b"".join(start.removeprefix(b"\xef\xbb\xbf").lower().split())
    for magic, kind in _FOREIGN.items():
        if begin.startswith(magic):
            raise Unusable(f"This is {kind}, not a CSV file; export the table as CSV first.")
    wide = "utf-16" if start[:2] in {b"\xff\xfe", b"\xfe\xff"} else None
    even, odd = start[::2].count(0), start[1::2].count(0)
    if not wide and min(even, odd) == 0 and even + odd > 0.2 * len(start):  # digits in UTF-16 have a zero byte each
        wide = "utf-16-le" if odd else "utf-16-be"
    try:
        if wide:
            data = data.decode(wide).encode()
            notes.append("The file was read as UTF-16.")
    except UnicodeError:
        raise Unusable("The file looks like UTF-16 but is damaged; save it as UTF-8.") from None
    if not data.strip(b"\xef\xbb\xbf \r\n\t,;|"):
        raise Unusable("The file is empty.")
    if b"\0" in data or sum(data[:4096].count(code) for code in range(32) if code not in b"\t\n\r\f") > 8:
        raise Unusable("The file is not text: it holds control characters that no CSV file has.")
    for encoding in ("utf-8-sig", "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            data.decode(encoding)
            if encoding == "cp1252":
                notes.append("The file is not UTF-8 and was read as Windows-1252: check its accented letters.")
            return data, encoding
    raise Unusable("The file's encoding is unknown; save it as UTF-8.")


def _rows(data: bytes, encoding: str, delimiter: str, strict: bool = True) -> Iterator[tuple[int, float, list[str]]]:
    """The line, the share of the file read and the cells of each row that is not blank."""
    file = io.BytesIO(data)
    text = io.TextIOWrapper(file, encoding, newline="")

    def lines() -> Iterator[str]:
        for number, line in enumerate(text, 1):
            if len(line) > MAX_LINE:
                raise Unusable(f"Line {number} is longer than {_count(MAX_LINE)} characters.")
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, strict=strict, skipinitialspace=True)
    line = 1
    try:
        for cells in reader:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield line, file.tell() / len(data), cells
            line = reader.line_num + 1
    except csv.Error as error:
        if "field larger" in str(error) and reader.line_num <= line:
            raise Unusable(f"Line {line} has a cell longer than {_count(csv.field_size_limit())} characters.") from None
        raise Unusable(f"The quotation marks in the row that starts on line {line} do not match.") from None


def _sniff(data: bytes, encoding: str) -> str:
    """The delimiter that cuts the first rows into most columns, as many in each row if one does."""

    def quality(delimiter: str) -> tuple[bool, int]:
        widths: list[int] = []
        with contextlib.suppress(Unusable):
            for _, _, cells in itertools.islice(_rows(data, encoding, delimiter, strict=False), 30):
                widths.append(len(cells))  # those before a misplaced quotation mark count
        common, _ = Counter(widths).most_common(1)[0] if widths else (0, 0)
        return common > 1 and len(set(widths)) == 1, common

    return max(_DELIMITERS, key=quality)


def _has_decimal_commas(data: bytes, encoding: str) -> bool:
    """Whether a number in the first rows of a file with semicolons has a comma; such columns are then read fast."""
    with contextlib.suppress(Unusable):
        rows = itertools.islice(_rows(data, encoding, ";", strict=False), 1, 30)
        return any(re.fullmatch(r"[+-]?\d+,\d+", cell.strip()) for _, _, cells in rows for cell in cells)
    return False


def _check_shape(
    data: bytes, encoding: str, delimiter: str, notes: list[str], progress: Progress
) -> tuple[list[str], list[int], int]:
    """All names, the places of the columns to keep, and the number of rows."""
    rows = _rows(data, encoding, delimiter)
    header_line, _, header = next(rows)
    width = len(header)
    if width > MAX_COLUMNS:
        raise Unusable(f"The file has {_count(width)} columns; at most {MAX_COLUMNS} are taken.")
    if all(_PLAIN.fullmatch(cell.strip()) for cell in header):
        raise Unusable("The first line holds only numbers; it must name the columns.")
    filled = [bool(cell.strip()) for cell in header]
    count = 0
    for count, (line, share, cells) in enumerate(rows, 1):
        if len(cells) != width and (len(cells) < width or any(cells[width:])):
            raise Unusable(
                f"Line {line} has {_count(len(cells), 'cell')}, "
                f"but the header on line {header_line} has {_count(width)}."
            )
        if count > MAX_ROWS:
            lines = data.count(b"\n") or data.count(b"\r")
            raise Unusable(f"The file has {_count(lines)} lines; at most {_count(MAX_ROWS)} rows are taken.")
        if not all(filled):
            filled = [known or bool(cell.strip()) for known, cell in zip(filled, cells, strict=False)]
        if count % 2000 == 0:
            progress(share)
    if not count:
        raise Unusable("The file has a header but no rows.")
    kept = [column for column in range(width) if filled[column]]
    if len(kept) < 2:
        raise Unusable(
            "The file has only one column; a target and at least one feature are needed, "
            "separated by commas, semicolons or tabs."
        )
    if len(kept) < width:
        notes.append(f"Left out: {_count(width - len(kept), 'column')} with neither a name nor data.")
    if count < MIN_ROWS:
        raise Unusable(f"The file has {_count(count, 'row')}; at least {MIN_ROWS} are needed.")
    names = _unique_names(header)
    changed = [name for name, cell, full in zip(names, header, filled, strict=True) if full and name != cell.strip()]
    if changed:
        notes.append(f"Renamed, because the name was empty, repeated, too long or unsafe to show: {_listed(changed)}.")
    return names, kept, count


def _typed(column: pd.Series, delimiter: str) -> tuple[pd.Series, str]:
    """The column as float64 or as a category, and how its numbers were read if not literally."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.astype(float), ""
    codes, found = pd.factorize(column)
    sample = [str(text).strip() for text in found[:: len(found) // 1000 + 1]]
    sample = [text for text in sample if text.casefold() not in _MISSING]
    said = [*_READINGS] if delimiter != ";" else ["", *reversed([*_READINGS][1:])]
    fits = [sum(bool(_READINGS[reading][0].fullmatch(text)) for text in sample) for reading in said]
    reading = said[int(np.argmax(fits))]
    if len(found) > 1000 and max(fits) < 0.5 * len(sample):  # all different: of no use, so not worth the time
        return pd.Series(pd.Categorical.from_codes(codes, found)), ""
    texts = [str(text).strip() for text in found]
    pattern, marks = _READINGS[reading]
    numbers = [float(text.translate(marks)) if pattern.fullmatch(text) else np.nan for text in texts]
    values = np.array([*numbers, np.nan])  # the last for code −1
    strange = np.array(
        [x != x and text.casefold() not in _MISSING for x, text in zip(numbers, texts, strict=True)], bool
    )
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    left = int(counts[strange].sum())
    if not left:
        return pd.Series(values[codes]), reading
    good = ~np.isnan(values[:-1])
    if left <= 0.05 * (left + counts[good].sum()) and len(np.unique(values[:-1][good])) > MAX_LEVELS:
        also = f"{reading}, and other texts" if reading else "Texts in a column of numbers"
        return pd.Series(values[codes]), f"{also} taken as missing ({_count(left, 'cell')})"
    levels = sorted({text for text in texts if text.casefold() not in _MISSING})
    place = {text: i for i, text in enumerate(levels)}
    to = np.array([place.get(text, -1) for text in texts] + [-1])
    return pd.Series(pd.Categorical.from_codes(to[codes], levels)), ""


# From a table to arrays.


def prepare(
    table: pd.DataFrame,
    target: str,
    features: Sequence[str],
    task: Task = "classification",
    *,
    positive: str | None = None,
    test_share: float = 0.3,
    seed: int = 0,
) -> Prepared:
    """Split the rows, then code the features by what the training rows say.

    A classification is split class by class. A missing or infinite number becomes the training rows' median. A text
    is coded one-hot without its commonest level, to which the others then compare: with all levels the columns
    would sum to the intercept's and an unpenalised fit would have no single answer. A missing text is a level of
    its own. In a `binary` task, 1 stands for the class `positive` and 0 for every other; without `positive`, the
    last class of two. Raises `Unusable`, and `ValueError` for arguments that no visitor can choose.
    """
    if task not in ("binary", "classification", "regression"):
        raise ValueError(f"task is {task!r}; it must be 'binary', 'classification' or 'regression'")
    if not 0 <= test_share < 1:
        raise ValueError(f"test_share is {test_share}; it must be at least 0 and below 1")
    features = [name for name in features if name != target]
    if not features:
        raise Unusable("Choose at least one feature besides the target.")
    report = list(table.attrs.get("notes", []))
    y, class_names = _regression_target(table, target) if task == "regression" else classes(table, target)
    if task == "binary":
        y, class_names = _against_rest(y, class_names, target, positive)
    usable = y >= 0 if class_names else np.isfinite(y)
    if dropped := int((~usable).sum()):
        report.append(f"Left out: {_count(dropped, 'row')} without a usable value of the target {as_code(target)}.")
    if usable.sum() < MIN_ROWS:
        raise Unusable(
            f"Only {_count(int(usable.sum()), 'row')} have a usable target {as_code(target)}; "
            f"at least {MIN_ROWS} are needed."
        )
    y, table = y[usable], table.loc[usable, features]
    train, test = _split(y if class_names else np.zeros(len(y), int), test_share, seed)
    X, names = _encode(table, train, report)
    return Prepared(X[train], X[test], y[train], y[test], names, target, class_names, tuple(report))


def classes(table: pd.DataFrame, target: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """The class of each row (n,), −1 where missing, and the classes' names in order. Raises `Unusable`."""
    column = table[target]
    if not _is_numeric(column):
        y, found = column.cat.codes.to_numpy(int), list(column.cat.categories)
    else:
        values = column.where(np.isfinite(column))
        y, numbers = pd.factorize(values, sort=True)
        found = [f"{number:.15g}" for number in numbers]
    if len(found) > MAX_CLASSES:
        raise Unusable(
            f"The target {as_code(target)} takes {_count(len(found))} different values; "
            f"a classification takes 2 to {MAX_CLASSES}."
        )
    names = _unique_names(found, "class")
    if len(names) < 2:
        only = f"only one class, {as_code(names[0])}" if names else "no values at all"
        raise Unusable(f"The target {as_code(target)} has {only}; a classification needs two or more.")
    counts = np.bincount(y[y >= 0], minlength=len(names))
    if counts.min() < MIN_CLASS_ROWS:
        rare = as_code(names[int(counts.argmin())])
        raise Unusable(
            f"The class {rare} of the target {as_code(target)} has {_count(int(counts.min()), 'row')}; "
            f"each class needs at least {MIN_CLASS_ROWS}."
        )
    return y.astype(int), tuple(names)


def _against_rest(
    y: np.ndarray, names: tuple[str, ...], target: str, positive: str | None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """One class against the others, a missing one still −1."""
    if positive is None:
        if len(names) > 2:
            raise Unusable(f"The target {as_code(target)} has {len(names)} classes; choose the one to predict.")
        positive = names[-1]
    if positive not in names:
        raise Unusable(f"The target {as_code(target)} has no class {as_code(safe_name(positive))}.")
    others = [name for name in names if name != positive]
    negative = others[0] if len(others) == 1 else safe_name(f"not {positive}")
    return np.where(y < 0, -1, y == names.index(positive)), (negative, positive)


def _regression_target(table: pd.DataFrame, target: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """The target as numbers, NaN where unusable; it has no classes."""
    if not _is_numeric(table[target]):
        raise Unusable(f"The target {as_code(target)} holds text; a regression needs numbers.")
    y = _bounded(table[target])
    if len(np.unique(y[np.isfinite(y)])) < 2:
        raise Unusable(f"The target {as_code(target)} has the same value in every row; there is nothing to predict.")
    return y, ()


def _is_numeric(column: pd.Series) -> bool:
    """Whether a column of a table holds numbers; otherwise it is a category of texts."""
    return column.dtype == float


def _has_classes(column: pd.Series) -> bool:
    """Whether a column can be the target of a classification; most others show in their first rows."""
    return column.iloc[:1000].nunique() <= MAX_CLASSES and 2 <= column.nunique() <= MAX_CLASSES


def _bounded(column: pd.Series) -> np.ndarray:
    """The numbers, NaN for those too large to square."""
    values = column.to_numpy(float)
    return np.where(np.abs(values) <= MAX_SIZE, values, np.nan)


def _split(groups: np.ndarray, test_share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to train on and rows to test on, the share the same in every group."""
    rng = np.random.default_rng(seed)
    tested = np.zeros(len(groups), dtype=bool)
    for group in np.unique(groups):
        rows = rng.permutation(np.flatnonzero(groups == group))
        tested[rows[: int(test_share * len(rows))]] = True
    return np.flatnonzero(~tested), np.flatnonzero(tested)


def _encode(table: pd.DataFrame, train: np.ndarray, report: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The features as finite floats (n, d), and their names."""
    columns: list[np.ndarray] = []
    names: list[str] = []
    filled, huge, coded, missing, constant, many, empty = ([] for _ in range(7))
    for name in table:
        column = table[name]
        if not _is_numeric(column):
            codes = column.cat.codes.to_numpy(int)  # −1 where missing
            levels, counts = np.unique(codes[train], return_counts=True)
            if len(levels) < 2:
                (empty if levels[0] < 0 else constant).append(name)
            elif len(levels) > MAX_LEVELS:
                many.append(name)
            else:
                texts = _unique_names(["missing" if i < 0 else column.cat.categories[i] for i in levels], "level")
                base = int(counts.argmax())
                columns += [(codes == level).astype(float) for i, level in enumerate(levels) if i != base]
                names += [f"{name}: {text}" for i, text in enumerate(texts) if i != base]
                coded.append(f"{name}: {texts[base]}")
                if (codes < 0).any():
                    missing.append(name)
            continue
        values = _bounded(column)
        gaps = np.isnan(values)
        if gaps[train].all():
            empty.append(name)
            continue
        values[gaps] = np.median(values[train][~gaps[train]])
        rounding = 1e-15 * np.abs(values[train]).max()
        if np.ptp(values[train]) <= rounding or values[train].std() == 0:
            constant.append(name)
            continue
        columns.append(values)
        names.append(name)
        if gaps.any():
            filled.append(f"{name}: {gaps.sum()}")
        if (gaps & column.notna().to_numpy()).any():
            huge.append(name)
    report += [
        f"{what}: {_listed(which)}."
        for what, which in {
            "Missing numbers filled with the median of the training rows (how many)": filled,
            f"Infinite numbers, and those beyond {MAX_SIZE:g}, taken as missing": huge,
            "Text coded one-hot; 0 in all its columns means the commonest level, named here": coded,
            "Missing text kept as a level of its own": missing,
            "Left out, the same in every training row": constant,
            f"Left out, more than {MAX_LEVELS} different texts": many,
            "Left out, no value in any training row": empty,
        }.items()
        if which
    ]
    if not columns:
        raise Unusable(
            "None of the chosen features can be used: each is constant, empty, "
            f"or text with more than {MAX_LEVELS} different values."
        )
    if len(columns) > MAX_COLUMNS:
        raise Unusable(
            f"With text coded one-hot the features need {_count(len(columns))} columns, and at most {MAX_COLUMNS} are "
            "taken; choose fewer text features."
        )
    return np.column_stack(columns), tuple(_unique_names(names))


# Labels and scores that some model made elsewhere.


def labels_and_scores(table: pd.DataFrame, label: str, score: str, positive: str | None = None) -> Scored:
    """Labels and scores of a table with these columns; without `positive`, the last class of two is the positive."""
    if label == score:
        raise Unusable("The label and the score must be two different columns.")
    if not _is_numeric(table[score]):
        raise Unusable(f"The score {as_code(score)} holds text; it must be a number.")
    y, names = classes(table, label)
    y, names = _against_rest(y, names, label, positive)
    scores = table[score].to_numpy(float)
    usable = (y >= 0) & np.isfinite(scores)
    report = list(table.attrs.get("notes", []))
    if dropped := int((~usable).sum()):
        report.append(f"Left out: {_count(dropped, 'row')} with a missing label, or a missing or infinite score.")
    if len(np.unique(y[usable])) < 2:
        raise Unusable("Only one class has usable scores; both classes are needed.")
    return Scored(y[usable], scores[usable], (names[0], names[1]), tuple(report))


def parse_pairs(text: str) -> Scored:
    """Pasted lines, a label and a score each, with or without a header; the last class of two is the positive."""
    pairs = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        delimiter = next((sign for sign in ("\t", ";", ",") if sign in line), None)
        cells = [cell.strip().strip('"') for cell in line.split(delimiter)]
        if len(cells) != 2:
            raise Unusable(f"Line {number} must hold a label and a score, with a comma between them.")
        if len(pairs) > MAX_ROWS:
            raise Unusable(f"There are too many lines; at most {_count(MAX_ROWS)} are taken.")
        pairs.append((number, *cells))
    if pairs and not _is_number(pairs[0][2]):
        pairs = pairs[1:]  # the header
    if not pairs:
        raise Unusable("There is no line with a label and a score.")
    for number, _, score in pairs:
        if not _is_number(score):
            raise Unusable(f"The score on line {number} is not a number.")
    _, labels, scores = (pd.Series(values) for values in zip(*pairs, strict=True))
    table = pd.DataFrame({"label": _typed(labels, ",")[0], "score": _typed(scores, ";")[0]})
    return labels_and_scores(table, "label", "score")


def _is_number(text: str) -> bool:
    """Whether a pasted score is a number, with a decimal point or a decimal comma, or missing."""
    text = text.casefold()
    return text in _MISSING or any(pattern.fullmatch(text) for pattern, _ in _READINGS.values())


# What is drawn.


def upload_and_choose(lab: Lab, task: Task, *, test_share: float = 0.3, seed: int = 0) -> Prepared | None:
    """Draw the upload, the choice of columns and what was done to the data; None as long as something is missing."""
    table = upload(lab)
    chosen = choose_columns(lab, table, task) if table is not None else None
    if table is None or chosen is None:
        return None
    made_of = (st.session_state[f"_{lab.prefix}_table"][0], chosen, task, test_share, seed)
    store = f"_{lab.prefix}_prepared"
    if st.session_state.get(store, (None,))[0] != made_of:
        with _sentence() as failed:
            made = prepare(
                table,
                chosen.target,
                chosen.features,
                task,
                positive=chosen.positive,
                test_share=test_share,
                seed=seed,
            )
            st.session_state[store] = (made_of, made)
        if failed:
            return None
    prepared: Prepared = st.session_state[store][1]
    with st.expander(f"What was done to the data ({len(prepared.report)})", icon=":material/rule:"):
        st.markdown("\n".join(f"- {sentence}" for sentence in prepared.report) or "Nothing: it is used as it came.")
    return prepared


def upload(lab: Lab) -> pd.DataFrame | None:
    """Draw the upload with its limits; the table once there is one, read once for each file."""
    prefix = lab.prefix
    file = st.file_uploader("Your data, a CSV file", key=f"{prefix}_file", max_upload_size=MAX_MEGABYTES)
    st.markdown(":small[Your file stays in this session; a link cannot carry it.]")
    store = f"_{prefix}_table"
    if file is None:
        st.session_state.pop(store, None)
        st.session_state.pop(f"_{prefix}_prepared", None)
        _draw_limits(lab)
        return None
    known, table, problem = st.session_state.get(store, (None, None, None))
    if known != file.file_id:
        for choice in ("target", "features", "positive"):
            st.session_state.pop(f"{prefix}_{choice}", None)
        bar = st.progress(0.0, "Reading the file")
        table = problem = None
        try:
            table = read_table(file.getvalue(), lambda share: bar.progress(share, "Reading the file"))
        except Unusable as error:
            problem = str(error)
        bar.empty()
        st.session_state[store] = (file.file_id, table, problem)
    if problem:
        _warn(problem)
        _draw_limits(lab)
    return table


def _draw_limits(lab: Lab) -> None:
    """The limits and a file that keeps them, as long as the visitor has none that does."""
    st.markdown(f":small[{limits_in_words()}]")
    st.download_button(
        "Sample file",
        sample_csv,
        f"{lab.name}_sample.csv",
        "text/csv",
        key=f"{lab.prefix}_sample",
        on_click="ignore",
        icon=":material/table:",
    )


def choose_columns(lab: Lab, table: pd.DataFrame, task: Task) -> Chosen | None:
    """Draw the choice of target, of features and, in a binary task, of the class to predict.

    None, and a sentence on screen, if the target or the features do not do. The choices belong to the file, so no
    link carries them.
    """
    prefix, names = lab.prefix, list(table.columns)
    if task == "regression":
        numeric = [name for name in names if _is_numeric(table[name])]
        default = numeric[-1] if numeric else names[-1]
    else:
        default = next((name for name in reversed(names) if _has_classes(table[name])), names[-1])
    target = st.selectbox(
        "Target", names, index=names.index(default), key=f"{prefix}_target", help="The column to predict."
    )
    positive = None
    if task == "binary":
        with _sentence() as failed:
            _, found = classes(table, target)
            positive = st.selectbox(
                "Class to predict",
                found,
                index=len(found) - 1,
                key=f"{prefix}_positive",
                help="It counts as 1, every other class as 0.",
            )
        if failed:
            return None
    others = [name for name in names if name != target]
    plain = [name for name in others if _is_numeric(table[name]) or len(table[name].cat.categories) <= MAX_LEVELS]
    features = st.multiselect(
        "Features",
        others,
        default=plain[:FIRST_FEATURES],
        key=f"{prefix}_features",
        help="The columns to predict from.",
    )
    if not features:
        _warn("Choose at least one feature.")
        return None
    return Chosen(target, tuple(features), positive)


def sample_csv() -> bytes:
    """A small file of the expected form: numbers, a text, gaps, a target."""
    rng = np.random.default_rng(0)
    hours, nights = rng.uniform(0, 40, 60).round(1), rng.integers(0, 6, 60)
    course = rng.choice(["evening", "online", "no course"], 60)
    passed = hours - 4 * nights + 8 * (course != "no course") + rng.normal(0, 6, 60) > 14
    frame = pd.DataFrame(
        {"hours studied": hours, "short nights": nights, "course": course, "passed": np.where(passed, "yes", "no")}
    )
    frame.loc[[7, 31], "hours studied"] = np.nan
    return frame.to_csv(index=False).encode()


@contextlib.contextmanager
def _sentence() -> Iterator[list[str]]:
    """Show the sentence of what turns out unusable; the list is then no longer empty."""
    failed: list[str] = []
    try:
        yield failed
    except Unusable as error:
        failed.append(str(error))
        _warn(failed[0])


def _warn(sentence: str) -> None:
    """The one sentence."""
    st.warning(sentence, icon=":material/error:")
