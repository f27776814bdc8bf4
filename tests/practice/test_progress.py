"""The visitor's document: whatever the browser or a file says, what is sound is kept and nothing else gets in."""

import json
from datetime import UTC, datetime

import pytest
import streamlit as st

from pages.ui import progress

AT = "2026-03-10T12:00:00Z"
WHOLE = {
    "version": 1,
    "reviews": [["a", 3, AT], ["b", 1, "2026-03-09T00:00:00Z"]],
    "mocks": [[AT, [["a", 2, 5], ["b", 0, 4]]]],
    "drafts": {"softmax": "def softmax(z):\n    return z  # é"},
    "solved": {"softmax": AT},
    "answers": {"a": "the corner, since λ is large"},
    "interviews": {
        "i1": {
            "names": ["a", "b"],
            "minutes": 3,
            "since": AT,
            "shown": True,
            "made": [2],
            "typed": "half an answer",
            "ticked": [0, 2],
        }
    },
}
GOING = WHOLE["interviews"]["i1"]


@pytest.fixture(autouse=True)
def session(monkeypatch):
    """A session of its own."""
    state = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


def hear(session, **answer):
    """The browser answers."""
    known = progress._store()
    whole = {"session": known["session"], "done": 0, "problem": None, "text": None, "damaged": None, **answer}
    session["progress"] = {"answer": json.dumps(whole)}
    progress._hear()


def test_a_whole_document_is_read_and_written_as_it_is():
    assert progress.parse(json.dumps(WHOLE)) == (WHOLE, True)
    assert progress.parse(json.dumps({**WHOLE, "reviews": WHOLE["reviews"] * 2})) == (WHOLE, True)


def test_a_document_of_an_earlier_version_is_whole():
    earlier = {part: WHOLE[part] for part in ("version", "reviews", "mocks", "drafts", "solved")}
    assert progress.parse(json.dumps(earlier)) == ({**WHOLE, "answers": {}, "interviews": {}}, True)


NO_DOCUMENTS = {
    "nothing": "",
    "no JSON": "{bad",
    "half": json.dumps(WHOLE)[:-20],
    "a number": "1",
    "null": "null",
    "a list": "[]",
    "another version": json.dumps({**WHOLE, "version": 2}),
    "no version": json.dumps({key: WHOLE[key] for key in WHOLE if key != "version"}),
    "deep": "[" * 100_000,
    "a huge number": "9" * 5000,
    "too long": json.dumps({**WHOLE, "drafts": {f"c{i}": "x" * 60_000 for i in range(60)}}),
}


@pytest.mark.parametrize("name", NO_DOCUMENTS)
def test_what_is_no_document_is_an_empty_one_and_said_not_to_be_whole(name):
    document, whole = progress.parse(NO_DOCUMENTS[name])
    assert not whole
    assert document == {"version": 1, **{part: type(WHOLE[part])() for part in BAD_ITEMS}}


BAD_ITEMS = {
    "reviews": [
        None,
        [],
        ["a", 3],
        ["a", 0, AT],
        ["a", 5, AT],
        ["a", True, AT],
        ["a", 3.0, AT],
        ["a", float("nan"), AT],
        ["a", "3", AT],
        ["A b", 3, AT],
        ["<script>", 3, AT],
        ["../x", 3, AT],
        ["a" * 81, 3, AT],
        ["a", 3, "2026-02-30T12:00:00Z"],
        ["a", 3, "2026-03-10 12:00:00"],
        ["a", 3, "2026-03-10T12:00:00+02:00"],
        ["a", 3, "9999-12-31T23:59:59Z"],
        ["a", 3, "1900-01-01T00:00:00Z"],
        ["a", 3, "٢٠26-03-10T12:00:00Z"],
        ["a\n", 3, AT],
        ["a", 3, AT + "\n"],
        ["a", 3, AT, "more"],
        {"card": "a"},
    ],
    "mocks": [
        None,
        [AT],
        [AT, []],
        [AT, [["a", 3, 2]]],
        [AT, [["a", -1, 2]]],
        [AT, [["a", 0, 0]]],
        [AT, [["a", 1, 10**30]]],
        ["x", [["a", 1, 2]]],
        [AT, [["a", 1, 2]] * 101],
    ],
    "drafts": {
        "A": "x",
        "": "x",
        "__proto__.x": "x",
        "a": None,
        "b": "\0",
        "c": "\ud800",
        "d": "x" * (progress.MAX_CODE + 1),
        "e": ["x"],
    },
    "solved": {"a": "yesterday", "b": None, "c c": AT},
    "answers": {"A": "x", "c": None, "d": "\0", "e": "\ud800", "f": "x" * (progress.MAX_ANSWER + 1), "g": ["x"]},
    "interviews": {
        "A": GOING,
        "a": None,
        "b": {},
        "c": {**GOING, "more": 1},
        "d": {**GOING, "names": []},
        "e": {**GOING, "names": ["<b>"]},
        "f": {**GOING, "minutes": 0},
        "g": {**GOING, "since": "yesterday"},
        "h": {**GOING, "shown": 1},
        "i": {**GOING, "made": [1, 2, 3]},
        "j": {**GOING, "made": [-1]},
        "k": {**GOING, "typed": None},
        "l": {**GOING, "ticked": [20]},
        "m": {**GOING, "ticked": {"0": 1}},
    },
}


