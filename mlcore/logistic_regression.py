"""Logistic regression from scratch: loss, gradient, Hessian, four penalties, gradient descent and Newton.

The model gives a sample x the score z = b + w·x and the probability σ(z) = 1 / (1 + e^−z) of class 1. It is
fitted by maximum likelihood, that is by minimising the mean log-loss (cross-entropy) plus a penalty:

    F(b, w) = Σ sᵢ [log(1 + e^zᵢ) − yᵢ zᵢ]  +  λ (ρ ‖w‖₁ + (1 − ρ)/2 ‖w‖²),      sᵢ = 1/n unless weighted.

The intercept b is never penalised. scikit-learn minimises C Σ lossᵢ + penalty, so its C is 1/(n λ); with
sample weights, 1/(λ Σ weightsᵢ). More than two classes have one row of weights each and the softmax.

The loss and its derivatives take the *design matrix* A (n, d + 1), a column of ones and then the features, and
weights (d + 1,), the intercept first. `loss`, `gradient` and their softmax twins take a whole stack of weights
(..., d + 1) at once, which is how the sweeps of this module are computed.

Sources: Hastie, Tibshirani & Friedman, *The Elements of Statistical Learning* (ESL), section 4.4 (Newton's
method and its name IRLS, Wald intervals) and 18.4; Friedman, Hastie & Tibshirani 2010 (coordinate descent
within Newton); Lee, Sun & Saunders 2014 (proximal Newton); Albert & Anderson 1984 (separation); Soudry et al.
2018 (how ‖w‖ grows on separable data).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.checks import (
    class_labels,
    finite_number,
    float_array,
    float_matrix,
    float_vector,
    one_of,
    sample_weights,
    whole_number,
)
from mlcore.numerics import centre_and_scale, length, power_of_two, sigmoid, varies
from mlcore.optimizers import (
    adagrad,
    adam,
    adamw,
    epoch_batches,
    gradient_descent,
    momentum,
    nesterov,
    rmsprop,
)
from mlcore.surfaces import Array

SOLVERS = ("gradient_descent", "newton")
PENALTIES = ("l2", "l1", "elasticnet")
OPTIMIZERS: dict[str, tuple[Callable[..., Any], Any]] = {  # the update rule and its zero state
    "gradient_descent": (gradient_descent, 0.0),
    "momentum": (momentum, 0.0),
    "nesterov": (nesterov, 0.0),
    "adagrad": (adagrad, 0.0),
    "rmsprop": (rmsprop, 0.0),
    "adam": (adam, (0.0, 0.0, 0)),
    "adamw": (adamw, (0.0, 0.0, 0)),
}
MAX_POLYNOMIAL_DEGREE = 6
WEIGHT_LIMIT = 1e8  # a weight beyond this has diverged
DAMPING = 1e-10  # by this share the diagonal of a Hessian is raised: a singular one still gives a step
ROUNDING = 1 + 1e-14  # a loss that rises by no more than this factor has not risen
SHORT_STEP = 0.1  # change of z at one standard deviation of a column: a longer last Newton step is no convergence
FAR = 1000  # standard deviations from 0 beyond which Newton's method moves a column to 0 first
PATH_BLOCK = 10  # strengths λ that a penalty path fits at once
MAX_PRODUCTS = 2**22  # numbers in the products of all pairs of features: 32 MB
BLOCK_SIZE = 2**17  # numbers in one pass over many weights: 1 MB, so that they stay in the cache


# --- The loss of two classes --------------------------------------------------------------------------------


def cross_entropy(z: Array, y: Array) -> Array:
    """Log-loss −y log σ(z) − (1 − y) log(1 − σ(z)) of each score z, for labels y of 0 and 1.

    It equals log(1 + e^z) − y z. Written max(z, 0) − y z + log1p(e^−|z|) it neither overflows nor takes log 0:
    at z = −1000, y = 1 it is 1000, where the textbook form gives infinity.
    """
    return np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))


def design_matrix(X: ArrayLike, fit_intercept: bool = True) -> Array:
    """Features (n, d) with a first column of ones: (n, d + 1).

    Without an intercept the column is zero: its weight then has no gradient and stays 0.
    Raises ValueError unless X is a matrix of finite numbers with at least one row and one column.
    """
    features = _features(X)
    A = np.empty((len(features), features.shape[1] + 1), order="F")  # whole columns in a row: faster products
    A[:, 0] = fit_intercept
    A[:, 1:] = features
    return A


def loss(weights: Array, A: Array, y: Array, l2: ArrayLike = 0.0, share: ArrayLike | None = None) -> Any:
    """Mean log-loss plus ½ l2 ‖w‖², for weights (..., d + 1): an array (...), a float for one weight vector.

    `A` is the design matrix (n, d + 1), `y` (n,) holds 0 and 1, `l2` a number or one for each weight vector,
    `share` (n,) what each sample's loss is multiplied by, 1/n unless given.
    """
    weights, A, y = np.asarray(weights), np.asarray(A), np.asarray(y)
    z = weights @ A.T  # (..., n)
    return cross_entropy(z, y) @ _shares(share, A) + _ridge(weights, l2)


def gradient(weights: Array, A: Array, y: Array, l2: ArrayLike = 0.0, share: ArrayLike | None = None) -> Array:
    """Gradient of `loss`, Aᵀ (σ(A w) − y) / n + l2 (0, w₁ … w_d): the shape of `weights` (ESL 4.21)."""
    weights, A, y = np.asarray(weights), np.asarray(A), np.asarray(y)
    return _gradient_at(sigmoid(weights @ A.T), weights, A, y, l2, _shares(share, A))


def hessian(weights: Array, A: Array, l2: float = 0.0, share: ArrayLike | None = None) -> Array:
    """Hessian of `loss` at one weight vector, Aᵀ diag(p (1 − p)) A / n + l2 I: (d + 1, d + 1) (ESL 4.22).

    The labels do not enter. It is positive semi-definite, so the loss is convex.
    """
    weights, A = np.asarray(weights), np.asarray(A)
    return _hessian_at(sigmoid(A @ weights), A, l2, _shares(share, A))


def _gradient_at(p: Array, weights: Array, A: Array, y: Array, l2: ArrayLike, share: Array) -> Array:
    """The gradient where the probabilities of class 1 are `p` (..., n)."""
    return _add_ridge(((p - y) * share) @ A, weights, l2)


def _hessian_at(p: Array, A: Array, l2: float, share: Array) -> Array:
    """The Hessian where the probabilities of class 1 are `p` (n,)."""
    curvature: Array = (A.T * (p * (1 - p) * share)) @ A
    _diagonal(curvature)[1:] += l2
    return curvature


def numerical_gradient(
    weights: Array,
    A: Array,
    y: Array,
    l2: float = 0.0,
    share: ArrayLike | None = None,
    step: ArrayLike = 6e-6,
    forward: bool = False,
) -> Array:
    """Central differences (F(w + h eⱼ) − F(w − h eⱼ)) / 2h of `loss` for every coordinate j.

    (d + 1,), or (S, d + 1) for S values of h in `step`. The truncation error falls as h², the rounding error
    grows as ε/h; they meet near h = ε^(1/3), the default (Press et al., Numerical Recipes, section 5.7). With
    `forward` it is (F(w + h eⱼ) − F(w)) / h instead, whose truncation error falls only as h: best near √ε.
    Raises ValueError for a step that is not above 0.
    """
    h = float_array("step", step)
    if not (h > 0).all():
        raise ValueError(f"step is {h.tolist()!r}: finite numbers above 0 are allowed")
    weights = np.asarray(weights)
    moves = h[..., None, None] * np.eye(len(weights))  # (..., d + 1, d + 1), one row for each coordinate
    ahead = loss(weights + moves, A, y, l2, share)
    behind = loss(weights if forward else weights - moves, A, y, l2, share)
    slopes: Array = (ahead - behind) / ((1 if forward else 2) * h[..., None])
    return slopes


# --- Squared error, for comparison --------------------------------------------------------------------------


def squared_loss(weights: Array, A: Array, y: Array, l2: ArrayLike = 0.0, share: ArrayLike | None = None) -> Any:
    """Mean (σ(z) − y)² plus ½ l2 ‖w‖², with the arguments of `loss`; it is not convex in the weights."""
    return np.asarray((sigmoid(weights @ A.T) - y) ** 2 @ _shares(share, A) + _ridge(weights, l2))


def squared_gradient(weights: Array, A: Array, y: Array, l2: ArrayLike = 0.0, share: ArrayLike | None = None) -> Array:
    """Gradient of `squared_loss`: each error p − y is multiplied by 2 p (1 − p), so it vanishes where p is 0 or 1."""
    p = sigmoid(weights @ A.T)  # (..., n)
    return _add_ridge((2 * (p - y) * p * (1 - p) * _shares(share, A)) @ A, weights, l2)


@dataclass(frozen=True, eq=False)
class LossRace:
    """Gradient descent on the log-loss and on the squared loss from one start, by iteration, row 0 the start.

    `log_weights` and `squared_weights` (T + 1, d + 1), the intercept first; `log_right` and `squared_right`
    (T + 1,), the mean probability that they give to the right class.
    """

    log_weights: Array
    squared_weights: Array
    log_right: Array
    squared_right: Array


def race_losses(
    X: ArrayLike,
    y: ArrayLike,
    start: ArrayLike,
    *,
    learning_rate: float = 1.0,
    n_iterations: int = 1000,
    fit_intercept: bool = True,
) -> LossRace:
    """Descend both losses from the weights `start` (d + 1,) with one learning rate.

    Raises ValueError for other than two classes, a start that does not fit X, and settings out of their range.
    """
    A, target, _ = _two_classes(X, y, None)
    w = _weights_of("start", start, A)
    finite_number("learning_rate", learning_rate, 0, above=True)
    whole_number("n_iterations", n_iterations, 1)
    A[:, 0] = fit_intercept
    paths = np.tile(w, (2, n_iterations + 1, 1))
    for path, slope in zip(paths, (gradient, squared_gradient), strict=True):
        for t in range(n_iterations):
            path[t + 1] = path[t] - learning_rate * slope(path[t], A, target)
    towards = ((2 * target - 1) * A.T).T  # w·towards is the score of the right class
    log_right, squared_right = (
        _in_blocks(lambda w: sigmoid(w @ towards.T).mean(axis=-1), path, len(A)) for path in paths
    )
    return LossRace(paths[0], paths[1], log_right, squared_right)


# --- More than two classes ----------------------------------------------------------------------------------


def log_softmax(z: Array) -> Array:
    """Logarithms of the class probabilities e^z_k / Σ e^z_l along the last axis, by log-sum-exp.

    Taking out the largest score first changes nothing and leaves no exponent above 0.
    """
    z = z - z.max(axis=-1, keepdims=True)
    log_p: Array = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return log_p


def softmax_loss(weights: Array, A: Array, Y: Array, l2: ArrayLike = 0.0, share: ArrayLike | None = None) -> Any:
    """Mean log-loss of K classes plus ½ l2 ‖W‖², for weights (..., K, d + 1) and one-hot labels `Y` (n, K)."""
    log_p = log_softmax(A @ weights.swapaxes(-1, -2))  # (..., n, K)
    return -(log_p * Y).sum(axis=-1) @ _shares(share, A) + _ridge(weights, l2).sum(axis=-1)


def softmax_gradient(weights: Array, A: Array, Y: Array, l2: ArrayLike = 0.0, share: ArrayLike | None = None) -> Array:
    """Gradient of `softmax_loss`, (P − Y)ᵀ A / n + l2 W without its first column: the shape of `weights`."""
    error = np.exp(log_softmax(A @ weights.swapaxes(-1, -2))) - Y  # (..., n, K)
    return _add_ridge((error * _shares(share, A)[:, None]).swapaxes(-1, -2) @ A, weights, l2)


def softmax_hessian(weights: Array, A: Array, l2: float = 0.0, share: ArrayLike | None = None) -> Array:
    """Hessian of `softmax_loss` at one (K, d + 1): block (k, l) is Aᵀ diag(p_k (δ_kl − p_l)) A / n.

    Of shape (K (d + 1), K (d + 1)), classes outermost. Adding one vector to the weights of all classes leaves
    the probabilities as they are, so without a penalty it is singular.
    """
    K, width = weights.shape
    P = np.exp(log_softmax(A @ weights.T))  # (n, K)
    s = _shares(share, A)
    blocks = np.empty((K, width, K, width))
    for k in range(K):
        for m in range(k + 1):
            curvature = P[:, k] * ((k == m) - P[:, m]) * s
            blocks[k, :, m] = blocks[m, :, k] = (A.T * curvature) @ A
    full = blocks.reshape(K * width, K * width)
    _diagonal(full)[:] += l2 * np.tile(np.arange(width) > 0, K)
    return full


def _weights_of(name: str, weights: ArrayLike, A: Array) -> Array:
    w = float_vector(name, weights)
    if w.shape != (A.shape[1],):
        raise ValueError(f"{name} has shape {w.shape}: {A.shape[1]} finite numbers are allowed")
    return w


def _shares(share: ArrayLike | None, A: Array) -> Array:
    return np.full(len(A), 1 / len(A)) if share is None else np.asarray(share, dtype=float)


def _ridge(weights: Array, l2: ArrayLike) -> Array:
    w, l2 = weights[..., 1:], np.asarray(l2)
    if not l2.any():  # the squares of weights in tiny units overflow
        return np.zeros(np.broadcast_shapes(l2.shape, w.shape[:-1]))
    return np.asarray(0.5 * l2 * np.vecdot(w, w))


def _add_ridge(slope: Array, weights: Array, l2: ArrayLike) -> Array:
    """Add the gradient of the penalty, l2 w, in place."""
    slope[..., 1:] += np.asarray(l2)[..., None] * weights[..., 1:]
    return slope


# --- The estimator ------------------------------------------------------------------------------------------


@dataclass(eq=False)
class LogisticRegression:
    """Logistic regression, used as in scikit-learn: `LogisticRegression().fit(X, y).predict(X_new)`.

    Minimises the mean log-loss plus, on the coefficients only (never the intercept),

    - penalty "l2": λ/2 ‖w‖²
    - penalty "l1": λ ‖w‖₁
    - penalty "elasticnet": λ (ρ ‖w‖₁ + (1 − ρ)/2 ‖w‖²)

    with λ = `strength`. scikit-learn's C is 1/(n λ), n being the sum of the sample weights if there are any.

    Args:
        learning_rate: η of gradient descent, above 0.
        n_iterations: most iterations (for mini-batches: steps), at least 1.
        solver: "gradient_descent" from zero weights, or "newton" (IRLS), with the Hessian, needing about ten
            iterations and no learning rate.
        optimizer: update rule of gradient descent, a key of OPTIMIZERS, with its usual hyperparameters (the
            decay of "adamw", 0.01, acts on the intercept too). An L1 part takes "gradient_descent" only: after
            each step the coefficients are soft-thresholded by η λ ρ (proximal gradient), so zeros are exact.
        batch_size: samples in one gradient, drawn without replacement epoch by epoch; None for all.
        penalty: None, "l2", "l1" or "elasticnet".
        strength: λ, at least 0.
        l1_ratio: ρ of the elastic net, from 0 to 1.
        fit_intercept: False holds the intercept at 0.
        class_weight: None, "balanced" (n / (K · size of the class)), or a dict from label to weight, 1 where
            it has no entry; multiplied into the sample weights.
        tol: full-batch solvers stop when no coordinate of the gradient (with an L1 part: of the shortest
            subgradient) exceeds this; by Newton, this times the root mean square of the feature.
        seed: of the mini-batches.

    Learnt by `fit`:
        classes_ (K,), the labels in order; coef_ (1, d) and intercept_ (1,), or (K, d) and (K,) for K > 2
        classes; loss_history_ (n_iter_ + 1,), the penalised loss at the start and after each iteration;
        n_iter_; n_features_in_; converged_, whether `tol` was reached, and by Newton the next step would be
        short. A fit that diverges keeps the last weights before that; on data that are separable, if only in
        part, the weights without a penalty just stop somewhere on their way to infinity (see `separation`), and
        Newton's method has not converged. Neither warns.
    """

    learning_rate: float = 0.01
    n_iterations: int = 1000
    solver: str = "gradient_descent"
    optimizer: str = "gradient_descent"
    batch_size: int | None = None
    penalty: str | None = None
    strength: float = 0.01
    l1_ratio: float = 0.5
    fit_intercept: bool = True
    class_weight: str | dict[Any, float] | None = None
    tol: float = 1e-8
    seed: int = 0

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> LogisticRegression:
        """Learn from features X (n, d), labels y (n,) of any kind, and weights (n,), at least 0.

        Raises ValueError for a setting out of its range, NaN or infinity in X, fewer than two classes, shapes
        that do not fit each other, and negative weights or weights that leave fewer than two classes.
        """
        run = _run(self, X, y, sample_weight)
        final = np.atleast_2d(run.weights[-1])  # (1 or K, d + 1)
        self.classes_ = run.classes
        self.coef_, self.intercept_ = final[:, 1:].copy(), final[:, 0].copy()
        self.loss_history_ = run.values
        self.n_iter_ = len(run.weights) - 1
        self.n_features_in_ = final.shape[1] - 1
        self.converged_ = run.converged
        return self

    def decision_function(self, X: ArrayLike) -> Array:
        """Scores b + w·x: (n,), positive for class 1; for K > 2 classes (n, K)."""
        if not hasattr(self, "coef_"):
            raise ValueError("this LogisticRegression is not fitted yet: call fit first")
        features = _features(X)
        if features.shape[1] != self.n_features_in_:
            raise ValueError(f"X has {features.shape[1]} features: {self.n_features_in_}, as in the fit, are allowed")
        scores: Array = features @ self.coef_.T + self.intercept_
        return scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: ArrayLike) -> Array:
        """Probability of each class: (n, K), columns in the order of `classes_`."""
        z = self.decision_function(X)
        return np.column_stack([sigmoid(-z), sigmoid(z)]) if z.ndim == 1 else np.exp(log_softmax(z))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable label of each sample: (n,)."""
        z = self.decision_function(X)
        labels: NDArray[Any] = self.classes_[(z > 0).astype(int) if z.ndim == 1 else z.argmax(axis=1)]
        return labels

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Accuracy: the (weighted) share of right predictions."""
        predicted = self.predict(X)
        right = predicted == _labels(y, len(predicted))
        return float(np.average(right, weights=sample_weights(sample_weight, len(right))))


# --- The film of a training ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Training:
    """Everything a fit went through in T iterations; row 0 is the start, at zero weights.

    `weights` (T + 1, d + 1), the intercept first, or (T + 1, K, d + 1) for K > 2 classes. Each (T + 1,):
    `loss` and `test_loss`, the mean log-loss without penalty on training and test data, `objective`, the
    penalised training loss that is minimised, `accuracy` and `test_accuracy`, `gradient_norm`, the Euclidean
    norm of the objective's gradient (with an L1 part: of its shortest subgradient). The two of the test data
    are None without such data. `converged`: `tol` was reached, at iteration T. `diverged_at` is None, or
    T + 1: the number of the first iteration, counted from 1, after which a weight is not finite or beyond
    WEIGHT_LIMIT; it is left out. `classes` (K,) are the labels.
    """

    weights: Array
    loss: Array
    objective: Array
    accuracy: Array
    gradient_norm: Array
    test_loss: Array | None
    test_accuracy: Array | None
    converged: bool
    diverged_at: int | None
    classes: NDArray[Any]


def train(
    model: LogisticRegression,
    X: ArrayLike,
    y: ArrayLike,
    X_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    *,
    sample_weight: ArrayLike | None = None,
) -> Training:
    """Run the fit of `model` on X (n, d), y (n,) and record it, leaving the model as it is.

    Losses on the training data are weighted as in the fit, accuracies and test losses are not. Raises
    ValueError as `LogisticRegression.fit` does, and for test data that do not fit the training data.
    """
    run = _run(model, X, y, sample_weight)
    objective, weights = run.objective, run.weights
    size = objective.target.size

    def over_time(measure: Callable[[Array], Array], numbers: int = size) -> Array:
        return _in_blocks(measure, weights, numbers)

    test_loss = test_accuracy = None
    if (X_test is None) != (y_test is None):
        raise ValueError("X_test and y_test go together: give both or neither")
    if X_test is not None and y_test is not None:
        A = design_matrix(X_test, model.fit_intercept)
        if A.shape[1] != weights.shape[-1]:
            raise ValueError(f"X_test has {A.shape[1] - 1} features: {weights.shape[-1] - 1}, as in X, are allowed")
        labels = _labels(y_test, len(A))
        unknown = [label for label in np.unique(labels).tolist() if label not in run.classes.tolist()]
        if unknown:
            raise ValueError(f"y_test has labels that y has not: {unknown[:5]}")
        codes = np.searchsorted(run.classes, labels)
        test = _Objective(A, _targets(codes, len(run.classes)), np.full(len(A), 1 / len(A)), 0.0, 0.0)
        test_loss = over_time(test.value, test.target.size)
        test_accuracy = over_time(lambda w: (test.decisions(w) == codes).mean(axis=-1), test.target.size)
    plain = _Objective(objective.A, objective.target, objective.share, 0.0, 0.0)
    return Training(
        weights=weights,
        loss=over_time(plain.value),
        objective=run.values,
        accuracy=over_time(lambda w: (objective.decisions(w) == run.codes).mean(axis=-1)),
        gradient_norm=over_time(lambda w: length(objective.subgradient(w).reshape(len(w), -1))),
        test_loss=test_loss,
        test_accuracy=test_accuracy,
        converged=run.converged,
        diverged_at=run.diverged_at,
        classes=run.classes,
    )


def probabilities(weights: Array, X: ArrayLike) -> Array:
    """P(class 1) of the samples X (n, d) under weights (..., d + 1), such as the rows of a film: (..., n)."""
    p: Array = sigmoid(np.asarray(weights) @ design_matrix(X).T)
    return p


# --- The solvers --------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Objective:
    """F(W) = Σ shareᵢ lossᵢ + l2/2 ‖w‖² + l1 ‖w‖₁, for two classes (`target` (n,)) or more (one-hot (n, K))."""

    A: Array
    target: Array
    share: Array
    l2: float
    l1: float

    def value(self, weights: Array) -> Any:
        smooth = loss if self.target.ndim == 1 else softmax_loss
        total = smooth(weights, self.A, self.target, self.l2, self.share)
        if self.l1:
            total = total + self.l1 * np.abs(weights[..., 1:]).sum(axis=-1 if self.target.ndim == 1 else (-2, -1))
        return total

    def gradient(self, weights: Array) -> Array:
        """Gradient of all but the L1 part."""
        slope = gradient if self.target.ndim == 1 else softmax_gradient
        return slope(weights, self.A, self.target, self.l2, self.share)

    def slope_and_curvature(self, weights: Array) -> tuple[Array, Array]:
        """Gradient and Hessian of all but the L1 part."""
        if self.target.ndim == 1:
            p = sigmoid(self.A @ weights)  # once for both
            slope = _gradient_at(p, weights, self.A, self.target, self.l2, self.share)
            return slope, _hessian_at(p, self.A, self.l2, self.share)
        return self.gradient(weights), softmax_hessian(weights, self.A, self.l2, self.share)

    def subgradient(self, weights: Array) -> Array:
        """Return the shortest subgradient: zero exactly at the minimum, the gradient if there is no L1 part."""
        slope = self.gradient(weights)
        if self.l1:
            w, g = weights[..., 1:], slope[..., 1:]
            slope[..., 1:] = np.where(w, g + self.l1 * np.sign(w), soft_threshold(g, self.l1))
        return slope

    def batch(self, chosen: NDArray[np.intp]) -> _Objective:
        """Return the same from some samples, scaled up so that its expected gradient is the full one."""
        share = self.share[chosen] * (len(self.A) / len(chosen))
        return _Objective(self.A[chosen], self.target[chosen], share, self.l2, self.l1)

    def decisions(self, weights: Array) -> NDArray[np.int64]:
        """Index of the predicted class of each sample: (..., n)."""
        if self.target.ndim == 1:
            return (weights @ self.A.T > 0).astype(np.int64)
        chosen: NDArray[np.int64] = (self.A @ weights.swapaxes(-1, -2)).argmax(axis=-1)
        return chosen


@dataclass(frozen=True, eq=False)
class _Run:
    objective: _Objective
    classes: NDArray[Any]
    codes: NDArray[np.intp]
    weights: Array  # (T + 1, d + 1) or (T + 1, K, d + 1)
    values: Array  # (T + 1,) the objective
    converged: bool
    diverged_at: int | None


def _run(model: LogisticRegression, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> _Run:
    """Check everything, then let the chosen solver walk from zero weights."""
    _check_settings(model)
    A = design_matrix(X, model.fit_intercept)
    classes, codes = _classes(y, len(A))
    share = _normalised_weights(sample_weight, model.class_weight, classes, codes)
    ratio = {None: 0.0, "l2": 0.0, "l1": 1.0, "elasticnet": model.l1_ratio}[model.penalty]
    strength = 0.0 if model.penalty is None else model.strength
    target = _targets(codes, len(classes))
    objective = _Objective(A, target, share, strength * (1 - ratio), strength * ratio)
    start = np.zeros(A.shape[1] if len(classes) == 2 else (len(classes), A.shape[1]))
    diverged_at = None
    with np.errstate(all="ignore"):
        if model.solver == "newton":
            near, centre, sizes = _centred(A, share)
            unit = power_of_two(sizes) if model.penalty is None else np.ones(len(sizes))  # a penalty has its own unit
            weights, values, converged = _newton_steps(
                replace(objective, A=near / unit), start, model.n_iterations, model.tol, sizes / unit
            )
            weights /= unit
            weights[..., 0] -= weights[..., 1:] @ centre
        else:
            weights, converged, diverged_at = _gradient_steps(objective, start, model)
            values = _in_blocks(objective.value, weights, target.size)
    return _Run(objective, classes, codes, weights, values, converged, diverged_at)


def _gradient_steps(objective: _Objective, start: Array, model: LogisticRegression) -> tuple[Array, bool, int | None]:
    """Gradient descent with any update rule: weights by iteration, converged, diverged_at."""
    if objective.l1 and model.optimizer != "gradient_descent":
        raise ValueError(
            f"optimizer is {model.optimizer!r}: with an L1 penalty 'gradient_descent' or the solver 'newton' is allowed"
        )
    rule, state = OPTIMIZERS[model.optimizer]
    rate, w, path = float(model.learning_rate), start, [start]
    parts = None
    if model.batch_size is not None:
        rng = np.random.default_rng(model.seed)
        parts = epoch_batches(len(objective.A), model.batch_size, model.n_iterations, rng)
    for t in range(model.n_iterations):
        if parts is not None:
            g = objective.batch(parts[t]).gradient(w)
        else:
            g = objective.gradient(w)
            if _stationary(objective, w, g, model.tol):
                return np.array(path), True, None
        w, state, _ = rule(w, g, state, rate)
        if objective.l1:
            w[..., 1:] = soft_threshold(w[..., 1:], rate * objective.l1)
        if not np.abs(w).max() <= WEIGHT_LIMIT:
            return np.array(path), False, t + 1
        path.append(w)
    return np.array(path), _stationary(objective, w, objective.gradient(w), model.tol), None


def _stationary(objective: _Objective, weights: Array, slope: Array, tol: float | Array) -> bool:
    if objective.l1:
        slope = objective.subgradient(weights)
    return bool((np.abs(slope) <= tol).all())


def _centred(A: Array, share: Array) -> tuple[Array, Array, Array]:
    """The design matrix with the weighted means of columns far from 0 taken out, these (d,), and all columns' sizes.

    The same model then has the intercept b + w·mean. A column whose mean is more than FAR standard deviations looks
    like the one of ones, and rounding hides in which direction the loss falls. Without an intercept nothing is taken
    out. The size (d + 1,) of a column is its weighted root mean square, 1 where that is 0: what a unit of the
    gradient's coordinate is worth.
    """
    size, centre = _root_mean_square(A, share), share @ A[:, 1:]
    far = (size[1:] <= np.abs(centre) * math.hypot(1, 1 / FAR)) & A[:, 0].any()
    centre = np.where(far, centre, 0)
    if far.any():
        A = A.copy(order="F")
        varying = varies(A[:, 1:], axis=0)
        A[:, 1:] -= centre
        A[:, 1:][:, far & ~varying] = 0  # all that is left of a constant column is rounding
        size = _root_mean_square(A, share)
    return A, centre, np.where(size > 0, size, 1)


def _root_mean_square(A: Array, share: Array) -> Array:
    size: Array = np.sqrt(share @ np.square(A))
    if not ((size > 1e-150) & (size < 1e150)).all():  # squares vanish or overflow
        size = length(np.sqrt(share)[:, None] * A, axis=0)
    return size


def _newton_steps(
    objective: _Objective, start: Array, n_iterations: int, tol: float, sizes: Array
) -> tuple[Array, Array, bool]:
    """Newton's method, w ← w − H⁻¹ g, halving a step that would raise the loss.

    Returns weights and penalised loss by iteration, and whether it converged: each coordinate of the gradient is
    under `tol` times the size of its column, and the step that would follow is short. On data that are separable,
    if only in part, it is long: the gradient vanishes at infinity alone.

    For logistic regression this is iteratively reweighted least squares (ESL 4.26). With an L1 part each step
    minimises the quadratic model plus that part (proximal Newton).
    """
    w, path, values = start, [start], [objective.value(start)]
    while True:
        g, H = objective.slope_and_curvature(w)
        converged = _stationary(objective, w, g, tol * sizes)
        if converged and not objective.l1:
            converged = bool(np.abs(_newton_direction(H, g.ravel()).reshape(w.shape) * sizes).max() <= SHORT_STEP)
            break
        if converged or len(path) > n_iterations:
            break
        if objective.l1:
            thresholds = np.broadcast_to(objective.l1 * (np.arange(w.shape[-1]) > 0), w.shape)
            flat_step = _lasso_minimum(H, g.ravel(), w.ravel(), thresholds.ravel()) - w.ravel()
        else:
            flat_step = _newton_direction(H, g.ravel())
        step = flat_step.reshape(w.shape)
        value, halvings = objective.value(w + step), 0
        while not value <= values[-1] * ROUNDING and halvings < 40:
            step, halvings = step / 2, halvings + 1
            value = objective.value(w + step)
        if not value <= values[-1] * ROUNDING:
            break  # no step descends: as low as rounding allows
        w = w + step
        if w.ndim == 2:  # of all equivalent weights the ones that sum to zero; an L1 part chooses itself
            free = 1 if objective.l1 else w.shape[1]
            w[:, :free] -= w[:, :free].mean(axis=0)
        path.append(w)
        values.append(value)
    return np.array(path), np.array(values), converged


def _newton_direction(H: Array, g: Array) -> Array:
    """−H⁻¹ g for one or more Hessians (..., p, p) and gradients (..., p).

    The diagonal of H is raised by DAMPING of itself, and by 1 where it is 0, so that collinear or constant
    columns and saturated samples leave it solvable. Where the gradient is zero the step is too: damping moves
    no minimum.
    """
    damped = H.copy()
    diagonal = _diagonal(damped)
    diagonal *= 1 + DAMPING
    diagonal[diagonal == 0] = 1
    return np.asarray(-np.linalg.solve(damped, g[..., None])[..., 0])


def _diagonal(matrices: Array) -> Array:
    """Return the diagonals (..., p) of matrices (..., p, p) as a view that can be written to."""
    view: Array = np.einsum("...jj->...j", matrices)
    return view


def soft_threshold(w: Any, threshold: Any) -> Any:
    """sign(w) max(|w| − threshold, 0): the minimum of ½(u − w)² + threshold |u| over u, exactly 0 for small w."""
    return w - np.minimum(np.maximum(w, -threshold), threshold)


def _lasso_minimum(H: Array, g: Array, w: Array, thresholds: Array, n_rounds: int = 200) -> Array:
    """Minimise g·(u − w) + ½ (u − w)ᵀ H (u − w) + Σ thresholdsⱼ |uⱼ| over u, starting from u = w.

    Each round takes every coordinate in turn to its minimum, the soft-thresholded Newton step of that
    coordinate alone (coordinate descent); that settles which are zero and the signs of the others. Given
    those the problem is quadratic, so a joint Newton step follows, as far as the first change of sign.
    """
    curvature = np.diagonal(H) * (1 + DAMPING)
    curvature = np.where(curvature > 0, curvature, 1)
    u, slope, largest = w.copy(), g.copy(), 0.0  # slope is g + H (u − w)
    for _ in range(n_rounds):
        moved = 0.0
        for j in range(len(u)):
            new = soft_threshold(u[j] - slope[j] / curvature[j], thresholds[j] / curvature[j])
            if new != u[j]:
                moved = max(moved, abs(new - u[j]) * math.sqrt(curvature[j]))
                slope += (new - u[j]) * H[j]
                u[j] = new
        largest = max(largest, moved)
        if not moved > 1e-10 * largest:
            break
        kept = np.flatnonzero((u != 0) | (thresholds == 0))
        before, threshold = u[kept], thresholds[kept]
        step = _newton_direction(H[np.ix_(kept, kept)], slope[kept] + threshold * np.sign(before))
        crosses = (threshold > 0) & (before * (before + step) < 0)
        reach = np.where(crosses, -before / np.where(crosses, step, 1), 1)  # share of the step up to zero
        u[kept] = np.where(crosses & (reach == reach.min()), 0, before + reach.min() * step)
        slope = g + H @ (u - w)
    return u


# --- A path of penalties, and growth without one ------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PenaltyPath:
    """L2 fits for every λ: `lams` (L,), `coef` (L, d), `intercept` (L,), `loss` (L,) the mean log-loss without
    penalty, `converged` (L,) whether no coordinate of the gradient exceeds the tolerance times its column's size.
    """

    lams: Array
    coef: Array
    intercept: Array
    loss: Array
    converged: NDArray[np.bool_]


def penalty_path(
    X: ArrayLike,
    y: ArrayLike,
    lams: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    n_iterations: int = 100,
    tol: float = 1e-8,
) -> PenaltyPath:
    """Fit L2-penalised logistic regression for every λ of `lams` (L,), by Newton's method on many λ at once.

    From the largest λ down, PATH_BLOCK at a time, each block starting where the last one ended. All Hessians
    of a block come from one matrix product, as H_ab = Σᵢ sᵢ xᵢₐ xᵢᵦ is linear in the curvatures sᵢ = pᵢ (1 − pᵢ)
    of the samples. λ = 0 is allowed. Raises ValueError for other than two classes, λ < 0, and as `fit` does.
    """
    A, target, share = _two_classes(X, y, sample_weight)
    penalties = _strengths(lams)
    whole_number("n_iterations", n_iterations, 1)
    with np.errstate(all="ignore"):
        A, centre, sizes = _centred(A, share)
    tolerance = finite_number("tol", tol, 0) * sizes
    n, width = A.shape
    row, column = np.triu_indices(width)
    one_product = n * len(row) <= MAX_PRODUCTS
    products = (A.T[row] * A.T[column]).T if one_product else None  # (n, pairs of features)
    weights = np.zeros((len(penalties), width))
    converged = np.zeros(len(penalties), dtype=bool)
    order, start = np.argsort(-penalties), np.zeros(width)
    with np.errstate(all="ignore"):
        for i in range(0, len(order), PATH_BLOCK):
            block = order[i : i + PATH_BLOCK]
            lam, w = penalties[block], np.tile(start, (len(block), 1))
            value = loss(w, A, target, lam, share)
            for iteration in range(n_iterations + 1):
                p = sigmoid(w @ A.T)  # (block, n)
                g = _add_ridge(((p - target) * share) @ A, w, lam)
                met = (np.abs(g) <= tolerance).all(axis=1)
                if met.all() or iteration == n_iterations:
                    break
                curvatures = p * (1 - p) * share
                if products is None:
                    H = np.array([(A.T * s) @ A for s in curvatures])
                else:
                    H = np.empty((len(block), width, width))
                    H[:, row, column] = H[:, column, row] = curvatures @ products
                _diagonal(H)[:, 1:] += lam[:, None]
                step = _newton_direction(H, g)
                new_value = loss(w + step, A, target, lam, share)
                for halving in range(41):
                    worse = ~(new_value <= value * ROUNDING)
                    if not worse.any():
                        break
                    step[worse] = step[worse] / 2 if halving < 40 else 0  # 0: as low as rounding allows
                    new_value[worse] = loss(w[worse] + step[worse], A, target, lam[worse], share)
                w, value = w + step, new_value
                if not step.any():
                    break
            weights[block], converged[block], start = w, met, w[-1]
    data_loss = _in_blocks(lambda w: loss(w, A, target, 0.0, share), weights, n)
    return PenaltyPath(penalties, weights[:, 1:], weights[:, 0] - weights[:, 1:] @ centre, data_loss, converged)


@dataclass(frozen=True, eq=False)
class NormGrowth:
    """`weights` (L, T + 1, d + 1), the intercept first, ‖w‖ without the intercept, `norm` (L, T + 1), and the mean
    log-loss without penalty, `loss` (L, T + 1), by iteration of gradient descent for each strength of `lams` (L,).

    Where `diverged` (L,), the curve stays at its last value before a weight passed WEIGHT_LIMIT.
    """

    lams: Array
    weights: Array
    norm: Array
    loss: Array
    diverged: NDArray[np.bool_]


def norm_growth(
    X: ArrayLike,
    y: ArrayLike,
    lams: ArrayLike,
    *,
    learning_rate: float = 0.1,
    n_iterations: int = 1000,
) -> NormGrowth:
    """Gradient descent from zero weights for every λ of `lams` (L,) at once, on two classes.

    On separable data with λ = 0, scaling up any separating w lowers the loss, so ‖w‖ grows without end, like
    log t (Soudry et al. 2018); any λ > 0 stops it. Raises ValueError as `penalty_path` does.
    """
    A, target, share = _two_classes(X, y, None)
    penalties = _strengths(lams)
    finite_number("learning_rate", learning_rate, 0, above=True)
    whole_number("n_iterations", n_iterations, 1)
    weights = np.zeros((len(penalties), A.shape[1]))
    path = np.empty((n_iterations + 1, *weights.shape))
    path[0] = weights
    alive = np.ones(len(penalties), dtype=bool)
    for t in range(n_iterations):
        new = weights - learning_rate * gradient(weights, A, target, penalties, share)
        alive &= np.abs(new).max(axis=1) <= WEIGHT_LIMIT
        weights = np.where(alive[:, None], new, weights)
        path[t + 1] = weights
    losses = _in_blocks(lambda w: loss(w, A, target, 0.0, share), path.reshape(-1, A.shape[1]), len(A))
    norms = np.sqrt((path[..., 1:] ** 2).sum(axis=-1))
    return NormGrowth(penalties, path.swapaxes(0, 1), norms.T, losses.reshape(norms.shape).T, ~alive)


def separation(X: ArrayLike, y: ArrayLike) -> str:
    """How a hyperplane parts the two classes: "complete", "quasi-complete" or "none" (Albert and Anderson 1984).

    "complete": all samples are strictly on their class's side. "quasi-complete": none is on the wrong side, but some
    lie on it whatever the hyperplane. Either way the unpenalised fit has no finite solution: weights along its normal
    grow without end. "none": it has one, unless columns determine each other. Raises ValueError for other than two
    classes.

    Let the rows b of B be the samples, 1 in front, times −1 for class 0: B v > 0 in all rows has a solution v if and
    only if no shares λ ≥ 0, Σλ = 1, have Bᵀλ = 0 (Gordan), and B v ≥ 0, not all 0, if no λ ≥ 1 have (Stiemke). Least
    squares over such λ tell which holds, and Bᵀλ is the v if there is one.
    """
    A, target, _ = _two_classes(standardise(X)[0], y, None)
    B = ((2 * target - 1) * A.T).T

    def parts(v: Array, least: float) -> bool:
        margins = B @ v / max(np.linalg.norm(v), np.finfo(float).tiny)
        return bool(margins.min() > least and margins.max() > 1e-6)

    shares = _nonnegative_least_squares(np.vstack([B.T, np.ones(len(B))]), np.append(np.zeros(B.shape[1]), 1))
    if parts(shares @ B, 1e-9):
        return "complete"
    more = _nonnegative_least_squares(B.T, -B.sum(axis=0))
    return "quasi-complete" if parts((1 + more) @ B, -1e-9) else "none"


def is_separable(X: ArrayLike, y: ArrayLike) -> bool:
    """Whether a hyperplane has all of class 0 strictly on one side and all of class 1 on the other.

    Raises ValueError for other than two classes.
    """
    return separation(X, y) == "complete"


def _nonnegative_least_squares(M: Array, b: Array) -> Array:
    """Minimise ‖M x − b‖ over x ≥ 0, M (k, n): (n,), by the active sets of Lawson and Hanson (1974).

    Of the entries at 0 the one along which the error falls fastest joins those in use, which are solved for; an
    entry that would turn negative stops the step at 0 and leaves.
    """
    x, used = np.zeros(M.shape[1]), np.zeros(M.shape[1], dtype=bool)
    for _ in range(3 * M.shape[1]):
        slope = np.where(used, 0, M.T @ (b - M @ x))
        chosen = int(slope.argmax())
        if slope[chosen] <= 1e-12 * np.abs(M).max() * np.abs(b).max():
            break
        used[chosen] = True
        while used.any():
            solution = np.zeros_like(x)
            solution[used] = np.linalg.lstsq(M[:, used], b)[0]
            falling = used & (solution <= 0)
            if not falling.any():
                break
            reach = np.where(falling, x / np.where(falling, x - solution, 1), np.inf)
            x = x + reach.min() * (solution - x)
            used &= ~(falling & (reach <= reach.min()))
            x[~used] = 0
        x = solution
    return x


# --- Reading a fit ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class LossSurface:
    """Mean losses on a grid of two weights: `log_loss` and `squared_loss`, (rows, columns), where row i has
    the i-th value of the second weight and column j the j-th of the first.
    """

    log_loss: Array
    squared_loss: Array


def loss_surface(
    X: ArrayLike,
    y: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    axes: tuple[int, int] = (1, 2),
    l2: float = 0.0,
) -> LossSurface:
    """Log-loss, and mean (σ(z) − y)², over a grid of two weights: convex the one, not convex the other.

    Args:
        X: features (n, d).
        y: labels (n,) of two classes.
        first: values of the first weight, (columns,).
        second: values of the second weight, (rows,).
        weights: (d + 1,), where the other weights stay; zero unless given.
        axes: which two weights vary, as indices into `weights`, 0 being the intercept.
        l2: λ of the penalty λ/2 ‖w‖² added to both.

    Raises:
        ValueError: for other than two classes, or shapes or axes that do not fit.
    """
    A, target, share = _two_classes(X, y, None)
    width = A.shape[1]
    base = np.zeros(width) if weights is None else _weights_of("weights", weights, A)
    if len({whole_number("axes", axis, 0, width - 1) for axis in axes}) != 2:
        raise ValueError(f"axes are {axes!r}: two different numbers from 0 to {width - 1} are allowed")
    finite_number("l2", l2, 0)
    columns, rows = np.meshgrid(float_vector("first", first), float_vector("second", second))
    grid = np.tile(base, (columns.size, 1))
    grid[:, axes[0]], grid[:, axes[1]] = columns.ravel(), rows.ravel()
    log_losses = _in_blocks(lambda w: loss(w, A, target, l2, share), grid, len(A))
    squares = _in_blocks(lambda w: squared_loss(w, A, target, l2, share), grid, len(A))
    return LossSurface(log_losses.reshape(rows.shape), squares.reshape(rows.shape))


def hessian_condition(weights: Array, A: Array, l2: float = 0.0) -> float:
    """Ratio of the largest to the smallest eigenvalue of the Hessian: how much gradient descent zigzags.

    Infinite if the smallest is zero to rounding.
    """
    eigenvalues = np.linalg.eigvalsh(hessian(weights, A, l2))
    smallest, largest = float(eigenvalues[0]), float(eigenvalues[-1])
    return largest / smallest if smallest > 1e-16 * largest else math.inf


@dataclass(frozen=True, eq=False)
class OddsRatios:
    """What each weight means, intercept first; all (d + 1,).

    `coefficient` and its `standard_error`; `odds_ratio` = e^coefficient, by which the odds p / (1 − p) are
    multiplied when the feature rises by one and the others stay; `lower` and `upper`, its Wald interval;
    `p_value` of the two-sided Wald test that the coefficient is 0. A weight that the data do not determine
    (a column that others make up, or a constant one) has an infinite standard error, the interval 0 to
    infinity and the p-value 1.
    """

    coefficient: Array
    standard_error: Array
    odds_ratio: Array
    lower: Array
    upper: Array
    p_value: Array


def odds_ratios(weights: ArrayLike, X: ArrayLike, level: float = 0.95) -> OddsRatios:
    """Odds ratios with Wald intervals for weights (d + 1,) fitted without penalty to X (n, d).

    The standard errors are the roots of the diagonal of (n H)⁻¹, H being the Hessian of the mean loss (ESL
    4.4.2). They hold for the maximum-likelihood fit; a penalty biases the weights and voids the intervals.
    Raises ValueError for weights that do not fit X, or a level outside (0, 1).
    """
    A = design_matrix(X)
    w = _weights_of("weights", weights, A)
    finite_number("level", level, 0, 1, above=True, under=True)
    mean, scale = centre_and_scale(A[:, 1:])
    Z = design_matrix(standardise(A[:, 1:])[0])  # far from 0 the columns look alike: so first in standard units
    information = _hessian_at(sigmoid(A @ w), Z, 0.0, np.ones(len(A)))
    size = np.sqrt(np.diagonal(information))
    known = size > 0
    size = np.where(known, size, 1)
    unit = information / np.outer(size, size) + 1e-13 * np.eye(len(w))
    covariance = np.linalg.pinv(unit, rcond=0, hermitian=True)
    back = np.append(1, -mean / scale) / size  # the intercept is that in standard units less Σ slope · mean / scale
    inflation = np.diagonal(covariance).copy()  # of the variance, by collinearity
    back_length = length(back)
    inflation[0] = back / back_length @ covariance @ (back / back_length)
    known[0] &= not (~known & (back != 0)).any()
    known &= (inflation > 0) & (inflation < 1e11)
    with np.errstate(over="ignore"):
        spread = np.append(back_length, 1 / (size[1:] * scale))
        error = np.where(known, np.sqrt(np.abs(inflation)) * spread, np.inf)
        half = NormalDist().inv_cdf(0.5 + level / 2) * error
        p_value = np.array([math.erfc(abs(z) / math.sqrt(2)) for z in w / error])
        return OddsRatios(w, error, np.exp(w), np.exp(w - half), np.exp(w + half), p_value)


# --- Features -----------------------------------------------------------------------------------------------


def standardise(X: ArrayLike) -> tuple[Array, Array, Array]:
    """(X − mean) / scale column by column: Z (n, d), mean (d,), scale (d,), the population standard deviation.

    A column that is constant to rounding has scale 1 and becomes zero.
    """
    features = _features(X)
    mean, scale = centre_and_scale(features)
    unit = power_of_two(scale)
    return np.where(varies(features, axis=0), (features / unit - mean / unit) / (scale / unit), 0), mean, scale


def polynomial_features(X: ArrayLike, degree: int) -> Array:
    """All products x₁ᵃ x₂ᵇ with 1 ≤ a + b ≤ degree of two columns (n, 2): (n, degree (degree + 3) / 2).

    Ordered by total degree, then by falling a: x₁, x₂, x₁², x₁x₂, x₂² … Raises ValueError unless X has two
    columns and degree is 1 to 6.
    """
    features = _features(X)
    if features.shape[1] != 2:
        raise ValueError(f"X has {features.shape[1]} columns: two columns are allowed")
    return np.column_stack([features[:, 0] ** a * features[:, 1] ** b for a, b in _exponents(degree)])


def standardised_terms(X: ArrayLike, degree: int) -> Callable[[ArrayLike], Array]:
    """The map from two inputs (m, 2) to their `polynomial_features`, inputs and terms standardised as X (n, 2) is.

    What it learns from X, the training inputs, it applies to any others. Raises ValueError as
    `polynomial_features` does.
    """
    Z, mean, scale = standardise(X)
    _, term_mean, term_scale = standardise(polynomial_features(Z, degree))

    def terms(inputs: ArrayLike) -> Array:
        return (polynomial_features((_features(inputs) - mean) / scale, degree) - term_mean) / term_scale

    return terms


def polynomial_names(degree: int, names: Sequence[str] = ("x₁", "x₂")) -> list[str]:
    """Names of the columns of `polynomial_features`, such as "x₁² x₂"."""
    powers = ["", "", "²", "³", "⁴", "⁵", "⁶"]
    factors = [[name + powers[k] if k else "" for k in range(MAX_POLYNOMIAL_DEGREE + 1)] for name in names]
    return [" ".join(filter(None, (factors[0][a], factors[1][b]))) for a, b in _exponents(degree)]


def _exponents(degree: int) -> list[tuple[int, int]]:
    whole_number("degree", degree, 1, MAX_POLYNOMIAL_DEGREE)
    return [(total - b, b) for total in range(1, degree + 1) for b in range(total + 1)]


# --- Checks of inputs ---------------------------------------------------------------------------------------


def _in_blocks(measure: Callable[[Array], Array], weights: Array, numbers: int) -> Array:
    """Apply `measure` to many weight vectors in blocks that need about BLOCK_SIZE numbers at a time."""
    block = max(1, BLOCK_SIZE // numbers)
    return np.concatenate([measure(weights[i : i + block]) for i in range(0, len(weights), block)])


def _features(X: ArrayLike) -> Array:
    return float_matrix("X", X)


def _labels(y: ArrayLike, n: int) -> NDArray[Any]:
    labels = class_labels("y", y)
    if labels.shape != (n,):
        raise ValueError(f"y has shape {labels.shape}: ({n},) is allowed, to match X")
    return labels


def _classes(y: ArrayLike, n: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Sorted labels (K,) and each sample's index among them (n,)."""
    classes, codes = np.unique(_labels(y, n), return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"y has one class, {classes.tolist()}: at least two classes are allowed")
    return classes, codes


