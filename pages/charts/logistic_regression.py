"""Chart specifications, pictures and rows of the logistic regression lab.

`frame` is the place in a film, whose frames are chosen iterations (see `moments`). Classes have a colour and a
shape; what a field shows is the mixture of its classes' tints.
"""

import functools
from dataclasses import dataclass

import altair as alt
import numpy as np

from pages.charts.gradient_descent import bands
from pages.ui.charts import (
    NEGATIVE,
    NOISE,
    OPTIMIZERS,
    POSITIVE,
    TEST,
    TRAIN,
    TRUTH,
    Rows,
    Spec,
    ends_of,
    equal,
    film_places,
    make_rows,
    places,
    png,
    spec,
    thousandths,
)
from pages.ui.player import frame_param

HEIGHT = 350
FRAMES = 30  # most steps from the first frame of a film to its last
FIELD = (31, 41)  # points at which a field is known, rows and columns
FINER = 8
CELLS = (24, 32)  # the invisible cells that a click chooses from, rows and columns
CLASSES = [(NEGATIVE, "circle"), (POSITIVE, "square"), (OPTIMIZERS["AdamW"][0], "triangle-up")]
_TINTS = {  # the classes, then where none is more probable than another
    False: np.array([(190, 224, 234), (250, 214, 196), (249, 206, 222), (250, 250, 252)]),
    True: np.array([(10, 52, 68), (84, 36, 16), (76, 22, 42), (22, 28, 38)]),
}
Range = tuple[float, float]


def halo(dark: bool) -> str:
    """The page's own background, as an edge around marks that lie on a picture."""
    return "#10151d" if dark else "#ffffff"


def ink(dark: bool) -> str:
    """The page's own text colour, for marks on a picture."""
    return "#e6ebf2" if dark else "#1b2430"


@dataclass(frozen=True)
class Axis:
    """A fixed axis: its title, its ends, whether it is logarithmic, and the format of its labels."""

    title: str
    domain: Range | None = None
    log: bool = False
    labels: str = ""

    def encode(self, channel: type[alt.X] | type[alt.Y], field: str) -> alt.X | alt.Y:
        """The encoding of `field` along it."""
        kind = {"type": "log"} if self.log else {"zero": False}
        ends = {"domain": list(self.domain)} if self.domain else {}
        labels = {"format": self.labels} if self.labels else {}
        axis = alt.Axis(grid=channel is alt.Y, tickCount=6, **labels)
        return channel(f"{field}:Q", title=self.title, scale=alt.Scale(nice=False, **kind, **ends), axis=axis)


@dataclass(frozen=True)
class Line:
    """How one series is drawn."""

    name: str
    colour: str
    dash: tuple[int, ...] = (1, 0)


TRAINING = Line("Training", TRAIN, (6, 3))
TESTING = Line("Test", TEST)
MINIMUM = Line("Minimum", TRUTH, (2, 2))
TESTED_MINIMUM = Line("Test, at the minimum", TRUTH, (2, 2))
GD = Line("Gradient descent", OPTIMIZERS["GD"][0], (6, 3))
NEWTON = Line("Newton", OPTIMIZERS["Adam"][0])
SCALED = (
    Line("As they come", OPTIMIZERS["AdamW"][0]),
    Line("Centred", OPTIMIZERS["SGD"][0], (6, 3)),
    Line("Standardised", OPTIMIZERS["Momentum"][0], (2, 2)),
)
RACE = (Line("Log-loss", OPTIMIZERS["AdaGrad"][0]), Line("Squared error", OPTIMIZERS["Adam"][0], (6, 3)))
DIFFERENCES = (Line("Central", OPTIMIZERS["Momentum"][0]), Line("Forward", OPTIMIZERS["Adam"][0], (6, 3)))
GROWING = (
    Line("λ = 0", OPTIMIZERS["AdamW"][0]),
    Line("λ = 0.0001", OPTIMIZERS["SGD"][0], (10, 3)),
    Line("λ = 0.001", OPTIMIZERS["RMSProp"][0], (6, 3)),
    Line("λ = 0.01", OPTIMIZERS["Momentum"][0], (4, 2)),
    Line("λ = 0.1", OPTIMIZERS["AdaGrad"][0], (2, 2)),
)


