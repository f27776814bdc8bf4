"""Scaled dot-product attention with a mask."""

import numpy as np

from mlcore import transformer
from pages.practice.challenge import Probe

RNG = np.random.default_rng(10)


def attention(Q, K, V, mask):
    """(output, weights) of softmax(Q Kᵀ / √d) V; a query that may look nowhere gets zeros."""
    steps = transformer.attention(Q, K, V, mask)
    return steps.output, steps.weights


REFERENCE = {"attention": attention}


def weights_are_shares(answer, Q, K, V, mask):
    """Every row of weights is a distribution over the keys that may be looked at."""
    weights = np.asarray(answer[1], dtype=float)
    wanted = (*Q.shape[:-1], K.shape[-2])
    if weights.shape != wanted:
        return f"The weights have shape {weights.shape}; {wanted} was expected."
    if not (weights >= 0).all():
        return "Some weights are negative or nan."
    worst = np.abs(weights.sum(axis=-1) - 1).max()
    if worst > 1e-9:
        return f"The weights of a query sum to 1 only within {worst:.2g}."
    hidden = np.where(mask, 0, weights).max()
    return f"A hidden key has the weight {hidden:.3g}." if hidden > 0 else ""


def is_the_mean_of_what_is_seen(answer, Q, K, V, mask):
    """Queries of 0 match all keys alike: the output is the plain mean of the values that may be looked at."""
    output = np.asarray(answer[0], dtype=float)
    want = np.array([V[row].mean(axis=0) for row in mask])
    if output.shape != want.shape:
        return f"The shape is {output.shape}; {want.shape} was expected."
    if np.allclose(output, want, rtol=1e-9, atol=1e-12):
        return ""
    return "All scores are equal here, so each output must be the plain mean of the values that its query may see."


def normal(*shape):
    """Numbers of two digits, which are short to write down."""
    return RNG.normal(size=shape).round(2)


def foreign(key_or_value):
    """The same array, its last two rows replaced by enormous numbers."""
    changed = key_or_value.copy()
    changed[-2:] = [[1e6], [-1e6]]
    return changed


QUERIES, KEYS, VALUES = normal(3, 4), normal(5, 4), normal(5, 2)
SOME = np.array([[1, 1, 0, 0, 1], [0, 1, 1, 0, 0], [1, 1, 1, 1, 1]], dtype=bool)
FIRST = np.tile(np.arange(5) < 3, (3, 1))
ORDER = np.array([3, 0, 4, 1, 2])
CAUSAL = np.tri(4, dtype=bool)
NOWHERE = np.array([[1, 0, 1], [0, 0, 0]], dtype=bool)
PROBES = [
    Probe("three queries, five keys, no mask", (QUERIES, KEYS, VALUES, None)),
    Probe("some keys hidden", (QUERIES, KEYS, VALUES, SOME)),
    Probe("weights are ≥ 0, sum to 1, and are 0 where hidden", (QUERIES, KEYS, VALUES, SOME), judge=weights_are_shares),
    Probe("a causal mask", (normal(4, 3), normal(4, 3), normal(4, 3), CAUSAL)),
    Probe("enormous keys and values, hidden, have no influence", (QUERIES, foreign(KEYS), foreign(VALUES), FIRST)),
    Probe("keys and values in another order", (QUERIES, KEYS[ORDER], VALUES[ORDER], SOME[:, ORDER])),
    Probe(
        "queries of 0: the mean of what may be seen",
        (0 * QUERIES, KEYS, VALUES, SOME),
        judge=is_the_mean_of_what_is_seen,
    ),
    Probe("scores of ten thousand", (100 * QUERIES, 100 * KEYS, VALUES, None)),
    Probe("a query that may look nowhere gets zeros", (normal(2, 4), normal(3, 4), normal(3, 2), NOWHERE)),
    Probe("a batch of two with two heads", (normal(2, 2, 2, 3), normal(2, 2, 3, 3), normal(2, 2, 3, 2), None)),
    Probe(
        "a batch with a mask of its own for each sequence",
        (normal(2, 2, 3), normal(2, 3, 3), normal(2, 3, 1), np.array([[[1, 0, 0]], [[1, 1, 1]]], dtype=bool)),
    ),
    Probe("a single key", (QUERIES, KEYS[:1], VALUES[:1], None)),
]


