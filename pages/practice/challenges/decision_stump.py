"""The best split of a decision tree's node, by Gini impurity: a decision stump."""

import numpy as np

from pages.practice.challenge import Probe

RNG = np.random.default_rng(13)


def best_split(X, y):
    """Find the cut "feature ≤ threshold" that lowers the Gini impurity most (Breiman et al. 1984, CART).

    X: (n, d); y: class labels, (n,). Candidates are the midpoints between neighbouring distinct values of a feature.
    Returns (feature, threshold, gain), the first of several equally good ones; (−1, nan, 0.0) where no cut gains.
    """
    best = (-1, np.nan, 0.0)
    member = (y[:, None] == np.unique(y)).astype(float)  # (n, classes)
    parent = 1 - (member.mean(axis=0) ** 2).sum()
    n = len(y)
    left_size = np.arange(1, n)
    for feature, values in enumerate(X.T):
        order = np.argsort(values, kind="stable")
        values = values[order]
        left = np.cumsum(member[order], axis=0)  # (n, classes) counts among the first 1 … n rows
        right = left[-1] - left[:-1]
        pure = (left[:-1] ** 2).sum(axis=1) / left_size + (right**2).sum(axis=1) / (n - left_size)
        gain = np.where(values[1:] > values[:-1], parent - (1 - pure / n), -1.0)  # equal values stay together
        if n > 1 and gain.max() > max(best[2], 0) + 1e-12:
            cut = int(gain.argmax())
            best = (feature, float((values[cut] + values[cut + 1]) / 2), float(gain[cut]))
    return best


REFERENCE = {"best_split": best_split}


def gini(labels):
    """1 − Σ share²: the chance that two rows drawn with replacement are of different classes."""
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    return 1 - (shares**2).sum()


def every_split(X, y):
    """All candidates, as (feature, threshold, gain), one by one."""
    found = []
    for feature in range(X.shape[1]):
        values = np.unique(X[:, feature])
        for threshold in (values[:-1] + values[1:]) / 2:
            left = X[:, feature] <= threshold
            after = left.mean() * gini(y[left]) + (~left).mean() * gini(y[~left])
            found.append((feature, threshold, gini(y) - after))
    return found


def any_of_the_best(answer, X, y):
    """Replace a split that is as good as the best by the first of those."""
    feature, threshold, gain = answer
    candidates = every_split(X, y)
    best = [split for split in candidates if split[2] > max(s[2] for s in candidates) - 1e-9]
    for split in best:
        if np.allclose((feature, threshold, gain), split, rtol=1e-6, atol=1e-10):
            return best[0]
    return feature, float(threshold), gain


CANONICAL = {"best_split": any_of_the_best}


def gain_is_that_of_the_split(answer, X, y):
    """The impurity really falls by what is said when the rows are cut there, and that is more than nothing."""
    feature, threshold, gain = answer
    if feature not in range(X.shape[1]):
        return f"The feature is {feature}; one of 0 to {X.shape[1] - 1} was expected."
    left = X[:, int(feature)] <= threshold
    if left.all() or not left.any():
        return f"The cut at {threshold:.6g} leaves one side empty."
    true = gini(y) - left.mean() * gini(y[left]) - (~left).mean() * gini(y[~left])
    if abs(true - gain) > 1e-6:
        return f"You say that the gain is {gain:.6g}; this cut's is {true:.6g}."
    return "" if gain > 0 else "The gain of a cut is never below 0, and here there is one above."


def _blobs(n, d, classes, shift):
    """Rows of so many classes whose feature 1 depends on the class."""
    y = RNG.integers(classes, size=n)
    X = RNG.normal(size=(n, d))
    X[:, 1] += shift * y
    return X.round(2), y