def _legend(series: tuple[Line, ...]) -> dict[str, object]:
    """Colour and dash of the series, in one legend."""
    legend = alt.Legend(
        title=None, columns=4, symbolType="stroke", symbolSize=160, symbolStrokeWidth=2.5, symbolOpacity=1
    )
    names = [line.name for line in series]
    colours, dashes = [line.colour for line in series], [list(line.dash) for line in series]
    return {
        "color": alt.Color("series:N", legend=legend, scale=alt.Scale(domain=names, range=colours)),
        "strokeDash": alt.StrokeDash("series:N", legend=legend, scale=alt.Scale(domain=names, range=dashes)),
    }


@functools.lru_cache(maxsize=64)
def lines(series: tuple[Line, ...], x: Axis, y: Axis, film: bool = False, points: bool = False) -> Spec:
    """Series over x; rows "rows" (series, x, y), in a film with the `frame` at which a row comes into sight."""
    at = {"x": x.encode(alt.X, "x"), "y": y.encode(alt.Y, "y"), **_legend(series)}
    rows = alt.Chart(alt.NamedData("rows"))
    mark = {"strokeWidth": 2.5, "clip": True}
    if not film:
        return spec(alt.layer(rows.mark_line(**mark, point={"size": 35} if points else False).encode(**at)), HEIGHT)
    head = {key: value for key, value in at.items() if key != "strokeDash"}
    layers = [
        rows.mark_line(strokeWidth=1.5, opacity=0.3, clip=True).encode(**at),
        rows.transform_filter("datum.frame <= frame").mark_line(**mark).encode(**at),
        # The last row at or before the frame: the next one of its series comes later.
        rows.transform_filter("datum.frame <= frame && datum.next > frame")
        .mark_point(filled=True, size=110, opacity=1, clip=True)
        .encode(**head),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


def film_rows(iterations: np.ndarray, at: np.ndarray, **series: np.ndarray) -> Rows:
    """Rows of `lines` for a film: values by iteration, and `at` (frames,), the iteration that each frame shows."""
    frame = np.searchsorted(at, iterations)
    following = np.append(frame[1:], 10_000)
    names = np.repeat(list(series), len(iterations))
    return make_rows(
        {
            "series": names,
            "x": np.tile(iterations, len(series)),
            "y": np.concatenate(list(series.values())),
            "frame": np.tile(frame, len(series)),
            "next": np.tile(following, len(series)),
        }
    )


def moments(last: int, log: bool = False) -> np.ndarray:
    """The iterations 0 … last that the frames of a film show: all if they are few, else more of the early ones."""
    if log:
        return np.unique(np.r_[0, np.rint(np.geomspace(1, last, FRAMES))]).astype(int)
    return np.unique(np.rint(last * np.linspace(0, 1, FRAMES + 1) ** 1.6)).astype(int)


# --- Fields: what a model says of every point of the plane ---------------------------------------------------


@functools.lru_cache(maxsize=64)
def field(
    classes: tuple[str, ...], axes: tuple[str, str], x_range: Range, y_range: Range, dark: bool, click: bool = False
) -> Spec:
    """The film of a field of probabilities, its boundary and the points: filled to train on, hollow to test on."""
    (left, right), (low, high) = x_range, y_range
    half_x, half_y = (right - left) / (FIELD[1] - 1) / 2, (high - low) / (FIELD[0] - 1) / 2

    def at(x: str, y: str) -> dict[str, object]:
        scales = equal(x_range, y_range)
        plain = alt.Axis(grid=False, tickCount=5)
        return {
            "x": alt.X(f"{x}:Q", title=axes[0], scale=scales[0], axis=plain),
            "y": alt.Y(f"{y}:Q", title=axes[1], scale=scales[1], axis=plain),
        }

    legend = alt.Legend(title=None, columns=4, symbolOpacity=1)
    kinds = CLASSES[: len(classes)]
    colour = alt.Color("class:N", legend=legend, scale=alt.Scale(domain=classes, range=[colour for colour, _ in kinds]))
    shape = alt.Shape("class:N", legend=legend, scale=alt.Scale(domain=classes, range=[shape for _, shape in kinds]))
    points = alt.Chart(alt.NamedData("points")).encode(**at("x", "y"), color=colour, shape=shape)
    cells = film_places(
        axes, x_range, y_range, f"P({classes[1]})" if len(classes) == 2 else "Largest probability", CELLS
    )
    layers = [
        # All pictures are there at once and all but one transparent: a new picture would flicker while it loads.
        alt.Chart(alt.NamedData("pictures"))
        .mark_image(aspect=False, clip=True)
        .encode(
            x=alt.datum(left - half_x),
            x2=alt.datum(right + half_x),
            y=alt.datum(low - half_y),
            y2=alt.datum(high + half_y),
            url="url:N",
            opacity=alt.condition("datum.frame == frame", alt.value(1), alt.value(0)),
        ),
        cells.encode(**at("left", "low"), x2="right:Q", y2="high:Q"),
        points.transform_filter("!datum.test").mark_point(
            filled=True, size=55, opacity=1, stroke=halo(dark), strokeWidth=0.8, clip=True
        ),
        points.transform_filter("datum.test").mark_point(size=40, opacity=1, strokeWidth=1.8, clip=True),
        alt.Chart(alt.NamedData("boundary"))
        .transform_filter("datum.frame == frame")
        .mark_rule(color=ink(dark), strokeWidth=2.5, strokeCap="round", clip=True, tooltip=None)
        .encode(**at("x", "y"), x2="x2:Q", y2="y2:Q"),
    ]
    if click:  # the cells come to the top, so that a click on a point counts too
        chosen = alt.selection_point(name="chosen", fields=["cell"], on="click", clear=False)
        top = layers.pop(1).copy()
        top["mark"]["cursor"] = "crosshair"
        layers.append(top.add_params(chosen))
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


def grid(x_range: Range, y_range: Range) -> np.ndarray:
    """The points (rows · columns, 2) at which a field is known."""
    x, y = np.meshgrid(np.linspace(*x_range, FIELD[1]), np.linspace(*y_range, FIELD[0]))
    return np.column_stack([x.ravel(), y.ravel()])


def pictures(probabilities: np.ndarray, dark: bool) -> Rows:
    """A picture a frame, from the probabilities (frames, rows · columns, classes)."""
    K = probabilities.shape[-1]
    sure = np.maximum(probabilities - 1 / K, 0) / (1 - 1 / K)
    tints, base = _TINTS[dark][:K], _TINTS[dark][-1]
    rgb = (base + sure @ (tints - base)).reshape(-1, *FIELD, 3)[:, ::-1]
    images = rgb.astype(np.uint8) & 0xFC  # 64 levels a channel are as many as a pale tint needs, and pack better
    asked = probabilities[..., 1] if K == 2 else probabilities.max(axis=-1)
    words = thousandths(asked.reshape(-1, *FIELD))
    return make_rows({"frame": np.arange(len(images)), "url": [png(image) for image in images], "thousandths": words})


def boundary(scores: np.ndarray, x_range: Range, y_range: Range) -> Rows:
    """Where scores (frames, rows · columns) cross zero, as segments (frame, x, y, x2, y2): marching squares."""
    s = scores.reshape(-1, *FIELD)
    above = s > 0
    square = (above[:, :-1, :-1], above[:, :-1, 1:], above[:, 1:, 1:], above[:, 1:, :-1])  # around each cell
    count = sum(part.astype(np.int8) for part in square)
    frame, row, column = np.nonzero((count > 0) & (count < 4))
    around = [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]
    value = np.stack([s[frame, row + i, column + j] for i, j in around])  # (5 corners, cells)
    x_of, y_of = np.linspace(*x_range, FIELD[1]), np.linspace(*y_range, FIELD[0])
    x = np.stack([x_of[column + j] for _, j in around])
    y = np.stack([y_of[row + i] for i, _ in around])
    crossed = (value[1:] > 0) != (value[:-1] > 0)  # (4 edges, cells)
    share = np.where(crossed, value[:-1] / np.where(crossed, value[:-1] - value[1:], 1), 0)
    x, y = x[:-1] + share * np.diff(x, axis=0), y[:-1] + share * np.diff(y, axis=0)
    order = np.argsort(~crossed, axis=0, kind="stable")  # the crossed edges first: two, or four at a saddle
    cells = np.arange(len(frame))
    saddles = np.flatnonzero(crossed.all(axis=0))
    cell = np.concatenate([cells, saddles])
    first = np.concatenate([order[0], np.full(len(saddles), 2)])
    second = np.concatenate([order[1], np.full(len(saddles), 3)])
    ends = {"x": x[first, cell], "y": y[first, cell], "x2": x[second, cell], "y2": y[second, cell]}
    return make_rows({"frame": frame[cell].astype(np.int16), **{k: v.astype(np.float32) for k, v in ends.items()}})


def points(X: np.ndarray, y: np.ndarray, test: np.ndarray, classes: tuple[str, ...]) -> Rows:
    """The rows of the points; `test` says which are not trained on."""
    return make_rows({"x": X[:, 0], "y": X[:, 1], "class": np.array(classes)[y], "test": test})


# --- Surfaces of two weights -----------------------------------------------------------------------------------


@functools.lru_cache(maxsize=32)
def surface(axes: tuple[str, str], reach: float, colour: str, dark: bool, title: str = "") -> Spec:
    """A picture of a loss of two weights, each from −reach to reach, and the path that a film takes over it."""

    def at(x: str, y: str) -> dict[str, object]:
        across, up = equal((-reach, reach), (-reach, reach))
        plain = alt.Axis(grid=False, tickCount=5)
        return {
            "x": alt.X(f"{x}:Q", title=axes[0], scale=across, axis=plain),
            "y": alt.Y(f"{y}:Q", title=axes[1], scale=up, axis=plain),
        }

    path = alt.Chart(alt.NamedData("path"))
    walked = path.transform_filter("datum.frame <= frame").encode(**at("x", "y"), order="frame:Q")
    now = path.transform_filter("datum.frame == frame")
    words = {"align": "left", "fontWeight": "bold", "fontSize": 12}
    note = now.encode(x=alt.datum(-0.95 * reach), y=alt.datum(0.9 * reach), text="note:N")
    layers = [
        alt.Chart(alt.NamedData("picture"))
        .mark_image(aspect=False)
        .encode(x=alt.datum(-reach), x2=alt.datum(reach), y=alt.datum(-reach), y2=alt.datum(reach), url="url:N"),
        places(**at("x", "y"), called=title.removesuffix(" over two weights") or "Loss"),
        path.mark_line(color=ink(dark), strokeWidth=1, opacity=0.5, clip=True, tooltip=None).encode(
            **at("x", "y"), order="frame:Q"
        ),
        walked.mark_line(color=halo(dark), strokeWidth=5, opacity=0.7, clip=True),
        walked.mark_line(color=colour, strokeWidth=2.5, clip=True),
        now.mark_point(filled=True, color=colour, size=130, opacity=1, stroke=halo(dark), strokeWidth=1.5).encode(
            **at("edge_x", "edge_y")
        ),
        note.mark_text(**words, stroke=halo(dark), strokeWidth=3, strokeOpacity=0.8),
        note.mark_text(**words, color=ink(dark)),
    ]
    titled = alt.layer(*layers).properties(title=title) if title else alt.layer(*layers)
    return spec(titled.add_params(frame_param()), HEIGHT)


def surface_picture(heights: np.ndarray, dark: bool, *, even: bool = False) -> Rows:
    """The picture of a loss known on a coarse grid (rows from bottom to top, columns), FINER times as fine."""
    rows, columns = (np.linspace(0, n - 1, FINER * n) for n in heights.shape)

    def blend(at: np.ndarray, n: int) -> np.ndarray:
        return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(n)))  # linear interpolation as a matrix

    fine = blend(rows, len(heights)) @ heights @ blend(columns, heights.shape[1]).T
    return make_rows({"url": [png(bands(fine, dark, even=even)[::-1].astype(np.uint8))]})


