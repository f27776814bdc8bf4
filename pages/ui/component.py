"""Small browser components whose HTML, CSS and JavaScript are plain files beside this one."""

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from pages.practice.compare import size_of

HERE = Path(__file__).parent


def component(name: str, room: int = 1_000) -> ComponentRenderer:
    """Register `name.html`, `name.css` and `name.js`; call it once, when a module is imported.

    A browser may send a component whatever it likes, and Streamlit keeps it: here for one rerun only, if it is larger
    than `room` characters and values together. What a page reads of it must be checked where it is read.
    """
    html, css, js = (HERE.joinpath(f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    draw = st.components.v2.component(name, html=html, css=css, js=js)

    def bounded(*, key: str, **more: Any) -> Any:
        came = draw(key=key, **more)
        keep_small(key, room)
        return came

    return bounded


def keep_small(key: str, room: int = 1_000) -> None:
    """Forget what the browser said of a widget that has been drawn, if it is larger than `room`."""
    try:
        small = size_of(dict(st.session_state[key])) <= room
    except RecursionError:
        small = False
    if not small:
        del st.session_state[key]
