"""Multilayer perceptrons trained by backpropagation written out by hand, and the ways in which training fails.

One layer is z = a W + b, then, in hidden layers, u = norm(z), φ(u), and dropout. The gradient flows back by the
chain rule with δ = ∂L/∂z of a layer:

    ∂L/∂W = aᵀ δ,   ∂L/∂b = Σ δ over the samples,   δ of the layer below = (δ Wᵀ) ⊙ φ′(u)

All parameters of a network are one flat vector (P,), in which a layer's matrix is a view: any optimizer then
moves the whole network in one line. Arrays have the samples in rows, as in scikit-learn. Most functions also
take a stack of parameter vectors (..., P): every moment of a training, or every seed of an experiment, in one pass.

Sources: Rumelhart, Hinton & Williams 1986 (backpropagation); Glorot & Bengio 2010 (Xavier); He et al. 2015 (He);
Nair & Hinton 2010 (ReLU); Hendrycks & Gimpel 2016 (GELU, SiLU); Srivastava et al. 2014 (dropout); Gal & Ghahramani
2016 (dropout left on); Ioffe & Szegedy 2015 (batch norm); Ba, Kiros & Hinton 2016 (layer norm); Pascanu, Mikolov &
Bengio 2013 (clipping).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.checks import MAX_SEED, finite_number, float_array, float_matrix, float_vector, one_of, whole_number
from mlcore.numerics import power_of_two, sigmoid, varies
from mlcore.optimizers import Hyperparameters, Schedule, epoch_batches, gradient_descent, schedule, update_rule

Floats = NDArray[Any]  # float64; float32 where a picture is all that is wanted

INITIALISATIONS: dict[str, str] = {
    "zeros": "All zeros",
    "too_small": "Too small: N(0, 0.01²)",
    "too_large": "Too large: N(0, 2²)",
    "xavier": "Xavier: N(0, 2 / (inputs + outputs))",
    "he": "He: N(0, 2 / inputs)",
}
LOSSES: dict[str, str] = {"cross_entropy": "Cross-entropy", "squared_error": "Squared error"}
NORMALISATIONS: dict[str, str] = {"none": "None", "batch": "Batch norm", "layer": "Layer norm"}
LEAK = 0.01  # slope of the leaky ReLU left of zero
NORM_EPS = 1e-5  # added to a variance before its root is divided by
RUNNING_MOMENTUM = 0.1  # share of a batch's statistics in the running ones
DEAD_SLOPE = 1e-3  # a unit whose |φ′| stays under this for all samples passes no gradient on: it is dead
DIVERGENCE_NORM = 1e4  # a parameter vector longer than this has diverged
LARGEST_DATA = 1e6  # largest |value| accepted as input or target


# --- Checks -------------------------------------------------------------------------------------------------


def _stream(seed: int, purpose: str) -> np.random.Generator:
    """Return the generator of one purpose: its own stream, so that no choice changes what another one draws."""
    whole_number("seed", seed, 0, MAX_SEED)
    return np.random.default_rng([seed, ("weights", "batches", "dropout", "points", "noise", "split").index(purpose)])


def _check_samples(network: Network, X: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """X as floats (n, n_inputs) and the targets of y."""
    X, t = float_matrix("X", X, LARGEST_DATA), targets(network, y)
    if X.shape[1] != network.n_inputs or len(X) != len(t):
        raise ValueError(f"X has shape {X.shape}: (n, {network.n_inputs}), n as in y, {len(t)}, is allowed")
    return X, t


# --- Activations --------------------------------------------------------------------------------------------


class Activation(NamedTuple):
    """φ and φ′. `derivative(u, a)` gets a = φ(u) too, from which some derivatives are cheaper."""

    title: str
    value: Callable[[Floats], Floats]
    derivative: Callable[[Floats, Floats], Floats | float]


def gelu(u: Floats) -> Floats:
    """Return u Φ(u) in the authors' tanh form: ½ u (1 + tanh(√(2/π) (u + 0.044715 u³)))."""
    value: Floats = 0.5 * u * (1 + _gelu_tanh(u))
    return value


def _gelu_tanh(u: Floats) -> Floats:
    return np.asarray(np.tanh(math.sqrt(2 / math.pi) * (u + 0.044715 * u * u * u)))


def _gelu_derivative(u: Floats, a: Floats) -> Floats:
    t = _gelu_tanh(u)
    slope: Floats = 0.5 * (1 + t) + 0.5 * u * (1 - t * t) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * u * u)
    return slope


def _silu_derivative(u: Floats, a: Floats) -> Floats:
    s = sigmoid(u)
    slope: Floats = s * (1 + u * (1 - s))
    return slope


ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation("Linear", lambda u: u, lambda u, a: 1.0),
    "sigmoid": Activation("Sigmoid", sigmoid, lambda u, a: a * (1 - a)),
    "tanh": Activation("Tanh", np.tanh, lambda u, a: 1 - a * a),
    "relu": Activation("ReLU", lambda u: np.maximum(u, 0), lambda u, a: u > 0),
    "leaky_relu": Activation("Leaky ReLU", lambda u: np.maximum(u, LEAK * u), lambda u, a: np.where(u > 0, 1.0, LEAK)),
    "gelu": Activation("GELU", gelu, _gelu_derivative),
    "silu": Activation("SiLU", lambda u: u * sigmoid(u), _silu_derivative),
}


# --- The network and its parameters -------------------------------------------------------------------------


