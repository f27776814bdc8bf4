"""Every number of mlcore.validation against scikit-learn, a closed form, or the same thing done one by one."""

from __future__ import annotations

import warnings
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.datasets import load_diabetes
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import ElasticNet, Ridge
from sklearn.model_selection import KFold, LeaveOneOut, StratifiedKFold, TimeSeriesSplit, cross_val_score
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlcore import bias_variance as bv
from mlcore import linear_models as lm
from mlcore import validation as va

pytestmark = pytest.mark.filterwarnings("error")

LAMS = np.geomspace(1e-3, 3, 8)


def pairs(splits: va.Splits) -> list[tuple[np.ndarray, np.ndarray]]:
    """Splits as scikit-learn takes them: indices to train on, indices to test on."""
    return [(np.flatnonzero(a), np.flatnonzero(b)) for a, b in zip(splits.train, splits.test, strict=True)]


def assert_same_splits(ours: va.Splits, theirs) -> None:
    theirs = list(theirs)
    assert len(ours.train) == len(theirs)
    for (train, test), (their_train, their_test) in zip(pairs(ours), theirs, strict=True):
        np.testing.assert_array_equal(train, their_train)
        np.testing.assert_array_equal(test, their_test)


def mse_scores(model, X, y, splits: va.Splits) -> np.ndarray:
    return -cross_val_score(model, X, y, cv=pairs(splits), scoring="neg_mean_squared_error")


# -------------------------------------------------------------------------------------------- the splits


@given(st.data())
def test_k_fold_is_scikit_learns(data) -> None:
    n = data.draw(st.integers(2, 60))
    k = data.draw(st.integers(2, n))
    assert_same_splits(va.k_fold(n, k), KFold(k).split(np.zeros(n)))
    assert_same_splits(va.leave_one_out(n), LeaveOneOut().split(np.zeros(n)))


@given(st.data())
def test_shuffled_folds_are_a_partition(data) -> None:
    n = data.draw(st.integers(2, 60))
    k = data.draw(st.integers(2, n))
    repeats = data.draw(st.integers(1, 4))
    seed = data.draw(st.integers(0, 2**32 - 1))
    splits = va.repeated_k_fold(n, k, repeats, seed)
    assert splits.fold.shape == (repeats, n)
    assert splits.train.shape == splits.test.shape == (repeats * k, n)
    np.testing.assert_array_equal(splits.train, ~splits.test)
    np.testing.assert_array_equal(splits.test.reshape(repeats, k, n).sum(axis=1), 1)
    assert splits.test.sum(axis=1).tolist() == repeats * [len(test) for _, test in KFold(k).split(np.zeros(n))]
    np.testing.assert_array_equal(va.k_fold(n, k, seed).fold, splits.fold[:1])
    np.testing.assert_array_equal(va.repeated_k_fold(n, k, repeats, seed).fold, splits.fold)


def test_repeats_and_seeds_shuffle_anew_and_evenly() -> None:
    folds = va.repeated_k_fold(30, 5, 400, 0).fold
    assert len(np.unique(folds, axis=0)) == 400
    assert (va.k_fold(30, 5, 1).fold != va.k_fold(30, 5, 2).fold).any()
    together = (folds[:, :1] == folds[:, 1:]).mean()  # any two rows: 5 of the other 29 share a fold
    assert together == pytest.approx(5 / 29, abs=0.01)


@given(st.lists(st.integers(0, 3), min_size=2, max_size=60), st.data())
def test_stratified_folds_are_scikit_learns(labels: list[int], data) -> None:
    y = np.array(labels)
    largest = np.unique(y, return_counts=True)[1].max()
    if largest < 2:
        return
    k = data.draw(st.integers(2, int(largest)))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")
        theirs = list(StratifiedKFold(k).split(y, y))
    assert_same_splits(va.stratified_k_fold(y, k), theirs)
    assert_same_splits(va.stratified_k_fold(y.astype(str), k), theirs)
    shuffled = va.stratified_k_fold(y, k, data.draw(st.integers(0, 99)))
    plain = va.stratified_k_fold(y, k)
    for c in np.unique(y):
        counts = shuffled.test[:, y == c].sum(axis=1)
        np.testing.assert_array_equal(counts, plain.test[:, y == c].sum(axis=1))
        assert np.abs(counts - (y == c).sum() / k).max() < 1
    np.testing.assert_array_equal(shuffled.train, ~shuffled.test)


