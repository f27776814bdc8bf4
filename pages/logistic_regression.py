"""Logistic regression: train it from zero, and meet what breaks it.

The lesson: the log-loss of a linear score is convex, so any solver finds the same minimum, if there is one and if it
is given a fair chance. Scale decides how long that takes, separable classes take the minimum away, a squared loss takes
the slope away, and the coefficients speak of odds. Each view below is one experiment; only the chosen one computes and
draws.
"""

import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import streamlit as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from streamlit.delta_generator import DeltaGenerator

from mlcore import logistic_regression as lr
from pages.charts import logistic_regression as charts
from pages.proof import logistic_regression as proof
from pages.ui.charts import OPTIMIZERS, Rows, draw, is_dark, make_rows, place_rows, stack_rows
from pages.ui.data import (
    breast_cancer,
    breast_cancer_names,
    digits_one_and_five,
    iris_petals,
    reference_classification,
    toy,
)
from pages.ui.lab import Closing, ask, choose_experiment, choose_one, close_lab, live, open_lab, scenes, seen, verdict
from pages.ui.numbers import short, typeset
from pages.ui.player import player
from pages.ui.turns import turn
from pages.ui.upload import Prepared, as_code, prepared_sample, upload_and_choose, why_sample

CHARTS = "lr_charts"
SAMPLES = 200  # of the made data
TOYS = ("Blobs", "Moons", "Circles", "XOR", "Separable", "Imbalanced")
REAL = {  # axis titles, the ranges shown, the classes
    "Breast cancer": (("Mean radius", "Mean texture"), (6.0, 29.0), (9.0, 40.0), ("benign", "malignant")),
    "Digits 1 and 5": (("Ink, mean pixel", "Asymmetry, mean pixel"), (2.0, 7.5), (0.0, 8.0), ("one", "five")),
    "Iris, 3 classes": (
        ("Petal length, cm", "Petal width, cm"),
        (0.5, 7.5),
        (0.0, 2.8),
        ("setosa", "versicolor", "virginica"),
    ),
}
SOLVERS = {  # label on the page → (solver, optimizer)
    "GD": ("gradient_descent", "gradient_descent"),
    "Momentum": ("gradient_descent", "momentum"),
    "Nesterov": ("gradient_descent", "nesterov"),
    "AdaGrad": ("gradient_descent", "adagrad"),
    "RMSProp": ("gradient_descent", "rmsprop"),
    "Adam": ("gradient_descent", "adam"),
    "AdamW": ("gradient_descent", "adamw"),
    "Newton": ("newton", "gradient_descent"),
}
PENALTIES = {"Off": None, "L2": "l2", "L1": "l1"}
STRENGTHS = [1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0]
RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 3.0, 5.0, 10.0, 11.0, 12.0, 20.0]
MEANS = ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "symmetry")
PAIRS = {
    "Area and smoothness": ("mean area", "mean smoothness"),
    "Radius and texture": ("mean radius", "mean texture"),
    "Smoothness and symmetry": ("mean smoothness", "mean symmetry"),
}
SCALINGS = ("As they come", "Centred", "Standardised")
POINT = re.compile(r"([abc])(\d{1,3})")  # an added point: its class and its cell of the picture
MOST_POINTS = 60
PLACES = ("First class", "Second class", "Third class")  # the last of two classes is the third too
FOUR_POINTS = np.array([[1.0, 0.0], [2.0, 4.0], [-1.0, 0.0], [-2.0, -4.0]]), np.array([1, 1, 0, 0])
ONE_POINT = np.array([[1.0, 0.0], [-1.0, 0.0]]), np.array([1, 0])
GROWTH = [0.0, 1e-4, 1e-3, 0.01, 0.1]  # the λ of the experiment Separable
STEPS_H = 10.0 ** -np.arange(1, 14.1, 0.5)  # the h of the gradient check
WEIGHT_REACH = 6.0  # of the loss surface of a training
START_REACH = 12.0  # of the two losses
ODDS_RANGE = (1e-4, 1e4)
CROSSING = np.array([0.97, 0.99, 0.995, 1.0, 1.005, 1.01, 1.02, 1.05])  # frames around p = ½, as shares of its step
CLOSE = 1e-6  # a loss this near the minimum counts as there
MILLISECONDS = (0.01, 1000.0)  # the ends of the axis of time
SPREAD = 1e-12  # losses above the minimum are drawn down to here

DEFAULTS = {
    "lr_view": "Training",
    "lr_data": "Moons",
    "lr_penalty": "Off",
    "lr_degree": 3,
    "lr_rate": 1.0,
    "lr_strength": 0.01,
    "lr_beside": "Loss",
    "lr_solver": "GD",
    "lr_solver_l1": "GD",
    "lr_iterations": 200,
    "lr_noise": 0.3,
    "lr_seed": 0,
    "lr_click": "First class",
    "lr_points": "",
    "lr_scratch_beside": "Loss",
    "lr_scratch_rate": 0.01,
    "lr_scratch_iterations": 1000,
    "lr_read": "radius",
    "lr_beside_it": ["texture", "smoothness"],
    "lr_all": False,
    "lr_unit": "Standard deviation",
    "lr_level": 0.95,
    "lr_before": 0.1,
    "lr_newton_data": "Reference",
    "lr_newton_rate": 1.0,
    "lr_newton_strength": 0.0,
    "lr_pair": "Area and smoothness",
    "lr_steps": 1000,
    "lr_loss_data": "One point",
    "lr_loss_rate": 1.0,
    "lr_loss_steps": 12_000,
    "lr_w1": -10.0,
    "lr_w2": 0.0,
    "lr_apart": "Four points",
    "lr_apart_rate": 1.0,
    "lr_apart_steps": 1000,
    "lr_apart_shown": 0.0,
    "lr_check_data": "Reference",
    "lr_bug": "No mistake",
    "lr_at": 0.5,
    "lr_check_strength": 0.0,
    "lr_own_rate": 0.3,
    "lr_own_iterations": 200,
    "lr_own_strength": 0.01,
}
OVERFIT = {"lr_degree": 6, "lr_solver": "Newton", "lr_noise": 0.6, "lr_seed": 2}
SCENES = {
    "The reference answer": {"lr_view": "From scratch"},
    "A line on circles": {"lr_data": "Circles", "lr_degree": 1},
    "Degree 2 on circles": {"lr_data": "Circles", "lr_degree": 2},
    "Overfit": OVERFIT,
    "Regularise": OVERFIT | {"lr_penalty": "L2"},
    "Softmax": {"lr_data": "Iris, 3 classes", "lr_degree": 1},
    "A sign flips": {"lr_view": "Odds ratios", "lr_beside_it": ["perimeter"]},
    "Raw features": {"lr_view": "Scaling", "lr_steps": 30_000},
    "Separable": {"lr_view": "Separable", "lr_apart_steps": 10_000},
}
QUESTIONS = {
    "Training": (
        "What share of the test points does the last boundary get right?",
        ["under 75%", "75–90%", "over 90%"],
    ),
    "From scratch": (
        "After the last iteration, how far above its minimum is the training loss?",
        ["under 0.001", "0.001 to 0.01", "over 0.01"],
    ),
    "Odds ratios": (
        "One more of the feature read: what does the interval say of the odds?",
        ["they rise", "they fall", "it cannot say"],
    ),
    "Newton": (
        "How many times Newton's iterations does descent need to come within 1e-6 of the minimum?",
        ["under 10", "10 to 100", "more"],
    ),
    "Scaling": (
        "What share of the way down have the features as they come gone at the last step?",
        ["under 10%", "10% to 90%", "over 90%"],
    ),
    "Losses": (
        "To reach p = ½ for the right class, how many times the steps does squared error need?",
        ["under 3", "3 to 100", "more"],
    ),
    "Separable": (
        "Without a penalty, does the norm of the weights still grow by over 1% in the last half of the steps?",
        ["it still grows", "it has settled"],
    ),
    "Gradient check": (
        "At which h does the central difference come closest to the analytic gradient?",
        ["below 1e-9", "1e-9 to 1e-6", "above 1e-6"],
    ),
    "Your data": ("Which gets more of the test rows right?", ["the minimum", "gradient descent", "as many each"]),
}


# --- Words and numbers that experiments share -------------------------------------------------------------------


def above(gap: float) -> str:
    """How far a loss is above the minimum; the last digits of either are rounding."""
    return f"{short(gap)} above the minimum" if gap > 1e-12 else "to rounding at the minimum"


