"""The challenges page in-process: what each challenge says, and what becomes of a program that is run."""

import json
import re
from concurrent.futures import Future
from unittest import mock

import pytest
import streamlit as st
from streamlit.proto.WidgetStates_pb2 import WidgetStates

from pages.practice import outcome as ended
from pages.practice.challenge import all_challenges
from pages.practice.grading import answer_of, calls, told_by
from pages.practice.outcome import Answer, Fault, Outcome
from pages.practice.sandbox import host
from pages.ui import editor
from tests.pages.visit import components, problems, visit

CHALLENGES = all_challenges()
each = pytest.mark.parametrize("challenge", CHALLENGES, ids=lambda challenge: challenge.name)


class Visitor:
    """Someone at a challenge. A component cannot be used in-process: what happens in the editor is told to it here."""

    def __init__(self, monkeypatch):
        self.waiting, self.outcome, self.policy = [], None, host.Policy(True, "")
        draw = editor.editor

        def used(name, text, **more):
            draw(name, text, **more)
            if self.waiting:
                event, program = self.waiting.pop()
                more[event](name, program)
                st.rerun()

        monkeypatch.setattr(editor, "editor", used)
        monkeypatch.setattr(host, "start", lambda: None)
        monkeypatch.setattr(host, "policy", lambda: self.policy)
        monkeypatch.setattr(host, "run", lambda program, asked: self.outcome)

    def open(self, challenge):
        self.challenge = challenge
        self.at = visit("challenges", {"ch_name": challenge.title})
        assert problems(self.at) == []

    def run(self, outcome, program="pass"):
        self.outcome = outcome
        self.use("on_run", program)

    def hand_in(self, program):
        """Run a program made of our own functions."""
        self.run(Outcome(ended.FINISHED, tuple(answer_of(program, call) for call in calls(self.challenge))))

    def use(self, event, program):
        self.waiting.append((event, program))
        self.at.run()
        assert not self.at.exception

    def text(self):
        return "\n".join(markdown.value for markdown in self.at.markdown)

    @property
    def editor(self):
        (data,) = components(self.at, "editor")
        return data

    def button(self, label):
        (found,) = (button for button in self.at.button if button.label.startswith(label))
        return found


@pytest.fixture
def visitor(monkeypatch):
    return Visitor(monkeypatch)


@each
def test_a_challenge_opens_by_its_address(visitor, challenge):
    visitor.open(challenge)
    assert not visitor.at.warning
    assert visitor.at.title[0].value == challenge.title
    assert challenge.sections["Task"] in visitor.text()
    assert visitor.editor["name"] == challenge.name
    assert visitor.editor["text"] == visitor.editor["starter"] == challenge.starter
    assert challenge.title in visitor.editor["label"]
    assert visitor.editor["off"] == ""
    assert challenge.sections["Afterwards"] not in visitor.text()
    assert not visitor.at.code


@each
def test_hints_come_one_at_a_time(visitor, challenge):
    visitor.open(challenge)
    for shown in range(len(challenge.hints) + 1):
        assert [hint in visitor.text() for hint in challenge.hints] == [number < shown for number in range(3)]
        if shown < len(challenge.hints):
            visitor.button(f"Hint {shown + 1} of 3").click().run()
    assert not any(button.label.startswith("Hint") for button in visitor.at.button)


@each
def test_the_reference_solves_and_opens_the_explanation(visitor, challenge):
    visitor.open(challenge)
    visitor.hand_in(challenge.reference)
    assert not visitor.at.warning
    assert visitor.at.success[0].value.startswith("Every probe passes.")
    assert f"{len(challenge.probes)} of {len(challenge.probes)} probes pass" in visitor.editor["said"]
    assert visitor.text().count(":green[:material/check_circle:]") == len(challenge.probes)
    assert ":green-badge[:material/check: solved]" in visitor.text()
    assert challenge.sections["Afterwards"] in visitor.text()
    assert len(visitor.at.code) == len(challenge.reference)
    (link,) = visitor.at.page_link
    assert link.proto.page == challenge.lab
    assert link.proto.query_string == challenge.state


@each
def test_a_mistake_is_diagnosed_first_and_every_probe_is_accounted_for(visitor, challenge):
    visitor.open(challenge)
    visitor.hand_in({**challenge.reference, **challenge.mistakes[0]})
    assert visitor.at.warning[0].value == told_by(challenge.mistakes[0])
    assert not visitor.at.success
    assert all(probe.name in visitor.text() for probe in challenge.probes)
    assert ":red[:material/cancel:]" in visitor.text()
    assert challenge.sections["Afterwards"] not in visitor.text()


