"""The Code and Proof sections of the model evaluation lab: scikit-learn is the reference."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn import metrics as sk
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from mlcore import calibration as cal
from mlcore import metrics as met
from pages.proof.comparison import comparison
from pages.ui.lab import Closing
from pages.ui.script import packed, standalone


def _data(case: Any, y: np.ndarray, logit: np.ndarray, made_up: bool) -> str:
    """Lines that give `y` and the reported log-odds `logit`."""
    if made_up:
        arguments = (case.n, case.separation, case.prevalence, case.confidence, case.bias, case.seed)
        call = ", ".join(repr(value) for value in arguments)
        return (
            f"scores = synthetic_scores({call})  # n, d′, π, confidence, bias, seed\ny, logit = scores.y, scores.logit"
        )
    return f"""import base64
import zlib

# Labels and reported log-odds.
data = {packed(np.column_stack([y, logit]))}
y, logit = data[:, 0].astype(int), data[:, 1]"""


def _sweep(case: Any, study: Any, made_up: bool) -> str:
    """Lines that give the sweep, and print it at the frames."""
    low, high = float(study.cuts[0]), float(study.cuts[-1])
    return f"""{_data(case, study.y, study.logit, made_up)}
prevalence, cost = {study.used!r}, {case.cost!r}  # in use; of a miss, in false alarms
sweep = threshold_sweep(y, logit).at_prevalence(prevalence)
print(f"AUC {{roc_auc(y, logit):.6g}}, prevalence {{y.mean():.6g}} in the sample, {{prevalence:.6g}} in use")
costs = 1000 * expected_cost(sweep, 1, cost, prevalence)
best = np.argmin(costs)
print(f"cheapest: flag p ≥ {{sigmoid(sweep.thresholds[best]):.6g}}, recall {{sweep.recall[best]:.6g}}, ", end="")
print(f"precision {{sweep.precision[best]:.6g}}, cost {{costs[best]:.6g}} per 1000")
print(f"flag nobody: {{1000 * prevalence * cost:.6g}}, everybody: {{1000 * (1 - prevalence):.6g}}")
print(f"theory: {{bayes_threshold(1, cost):.6g}}")
at = sweep.at(np.linspace({low!r}, {high!r}, {len(study.cuts)}))
print("threshold, recall, FPR, precision, F1, cost per 1000:")
at_costs = 1000 * expected_cost(at, 1, cost, prevalence)
for t, *rates in zip(at.thresholds, at.recall, at.fpr, at.precision, at.f1, at_costs):
    print(f"{{sigmoid(t):.6g}}", *(f"{{rate:.6g}}" for rate in rates))
"""


def sweep_closing(case: Any, study: Any, made_up: bool) -> Closing:
    """For the threshold."""

    def script() -> str:
        main = _sweep(case, study, made_up)
        main += """
print(f"at 0.5: {1000 * expected_cost(sweep.at([0.0]), 1, cost, prevalence)[0]:.6g} per 1000")
"""
        if made_up:
            main += f'print(f"population AUC {{binormal_auc({case.separation!r}):.6g}}")\n'
        return standalone(main, met, cal)

    return {
        "sources": [met.threshold_sweep, met.ThresholdSweep, met.expected_cost, met.roc_auc],
        "script": script,
        "proof": lambda: comparison(_sweep_rows(case, study)),
        "proof_says": "scikit-learn, on the scores on screen: its own metrics at every eighth threshold, one at a "
        "time, with the classes weighted to the prevalence.",
    }


def _weights(study: Any) -> np.ndarray:
    """Weights of the samples that make the prevalence the one in use."""
    positive = study.y == 1
    return np.where(positive, study.used / positive.mean(), (1 - study.used) / (1 - positive.mean()))


def _sweep_rows(case: Any, study: Any) -> list[tuple[str, np.ndarray, np.ndarray]]:
    weights = _weights(study)
    some = slice(None, None, 8)
    theirs = []
    for cut in study.cuts[some]:
        guess = study.logit >= cut
        tn, fp, fn, tp = sk.confusion_matrix(study.y, guess, sample_weight=weights, labels=[0, 1]).ravel()
        options = {"sample_weight": weights, "zero_division": 0}
        theirs.append(
            [
                sk.recall_score(study.y, guess, **options),
                fp / (fp + tn),
                sk.precision_score(study.y, guess, **options),
                sk.f1_score(study.y, guess, **options),
                sk.matthews_corrcoef(study.y, guess, sample_weight=weights),
                (fp + case.cost * fn) / (tp + fp + fn + tn),
            ]
        )
    at = study.at
    ours = (at.recall, at.fpr, at.precision, at.f1, at.mcc, met.expected_cost(at, 1, case.cost, study.used))
    names = ("Recall", "FPR", "Precision", "F₁", "Matthews correlation", "Expected cost")
    auc = np.array([met.roc_auc(study.y, study.logit)])
    return [
        ("AUC", auc, np.array([sk.roc_auc_score(study.y, study.logit)])),
        *((n, mine[some], other) for n, mine, other in zip(names, ours, np.transpose(theirs), strict=True)),
    ]


def curves_closing(case: Any, study: Any, made_up: bool, n_boot: int) -> Closing:
    """For ROC and PR curves with their bootstrap."""

    def script() -> str:
        main = _sweep(case, study, made_up)
        main += f"""
