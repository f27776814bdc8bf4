"""Questions and recall as a visitor meets them: filters, predictions, ratings, the deck, a mock interview, the file."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest

from pages.practice.questions import all_questions, load, topics
from pages.ui import progress
from tests.pages.visit import LABS, named, players, problems, visit

QUESTIONS = all_questions()
NOW = datetime.now(UTC)
HOSTILE = [
    "",
    "nan",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "x" * 3000,
    "\x00",
    "`a` :red[x] $x$",
    "L1_OR_L2",
]
each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)


def at_page(page, settings=None, **parts):
    """Arrive at a page with this progress in the browser."""
    at = visit(page, settings)
    store = at.session_state["_progress"]
    store["heard"] = True
    store["document"] = {**store["document"], **parts}
    return at.run()


def review(name, rating, ago):
    """A review of so many days ago."""
    return [name, rating, (NOW - timedelta(days=ago)).strftime(progress.TIME)]


def words(at):
    """All that is written on the page."""
    return "\n".join(node.value for node in [*at.markdown, *at.header, *at.success, *at.info, *at.warning])


def button(at, key):
    """The button of that key, or None."""
    return next((found for found in at.button if found.key == key), None)


def press(at, key):
    """Press it."""
    button(at, key).click()
    at.run()
    assert problems(at) == []


def listed(at):
    """The questions in the list."""
    return [found.key.removeprefix("qu_open_") for found in at.button if found.key.startswith("qu_open_")]


def links(at):
    """Where the links on the page lead."""
    return {(link.proto.page, tuple(parse_qsl(link.proto.query_string))) for link in at.page_link}


# Questions.


def test_the_list_holds_every_question_by_topic():
    at = visit("questions")
    assert problems(at) == []
    assert sorted(listed(at)) == sorted(question.name for question in QUESTIONS)
    assert [heading.value for heading in at.header] == topics()
    assert f"{len(QUESTIONS)} of {len(QUESTIONS)} questions" in words(at)


def test_topic_level_and_words_narrow_the_list_and_stand_in_the_address():
    topic = topics()[1]
    at = visit("questions", {"qu_topic": topic, "qu_level": "Senior", "qu_search": "weights"})
    expected = [q for q in QUESTIONS if q.topic == topic and q.level == "senior" and q.matches("weights")]
    assert 0 < len(expected) < sum(q.topic == topic for q in QUESTIONS)
    assert listed(at) == [question.name for question in expected]
    at.text_input(key="qu_search").set_value("no such words").run()
    assert listed(at) == []
    assert "No question has all of these words" in words(at)
    assert problems(at) == []


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_a_hostile_address_gets_a_sentence_and_the_list(value):
    at = visit("questions", {"qu_name": value, "qu_topic": value, "qu_level": value, "qu_search": value[:50]})
    assert problems(at) == []
    said = "\n".join(warning.value for warning in at.warning)
    assert "There is no question" in said
    assert "cannot be used here" in said
    plain = re.sub("`[^`]*`", "", said)
    assert not re.search(r"<script|:red|\$|\x00", plain)
    assert listed(visit("questions", {"qu_name": value}))


@each_question
def test_nothing_is_shown_before_the_prediction_and_everything_after(question):
    at = visit("questions", {"qu_name": question.name})
    assert problems(at) == []
    assert not at.warning
    assert question.question in words(at)
    assert question.prediction in words(at)
    assert not any(text.strip() in words(at) for text in question.sections.values())
    assert links(at) == set()
    number = question.options.index(question.right)
    press(at, f"qu_predict_{number}")
    assert f"The lab shows **{question.right}**" in words(at)
    assert all(text.strip() in words(at) for text in question.sections.values())
    assert all(point in words(at) for point in question.points)
    assert links(at) == {(question.lab, tuple(question.query))}
    assert [b.key for b in at.button if b.key.startswith("qu_rate_")] == [
        f"qu_rate_{name}" for name in ("again", "hard", "good", "easy")
    ]


def test_a_wrong_prediction_is_told_and_rated_hard_at_most():
    question = QUESTIONS[0]
    at = at_page("questions", {"qu_name": question.name})
    wrong = next(number for number, option in enumerate(question.options) if option != question.right)
    press(at, f"qu_predict_{wrong}")
    assert f"You said {question.options[wrong]}; the lab shows **{question.right}**" in words(at)
    assert [b.key for b in at.button if b.key.startswith("qu_rate_")] == ["qu_rate_again", "qu_rate_hard"]
    press(at, "qu_rate_hard")
    assert "It comes back in 15 min." in words(at)
    ((card, rating, _),) = at.session_state["_progress"]["document"]["reviews"]
    assert (card, rating) == (question.name, 2)
    press(at, "qu_again")
    assert button(at, "qu_show")
    assert question.sections["In 2 minutes"].strip() not in words(at)


def test_a_typed_answer_stays_beside_the_right_one():
    at = visit("questions", {"qu_name": "l1_or_l2"})
    at.text_area[0].set_value("the corner").run()
    press(at, "qu_show")
    assert at.text_area[0].value == "the corner"
    press(at, "qu_next")
    assert at.text_area[0].value == ""
    press(at, "qu_previous")
    assert at.text_area[0].value == "the corner"


def test_a_typed_answer_is_kept_with_the_progress_until_asked_again():
    name = QUESTIONS[0].name
    at = at_page("questions", {"qu_name": name}, answers={name: "of another day"})
    assert at.text_area[0].value == "of another day"
    at.text_area[0].set_value("of today").run()
    assert at.session_state["_progress"]["document"]["answers"] == {name: "of today"}
    for key in ("qu_show", "qu_rate_good", "qu_again"):
        press(at, key)
    assert at.text_area[0].value == ""
    assert at.session_state["_progress"]["document"]["answers"] == {}


def test_next_and_previous_keep_to_the_filters():
    senior = [question.name for question in QUESTIONS if question.level == "senior"]
    at = visit("questions", {"qu_name": senior[0], "qu_level": "Senior"})
    assert button(at, "qu_previous").disabled
    for name in senior[1:]:
        press(at, "qu_next")
        assert at.query_params["qu_name"] == name
        assert load(name).question in words(at)
    assert button(at, "qu_next").disabled
    press(at, "qu_list")
    assert listed(at) == senior
    assert "qu_name" not in at.query_params


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_a_lab_leads_to_its_questions(lab):
    there = {("questions", (("qu_name", question.name),)) for question in QUESTIONS if question.lab == lab.name}
    assert there
    assert links(visit(lab.name)) == there


def test_a_lab_met_a_second_time_takes_the_frame_of_the_new_address():
    at = visit("gradient_descent", {"gd_charts_frame": "5"})
    assert players(at)[0]["frame"] == 5
    at.switch_page("home.py").run()
    at.switch_page("gradient_descent.py")
    at.query_params["gd_charts_frame"] = "7"
    assert players(at.run())[0]["frame"] == 7


# Recall.


def test_the_deck_waits_for_the_browser():
    at = visit("recall")
    assert problems(at) == []
    assert "being read from this browser" in words(at)
    assert button(at, "rc_show") is None


def test_the_deck_is_worked_off_due_cards_first():
    due, *others = [question.name for question in QUESTIONS]
    at = at_page("recall", {"rc_new": "2"}, reviews=[review(due, 3, 30), ["gone", 2, "2026-01-01T00:00:00Z"]])
    assert "**1** due, **2** new" in words(at)
    for name in (due, *others[:2]):
        assert load(name).question in [heading.value for heading in at.header]
        press(at, "rc_show")
        press(at, "rc_rate_good")
        assert f"“{load(name).question}” comes back in" in words(at)
    assert "Nothing is due now. The next one comes back in" in words(at)
    reviews = at.session_state["_progress"]["document"]["reviews"]
    assert [name for name, _, _ in reviews] == [due, "gone", due, *others[:2]]


def test_an_interview_within_a_week_puts_nothing_off_for_longer():
    name = QUESTIONS[0].name
    reviews = [review(name, 3, ago) for ago in (200, 190)]
    waits = {}
    for week in ("false", "true"):
        at = at_page("recall", {"rc_new": "0", "rc_week": week}, reviews=reviews)
        press(at, "rc_show")
        waits[week] = button(at, "rc_rate_easy").label
    assert "7 days" in waits["true"]
    assert re.search("months|year", waits["false"])


@pytest.mark.parametrize("view", ["Today", "Mock interview", "Progress"])
@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_a_hostile_address_of_recall(view, value):
    keys = ("rc_week", "rc_new", "rc_questions", "rc_minutes", "rc_levels", "rc_topics")
    at = visit("recall", {"rc_view": view, **dict.fromkeys(keys, value)})
    assert problems(at) == []
    assert problems(at_page("recall", {"rc_view": value})) == []


def test_a_mock_interview_from_the_start_to_the_weak_topics():
    at = at_page("recall", {"rc_view": "Mock interview", "rc_questions": "3", "rc_levels": ["Mid", "Senior"]})
    assert "3 questions, 9 minutes at most" in words(at)
    press(at, "rc_start")
    ((_, going),) = at.session_state["_progress"]["document"]["interviews"].items()
    names = going["names"]
    assert len({load(name).topic for name in names}) == 3
    assert {load(name).level for name in names} <= {"mid", "senior"}
    for number, name in enumerate(names):
        question = load(name)
        assert question.question in [heading.value for heading in at.header]
        assert not at.checkbox
        press(at, "rc_answered")
        assert [box.label for box in at.checkbox] == list(question.points)
        for box in at.checkbox[: len(question.points) if number == 0 else number - 1]:
            box.check()
        at.run()
        press(at, "rc_go_on")
    points = [len(load(name).points) for name in names]
    assert at.header[0].value == f"{points[0] + 1} of {sum(points)} points"
    document = at.session_state["_progress"]["document"]
    ((_, answers),) = document["mocks"]
    assert answers == [[names[0], points[0], points[0]], [names[1], 0, points[1]], [names[2], 1, points[2]]]
    assert [rating for _, rating, _ in document["reviews"]] == [3, 1, 1]
    (weak,) = (text.value for text in at.markdown if text.value.startswith("Weak"))
    assert load(names[0]).topic not in weak
    assert all(load(name).topic in weak for name in names[1:])
    for name in names:
        assert ("questions", (("qu_name", name),)) in links(at)
        assert (load(name).lab, tuple(load(name).query)) in links(at)
    press(at, "rc_another")
    assert button(at, "rc_start")
    assert at.session_state["_progress"]["document"]["interviews"] == {}


def test_a_mock_interview_goes_on_in_another_session():
    first = at_page("recall", {"rc_view": "Mock interview", "rc_questions": "2"})
    press(first, "rc_start")
    name = first.query_params["rc_interview"]
    first.text_area[0].set_value("half an answer").run()
    press(first, "rc_answered")
    first.checkbox[1].check().run()
    stored = first.session_state["_progress"]["document"]["interviews"]
    # The address names it, as after a reload; without the address it is offered.
    for settings in ({"rc_interview": name}, {}):
        at = at_page("recall", {"rc_view": "Mock interview", **settings}, interviews=stored)
        if not settings:
            assert "question **1** of 2" in words(at)
            press(at, f"rc_resume_{name}")
        assert at.text_area[0].value == "half an answer"
        assert [box.value for box in at.checkbox][:3] == [False, True, False]
        press(at, "rc_go_on")
        assert at.text_area[0].value == ""
        press(at, "rc_answered")
        press(at, "rc_go_on")
        ((_, answers),) = at.session_state["_progress"]["document"]["mocks"]
        assert [made for _, made, _ in answers] == [1, 0]
        over = at.session_state["_progress"]["document"]["interviews"]
        again = at_page("recall", {"rc_view": "Mock interview", "rc_interview": name}, interviews=over)
        assert again.header[0].value.startswith("1 of ")


def test_an_address_of_an_interview_that_is_over_lets_another_begin():
    at = at_page("recall", {"rc_view": "Mock interview", "rc_interview": "over"})
    press(at, "rc_start")
    assert "Question **1** of" in words(at)


def test_an_interview_of_another_tab_is_neither_taken_nor_lost():
    other = at_page("recall", {"rc_view": "Mock interview", "rc_questions": "2"})
    press(other, "rc_start")
    stored = other.session_state["_progress"]["document"]["interviews"]
    at = at_page("recall", {"rc_view": "Mock interview", "rc_questions": "1"}, interviews=stored)
    press(at, "rc_start")
    for key in ("rc_answered", "rc_go_on", "rc_another"):
        press(at, key)
    assert at.session_state["_progress"]["document"]["interviews"] == stored
    (name,) = stored
    press(at, f"rc_discard_{name}")
    assert at.session_state["_progress"]["document"]["interviews"] == {}


@pytest.mark.parametrize("key", ["rc_answered", "rc_go_on", "rc_resume_i1"])
def test_an_interview_that_another_tab_discards_meanwhile_is_over_here_too(key):
    going = {
        "names": [QUESTIONS[0].name],
        "minutes": 3,
        "since": NOW.strftime(progress.TIME),
        "shown": key == "rc_go_on",
    }
    going |= {"made": [], "typed": "", "ticked": []}
    address = {} if key == "rc_resume_i1" else {"rc_interview": "i1"}
    at = at_page("recall", {"rc_view": "Mock interview", **address}, interviews={"i1": going})
    store = at.session_state["_progress"]
    store["document"] = {**store["document"], "interviews": {}}
    press(at, key)
    assert button(at, "rc_start")
    assert at.session_state["_progress"]["document"]["interviews"] == {}


@pytest.mark.parametrize("names", [["gone", QUESTIONS[0].name], ["../x"]])
def test_an_interview_about_questions_that_are_gone_is_not_offered(names):
    going = {"names": names, "minutes": 3, "since": NOW.strftime(progress.TIME), "shown": True}
    going |= {"made": [20], "typed": "", "ticked": []}
    for address in ({"rc_interview": "i1"}, {"rc_interview": "nothing"}, {}):
        at = at_page("recall", {"rc_view": "Mock interview", **address}, interviews={"i1": going})
        assert problems(at) == []
        assert button(at, "rc_start")
        assert not button(at, "rc_resume_i1")


def test_a_mock_interview_without_questions_says_so():
    at = at_page("recall", {"rc_view": "Mock interview", "rc_levels": ""})
    assert problems(at) == []
    assert "Choose a level and a topic" in words(at)


def test_progress_counts_and_its_file_goes_round():
    name = QUESTIONS[0].name
    at = at_page(
        "recall",
        {"rc_view": "Progress"},
        reviews=[review(name, 3, 30)],
        solved={"softmax": NOW.strftime(progress.TIME)},
    )
    counts = {metric.label: metric.value for metric in at.metric}
    assert counts == {"Due now": "1", "Learnt": f"1 of {len(QUESTIONS)}", "Reviews": "1", "Mock interviews": "0"}
    document = at.session_state["_progress"]["document"]
    other = at_page("recall", {"rc_view": "Progress"})
    other.file_uploader[0].set_value(("mine.json", json.dumps(document).encode(), "application/json"))
    other.run()
    assert problems(other) == []
    assert "The file was added" in words(other)
    assert other.session_state["_progress"]["document"] == document
    for encoding in ("utf-8-sig", "utf-16"):  # an editor has saved it with a byte-order mark
        marked = at_page("recall", {"rc_view": "Progress"})
        marked.file_uploader[0].set_value(("mine.json", json.dumps(document).encode(encoding), "application/json"))
        assert "The file was added" in words(marked.run())
        assert marked.session_state["_progress"]["document"] == document
    other.file_uploader[0].set_value(("bad.json", b"\xff\x00{", "application/json"))
    other.run()
    assert problems(other) == []
    assert "no progress that can be read" in words(other)
    assert other.session_state["_progress"]["document"] == document


@pytest.mark.parametrize("rating", [1, 2, 3, 4])
def test_six_reviews_are_progress_in_each_topic_that_has_one(rating):
    names = [question.name for question in QUESTIONS[:6]]
    at = at_page("recall", {"rc_view": "Progress"}, reviews=[review(name, rating, 0) for name in names])
    assert problems(at) == []
    shares = {text.split("**")[1]: text for text in (bar.proto.text for bar in at.get("progress"))}
    begun = {load(name).topic for name in names}
    assert set(shares) == set(topics())
    assert {topic for topic, text in shares.items() if ": 0% ·" not in text} == begun
    assert "expect to recall one day from now" in words(at)
