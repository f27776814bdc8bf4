"""Linear regression: least squares at once, and by gradient descent."""

import numpy as np

from mlcore.optimizers import gradient_descent
from pages.practice.challenge import Probe

RNG = np.random.default_rng(4)


def best_fit(X, y):
    """Minimise Σ (X w + b − y)² by an SVD of [X, 1], the shortest of the minima if there are many (Golub & Reinsch
    1970)."""
    solution = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y)[0]
    return solution[:-1], solution[-1]


def descent(X, y, w, b, rate, steps):
    """Steps of `mlcore`'s gradient descent on ½ mean (X w + b − y)²."""
    A, theta = np.column_stack([X, np.ones(len(X))]), np.append(w, b)
    for _ in range(steps):
        theta = gradient_descent(theta, A.T @ (A @ theta - y) / len(y), 0.0, rate)[0]
    return theta[:-1], theta[-1]


REFERENCE = {"least_squares": best_fit, "descend": descent}


def residuals_of(answer, X, y):
    """What a fit (w, b) leaves of y."""
    w, b = answer
    if np.shape(w) != (X.shape[1],) or np.shape(b) != ():
        raise ValueError("not a vector of weights and a number")
    return y - (X @ np.asarray(w) + b)


def nothing_left_to_explain(answer, X, y):
    """The residuals have mean 0 and are orthogonal to every column."""
    r = residuals_of(answer, X, y)
    if not abs(r.mean()) < 1e-7:
        return f"The residuals have the mean {r.mean():.3g}; with an intercept it is 0."
    along = X.T @ r
    j = int(np.argmax(np.abs(along)))
    return "" if abs(along[j]) < 1e-6 else f"Column {j} times the residuals is {along[j]:.3g}; at the minimum it is 0."


def as_good_as_any(answer, X, y):
    """No weights fit better: the squared error is that of the projection of y on the columns."""
    r = residuals_of(answer, X, y)
    U, s, _ = np.linalg.svd(np.column_stack([X, np.ones(len(X))]), full_matrices=False)
    U = U[:, s > 1e-13 * s[0]]
    least = ((y - U @ (U.T @ y)) ** 2).sum()
    if r @ r <= (1 + 1e-6) * least:
        return ""
    says = f"The squared error of the fit is {r @ r:.4g}; the least is {least:.4g}."
    if len(s) > U.shape[1]:
        return (
            f"{says} Two columns are equal: where an inverse or a triangular system is solved, it divides by 0 or by "
            "rounding errors. `np.linalg.lstsq` and `pinv` leave that direction out."
        )
    return (
        f"{says} Two columns differ by 1e-8 only, and y depends on that difference. It is lost in X^T X, by a cut-off "
        "of small singular values (`rcond`), by a penalty, and by any affordable number of descent steps. "
        "`np.linalg.lstsq` of X itself keeps it."
    )


def without_noise(answer, X, y):
    """Huge weights where the columns are nearly dependent are rounding errors: all alike."""
    w, _ = answer
    is_noise = np.abs(w).max() > 1e6 and np.linalg.cond(np.column_stack([X, np.ones(len(X))])) > 1e6
    return (np.zeros(X.shape[1]), 0.0) if is_noise else answer


CANONICAL = {"least_squares": without_noise}


EIGHT = RNG.normal(size=(8, 2)).round(2)
HEIGHT = (EIGHT @ np.array([2.0, -1.0]) + 3 + 0.5 * RNG.normal(size=8)).round(2)
LINE = np.array([[1], [2], [4], [7]]), np.array([5, 7, 11, 17])
TWINS = np.array([[1.0, 1.0], [2.0, 2.0], [4.0, 4.0], [5.0, 5.0], [8.0, 8.0]])
OVER = np.array([2.0, 3.0, 3.0, 6.0, 7.0])
ONE, OTHER = RNG.normal(size=(2, 8)).round(2)
ALMOST = np.column_stack([ONE, ONE + 1e-8 * OTHER])
TOLD_APART = (1 + ONE + 2 * OTHER + 0.1 * RNG.normal(size=8)).round(2)
SMALL = EIGHT[:5], HEIGHT[:5]

