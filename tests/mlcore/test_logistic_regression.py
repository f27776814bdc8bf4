"""Every number of mlcore.logistic_regression against scikit-learn, finite differences or a closed form."""

from __future__ import annotations

import inspect
import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, make_classification
from sklearn.linear_model import LogisticRegression as Reference
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from mlcore import logistic_regression as lr
from mlcore.logistic_regression import LogisticRegression

pytestmark = pytest.mark.filterwarnings("error")

RNG = np.random.default_rng(0)
CANCER = load_breast_cancer()
Z = lr.standardise(CANCER.data[:, :8])[0]
BINARY = Z[:300] + 0.5 * RNG.standard_normal((300, 8)), CANCER.target[:300]
IRIS = lr.standardise(load_iris().data + 2.5 * RNG.standard_normal((150, 4)))[0], load_iris().target
DATA = {"binary": BINARY, "multinomial": IRIS}
SEPARABLE = (
    np.array([[-2.0, 0.3], [-1.0, -0.4], [-1.5, 1.0], [1.0, 0.2], [2.0, -0.7], [1.2, 0.9]]),
    np.repeat([0, 1], 3),
)


def newton(**settings):
    return LogisticRegression(solver="newton", tol=1e-12, n_iterations=200, **settings)


def reference(n, penalty=None, strength=0.0, l1_ratio=0.0, fit_intercept=True):
    """scikit-learn's fit of the same objective, as exact as it gets."""
    common = {"tol": 1e-10, "max_iter": 100_000, "fit_intercept": fit_intercept}
    C = 1 / (n * strength) if penalty else np.inf
    if penalty in (None, "l2"):
        return Reference(C=C, solver="newton-cg", **common)
    return Reference(C=C, l1_ratio=1.0 if penalty == "l1" else l1_ratio, solver="saga", random_state=0, **common)


def reference_experiment():
    X, y = make_classification(n_samples=1000, n_features=10, n_classes=2, random_state=42)
    return train_test_split(X, y, test_size=0.2, random_state=42)


# --- The experiment that the lab starts from ----------------------------------------------------------------


def test_reference_experiment():
    X_train, X_test, y_train, y_test = reference_experiment()
    model = LogisticRegression(learning_rate=0.01, n_iterations=1000).fit(X_train, y_train)
    assert model.score(X_test, y_test) == 0.825
    assert set(model.predict(X_test)) == {0, 1}
    assert model.n_iter_ == 1000
    assert model.loss_history_[0] == pytest.approx(math.log(2), rel=1e-13)
    assert (np.diff(model.loss_history_) < 0).all()
    proba = model.predict_proba(X_train)
    assert model.loss_history_[-1] == pytest.approx(log_loss(y_train, proba), rel=1e-12)


def test_gradient_descent_as_a_candidate_writes_it():
    X, _, y, _ = reference_experiment()
    w, b = np.zeros(10), 0.0
    for _ in range(1000):
        error = 1 / (1 + np.exp(-(X @ w + b))) - y
        w, b = w - 0.01 * X.T @ error / len(y), b - 0.01 * error.mean()
    model = LogisticRegression().fit(X, y)
    np.testing.assert_allclose(model.coef_[0], w, rtol=0, atol=1e-13)
    np.testing.assert_allclose(model.intercept_[0], b, rtol=0, atol=1e-13)


# --- Against scikit-learn -----------------------------------------------------------------------------------


PENALTIES = [(None, 0.0, 0.0), ("l2", 0.01, 0.0), ("l2", 3.0, 0.0), ("l1", 0.1, 0.0), ("elasticnet", 0.1, 0.4)]


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize(("penalty", "strength", "l1_ratio"), PENALTIES)
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_newton_agrees_with_scikit_learn(name, penalty, strength, l1_ratio, fit_intercept):
    X, y = DATA[name]
    ours = newton(penalty=penalty, strength=strength, l1_ratio=l1_ratio, fit_intercept=fit_intercept).fit(X, y)
    theirs = reference(len(X), penalty, strength, l1_ratio, fit_intercept).fit(X, y)
    assert ours.converged_
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=0, atol=1e-6)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    if name == "binary" or penalty != "l1":  # with softmax and L1 alone several weights give the same minimum
        np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=0, atol=1e-6)
        np.testing.assert_array_equal(ours.coef_ == 0, theirs.coef_ == 0)
    if name == "binary":
        np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=0, atol=1e-6)
    if penalty == "l1":
        assert (ours.coef_ == 0).any()


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 3.0, 1: 0.5}])
def test_sample_and_class_weights_agree_with_scikit_learn(name, class_weight):
    X, y = DATA[name]
    weight = np.random.default_rng(1).integers(0, 4, len(y)) * 0.7
    ours = newton(penalty="l2", strength=0.02, class_weight=class_weight).fit(X, y, weight)
    by_class = dict.fromkeys(range(3), 1.0) | (class_weight if isinstance(class_weight, dict) else {})
    total = (weight * [by_class[label] for label in y]).sum()  # what "balanced" leaves unchanged
    theirs = reference(total, "l2", 0.02).set_params(class_weight=class_weight).fit(X, y, weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=0, atol=1e-6)
    assert ours.score(X, y, weight) == theirs.score(X, y, weight)


@pytest.mark.parametrize("penalty", [None, "l2", "l1", "elasticnet"])
@pytest.mark.parametrize("name", DATA)
def test_gradient_descent_reaches_the_same_minimum(name, penalty):
    X, y = DATA[name]
    settings = {"penalty": penalty, "strength": 0.05, "l1_ratio": 0.4}
    slow = LogisticRegression(learning_rate=0.8, n_iterations=20_000, **settings).fit(X, y)
    fast = newton(**settings).fit(X, y)
    assert slow.converged_
    assert slow.loss_history_[-1] == pytest.approx(fast.loss_history_[-1], abs=1e-7)
    if penalty == "l1":
        np.testing.assert_array_equal(slow.coef_ == 0, fast.coef_ == 0)


