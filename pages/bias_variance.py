"""Bias and variance: refit a model on many training sets and watch its error split.

The lesson: bias² falls and variance rises as a model grows, and what matters is their sum. Regularising, adding
features, more data and cross-validation each move it in their own way. Each view below is one experiment; only
the chosen one computes and draws.
"""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore import bias_variance as bv
from pages.charts import bias_variance as charts
from pages.proof import bias_variance as proof
from pages.ui import numbers
from pages.ui.charts import Rows, draw, make_rows, stack_rows
from pages.ui.data import DIABETES, diabetes
from pages.ui.lab import Closing, ask, choose_experiment, choose_one, close_lab, live, open_lab, scenes, seen, verdict
from pages.ui.player import player
from pages.ui.turns import turn

MODELS = {"Polynomial": "polynomial", "k-NN": "knn", "Ridge": "ridge", "Random features": "random_features"}
ONE_INPUT = {"Polynomial": "polynomial", "k-NN": "knn", "Ridge": "ridge"}
TEN_INPUTS = {"Ridge": "ridge", "k-NN": "knn", "First j inputs": "subset"}
FUNCTIONS = ["Sine", "Cubic", "Line", "Runge", "Step", "Wiggle"]
DESIGNS = {"Evenly spaced": "fixed", "Random": "random"}
PENALTIES = [0.0, *np.logspace(-8, 1, 28).tolist()]  # of the double descent; 0 is the minimum norm
SIZES = [6, 8, 10, 14, 20, 30, 45, 70, 100, 150, 220, 330, 500]
GRID = 97  # test points over the domain; every second one is drawn
CHARTS = "bv_charts"

DEFAULTS = {
    "bv_view": "Trade-off",
    "bv_model": "Polynomial",
    "bv_function": "Sine",
    "bv_noise": 0.3,
    "bv_n": 30,
    "bv_sets": 100,
    "bv_design": "Evenly spaced",
    "bv_seed": 0,
    "bv_basis": 15,
    "bv_degree": 5,
    "bv_x0": 0.9,
    "bv_folds": 5,
}
SCENES = {
    "Underfit": DEFAULTS | {"frame": 1},
    "Overfit": DEFAULTS | {"frame": 19},
    "Regularise": DEFAULTS | {"bv_model": "Ridge", "bv_basis": 20},
    "Add features": DEFAULTS | {"bv_function": "Wiggle", "bv_noise": 0.15, "bv_n": 60, "frame": 5},
    "Get more data": DEFAULTS | {"bv_view": "Learning curves", "bv_degree": 15},
    "Cross-validate": DEFAULTS | {"bv_view": "Cross-validation"},
    "Double descent": DEFAULTS | {"bv_view": "Double descent", "bv_n": 20},
}

QUESTIONS = {
    "Trade-off": ("Play to the most complex model: which term is the largest there?", ["bias²", "variance", "noise"]),
    "Identity": (
        "At how many complexities is the measured error more than two standard errors off the sum?",
        ["under a quarter", "a quarter to a half", "over half"],
    ),
    "One point": ("With the most complex model, where do the fits scatter more?", ["at x = −1", "at x = 0"]),
    "Learning curves": ("From the smallest n to the largest, which term gives up more?", ["bias²", "variance"]),
    "Cross-validation": (
        "On what share of the training sets does k-fold miss the oracle's complexity?",
        ["under 25%", "25% to 75%", "over 75%"],
    ),
    "Double descent": (
        "Minimum-norm fits with p random features to n points: where is the test error largest?",
        ["p well under n", "p ≈ n", "p well over n"],
    ),
    "Real data": (
        "With the most complex model, which part of the test error is larger?",
        ["variance", "bias² + noise"],
    ),
}


@dataclass(frozen=True)
class Chosen:
    """The settings outside the sliders of an experiment; changing one reruns the whole page."""

    model: str
    function: str
    sets: int
    design: str
    seed: int
    option: dict[str, int]  # the degree of the ridge polynomial