top = np.argmax(sweep.f1)
print(f"largest F1 {{sweep.f1[top]:.6g}} at p >= {{sigmoid(sweep.thresholds[top]):.6g}}")
print(f"average precision {{np.diff(sweep.recall) @ sweep.precision[1:]:.6g}} at a prevalence of {{prevalence:.6g}}")
bands = bootstrap_curves(y, logit, {n_boot}, {case.seed!r}, prevalence=prevalence)
print("95% of AUC:", *bands.auc_interval, "of average precision:", *bands.average_precision_interval)
"""
        if made_up:
            main += f"""
population = binormal_sweep(np.linspace({case.separation / 2 + 6!r}, {-case.separation / 2 - 6!r}, 2001), \
{case.separation!r}, prevalence)
area = np.diff(population.recall) @ population.precision[1:]
print(f"population: AUC {{binormal_auc({case.separation!r}):.6g}}, average precision {{area:.6g}}, ", end="")
print(f"largest F1 {{population.f1.max():.6g}}, its half {{population.f1.max() / 2:.6g}}")
"""
        return standalone(main, met, cal)

    def compare() -> pd.DataFrame:
        weights = _weights(study)
        area = np.diff(study.sweep.recall) @ study.sweep.precision[1:]
        theirs = sk.average_precision_score(study.y, study.logit, sample_weight=weights)
        fpr, tpr, _ = sk.roc_curve(study.y, study.logit, drop_intermediate=False)
        return comparison(
            [
                ("Average precision", np.array([area]), np.array([theirs])),
                ("ROC curve, all FPR", study.sweep.fpr, fpr),
                ("ROC curve, all TPR", study.sweep.recall, tpr),
                *_sweep_rows(case, study),
            ]
        )

    return {
        "sources": [met.threshold_sweep, met.roc_auc, met.average_precision, met.bootstrap_curves, met.iso_cost],
        "script": script,
        "proof": compare,
        "proof_says": "scikit-learn on the scores on screen, the classes weighted to the prevalence.",
    }


def calibration_closing(case: Any, y: np.ndarray, logit: np.ndarray, made_up: bool) -> Closing:
    """For the repairs."""
    call = f"halves.y, p, {case.bins!r}, {case.binning!r}"

    def script() -> str:
        main = f"""{_data(case, y, logit, made_up)}
halves = compare_repairs(y, logit, {case.seed!r})
share = halves.y.mean()
print(f"{{len(halves.y):,}} cases judged, prevalence {{share:.6g}}, base rate's Brier {{share * (1 - share):.6g}}")
for name, p in halves.p.items():
    print(f"{{name}}: {{brier_decomposition({call})}}")
    print(f"    log-loss {{log_loss(halves.y, p):.6g}}, ECE {{expected_calibration_error({call}):.6g}}, ", end="")
    rank = halves.sigmoids[name].slope * logit[halves.evaluated] if name in halves.sigmoids else p
    print(f"AUC {{roc_auc(halves.y, rank):.6g}}, mean {{p.mean():.6g}}")
    bins = reliability_curve({call})
    for row in zip(bins.predicted, bins.observed, bins.low, bins.high, bins.count):
        print("   ", *(f"{{value:.6g}}" for value in row))
