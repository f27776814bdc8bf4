"""The Code and Proof sections of the regularisation lab.

Each `…_closing` returns what `close_lab` takes: the functions that ran, a script for the state on screen, and a
comparison with an independent reference on the data on screen.
"""

from math import comb
from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import ElasticNet, LinearRegression, Ridge
from sklearn.model_selection import KFold, LeaveOneOut, StratifiedKFold, TimeSeriesSplit, cross_val_score
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlcore import bias_variance as bv
from mlcore import linear_models as lm
from mlcore import validation as va
from pages.proof.comparison import comparison
from pages.ui.data import DIABETES, diabetes
from pages.ui.lab import Closing
from pages.ui.script import packed, standalone

MODULES = (bv, lm, va)


def _setup(setting: Any) -> str:
    """The lines that begin a script on the regression problem: data, penalties, and the path."""
    if setting.known:
        arguments = f"{setting.n}, 20, {setting.nonzero}, {setting.noise!r}, {setting.rho!r}, {setting.seed}"
        lines = [f"problem = sparse_problem({arguments})", "X, y = problem.X, problem.y"]
    else:
        X, y = diabetes(*DIABETES)
        lines = [
            "import base64",
            "import zlib",
            "",
            f"# The diabetes data of Efron, Hastie, Johnstone and Tibshirani (2004): {', '.join(DIABETES)}, "
            f"progression.",
            f"data = {packed(np.column_stack([X, y]))}",
            "X, y = data[:, :-1], data[:, -1]",
            "X = (X - X.mean(axis=0)) / X.std(axis=0)",
            f"unit = np.array([1, 1, {setting.unit}] + 7 * [1])  # bmi is divided by it",
            "X = X / unit",
        ]
    if setting.known:
        lines.append(f"lams = np.geomspace({setting.lams[0]!r}, {setting.lams[-1]!r}, {len(setting.lams)})")
    else:
        lines.append("lams = 50 * 10 ** (-np.arange(75) / 20)")
    call = f"elastic_net_path(X, y, lams, {setting.l1_ratio!r})" if setting.l1_ratio else "ridge_path(X, y, lams)"
    lines.append(f"path = {call}")
    return "\n".join(lines).replace("np.float64(", "(")


def paths_closing(setting: Any) -> Closing:
    """For the coefficient paths."""

    def script() -> str:
        main = f"""{_setup(setting)}
train = ((path.predict(X) - y) ** 2).mean(axis=1)
"""
        if setting.known:
            main += (
                "error = problem.test_error(path.coef, path.intercept)  # exact\nunit, reference = 1, problem.coef\n"
            )
        else:
            main += f"""splits = k_fold(len(y), 10, {setting.seed})
error = cross_validate_path(X, y, splits, lams, {setting.l1_ratio!r}).error  # 10-fold
reference = ridge_path(X, y, [1e-12]).coef[0] / unit  # least squares
"""
        main += """
print("truth or least squares:", *(f"{w:.6g}" for w in reference))
"""
        if setting.l1_ratio:
            main += (
                f"""print(f"all coefficients are zero from λ = {{lambda_max(X, y, {setting.l1_ratio!r}):.6g}} on")\n"""
            )
        main += """print("λ, non-zero, degrees of freedom, training error, error, coefficients")
for row in zip(lams, path.n_nonzero, path.degrees_of_freedom, train, error, path.coef / unit):
    lam, used, freedom, t, e, coef = row
    print(f"{lam:.6g} {used} {freedom:.6g} {t:.6g} {e:.6g}:", *(f"{w:.6g}" for w in coef))
i = error.argmin()
print(f"least error {error[i]:.6g} at λ = {lams[i]:.6g}, with {np.count_nonzero(path.coef[i])} coefficients non-zero")
"""
        return standalone(main, *MODULES)

    return {
        "sources": [lm.ridge_path] if not setting.l1_ratio else [lm.elastic_net_path, lm.coordinate_descent_sweep],
        "script": script,
        "proof": lambda: comparison(_path_rows(setting)),
        "proof_says": "scikit-learn minimises the same objective (its Ridge takes nλ). The conditions of optimality "
        "are "
        "checked on their own: for each coefficient in use, the pull of the residual against the slope of the price.",
    }


