"""Chart specifications of the model evaluation lab.

`frame` is the threshold that the player shows, from "flag everybody" on the left to "flag nobody" on the right,
evenly spaced in log-odds. Where it is an axis, the labels are data: they say which probability is reported there.
"""

import functools

import altair as alt
import numpy as np

from mlcore.metrics import iso_f1
from mlcore.numerics import sigmoid
from pages.ui.charts import FIT, NEGATIVE, NOISE, POSITIVE, TEST, TRAIN, TRUTH, VARIANCE, Rows, Spec, make_rows, spec
from pages.ui.numbers import short
from pages.ui.player import frame_param

FRAMES = 101
SMALL, LARGE = 198, 400
LEGEND, TWO_LINES = 30, 52  # the height that a legend adds
TOP_SHARE = 0.12  # of all cases in one bar: taller bars are cut
TOP_COST = 2.0  # in costs of the better constant rule: above, the curve leaves the picture
TRAININGS = {
    "plain": ("As the data are", "#6f7782", "circle"),
    "weighted": ("Class weights", POSITIVE, "square"),
    "oversampled": ("Oversampled", FIT, "triangle-up"),
    "undersampled": ("Undersampled", TRAIN, "diamond"),
}
REPAIRS = {
    "none": ("none", "#6f7782", [1, 0]),
    "temperature": ("temperature", FIT, [6, 3]),
    "platt": ("Platt", POSITIVE, [3, 2]),
    "isotonic": ("isotonic", TRAIN, [1, 0]),
}
CONSTANTS = {
    "rmse": ("RMSE → mean", VARIANCE, "circle", [1, 0]),
    "mae": ("MAE → median", TRAIN, "square", [6, 3]),
    "huber": ("Huber", FIT, "diamond", [3, 2]),
}
_UNIT = alt.Scale(domain=[0, 1], nice=False)
_BEST = {"shape": "triangle-down", "filled": True, "size": 130, "opacity": 1, "color": TEST, "yOffset": -8}
_HERE = {"size": 130, "filled": True, "opacity": 1, "color": FIT, "stroke": "#ffffff", "strokeWidth": 1.5}


def _of(field: str, title: str, scale: alt.Scale = _UNIT, **axis: object) -> dict[str, object]:
    """Both halves of an encoding: the field and how its axis looks."""
    return {"shorthand": f"{field}:Q", "title": title, "scale": scale, "axis": alt.Axis(**{"tickCount": 5, **axis})}


def _named(names: dict[str, tuple], channel: str, place: int, columns: int = 4) -> alt.Color | alt.Shape:
    """One channel of a legend whose entries are the first items of `names`; channels share the legend."""
    kind = {"color": alt.Color, "shape": alt.Shape, "strokeDash": alt.StrokeDash}[channel]
    scale = alt.Scale(domain=[entry[0] for entry in names.values()], range=[entry[place] for entry in names.values()])
    return kind("kind:N", scale=scale, legend=alt.Legend(title=None, columns=columns, symbolOpacity=1))


def _played(layers: list[alt.Chart], height: int) -> Spec:
    """The specification of a chart that follows the player; its numbers are valid, so Vega need not check them."""
    return spec(alt.layer(*layers).add_params(frame_param()).configure_mark(invalid=None), height)


def _threshold_axis() -> tuple[alt.X, list[alt.Chart]]:
    """The axis of frames; its labels and grid lines come with the data `ticks` (frame, label)."""
    scale = alt.Scale(domain=[0, FRAMES - 1], nice=False)
    plain = alt.Axis(labels=False, ticks=False, grid=False, titlePadding=20)
    x = alt.X("frame:Q", title="Reported probability (log-odds scale)", scale=scale, axis=plain)
    ticks = alt.Chart(alt.NamedData("ticks")).encode(x=x)
    return x, [
        ticks.mark_rule(color=NOISE, opacity=0.25),
        ticks.mark_text(baseline="top", fontSize=10, y=alt.expr("height + 6")).encode(text="label:N"),
    ]


def _like(channel: alt.X | alt.Y, field: str) -> alt.X | alt.Y:
    """The same axis for another field."""
    other = channel.copy()
    other["shorthand"] = f"{field}:Q"
    return other


