"""Every number of mlcore.linear_models against scikit-learn, a closed form or the conditions of optimality."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import ElasticNet, Ridge

from mlcore import linear_models as lm

pytestmark = pytest.mark.filterwarnings("error")

RATIOS = (0.1, 0.5, 1.0)


def data(name: str) -> tuple[np.ndarray, np.ndarray]:
    if name == "diabetes":
        X, y = load_diabetes(return_X_y=True, scaled=False)
        return (X - X.mean(axis=0)) / X.std(axis=0), y
    arguments = {
        "default": {},
        "correlated": {"n": 50, "d": 15, "correlation": 0.95},
        "wide": {"n": 25, "d": 40, "n_nonzero": 6, "correlation": 0.5},
    }[name]
    problem = lm.sparse_problem(**arguments)
    return problem.X + 3, problem.y - 7  # nothing is centred


DATA = ("default", "correlated", "wide", "diabetes")


def penalties(X: np.ndarray, y: np.ndarray, l1_ratio: float, n: int = 60) -> np.ndarray:
    return lm.lambda_max(X, y, l1_ratio) * np.geomspace(1, 1e-3, n)


def objective(X, y, w, b, lam, l1_ratio):
    r = y - X @ w - b
    return r @ r / (2 * len(y)) + lam * (l1_ratio * np.abs(w).sum() + (1 - l1_ratio) / 2 * w @ w)


# ---------------------------------------------------------------------------------------------- the paths


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("l1_ratio", RATIOS)
def test_elastic_net_agrees_with_scikit_learn(name: str, l1_ratio: float) -> None:
    X, y = data(name)
    lams = penalties(X, y, l1_ratio)
    path = lm.elastic_net_path(X, y, lams, l1_ratio)
    for i in range(0, 60, 7):
        model = ElasticNet(lams[i], l1_ratio=l1_ratio, tol=1e-16, max_iter=200_000)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # its tolerance is below what rounding allows
            model.fit(X, y)
        assert np.abs(path.coef[i] - model.coef_).max() < 1e-8
        assert abs(path.intercept[i] - model.intercept_) < 1e-8
        np.testing.assert_allclose(path.predict(X)[i], model.predict(X), atol=1e-8)


@pytest.mark.parametrize("name", DATA)
def test_ridge_agrees_with_scikit_learn(name: str) -> None:
    X, y = data(name)
    lams = np.geomspace(1e-3, 1e3, 9)
    path = lm.ridge_path(X, y, lams)
    for i, lam in enumerate(lams):
        model = Ridge(lam * len(y), solver="svd").fit(X, y)
        assert np.abs(path.coef[i] - model.coef_).max() < 1e-8
        assert abs(path.intercept[i] - model.intercept_) < 1e-8
    assert (path.n_iter == 0).all()


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("l1_ratio", [0.0, *RATIOS])
def test_paths_meet_the_conditions_of_optimality(name: str, l1_ratio: float) -> None:
    X, y = data(name)
    lams = penalties(X, y, l1_ratio or 1)
    scale = lm.lambda_max(X, y)
    assert lm.kkt_violation(X, y, lm.elastic_net_path(X, y, lams, l1_ratio)).max() < 1e-11 * scale
    assert lm.kkt_violation(X, y, lm.ridge_path(X, y, lams)).max() < 1e-11 * scale


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(4, 30),
    d=st.integers(1, 12),
    seed=st.integers(0, 9999),
    l1_ratio=st.sampled_from([0.0, 0.3, 1.0]),
    lam=st.floats(1e-4, 10),
    kind=st.sampled_from(["plain", "constant", "twins", "scales", "dull"]),
)
def test_any_data_and_any_penalty_without_a_warm_start(n, d, seed, l1_ratio, lam, kind) -> None:
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    if kind == "constant":
        X[:, 0] = 3.3
    elif kind == "twins":
        X[:, -1] = X[:, 0]
    elif kind == "scales":
        X *= np.geomspace(1e-3, 1e3, d)
    elif kind == "dull":
        y[:] = 2.5
    path = lm.elastic_net_path(X, y, [lam], l1_ratio)
    assert lm.kkt_violation(X, y, path)[0] < 1e-10 * max(1, lm.lambda_max(X, y))
    w, b = path.coef[0], path.intercept[0]
    best = objective(X, y, w, b, lam, l1_ratio)
    for _ in range(5):
        other = w + rng.normal(size=d) * 10.0 ** rng.uniform(-6, 0)
        assert objective(X, y, other, b, lam, l1_ratio) >= best * (1 - 1e-12)


def test_orthonormal_features_have_closed_forms() -> None:
    rng = np.random.default_rng(0)
    centred = rng.normal(size=(30, 6))
    Q = np.linalg.qr(centred - centred.mean(axis=0))[0] * np.sqrt(30)  # QᵀQ/n = I, columns centred
    y = rng.normal(size=30)
    c = Q.T @ y / 30
    lams = np.array([0.4, 0.02, 0.1])  # in no order
    column = lams[:, None]
    for a in (0.0, *RATIOS):
        shrunk = np.sign(c) * np.maximum(np.abs(c) - a * column, 0) / (1 + (1 - a) * column)
        path = lm.elastic_net_path(Q, y, lams, a)
        np.testing.assert_allclose(path.coef, shrunk, atol=1e-14)
        np.testing.assert_allclose(path.degrees_of_freedom, (shrunk != 0).sum(axis=1) / (1 + (1 - a) * lams))
        assert path.n_nonzero.tolist() == (shrunk != 0).sum(axis=1).tolist()
    np.testing.assert_allclose(lm.lasso_path(Q, y, lams).coef, lm.elastic_net_path(Q, y, lams, 1).coef)
    np.testing.assert_allclose(lm.ridge_path(Q, y, lams).coef, c / (1 + column), atol=1e-14)


def test_violation_of_the_conditions_is_measured() -> None:
    problem = lm.sparse_problem(seed=4)
    path = lm.elastic_net_path(problem.X, problem.y, [0.3], 0.5)
    j = int(np.abs(path.coef[0]).argmax())
    moved = path.coef.copy()
    moved[0, j] += 1e-3
    gram = (problem.X - problem.X.mean(axis=0)).T @ (problem.X - problem.X.mean(axis=0)) / len(problem.y)
    intercept = problem.y.mean() - moved @ problem.X.mean(axis=0)
    violation = lm.kkt_violation(problem.X, problem.y, replace(path, coef=moved, intercept=intercept))
    assert violation[0] >= 1e-3 * (gram[j, j] + 0.15) * (1 - 1e-9)
    shifted = replace(path, intercept=path.intercept + 0.25)
    assert lm.kkt_violation(problem.X, problem.y, shifted)[0] >= 0.25 - 1e-12


@pytest.mark.parametrize("l1_ratio", RATIOS)
def test_lambda_max_is_where_the_first_coefficient_enters(l1_ratio: float) -> None:
    X, y = data("default")
    top = lm.lambda_max(X, y, l1_ratio)
    path = lm.elastic_net_path(X, y, [top * (1 + 1e-9), top * (1 - 1e-6)], l1_ratio)
    assert path.n_nonzero.tolist() == [0, 1]
    assert path.intercept[0] == pytest.approx(y.mean())


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
def test_degrees_of_freedom_are_the_sensitivity_of_the_fit_to_the_targets(l1_ratio: float) -> None:
    """Σ ∂ŷ_i/∂y_i by central differences, less the one of the intercept (Stein's lemma)."""
    problem = lm.sparse_problem(n=20, d=8)
    X, y, lams, h = problem.X, problem.y, [0.05, 0.3], 1e-6

    def fit(targets: np.ndarray) -> lm.CoefficientPath:
        return lm.ridge_path(X, targets, lams) if l1_ratio == 0 else lm.elastic_net_path(X, targets, lams, l1_ratio)

    total = np.zeros(2)
    for i in range(20):
        up, down = y.copy(), y.copy()
        up[i] += h
        down[i] -= h
        total += (fit(up).predict(X)[:, i] - fit(down).predict(X)[:, i]) / (2 * h)
    np.testing.assert_allclose(total - 1, fit(y).degrees_of_freedom, atol=1e-7)


def test_order_and_company_of_the_penalties_change_nothing() -> None:
    X, y = data("correlated")
    lams = penalties(X, y, 1, 20)
    whole = lm.lasso_path(X, y, lams)
    mixed = np.random.default_rng(0).permutation(20)
    np.testing.assert_allclose(lm.lasso_path(X, y, lams[mixed]).coef, whole.coef[mixed], atol=1e-10)
    np.testing.assert_allclose(lm.lasso_path(X, y, lams[[13]]).coef, whole.coef[[13]], atol=1e-10)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.floats(0, 2), st.floats(0, 2))
