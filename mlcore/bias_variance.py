"""Bias and variance, measured: refit one model on many training sets and average.

For squared loss and y = f(x) + ε with E ε = 0, Var ε = σ², the expected test error at x splits exactly:

    E (y − f̂(x))²  =  (E f̂(x) − f(x))²  +  E (f̂(x) − E f̂(x))²  +  σ²
                            bias²                 variance           noise

The expectation runs over training sets, so `decompose` draws many of them, fits every complexity to every
set, and averages: over the sets first, then over a grid of test inputs. All models here are *linear
smoothers* (f̂ is linear in y), and all but k-NN are linear in a basis shared by every training set, so one
set's fit is a short vector of coefficients and whole sweeps are a few array passes.

Sources: Hastie, Tibshirani & Friedman, *The Elements of Statistical Learning* (ESL), sections 2.9, 3.4, 7.2,
7.3, 7.10; Geman, Bienenstock & Doursat 1992; Forsythe 1957 (orthogonal polynomials for least squares);
Brubeck, Nakatsukasa & Trefethen 2021 (the same with reorthogonalisation); Belkin et al. 2019
(double descent).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.checks import LARGEST, MAX_SEED, finite_number, float_array, float_vector, one_of, whole_number
from mlcore.numerics import centre_and_scale, varies

__all__ = [
    "DESIGNS",
    "DOMAIN",
    "FUNCTIONS",
    "MODELS",
    "REAL_MODELS",
    "CrossValidation",
    "Decomposition",
    "DoubleDescent",
    "LearningCurve",
    "Problem",
    "ResampledDecomposition",
    "closed_form_variance",
    "complexities",
    "cross_validate",
    "decompose",
    "decompose_resampled",
    "double_descent",
    "draw",
    "learning_curve",
    "predict",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DOMAIN = (-1.0, 1.0)
FUNCTIONS: dict[str, Callable[[Floats], Floats]] = {
    "sine": lambda x: np.sin(1.5 * np.pi * x),
    "line": lambda x: 0.8 * x,
    "cubic": lambda x: 4 * x**3 - 3 * x,  # the Chebyshev polynomial T₃
    "runge": lambda x: 2 / (1 + 25 * x**2) - 1,
    "step": lambda x: np.where(x < 0.2, -0.8, 0.8),
    "wiggle": lambda x: 0.5 * x + 0.5 * np.sin(5 * np.pi * x),
}
MODELS: dict[str, str] = {
    "polynomial": "Polynomial",
    "knn": "k-nearest neighbours",
    "ridge": "Ridge polynomial",
    "random_features": "Minimum-norm random features",
}
REAL_MODELS: dict[str, str] = {
    "polynomial": "Polynomial",  # one input only
    "subset": "Least squares on the first j features",
    "ridge": "Ridge",
    "knn": "k-nearest neighbours",
}
DESIGNS = ("random", "fixed")
MAX_DEGREE = 20
BLOCK = 5  # complexities averaged at a time: more, and their arrays leave the cache
LARGEST_TARGET = 1e60  # |y| that is accepted: squared errors are squared once more, for their standard error
RANK_CUTOFF = 1e-10  # singular values below this share of the largest count as zero


# ------------------------------------------------------------------------------------------ the problem


@dataclass(frozen=True)
class Problem:
    """What the training sets are drawn from: y = f(x) + N(0, σ²) with x on DOMAIN.

    Args:
        function: the truth f, a key of FUNCTIONS.
        noise: σ, standard deviation of y around f(x), 0 to 10.
        n: points in one training set, 2 to 500.
        n_sets: number of training sets, 1 to 2000.
        seed: 0 to 2³² − 1.
        design: "random": each set has its own inputs, uniform on DOMAIN; "fixed": all sets share n evenly
            spaced inputs and only the noise is redrawn.

    Raises:
        ValueError: for anything else; TypeError never.
    """

    function: str = "sine"
    noise: float = 0.3
    n: int = 30
    n_sets: int = 100
    seed: int = 0
    design: str = "random"

    def __post_init__(self) -> None:
        """Validate every field."""
        one_of("function", self.function, FUNCTIONS)
        finite_number("noise", self.noise, 0, 10)
        whole_number("n", self.n, 2, 500)
        whole_number("n_sets", self.n_sets, 1, 2000)
        whole_number("seed", self.seed, 0, MAX_SEED)
        one_of("design", self.design, DESIGNS)


def draw(problem: Problem) -> tuple[Floats, Floats]:
    """Draw the training sets: x and y, each (n, sets), one column per set.

    Inputs and noise come from two streams of their own. So changing f or σ moves no input, and a larger n
    keeps the points there were and adds some (random design).
    """
    x = _rng(problem, "inputs").uniform(*DOMAIN, size=(problem.n, problem.n_sets))
    if problem.design == "fixed":
        x[:] = np.linspace(*DOMAIN, problem.n)[:, None]
    noise = _rng(problem, "noise").standard_normal(x.shape)
    return x, FUNCTIONS[problem.function](x) + problem.noise * noise


def complexities(model: str, n: int, *, degree: int = 15) -> Floats | Ints:
    """Return the axis of a sweep, from the simplest model to the most complex one.

    "polynomial": degrees 0 … min(20, n − 1). "knn": k = n … 1. "ridge": 45 values of λ, from 1e3 down to
    1e-8, whatever n and degree. "random_features": about 40 numbers of features from 1 to 4n, dense near n.
    """
    one_of("model", model, MODELS)
    whole_number("n", n, 2, 500)
    whole_number("degree", degree, 1, MAX_DEGREE)
    if model == "polynomial":
        return np.arange(min(MAX_DEGREE, n - 1) + 1)
    if model == "knn":
        return np.arange(n, 0, -1)
    if model == "ridge":
        return np.logspace(3, -8, 45, dtype=np.float64)
    ratio = np.concatenate([np.linspace(0, 0.8, 13), np.linspace(0.85, 1.15, 11), np.geomspace(1.2, 4, 16)])
    return np.unique(np.maximum(1, np.rint(ratio * n)).astype(np.int64))


# ------------------------------------------------------------------------------------------- the models


def _legendre(x: Floats, degree: int) -> Floats:
    """Legendre polynomials of degree 0 … degree, scaled so that the mean of p_j² over DOMAIN is one."""
    scale = np.sqrt(2 * np.arange(degree + 1) + 1, dtype=np.float64)
    return np.asarray(np.polynomial.legendre.legvander(x, degree) * scale, dtype=np.float64)


def _fit_polynomials(x: Floats, y: Floats, degrees: Ints) -> tuple[Floats, Floats]:
    """Least-squares polynomials of all degrees, for all training sets in one pass.

    Forsythe's recurrence builds polynomials orthogonal on a set's own inputs, each from the two before it:

        q_d = (x − α) q_(d−1) − γ q_(d−2),   α = ⟨x q_(d−1), q_(d−1)⟩ / ‖q_(d−1)‖²,   γ = ‖q_(d−1)‖² / ‖q_(d−2)‖².

    It is orthogonal to the older ones too, up to rounding, which grows as the degree nears n: from n/2 on it
    is made orthogonal to all. Degree d then just adds ⟨q_d, y⟩ / ‖q_d‖² q_d to the fit of degree d − 1.

    A polynomial is kept as one column: its values at the n inputs, below them its Legendre coefficients.
    Multiplying by x is x p_j = β_(j+1) p_(j+1) + β_j p_(j−1), β_j = j / √(4j² − 1), on the coefficients. The
    same steps on (y, 0) leave the residuals and, negated, the coefficients of the fit.

    Args:
        x: inputs, (n, sets), or (n, 1) if all sets share them.
        y: targets, (n, sets).
        degrees: rising, (m,). Where a set has fewer than degree + 1 distinct inputs, its fit stays as it is
            at the last degree that the inputs determine.

    Returns:
        Legendre coefficients (m, highest degree + 1, sets) and mean squared training errors (m, sets).
    """
    n, sets = y.shape
    degree, row = int(degrees[-1]), 0
    coefficients, train_error = np.zeros((len(degrees), degree + 1, sets)), np.empty((len(degrees), sets))
    j = np.arange(1, degree + 1)
    beta = (j / np.sqrt(4 * j**2 - 1))[:, None]
    rest = np.concatenate([y, np.zeros((degree + 1, sets))])  # (n + coefficients, sets)
    q = np.ones((n + 1, x.shape[1]))
    size = np.full(x.shape[1], float(n))  # ‖q‖²
    over_size, determined = 1 / size, size > 0
    past: list[tuple[Floats, Floats]] = []  # the last two q and 1 / ‖q‖², or all of them
    for d in range(degree + 1):
        if d > 0:
            last, end = past[-1][0], n + d  # last has d coefficients, q one more
            alpha = np.einsum("ns,ns,ns->s", x, last[:n], last[:n]) * over_size
            q = np.empty((end + 1, x.shape[1]))
            np.multiply(x - alpha, last[:n], out=q[:n])
            q[n] = 0
            np.multiply(beta[:d], last[n:], out=q[n + 1 :])
            q[n : end - 1] += beta[: d - 1] * last[n + 1 :]
            q[n:end] -= alpha * last[n:]
            if d > 1:
                before, over_size_before = past[-2]
                q[: end - 1] -= size * over_size_before * before
            if 2 * d > n:
                for earlier, over in past:
                    q[: len(earlier)] -= np.einsum("ns,ns->s", q[:n], earlier[:n]) * over * earlier
            previous, size = size, np.einsum("ns,ns->s", q[:n], q[:n])
            determined &= size > 1e-26 * previous
            over_size = np.divide(1, size, out=np.zeros_like(size), where=determined)
        past = [*(past if 2 * degree > n else past[-1:]), (q, over_size)]
        rest[: len(q)] -= np.einsum("ns,ns->s", np.broadcast_to(q[:n], y.shape), rest[:n]) * over_size * q
        if d == degrees[row]:
            np.negative(rest[n : len(q)], out=coefficients[row, : d + 1])
            train_error[row] = np.einsum("ns,ns->s", rest[:n], rest[:n]) / n
            row += 1
    return coefficients, train_error


def _fit_ridges(basis: Floats, y: Floats, penalties: Floats) -> tuple[Floats, Floats]:
    """Ridge regression for every penalty λ and all training sets: one eigendecomposition a set.

    Minimises Σ (y − w₀ − B w)² + λ‖w‖², the intercept w₀ unpenalised (ESL 3.41). With B centred and
    BᵀB = V diag(s²) Vᵀ, the solution is w = V diag(1 / (s² + λ)) Vᵀ Bᵀ y: only the diagonal depends on λ.

    Args:
        basis: (sets, n, p) without the constant, or (1, n, p) if all sets share it.
        y: (n, sets).
        penalties: λ > 0, (m,).

    Returns:
        Coefficients (m, 1 + p, sets), the intercept first, and mean squared training errors (m, sets).
    """
    centre, level = basis.mean(axis=1), y.mean(axis=0)  # (sets, p), (sets,)
    basis = basis - centre[:, None]
    target = (y - level).T[..., None]  # (sets, n, 1)
    s2, v = np.linalg.eigh(basis.mT @ basis)
    s2 = np.maximum(s2, 0)[..., None]  # (sets, p, 1)
    z = v.mT @ (basis.mT @ target)
    shrunk = z / (s2 + penalties)  # (sets, p, m)
    w = (v @ shrunk).transpose(2, 1, 0)  # (m, p, sets)
    intercept = level - np.einsum("mps,sp->ms", w, np.broadcast_to(centre, (y.shape[1], centre.shape[1])))
    explained = (shrunk * (2 * z - s2 * shrunk)).sum(axis=1).T  # (m, sets)
    train_error = np.maximum((target**2).sum(axis=(1, 2)) - explained, 0) / len(y)
    return np.concatenate([intercept[:, None], w], axis=1), train_error


def _fit_features(basis: Floats, y: Floats, penalties: Floats) -> tuple[Floats, Floats]:
    """Minimum-norm (λ = 0) and ridge (λ > 0) least squares by the singular value decomposition.

    With B = U diag(s) Vᵀ the solution is w = V diag(s / (s² + λ)) Uᵀ y. For λ = 0 that is the pseudo-inverse:
    of all w with the least squared error, the one of least norm. Singular values under RANK_CUTOFF times the
    largest are taken as zero. There is no separate intercept.

    Args:
        basis: (sets, n, p), or (1, n, p) if all sets share it.
        y: (n, sets).
        penalties: λ ≥ 0, (m,).

    Returns:
        Coefficients (m, p, sets) and mean squared training errors (m, sets).
    """
    u, s, vt = np.linalg.svd(basis, full_matrices=False)
    kept = s > RANK_CUTOFF * s[:, :1]
    s = np.where(kept, s, 1)[..., None]  # (sets, rank, 1)
    gain = kept[..., None] * s / (s**2 + penalties)  # (sets, rank, m)
    z = u.mT @ y.T[..., None]  # (sets, rank, 1)
    residual = y.T[..., None] - u @ (s * gain * z)  # (sets, n, m)
    return (vt.mT @ (gain * z)).transpose(2, 1, 0), (residual**2).mean(axis=1).T


def _nearest_means(x: Floats, y: Floats, queries: Floats, k_max: int) -> Iterator[Floats]:
    """Yield the mean target of the k nearest training points, k = 1, 2 … k_max, at every query.

    On a line the k nearest points are neighbours of each other: a window on the sorted inputs that takes in,
    at each k, the nearer of the two points just outside it. A tie goes to the left one.

    Args:
        x: training inputs, (n, sets).
        y: training targets, (n, sets).
        queries: (q, sets).
        k_max: the largest k, at most n.

    Yields:
        Predictions, (q, sets).
    """
    sets = x.shape[1]
    order = np.argsort(x, axis=0)
    end = np.full((1, sets), np.inf)
    x = np.concatenate([-end, np.take_along_axis(x, order, axis=0), end])
    y = np.concatenate([end, np.take_along_axis(y, order, axis=0), end])
    left = np.zeros(queries.shape, dtype=np.int64)  # the point just left of the window, counted in rows of x
    for row in x[1:-1]:
        left += row < queries
    left = left * sets + np.arange(sets)  # and now in elements of x.ravel()
    total, twice = np.zeros(queries.shape), 2 * queries
    for k in range(1, k_max + 1):
        right = left + k * sets
        to_left = x.take(left) + x.take(right) >= twice  # their midpoint is not left of the query
        total += y.take(np.where(to_left, left, right))
        left -= sets * to_left
        yield total / k


def _nearest_means_on_grid(x: Floats, y: Floats, grid: Floats, k_max: int) -> Iterator[Floats]:
    """Like `_nearest_means`, faster, for an evenly spaced grid around all inputs: (t, sets) for each k.

    As the query moves right, its window x_l … x_(l+k−1) gives way to the next one when it passes the midpoint
    of x_l and x_(l+k). So the prediction is a step function with a jump of (y_(l+k) − y_l) / k there.
    """
    sets = x.shape[1]
    order = np.argsort(x, axis=0)
    x, y = np.take_along_axis(x, order, axis=0), np.take_along_axis(y, order, axis=0)
    t, step = len(grid), grid[1] - grid[0]
    for k in range(1, k_max + 1):
        jump = (y[k:] - y[:-k]) / k  # (n − k, sets)
        middle = (x[k:] + x[:-k]) / 2
        behind = ((middle - grid[0]) / step + 0.5).astype(np.int64)  # the nearest grid point
        behind += grid[behind] <= middle  # the first one past it, t if none: a tie goes to the left as elsewhere
        cells = behind * sets + np.arange(sets)
        counted = np.bincount(cells.ravel(), jump.ravel(), (t + 1) * sets).astype(np.float64, copy=False)
        steps = counted.reshape(t + 1, sets)[:-1]
        steps[0] += y[:k].mean(axis=0)
        for before, here in pairwise(steps):  # a running sum, row by row: np.cumsum is slower down columns
            here += before
        yield steps


def _random_features(problem: Problem, x: Floats, p: int) -> Floats:
    """Evaluate the problem's first p random features at x: (..., p).

    Feature j is a random smooth function, φ_j(x) = Σ_k a_k (g_jk cos(πkx/2) + h_jk sin(πkx/2)), k = 0 … 200,
    with g, h drawn from N(0, 1) and a_k = 1 / (1 + k/3). They are drawn once from the problem's seed, by a
    stream of their own: all training sets share them, another seed has others.
    """
    k = np.arange(201)
    waves = np.concatenate([np.cos(np.pi / 2 * k * x[..., None]), np.sin(np.pi / 2 * k * x[..., None])], axis=-1)
    draws = _rng(problem, "features").standard_normal((p, 402))  # a row for each feature: nested
    features: Floats = (waves / np.tile(1 + k / 3, 2)) @ draws.T
    return features


def _basis(problem: Problem, model: str, x: Floats, size: int) -> Floats:
    """Evaluate the first `size` functions of the model's basis at x: (..., size)."""
    if model == "random_features":
        return _random_features(problem, x, size)
    return _legendre(x, size - 1)