PROBES = [
    Probe(
        "one feature, two classes apart",
        (np.array([[1.0], [2.0], [3.0], [10.0], [11.0]]), np.array([0, 0, 0, 1, 1])),
    ),
    Probe("the second of three features is the best", _blobs(16, 3, 2, 2.0)),
    Probe(
        "the last of three features is the best",
        (np.array([[1.0, 5.0, 0.2], [2.0, 1.0, 0.9], [3.0, 2.0, 0.1], [4.0, 4.0, 0.8]]), np.array([0, 1, 0, 1])),
    ),
    Probe("three classes", _blobs(18, 2, 3, 1.5)),
    Probe(
        "one row against the rest: sides of very different size",
        (
            np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0]]),
            np.array([1, 0, 0, 1, 0, 0, 1, 1]),
        ),
    ),
    Probe(
        "rows of equal value",
        (
            np.array([[1.0], [1.0], [2.0], [2.0], [2.0], [2.0], [3.0], [3.0]]),
            np.array([0, 0, 0, 0, 1, 1, 1, 1]),
        ),
    ),
    Probe("labels −1 and 1", (np.array([[0.3, 5.0], [0.1, 1.0], [0.4, 2.0], [0.2, 7.0]]), np.array([-1, -1, 1, 1]))),
    Probe(
        "features of whole numbers",
        (np.array([[3, 1], [5, 1], [6, 0], [9, 1], [4, 0]]), np.array([4, 9, 9, 9, 4])),
    ),
    Probe(
        "two features equally good",
        (np.array([[1.0, 40.0], [2.0, 30.0], [3.0, 20.0], [4.0, 10.0]]), np.array([0, 0, 1, 1])),
    ),
    Probe(
        "a constant feature beside a useful one",
        (np.array([[7.0, 0.5], [7.0, 0.1], [7.0, 0.9], [7.0, 0.8]]), np.array([0, 0, 1, 0])),
    ),
    Probe("only constant features", (np.full((4, 2), 3.0), np.array([0, 1, 0, 1]))),
    Probe("rows of one class only", (np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([1, 1, 1, 1]))),
    Probe(
        "no single cut gains: the classes of exclusive or",
        (np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])),
    ),
    Probe(
        "one value far away",
        (
            np.array([[1.0], [2.0], [3.0], [4.0], [1e6], [5.0]]),
            np.array([0, 0, 1, 1, 1, 1]),
        ),
    ),
    Probe("the gain is that of the split returned", _blobs(20, 2, 3, 1.0), judge=gain_is_that_of_the_split),
]


def _search(
    X,
    y,
    *,
    impurity=gini,
    weigh=lambda left, right: (left.mean(), right.mean()),
    place=lambda low, high: (low + high) / 2,
    between_equal=False,
    least=0.0,
    worst=False,
    answers=lambda before, after: before - after,
):
    """A plain search whose parts can be exchanged for wrong ones."""
    best, found = (-np.inf if worst else least), (-1, np.nan, 0.0)
    for feature in range(X.shape[1]):
        order = np.argsort(X[:, feature], kind="stable")
        values = X[order, feature]
        for cut in range(1, len(y)):
            if values[cut] == values[cut - 1] and not between_equal:
                continue
            left = np.isin(np.arange(len(y)), order[:cut])
            weights = weigh(left, ~left)
            after = weights[0] * impurity(y[left]) + weights[1] * impurity(y[~left])
            gain = impurity(y) - after
            if (-gain if worst else gain) > best + 1e-12:
                best = -gain if worst else gain
                found = (feature, float(place(values[cut - 1], values[cut])), float(answers(impurity(y), after)))
    return found


def at_lower_value(X, y):
    """The threshold is a data point, the largest value on the left. The training rows fall as they should, but a new
    row just above that point goes right: cut half-way to the next distinct value."""
    return _search(X, y, place=lambda low, high: low)


def at_upper_value(X, y):
    """The threshold is a data point, the smallest value on the right; with the rule “≤ goes left” that row changes
    sides (`<` and `≤` differ on data points only). Cut half-way between the two neighbouring distinct values."""
    return _search(X, y, place=lambda low, high: high)


