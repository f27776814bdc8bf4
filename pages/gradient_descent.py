"""Gradient descent: race its variants over surfaces of two weights, textbook ones and the losses of real data.

The lesson: the learning rate is bounded by the steepest direction and the progress by the flattest; momentum,
scaling by past gradients, mini-batches and schedules each change one thing about that. Each view below is one
experiment; only the chosen one computes and draws.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore import optimizers as opt
from mlcore import surfaces
from pages.charts import gradient_descent as charts
from pages.proof import gradient_descent as proof
from pages.ui.charts import OPTIMIZERS, Rows, draw, is_dark, make_rows, stack_rows
from pages.ui.data import breast_cancer, diabetes
from pages.ui.lab import (
    Closing,
    ask,
    choose_experiment,
    choose_one,
    close_lab,
    live,
    open_lab,
    scenes,
    seen,
    stop_with_hint,
    verdict,
)
from pages.ui.numbers import short
from pages.ui.player import player
from pages.ui.readout import readout
from pages.ui.turns import turn

METHODS = dict(zip(OPTIMIZERS, opt.METHODS, strict=True))  # label on the page → name in mlcore
SURFACES = {
    "Ravine": "ravine",
    "Rosenbrock": "rosenbrock",
    "Beale": "beale",
    "Himmelblau": "himmelblau",
    "Saddle": "saddle",
    "Rastrigin": "rastrigin",
    "Plateau": "plateau",
}
DATA = {"Diabetes": ("bmi", "s1"), "Breast cancer": ("mean area", "mean smoothness")}
DATA_AXES = {
    "Diabetes": ("Weight of body mass index", "Weight of total cholesterol"),
    "Breast cancer": ("Weight of mean area", "Weight of mean smoothness"),
}
SCHEDULES = {
    "Constant": "constant",
    "Step": "step",
    "Exponential": "exponential",
    "Cosine": "cosine",
    "Warm-up": "warmup",
}
RATES = [float(f"{digit}e{power}") for power in range(-6, 1) for digit in (1, 1.5, 2, 3, 5, 7)] + [10.0, 15.0]
RANGES = {"textbook": (1e-4, 10.0, 41), "data": (1e-6, 10.0, 57)}  # of the sweeps, eight rates a decade
CHARTS = "gd_charts"

DEFAULTS = {
    "gd_view": "Race",
    "gd_surface": "Ravine",
    "gd_kappa": 50,
    "gd_features": "Standardised",
    "gd_methods": ["GD", "Momentum", "Adam"],
    "gd_tuning": "Same",
    "gd_lr": 0.2,
    "gd_steps": 100,
    "gd_noise": 0.0,
    "gd_batch": 16,
    "gd_stochastic": False,
    "gd_schedule": "Constant",
    "gd_decay": 0.5,
    "gd_every": 25,
    "gd_warmup": 20,
    "gd_momentum": 0.9,
    "gd_nesterov": 0.9,
    "gd_rho": 0.99,
    "gd_beta1": 0.9,
    "gd_beta2": 0.999,
    "gd_correct": True,
    "gd_weight_decay": 0.01,
    "gd_seed": 0,
    "gd_loss_x": "Steps",
    "gd_log": True,
}
SCENES = {
    "Momentum in a ravine": {"gd_kappa": 100, "gd_methods": ["GD", "Momentum", "Nesterov"], "gd_lr": 0.5},
    "Rate too large": {"gd_lr": 5.0, "gd_steps": 60},
    "Raw features": {"gd_surface": "Diabetes", "gd_features": "Raw", "gd_tuning": "Tuned"},
    "Standardised": {"gd_surface": "Diabetes", "gd_tuning": "Tuned"},
    "AdaGrad stalls": {
        "gd_surface": "Rosenbrock",
        "gd_methods": ["AdaGrad", "RMSProp", "Adam"],
        "gd_lr": 0.02,
        "gd_steps": 400,
    },
    "Adam or SGD": {
        "gd_surface": "Breast cancer",
        "gd_methods": ["SGD", "Mini-batch", "Adam"],
        "gd_stochastic": True,
        "gd_tuning": "Tuned",
        "gd_loss_x": "Evaluations",
        "gd_steps": 200,
    },
    "First steps": {"gd_view": "Update table", "gd_methods": ["GD", "RMSProp", "Adam"], "frame": 1},
    "Many minima": {"gd_view": "Basins", "gd_surface": "Himmelblau", "gd_methods": ["GD", "Momentum"], "gd_lr": 0.01},
    "Saddle": {"gd_surface": "Saddle", "gd_lr": 0.05},
}
QUESTIONS = {  # without options: the methods on screen
    "Race": ("After the last step, which method is lowest?", []),
    "Update table": ("Which method takes the longest first step?", []),
    "Learning rate": ("Which method sheds nine tenths of its loss over the widest range of rates?", []),
    "Basins": (
        "From what share of the starts do all the methods on screen end alike?",
        ["under half", "half to nine tenths", "over nine tenths"],
    ),
}


@dataclass(frozen=True)
class Setting:
    """Everything a race is run with, besides the surface and the learning rates."""

    surface: tuple[str, float, bool]  # the key of `landscape`
    start: tuple[float, float]
    steps: int
    hyper: opt.Hyperparameters
    schedule: opt.Schedule
    noise: float
    stochastic: bool
    seed: int

    @property
    def options(self) -> dict[str, object]:
        """The keywords that `descend`, `sensitivity` and `basins` share."""
        return {"schedule": self.schedule, "noise": self.noise, "stochastic": self.stochastic, "seed": self.seed}


@dataclass(frozen=True)
class Chosen:
    """The controls outside the sliders; changing one reruns the whole page."""

    methods: list[str]
    setting: Setting
    tuned: bool
    by_steps: bool  # the loss against steps, not against evaluations
    log: bool


@st.cache_resource(max_entries=32, show_spinner=False)
def landscape(name: str, kappa: float, standardised: bool) -> tuple[surfaces.Surface, np.ndarray, float]:
    """The surface, its values on the grid of the picture, and its lowest known value."""
    if name == "Ravine":
        found = surfaces.ravine(kappa)
    elif name in SURFACES:
        found = surfaces.ANALYTIC[SURFACES[name]]()
    else:
        X, y = diabetes(*DATA[name]) if name == "Diabetes" else breast_cancer(*DATA[name])
        X = X - X.mean(axis=0)
        if standardised:
            X = X / X.std(axis=0)
        found = surfaces.least_squares(X, y - y.mean()) if name == "Diabetes" else surfaces.logistic_loss(X, y)
    return found, charts.heights(found), min(float(found.value(*minimum)) for minimum in found.minima)


def drawn_up_to(key: tuple[str, float, bool]) -> float:
    """The loss above its lowest value at which the axes end: the highest on the picture, whatever κ is."""
    name, _, standardised = key
    _, grid, bottom = landscape(name, 1.0, standardised)
    return float(grid.max()) - bottom


@st.cache_data(max_entries=128, show_spinner=False)
def picture(key: tuple[str, float, bool], dark: bool) -> Rows:
    """The surface as a picture."""
    found, grid, _ = landscape(*key)
    return charts.contours(found, grid, dark)


def sweep_rates(surface: str) -> np.ndarray:
    """The learning rates that a sweep tries; raw features call for far smaller ones."""
    return np.geomspace(*RANGES["data" if surface in DATA else "textbook"])


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs={Setting: repr})
def sweep(method: str, setting: Setting) -> opt.Sensitivity:
    """Final loss of one method for every learning rate tried."""
    found, rates = landscape(*setting.surface)[0], sweep_rates(setting.surface[0])
    with turn():
        return opt.sensitivity(
            found, METHODS[method], setting.start, setting.steps, rates, setting.hyper, **setting.options
        )


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs={Setting: repr})
def basin_labels(method: str, setting: Setting, lr: float) -> np.ndarray:
    """Which minimum each start of a grid reaches, (rows from bottom to top, columns)."""
    found = landscape(*setting.surface)[0]
    columns, rows = (60, 45) if setting.surface[0] in SURFACES else (24, 18)
    x, y = np.meshgrid(centres(*found.x_range, columns), centres(*found.y_range, rows))
    starts = np.column_stack([x.ravel(), y.ravel()])
    labels = opt.basins(found, METHODS[method], starts, setting.steps, lr, setting.hyper, **setting.options)
    return labels.reshape(rows, columns)


def centres(low: float, high: float, cells: int) -> np.ndarray:
    """The middles of equal cells between two bounds."""
    return low + (high - low) * (np.arange(cells) + 0.5) / cells


def choose(view: str) -> tuple[Chosen, DeltaGenerator]:
    """Draw the controls; the second result is the place left for the sliders."""
    name = st.selectbox("Surface", [*SURFACES, *DATA], key="gd_surface", bind="query-params")
    standardised = True
    if name in DATA:
        scaling = choose_one(
            "Features",
            ["Standardised", "Raw"],
            DEFAULTS["gd_features"],
            key="gd_features",
            help="Raw: centred, in their own units. Standardised: also divided by their standard deviations.",
        )
        standardised = scaling == "Standardised"
    sliders_here = st.container()
    methods = st.pills(
        "Methods",
        list(METHODS),
        selection_mode="multi",
        default=DEFAULTS["gd_methods"],
        wrap=True,
        key="gd_methods",
        bind="query-params",
    )
    tuned, against, log = False, "Steps", True
    if view != "Learning rate":
        tuning = choose_one(
            "Learning rate",
            ["Same", "Tuned"],
            DEFAULTS["gd_tuning"],
            key="gd_tuning",
            help="Same: one value for all. Tuned: for each method the one with the lowest final loss, out of those "
            "that the experiment Learning rate shows.",
        )
        tuned = tuning == "Tuned"
    if view == "Race":
        against = choose_one(
            "Loss against",
            ["Steps", "Evaluations"],
            DEFAULTS["gd_loss_x"],
            key="gd_loss_x",
            help="Evaluations: samples touched, the fair axis where a full-batch step costs more than a small one.",
        )
        log = st.toggle("Log axis for the loss", DEFAULTS["gd_log"], key="gd_log", bind="query-params")
    with st.popover("More settings", icon=":material/tune:", width="stretch"):
        setting = more_settings(name, (name, 1.0, standardised))
    ordered = [method for method in METHODS if method in methods]
    return Chosen(ordered, setting, tuned, against == "Steps", log), sliders_here


def sliders(chosen: Chosen, *, with_rate: bool = True) -> tuple[Setting, float | None]:
    """The condition number and the learning rate (None: each method's own), which rerun the experiment alone."""
    setting, lr = chosen.setting, None
    name, _, standardised = setting.surface
    if name == "Ravine":
        kappa = st.slider(
            "Condition number κ",
            1,
            200,
            DEFAULTS["gd_kappa"],
            key="gd_kappa",
            bind="query-params",
            help="Largest curvature divided by the smallest. The largest is 1 here, so plain descent is stable for "
            "learning rates below 2, whatever κ is.",
        )
        setting = replace(setting, surface=(name, float(kappa), standardised))
    if with_rate and not chosen.tuned:
        lr = st.select_slider(
            "Learning rate η", RATES, DEFAULTS["gd_lr"], format_func="{:g}".format, key="gd_lr", bind="query-params"
        )
    return setting, lr


def more_settings(name: str, key: tuple[str, float, bool]) -> Setting:
    """The controls that are folded away: steps, start, noise, schedule and each method's own."""
    found = landscape(*key)[0]
    slider = partial(st.slider, bind="query-params")
    steps = slider("Steps", 20, 400, DEFAULTS["gd_steps"], 10, key="gd_steps")
    start = []
    for axis, (low, high), at in zip("xy", (found.x_range, found.y_range), found.start, strict=True):
        title = f"Start, {'horizontal' if axis == 'x' else 'vertical'} (or click the surface)"
        start.append(slider(title, low, high, at, (high - low) / 400, key=start_key(key, axis), format="%.4g"))
    if name in SURFACES:
        noise = slider(
            "Gradient noise σ (synthetic)",
            0.0,
            5.0,
            DEFAULTS["gd_noise"],
            0.1,
            key="gd_noise",
            help="This surface has no data to sample, so noise is added: σ to one sample's gradient, σ/√B to a "
            "mini-batch's.",
        )
    else:
        noise = 0.0
        st.markdown(":small[SGD and mini-batches draw real samples of this data set.]")
    batch = slider("Mini-batch size B", 1, 128, DEFAULTS["gd_batch"], key="gd_batch")
    stochastic = st.toggle(
        "Mini-batches for Momentum … AdamW too",
        DEFAULTS["gd_stochastic"],
        key="gd_stochastic",
        bind="query-params",
        help="Off: they see the full gradient.",
    )
    kind = st.selectbox("Learning-rate schedule", list(SCHEDULES), key="gd_schedule", bind="query-params")
    decay, every, warmup = DEFAULTS["gd_decay"], DEFAULTS["gd_every"], DEFAULTS["gd_warmup"]
    if kind in ("Step", "Exponential"):
        decay = slider("Factor", 0.05, 1.0, decay, 0.05, key="gd_decay")
        every = slider("… every so many steps", 1, 200, every, key="gd_every")
    if kind == "Warm-up":
        warmup = slider("Warm-up steps", 1, 200, warmup, key="gd_warmup")
    st.markdown("**Each method's own**")
    hyper = opt.Hyperparameters(
        momentum=slider("Momentum μ", 0.0, 0.99, DEFAULTS["gd_momentum"], 0.01, key="gd_momentum"),
        nesterov_momentum=slider("Nesterov μ", 0.0, 0.99, DEFAULTS["gd_nesterov"], 0.01, key="gd_nesterov"),
        rmsprop_decay=slider("RMSProp ρ", 0.0, 0.999, DEFAULTS["gd_rho"], 0.001, key="gd_rho", format="%.3f"),
        beta1=slider("Adam, AdamW β₁", 0.0, 0.99, DEFAULTS["gd_beta1"], 0.01, key="gd_beta1"),
        beta2=slider("Adam, AdamW β₂", 0.0, 0.999, DEFAULTS["gd_beta2"], 0.001, key="gd_beta2", format="%.3f"),
        bias_correction=st.toggle(
            "Bias correction of Adam, AdamW", DEFAULTS["gd_correct"], key="gd_correct", bind="query-params"
        ),
        weight_decay=slider("AdamW weight decay λ", 0.0, 1.0, DEFAULTS["gd_weight_decay"], 0.01, key="gd_weight_decay"),
        batch_size=batch,
    )
    seed = slider("Seed", 0, 999, DEFAULTS["gd_seed"], key="gd_seed")
    schedule = opt.Schedule(SCHEDULES[kind], decay, every, warmup)
    return Setting(key, (start[0], start[1]), steps, hyper, schedule, noise, stochastic, seed)


def whole(scene: dict[str, object]) -> dict[str, object]:
    """A scene with every other setting at its default, the start on its surface included."""
    state = DEFAULTS | scene
    name, standardised = state["gd_surface"], state["gd_features"] == "Standardised"
    x, y = surfaces.ANALYTIC[SURFACES[name]]().start if name in SURFACES else (0.0, 0.0)
    key = (name, 1.0, standardised)
    return state | {start_key(key, "x"): x, start_key(key, "y"): y}


def start_key(surface: tuple[str, float, bool], axis: str) -> str:
    """Each surface keeps its own start, since each has its own range."""
    name, _, standardised = surface
    return f"gd_{axis}_{name.lower().replace(' ', '_')}{'' if standardised else '_raw'}"


def rates_of(methods: list[str], setting: Setting, lr: float | None) -> dict[str, float]:
    """The learning rate of each method: the common one, or each one's best of the sweep."""
    if lr is not None:
        return dict.fromkeys(methods, lr)
    results = {method: sweep(method, setting) for method in methods}
    return {method: float(result.lrs[result.best]) for method, result in results.items()}


def run(methods: list[str], setting: Setting, rates: dict[str, float]) -> dict[str, opt.Path]:
    """Walk every method."""
    found = landscape(*setting.surface)[0]
    return {
        method: opt.descend(
            found, METHODS[method], setting.start, setting.steps, rates[method], setting.hyper, **setting.options
        )
        for method in methods
    }


def draw_surface(methods: list[str], setting: Setting, rows: Rows, what: str) -> None:
    """Draw the paths over the surface; a click sets the start."""
    found = landscape(*setting.surface)[0]
    name = setting.surface[0]

    def clicked() -> None:
        match st.session_state["gd_map"]:
            case {"selection": {"chosen": [{"x": int() | float() as x, "y": int() | float() as y}, *_]}}:
                (left, right), (low, high) = found.x_range, found.y_range
                if left <= x <= right and low <= y <= high:
                    st.session_state[start_key(setting.surface, "x")] = float(x)
                    st.session_state[start_key(setting.surface, "y")] = float(y)
                    st.rerun()  # the whole page: the start's own sliders stand outside this experiment

    draw(
        charts.surface(tuple(methods), found.x_range, found.y_range, DATA_AXES.get(name, ("θ₁", "θ₂")), is_dark()),
        "Paths over the surface; click to choose another start.",
        f"{found.title}. {what}",
        key="gd_map",
        on_select=clicked,
        picture=picture(setting.surface, is_dark()),
        places=charts.places(found),
        minima=charts.minima(found),
        paths=rows.select(charts.ON_THE_SURFACE),
    )


def outcome(paths: dict[str, opt.Path], bottom: float) -> tuple[str, dict[str, float]]:
    """A sentence on how the race ended, and the final losses above `bottom` of those that did not diverge."""
    final = {name: float(path.loss[-1] - bottom) for name, path in paths.items() if not path.diverged_at}
    sentences = []
    if final:
        order = sorted(final, key=final.get)
        rest = [f"{name} {short(final[name])}" for name in order[1:]]
        then = f" (then {', '.join(rest)})" if rest else ""
        sentences.append(f"**{order[0]}** ends lowest, {short(final[order[0]])} above the lowest value{then}.")
    lost = [f"{name} at step {path.diverged_at}" for name, path in paths.items() if path.diverged_at]
    if lost:
        sentences.append(f"Diverged: {', '.join(lost)}. There the numbers left every bound: a result, not an error.")
    return " ".join(sentences), final


def race_of(chosen: Chosen, sliders_of: DeltaGenerator) -> tuple[Setting, dict[str, float], dict[str, opt.Path]]:
    """What the two views of a race share: the setting, the learning rates and the paths."""
    with sliders_of:
        setting, lr = sliders(chosen)
    rates = rates_of(chosen.methods, setting, lr)
    return setting, rates, run(chosen.methods, setting, rates)


def race(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """The same start, the same gradients, one path a method."""
    setting, rates, paths = race_of(chosen, controls)
    found, _, bottom = landscape(*setting.surface)
    top = drawn_up_to(setting.surface)
    rows = charts.path_rows(found, paths, setting.steps, bottom, floor=top * 1e-8)
    what, final = outcome(paths, bottom)
    if chosen.tuned:
        what += " Tuned learning rates: " + ", ".join(f"{m} {r:.2g}" for m, r in rates.items()) + "."
    if setting.surface[0] in DATA:
        what += f" Condition number of the loss at its minimum: {found.hessian_condition:,.3g}."
    if setting.surface[0] == "Ravine" and "GD" in rates:
        along, across = abs(1 - rates["GD"] / setting.surface[1]), abs(1 - rates["GD"])
        what += f" GD multiplies its distance along the valley by |1 − η/κ| = {along:.4f} a step, across it by "
        what += f"|1 − η| = {across:.2f}."
    if setting.noise:
        what += f" The gradient noise (σ = {setting.noise:g}) is synthetic."
    with stage:
        verdict(lab, "Race", min(final, key=final.get) if final else "all diverge", what)
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            with left:
                draw_surface(chosen.methods, setting, rows, what)
            with right:
                spec = charts.loss(tuple(chosen.methods), top * 1e-8, top, chosen.log, not chosen.by_steps)
                draw(spec, "Loss of every method as it goes.", what, paths=rows.select(charts.IN_THE_LOSS))
        player(CHARTS, race_labels(paths, setting.steps, bottom), start=setting.steps, rate=setting.steps / 6)
        seen(what)
    return proof.closing(setting, found, rates) | {"data": {"Paths": rows.drop_columns(charts.FOR_DRAWING)}}


def race_labels(paths: dict[str, opt.Path], steps: int, bottom: float) -> list[str]:
    """What the player says at each step."""
    labels = []
    for step in range(steps + 1):
        losses = {name: path.loss[step] - bottom for name, path in paths.items() if step < len(path.loss)}
        best = min(losses, key=losses.get) if losses else None
        words = f"lowest {best}, {short(losses[best])} above the minimum" if best else "all diverged"
        labels.append(f"step {step} of {steps}: {words}")
    return labels


def update_table(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """What each method computed in the step on screen."""
    setting, rates, paths = race_of(chosen, controls)
    found, _, bottom = landscape(*setting.surface)
    rows = charts.path_rows(found, paths, setting.steps, bottom, floor=drawn_up_to(setting.surface) * 1e-8)
    first = {name: float(np.hypot(*path.update[0])) if len(path.update) else 0.0 for name, path in paths.items()}
    what = (
        "The first step: "
        + ", ".join(f"{name} moves {short(size)} (η = {rates[name]:.3g})" for name, size in first.items())
        + ". A plain step is η times the gradient; a scaled one hardly depends on the gradient's size, only on η and, "
        f"without bias correction, on the βs. {outcome(paths, bottom)[0]}"
    )
    with stage:
        verdict(lab, "Update table", max(first, key=first.get), what)
        with st.container(key=CHARTS):
            left, right = st.columns([4, 5])
            with left:
                draw_surface(chosen.methods, setting, rows, what)
            with right:
                readout(
                    CHARTS,
                    "gd_updates",
                    "What the step on screen used: θ₁, θ₂",
                    [(name, OPTIMIZERS[name][0]) for name in chosen.methods],
                    [(quantity, "") for quantity in charts.QUANTITIES],
                    charts.step_values(paths, setting.steps),
                )
        player(CHARTS, race_labels(paths, setting.steps, bottom), start=1, rate=4)
        seen(what)
    return proof.closing(setting, found, rates) | {
        "data": {"Updates": charts.step_rows(paths), "Paths": rows.drop_columns(charts.FOR_DRAWING)}
    }


def learning_rate(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Every method has a range of rates that works; past its end it diverges at once."""
    with controls:
        setting, _ = sliders(chosen, with_rate=False)
    methods = chosen.methods
    found, _, bottom = landscape(*setting.surface)
    top = drawn_up_to(setting.surface)
    low, high = top * 1e-8, top * 10
    tried = sweep_rates(setting.surface[0])
    results = {method: sweep(method, setting) for method in methods}
    rows = stack_rows(
        make_rows(
            {
                "method": method,
                "lr": result.lrs,
                "final_loss": np.where(result.diverged, np.nan, result.final_loss),
                "excess": np.where(result.diverged, np.nan, np.clip(result.final_loss - bottom, low, high)),
                "diverged": result.diverged,
                "best": (np.arange(len(tried)) == result.best) & ~result.diverged,
                "edge": high / 10 ** (0.5 * i + 0.3),
            }
        )
        for i, (method, result) in enumerate(results.items())
    )
    begin = float(found.value(*setting.start)) - bottom
    good = {m: int(((r.final_loss - bottom <= 0.1 * begin) & ~r.diverged).sum()) for m, r in results.items()}
    limit = {m: float(r.lrs[r.diverged].min()) for m, r in results.items() if r.diverged.any()}
    best = [f"η = {r.lrs[r.best]:.2g} ({m}, {short(r.final_loss[r.best] - bottom)})" for m, r in results.items()]
    lost = [f"η = {value:.2g} ({m})" for m, value in limit.items()]
    forgiving = max(good, key=good.get)
    counts = ", ".join(f"{method} {count}" for method, count in good.items())
    what = (
        f"After {setting.steps} steps the lowest losses are reached at {', '.join(best)}. "
        + (f"The smallest rates that diverge: {', '.join(lost)}. " if lost else "No rate diverges. ")
        + f"Rates that shed nine tenths of the loss at the start, of {len(tried)} tried: {counts}."
    )
    with stage:
        verdict(lab, "Learning rate", forgiving, what)
        now = make_rows({"lr": [2.0] if setting.surface[0] == "Ravine" else []})
        spec = charts.sensitivity(tuple(methods), low, high, (float(tried[0]), float(tried[-1])))
        draw(spec, "Final loss against learning rate.", what, sweep=rows, now=now)
        dashed = " The dashed line is 2, the largest rate at which plain descent is stable here." if len(now) else ""
        st.markdown(f":small[× marks divergence, the large mark each method's best rate.{dashed}]")
        seen(what)
    return proof.sweep_closing(setting, found, methods, tried) | {"data": {"Learning rates": rows}}


def basins(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """From where each method reaches which minimum."""
    with controls:
        setting, lr = sliders(chosen)
    found = landscape(*setting.surface)[0]
    rates = rates_of(chosen.methods, setting, lr)
    labels = {method: basin_labels(method, setting, rates[method]) for method in chosen.methods}
    stacked = np.stack(list(labels.values()))
    agree = float((stacked == stacked[0]).all(axis=0).mean())
    arrived = {method: float((label >= 0).mean()) for method, label in labels.items()}
    lost = [f"{(label == -2).mean():.0%} ({m})" for m, label in labels.items() if (label == -2).any()]
    what = (
        f"{stacked[0].size:,} starts, {setting.steps} steps each. A known minimum is reached from "
        + ", ".join(f"{share:.0%} ({method})" for method, share in arrived.items())
        + " of them"
        + (f"; diverged: {', '.join(lost)}" if lost else "")
        + (f". The methods on screen end alike from {agree:.0%} of the starts" if len(labels) > 1 else "")
        + ". The minima belong to the surface; which one you get depends on the method, the rate and the start."
    )
    with stage:
        options = QUESTIONS["Basins"][1]
        verdict(lab, "Basins", options[0 if agree < 0.5 else 1 if agree <= 0.9 else 2], f"It is {agree:.0%}.")
        minima = charts.minima(found)
        axes = DATA_AXES.get(setting.surface[0], ("θ₁", "θ₂"))
        across = 2 if len(labels) in (2, 4) else 3
        for i, (method, label) in enumerate(labels.items()):
            if i % across == 0:
                row = st.columns(across)
            with row[i % across]:
                draw(
                    charts.basins(method, found.x_range, found.y_range, axes),
                    f"Basins of {method}.",
                    f"{arrived[method]:.0%} of the starts reach a known minimum.",
                    picture=charts.basin_picture(found, label),
                    minima=minima,
                )
        st.markdown(
            ":small[A pixel is a start, its colour the minimum where the path ends. Grey: none yet. Black: diverged.]"
        )
        seen(what)
    rows = stack_rows(
        make_rows({"method": m, "cell": np.arange(v.size), "minimum": v.ravel()}) for m, v in labels.items()
    )
    return proof.basin_closing(setting, found, rates, stacked[0].shape) | {"data": {"Basins": rows}}


VIEWS = {"Race": race, "Update table": update_table, "Learning rate": learning_rate, "Basins": basins}

lab = open_lab("gradient_descent")
view = choose_experiment(lab, VIEWS, CHARTS)
scenes(lab, {title: whole(scene) for title, scene in SCENES.items()}, CHARTS)
controls, stage = st.columns([1, 3.6], gap="medium")
with controls:
    chosen, sliders_here = choose(view)
with stage:
    question, options = QUESTIONS[view]
    if not chosen.methods:
        stop_with_hint(lab, "Choose at least one method.")
    ask(lab, view, question, options or [*chosen.methods, *(["all diverge"] if view == "Race" else [])])
    shown = st.container()
live(lab, VIEWS[view], sliders_here, shown, chosen)
close_lab(lab)
