"""Chart specifications of the bias–variance lab.

Datasets are named; `frame` is the index of the complexity (or of the training set, or of λ) that the player
shows. Errors are drawn on a square-root axis: the sum stays readable from the noise floor to the blow-up.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np

from pages.ui.charts import (
    BAND,
    BIAS,
    FAINT,
    FIT,
    INK,
    NOISE,
    TEST,
    TRAIN,
    TRUTH,
    VARIANCE,
    Rows,
    Spec,
    make_rows,
    spec,
)
from pages.ui.player import frame_param

HEIGHT = 350
SHOWN = 10  # fits in the swarm
FITS = [f"fit {number + 1}" for number in range(SHOWN)]

COLOURS = {
    "Bias²": (BIAS, [1, 0]),
    "Variance": (VARIANCE, [1, 0]),
    "Bias² + noise": (BIAS, [1, 0]),
    "Noise σ²": (NOISE, [2, 2]),
    "Test error": (TEST, [1, 0]),
    "Training error": (TRAIN, [6, 3]),
    "Cross-validation": (BIAS, [6, 3]),
}


@dataclass(frozen=True)
class Axis:
    """How a model's complexity is drawn: always from simple on the left to complex on the right."""

    title: str
    low: float
    high: float
    log: bool = False

    def x(self) -> alt.X:
        """The encoding."""
        kind = {"type": "log"} if self.log else {"type": "linear", "nice": False}
        scale = alt.Scale(domain=sorted((self.low, self.high)), reverse=self.low > self.high, **kind)
        return alt.X("complexity:Q", title=self.title, scale=scale, axis=alt.Axis(grid=False, tickCount=6))


AXES = {
    "polynomial": Axis("Degree (simple → complex)", 0, 20),
    "knn": Axis("k, neighbours averaged (simple → complex)", 100, 1, log=True),
    "ridge": Axis("λ, penalty (simple → complex)", 1e3, 1e-8, log=True),
    "random_features": Axis("p, random features (simple → complex)", 1, 120, log=True),
    "subset": Axis("Features used (simple → complex)", 0, 10),
}


ERROR_TITLE = "Squared error (√ axis)"


def _error(title: str = ERROR_TITLE, top: float = 2.0) -> alt.Y:
    scale = alt.Scale(type="pow", exponent=0.5, domain=[0, top], nice=False)
    return alt.Y("value:Q", title=title, scale=scale, axis=alt.Axis(tickCount=6))


def _kinds(*names: str) -> dict[str, object]:
    """Colour and dash of the named quantities, in one legend."""
    legend = alt.Legend(title=None, columns=3, symbolType="stroke", symbolSize=120, symbolStrokeWidth=2.5)
    return {
        "color": alt.Color(
            "quantity:N", legend=legend, scale=alt.Scale(domain=names, range=[COLOURS[n][0] for n in names])
        ),
        "strokeDash": alt.StrokeDash(
            "quantity:N", legend=legend, scale=alt.Scale(domain=names, range=[COLOURS[n][1] for n in names])
        ),
    }


_LINES = {"Truth f": INK, "One set": FIT, "Mean ± 1σ": VARIANCE}


def _key(chart: alt.Chart, names: Sequence[str]) -> alt.Chart:
    """Draw `chart` as "One set", and give the legend and the colours of all the lines named."""
    scale = alt.Scale(domain=names, range=[_LINES[name] for name in names])
    legend = alt.Legend(
        title=None, columns=3, symbolType="stroke", symbolSize=120, symbolStrokeWidth=2.5, symbolOpacity=1
    )
    return chart.transform_calculate(line="'One set'").encode(color=alt.Color("line:N", scale=scale, legend=legend))


def _y(field: str, title: str, low: float, high: float) -> alt.Y:
    return alt.Y(f"{field}:Q", title=title, scale=alt.Scale(domain=[low, high], nice=False))


def _swarm(names: Sequence[str], x: alt.X, *y: object) -> alt.LayerChart:
    """Fits, their mean and ±1σ band, at the current frame; rows (frame, x) with one column for each fit.

    The layers share data and filter, so that each row is tested once a frame.
    """
    fits = alt.Chart().encode(x=x)
    line = {"clip": True, "opacity": FAINT, "strokeWidth": 1}
    layers = [
        fits.mark_area(color=VARIANCE, opacity=BAND, clip=True).encode(y=_y("low", *y), y2="high:Q"),
        _key(fits.transform_fold(FITS, as_=["fit", "value"]).mark_line(**line), names).encode(
            y=_y("value", *y), detail="fit:N"
        ),
        fits.mark_line(strokeWidth=3, clip=True).encode(y=_y("mean", *y), color=alt.ColorDatum("Mean ± 1σ")),
    ]
    return alt.layer(*layers, data=alt.NamedData("fits")).transform_filter("datum.frame == frame")