def _basis_size(model: str, axis: Floats | Ints, degree: int) -> int:
    return {"polynomial": int(axis[-1]) + 1, "ridge": degree + 1, "random_features": int(axis[-1])}[model]


def _fit_all(
    problem: Problem, model: str, x: Floats, y: Floats, axis: Floats | Ints, degree: int, ridge: float
) -> Iterator[tuple[Floats, Floats]]:
    """Fit a model that is linear in a basis, at every complexity, to all training sets x, y (n, sets).

    Yields blocks of successive complexities: coefficients (block, p, sets) of the first p functions of
    `_basis` and mean squared training errors (block, sets).
    """
    if problem.design == "fixed":
        x = x[:, :1]  # one decomposition serves all sets
    if model == "polynomial":
        w, train_error = _fit_polynomials(x, y, axis.astype(np.int64))
        for i in range(0, len(axis), BLOCK):  # degree d has d + 1 coefficients, zeros follow
            part = slice(i, i + BLOCK)
            yield w[part, : int(axis[part][-1]) + 1], train_error[part]
    elif model == "ridge":
        basis = _legendre(x.T, degree)[..., 1:]  # (sets, n, degree)
        w, train_error = _fit_ridges(basis, y, axis.astype(np.float64))
        for i in range(0, len(axis), BLOCK):
            yield w[i : i + BLOCK], train_error[i : i + BLOCK]
    else:
        features = _random_features(problem, x.T, int(axis[-1]))  # (sets, n, p)
        for p in axis.astype(np.int64):
            yield _fit_features(features[..., :p], y, np.array([ridge]))