"""
        if made_up:
            arguments = f"{case.separation!r}, {case.prevalence!r}, {case.confidence!r}, {case.bias!r}"
            main += f'print("population, Brier and log-loss:", *binormal_losses({arguments}))\n'
        return standalone(main, met, cal)

    def compare() -> pd.DataFrame:
        halves = cal.compare_repairs(y, logit, case.seed)
        truth, p = halves.y, list(halves.p.values())
        fitted = ~halves.evaluated
        steps = IsotonicRegression(out_of_bounds="clip").fit(logit[fitted], y[fitted]).predict(logit[halves.evaluated])
        parts = [met.brier_decomposition(truth, each, case.bins, case.binning) for each in p]
        sums = [d.reliability - d.resolution + d.uncertainty + d.within_bins for d in parts]
        return comparison(
            [
                ("Brier scores", *_both(lambda t, q: met.brier_score(t, q), sk.brier_score_loss, truth, p)),
                ("Log-losses", *_both(met.log_loss, lambda t, q: sk.log_loss(t, q, labels=[0, 1]), truth, p)),
                ("Brier scores, as the sum of their parts", np.array(sums), np.array([d.brier for d in parts])),
                ("Isotonic probabilities", halves.p["isotonic"], steps),
            ]
        )

    return {
        "sources": [
            met.reliability_curve,
            met.brier_decomposition,
            cal.temperature_scaling,
            cal.platt,
            cal.isotonic,
            cal.compare_repairs,
        ],
        "script": script,
        "proof": compare,
        "proof_says": "scikit-learn's scores of all four sets of probabilities, and its own isotonic regression.",
    }


def _both(mine: Any, other: Any, y: np.ndarray, scores: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([mine(y, score) for score in scores]), np.array([other(y, score) for score in scores])


def costs_closing(case: Any, study: Any, made_up: bool, cuts: list[float]) -> Closing:
    """For the costs; `cuts` are the theoretical one and the corrected one, in reported log-odds."""

    def script() -> str:
        main = _sweep(case, study, made_up)
        main += f"""
cuts = {cuts!r}  # t*, as reported and after prior correction, in reported log-odds
print(f"trained at {case.prevalence!r}, used at {{prevalence!r}}")
for cut, price in zip(cuts, 1000 * expected_cost(sweep.at(cuts), 1, cost, prevalence)):
    print(f"flag p >= {{sigmoid(cut):.6g}}: {{price:.6g}} per 1000")
curve = cost_curve(sweep)
for row in zip(curve.probability_cost, curve.normalised_cost):
    print(*(f"{{value:.6g}}" for value in row))
"""
        if made_up:
            main += f"""
a = np.log({case.prevalence!r} / (1 - {case.prevalence!r}))
x = ((np.array(cuts) - {case.bias!r}) / {case.confidence!r} - a) / {case.separation!r}
prices = 1000 * expected_cost(binormal_sweep(x, {case.separation!r}, prevalence), 1, cost, prevalence)
print("population:", *(f"{{price:.6g}}" for price in prices), "per 1000")
"""
        return standalone(main, met, cal)

    def compare() -> pd.DataFrame:
        curve = met.cost_curve(study.sweep, 21)
        share = curve.probability_cost[:, None]
        envelope = ((1 - share) * study.sweep.fpr + share * (1 - study.sweep.recall)).min(axis=1)
        odds = 1 / (1 + np.exp(-np.array(cuts[1:])))
        corrected = cal.prior_correction(odds, case.prevalence, case.used)
        return comparison(
            [
                ("Cost curve, by trying every threshold", curve.normalised_cost, envelope),
                ("Corrected cut, corrected again: t*", corrected, np.array([met.bayes_threshold(1, case.cost)])),
                *_sweep_rows(case, study),
            ]
        )

    return {
        "sources": [met.expected_cost, met.best_threshold, met.bayes_threshold, met.cost_curve, cal.prior_correction],
        "script": script,
        "proof": compare,
        "proof_says": "scikit-learn's confusion matrices at every eighth threshold, one at a time, with the classes "
        "weighted to the prevalence in use; the cost curve by brute force.",
    }


def pairs_closing(case: Any, y: np.ndarray, logit: np.ndarray, score: np.ndarray, made_up: bool, ties: str) -> Closing:
    """For the pairs."""
    same = {
        "Exact": "score = logit",
        "Rounded": "score = np.round(11 * (logit - logit.min()) / ((logit.max() - logit.min()) or 1))",
        "One cut": "score = (logit >= (logit[y == 1].mean() + logit[y == 0].mean()) / 2).astype(float)",
    }[ties]

    def script() -> str:
        main = f"""{_data(case, y, logit, made_up)}
{same}
print(f"AUC {{roc_auc(y, score):.6g}} ± {{auc_standard_error(y, score):.6g}} for other cases")
print(f"{{y.sum() * (1 - y).sum():,}} pairs of a positive and a negative")
values, group = np.unique(score, return_inverse=True)
share = [np.bincount(group[y == label], minlength=len(values)) / (y == label).sum() for label in (0, 1)]
print(f"ties among all pairs: {{share[0] @ share[1]:.6g}}")
drawn = roc_auc_pairs(y, score, 400, {case.seed!r})
for k, row in enumerate(zip(drawn.estimate, drawn.standard_error), 1):
    print(k, *(f"{{value:.6g}}" for value in row))
