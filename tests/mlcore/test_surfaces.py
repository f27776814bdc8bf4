import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LinearRegression, LogisticRegression

from mlcore.surfaces import ANALYTIC, least_squares, logistic_loss, ravine


def standardise(a):
    return (a - a.mean(axis=0)) / a.std(axis=0)


DIABETES = load_diabetes()
CANCER = load_breast_cancer()
X_REAL, Y_REAL = standardise(DIABETES.data[:, [2, 8]]), standardise(DIABETES.target)
X_CLASS, Y_CLASS = standardise(CANCER.data[:, [0, 1]]), CANCER.target
LOSSES = {
    "least_squares": least_squares(X_REAL, Y_REAL),
    "logistic": logistic_loss(X_CLASS, Y_CLASS),
    "logistic_l2": logistic_loss(X_CLASS, Y_CLASS, l2=0.1),
}
ALL = {**{name: make() for name, make in ANALYTIC.items()}, "steep": ravine(1e4), **LOSSES}
every_surface = pytest.mark.parametrize("surface", ALL.values(), ids=ALL.keys())
every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
unit = st.floats(0, 1)


def place(surface, a, b):
    (x0, x1), (y0, y1) = surface.x_range, surface.y_range
    return x0 + a * (x1 - x0), y0 + b * (y1 - y0)


def difference(f, x, y, h=1e-5):
    """Fourth-order central differences of f along x and y."""

    def along(dx, dy):
        g = [f(x + k * dx, y + k * dy) for k in (-2, -1, 1, 2)]
        return (g[0] - 8 * g[1] + 8 * g[2] - g[3]) / (12 * h)

    return along(h, 0), along(0, h)


@every_surface
@settings(deadline=None)
@given(a=unit, b=unit)
def test_gradient_matches_finite_differences(surface, a, b):
    x, y = place(surface, a, b)
    expected = difference(surface.value, x, y)
    # Rounding of f over h, with f at most `size` at the points used.
    size = 1 + abs(surface.value(x, y)) + np.hypot(*expected)
    np.testing.assert_allclose(surface.gradient(x, y), expected, rtol=0, atol=1e-9 * size)


@every_surface
def test_minima_are_minima(surface):
    assert surface.minima
    assert len(set(surface.minima)) == len(surface.minima)
    for x, y in surface.minima:
        assert surface.x_range[0] < x < surface.x_range[1]
        assert surface.y_range[0] < y < surface.y_range[1]
        columns = [difference(lambda x, y, i=i: surface.gradient(x, y)[i], x, y) for i in (0, 1)]
        hessian = np.array(columns)
        np.testing.assert_allclose(hessian, hessian.T, atol=1e-6 * np.abs(hessian).max())
        assert np.linalg.eigvalsh(hessian).min() > 0
        # The gradient vanishes as far as the last bit of the coordinates allows.
        allowed = 4e-16 * np.abs(hessian).max() * (1 + np.hypot(x, y))
        assert np.abs(surface.gradient(x, y)).max() <= 10 * allowed
        angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        around = surface.value(x + 1e-3 * np.cos(angle), y + 1e-3 * np.sin(angle))
        assert (around > surface.value(x, y)).all()


@every_surface
def test_no_minimum_is_missing(surface):
    """Newton's method on a grid of starts finds no minimum that is not listed."""
    gx, gy = np.meshgrid(np.linspace(*surface.x_range, 31), np.linspace(*surface.y_range, 31))
    x, y = gx.ravel(), gy.ravel()
    with np.errstate(all="ignore"):
        for _ in range(40):
            g = np.array(surface.gradient(x, y))
            h = np.array([difference(lambda x, y, i=i: surface.gradient(x, y)[i], x, y) for i in (0, 1)])
            det = h[0, 0] * h[1, 1] - h[0, 1] * h[1, 0]
            x = x - (h[1, 1] * g[0] - h[0, 1] * g[1]) / det
            y = y - (h[0, 0] * g[1] - h[1, 0] * g[0]) / det
        small = np.abs(surface.gradient(x, y)).max(axis=0) < 1e-9
        bowl = (det > 1e-6) & (h[0, 0] > 1e-6)
        inside = (np.abs(x - np.mean(surface.x_range)) <= np.ptp(surface.x_range) / 2) & (
            np.abs(y - np.mean(surface.y_range)) <= np.ptp(surface.y_range) / 2
        )
    found = np.column_stack([x, y])[small & bowl & inside]
    assert len(found) > 0
    distance = np.linalg.norm(found[:, None] - np.array(surface.minima), axis=2)
    assert distance.min(axis=1).max() < 1e-5


