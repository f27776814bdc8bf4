"""Every number of mlcore.bias_variance against an independent reference."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor

from mlcore import bias_variance as bv
from mlcore.bias_variance import Problem

pytestmark = pytest.mark.filterwarnings("error")

GRID = np.linspace(-1, 1, 200)
SMALL = Problem(n=12, n_sets=7, seed=3)


def basis(x: np.ndarray, degree: int) -> np.ndarray:
    """Legendre polynomials of mean square one, written out apart from mlcore."""
    columns = [np.ones_like(x), x]
    for j in range(1, degree):
        columns.append(((2 * j + 1) * x * columns[j] - j * columns[j - 1]) / (j + 1))
    return np.stack([np.sqrt(2 * j + 1) * c for j, c in enumerate(columns[: degree + 1])], axis=-1)


def relative(ours: np.ndarray, reference: np.ndarray) -> float:
    return float(np.abs(ours - reference).max() / np.abs(reference).max())


def problems(max_n: int = 25) -> st.SearchStrategy[Problem]:
    return st.builds(
        Problem,
        function=st.sampled_from(list(bv.FUNCTIONS)),
        noise=st.sampled_from([0.0, 0.3, 2.0, 10.0]),
        n=st.integers(2, max_n),
        n_sets=st.integers(1, 9),
        seed=st.integers(0, 2**32 - 1),
        design=st.sampled_from(bv.DESIGNS),
    )


# ---------------------------------------------------------------------------------------------- problem


@pytest.mark.parametrize("name", bv.FUNCTIONS)
def test_functions_have_about_unit_amplitude(name: str) -> None:
    values = bv.FUNCTIONS[name](np.linspace(-1, 1, 2001))
    assert values.shape == (2001,)
    assert 0.7 < np.abs(values).max() <= 1.0 + 1e-12


@given(problems())
def test_draw(problem: Problem) -> None:
    x, y = bv.draw(problem)
    assert x.shape == y.shape == (problem.n, problem.n_sets)
    assert x.flags.c_contiguous
    assert y.flags.c_contiguous
    assert np.abs(x).max() <= 1
    if problem.design == "fixed":
        np.testing.assert_array_equal(x, np.tile(np.linspace(-1, 1, problem.n)[:, None], problem.n_sets))
    if problem.noise == 0:
        np.testing.assert_array_equal(y, bv.FUNCTIONS[problem.function](x))
    again = bv.draw(replace(problem))
    np.testing.assert_array_equal(x, again[0])
    np.testing.assert_array_equal(y, again[1])


def test_noise_has_the_stated_moments_and_other_seeds_other_data() -> None:
    problem = Problem(n=500, n_sets=200, noise=0.7)
    x, y = bv.draw(problem)
    rest = y - bv.FUNCTIONS["sine"](x)
    assert abs(rest.mean()) < 5 * 0.7 / np.sqrt(1e5)
    assert abs(rest.var() - 0.49) < 5 * 0.49 * np.sqrt(2 / 1e5)
    assert abs(x.mean()) < 5 * np.sqrt(1 / 3 / 1e5)
    assert not np.array_equal(x, bv.draw(replace(problem, seed=1))[0])


def test_a_larger_n_keeps_the_points_and_sigma_only_scales() -> None:
    x, y = bv.draw(SMALL)
    more_x, more_y = bv.draw(replace(SMALL, n=20))
    np.testing.assert_array_equal(more_x[:12], x)
    np.testing.assert_array_equal(more_y[:12], y)
    louder_x, louder_y = bv.draw(replace(SMALL, noise=0.6))
    f = bv.FUNCTIONS["sine"](x)
    np.testing.assert_array_equal(louder_x, x)
    np.testing.assert_allclose(louder_y - f, 2 * (y - f), atol=1e-14)


def test_complexities_run_from_simple_to_complex() -> None:
    assert bv.complexities("polynomial", 8).tolist() == list(range(8))
    assert bv.complexities("polynomial", 300).tolist() == list(range(21))
    assert bv.complexities("knn", 4).tolist() == [4, 3, 2, 1]
    for n in (2, 30, 500):
        penalties = bv.complexities("ridge", n)
        assert len(penalties) == 45
        assert penalties[0] == pytest.approx(1e3)
        assert penalties[-1] == pytest.approx(1e-8)
        assert (np.diff(np.log(penalties)) < 0).all()
        features = bv.complexities("random_features", n)
        assert features[0] == 1
        assert features[-1] == 4 * n
        assert n in features
        assert (np.diff(features) > 0).all()
    assert 35 <= len(bv.complexities("random_features", 30)) <= 45


# ------------------------------------------------------------------------------- models and references


@pytest.mark.parametrize("design", bv.DESIGNS)
def test_polynomials_agree_with_least_squares(design: str) -> None:
    problem = Problem(n=50, n_sets=40, design=design)
    x, y = bv.draw(problem)
    axis, predictions = bv.predict(problem, "polynomial", GRID)
    assert predictions.shape == (21, 200, 40)
    for d in (0, 1, 2, 5, 10, 15):
        for s in range(40):
            w = np.linalg.lstsq(basis(x[:, s], d), y[:, s], rcond=None)[0]
            assert relative(predictions[d, :, s], basis(GRID, d) @ w) < 1e-10
        fitted = np.polynomial.Legendre.fit(x[:, 0], y[:, 0], d, domain=[-1, 1])
        assert relative(predictions[d, :, 0], fitted(GRID)) < 1e-10
    assert axis.tolist() == list(range(21))


@pytest.mark.parametrize("n", [2, 3, 6, 12, 21])
def test_interpolating_polynomials_agree_with_exact_rational_arithmetic(n: int) -> None:
    problem = Problem(n=n, n_sets=25)
    x, y = bv.draw(problem)
    at = np.linspace(-1, 1, 11)
    predictions = bv.predict(problem, "polynomial", at)[1][-1]  # (t, sets), degree n − 1
    for s in range(25):
        nodes, c = [Fraction(v) for v in x[:, s]], [Fraction(v) for v in y[:, s]]
        for k in range(1, n):  # Newton's divided differences
            for i in range(n - 1, k - 1, -1):
                c[i] = (c[i] - c[i - 1]) / (nodes[i] - nodes[i - k])
        exact = []
        for query in at:
            value = c[-1]
            for i in range(n - 2, -1, -1):
                value = value * (Fraction(query) - nodes[i]) + c[i]
            exact.append(float(value))
        assert relative(predictions[:, s], np.array(exact)) < 1e-10


def test_polynomials_with_repeated_inputs_stay_at_the_last_determined_degree() -> None:
    x = np.repeat(np.array([-0.5, 0.0, 0.7]), 2)[:, None]
    y = np.array([1.0, 3.0, 0.0, 2.0, 5.0, 7.0])[:, None]
    fits, _ = bv._fit_polynomials(x, y, np.arange(6))
    at_nodes = [basis(np.array([-0.5, 0.0, 0.7]), 5) @ w[:, 0] for w in fits]
    for values in at_nodes[2:]:
        np.testing.assert_allclose(values, [2, 1, 6], atol=1e-12)
    np.testing.assert_array_equal(fits[5], fits[2])


@pytest.mark.parametrize(("n", "design"), [(30, "random"), (30, "fixed"), (8, "random"), (2, "fixed")])
def test_ridge_agrees_with_scikit_learn(n: int, design: str) -> None:
    problem = Problem(n=n, n_sets=5, design=design)
    x, y = bv.draw(problem)
    penalties, predictions = bv.predict(problem, "ridge", GRID, degree=9)
    for i in range(0, 45, 4):
        for s in range(5):
            model = Ridge(penalties[i], solver="svd").fit(basis(x[:, s], 9)[:, 1:], y[:, s])
            # rounding in BᵀB is divided by λ
            assert relative(predictions[i, :, s], model.predict(basis(GRID, 9)[:, 1:])) < max(
                1e-12, 3e-13 / penalties[i]
            )
    d = bv.decompose(problem, "ridge", degree=9)
    train = np.mean(
        [
            np.mean((Ridge(penalties[8], solver="svd").fit(B, t).predict(B) - t) ** 2)
            for B, t in ((basis(x[:, s], 9)[:, 1:], y[:, s]) for s in range(5))
        ]
    )
    assert d.train_error[8] == pytest.approx(train, rel=1e-9)


def test_nearest_neighbours_agree_with_scikit_learn() -> None:
    x, y = bv.draw(SMALL)
    ks, predictions = bv.predict(SMALL, "knn", GRID)
    d = bv.decompose(SMALL, "knn")
    for i, k in enumerate(ks):
        for s in range(7):
            model = KNeighborsRegressor(int(k)).fit(x[:, [s]], y[:, s])
            np.testing.assert_allclose(predictions[i, :, s], model.predict(GRID[:, None]), atol=1e-13)
            np.testing.assert_allclose(d.fits[i, s], model.predict(GRID[:, None]), atol=1e-13)
        train = [
            np.mean((KNeighborsRegressor(int(k)).fit(a[:, None], b).predict(a[:, None]) - b) ** 2)
            for a, b in zip(x.T, y.T, strict=True)
        ]
        assert d.train_error[i] == pytest.approx(np.mean(train), abs=1e-13)


def test_random_features_agree_with_the_pseudo_inverse_and_ridge() -> None:
    problem = Problem(n=10, n_sets=4, design="fixed")
    x, y = bv.draw(problem)
    ps, plain = bv.predict(problem, "random_features", GRID)
    _, shrunk = bv.predict(problem, "random_features", GRID, ridge=0.1)
    for i, p in enumerate(ps):
        train, test = bv._random_features(problem, x[:, 0], int(p)), bv._random_features(problem, GRID, int(p))
        assert test.shape == (200, p)
        reference = test @ (np.linalg.pinv(train, rcond=bv.RANK_CUTOFF) @ y)
        assert relative(plain[i], reference) < 1e-8
        ridge = Ridge(0.1, fit_intercept=False, solver="svd").fit(train, y)
        assert relative(shrunk[i], test @ ridge.coef_.T) < 1e-11


def test_random_features_are_nested() -> None:
    np.testing.assert_allclose(
        bv._random_features(SMALL, GRID, 50)[:, :7], bv._random_features(SMALL, GRID, 7), atol=1e-12
    )


def test_random_features_follow_the_seed_alone() -> None:
    features = bv._random_features(SMALL, GRID, 9)
    other_data = replace(SMALL, function="step", noise=1.0, n=40, n_sets=3, design="fixed")
    np.testing.assert_array_equal(bv._random_features(other_data, GRID, 9), features)
    assert np.abs(bv._random_features(replace(SMALL, seed=4), GRID, 9) - features).max() > 1


def test_minimum_norm() -> None:
    """Past p = n the fit interpolates, and adding any null vector of the features makes w longer."""
    problem = Problem(n=10, n_sets=3, design="fixed")
    x, y = bv.draw(problem)
    features = bv._random_features(problem, x[:, 0], 30)
    w, train_error = bv._fit_features(features[None], y, np.zeros(1))
    assert train_error.max() < 1e-20
    np.testing.assert_allclose(features @ w[0], y, atol=1e-9)
    null = np.linalg.svd(features)[2][10:]  # (20, p)
    np.testing.assert_allclose(null @ w[0], 0, atol=1e-9 * np.abs(w).max())


# ------------------------------------------------------------------------------------ the decomposition


@pytest.mark.parametrize("model", bv.MODELS)
@pytest.mark.parametrize("design", bv.DESIGNS)
def test_decompose_agrees_with_a_plain_loop(model: str, design: str) -> None:
    problem = replace(SMALL, design=design)
    d = bv.decompose(problem, model, n_shown=3)
    axis, predictions = bv.predict(problem, model, GRID)
    x, y = bv.draw(problem)
    truth = bv.FUNCTIONS["sine"](GRID)
    np.testing.assert_array_equal(d.complexity, axis)
    np.testing.assert_array_equal(d.x, GRID)
    np.testing.assert_array_equal(d.truth, truth)
    assert d.fits.shape == (len(axis), 3, 200)
    assert d.noise == pytest.approx(0.09)
    for i in range(len(axis)):
        fits = predictions[i].T
        if model == "knn" and design == "fixed":
            continue  # ties between evenly spaced inputs: two valid answers
        scale = np.abs(fits).max()
        mean, std = np.zeros(200), np.zeros(200)
        for fit in fits:
            mean += fit / 7
        for fit in fits:
            std += (fit - mean) ** 2 / 7
        np.testing.assert_allclose(d.mean[i], mean, atol=1e-10 * scale)
        np.testing.assert_allclose(d.std[i], np.sqrt(std), atol=1e-10 * scale)
        assert d.bias_squared[i] == pytest.approx(np.mean((mean - truth) ** 2), rel=1e-8, abs=1e-20 * scale**2)
        assert d.variance[i] == pytest.approx(np.mean(std), rel=1e-8)
        np.testing.assert_allclose(d.fits[i], fits[:3], atol=1e-10 * scale)
    at_inputs = [bv.predict(problem, model, x[:, s])[1][:, :, s] for s in range(7)]  # each (m, n)
    if not (model == "knn" and design == "fixed"):
        train = np.mean([((at_inputs[s] - y[:, s]) ** 2).mean(axis=1) for s in range(7)], axis=0)
        np.testing.assert_allclose(d.train_error, train, rtol=1e-6, atol=1e-9)
    assert d.best == np.argmin(d.bias_squared + d.variance)


@settings(max_examples=40, deadline=None)
@given(problems(), st.sampled_from(list(bv.MODELS)))
def test_the_identity_holds_exactly_for_any_sets(problem: Problem, model: str) -> None:
    if model == "knn":
        problem = replace(problem, design="random")  # evenly spaced inputs tie
    d = bv.decompose(problem, model)
    predictions = bv.predict(problem, model, GRID)[1]
    total = ((predictions - d.truth[:, None]) ** 2).mean(axis=(1, 2))
    np.testing.assert_allclose(d.bias_squared + d.variance, total, rtol=1e-7, atol=1e-18)
    np.testing.assert_allclose((d.std**2).mean(axis=1), d.variance, rtol=1e-9, atol=1e-18)
    np.testing.assert_allclose(d.expected_error, d.bias_squared + d.variance + problem.noise**2)
    if problem.n_sets == 1:
        assert (d.variance == 0).all()
        assert (d.std == 0).all()


@pytest.mark.parametrize("model", ["polynomial", "knn", "ridge"])
def test_measured_test_error_differs_by_chance_only(model: str) -> None:
    """The z-scores over 200 seeds have mean 0 and variance 1: the stated standard error is the true one."""
    axis = {"polynomial": [1, 5, 12], "knn": [20, 5, 1], "ridge": [10.0, 0.1, 1e-4]}[model]
    z = []
    for seed in range(200):
        d = bv.decompose(Problem(n=20, n_sets=8, seed=seed), model, n_grid=60, n_shown=0, complexities=axis)
        z.append((d.test_error - d.expected_error) / d.test_error_se)
    z = np.array(z)  # (seeds, 3), columns correlated, rows independent
    assert np.abs(z.mean(axis=0)).max() < 4.5 / np.sqrt(200)
    assert np.abs((z**2).mean(axis=0) - 1).max() < 4.5 * np.sqrt(2 / 200)
    assert np.abs(z).max() < 5


@pytest.mark.parametrize("model", bv.MODELS)
def test_without_noise_measured_and_expected_errors_are_one(model: str) -> None:
    d = bv.decompose(Problem(noise=0.0, n=9, n_sets=5), model)
    np.testing.assert_allclose(d.test_error, d.expected_error, rtol=1e-9, atol=1e-18)
    assert (d.test_error_se == 0).all()


def test_a_model_that_contains_the_truth_has_no_bias_and_without_noise_no_error() -> None:
    d = bv.decompose(Problem("cubic", noise=0.0, n=15, n_sets=20))
    assert d.expected_error[:3].min() > 0.01
    assert d.expected_error[3:10].max() < 1e-18


def test_default_problem_is_u_shaped_with_its_best_at_degree_3_to_6() -> None:
    d = bv.decompose(Problem())
    assert 3 <= d.complexity[d.best] <= 6
    assert d.bias_squared[0] > 10 * d.bias_squared[d.best]
    assert d.variance[-1] > 10 * d.variance[d.best]


@pytest.mark.parametrize("function", ["step", "cubic"])
def test_closed_form_agrees_with_monte_carlo(function: str) -> None:
    """Unbiased: E(plug-in variance) = (1 − 1/S)·closed form, E(plug-in bias²) = bias² + variance/S."""
    sets, repeats, degrees = 50, 40, [0, 2, 5, 11]
    problem = Problem(function, n=16, n_sets=sets, design="fixed")
    bias_squared, variance = bv.closed_form_variance(problem, degrees)
    runs = [bv.decompose(replace(problem, seed=seed), complexities=degrees, n_shown=0) for seed in range(repeats)]
    v, b = np.array([d.variance for d in runs]), np.array([d.bias_squared for d in runs])
    for sample, exact in ((v, (1 - 1 / sets) * variance), (b, bias_squared + variance / sets)):
        z = (sample.mean(axis=0) - exact) / (sample.std(axis=0, ddof=1) / np.sqrt(repeats))
        assert np.abs(z).max() < 4.5


def test_closed_form_by_the_hat_matrix() -> None:
    problem = Problem("runge", n=9, design="fixed", noise=0.5)
    bias_squared, variance = bv.closed_form_variance(problem, range(9))
    x = np.linspace(-1, 1, 9)
    for d in range(9):
        hat = basis(GRID, d) @ np.linalg.pinv(basis(x, d))  # (t, n): f̂ = hat y
        assert variance[d] == pytest.approx(0.25 * np.mean((hat**2).sum(axis=1)), rel=1e-10)
        error = hat @ bv.FUNCTIONS["runge"](x) - bv.FUNCTIONS["runge"](GRID)
        assert bias_squared[d] == pytest.approx(np.mean(error**2), rel=1e-10)


def test_averages_do_not_depend_on_how_many_fits_are_shown_or_swept() -> None:
    every, some = bv.decompose(SMALL, n_shown=0), bv.decompose(SMALL, n_shown=500, complexities=[2, 7])
    assert every.fits.shape == (12, 0, 200)
    assert some.fits.shape == (2, 7, 200)
    for field in ("mean", "std", "bias_squared", "variance", "test_error", "train_error"):
        np.testing.assert_allclose(getattr(every, field)[[2, 7]], getattr(some, field), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("model", bv.MODELS)
def test_determinism(model: str) -> None:
    first, second = bv.decompose(SMALL, model), bv.decompose(replace(SMALL), model)
    other = bv.decompose(replace(SMALL, seed=4), model)
    for field in fields(first):
        np.testing.assert_array_equal(getattr(first, field.name), getattr(second, field.name))
    assert not np.array_equal(first.mean, other.mean)
    assert not np.array_equal(first.test_error, other.test_error)


@pytest.mark.parametrize("model", bv.MODELS)
@pytest.mark.parametrize("design", bv.DESIGNS)
@pytest.mark.parametrize("noise", [0.0, 10.0])
@pytest.mark.parametrize("n", [2, 3, 5])
def test_small_and_extreme_problems(model: str, design: str, noise: float, n: int) -> None:
    for sets in (1, 4):
        problem = Problem("step", noise, n, sets, 2**32 - 1, design)
        d = bv.decompose(problem, model, degree=20, n_grid=50)
        for field in fields(d):
            assert np.isfinite(getattr(d, field.name)).all(), field.name
        assert (d.train_error >= 0).all()
        cv = bv.cross_validate(problem, model, folds=n, degree=20)
        assert np.isfinite(cv.cv_error).all()
        assert np.isfinite(cv.cv_se).all()
        assert (cv.regret >= 0).all()


@st.composite
def page_states(draw: st.DrawFn, n: tuple[int, int] = (10, 100), sets: tuple[int, int] = (10, 300)) -> Problem:
    """A problem that the page's controls, or a link to it, can ask for."""
    return Problem(
        function=draw(st.sampled_from(list(bv.FUNCTIONS))),
        noise=draw(st.floats(0, 1)),
        n=draw(st.integers(*n)),
        n_sets=draw(st.integers(*sets)),
        seed=draw(st.integers(0, 2**32 - 1)),
        design=draw(st.sampled_from(bv.DESIGNS)),
    )


