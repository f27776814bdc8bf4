"""Batch normalisation: a step in training, at test time, and the gradient."""

import numpy as np

from mlcore import neural_network as nn
from pages.practice.challenge import Probe

RNG = np.random.default_rng(11)
EPS = nn.NORM_EPS
SHARE = nn.RUNNING_MOMENTUM


def _layer(x, gamma, beta):
    """A linear network with identity matrices around one batch norm: what it normalises is `x` itself."""
    d = x.shape[1]
    network = nn.Network(d, (d,), d, activation="linear", loss="squared_error", normalisation="batch")
    identity, zeros = np.eye(d).ravel(), np.zeros(d)
    return network, np.concatenate([identity, zeros, gamma, beta, identity, zeros])


def batch_norm_train(x, gamma, beta, running_mean, running_var):
    """(y, running mean, running variance): normalised by the batch; the running statistics move towards it."""
    passed = nn.forward(*_layer(x, gamma, beta), x)
    norm = passed.hidden[0].norm
    batch = np.stack([norm.mean[0], norm.variance[0] * len(x) / (len(x) - 1)])
    running = np.stack([running_mean, running_var])
    return passed.output, *(running + SHARE * (batch - running))


def batch_norm_eval(x, gamma, beta, running_mean, running_var):
    """y: normalised by the running statistics."""
    return nn.forward(*_layer(x, gamma, beta), x, running=np.stack([running_mean, running_var])).output


def batch_norm_backward(dy, x, gamma):
    """(dx, dgamma, dbeta) of a loss whose gradient with respect to y, in training, is dy."""
    network, params = _layer(x, gamma, np.zeros_like(gamma))
    gradient, deltas = nn.backward(network, params, nn.forward(network, params, x), dy)
    layer = nn.unpack(network, gradient)[0]
    return deltas[0], layer.scale[0], layer.shift[0]


REFERENCE = {
    "batch_norm_train": batch_norm_train,
    "batch_norm_eval": batch_norm_eval,
    "batch_norm_backward": batch_norm_backward,
}


def is_standardised(answer, x, *_):
    """With γ = 1 and β = 0 each column has mean 0 and variance 1, but for what ε takes."""
    y = np.asarray(answer[0], dtype=float)
    if y.shape != x.shape:
        return f"The shape of y is {y.shape}; {x.shape} was expected."
    mean, variance = y.mean(axis=0), y.var(axis=0)
    if not np.abs(mean).max() < 1e-9:
        return f"A column of y has the mean {mean[np.argmax(np.abs(mean))]:.3g}; it must be 0."
    wanted = x.var(axis=0) / (x.var(axis=0) + 1e-5)
    worst = np.argmax(np.abs(variance - wanted))
    if not abs(variance[worst] - wanted[worst]) < 1e-7:
        return f"A column of y has the variance {variance[worst]:.6g}; {wanted[worst]:.6g} was expected."
    return ""


def agrees_with_differences(answer, dy, x, gamma):
    """Each gradient against central differences of Σ dy · y."""

    def loss(x, gamma, beta):
        return np.sum(dy * ((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) * gamma + beta))

    arrays = [x, gamma, np.zeros_like(gamma)]
    for name, a, g in zip(("x", "γ", "β"), arrays, answer, strict=True):
        g = np.asarray(g, dtype=float)
        if g.shape != a.shape:
            return f"The gradient of {name} has shape {g.shape}; {a.shape} was expected."
        numeric = np.zeros_like(a)
        for i in np.ndindex(a.shape):
            here = a[i]
            a[i] = here + 1e-5
            up = loss(*arrays)
            a[i] = here - 1e-5
            numeric[i] = (up - loss(*arrays)) / 2e-5
            a[i] = here
        error = np.linalg.norm(g - numeric) / (np.linalg.norm(g) + np.linalg.norm(numeric) + 1e-12)
        if not error < 1e-6:
            return f"The gradient of {name} differs from central differences by a relative error of {error:.2g}."
    return ""


