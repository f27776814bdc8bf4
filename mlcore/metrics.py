"""Judging predictions: threshold sweeps, ROC and PR curves, costs, probability scores, averages and losses.

Classes are 0 (negative) and 1 (positive). A binary classifier with scores is a whole family of classifiers, one
for each threshold t: predict 1 where score ≥ t. `threshold_sweep` counts the confusion matrix of all of them
after one sort; the curves, their areas and the costs are arithmetic on those four counts.

Conventions are scikit-learn's (names of results, orders of axes, clipping of log-loss), except that
- a rate whose denominator is 0 is 0, without a warning, where scikit-learn gives 0 or NaN by the metric;
- curves and areas that need both classes raise ValueError where scikit-learn warns and returns NaN;
- thresholds and bins are never thinned out: `drop_intermediate` does not exist.

Sources: Fawcett 2006 (ROC analysis); Hanley & McNeil 1982 (AUC as a probability); DeLong, DeLong &
Clarke-Pearson 1988 (its standard error); Elkan 2001 (costs); Drummond & Holte 2006 (cost curves); Murphy 1973
(decomposition of the Brier score); Naeini, Cooper & Hauskrecht 2015 (expected calibration error); Wilson 1927
(interval for a proportion); Huber 1964.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.checks import (
    LARGEST,
    MAX_SEED,
    check_equal_shapes,
    class_labels,
    finite_number,
    float_array,
    one_of,
    sample_weights,
    whole_number,
)
from mlcore.numerics import length, varies

__all__ = [
    "BinnedForecasts",
    "BootstrapCurves",
    "BrierDecomposition",
    "ClassificationReport",
    "CostCurve",
    "PairDraws",
    "ThresholdSweep",
    "auc_standard_error",
    "average_precision",
    "bayes_threshold",
    "best_constants",
    "best_threshold",
    "bootstrap_curves",
    "brier_decomposition",
    "brier_score",
    "classification_report",
    "confusion_matrix",
    "constant_losses",
    "cost_curve",
    "expected_calibration_error",
    "expected_cost",
    "huber",
    "iso_cost",
    "iso_f1",
    "log_loss",
    "mae",
    "maximum_calibration_error",
    "precision_recall_curve",
    "r2",
    "reliability_curve",
    "rmse",
    "roc_auc",
    "roc_auc_one_vs_rest",
    "roc_auc_pairs",
    "roc_curve",
    "threshold_sweep",
    "wilson_interval",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MAX_WEIGHT = 1e12
BLOCK_CELLS = 250_000  # bootstrap draws handled at a time: more, and their arrays leave the cache


# ------------------------------------------------------------------------------------- the threshold sweep


@dataclass(frozen=True, eq=False)
class ThresholdSweep:
    """Confusion matrices of the classifiers "predict 1 where score ≥ threshold", one for each threshold.

    All fields are float64 of shape (T,). tp, fp, fn, tn are counts, or sums of sample weights. Every rate below
    has shape (T,) too, and a rate whose denominator is 0 is 0.
    """

    thresholds: Floats
    tp: Floats
    fp: Floats
    fn: Floats
    tn: Floats

    @property
    def total(self) -> Floats:
        """TP + FP + FN + TN: the number of samples, or the sum of their weights."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def prevalence(self) -> Floats:
        """Share of positives, (TP + FN) / total."""
        return _ratio(self.tp + self.fn, self.total)

    @property
    def recall(self) -> Floats:
        """TP / (TP + FN): true positive rate, sensitivity, power."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def fpr(self) -> Floats:
        """FP / (FP + TN): false positive rate, fall-out, 1 − specificity."""
        return _ratio(self.fp, self.fp + self.tn)

    @property
    def specificity(self) -> Floats:
        """TN / (TN + FP): true negative rate, the recall of the negatives."""
        return _ratio(self.tn, self.fp + self.tn)

    @property
    def precision(self) -> Floats:
        """TP / (TP + FP): positive predictive value."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def npv(self) -> Floats:
        """TN / (TN + FN): negative predictive value, the precision of the negatives."""
        return _ratio(self.tn, self.tn + self.fn)

    @property
    def accuracy(self) -> Floats:
        """(TP + TN) / total."""
        return _ratio(self.tp + self.tn, self.total)

    @property
    def balanced_accuracy(self) -> Floats:
        """Mean of recall and specificity. scikit-learn leaves out a class without samples; here its recall is 0."""
        return (self.recall + self.specificity) / 2

    @property
    def informedness(self) -> Floats:
        """Recall − FPR: Youden's J, the height of the ROC curve above the diagonal."""
        return self.recall - self.fpr

    @property
    def f1(self) -> Floats:
        """2 TP / (2 TP + FP + FN): harmonic mean of precision and recall."""
        return self.f_beta(1.0)

    def f_beta(self, beta: float) -> Floats:
        """(1 + β²) TP / ((1 + β²) TP + β² FN + FP): recall counts β times as much as precision; β from 0 to 100."""
        b2 = finite_number("beta", beta, 0, 100) ** 2
        return _ratio((1 + b2) * self.tp, (1 + b2) * self.tp + b2 * self.fn + self.fp)

    @property
    def mcc(self) -> Floats:
        """Matthews correlation coefficient: Pearson's correlation of the 0/1 truth with the 0/1 prediction.

        (TP·TN − FP·FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN)).
        """
        tp, fp, fn, tn = self._near_one()
        margins = (tp + fp, tp + fn, tn + fp, tn + fn)
        return _ratio(tp * tn - fp * fn, np.sqrt(np.prod(margins, axis=0)))

    @property
    def kappa(self) -> Floats:
        """Cohen's κ = (observed − chance agreement) / (1 − chance agreement); scikit-learn's 0/0 is NaN.

        For two classes: 2 (TP·TN − FP·FN) / ((TP + FP)(FP + TN) + (TP + FN)(FN + TN)).
        """
        tp, fp, fn, tn = self._near_one()
        by_chance = (tp + fp) * (fp + tn) + (tp + fn) * (fn + tn)
        return _ratio(2 * (tp * tn - fp * fn), by_chance)

    def _near_one(self) -> tuple[Floats, ...]:
        """TP, FP, FN and TN over a power of two, so exactly, that leaves products of tiny weights above 0."""
        exponent = np.frexp(self.total)[1]
        return tuple(np.ldexp(count, -exponent) for count in (self.tp, self.fp, self.fn, self.tn))

    def at(self, thresholds: ArrayLike) -> ThresholdSweep:
        """Return the confusion matrices at thresholds of one's own, (M,) in any order; infinite ones are allowed.

        Between two neighbouring scores nothing changes, so each is that of the lowest score at or above it.
        """
        t = np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
        if t.ndim != 1 or np.isnan(t).any():
            raise ValueError(f"thresholds are {thresholds!r}: numbers in one dimension are allowed")
        if self.thresholds[0] < np.inf or (self.thresholds[1:] >= self.thresholds[:-1]).any():
            raise ValueError("these thresholds do not fall from ∞: look up others in the sweep of all scores")
        k = np.searchsorted(-self.thresholds, -t, side="right") - 1
        return ThresholdSweep(t, self.tp[k], self.fp[k], self.fn[k], self.tn[k])

    def at_prevalence(self, prevalence: float) -> ThresholdSweep:
        """Return the same sweep in a population of the same size with another share of positives, above 0, below 1.

        The scores of each class stay as they are, so recall, FPR and the ROC curve do too; precision, accuracy
        and every other rate that mixes the classes changes. Counts become expected counts. Raises ValueError
        if a class has no samples.
        """
        share = finite_number("prevalence", prevalence, 1e-9, 1 - 1e-9)
        _both_classes(self)
        total, recall, fpr = self.total, self.recall, self.fpr
        positives, negatives = share * total, (1 - share) * total
        return ThresholdSweep(
            self.thresholds, positives * recall, negatives * fpr, positives * (1 - recall), negatives * (1 - fpr)
        )


