"""First-order optimizers, one transparent update rule each, and the paths they take over a surface.

Each rule is a pure function `(theta, g, state, lr, ...) -> (theta, state, trace)` whose body serves a float,
or an array of any shape with `lr` broadcast against it: one coordinate of one path, or every coordinate of
ten thousand paths. State starts at zero. In float64 the rules reproduce `torch.optim` to rounding.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.checks import MAX_SEED, finite_number, float_array, float_vector, one_of, whole_number
from mlcore.surfaces import Array, DataLoss, Gradient, Number, Surface

METHODS: dict[str, str] = {
    "batch": "Gradient descent (batch)",
    "sgd": "SGD (1 sample)",
    "minibatch": "Mini-batch SGD",
    "momentum": "Momentum",
    "nesterov": "Nesterov",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSProp",
    "adam": "Adam",
    "adamw": "AdamW",
}
SCHEDULES = ("constant", "step", "exponential", "cosine", "warmup")
BLOCK = 5000  # paths in one array pass: arrays of 80 kB, small enough that malloc reuses the same pages


def sqrt(x: Number) -> Number:
    """Square root of a float or of an array; both round correctly, so both give the same bits."""
    return math.sqrt(x) if type(x) is float else np.sqrt(x)


# --- The update rules ---------------------------------------------------------------------------------------


def gradient_descent(theta: Number, g: Number, state: Number, lr: Number) -> tuple[Number, Number, Number]:
    """θ ← θ − η g (Cauchy 1847; Robbins and Monro 1951 for a sampled g). Stateless.

    Trace: (step_size = η, update).
    """
    if type(g) is not float:  # arrays, or lists
        theta, g = np.asarray(theta), np.asarray(g)
    update = -lr * g
    return theta + update, state, (lr, update)


def momentum(
    theta: Number, g: Number, state: Number, lr: Number, momentum: float = 0.9
) -> tuple[Number, Number, Number]:
    """m ← μ m + g, θ ← θ − η m (Polyak 1964).

    As in torch, η multiplies the whole buffer, so a change of η acts on past gradients too (Polyak and
    Sutskever et al. 2013 put it inside). Trace: (m, step_size = η, update).
    """
    if type(g) is not float:  # arrays, or lists
        theta, g = np.asarray(theta), np.asarray(g)
    m = momentum * state + g
    update = -lr * m
    return theta + update, m, (m, lr, update)


def nesterov(
    theta: Number, g: Number, state: Number, lr: Number, momentum: float = 0.9
) -> tuple[Number, Number, Number]:
    """m ← μ m + g, θ ← θ − η (g + μ m) (Nesterov 1983).

    torch's form, which takes the gradient at θ itself: θ here is the look-ahead point θ + μv of Sutskever et
    al. 2013. Trace: (m, step_size = η, update).
    """
    if type(g) is not float:  # arrays, or lists
        theta, g = np.asarray(theta), np.asarray(g)
    m = momentum * state + g
    update = -lr * (g + momentum * m)
    return theta + update, m, (m, lr, update)


def adagrad(theta: Number, g: Number, state: Number, lr: Number, eps: float = 1e-10) -> tuple[Number, Number, Number]:
    """v ← v + g², θ ← θ − η g / (√v + ε) (Duchi, Hazan and Singer 2011).

    Trace: (v, step_size = η / (√v + ε), update).
    """
    if type(g) is not float:  # arrays, or lists
        theta, g = np.asarray(theta), np.asarray(g)
    v = state + g * g
    scale = sqrt(v) + eps
    update = -lr * g / scale
    return theta + update, v, (v, lr / scale, update)


def rmsprop(
    theta: Number, g: Number, state: Number, lr: Number, decay: float = 0.99, eps: float = 1e-8
) -> tuple[Number, Number, Number]:
    """v ← ρ v + (1 − ρ) g², θ ← θ − η g / (√v + ε) (Tieleman and Hinton 2012, lecture 6.5).

    Trace: (v, step_size = η / (√v + ε), update).
    """
    if type(g) is not float:  # arrays, or lists
        theta, g = np.asarray(theta), np.asarray(g)
    v = decay * state + (1 - decay) * (g * g)
    scale = sqrt(v) + eps
    update = -lr * g / scale
    return theta + update, v, (v, lr / scale, update)


def adam(
    theta: Number,
    g: Number,
    state: Number,
    lr: Number,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    bias_correction: bool = True,
) -> tuple[Number, Number, Number]:
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − η m̂ / (√v̂ + ε) (Kingma and Ba 2015).

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) undo the pull of the zero start; without `bias_correction` they
    are m and v. State: (m, v, t). Trace: (m, v, m̂, v̂, step_size = η / (√v̂ + ε), update).
    """
    if type(g) is not float:  # arrays, or lists
        theta, g = np.asarray(theta), np.asarray(g)
    m, v, t = state
    t += 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * (g * g)
    m_hat = m / (1 - beta1**t) if bias_correction else m
    v_hat = v / (1 - beta2**t) if bias_correction else v
    step_size = lr / (sqrt(v_hat) + eps)
    update = -step_size * m_hat
    return theta + update, (m, v, t), (m, v, m_hat, v_hat, step_size, update)


