"""Labels and scores that some model made elsewhere, from a file or pasted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pages.ui.upload.arrays import against_rest
from pages.ui.upload.cells import is_gap, looks_like_number, read_column
from pages.ui.upload.limits import MAX_CLASSES, MAX_ROWS
from pages.ui.upload.suggest import is_named_like_an_id
from pages.ui.upload.table import is_numeric
from pages.ui.upload.words import Unusable, as_code, counted


@dataclass(frozen=True)
class Scored:
    """Labels `y` (n,), 1 for the positive class, and the finite scores (n,) that some model gave."""

    y: np.ndarray
    score: np.ndarray
    class_names: tuple[str, str]  # negative, positive
    report: tuple[str, ...]


def labels_and_scores(table: pd.DataFrame, label: str, score: str, positive: str | None = None) -> Scored:
    """Labels and scores of a table with these columns; without `positive`, the last class of two is the positive."""
    if label == score:
        raise Unusable("The label and the score must be two different columns.")
    if not is_numeric(table[score]):
        raise Unusable(f"The score {as_code(score)} holds text; it must be a number.")
    y, names = against_rest(table, label, positive)
    scores = table[score].to_numpy(float)
    usable = (y >= 0) & np.isfinite(scores)
    report = list(table.attrs.get("notes", []))
    if score in table.attrs.get("percent", ()):
        scores = scores / 100
        report.append("A score of 5% is taken as 0.05.")
    if dropped := int((~usable).sum()):
        report.append(f"Left out: {counted(dropped, 'row')} with a missing label, or a missing or infinite score.")
    if len(np.unique(y[usable])) < 2:
        raise Unusable("Only one class has usable scores; both classes are needed.")
    return Scored(y[usable], scores[usable], names, tuple(report))


def likely_columns(table: pd.DataFrame) -> tuple[str, str]:
    """The label, which takes two values, and the score, the last other column of numbers that is no id."""
    names = list(table)
    label = next((name for name in names if table[name].nunique() == 2), names[0])
    others = [name for name in names[::-1] if name != label]
    numbers = [name for name in others if is_numeric(table[name])]
    return label, next((name for name in numbers if not is_named_like_an_id(name)), (numbers or others)[0])


def pairs_table(text: str, *, score_first: bool = False) -> pd.DataFrame:
    """Pasted lines, a label and a score each, with or without a header, as a table of the two. Raises `Unusable`."""
    pairs = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        delimiter = next((sign for sign in ("\t", ";", ",") if sign in line), None)
        cells = [cell.strip().strip('"') for cell in line.split(delimiter)]
        if len(cells) != 2:
            raise Unusable(f"Line {number} must hold a label and a score, with a comma between them.")
        if len(pairs) > MAX_ROWS:
            raise Unusable(f"There are too many lines; at most {counted(MAX_ROWS)} are taken.")
        pairs.append((number, *(cells[::-1] if score_first else cells)))
    if pairs and not _is_score(pairs[0][2]):
        pairs = pairs[1:]  # the header
    if not pairs:
        raise Unusable("There is no line with a label and a score.")
    _, labels, scores = zip(*pairs, strict=True)
    strange = [number for number, _, score in pairs if not _is_score(score)]
    if _is_swapped(labels, scores):
        which, turn = ("second", "off") if score_first else ("first", "on")
        raise Unusable(f"The {which} cell of each line looks like the score; turn {turn} “Score first”.")
    if strange:
        raise Unusable(f"The score on line {strange[0]} is not a number.")
    label, score = read_column(labels, "thousands"), read_column(scores, "perhaps decimal")
    table = pd.DataFrame({"label": label.values, "score": score.values})
    table.attrs["percent"] = ["score"] if score.percent else []
    table.attrs["different"] = {"label": label.different} if label.different else {}
    return table


def parse_pairs(text: str, *, score_first: bool = False) -> Scored:
    """The labels and scores of pasted lines; the last class of two is the positive. Raises `Unusable`."""
    return labels_and_scores(pairs_table(text, score_first=score_first), "label", "score")


def _is_score(text: str) -> bool:
    """Whether a pasted score is a number, with a decimal point or a decimal comma, or missing."""
    return is_gap(text) or looks_like_number(text)


def _is_swapped(labels: Sequence[str], scores: Sequence[str]) -> bool:
    """Whether the labels can only be scores, and the scores labels."""
    known = {label for label in labels if not is_gap(label)}
    if len(set(scores)) > MAX_CLASSES or not all(map(looks_like_number, known)):
        return False
    return len(known) > MAX_CLASSES or (len(known) > 2 and any(not label.isdigit() for label in known))
