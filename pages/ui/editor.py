"""A code editor for Python: highlighting, indentation, Ctrl-Enter runs; the text lives in the browser.

CodeMirror is served from `vendor/` by `app.py`, once: what Streamlit sends with every rerun stays small.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.ui.component import component

_editor = component("editor")


@dataclass(frozen=True)
class Mark:
    """A line of the text and what is to be said about it, below it."""

    line: int
    says: str
    is_error: bool


def editor(
    name: str,
    text: str,
    *,
    key: str,
    label: str,
    starter: str,
    marks: Sequence[Mark],
    said: str,
    off: str,
    busy: bool,
    on_run: Callable[[str, str], None],
    on_draft: Callable[[str, str], None],
) -> None:
    """Draw the editor of the document `name`.

    `text` is what it opens with: once the visitor has typed, only another `name` brings another text. `on_run` and
    `on_draft` get the name and the text, when the visitor runs it and a moment after typing. `marks` and `said`, a
    few words beside the button, tell what came of the last run. While `off` is not "", or a run is `busy`, nothing can
    be run.
    """
    ran = f"_{key}_ran"

    def run() -> None:
        asked = st.session_state[key].run
        st.session_state[ran] = asked["number"]
        on_draft(asked["name"], asked["text"])
        on_run(asked["name"], asked["text"])

    def keep() -> None:
        typed = st.session_state[key].draft
        on_draft(typed["name"], typed["text"])

    _editor(
        key=key,
        data={
            "name": name,
            "text": text,
            "label": label,
            "starter": starter,
            "marks": [asdict(mark) for mark in marks],
            "said": said,
            "off": off,
            "busy": busy,
            "ran": st.session_state.get(ran, 0),
        },
        on_run_change=run,
        on_draft_change=keep,
    )
