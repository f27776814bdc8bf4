"""How much faster than the usual tools: prints ratios, never fails.

Run `python tests/benchmarks/bench_bias_variance.py` where mlxtend and scikit-learn are installed. Each ratio
is the median over back-to-back pairs (peer, ours) in this one process, with one BLAS thread.
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

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mlcore import bias_variance as bv

PROBLEM = bv.Problem(n=50, n_sets=200)
DEGREES = np.arange(1, 16)
PENALTIES = np.logspace(3, -8, 30)
GRID = np.linspace(*bv.DOMAIN, 200)
TRUTH = bv.FUNCTIONS[PROBLEM.function](GRID)


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - start) / repeats


def report(label: str, peer: Callable[[], object], ours: Callable[[], object], pairs: int, goal: float) -> None:
    ours()
    ratios, ours_ms = [], []
    for _ in range(pairs):
        slow, fast = seconds(peer), seconds(ours, 20)
        ratios.append(slow / fast)
        ours_ms.append(fast * 1e3)
    print(f"{label:<62} {np.median(ratios):6.0f}x  (goal {goal:.0f}x, ours {np.median(ours_ms):.2f} ms)", flush=True)


def moments(predictions: np.ndarray) -> tuple[float, float]:
    """(sets, t) to bias² and variance, as a peer's user would write it."""
    return float(((predictions.mean(0) - TRUTH) ** 2).mean()), float(predictions.var(0).mean())


def mlxtend_polynomials() -> None:
    from mlxtend.evaluate import bias_variance_decomp
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    x, y = bv.draw(PROBLEM)
    for degree in DEGREES:
        model = make_pipeline(PolynomialFeatures(int(degree)), LinearRegression())
        bias_variance_decomp(
            model, x[:, :1], y[:, 0], GRID[:, None], TRUTH, loss="mse", num_rounds=PROBLEM.n_sets, random_seed=0
        )


def polyfit_polynomials() -> None:
    x, y = bv.draw(PROBLEM)
    for degree in DEGREES:
        moments(np.array([np.polyval(np.polyfit(a, b, degree), GRID) for a, b in zip(x.T, y.T, strict=True)]))


def sklearn_ridge() -> None:
    from sklearn.linear_model import Ridge

    x, y = bv.draw(PROBLEM)
    features = [np.polynomial.legendre.legvander(a, 15)[:, 1:] for a in x.T]
    at_grid = np.polynomial.legendre.legvander(GRID, 15)[:, 1:]
    for penalty in PENALTIES:
        fits = [Ridge(penalty).fit(a, b).predict(at_grid) for a, b in zip(features, y.T, strict=True)]
        moments(np.array(fits))


def sklearn_neighbours() -> None:
    from sklearn.neighbors import KNeighborsRegressor

    x, y = bv.draw(PROBLEM)
    for k in range(1, PROBLEM.n + 1):
        fits = [KNeighborsRegressor(k).fit(a[:, None], b).predict(GRID[:, None]) for a, b in zip(x.T, y.T, strict=True)]
        moments(np.array(fits))


def main() -> None:
    warnings.simplefilter("ignore")
    print("200 training sets of 50 points, 200 test points; median of the ratios of back-to-back pairs")

    def polynomials() -> object:
        return bv.decompose(PROBLEM, n_shown=0, complexities=DEGREES)

    def ridges() -> object:
        return bv.decompose(PROBLEM, "ridge", n_shown=0, complexities=PENALTIES)

    def neighbours() -> object:
        return bv.decompose(PROBLEM, "knn", n_shown=0)

    work = [
        ("degrees 1-15 against an np.polyfit loop", polyfit_polynomials, polynomials, 5, 54),
        ("ridge, 30 penalties, against a scikit-learn Ridge loop", sklearn_ridge, ridges, 3, 345),
        ("k-NN, k = 1-50, against a scikit-learn loop", sklearn_neighbours, neighbours, 3, 275),
        ("degrees 1-15 against mlxtend bias_variance_decomp", mlxtend_polynomials, polynomials, 3, 1250),
    ]
    for state in ("fresh process", "after one large array was freed: glibc stops returning pages after each call"):
        print(f"\n{state}")
        for label, peer, ours, pairs, goal in work:
            try:
                report(label, peer, ours, pairs, goal)
            except ImportError as missing:
                print(f"{label}: skipped, {missing}")
        np.empty(3_900_000)  # 31 MB, never touched: raises malloc's dynamic threshold, as long-lived apps do
    print()
    page = [(model, bv.Problem(n=20 if model == "random_features" else 30)) for model in bv.MODELS]
    for model, problem in page:
        times = [seconds(lambda m=model, p=problem: bv.decompose(p, m)) for _ in range(7)]
        print(f"default page state, {model:<44} {np.median(times) * 1e3:8.1f} ms")


if __name__ == "__main__":
    main()
