"""Neural networks: backpropagation from the first random weights to the last epoch, and what breaks it.

The lesson: the gradient is a product, layer by layer, and almost everything in deep learning (initialisation,
activation, normalisation, clipping) keeps that product near one. Each view below is one experiment; only the
chosen one computes and draws.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore import neural_network as nn
from mlcore.numerics import centre_and_scale
from mlcore.optimizers import Schedule
from pages.charts import neural_network as charts
from pages.proof import neural_network as proof
from pages.ui.charts import BIAS, TEST, TRAIN, TRUTH, VARIANCE, Rows, draw, is_dark
from pages.ui.data import digits
from pages.ui.lab import Closing, ask, choose_experiment, choose_one, close_lab, live, open_lab, scenes, seen, verdict
from pages.ui.numbers import short
from pages.ui.player import go_to, player
from pages.ui.readout import readout
from pages.ui.turns import turn
from pages.ui.upload import Prepared, as_code, prepared_sample, upload_and_choose, why_sample

CHARTS = "nn_charts"
SHORT = 330  # height of charts with a line of words above
MOMENTS = 30  # of a film
MOST_WORK = 22_500  # steps × layers of a film: what takes about half a second
RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
BATCHES = [4, 10, 20, 50, 100]
PENALTIES = [0.0, 1e-4, 1e-3, 0.01, 0.1]
CLIPS = [0.0, 0.1, 1.0, 10.0]
DATA = nn.CLASSIFICATION | nn.REGRESSION
KINDS_OF_NORM = nn.NORMALISATIONS | {"none": "No norm"}
ACTIVATIONS = {key: kind.title for key, kind in nn.ACTIVATIONS.items()}
OPTIMIZERS = {"minibatch": "Plain", "momentum": "Momentum", "rmsprop": "RMSProp", "adam": "Adam"}
SCHEDULES = {"constant": "Constant", "cosine": "Cosine", "warmup": "Warm-up"}
DEPTHS = tuple(range(2, 21, 2))
GAINS = {f"{gain:.3g}": gain for gain in 2.0 ** (np.arange(-2, 5) / 2)}
BATCH_SIZES = (2, 4, 8, 32, 128)
LAYERS = ("first", "second", "output")

DEFAULTS = {
    "nn_view": "Training",
    "nn_data": "Circles",
    "nn_activation": "Tanh",
    "nn_layers": 2,
    "nn_width": 6,
    "nn_rate": 0.03,
    "nn_noise": 0.2,
    "nn_share": 0.7,
    "nn_features": ["x₁", "x₂"],
    "nn_init": nn.INITIALISATIONS["xavier"],
    "nn_optimizer": "Adam",
    "nn_schedule": "Constant",
    "nn_batch": 20,
    "nn_l1": 0.0,
    "nn_l2": 0.0,
    "nn_dropout": 0.0,
    "nn_norm": "No norm",
    "nn_clip": 0.0,
    "nn_epochs": 40,
    "nn_seed": 0,
    "nn_sample": 3,
    "nn_trained": 0,
    "nn_table": "first",
    "nn_loss": "Cross-entropy",
    "nn_depth_phi": "ReLU",
    "nn_depth_norm": "No norm",
    "nn_real_phi": "ReLU",
    "nn_real_layers": 1,
    "nn_at_test": "Running",
    "nn_norm_seed": 0,
    "nn_test_batch": 4,
    "nn_drop": 0.5,
    "nn_depth": 20,
    "nn_gain": "1",
    "nn_inside_layers": 6,
    "nn_inside_rate": 0.1,
    "nn_failure": "Vanishing gradients",
    "nn_cure_exploding": "He initialisation",
    "nn_cure_overfitting": "L2",
    "nn_factor": 1.0,
    "nn_differs": "Learning rate",
    "nn_rate_a": 0.003,
    "nn_rate_b": 0.1,
    "nn_batch_a": 4,
    "nn_batch_b": 100,
    "nn_width_a": 2,
    "nn_width_b": 8,
    "nn_activation_a": "Linear",
    "nn_activation_b": "ReLU",
    "nn_digits": "Digits",
    "nn_units": 16,
    "nn_digits_rate": 0.1,
    "nn_digits_epochs": 15,
}


@dataclass(frozen=True)
class Setting:
    """Data in the plane, a network and its training; hashable, so that a film is computed once."""

    data: str = "circles"
    n: int = 200
    noise: float = DEFAULTS["nn_noise"]
    share: float = DEFAULTS["nn_share"]
    features: tuple[str, ...] = ("x1", "x2")
    unit: int = 1  # x₁ is multiplied by it
    standardise: bool = False
    hidden: tuple[int, ...] = (6, 6)
    activation: str = "tanh"
    loss: str = "cross_entropy"
    init: str = "xavier"
    normalisation: str = "none"
    dropout: float = DEFAULTS["nn_dropout"]
    optimizer: str = "adam"
    rate: float = DEFAULTS["nn_rate"]
    plan: str = "constant"
    batch: int = DEFAULTS["nn_batch"]
    l1: float = DEFAULTS["nn_l1"]
    l2: float = DEFAULTS["nn_l2"]
    clip: float = DEFAULTS["nn_clip"]  # 0 for none
    epochs: int = DEFAULTS["nn_epochs"]
    seed: int = DEFAULTS["nn_seed"]

    @property
    def surface(self) -> bool:
        """Whether the targets are values, not classes."""
        return self.data in nn.REGRESSION

    @property
    def network(self) -> nn.Network:
        """The architecture."""
        return nn.Network(
            len(self.features),
            self.hidden,
            1,
            self.activation,
            "squared_error" if self.surface else self.loss,
            self.init,
            self.normalisation,
            self.dropout,
        )

    @property
    def affordable(self) -> int:
        """Epochs that are computed: fewer than asked for where small batches and many layers would take too long."""
        steps = MOST_WORK // (len(self.hidden) + 1) // (1 if self.normalisation == "none" else 2)
        return min(self.epochs, steps * self.batch // round(self.share * self.n))

    @property
    def training(self) -> nn.Training:
        """How it is trained."""
        return nn.Training(
            self.optimizer,
            self.rate,
            self.affordable,
            min(self.batch, round(self.share * self.n)),
            self.l1,
            self.l2,
            self.clip or math.inf,
            Schedule(self.plan),
            moments=MOMENTS,
            seed=self.seed,
        )

    def split(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The points X, y, X_test, y_test in the plane."""
        return nn.split(*nn.make_data(self.data, self.n, self.noise, self.seed), self.share, self.seed)

    def inputs(self, X: np.ndarray) -> np.ndarray:
        """What the network reads of points in the plane; units learnt from the training points."""
        Z = nn.input_features(X, self.features) * ([self.unit] + [1] * (len(self.features) - 1))
        if not self.standardise:
            return Z
        own = nn.input_features(self.split()[0], self.features) * ([self.unit] + [1] * (len(self.features) - 1))
        return (Z - own.mean(axis=0)) / own.std(axis=0)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Setting: repr})
