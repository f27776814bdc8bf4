"""Cross-entropy from logits, and its gradient: the loss that the transformer lab trains with."""

import numpy as np

from mlcore import transformer
from pages.practice.challenge import Probe

RNG = np.random.default_rng(2)
REFERENCE = {
    "cross_entropy": lambda logits, labels: transformer.cross_entropy(logits, labels)[0],
    "cross_entropy_gradient": lambda logits, labels: transformer.cross_entropy(logits, labels)[1],
}


def exact_loss(logits, labels):
    """The mean of log Σ exp(logits) − logits[label]."""
    z = logits - logits.max(axis=-1, keepdims=True)
    return (np.log(np.exp(z).sum(axis=-1)) - z[np.arange(len(z)), labels]).mean()


def without_a_ceiling(loss, logits, labels):
    """The loss of one row grows with the margin, however large that is."""
    loss, want = np.asarray(loss) * 1.0, exact_loss(logits, labels)
    if loss.shape != ():
        return f"The shape is {loss.shape}; one number was expected."
    if np.isclose(loss, want, rtol=1e-6):
        return ""
    if 0 < loss < want:
        return (
            f"The loss is {loss:.6g}; {want:.6g} was expected. A number added to the probability, or bounding it, puts "
            f"a ceiling on the loss, −log({np.exp(-loss):.1g}) here. Compute log p from the logits instead."
        )
    return f"The loss is {loss:.6g}; {want:.6g} was expected."


def slope_of_the_loss(gradient, logits, labels):
    """A gradient agrees with central differences of the loss."""
    gradient, h = np.asarray(gradient), 1e-5
    if gradient.shape != logits.shape:
        return f"The shape is {gradient.shape}; {logits.shape} was expected."
    for where in np.ndindex(logits.shape):
        move = np.zeros(logits.shape)
        move[where] = h
        slope = (exact_loss(logits + move, labels) - exact_loss(logits - move, labels)) / (2 * h)
        if not abs(gradient[where] - slope) < 1e-7:
            return f"Entry {list(where)} is {gradient[where]:.6g}; the loss rises there by {slope:.6g} a unit."
    return ""


FOUR = RNG.normal(size=(4, 3)).round(2), np.array([2, 0, 1, 1])
APART = np.array([[0.0, 1.0, 2.0], [900.0, 902.0, 901.0]]), np.array([0, 2])
WRONG = np.array([[0.0, 1e4, 0.0]]), np.array([0])
RIGHT = np.array([[1e4, 0.0, 0.0], [0.0, 0.0, 1e4]]), np.array([0, 2])
OF_GRADIENT = "cross_entropy_gradient"

PROBES = [
    Probe("four rows, three classes", FOUR),
    Probe("a single row", (RNG.normal(size=(1, 4)).round(2), np.array([3]))),
    Probe("all logits 0, five classes: log 5", (np.zeros((3, 5)), np.array([4, 0, 4]))),
    Probe("every logit raised by 1000", (FOUR[0] + 1000, FOUR[1])),
    Probe("sure and wrong, a margin of 10 000", WRONG, judge=without_a_ceiling),
    Probe("sure and right, a margin of 10 000", RIGHT),
    Probe("rows of very different size", APART),
    Probe("integer logits", (np.array([[1, 3], [2, 0], [0, 0]]), np.array([0, 0, 1]))),
    Probe("gradient: four rows, three classes", FOUR, OF_GRADIENT),
    Probe(
        "gradient: against central differences",
        (RNG.normal(size=(3, 4)).round(2), np.array([3, 3, 0])),
        OF_GRADIENT,
        slope_of_the_loss,
    ),
    Probe("gradient: rows of very different size", APART, OF_GRADIENT),
    Probe("gradient: sure and wrong, a margin of 10 000", WRONG, OF_GRADIENT),
]


def picked(log_p, labels):
    """Minus the mean of each row's entry at its label."""
    return -log_p[np.arange(len(labels)), labels].mean()


def unshifted(logits):
    """Softmax as it is written."""
    e = np.exp(logits)
    return e / e.sum(axis=-1, keepdims=True)


def log_of_naive_softmax(logits, labels):
    """`exp` overflows: exp(1000) is inf, and inf / inf is nan. Subtracting each row's maximum mends that, but a
    probability below about 5e-324 is still 0, and its logarithm −inf. So do not take the logarithm of a softmax: use
    log p = z − log Σ exp z with z = logits − max."""
    return picked(np.log(unshifted(logits)), labels)


def naive_log_sum_exp(logits, labels):
    """log Σ exp(logits) overflows: exp(1000) is inf. Take each row's maximum m out first,
    log Σ exp x = m + log Σ exp(x − m)."""
    return picked(logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True)), labels)


def one_maximum(logits, labels):
    """You subtract one maximum of the whole array: all exponentials of a row far below it are 0, and log 0 is −inf.
    Each row needs its own maximum: `logits.max(axis=1, keepdims=True)`."""
    z = logits - np.max(logits)
    return picked(z - np.log(np.exp(z).sum(axis=-1, keepdims=True)), labels)