def assert_finite(result: object) -> None:
    for field in fields(result):
        assert np.isfinite(getattr(result, field.name)).all(), field.name


SMOOTH = ["polynomial", "knn", "ridge"]  # "random_features" takes seconds where n and n_sets are large


@settings(max_examples=30, deadline=None)
@given(page_states(), st.sampled_from(SMOOTH), st.integers(1, 20))
def test_every_state_of_the_page_decomposes(problem: Problem, model: str, degree: int) -> None:
    assert_finite(bv.decompose(problem, model, degree=degree, n_grid=50))


@settings(max_examples=30, deadline=None)
@given(page_states(), st.sampled_from(SMOOTH), st.data())
def test_every_state_of_the_page_has_a_learning_curve(problem: Problem, model: str, data: st.DataObject) -> None:
    values = {"polynomial": st.integers(0, 20), "knn": st.integers(1, 50), "ridge": st.floats(1e-8, 1e3)}[model]
    assert_finite(bv.learning_curve(problem, model, data.draw(values), [10, 25, 50, 100], n_grid=50))


@settings(max_examples=20, deadline=None)
@given(page_states(sets=(10, 50)), st.sampled_from(SMOOTH), st.integers(2, 10), st.integers(1, 20))
def test_every_state_of_the_page_is_cross_validated(problem: Problem, model: str, folds: int, degree: int) -> None:
    assert_finite(bv.cross_validate(problem, model, folds, degree=degree, n_grid=50))


