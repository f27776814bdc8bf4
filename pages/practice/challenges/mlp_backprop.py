"""Backpropagation through a network of two layers: ReLU, then softmax and cross-entropy."""

import numpy as np

from mlcore import neural_network as nn
from pages.practice.challenge import Probe

RNG = np.random.default_rng(9)


def loss_and_gradients(X, y, W1, b1, W2, b2):
    """The mean cross-entropy and its gradients with respect to W1, b1, W2, b2."""
    network = nn.Network(W1.shape[0], (W1.shape[1],), W2.shape[1], activation="relu")
    params = np.concatenate([part.ravel() for part in (W1, b1, W2, b2)])
    loss, gradient = nn.loss_and_gradient(network, params, X, y)
    first, second = nn.unpack(network, gradient)
    return float(loss), first.weights, first.biases[0], second.weights, second.biases[0]


def train_step(X, y, W1, b1, W2, b2, lr):
    """The parameters after one step of gradient descent."""
    return _moved(loss_and_gradients, X, y, (W1, b1, W2, b2), lr)


def _moved(loss_and_gradients, X, y, params, lr):
    """Every parameter less lr times its gradient, all gradients taken before any of them moves."""
    gradients = loss_and_gradients(X, y, *params)[1:]
    return tuple(p - lr * g for p, g in zip(params, gradients, strict=True))


REFERENCE = {"loss_and_gradients": loss_and_gradients, "train_step": train_step}


def losses(z, y):
    """Cross-entropy of each row of logits, from the logits themselves."""
    z = z - z.max(axis=1, keepdims=True)
    return np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]


def mean_loss(X, y, W1, b1, W2, b2):
    """The mean cross-entropy alone, to differentiate numerically."""
    return losses(np.maximum(X @ W1 + b1, 0) @ W2 + b2, y).mean()


def agrees_with_differences(answer, X, y, *params):
    """Each gradient against central differences of the loss, by relative error."""
    for name, p, g in zip(("W1", "b1", "W2", "b2"), params, answer[1:], strict=True):
        g = np.asarray(g, dtype=float)
        if g.shape != p.shape:
            return f"The gradient of {name} has shape {g.shape}; {p.shape} was expected."
        numeric = np.zeros_like(p)
        for i in np.ndindex(p.shape):
            here = p[i]
            p[i] = here + 1e-5
            up = mean_loss(X, y, *params)
            p[i] = here - 1e-5
            numeric[i] = (up - mean_loss(X, y, *params)) / 2e-5
            p[i] = here
        error = np.linalg.norm(g - numeric) / (np.linalg.norm(g) + np.linalg.norm(numeric) + 1e-12)
        if not error < 1e-6:
            return f"The gradient of {name} differs from central differences by a relative error of {error:.2g}."
    return ""


def logits_pull_both_ways(answer, *_):
    """p − y sums to 0 over the classes, and so does the gradient of b2."""
    total = float(np.sum(answer[4]))
    return "" if abs(total) < 1e-10 else f"The gradient of b2 sums to {total:.3g}; over the classes p − y sums to 0."


def network(inputs, hidden, classes):
    """Random parameters."""
    shapes = ((inputs, hidden), (hidden,), (hidden, classes), (classes,))
    return tuple(RNG.normal(size=shape).round(2) for shape in shapes)


BATCH, LABELS = RNG.normal(size=(5, 3)).round(2), np.array([0, 2, 1, 1, 0])
NET = network(3, 4, 3)
LARGE = (np.array([[1.0], [2.0], [-1.0]]), np.array([0, 1, 1]), np.ones((1, 2)), np.zeros(2))
PROBES = [
    Probe("a batch of five, three classes", (BATCH, LABELS, *NET)),
    Probe("every gradient against central differences", (BATCH, LABELS, *NET), judge=agrees_with_differences),
    Probe("a single sample", (BATCH[:1], LABELS[:1], *NET)),
    Probe("one sample given three times over: nothing changes", (BATCH[[0, 0, 0]], LABELS[[0, 0, 0]], *NET)),
    Probe("as many hidden units as inputs and classes", (BATCH, LABELS, *network(3, 3, 3))),
    Probe("a dead unit passes no gradient on", (BATCH, LABELS, NET[0], np.array([-50.0, 0.1, 0.2, 0.3]), *NET[2:])),
    Probe("a unit whose z is exactly 0", (BATCH, LABELS, NET[0] * [0, 1, 1, 1], NET[1] * [0, 1, 1, 1], *NET[2:])),
    Probe("all parameters 0: the loss is log of the classes", (BATCH, LABELS, *map(np.zeros_like, NET))),
    Probe("the gradient of b2 sums to 0", (BATCH, LABELS, *NET), judge=logits_pull_both_ways),
    Probe("logits of 1000 and 2000", (*LARGE, np.array([[1000.0, 0.0], [0.0, 500.0]]), np.zeros(2))),
    Probe("a step of gradient descent", (BATCH, LABELS, *NET, 0.5), function="train_step"),
    Probe(
        "a step with a single hidden unit and two classes",
        (BATCH, LABELS % 2, *network(3, 1, 2), 0.1),
        function="train_step",
    ),
]


