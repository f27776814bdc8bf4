"""Every number of mlcore.metrics against scikit-learn, a closed form, or plain counting."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from scipy.stats import norm
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve
from sklearn.linear_model import HuberRegressor

from mlcore import metrics as m

pytestmark = pytest.mark.filterwarnings("error")

Problem = tuple[np.ndarray, np.ndarray, np.ndarray | None]


def problems() -> Iterator[Any]:
    """Binary problems: few and many samples, heavy ties and none, rare classes, weights with zeros."""
    for seed, (n, levels, share) in enumerate(
        [(2, 1, 0.5), (3, 2, 0.5), (12, 3, 0.4), (50, 4, 0.1), (200, 10**6, 0.5), (999, 11, 0.02), (3000, 200, 0.9)]
    ):
        rng = np.random.default_rng(seed)
        y = (rng.random(n) < share).astype(int)
        y[:2] = 0, 1
        score = rng.integers(0, levels, n) / levels - 0.3 + 0.2 * y * (levels > 5)
        weight = rng.integers(0, 4, n) / 2 + (np.arange(n) < 2)
        yield pytest.param((y, score, None), id=f"n={n}")
        yield pytest.param((y, score, weight), id=f"n={n}, weighted")
    yield pytest.param((np.array([0, 1, 1, 0]), np.full(4, 0.7), None), id="all tied")
    yield pytest.param((np.array([0, 0, 1, 1]), np.arange(4.0), None), id="separated")
    yield pytest.param((np.array([1, 1, 0, 0]), np.arange(4.0), None), id="reversed")


every_problem = pytest.mark.parametrize("problem", list(problems()))


def probabilities(score: np.ndarray) -> np.ndarray:
    """Scores moved into [0, 1], both ends reached wherever scores differ."""
    return (score - score.min()) / max(float(np.ptp(score)), 1e-300)


@st.composite
def binary(draw: st.DrawFn, both: bool = True) -> tuple[np.ndarray, np.ndarray]:
    y = draw(st.lists(st.integers(0, 1), min_size=0 if both else 1, max_size=30)) + ([0, 1] if both else [])
    score = draw(st.lists(st.integers(0, 8), min_size=len(y), max_size=len(y)))
    return np.array(y), np.array(score) / 8


# ------------------------------------------------------------------------------------- threshold sweep


@every_problem
def test_sweep_agrees_with_counting_at_each_threshold(problem: Problem) -> None:
    y, score, weight = problem
    w = np.ones(len(y)) if weight is None else weight
    sweep = m.threshold_sweep(y, score, weight)
    np.testing.assert_array_equal(sweep.thresholds, np.append(np.inf, np.unique(score[w > 0])[::-1]))
    flagged = score >= sweep.thresholds[:, None]  # (T, n)
    for ours, counted in (
        (sweep.tp, flagged & (y == 1)),
        (sweep.fp, flagged & (y == 0)),
        (sweep.fn, ~flagged & (y == 1)),
        (sweep.tn, ~flagged & (y == 0)),
    ):
        np.testing.assert_array_equal(ours, counted @ w)  # weights are halves: sums are exact


@every_problem
def test_rates_agree_with_sklearn(problem: Problem) -> None:
    y, score, weight = problem
    sweep = m.threshold_sweep(y, score, weight)
    ours = {
        "precision": sweep.precision,
        "recall": sweep.recall,
        "specificity": sweep.specificity,
        "npv": sweep.npv,
        "fpr": sweep.fpr,
        "accuracy": sweep.accuracy,
        "balanced accuracy": sweep.balanced_accuracy,
        "informedness": sweep.informedness,
        "f1": sweep.f1,
        "f2": sweep.f_beta(2),
        "f0": sweep.f_beta(0),
        "mcc": sweep.mcc,
        "kappa": sweep.kappa,
    }
    for k in np.unique(np.linspace(0, len(sweep.thresholds) - 1, 9).astype(int)):
        guess = (score >= sweep.thresholds[k]).astype(int)
        w: dict[str, Any] = {"sample_weight": weight}
        balanced = sk.balanced_accuracy_score(y, guess, **w)
        reference = {
            "precision": sk.precision_score(y, guess, zero_division=0, **w),
            "recall": sk.recall_score(y, guess, zero_division=0, **w),
            "specificity": sk.recall_score(y, guess, pos_label=0, zero_division=0, **w),
            "npv": sk.precision_score(y, guess, pos_label=0, zero_division=0, **w),
            "fpr": 1 - sk.recall_score(y, guess, pos_label=0, zero_division=0, **w),
            "accuracy": sk.accuracy_score(y, guess, **w),
            "balanced accuracy": balanced,
            "informedness": sk.balanced_accuracy_score(y, guess, adjusted=True, **w),
            "f1": sk.f1_score(y, guess, zero_division=0, **w),
            "f2": sk.fbeta_score(y, guess, beta=2, zero_division=0, **w),
            "f0": sk.fbeta_score(y, guess, beta=0, zero_division=0, **w),
            "mcc": sk.matthews_corrcoef(y, guess, **w),
            "kappa": sk.cohen_kappa_score(y, guess, replace_undefined_by=0.0, **w),
        }
        assert {name: rate[k] for name, rate in ours.items()} == pytest.approx(reference, abs=1e-12)


def test_a_rate_over_nothing_is_zero() -> None:
    sweep = m.threshold_sweep([1, 1], [0.2, 0.4])
    assert sweep.precision.tolist() == [0, 1, 1]
    for rate in (sweep.fpr, sweep.specificity, sweep.npv, sweep.mcc, sweep.kappa):
        assert rate.tolist() == [0, 0, 0]
    one = m.threshold_sweep([0], [3.0])
    assert (one.fp.tolist(), one.tn.tolist()) == ([0, 1], [1, 0])
    assert one.recall.tolist() == one.f1.tolist() == [0, 0]


@given(binary(both=False), st.lists(st.floats(-0.5, 1.5) | st.sampled_from([np.inf, -np.inf]), min_size=1))
def test_sweep_at_any_threshold(data: tuple[np.ndarray, np.ndarray], thresholds: list[float]) -> None:
    y, score = data
    looked_up = m.threshold_sweep(y, score).at(thresholds)
    for k, t in enumerate(thresholds):
        assert looked_up.tp[k] == ((score >= t) & (y == 1)).sum()
        assert looked_up.fp[k] == ((score >= t) & (y == 0)).sum()
        assert looked_up.fn[k] == ((score < t) & (y == 1)).sum()
        assert looked_up.tn[k] == ((score < t) & (y == 0)).sum()


@every_problem
@pytest.mark.parametrize("prevalence", [1e-9, 0.03, 0.5, 0.999])
def test_another_prevalence_is_another_weight_of_the_classes(problem: Problem, prevalence: float) -> None:
    y, score, weight = problem
    w = np.ones(len(y)) if weight is None else weight
    total = w.sum()
    share = w @ y / total
    reweighted = w * np.where(y == 1, prevalence / share, (1 - prevalence) / (1 - share))
    ours = m.threshold_sweep(y, score, weight).at_prevalence(prevalence)
    direct = m.threshold_sweep(y, score, reweighted).at(ours.thresholds)
    for name in ("recall", "fpr"):
        before = getattr(m.threshold_sweep(y, score, weight), name)
        np.testing.assert_allclose(getattr(ours, name), before, atol=1e-12)
    for name in ("tp", "fp", "fn", "tn", "precision", "accuracy", "f1", "prevalence"):
        np.testing.assert_allclose(getattr(ours, name), getattr(direct, name), atol=1e-9 * total)


# ------------------------------------------------------------------------------------ curves and areas


@every_problem
def test_curves_and_areas_agree_with_sklearn(problem: Problem) -> None:
    y, score, weight = problem
    ours = m.roc_curve(y, score, weight)
    for a, b in zip(ours, sk.roc_curve(y, score, sample_weight=weight, drop_intermediate=False), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)
    for a, b in zip(
        m.precision_recall_curve(y, score, weight),
        sk.precision_recall_curve(y, score, sample_weight=weight),
        strict=True,
    ):
        kept = slice(None) if weight is None else slice(-len(a), None)  # it keeps thresholds of weight 0
        np.testing.assert_allclose(a, b[kept], atol=1e-12)
    assert m.roc_auc(y, score, weight) == pytest.approx(sk.roc_auc_score(y, score, sample_weight=weight), abs=1e-12)
    assert m.average_precision(y, score, weight) == pytest.approx(
        sk.average_precision_score(y, score, sample_weight=weight), abs=1e-12
    )


@given(binary())
def test_auc_is_the_probability_of_ranking_a_pair_right(data: tuple[np.ndarray, np.ndarray]) -> None:
    y, score = data
    gap = score[y == 1][:, None] - score[y == 0]
    assert m.roc_auc(y, score) == pytest.approx(((gap > 0) + 0.5 * (gap == 0)).mean(), abs=1e-12)


@given(binary())
def test_rising_transforms_change_neither_area(data: tuple[np.ndarray, np.ndarray]) -> None:
    y, score = data
    for other in (np.exp(3 * score), score**3 - 1e6, np.arctan(score)):
        assert m.roc_auc(y, other) == m.roc_auc(y, score)
        assert m.average_precision(y, other) == m.average_precision(y, score)
    assert m.roc_auc(y, -score) == pytest.approx(1 - m.roc_auc(y, score), abs=1e-12)
    assert m.roc_auc(1 - y, -score) == pytest.approx(m.roc_auc(y, score), abs=1e-12)


def test_areas_without_a_class_are_refused_but_average_precision_needs_no_negative() -> None:
    for y in ([0, 0], [1, 1]):
        for refused in (m.roc_curve, m.roc_auc, m.auc_standard_error, m.bootstrap_curves):
            with pytest.raises(ValueError, match="both classes"):
                refused(y, [0.1, 0.2])
        with pytest.raises(ValueError, match="both classes"):
            m.roc_auc_pairs(y, [0.1, 0.2], 5, 0)
    assert m.average_precision([1, 1], [0.1, 0.2]) == 1
    with pytest.raises(ValueError, match="no positive"):
        m.average_precision([0, 0], [0.1, 0.2])


@pytest.mark.parametrize("f1", [0.01, 0.2, 0.5, 0.9, 1.0])
def test_iso_f1(f1: float) -> None:
    recall, precision = m.iso_f1(f1)
    np.testing.assert_allclose(2 * precision * recall / (precision + recall), f1, rtol=1e-12)
    assert recall.shape == precision.shape == (101,)
    assert max(recall.max(), precision.max()) <= 1 + 1e-12
    assert (recall[-1], precision[0]) == pytest.approx((1, 1))


# --------------------------------------------------------------------------------- AUC as a probability


def test_drawn_pairs_come_near_the_auc_as_fast_as_their_standard_error_says() -> None:
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 80)
    score = np.round(rng.normal(size=80) + y, 1)
    auc = m.roc_auc(y, score)
    z = []
    for seed in range(200):
        pairs = m.roc_auc_pairs(y, score, 500, seed)
        assert pairs.estimate.shape == pairs.standard_error.shape == (500,)
        z.append((pairs.estimate[-1] - auc) / pairs.standard_error[-1])
    assert np.mean(z) == pytest.approx(0, abs=4 / np.sqrt(200))
    assert np.std(z) == pytest.approx(1, abs=4 / np.sqrt(400))
    assert (y[pairs.positive] == 1).all()
    assert (y[pairs.negative] == 0).all()
    gap = score[pairs.positive] - score[pairs.negative]
    np.testing.assert_array_equal(pairs.outcome, np.where(gap == 0, 0.5, gap > 0))
    for k in (1, 2, 17, 500):
        assert pairs.estimate[k - 1] == pytest.approx(pairs.outcome[:k].mean())
        assert pairs.standard_error[k - 1] == pytest.approx(pairs.outcome[:k].std() / np.sqrt(k), abs=1e-9)


def test_standard_error_agrees_with_delongs_definition_and_with_fresh_samples() -> None:
    def sample(seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        y = np.repeat([0, 1], [90, 40])
        return y, np.round(rng.normal(size=130) + y, 1)

    y, score = sample(0)
    gap = score[y == 1][:, None] - score[y == 0]
    wins = (gap > 0) + 0.5 * (gap == 0)
    variance = wins.mean(axis=1).var(ddof=1) / 40 + wins.mean(axis=0).var(ddof=1) / 90
    assert m.auc_standard_error(y, score) == pytest.approx(np.sqrt(variance), rel=1e-12)
    spread = np.std([m.roc_auc(*sample(seed)) for seed in range(400)])
    typical = np.mean([m.auc_standard_error(*sample(seed)) for seed in range(100)])
    assert typical == pytest.approx(spread, rel=0.15)  # four standard errors of the spread of 400
    with pytest.raises(ValueError, match="1 positives and 2 negatives"):
        m.auc_standard_error([0, 1, 0], [1, 2, 3])


# ---------------------------------------------------------------------------------------- bootstrap


@pytest.mark.parametrize("levels", [3, 10**6])
@pytest.mark.parametrize("prevalence", [None, 0.07])
def test_bootstrap_agrees_with_redoing_each_sample(
    levels: int, prevalence: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(levels)
    y = rng.permutation(np.repeat([0, 1], [40, 25]))
    score = rng.integers(0, levels, 65) / levels + 0.2 * y
    monkeypatch.setattr(m, "BLOCK_CELLS", 65 * 7)  # blocks of 7 samples, the last one shorter
    ours = m.bootstrap_curves(y, score, 30, seed=5, prevalence=prevalence)

    draws = np.random.default_rng(5)
    curves = []
    for start in range(0, 30, 7):
        rows = min(7, 30 - start)
        positives = score[y == 1][draws.integers(25, size=(rows, 25))]
        negatives = score[y == 0][draws.integers(40, size=(rows, 40))]
        for pos, neg in zip(positives, negatives, strict=True):
            truth = np.repeat([1, 0], [25, 40])
            both = np.concatenate([pos, neg])
            share = 25 / 65 if prevalence is None else prevalence
            weight = np.repeat([share / 25, (1 - share) / 40], [25, 40])
            fpr, tpr, _ = sk.roc_curve(truth, both, drop_intermediate=False)
            precision, recall, _ = sk.precision_recall_curve(truth, both, sample_weight=weight)
            roc = [
                tpr[np.abs(fpr - f) < 1e-9].max() if (np.abs(fpr - f) < 1e-9).any() else np.interp(f, fpr, tpr)
                for f in ours.grid
            ]
            hit = recall > 1e-9
            pr = [precision[hit & (recall >= r - 1e-9)][-1] for r in ours.grid]
            curves.append(
                (
                    sk.roc_auc_score(truth, both),
                    sk.average_precision_score(truth, both, sample_weight=weight),
                    roc,
                    pr,
                )
            )
    auc, ap, roc, pr = (np.array(part) for part in zip(*curves, strict=True))
    np.testing.assert_allclose(ours.auc, auc, atol=1e-12)
    np.testing.assert_allclose(ours.average_precision, ap, atol=1e-12)
    for low, high, reference in (
        (ours.tpr_low, ours.tpr_high, roc),
        (ours.precision_low, ours.precision_high, pr),
    ):
        np.testing.assert_allclose([low, high], np.quantile(reference, [0.025, 0.975], axis=0), atol=1e-9)
    assert ours.auc_interval == pytest.approx(tuple(np.quantile(auc, [0.025, 0.975])))
    assert ours.average_precision_interval == pytest.approx(tuple(np.quantile(ap, [0.025, 0.975])))


def test_bootstrap_spread_is_the_standard_error_and_its_centre_the_curve() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    score = rng.normal(size=400) + y
    bands = m.bootstrap_curves(y, score, 1000, level=0.9)
    assert bands.auc.std() == pytest.approx(m.auc_standard_error(y, score), rel=0.1)
    assert bands.auc_interval[0] < m.roc_auc(y, score) < bands.auc_interval[1]
    assert ((bands.tpr_low <= bands.tpr) & (bands.tpr <= bands.tpr_high)).mean() > 0.95
    assert ((bands.precision_low <= bands.precision) & (bands.precision <= bands.precision_high)).mean() > 0.95
    fpr, tpr, _ = sk.roc_curve(y, score, drop_intermediate=False)
    inside = bands.grid[1:-1]
    assert np.abs(bands.tpr[1:-1] - np.interp(inside, fpr, tpr)).max() < 0.1
    again = m.bootstrap_curves(y, score, 1000, level=0.9)
    np.testing.assert_array_equal(bands.tpr_low, again.tpr_low)
    assert not np.array_equal(bands.auc, m.bootstrap_curves(y, score, 1000, seed=1).auc)


# --------------------------------------------------------------------------------------------- costs


@every_problem
def test_expected_cost_and_best_threshold_by_adding_up(problem: Problem) -> None:
    y, score, weight = problem
    w = np.ones(len(y)) if weight is None else weight
    sweep = m.threshold_sweep(y, score, weight)
    flagged = score >= sweep.thresholds[:, None]
    each = np.where(flagged, 2.0 * (y == 0), 7.0 * (y == 1))
    cost = m.expected_cost(sweep, 2, 7)
    np.testing.assert_allclose(cost, each @ w / w.sum(), atol=1e-12)
    assert cost[sweep.thresholds == m.best_threshold(sweep, 2, 7)] == pytest.approx([cost.min()])
    elsewhere = m.expected_cost(sweep.at_prevalence(0.2), 2, 7)
    np.testing.assert_allclose(m.expected_cost(sweep, 2, 7, 0.2), elsewhere, atol=1e-12)


@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_bayes_threshold_is_where_both_decisions_cost_the_same(cost_fp: float, cost_fn: float) -> None:
    t = m.bayes_threshold(cost_fp, cost_fn)
    assert (1 - t) * cost_fp == pytest.approx(t * cost_fn)


@given(st.floats(0.1, 10), st.floats(0.1, 10), st.floats(0.01, 0.99), st.floats(0, 1))
def test_iso_cost_lines(cost_fp: float, cost_fn: float, prevalence: float, part: float) -> None:
    worst = (1 - prevalence) * cost_fp + prevalence * cost_fn
    fpr, tpr = m.iso_cost(part * worst, cost_fp, cost_fn, prevalence)
    cost = cost_fp * (1 - prevalence) * fpr + cost_fn * prevalence * (1 - tpr)
    np.testing.assert_allclose(cost, part * worst, atol=1e-9)
    for corner in (fpr, tpr):
        assert 0 <= corner.min() <= corner.max() <= 1
    assert fpr[0] == 0 or tpr[0] == pytest.approx(0, abs=1e-9)
    assert fpr[1] == 1 or tpr[1] == pytest.approx(1, abs=1e-9)


@every_problem
def test_cost_curve_is_the_lowest_expected_cost(problem: Problem) -> None:
    sweep = m.threshold_sweep(*problem)
    curve = m.cost_curve(sweep, 21)
    for x, cost, threshold in zip(
        curve.probability_cost[1:-1], curve.normalised_cost[1:-1], curve.threshold[1:-1], strict=True
    ):
        prevalence, cost_fn = 0.5, x / (1 - x)  # this mix of costs and prevalence has probability cost x
        scale = prevalence * cost_fn + (1 - prevalence)
        assert cost == pytest.approx(m.expected_cost(sweep, 1, cost_fn, prevalence).min() / scale)
        (here,) = m.expected_cost(sweep.at(threshold), 1, cost_fn, prevalence) / scale
        assert here == pytest.approx(cost)
    assert (curve.normalised_cost <= np.minimum(curve.probability_cost, 1 - curve.probability_cost) + 1e-12).all()


# ------------------------------------------------------------------------------------- probabilities


@every_problem
def test_log_loss_and_brier_score_agree_with_sklearn(problem: Problem) -> None:
    y, score, weight = problem
    p = probabilities(score)  # with exact zeros and ones, some of them wrong
    assert m.log_loss(y, p, weight) == pytest.approx(sk.log_loss(y, p, sample_weight=weight, labels=[0, 1]), rel=1e-12)
    assert m.brier_score(y, p, weight) == pytest.approx(sk.brier_score_loss(y, p, sample_weight=weight), abs=1e-14)


def test_one_class_one_sample_and_wrong_certainty() -> None:
    assert m.log_loss([1], [1.0]) == pytest.approx(0, abs=1e-15)
    assert m.log_loss([1], [0.0]) == pytest.approx(-np.log(np.finfo(float).eps))
    assert m.log_loss([0, 0], [0.25, 0.25]) == pytest.approx(-np.log(0.75))
    assert m.brier_score([0], [1]) == 1


@every_problem
@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("n_bins", [1, 2, 10, 17])
def test_reliability_curve_agrees_with_sklearn(problem: Problem, strategy: str, n_bins: int) -> None:
    y, p = problem[0], probabilities(problem[1])
    ours = m.reliability_curve(y, p, n_bins, strategy)
    observed, predicted = calibration_curve(y, p, n_bins=n_bins, strategy=strategy)
    np.testing.assert_allclose(ours.observed, observed, atol=1e-12)
    np.testing.assert_allclose(ours.predicted, predicted, atol=1e-12)
    assert ours.count.sum() == len(y)
    assert (ours.count > 0).all()
    assert ((ours.lower <= ours.predicted + 1e-12) & (ours.predicted <= ours.upper + 1e-12)).all()
    gap = np.abs(observed - predicted)
    assert m.expected_calibration_error(y, p, n_bins, strategy) == pytest.approx(gap @ ours.count / len(y), abs=1e-12)
    assert m.maximum_calibration_error(y, p, n_bins, strategy) == pytest.approx(gap.max(), abs=1e-12)


@given(binary(both=False), st.integers(1, 12), st.sampled_from(["uniform", "quantile"]))
def test_brier_decomposition_sums(data: tuple[np.ndarray, np.ndarray], n_bins: int, strategy: str) -> None:
    y, p = data
    parts = m.brier_decomposition(y, p, n_bins, strategy)
    assert parts.brier == pytest.approx(np.mean((y - p) ** 2), abs=1e-12)
    bins = m.reliability_curve(y, p, n_bins, strategy)
    means = bins.predicted[np.searchsorted(bins.upper[:-1], p)]
    binned = parts.reliability - parts.resolution + parts.uncertainty
    assert binned == pytest.approx(np.mean((y - means) ** 2), abs=1e-12)
    assert binned + parts.within_bins == pytest.approx(parts.brier, abs=1e-12)
    assert parts.uncertainty == pytest.approx(y.mean() * (1 - y.mean()), abs=1e-12)
    assert min(parts.reliability, parts.resolution) >= 0


@given(binary(both=False))
def test_brier_decomposition_is_exact_for_a_bin_a_value(data: tuple[np.ndarray, np.ndarray]) -> None:
    y, p = data  # multiples of 1/8: one to each of 8 bins (lower, upper], but 0 shares the first
    parts = m.brier_decomposition(y, np.maximum(p, 1 / 8), 8)
    assert parts.within_bins == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_wilson_interval_solves_its_equation(level: float) -> None:
    n = np.array([1, 5, 40, 1000])
    for k in (0 * n, n // 3, n):
        low, high = m.wilson_interval(k, n, level)
        for end in (low, high):  # its ends are the p whose score test just rejects: |p̂ − p| = z √(p (1 − p) / n)
            z = norm.ppf((1 + level) / 2)
            np.testing.assert_allclose(np.abs(k / n - end), z * np.sqrt(np.maximum(end * (1 - end), 0) / n), atol=1e-7)
        assert ((low >= 0) & (low <= k / n) & (k / n <= high) & (high <= 1)).all()


# -------------------------------------------------------------------------------------- several classes


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("labels", [None, [3, 0, 1, 2], [2, 1, 0, 9, 3]])
@pytest.mark.parametrize("n", [1, 7, 400])
def test_multiclass_agrees_with_sklearn(n: int, labels: list[int] | None, weighted: bool) -> None:
    rng = np.random.default_rng(n)
    truth, guess = rng.integers(0, 4, n), rng.integers(0, 3, n)  # class 3 is never predicted
    weight = rng.integers(0, 5, n) + (np.arange(n) == 0) if weighted else None
    report = m.classification_report(truth, guess, labels, weight)
    names = np.unique([truth, guess]) if labels is None else labels
    np.testing.assert_array_equal(report.labels, names)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "A single label was found")  # n = 1
        reference = sk.confusion_matrix(truth, guess, labels=names, sample_weight=weight)
    np.testing.assert_allclose(report.confusion, reference)
    np.testing.assert_array_equal(report.confusion, m.confusion_matrix(truth, guess, labels, weight))
    for average, ours in (
        (None, (report.precision, report.recall, report.f1)),
        ("micro", report.micro),
        ("macro", report.macro),
        ("weighted", report.weighted),
    ):
        reference = sk.precision_recall_fscore_support(
            truth, guess, labels=report.labels, average=average, sample_weight=weight, zero_division=0
        )
        np.testing.assert_allclose(ours, reference[:3], atol=1e-12)
        if average is None:
            np.testing.assert_allclose(report.support, reference[3])
    assert report.accuracy == pytest.approx(sk.accuracy_score(truth, guess, sample_weight=weight))


def test_labels_may_be_strings_and_strangers_are_refused() -> None:
    truth, guess = ["dog", "cat", "dog"], ["dog", "dog", "emu"]
    report = m.classification_report(truth, guess)
    assert report.labels.tolist() == ["cat", "dog", "emu"]
    np.testing.assert_array_equal(report.confusion, sk.confusion_matrix(truth, guess))
    with pytest.raises(ValueError, match="not in labels"):
        m.confusion_matrix(truth, guess, ["dog", "cat"])
    for bad in ([["cat", "dog", "dog", "emu"]], [["dog", "dog", "cat", "emu"], None], [[]], [[[1, 2]]], [[0, 1]]):
        with pytest.raises(ValueError, match="labels"):
            m.confusion_matrix(truth, ["dog", "dog", "emu"], bad[0])
    with pytest.raises(ValueError, match="all numbers or all strings"):
        m.confusion_matrix([0, 1], ["a", "b"])


def test_one_vs_rest_auc_agrees_with_sklearn() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 150)
    score = np.round(rng.dirichlet([1, 1, 1], 150), 1) + 0.1 * (truth[:, None] == np.arange(3))
    score /= score.sum(axis=1, keepdims=True)
    ours = m.roc_auc_one_vs_rest(truth, score)
    np.testing.assert_allclose(ours, sk.roc_auc_score(truth, score, multi_class="ovr", average=None), atol=1e-12)
    assert ours.mean() == pytest.approx(sk.roc_auc_score(truth, score, multi_class="ovr"))
    with pytest.raises(ValueError, match="shape"):
        m.roc_auc_one_vs_rest(truth, score[:, :2])


# ------------------------------------------------------------------------------------ regression losses


@pytest.mark.parametrize("n", [2, 9, 500])
@pytest.mark.parametrize("delta", [0.05, 1, 50])
def test_regression_losses_agree_with_sklearn(n: int, delta: float) -> None:
    rng = np.random.default_rng(n)
    y, predicted = rng.normal(3, 2, n), rng.normal(3, 2, n)
    assert m.rmse(y, predicted) == pytest.approx(sk.root_mean_squared_error(y, predicted))
    assert m.mae(y, predicted) == pytest.approx(sk.mean_absolute_error(y, predicted))
    assert m.r2(y, predicted) == pytest.approx(sk.r2_score(y, predicted))
    assert m.huber(y, predicted, delta) == pytest.approx(special.huber(delta, y - predicted).mean())


def test_r2_without_variance() -> None:
    for predicted in ([2.0, 2.0], [2.0, 3.0]):
        assert m.r2([2.0, 2.0], predicted) == sk.r2_score([2.0, 2.0], predicted)
    with pytest.raises(ValueError, match="2 or more"):
        m.r2([1.0], [1.0])


def test_r2_of_a_constant_to_rounding() -> None:
    assert m.r2([0.1] * 3, [1.1] * 3) == 0
    assert m.r2([0.1] * 3, [0.1] * 3) == 1
    assert m.r2([0.3, 0.1 + 0.2], [1, 1]) == 0
    assert m.r2([0.3, 0.1 + 0.2], [0.3, 0.3]) == 1


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=2, max_size=9),
    st.sampled_from([1e-300, 1e-160, 1e-3, 1.0, 1e8, 1e92]),
    st.sampled_from([0.0, 1.0, 1e6]),
    st.sampled_from([np.float64, np.float32, np.float16, list]),
)
def test_regression_losses_at_every_size_and_type(pairs: list, size: float, offset: float, kind: Any) -> None:
    with np.errstate(all="ignore"):
        y, predicted = ((np.array(column) + offset) * size for column in zip(*pairs, strict=True))
        y, predicted = (list(column) if kind is list else column.astype(kind) for column in (y, predicted))
    hypothesis.assume(np.isfinite(np.array([y, predicted], dtype=float)).all())
    exact, guess = [Fraction(float(v)) for v in y], [Fraction(float(v)) for v in predicted]
    misses, mean = [a - b for a, b in zip(exact, guess, strict=True)], sum(exact) / len(exact)
    square = sum(r * r for r in misses) / len(misses)
    assert Fraction(m.rmse(y, predicted)) ** 2 == pytest.approx(square, rel=1e-12)
    assert Fraction(m.mae(y, predicted)) == pytest.approx(sum(map(abs, misses)) / len(misses), rel=1e-12)
    spread, largest = max(exact) - min(exact), max(map(abs, exact))
    if spread > Fraction(1e-9) * largest:  # nearer to constant the mean's rounding shows
        unexplained = square * len(misses) / sum((v - mean) ** 2 for v in exact)
        if unexplained < 1e300:
            assert m.r2(y, predicted) == pytest.approx(1 - float(unexplained), rel=1e-6, abs=1e-6)


@given(
    st.lists(st.integers(-20, 20), min_size=1, max_size=15),
    st.sampled_from([1e-3, 0.5, 1.0, 7.0, 1e4]),
)
def test_best_constants_are_no_worse_than_any(values: list[int], delta: float) -> None:
    y = np.array(values) / 2
    best = m.best_constants(y, delta)
    grid = np.concatenate([y, np.linspace(y.min() - 1, y.max() + 1, 200), *([value] for value in best.values())])
    losses = m.constant_losses(y, grid, delta)
    for i, name in enumerate(best):
        assert losses[name][len(grid) - 3 + i] <= losses[name].min() + 1e-9
    assert best["rmse"] == pytest.approx(y.mean(), abs=1e-12)
    assert best["mae"] == np.median(y)
    if delta == 1e-3:  # almost the median; where an interval is best, its midpoint as for the median
        assert best["huber"] == pytest.approx(np.median(y), abs=1e-3)
    if delta == 1e4:
        assert best["huber"] == pytest.approx(y.mean(), abs=1e-9)


def test_constant_losses_and_best_constants_of_many_data_sets_at_once() -> None:
    y = np.tile(np.random.default_rng(0).normal(size=12), (5, 1))
    y[:, 0] = np.linspace(0, 100, 5)  # one outlier, dragged away
    constants = np.linspace(-3, 9, 7)
    losses, best = m.constant_losses(y, constants, 0.7), m.best_constants(y, 0.7)
    for i, row in enumerate(y):
        for j, c in enumerate(constants):
            for name, loss in (("rmse", m.rmse), ("mae", m.mae)):
                assert losses[name][i, j] == pytest.approx(loss(row, np.full(12, c)))
            assert losses["huber"][i, j] == pytest.approx(m.huber(row, np.full(12, c), 0.7))
        for name, value in m.best_constants(row, 0.7).items():
            assert best[name][i] == pytest.approx(value)
        assert np.clip(row - best["huber"][i], -0.7, 0.7).sum() == pytest.approx(0, abs=1e-9)
    assert best["rmse"][-1] - best["rmse"][0] == pytest.approx(100 / 12)
    assert np.ptp(best["huber"][1:]) == pytest.approx(0, abs=1e-9)  # beyond δ an outlier's pull no longer grows


def test_huber_location_agrees_with_sklearns_regressor() -> None:
    y = np.random.default_rng(3).standard_t(2, 60)
    model = HuberRegressor(epsilon=1.35, alpha=0, tol=1e-10, max_iter=1000).fit(np.zeros((60, 1)), y)
    ours = m.best_constants(y, 1.35 * model.scale_)["huber"]
    assert ours == pytest.approx(model.intercept_, abs=1e-5)


# ---------------------------------------------------------------------------------------- refused input

GOOD: dict[str, Any] = {"y": [0, 1, 1], "score": [0.1, 0.5, 0.5]}


@pytest.mark.parametrize(
    ("y", "score", "weight"),
    [
        ([], [], None),
        ([0, 1, 2], [0.1, 0.2, 0.3], None),
        ([-1, 1, 1], [0.1, 0.2, 0.3], None),
        (["0", "1", "1"], [0.1, 0.2, 0.3], None),
        ([0, 1, np.nan], [0.1, 0.2, 0.3], None),
        ([0, 1], [0.1, 0.2, 0.3], None),
        ([[0, 1]], [[0.1, 0.2]], None),
        ([0, 1, 1], [0.1, np.nan, 0.3], None),
        ([0, 1, 1], [0.1, np.inf, 0.3], None),
        ([0, 1, 1], ["a", "b", "c"], None),
        ([0, 1, 1], [0.1, 0.2, 0.3], [1, 1]),
        ([0, 1, 1], [0.1, 0.2, 0.3], [1, -1, 1]),
        ([0, 1, 1], [0.1, 0.2, 0.3], [0, 0, 0]),
        ([0, 1, 1], [0.1, 0.2, 0.3], [1, np.nan, 1]),
        ([0, 1, 1], [0.1, 0.2, 0.3], [1, 1e300, 1]),
    ],
)
def test_bad_arrays_are_refused_with_a_sentence(y: Any, score: Any, weight: Any) -> None:
    for refuse in (m.threshold_sweep, m.roc_curve, m.roc_auc, m.average_precision, m.log_loss, m.brier_score):
        with pytest.raises(ValueError, match=r"allowed|must be"):
            refuse(y, score, weight)


@pytest.mark.parametrize(
    "call",
    [
        lambda y, s: m.threshold_sweep(y, s).at([np.nan]),
        lambda y, s: m.threshold_sweep(y, s).at([0.1, 0.2]).at([0.1]),
        lambda y, s: m.threshold_sweep(y, s).at_prevalence(1.1),
        lambda y, s: m.threshold_sweep([1, 1, 1], s).at_prevalence(0.5),
        lambda y, s: m.threshold_sweep(y, s).f_beta(-1),
        lambda y, s: m.iso_f1(0),
        lambda y, s: m.iso_f1(0.5, 1),
        lambda y, s: m.roc_auc_pairs(y, s, 0, 0),
        lambda y, s: m.roc_auc_pairs(y, s, 10, -1),
        lambda y, s: m.bootstrap_curves(y, s, 1),
        lambda y, s: m.bootstrap_curves(y, s, True),
        lambda y, s: m.bootstrap_curves(y, s, level=1.0),
        lambda y, s: m.bootstrap_curves(y, s, prevalence=np.nan),
        lambda y, s: m.expected_cost(m.threshold_sweep(y, s), 0, 1),
        lambda y, s: m.expected_cost(m.threshold_sweep(y, s), 1, np.inf),
        lambda y, s: m.expected_cost(m.threshold_sweep([0, 0, 0], s), 1, 1),
        lambda y, s: m.bayes_threshold("1", 1),
        lambda y, s: m.iso_cost(2, 1, 1, 0.5),
        lambda y, s: m.cost_curve(m.threshold_sweep(y, s), 1),
        lambda y, s: m.log_loss(y, [0.1, 0.5, 1.1]),
        lambda y, s: m.brier_score(y, [-0.1, 0.5, 1.0]),
        lambda y, s: m.reliability_curve(y, s, 0),
        lambda y, s: m.reliability_curve(y, s, 5, "kmeans"),
        lambda y, s: m.wilson_interval(2, 1),
        lambda y, s: m.wilson_interval(0, 0),
        lambda y, s: m.confusion_matrix(y, y[:2]),
        lambda y, s: m.confusion_matrix([], []),
        lambda y, s: m.rmse(y, np.array(s)[:, None]),
        lambda y, s: m.mae([], []),
        lambda y, s: m.huber(y, s, 0),
        lambda y, s: m.rmse([np.inf], [0.0]),
        lambda y, s: m.constant_losses(3.0, [1.0]),
    ],
)
def test_arguments_out_of_range_are_refused_with_a_sentence(call: Any) -> None:
    with pytest.raises(ValueError, match=r"allowed|must be|needed|do not fall"):
        call(GOOD["y"], GOOD["score"])


@settings(max_examples=50)
@given(binary(), st.sampled_from([1e-300, 1e-9, 1.0, 1e150, 1e300]))
def test_scores_of_any_size_give_finite_numbers(data: tuple[np.ndarray, np.ndarray], scale: float) -> None:
    y, score = data[0], (data[1] - 0.5) * scale
    sweep = m.threshold_sweep(y, score)
    for rate in (sweep.precision, sweep.mcc, sweep.kappa, m.expected_cost(sweep, 1e-9, 1e9)):
        assert np.isfinite(rate).all()
    bands = m.bootstrap_curves(y, score, 5)
    assert np.isfinite([bands.tpr_low, bands.tpr_high, bands.precision_low, bands.precision_high]).all()
    assert np.isfinite(m.roc_auc_pairs(y, score, 9, 0).standard_error).all()


@given(st.integers(1, 40), st.data())
def test_a_probability_on_an_edge_is_in_the_bin_below_it(n_bins: int, data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.integers(0, n_bins), min_size=1, max_size=20))
    found = m.reliability_curve([0] * len(parts), [part / n_bins for part in parts], n_bins)
    expected = np.bincount([max(part, 1) - 1 for part in parts], minlength=n_bins)
    np.testing.assert_array_equal(found.count, expected[expected > 0])
    np.testing.assert_array_equal(found.upper, [(k + 1) / n_bins for k in np.flatnonzero(expected)])


def test_five_sixths_are_in_the_fifth_of_six_bins() -> None:
    bins = m.reliability_curve([1, 0], [5 / 6] * 2, 6)
    assert (bins.lower.tolist(), bins.upper.tolist()) == ([4 / 6], [5 / 6])


@given(st.integers(1, 30), st.integers(1, 9))
def test_quantile_bins_hold_equal_counts_where_they_can(size: int, n_bins: int) -> None:
    p = np.arange(size * n_bins + 1) / (size * n_bins)  # every edge is a sample
    bins = m.reliability_curve([0] * len(p), p, n_bins, "quantile")
    np.testing.assert_array_equal(bins.count, [size + 1] + [size] * (n_bins - 1))


@pytest.mark.parametrize("size", [1e-300, 1e-100, 1.0, 1e11])
def test_rates_do_not_depend_on_the_unit_of_the_weights(size: float) -> None:
    y, score = GOOD["y"], GOOD["score"]
    plain, scaled = m.threshold_sweep(y, score), m.threshold_sweep(y, score, np.full(len(y), size))
    for rate in ("recall", "precision", "f1", "mcc", "kappa"):
        np.testing.assert_allclose(getattr(scaled, rate), getattr(plain, rate), rtol=1e-12)


def test_labels_may_be_objects_of_one_kind() -> None:
    truth = np.array(["a", "b", "a"], dtype=object)
    np.testing.assert_array_equal(m.confusion_matrix(truth, ["a", "a", "b"]), [[1, 1], [1, 0]])
    assert m.roc_auc(np.array([0, 1], dtype=object), np.array([1, 2], dtype=object)) == 1