def test_a_seed_shuffles_within_the_classes() -> None:
    y = np.repeat([0, 1], [40, 20])
    folds = np.array([va.stratified_k_fold(y, 5, seed).fold[0] for seed in range(50)])
    assert len(np.unique(folds, axis=0)) == 50
    assert folds[:, 0].std() > 1


@given(st.data())
def test_time_series_split_is_scikit_learns(data) -> None:
    n = data.draw(st.integers(3, 60))
    k = data.draw(st.integers(2, n - 1))
    start = n - k * (n // (k + 1))
    gap = data.draw(st.integers(0, start - 1))
    splits = va.time_series_split(n, k, gap)
    assert_same_splits(splits, TimeSeriesSplit(k, gap=gap).split(np.zeros(n)))
    assert (splits.fold[0, :start] == -1).all()
    for train, test in pairs(splits):
        assert train.max() + gap < test.min()


# ------------------------------------------------------------------------------------- choosing a penalty


def all_splits(y: np.ndarray) -> dict[str, va.Splits]:
    n = len(y)
    return {
        "k-fold": va.k_fold(n, 7, 1),
        "repeated": va.repeated_k_fold(n, 3, 2, 1),
        "stratified": va.stratified_k_fold((y > 0).astype(int), 4, 1),
        "leave-one-out": va.leave_one_out(n),
        "time": va.time_series_split(n, 5, 2),
    }


@pytest.mark.parametrize("kind", ["k-fold", "repeated", "stratified", "leave-one-out", "time"])
@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
def test_cross_validation_agrees_with_scikit_learn(kind: str, l1_ratio: float) -> None:
    problem = lm.sparse_problem(n=40, d=6, n_nonzero=3)
    X, y = problem.X * np.geomspace(0.3, 3, 6) + 1, problem.y + 5
    splits = all_splits(problem.y)[kind]
    for standardise in (False, True):
        cv = va.cross_validate_path(X, y, splits, LAMS, l1_ratio, standardise=standardise)
        assert cv.fold_error.shape == (len(splits.train), 8)
        for i in (0, 3, 7):
            expected = []
            for train, test in pairs(splits):
                model = (
                    ElasticNet(LAMS[i], l1_ratio=l1_ratio, tol=1e-14, max_iter=100_000)
                    if l1_ratio
                    else Ridge(LAMS[i] * len(train), solver="svd")
                )
                model = make_pipeline(StandardScaler(), model) if standardise else model
                miss = model.fit(X[train], y[train]).predict(X[test]) - y[test]
                expected.append((miss**2).mean())
            np.testing.assert_allclose(cv.fold_error[:, i], expected, rtol=1e-7, atol=1e-9)


def test_cross_validation_agrees_with_cross_val_score() -> None:
    X, y = load_diabetes(return_X_y=True)
    splits = va.k_fold(442, 13)  # 13 folds of 34 rows: one λ is one alpha
    cv = va.cross_validate_path(X, y, splits, LAMS)
    scores = np.array([mse_scores(Ridge(lam * 408, solver="svd"), X, y, splits) for lam in LAMS]).T
    np.testing.assert_allclose(cv.fold_error, scores, rtol=1e-9)
    np.testing.assert_allclose(cv.error, [np.mean(list(column)) for column in scores.T])
    np.testing.assert_allclose(cv.se, [np.std(list(column), ddof=1) / np.sqrt(13) for column in scores.T])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.booleans(), st.integers(2, 10))