def _now() -> alt.Chart:
    """The row of the sweep at the player's frame."""
    return alt.Chart(alt.NamedData("sweep")).transform_filter("datum.frame == frame")


@functools.cache
def distributions() -> Spec:
    """Bars of both classes by reported probability; those at or above the threshold are filled."""
    x, layers = _threshold_axis()
    y_scale = alt.Scale(type="pow", exponent=0.5, domain=[0, TOP_SHARE], nice=False)
    y_axis = alt.Axis(tickCount=4, format="%", grid=False)
    bars = alt.Chart(alt.NamedData("bins"))
    flagged = bars.transform_filter("datum.end > frame").transform_calculate(start="max(datum.frame, frame)")
    for rows, start, opacity in ((bars, "frame", 0.3), (flagged, "start", 0.75)):
        for field, colour in (("negative", NEGATIVE), ("positive", POSITIVE)):
            y = alt.Y(f"{field}:Q", title="Share of cases (√)", scale=y_scale, axis=y_axis)
            bar = rows.mark_rect(color=colour, opacity=opacity, clip=True)
            layers.append(bar.encode(x=_like(x, start), x2="end:Q", y=y, y2=alt.datum(0)))
    layers.append(_now().mark_rule(color=FIT, strokeWidth=2).encode(x=x))
    corner = alt.Chart(alt.InlineData([{}]))
    for text, colour, at, align in (("■ negatives", NEGATIVE, 6, "left"), ("■ positives", POSITIVE, "width", "right")):
        mark = corner.mark_text(text=text, color=colour, align=align, baseline="top", fontWeight="bold", y=4)
        layers.append(mark.encode(x=alt.value(at)))
    return _played(layers, SMALL)