@settings(max_examples=15, deadline=None)
@given(page_states(n=(10, 20), sets=(10, 12)), st.floats(0, 10))
def test_every_state_of_the_page_has_random_features(problem: Problem, ridge: float) -> None:
    assert_finite(bv.decompose(problem, "random_features", ridge=ridge, n_grid=50))
    assert_finite(bv.double_descent(problem, [0.0, ridge], n_grid=50))


# ------------------------------------------------------------------- learning curves, cross-validation


@pytest.mark.parametrize(("model", "value"), [("polynomial", 4), ("knn", 5), ("ridge", 0.37), ("random_features", 6)])
def test_learning_curve_points_are_decompositions(model: str, value: float) -> None:
    curve = bv.learning_curve(SMALL, model, value, [2, 4, 5, 30], degree=7)
    assert curve.sizes.tolist() == {"polynomial": [5, 30], "knn": [5, 30]}.get(model, [2, 4, 5, 30])
    for i, n in enumerate(curve.sizes):
        d = bv.decompose(replace(SMALL, n=int(n)), model, degree=7, complexities=[value])
        assert curve.train_error[i] == d.train_error[0]
        assert curve.test_error[i] == d.expected_error[0]
        assert curve.bias_squared[i] == d.bias_squared[0]
        assert curve.variance[i] == d.variance[0]
    assert curve.noise == pytest.approx(0.09)
    assert bv.learning_curve(SMALL, "polynomial", 4, [2, 3]).test_error.shape == (0,)