def odds(log_odds: float) -> str:
    """e to a power that may be beyond any float."""
    if not np.isfinite(log_odds):
        return "∞" if log_odds > 0 else "0"
    return short(float(np.exp(log_odds))) if abs(log_odds) < 600 else f"e^{log_odds:.0f}"


def pick(title: str, options: Sequence[float], key: str, **more: Any) -> float:
    """A bound choice among a few numbers, in order."""
    name = "{:g}".format
    return st.select_slider(title, options, DEFAULTS[key], format_func=name, key=key, bind="query-params", **more)


def slide(title: str, low: float, high: float, step: float, key: str, **more: Any) -> Any:
    """A bound number."""
    return st.slider(title, low, high, DEFAULTS[key], step, key=key, bind="query-params", **more)


def first_within(values: np.ndarray, target: float, gap: float) -> int | None:
    """The first iteration at which values are less than `gap` above `target`."""
    there = np.flatnonzero(values <= target + gap)
    return int(there[0]) if len(there) else None


def standardised_means(*names: str) -> tuple[np.ndarray, np.ndarray]:
    """Columns of the breast cancer data, standardised, and 1 for malignant."""
    X, y = breast_cancer(*(f"mean {name}" for name in names))
    return lr.standardise(X)[0], y.astype(int)


@st.cache_data(max_entries=4, show_spinner=False)
def reference_split() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The reference experiment's X_train (800, 10), X_test (200, 10), y_train, y_test."""
    return tuple(train_test_split(*reference_classification(), test_size=0.2, random_state=42))