def run(setting: Setting) -> nn.Film:
    """Train once for each setting."""
    X, y, X_test, y_test = setting.split()
    with turn():
        return nn.train(setting.network, setting.inputs(X), y, setting.inputs(X_test), y_test, setting.training)


def scored(setting: Setting, score: float) -> str:
    """Accuracy, or R² of a surface."""
    return f"R² {short(score)}" if setting.surface else f"{score:.1%} right"


def ended(film: nn.Film) -> str:
    """Said of a training that left all bounds."""
    if film.diverged_at is None:
        return ""
    return f" **Step {film.diverged_at} diverged**, so this is the state before it."


def labels_of(setting: Setting, film: nn.Film) -> list[str]:
    """One for each moment."""
    return [
        f"epoch {film.epochs[i]:.1f}: training loss {short(film.train_loss[i])}, test loss {short(film.test_loss[i])}, "
        f"test {scored(setting, film.test_score[i])}"
        for i in range(len(film.steps))
    ]


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs={Setting: repr})
def drawn(setting: Setting, dark: bool, *, units: bool = False) -> dict[str, Rows]:
    """The film of the field in pictures; with `units`, of each unit's own too."""
    film, inputs = run(setting), setting.inputs(charts.grid())
    answers, activations = nn.fields(film.network, film.params, inputs, film.running)
    share = (answers[..., 0] + 1) / 2 if setting.surface else answers[..., 0]  # of the way from class 0 to class 1
    pictures = {"pictures": charts.pictures(share, dark)}
    if units:
        pictures["units"] = charts.unit_pictures(film.network, inputs, activations, 2 * share - 1, dark)
    return pictures


def start_anew() -> None:
    """Let the player go to its start."""
    go_to(CHARTS, None)


slider = partial(st.slider, bind="query-params")


def pick(label: str, options: list[Any], key: str, **more: Any) -> Any:
    """A bound slider over a few numbers."""
    return st.select_slider(
        label, options, DEFAULTS[key], key=key, bind="query-params", format_func="{:g}".format, **more
    )


def key_of(named: Mapping[str, str], title: str) -> str:
    """The key whose title is on screen, and in the address."""
    return next(key for key, words in named.items() if words == title)


def select(label: str, named: Mapping[str, str], key: str, **more: Any) -> str:
    """A bound choice by title."""
    titles = list(named.values())
    at = titles.index(DEFAULTS[key])
    return key_of(named, st.selectbox(label, titles, at, key=key, bind="query-params", **more))


def seed_slider() -> int:
    """Of the data, the weights and the batches."""
    return slider("Seed", 0, 999, DEFAULTS["nn_seed"], key="nn_seed")


def more_settings() -> DeltaGenerator:
    """The popover for what is seldom changed."""
    return st.popover("More settings", icon=":material/tune:", width="stretch")


# --- Training ---------------------------------------------------------


def choose_training() -> tuple[Setting, DeltaGenerator]:
    """Draw the choices; the second result is the place left for the sliders."""
    data = select("Data", DATA, "nn_data", help="The last two are surfaces: the network learns a value, not a class.")
    activation = select("Activation φ", ACTIVATIONS, "nn_activation")
    sliders_here = st.container()
    with more_settings():
        features = st.pills(
            "Input features",
            list(charts.FEATURES.values()),
            default=DEFAULTS["nn_features"],
            selection_mode="multi",
            wrap=True,
            key="nn_features",
            bind="query-params",
        )
        if not features:
            st.caption("A network needs an input: x₁ and x₂ are used.")
        setting = Setting(
            data,
            activation=activation,
            features=tuple(name for name, words in charts.FEATURES.items() if words in features) or ("x1", "x2"),
            init=select("Initialisation", nn.INITIALISATIONS, "nn_init"),
            optimizer=select("Optimizer", OPTIMIZERS, "nn_optimizer"),
            plan=select("Learning-rate schedule", SCHEDULES, "nn_schedule"),
            normalisation=select("Normalisation", KINDS_OF_NORM, "nn_norm"),
            noise=slider("Noise", 0.0, 1.0, DEFAULTS["nn_noise"], 0.05, key="nn_noise", help="Standard deviation."),
            share=slider("Training share", 0.2, 0.9, DEFAULTS["nn_share"], 0.05, key="nn_share", help="Of 200 points."),
            batch=pick("Batch size", BATCHES, "nn_batch"),
            epochs=slider("Epochs", 10, 200, DEFAULTS["nn_epochs"], 10, key="nn_epochs"),
            l1=pick("L1 penalty", PENALTIES, "nn_l1"),
            l2=pick("L2 penalty", PENALTIES, "nn_l2"),
            dropout=slider("Dropout", 0.0, 0.8, DEFAULTS["nn_dropout"], 0.1, key="nn_dropout"),
            clip=pick("Longest gradient", CLIPS, "nn_clip", help="Clipping; 0 means none."),
            seed=seed_slider(),
        )
    return setting, sliders_here


def training(controls: DeltaGenerator, stage: DeltaGenerator, setting: Setting) -> Closing:
    """Field, losses and weights, moving together."""
    with controls:
        layers = slider("Hidden layers", 0, 6, DEFAULTS["nn_layers"], key="nn_layers")
        width = slider("Units in each", 1, 16, DEFAULTS["nn_width"], key="nn_width")
        setting = replace(setting, hidden=(width,) * layers, rate=pick("Learning rate η", RATES, "nn_rate"))
    film = run(setting)
    best = int(film.test_loss.argmin())
    score = float(film.test_score[-1])
    what = (
        f"{film.network.n_params} parameters, {film.steps[-1]} steps: the training loss went from "
        f"{short(film.train_loss[0])} to {short(film.train_loss[-1])}, the test loss to "
        f"**{short(film.test_loss[-1])}** (least at epoch {film.epochs[best]:.1f}: {short(film.test_loss[best])}). "
        f"Test: **{scored(setting, score)}**, training: {scored(setting, film.train_score[-1])}.{ended(film)}"
    )
    if setting.affordable < setting.epochs:
        what += (
            f" Of the {setting.epochs} epochs {setting.affordable} are computed: with so small batches and so many "
            "layers more would take too long."
        )
    if outside := charts.outside(setting.split()):
        what += f" Points outside the picture: {outside}."
    made = drawn(setting, is_dark(), units=True)
    rows = charts.loss_rows(Training=(film.epochs, film.train_loss), Test=(film.epochs, film.test_loss))
    with stage:
        options = QUESTIONS["Training"][1]
        right = options[0 if score < 0.8 else 1 if score <= 0.97 else 2]
        verdict(lab, "Training", right, f"Here it is {scored(setting, score)}.")
        with st.container(key=CHARTS), st.grid(3, min_column_width=260):
            draw(
                charts.field(setting.surface, is_dark()),
                "The network's answer all over the plane, with the points.",
                what,
                pictures=made["pictures"],
                points=charts.points(*setting.split()),
            )
            draw(
                charts.diagram(is_dark()),
                "The network: a picture of what each unit answers, a line for each weight.",
                what,
                weights=charts.weight_rows(film),
                units=made["units"],
                inputs=charts.input_rows(film.network, [charts.FEATURES[name] for name in setting.features]),
            )
            draw(charts.curves(charts.TRAIN_TEST), "Training and test loss by epoch.", what, losses=rows)
        player(CHARTS, labels_of(setting, film), start=len(film.steps) - 1, rate=10)
        seen(what)
    return proof.films_closing({"film": setting}) | {"data": {"Losses": rows}}