def _wrong(Q, K, V, mask, how):
    """The usual program with one thing wrong in it."""
    d = {"by d": Q.shape[-1] ** 2, "by d_v": V.shape[-1], "by keys": K.shape[-2], "none": 1, "times": 1 / Q.shape[-1]}
    scores = Q @ (K.T if how == "T" else K.swapaxes(-1, -2)) / np.sqrt(d.get(how, Q.shape[-1]))
    if how == "none hides" and mask is None:
        mask = False
    if mask is not None:
        shown = ~mask if how.startswith("inverted") else mask
        if how == "zero scores":
            scores = scores * shown
        elif how in ("minus 1e9", "inverted 1e9"):
            scores = np.where(shown, scores, -1e9)
        elif how == "plus minus 1e9":
            scores = scores + np.where(shown, 0, -1e9)
        elif how == "added":
            scores = scores + shown
        elif how == "minus 1e9 where shown":
            scores = scores + np.where(shown, -1e9, 0)
        elif how not in ("afterwards", "ignored"):
            scores = np.where(shown, scores, -np.inf)
    axis = {"over queries": -2, "over all": (-2, -1)}.get(how, -1)
    top = scores.max(axis=axis, keepdims=True)
    e = np.exp(scores - (0 if how == "no shift" else top if how == "nan" else np.where(np.isinf(top), 0, top)))
    total = e.sum(axis=axis, keepdims=True)
    weights = e / (total if how in ("nan", "no shift") else np.where(total == 0, 1, total))
    if how == "afterwards" and mask is not None:
        weights = weights * mask
    return weights @ V, weights


def not_scaled(*args):
    """The scores are not divided by √d: their variance grows with d, the softmax saturates, and hardly a gradient comes
    through. Divide by `np.sqrt(Q.shape[-1])`."""
    return _wrong(*args, "none")


def scaled_by_d(*args):
    """You divide by d; by √d the scores of independent entries keep the variance 1, by d they shrink towards 0 and the
    weights towards equal."""
    return _wrong(*args, "by d")


def scaled_by_d_v(*args):
    """You divide by the root of the values' length; the sum in a score runs over the entries of query and key:
    √Q.shape[-1]."""
    return _wrong(*args, "by d_v")


def scaled_by_keys(*args):
    """You divide by the root of the number of keys; the sum in a score runs over the d entries of a query:
    √Q.shape[-1]."""
    return _wrong(*args, "by keys")


def multiplied(*args):
    """You multiply by √d; the scores are to be divided by it."""
    return _wrong(*args, "times")


def over_queries(*args):
    """The softmax runs over the queries. Each query shares its attention among the keys: the last axis of the
    scores."""
    return _wrong(*args, "over queries")


def over_all(*args):
    """The softmax runs over the whole matrix of scores; each query has a distribution of its own: the last axis
    alone."""
    return _wrong(*args, "over all")


def masked_afterwards(*args):
    """The mask comes after the softmax: hidden keys have taken their share of the sum already, so the rest no longer
    sums to 1, and depends on what was to be hidden. Set their scores to −∞ before the softmax."""
    return _wrong(*args, "afterwards")


def renormalised(*args):
    """The hidden keys are taken out after the exponential. In exact arithmetic the rest can be divided by its own sum,
    but the maximum that you subtracted was perhaps a hidden key's: then everything that may be seen underflows to 0.
    Set hidden scores to −∞ before you take the maximum."""
    output, weights = renormalised_bare(*args)
    return np.nan_to_num(output), np.nan_to_num(weights)


