"""Chart specifications, pictures and rows of the regularisation lab.

λ runs from large to small on every axis, so that models grow from left to right; `frame` is the index of λ, of
the fit, of the number of models or trials, or of the number of steps, as the experiment has it.
"""

import functools
from collections.abc import Sequence

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
    equal,
    make_rows,
    places,
    png,
    spec,
)
from pages.ui.player import frame_param

HEIGHT = 370
TALL = 430  # of the chart that stands beside two others
CHOICES = {  # name: colour, shape
    "Minimum": (BIAS, "triangle-down"),
    "One-SE rule": (TRAIN, "square"),
    "Oracle": (TEST, "diamond"),
}
_NOW = "datum.frame == frame"
_MARGIN = 44  # the room for the labels of y, the same above and below


def _lines(names: Sequence[str], colours: Sequence[str], dashes: Sequence[list[int]]) -> dict[str, object]:
    """Colour and dash of named lines in one legend; `line` holds the name."""
    legend = alt.Legend(title=None, columns=2, symbolType="stroke", symbolSize=120, symbolStrokeWidth=2.5)
    return {
        "color": alt.Color("line:N", scale=alt.Scale(domain=names, range=colours), legend=legend),
        "strokeDash": alt.StrokeDash("line:N", scale=alt.Scale(domain=names, range=dashes), legend=legend),
    }


def _named(names: Sequence[str], colours: Sequence[str], shapes: Sequence[str], columns: int = 3) -> dict[str, object]:
    """Colour and shape of named points in one legend; `mark` holds the name."""
    legend = alt.Legend(title=None, columns=columns, symbolOpacity=1)
    return {
        "color": alt.Color("mark:N", scale=alt.Scale(domain=names, range=colours), legend=legend),
        "shape": alt.Shape("mark:N", scale=alt.Scale(domain=names, range=shapes), legend=legend),
    }


def _choices(names: Sequence[str]) -> dict[str, object]:
    """Colour and shape of the choices of λ, in a legend on top."""
    legend = alt.Legend(title=None, orient="top", symbolOpacity=1, symbolSize=110, symbolStrokeWidth=0)
    colour, shape = zip(*(CHOICES[name] for name in names), strict=True)
    return {
        "fill": alt.Fill("choice:N", scale=alt.Scale(domain=names, range=colour), legend=legend),
        "shape": alt.Shape("choice:N", scale=alt.Scale(domain=names, range=shape), legend=legend),
    }


def _penalty(lams: tuple[float, float], room: float = 1.0) -> alt.X:
    """The axis of λ, falling from left to right; `room` leaves space for labels at its end."""
    return alt.X(
        "lam:Q",
        title="Penalty λ (log axis, less penalty →)",
        scale=alt.Scale(type="log", domain=[lams[1] / room, lams[0]], nice=False, reverse=True),
        axis=alt.Axis(grid=False, values=[10.0**p for p in range(-3, 3)]),
    )


def _fixed(field: str, title: str, domain: Sequence[float], **axis: object) -> alt.Y:
    return alt.Y(
        f"{field}:Q",
        title=title,
        scale=alt.Scale(domain=list(domain), nice=False, zero=False),
        axis=alt.Axis(minExtent=_MARGIN, **axis),
    )


def _root(field: str, title: str, domain: Sequence[float]) -> alt.Y:
    return alt.Y(
        f"{field}:Q",
        title=title,
        scale=alt.Scale(type="pow", exponent=0.5, domain=list(domain), nice=False),
        axis=alt.Axis(minExtent=_MARGIN, tickCount=5),
    )


# ------------------------------------------------------------------------------------------------ paths

LEVELS = {"Synthetic": (-2.5, 2.5), "Diabetes": (-42.0, 42.0)}  # the axis of a coefficient
COEFFICIENT = {"Synthetic": "Coefficient", "Diabetes": "Coefficient (points per SD)"}