# --- Backpropagation ---------------------------------------------------------

TRACED = Setting(n=60, hidden=(3, 3), epochs=60, batch=10, rate=0.03)


def choose_traced() -> tuple[tuple[Setting, str], DeltaGenerator]:
    """The loss, the activation, the layer whose gradients are in the table, and the seed."""
    activation = select("Activation φ", ACTIVATIONS, "nn_activation")
    loss = choose_one(
        "Loss",
        list(nn.LOSSES.values()),
        DEFAULTS["nn_loss"],
        key="nn_loss",
        help="Cross-entropy of the logit's probability, or the square of the output minus the label.",
    )
    table = choose_one("Gradients of the layer", LAYERS, DEFAULTS["nn_table"], key="nn_table")
    sliders_here = st.container()
    with more_settings():
        seed = seed_slider()
    return (replace(TRACED, activation=activation, loss=key_of(nn.LOSSES, loss), seed=seed), table), sliders_here


def backpropagation(controls: DeltaGenerator, stage: DeltaGenerator, chosen: tuple[Setting, str]) -> Closing:
    """One sample forward, its gradient back, each number beside its finite difference."""
    setting, tabled = chosen
    with controls:
        sample = slider("Sample", 0, 41, DEFAULTS["nn_sample"], key="nn_sample", help="Of the 42 training samples.")
        moment = slider(
            "Moment of training",
            0,
            MOMENTS - 1,
            DEFAULTS["nn_trained"],
            key="nn_trained",
            help="0 is the random start.",
        )
    film = run(setting)
    moment = min(moment, len(film.steps) - 1)
    X, y, _, _ = setting.split()
    trace = nn.trace_example(film.network, film.params[moment], X[sample], y[sample])
    lengths = [float(np.linalg.norm(layer.gradient.weights)) for layer in trace.layers]
    longest = int(np.argmax(lengths))
    output = trace.layers[-1]
    answer = "p" if setting.loss == "cross_entropy" else "ŷ"
    factor = "p − y" if setting.loss == "cross_entropy" else "2(ŷ − y)"
    what = (
        f"Sample {sample} of class {y[sample]}, x = ({X[sample, 0]:.3f}, {X[sample, 1]:.3f}), gets "
        f"{answer} = {output.activation[0]:.4f} and loss {trace.loss:.4f}. Backwards it starts with δ = {factor} = "
        f"**{output.delta[0]:.4f}**; the gradients of the weights have lengths {lengths[0]:.4f}, {lengths[1]:.4f} and "
        f"{lengths[2]:.4f}, from the first layer to the output. No finite difference of the {len(trace.gradient)} "
        f"is more than {trace.largest_error:.1e} away."
    )
    if "relu" in setting.activation and any((layer.u == 0).any() for layer in trace.layers[:-1]):
        what += " A unit stands exactly on the kink of its activation: there a difference sees the mean of both slopes."
    units, weights, table, names, values = charts.traced_rows(trace, answer)
    shown = np.flatnonzero(table["layer"].to_numpy() == LAYERS.index(tabled) + 1)
    with stage:
        verdict(lab, "Backpropagation", LAYERS[longest], f"Their lengths: {', '.join(f'{n:.4f}' for n in lengths)}.")
        with st.container(key=CHARTS):
            left, right = st.columns([6, 5])
            with left:
                draw(
                    charts.sample_network(is_dark()),
                    "The network with pre-activations z, activations a and errors δ of one sample.",
                    what,
                    units=units,
                    weights=weights,
                )
                st.markdown(
                    ":small[Forward (blue): z = a W + b, a = φ(z). Back (orange): δ of a unit is φ′(z) times the sum "
                    "of w δ over the lines that leave it; ∂L/∂w = a δ over the two ends of the line; ∂L/∂b = δ.]"
                )
            with right:
                readout(
                    CHARTS,
                    "nn_gradients",
                    "∂L/∂w = a δ, and (L(w + h) − L(w − h)) / 2h",
                    [("a", ""), ("δ", ""), ("a δ", ""), ("difference", "")],
                    [names[row] for row in shown],
                    values[:, shown],
                    [4] * len(shown),
                )
        labels = [
            "the inputs",
            *(f"forward: z and a of the {name}{'' if name == 'output' else ' hidden layer'}" for name in LAYERS),
            "back: δ of the output, gradients of its weights",
            "back: δ and gradients of the second hidden layer",
            "back: δ and gradients of the first hidden layer",
        ]
        player(CHARTS, labels, start=6, rate=1)
        seen(what)
    return proof.trace_closing(setting, moment, sample) | {"data": {"Gradients": table}}


# --- Depth ---------------------------------------------------------


@st.cache_data(max_entries=32, show_spinner=False)
def signals(activation: str, normalisation: str) -> nn.SignalMap:
    """The whole map: some hundred networks."""
    return nn.vanishing_map(DEPTHS, list(GAINS.values()), activation, normalisation=normalisation)


def choose_depth() -> tuple[tuple[str, str], DeltaGenerator]:
    """Activation and normalisation."""
    names = {key: ACTIVATIONS[key] for key in ("relu", "tanh", "sigmoid", "gelu")}
    activation = select("Activation φ", names, "nn_depth_phi")
    return (activation, select("Normalisation", KINDS_OF_NORM, "nn_depth_norm")), st.container()


def ratio(log: float) -> str:
    """A ratio from its decimal logarithm."""
    return short(10.0**log)