def path_rows(weights: np.ndarray, reach: float) -> Rows:
    """The path of two weights (frames, 2); off the picture its head stays at the edge and says so."""
    edge = np.clip(weights, -reach, reach)
    note = np.where((edge != weights).any(axis=1), "off the map", "")
    return make_rows(
        {
            "frame": np.arange(len(weights)),
            "x": weights[:, 0],
            "y": weights[:, 1],
            "edge_x": edge[:, 0],
            "edge_y": edge[:, 1],
            "note": note,
        }
    )


# --- The other experiments -------------------------------------------------------------------------------------


@functools.cache
def agreement(title: str) -> Spec:
    """Each test point's probability as descent gives it against the minimum's; off the quadrants labels differ."""
    scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("x:Q", title=title, scale=scale, axis=alt.Axis(grid=False, tickCount=5))
    y = alt.Y("y:Q", title="P(class 1), gradient descent", scale=scale, axis=alt.Axis(grid=False, tickCount=5))
    verdicts = ["Same label", "Other label"]
    legend = alt.Legend(title=None, symbolOpacity=1)
    rows = alt.Chart(alt.NamedData("rows")).transform_filter("datum.frame == frame")
    middle = alt.Chart(alt.NamedData("middle"))
    layers = [
        middle.mark_rule(color=NOISE, strokeDash=[4, 3]).encode(x=alt.X("at:Q", title=title, scale=scale)),
        middle.mark_rule(color=NOISE, strokeDash=[4, 3]).encode(y=alt.Y("at:Q", scale=scale)),
        alt.Chart(alt.NamedData("diagonal")).mark_line(color=NOISE, strokeWidth=1).encode(x=x, y=y),
        rows.transform_calculate(label="datum.differs ? 'Other label' : 'Same label'")
        .mark_point(size=45, opacity=0.9, strokeWidth=1.6)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "label:N", legend=legend, scale=alt.Scale(domain=verdicts, range=[NOISE, OPTIMIZERS["AdamW"][0]])
            ),
            shape=alt.Shape("label:N", legend=legend, scale=alt.Scale(domain=verdicts, range=["circle", "cross"])),
        ),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.lru_cache(maxsize=32)