@functools.lru_cache(maxsize=16)
def paths(data: str, names: tuple[str, ...], lams: tuple[float, float]) -> Spec:
    """Coefficients against λ, and below them on the same axis training and test error (real data: cross-validated).

    One chart costs a browser less than two: each of the two y scales has its part of the height.
    """
    known = data == "Synthetic"
    x = _penalty(lams, 1.9)
    test = "Test error, exact" if known else "10-fold error"
    kinds = ["Truly zero", "Truly non-zero" if known else "Coefficient", "Training error", test]  # `real` is 0 or 1
    shown = [1, 0, 2, 3] if known else [1, 2, 3]
    colours, dashes = [NOISE, FIT, TRAIN, TEST if known else BIAS], [[4, 3], [1, 0], [6, 3], [1, 0]]
    legend = alt.Legend(
        title=None,
        columns=2,
        symbolType="stroke",
        symbolSize=120,
        symbolStrokeWidth=2.5,
        labelExpr=f"{kinds!r}[datum.value]",
    )
    colour = alt.Scale(domain=shown, range=[colours[i] for i in shown])
    dash = alt.Scale(domain=shown, range=[dashes[i] for i in shown])

    def part(field: str, title: str, top: float, bottom: float, scale: dict[str, object], **axis: object) -> alt.Y:
        room = [{"expr": f"{bottom} * height"}, {"expr": f"{top} * height"}]
        axes = alt.Axis(orient="left", minExtent=_MARGIN, **axis)
        return alt.Y(f"{field}:Q", title=title, axis=axes, scale=alt.Scale(range=room, nice=False, **scale))

    def level(field: str) -> alt.Y:
        return part(field, COEFFICIENT[data], 0, 0.62, {"domain": LEVELS[data], "zero": False}, tickCount=5)

    def error(field: str) -> alt.Y:
        if known:
            scale = {"type": "pow", "exponent": 0.5, "domain": [0, 16]}
            return part(field, "Error (√ axis)", 0.7, 1, scale, values=[0, 1, 4, 9, 16])
        scale = {"domain": [2500, 6100], "zero": False}
        return part(field, "Error (points²)", 0.7, 1, scale, values=[3000, 4000, 5000, 6000], format="~s")

    def kind(number: int) -> dict[str, object]:
        return {
            "color": alt.ColorDatum(number, type="nominal"),
            "strokeDash": alt.StrokeDashDatum(number, type="nominal"),
        }

    rows, errors = alt.Chart(alt.NamedData("paths")), alt.Chart(alt.NamedData("errors"))
    by_kind = {
        "color": alt.Color("real:N", scale=colour, legend=legend),
        "strokeDash": alt.StrokeDash("real:N", scale=dash, legend=legend),
    }
    here = {"filled": True, "opacity": 1, "clip": True}
    coefficients = alt.layer(
        errors.transform_filter(_NOW).mark_rule(color=TRUTH, strokeWidth=1.5).encode(x=x),
        rows.transform_calculate(name=f"{list(names)}[datum.feature - 1]")
        .mark_line(clip=True, strokeWidth=1.8)
        .encode(x=x, y=level("coef"), detail=alt.Detail("name:N", title="Feature"), **by_kind),
        rows.transform_filter(_NOW).mark_point(size=34, **here).encode(x=x, y=level("coef"), color=by_kind["color"]),
        alt.Chart(alt.NamedData("ends"))
        .mark_text(align="left", dx=5, fontSize=11, color=NOISE)
        .encode(x=x, y=level("at"), text="label:N"),
    )
    now = errors.transform_filter(_NOW)
    best = {"color": TEST if known else BIAS, "opacity": 1}
    least = errors.transform_filter("datum.best")
    both = alt.layer(
        errors.mark_line(strokeWidth=2.5, clip=True).encode(x=x, y=error("train"), **kind(2)),
        errors.mark_line(strokeWidth=2.5, clip=True).encode(x=x, y=error("error"), **kind(3)),
        now.mark_point(size=50, **here).encode(x=x, y=error("train"), color=kind(2)["color"]),
        now.mark_point(size=50, **here).encode(x=x, y=error("error"), color=kind(3)["color"]),
        least.mark_point(shape="triangle-down", filled=True, size=90, yOffset=-9, **best).encode(x=x, y=error("error")),
        least.mark_text(dy=-21, fontWeight="bold", text="least", **best).encode(x=x, y=error("error")),
    )
    return spec(alt.layer(coefficients, both).resolve_scale(y="independent").add_params(frame_param()), TALL)


@functools.lru_cache(maxsize=16)
def coefficients(data: str, names: tuple[str, ...]) -> Spec:
    """Each coefficient at the player's λ beside the truth (real data: least squares); hollow where exactly zero."""
    reference = "Truth" if data == "Synthetic" else "Least squares"
    y = alt.Y(
        "feature:O",
        title="Feature",
        axis=alt.Axis(labelExpr=f"{list(names)!r}[datum.value - 1]", labelOverlap=False, grid=True, gridOpacity=0.4),
    )
    x = alt.X(
        "coef:Q",
        title=COEFFICIENT[data],
        scale=alt.Scale(domain=LEVELS[data], nice=False),
        axis=alt.Axis(tickCount=6, grid=False),
    )
    now = alt.Chart(alt.NamedData("paths")).transform_filter(_NOW)
    kinds = (reference, "Estimate", "Exactly 0")
    marks = _named(kinds, [TRUTH, FIT, NOISE], ["stroke", "circle", "circle"])
    marks["fill"] = alt.Fill("mark:N", scale=alt.Scale(domain=kinds, range=[TRUTH, FIT, "transparent"]))
    layers = [
        alt.Chart(alt.NamedData("reference"))
        .transform_calculate(mark=f"'{reference}'")
        .mark_point(angle=90, size=200, strokeWidth=3, opacity=1, clip=True)
        .encode(x=x, y=y, **marks),
        now.mark_rule(color=FIT, strokeWidth=1.5, clip=True).encode(x=x, x2=alt.datum(0), y=y),
        now.transform_calculate(mark="datum.coef == 0 ? 'Exactly 0' : 'Estimate'")
        .mark_point(size=55, opacity=1, strokeWidth=1.8, clip=True)
        .encode(
            x=x,
            y=y,
            **marks,
        ),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), TALL)


def path_rows(lams: np.ndarray, coef: np.ndarray, real: np.ndarray) -> Rows:
    """Rows (λ, feature from 1 on): the coefficient, and whether the true one differs from zero."""
    count, d = coef.shape
    return make_rows(
        {
            "frame": np.repeat(np.arange(count, dtype=np.int16), d),
            "lam": np.repeat(lams.astype(np.float32), d),
            "feature": np.tile(np.arange(1, d + 1, dtype=np.int16), count),
            "coef": coef.ravel().astype(np.float32),
            "real": np.tile(real.astype(np.int8), count),
        }
    )