@pytest.mark.parametrize("optimizer", lr.OPTIMIZERS)
@pytest.mark.parametrize("batch_size", [None, 32])
def test_every_optimizer_comes_near_the_minimum(optimizer, batch_size):
    X, y = BINARY
    rate = {"gradient_descent": 0.1, "adagrad": 0.3}.get(optimizer, 0.01)
    settings = {"penalty": "l2", "strength": 0.1}
    model = LogisticRegression(rate, 1500, optimizer=optimizer, batch_size=batch_size, **settings).fit(X, y)
    assert model.loss_history_.min() - newton(**settings).fit(X, y).loss_history_[-1] < 2e-3
    again = LogisticRegression(rate, 1500, optimizer=optimizer, batch_size=batch_size, **settings).fit(X, y)
    np.testing.assert_array_equal(model.coef_, again.coef_)
    other = LogisticRegression(rate, 1500, optimizer=optimizer, batch_size=batch_size, seed=1, **settings).fit(X, y)
    assert (model.coef_ == other.coef_).all() == (batch_size is None)


def test_one_batch_of_all_samples_is_the_full_gradient():
    X, y = BINARY
    whole = LogisticRegression(0.1, 50).fit(X, y)
    batch = LogisticRegression(0.1, 50, batch_size=len(X)).fit(X, y)
    np.testing.assert_allclose(batch.coef_, whole.coef_, rtol=0, atol=1e-13)


def test_weighted_batches_are_unbiased():
    X, y = BINARY
    weight = RNG.uniform(0, 2, len(y))
    objective = lr._run(newton(), X, y, weight).objective
    w = RNG.standard_normal(X.shape[1] + 1)
    batches = np.arange(len(y)).reshape(-1, 30)
    mean = np.mean([objective.batch(b).gradient(w) for b in batches], axis=0)
    np.testing.assert_allclose(mean, objective.gradient(w), rtol=0, atol=1e-14)


def test_digits_of_ten_classes():
    X, y = load_digits(return_X_y=True)
    X = lr.standardise(X[:, ::4])[0]
    ours = newton(penalty="l2", strength=0.01).fit(X[:600], y[:600])
    theirs = reference(600, "l2", 0.01).fit(X[:600], y[:600])
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=0, atol=1e-6)
    assert ours.score(X[600:], y[600:]) == theirs.score(X[600:], y[600:])


def test_labels_of_any_kind():
    X, y = IRIS
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    model = newton(penalty="l2").fit(X, names)
    assert set(model.predict(X)) <= set(names)
    assert model.classes_.tolist() == sorted(set(names))
    flags = newton(penalty="l2").fit(X, y > 0)
    assert flags.predict(X).dtype == bool


# --- scikit-learn's own contract ----------------------------------------------------------------------------


class Adapter(ClassifierMixin, BaseEstimator, LogisticRegression):
    """scikit-learn's input checks and tags around ours; settings, fit and predictions are mlcore's."""

    def fit(self, X, y, sample_weight=None):
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        return LogisticRegression.fit(self, X, y, sample_weight)

    def decision_function(self, X):
        check_is_fitted(self)
        return LogisticRegression.decision_function(self, validate_data(self, X, reset=False))


@parametrize_with_checks([Adapter(), Adapter(solver="newton", penalty="l2"), Adapter(solver="newton", penalty="l1")])
@pytest.mark.filterwarnings("ignore")  # of scikit-learn's checks, not ours
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


# --- Derivatives --------------------------------------------------------------------------------------------


def small_problem(seed=3, classes=2):
    rng = np.random.default_rng(seed)
    A = lr.design_matrix(rng.standard_normal((25, 3)))
    codes = rng.permutation(np.arange(25) % classes)
    share = rng.uniform(0, 1, 25)
    if classes == 2:
        return rng.standard_normal(4), A, codes.astype(float), share / share.sum()
    return rng.standard_normal((classes, 4)), A, np.eye(classes)[codes], share / share.sum()


def differences(function, weights, step=1e-5):
    """Central differences of a function of an array, along each of its elements: (elements, *result)."""
    slopes = []
    for index in np.ndindex(weights.shape):
        move = np.zeros_like(weights)
        move[index] = step
        slopes.append((function(weights + move) - function(weights - move)) / (2 * step))
    return np.array(slopes)


@pytest.mark.parametrize("l2", [0.0, 0.7])
def test_derivatives_of_two_classes(l2):
    w, A, y, share = small_problem()
    slope = lr.gradient(w, A, y, l2, share)
    np.testing.assert_allclose(slope, differences(lambda v: lr.loss(v, A, y, l2, share), w), rtol=0, atol=1e-9)
    curvature = lr.hessian(w, A, l2, share)
    np.testing.assert_allclose(curvature, differences(lambda v: lr.gradient(v, A, y, l2, share), w), rtol=0, atol=1e-9)
    np.testing.assert_allclose(lr.numerical_gradient(w, A, y, l2, share), slope, rtol=0, atol=1e-9)


@pytest.mark.parametrize("l2", [0.0, 0.7])
def test_derivatives_of_softmax(l2):
    W, A, Y, share = small_problem(classes=3)
    slope = lr.softmax_gradient(W, A, Y, l2, share)
    numeric = differences(lambda v: lr.softmax_loss(v, A, Y, l2, share), W)
    np.testing.assert_allclose(slope.ravel(), numeric, rtol=0, atol=1e-9)
    numeric = differences(lambda v: lr.softmax_gradient(v, A, Y, l2, share), W).reshape(12, 12)
    np.testing.assert_allclose(lr.softmax_hessian(W, A, l2, share), numeric, rtol=0, atol=1e-9)