def ignores_a_common_shift(answer, dy, x, gamma):
    """y does not change when a constant is added to a column of x, so each column of dx sums to 0."""
    dx = np.asarray(answer[0], dtype=float)
    if dx.shape != x.shape:
        return f"The shape of dx is {dx.shape}; {x.shape} was expected."
    worst = np.abs(dx.sum(axis=0)).max()
    return "" if worst < 1e-9 else f"A column of dx sums to {worst:.3g}: adding a constant to x would change y."


X, GAMMA, BETA = (
    RNG.normal([0, 5, -1], [1, 3, 0.2], (6, 3)).round(2),
    np.array([1.5, -0.5, 2.0]),
    RNG.normal(size=3).round(2),
)
DY = RNG.normal(size=(6, 3)).round(2)
MEAN, VAR = np.array([0.2, 4.0, -1.0]), np.array([1.1, 7.0, 0.05])
FLAT = X * [1, 1, 0] + [0, 0, 3]
PROBES = [
    Probe("a step in training: y and the running statistics", (X, GAMMA, BETA, MEAN, VAR)),
    Probe(
        "γ = 1, β = 0: columns of mean 0 and variance 1", (X, np.ones(3), np.zeros(3), MEAN, VAR), judge=is_standardised
    ),
    Probe("a batch of two", (X[:2], GAMMA, BETA, MEAN, VAR)),
    Probe("a column without any spread", (FLAT, GAMMA, BETA, MEAN, VAR)),
    Probe("the first step: running mean 0, variance 1", (X, GAMMA, BETA, np.zeros(3), np.ones(3))),
    Probe(
        "a column around a million",
        (RNG.normal([1e6, 0], 1, (6, 2)).round(2), np.ones(2), np.zeros(2), np.zeros(2), np.ones(2)),
    ),
    Probe("at test time", (X, GAMMA, BETA, MEAN, VAR), function="batch_norm_eval"),
    Probe("at test time, one row alone", (X[:1], GAMMA, BETA, MEAN, VAR), function="batch_norm_eval"),
    Probe(
        "at test time, a row in other company",
        (X[[0]] * [[1], [9], [-9]], GAMMA, BETA, MEAN, VAR),
        function="batch_norm_eval",
    ),
    Probe("at test time, a running variance of 0", (X[:2], GAMMA, BETA, MEAN, np.zeros(3)), function="batch_norm_eval"),
    Probe("the gradients", (DY, X, GAMMA), function="batch_norm_backward"),
    Probe(
        "the gradients against central differences",
        (DY, X, GAMMA),
        function="batch_norm_backward",
        judge=agrees_with_differences,
    ),
    Probe(
        "a shift of x changes nothing: columns of dx sum to 0",
        (DY, X, GAMMA),
        function="batch_norm_backward",
        judge=ignores_a_common_shift,
    ),
    Probe("the gradients in a batch of two", (DY[:2], X[:2], GAMMA), function="batch_norm_backward"),
]


def _train(x, gamma, beta, running_mean, running_var, how):
    """A step in training with one thing wrong in it."""
    axis = 1 if how == "rows" else 0
    mean = x.mean(axis=axis, keepdims=True)
    variance = x.var(axis=axis, ddof=1 if how == "n − 1" else 0, keepdims=True)
    if how == "two means":
        variance = (x**2).mean(axis=0, keepdims=True) - mean**2
    eps = 0 if how == "no eps" else how if isinstance(how, float) else 1e-5
    deviation = np.sqrt(variance) + eps if how == "eps outside" else np.sqrt(variance + eps)
    x_hat = (x - mean) / (deviation**2 if how == "no root" else deviation)
    y = x_hat if how == "no scale" else gamma * x_hat + beta
    kept = 0.1 if how == "swapped" else 0.9
    batch_mean, batch_var = x.mean(axis=0), x.var(axis=0, ddof=0 if how == "running n" else 1)
    if how == "running deviation":
        batch_var = np.sqrt(batch_var)
    if how == "two means":
        batch_var = variance[0] * len(x) / (len(x) - 1)
    if how == "replaced":
        return y, batch_mean, batch_var
    if how == "not moved":
        return y, running_mean, running_var
    return y, kept * running_mean + (1 - kept) * batch_mean, kept * running_var + (1 - kept) * batch_var