def depth(controls: DeltaGenerator, stage: DeltaGenerator, chosen: tuple[str, str]) -> Closing:
    """How the gradient fades or grows with depth, before any training."""
    with controls:
        layers = slider("Hidden layers", 2, 20, DEFAULTS["nn_depth"], 2, key="nn_depth", on_change=start_anew)
        gain = st.select_slider(
            "Gain of the weights",
            list(GAINS),
            DEFAULTS["nn_gain"],
            key="nn_gain",
            bind="query-params",
            help="Weights are drawn from N(0, gain² / 16), 16 being the width. 1 is Xavier's, √2 ≈ 1.41 is He's.",
        )
    found = signals(*chosen)
    row, column = DEPTHS.index(layers), list(GAINS).index(gain)
    log, signal = float(found.gradient[row, column]), float(found.activation[row, column])
    six = DEPTHS.index(6)
    xavier, he = list(GAINS).index("1"), list(GAINS).index("1.41")
    what = (
        f"{layers} layers of 16 {ACTIVATIONS[chosen[0]]} units, gain {gain}: the gradient of the first hidden layer is "
        f"**{ratio(log)}** times that of the last (typical of 8 random networks), the signal at the top "
        f"{ratio(signal)} times the input. Over six and twenty layers the gradient changes by "
        f"{ratio(found.gradient[six, xavier])} and {ratio(found.gradient[-1, xavier])} with gain 1 (Xavier), by "
        f"{ratio(found.gradient[six, he])} and {ratio(found.gradient[-1, he])} with gain √2 (He)."
    )
    names = [{"1": "1 Xavier", "1.41": "√2 He", "2.83": "2√2"}.get(key, key) for key in GAINS]
    cells, along = charts.depth_rows(found, names, row, column)
    labels = [
        f"{number} layers: gradient × {ratio(g)}, signal × {ratio(a)}"
        for number, g, a in zip(DEPTHS, found.gradient[:, column], found.activation[:, column], strict=True)
    ]
    with stage:
        right = QUESTIONS["Depth"][1][0 if log < -1 else 1 if log <= 1 else 2]
        verdict(lab, "Depth", right, f"Over {layers} layers it is {ratio(log)} times as long.")
        with st.container(key=CHARTS):
            left, beside = st.columns([6, 5])
            with left:
                draw(
                    charts.depth_map(tuple(names), DEPTHS, is_dark()),
                    "First over last hidden gradient (log₁₀), for each depth and gain.",
                    what,
                    cells=cells,
                )
            with beside:
                draw(charts.depth_lines(), "The same along the chosen gain, with the signal.", what, along=along)
        player(CHARTS, labels, start=row, rate=2)
        seen(what)
    return proof.depth_closing(chosen, DEPTHS, tuple(GAINS.values()), layers, GAINS[gain]) | {"data": {"Map": cells}}


# --- Inside ---------------------------------------------------------


def choose_inside() -> tuple[Setting, DeltaGenerator]:
    """Activation, initialisation and normalisation of a deep network."""
    activation = select("Activation φ", ACTIVATIONS, "nn_activation")
    init = select("Initialisation", nn.INITIALISATIONS, "nn_init")
    norm = select("Normalisation", KINDS_OF_NORM, "nn_norm")
    sliders_here = st.container()
    with more_settings():
        seed = seed_slider()
    setting = Setting(activation=activation, init=init, normalisation=norm, optimizer="minibatch", epochs=30, seed=seed)
    return setting, sliders_here


def inside(controls: DeltaGenerator, stage: DeltaGenerator, setting: Setting) -> Closing:
    """Activations, gradients and dead units of each layer, moment by moment."""
    with controls:
        layers = slider("Hidden layers of 8", 2, 10, DEFAULTS["nn_inside_layers"], key="nn_inside_layers")
        rate = pick("Learning rate η", RATES, "nn_inside_rate", help="Plain mini-batch descent, batches of 20.")
    setting = replace(setting, hidden=(8,) * layers, rate=rate)
    film = run(setting)
    first, last = float(film.gradient_norms[0, 0]), float(film.gradient_norms[0, -2])
    share = first / last if last else 1.0
    dead = float(film.dead[-1].mean())
    start, moved = (nn.unpack(film.network, v)[0].weights for v in (film.params[0], film.params[-1] - film.params[0]))
    what = (
        f"At the start the weights' gradient has length {short(first)} in the first hidden layer and {short(last)} in "
        f"the last; at the end {short(film.gradient_norms[-1, 0])} and {short(film.gradient_norms[-1, -2])}. The "
        f"activations' root mean square goes from {short(film.activation_rms[0, 0])} in the first to "
        f"{short(film.activation_rms[0, -1])} in the last at the start. The first layer's weights, of length "
        f"{short(np.linalg.norm(start))}, have moved by {short(np.linalg.norm(moved))} in the end. Then {dead:.1%} of "
        f"the units are dead, the training loss is **{short(film.train_loss[-1])}** and {film.test_score[-1]:.1%} of "
        f"the test points are right.{ended(film)}"
    )
    parts = {
        "Activations": (
            film.activation_rms,
            ("Root mean square of φ", "(log axis, cut at 0.001 and 1000)"),
            1e-3,
            1e3,
            True,
        ),
        "Gradients": (film.gradient_norms, ("‖∂L/∂W‖", "(log axis, cut at 10⁻⁸ and 1000)"), 1e-8, 1e3, True),
        "Dead units": (film.dead, ("Dead units",), 0.0, 1.0, False),
    }
    with stage:
        right = QUESTIONS["Inside"][1][0 if share < 0.1 else 1 if share <= 10 else 2]
        verdict(lab, "Inside", right, f"It is {short(first)} against {short(last)}.")
        with st.container(key=CHARTS):
            tables = {}
            with st.grid(4, min_column_width=215):
                for name, (values, title, low, high, log) in parts.items():
                    tables[name] = charts.layer_rows(values, log)
                    draw(
                        charts.by_layer(title, low, high, log),
                        f"{name} by layer, grey dashes at the start.",
                        what,
                        layers=tables[name],
                    )
                draw(
                    charts.histograms(),
                    "Histograms of the weights by layer, each on its own scale, grey dashes at the start.",
                    what,
                    bins=charts.histogram_rows(film),
                )
            st.markdown(":small[Grey dashes: at the start. Each histogram is as high as its layer's fullest bin.]")
        player(CHARTS, labels_of(setting, film), start=len(film.steps) - 1, rate=8)
        seen(what)
    film_rows = charts.loss_rows(Training=(film.epochs, film.train_loss), Test=(film.epochs, film.test_loss))
    return proof.films_closing({"film": setting}, layers=True) | {
        "data": {"Losses": film_rows} | {"Dead": tables["Dead units"]}
    }


# --- Two trainings beside each other ---------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """One of two trainings; `early`: it stops where 200 validation points of its own have the least loss."""

    title: str
    setting: Setting
    early: bool = False

    @cached_property
    def film(self) -> nn.Film:
        """The whole training."""
        return run(self.setting)

    @cached_property
    def end(self) -> int:
        """The last moment shown."""
        if not self.early:
            return len(self.film.steps) - 1
        X, y = nn.make_data(self.setting.data, 200, self.setting.noise, self.setting.seed + 1)
        losses, _ = nn.loss_and_gradient(self.film.network, self.film.params, self.setting.inputs(X), y)
        return int(losses.argmin())

    @property
    def score(self) -> float:
        """On the test points, at the end."""
        return float(self.film.test_score[self.end])


