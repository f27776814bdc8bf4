"""The player: one transport bar that moves every chart of a container, in the browser.

A chart takes part by declaring `frame_param()` and filtering on `frame`; the page puts its charts into
`st.container(key=charts)`. Playing and scrubbing cause no rerun and no message to the server.
"""

from collections.abc import Sequence

import altair as alt
import streamlit as st

from pages.ui.component import component
from pages.ui.numbers import typeset

MAX_FRAMES = 1000
_player = component("player")


def frame_param() -> alt.Parameter:
    """The parameter that the player moves; Vega's own slider for it is the fallback without JavaScript."""
    return alt.param("frame", value=0, bind=alt.binding_range(min=0, max=MAX_FRAMES, step=1, name="frame"))


def player(charts: str, labels: Sequence[str], *, start: int = 0, rate: float = 30.0) -> None:
    """Draw the bar for the charts in `st.container(key=charts)`.

    `labels` says in words what each frame shows, one entry a frame. `start` is the frame shown first, unless
    the link or a scene asked for another (see `go_to`). `rate` is in frames a second at speed 1.
    """
    state = st.session_state.setdefault(f"_{charts}_frame", {"frame": _from_link(charts, len(labels)), "scene": 0})
    frame = start if state["frame"] is None else min(state["frame"], len(labels) - 1)
    _player(
        key=f"{charts}_player",
        data={
            "charts": charts,
            "frames": len(labels),
            "labels": tuple(map(typeset, labels)),  # of a list Streamlit would look at each item: a data frame?
            "frame": frame,
            "rate": rate,
            "scene": state["scene"],
        },
    )


def go_to(charts: str, frame: int | None) -> None:
    """Let the player of `charts` jump: to `frame`, or to the page's own `start` where it is None."""
    scene = st.session_state.get(f"_{charts}_frame", {"scene": 0})["scene"]
    st.session_state[f"_{charts}_frame"] = {"frame": frame, "scene": scene + 1}


def _from_link(charts: str, frames: int) -> int | None:
    """The frame that the address asks for, as the copied link writes it; None where it is unusable."""
    value = st.query_params.get(f"{charts}_frame", "")
    return int(value) if value.isdecimal() and len(value) < 6 and int(value) < frames else None