def _path_rows(setting: Any) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Every tenth λ by scikit-learn, and the conditions of optimality at every λ."""
    X, y = setting.load()
    path = setting.path()
    alpha, some = setting.l1_ratio, np.arange(0, len(path.lams), 10)

    def objective(coef: np.ndarray, intercept: float, lam: float) -> float:
        loss = ((y - X @ coef - intercept) ** 2).mean() / 2
        return float(loss + lam * (alpha * np.abs(coef).sum() + (1 - alpha) / 2 * (coef**2).sum()))

    ours, theirs = [], []
    for i in some:
        lam = float(path.lams[i])
        if alpha:
            model = ElasticNet(alpha=lam, l1_ratio=alpha, tol=1e-9, max_iter=100_000).fit(X, y)
        else:
            model = Ridge(alpha=lam * len(y), solver="svd").fit(X, y)
        ours.append(objective(path.coef[i], path.intercept[i], lam))
        theirs.append(objective(model.coef_, model.intercept_, lam))
    centred = X - X.mean(axis=0)
    pull = (y - path.predict(X)) @ centred / len(y)  # (L, d)
    lams = path.lams[:, None]
    slope = lams * (alpha * np.sign(path.coef) + (1 - alpha) * path.coef)
    used = path.coef != 0
    return [
        (f"Objective at {len(some)} λ, scikit-learn", np.array(ours), np.array(theirs)),
        (f"Pull and slope at all {len(lams)} λ, used coefficients", pull[used], slope[used]),
        (
            "Pull beyond λα where a coefficient is zero",
            np.maximum(np.abs(pull) - lams * alpha, 0)[~used],
            np.zeros((~used).sum()),
        ),
    ]


def geometry_closing(rho: float, lams: np.ndarray, l1_ratio: float) -> Closing:
    """For the two weights."""
    main = f"""lams = 0.05 * np.arange(60, 0, -1)
g = geometry([2.0, 1.0], {rho!r}, lams, {l1_ratio!r}, n_points=81)
print(f"ŵ₂ (1 + ρ) = {{1 * (1 + {rho!r}):.6g}} with ρ = {rho!r}; L1 share {l1_ratio!r}")
print("λ, w, budget, loss")
for lam, (w1, w2), budget, loss in zip(g.lams, g.w, g.budget, g.loss):
    print(f"{{lam:.6g}}: {{w1:.6g}} {{w2:.6g}} {{budget:.6g}} {{loss:.6g}}")
"""

    def compare() -> pd.DataFrame:
        g = lm.geometry([2.0, 1.0], rho, lams, l1_ratio, n_points=81)
        # Four rows with exactly this least-squares problem: their Gram matrix over n is [[1, ρ], [ρ, 1]].
        a, b = np.sqrt((1 + rho) / 2), np.sqrt((1 - rho) / 2)
        X = np.array([[a, a], [-a, -a], [b, -b], [-b, b]]) * np.sqrt(2)
        y = X @ [2.0, 1.0]
        if l1_ratio:
            theirs = np.array(
                [ElasticNet(alpha=lam, l1_ratio=l1_ratio, tol=1e-14, max_iter=100_000).fit(X, y).coef_ for lam in lams]
            )
        else:
            theirs = np.array([np.linalg.solve(X.T @ X / 4 + lam * np.eye(2), X.T @ y / 4) for lam in lams])
        rows = [("Solutions at every λ", g.w, theirs)]
        on_outline = l1_ratio * np.abs(g.outline).sum(axis=2) + (1 - l1_ratio) / 2 * (g.outline**2).sum(axis=2)
        rows.append(("Penalty along the outline, and the budget", on_outline, np.tile(g.budget[:, None], 81)))
        on_contour = lm.two_weight_loss([2.0, 1.0], rho, g.contour[..., 0], g.contour[..., 1])
        rows.append(("Loss along the contour, and at the solution", on_contour, np.tile(g.loss[:, None], 81)))
        return comparison(rows)

    return {
        "sources": [lm.geometry, lm.two_weight_loss, lm.coordinate_descent_sweep],
        "script": lambda: standalone(main, *MODULES),
        "proof": compare,
        "proof_says": "The reference solves four rows of data whose least-squares problem is this one: by "
        "scikit-learn, "
        "ridge by its normal equations.",
    }


def splits_closing(scheme: str, y: np.ndarray, k: int, repeats: int, seed: int, made: va.Splits) -> Closing:
    """For the splits."""
    n, positives = len(y), int(y.sum())
    call = {
        "k-fold": f"k_fold({n}, {k})",
        "Shuffled k-fold": f"k_fold({n}, {k}, {seed})",
        "Repeated": f"repeated_k_fold({n}, {k}, {repeats}, {seed})",
        "Stratified": f"stratified_k_fold(y, {k}, {seed})",
        "Leave-one-out": f"leave_one_out({n})",
        "Time-ordered": f"time_series_split({n}, {k})",
    }[scheme]
    text = "".join(map(str, y))
    main = f"""y = np.array(list("{text}"), dtype=int)