def adamw(
    theta: Number,
    g: Number,
    state: Number,
    lr: Number,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    bias_correction: bool = True,
    weight_decay: float = 0.01,
) -> tuple[Number, Number, Number]:
    """θ ← θ − η λ θ, then a step of Adam (Loshchilov and Hutter 2019, algorithm 2).

    The decay is decoupled: it never enters m or v. As in torch it is multiplied by η (the paper's schedule
    multiplier alone). State and trace are Adam's; `update` includes the decay.
    """
    if type(g) is not float:  # arrays, or lists
        theta, g = np.asarray(theta), np.asarray(g)
    decayed = theta * (1 - lr * weight_decay)
    new, state, trace = adam(decayed, g, state, lr, beta1, beta2, eps, bias_correction)
    return new, state, (*trace[:-1], new - theta)


# --- Settings -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hyperparameters:
    """What each method takes besides the learning rate; torch's defaults.

    μ of `momentum` and of `nesterov`, ρ of `rmsprop`, β₁, β₂, ε and bias correction of Adam and AdamW (ε of
    RMSProp too, AdaGrad has its own), λ of AdamW, and the batch size of "minibatch" and of stochastic
    gradients. μ, ρ, β in [0, 1), ε > 0, λ ≥ 0, batch_size ≥ 1; anything else raises ValueError.
    """

    momentum: float = 0.9
    nesterov_momentum: float = 0.9
    rmsprop_decay: float = 0.99
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.01
    bias_correction: bool = True
    batch_size: int = 16
    adagrad_eps: float = 1e-10

    def __post_init__(self) -> None:
        """Check every value."""
        for name in ("momentum", "nesterov_momentum", "rmsprop_decay", "beta1", "beta2"):
            finite_number(name, getattr(self, name), 0, 1, under=True)
        for name in ("eps", "adagrad_eps"):
            finite_number(name, getattr(self, name), 0, above=True)
        finite_number("weight_decay", self.weight_decay, 0)
        whole_number("batch_size", self.batch_size, 1)


@dataclass(frozen=True)
class Schedule:
    """A learning-rate schedule: one of SCHEDULES and its options, see the function `schedule`."""

    kind: str = "constant"
    decay: float = 0.5
    every: int = 50
    warmup: int = 50

    def __post_init__(self) -> None:
        """Check every value."""
        one_of("schedule", self.kind, SCHEDULES)
        finite_number("decay", self.decay, 0, 1, above=True)
        whole_number("every", self.every, 1)
        whole_number("warmup", self.warmup, 1)


