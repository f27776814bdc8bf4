"""Loss surfaces of two weights: textbook functions, and real losses of two-feature data.

Every surface gives its value and exact gradient at floats or at arrays of points, the minima in its picture,
and a telling start. The same bodies serve floats and arrays, so that a path walked one point at a time and a
row of an array pass agree to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.checks import LARGEST, finite_number, float_matrix, float_vector
from mlcore.numerics import sigmoid

Number = Any  # a float or a float array: the same function body serves both
Array = NDArray[np.float64]
Gradient = Callable[[Number, Number], tuple[Number, Number]]


@dataclass(frozen=True, eq=False)
class Surface:
    """A function z = f(x, y) to descend, with what a picture of it needs.

    `value(x, y)` and `gradient(x, y)` take floats, or arrays that broadcast together. `minima` lists every
    local minimum inside `x_range` × `y_range`; `formula` is LaTeX.
    """

    name: str
    title: str
    value: Callable[[Number, Number], Number]
    gradient: Gradient
    minima: tuple[tuple[float, float], ...]
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    start: tuple[float, float]
    formula: str


@dataclass(frozen=True, eq=False)
class DataLoss(Surface):
    """A mean loss over the samples of a data set, as a function of the two weights (x, y) of a linear model.

    `sample_gradient(x, y, batch)` is the gradient averaged over the samples whose indices are in `batch`;
    `batch_gradients(batches)` returns the function (x, y) → gradient of each row of indices, with whatever
    does not depend on the weights computed once. `features` is (n, 2), `targets` (n,);
    `hessian_condition` is λ_max / λ_min of the Hessian at the minimum.
    """

    n_samples: int
    sample_gradient: Callable[[Number, Number, NDArray[np.intp]], tuple[Number, Number]]
    batch_gradients: Callable[[NDArray[np.intp]], list[Gradient]]
    features: Array
    targets: Array
    hessian_condition: float


def ravine(condition_number: float = 20.0) -> Surface:
    """Quadratic ravine f = ½(x²/κ + y²), flat along x, steep along y.

    The curvatures are 1/κ and L = 1, so gradient descent is stable for lr < 2/L = 2 whatever κ is, and each
    step multiplies x by 1 − lr/κ and y by 1 − lr (Nesterov, Introductory Lectures on Convex Optimization,
    2004, section 2.1). Raises ValueError unless κ ≥ 1 and finite.
    """
    kappa = finite_number("condition_number", condition_number, 1)

    def value(x: Number, y: Number) -> Number:
        return 0.5 * (x * x / kappa + y * y)

    def gradient(x: Number, y: Number) -> tuple[Number, Number]:
        return x / kappa, y

    formula = r"f(x, y) = \tfrac12\left(\frac{x^2}{\kappa} + y^2\right)"
    return Surface(
        "ravine",
        "Quadratic ravine",
        value,
        gradient,
        minima=((0.0, 0.0),),
        x_range=(-5.0, 5.0),
        y_range=(-3.0, 3.0),
        start=(-4.5, 2.0),
        formula=formula,
    )


def rosenbrock() -> Surface:
    """Rosenbrock's banana f = (1 − x)² + 100 (y − x²)², a curved valley with its minimum at (1, 1).

    Source: H. H. Rosenbrock, The Computer Journal 3 (1960); the start (−1.2, 1) is his.
    """

    def value(x: Number, y: Number) -> Number:
        a, b = 1 - x, y - x * x
        return a * a + 100 * (b * b)

    def gradient(x: Number, y: Number) -> tuple[Number, Number]:
        b = y - x * x
        return -2 * (1 - x) - 400 * x * b, 200 * b

    return Surface(
        "rosenbrock",
        "Rosenbrock's banana",
        value,
        gradient,
        minima=((1.0, 1.0),),
        x_range=(-2.0, 2.0),
        y_range=(-1.0, 3.0),
        start=(-1.2, 1.0),
        formula=r"f(x, y) = (1 - x)^2 + 100\,(y - x^2)^2",
    )


def beale() -> Surface:
    """Beale's function Σ_k (c_k − x + x yᵏ)², c = (1.5, 2.25, 2.625): plateaus, cliffs, minimum (3, ½).

    Source: E. M. L. Beale, On an iterative method of finding a local minimum (Princeton, 1958).
    """

    def value(x: Number, y: Number) -> Number:
        a, b, c = 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y
        return a * a + b * b + c * c

    def gradient(x: Number, y: Number) -> tuple[Number, Number]:
        y2 = y * y
        y3 = y2 * y
        a, b, c = 1.5 - x + x * y, 2.25 - x + x * y2, 2.625 - x + x * y3
        dx = 2 * (a * (y - 1) + b * (y2 - 1) + c * (y3 - 1))
        dy = 2 * x * (a + 2 * y * b + 3 * y2 * c)
        return dx, dy

    return Surface(
        "beale",
        "Beale's function",
        value,
        gradient,
        minima=((3.0, 0.5),),
        x_range=(-4.5, 4.5),
        y_range=(-4.5, 4.5),
        start=(1.0, 1.5),
        formula=r"f(x, y) = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
    )


def himmelblau() -> Surface:
    """Himmelblau's function f = (x² + y − 11)² + (x + y² − 7)², with four minima of equal depth 0.

    Source: D. M. Himmelblau, Applied Nonlinear Programming (1972).
    """

    def value(x: Number, y: Number) -> Number:
        a, b = x * x + y - 11, x + y * y - 7
        return a * a + b * b

    def gradient(x: Number, y: Number) -> tuple[Number, Number]:
        a, b = x * x + y - 11, x + y * y - 7
        return 4 * x * a + 2 * b, 2 * a + 4 * y * b

    return Surface(
        "himmelblau",
        "Himmelblau's four valleys",
        value,
        gradient,
        minima=(
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.283185991286170),
            (3.584428340330492, -1.848126526964404),
        ),
        x_range=(-6.0, 6.0),
        y_range=(-6.0, 6.0),
        start=(-0.5, -0.5),
        formula=r"f(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    )


def saddle() -> Surface:
    """Saddle f = ½x² − ½y² + y⁴/16: curvature +1 and −1 at the origin, minima at (0, ±2).

    The quartic term bounds the fall of the plain saddle ½x² − ½y², so that an escape ends somewhere. The
    start lies almost on the ridge y = 0, where the gradient hardly says which way is down.
    """

    def value(x: Number, y: Number) -> Number:
        y2 = y * y
        return 0.5 * (x * x - y2) + y2 * y2 / 16

    def gradient(x: Number, y: Number) -> tuple[Number, Number]:
        return x, y * (0.25 * (y * y) - 1)

    return Surface(
        "saddle",
        "Saddle point",
        value,
        gradient,
        minima=((0.0, 2.0), (0.0, -2.0)),
        x_range=(-3.0, 3.0),
        y_range=(-3.0, 3.0),
        start=(-2.5, 0.01),
        formula=r"f(x, y) = \tfrac12 x^2 - \tfrac12 y^2 + \tfrac1{16} y^4",
    )


def rastrigin() -> Surface:
    """Rastrigin's egg box f = 20 + Σ_u (u² − 10 cos 2πu), u ∈ {x, y}: 25 minima in view, the lowest at 0.

    Source: L. A. Rastrigin, Systems of Extremal Control (1974), for two dimensions.
    """

    def value(x: Number, y: Number) -> Number:
        return 20 + x * x + y * y - 10 * (_cos(2 * np.pi * x) + _cos(2 * np.pi * y))

    def gradient(x: Number, y: Number) -> tuple[Number, Number]:
        return (
            2 * x + 20 * np.pi * _sin(2 * np.pi * x),
            2 * y + 20 * np.pi * _sin(2 * np.pi * y),
        )

    # A minimum near each integer: Newton's method on 2u + 20π sin 2πu = 0.
    u = np.arange(-2.0, 3.0)
    for _ in range(8):
        u = u - (2 * u + 20 * np.pi * np.sin(2 * np.pi * u)) / (2 + 40 * np.pi**2 * np.cos(2 * np.pi * u))
    coordinates: list[float] = u.tolist()
    return Surface(
        "rastrigin",
        "Rastrigin's egg box",
        value,
        gradient,
        minima=tuple((a, b) for a in coordinates for b in coordinates),
        x_range=(-2.5, 2.5),
        y_range=(-2.5, 2.5),
        start=(-1.7, 2.2),
        formula=r"f(x, y) = 20 + x^2 + y^2 - 10\,(\cos 2\pi x + \cos 2\pi y)",
    )


def plateau() -> Surface:
    """Plateau with a well, f = 1 − exp(−(x² + y²)/2): the gradient r·exp(−r²/2) all but vanishes far away.

    From the start, at r = 5, plain descent hardly moves, while methods that divide by the gradient's own size
    walk straight in.
    """

    def value(x: Number, y: Number) -> Number:
        return 1 - _exp(-0.5 * (x * x + y * y))

    def gradient(x: Number, y: Number) -> tuple[Number, Number]:
        well = _exp(-0.5 * (x * x + y * y))
        return x * well, y * well

    return Surface(
        "plateau",
        "Plateau with a well",
        value,
        gradient,
        minima=((0.0, 0.0),),
        x_range=(-6.0, 6.0),
        y_range=(-6.0, 6.0),
        start=(-4.0, 3.0),
        formula=r"f(x, y) = 1 - e^{-(x^2 + y^2)/2}",
    )


ANALYTIC: dict[str, Callable[[], Surface]] = {
    "ravine": ravine,
    "rosenbrock": rosenbrock,
    "beale": beale,
    "himmelblau": himmelblau,
    "saddle": saddle,
    "rastrigin": rastrigin,
    "plateau": plateau,
}


def least_squares(X: ArrayLike, y: ArrayLike, name: str = "diabetes", title: str = "") -> DataLoss:
    """Mean squared error f(w) = ½·mean((Xw − y)²) of a linear model with two weights and no intercept.

    `X` is (n, 2), `y` (n,), used as given (centre and scale them first if you want to). The loss is exactly
    quadratic, f(w) = f* + ½ (w − w*)ᵀ H (w − w*) with H = XᵀX/n, and that is how it is computed; the minimum
    w* comes from an SVD (`lstsq`). Raises ValueError for wrong shapes, values that are not finite, or columns
    that are linearly dependent (then the minimum is a line). Source: Hastie, Tibshirani and Friedman, The
    Elements of Statistical Learning, section 3.2.
    """
    X, y = _check_data(X, y)
    n = len(y)
    solution, _, rank, _ = np.linalg.lstsq(X, y)
    minimum = solution.astype(float)
    if rank < 2:
        raise ValueError("the two columns of X must be linearly independent, got a matrix of rank below 2")
    residual = y - X @ minimum
    lowest = 0.5 * float(residual @ residual) / n
    (h00, h01), (_, h11) = hessian = X.T @ X / n
    (h00, h01, h11), (w0, w1) = map(float, (h00, h01, h11)), map(float, minimum)

    def value(x: Number, y: Number) -> Number:
        dx, dy = x - w0, y - w1
        return lowest + 0.5 * (h00 * dx * dx + 2 * h01 * dx * dy + h11 * dy * dy)

    def gradient(x: Number, y: Number) -> tuple[Number, Number]:
        dx, dy = x - w0, y - w1
        return h00 * dx + h01 * dy, h01 * dx + h11 * dy

    # ½(aᵀw − t)² of one sample has the Hessian aaᵀ and the gradient aaᵀw − ta: a batch averages these five.
    parts = np.column_stack([X[:, 0] ** 2, X[:, 0] * X[:, 1], X[:, 1] ** 2, X[:, 0] * y, X[:, 1] * y])

    def quadratic(a: float, b: float, c: float, d: float, e: float) -> Gradient:
        return lambda x, y: (a * x + b * y - d, b * x + c * y - e)

    def batch_gradients(batches: NDArray[np.intp]) -> list[Gradient]:
        return [quadratic(*averages) for averages in parts[batches].mean(axis=1).tolist()]

    def sample_gradient(x: Number, y: Number, batch: NDArray[np.intp]) -> tuple[Number, Number]:
        (gradient,) = batch_gradients(np.atleast_2d(batch))
        return gradient(x, y)

    x_range, y_range = _ranges(minimum, hessian, math.sqrt(float(y @ y) / n))
    return DataLoss(
        name,
        title or f"Least squares, {name}",
        value,
        gradient,
        minima=((w0, w1),),
        x_range=x_range,
        y_range=y_range,
        start=(0.0, 0.0),
        formula=r"f(w) = \frac1{2n}\sum_{i=1}^n \left(x_i^\top w - y_i\right)^2",
        n_samples=n,
        sample_gradient=sample_gradient,
        batch_gradients=batch_gradients,
        features=X,
        targets=y,
        hessian_condition=float(np.linalg.cond(hessian)),
    )


def logistic_loss(
    X: ArrayLike, y: ArrayLike, l2: float = 0.0, name: str = "breast cancer", title: str = ""
) -> DataLoss:
    """Mean log-loss of logistic regression with two weights and no intercept, plus ½·l2·‖w‖².

    With z = Xw and y ∈ {0, 1}, f(w) = mean(log(1 + eᶻ) − y z), computed as max(z, 0) − y z + log1p(e^−|z|),
    which never overflows. `X` is (n, 2), `y` (n,). The minimum is found by Newton's method (IRLS) with step
    halving. scikit-learn's C is 1/(n·l2). Raises ValueError for wrong shapes, labels other than 0 and 1,
    l2 < 0, and data that a line through the origin separates when l2 = 0 (then no minimum exists). Source:
    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 4.4.1.
    """
    X, y = _check_data(X, y)
    if not np.isin(y, (0, 1)).all():
        raise ValueError(f"y has the labels {np.unique(y)[:5].tolist()}: 0 or 1 are allowed")
    finite_number("l2", l2, 0)
    n = len(y)

    def blocks(x: Number, y: Number) -> tuple[Array, list[Array], tuple[int, ...]]:
        """Weights as rows, the same in blocks so small that (rows, n) stays in the cache, and the shape."""
        x, y = np.broadcast_arrays(x, y)
        weights = np.column_stack([x.ravel(), y.ravel()]).astype(float)
        return weights, np.array_split(weights, 1 + weights.shape[0] * n // 2**16), x.shape

    def value(w0: Number, w1: Number) -> Number:
        weights, parts, shape = blocks(w0, w1)
        losses = []
        for w in parts:
            z = w @ X.T
            losses.append((np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))).mean(axis=1))
        total = np.concatenate(losses) + 0.5 * l2 * (weights * weights).sum(axis=1)
        return total.reshape(shape) if shape else float(total[0])

    def mean_gradient(w0: Number, w1: Number, A: Array, t: Array) -> tuple[Number, Number]:
        weights, parts, shape = blocks(w0, w1)
        errors = [(sigmoid(w @ A.T) - t) @ A / len(t) for w in parts]
        gx, gy = (np.concatenate(errors) + l2 * weights).T
        return (gx.reshape(shape), gy.reshape(shape)) if shape else (float(gx[0]), float(gy[0]))

    def gradient(w0: Number, w1: Number) -> tuple[Number, Number]:
        return mean_gradient(w0, w1, X, y)

    def sample_gradient(w0: Number, w1: Number, batch: NDArray[np.intp]) -> tuple[Number, Number]:
        batch = np.atleast_1d(batch)
        return mean_gradient(w0, w1, X[batch], y[batch])

    def batch_gradients(batches: NDArray[np.intp]) -> list[Gradient]:
        return [partial(sample_gradient, batch=batch) for batch in batches]

    minimum, hessian = _newton(X, y, l2, value)
    x_range, y_range = _ranges(minimum, hessian, 1.0)
    return DataLoss(
        name,
        title or f"Logistic loss, {name}",
        value,
        gradient,
        minima=((float(minimum[0]), float(minimum[1])),),
        x_range=x_range,
        y_range=y_range,
        start=(0.0, 0.0),
        formula=r"f(w) = \frac1n\sum_{i=1}^n \left[\log(1 + e^{x_i^\top w}) - y_i\,x_i^\top w\right]"
        + (r" + \tfrac{\lambda}{2}\lVert w\rVert^2" if l2 else ""),
        n_samples=n,
        sample_gradient=sample_gradient,
        batch_gradients=batch_gradients,
        features=X,
        targets=y,
        hessian_condition=float(np.linalg.cond(hessian)),
    )


def _newton(X: Array, y: Array, l2: float, value: Callable[[Number, Number], Number]) -> tuple[Array, Array]:
    """Minimum of the logistic loss and its Hessian: w ← w − H⁻¹ g, halving a step that does not descend."""
    w = np.zeros(2)
    for _ in range(100):
        p = sigmoid(X @ w)
        g = X.T @ (p - y) / len(y) + l2 * w
        hessian = (X.T * (p * (1 - p))) @ X / len(y) + l2 * np.eye(2)
        if np.linalg.cond(hessian) > 1e12:
            raise ValueError("no single minimum: the columns are linearly dependent, or a line separates the classes")
        step = np.linalg.solve(hessian, g)
        here = value(*w)
        while value(*(w - step)) > here + 1e-15 and np.abs(step).max() > 0:
            step = step / 2
        w = w - step
        if np.abs(step).max() <= 1e-15 * np.abs(w).max():
            break
    if l2 == 0 and ((2 * y - 1) * (X @ w) > 0).all():
        raise ValueError("a line separates the classes, so the loss has no minimum: pass l2 > 0")
    return w, hessian


def _ranges(minimum: Array, hessian: Array, size: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """A box 1.3 times as wide as the level ellipse through the origin, (w − w*)ᵀ H (w − w*) = w*ᵀ H w*.

    Where the minimum is the origin, to rounding, the ellipse is that of the `size` of the targets instead.
    """
    radius = math.sqrt(minimum @ hessian @ minimum)
    if radius <= 1e-12 * size:
        radius = size or 1.0
    half = 1.3 * radius * np.sqrt(np.diag(np.linalg.inv(hessian)))
    (x0, y0), (x1, y1) = (minimum - half).tolist(), (minimum + half).tolist()
    return (x0, x1), (y0, y1)


def _check_data(X: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    X, y = float_matrix("X", X, LARGEST), float_vector("y", y, LARGEST)
    if X.shape[1] != 2 or len(X) < 2:
        raise ValueError(f"X has shape {X.shape}: (n, 2) with n of at least 2 is allowed")
    if y.shape != (len(X),):
        raise ValueError(f"y has shape {y.shape}: ({len(X)},) is allowed, to match X")
    return X, y


# NumPy's own functions for floats too: math.exp may differ from np.exp in the last bit.
def _sin(u: Number) -> Number:
    return float(np.sin(u)) if isinstance(u, float) else np.sin(u)


def _cos(u: Number) -> Number:
    return float(np.cos(u)) if isinstance(u, float) else np.cos(u)


def _exp(u: Number) -> Number:
    return float(np.exp(u)) if isinstance(u, float) else np.exp(u)