def test_choices_of_the_penalty(seed: int, lasso: bool, k: int) -> None:
    problem = lm.sparse_problem(n=20, d=5, n_nonzero=2, seed=seed)
    lams = np.random.default_rng(seed).permutation(np.geomspace(1e-3, 2, 15))  # in no order
    cv = va.cross_validate_path(problem.X, problem.y, va.k_fold(20, k, seed), lams, float(lasso))
    errors = cv.error.tolist()
    assert errors[cv.best] == min(errors)
    limit = errors[cv.best] + cv.se[cv.best]
    assert lams[cv.one_se] == max(lam for lam, error in zip(lams, errors, strict=True) if error <= limit)
    assert lams[cv.one_se] >= lams[cv.best]


@pytest.mark.parametrize("d", [6, 50])
def test_leave_one_out_of_ridge_from_one_fit(d: int) -> None:
    problem = lm.sparse_problem(n=30, d=d)
    cv = va.cross_validate_path(problem.X, problem.y, va.leave_one_out(30), LAMS)
    np.testing.assert_allclose(va.leave_one_out_ridge(problem.X, problem.y, LAMS), cv.fold_error, rtol=1e-8)


# ----------------------------------------------------------------------------------- degree and penalty


@pytest.mark.parametrize(("function", "folds"), [("sine", 5), ("runge", 7), ("line", 25)])
def test_error_map_agrees_with_scikit_learn_and_dense_integration(function: str, folds: int) -> None:
    problem = bv.Problem(function=function, n=25, n_sets=1, seed=2)
    degrees = [1, 2, 4, 9]
    result = va.error_map(problem, degrees, LAMS, folds)
    x, y = (a[:, 0] for a in bv.draw(problem))
    np.testing.assert_array_equal(result.x, x)
    np.testing.assert_array_equal(result.y, y)
    splits = va.k_fold(25, folds, 2)
    grid = (np.arange(20_000) + 0.5) / 10_000 - 1  # midpoint rule
    truth = bv.FUNCTIONS[function](grid)
    for i, d in enumerate(degrees):
        scale = np.sqrt(2 * np.arange(1, d + 1) + 1)
        basis, at_grid = (np.polynomial.legendre.legvander(q, d)[:, 1:] * scale for q in (x, grid))
        for j in (0, 4, 7):
            errors = []
            for train, test in pairs(splits):
                fit = Ridge(LAMS[j] * len(train), solver="svd").fit(basis[train], y[train])
                errors.append(((fit.predict(basis[test]) - y[test]) ** 2).mean())
            assert result.cv_error[i, j] == pytest.approx(np.mean(errors), rel=1e-9)
            assert result.cv_se[i, j] == pytest.approx(np.std(errors, ddof=1) / np.sqrt(folds), rel=1e-9)
            fit = Ridge(LAMS[j] * 25, solver="svd").fit(basis, y)
            expected = ((fit.predict(at_grid) - truth) ** 2).mean() + problem.noise**2
            assert result.test_error[i, j] == pytest.approx(expected, rel=1e-6)
            np.testing.assert_allclose(result.predict(grid[::999], (i, j)), fit.predict(at_grid[::999]), atol=1e-9)
            path = lm.ridge_path(basis, y, [LAMS[j]])
            assert result.degrees_of_freedom[i, j] == pytest.approx(path.degrees_of_freedom[0])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.sampled_from(list(bv.FUNCTIONS)), st.integers(4, 40), st.data())
def test_choices_on_the_error_map(seed: int, function: str, n: int, data) -> None:
    problem = bv.Problem(function=function, n=n, seed=seed)
    result = va.error_map(problem, range(1, 21), np.geomspace(1e-8, 10, 6), data.draw(st.integers(2, n)))
    cells = [(i, j) for i in range(20) for j in range(6)]
    assert result.cv_error[result.best] == min(result.cv_error[c] for c in cells)
    assert result.test_error[result.oracle] == min(result.test_error[c] for c in cells)
    limit = result.cv_error[result.best] + result.cv_se[result.best]
    allowed = [c for c in cells if result.cv_error[c] <= limit]
    assert result.one_se in allowed
    assert result.degrees_of_freedom[result.one_se] == min(result.degrees_of_freedom[c] for c in allowed)
    assert np.isfinite([result.cv_error, result.cv_se, result.test_error]).all()


# -------------------------------------------------------------------------------------- how many folds


