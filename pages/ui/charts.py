"""Drawing a chart: a constant specification with named data, to which a rerun only attaches rows.

Every colour below has a contrast of at least 3 : 1 on both themes' backgrounds and the same meaning on every
page. Where colour tells series apart, shape, dash or a label does so too.
"""

import base64
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa
import streamlit as st

from pages.ui.component import component, keep_small

BIAS = "#2f7dd1"
VARIANCE = "#d2551e"
NOISE = "#7b828c"
TEST = "#a355c9"
TRAIN = "#1b9467"
TRUTH = "#a8790f"
FIT = "#2f7dd1"
POSITIVE = "#d2551e"  # cases of class 1, and of class 0
NEGATIVE = "#1585a8"

Spec = dict[str, Any]
Rows = pa.Table  # what a chart draws: made straight from NumPy's arrays, a fifth of the way through a data frame
_describe = component("describe")
# Streamlit's own grey for the words of a chart has a contrast of 3.7 : 1 on white; these have 7 : 1 and more.
_WORDS = {
    dark: {
        "axis": {"labelColor": grey, "titleColor": grey},
        "legend": {"labelColor": grey, "titleColor": grey, "orient": "bottom", "labelLimit": 0, "title": None},
        "title": {"color": grey},
        "text": {"color": grey},
    }
    for dark, grey in {False: "#4f5966", True: "#a9b3c0"}.items()
}


def spec(chart: alt.Chart | alt.LayerChart, height: int) -> Spec:
    """The finished specification: fixed height, canvas renderer (the chart's `alt` then speaks for it)."""
    room = {"left": 5, "top": 5, "right": 16, "bottom": 5}  # or the last label of an axis is cut
    with alt.data_transformers.enable(consolidate_datasets=False):  # `draw` replaces the named data
        plain = chart.properties(height=height, padding=room).to_dict()
    return {**plain, "usermeta": {"embedOptions": {"renderer": "canvas"}}}


def draw(
    specification: Spec,
    name: str,
    what: str,
    *,
    key: str | None = None,
    on_select: Callable[[], None] | None = None,
    **datasets: Rows,
) -> None:
    """Draw a cached specification with this rerun's rows. `on_select` runs after a click; it needs a `key`.

    `name` says what the chart is and never changes with the data, `what` says what it shows now: together they
    are the chart's text alternative (see `describe`).
    """
    st.session_state.setdefault("_alts", []).append(f"{name} {what}".replace("*", ""))
    sent = {dataset: _encoded(rows) for dataset, rows in datasets.items()}
    spec = {**specification, "config": {**specification["config"], **_WORDS[is_dark()]}, "datasets": sent}
    st.vega_lite_chart(spec, alt=name, key=key, on_select=on_select or "ignore")
    if on_select:
        keep_small(key)


def make_rows(columns: Mapping[str, Any]) -> Rows:
    """Rows from columns of one length, arrays or lists, or from one value for all rows; NaN becomes missing."""
    length = next(len(values) for values in columns.values() if _is_column(values))
    return pa.table({name: _column(values, length) for name, values in columns.items()})


def stack_rows(tables: Iterable[Rows]) -> Rows:
    """Rows of tables with the same columns, one below the other."""
    return pa.concat_tables(tables, promote_options="permissive")


def _is_column(values: Any) -> bool:
    return hasattr(values, "__len__") and not isinstance(values, str)


def _column(values: Any, length: int) -> pa.Array:
    if not _is_column(values):
        return pa.repeat(values, length)
    if not length:
        return pa.array([], pa.float64())
    if isinstance(values, np.ndarray) and values.dtype.kind == "U":
        values = values.tolist()  # which Arrow reads faster
    return pa.array(values, from_pandas=True)


def _encoded(rows: Rows) -> Rows:
    """Each different word sent once, with its number in each row: fewer bytes, and the browser decodes it once."""
    columns = [column.combine_chunks() for column in rows.columns]
    columns = [column.dictionary_encode() if pa.types.is_string(column.type) else column for column in columns]
    return pa.table(columns, rows.column_names)


def describe() -> None:
    """Give the charts drawn in this run their computed text alternatives; draw them again if the theme has changed."""
    data = {"alts": st.session_state.pop("_alts", []), "dark": is_dark()}
    _describe(key="describe", data=data, width="content", on_theme_change=lambda: None)


def is_dark() -> bool:
    """Whether the visitor's theme is dark, as the browser last said."""
    return st.context.theme.type == "dark"


def png(pixels: np.ndarray, palette: np.ndarray | None = None) -> str:
    """A picture as a data URL, first row on top; `pixels` are unsigned bytes.

    They are (height, width, 3), or (height, width) numbers of colours in a `palette` (colours, 4) of red, green, blue
    and opacity, which takes a third of the room.
    """
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + pixels[0].size), dtype=np.uint8)  # each begins with a 0: no filter
    rows[:, 1:] = pixels.reshape(height, -1)
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2 if palette is None else 3, 0, 0, 0))]
    if palette is not None:
        parts += [(b"PLTE", palette[:, :3].tobytes()), (b"tRNS", palette[:, 3].tobytes())]
    parts += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body)) for tag, body in parts
    ]
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(chunks)).decode()


# Optimizers keep their colour, shape and dash on every page.
OPTIMIZERS = {
    "GD": ("#6f7782", "circle", [1, 0]),
    "SGD": ("#b0700f", "square", [2, 2]),
    "Mini-batch": ("#8c6d4f", "diamond", [4, 2]),
    "Momentum": ("#2f7dd1", "triangle-up", [1, 0]),
    "Nesterov": ("#1585a8", "triangle-down", [6, 2]),
    "AdaGrad": ("#1b9467", "cross", [1, 0]),
    "RMSProp": ("#a355c9", "triangle-right", [1, 0]),
    "Adam": ("#d2551e", "triangle-left", [1, 0]),
    "AdamW": ("#d03a6a", "stroke", [6, 3]),
}
