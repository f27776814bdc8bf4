"""Drawing a chart: a constant specification with named data, to which a rerun only attaches rows.

Every colour below has a contrast of at least 3 : 1 on both themes' backgrounds and the same meaning on every
page. Where colour tells series apart, shape, dash or a label does so too.
"""

import base64
import json
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa
import streamlit as st

from pages.ui.component import component, keep_small
from pages.ui.numbers import typeset
from pages.ui.voice import said, speak

BIAS = "#2f7dd1"
VARIANCE = "#d2551e"
NOISE = "#7b828c"
TEST = "#a355c9"
TRAIN = "#1b9467"
TRUTH = "#a8790f"
FIT = "#2f7dd1"
POSITIVE = "#d2551e"  # cases of class 1, and of class 0
NEGATIVE = "#1585a8"

# Where both themes need a colour of their own: `dark` is a parameter of every chart.
INK = alt.expr("dark ? '#e6ebf2' : '#1b2430'")  # the page's words
FAINT = alt.expr("dark ? 0.6 : 0.35")  # the opacity of many lines over each other
BAND = alt.expr("dark ? 0.38 : 0.18")  # and of an area

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
    plain = speak(plain)
    plain["params"] = [*plain.get("params", []), {"name": "dark", "value": False}]
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
    st.session_state.setdefault("_alts", []).append(typeset(f"{name} {what}".replace("*", "")))
    *params, dark = specification["params"]
    spec = {
        **specification,
        "config": {**specification["config"], **_WORDS[is_dark()]},
        "params": [*params, {**dark, "value": is_dark()}],
        "datasets": {dataset: _encoded(rows) for dataset, rows in datasets.items()},
    }
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
    data = {"alts": tuple(st.session_state.pop("_alts", [])), "dark": is_dark()}
    _describe(key="describe", data=data, width="content", on_theme_change=lambda: None)


def is_dark() -> bool:
    """Whether the visitor's theme is dark, as the browser last said."""
    return st.context.theme.type == "dark"


def ends_of(rows: str, field: str) -> list[alt.Expr]:
    """The ends of a field over all rows of a data set, as a scale's domain.

    Without them a scale asks each layer, and a layer of the rows at the frame on screen may have none.
    """
    return [alt.expr(f"extent(pluck(data('{rows}'), '{field}'))[{end}]") for end in (0, 1)]


def equal(x_range: Sequence[float], y_range: Sequence[float]) -> tuple[alt.Scale, alt.Scale]:
    """Scales with the same unit on both axes at any width: what is a circle looks like one.

    Both ranges are on the picture; the one that leaves room goes on evenly at both ends.
    """
    unit = f"max({np.ptp(x_range)} / width, {np.ptp(y_range)} / height)"  # of an axis, in each pixel

    def scale(ends: Sequence[float], size: str) -> alt.Scale:
        middle = (ends[0] + ends[1]) / 2
        domain = [alt.expr(f"{middle} {sign} {unit} * {size} / 2") for sign in "-+"]
        return alt.Scale(domain=domain, nice=False, zero=False)

    return scale(x_range, "width"), scale(y_range, "height")


def places(x: alt.X, y: alt.Y, called: str) -> alt.Chart:
    """Invisible cells over the picture of a surface, which say its height there; rows as `place_rows` makes them."""
    names = [str(channel["title"]) for channel in (x, y)]
    tip = said(**{names[0]: "(datum.x + datum.x2) / 2", names[1]: "(datum.y + datum.y2) / 2", called: "datum.value"})
    cells = alt.Chart(alt.NamedData("places")).mark_rect(fill="transparent", tooltip=tip, clip=True)
    return cells.encode(x=x, x2="x2:Q", y=y, y2="y2:Q")


def place_rows(values: np.ndarray, x_range: Sequence[float], y_range: Sequence[float]) -> Rows:
    """Rows of `places` from the heights at the points of a grid (rows from bottom to top, columns), not all of them."""
    step_y, step_x = (-(-n // 24) for n in values.shape)
    across, up = np.linspace(*x_range, values.shape[1])[::step_x], np.linspace(*y_range, values.shape[0])[::step_y]
    half_x, half_y = (across[1] - across[0]) / 2, (up[1] - up[0]) / 2
    X, Y = np.meshgrid(across, up)
    ends = {"x": X - half_x, "x2": X + half_x, "y": Y - half_y, "y2": Y + half_y, "value": values[::step_y, ::step_x]}
    return make_rows({name: column.ravel().astype(np.float32) for name, column in ends.items()})


def grid_cells(x_range: Sequence[float], y_range: Sequence[float], shape: tuple[int, int]) -> alt.Chart:
    """Cells (rows, columns) over a plane, numbered from the bottom left: `cell`, `left`, `right`, `low`, `high`."""
    rows, columns = shape
    width, height = float(np.ptp(x_range)) / columns, float(np.ptp(y_range)) / rows
    return (
        alt.Chart(alt.sequence(0, rows * columns, as_="cell"))
        .transform_calculate(
            left=f"{x_range[0]} + {width} * (datum.cell % {columns})",
            low=f"{y_range[0]} + {height} * floor(datum.cell / {columns})",
        )
        .transform_calculate(right=f"datum.left + {width}", high=f"datum.low + {height}")
    )


SEEN = (12, 16)  # the cells of a film of pictures whose value is known in the browser, rows and columns


def film_places(
    axes: Sequence[str],
    x_range: Sequence[float],
    y_range: Sequence[float],
    called: str,
    shape: tuple[int, int] = SEEN,
    *,
    surface: bool = False,
) -> alt.Chart:
    """Invisible cells (rows, columns) over a film of pictures, which say its share there at the player's frame.

    The data `pictures` have a row a frame with `thousandths` (see there). Of a `surface` they say its height, which is
    from −1 to 1 as the share is from 0 to 1. All that is the same in each frame is computed once.
    """
    rows, columns = SEEN
    start = f"{columns} * floor({rows} / {shape[0]} * floor(datum.cell / {shape[1]}))"
    start = f"3 * ({start} + floor({columns} / {shape[1]} * (datum.cell % {shape[1]})))"
    digits = "substring((data('pictures')[frame] || {}).thousandths, datum.start, datum.start + 3)"
    share = f"format(2 * toNumber({digits}) / 999 - 1, '.2f')" if surface else f"'0.' + {digits}"
    names = [json.dumps(name, ensure_ascii=False) for name in (*axes, called)]
    tip = ", ".join(f"{name}: {value}" for name, value in zip(names, ("datum.x", "datum.y", share), strict=True))
    cells = grid_cells(x_range, y_range, shape).transform_calculate(
        x="format((datum.left + datum.right) / 2, '.3~r')",
        y="format((datum.low + datum.high) / 2, '.3~r')",
        start=start,
    )
    return cells.mark_rect(fill="transparent", tooltip=alt.expr(f"{{{tip}}}"))


def thousandths(shares: np.ndarray) -> list[str]:
    """Shares (frames, rows from bottom to top, columns) from 0 to 1 as a word a frame: three digits for each cell."""
    rows, columns = (((np.arange(m) + 0.5) * n / m).astype(int) for m, n in zip(SEEN, shares.shape[1:], strict=True))
    cells = np.rint(999 * np.nan_to_num(shares[:, rows[:, None], columns]).clip(0, 1)).astype(int)
    letters = (cells[..., None] // (100, 10, 1) % 10 + ord("0")).astype(np.uint8)
    return [frame.tobytes().decode() for frame in letters]


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
