"""Model evaluation: one threshold through two score distributions, and everything that is read off it.

The lesson: ranking, probabilities and decisions are three questions. ROC and AUC judge the ranking and ignore
prevalence; precision does not; calibration is invisible to both; costs say where to cut. Each view below is one
experiment; only the chosen one computes and draws.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
import streamlit as st
from sklearn.naive_bayes import GaussianNB
from streamlit.delta_generator import DeltaGenerator

from mlcore import calibration as cal
from mlcore import metrics as met
from mlcore.logistic_regression import LogisticRegression, standardised_terms
from mlcore.numerics import sigmoid, varies
from pages.charts import model_evaluation as charts
from pages.proof import model_evaluation as proof
from pages.ui.charts import NEGATIVE, POSITIVE, Rows, draw, is_dark, make_rows, stack_rows
from pages.ui.data import breast_cancer, digits, digits_one_and_five, iris_petals
from pages.ui.lab import Closing, ask, choose_experiment, choose_one, close_lab, live, open_lab, scenes, seen, verdict
from pages.ui.link import MAX_TEXT
from pages.ui.numbers import short
from pages.ui.player import player
from pages.ui.readout import readout
from pages.ui.turns import turn
from pages.ui.upload import (
    Scored,
    Unusable,
    as_code,
    choose_positive,
    labels_and_scores,
    likely_columns,
    pairs_table,
    parse_pairs,
    sentence_of_unusable,
    upload,
)

FEATURES = ("mean texture", "mean smoothness")  # of the breast cancer data: they overlap enough to disagree
REAL = {  # data that the logistic regression lab fits as well, the degree of the model, and what it tells apart
    "Breast cancer": (lambda: breast_cancer(*FEATURES), 1, f"malignant or benign by {' and '.join(FEATURES)}"),
    "Digits 1 and 5": (digits_one_and_five, 2, "five or one by ink, asymmetry and their products"),
    "Iris virginica": (
        lambda: (iris_petals()[0], (iris_petals()[1] == 2).astype(float)),
        1,
        "virginica or another by petal length and width",
    ),
}
SYNTHETIC, OWN = "Synthetic", "Your own"
SOURCES = [SYNTHETIC, *REAL, OWN]
TIES = ["Exact", "Rounded", "One cut"]
TRAINED = ["As the data are", "Equal priors", "Always the largest"]
BINNINGS = {"Equal width": "uniform", "Equal counts": "quantile"}
PAIRS = 400
TAIL = 3.7  # standard deviations beyond each class mean that the thresholds reach: all but one case in 10 000
CHARTS = "ev_charts"

DEFAULTS = {
    "ev_view": "Threshold",
    "ev_source": SYNTHETIC,
    "ev_prevalence": 10,
    "ev_reweight": False,  # own scores
    "ev_separation": 1.19,
    "ev_cost": 10,
    "ev_confidence": 1.0,
    "ev_odds": 1.0,
    "ev_n": 2000,
    "ev_seed": 0,
    "ev_bins": 10,
    "ev_binning": "Equal width",
    "ev_used": 2,
    "ev_ties": TIES[0],
    "ev_classes": "Three classes",
    "ev_rule": TRAINED[0],
    "ev_share": 60,
    "ev_delta": 5.0,
}
SCENES = {
    "Screening test": {"ev_separation": 3.97, "ev_prevalence": 1, "ev_cost": 50, "ev_n": 20_000, "frame": 47},
    "Rare positives": {"ev_view": "ROC and PR", "ev_prevalence": 1, "ev_n": 20_000, "frame": 50},
    "Overconfident": {"ev_view": "Calibration", "ev_confidence": 2.0, "ev_n": 20_000, "frame": 0},
    "Balanced weights": {"ev_view": "Calibration", "ev_odds": 9.0, "ev_n": 20_000, "frame": 0},
    "Fewer positives in use": {"ev_view": "Costs", "ev_cost": 9, "ev_n": 20_000},
    "Many ties": {"ev_view": "AUC by pairs", "ev_ties": "One cut", "frame": PAIRS},
    "Class weights": {"ev_view": "Imbalance", "ev_n": 20_000, "frame": 0},
    "90 : 5 : 5": {"ev_view": "Many classes", "ev_share": 90, "ev_rule": "Always the largest"},
    "An outlier": {"ev_view": "Regression losses", "frame": 100},
}
QUESTIONS = {
    "Threshold": (
        "At which reported probability is the cut with the lowest cost?",
        ["below 0.2", "0.2 to 0.5", "above 0.5"],
    ),
    "ROC and PR": ("At which reported probability is F₁ largest?", ["below 0.25", "0.25 to 0.5", "above 0.5"]),
    "Calibration": (
        "Fitted on one half: which repair has the lowest log-loss on the other?",
        [entry[0] for entry in charts.REPAIRS.values()],
    ),
    "Costs": ("In use, which costs least?", ["the cut t* as reported", "flag nobody", "flag everybody"]),
    "AUC by pairs": (
        "Of all pairs of a positive and a negative, how many are ordered rightly, ties counting half?",
        ["under 75%", "75% to 85%", "over 85%"],
    ),
    "Imbalance": (
        "Training with class weights multiplies the mean prediction by …",
        ["less than 1.5", "1.5 to 3", "more than 3"],
    ),
    "Many classes": ("Which average of F₁ is the lowest?", ["micro", "macro", "weighted"]),
    "Regression losses": (
        "The fifth value goes from 10 to 100. Huber’s constant …",
        ["stays", "rises less than the mean", "rises as the mean does"],
    ),
}


@dataclass(frozen=True)
class Case:
    """The numbers of an experiment."""

    prevalence: float = 0.1
    separation: float = 1.19
    cost: float = 10.0  # of a miss; a false alarm costs 1
    confidence: float = 1.0
    odds: float = 1.0
    n: int = 2000
    seed: int = 0
    bins: int = 10
    binning: str = "uniform"
    used: float = 0.02
    share: float = 0.6
    delta: float = 5.0

    @property
    def bias(self) -> float:
        """What is added to the log-odds."""
        return log(self.odds)


@dataclass(frozen=True, eq=False)
class Chosen:
    """The choices; changing one reruns the whole page. `own` are the visitor's labels and scores, or an example's."""

    source: str
    ties: str
    data: str
    rule: str
    own: tuple[np.ndarray, np.ndarray] | None
    example: bool


SLIDERS: dict[str, Callable[[], Any]] = {
    "prevalence": lambda: (
        _slider(
            "Prevalence π (%)",
            1,
            99,
            key="ev_prevalence",
            help="Share of positives. Real data are reweighted to it, and their probabilities corrected for it.",
        )
        / 100
    ),
    "separation": lambda: _slider(
        "Separation d′",
        0.1,
        4.5,
        0.01,
        key="ev_separation",
        help="Distance of the two class means in standard deviations, both classes normal with equal variance.",
    ),
    "cost": lambda: _slider("Cost of a miss, in false alarms", 1, 100, key="ev_cost", help="c_FN : c_FP."),
    "confidence": lambda: _slider(
        "Confidence: log-odds multiplied by",
        0.25,
        4.0,
        0.05,
        key="ev_confidence",
        help="1 is calibrated, 2 reports doubled logits: overconfident.",
    ),
    "odds": lambda: _slider(
        "Odds multiplied by",
        0.1,
        20.0,
        0.1,
        key="ev_odds",
        help="As training with positives weighted so many times does. Balanced class weights: (1 − π)/π.",
    ),
    "n": lambda: _slider("Cases", 200, 20_000, 100, key="ev_n"),
    "seed": lambda: _slider("Seed", 0, 999, key="ev_seed"),
    "bins": lambda: _slider("Bins", 2, 50, key="ev_bins"),
    "binning": lambda: BINNINGS[
        choose_one("Bins of", list(BINNINGS), DEFAULTS["ev_binning"], key="ev_binning", help="Of the probabilities.")
    ],
    "used": lambda: (
        _slider("Prevalence in use (%)", 1, 99, key="ev_used", help="Where the classifier is used, not trained.") / 100
    ),
    "share": lambda: _slider("Share of the largest class (%)", 34, 98, key="ev_share") / 100,
    "delta": lambda: _slider(
        "Huber’s δ",
        0.5,
        100.0,
        0.5,
        key="ev_delta",
        help="Residuals up to δ count squared, larger ones in proportion.",
    ),
}


def logit(p: float) -> float:
    """The log-odds of a probability."""
    return log(p / (1 - p))


def _slider(title: str, low: float, high: float, step: float = 1, *, key: str, help: str | None = None) -> float:
    """A bound slider at its default."""
    return st.slider(title, low, high, DEFAULTS[key], step, key=key, help=help, bind="query-params")


def reweighted() -> bool:
    """Whether the visitor's own scores are weighted to another prevalence than theirs."""
    return st.toggle(
        "Another prevalence",
        DEFAULTS["ev_reweight"],
        key="ev_reweight",
        bind="query-params",
        help="Else the data’s own.",
    )


