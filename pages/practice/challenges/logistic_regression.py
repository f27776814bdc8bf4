"""Logistic regression with an L2 penalty: its loss, its gradient, and the minimum."""

import numpy as np

from mlcore import logistic_regression as lr
from pages.practice.challenge import Probe

RNG = np.random.default_rng(3)


def penalised_loss(w, b, X, y, lam):
    """`mlcore`'s loss, with the intercept apart from the weights."""
    return float(lr.loss(np.append(b, w), lr.design_matrix(X), y, lam))


def penalised_gradient(w, b, X, y, lam):
    """`mlcore`'s gradient, with the intercept apart from the weights."""
    slope = lr.gradient(np.append(b, w), lr.design_matrix(X), y, lam)
    return slope[1:], float(slope[0])


def minimum(X, y, lam, penalised_intercept=False, fit_intercept=True):
    """`mlcore`'s fit; with a penalty on the intercept it is fitted as the weight of a feature that is always 1."""
    if penalised_intercept:
        w, _ = minimum(np.column_stack([X, np.ones(len(X))]), y, lam, fit_intercept=False)
        return w[:-1], w[-1]
    model = lr.LogisticRegression(solver="newton", penalty="l2", strength=lam, fit_intercept=fit_intercept).fit(X, y)
    return model.coef_[0], float(model.intercept_[0])


REFERENCE = {"loss": penalised_loss, "gradient": penalised_gradient, "fit": minimum}


def exact_objective(w, b, X, y, lam):
    """The mean of log(1 + e^z) − y z, plus λ/2 ‖w‖²."""
    z = X @ w + b
    return (np.logaddexp(0, z) - y * z).mean() + lam / 2 * (w @ w)


def central_differences(w, b, X, y, lam):
    """The slopes of the objective in w, then in b, without a formula for them."""
    at, h = np.append(np.asarray(w, dtype=float), b), 1e-5
    moves = h * np.eye(len(at))
    return np.array(
        [
            (
                exact_objective((at + m)[:-1], (at + m)[-1], X, y, lam)
                - exact_objective((at - m)[:-1], (at - m)[-1], X, y, lam)
            )
            / (2 * h)
            for m in moves
        ]
    )


def has_not_the_form(answer, X):
    """What is wrong with the form of a pair of d numbers and one number."""
    first, second = answer
    if np.shape(first) != (X.shape[1],) or np.shape(second) != ():
        return f"The shapes are {np.shape(first)} and {np.shape(second)}; ({X.shape[1]},) and () were expected."
    return ""


def no_ceiling(value, w, b, X, y, lam):
    """The loss of one sample grows with its score, however large that is."""
    value, want = np.asarray(value) * 1.0, exact_objective(w, b, X, y, lam)
    if value.shape != ():
        return f"The shape is {value.shape}; one number was expected."
    if np.isclose(value, want, rtol=1e-6):
        return ""
    says = f"The loss is {value:.6g}; {want:.6g} was expected."
    if 0 < value < want:
        says += (
            " A number added to the probability, or bounding it, puts a ceiling on the loss, "
            f"−log({np.exp(-value):.1g}) here. Compute the loss from the score instead."
        )
    return says


def slope_of_the_objective(slopes, w, b, X, y, lam):
    """A gradient agrees with central differences of the loss."""
    if says := has_not_the_form(slopes, X):
        return says
    for name, came, want in zip(
        [*(f"w[{j}]" for j in range(X.shape[1])), "b"],
        np.append(*slopes),
        central_differences(w, b, X, y, lam),
        strict=True,
    ):
        if not abs(came - want) < 1e-7:
            return f"The slope in {name} is {came:.6g}; the loss rises there by {want:.6g} a unit."
    return ""