@each
def test_giving_up_shows_the_reference_and_solves_nothing(visitor, challenge):
    visitor.open(challenge)
    visitor.button("Show the reference").click().run()
    assert problems(visitor.at) == []
    assert challenge.sections["Afterwards"] in visitor.text()
    assert "check_circle" not in visitor.text()


def test_a_draft_is_what_the_editor_opens_with_and_the_file_holds(visitor):
    offered = {}

    def download_button(label, data, file_name, mime, **_):
        offered[file_name] = data()

    visitor.open(CHALLENGES[0])
    visitor.use("on_draft", "x = 1  # mine")
    assert visitor.editor["text"] == "x = 1  # mine"
    assert visitor.editor["starter"] == CHALLENGES[0].starter
    with mock.patch.object(st, "download_button", download_button):
        visitor.at.run()
    ((name, script),) = offered.items()
    assert name == f"{CHALLENGES[0].name}.py"
    assert "x = 1  # mine" in script


def test_exceptions_and_warnings_stand_at_their_lines_until_the_program_is_another(visitor):
    visitor.open(CHALLENGES[0])
    warned = Answer(1.0, warnings=(("overflow", 2), ("overflow", 2), ("no line", None)))
    failed = Answer(fault=Fault("ValueError", "no", 3), warnings=(("divide", 3),))
    answers = (warned, failed, *[failed] * (len(CHALLENGES[0].probes) - 1))
    visitor.use("on_draft", "mine")
    visitor.run(Outcome(ended.FINISHED, answers, log="hello", seconds=0.25), "mine")
    assert {(mark["line"], mark["says"], mark["is_error"]) for mark in visitor.editor["marks"]} == {
        (2, "NumPy warned: overflow", False),
        (3, "ValueError: no", True),
    }
    assert "NumPy warned: `no line`" in visitor.text()
    assert "250 ms" in visitor.editor["said"]
    assert visitor.at.code[-1].value == "hello"
    visitor.use("on_draft", "another")
    assert visitor.editor["marks"] == []


@pytest.mark.parametrize("status", [ended.NOT_LOADED, ended.TIME, ended.MEMORY, ended.OUTPUT, ended.DIED, ended.BUSY])
def test_a_run_without_answers_says_why(visitor, status):
    visitor.open(CHALLENGES[0])
    visitor.run(
        Outcome(status, fault=Fault("SyntaxError", "invalid syntax", 1) if status == ended.NOT_LOADED else None)
    )
    assert problems(visitor.at) == []
    assert len(visitor.at.warning[0].value) > 20


def test_a_programs_own_words_are_never_markdown(visitor):
    hostile = "![x](//example.com/x.png) `tick` $y$ :red[z]\n# head"
    visitor.open(CHALLENGES[0])
    answer = Answer(float("nan"), warnings=((hostile, None),))
    for outcome in (
        Outcome(ended.NOT_LOADED, fault=Fault("ValueError", hostile), log=hostile),
        Outcome(ended.FINISHED, (Answer(fault=Fault("ValueError", hostile, 1)),) * len(calls(CHALLENGES[0]))),
        Outcome(ended.FINISHED, (answer,) * len(calls(CHALLENGES[0]))),
        Outcome(ended.FINISHED, (Answer(hostile),) * len(calls(CHALLENGES[0]))),
    ):
        visitor.run(outcome)
        for element in (*visitor.at.markdown, *visitor.at.warning):
            assert not re.search("example|tick|head", re.sub("`[^`]*`", "", element.value))


def test_where_nothing_runs_the_page_says_why_and_offers_the_file(visitor):
    visitor.policy = host.Policy(False, "There is no seccomp here.")
    visitor.open(CHALLENGES[0])
    assert visitor.editor["off"]
    assert "There is no seccomp here." in visitor.at.info[0].value
    assert [button.label for button in visitor.at.get("download_button")] == ["Download as file"]
    visitor.policy = host.Policy(None, "Testing.")  # a run waits for the end of that
    visitor.at.run()
    assert visitor.editor["off"] == ""
    assert not visitor.at.info


def test_a_challenge_that_is_none_is_named(visitor):
    at = visit("challenges", {"ch_name": "nonsense"})
    assert "no challenge `nonsense`" in at.warning[0].value
    assert at.title[0].value == "Challenges"