@pytest.mark.parametrize("part", BAD_ITEMS)
def test_bad_items_are_left_out_and_the_good_ones_stay(part):
    bad = BAD_ITEMS[part]
    if isinstance(bad, dict):
        every = [{name: item} for name, item in bad.items()]
        mixed = [{**one, **WHOLE[part]} for one in every]
    else:
        mixed = [[one, *WHOLE[part]] for one in bad]
    for items in mixed:
        document, whole = progress.parse(json.dumps({**WHOLE, part: items}))
        assert not whole, items
        assert document == WHOLE, items


@pytest.mark.parametrize("items", [None, 7, "text", [1], {"a": 1}, True])
def test_a_part_of_another_kind_is_an_empty_part(items):
    for part in BAD_ITEMS:
        document, whole = progress.parse(json.dumps({**WHOLE, part: items}))
        assert not whole
        assert document[part] == type(WHOLE[part])()
        assert all(document[other] == WHOLE[other] for other in BAD_ITEMS if other != part)


def test_too_many_reviews_keep_the_newest():
    months, days = range(1, 13), range(1, 29)
    many = [["a", 3, f"20{y}-{m:02}-{d:02}T00:00:00Z"] for y in range(10, 99) for m in months for d in days]
    assert len(many) > progress.MAX_REVIEWS
    document, whole = progress.parse(json.dumps({**WHOLE, "reviews": many}))
    assert not whole
    assert document["reviews"] == many[-progress.MAX_REVIEWS :]


def test_changes_are_seen_at_once_and_queued_for_the_browser():
    progress.add_review("a", 3)
    progress.add_review("b", 1)
    progress.keep_draft("softmax", "x = 1")
    progress.keep_draft("softmax", "x = 1")  # no change
    progress.keep_draft("softmax", "\0")
    progress.mark_solved("softmax")
    first = progress.solved()
    progress.mark_solved("softmax")
    progress.add_mock([("a", 2, 5)])
    assert [review[:2] for review in progress.reviews()] == [("a", 3), ("b", 1)]
    assert abs((progress.reviews()[0][2] - datetime.now(UTC)).total_seconds()) < 5
    assert progress.draft("softmax") == "x = 1"
    assert progress.draft("other") is None
    assert progress.solved() == first
    assert progress.mocks()[0][1] == [("a", 2, 5)]
    assert [change["number"] for change in progress._store()["changes"]] == [1, 2, 3, 4, 5]


def test_what_was_done_before_the_browser_answered_is_added_to_what_it_has(session):
    progress.add_review("c", 4)
    hear(session, text=json.dumps(WHOLE))
    assert [review[0] for review in progress.reviews()] == ["b", "a", "c"]
    assert len(progress._store()["changes"]) == 1
    kept = progress.exported()
    hear(session, text=kept, done=1)
    assert progress._store()["changes"] == []
    assert progress.exported() == kept


def test_a_damaged_document_is_replaced_by_what_could_be_read_and_the_visitor_is_told(session):
    progress.add_review("c", 4)
    hear(session, text=json.dumps({**WHOLE, "solved": "x"}))
    (change,) = progress._store()["changes"]
    assert change["repair"]
    assert change["number"] == 2  # the change before it is in it
    assert [review[0] for review in change["document"]["reviews"]] == ["a", "b", "c"]
    assert progress._store()["notices"] == {"damaged"}
    hear(session, text=progress.exported(), done=2, damaged="{bad")
    assert progress._store()["changes"] == []
    assert progress.damaged() == "{bad"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "x",
        "null",
        "[]",
        "{}",
        '{"session": 1}',
        "[" * 100_000,
        '{"session": "other", "done": 0, "text": null}',
        None,
        7,
    ],
)
def test_an_answer_that_is_none_changes_nothing(session, answer):
    progress.add_review("a", 3)
    before = json.dumps(progress._store()["document"])
    session["progress"] = {"answer": answer}
    progress._hear()
    assert json.dumps(progress._store()["document"]) == before
    assert not progress._store()["heard"]


@pytest.mark.parametrize("odd", [{"done": "x"}, {"done": True}, {"text": 7}, {"text": ["x"]}])
def test_an_answer_of_odd_types_changes_nothing(session, odd):
    hear(session, **odd)
    assert not progress._store()["heard"]