def no_slope_left(answer, X, y, lam):
    """At the minimum no slope is left."""
    if says := has_not_the_form(answer, X):
        return says
    w, b = answer
    if not (np.isfinite(w).all() and np.isfinite(b)):
        return "The answer holds nan or inf."
    slopes = np.abs(central_differences(w, b, X, y, lam))
    if slopes.max() < 1.05e-4:
        return ""
    alone = np.abs(central_differences(w, b, X, y, 0.0)).max()
    if alone < 1.05e-4:
        return "That is the minimum of the mean log-loss alone: the penalty is missing."
    says = f"The slope of the objective is {slopes.max():.2g} in size there; at most 1e-4 was asked for."
    if alone < slopes.max() / 2:
        return f"{says} That of the mean log-loss alone is {alone:.2g}: is the penalty missing, or λ too small?"
    return f"{says} Take more or larger steps, or Newton's; or is it the minimum of another function?"


SIX = RNG.normal(size=(6, 2)).round(2), np.array([0, 1, 1, 0, 1, 1])
WEIGHTS = np.array([0.8, -1.5]), 0.4
SURE = np.array([[500.0], [-500.0], [500.0]])
CROWD = RNG.normal(size=(16, 2)).round(2)
MIXED = (CROWD[:, 0] - CROWD[:, 1] + 2 * RNG.normal(size=16) > 0).astype(int)  # no line separates them
RARE = (np.arange(16) % 8 == 0).astype(int)
SPLIT = (CROWD[:, 0] > 0).astype(int)

PROBES = [
    Probe("loss: six samples without a penalty", (*WEIGHTS, *SIX, 0.0)),
    Probe("loss: six samples, λ = 0.5", (*WEIGHTS, *SIX, 0.5)),
    Probe("loss: w and b are 0: log 2", (np.zeros(2), 0.0, *SIX, 0.5)),
    Probe(
        "loss: sure and wrong, z = −1000 for class 1",
        (np.array([2.0]), 0.0, SURE[1:2], np.array([1]), 0.0),
        judge=no_ceiling,
    ),
    Probe("loss: sure and right, z = ±1000", (np.array([2.0]), 0.0, SURE, np.array([1, 0, 1]), 0.0)),
    Probe("gradient: six samples without a penalty", (*WEIGHTS, *SIX, 0.0), "gradient"),
    Probe("gradient: six samples, λ = 0.5", (*WEIGHTS, *SIX, 0.5), "gradient"),
    Probe("gradient: against central differences", (-WEIGHTS[0], 1.0, *SIX, 0.1), "gradient", slope_of_the_objective),
    Probe("gradient: z = ±1000", (np.array([2.0]), 0.0, SURE, np.array([1, 1, 0]), 0.01), "gradient"),
    Probe("fit: classes that overlap, λ = 0.1", (CROWD, MIXED, 0.1), "fit", no_slope_left, 0.01),
    Probe("fit: two of sixteen in class 1, λ = 0.2", (CROWD, RARE, 0.2), "fit", no_slope_left, 0.01),
    Probe("fit: separable classes, λ = 0.05", (CROWD, SPLIT, 0.05), "fit", no_slope_left, 0.01),
]


def log_of_zero(w, b, X, y, lam):
    """σ(z) is exactly 0 or 1 for a large score, and then log 0 appears: inf, or nan as 0 · inf. Compute the loss
    from z, log(1 + e^z) − y z, with `np.logaddexp(0, z)` for the first term."""
    p = 1 / (1 + np.exp(-(X @ w + b)))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean() + lam / 2 * (w @ w)


def overflowing(w, b, X, y, lam):
    """`np.exp(z)` overflows beyond z = 709, so log(1 + e^z) is inf. `np.logaddexp(0, z)` is the same without overflow;
    so is max(z, 0) + log1p(e^−|z|)."""
    z = X @ w + b
    return (np.log(1 + np.exp(z)) - y * z).mean() + lam / 2 * (w @ w)


