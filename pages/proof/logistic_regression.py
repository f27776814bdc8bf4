"""The Code and Proof sections of the logistic regression lab.

Each `…_closing` returns what `close_lab` takes: the functions that ran, a script for the state on screen, and a
comparison with an independent reference on the data on screen. scikit-learn's own loss functions stand beside ours
where a fit is stopped on its way, its fits where it has arrived.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn._loss import HalfBinomialLoss, HalfMultinomialLoss
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from mlcore import logistic_regression as lr
from mlcore import optimizers, surfaces
from pages.proof.comparison import comparison
from pages.ui.lab import Closing
from pages.ui.script import packed, standalone

SMALL = 25_000  # numbers that a script carries along; more of a visitor's data it reads from the downloaded table


def training_closing(
    model: lr.LogisticRegression,
    degree: int,
    X: np.ndarray,
    y: np.ndarray,
    X_test: np.ndarray,
    y_test: np.ndarray,
    at: np.ndarray,
) -> Closing:
    """For the film of a training; `at` are the iterations of its frames."""

    def script() -> str:
        return _program(f"""{_data(2, train=(X, y), test=(X_test, y_test))}
terms = standardised_terms(X_train, {degree})
Z, Z_test = terms(X_train), terms(X_test)
model = {_call(model)}
film = train(model, Z, y_train, Z_test, y_test)
for t in {at.tolist()}:
    print(f"iteration {{t}}: loss {{film.loss[t]:.6g}}, test {{film.test_loss[t]:.6g}}, "
          f"right {{film.accuracy[t]:.2%}}, test {{film.test_accuracy[t]:.2%}}")
print("lowest test loss", film.test_loss.min(), "at iteration", film.test_loss.argmin())
print("coefficients, intercept first:", film.weights[-1])
""")

    def compare() -> pd.DataFrame:
        terms = lr.standardised_terms(X, degree)
        Z, Z_test = terms(X), terms(X_test)
        film = lr.train(model, Z, y, Z_test, y_test)
        W = film.weights[at]
        A, A_test = lr.design_matrix(Z), lr.design_matrix(Z_test)
        target = y.astype(float) if W.ndim == 2 else np.eye(W.shape[1])[y]
        slope = lr.gradient if W.ndim == 2 else lr.softmax_gradient
        return comparison(
            [
                ("Training loss at every frame", film.loss[at], np.array([_their_loss(w, A, y) for w in W])),
                ("Test loss at every frame", film.test_loss[at], np.array([_their_loss(w, A_test, y_test) for w in W])),
                (
                    "Gradient of the loss at every frame",
                    slope(W, A, target),
                    np.array([_their_gradient(w, A, y) for w in W]),
                ),
            ]
        )

    return {
        "sources": [lr.LogisticRegression, lr.gradient, lr.cross_entropy, lr.train, lr.standardised_terms],
        "script": script,
        "proof": compare,
        "proof_says": "The weights of every frame in scikit-learn's own loss function, the one that its "
        "`LogisticRegression` minimises. (The tests hold the fits themselves against scikit-learn's.)",
    }


def scratch_closing(
    model: lr.LogisticRegression,
    X: np.ndarray,
    y: np.ndarray,
    X_test: np.ndarray,
    y_test: np.ndarray,
    at: np.ndarray,
) -> Closing:
    """For the reference experiment."""

    def script() -> str:
        return _program(f"""# make_classification(n_samples=1000, n_features=10, n_classes=2, random_state=42),
# split by train_test_split(X, y, test_size=0.2, random_state=42).
{_data(X.shape[1], train=(X, y), test=(X_test, y_test))}
model = LogisticRegression(learning_rate={model.learning_rate!r}, n_iterations={model.n_iterations})
model.fit(X_train, y_train)
print("learning rate", model.learning_rate, "iterations", model.n_iterations)
print("accuracy on the test points", model.score(X_test, y_test))
newton = LogisticRegression(solver="newton", tol=1e-12).fit(X_train, y_train)
lowest = newton.loss_history_[-1]
print("Newton's accuracy on the test points", newton.score(X_test, y_test))
print("loss", model.loss_history_[-1], "minimum", lowest, "above it", model.loss_history_[-1] - lowest)
ours, theirs = (fit.predict_proba(X_test)[:, 1] for fit in (model, newton))
print("largest difference of probabilities", abs(ours - theirs).max())
print("labels that differ", ((ours > 0.5) != (theirs > 0.5)).sum())
near = model.loss_history_ <= lowest + 1e-6
print("first within", 1e-6, "of the minimum at iteration", near.argmax() if near.any() else "none")
steepest = np.linalg.eigvalsh(hessian(np.zeros(X_train.shape[1] + 1), design_matrix(X_train)))[-1]
print("2/L", 2 / steepest)
film = train(model, X_train, y_train, X_test, y_test)
for t in {at.tolist()}:
    print(f"iteration {{t}}: loss {{film.loss[t]:.6g}}, above {{film.loss[t] - lowest:.6g}}, "
          f"test accuracy {{film.test_accuracy[t]:.4g}}")