def n_less_1(*args):
    """The variance that normalises is divided by n − 1; batch norm divides it by n (`np.var` without ddof). The n − 1
    belongs to the running variance alone, an estimate for data not seen."""
    return _train(*args, "n − 1")


def running_by_n(*args):
    """The running variance takes the batch's divided by n; here it takes the unbiased one, divided by n − 1
    (`ddof=1`), as in PyTorch: in small batches the other is too small at test time."""
    return _train(*args, "running n")


def shares_swapped(*args):
    """The shares are swapped: the running statistics keep 0.9 of themselves and take 0.1 of the batch. (Keras calls
    the 0.9 momentum, PyTorch the 0.1.)"""
    return _train(*args, "swapped")


def replaced(*args):
    """The running statistics are replaced by those of the last batch; they move towards them by a tenth."""
    return _train(*args, "replaced")


def not_moved(*args):
    """The running statistics come back as they were: in training they move towards the batch's by a tenth."""
    return _train(*args, "not moved")


def running_deviation(*args):
    """The running variance holds a standard deviation: average the variance, and take the root only to divide."""
    return _train(*args, "running deviation")


def over_rows(*args):
    """Each row is normalised over its features: that is layer norm. Batch norm takes mean and variance of each column,
    over the batch: axis 0."""
    return _train(*args, "rows")


def no_eps(*args):
    """ε is missing: a column in which all values are equal has variance 0, and 0 / 0 is nan."""
    return _train(*args, "no eps")


def with_eps(eps):
    """The three functions with another ε."""

    def other_eps(*args):
        """Your ε is not the 1e-5 that was asked for: where a column has little spread, it decides the answer."""
        return _train(*args, eps)

    def other_eps_in_eval(x, gamma, beta, running_mean, running_var):
        """At test time your ε is not the 1e-5 that was asked for."""
        return (x - running_mean) / np.sqrt(running_var + eps) * gamma + beta

    def other_eps_backward(*args):
        """In the gradients your ε is not the 1e-5 that was asked for."""
        return _backward(*args, eps)

    return (
        {"batch_norm_train": other_eps},
        {"batch_norm_eval": other_eps_in_eval},
        {"batch_norm_backward": other_eps_backward},
    )


def eps_outside(*args):
    """ε is added to the standard deviation; it belongs under the root: √(variance + ε)."""
    return _train(*args, "eps outside")


def no_root(*args):
    """You divide by the variance; divide by its root."""
    return _train(*args, "no root")


def no_scale(*args):
    """γ and β are missing: y = γ x̂ + β."""
    return _train(*args, "no scale")


def two_means(*args):
    """The variance is computed as mean(x²) − mean(x)². With a mean of a million the two agree in all but their last
    digits, and what is left is rounding, or negative. Subtract the mean first, then average the squares."""
    return _train(*args, "two means")


def eval_by_batch(x, gamma, beta, running_mean, running_var):
    """At test time you normalise by the batch's own statistics: a prediction then depends on its company, and a row
    alone becomes β whatever it holds. Use the running mean and variance."""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) + beta


def eval_without_eps(x, gamma, beta, running_mean, running_var):
    """At test time ε is missing: with a running variance of 0 you divide by 0. Use √(running variance + ε), as in
    training."""
    return (x - running_mean) / np.sqrt(running_var) * gamma + beta


def eval_without_root(x, gamma, beta, running_mean, running_var):
    """At test time you divide by the running variance; divide by its root."""
    return (x - running_mean) / (running_var + 1e-5) * gamma + beta


