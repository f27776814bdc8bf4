"""Chart specifications, pictures and rows of the gradient descent lab.

`frame` is the number of steps taken. Loss is drawn as its distance above the lowest known value, so that a log
axis shows how far a method still has to go.
"""

import functools

import altair as alt
import numpy as np

from mlcore.optimizers import Path
from mlcore.surfaces import Surface
from pages.ui.charts import NOISE, OPTIMIZERS, Rows, Spec, ends_of, equal, grid_cells, make_rows, png, spec, stack_rows
from pages.ui.player import frame_param
from pages.ui.voice import said

HEIGHT = 360
QUANTITIES = ["g", "m", "v", "m̂", "v̂", "step size", "Δθ"]
_FIELDS = ["g", "m", "v", "m_hat", "v_hat", "step_size", "update"]
ON_THE_SURFACE = ["method", "frame", "x", "y", "edge_x", "edge_y", "place", "note"]  # the columns that each chart needs
FOR_DRAWING = ["edge_x", "edge_y", "place", "note"]
IN_THE_LOSS = ["method", "frame", "excess", "evaluations"]
LAST = "Final loss above its lowest value (log axis)"
_GRID = (24, 18)  # the invisible cells that a click chooses from
_BANDS = 18


def _method(names: tuple[str, ...], channel: str) -> alt.Color | alt.Shape | alt.StrokeDash:
    """One channel of the legend of the methods on screen; the channels share one legend."""
    kind, place = {"color": (alt.Color, 0), "shape": (alt.Shape, 1), "strokeDash": (alt.StrokeDash, 2)}[channel]
    scale = alt.Scale(domain=names, range=[OPTIMIZERS[name][place] for name in names])
    return kind("method:N", scale=scale, legend=alt.Legend(title=None, columns=5, symbolOpacity=1))


@functools.lru_cache(maxsize=64)
def surface(
    names: tuple[str, ...],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    axes: tuple[str, str],
    dark: bool,
) -> Spec:
    """Paths over the picture of the loss, with minima, start and invisible cells that a click selects."""
    # A step goes straight across the contours only where both axes have one unit; raw features have none in common.
    alike = 1 / 3 < np.ptp(x_range) / np.ptp(y_range) < 3
    free = [alt.Scale(domain=ends, nice=False, zero=False) for ends in (x_range, y_range)]
    x_scale, y_scale = equal(x_range, y_range) if alike else free
    plain = alt.Axis(grid=False, tickCount=5)

    def at(x: str, y: str) -> dict[str, object]:
        return {
            "x": alt.X(f"{x}:Q", title=axes[0], scale=x_scale, axis=plain),
            "y": alt.Y(f"{y}:Q", title=axes[1], scale=y_scale, axis=plain),
        }

    halo = "#10151d" if dark else "#ffffff"
    colour, shape = _method(names, "color"), _method(names, "shape")
    trail, heads = (
        alt.Chart().encode(**at("x", "y"), order="frame:Q", detail="method:N"),
        alt.Chart().encode(**at("edge_x", "edge_y")),
    )
    lines = alt.layer(
        trail.mark_line(color=halo, strokeWidth=5, opacity=0.6, clip=True),
        trail.mark_line(strokeWidth=2.5, clip=True).encode(color=colour),
        data=alt.NamedData("paths"),
    ).transform_filter("datum.frame <= frame && isValid(datum.x)")
    # Notes of heads that are not on the picture, as a list in its upper left corner.
    (low, high), (left, right) = y_range, x_range
    line = f"{high} - (datum.place + 0.7) * {0.075 * (high - low)}"
    note = (
        alt.Chart()
        .transform_calculate(note_x=f"{left + 0.02 * (right - left)}", note_y=line)
        .encode(**at("note_x", "note_y"), text="note:N")
    )
    words = {"align": "left", "fontWeight": "bold"}
    points = alt.layer(
        heads.mark_point(filled=True, size=130, opacity=1, stroke=halo, strokeWidth=1.5).encode(
            color=colour, shape=shape
        ),
        note.mark_text(**words, stroke=halo, strokeWidth=3, strokeOpacity=0.8),
        note.mark_text(**words).encode(color=colour),
        data=alt.NamedData("paths"),
    ).transform_filter("datum.frame == frame")
    step_x, step_y = ((r[1] - r[0]) / n for r, n in zip((x_range, y_range), _GRID, strict=True))
    chosen = alt.selection_point(name="chosen", fields=["x", "y"], on="click", clear=False)
    cells = (
        grid_cells(x_range, y_range, _GRID[::-1])
        .transform_calculate(x=f"datum.left + {step_x / 2}", y=f"datum.low + {step_y / 2}")
        .transform_lookup("cell", from_=alt.LookupData(alt.NamedData("places"), "cell", ["loss"]))
        .mark_rect(
            fill="transparent",
            cursor="crosshair",
            tooltip=said(**{axes[0]: "datum.x", axes[1]: "datum.y", "Loss": "datum.loss"}),
        )
        .encode(**at("left", "low"), x2="right:Q", y2="high:Q")
        .add_params(chosen)
    )
    layers = [
        alt.Chart(alt.NamedData("picture"))
        .mark_image(aspect=False)
        .encode(**at("x", "y"), x2="x2:Q", y2="y2:Q", url="url:N"),
        alt.Chart(alt.NamedData("minima"))
        .mark_point(
            shape="cross",
            angle=45,
            size=90,
            color="#f3f4f6" if dark else "#1f2937",
            stroke=halo,
            filled=True,
            opacity=1,
            clip=True,
        )
        .encode(**at("x", "y")),
        lines,
        points,
        cells,
    ]
    # Every number is valid by now: Vega need not check them all once more at each update.
    return spec(alt.layer(*layers).add_params(frame_param()).configure_mark(invalid=None), HEIGHT)


