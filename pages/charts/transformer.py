"""Chart specifications of the transformer lab.

`frame` is the step of a computation, the checkpoint of a training or the token of a generation. Matrices of a few
numbers are drawn cell by cell with their numbers, films of attention maps as one small picture a frame.
"""

import functools
from collections.abc import Sequence

import altair as alt
import numpy as np

from pages.ui.charts import FIT, NOISE, TEST, TRAIN, TRUTH, VARIANCE, Rows, Spec, make_rows, png, spec
from pages.ui.player import frame_param

CELLS = 8  # tokens, and columns of a matrix, on screen
STEPS = 6  # of attention by hand
DIMENSIONS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
LEAST = 1e-3  # a loss, the smallest on its axis
COSTS = (1e3, 1e11)  # multiplications on the axis
TOP = 10  # tokens among the next ones
WINDOW = 32  # characters that are on screen at once
_NOW = "datum.frame == frame"
_GREY, _PALE = "#c3c8cf", "#eef0f3"
_HERE = {"size": 130, "filled": True, "opacity": 1, "color": FIT, "stroke": "#ffffff", "strokeWidth": 1.5}
SCALINGS = {"scaled": ("divided by √d", FIT, [1, 0]), "unscaled": ("not divided", VARIANCE, [6, 3])}


def _hidden(field: str, domain: Sequence[float], channel: type, **more: object) -> alt.X | alt.Y:
    """An axis without marks: what it would say is drawn as text."""
    return channel(f"{field}:Q", axis=None, scale=alt.Scale(domain=list(domain), nice=False), **more)


@functools.lru_cache(maxsize=16)
def matrices(n_tokens: int) -> Spec:
    """Two matrices of up to CELLS columns above each other, cell by cell; `names` holds all words around them.

    `cells` (x, y, value, kind, first, last): shown from frame `first` to `last`; kind "weight" is coloured from 0
    to 1, "number" from −3 to 3 and "hidden" grey.
    """
    height = 2 * n_tokens + 4
    x = _hidden("x", (-2.1, CELLS), alt.X)
    y = _hidden("y", (height, 0), alt.Y)
    shown = "datum.first <= frame && frame <= datum.last"
    cells = alt.Chart(alt.NamedData("cells")).transform_filter(shown)
    diverging = alt.Scale(domain=[-3, 0, 3], range=["#4b90dc", _PALE, "#e0713f"], clamp=True, interpolate="rgb")
    rising = alt.Scale(domain=[0, 1], range=[_PALE, "#4b90dc"], clamp=True, interpolate="rgb")
    layers = []
    for kind, colour in (
        ("number", alt.Color("value:Q", scale=diverging, legend=None)),
        ("weight", alt.Color("value:Q", scale=rising, legend=None)),
        ("hidden", alt.value(_GREY)),
    ):
        rows = cells.transform_filter(f"datum.kind == '{kind}'").transform_calculate(
            x2="datum.x + 0.96", y2="datum.y + 0.94"
        )
        tip = [alt.Tooltip("row:N"), alt.Tooltip("column:N"), alt.Tooltip("value:Q", format=".4f")]
        layers.append(rows.mark_rect().encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=colour, tooltip=tip))
    written = cells.transform_calculate(
        text="datum.kind == 'hidden' ? '−∞' : format(datum.value, '.2f')", cx="datum.x + 0.48", cy="datum.y + 0.48"
    )
    layers.append(
        written.mark_text(fontSize=10, color="#15191f", tooltip=None).encode(
            x=_hidden("cx", (-2.1, CELLS), alt.X), y=_hidden("cy", (height, 0), alt.Y), text="text:N"
        )
    )
    names = alt.Chart(alt.NamedData("names")).transform_filter(shown).encode(x=x, y=y, text="text:N")
    layers += [
        names.transform_filter("datum.part == 'title'").mark_text(align="left", fontSize=13, fontWeight="bold"),
        names.transform_filter("datum.part == 'row'").mark_text(align="right", fontSize=11, limit=64),
        names.transform_filter("datum.part == 'column'").mark_text(
            fontSize=10, angle=330, align="left", dx=-8, limit=34
        ),
    ]
    chart = alt.layer(*layers).resolve_scale(color="independent")
    return spec(chart.add_params(frame_param()).configure_view(stroke=None), 25 * height)