def eval_without_scale(x, gamma, beta, running_mean, running_var):
    """At test time γ and β are missing."""
    return (x - running_mean) / np.sqrt(running_var + 1e-5)


def _backward(dy, x, gamma, how):
    """The gradients with one thing wrong in them."""
    inverse_std = 1 / np.sqrt(x.var(axis=0) + (0 if how == "no eps" else how if isinstance(how, float) else 1e-5))
    x_hat = (x - x.mean(axis=0)) * inverse_std
    g = dy if how == "no gamma" else dy * gamma
    dx = g
    if how not in ("constants", "mean is constant"):
        dx = dx - (g.sum(axis=0) if how == "sums" else g.mean(axis=0))
    if how not in ("constants", "deviation is constant"):
        dx = dx - x_hat * (g * x_hat).mean(axis=0)
    dx = dx * (1 if how == "no deviation" else inverse_std)
    dgamma = (dy * (x if how == "x for x_hat" else x_hat)).sum(axis=0)
    dbeta = dy.sum(axis=0)
    if how == "means":
        return dx, dgamma / len(x), dbeta / len(x)
    return dx, dgamma, dbeta


def constants(*args):
    """dx treats mean and variance as constants: γ dy / σ. Both are computed from x, so each row acts on all rows; two
    terms are missing, −mean(g) and −x̂ mean(g x̂), where g = γ dy."""
    return _backward(*args, "constants")


def mean_is_constant(*args):
    """dx ignores that the mean depends on x: subtract mean(g) over the batch, g = γ dy. Without it a column of dx does
    not sum to 0."""
    return _backward(*args, "mean is constant")


def deviation_is_constant(*args):
    """dx ignores that the variance depends on x: subtract x̂ mean(g x̂), g = γ dy."""
    return _backward(*args, "deviation is constant")


def sums_for_means(*args):
    """In dx the sum of g over the batch stands where its mean belongs: the mean of x passes 1/n to each row."""
    return _backward(*args, "sums")


def dx_without_gamma(*args):
    """γ is missing in dx: the gradient with respect to x̂ is γ dy."""
    return _backward(*args, "no gamma")


def dx_without_deviation(*args):
    """dx is not divided by the standard deviation: x̂ = (x − mean) / σ, so its derivative holds 1 / σ."""
    return _backward(*args, "no deviation")


def backward_without_eps(*args):
    """ε is missing in the gradients, or far below 1e-5: y was divided by √(variance + ε), so that is what is
    differentiated."""
    return _backward(*args, "no eps")


def dgamma_with_x(*args):
    """The gradient of γ uses x; γ multiplies x̂, so it is Σ dy x̂ over the batch."""
    return _backward(*args, "x for x_hat")


def means_for_sums(*args):
    """The gradients of γ and β are means over the batch. They serve every row, so their gradients are sums; the 1/n of
    a mean loss is in dy already."""
    return _backward(*args, "means")


MISTAKES = [
    *(
        {"batch_norm_train": wrong}
        for wrong in (
            n_less_1,
            running_by_n,
            shares_swapped,
            replaced,
            not_moved,
            running_deviation,
            over_rows,
            no_eps,
            eps_outside,
            no_root,
            no_scale,
            two_means,
        )
    ),
    *({"batch_norm_eval": wrong} for wrong in (eval_by_batch, eval_without_eps, eval_without_root, eval_without_scale)),
    *(
        {"batch_norm_backward": wrong}
        for wrong in (
            constants,
            mean_is_constant,
            deviation_is_constant,
            sums_for_means,
            dx_without_gamma,
            dx_without_deviation,
            backward_without_eps,
            dgamma_with_x,
            means_for_sums,
        )
    ),
    *(mistake for eps in (1e-3, 1e-6, 1e-7, 1e-8) for mistake in with_eps(eps)),
]