""")

    def compare() -> pd.DataFrame:
        film = lr.train(model, X, y, X_test, y_test)
        fitted = lr.LogisticRegression(solver="newton", tol=1e-12).fit(X, y)
        theirs = _fit(X, y, np.inf)
        A = lr.design_matrix(X)
        return comparison(
            [
                ("Loss at every frame", film.loss[at], np.array([_their_loss(w, A, y) for w in film.weights[at]])),
                (
                    "The minimum of the loss",
                    fitted.loss_history_[-1:],
                    np.array([_their_loss(np.r_[theirs.intercept_, theirs.coef_[0]], A, y)]),
                ),
                ("Probabilities there", fitted.predict_proba(X_test), theirs.predict_proba(X_test)),
            ]
        )

    return {
        "sources": [lr.LogisticRegression, lr.gradient, lr.sigmoid, lr.cross_entropy, lr._gradient_steps],
        "script": script,
        "proof": compare,
        "proof_says": "Each frame's weights in scikit-learn's loss function; Newton's minimum beside scikit-learn's "
        "own unpenalised fit. The weights are not compared: two columns are combinations of others, so the best "
        "weights are not unique, the best probabilities are.",
    }


def odds_closing(
    X: np.ndarray,
    y: np.ndarray,
    names: Sequence[str],
    read: int,
    separable: bool,
    level: float,
    before: float,
    unit: np.ndarray,
) -> Closing:
    """For the odds ratios; `unit` (d,) is what one more means, in each column's own unit."""
    penalty = f', penalty="l2", strength=1 / {len(y)}' if separable else ""

    def script() -> str:
        return _program(
            f"""# The breast cancer data of Wolberg, Street and Mangasarian (1995); 1 if malignant.
{_data(X.shape[1], train=(X, y))}
names = {list(names)!r}
Z, mean, scale = standardise(X_train)
unit = np.array({unit.tolist()!r})  # what one more means
print("separation:", separation(X_train, y_train))
model = LogisticRegression(solver="newton", tol=1e-12{penalty}).fit(Z, y_train)
w = model.coef_[0] / scale * unit
result = odds_ratios(np.r_[model.intercept_, w], Z * scale / unit, {level!r})
half = (NormalDist().inv_cdf(0.5 + {level!r} / 2)) * result.standard_error[1:]
for name, s, c, h in zip(names, scale, w, half):
    with np.errstate(over="ignore"):
        print(f"{{name}} (standard deviation {{s:.4g}}): odds ratio {{np.exp(c):.6g}}, from {{np.exp(c - h):.6g}} to "
              f"{{np.exp(c + h):.6g}}, log-odds {{c:.6g}} ± {{h:.6g}}")
before, w = {before!r}, w[{read}]
print("probability", before, "→", sigmoid(np.log(before / (1 - before)) + w))
print("slope", w * before * (1 - before), "at most", w / 4)
""",
            extra="from statistics import NormalDist",
        )

    def compare() -> pd.DataFrame:
        Z = lr.standardise(X)[0]
        fitted = lr.LogisticRegression(
            solver="newton", tol=1e-12, penalty="l2" if separable else None, strength=1 / len(y)
        ).fit(Z, y)
        theirs = _fit(Z, y, 1.0 if separable else np.inf)
        rows = [("Probabilities", fitted.predict_proba(Z), theirs.predict_proba(Z))]
        if not separable:
            weights = np.r_[fitted.intercept_, fitted.coef_[0]]
            A = lr.design_matrix(Z)
            p = fitted.predict_proba(Z)[:, 1]
            root = np.linalg.svd(A * np.sqrt(p * (1 - p))[:, None], full_matrices=False)
            errors = np.sqrt(((root[2].T / root[1]) ** 2).sum(axis=1))
            rows.append(
                (
                    "Standard errors, by a singular value decomposition",
                    lr.odds_ratios(weights, Z).standard_error,
                    errors,
                )
            )
        return comparison(rows)

    return {
        "sources": [lr.odds_ratios, lr.hessian, lr.separation],
        "script": script,
        "proof": compare,
        "proof_says": "scikit-learn's fit of the same objective, and the standard errors from the singular values of "
        "the weighted design matrix, where ours come from the inverse of the Hessian.",
    }