def _of(field: str, title: str, scale: alt.Scale, **axis: object) -> dict[str, object]:
    return {"shorthand": f"{field}:Q", "title": title, "scale": scale, "axis": alt.Axis(tickCount=5, **axis)}


def _named(names: dict[str, tuple], channel: str, place: int) -> alt.Color | alt.StrokeDash:
    kind = {"color": alt.Color, "strokeDash": alt.StrokeDash}[channel]
    scale = alt.Scale(domain=[entry[0] for entry in names.values()], range=[entry[place] for entry in names.values()])
    return kind(
        "kind:N",
        scale=scale,
        legend=alt.Legend(
            title=None, columns=2, symbolOpacity=1, symbolType="stroke", symbolSize=300, symbolStrokeWidth=2.5
        ),
    )


@functools.cache
def saturation(field: str, title: str, top: float) -> Spec:
    """`field` against d_k, with the division and without; `here` is the chosen d_k, `most` the largest possible."""
    marks = [1, 4, 16, 64, 256]
    scale = alt.Scale(type="log", base=2, domain=[1, DIMENSIONS[-1]], nice=False)
    x = alt.X("d:Q", title="d_k, length of a query (log scale)", scale=scale, axis=alt.Axis(values=marks, grid=False))
    y = alt.Y(**_of("value", title, alt.Scale(domain=[0, top], nice=False)))
    lines = alt.Chart(alt.NamedData("lines")).encode(x=x, y=y, color=_named(SCALINGS, "color", 1))
    here = alt.Chart(alt.NamedData("here")).encode(x=x)
    layers = [
        alt.Chart(alt.NamedData("most")).mark_rule(color=TRUTH, strokeDash=[2, 2], strokeWidth=2).encode(y=y),
        lines.mark_line(strokeWidth=2.5).encode(strokeDash=_named(SCALINGS, "strokeDash", 2)),
        here.mark_rule(color=NOISE),
        here.mark_point(filled=True, size=90, opacity=1).encode(y=y, color=_named(SCALINGS, "color", 1)),
    ]
    return spec(alt.layer(*layers).configure_mark(invalid=None), 400)


@functools.lru_cache(maxsize=32)
def training(names: tuple[str, ...], steps: int, field: str, height: int) -> Spec:
    """`field`, the loss or the share answered without a mistake, against the step, for each of `names`."""
    x = alt.X("step:Q", title="Training step", scale=alt.Scale(domain=[0, steps], nice=False))
    x["axis"] = alt.Axis(grid=False, tickCount=5)
    if field == "loss":
        scale = alt.Scale(type="log", domain=[LEAST, 10], nice=False)
        y = alt.Y(**_of(field, "Loss, nats (log)", scale))
        y["axis"]["values"] = [0.001, 0.01, 0.1, 1, 10]
    else:
        y = alt.Y(**_of(field, "Without a mistake", alt.Scale(domain=[0, 1], nice=False), format="%"))
    looks = ((FIT, [1, 0]), (VARIANCE, [6, 3]), (TRAIN, [2, 2]))
    kinds = {name: (name, *look) for name, look in zip(names, looks, strict=False)}
    rows = alt.Chart(alt.NamedData("curves")).encode(x=x, y=y)
    colour, dash = (_named(kinds, channel, place) for channel, place in (("color", 1), ("strokeDash", 2)))
    if len(names) == 1:
        colour, dash = alt.value(FIT), alt.value([1, 0])
    layers = [
        rows.mark_line(strokeWidth=2.5, clip=True).encode(color=colour, strokeDash=dash),
        rows.transform_filter(_NOW).mark_point(filled=True, size=90, opacity=1).encode(color=colour),
        rows.transform_filter(_NOW).mark_rule(color=NOISE).encode(x=x, y=alt.value(0), y2=alt.value("height")),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()).configure_mark(invalid=None), height)


