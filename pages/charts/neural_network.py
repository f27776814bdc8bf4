"""Chart specifications, pictures and rows of the neural network lab.

`frame` is the place in a film: a recorded moment of a training, or a step of one sample's way forward and back.
Losses are drawn on a fixed log axis, at its edge where they are outside.
"""

import functools
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from mlcore.neural_network import Film, Network, unpack
from pages.ui.charts import BIAS, NOISE, TEST, TRAIN, VARIANCE, Spec, png, spec
from pages.ui.player import frame_param

HEIGHT = 380
SIDE = 190  # of the charts beside a field
EXTENT = 3.4  # the field reaches from −EXTENT to EXTENT
CELLS = 40  # of a field's picture, on each side
LOSS_RANGE = (1e-3, 10.0)
CLASSES = [("#1585a8", "circle"), ("#d2551e", "square")]
FEATURES = {
    "x1": "x₁",
    "x2": "x₂",
    "x1_squared": "x₁²",
    "x2_squared": "x₂²",
    "x1_x2": "x₁x₂",
    "sin_x1": "sin x₁",
    "sin_x2": "sin x₂",
}
_TINTS = {  # class 0, undecided, class 1
    False: np.array([(126, 193, 214), (250, 250, 252), (243, 168, 138)]),
    True: np.array([(16, 84, 108), (24, 30, 40), (124, 52, 24)]),
}
_BANDS = 13  # different colours in a picture
_NOW = "datum.frame == frame"


def halo(dark: bool) -> str:
    """The page's own background, as an edge around marks that lie on a picture."""
    return "#10151d" if dark else "#ffffff"


def _lines(names: Sequence[str], colours: Sequence[str], columns: int = 2) -> dict[str, object]:
    """Colour and dash of named lines in one legend; `line` holds the name."""
    legend = alt.Legend(
        title=None,
        orient="top",
        columns=columns,
        symbolType="stroke",
        symbolSize=120,
        symbolStrokeWidth=2.5,
        symbolOpacity=1,
    )
    dashes = ([1, 0], [6, 3], [2, 2], [10, 3])[: len(names)]
    return {
        "color": alt.Color("line:N", scale=alt.Scale(domain=list(names), range=list(colours)), legend=legend),
        "strokeDash": alt.StrokeDash("line:N", scale=alt.Scale(domain=list(names), range=dashes), legend=legend),
    }


# --- Fields: what a network answers all over the plane ----------------------------------------------------------


def grid() -> np.ndarray:
    """The points of a field's picture (CELLS², 2), row by row from the top left."""
    middles = (np.arange(CELLS) + 0.5) / CELLS * 2 * EXTENT - EXTENT
    x1, x2 = np.meshgrid(middles, middles[::-1])
    return np.column_stack([x1.ravel(), x2.ravel()])


def pictures(share: np.ndarray, dark: bool) -> pd.DataFrame:
    """One picture for each frame; `share` (frames, CELLS²) in [0, 1] is how far from class 0 to class 1."""
    level = np.rint(np.nan_to_num(share, nan=0.5).clip(0, 1) * (_BANDS - 1)).astype(int)
    at = np.linspace(0, 2, _BANDS)
    palette = np.stack([np.interp(at, [0, 1, 2], _TINTS[dark][:, k]) for k in range(3)], axis=1).astype(np.uint8)
    images = palette[level.reshape(-1, CELLS, CELLS)]
    return pd.DataFrame({"frame": np.arange(len(images)), "url": [png(image) for image in images]})


