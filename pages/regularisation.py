"""Regularisation and cross-validation: what a penalty does to the coefficients, and who may say which is best.

The lesson: a penalty buys lower variance with some bias, only the L1 price makes exact zeros, and the number
that chose a model can no longer judge it. Each view below is one experiment; only the chosen one computes and
draws.
"""

from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore import bias_variance as bv
from mlcore import linear_models as lm
from mlcore import validation as va
from pages.charts import regularisation as charts
from pages.proof import regularisation as proof
from pages.ui.charts import Rows, draw, is_dark, make_rows, stack_rows
from pages.ui.data import DIABETES, diabetes
from pages.ui.lab import Closing, ask, choose_experiment, choose_one, close_lab, live, open_lab, scenes, seen, verdict
from pages.ui.player import go_to, player

SCHEMES = ["k-fold", "Shuffled k-fold", "Repeated", "Stratified", "Leave-one-out", "Time-ordered"]
FUNCTIONS = ["Sine", "Cubic", "Line", "Runge", "Step", "Wiggle"]
DEGREES = tuple(range(1, 16))
MAP_PENALTIES = (10.0, 1e-6, 29)  # from, to, how many
FOLD_COUNTS = (2, 3, 4, 5, 7, 10, 20)  # and n
STEPS = np.unique(np.geomspace(1, 1e4, 70).astype(np.int64))
MODELS = np.unique(np.geomspace(1, 1000, 60).astype(np.int64))  # the N that the chart of many peeks shows
CHARTS = "rg_charts"

DEFAULTS = {
    "rg_view": "Paths",
    "rg_data": "Synthetic",
    "rg_penalty": "Lasso",
    "rg_alpha": 0.5,
    "rg_n": 60,
    "rg_noise": 1.0,
    "rg_rho": 0.3,
    "rg_nonzero": 5,
    "rg_unit": 1,
    "rg_seed": 0,
    "rg_corr": 0.5,
    "rg_scheme": "Shuffled k-fold",
    "rg_order": "Mixed",
    "rg_rows": 100,
    "rg_positives": 10,
    "rg_folds": 10,
    "rg_repeats": 3,
    "rg_train": 40,
    "rg_features": 8,
    "rg_function": "Sine",
    "rg_map": "Cross-validation",
    "rg_map_n": 30,
    "rg_map_noise": 0.3,
    "rg_map_folds": 5,
    "rg_test": 100,
    "rg_leak_n": 50,
    "rg_leak_p": 1000,
    "rg_leak_kept": 20,
    "rg_rate": 0.1,
    "rg_effective": "One",
    "rg_budget": 25,
    "rg_width": 0.05,
}
SCENES = {
    "Lasso makes zeros": DEFAULTS,
    "Ridge makes none": DEFAULTS | {"rg_penalty": "Ridge"},
    "The largest goes first": DEFAULTS | {"rg_data": "Diabetes", "frame": 20},
    "The corner": DEFAULTS | {"rg_view": "Geometry", "frame": 30},
    "Sorted rows": DEFAULTS | {"rg_view": "Splits", "rg_scheme": "k-fold", "rg_order": "Sorted", "rg_positives": 30},
    "One standard error": DEFAULTS | {"rg_view": "Choosing λ"},
    "Best of a thousand": DEFAULTS | {"rg_view": "Many peeks"},
    "The leak": DEFAULTS | {"rg_view": "Leakage"},
    "Stop early": DEFAULTS | {"rg_view": "Early stopping", "rg_n": 30, "rg_noise": 1.5},
}
QUESTIONS = {
    "Paths": (
        "At the λ with the least error (not training error), how many coefficients are exactly zero?",
        ["none", "some, up to half", "more than half"],
    ),
    "Geometry": (
        "Raise λ to the last point on screen where w₁ is not zero. What is w₂ there?",
        ["exactly zero", "positive", "negative"],
    ),
    "Splits": ("Is some model tested on rows without a single positive?", ["yes", "no"]),
    "Choosing λ": (
        "How many more coefficients does the minimum keep than the one-standard-error choice?",
        ["none", "1 to 4", "5 or more"],
    ),
    "How many folds": (
        "Whose estimate scatters least from data set to data set?",
        ["k = 2", "k = 5", "k = 10", "leaving one out"],
    ),
    "Error map": (
        "How does the chosen cell's validation error stand to its true error?",
        ["over 5% lower", "within 5%", "over 5% higher"],
    ),
    "Many peeks": (
        "The best of 1000 models that guess: how accurate is it on the test set that chose it?",
        ["under 55%", "55% to 65%", "over 65%"],
    ),
    "Leakage": (
        "Features of pure noise, chosen before the split: what does cross-validation report?",
        ["under 60%", "60% to 80%", "over 80%"],
    ),
    "Early stopping": (
        "Over all steps and directions, how far apart do descent and ridge get at most?",
        ["under 10 points", "10 to 30 points", "over 30 points"],
    ),
    "Search": ("With all trials spent, which finds the better score on average?", ["grid", "random search"]),
}


@dataclass(frozen=True)
class Setting:
    """The regression problem and the penalty; hashable, so that what is slow can be kept."""

    data: str
    penalty: str
    nonzero: int
    seed: int
    alpha: float = DEFAULTS["rg_alpha"]
    n: int = DEFAULTS["rg_n"]
    noise: float = DEFAULTS["rg_noise"]
    rho: float = DEFAULTS["rg_rho"]
    unit: int = DEFAULTS["rg_unit"]

    @property
    def known(self) -> bool:
        """Whether the true coefficients are known."""
        return self.data == "Synthetic"

    @property
    def l1_ratio(self) -> float:
        """α of the objective."""
        return {"Ridge": 0.0, "Elastic net": self.alpha, "Lasso": 1.0}[self.penalty]

    @cached_property
    def lams(self) -> np.ndarray:
        """The λ that are tried, from the largest down."""
        if not self.known:
            return 50 * 10 ** (-np.arange(75) / 20)
        return np.geomspace(3 if self.penalty == "Lasso" else 30, 0.003, 60)

    @property
    def range(self) -> tuple[float, float]:
        """The largest and the smallest λ, for the axes."""
        lams = self.lams
        return float(lams[0]), float(lams[-1])

    @property
    def names(self) -> tuple[str, ...]:
        """The features."""
        return tuple(f"x{j}" for j in range(1, 21)) if self.known else DIABETES

    @cached_property
    def problem(self) -> lm.SparseProblem:
        """The synthetic data."""
        return lm.sparse_problem(self.n, 20, self.nonzero, self.noise, self.rho, self.seed)

    def load(self) -> tuple[np.ndarray, np.ndarray]:
        """Features and targets; real features are standardised, body mass index then divided by `unit`."""
        if self.known:
            problem = self.problem
            return problem.X, problem.y
        X, y = diabetes(*DIABETES)
        X = (X - X.mean(axis=0)) / X.std(axis=0)
        return X / np.where(np.array(DIABETES) == "bmi", self.unit, 1), y

    def path(self) -> lm.CoefficientPath:
        """The coefficients at every λ."""
        X, y = self.load()
        return lm.elastic_net_path(X, y, self.lams, self.l1_ratio) if self.l1_ratio else lm.ridge_path(X, y, self.lams)