def draw_sides(sides: dict[str, Side], colours: tuple[str, ...], what: str) -> Rows:
    """Draw both fields, the losses and the player; `colours` are the lines'. Returns the rows of the losses."""
    frames = max(len(side.film.steps) for side in sides.values())
    rows, labels = {}, [""] * frames
    with st.container(key=CHARTS):
        grid = st.grid(3, min_column_width=260)
        for name, side in sides.items():
            film, end = side.film, side.end
            rows[f"{name},_training"] = film.epochs[: end + 1], film.train_loss[: end + 1]
            rows[f"{name},_test"] = film.epochs[: end + 1], film.test_loss[: end + 1]
            for frame, at in enumerate(np.minimum(np.arange(frames), end)):
                label = f"{name}: epoch {film.epochs[at]:.1f}, test loss {short(film.test_loss[at])}"
                labels[frame] += "; " * bool(labels[frame]) + label
            with grid.cell():
                st.markdown(f"**{side.title}**")
                draw(
                    charts.field(side.setting.surface, is_dark(), SHORT),
                    f"{name}: the answer all over the plane.",
                    what,
                    pictures=charts.held(drawn(side.setting, is_dark())["pictures"], end, frames),
                    points=charts.points(*side.setting.split()),
                )
        losses = charts.loss_rows(**rows)
        with grid.cell():
            st.markdown("**Losses**")
            lines = tuple(name.replace("_", " ") for name in rows)
            draw(charts.curves(lines, colours, SHORT), "Losses of both trainings by epoch.", what, losses=losses)
    player(CHARTS, labels, start=frames - 1, rate=8)
    return losses


# --- Failures ---------------------------------------------------------

DEEP = Setting(hidden=(8,) * 6, optimizer="minibatch", rate=0.1, epochs=60)
FEW = Setting(
    "moons", n=200, noise=0.5, share=0.2, hidden=(16, 16), activation="relu", init="he", rate=0.01, epochs=150, batch=10
)
FAILURES: dict[str, tuple[Setting, dict[str, dict[str, Any]], str]] = {
    "Vanishing gradients": (
        replace(DEEP, activation="sigmoid"),
        {"ReLU and He": {"activation": "relu", "init": "he"}},
        "Six sigmoid layers: each multiplies the gradient by at most a quarter of its weights.",
    ),
    "Zero initialisation": (
        Setting("xor", noise=0.1, init="zeros", hidden=(8, 8), epochs=60),
        {"Xavier": {"init": "xavier"}},
        "All units of a layer start the same, get the same gradient and stay the same.",
    ),
    "Dead ReLUs": (
        Setting(noise=0.1, hidden=(8, 8, 8), activation="relu", init="he", optimizer="minibatch", rate=3.0, epochs=60),
        {"Rate / 30": {"rate": 0.1}},
        "A large step can push a unit below zero for every sample; its slope there is zero, so it stays.",
    ),
    "Exploding gradients": (
        Setting(
            noise=0.1,
            hidden=(16,) * 6,
            activation="relu",
            init="too_large",
            optimizer="minibatch",
            rate=0.05,
            epochs=100,
        ),
        {"He initialisation": {"init": "he"}, "Clipping at 1": {"clip": 1.0}},
        "Weights from N(0, 2²): each layer makes the gradient several times longer.",
    ),
    "Rate too high": (
        Setting("hills", noise=0.05, hidden=(8, 8), activation="relu", init="he", optimizer="minibatch", rate=3.0),
        {"Rate / 100": {"rate": 0.03}},
        "A step longer than the valley is wide ends higher than it began, and the next is longer still.",
    ),
    "Raw units": (
        Setting("moons", noise=0.2, unit=100, hidden=(8, 8), optimizer="minibatch", rate=0.1, epochs=60),
        {"Standardising": {"standardise": True}},
        "One input is a hundred times the other, so tanh saturates and the other input hardly counts.",
    ),
    "Overfitting": (
        FEW,
        {"L2": {"l2": 0.1}, "Dropout": {"dropout": 0.3}, "Early stopping": {}},
        "40 noisy points, 337 parameters: enough to learn the noise, so the test loss rises in the end.",
    ),
}
CURES = {"Exploding gradients": "nn_cure_exploding", "Overfitting": "nn_cure_overfitting"}


def choose_failure() -> tuple[tuple[str, str, int], DeltaGenerator]:
    """The failure, and its cure where there are several."""
    failure = st.selectbox("Failure", list(FAILURES), key="nn_failure", bind="query-params")
    cures = list(FAILURES[failure][1])
    cure = cures[0]
    if failure in CURES:
        cure = choose_one("Cure", cures, DEFAULTS[CURES[failure]], key=CURES[failure])
    sliders_here = st.container()
    with more_settings():
        seed = seed_slider()
    return (failure, cure, seed), sliders_here


def failures(controls: DeltaGenerator, stage: DeltaGenerator, chosen: tuple[str, str, int]) -> Closing:
    """A training that fails, and the same with one thing changed."""
    failure, cure, seed = chosen
    with controls:
        factor = pick("Learning rate, times", [0.25, 0.5, 1.0, 2.0, 4.0], "nn_factor", help="Of both trainings.")
    broken, cures, why = FAILURES[failure]
    broken = replace(broken, seed=seed, rate=broken.rate * factor)
    change = cures[cure] | ({"rate": cures[cure]["rate"] * factor} if "rate" in cures[cure] else {})
    cured = replace(broken, **change)
    sides = {"Failing": Side(failure, broken), "Cured": Side(cure, cured, early=cure == "Early stopping")}
    said = []
    for name, side in sides.items():
        film, end = side.film, side.end
        said.append(
            f"**{name if name == 'Failing' else cure}**: training loss {short(film.train_loss[end])}, test loss "
            f"{short(film.test_loss[end])}, test {scored(side.setting, side.score)} at epoch "
            f"{film.epochs[end]:.1f}, {film.dead[end].mean():.0%} of the units dead, first layer's gradient at the "
            f"start {short(film.gradient_norms[0, 0])}.{ended(film)}"
        )
    what = f"{why} {' '.join(said)}"
    if failure == "Zero initialisation":
        counts = nn.distinct_units(broken.network, sides["Failing"].film.params[-1])
        what += f" Different units in each layer at the end: {', '.join(map(str, counts))}."
    scores = [side.score for side in sides.values()]
    gained = scores[1] - max(scores[0], 0)
    with stage:
        right = QUESTIONS["Failures"][1][0 if gained < 0.05 else 1 if gained <= 0.3 else 2]
        verdict(lab, "Failures", right, f"It goes from {scored(broken, scores[0])} to {scored(cured, scores[1])}.")
        rows = draw_sides(sides, (VARIANCE, TRUTH, BIAS, TRAIN), what)
        seen(what)
    extra = {"stop": cured} if cure == "Early stopping" else {}
    return proof.films_closing({"failing": broken, "cured": cured}, layers=True, **extra) | {"data": {"Losses": rows}}


# --- A and B ---------------------------------------------------------

DIFFERENCES = ("Learning rate", "Activation", "Width", "Batch size")