_X = alt.X("x:Q", title="x", scale=alt.Scale(domain=[-1, 1], nice=False), axis=alt.Axis(grid=False))


@functools.cache
def swarm(*, probe: bool = False) -> Spec:
    """The fits of one complexity over the truth (dashed) and one training set (dots).

    With `probe`, a rule at x₀ and invisible columns that a click selects.
    """
    y = ("y", -2, 2)
    truth = alt.Chart(alt.NamedData("truth")).mark_line(strokeDash=[6, 3], strokeWidth=2.5, clip=True)
    points = alt.Chart(alt.NamedData("points")).mark_point(size=28, filled=True, opacity=0.9, clip=True)
    layers = [
        _swarm(list(_LINES), _X, *y),
        truth.encode(x=_X, y=_y("y", *y), color=alt.ColorDatum("Truth f")),
        points.encode(x=_X, y=_y("y", *y), color=alt.ColorDatum("One set")),
    ]
    if probe:
        at = alt.Chart(alt.NamedData("at")).mark_rule(color=TEST, strokeWidth=2).encode(x=_X)
        chosen = alt.selection_point(name="chosen", fields=["x"], on="click", clear=False)
        columns = (
            alt.Chart(alt.sequence(-1, 1.0001, 0.02, as_="at"))
            .transform_calculate(x="round(datum.at * 100) / 100", left="datum.at - 0.01", right="datum.at + 0.01")
            .mark_rect(fill="transparent", cursor="crosshair", clip=True)
            .encode(x=alt.X("left:Q", title="x", scale=alt.Scale(domain=[-1, 1], nice=False)), x2="right:Q")
            .add_params(chosen)
        )
        layers += [at, columns]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.cache