def newton_closing(X: np.ndarray, y: np.ndarray, rate: float, strength: float) -> Closing:
    """For the race of Newton and descent."""
    penalty = f', penalty="l2", strength={strength!r}' if strength else ""

    def script() -> str:
        return _program(
            f"""{_data(X.shape[1], train=(X, y))}
fits = {{
    "Newton": LogisticRegression(solver="newton", tol=1e-12{penalty}),
    "Gradient descent": LogisticRegression({rate!r}, 1000{penalty}),
}}
for name, model in fits.items():
    start = time.perf_counter()
    model.fit(X_train, y_train)
    print(f"{{name}}: {{1e3 * (time.perf_counter() - start):.1f}} ms")
lowest = min(model.loss_history_.min() for model in fits.values())
print("minimum", lowest, "learning rate", {rate!r})
for name, model in fits.items():
    gap = model.loss_history_ - lowest
    near = gap <= 1e-6
    print(name, "is within", 1e-6, "at iteration", near.argmax() if near.any() else "none")
    print("    ends", gap[-1], "above; its first iterations:", *(f"{{value:.3g}}" for value in gap[1:6]))
""",
            extra="import time",
        )

    def compare() -> pd.DataFrame:
        fitted = lr.LogisticRegression(
            solver="newton", tol=1e-12, penalty="l2" if strength else None, strength=strength
        ).fit(X, y)
        theirs = _fit(X, y, 1 / (len(y) * strength) if strength else np.inf)
        A = lr.design_matrix(X)
        w = np.r_[theirs.intercept_, theirs.coef_[0]]
        lowest = _their_loss(w, A, y) + strength / 2 * (w[1:] @ w[1:])
        return comparison(
            [
                ("The minimum of the loss", fitted.loss_history_[-1:], np.array([lowest])),
                ("Probabilities there", fitted.predict_proba(X), theirs.predict_proba(X)),
            ]
        )

    return {
        "sources": [lr._newton_steps, lr._newton_direction, lr.hessian, lr.gradient],
        "script": script,
        "proof": compare,
        "proof_says": "Newton's last iterate against scikit-learn's fit of the same objective.",
    }


def scaling_closing(names: tuple[str, str], steps: int, X: np.ndarray, y: np.ndarray) -> Closing:
    """For the three scalings."""

    def script() -> str:
        return _program(f"""# The breast cancer data of Wolberg, Street and Mangasarian (1995); 1 if malignant.
{_data(2, train=(X, y))}
Z, mean, scale = standardise(X_train)
newton = LogisticRegression(solver="newton", tol=1e-12).fit(Z, y_train)
lowest, w = newton.loss_history_[-1], newton.coef_[0]
print("minimum", lowest)
for name, features, slopes, intercept in (
    ("as they come", X_train, w / scale, newton.intercept_[0] - (w / scale) @ mean),
    ("centred", X_train - mean, w / scale, newton.intercept_[0]),
    ("standardised", Z, w, newton.intercept_[0]),
):
    A = design_matrix(features)
    L = np.linalg.eigvalsh(hessian(np.zeros(3), A))[-1]
    losses = LogisticRegression(1 / L, {steps}).fit(features, y_train).loss_history_
    near = losses <= lowest + 0.001
    print(f"{{name}}: η = {{1 / L:.4g}}, loss {{losses[0]:.6g}} → {{losses[-1]:.6g}}")
    print("    within", 0.001, "of the minimum at step", near.argmax() if near.any() else "none")
    condition = hessian_condition(np.r_[intercept, slopes], A)
    print(f"    condition number at the minimum {{condition:.6g}}")
""")

    def compare() -> pd.DataFrame:
        Z = lr.standardise(X)[0]
        A = lr.design_matrix(Z)
        L = float(np.linalg.eigvalsh(lr.hessian(np.zeros(3), A))[-1])
        film = lr.train(lr.LogisticRegression(1 / L, min(steps, 300)), Z, y)
        fitted = lr.LogisticRegression(solver="newton", tol=1e-12).fit(Z, y)
        theirs = _fit(Z, y, np.inf)
        return comparison(
            [
                ("Loss, standardised", film.loss, np.array([_their_loss(w, A, y) for w in film.weights])),
                ("L, by the largest singular value", np.array([L]), np.linalg.svd(A)[1][:1] ** 2 / 4 / len(A)),
                ("Probabilities at the minimum", fitted.predict_proba(Z), theirs.predict_proba(Z)),
            ]
        )

    return {
        "sources": [lr.standardise, lr.hessian_condition, lr.hessian, lr.gradient],
        "script": script,
        "proof": compare,
        "proof_says": "The losses of the standardised descent in scikit-learn's loss function (the first 300 steps), "
        "L from a singular value decomposition, and the minimum from scikit-learn's fit.",
    }