@functools.lru_cache(maxsize=16)
def attention_map(n_tokens: int, height: int) -> Spec:
    """A film of one head: queries down, keys across; boxes around where the answers are found."""
    x = _hidden("x", (-1, n_tokens), alt.X)
    y = _hidden("y", (n_tokens, -1), alt.Y)
    boxes = alt.Chart(alt.NamedData("source")).transform_calculate(x2="datum.x + 1", y2="datum.y + 1")
    words = alt.Chart(alt.NamedData("names")).transform_calculate(edge="-0.5").encode(text="text:N")
    across = {"x": _hidden("at", (-1, n_tokens), alt.X), "y": _hidden("edge", (n_tokens, -1), alt.Y)}
    down = {"x": _hidden("edge", (-1, n_tokens), alt.X), "y": _hidden("at", (n_tokens, -1), alt.Y)}
    layers = [
        alt.Chart(alt.NamedData("film"))
        .transform_filter(_NOW)
        .mark_image(aspect=False)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q", url="url:N"),
        boxes.mark_rect(filled=False, stroke=TRUTH, strokeWidth=2, opacity=1).encode(x=x, x2="x2:Q", y=y, y2="y2:Q"),
        words.mark_text(fontSize=11 if height > 300 else 9).encode(**across),
        words.mark_text(fontSize=11 if height > 300 else 9).encode(**down),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()).configure_view(stroke=None), height)


def film(weights: np.ndarray, aspect: int = 1) -> Rows:
    """Pictures of weights (frames, rows, columns): white is 0, dark blue is 1; each cell 8 by 8·`aspect` pixels."""
    low, high = np.array([238, 240, 243]), np.array([20, 70, 140])
    frames, rows, columns = weights.shape
    shades = (low + (high - low) * np.clip(weights, 0, 1)[..., None] ** 0.6).astype(np.uint8)
    pictures = shades.repeat(8 * aspect, axis=1).repeat(8, axis=2)
    return make_rows(
        {"frame": np.arange(frames), "x": 0, "x2": columns, "y": 0, "y2": rows, "url": [png(p) for p in pictures]}
    )


@functools.cache
def cost(height: int) -> Spec:
    """Multiplications for the next token against the sequence's length, with the cache and without."""
    names = {"uncached": ("no cache", VARIANCE, [6, 3]), "cached": ("with cache", FIT, [1, 0])}
    x = alt.X("length:Q", title="Tokens so far, t", scale=alt.Scale(domain=[1, 1024], nice=False))
    x["axis"] = alt.Axis(grid=False, tickCount=5)
    scale = alt.Scale(type="log", domain=list(COSTS), nice=False)
    y = alt.Y(**_of("cost", "Multiplications for the next token (log scale)", scale, format="~s"))
    y["axis"]["values"] = [1e3, 1e5, 1e7, 1e9, 1e11]
    lines = alt.Chart(alt.NamedData("costs")).encode(x=x, y=y, color=_named(names, "color", 1))
    layers = [
        lines.mark_line(strokeWidth=2.5, clip=True).encode(strokeDash=_named(names, "strokeDash", 2)),
        lines.transform_filter(_NOW).mark_point(filled=True, size=90, opacity=1),
        _rule("costs", x),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), height)


def _rule(data: str, x: alt.X) -> alt.Chart:
    rows = alt.Chart(alt.NamedData(data)).transform_filter(_NOW)
    return rows.mark_rule(color=NOISE).encode(x=x, y=alt.value(0), y2=alt.value("height"))