@dataclass(frozen=True)
class ChosenReal:
    """The same for real data."""

    inputs: int
    model: str
    seed: int


def named(model: str, value: float) -> str:
    """A complexity in words."""
    words = {
        "polynomial": f"degree {value:.0f}",
        "knn": f"k = {value:.0f}",
        "ridge": f"λ = {numbers.short(value, 2)}",
        "random_features": f"p = {value:.0f}",
        "subset": f"{value:.0f} input{'s' if value != 1 else ''}",
    }
    return words[model]


def short(value: float) -> str:
    """A squared error to a thousandth, in three digits where it has exploded."""
    return f"{value:.3f}" if value < 10 else numbers.short(value)


def choose(view: str) -> tuple[Chosen, DeltaGenerator]:
    """Draw the controls of the synthetic problem; the second result is the place left for the sliders."""
    model = "random_features"
    if view != "Double descent":
        model = MODELS[st.selectbox("Model", list(MODELS), key="bv_model", bind="query-params")]
    function = st.selectbox(
        "True function f",
        FUNCTIONS,
        key="bv_function",
        bind="query-params",
        help="y = f(x) + noise, x from −1 to 1. A polynomial can equal Line (degree 1) and Cubic (degree 3). "
        "No polynomial equals Step, at any degree: it jumps.",
    )
    sliders = st.container()
    with st.popover("More settings", icon=":material/tune:", width="stretch"):
        sets = st.slider("Training sets", 10, 300, DEFAULTS["bv_sets"], 10, key="bv_sets", bind="query-params")
        design = choose_one(
            "Inputs x",
            list(DESIGNS),
            DEFAULTS["bv_design"],
            key="bv_design",
            help="Evenly spaced: every training set has the same x and only the noise is redrawn, as in the "
            "textbook formulas. Random: each set draws its own x, and high degrees blow up between the points.",
        )
        seed = st.slider("Seed", 0, 999, DEFAULTS["bv_seed"], key="bv_seed", bind="query-params")
        option = {}
        if model == "ridge":
            basis = DEFAULTS["bv_basis"]
            title = "Degree of the ridge polynomial"
            option["degree"] = st.slider(title, 1, 20, basis, key="bv_basis", bind="query-params")
    if model == "random_features":
        sets = min(sets, 40)
        st.markdown(":small[Random features: at most n = 30 and 40 training sets, since every p needs its own SVD.]")
    return Chosen(model, function.lower(), sets, DESIGNS[design], seed, option), sliders


def choose_real() -> tuple[ChosenReal, DeltaGenerator]:
    """The same for the real data."""
    inputs = choose_one(
        "Inputs",
        ["BMI only", "All ten"],
        "BMI only",
        key="bv_inputs",
        help="442 diabetes patients: body mass index alone, or with nine more measurements. The target is a score of "
        "disease progression a year later, 25 to 346 points.",
    )
    models, key = (ONE_INPUT, "bv_real_one") if inputs == "BMI only" else (TEN_INPUTS, "bv_real_ten")
    model = models[st.selectbox("Model", list(models), key=key, bind="query-params")]
    sliders = st.container()
    seed = st.slider("Seed", 0, 999, 0, key="bv_real_seed", bind="query-params")
    return ChosenReal(1 if inputs == "BMI only" else 10, model, seed), sliders


def noise_and_n(chosen: Chosen, *, with_n: bool = True) -> bv.Problem:
    """The two sliders that every synthetic experiment has; the problem that they complete."""
    noise = st.slider(
        "Noise σ",
        0.0,
        1.0,
        DEFAULTS["bv_noise"],
        0.05,
        key="bv_noise",
        bind="query-params",
        help="Standard deviation of y around f(x). σ² is the part of the error that no model removes.",
    )
    n = DEFAULTS["bv_n"]
    if with_n:
        n = st.slider("Training points n", 10, 100, DEFAULTS["bv_n"], key="bv_n", bind="query-params")
    if chosen.model == "random_features":
        n = min(n, 30)
    return bv.Problem(chosen.function, float(noise), n, chosen.sets, chosen.seed, chosen.design)