def test_a_sweep_minimises_over_each_coefficient_in_turn(seed: int, l1: float, l2: float) -> None:
    rng = np.random.default_rng(seed)
    X, y, w = rng.normal(size=(12, 5)), rng.normal(size=12), rng.normal(size=5)
    gram, target = X.T @ X / 12, X.T @ y / 12

    def value(w: np.ndarray) -> float:
        return w @ gram @ w / 2 - target @ w + l1 * np.abs(w).sum() + l2 / 2 * w @ w

    after = lm.coordinate_descent_sweep(gram, target, w, l1, l2)
    for j in range(5):
        state = np.concatenate([after[: j + 1], w[j + 1 :]])  # as it was when w_j had just been set
        for step in (-1e-3, 1e-3):
            assert value(state + step * np.eye(5)[j]) >= value(state)


def test_soft_threshold() -> None:
    assert [lm.soft_threshold(v, 1.0) for v in (-3.0, -1.0, 0.5, 1.0, 2.5)] == [-2.0, 0.0, 0.0, 0.0, 1.5]


# ---------------------------------------------------------------------------------------------- the data


def test_sparse_problem_has_the_covariance_and_noise_it_states() -> None:
    problem = lm.sparse_problem(n=2000, d=6, n_nonzero=2, noise=0.5, correlation=0.7, seed=1)
    np.testing.assert_allclose(problem.covariance[0], 0.7 ** np.arange(6))
    assert np.abs(problem.X.T @ problem.X / 2000 - problem.covariance).max() < 5 * np.sqrt(2 / 2000)
    errors = problem.y - problem.X @ problem.coef
    assert errors.std() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(4000))
    assert sorted(np.abs(problem.coef)) == [0, 0, 0, 0, 0.5, 2]


