"""The frame of a lab: question, predict, run, what you see, explain, code, proof, take away.

A page calls `open_lab`, draws its controls and charts, and ends with `close_lab`; `scenes`, `predict` and
`seen` stand between. All keys of a page's widgets begin with the prefix of its lab.
"""

import functools
import inspect
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import link
from pages.ui.player import go_to

# What a page hands to `close_lab`, as keyword arguments.
Closing = dict[str, Any]
CONTENT = Path(__file__).parents[1] / "content" / "labs"


@dataclass(frozen=True)
class Lab:
    """What the content file of a lab says: TOML head, then one section for each depth of answer."""

    name: str  # the page's file name and its address
    prefix: str  # begins the key of every widget on the page
    title: str
    icon: str
    question: str
    level: str
    topic: str  # the section of the menu
    order: int  # the place in the menu
    summary: str
    shortcut: str  # what a visitor in a hurry does there
    shortcut_link: str  # the query that opens it
    sections: Mapping[str, str]


@functools.cache
def load(name: str) -> Lab:
    """Read `pages/content/labs/<name>.md`."""
    _, head, body = CONTENT.joinpath(f"{name}.md").read_text("utf-8").split("+++\n", 2)
    sections = dict(part.split("\n", 1) for part in body.strip().removeprefix("## ").split("\n## "))
    return Lab(sections=sections, **tomllib.loads(head))


def all_labs() -> list[Lab]:
    """Every lab, in the order of the menu."""
    return sorted((load(path.stem) for path in CONTENT.glob("*.md")), key=lambda lab: lab.order)


def open_lab(name: str) -> Lab:
    """Draw the title, the interviewer's question and the 30-second answer; note what the link asked for."""
    lab = load(name)
    link.remember(lab.prefix)
    st.title(lab.title, anchor=False)
    st.markdown(f"**“{lab.question}”** {lab.sections['In 30 seconds']}")
    link.notice(lab.prefix)
    return lab


def scenes(lab: Lab, named: Mapping[str, Mapping[str, Any]], charts: str) -> None:
    """A row of buttons, each of which sets the page's widgets to a named state.

    The entry `frame` of a state, if there, is where the player of `charts` goes; without it the player
    goes to the page's own start.
    """

    def set_scene(state: Mapping[str, Any]) -> None:
        for key, value in state.items():
            if key != "frame":
                st.session_state[key] = value
        go_to(charts, state.get("frame"))

    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"{lab.prefix}_scenes"):
        st.markdown("**Scenes**", width="content")
        for number, (title, state) in enumerate(named.items()):
            st.button(title, key=f"{lab.prefix}_scene_{number}", on_click=set_scene, args=(state,))


def predict(lab: Lab, question: str, options: Sequence[str], right: str, why: str) -> None:
    """Ask for a prediction about the current state; grade it against the simulation once it is given.

    The answer belongs to the question's wording, so another state that asks something else asks anew.
    """
    store = f"_{lab.prefix}_prediction"

    def answer(option: str | None) -> None:
        st.session_state[store] = (question, option) if option else None

    given = st.session_state.get(store)
    with st.container(border=True, key=f"{lab.prefix}_predict"):
        if given and given[0] == question:
            verdict = ":green[:material/check_circle: **Right.**]"
            if given[1] != right:
                verdict = f":orange[:material/cancel: **Not here**: you said {given[1]}, it is {right}.]"
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**Predict.** {question}  \n{verdict} {why}")
                st.button("Ask again", key=f"{lab.prefix}_predict_again", on_click=answer, args=(None,))
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**Predict.** {question}", width="content")
            for number, option in enumerate(options):
                key = f"{lab.prefix}_predict_{number}"
                st.button(option, key=key, on_click=answer, args=(option,))


def seen(text: str) -> None:
    """What you see: sentences computed from the result."""
    st.markdown(f":material/visibility: {text}")


def close_lab(
    lab: Lab,
    *,
    sources: Sequence[Callable[..., Any]],
    script: Callable[[], str],
    proof: Callable[[], pd.DataFrame],
    proof_says: str,
    data: Mapping[str, Callable[[], pd.DataFrame]],
) -> None:
    """Draw what follows the experiment; the callables run only when the visitor opens the section.

    `sources` are the functions that just ran, `script` builds the program for the state on screen, `proof`
    compares our result with a reference, `data` names the tables that the charts show.
    """
    link.check(lab.prefix)
    st.divider()
    explain = {title: text for title, text in lab.sections.items() if title != "In 30 seconds"}
    with st.expander("Explain: the longer answers, follow-ups, the common wrong answer", icon=":material/school:"):
        for tab, text in zip(st.tabs(list(explain)), explain.values(), strict=True):
            tab.markdown(text)
    box = _section(lab, "code", "Code: what just ran, and a script that repeats it", ":material/code:")
    if box.open:
        whole, parts = box.tabs(["Complete script for this state", "The functions that ran"])
        text = script()
        whole.markdown("NumPy is all it needs. It prints the numbers on screen.")
        whole.download_button(
            "Download script",
            text,
            f"{lab.name}.py",
            "text/x-python",
            key=f"{lab.prefix}_script",
            on_click="ignore",
            icon=":material/download:",
        )
        whole.code(text, height=420)
        for function in sources:
            parts.caption(f"`{function.__module__}.{function.__qualname__}`")
            parts.code(inspect.getsource(function))
    box = _section(lab, "proof", "Proof: our numbers against an independent reference", ":material/verified:")
    if box.open:
        box.markdown(proof_says)
        box.table(proof(), hide_index=True, alt="Our result, the reference and the difference between them")
    with st.container(horizontal=True, vertical_alignment="center", key=f"{lab.prefix}_take_away"):
        link.copy_link(lab.prefix)
        for title, table in data.items():
            st.download_button(
                f"{title} (CSV)",
                functools.partial(_csv, table),
                f"{lab.name}_{title.lower().replace(' ', '_')}.csv",
                "text/csv",
                key=f"{lab.prefix}_csv_{title.lower().replace(' ', '_')}",
                on_click="ignore",
                icon=":material/table:",
            )


def _section(lab: Lab, name: str, title: str, icon: str) -> Any:
    """A folded section whose body is computed only while it is open."""
    key = f"{lab.prefix}_{name}"
    return st.expander(title, icon=icon, key=key, on_change="rerun", bind="query-params")


def _csv(table: Callable[[], pd.DataFrame]) -> bytes:
    return table().to_csv(index=False).encode()