def draw_curves(model: str, d: bv.Decomposition, what: str) -> Rows:
    """Draw the terms of the error against complexity; returns the rows."""
    rows = charts.curve_rows(
        d.complexity,
        **{
            "Bias²": d.bias_squared,
            "Variance": d.variance,
            "Noise σ²": d.noise,
            "Test error": d.expected_error,
            "Training error": d.train_error,
        },
    )
    best = make_rows({"complexity": [d.complexity[d.best]], "value": [d.expected_error[d.best]]})
    draw(charts.curves(model), "Terms of the error against complexity.", what, curves=rows, best=best)
    return rows


def trade_off(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Bias² falls, variance rises, and the best model lies where their sum is least."""
    with controls:
        problem = noise_and_n(chosen)
    model, option = chosen.model, chosen.option
    d = bv.decompose(problem, model, n_shown=charts.SHOWN, n_grid=GRID, **option)
    x, y = bv.draw(problem)
    end, best = len(d.complexity) - 1, d.best
    parts = {"bias²": d.bias_squared[end], "variance": d.variance[end], "noise": d.noise}
    what = (
        f"The test error is least at **{named(model, d.complexity[best])}**: {short(d.expected_error[best])}, "
        f"of which {short(d.noise)} is noise that no model removes. At {named(model, d.complexity[0])} "
        f"{share(d.bias_squared[0], d.variance[0], 'bias²')}; at {named(model, d.complexity[end])} "
        f"{share(d.variance[end], d.bias_squared[end], 'variance')}. The training error goes from "
        f"{short(d.train_error[0])} to {short(d.train_error[end])} and shows no minimum in between."
        + leftover(model, d.complexity[end], d.bias_squared[end], d.variance[end], problem.n_sets)
    )
    labels = [
        f"{named(model, c)}: bias² {short(b)}, variance {short(v)}, test error {short(b + v + d.noise)}"
        for c, b, v in zip(d.complexity, d.bias_squared, d.variance, strict=True)
    ]
    swarm = charts.fit_rows(d.x[::2], d.mean[:, ::2], d.std[:, ::2], d.fits[:, :, ::2])
    with stage:
        verdict(
            lab,
            "Trade-off",
            max(parts, key=parts.get),
            ", ".join(f"{name} {short(value)}" for name, value in parts.items()) + ".",
        )
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            with left:
                draw(
                    charts.swarm(),
                    "Fits to several training sets with their mean and spread, over f.",
                    what,
                    fits=swarm,
                    truth=make_rows({"x": d.x, "y": d.truth}),
                    points=make_rows({"x": x[:, 0], "y": y[:, 0]}),
                )
            with right:
                curves = draw_curves(model, d, what)
        player(CHARTS, labels, start=best, rate=4)
        seen(what)
    return proof.closing(problem, model, option, GRID) | {"data": {"Curves": curves, "Fits": swarm}}


def share(part: float, other: float, name: str) -> str:
    """How much of the error above the noise one term makes up."""
    return (
        f"{name} is {part / (part + other):.0%} of the error above it"
        if part + other > 0
        else "nothing is left above it"
    )


def leftover(model: str, complexity: float, bias_squared: float, variance: float, sets: int) -> str:
    """A caution where the measured bias² is mostly chance: an average of S fits keeps 1/S of their variance."""
    if bias_squared > 3 * variance / sets or bias_squared < 0.05:
        return ""
    return (
        f" (Do not read the bias² at {named(model, complexity)} as bias: the average of {sets} fits still carries "
        f"1/{sets} of their variance.)"
    )


def identity(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """bias² + variance + noise is the expected test error: the measured one differs by chance alone."""
    with controls:
        problem = noise_and_n(chosen)
    model, option = chosen.model, chosen.option
    d = bv.decompose(problem, model, n_shown=0, n_grid=GRID, **option)
    gap = d.test_error - d.expected_error
    z = np.divide(gap, d.test_error_se, out=np.zeros_like(gap), where=d.test_error_se > 0)
    off, m = int((np.abs(z) > 2).sum()), len(z)
    label = [f"{c:.0f}" if model != "ridge" else numbers.short(c) for c in d.complexity]
    measured = make_rows(
        {
            "label": label,
            "error": d.test_error,
            "low": d.test_error - 2 * d.test_error_se,
            "high": d.test_error + 2 * d.test_error_se,
            "z": z,
        }
    )
    stacked = make_rows(
        {
            "label": label * 3,
            "quantity": np.repeat(["Noise σ²", "Bias²", "Variance"], m),
            "layer": np.repeat([0, 1, 2], m),
            "value": np.concatenate([np.full(m, d.noise), d.bias_squared, d.variance]),
        }
    )
    best = d.best
    what = (
        f"At {named(model, d.complexity[best])} the sum is {d.expected_error[best]:.4f} and the error measured on "
        f"fresh noisy targets {d.test_error[best]:.4f} ± {d.test_error_se[best]:.4f}. Over all {m} complexities, "
        f"{off} of the differences exceed two standard errors; chance alone would give about {0.046 * m:.0f}. "
        "(They share their test noise, so they go astray together.)"
    )
    with stage:
        options = QUESTIONS["Identity"][1]
        verdict(
            lab,
            "Identity",
            options[0 if off < m / 4 else 1 if off <= m / 2 else 2],
            f"It is {off} of {m}.",
        )
        left, right = st.columns(2)
        with left:
            draw(charts.identity_bars(model), "The terms stacked.", what, terms=stacked, measured=measured)
        with right:
            band = make_rows({"low": [-2], "high": [2]})
            spec = charts.identity_gap(model)
            draw(spec, "Measured error less the sum, in standard errors.", what, measured=measured, band=band)
        seen(what)
    return proof.closing(problem, model, option, GRID) | {"data": {"Terms": stacked, "Measured": measured}}


def one_point(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """At a single x, bias is the distance of the mean from the truth and variance the spread of the dots."""

    def clicked() -> None:
        match st.session_state["bv_probe"]:
            case {"selection": {"chosen": [{"x": int() | float() as x}, *_]}} if -1 <= x <= 1:
                st.session_state["bv_x0"] = float(x)

    with controls:
        x0 = st.slider(
            "The point x₀ (or click the chart)",
            -1.0,
            1.0,
            DEFAULTS["bv_x0"],
            0.02,
            key="bv_x0",
            bind="query-params",
        )
        problem = noise_and_n(chosen)
    model, option = chosen.model, chosen.option
    d = bv.decompose(problem, model, n_shown=charts.SHOWN, n_grid=GRID, **option)
    axis, at = bv.predict(problem, model, [x0, -1.0, 0.0], **option)  # (m, 3, sets)
    here = at[:, 0]
    truth = float(bv.FUNCTIONS[problem.function](np.array([x0]))[0])
    mean, std = here.mean(axis=1), here.std(axis=1)
    x, y = bv.draw(problem)
    m, sets = here.shape
    best = int(np.argmin((mean - truth) ** 2 + std**2))
    what = (
        f"At x₀ = {x0:.2f} the truth is {truth:.3f}. With {named(model, axis[best])}, the best *for this point*, "
        f"the mean prediction is {mean[best]:.3f} (bias² {short((mean[best] - truth) ** 2)}) and the predictions "
        f"scatter by {std[best]:.3f} around it (variance {short(std[best] ** 2)}). Over the whole range the best is "
        f"{named(model, d.complexity[d.best])}: the trade is struck at each x anew."
    )
    edge, middle = at[-1, 1].var(), at[-1, 2].var()
    labels = [
        f"{named(model, c)}: mean {a:.3f}, bias² {short((a - truth) ** 2)}, variance {short(s**2)}"
        for c, a, s in zip(axis, mean, std, strict=True)
    ]
    moments = make_rows({"frame": np.arange(m), "mean": mean, "low": mean - std, "high": mean + std, "truth": truth})
    predictions = make_rows(
        {
            "frame": np.repeat(np.arange(m), sets),
            "complexity": np.repeat(axis, sets),
            "spread": np.tile((np.arange(sets) + 0.5) / sets, m),
            "value": here.ravel(),
        }
    )
    with stage:
        verdict(
            lab,
            "One point",
            "at x = −1" if edge > middle else "at x = 0",
            f"The variance is {short(edge)} at x = −1 and {short(middle)} at x = 0.",
        )
        with st.container(key=CHARTS):
            left, right = st.columns([3, 2])
            with left:
                draw(
                    charts.swarm(probe=True),
                    "Fits with the chosen point marked; click to choose another.",
                    what,
                    key="bv_probe",
                    on_select=clicked,
                    fits=charts.fit_rows(d.x[::2], d.mean[:, ::2], d.std[:, ::2], d.fits[:, :, ::2]),
                    truth=make_rows({"x": d.x, "y": d.truth}),
                    points=make_rows({"x": x[:, 0], "y": y[:, 0]}),
                    at=make_rows({"x": [x0]}),
                )
            with right:
                draw(
                    charts.at_one_point(),
                    "Predictions of every training set at the chosen point.",
                    what,
                    predictions=predictions,
                    moments=moments,
                )
        player(CHARTS, labels, start=best, rate=4)
        seen(what)
    return proof.closing(problem, model, option, GRID, x0) | {"data": {"Predictions": predictions, "Moments": moments}}


def learning_curves(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """More data lowers variance; bias² stays where the model's limits put it."""
    with controls:
        model, option = chosen.model, chosen.option
        problem = noise_and_n(chosen, with_n=False)
        complexity = {
            "polynomial": lambda: st.slider(
                "Degree", 0, 20, DEFAULTS["bv_degree"], key="bv_degree", bind="query-params"
            ),
            "knn": lambda: st.slider("k, neighbours", 1, 50, 5, key="bv_k", bind="query-params"),
            "ridge": lambda: st.select_slider(
                "λ, penalty",
                [10.0**e for e in range(-8, 4)],
                0.01,
                format_func="{:.0e}".format,
                key="bv_lambda",
                bind="query-params",
            ),
            "random_features": lambda: st.slider("p, features", 1, 60, 10, key="bv_features", bind="query-params"),
        }[model]()
    sizes = [n for n in SIZES if model != "random_features" or n <= 150]
    curve = learning_curve(model, problem, complexity, sizes, **option)
    name = named(model, complexity)
    rows = stack_rows(
        make_rows({"n": curve.sizes, "quantity": quantity, "value": values})
        for quantity, values in {
            "Bias²": curve.bias_squared,
            "Variance": curve.variance,
            "Noise σ²": curve.noise,
            "Test error": curve.test_error,
            "Training error": curve.train_error,
        }.items()
    )
    first, last = 0, len(curve.sizes) - 1
    drop = {
        "bias²": curve.bias_squared[first] - curve.bias_squared[last],
        "variance": curve.variance[first] - curve.variance[last],
    }
    more = max(drop, key=drop.get)
    n0, n1 = curve.sizes[first], curve.sizes[last]
    what = (
        f"{name[0].upper()}{name[1:]}: from n = {n0} to n = {n1} the variance goes from {short(curve.variance[first])} "
        f"to {short(curve.variance[last])}, bias² from {short(curve.bias_squared[first])} to "
        f"{short(curve.bias_squared[last])}. At n = {n1} test and training error are "
        f"{short(abs(curve.test_error[last] - curve.train_error[last]))} apart, and the test error is "
        f"{short(curve.test_error[last] - curve.noise)} above the noise: that is what more data of this kind cannot "
        "buy much more of."
    )
    with stage:
        verdict(
            lab,
            "Learning curves",
            more,
            f"Bias² falls by {short(drop['bias²'])}, variance by {short(drop['variance'])}.",
        )
        draw(charts.learning(), "Errors against the number of training points.", what, curves=rows)
        seen(what)
    return proof.learning_closing(problem, model, option, complexity, sizes, GRID) | {"data": {"Learning curves": rows}}


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs={bv.Problem: repr})
def learning_curve(model, problem, complexity, sizes, **option):
    """The curve, kept for the life of the process: large n take a while."""
    with turn():
        return bv.learning_curve(problem, model, complexity, sizes, n_grid=GRID, **option)