def split(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which samples are to test on (n,): three of every ten of each class, in the order they come."""
    rank = np.zeros(len(y), dtype=int)
    for label in np.unique(y):
        rank[y == label] = np.arange((y == label).sum())
    return np.isin(rank % 10, (2, 5, 8))


# --- Training --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Problem:
    """Two-dimensional data, and how they are shown."""

    X: np.ndarray  # (n, 2)
    y: np.ndarray  # (n,) 0 … K − 1
    test: np.ndarray  # (n,) not trained on
    axes: tuple[str, str]
    x_range: charts.Range
    y_range: charts.Range
    classes: tuple[str, ...]


@dataclass(frozen=True)
class ChosenTraining:
    """The controls outside the sliders; changing one reruns the whole page."""

    data: str
    penalty: str
    solver: str
    beside: str
    iterations: int
    noise: float
    seed: int
    click: int  # the class of a point added by a click


def problem(chosen: ChosenTraining) -> Problem:
    """The data chosen, with the points that the visitor added, all of them to train on."""
    if chosen.data in TOYS:
        X, y = toy(chosen.data, SAMPLES, chosen.noise, chosen.seed)
        shown = ("x₁", "x₂"), (-3.0, 3.0), (-3.0, 3.0), ("class 0", "class 1")
    else:
        loaders = {"Breast cancer": lambda: breast_cancer("mean radius", "mean texture")}
        loaders |= {"Digits 1 and 5": digits_one_and_five, "Iris, 3 classes": iris_petals}
        X, y = loaders[chosen.data]()
        shown = REAL[chosen.data]
    y, test = y.astype(int), split(X, y)
    axes, x_range, y_range, classes = shown
    rows, columns = charts.CELLS
    added = [(ord(label) - ord("a"), int(cell)) for label, cell in POINT.findall(st.session_state["lr_points"])]
    for label, cell in added:
        if label < len(classes):
            x = x_range[0] + (cell % columns + 0.5) / columns * (x_range[1] - x_range[0])
            up = y_range[0] + (cell // columns + 0.5) / rows * (y_range[1] - y_range[0])
            X, y, test = np.vstack([X, [x, up]]), np.append(y, label), np.append(test, False)
    return Problem(X, y, test, axes, x_range, y_range, classes)


def remember_points() -> None:
    """Keep the added points in the address: no widget of Streamlit's holds them."""
    if "lr_points" not in st.session_state:
        raw = st.query_params.get("lr_points", "")
        cells = math.prod(charts.CELLS)
        sound = re.fullmatch(rf"(?:{POINT.pattern})*", raw) and len(POINT.findall(raw)) <= MOST_POINTS
        sound = sound and all(int(cell) < cells for _, cell in POINT.findall(raw))
        st.session_state["lr_points"] = raw if sound else ""
    if st.session_state["lr_points"]:
        st.query_params["lr_points"] = st.session_state["lr_points"]
    elif "lr_points" in st.query_params:
        del st.query_params["lr_points"]


def choose_training() -> tuple[ChosenTraining, DeltaGenerator]:
    """Draw the controls; the second result is the place left for the sliders."""
    data = st.selectbox("Data", [*TOYS, *REAL], index=1, key="lr_data", bind="query-params")
    penalty = choose_one(
        "Penalty",
        list(PENALTIES),
        DEFAULTS["lr_penalty"],
        key="lr_penalty",
        help="L2 adds λ/2 ‖w‖² to the mean loss, L1 adds λ ‖w‖₁. The intercept is never penalised.",
    )
    sliders_here = st.container()
    beside = choose_one("Beside it", ["Loss", "Accuracy", "Weights"], DEFAULTS["lr_beside"], key="lr_beside")
    with st.popover("More settings", icon=":material/tune:", width="stretch"):
        if penalty == "L1":
            solver = choose_one(
                "Solver",
                ["GD", "Newton"],
                DEFAULTS["lr_solver_l1"],
                key="lr_solver_l1",
                help="With L1: proximal gradient descent, or proximal Newton. Both make exact zeros.",
            )
        else:
            solver = st.selectbox("Solver", list(SOLVERS), key="lr_solver", bind="query-params")
        iterations = slide("Iterations", 10, 500, 10, "lr_iterations")
        noise, seed = DEFAULTS["lr_noise"], DEFAULTS["lr_seed"]
        if data in TOYS:
            noise = slide("Noise", 0.0, 1.0, 0.05, "lr_noise")
            seed = slide("Seed", 0, 999, 1, "lr_seed")
        click = choose_one("A click adds a point of the", list(PLACES), DEFAULTS["lr_click"], key="lr_click")
    return ChosenTraining(data, penalty, solver, beside, iterations, noise, seed, PLACES.index(click)), sliders_here


def field(weights: np.ndarray, terms: np.ndarray, shown: Problem) -> tuple[Rows, Rows]:
    """Pictures and boundaries for weights (frames, …) over the grid's `terms` (points, d)."""
    A = lr.design_matrix(terms)
    if len(shown.classes) == 2:
        z = weights @ A.T  # (frames, points)
        p = lr.sigmoid(z)
        probabilities, gaps = np.stack([1 - p, p], axis=-1), [z]
    else:
        z = A @ weights.swapaxes(-1, -2)  # (frames, points, classes)
        probabilities = np.exp(lr.log_softmax(z))
        gaps = [z[..., k] - np.delete(z, k, axis=-1).max(axis=-1) for k in range(z.shape[-1])]
    borders = stack_rows([charts.boundary(gap, shown.x_range, shown.y_range) for gap in gaps])
    return charts.pictures(probabilities, is_dark()), borders


def draw_field(
    shown: Problem, weights: np.ndarray, terms: np.ndarray, what: str, on_click: Callable[[], None] | None = None
) -> Rows:
    """Draw the film of the field over the points; returns the points."""
    pictures, borders = field(weights, terms, shown)
    rows = charts.points(shown.X, shown.y, shown.test, shown.classes)
    draw(
        charts.field(shown.classes, shown.axes, shown.x_range, shown.y_range, is_dark(), click=on_click is not None),
        "Probability over the plane, with the boundary and the points" + ("; click to add one." if on_click else "."),
        what,
        key="lr_map" if on_click else None,
        on_select=on_click,
        pictures=pictures,
        points=rows,
        boundary=borders,
    )
    return rows


def training(controls: DeltaGenerator, stage: DeltaGenerator, chosen: ChosenTraining) -> Closing:
    """The boundary, the loss and the weights, moving together."""
    newton, penalised = chosen.solver == "Newton", chosen.penalty != "Off"
    rate, strength = DEFAULTS["lr_rate"], DEFAULTS["lr_strength"]
    with controls:
        degree = slide(
            "Degree of the features",
            1,
            6,
            1,
            "lr_degree",
            help="All products x₁ᵃ x₂ᵇ with a + b up to this: 2 of them at degree 1, 27 at degree 6; standardised.",
        )
        if not newton:
            rate = pick("Learning rate η", RATES, "lr_rate")
        if penalised:
            strength = pick("Strength λ", STRENGTHS, "lr_strength")
    shown = problem(chosen)
    X, y = shown.X[~shown.test], shown.y[~shown.test]
    X_test, y_test = shown.X[shown.test], shown.y[shown.test]
    solver, optimizer = SOLVERS[chosen.solver]
    model = lr.LogisticRegression(
        rate,
        chosen.iterations,
        solver=solver,
        optimizer=optimizer,
        penalty=PENALTIES[chosen.penalty],
        strength=strength,
    )
    terms = lr.standardised_terms(X, degree)
    film = lr.train(model, terms(X), y, terms(X_test), y_test)
    last = len(film.loss) - 1
    at = charts.moments(last) if last else np.array([0])
    labels = [
        f"iteration {t} of {last}: loss {film.loss[t]:.3f} (test {film.test_loss[t]:.3f}), "
        f"right {film.accuracy[t]:.0%} (test {film.test_accuracy[t]:.0%})"
        for t in at
    ]
    right = float(film.test_accuracy[-1])
    what = training_words(film, model, degree, len(shown.classes))

    def clicked() -> None:
        room = len(POINT.findall(st.session_state["lr_points"])) < MOST_POINTS
        match st.session_state["lr_map"]:
            case {"selection": {"chosen": [{"cell": int(cell)}, *_]}} if room and 0 <= cell < math.prod(charts.CELLS):
                st.session_state["lr_points"] += f"{'abc'[label]}{cell}"

    def forget() -> None:
        st.session_state["lr_points"] = ""

    remember_points()
    label = min(chosen.click, len(shown.classes) - 1)
    with stage:
        options = QUESTIONS["Training"][1]
        verdict(lab, "Training", options[0 if right < 0.75 else 1 if right <= 0.9 else 2], f"It is {right:.0%}.")
        with st.container(key=CHARTS):
            left, beside = st.columns(2)
            with left:
                points = draw_field(
                    shown, film.weights[at], terms(charts.grid(shown.x_range, shown.y_range)), what, clicked
                )
            with beside:
                draw_beside(chosen, film, at, terms(X), y, model, what)
        player(CHARTS, labels, start=len(at) - 1, rate=max(3.0, len(at) / 4))
        added = len(POINT.findall(st.session_state["lr_points"]))
        with st.container(horizontal=True, vertical_alignment="center", key="lr_added"):
            note = f"Filled: trained on. Hollow: test. A click adds a point, {shown.classes[label]}."
            st.markdown(f":small[{note}]", width="content")
            if added:
                st.button(f"Remove the {added} added", key="lr_forget", on_click=forget, type="tertiary")
        seen(what)
    table = {"loss": film.loss, "test_loss": film.test_loss, "objective": film.objective}
    table |= {"accuracy": film.accuracy, "test_accuracy": film.test_accuracy, "gradient_norm": film.gradient_norm}
    return proof.training_closing(model, degree, X, y, X_test, y_test, at) | {
        "data": {"Training": make_rows({"iteration": np.arange(last + 1), **table}), "Points": points}
    }


def training_words(film: lr.Training, model: lr.LogisticRegression, degree: int, classes: int) -> str:
    """What the training came to."""
    last = len(film.loss) - 1
    what = (
        f"After {last} iterations the training loss is **{film.loss[-1]:.3f}**, from {film.loss[0]:.3f} at zero "
        f"weights, and the test loss {film.test_loss[-1]:.3f}. {film.accuracy[-1]:.0%} of the training points and "
        f"{film.test_accuracy[-1]:.0%} of the test points lie on the right side"
    )
    what += " of every boundary." if classes > 2 else " of the boundary."
    best = int(film.test_loss.argmin())
    if film.test_loss[-1] > 1.05 * film.test_loss[best]:
        what += f" The test loss was lowest at iteration {best}, {film.test_loss[best]:.3f}, and has risen since."
    if model.penalty == "l1":
        coefficients = film.weights[-1, ..., 1:]
        zero = (coefficients == 0).reshape(-1, coefficients.shape[-1])
        what += f" {zero.sum()} of {zero.size} coefficients are exactly zero"
        kept = [name for name, out in zip(lr.polynomial_names(degree), zero.all(axis=0), strict=True) if not out]
        what += f"; left are {', '.join(kept)}." if 0 < len(kept) < 6 else "."
    if film.diverged_at:
        what += f" It diverged at iteration {film.diverged_at}: the penalty's own pull overshoots once η λ exceeds 2."
    elif film.converged:
        what += " It has converged: the gradient is zero to rounding."
    return what


def weights_surface(
    terms: np.ndarray, y: np.ndarray, weights: np.ndarray, model: lr.LogisticRegression
) -> tuple[np.ndarray, np.ndarray]:
    """The loss (rows, columns) over the weights of x₁ and x₂, and their path (T + 1, 2); the others as at the end.

    Of more than two classes the weights are the last one's.
    """
    l2 = model.strength if model.penalty == "l2" else 0.0
    line = np.linspace(-WEIGHT_REACH, WEIGHT_REACH, 31)
    if weights.ndim == 2:
        return lr.loss_surface(terms, y, line, line, weights=weights[-1], l2=l2).log_loss, weights[:, 1:3]
    stack = np.tile(weights[-1], (len(line), len(line), 1, 1))
    stack[..., -1, 1], stack[..., -1, 2] = np.meshgrid(line, line)
    return lr.softmax_loss(stack, lr.design_matrix(terms), np.eye(weights.shape[1])[y], l2), weights[:, -1, 1:3]


def draw_beside(
    chosen: ChosenTraining,
    film: lr.Training,
    at: np.ndarray,
    terms: np.ndarray,
    y: np.ndarray,
    model: lr.LogisticRegression,
    what: str,
) -> None:
    """The second chart of a training: its loss, its accuracy, or the way of two of its weights."""
    every = np.union1d(at, np.arange(0, len(film.loss), max(1, len(film.loss) // 100)))
    iterations = charts.Axis("Iteration")
    series = (charts.TRAINING, charts.TESTING)
    if chosen.beside == "Weights":
        heights, path = weights_surface(terms, y, film.weights, model)
        draw(
            charts.surface(("w₁, weight of x₁", "w₂, weight of x₂"), WEIGHT_REACH, OPTIMIZERS["Adam"][0], is_dark()),
            "The loss over two of the weights, and the way that training takes there.",
            what,
            picture=charts.surface_picture(heights, is_dark()),
            places=place_rows(heights, (-WEIGHT_REACH, WEIGHT_REACH), (-WEIGHT_REACH, WEIGHT_REACH)),
            path=charts.path_rows(path[at], WEIGHT_REACH),
        )
        return
    top = np.log(len(film.classes)) * 1.6
    if chosen.beside == "Loss":
        y_axis = charts.Axis(f"Mean log-loss (drawn up to {top:.1f})", (0, top))
        values = np.minimum(film.loss, top), np.minimum(film.test_loss, top)
        name = "Loss by iteration."
    else:
        y_axis = charts.Axis("Share of the points on the right side", (0, 1), labels="%")
        values = film.accuracy, film.test_accuracy
        name = "Accuracy by iteration."
    rows = charts.film_rows(every, at, Training=values[0][every], Test=values[1][every])
    draw(charts.lines(series, iterations, y_axis, film=True), name, what, rows=rows)


# --- From scratch ----------------------------------------------------------------------------------------------


@st.cache_data(max_entries=4, show_spinner=False)
def reference_minimum() -> tuple[np.ndarray, float, float]:
    """Newton's weights on the reference data, their loss, and scikit-learn's test accuracy, also unpenalised."""
    X, X_test, y, y_test = reference_split()
    ours = lr.LogisticRegression(solver="newton", tol=1e-12).fit(X, y)
    theirs = LogisticRegression(C=np.inf, tol=1e-8, max_iter=10_000).fit(X, y)
    weights = np.r_[ours.intercept_, ours.coef_[0]]
    return weights, float(ours.loss_history_[-1]), float(theirs.score(X_test, y_test))


def choose_scratch() -> tuple[str, DeltaGenerator]:
    """Draw the controls."""
    sliders_here = st.container()
    beside = choose_one(
        "Beside it",
        ["Loss", "Accuracy"],
        DEFAULTS["lr_scratch_beside"],
        key="lr_scratch_beside",
        help="The reference: 1000 made samples of 10 features, 800 to train on and 200 to test on, seed 42.",
    )
    return beside, sliders_here


def from_scratch(controls: DeltaGenerator, stage: DeltaGenerator, beside: str) -> Closing:
    """The answer that a candidate writes, on the data of the reference, beside the minimum."""
    with controls:
        rate = pick("Learning rate η", RATES, "lr_scratch_rate")
        iterations = slide("Iterations", 10, 2000, 10, "lr_scratch_iterations")
    X, X_test, y, y_test = reference_split()
    minimum, lowest, theirs = reference_minimum()
    model = lr.LogisticRegression(learning_rate=rate, n_iterations=iterations)
    film = lr.train(model, X, y, X_test, y_test)
    at = charts.moments(len(film.loss) - 1)[::2]
    at = np.union1d(at, [len(film.loss) - 1])
    final = lr.probabilities(minimum, X_test)
    p = lr.probabilities(film.weights[at], X_test)  # (frames, 200)
    differs = (p > 0.5) != (final > 0.5)
    apart = np.abs(p - final)
    gap = film.loss - lowest
    L = float(np.linalg.eigvalsh(lr.hessian(np.zeros(11), lr.design_matrix(X)))[-1])
    there = first_within(film.loss, lowest, CLOSE)
    rises = bool((np.diff(film.loss) > 1e-12).any())
    what = (
        f"`LogisticRegression(learning_rate={rate:g}, n_iterations={iterations}).fit(X_train, y_train)` scores "
        f"**{film.test_accuracy[-1]:.3f}** on the 200 test points; Newton scores "
        f"{((final > 0.5) == y_test).mean():.3f}, scikit-learn {theirs:.3f}. Its training loss is {film.loss[-1]:.4f}, "
        f"{above(gap[-1])}, {lowest:.4f}. Its probabilities differ from the minimum's by up to "
        f"{apart[-1].max():.2f}, and {differs[-1].sum()} of the 200 labels differ. "
        + (f"It comes within {short(CLOSE)} of the minimum at iteration {there}. " if there is not None else "")
        + f"Every η below 2/L = {2 / L:.2f} descends at every step"
        + (f"; at {rate:g} some steps rise." if rises else "; here no step rises.")
    )
    labels = [
        f"iteration {t} of {len(gap) - 1}: loss {film.loss[t]:.4f}, {above(gap[t])}, "
        f"accuracy on the test points {film.test_accuracy[t]:.3f}"
        for t in at
    ]
    rows = make_rows(
        {
            "frame": np.repeat(np.arange(len(at)), len(y_test)),
            "x": np.tile(final, len(at)),
            "y": p.ravel(),
            "differs": differs.ravel(),
        }
    )
    every = np.unique(np.r_[at, np.linspace(0, len(gap) - 1, 200).astype(int)])
    with stage:
        options = QUESTIONS["From scratch"][1]
        right = options[0 if gap[-1] < 0.001 else 1 if gap[-1] <= 0.01 else 2]
        verdict(lab, "From scratch", right, f"It is {above(gap[-1])}.")
        with st.container(key=CHARTS):
            left, other = st.columns(2)
            with left:
                if beside == "Loss":
                    history = charts.film_rows(
                        every,
                        at,
                        Training=np.minimum(film.loss, 0.8)[every],
                        Test=np.minimum(film.test_loss, 0.8)[every],
                    )
                    ends = np.array([0, len(gap) - 1])
                    level = make_rows({"series": "Minimum", "x": ends, "y": lowest, "frame": 0, "next": 0})
                    series = (charts.TRAINING, charts.TESTING, charts.MINIMUM)
                    y_axis = charts.Axis("Mean log-loss (drawn up to 0.8)", (0.25, 0.8))
                    history = stack_rows([history, level])
                else:
                    history = charts.film_rows(every, at, Training=film.accuracy[every], Test=film.test_accuracy[every])
                    series = (charts.TRAINING, charts.TESTING)
                    y_axis = charts.Axis("Accuracy", (0.4, 1.0))
                spec = charts.lines(series, charts.Axis("Iteration"), y_axis, film=True)
                draw(spec, f"{beside} of gradient descent by iteration.", what, rows=history)
            with other:
                draw(
                    charts.agreement("P(class 1) at the minimum, by Newton"),
                    "Probabilities of the test points, gradient descent against the minimum.",
                    what,
                    rows=rows,
                    middle=make_rows({"at": [0.5]}),
                    diagonal=make_rows({"x": [0.0, 1.0], "y": [0.0, 1.0]}),
                )
        player(CHARTS, labels, start=len(at) - 1, rate=5)
        seen(what)
    history = {"training_loss": film.loss, "test_loss": film.test_loss}
    history |= {"accuracy": film.accuracy, "test_accuracy": film.test_accuracy}
    return proof.scratch_closing(model, X, y, X_test, y_test, at) | {
        "data": {
            "Loss history": make_rows({"iteration": np.arange(len(gap)), **history}),
            "Test probabilities": make_rows({"descent": p[-1], "minimum": final, "label": y_test}),
        }
    }


# --- Odds ratios -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChosenOdds:
    """The controls outside the sliders."""

    read: str  # the feature that the sentence speaks of
    columns: tuple[str, ...]  # it and the others in the model
    per_deviation: bool


@st.cache_data(max_entries=64, show_spinner=False)
def tumour_model(columns: tuple[str, ...]) -> tuple[np.ndarray, str]:
    """Weights (d + 1,) of the columns standardised, and how they separate the classes; penalised only if they do."""
    X, y = breast_cancer(*columns)
    separation = lr.separation(X, y)
    model = lr.LogisticRegression(
        solver="newton", tol=1e-12, penalty=None if separation == "none" else "l2", strength=1 / len(y)
    ).fit(lr.standardise(X)[0], y)
    return np.r_[model.intercept_, model.coef_[0]], separation


def choose_odds() -> tuple[ChosenOdds, DeltaGenerator]:
    """Draw the controls: 569 tumours, 212 of them malignant."""
    read = st.selectbox("Feature read", MEANS, key="lr_read", bind="query-params", help="Means over a tumour's cells.")
    sliders_here = st.container()
    others = st.pills(
        "Others in the model",
        MEANS,
        selection_mode="multi",
        default=DEFAULTS["lr_beside_it"],
        wrap=True,
        key="lr_beside_it",
        bind="query-params",
    )
    every = st.toggle("All 30 columns", DEFAULTS["lr_all"], key="lr_all", bind="query-params")
    unit = choose_one("One more is one", ["Standard deviation", "Unit"], DEFAULTS["lr_unit"], key="lr_unit")
    chosen = tuple(f"mean {name}" for name in MEANS if name == read or name in others)
    names = breast_cancer_names() if every else chosen
    return ChosenOdds(f"mean {read}", names, unit == "Standard deviation"), sliders_here


def odds_ratios(controls: DeltaGenerator, stage: DeltaGenerator, chosen: ChosenOdds) -> Closing:
    """A coefficient multiplies the odds; what that does to the probability depends on where it was."""
    with controls:
        before = slide("Probability before", 0.01, 0.99, 0.01, "lr_before")
        level = slide("Level of the intervals", 0.8, 0.99, 0.01, "lr_level")
    X, y = breast_cancer(*chosen.columns)
    weights, separation = tumour_model(chosen.columns)
    separable = separation != "none"
    Z, _, scale = lr.standardise(X)
    unit = np.ones(len(scale)) if chosen.per_deviation else scale
    result = lr.odds_ratios(np.r_[weights[0], weights[1:] / unit], Z * unit, level)
    coefficient, error = result.coefficient[1:], result.standard_error[1:]
    half = np.full(len(error), np.inf) if separable else NormalDist().inv_cdf(0.5 + level / 2) * error
    i = chosen.columns.index(chosen.read)
    w, wide = float(coefficient[i]), float(half[i])
    after = float(lr.sigmoid(np.log(before / (1 - before)) + w))
    one = f"one standard deviation ({scale[i]:.3g})" if chosen.per_deviation else "one unit"
    what = (
        f"{one[0].upper()}{one[1:]} more of {chosen.read}, the others held fixed, multiplies the odds of a malignant "
        f"tumour by **{odds(w)}**"
    )
    if separable:
        what = (
            f"These {len(coefficient)} columns separate the classes"
            + (", but for cases on the border itself" if separation == "quasi-complete" else "")
            + ", so the maximum-likelihood weights are infinite and have no intervals. "
            f"With an L2 penalty of λ = 1/{len(y)} (scikit-learn's default) instead: "
            + what[0].lower()
            + what[1:]
            + f", log-odds {w:.2f}"
        )
    else:
        what += f" ({level:.0%} interval {odds(w - wide)} to {odds(w + wide)}; log-odds {w:.2f} ± {wide:.2f})"
    what += (
        f". From a probability of {before:.2f} that leads to {short(after)}. The odds ratio is the same everywhere, "
        f"the change in probability is not: its slope is w p (1 − p) = {w * before * (1 - before):.3g} there, at most "
        f"w/4 = {w / 4:.3g}."
    )
    rows = forest_rows(chosen, coefficient, half, separable)
    with stage:
        options = QUESTIONS["Odds ratios"][1]
        right = options[2 if abs(w) <= wide else 0 if w > 0 else 1]
        verdict(lab, "Odds ratios", right, f"The odds ratio is {odds(w)}.")
        left, other = st.columns([3, 2])
        with left:
            title = f"Odds ratio per {'standard deviation' if chosen.per_deviation else 'unit'} (log axis, cut)"
            spec = charts.forest(chosen.columns, title, ODDS_RANGE)
            draw(spec, "Odds ratios with their intervals.", what, rows=rows, one=make_rows({"one": [1.0]}))
        with other:
            z = np.linspace(-12, 12, 121)
            curve = make_rows({"before": lr.sigmoid(z), "after": lr.sigmoid(z + w)})
            now = make_rows({"before": [before], "after": [after], "words": [f"{before:.2f} → {short(after)}"]})
            draw(
                charts.odds_to_probability(),
                "Probability after one more of the feature read, against the one before.",
                what,
                curve=curve,
                at=now,
                diagonal=make_rows({"before": [0.0, 1.0], "after": [0.0, 1.0]}),
            )
        seen(what)
    table = {"feature": chosen.columns, "coefficient": coefficient, "odds_ratio": [odds(c) for c in coefficient]}
    if not separable:
        table |= {
            "standard_error": error,
            "lower": [odds(c) for c in coefficient - half],
            "upper": [odds(c) for c in coefficient + half],
        }
    return proof.odds_closing(X, y, chosen.columns, i, separable, level, before, scale / unit) | {
        "data": {"Odds ratios": make_rows(table)}
    }


def forest_rows(chosen: ChosenOdds, coefficient: np.ndarray, half: np.ndarray, separable: bool) -> Rows:
    """The rows of the forest, cut at the ends of its axis; the words are not."""
    low, high = np.log(ODDS_RANGE)
    reach = np.zeros(len(half)) if separable else half
    words = [
        odds(c) if separable else f"{odds(c)} ({odds(c - h)} to {odds(c + h)})"
        for c, h in zip(coefficient, half, strict=True)
    ]
    return make_rows(
        {
            "feature": chosen.columns,
            "drawn": np.exp(np.clip(coefficient, low, high)),
            "from": np.exp(np.clip(coefficient - reach, low, high)),
            "to": np.exp(np.clip(coefficient + reach, low, high)),
            "words": words,
            "read": [name == chosen.read for name in chosen.columns],
        }
    )


# --- Newton ----------------------------------------------------------------------------------------------------


def few_data(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The data of the experiments Newton and Gradient check."""
    if name == "Reference":
        return reference_split()[0], reference_split()[2]
    return standardised_means("radius", "texture", "smoothness")


def choose_newton() -> tuple[str, DeltaGenerator]:
    """Draw the controls."""
    data = choose_one(
        "Data",
        ["Reference", "Breast cancer"],
        DEFAULTS["lr_newton_data"],
        key="lr_newton_data",
        help="Reference: 800 × 10, two columns of which are combinations of others. Breast cancer: 569 × 3, "
        "standardised.",
    )
    return data, st.container()


def newton(controls: DeltaGenerator, stage: DeltaGenerator, data: str) -> Closing:
    """A step of Newton's costs more and does far more."""
    with controls:
        rate = pick("Learning rate η of descent", RATES, "lr_newton_rate")
        strength = pick("L2 strength λ", [0.0, *STRENGTHS], "lr_newton_strength")
    X, y = few_data(data)
    shared = {"penalty": "l2" if strength else None, "strength": strength}
    histories, seconds = {}, {}
    for name, model in {
        "Newton": lr.LogisticRegression(solver="newton", tol=1e-12, **shared),
        "Gradient descent": lr.LogisticRegression(rate, 1000, **shared),
    }.items():
        start = time.perf_counter()
        histories[name] = model.fit(X, y).loss_history_
        seconds[name] = time.perf_counter() - start
    lowest = min(float(values.min()) for values in histories.values())
    gaps = {name: values - lowest for name, values in histories.items()}
    steps = {name: first_within(values, lowest, CLOSE) for name, values in histories.items()}
    quick, slow = steps["Newton"], steps["Gradient descent"]
    first = ", ".join(short(gap, 2) for gap in gaps["Newton"][1:6])
    descends = (
        f"gradient descent with η = {rate:g} takes {slow}"
        if slow is not None
        else f"gradient descent with η = {rate:g} is still {short(gaps['Gradient descent'][-1])} above it after "
        f"{len(gaps['Gradient descent']) - 1}"
    )
    what = (
        f"Newton comes within {short(CLOSE)} of the minimum, {lowest:.4f}, in **{quick}** iterations; {descends}. "
        f"After its first steps Newton is {first} above the minimum: near it the number of right digits about doubles "
        f"at each step. A step of Newton's costs O(nd² + d³) operations against O(nd), cheap with d = {X.shape[1]}: "
        "the right chart counts time."
    )
    rows = []
    for name, gap in gaps.items():
        kept = np.unique(np.rint(np.geomspace(1, len(gap) - 1, 40))).astype(int)
        duration = 1e3 * seconds[name] * kept / (len(gap) - 1)
        rows.append(
            make_rows(
                {
                    "series": name,
                    "x": kept,
                    "y": np.clip(gap[kept], SPREAD, 1),
                    "milliseconds": np.clip(duration, *MILLISECONDS),
                }
            )
        )
    table = stack_rows(rows)
    ratio = np.inf if slow is None else slow / max(quick, 1)
    with stage:
        options = QUESTIONS["Newton"][1]
        right = options[0 if ratio < 10 else 1 if ratio <= 100 else 2]
        needs = "never gets there here" if slow is None else f"needs {slow}"
        verdict(lab, "Newton", right, f"Newton needs {quick}, gradient descent {needs}.")
        above = charts.Axis("Loss above the minimum (log axis)", (SPREAD, 1.0), log=True)
        left, other = st.columns(2)
        series = (charts.GD, charts.NEWTON)
        with left:
            spec = charts.lines(series, charts.Axis("Iteration (log axis)", (1, 1000), log=True), above, points=True)
            draw(spec, "Loss above the minimum by iteration.", what, rows=table.select(["series", "x", "y"]))
        with other:
            timed = table.select(["series", "milliseconds", "y"]).rename_columns(["series", "x", "y"])
            x = charts.Axis("Milliseconds on this server, just measured (log axis)", MILLISECONDS, log=True)
            draw(charts.lines(series, x, above, points=True), "Loss above the minimum by time.", what, rows=timed)
        st.markdown(":small[The times are of this run on this machine and differ from one to the next.]")
        seen(what)
    return proof.newton_closing(X, y, rate, strength) | {"data": {"Convergence": table}}


# --- Scaling ---------------------------------------------------------------------------------------------------


def scale_columns(X: np.ndarray, scaling: str) -> np.ndarray:
    """The columns as a scaling leaves them."""
    if scaling == "Standardised":
        return lr.standardise(X)[0]
    return X - X.mean(axis=0) if scaling == "Centred" else X


@st.cache_data(max_entries=64, show_spinner=False)
def scaled_descent(pair: str, scaling: str, steps: int) -> np.ndarray:
    """Losses by iteration of gradient descent at η = 1/L, until the gradient is zero to rounding."""
    X, y = breast_cancer(*PAIRS[pair])
    Z = scale_columns(X, scaling)
    L = float(np.linalg.eigvalsh(lr.hessian(np.zeros(3), lr.design_matrix(Z)))[-1])
    with turn():
        return lr.LogisticRegression(1 / L, steps).fit(Z, y).loss_history_


@st.cache_data(max_entries=16, show_spinner=False)
def scaled_minimum(pair: str) -> tuple[float, dict[str, float]]:
    """The minimum of the loss, the same for all scalings, and the condition number that each gives it."""
    X, y = breast_cancer(*PAIRS[pair])
    Z, mean, scale = lr.standardise(X)
    model = lr.LogisticRegression(solver="newton", tol=1e-12).fit(Z, y)
    w, conditions = np.r_[model.intercept_, model.coef_[0]], {}
    for scaling in SCALINGS:
        unit = np.ones(2) if scaling == "Standardised" else scale
        slopes = w[1:] / unit
        intercept = w[0] - (slopes @ mean if scaling == "As they come" else 0)
        A = lr.design_matrix(scale_columns(X, scaling))
        conditions[scaling] = lr.hessian_condition(np.r_[intercept, slopes], A)
    return float(model.loss_history_[-1]), conditions


def choose_scaling() -> tuple[str, DeltaGenerator]:
    """Draw the controls."""
    pair = st.selectbox(
        "Features",
        list(PAIRS),
        key="lr_pair",
        bind="query-params",
        help="Two columns of the breast cancer data. Mean area goes to 2500, mean smoothness to 0.16.",
    )
    return pair, st.container()


def scaling(controls: DeltaGenerator, stage: DeltaGenerator, pair: str) -> Closing:
    """One learning rate serves all directions, so the steepest sets it and the flattest pays."""
    with controls:
        steps = pick(
            "Steps",
            [30, 100, 300, 1000, 3000, 10_000, 30_000],
            "lr_steps",
            help="Each descent takes the largest step that is surely safe for it, η = 1/L.",
        )
    lowest, conditions = scaled_minimum(pair)
    histories = {scaling: scaled_descent(pair, scaling, steps) for scaling in SCALINGS}
    start = float(histories[SCALINGS[0]][0])
    share = {name: float((start - values[-1]) / (start - lowest)) for name, values in histories.items()}
    near = first_within(histories["Standardised"], lowest, 1e-3)
    arrives = f"in {near} steps" if near is not None else "not yet"
    ends = [float(histories[name][-1]) for name in SCALINGS]
    what = (
        f"In {steps} steps the loss falls from {start:.3f} to {ends[0]:.3f} on the features **as they come**, to "
        f"{ends[1]:.3f} on centred and to {ends[2]:.4f} on standardised ones; the minimum is {lowest:.4f} for all. "
        f"Standardised features come within 0.001 of it {arrives}. The curvature of the loss at its minimum differs "
        "between the directions by a factor (the condition number) of "
        + ", ".join(f"{short(value)} ({name.lower()})" for name, value in conditions.items())
        + ". One learning rate serves all directions: the steepest sets it, the flattest pays."
    )
    rows = []
    for name, values in histories.items():
        kept = np.unique(np.rint(np.geomspace(1, steps, 80))).astype(int)
        reached = values[np.minimum(kept, len(values) - 1)]  # where it has converged it stays
        rows.append(make_rows({"series": name, "x": kept, "y": reached}))
    table = stack_rows(rows)
    with stage:
        options = QUESTIONS["Scaling"][1]
        gone = share["As they come"]
        right = options[0 if gone < 0.1 else 1 if gone <= 0.9 else 2]
        verdict(lab, "Scaling", right, f"It is {gone:.0%}.")
        left, other = st.columns([3, 2])
        with left:
            x = charts.Axis("Step (log axis)", (1, 30_000), log=True)
            y = charts.Axis("Mean log-loss", (0.2, 0.7))
            draw(charts.lines(charts.SCALED, x, y), "Loss by step for each scaling.", what, rows=table)
        with other:
            x = charts.Axis("Condition number at the minimum (log axis)", (1, 1e14), log=True)
            numbers = make_rows(
                {
                    "name": SCALINGS,
                    "value": [conditions[name] for name in SCALINGS],
                    "from": 1.0,
                    "end": [conditions[name] for name in SCALINGS],
                    "words": [short(conditions[name]) for name in SCALINGS],
                }
            )
            spec = charts.bars(SCALINGS, x, OPTIMIZERS["Momentum"][0])
            draw(spec, "Condition numbers.", what, rows=numbers)
        seen(what)
    return proof.scaling_closing(PAIRS[pair], steps, *breast_cancer(*PAIRS[pair])) | {
        "data": {"Loss by step": table, "Condition numbers": numbers}
    }


# --- Losses ----------------------------------------------------------------------------------------------------


def plateau_data(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, 2) and labels, for models without an intercept."""
    return ONE_POINT if name == "One point" else toy("Blobs", 60, 0.6, 0)


@st.cache_resource(max_entries=16, show_spinner=False)
def race(name: str, start: tuple[float, float], rate: float, steps: int) -> lr.LossRace:
    """Both descents."""
    X, y = plateau_data(name)
    with turn():
        return lr.race_losses(X, y, [0, *start], learning_rate=rate, n_iterations=steps, fit_intercept=False)


@st.cache_data(max_entries=8, show_spinner=False)
def loss_pictures(name: str, dark: bool) -> list[dict[str, Rows]]:
    """Log-loss and squared loss over the two weights, as pictures with the values at some places."""
    line = np.linspace(-START_REACH, START_REACH, 61)
    surface = lr.loss_surface(*plateau_data(name), line, line)
    ends = -START_REACH, START_REACH
    return [
        {"picture": charts.surface_picture(z, dark, even=True), "places": place_rows(z, ends, ends)}
        for z in (surface.log_loss, surface.squared_loss)
    ]


def choose_losses() -> tuple[str, DeltaGenerator]:
    """Draw the controls."""
    data = choose_one(
        "Data",
        ["One point", "Blobs"],
        DEFAULTS["lr_loss_data"],
        key="lr_loss_data",
        help="One point: x = y = 1, with its mirror image x = −1, y = 0, which has the same loss; the second weight "
        "meets a feature that is always 0. No intercept.",
    )
    return data, st.container()


def losses(controls: DeltaGenerator, stage: DeltaGenerator, data: str) -> Closing:
    """Squared error of a probability is flat exactly where the model is confidently wrong."""
    with controls:
        start = tuple(
            slide(title, -START_REACH, START_REACH, 0.5, key)
            for title, key in (("Start, w₁", "lr_w1"), ("Start, w₂", "lr_w2"))
        )
        rate = pick("Learning rate η", [0.1, 0.3, 1.0, 3.0, 10.0], "lr_loss_rate")
        steps = pick("Steps", [100, 1000, 3000, 12_000], "lr_loss_steps")
    result = race(data, start, rate, steps)
    at = charts.moments(steps, log=True)
    for p in (result.log_right, result.squared_right):  # and more of them where p crosses ½
        at = np.union1d(at, np.clip(np.rint(np.argmax(p >= 0.5) * CROSSING), 0, steps).astype(int))
    right = {"Log-loss": result.log_right, "Squared error": result.squared_right}
    there = {name: int(np.argmax(p >= 0.5)) if (p >= 0.5).any() else None for name, p in right.items()}
    fast, slow = there["Log-loss"], there["Squared error"]
    arrives = [
        f"{name.lower()} in {step} steps"
        if step is not None
        else f"{name.lower()} not within {steps} steps (it has come to {right[name][-1]:.2g})"
        for name, step in there.items()
    ]
    p0 = float(right["Log-loss"][0])
    what = (
        f"At the start, w = ({start[0]:g}, {start[1]:g}), the right class has the probability {short(p0)} on average. "
        f"A half is reached by **{arrives[0]}**, by **{arrives[1]}**. The slope of log-loss in z is the error p − y; "
        "squared error multiplies it by 2 p (1 − p), which vanishes where p is confidently wrong: the plateau."
    )
    labels = [
        f"step {t} of {steps}: right class {short(float(result.log_right[t]))} by log-loss, "
        f"{short(float(result.squared_right[t]))} by squared error"
        for t in at
    ]
    ratio = np.inf if slow is None else slow / max(fast or 0, 1)
    if fast == slow == 0:
        ratio = 1
    with stage:
        options = QUESTIONS["Losses"][1]
        verdict(lab, "Losses", options[0 if ratio < 3 else 1 if ratio <= 100 else 2], f"{' and '.join(arrives)}.")
        with st.container(key=CHARTS):
            first, second, third = st.columns(3)
            pictures = loss_pictures(data, is_dark())
            weights = result.log_weights, result.squared_weights
            for column, line, picture, w in zip((first, second), charts.RACE, pictures, weights, strict=True):
                with column:
                    draw(
                        charts.surface(
                            ("w₁", "w₂"), START_REACH, line.colour, is_dark(), f"{line.name} over two weights"
                        ),
                        f"{line.name} over two weights, and the descent on it.",
                        what,
                        **picture,
                        path=charts.path_rows(w[at][:, 1:], START_REACH),
                    )
            with third:
                x = charts.Axis("Step (log axis)", (1, 12_000), log=True)
                y = charts.Axis("Mean probability of the right class", (0, 1))
                rows = charts.film_rows(at[1:], at, **{name: p[at[1:]] for name, p in right.items()})
                draw(charts.lines(charts.RACE, x, y, film=True), "Probability of the right class.", what, rows=rows)
        player(CHARTS, labels, start=len(at) - 1, rate=6)
        seen(what)
    table = {"step": at, "log_loss_w1": weights[0][at, 1], "log_loss_w2": weights[0][at, 2]}
    table |= {"squared_w1": weights[1][at, 1], "squared_w2": weights[1][at, 2]}
    table |= {"log_loss_right": result.log_right[at], "squared_right": result.squared_right[at]}
    return proof.losses_closing(*plateau_data(data), start, rate, steps, at) | {"data": {"Descents": make_rows(table)}}


# --- Separable -------------------------------------------------------------------------------------------------


def apart_data(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2) and their labels."""
    if name == "Four points":
        return FOUR_POINTS
    return toy("Separable", 40, 0.3, 0) if name == "Two clouds" else toy("Blobs", 40, 0.5, 0)


@st.cache_resource(max_entries=24, show_spinner=False)
def growth(name: str, rate: float, steps: int) -> lr.NormGrowth:
    """Descent for every λ at once."""
    with turn():
        return lr.norm_growth(*apart_data(name), GROWTH, learning_rate=rate, n_iterations=steps)


def choose_apart() -> tuple[str, DeltaGenerator]:
    """Draw the controls."""
    data = st.selectbox(
        "Data",
        ["Four points", "Two clouds", "Overlapping"],
        key="lr_apart",
        bind="query-params",
        help="Four points: (1, 0) and (2, 4) of class 1, and their mirror images of class 0. The intercept stays 0.",
    )
    return data, st.container()


def separable(controls: DeltaGenerator, stage: DeltaGenerator, data: str) -> Closing:
    """Without an error to stop them the weights grow for ever; any penalty stops them."""
    with controls:
        chosen = pick("λ of the field", GROWTH, "lr_apart_shown")
        rate = pick("Learning rate η", [0.1, 0.3, 1.0, 2.0], "lr_apart_rate")
        steps = pick("Steps", [100, 1000, 3000, 10_000], "lr_apart_steps")
    X, y = apart_data(data)
    result = growth(data, rate, steps)
    at = charts.moments(steps, log=True)
    number = GROWTH.index(chosen)
    sure = np.exp(-result.loss)  # geometric mean of the probabilities of the right classes
    free = result.norm[0]
    gain = float(free[-1] / free[steps // 2] - 1)
    apart = lr.is_separable(X, y)
    held = ", ".join(f"{norm[-1]:.2f} (λ = {lam:g})" for lam, norm in zip(GROWTH[1:], result.norm[1:], strict=True))
    tenth = free[steps // 10]
    what = (
        f"A line {'can' if apart else 'cannot'} separate the classes. Without a penalty ‖w‖ is {tenth:.2f} after "
        f"{steps // 10} steps and **{free[-1]:.2f}** after {steps}; with one it is {held}. The loss without a penalty "
        f"is {short(float(result.loss[0, -1]))}: the right classes get a probability of {sure[0, -1]:.5f} "
        f"(geometric mean), against {sure[3, -1]:.3f} with λ = 0.01."
    )
    labels = [
        f"step {t} of {steps}, λ = {chosen:g}: ‖w‖ = {result.norm[number, t]:.2f}, probability of the right class "
        f"{sure[number, t]:.4f}"
        for t in at
    ]
    names = tuple(line.name for line in charts.GROWING)
    rows = charts.film_rows(
        at[1:], at, **{name: np.minimum(norm[at[1:]], 12) for name, norm in zip(names, result.norm, strict=True)}
    )
    reach = (-5.0, 5.0) if data == "Four points" else (-3.0, 3.0)
    shown = Problem(X, y, np.zeros(len(y), bool), ("x₁", "x₂"), reach, reach, ("class 0", "class 1"))
    with stage:
        options = QUESTIONS["Separable"][1]
        verdict(lab, "Separable", options[0 if gain > 0.01 else 1], f"It grows by {gain:.1%} there.")
        with st.container(key=CHARTS):
            left, other = st.columns(2)
            with left:
                x = charts.Axis("Step (log axis)", (1, 10_000), log=True)
                spec = charts.lines(charts.GROWING, x, charts.Axis("Norm ‖w‖ of the weights", (0, 12)), film=True)
                draw(spec, "Norm of the weights by step, for each penalty.", what, rows=rows)
            with other:
                draw_field(shown, result.weights[number, at], charts.grid(reach, reach), what)
        player(CHARTS, labels, start=len(at) - 1, rate=6)
        seen(what)
    table = make_rows({"step": at} | {f"norm_{i}": norm[at] for i, norm in enumerate(result.norm)})
    return proof.apart_closing(X, y, GROWTH, rate, steps, at, number) | {"data": {"Norms": table}}


# --- Gradient check --------------------------------------------------------------------------------------------

BUGS = ("No mistake", "Sum, not mean", "Intercept penalised")


@dataclass(frozen=True)
class ChosenCheck:
    """The controls outside the sliders."""

    data: str
    bug: str


def choose_check() -> tuple[ChosenCheck, DeltaGenerator]:
    """Draw the controls."""
    data = choose_one("Data", ["Reference", "Breast cancer"], DEFAULTS["lr_check_data"], key="lr_check_data")
    sliders_here = st.container()
    bug = st.selectbox(
        "Mistake in the analytic gradient",
        BUGS,
        key="lr_bug",
        bind="query-params",
        help="What a candidate forgets: the 1/n of the mean, or that the intercept is not penalised (needs λ above 0).",
    )
    return ChosenCheck(data, bug), sliders_here


def gradient_check(controls: DeltaGenerator, stage: DeltaGenerator, chosen: ChosenCheck) -> Closing:
    """A wrong gradient shows at every h; a right one is confirmed best near the cube root of ε."""
    with controls:
        at = slide("All weights at", -2.0, 2.0, 0.1, "lr_at")
        l2 = pick("L2 strength λ", [0.0, *STRENGTHS], "lr_check_strength")
    X, y = few_data(chosen.data)
    A = lr.design_matrix(X)
    w = np.full(A.shape[1], at)
    slope = lr.gradient(w, A, y, l2)
    if chosen.bug == "Sum, not mean":
        slope = slope * len(y)
    if chosen.bug == "Intercept penalised":
        slope[0] += l2 * w[0]
    numeric = {
        "Central": lr.numerical_gradient(w, A, y, l2, step=STEPS_H),
        "Forward": lr.numerical_gradient(w, A, y, l2, step=STEPS_H, forward=True),
    }
    size = float(np.linalg.norm(slope))
    error = {name: np.linalg.norm(slopes - slope, axis=1) / size for name, slopes in numeric.items()}
    best = {name: int(values.argmin()) for name, values in error.items()}
    h = STEPS_H[best["Central"]]
    worst = int(np.abs(numeric["Central"][8] - slope).argmax())
    weights = ("intercept", *(f"w{j}" for j in range(1, len(w))))
    wrong = error["Central"][8] > 1e-6
    least = {name: short(float(values.min())) for name, values in error.items()}
    what = (
        f"Central differences come closest at h = {short(h, 2)}, with a relative error of **{least['Central']}**, "
        f"forward differences at h = {short(STEPS_H[best['Forward']], 2)} with {least['Forward']}. "
        + (
            f"At h = 1e-5 they disagree by {short(float(error['Central'][8]))}, most in {weights[worst]} "
            f"({slope[worst]:.4f} analytic, {numeric['Central'][8, worst]:.4f} numerical): the gradient is wrong, and "
            "no h hides it."
            if wrong
            else f"The gradient is right. Smaller is not better: at h = 1e-12 the central error is "
            f"{short(float(error['Central'][22]))}, because rounding grows as ε/h while truncation falls as h²."
        )
    )
    labels = [
        f"h = {short(h, 2)}: relative error {short(central)} central, {short(forward)} forward"
        for h, central, forward in zip(STEPS_H, error["Central"], error["Forward"], strict=True)
    ]
    frames = np.arange(len(STEPS_H))
    rows = stack_rows(
        make_rows({"series": name, "x": STEPS_H, "y": np.clip(e, 1e-12, 1e4), "frame": frames, "next": frames + 1})
        for name, e in error.items()
    )
    slopes = slope_rows(weights, slope, numeric)
    with stage:
        options = QUESTIONS["Gradient check"][1]
        right = options[0 if h < 0.99e-9 else 1 if h < 1.01e-6 else 2]
        verdict(lab, "Gradient check", right, f"It is h = {short(h, 2)}.")
        with st.container(key=CHARTS):
            left, other = st.columns(2)
            with left:
                draw(charts.two_gradients(weights), "Slopes, analytic and numerical.", what, slopes=slopes)
            with other:
                x = charts.Axis("Step h (log axis)", (1e-14, 0.1), log=True)
                y_axis = charts.Axis("Relative error of the gradient (log axis)", (1e-12, 1e4), log=True)
                spec = charts.lines(charts.DIFFERENCES, x, y_axis, film=True)
                draw(spec, "Relative error against h.", what, rows=rows)
        player(CHARTS, labels, start=8, rate=4)
        seen(what)
    table = make_rows({"h": STEPS_H, "central": error["Central"], "forward": error["Forward"]})
    return proof.check_closing(X, y, at, l2, chosen.bug, STEPS_H) | {"data": {"Errors": table, "Slopes": slopes}}


def slope_rows(weights: tuple[str, ...], slope: np.ndarray, numeric: dict[str, np.ndarray]) -> Rows:
    """The analytic slope (frame −1), and each numerical one at the h of its frame."""
    tables = [make_rows({"kind": "Analytic", "frame": -1, "weight": weights, "value": slope})]
    for kind, values in numeric.items():
        frames, width = values.shape
        tables.append(
            make_rows(
                {
                    "kind": kind,
                    "frame": np.repeat(np.arange(frames), width),
                    "weight": np.tile(weights, frames),
                    "value": values.ravel(),
                }
            )
        )
    return stack_rows(tables)


# --- Your data -------------------------------------------------------------------------------------------------

MOST_ROWS = 5000  # that are fitted, so that every slider move stays quick


def choose_own() -> tuple[Prepared | None, DeltaGenerator]:
    """Draw the upload; None while there is no usable file."""
    prepared = upload_and_choose(lab, "binary", most=MOST_ROWS)
    return prepared, st.container()


def your_data(controls: DeltaGenerator, stage: DeltaGenerator, uploaded: Prepared | None) -> Closing:
    """Descent and the minimum on the visitor's own rows."""
    with controls:
        rate = pick("Learning rate η", RATES, "lr_own_rate")
        iterations = slide("Iterations", 10, 500, 10, "lr_own_iterations")
        strength = pick("L2 strength λ", STRENGTHS, "lr_own_strength")
    data = uploaded or prepared_sample("binary")
    X, y, X_test, y_test = data.X_train, data.y_train, data.X_test, data.y_test
    Z, mean, scale = lr.standardise(X)
    Z_test = (X_test - mean) / scale
    film = lr.train(lr.LogisticRegression(rate, iterations, penalty="l2", strength=strength), Z, y, Z_test, y_test)
    fitted = lr.LogisticRegression(solver="newton", penalty="l2", strength=strength).fit(Z, y)
    minimum = np.r_[fitted.intercept_, fitted.coef_[0]]
    A_test = lr.design_matrix(Z_test)
    best_loss = float(lr.loss(minimum, A_test, y_test))
    best_right = int(((A_test @ minimum > 0) == y_test).sum())
    right = round(float(film.test_accuracy[-1]) * len(y_test))
    order = np.argsort(-np.abs(minimum[1:]))
    strongest = int(order[0])
    rows_of = f"{len(y)} training and {len(y_test)} test rows"
    if data.drawn:
        rows_of += f" (at most {MOST_ROWS} of each, drawn at random)"
    positive = as_code(data.class_names[1])
    base = max(y_test.mean(), 1 - y_test.mean())
    what = (
        ("" if uploaded else why_sample(lab))
        + f"{rows_of}, predicting {positive}. The minimum, by Newton, gets **{best_right}** of the test rows right, "
        f"gradient descent {right}; the commoner class alone would get {round(base * len(y_test))}. The test "
        f"loss is {best_loss:.4f} at the minimum and {film.test_loss[-1]:.4f} after {len(film.loss) - 1} iterations of "
        f"descent, the penalised training loss {fitted.loss_history_[-1]:.4f} and {film.objective[-1]:.4f}. The "
        f"largest coefficient is that of {as_code(data.feature_names[strongest])}: one standard deviation more "
        f"multiplies the odds by {odds(float(minimum[1 + strongest]))}, the others held fixed."
    )
    top = 1.2
    values = {"Training": np.minimum(film.loss, top), "Test": np.minimum(film.test_loss, top)}
    every = np.unique(np.linspace(0, len(film.loss) - 1, 200).astype(int))
    rows = stack_rows(make_rows({"series": name, "x": every, "y": series[every]}) for name, series in values.items())
    level = make_rows({"series": "Test, at the minimum", "x": [0, len(film.loss) - 1], "y": min(best_loss, top)})
    shown = order[:20]
    bars = make_rows(
        {
            "name": [data.feature_names[j] for j in shown],
            "value": minimum[1 + shown],
            "from": 0.0,
            "end": np.maximum(minimum[1 + shown], 0),
            "words": [typeset(f"{minimum[1 + j]:.2f}") for j in shown],
        }
    )
    with stage:
        options = QUESTIONS["Your data"][1]
        answer = options[0 if best_right > right else 1 if right > best_right else 2]
        verdict(
            lab, "Your data", answer, f"It is {best_right} by the minimum and {right} by descent, of {len(y_test)}."
        )
        left, other = st.columns(2)
        with left:
            series = (charts.TRAINING, charts.TESTING, charts.TESTED_MINIMUM)
            spec = charts.lines(
                series, charts.Axis("Iteration"), charts.Axis("Mean log-loss (drawn up to 1.2)", (0, top))
            )
            name = "Loss of gradient descent by iteration, with the test loss of the minimum."
            draw(spec, name, what, rows=stack_rows([rows, level]))
        with other:
            x = charts.Axis("Change of the log-odds per standard deviation")
            spec = charts.bars(tuple(data.feature_names[j] for j in shown), x, OPTIMIZERS["Momentum"][0])
            draw(spec, "Coefficients at the minimum, largest first.", what, rows=bars)
        seen(what)
    columns = [*np.vstack([X, X_test]).T, np.r_[y, y_test], np.repeat([0, 1], [len(y), len(y_test)])]
    prepared = Rows.from_arrays(columns, [*data.feature_names, "class", "test"])  # a file may have such names too
    history = make_rows({"iteration": np.arange(len(film.loss)), "loss": film.loss, "test_loss": film.test_loss})
    return proof.own_closing(X, y, X_test, y_test, rate, iterations, strength) | {
        "data": {"Prepared data": prepared, "Loss history": history}
    }


VIEWS = {
    "Training": (choose_training, training),
    "From scratch": (choose_scratch, from_scratch),
    "Odds ratios": (choose_odds, odds_ratios),
    "Newton": (choose_newton, newton),
    "Scaling": (choose_scaling, scaling),
    "Losses": (choose_losses, losses),
    "Separable": (choose_apart, separable),
    "Gradient check": (choose_check, gradient_check),
    "Your data": (choose_own, your_data),
}

lab = open_lab("logistic_regression")
remember_points()
view = choose_experiment(lab, VIEWS, CHARTS)
scenes(lab, {title: DEFAULTS | scene for title, scene in SCENES.items()}, CHARTS)
choose, body = VIEWS[view]
controls, stage = st.columns([1, 3.6], gap="medium")
with controls:
    chosen, sliders_here = choose()
with stage:
    ask(lab, view, *QUESTIONS[view])
    shown = st.container()
live(lab, body, sliders_here, shown, chosen)
close_lab(lab)
