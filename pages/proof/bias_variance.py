"""The Code and Proof sections of the bias–variance lab.

Each `…_closing` returns what `close_lab` takes: the functions that ran, a script for the state on screen, and a
comparison with an independent reference on the data on screen.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor

from mlcore import bias_variance as bv
from pages.proof.comparison import comparison
from pages.ui.data import diabetes
from pages.ui.lab import Closing
from pages.ui.script import packed, standalone

FITTERS: dict[str, Callable[..., object]] = {
    "polynomial": bv._fit_polynomials,
    "knn": bv._nearest_means,
    "ridge": bv._fit_ridges,
    "random_features": bv._fit_features,
    "subset": bv._fit_features,
}
REFERENCES = {
    "polynomial": "`numpy.linalg.lstsq` in a Legendre basis",
    "knn": "scikit-learn's `KNeighborsRegressor`",
    "ridge": "scikit-learn's `Ridge`",
    "random_features": "`numpy.linalg.pinv`",
    "subset": "scikit-learn's `LinearRegression`",
}
TABLE = """
print(f"{'complexity':>12} {'bias²':>12} {'variance':>12} {'noise':>9} {'test error':>12} {'training':>10}")
for row in zip(d.complexity, d.bias_squared, d.variance, d.expected_error, d.train_error):
    c, b, v, e, t = row
    print(f"{c:>12.4g} {b:>12.6g} {v:>12.6g} {d.noise:>9.6g} {e:>12.6g} {t:>10.6g}")
"""


def _call(**options: object) -> str:
    return "".join(f", {name}={value!r}" for name, value in options.items())


def closing(problem: bv.Problem, model: str, option: dict[str, int], grid: int, x0: float | None = None) -> Closing:
    """For the views that show one decomposition, and the predictions at x₀ where it is given."""
    main = f"problem = {problem!r}\nd = decompose(problem, {model!r}{_call(n_shown=0, n_grid=grid, **option)})\n{TABLE}"
    main += """
print("least test error at", d.complexity[d.best], "measured", d.test_error[d.best], "±", d.test_error_se[d.best])
"""
    if x0 is not None:
        main += f"""
axis, at = predict(problem, {model!r}, [{x0!r}]{_call(**option)})
truth = FUNCTIONS[problem.function](np.array([{x0!r}]))[0]
print(f"at x = {x0!r} the truth is {{truth:.6g}}")
for c, predictions in zip(axis, at[:, 0]):
    mean = predictions.mean()
    print(f"{{c:.4g}}: mean {{mean:.6g}}, bias² {{(mean - truth) ** 2:.6g}}, ", end="")
    print(f"variance {{predictions.var():.6g}}, standard deviation {{predictions.std():.6g}}")
"""

    def compare() -> pd.DataFrame:
        grid_x = np.linspace(*bv.DOMAIN, grid)
        axis, ours = bv.predict(problem, model, grid_x, **option)
        x, y = bv.draw(problem)
        theirs = np.stack([_reference(problem, model, x[:, 0], y[:, 0], grid_x, c, option) for c in axis])
        d = bv.decompose(problem, model, n_grid=grid, **option)
        # Evenly spaced inputs can be equally far from a grid point; the two routines then choose differently.
        ties = " (ties differ by chance)" if model == "knn" and problem.design == "fixed" else ""
        plain = ours - d.truth[:, None]  # (m, t, sets)
        rows = [
            ("Predictions of training set 1, all complexities", ours[:, :, 0], theirs),
            (
                f"Bias² + variance, by a plain loop{ties}",
                d.bias_squared + d.variance,
                (plain**2).mean(axis=(1, 2)),
            ),
        ]
        if model == "polynomial" and problem.design == "fixed":
            bias_squared, variance = bv.closed_form_variance(problem, axis, n_grid=grid)
            rows.append(
                (
                    "Bias² + variance, closed form (differs by chance)",
                    d.bias_squared + d.variance,
                    bias_squared + variance,
                )
            )
        return comparison(rows)

    return {
        "sources": [bv.decompose, FITTERS[model], bv._moments],
        "script": lambda: standalone(main, bv),
        "proof": compare,
        "proof_says": f"The reference is {REFERENCES[model]}, fitted to the data on screen one complexity at a time.",
    }


def learning_closing(
    problem: bv.Problem, model: str, option: dict[str, int], complexity: float, sizes: list[int], grid: int
) -> Closing:
    """For the learning curves."""
    call = f"learning_curve(problem, {model!r}, {complexity!r}, {sizes!r}{_call(n_grid=grid, **option)})"
    main = f"""problem = {problem!r}
