"""Softmax over the last axis."""

import numpy as np

from mlcore.transformer import softmax
from pages.practice.challenge import Probe

RNG = np.random.default_rng(1)
REFERENCE = {"softmax": softmax}


def sums_to_one(p, x):
    """Each row of an answer is a distribution."""
    p = np.asarray(p)
    if p.shape != np.shape(x):
        return f"The shape is {p.shape}; {np.shape(x)} was expected."
    worst = np.abs(p.sum(axis=-1) - 1).max()
    return "" if worst < 1e-12 and (p >= 0).all() else f"A row sums to 1 only within {worst:.1g}."


PROBES = [
    Probe("a batch of three rows", (RNG.normal(size=(3, 5)),)),
    Probe("a single vector", (RNG.normal(size=4),)),
    Probe("three dimensions, classes on the last axis", (RNG.normal(size=(2, 3, 4)),)),
    Probe("rows sum to 1", (10 * RNG.normal(size=(4, 3)),), judge=sums_to_one),
    Probe("rows of very different size", (np.array([[0.0, 1.0], [900.0, 901.0]]),)),
    Probe("large logits: 1000, 1001, 1002", (np.array([1000.0, 1001.0, 1002.0]),)),
    Probe("all logits −10 000", (np.full(4, -1e4),)),
    Probe("logits far apart in one row: −2000 and 0", (np.array([-2000.0, 0.0]),)),
    Probe("integer logits", (np.array([1, 2, 3]),)),
]


def no_shift(x):
    """`exp` overflows: exp(1000) is inf and inf / inf is nan; and where all logits are −10 000, all exponentials are 0,
    so 0 / 0. Subtract each row's maximum first: it cancels in the ratio."""
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)


def over_everything(x):
    """You divide by the sum of the whole array; each row must sum to 1. Sum over the last axis: `keepdims=True`."""
    e = np.exp(x - np.max(x))
    return e / e.sum()


def over_axis_0(x):
    """You normalise over axis 0; the classes are on the last axis."""
    e = np.exp(x - np.max(x, axis=0))
    return e / e.sum(axis=0)


def over_axis_1(x):
    """You normalise over axis 1, which a vector has not, and which in three dimensions is not the last one: take
    `axis=-1`."""
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def within(bound):
    """The softmax of logits that are kept within a bound."""

    def bounded(x):
        """You bound the logits so that `exp` does not overflow, which makes all beyond the bound equal. Subtract each
        row's maximum instead: nothing overflows, and no difference is lost."""
        e = np.exp(np.clip(x, -bound, bound))
        return e / e.sum(axis=-1, keepdims=True)

    return bounded


def log_softmax(x):
    """That is the logarithm of the softmax."""
    return np.log(softmax(x))


def global_shift(x):
    """You subtract one maximum of the whole array; a row far below it underflows to 0 / 0. Each row needs its own
    maximum: `x.max(axis=-1, keepdims=True)`."""
    e = np.exp(x - np.max(x))
    return e / e.sum(axis=-1, keepdims=True)


def shift_by_another(x):
    """You subtract each row's minimum (or its mean): the largest logit of a row can still be far above that, and then
    `exp` overflows. Subtract the maximum, so that no exponent is above 0."""
    e = np.exp(x - np.min(x, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def in_place(x):
    """You work in place, which changes the caller's `x`. Write `x - x.max(…)`, which makes a new array, instead of
    `x -= …`."""
    x -= x.max(axis=-1, keepdims=True)
    return softmax(x)


def not_normalised(x):
    """The exponentials are not divided by their sum."""
    return np.exp(x - np.max(x, axis=-1, keepdims=True))


MISTAKES = [
    {"softmax": wrong}
    for wrong in (
        no_shift,
        over_everything,
        over_axis_0,
        over_axis_1,
        log_softmax,
        global_shift,
        shift_by_another,
        in_place,
        not_normalised,
        *map(within, (20, 50, 100, 500, 700, 709)),
    )
]