@functools.lru_cache(maxsize=64)
def loss(names: tuple[str, ...], low: float, high: float, log: bool, evaluations: bool) -> Spec:
    """Loss above its lowest known value; against steps, or against samples touched."""
    last = ends_of("paths", "evaluations" if evaluations else "frame")[1]
    scale = alt.Scale(domain=[0, last], nice=False)
    x = alt.X("frame:Q", title="Steps", scale=scale, axis=alt.Axis(grid=False))
    if evaluations:
        scale = alt.Scale(type="log", domain=[1, last], nice=True)
        title = "Gradient evaluations, in samples touched (log axis)"
        x = alt.X("evaluations:Q", title=title, scale=scale, axis=alt.Axis(grid=False, tickCount=5, format="~s"))
    y_scale = alt.Scale(type="log", domain=[low, high], nice=False) if log else alt.Scale(domain=[0, high], nice=False)
    axis = alt.Axis(tickCount=6)
    y = alt.Y("excess:Q", title=f"Loss above its lowest value{' (log axis)' if log else ''}", scale=y_scale, axis=axis)
    colour, dash, shape = (_method(names, channel) for channel in ("color", "strokeDash", "shape"))
    rows = alt.Chart(alt.NamedData("paths")).transform_filter(
        "isValid(datum.excess)" + (" && datum.frame > 0" if evaluations else "")
    )
    layers = [
        rows.mark_line(opacity=0.25, strokeWidth=1.5, clip=True).encode(x=x, y=y, color=colour, order="frame:Q"),
        rows.transform_filter("datum.frame <= frame")
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(x=x, y=y, color=colour, strokeDash=dash, order="frame:Q"),
        rows.transform_filter("datum.frame == frame")
        .mark_point(filled=True, size=110, opacity=1, clip=True)
        .encode(x=x, y=y, color=colour, shape=shape),
    ]
    # Every number is valid by now: Vega need not check them all once more at each update.
    return spec(alt.layer(*layers).add_params(frame_param()).configure_mark(invalid=None), HEIGHT)