def test_softmax_of_two_classes_is_the_sigmoid():
    w, A, y, share = small_problem()
    W = np.array([np.zeros(4), w])
    Y = np.eye(2)[y.astype(int)]
    assert lr.softmax_loss(W, A, Y, 0.0, share) == pytest.approx(lr.loss(w, A, y, 0.0, share), rel=1e-14)
    np.testing.assert_allclose(
        lr.softmax_gradient(W, A, Y, 0.0, share)[1], lr.gradient(w, A, y, 0.0, share), rtol=0, atol=1e-15
    )
    np.testing.assert_allclose(lr.softmax_hessian(W, A, 0.0, share)[4:, 4:], lr.hessian(w, A, 0.0, share), atol=1e-15)


def test_a_stack_of_weights_is_each_by_itself():
    w, A, y, _ = small_problem()
    stack, l2 = np.array([w, -w, 2 * w]), np.array([0.0, 0.1, 1.0])
    each = [lr.loss(v, A, y, lam) for v, lam in zip(stack, l2, strict=True)]
    np.testing.assert_allclose(lr.loss(stack, A, y, l2), each, rtol=1e-14)
    each = [lr.gradient(v, A, y, lam) for v, lam in zip(stack, l2, strict=True)]
    np.testing.assert_allclose(lr.gradient(stack, A, y, l2), each, rtol=1e-13, atol=1e-16)


def test_numerical_gradient_errs_as_theory_says():
    w, A, y, _ = small_problem()
    steps = np.array([1e-1, 1e-2, 1e-3, 6e-6, 1e-13])
    error = np.abs(lr.numerical_gradient(w, A, y, step=steps) - lr.gradient(w, A, y)).max(axis=1)
    np.testing.assert_allclose(error[0] / error[1], 100, rtol=0.05)  # truncation falls as h²
    np.testing.assert_allclose(error[1] / error[2], 100, rtol=0.05)
    assert error[3] < 1e-10 < error[2]
    assert error[4] > 1e-6  # rounding: three digits are left
    steps = np.array([1e-2, 1e-3, 1e-8])
    error = np.abs(lr.numerical_gradient(w, A, y, step=steps, forward=True) - lr.gradient(w, A, y)).max(axis=1)
    assert error[0] / error[1] == pytest.approx(10, rel=0.05)  # truncation falls as h
    assert error[2] < 1e-6 < error[1]


@pytest.mark.parametrize("l2", [0.0, 0.7])
def test_squared_loss_and_its_gradient(l2):
    w, A, y, share = small_problem()
    value = share @ (1 / (1 + np.exp(-A @ w)) - y) ** 2 + l2 / 2 * (w[1:] ** 2).sum()
    assert lr.squared_loss(w, A, y, l2, share) == pytest.approx(value, rel=1e-14)
    slope = differences(lambda v: lr.squared_loss(v, A, y, l2, share), w)
    np.testing.assert_allclose(lr.squared_gradient(w, A, y, l2, share), slope, rtol=0, atol=1e-9)


def test_a_confident_mistake_is_a_plateau_of_the_squared_loss():
    """One sample x = y = 1 and its mirror image, from w = −10: the recursions of one weight, written out."""
    race = lr.race_losses([[1.0], [-1.0]], [1, 0], [0, -10], n_iterations=11_100, fit_intercept=False)
    log, squared = [-10.0], [-10.0]
    for _ in range(11_100):
        log.append(log[-1] + 1 / (1 + math.exp(log[-1])))
        p = 1 / (1 + math.exp(-squared[-1]))
        squared.append(squared[-1] + 2 * (1 - p) ** 2 * p)
    np.testing.assert_allclose(race.log_weights[:, 1], log, rtol=1e-9)
    np.testing.assert_allclose(race.squared_weights[:, 1], squared, rtol=0, atol=1e-7)
    assert (race.log_weights[:, 0] == 0).all()
    np.testing.assert_allclose(race.log_right, 1 / (1 + np.exp(-np.array(log))), rtol=1e-9)
    assert np.argmax(race.log_right >= 0.5) == np.argmax(np.array(log) >= 0)
    assert np.argmax(race.squared_right >= 0.5) == np.argmax(np.array(squared) >= 0) > 10_000


# --- Properties ---------------------------------------------------------------------------------------------


SCORES = arrays(float, 7, elements=st.floats(-1e4, 1e4))


@given(SCORES)
def test_sigmoid_and_loss_at_any_score(z):
    p = lr.sigmoid(z)
    assert ((p >= 0) & (p <= 1)).all()
    np.testing.assert_allclose(p + lr.sigmoid(-z), 1, rtol=1e-15)
    for y in (0.0, 1.0):
        losses = lr.cross_entropy(z, np.full(7, y))
        assert (losses >= 0).all()
        np.testing.assert_allclose(losses, np.logaddexp(0, (1 - 2 * y) * z), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(lr.cross_entropy(z, np.ones(7)), lr.cross_entropy(-z, np.zeros(7)), rtol=1e-15)


@given(arrays(float, (3, 4), elements=st.floats(-1e4, 1e4)), st.floats(-1e4, 1e4))
def test_softmax_is_a_distribution_and_knows_differences_only(z, shift):
    log_p = lr.log_softmax(z)
    assert (log_p <= 0).all()
    np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(lr.log_softmax(z + shift), log_p, rtol=0, atol=1e-10)


@given(st.integers(2, 6), st.integers(0, 99))
def test_loss_at_zero_weights_is_the_logarithm_of_the_number_of_classes(K, seed):
    w, A, Y, share = small_problem(seed, classes=K)
    at_zero = lr.loss(0 * w, A, Y, 1.0, share) if K == 2 else lr.softmax_loss(0 * w, A, Y, 1.0, share)
    assert at_zero == pytest.approx(math.log(K), rel=1e-14)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000), st.floats(1e-3, 1), st.floats(-3, 3), st.floats(0.1, 10))
