"""What the visitor sees of an upload: the file, how it is read, what is predicted from what, and what was done."""

import contextlib
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.ui.lab import Lab
from pages.ui.upload.arrays import Prepared, Task, prepare
from pages.ui.upload.cells import GAPS, MISSING
from pages.ui.upload.limits import (
    MAX_CELLS,
    MAX_CLASSES,
    MAX_COLUMNS,
    MAX_LEVELS,
    MAX_MEGABYTES,
    MAX_ROWS,
    MIN_CLASS_ROWS,
    MIN_ROWS,
)
from pages.ui.upload.suggest import likely_classes, likely_features, likely_positive, likely_target
from pages.ui.upload.table import read_table
from pages.ui.upload.words import Unusable, as_code, counted


@dataclass(frozen=True)
class Chosen:
    """What the visitor chose of a table."""

    target: str
    features: tuple[str, ...]
    positive: str | None  # the class to tell from the rest, in a binary task


@dataclass(frozen=True, eq=False)
class _Read:
    """A file as it was read, kept in the session."""

    made_of: tuple[str, int, tuple[str, ...]]  # the file, the line that names the columns, words for a missing text
    table: pd.DataFrame | None
    problem: str
    offered: tuple[int, ...]  # lines that may name the columns
    words: dict[str, int]  # texts that may mean a missing one, and how often


def limits_in_words() -> str:
    """The limits, to be shown before the upload."""
    return (
        f"Up to {MAX_MEGABYTES} MB, {MIN_ROWS} to {counted(MAX_ROWS)} rows, 2 to {MAX_COLUMNS} columns and "
        f"{counted(MAX_CELLS)} cells. A target for classification has 2 to {MAX_CLASSES} classes of at least "
        f"{MIN_CLASS_ROWS} rows each; a text feature has up to {MAX_LEVELS} different values. Commas, semicolons, "
        f"tabs or spaces separate the cells. Missing is an empty cell or "
        f"{', '.join(as_code(word) for word in MISSING[1:])}; among numbers also `None`, `-`, `unknown` and the like."
    )


def upload_and_choose(lab: Lab, task: Task, *, most: int | None = None) -> Prepared | None:
    """Draw the upload, the choice of columns and what was done to the data; None as long as something is missing."""
    table = upload(lab)
    chosen = choose_columns(lab, table, task) if table is not None else None
    if table is None or chosen is None:
        return None
    made_of = (st.session_state[f"_{lab.prefix}_table"].made_of, chosen, task, most)
    store = f"_{lab.prefix}_prepared"
    if st.session_state.get(store, (None,))[0] != made_of:
        with sentence_of_unusable() as failed:
            made = prepare(table, chosen.target, chosen.features, task, positive=chosen.positive, most=most)
            st.session_state[store] = (made_of, made)
        if failed:
            return None
    prepared: Prepared = st.session_state[store][1]
    with st.expander(f"What was done to the data ({len(prepared.report)})", icon=":material/rule:"):
        st.markdown("\n".join(f"- {sentence}" for sentence in prepared.report) or "Nothing: it is used as it came.")
    return prepared


def why_sample(lab: Lab) -> str:
    """Why an experiment shows the sample file and not the visitor's own."""
    if f"_{lab.prefix}_table" in st.session_state:
        return "Your file cannot be used as chosen, so this is the sample file. "
    return "No file yet, so this is the sample file. "


def upload(lab: Lab) -> pd.DataFrame | None:
    """Draw the upload with its limits; the table once there is one, read once for each file and way of reading it."""
    prefix = lab.prefix
    file = st.file_uploader("Your data, a CSV file", key=f"{prefix}_file", max_upload_size=MAX_MEGABYTES)
    st.markdown(":small[Your file stays in this session; a link cannot carry it.]")
    store, names_key, gaps_key = f"_{prefix}_table", f"{prefix}_names_on", f"{prefix}_gaps"
    if file is None:
        st.session_state.pop(store, None)
        st.session_state.pop(f"_{prefix}_prepared", None)
        _draw_limits(lab)
        return None
    known: _Read | None = st.session_state.get(store)
    if known is None or known.made_of[0] != file.file_id:
        for choice in ("target", "features", "positive", "names_on", "gaps"):
            st.session_state.pop(f"{prefix}_{choice}", None)
        known = st.session_state[store] = _read(file)
    names_on, gaps = known.made_of[1:]
    wanted = st.session_state.get(names_key, names_on), tuple(st.session_state.get(gaps_key, gaps))
    if wanted != (names_on, gaps):
        for choice in ("target", "features", "positive") if wanted[0] != names_on else ("positive",):
            st.session_state.pop(f"{prefix}_{choice}", None)
        known = st.session_state[store] = _read(file, *wanted, known)
    if known.table is not None:
        for note in known.table.attrs["guesses"]:
            st.info(note, icon=":material/info:")
    else:
        _warn(known.problem)
    if known.offered:
        _choose_reading(known, names_key, gaps_key)
    if known.table is None:
        _draw_limits(lab)
    return known.table