@every_surface
def test_floats_and_arrays_agree(surface):
    assert type(surface.value(0.3, -0.2)) is float
    assert all(type(g) is float for g in surface.gradient(0.3, -0.2))
    x, y = np.linspace(*surface.x_range, 7), np.linspace(*surface.y_range, 5)[:, None]
    values, (gx, gy) = surface.value(x, y), surface.gradient(x, y)
    assert values.shape == (5, 7)
    for i, j in np.ndindex(5, 7):
        a, b = float(x[j]), float(y[i, 0])
        np.testing.assert_allclose(values[i, j], surface.value(a, b), rtol=1e-13)
        g = np.broadcast_to(gx, (5, 7))[i, j], np.broadcast_to(gy, (5, 7))[i, j]
        np.testing.assert_allclose(g, surface.gradient(a, b), rtol=1e-12, atol=1e-13)


@every_surface
def test_start_is_in_the_picture(surface):
    assert surface.x_range[0] <= surface.start[0] <= surface.x_range[1]
    assert surface.y_range[0] <= surface.start[1] <= surface.y_range[1]
    assert surface.formula


def test_ravine_condition_number():
    np.testing.assert_array_equal(ravine(50).gradient(1.0, 1.0), (0.02, 1.0))
    for bad in (0.5, -1, np.nan, np.inf):
        with pytest.raises(ValueError, match="condition_number"):
            ravine(bad)


def test_known_values():
    assert ALL["rosenbrock"].value(-1.2, 1.0) == pytest.approx(24.2)
    assert ALL["himmelblau"].value(0.0, 0.0) == 170
    assert ALL["beale"].value(0.0, 0.0) == pytest.approx(14.203125)
    assert ALL["rastrigin"].value(0.5, 0.5) == pytest.approx(40.5)
    assert ALL["saddle"].value(0.0, 2.0) == -1
    assert ALL["plateau"].value(0.0, 2.0) == pytest.approx(1 - np.exp(-2))


def test_least_squares_against_scikit_learn():
    loss = LOSSES["least_squares"]
    model = LinearRegression(fit_intercept=False, tol=0).fit(X_REAL, Y_REAL)
    np.testing.assert_allclose(loss.minima[0], model.coef_, rtol=1e-12)
    for w in ((0.0, 0.0), (1.0, -2.0), loss.minima[0]):
        assert loss.value(*w) == pytest.approx(0.5 * np.mean((X_REAL @ w - Y_REAL) ** 2), rel=1e-13)
    assert loss.hessian_condition == pytest.approx(np.linalg.cond(X_REAL.T @ X_REAL))


@pytest.mark.parametrize("l2", [0.0, 1e-3, 0.1, 10.0])
def test_logistic_minimum_against_scikit_learn(l2):
    loss = logistic_loss(X_CLASS, Y_CLASS, l2=l2)
    C = 1 / (len(Y_CLASS) * l2) if l2 else np.inf
    model = LogisticRegression(C=C, fit_intercept=False, tol=1e-10, solver="newton-cholesky", max_iter=1000)
    np.testing.assert_allclose(loss.minima[0], model.fit(X_CLASS, Y_CLASS).coef_[0], rtol=1e-9)


@settings(deadline=None)
@given(a=unit, b=unit)
def test_logistic_value_is_the_mean_log_loss(a, b):
    loss = LOSSES["logistic_l2"]
    x, y = place(loss, a, b)
    z = X_CLASS @ (x, y)
    expected = np.mean(np.logaddexp(0, z) - Y_CLASS * z) + 0.05 * (x * x + y * y)
    assert loss.value(x, y) == pytest.approx(expected, rel=1e-12)