def renormalised_bare(Q, K, V, mask):
    """The hidden keys are taken out after the exponential. The maximum that you subtracted was perhaps a hidden key's,
    so that everything that may be seen underflows and 0 / 0 is nan, as it is where a query may look nowhere. Set hidden
    scores to −∞ before you take the maximum, and replace a sum of 0 by 1."""
    weights = _wrong(Q, K, V, mask, "ignored")[1] * (1 if mask is None else mask)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ V, weights


def zero_scores(*args):
    """Hidden keys get the score 0, and e⁰ is 1: they keep a weight. Set their scores to −∞, whose exponential is 0."""
    return _wrong(*args, "zero scores")


def mask_added(*args):
    """You add the mask to the scores. It is boolean here, so that raises the visible scores by 1 and hides nothing:
    set the others to −∞, `np.where(mask, scores, -np.inf)`."""
    return _wrong(*args, "added")


def inverted(*args):
    """The mask is the wrong way round: here True marks a key that may be looked at."""
    return _wrong(*args, "inverted")


def inverted_1e9(*args):
    """`mask * -1e9` pushes down the keys that may be looked at: here True marks those. Set the scores of the others to
    −∞ (not −10⁹, which cancels where it is added to a whole row): `np.where(mask, scores, -np.inf)`."""
    return _wrong(*args, "minus 1e9 where shown")


def inverted_by_where(*args):
    """The mask is the wrong way round: here True marks a key that may be looked at. And take −∞ in place of −10⁹, which
    leaves a query that may look nowhere with equal weights."""
    return _wrong(*args, "inverted 1e9")


def none_hides(*args):
    """Without a mask every key is hidden: `np.where(None, …)` does that, since it takes None for False. Use the mask
    only if it is not None."""
    return _wrong(*args, "none hides")


def mask_ignored(*args):
    """The mask is not used: hidden keys get weight."""
    return _wrong(*args, "ignored")


def nan_row(*args):
    """A query that may look nowhere has a row of −∞: −∞ − (−∞) is nan, and so is 0 / 0. Such a row must give zeros:
    replace the maximum −∞ by 0 before you subtract it, and a sum of 0 by 1 before you divide."""
    return _wrong(*args, "nan")


def minus_1e9(*args):
    """A query that may look nowhere averages all the values that it must not see, as when hidden scores are set to
    −10⁹, not to −∞, and so are equal. Use −∞, and give such a row zeros."""
    return _wrong(*args, "minus 1e9")


def plus_minus_1e9(*args):
    """A query that may look nowhere looks at the keys as if there were no mask. So it does where −10⁹ is added to
    hidden scores: where all are hidden, that cancels in the softmax. Use −∞, and give such a row zeros."""
    return _wrong(*args, "plus minus 1e9")


def no_shift(*args):
    """`exp` of a large score overflows: inf / inf is nan. Subtract each row's maximum first."""
    return _wrong(*args, "no shift")


def T_of_all_axes(*args):
    """With a batch this is what `K.T` gives, which reverses all axes. Swap the last two: `K.swapaxes(-1, -2)`."""
    return _wrong(*args, "T")


def keys_for_values(Q, K, V, mask):
    """The weights average the keys; what a query takes away are the values: `weights @ V`."""
    weights = attention(Q, K, V, mask)[1]
    return weights @ K, weights


MISTAKES = [
    {"attention": wrong}
    for wrong in (
        not_scaled,
        scaled_by_d,
        scaled_by_d_v,
        scaled_by_keys,
        multiplied,
        over_queries,
        over_all,
        masked_afterwards,
        nan_row,  # before what fails there too
        renormalised,
        renormalised_bare,
        zero_scores,
        mask_added,
        inverted,
        inverted_1e9,
        inverted_by_where,
        none_hides,
        mask_ignored,
        minus_1e9,
        plus_minus_1e9,
        no_shift,
        T_of_all_axes,
        keys_for_values,
    )
]