def choose_pair() -> tuple[tuple[str, Setting, dict[str, Any], dict[str, Any]], DeltaGenerator]:
    """What differs; an activation is chosen here, a number by the sliders."""
    differs = st.selectbox("They differ in", DIFFERENCES, key="nn_differs", bind="query-params")
    a: dict[str, Any] = {}
    b: dict[str, Any] = {}
    if differs == "Activation":
        a = {"activation": select("A: activation", ACTIVATIONS, "nn_activation_a")}
        b = {"activation": select("B: activation", ACTIVATIONS, "nn_activation_b")}
    sliders_here = st.container()
    with more_settings():
        data = select("Data", DATA, "nn_data")
        setting = Setting(data, seed=seed_slider())
    return (differs, setting, a, b), sliders_here


def a_and_b(
    controls: DeltaGenerator, stage: DeltaGenerator, chosen: tuple[str, Setting, dict[str, Any], dict[str, Any]]
) -> Closing:
    """Two trainings from the same seed that differ in one thing."""
    differs, setting, a, b = chosen
    with controls:
        if differs == "Learning rate":
            a, b = ({"rate": pick(f"{n.upper()}: learning rate η", RATES, f"nn_rate_{n}")} for n in "ab")
        elif differs == "Batch size":
            a, b = ({"batch": pick(f"{n.upper()}: batch size", BATCHES, f"nn_batch_{n}")} for n in "ab")
        elif differs == "Width":
            widths = [
                slider(f"{n.upper()}: units", 1, 16, DEFAULTS[f"nn_width_{n}"], key=f"nn_width_{n}") for n in "ab"
            ]
            a, b = ({"hidden": (width, width)} for width in widths)
        noise = slider("Noise", 0.0, 1.0, DEFAULTS["nn_noise"], 0.05, key="nn_noise")
    pair = {"A": replace(setting, noise=noise, **a), "B": replace(setting, noise=noise, **b)}
    sides = {name: Side(name, setting) for name, setting in pair.items()}
    said = [
        f"**{name}** ends with training loss {short(side.film.train_loss[-1])} and test loss "
        f"{short(side.film.test_loss[-1])}, test {scored(side.setting, side.score)}.{ended(side.film)}"
        for name, side in sides.items()
    ]
    what = (
        f"Same data, same seed, same {'order of samples' if differs != 'Batch size' else 'weights'}. {' '.join(said)}"
    )
    losses = [float(side.film.test_loss[-1]) for side in sides.values()]
    even = abs(losses[0] - losses[1]) <= 0.1 * max(losses)
    with stage:
        right = "within 10%" if even else "A" if losses[0] < losses[1] else "B"
        verdict(lab, "A and B", right, f"{short(losses[0])} against {short(losses[1])}.")
        rows = draw_sides(sides, (BIAS, TRAIN, VARIANCE, TEST), what)
        seen(what)
    return proof.films_closing({"a": pair["A"], "b": pair["B"]}) | {"data": {"Losses": rows}}


# --- Normalisation ---------------------------------------------------------

NORMS = {"No norm": "none", "Layer norm": "layer", "Batch norm": "batch"}
SMALL = nn.Training("minibatch", 0.05, 3, moments=8)


def scaled(*parts: np.ndarray) -> list[np.ndarray]:
    """Arrays standardised by the first of them; what lies a hundred deviations out is cut."""
    mean, sd = centre_and_scale(parts[0])
    return [np.clip((part - mean) / sd, -100, 100) for part in parts]


@st.cache_resource(max_entries=8, show_spinner="Training 15 networks")
def by_batch_size(activation: str, seed: int) -> dict[str, list[nn.Film]]:
    """For each normalisation, a film for each batch size, on the digits."""
    X, y, X_test, y_test = nn.split(*digits(), 0.6, seed)
    X, X_test = scaled(X, X_test)
    films: dict[str, list[nn.Film]] = {}
    for name, norm in NORMS.items():
        network = nn.Network(64, (16, 16), 10, activation, initialisation="he", normalisation=norm)
        for size in BATCH_SIZES:
            with turn():
                film = nn.train(network, X, y, X_test, y_test, replace(SMALL, batch_size=size, seed=seed))
            films.setdefault(name, []).append(film)
    return films


def choose_norm() -> tuple[tuple[str, int], DeltaGenerator]:
    """Which statistics batch norm uses at test, and the seed."""
    at_test = choose_one(
        "Batch norm at test uses",
        ["Running", "Test batch"],
        "Running",
        key="nn_at_test",
        help="The running statistics of training, or those of the test batch itself: what forgetting evaluation mode "
        "does. A prediction then depends on its companions.",
    )
    sliders_here = st.container()
    with more_settings():
        seed = slider("Seed", 0, 4, 0, key="nn_norm_seed")
    return (at_test, seed), sliders_here


def normalisation(controls: DeltaGenerator, stage: DeltaGenerator, chosen: tuple[str, int]) -> Closing:
    """Test accuracy against batch size, with each normalisation, as the training goes on."""
    at_test, seed = chosen
    own = at_test != "Running"
    with controls:
        size = st.select_slider(
            "Test batch size",
            [4, 16, 64, 256],
            4,
            key="nn_test_batch",
            bind="query-params",
            help="Matters only where batch norm uses the test batch's own statistics.",
        )
    films = by_batch_size("relu", seed)
    scores = {name: np.stack([film.test_score for film in row]) for name, row in films.items()}  # (sizes, moments)
    if own:
        X, _, X_test, y_test = nn.split(*digits(), 0.6, seed)
        X, X_test = scaled(X, X_test)
        scores["Batch norm"] = np.stack([score_by_batch(f, X_test, y_test, size) for f in films["Batch norm"]])
    rows = charts.by_batch_rows(scores, BATCH_SIZES)
    right = {name: values[:, -1].tolist() for name, values in scores.items()}
    labels = [
        f"epoch {epoch:.1f}: in batches of {BATCH_SIZES[0]} "
        + ", ".join(f"{name.lower()} {values[0, i]:.0%}" for name, values in scores.items())
        for i, epoch in enumerate(films["No norm"][0].epochs)
    ]
    smallest = {name: row[0] for name, row in right.items()}
    what = (
        f"Digits, two ReLU layers of 16, 3 epochs, so that larger batches take fewer steps. "
        f"Trained in batches of {BATCH_SIZES[0]}, "
        + ", ".join(f"{name.lower()} gets {row[0]:.1%}" for name, row in right.items())
        + f" of the test images right; in batches of {BATCH_SIZES[3]}, "
        + ", ".join(f"{row[3]:.1%}" for row in right.values())
        + "."
        + (f" Batch norm is tested in batches of {size}, by their own statistics." if own else "")
    )
    with stage:
        top = max(smallest.values())
        best = [name for name, value in smallest.items() if value == top]
        verdict(
            lab,
            "Normalisation",
            best[0].lower() if len(best) == 1 else "a tie",
            ", ".join(f"{name}: {value:.1%}" for name, value in smallest.items()) + ".",
        )
        with st.container(key=CHARTS):
            draw(charts.by_batch(BATCH_SIZES), "Test accuracy against the batch size in training.", what, rows=rows)
        player(CHARTS, labels, start=len(labels) - 1, rate=2)
        seen(what)
    at_the_end = rows.filter(rows["frame"].to_numpy() == len(labels) - 1).drop_columns("frame")
    return proof.norm_closing(films, seed, size, scaled) | {"data": {"Accuracy": at_the_end}}


