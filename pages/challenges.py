"""Programming challenges: write an algorithm from scratch, run it, and be told what exactly is wrong with it.

Without a challenge in the address (`ch_name`, its title) the page is the list of all. The program runs in the sandbox
and only answers calls; it is graded here. Hints and reference come when asked for, the explanation when the challenge
is solved or given up.
"""

import inspect
from collections.abc import Mapping
from concurrent.futures import wait
from urllib.parse import parse_qsl

import streamlit as st

from pages.practice import attempt
from pages.practice.challenge import RULES, Challenge, all_challenges
from pages.practice.sandbox import host
from pages.practice.take_home import take_home
from pages.ui import link, progress
from pages.ui.editor import editor
from pages.ui.lab import load
from pages.ui.report import marks, show, summary

CHALLENGES = {challenge.title: challenge for challenge in all_challenges()}
BY_NAME = {challenge.name: challenge for challenge in CHALLENGES.values()}
attempts = st.session_state.setdefault("_ch_attempts", {})  # name → the last run, which may still be under way
hints = st.session_state.setdefault("_ch_hints", {})  # name → how many are shown
given_up = st.session_state.setdefault("_ch_given_up", set())


def run(name: str, program: str) -> None:
    """Run a program on the probes of a challenge, in the background."""
    if name in BY_NAME:
        attempt.begin(attempts, BY_NAME[name], program)
        wait([attempts[name]], 0.3)  # most have ended by then, and are shown at once


def keep(name: str, program: str) -> None:
    """Keep a draft of a challenge."""
    if name in BY_NAME:
        progress.keep_draft(name, program)


def go(title: str | None) -> None:
    """Let the address name this challenge, or none."""
    if title is None:
        st.query_params.pop("ch_name", None)
    else:
        st.query_params["ch_name"] = title


def badges(challenge: Challenge) -> str:
    """Level and topic, as Markdown."""
    return f":gray-badge[{challenge.level.title()}] :gray-badge[{challenge.topic}]"


def browse(solved: Mapping[str, str]) -> None:
    """The list of all challenges."""
    st.markdown(
        f"Write it from scratch, with NumPy alone. {len(solved.keys() & BY_NAME.keys())} of {len(BY_NAME)} solved"
    )
    with st.container(gap="xxsmall", key="ch_list"):
        for challenge in BY_NAME.values():
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                is_solved = challenge.name in solved
                st.button(
                    f":primary[{challenge.title}]",
                    key=f"ch_open_{challenge.name}",
                    on_click=go,
                    args=(challenge.title,),
                    type="tertiary",
                    icon=":material/check_circle:" if is_solved else ":material/circle:",
                    wrap=True,
                )
                mark = " :green-badge[:material/check: solved]" if is_solved else ""
                st.markdown(f"{badges(challenge)}{mark}", width="content")


def one(challenge: Challenge, solved: Mapping[str, str]) -> None:
    """One challenge: its task beside the editor, what came of the last run, and the explanation."""
    name, starter = challenge.name, challenge.starter
    program = progress.draft(name) or starter
    task, work = st.columns([2, 3], gap="medium")
    with task:
        mark = " :green-badge[:material/check: solved]" if name in solved else ""
        st.markdown(f"{badges(challenge)}{mark}")
        st.markdown(challenge.sections["Task"])
        st.markdown(f":small[:gray[{RULES}]]")
        shown = hints.get(name, 0)
        for number, hint in enumerate(challenge.hints[:shown], 1):
            st.markdown(f"**Hint {number}.** {hint}")
        with st.container(horizontal=True, gap="xsmall"):
            if shown < len(challenge.hints):
                st.button(
                    f"Hint {shown + 1} of {len(challenge.hints)}",
                    key="ch_hint",
                    on_click=hints.update,
                    args=({name: shown + 1},),
                    icon=":material/lightbulb:",
                )
            if name not in solved and name not in given_up:
                st.button(
                    "Show the reference", key="ch_give_up", on_click=given_up.add, args=(name,), icon=":material/key:"
                )
            st.download_button(
                "Download as file",
                lambda: take_home(challenge, progress.draft(name) or starter),
                f"{name}.py",
                "text/x-python",
                key="ch_file",
                on_click="ignore",
                icon=":material/download:",
                help="Your program with the same probes: `pytest` runs it on your own machine.",
            )
        if policy.allowed is not False:
            st.markdown(f":small[:material/shield: {policy.reason}]")

    with work:
        if policy.allowed is False:
            st.info(policy.reason, icon=":material/lock:")
        running = attempts.get(name)
        busy = running is not None and not running.done()
        last = running.result() if running and not busy else None
        editor(
            name,
            program,
            key="ch_editor",
            label=f"Your program: {challenge.title}",
            starter=starter,
            marks=marks(last.outcome) if last and last.program == program else [],
            said=summary(last.outcome, last.report, len(challenge.probes)) if last else "",
            off="Running is switched off here" if policy.allowed is False else "",
            busy=busy,
            on_run=run,
            on_draft=keep,
        )
        if busy:
            with st.spinner("Running…"):
                running.result()
            st.rerun()
        if last:
            show(last.outcome, last.report)

    if name in solved or name in given_up:
        st.divider()
        why, code = st.columns([2, 3], gap="medium")
        with why:
            st.header("Afterwards", anchor=False)
            st.markdown(challenge.sections["Afterwards"])
            lab = load(challenge.lab)
            st.page_link(
                f"{lab.name}.py",
                label=f"See it at work in the lab: {lab.title}",
                icon=":material/science:",
                query_params=parse_qsl(challenge.state),
            )
            if following := next((each for each in BY_NAME.values() if each.order > challenge.order), None):
                st.button(
                    f"Next: {following.title}",
                    key="ch_next",
                    on_click=go,
                    args=(following.title,),
                    icon=":material/arrow_forward:",
                )
        with code:
            st.header("The reference", anchor=False)
            for function in challenge.reference.values():
                st.markdown(f"`{function.__module__}.{function.__qualname__}`")
                st.code(inspect.getsource(function))


host.start()
policy = host.policy()
progress.load()
for name, running in attempts.items():
    if running.done() and running.result().report.solved:
        progress.mark_solved(name)
solved = progress.solved()
wanted = st.query_params.get("ch_name")
shown = CHALLENGES.get(wanted or "")
if shown is None:
    st.title("Challenges", anchor=False)
    if wanted is not None:
        st.warning(f"There is no challenge `{link.harmless(wanted)}`; these are all.", icon=":material/link_off:")
    browse(solved)
else:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="ch_head"):
        st.title(shown.title, anchor=False, width="stretch")
        st.button("All challenges", key="ch_all", on_click=go, args=(None,), icon=":material/list:")
    one(shown, solved)