@pytest.mark.parametrize("lam", [0.0, 0.2])
def test_fold_estimates_are_those_of_refitting(lam: float) -> None:
    ks, n, d = [2, 3, 7, 20, 21], 21, 4
    study = va.fold_count_study(ks, n, 6, d=d, noise=0.7, lam=lam, seed=5)
    rng = np.random.default_rng(5)  # the same draws, in the same order
    X = rng.standard_normal((6, n, d))
    y = X.sum(axis=2) / np.sqrt(d) + 0.7 * rng.standard_normal((6, n))
    for s in range(6):
        model = Ridge(n * lam, solver="svd")
        for i, k in enumerate(ks):
            assert study.estimate[i, s] == pytest.approx(mse_scores(model, X[s], y[s], va.k_fold(n, k)).mean())
        model.fit(X[s], y[s])
        exact = ((model.coef_ - d**-0.5) ** 2).sum() + model.intercept_**2 + 0.49
        assert study.true_error[s] == pytest.approx(exact)


def test_the_bias_of_k_fold_is_that_of_training_on_fewer_rows() -> None:
    ks = np.array([2, 4, 5, 10, 20, 40])
    study = va.fold_count_study(ks, 40, 1500, d=8, noise=1.5, seed=1)
    target = va.least_squares_test_error(40, 8, 1.5)
    se = study.true_error.std() / np.sqrt(1500)
    assert study.true_error.mean() == pytest.approx(target, abs=4 * se)
    exact = va.least_squares_test_error(40 - 40 / ks, 8, 1.5) - target
    assert (np.abs(study.bias - exact) < 4 * study.bias_se).all()
    assert (np.diff(exact) < 0).all()
    assert (exact > 0).all()
    difference = study.estimate - study.true_error
    np.testing.assert_allclose(study.bias_se, difference.std(axis=1, ddof=1) / np.sqrt(1500))
    np.testing.assert_allclose(study.sd, study.estimate.std(axis=1, ddof=1))
    around = (study.estimate.mean(axis=1) - study.true_error.mean()) ** 2 + study.estimate.var(axis=1)
    np.testing.assert_allclose(study.rmse**2, around)


def test_least_squares_test_error_by_simulation() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20_000, 12, 3))
    X[..., 1:] += X[..., :1]  # the covariance does not matter
    y = X @ [5, -3, 1] + 2 * rng.standard_normal((20_000, 12))
    A = np.concatenate([np.ones((20_000, 12, 1)), X], axis=2)
    w = np.linalg.solve(A.mT @ A, A.mT @ y[..., None])[..., 0] - [0, 5, -3, 1]
    sigma = np.array([[1, 1, 1], [1, 2, 1], [1, 1, 2]])
    errors = w[:, 0] ** 2 + np.einsum("si,ij,sj->s", w[:, 1:], sigma, w[:, 1:]) + 4
    assert va.least_squares_test_error(12, 3, 2.0) == pytest.approx(errors.mean(), abs=4 * errors.std() / np.sqrt(2e4))
    assert va.least_squares_test_error([5, 6], 3, 1.0).tolist() == [np.inf, pytest.approx(7 / 6 * 4)]


# ----------------------------------------------------------------------------------------- many peeks


def test_the_expected_best_guess_is_exact() -> None:
    for n_test in (1, 3, 8):
        peeks = va.many_peeks(n_test, 5, 1)
        cumulative = np.cumsum([comb(n_test, m) for m in range(n_test + 1)])
        for models in range(1, 6):
            ways = np.diff(np.concatenate([[0], cumulative**models]))  # of the best to be m, in whole numbers
            mean = (ways * np.arange(n_test + 1)).sum() / (2 ** (n_test * models) * n_test)
            assert peeks.expected[models - 1] == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("n_test", [1, 25, 1000, 10_000])
def test_quantiles_of_the_best_guess_are_scipys(n_test: int) -> None:
    peeks = va.many_peeks(n_test, 30, 1)
    for q, ours in ((0.05, peeks.low), (0.95, peeks.high)):
        np.testing.assert_array_equal(ours, binom.ppf(q ** (1 / peeks.n_models), n_test, 0.5) / n_test)