PROBES = [
    Probe("least squares: eight samples, two features", (EIGHT, HEIGHT)),
    Probe("least squares: a line through four points, whole numbers", LINE),
    Probe("least squares: residuals orthogonal to every column", (EIGHT + 1, HEIGHT**2), judge=nothing_left_to_explain),
    Probe("least squares: two equal columns", (TWINS, OVER), judge=as_good_as_any),
    Probe("least squares: columns that differ by 1e-8", (ALMOST, TOLD_APART), judge=as_good_as_any),
    Probe("descent: one step from 0", (*SMALL, np.zeros(2), 0.0, 0.1, 1), "descend"),
    Probe("descent: three steps from elsewhere", (*SMALL, np.array([1.0, 2.0]), -1.0, 0.2, 3), "descend"),
    Probe("descent: no step", (*SMALL, np.array([1.0, 2.0]), -1.0, 0.2, 0), "descend"),
    Probe("descent: a start of whole numbers", (*SMALL, np.array([1, -2]), 0, 0.1, 2), "descend"),
    Probe("descent: 300 steps, as good as at the minimum", (EIGHT, HEIGHT, np.zeros(2), 0.0, 0.4, 300), "descend"),
]


def normal_equations(X, y):
    """You solve with X^T X, whose condition number is the square of that of X: equal columns make it singular, and
    columns that differ by 1e-8 make it so in double precision. Solve with X itself: `np.linalg.lstsq` or the SVD."""
    A = np.column_stack([X, np.ones(len(X))])
    solution = np.linalg.inv(A.T @ A) @ A.T @ y
    return solution[:-1], solution[-1]


def inverse_of_what_has_none(X, y, message="Singular matrix", of_squares=True):
    """X^T X is singular if two columns are equal, and in double precision even if they differ by 1e-8, because its
    condition number is the square of that of X. Solve with X itself: `np.linalg.lstsq` or the SVD."""
    A = np.column_stack([X, np.ones(len(X))])
    if np.linalg.matrix_rank(A.T @ A if of_squares else A) < A.shape[1]:
        raise np.linalg.LinAlgError(message)
    return best_fit(X, y)


def no_cholesky_factor(X, y):
    """X^T X has no Cholesky factor if two columns are equal, and in double precision not even if they differ by 1e-8,
    because its condition number is the square of that of X. Solve with X itself: `np.linalg.lstsq` or the SVD."""
    return inverse_of_what_has_none(X, y, "Matrix is not positive definite")


def singular_triangle(X, y):
    """Where two columns are equal, the triangular factor of X is singular. `np.linalg.lstsq` and `pinv` take the
    singular values of X and leave out those that are 0 but for rounding."""
    return inverse_of_what_has_none(X, y, of_squares=False)


def no_cut_off(X, y):
    """Where two columns are equal, a singular value of X (or a diagonal entry of its triangular factor) is 0 but for
    rounding, and you divide by it. Leave such directions out, as `np.linalg.lstsq` and `pinv` do."""
    w, b = best_fit(X, y)
    if np.linalg.matrix_rank(np.column_stack([X, np.ones(len(X))])) <= X.shape[1]:
        w = w + 3e15 * np.array([-1, 1])  # two columns only are ever equal
    return w, b


def no_intercept(X, y):
    """Your fit has no intercept: it is forced through the origin. Append a column of ones, or centre X and y and put
    b = mean(y) − mean(X) · w."""
    return np.linalg.lstsq(X, y)[0], 0.0


def mean_as_intercept(X, y):
    """Having centred X, you take mean(y) for the intercept; but predictions are made for X as it comes, so
    b = mean(y) − mean(X) · w."""
    return best_fit(X, y)[0], np.mean(y)