splits = {call}
for i, (train, test) in enumerate(zip(splits.train, splits.test)):
    print(f"fit {{i + 1}}: {{train.sum()}} rows train, {{test.sum()}} are tested, {{y[test].sum()}} of them positive")
size, others = {n // k}, {n - positives}
rows = np.arange(size)
none = np.prod((others - rows) / ({n} - rows)) if size <= others else 0.0
print(f"a random fold of {{size}} rows holds no positive with probability {{none:.6g}}")
"""

    def compare() -> pd.DataFrame:
        theirs = {
            "k-fold": lambda: KFold(k),
            "Leave-one-out": LeaveOneOut,
            "Time-ordered": lambda: TimeSeriesSplit(k, test_size=n // (k + 1)),
        }
        rows: list[tuple[str, np.ndarray, np.ndarray]] = []
        if scheme in theirs:
            masks = np.zeros((2, *made.train.shape))
            for i, (train, test) in enumerate(theirs[scheme]().split(y)):
                masks[0, i, train], masks[1, i, test] = 1, 1
            rows += [("Training rows", made.train, masks[0]), ("Tested rows", made.test, masks[1])]
            rows = [(name, np.asarray(ours, dtype=float), masks) for name, ours, masks in rows]
        elif scheme == "Stratified":
            folds = [test for _, test in StratifiedKFold(k).split(y, y)]
            ours = np.array([[(y[t] == c).sum() for c in (0, 1)] for t in made.test])
            rows.append(
                (
                    "Rows of each class in each fold",
                    ours,
                    np.array([[(y[t] == c).sum() for c in (0, 1)] for t in folds]),
                )
            )
        else:
            sizes = np.tile([len(test) for _, test in KFold(k).split(y)], len(made.fold))
            rows.append(("Sizes of the folds", made.test.sum(axis=1), sizes))
            times = np.full(n, len(made.fold))
            rows.append(("How often each row is tested", made.test.sum(axis=0), times))
            exact = np.array([comb(n - positives, n // k) / comb(n, n // k)])
            size = np.arange(n // k)
            ours = np.array([np.prod(np.maximum(n - positives - size, 0) / (n - size))])
            rows.append(("Chance of a fold without a positive", ours, exact))
        return comparison(rows)

    sources = {
        "Repeated": va.repeated_k_fold,
        "Stratified": va.stratified_k_fold,
        "Leave-one-out": va.leave_one_out,
        "Time-ordered": va.time_series_split,
    }
    return {
        "sources": [sources.get(scheme, va.k_fold)],
        "script": lambda: standalone(main, *MODULES),
        "proof": compare,
        "proof_says": "The reference is scikit-learn's splitter of the same name where nothing is shuffled, its fold "
        "sizes "
        "and class counts where rows are. The chance is a ratio of binomial coefficients.",
    }


def choosing_closing(setting: Any, folds: int) -> Closing:
    """For the choice of λ by cross-validation."""

    def script() -> str:
        main = f"""{_setup(setting)}
splits = k_fold(len(y), {folds}, {setting.seed})
cv = cross_validate_path(X, y, splits, lams, {setting.l1_ratio!r}, standardise={not setting.known})
test = {"problem.test_error(path.coef, path.intercept)" if setting.known else "np.full(len(lams), np.nan)"}
print("λ, error, standard error, non-zero{", exact test error" if setting.known else ""}")
for lam, error, se, used, t in zip(lams, cv.error, cv.se, path.n_nonzero, test):
    print(f"{{lam:.6g}} {{error:.6g}} {{se:.6g}} {{used}}", "" if np.isnan(t) else f"{{t:.6g}}")
print(f"minimum at λ = {{lams[cv.best]:.6g}}, one standard error at λ = {{lams[cv.one_se]:.6g}}")
"""
        return standalone(main, *MODULES)

    def compare() -> pd.DataFrame:
        X, y = setting.load()
        splits = va.k_fold(len(y), folds, setting.seed)
        standardise = not setting.known
        some = setting.lams[::12]
        ours = va.cross_validate_path(X, y, splits, some, setting.l1_ratio, standardise=standardise).fold_error
        theirs = np.empty_like(ours)
        for s, (train, test) in enumerate(zip(splits.train, splits.test, strict=True)):
            centre, scale = X[train].mean(axis=0), X[train].std(axis=0) if standardise else 1
            Z = (X - centre) / scale
            for i, lam in enumerate(some):
                if setting.l1_ratio:
                    model = ElasticNet(alpha=lam, l1_ratio=setting.l1_ratio, tol=1e-12, max_iter=100_000)
                else:
                    model = Ridge(alpha=lam * train.sum(), solver="svd")
                theirs[s, i] = ((model.fit(Z[train], y[train]).predict(Z[test]) - y[test]) ** 2).mean()
        rows = [(f"Errors of {folds} folds at {len(some)} λ", ours, theirs)]
        if not setting.l1_ratio:
            loo = va.cross_validate_path(X, y, va.leave_one_out(len(y)), some[:2])
            rows.append(("Leave-one-out, from one fit", loo.fold_error, va.leave_one_out_ridge(X, y, some[:2])))
        return comparison(rows)

    return {
        "sources": [va.cross_validate_path, lm.elastic_net_path if setting.l1_ratio else lm.ridge_path],
        "script": script,
        "proof": compare,
        "proof_says": "The same folds, fitted one at a time by scikit-learn"
        + (", scaled by each fold's training rows." if not setting.known else "."),
    }


def folds_closing(ks: list[int], n: int, d: int, seed: int) -> Closing:
    """For the number of folds."""
    main = f"""study = fold_count_study({ks!r}, {n}, 500, d={d}, seed={seed})
print(f"expected error of the model on all rows: {{least_squares_test_error({n}, {d}, 1.0):.6g}}")
print(f"a correlation over 500 data sets is known to about {{500**-0.5:.6g}}")
for i, k in enumerate(study.ks):
    sizes = [len(fold) for fold in np.array_split(np.arange({n}), k)]
    exact = least_squares_test_error([{n} - size for size in sizes], {d}, 1.0).mean()
    correlation = np.corrcoef(study.estimate[i], study.true_error)[0, 1]
    print(f"k = {{k}}: mean estimate {{study.estimate[i].mean():.6g}}, exactly {{exact:.6g}}, ", end="")
    print(f"standard deviation {{study.sd[i]:.6g}}, correlation with the model's own error {{correlation:.6g}}")
"""

    def compare() -> pd.DataFrame:
        sets = 500
        study = va.fold_count_study(ks, n, sets, d=d, seed=seed)
        rng = np.random.default_rng(seed)  # the same draws, in the same order
        X = rng.standard_normal((sets, n, d))
        y = X.sum(axis=2) / np.sqrt(d) + rng.standard_normal((sets, n))
        few = 4
        theirs, own = np.empty((len(ks), few)), np.empty(few)
        for s in range(few):
            for i, k in enumerate(ks):
                errors = []
                for train, test in KFold(k).split(X[s]):
                    model = LinearRegression(tol=0).fit(X[s, train], y[s, train])
                    errors.append(((model.predict(X[s, test]) - y[s, test]) ** 2).mean())
                theirs[i, s] = np.mean(errors)
            model = LinearRegression(tol=0).fit(X[s], y[s])
            own[s] = ((model.coef_ - d**-0.5) ** 2).sum() + model.intercept_**2 + 1
        sought = va.least_squares_test_error(n, d, 1.0)
        return comparison(
            [
                (f"Estimates of {few} data sets, every fold refitted", study.estimate[:, :few], theirs),
                ("… and the errors of their models", study.true_error[:few], own),
                (
                    "Mean error of 500 models and the closed form (differs by chance)",
                    np.array([study.true_error.mean()]),
                    np.array([sought]),
                ),
            ]
        )

    return {
        "sources": [va.fold_count_study, va.least_squares_test_error],
        "script": lambda: standalone(main, *MODULES),
        "proof": compare,
        "proof_says": "The page refits no fold: it takes the block form of the leave-one-out formula. Here "
        "scikit-learn "
        "refits each of them.",
    }


def map_closing(
    problem: bv.Problem, degrees: tuple[int, ...], penalties: tuple[float, float, int], folds: int
) -> Closing:
    """For the map of degree and λ."""
    main = f"""m = error_map({problem!r}, {list(degrees)!r}, np.geomspace(*{penalties!r}), {folds})
for name, (i, j) in {{"minimum": m.best, "one standard error": m.one_se, "oracle": m.oracle}}.items():
    print(f"{{name}}: degree {{m.degrees[i]}}, λ = {{m.lams[j]:.6g}}, ", end="")
    print(f"{{m.degrees_of_freedom[i, j]:.6g}} degrees of freedom, "
          f"cross-validation {{m.cv_error[i, j]:.6g}}, true error {{m.test_error[i, j]:.6g}}")
print(f"least on the map: cross-validation {{m.cv_error.min():.6g}}, true error {{m.test_error.min():.6g}}")
"""

    def compare() -> pd.DataFrame:
        lams = np.geomspace(*penalties)
        m = va.error_map(problem, degrees, lams, folds)
        splits = va.k_fold(problem.n, folds, problem.seed)
        basis = bv._legendre(m.x, degrees[-1])[:, 1:]
        cells = [(i, j) for i in range(0, len(degrees), 4) for j in range(0, len(lams), 7)]
        cv, true = [], []
        x = np.linspace(-1, 1, 4001)
        at = bv._legendre(x, degrees[-1])[:, 1:]
        middle = np.array([0.5, *np.ones(len(x) - 2), 0.5]) / (len(x) - 1)  # the trapezium rule
        for i, j in cells:
            A, errors = basis[:, : degrees[i]], []
            for train, test in zip(splits.train, splits.test, strict=True):
                model = Ridge(alpha=lams[j] * train.sum(), solver="svd").fit(A[train], m.y[train])
                errors.append(((model.predict(A[test]) - m.y[test]) ** 2).mean())
            cv.append(np.mean(errors))
            model = Ridge(alpha=lams[j] * problem.n, solver="svd").fit(A, m.y)
            miss = model.predict(at[:, : degrees[i]]) - bv.FUNCTIONS[problem.function](x)
            true.append(miss**2 @ middle + problem.noise**2)
        rows, columns = np.array(cells).T
        return comparison(
            [
                (f"Cross-validated error of {len(cells)} cells, scikit-learn", m.cv_error[rows, columns], np.array(cv)),
                (
                    "True error, another quadrature (differs by chance)",
                    m.test_error[rows, columns],
                    np.array(true),
                ),
            ]
        )

    return {
        "sources": [va.error_map],
        "script": lambda: standalone(main, *MODULES),
        "proof": compare,
        "proof_says": "Some cells again by scikit-learn's Ridge, fold by fold; their true errors by the trapezium "
        "rule, "
        "which is good to about six digits.",
    }


def peeks_closing(n_test: int, seed: int) -> Closing:
    """For the best of many models that guess."""
    main = f"""result = many_peeks({n_test}, 1000, 200, {seed})
fresh = result.fresh.mean(axis=0)
for n in {MODELS_PRINTED!r}:
    i = n - 1
    print(f"best of {{n}}: {{result.expected[i]:.4%}} on average, {{result.low[i]:.4%}} to {{result.high[i]:.4%}}, "
          f"bound {{0.5 + np.sqrt(np.log(n) / (2 * {n_test})):.4%}}, fresh {{fresh[i]:.4%}}")
"""

    def compare() -> pd.DataFrame:
        result = va.many_peeks(n_test, 1000, 200, seed)
        counts = np.array([comb(n_test, m) / 2**n_test for m in range(n_test + 1)])  # exact integers
        below = np.minimum(np.cumsum(counts), 1)
        theirs = [(np.arange(n_test + 1) * np.diff(below**n, prepend=0)).sum() / n_test for n in (1, 10, 100, 1000)]
        return comparison(
            [
                ("Mean of the best, from its probabilities", result.expected[[0, 9, 99, 999]], np.array(theirs)),
                (
                    "… and of 200 simulated repetitions (differs by chance)",
                    result.best.mean(axis=0)[[0, 9, 99, 999]],
                    np.array(theirs),
                ),
            ]
        )

    return {
        "sources": [va.many_peeks],
        "script": lambda: standalone(main, *MODULES),
        "proof": compare,
        "proof_says": "The mean again as Σ m P(best = m), with the binomial coefficients in whole numbers.",
    }


MODELS_PRINTED = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000)


def leakage_closing(n: int, p: int, kept: int, seed: int) -> Closing:
    """For the leak."""
    main = f"""result = leakage({n}, {p}, {kept}, seed={seed})
for name in ("selection_outside", "scaling_outside", "inside", "fresh"):
    values = getattr(result, name)
    print(f"{{name}}: {{values.mean():.6g}} on average, from {{values.min():.6g}} to {{values.max():.6g}}")
"""

    def compare() -> pd.DataFrame:
        few = 3
        ours = va.leakage(n, p, kept, seed=seed)
        rng = np.random.default_rng(seed)  # the same draws, in the same order
        y, cv = np.arange(n) % 2, StratifiedKFold(5)
        sizes = [len(test) for _, test in cv.split(y, y)]
        theirs = np.empty((3, few))
        for s in range(few):
            X = np.exp(rng.standard_normal(p)) * rng.standard_normal((n, p))
            select, scale, classify = SelectKBest(f_classif, k=kept), StandardScaler(), NearestCentroid()
            for row, pipe, table in (
                (0, make_pipeline(select, scale, classify), X),
                (1, make_pipeline(select, classify), StandardScaler().fit_transform(X)),
                (2, make_pipeline(scale, classify), SelectKBest(f_classif, k=kept).fit_transform(X, y)),
            ):
                theirs[row, s] = cross_val_score(pipe, table, y, cv=cv) @ sizes / n
            rng.standard_normal((n, kept))  # the fresh rows
        return comparison(
            [
                (f"Everything inside the folds, {few} data sets", ours.inside[:few], theirs[0]),
                ("Scaling outside", ours.scaling_outside[:few], theirs[1]),
                ("Selection outside", ours.selection_outside[:few], theirs[2]),
            ]
        )

    return {
        "sources": [va.leakage, va._most_correlated, va._nearest_centroid],
        "script": lambda: standalone(main, *MODULES),
        "proof": compare,
        "proof_says": "The reference is scikit-learn: pipelines of `SelectKBest`, `StandardScaler` and "
        "`NearestCentroid`, "
        "cross-validated whole or in part.",
    }


def stopping_closing(setting: Any, rate: float, steps: np.ndarray) -> Closing:
    """For descent that stops early."""
    arguments = f"{setting.n}, 20, {setting.nonzero}, {setting.noise!r}, {setting.rho!r}, {setting.seed}"
    main = f"""problem = sparse_problem({arguments})
steps = np.unique(np.geomspace(1, 1e4, 70).astype(np.int64))
e = early_stopping(problem.X, problem.y, steps, {rate!r})
descent = problem.test_error(e.descent, e.descent_intercept)
ridge = problem.test_error(e.ridge, e.ridge_intercept)
gap = np.abs(e.descent_factor - e.ridge_factor).max(axis=1)
print("small rates: the gap between the factors is at most",
      f"{{max(1 - np.exp(-a) - a / (1 + a) for a in np.linspace(0, 10, 10_001)):.6g}}")
print("steps, λ, test error of descent, of ridge, largest gap between the shares kept")
for row in zip(e.steps, e.lams, descent, ridge, gap):
    print("{{:d}} {{:.6g}} {{:.6g}} {{:.6g}} {{:.6g}}".format(*row))
print(f"largest gap of all {{gap.max():.6g}}")
"""

    def compare() -> pd.DataFrame:
        problem = setting.problem
        e = lm.early_stopping(problem.X, problem.y, steps, rate)
        X, y = problem.X - problem.X.mean(axis=0), problem.y - problem.y.mean()
        w, walked = np.zeros(X.shape[1]), []
        upto = e.steps[e.steps <= 1000]
        for step in range(1, int(upto[-1]) + 1):
            w = w + e.learning_rate * X.T @ (y - X @ w) / len(y)
            if step in upto:
                walked.append(w)
        theirs = [Ridge(alpha=lam * len(y), solver="svd").fit(problem.X, problem.y).coef_ for lam in e.lams[::8]]
        return comparison(
            [
                (f"Descent walked step by step, to t = {upto[-1]}", e.descent[: len(upto)], np.array(walked)),
                ("Ridge at λ = 1/(ηt), scikit-learn", e.ridge[::8], np.array(theirs)),
            ]
        )

    return {
        "sources": [lm.early_stopping],
        "script": lambda: standalone(main, *MODULES),
        "proof": compare,
        "proof_says": "The page has every number of steps in closed form. Here descent walks, and scikit-learn's "
        "Ridge is "
        "fitted at some λ.",
    }


def search_closing(budget: int, matter: int, width: float, seed: int) -> Closing:
    """For grid and random search."""
    main = f"""s = hyperparameter_search({budget}, {matter}, width={width!r}, seed={seed})
on_grid = response(s.grid_points, s.peak, {matter}, {width!r})
at_random = response(s.random_points, s.peak, {matter}, {width!r})
for trials, best in zip(s.grid_budget, s.grid_best):
    print(f"grid of {{trials}}: {{best:.6g}} on average")
print(f"the grid's best on the problem drawn: {{on_grid.max():.6g}}")
for trials, best in zip(s.random_budget, s.random_best):
    print(f"{{trials}} at random: {{best:.6g}} on average, {{at_random[:trials].max():.6g}} on the problem drawn")
"""

    def compare() -> pd.DataFrame:
        s = va.hyperparameter_search(budget, matter, width=width, seed=seed)
        peaks = np.random.default_rng([seed, 0]).uniform(size=(200, 2))  # the same draws
        trials = np.random.default_rng([seed, 1]).uniform(size=(200, budget, 2))
        m = len(s.grid_budget)
        middles = [(i + 0.5) / m for i in range(m)]
        grid, random = [], []
        for peak, tried in zip(peaks, trials, strict=True):
            # The nearest trial in the parameters that matter has the best score.
            near = [
                sum((a - b) ** 2 for a, b in zip(point, peak[:matter], strict=False)) for point in tried[:, :matter]
            ]
            random.append(np.exp(-min(near) / (2 * width**2)))
            along = [min((c - a) ** 2 for c in middles) for a in peak[:matter]]
            grid.append(np.exp(-sum(along) / (2 * width**2)))
        return comparison(
            [
                (f"Mean best of the {m} × {m} grid", s.grid_best[-1:], np.array([np.mean(grid)])),
                (f"Mean best of {budget} random trials", s.random_best[-1:], np.array([np.mean(random)])),
            ]
        )

    return {
        "sources": [va.hyperparameter_search, va.response],
        "script": lambda: standalone(main, *MODULES),
        "proof": compare,
        "proof_says": "Again, problem by problem, from the distance of the nearest trial; the grid's along each "
        "parameter "
        "on its own.",
    }