def end_rows(lam: float, coef: np.ndarray, names: Sequence[str], levels: tuple[float, float]) -> Rows:
    """Where the names of the lines stand: at their last value, pushed apart to be legible."""
    low, high = levels
    gap = (high - low) / 14
    order = np.argsort(coef)
    at = np.clip(coef[order], low, high)
    for i in range(1, len(at)):
        at[i] = max(at[i], at[i - 1] + gap)
    shift = max(at[-1] - (high - gap / 2), 0) if len(at) else 0
    at = np.minimum(at, np.inf) - shift
    return make_rows({"lam": lam, "at": at, "label": [names[i] for i in order]})


# --------------------------------------------------------------------------------------------- geometry

PLANE = ((-2.4, 3.6), (-1.7, 2.2))


@functools.lru_cache(maxsize=8)
def geometry() -> Spec:
    """The constraint set and the loss contour that touch at the player's solution, and the way it went."""
    across, up = equal(*PLANE)
    x = alt.X("x:Q", title="w₁", scale=across, axis=alt.Axis(grid=False, tickCount=6))
    y = alt.Y("y:Q", title="w₂", scale=up, axis=alt.Axis(grid=False, tickCount=5))
    curves = alt.Chart(alt.NamedData("curves"))
    now = curves.transform_filter(_NOW)
    names = ("Budget", "Loss contour", "Way of the solution")
    kinds = _lines(names, [VARIANCE, FIT, TRUTH], [[1, 0], [1, 0], [4, 2]])
    way = alt.Chart(alt.NamedData("way")).transform_calculate(line=f"'{names[2]}'")
    marks = alt.Chart(alt.NamedData("marks"))
    axes = alt.Chart(alt.NamedData("zero")).mark_rule(color=NOISE, strokeWidth=1)
    layers = [
        axes.encode(x=x),
        axes.encode(y=y),
        alt.Chart(alt.NamedData("contours"))
        .mark_line(color=FIT, opacity=FAINT, strokeWidth=1, clip=True, tooltip=None)
        .encode(x=x, y=y, order="order:Q", detail="level:N"),
        now.transform_filter("datum.kind == 0")
        .mark_line(fill=VARIANCE, fillOpacity=0.15, strokeWidth=2.5, clip=True)
        .transform_calculate(line=f"'{names[0]}'")
        .encode(x=x, y=y, order="order:Q", **kinds),
        now.transform_filter("datum.kind == 1")
        .mark_line(strokeWidth=2.5, clip=True)
        .transform_calculate(line=f"'{names[1]}'")
        .encode(x=x, y=y, order="order:Q", **kinds),
        way.mark_line(strokeWidth=2, clip=True).encode(x=x, y=y, order="frame:Q", **kinds),
        way.transform_filter(_NOW)
        .mark_point(filled=True, size=130, color=TRUTH, stroke="white", strokeWidth=1.5, opacity=1)
        .encode(x=x, y=y),
        marks.mark_point(shape="cross", angle=45, filled=True, size=110, color=FIT, opacity=1).encode(x=x, y=y),
        marks.mark_text(align="left", dx=10, dy=-8, color=FIT, fontWeight="bold", text="ŵ").encode(x=x, y=y),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), TALL)


@functools.lru_cache(maxsize=8)
def two_paths() -> Spec:
    """Both weights against λ, with the λ from which the second is zero."""
    x = alt.X(
        "lam:Q",
        title="Penalty λ (less penalty →)",
        scale=alt.Scale(domain=[3, 0], nice=False),
        axis=alt.Axis(grid=False, tickCount=7),
    )
    y = _fixed("value", "Weight", (-0.5, 2.1), tickCount=6)
    rows = alt.Chart(alt.NamedData("way"))
    both = rows.transform_fold(["x", "y"], as_=["which", "value"]).transform_calculate(
        line="datum.which == 'x' ? 'w₁' : 'w₂'"
    )
    from_here = alt.Chart(alt.NamedData("zero_from"))
    layers = [
        from_here.mark_rule(color=NOISE, strokeDash=[4, 3], strokeWidth=1.5).encode(x=x),
        from_here.mark_text(align="right", dx=-6, y=12, color=NOISE, text="w₂ = 0 up to here").encode(x=x),
        rows.transform_filter(_NOW).mark_rule(color=TRUTH, strokeWidth=1.5).encode(x=x),
        both.mark_line(strokeWidth=2.5, clip=True).encode(
            x=x, y=y, **_lines(("w₁", "w₂"), [BIAS, VARIANCE], [[1, 0], [6, 3]])
        ),
        both.transform_filter(_NOW)
        .mark_point(filled=True, size=80, opacity=1, clip=True)
        .encode(x=x, y=y, color="line:N"),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), TALL)


def geometry_rows(outline: np.ndarray, contour: np.ndarray) -> Rows:
    """Rows (frame, kind, point) of the two closed curves of every λ, each (L, points, 2)."""
    count, points, _ = outline.shape
    both = np.stack([outline, contour], axis=1).reshape(-1, 2).astype(np.float32)
    return make_rows(
        {
            "frame": np.repeat(np.arange(count, dtype=np.int16), 2 * points),
            "kind": np.tile(np.repeat(np.array([0, 1], dtype=np.int8), points), count),
            "order": np.tile(np.arange(points, dtype=np.int16), 2 * count),
            "x": both[:, 0],
            "y": both[:, 1],
        }
    )


