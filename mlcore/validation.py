"""Validation: who is tested when, what the estimate is worth, and how it is spoilt.

A model is chosen on data it was not fitted to, and what was used to choose can no longer judge. The functions
here make the splits, cross-validate whole sweeps of penalties, and repeat each on many data sets whose truth is
known, so that the estimate can be held against the error it estimates.

Sources: Stone 1974 (cross-validation); Breiman et al. 1984 (the one-standard-error rule); Hastie, Tibshirani &
Friedman, *The Elements of Statistical Learning* (ESL), sections 7.10 and 7.10.2 (the wrong way to do it);
Bergstra & Bengio 2012 (random search).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mlcore.bias_variance import FUNCTIONS, Problem, _legendre, _table, draw
from mlcore.checks import MAX_SEED, class_labels, finite_number, float_vector, whole_number
from mlcore.linear_models import Bools, Floats, Ints, _averages, _elastic_net, _penalties, _ridge, _roots
from mlcore.numerics import centre_and_scale

__all__ = [
    "ErrorMap",
    "FoldCountStudy",
    "HyperparameterSearch",
    "Leakage",
    "ManyPeeks",
    "PathValidation",
    "Splits",
    "cross_validate_path",
    "error_map",
    "fold_count_study",
    "hyperparameter_search",
    "k_fold",
    "leakage",
    "least_squares_test_error",
    "leave_one_out",
    "leave_one_out_ridge",
    "many_peeks",
    "repeated_k_fold",
    "response",
    "stratified_k_fold",
    "time_series_split",
]


# -------------------------------------------------------------------------------------------- the splits


@dataclass(frozen=True, eq=False)
class Splits:
    """Who is tested when, and on whom the model is fitted then: n rows, k folds, R repeats."""

    fold: Ints  # (R, n) the fold that tests row i; −1: none does
    train: Bools  # (R · k, n) one row per fit, the folds of the first repeat first

    @property
    def test(self) -> Bools:
        """Which rows each fit is tested on: (R · k, n)."""
        k = len(self.train) // len(self.fold)
        return np.asarray((self.fold[:, None] == np.arange(k)[:, None]).reshape(self.train.shape), dtype=np.bool_)


def k_fold(n: int, k: int, seed: int | None = None) -> Splits:
    """Cut n rows into k folds whose sizes differ by one at most; each is tested once, the others train.

    Args:
        n: rows, 2 to 100 000.
        k: folds, 2 to n.
        seed: shuffles the rows first; None keeps their order, and each fold is a run of neighbours.

    Raises:
        ValueError: says what came and what is allowed.
    """
    return repeated_k_fold(n, k, 1, seed)


def repeated_k_fold(n: int, k: int, repeats: int, seed: int | None) -> Splits:
    """Cut the rows into k folds again and again, each time newly shuffled: `k_fold`, 1 to 1000 times."""
    whole_number("n", n, 2, 100_000)
    whole_number("k", k, 2, n)
    whole_number("repeats", repeats, 1, 1000)
    rng = _shuffler(seed)
    runs = np.repeat(np.arange(k), [len(part) for part in np.array_split(np.arange(n), k)])
    fold = np.empty((repeats, n), dtype=np.int64)
    for row in fold:
        row[np.arange(n) if rng is None else rng.permutation(n)] = runs
    return _tested_by_fold(fold, k)


def leave_one_out(n: int) -> Splits:
    """Test each row on a model fitted to all others: n-fold, with nothing left to chance."""
    return k_fold(n, n)


def stratified_k_fold(y: ArrayLike, k: int, seed: int | None = None) -> Splits:
    """Cut the rows into k folds with the classes in equal shares, as nearly as whole rows allow.

    The rows, sorted by class, are dealt to the folds in turn like cards; so each fold's count of a class is
    within one of its share. Without a seed a class's first rows go to its first folds.

    Args:
        y: class of each row, (n,), whole numbers or strings, one class with two rows at least.
        k: folds, 2 to the size of the largest class; a class smaller than k is missing from some folds.
        seed: shuffles within the classes; None does not.

    Raises:
        ValueError: says what came and what is allowed.
    """
    labels = class_labels("y", y)
    classes, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    if sizes.max(initial=0) < 2:
        raise ValueError(f"y has {len(classes)} classes of one row each: a class of two rows or more is allowed")
    whole_number("k", k, 2, int(sizes.max()))
    rng = _shuffler(seed)
    fold = np.empty((1, len(labels)), dtype=np.int64)
    dealt = 0
    for c in np.argsort(first):  # in the order in which the classes appear
        dealt_to = np.sort(np.arange(dealt, dealt + sizes[c]) % k)
        fold[0, labels == classes[c]] = dealt_to if rng is None else rng.permutation(dealt_to)
        dealt += int(sizes[c])
    return _tested_by_fold(fold, k)


def time_series_split(n: int, k: int, gap: int = 0) -> Splits:
    """Cut rows in order of time: each fold is tested on a model fitted only to what came before it.

    The last k · ⌊n / (k + 1)⌋ rows are tested, in k folds of equal size; the rows before them only train.

    Args:
        n: rows, oldest first, 2 to 100 000.
        k: folds, 1 to n − 1.
        gap: rows left out between training and test, 0 to as many as leave the first fold one row to train on.

    Raises:
        ValueError: says what came and what is allowed.
    """
    whole_number("n", n, 2, 100_000)
    whole_number("k", k, 1, n - 1)
    size = n // (k + 1)
    start = n - k * size
    whole_number("gap", gap, 0, start - 1)
    row = np.arange(n)
    fold = np.where(row < start, -1, (row - start) // size)
    ends = start + size * np.arange(k) - gap
    return Splits(fold[None], row < ends[:, None])


def _shuffler(seed: int | None) -> np.random.Generator | None:
    return None if seed is None else np.random.default_rng(whole_number("seed", seed, 0, MAX_SEED))


def _tested_by_fold(fold: Ints, k: int) -> Splits:
    """Every row of a repeat that a fold does not test trains."""
    return Splits(fold, (fold[:, None] != np.arange(k)[:, None]).reshape(-1, fold.shape[1]))


# ------------------------------------------------------------------------------------- choosing a penalty


@dataclass(frozen=True, eq=False)
class PathValidation:
    """Cross-validated error of every penalty, from `cross_validate_path`: S fits, L penalties."""

    lams: Floats  # (L,)
    fold_error: Floats  # (S, L) mean squared error on the rows of each fold
    error: Floats  # (L,) mean over the fits
    se: Floats  # (L,) its standard error, sd / √S, as if the folds were independent
    best: int  # index of the least error
    one_se: int  # index of the largest λ whose error is within one standard error of it


def cross_validate_path(
    X: ArrayLike,
    y: ArrayLike,
    splits: Splits,
    lams: ArrayLike,
    l1_ratio: float = 0.0,
    *,
    standardise: bool = False,
) -> PathValidation:
    """Cross-validate ridge (l1_ratio = 0), the elastic net or the lasso (1) at every λ.

    The objective is that of `mlcore.linear_models`, a mean over the rows: one λ means the same for a fold's
    training rows and for all of them. Ridge takes one batch of eigendecompositions for all folds and penalties.
    The one-standard-error rule takes the simplest model, here the most shrunk, that the noise of the estimate
    cannot tell from the best (Breiman et al. 1984).

    Args:
        X: features, (n, d).
        y: targets, (n,).
        splits: of n rows, two fits or more.
        lams: λ > 0, (L,).
        l1_ratio: 0 to 1.
        standardise: scale the features to standard deviation one, measured on each fit's training rows.

    Raises:
        ValueError: says what came and what is allowed.
    """
    X, y = _table(X, y)
    lams = _penalties(lams)
    finite_number("l1_ratio", l1_ratio, 0, 1)
    if splits.train.shape[1] != len(y) or len(splits.train) < 2:
        raise ValueError(f"splits are {splits.train.shape}: two fits or more of {len(y)} rows are allowed")
    parts = [(X[rows], y[rows]) for rows in splits.train]
    sd = np.ones((len(parts), X.shape[1]))
    if standardise:
        sd = np.array([centre_and_scale(rows)[1] for rows, _ in parts])
        parts = [(rows / scale, targets) for (rows, targets), scale in zip(parts, sd, strict=True)]
    centre, level, gram, target = _stacked([_averages(*part) for part in parts])
    if l1_ratio:
        coef = np.array([_elastic_net(g, c, lams, l1_ratio)[0] for g, c in zip(gram, target, strict=True)])
    else:
        coef = _ridge(gram, target, lams, lambda: _stacked([_roots(*part) for part in parts]))[0]  # (S, L, d)
    coef, centre = coef / sd[:, None], centre * sd
    fold_error = np.empty((len(coef), len(lams)))
    for s, rows in enumerate(splits.test):
        predicted = (X[rows] - centre[s]) @ coef[s].T + level[s]  # (rows, L)
        fold_error[s] = ((predicted - y[rows, None]) ** 2).mean(axis=0)
    error, se = fold_error.mean(axis=0), _standard_error(fold_error)
    best = int(error.argmin())
    within = error <= error[best] + se[best]
    return PathValidation(lams, fold_error, error, se, best, int(np.where(within, lams, 0).argmax()))


def leave_one_out_ridge(X: ArrayLike, y: ArrayLike, lams: ArrayLike) -> Floats:
    """Squared leave-one-out errors of ridge from a single fit on all rows: (n, L).

    For a fit that is linear in y, ŷ = H y, the error on row i of the model fitted without it is
    (y_i − ŷ_i) / (1 − H_ii) (ESL 7.64, exact for ridge with a free intercept). With the penalty a mean over
    n − 1 rows, H is that of the sum Σ (y − Xw − b)² + (n − 1) λ ‖w‖².

    Args:
        X: features, (n, d).
        y: targets, (n,).
        lams: λ > 0, (L,).

    Raises:
        ValueError: says what came and what is allowed.
    """
    X, y = _table(X, y)
    lams = _penalties(lams)
    n = len(y)
    rotation = np.linalg.qr(np.ones((n, 1)), mode="complete")[0][:, 1:]  # onto all that is orthogonal to ones
    u, s, _ = np.linalg.svd(rotation.T @ (X - X.mean(axis=0)))
    s = np.where(s > n * np.finfo(float).eps * s[0], s, 0)
    left = np.ones((n - 1, len(lams)))  # share of y that the fit leaves along each direction
    left[: len(s)] = (n - 1) * lams / (s[:, None] ** 2 + (n - 1) * lams)
    along = rotation @ u  # (n, n − 1)
    residual = along @ (left * (along.T @ (y - y.mean()))[:, None])
    return np.asarray((residual / (along**2 @ left)) ** 2, dtype=np.float64)  # all terms of 1 − H_ii are positive


def _stacked(results: Sequence[tuple[Any, ...]]) -> tuple[Floats, ...]:
    """Each part of many results of one function as one array, the results along its first axis."""
    return tuple(np.array(part) for part in zip(*results, strict=True))


def _standard_error(values: Floats) -> Floats:
    return np.asarray(values.std(axis=0, ddof=1) / np.sqrt(len(values)), dtype=np.float64)


# ----------------------------------------------------------------------------------- degree and penalty


@dataclass(frozen=True, eq=False)
class ErrorMap:
    """Ridge polynomials of D degrees and L penalties on one training set, from `error_map`.

    A choice is a pair (index of the degree, index of λ).
    """

    degrees: Ints  # (D,)
    lams: Floats  # (L,)
    x: Floats  # (n,) training inputs
    y: Floats  # (n,) training targets
    coef: Floats  # (D, L, highest degree + 1) of the Legendre basis, fitted on all rows; zero above the degree
    degrees_of_freedom: Floats  # (D, L) effective number of coefficients, the intercept not counted
    cv_error: Floats  # (D, L) mean over the folds
    cv_se: Floats  # (D, L)
    test_error: Floats  # (D, L) expected squared error of `coef` on a fresh point, uniform on DOMAIN
    best: tuple[int, int]  # least cv_error
    one_se: tuple[int, int]  # fewest degrees of freedom within one standard error of it
    oracle: tuple[int, int]  # least test_error

    def predict(self, x: ArrayLike, choice: tuple[int, int]) -> Floats:
        """Evaluate the fitted polynomial of a choice at x, (m,): (m,)."""
        basis = _legendre(np.asarray(x, dtype=np.float64), self.coef.shape[2] - 1)
        return np.asarray(basis @ self.coef[choice], dtype=np.float64)


def error_map(problem: Problem, degrees: ArrayLike, lams: ArrayLike, folds: int = 5) -> ErrorMap:
    """Cross-validate the degree and the penalty of a ridge polynomial together, beside the error they estimate.

    The basis is Legendre's, scaled so that each polynomial has mean square one on DOMAIN. The training set is
    the one that `mlcore.bias_variance.draw` makes for the problem with n_sets = 1; its seed shuffles the folds.

    Args:
        problem: what to draw from, 4 points or more.
        degrees: rising whole numbers from 1 to 20, (D,).
        lams: λ > 0, (L,).
        folds: 2 to n.

    Raises:
        ValueError: says what came and what is allowed.
    """
    given = float_vector("degrees", degrees)
    if len(given) == 0 or (given != np.rint(given)).any() or (np.diff(given) <= 0).any() or given[0] < 1:
        raise ValueError(f"degrees are {degrees!r}: rising whole numbers from 1 to 20 are allowed")
    degree = whole_number("degrees", int(given[-1]), 1, 20)
    lams = _penalties(lams)
    whole_number("n", problem.n, 4, 500)
    splits = k_fold(problem.n, folds, problem.seed)
    x, y = (a[:, 0] for a in draw(replace(problem, n_sets=1)))
    basis = _legendre(x, degree)[:, 1:]
    everyone = np.ones((1, problem.n), dtype=np.bool_)
    parts = [(basis[rows], y[rows]) for rows in np.concatenate([splits.train, everyone])]
    centre, level, gram, target = _stacked([_averages(*part) for part in parts])  # (folds + 1, ...)
    root, z = _stacked([_roots(*part) for part in parts])  # of the first d columns: the first d of both
    nodes, weights = np.polynomial.legendre.leggauss(200)  # integrates over DOMAIN; the weights sum to two
    at_nodes, truth = _legendre(nodes, degree), FUNCTIONS[problem.function](nodes)

    shape = (len(given), len(lams))
    coef = np.zeros((*shape, degree + 1))
    freedom, cv_error, cv_se, test_error = (np.empty(shape) for _ in range(4))
    for i, d in enumerate(given.astype(np.int64)):
        roots = partial(tuple, (root[:, :d, :d], z[:, :d]))
        w, effective = _ridge(gram[:, :d, :d], target[:, :d], lams, roots)  # (folds + 1, L, d)
        fold_error = np.empty((folds, len(lams)))
        for s, rows in enumerate(splits.test):
            predicted = (basis[rows, :d] - centre[s, :d]) @ w[s].T + level[s]
            fold_error[s] = ((predicted - y[rows, None]) ** 2).mean(axis=0)
        coef[i, :, 0] = level[-1] - w[-1] @ centre[-1, :d]
        coef[i, :, 1 : d + 1] = w[-1]
        freedom[i], cv_error[i], cv_se[i] = effective[-1], fold_error.mean(axis=0), _standard_error(fold_error)
        test_error[i] = (coef[i] @ at_nodes.T - truth) ** 2 @ weights / 2 + problem.noise**2
    best = _least(cv_error)
    within = cv_error <= cv_error[best] + cv_se[best]
    return ErrorMap(
        degrees=given.astype(np.int64),
        lams=lams,
        x=x,
        y=y,
        coef=coef,
        degrees_of_freedom=freedom,
        cv_error=cv_error,
        cv_se=cv_se,
        test_error=test_error,
        best=best,
        one_se=_least(np.where(within, freedom, np.inf)),
        oracle=_least(test_error),
    )


def _least(values: Floats) -> tuple[int, int]:
    row, column = np.unravel_index(values.argmin(), values.shape)
    return int(row), int(column)


# -------------------------------------------------------------------------------------- how many folds


@dataclass(frozen=True, eq=False)
class FoldCountStudy:
    """The k-fold estimate on many data sets beside what it estimates, from `fold_count_study`."""

    ks: Ints  # (K,)
    estimate: Floats  # (K, sets) cross-validated error of each data set
    true_error: Floats  # (sets,) exact expected error on a fresh row of the model fitted on all n rows

    @property
    def bias(self) -> Floats:
        """Mean of estimate − true error: (K,)."""
        return np.asarray((self.estimate - self.true_error).mean(axis=1), dtype=np.float64)

    @property
    def bias_se(self) -> Floats:
        """Monte-Carlo standard error of `bias`: (K,)."""
        return _standard_error((self.estimate - self.true_error).T)

    @property
    def sd(self) -> Floats:
        """Standard deviation of the estimate from data set to data set: (K,)."""
        return np.asarray(self.estimate.std(axis=1, ddof=1), dtype=np.float64)

    @property
    def rmse(self) -> Floats:
        """Root mean square of estimate − expected true error: bias and variance together, (K,)."""
        return np.asarray(np.sqrt(((self.estimate - self.true_error.mean()) ** 2).mean(axis=1)), dtype=np.float64)


def fold_count_study(
    ks: Sequence[int],
    n: int = 40,
    n_sets: int = 500,
    *,
    d: int = 8,
    noise: float = 1.0,
    lam: float = 0.0,
    seed: int = 0,
) -> FoldCountStudy:
    """Estimate the error of least squares or ridge by k-fold, for several k, on many data sets.

    Data: d independent N(0, 1) features with equal coefficients 1/√d, y = Xw + N(0, σ²). The rows are
    independent, so folds of neighbours are random folds. The model minimises Σ (y − Xw − b)² + nλ‖w‖², with the
    same nλ in every fold. No fold is refitted: with residuals e and ŷ = H y of the fit on all rows, the errors
    on fold B of the model fitted without B are (I − H_BB)⁻¹ e_B, the block form of the leave-one-out formula.

    Args:
        ks: numbers of folds, each 2 to n; n is leave-one-out.
        n: rows, 4 to 100.
        n_sets: data sets, 2 to 2000.
        d: features, 1 to 30.
        noise: σ, 0.01 to 100.
        lam: λ, 0 (least squares) to 1e6. With 0, the smallest training set must have d + 2 rows or more.
        seed: 0 to 2³² − 1.

    Raises:
        ValueError: says what came and what is allowed.
    """
    whole_number("n", n, 4, 100)
    whole_number("n_sets", n_sets, 2, 2000)
    whole_number("d", d, 1, 30)
    finite_number("noise", noise, 0.01, 100)
    finite_number("lam", lam, 0, 1e6)
    whole_number("seed", seed, 0, MAX_SEED)
    if len(ks) == 0:
        raise ValueError("ks is empty: one or more numbers of folds are allowed")
    counts = [whole_number("k", k, 2, n) for k in ks]
    left = n - -(-n // min(counts))
    if lam < 1e-6 and left < d + 2:
        raise ValueError(f"k is {min(counts)}: it leaves {left} training rows, {d + 2} or more are allowed")
    rng = np.random.default_rng(seed)
    X = np.concatenate([np.ones((n_sets, n, 1)), rng.standard_normal((n_sets, n, d))], axis=2)
    truth = np.concatenate([[0], np.full(d, d**-0.5)])
    y = X @ truth + noise * rng.standard_normal((n_sets, n))
    penalty = n * lam * np.diag([0.0] + d * [1.0])  # the intercept is free
    inverse = np.linalg.inv(X.mT @ X + penalty)  # (sets, d + 1, d + 1)
    w = (inverse @ (X.mT @ y[..., None]))[..., 0]
    residual = y - (X @ w[..., None])[..., 0]
    estimate = np.zeros((len(counts), n_sets))
    for row, k in zip(estimate, counts, strict=True):
        size, larger = divmod(n, k)
        cut = larger * (size + 1)
        for rows, folds in ((slice(None, cut), larger), (slice(cut, None), k - larger)):  # equal sizes in one batch
            if folds:
                block = X[:, rows].reshape(n_sets, folds, -1, d + 1)
                left_in = np.eye(block.shape[2]) - block @ inverse[:, None] @ block.mT  # I − H_BB
                error = np.linalg.solve(left_in, residual[:, rows].reshape(n_sets, folds, -1, 1))
                row += (error**2).mean(axis=(2, 3)).sum(axis=1) / k
    true_error = ((w - truth) ** 2).sum(axis=1) + noise**2
    return FoldCountStudy(np.array(counts, dtype=np.int64), estimate, true_error)


def least_squares_test_error(n: ArrayLike, d: int, noise: float) -> Floats:
    """Return the expected squared error of least squares with intercept on n rows of d Gaussian features.

    σ² (1 + 1/n) (n − 2) / (n − d − 2), for n > d + 2, whatever the coefficients and the covariance (from the
    mean of the inverse Wishart distribution); infinite for n = d + 2. k-fold has this expectation at n − n/k
    rows, and that is its bias.

    Raises:
        ValueError: for n < d + 2.
    """
    rows = np.asarray(n, dtype=np.float64)
    if not (rows >= d + 2).all():
        raise ValueError(f"n is {n!r}: d + 2 = {d + 2} or more is allowed")
    spare = rows - d - 2
    growth = (1 + 1 / rows) * (rows - 2)
    growth = np.divide(growth, spare, out=np.full(rows.shape, np.inf), where=spare > 0)
    return np.asarray(noise**2 * growth, dtype=np.float64)


# ----------------------------------------------------------------------------------------- many peeks


@dataclass(frozen=True, eq=False)
class ManyPeeks:
    """The best of N models that only guess, from `many_peeks`: N = 1 … n_tries."""

    n_models: Ints  # (N,)
    best: Floats  # (sets, N) accuracy of the best of the first N models on the test set that chose it
    fresh: Floats  # (sets, N) accuracy of that same model on fresh data
    expected: Floats  # (N,) exact mean of `best`
    low: Floats  # (N,) exact 5% quantile of `best`
    high: Floats  # (N,) exact 95% quantile


def many_peeks(n_test: int = 100, n_tries: int = 200, n_sets: int = 200, seed: int = 0) -> ManyPeeks:
    """Try N models on one test set and keep the best, where every model has accuracy ½.

    Labels are fair coins, so each model's number of hits is Binomial(n_test, ½), independent of the others'.
    With F its distribution function, the best of N has Fᴺ: E max = Σ_m (1 − F(m)ᴺ), m = 0 … n_test − 1. On
    fresh data of the same size the chosen model is right half of the time.

    Args:
        n_test: rows of the test set, and of the fresh one, 1 to 10 000.
        n_tries: models tried, 1 to 1000.
        n_sets: repetitions, 1 to 2000.
        seed: 0 to 2³² − 1.

    Raises:
        ValueError: says what came and what is allowed.
    """
    whole_number("n_test", n_test, 1, 10_000)
    whole_number("n_tries", n_tries, 1, 1000)
    whole_number("n_sets", n_sets, 1, 2000)
    whole_number("seed", seed, 0, MAX_SEED)
    rng = np.random.default_rng(seed)
    hits, hits_again = rng.binomial(n_test, 0.5, (2, n_sets, n_tries))
    best = np.maximum.accumulate(hits, axis=1)
    is_best_yet = hits > np.concatenate([np.full((n_sets, 1), -1), best[:, :-1]], axis=1)
    chosen = np.maximum.accumulate(np.where(is_best_yet, np.arange(n_tries), 0), axis=1)
    n_models = np.arange(1, n_tries + 1)
    below = _fair_coin_distribution(n_test) ** n_models[:, None]  # P(best ≤ m): (N, n_test + 1)
    return ManyPeeks(
        n_models=n_models,
        best=best / n_test,
        fresh=np.take_along_axis(hits_again, chosen, axis=1) / n_test,
        expected=(1 - below[:, :-1]).sum(axis=1) / n_test,
        low=(below >= 0.05).argmax(axis=1) / n_test,
        high=(below >= 0.95).argmax(axis=1) / n_test,
    )


def _fair_coin_distribution(n: int) -> Floats:
    """P(at most m heads in n tosses), m = 0 … n: (n + 1,)."""
    log_factorial = np.concatenate([[0], np.cumsum(np.log(np.arange(1, n + 1)))])
    log_share = log_factorial[-1] - log_factorial - log_factorial[::-1] - n * np.log(2)
    return np.asarray(np.minimum(np.cumsum(np.exp(log_share)), 1), dtype=np.float64)


# -------------------------------------------------------------------------------------------- leakage


@dataclass(frozen=True, eq=False)
class Leakage:
    """Cross-validated accuracies on features that are pure noise, from `leakage`; the truth is ½."""

    inside: Floats  # (sets,) selection and scaling learnt from each fold's training rows only
    scaling_outside: Floats  # (sets,) scaling learnt from all rows
    selection_outside: Floats  # (sets,) features selected on all rows, labels of the test rows included
    fresh: Floats  # (sets,) accuracy on n fresh rows of the model selected and fitted on all rows


def leakage(
    n: int = 50, p: int = 1000, n_selected: int = 20, n_sets: int = 40, *, folds: int = 5, seed: int = 0
) -> Leakage:
    """Select the best features before the split, and after it, where no feature knows anything (ESL 7.10.2).

    n rows with p independent features, each Gaussian on a scale of its own, and two classes of equal size that
    have nothing to do with them. The n_selected features of largest absolute correlation with the label go,
    standardised, to a nearest-centroid classifier, judged by stratified k-fold. Selecting on all rows lets the
    test labels choose the features. Scaling on all rows sees the test features but no label, so on pure noise
    its accuracy stays ½ exactly, in expectation.

    Args:
        n: rows, an even number from 10 to 200.
        p: features, 1 to 5000.
        n_selected: features kept, 1 to p.
        n_sets: data sets, 1 to 200.
        folds: 2 to n / 2.
        seed: 0 to 2³² − 1.

    Raises:
        ValueError: says what came and what is allowed.
    """
    if whole_number("n", n, 10, 200) % 2:
        raise ValueError(f"n is {n!r}: an even number from 10 to 200 is allowed")
    whole_number("p", p, 1, 5000)
    whole_number("n_selected", n_selected, 1, p)
    whole_number("n_sets", n_sets, 1, 200)
    whole_number("folds", folds, 2, n // 2)
    rng = np.random.default_rng(whole_number("seed", seed, 0, MAX_SEED))
    y = np.arange(n) % 2  # the rows are independent of it, so any order is random
    splits = stratified_k_fold(y, folds)
    everyone = np.ones(n, dtype=np.bool_)
    hits = np.zeros((3, n_sets))
    fresh = np.empty(n_sets)
    for s in range(n_sets):
        scale = np.exp(rng.standard_normal(p))
        X = scale * rng.standard_normal((n, p))
        from_all = _most_correlated(X, y, n_selected)
        for train, test in zip(splits.train, splits.test, strict=True):
            from_train = _most_correlated(X[train], y[train], n_selected)
            for kind, (features, measured) in enumerate(
                ((from_train, train), (from_train, everyone), (from_all, train))
            ):
                Z = _standardised(X[:, features], measured)
                hits[kind, s] += (_nearest_centroid(Z[train], y[train], Z[test]) == y[test]).sum()
        new = scale[from_all] * rng.standard_normal((n, n_selected))
        Z = _standardised(np.concatenate([X[:, from_all], new]), np.repeat([True, False], n))
        fresh[s] = (_nearest_centroid(Z[:n], y, Z[n:]) == y).mean()
    inside, scaling_outside, selection_outside = hits / n
    return Leakage(inside, scaling_outside, selection_outside, fresh)


def _most_correlated(X: Floats, y: Ints, k: int) -> Ints:
    """The k columns of X of largest absolute correlation with y."""
    X, y = X - X.mean(axis=0), y - y.mean()
    correlation = np.abs(y @ X) / np.sqrt(np.einsum("ij,ij->j", X, X))
    return np.asarray(np.argpartition(-correlation, k - 1)[:k], dtype=np.int64)


def _standardised(X: Floats, measured: Bools) -> Floats:
    """Columns less their mean, over their standard deviation, both over the rows that `measured` marks."""
    return np.asarray((X - X[measured].mean(axis=0)) / X[measured].std(axis=0), dtype=np.float64)


def _nearest_centroid(X: Floats, y: Ints, queries: Floats) -> Bools:
    """Class 1 where its mean of the training rows is nearer than that of class 0."""
    zero, one = X[y == 0].mean(axis=0), X[y == 1].mean(axis=0)
    return np.asarray((queries - (zero + one) / 2) @ (one - zero) > 0, dtype=np.bool_)


# ------------------------------------------------------------------------------ grid and random search


@dataclass(frozen=True, eq=False)
class HyperparameterSearch:
    """Best score found by grid and by random search, from `hyperparameter_search`."""

    grid_budget: Ints  # (G,) squares up to the budget: 1, 4, 9, …
    grid_best: Floats  # (G,) mean over the problems
    random_budget: Ints  # (B,) 1 … budget
    random_best: Floats  # (B,) mean over the problems
    peak: Floats  # (2,) of the first problem, the one whose trials are shown
    grid_points: Floats  # (largest square, 2) tried on it
    random_points: Floats  # (B, 2) tried on it, in order


def hyperparameter_search(
    budget: int = 25, effective_dimensions: int = 1, n_sets: int = 200, *, width: float = 0.05, seed: int = 0
) -> HyperparameterSearch:
    """Search two hyperparameters by a grid and at random, with equal numbers of trials (Bergstra & Bengio 2012).

    A grid of m² trials has m distinct values of each hyperparameter, at the middles of m equal cells; random
    search has m². If only one matters, that is what counts. Each problem has its peak at another place, so
    that no grid is lucky.

    Args:
        budget: trials, 1 to 400.
        effective_dimensions: how many hyperparameters the score depends on, 1 or 2.
        n_sets: problems to average over, 1 to 2000.
        width: of the peak, 0.005 to 1.
        seed: 0 to 2³² − 1.

    Raises:
        ValueError: says what came and what is allowed.
    """
    whole_number("budget", budget, 1, 400)
    whole_number("effective_dimensions", effective_dimensions, 1, 2)
    whole_number("n_sets", n_sets, 1, 2000)
    finite_number("width", width, 0.005, 1)
    whole_number("seed", seed, 0, MAX_SEED)
    peaks = np.random.default_rng([seed, 0]).uniform(size=(n_sets, 1, 2))
    trials = np.random.default_rng([seed, 1]).uniform(size=(n_sets, budget, 2))
    scores = response(trials, peaks, effective_dimensions, width)  # (sets, budget)
    sides = np.arange(1, isqrt(budget) + 1)
    grid_best = []
    for m in sides:
        middles = (np.arange(m) + 0.5) / m
        grid = np.stack(np.meshgrid(middles, middles, indexing="ij"), axis=-1).reshape(-1, 2)
        grid_best.append(response(grid, peaks, effective_dimensions, width).max(axis=1).mean())
    return HyperparameterSearch(
        grid_budget=sides**2,
        grid_best=np.array(grid_best),
        random_budget=np.arange(1, budget + 1),
        random_best=np.maximum.accumulate(scores, axis=1).mean(axis=0),
        peak=peaks[0, 0],
        grid_points=grid,
        random_points=trials[0],
    )


def response(points: Floats, peak: Floats, effective_dimensions: int, width: float) -> Floats:
    """Score of hyperparameters: exp(−‖x − peak‖² / (2 width²)), over the first effective dimensions only.

    points and peak, (..., 2), broadcast together; the best score is 1.
    """
    miss = (points - peak)[..., :effective_dimensions]
    return np.asarray(np.exp(-(miss**2).sum(axis=-1) / (2 * width**2)), dtype=np.float64)
