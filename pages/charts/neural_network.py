"""Chart specifications, pictures and rows of the neural network lab.

`frame` is the place in a film: a recorded moment of a training, or a step of one sample's way forward and back.
Losses are drawn on a fixed log axis, at its edge where they are outside.
"""

import functools
import json
from collections.abc import Sequence

import altair as alt
import numpy as np

from mlcore.neural_network import Film, Network, SignalMap, Trace, unpack, weight_histograms
from pages.ui.charts import (
    BIAS,
    NEGATIVE,
    NOISE,
    POSITIVE,
    TEST,
    TRAIN,
    VARIANCE,
    Rows,
    Spec,
    make_rows,
    png,
    spec,
    stack_rows,
)
from pages.ui.player import frame_param

HEIGHT = 380
EXTENT = 3.4  # the field reaches from −EXTENT to EXTENT
CELLS = 40  # of a field's picture, on each side
LOSS_RANGE = (1e-3, 10.0)
CLASSES = [(NEGATIVE, "circle"), (POSITIVE, "square")]
FEATURES = {
    "x1": "x₁",
    "x2": "x₂",
    "x1_squared": "x₁²",
    "x2_squared": "x₂²",
    "x1_x2": "x₁x₂",
    "sin_x1": "sin x₁",
    "sin_x2": "sin x₂",
}
_TINTS = {  # class 0 or below 0, undecided, class 1 or above 0
    False: np.array([(126, 193, 214), (250, 250, 252), (243, 168, 138)]),
    True: np.array([(16, 84, 108), (24, 30, 40), (124, 52, 24)]),
}
_BANDS = 13  # different colours in a picture; the palettes have two more:
_EDGE, _NOTHING = _BANDS, _BANDS + 1
_TILE, _PITCH = CELLS // 2 + 2, CELLS // 2 + 6  # of a unit's picture with its edge, and from one to the next
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


@functools.cache
def _palette(dark: bool) -> np.ndarray:
    """Colours by their numbers, with opacity (colours, 4)."""
    at = np.linspace(0, 2, _BANDS)
    bands = np.stack([np.interp(at, [0, 1, 2], _TINTS[dark][:, k]) for k in range(3)], axis=1)
    return np.vstack([np.c_[bands, np.full(_BANDS, 255)], [123, 130, 140, 255], [0, 0, 0, 0]]).astype(np.uint8)


def _bands(share: np.ndarray) -> np.ndarray:
    """The colour of how far from class 0 to class 1, from 0 to 1."""
    return np.rint(np.nan_to_num(share, nan=0.5).clip(0, 1) * (_BANDS - 1)).astype(np.uint8)


def pictures(share: np.ndarray, dark: bool) -> Rows:
    """One picture for each frame; `share` (frames, CELLS²) in [0, 1] is how far from class 0 to class 1."""
    images = _bands(share).reshape(-1, CELLS, CELLS)
    return make_rows({"frame": np.arange(len(images)), "url": [png(image, _palette(dark)) for image in images]})


def held(film: Rows, end: int, frames: int) -> Rows:
    """Pictures up to `end`, the last one also at all later frames."""
    urls = film["url"].take(np.minimum(np.arange(frames), end))
    return make_rows({"frame": np.arange(frames), "url": urls.combine_chunks()})


_X1 = "x₁ (filled: training, hollow: test)"


@functools.lru_cache(maxsize=16)
def field(surface: bool, dark: bool, height: int = HEIGHT) -> Spec:
    """The film of a field under its points: filled to train on, hollow to test on."""
    scale = alt.Scale(domain=[-EXTENT, EXTENT], nice=False, zero=False)
    plain = alt.Axis(grid=False, tickCount=5)
    x, y = alt.X("x:Q", title=_X1, scale=scale, axis=plain), alt.Y("y:Q", title="x₂", scale=scale, axis=plain)
    if surface:
        domain, colours, names = [-1, 0, 1], [CLASSES[0][0], NOISE, CLASSES[1][0]], None
        look = {
            "color": alt.Color(
                "value:Q",
                title="value",
                scale=alt.Scale(domain=domain, range=colours, clamp=True, interpolate="rgb"),
                legend=alt.Legend(orient="top", title="value of y, cut at ±1", gradientLength=160),
            )
        }
    else:
        names = ["class 0", "class 1"]
        legend = alt.Legend(title=None, orient="top", symbolOpacity=1)
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