def losses_closing(
    X: np.ndarray, y: np.ndarray, start: tuple[float, float], rate: float, steps: int, at: np.ndarray
) -> Closing:
    """For the race of two losses."""

    def script() -> str:
        return _program(f"""{_data(2, train=(X, y))}
print("start", {start!r}, "learning rate", {rate!r})
settings = dict(learning_rate={rate!r}, n_iterations={steps}, fit_intercept=False)
race = race_losses(X_train, y_train, {[0.0, *start]!r}, **settings)
for name, right in (("log-loss", race.log_right), ("squared error", race.squared_right)):
    half = right >= 0.5
    print(f"{{name}}: p of the right class is half at step {{half.argmax() if half.any() else 'none'}}")
for t in {at.tolist()}:
    print(f"step {{t}}: {{race.log_right[t]:.6g}} by log-loss, {{race.squared_right[t]:.6g}} by squared error")
""")

    def compare() -> pd.DataFrame:
        race = lr.race_losses(X, y, [0.0, *start], learning_rate=rate, n_iterations=steps, fit_intercept=False)
        A = lr.design_matrix(X, fit_intercept=False)
        log, squared = race.log_weights[at], race.squared_weights[at]
        nudge = 1e-5
        numeric = [
            [(_brier(w + nudge * e, A, y) - _brier(w - nudge * e, A, y)) / (2 * nudge) for e in np.eye(3)]
            for w in squared
        ]
        briers = [brier_score_loss(y, lr.sigmoid(A @ w), pos_label=1) for w in squared]
        return comparison(
            [
                ("Log-loss on its way", lr.loss(log, A, y), np.array([_their_loss(w, A, y) for w in log])),
                ("Squared loss on its way", lr.squared_loss(squared, A, y), np.array(briers)),
                (
                    "Slope of the squared loss (differs by chance)",
                    lr.squared_gradient(squared, A, y),
                    np.array(numeric),
                ),
            ]
        )

    return {
        "sources": [lr.race_losses, lr.gradient, lr.squared_gradient],
        "script": script,
        "proof": compare,
        "proof_says": "Losses by scikit-learn (the squared one is its Brier score), slopes by central differences.",
    }


def apart_closing(
    X: np.ndarray, y: np.ndarray, lams: list[float], rate: float, steps: int, at: np.ndarray, number: int
) -> Closing:
    """For the growing weights; `number` is the λ whose field is shown."""

    def script() -> str:
        return _program(f"""{_data(2, train=(X, y))}
print("separable:", is_separable(X_train, y_train))
result = norm_growth(X_train, y_train, {lams!r}, learning_rate={rate!r}, n_iterations={steps})
for lam, norm, losses in zip(result.lams, result.norm, result.loss):
    print(f"λ = {{lam:g}}: norm {{norm[{steps // 10}]:.6g}} after {steps // 10} steps, {{norm[-1]:.6g}} after {steps}; "
          f"loss {{losses[-1]:.6g}}, probability of the right class {{np.exp(-losses[-1]):.8g}}")
norm, losses = result.norm[{number}], result.loss[{number}]
for t in {at.tolist()}:
    print(f"step {{t}}: norm {{norm[t]:.6g}}, probability of the right class {{np.exp(-losses[t]):.6g}}")
""")

    def compare() -> pd.DataFrame:
        result = lr.norm_growth(X, y, lams, learning_rate=rate, n_iterations=steps)
        A = lr.design_matrix(X)
        theirs = [[_their_loss(w, A, y) for w in path[at]] for path in result.weights]
        last = lr.LogisticRegression(solver="newton", penalty="l2", strength=lams[-1], tol=1e-12).fit(X, y)
        reference = _fit(X, y, 1 / (len(y) * lams[-1]))
        return comparison(
            [
                ("Loss at every frame, all λ", result.loss[:, at], np.array(theirs)),
                ("Where the largest λ stops it", last.coef_, reference.coef_),
            ]
        )

    return {
        "sources": [lr.norm_growth, lr.is_separable, lr.gradient],
        "script": script,
        "proof": compare,
        "proof_says": "Losses in scikit-learn's loss function; the end of the largest λ is scikit-learn's fit.",
    }