def test_peeking_flatters_and_fresh_data_do_not() -> None:
    peeks = va.many_peeks(50, 100, 1500, seed=3)
    assert peeks.best.shape == peeks.fresh.shape == (1500, 100)
    se = peeks.best.std(axis=0) / np.sqrt(1500)
    assert (np.abs(peeks.best.mean(axis=0) - peeks.expected) < 5 * se).all()
    assert (np.abs(peeks.fresh.mean(axis=0) - 0.5) < 5 * np.sqrt(0.25 / 50 / 1500)).all()
    assert peeks.fresh.std() == pytest.approx(np.sqrt(0.25 / 50), rel=0.05)
    assert (np.diff(peeks.best, axis=1) >= 0).all()
    assert (np.diff(peeks.expected) > 0).all()
    kept = np.diff(peeks.best, axis=1) == 0  # the model stays until another beats it
    assert (np.diff(peeks.fresh, axis=1)[kept] == 0).all()
    assert (np.diff(peeks.fresh, axis=1)[~kept] != 0).mean() > 0.5
    again = va.many_peeks(50, 100, 1500, seed=3)
    np.testing.assert_array_equal(again.fresh, peeks.fresh)


# -------------------------------------------------------------------------------------------- leakage


def test_leakage_is_what_scikit_learn_pipelines_give() -> None:
    n, p, k = 30, 80, 6
    result = va.leakage(n, p, k, 3, folds=4, seed=9)
    y = np.arange(n) % 2
    rng = np.random.default_rng(9)
    cv = StratifiedKFold(4)

    def hits(model, X) -> float:
        scores = cross_val_score(model, X, y, cv=cv)
        sizes = [len(test) for _, test in cv.split(X, y)]
        return (scores * sizes).sum() / n

    for s in range(3):
        scale = np.exp(rng.standard_normal(p))
        X = scale * rng.standard_normal((n, p))
        select = SelectKBest(f_classif, k=k)
        whole = make_pipeline(select, StandardScaler(), NearestCentroid())
        assert result.inside[s] == pytest.approx(hits(whole, X))
        scaled = StandardScaler().fit_transform(X)
        assert result.scaling_outside[s] == pytest.approx(hits(make_pipeline(select, NearestCentroid()), scaled))
        chosen = select.fit_transform(X, y)
        assert result.selection_outside[s] == pytest.approx(
            hits(make_pipeline(StandardScaler(), NearestCentroid()), chosen)
        )
        columns = va._most_correlated(X, y, k)  # in the order that the fresh rows are drawn
        assert sorted(columns) == np.flatnonzero(select.get_support()).tolist()
        new = np.empty((n, p))
        new[:, columns] = scale[columns] * rng.standard_normal((n, k))
        new[:, ~select.get_support()] = 0
        assert result.fresh[s] == pytest.approx(whole.fit(X, y).score(new, y))


def test_only_selection_with_the_test_labels_leaks() -> None:
    result = va.leakage(seed=2, n_sets=100)
    for honest in (result.inside, result.scaling_outside, result.fresh):
        assert honest.shape == (100,)
        assert abs(honest.mean() - 0.5) < 4 * honest.std() / 10
    assert result.selection_outside.mean() > 0.85
    assert (result.selection_outside > result.inside).all()
    fewer = va.leakage(p=50, seed=2, n_sets=100)
    assert fewer.selection_outside.mean() < result.selection_outside.mean() - 0.1


def test_without_a_choice_of_features_nothing_leaks() -> None:
    result = va.leakage(n=20, p=12, n_selected=12, n_sets=20)
    np.testing.assert_array_equal(result.inside, result.selection_outside)


# ------------------------------------------------------------------------------ grid and random search