def test_sparse_problem_moves_only_what_is_asked() -> None:
    one = lm.sparse_problem(seed=3)
    louder = lm.sparse_problem(seed=3, noise=4.0)
    np.testing.assert_array_equal(one.X, louder.X)
    np.testing.assert_allclose(4 * (one.y - one.X @ one.coef), louder.y - louder.X @ louder.coef)
    np.testing.assert_array_equal(one.coef, lm.sparse_problem(seed=3, correlation=-0.5, n=99).coef)
    np.testing.assert_array_equal(one.X, lm.sparse_problem(seed=3, n=90).X[:60])
    assert (one.coef != lm.sparse_problem(seed=5).coef).any()


def test_test_error_is_that_of_fresh_rows() -> None:
    problem = lm.sparse_problem(n=30, d=5, n_nonzero=3, correlation=0.6)
    path = lm.lasso_path(problem.X, problem.y, [0.5, 0.01])
    rng = np.random.default_rng(0)
    X = rng.multivariate_normal(np.zeros(5), problem.covariance, size=200_000)
    y = X @ problem.coef + problem.noise * rng.standard_normal(200_000)
    squared = (path.predict(X) - y) ** 2
    exact = problem.test_error(path.coef, path.intercept)
    assert exact.shape == (2,)
    assert (np.abs(squared.mean(axis=1) - exact) < 4 * squared.std(axis=1) / np.sqrt(200_000)).all()
    assert problem.test_error(problem.coef) == pytest.approx(problem.noise**2)


# --------------------------------------------------------------------------------------------- geometry