@dataclass(frozen=True)
class Network:
    """The architecture of a multilayer perceptron.

    Args:
        n_inputs: input features, 1 to 1000.
        hidden: units of each hidden layer: 0 to 20 layers of 1 to 256 units.
        n_outputs: 1 to 100. With cross-entropy, 1 means two classes and one logit, K ≥ 2 means K classes and
            softmax.
        activation: a key of ACTIVATIONS, for the hidden layers; the output is linear.
        loss: "cross_entropy", of whole-number labels; "squared_error", the mean of (output − target)².
        initialisation: a key of INITIALISATIONS. Biases start at 0.
        normalisation: "none", "batch" or "layer": applied to z, before φ, with a learnt scale (from 1) and shift
            (from 0).
        dropout: probability in [0, 1) that a hidden unit is left out at a training step; those kept are divided
            by 1 − dropout ("inverted"), so that nothing changes at test time.

    Raises:
        ValueError: for anything else.
    """

    n_inputs: int = 2
    hidden: tuple[int, ...] = (8, 8)
    n_outputs: int = 1
    activation: str = "tanh"
    loss: str = "cross_entropy"
    initialisation: str = "xavier"
    normalisation: str = "none"
    dropout: float = 0.0

    def __post_init__(self) -> None:
        """Check every field."""
        whole_number("n_inputs", self.n_inputs, 1, 1000)
        whole_number("n_outputs", self.n_outputs, 1, 100)
        if not isinstance(self.hidden, tuple) or len(self.hidden) > 20:
            raise ValueError(f"hidden is {self.hidden!r}: a tuple of at most 20 layer sizes is allowed")
        for units in self.hidden:
            whole_number("the units of a hidden layer", units, 1, 256)
        one_of("activation", self.activation, ACTIVATIONS)
        one_of("loss", self.loss, LOSSES)
        one_of("initialisation", self.initialisation, INITIALISATIONS)
        one_of("normalisation", self.normalisation, NORMALISATIONS)
        finite_number("dropout", self.dropout, 0, 1, under=True)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """(inputs, outputs) of each layer, the output layer last."""
        return tuple(pairwise((self.n_inputs, *self.hidden, self.n_outputs)))

    @property
    def n_units(self) -> int:
        """Hidden units in all, H."""
        return sum(self.hidden)

    @property
    def n_params(self) -> int:
        """Length P of the parameter vector."""
        norms = 0 if self.normalisation == "none" else 2 * self.n_units
        return sum((i + 1) * o for i, o in self.shapes) + norms


class Layer(NamedTuple):
    """One layer's views into a flat vector of parameters, or of their gradient.

    `weights` (..., inputs, outputs), `biases` (..., 1, outputs); `scale` and `shift` (..., 1, outputs) where the
    layer is normalised, else None.
    """

    weights: Floats
    biases: Floats
    scale: Floats | None = None
    shift: Floats | None = None


def unpack(network: Network, params: Floats) -> list[Layer]:
    """Views of each layer in `params` (..., P): writing to them writes to it. Raises ValueError for another P."""
    if params.shape[-1:] != (network.n_params,):
        raise ValueError(f"params have shape {params.shape}: {network.n_params} parameters of this network are allowed")
    layers, at = [], 0

    def take(rows: int, columns: int) -> Floats:
        nonlocal at
        at += rows * columns
        return params[..., at - rows * columns : at].reshape(*params.shape[:-1], rows, columns)

    for k, (inputs, outputs) in enumerate(network.shapes):
        normalised = network.normalisation != "none" and k < len(network.hidden)
        rows = (inputs, 1, 1, 1) if normalised else (inputs, 1)
        layers.append(Layer(*[take(n, outputs) for n in rows]))
    return layers


def initialise(network: Network, seed: int) -> Floats:
    """Parameters to start from, (P,).

    The same seed draws the same standard normals whatever the initialisation, which only scales them.
    """
    params = np.zeros(network.n_params)
    rng = _stream(seed, "weights")
    for layer, (inputs, outputs) in zip(unpack(network, params), network.shapes, strict=True):
        std = {
            "zeros": 0.0,
            "too_small": 0.01,
            "too_large": 2.0,
            "xavier": math.sqrt(2 / (inputs + outputs)),
            "he": math.sqrt(2 / inputs),
        }[network.initialisation]
        layer.weights[:] = std * rng.standard_normal((inputs, outputs))
        if layer.scale is not None:
            layer.scale[:] = 1
    return params


def initial_running(network: Network) -> Floats:
    """Running mean (0) and variance (1) of z of every hidden unit before training, (2, H), for batch norm."""
    return np.stack([np.zeros(network.n_units), np.ones(network.n_units)])


def weight_mask(network: Network) -> NDArray[np.bool_]:
    """Which of the P parameters are weights, the ones that L1 and L2 act on: not biases, scales or shifts."""
    mask = np.zeros(network.n_params)
    for layer in unpack(network, mask):
        layer.weights[:] = 1
    return mask > 0


# --- Forward ------------------------------------------------------------------------------------------------


class Norm(NamedTuple):
    """What normalising z gave: `unit` = (z − mean) / std, `inverse_std`, and the `mean` and `variance` used."""

    unit: Floats
    inverse_std: Floats
    mean: Floats
    variance: Floats


class Hidden(NamedTuple):
    """What one hidden layer computed, each (..., n, units): z, its norm, u (z if there is none), φ(u), mask."""

    z: Floats
    norm: Norm | None
    u: Floats
    a: Floats
    mask: Floats | None


class Pass(NamedTuple):
    """One forward pass: each layer's `inputs` (..., n, inputs), the `hidden` layers, and the linear `output`.

    `output` (..., n, n_outputs) holds logits with cross-entropy. `by_batch`: whether batch norm used the batch's own
    statistics.
    """

    inputs: list[Floats]
    hidden: list[Hidden]
    output: Floats
    by_batch: bool


def forward(
    network: Network, params: Floats, X: Floats, *, masks: Floats | None = None, running: Floats | None = None
) -> Pass:
    """Run X (..., n, n_inputs) through the network with `params` (..., P); stacks of them broadcast.

    `masks` (..., n, H) multiply the hidden activations (see `dropout_masks`); None leaves every unit in. `running`
    (..., 2, H) makes batch norm use these statistics, as at test time; None, those of the batch, as in training.
    """
    X = np.asarray(X)
    if X.ndim < 2 or X.shape[-1] != network.n_inputs:
        raise ValueError(f"X has shape {X.shape}: (..., n, {network.n_inputs}) is allowed")
    return _forward(network, unpack(network, np.asarray(params)), X, masks, running)


def _forward(network: Network, layers: list[Layer], X: Floats, masks: Floats | None, running: Floats | None) -> Pass:
    activation = ACTIVATIONS[network.activation].value
    inputs, hidden, first = [X], [], 0
    for layer in layers[:-1]:
        z = inputs[-1] @ layer.weights
        z += layer.biases
        units = slice(first, first + z.shape[-1])
        first = units.stop
        u, norm = z, None
        if layer.scale is not None and layer.shift is not None:
            norm = _normalise(network, z, None if running is None else running[..., None, units])
            u = norm.unit * layer.scale + layer.shift
        a = activation(u)
        mask = None if masks is None else masks[..., units]
        hidden.append(Hidden(z, norm, u, a, mask))
        inputs.append(a if mask is None else a * mask)
    output = inputs[-1] @ layers[-1].weights
    output += layers[-1].biases
    return Pass(inputs, hidden, output, running is None)