def cross_validation(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Cross-validation is a noisy judge: it seldom finds the oracle's model, and seldom loses much by it."""
    with controls:
        model, option = chosen.model, chosen.option
        problem = noise_and_n(chosen)
        folds = st.slider(
            "Folds", 2, 10, DEFAULTS["bv_folds"], key="bv_folds", bind="query-params", help="k of k-fold."
        )
    cv = cross_validate(problem, model, folds, **option)
    m, sets = cv.cv_error.shape
    everyone = np.arange(sets)
    frame = np.repeat(everyone, m)
    complexity = np.tile(cv.complexity, sets)
    rows = stack_rows(
        make_rows(
            {
                "frame": frame,
                "complexity": complexity,
                "quantity": name,
                "value": mid.T.ravel(),
                "low": low.T.ravel(),
                "high": high.T.ravel(),
            }
        )
        for name, mid, low, high in (
            ("Cross-validation", cv.cv_error, np.maximum(cv.cv_error - cv.cv_se, 0), cv.cv_error + cv.cv_se),
            ("Test error", cv.test_error, cv.test_error, cv.test_error),
        )
    )
    picks = {"CV choice": cv.chosen, "One-SE choice": cv.one_se, "Oracle": np.full(sets, cv.oracle)}
    choices = stack_rows(
        make_rows(
            {
                "frame": everyone,
                "choice": name,
                "complexity": cv.complexity[pick],
                "value": cv.test_error[pick, everyone],
            }
        )
        for name, pick in picks.items()
    )
    share_of = np.bincount(cv.chosen, minlength=m) / sets
    counts = make_rows(
        {
            "label": [f"{c:.0f}" if model != "ridge" else numbers.short(c) for c in cv.complexity],
            "share": share_of,
            "kind": np.where(np.arange(m) == cv.oracle, "Oracle's choice", "Another"),
        }
    )
    cost = cv.test_error[cv.chosen, everyone].mean()
    one_se = cv.test_error[cv.one_se, everyone].mean()
    oracle = cv.test_error[cv.oracle].mean()
    what = (
        f"{folds}-fold cross-validation picks another complexity than the oracle's "
        f"**{named(model, cv.complexity[cv.oracle])}** on **{cv.share_wrong:.0%}** of the {sets} training sets. Its "
        f"choices have a test error of {short(cost)} on average, the oracle's {short(oracle)}, the one-standard-error "
        f"rule's {short(one_se)}. Being wrong about the complexity and being wrong about the error are two things."
    )
    labels = [
        f"training set {i + 1} of {sets}: chooses {named(model, cv.complexity[c])}, "
        f"test error {short(cv.test_error[c, i])} (oracle's {short(cv.test_error[cv.oracle, i])})"
        for i, c in enumerate(cv.chosen)
    ]
    with stage:
        options = QUESTIONS["Cross-validation"][1]
        verdict(
            lab,
            "Cross-validation",
            options[0 if cv.share_wrong < 0.25 else 1 if cv.share_wrong <= 0.75 else 2],
            f"It misses it on {cv.share_wrong:.0%} of them.",
        )
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            with left:
                draw(
                    charts.cross_validation(model),
                    "Cross-validation on one training set.",
                    what,
                    sets=rows,
                    choices=choices,
                )
            with right:
                draw(charts.choices(model), "How often each complexity is chosen.", what, counts=counts)
        player(CHARTS, labels, rate=4)
        seen(what)
    return proof.cross_validation_closing(problem, model, option, folds, GRID) | {
        "data": {"Cross-validation": rows, "Choices": choices}
    }


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs={bv.Problem: repr})
def cross_validate(problem, model, folds, **option):
    """Every training set's cross-validation; random features take about half a second."""
    with turn():
        return bv.cross_validate(problem, model, folds, n_grid=GRID, **option)