def forest(names: tuple[str, ...], title: str, domain: Range) -> Spec:
    """Odds ratios with their intervals, a row a feature; the numbers stand at the right."""
    y = alt.Y("feature:N", title=None, sort=list(names), axis=alt.Axis(labelLimit=220))
    scale = alt.Scale(type="log", domain=list(domain), nice=False)

    def x(name: str) -> alt.X:
        return alt.X(f"{name}:Q", title=title, scale=scale, axis=alt.Axis(grid=True, tickCount=6))

    rows = alt.Chart(alt.NamedData("rows"))
    read = alt.condition("datum.read", alt.value(OPTIMIZERS["Adam"][0]), alt.value(OPTIMIZERS["Momentum"][0]))
    layers = [
        alt.Chart(alt.NamedData("one")).mark_rule(color=NOISE, strokeDash=[4, 3]).encode(x=x("one")),
        rows.mark_rule(strokeWidth=3).encode(y=y, x=x("from"), x2="to:Q", color=read),
        rows.mark_point(filled=True, size=90, opacity=1).encode(y=y, x=x("drawn"), color=read),
        rows.mark_text(align="right", dy=-11, fontSize=11).encode(y=y, x=alt.datum(domain[1]), text="words:N"),
    ]
    return spec(alt.layer(*layers), max(HEIGHT, 30 * len(names)))