def test_symmetries_of_the_fit(seed, lam, shift, scale):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((30, 2)), rng.permutation(np.arange(30) % 2)
    fit = newton(penalty="l2", strength=lam).fit(X, y)
    assert (fit.loss_history_ >= 0).all()
    swapped = newton(penalty="l2", strength=lam).fit(X, 1 - y)
    np.testing.assert_allclose(swapped.coef_, -fit.coef_, rtol=0, atol=1e-9)
    moved = newton(penalty="l2", strength=lam).fit(X + shift, y)  # the intercept takes a shift up, unpenalised
    np.testing.assert_allclose(moved.predict_proba(X + shift), fit.predict_proba(X), rtol=0, atol=1e-8)
    scaled = newton(penalty="l2", strength=lam * scale**2).fit(X * scale, y)
    np.testing.assert_allclose(scaled.coef_ * scale, fit.coef_, rtol=0, atol=1e-8)
    mean = fit.predict_proba(X)[:, 1].mean()  # the intercept's normal equation
    assert mean == pytest.approx(y.mean(), abs=1e-11)


# --- Hard data ----------------------------------------------------------------------------------------------


HARD = {
    "separable": SEPARABLE,
    "constant column": (np.column_stack([SEPARABLE[0], np.full(6, 7.0)]), np.array([0, 1, 0, 1, 0, 1])),
    "equal columns": (SEPARABLE[0][:, [0, 0, 1]], np.array([0, 1, 0, 1, 0, 1])),
    "one feature": (SEPARABLE[0][:, :1], np.array([0, 1, 0, 1, 1, 1])),
    "fewer samples than features": (np.random.default_rng(0).standard_normal((5, 9)), np.array([0, 1, 0, 1, 1])),
    "large values": (SEPARABLE[0] * 1e6, np.array([0, 1, 0, 1, 0, 1])),
    "huge values": (SEPARABLE[0] * 1e200, np.array([0, 1, 0, 1, 0, 1])),
    "tiny values": (SEPARABLE[0] * 1e-200, np.array([0, 1, 0, 1, 0, 1])),
    "three separable classes": (np.eye(6)[:, :3] * 5, np.array([0, 1, 2, 0, 1, 2])),
    "two samples": (np.array([[0.0], [1.0]]), np.array([0, 1])),
}
SETTINGS = [
    {"solver": "newton", "n_iterations": 60},
    {"solver": "newton", "penalty": "l2"},
    {"solver": "newton", "penalty": "l1"},
    {"learning_rate": 100.0, "n_iterations": 60},
    {"learning_rate": 100.0, "n_iterations": 60, "penalty": "l2", "strength": 10.0},
    {"learning_rate": 0.1, "n_iterations": 60, "penalty": "elasticnet"},
    {"optimizer": "adam", "n_iterations": 60, "batch_size": 2},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: "-".join(map(str, s.values())))
@pytest.mark.parametrize("name", HARD)
def test_hard_data_give_finite_results_without_a_warning(name, settings):
    X, y = HARD[name]
    film = lr.train(LogisticRegression(**settings), X, y, X, y)
    for field in fields(film):
        value = getattr(film, field.name)
        if isinstance(value, np.ndarray) and field.name != "classes":
            assert np.isfinite(value).all(), field.name
    if settings.get("solver") == "newton":
        assert (np.diff(film.objective) <= 1e-14 * film.objective[:-1]).all()
    model = LogisticRegression(**settings).fit(X, y)
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize("name", [name for name in HARD if "three" not in name and "huge" not in name])
def test_hard_data_in_the_sweeps(name):
    X, y = HARD[name]
    path = lr.penalty_path(X, y, [0, 1e-6, 1e-2, 1, 1e6])
    assert all(np.isfinite(value).all() for value in (path.coef, path.intercept, path.loss))
    growth = lr.norm_growth(X, y, [0, 0.1, 10], learning_rate=1, n_iterations=50)
    assert np.isfinite(growth.norm).all()
    assert np.isfinite(growth.loss).all()
    weights = np.r_[path.intercept[0], path.coef[0]]
    assert lr.hessian_condition(weights, lr.design_matrix(X)) >= 1
    table = lr.odds_ratios(weights, X)
    assert not any(np.isnan(getattr(table, field.name)).any() for field in fields(table))


def test_a_collinear_column_changes_no_prediction():
    X, y = BINARY
    double = np.column_stack([X, X[:, 0], np.full(len(X), 3.0)])
    fit, wide = newton().fit(X, y), newton().fit(double, y)
    assert wide.converged_
    np.testing.assert_allclose(wide.predict_proba(double), fit.predict_proba(X), rtol=0, atol=1e-8)


def test_divergence_is_a_result():
    X, y = BINARY
    model = LogisticRegression(learning_rate=1.0, n_iterations=500, penalty="l2", strength=10.0)
    film = lr.train(model, X, y)
    assert film.diverged_at == len(film.weights)
    assert not film.converged
    assert np.isfinite(film.objective).all()
    assert film.objective[-1] > film.objective[0]
    growth = lr.norm_growth(X, y, [0.0, 10.0], learning_rate=1.0, n_iterations=500)
    assert growth.diverged.tolist() == [False, True]


def test_margins_of_ten_thousand():
    A = lr.design_matrix([[1e4], [-1e4]])
    w = np.array([0.0, 1.0])
    assert lr.loss(w, A, np.array([0.0, 1.0])) == 1e4
    assert lr.loss(w, A, np.array([1.0, 0.0])) == 0
    np.testing.assert_allclose(lr.gradient(w, A, np.array([1.0, 0.0])), [0, 0], atol=1e4 * math.exp(-709))


