"""The ROC curve and the area under it, where scores may be tied."""

import numpy as np

from mlcore import metrics
from pages.practice.challenge import Probe

RNG = np.random.default_rng(14)


def roc_curve(y, score):
    """FPR and TPR, each (T,): from (0, 0), then one point for each distinct score, falling."""
    fpr, tpr, _ = metrics.roc_curve(y, score)
    return fpr, tpr


def roc_auc(y, score):
    """P(score⁺ > score⁻) + ½ P(score⁺ = score⁻)."""
    return metrics.roc_auc(y, score)


REFERENCE = {"roc_curve": roc_curve, "roc_auc": roc_auc}


def point_by_point(answer, y, score):
    """Curves with a point for each case, although some are tied, are all alike: the order of the tied is chance."""
    fpr, tpr = answer
    if len(fpr) == len(tpr) == len(y) + 1 > len(np.unique(score)) + 1:
        return np.zeros(len(fpr)), np.zeros(len(tpr))
    return fpr, tpr


CANONICAL = {"roc_curve": point_by_point}


def share_of_pairs(answer, y, score):
    """The area is the share of pairs of a positive and a negative that are ordered rightly."""
    difference = score[y == 1][:, None] - score[y == 0]
    share = ((difference > 0) + 0.5 * (difference == 0)).mean()
    wrong = abs(float(answer) - share) > 1e-9
    return f"The area is {float(answer):.6g}; {share:.6g} of all pairs are ordered rightly." if wrong else ""


def climbs(answer, y, score):
    """A ROC curve goes from (0, 0) to (1, 1) and never falls or turns back."""
    fpr, tpr = (np.asarray(rates, dtype=float) for rates in answer)
    if fpr.ndim != 1 or fpr.shape != tpr.shape or not len(fpr):
        return f"The shapes are {fpr.shape} and {tpr.shape}; two arrays of one length were expected."
    if not (abs(fpr[0]) < 1e-9 and abs(tpr[0]) < 1e-9):
        return f"The first point is ({fpr[0]:.4g}, {tpr[0]:.4g}); at a threshold above all scores it is (0, 0)."
    if not (abs(fpr[-1] - 1) < 1e-9 and abs(tpr[-1] - 1) < 1e-9):
        return f"The last point is ({fpr[-1]:.4g}, {tpr[-1]:.4g}); at the lowest score it is (1, 1)."
    return "" if (np.diff(fpr) >= 0).all() and (np.diff(tpr) >= 0).all() else "The curve falls or turns back."


PLAIN = np.array([0, 1, 0, 1, 1, 0, 1]), np.array([0.1, 0.9, 0.35, 0.4, 0.8, 0.6, 0.3])
TIED = np.array([1, 0, 1, 0, 0, 1, 0, 1]), np.array([0.8, 0.8, 0.5, 0.5, 0.5, 0.2, 0.2, 0.9])
ORDER = np.array([6, 3, 1, 0, 7, 4, 2, 5])  # other cases first among the tied
LOGITS = np.array([0, 1, 0, 1, 0]), np.array([-7.0, 5.0, -2.0, -3.0, 40.0])
MANY = RNG.permutation(np.repeat([0, 1], 8)), RNG.integers(-4, 5, size=16) / 2  # most of them tied

PROBES = [
    Probe("the curve of seven cases", PLAIN),
    Probe("the curve with tied scores", TIED),
    Probe("the same cases in another order", (TIED[0][ORDER], TIED[1][ORDER])),
    Probe("the curve of scores that are no probabilities", LOGITS),
    Probe("the curve where all scores are the same", (np.array([0, 1, 1, 0, 0]), np.full(5, 0.7))),
    Probe("the curve keeps points on a straight line", (np.array([1, 1, 1, 0]), np.array([4.0, 3.0, 2.0, 1.0]))),
    Probe("the curve climbs from (0, 0) to (1, 1)", MANY, judge=climbs),
    Probe("the area for seven cases", PLAIN, "roc_auc"),
    Probe("the area with tied scores", TIED, "roc_auc"),
    Probe("the area for the same cases in another order", (TIED[0][ORDER], TIED[1][ORDER]), "roc_auc"),
    Probe("the area is the share of pairs in order", MANY, "roc_auc", judge=share_of_pairs),
    Probe("all scores the same: one half", (np.array([0, 1, 1, 0, 0]), np.full(5, 0.7)), "roc_auc"),
    Probe("a perfect ranking", (np.array([0, 1, 0, 1]), np.array([-3.0, 0.2, -1.0, 0.1])), "roc_auc"),
    Probe("every pair in the wrong order", (np.array([1, 0, 1, 0]), np.array([0.1, 0.7, 0.2, 0.9])), "roc_auc"),
    Probe("scores that differ by 10⁻¹²", (PLAIN[0], 0.5 + 1e-12 * PLAIN[1].argsort().argsort()), "roc_auc"),
]