@pytest.mark.parametrize("model", ["polynomial", "knn", "ridge"])
def test_cross_validation_agrees_with_kfold_and_a_loop(model: str) -> None:
    problem = Problem(n=23, n_sets=5, seed=1)
    x, y = bv.draw(problem)
    cv = bv.cross_validate(problem, model, folds=5, degree=6)
    order = bv._rng(problem, "folds").permutation(23)
    assert sorted(order) == list(range(23))
    largest = {"polynomial": 17, "knn": 18, "ridge": np.inf}[model]  # the smallest fold leaves 18 for training
    assert cv.complexity.tolist() == [c for c in bv.complexities(model, 23) if c <= largest]
    for i in range(0, len(cv.complexity), 4):
        c = cv.complexity[i]
        if c == 16:
            continue  # saturated: the reference itself is ill-conditioned
        for s in range(5):
            errors = []
            for rest, held_out in KFold(5).split(order):
                a, b, q = x[order[rest], s], y[order[rest], s], x[order[held_out], s]
                if model == "polynomial":
                    fit = basis(q, c) @ np.linalg.lstsq(basis(a, c), b, rcond=None)[0]
                elif model == "knn":
                    fit = KNeighborsRegressor(int(c)).fit(a[:, None], b).predict(q[:, None])
                else:
                    fit = Ridge(c, solver="svd").fit(basis(a, 6)[:, 1:], b).predict(basis(q, 6)[:, 1:])
                errors.append(np.mean((fit - y[order[held_out], s]) ** 2))
            assert cv.cv_error[i, s] == pytest.approx(np.mean(errors), rel=1e-6)
            assert cv.cv_se[i, s] == pytest.approx(np.std(errors, ddof=1) / np.sqrt(5), rel=1e-6)