# --- The film -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("settings", [{}, {"solver": "newton", "penalty": "l2"}, {"solver": "newton", "penalty": "l1"}])
def test_film_is_the_fit(name, settings):
    X, y = DATA[name]
    settings = {"n_iterations": 40, "learning_rate": 0.3, **settings}
    film = lr.train(LogisticRegression(**settings), X[::2], y[::2], X[1::2], y[1::2])
    assert not film.weights[0].any()
    for t in {1, 3, len(film.weights) - 1}:
        model = LogisticRegression(**{**settings, "n_iterations": t}).fit(X[::2], y[::2])
        np.testing.assert_array_equal(np.atleast_2d(film.weights[t]), np.c_[model.intercept_, model.coef_])
        assert film.objective[t] == pytest.approx(model.loss_history_[-1], rel=1e-13)
        assert film.loss[t] == pytest.approx(log_loss(y[::2], model.predict_proba(X[::2])), rel=1e-12)
        assert film.test_loss[t] == pytest.approx(log_loss(y[1::2], model.predict_proba(X[1::2])), rel=1e-12)
        assert film.accuracy[t] == model.score(X[::2], y[::2])
        assert film.test_accuracy[t] == model.score(X[1::2], y[1::2])
        if name == "binary":
            at = lr.probabilities(film.weights, X[:5])
            np.testing.assert_allclose(at[t], model.predict_proba(X[:5])[:, 1], rtol=1e-12)
    assert film.gradient_norm[-1] < film.gradient_norm[0]
    assert film.converged == (film.gradient_norm[-1] < 1e-7)
    assert lr.train(LogisticRegression(**settings), X, y).test_loss is None


def test_gradient_norm_of_the_film():
    X, y = BINARY
    film = lr.train(LogisticRegression(n_iterations=5), X, y)
    A = lr.design_matrix(X)
    expected = [np.linalg.norm(A.T @ (1 / (1 + np.exp(-A @ w)) - y) / len(y)) for w in film.weights]
    np.testing.assert_allclose(film.gradient_norm, expected, rtol=1e-12)


# --- Sweeps -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_penalty_path_is_every_fit(weighted):
    X, y = BINARY
    weight = RNG.uniform(0, 2, len(y)) if weighted else None
    lams = np.r_[np.geomspace(1e-4, 10, 23), 0.0]
    path = lr.penalty_path(X, y, lams, sample_weight=weight, tol=1e-11)
    assert path.converged.all()
    for k, lam in enumerate(lams):
        fit = newton(penalty="l2", strength=lam).fit(X, y, weight)
        np.testing.assert_allclose(path.coef[k], fit.coef_[0], rtol=0, atol=1e-8)
        np.testing.assert_allclose(path.intercept[k], fit.intercept_[0], rtol=0, atol=1e-8)
        assert path.loss[k] == pytest.approx(log_loss(y, fit.predict_proba(X), sample_weight=weight), rel=1e-9)
    assert (np.diff(np.linalg.norm(path.coef, axis=1)[:-1]) < 0).all()


def test_penalty_path_of_wide_data_takes_the_frugal_way(monkeypatch):
    X, y = BINARY
    whole = lr.penalty_path(X, y, [0.01, 0.1])
    monkeypatch.setattr(lr, "MAX_PRODUCTS", 0)
    np.testing.assert_allclose(lr.penalty_path(X, y, [0.01, 0.1]).coef, whole.coef, rtol=0, atol=1e-10)