@pytest.mark.parametrize("dimensions", [1, 2])
def test_search_finds_what_a_loop_over_the_trials_finds(dimensions: int) -> None:
    search = va.hyperparameter_search(17, dimensions, 1, width=0.2, seed=4)

    def score(point) -> float:
        return np.exp(-sum((point[i] - search.peak[i]) ** 2 for i in range(dimensions)) / (2 * 0.2**2))

    assert search.grid_budget.tolist() == [1, 4, 9, 16]
    assert search.random_budget.tolist() == list(range(1, 18))
    best = [max(score(p) for p in search.random_points[:b]) for b in range(1, 18)]
    np.testing.assert_allclose(search.random_best, best)
    for m, found in enumerate(search.grid_best, start=1):
        grid = [((i + 0.5) / m, (j + 0.5) / m) for i in range(m) for j in range(m)]
        assert found == pytest.approx(max(score(p) for p in grid))
    np.testing.assert_allclose(search.grid_points, grid)
    assert va.response(search.peak, search.peak, dimensions, 0.2) == 1


@pytest.mark.parametrize("seed", range(5))
def test_random_search_wins_where_one_dimension_matters_and_a_grid_where_both_do(seed: int) -> None:
    one, two = (va.hyperparameter_search(100, d, 500, seed=seed) for d in (1, 2))
    squares = one.grid_budget[1:] - 1
    assert (one.random_best[squares] > one.grid_best[1:]).all()
    assert (two.random_best[squares[3:]] < two.grid_best[4:]).all()
    assert (np.diff(one.random_best) >= 0).all()
    np.testing.assert_array_equal(one.random_points, two.random_points)
    np.testing.assert_array_equal(va.hyperparameter_search(30, 1, 500, seed=seed).random_points.shape, (30, 2))


# ---------------------------------------------------------------------------------------------- refusals

X0, Y0 = np.arange(12.0).reshape(6, 2) ** 2, np.arange(6.0)

REFUSED = {
    "n": lambda: va.k_fold(1, 2),
    "k": lambda: va.k_fold(5, 6),
    "k ": lambda: va.k_fold(5, 1),
    "seed": lambda: va.k_fold(5, 2, -1),
    "repeats": lambda: va.repeated_k_fold(5, 2, 0, 0),
    "y": lambda: va.stratified_k_fold([0.5, 1.5], 2),
    "k  ": lambda: va.stratified_k_fold([0, 0, 1, 1, 1], 4),
    "k   ": lambda: va.time_series_split(5, 5),
    "gap": lambda: va.time_series_split(10, 4, 2),
    "splits": lambda: va.cross_validate_path(X0, Y0, va.k_fold(7, 2), [1]),
    "splits ": lambda: va.cross_validate_path(X0, Y0, va.time_series_split(6, 1), [1]),
    "lams": lambda: va.cross_validate_path(X0, Y0, va.k_fold(6, 2), [0]),
    "l1_ratio": lambda: va.cross_validate_path(X0, Y0, va.k_fold(6, 2), [1], 2),
    "X": lambda: va.leave_one_out_ridge(X0, Y0[:4], [1]),
    "degrees": lambda: va.error_map(bv.Problem(), [0, 1], [1]),
    "degrees ": lambda: va.error_map(bv.Problem(), [1, 21], [1]),
    "n ": lambda: va.error_map(bv.Problem(n=3), [1], [1]),
    "k     ": lambda: va.error_map(bv.Problem(), [1], [1], 31),
    "ks": lambda: va.fold_count_study([]),
    "k    ": lambda: va.fold_count_study([2], 12, d=8),
    "k      ": lambda: va.fold_count_study([41]),
    "n  ": lambda: va.least_squares_test_error(4, 3, 1.0),
    "n_test": lambda: va.many_peeks(0),
    "n_tries": lambda: va.many_peeks(10, 1001),
    "n   ": lambda: va.leakage(n=51),
    "n_selected": lambda: va.leakage(p=10, n_selected=11),
    "folds": lambda: va.leakage(n=10, folds=6),
    "budget": lambda: va.hyperparameter_search(0),
    "effective_dimensions": lambda: va.hyperparameter_search(4, 3),
    "width": lambda: va.hyperparameter_search(4, 1, width=0),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusals_say_what_came_and_what_is_allowed(what: str) -> None:
    with pytest.raises(ValueError, match=rf"^{what.strip()} (is|are|has) .* allowed$"):
        REFUSED[what]()


# ------------------------------------------------------------------------------------- the ends of the range


def exact_leave_one_out(X: np.ndarray, y: np.ndarray, lam: float) -> list[float]:
    """Squared errors of ridge refitted without each row, in fractions."""
    errors = []
    for i in range(len(y)):
        rows = [[Fraction(v) for v in row] for row in np.delete(X, i, axis=0).tolist()]
        target = [Fraction(v) for v in np.delete(y, i).tolist()]
        n, d = len(rows), len(rows[0])
        centre, level = [sum(column) / n for column in zip(*rows, strict=True)], sum(target) / n
        rows = [[a - b for a, b in zip(row, centre, strict=True)] for row in rows]
        system = [
            [sum(r[a] * r[b] for r in rows) / n + (Fraction(lam) if a == b else 0) for b in range(d)]
            + [sum(r[a] * (t - level) for r, t in zip(rows, target, strict=True)) / n]
            for a in range(d)
        ]
        for a in range(d):  # Gauss and Jordan; the matrix is positive definite
            system[a] = [v / system[a][a] for v in system[a]]
            for b in range(d):
                if b != a:
                    system[b] = [v - system[b][a] * w for v, w in zip(system[b], system[a], strict=True)]
        miss = Fraction(y[i]) - level
        miss -= sum(system[a][-1] * (Fraction(X[i, a]) - centre[a]) for a in range(d))
        errors.append(float(miss**2))
    return errors


@pytest.mark.parametrize(("n", "d"), [(6, 5), (5, 8), (8, 3), (7, 6)])
@pytest.mark.parametrize("unit", [1e-2, 1e3])
@pytest.mark.parametrize("lam", [1e-12, 1e-3])
def test_leave_one_out_is_that_of_exact_refits(n: int, d: int, unit: float, lam: float) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(n, d)) * unit, rng.normal(size=n)
    np.testing.assert_allclose(va.leave_one_out_ridge(X, y, [lam])[:, 0], exact_leave_one_out(X, y, lam), rtol=1e-9)


