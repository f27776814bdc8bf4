"""Calibration: a score model whose true probabilities are known, repairs of wrong ones, and what class weights do.

Probabilities are calibrated if, of the cases given p, a share p is positive. Ranking and calibration are separate
virtues: any rising function of the scores leaves the ROC curve as it is and can ruin, or repair, the probabilities.
All repairs here but one are a line on the logit, logit p′ = slope · logit p + intercept:

    temperature scaling    slope free, intercept 0       Guo, Pleiss, Sun & Weinberger 2017
    prior correction       slope 1, intercept known      Saerens, Latinne & Decaestecker 2002; Elkan 2001
    Platt scaling          both free                     Platt 1999
    isotonic regression    any rising step function      Zadrozny & Elkan 2002; Ayer et al. 1955
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.checks import MAX_SEED, finite_number, whole_number
from mlcore.metrics import ThresholdSweep, _binary, _numbers
from mlcore.numerics import centre_and_scale, sigmoid, varies

__all__ = [
    "TRAININGS",
    "ImbalanceStudy",
    "IsotonicMap",
    "Repairs",
    "SigmoidMap",
    "SyntheticScores",
    "binormal_auc",
    "binormal_losses",
    "binormal_rates",
    "binormal_sweep",
    "compare_repairs",
    "imbalance_study",
    "isotonic",
    "logit",
    "platt",
    "prior_correction",
    "synthetic_scores",
    "temperature_scaling",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TRAININGS: dict[str, str] = {
    "plain": "As the data are",
    "weighted": "Class weights",
    "oversampled": "Positives oversampled",
    "undersampled": "Negatives undersampled",
}


def logit(p: ArrayLike) -> Floats:
    """Return ln p − ln(1 − p), of p's shape; p is 0 to 1, clipped to [ε, 1 − ε], ε = 2.2e-16, as in log-loss."""
    share = _numbers("p", p)
    if not ((share >= 0) & (share <= 1)).all():
        raise ValueError(f"probabilities run from {share.min()} to {share.max()}: 0 to 1 is allowed")
    epsilon = np.finfo(np.float64).eps
    share = np.clip(share, epsilon, 1 - epsilon)
    return np.asarray(np.log(share) - np.log1p(-share), dtype=np.float64)


def _shifted_logit(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))


# --------------------------------------------------------------------------------------- the score model


@dataclass(frozen=True, eq=False)
class SyntheticScores:
    """Labels, and what two models report of them; all (n,).

    y: 0 or 1. p_true: P(y = 1 | x), which no model can better. logit_true: its logit. p: the reported probability.
    logit: its logit, exact where p rounds to 0 or 1.
    """

    y: Ints
    p_true: Floats
    logit_true: Floats
    p: Floats
    logit: Floats


def synthetic_scores(
    n: int,
    separation: float,
    prevalence: float,
    confidence: float = 1.0,
    bias: float = 0.0,
    seed: int = 0,
) -> SyntheticScores:
    """Draw scores of two classes that are Gaussian with equal variance, and misreport them by a set amount.

    x | y = 1 is N(d′/2, 1), x | y = 0 is N(−d′/2, 1). By Bayes, logit P(y = 1 | x) = logit π + d′ x, itself
    Gaussian in each class with mean logit π ± d′²/2 and standard deviation d′. The model reports the logit
    confidence · (logit π + d′ x) + bias, so it ranks as the true one does and is calibrated at (1, 0).

    Labels and noise have streams of their own: another setting moves the same samples.

    Args:
        n: 2 to 1 000 000. Exactly round(n π) samples are positive, but at least one of each class.
        separation: d′, distance of the class means in standard deviations, 0.01 to 10.
        prevalence: π, 0.0001 to 0.9999.
        confidence: 1 / temperature, 0.01 to 100: above 1 overconfident, below 1 underconfident.
        bias: −20 to 20, in nats of log-odds: above 0 reports too much.
        seed: 0 to 2³² − 1.

    Raises:
        ValueError: for anything else.
    """
    n, seed = whole_number("n", n, 2, 1_000_000), whole_number("seed", seed, 0, MAX_SEED)
    d, share, confidence, bias = _binormal(separation, prevalence, confidence, bias)
    labels, noise = (np.random.default_rng([stream, seed]) for stream in (0, 1))
    y = np.zeros(n, dtype=np.int64)
    y[labels.permutation(n)[: min(max(round(n * share), 1), n - 1)]] = 1
    logit_true = _shifted_logit(share) + d * (d * (y - 0.5) + noise.standard_normal(n))
    reported = confidence * logit_true + bias
    return SyntheticScores(y, sigmoid(logit_true), logit_true, sigmoid(reported), reported)


