"""What to predict, and from what, before the visitor has chosen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pages.ui.upload.arrays import Task, classes
from pages.ui.upload.limits import MAX_CLASSES, MAX_LEVELS, MIN_CLASS_ROWS
from pages.ui.upload.table import different_texts, is_numeric
from pages.ui.upload.words import Unusable, listed

FIRST_FEATURES = 8
_TARGETS = {"target", "class", "label", "y", "outcome", "diagnosis", "survived", "species", "response"}
# Classes that a test looks for the opposite of.
_ORDINARY = {"healthy", "normal", "negative", "neg", "no", "none", "benign", "control", "absent", "absence", "false"}
_ORDINARY |= {"ham", "legitimate", "legit", "genuine", "ok", "pass", "good", "n", "f", "0", "-", "undamaged"}
_ID_NAMES = {"id", "ids", "index", "idx", "uuid", "guid", "rowname", "rownames", "rownum", "row", "rows", "no", "nr"}


@dataclass(frozen=True)
class Features:
    """The features to begin with, and why others are not among them."""

    names: tuple[str, ...]
    why: str  # a sentence, or nothing


def likely_target(table: pd.DataFrame, task: Task) -> str:
    """A column that can be the target: one with a usual name for it, or the last; or else one that nearly can."""
    names = list(table)[::-1]
    if task == "regression":
        return next((name for name in names if is_numeric(table[name])), names[0])
    nearly = [name for name in names if _has_classes(table[name])]
    nearly.sort(key=lambda name: name.casefold() not in _TARGETS)
    return next((name for name in nearly if _is_target(table, name, task)), (nearly or names)[0])


def _has_classes(column: pd.Series) -> bool:
    """Whether a column has few enough values; most others show in their first rows."""
    return column.iloc[:1000].nunique() <= MAX_CLASSES and 2 <= column.nunique() <= MAX_CLASSES


def _is_target(table: pd.DataFrame, name: str, task: Task) -> bool:
    """Whether a column has classes with rows enough for the task."""
    try:
        return len(classes(table, name)[1] if task == "classification" else likely_classes(table, name)) > 0
    except Unusable:
        return False


def likely_classes(table: pd.DataFrame, target: str) -> list[str]:
    """The classes that can be told from the rest. Raises `Unusable` if the column is no target at all."""
    y, names = classes(table, target, rare=True)
    counts = np.bincount(y[y >= 0], minlength=len(names))
    enough = np.minimum(counts, counts.sum() - counts) >= MIN_CLASS_ROWS
    return [name for name, fits in zip(names, enough, strict=True) if fits] or list(classes(table, target)[1])


def likely_positive(names: Sequence[str]) -> str:
    """The last class, unless its name says that it is the ordinary case."""
    return next((name for name in reversed(names) if name.casefold() not in _ORDINARY), names[-1])


def likely_features(table: pd.DataFrame, target: str) -> Features:
    """The first columns that a model can use: no ids, no row numbers, no text with too many values."""
    others = [name for name in table if name != target]
    reasons: dict[str, list[str]] = {}
    for name in others:
        if reason := _why_not(table, name):
            reasons.setdefault(reason, []).append(name)
    plain = [name for name in others if not any(name in left for left in reasons.values())]
    numbered = [name for reason, left in reasons.items() if reason in {_ROWS, _RISES, _IDS, _CODES} for name in left]
    if not plain and numbered:
        return Features(tuple(numbered[:FIRST_FEATURES]), "")
    if len(plain) > FIRST_FEATURES:
        reasons[f"beyond the first {FIRST_FEATURES}"] = plain[FIRST_FEATURES:]
    why = "; ".join(f"{listed(left)} ({reason})" for reason, left in reasons.items())
    return Features(tuple(plain[:FIRST_FEATURES]), f"Not chosen at first: {why}." if why else "")


_ROWS = "changes in equal steps from row to row, as row numbers do"
_RISES = "changes in one direction from row to row, as row numbers do"
_IDS = "looks like an id"
_CODES = "codes, with zeros before the numbers"


def _why_not(table: pd.DataFrame, name: str) -> str:
    """Why a column is not to be learnt from, or nothing."""
    if not is_numeric(table[name]):
        if different_texts(table, name) > MAX_LEVELS:
            return f"over {MAX_LEVELS} different texts"
        return "" if table[name].cat.codes.nunique() > 1 else "the same in every row"
    values = table[name].dropna().to_numpy()
    different = len(np.unique(values))
    if different < 2:
        return "the same in every row"
    if name in table.attrs.get("padded", ()):
        return _CODES
    if np.isinf(values).any() or (values != np.floor(values)).any():
        return ""
    steps = np.diff(values)
    if (steps == steps[0]).all():
        return _ROWS
    if (steps > 0).all() or (steps < 0).all():
        return _RISES
    nameless = name in table.attrs.get("unnamed", ())
    is_id = (nameless and different == len(table)) or (is_named_like_an_id(name) and different > 0.5 * len(table))
    return _IDS if is_id else ""


def is_named_like_an_id(name: str) -> bool:
    """Whether a name ends in a word for what tells the rows apart."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name) or [""]
    return words[-1].casefold() in _ID_NAMES or "code number" in name.casefold()