# ----------------------------------------------------------------------------------------------- splits


def _down(field: str, title: str | None = None) -> alt.Y:
    """The place of a fit, 0 at the top and 1 at the bottom, so that any number of them fills the height."""
    axis = alt.Axis(grid=False, labels=False, ticks=False, domain=False, minExtent=0 if title is None else 30)
    scale = alt.Scale(domain=[0, 1], nice=False, reverse=True)
    return alt.Y(f"{field}:Q", title=title, scale=scale, axis=axis)


@functools.lru_cache(maxsize=8)
def splits() -> Spec:
    """Who trains and who is tested in each fit: one picture, the player's fit framed."""
    ends = "datum.value ? 'last' : 'first'"  # labels, so that this plot is as high as the one beside it
    axis = alt.Axis(grid=False, values=[0, 1], labelExpr=ends, ticks=False, domain=False)
    x = alt.X("x:Q", title="Rows of the data, in order", scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)
    fits = alt.Chart(alt.NamedData("fits"))
    whole = {"x": alt.datum(0), "x2": alt.datum(1)}
    layers = [
        alt.Chart(alt.NamedData("picture"))
        .mark_image(aspect=False)
        .encode(x=x, y=_down("y", "Fit"), x2="x2:Q", y2="y2:Q", url="url:N"),
        fits.mark_text(align="right", fontSize=11, color=NOISE).encode(
            x=alt.value(-6), y=_down("middle", "Fit"), text="name:N"
        ),
        fits.transform_filter(_NOW)
        .mark_rect(filled=False, stroke=TRUTH, strokeWidth=2.5, tooltip=None)
        .encode(y=_down("y", "Fit"), y2="y2:Q", **whole),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.lru_cache(maxsize=8)
def shares() -> Spec:
    """The positives' share among the tested and the training rows of each fit, on the picture's own rows."""

    def share(field: str) -> alt.X:
        axis = alt.Axis(format="%", tickCount=5, grid=False)
        return alt.X(f"{field}:Q", title="Share of positives", scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)

    fits, overall = alt.Chart(alt.NamedData("fits")), alt.Chart(alt.NamedData("overall"))
    points = {"filled": True, "size": 50, "opacity": 1}
    layers = [
        overall.mark_rule(strokeDash=[4, 3], strokeWidth=2, color=NOISE).encode(x=share("share")),
        fits.mark_rect(color=TEST, opacity=0.4).encode(
            x=share("tested"), x2=alt.datum(0), y=_down("top"), y2="bottom:Q"
        ),
        fits.mark_point(shape="square", color=TEST, **points).encode(x=share("tested"), y=_down("middle")),
        fits.mark_point(shape="diamond", color=TRAIN, **points).encode(x=share("trained"), y=_down("middle")),
        fits.transform_filter(_NOW)
        .mark_rect(filled=False, stroke=TRUTH, strokeWidth=2.5)
        .encode(x=alt.datum(0), x2=alt.datum(1), y=_down("y"), y2="y2:Q"),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


def fit_rows(train: np.ndarray, test: np.ndarray, y: np.ndarray) -> Rows:
    """One row a fit: its place from 0 to 1, its name where there is room, and the shares of positives."""
    fits = len(test)
    frame, step = np.arange(fits), 1 if fits <= 25 else 5 if fits <= 50 else 10
    return make_rows(
        {
            "frame": frame,
            "name": [str(i + 1) if (i + 1) % step == 0 else "" for i in range(fits)],
            "y": frame / fits,
            "y2": (frame + 1) / fits,
            "top": (frame + 0.15) / fits,
            "middle": (frame + 0.5) / fits,
            "bottom": (frame + 0.85) / fits,
            "tested": test @ y / test.sum(axis=1),
            "trained": train @ y / train.sum(axis=1),
        }
    )


def split_picture(train: np.ndarray, test: np.ndarray, positive: np.ndarray, dark: bool) -> Rows:
    """Who does what: tall cells are tested, low ones train, none are unused; a hole marks a positive."""
    fits, n = train.shape
    wide, high = max(960 // n, 6), max(360 // fits, 6)
    rows, columns = np.arange(high)[:, None], np.arange(wide)
    gap = int(wide >= 4)
    full = (rows >= int(high > 4)) & (columns >= gap)
    low = full & (np.abs(rows - (high - 1) / 2) < high / 4)
    middle = (np.abs(rows - (high - 1) / 2) < 0.36 * min(wide, high)) & (
        np.abs(columns - wide / 2) < 0.36 * min(wide, high)
    )
    tiles = np.zeros((3, 2, high, wide), dtype=np.uint8)  # by unused, trained on, tested, and by negative, positive
    tiles[1, :, low], tiles[2, :, full], tiles[1:, 1, middle] = 1, 2, 0
    cells = tiles[np.where(test, 2, train.astype(int)), positive.astype(int)]  # (fits, n, high, wide)
    colours = [(16, 21, 29) if dark else (255, 255, 255)]
    colours += [tuple(bytes.fromhex(colour[1:])) for colour in (TRAIN, TEST)]
    palette = np.array([(*colour, 255) for colour in colours], dtype=np.uint8)
    picture = png(cells.swapaxes(1, 2).reshape(fits * high, n * wide), palette)
    return make_rows({"x": [0], "x2": [1], "y": [0], "y2": [1], "url": [picture]})


# ------------------------------------------------------------------------------------------- choosing λ

FOLD_ERRORS = {"Synthetic": (0, 16), "Diabetes": (1000, 9000)}


@functools.lru_cache(maxsize=16)
def choosing(data: str, lams: tuple[float, float]) -> Spec:
    """Each fold's error, their mean ± one standard error, the exact one where it is known, and the choices."""
    x, known = _penalty(lams), data == "Synthetic"
    title, domain = "Squared error", FOLD_ERRORS[data]

    def y(field: str) -> alt.Y:
        if known:
            return _root(field, f"{title} (√ axis)", domain)
        return _fixed(field, f"{title} (points²)", domain, tickCount=5, format="~s")

    names = ["Single folds", "Mean ± one SE", *(["Test error, exact"] if known else [])]
    kinds = _lines(names, [NOISE, BIAS, TEST][: len(names)], [[1, 0], [1, 0], [5, 3]][: len(names)])
    rows = alt.Chart(alt.NamedData("curves"))
    chosen = list(CHOICES) if known else list(CHOICES)[:2]
    layers = [
        alt.Chart(alt.NamedData("folds"))
        .transform_calculate(line=f"'{names[0]}'")
        .mark_line(strokeWidth=1, opacity=0.6, clip=True)
        .encode(x=x, y=y("error"), detail="fold:N", **kinds),
        rows.mark_area(color=BIAS, opacity=BAND, clip=True).encode(x=x, y=y("low"), y2="high:Q"),
        rows.transform_calculate(line=f"'{names[1]}'")
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(x=x, y=y("error"), **kinds),
        rows.transform_filter(_NOW).mark_rule(color=TRUTH, strokeWidth=1.5).encode(x=x),
        alt.Chart(alt.NamedData("limit"))
        .mark_rule(color=TRAIN, strokeDash=[2, 3], strokeWidth=1.5)
        .encode(x=alt.X("from:Q", title=""), x2="to:Q", y=y("error")),
        alt.Chart(alt.NamedData("choices"))
        .mark_point(size=150, filled=True, opacity=1, clip=True)
        .encode(x=x, y=y("error"), **_choices(chosen)),
    ]
    if known:
        test = rows.transform_calculate(line=f"'{names[2]}'").mark_line(strokeWidth=2.5, clip=True)
        layers.insert(3, test.encode(x=x, y=y("test"), **kinds))
    return spec(alt.layer(*layers).add_params(frame_param()), TALL)


# ---------------------------------------------------------------------------------------- how many folds

ESTIMATES = (0.4, 6.0)  # the axis of an estimated error


def _estimate(field: str) -> alt.Y:
    return alt.Y(
        f"{field}:Q",
        title="Estimated error (units of σ², log axis)",
        scale=alt.Scale(type="log", domain=ESTIMATES, nice=False),
        axis=alt.Axis(values=[0.5, 0.7, 1, 1.4, 2, 3, 4, 6], minExtent=_MARGIN),
    )


@functools.lru_cache(maxsize=8)
def fold_counts() -> Spec:
    """Mean and spread of the k-fold estimate for each k, on what it should and what it must have as mean."""
    x = alt.X("label:O", title="k, number of folds", sort=None, axis=alt.Axis(labelAngle=0))
    rows = alt.Chart(alt.NamedData("counts"))
    means = ("Mean estimate", "Its closed form", "Sought: all n rows")
    marks = _named(means, [BIAS, VARIANCE, TEST], ["circle", "diamond", "stroke"], columns=2)
    layers = [
        rows.mark_rule(color=NOISE, strokeWidth=1.5, clip=True).encode(x=x, y=_estimate("low"), y2="high:Q"),
        rows.mark_bar(color=NOISE, opacity=0.35, size=22, clip=True).encode(x=x, y=_estimate("lower"), y2="upper:Q"),
        alt.Chart(alt.NamedData("truth"))
        .transform_calculate(mark=f"'{means[2]}'")
        .mark_rule(strokeWidth=2, strokeDash=[6, 3])
        .encode(y=_estimate("error"), color=marks["color"]),
        rows.transform_calculate(mark=f"'{means[1]}'")
        .mark_point(size=150, strokeWidth=2.5, opacity=1, clip=True)
        .encode(x=x, y=_estimate("exact"), **marks),
        rows.transform_calculate(mark=f"'{means[0]}'")
        .mark_point(filled=True, size=60, opacity=1, clip=True)
        .encode(x=x, y=_estimate("mean"), **marks),
        rows.transform_filter(_NOW).mark_rule(color=TRUTH, strokeWidth=1.5, opacity=0.8).encode(x=x),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.lru_cache(maxsize=8)
def one_estimate() -> Spec:
    """The estimate on each data set against the exact error of the model fitted to that very set."""
    x = alt.X(
        "true:Q",
        title="Exact error of that fit (units of σ², log axis)",
        scale=alt.Scale(type="log", domain=[1, 3], nice=False),
        axis=alt.Axis(values=[1, 1.2, 1.5, 2, 2.5, 3], grid=False),
    )
    names = ("A data set", "Estimate = truth")
    marks = _named(names, [BIAS, TRUTH], ["circle", "stroke"])
    layers = [
        alt.Chart(alt.NamedData("diagonal"))
        .transform_calculate(mark=f"'{names[1]}'")
        .mark_line(strokeDash=[6, 3], strokeWidth=2, clip=True)
        .encode(x=x, y=_estimate("estimate"), color=marks["color"]),
        alt.Chart(alt.NamedData("sets"))
        .transform_filter(_NOW)
        .transform_calculate(mark=f"'{names[0]}'")
        .mark_point(size=26, opacity=0.7, filled=True, clip=True)
        .encode(x=x, y=_estimate("estimate"), **marks),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


# -------------------------------------------------------------------------------------------- error map

BANDS = (1.05, 1.15, 1.3, 1.6, 2.2, 4.0)  # multiples of the least error
_SHADES = {
    False: ("#08306b", "#1c5a9c", "#3a84bf", "#6baed6", "#a3cce3", "#cfe1f0", "#eef3f9"),
    True: ("#b9dcf5", "#7db6e3", "#4c8fc7", "#316fa3", "#22527c", "#193a58", "#142737"),
}


@functools.lru_cache(maxsize=8)
def error_map(lams: tuple[float, float], degrees: int, dark: bool) -> Spec:
    """The error of every degree and λ as a multiple of the least one, with three choices marked."""
    x = alt.X(
        "left:Q",
        title="Penalty λ (log axis, less penalty →)",
        scale=alt.Scale(type="log", domain=lams[::-1], nice=False, reverse=True),
        axis=alt.Axis(grid=False, values=[10.0**p for p in range(-6, 2, 2)]),
    )
    y = alt.Y(
        "low:Q",
        title="Degree of the polynomial",
        scale=alt.Scale(domain=[0.5, degrees + 0.5], nice=False, zero=False),
        axis=alt.Axis(grid=False, values=[1, 3, 5, 7, 9, 11, 13, 15]),
    )
    legend = alt.Legend(
        title="Error, times the least one",
        titleLimit=0,
        orient="bottom",
        symbolType="square",
        symbolOpacity=1,
        columns=4,
        columnPadding=6,
        labelExpr=f"{[f'≤ {b:g}' for b in BANDS] + ['more']!r}[datum.value]",
    )
    scale = alt.Scale(domain=list(range(7)), range=_SHADES[dark])  # the least error stands out from the page
    # Where two choices fall together the square shows behind the others.
    marks = alt.Chart(alt.NamedData("choices")).transform_calculate(size="datum.choice == 'One-SE rule' ? 380 : 150")
    at = {"x": x.copy(deep=True), "y": y.copy(deep=True)}
    at["x"]["shorthand"], at["y"]["shorthand"] = "lam:Q", "degree:Q"
    layers = [
        alt.Chart(alt.NamedData("cells"))
        .mark_rect(strokeWidth=0.5)
        .encode(
            stroke=alt.Stroke("band:O", scale=scale, legend=legend),
            x=x,
            x2="right:Q",
            y=y,
            y2="high:Q",
            color=alt.Color("band:O", scale=scale, legend=legend),
        ),
        marks.mark_point(filled=True, opacity=1, stroke="white", strokeWidth=2).encode(
            **at,
            **_choices(list(CHOICES)),
            size=alt.Size("size:Q", scale=None, legend=None),
        ),
    ]
    return spec(alt.layer(*layers), TALL)


@functools.lru_cache(maxsize=8)
def fits() -> Spec:
    """The fits of the three choices over the truth and the training points."""
    x = alt.X("x:Q", title="x", scale=alt.Scale(domain=[-1, 1], nice=False), axis=alt.Axis(grid=False))
    y = _fixed("y", "y", (-2, 2), tickCount=5)
    names = ("Truth f", *CHOICES)
    kinds = _lines(names, [INK, *(c for c, _ in CHOICES.values())], [[6, 3], [1, 0], [8, 2], [2, 2]])
    points = alt.Chart(alt.NamedData("points")).mark_point(filled=True, size=40, color=NOISE, opacity=0.9, clip=True)
    layers = [
        points.encode(x=x, y=y),
        alt.Chart(alt.NamedData("fits")).mark_line(strokeWidth=2.5, clip=True).encode(x=x, y=y, **kinds),
    ]
    return spec(alt.layer(*layers), TALL)


# ------------------------------------------------------------------------------------------- many peeks

ACCURACY = (0.3, 1.0)


def _accuracy(field: str) -> alt.Y:
    scale = alt.Scale(domain=list(ACCURACY), nice=False, zero=False)
    axis = alt.Axis(format="%", tickCount=5, minExtent=_MARGIN)
    return alt.Y(f"{field}:Q", title="Accuracy", scale=scale, axis=axis)


@functools.lru_cache(maxsize=8)
def peeks() -> Spec:
    """The best of N guessing models on the test set that chose it, and on fresh rows."""
    x = alt.X(
        "models:Q",
        title="Models tried, N (log axis)",
        scale=alt.Scale(type="log", domain=[1, 1000], nice=False),
        axis=alt.Axis(grid=False, values=[1, 3, 10, 30, 100, 300, 1000]),
    )
    names = ("On its test set (exact)", "On fresh rows", "Bound ½ + σ√(2 ln N)")
    kinds = _lines(names, [TEST, TRAIN, NOISE], [[1, 0], [6, 3], [2, 3]])
    rows = alt.Chart(alt.NamedData("peeks"))
    fields = ("expected", "fresh", "bound")
    lines = [
        rows.transform_calculate(line=f"'{name}'")
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(x=x, y=_accuracy(field), **kinds)
        for name, field in zip(names, fields, strict=True)
    ]
    layers = [
        rows.mark_area(color=TEST, opacity=BAND, clip=True).encode(x=x, y=_accuracy("low"), y2="high:Q"),
        *lines,
        rows.transform_filter(_NOW).mark_rule(color=TRUTH, strokeWidth=1.5).encode(x=x),
        rows.transform_filter(_NOW)
        .mark_point(filled=True, size=80, color=TEST, opacity=1, clip=True)
        .encode(x=x, y=_accuracy("expected")),
        rows.transform_filter(_NOW)
        .mark_point(filled=True, size=80, color=TRAIN, shape="square", opacity=1, clip=True)
        .encode(x=x, y=_accuracy("fresh")),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.lru_cache(maxsize=8)
def peek_counts() -> Spec:
    """How the repetitions spread at the player's N: on the test set to the right, on fresh rows to the left."""
    x = alt.X(
        "share:Q",
        title="Share of the repetitions",
        scale=alt.Scale(domain=[-0.7, 0.7], nice=False),
        axis=alt.Axis(
            grid=False, values=[-0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6], labelExpr="format(abs(datum.value), '.0%')"
        ),
    )
    names = ("On its test set", "On fresh rows")
    colour = alt.Color("kind:N", scale=alt.Scale(domain=names, range=[TEST, TRAIN]), legend=alt.Legend(title=None))
    bars = (
        alt.Chart(alt.NamedData("bins"))
        .transform_filter(_NOW)
        .transform_calculate(kind=f"datum.share > 0 ? '{names[0]}' : '{names[1]}'", high="datum.low + 0.018")
        .mark_rect(clip=True)
        .encode(x=x, x2=alt.datum(0), y=_accuracy("low"), y2="high:Q", color=colour)
    )
    half = alt.Chart(alt.NamedData("half")).mark_rule(color=TRUTH, strokeWidth=2, strokeDash=[6, 3])
    truth = half.encode(y=_accuracy("accuracy"))
    return spec(alt.layer(bars, truth).add_params(frame_param()), HEIGHT)


# ---------------------------------------------------------------------------------------------- leakage

PROCEDURES = {
    "Selected outside the folds": VARIANCE,
    "Scaled outside the folds": NOISE,
    "All inside the folds": BIAS,
    "On fresh rows": TRAIN,
}


@functools.lru_cache(maxsize=8)
def leakage() -> Spec:
    """The accuracy that each procedure reports, a dot a data set, with the means."""
    x = alt.X(
        "accuracy:Q",
        title="Accuracy on features of pure noise",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(format="%", tickCount=10, grid=False),
    )
    names = list(PROCEDURES)
    y = alt.Y(
        "procedure:N",
        title=None,
        sort=names,
        axis=alt.Axis(labelLimit=0, labelFontSize=13, ticks=False, domain=False, labelPadding=8),
    )
    colour = alt.Color("procedure:N", scale=alt.Scale(domain=names, range=list(PROCEDURES.values())), legend=None)
    means = alt.Chart(alt.NamedData("means"))
    half = alt.Chart(alt.NamedData("half"))
    layers = [
        half.mark_rule(color=TRUTH, strokeWidth=2, strokeDash=[6, 3]).encode(x=x),
        half.mark_text(color=TRUTH, align="left", dx=6, dy=8, y=0, fontWeight="bold", text="truth: a coin").encode(x=x),
        alt.Chart(alt.NamedData("accuracies"))
        .mark_point(filled=True, size=38, opacity=0.55)
        .encode(
            x=x,
            y=y,
            yOffset=alt.YOffset("jitter:Q", scale=alt.Scale(domain=[-1, 1])),
            color=colour,
        ),
        means.mark_tick(thickness=4, size=56).encode(x=x, y=y, color=colour),
        means.mark_text(align="left", dx=7, dy=-24, fontWeight="bold", fontSize=14).encode(
            x=x, y=y, color=colour, text=alt.Text("accuracy:Q", format=".1%")
        ),
    ]
    return spec(alt.layer(*layers), HEIGHT)


# --------------------------------------------------------------------------------------- early stopping


@functools.lru_cache(maxsize=8)
def factors() -> Spec:
    """The share of least squares that each method keeps along every principal direction, at the player's step."""
    x = alt.X(
        "direction:Q", title="Principal direction, by falling variance s²", axis=alt.Axis(grid=False, tickMinStep=1)
    )
    x = x.scale(domain=[0.5, 20.5], nice=False)
    y = _fixed("value", "Share of least squares kept", (0, 1.02), tickCount=5, format="%")
    names = ("Descent after t steps", "Ridge at λ = 1/(ηt)")
    marks = _named(names, [VARIANCE, BIAS], ["circle", "diamond"])
    rows = alt.Chart(alt.NamedData("factors")).transform_filter(_NOW)
    both = rows.transform_fold(["descent", "ridge"], as_=["which", "value"]).transform_calculate(
        mark=f"datum.which == 'descent' ? '{names[0]}' : '{names[1]}'"
    )
    layers = [
        rows.mark_rule(color=NOISE, strokeWidth=2).encode(
            x=x, y=_fixed("descent", "Share of least squares kept", (0, 1.02)), y2="ridge:Q"
        ),
        both.mark_point(filled=True, size=75, opacity=1).encode(x=x, y=y, **marks),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.lru_cache(maxsize=8)
def stopping(steps: tuple[float, float]) -> Spec:
    """The exact test error of both against the number of steps, each one's least marked."""
    x = alt.X(
        "steps:Q",
        title="Steps t (log axis); ridge at λ = 1/(ηt)",
        scale=alt.Scale(type="log", domain=steps, nice=False),
        axis=alt.Axis(grid=False, values=[10.0**p for p in range(7)]),
    )
    y = _root("value", "Squared test error, exact (√ axis)", (0, 16))
    names = ("Descent after t steps", "Ridge at λ = 1/(ηt)")
    rows = alt.Chart(alt.NamedData("errors"))
    both = rows.transform_fold(["descent", "ridge"], as_=["which", "value"]).transform_calculate(
        line=f"datum.which == 'descent' ? '{names[0]}' : '{names[1]}'"
    )
    kinds = _lines(names, [VARIANCE, BIAS], [[1, 0], [6, 3]])
    best = alt.Chart(alt.NamedData("best"))
    layers = [
        rows.transform_filter(_NOW).mark_rule(color=TRUTH, strokeWidth=1.5).encode(x=x),
        both.mark_line(strokeWidth=2.5, clip=True).encode(x=x, y=y, **kinds),
        both.transform_filter(_NOW)
        .mark_point(filled=True, size=70, opacity=1, clip=True)
        .encode(x=x, y=y, color="line:N"),
        best.mark_point(shape="triangle-down", filled=True, size=100, yOffset=-10, opacity=1).encode(
            x=x, y=y, color="line:N"
        ),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


# ----------------------------------------------------------------------------------------------- search

SEARCHES = {"Grid": (VARIANCE, "square", [6, 3]), "Random": (BIAS, "circle", [1, 0])}


@functools.lru_cache(maxsize=8)
def trials(dark: bool) -> Spec:
    """The trials of both searches so far on the response surface, with their shadows on the axis that matters."""

    def at(field: str, title: str) -> dict[str, object]:
        scale = alt.Scale(domain=[-0.06, 1.06], nice=False)
        return {"title": title, "scale": scale, "axis": alt.Axis(grid=False, values=[0, 0.2, 0.4, 0.6, 0.8, 1])}

    x, y = (alt.X("x:Q", **at("x", "First hyperparameter")), alt.Y("y:Q", **at("y", "Second hyperparameter")))
    colour, shape, _ = zip(*SEARCHES.values(), strict=True)
    marks = _named(list(SEARCHES), colour, shape)
    halo = "#10151d" if dark else "#ffffff"
    rows = alt.Chart(alt.NamedData("trials")).transform_filter("datum.order <= frame")
    ticks = rows.transform_calculate(edge="datum.mark == 'Grid' ? -0.035 : 1.035")
    layers = [
        alt.Chart(alt.NamedData("picture"))
        .mark_image(aspect=False)
        .encode(x=x, y=y, x2="x2:Q", y2="y2:Q", url="url:N"),
        places(x, y, "Score"),
        rows.mark_point(filled=True, size=80, opacity=1, stroke=halo, strokeWidth=1).encode(x=x, y=y, **marks),
        ticks.mark_tick(thickness=2, size=12).encode(
            x=x, y=alt.Y("edge:Q", **at("y", "Second hyperparameter")), color="mark:N"
        ),
        alt.Chart(alt.NamedData("peak"))
        .mark_point(shape="cross", angle=45, size=110, filled=True, color="#f3f4f6" if dark else "#1f2937", opacity=1)
        .encode(x=x, y=y),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


@functools.lru_cache(maxsize=8)
def best_found() -> Spec:
    """The best score found, on average over many problems, against the number of trials."""
    x = alt.X(
        "budget:Q",
        title="Trials",
        scale=alt.Scale(domain=[0, 100], nice=False),
        axis=alt.Axis(grid=False, tickCount=10),
    )
    y = _fixed("score", "Best score found, mean (1 is the peak)", (0, 1), tickCount=5)
    colour, _, dash = zip(*SEARCHES.values(), strict=True)
    rows = alt.Chart(alt.NamedData("scores"))
    kinds = _lines(list(SEARCHES), colour, dash)
    grid = rows.transform_filter("datum.line == 'Grid'")
    layers = [
        alt.Chart(alt.NamedData("scores"))
        .transform_filter("datum.line == 'Random' && datum.budget == frame + 1")
        .mark_rule(color=TRUTH, strokeWidth=1.5)
        .encode(x=x),
        rows.mark_line(strokeWidth=2.5).encode(x=x, y=y, **kinds),
        grid.mark_point(filled=True, size=55, shape="square", color=SEARCHES["Grid"][0], opacity=1).encode(x=x, y=y),
    ]
    return spec(alt.layer(*layers).add_params(frame_param()), HEIGHT)


def surface_picture(score: np.ndarray, dark: bool) -> Rows:
    """The score, (rows from bottom to top, columns) from 0 to 1 on the unit square, as a picture."""
    low, high = ((16, 21, 29), (150, 120, 40)) if dark else ((255, 255, 255), (236, 201, 110))
    rgb = np.array(low) + np.round(score[::-1, :, None] * 12) / 12 * (np.array(high) - np.array(low))
    return make_rows({"x": [0.0], "x2": [1.0], "y": [0.0], "y2": [1.0], "url": [png(rgb.astype(np.uint8))]})