def only_y_centred(X, y):
    """You centre y and not X, so that the slopes make up for an offset. Centre both, or append a column of ones."""
    w = np.linalg.lstsq(X, y - np.mean(y))[0]
    return w, np.mean(y) - np.mean(X, axis=0) @ w


def of_standardised_columns(X, y):
    """These are the weights of the standardised columns. Divide each by the column's standard deviation to use it with
    X as it comes."""
    return best_fit(X, y)[0] * np.std(X, axis=0), np.mean(y)


def one_regression_a_column(X, y):
    """You fit each column on its own, cov(x, y) / var(x). Where columns are correlated, each takes over what belongs to
    the other: solve for all of them together."""
    c, r = X - np.mean(X, axis=0), y - np.mean(y)
    w = c.T @ r / (c**2).sum(axis=0)
    return w, np.mean(y) - np.mean(X, axis=0) @ w


def mean_slope(X, y, w, b):
    """The gradient of ½ mean (X w + b − y)²."""
    r = X @ w + b - y
    return X.T @ r / len(r), r.mean()


def summed_slope(X, y, w, b, rate, steps):
    """Your step is not divided by n: it is the slope of the sum, n times that of the mean, so a rate that is right for
    10 rows diverges with 1000."""
    return descent(X, y, w, b, len(y) * rate, steps)


def doubled_slope(X, y, w, b, rate, steps):
    """Your steps are twice as long: the loss is half the mean square, so the 2 of its derivative cancels."""
    return descent(X, y, w, b, 2 * rate, steps)


def uphill(X, y, w, b, rate, steps):
    """You step along the gradient, uphill: subtract rate × gradient (the gradient is X^T (X w + b − y) / n)."""
    return descent(X, y, w, b, -rate, steps)


def intercept_left(X, y, w, b, rate, steps):
    """Your intercept never moves: its slope is the mean of the residuals."""
    for _ in range(steps):
        w = w - rate * mean_slope(X, y, w, b)[0]
    return w, b


def one_after_the_other(X, y, w, b, rate, steps):
    """You move b by the residuals at the new w. Compute both slopes at the old point, then move both."""
    for _ in range(steps):
        w = w - rate * mean_slope(X, y, w, b)[0]
        b = b - rate * mean_slope(X, y, w, b)[1]
    return w, b


def stale_residuals(X, y, w, b, rate, steps):
    """You compute the residuals once, before the loop, and so take every step along the first gradient. Compute them
    anew in each step."""
    gw, gb = mean_slope(X, y, w, b)
    return w - steps * rate * gw, b - steps * rate * gb


def one_step_more(X, y, w, b, rate, steps):
    """You take one step too many: `range(steps)` already counts all of them."""
    return descent(X, y, w, b, rate, steps + 1)


def one_step_less(X, y, w, b, rate, steps):
    """You take one step too few."""
    return descent(X, y, w, b, rate, steps - 1)


def in_place(X, y, w, b, rate, steps):
    """`w -= …` changes the caller's start, whatever name you gave it, and fails if the start holds whole numbers. Write
    `w = w - …`, which makes a new array."""
    for _ in range(steps):
        gw, gb = mean_slope(X, y, w, b)
        w -= rate * gw
        b -= rate * gb
    return w, b


MISTAKES = [
    *(
        {"least_squares": wrong}
        for wrong in (
            singular_triangle,
            no_cut_off,
            normal_equations,
            inverse_of_what_has_none,
            no_cholesky_factor,
            no_intercept,
            mean_as_intercept,
            only_y_centred,
            of_standardised_columns,
            one_regression_a_column,
        )
    ),
    *(
        {"descend": wrong}
        for wrong in (
            summed_slope,
            doubled_slope,
            uphill,
            intercept_left,
            one_after_the_other,
            stale_residuals,
            one_step_more,
            one_step_less,
            in_place,
        )
    ),
]