def log_of_softmax(logits, labels):
    """You take the logarithm of a softmax. A probability below about 5e-324 is 0 in double precision and its logarithm
    −inf, so one answer that is sure and wrong makes the loss infinite. Stay with logarithms: log p = z − log Σ exp z
    with z = logits − max."""
    return picked(np.log(transformer.softmax(logits)), labels)


def one_hot_times_log(logits, labels):
    """A one-hot matrix times log(softmax) gives this: where a probability is 0 that is 0 · (−inf) = nan, even if the
    prediction is right. Pick the label's entry by index, and compute log p = z − log Σ exp z without the softmax."""
    return -(np.eye(logits.shape[1])[labels] * np.log(transformer.softmax(logits))).sum(axis=1).mean()


def constant(eps, bounded):
    """The logarithm of a softmax that is kept from 0 by so small a number."""

    def added_constant(logits, labels):
        """The small number that you add to the probability (or bound it by) keeps log from 0, but it puts a ceiling on
        the loss: 27.6 for 1e-12. Beyond it the loss has no slope. The form log p = z − log Σ exp z needs no such
        number."""
        p = transformer.softmax(logits)
        return picked(np.log(np.clip(p, eps, 1 - eps) if bounded else p + eps), labels)

    return added_constant


def summed(logits, labels):
    """You sum over the rows; the mean was asked for. With the sum, the loss and the right learning rate grow with the
    batch size."""
    return len(labels) * exact_loss(logits, labels)


def without_minus(logits, labels):
    """The sign is wrong: log p is never above 0 and the loss, −log p, never below it."""
    return -exact_loss(logits, labels)


def every_label_for_every_row(logits, labels):
    """This is what `log_p[:, labels]` gives: the columns of all labels for every row, n × n numbers. One entry a row is
    `log_p[np.arange(n), labels]`."""
    z = logits - np.log(np.exp(logits - logits.max()).sum(axis=1, keepdims=True)) - logits.max()
    return -z[:, labels].mean()


def rows_by_label(logits, labels):
    """This is what `log_p[labels]` gives: whole rows, as many as there are labels, averaged over all classes. The label
    is the column: `log_p[np.arange(n), labels]`."""
    return -np.log(transformer.softmax(logits)[labels]).mean()


def mean_over_classes(logits, labels):
    """The loss is K times too small, as when all n · K entries of one-hot times log p are averaged. Each row has one
    term only: divide by n."""
    return exact_loss(logits, labels) / logits.shape[1]


def classes_down(logits, labels):
    """You normalise over axis 0, the rows of the batch; the classes are on axis 1."""
    z = logits - logits.max(axis=0)
    return picked(z - np.log(np.exp(z).sum(axis=0)), labels)


def softmax_twice(logits, labels):
    """You apply softmax twice: the log-sum-exp already is the softmax's, it wants the logits. (The same mistake in
    PyTorch is a softmax layer before `CrossEntropyLoss`; it trains, only badly.)"""
    return exact_loss(transformer.softmax(logits), labels)


def in_bits(logits, labels):
    """You take the logarithm to base 2; the natural one was asked for."""
    return exact_loss(logits, labels) / np.log(2)


def gradient_of_the_sum(logits, labels):
    """That is the gradient of the sum. The loss is the mean over n rows, so divide by n."""
    return len(labels) * transformer.cross_entropy(logits, labels)[1]


def uphill(logits, labels):
    """The gradient has the wrong sign: it is softmax minus one-hot. Descent with yours would climb."""
    return -transformer.cross_entropy(logits, labels)[1]


def without_one_hot(logits, labels):
    """The one-hot part is missing: subtract 1 at each row's label before you divide by n. Every row of the gradient
    sums to 0."""
    return transformer.softmax(logits) / len(labels)


def naive_gradient(logits, labels):
    """The softmax inside the gradient overflows: exp(900) is inf and inf / inf is nan. Subtract each row's maximum
    first, here too."""
    g = unshifted(logits)
    g[np.arange(len(labels)), labels] -= 1
    return g / len(labels)


def one_off_every_row(logits, labels):
    """This is what `g[:, labels] -= 1` gives, which subtracts 1 from these columns in every row. One entry a row is
    `g[np.arange(n), labels] -= 1`."""
    g = transformer.softmax(logits)
    g[:, labels] -= 1
    return g / len(labels)


MISTAKES = [  # those that fail elsewhere too come after those that only fail here
    *(
        {"cross_entropy": wrong}
        for wrong in (
            one_maximum,
            log_of_softmax,
            one_hot_times_log,
            log_of_naive_softmax,
            naive_log_sum_exp,
            *(
                constant(eps, how)
                for eps in (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5)
                for how in (False, True)
            ),
            summed,
            without_minus,
            every_label_for_every_row,
            rows_by_label,
            mean_over_classes,
            classes_down,
            softmax_twice,
            in_bits,
        )
    ),
    *(
        {OF_GRADIENT: wrong}
        for wrong in (gradient_of_the_sum, uphill, without_one_hot, naive_gradient, one_off_every_row)
    ),
]
