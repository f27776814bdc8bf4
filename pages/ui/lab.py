"""The frame of a lab: question, predict, run, what you see, explain, code, proof, take away.

A page calls `open_lab`, `choose_experiment`, `scenes` and `ask`, then `live` with the body of the chosen
experiment (which draws sliders, charts, `verdict` and `seen`), and ends with `close_lab`. All keys of a page's
widgets begin with the prefix of its lab.
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from pages.practice import words
from pages.practice.questions import all_questions
from pages.ui import link
from pages.ui.charts import describe
from pages.ui.player import go_to

# What the body of an experiment returns for `close_lab`.
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
    head, sections = words.read(CONTENT / f"{name}.md")
    return Lab(sections=sections, **head)


def all_labs() -> list[Lab]:
    """Every lab, in the order of the menu."""
    return sorted((load(path.stem) for path in CONTENT.glob("*.md")), key=lambda lab: lab.order)


def open_lab(name: str) -> Lab:
    """Draw the title, the interviewer's question and the 30-second answer; note what the link asked for."""
    lab = load(name)
    link.remember(lab.prefix)
    st.session_state.pop("_alts", None)
    st.title(lab.title, anchor=False)
    st.markdown(f"**“{lab.question}”** {lab.sections['In 30 seconds']}")
    link.notice(lab.prefix)
    return lab


def choose_one(label: str, options: Sequence[str], default: str, *, key: str, **more: Any) -> str:
    """A bound choice among few, all visible; a link that chooses nothing (`?key=`) gets the default."""
    if st.session_state.pop(f"_{key}_empty", False):
        st.session_state[key] = default
    chosen = st.segmented_control(label, options, default=default, required=True, key=key, bind="query-params", **more)
    if chosen is None:
        st.session_state[f"_{key}_empty"] = True
        st.rerun()
    return chosen


def choose_experiment(lab: Lab, names: Iterable[str], charts: str) -> str:
    """The choice of the experiment; a new one has the player of `charts` at its own start, since frames differ."""
    first, *_ = names = list(names)
    key = f"{lab.prefix}_view"
    more = {"label_visibility": "collapsed", "on_change": go_to, "args": (charts, None)}
    return choose_one("Experiment", names, first, key=key, **more)


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


def ask(lab: Lab, view: str, question: str, options: Sequence[str]) -> None:
    """Ask for a prediction; `verdict` grades it against the simulation once it is given.

    The question names no setting, so that it stands while the visitor moves the sliders.
    """
    store = f"_{lab.prefix}_prediction"

    def answer(option: str) -> None:
        st.session_state[store] = (view, option)

    given = st.session_state.get(store)
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", gap="xsmall", key=f"{lab.prefix}_predict"
    ):
        st.markdown(f"**Predict.** {question}", width="content")
        for number, option in enumerate(options):
            mark = ":material/radio_button_checked:" if given == (view, option) else None
            st.button(option, key=f"{lab.prefix}_predict_{number}", on_click=answer, args=(option,), icon=mark)


def verdict(lab: Lab, view: str, right: str, why: str) -> None:
    """Grade the visitor's prediction, if there is one, by what the simulation says at the current settings."""
    asked, option = st.session_state.get(f"_{lab.prefix}_prediction", (None, None))
    if asked != view:
        return
    if option == right:
        st.markdown(f":green-badge[:material/check: Right] You said {option}. {why}")
    else:
        st.markdown(f":orange-badge[:material/close: Not here] You said {option}, it is **{right}**. {why}")


def live(lab: Lab, body: Callable[..., Closing], *args: Any) -> None:
    """Run `body` so that its own sliders rerun nothing else on the page, and keep what it returns.

    While Code or Proof is open they follow the sliders too, so the whole page reruns.
    """
    store = st.session_state.setdefault(f"_{lab.prefix}_closing", {})

    def run() -> None:
        store.update(body(*args))
        describe()

    opened = any(st.session_state.get(f"{lab.prefix}_{section}") for section in ("code", "proof"))
    run() if opened else st.fragment(run)()


def stop_with_hint(lab: Lab, hint: str) -> None:
    """End the page early where input is missing."""
    st.info(hint, icon=":material/touch_app:")
    link.check(lab.prefix)
    st.stop()


def seen(text: str) -> None:
    """What you see: sentences computed from the result."""
    st.markdown(f":material/visibility: {text}")


def close_lab(lab: Lab) -> None:
    """Draw what follows the experiment, from what its view returned to `live`:

    `sources` are the functions that just ran, `script` builds the program for the state on screen, `proof`
    compares our result with a reference (`proof_says` tells how), `data` names the tables that the charts show.
    """
    closing = st.session_state[f"_{lab.prefix}_closing"]
    st.divider()
    box = _section(
        lab, "explain", "Explain: the longer answers, follow-ups, the common wrong answer", ":material/school:"
    )
    if box.open:
        explain = {title: text for title, text in lab.sections.items() if title != "In 30 seconds"}
        for tab, text in zip(box.tabs(list(explain)), explain.values(), strict=True):
            tab.markdown(text)
    box = _section(lab, "code", "Code: what just ran, and a script that repeats it", ":material/code:")
    if box.open:
        whole, parts = box.tabs(["Complete script for this state", "The functions that ran"])
        text = closing["script"]()
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
        for function in closing["sources"]:
            parts.markdown(f"**{function.__module__}.{function.__qualname__}**")
            parts.code(inspect.getsource(function))
    box = _section(lab, "proof", "Proof: our numbers against an independent reference", ":material/verified:")
    if box.open:
        box.markdown(closing["proof_says"])
        box.table(closing["proof"](), hide_index=True, alt="Our result, the reference and their largest difference")
    with st.container(horizontal=True, vertical_alignment="center", key=f"{lab.prefix}_take_away"):
        link.copy_link(lab.prefix)
        for title in closing["data"]:
            name = title.lower().replace(" ", "_")
            st.download_button(
                f"{title} (CSV)",
                lambda title=title: closing["data"][title].to_pandas().to_csv(index=False).encode(),  # when clicked
                f"{lab.name}_{name}.csv",
                "text/csv",
                key=f"{lab.prefix}_csv_{name}",
                on_click="ignore",
                icon=":material/table:",
            )
    if questions := [question for question in all_questions() if question.lab == lab.name]:
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key=f"{lab.prefix}_questions"):
            st.markdown("**Practise**", width="content")
            for question in questions:
                query = {"qu_name": question.name}
                st.page_link("questions.py", label=question.question, icon=":material/quiz:", query_params=query)
    link.check(lab.prefix)


def _section(lab: Lab, name: str, title: str, icon: str) -> Any:
    """A folded section whose body is computed only while it is open."""
    key = f"{lab.prefix}_{name}"
    return st.expander(title, icon=icon, key=key, on_change="rerun", bind="query-params")
