"""A code editor for Python: highlighting, indentation, Ctrl-Enter runs; the text lives in the browser.

CodeMirror is served from `vendor/` by `app.py`, once: what Streamlit sends with every rerun stays small.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.ui.component import component

MAX_TEXT = 100_000  # characters that are kept of what comes; the sandbox and the drafts take less
MAX_NUMBER = 2**53  # JavaScript's largest whole number
_editor = component("editor", room=2 * MAX_TEXT)  # a draft and a run at once


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
    `on_draft` get a name and a text, when the visitor runs it and a moment after typing; a hostile browser may send
    any. `marks` and `said`, a few words beside the button, tell what came of the last run. While `off` is not "", or a
    run is `busy`, the button does nothing.
    """
    ran = f"_{key}_ran"

    def run() -> None:
        match st.session_state[key].run:
            case {"name": str(asked), "text": str(typed), "number": int(number)} if 0 < number < MAX_NUMBER:
                st.session_state[ran] = number
                on_draft(asked, typed)
                on_run(asked, typed)

    def keep() -> None:
        match st.session_state[key].draft:
            case {"name": str(asked), "text": str(typed)}:
                on_draft(asked, typed)

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