@functools.cache
def odds_to_probability() -> Spec:
    """The probability after one more of a feature, against the one before."""
    scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("before:Q", title="Probability before", scale=scale, axis=alt.Axis(grid=False, tickCount=5))
    y = alt.Y("after:Q", title="Probability after one more", scale=scale, axis=alt.Axis(tickCount=5))
    at = alt.Chart(alt.NamedData("at"))
    layers = [
        alt.Chart(alt.NamedData("diagonal")).mark_line(color=NOISE, strokeDash=[4, 3]).encode(x=x, y=y),
        alt.Chart(alt.NamedData("curve")).mark_line(color=OPTIMIZERS["Adam"][0], strokeWidth=2.5).encode(x=x, y=y),
        at.mark_rule(color=NOISE).encode(x=x, y=y, y2="before:Q"),
        at.mark_point(filled=True, size=110, opacity=1, color=OPTIMIZERS["Adam"][0]).encode(x=x, y=y),
        at.mark_text(align="left", dx=10, dy=12, fontSize=12).encode(x=x, y=y, text="words:N"),
    ]
    return spec(alt.layer(*layers), HEIGHT)


@functools.lru_cache(maxsize=32)
def bars(names: tuple[str, ...], x: Axis, colour: str) -> Spec:
    """A number for each name, as horizontal bars with the number at their ends."""
    y = alt.Y("name:N", title=None, sort=list(names), axis=alt.Axis(labelLimit=200))
    rows = alt.Chart(alt.NamedData("rows"))
    value = x.encode(alt.X, "value")
    layers = [
        rows.mark_bar(color=colour, height={"band": 0.55}).encode(y=y, x=value, x2="from:Q"),
        rows.mark_text(align="left", dx=5, fontSize=12).encode(y=y, x=x.encode(alt.X, "end"), text="words:N"),
    ]
    # Long names leave less room than the title needs: it ends with the axis.
    return spec(alt.layer(*layers).configure_axisX(titleAnchor="end"), max(HEIGHT, 26 * len(names)))


@functools.cache
def two_gradients(names: tuple[str, ...]) -> Spec:
    """The analytic gradient beside the numerical one at the step h of the frame, coordinate by coordinate."""
    kinds = ["Analytic", "Central", "Forward"]
    legend = alt.Legend(title=None, symbolOpacity=1)
    colour = alt.Color("kind:N", legend=legend, scale=alt.Scale(domain=kinds, range=[TRUTH, "#2f7dd1", "#d2551e"]))
    shape = alt.Shape("kind:N", legend=legend, scale=alt.Scale(domain=kinds, range=["square", "cross", "triangle-up"]))
    scale = alt.Scale(domain=ends_of("slopes", "value"), nice=True)
    x = alt.X("value:Q", title="Slope of the loss along each weight", scale=scale)
    y = alt.Y("weight:N", title=None, sort=list(names), axis=alt.Axis(grid=True, labelLimit=180))
    rows = alt.Chart(alt.NamedData("slopes")).encode(x=x, y=y, color=colour, shape=shape)
    layers = [
        rows.transform_filter("datum.frame < 0").mark_point(size=190, strokeWidth=2, opacity=1),
        rows.transform_filter("datum.frame == frame").mark_point(size=70, filled=True, opacity=1),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)
