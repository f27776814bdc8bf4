"""From the bytes of a file to its rows: encoding, separator, and the line that names the columns."""

import codecs
import contextlib
import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pages.ui.upload.cells import is_gap, is_number, looks_like_number
from pages.ui.upload.limits import MAX_COLUMNS, MAX_LINE, MAX_MEGABYTES
from pages.ui.upload.words import Unusable, counted

Row = tuple[int, float, list[str]]  # the line it starts on, the share of the file read, its cells

EMPTY = "The file is empty."
HEAD = 1000  # rows that tell the separator and the names
SPACES = " "  # any number of spaces and tabs between two cells
_DELIMITERS = (",", ";", "\t", "|")
_PIECE = 2**20
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
    b"@relation": "an ARFF file",
}


def as_text(data: bytes, notes: list[str]) -> tuple[bytes, str]:
    """The file and its encoding; UTF-16 is turned into UTF-8. Raises `Unusable` for what is no text."""
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
            data = b"".join(text.encode() for text in _decoded(data, wide))
            notes.append("The file was read as UTF-16.")
    except UnicodeError:
        raise Unusable("The file looks like UTF-16 but is damaged; save it as UTF-8.") from None
    if not data.strip(b"\xef\xbb\xbf \r\n\t,;|"):
        raise Unusable(EMPTY)
    if b"\0" in data or sum(data[:4096].count(code) for code in range(32) if code not in b"\t\n\r\f") > 8:
        raise Unusable("The file is not text: it holds control characters that no CSV file has.")
    for encoding in ("utf-8-sig", "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            for _ in _decoded(data, encoding):
                pass
            if encoding == "cp1252":
                notes.append("The file is not UTF-8 and was read as Windows-1252: check its accented letters.")
            return data, encoding
    raise Unusable("The file's encoding is unknown; save it as UTF-8.")


def _decoded(data: bytes, encoding: str) -> Iterator[str]:
    """The text in pieces, so that a large file is never in memory twice."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(data), _PIECE):
        yield decoder.decode(data[start : start + _PIECE])
    yield decoder.decode(b"", final=True)


class Dialect(NamedTuple):
    """How the cells of a file are told apart."""

    encoding: str
    delimiter: str
    quote: str = '"'


def rows_of(data: bytes, dialect: Dialect, strict: bool = True) -> Iterator[Row]:
    """Each row that is not blank. Raises `Unusable` where one cannot be told from the next."""
    file = io.BytesIO(data)
    text = io.TextIOWrapper(file, dialect.encoding, newline="")
    spaced = dialect.delimiter == SPACES

    def lines() -> Iterator[str]:
        for number, line in enumerate(text, 1):
            if len(line) > MAX_LINE:
                raise Unusable(f"Line {number} is longer than {counted(MAX_LINE)} characters.")
            yield line.replace("\t", " ").rstrip() + "\n" if spaced else line

    reader = csv.reader(
        lines(), delimiter=dialect.delimiter, quotechar=dialect.quote, strict=strict, skipinitialspace=True
    )
    line = 1
    try:
        for cells in reader:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield line, file.tell() / len(data), cells
            line = reader.line_num + 1
    except csv.Error as error:
        if "field larger" in str(error) and reader.line_num <= line:
            limit = counted(csv.field_size_limit())
            raise Unusable(f"Line {line} has a cell longer than {limit} characters.") from None
        raise Unusable(f"The quotation marks in the row that starts on line {line} do not match.") from None


def first_rows(data: bytes, dialect: Dialect, number: int) -> list[Row]:
    """The first rows, as far as they can be told from one another."""
    rows: list[Row] = []
    with contextlib.suppress(Unusable):  # those before a misplaced quotation mark count
        rows.extend(itertools.islice(rows_of(data, dialect, strict=False), number))
    return rows


def find_dialect(data: bytes, encoding: str) -> Dialect:
    """The delimiter that cuts the first rows into most columns, as many in each row if one does.

    White space counts only where no other sign does it, or where tabs cut numbers in two columns only.
    """

    def quality(delimiter: str) -> tuple[bool, int]:
        widths = [len(cells) for _, _, cells in first_rows(data, Dialect(encoding, delimiter), 30)]
        common, _ = Counter(widths).most_common(1)[0] if widths else (0, 0)
        below = set(widths[1:] if widths[:1] == [common - 1] else widths)  # R leaves out the name of the row names
        return common > 1 and below == {common}, common

    best = max(_DELIMITERS, key=quality)
    even, width = quality(best)
    if not even or (best == "\t" and width == 2):
        spaced = quality(SPACES)
        cells = [cell for _, _, row in first_rows(data, Dialect(encoding, SPACES), 30) for cell in row]
        numbers = sum(map(looks_like_number, cells))
        if spaced[0] and (width == 1 or (spaced > (even, width) and numbers > 0.5 * len(cells))):
            best = SPACES
    cells = [cell for _, _, row in first_rows(data, Dialect(encoding, best), 30) for cell in row]
    texts = [cell for cell in cells if not is_gap(cell) and not looks_like_number(cell)]
    begun, ended = (sum(text[place] == "'" for text in texts) for place in (0, -1))
    return Dialect(encoding, best, "'" if begun == ended > 0.4 * len(texts) else '"')


@dataclass(frozen=True)
class Layout:
    """Where the names and the data are."""

    names_on: int  # the line that names the columns; 0 if none does
    data_from: int  # the line of the first row of data
    offered: tuple[int, ...]  # lines that may name the columns
    header: tuple[str, ...]  # the names as they stand, empty where there is none
    notes: tuple[str, ...]


def find_layout(head: Sequence[Row], names_on: int | None = None) -> Layout:
    """Tell titles, names and data apart by the first rows; `names_on` overrules which line holds the names."""
    lines = [line for line, _, _ in head]
    rows = [[cell.strip() for cell in cells] for _, _, cells in head]
    if len(rows[0]) > MAX_COLUMNS:
        raise Unusable(f"The file has {counted(len(rows[0]))} columns; at most {MAX_COLUMNS} are taken.")
    width, often = Counter(map(len, rows)).most_common(1)[0]
    start = 0
    filled = [sum(map(bool, row)) for row in rows]
    if often > 2 and 2 * often > len(rows):  # a title has a cell or two, where the rows of the table have more
        while start < len(rows) - 1 and (filled[start] < 2 <= np.median(filled) or len(rows[start]) < width - 1):
            start += 1
    body = rows[start + 1 :]
    names, first = start, start + 1
    if _looks_like_data(rows[start], body):
        names, first = -1, start
    elif _is_second_header(rows[start], body):
        names = start + (len(set(filter(None, body[0]))) >= len(set(filter(None, rows[start]))))
        first = start + 2
    guessed = names < 0 and names_on is None
    offered = tuple(lines[: min(first + 1, len(lines))])
    if names_on in (0, *offered) and names_on != (lines[names] if names >= 0 else 0):
        names = lines.index(names_on) if names_on else -1
        first = max(first, names + 1) if names >= 0 else start
    notes = []
    if guessed:
        which = f"Line {lines[start]}" if start else "The first line"
        notes.append(f"{which} looks like data: it is read as data, and the columns are numbered.")
    skipped = [lines[place] for place in range(first) if place != names]
    if skipped:
        which = f"Line {skipped[0]} holds" if len(skipped) == 1 else f"{counted(len(skipped), 'line')} hold"
        notes.append(f"{which} neither names of columns nor data, and {'is' if len(skipped) == 1 else 'are'} left out.")
    header = rows[names] if names >= 0 else [""] * width
    data_width = Counter(map(len, rows[first:])).most_common(1)[0][0] if rows[first:] else len(header)
    if len(header) == data_width - 1 and all(len(row) == data_width and row[-1] for row in rows[first:]):
        header = ["", *header]  # a table saved by R has no name above the names of its rows
    while len(header) > data_width > 1 and not header[-1]:
        header = header[:-1]
    line = lines[first] if first < len(lines) else lines[-1] + 1
    return Layout(lines[names] if names >= 0 else 0, line, offered, tuple(header), tuple(notes))


def _looks_like_data(first: list[str], body: list[list[str]]) -> bool:
    """Whether the first row holds values as those below it do, and not names."""
    seen = texts = numbers = 0
    values = []
    for place, cell in enumerate(first):
        column = [row[place] for row in body if place < len(row) and not is_gap(row[place])]
        if not column or is_gap(cell):
            continue
        if _is_numeric(column):
            if not looks_like_number(cell):
                return False
            numbers += 1
            values.append(float(cell) if is_number(cell) else 0.5)
        elif len(set(column)) <= len(column) / 2:
            texts += 1
            seen += cell in column
    if not numbers:
        return 0 < texts == seen
    steps = {after - before for before, after in itertools.pairwise(values)}
    years = all(1900 <= value <= 2100 and value == int(value) for value in values)
    if len(values) > 1 and len(steps) == 1 and 0 not in steps and (years or (len(values) > 2 and _are_places(values))):
        return False  # names that are years or places
    return 2 * seen >= texts


def _are_places(values: list[float]) -> bool:
    """Whether the numbers count from 0 or 1."""
    return values[0] in {0, 1} and values[1] - values[0] == 1


def _is_second_header(first: list[str], body: list[list[str]]) -> bool:
    """Whether the second row holds names or units too: texts above numbers, and no value of those below."""
    if len(body) < 3:
        return False
    numeric = 0
    for place, cell in enumerate(body[0]):
        column = [row[place] for row in body[1:] if place < len(row) and not is_gap(row[place])]
        if not column or is_gap(cell) or place >= len(first):
            continue
        if _is_numeric(column):
            if looks_like_number(cell) or looks_like_number(first[place]):
                return False
            numeric += 1
        elif cell in column:
            return False
    return numeric > 1


def _is_numeric(column: list[str]) -> bool:
    """Whether nearly all cells are numbers."""
    return sum(map(looks_like_number, column)) >= 0.9 * len(column)