def at_one_point() -> Spec:
    """Every training set's prediction at x₀, with the truth, the mean and ±1σ, on the swarm's own y axis."""
    y = ("prediction at x₀", -2, 2)
    x = alt.X("spread:Q", title="training set", axis=alt.Axis(labels=False, ticks=False, grid=False))
    predictions = alt.Chart(alt.NamedData("predictions")).transform_filter("datum.frame == frame")
    moments = alt.Chart(alt.NamedData("moments")).transform_filter("datum.frame == frame")
    layers = [
        moments.mark_rect(color=VARIANCE, opacity=BAND, clip=True).encode(y=_y("low", *y), y2="high:Q"),
        _key(predictions.mark_point(opacity=0.6, size=22, filled=True, clip=True), list(_LINES)).encode(
            x=x, y=_y("value", *y)
        ),
        moments.mark_rule(strokeWidth=3, clip=True).encode(y=_y("mean", *y), color=alt.ColorDatum("Mean ± 1σ")),
        moments.mark_rule(strokeWidth=2.5, strokeDash=[6, 3], clip=True).encode(
            y=_y("truth", *y), color=alt.ColorDatum("Truth f")
        ),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.cache
def curves(model: str) -> Spec:
    """Bias², variance, noise and the errors against complexity, with the best one and the player's marked."""
    x = AXES[model].x()
    names = ("Bias²", "Variance", "Noise σ²", "Test error", "Training error")
    return _curves(x, _error(), names)


@functools.cache
def real_curves(model: str) -> Spec:
    """The same on real data, where bias² and noise come as one."""
    y = _error("Squared error, points² (√ axis)", 12_000)
    axis = Axis("Degree (simple → complex)", 0, 10) if model == "polynomial" else AXES[model]
    return _curves(axis.x(), y, ("Bias² + noise", "Variance", "Test error", "Training error"))


def _curves(x: alt.X, y: alt.Y, names: tuple[str, ...]) -> Spec:
    data = alt.Chart(alt.NamedData("curves"))
    now = data.transform_filter("datum.frame == frame")
    best = alt.Chart(alt.NamedData("best")).encode(x=x, y=y)
    layers = [
        now.mark_rule(color=NOISE, strokeWidth=1).encode(x=x),
        data.mark_line(strokeWidth=2.5, clip=True).encode(x=x, y=y, **_kinds(*names)),
        now.mark_point(size=70, filled=True, opacity=1, clip=True).encode(x=x, y=y, color="quantity:N"),
        best.mark_point(shape="triangle-down", color=TEST, filled=True, size=110, yOffset=-12, opacity=1, clip=True),
        best.mark_text(color=TEST, dy=-26, fontWeight="bold", text="best", clip=True),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.cache
def identity_bars(model: str) -> Spec:
    """The three terms stacked, and on them the directly measured error with two standard errors."""
    x = alt.X("label:O", title=AXES[model].title, sort=None, axis=alt.Axis(labelOverlap="greedy", labelAngle=0))
    y = alt.Y("value:Q", title="Squared error", scale=alt.Scale(domain=[0, 1.5], nice=False))
    names = ("Bias²", "Variance", "Noise σ²")
    colour = alt.Scale(domain=names, range=[COLOURS[n][0] for n in names])
    bars = alt.Chart(alt.NamedData("terms")).mark_bar(clip=True)
    measured = alt.Chart(alt.NamedData("measured")).encode(x=x)
    layers = [
        bars.encode(x=x, y=y, order="layer:O", color=alt.Color("quantity:N", scale=colour)),
        measured.mark_rule(strokeWidth=2, color=TEST, clip=True).encode(
            y=alt.Y("low:Q", title="Squared error"), y2="high:Q"
        ),
        measured.mark_point(shape="diamond", size=60, filled=True, color=TEST, opacity=1, clip=True).encode(
            y=alt.Y("error:Q", title="Squared error")
        ),
    ]
    return spec(alt.layer(*layers), HEIGHT)


@functools.cache
def identity_gap(model: str) -> Spec:
    """How far the measured error is from the sum, in standard errors."""
    x = alt.X("label:O", title=AXES[model].title, sort=None, axis=alt.Axis(labelOverlap="greedy", labelAngle=0))
    y = alt.Y("z:Q", title="(measured − sum) / standard error", scale=alt.Scale(domain=[-4, 4], nice=False))
    measured = alt.Chart(alt.NamedData("measured")).encode(x=x)
    band = alt.Chart(alt.NamedData("band")).mark_rect(color=NOISE, opacity=0.2).encode(y="low:Q", y2="high:Q")
    layers = [
        band,
        measured.mark_rule(color=TEST, strokeWidth=2, clip=True).encode(y=y, y2=alt.datum(0)),
        measured.mark_point(shape="diamond", size=60, filled=True, color=TEST, opacity=1, clip=True).encode(y=y),
    ]
    return spec(alt.layer(*layers), HEIGHT)


@functools.cache
def learning() -> Spec:
    """Errors of one complexity against the number of training points."""
    x = alt.X(
        "n:Q",
        title="Training points n (log axis)",
        scale=alt.Scale(type="log", domain=[5, 500], nice=False),
        axis=alt.Axis(grid=False, values=[5, 10, 20, 50, 100, 200, 500]),
    )
    names = ("Bias²", "Variance", "Noise σ²", "Test error", "Training error")
    data = alt.Chart(alt.NamedData("curves"))
    return spec(
        alt.layer(data.mark_line(strokeWidth=2.5, clip=True, point=True).encode(x=x, y=_error(), **_kinds(*names))),
        HEIGHT,
    )


@functools.cache
def cross_validation(model: str) -> Spec:
    """One training set's cross-validation curve ± one standard error, its true error, and three choices."""
    x, y = AXES[model].x(), _error()
    rows = alt.Chart(alt.NamedData("sets")).transform_filter("datum.frame == frame")
    marks = alt.Chart(alt.NamedData("choices")).transform_filter("datum.frame == frame")
    shape = alt.Scale(domain=["CV choice", "One-SE choice", "Oracle"], range=["triangle-down", "square", "diamond"])
    colour = alt.Scale(domain=["CV choice", "One-SE choice", "Oracle"], range=[BIAS, TRAIN, TEST])
    legend = alt.Legend(title=None, orient="top")
    layers = [
        rows.transform_filter("datum.quantity == 'Cross-validation'")
        .mark_area(color=BIAS, opacity=BAND, clip=True)
        .encode(x=x, y=alt.Y("low:Q", title=ERROR_TITLE), y2="high:Q"),
        rows.mark_line(strokeWidth=2.5, clip=True).encode(x=x, y=y, **_kinds("Cross-validation", "Test error")),
        marks.mark_point(size=140, filled=True, opacity=1, clip=True).encode(
            x=x,
            y=y,
            fill=alt.Fill("choice:N", scale=colour, legend=legend),
            shape=alt.Shape("choice:N", scale=shape, legend=legend),
        ),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.cache
def choices(model: str) -> Spec:
    """How often each complexity is chosen; the oracle's is marked."""
    x = alt.X("label:O", title=AXES[model].title, sort=None, axis=alt.Axis(labelOverlap="greedy", labelAngle=0))
    y = alt.Y("share:Q", title="Share of training sets", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))
    colour = alt.Scale(domain=["Oracle's choice", "Another"], range=[TEST, BIAS])
    bars = alt.Chart(alt.NamedData("counts")).mark_bar()
    return spec(bars.encode(x=x, y=y, color=alt.Color("kind:N", scale=colour, legend=alt.Legend(title=None))), HEIGHT)


@functools.cache
def descent(field: str, title: str, low: float, high: float) -> Spec:
    """One quantity against p at the player's λ, over its minimum-norm curve and the threshold p = n."""
    x = alt.X(
        "features:Q",
        title="p, random features (log axis)",
        scale=alt.Scale(type="log", domain=[1, 160], nice=False),
    )
    y = alt.Y(f"{field}:Q", title=title, scale=alt.Scale(type="log", domain=[low, high], nice=False))
    data = alt.Chart(alt.NamedData("descent"))
    layers = [
        alt.Chart(alt.NamedData("threshold")).mark_rule(color=NOISE, strokeDash=[4, 3]).encode(x="n:Q"),
        alt.Chart(alt.NamedData("threshold"))
        .mark_text(color=NOISE, align="left", dx=5, text="p = n", y=10)
        .encode(x=alt.X("n:Q", title="p, random features (log axis)")),
        data.transform_filter("datum.frame == 0").mark_line(color=NOISE, strokeWidth=1.5, clip=True).encode(x=x, y=y),
        data.transform_filter("datum.frame == frame").mark_line(color=TEST, strokeWidth=3, clip=True).encode(x=x, y=y),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.cache
def real_swarm() -> Spec:
    """Fits to resampled training sets of one real feature, over the held-out test points."""
    x = alt.X(
        "x:Q",
        title="Body mass index (kg/m²)",
        scale=alt.Scale(domain=[17, 43], nice=False),
        axis=alt.Axis(grid=False),
    )
    points = alt.Chart(alt.NamedData("points")).mark_point(color=NOISE, size=18, opacity=0.7, clip=True)
    layers = [
        points.encode(x=x, y=_y("y", "Disease progression (points)", 0, 360)),
        _swarm(list(_LINES)[1:], x, "Disease progression (points)", 0, 360),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.cache
def real_scatter() -> Spec:
    """Mean prediction ± its standard deviation over the training sets, against what was measured."""
    x = alt.X("y:Q", title="Measured progression (points)", scale=alt.Scale(domain=[0, 360], nice=False))
    y = alt.Y("mean:Q", title="Predicted, mean ± 1σ (points)", scale=alt.Scale(domain=[0, 360], nice=False))
    now = alt.Chart(alt.NamedData("predictions")).transform_filter("datum.frame == frame")
    line = alt.Chart(alt.NamedData("diagonal")).mark_line(color=TRUTH, strokeDash=[6, 3])
    layers = [
        line.encode(x=x, y=y),
        now.mark_rule(color=VARIANCE, opacity=0.5, clip=True).encode(
            x=x, y=alt.Y("low:Q", title="Predicted, mean ± 1σ (points)"), y2="high:Q"
        ),
        now.mark_point(color=VARIANCE, size=22, filled=True, clip=True).encode(x=x, y=y),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


def curve_rows(complexity: np.ndarray, **quantities: np.ndarray | float) -> Rows:
    """Long rows (frame, complexity, quantity, value), one quantity after the other."""
    columns = {name: np.broadcast_to(values, complexity.shape) for name, values in quantities.items()}
    return make_rows(
        {
            "frame": np.tile(np.arange(len(complexity)), len(columns)),
            "complexity": np.tile(complexity, len(columns)),
            "quantity": np.repeat(list(columns), len(complexity)),
            "value": np.concatenate(list(columns.values())),
        }
    )


def fit_rows(x: np.ndarray, mean: np.ndarray, std: np.ndarray, fits: np.ndarray) -> Rows:
    """Rows (frame, x): the mean (m, t) and its band, and one column for each of the fits (m, shown, t)."""
    m, t = mean.shape
    columns = {
        "frame": np.repeat(np.arange(m), t),
        "x": np.tile(x, m),
        "mean": mean.ravel(),
        "low": (mean - std).ravel(),
        "high": (mean + std).ravel(),
    }
    columns |= {name: fits[:, i].ravel() for i, name in enumerate(FITS[: fits.shape[1]])}
    # half the bytes, and far more digits than pixels
    return make_rows({name: column.astype(np.float32) for name, column in columns.items()})