def _wrong(X, y, W1, b1, W2, b2, how):
    """The usual program with one thing wrong in it."""
    n = len(X)
    z1 = X @ W1 + b1
    a1 = z1 if how == "no relu" else np.maximum(z1, 0)
    z2 = a1 @ W2 + b2
    axis = 0 if how == "over the batch" else 1
    e = np.exp(z2 if how == "no shift" else z2 - z2.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    each = -np.log(p[np.arange(n), y]) if how in ("log of 0", "no shift", "over the batch") else losses(z2, y)
    if isinstance(how, float):
        each = -np.log(p[np.arange(n), y] + how)
    t = np.eye(z2.shape[1])[y]
    d2 = {"no target": p, "target minus p": t - p, "softmax twice": p * (1 - p) * (p - t)}.get(how, p - t)
    if how not in ("sum", "all sums"):
        d2 = d2 / n
    d1 = (d2 * (z2 > 0) if how == "mask of the output" else d2) @ W2.T
    if how == "times relu":
        d1 = d1 * a1
    elif how not in ("no mask", "no relu", "mask of the output"):
        d1 = d1 * (z1 >= 0 if how == "open at 0" else z1 > 0)
    db1, db2 = d1.sum(axis=0), d2.sum(axis=0)
    if how == "bias per sample":
        db1, db2 = d1, d2
    if how == "bias mean":
        db1, db2 = d1.mean(axis=0), d2.mean(axis=0)
    if how == "bias over units":
        db1, db2 = d1.sum(axis=1), d2.sum(axis=1)
    dW1, dW2 = X.T @ d1, a1.T @ d2
    if how == "transposed":
        dW1, dW2 = dW1.T, dW2.T
    if how == "z for a":
        dW2 = z1.T @ d2
    return each.sum() if how == "all sums" else each.mean(), dW1, db1, dW2, db2


def no_mask(*args):
    """The ReLU's derivative is missing: δ of the hidden layer is (δ₂ W2ᵀ) where z₁ > 0 and 0 elsewhere, since a unit
    that was cut off has no influence on the loss. Multiply by `z1 > 0`."""
    return _wrong(*args, "no mask")


def mask_of_the_output(*args):
    """The mask is taken from the output layer. There is no ReLU on the logits; mask by the hidden layer's own z₁, after
    the product with W2ᵀ: `(d2 @ W2.T) * (z1 > 0)`."""
    return _wrong(*args, "mask of the output")


def open_at_0(*args):
    """The error passes where z₁ is exactly 0 (`>=`). The derivative of ReLU there counts as 0, as in the usual
    libraries: mask by `z1 > 0`."""
    return _wrong(*args, "open at 0")


def times_relu(*args):
    """You multiply by ReLU(z₁) on the way back; the chain rule asks for its derivative, which is 1 where z₁ > 0 and 0
    elsewhere: `(z1 > 0)`."""
    return _wrong(*args, "times relu")


def no_relu(*args):
    """The ReLU is missing: without it two layers are one linear layer."""
    return _wrong(*args, "no relu")


def bias_per_sample(*args):
    """The gradients of the biases are not summed over the batch: one bias serves every sample, so its gradient is the
    sum of their δ. Use `.sum(axis=0)`."""
    return _wrong(*args, "bias per sample")


def bias_mean(*args):
    """The gradients of the biases are divided by n twice: δ holds the 1/n of the mean loss already, so sum it over the
    batch."""
    return _wrong(*args, "bias mean")


def bias_over_units(*args):
    """The gradients of the biases are summed over the units, not over the batch: use axis 0."""
    return _wrong(*args, "bias over units")


def transposed(*args):
    """The gradients of the weights are transposed. A gradient has the shape of its parameter: `a.T @ delta`, (inputs,
    outputs)."""
    return _wrong(*args, "transposed")


def gradient_sum(*args):
    """The gradients are not divided by n, though the loss is a mean: they are those of the sum, and the step grows with
    the batch. Divide p − y by n."""
    return _wrong(*args, "sum")


def all_sums(*args):
    """Loss and gradients are sums over the batch; means were asked for. With sums the right learning rate depends on
    the batch size."""
    return _wrong(*args, "all sums")


def no_target(*args):
    """The way back starts with δ = p; the label is missing. For softmax with cross-entropy δ = (p − y) / n, y
    one-hot."""
    return _wrong(*args, "no target")


def target_minus_p(*args):
    """Every gradient has the wrong sign: δ of the logits is p − y, not y − p. A step would climb."""
    return _wrong(*args, "target minus p")


def softmax_twice(*args):
    """The derivative p (1 − p) stands beside p − y. In p − y the softmax's Jacobian is contained already: it is what is
    left of it and of the logarithm's 1/p."""
    return _wrong(*args, "softmax twice")


def no_shift(*args):
    """`exp` of a large logit overflows: inf / inf is nan. Subtract each row's maximum first."""
    return _wrong(*args, "no shift")


def log_of_0(*args):
    """The loss takes the logarithm of a probability that has underflowed to 0: it is inf where a finite number is
    right. Compute it from the logits: log Σ exp(z − max) − (z_y − max)."""
    return _wrong(*args, "log of 0")


def constant(eps):
    """The loss with so small a number inside the logarithm."""

    def added_constant(*args):
        """The small number inside the logarithm keeps it from log 0, but it puts a ceiling on the loss, 20.7 for 1e-9.
        Compute the loss from the logits: log Σ exp(z − max) − (z_y − max)."""
        return _wrong(*args, eps)

    return added_constant


def over_the_batch(*args):
    """The softmax runs over the batch; it belongs to each row: axis 1."""
    return _wrong(*args, "over the batch")


def z_for_a(*args):
    """The gradient of W2 uses z₁, what the layer had before its ReLU; W2 was fed a₁ = max(z₁, 0): `a1.T @ d2`."""
    return _wrong(*args, "z for a")


def W2_first(X, y, W1, b1, W2, b2, lr):
    """W2 is updated before the error is sent back through it: the gradients of the first layer are then those of
    another network. Compute all gradients first, then move."""
    _, _, _, dW2, db2 = loss_and_gradients(X, y, W1, b1, W2, b2)
    n, z1 = len(X), X @ W1 + b1
    z2 = np.maximum(z1, 0) @ W2 + b2
    e = np.exp(z2 - z2.max(axis=1, keepdims=True))
    W2 = W2 - lr * dW2
    d1 = ((e / e.sum(axis=1, keepdims=True) - np.eye(len(b2))[y]) / n @ W2.T) * (z1 > 0)
    return W1 - lr * X.T @ d1, b1 - lr * d1.sum(axis=0), W2, b2 - lr * db2


def layer_by_layer(X, y, W1, b1, W2, b2, lr):
    """The gradients are computed anew after the second layer has moved. One step uses the gradients of one point:
    compute all four, then move all four."""
    _, _, _, dW2, db2 = loss_and_gradients(X, y, W1, b1, W2, b2)
    W2, b2 = W2 - lr * dW2, b2 - lr * db2
    _, dW1, db1, _, _ = loss_and_gradients(X, y, W1, b1, W2, b2)
    return W1 - lr * dW1, b1 - lr * db1, W2, b2


def climbs(X, y, W1, b1, W2, b2, lr):
    """The step adds the gradients, and the loss rises: subtract them."""
    return train_step(X, y, W1, b1, W2, b2, -lr)


MISTAKES = [
    *(
        {
            "loss_and_gradients": wrong,
            "train_step": lambda X, y, W1, b1, W2, b2, lr, wrong=wrong: _moved(wrong, X, y, (W1, b1, W2, b2), lr),
        }
        for wrong in (
            no_mask,
            mask_of_the_output,
            open_at_0,
            times_relu,
            no_relu,
            bias_per_sample,
            bias_mean,
            bias_over_units,
            transposed,
            gradient_sum,
            all_sums,
            no_target,
            target_minus_p,
            softmax_twice,
            no_shift,
            log_of_0,
            *map(constant, (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5)),
            over_the_batch,
            z_for_a,
        )
    ),
    *({"train_step": wrong} for wrong in (W2_first, layer_by_layer, climbs)),
]