@functools.lru_cache(maxsize=16)
def field(surface: bool, dark: bool, height: int = HEIGHT) -> Spec:
    """The film of a field under its points: filled to train on, hollow to test on."""
    scale = alt.Scale(domain=[-EXTENT, EXTENT], nice=False, zero=False)
    plain = alt.Axis(grid=False, tickCount=5)
    x, y = alt.X("x:Q", title="x₁", scale=scale, axis=plain), alt.Y("y:Q", title="x₂", scale=scale, axis=plain)
    if surface:
        domain, colours, names = [-1, 0, 1], [CLASSES[0][0], NOISE, CLASSES[1][0]], None
        look = {
            "color": alt.Color(
                "value:Q",
                title="value",
                scale=alt.Scale(domain=domain, range=colours, clamp=True, interpolate="rgb"),
                legend=alt.Legend(orient="bottom", title="value of y", gradientLength=160),
            )
        }
    else:
        names = ["class 0", "class 1"]
        legend = alt.Legend(title=None, orient="bottom", symbolOpacity=1)
        kinds = "datum.value > 0.5 ? 'class 1' : 'class 0'"
        look = {
            "color": alt.Color("kind:N", legend=legend, scale=alt.Scale(domain=names, range=[c for c, _ in CLASSES])),
            "shape": alt.Shape("kind:N", legend=legend, scale=alt.Scale(domain=names, range=[s for _, s in CLASSES])),
        }
    points = alt.Chart(alt.NamedData("points"))
    if not surface:
        points = points.transform_calculate(kind=kinds)
    points = points.encode(x=x, y=y, **look)
    layers = [
        # All pictures are there at once and all but one transparent: a new one would flicker while it loads.
        alt.Chart(alt.NamedData("pictures"))
        .mark_image(aspect=False)
        .encode(
            x=alt.datum(-EXTENT),
            x2=alt.datum(EXTENT),
            y=alt.datum(-EXTENT),
            y2=alt.datum(EXTENT),
            url="url:N",
            opacity=alt.condition(_NOW, alt.value(1), alt.value(0)),
        ),
        points.transform_filter("!datum.test").mark_point(
            filled=True, size=45, opacity=1, stroke=halo(dark), strokeWidth=0.8, clip=True
        ),
        points.transform_filter("datum.test").mark_point(size=32, opacity=1, strokeWidth=1.6, clip=True),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), height)


def points(X: np.ndarray, y: np.ndarray, X_test: np.ndarray, y_test: np.ndarray) -> pd.DataFrame:
    """Rows of the points of a field."""
    both = np.vstack([X, X_test]).round(3)
    return pd.DataFrame(
        {"x": both[:, 0], "y": both[:, 1], "value": np.r_[y, y_test].round(3), "test": np.arange(len(both)) >= len(X)}
    )


# --- Curves against the epoch ---------------------------------------------------------

TRAIN_TEST = ("Training", "Test")


@functools.lru_cache(maxsize=32)
def curves(names: tuple[str, ...], colours: tuple[str, ...] = (TRAIN, TEST), height: int = SIDE) -> Spec:
    """Losses against the epoch, with the moment that the player shows."""
    low, high = LOSS_RANGE
    y = alt.Y(
        "loss:Q",
        title="Mean loss (log axis)",
        scale=alt.Scale(type="log", domain=[low, high], nice=False, clamp=True),
        axis=alt.Axis(values=[0.001, 0.01, 0.1, 1, 10], format="~g"),
    )
    x = alt.X("epoch:Q", title="Epochs", scale=alt.Scale(nice=False), axis=alt.Axis(grid=False))
    at = {"x": x, "y": y, **_lines(names, colours)}
    rows = alt.Chart(alt.NamedData("losses"))
    dot = {key: value for key, value in at.items() if key != "strokeDash"}
    layers = [
        rows.mark_line(strokeWidth=2, opacity=0.9).encode(**at),
        rows.transform_filter("datum.frame == frame || datum.last && datum.frame < frame")
        .mark_point(filled=True, size=80, opacity=1)
        .encode(**dot),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), height)


