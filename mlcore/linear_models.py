"""Ridge, lasso and elastic net: the whole path of solutions over the penalty λ, and what the penalty does.

One objective serves all three, scikit-learn's for the elastic net:

    1/(2n) ‖y − Xw − b‖²  +  λ (α ‖w‖₁ + ½ (1 − α) ‖w‖²),   α = l1_ratio: 1 is the lasso, 0 is ridge.

The intercept b is not penalised. The first term is a mean, so one λ means the same whatever n is; scikit-learn's
`Ridge` sums instead, so its alpha is nλ. With the data centred, only two averages of them matter, the Gram
matrix G = XᵀX/n and the vector c = Xᵀy/n.

Sources: Hoerl & Kennard 1970 (ridge); Tibshirani 1996 (lasso); Zou & Hastie 2005 (elastic net); Friedman,
Hastie & Tibshirani 2010 (coordinate descent with warm starts, "glmnet"); Hastie, Tibshirani & Friedman, *The
Elements of Statistical Learning* (ESL), sections 3.4 and 18.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.bias_variance import _table
from mlcore.checks import MAX_SEED, finite_number, float_array, float_vector, whole_number
from mlcore.numerics import varies

__all__ = [
    "CoefficientPath",
    "EarlyStopping",
    "Geometry",
    "SparseProblem",
    "coordinate_descent_sweep",
    "early_stopping",
    "elastic_net_path",
    "geometry",
    "kkt_violation",
    "lambda_max",
    "lasso_path",
    "ridge_path",
    "soft_threshold",
    "sparse_problem",
    "two_weight_loss",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

KKT_TOLERANCE = 1e-12  # of the largest |c|: a solution that misses its optimality conditions by less is exact,
LEAST_SHARE = 1e-6  # if that is also under this share of λ, or as little as rounding allows
MAX_SWEEPS = 1000
GRAM_SPAN = 1e-6  # least s² + λ over the largest s² that leaves nine digits right in spite of rounding


# ---------------------------------------------------------------------------------------------- the data


@dataclass(frozen=True, eq=False)
class SparseProblem:
    """Data whose true coefficients are known, from `sparse_problem`: n rows, d features."""

    X: Floats  # (n, d) rows from N(0, covariance)
    y: Floats  # (n,) = X coef + noise
    coef: Floats  # (d,) the truth, mostly zeros
    covariance: Floats  # (d, d) of the features
    noise: float  # σ, standard deviation of y around X coef

    def test_error(self, coef: ArrayLike, intercept: ArrayLike = 0.0) -> Floats:
        """Return the exact expected squared error of a linear model on a fresh row.

        E (y − x·w − b)² = (w − w*)ᵀ Σ (w − w*) + b² + σ², because x has mean zero.

        Args:
            coef: (..., d), any number of models.
            intercept: (...).
        """
        miss = np.asarray(coef, dtype=np.float64) - self.coef
        squared = np.einsum("...i,ij,...j->...", miss, self.covariance, miss)
        return np.asarray(squared + np.square(intercept) + self.noise**2, dtype=np.float64)


def sparse_problem(
    n: int = 60, d: int = 20, n_nonzero: int = 5, noise: float = 1.0, correlation: float = 0.3, seed: int = 0
) -> SparseProblem:
    """Draw a regression problem in which only some features matter.

    Features are Gaussian with mean 0, variance 1 and correlation ρ^|i − j| between features i and j. The
    n_nonzero true coefficients fall evenly from 2 to 0.5 in size; their places and signs are random. Truth,
    features and noise come from three streams of their own: changing σ or ρ moves nothing else.

    Args:
        n: rows, 2 to 2000.
        d: features, 1 to 200.
        n_nonzero: true coefficients other than zero, 0 to d.
        noise: σ, 0 to 100.
        correlation: ρ, −0.99 to 0.99.
        seed: 0 to 2³² − 1.

    Raises:
        ValueError: says what came and what is allowed.
    """
    whole_number("n", n, 2, 2000)
    whole_number("d", d, 1, 200)
    whole_number("n_nonzero", n_nonzero, 0, d)
    finite_number("noise", noise, 0, 100)
    finite_number("correlation", correlation, -0.99, 0.99)
    whole_number("seed", seed, 0, MAX_SEED)
    truth, features, errors = (np.random.default_rng([seed, stream]) for stream in range(3))
    coef = np.zeros(d)
    places, signs = truth.permutation(d), truth.choice([-1.0, 1.0], d)
    coef[places[:n_nonzero]] = signs[:n_nonzero] * np.linspace(2, 0.5, n_nonzero)
    covariance = _decaying_correlation(d, correlation)
    X = features.standard_normal((n, d)) @ np.linalg.cholesky(covariance).T
    return SparseProblem(X, X @ coef + noise * errors.standard_normal(n), coef, covariance, float(noise))


def _decaying_correlation(d: int, correlation: float) -> Floats:
    """Correlation ρ^|i − j| between features i and j: (d, d)."""
    j = np.arange(d)
    return np.asarray(float(correlation) ** np.abs(j[:, None] - j), dtype=np.float64)


# ---------------------------------------------------------------------------------------------- the paths


@dataclass(frozen=True, eq=False)
class CoefficientPath:
    """Solutions for L penalties and d features, in the order of the λ that were given."""

    lams: Floats  # (L,)
    l1_ratio: float
    coef: Floats  # (L, d)
    intercept: Floats  # (L,)
    degrees_of_freedom: Floats  # (L,) effective number of coefficients, the intercept not counted
    n_iter: Ints  # (L,) sweeps of coordinate descent; 0 where the solution is a formula
    converged: Bools  # (L,) whether the conditions of the minimum are met; False after MAX_SWEEPS without that

    @property
    def n_nonzero(self) -> Ints:
        """How many coefficients are not exactly zero: (L,)."""
        return np.asarray(np.count_nonzero(self.coef, axis=1), dtype=np.int64)

    def predict(self, X: ArrayLike) -> Floats:
        """Predict the rows of X, (m, d), with every model: (L, m). Raises ValueError for another d."""
        features = float_array("X", X)
        if features.ndim != 2 or features.shape[1] != self.coef.shape[1]:
            raise ValueError(f"X has shape {features.shape}: (m, {self.coef.shape[1]}) is allowed")
        return np.asarray(self.coef @ features.T + self.intercept[:, None], dtype=np.float64)


def ridge_path(X: ArrayLike, y: ArrayLike, lams: ArrayLike) -> CoefficientPath:
    """Ridge regression for every λ from one eigendecomposition.

    With G = V diag(s²) Vᵀ the solution is w = V diag(1 / (s² + λ)) Vᵀ c: only the diagonal depends on λ. Each
    principal direction is shrunk by s² / (s² + λ); the effective degrees of freedom are the sum of these
    factors (ESL 3.50). Where s² + λ becomes so small that the rounding of the largest s² would show, the singular
    values s of the data take over.

    Args:
        X: features, (n, d).
        y: targets, (n,).
        lams: λ > 0, (L,).

    Raises:
        ValueError: says what came and what is allowed.
    """
    X, y = _table(X, y)
    lams = _penalties(lams)
    centre, level, gram, target = _averages(X, y)
    coef, freedom = _ridge(gram, target, lams, lambda: _roots(X, y))
    formula = np.zeros(len(lams), dtype=np.int64)
    return CoefficientPath(lams, 0.0, coef, level - coef @ centre, freedom, formula, formula == 0)


def lasso_path(X: ArrayLike, y: ArrayLike, lams: ArrayLike) -> CoefficientPath:
    """Lasso for every λ by coordinate descent: `elastic_net_path` with l1_ratio = 1.

    The degrees of freedom are the number of non-zero coefficients (Zou, Hastie & Tibshirani 2007).
    """
    return elastic_net_path(X, y, lams, 1.0)


def elastic_net_path(X: ArrayLike, y: ArrayLike, lams: ArrayLike, l1_ratio: float = 0.5) -> CoefficientPath:
    """Elastic net for every λ by coordinate descent, from the largest λ down, each started at the one before.

    For α = 0 there is nothing to descend: it is `ridge_path`. The degrees of freedom are the trace of
    G (G + λ(1 − α)I)⁻¹ over the features in use (Tibshirani & Taylor 2012).

    Args:
        X: features, (n, d).
        y: targets, (n,).
        lams: λ > 0, (L,), in any order.
        l1_ratio: α, 0 (ridge) to 1 (lasso).

    Raises:
        ValueError: says what came and what is allowed.
    """
    X, y = _table(X, y)
    lams = _penalties(lams)
    l1_ratio = finite_number("l1_ratio", l1_ratio, 0, 1)
    if l1_ratio == 0:
        return ridge_path(X, y, lams)
    centre, level, gram, target = _averages(X, y)
    coef, sweeps, converged = _elastic_net(gram, target, lams, l1_ratio)
    freedom = np.count_nonzero(coef, axis=1).astype(np.float64)
    if l1_ratio < 1:
        for i, (w, lam) in enumerate(zip(coef, lams, strict=True)):
            s2 = np.maximum(np.linalg.eigvalsh(gram[np.ix_(w != 0, w != 0)]), 0)
            freedom[i] = (s2 / (s2 + lam * (1 - l1_ratio))).sum()
    return CoefficientPath(lams, l1_ratio, coef, level - coef @ centre, freedom, sweeps, converged)


def lambda_max(X: ArrayLike, y: ArrayLike, l1_ratio: float = 1.0) -> float:
    """Return the smallest λ at which every coefficient is zero: max |c| / α.

    Raises:
        ValueError: for l1_ratio = 0 too, since ridge never sets a coefficient to zero.
    """
    finite_number("l1_ratio", l1_ratio, 1e-6, 1)
    target = _averages(*_table(X, y))[3]
    return float(np.abs(target).max() / l1_ratio)


def kkt_violation(X: ArrayLike, y: ArrayLike, path: CoefficientPath) -> Floats:
    """How far each solution of a path is from meeting the conditions that make it the minimum: (L,).

    The objective is convex, so w is a minimum if and only if (Karush, Kuhn and Tucker), with r = y − Xw − b,

        x_jᵀr/n − λ(1 − α) w_j  =  λα sign(w_j)  where w_j ≠ 0,   and lies within ±λα where w_j = 0,

    and the mean of r is zero. Returned is the largest miss over the coefficients and the intercept.
    """
    X, y = _table(X, y)
    residual = y - path.predict(X)  # (L, n)
    l1, l2 = (path.lams * path.l1_ratio)[:, None], (path.lams * (1 - path.l1_ratio))[:, None]
    miss = _optimality_miss(residual @ X / len(y), path.coef, l1, l2)
    return np.asarray(np.maximum(miss, np.abs(residual.mean(axis=1))), dtype=np.float64)


def soft_threshold(value: float, threshold: float) -> float:
    """Return the value moved towards zero by the threshold, and zero if it is nearer than that."""
    if value > threshold:
        return value - threshold
    if value < -threshold:
        return value + threshold
    return 0.0


def coordinate_descent_sweep(gram: Floats, target: Floats, w: Floats, l1: float, l2: float) -> Floats:
    """Minimise the objective over one coefficient after the other, all others held: (d,) to (d,).

    One coefficient alone has the solution

        w_j = S(c_j − Σ_{k≠j} G_jk w_k, λα) / (G_jj + λ(1 − α)),   S = soft threshold.

    It is zero, exactly, as long as feature j's covariance with what the others leave unexplained is within
    ±λα: this is where the zeros of the lasso come from.

    Args:
        gram: G, (d, d).
        target: c, (d,).
        w: where to start, (d,).
        l1: λα.
        l2: λ(1 − α).
    """
    w = w.copy()
    covariance = target - gram @ w  # of each feature with the residual
    for j, own in enumerate(gram.diagonal().tolist()):
        old = w.item(j)
        new = soft_threshold(covariance.item(j) + own * old, l1) / (own + l2) if own > 0 else 0.0
        if new != old:
            covariance -= (new - old) * gram[j]
            w[j] = new
    return w


def _penalties(lams: ArrayLike) -> Floats:
    values = float_vector("lams", lams)
    if len(values) == 0 or not (values.min() >= 1e-12 and values.max() <= 1e12):
        raise ValueError(f"lams are {lams!r}: one or more numbers from 1e-12 to 1e12 are allowed")
    return values


def _averages(X: Floats, y: Floats) -> tuple[Floats, float, Floats, Floats]:
    """Means of X (d,) and y, then of the centred data G = XᵀX/n (d, d) and c = Xᵀy/n (d,)."""
    centre, level = X.mean(axis=0), float(y.mean())
    X = X - centre
    return centre, level, X.T @ X / len(y), X.T @ (y - level) / len(y)


def _roots(X: Floats, y: Floats) -> tuple[Floats, Floats]:
    """R (d + 1, d) and z (d + 1,) with RᵀR = G and Rᵀz = c, nothing squared.

    They are the triangle of the QR decomposition of the centred data, (X, y)/√n: as good as all rows.
    """
    rows = np.column_stack([X - X.mean(axis=0), y - y.mean()])
    triangle = np.linalg.qr(rows, mode="r") / np.sqrt(len(y))
    square = np.zeros((X.shape[1] + 1, X.shape[1] + 1))
    square[: len(triangle)] = triangle
    return square[:, :-1], square[:, -1]


def _ridge(
    gram: Floats, target: Floats, lams: Floats, roots: Callable[[], tuple[Floats, ...]]
) -> tuple[Floats, Floats]:
    """Ridge for every λ and any number of data sets: (..., d, d), (..., d), (L,) to (..., L, d), (..., L).

    G holds its small eigenvalues only to the rounding of the largest. Where that would show, they come from `roots`,
    R (..., k, d) and z (..., k) as of `_roots`, whose singular values are the roots of the eigenvalues.
    """
    s2, v = np.linalg.eigh(gram)
    if s2.min() + lams.min() > GRAM_SPAN * s2.max():
        s2 = np.maximum(s2, 0)
        along, vt = (v.mT @ target[..., None])[..., 0], v.mT  # c in the principal directions
    else:
        R, z = roots()
        u, s, vt = np.linalg.svd(R, full_matrices=False)
        s = np.where(s > 1e-14 * s[..., :1], s, 0)  # the rest is rounding
        s2, along = s**2, s * (u.mT @ z[..., None])[..., 0]
    shrunk = s2[..., None, :] + lams[:, None]  # (..., L, d)
    return along[..., None, :] / shrunk @ vt, (s2[..., None, :] / shrunk).sum(axis=-1)


def _elastic_net(gram: Floats, target: Floats, lams: Floats, l1_ratio: float) -> tuple[Floats, Ints, Bools]:
    """Coefficients (L, d), sweeps and convergence (L,), each λ started from the solution of the next larger one."""
    coef, sweeps = np.empty((len(lams), len(target))), np.empty(len(lams), dtype=np.int64)
    converged = np.empty(len(lams), dtype=np.bool_)
    w = np.zeros(len(target))
    for i in np.argsort(-lams):
        w, sweeps[i], converged[i] = _minimise(gram, target, w, lams[i] * l1_ratio, lams[i] * (1 - l1_ratio))
        coef[i] = w
    return coef, sweeps, converged


def _minimise(gram: Floats, target: Floats, w: Floats, l1: float, l2: float) -> tuple[Floats, int, bool]:
    """Minimise from w for one λ, l1 = λα and l2 = λ(1 − α): the solution (d,), the sweeps it took, convergence.

    Plain sweeps find soon which coefficients are zero, but where features are correlated they home in slowly
    on the values of the others. So a Newton step follows each.
    """
    largest = np.abs(target).max()
    tolerance = min(KKT_TOLERANCE * largest, LEAST_SHARE * (l1 + l2))
    for sweep in range(1, MAX_SWEEPS + 1):
        w = coordinate_descent_sweep(gram, target, w, l1, l2)
        w = _newton_for_signs(gram, target, w, l1, l2)
        rounding = 1e-15 * (largest + (np.abs(gram) @ np.abs(w)).max())
        if _optimality_miss(target - gram @ w, w, l1, l2) <= max(tolerance, rounding):
            return w, sweep, True
    return w, MAX_SWEEPS, False


def _newton_for_signs(gram: Floats, target: Floats, w: Floats, l1: float, l2: float) -> Floats:
    """Go to the minimum over the non-zero coefficients, their signs held.

    Where no sign changes the objective is a quadratic, so one linear system gives its minimum. If a coefficient
    would pass zero on the way, stop there, drop it and solve again.
    """
    jitter = 1e-13 * gram.diagonal().max()  # more features than rows leave the system singular
    w = w.copy()
    used = np.flatnonzero(w)
    while len(used):
        now = w[used]
        slope = target[used] - gram[used] @ w - l2 * now - l1 * np.sign(now)
        step = np.linalg.solve(gram[used[:, None], used] + (l2 + jitter) * np.eye(len(used)), slope)
        passed = np.sign(now) * (now + step) <= 0
        if not passed.any():
            w[used] = now + step
            break
        share = np.where(passed, -now / np.where(passed, step, 1), np.inf)  # of the step, to reach zero
        w[used] = np.where(share == share.min(), 0, now + share.min() * step)
        used = np.flatnonzero(w)
    return w


def _optimality_miss(gradient: Floats, w: Floats, l1: float | Floats, l2: float | Floats) -> Floats:
    """Largest miss of the optimality conditions over the last axis; see `kkt_violation`."""
    pull = gradient - l2 * w
    miss = np.where(w == 0, np.abs(pull) - l1, np.abs(pull - l1 * np.sign(w)))
    return np.asarray(np.maximum(miss, 0).max(axis=-1), dtype=np.float64)


# ------------------------------------------------------------------------------------- two weights, drawn


@dataclass(frozen=True, eq=False)
class Geometry:
    """Penalised solutions of a two-weight problem as constrained ones, from `geometry`: L penalties.

    The solution for λ also minimises the loss over {w : penalty(w) ≤ t}, with t the penalty of the solution
    itself: there a contour of the loss touches the outline of that set.
    """

    lams: Floats  # (L,)
    w: Floats  # (L, 2) the solutions
    budget: Floats  # (L,) t = α ‖w‖₁ + ½ (1 − α) ‖w‖²
    loss: Floats  # (L,) at w
    outline: Floats  # (L, points, 2) of the constraint set: diamond, circle or in between
    contour: Floats  # (L, points, 2) of the loss through w, an ellipse


def geometry(
    minimum: ArrayLike, correlation: float, lams: ArrayLike, l1_ratio: float, *, n_points: int = 121
) -> Geometry:
    """Follow the penalised solution of `two_weight_loss` over λ, with the shapes that touch there.

    In direction u(θ) the outline is at the radius r with α r ‖u‖₁ + ½ (1 − α) r² = t, so
    r = 2t / (α‖u‖₁ + √(α²‖u‖₁² + 2(1 − α)t)). The contour is ŵ + √(2 loss) A⁻ᵀ u(θ), with H = A Aᵀ.

    Args:
        minimum: ŵ, the least-squares solution, two numbers from −100 to 100.
        correlation: ρ of the two features, −0.99 to 0.99.
        lams: λ > 0, (L,).
        l1_ratio: α, 0 (circle) to 1 (diamond).
        n_points: points of each closed curve, first and last the same, 5 to 2001, one more than a multiple of
            four (so that the corners of the diamond are among them).

    Raises:
        ValueError: says what came and what is allowed.
    """
    best = _two_weights(minimum)
    hessian = _hessian(correlation)
    lams = _penalties(lams)
    l1_ratio = finite_number("l1_ratio", l1_ratio, 0, 1)
    if whole_number("n_points", n_points, 5, 2001) % 4 != 1:
        raise ValueError(f"n_points is {n_points!r}: one more than a multiple of four is allowed")
    if l1_ratio:
        w = _elastic_net(hessian, hessian @ best, lams, l1_ratio)[0]
    else:
        root = np.asarray(np.linalg.cholesky(hessian).T, dtype=np.float64)
        w = _ridge(hessian, hessian @ best, lams, lambda: (root, root @ best))[0]
    budget = l1_ratio * np.abs(w).sum(axis=1) + (1 - l1_ratio) / 2 * (w**2).sum(axis=1)
    loss = two_weight_loss(best, correlation, w[:, 0], w[:, 1])
    quarter = np.linspace(0, np.pi / 2, n_points // 4 + 1)[:-1]
    x, y = np.cos(quarter), np.sin(quarter)
    u = np.stack([np.r_[x, -y, -x, y, 1], np.r_[y, x, -y, -x, 0]], axis=1)  # exact on the axes
    reach, t = l1_ratio * np.abs(u).sum(axis=1), budget[:, None]
    root = reach + np.sqrt(reach**2 + 2 * (1 - l1_ratio) * t)
    radius = np.divide(2 * t, root, out=np.zeros_like(root), where=root > 0)  # (L, points)
    ellipse = u @ np.linalg.inv(np.linalg.cholesky(hessian))
    contour = best + np.sqrt(2 * loss)[:, None, None] * ellipse
    return Geometry(lams, w, budget, loss, radius[..., None] * u, contour)


def two_weight_loss(minimum: ArrayLike, correlation: float, w1: ArrayLike, w2: ArrayLike) -> Floats:
    """Least squares for two standardised features: ½ (w − ŵ)ᵀ H (w − ŵ), H = [[1, ρ], [ρ, 1]].

    That is 1/(2n) ‖y − Xw‖² less its value at the minimum ŵ. w1 and w2 broadcast together.
    """
    best = _two_weights(minimum)
    rho = _hessian(correlation)[0, 1]
    a, b = np.asarray(w1, dtype=np.float64) - best[0], np.asarray(w2, dtype=np.float64) - best[1]
    return np.asarray((a * a + b * b) / 2 + rho * a * b, dtype=np.float64)


def _two_weights(minimum: ArrayLike) -> Floats:
    weights = float_vector("minimum", minimum)
    if len(weights) != 2 or np.abs(weights).max() > 100:
        raise ValueError(f"minimum is {minimum!r}: two numbers from -100 to 100 are allowed")
    return weights


def _hessian(correlation: float) -> Floats:
    return _decaying_correlation(2, finite_number("correlation", correlation, -0.99, 0.99))


# ------------------------------------------------------------------------- early stopping beside ridge


@dataclass(frozen=True, eq=False)
class EarlyStopping:
    """Gradient descent stopped after t steps beside ridge at λ = 1/(ηt), from `early_stopping`.

    T numbers of steps, d features; directions are the principal ones, largest s² first.
    """

    steps: Ints  # (T,)
    learning_rate: float  # η
    lams: Floats  # (T,) 1 / (η t)
    s2: Floats  # (d,) eigenvalues of G
    descent_factor: Floats  # (T, d) 1 − (1 − η s²)ᵗ, the share of least squares reached along each direction
    ridge_factor: Floats  # (T, d) s² / (s² + λ), the same for ridge
    descent: Floats  # (T, d) coefficients
    descent_intercept: Floats  # (T,)
    ridge: Floats  # (T, d) coefficients
    ridge_intercept: Floats  # (T,)


def early_stopping(X: ArrayLike, y: ArrayLike, steps: ArrayLike, rate: float = 1.0) -> EarlyStopping:
    """Run gradient descent on 1/(2n)‖y − Xw‖² (data centred) from w = 0, every number of steps in closed form.

    A step is w ← w + η (c − Gw). In the eigenvectors of G the coordinates do not meet: along one of eigenvalue
    s² the error shrinks by 1 − ηs² at each step, so after t steps w has come to 1 − (1 − ηs²)ᵗ of the
    least-squares solution. Ridge reaches s² / (s² + λ). Both are near 1 where s² is large and, for λ = 1/(ηt),
    both are s²/λ to first order where s² is small: a stopped descent acts like ridge (Ali, Kolter & Tibshirani
    2019, who bound the risk of one by 1.69 times that of the other for vanishing η).

    Args:
        X: features, (n, d), not all constant.
        y: targets, (n,).
        steps: numbers of steps t, whole numbers from 1 to 1e9, (T,).
        rate: η in units of 1/s²_max, 0.001 to 1.999; descent diverges from 2 on.

    Raises:
        ValueError: says what came and what is allowed.
    """
    X, y = _table(X, y)
    t = float_vector("steps", steps)
    if len(t) == 0 or (t != np.rint(t)).any() or t.min() < 1 or t.max() > 1e9:
        raise ValueError(f"steps are {steps!r}: one or more whole numbers from 1 to 1e9 are allowed")
    finite_number("rate", rate, 0.001, 1.999)
    centre, level = X.mean(axis=0), float(y.mean())
    root, target = _roots(X, y)
    u, s, vt = np.linalg.svd(root, full_matrices=False)
    if not varies(X, axis=0).any() or s[0] < 1e-150:
        raise ValueError("X is constant: at least one feature that varies, by more than 1e-150, is allowed")
    s = np.where(s > 1e-12 * s[0], s, 0)  # rounding would be all there is along such a direction
    s2, v = s**2, vt.T
    learning_rate = rate / s2[0]
    lams = 1 / (learning_rate * t)
    least_squares = np.divide(target @ u, s, out=np.zeros_like(s), where=s > 0)
    descent_factor = 1 - (1 - learning_rate * s2) ** t[:, None]
    ridge_factor = s2 / (s2 + lams[:, None])
    descent, ridge = descent_factor * least_squares @ v.T, ridge_factor * least_squares @ v.T
    return EarlyStopping(
        steps=t.astype(np.int64),
        learning_rate=float(learning_rate),
        lams=lams,
        s2=s2,
        descent_factor=descent_factor,
        ridge_factor=ridge_factor,
        descent=descent,
        descent_intercept=level - descent @ centre,
        ridge=ridge,
        ridge_intercept=level - ridge @ centre,
    )
