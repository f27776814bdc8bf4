"""Every number of mlcore.calibration against scikit-learn, SciPy, a closed form, or many samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, special
from scipy.stats import norm
from sklearn.calibration import _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from mlcore import calibration as c
from mlcore import metrics as m

pytestmark = pytest.mark.filterwarnings("error")


@st.composite
def scored(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    y = draw(st.lists(st.integers(0, 1), min_size=1, max_size=40))
    scores = draw(st.lists(st.integers(-9, 9), min_size=len(y), max_size=len(y)))
    return np.array(scores) / 4, np.array(y)


# ------------------------------------------------------------------------------------- the score model


@pytest.mark.parametrize("confidence", [0.5, 1, 3])
@pytest.mark.parametrize("bias", [-1, 0, 2])
def test_scores_have_the_stated_distribution(confidence: float, bias: float) -> None:
    n, d, share = 40_000, 1.5, 0.3
    s = c.synthetic_scores(n, d, share, confidence, bias, seed=4)
    assert s.y.sum() == 12_000
    np.testing.assert_allclose(s.logit, confidence * s.logit_true + bias, rtol=1e-12)
    np.testing.assert_allclose(s.p, special.expit(s.logit), rtol=1e-12)
    np.testing.assert_allclose(s.p_true, special.expit(s.logit_true), rtol=1e-12)
    for label, sign in ((1, 1), (0, -1)):
        z = s.logit_true[s.y == label]
        assert z.mean() == pytest.approx(special.logit(share) + sign * d**2 / 2, abs=5 * d / np.sqrt(len(z)))
        assert z.std() == pytest.approx(d, abs=5 * d / np.sqrt(2 * len(z)))
    thresholds = np.array([0.0, 0.02, 0.3, 0.5, 0.9, 1.0])
    tpr, fpr = c.binormal_rates(thresholds, d, share, confidence, bias)
    sweep = m.threshold_sweep(s.y, s.p).at(thresholds)
    np.testing.assert_allclose(sweep.recall, tpr, atol=5 * 0.5 / np.sqrt(12_000))
    np.testing.assert_allclose(sweep.fpr, fpr, atol=5 * 0.5 / np.sqrt(28_000))
    assert m.roc_auc(s.y, s.logit) == pytest.approx(c.binormal_auc(d), abs=5 * m.auc_standard_error(s.y, s.logit))


def test_true_probabilities_are_bayes_rule_and_calibrated() -> None:
    s = c.synthetic_scores(50_000, 2, 0.2, seed=1)
    x = (s.logit_true - special.logit(0.2)) / 2
    bayes = 0.2 * norm.pdf(x, 1) / (0.2 * norm.pdf(x, 1) + 0.8 * norm.pdf(x, -1))
    np.testing.assert_allclose(s.p_true, bayes, rtol=1e-9)
    bins = m.reliability_curve(s.y, s.p_true, 15, "quantile")
    z = (bins.observed - bins.predicted) / np.sqrt(bins.predicted * (1 - bins.predicted) / bins.count)
    assert np.abs(z).max() < 4
    distorted = c.synthetic_scores(50_000, 2, 0.2, 2, 1, seed=1)
    np.testing.assert_array_equal(distorted.y, s.y)
    assert m.roc_auc(s.y, distorted.logit) == m.roc_auc(s.y, s.logit_true)
    assert m.log_loss(s.y, s.p) < m.log_loss(s.y, distorted.p)


@pytest.mark.parametrize("separation", [0.01, 1, 2.5, 10])
def test_closed_forms_agree_with_scipy(separation: float) -> None:
    assert c.binormal_auc(separation) == pytest.approx(norm.cdf(separation / np.sqrt(2)), abs=1e-14)
    t = np.linspace(0.001, 0.999, 400)
    tpr, fpr = c.binormal_rates(t, separation, 0.1, 1.7, -0.4)
    a, z = special.logit(0.1), (special.logit(t) + 0.4) / 1.7
    np.testing.assert_allclose(tpr, norm.sf(z, a + separation**2 / 2, separation), atol=1e-13)
    np.testing.assert_allclose(fpr, norm.sf(z, a - separation**2 / 2, separation), atol=1e-13)


@pytest.mark.parametrize(("separation", "prevalence", "confidence", "bias"), [(1.19, 0.1, 1, 0), (3, 0.01, 2, 1.5)])
def test_the_population_agrees_with_its_rates_and_with_quadrature(
    separation: float, prevalence: float, confidence: float, bias: float
) -> None:
    x = np.linspace(-2, 2, 9)
    sweep = c.binormal_sweep(x, separation, prevalence, confidence, bias)
    tpr, fpr = c.binormal_rates(sweep.thresholds, separation, prevalence, confidence, bias)
    np.testing.assert_allclose([sweep.recall, sweep.fpr], [tpr, fpr], rtol=1e-9)
    np.testing.assert_allclose([sweep.total, sweep.prevalence], [np.ones(9), np.full(9, prevalence)], rtol=1e-12)

    def expected(loss: Any) -> float:
        """The mean of a loss of (reported logit, label) over both classes, by adaptive quadrature."""
        total = 0.0
        for label, share in ((1, prevalence), (0, 1 - prevalence)):

            def integrand(z: float, label: int = label) -> float:
                x = z + separation * (label - 0.5)
                logit = confidence * (special.logit(prevalence) + separation * x) + bias
                return float(norm.pdf(z) * loss(logit, label))

            total += share * integrate.quad(integrand, -9, 9, limit=500, epsabs=1e-13)[0]
        return total

    brier, log_loss = c.binormal_losses(separation, prevalence, confidence, bias)
    assert brier == pytest.approx(expected(lambda z, y: (special.expit(z) - y) ** 2), rel=1e-8)
    assert log_loss == pytest.approx(expected(lambda z, y: np.logaddexp(0, z) - y * z), rel=1e-8)


def test_the_best_threshold_for_true_probabilities_is_the_bayes_threshold() -> None:
    thresholds = np.linspace(0.001, 0.999, 999)
    for cost_fp, cost_fn, share in ((1, 1, 0.5), (1, 9, 0.1), (3, 1, 0.7)):
        tpr, fpr = c.binormal_rates(thresholds, 1.2, share)
        cost = cost_fp * (1 - share) * fpr + cost_fn * share * (1 - tpr)
        assert thresholds[cost.argmin()] == pytest.approx(m.bayes_threshold(cost_fp, cost_fn), abs=0.0011)


def test_settings_move_the_same_samples() -> None:
    base = c.synthetic_scores(500, 1, 0.2, seed=3)
    apart = c.synthetic_scores(500, 2, 0.2, seed=3)
    np.testing.assert_array_equal(base.y, apart.y)
    more = c.synthetic_scores(500, 1, 0.3, seed=3)
    assert (more.y >= base.y).all()
    assert not np.array_equal(base.y, c.synthetic_scores(500, 1, 0.2, seed=4).y)
    for share in (0.0001, 0.9999):
        assert 0 < c.synthetic_scores(10, 1, share).y.sum() < 10


# --------------------------------------------------------------------------------------------- repairs


@pytest.mark.parametrize("n", [1, 2, 5, 60, 2000])
@pytest.mark.parametrize("scale", [0.1, 1, 200])
def test_platt_agrees_with_sklearn(n: int, scale: float) -> None:
    rng = np.random.default_rng(n)
    y = rng.integers(0, 2, n)
    scores = scale * (rng.normal(size=n) + y)
    line = c.platt(scores, y)
    positives = y.sum()
    target = np.where(y, (positives + 1) / (positives + 2), 1 / (n - positives + 2))
    p = line.predict(scores)
    assert np.abs([(p - target).sum(), (p - target) @ scores / scale]).max() < 1e-8 * n  # the gradient vanishes
    slope, intercept = _sigmoid_calibration(scores, y)
    np.testing.assert_allclose(p, special.expit(-(slope * scores + intercept)), atol=1e-4)


def test_platt_stays_finite_on_separated_and_on_equal_scores() -> None:
    z = np.concatenate([np.linspace(-3, -1, 50), np.linspace(1, 3, 50)])
    line = c.platt(z, z > 0)
    assert np.isfinite([line.slope, line.intercept]).all()
    assert line.predict(z).max() < 1
    flat = c.platt(np.full(10, 0.7), [1] * 3 + [0] * 7)
    assert flat.slope == 0
    assert flat.predict([5.0])[0] == pytest.approx((3 * 4 / 5 + 7 * 1 / 9) / 10)
    one_class = c.platt([1.0, 2.0, 3.0], [1, 1, 1])
    assert one_class.predict([1.0, 9.0]) == pytest.approx([0.8, 0.8])


@pytest.mark.parametrize("confidence", [0.3, 1, 4])
def test_temperature_agrees_with_a_minimiser_and_undoes_the_distortion(confidence: float) -> None:
    s = c.synthetic_scores(4000, 1.5, 0.4, confidence)
    line = c.temperature_scaling(s.logit, s.y)

    def loss(slope: float) -> float:
        return float(np.mean(np.logaddexp(0, slope * s.logit) - s.y * slope * s.logit))

    best = optimize.minimize_scalar(loss, bounds=(0.01, 100), method="bounded", options={"xatol": 1e-10})
    assert line.slope == pytest.approx(best.x, rel=1e-5)
    assert line.intercept == 0
    assert line.slope == pytest.approx(1 / confidence, rel=0.15)


def test_temperature_stops_at_its_ends() -> None:
    z = np.array([-2.0, -1.0, 1.0, 2.0])
    assert c.temperature_scaling(z, z > 0).slope == pytest.approx(100)
    assert c.temperature_scaling(z, z < 0).slope == pytest.approx(0.01)


@given(scored(), st.booleans())
def test_isotonic_agrees_with_sklearn(data: tuple[np.ndarray, np.ndarray], weighted: bool) -> None:
    scores, y = data
    weight = np.random.default_rng(len(y)).integers(1, 5, len(y)) if weighted else None
    at = np.linspace(-3, 3, 97)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(scores, y, sample_weight=weight)
    ours = c.isotonic(scores, y, weight)
    np.testing.assert_allclose(ours.predict(at), theirs.predict(at), atol=1e-12)
    np.testing.assert_allclose(ours.predict(scores), theirs.predict(scores), atol=1e-12)


@given(scored())
def test_isotonic_rises_keeps_the_mean_and_is_no_worse_than_any_rising_function(
    data: tuple[np.ndarray, np.ndarray],
) -> None:
    scores, y = data
    steps = c.isotonic(scores, y)
    assert (np.diff(steps.scores) > 0).all()
    assert (np.diff(steps.values) >= 0).all()
    p = steps.predict(scores)
    assert p.mean() == pytest.approx(y.mean())
    for rising in (np.full(len(y), y.mean()), special.expit(scores), special.expit(3 * scores - 1)):
        assert np.mean((p - y) ** 2) <= np.mean((rising - y) ** 2) + 1e-12


@given(scored())
def test_isotonic_is_idempotent(data: tuple[np.ndarray, np.ndarray]) -> None:
    # Its own values are calibrated exactly, so pooling again by them, on the same labels, changes nothing.
    scores, y = data
    p = np.round(c.isotonic(scores, y).predict(scores), 12)
    np.testing.assert_allclose(c.isotonic(p, y).predict(p), p, atol=1e-11)


def test_isotonic_is_linear_after_the_sort() -> None:
    n = 20_000
    y = np.append(np.repeat([0, 1], n // 2), 0)  # sorted but for the last, and the worst case of repeated passes
    steps = c.isotonic(np.arange(n + 1), y)
    assert steps.values.tolist() == pytest.approx([0, 0, n / 2 / (n / 2 + 1), n / 2 / (n / 2 + 1)])


@given(st.floats(1e-6, 1 - 1e-6), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_prior_correction_moves_the_odds(p: float, before: float, after: float) -> None:
    (moved,) = c.prior_correction([p], before, after)
    shift = special.logit(after) - special.logit(before)
    assert special.logit(moved) == pytest.approx(special.logit(p) + shift, abs=1e-6)
    assert c.prior_correction([moved], after, before)[0] == pytest.approx(p, rel=1e-6)
    assert c.prior_correction([0.0, 1.0], before, after).tolist() == [0, 1]


def test_prior_correction_is_bayes_rule() -> None:
    before, after = c.synthetic_scores(300, 1.3, 0.5, seed=2), 0.05
    x = (before.logit_true - 0) / 1.3
    exact = special.expit(special.logit(after) + 1.3 * x)
    np.testing.assert_allclose(c.prior_correction(before.p_true, 0.5, after), exact, rtol=1e-9)


def test_repairs_are_fitted_on_one_half_and_judged_on_the_other() -> None:
    s = c.synthetic_scores(4000, 1.5, 0.2, 2.5, 1)
    repairs = c.compare_repairs(s.y, s.logit, seed=7)
    half = repairs.evaluated
    assert half.sum() == len(repairs.y) == 2000
    np.testing.assert_array_equal(repairs.y, s.y[half])
    assert repairs.y.sum() == 400
    assert set(repairs.p) == {"none", "temperature", "platt", "isotonic"}
    np.testing.assert_allclose(repairs.p["none"], s.p[half])
    seen = s.logit[~half], s.y[~half]
    assert repairs.sigmoids["platt"] == c.platt(*seen)
    assert repairs.sigmoids["temperature"] == c.temperature_scaling(*seen)
    np.testing.assert_array_equal(repairs.p["isotonic"], c.isotonic(*seen).predict(s.logit[half]))
    loss = {name: m.log_loss(repairs.y, p) for name, p in repairs.p.items()}
    brier = {name: m.brier_score(repairs.y, p) for name, p in repairs.p.items()}
    assert loss["platt"] < loss["temperature"] < loss["none"]
    assert max(brier["platt"], brier["isotonic"]) < brier["temperature"] < brier["none"]
    for name in ("temperature", "platt"):  # rising lines: the ranking stays
        assert m.roc_auc(repairs.y, repairs.p[name]) == m.roc_auc(repairs.y, s.logit[half])
    assert not np.array_equal(half, c.compare_repairs(s.y, s.logit, seed=8).evaluated)


# ------------------------------------------------------------------------------------- class imbalance


@pytest.mark.parametrize("prevalence", [0.02, 0.3, 0.9])
def test_the_four_trainings_agree_with_sklearn(prevalence: float) -> None:
    study = c.imbalance_study(3000, prevalence, 1.5, seed=1, n_test=500)
    weights = {"plain": None, "weighted": "balanced"}
    for k, way in enumerate(c.TRAININGS):
        if way in weights:
            model = LogisticRegression(class_weight=weights[way], tol=1e-10, max_iter=1000)
            model.fit(study.X, study.labels)
            np.testing.assert_allclose(study.coef[k], np.append(model.coef_, model.intercept_), atol=1e-6)
    assert study.labels.sum() == round(3000 * prevalence)
    np.testing.assert_allclose(study.train_prevalence, [prevalence, 0.5, 0.5, 0.5])
    assert study.p.shape == study.p_corrected.shape == (4, 500)


def test_resampling_as_weights_is_resampling() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 2)), rng.integers(0, 2, 300)
    counts = np.stack([rng.integers(0, 4, 300), np.ones(300), rng.integers(0, 2, 300)])
    coef = c._fit_weighted(X, y, counts.astype(float))
    for row, times in zip(coef, counts.astype(int), strict=True):
        model = LogisticRegression(tol=1e-10, max_iter=1000).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
        np.testing.assert_allclose(row, np.append(model.coef_, model.intercept_), atol=1e-6)


def test_class_weights_keep_the_ranking_break_the_probabilities_and_prior_correction_repairs_them() -> None:
    study = c.imbalance_study(20_000, 0.05, 2, seed=0, n_test=50_000)
    auc = [m.roc_auc(study.y, p) for p in study.p]
    assert np.ptp(auc) < 0.002
    assert auc[0] == pytest.approx(c.binormal_auc(2), abs=5 * m.auc_standard_error(study.y, study.p[0]))
    means, corrected = study.p.mean(axis=1), study.p_corrected.mean(axis=1)
    assert means[0] == pytest.approx(0.05, abs=0.005)
    assert means[1:].min() > 0.15
    np.testing.assert_allclose(corrected, 0.05, atol=0.01)
    best = m.log_loss(study.y, study.p_true)
    assert min(m.log_loss(study.y, p) for p in study.p[1:]) > 2 * best
    assert max(m.log_loss(study.y, p) for p in study.p_corrected) < 1.02 * best
    np.testing.assert_allclose(study.coef[0], [2 / np.sqrt(2)] * 2 + [special.logit(0.05)], atol=0.15)


@pytest.mark.parametrize("prevalence", [0.001, 0.5, 0.999])
@pytest.mark.parametrize("separation", [0.01, 10])
@pytest.mark.parametrize("n", [10, 1000])
def test_extreme_studies_are_finite(n: int, prevalence: float, separation: float) -> None:
    study = c.imbalance_study(n, prevalence, separation, n_test=100)
    for p in (study.p, study.p_corrected, study.p_true):
        assert ((p >= 0) & (p <= 1)).all()
    assert 0 < study.labels.sum() < n


# ----------------------------------------------------------------------------------------- refused input


@pytest.mark.parametrize(
    "call",
    [
        lambda: c.synthetic_scores(1, 1, 0.5),
        lambda: c.synthetic_scores(10.0, 1, 0.5),  # type: ignore[arg-type]
        lambda: c.synthetic_scores(10, 0, 0.5),
        lambda: c.synthetic_scores(10, 1, 0),
        lambda: c.synthetic_scores(10, 1, 0.5, confidence=0),
        lambda: c.synthetic_scores(10, 1, 0.5, bias=np.nan),
        lambda: c.synthetic_scores(10, 1, 0.5, seed=-1),
        lambda: c.binormal_rates([1.5], 1, 0.5),
        lambda: c.binormal_auc(11),
        lambda: c.logit([-0.1]),
        lambda: c.logit(["a"]),
        lambda: c.platt([1.0], [2]),
        lambda: c.platt([], []),
        lambda: c.isotonic([1.0, np.nan], [0, 1]),
        lambda: c.isotonic([1.0, 2.0], [0, 1], [1, -1]),
        lambda: c.temperature_scaling([1.0, 2.0], [0]),
        lambda: c.prior_correction([0.5], 0, 0.5),
        lambda: c.prior_correction([1.5], 0.5, 0.5),
        lambda: c.compare_repairs([0, 1, 1], [1.0, 2.0, 3.0]),
        lambda: c.imbalance_study(5),
        lambda: c.imbalance_study(prevalence=1.0),
        lambda: c.imbalance_study(separation="2"),  # type: ignore[arg-type]
    ],
)
def test_arguments_out_of_range_are_refused_with_a_sentence(call: Any) -> None:
    with pytest.raises(ValueError, match=r"allowed|must be|needed"):
        call()


def test_logits_of_certainty_are_finite_and_inverse_elsewhere() -> None:
    p = np.array([0.0, 1e-12, 0.3, 1.0])
    np.testing.assert_allclose(c.logit(p)[1:3], special.logit(p[1:3]))
    assert np.isfinite(c.logit(p)).all()
    assert c.logit(1.0 - p)[0] == pytest.approx(-c.logit(p)[0])
    line = c.SigmoidMap(1.0, 0.0)
    np.testing.assert_allclose(
        line.predict([-800.0, -30.0, 2.0, 800.0]), special.expit([-745.0, -30.0, 2.0, 800.0]), atol=1e-300
    )


# ------------------------------------------------------------------------------------- the ends of the range


@pytest.mark.parametrize("score", [0.1, 0.3, 1 / 3, 1e-300, 1e8, -7e99])
@pytest.mark.parametrize("y", [[0, 1, 0], [0, 1] * 10, [1] * 4])
def test_constant_scores_have_slope_0(score: float, y: list[int]) -> None:
    line = c.platt([score] * len(y), y)
    n_positive = sum(y)
    targets = n_positive * (n_positive + 1) / (n_positive + 2) + (len(y) - n_positive) / (len(y) - n_positive + 2)
    assert line.slope == 0
    assert line.predict([score]) == pytest.approx(targets / len(y), rel=1e-14)
    halves = c.compare_repairs([*y, 0, 0, 1, 1], [score] * (len(y) + 4))
    for p in halves.p.values():
        assert len(set(p.tolist())) == 1


@given(scored(), st.sampled_from([1e-290, 1e-100, 1e-5, 1e5, 1e90]), st.sampled_from([0, 1e3]))
def test_platt_does_not_depend_on_the_unit_of_the_scores(
    data: tuple[np.ndarray, np.ndarray], unit: float, offset: float
) -> None:
    scores, y = data
    plain, scaled = c.platt(scores, y), c.platt((scores + offset) * unit, y)
    np.testing.assert_allclose(scaled.predict((scores + offset) * unit), plain.predict(scores), atol=1e-8)


def test_isotonic_between_scores_whose_slope_is_infinite() -> None:
    line = c.isotonic([0, 1e-309], [0, 1])
    np.testing.assert_allclose(line.predict([-1, 0, 5e-310, 1e-309, 1]), [0, 0, 0.5, 1, 1], rtol=1e-14)


@given(scored(), st.lists(st.floats(-5, 5), min_size=1, max_size=9), st.sampled_from([1e-90, 1.0, 1e90]))
def test_isotonic_predicts_as_interpolation_does(
    data: tuple[np.ndarray, np.ndarray], asked: list[float], unit: float
) -> None:
    line = c.isotonic(data[0] * unit, data[1])
    at = np.array(asked) * unit
    np.testing.assert_allclose(line.predict(at), np.interp(at, line.scores, line.values), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, object, list])
def test_every_type_of_number_is_taken(kind: Any) -> None:
    p = [0.25, 0.5, 0.75] if kind is list else np.array([0.25, 0.5, 0.75], dtype=kind)
    np.testing.assert_allclose(c.logit(p), special.logit([0.25, 0.5, 0.75]), rtol=1e-15)
    tpr, _ = c.binormal_rates(p, 2, 0.5)
    np.testing.assert_allclose(tpr, norm.cdf(1 - special.logit([0.25, 0.5, 0.75]) / 2), rtol=1e-12)
    np.testing.assert_allclose(c.prior_correction(p, 0.5, 0.5), [0.25, 0.5, 0.75], rtol=1e-15)