# ------------------------------------------------------------------------------------ the decomposition


@dataclass(frozen=True)
class Decomposition:
    """Bias², variance and errors of one model along its complexity, from `decompose`.

    m complexities, t grid points. Errors are in squared units of y, `mean`, `std` and `fits` in units of y.
    """

    complexity: Floats | Ints  # (m,) degree, k, λ or number of features, from simple to complex
    x: Floats  # (t,) the test grid
    truth: Floats  # (t,) f on the grid
    mean: Floats  # (m, t) average prediction over the training sets
    std: Floats  # (m, t) standard deviation over the training sets (divided by S, not S − 1)
    bias_squared: Floats  # (m,) mean over the grid of (mean − truth)²
    variance: Floats  # (m,) mean over the grid of std²
    noise: float  # σ²
    test_error: Floats  # (m,) mean of (y − f̂)² over fresh noisy targets, one for each set and grid point
    test_error_se: Floats  # (m,) standard error of test_error − expected_error
    train_error: Floats  # (m,) mean over the sets of the mean squared training error
    fits: Floats  # (m, n_shown, t) predictions of the first sets

    @property
    def expected_error(self) -> Floats:
        """bias² + variance + σ², (m,)."""
        return self.bias_squared + self.variance + self.noise

    @property
    def best(self) -> int:
        """Index of the complexity of least expected error."""
        return int(np.argmin(self.expected_error))