@pytest.mark.parametrize("odd", [{"problem": "<b>"}, {"problem": ["x"]}, {"damaged": 7}, {"damaged": "\ud800"}])
def test_an_odd_remark_is_dropped(session, odd):
    hear(session, **odd)
    assert progress._store()["heard"]
    assert progress._store()["notices"] == set()
    assert progress.damaged() is None


@pytest.mark.parametrize("problem", ["blocked", "full", "damaged"])
def test_what_the_browser_cannot_do_is_said(session, problem):
    hear(session, problem=problem)
    assert progress._store()["notices"] == {problem}


def test_an_export_can_be_taken_in_anywhere(session):
    hear(session, text=json.dumps(WHOLE))
    file = progress.exported()
    session.clear()
    progress.add_review("z", 2)
    progress.keep_draft("softmax", "mine")
    assert progress.take_in(file) is None
    assert {review[0] for review in progress.reviews()} == {"a", "b", "z"}
    assert progress.draft("softmax") == "mine"  # what is here stays
    assert progress.solved() == WHOLE["solved"]
    assert len(progress.mocks()) == 1
    once = progress.exported()
    assert progress.take_in(file) is None
    assert progress.exported() == once


@pytest.mark.parametrize("name", NO_DOCUMENTS)
def test_a_file_that_is_none_gets_one_sentence_and_changes_nothing(session, name):
    progress.add_review("a", 3)
    before = progress.exported()
    assert "no progress that can be read" in progress.take_in(NO_DOCUMENTS[name])
    assert progress.exported() == before


def test_a_file_that_is_damaged_in_part_gives_the_rest():
    said = progress.take_in(json.dumps({**WHOLE, "reviews": [["a", 9, AT], ["b", 2, AT]]}))
    assert said.startswith("A part of this file could not be read")
    assert [review[0] for review in progress.reviews()] == ["b"]


def test_more_than_the_browser_can_keep_is_refused_and_said():
    for number in range(40):
        progress.keep_draft(f"c{number}", "x" * progress.MAX_CODE)
    text = progress.exported()
    assert len(text) <= progress.MAX_TEXT
    assert progress.parse(text)[1]
    assert "full" in progress._store()["notices"]


def unheard():
    """The changes that wait for the browser."""
    return progress._store()["changes"]


def test_changes_that_a_browser_never_confirms_do_not_grow_without_end():
    for number in range(500):
        progress.keep_draft(f"c{number % 4}", f"x = {number}")
        progress.add_review(f"q{number}", 3)
    assert len(unheard()) <= progress.MAX_UNHEARD
    assert unheard()[-1]["number"] == 1000
    document = progress._empty()
    for change in unheard():
        document = progress.merge(document, change["document"])
    assert document == json.loads(progress.exported())
    text = "x" * progress.MAX_CODE
    for number in range(200):
        progress.keep_draft("c0", f"{text[:-3]}{number:03}")
    assert len(json.dumps(unheard())) < progress.MAX_TEXT


def test_what_is_known_already_is_no_change(session):
    progress.add_review("a", 3)
    assert progress.take_in(json.dumps(WHOLE)) is None
    count, first = len(unheard()), json.dumps(unheard())
    progress.mark_solved("softmax")
    progress.keep_draft("softmax", progress.draft("softmax") or "")
    for _ in range(50):
        progress.take_in(json.dumps(WHOLE))
    assert len(unheard()) <= count + 2
    assert len(json.dumps(unheard())) < 2 * len(first) + 500


def test_a_change_made_one_with_the_next_reaches_a_browser_that_has_made_it(session):
    for number in range(progress.MAX_UNHEARD + 5):
        progress.add_review(f"q{number}", 3)
    hear(session, text=progress.exported(), done=3)  # the third is part of the first that waits
    assert len(progress.reviews()) == progress.MAX_UNHEARD + 5
    hear(session, text=progress.exported(), done=progress.MAX_UNHEARD + 5)
    assert unheard() == []


def test_the_longest_document_is_read(session):
    days = [f"20{y:02}-{m:02}-{d:02}T00:00:00Z" for y in range(10, 99) for m in range(1, 13) for d in range(1, 20)]
    long = {**WHOLE, "reviews": [["a", 3, day] for day in days[: progress.MAX_REVIEWS]]}
    long["drafts"] = {f"c{number}": '"' * progress.MAX_CODE for number in range(10)}
    hear(session, text=json.dumps(long), damaged="x" * progress.MAX_TEXT)
    assert len(progress.reviews()) == progress.MAX_REVIEWS
    assert progress.interviews().keys() == WHOLE["interviews"].keys()


def test_an_answer_that_is_too_long_is_not_read(session):
    session["progress"] = {"answer": json.dumps({"text": None}) + " " * progress.MAX_SAID}
    progress._hear()
    assert not progress._store()["heard"]