def _curve(y, score, *, above=np.greater_equal):
    """The rates at a threshold above all scores and at each distinct score, falling, by counting."""
    thresholds = np.append(np.inf, np.unique(score)[::-1])
    flagged = above(score, thresholds[:, None])  # (T, n)
    positive = y == 1
    return flagged[:, ~positive].mean(axis=1), flagged[:, positive].mean(axis=1), flagged


def _one_by_one(y, order):
    """The curve with one point for each case, tied or not, in a given order."""
    positive = y[order] == 1
    steps = (np.cumsum(~positive) / (~positive).sum(), np.cumsum(positive) / positive.sum())
    return tuple(np.append(0.0, rates) for rates in steps)


def _area(fpr, tpr):
    """Trapezoids under a curve."""
    return float(np.diff(fpr) @ (tpr[1:] + tpr[:-1]) / 2)


def each_on_its_own(y, score):
    """Each case has a point of its own, so the tied are ranked by chance: by their place in the file, or positives
    first if pairs of score and label are sorted. All cases of one score pass the threshold together: one point for each
    distinct score."""
    return _one_by_one(y, np.argsort(-score, kind="stable"))


def no_origin(y, score):
    """The curve lacks its first point, (0, 0): a threshold above all scores flags nobody. Without it the area under the
    first piece is lost."""
    fpr, tpr, _ = _curve(y, score)
    return fpr[1:], tpr[1:]


def strictly_above(y, score):
    """You flag only scores strictly above the threshold, so the case at the threshold is left out and the curve never
    reaches (1, 1). Predict 1 where score ≥ threshold."""
    fpr, tpr, _ = _curve(y, score, above=np.greater)
    return fpr, tpr


def rising_thresholds(y, score):
    """The thresholds rise, so the curve runs backwards, from (1, 1) to (0, 0), and its area comes out negative. Go from
    the highest score to the lowest."""
    fpr, tpr, _ = _curve(y, score)
    return fpr[::-1], tpr[::-1]


def origin_then_rising(y, score):
    """After (0, 0) your thresholds rise, so the curve jumps to (1, 1) and runs backwards. Go from the highest score to
    the lowest."""
    fpr, tpr, _ = _curve(y, score)
    return np.append(0.0, fpr[:0:-1]), np.append(0.0, tpr[:0:-1])


def swapped(y, score):
    """The two rates are exchanged: return (fpr, tpr), FPR being the horizontal axis."""
    fpr, tpr, _ = _curve(y, score)
    return tpr, fpr


def over_all_cases(y, score):
    """You divide by the number of all cases. TPR is a share of the positives, FPR a share of the negatives: both end at
    1."""
    fpr, tpr, _ = _curve(y, score)
    return fpr * (y == 0).mean(), tpr * (y == 1).mean()


def over_flagged(y, score):
    """Your FPR divides by the cases that were flagged: that is 1 − precision. The false-positive rate is FP / (FP +
    TN), a share of all negatives."""
    _, tpr, flagged = _curve(y, score)
    return (flagged & (y == 0)).sum(axis=1) / np.maximum(flagged.sum(axis=1), 1), tpr