def loss_rows(**series: tuple[np.ndarray, np.ndarray]) -> pd.DataFrame:
    """Rows of `curves` from the epochs and losses (frames,) of each line."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "line": name.replace("_", " "),
                    "frame": np.arange(len(loss)),
                    "last": np.arange(len(loss)) == len(loss) - 1,
                    "epoch": epochs.round(3),
                    "loss": np.maximum(loss, 1e-12),
                }
            )
            for name, (epochs, loss) in series.items()
        ],
        ignore_index=True,
    )


# --- The network, drawn ---------------------------------------------------------


def _places(sizes: Sequence[int]) -> list[np.ndarray]:
    """Heights of the units of each layer."""
    return [(n - 1) / 2 - np.arange(n) for n in sizes]


def weight_rows(film: Film) -> pd.DataFrame:
    """One row for each weight at each moment."""
    network = film.network
    heights = _places([network.n_inputs, *network.hidden, network.n_outputs])
    count, parts = len(film.steps), []
    for k, layer in enumerate(unpack(network, film.params)):
        inputs, outputs = network.shapes[k]
        parts.append(
            pd.DataFrame(
                {
                    "frame": np.repeat(np.arange(count), inputs * outputs),
                    "x": k,
                    "y": np.tile(np.repeat(heights[k], outputs), count),
                    "y2": np.tile(heights[k + 1], inputs * count),
                    "w": layer.weights.ravel().round(2),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def unit_rows(network: Network, names: Sequence[str]) -> pd.DataFrame:
    """One row for each unit; the inputs have names."""
    sizes = [network.n_inputs, *network.hidden, network.n_outputs]
    layer = np.repeat(np.arange(len(sizes)), sizes)
    labels = [*names, *[""] * sum(network.hidden), *[""] * network.n_outputs]
    return pd.DataFrame({"x": layer, "y": np.concatenate(_places(sizes)), "name": labels})


@functools.lru_cache(maxsize=4)
def diagram(dark: bool, height: int = SIDE) -> Spec:
    """The network at the player's moment: a line for each weight, wider where it is larger."""
    y_scale = alt.Scale(domain=[-4.2, 4.2], nice=False)
    x = alt.X("x:Q", title=None, scale=alt.Scale(nice=False, padding=26, zero=False), axis=None)
    y = alt.Y("y:Q", title=None, scale=y_scale, axis=None)
    names = ["weight above 0", "weight below 0"]
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=120, symbolStrokeWidth=2.5)
    sign = {
        "color": alt.Color("sign:N", legend=legend, scale=alt.Scale(domain=names, range=[BIAS, VARIANCE])),
        "strokeDash": alt.StrokeDash("sign:N", legend=legend, scale=alt.Scale(domain=names, range=[[1, 0], [4, 2]])),
    }
    units = alt.Chart(alt.NamedData("units")).encode(x=x, y=y)
    layers = [
        alt.Chart(alt.NamedData("weights"))
        .transform_filter(_NOW)
        .transform_calculate(
            sign=f"datum.w > 0 ? '{names[0]}' : '{names[1]}'",
            end="datum.x + 1",
            wide="0.2 + 2.2 * min(2, abs(datum.w))",
        )
        .mark_rule(opacity=0.8)
        .encode(x=x, y=y, x2="end:Q", y2="y2:Q", strokeWidth=alt.StrokeWidth("wide:Q", scale=None), **sign),
        units.mark_point(
            filled=True, size=110, opacity=1, color=NOISE, stroke=halo(dark), strokeWidth=1.5, shape="circle"
        ),
        units.mark_text(dx=-9, align="right", fontWeight="bold", color="#8b93a0" if dark else "#4f5966").encode(
            text="name:N"
        ),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()).configure_view(stroke=None), height)


# --- One sample, forward and back ---------------------------------------------------------