def test_logistic_loss_does_not_overflow():
    loss = LOSSES["logistic"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(loss.value(1e6, -1e6))
        assert np.isfinite(loss.gradient(1e6, -1e6)).all()
        grid = loss.value(*np.meshgrid(np.linspace(-1e4, 1e4, 60), np.linspace(-1e4, 1e4, 60)))
    assert np.isfinite(grid).all()


@every_loss
def test_sample_gradients_average_to_the_gradient(loss):
    n, (x, y) = loss.n_samples, (0.7, -1.3)
    full = loss.gradient(x, y)
    np.testing.assert_allclose(loss.sample_gradient(x, y, np.arange(n)), full, rtol=1e-12)
    singles = [loss.sample_gradient(x, y, np.array([i])) for i in range(n)]
    np.testing.assert_allclose(np.mean(singles, axis=0), full, rtol=1e-12)
    assert np.std(singles, axis=0).min() > 0.05  # the samples do disagree
    batches = np.random.default_rng(0).permutation(n)[: n // 4 * 4].reshape(-1, 4)
    for batch, gradient in zip(batches, loss.batch_gradients(batches), strict=True):
        np.testing.assert_allclose(gradient(x, y), np.mean([singles[i] for i in batch], axis=0), rtol=1e-11)


@every_loss
def test_sample_gradient_at_arrays(loss):
    x, y, batch = np.array([0.1, -2.0, 3.0]), np.array([1.0, 0.0, -1.0]), np.array([3, 1, 4, 15])
    gx, gy = loss.sample_gradient(x, y, batch)
    for i in range(3):
        expected = loss.sample_gradient(float(x[i]), float(y[i]), batch)
        np.testing.assert_allclose((gx[i], gy[i]), expected, rtol=1e-12)


def test_one_sample_of_least_squares_by_hand():
    loss = least_squares([[1.0, 2.0], [3.0, -1.0]], [1.0, 2.0])
    assert loss.sample_gradient(1.0, 1.0, np.array([0])) == (2.0, 4.0)  # (1 + 2 − 1)·(1, 2)
    assert loss.n_samples == 2


@pytest.mark.parametrize("make", [least_squares, logistic_loss])
def test_bad_data_raise(make):
    X, y = X_CLASS[:30], Y_CLASS[:30].astype(float)
    with pytest.raises(ValueError, match="shape"):
        make(X[:, :1], y)
    with pytest.raises(ValueError, match="shape"):
        make(X, y[:-1])
    with pytest.raises(ValueError, match="finite"):
        make(np.where(X[0, 0] == X, np.nan, X), y)
    with pytest.raises(ValueError, match="dependent"):
        make(X[:, [0, 0]], y)


def test_logistic_refuses_what_has_no_minimum():
    with pytest.raises(ValueError, match="0 or 1"):
        logistic_loss(X_CLASS, 2 * Y_CLASS)
    with pytest.raises(ValueError, match="l2"):
        logistic_loss(X_CLASS, Y_CLASS, l2=-1)
    X = np.random.default_rng(0).normal(size=(50, 2))
    separable = (X @ [1.0, 2.0] > 0).astype(int)
    with pytest.raises(ValueError, match="separates"):
        logistic_loss(X, separable)
    x, y = logistic_loss(X, separable, l2=1e-3).minima[0]
    assert y / x == pytest.approx(2, rel=0.3)


@pytest.mark.parametrize("size", [1e-5, 0.1, 1e6])
def test_a_minimum_at_the_origin_to_rounding_is_seen_in_the_unit_of_the_targets(size):
    X = np.array([[0.1, 0.3], [0.1, -0.3], [-0.1, 0.3], [-0.1, -0.3]])
    surface = least_squares(X, size * np.array([1, -1, -1, 1]) * (1 + 1e-17) + 1e-17 * size)
    assert np.abs(surface.minima[0]).max() < 1e-12 * size
    np.testing.assert_allclose(surface.x_range, [-13 * size, 13 * size])
    np.testing.assert_allclose(surface.y_range, [-13 / 3 * size, 13 / 3 * size])