curve = {call}
print(f"{{'n':>5}} {{'bias²':>12}} {{'variance':>12}} {{'test error':>12}} {{'training':>12}}")
for row in zip(curve.sizes, curve.bias_squared, curve.variance, curve.test_error, curve.train_error):
    print(f"{{row[0]:>5}} {{row[1]:>12.6g}} {{row[2]:>12.6g}} {{row[3]:>12.6g}} {{row[4]:>12.6g}}")
"""

    def compare() -> pd.DataFrame:
        curve = bv.learning_curve(problem, model, complexity, sizes, n_grid=grid, **option)
        grid_x = np.linspace(*bv.DOMAIN, grid)
        truth = bv.FUNCTIONS[problem.function](grid_x)
        few = bv.Problem(
            problem.function, problem.noise, int(curve.sizes[0]), problem.n_sets, problem.seed, problem.design
        )
        x, y = bv.draw(few)
        fits = np.stack(
            [_reference(few, model, x[:, s], y[:, s], grid_x, complexity, option) for s in range(problem.n_sets)]
        )
        error = ((fits - truth) ** 2).mean() + problem.noise**2
        return comparison([(f"Test error at n = {few.n}, set by set", curve.test_error[:1], np.array([error]))])

    return {
        "sources": [bv.learning_curve, bv.decompose, FITTERS[model]],
        "script": lambda: standalone(main, bv),
        "proof": compare,
        "proof_says": f"The smallest n again, one training set at a time, fitted by {REFERENCES[model]}.",
    }


def cross_validation_closing(problem: bv.Problem, model: str, option: dict[str, int], folds: int, grid: int) -> Closing:
    """For the choice by cross-validation."""
    main = f"""problem = {problem!r}
cv = cross_validate(problem, {model!r}, {folds}{_call(n_grid=grid, **option)})
everyone = np.arange(problem.n_sets)
print("oracle:", cv.complexity[cv.oracle], "chosen another:", f"{{cv.share_wrong:.2%}}")
print("test error of the CV choice:", cv.test_error[cv.chosen, everyone].mean())
print("test error of the one-SE choice:", cv.test_error[cv.one_se, everyone].mean())
print("test error of the oracle:", cv.test_error[cv.oracle].mean())
for s, i in enumerate(cv.chosen):
    errors = f"{{cv.test_error[i, s]:.6g}}, the oracle's {{cv.test_error[cv.oracle, s]:.6g}}"
    print(f"training set {{s + 1}}: chooses {{cv.complexity[i]:.4g}}, test error {{errors}}")
"""

    def compare() -> pd.DataFrame:
        cv = bv.cross_validate(problem, model, folds, n_grid=grid, **option)
        x, y = bv.draw(problem)
        parts = np.array_split(bv._rng(problem, "folds").permutation(problem.n), folds)
        errors = np.empty((folds, len(cv.complexity)))
        for row, held_out in zip(errors, parts, strict=True):
            rest = np.setdiff1d(np.arange(problem.n), held_out)
            for i, c in enumerate(cv.complexity):
                fit = _reference(problem, model, x[rest, 0], y[rest, 0], x[held_out, 0], c, option)
                row[i] = ((fit - y[held_out, 0]) ** 2).mean()
        return comparison([("Cross-validation error of training set 1", cv.cv_error[:, 0], errors.mean(axis=0))])

    return {
        "sources": [bv.cross_validate, FITTERS[model]],
        "script": lambda: standalone(main, bv),
        "proof": compare,
        "proof_says": f"The folds of training set 1, one at a time, fitted by {REFERENCES[model]}.",
    }


def descent_closing(problem: bv.Problem, penalties: list[float], grid: int) -> Closing:
    """For the double descent."""
    main = f"""problem = {problem!r}