"""
        if made_up:
            main += f"""
cut = binormal_sweep([0.0], {case.separation!r}, {case.prevalence!r})
print(f"population AUC {{binormal_auc({case.separation!r}):.6g}}, of one cut {{cut.balanced_accuracy[0]:.6g}}")
"""
        return standalone(main, met, cal)

    def compare() -> pd.DataFrame:
        drawn = met.roc_auc_pairs(y, score, 400, case.seed)
        gap = score[drawn.positive] - score[drawn.negative]
        running = np.cumsum(np.where(gap > 0, 1.0, np.where(gap < 0, 0.0, 0.5))) / np.arange(1, 401)
        below = [(score[y == 0] < s).mean() + (score[y == 0] == s).mean() / 2 for s in score[y == 1]]
        above = [(score[y == 1] > s).mean() + (score[y == 1] == s).mean() / 2 for s in score[y == 0][:2000]]
        rows = [
            ("AUC, scikit-learn's", np.array([met.roc_auc(y, score)]), np.array([roc_auc_score(y, score)])),
            ("AUC, all pairs compared one positive at a time", np.array([met.roc_auc(y, score)]), np.mean([below])),
            ("Running share of the pairs drawn", drawn.estimate, running),
        ]
        if len(above) == (y == 0).sum():
            error = np.sqrt(np.var(below, ddof=1) / len(below) + np.var(above, ddof=1) / len(above))
            rows.append(("DeLong's standard error, by placements", np.array([met.auc_standard_error(y, score)]), error))
        return comparison(rows)

    return {
        "sources": [met.roc_auc, met.roc_auc_pairs, met.auc_standard_error],
        "script": script,
        "proof": compare,
        "proof_says": "scikit-learn's area, and every pair compared by a plain loop.",
    }


def imbalance_closing(case: Any) -> Closing:
    """For the four trainings."""
    call = f"imbalance_study({case.n!r}, {case.prevalence!r}, {case.separation!r}, {case.seed!r}, n_test=10_000)"
    main = f"""study = {call}
print(f"prevalence {{study.y.mean():.6g}}, log-loss of the true probabilities {{log_loss(study.y, study.p_true):.6g}}")
for k, (name, label) in enumerate(TRAININGS.items()):
    before, after = study.p[k], study.p_corrected[k]
    print(f"{{name}}: share of positives {{study.train_prevalence[k]:.6g}}, AUC {{roc_auc(study.y, before):.6g}}")
    print(f"    mean {{before.mean():.6g}}, log-loss {{log_loss(study.y, before):.6g}}; ", end="")
    print(f"corrected: mean {{after.mean():.6g}}, log-loss {{log_loss(study.y, after):.6g}}")