def decompose(
    problem: Problem,
    model: str = "polynomial",
    *,
    degree: int = 15,
    ridge: float = 0.0,
    n_shown: int = 20,
    n_grid: int = 200,
    complexities: ArrayLike | None = None,
) -> Decomposition:
    """Measure bias², variance and error of every complexity over the problem's training sets.

    With S sets, predictions f̂_s and their average f̄ = Σ f̂_s / S, at each grid point

        bias² = (f̄ − f)²,   variance = Σ (f̂_s − f̄)² / S,   Σ (f̂_s − f)² / S = bias² + variance,

    the last one exactly, for any number of sets (ESL 7.9). `test_error` is measured apart from it, on noisy
    targets y_s = f + ε_s drawn anew for each set; given the fits, it differs from bias² + variance + σ² by
    chance only, with the standard error √((2σ⁴ + 4σ² (bias² + variance)) / (t S)).

    Args:
        problem: what to draw from.
        model: a key of MODELS.
        degree: degree of the "ridge" model's polynomial, 1 to 20. Its basis: Legendre polynomials of mean
            square one on DOMAIN, penalty λ‖w‖² on all of them but the constant.
        ridge: λ ≥ 0 for "random_features"; 0 is the minimum-norm fit.
        n_shown: how many sets' own fits to return, at least 0, at most n_sets of them.
        n_grid: t, evenly spaced test points over DOMAIN, both ends included, 50 to 2000.
        complexities: the sweep, from simple to complex as in `complexities` (which is the default).

    Raises:
        ValueError: says what came and what is allowed.
    """
    axis = _axis(model, problem.n, degree, complexities)
    finite_number("ridge", ridge, 0, 1e6)
    whole_number("n_shown", n_shown, 0, 2000)
    whole_number("n_grid", n_grid, 50, 2000)
    x, y = draw(problem)
    grid = np.linspace(*DOMAIN, n_grid)
    truth = FUNCTIONS[problem.function](grid)
    target = _rng(problem, "test noise").standard_normal((n_grid, problem.n_sets))
    target *= problem.noise
    target += truth[:, None]
    fitted, basis = _fit_for_grid(problem, model, x, y, grid, axis, degree, ridge)
    moments = _moments(fitted, basis, truth, target, n_shown)
    if model == "knn":
        moments = [moment[::-1] for moment in moments]  # k came from 1 up
    mean, std, bias_squared, variance, errors, fits, train_error = moments
    noise = float(problem.noise) ** 2
    se = np.sqrt((2 * noise**2 + 4 * noise * (bias_squared + variance)) / (n_grid * problem.n_sets))
    return Decomposition(
        complexity=axis,
        x=grid,
        truth=truth,
        mean=mean,
        std=std,
        bias_squared=bias_squared,
        variance=variance,
        noise=noise,
        test_error=errors.mean(axis=1),
        test_error_se=se,
        train_error=train_error.mean(axis=1),
        fits=fits,
    )


def _moments(
    fitted: Iterable[tuple[Floats, Floats]],
    basis: Floats | None,
    truth: Floats,
    target: Floats,
    n_shown: int,
) -> list[Floats]:
    """Moments over the training sets of the predictions B w on t test points.

    Let B = Q R with orthonormal columns in Q. Then sums of squares over test points are sums of squares of
    the coordinates c = R w, and the predictions of all sets are never formed. Models nest, and so do Q and R:
    the first p functions of the basis need the first p columns of Q.

    Args:
        fitted: blocks of the m complexities: coefficients (block, p, sets) of the first p functions of the
            basis, or the predictions themselves (block, t, sets) if basis is None, and training errors
            (block, sets).
        basis: (t, p or more) the basis at the test points, or None.
        truth: (t,) what bias is measured against.
        target: (t, sets) each set's test targets, or (t, 1).
        n_shown: how many sets to return predictions of.

    Returns:
        mean (m, t), std (m, t), bias² (m,), variance (m,), each set's test error (m, sets), predictions of
        the first n_shown sets (m, n_shown, t), and the training errors (m, sets).
    """
    t, blocks = len(truth), []
    truth_c, target_c, truth_rest, target_rest = truth, target, np.zeros(t + 1), np.zeros((t + 1, 1))
    if basis is not None:
        q, r = np.linalg.qr(basis)
        truth_c, target_c = q.T @ truth, q.T @ target
        # Squares that the first k coordinates miss: those of the later ones, and what is outside them all.
        beyond = np.einsum("ts,ts->s", target, target) - np.einsum("cs,cs->s", target_c, target_c)
        target_rest = _tails(target_c**2) + np.maximum(beyond, 0)
        truth_rest = _tails(truth_c**2) + ((truth - q @ truth_c) ** 2).sum()
    for w, train_error in fitted:
        c = w if basis is None else r[: w.shape[1], : w.shape[1]] @ w  # (block, coordinates, sets)
        _, k, sets = c.shape
        centre = c.mean(axis=2)
        deviation = c - centre[..., None]
        spread = np.einsum("bcs,bcs->bc", deviation, deviation) / sets
        bias_squared = (((centre - truth_c[:k]) ** 2).sum(axis=1) + truth_rest[k]) / t
        mean, std, fits = centre, np.sqrt(spread), c[:, :, :n_shown].mT.copy()
        if basis is not None:
            # Σ_s (q·deviation_s)² = ‖L q‖² where deviationᵀ = (orthonormal columns) L
            on_grid = q[:, :k].T
            length = np.linalg.qr(deviation.mT, mode="r") @ on_grid  # (block, coordinates, t)
            std = np.sqrt(np.einsum("bct,bct->bt", length, length) / sets)
            mean, fits = centre @ on_grid, fits @ on_grid
        miss = np.subtract(c, target_c[:k], out=deviation)  # in memory that is free now
        errors = (np.einsum("bcs,bcs->bs", miss, miss) + target_rest[k]) / t
        blocks.append((mean, std, bias_squared, spread.sum(axis=1) / t, errors, fits, train_error))
    return [np.concatenate(column) for column in zip(*blocks, strict=True)]