@functools.lru_cache(maxsize=2)
def sample_network(dark: bool) -> Spec:
    """A small network whose numbers appear as the player moves forward and then back."""
    x = alt.X("x:Q", title=None, scale=alt.Scale(domain=[-0.3, 3.9], nice=False), axis=None)
    y = alt.Y("y:Q", title=None, scale=alt.Scale(domain=[-1.6, 1.6], nice=False), axis=None)
    ink = "#e6ebf2" if dark else "#1b2430"
    units = alt.Chart(alt.NamedData("units")).encode(x=x, y=y)
    seen, back = (units.transform_filter(f"datum.{name} <= frame") for name in ("forward", "backward"))
    text = {"align": "left", "dx": 14, "fontSize": 12}
    names = ["weight above 0", "weight below 0"]
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=120, symbolStrokeWidth=2.5)
    layers = [
        alt.Chart(alt.NamedData("weights"))
        .transform_calculate(
            sign=f"datum.w > 0 ? '{names[0]}' : '{names[1]}'", end="datum.x + 1", wide="0.3 + 2 * min(2, abs(datum.w))"
        )
        .mark_rule(opacity=0.6)
        .encode(
            x=x,
            y=y,
            x2="end:Q",
            y2="y2:Q",
            strokeWidth=alt.StrokeWidth("wide:Q", scale=None),
            color=alt.Color("sign:N", legend=legend, scale=alt.Scale(domain=names, range=[BIAS, VARIANCE])),
            strokeDash=alt.StrokeDash("sign:N", legend=legend, scale=alt.Scale(domain=names, range=[[1, 0], [4, 2]])),
        ),
        units.mark_point(filled=True, size=260, opacity=1, color=NOISE, stroke=halo(dark), strokeWidth=2),
        seen.mark_point(filled=True, size=260, opacity=1, color=BIAS, stroke=halo(dark), strokeWidth=2),
        back.mark_point(filled=True, size=260, opacity=1, color=VARIANCE, stroke=halo(dark), strokeWidth=2),
    ]
    z = seen.transform_filter("datum.x > 0").transform_calculate(words="'z ' + format(datum.z, '.3f')")
    a = seen.transform_calculate(
        words="(datum.x == 0 ? 'x ' : datum.x == 3 ? datum.answer + ' ' : 'a ') + format(datum.a, '.3f')"
    )
    delta = back.transform_calculate(words="'δ ' + format(datum.delta, '.4f')")
    for rows, dy in ((z, -15), (a, 0), (delta, 15)):  # with an edge, since lines pass below
        rows = rows.encode(text="words:N")
        layers.append(rows.mark_text(**text, dy=dy, stroke=halo(dark), strokeWidth=4))
        layers.append(rows.mark_text(**text, dy=dy, color=ink))
    return spec(alt.layer(*layers).add_params(frame_param()).configure_view(stroke=None), 320)


# --- Depth ---------------------------------------------------------

FADE = 6  # the colours of the map end at 10^±FADE


@functools.lru_cache(maxsize=4)
def depth_map(gains: tuple[str, ...], depths: tuple[int, ...], dark: bool) -> Spec:
    """log₁₀ of first over last hidden gradient for each depth and gain."""
    x = alt.X(
        "gain:N", title="Gain: standard deviation of a weight × √inputs", sort=None, scale=alt.Scale(domain=gains)
    )
    x.axis = alt.Axis(labelAngle=0)
    y = alt.Y("depth:O", title="Hidden layers", sort="descending", scale=alt.Scale(domain=depths))
    scale = alt.Scale(
        domain=[-FADE, 0, FADE],
        range=["#2f7dd1", "#1c2430" if dark else "#f4f5f7", "#d2551e"],
        clamp=True,
        interpolate="rgb",
    )
    cells = alt.Chart(alt.NamedData("cells")).encode(x=x, y=y)
    legend = alt.Legend(orient="bottom", title="log₁₀ of the ratio", gradientLength=200)
    ink = "#e6ebf2" if dark else "#1b2430"
    layers = [
        cells.mark_rect().encode(color=alt.Color("ratio:Q", scale=scale, legend=legend)),
        cells.mark_text(fontSize=11, color="#ffffff" if dark else ink).encode(text=alt.Text("ratio:Q", format=".1f")),
        cells.transform_filter("datum.chosen").mark_rect(fill=None, stroke=ink, strokeWidth=3),
    ]
    return spec(alt.layer(*layers), HEIGHT)


@functools.lru_cache(maxsize=2)
def depth_lines() -> Spec:
    """The ratios of gradient and signal at the chosen gain, against depth."""
    names = ("Gradient: first layer over last", "Signal: last layer over input")
    at = {
        "x": alt.X(
            "depth:Q", title="Hidden layers", scale=alt.Scale(domain=[2, 20], nice=False), axis=alt.Axis(grid=False)
        ),
        "y": alt.Y("ratio:Q", title="log₁₀ of the ratio", scale=alt.Scale(domain=[-13, 13], clamp=True, nice=False)),
        **_lines(names, (VARIANCE, BIAS), 1),
    }
    rows = alt.Chart(alt.NamedData("along"))
    return spec(alt.layer(rows.mark_line(strokeWidth=2.5).encode(**at)), HEIGHT)