def settings(chosen: Chosen, shown: Sequence[str], folded: Sequence[str]) -> Case:
    """Draw the sliders of an experiment; real data need none of those that make synthetic ones.

    The visitor's own scores keep their prevalence unless another is asked for.
    """
    made_up = {"separation", "n"} if chosen.source != SYNTHETIC else set()
    values = {}
    if chosen.own and "prevalence" in shown and not reweighted():
        made_up.add("prevalence")
        values["prevalence"] = float(chosen.own[0].mean())
    values |= {name: SLIDERS[name]() for name in shown if name not in made_up}
    folded = [name for name in folded if name not in made_up]
    if folded:
        with st.popover("More settings", icon=":material/tune:", width="stretch"):
            values |= {name: SLIDERS[name]() for name in folded}
    return Case(**values)


def choose(view: str) -> tuple[Chosen, DeltaGenerator]:
    """Draw the choices; the second result is the place left for the sliders."""
    source, own, example, ties, data, rule = SYNTHETIC, None, False, TIES[0], "", ""
    if view in ("Threshold", "ROC and PR", "Calibration", "Costs", "AUC by pairs"):
        source = st.selectbox(
            "Scores of",
            SOURCES,
            key="ev_source",
            bind="query-params",
            help="Real data: a logistic regression, fitted on one half of them and judged on the other; the class "
            "named first is positive. " + " ".join(f"{name}: {what}." for name, (_, _, what) in REAL.items()),
        )
        if source == OWN:
            own, example = own_scores()
    if view == "AUC by pairs":
        ties = choose_one(
            "Scores",
            TIES,
            TIES[0],
            key="ev_ties",
            help="Rounded: to 12 values. One cut: 0 below, 1 above the middle between the classes' mean scores.",
        )
    if view == "Many classes":
        data = choose_one("Data", ["Three classes", "Digits"], "Three classes", key="ev_classes")
        rule = st.selectbox(
            "Classifier",
            TRAINED,
            key="ev_rule",
            bind="query-params",
            help="Three classes: Bayes' rule with the true shares, or as if all classes were equally common. Digits: "
            "Gaussian naive Bayes, likewise.",
        )
    return Chosen(source, ties, data, rule, own, example), st.container()


def own_scores() -> tuple[tuple[np.ndarray, np.ndarray], bool]:
    """Labels and log-odds from a file or pasted lines; an example's, and true, as long as nothing is usable."""
    own = None
    with sentence_of_unusable():
        own = given_scores()
    scored = own or parse_pairs(EXAMPLE)
    for sentence in scored.report:
        st.markdown(f":small[{sentence}]")
    auc = met.roc_auc(scored.y, scored.score)
    positives, negatives = (scored.y == 1).sum(), (scored.y == 0).sum()
    chance = np.sqrt((len(scored.y) + 1) / (12 * positives * negatives))  # the deviation of a worthless score's AUC
    if auc < 0.5 - 2 * chance:
        low, high = map(as_code, scored.class_names)
        st.info(
            f"The higher scores go with {low} (AUC {auc:.3f}): if they mean {low}, choose it as the positive class "
            f"in place of {high}.",
            icon=":material/swap_vert:",
        )
    return (scored.y, log_odds(scored.score)), own is None


def given_scores() -> Scored | None:
    """Draw the ways to bring scores along; None if there is no file, `Unusable` if what there is does not do."""
    if choose_one("Given by", ["Pasting", "A file"], "Pasting", key="ev_way") == "Pasting":
        text = st.text_area(
            "Label and score, a pair a line",
            EXAMPLE,
            key="ev_pairs",
            max_chars=MAX_TEXT,
            help="Scores from 0 to 1 are taken as probabilities, others as log-odds. The text stays in this session; "
            f"a link cannot carry it. It has up to {MAX_TEXT:,} characters; a file may have more.",
        )
        table = pairs_table(text, score_first=st.toggle("Score first", key="ev_score_first"))
        label, score = "label", "score"
    else:
        table = upload(lab)
        if table is None:
            return None
        # The upload forgets the choices with these keys when another file comes.
        columns, likely = list(table.columns), likely_columns(table)
        label = st.selectbox("Label", columns, index=columns.index(likely[0]), key="ev_target")
        score = st.selectbox("Score", columns, index=columns.index(likely[1]), key="ev_features")
    positive = choose_positive(lab, table, label, "Positive class")
    if positive is None:
        return None
    scored = labels_and_scores(table, label, score, positive)
    if np.abs(scored.score).max() > 1e90 or min(scored.y.sum(), (1 - scored.y).sum()) < 2:
        raise Unusable("Each class needs two scores or more, none beyond 1e90.")
    return scored


def log_odds(score: np.ndarray) -> np.ndarray:
    """Scores from 0 to 1 as log-odds, in the same order; 0 and 1 are as near to the others as rounding. Others stay."""
    if score.min() < 0 or score.max() > 1:
        return score
    inside, epsilon = score[(score > 0) & (score < 1)], np.finfo(float).eps
    p = np.clip(score, min(inside.min(initial=1), epsilon), max(inside.max(initial=0), 1 - epsilon))
    return np.log(p) - np.log1p(-p)


def example_pairs() -> str:
    """Sixty lines in the expected form."""
    s = cal.synthetic_scores(60, 1.5, 0.3, seed=1)
    return "\n".join(f"{y},{p:.3f}" for y, p in zip(s.y, s.p, strict=True))


EXAMPLE = example_pairs()