def _targets(codes: NDArray[np.intp], n_classes: int) -> Array:
    """0 and 1 for two classes, (n,); one-hot rows for more, (n, K)."""
    return codes.astype(float) if n_classes == 2 else np.eye(n_classes)[codes]


def _normalised_weights(
    sample_weight: ArrayLike | None,
    class_weight: str | dict[Any, float] | None,
    classes: NDArray[Any],
    codes: NDArray[np.intp],
) -> Array:
    """Sample weights times class weights, divided by their sum: (n,)."""
    if sample_weight is None and class_weight is None:
        return np.full(len(codes), 1 / len(codes))
    weight = sample_weights(sample_weight, len(codes)).copy()
    if isinstance(class_weight, dict):
        unknown = [label for label in class_weight if label not in classes.tolist()]
        if unknown:
            raise ValueError(f"class_weight has labels that y has not: {unknown}")
        by_class = np.array([class_weight.get(label, 1.0) for label in classes.tolist()], dtype=float)
        if not (np.isfinite(by_class).all() and (by_class >= 0).all()):
            raise ValueError(f"class_weight is {class_weight!r}: finite weights of at least 0 are allowed")
        weight *= by_class[codes]
    elif class_weight == "balanced":
        size = np.bincount(codes, weight, len(classes))
        weight *= np.divide(weight.sum(), len(classes) * size, out=np.zeros_like(size), where=size > 0)[codes]
    elif class_weight is not None:
        raise ValueError(f"class_weight is {class_weight!r}: None, 'balanced' or a dict is allowed")
    if (np.bincount(codes, weight, len(classes)) > 0).sum() < 2:
        raise ValueError("at least two classes must have a total weight above zero")
    normalised: Array = weight / weight.sum()
    return normalised