@pytest.mark.parametrize("model", bv.MODELS)
def test_cross_validation_choices(model: str) -> None:
    problem = Problem(n=15, n_sets=30)
    cv = bv.cross_validate(problem, model, folds=3)
    _, predictions = bv.predict(problem, model, GRID)
    truth = bv.FUNCTIONS["sine"](GRID)[:, None]
    kept = np.isin(bv.complexities(model, 15), cv.complexity)
    test_error = ((predictions - truth) ** 2).mean(axis=1)[kept] + 0.09
    np.testing.assert_allclose(cv.test_error, test_error, rtol=1e-6)
    assert cv.oracle == np.argmin([row.mean() for row in test_error])
    for s in range(30):
        errors = cv.cv_error[:, s].tolist()
        chosen = errors.index(min(errors))
        assert cv.chosen[s] == chosen
        limit = errors[chosen] + cv.cv_se[chosen, s]
        assert cv.one_se[s] == next(i for i, e in enumerate(errors) if e <= limit)
        assert cv.one_se[s] <= chosen
        assert cv.regret[s] == pytest.approx(cv.test_error[chosen, s] - min(cv.test_error[:, s]))
    assert cv.share_wrong == pytest.approx(np.mean([c != cv.oracle for c in cv.chosen]))
    assert cv.test_error.shape == cv.cv_error.shape == cv.cv_se.shape == (len(cv.complexity), 30)