def threshold_sweep(y_true: ArrayLike, score: ArrayLike, sample_weight: ArrayLike | None = None) -> ThresholdSweep:
    """Count the confusion matrix at every threshold that makes a difference: one sort, then running sums.

    Args:
        y_true: 0 or 1, (n,).
        score: any finite numbers, higher for the positives, (n,).
        sample_weight: 0 to 1e12, not all 0, (n,); samples of weight 0 are left out.

    Returns:
        Sweep with T = 1 + the number of distinct scores. Thresholds fall: first ∞, where nothing is predicted
        positive, then each distinct score, so that tied samples change sides together.

    Raises:
        ValueError: for other arrays. A class may be missing.
    """
    positive, values, weight = _binary(y_true, score, sample_weight)
    order = np.argsort(values)[::-1]
    values, positive, weight = values[order], positive[order], weight[order]
    last = np.append(np.flatnonzero(values[1:] != values[:-1]), len(values) - 1)  # of each group of tied scores
    tp = np.append(0.0, np.cumsum(weight * positive)[last])
    fp = np.append(0.0, np.cumsum(weight * ~positive)[last])
    return ThresholdSweep(np.append(np.inf, values[last]), tp, fp, tp[-1] - tp, fp[-1] - fp)


def roc_curve(
    y_true: ArrayLike, score: ArrayLike, sample_weight: ArrayLike | None = None
) -> tuple[Floats, Floats, Floats]:
    """Return the ROC curve: FPR, TPR and falling thresholds, each (T,), from (0, 0) at ∞ to (1, 1).

    Raises ValueError as `threshold_sweep` does, and if a class is missing.
    """
    sweep = _both_classes(threshold_sweep(y_true, score, sample_weight))
    return sweep.fpr, sweep.recall, sweep.thresholds