def drops_collinear(y, score):
    """You drop the points that lie on a straight line between their neighbours, as scikit-learn does unless told
    otherwise. Here each distinct score has its point."""
    fpr, tpr, _ = _curve(y, score)
    corner = np.diff(fpr[:-1]) * np.diff(tpr[1:]) != np.diff(tpr[:-1]) * np.diff(fpr[1:])
    kept = np.concatenate([[True], corner, [True]])
    return fpr[kept], tpr[kept]


def areas_of_sorts(kind):
    """The areas where ties stay in the order that a kind of sorting leaves, scores falling and rising."""

    def area_of_falling_sort(y, score):
        """Tied cases count as ranked in the order in which sorting the negated scores happens to leave them, so the
        area changes when the rows are shuffled. A tied pair counts one half."""
        return _area(*_one_by_one(y, np.argsort(-score, kind=kind)))

    def area_of_rising_sort(y, score):
        """Tied cases count as ranked in the order in which sorting happens to leave them (the ranks of a double argsort
        do so), and the area changes when the rows are shuffled. A tied pair counts one half: average the ranks of equal
        scores."""
        return _area(*_one_by_one(y, np.argsort(score, kind=kind)[::-1]))

    return area_of_falling_sort, area_of_rising_sort


def ties_lost(y, score):
    """Tied pairs count for nothing: either you count pairs with `>` only, or your rectangles have the height of their
    left end. A tied pair counts one half, which is what a trapezoid gives it."""
    return float((score[y == 1][:, None] > score[y == 0]).mean())


def ties_won(y, score):
    """Tied pairs count in full, so a constant score gets 1. Either you count pairs with `>=`, or your rectangles have
    the height of their right end, or sorting pairs of score and label puts the positives first. A tied pair counts one
    half, which is what a trapezoid gives it."""
    return float((score[y == 1][:, None] >= score[y == 0]).mean())


def area_without_origin(y, score):
    """The area lacks the piece from (0, 0) to the first point: start the curve at (0, 0)."""
    return _area(*no_origin(y, score))


def other_area(y, score):
    """That is 1 − AUC, the area on the other side of the curve: FPR is integrated over TPR, or the classes or the order
    of the scores are the wrong way round. Integrate TPR over FPR; a higher score speaks for class 1."""
    return 1 - metrics.roc_auc(y, score)


def negative(y, score):
    """The area is negative: the curve is walked from (1, 1) to (0, 0), so every step of FPR is below 0. Go from the
    highest threshold to the lowest."""
    return -metrics.roc_auc(y, score)


def of_decisions(y, score):
    """You cut the scores at 0.5 first. What is left is one point of the curve; its area is the balanced accuracy of
    that one decision. The AUC is made of all thresholds: rank by the scores themselves."""
    return metrics.roc_auc(y, (score >= 0.5).astype(float))


def accuracy(y, score):
    """That is the accuracy at a cut of 0.5. The AUC has no threshold: it is the share of pairs of a positive and a
    negative in which the positive scores higher."""
    return float(((score >= 0.5) == (y == 1)).mean())


def rank_sum(y, score):
    """The rank sum still holds the ranks of the positives among themselves: subtract n⁺ (n⁺ + 1) / 2 before you divide
    by n⁺ n⁻."""
    positives, negatives = (y == 1).sum(), (y == 0).sum()
    return metrics.roc_auc(y, score) + float((positives + 1) / (2 * negatives))


def rounded(y, score):
    """Scores that are close but different count as tied: only equal scores are. Rounding and `isclose` lose part of the
    ranking."""
    return metrics.roc_auc(y, np.round(score, 9))


CURVES = [
    each_on_its_own,
    no_origin,
    strictly_above,
    rising_thresholds,
    origin_then_rising,
    swapped,
    over_all_cases,
    over_flagged,
    drops_collinear,
]
AREAS = [
    *areas_of_sorts("quicksort"),
    *areas_of_sorts("stable"),
    ties_lost,
    ties_won,
    area_without_origin,
    other_area,
    negative,
    of_decisions,
    accuracy,
    rank_sum,
    rounded,
]
MISTAKES = [{"roc_curve": wrong} for wrong in CURVES] + [{"roc_auc": wrong} for wrong in AREAS]