def check_closing(X: np.ndarray, y: np.ndarray, at: float, l2: float, bug: str, steps: np.ndarray) -> Closing:
    """For the gradient check."""
    mistake = {
        "No mistake": "",
        "Sum, not mean": "slope = slope * len(y_train)  # the mistake",
        "Intercept penalised": f"slope[0] += {l2!r} * w[0]  # the mistake",
    }[bug]

    def script() -> str:
        return _program(f"""{_data(X.shape[1], train=(X, y))}
A = design_matrix(X_train)
w = np.full(A.shape[1], {at!r})
slope = gradient(w, A, y_train, {l2!r})
{mistake}
steps = np.array({steps.tolist()!r})
errors = {{}}
for name, forward in (("central", False), ("forward", True)):
    numeric = numerical_gradient(w, A, y_train, {l2!r}, step=steps, forward=forward)
    errors[name] = np.linalg.norm(numeric - slope, axis=1) / np.linalg.norm(slope)
    best = errors[name].argmin()
    print(f"{{name}}: least error {{errors[name][best]:.3e}} at h = {{steps[best]:.3e}}")
for h, central, forward in zip(steps, errors["central"], errors["forward"]):
    print(f"h = {{h:.3e}}: {{central:.4e}} central, {{forward:.4e}} forward")
near = numerical_gradient(w, A, y_train, {l2!r}, step=1e-5)
for j, (a, b) in enumerate(zip(slope, near)):
    print(f"weight {{j}}: {{a:.6f}} analytic, {{b:.6f}} numerical")
""")

    def compare() -> pd.DataFrame:
        A = lr.design_matrix(X)
        w = np.full(A.shape[1], at)
        ridge = l2 * np.r_[0, w[1:]]
        return comparison(
            [
                ("Gradient without a mistake", lr.gradient(w, A, y, l2), _their_gradient(w, A, y) + ridge),
                ("Loss there", lr.loss(w, A, y), np.array(_their_loss(w, A, y))),
            ]
        )

    return {
        "sources": [lr.gradient, lr.numerical_gradient, lr.loss],
        "script": script,
        "proof": compare,
        "proof_says": "The gradient, as mlcore has it, against scikit-learn's.",
    }