@dataclass(frozen=True)
class Chosen:
    """The controls outside the sliders; changing one reruns the whole page."""

    setting: Setting
    option: str = ""  # of the experiment's own choice
    order: str = ""  # of the rows, in the experiment Splits
    seed: int = 0


def short(value: float) -> str:
    """Three digits."""
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "−") if "e" not in text else text


def start_anew() -> None:
    """Let the player go to the start of what it moves now: a frame of one experiment means nothing in another."""
    go_to(CHARTS, None)


slider = partial(st.slider, bind="query-params")


def choose(view: str) -> tuple[Chosen, DeltaGenerator]:
    """Draw the choices of an experiment; the second result is the place left for the sliders."""
    data, penalty, option, order = DEFAULTS["rg_data"], DEFAULTS["rg_penalty"], "", ""
    if view in ("Paths", "Choosing λ"):
        data = choose_one(
            "Data",
            ["Synthetic", "Diabetes"],
            data,
            key="rg_data",
            on_change=start_anew,
            help="Synthetic: 20 features, of which only some have a true coefficient. Diabetes: 442 patients, ten "
            "measurements, standardised; the target is disease progression a year later, 25 to 346 points.",
        )
    if view in ("Paths", "Choosing λ", "Geometry"):
        penalty = choose_one("Penalty", ["Lasso", "Ridge", "Elastic net"], penalty, key="rg_penalty")
    if view == "Splits":
        option = st.selectbox(
            "Scheme", SCHEMES, SCHEMES.index(DEFAULTS["rg_scheme"]), key="rg_scheme", bind="query-params"
        )
        order = choose_one(
            "Order of the rows",
            ["Mixed", "Sorted"],
            DEFAULTS["rg_order"],
            key="rg_order",
            help="Sorted: all positives first, as a file often has them.",
        )
    if view == "Error map":
        option = choose_one("Error shown", ["Cross-validation", "True"], DEFAULTS["rg_map"], key="rg_map")
        order = st.selectbox("True function f", FUNCTIONS, key="rg_function", bind="query-params")
    if view == "Search":
        option = choose_one("Parameters that matter", ["One", "Two"], DEFAULTS["rg_effective"], key="rg_effective")
    sliders_here = st.container()
    nonzero, seed = DEFAULTS["rg_nonzero"], DEFAULTS["rg_seed"]
    if view != "Geometry":
        with st.popover("More settings", icon=":material/tune:", width="stretch"):
            if view == "Early stopping" or (view in ("Paths", "Choosing λ") and data == "Synthetic"):
                nonzero = slider("True non-zero coefficients", 1, 20, nonzero, key="rg_nonzero")
            seed = slider("Seed", 0, 999, seed, key="rg_seed")
    return Chosen(Setting(data, penalty, nonzero, seed), option, order, seed), sliders_here


def problem_sliders(setting: Setting) -> Setting:
    """The sliders of the regression problem: its size and noise, or the unit of one real feature."""
    if setting.known:
        setting = replace(
            setting,
            n=slider("Training rows n", 20, 200, DEFAULTS["rg_n"], key="rg_n"),
            noise=slider(
                "Noise σ",
                0.1,
                2.0,
                DEFAULTS["rg_noise"],
                0.1,
                key="rg_noise",
                help="Standard deviation of y around its mean. True coefficients are between 0.5 and 2 in size.",
            ),
            rho=slider(
                "Correlation ρ of neighbours",
                -0.9,
                0.95,
                DEFAULTS["rg_rho"],
                0.05,
                key="rg_rho",
                help="Features i and j have correlation ρ to the power |i − j|.",
            ),
        )
    if setting.penalty == "Elastic net":
        setting = replace(setting, alpha=alpha_slider())
    return setting


def alpha_slider() -> float:
    """The mix of the elastic net."""
    return slider(
        "L1 share α", 0.05, 0.95, DEFAULTS["rg_alpha"], 0.05, key="rg_alpha", help="0 would be ridge, 1 the lasso."
    )


@st.cache_data(max_entries=128, show_spinner=False)
def cross_validate(setting: Setting, folds: int, standardise: bool) -> va.PathValidation:
    """Every fold's error at every λ; the lasso takes tens of milliseconds."""
    X, y = setting.load()
    splits = va.k_fold(len(y), folds, setting.seed)
    return va.cross_validate_path(X, y, splits, setting.lams, setting.l1_ratio, standardise=standardise)


def reference_of(setting: Setting) -> np.ndarray:
    """What the coefficients are held against: the truth, or least squares where it is unknown."""
    X, y = setting.load()
    return setting.problem.coef if setting.known else lm.ridge_path(X, y, [1e-12]).coef[0] / unit_of(setting)


def unit_of(setting: Setting) -> np.ndarray:
    """What turns a coefficient into points per standard deviation: the divisor of each feature."""
    return np.where(np.array(setting.names) == "bmi", setting.unit, 1)


def coefficient_rows(setting: Setting, path: lm.CoefficientPath) -> tuple[Rows, Rows, np.ndarray]:
    """The rows of the paths and of the reference, and the coefficients as shown, (L, d)."""
    reference = reference_of(setting)
    coef = path.coef / unit_of(setting)
    rows = charts.path_rows(path.lams, coef, reference != 0)
    return rows, make_rows({"feature": np.arange(1, len(reference) + 1), "coef": reference}), coef