def score_by_batch(film: nn.Film, X: np.ndarray, y: np.ndarray, size: int) -> np.ndarray:
    """Accuracy at each moment (moments,) where each test batch is normalised by its own statistics."""
    whole = len(X) // size * size
    right = np.zeros(len(film.steps))
    for part, label in ((X[:whole], y[:whole]), (X[whole:], y[whole:])):  # the last batch is smaller
        if len(part):
            batches = part.reshape(-1, min(size, len(part)), X.shape[1])
            output = nn.forward(film.network, film.params[:, None], batches).output  # (moments, batches, size, classes)
            right += (output.argmax(axis=-1).reshape(len(right), -1) == label).sum(axis=1)
    return right / len(X)


# --- Dropout ---------------------------------------------------------

DROPOUTS = tuple(tenth / 10 for tenth in range(9))
PASSES = 30
IMAGES = 12  # on screen
DROPPED = nn.Training("minibatch", 0.1, 10, moments=2)


@dataclass(frozen=True)
class Dropped:
    """A network trained with dropout, and the probabilities of the digits that it gives for the test images."""

    film: nn.Film
    steady: np.ndarray  # (images, 10), in evaluation mode
    varying: np.ndarray  # (passes, images, 10), with dropout left on


@st.cache_resource(max_entries=8, show_spinner="Training 9 networks")
def by_dropout(seed: int) -> tuple[list[Dropped], np.ndarray]:
    """One for each dropout rate, and the digits of the test images."""
    X, y, X_test, y_test = nn.split(*digits(), 0.6, seed)
    X, X_test = scaled(X, X_test)
    found = []
    for rate in DROPOUTS:
        network = nn.Network(64, (32, 32), 10, "relu", initialisation="he", dropout=rate)
        with turn():
            film = nn.train(network, X, y, X_test, y_test, replace(DROPPED, seed=seed))
            varying = nn.predict_with_dropout(network, film.params[-1], X_test, PASSES, seed)
        found.append(Dropped(film, nn.predict_proba(network, film.params[-1], X_test), varying))
    return found, y_test


def choose_dropout() -> tuple[int, DeltaGenerator]:
    """The seed."""
    sliders_here = st.container()
    with more_settings():
        seed = slider("Seed", 0, 4, 0, key="nn_norm_seed")
    return seed, sliders_here


def dropout(controls: DeltaGenerator, stage: DeltaGenerator, seed: int) -> Closing:
    """Training mode, evaluation mode, and dropout left on at test."""
    with controls:
        rate = slider(
            "Dropout rate p", 0.0, 0.8, DEFAULTS["nn_drop"], 0.1, "%.1f", key="nn_drop", help="In both layers."
        )
    all_rates, y = by_dropout(seed)
    chosen = round(rate * 10)
    here = all_rates[chosen]
    accuracies = np.array(
        [[accuracy(d.steady, y), accuracy(d.varying, y), accuracy(d.varying.mean(0), y)] for d in all_rates]
    )
    steady, left_on, averaged = accuracies[chosen]
    true = np.arange(len(y)), y
    probability = here.varying[:, true[0], true[1]]  # (passes, images)
    one_pass = [accuracy(p, y) for p in here.varying]
    what = (
        f"Digits, two ReLU layers of 32, 10 epochs with dropout {rate:.1f}. In evaluation mode **{steady:.1%}** of the "
        f"test images are right, every time. With dropout left on a pass gets **{left_on:.1%}** (mean of {PASSES} "
        f"passes, {min(one_pass):.1%} to {max(one_pass):.1%}), and an image's probability of its digit varies from "
        f"pass to pass with a standard deviation of {short(probability.std(axis=0).mean())} on average. The mean of "
        f"the {PASSES} passes gets {averaged:.1%}: at {PASSES} times the cost."
    )
    rows = charts.rate_rows(DROPOUTS, accuracies.T, chosen)
    lost = steady - left_on
    with stage:
        right = QUESTIONS["Dropout"][1][0 if lost < 0.02 else 1 if lost <= 0.1 else 2]
        verdict(lab, "Dropout", right, f"It goes from {steady:.1%} to {left_on:.1%}.")
        with st.container(key=CHARTS):
            left, beside = st.columns(2)
            with left:
                draw(charts.by_rate(), "Test accuracy against the dropout rate.", what, rates=rows)
            with beside:
                draw(
                    charts.passes(is_dark()),
                    f"Probability of the true digit of the first {IMAGES} test images, pass by pass.",
                    what,
                    passes=charts.pass_rows(here.steady[true][:IMAGES], probability[:, :IMAGES]),
                )
        labels = [
            f"pass {i + 1} of {PASSES} with dropout left on: {score:.1%} right" for i, score in enumerate(one_pass)
        ]
        player(CHARTS, labels, start=PASSES - 1, rate=4)
        seen(what)
    return proof.dropout_closing(here.film, seed, PASSES, scaled) | {"data": {"Accuracy": rows}}


def accuracy(probabilities: np.ndarray, y: np.ndarray) -> float:
    """Share of rows whose likeliest class is right, of (..., n, classes)."""
    return float((probabilities.argmax(axis=-1) == y).mean())


# --- Real data ---------------------------------------------------------

MOST_ROWS = 1000  # of a file, to train on and to test on, so that every slider move stays quick


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs={nn.Network: repr, nn.Training: repr})
def digits_film(network: nn.Network, training: nn.Training) -> nn.Film:
    """Train on the digits once for each setting."""
    X, y, X_test, y_test = nn.split(*digits(), 0.6, training.seed)
    X, X_test = scaled(X, X_test)
    with turn():
        return nn.train(network, X, y, X_test, y_test, training)


def choose_real() -> tuple[tuple[str, Prepared | None, str, str, int], DeltaGenerator]:
    """The data, the activation and the normalisation."""
    source = choose_one("Data", ["Digits", "Your file"], DEFAULTS["nn_digits"], key="nn_digits", on_change=start_anew)
    prepared = upload_and_choose(lab, "classification", most=MOST_ROWS) if source == "Your file" else None
    names = {key: ACTIVATIONS[key] for key in ("relu", "tanh", "sigmoid")}
    activation = select("Activation φ", names, "nn_real_phi")
    sliders_here = st.container()
    with more_settings():
        norm = select("Normalisation", KINDS_OF_NORM, "nn_norm")
        seed = seed_slider()
    return (source, prepared, activation, norm, seed), sliders_here


