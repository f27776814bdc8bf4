"""Small browser components whose HTML, CSS and JavaScript are plain files beside this one."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

HERE = Path(__file__).parent


def component(name: str) -> ComponentRenderer:
    """Register `name.html`, `name.css` and `name.js`; call it once, when a module is imported."""
    html, css, js = (HERE.joinpath(f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component(name, html=html, css=css, js=js)