def counted(setting: Setting, coef: np.ndarray) -> str:
    """How many coefficients are not zero, and how many of those should not be."""
    used = coef != 0
    text = f"{used.sum()} of {len(coef)} coefficients are non-zero"
    if setting.known:
        real = setting.problem.coef != 0
        text += f" ({(used & real).sum()} of the {real.sum()} true ones, {(used & ~real).sum()} of the {(~real).sum()} "
        text += "others)"
    return text


def paths(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """As λ falls the coefficients grow; the lasso lets them in one after the other."""
    with controls:
        setting = problem_sliders(chosen.setting)
        if not setting.known:
            unit = slider(
                "Divide bmi by",
                1,
                20,
                DEFAULTS["rg_unit"],
                key="rg_unit",
                help="The unit of one feature. Coefficients are shown per standard deviation all the same, so least "
                "squares does not move.",
            )
            setting = replace(setting, unit=unit)
    X, y = setting.load()
    path = setting.path()
    rows, reference, coef = coefficient_rows(setting, path)
    train = ((path.predict(X) - y) ** 2).mean(axis=1)
    if setting.known:
        error, of = setting.problem.test_error(path.coef, path.intercept), "test error"
    else:  # scaled once on all rows, since scaling in the folds would undo the unit
        error, of = cross_validate(setting, 10, False).error, "10-fold error"
    lams, best = path.lams, int(error.argmin())
    zeros = int((coef[best] == 0).sum())
    what = (
        f"The {of} is least at **λ = {short(lams[best])}**: {short(error[best])}, where "
        f"{counted(setting, coef[best])}. With hardly any penalty (λ = {short(lams[-1])}) the training error is "
        f"{short(train[-1])}, the {of} {short(error[-1])}."
    )
    if setting.l1_ratio:
        what += f" From λ = {short(lm.lambda_max(X, y, setting.l1_ratio))} on all coefficients are zero."
    else:
        what += f" Ridge sets none to zero, not even at λ = {short(lams[0])}: it shrinks all of them."
    if not setting.known:
        what += dropped(setting, lams, coef, reference["coef"].to_numpy())
    labels = [
        f"λ = {short(lam)}: {used} of {len(X[0])} coefficients non-zero, {freedom:.1f} degrees of freedom, "
        f"{of} {short(e)}"
        for lam, used, freedom, e in zip(lams, path.n_nonzero, path.degrees_of_freedom, error, strict=True)
    ]
    levels = charts.LEVELS[setting.data]
    labelled = np.flatnonzero(reference["coef"] != 0)
    ends = charts.end_rows(lams[-1], coef[-1, labelled], [setting.names[j] for j in labelled], levels)
    frame = np.arange(len(lams))
    errors = make_rows({"frame": frame, "lam": lams, "train": train, "error": error, "best": frame == best})
    with stage:
        options = QUESTIONS["Paths"][1]
        half = len(X[0]) / 2
        verdict(
            lab,
            "Paths",
            options[0 if zeros == 0 else 1 if zeros <= half else 2],
            f"At λ = {short(lams[best])} it is {zeros} of {len(X[0])}.",
        )
        with st.container(key=CHARTS):
            left, right = st.columns([5, 4])
            with left:
                draw(
                    charts.paths(setting.data, setting.range),
                    "Coefficients, training and test error against λ.",
                    what,
                    paths=rows,
                    errors=errors,
                    ends=ends,
                )
            with right:
                draw(
                    charts.coefficients(setting.data, setting.names),
                    "The coefficients at one λ beside what they are held against.",
                    what,
                    paths=rows.select(["frame", "feature", "coef"]),
                    reference=reference,
                )
        player(CHARTS, labels, start=best, rate=8)
        seen(what)
    return proof.paths_closing(setting) | {"data": {"Paths": rows, "Errors": errors}}


def dropped(setting: Setting, lams: np.ndarray, coef: np.ndarray, least_squares: np.ndarray) -> str:
    """What became of the largest least-squares coefficient, and what body mass index has at λ = 5."""
    largest, bmi = int(np.abs(least_squares).argmax()), setting.names.index("bmi")
    at_five = int(np.abs(lams - 5).argmin())
    text = (
        f" In least squares {setting.names[largest]} has the largest coefficient in size, "
        f"{short(least_squares[largest])}"
    )
    if (coef[:, largest] == 0).any():
        out = int(np.flatnonzero(coef[:, largest] == 0).max())
        outlive = int((np.abs(coef[out]) > 0).sum())
        text += f"; yet it is zero at λ = {short(lams[out])} already, where {outlive} smaller ones are not"
    return f"{text}. At λ = 5 bmi has {short(coef[at_five, bmi])}."


def geometry(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """The loss contour meets the budget's outline; corners lie on the axes, and a circle has none."""
    with controls:
        rho = slider(
            "Correlation ρ of the two features",
            -0.9,
            0.9,
            DEFAULTS["rg_corr"],
            0.05,
            key="rg_corr",
            help="It tilts the ellipses. Their centre ŵ, the least-squares solution, stays at (2, 1).",
        )
        setting = chosen.setting
        if setting.penalty == "Elastic net":
            setting = replace(setting, alpha=alpha_slider())
    lams = 0.05 * np.arange(60, 0, -1)
    g = lm.geometry([2.0, 1.0], rho, lams, setting.l1_ratio, n_points=81)
    w1, w2 = g.w.T
    start = max(int(np.flatnonzero(w2 == 0).max(initial=-1)), 0)
    frame = np.arange(len(lams))
    way = make_rows({"frame": frame, "lam": lams, "x": w1, "y": w2, "budget": g.budget, "loss": g.loss})
    last = int(np.flatnonzero(w1 != 0).min())
    state = "exactly zero" if w2[last] == 0 else "positive" if w2[last] > 0 else "negative"
    edge = 1 + rho  # ŵ₂ (1 + ρ), with ŵ₂ = 1
    zero_from = make_rows({"lam": [edge] if setting.penalty == "Lasso" else []})
    if setting.penalty == "Lasso":
        what = (
            f"With correlation {short(rho)} the lasso's w₂ is zero from **λ = ŵ₂(1 + ρ) = {edge:.2f}** on: there the "
            f"contour meets the diamond at a corner, while w₁ is still ŵ₁ − ŵ₂ = 1. "
        )
    elif setting.penalty == "Ridge":
        what = (
            f"The circle has no corner: at correlation {short(rho)}, of {len(lams)} values of λ up to "
            f"{short(lams[0])}, "
            f"w₂ is exactly zero at {(w2 == 0).sum()}; at the largest it is {short(w2[0])}. "
        )
    else:
        out = np.flatnonzero(w2 == 0)
        what = f"Rounded sides, but corners on the axes: with L1 share {short(setting.alpha)}, w₂ is zero "
        what += f"from **λ = {short(lams[out.max()])}** on. " if len(out) else "at none of the λ on screen. "
    at_one = int(np.abs(lams - 1).argmin())
    what += f"At λ = {short(lams[at_one])} the solution is w = ({w1[at_one]:.3f}, {w2[at_one]:.3f})."
    labels = [
        f"λ = {lam:.2f}: w = ({a:.3f}, {b:.3f}), {'w₂ exactly 0, ' if b == 0 else ''}budget {short(t)}"
        for lam, a, b, t in zip(lams, w1, w2, g.budget, strict=True)
    ]
    unit = (g.contour[-1] - [2, 1]) / np.sqrt(2 * g.loss[-1])
    ellipses = [2, 1] + np.linspace(0.4, 3.2, 8)[:, None, None] * unit
    contours = make_rows(
        {
            "level": np.repeat(np.arange(len(ellipses)), len(unit)),
            "order": np.tile(np.arange(len(unit)), len(ellipses)),
            "x": ellipses[..., 0].ravel(),
            "y": ellipses[..., 1].ravel(),
        }
    )
    with stage:
        verdict(lab, "Geometry", state, f"At λ = {lams[last]:.2f}, w = ({w1[last]:.3f}, {w2[last]:.3f}).")
        with st.container(key=CHARTS):
            left, right = st.columns([5, 4])
            with left:
                draw(
                    charts.geometry(),
                    "The budget and the loss contour that touch at the solution.",
                    what,
                    curves=charts.geometry_rows(g.outline, g.contour),
                    contours=contours,
                    way=way.select(["frame", "x", "y"]),
                    marks=make_rows({"x": [2.0], "y": [1.0]}),
                    zero=make_rows({"x": [0.0], "y": [0.0]}),
                )
            with right:
                draw(charts.two_paths(), "Both weights against λ.", what, way=way, zero_from=zero_from)
        player(CHARTS, labels, start=start, rate=8)
        seen(what)
    return proof.geometry_closing(rho, lams, setting.l1_ratio) | {"data": {"Solutions": way}}


def classes(n: int, positives: int, order: str, seed: int) -> np.ndarray:
    """1 for so many positives among n rows: in front, or anywhere."""
    y = (np.arange(n) < positives).astype(np.int64)
    return y if order == "Sorted" else np.random.default_rng([seed, 7]).permutation(y)


def make_splits(scheme: str, y: np.ndarray, k: int, repeats: int, seed: int) -> va.Splits:
    """The splits of a scheme."""
    n = len(y)
    return {
        "k-fold": lambda: va.k_fold(n, k),
        "Shuffled k-fold": lambda: va.k_fold(n, k, seed),
        "Repeated": lambda: va.repeated_k_fold(n, k, repeats, seed),
        "Stratified": lambda: va.stratified_k_fold(y, k, seed),
        "Leave-one-out": lambda: va.leave_one_out(n),
        "Time-ordered": lambda: va.time_series_split(n, k),
    }[scheme]()


def splits(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Who is tested when, and what each test set looks like."""
    scheme, repeats, k = chosen.option, DEFAULTS["rg_repeats"], DEFAULTS["rg_folds"]
    with controls:
        n = slider("Rows n", 30, 100, DEFAULTS["rg_rows"], key="rg_rows")
        share = slider("Positives (%)", 2, 50, DEFAULTS["rg_positives"], key="rg_positives")
        if scheme != "Leave-one-out":
            k = slider("Folds k", 2, 15, k, key="rg_folds")
        if scheme == "Repeated":
            repeats = slider("Repeats", 2, 5, repeats, key="rg_repeats")
    positives = max(round(n * share / 100), 1)
    y = classes(n, positives, chosen.order, chosen.seed)
    made = make_splits(scheme, y, k, repeats, chosen.seed)
    test, train = made.test, made.train
    without = int((test @ y == 0).sum())
    fits = len(test)
    rows = charts.fit_rows(train, test, y)
    tested = rows["tested"].to_numpy()
    never = int((~test.any(axis=0)).sum())
    unused = int((~test & ~train).any(axis=0).sum())
    what = (
        f"{fits} fits; of {n} rows {positives} are positive ({positives / n:.0%}). The share among the tested goes "
        f"from "
        f"{tested.min():.0%} to {tested.max():.0%}, and **{without}** of the {fits} test sets hold no positive. "
    )
    if scheme in ("Shuffled k-fold", "Repeated"):
        size = n // k
        chance = none_of(n, positives, size)
        what += f"A random fold of {size} rows holds none with probability {chance:.3f}. "
    if scheme == "Time-ordered":
        what += f"Training rows always come first; {never} rows are never tested, {unused} are unused in some fit. "
    elif scheme == "Repeated":
        what += f"Every row is tested {repeats} times, in other company each time. "
    else:
        what += "Every row is tested once. "
    sizes = test.sum(axis=1)
    labels = [
        f"fit {i + 1} of {fits}: {train[i].sum()} rows train, {sizes[i]} are tested, {int(test[i] @ y)} of them "
        f"positive"
        for i in range(fits)
    ]
    with stage:
        verdict(lab, "Splits", "yes" if without else "no", f"{without} of {fits} test sets hold none.")
        with st.container(key=CHARTS):
            left, right = st.columns([3, 1.4])
            with left:
                picture = charts.split_picture(train, test, y == 1, is_dark())
                draw(charts.splits(), "Who trains and who is tested in each fit.", what, picture=picture, fits=rows)
            with right:
                overall = make_rows({"share": [positives / n]})
                draw(charts.shares(), "Share of positives in each fit.", what, fits=rows, overall=overall)
        player(CHARTS, labels, rate=3)
        st.markdown(
            ":small[Left: tall cells are tested, low ones train, gaps are unused; a hole marks a positive. Right: the "
            "share of positives among the tested (bar, square), the training rows (diamond) and all rows (dashed).]"
        )
        seen(what)
    shown = rows.select(["frame", "tested", "trained"])
    closing = proof.splits_closing(scheme, y, k, repeats, chosen.seed, made)
    return closing | {
        "data": {
            "Folds": make_rows({f"repeat {r + 1}": fold for r, fold in enumerate(made.fold)}),
            "Shares": shown,
        }
    }


def none_of(n: int, positives: int, size: int) -> float:
    """The probability that `size` rows drawn from n hold none of the positives."""
    return float(np.prod((n - positives - np.arange(size)) / (n - np.arange(size)))) if size <= n - positives else 0.0


def choosing(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """The folds disagree; their mean has a flat valley, and the rule of one standard error walks up its side."""
    with controls:
        folds = slider("Folds k", 2, 15, DEFAULTS["rg_folds"], key="rg_folds")
        setting = problem_sliders(chosen.setting)
    path = setting.path()
    cv = cross_validate(setting, folds, not setting.known)
    rows, reference, coef = coefficient_rows(setting, path)
    lams, count = path.lams, len(path.lams)
    columns = {
        "frame": np.arange(count),
        "lam": lams,
        "error": cv.error,
        "low": np.maximum(cv.error - cv.se, 0),
        "high": cv.error + cv.se,
    }
    picks = {"Minimum": cv.best, "One-SE rule": cv.one_se}
    if setting.known:
        test = setting.problem.test_error(path.coef, path.intercept)
        columns["test"] = test
        picks["Oracle"] = int(test.argmin())
    curves = make_rows(columns)
    fold_rows = make_rows(
        {
            "fold": np.repeat(np.arange(folds, dtype=np.int16), count),
            "lam": np.tile(lams, folds),
            "error": cv.fold_error.ravel(),
        }
    )
    choices = make_rows(
        {
            "choice": list(picks),
            "lam": lams[list(picks.values())],
            "error": [test[i] if name == "Oracle" else cv.error[i] for name, i in picks.items()],
        }
    )
    top = cv.error[cv.best] + cv.se[cv.best]
    limit = make_rows({"from": [lams[0]], "to": [lams[-1]], "error": [top]})
    used = path.n_nonzero
    more = int(used[cv.best] - used[cv.one_se])
    what = (
        f"The mean of the {folds} folds is least at **λ = {short(lams[cv.best])}** ({short(cv.error[cv.best])} ± "
        f"{short(cv.se[cv.best])}): {counted(setting, coef[cv.best])}. The largest λ within one standard error is "
        f"**{short(lams[cv.one_se])}**: {counted(setting, coef[cv.one_se])}. "
    )
    if setting.known:
        oracle = picks["Oracle"]
        what += (
            f"Exact test errors: {short(test[cv.best])} and {short(test[cv.one_se])}; the oracle has "
            f"{short(test[oracle])} at λ = {short(lams[oracle])}."
        )
    else:
        what += "On real data there is no oracle: nobody knows the true error, so nobody can mark its minimum."
    labels = [
        f"λ = {short(lam)}: cross-validation {short(e)} ± {short(s)}, {m} coefficients non-zero"
        + (f", test error {short(test[i])}" if setting.known else "")
        for i, (lam, e, s, m) in enumerate(zip(lams, cv.error, cv.se, used, strict=True))
    ]
    with stage:
        options = QUESTIONS["Choosing λ"][1]
        verdict(
            lab,
            "Choosing λ",
            options[0 if more <= 0 else 1 if more < 5 else 2],
            f"The minimum keeps {used[cv.best]}, the one-standard-error choice {used[cv.one_se]}.",
        )
        with st.container(key=CHARTS):
            left, right = st.columns([5, 4])
            with left:
                draw(
                    charts.choosing(setting.data, setting.range),
                    "Cross-validated error against λ.",
                    what,
                    folds=fold_rows,
                    curves=curves,
                    limit=limit,
                    choices=choices,
                )
            with right:
                draw(
                    charts.coefficients(setting.data, setting.names),
                    "The coefficients at one λ beside what they are held against.",
                    what,
                    paths=rows.select(["frame", "feature", "coef"]),
                    reference=reference,
                )
        player(CHARTS, labels, start=cv.best, rate=8)
        seen(what)
    return proof.choosing_closing(setting, folds) | {"data": {"Cross-validation": curves, "Folds": fold_rows}}


@st.cache_data(max_entries=64, show_spinner=False)
def study_folds(n: int, d: int, seed: int) -> va.FoldCountStudy:
    """Five hundred data sets, cross-validated with every k."""
    return va.fold_count_study([*FOLD_COUNTS, n], n, 500, d=d, seed=seed)


def expected_estimates(ks: list[int], n: int, d: int) -> np.ndarray:
    """The exact mean of the k-fold estimate: that of training on all rows but a fold's, averaged over the folds."""
    return np.array(
        [
            va.least_squares_test_error([n - len(part) for part in np.array_split(np.arange(n), k)], d, 1.0).mean()
            for k in ks
        ]
    )


def how_many_folds(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Small k is pessimistic; what the spread does depends on the learner, here it falls."""
    with controls:
        n = slider("Rows n", 24, 60, DEFAULTS["rg_train"], key="rg_train")
        d = slider("Features d", 1, 8, DEFAULTS["rg_features"], key="rg_features")
    study = study_folds(n, d, chosen.seed)
    ks = study.ks.tolist()
    exact = expected_estimates(ks, n, d)
    sought = float(va.least_squares_test_error(n, d, 1.0))
    mean, sd = study.estimate.mean(axis=1), study.sd
    low, lower, upper, high = np.quantile(study.estimate, [0.05, 0.25, 0.75, 0.95], axis=1)
    correlation = [float(np.corrcoef(row, study.true_error)[0, 1]) for row in study.estimate]
    rows = make_rows(
        {
            "frame": np.arange(len(ks)),
            "label": [*(str(k) for k in FOLD_COUNTS), "n"],
            "k": ks,
            "mean": mean,
            "sd": sd,
            "exact": exact,
            "low": low,
            "lower": lower,
            "upper": upper,
            "high": high,
        }
    )
    drawn = 250  # of the data sets, as dots
    sets = make_rows(
        {
            "frame": np.repeat(np.arange(len(ks), dtype=np.int16), drawn),
            "true": np.tile(study.true_error[:drawn].astype(np.float32), len(ks)),
            "estimate": study.estimate[:, :drawn].ravel().astype(np.float32),
        }
    )
    asked = {"k = 2": 0, "k = 5": ks.index(5), "k = 10": ks.index(10), "leaving one out": len(ks) - 1}
    steadiest = min(asked, key=lambda name: sd[asked[name]])
    what = (
        f"Least squares on {n} rows and {d} features has an expected error of **{sought:.2f}** σ². The estimate has "
        f"the "
        f"expectation {exact[0]:.2f} at k = 2, {exact[3]:.2f} at 5, {exact[5]:.2f} at 10 and {exact[-1]:.2f} leaving "
        f"one "
        f"out: the bias shrinks. Its standard deviation over 500 data sets is {sd[0]:.2f}, {sd[3]:.2f}, {sd[5]:.2f} "
        f"and "
        f"{sd[-1]:.2f}, for this learner, which hardly changes when one row does. Over the data sets its correlation "
        f"with the error of the very model fitted is {short(correlation[5])} at k = 10, give "
        f"or take {500**-0.5:.3f}: it measures the procedure, not that model."
    )
    labels = [
        f"{'leave-one-out' if k == n else f'k = {k}'}: mean estimate {mean[i]:.2f} (exactly {exact[i]:.2f}), standard "
        f"deviation {sd[i]:.2f}, correlation with the model's own error {short(correlation[i])}"
        for i, k in enumerate(ks)
    ]
    with stage:
        verdict(
            lab,
            "How many folds",
            steadiest,
            "Standard deviations: " + ", ".join(f"{name} {sd[i]:.2f}" for name, i in asked.items()) + ".",
        )
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            with left:
                truth = make_rows({"error": [sought]})
                draw(charts.fold_counts(), "The k-fold estimate for each k.", what, counts=rows, truth=truth)
            with right:
                diagonal = make_rows({"true": [1.0, 3.0], "estimate": [1.0, 3.0]})
                draw(
                    charts.one_estimate(), "Estimate against the model's own error.", what, sets=sets, diagonal=diagonal
                )
        player(CHARTS, labels, start=5, rate=2)
        st.markdown(":small[Grey: the middle half and 90% of the estimates. On the right each dot is a data set.]")
        seen(what)
    return proof.folds_closing(ks, n, d, chosen.seed) | {"data": {"Fold counts": rows}}


def error_map(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Degree and λ chosen together: a valley, not a point, and a validation error that promises too much."""
    with controls:
        n = slider("Training points n", 15, 100, DEFAULTS["rg_map_n"], key="rg_map_n")
        noise = slider("Noise σ", 0.05, 1.0, DEFAULTS["rg_map_noise"], 0.05, key="rg_map_noise")
        folds = slider("Folds k", 2, 10, DEFAULTS["rg_map_folds"], key="rg_map_folds")
    problem = bv.Problem(chosen.order.lower(), noise, n, 1, chosen.seed)
    lams = np.geomspace(*MAP_PENALTIES)
    m = va.error_map(problem, DEGREES, lams, folds)
    shown, which = (m.cv_error, "cross-validated") if chosen.option == "Cross-validation" else (m.test_error, "true")
    ratio = shown / shown.min()
    picks = {"One-SE rule": m.one_se, "Minimum": m.best, "Oracle": m.oracle}
    half_step = np.sqrt(lams[0] / lams[1])
    degree, lam = (a.ravel() for a in np.meshgrid(DEGREES, lams, indexing="ij"))
    cells = make_rows(
        {
            "left": lam * half_step,
            "right": lam / half_step,
            "low": degree - 0.5,
            "high": degree + 0.5,
            "band": np.searchsorted(charts.BANDS, ratio.ravel()),
        }
    )
    choices = make_rows(
        {
            "choice": list(picks),
            "degree": [DEGREES[i] for i, _ in picks.values()],
            "lam": [lams[j] for _, j in picks.values()],
        }
    )
    x = np.linspace(-1, 1, 121)
    fits = stack_rows(
        make_rows({"line": name, "x": x, "y": y})
        for name, y in {
            "Truth f": bv.FUNCTIONS[problem.function](x),
            **{name: m.predict(x, pick) for name, pick in picks.items()},
        }.items()
    )
    promised, true = m.cv_error[m.best], m.test_error[m.best]
    near = int((m.cv_error <= m.cv_error[m.best] + m.cv_se[m.best]).sum())

    def cell(name: str) -> str:
        i, j = picks[name]
        return (
            f"degree {DEGREES[i]}, λ = {short(lams[j])} ({m.degrees_of_freedom[i, j]:.1f} degrees of freedom, true "
            f"error "
            f"{short(m.test_error[i, j])})"
        )

    what = (
        f"Of {shown.size} cells cross-validation chooses **{cell('Minimum')}**; the one-standard-error rule "
        f"{cell('One-SE rule')}; the oracle {cell('Oracle')}. The chosen cell promised {short(promised)}, "
        f"and {near} cells lie within one standard error of it: a valley, in which the choice is partly luck. "
        f"The colours show the {which} error, least {short(shown.min())}."
    )
    gap = promised / true - 1
    with stage:
        options = QUESTIONS["Error map"][1]
        verdict(
            lab,
            "Error map",
            options[0 if gap < -0.05 else 1 if gap <= 0.05 else 2],
            f"It promised {short(promised)}, the truth is {short(true)}.",
        )
        left, right = st.columns(2)
        with left:
            spec = charts.error_map((float(lams[0] * half_step), float(lams[-1] / half_step)), DEGREES[-1])
            draw(spec, "Error of every degree and λ.", what, cells=cells, choices=choices)
        with right:
            points = make_rows({"x": m.x, "y": m.y})
            draw(charts.fits(), "The fits of the three choices.", what, fits=fits, points=points)
        seen(what)
    table = make_rows(
        {"degree": degree, "lam": lam, "cv_error": m.cv_error.ravel(), "true_error": m.test_error.ravel()}
    )
    return proof.map_closing(problem, DEGREES, MAP_PENALTIES, folds) | {"data": {"Map": table, "Fits": fits}}


@st.cache_data(max_entries=64, show_spinner=False)
def peek(n_test: int, seed: int) -> va.ManyPeeks:
    """The best of 1 to 1000 models, 200 times over."""
    return va.many_peeks(n_test, 1000, 200, seed)


def many_peeks(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """The best of many fair scores is not a fair score."""
    with controls:
        n_test = slider("Rows of the test set", 20, 300, DEFAULTS["rg_test"], 10, key="rg_test")
    result = peek(n_test, chosen.seed)
    at = MODELS - 1
    frame = np.arange(len(MODELS))
    fresh = result.fresh.mean(axis=0)[at]
    rows = make_rows(
        {
            "frame": frame,
            "models": MODELS,
            "expected": result.expected[at],
            "low": result.low[at],
            "high": result.high[at],
            "fresh": fresh,
            "bound": 0.5 + np.sqrt(np.log(MODELS) / (2 * n_test)),
        }
    )
    edges = np.round(np.arange(charts.ACCURACY[0], charts.ACCURACY[1] + 1e-9, 0.02), 2)
    bins = []
    for side, values in ((1, result.best), (-1, result.fresh)):
        cell = np.clip(((values[:, at] - edges[0] + 1e-9) / 0.02).astype(int), 0, len(edges) - 2)  # (sets, frames)
        share = np.stack([np.bincount(column, minlength=len(edges) - 1) for column in cell.T]) / len(values)
        f, b = np.nonzero(share)
        bins.append(make_rows({"frame": f, "low": edges[b], "share": side * share[f, b]}))
    what = (
        f"Every model guesses. On {n_test} rows the best of 10 is right {result.expected[9]:.1%} of the time on "
        f"average, "
        f"of 100 **{result.expected[99]:.1%}**, of 1000 **{result.expected[-1]:.1%}** (5% to 95% quantile: "
        f"{result.low[-1]:.1%} to {result.high[-1]:.1%}). On fresh rows the one chosen out of 1000 is right "
        f"{fresh[-1]:.1%} of the time: the test set has become a validation set."
    )
    labels = [
        f"best of {m}: {e:.1%} on the test set that chose it, {f:.1%} on fresh rows"
        for m, e, f in zip(MODELS, result.expected[at], fresh, strict=True)
    ]
    with stage:
        options, top = QUESTIONS["Many peeks"][1], result.expected[-1]
        verdict(lab, "Many peeks", options[0 if top < 0.55 else 1 if top <= 0.65 else 2], f"It is {top:.1%}.")
        with st.container(key=CHARTS):
            left, right = st.columns([3, 2])
            with left:
                draw(charts.peeks(), "The best of N models that guess.", what, peeks=rows)
            with right:
                half = make_rows({"accuracy": [0.5]})
                draw(charts.peek_counts(), "Its accuracy in 200 repetitions.", what, bins=stack_rows(bins), half=half)
        player(CHARTS, labels, start=int(np.abs(MODELS - 100).argmin()), rate=8)
        seen(what)
    return proof.peeks_closing(n_test, chosen.seed) | {"data": {"Many peeks": rows}}


@st.cache_data(max_entries=64, show_spinner=False)
def leak(n: int, p: int, kept: int, seed: int) -> va.Leakage:
    """Forty data sets, each judged in four ways: about seventy milliseconds."""
    return va.leakage(n, p, kept, seed=seed)


def leakage(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """What sees the labels of the test rows leaks; what sees their features hardly does."""
    with controls:
        n = slider("Rows n, half of each class", 20, 80, DEFAULTS["rg_leak_n"], 2, key="rg_leak_n")
        p = slider("Features p, pure noise", 50, 1000, DEFAULTS["rg_leak_p"], 50, key="rg_leak_p")
        kept = slider(
            "Features kept",
            1,
            50,
            DEFAULTS["rg_leak_kept"],
            key="rg_leak_kept",
            help="Those most correlated with the label.",
        )
    result = leak(n, p, kept, chosen.seed)
    values = dict(
        zip(
            charts.PROCEDURES,
            (result.selection_outside, result.scaling_outside, result.inside, result.fresh),
            strict=True,
        )
    )
    sets = len(result.inside)
    rows = make_rows(
        {
            "procedure": np.repeat(list(values), sets),
            "jitter": np.tile((np.arange(sets) * 0.618) % 1 - 0.5, len(values)),
            "accuracy": np.concatenate(list(values.values())),
        }
    )
    outside, scaling, inside, fresh = averages = [float(v.mean()) for v in values.values()]
    means = make_rows({"procedure": list(values), "accuracy": averages})
    what = (
        f"No feature knows anything about the label. Choosing {kept} of {p} on all rows *before* 5-fold "
        f"cross-validation reports **{outside:.1%}** (mean of {sets} data sets); choosing them inside the folds "
        f"{inside:.1%}; only scaling outside {scaling:.1%}. On fresh rows the model that was promised {outside:.1%} is "
        f"right {fresh:.1%} of the time. Scaling sees no labels; choosing by correlation sees those of the test rows."
    )
    with stage:
        options = QUESTIONS["Leakage"][1]
        verdict(lab, "Leakage", options[0 if outside < 0.6 else 1 if outside <= 0.8 else 2], f"It is {outside:.1%}.")
        half = make_rows({"accuracy": [0.5]})
        draw(charts.leakage(), "Accuracy reported by each procedure.", what, accuracies=rows, means=means, half=half)
        st.markdown(f":small[A dot is a data set, a bar the mean of {sets}.]")
        seen(what)
    table = rows.drop_columns("jitter")
    return proof.leakage_closing(n, p, kept, chosen.seed) | {"data": {"Accuracies": table}}


def early_stopping(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Few steps act like a large penalty: both leave the directions of little variance small."""
    with controls:
        rate = slider(
            "Learning rate, in units of 1/s²",
            0.02,
            1.0,
            DEFAULTS["rg_rate"],
            0.02,
            key="rg_rate",
            help="s² is the largest eigenvalue of XᵀX/n; descent would diverge from 2 on.",
        )
        setting = problem_sliders(chosen.setting)
    problem = setting.problem
    e = lm.early_stopping(problem.X, problem.y, STEPS, rate)
    descent = problem.test_error(e.descent, e.descent_intercept)
    ridge = problem.test_error(e.ridge, e.ridge_intercept)
    gap = np.abs(e.descent_factor - e.ridge_factor)
    count, d = gap.shape
    rows = make_rows(
        {
            "frame": np.repeat(np.arange(count, dtype=np.int16), d),
            "direction": np.tile(np.arange(1, d + 1, dtype=np.int16), count),
            "descent": e.descent_factor.ravel().astype(np.float32),
            "ridge": e.ridge_factor.ravel().astype(np.float32),
        }
    )
    errors = make_rows({"frame": np.arange(count), "steps": e.steps, "lam": e.lams, "descent": descent, "ridge": ridge})
    t, r = int(descent.argmin()), int(ridge.argmin())
    best = make_rows(
        {
            "line": ["Descent after t steps", "Ridge at λ = 1/(ηt)"],
            "steps": [e.steps[t], e.steps[r]],
            "value": [descent[t], ridge[r]],
        }
    )
    apart = float(gap.max())
    what = (
        f"Descent is best after **{e.steps[t]:,} steps** (test error {short(descent[t])}), ridge at "
        f"**λ = {short(e.lams[r])}**, which is 1/(ηt) at t = {e.steps[r]:,} ({short(ridge[r])}). Least squares itself, "
        f"nearly reached after {e.steps[-1]:,} steps, has {short(descent[-1])}. The shares kept are close and not "
        f"equal: "
        f"at most {apart:.3f} apart over all steps and directions; for vanishing rates they cannot be over 0.204."
    )
    labels = [
        f"t = {step:,}, λ = 1/(ηt) = {short(lam)}: test error {short(a)} by descent, {short(b)} by ridge; the shares "
        f"kept are at most {g:.3f} apart"
        for step, lam, a, b, g in zip(e.steps, e.lams, descent, ridge, gap.max(axis=1), strict=True)
    ]
    with stage:
        options = QUESTIONS["Early stopping"][1]
        verdict(
            lab,
            "Early stopping",
            options[0 if apart < 0.1 else 1 if apart <= 0.3 else 2],
            f"It is {100 * apart:.0f} points.",
        )
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            with left:
                draw(charts.factors(), "Share of least squares kept, by direction.", what, factors=rows)
            with right:
                spec = charts.stopping((1.0, float(STEPS[-1])))
                draw(spec, "Test error against the number of steps.", what, errors=errors, best=best)
        player(CHARTS, labels, start=t, rate=8)
        seen(what)
    return proof.stopping_closing(setting, rate, STEPS) | {"data": {"Errors": errors, "Shares": rows}}


def search(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """A grid of 25 tries five values of each parameter, random search 25."""
    with controls:
        budget = slider("Trials", 4, 100, DEFAULTS["rg_budget"], key="rg_budget")
        width = slider("Width of the peak", 0.02, 0.3, DEFAULTS["rg_width"], 0.01, key="rg_width")
    matter = 1 if chosen.option == "One" else 2
    s = va.hyperparameter_search(budget, matter, width=width, seed=chosen.seed)
    side = len(s.grid_budget)
    spent = int(s.grid_budget[-1])
    grid, random = float(s.grid_best[-1]), float(s.random_best[spent - 1])
    trials = make_rows(
        {
            "mark": ["Grid"] * spent + ["Random"] * budget,
            "order": [*range(spent), *range(budget)],
            "x": np.concatenate([s.grid_points[:, 0], s.random_points[:, 0]]),
            "y": np.concatenate([s.grid_points[:, 1], s.random_points[:, 1]]),
        }
    )
    scores = make_rows(
        {
            "line": ["Grid"] * side + ["Random"] * budget,
            "budget": np.concatenate([s.grid_budget, s.random_budget]),
            "score": np.concatenate([s.grid_best, s.random_best]),
        }
    )
    here = {
        name: va.response(points, s.peak, matter, width)
        for name, points in (("grid", s.grid_points), ("random", s.random_points))
    }
    middles = (np.arange(120) + 0.5) / 120
    surface = va.response(np.stack(np.meshgrid(middles, middles), axis=-1), s.peak, matter, width)
    what = (
        f"With {spent} trials each, on average over 200 places of the peak: best score **{grid:.3f}** by grid, "
        f"**{random:.3f}** at random. The grid has {side} distinct values of each parameter, random search {spent}. "
        f"{'Only the first one matters' if matter == 1 else 'Both matter'}. On the problem drawn the grid reaches "
        f"{here['grid'].max():.3f}, random search {here['random'][:spent].max():.3f}."
    )
    labels = [
        f"{i + 1} trials: random search has found {here['random'][: i + 1].max():.3f} on the problem drawn, "
        f"{s.random_best[i]:.3f} on average"
        for i in range(budget)
    ]
    with stage:
        verdict(
            lab,
            "Search",
            "grid" if grid >= random else "random search",
            f"With {spent} trials each: {grid:.3f} by grid, {random:.3f} at random.",
        )
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            with left:
                draw(
                    charts.trials(is_dark()),
                    "Trials on the response surface.",
                    what,
                    picture=charts.surface_picture(surface, is_dark()),
                    trials=trials,
                    peak=make_rows({"x": [s.peak[0]], "y": [s.peak[1]]}),
                )
            with right:
                draw(charts.best_found(), "Best score found against the number of trials.", what, scores=scores)
        player(CHARTS, labels, start=budget - 1, rate=6)
        st.markdown(":small[Ticks below: the grid's values of the first parameter; above: those of random search.]")
        seen(what)
    return proof.search_closing(budget, matter, width, chosen.seed) | {"data": {"Trials": trials, "Scores": scores}}


VIEWS = {
    "Paths": paths,
    "Geometry": geometry,
    "Splits": splits,
    "Choosing λ": choosing,
    "How many folds": how_many_folds,
    "Error map": error_map,
    "Many peeks": many_peeks,
    "Leakage": leakage,
    "Early stopping": early_stopping,
    "Search": search,
}

lab = open_lab("regularisation")
view = choose_experiment(lab, VIEWS, CHARTS)
scenes(lab, SCENES, CHARTS)
controls, stage = st.columns([1, 3.6], gap="medium")
with controls:
    chosen, sliders_here = choose(view)
with stage:
    ask(lab, view, *QUESTIONS[view])
    shown = st.container()
live(lab, VIEWS[view], sliders_here, shown, chosen)
close_lab(lab)