@functools.lru_cache(maxsize=64)
def sensitivity(names: tuple[str, ...], low: float, high: float, rates: tuple[float, float]) -> Spec:
    """Final loss against learning rate, a line a method; crosses on the upper edge mark divergence."""
    x = alt.X(
        "lr:Q",
        title="Learning rate η (log axis)",
        scale=alt.Scale(type="log", domain=rates, nice=False),
        axis=alt.Axis(grid=False, tickCount=8),
    )
    y_scale = alt.Scale(type="log", domain=[low, high], nice=False)
    y = alt.Y("excess:Q", title=LAST, scale=y_scale, axis=alt.Axis(tickCount=6))
    colour, dash, shape = (_method(names, channel) for channel in ("color", "strokeDash", "shape"))
    rows = alt.Chart(alt.NamedData("sweep"))
    layers = [
        alt.Chart(alt.NamedData("now")).mark_rule(color=NOISE, strokeDash=[4, 3]).encode(x=x),
        rows.transform_filter("!datum.diverged")
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(x=x, y=y, color=colour, strokeDash=dash),
        rows.transform_filter("datum.best")
        .mark_point(filled=True, size=120, opacity=1, clip=True)
        .encode(x=x, y=y, color=colour, shape=shape),
        rows.transform_filter("datum.diverged")
        .mark_text(text="×", fontSize=17, fontWeight="bold")
        .encode(x=x, y=alt.Y("edge:Q", title=LAST, scale=y_scale), color=colour),
    ]
    return spec(alt.layer(*layers), 430)


@functools.lru_cache(maxsize=64)
def basins(title: str, x_range: tuple[float, float], y_range: tuple[float, float], axes: tuple[str, str]) -> Spec:
    """One method's picture of where each start ends, with the minima numbered."""
    x = alt.X(
        "x:Q",
        title=axes[0],
        scale=alt.Scale(domain=x_range, nice=False, zero=False),
        axis=alt.Axis(grid=False, tickCount=5),
    )
    y = alt.Y(
        "y:Q",
        title=axes[1],
        scale=alt.Scale(domain=y_range, nice=False, zero=False),
        axis=alt.Axis(grid=False, tickCount=5),
    )
    minima = alt.Chart(alt.NamedData("minima")).encode(x=x, y=y)
    layers = [
        alt.Chart(alt.NamedData("picture"))
        .mark_image(aspect=False)
        .encode(x=x, y=y, x2="x2:Q", y2="y2:Q", url="url:N"),
        minima.mark_point(filled=True, color="#ffffff", opacity=1, stroke="#111111").encode(
            size=alt.Size("size:Q", scale=None, legend=None)
        ),
        minima.mark_text(fontSize=11, fontWeight="bold", color="#111111").encode(text="number:N"),
    ]
    return spec(alt.layer(*layers).properties(title=title), 280)


def heights(landscape: Surface) -> np.ndarray:
    """The surface's values on a grid over its picture, (180 rows from bottom to top, 240 columns)."""
    x, y = np.meshgrid(np.linspace(*landscape.x_range, 240), np.linspace(*landscape.y_range, 180))
    return np.asarray(landscape.value(x, y), dtype=float)


def places(landscape: Surface) -> Rows:
    """The loss in the middle of each cell that a click chooses from."""
    x, y = (
        low + (high - low) * (np.arange(n) + 0.5) / n
        for (low, high), n in zip((landscape.x_range, landscape.y_range), _GRID, strict=True)
    )
    loss = np.asarray(landscape.value(*np.meshgrid(x, y)), dtype=float).ravel()
    return make_rows({"cell": np.arange(len(loss)), "loss": loss})


def contours(landscape: Surface, grid: np.ndarray, dark: bool) -> Rows:
    """The loss as a picture of bands."""
    return _picture(landscape, bands(grid, dark))


def bands(grid: np.ndarray, dark: bool, *, even: bool = False) -> np.ndarray:
    """Colours (rows, columns, 3) of bands with a line between them: of equal area, finer towards the bottom.

    `even` makes them of equal height instead, so that lines lie close where the surface is steep.
    """
    shares = np.linspace(0, 1, _BANDS + 1)[1:-1]
    edges = grid.min() + np.ptp(grid) * shares if even else np.quantile(grid, shares**1.6)
    band = np.searchsorted(edges, grid) / (_BANDS - 1)
    line = np.zeros(grid.shape, dtype=bool)
    line[1:] |= band[1:] != band[:-1]
    line[:, 1:] |= band[:, 1:] != band[:, :-1]
    low, high, edge = (
        ((46, 96, 148), (19, 26, 37), (90, 130, 175)) if dark else ((140, 184, 228), (244, 247, 251), (120, 150, 185))
    )
    rgb = np.array(low) + band[..., None] * (np.array(high) - np.array(low))
    rgb[line] = 0.45 * np.array(edge) + 0.55 * rgb[line]
    return rgb