@functools.cache
def saving(height: int) -> Spec:
    """Times fewer multiplications, for the next token and for all so far."""
    names = {"one": ("for the next token", TEST, [1, 0]), "all": ("for all so far", TRAIN, [6, 3])}
    x = alt.X("length:Q", title="Tokens so far, t", scale=alt.Scale(domain=[1, 1024], nice=False))
    x["axis"] = alt.Axis(grid=False, tickCount=5)
    y = alt.Y(**_of("times", "No cache ÷ with cache", alt.Scale(domain=[0, 1024], nice=False)))
    lines = alt.Chart(alt.NamedData("savings")).encode(x=x, y=y, color=_named(names, "color", 1))
    layers = [
        lines.mark_line(strokeWidth=2.5).encode(strokeDash=_named(names, "strokeDash", 2)),
        lines.transform_filter(_NOW).mark_point(filled=True, size=90, opacity=1),
        _rule("savings", x),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), height)


@functools.cache
def time_taken(height: int) -> Spec:
    """Milliseconds measured for the next token, at some lengths."""
    names = {"uncached": ("no cache", VARIANCE, [6, 3]), "cached": ("with cache", FIT, [1, 0])}
    x = alt.X("length:Q", title="Tokens so far, t", scale=alt.Scale(domain=[1, 1024], nice=False))
    x["axis"] = alt.Axis(grid=False, tickCount=5)
    scale = alt.Scale(type="log", domain=[0.1, 10000], nice=False, clamp=True)
    y = alt.Y(**_of("milliseconds", "Milliseconds, measured (log)", scale, format="~g"))
    y["axis"]["values"] = [0.1, 1, 10, 100, 1000, 10000]
    lines = alt.Chart(alt.NamedData("times")).encode(x=x, y=y, color=_named(names, "color", 1))
    layers = [
        lines.mark_line(strokeWidth=2.5).encode(strokeDash=_named(names, "strokeDash", 2)),
        lines.mark_point(filled=True, size=60, opacity=1),
    ]
    return spec(alt.layer(*layers), height)


@functools.cache
def next_tokens(height: int) -> Spec:
    """The TOP most probable next tokens: outlined as the model has them, filled as they are drawn from."""
    x = alt.X(**_of("p", "Probability of the next character", alt.Scale(domain=[0, 1], nice=False)))
    y = _hidden("rank", (TOP - 0.5, -0.5), alt.Y)
    rows = alt.Chart(alt.NamedData("next")).transform_filter(_NOW).encode(y=y)
    layers = [
        rows.mark_rule(strokeWidth=13, color=FIT, opacity=0.85).encode(x=x, x2=alt.datum(0)),
        rows.mark_tick(color=TRUTH, thickness=3, size=20).encode(x=alt.X("model:Q", scale=x["scale"])),
        rows.mark_text(align="right", fontSize=13, fontWeight="bold").encode(text="token:N", x=alt.value(-8)),
        rows.transform_filter("datum.drawn > 0")
        .mark_text(align="left", dx=8, fontSize=12, text="◀ drawn")
        .encode(x=alt.X("most:Q", scale=x["scale"])),
    ]
    chart = alt.layer(*layers).add_params(frame_param())
    return spec(chart, height)


@functools.lru_cache(maxsize=8)
def last_position(heads: tuple[str, ...], height: int) -> Spec:
    """A film of where the last token looks: heads down, characters across."""
    x = _hidden("x", (-6, WINDOW), alt.X)
    y = _hidden("y", (len(heads), -1), alt.Y)
    names = alt.InlineData([{"text": head, "x": -0.6, "y": i + 0.5} for i, head in enumerate(heads)])
    words = alt.Chart(alt.NamedData("words")).transform_filter(_NOW).transform_calculate(y="-0.5")
    layers = [
        alt.Chart(alt.NamedData("film"))
        .transform_filter(_NOW)
        .mark_image(aspect=False)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q", url="url:N"),
        words.mark_text(fontSize=12).encode(x=x, y=y, text="text:N"),
        alt.Chart(names).mark_text(align="right", fontSize=11).encode(x=x, y=y, text="text:N"),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()).configure_view(stroke=None), height)