def binormal_auc(separation: float) -> float:
    """Return the AUC of `synthetic_scores` in the limit of many samples, Φ(d′/√2)."""
    return NormalDist().cdf(finite_number("separation", separation, 0.01, 10) / sqrt(2))


def binormal_rates(
    thresholds: ArrayLike, separation: float, prevalence: float, confidence: float = 1.0, bias: float = 0.0
) -> tuple[Floats, Floats]:
    """Return TPR and FPR of `synthetic_scores` in the limit of many samples at thresholds on p, each (m,).

    A reported p ≥ t is a true logit of at least z = (logit t − bias) / confidence, so with logit π = a
    TPR = Φ((a + d′²/2 − z) / d′) and FPR = Φ((a − d′²/2 − z) / d′). thresholds: 0 to 1, (m,).
    """
    d, share, confidence, bias = _binormal(separation, prevalence, confidence, bias)
    z = (logit(thresholds) - bias) / confidence
    above = (_shifted_logit(share) - z) / d
    return _normal_cdf(above + d / 2), _normal_cdf(above - d / 2)


def binormal_sweep(
    cuts: ArrayLike, separation: float, prevalence: float, confidence: float = 1.0, bias: float = 0.0
) -> ThresholdSweep:
    """Return the sweep of `synthetic_scores` in the limit of many samples, as shares of all cases: the total is 1.

    cuts: on x, in standard deviations from the middle between the classes, finite, in any order, (m,). There
    TPR = Φ(d′/2 − x) and FPR = Φ(−d′/2 − x), whatever the prevalence; the threshold is what the model reports at x.
    """
    d, share, confidence, bias = _binormal(separation, prevalence, confidence, bias)
    x = _numbers("cuts", cuts)
    tpr, fpr = _normal_cdf(d / 2 - x), _normal_cdf(-d / 2 - x)
    thresholds = sigmoid(confidence * (_shifted_logit(share) + d * x) + bias)
    return ThresholdSweep(thresholds, share * tpr, (1 - share) * fpr, share * (1 - tpr), (1 - share) * (1 - fpr))


def binormal_losses(
    separation: float, prevalence: float, confidence: float = 1.0, bias: float = 0.0
) -> tuple[float, float]:
    """Return Brier score and log-loss of `synthetic_scores` in the limit of many samples.

    With q = P(y = 1 | x) and the reported p, E (p − q)² + q (1 − q) and −E q ln p + (1 − q) ln(1 − p), over the
    mixture of the two normal densities of x by the trapezoid rule.
    """
    d, share, confidence, bias = _binormal(separation, prevalence, confidence, bias)
    x = np.linspace(-d / 2 - 9, d / 2 + 9, 4001)
    true = _shifted_logit(share) + d * x
    reported = confidence * true + bias
    q, p = sigmoid(true), sigmoid(reported)
    density = (share * np.exp(-((x - d / 2) ** 2) / 2) + (1 - share) * np.exp(-((x + d / 2) ** 2) / 2)) / sqrt(
        2 * np.pi
    )
    weight = density * (x[1] - x[0])
    brier = weight @ ((p - q) ** 2 + q * (1 - q))
    return float(brier), float(weight @ (np.logaddexp(0, reported) - q * reported))


def _normal_cdf(x: Floats) -> Floats:
    return np.array([erfc(-value / sqrt(2)) / 2 for value in x.ravel()]).reshape(x.shape)


def _binormal(separation: float, prevalence: float, confidence: float, bias: float) -> tuple[float, ...]:
    return (
        finite_number("separation", separation, 0.01, 10),
        finite_number("prevalence", prevalence, 1e-4, 1 - 1e-4),
        finite_number("confidence", confidence, 0.01, 100),
        finite_number("bias", bias, -20, 20),
    )


# ----------------------------------------------------------------------------------------------- repairs