# --------------------------------------------------------------------------------------- double descent


@pytest.mark.parametrize("n", [20, 30])
def test_double_descent_over_many_seeds(n: int) -> None:
    """What features and data of most seeds show, for the fixed design; single seeds may look different."""
    runs = [
        bv.double_descent(Problem(n=n, n_sets=25, seed=seed, design="fixed"), [0.0, 0.1, 10.0]) for seed in range(12)
    ]
    features = runs[0].features
    error = np.array([d.test_error for d in runs])  # (seeds, ridges, m)
    plain, norm = error[:, 0], np.array([d.norm[0] for d in runs])
    first_minimum = plain[:, features <= 0.8 * n].min(axis=1)
    for peak in (features[plain.argmax(axis=1)], features[norm.argmax(axis=1)]):
        assert np.median(peak) == n
        assert (np.abs(peak - n) <= 0.1 * n).mean() >= 0.9
    assert np.median(plain.max(axis=1) / first_minimum) > 5
    assert (plain[:, -1] < first_minimum).mean() >= 0.9  # the second descent goes below the first
    beyond = error[:, :, features >= 0.8 * n].max(axis=2)  # (seeds, ridges): a ridge takes the peak down
    assert (beyond[:, 1] < beyond[:, 0]).all()
    assert np.median(beyond[:, 1] / beyond[:, 0]) < 0.3
    assert (beyond[:, 2] < first_minimum).mean() >= 0.9


@pytest.mark.parametrize("n", [10, 15, 40])
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("design", bv.DESIGNS)
def test_double_descent_holds_on_any_seed(n: int, seed: int, design: str) -> None:
    d = bv.double_descent(Problem(n=n, n_sets=15, seed=seed, design=design), [0.0, 0.1, 10.0])
    assert d.threshold == n
    assert d.test_error.shape == d.train_error.shape == d.norm.shape == (3, len(d.features))
    assert d.train_error[0][d.features > 1.5 * n].max() < 1e-12
    assert (d.norm[2] <= d.norm[1] * (1 + 1e-9)).all()
    assert (d.norm[1] <= d.norm[0] * (1 + 1e-9)).all()


def test_double_descent_agrees_with_decompose_and_scikit_learn() -> None:
    problem = Problem(n=8, n_sets=1)
    d = bv.double_descent(problem, [0.0, 0.5])
    for i, ridge in enumerate([0.0, 0.5]):
        one = bv.decompose(problem, "random_features", ridge=ridge)
        np.testing.assert_allclose(d.test_error[i], one.expected_error, rtol=1e-8)
        np.testing.assert_allclose(d.train_error[i], one.train_error, rtol=1e-6, atol=1e-16)
    x, y = bv.draw(problem)
    for j, p in enumerate(d.features):
        model = Ridge(0.5, fit_intercept=False, solver="svd").fit(
            bv._random_features(problem, x[:, 0], int(p)), y[:, 0]
        )
        assert d.norm[1, j] == pytest.approx(np.linalg.norm(model.coef_), rel=1e-9)


# -------------------------------------------------------------------------------------------- real data


@pytest.fixture(scope="module")
def diabetes() -> tuple[np.ndarray, np.ndarray]:
    return load_diabetes(return_X_y=True, scaled=False)


def real_cases() -> list[tuple[str, slice]]:
    one, every = slice(2, 3), slice(None)
    return [(m, one) for m in bv.REAL_MODELS] + [(m, every) for m in ("subset", "ridge", "knn")]