def _normalise(network: Network, z: Floats, running: Floats | None) -> Norm:
    """Standardise z (..., n, units): layer norm over a sample's units, batch norm over the batch or by `running`."""
    if network.normalisation == "batch" and running is not None:
        mean, variance = running[..., 0, :, :], running[..., 1, :, :]
        centred = z - mean
    else:
        axis = -2 if network.normalisation == "batch" else -1
        mean = _mean(z, axis)
        centred = z - mean
        variance = _mean(centred * centred, axis)
    inverse_std = 1 / np.sqrt(variance + NORM_EPS)
    return Norm(centred * inverse_std, inverse_std, mean, variance)


def _mean(a: Floats, axis: int) -> Floats:
    """Mean along an axis, which is kept; on small arrays twice as fast as `np.mean`."""
    total: Floats = np.add.reduce(a, axis=axis, keepdims=True)
    total /= a.shape[axis]
    return total


def dropout_masks(network: Network, n: int, rng: np.random.Generator) -> Floats:
    """Masks (n, H) for one step: 1 / (1 − dropout) where a unit is kept, 0 where it is left out; mean 1."""
    keep = 1 - network.dropout
    return (rng.random((n, network.n_units)) < keep) / keep


def predict_proba(network: Network, params: Floats, X: Floats, running: Floats | None = None) -> Floats:
    """Probabilities (..., n, n_outputs): of class 1 by one logit, of each class by softmax.

    With squared error, the output itself. `running` as in `Film`; None stands for the statistics at the start.
    """
    running = initial_running(network) if running is None else running
    return _probabilities(network, forward(network, params, X, running=running).output)


def predict(network: Network, params: Floats, X: Floats, running: Floats | None = None) -> Floats:
    """Labels (..., n) with cross-entropy; values with squared error, (..., n), or (..., n, n_outputs) for several."""
    output = predict_proba(network, params, X, running)
    if network.loss == "squared_error":
        return output if network.n_outputs > 1 else output[..., 0]
    return _labels(output)


def predict_with_dropout(
    network: Network, params: Floats, X: Floats, n_passes: int, seed: int, running: Floats | None = None
) -> Floats:
    """What `predict_proba` would return with dropout left on: (n_passes, n, n_outputs), masks drawn anew each time.

    `params` is (P,). The mean over many passes is what Gal & Ghahramani (2016) call Monte Carlo dropout. Raises
    ValueError for n_passes outside 1 to 1000.
    """
    whole_number("n_passes", n_passes, 1, 1000)
    rng = _stream(seed, "dropout")
    running = initial_running(network) if running is None else running
    masks = np.stack([dropout_masks(network, len(X), rng) for _ in range(n_passes)])  # (passes, n, H)
    return _probabilities(network, forward(network, params, X, masks=masks, running=running).output)