def real_data(
    controls: DeltaGenerator, stage: DeltaGenerator, chosen: tuple[str, Prepared | None, str, str, int]
) -> Closing:
    """Ten digits, or the visitor's own classes."""
    source, prepared, activation, norm, seed = chosen
    with controls:
        layers = slider("Hidden layers", 0, 6, 1, key="nn_real_layers")
        units = slider("Units in each", 4, 32, DEFAULTS["nn_units"], 4, key="nn_units")
        rate = pick("Learning rate η", RATES[:-1], "nn_digits_rate", help="Plain descent in batches of 32.")
        epochs = slider("Epochs", 5, 30, DEFAULTS["nn_digits_epochs"], 5, key="nn_digits_epochs")
    said = drawn_from = ""
    if source == "Digits":
        X, y, X_test, y_test = nn.split(*digits(), 0.6, seed)
        names = tuple("0123456789")
    else:
        data = prepared or prepared_sample("classification")
        (X, X_test), y, y_test = scaled(data.X_train, data.X_test), data.y_train, data.y_test
        names = data.class_names
        said = "" if prepared else why_sample(lab)
        drawn_from = f" (at most {MOST_ROWS} of each, drawn at random)" if data.drawn else ""
    classes = len(names)
    init = "he" if activation == "relu" else "xavier"
    network = nn.Network(X.shape[1], (units,) * layers, classes, activation, initialisation=init, normalisation=norm)
    training = nn.Training("minibatch", rate, epochs, min(32, len(y)), moments=MOMENTS, seed=seed)
    if source == "Digits":
        film = digits_film(network, training)
        X, X_test = scaled(X, X_test)
    else:
        with turn():
            film = nn.train(network, X, y, X_test, y_test, training)
    predicted = nn.predict(network, film.params, X_test, film.running)  # (frames, n)
    wrong = np.zeros((classes, classes), dtype=int)
    np.add.at(wrong, (y_test, predicted[-1]), predicted[-1] != y_test)
    often = np.unravel_index(wrong.argmax(), wrong.shape)
    score = float(film.test_score[-1])
    what = (
        f"{said}{len(y)} rows to train, {len(y_test)} to test{drawn_from}, {classes} classes, {network.n_params} "
        f"parameters. Test "
        f"**{score:.1%} right**, training {film.train_score[-1]:.1%}; test loss {short(film.test_loss[-1])}, training "
        f"loss {short(film.train_loss[-1])} (guessing evenly costs ln {classes} = {math.log(classes):.3f})."
        + (
            f" Most often {as_code(names[often[0]])} is taken for {as_code(names[often[1]])}, {wrong.max()} times."
            if wrong.max()
            else ""
        )
        + ended(film)
    )
    labels = [
        f"epoch {film.epochs[i]:.1f}: training loss {short(film.train_loss[i])}, test loss {short(film.test_loss[i])}, "
        f"test {film.test_score[i]:.1%} right"
        for i in range(len(film.steps))
    ]
    rows = charts.loss_rows(Training=(film.epochs, film.train_loss), Test=(film.epochs, film.test_loss))
    with stage:
        right = QUESTIONS["Real data"][1][0 if score < 0.9 else 1 if score <= 0.96 else 2]
        verdict(lab, "Real data", right, f"Here {score:.1%} are.")
        with st.container(key=CHARTS):
            left, beside = st.columns([6, 5])
            with left:
                draw(
                    charts.confusion(names, is_dark()),
                    "Test rows by true and predicted class.",
                    what,
                    cells=charts.confusion_rows(predicted, y_test, classes),
                )
            with beside:
                draw(
                    charts.curves(charts.TRAIN_TEST),
                    "Training and test loss by epoch.",
                    what,
                    losses=rows,
                )
        player(CHARTS, labels, start=len(labels) - 1, rate=10)
        seen(what)
    return proof.real_closing(network, training, (X, y, X_test, y_test)) | {"data": {"Losses": rows}}


# --- The page ---------------------------------------------------------

VIEWS = {
    "Training": training,
    "Backpropagation": backpropagation,
    "Depth": depth,
    "Inside": inside,
    "Failures": failures,
    "A and B": a_and_b,
    "Normalisation": normalisation,
    "Dropout": dropout,
    "Real data": real_data,
}
CHOICES = {
    "Training": choose_training,
    "Backpropagation": choose_traced,
    "Depth": choose_depth,
    "Inside": choose_inside,
    "Failures": choose_failure,
    "A and B": choose_pair,
    "Normalisation": choose_norm,
    "Dropout": choose_dropout,
    "Real data": choose_real,
}
QUESTIONS = {
    "Training": (
        "What share of the test points is right in the end (for a surface, R²)?",
        ["under 80%", "80% to 97%", "over 97%"],
    ),
    "Backpropagation": ("Which layer's weights get the longest gradient from this sample?", list(LAYERS)),
    "Depth": (
        "How long is the first hidden layer's gradient beside the last one's?",
        ["under a tenth", "a tenth to tenfold", "over tenfold"],
    ),
    "Inside": (
        "At the start, how long is the first hidden layer's gradient beside the last one's?",
        ["under a tenth", "a tenth to tenfold", "over tenfold"],
    ),
    "Failures": (
        "How much does the cure add to the test accuracy (to R², for a surface)?",
        ["under 5 points", "5 to 30 points", "over 30 points"],
    ),
    "A and B": ("Which ends with the lower test loss?", ["A", "B", "within 10%"]),
    "Normalisation": (
        "Trained in batches of two, which gets most test images right?",
        ["no norm", "layer norm", "batch norm", "a tie"],
    ),
    "Dropout": (
        "Dropout stays on at test. How much accuracy does that cost?",
        ["under 2 points", "2 to 10 points", "over 10 points"],
    ),
    "Real data": ("What share of the test rows is right in the end?", ["under 90%", "90% to 96%", "over 96%"]),
}
SCENES = {
    "Circles": DEFAULTS,
    "A line cannot": DEFAULTS | {"nn_activation": "Linear"},
    "Spirals": DEFAULTS
    | {"nn_data": "Spirals", "nn_layers": 3, "nn_width": 8, "nn_epochs": 100, "nn_noise": 0.05, "nn_share": 0.9},
    "One sample back": DEFAULTS | {"nn_view": "Backpropagation"},
    "Twenty layers": DEFAULTS | {"nn_view": "Depth"},
    "Sigmoid, six deep": DEFAULTS | {"nn_view": "Inside", "nn_activation": "Sigmoid"},
    "Exploding": DEFAULTS | {"nn_view": "Failures", "nn_failure": "Exploding gradients"},
    "Batches of two": DEFAULTS | {"nn_view": "Normalisation"},
    "Dropout left on": DEFAULTS | {"nn_view": "Dropout"},
}

lab = open_lab("neural_network")
view = choose_experiment(lab, VIEWS, CHARTS)
scenes(lab, SCENES, CHARTS)
with st.container(key="nn_stage"):
    side, shown = st.columns([1, 3.6])
    with side:
        chosen, sliders_here = CHOICES[view]()
    with shown:
        ask(lab, view, *QUESTIONS[view])
        stage = st.container()
    live(lab, VIEWS[view], sliders_here, stage, chosen)
close_lab(lab)