def _tails(squares: Floats) -> Floats:
    """Sums of all rows but the first 0, 1 … all of them: (p + 1, …)."""
    return np.concatenate([np.cumsum(squares[::-1], axis=0)[::-1], np.zeros_like(squares[:1])])


def _fit_for_grid(
    problem: Problem,
    model: str,
    x: Floats,
    y: Floats,
    grid: Floats,
    axis: Floats | Ints,
    degree: int,
    ridge: float,
) -> tuple[Iterator[tuple[Floats, Floats]], Floats | None]:
    """Return what `_moments` takes: the fits, and the basis on the grid (None for k-NN, and there k rises)."""
    if model == "knn":
        return _nearest_for_grid(x, y, grid, axis.astype(np.int64)), None
    size = _basis_size(model, axis, degree)
    return _fit_all(problem, model, x, y, axis, degree, ridge), _basis(problem, model, grid, size)


def _nearest_for_grid(x: Floats, y: Floats, grid: Floats, ks: Ints) -> Iterator[tuple[Floats, Floats]]:
    """Yield k-NN predictions on the grid (1, t, sets) and training errors (1, sets), for rising k."""
    wanted = set(ks.tolist())
    at_inputs, at_grid = _nearest_means(x, y, x, max(wanted)), _nearest_means_on_grid(x, y, grid, max(wanted))
    for k, (smoothed, predicted) in enumerate(zip(at_inputs, at_grid, strict=True), start=1):
        if k in wanted:
            yield predicted[None], ((smoothed - y) ** 2).mean(axis=0)[None]


def predict(
    problem: Problem, model: str, x: ArrayLike, *, degree: int = 15, ridge: float = 0.0
) -> tuple[Floats | Ints, Floats]:
    """Predictions of every complexity and every training set at chosen inputs.

    Args:
        problem: what to draw from.
        model: a key of MODELS.
        x: inputs within DOMAIN, (t,).
        degree: as in `decompose`.
        ridge: as in `decompose`.

    Returns:
        complexity (m,) and predictions (m, t, sets).

    Raises:
        ValueError: says what came and what is allowed.
    """
    axis = _axis(model, problem.n, degree, None)
    finite_number("ridge", ridge, 0, 1e6)
    at = _inputs("x", x)
    train_x, train_y = draw(problem)
    return axis, _predictions(problem, model, train_x, train_y, at, axis, degree, ridge)


def _predictions(
    problem: Problem,
    model: str,
    x: Floats,
    y: Floats,
    at: Floats,
    axis: Floats | Ints,
    degree: int,
    ridge: float,
) -> Floats:
    """Fit to x, y (n, sets) and predict at `at`, (t,) or a column per set (t, sets): (m, t, sets)."""
    at = np.broadcast_to(at[:, None] if at.ndim == 1 else at, (len(at), x.shape[1]))
    if model == "knn":
        means = list(_nearest_means(x, y, at, int(axis.max())))
        return np.stack([means[k - 1] for k in axis.astype(np.int64)])
    basis = _basis(problem, model, at, _basis_size(model, axis, degree)).transpose(1, 0, 2)  # (sets, t, p)
    fitted = _fit_all(problem, model, x, y, axis, degree, ridge)
    return np.concatenate([(basis[..., : w.shape[1]] @ w.T).T for w, _ in fitted])


@dataclass(frozen=True)
class LearningCurve:
    """Errors of one model of fixed complexity against its training-set size, from `learning_curve`."""

    sizes: Ints  # (s,)
    train_error: Floats  # (s,)
    test_error: Floats  # (s,) bias² + variance + σ²
    bias_squared: Floats  # (s,)
    variance: Floats  # (s,)
    noise: float  # σ²


def learning_curve(
    problem: Problem,
    model: str,
    complexity: float,
    sizes: Sequence[int],
    *,
    degree: int = 15,
    ridge: float = 0.0,
    n_grid: int = 200,
) -> LearningCurve:
    """Decompose the error of one complexity (its value: degree, k, λ or p) at every training-set size.

    Sizes at which the model is not defined (n ≤ degree, k > n) are dropped, so `sizes` of the result may be
    shorter than what was asked for, even empty. The problem's own n plays no part.

    Raises:
        ValueError: says what came and what is allowed.
    """
    kept: list[int] = []
    rows: list[tuple[float, float, float, float]] = []
    spare = {"polynomial": 1, "knn": 0}  # the complexity is at most n less this
    for size in sizes:
        whole_number("size", size, 2, 500)
        if model in spare and complexity > size - spare[model]:
            continue
        d = decompose(
            replace(problem, n=size),
            model,
            degree=degree,
            ridge=ridge,
            n_shown=0,
            n_grid=n_grid,
            complexities=[complexity],
        )
        kept.append(int(size))
        rows.append((d.train_error[0], d.expected_error[0], d.bias_squared[0], d.variance[0]))
    train, test, bias_squared, variance = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    sizes_kept = np.array(kept, dtype=np.int64)
    return LearningCurve(sizes_kept, train, test, bias_squared, variance, float(problem.noise) ** 2)


# ------------------------------------------------------------------------ choosing by cross-validation


@dataclass(frozen=True)
class CrossValidation:
    """What k-fold cross-validation chose on each training set, and should have, from `cross_validate`.

    m complexities, from simple to complex, S training sets.
    """

    complexity: Floats | Ints  # (m,)
    cv_error: Floats  # (m, sets) mean over the folds of the fold's mean squared error
    cv_se: Floats  # (m, sets) its standard error over the folds
    chosen: Ints  # (sets,) index of the least cv_error
    one_se: Ints  # (sets,) simplest complexity within one standard error of it
    oracle: int  # index of the least test error averaged over all sets
    test_error: Floats  # (m, sets) expected error, refitted on all n: mean over the grid of (f − f̂)², + σ²
    share_wrong: float  # share of the sets with chosen != oracle
    regret: Floats  # (sets,) test_error of the choice − least test_error of that set