def _read(
    file: UploadedFile, names_on: int | None = None, chosen: tuple[str, ...] = (), before: _Read | None = None
) -> _Read:
    """Read a file; what can be chosen stays on offer if a choice makes it unusable."""
    gaps = GAPS
    if before:
        gaps = (GAPS - {word.casefold() for word in before.words}) | {word.casefold() for word in chosen}
    bar = st.progress(0.0, "Reading the file")
    try:
        table = read_table(
            file.getvalue(), lambda share: bar.progress(share, "Reading the file"), names_on=names_on, gaps=gaps
        )
    except Unusable as error:
        made_of = (file.file_id, names_on or 0, chosen)
        return _Read(made_of, None, str(error), before.offered if before else (), before.words if before else {})
    finally:
        bar.empty()
    words = before.words if before else _spelled_once(table.attrs["words"])
    if not before:
        chosen = tuple(word for word in words if word.casefold() in GAPS)
    return _Read((file.file_id, table.attrs["names_on"], chosen), table, "", table.attrs["offered"], words)


def _spelled_once(words: Mapping[str, int]) -> dict[str, int]:
    """The words in their first spelling, and how often they are there in any."""
    found: dict[str, int] = {}
    for word, often in words.items():
        known = next((other for other in found if other.casefold() == word.casefold()), word)
        found[known] = found.get(known, 0) + often
    return found


def _choose_reading(known: _Read, names_key: str, gaps_key: str) -> None:
    """Draw what else the file may mean: which line names the columns, and which words mean a missing text."""
    _, names_on, gaps = known.made_of
    with st.popover("How the file is read", icon=":material/tune:", width="stretch"):
        lines = [*known.offered, 0]
        st.selectbox(
            "The columns are named on",
            lines,
            index=lines.index(names_on),
            format_func=lambda line: f"line {line}" if line else "no line: every line is data",
            key=names_key,
        )
        if known.words:
            st.pills(
                "Words that mean “missing” in columns of text",
                list(known.words),
                default=list(gaps),
                selection_mode="multi",
                format_func=lambda word: f"{word} ({counted(known.words[word])})",
                key=gaps_key,
                help="A word that is not chosen is a value like any other.",
            )


def _draw_limits(lab: Lab) -> None:
    """The limits and a file that keeps them, as long as the visitor has none that does."""
    st.markdown(f":small[{limits_in_words()}]")
    st.download_button(
        "Sample file",
        sample_csv,
        f"{lab.name}_sample.csv",
        "text/csv",
        key=f"{lab.prefix}_sample",
        on_click="ignore",
        icon=":material/table:",
    )


def choose_columns(lab: Lab, table: pd.DataFrame, task: Task) -> Chosen | None:
    """Draw the choice of target, of features and, in a binary task, of the class to predict.

    None, and a sentence on screen, if the target or the features do not do. The choices belong to the file, so no
    link carries them.
    """
    prefix, names = lab.prefix, list(table.columns)
    target = st.selectbox(
        "Target",
        names,
        index=names.index(likely_target(table, task)),
        key=f"{prefix}_target",
        help="The column to predict.",
    )
    positive = None
    if task == "binary":
        positive = choose_positive(lab, table, target, "Class to predict")
        if positive is None:
            return None
    likely = likely_features(table, target)
    features = st.multiselect(
        "Features",
        [name for name in names if name != target],
        default=likely.names,
        key=f"{prefix}_features",
        help="The columns to predict from.",
    )
    if likely.why:
        st.markdown(f":small[{likely.why}]")
    if not features:
        _warn("Choose at least one feature.")
        return None
    return Chosen(target, tuple(features), positive)


def choose_positive(lab: Lab, table: pd.DataFrame, target: str, title: str) -> str | None:
    """Draw the choice of the class that counts as 1; None, and a sentence, if the target does not do."""
    with sentence_of_unusable():
        found = likely_classes(table, target)
        return st.selectbox(
            title,
            found,
            index=found.index(likely_positive(found)),
            key=f"{lab.prefix}_positive",
            help="It counts as 1, every other class as 0.",
        )
    return None


def sample_csv() -> bytes:
    """A small file of the expected form: numbers, a text, gaps, a target."""
    rng = np.random.default_rng(0)
    hours, nights = rng.uniform(0, 40, 60).round(1), rng.integers(0, 6, 60)
    course = rng.choice(["evening", "online", "no course"], 60)
    passed = hours - 4 * nights + 8 * (course != "no course") + rng.normal(0, 6, 60) > 14
    frame = pd.DataFrame(
        {"hours studied": hours, "short nights": nights, "course": course, "passed": np.where(passed, "yes", "no")}
    )
    frame.loc[[7, 31], "hours studied"] = np.nan
    return frame.to_csv(index=False).encode()


@functools.cache
def prepared_sample(task: Task) -> Prepared:
    """The sample file, prepared: what an experiment shows until it has a file."""
    table = read_table(sample_csv())
    return prepare(table, "passed", [name for name in table if name != "passed"], task)


@contextlib.contextmanager
def sentence_of_unusable() -> Iterator[list[str]]:
    """Show the sentence of what turns out unusable; the list is then no longer empty."""
    failed: list[str] = []
    try:
        yield failed
    except Unusable as error:
        failed.append(str(error))
        _warn(failed[0])


def _warn(sentence: str) -> None:
    """The one sentence."""
    st.warning(sentence, icon=":material/error:")
