"""A visitor's file as a table."""

import itertools
from collections import Counter
from collections.abc import Callable, Collection

import pandas as pd

from pages.ui.upload.cells import GAPS, Commas, read_column
from pages.ui.upload.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MIN_ROWS
from pages.ui.upload.rows import (
    EMPTY,
    HEAD,
    SPACES,
    Dialect,
    Layout,
    as_text,
    find_dialect,
    find_layout,
    first_rows,
    rows_of,
)
from pages.ui.upload.words import Unusable, counted, listed, unique_names

Progress = Callable[[float], object]

_CHUNK = 2000  # rows that are lists of texts at a time
_CHECKED = 0.3  # the share of the work that is done once the file is known to be a table
_READ = 0.7


def read_table(
    data: bytes,
    progress: Progress = lambda share: None,
    *,
    names_on: int | None = None,
    gaps: Collection[str] = GAPS,
) -> pd.DataFrame:
    """Read delimited text; each column is float64, NaN where missing, or a category of texts.

    Infinite numbers stay (`prepare` treats them as missing). `progress` is called with the share done, 0 to 1.
    `names_on` is the line that names the columns, 0 if none does, None to find out; `gaps` are the words, in lower
    case, that mean a missing cell in a column of texts. Raises `Unusable`.

    `attrs` says what the values do not: "notes" (what was not taken literally), "guesses" (those of them that say
    which lines were taken for titles, names and data), "names_on" (the line found), "offered" (the lines that may name
    the columns), "words" (texts that may mean a missing one, and how often), "different" (by column, how many texts,
    where they are too many to be kept; its values are then all missing), "padded" (columns of numbers with zeros
    before them), "percent" (columns of percentages) and "unnamed" (columns that the file does not name).
    """
    notes: list[str] = []
    data, encoding = as_text(data, notes)
    dialect = find_dialect(data, encoding)
    head = first_rows(data, dialect, HEAD) or [*itertools.islice(rows_of(data, dialect), 1)]  # says why there is none
    if not head:
        raise Unusable(EMPTY)
    layout = find_layout(head, names_on)
    notes += layout.notes
    if dialect.delimiter == SPACES:
        notes.append("Spaces separate the cells.")
    names, kept = _check_shape(data, dialect, layout, notes, lambda share: progress(_CHECKED * share))
    texts = _columns(data, dialect, layout, kept, lambda share: progress(_CHECKED + 0.4 * share))
    commas: Commas = "thousands"
    if dialect.delimiter != ",":
        known = _has_decimal_commas([cells for _, _, cells in head])
        commas = "decimal" if known else "perhaps decimal" if dialect.delimiter == ";" else "thousands"
    table: dict[str, pd.Series] = {}
    readings: dict[str, list[str]] = {}
    words: Counter[str] = Counter()
    different: dict[str, int] = {}
    padded, percent = [], []
    for place, column in enumerate(kept):
        name = names[column]
        read = read_column(texts.pop(column).decode().split("\0")[:-1], commas, gaps)
        table[name] = read.values
        readings.setdefault(read.reading, []).append(name)
        words += read.words
        padded += [name] if read.padded else []
        percent += [name] if read.percent else []
        if read.different:
            different[name] = read.different
        progress(_READ + (1 - _READ) * (place + 1) / len(kept))
    notes += [f"{reading}: {listed(which)}." for reading, which in readings.items() if reading]
    frame = pd.DataFrame(table, copy=False)
    frame.attrs = {
        "notes": notes,
        "guesses": layout.notes,
        "names_on": layout.names_on,
        "offered": layout.offered,
        "words": words,
        "different": different,
        "padded": padded,
        "percent": percent,
        "unnamed": [names[column] for column in kept if not layout.header[column]],
    }
    return frame


def _has_decimal_commas(rows: list[list[str]]) -> bool:
    """Whether a number in the first rows has a comma that cannot be a thousands separator."""
    cells = (cell.strip().lstrip("+-").partition(",") for row in rows for cell in row)
    return any(
        comma and whole.isdigit() and digits.isdigit() and (len(digits) != 3 or whole == "0")
        for whole, comma, digits in cells
    )


def _check_shape(
    data: bytes, dialect: Dialect, layout: Layout, notes: list[str], progress: Progress
) -> tuple[list[str], list[int]]:
    """All names and the places of the columns to keep; nothing of the file is kept while it is checked."""
    header = layout.header
    width = len(header)
    if width > MAX_COLUMNS:
        raise Unusable(f"The file has {counted(width)} columns; at most {MAX_COLUMNS} are taken.")
    named = max((place + 1 for place, cell in enumerate(header) if cell), default=width)
    like = f"the header on line {layout.names_on}" if layout.names_on else f"line {layout.data_from}"
    filled = [bool(cell) for cell in header]
    count = 0
    for line, share, cells in rows_of(data, dialect):
        if line < layout.data_from:
            continue
        count += 1
        if len(cells) < named or any(cells[width:]):
            raise Unusable(f"Line {line} has {counted(len(cells), 'cell')}, but {like} has {counted(width)}.")
        if count > MAX_ROWS:
            lines = data.count(b"\n") or data.count(b"\r")
            raise Unusable(f"The file has {counted(lines)} lines; at most {counted(MAX_ROWS)} rows are taken.")
        if count * width > MAX_CELLS:
            lines = data.count(b"\n") or data.count(b"\r")
            raise Unusable(
                f"The file has {counted(lines)} lines of {width} cells, and at most {counted(MAX_CELLS)} cells are "
                "taken; leave out columns or rows."
            )
        if not all(filled):
            filled = [known or bool(place < len(cells) and cells[place].strip()) for place, known in enumerate(filled)]
        if count % _CHUNK == 0:
            progress(share)
    if not count:
        raise Unusable("The file has a header but no rows.")
    kept = [column for column in range(width) if filled[column]]
    if len(kept) < 2:
        raise Unusable(
            "The file has only one column; a target and at least one feature are needed, "
            "separated by commas, semicolons, tabs or spaces."
        )
    if len(kept) < width:
        notes.append(f"Left out: {counted(width - len(kept), 'column')} with neither a name nor data.")
    if count < MIN_ROWS:
        raise Unusable(f"The file has {counted(count, 'row')}; at least {MIN_ROWS} are needed.")
    names = unique_names(header)
    changed = [name for name, cell, full in zip(names, header, filled, strict=True) if full and name != cell]
    if changed and layout.names_on:
        notes.append(f"Renamed, because the name was empty, repeated, too long or unsafe to show: {listed(changed)}.")
    return names, kept


def _columns(
    data: bytes, dialect: Dialect, layout: Layout, kept: list[int], progress: Progress
) -> dict[int, bytearray]:
    """The texts of each column in UTF-8, each ended by a zero byte: a string for each cell takes ten times as much."""
    columns = {column: bytearray() for column in kept}
    chunk: list[list[str]] = []

    def pack() -> None:
        for column, packed in columns.items():
            packed += "".join([f"{cells[column] if column < len(cells) else ''}\0" for cells in chunk]).encode()
        chunk.clear()

    for line, share, cells in rows_of(data, dialect):
        if line >= layout.data_from:
            chunk.append(cells)
        if len(chunk) == _CHUNK:
            pack()
            progress(share)
    pack()
    return columns


def is_numeric(column: pd.Series) -> bool:
    """Whether a column of a table holds numbers; otherwise it is a category of texts."""
    return column.dtype == float


def different_texts(table: pd.DataFrame, name: str) -> int:
    """How many different texts a column of texts has, whether they are kept or not."""
    return table.attrs.get("different", {}).get(name) or len(table[name].cat.categories)
