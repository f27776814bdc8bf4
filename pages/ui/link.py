"""Links: the address is the experiment."""

from typing import Any

import streamlit as st

from pages.ui.component import component

MAX_TEXT = 200_000  # characters of the longest text that a page takes
MAX_SETTINGS, MAX_SETTING = 200, 1_000  # of an address; characters of one of them
_copy_link = component("link")


def copy_link(prefix: str) -> None:
    """A button that copies the address of this experiment: the page's settings and the frame on screen."""
    _copy_link(key=f"{prefix}_link", data={"prefix": prefix}, width="content")


def arrive(page: str) -> None:
    """Forget, on another page than before, what addresses asked of pages and where their players stood.

    And always any text that is longer than a page takes: Streamlit keeps, unchecked, what a browser says of a bound
    widget that is not drawn.
    """
    for key in [str(key) for key in st.session_state]:
        if isinstance(value := st.session_state[key], str) and len(value) > MAX_TEXT:
            del st.session_state[key]
    if st.session_state.get("_page") != page:
        st.session_state["_page"] = page
        for key in [str(key) for key in st.session_state]:
            if key.startswith("_") and key.endswith(("_arrived", "_refused", "_frame")):
                del st.session_state[key]


def remember(prefix: str) -> None:
    """Keep what the address asked for when the visitor arrived: Streamlit removes what it cannot use."""
    store = f"_{prefix}_arrived"
    if store not in st.session_state:
        keys = [key for key in st.query_params if key.startswith(f"{prefix}_")][:MAX_SETTINGS]
        raws = {key: st.query_params.get_all(key)[:MAX_SETTINGS] for key in keys}
        st.session_state[store] = {key: [raw[:MAX_SETTING] for raw in raws[key]] for key in keys}


def notice(prefix: str) -> None:
    """Name the values of the address that were unusable, until the visitor sets those widgets.

    It stands above the widgets, so it looks at the rerun before; `check` makes the first one happen.
    """
    refused = st.session_state.get(f"_{prefix}_refused", {})
    names = [raw for key, (raw, value) in refused.items() if st.session_state.get(key) == value]
    if names:
        one = len(names) == 1
        st.warning(
            f"The link holds {'a value' if one else 'values'} that cannot be used here: "
            f"{', '.join(f'`{name}`' for name in names)}. "
            f"The default stands in {'its' if one else 'their'} place.",
            icon=":material/link_off:",
        )


def check(prefix: str) -> None:
    """Compare what the address asked for with what the widgets took; call it when all are drawn."""
    arrived = st.session_state[f"_{prefix}_arrived"]
    refused = {}
    for key in [key for key in arrived if key in st.session_state]:
        raws = arrived.pop(key)
        value = st.session_state[key]
        if not _same(raws, value):
            refused[key] = (_shown(key, raws), value)
    for key in [key for key in arrived if key.endswith("_frame")]:  # a player's, which is no widget
        if st.session_state.get(f"_{key}", {"frame": 0})["frame"] is None:  # none of its frames
            refused[key] = (_shown(key, arrived.pop(key)), None)
    if refused:
        st.session_state.setdefault(f"_{prefix}_refused", {}).update(refused)
        st.rerun()


def _same(raws: list[str], value: Any) -> bool:
    """Whether a widget's value is what the address said."""
    if isinstance(value, list | tuple):
        return [raw for raw in raws if raw] == [str(item) for item in value]
    raw = raws[-1]  # as the widgets do
    if isinstance(value, bool):
        return raw.lower() == str(value).lower()
    if isinstance(value, int | float):
        try:
            return float(raw) == float(value)
        except ValueError:
            return False
    return raw == str(value)


def harmless(text: str) -> str:
    """A text of an address, short and harmless enough to print as code."""
    text = "".join(letter for letter in text if letter.isprintable() and letter != "`")
    return f"{text[:40]}{'…' if len(text) > 40 else ''}"


def _shown(key: str, raws: list[str]) -> str:
    """A refused setting as the notice prints it."""
    return f"{key}={harmless(', '.join(raws))}"