"""

    def compare() -> pd.DataFrame:
        study = cal.imbalance_study(case.n, case.prevalence, case.separation, case.seed, n_test=10_000)
        rows = []
        for k, weights in ((0, None), (1, "balanced")):
            model = LogisticRegression(class_weight=weights, tol=1e-12, solver="newton-cholesky", max_iter=1000)
            model.fit(study.X, study.labels)
            theirs = np.append(model.coef_, model.intercept_)
            rows.append((f"Weights of “{list(cal.TRAININGS.values())[k]}”", study.coef[k], theirs))
        p = [*study.p, *study.p_corrected]
        rows.append(("Log-losses, before and after", *_both(met.log_loss, sk.log_loss, study.y, p)))
        rows.append(("AUC, before and after", *_both(met.roc_auc, sk.roc_auc_score, study.y, p)))
        return comparison(rows)

    return {
        "sources": [cal.imbalance_study, cal._fit_weighted, cal.prior_correction],
        "script": lambda: standalone(main, met, cal),
        "proof": compare,
        "proof_says": "scikit-learn's `LogisticRegression` on the same training data, and its scores of the test data.",
    }


def classes_closing(y: np.ndarray, guess: np.ndarray, k: int) -> Closing:
    """For many classes."""

    def script() -> str:
        main = f"""import base64
import zlib

# True and predicted classes.
data = {packed(np.column_stack([y, guess]))}.astype(int)
report = classification_report(data[:, 0], data[:, 1], np.arange({k}))
print(report.confusion.astype(int))
print(f"accuracy {{report.accuracy:.6g}}")
for label, *rates in zip(report.labels, report.precision, report.recall, report.f1):
    print(label, *(f"{{rate:.6g}}" for rate in rates))
for name in ("micro", "macro", "weighted"):
    print(name, *(f"{{rate:.6g}}" for rate in getattr(report, name)))
"""
        return standalone(main, met)

    def compare() -> pd.DataFrame:
        labels = np.arange(k)
        report = met.classification_report(y, guess, labels)
        options = {"labels": labels, "zero_division": 0}
        rows = [
            ("Confusion matrix", report.confusion, sk.confusion_matrix(y, guess, labels=labels)),
            (
                "Precision, recall and F₁ of each class",
                np.stack([report.precision, report.recall, report.f1]),
                np.stack(sk.precision_recall_fscore_support(y, guess, **options)[:3]),
            ),
        ]
        for name in ("micro", "macro", "weighted"):
            theirs = sk.precision_recall_fscore_support(y, guess, average=name, **options)[:3]
            rows.append((f"Average: {name}", getattr(report, name), np.array(theirs)))
        return comparison(rows)

    return {
        "sources": [met.confusion_matrix, met.classification_report],
        "script": script,
        "proof": compare,
        "proof_says": "scikit-learn's `precision_recall_fscore_support` on the classes on screen.",
    }


def regression_closing(delta: float) -> Closing:
    """For the best constants."""
    main = f"""values = np.column_stack([np.tile([1.0, 2.0, 3.0, 4.0], (101, 1)), np.arange(101.0)])
best = best_constants(values, {delta!r})
for row in zip(values[:, 4], best["rmse"], best["mae"], best["huber"]):
    print(*(f"{{value:.6g}}" for value in row))
print(f"with delta = {delta!r}")
"""

    def compare() -> pd.DataFrame:
        values = np.column_stack([np.tile([1.0, 2.0, 3.0, 4.0], (101, 1)), np.arange(101.0)])
        best = met.best_constants(values, delta)
        huber = np.array([_huber_location(row, delta) for row in values])
        return comparison(
            [
                ("Constants of least RMSE, NumPy's mean", best["rmse"], values.mean(axis=1)),
                ("Constants of least MAE, NumPy's median", best["mae"], np.median(values, axis=1)),
                ("Constants of least Huber loss, piece by piece", best["huber"], huber),
            ]
        )

    return {
        "sources": [met.best_constants, met.constant_losses],
        "script": lambda: standalone(main, met),
        "proof": compare,
        "proof_says": "Huber's constant again: Σ clip(yᵢ − c, −δ, δ) is linear between the points yᵢ ± δ, so its zero "
        "is found there exactly.",
    }


def _huber_location(y: np.ndarray, delta: float) -> float:
    """The middle of where the sum of the clipped residuals, which falls in c, is 0."""
    knots = np.unique(np.concatenate([y - delta, y + delta]))
    pull = np.clip(y - knots[:, None], -delta, delta).sum(axis=1)
    zeros = []
    for left, right, high, low in zip(knots, knots[1:], pull, pull[1:], strict=False):
        if high > low and high >= 0 >= low:
            zeros.append(left + (right - left) * high / (high - low))
        elif high == low == 0:
            zeros += [left, right]
    return (min(zeros) + max(zeros)) / 2