def double_descent(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Past p = n the minimum-norm fit recovers; a suitable ridge penalty removes the spike."""
    with controls:
        problem = noise_and_n(chosen)
    d = descend(problem)
    n, worst = d.threshold, int(np.argmax(d.test_error[0]))
    ratio = d.features / n
    before, after = d.test_error[0][ratio < 0.8].min(), d.test_error[0][-1]
    tamed = [i for i in range(len(d.ridges)) if d.test_error[i].max() <= d.test_error[i][0] * 1.001]
    what = (
        f"Without a penalty the test error peaks at **p = {d.features[worst]}** ({short(d.test_error[0, worst])}; "
        f"n = {n}), where the fit just manages to pass through every point and its weights are largest "
        f"(‖w‖ = {d.norm[0, worst]:.1f}). Past it, of all fits through the points the smallest is taken, and the error "
        f"falls to {short(after)} at p = {d.features[-1]}; the best before the peak was {short(before)}."
    )
    if tamed:
        what += f" From λ = {d.ridges[tamed[0]]:.0e} on the peak is gone."
    labels = [
        f"{'minimum norm, λ = 0' if lam == 0 else f'λ = {lam:.0e}'}: highest error past p = 0.8 n is "
        f"{short(d.test_error[i][ratio >= 0.8].max())}"
        for i, lam in enumerate(d.ridges)
    ]
    rows = make_rows(
        {
            "frame": np.repeat(np.arange(len(d.ridges)), len(d.features)),
            "ridge": np.repeat(d.ridges, len(d.features)),
            "features": np.tile(d.features, len(d.ridges)),
            "test_error": d.test_error.ravel(),
            "train_error": d.train_error.ravel(),
            "norm": d.norm.ravel(),
        }
    )
    with stage:
        options, place = QUESTIONS["Double descent"][1], ratio[worst]
        verdict(
            lab,
            "Double descent",
            options[0 if place < 0.75 else 1 if place <= 1.35 else 2],
            f"At p = {d.features[worst]}.",
        )
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            line = make_rows({"n": [n]})
            with left:
                title = "Test error, median of the sets (log axis)"
                spec = charts.descent("test_error", title, 0.05, 1000)
                draw(spec, "Test error against p.", what, descent=rows, threshold=line)
            with right:
                title = "‖w‖, median of the sets (log axis)"
                spec = charts.descent("norm", title, 0.05, 1000)
                draw(spec, "Norm of the weights against p.", what, descent=rows, threshold=line)
        player(CHARTS, labels, rate=4)
        seen(what)
    return proof.descent_closing(problem, PENALTIES, GRID) | {"data": {"Double descent": rows}}


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs={bv.Problem: repr})
def descend(problem):
    """The sweep over p for every penalty: about a tenth of a second."""
    with turn():
        return bv.double_descent(problem, PENALTIES, n_grid=GRID)


def real_data(controls: DeltaGenerator, stage: DeltaGenerator, chosen: ChosenReal) -> Closing:
    """On real data the variance can be measured by resampling; bias² and noise only together."""
    with controls:
        n = st.slider("Training points n", 15, 150, 40, key="bv_real_n", bind="query-params")
        sets = st.slider("Resampled training sets", 10, 200, 60, 10, key="bv_real_sets", bind="query-params")
    one, model, seed = chosen.inputs == 1, chosen.model, chosen.seed
    names = ("bmi",) if one else DIABETES
    grid = tuple(np.linspace(18, 42.2, 61)) if one else None
    d = resample(names, model, n, sets, seed, grid)
    end, best = len(d.complexity) - 1, d.best
    rows = charts.curve_rows(
        d.complexity,
        **{
            "Bias² + noise": d.bias_squared_plus_noise,
            "Variance": d.variance,
            "Test error": d.test_error,
            "Training error": d.train_error,
        },
    )
    what = (
        f"Over {sets} training sets of {n} patients the test error is least at **{named(model, d.complexity[best])}**: "
        f"{d.test_error[best]:,.0f} points² (a typical miss of {d.test_error[best] ** 0.5:.0f} points), of which "
        f"{d.variance[best]:,.0f} is variance. The rest, {d.bias_squared_plus_noise[best]:,.0f}, is bias² *and* noise: "
        "each patient was measured once and the true function is unknown, so nothing in the data says how much of a "
        "miss is the model's and how much is chance. The sets overlap, which makes the variance somewhat too small."
        + leftover(
            model,
            d.complexity[end],
            d.bias_squared_plus_noise[end] - d.bias_squared_plus_noise[best],
            d.variance[end],
            sets,
        )
    )
    labels = [
        f"{named(model, c)}: bias² + noise {b:,.0f}, variance {v:,.0f}, test error {e:,.0f}"
        for c, b, v, e in zip(d.complexity, d.bias_squared_plus_noise, d.variance, d.test_error, strict=True)
    ]
    with stage:
        parts = {"variance": d.variance[end], "bias² + noise": d.bias_squared_plus_noise[end]}
        verdict(
            lab,
            "Real data",
            max(parts, key=parts.get),
            f"Variance {parts['variance']:,.0f}, bias² + noise {parts['bias² + noise']:,.0f}.",
        )
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            with left:
                if one:
                    shown = charts.fit_rows(d.x_grid, d.grid_mean, d.grid_std, d.grid_fits)
                    points = make_rows({"x": d.x_test[:, 0], "y": d.y_test})
                    draw(
                        charts.real_swarm(),
                        "Fits over the held-out patients.",
                        what,
                        fits=shown,
                        points=points,
                    )
                else:
                    m, t = d.mean.shape
                    shown = make_rows(
                        {
                            "frame": np.repeat(np.arange(m), t),
                            "y": np.tile(d.y_test, m),
                            "mean": d.mean.ravel(),
                            "low": (d.mean - d.std).ravel(),
                            "high": (d.mean + d.std).ravel(),
                        }
                    )
                    diagonal = make_rows({"y": [0, 360], "mean": [0, 360]})
                    spec = charts.real_scatter()
                    draw(spec, "Predicted against measured.", what, predictions=shown, diagonal=diagonal)
            with right:
                marked = make_rows({"complexity": [d.complexity[best]], "value": [d.test_error[best]]})
                draw(
                    charts.real_curves(model),
                    "Errors against complexity.",
                    what,
                    curves=rows,
                    best=marked,
                )
        player(CHARTS, labels, start=best, rate=4)
        seen(what)
    return proof.real_closing(names, model, n, sets, seed) | {"data": {"Curves": rows, "Predictions": shown}}


@st.cache_data(max_entries=64, show_spinner=False)
def resample(names, model, n, sets, seed, grid):
    """Refit on subsamples of the diabetes data."""
    X, y = diabetes(*names)
    with turn():
        return bv.decompose_resampled(X, y, model, n, sets, seed, n_shown=charts.SHOWN, x_grid=grid)


VIEWS = {
    "Trade-off": trade_off,
    "Identity": identity,
    "One point": one_point,
    "Learning curves": learning_curves,
    "Cross-validation": cross_validation,
    "Double descent": double_descent,
    "Real data": real_data,
}

lab = open_lab("bias_variance")
view = choose_experiment(lab, VIEWS, CHARTS)
scenes(lab, SCENES, CHARTS)
controls, stage = st.columns([1, 3.6], gap="medium")
with controls:
    chosen, sliders = choose_real() if view == "Real data" else choose(view)
with stage:
    ask(lab, view, *QUESTIONS[view])
    shown = st.container()
live(lab, VIEWS[view], sliders, shown, chosen)
close_lab(lab)