def outside(split: Sequence[np.ndarray]) -> int:
    """How many points of X, y, X_test, y_test lie outside the field, where they are not drawn."""
    X, _, X_test, _ = split
    return int((np.abs(np.vstack([X, X_test])) > EXTENT).any(axis=1).sum())


def points(X: np.ndarray, y: np.ndarray, X_test: np.ndarray, y_test: np.ndarray) -> Rows:
    """Rows of the points of a field."""
    both = np.vstack([X, X_test]).round(3)
    return make_rows(
        {"x": both[:, 0], "y": both[:, 1], "value": np.r_[y, y_test].round(3), "test": np.arange(len(both)) >= len(X)}
    )


# --- Curves against the epoch ---------------------------------------------------------

TRAIN_TEST = ("Training", "Test")


@functools.lru_cache(maxsize=32)
def curves(names: tuple[str, ...], colours: tuple[str, ...] = (TRAIN, TEST), height: int = HEIGHT) -> Spec:
    """Losses against the epoch, with the moment that the player shows."""
    low, high = LOSS_RANGE
    y = alt.Y(
        "loss:Q",
        title="Mean loss (log axis, cut at 0.001 and 10)",
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


def loss_rows(**series: tuple[np.ndarray, np.ndarray]) -> Rows:
    """Rows of `curves` from the epochs and losses (frames,) of each line."""
    return stack_rows(
        make_rows(
            {
                "line": name.replace("_", " "),
                "frame": np.arange(len(loss)),
                "last": np.arange(len(loss)) == len(loss) - 1,
                "epoch": epochs.round(3),
                "loss": np.maximum(loss, 1e-12),
            }
        )
        for name, (epochs, loss) in series.items()
    )


# --- The network, drawn ---------------------------------------------------------


def by_frame(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """A column for each frame of `values` (frames, rows): w0, w1, … are few rows where one a frame would be many."""
    return {f"{name}{frame}": column for frame, column in enumerate(values)}


def _spacing(network: Network) -> float:
    """From one unit of a layer to the next, so that the widest layer fits into a height of 2."""
    return min(0.25, 1.88 / max(1, max(network.n_inputs, *network.hidden, 1) - 1))


def _places(network: Network) -> list[np.ndarray]:
    """Heights of the units of each layer, the inputs first."""
    sizes = [network.n_inputs, *network.hidden, network.n_outputs]
    return [_spacing(network) * ((n - 1) / 2 - np.arange(n)) for n in sizes]


def weight_rows(film: Film) -> Rows:
    """One row for each weight, with its value at each moment."""
    heights, parts = _places(film.network), []
    widest = 18 * _spacing(film.network)  # of a line, in pixels
    for k, layer in enumerate(unpack(film.network, film.params)):
        inputs, outputs = film.network.shapes[k]
        values = layer.weights.reshape(len(film.steps), -1).astype(np.float32).round(2)
        ends = {"x": k, "y": np.repeat(heights[k], outputs), "y2": np.tile(heights[k + 1], inputs), "widest": widest}
        parts.append(make_rows(ends | by_frame("w", values)))
    return stack_rows(parts)


def input_rows(network: Network, names: Sequence[str]) -> Rows:
    """Where the names of the inputs stand."""
    return make_rows({"x": 0, "y": _places(network)[0], "name": names})


def unit_pictures(network: Network, inputs: np.ndarray, units: np.ndarray, answer: np.ndarray, dark: bool) -> Rows:
    """A strip of pictures for each layer and frame: what each unit makes of the plane, on its own scale.

    `inputs` (CELLS², n_inputs), the activations `units` (frames, CELLS², H), `answer` (frames, CELLS²) from −1 to 1.
    """
    hidden = np.split(units, np.cumsum(network.hidden)[:-1], axis=-1) if network.hidden else []
    tables = []
    layers = [inputs[None], *hidden, answer[..., None]]
    for k, (values, heights) in enumerate(zip(layers, _places(network), strict=True)):
        frames, _, n = values.shape
        fine = values.reshape(frames, CELLS, CELLS, n)
        coarse = fine[:, ::2, ::2].transpose(0, 3, 1, 2)  # (frames, n, rows, columns)
        largest = np.abs(coarse).max(axis=(2, 3), keepdims=True) if k <= len(network.hidden) else 1.0
        tiles = np.full((frames, n, _PITCH, _TILE), _NOTHING, dtype=np.uint8)
        tiles[:, :, :_TILE] = _EDGE
        tiles[:, :, 1 : _TILE - 1, 1:-1] = _bands(0.5 + 0.5 * coarse / np.where(largest > 0, largest, 1))
        strips = tiles.reshape(frames, -1, _TILE)[:, : _TILE - _PITCH]
        edge = _spacing(network) / 2 * _TILE / _PITCH
        tables.append(
            make_rows(
                {
                    "frame": np.arange(len(strips)) if k else [-1],
                    "x": k,
                    "top": heights[0] + edge,
                    "end": heights[-1] - edge,
                    "url": [png(strip, _palette(dark)) for strip in strips],
                }
            )
        )
    return stack_rows(tables)


_SIGNS = ["weight above 0", "weight below 0"]


def _sign() -> dict[str, object]:
    """Colour and dash of a weight's sign, which is in `sign`."""
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=120, symbolStrokeWidth=2.5)
    return {
        "color": alt.Color("sign:N", legend=legend, scale=alt.Scale(domain=_SIGNS, range=[POSITIVE, NEGATIVE])),
        "strokeDash": alt.StrokeDash("sign:N", legend=legend, scale=alt.Scale(domain=_SIGNS, range=[[1, 0], [4, 2]])),
    }


@functools.lru_cache(maxsize=2)
def diagram(dark: bool) -> Spec:
    """The network at the player's moment: a picture for each unit, a line for each weight, wider where it is larger."""
    title = ["Each unit's own field;", "widest lines: |w| ≥ 2"]
    x = alt.X("x:Q", scale=alt.Scale(nice=False, padding=24, domainMin=-0.55))
    x.axis = alt.Axis(title=title, labels=False, ticks=False, domain=False, grid=False)
    y = alt.Y("y:Q", title=None, scale=alt.Scale(domain=[-1.06, 1.06], nice=False), axis=None)
    layers = [
        alt.Chart(alt.NamedData("weights"))
        .transform_calculate(w="datum['w' + frame]")
        .transform_calculate(
            sign=f"datum.w > 0 ? '{_SIGNS[0]}' : '{_SIGNS[1]}'",
            end="datum.x + 1",
            wide="0.2 + datum.widest * min(1, abs(datum.w) / 2)",
        )
        .mark_rule(opacity=0.7)
        .encode(x=x, y=y, x2="end:Q", y2="y2:Q", strokeWidth=alt.StrokeWidth("wide:Q", scale=None), **_sign()),
        # As in a field, all pictures are there at once. They keep their shape in boxes that are wide enough.
        alt.Chart(alt.NamedData("units"))
        .mark_image(aspect=True, width=60)
        .encode(
            x=x,
            y=alt.Y("top:Q", axis=None),
            y2="end:Q",
            url="url:N",
            opacity=alt.condition("datum.frame < 0 || datum.frame == frame", alt.value(1), alt.value(0)),
        ),
        alt.Chart(alt.NamedData("inputs"))
        .mark_text(dx=-20, align="right", fontWeight="bold", color="#a9b3c0" if dark else "#4f5966")
        .encode(x=x, y=y, text="name:N"),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()).configure_view(stroke=None), HEIGHT)


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
    layers = [
        alt.Chart(alt.NamedData("weights"))
        .transform_calculate(
            sign=f"datum.w > 0 ? '{_SIGNS[0]}' : '{_SIGNS[1]}'",
            end="datum.x + 1",
            wide="0.3 + 2 * min(2, abs(datum.w))",
        )
        .mark_rule(opacity=0.6)
        .encode(
            x=x,
            y=y,
            x2="end:Q",
            y2="y2:Q",
            strokeWidth=alt.StrokeWidth("wide:Q", scale=None),
            **_sign(),
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


def traced_rows(trace: Trace, answer: str) -> tuple[Rows, Rows, Rows, list[tuple[str, str]], np.ndarray]:
    """Units, weights, all gradients as a table, and their names and values (frames, parameters, 4) for a readout.

    `answer` is what the output is called.
    """
    heights = [(n - 1) / 2 - np.arange(n) for n in (2, 3, 3, 1)]
    inputs = {"z": 0.0, "a": trace.layers[0].inputs, "delta": 0.0, "forward": 0, "backward": 99}
    units = [make_rows({"x": 0, "y": heights[0], "answer": answer, **inputs})]
    weights, names, cells = [], [], []
    for k, layer in enumerate(trace.layers):
        numbers = {"z": layer.z, "a": layer.activation, "delta": layer.delta, "forward": k + 1, "backward": 6 - k}
        units.append(make_rows({"x": k + 1, "y": heights[k + 1], "answer": answer, **numbers}))
        inputs, outputs = layer.parameters.weights.shape
        ends = {"x": k, "y": np.repeat(heights[k], outputs), "y2": np.tile(heights[k + 1], inputs)}
        weights.append(make_rows(ends | {"w": layer.parameters.weights.ravel()}))
        names += [f"w {i + 1} → {j + 1}" for i in range(inputs) for j in range(outputs)]
        names += [f"bias {j + 1}" for j in range(outputs)]
        parts = [np.vstack([part.weights, part.biases]).ravel() for part in (layer.gradient, layer.numeric)]
        a, delta = np.repeat([*layer.inputs, 1.0], outputs), np.tile(layer.delta, inputs + 1)
        cells.append(np.column_stack([np.full(len(a), k), a, delta, *parts]))
    number = np.vstack(cells)  # (parameters, 5)
    values = np.tile(number[:, 1:], (7, 1, 1))
    for frame in range(7):
        values[frame, frame < 6 - number[:, 0], 1:] = np.nan  # not yet known
        values[frame, frame < number[:, 0], 0] = np.nan
    columns = dict(zip(("a", "delta", "gradient", "finite_difference"), number[:, 1:].T, strict=True))
    table = make_rows({"layer": number[:, 0].astype(int) + 1, "parameter": names, **columns})
    return stack_rows(units), stack_rows(weights), table, [(name, "") for name in names], values


# --- Depth ---------------------------------------------------------

FADE = 6  # the colours of the map end at 10^±FADE
TOP = 13  # and the axis of the lines at 10^±TOP
ALONG = ("Gradient: first layer over last", "Signal: last layer over input")


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
    legend = alt.Legend(orient="top", title=f"log₁₀ of the ratio (colours cut at ±{FADE})", titleLimit=0)
    ink = "#e6ebf2" if dark else "#1b2430"
    layers = [
        cells.mark_rect().encode(color=alt.Color("ratio:Q", scale=scale, legend=legend)),
        cells.mark_text(fontSize=11, color="#ffffff" if dark else ink).encode(text=alt.Text("ratio:Q", format=".1f")),
        cells.transform_filter(f"datum.along && {_NOW}").mark_rect(fill=None, stroke=ink, strokeWidth=3),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.lru_cache(maxsize=2)
def depth_lines() -> Spec:
    """The ratios of gradient and signal at the chosen gain, against depth, and where the player stands."""
    at = {
        "x": alt.X(
            "depth:Q", title="Hidden layers", scale=alt.Scale(domain=[2, 20], nice=False), axis=alt.Axis(grid=False)
        ),
        "y": alt.Y(
            "ratio:Q",
            title=f"log₁₀ of the ratio (cut at ±{TOP})",
            scale=alt.Scale(domain=[-TOP, TOP], clamp=True, nice=False),
        ),
        **_lines(ALONG, (VARIANCE, BIAS), 1),
    }
    rows = alt.Chart(alt.NamedData("along"))
    dot = {key: value for key, value in at.items() if key != "strokeDash"}
    layers = [
        rows.mark_line(strokeWidth=2.5).encode(**at),
        rows.transform_filter(_NOW).mark_point(filled=True, size=110, opacity=1).encode(**dot),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


def depth_rows(found: SignalMap, gains: Sequence[str], row: int, column: int) -> tuple[Rows, Rows]:
    """Rows of the map, with the chosen cell and those along its gain marked, and of the lines; a frame is a depth."""
    frames = np.arange(len(found.depths))
    frame, here = np.repeat(frames, len(gains)), np.tile(np.arange(len(gains)) == column, len(frames))
    cells = make_rows(
        {
            "frame": frame,
            "gain": np.tile(gains, len(frames)),
            "depth": np.repeat(found.depths, len(gains)),
            "ratio": found.gradient.ravel().round(2) + 0.0,
            "along": here,
            "chosen": here & (frame == row),
        }
    )
    along = make_rows(
        {
            "line": np.repeat(ALONG, len(frames)),
            "frame": np.tile(frames, 2),
            "depth": np.tile(found.depths, 2),
            "ratio": np.r_[found.gradient[:, column], found.activation[:, column]],
        }
    )
    return cells, along


# --- Layer by layer ---------------------------------------------------------


@functools.lru_cache(maxsize=8)
def by_layer(title: tuple[str, ...], low: float, high: float, log: bool) -> Spec:
    """A quantity of each layer at the player's moment, and faintly at the first moment."""
    kind = {"type": "log"} if log else {}
    y = alt.Y(
        "value:Q",
        title=list(title),
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


def layer_rows(values: np.ndarray, positive: bool) -> Rows:
    """Rows of `by_layer` from values (frames, layers); zeros have no place on a log axis."""
    count, layers = values.shape
    rows = make_rows(
        {
            "frame": np.repeat(np.arange(count), layers),
            "layer": np.tile(np.arange(1, layers + 1), count),
            "value": values.ravel(),
        }
    )
    return rows.filter(values.ravel() > 0) if positive else rows


WIDE = 4.125  # the bins reach from −WIDE to WIDE; the middle one is centred at 0
_BINS = 33


def histogram_rows(film: Film) -> Rows:
    """Rows of `histograms`: for each bin of each layer, how high it is at each moment, up to 90 for the highest."""
    edges = np.linspace(-WIDE, WIDE, _BINS + 1)
    shares = weight_histograms(film.network, film.params, edges)  # (frames, layers, bins)
    heights = np.rint(90 * shares / shares.max(axis=2, keepdims=True)).astype(np.uint8)
    layers = heights.shape[1]
    middles = (edges[1:] + edges[:-1]) / 2
    at = {"layer": np.repeat(np.arange(1, layers + 1), _BINS), "weight": np.tile(middles.round(3), layers)}
    return make_rows(at | by_frame("h", heights.reshape(len(heights), -1)))


@functools.lru_cache(maxsize=2)
def histograms() -> Spec:
    """The weights of each layer at the player's moment as bars, and faintly those at the first moment."""
    x = alt.X("left:Q", title=f"Weight (beyond ±{WIDE:.0f} in the last bins)")
    x.scale, x.axis = alt.Scale(domain=[-WIDE, WIDE], nice=False), alt.Axis(grid=False, values=[-4, -2, 0, 2, 4])
    scale = alt.Scale(zero=False, nice=False, domainMin=0.9)
    y = alt.Y("layer:Q", title="Layer, from the input to the output", scale=scale)
    y.axis = alt.Axis(tickMinStep=1, format="d")
    half = WIDE / _BINS
    rows = alt.Chart(alt.NamedData("bins")).transform_calculate(
        left=f"datum.weight - {half}", right=f"datum.weight + {half}"
    )
    layers = [
        rows.transform_calculate(top="datum.layer + datum['h' + frame] / 100")
        .mark_rect(color=BIAS)
        .encode(x=x, x2="right:Q", y=y, y2="top:Q"),
        rows.transform_calculate(top="datum.layer + datum.h0 / 100")
        .mark_line(color=NOISE, strokeDash=[4, 3], strokeWidth=1.2, interpolate="step-after")
        .encode(x=x, y="top:Q", detail="layer:N"),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT - 80)


# --- Digits ---------------------------------------------------------

NORMS = ("No norm", "Layer norm", "Batch norm")


@functools.lru_cache(maxsize=2)
def by_batch(sizes: tuple[int, ...]) -> Spec:
    """Test accuracy against the size of the batch, at the player's moment."""
    at = {
        "x": alt.X(
            "batch:Q",
            title="Batch size in training (log axis)",
            scale=alt.Scale(type="log", domain=[sizes[0], sizes[-1]]),
        ),
        "y": alt.Y("right:Q", title="Test images right", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        **_lines(NORMS, (NOISE, TRAIN, VARIANCE)),
    }
    at["x"].axis = alt.Axis(values=list(sizes), grid=False, format="d")
    rows = alt.Chart(alt.NamedData("rows")).transform_filter(_NOW)
    line = rows.mark_line(strokeWidth=2.5, point={"size": 60}).encode(**at)
    return spec(alt.layer(line).add_params(frame_param()), HEIGHT)


def by_batch_rows(right: dict[str, np.ndarray], sizes: Sequence[int]) -> Rows:
    """Rows of `by_batch` from the accuracies (sizes, frames) of each normalisation."""
    frames = np.arange(next(iter(right.values())).shape[1])
    return stack_rows(
        make_rows(
            {
                "frame": np.tile(frames, len(sizes)),
                "line": name,
                "batch": np.repeat(sizes, len(frames)),
                "right": values.ravel(),
            }
        )
        for name, values in right.items()
    )


BY_RATE = ("Evaluation mode", "Left on, one pass", "Left on, mean of all passes")


@functools.lru_cache(maxsize=2)
def by_rate() -> Spec:
    """Test accuracy against the dropout rate, and the rate that is chosen."""
    at = {
        "x": alt.X("rate:Q", title="Dropout rate p", scale=alt.Scale(domain=[0, 0.8], nice=False)),
        "y": alt.Y("right:Q", title="Test images right", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        **_lines(BY_RATE, (BIAS, VARIANCE, NOISE), 1),
    }
    at["x"].axis = alt.Axis(grid=False, format=".1f")
    rows = alt.Chart(alt.NamedData("rates"))
    dot = {key: value for key, value in at.items() if key != "strokeDash"}
    layers = [
        rows.mark_line(strokeWidth=2.5).encode(**at),
        rows.transform_filter("datum.chosen").mark_point(filled=True, size=90, opacity=1).encode(**dot),
    ]
    return spec(alt.layer(*layers), HEIGHT)


def rate_rows(rates: Sequence[float], accuracies: np.ndarray, chosen: int) -> Rows:
    """Rows of `by_rate` from accuracies (lines, rates)."""
    return make_rows(
        {
            "line": np.repeat(BY_RATE, len(rates)),
            "rate": np.tile(rates, len(BY_RATE)),
            "right": accuracies.ravel().round(4),
            "chosen": np.tile(np.arange(len(rates)) == chosen, len(BY_RATE)),
        }
    )


@functools.lru_cache(maxsize=2)
def passes(dark: bool) -> Spec:
    """The probability of the true class of a few images: in each pass with dropout, and in evaluation mode."""
    kinds = ["this pass", "earlier passes", "evaluation mode"]
    y = alt.Y("image:O", title="Test image", axis=alt.Axis(grid=True))
    x = alt.X("p:Q", title="Probability of the true digit", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))
    legend = alt.Legend(title=None, orient="top", symbolOpacity=1, symbolSize=80, columns=2)
    look = {
        "color": alt.Color("kind:N", legend=legend, scale=alt.Scale(domain=kinds, range=[VARIANCE, NOISE, BIAS])),
        "shape": alt.Shape(
            "kind:N", legend=legend, scale=alt.Scale(domain=kinds, range=["circle", "M0,-1V1", "diamond"])
        ),
    }
    rows = alt.Chart(alt.NamedData("passes")).encode(x=x, y=y, **look)
    layers = [
        rows.transform_filter("datum.frame >= 0 && datum.frame < frame")
        .transform_calculate(kind=f"'{kinds[1]}'")
        .mark_point(size=60, opacity=0.7),
        rows.transform_filter(_NOW)
        .transform_calculate(kind=f"'{kinds[0]}'")
        .mark_point(filled=True, size=80, opacity=1, stroke=halo(dark), strokeWidth=1),
        rows.transform_filter("datum.frame < 0")
        .transform_calculate(kind=f"'{kinds[2]}'")
        .mark_point(filled=True, size=110, opacity=1, stroke=halo(dark), strokeWidth=1),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


def pass_rows(steady: np.ndarray, varying: np.ndarray) -> Rows:
    """Rows of `passes` from probabilities in evaluation mode (images,), frame −1, and in each pass (passes, images)."""
    count, images = varying.shape
    return make_rows(
        {
            "frame": np.repeat(np.arange(-1, count), images),
            "image": np.tile(np.arange(1, images + 1), count + 1),
            "p": np.vstack([steady, varying]).ravel().round(4),
        }
    )


@functools.lru_cache(maxsize=16)
def confusion(names: tuple[str, ...], dark: bool) -> Spec:
    """Test rows by true and by predicted class, as shares of the true class, at the player's moment."""
    domain = list(range(len(names)))
    axis = {"labelLimit": 90, "labelExpr": f"{json.dumps(names)}[datum.value]", "labelAngle": 0}
    across = axis | {"labelOverlap": False, "labelAngle": 0 if max(map(len, names)) < 5 else -35}
    cells = (
        alt.Chart(alt.NamedData("cells"))
        .transform_filter(_NOW)
        .encode(
            x=alt.X("predicted:O", title="Predicted class", scale=alt.Scale(domain=domain), axis=alt.Axis(**across)),
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


def confusion_rows(predicted: np.ndarray, y: np.ndarray, classes: int) -> Rows:
    """Counts by true and predicted class, for each frame; empty cells are left out."""
    frames = len(predicted)
    code = (np.arange(frames)[:, None] * classes + y) * classes + predicted
    counts = np.bincount(code.ravel(), minlength=frames * classes**2)
    filled = np.flatnonzero(counts)
    of = np.bincount(y, minlength=classes)
    true = filled // classes % classes
    return make_rows(
        {
            "frame": filled // classes**2,
            "true": true,
            "predicted": filled % classes,
            "count": counts[filled],
            "share": (counts[filled] / of[true]).round(3),
        }
    )