@pytest.mark.parametrize(("model", "columns"), real_cases())
def test_resampled_identity_and_shapes(diabetes, model: str, columns: slice) -> None:
    X, y = diabetes[0][:, columns], diabetes[1]
    grid = np.linspace(10, 60, 31) if X.shape[1] == 1 else None  # beyond the data on both sides
    d = bv.decompose_resampled(X, y, model, 30, 12, 5, n_shown=4, x_grid=grid)
    m, t, g = len(d.complexity), round(0.3 * 442), 0 if grid is None else 31
    assert d.mean.shape == d.std.shape == (m, t)
    assert d.fits.shape == (m, 4, t)
    assert d.x_test.shape == (t, X.shape[1])
    assert d.y_test.shape == (t,)
    assert d.grid_mean.shape == d.grid_std.shape == (m, g)
    assert d.grid_fits.shape == (m, 4, g)
    np.testing.assert_allclose(d.test_error, d.variance + d.bias_squared_plus_noise, rtol=1e-11)
    np.testing.assert_allclose(d.variance, (d.std**2).mean(axis=1), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(d.bias_squared_plus_noise, ((d.y_test - d.mean) ** 2).mean(axis=1), rtol=1e-9)
    assert d.best == np.argmin(d.test_error)
    rows = {(*x, v) for x, v in zip(X.tolist(), y.tolist(), strict=True)}
    assert all((*x, v) in rows for x, v in zip(d.x_test.tolist(), d.y_test.tolist(), strict=True))
    if X.shape[1] == 1:
        assert (np.diff(d.x_test[:, 0]) >= 0).all()
    again = bv.decompose_resampled(X, y, model, 30, 12, 5, n_shown=4, x_grid=grid)
    np.testing.assert_array_equal(d.fits, again.fits)


@pytest.mark.parametrize(("model", "columns"), real_cases())
def test_resampled_agrees_with_scikit_learn(model: str, columns: slice) -> None:
    """With n = the whole pool every set is the pool, so that the reference needs no knowledge of the draw."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 4))[:, columns]  # continuous: no ties
    y = X.sum(axis=1) + rng.normal(size=40)
    d = bv.decompose_resampled(X, y, model, 28, 3, 7, degree=6)
    test = np.array([np.flatnonzero((row == X).all(axis=1))[0] for row in d.x_test])
    assert len(set(test.tolist())) == 12
    pool = np.setdiff1d(np.arange(40), test)
    a, b, q = X[pool], y[pool], X[test]
    centre, scale = a.mean(axis=0), a.std(axis=0)
    mapped = [np.clip(2 * (v[:, 0] - a.min()) / (a.max() - a.min()) - 1, -1, 1) for v in (a, q)]
    for i, c in enumerate(d.complexity):
        if model == "knn":
            fitted = KNeighborsRegressor(int(c)).fit((a - centre) / scale, b)
            train, test_fit = fitted.predict((a - centre) / scale), fitted.predict((q - centre) / scale)
        elif model == "subset" and c == 0:
            train, test_fit = np.full(28, b.mean()), np.full(12, b.mean())
        elif model == "subset":
            fitted = LinearRegression(tol=0).fit(a[:, :c], b)
            train, test_fit = fitted.predict(a[:, :c]), fitted.predict(q[:, :c])
        elif model == "polynomial":
            w = np.linalg.lstsq(basis(mapped[0], c), b, rcond=None)[0]
            train, test_fit = basis(mapped[0], c) @ w, basis(mapped[1], c) @ w
        else:
            one = X.shape[1] == 1
            za = basis(mapped[0], 6)[:, 1:] if one else (a - centre) / scale
            zq = basis(mapped[1], 6)[:, 1:] if one else (q - centre) / scale
            fitted = Ridge(c, solver="svd").fit(za, b)
            train, test_fit = fitted.predict(za), fitted.predict(zq)
        np.testing.assert_allclose(d.mean[i], test_fit, atol=1e-8)
        assert d.train_error[i] == pytest.approx(np.mean((train - b) ** 2), abs=1e-9)
    np.testing.assert_allclose(d.std, 0, atol=1e-8)


def test_resampled_sets_differ_and_points_outside_the_pool_are_held_at_its_ends(diabetes) -> None:
    X, y = diabetes[0][:, 2], diabetes[1]
    d = bv.decompose_resampled(X, y, "polynomial", 20, 10, 0, x_grid=[-1e6, X.min() - 5, X.max() + 5, 1e6])
    np.testing.assert_array_equal(d.grid_mean[:, 0], d.grid_mean[:, 1])
    np.testing.assert_array_equal(d.grid_mean[:, 2], d.grid_mean[:, 3])
    assert (d.std.max(axis=1) > 0).all()
    se = d.test_error_se
    assert ((se > 0) & np.isfinite(se)).all()
    assert np.isnan(bv.decompose_resampled(X, y, "knn", 20, 1, 0).test_error_se).all()


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["subset", "ridge", "knn"]),
    st.integers(4, 15),
    st.integers(1, 4),
    st.integers(0, 999),
    st.booleans(),
)
def test_resampled_takes_constant_and_repeated_features(model, total, width, seed, constant) -> None:
    rng = np.random.default_rng(seed)
    X = np.full((total, width), 2.5) if constant else rng.integers(0, 2, (total, width)).astype(float)
    d = bv.decompose_resampled(X, rng.normal(size=total), model, 2, 3, seed)
    assert np.isfinite(d.fits).all()
    assert np.isfinite(d.test_error).all()


# ---------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("function", "tan"),
        ("function", None),
        ("function", ["sine"]),
        ("noise", -0.1),
        ("noise", np.nan),
        ("noise", 11),
        ("noise", "0.3"),
        ("noise", True),
        ("n", 1),
        ("n", 501),
        ("n", 30.0),
        ("n", True),
        ("n_sets", 0),
        ("n_sets", 2001),
        ("seed", -1),
        ("seed", 2**32),
        ("design", "even"),
    ],
)
def test_problem_refuses(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"{field} is .* allowed"):
        Problem(**{field: value})


REFUSED = {
    "model": lambda: bv.decompose(SMALL, "lasso"),
    "degree": lambda: bv.decompose(SMALL, "ridge", degree=21),
    "ridge": lambda: bv.decompose(SMALL, "random_features", ridge=-1.0),
    "n_shown": lambda: bv.decompose(SMALL, n_shown=-1),
    "n_grid": lambda: bv.decompose(SMALL, n_grid=10),
    "complexities": lambda: bv.decompose(SMALL, complexities=[12]),
    "complexities ": lambda: bv.decompose(SMALL, complexities=[]),
    "complexities  ": lambda: bv.decompose(SMALL, complexities=[3, 2]),
    "complexities   ": lambda: bv.decompose(SMALL, complexities=[1.5]),
    "complexities    ": lambda: bv.decompose(SMALL, "knn", complexities=[1, 2]),
    "complexities     ": lambda: bv.decompose(SMALL, "ridge", complexities=[1.0, 0.0]),
    "complexities      ": lambda: bv.decompose(SMALL, "random_features", complexities=[0, 1]),
    "x": lambda: bv.predict(SMALL, "knn", [0.0, 1.1]),
    "x ": lambda: bv.predict(SMALL, "knn", [[0.0]]),
    "folds": lambda: bv.cross_validate(SMALL, "knn", 1),
    "folds ": lambda: bv.cross_validate(SMALL, "knn", 13),
    "size": lambda: bv.learning_curve(SMALL, "knn", 1, [1]),
    "ridges": lambda: bv.double_descent(SMALL, []),
    "ridge ": lambda: bv.double_descent(SMALL, [np.inf]),
    "design": lambda: bv.closed_form_variance(SMALL, [1]),
    "y": lambda: bv.decompose_resampled(np.ones((9, 1)), np.full(9, np.nan), "knn", 2, 2, 0),
    "X": lambda: bv.decompose_resampled(np.ones((9, 1, 1)), np.ones(9), "knn", 2, 2, 0),
    "X ": lambda: bv.decompose_resampled(np.ones((9, 1)), np.ones(8), "knn", 2, 2, 0),
    "X  ": lambda: bv.decompose_resampled(np.ones((9, 2)), np.ones(9), "polynomial", 2, 2, 0),
    "X   ": lambda: bv.decompose_resampled(np.ones((9, 2)), np.ones(9), "knn", 2, 2, 0, x_grid=[0.0]),
    "model ": lambda: bv.decompose_resampled(np.ones((9, 1)), np.ones(9), "random_features", 2, 2, 0),
    "n": lambda: bv.decompose_resampled(np.ones((9, 1)), np.ones(9), "knn", 8, 2, 0),
    "test_share": lambda: bv.decompose_resampled(np.ones((9, 1)), np.ones(9), "knn", 2, 2, 0, test_share=1.0),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusals_say_what_came_and_what_is_allowed(what: str) -> None:
    with pytest.raises(ValueError, match=rf"^{what.strip()} (is|are|has) "):
        REFUSED[what]()


@pytest.mark.parametrize("n", [2, 3, 5, 6, 11])
@pytest.mark.parametrize("n_grid", [51, 101, 121])
def test_a_tie_of_neighbours_is_broken_alike_on_the_grid_and_at_chosen_inputs(n: int, n_grid: int) -> None:
    problem = Problem("line", noise=1, n=n, n_sets=3, design="fixed")
    found = bv.decompose(problem, "knn", n_grid=n_grid, n_shown=3)
    _, chosen = bv.predict(problem, "knn", found.x)
    np.testing.assert_allclose(found.fits, chosen.transpose(0, 2, 1), rtol=0, atol=1e-12)


def test_a_tie_of_neighbours_goes_to_the_left() -> None:
    problem = Problem("line", noise=0, n=5, n_sets=1, design="fixed")  # inputs −1, −½, 0, ½, 1
    found = bv.decompose(problem, "knn", n_grid=101)
    at = found.complexity.tolist().index(2)
    assert found.x[50] == 0
    assert found.mean[at, 50] == pytest.approx(0.8 * (-0.5 + 0) / 2)


@pytest.mark.parametrize("model", ["ridge", "subset", "knn"])
@pytest.mark.parametrize("constant", [0.1, 1 / 3, 1e8 + 0.1])
def test_a_constant_feature_changes_nothing(model: str, constant: float) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), rng.normal(size=60)
    plain = bv.decompose_resampled(X, y, model, 15, 5, 0)
    rounded = np.where(np.arange(60) % 2, constant, np.nextafter(constant, 2))  # constant but for the last digit
    for column in (np.full(60, constant), rounded):
        found = bv.decompose_resampled(np.column_stack([X, column]), y, model, 15, 5, 0)
        np.testing.assert_allclose(found.test_error[: len(plain.test_error)], plain.test_error, rtol=1e-6)