@dataclass(frozen=True)
class SigmoidMap:
    """A repair that is a line on the logit: p′ = 1 / (1 + exp(−(slope · score + intercept)))."""

    slope: float
    intercept: float

    def predict(self, scores: ArrayLike) -> Floats:
        """Return probabilities for scores (n,)."""
        return np.asarray(sigmoid(self.slope * _numbers("scores", scores) + self.intercept), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class IsotonicMap:
    """A repair that is a rising function: value_k at score_k, both (m,), lines between them, flat outside."""

    scores: Floats
    values: Floats

    def predict(self, scores: ArrayLike) -> Floats:
        """Return probabilities for scores (n,)."""
        x, last = np.clip(_numbers("scores", scores), self.scores[0], self.scores[-1]), len(self.scores) - 1
        left = np.clip(np.searchsorted(self.scores, x, side="right") - 1, 0, last)
        right = np.minimum(left + 1, last)
        width = self.scores[right] - self.scores[left]
        share = np.divide(
            x - self.scores[left], width, out=np.zeros_like(x), where=width > 0
        )  # a slope may be infinite
        rise = self.values[right] - self.values[left]
        return np.asarray(self.values[left] + share * rise, dtype=np.float64)  # not rise / width: it can be infinite


def platt(scores: ArrayLike, y: ArrayLike) -> SigmoidMap:
    """Fit P(y = 1 | score) = σ(slope · score + intercept) by maximum likelihood, with Platt's smoothed targets.

    The targets are (n⁺ + 1) / (n⁺ + 2) for positives and 1 / (n⁻ + 2) for negatives instead of 1 and 0, so that the
    slope stays finite where the scores separate the classes (scikit-learn's `method="sigmoid"`). Newton's method on
    standardised scores, the step halved until the loss falls (Lin, Lin & Weng 2007).

    Args:
        scores: numbers within ±1e100, such as logits, (n,). If all are equal to rounding, the slope is 0.
        y: 0 or 1, (n,).
    """
    positive, values, _ = _binary(y, _numbers("scores", scores), None)
    n_positive = int(positive.sum())
    target = np.where(positive, (n_positive + 1) / (n_positive + 2), 1 / (len(values) - n_positive + 2))
    (centre,), (scale,) = centre_and_scale(values[:, None])
    if not varies(values) or scale < 1e-300:  # the slope would be noise, or infinite
        return SigmoidMap(0.0, _shifted_logit(float(target.mean())))
    design = np.stack([(values - centre) / scale, np.ones(len(values))], axis=1)  # (n, 2)

    def loss(w: Floats) -> float:
        z = design @ w
        return float(np.sum(np.logaddexp(0, z) - target * z))

    w = np.array([0.0, _shifted_logit(float(target.mean()))])
    for _ in range(100):
        p = sigmoid(design @ w)
        gradient = design.T @ (p - target)
        step = np.linalg.solve((design.T * (p * (1 - p))) @ design, gradient)
        while loss(w - step) > loss(w) and np.abs(step).max() > 1e-12:
            step /= 2
        w = w - step
        if np.abs(step).max() <= 1e-12 * (1 + np.abs(w).max()):
            break
    slope = w[0] / scale
    return SigmoidMap(float(slope), float(w[1] - slope * centre))


def temperature_scaling(logits: ArrayLike, y: ArrayLike) -> SigmoidMap:
    """Fit P(y = 1) = σ(logit / T) by maximum likelihood: the slope is 1 / T, the intercept 0.

    The derivative of the loss, Σ (σ(s z) − y) z, rises in the slope s, so bisection finds its zero. It looks
    between s = 0.01 and 100 and stops at the end if the best slope lies beyond, as with separated classes.

    Args:
        logits: numbers within ±1e100, (n,).
        y: 0 or 1, (n,).
    """
    positive, z, _ = _binary(y, _numbers("logits", logits), None)
    low, high = np.log(0.01), np.log(100)
    for _ in range(50):
        middle = (low + high) / 2
        if (sigmoid(np.exp(middle) * z) - positive) @ z < 0:
            low = middle
        else:
            high = middle
    return SigmoidMap(float(np.exp((low + high) / 2)), 0.0)


def isotonic(scores: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> IsotonicMap:
    """Fit the rising function of least squared error by pooling adjacent violators, O(n) after a sort.

    Go through the samples by rising score and keep a stack of blocks. While the last block's mean is not above that
    of the one before, the order is violated: merge the two. Tied scores start as one block.

    The end blocks are often exactly 0 and 1: one sample on the wrong side then makes log-loss explode.

    Args:
        scores: numbers within ±1e100, (n,).
        y: 0 or 1, (n,).
        sample_weight: 0 to 1e12, not all 0, (n,).
    """
    positive, values, weight = _binary(y, _numbers("scores", scores), sample_weight)
    distinct, group = np.unique(values, return_inverse=True)
    weights = np.bincount(group, weight)
    hits = np.bincount(group, weight * positive)
    rises = np.append(True, hits[:-1] * weights[1:] < hits[1:] * weights[:-1])
    first = np.flatnonzero(rises)  # a run that does not rise is one block in any case: merged here at once, for speed
    hits, weights = np.add.reduceat(hits, first), np.add.reduceat(weights, first)
    starts: list[int] = []
    block_hits: list[float] = []
    block_weights: list[float] = []
    for start, hit, mass in zip(first.tolist(), hits.tolist(), weights.tolist(), strict=True):
        while starts and block_hits[-1] * mass >= hit * block_weights[-1]:
            start = starts.pop()
            hit, mass = hit + block_hits.pop(), mass + block_weights.pop()
        starts.append(start)
        block_hits.append(hit)
        block_weights.append(mass)
    ends = [*(start - 1 for start in starts[1:]), len(distinct) - 1]
    means = np.array(block_hits) / np.array(block_weights)
    knots = np.stack([distinct[starts], distinct[ends]], axis=1).ravel()
    kept = np.append(True, knots[1:] > knots[:-1])  # a block of one score has one knot
    return IsotonicMap(knots[kept], np.repeat(means, 2)[kept])


def prior_correction(p: ArrayLike, train_prevalence: float, true_prevalence: float) -> Floats:
    """Return the probabilities in a population of another prevalence, of p's shape.

    If only the share of positives changes, and not how each class looks, the odds change by the factor
    π (1 − π_train) / (π_train (1 − π)). Prevalences are 1e-9 to 1 − 1e-9, p is 0 to 1.
    """
    share = _numbers("p", p)
    if not ((share >= 0) & (share <= 1)).all():
        raise ValueError(f"probabilities run from {share.min()} to {share.max()}: 0 to 1 is allowed")
    before = finite_number("train_prevalence", train_prevalence, 1e-9, 1 - 1e-9)
    after = finite_number("true_prevalence", true_prevalence, 1e-9, 1 - 1e-9)
    positive, negative = share * after / before, (1 - share) * (1 - after) / (1 - before)
    return positive / (positive + negative)


@dataclass(frozen=True, eq=False)
class Repairs:
    """Repairs fitted on one half of the samples and applied to the other, whose m samples they have not seen.

    y: (m,). p: by the name of the repair ("none", "temperature", "platt", "isotonic"), (m,) each. evaluated: (n,),
    which samples these are. sigmoids: the lines on the logit of the first three. steps: the isotonic function.
    """

    y: Ints
    p: dict[str, Floats]
    evaluated: Bools
    sigmoids: dict[str, SigmoidMap]
    steps: IsotonicMap


def compare_repairs(y: ArrayLike, logits: ArrayLike, seed: int = 0) -> Repairs:
    """Split the samples in halves at random, each class in equal parts; fit every repair on the first half.

    y: 0 or 1, (n,). logits: within ±1e100, (n,). seed: 0 to 2³² − 1. Raises ValueError unless each class has two
    samples.
    """
    positive, z, _ = _binary(y, _numbers("logits", logits), None)
    if min(positive.sum(), (~positive).sum()) < 2:
        raise ValueError(f"y has {positive.sum()} positives and {(~positive).sum()} negatives: 2 of each are needed")
    rng = np.random.default_rng(whole_number("seed", seed, 0, MAX_SEED))
    evaluated = np.zeros(len(z), dtype=bool)
    for members in (np.flatnonzero(positive), np.flatnonzero(~positive)):
        evaluated[rng.permutation(members)[len(members) // 2 :]] = True
    seen, truth = z[~evaluated], positive[~evaluated]
    sigmoids = {
        "none": SigmoidMap(1.0, 0.0),
        "temperature": temperature_scaling(seen, truth),
        "platt": platt(seen, truth),
    }
    steps = isotonic(seen, truth)
    p = {name: line.predict(z[evaluated]) for name, line in sigmoids.items()}
    p["isotonic"] = steps.predict(z[evaluated])
    return Repairs(positive[evaluated].astype(np.int64), p, evaluated, sigmoids, steps)


# ---------------------------------------------------------------------------------------- class imbalance


@dataclass(frozen=True, eq=False)
class ImbalanceStudy:
    """Logistic regression trained in the four ways of TRAININGS, in that order, and judged on one large test set.

    y: (m,) test labels. p_true: (m,) P(y = 1 | x). p: (4, m). train_prevalence: (4,), share of positives by weight in
    what each was trained on. p_corrected: (4, m), p after `prior_correction` from it to the prevalence of the
    training data. coef: (4, 3), two slopes and the intercept. X, labels: (n, 2), (n,) training data.
    """

    X: Floats
    labels: Ints
    y: Ints
    p_true: Floats
    coef: Floats
    train_prevalence: Floats
    p: Floats
    p_corrected: Floats


def imbalance_study(
    n: int = 2000, prevalence: float = 0.05, separation: float = 2.0, seed: int = 0, n_test: int = 20_000
) -> ImbalanceStudy:
    """Train on imbalanced data as they are, with class weights, with positives repeated, with negatives dropped.

    Two features, N(± separation/2 · (1, 1)/√2, I): the logistic model is right, its true slopes are
    separation/√2 each and its true intercept is logit π. Resampling is weighting by how often a sample was drawn, so
    all four trainings are one weighted fit with four columns of weights: "weighted" gives each class half of the
    total weight n, "oversampled" draws positives with replacement until they are as many as the negatives,
    "undersampled" keeps as many negatives, drawn without replacement, as there are positives (and the other way
    round if positives are the majority). The penalty is scikit-learn's default, ½‖slopes‖² (C = 1).

    Args:
        n: training samples, 10 to 100 000; round(n π) of them are positive, at least one of each class.
        prevalence: π, 0.001 to 0.999, in training and test data.
        separation: d′, 0.01 to 10.
        seed: 0 to 2³² − 1.
        n_test: 10 to 100 000.

    Raises:
        ValueError: for anything else.
    """
    n, n_test = whole_number("n", n, 10, 100_000), whole_number("n_test", n_test, 10, 100_000)
    share, d = finite_number("prevalence", prevalence, 0.001, 0.999), finite_number("separation", separation, 0.01, 10)
    seed = whole_number("seed", seed, 0, MAX_SEED)
    train, test, resampling = (np.random.default_rng([stream, seed]) for stream in (0, 1, 2))
    X, labels = _two_gaussians(n, share, d, train)
    X_test, y_test = _two_gaussians(n_test, share, d, test)

    few, many = np.flatnonzero(labels), np.flatnonzero(1 - labels)
    if len(few) > len(many):
        few, many = many, few
    weights = np.ones((4, n))
    for members in (few, many):
        weights[1, members] = n / (2 * len(members))
    weights[2, few] = np.bincount(resampling.integers(len(few), size=len(many)), minlength=len(few))
    weights[3, many] = 0
    weights[3, resampling.choice(many, len(few), replace=False)] = 1

    coef = _fit_weighted(X, labels, weights)
    p = sigmoid(coef @ np.column_stack([X_test, np.ones(n_test)]).T)
    train_prevalence = weights @ labels / weights.sum(axis=1)
    p_corrected = [
        prior_correction(row, before, labels.mean()) for row, before in zip(p, train_prevalence, strict=True)
    ]
    p_true = sigmoid(_shifted_logit(share) + d * X_test.sum(axis=1) / sqrt(2))
    return ImbalanceStudy(X, labels, y_test, p_true, coef, train_prevalence, p, np.array(p_corrected))


def _two_gaussians(n: int, prevalence: float, separation: float, rng: np.random.Generator) -> tuple[Floats, Ints]:
    y = np.zeros(n, dtype=np.int64)
    y[: min(max(round(n * prevalence), 1), n - 1)] = 1
    return rng.standard_normal((n, 2)) + separation * (y[:, None] - 0.5) / sqrt(2), y


def _fit_weighted(X: Floats, y: Ints, weights: Floats) -> Floats:
    """Logistic regressions by Newton's method, one for each row of weights (k, n): coefficients (k, p + 1).

    Minimises Σ w_i (log(1 + e^(z_i)) − y_i z_i) + ½‖slopes‖², z = X slopes + intercept, the intercept last. The step
    is halved, for each fit by itself, until its loss falls.
    """
    design = np.column_stack([X, np.ones(len(X))])  # (n, p + 1)
    penalty = np.append(np.ones(X.shape[1]), 0.0)

    def loss(coef: Floats) -> Floats:
        z = coef @ design.T  # (k, n)
        return np.asarray(
            np.sum(weights * (np.logaddexp(0, z) - y * z), axis=1) + coef**2 @ penalty / 2, dtype=np.float64
        )

    coef = np.zeros((len(weights), len(penalty)))
    for _ in range(50):
        p = sigmoid(coef @ design.T)
        gradient = (weights * (p - y)) @ design + penalty * coef
        curvature = (weights * p * (1 - p))[:, None, :]  # (k, 1, n)
        hessian = (design.T * curvature) @ design + np.diag(penalty)  # (k, p + 1, p + 1)
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        before = loss(coef)
        while (worse := loss(coef - step) > before + 1e-9 * np.abs(before)).any():
            step[worse] /= 2
        coef = coef - step
        if np.abs(step).max() < 1e-10:
            break
    return coef