def _lines(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """The sample's curve over the population's, with the player's point."""
    known = f"isValid(datum.{y['shorthand'][:-2]})"
    exact = alt.Chart(alt.NamedData("exact")).transform_filter(known)
    sample = alt.Chart(alt.NamedData("sweep")).transform_filter(known)
    order = alt.Order("frame:Q")
    return [
        exact.mark_line(color=TRUTH, strokeDash=[6, 3], strokeWidth=2, clip=True).encode(x=x, y=y, order=order),
        sample.mark_line(color=FIT, strokeWidth=2.5, clip=True).encode(x=x, y=y, order=order),
        sample.transform_filter("datum.frame == frame").mark_point(**_HERE, clip=True).encode(x=x, y=y),
    ]


@functools.cache
def roc(height: int, *, bands: bool = False) -> Spec:
    """TPR against FPR; `bands` adds the bootstrap's, and lines of equal cost through the point and the best one."""
    x = alt.X(**_of("fpr", "False-positive rate, FPR"))
    y = alt.Y(**_of("recall", "Recall, TPR"))
    ends = alt.InlineData([{"fpr": 0, "recall": 0}, {"fpr": 1, "recall": 1}])
    layers = [alt.Chart(ends).mark_line(color=NOISE, strokeDash=[2, 2], strokeWidth=1, tooltip=None).encode(x=x, y=y)]
    if bands:
        layers.append(_band(x, y))
    layers += _lines(x, y)
    if bands:
        cheapest = alt.Chart(alt.NamedData("cheapest"))
        ends_of_line = {"x": _like(x, "x"), "x2": "x2:Q", "y": _like(y, "y"), "y2": "y2:Q"}
        layers += [
            alt.Chart(alt.NamedData("iso"))
            .transform_filter("datum.frame == frame")
            .mark_rule(color=FIT, strokeDash=[2, 3], strokeWidth=1.5)
            .encode(**ends_of_line),
            cheapest.mark_rule(color=TEST, strokeWidth=1.5).encode(**ends_of_line),
            cheapest.mark_point(**_BEST).encode(x=x, y=y),
        ]
    return _played(layers, height)


def _band(x: alt.X, y: alt.Y) -> alt.Chart:
    """The bootstrap's band."""
    area = alt.Chart(alt.NamedData("band")).mark_area(color=FIT, opacity=0.2)
    return area.encode(x=x, y=_like(y, "low"), y2="high:Q")


@functools.cache
def precision_recall(height: int, *, bands: bool = False) -> Spec:
    """Precision against recall over the prevalence; `bands` adds the bootstrap's and lines of equal F1."""
    x = alt.X(**_of("recall", "Recall, TPR"))
    y = alt.Y(**_of("precision", "Precision"))
    base = alt.Chart(alt.NamedData("base"))
    layers = [base.mark_rule(color=NOISE, strokeDash=[2, 2]).encode(y=y)]
    if bands:
        layers = [*_equal_f1(x, y), *layers, _band(x, y)]
    else:
        words = base.mark_text(align="left", baseline="bottom", text="prevalence", dx=4, dy=-2, fontSize=10)
        layers.append(words.encode(y=y, x=alt.value(0)))
    layers += _lines(x, y)
    if bands:
        best = alt.Chart(alt.NamedData("best"))
        layers.append(best.mark_point(**_BEST).encode(x=x, y=y))
    return _played(layers, height)


def _equal_f1(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Lines of F1 = 0.1 … 0.9, numbered at their right end."""
    rows = [
        {"f1": f"F₁ {f1}", "recall": recall, "precision": precision}
        for f1 in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
        for recall, precision in np.round(np.transpose(iso_f1(f1, 31)), 4).tolist()
    ]
    lines = alt.Chart(alt.InlineData(rows)).encode(x=x, y=y, detail="f1:N")
    ends = lines.transform_filter("datum.recall > 0.9999")
    return [
        lines.mark_line(color=NOISE, opacity=0.45, strokeWidth=1, tooltip=None),
        ends.mark_text(align="right", dx=-3, dy=-5, fontSize=10).encode(text="f1:N"),
    ]


@functools.cache
def cost(height: int) -> Spec:
    """Expected cost against the threshold, in costs of the better constant rule; `marks` names thresholds."""
    x, layers = _threshold_axis()
    y = alt.Y(**_of("cost", "Cost ÷ that of the better constant", alt.Scale(domain=[0, TOP_COST], nice=False)))
    if height == SMALL:
        y["title"] = "Relative cost"
    one = alt.Chart(alt.InlineData([{"cost": 1}]))
    layers.append(one.mark_rule(color=NOISE, strokeDash=[2, 2]).encode(y=y))
    layers += _lines(x, y)
    marks = alt.Chart(alt.NamedData("marks")).encode(x=x)
    layers += [
        marks.mark_rule(color=TEST, strokeDash=[4, 3]),
        marks.mark_text(color=TEST, fontWeight="bold", align="left", dx=4, baseline="top", clip=True).encode(
            text="name:N", y=_like(y, "place")
        ),
    ]
    return _played(layers, height)


@functools.cache
def cost_curve() -> Spec:
    """Normalised cost against the share of the possible cost that misses make up: the envelope of all thresholds."""
    x = alt.X(**_of("share", "Probability cost πc ÷ (πc + 1 − π), c a miss’s cost"))
    y = alt.Y(**_of("cost", "Normalised cost (1: always wrong)", alt.Scale(domain=[0, 0.6], nice=False)))
    corners = alt.InlineData([{"share": 0, "cost": 0}, {"share": 0.5, "cost": 0.5}, {"share": 1, "cost": 0}])
    names = alt.InlineData(
        [{"share": 0.36, "cost": 0.42, "text": "flag nobody"}, {"share": 0.64, "cost": 0.42, "text": "flag everybody"}]
    )
    ends = alt.Chart(alt.NamedData("sweep")).transform_filter("datum.frame == frame")
    line = {"color": FIT, "strokeDash": [2, 3], "strokeWidth": 2, "clip": True}
    here = alt.Chart(alt.NamedData("here"))
    layers = [
        alt.Chart(corners).mark_line(color=NOISE, strokeDash=[2, 2]).encode(x=x, y=y),
        alt.Chart(names).mark_text(fontSize=11).encode(x=x, y=y, text="text:N"),
        alt.Chart(alt.NamedData("envelope")).mark_line(color=TEST, strokeWidth=2.5).encode(x=x, y=y),
        ends.mark_rule(**line).encode(x=_like(x, "zero"), x2="one:Q", y=_like(y, "fpr"), y2="fnr:Q"),
        here.mark_rule(color=TRUTH, strokeDash=[6, 3]).encode(x=x),
        here.mark_text(color=TRUTH, align="left", dx=4, baseline="top", fontWeight="bold", y=2).encode(
            x=x, text="name:N"
        ),
    ]
    return _played(layers, LARGE)


@functools.cache
def reliability() -> Spec:
    """Observed frequency against mean prediction of each bin, with Wilson intervals and counts, for one repair."""
    x = alt.X(**_of("predicted", "Mean predicted probability of the bin"))
    y = alt.Y(**_of("observed", "Share of positives in the bin"))
    bins = alt.Chart(alt.NamedData("bins")).transform_filter("datum.frame == frame").encode(x=x)
    layers = [
        _diagonal(x, y),
        bins.mark_rule(color=FIT, strokeWidth=2).encode(y=_like(y, "low"), y2="high:Q"),
        bins.mark_point(**{**_HERE, "size": 90}).encode(y=y),
        bins.mark_text(dx=7, align="left", fontSize=10).encode(y=y, text="count:Q"),
    ]
    return _played(layers, LARGE)


def _diagonal(x: alt.X, y: alt.Y) -> alt.Chart:
    names = [axis["shorthand"][:-2] for axis in (x, y)]
    ends = alt.InlineData([dict.fromkeys(names, 0), dict.fromkeys(names, 1)])
    return alt.Chart(ends).mark_line(color=TRUTH, strokeDash=[6, 3], tooltip=None).encode(x=x, y=y)


@functools.cache
def repairs() -> Spec:
    """What each repair makes of a reported probability."""
    x = alt.X(**_of("reported", "Reported probability"))
    y = alt.Y(**_of("repaired", "Repaired probability"))
    colour, dash = _named(REPAIRS, "color", 1, 2), _named(REPAIRS, "strokeDash", 2, 2)
    rows = alt.Chart(alt.NamedData("maps")).encode(x=x, y=y, color=colour, order="reported:Q")
    ideal = alt.Chart(alt.NamedData("ideal")).encode(x=x, y=y)
    layers = [
        ideal.mark_line(color=TRUTH, strokeWidth=6, opacity=0.45),
        rows.mark_line(strokeWidth=1.5, opacity=0.7).encode(strokeDash=dash),
        rows.transform_filter("datum.frame == frame").mark_line(strokeWidth=4),
    ]
    return _played(layers, LARGE + TWO_LINES)


@functools.cache
def pair_plane() -> Spec:
    """Each pair as a point: the negative's score across, the positive's up; above the diagonal the positive wins."""
    title = "Score of the {} (scaled to 0 … 1)"
    x, y = alt.X(**_of("negative", title.format("negative"))), alt.Y(**_of("positive", title.format("positive")))
    pairs = alt.Chart(alt.NamedData("pairs")).transform_filter("datum.frame <= frame")
    outcomes = {1: ("wins", FIT, "circle"), 0: ("loses", POSITIVE, "cross"), 2: ("ties", TRUTH, "diamond")}
    colour, shape = _named(outcomes, "color", 1), _named(outcomes, "shape", 2)
    layers = [
        _diagonal(x, y),
        pairs.mark_point(filled=True, size=38, opacity=0.75).encode(x=x, y=y, color=colour, shape=shape),
        pairs.transform_filter("datum.frame == frame")
        .mark_point(size=260, strokeWidth=2.5, color=NOISE, opacity=1)
        .encode(x=x, y=y),
    ]
    return _played(layers, LARGE + LEGEND)


@functools.cache
def pair_average(pairs: int) -> Spec:
    """The running share of wins with two standard errors, and the AUC that it approaches."""
    scale = alt.Scale(domain=[0, pairs], nice=False)
    x = alt.X("frame:Q", title="Pairs drawn", scale=scale, axis=alt.Axis(grid=False, tickCount=5))
    y = alt.Y(**_of("estimate", "Share of pairs won, ties half"))
    rows = alt.Chart(alt.NamedData("running"))
    drawn = rows.transform_filter("datum.frame <= frame").encode(x=x)
    layers = [
        drawn.mark_area(color=FIT, opacity=0.2, clip=True).encode(y=_like(y, "low"), y2="high:Q"),
        alt.Chart(alt.NamedData("auc")).mark_rule(color=TRUTH, strokeDash=[6, 3], strokeWidth=2).encode(y=y),
        drawn.mark_line(color=FIT, strokeWidth=2.5).encode(y=y),
        rows.transform_filter("datum.frame == frame").mark_point(**_HERE).encode(x=x, y=y),
    ]
    return _played(layers, LARGE)


@functools.cache
def imbalance() -> Spec:
    """Reliability of the four trainings, before and after prior correction."""
    x = alt.X(**_of("predicted", "Mean predicted probability of the bin"))
    y = alt.Y(**_of("observed", "Share of positives in the bin"))
    colour, shape = _named(TRAININGS, "color", 1, 2), _named(TRAININGS, "shape", 2, 2)
    rows = alt.Chart(alt.NamedData("bins")).transform_filter("datum.frame == frame").encode(x=x, y=y, color=colour)
    layers = [
        _diagonal(x, y),
        rows.mark_line(strokeWidth=2),
        rows.mark_point(filled=True, size=60, opacity=1).encode(shape=shape),
    ]
    return _played(layers, LARGE + TWO_LINES)


@functools.cache
def mean_predictions() -> Spec:
    """Mean prediction of each training beside the true prevalence."""
    names = [entry[0] for entry in TRAININGS.values()]
    y = alt.Y("kind:N", title=None, sort=names, scale=alt.Scale(domain=names), axis=alt.Axis(grid=True, labelLimit=200))
    x = alt.X(**_of("mean", "Mean prediction; dashed: the prevalence"))
    colour, shape = (_named(TRAININGS, channel, place).legend(None) for channel, place in (("color", 1), ("shape", 2)))
    rows = alt.Chart(alt.NamedData("means")).transform_filter("datum.frame == frame").encode(x=x, y=y, color=colour)
    layers = [
        alt.Chart(alt.NamedData("base")).mark_rule(color=TRUTH, strokeDash=[6, 3], strokeWidth=2).encode(x=x),
        rows.mark_point(filled=True, size=150, opacity=1).encode(shape=shape),
    ]
    return _played(layers, LARGE)


@functools.lru_cache(maxsize=8)
def confusion(names: tuple[str, ...], dark: bool) -> Spec:
    """The confusion matrix: counts, shaded by their share of the true class."""
    place = {"sort": names, "scale": alt.Scale(domain=names), "axis": alt.Axis(labelAngle=0, grid=False)}
    x, y = alt.X("predicted:N", title="Predicted class", **place), alt.Y("true:N", title="True class", **place)
    rows = alt.Chart(alt.NamedData("cells")).encode(x=x, y=y)
    shades = ["#1c2430", "#2f7dd1"] if dark else ["#eaf2fb", "#1f5fae"]
    shade = alt.Color(
        "share:Q", title="Share of the true class", scale=alt.Scale(domain=[0, 1], range=shades), legend=None
    )
    size = 13 if len(names) < 6 else 10
    count = alt.Text("count:Q", format=",")
    layers = [
        rows.mark_rect(stroke=NOISE, strokeOpacity=0.4).encode(
            color=shade, detail=alt.Detail("count:Q", title="Cases")
        ),
        rows.transform_filter("datum.share <= 0.75")
        .mark_text(fontSize=size, color="#ffffff" if dark else "#1b2430", fontWeight="bold")
        .encode(text=count),
        rows.transform_filter("datum.share > 0.75")
        .mark_text(fontSize=size, color="#ffffff", fontWeight="bold")
        .encode(text=count),
    ]
    return spec(alt.layer(*layers), LARGE)


@functools.lru_cache(maxsize=8)
def class_rates(names: tuple[str, ...]) -> Spec:
    """Precision, recall and F1 of each class, and below them the three averages."""
    rates = {
        "precision": ("precision", FIT, "triangle-up"),
        "recall": ("recall", TRAIN, "square"),
        "F₁": ("F₁", POSITIVE, "circle"),
    }
    everything = [*names, "micro", "macro", "weighted"]
    y = alt.Y("class:N", title=None, sort=everything, scale=alt.Scale(domain=everything), axis=alt.Axis(grid=True))
    x = alt.X(**_of("value", "Rate"))
    marks = alt.Chart(alt.NamedData("rates")).mark_point(filled=True, size=90, opacity=0.9)
    line = alt.Chart(alt.InlineData([{"class": "micro"}])).mark_rule(color=NOISE, strokeDash=[3, 3], yOffset=-14)
    layers = [
        line.encode(y=y),
        marks.encode(x=x, y=y, color=_named(rates, "color", 1), shape=_named(rates, "shape", 2)),
    ]
    return spec(alt.layer(*layers), LARGE + LEGEND)


_VALUE = alt.Scale(type="pow", exponent=0.5, domain=[0, 100], nice=False)


@functools.cache
def best_constants() -> Spec:
    """The constant that is best for each loss, as the fifth value moves."""
    x = alt.X(**_of("frame", "Fifth value (√ axis)", _VALUE, values=[1, 4, 10, 25, 50, 100], tickCount=6))
    y = alt.Y(**_of("constant", "Best constant (y’s unit)", alt.Scale(domain=[0, 24], nice=False)))
    colour, shape = _named(CONSTANTS, "color", 1), _named(CONSTANTS, "shape", 2)
    rows = alt.Chart(alt.NamedData("constants")).encode(x=x, y=y, color=colour)
    layers = [
        *_dashed(rows),
        rows.transform_filter("datum.frame == frame").mark_point(filled=True, size=120, opacity=1).encode(shape=shape),
    ]
    return _played(layers, LARGE)


def _dashed(rows: alt.Chart) -> list[alt.Chart]:
    """A line for each loss; its dash is no channel, since a legend would fray the symbols with it."""
    return [
        rows.transform_filter(f"datum.kind == '{name}'").mark_line(strokeWidth=2.5, strokeDash=dash, clip=True)
        for name, _, _, dash in CONSTANTS.values()
    ]


@functools.cache
def constant_losses() -> Spec:
    """Each loss against the constant, in units of its least value, over the five values."""
    x = alt.X(
        **_of(
            "constant",
            "Constant predicted for all (√ axis)",
            _VALUE,
            values=[1, 4, 10, 25, 50, 100],
            labelOverlap=False,
        )
    )
    y = alt.Y(**_of("loss", "Loss ÷ its least value", alt.Scale(domain=[0.9, 3], nice=False)))
    colour, shape = _named(CONSTANTS, "color", 1), _named(CONSTANTS, "shape", 2)
    now = alt.Chart(alt.NamedData("losses")).transform_filter("datum.frame == frame")
    best = alt.Chart(alt.NamedData("constants")).transform_filter("datum.frame == frame").transform_calculate(loss="1")
    values = alt.Chart(alt.NamedData("values")).transform_filter("datum.frame == frame")
    layers = [
        *_dashed(now.encode(x=x, y=y, color=colour)),
        best.mark_point(filled=True, size=120, opacity=1).encode(x=x, y=y, color=colour, shape=shape),
        values.mark_tick(color=TRUTH, thickness=3, size=16, orient="vertical").encode(
            x=_like(x, "value"), y=alt.datum(0.95)
        ),
    ]
    return _played(layers, LARGE)


def ticks(cuts: np.ndarray) -> Rows:
    """Round probabilities to write along the frames, whose reported log-odds are `cuts` (FRAMES,), rising."""
    round_ones = [0.5, 0.1, 0.9, 0.01, 0.99, 0.001, 0.999, 1e-4, 0.9999, 1e-6, 0.999999, 1e-9, 1e-14]
    finer = [0.2, 0.8, 0.05, 0.95, 0.02, 0.3, 0.7, 0.4, 0.6]
    exact = sigmoid(cuts[[10, 50, 90]]).tolist()
    kept: dict[float, str] = {}
    for p, label in [
        *((p, short(p, 6)) for p in round_ones + finer),
        *((p, short(p)) for p in exact),
    ]:
        logit = np.log(p) - np.log1p(-p) if 0 < p < 1 else np.inf
        frame = (FRAMES - 1) * (logit - cuts[0]) / (cuts[-1] - cuts[0])
        if 3 <= frame <= FRAMES - 5 and all(abs(frame - other) >= 12 for other in kept):
            kept[float(frame)] = label
    return make_rows({"frame": list(kept), "label": list(kept.values())})
