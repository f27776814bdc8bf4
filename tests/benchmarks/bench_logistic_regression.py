"""Our logistic regression against scikit-learn's, one thread each, medians of back-to-back pairs.

Run `python tests/benchmarks/bench_logistic_regression.py`. Prints how many times longer scikit-learn takes;
always exits 0. Both sides time their public call, checks of the input included. scikit-learn's default stops
when the gradient is under 1e-4; ours goes on to 1e-8 in every line.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, make_classification
from sklearn.linear_model import LogisticRegression as Reference
from sklearn.model_selection import train_test_split

from mlcore.logistic_regression import LogisticRegression, loss_surface, norm_growth, penalty_path, standardise, train

LAMS = np.geomspace(1e-5, 10, 50)


def seconds(work: Callable[[], object], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - start) / repeats


def ratio(label: str, peer: Callable[[], object], ours: Callable[[], object], pairs: int, repeats: int) -> None:
    peer(), ours()
    times = [(seconds(peer, repeats), seconds(ours, repeats)) for _ in range(pairs)]
    slow, fast = (statistics.median(column) * 1e3 for column in zip(*times, strict=True))
    times_longer = statistics.median(theirs / mine for theirs, mine in times)
    print(f"{label:<68} {times_longer:6.1f}x  (ours {fast:.2f} ms, theirs {slow:.2f} ms)", flush=True)


def main() -> None:
    warnings.simplefilter("ignore")
    print(f"scikit-learn {sklearn.__version__}, numpy {np.__version__}: scikit-learn's time over ours")
    X, y = make_classification(n_samples=1000, n_features=10, n_classes=2, random_state=42)
    X, _, y, _ = train_test_split(X, y, test_size=0.2, random_state=42)
    bunch = load_breast_cancer()
    cancer = standardise(bunch.data)[0]
    data = {
        "reference data 800 × 10": (X, y),
        "breast cancer 569 × 10, standardised": (cancer[:, :10], bunch.target),
        "breast cancer 569 × 30, standardised": (cancer, bunch.target),
    }
    for name, (A, t) in data.items():
        ours = LogisticRegression(solver="newton", penalty="l2", strength=1 / len(A))
        for tol in (1e-4, 1e-8):
            peer = Reference(tol=tol, max_iter=1000)
            title = f"one L2 fit, {name}, lbfgs tol {tol:g}"
            ratio(title, lambda p=peer, A=A, t=t: p.fit(A, t), lambda A=A, t=t, m=ours: m.fit(A, t), 21, 20)

        def peers(A: np.ndarray = A, t: np.ndarray = t) -> object:
            return [Reference(C=1 / (len(A) * lam), max_iter=1000).fit(A, t) for lam in LAMS]

        ratio(f"50 λ, {name}, lbfgs default tol", peers, lambda A=A, t=t: penalty_path(A, t, LAMS), 11, 1)
    print("\nsweeps of the page, ms")
    grid = np.linspace(-5, 5, 60)
    for label, work in {
        "film of 1000 iterations of gradient descent, 800 × 10": lambda: train(LogisticRegression(), X, y, X, y),
        "film of Newton": lambda: train(LogisticRegression(solver="newton"), X, y, X, y),
        "both losses on a 60 × 60 grid, 200 × 2": lambda: loss_surface(X[:200, :2], y[:200], grid, grid),
        "norm growth, 5 λ, 2000 iterations, 200 × 2": lambda: norm_growth(
            X[:200, :2], y[:200], [0, 1e-3, 1e-2, 0.1, 1], n_iterations=2000
        ),
    }.items():
        print(f"{label:<68} {statistics.median(seconds(work, 1) for _ in range(5)) * 1e3:8.1f}")


if __name__ == "__main__":
    main()
