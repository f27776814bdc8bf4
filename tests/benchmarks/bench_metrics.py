"""How much faster than scikit-learn at judging predictions: prints ratios, never fails.

Run `python tests/benchmarks/bench_metrics.py` where scikit-learn is installed. Each ratio is the median over
back-to-back pairs (peer, ours) in this one process, with one BLAS thread. Where scikit-learn computes one threshold
or one resample a call, the peer is a loop of such calls, as its user would write it.
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
from sklearn import metrics as sk
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mlcore import calibration, metrics


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - start) / repeats


def report(label: str, peer: Callable[[], object], ours: Callable[[], object], pairs: int = 9) -> None:
    peer(), ours()
    repeats = max(1, int(0.02 / seconds(ours)))
    times = np.array([(seconds(peer), seconds(ours, repeats)) for _ in range(pairs)])
    ratio = np.median(times[:, 0] / times[:, 1])
    print(f"{label:<66} {ratio:7.1f}x  (ours {np.median(times[:, 1]) * 1e3:.2f} ms)", flush=True)


def rates_by_threshold(y: np.ndarray, score: np.ndarray, thresholds: np.ndarray) -> list[tuple[float, ...]]:
    rates = []
    for t in thresholds:
        guess = score >= t
        sk.confusion_matrix(y, guess)
        precision, recall, f1, _ = sk.precision_recall_fscore_support(y, guess, average="binary", zero_division=0)
        rates.append((precision, recall, f1, sk.accuracy_score(y, guess), sk.matthews_corrcoef(y, guess)))
    return rates


def bootstrap_loop(y: np.ndarray, score: np.ndarray, n_boot: int) -> tuple[np.ndarray, np.ndarray]:
    """ROC and PR bands with AUC and AP, one resample at a time."""
    rng, grid = np.random.default_rng(0), np.linspace(0, 1, 101)
    classes = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    roc, pr = [], []
    for _ in range(n_boot):
        drawn = np.concatenate([rng.choice(members, len(members)) for members in classes])
        fpr, tpr, _ = sk.roc_curve(y[drawn], score[drawn])
        precision, recall, _ = sk.precision_recall_curve(y[drawn], score[drawn])
        roc.append(np.interp(grid, fpr, tpr))
        pr.append(np.interp(grid, recall[::-1], precision[::-1]))
        sk.roc_auc_score(y[drawn], score[drawn])
        sk.average_precision_score(y[drawn], score[drawn])
    return np.quantile(roc, [0.025, 0.975], axis=0), np.quantile(pr, [0.025, 0.975], axis=0)


def imbalance_loop(study: calibration.ImbalanceStudy) -> None:
    """The same four trainings, on rows really repeated or dropped."""
    few, many = np.flatnonzero(study.labels), np.flatnonzero(1 - study.labels)
    rng = np.random.default_rng(0)
    everything = np.arange(len(study.labels))
    for rows, weight in (
        (everything, None),
        (everything, "balanced"),
        (np.concatenate([many, rng.choice(few, len(many))]), None),
        (np.concatenate([few, rng.choice(many, len(few), replace=False)]), None),
    ):
        LogisticRegression(class_weight=weight, tol=1e-10).fit(study.X[rows], study.labels[rows])


def main() -> None:
    warnings.simplefilter("ignore")
    print("median of the ratios of back-to-back pairs, scikit-learn over ours")
    for n in (1000, 100_000):
        s = calibration.synthetic_scores(n, 1.5, 0.2)
        y, p = s.y, s.p
        rng = np.random.default_rng(0)
        truth, guess = rng.integers(0, 10, n), rng.integers(0, 10, n)

        def sklearn_curves(y: np.ndarray = y, p: np.ndarray = p) -> None:
            sk.roc_curve(y, p, drop_intermediate=False)
            sk.precision_recall_curve(y, p)
            sk.roc_auc_score(y, p)
            sk.average_precision_score(y, p)

        def our_curves(y: np.ndarray = y, p: np.ndarray = p) -> None:
            sweep = metrics.threshold_sweep(y, p)
            fpr, tpr, precision = sweep.fpr, sweep.recall, sweep.precision
            np.diff(fpr) @ (tpr[1:] + tpr[:-1]) / 2
            np.diff(tpr) @ precision[1:]

        def our_rates(y: np.ndarray = y, p: np.ndarray = p) -> object:
            sweep = metrics.threshold_sweep(y, p)
            return sweep.precision, sweep.recall, sweep.f1, sweep.accuracy, sweep.mcc

        def sklearn_report(truth: np.ndarray = truth, guess: np.ndarray = guess) -> None:
            sk.confusion_matrix(truth, guess)
            sk.accuracy_score(truth, guess)
            for average in (None, "micro", "macro", "weighted"):
                sk.precision_recall_fscore_support(truth, guess, average=average)

        print(f"\nn = {n}")
        report("ROC and PR curve with both areas, one sweep", sklearn_curves, our_curves)
        report("roc_auc", lambda y=y, p=p: sk.roc_auc_score(y, p), lambda y=y, p=p: metrics.roc_auc(y, p))
        report(
            "five rates: 100 thresholds there, every threshold here",
            lambda y=y, p=p: rates_by_threshold(y, p, np.linspace(0, 1, 100)),
            our_rates,
            pairs=3,
        )
        report(
            "confusion matrix, rates and averages of 10 classes",
            sklearn_report,
            lambda truth=truth, guess=guess: metrics.classification_report(truth, guess),
        )
        report("log-loss", lambda y=y, p=p: sk.log_loss(y, p), lambda y=y, p=p: metrics.log_loss(y, p))
        report(
            "isotonic regression, fit and predict",
            lambda p=p, y=y: IsotonicRegression(out_of_bounds="clip").fit(p, y).predict(p),
            lambda p=p, y=y: calibration.isotonic(p, y).predict(p),
        )
    s = calibration.synthetic_scores(1000, 1.5, 0.2)
    print("\nn = 1000")
    report(
        "bands of both curves and both areas, 500 resamples",
        lambda: bootstrap_loop(s.y, s.p, 500),
        lambda: metrics.bootstrap_curves(s.y, s.p, 500),
        pairs=3,
    )
    study = calibration.imbalance_study(2000)
    report(
        "imbalance: four trainings (ours also tests and corrects them)",
        lambda: imbalance_loop(study),
        lambda: calibration.imbalance_study(2000),
        pairs=5,
    )


if __name__ == "__main__":
    main()