def cross_validate(
    problem: Problem,
    model: str,
    folds: int = 5,
    *,
    degree: int = 15,
    ridge: float = 0.0,
    n_grid: int = 200,
) -> CrossValidation:
    """Choose the complexity by k-fold cross-validation, on every training set apart (ESL 7.10).

    The n points are shuffled once by the seed, the same way for all sets, and cut into folds whose sizes
    differ by one at most. Complexities are those of `complexities` that every fold can fit: a degree under,
    a k up to, the smallest number of points that a fold leaves for training. "random_features" takes
    folds + 1 singular value decompositions for each set and number of features, so it is slow.

    Args:
        problem: what to draw from.
        model: a key of MODELS.
        folds: 2 to n; n is leave-one-out.
        degree: as in `decompose`.
        ridge: as in `decompose`.
        n_grid: as in `decompose`.

    Raises:
        ValueError: says what came and what is allowed.
    """
    axis = _axis(model, problem.n, degree, None)
    whole_number("folds", folds, 2, problem.n)
    finite_number("ridge", ridge, 0, 1e6)
    whole_number("n_grid", n_grid, 50, 2000)
    x, y = draw(problem)
    parts = np.array_split(_rng(problem, "folds").permutation(problem.n), folds)
    smallest = problem.n - len(parts[0])
    if model in ("polynomial", "knn"):
        axis = axis[axis <= (smallest - 1 if model == "polynomial" else smallest)]

    fold_errors = np.empty((folds, len(axis), problem.n_sets))
    for error, held_out in zip(fold_errors, parts, strict=True):
        rest = np.delete(np.arange(problem.n), held_out)
        predictions = _predictions(problem, model, x[rest], y[rest], x[held_out], axis, degree, ridge)
        error[:] = ((predictions - y[held_out]) ** 2).mean(axis=1)
    cv_error = fold_errors.mean(axis=0)
    cv_se = fold_errors.std(axis=0, ddof=1) / np.sqrt(folds)

    grid = np.linspace(*DOMAIN, n_grid)
    truth = FUNCTIONS[problem.function](grid)
    fitted, basis = _fit_for_grid(problem, model, x, y, grid, axis, degree, ridge)
    errors = _moments(fitted, basis, truth, truth[:, None], 0)[4]
    test_error = (errors[::-1] if model == "knn" else errors) + problem.noise**2

    sets = np.arange(problem.n_sets)
    chosen = cv_error.argmin(axis=0)
    one_se = (cv_error <= cv_error[chosen, sets] + cv_se[chosen, sets]).argmax(axis=0)
    oracle = int(test_error.mean(axis=1).argmin())
    return CrossValidation(
        complexity=axis,
        cv_error=cv_error,
        cv_se=cv_se,
        chosen=chosen,
        one_se=one_se,
        oracle=oracle,
        test_error=test_error,
        share_wrong=float((chosen != oracle).mean()),
        regret=test_error[chosen, sets] - test_error.min(axis=0),
    )


# --------------------------------------------------------------------------------------- double descent


@dataclass(frozen=True)
class DoubleDescent:
    """Errors of random-feature least squares through the interpolation threshold, from `double_descent`."""

    features: Ints  # (m,) number of features p
    ridges: Floats  # (r,) penalties λ
    test_error: Floats  # (r, m) median over the sets of mean over the grid (f − f̂)², + σ²
    train_error: Floats  # (r, m) median over the sets
    norm: Floats  # (r, m) median over the sets of ‖w‖
    threshold: int  # n: from p = n on the model can interpolate


def double_descent(
    problem: Problem,
    ridges: Sequence[float] = (0.0, 1e-3, 1e-1),
    *,
    features: ArrayLike | None = None,
    n_grid: int = 200,
) -> DoubleDescent:
    """Sweep the number of random features past the number of training points, for several penalties at once.

    Features and data are the seed's. With the fixed design and n = 20 or more, the λ = 0 curve of most seeds
    peaks at p = n and ends below its first minimum (Belkin et al. 2019); fewer points, or inputs drawn at
    random, leave more to chance.

    Raises:
        ValueError: says what came and what is allowed.
    """
    axis = _axis("random_features", problem.n, 15, features).astype(np.int64)
    if len(ridges) == 0:
        raise ValueError("ridges is empty: at least one penalty λ ≥ 0 is needed")
    for ridge in ridges:
        finite_number("ridge", ridge, 0, 1e6)
    whole_number("n_grid", n_grid, 50, 2000)
    penalties = np.array(ridges, dtype=np.float64)
    x, y = draw(problem)
    if problem.design == "fixed":
        x = x[:, :1]
    grid = np.linspace(*DOMAIN, n_grid)
    truth = FUNCTIONS[problem.function](grid)
    basis = _random_features(problem, grid, int(axis[-1]))
    at_inputs = _random_features(problem, x.T, int(axis[-1]))  # (sets, n, p)
    test_error, train_error, norm = np.empty((3, len(penalties), len(axis)))
    for i, p in enumerate(axis):
        w, train = _fit_features(at_inputs[..., :p], y, penalties)
        errors = _moments([(w, train)], basis, truth, truth[:, None], 0)[4]
        test_error[:, i] = np.median(errors, axis=1) + problem.noise**2
        train_error[:, i] = np.median(train, axis=1)
        norm[:, i] = np.median(np.sqrt((w**2).sum(axis=1)), axis=1)
    return DoubleDescent(axis, penalties, test_error, train_error, norm, problem.n)


# ------------------------------------------------------------------------------------- an exact oracle