@settings(max_examples=60, deadline=None)
@example((0.0, 5.66e-179), 0.0, 0.0)
@given(
    st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
    st.floats(-0.95, 0.95),
    st.sampled_from([0.0, 0.2, 0.5, 1.0]),
)
def test_the_solution_is_where_the_constraint_set_touches_the_contour(minimum, correlation, l1_ratio) -> None:
    lams = np.geomspace(1e-3, 10, 12)
    g = lm.geometry(minimum, correlation, lams, l1_ratio, n_points=401)
    assert g.outline.shape == g.contour.shape == (12, 401, 2)

    def penalty(w: np.ndarray) -> np.ndarray:
        return l1_ratio * np.abs(w).sum(axis=-1) + (1 - l1_ratio) / 2 * (w**2).sum(axis=-1)

    def loss(w: np.ndarray) -> np.ndarray:
        return lm.two_weight_loss(minimum, correlation, w[..., 0], w[..., 1])

    np.testing.assert_allclose(penalty(g.w), g.budget, atol=1e-12)
    np.testing.assert_allclose(penalty(g.outline), np.repeat(g.budget[:, None], 401, axis=1), rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(loss(g.contour), np.repeat(g.loss[:, None], 401, axis=1), rtol=1e-6, atol=1e-12)
    assert (loss(g.outline) >= g.loss[:, None] * (1 - 1e-9) - 1e-12).all()  # no allowed point is better
    assert (penalty(g.contour) >= g.budget[:, None] * (1 - 1e-9) - 1e-12).all()  # and none as good is cheaper
    np.testing.assert_allclose(g.outline[:, 0], g.outline[:, -1], atol=1e-12)


def test_geometry_has_closed_forms() -> None:
    lams = np.array([0.1, 0.7, 3.0])
    shrunk = np.maximum([[2.0, 1.0]] - lams[:, None], 0) * [1, -1]
    np.testing.assert_allclose(lm.geometry([2, -1], 0, lams, 1.0).w, shrunk, atol=1e-14)
    H = np.array([[1, 0.6], [0.6, 1]])
    ridge = [np.linalg.solve(H + lam * np.eye(2), H @ [2, -1]) for lam in lams]
    np.testing.assert_allclose(lm.geometry([2, -1], 0.6, lams, 0.0).w, ridge, atol=1e-13)
    circle = lm.geometry([2, -1], 0.6, lams, 0.0)
    np.testing.assert_allclose(
        np.linalg.norm(circle.outline, axis=2), np.linalg.norm(circle.w, axis=1)[:, None].repeat(121, 1)
    )
    diamond = lm.geometry([2, -1], 0.6, lams, 1.0)
    t = np.abs(diamond.w).sum(axis=1)
    corners = np.stack([np.stack([t, 0 * t], -1), np.stack([0 * t, t], -1)], axis=1)
    np.testing.assert_array_equal(diamond.outline[:, [0, 30]], corners)  # exact: no rounding off the axes


def test_two_weight_loss_is_least_squares_on_standardised_features() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = rng.normal(size=40)
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    rho = (X[:, 0] * X[:, 1]).mean()
    w = rng.normal(size=(7, 2))
    losses = ((y - w @ X.T) ** 2).mean(axis=1) / 2
    excess = losses - ((y - X @ best) ** 2).mean() / 2
    np.testing.assert_allclose(lm.two_weight_loss(best, rho, w[:, 0], w[:, 1]), excess, atol=1e-13)
    assert lm.two_weight_loss(best, rho, np.zeros((3, 1)), np.zeros(4)).shape == (3, 4)


# --------------------------------------------------------------------------------------- early stopping


@pytest.mark.parametrize("name", ["default", "wide"])
@pytest.mark.parametrize("rate", [0.3, 1.0, 1.9])
def test_early_stopping_is_gradient_descent_step_by_step(name: str, rate: float) -> None:
    X, y = data(name)
    steps = [1, 2, 5, 50, 400]
    es = lm.early_stopping(X, y, steps, rate)
    Z, t = X - X.mean(axis=0), y - y.mean()
    largest = np.linalg.norm(Z, 2) ** 2 / len(y)
    assert es.learning_rate == pytest.approx(rate / largest)
    w, walked = np.zeros(X.shape[1]), []
    for _ in range(400):
        w = w + es.learning_rate * Z.T @ (t - Z @ w) / len(y)
        walked.append(w)
    np.testing.assert_allclose(es.descent, [walked[s - 1] for s in steps], atol=1e-10)
    ridge = lm.ridge_path(X, y, es.lams)
    np.testing.assert_allclose(es.ridge, ridge.coef, atol=1e-8)
    np.testing.assert_allclose(es.ridge_intercept, ridge.intercept, atol=1e-7)
    np.testing.assert_allclose(es.descent_intercept, y.mean() - es.descent @ X.mean(axis=0))
    np.testing.assert_allclose(es.lams, 1 / (es.learning_rate * np.array(steps)))
    np.testing.assert_allclose(es.ridge_factor.sum(axis=1), ridge.degrees_of_freedom, atol=1e-8)


def test_stopped_descent_and_ridge_have_like_factors_and_risks() -> None:
    problem = lm.sparse_problem(n=60, d=20)
    es = lm.early_stopping(problem.X, problem.y, np.unique(np.geomspace(1, 1e6, 60).round()), 0.01)
    x = es.s2 / es.lams[:, None]
    np.testing.assert_array_less(np.abs(es.descent_factor - es.ridge_factor), np.minimum(x**2, 0.31))
    # Risk over the noise at fixed X: squared bias + variance along each direction. Ali et al. 2019, theorem 1.
    Z = problem.X - problem.X.mean(axis=0)
    s2, v = np.linalg.eigh(Z.T @ Z / 60)
    np.testing.assert_allclose(s2[::-1], es.s2)
    along = (problem.coef @ v)[::-1]
    descent, ridge = (
        ((1 - f) ** 2 * along**2 + problem.noise**2 / 60 * f**2 / es.s2).sum(axis=1)
        for f in (es.descent_factor, es.ridge_factor)
    )
    assert (descent / ridge).max() < 1.69


def test_early_stopping_takes_long_runs_and_directions_without_data() -> None:
    X, y = data("wide")  # 25 rows, 40 features
    es = lm.early_stopping(X, y, [1, 10**9], 1.5)
    assert (es.s2 > 0).sum() == 24
    assert (es.descent_factor[:, 24:] == 0).all()
    np.testing.assert_allclose(X @ es.descent[1] + es.descent_intercept[1], y, atol=1e-8)  # interpolates


# ---------------------------------------------------------------------------------------------- refusals

X0, Y0 = np.arange(12.0).reshape(6, 2) ** 2, np.arange(6.0)

REFUSED = {
    "n": lambda: lm.sparse_problem(n=1),
    "d": lambda: lm.sparse_problem(d=201),
    "n_nonzero": lambda: lm.sparse_problem(d=4, n_nonzero=5),
    "noise": lambda: lm.sparse_problem(noise=-1),
    "correlation": lambda: lm.sparse_problem(correlation=1),
    "seed": lambda: lm.sparse_problem(seed=-1),
    "lams": lambda: lm.ridge_path(X0, Y0, []),
    "lams ": lambda: lm.lasso_path(X0, Y0, [1, 0]),
    "lams  ": lambda: lm.geometry([1, 1], 0, [np.nan], 1),
    "l1_ratio": lambda: lm.elastic_net_path(X0, Y0, [1], 1.1),
    "l1_ratio ": lambda: lm.lambda_max(X0, Y0, 0),
    "X": lambda: lm.lasso_path(X0, Y0[:5], [1]),
    "X ": lambda: lm.early_stopping(np.ones((6, 2)), Y0, [1]),
    "y": lambda: lm.ridge_path(X0, [1, 2, 3, 4, 5, np.inf], [1]),
    "minimum": lambda: lm.geometry([1, 2, 3], 0, [1], 1),
    "minimum ": lambda: lm.two_weight_loss([1, 1e3], 0, 0, 0),
    "correlation ": lambda: lm.two_weight_loss([1, 1], -1, 0, 0),
    "n_points": lambda: lm.geometry([1, 1], 0, [1], 1, n_points=100),
    "steps": lambda: lm.early_stopping(X0, Y0, [0]),
    "steps ": lambda: lm.early_stopping(X0, Y0, [1.5]),
    "rate": lambda: lm.early_stopping(X0, Y0, [1], 2),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusals_say_what_came_and_what_is_allowed(what: str) -> None:
    with pytest.raises(ValueError, match=rf"^{what.strip()} (is|are|has) .* allowed$"):
        REFUSED[what]()


# ------------------------------------------------------------------------------------- the ends of the range


@pytest.mark.parametrize(("n", "d"), [(10, 20), (6, 5), (40, 3), (5, 30)])
@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("lam", [1e-12, 1e-6, 1.0])
def test_ridge_is_the_fit_of_stacked_rows_however_small_the_penalty(n: int, d: int, unit: float, lam: float) -> None:
    rng = np.random.default_rng(n)
    X, y = rng.normal(size=(n, d)) * unit, rng.normal(size=n)
    path = lm.ridge_path(X, y, [lam])
    centred = X - X.mean(axis=0)
    rows, target = np.vstack([centred, np.sqrt(n * lam) * np.eye(d)]), np.append(y - y.mean(), np.zeros(d))
    np.testing.assert_allclose(path.coef[0], np.linalg.lstsq(rows, target)[0], rtol=1e-7, atol=1e-9 / unit)
    s2 = np.linalg.svd(centred, compute_uv=False)[: min(n - 1, d)] ** 2 / n
    assert path.degrees_of_freedom[0] == pytest.approx((s2 / (s2 + lam)).sum(), rel=1e-9)
    assert path.converged.all()


def test_ridge_of_more_features_than_rows_has_the_rank_of_the_rows() -> None:
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(10, 20)), rng.normal(size=10)
    path = lm.ridge_path(X, y, [1e-12])
    least = np.linalg.pinv(X - X.mean(axis=0)) @ (y - y.mean())
    np.testing.assert_allclose(path.coef[0], least, rtol=1e-8)
    assert path.degrees_of_freedom[0] == pytest.approx(9, abs=1e-9)


@pytest.mark.parametrize("lam", [1e-12, 1e-8, 1e-2, 10.0])
def test_an_elastic_net_without_l1_is_ridge(lam: float) -> None:
    rng = np.random.default_rng(3)
    X, y = 100 * rng.normal(size=(15, 20)), 1e6 * rng.normal(size=15)
    ours, ridge = lm.elastic_net_path(X, y, [lam], 0), lm.ridge_path(X, y, [lam])
    np.testing.assert_array_equal(ours.coef, ridge.coef)
    assert ours.converged.all()


@pytest.mark.parametrize("l1_ratio", [1e-9, 0.5, 1.0])
@pytest.mark.parametrize(("n", "d"), [(12, 5), (8, 12)])
@pytest.mark.parametrize("unit", [1, 1e3])
def test_small_penalties_are_not_left_before_they_begin(l1_ratio: float, n: int, d: int, unit: float) -> None:
    rng = np.random.default_rng(d)
    X, y = rng.normal(size=(n, d)), unit * rng.normal(size=n)
    largest = lm.lambda_max(X, y)
    path = lm.elastic_net_path(X, y, np.geomspace(1e-10, 1, 10) * largest, l1_ratio)
    assert path.converged.all()
    assert (lm.kkt_violation(X, y, path) <= 1e-4 * path.lams).all()


def test_a_path_that_has_not_converged_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 20)), rng.normal(size=50)
    whole = lm.lasso_path(X, y, [1e-3])
    assert whole.converged.all()
    assert whole.n_iter[0] > 1
    monkeypatch.setattr(lm, "MAX_SWEEPS", 1)
    assert not lm.lasso_path(X, y, [1e-3]).converged.any()


def test_predicting_other_columns_is_refused() -> None:
    rng = np.random.default_rng(0)
    path = lm.ridge_path(rng.normal(size=(9, 3)), rng.normal(size=9), [1.0])
    with pytest.raises(ValueError, match=r"X has shape \(4, 2\): \(m, 3\) is allowed"):
        path.predict(np.ones((4, 2)))