def test_leave_one_out_where_a_row_is_the_only_one_of_its_kind() -> None:
    rng = np.random.default_rng(0)
    X, y = np.column_stack([rng.normal(size=8), np.arange(8) == 3]), rng.normal(size=8)
    np.testing.assert_allclose(va.leave_one_out_ridge(X, y, [1e-9])[:, 0], exact_leave_one_out(X, y, 1e-9), rtol=1e-6)


@pytest.mark.parametrize("lam", [1e-12, 1e-4, 1.0])
def test_folds_of_fewer_rows_than_features(lam: float) -> None:
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(12, 20)), rng.normal(size=12)
    splits = va.k_fold(12, 4)
    found = va.cross_validate_path(X, y, splits, [lam])
    for train, test, error in zip(splits.train, splits.test, found.fold_error[:, 0], strict=True):
        predicted = lm.ridge_path(X[train], y[train], [lam]).predict(X[test])[0]
        assert error == pytest.approx(((predicted - y[test]) ** 2).mean(), rel=1e-9)


def test_standardising_a_column_that_is_constant_to_rounding() -> None:
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(30, 2)), rng.normal(size=30)
    splits = va.k_fold(30, 5)
    plain = va.cross_validate_path(X, y, splits, LAMS, standardise=True).error
    for constant in (np.full(30, 0.1), np.where(np.arange(30) % 2, 0.3, 0.1 + 0.2)):
        found = va.cross_validate_path(np.column_stack([X, constant]), y, splits, LAMS, standardise=True).error
        np.testing.assert_allclose(found, plain, rtol=1e-9)


def test_classes_that_cannot_be_stratified_are_told() -> None:
    with pytest.raises(ValueError, match="10 classes of one row each: a class of two rows or more is allowed"):
        va.stratified_k_fold(np.arange(10), 2)
    labels = ["a", "b", "a", "b", "b", "a"]
    as_objects = va.stratified_k_fold(np.array(labels, dtype=object), 3).fold
    np.testing.assert_array_equal(as_objects, va.stratified_k_fold(labels, 3).fold)