def schedule(kind: str, lr: ArrayLike, n_steps: int, *, decay: float = 0.5, every: int = 50, warmup: int = 50) -> Array:
    """Learning rate η_t of each step t = 0 … n_steps − 1: (n_steps,), or (n_steps, L) for L values of `lr`.

    - constant: η
    - step: η · decay^⌊t / every⌋
    - exponential: η · decay^(t / every), the smooth form of step
    - cosine: η · ½ (1 + cos(π t / n_steps)) (Loshchilov and Hutter 2017, without restarts)
    - warmup: η · min(1, (t + 1) / warmup), linear, then constant

    Raises ValueError for an unknown kind, lr ≤ 0, n_steps, every or warmup < 1, or decay outside (0, 1].
    """
    Schedule(kind, decay, every, warmup)
    whole_number("n_steps", n_steps, 1)
    lr = float_array("lr", lr)
    if not (lr > 0).all():
        raise ValueError(f"lr is {lr.tolist()!r}: finite numbers above 0 are allowed")
    t = np.arange(n_steps)
    factors: dict[str, Callable[[], Any]] = {
        "constant": lambda: np.ones(n_steps),
        "step": lambda: decay ** (t // every),
        "exponential": lambda: decay ** (t / every),
        "cosine": lambda: 0.5 * (1 + np.cos(np.pi * t / n_steps)),
        "warmup": lambda: np.minimum(1, (t + 1) / warmup),
    }
    rates: Array = np.multiply.outer(factors[kind](), lr)
    return rates


# --- One path -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Path:
    """The points an optimizer visited in T steps, and what every step used. Every number is finite.

    `theta` (T + 1, 2), `loss` (T + 1,) the surface's value there, `evaluations` (T + 1,) the gradient
    evaluations spent so far, counted in samples; per step, `lr` (T,), `g`, `step_size`, `update` (T, 2), and
    `m`, `v`, `m_hat`, `v_hat` (T, 2), None where the method has no such thing. `step_size` multiplies the
    gradient (or m, m̂), `update` is Δθ. `diverged_at` is None, or T + 1: the number of the first step, counted
    from 1, whose result is not finite or has a coordinate beyond 10⁶ times the surface's largest range bound
    (see `divergence_limit`); that step is left out.
    """

    theta: Array
    loss: Array
    g: Array
    m: Array | None
    v: Array | None
    m_hat: Array | None
    v_hat: Array | None
    step_size: Array
    update: Array
    lr: Array
    evaluations: NDArray[np.int64]
    diverged_at: int | None


def descend(
    surface: Surface,
    method: str,
    start: ArrayLike,
    n_steps: int,
    lr: float,
    hyper: Hyperparameters = Hyperparameters(),
    *,
    schedule: Schedule = Schedule(),
    noise: float = 0.0,
    stochastic: bool = False,
    seed: int = 0,
) -> Path:
    """Walk `n_steps` steps of `method` (a key of METHODS) over `surface` from `start`, recording everything.

    Which gradient: "batch" the full one, "sgd" one sample's, "minibatch" that of `hyper.batch_size` samples;
    the other methods the full one, or with `stochastic` a mini-batch's. On a `DataLoss` (which ignores
    `noise`), batches are cut from a stream of seeded permutations of the samples, one per epoch; unlike
    torch's DataLoader a batch may straddle two epochs, so all have the same size. On another surface Gaussian
    noise stands in for sampling, of standard deviation `noise` per coordinate for one sample,
    noise/√batch_size for a mini-batch, none for the full gradient. The same seed draws the same noise and the
    same permutations whatever the method.

    Raises ValueError for an unknown method, a start that is not two finite numbers within
    `divergence_limit(surface)`, n_steps < 1, lr ≤ 0, noise < 0, or a batch larger than the data.
    """
    rates: list[float] = _rates(schedule, finite_number("lr", lr, 0, above=True), n_steps).tolist()
    rule = _rule(method)
    gradients, cost = _gradients(surface, method, n_steps, hyper, noise, stochastic, seed)
    limit = divergence_limit(surface)
    first = _check_starts(float_vector("start", start, limit)[None], limit)
    x, y = map(float, first[0])

    step, state_x, state_y = rule.step(hyper), rule.zero_state, rule.zero_state
    record: list[float] = []
    for rate, gradient in zip(rates, gradients, strict=True):
        gx, gy = gradient(x, y)
        x, state_x, trace_x = step(x, gx, state_x, rate)
        y, state_y, trace_y = step(y, gy, state_y, rate)
        if not (-limit <= x <= limit and -limit <= y <= limit):
            break
        record += x, y, gx, gy
        record += trace_x
        record += trace_y

    table = np.array(array("d", record)).reshape(-1, 4 + 2 * len(rule.columns))
    T = len(table)
    theta = np.vstack([first, table[:, :2]])
    traces = table[:, 4:].reshape(T, 2, len(rule.columns))
    columns = {name: traces[:, :, k] for k, name in enumerate(rule.columns)}
    return Path(
        theta=theta,
        loss=surface.value(theta[:, 0], theta[:, 1]),
        g=table[:, 2:4],
        m=columns.get("m"),
        v=columns.get("v"),
        m_hat=columns.get("m_hat"),
        v_hat=columns.get("v_hat"),
        step_size=columns["step_size"],
        update=columns["update"],
        lr=np.array(rates[:T]),
        evaluations=cost * np.arange(T + 1),
        diverged_at=T + 1 if n_steps > T else None,
    )


def divergence_limit(surface: Surface) -> float:
    """Largest |coordinate| of a path that has not diverged: 10⁶ times the surface's largest range bound."""
    return 1e6 * max(abs(bound) for bound in (*surface.x_range, *surface.y_range))


# --- Many paths in one pass ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """The loss after the last step for each learning rate. All three arrays are (L,).

    Where `diverged`, `final_loss` is the loss at the start. `best` is the index of the lowest final loss
    among the rates that did not diverge; if all did, that of the smallest rate.
    """

    lrs: Array
    final_loss: Array
    diverged: NDArray[np.bool_]
    best: int


def sensitivity(
    surface: Surface,
    method: str,
    start: ArrayLike,
    n_steps: int,
    lrs: ArrayLike,
    hyper: Hyperparameters = Hyperparameters(),
    *,
    schedule: Schedule = Schedule(),
    noise: float = 0.0,
    stochastic: bool = False,
    seed: int = 0,
) -> Sensitivity:
    """Final loss of `descend` for every learning rate of `lrs` (L,), in one array pass.

    Arguments and errors as for `descend`. All rates see the same noise and the same batches.
    """
    lrs = float_array("lrs", lrs)
    if lrs.ndim != 1 or lrs.size == 0:
        raise ValueError(f"lrs have shape {lrs.shape}: one learning rate or more in one dimension is allowed")
    rates = _rates(schedule, lrs, n_steps)
    starts = _check_starts(float_vector("start", start)[None], divergence_limit(surface)).repeat(lrs.size, axis=0)
    gradients, _ = _gradients(surface, method, n_steps, hyper, noise, stochastic, seed)
    theta, diverged = _descend_all(surface, method, starts, rates, hyper, gradients)
    end = np.where(diverged[:, None], starts, theta)
    final_loss = surface.value(end[:, 0], end[:, 1])
    best = np.argmin(lrs) if diverged.all() else np.argmin(np.where(diverged, np.inf, final_loss))
    return Sensitivity(lrs, final_loss, diverged, int(best))


def tune(
    surface: Surface,
    method: str,
    start: ArrayLike,
    n_steps: int,
    lrs: ArrayLike,
    hyper: Hyperparameters = Hyperparameters(),
    *,
    schedule: Schedule = Schedule(),
    noise: float = 0.0,
    stochastic: bool = False,
    seed: int = 0,
) -> float:
    """Return the learning rate of `lrs` with the lowest final loss among those that do not diverge.

    Arguments and errors as for `sensitivity`.
    """
    result = sensitivity(
        surface,
        method,
        start,
        n_steps,
        lrs,
        hyper,
        schedule=schedule,
        noise=noise,
        stochastic=stochastic,
        seed=seed,
    )
    return float(result.lrs[result.best])


def basins(
    surface: Surface,
    method: str,
    starts: ArrayLike,
    n_steps: int,
    lr: float,
    hyper: Hyperparameters = Hyperparameters(),
    *,
    schedule: Schedule = Schedule(),
    noise: float = 0.0,
    stochastic: bool = False,
    seed: int = 0,
    tolerance: float = 0.02,
) -> NDArray[np.int64]:
    """Which minimum each of the `starts` (N, 2) reaches in `n_steps`: indices into `surface.minima`, (N,).

    −1 where the end is farther from every known minimum than `tolerance` times the wider range of the
    surface, −2 where the path diverged. Other arguments and errors as for `descend`; tolerance ≤ 0 raises
    ValueError.
    """
    finite_number("tolerance", tolerance, 0, above=True)
    rates = _rates(schedule, finite_number("lr", lr, 0, above=True), n_steps)
    starts = _check_starts(starts, divergence_limit(surface))
    gradients, _ = _gradients(surface, method, n_steps, hyper, noise, stochastic, seed)
    theta, diverged = _descend_all(surface, method, starts, rates, hyper, gradients)
    if not surface.minima:
        return np.where(diverged, -2, -1)
    offset = np.where(diverged, 0, theta.T)[:, :, None] - np.array(surface.minima).T[:, None, :]
    distance = np.hypot(offset[0], offset[1])  # (N, number of minima)
    reach = tolerance * max(np.ptp(surface.x_range), np.ptp(surface.y_range))
    labels = np.where(distance.min(axis=1) <= reach, distance.argmin(axis=1), -1)
    return np.where(diverged, -2, labels)


def _descend_all(
    surface: Surface,
    method: str,
    starts: Array,
    rates: Array,
    hyper: Hyperparameters,
    gradients: list[Gradient],
) -> tuple[Array, NDArray[np.bool_]]:
    """End points (N, 2) and divergence flags (N,) of N paths, `rates` being (n_steps,) or (n_steps, N).

    The paths go through all steps in blocks of BLOCK. A diverged path keeps running among the others, through
    infinities and NaNs; its end point means nothing.
    """
    rule, limit = _rule(method), divergence_limit(surface)
    step = rule.step(hyper)
    ends, diverged = np.empty_like(starts), np.empty(len(starts), dtype=bool)
    for i in range(0, len(starts), BLOCK):
        block = slice(i, i + BLOCK)
        theta, state = starts[block].T.copy(), rule.zero_state
        g, size, peak = np.empty_like(theta), np.empty_like(theta), np.abs(theta)  # the same memory at every step
        with np.errstate(all="ignore"):
            for rate, gradient in zip(rates[:, block] if rates.ndim > 1 else rates, gradients, strict=True):
                g[0], g[1] = gradient(theta[0], theta[1])
                theta, state, _ = step(theta, g, state, rate)
                np.maximum(peak, np.abs(theta, out=size), out=peak)  # a NaN stays
        ends[block], diverged[block] = theta.T, ~(peak.max(axis=0) <= limit)
    return ends, diverged


# --- What every path needs ----------------------------------------------------------------------------------


Step = Callable[[Any, Any, Any, Any], tuple[Any, Any, Any]]  # (θ, g, state, lr) → (θ, state, trace)


class _Rule(NamedTuple):
    step: Callable[[Hyperparameters], Step]  # the update rule with its hyperparameters filled in
    zero_state: Any
    columns: tuple[str, ...]  # the names of the trace


def _adam_step(h: Hyperparameters) -> Step:
    return lambda x, g, state, lr: adam(x, g, state, lr, h.beta1, h.beta2, h.eps, h.bias_correction)


def _adamw_step(h: Hyperparameters) -> Step:
    return lambda x, g, state, lr: adamw(x, g, state, lr, h.beta1, h.beta2, h.eps, h.bias_correction, h.weight_decay)


_PLAIN = _Rule(lambda h: gradient_descent, 0.0, ("step_size", "update"))
_MOMENTUM_COLUMNS = ("m", "step_size", "update")
_SQUARES_COLUMNS = ("v", "step_size", "update")
_ADAM_COLUMNS = ("m", "v", "m_hat", "v_hat", "step_size", "update")
_RULES = {
    "batch": _PLAIN,
    "sgd": _PLAIN,
    "minibatch": _PLAIN,
    "momentum": _Rule(lambda h: lambda x, g, state, lr: momentum(x, g, state, lr, h.momentum), 0.0, _MOMENTUM_COLUMNS),
    "nesterov": _Rule(
        lambda h: lambda x, g, state, lr: nesterov(x, g, state, lr, h.nesterov_momentum), 0.0, _MOMENTUM_COLUMNS
    ),
    "adagrad": _Rule(lambda h: lambda x, g, state, lr: adagrad(x, g, state, lr, h.adagrad_eps), 0.0, _SQUARES_COLUMNS),
    "rmsprop": _Rule(
        lambda h: lambda x, g, state, lr: rmsprop(x, g, state, lr, h.rmsprop_decay, h.eps), 0.0, _SQUARES_COLUMNS
    ),
    "adam": _Rule(_adam_step, (0.0, 0.0, 0), _ADAM_COLUMNS),
    "adamw": _Rule(_adamw_step, (0.0, 0.0, 0), _ADAM_COLUMNS),
}


def _rule(method: str) -> _Rule:
    one_of("method", method, METHODS)
    return _RULES[method]


def update_rule(method: str, hyper: Hyperparameters = Hyperparameters()) -> tuple[Step, Any]:
    """Return the update rule (θ, g, state, lr) → (θ, state, trace) of `method`, and the state to start from."""
    rule = _rule(method)
    return rule.step(hyper), rule.zero_state


def _rates(plan: Schedule, lr: ArrayLike, n_steps: int) -> Array:
    return schedule(plan.kind, lr, n_steps, decay=plan.decay, every=plan.every, warmup=plan.warmup)


def _gradients(
    surface: Surface,
    method: str,
    n_steps: int,
    hyper: Hyperparameters,
    noise: float,
    stochastic: bool,
    seed: int,
) -> tuple[list[Gradient], int]:
    """Return the gradient function (x, y) → (gx, gy) of every step, and the cost of a step in samples."""
    _rule(method)
    finite_number("noise", noise, 0)
    whole_number("seed", seed, 0, MAX_SEED)
    sampled = method in ("sgd", "minibatch") or (stochastic and method != "batch")
    batch_size = 1 if method == "sgd" else hyper.batch_size
    if isinstance(surface, DataLoss):
        if not sampled:
            return [surface.gradient] * n_steps, surface.n_samples
        batches = epoch_batches(surface.n_samples, batch_size, n_steps, np.random.default_rng(seed))
        return surface.batch_gradients(batches), batch_size
    if not (sampled and noise):
        return [surface.gradient] * n_steps, 1

    def noisy(ex: float, ey: float) -> Gradient:
        def gradient(x: Number, y: Number) -> tuple[Number, Number]:
            gx, gy = surface.gradient(x, y)
            return gx + ex, gy + ey

        return gradient

    errors = noise / math.sqrt(batch_size) * np.random.default_rng(seed).standard_normal((n_steps, 2))
    return [noisy(ex, ey) for ex, ey in errors.tolist()], 1


def epoch_batches(n_samples: int, batch_size: int, n_batches: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Sample indices (n_batches, batch_size), cut from a stream of permutations of range(n_samples).

    Each epoch of n_samples draws touches every sample exactly once. Raises ValueError unless
    1 ≤ batch_size ≤ n_samples.
    """
    whole_number("batch_size", batch_size, 1, n_samples)
    needed = n_batches * batch_size
    epochs = [rng.permutation(n_samples) for _ in range(math.ceil(needed / n_samples))]
    return np.concatenate(epochs)[:needed].reshape(n_batches, batch_size)


def _check_starts(starts: ArrayLike, limit: float) -> Array:
    points = float_array("start", starts, limit)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(f"start has shape {points.shape[1:]}: two numbers (x, y) are allowed")
    return points