# --- Layer by layer ---------------------------------------------------------


@functools.lru_cache(maxsize=8)
def by_layer(title: str, low: float, high: float, log: bool) -> Spec:
    """A quantity of each layer at the player's moment, and faintly at the first moment."""
    kind = {"type": "log"} if log else {}
    y = alt.Y(
        "value:Q",
        title=title,
        scale=alt.Scale(domain=[low, high], nice=False, clamp=True, **kind),
        axis=alt.Axis(tickCount=5, format=".0e" if log else "%"),
    )
    x = alt.X("layer:Q", title="Layer, from the input", scale=alt.Scale(nice=False, padding=12, domainMin=1))
    x.axis = alt.Axis(grid=False, tickMinStep=1, format="d")
    rows = alt.Chart(alt.NamedData("layers")).encode(x=x, y=y)
    layers = [
        rows.transform_filter("datum.frame == 0").mark_line(color=NOISE, strokeDash=[4, 3], strokeWidth=1.5),
        rows.transform_filter(_NOW).mark_line(color=BIAS, strokeWidth=2.5, point={"size": 60, "color": BIAS}),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT - 80)


def layer_rows(values: np.ndarray, positive: bool) -> pd.DataFrame:
    """Rows of `by_layer` from values (frames, layers); zeros have no place on a log axis."""
    count, layers = values.shape
    rows = pd.DataFrame(
        {
            "frame": np.repeat(np.arange(count), layers),
            "layer": np.tile(np.arange(1, layers + 1), count),
            "value": values.ravel(),
        }
    )
    return rows[rows["value"] > 0] if positive else rows


# --- Digits ---------------------------------------------------------

NORMS = ("No norm", "Layer norm", "Batch norm")


@functools.lru_cache(maxsize=2)
def by_batch(sizes: tuple[int, ...]) -> Spec:
    """Test accuracy against the size of the batch."""
    at = {
        "x": alt.X("batch:Q", title="Batch size (log axis)", scale=alt.Scale(type="log", domain=[sizes[0], sizes[-1]])),
        "y": alt.Y("right:Q", title="Test images right", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        **_lines(NORMS, (NOISE, TRAIN, VARIANCE)),
    }
    at["x"].axis = alt.Axis(values=list(sizes), grid=False, format="d")
    rows = alt.Chart(alt.NamedData("rows"))
    return spec(alt.layer(rows.mark_line(strokeWidth=2.5, point={"size": 60}).encode(**at)), HEIGHT)


@functools.lru_cache(maxsize=16)
def confusion(classes: int, dark: bool) -> Spec:
    """Test rows by true and by predicted class, as shares of the true class, at the player's moment."""
    domain = list(range(classes))
    axis = {"labelAngle": 0}
    cells = (
        alt.Chart(alt.NamedData("cells"))
        .transform_filter(_NOW)
        .encode(
            x=alt.X("predicted:O", title="Predicted class", scale=alt.Scale(domain=domain), axis=alt.Axis(**axis)),
            y=alt.Y("true:O", title="True class", scale=alt.Scale(domain=domain), axis=alt.Axis(**axis)),
        )
    )
    scale = alt.Scale(domain=[0, 1], range=["#1c2430", "#2f7dd1"] if dark else ["#f4f5f7", "#6aa7e6"])
    legend = alt.Legend(orient="bottom", title="Share of the true class", format="%", gradientLength=160)
    ink = "#ffffff" if dark else "#10151d"
    layers = [
        cells.mark_rect().encode(color=alt.Color("share:Q", scale=scale, legend=legend)),
        cells.transform_filter("datum.count > 0").mark_text(fontSize=11, color=ink).encode(text="count:Q"),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)