def constant(eps, bounded):
    """The usual loss of probabilities that are kept from 0 and 1 by so small a number."""

    def added_constant(w, b, X, y, lam):
        """The small number that you add to the probability (or bound it by) keeps log from 0, but it puts a ceiling on
        the loss: 34.5 for 1e-15. Beyond it the loss has no slope. Compute the loss from z: `np.logaddexp(0, z) - y *
        z`."""
        p = 1 / (1 + np.exp(-(X @ w + b)))
        p, q = (np.clip(p, eps, 1 - eps), np.clip(1 - p, eps, 1 - eps)) if bounded else (p + eps, 1 - p + eps)
        return -(y * np.log(p) + (1 - y) * np.log(q)).mean() + lam / 2 * (w @ w)

    return added_constant


def score_bounded(w, b, X, y, lam):
    """You keep the score within ±500, so that `exp` does not overflow: then no loss is above 500, and beyond that there
    is no slope. `np.logaddexp(0, z) - y * z` needs no bound."""
    z = np.clip(X @ w + b, -500, 500)
    return (np.logaddexp(0, z) - y * z).mean() + lam / 2 * (w @ w)


def log_of_bounded_score(w, b, X, y, lam):
    """You keep the score within ±500, so that `exp` does not overflow, but σ(500) is 1 in double precision, and log(1 −
    1) is −inf. Compute the loss from z itself: `np.logaddexp(0, z) - y * z`."""
    p = 1 / (1 + np.exp(-np.clip(X @ w + b, -500, 500)))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean() + lam / 2 * (w @ w)


def sum_of_losses(w, b, X, y, lam):
    """You sum the losses; the mean was asked for. With the sum, the balance between loss and penalty shifts with n."""
    return len(y) * exact_objective(w, b, X, y, 0.0) + lam / 2 * (w @ w)


def loss_with_wrong_sign(w, b, X, y, lam):
    """The log-likelihood is to be maximised; the loss is its negative, and never below 0."""
    return -exact_objective(w, b, X, y, 0.0) + lam / 2 * (w @ w)


def loss_without_penalty(w, b, X, y, lam):
    """The penalty λ/2 ‖w‖² is missing from the loss."""
    return exact_objective(w, b, X, y, 0.0)


def loss_with_whole_lam(w, b, X, y, lam):
    """Your penalty is λ ‖w‖²; λ/2 ‖w‖² was asked for, whose gradient is λ w."""
    return exact_objective(w, b, X, y, 2 * lam)


def loss_with_lam_over_n(w, b, X, y, lam):
    """You divide the penalty by n. Here λ goes with the mean loss: λ/2 ‖w‖², whatever n is."""
    return exact_objective(w, b, X, y, lam / len(y))


def loss_with_norm(w, b, X, y, lam):
    """You penalise the norm ‖w‖, not its square."""
    return exact_objective(w, b, X, y, 0.0) + lam / 2 * np.sqrt(w @ w)


def loss_penalising_b(w, b, X, y, lam):
    """Your loss penalises the intercept. It only sets the level, and shrinking it would bias every prediction towards
    ½: leave b out of the penalty."""
    return exact_objective(w, b, X, y, lam) + lam / 2 * b**2


def labels_of_plus_and_minus_one(w, b, X, y, lam):
    """log(1 + e^(−y z)) is the loss for labels −1 and 1. Here they are 0 and 1: a negative would cost log 2 whatever
    its score. Use log(1 + e^z) − y z, or turn y into 2 y − 1."""
    return np.logaddexp(0, -y * (X @ w + b)).mean() + lam / 2 * (w @ w)


def gradient_of_the_sum(w, b, X, y, lam):
    """Your gradient sums over the samples; the loss is their mean, so divide by n (in b too)."""
    gw, gb = penalised_gradient(w, b, X, y, 0.0)
    return len(y) * gw + lam * w, len(y) * gb


def slope_in_w_summed(w, b, X, y, lam):
    """Your slope in w sums over the samples, unlike that in b; the loss is their mean: X^T (p − y) / n + λ w."""
    gw, gb = penalised_gradient(w, b, X, y, 0.0)
    return len(y) * gw + lam * w, gb


def gradient_with_wrong_sign(w, b, X, y, lam):
    """The error has the wrong sign: the slope of the loss in z is p − y, not y − p. Descent with yours would climb."""
    gw, gb = penalised_gradient(w, b, X, y, 0.0)
    return -gw + lam * w, -gb