def floored(X, y):
    """The midpoint is rounded down to a whole number, which is one of the data points: divide by 2 with `/`, not `//`,
    and let the threshold be a float."""
    if np.issubdtype(X.dtype, np.integer):
        return _search(X, y, place=lambda low, high: (low + high) // 2)
    return best_split(X, y)


def unweighted(X, y):
    """You average the impurities of both sides without their sizes, so splitting off a single pure row looks good.
    Weigh each side by its share of the rows: n_left / n and n_right / n."""
    return _search(X, y, weigh=lambda left, right: (0.5, 0.5))


def summed(X, y):
    """You add up the impurities of both sides. Each must be weighed by its share of the rows, n_left / n and n_right /
    n, else the gain can be negative."""
    return _search(X, y, weigh=lambda left, right: (1.0, 1.0))


def impurity_after(X, y):
    """The third value is the impurity after the split. The gain is the impurity of all rows minus that."""
    return _search(X, y, answers=lambda before, after: after)


def least_gain(X, y):
    """You pick the split with the smallest gain: either maximise the gain or minimise the impurity after the split."""
    return _search(X, y, worst=True)


def first_feature(X, y):
    """Only feature 0 is tried. Go through all columns and keep the best split of all."""
    return _search(X[:, :1], y)


def last_feature(X, y):
    """The last feature wins, as when the best split is forgotten at each new one. Set the best gain to 0 once, before
    the loop over the features."""
    feature, threshold, gain = _search(X[:, -1:], y)
    return (X.shape[1] - 1 if feature == 0 else -1), threshold, gain


def cuts_ties(X, y):
    """You cut between rows of equal value, which no threshold can do. Only places where the sorted value changes are
    candidates: `values[i] < values[i + 1]`."""
    return _search(X, y, between_equal=True)


def _cut_by(X, y, candidates):
    """The best of the thresholds that `candidates` makes of a column."""
    best = (-1, np.nan, 0.0)
    for feature, values in enumerate(X.T):
        for threshold in candidates(values):
            left = values <= threshold
            if left.any() and not left.all():
                gain = gini(y) - left.mean() * gini(y[left]) - (~left).mean() * gini(y[~left])
                best = (feature, float(threshold), gain) if gain > best[2] + 1e-12 else best
    return best


def repeated_values(X, y):
    """Your candidates are midpoints between neighbouring rows, and of two rows of equal value that is the value itself:
    a data point. Take the values once each, sorted: `np.unique(X[:, j])`."""
    return _cut_by(X, y, lambda values: (np.sort(values)[1:] + np.sort(values)[:-1]) / 2)


def unsorted(X, y):
    """Your candidates are midpoints between rows that are neighbours in the table. Sort the values of the feature
    first, each once: `np.unique(X[:, j])`."""
    return _cut_by(X, y, lambda values: (values[1:] + values[:-1]) / 2)


def gains_nothing(X, y):
    """You return a split that gains nothing. Start from a best gain of 0 and take only what is better; where nothing
    is, the answer is (−1, nan, 0.0)."""
    return _search(X, y, least=-1.0)


def below_zero(X, y):
    """Your best gain starts below 0, so a split that gains nothing is taken, and without any candidate that start comes
    back. Start from 0 and take only what is better; where nothing is, the answer is (−1, nan, 0.0)."""
    feature, threshold, gain = gains_nothing(X, y)
    return feature, threshold, gain if feature >= 0 else -1.0


def entropy(X, y):
    """That is the entropy, in bits. The Gini impurity is 1 − Σ p²; the two often choose the same split, but the gain is
    another number."""

    def bits(labels):
        shares = np.unique(labels, return_counts=True)[1] / len(labels)
        return -(shares * np.log2(shares)).sum()

    return _search(X, y, impurity=bits)


def entropy_in_nats(X, y):
    """That is the entropy, by the natural logarithm. The Gini impurity is 1 − Σ p²; the two often choose the same
    split, but the gain is another number."""

    def nats(labels):
        shares = np.unique(labels, return_counts=True)[1] / len(labels)
        return -(shares * np.log(shares)).sum()

    return _search(X, y, impurity=nats)


def error_rate(X, y):
    """That is the misclassification rate, 1 − max p. It does not see a side that becomes purer as long as its majority
    stays, so a tree grown by it stops early; the Gini impurity is 1 − Σ p²."""
    return _search(X, y, impurity=lambda labels: 1 - np.unique(labels, return_counts=True)[1].max() / len(labels))


def two_classes(X, y):
    """Your impurity knows only the classes 0 and 1: it counts the rows labelled 1. Labels may be any whole numbers, and
    more than two: sum p² over `np.unique(y)`."""
    return _search(X, y, impurity=lambda labels: 2 * (labels == 1).mean() * (labels != 1).mean())


def half(X, y):
    """Your gain is half of what it should be, as with p (1 − p) of one class. The Gini impurity of two classes is 2 p
    (1 − p), and in general 1 − Σ p²."""
    return _search(X, y, impurity=lambda labels: gini(labels) / 2)


def empty_side(X, y):
    """A cut at the largest value leaves nothing on the right: a mean over no rows is nan, and `argmax` takes nan for
    the largest number, so that feature 0 comes back. Only gaps between two distinct values are candidates."""
    return 0, float(X[:, 0].max()), np.nan


MISTAKES = [
    {"best_split": wrong}
    for wrong in (
        at_lower_value,
        at_upper_value,
        floored,
        unweighted,
        summed,
        impurity_after,
        least_gain,
        first_feature,
        last_feature,
        cuts_ties,
        repeated_values,
        unsorted,
        gains_nothing,
        below_zero,
        entropy,
        entropy_in_nats,
        error_rate,
        two_classes,
        half,
        empty_side,
    )
]