def closed_form_variance(problem: Problem, degrees: ArrayLike, *, n_grid: int = 200) -> tuple[Floats, Floats]:
    """Exact bias² and variance of polynomial least squares for the fixed design, averaged over the grid.

    With q_j the polynomials orthonormal on the n fixed inputs x_i, Cov(y) = σ² I gives

        Var f̂(x) = σ² Σ_(j≤d) q_j(x)²,      E f̂(x) = Σ_(j≤d) (Σ_i q_j(x_i) f(x_i)) q_j(x),

    no simulation needed: the Monte-Carlo of `decompose` is held against it. n_sets and seed play no part.

    Args:
        problem: must have design "fixed".
        degrees: (m,), each 0 to min(20, n − 1).
        n_grid: as in `decompose`.

    Returns:
        bias² (m,) and variance (m,).

    Raises:
        ValueError: says what came and what is allowed.
    """
    if problem.design != "fixed":
        raise ValueError(f"design is {problem.design!r}: the closed form holds for the 'fixed' design")
    axis = _axis("polynomial", problem.n, 15, degrees).astype(np.int64)
    whole_number("n_grid", n_grid, 50, 2000)
    f = FUNCTIONS[problem.function]
    inputs, grid = np.linspace(*DOMAIN, problem.n), np.linspace(*DOMAIN, n_grid)
    q, r = np.linalg.qr(_legendre(inputs, int(axis[-1])))
    q_grid = np.linalg.solve(r.T, _legendre(grid, int(axis[-1])).T)  # (degrees, t)
    mean = np.cumsum((q.T @ f(inputs))[:, None] * q_grid, axis=0)  # (degrees, t)
    bias_squared = ((mean - f(grid)) ** 2).mean(axis=1)
    variance = problem.noise**2 * np.cumsum((q_grid**2).mean(axis=1))
    return bias_squared[axis], variance[axis]


# ------------------------------------------------------------------------------------------- real data


@dataclass(frozen=True)
class ResampledDecomposition:
    """Variance and the rest of the test error on real data, from `decompose_resampled`.

    m complexities, t held-out test points, g points of x_grid (0 without one). Units of y as they came.
    """

    complexity: Floats | Ints  # (m,)
    variance: Floats  # (m,) mean over the test points of std²
    bias_squared_plus_noise: Floats  # (m,) mean over the test points of (y − mean)²
    test_error: Floats  # (m,) mean of (y − f̂_s)² over sets and test points = the sum of the two above
    test_error_se: Floats  # (m,) its standard error over the sets, the test part held fixed; NaN for one set
    train_error: Floats  # (m,)
    x_test: Floats  # (t, p), sorted by x if p = 1
    y_test: Floats  # (t,)
    mean: Floats  # (m, t) average prediction over the sets, at x_test
    std: Floats  # (m, t)
    fits: Floats  # (m, n_shown, t) predictions of the first sets, at x_test
    x_grid: Floats  # (g,)
    grid_mean: Floats  # (m, g)
    grid_std: Floats  # (m, g)
    grid_fits: Floats  # (m, n_shown, g)

    @property
    def best(self) -> int:
        """Index of the complexity of least test error."""
        return int(np.argmin(self.test_error))


def decompose_resampled(
    X: ArrayLike,
    y: ArrayLike,
    model: str,
    n: int,
    n_sets: int,
    seed: int,
    *,
    test_share: float = 0.3,
    degree: int = 10,
    n_shown: int = 20,
    x_grid: ArrayLike | None = None,
) -> ResampledDecomposition:
    """Split the test error on real data into variance and bias² + noise, by refitting on subsamples.

    The seed splits off a test part once; the rest is the pool. A training set is n points of the pool
    *without replacement*: like a fresh sample of n from the population, and, unlike a bootstrap sample,
    without the repeated points that would make k = 1 and high degrees see a point twice. Sets of one pool
    overlap, so the variance comes out low, by a factor of about 1 − n / pool: keep n under half of the pool.
    The truth is unknown here, so bias² and noise cannot be told apart: only their sum is measured.

    Models:
        "polynomial": one feature only; degrees 0 … min(degree, n − 1); x mapped to [−1, 1] by the pool's
            range, points outside it moved to the nearer end.
        "ridge": the features, or for a single one the Legendre polynomials up to `degree` of the same map;
            λ from 1e3 to 1e-8 and a free intercept as in `decompose`.
        "subset": least squares with intercept on the first j features, j = 0 … min(p, n − 1); minimum-norm
            if they are collinear.
        "knn": Euclidean, k = n … 1; equal distances in the pool's order.
    Features are standardised by the pool's mean and standard deviation; a constant one is only centred.

    Args:
        X: features (N, p), or (N,) for p = 1, N at least 4.
        y: targets (N,).
        model: a key of REAL_MODELS.
        n: points in one training set, 2 to the size of the pool.
        n_sets: 1 to 2000.
        seed: 0 to 2³² − 1.
        test_share: share of the N points held out, above 0 and under 1.
        degree: highest degree, 1 to 20.
        n_shown: how many sets' fits to return.
        x_grid: for p = 1, points (g,) at which mean, std and fits are returned too, for drawing.

    Raises:
        ValueError: says what came and what is allowed.
    """
    features, targets = _table(X, y)
    total, width = features.shape
    one_of("model", model, REAL_MODELS)
    if model == "polynomial" and width != 1:
        raise ValueError(f"X has {width} features: 'polynomial' takes one; use 'subset', 'ridge' or 'knn'")
    if x_grid is not None and width != 1:
        raise ValueError(f"X has {width} features: x_grid is for one")
    finite_number("test_share", test_share, 0, 1, above=True, under=True)
    n_test = min(max(1, round(test_share * total)), total - 2)
    whole_number("n", n, 2, total - n_test)
    whole_number("n_sets", n_sets, 1, 2000)
    whole_number("seed", seed, 0, MAX_SEED)
    whole_number("degree", degree, 1, MAX_DEGREE)
    whole_number("n_shown", n_shown, 0, 2000)
    grid = np.empty(0) if x_grid is None else float_vector("x_grid", x_grid)

    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(total)
    test, pool = shuffled[:n_test], shuffled[n_test:]
    if width == 1:
        test = test[np.argsort(features[test, 0], kind="stable")]
    members = rng.permuted(np.tile(np.arange(len(pool)), (n_sets, 1)), axis=1)[:, :n]  # (sets, n)
    if model == "knn":
        axis: Floats | Ints = np.arange(n, 0, -1)
    elif model == "ridge":
        axis = complexities("ridge", 2)
    else:
        axis = np.arange(min(degree if model == "polynomial" else width, n - 1) + 1)

    encode = _encoder(features[pool], model, degree)
    y_pool, y_test, at = targets[pool], targets[test], encode(features[test])
    at_grid = encode(grid[:, None]) if width == 1 else at[:0]
    y_sets = y_pool[members].T  # (n, sets)
    if model == "knn":
        z = encode(features[pool])
        w, train_error = _nearest_in_pool(z, y_pool, members, np.concatenate([z, at, at_grid]), axis)
        w_grid, w, basis, grid_basis = w[:, n_test:], w[:, :n_test], None, None
    else:
        x_sets = encode(features[pool])[members]  # (sets, n, basis)
        if model == "polynomial":
            scaled = x_sets[..., 1].T / np.sqrt(3)  # the Legendre polynomial of degree one is √3 x
            w, train_error = _fit_polynomials(scaled, y_sets, axis.astype(np.int64))
        elif model == "ridge":
            w, train_error = _fit_ridges(x_sets[..., 1:], y_sets, axis.astype(np.float64))
        else:
            w, train_error = _fit_subsets(x_sets, y_sets, len(axis))
        w_grid, basis, grid_basis = w, at, at_grid
    fitted = [(w, train_error)]
    mean, std, bias_noise, variance, errors, fits, _ = _moments(fitted, basis, y_test, y_test[:, None], n_shown)
    drawn = w_grid if grid_basis is None else grid_basis @ w_grid  # (m, g, sets)
    return ResampledDecomposition(
        complexity=axis,
        variance=variance,
        bias_squared_plus_noise=bias_noise,
        test_error=errors.mean(axis=1),
        test_error_se=(errors.std(axis=1, ddof=1) / np.sqrt(n_sets) if n_sets > 1 else np.full(len(axis), np.nan)),
        train_error=train_error.mean(axis=1),
        x_test=features[test],
        y_test=y_test,
        mean=mean,
        std=std,
        fits=fits,
        x_grid=grid,
        grid_mean=drawn.mean(axis=2),
        grid_std=drawn.std(axis=2),
        grid_fits=drawn[:, :, :n_shown].transpose(0, 2, 1),
    )