def _probabilities(network: Network, output: Floats) -> Floats:
    if network.loss == "squared_error":
        return output
    if network.n_outputs == 1:
        return np.asarray(sigmoid(output))
    e = np.exp(output - output.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _labels(scores: Floats) -> Floats:
    return scores.argmax(axis=-1) if scores.shape[-1] > 1 else (scores[..., 0] > 0.5).astype(np.int64)


# --- Loss and backward --------------------------------------------------------------------------------------


def targets(network: Network, y: ArrayLike) -> Floats:
    """Turn labels or values y (n,) into the targets of the outputs, (n, n_outputs): one-hot where K ≥ 2.

    With squared error and several outputs y is (n, n_outputs). Raises ValueError for labels that are not whole
    numbers from 0 to K − 1, and for values that are not finite.
    """
    values = float_array("y", y, LARGEST_DATA)
    if network.loss == "squared_error":
        t = values.reshape(len(values), -1) if values.ndim else values
        if t.shape[1:] != (network.n_outputs,):
            raise ValueError(f"y has shape {values.shape}: (n, {network.n_outputs}) is allowed")
        return t
    classes = max(2, network.n_outputs)
    if values.ndim != 1 or not np.isin(values, np.arange(classes)).all():
        raise ValueError(f"y has the labels {np.unique(values)[:5].tolist()!r}: 0 to {classes - 1} are allowed")
    is_class: Floats = values[:, None] == np.arange(classes)[-network.n_outputs :]
    return is_class.astype(float)


def _mean_loss(network: Network, output: Floats, t: Floats) -> Floats:
    """Mean loss (...) of outputs (..., n, n_outputs), without penalties."""
    if network.loss == "squared_error":
        each = (output - t) ** 2
        return np.asarray(each.mean(axis=(-2, -1)))
    if network.n_outputs == 1:  # −t log σ(z) − (1 − t) log(1 − σ(z)), rearranged so that no exponential overflows
        each = np.maximum(output, 0) - t * output + np.log1p(np.exp(-np.abs(output)))
    else:
        z = output - output.max(axis=-1, keepdims=True)
        each = np.log(np.exp(z).sum(axis=-1)) - (z * t).sum(axis=-1)
        return np.asarray(each.mean(axis=-1))
    return np.asarray(each.mean(axis=(-2, -1)))


def _output_delta(network: Network, output: Floats, t: Floats) -> Floats:
    """∂L/∂output of the mean loss, (..., n, n_outputs). With cross-entropy it is (probability − target) / n."""
    scale = 2 / t.size if network.loss == "squared_error" else 1 / len(t)
    delta = _probabilities(network, output) - t
    delta *= scale
    return delta


def _score(network: Network, output: Floats, t: Floats) -> float:
    """Accuracy with cross-entropy, R² with squared error (of a constant target: 1 if met, else 0, to rounding)."""
    if network.loss == "cross_entropy":
        return float((_labels(_probabilities(network, output)) == _labels(t)).mean())
    if not varies(t, axis=0).any():
        return float(not varies(np.concatenate([t, output]), axis=0).any())
    return 1 - float(((output - t) ** 2).sum()) / float(((t - t.mean(axis=0)) ** 2).sum())


def backward(network: Network, params: Floats, passed: Pass, delta: Floats) -> tuple[Floats, list[Floats]]:
    """Backpropagate `delta` = ∂L/∂output (..., n, n_outputs) through a forward pass made with `params`.

    Returns the gradient (..., P), and δ = ∂L/∂z of every layer (..., n, outputs), the output layer last.
    """
    gradient = np.zeros((*passed.output.shape[:-2], network.n_params))
    return gradient, _backward(network, unpack(network, params), passed, delta, unpack(network, gradient))


def _backward(network: Network, layers: list[Layer], passed: Pass, delta: Floats, slots: list[Layer]) -> list[Floats]:
    """Write the gradient into `slots`, one for each layer; return the deltas."""
    derivative = ACTIVATIONS[network.activation].derivative
    deltas = [delta]
    for k in range(len(layers) - 1, -1, -1):
        np.matmul(passed.inputs[k].mT, delta, out=slots[k].weights)
        np.add.reduce(delta, axis=-2, keepdims=True, out=slots[k].biases)
        if k == 0:
            break
        below = passed.hidden[k - 1]
        delta = delta @ layers[k].weights.mT
        if below.mask is not None:
            delta *= below.mask
        delta *= derivative(below.u, below.a)
        if below.norm is not None:
            delta = _normalise_backward(network, layers[k - 1], below.norm, passed.by_batch, delta, slots[k - 1])
        deltas.append(delta)
    return deltas[::-1]


def _normalise_backward(
    network: Network, layer: Layer, norm: Norm, by_batch: bool, delta: Floats, slot: Layer
) -> Floats:
    """From ∂L/∂u to ∂L/∂z, writing the gradient of scale and shift.

    With x̂ = (z − mean) / std and both computed from z: ∂L/∂z = (g − mean(g) − x̂ mean(g x̂)) / std, g = ∂L/∂x̂.
    """
    assert layer.scale is not None
    np.add.reduce(delta * norm.unit, axis=-2, keepdims=True, out=slot.scale)
    np.add.reduce(delta, axis=-2, keepdims=True, out=slot.shift)
    g: Floats = delta * layer.scale
    if network.normalisation == "layer" or by_batch:  # else mean and std are constants
        axis = -2 if network.normalisation == "batch" else -1
        along = _mean(g * norm.unit, axis)
        g -= _mean(g, axis)
        g -= norm.unit * along
    g *= norm.inverse_std
    return g


def loss_and_gradient(
    network: Network,
    params: Floats,
    X: ArrayLike,
    y: ArrayLike,
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    masks: Floats | None = None,
    running: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Return L = mean loss + l1 Σ|w| + ½ l2 Σ w² (...) and its gradient (..., P), at `params` (..., P).

    X (n, n_inputs), y (n,); the sums run over the weights alone. `masks` and `running` as in `forward`.
    """
    X, t = _check_samples(network, X, y)
    passed = forward(network, params, X, masks=masks, running=running)
    gradient, _ = backward(network, params, passed, _output_delta(network, passed.output, t))
    weights = np.where(weight_mask(network), params, 0)
    penalty = l1 * np.abs(weights).sum(axis=-1) + 0.5 * l2 * (weights * weights).sum(axis=-1)
    return _mean_loss(network, passed.output, t) + penalty, gradient + l1 * np.sign(weights) + l2 * weights


def clip_by_norm(gradient: ArrayLike, limit: float) -> Floats:
    """Return the gradient (P,) shortened to the Euclidean length `limit` if it is longer (Pascanu et al. 2013).

    A gradient with entries that are not finite has no direction and stays as it is.
    """
    g = np.asarray(gradient)
    with np.errstate(over="ignore"):
        length = math.sqrt(g @ g)
    if 1e-150 < length < 1e150:
        return g * (limit / length) if length > limit else g
    largest = np.abs(g).max(initial=0)
    if not 0 < largest < math.inf:
        return g
    unit = power_of_two(largest)  # the squares of 3e200 and 4e200 overflow: bring them near 1 first
    length = math.sqrt((g / unit) @ (g / unit))
    with np.errstate(over="ignore"):
        longest = limit / unit
    return g / unit * (limit / length) if length > longest else g


# --- Training -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Training:
    """How a network is trained.

    Args:
        optimizer: a key of `mlcore.optimizers.METHODS`; "batch", "sgd" and "minibatch" are the same plain rule here.
        lr: learning rate η > 0.
        epochs: passes over the training data, 1 to 10 000.
        batch_size: samples in a step, 1 to the number of training samples; at least 2 with batch norm. Batches are
            cut from a stream of permutations, one per epoch, so all have this size and one may straddle two epochs.
        l1, l2: strengths ≥ 0 of the penalties l1 Σ|w| + ½ l2 Σ w² in the loss.
        clip_norm: longest gradient, > 0; inf clips none.
        schedule, hyper: of the optimizer; `hyper.batch_size` is not used.
        moments: recorded moments of the film, 2 to 1000, or fewer if there are fewer steps.
        seed: of the weights, the batches and the dropout masks, one stream each.

    Raises:
        ValueError: for anything else.
    """

    optimizer: str = "adam"
    lr: float = 0.01
    epochs: int = 100
    batch_size: int = 32
    l1: float = 0.0
    l2: float = 0.0
    clip_norm: float = math.inf
    schedule: Schedule = field(default_factory=Schedule)
    hyper: Hyperparameters = field(default_factory=Hyperparameters)
    moments: int = 80
    seed: int = 0

    def __post_init__(self) -> None:
        """Check every field; `schedule` and `hyper` check themselves."""
        update_rule(self.optimizer)
        finite_number("lr", self.lr, 0, above=True)
        whole_number("epochs", self.epochs, 1, 10_000)
        whole_number("batch_size", self.batch_size, 1, 1_000_000)
        for name in ("l1", "l2"):
            finite_number(name, getattr(self, name), 0)
        if self.clip_norm != math.inf:
            finite_number("clip_norm", self.clip_norm, 0, above=True)
        whole_number("moments", self.moments, 2, 1000)
        whole_number("seed", self.seed, 0, MAX_SEED)


@dataclass(frozen=True, eq=False)
class Film:
    """A training, seen at M moments: denser at the start, where more happens. Every number is finite.

    `steps` (M,) steps taken so far, `epochs` (M,) = steps · batch size / n. `params` (M, P) and `running` (M, 2, H) for
    batch norm's test time. `train_loss`, `test_loss` (M,) without penalties, at test time (no dropout, running
    statistics); `train_score`, `test_score` (M,) accuracy, or R² with squared error.
    On all training samples, without dropout: `activation_rms` (M, hidden layers), root mean square of φ(u);
    `gradient_norms` (M, layers), ‖∂L/∂W‖ of each layer's weights; `dead` (M, hidden layers), the share of
    units whose |φ′(u)| is under DEAD_SLOPE for every sample. `update_ratios` (M, layers): ‖ΔW‖ / ‖W‖ of the
    step that led to the moment, W after it; 0 at the start.
    `diverged_at` is None, or the number of the step, counted from 1, whose result was not finite or longer than
    DIVERGENCE_NORM; that step is left out, and the film ends just before it.
    """

    network: Network
    steps: NDArray[np.int64]
    epochs: Floats
    params: Floats
    running: Floats
    train_loss: Floats
    test_loss: Floats
    train_score: Floats
    test_score: Floats
    activation_rms: Floats
    gradient_norms: Floats
    dead: Floats
    update_ratios: Floats
    diverged_at: int | None


def train(
    network: Network,
    X: ArrayLike,
    y: ArrayLike,
    X_test: ArrayLike,
    y_test: ArrayLike,
    training: Training = Training(),
    start: ArrayLike | None = None,
) -> Film:
    """Train on X (n, n_inputs), y (n,), watching X_test, y_test too; from `start` (P,), or `initialise`.

    Raises ValueError for data that do not fit the network, a batch larger than the data, or a batch of one with
    batch norm. Divergence is no error: see `Film`.
    """
    X, t = _check_samples(network, X, y)
    test = _check_samples(network, X_test, y_test)
    if network.normalisation == "batch" and training.batch_size < 2:
        raise ValueError("batch_size is 1: with batch norm at least 2 is allowed, as one sample has no variance")
    params = initialise(network, training.seed) if start is None else np.array(start, dtype=float)
    n_steps = max(1, round(training.epochs * len(X) / training.batch_size))
    batches = epoch_batches(len(X), training.batch_size, n_steps, _stream(training.seed, "batches"))
    masks_rng = _stream(training.seed, "dropout")
    plan = training.schedule
    rates = schedule(plan.kind, training.lr, n_steps, decay=plan.decay, every=plan.every, warmup=plan.warmup).tolist()
    step, state = update_rule(training.optimizer, training.hyper)

    gradient, running, before = np.zeros_like(params), initial_running(network), params.copy()
    layers, slots = unpack(network, params), unpack(network, gradient)  # views: they follow `params` and `gradient`
    is_weight = weight_mask(network)
    masks, taken, diverged_at = None, 0, None
    with np.errstate(all="ignore"):
        film = [_moment(network, taken, params, before, running, (X, t), test)]
        for first, last in pairwise(_recorded_steps(n_steps, training.moments)):
            X_batches, t_batches = X[batches[first:last]], t[batches[first:last]]  # one gather for many steps
            for x, target, lr in zip(X_batches, t_batches, rates[first:last], strict=True):
                if network.dropout:
                    masks = dropout_masks(network, len(x), masks_rng)
                passed = _forward(network, layers, x, masks, None)
                _backward(network, layers, passed, _output_delta(network, passed.output, target), slots)
                g = gradient
                if training.l1 or training.l2:
                    g = g + is_weight * (training.l1 * np.sign(params) + training.l2 * params)
                if training.clip_norm < math.inf:
                    g = clip_by_norm(g, training.clip_norm)
                moved, state, _ = step(params, g, state, lr)
                if not moved @ moved <= DIVERGENCE_NORM**2:  # so that a NaN counts too
                    diverged_at = taken + 1
                    break
                taken += 1
                if taken == last:
                    before[:] = params
                params[:] = moved
                if network.normalisation == "batch" and network.hidden:
                    _update_running(running, passed)
            if diverged_at is None or taken > first:
                film.append(_moment(network, taken, params, before, running, (X, t), test))
            if diverged_at is not None:
                break
    columns = {name: np.array([moment[name] for moment in film]) for name in film[0]}
    return Film(
        network=network, epochs=columns["steps"] * training.batch_size / len(X), diverged_at=diverged_at, **columns
    )


def _recorded_steps(n_steps: int, moments: int) -> list[int]:
    """Numbers of steps after which to look: 0 … n_steps, their distances growing linearly."""
    share = np.linspace(0, 1, min(moments, n_steps + 1))
    return np.unique(np.rint(n_steps * share**2).astype(int)).tolist()  # type: ignore[no-any-return]


def _update_running(running: Floats, passed: Pass) -> None:
    """Move the running statistics towards the batch's, whose variance is the unbiased one here, as in torch."""
    n = len(passed.output)
    norms = [h.norm for h in passed.hidden if h.norm is not None]
    batch = np.stack(
        [
            np.concatenate([norm.mean[0] for norm in norms]),
            np.concatenate([norm.variance[0] for norm in norms]) * n / (n - 1),
        ]
    )
    running += RUNNING_MOMENTUM * (batch - running)


def _moment(
    network: Network,
    taken: int,
    params: Floats,
    before: Floats,
    running: Floats,
    data: tuple[Floats, Floats],
    test: tuple[Floats, Floats],
) -> dict[str, Any]:
    """What `Film` holds of one moment; `before` are the parameters one step earlier."""
    X, t = data
    layers, gradient = unpack(network, params), np.empty_like(params)
    slots, changes = unpack(network, gradient), unpack(network, params - before)
    seen = _forward(network, layers, X, None, None)
    _backward(network, layers, seen, _output_delta(network, seen.output, t), slots)
    output = _forward(network, layers, X, None, running).output if network.normalisation == "batch" else seen.output
    test_output = _forward(network, layers, test[0], None, running).output
    lengths = np.array([np.linalg.norm(layer.weights) for layer in layers])
    moves = np.array([np.linalg.norm(change.weights) for change in changes])
    return {
        "steps": taken,
        "params": params.copy(),
        "running": running.copy(),
        "train_loss": _mean_loss(network, output, t),
        "test_loss": _mean_loss(network, test_output, test[1]),
        "train_score": _score(network, output, t),
        "test_score": _score(network, test_output, test[1]),
        "activation_rms": [math.sqrt((h.a * h.a).mean()) for h in seen.hidden],
        "gradient_norms": [np.linalg.norm(slot.weights) for slot in slots],
        "dead": [dead_units(network, h).mean() for h in seen.hidden],
        "update_ratios": moves / np.where(lengths > 0, lengths, 1),
    }


def dead_units(network: Network, hidden: Hidden) -> NDArray[np.bool_]:
    """Which units (..., units) of a hidden layer have |φ′(u)| < DEAD_SLOPE for every sample of the pass."""
    slopes = np.abs(np.broadcast_to(ACTIVATIONS[network.activation].derivative(hidden.u, hidden.a), hidden.u.shape))
    return np.asarray(slopes.max(axis=-2) < DEAD_SLOPE)


def distinct_units(network: Network, params: Floats) -> NDArray[np.int64]:
    """Count the different units (columns of weights and bias) in each hidden layer: 1 where all are the same."""
    return np.array(
        [
            len(np.unique(np.concatenate([layer.weights, layer.biases]), axis=1).T)
            for layer in unpack(network, params)[:-1]
        ],
        dtype=np.int64,
    )


def weight_histograms(network: Network, params: ArrayLike, edges: ArrayLike) -> Floats:
    """How each layer's weights are spread: the share in each bin, (..., layers, bins), of `params` (..., P).

    `edges` (bins + 1,) ascend; weights outside count in the first or last bin, so that every layer sums to 1. Raises
    ValueError for edges that do not ascend.
    """
    stack, edges = float_array("params", params), float_array("edges", edges)
    if edges.ndim != 1 or edges.size < 2 or not (np.diff(edges) > 0).all():
        raise ValueError(f"edges are {edges.tolist()!r}: two or more ascending numbers are allowed")
    bins = edges.size - 1
    shares = np.empty((*stack.shape[:-1], len(network.shapes), bins))
    for k, layer in enumerate(unpack(network, stack)):
        weights = layer.weights.reshape(-1, layer.weights.shape[-2] * layer.weights.shape[-1])  # (vectors, weights)
        at = np.searchsorted(edges[1:-1], weights, side="right") + bins * np.arange(len(weights))[:, None]
        counts = np.bincount(at.ravel(), minlength=len(weights) * bins)
        shares[..., k, :] = counts.reshape(*stack.shape[:-1], bins) / weights.shape[1]
    return shares


def fields(
    network: Network, params: ArrayLike, grid: ArrayLike, running: ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """What the network and each of its hidden units answer at `grid` (G, n_inputs), at every moment of a film.

    From `params` (M, P) and, with batch norm, `running` (M, 2, H): the output as in `predict_proba`
    (M, G, n_outputs), and the activations φ(u) (M, G, H), layer after layer. In float32: they are for pictures.
    """
    stack, points = np.asarray(params, dtype=np.float32), np.asarray(grid, dtype=np.float32)
    statistics = np.asarray(initial_running(network) if running is None else running, dtype=np.float32)
    statistics = np.broadcast_to(statistics, (len(stack), 2, network.n_units))
    output = np.empty((len(stack), len(points), network.n_outputs), dtype=np.float32)
    units = np.empty((len(stack), len(points), network.n_units), dtype=np.float32)
    with np.errstate(all="ignore"):
        for first in range(0, len(stack), 4):  # a few moments at a time: their arrays stay in the cache
            some = slice(first, first + 4)
            passed = forward(network, stack[some], points, running=statistics[some])
            output[some] = _probabilities(network, passed.output)
            if passed.hidden:
                np.concatenate([h.a for h in passed.hidden], axis=-1, out=units[some])
    return output, units


# --- One example, number by number --------------------------------------------------------------------------


class TraceLayer(NamedTuple):
    """One layer of a `Trace`: everything about one sample, so vectors (outputs,) unless said otherwise.

    `inputs` (inputs,) is what the layer reads; `z` = inputs W + b; `unit` = z normalised (None without a norm);
    `u` what φ is applied to; `activation` φ(u) (of the output layer: the probabilities, or the value); `delta`
    ∂L/∂z. `parameters`, `gradient` and `numeric`, its central finite difference, are `Layer`s.
    """

    inputs: Floats
    z: Floats
    unit: Floats | None
    u: Floats
    activation: Floats
    delta: Floats
    parameters: Layer
    gradient: Layer
    numeric: Layer


@dataclass(frozen=True, eq=False)
class Trace:
    """One sample's way forward and back: its `loss`, its `layers`, and how far the check is off at most.

    `gradient` and `numeric` (P,); `largest_error` is the largest |gradient − numeric|. The delta of a layer is the
    gradient of its biases, so `numeric.biases` checks it too.
    """

    loss: float
    layers: tuple[TraceLayer, ...]
    gradient: Floats
    numeric: Floats
    largest_error: float


def trace_example(
    network: Network, params: ArrayLike, x: ArrayLike, y: float | ArrayLike, running: ArrayLike | None = None
) -> Trace:
    """Follow one sample x (n_inputs,), y through the network as at test time, and its gradient back.

    Every derivative stands beside its central finite difference (L(θ + h) − L(θ − h)) / 2h, h = 10⁻⁵, itself off
    by about h² L‴ / 6; at a kink of ReLU it is the mean of the slopes on both sides.
    """
    params = np.array(params, dtype=float)
    X, t = _check_samples(network, np.array([x], dtype=float), np.array([y]))
    statistics = initial_running(network) if running is None else np.asarray(running, dtype=float)
    passed = forward(network, params, X, running=statistics)
    gradient, deltas = backward(network, params, passed, _output_delta(network, passed.output, t))
    numeric = np.empty_like(params)
    for block in range(0, len(params), 256):  # 512 networks at a time
        rows = np.arange(block, min(block + 256, len(params)))
        nudged = np.tile(params, (2, len(rows), 1))  # (up or down, parameter, P)
        nudged[0, np.arange(len(rows)), rows] += 1e-5
        nudged[1, np.arange(len(rows)), rows] -= 1e-5
        up, down = _mean_loss(network, forward(network, nudged, X, running=statistics).output, t)
        numeric[rows] = (up - down) / (nudged[0] - nudged[1])[np.arange(len(rows)), rows]
    answer = Hidden(passed.output, None, passed.output, _probabilities(network, passed.output), None)
    layers = tuple(
        TraceLayer(
            inputs[0],
            part.z[0],
            None if part.norm is None else part.norm.unit[0],
            part.u[0],
            part.a[0],
            delta[0],
            *views,
        )
        for inputs, part, delta, *views in zip(
            passed.inputs,
            [*passed.hidden, answer],
            deltas,
            unpack(network, params),
            unpack(network, gradient),
            unpack(network, numeric),
            strict=True,
        )
    )
    error = float(np.abs(gradient - numeric).max())
    return Trace(float(_mean_loss(network, passed.output, t)), layers, gradient, numeric, error)


# --- Failures, made on purpose ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class SignalMap:
    """How signals fade or grow through networks of each depth (D) × gain (G): log₁₀ ratios, mean over the seeds.

    `gradient` (D, G): ‖∂L/∂z‖ of the first layer over that of the last hidden layer. (Not ‖∂L/∂W‖ = ‖aᵀ ∂L/∂z‖:
    where δ fades on its way down, a fades on its way up, and in W's gradient the two cancel.) `activation` (D, G): root
    mean square of the last hidden layer's φ(u) over that of the inputs. Ratios under 10⁻³⁰ count as 10⁻³⁰.
    """

    depths: NDArray[np.int64]
    gains: Floats
    gradient: Floats
    activation: Floats


def vanishing_map(
    depths: Sequence[int],
    gains: ArrayLike,
    activation: str,
    *,
    normalisation: str = "none",
    width: int = 16,
    n_samples: int = 32,
    n_seeds: int = 8,
    seed: int = 0,
) -> SignalMap:
    """Backpropagate through untrained networks of `depths` hidden layers and W ~ N(0, gain² / inputs).

    Inputs and ∂L/∂output are standard normal, all layers are `width` wide, so gain 1 is Xavier's and √2 He's. Raises
    ValueError for a depth outside 1 to 20, a gain outside (0, 100], or n_seeds or n_samples outside 1 to 1000.
    """
    gains = float_vector("gains", gains)
    if not ((gains > 0) & (gains <= 100)).all():
        raise ValueError(f"gains are {gains.tolist()!r}: numbers above 0, up to 100, are allowed")
    for depth in depths:
        whole_number("depth", depth, 1, 20)
    whole_number("n_samples", n_samples, 1, 1000)
    whole_number("n_seeds", n_seeds, 1, 1000)
    rng = _stream(seed, "weights")
    X, delta = rng.standard_normal((n_samples, width)), rng.standard_normal((n_samples, 1))
    gradient, activations = np.empty((len(depths), gains.size)), np.empty((len(depths), gains.size))
    deepest = Network(width, (width,) * max(depths), activation=activation, normalisation=normalisation)
    normals = rng.standard_normal((n_seeds, deepest.n_params))
    for row, depth in enumerate(depths):
        network = Network(width, (width,) * depth, activation=activation, normalisation=normalisation)
        params = np.zeros((gains.size, n_seeds, network.n_params))
        for layer, normal in zip(unpack(network, params), unpack(deepest, normals), strict=False):
            layer.weights[:] = (
                gains[:, None, None, None] / math.sqrt(width) * normal.weights[..., : layer.weights.shape[-1]]
            )
            if layer.scale is not None:
                layer.scale[:] = 1
        with np.errstate(all="ignore"):
            passed = forward(network, params, X)
            _, deltas = backward(network, params, passed, np.broadcast_to(delta, passed.output.shape))
        first, last = (np.linalg.norm(deltas[k], axis=(-2, -1)) for k in (0, -2))  # (gains, seeds)
        top = passed.hidden[-1].a
        gradient[row] = _mean_log_ratio(first, last)
        activations[row] = _mean_log_ratio(np.sqrt((top * top).mean(axis=(-2, -1))), np.sqrt((X * X).mean()))
    return SignalMap(np.array(depths), gains, gradient, activations)


def _mean_log_ratio(a: Floats, b: Floats) -> Floats:
    """Mean over the last axis of log₁₀(a / b), never under −30; 0 / 0 counts as −30."""
    ratio = np.divide(a, b, out=np.zeros_like(a), where=b > 0)
    return np.asarray(np.log10(np.maximum(ratio, 1e-30)).mean(axis=-1))


def dead_relu_map(
    X: ArrayLike,
    y: ArrayLike,
    biases: ArrayLike,
    lrs: ArrayLike,
    *,
    width: int = 16,
    n_steps: int = 50,
    n_seeds: int = 4,
    seed: int = 0,
) -> Floats:
    """Share of dead units (B, R) after training with each starting bias (B,) and each learning rate (R,).

    One hidden layer of `width` ReLUs (He), all its biases starting at the given value; labels y in {0, 1},
    cross-entropy, gradient descent on all samples; mean over the seeds. A network whose numbers overflow
    stays where it was. Raises ValueError for biases that are not finite, rates not above 0, n_steps outside
    1 to 10 000, n_seeds outside 1 to 100.
    """
    biases, lrs = float_vector("biases", biases, LARGEST_DATA), float_vector("lrs", lrs)
    if not (lrs > 0).all():
        raise ValueError(f"lrs are {lrs.tolist()!r}: finite numbers above 0 are allowed")
    whole_number("n_steps", n_steps, 1, 10_000)
    whole_number("n_seeds", n_seeds, 1, 100)
    network = Network(np.shape(X)[-1], (width,), activation="relu", initialisation="he")
    X, t = _check_samples(network, X, y)
    starts = np.stack([initialise(network, seed + k) for k in range(n_seeds)])  # (seeds, P)
    params = np.tile(starts, (biases.size, lrs.size, 1, 1))  # (B, R, seeds, P)
    unpack(network, params)[0].biases[:] = biases[:, None, None, None, None]
    rates = lrs[:, None, None]
    with np.errstate(all="ignore"):
        for _ in range(n_steps):
            passed = forward(network, params, X)
            gradient, _ = backward(network, params, passed, _output_delta(network, passed.output, t))
            moved, _, _ = gradient_descent(params, gradient, None, rates)
            params = np.where(np.isfinite((moved * moved).sum(axis=-1, keepdims=True)), moved, params)
        dead = dead_units(network, forward(network, params, X).hidden[0])  # (B, R, seeds, units)
    return np.asarray(dead.mean(axis=(-2, -1)))


# --- Data ---------------------------------------------------------------------------------------------------

EXTENT = (-3.0, 3.0)  # both inputs of the data without noise lie in it
CLASSIFICATION: dict[str, str] = {
    "circles": "Circles",
    "xor": "XOR",
    "blobs": "Two blobs",
    "spirals": "Spirals",
    "moons": "Moons",
}
REGRESSION: dict[str, str] = {"plane": "Plane", "hills": "Hills"}
INPUT_FEATURES: dict[str, Callable[[Floats], Floats]] = {
    "x1": lambda X: X[:, 0],
    "x2": lambda X: X[:, 1],
    "x1_squared": lambda X: X[:, 0] ** 2,
    "x2_squared": lambda X: X[:, 1] ** 2,
    "x1_x2": lambda X: X[:, 0] * X[:, 1],
    "sin_x1": lambda X: np.sin(X[:, 0]),
    "sin_x2": lambda X: np.sin(X[:, 1]),
}


def make_data(name: str, n: int, noise: float, seed: int) -> tuple[Floats, Floats]:
    """Points X (n, 2) in EXTENT and y (n,): labels 0 and 1 in equal parts, or values in [−1, 1].

    `noise` ≥ 0 is the standard deviation of what is added to both inputs of CLASSIFICATION data, or to y of
    REGRESSION data. Noise has a stream of its own: changing it moves the points, and no others are drawn. Raises
    ValueError for an unknown name, n outside 2 to 10 000 or noise outside [0, 10].
    """
    one_of("data", name, [*CLASSIFICATION, *REGRESSION])
    whole_number("n", n, 2, 10_000)
    finite_number("noise", noise, 0, 10)
    u, v = _stream(seed, "points").random((n, 2)).T
    errors = noise * _stream(seed, "noise").standard_normal((n, 2))
    if name in REGRESSION:
        X = np.column_stack([u, v]) * 6 - 3
        return X, _SURFACES[name](X) + errors[:, 0]
    label = np.arange(n) % 2
    return _SHAPES[name](u, v, label) + errors, label


def _polar(radius: Floats, angle: Floats) -> Floats:
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _xor(u: Floats, v: Floats, label: Floats) -> Floats:
    """Class 1 where the signs of the inputs are equal; a margin of 0.2 along the axes."""
    side = np.where(u < 0.5, -1, 1)
    a = 0.2 + 2.8 * np.abs(2 * u - 1)
    return np.column_stack([side * a, side * (2 * label - 1) * (0.2 + 2.8 * v)])


def _blobs(u: Floats, v: Floats, label: Floats) -> Floats:
    """Round normal clouds (Box and Muller) of standard deviation 0.4 around ±(1.5, 1.5), cut at 1.5."""
    radius = 0.4 * np.sqrt(-2 * np.log1p(-u * (1 - math.exp(-0.5 * (1.5 / 0.4) ** 2))))
    return _polar(radius, 2 * math.pi * v) + 1.5 * (2 * label - 1)[:, None]


def _moons(u: Floats, v: Floats, label: Floats) -> Floats:
    """Two half circles of radius 1.6 that reach into each other."""
    arc = _polar(np.full_like(u, 1.6), math.pi * u)
    return np.asarray((1 - 2 * label[:, None]) * (arc - np.array([0.8, 0.4])))


def _hills(X: Floats) -> Floats:
    """Two hills at ±(1.5, 1.5), two hollows at ±(1.5, −1.5)."""
    height: Floats = np.sum([s * t * np.exp(-((X - (1.5 * s, 1.5 * t)) ** 2).sum(axis=1)) for s, t in _SIGNS], axis=0)
    return height


_SIGNS = ((1, 1), (1, -1), (-1, 1), (-1, -1))
_SHAPES: dict[str, Callable[[Floats, Floats, Floats], Floats]] = {
    # Uniform in a disc of radius 1.3 (class 1), and in the ring from 2 to 3.
    "circles": lambda u, v, label: _polar(np.where(label == 1, 1.3 * np.sqrt(u), np.sqrt(4 + 5 * u)), 2 * math.pi * v),
    "xor": _xor,
    "blobs": _blobs,
    # Radius 3u at angle 3.5 πu, the other class half a turn on.
    "spirals": lambda u, v, label: _polar(3 * u, 3.5 * math.pi * u + math.pi * label),
    "moons": _moons,
}
_SURFACES: dict[str, Callable[[Floats], Floats]] = {
    "plane": lambda X: (X[:, 0] + X[:, 1]) / 6,
    "hills": _hills,
}


def split(X: ArrayLike, y: ArrayLike, train_share: float, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Split at random into X, y, X_test, y_test; round(train_share · n) samples to train, at least 1 on each side.

    Raises ValueError for a share outside (0, 1) or fewer than two samples.
    """
    X, y = np.asarray(X), np.asarray(y)
    finite_number("train_share", train_share, 0, 1, above=True, under=True)
    if len(X) < 2 or len(X) != len(y):
        raise ValueError(f"X and y have {len(X)} and {len(y)} samples: the same number, 2 or more, is allowed")
    order = _stream(seed, "split").permutation(len(X))
    n_train = min(max(1, round(train_share * len(X))), len(X) - 1)
    train_rows, test_rows = order[:n_train], order[n_train:]
    return X[train_rows], y[train_rows], X[test_rows], y[test_rows]


def input_features(X: ArrayLike, names: Sequence[str]) -> Floats:
    """Columns computed from the two inputs X (n, 2): (n, len(names)), each name a key of INPUT_FEATURES."""
    points = np.asarray(X, dtype=float)
    if not names:
        raise ValueError("names is empty: one input feature or more is allowed")
    for name in names:
        one_of("input feature", name, INPUT_FEATURES)
    return np.column_stack([INPUT_FEATURES[name](points) for name in names])