def negated_gradient(w, b, X, y, lam):
    """Every slope has the wrong sign: that is the direction in which the objective falls, the negative gradient."""
    gw, gb = penalised_gradient(w, b, X, y, lam)
    return -gw, -gb


def gradient_without_penalty(w, b, X, y, lam):
    """The gradient lacks the penalty's part, λ w: it would lead to the minimum of another function than the loss."""
    return penalised_gradient(w, b, X, y, 0.0)


def gradient_with_whole_lam(w, b, X, y, lam):
    """Your penalty's gradient is 2 λ w; that of λ/2 ‖w‖² is λ w."""
    return penalised_gradient(w, b, X, y, 2 * lam)


def gradient_with_half_lam(w, b, X, y, lam):
    """Your penalty's gradient is λ w / 2; that of λ/2 ‖w‖² is λ w, since the 2 of the square cancels the ½."""
    return penalised_gradient(w, b, X, y, lam / 2)


def gradient_with_lam_over_n(w, b, X, y, lam):
    """You divide the penalty's gradient by n too. Only the losses are averaged: X^T (p − y) / n + λ w."""
    return penalised_gradient(w, b, X, y, lam / len(y))


def gradient_penalising_b(w, b, X, y, lam):
    """Your gradient pulls the intercept towards 0: the slope in b is the mean of p − y, without λ b."""
    gw, gb = penalised_gradient(w, b, X, y, lam)
    return gw, gb + lam * b


def gradient_of_squared_error(w, b, X, y, lam):
    """The factor p (1 − p) does not belong there: it cancels in the log-loss, whose slope in z is p − y. With it (the
    gradient of squared error) a sample that is sure and wrong has almost no slope."""
    p = lr.sigmoid(X @ w + b)
    d = (p - y) * p * (1 - p) / len(y)
    return X.T @ d + lam * w, d.sum()


def fit_penalising_b(X, y, lam):
    """Your fit penalises the intercept, so every prediction is drawn towards ½, most of all where a class is rare.
    Leave b out of the penalty; a column of ones in X must not be shrunk with the rest."""
    return minimum(X, y, lam, penalised_intercept=True)


def fit_of_the_sum(X, y, lam):
    """Your fit weighs the penalty against the sum of the losses, which is a penalty n times weaker. λ goes with the
    mean; scikit-learn's C goes with the sum and is 1/(n λ)."""
    return minimum(X, y, lam / len(y))


def fit_without_intercept(X, y, lam):
    """Your fit keeps the intercept at 0: the boundary is forced through the origin."""
    return minimum(X, y, lam, fit_intercept=False)


def fit_with_whole_lam(X, y, lam):
    """Your fit minimises the mean loss plus λ ‖w‖²; the penalty asked for is λ/2 ‖w‖², half of it."""
    return minimum(X, y, 2 * lam)


MISTAKES = [
    *(
        {"loss": wrong}
        for wrong in (
            log_of_zero,
            overflowing,
            score_bounded,
            log_of_bounded_score,
            *(
                constant(eps, how)
                for eps in (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5)
                for how in (False, True)
            ),
            sum_of_losses,
            loss_with_wrong_sign,
            loss_without_penalty,
            loss_with_whole_lam,
            loss_with_lam_over_n,
            loss_with_norm,
            loss_penalising_b,
            labels_of_plus_and_minus_one,
        )
    ),
    *(
        {"gradient": wrong}
        for wrong in (
            gradient_of_the_sum,
            slope_in_w_summed,
            gradient_with_wrong_sign,
            negated_gradient,
            gradient_without_penalty,
            gradient_with_whole_lam,
            gradient_with_half_lam,
            gradient_with_lam_over_n,
            gradient_penalising_b,
            gradient_of_squared_error,
        )
    ),
    *({"fit": wrong} for wrong in (fit_penalising_b, fit_of_the_sum, fit_without_intercept, fit_with_whole_lam)),
]