def _two_classes(X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> tuple[Array, Array, Array]:
    """Design matrix (n, d + 1), labels as 0 and 1 (n,), shares (n,)."""
    A = design_matrix(X)
    classes, codes = _classes(y, len(A))
    if len(classes) != 2:
        raise ValueError(f"y has {len(classes)} classes: two classes are allowed here")
    return A, codes.astype(float), _normalised_weights(sample_weight, None, classes, codes)


def _strengths(lams: ArrayLike) -> Array:
    strengths = float_vector("lams", lams)
    if strengths.size == 0 or not (strengths >= 0).all():
        raise ValueError(f"lams are {lams!r}: one or more finite numbers, at least 0, are allowed")
    return strengths


def _check_settings(model: LogisticRegression) -> None:
    for name, allowed in (
        ("solver", SOLVERS),
        ("optimizer", tuple(OPTIMIZERS)),
        ("penalty", (None, *PENALTIES)),
        ("fit_intercept", (True, False)),
    ):
        one_of(name, getattr(model, name), allowed)
    finite_number("learning_rate", model.learning_rate, 0, above=True)
    finite_number("strength", model.strength, 0)
    finite_number("tol", model.tol, 0)
    finite_number("l1_ratio", model.l1_ratio, 0, 1)
    whole_number("n_iterations", model.n_iterations, 1)
    whole_number("seed", model.seed, 0)
    if model.batch_size is not None:
        whole_number("batch_size", model.batch_size, 1)