# Okabe and Ito's colours, lightened or darkened once their eight are used up.
_BASIN = np.array(
    [
        (86, 180, 233),
        (230, 159, 0),
        (0, 158, 115),
        (204, 121, 167),
        (0, 114, 178),
        (213, 94, 0),
        (240, 228, 66),
        (150, 120, 200),
    ]
)


def basin_picture(landscape: Surface, labels: np.ndarray) -> Rows:
    """Where each start of a grid ends (rows from bottom to top): a colour a minimum, grey none, black diverged."""
    number = np.maximum(labels, 0)
    rgb = _BASIN[number % len(_BASIN)] * (1 - 0.22 * (number // len(_BASIN) % 3))[..., None]
    rgb[labels == -1] = (150, 155, 162)
    rgb[labels == -2] = (30, 30, 34)
    return _picture(landscape, np.kron(rgb, np.ones((5, 5, 1))))


def _picture(landscape: Surface, rgb: np.ndarray) -> Rows:
    (x, x2), (y2, y) = landscape.x_range, landscape.y_range
    return make_rows({"x": [x], "x2": [x2], "y": [y], "y2": [y2], "url": [png(rgb[::-1].astype(np.uint8))]})


def minima(landscape: Surface) -> Rows:
    """The known minima, numbered where they are few."""
    points = np.array(landscape.minima).reshape(-1, 2)
    few = len(points) < 10
    numbers = [str(i + 1) if few else "" for i in range(len(points))]
    return make_rows({"x": points[:, 0], "y": points[:, 1], "number": numbers, "size": 220 if few else 30})


def path_rows(landscape: Surface, paths: dict[str, Path], steps: int, bottom: float, floor: float) -> Rows:
    """Rows (method, frame 0 … steps): the point, the loss above `bottom`, and where and how its head is drawn.

    A head off the picture sits on its edge and says so; after a divergence it stays there. Losses below `floor`
    are drawn at it, since a log axis has no zero.
    """
    tables = []
    for place, (name, path) in enumerate(paths.items()):
        known = len(path.theta)
        at = np.minimum(np.arange(steps + 1), known - 1)
        x, y = path.theta[at].T
        edge_x, edge_y = np.clip(x, *landscape.x_range), np.clip(y, *landscape.y_range)
        gone = np.arange(steps + 1) >= known
        note = np.where((edge_x != x) | (edge_y != y), "off the map", "")
        note = np.where(gone, f"diverged at step {path.diverged_at}", note)
        tables.append(
            make_rows(
                {
                    "method": name,
                    "frame": np.arange(steps + 1),
                    "x": np.where(gone, np.nan, x),
                    "y": np.where(gone, np.nan, y),
                    "loss": np.where(gone, np.nan, path.loss[at]),
                    "excess": np.where(gone, np.nan, np.maximum(path.loss[at] - bottom, floor)),
                    "evaluations": path.evaluations[at],
                    "edge_x": edge_x,
                    "edge_y": edge_y,
                    "place": place,
                    "note": np.where(note == "", "", f"{name} " + note.astype(object)),
                }
            )
        )
    return stack_rows(tables)


def step_values(paths: dict[str, Path], steps: int) -> np.ndarray:
    """What each step used: (steps + 1, quantities, methods, 2), NaN where there is no such thing."""
    values = np.full((steps + 1, len(QUANTITIES), len(paths), 2), np.nan)
    for i, path in enumerate(paths.values()):
        for j, field in enumerate(_FIELDS):
            column = getattr(path, field)
            if column is not None:
                values[1 : len(column) + 1, j, i] = column
    return values


def step_rows(paths: dict[str, Path]) -> Rows:
    """The update table as rows: one for each method and step, two columns for each quantity."""
    tables = []
    for name, path in paths.items():
        columns = {"method": name, "step": np.arange(1, len(path.g) + 1), "lr": path.lr}
        for field in _FIELDS:
            column = getattr(path, field)
            if column is not None:
                columns |= {f"{field}_1": column[:, 0], f"{field}_2": column[:, 1]}
        tables.append(make_rows(columns))
    return stack_rows(tables)