@st.cache_data(max_entries=64, show_spinner=False)
def real_scores(name: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels and log-odds of the half of a data set that the regression was not fitted on, (n,) each."""
    load, degree, _ = REAL[name]
    X, y = load()
    order = np.random.default_rng(seed).permutation(len(y))
    fitted, rest = order[: len(y) // 2], order[len(y) // 2 :]
    terms = standardised_terms(X[fitted], degree)
    model = LogisticRegression(solver="newton", penalty="l2", strength=1 / len(fitted)).fit(terms(X[fitted]), y[fitted])
    return y[rest].astype(int), model.decision_function(terms(X[rest]))


def scored(case: Case, chosen: Chosen, prevalence: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Labels and reported log-odds, (n,) each; real ones corrected for a prevalence unless it is None."""
    if chosen.source == SYNTHETIC:
        s = cal.synthetic_scores(
            case.n, case.separation, prevalence or case.prevalence, case.confidence, case.bias, case.seed
        )
        return s.y, s.logit
    y, true = chosen.own or real_scores(chosen.source, case.seed)
    if prevalence is not None:
        true = true + (logit(prevalence) - logit(y.mean()))
    return y, case.confidence * true + case.bias


@dataclass(frozen=True, eq=False)
class Study:
    """A scored sample cut at every threshold; `exact` is the population's sweep at the frames, if there is one."""

    y: np.ndarray
    logit: np.ndarray  # reported log-odds, (n,)
    cuts: np.ndarray  # of the frames, in reported log-odds, rising, (FRAMES,)
    sweep: met.ThresholdSweep  # at all thresholds, in a population of the prevalence in use
    at: met.ThresholdSweep  # the same at the frames
    exact: met.ThresholdSweep | None
    used: float

    @staticmethod
    def probability(z: float) -> str:
        """A reported probability, given as log-odds, in words."""
        return shown(float(sigmoid(z)))


def study_of(case: Case, chosen: Chosen, used: float | None = None) -> Study:
    """Sweep the thresholds, in a population of the prevalence `used`, or of the one that the scores are made for."""
    y, z = scored(case, chosen, case.prevalence)
    used = used or case.prevalence
    exact = None
    if chosen.source == SYNTHETIC:
        reach = case.separation / 2 + TAIL
        x = np.linspace(-reach, reach, charts.FRAMES)
        cuts = case.confidence * (logit(case.prevalence) + case.separation * x) + case.bias
        exact = cal.binormal_sweep(x, case.separation, used)
    else:
        low, high = z.min(), z.max()
        margin = 0.01 * (high - low) + 1e-6 * max(1, abs(low), abs(high))
        cuts = np.linspace(low, high + margin, charts.FRAMES)
    sweep = met.threshold_sweep(y, z).at_prevalence(used)
    return Study(y, z, cuts, sweep, sweep.at(cuts), exact, used)


def shown(value: float) -> str:
    """Three digits, or as many as tell a probability from 0 and 1."""
    if 0 < value < 0.001:
        return short(value, 2)
    if value < 0.1:
        return f"{value:.3g}"
    return f"{value:.6f}" if 0.999 < value < 1 else f"{value:.3f}"


def amount(value: float) -> str:
    """A cost."""
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def columns_of(study: Study, cost: float) -> dict[str, np.ndarray]:
    """What the charts draw at each frame; precision is missing where nobody is flagged."""
    return {"frame": np.arange(charts.FRAMES)} | _columns(study.at, study.used, cost)


def _columns(at: met.ThresholdSweep, used: float, cost: float) -> dict[str, np.ndarray]:
    flagged = at.tp + at.fp > 1e-9 * at.total
    relative = met.expected_cost(at, 1, cost, used) / constant_cost(used, cost)
    return {
        "fpr": at.fpr,
        "recall": at.recall,
        "precision": np.where(flagged, at.precision, np.nan),
        "cost": np.minimum(relative, 2 * charts.TOP_COST),
    }


def constant_cost(prevalence: float, cost: float) -> float:
    """The cost a case of the better constant rule: flag nobody, or everybody."""
    return min(prevalence * cost, 1 - prevalence)


def rounded(kind: Any = None, **columns: np.ndarray) -> Rows:
    """Rows for a chart: more digits than pixels, in half the bytes; `kind` is a column of words, or one for all."""
    numbers = {name: np.asarray(column, dtype=np.float32) for name, column in columns.items()}
    return make_rows(numbers if kind is None else numbers | {"kind": kind})


def labels_of(study: Study, name: str, values: Sequence[str]) -> list[str]:
    """What the player says at each threshold: the rates, and one more value by its name."""
    at = study.at
    flagged = at.tp + at.fp > 1e-9 * at.total
    return [
        f"flag p ≥ {study.probability(cut)}: recall {r:.3f}, FPR {f:.3f}, "
        + (f"precision {p:.3f}" if some else "nobody flagged")
        + f", {name} {value}"
        for cut, r, f, p, value, some in zip(study.cuts, at.recall, at.fpr, at.precision, values, flagged, strict=True)
    ]


def prices_of(study: Study, cost: float) -> list[str]:
    """What each threshold costs per 1000 cases."""
    return [amount(1000 * price) for price in met.expected_cost(study.at, 1, cost, study.used)]


def bars_of(study: Study) -> Rows:
    """How the cases of each class spread over the thresholds, 50 bars."""
    edges = study.cuts[::2]
    place = np.searchsorted(edges[1:-1], study.logit, side="right")
    share = {}
    for name, label, weight in (("negative", 0, 1 - study.used), ("positive", 1, study.used)):
        inside = (study.y == label) & (study.logit >= edges[0]) & (study.logit <= edges[-1])
        share[name] = weight * np.bincount(place[inside], minlength=len(edges) - 1) / (study.y == label).sum()
    start = np.arange(0, charts.FRAMES - 1, 2)
    return rounded(frame=start, end=start + 2, **share)


def cheapest(study: Study, cost: float) -> tuple[int, float, str]:
    """The place of the cheapest threshold in the sweep, its cost per 1000 cases, and it in words."""
    costs = met.expected_cost(study.sweep, 1, cost, study.used)
    best = int(np.argmin(costs))
    return best, 1000 * float(costs[best]), cut_in_words(study, float(study.sweep.thresholds[best]))


def cut_in_words(study: Study, z: float) -> str:
    """A threshold, in log-odds, as a rule."""
    return "flag nobody" if np.isinf(z) else f"flag p ≥ {study.probability(z)}"


def constants_in_words(used: float, cost: float) -> str:
    """What the rules without a model cost."""
    return f"flagging nobody costs {amount(1000 * used * cost)}, flagging everybody {amount(1000 * (1 - used))}"


def weighted(study: Study) -> str:
    """What was done to real data."""
    if study.exact:
        return ""
    own = study.y.mean()
    if abs(study.used - own) < 1e-12:
        return f" The prevalence is the data’s own, {shown(own)}."
    return f" The classes are weighted to a prevalence of {shown(study.used)}; in the data it is {shown(own)}."


def threshold(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """One threshold through both distributions; every rate follows it."""
    with controls:
        case = settings(chosen, ("prevalence", "separation", "cost", "confidence"), ("odds", "n", "seed"))
    study = study_of(case, chosen)
    auc = met.roc_auc(study.y, study.logit)
    best, price, words = cheapest(study, case.cost)
    theory = met.bayes_threshold(1, case.cost)
    at_best = study.sweep
    half = met.expected_cost(study.sweep.at([0.0]), 1, case.cost, study.used)[0] * 1000
    what = (
        f"AUC **{auc:.3f}**"
        + (f" (population {cal.binormal_auc(case.separation):.3f})" if chosen.source == SYNTHETIC else "")
        + f" at every threshold and prevalence. A miss costs {case.cost:g} false alarms: cheapest here is to "
        f"**{words}** (recall {at_best.recall[best]:.3f}, precision {at_best.precision[best]:.3f}), at "
        f"{amount(price)} per 1000 cases; a cut at 0.5 costs {amount(half)}, "
        f"{constants_in_words(study.used, case.cost)}. "
        f"For calibrated scores the best cut is 1/(1 + {case.cost:g}) = {theory:.3f}.{weighted(study)}"
    )
    sweep = columns_of(study, case.cost)
    exact = rounded(**sweep | _columns(study.exact, study.used, case.cost)) if study.exact else no_rows(sweep)
    sweep = rounded(**sweep)
    marks = marks_of(study, {"best": float(study.sweep.thresholds[best]), "t*": logit(theory)})
    ticks = charts.ticks(study.cuts)
    with stage:
        options = QUESTIONS["Threshold"][1]
        at = study.sweep.thresholds[best]
        verdict(lab, "Threshold", options[0 if at < logit(0.2) else 1 if at <= 0 else 2], f"Cheapest: {words}.")
        with st.container(key=CHARTS):
            left, middle, right = st.columns([5, 4, 4], gap="small")
            with left:
                now = sweep.select(["frame"])
                name = "Score distributions of both classes."
                draw(charts.distributions(), name, what, bins=bars_of(study), sweep=now, ticks=ticks)
                columns = ["frame", "cost"]
                draw(
                    charts.cost(charts.SMALL),
                    "Cost against threshold.",
                    what,
                    sweep=sweep.select(columns),
                    exact=exact.select(columns),
                    marks=marks,
                    ticks=ticks,
                )
            with middle:
                columns = ["frame", "fpr", "recall"]
                draw(
                    charts.roc(charts.SMALL),
                    "ROC curve.",
                    what,
                    sweep=sweep.select(columns),
                    exact=exact.select(columns),
                )
                columns = ["frame", "recall", "precision"]
                draw(
                    charts.precision_recall(charts.SMALL),
                    "Precision–recall curve.",
                    what,
                    sweep=sweep.select(columns),
                    exact=exact.select(columns),
                    base=rounded(precision=[study.used]),
                )
            with right:
                tables_of(study, case.cost)
        player(CHARTS, labels_of(study, "cost per 1000", prices_of(study, case.cost)), start=50, rate=25)
        st.markdown(
            f":small[{'Dashed: the population. ' if study.exact else ''}Relative cost: 1 is the better of flagging "
            "nobody and everybody. Bars over 12% and costs over 2 leave the picture.]"
        )
        seen(what)
    return proof.sweep_closing(case, study, chosen.source == SYNTHETIC) | {
        "data": {"Thresholds": table_of(study, case.cost)}
    }


def no_rows(columns: dict[str, np.ndarray]) -> Rows:
    """Where there is no population to draw."""
    return make_rows({name: [] for name in columns})


def marks_of(study: Study, named: dict[str, float]) -> Rows:
    """Where the named thresholds, in reported log-odds, lie along the frames; ∞ is the right end."""
    last = charts.FRAMES - 1
    low, high = study.cuts[0], study.cuts[-1]
    frame = [last * (min(max(cut, low), high) - low) / (high - low) for cut in named.values()]
    place = [charts.TOP_COST * (0.98 - 0.13 * i) for i in range(len(named))]
    return make_rows({"frame": frame, "name": list(named), "place": place})


def tables_of(study: Study, cost: float) -> None:
    """The confusion matrix per 1000 cases and the rates, of the sample and of the population."""
    at, exact = study.at, study.exact
    cells = np.stack([np.stack([at.tp, at.fp], 1), np.stack([at.fn, at.tn], 1)], 1) * 1000 / at.total[:, None, None]
    readout(
        CHARTS,
        "ev_matrix",
        "Of 1000 cases",
        [("positive", POSITIVE), ("negative", NEGATIVE)],
        [("flagged", "TP, FP"), ("not flagged", "FN, TN")],
        cells,
        [1, 1],
    )
    sweeps = [at] if exact is None else [at, exact]
    values = np.stack([np.stack([rate(s) for rate in RATES.values()], 1) for s in sweeps], 2)
    price = np.stack([1000 * met.expected_cost(s, 1, cost, study.used) for s in sweeps], 1)[:, None]
    readout(
        CHARTS,
        "ev_rates",
        "Rates",
        [("sample", ""), ("population", "")][: len(sweeps)],
        [*((name, formula) for name, formula in RATES), ("cost per 1000", "FP + c FN")],
        np.concatenate([values, price], 1),
        [3] * len(RATES) + [0],
    )


def defined(
    rate: Callable[[met.ThresholdSweep], np.ndarray], *cells: str
) -> Callable[[met.ThresholdSweep], np.ndarray]:
    """A rate, missing where the cells that its denominator counts are empty."""

    def of(sweep: met.ThresholdSweep) -> np.ndarray:
        known = sum(getattr(sweep, cell) for cell in cells) > 1e-9 * sweep.total
        return np.where(known, rate(sweep), np.nan)

    return of


RATES = {
    ("recall", "TP/(TP+FN)"): lambda s: s.recall,
    ("specificity", "TN/(TN+FP)"): lambda s: s.specificity,
    ("precision", "TP/(TP+FP)"): defined(lambda s: s.precision, "tp", "fp"),
    ("NPV", "TN/(TN+FN)"): defined(lambda s: s.npv, "tn", "fn"),
    ("accuracy", "(TP+TN)/all"): lambda s: s.accuracy,
    ("balanced", "(TPR+TNR)/2"): lambda s: s.balanced_accuracy,
    ("Youden J", "TPR−FPR"): lambda s: s.informedness,
    ("F₁", "2TP/(2TP+FP+FN)"): lambda s: s.f1,
    ("MCC", "correlation"): lambda s: s.mcc,
}


def table_of(study: Study, cost: float) -> Rows:
    """Every frame's threshold and rates, for the visitor to keep."""
    at = study.at
    return make_rows(
        {
            "threshold_log_odds": study.cuts,
            "recall": at.recall,
            "fpr": at.fpr,
            "precision": at.precision,
            "f1": at.f1,
            "mcc": at.mcc,
            "cost_per_1000": 1000 * met.expected_cost(at, 1, cost, study.used),
        }
    )


def population(case: Case) -> met.ThresholdSweep:
    """The population's sweep, at enough thresholds for its areas and its best points."""
    reach = case.separation / 2 + 6
    return cal.binormal_sweep(np.linspace(reach, -reach, 2001), case.separation, case.prevalence)


def bands_of(study: Study, case: Case, chosen: Chosen) -> met.BootstrapCurves:
    """The bootstrap, kept in the session until something that moves the curves changes: the monotone does not."""
    own = zlib.crc32(chosen.own[0].tobytes() + chosen.own[1].tobytes()) if chosen.own else 0
    made_of = (chosen.source, own, case.prevalence, case.separation, case.n, case.seed)
    kept = st.session_state.get("_ev_bands")
    if kept is None or kept[0] != made_of:
        n_boot = resamples(len(study.y))
        with turn():
            bands = met.bootstrap_curves(study.y, study.logit, n_boot, case.seed, prevalence=study.used)
        kept = st.session_state["_ev_bands"] = (made_of, bands)
    return kept[1]


def resamples(n: int) -> int:
    """How many bootstrap samples are quick enough."""
    return min(max(1_200_000 // n, 20), 200)


def roc_and_pr(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """ROC stays where it is when the prevalence moves; precision does not."""
    with controls:
        case = settings(chosen, ("prevalence", "separation", "cost", "confidence"), ("odds", "n", "seed"))
    study = study_of(case, chosen)
    bands = bands_of(study, case, chosen)
    auc = met.roc_auc(study.y, study.logit)
    sweep, used = study.sweep, study.used
    area = float(np.diff(sweep.recall) @ sweep.precision[1:])
    top = int(np.argmax(sweep.f1))
    best, price, words = cheapest(study, case.cost)
    known = population(case) if chosen.source == SYNTHETIC else None

    def exactly(value: float) -> str:
        return f", population {value:.3f}"

    what = (
        f"AUC **{auc:.3f}** (95% interval {bands.auc_interval[0]:.3f} to {bands.auc_interval[1]:.3f}"
        + (exactly(cal.binormal_auc(case.separation)) if known else "")
        + f"): the same at any prevalence. Average precision **{area:.3f}** "
        f"({bands.average_precision_interval[0]:.3f} to {bands.average_precision_interval[1]:.3f}"
        + (exactly(float(np.diff(known.recall) @ known.precision[1:])) if known else "")
        + f"): a worthless score has the prevalence, {shown(used)}. F₁ is largest, {sweep.f1[top]:.3f}, where one "
        f"flags p ≥ {study.probability(sweep.thresholds[top])}"
        + (
            f" (population {known.f1.max():.3f}, at half of it, {known.f1.max() / 2:.3f}, if calibrated)"
            if known
            else ""
        )
        + f"; cheapest is to {words}, at {amount(price)} per 1000 cases.{weighted(study)}"
    )
    columns = columns_of(study, case.cost)
    exact = rounded(**columns | _columns(study.exact, used, case.cost)) if study.exact else no_rows(columns)
    rows = rounded(**columns)
    lines = [met.iso_cost(c, 1, case.cost, used) for c in met.expected_cost(study.at, 1, case.cost, used)]
    (x, x2), (y, y2) = met.iso_cost(price / 1000, 1, case.cost, used)
    ends = np.array(lines).reshape(-1, 4)
    with stage:
        at, options = sweep.thresholds[top], QUESTIONS["ROC and PR"][1]
        found = f"F₁ is {sweep.f1[top]:.3f} at p ≥ {study.probability(at)}."
        verdict(lab, "ROC and PR", options[0 if at < logit(0.25) else 1 if at <= 0 else 2], found)
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            with left:
                draw(
                    charts.roc(charts.LARGE, bands=True),
                    "ROC curve with bootstrap band and lines of equal cost.",
                    what,
                    sweep=rows.select(["frame", "fpr", "recall"]),
                    exact=exact.select(["frame", "fpr", "recall"]),
                    band=rounded(fpr=bands.grid, low=bands.tpr_low, high=bands.tpr_high),
                    iso=rounded(frame=columns["frame"], x=ends[:, 0], x2=ends[:, 1], y=ends[:, 2], y2=ends[:, 3]),
                    cheapest=rounded(
                        x=[x], x2=[x2], y=[y], y2=[y2], fpr=sweep.fpr[[best]], recall=sweep.recall[[best]]
                    ),
                )
            with right:
                draw(
                    charts.precision_recall(charts.LARGE, bands=True),
                    "Precision–recall curve with bootstrap band and lines of equal F1.",
                    what,
                    sweep=rows.select(["frame", "recall", "precision"]),
                    exact=exact.select(["frame", "recall", "precision"]),
                    band=rounded(recall=bands.grid[1:], low=bands.precision_low[1:], high=bands.precision_high[1:]),
                    base=rounded(precision=[used]),
                    best=rounded(recall=sweep.recall[[top]], precision=sweep.precision[[top]]),
                )
        player(CHARTS, labels_of(study, "F₁", [f"{f1:.3f}" for f1 in study.at.f1]), start=50, rate=25)
        st.markdown(
            f":small[Bands: 95% at each point, {len(bands.auc)} bootstrap samples. "
            + ("Dashed: the population. " if known else "")
            + "▼ left: the cheapest point, on its line of equal cost; dotted: that of the threshold on screen. "
            "▼ right: the largest F₁.]"
        )
        seen(what)
    return proof.curves_closing(case, study, known is not None, len(bands.auc)) | {
        "data": {"Thresholds": table_of(study, case.cost), "Bands": bands_table(bands)}
    }


def bands_table(bands: met.BootstrapCurves) -> Rows:
    """The bootstrap's bands, for the visitor to keep."""
    names = ("grid", "tpr", "tpr_low", "tpr_high", "precision", "precision_low", "precision_high")
    return make_rows({name: getattr(bands, name) for name in names})


def calibration(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Ranking survives a monotone distortion, probabilities do not; repairs learn it back from held-out cases."""
    made_up = chosen.source == SYNTHETIC
    with controls:
        shown_here = ("prevalence", "separation", "confidence", "odds") if made_up else ("confidence", "odds")
        case = settings(chosen, shown_here, ("n", "bins", "binning", "seed"))
    y, z = scored(case, chosen, None)
    halves = cal.compare_repairs(y, z, case.seed)
    names = [entry[0] for entry in charts.REPAIRS.values()]
    parts = [met.brier_decomposition(halves.y, p, case.bins, case.binning) for p in halves.p.values()]
    losses = [met.log_loss(halves.y, p) for p in halves.p.values()]
    gaps = [met.expected_calibration_error(halves.y, p, case.bins, case.binning) for p in halves.p.values()]
    # Ranked by log-odds: many probabilities near 1 round to it.
    ranks = [line.slope * z[halves.evaluated] for line in halves.sigmoids.values()] + [halves.p["isotonic"]]
    areas = [met.roc_auc(halves.y, rank) for rank in ranks]
    best = int(np.argmin(losses))
    exact = cal.binormal_losses(case.separation, case.prevalence, case.confidence, case.bias) if made_up else None
    base = float(halves.y.mean())
    what = (
        f"On the {len(halves.y):,} cases of the other half, as reported: Brier {parts[0].brier:.4f}"
        + (f" (population {exact[0]:.4f})" if exact else "")
        + f", log-loss {losses[0]:.3f}"
        + (f" (population {exact[1]:.3f})" if exact else "")
        + f", ECE {gaps[0]:.3f}, mean prediction {halves.p['none'].mean():.3f} at a prevalence of {base:.3f}. "
        f"Lowest log-loss: **{names[best]}**, {losses[best]:.3f}. AUC is {areas[0]:.3f} as reported, {areas[1]:.3f} "
        f"after temperature, {areas[2]:.3f} after Platt and {areas[3]:.3f} after isotonic, which makes ties. "
        f"Saying the base rate to all: Brier {base * (1 - base):.4f}."
    )
    bins = [met.reliability_curve(halves.y, p, case.bins, case.binning) for p in halves.p.values()]
    fields = ("predicted", "observed", "low", "high", "count")
    frame = np.repeat(np.arange(len(bins)), [len(b.count) for b in bins])
    rows = rounded(frame=frame, **{field: np.concatenate([getattr(b, field) for b in bins]) for field in fields})
    grid = np.linspace(-7, 7, 57)
    reported = sigmoid(grid)
    curves = [line.predict(grid) for line in halves.sigmoids.values()] + [halves.steps.predict(grid)]
    maps = rounded(
        frame=np.repeat(np.arange(len(curves)), len(grid)),
        reported=np.tile(reported, len(curves)),
        repaired=np.concatenate(curves),
        kind=np.repeat(names, len(grid)),
    )
    true = sigmoid((grid - case.bias) / case.confidence) if made_up else []
    labels = [
        f"repair {name}: Brier {part.brier:.4f}, log-loss {loss:.3f}, ECE {gap:.3f}"
        for name, part, loss, gap in zip(names, parts, losses, gaps, strict=True)
    ]
    with stage:
        verdict(lab, "Calibration", names[best], "; ".join(f"{n} {v:.4f}" for n, v in zip(names, losses, strict=True)))
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            with left:
                name = "Reliability diagram with Wilson intervals and counts."
                draw(charts.reliability(), name, what, bins=rows)
            with right:
                ideal = rounded(reported=reported if made_up else [], repaired=true)
                draw(charts.repairs(), "What each repair makes of a probability.", what, maps=maps, ideal=ideal)
        player(CHARTS, labels, rate=0.7)
        readout(
            CHARTS,
            "ev_repairs",
            "Judged on the other half",
            [
                (n, "")
                for n in ("Brier", "reliability", "resolution", "uncertainty", "within", "log-loss", "ECE", "AUC")
            ],
            [(name, "") for name in names],
            np.array(
                [
                    [d.brier, d.reliability, d.resolution, d.uncertainty, d.within_bins, loss, gap, area]
                    for d, loss, gap, area in zip(parts, losses, gaps, areas, strict=True)
                ]
            )[None],
            [4] * len(names),
        )
        st.markdown(":small[Brier = reliability − resolution + uncertainty + what varies within the bins.]")
        seen(what)
    return proof.calibration_closing(case, y, z, made_up) | {"data": {"Reliability": rows, "Repairs": maps}}


def costs(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """The best cut follows from costs and calibrated probabilities; another prevalence breaks the second."""
    with controls:
        case = settings(chosen, ("prevalence", "used", "cost", "confidence"), ("separation", "odds", "n", "seed"))
    study = study_of(case, chosen, case.used)
    used, theory = case.used, met.bayes_threshold(1, case.cost)
    best, price, words = cheapest(study, case.cost)
    old = logit(theory)
    moved = old + logit(case.prevalence) - logit(used)
    prices = 1000 * met.expected_cost(study.sweep.at([old, moved]), 1, case.cost, used)
    exact = None
    if chosen.source == SYNTHETIC:
        x = ((np.array([old, moved]) - case.bias) / case.confidence - logit(case.prevalence)) / case.separation
        exact = 1000 * met.expected_cost(cal.binormal_sweep(x, case.separation, used), 1, case.cost, used)

    def also(i: int) -> str:
        return f" (population {amount(exact[i])})" if exact is not None else ""

    what = (
        f"Trained at a prevalence of {shown(case.prevalence)}, used at {used:.2f}, a miss at {case.cost:g} false "
        f"alarms. Per 1000 cases the cut t* = 1/(1 + {case.cost:g}) = {theory:.3f} on the reported probability costs "
        f"**{amount(prices[0])}**{also(0)}; {constants_in_words(used, case.cost)}. After prior correction t* is a "
        f"reported {study.probability(moved)} and costs **{amount(prices[1])}**{also(1)}. The cheapest cut of this "
        f"sample is to {words}: {amount(price)}.{weighted(study)}"
    )
    columns = columns_of(study, case.cost)
    curve = met.cost_curve(study.sweep)
    weight = used * case.cost / (used * case.cost + 1 - used)
    marks = marks_of(study, {"t*": old, "t* corrected": moved, "best": float(study.sweep.thresholds[best])})
    exact_rows = rounded(**columns | _columns(study.exact, used, case.cost)) if study.exact else no_rows(columns)
    choices = {"the cut t* as reported": prices[0], "flag nobody": 1000 * used * case.cost}
    choices["flag everybody"] = 1000 * (1 - used)
    with stage:
        said = ", ".join(f"{name} {amount(value)}" for name, value in choices.items())
        verdict(lab, "Costs", min(choices, key=choices.get), f"Per 1000 cases: {said}.")
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            with left:
                draw(
                    charts.cost(charts.LARGE),
                    "Cost against threshold.",
                    what,
                    sweep=rounded(frame=columns["frame"], cost=columns["cost"]),
                    exact=exact_rows.select(["frame", "cost"]),
                    marks=marks,
                    ticks=charts.ticks(study.cuts),
                )
            with right:
                ends = {"zero": np.zeros(charts.FRAMES), "one": np.ones(charts.FRAMES)}
                draw(
                    charts.cost_curve(),
                    "Normalised cost curve.",
                    what,
                    sweep=rounded(frame=columns["frame"], fpr=study.at.fpr, fnr=1 - study.at.recall, **ends),
                    envelope=rounded(share=curve.probability_cost, cost=curve.normalised_cost),
                    here=make_rows({"share": [weight], "name": ["in use"]}),
                )
        start = int(np.argmin(np.abs(study.cuts - old)))
        player(CHARTS, labels_of(study, "cost per 1000", prices_of(study, case.cost)), start=start, rate=25)
        st.markdown(
            ":small[Left, 1 is the cost of the better constant rule; a curve above it is worse than no model. Right: "
            "each threshold is a straight line (dotted: the one on screen), the solid curve the lowest of them all.]"
        )
        seen(what)
    return proof.costs_closing(case, study, chosen.source == SYNTHETIC, [old, moved]) | {
        "data": {
            "Thresholds": table_of(study, case.cost),
            "Cost curve": make_rows({"probability_cost": curve.probability_cost, "cost": curve.normalised_cost}),
        }
    }


def pairs(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """AUC is the share of positive–negative pairs that are ordered rightly."""
    made_up = chosen.source == SYNTHETIC
    with controls:
        case = settings(chosen, ("prevalence", "separation") if made_up else (), ("n", "seed"))
    y, z = scored(case, chosen, None)
    score = tied(y, z, chosen.ties)
    auc = met.roc_auc(y, score)
    drawn = met.roc_auc_pairs(y, score, PAIRS, case.seed)
    values, group = np.unique(score, return_inverse=True)
    share = [np.bincount(group[y == label], minlength=len(values)) / (y == label).sum() for label in (0, 1)]
    ties = float(share[0] @ share[1])
    halved = cal.binormal_sweep([0.0], case.separation, case.prevalence).balanced_accuracy[0]
    exact = {
        "Exact": f"{cal.binormal_auc(case.separation):.3f}",
        "One cut": f"{halved:.3f}; of a single cut it is the balanced accuracy",
    }
    what = (
        f"AUC **{auc:.3f}**"
        + (f" (population {exact[chosen.ties]})" if made_up and chosen.ties in exact else "")
        + f". Of {PAIRS} random pairs the positive won {drawn.estimate[-1]:.3f} (ties half), with a standard error of "
        f"{drawn.standard_error[-1]:.3f} for drawing these pairs; drawing other cases would move the AUC itself by "
        f"{met.auc_standard_error(y, score):.3f}. Of all {int(y.sum()) * int((1 - y).sum()):,} pairs, {ties:.3f} are "
        "ties. The prevalence does not enter: both cases of a pair are drawn from their own class."
    )
    low, high = np.quantile(score, [0.002, 0.998])
    place = np.clip((score - low) / (high - low if varies(score) and high > low else 1), 0, 1)
    jitter = np.random.default_rng(0).uniform(-0.04, 0.04, (2, PAIRS)) if chosen.ties != TIES[0] else np.zeros((2, 1))
    k = np.arange(1, PAIRS + 1)
    words = np.select([drawn.outcome == 1, drawn.outcome == 0], ["wins", "loses"], "ties")
    rows = rounded(
        frame=k,
        negative=np.clip(0.05 + 0.9 * place[drawn.negative] + jitter[0], 0, 1),
        positive=np.clip(0.05 + 0.9 * place[drawn.positive] + jitter[1], 0, 1),
        kind=words,
    )
    running = rounded(
        frame=k,
        estimate=drawn.estimate,
        low=np.maximum(drawn.estimate - 2 * drawn.standard_error, 0),
        high=np.minimum(drawn.estimate + 2 * drawn.standard_error, 1),
    )
    labels = ["no pair drawn yet"] + [
        f"pair {i}: the positive {word}; share so far {share:.3f} ± {error:.3f}"
        for i, word, share, error in zip(k, words, drawn.estimate, drawn.standard_error, strict=True)
    ]
    with stage:
        options = QUESTIONS["AUC by pairs"][1]
        verdict(lab, "AUC by pairs", options[0 if auc < 0.75 else 1 if auc <= 0.85 else 2], f"It is {auc:.3f}.")
        with st.container(key=CHARTS):
            left, right = st.columns(2)
            with left:
                draw(charts.pair_plane(), "Pairs by the scores of their two cases.", what, pairs=rows)
            with right:
                limit = rounded(estimate=[auc])
                draw(charts.pair_average(PAIRS), "Running share of pairs won.", what, running=running, auc=limit)
        player(CHARTS, labels, start=PAIRS, rate=20)
        st.markdown(":small[Right: the share so far with two standard errors; dashed: the AUC.]")
        seen(what)
    return proof.pairs_closing(case, y, z, score, made_up, chosen.ties) | {"data": {"Pairs": rows, "Running": running}}


def tied(y: np.ndarray, z: np.ndarray, ties: str) -> np.ndarray:
    """The scores as they are, on 12 values, or on two."""
    if ties == "Rounded":
        return np.round(11 * (z - z.min()) / ((z.max() - z.min()) or 1))
    if ties == "One cut":
        return (z >= (z[y == 1].mean() + z[y == 0].mean()) / 2).astype(float)
    return z


def imbalance(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Weights and resampling move the probabilities, not the ranking; prior correction moves them back."""
    with controls:
        case = settings(chosen, ("prevalence", "separation", "n"), ("seed",))
    trained = cal.imbalance_study(case.n, case.prevalence, case.separation, case.seed, n_test=10_000)
    both = (trained.p, trained.p_corrected)
    names = [entry[0] for entry in charts.TRAININGS.values()]
    areas = [met.roc_auc(trained.y, p) for p in trained.p]
    losses = np.array([[met.log_loss(trained.y, p) for p in ps] for ps in both])
    means = np.array([ps.mean(axis=1) for ps in both])
    factor = float(means[0, 1] / means[0, 0])
    ideal = met.log_loss(trained.y, trained.p_true)
    kept = 2 * min(int(trained.labels.sum()), int((1 - trained.labels).sum()))
    base = float(trained.y.mean())
    low, high = f"{min(areas):.3f}", f"{max(areas):.3f}"
    auc = low if low == high else f"{low} to {high}"
    what = (
        f"Prevalence {base:.3f}. The AUC is {auc} whatever the training, but class "
        f"weights raise the mean prediction from {means[0, 0]:.3f} to **{means[0, 1]:.3f}** and the log-loss from "
        f"{losses[0, 0]:.3f} to **{losses[0, 1]:.3f}**. Prior correction brings them back to {means[1, 1]:.3f} and "
        f"{losses[1, 1]:.3f}; the true probabilities have {ideal:.3f}. Undersampling trains on {kept} of the "
        f"{case.n} cases: {losses[1, 3]:.3f} after correction."
    )
    bins, frame, kind = [], [], []
    for i, ps in enumerate(both):
        for name, p in zip(names, ps, strict=True):
            bins.append(met.reliability_curve(trained.y, p))
            frame += [i] * len(bins[-1].count)
            kind += [name] * len(bins[-1].count)
    rows = rounded(
        frame=frame,
        predicted=np.concatenate([b.predicted for b in bins]),
        observed=np.concatenate([b.observed for b in bins]),
        count=np.concatenate([b.count for b in bins]),
        kind=kind,
    )
    table = rounded(frame=np.repeat([0, 1], 4), mean=means.ravel(), log_loss=losses.ravel(), kind=names * 2)
    labels = [
        f"{when}: mean prediction {m[1]:.3f} with class weights, log-loss {loss[1]:.3f}"
        for when, m, loss in zip(("as trained", "after prior correction"), means, losses, strict=True)
    ]
    with stage:
        options = QUESTIONS["Imbalance"][1]
        right = options[0 if factor < 1.5 else 1 if factor <= 3 else 2]
        verdict(lab, "Imbalance", right, f"From {means[0, 0]:.3f} to {means[0, 1]:.3f}: {factor:.2f} times.")
        with st.container(key=CHARTS):
            left, right_column = st.columns(2)
            with left:
                draw(charts.imbalance(), "Reliability of the four trainings.", what, bins=rows.drop_columns("count"))
            with right_column:
                name = "Mean prediction of the four trainings."
                draw(charts.mean_predictions(), name, what, means=table, base=rounded(mean=[base]))
        player(CHARTS, labels, rate=0.7)
        readout(
            CHARTS,
            "ev_trainings",
            "On 10 000 new cases, as trained and after prior correction",
            [(n, "") for n in ("trained at π", "AUC", "mean", "log-loss", "mean, corrected", "log-loss, corrected")],
            [(name, "") for name in names],
            np.column_stack([trained.train_prevalence, areas, means[0], losses[0], means[1], losses[1]])[None],
            [4] * len(names),
        )
        seen(what)
    return proof.imbalance_closing(case) | {"data": {"Reliability": rows, "Trainings": table}}


@st.cache_data(max_entries=32, show_spinner=False)
def read_digits(rule: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Digits that the classifier was not fitted on, and what it says, (899,) each."""
    X, y = digits()
    order = np.random.default_rng(seed).permutation(len(y))
    fitted, rest = order[: len(y) // 2], order[len(y) // 2 :]
    if rule == "Always the largest":
        return y[rest], np.full(len(rest), np.bincount(y[fitted]).argmax())
    priors = np.full(10, 0.1) if rule == "Equal priors" else None
    return y[rest], GaussianNB(priors=priors, var_smoothing=1e-2).fit(X[fitted], y[fitted]).predict(X[rest])


def three_classes(case: Case, rule: str) -> tuple[np.ndarray, np.ndarray]:
    """Classes whose means are a triangle with sides d′, and what Bayes' rule says, (n,) each."""
    shares = np.array([case.share, (1 - case.share) / 2, (1 - case.share) / 2])
    rng = np.random.default_rng(case.seed)
    second = round(case.n * shares[1])
    y = np.repeat([0, 1, 2], [case.n - 2 * second, second, second])
    means = case.separation * np.array([[0, 0], [1, 0], [0.5, 3**0.5 / 2]])
    X = means[y] + rng.standard_normal((case.n, 2))
    if rule == "Always the largest":
        return y, np.full(case.n, shares.argmax())
    score = X @ means.T - (means**2).sum(axis=1) / 2
    return y, (score + (np.log(shares) if rule == "As the data are" else 0)).argmax(axis=1)


def many_classes(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Averages over classes answer different questions: by case, or by class."""
    with controls:
        three = chosen.data == "Three classes"
        case = settings(chosen, ("share", "separation") if three else (), ("n", "seed") if three else ("seed",))
    y, guess = three_classes(case, chosen.rule) if three else read_digits(chosen.rule, case.seed)
    names = tuple("ABC") if three else tuple("0123456789")
    k = len(names)
    report = met.classification_report(y, guess, np.arange(k))
    averages = {"micro": report.micro, "macro": report.macro, "weighted": report.weighted}
    f1 = {name: float(rates[2]) for name, rates in averages.items()}
    never = [name for name, column in zip(names, report.confusion.T, strict=True) if not column.any()]
    what = (
        f"Accuracy **{report.accuracy:.3f}**, which is micro-F₁ too: with one label a case, precision, recall and F₁ "
        f"pooled over the classes are all the accuracy. Macro-F₁, each class alike: **{f1['macro']:.3f}**; weighted by "
        f"the classes’ sizes: **{f1['weighted']:.3f}**. Macro-recall, which is balanced accuracy: "
        f"{report.macro[1]:.3f}."
        + (f" Never predicted: {', '.join(never)}; a precision of 0/0 counts as 0." if never else "")
    )
    cells = make_rows(
        {
            "true": np.repeat(names, k),
            "predicted": np.tile(names, k),
            "count": report.confusion.ravel(),
            "share": (report.confusion / np.maximum(report.support, 1)[:, None]).ravel(),
        }
    )
    rates = {"precision": report.precision, "recall": report.recall, "F₁": report.f1}
    rows = stack_rows(
        make_rows({"class": [*names, *averages], "kind": kind, "value": [*values, *(a[i] for a in averages.values())]})
        for i, (kind, values) in enumerate(rates.items())
    )
    with stage:
        verdict(lab, "Many classes", min(f1, key=f1.get), ", ".join(f"{n} {v:.3f}" for n, v in f1.items()) + ".")
        left, right = st.columns(2)
        with left:
            draw(charts.confusion(names, is_dark()), "Confusion matrix, true classes in rows.", what, cells=cells)
        with right:
            draw(charts.class_rates(names), "Rates of each class and their averages.", what, rates=rows)
        seen(what)
    return proof.classes_closing(y, guess, k) | {"data": {"Confusion matrix": cells, "Rates": rows}}


def regression(controls: DeltaGenerator, stage: DeltaGenerator, chosen: Chosen) -> Closing:
    """Each loss has a summary of its own that it aims at; an outlier tells them apart."""
    with controls:
        case = settings(chosen, ("delta",), ())
    values = np.column_stack([np.tile([1.0, 2.0, 3.0, 4.0], (101, 1)), np.arange(101.0)])  # (frames, 5)
    best = met.best_constants(values, case.delta)
    grid = np.linspace(0, 10, 41) ** 2
    losses = met.constant_losses(values, grid, case.delta)
    rise = {name: float(constants[100] - constants[10]) for name, constants in best.items()}
    what = (
        f"For 1, 2, 3, 4 and a fifth value of 10 the best constant is {best['rmse'][10]:.2f} by RMSE (the mean), "
        f"{best['mae'][10]:.2f} by MAE (the median) and {best['huber'][10]:.3f} by Huber with δ = {case.delta:.1f}. "
        f"With 100 in its place: {best['rmse'][100]:.2f}, {best['mae'][100]:.2f} and {best['huber'][100]:.3f}."
    )
    titles = {name: entry[0] for name, entry in charts.CONSTANTS.items()}
    frame = np.arange(101)
    constants = stack_rows(rounded(frame=frame, constant=best[name], kind=title) for name, title in titles.items())
    curves = []
    for name, title in titles.items():
        at_best = np.diagonal(met.constant_losses(values, best[name], case.delta)[name])
        ratio = np.minimum(losses[name] / at_best[:, None], 10)
        curves.append(
            rounded(frame=np.repeat(frame, len(grid)), constant=np.tile(grid, 101), loss=ratio.ravel(), kind=title)
        )
    labels = [
        f"fifth value {i}: mean {m:.2f}, median {d:.2f}, Huber {h:.3f}"
        for i, (m, d, h) in enumerate(zip(best["rmse"], best["mae"], best["huber"], strict=True))
    ]
    with stage:
        options = QUESTIONS["Regression losses"][1]
        still, whole = abs(rise["huber"]) < 1e-9, abs(rise["huber"] - rise["rmse"]) < 1e-9
        right = options[0 if still else 2 if whole else 1]
        verdict(lab, "Regression losses", right, f"It rises by {rise['huber']:.3f}, the mean by {rise['rmse']:.2f}.")
        with st.container(key=CHARTS):
            left, right_column = st.columns(2)
            with left:
                draw(charts.best_constants(), "Best constant against the fifth value.", what, constants=constants)
            with right_column:
                draw(
                    charts.constant_losses(),
                    "Losses against the constant.",
                    what,
                    losses=stack_rows(curves),
                    constants=constants,
                    values=rounded(frame=np.repeat(frame, 5), value=values.ravel()),
                )
        player(CHARTS, labels, start=10, rate=25)
        st.markdown(":small[Right: the marks along the bottom are the five values; both axes of values are √ axes.]")
        seen(what)
    return proof.regression_closing(case.delta) | {"data": {"Constants": constants}}


VIEWS = {
    "Threshold": threshold,
    "ROC and PR": roc_and_pr,
    "Calibration": calibration,
    "Costs": costs,
    "AUC by pairs": pairs,
    "Imbalance": imbalance,
    "Many classes": many_classes,
    "Regression losses": regression,
}

lab = open_lab("model_evaluation")
for kept in {*DEFAULTS, "ev_way", "ev_pairs", "ev_score_first"} & st.session_state.keys():
    st.session_state[kept] = st.session_state[kept]  # or a setting would be lost in an experiment without it
view = choose_experiment(lab, VIEWS, CHARTS)
scenes(lab, {title: DEFAULTS | scene for title, scene in SCENES.items()}, CHARTS)
controls, stage = st.columns([1, 3.6], gap="medium")
with controls:
    chosen, sliders_here = choose(view)
with stage:
    ask(lab, view, *QUESTIONS[view])
    if chosen.example:
        st.markdown(":material/info: Until yours can be used, these are an example’s scores.")
    shown_here = st.container()
live(lab, VIEWS[view], sliders_here, shown_here, chosen)
close_lab(lab)
