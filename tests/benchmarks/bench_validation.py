"""How much faster than scikit-learn's loops: prints ratios, never fails.

Run `python tests/benchmarks/bench_validation.py` where scikit-learn is installed. Each ratio is the median over
back-to-back pairs (peer, ours) in this one process, with one BLAS thread.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.linear_model import Lasso, Ridge
from sklearn.linear_model import lasso_path as sklearn_lasso_path
from sklearn.model_selection import KFold, LeaveOneOut, cross_val_score

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mlcore import linear_models as lm
from mlcore import validation as va

PROBLEM = lm.sparse_problem(n=100, d=20)
X, Y = PROBLEM.X, PROBLEM.y
LAMS = lm.lambda_max(X, Y) * np.geomspace(1, 1e-3, 60)
FOLDS, EACH = va.k_fold(100, 10), va.leave_one_out(100)
SCORING = "neg_mean_squared_error"


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - start) / repeats


def report(label: str, peer: Callable[[], object], ours: Callable[[], object], pairs: int = 7) -> None:
    peer()
    ours()
    times = np.array([(seconds(peer), seconds(ours, 5)) for _ in range(pairs)])
    ratio, ms = np.median(times[:, 0] / times[:, 1]), np.median(times[:, 1]) * 1e3
    print(f"{label:<78} {ratio:7.1f}x  (ours {ms:.2f} ms)", flush=True)


def main() -> None:
    warnings.simplefilter("ignore")
    print("100 rows, 20 features, 60 penalties; median of the ratios of back-to-back pairs")
    report(
        "ridge path against a loop of Ridge",
        lambda: [Ridge(100 * lam).fit(X, Y) for lam in LAMS],
        lambda: lm.ridge_path(X, Y, LAMS),
    )
    report(
        "lasso path, exact to 1e-12, against lasso_path with tol=1e-10",
        lambda: sklearn_lasso_path(X, Y, alphas=LAMS, tol=1e-10, max_iter=100_000),
        lambda: lm.lasso_path(X, Y, LAMS),
    )
    report(
        "the same against lasso_path at its default, tol=1e-4",
        lambda: sklearn_lasso_path(X, Y, alphas=LAMS),
        lambda: lm.lasso_path(X, Y, LAMS),
    )
    report(
        "the same against a loop of Lasso with tol=1e-10",
        lambda: [Lasso(lam, tol=1e-10, max_iter=100_000).fit(X, Y) for lam in LAMS],
        lambda: lm.lasso_path(X, Y, LAMS),
    )
    report(
        "10-fold cross-validation of the ridge path against a loop of cross_val_score",
        lambda: [cross_val_score(Ridge(90 * lam), X, Y, cv=KFold(10), scoring=SCORING) for lam in LAMS],
        lambda: va.cross_validate_path(X, Y, FOLDS, LAMS),
        pairs=3,
    )
    report(
        "10-fold cross-validation of the lasso path against a loop of cross_val_score",
        lambda: [
            cross_val_score(Lasso(lam, tol=1e-10, max_iter=100_000), X, Y, cv=KFold(10), scoring=SCORING)
            for lam in LAMS
        ],
        lambda: va.cross_validate_path(X, Y, FOLDS, LAMS, 1.0),
        pairs=3,
    )

    few = LAMS[::6]

    def every_row() -> None:
        for lam in few:
            cross_val_score(Ridge(99 * lam), X, Y, cv=LeaveOneOut(), scoring=SCORING)

    report(
        "leave-one-out of ridge, 10 penalties, by refitting, against cross_val_score",
        every_row,
        lambda: va.cross_validate_path(X, Y, EACH, few),
        pairs=3,
    )
    report(
        "leave-one-out of ridge, 10 penalties, from one fit, against cross_val_score",
        every_row,
        lambda: va.leave_one_out_ridge(X, Y, few),
        pairs=3,
    )


if __name__ == "__main__":
    main()