def test_norm_growth_is_gradient_descent():
    X, y = SEPARABLE
    lams = [0.0, 0.01, 0.3]
    growth = lr.norm_growth(X, y, lams, learning_rate=0.5, n_iterations=300)
    for k, lam in enumerate(lams):
        film = lr.train(LogisticRegression(0.5, 300, penalty="l2", strength=lam, tol=0.0), X, y)
        np.testing.assert_allclose(growth.weights[k], film.weights, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(growth.norm[k], np.linalg.norm(film.weights[:, 1:], axis=1), rtol=1e-10)
        np.testing.assert_allclose(growth.loss[k], film.loss, rtol=1e-9)


def test_on_separable_data_the_norm_grows_like_a_logarithm_and_a_penalty_stops_it():
    X, y = SEPARABLE
    growth = lr.norm_growth(X, y, [0.0, 0.01], learning_rate=1.0, n_iterations=16_000)
    free, held = growth.norm
    assert (np.diff(free) > 0).all()
    doublings = np.diff(free[[1000, 2000, 4000, 8000, 16_000]])  # log t adds the same each time
    np.testing.assert_allclose(doublings, doublings[-1], rtol=0.05)
    assert held[-1] == pytest.approx(np.linalg.norm(newton(penalty="l2", strength=0.01).fit(X, y).coef_), rel=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(4, 14), st.floats(1e-3, 1e3))
def test_separability_against_linear_programming(seed, n, unit):
    from scipy.optimize import linprog

    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((n, 2)), rng.permutation(np.arange(n) % 2)
    sided = (2 * y - 1)[:, None] * np.c_[np.ones(n), X]
    exists = linprog(np.zeros(3), A_ub=-sided, b_ub=-np.ones(n), bounds=(None, None)).status == 0
    assert lr.is_separable(X * [1, unit], y) == exists


def test_touching_classes_are_not_separable():
    assert not lr.is_separable([[0.0], [1.0], [1.0], [2.0]], [0, 0, 1, 1])
    assert lr.is_separable([[0.0], [1.0], [1.001], [2.0]], [0, 0, 1, 1])


def test_standardised_terms_are_scikit_learns_pipeline():
    X, new = CANCER.data[:100, [0, 4]], CANCER.data[100:130, [0, 4]]
    pipeline = make_pipeline(StandardScaler(), PolynomialFeatures(3, include_bias=False), StandardScaler()).fit(X)
    terms = lr.standardised_terms(X, 3)
    np.testing.assert_allclose(terms(X), pipeline.transform(X), rtol=0, atol=1e-10)
    np.testing.assert_allclose(terms(new), pipeline.transform(new), rtol=1e-9, atol=1e-9)


def test_loss_surface_point_by_point():
    X, y = BINARY
    base = np.linspace(-1, 1, 9)
    first, second = np.linspace(-2, 2, 5), np.linspace(-3, 1, 4)
    surface = lr.loss_surface(X, y, first, second, weights=base, axes=(0, 3), l2=0.1)
    A = lr.design_matrix(X)
    for i, b in enumerate(second):
        for j, a in enumerate(first):
            w = base.copy()
            w[[0, 3]] = a, b
            p, penalty = 1 / (1 + np.exp(-A @ w)), 0.05 * (w[1:] ** 2).sum()
            assert surface.log_loss[i, j] == pytest.approx(log_loss(y, p) + penalty, rel=1e-12)
            assert surface.squared_loss[i, j] == pytest.approx(((p - y) ** 2).mean() + penalty, rel=1e-12)


def test_log_loss_is_convex_and_squared_loss_is_not():
    X, y = SEPARABLE
    line = np.linspace(-20, 20, 201)
    surface = lr.loss_surface(X, y, line, line)
    assert (np.diff(surface.log_loss, 2, axis=1) >= -1e-12).all()
    assert (np.diff(surface.squared_loss, 2, axis=1) < -1e-6).any()


# --- Reading a fit ------------------------------------------------------------------------------------------


def test_odds_ratios_of_a_two_by_two_table():
    # Woolf 1955: log odds ratio of a table a, b, c, d has variance 1/a + 1/b + 1/c + 1/d.
    counts = {(0, 0): 40, (0, 1): 10, (1, 0): 15, (1, 1): 35}
    X = np.concatenate([np.full((k, 1), x) for (x, _), k in counts.items()])
    y = np.concatenate([np.full(k, label) for (_, label), k in counts.items()])
    fit = newton().fit(X, y)
    table = lr.odds_ratios(np.r_[fit.intercept_, fit.coef_[0]], X)
    assert table.odds_ratio[1] == pytest.approx(40 * 35 / (10 * 15), rel=1e-10)
    se = math.sqrt(1 / 40 + 1 / 10 + 1 / 15 + 1 / 35)
    assert table.standard_error[1] == pytest.approx(se, rel=1e-10)
    assert table.upper[1] == pytest.approx(40 * 35 / 150 * math.exp(1.959963984540054 * se), rel=1e-10)
    assert table.lower[1] == pytest.approx(40 * 35 / 150 * math.exp(-1.959963984540054 * se), rel=1e-10)
    assert table.p_value[1] == pytest.approx(math.erfc(math.log(28 / 3) / se / math.sqrt(2)), rel=1e-10)


def test_standard_errors_are_the_inverse_information():
    X, y = BINARY
    fit = newton().fit(X, y)
    A, p = np.c_[np.ones(len(X)), X], fit.predict_proba(X)[:, 1]
    covariance = np.linalg.inv((A.T * (p * (1 - p))) @ A)
    table = lr.odds_ratios(np.r_[fit.intercept_, fit.coef_[0]], X)
    np.testing.assert_allclose(table.standard_error, np.sqrt(np.diag(covariance)), rtol=1e-7)


def test_what_the_data_do_not_determine_has_no_interval():
    X, y = BINARY
    double = np.c_[X[:, :3], X[:, 0], np.full(len(X), 2.0)]
    fit = newton().fit(double, y)
    table = lr.odds_ratios(np.r_[fit.intercept_, fit.coef_[0]], double)
    np.testing.assert_array_equal(np.isinf(table.standard_error), [True, True, False, False, True, True])
    assert table.p_value[1] == 1
    assert (table.lower[1], table.upper[1]) == (0, np.inf)


def test_condition_number():
    X, _ = BINARY
    A = lr.design_matrix(X)
    assert lr.hessian_condition(np.zeros(9), A) == pytest.approx(np.linalg.cond(A) ** 2, rel=1e-6)
    raw = lr.design_matrix(CANCER.data[:, :8])
    assert lr.hessian_condition(np.zeros(9), raw) > 1e8
    assert math.isinf(lr.hessian_condition(np.zeros(3), lr.design_matrix(np.ones((4, 2)))))


def test_standardise():
    X = np.column_stack([CANCER.data[:, :4], np.full(len(CANCER.data), 0.1), np.zeros(len(CANCER.data))])
    ours, mean, scale = lr.standardise(X)
    theirs = StandardScaler().fit(X)
    np.testing.assert_allclose(ours[:, :4], theirs.transform(X)[:, :4], rtol=0, atol=1e-10)
    np.testing.assert_array_equal(ours[:, 4:], 0)
    np.testing.assert_allclose(mean, theirs.mean_, rtol=1e-12)
    np.testing.assert_allclose(scale, theirs.scale_, rtol=1e-12)
    for unit in (1e-200, 1e200, 1e307):
        np.testing.assert_allclose(lr.standardise(X[:, :2] / X.max() * unit)[0], ours[:, :2], rtol=0, atol=1e-10)


@pytest.mark.parametrize("degree", range(1, 7))
def test_polynomial_features(degree):
    X = RNG.standard_normal((9, 2))
    theirs = PolynomialFeatures(degree, include_bias=False).fit(X)
    np.testing.assert_allclose(lr.polynomial_features(X, degree), theirs.transform(X), rtol=1e-12)
    superscripts = str.maketrans("23456", "²³⁴⁵⁶")
    named = [name.replace("^", "").translate(superscripts) for name in theirs.get_feature_names_out(["a", "b"])]
    assert lr.polynomial_names(degree, ("a", "b")) == named


# --- Errors -------------------------------------------------------------------------------------------------


X2, Y2 = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]]), np.array([0, 1, 0])
NAN = np.array([[0.0, np.nan], [1.0, 0.0], [2.0, 2.0]])


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: LogisticRegression().fit(X2, [1, 1, 1]), "one class"),
        (lambda: LogisticRegression().fit(NAN, Y2), "NaN"),
        (lambda: LogisticRegression().fit(X2 + np.inf, Y2), "NaN"),
        (lambda: LogisticRegression().fit(X2, Y2[:2]), "shape"),
        (lambda: LogisticRegression().fit(X2[:, 0], Y2), "shape"),
        (lambda: LogisticRegression().fit(X2[:, :0], Y2), "shape"),
        (lambda: LogisticRegression().fit(X2[:0], []), "shape"),
        (lambda: LogisticRegression().fit([["a", "b"]] * 3, Y2), "numbers"),
        (lambda: LogisticRegression().fit(X2 * 1j, Y2), "complex"),
        (lambda: LogisticRegression().fit(X2, [0.5, 1.0, 0.0]), "whole"),
        (lambda: LogisticRegression().fit(X2, [0.0, 1.0, np.nan]), "labels"),
        (lambda: LogisticRegression().fit(X2, np.array(["a", None, "b"], dtype=object)), "all strings"),
        (lambda: LogisticRegression().fit(X2, Y2, [1, -1, 1]), "below 0"),
        (lambda: LogisticRegression().fit(X2, Y2, [1, 1]), "sample_weight"),
        (lambda: LogisticRegression().fit(X2, Y2, [1, 0, 1]), "above zero"),
        (lambda: LogisticRegression(class_weight={7: 1}).fit(X2, Y2), "labels that y has not"),
        (lambda: LogisticRegression(class_weight={0: -1}).fit(X2, Y2), "at least 0"),
        (lambda: LogisticRegression(class_weight="even").fit(X2, Y2), "balanced"),
        (lambda: LogisticRegression(learning_rate=0).fit(X2, Y2), "learning_rate"),
        (lambda: LogisticRegression(learning_rate=np.nan).fit(X2, Y2), "learning_rate"),
        (lambda: LogisticRegression(n_iterations=0).fit(X2, Y2), "n_iterations"),
        (lambda: LogisticRegression(n_iterations=1.5).fit(X2, Y2), "n_iterations"),
        (lambda: LogisticRegression(solver="lbfgs").fit(X2, Y2), "solver"),
        (lambda: LogisticRegression(optimizer="lion").fit(X2, Y2), "optimizer"),
        (lambda: LogisticRegression(penalty="l0").fit(X2, Y2), "penalty"),
        (lambda: LogisticRegression(penalty="l2", strength=-1).fit(X2, Y2), "strength"),
        (lambda: LogisticRegression(penalty="elasticnet", l1_ratio=2).fit(X2, Y2), "l1_ratio"),
        (lambda: LogisticRegression(penalty="l1", optimizer="adam").fit(X2, Y2), "L1"),
        (lambda: LogisticRegression(batch_size=4).fit(X2, Y2), "batch_size"),
        (lambda: LogisticRegression(batch_size=0).fit(X2, Y2), "batch_size"),
        (lambda: LogisticRegression(tol=-1).fit(X2, Y2), "tol"),
        (lambda: LogisticRegression().predict(X2), "not fitted"),
        (lambda: LogisticRegression().fit(X2, Y2).predict(X2[:, :1]), "1 features"),
        (lambda: lr.train(LogisticRegression(), X2, Y2, X2[:, :1], Y2), "1 features"),
        (lambda: lr.train(LogisticRegression(), X2, Y2, X2, [0, 1, 2]), "labels that y has not"),
        (lambda: lr.train(LogisticRegression(), X2, Y2, X2), "both or neither"),
        (lambda: LogisticRegression().fit(X2, Y2).score(X2, Y2[:2]), "shape"),
        (lambda: lr.penalty_path(X2, [0, 1, 2], [1]), "two classes"),
        (lambda: lr.penalty_path(X2, Y2, [-1]), "lams"),
        (lambda: lr.penalty_path(X2, Y2, []), "lams"),
        (lambda: lr.norm_growth(X2, Y2, [0], learning_rate=-1), "learning_rate"),
        (lambda: lr.race_losses(X2, Y2, [0, 0]), "start"),
        (lambda: lr.race_losses(X2, Y2, [0, 0, 0], learning_rate=0), "learning_rate"),
        (lambda: lr.loss_surface(X2, Y2, [0], [0], axes=(1, 1)), "axes"),
        (lambda: lr.loss_surface(X2, Y2, [0], [0], axes=(1, 3)), "axes"),
        (lambda: lr.loss_surface(X2, Y2, [0], [0], weights=[0, 0]), "weights"),
        (lambda: lr.odds_ratios([0, 0], X2), "weights"),
        (lambda: lr.odds_ratios([0, 0, 0], X2, level=1), "level"),
        (lambda: lr.numerical_gradient(np.zeros(3), lr.design_matrix(X2), Y2, step=0), "step"),
        (lambda: lr.polynomial_features(X2, 7), "degree"),
        (lambda: lr.polynomial_features(X2[:, :1], 2), "two columns"),
    ],
)
def test_errors_say_what_is_wrong(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_fit_changes_no_setting_and_no_input():
    X, y = BINARY
    model = LogisticRegression(class_weight={0: 2.0})
    before, X_before = replace(model), X.copy()
    model.fit(X, y)
    assert all(getattr(model, field.name) == getattr(before, field.name) for field in fields(model))
    np.testing.assert_array_equal(X, X_before)


def test_every_public_function_says_what_it_does():
    public = [f for name, f in vars(lr).items() if not name.startswith("_") and inspect.isfunction(f)]
    assert all(inspect.getdoc(f) for f in public)


# --- The ends of the range ----------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", [1e3, 1e5, 1e8, -1e8])
@pytest.mark.parametrize("penalty", [None, "l2", "l1"])
def test_newton_far_from_the_origin_finds_the_same_fit(offset, penalty):
    rng = np.random.default_rng(0)
    X = np.rint(64 * rng.standard_normal((200, 2))) / 64  # exact far from 0 too
    y = (X[:, 0] + rng.standard_normal(200) > 0).astype(int)
    near, far = (newton(penalty=penalty).fit(data, y) for data in (X, X + offset))
    assert far.converged_
    np.testing.assert_allclose(far.coef_, near.coef_, rtol=1e-9, atol=1e-10)
    assert far.intercept_[0] == pytest.approx(near.intercept_[0] - offset * near.coef_.sum(), rel=1e-9)
    if penalty == "l2":
        path = lr.penalty_path(X + offset, y, [0.01])
        assert path.converged.all()
        np.testing.assert_allclose(path.coef[0], near.coef_[0], rtol=1e-7)


@pytest.mark.parametrize("unit", [1e-100, 1e-9, 1e9, 1e100])
def test_newton_in_any_unit_finds_the_same_fit(unit):
    X, y = BINARY
    near, scaled = newton().fit(X, y), newton().fit(X * unit, y)
    assert scaled.converged_
    np.testing.assert_allclose(scaled.coef_ * unit, near.coef_, rtol=1e-8, atol=1e-9)
    path = lr.penalty_path(X * unit, y, [0.0])
    assert path.converged.all()
    np.testing.assert_allclose(path.coef * unit, near.coef_, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("offset", [0.0, 1e3, 1e6, 1e8])
@pytest.mark.parametrize("unit", [1e-200, 1.0, 1e100])
def test_standard_errors_far_from_the_origin_and_in_any_unit(offset, unit):
    rng = np.random.default_rng(0)
    X = np.rint(64 * rng.standard_normal((200, 2))) / 64
    y = (X[:, 0] + rng.standard_normal(200) > 0).astype(int)
    fitted = newton().fit(X, y)
    near = lr.odds_ratios(np.r_[fitted.intercept_, fitted.coef_[0]], X)
    w = np.r_[fitted.intercept_[0] - offset * fitted.coef_.sum(), fitted.coef_[0] / unit]
    far = lr.odds_ratios(w, (X + offset) * unit)
    np.testing.assert_allclose(far.standard_error[1:] * unit, near.standard_error[1:], rtol=1e-6)
    information = 200 * lr.hessian(np.r_[fitted.intercept_, fitted.coef_[0]], lr.design_matrix(X))
    covariance = np.linalg.inv(information)
    back = np.array([1, -offset, -offset])
    assert far.standard_error[0] == pytest.approx(math.sqrt(back @ covariance @ back), rel=1e-6)


QUASI = np.array([[-1.0], [0.0], [0.0], [1.0]]), np.array([0, 0, 1, 1])


def by_linear_programming(X, y):
    """What `separation` says, from the v of |vⱼ| ≤ 1 with the largest sum, or the largest least, of B v ≥ 0."""
    B = (2 * y - 1)[:, None] * np.column_stack([np.ones(len(X)), X])
    n, width = B.shape
    bounds = [(-1, 1)] * width
    rows = np.column_stack([-B, np.ones(n)])
    least = linprog(np.r_[np.zeros(width), -1], rows, np.zeros(n), bounds=[*bounds, (0, 1)])
    if -least.fun > 1e-9:
        return "complete"
    total = linprog(-B.sum(axis=0), -B, np.zeros(n), bounds=bounds)
    return "quasi-complete" if -total.fun > 1e-9 else "none"


def test_data_that_are_separable_in_part_are_said_to_be():
    assert lr.separation(*QUASI) == "quasi-complete"
    assert lr.separation(*SEPARABLE) == "complete"
    assert lr.separation(*BINARY) == "none"
    assert not lr.is_separable(*QUASI)
    for data in (QUASI, SEPARABLE):
        assert not LogisticRegression(solver="newton").fit(*data).converged_
        assert newton(penalty="l2").fit(*data).converged_


@given(st.integers(2, 12), st.integers(1, 4), st.integers(1, 3), st.integers(0, 10**6))
@settings(max_examples=300, deadline=None)
def test_separation_is_that_of_linear_programming(n, d, levels, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.integers(-levels, levels + 1, (n, d)).astype(float), rng.integers(0, 2, n)
    y[:2] = 0, 1
    assert lr.separation(X, y) == by_linear_programming(X, y)
    assert lr.separation(1e-50 * X + 3e-50, y) == by_linear_programming(X, y)


@given(st.integers(3, 30), st.integers(1, 5), st.floats(-6, 0), st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_separation_by_a_gap_of_any_width(n, d, log_gap, seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    y = np.append([0, 1], rng.integers(0, 2, n - 2))
    X[:, 0] = np.where(y, 1, -1) * (np.abs(X[:, 0]) + 10**log_gap)
    assert lr.separation(X, y) == "complete"
    X[0, 0] = X[1, 0] = 0  # both classes on the border
    X[:2, 1:] = 1
    assert lr.separation(X, y) == by_linear_programming(X, y)


def test_lists_and_objects_are_taken():
    X, y = BINARY
    w = np.arange(9) / 9
    A = lr.design_matrix(X)
    assert lr.loss(w.tolist(), A.tolist(), y.tolist()) == pytest.approx(lr.loss(w, A, y), rel=1e-14)
    np.testing.assert_allclose(lr.gradient(w.tolist(), A.tolist(), y.tolist()), lr.gradient(w, A, y), rtol=1e-12)
    named = np.where(y, "yes", "no").astype(object)
    fitted = newton().fit(X.astype(object), named)
    assert fitted.classes_.tolist() == ["no", "yes"]
    assert fitted.score(X, named) == newton().fit(X, y).score(X, y)


def test_a_score_needs_weight():
    fitted = newton().fit(*BINARY)
    with pytest.raises(ValueError, match="sample_weight is all zeros"):
        fitted.score(*BINARY, np.zeros(300))
    with pytest.raises(ValueError, match=r"learning_rate is '0\.1': a finite number above 0 is allowed"):
        LogisticRegression(learning_rate="0.1").fit(*BINARY)