def own_closing(
    X: np.ndarray,
    y: np.ndarray,
    X_test: np.ndarray,
    y_test: np.ndarray,
    rate: float,
    iterations: int,
    strength: float,
) -> Closing:
    """For the visitor's data: small ones travel in the script, larger ones it reads from the table downloaded."""

    is_small = (len(y) + len(y_test)) * X.shape[1] <= SMALL

    def script() -> str:
        if is_small:
            data = _data(X.shape[1], train=(X, y), test=(X_test, y_test))
        else:
            data = """\
# Its last two columns are class and test.
import csv
import pathlib

path = pathlib.Path("logistic_regression_prepared_data.csv")
if not path.exists():
    sys.exit(f"{path} is not in this folder: the button \\"Prepared data (CSV)\\" of the lab downloads it.")
with path.open(encoding="utf-8", newline="") as file:
    rows = np.array(list(csv.reader(file))[1:], dtype=float)
X_train, y_train = rows[rows[:, -1] == 0, :-2], rows[rows[:, -1] == 0, -2].astype(int)
X_test, y_test = rows[rows[:, -1] == 1, :-2], rows[rows[:, -1] == 1, -2].astype(int)"""
        return _program(f"""{data}
Z, mean, scale = standardise(X_train)
Z_test = (X_test - mean) / scale
newton = LogisticRegression(solver="newton", penalty="l2", strength={strength!r}).fit(Z, y_train)
descent = LogisticRegression({rate!r}, {iterations}, penalty="l2", strength={strength!r})
film = train(descent, Z, y_train, Z_test, y_test)
w = np.r_[newton.intercept_, newton.coef_[0]]
print("right on the test rows:", round(newton.score(Z_test, y_test) * len(y_test)), "at the minimum,",
      round(film.test_accuracy[-1] * len(y_test)), "by gradient descent")
print("test loss", loss(w, design_matrix(Z_test), y_test), "at the minimum,", film.test_loss[-1], "by descent")
print("penalised training loss", newton.loss_history_[-1], "at the minimum,", film.objective[-1], "by descent")
with np.errstate(over="ignore"):
    for j, c in enumerate(w[1:]):
        print(f"feature {{j}}: {{c:.6g}} per standard deviation, odds ratio {{np.exp(c):.6g}}")
""")

    def compare() -> pd.DataFrame:
        Z, mean, scale = lr.standardise(X)
        fitted = lr.LogisticRegression(solver="newton", penalty="l2", strength=strength, tol=1e-12).fit(Z, y)
        theirs = _fit(Z, y, 1 / (len(y) * strength))
        Z_test = (X_test - mean) / scale
        return comparison(
            [
                ("Coefficients at the minimum", fitted.coef_, theirs.coef_),
                ("Probabilities of the test rows", fitted.predict_proba(Z_test), theirs.predict_proba(Z_test)),
            ]
        )

    needs = "It needs NumPy, and in its folder the file that “Prepared data (CSV)” below downloads."
    return ({} if is_small else {"needs": needs}) | {
        "sources": [lr.LogisticRegression, lr.standardise, lr._newton_steps],
        "script": script,
        "proof": compare,
        "proof_says": "The minimum against scikit-learn's fit of the same objective, C = 1/(n λ).",
    }


# --- What the scripts and the comparisons share --------------------------------------------------------------------


def _program(main: str, extra: str = "") -> str:
    imports = "import base64\nimport zlib\n" if "base64" in main else ""
    return standalone(f"{extra}\n{imports}\n{main}", surfaces, optimizers, lr)


def _data(d: int, **parts: tuple[np.ndarray, np.ndarray]) -> str:
    """Lines that define X_train, y_train and, if given, X_test, y_test: features (n, d) and classes."""
    lines = []
    for name, (X, y) in parts.items():
        lines.append(f"{name}_data = {packed(np.column_stack([X, y]))}")
        lines.append(f"X_{name}, y_{name} = {name}_data[:, :{d}], {name}_data[:, {d}].astype(int)")
    return "\n".join(lines)


def _call(model: lr.LogisticRegression) -> str:
    """The call that makes this model, with what differs from the defaults."""
    plain = lr.LogisticRegression()
    settings = {key: value for key, value in vars(model).items() if value != getattr(plain, key)}
    return f"LogisticRegression({', '.join(f'{key}={value!r}' for key, value in settings.items())})"


def _fit(X: np.ndarray, y: np.ndarray, C: float):
    """scikit-learn's fit, as exact as it gets."""
    return LogisticRegression(C=C, solver="newton-cg", tol=1e-10, max_iter=100_000).fit(X, y)


def _their_scores(weights: np.ndarray, A: np.ndarray, y: np.ndarray):
    """scikit-learn's loss function, and labels and scores as it wants them."""
    K = 2 if weights.ndim == 1 else len(weights)
    function = HalfBinomialLoss() if K == 2 else HalfMultinomialLoss(n_classes=K)
    return function, y.astype(float), np.ascontiguousarray(A @ weights.T)


def _their_loss(weights: np.ndarray, A: np.ndarray, y: np.ndarray) -> float:
    function, labels, scores = _their_scores(weights, A, y)
    return float(function.loss(labels, scores).mean())


def _their_gradient(weights: np.ndarray, A: np.ndarray, y: np.ndarray) -> np.ndarray:
    function, labels, scores = _their_scores(weights, A, y)
    return (function.gradient(labels, scores).T @ A) / len(A)


def _brier(weights: np.ndarray, A: np.ndarray, y: np.ndarray) -> float:
    return float(((lr.sigmoid(A @ weights) - y) ** 2).mean())