def test_all_challenges_are_listed_and_one_click_opens_each(visitor):
    visitor.open(CHALLENGES[0])
    visitor.hand_in(CHALLENGES[0].reference)
    visitor.button("All challenges").click().run()
    assert not visitor.at.warning
    assert "1 of 15 solved" in visitor.text()
    rows = [text for text in visitor.text().splitlines() if text.startswith(":gray-badge")]
    for challenge, row in zip(CHALLENGES, rows, strict=True):
        assert f"[{challenge.level.title()}]" in row
        assert f"[{challenge.topic}]" in row
        assert ("solved" in row) == (challenge is CHALLENGES[0])
    for challenge in CHALLENGES:
        visitor.button(f":primary[{challenge.title}]").click().run()
        assert visitor.at.title[0].value == challenge.title
        assert visitor.at.query_params["ch_name"] == challenge.title
        visitor.button("All challenges").click().run()
        assert "ch_name" not in visitor.at.query_params


def test_the_explanation_leads_to_the_next_challenge(visitor):
    visitor.open(CHALLENGES[0])
    visitor.button("Show the reference").click().run()
    visitor.button(f"Next: {CHALLENGES[1].title}").click().run()
    assert visitor.at.title[0].value == CHALLENGES[1].title
    visitor.open(CHALLENGES[-1])
    visitor.button("Show the reference").click().run()
    assert not any(button.label.startswith("Next") for button in visitor.at.button)


@each
def test_what_fails_in_the_same_way_is_told_once_with_an_input(visitor, challenge):
    visitor.open(challenge)
    asked = calls(challenge)
    visitor.run(Outcome(ended.FINISHED, (Answer(fault=Fault("AttributeError", "no such thing", 3)),) * len(asked)))
    assert visitor.text().count("no such thing") == 1
    assert all(probe.name in visitor.text() for probe in challenge.probes)
    (given,) = (code.value for code in visitor.at.code)
    assert given.startswith("given     ")
    assert all(f"{name} = " in given for name in challenge.parameters(asked[0].function))
    assert len(given) < 1500


SENT = {  # by a browser in place of a program or a draft
    "nothing": None,
    "a text": "softmax",
    "no name": {"text": "x = 1", "number": 1},
    "another name": {"name": "nonsense", "text": "x = 1", "number": 1},
    "a name that is a list": {"name": ["softmax"], "text": "x = 1", "number": 1},
    "a program that is no text": {"name": "softmax", "text": 7, "number": 1},
    "a program that is a list": {"name": "softmax", "text": ["x"], "number": 1},
    "a number that is none": {"name": "softmax", "text": "x = 1", "number": "1"},
    "a number beyond all": {"name": "softmax", "text": "x = 1", "number": 10**300},
}


@pytest.mark.parametrize("value", SENT.values(), ids=SENT)
@pytest.mark.parametrize("event", ["run", "draft"])
def test_what_is_no_program_is_neither_run_nor_kept(monkeypatch, value, event):
    monkeypatch.setattr(host, "policy", lambda: host.Policy(True, ""))
    monkeypatch.setattr(host, "run", lambda *_: pytest.fail("it was run"))
    at = visit("challenges", {"ch_name": "Softmax"})
    (widget,) = (node.proto.id for node in at.get("bidi_component") if node.proto.component_name == "editor")
    states = WidgetStates()
    payload = json.dumps([{"event": event, "value": value}])
    states.widgets.add(id=f"$$STREAMLIT_INTERNAL_KEY_{widget}__events").json_trigger_value = payload
    at._run(states)
    assert problems(at) == []
    assert components(at, "editor")[0]["said"] == ""
    assert at.session_state["_ch_attempts"] == {}
    drafts = at.session_state["_progress"]["document"]["drafts"]
    kept = (
        event == "draft" and isinstance(value, dict) and (value.get("name"), value.get("text")) == ("softmax", "x = 1")
    )
    assert drafts == ({"softmax": "x = 1"} if kept else {})


def test_a_second_program_waits_for_the_first_to_end(visitor):
    under_way = Future()
    first, second, *_ = CHALLENGES
    visitor.open(second)
    visitor.at.session_state["_ch_attempts"][first.name] = under_way
    visitor.use("on_run", "x = 1")
    assert "Another of your programs is still running" in visitor.at.warning[0].value
