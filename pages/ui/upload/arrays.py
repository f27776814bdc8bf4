"""From a table to training and test arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pages.ui.upload.limits import MAX_CLASSES, MAX_COLUMNS, MAX_LEVELS, MAX_SIZE, MIN_CLASS_ROWS, MIN_ROWS
from pages.ui.upload.table import different_texts, is_numeric
from pages.ui.upload.words import Unusable, as_code, counted, listed, safe_name, unique_names

Task = Literal["binary", "classification", "regression"]


@dataclass(frozen=True)
class Prepared:
    """Finite arrays, ready to fit; everything learnt from data was learnt on the training rows.

    `X_train` (n, d) and `X_test` (m, d) are floats in the file's own units, not scaled. `y_train` (n,) and `y_test`
    (m,) are integers 0…K−1, the places in `class_names`, or floats for a regression, which has no classes.
    """

    X_train: np.ndarray
    X_test: np.ndarray
    y_train: np.ndarray
    y_test: np.ndarray
    feature_names: tuple[str, ...]
    target: str
    class_names: tuple[str, ...]
    report: tuple[str, ...]  # what was done to the data, a sentence each
    drawn: bool  # whether these are some of more rows, drawn at random


def prepare(
    table: pd.DataFrame,
    target: str,
    features: Sequence[str],
    task: Task = "classification",
    *,
    positive: str | None = None,
    test_share: float = 0.3,
    seed: int = 0,
    most: int | None = None,
) -> Prepared:
    """Split the rows, then code the features by what the training rows say.

    A classification is split class by class. A missing or infinite number becomes the training rows' median. A text
    is coded one-hot without its commonest level, to which the others then compare: with all levels the columns
    would sum to the intercept's and an unpenalised fit would have no single answer. A missing text is a level of
    its own. In a `binary` task, 1 stands for the class `positive` and 0 for every other; without `positive`, the
    last class of two. Of more than `most` rows to train on, or to test on, so many are drawn at random. Raises
    `Unusable`, and `ValueError` for arguments that no visitor can choose.
    """
    if task not in ("binary", "classification", "regression"):
        raise ValueError(f"task is {task!r}; it must be 'binary', 'classification' or 'regression'")
    if not 0 <= test_share < 1:
        raise ValueError(f"test_share is {test_share}; it must be at least 0 and below 1")
    features = [name for name in features if name != target]
    if not features:
        raise Unusable("Choose at least one feature besides the target.")
    report = list(table.attrs.get("notes", []))
    if task == "regression":
        y, class_names = _regression_target(table, target), ()
    elif task == "binary":
        y, class_names = against_rest(table, target, positive)
    else:
        y, class_names = classes(table, target)
    usable = np.flatnonzero(y >= 0 if class_names else np.isfinite(y))
    if dropped := len(y) - len(usable):
        report.append(f"Left out: {counted(dropped, 'row')} without a usable value of the target {as_code(target)}.")
    if len(usable) < MIN_ROWS:
        raise Unusable(
            f"Only {counted(len(usable), 'row')} have a usable target {as_code(target)}; "
            f"at least {MIN_ROWS} are needed."
        )
    y = y[usable]
    train, test = _split(y if class_names else np.zeros(len(y), int), test_share, seed)
    rng = np.random.default_rng(0)
    drawn = [_draw(rows, y if class_names else None, most or len(y), rng) for rows in (train, test)]
    for rows, few, purpose in zip((train, test), drawn, ("train", "test"), strict=True):
        if len(few) < len(rows):
            report.append(
                f"Of {counted(len(rows), 'row')} to {purpose} on, {counted(len(few))} drawn at random are used."
            )
    X, names = _encode(table, features, usable, train, np.concatenate(drawn), report)
    n = len(drawn[0])
    some = sum(map(len, drawn)) < len(y)
    return Prepared(X[:n], X[n:], y[drawn[0]], y[drawn[1]], names, target, class_names, tuple(report), some)


def classes(table: pd.DataFrame, target: str, *, rare: bool = False) -> tuple[np.ndarray, tuple[str, ...]]:
    """The class of each row (n,), −1 where missing, and the classes' names in order; `rare` allows rare ones.

    Raises `Unusable`.
    """
    column = table[target]
    if not is_numeric(column):
        y, found = column.cat.codes.to_numpy(int), list(column.cat.categories)
        different = different_texts(table, target)
    else:
        values = column.where(np.isfinite(column))
        y, numbers = pd.factorize(values, sort=True)
        found = [f"{number:.15g}" for number in numbers[: MAX_CLASSES + 1]]
        different = len(numbers)
    if different > MAX_CLASSES:
        raise Unusable(
            f"The target {as_code(target)} takes {counted(different)} different values; "
            f"a classification takes 2 to {MAX_CLASSES}."
        )
    names = unique_names(found, "class")
    if len(names) < 2:
        only = f"only one class, {as_code(names[0])}" if names else "no values at all"
        raise Unusable(f"The target {as_code(target)} has {only}; a classification needs two or more.")
    counts = np.bincount(y[y >= 0], minlength=len(names))
    if counts.min() < MIN_CLASS_ROWS and not rare:
        _too_rare(as_code(names[int(counts.argmin())]), target, int(counts.min()))
    return y.astype(int), tuple(names)


def _too_rare(name: str, target: str, rows: int) -> None:
    raise Unusable(
        f"The class {name} of the target {as_code(target)} has {counted(rows, 'row')}; "
        f"each class needs at least {MIN_CLASS_ROWS}."
    )


def against_rest(table: pd.DataFrame, target: str, positive: str | None = None) -> tuple[np.ndarray, tuple[str, str]]:
    """One class against the others: 1 or 0 for each row (n,), −1 where missing, and the names of 0 and 1.

    Without `positive` it is the last class of two. Raises `Unusable`.
    """
    y, names = classes(table, target, rare=True)
    if positive is None:
        if len(names) > 2:
            raise Unusable(f"The target {as_code(target)} has {len(names)} classes; choose the one to predict.")
        positive = names[-1]
    if positive not in names:
        raise Unusable(f"The target {as_code(target)} has no class {as_code(safe_name(positive))}.")
    others = [name for name in names if name != positive]
    negative = others[0] if len(others) == 1 else safe_name(f"not {positive}")
    y = np.where(y < 0, -1, y == names.index(positive))
    for name, rows in ((negative, int((y == 0).sum())), (positive, int((y == 1).sum()))):
        if rows < MIN_CLASS_ROWS:
            _too_rare(as_code(name), target, rows)
    return y, (negative, positive)


def _regression_target(table: pd.DataFrame, target: str) -> np.ndarray:
    """The target as numbers (n,), NaN where unusable."""
    if not is_numeric(table[target]):
        raise Unusable(f"The target {as_code(target)} holds text; a regression needs numbers.")
    y = _bounded(table[target].to_numpy())
    if len(np.unique(y[np.isfinite(y)])) < 2:
        raise Unusable(f"The target {as_code(target)} has the same value in every row; there is nothing to predict.")
    return y


def _bounded(values: np.ndarray) -> np.ndarray:
    """The numbers, NaN for those too large to square."""
    return np.where(np.abs(values) <= MAX_SIZE, values, np.nan)


def _split(groups: np.ndarray, test_share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to train on and rows to test on, the share the same in every group."""
    rng = np.random.default_rng(seed)
    tested = np.zeros(len(groups), dtype=bool)
    for group in np.unique(groups):
        rows = rng.permutation(np.flatnonzero(groups == group))
        tested[rows[: int(test_share * len(rows))]] = True
    return np.flatnonzero(~tested), np.flatnonzero(tested)