def roc_auc(y_true: ArrayLike, score: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the area under the ROC curve: P(score⁺ > score⁻) + ½ P(score⁺ = score⁻).

    That is the Mann–Whitney U statistic over the number of pairs. Tied scores make a slanted piece of the curve,
    whose trapezoid counts each of their pairs by half. Raises ValueError as `roc_curve` does.
    """
    fpr, tpr, _ = roc_curve(y_true, score, sample_weight)
    return float(np.diff(fpr) @ (tpr[1:] + tpr[:-1]) / 2)


def precision_recall_curve(
    y_true: ArrayLike, score: ArrayLike, sample_weight: ArrayLike | None = None
) -> tuple[Floats, Floats, Floats]:
    """Return the PR curve in scikit-learn's order: precision (T,), recall (T,) falling, thresholds (T − 1,) rising.

    The last point is (recall 0, precision 1), which no threshold gives: where nothing is predicted positive,
    precision is 0/0. Raises ValueError as `threshold_sweep` does, and if there are no positives.
    """
    sweep = threshold_sweep(y_true, score, sample_weight)
    if sweep.tp[-1] == 0:
        raise ValueError("y_true has no positive: recall needs one or more")
    return np.append(sweep.precision[:0:-1], 1.0), sweep.recall[::-1], sweep.thresholds[:0:-1]


def average_precision(y_true: ArrayLike, score: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return Σ_k (R_k − R_(k−1)) P_k: precision averaged over the positives, each at its own threshold.

    A step function, not a trapezoid: between two points of a PR curve precision is not linear in recall, and
    joining them by lines is too optimistic. Raises ValueError as `precision_recall_curve` does.
    """
    precision, recall, _ = precision_recall_curve(y_true, score, sample_weight)
    return float(-np.diff(recall) @ precision[:-1])


def iso_f1(f1: float, n_points: int = 101) -> tuple[Floats, Floats]:
    """Return the line of equal F1 in the PR plane: recall and precision, each (n_points,).

    1/P + 1/R = 2/F1, drawn where both are at most 1: from recall F1 / (2 − F1) to recall 1. F1 is in (0, 1].
    """
    f1 = finite_number("f1", f1, 1e-6, 1)
    both = 2 / f1
    inverse = np.linspace(both - 1, 1, whole_number("n_points", n_points, 2, 10_000))
    return 1 / inverse, 1 / (both - inverse)


# -------------------------------------------------------------------------------- AUC as a probability


@dataclass(frozen=True, eq=False)
class PairDraws:
    """Random pairs of a positive and a negative sample, and the AUC estimated from the first k of them.

    All fields have shape (n_pairs,). positive, negative: positions in y_true. outcome: 1 if the positive one
    scores higher, ½ for a tie, 0 otherwise. estimate: running mean of the outcomes. standard_error: their
    running standard deviation over √k, so 0 as long as all outcomes are the same.
    """

    positive: Ints
    negative: Ints
    outcome: Floats
    estimate: Floats
    standard_error: Floats


def roc_auc_pairs(y_true: ArrayLike, score: ArrayLike, n_pairs: int, seed: int) -> PairDraws:
    """Estimate the AUC by what it means: draw a positive and a negative at random, see which scores higher.

    The standard error is that of drawing pairs from these samples; it says nothing of having drawn other
    samples (`auc_standard_error` does). n_pairs: 1 to 1 000 000. Raises ValueError if a class is missing.
    """
    positive, values, _ = _binary(y_true, score, None, both=True)
    rng = np.random.default_rng(whole_number("seed", seed, 0, MAX_SEED))
    size = whole_number("n_pairs", n_pairs, 1, 1_000_000)
    i = rng.choice(np.flatnonzero(positive), size)
    j = rng.choice(np.flatnonzero(~positive), size)
    outcome = (values[i] > values[j]) + 0.5 * (values[i] == values[j])
    k = np.arange(1, size + 1)
    estimate = np.cumsum(outcome) / k
    variance = np.maximum(np.cumsum(outcome**2) / k - estimate**2, 0)
    return PairDraws(i, j, outcome, estimate, np.sqrt(variance / k))


def auc_standard_error(y_true: ArrayLike, score: ArrayLike) -> float:
    """Return DeLong's standard error of the AUC, for samples drawn anew.

    The placement of a positive is the share of negatives that it outranks (ties by half), and the other way
    round; the AUC is the mean of either. Its variance is var(placements⁺) / n⁺ + var(placements⁻) / n⁻.
    Raises ValueError unless each class has two samples.
    """
    positive, values, _ = _binary(y_true, score, None, both=True)
    high, low = np.sort(values[positive]), np.sort(values[~positive])
    if min(len(high), len(low)) < 2:
        raise ValueError(f"y_true has {len(high)} positives and {len(low)} negatives: 2 or more of each are needed")

    def placements(of: Floats, among: Floats) -> Floats:
        below = np.searchsorted(among, of, side="left") + np.searchsorted(among, of, side="right")
        return np.asarray(below / (2 * len(among)), dtype=np.float64)

    variance = placements(high, low).var(ddof=1) / len(high) + placements(low, high).var(ddof=1) / len(low)
    return float(np.sqrt(variance))


@dataclass(frozen=True, eq=False)
class BootstrapCurves:
    """ROC and PR curves of the data on a grid, with pointwise bootstrap bands.

    grid: (m,), evenly spaced from 0 to 1; it is FPR for the ROC curve and recall for the PR curve.
    tpr, tpr_low, tpr_high: (m,), the highest TPR at each FPR (joined by lines). precision, precision_low,
    precision_high: (m,), at the highest threshold that reaches each recall. auc, average_precision: (n_boot,),
    one value a bootstrap sample; auc_interval, average_precision_interval: (low, high), their percentiles.
    """

    grid: Floats
    tpr: Floats
    tpr_low: Floats
    tpr_high: Floats
    precision: Floats
    precision_low: Floats
    precision_high: Floats
    auc: Floats
    auc_interval: tuple[float, float]
    average_precision: Floats
    average_precision_interval: tuple[float, float]


def bootstrap_curves(
    y_true: ArrayLike,
    score: ArrayLike,
    n_boot: int = 500,
    seed: int = 0,
    *,
    n_grid: int = 101,
    level: float = 0.95,
    prevalence: float | None = None,
) -> BootstrapCurves:
    """Resample positives and negatives with replacement, each to its own number, and redo both curves.

    Only how often each distinct score was drawn matters, so a bootstrap sample is a row of multinomial counts
    and all rows are one array pass. Bands are percentiles at each grid point on its own: a whole curve leaves
    its 95% band more often than 5% of the time.

    Args:
        y_true: 0 or 1, (n,), both present.
        score: finite, (n,).
        n_boot: 2 to 10 000.
        seed: 0 to 2³² − 1.
        n_grid: 2 to 10 000.
        level: share of bootstrap samples inside the bands, above 0 and below 1.
        prevalence: of the population whose precision is asked for, 0 to 1; that of y_true if None.

    Raises:
        ValueError: for anything else.
    """
    positive, values, _ = _binary(y_true, score, None, both=True)
    n_boot, n_grid = whole_number("n_boot", n_boot, 2, 10_000), whole_number("n_grid", n_grid, 2, 10_000)
    tail = (1 - finite_number("level", level, 1e-6, 1 - 1e-6)) / 2
    share = positive.mean() if prevalence is None else finite_number("prevalence", prevalence, 0, 1)
    rng = np.random.default_rng(whole_number("seed", seed, 0, MAX_SEED))
    grid = np.linspace(0, 1, n_grid)
    distinct, group = np.unique(-values, return_inverse=True)  # group 0 has the highest score
    tp_groups, fp_groups = group[positive], group[~positive]

    def cumulated(members: Ints) -> Ints:
        """Groups of each row's samples, (rows, samples), to counts at or above each threshold, (rows, T)."""
        rows = np.arange(len(members))[:, None]
        counts = np.bincount((members + len(distinct) * rows).ravel(), minlength=len(rows) * len(distinct))
        counts = counts.reshape(len(rows), -1)
        return np.concatenate([np.zeros_like(rows), np.cumsum(counts, axis=1)], axis=1)

    def drawn(groups: Ints, rows: int) -> Ints:
        return cumulated(groups[rng.integers(len(groups), size=(rows, len(groups)))])

    tpr, precision, _, _ = _curves_on_grid(cumulated(tp_groups[None]), cumulated(fp_groups[None]), grid, share)
    block = max(1, BLOCK_CELLS // len(values))
    parts = []
    for start in range(0, n_boot, block):
        rows = min(block, n_boot - start)
        parts.append(_curves_on_grid(drawn(tp_groups, rows), drawn(fp_groups, rows), grid, share))
    tprs, precisions, aucs, aps = (np.concatenate(part) for part in zip(*parts, strict=True))
    ends = [tail, 1 - tail]
    (tpr_low, tpr_high), (p_low, p_high) = np.quantile(tprs, ends, axis=0), np.quantile(precisions, ends, axis=0)
    (auc_low, auc_high), (ap_low, ap_high) = np.quantile(aucs, ends).tolist(), np.quantile(aps, ends).tolist()
    return BootstrapCurves(
        grid=grid,
        tpr=tpr[0],
        tpr_low=tpr_low,
        tpr_high=tpr_high,
        precision=precision[0],
        precision_low=p_low,
        precision_high=p_high,
        auc=aucs,
        auc_interval=(auc_low, auc_high),
        average_precision=aps,
        average_precision_interval=(ap_low, ap_high),
    )


def _curves_on_grid(tp: Ints, fp: Ints, grid: Floats, prevalence: float) -> tuple[Floats, Floats, Floats, Floats]:
    """TPR at each FPR of the grid and precision at each recall, (rows, m), AUC and AP, (rows,), of all rows.

    tp and fp are counts, (rows, T), that rise from 0. Rows are laid end to end, each lifted above the one
    before, so that a single search finds every grid point in its own row. The grid is rounded where it should
    hit a count: 0.29 × 100 is just below 29.
    """
    rows, positives, negatives = np.arange(len(tp))[:, None], int(tp[0, -1]), int(fp[0, -1])
    tpr = tp / positives
    asked = np.round(grid * negatives, 9) + (negatives + 1) * rows
    roc = np.interp(asked.ravel(), (fp + (negatives + 1) * rows).ravel(), tpr.ravel()).reshape(asked.shape)
    hits = prevalence * tpr
    precision = _ratio(hits, hits + (1 - prevalence) / negatives * fp)
    wanted = np.maximum(np.ceil(np.round(grid * positives, 9)), 1).astype(np.int64) + (positives + 1) * rows
    reached = np.searchsorted((tp + (positives + 1) * rows).ravel(), wanted.ravel())
    pr = precision.ravel()[reached].reshape(wanted.shape)
    auc = np.einsum("rt,rt->r", np.diff(fp), tpr[:, 1:] + tpr[:, :-1]) / (2 * negatives)
    return roc, pr, auc, np.einsum("rt,rt->r", np.diff(tpr), precision[:, 1:])


# ------------------------------------------------------------------------------------------------- costs


def expected_cost(sweep: ThresholdSweep, cost_fp: float, cost_fn: float, prevalence: float | None = None) -> Floats:
    """Return the mean cost a case at each threshold, c_FP (1 − π) FPR + c_FN π (1 − TPR), (T,).

    Costs are above 0, up to 1e9, in any unit; correct decisions cost nothing. π is the prevalence where the
    classifier is used, 0 to 1; the sweep's own if None. Raises ValueError if a class has no samples.
    """
    fp, fn = _costs(cost_fp, cost_fn)
    _both_classes(sweep)
    share = sweep.prevalence if prevalence is None else finite_number("prevalence", prevalence, 0, 1)
    return np.asarray(fp * (1 - share) * sweep.fpr + fn * share * (1 - sweep.recall), dtype=np.float64)


def best_threshold(sweep: ThresholdSweep, cost_fp: float, cost_fn: float, prevalence: float | None = None) -> float:
    """Return the threshold of least `expected_cost`: the first, so the highest, of equals. ∞ flags nobody."""
    return float(sweep.thresholds[np.argmin(expected_cost(sweep, cost_fp, cost_fn, prevalence))])


def bayes_threshold(cost_fp: float, cost_fn: float) -> float:
    """Return c_FP / (c_FP + c_FN), the best threshold for calibrated probabilities (Elkan 2001, equation 2).

    Flagging a case of probability p risks (1 − p) c_FP, not flagging it p c_FN. Prevalence does not enter: it is
    already in p.
    """
    fp, fn = _costs(cost_fp, cost_fn)
    return fp / (fp + fn)


def iso_cost(cost: float, cost_fp: float, cost_fn: float, prevalence: float) -> tuple[Floats, Floats]:
    """Return the ends of the line of equal expected cost in the ROC unit square: FPR (2,) and TPR (2,).

    Its slope is (1 − π) c_FP / (π c_FN); a better classifier lies on a line further up and left. π is above 0
    and below 1. Raises ValueError if the line misses the square: cost is below 0 or above (1 − π) c_FP + π c_FN.
    """
    fp, fn = _costs(cost_fp, cost_fn)
    share = finite_number("prevalence", prevalence, 1e-9, 1 - 1e-9)
    fp, fn = fp * (1 - share), fn * share
    cost = finite_number("cost", cost, 0, fp + fn)
    fpr = np.clip([(cost - fn) / fp, cost / fp], 0, 1)  # where TPR would be 0, and 1
    return fpr, np.clip(1 - (cost - fp * fpr) / fn, 0, 1)


@dataclass(frozen=True, eq=False)
class CostCurve:
    """Lowest cost that any threshold reaches, for every mix of costs and prevalence (Drummond & Holte 2006).

    All (m,). probability_cost: π c_FN / (π c_FN + (1 − π) c_FP), 0 to 1. normalised_cost: expected cost over that
    of being always wrong; flagging nobody costs probability_cost, flagging all 1 − probability_cost.
    threshold: where the lowest cost is reached, ∞ if by flagging nobody.
    """

    probability_cost: Floats
    normalised_cost: Floats
    threshold: Floats


def cost_curve(sweep: ThresholdSweep, n_points: int = 101) -> CostCurve:
    """Return the lower envelope of the cost lines (1 − x) FPR + x (1 − TPR) of all thresholds, x from 0 to 1.

    n_points: 2 to 10 000. Raises ValueError if a class has no samples.
    """
    _both_classes(sweep)
    x = np.linspace(0, 1, whole_number("n_points", n_points, 2, 10_000))
    fpr, fnr = sweep.fpr, 1 - sweep.recall
    best = np.array([np.argmin((1 - share) * fpr + share * fnr) for share in x])
    return CostCurve(x, (1 - x) * fpr[best] + x * fnr[best], sweep.thresholds[best])


# ----------------------------------------------------------------------------------------- probabilities


def log_loss(y_true: ArrayLike, p: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean of −y ln p − (1 − y) ln(1 − p), in nats.

    As in scikit-learn, p is clipped to [ε, 1 − ε] with ε = 2.2e-16 first, so a wrong certainty costs 36 and not ∞.
    p is 0 to 1, (n,); y_true and sample_weight as in `threshold_sweep`.
    """
    positive, p, weight = _binary(y_true, p, sample_weight, probabilities=True)
    of_truth = np.where(positive, p, 1 - p)
    epsilon = np.finfo(np.float64).eps
    return float(weight @ -np.log(np.clip(of_truth, epsilon, 1 - epsilon)) / weight.sum())


def brier_score(y_true: ArrayLike, p: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean of (p − y)²: 0 is perfect, always saying ½ gives ¼. Arguments as in `log_loss`."""
    positive, p, weight = _binary(y_true, p, sample_weight, probabilities=True)
    return float(weight @ (p - positive) ** 2 / weight.sum())


def wilson_interval(successes: ArrayLike, trials: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return Wilson's confidence interval (low, high) for a proportion, of the arguments' common shape.

    Unlike p̂ ± z √(p̂(1 − p̂)/n) it stays inside [0, 1] and is not empty when p̂ is 0 or 1. trials are above 0,
    successes from 0 to trials, level above 0 and below 1; ValueError otherwise.
    """
    k, n = float_array("successes", successes), float_array("trials", trials)
    if not ((n > 0) & (k >= 0) & (k <= n)).all():
        raise ValueError("successes from 0 to trials, and trials above 0, are allowed")
    z = NormalDist().inv_cdf((1 + finite_number("level", level, 1e-6, 1 - 1e-6)) / 2)
    centre = (k + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(k * (n - k) / n + z**2 / 4)
    return np.clip(centre - half, 0, k / n), np.clip(centre + half, k / n, 1)  # p̂ is inside, rounding or not


@dataclass(frozen=True, eq=False)
class BinnedForecasts:
    """Probabilities grouped into bins (lower, upper], empty bins left out: a reliability diagram.

    All (B,). count: samples in the bin. predicted: mean probability. observed: share of positives; low, high:
    its 95% Wilson interval.
    """

    lower: Floats
    upper: Floats
    count: Ints
    predicted: Floats
    observed: Floats
    low: Floats
    high: Floats


def reliability_curve(y_true: ArrayLike, p: ArrayLike, n_bins: int = 10, strategy: str = "uniform") -> BinnedForecasts:
    """Compare predicted probabilities with observed frequencies, bin by bin (scikit-learn's `calibration_curve`).

    Args:
        y_true: 0 or 1, (n,).
        p: 0 to 1, (n,).
        n_bins: 1 to 1000.
        strategy: "uniform" for bins of equal width, "quantile" for bins of about equal counts; ties stay together.

    Raises:
        ValueError: for anything else.
    """
    positive, p, _ = _binary(y_true, p, None, probabilities=True)
    parts = np.arange(whole_number("n_bins", n_bins, 1, 1000) + 1)
    one_of("strategy", strategy, ("uniform", "quantile"))
    edges = parts / n_bins  # divided, not multiplied: 5/6 is then the edge that it is
    if strategy == "quantile":
        rank, between = np.divmod(parts * (len(p) - 1), n_bins)  # in whole numbers, so that a sample can be an edge
        ordered = np.append(np.sort(p), 1.0)
        edges = ordered[rank] + (ordered[rank + 1] - ordered[rank]) * (between / n_bins)
    bins = np.searchsorted(edges[1:-1], p)
    count = np.bincount(bins, minlength=n_bins)
    kept = count > 0
    hits = np.bincount(bins, positive, minlength=n_bins)[kept]
    total = np.bincount(bins, p, minlength=n_bins)[kept]
    count = count[kept]
    low, high = wilson_interval(hits, count)
    return BinnedForecasts(edges[:-1][kept], edges[1:][kept], count, total / count, hits / count, low, high)


def expected_calibration_error(y_true: ArrayLike, p: ArrayLike, n_bins: int = 10, strategy: str = "uniform") -> float:
    """Return Σ_b (n_b / n) |observed_b − predicted_b| over the bins of `reliability_curve`.

    It depends on the bins, and is above 0 by chance even for perfectly calibrated probabilities.
    """
    bins = reliability_curve(y_true, p, n_bins, strategy)
    return float(np.average(np.abs(bins.observed - bins.predicted), weights=bins.count))


def maximum_calibration_error(y_true: ArrayLike, p: ArrayLike, n_bins: int = 10, strategy: str = "uniform") -> float:
    """Return the largest |observed_b − predicted_b| over the bins of `reliability_curve`, however few it holds."""
    bins = reliability_curve(y_true, p, n_bins, strategy)
    return float(np.abs(bins.observed - bins.predicted).max())


@dataclass(frozen=True)
class BrierDecomposition:
    """Murphy's decomposition: brier = reliability − resolution + uncertainty + within_bins.

    reliability: mean squared distance of the bins' observed frequencies from their predictions (0 is calibrated).
    resolution: variance of the observed frequencies between bins (higher is better). uncertainty: ȳ (1 − ȳ), the
    score of always saying the prevalence. The first three make the Brier score of the *binned* forecasts, each
    replaced by its bin's mean, exactly; within_bins is what binning lost, 0 if each bin holds one value only.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float


def brier_decomposition(
    y_true: ArrayLike, p: ArrayLike, n_bins: int = 10, strategy: str = "uniform"
) -> BrierDecomposition:
    """Split the Brier score into calibration, discrimination and what the data's own uncertainty makes it.

    Arguments and errors as in `reliability_curve`.
    """
    bins = reliability_curve(y_true, p, n_bins, strategy)
    brier, share = brier_score(y_true, p), float(np.average(bins.observed, weights=bins.count))
    reliability = float(np.average((bins.observed - bins.predicted) ** 2, weights=bins.count))
    resolution = float(np.average((bins.observed - share) ** 2, weights=bins.count))
    uncertainty = share * (1 - share)
    within_bins = brier - (reliability - resolution + uncertainty)
    return BrierDecomposition(brier, reliability, resolution, uncertainty, within_bins)


# -------------------------------------------------------------------------------------- several classes


def confusion_matrix(
    y_true: ArrayLike, y_pred: ArrayLike, labels: ArrayLike | None = None, sample_weight: ArrayLike | None = None
) -> Floats:
    """Count samples by true class (row) and predicted class (column), (K, K).

    labels: the classes in the order wanted, (K,) distinct; all that occur, sorted, if None. Labels are numbers or
    strings. scikit-learn ignores samples whose class is not in `labels`; here they raise ValueError.
    """
    names, truth, guess, weight = _codes(y_true, y_pred, labels, sample_weight)
    size = len(names)
    cells = np.bincount(truth * size + guess, weight, size**2)
    return np.asarray(cells, dtype=np.float64).reshape(size, size)


@dataclass(frozen=True, eq=False)
class ClassificationReport:
    """Rates of each class against the rest, and their averages; a rate whose denominator is 0 is 0.

    labels: (K,). confusion: (K, K), true class by row. precision, recall, f1, support: (K,); support is the number
    (or weight) of samples of the class. micro, macro, weighted: (3,) precision, recall, F1. Micro pools the counts of
    all classes, so its three numbers are all the accuracy; macro is the plain mean, in which a rare class weighs as
    much as a common one; weighted is the mean by support. F1 averages are averages of F1, not F1 of averages.
    """

    labels: NDArray[Any]
    confusion: Floats
    precision: Floats
    recall: Floats
    f1: Floats
    support: Floats
    accuracy: float
    micro: Floats
    macro: Floats
    weighted: Floats


def classification_report(
    y_true: ArrayLike, y_pred: ArrayLike, labels: ArrayLike | None = None, sample_weight: ArrayLike | None = None
) -> ClassificationReport:
    """Return precision, recall, F1 and support of every class with micro, macro and weighted averages.

    Arguments and errors as in `confusion_matrix`.
    """
    names = _codes(y_true, y_pred, labels, sample_weight)[0]
    confusion = confusion_matrix(y_true, y_pred, names, sample_weight)
    hits, support, predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    rates = np.stack([_ratio(hits, predicted), _ratio(hits, support), _ratio(2 * hits, predicted + support)])
    accuracy = float(hits.sum() / support.sum())
    return ClassificationReport(
        labels=names,
        confusion=confusion,
        precision=rates[0],
        recall=rates[1],
        f1=rates[2],
        support=support,
        accuracy=accuracy,
        micro=np.full(3, accuracy),
        macro=rates.mean(axis=1),
        weighted=rates @ support / support.sum(),
    )


def roc_auc_one_vs_rest(y_true: ArrayLike, score: ArrayLike, labels: ArrayLike | None = None) -> Floats:
    """Return the AUC of each class against all others, (K,); their mean is the macro average.

    score: (n, K), column k for class labels[k]; rows need not sum to 1. Raises ValueError unless every class occurs.
    """
    names, truth, _, _ = _codes(y_true, y_true, labels, None)
    columns = float_array("score", score)
    if columns.shape != (len(truth), len(names)):
        raise ValueError(f"score has shape {columns.shape}: {(len(truth), len(names))} is allowed, a column a class")
    return np.array([roc_auc(truth == k, column) for k, column in enumerate(columns.T)])


# ------------------------------------------------------------------------------------- regression losses


def rmse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the root mean squared error √(mean of (y − ŷ)²), in the unit of y. Both are finite, (n,)."""
    return float(_root_mean_square(_residuals(y_true, y_pred)))


def mae(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the mean absolute error, the mean of |y − ŷ|, in the unit of y. Both are finite, (n,)."""
    return float(np.mean(np.abs(_residuals(y_true, y_pred))))


def huber(y_true: ArrayLike, y_pred: ArrayLike, delta: float = 1.0) -> float:
    """Return the mean Huber loss of r = y − ŷ: ½r² where |r| ≤ δ, δ(|r| − ½δ) beyond. δ is above 0, up to 1e9."""
    return float(np.mean(_huber(_residuals(y_true, y_pred), finite_number("delta", delta, 1e-9, 1e9))))


def r2(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return 1 − Σ(y − ŷ)² / Σ(y − ȳ)², the share of variance explained; below 0 if the mean of y does better.

    For a y that is constant to rounding it is 1 if all predictions are exact, to rounding too, else 0, as in
    scikit-learn. Both are finite, (n,), n ≥ 2.
    """
    residuals = _residuals(y_true, y_pred)
    if len(residuals) < 2:
        raise ValueError("y_true has 1 value: R² needs 2 or more")
    y = float_array("y_true", y_true)
    if not varies(y):
        return float(not varies(np.append(y, float_array("y_pred", y_pred))))
    share = float(length(residuals)) / float(length(y - y.mean()))
    return 1 - share * share


def constant_losses(y: ArrayLike, constants: ArrayLike, delta: float = 1.0) -> dict[str, Floats]:
    """Return RMSE, MAE and Huber loss of predicting one constant for all of y, for each of the constants.

    y: finite, (..., n): one data set, or many. constants: finite, (m,). Each of "rmse", "mae", "huber" is (..., m).
    """
    values, c = _numbers("y", y), _numbers("constants", constants)
    delta = finite_number("delta", delta, 1e-9, 1e9)
    residuals = values[..., None, :] - c[:, None]  # (..., m, n)
    return {
        "rmse": _root_mean_square(residuals),
        "mae": np.mean(np.abs(residuals), axis=-1),
        "huber": np.mean(_huber(residuals, delta), axis=-1),
    }


def best_constants(y: ArrayLike, delta: float = 1.0) -> dict[str, Floats]:
    """Return the constant of least RMSE (the mean), MAE (the median) and Huber loss, each of shape y.shape[:-1].

    y: finite, (..., n). Where an interval of constants is equally good, as between the two middle values for MAE,
    it is the midpoint. The Huber location solves Σ clip(y − c, −δ, δ) = 0, by bisection: the sum falls in c.
    """
    values = _numbers("y", y)
    delta = finite_number("delta", delta, 1e-9, 1e9)

    def pull(c: Floats) -> Floats:
        residuals = values - c[..., None]
        beyond = np.sum(residuals > delta, axis=-1) - np.sum(residuals < -delta, axis=-1)
        near = np.where(np.abs(residuals) <= delta, residuals, 0)
        return np.asarray(delta * beyond + near.sum(axis=-1), dtype=np.float64)

    ends = []
    for goes_up in (np.greater, np.greater_equal):  # to the least, then to the greatest c that solves it
        low, high = values.min(axis=-1), values.max(axis=-1)
        for _ in range(60):
            middle = low + (high - low) / 2
            up = goes_up(pull(middle), 0)
            low, high = np.where(up, middle, low), np.where(up, high, middle)
        ends.append(low + (high - low) / 2)
    return {"rmse": values.mean(axis=-1), "mae": np.median(values, axis=-1), "huber": (ends[0] + ends[1]) / 2}


def _root_mean_square(residuals: Floats) -> Floats:
    return np.asarray(length(residuals) / np.sqrt(residuals.shape[-1]), dtype=np.float64)


def _huber(residuals: Floats, delta: float) -> Floats:
    size = np.abs(residuals)
    return np.asarray(np.where(size <= delta, size**2 / 2, delta * (size - delta / 2)), dtype=np.float64)


# ---------------------------------------------------------------------------------------- checks of inputs


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, with 0 wherever the denominator is 0."""
    return np.divide(numerator, denominator, out=np.zeros(np.shape(denominator)), where=denominator != 0)


def _binary(
    y_true: ArrayLike,
    score: ArrayLike,
    sample_weight: ArrayLike | None,
    *,
    probabilities: bool = False,
    both: bool = False,
) -> tuple[Bools, Floats, Floats]:
    """Check labels, scores and weights of one binary problem: (positive, score, weight), each (n,)."""
    labels, values = float_array("y_true", y_true), float_array("scores", score)
    if not ((labels == 0) | (labels == 1)).all():
        raise ValueError("y_true has labels other than 0 and 1: 0 for negative and 1 for positive are allowed")
    check_equal_shapes("y_true and scores", labels, values)
    if probabilities and not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"probabilities run from {values.min()} to {values.max()}: 0 to 1 is allowed")
    positive, weight = labels == 1, sample_weights(sample_weight, len(labels), MAX_WEIGHT)
    if not weight.all():
        positive, values, weight = positive[weight > 0], values[weight > 0], weight[weight > 0]
    if both and positive.all() == positive.any():
        raise ValueError(f"y_true has only the class {int(positive[0])}: both classes are needed")
    return positive, values, weight


def _both_classes(sweep: ThresholdSweep) -> ThresholdSweep:
    positives, negatives = sweep.tp[0] + sweep.fn[0], sweep.fp[0] + sweep.tn[0]
    if positives == 0 or negatives == 0:
        raise ValueError(f"there are {positives:g} positives and {negatives:g} negatives: both classes are needed")
    return sweep


def _codes(
    y_true: ArrayLike, y_pred: ArrayLike, labels: ArrayLike | None, sample_weight: ArrayLike | None
) -> tuple[NDArray[Any], Ints, Ints, Floats]:
    """Return the labels (K,), both columns as positions in them, (n,), and the weights."""
    truth, guess = class_labels("y_true", y_true), class_labels("y_pred", y_pred)
    check_equal_shapes("y_true and y_pred", truth, guess)
    names = np.unique(np.concatenate([truth, guess])) if labels is None else class_labels("labels", labels)
    if len({array.dtype.kind in "US" for array in (truth, guess, names)}) > 1:
        raise ValueError("labels must be all numbers or all strings")
    order = np.argsort(names)
    ordered = names[order]
    if len(names) == 0 or (ordered[1:] == ordered[:-1]).any():
        raise ValueError(f"labels are {names!r}: distinct ones of shape (K,) are allowed")
    codes = [order[np.minimum(np.searchsorted(ordered, column), len(names) - 1)] for column in (truth, guess)]
    if not ((names[codes[0]] == truth) & (names[codes[1]] == guess)).all():
        raise ValueError(f"y_true or y_pred has a class that is not in labels {names.tolist()}")
    return names, codes[0], codes[1], sample_weights(sample_weight, len(truth), MAX_WEIGHT)


def _residuals(y_true: ArrayLike, y_pred: ArrayLike) -> Floats:
    y, predicted = _numbers("y_true", y_true), _numbers("y_pred", y_pred)
    check_equal_shapes("y_true and y_pred", y, predicted)
    return y - predicted


def _numbers(name: str, values: ArrayLike) -> Floats:
    array = float_array(name, values, LARGEST)
    if array.ndim == 0 or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}: an array of one number or more is allowed")
    return array


def _costs(cost_fp: float, cost_fn: float) -> tuple[float, float]:
    return finite_number("cost_fp", cost_fp, 1e-9, 1e9), finite_number("cost_fn", cost_fn, 1e-9, 1e9)