def _encoder(pool: Floats, model: str, degree: int) -> Callable[[Floats], Floats]:
    """Learn from the pool how to turn features (N, p) into what the model is linear in, or measures with."""
    if pool.shape[1] == 1 and model in ("polynomial", "ridge"):
        low, high = pool.min(), pool.max()
        half = (high - low) / 2 if varies(pool) else 1.0
        return lambda x: _legendre(np.clip((x[:, 0] - low) / half - 1, -1, 1), degree)
    centre, scale = centre_and_scale(pool)
    if model == "knn":
        return lambda x: (x - centre) / scale
    return lambda x: np.concatenate([np.ones((len(x), 1)), (x - centre) / scale], axis=1)


def _fit_subsets(basis: Floats, y: Floats, m: int) -> tuple[Floats, Floats]:
    """Least squares on the constant and the first 0, 1 … m − 1 features; basis (sets, n, 1 + p)."""
    w, train_error = np.zeros((m, basis.shape[2], y.shape[1])), np.empty((m, y.shape[1]))
    for j in range(m):
        fitted, error = _fit_features(basis[..., : j + 1], y, np.zeros(1))
        w[j, : j + 1], train_error[j] = fitted[0], error[0]
    return w, train_error


def _nearest_in_pool(z: Floats, y: Floats, members: Ints, queries: Floats, ks: Floats | Ints) -> tuple[Floats, Floats]:
    """k-NN predictions for training sets that are subsets of one pool: one sort a query serves all sets.

    Args:
        z: the pool, (N, p).
        y: its targets, (N,).
        members: (sets, n) which points of the pool make up each set.
        queries: (N + q, p), the pool itself first.
        ks: (m,).

    Returns:
        Predictions at the last q queries (m, q, sets), and mean squared training errors (m, sets).
    """
    sets, n = members.shape
    inside = np.zeros((sets, len(z)), dtype=bool)
    np.put_along_axis(inside, members, True, axis=1)
    position = ks.astype(np.int64) - 1
    predictions = np.empty((len(ks), len(queries), sets))
    for i, query in enumerate(queries):
        order = np.argsort(((z - query) ** 2).sum(axis=1), kind="stable")
        ordered = np.broadcast_to(y[order], inside.shape)[inside[:, order]].reshape(sets, n)
        predictions[:, i] = (np.cumsum(ordered, axis=1) / np.arange(1, n + 1))[:, position].T
    at_pool = (predictions[:, : len(z)] - y[:, None]) ** 2  # (m, N, sets)
    train_error = np.einsum("mNs,sN->ms", at_pool, inside) / n
    return predictions[:, len(z) :], train_error


# -------------------------------------------------------------------------------------- checks of inputs

_STREAMS = ("inputs", "noise", "test noise", "folds", "features")


def _rng(problem: Problem, stream: str) -> np.random.Generator:
    """One generator for each use of chance, so that no use disturbs another."""
    return np.random.default_rng([_STREAMS.index(stream), problem.seed])


def _inputs(name: str, values: ArrayLike) -> Floats:
    array = float_vector(name, values)
    if len(array) and not (DOMAIN[0] <= array.min() and array.max() <= DOMAIN[1]):
        raise ValueError(f"{name} is {values!r}: inputs from {DOMAIN[0]} to {DOMAIN[1]} are allowed")
    return array


def _axis(model: str, n: int, degree: int, chosen: ArrayLike | None) -> Floats | Ints:
    """Return the sweep over complexities: the default one, or the caller's, validated."""
    default = complexities(model, n, degree=degree)
    if chosen is None:
        return default
    axis = float_vector("complexities", chosen)
    kind, low, high = {
        "polynomial": ("rising degrees", 0, min(MAX_DEGREE, n - 1)),
        "knn": ("falling k", 1, n),
        "ridge": ("falling λ", 1e-12, 1e12),
        "random_features": ("rising numbers of features", 1, 2000),
    }[model]
    steps = np.diff(axis) if kind.startswith("rising") else -np.diff(axis)
    whole = model == "ridge" or (axis == np.rint(axis)).all()
    if len(axis) == 0 or not whole or (steps <= 0).any() or axis.min() < low or axis.max() > high:
        raise ValueError(f"complexities are {chosen!r}: {kind} from {low} to {high} are allowed")
    return axis if model == "ridge" else axis.astype(np.int64)


def _table(X: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Features (N, p), or (N,) for one, and targets (N,), four or more rows."""
    targets = float_vector("y", y, LARGEST_TARGET)
    features = float_array("X", X, LARGEST)
    if features.ndim == 1:
        features = features[:, None]
    if features.ndim != 2 or features.shape[1] == 0:
        raise ValueError(f"X has shape {features.shape}: finite numbers of shape (N, p) are allowed")
    if len(features) != len(targets) or len(targets) < 4:
        raise ValueError(f"X has {len(features)} rows and y {len(targets)}: the same number, 4 or more, is allowed")
    return features, targets