d = double_descent(problem, {penalties!r}, n_grid={grid})
for r, ridge in enumerate(d.ridges):
    print(f"λ = {{ridge:.1e}}")
    for p, error, norm in zip(d.features, d.test_error[r], d.norm[r]):
        print(f"{{p:>6}} features: test error {{error:.6g}}, norm {{norm:.6g}}")
"""

    def compare() -> pd.DataFrame:
        d = bv.double_descent(problem, [0.0], n_grid=grid)
        grid_x = np.linspace(*bv.DOMAIN, grid)
        truth = bv.FUNCTIONS[problem.function](grid_x)
        x, y = bv.draw(problem)
        medians = []
        for p in d.features:
            fits = (
                _reference(problem, "random_features", x[:, s], y[:, s], grid_x, p, {}) for s in range(problem.n_sets)
            )
            medians.append(np.median([((fit - truth) ** 2).mean() for fit in fits]) + problem.noise**2)
        return comparison([("Minimum-norm test error, all p", d.test_error[0], np.array(medians))])

    return {
        "sources": [bv.double_descent, bv._fit_features, bv._random_features],
        "script": lambda: standalone(main, bv),
        "proof": compare,
        "proof_says": "Every minimum-norm fit again, by `numpy.linalg.pinv`, one training set and one p at a time.",
    }


def real_closing(names: tuple[str, ...], model: str, n: int, sets: int, seed: int) -> Closing:
    """For the diabetes data, which the script carries along."""
    X, y = diabetes(*names)
    call = f"decompose_resampled(data[:, :-1], data[:, -1], {model!r}, {n}, {sets}, {seed}, n_shown=0)"

    def script() -> str:
        main = f"""import base64
import zlib

# The diabetes data of Efron, Hastie, Johnstone and Tibshirani (2004): {", ".join(names)}, progression.
data = {packed(np.column_stack([X, y]))}
d = {call}
print(f"{{'complexity':>12}} {{'bias² + noise':>14}} {{'variance':>10}} {{'test error':>11}} {{'training':>10}}")
for row in zip(d.complexity, d.bias_squared_plus_noise, d.variance, d.test_error, d.train_error):
    print(f"{{row[0]:>12.4g}} {{row[1]:>14.6g}} {{row[2]:>10.6g}} {{row[3]:>11.6g}} {{row[4]:>10.6g}}")
"""
        return standalone(main, bv)

    def compare() -> pd.DataFrame:
        d = bv.decompose_resampled(X, y, model, n, sets, seed, n_shown=sets)
        errors = ((d.fits - d.y_test) ** 2).mean(axis=(1, 2))
        parts = d.variance + d.bias_squared_plus_noise
        return comparison(
            [
                ("Test error, by a plain loop over the fits", d.test_error, errors),
                ("… and its two parts", d.test_error, parts),
            ]
        )

    return {
        "sources": [bv.decompose_resampled, FITTERS[model], bv._moments],
        "script": script,
        "proof": compare,
        "proof_says": "Every complexity's test error, from the predictions themselves and as the sum of its parts.",
    }


def _reference(
    problem: bv.Problem,
    model: str,
    x: np.ndarray,
    y: np.ndarray,
    at: np.ndarray,
    c: float,
    option: dict[str, int],
) -> np.ndarray:
    """Predictions of one training set at `at`, by somebody else's code."""
    if model == "knn":
        return KNeighborsRegressor(int(c)).fit(x[:, None], y).predict(at[:, None])
    if model == "polynomial":
        basis = np.polynomial.legendre.legvander
        return basis(at, int(c)) @ np.linalg.lstsq(basis(x, int(c)), y, rcond=None)[0]
    if model == "ridge":
        degree = option["degree"]
        return (
            Ridge(alpha=c, solver="svd").fit(bv._legendre(x, degree)[:, 1:], y).predict(bv._legendre(at, degree)[:, 1:])
        )
    features = bv._random_features(problem, x, int(c))
    weights = np.linalg.pinv(features, rcond=bv.RANK_CUTOFF) @ y
    return bv._random_features(problem, at, int(c)) @ weights