def _draw(rows: np.ndarray, y: np.ndarray | None, most: int, rng: np.random.Generator) -> np.ndarray:
    """At most so many of the rows, at random and in order, with some of each class however rare it is."""
    order = rng.permutation(rows)
    if y is not None:
        first = [order[y[order] == group][:MIN_CLASS_ROWS] for group in np.unique(y)]
        order = pd.unique(np.concatenate([*first, order]))
    return np.sort(order[:most])


def _encode(
    table: pd.DataFrame,
    features: Sequence[str],
    usable: np.ndarray,
    train: np.ndarray,
    drawn: np.ndarray,
    report: list[str],
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The features of the rows drawn as finite floats (n, d), and their names; all training rows are learnt from."""
    columns: list[np.ndarray] = []
    names: list[str] = []
    filled, huge, coded, missing, constant, many, empty = ([] for _ in range(7))
    for name in features:
        column = table[name]
        if not is_numeric(column):
            codes = column.cat.codes.to_numpy()[usable]  # −1 where missing
            levels, counts = np.unique(codes[train], return_counts=True)
            if name in table.attrs.get("different", {}) or len(levels) > MAX_LEVELS:
                many.append(name)
            elif len(levels) < 2:
                (empty if levels[0] < 0 else constant).append(name)
            else:
                texts = unique_names(["missing" if i < 0 else column.cat.categories[i] for i in levels], "level")
                base = int(counts.argmax())
                columns += [(codes[drawn] == level).astype(float) for i, level in enumerate(levels) if i != base]
                names += [f"{name}: {text}" for i, text in enumerate(texts) if i != base]
                coded.append(f"{name}: {texts[base]}")
                if (codes < 0).any():
                    missing.append(name)
            continue
        raw = column.to_numpy()[usable]
        values = _bounded(raw)
        gaps = np.isnan(values)
        if gaps[train].all():
            empty.append(name)
            continue
        values[gaps] = np.median(values[train][~gaps[train]])
        rounding = 1e-15 * np.abs(values[train]).max()
        if np.ptp(values[train]) <= rounding or values[train].std() == 0:
            constant.append(name)
            continue
        columns.append(values[drawn])
        names.append(name)
        if gaps.any():
            filled.append(f"{name}: {gaps.sum()}")
        if (gaps & ~np.isnan(raw)).any():
            huge.append(name)
    report += [
        f"{what}: {listed(which)}."
        for what, which in {
            "Missing numbers filled with the median of the training rows (how many)": filled,
            f"Infinite numbers, and those beyond {MAX_SIZE:g}, taken as missing": huge,
            "Text coded one-hot; 0 in all its columns means the commonest level, named here": coded,
            "Missing text kept as a level of its own": missing,
            "Left out, the same in every training row": constant,
            f"Left out, more than {MAX_LEVELS} different texts": many,
            "Left out, no value in any training row": empty,
        }.items()
        if which
    ]
    if not columns:
        raise Unusable(
            "None of the chosen features can be used: each is constant, empty, "
            f"or text with more than {MAX_LEVELS} different values."
        )
    if len(columns) > MAX_COLUMNS:
        raise Unusable(
            f"With text coded one-hot the features need {counted(len(columns))} columns, and at most {MAX_COLUMNS} are "
            "taken; choose fewer text features."
        )
    return np.column_stack(columns), tuple(unique_names(names))
