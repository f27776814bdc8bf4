"""Recall: today's deck by spaced repetition, mock interviews, and the progress, which lives in the browser."""

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import streamlit as st

from pages.practice import recall
from pages.practice.questions import LEVELS, Question, all_questions, load, topics
from pages.ui import lab, link, progress
from pages.ui.lab import choose_one
from pages.ui.question import answer, ask, badges, forget, in_words, rate
from pages.ui.timer import timer

READING = "Your progress is being read from this browser …"
WEAK = 0.75  # share of the points below which a topic is called weak
MOCK = "rc_interview"  # where the session and the address name the interview of this tab


def today(heard: bool) -> None:
    """One card after the other, until none is due."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="rc_plan"):
        soon = st.toggle(
            "Interview within a week",
            key="rc_week",
            bind="query-params",
            help="No card is put off for more than seven days.",
        )
        new = st.slider(
            "New questions a day",
            0,
            20,
            5,
            key="rc_new",
            bind="query-params",
            width=260,
            help="Days begin at midnight UTC.",
        )
    if not heard:
        st.markdown(READING)
        return
    now = datetime.now(UTC)
    longest = recall.WEEK if soon else recall.LONGEST
    names = [question.name for question in all_questions()]
    deck = recall.deal(names, progress.reviews(), now, new_a_day=new, longest=longest)
    queue = [*deck.due, *deck.new]
    noted, at = st.session_state.get("_rc_noted", ("", 0))
    if at == len(progress.reviews()) > 0:  # until the next rating
        st.markdown(f":green-badge[:material/check: Noted] {noted}")
    if not queue:
        rest(deck, now)
        return
    st.markdown(f"**{len(deck.due)}** due, **{len(deck.new)}** new")
    question = load(queue[0])
    card = deck.cards.get(question.name)
    st.markdown(badges(question, card))

    def note(after: timedelta) -> None:
        forget("rc", question)
        noted = f"“{question.question}” comes back in {in_words(after)}."
        st.session_state["_rc_noted"] = (noted, len(progress.reviews()))

    if ask("rc", question):
        answer(question)
        rate("rc", question, card, longest, note)


def rest(deck: recall.Deck, now: datetime) -> None:
    """What there is to do when no card is due."""
    when = f" The next one comes back in {in_words(deck.later[0] - now)}." if deck.later else ""
    st.success(f"Nothing is due now.{when}", icon=":material/task_alt:")
    st.page_link("questions.py", label="Browse the questions", icon=":material/quiz:")


def mock(heard: bool) -> None:
    """A mock interview: chosen, then asked question by question against the clock, then summed up."""
    name = st.session_state.get(f"_{MOCK}") or st.query_params.get(MOCK)
    going = begun().get(name)
    if name and not heard:
        st.markdown(READING)
    elif going is None:
        prepare(heard)
    else:
        st.query_params[MOCK] = name
        sum_up(name, going) if going.is_over else interview(name, going)


def begun() -> dict[str, progress.Interview]:
    """The interviews whose questions all exist."""
    known = {question.name for question in all_questions()}
    return {name: its for name, its in progress.interviews().items() if known.issuperset(its.names)}


def prepare(heard: bool) -> None:
    """Interviews to go on with, and the settings of the next one."""
    for name, its in begun().items():
        if not its.is_over:
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"rc_left_{name}"):
                st.markdown(
                    f"An interview stands at question **{len(its.made) + 1}** of {len(its.names)}.", width="content"
                )
                st.button("Go on", key=f"rc_resume_{name}", on_click=resume, args=(name,), icon=":material/mic:")
                st.button("Discard", key=f"rc_discard_{name}", on_click=progress.drop_interview, args=(name,))
    with st.container(horizontal=True, gap="medium", key="rc_length"):
        count = st.slider("Questions", 1, 12, 5, key="rc_questions", bind="query-params", width=320)
        minutes = st.slider("Minutes for each", 1, 10, 3, key="rc_minutes", bind="query-params", width=320)
    all_levels = [level.title() for level in LEVELS]
    levels = st.pills(
        "Levels", all_levels, selection_mode="multi", default=all_levels, key="rc_levels", bind="query-params"
    )
    chosen = st.pills(
        "Topics", topics(), selection_mode="multi", default=topics(), wrap=True, key="rc_topics", bind="query-params"
    )
    seed = len(progress.mocks())  # another mix after each interview
    found = recall.choose_mock(all_questions(), count, [level.lower() for level in levels], chosen, seed)
    if not found:
        st.info("Choose a level and a topic that have questions.", icon=":material/touch_app:")
        return
    st.markdown(
        f"{len(found)} question{'s' if len(found) > 1 else ''}, {len(found) * minutes} minutes at most. You answer "
        "aloud or in writing, then tick what your answer contained."
    )
    st.button(
        "Start",
        key="rc_start",
        on_click=start,
        args=(found, minutes),
        disabled=not heard,
        icon=":material/mic:",
    )


def start(found: list[Question], minutes: int) -> None:
    """Begin an interview; those that are over have been summed up."""
    for name, its in progress.interviews().items():
        if its.is_over:
            progress.drop_interview(name)
    name = st.session_state[f"_{MOCK}"] = uuid.uuid4().hex
    names = tuple(question.name for question in found)
    progress.keep_interview(name, progress.Interview(names, minutes, datetime.now(UTC)))


def resume(name: str) -> None:
    """Go on with an interview that was left, with the whole time for its question."""
    change(name, since=datetime.now(UTC))
    st.session_state[f"_{MOCK}"] = name


def change(name: str, **changes: object) -> None:
    """Keep what has changed of an interview, unless another tab has discarded it."""
    if its := progress.interviews().get(name):
        progress.keep_interview(name, replace(its, **changes))


def interview(name: str, going: progress.Interview) -> None:
    """One question against the clock, then its checklist."""
    at, total = len(going.made), len(going.names)
    question = load(going.names[at])
    typed = f"rc_typed_{at}"
    points = [f"rc_point_{at}_{place}" for place in range(len(question.points))]

    keep = partial(change, name)

    def go_on() -> None:
        its = progress.interviews().get(name)
        if its is None:  # another tab has discarded it
            return
        made = len(its.ticked)
        its = replace(its, made=(*its.made, made), since=datetime.now(UTC), shown=False, typed="", ticked=())
        progress.keep_interview(name, its)
        progress.add_review(question.name, int(recall.rating_of(made, len(points))))
        if its.is_over:
            progress.add_mock(scores(its))

    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="rc_clock"):
        st.markdown(f"Question **{at + 1}** of {total}", width="content")
        if not going.shown:
            timer("rc_timer", f"{at} {going.since}", 60 * going.minutes, going.since)
    st.header(question.question, anchor=False)
    st.markdown(badges(question))
    st.session_state.setdefault(typed, going.typed)
    st.text_area(
        "Answer aloud, or type it here",
        key=typed,
        height=140,
        max_chars=progress.MAX_ANSWER,
        on_change=lambda: keep(typed=st.session_state[typed]),
    )
    if not going.shown:
        st.button("I have answered", key="rc_answered", on_click=keep, kwargs={"shown": True}, icon=":material/done:")
        return
    with st.container(border=True, key="rc_checklist"):
        st.markdown("**What did your answer contain?** A point that you made only in part does not count.")
        for place, (key, point) in enumerate(zip(points, question.points, strict=True)):
            st.session_state.setdefault(key, place in going.ticked)
            st.checkbox(
                point,
                key=key,
                on_change=lambda: keep(ticked=tuple(i for i, key in enumerate(points) if st.session_state[key])),
            )
        st.markdown(f"**In 30 seconds.** {question.sections['In 30 seconds']}")
    st.button("Finish" if at + 1 == total else "Next question", key="rc_go_on", on_click=go_on)


def scores(going: progress.Interview) -> list[tuple[str, int, int]]:
    """Card, points made and points there are."""
    points = [len(load(name).points) for name in going.names]
    return [(name, min(made, most), most) for name, made, most in zip(going.names, going.made, points, strict=True)]


def sum_up(name: str, going: progress.Interview) -> None:
    """What the interview showed: the score, question by question, and the weak topics with their labs."""

    def leave() -> None:
        progress.drop_interview(name)
        st.session_state.pop(f"_{MOCK}", None)
        st.query_params.pop(MOCK, None)

    found = [(load(card), made, points) for card, made, points in scores(going)]
    total = sum(points for _, _, points in found)
    st.header(f"{sum(made for _, made, _ in found)} of {total} points", anchor=False)
    by_topic: dict[str, list[tuple[Question, int, int]]] = {}
    for question, made, points in found:
        by_topic.setdefault(question.topic, []).append((question, made, points))
    shares = {
        topic: sum(made for _, made, _ in its) / sum(points for _, _, points in its) for topic, its in by_topic.items()
    }
    weak = [topic for topic in sorted(shares, key=shares.__getitem__) if shares[topic] < WEAK]
    st.markdown(
        f"Weak, below {WEAK:.0%} of the points: **{', '.join(weak)}**. The lab first, then the question again."
        if weak
        else f"No topic is below {WEAK:.0%} of its points."
    )
    for topic in sorted(shares, key=shares.__getitem__):
        with st.container(border=True):
            st.progress(shares[topic], text=f"**{topic}**: {shares[topic]:.0%}")
            for question, made, points in by_topic[topic]:
                st.markdown(f"{question.question} **{made} of {points}**")
                with st.container(horizontal=True, gap="small"):
                    its = lab.load(question.lab)
                    query = {"qu_name": question.name}
                    st.page_link("questions.py", label="The answer", icon=":material/quiz:", query_params=query)
                    st.page_link(f"{its.name}.py", label=its.title, icon=its.icon, query_params=question.query)
    st.markdown(":small[Each question was rated by its points, and comes back in Today accordingly.]")
    st.button("Another interview", key="rc_another", on_click=leave, icon=":material/mic:")


def statistics(heard: bool) -> None:
    """How much is learnt, topic by topic, and the file of it all."""
    if not heard:
        st.markdown(READING)
        return
    now = datetime.now(UTC)
    questions = all_questions()
    reviews = progress.reviews()
    deck = recall.deal([question.name for question in questions], reviews, now, new_a_day=0)
    with st.container(horizontal=True, key="rc_counts"):
        st.metric("Due now", len(deck.due), border=True)
        learnt = sum(map(recall.is_learnt, deck.cards.values()))
        st.metric("Learnt", f"{learnt} of {len(questions)}", border=True)
        st.metric("Reviews", len(reviews), border=True)
        st.metric("Mock interviews", len(progress.mocks()), border=True)
    st.header("Strength by topic", anchor=False)
    st.markdown(
        "The share of a topic's questions that you can expect to recall one day from now, as FSRS estimates it from "
        "your ratings. A question that you have not begun counts as not recalled."
    )
    for topic, strength in recall.strengths(questions, deck.cards, now).items():
        counts = f"{strength.begun} of {strength.total} begun, {strength.learnt} learnt"
        st.progress(strength.recall, text=f"**{topic}**: {strength.recall:.0%} · {counts}")
    st.header("Your file", anchor=False)
    st.markdown("All of it lives in this browser and nowhere else. A file takes it to another one, or keeps it safe.")
    with st.container(horizontal=True, key="rc_files"):
        st.download_button(
            "Export",
            progress.exported(),  # now: a function would be called outside of the session
            "ml_interview_lab_progress.json",
            "application/json",
            key="rc_export",
            on_click="ignore",
            icon=":material/download:",
        )
        if damaged := progress.damaged():
            st.download_button(
                "What could not be read",
                damaged,
                "ml_interview_lab_damaged.txt",
                "text/plain",
                key="rc_damaged",
                on_click="ignore",
                icon=":material/healing:",
            )

    def take_in() -> None:
        file = st.session_state["rc_file"]
        if file is not None:
            data = file.getvalue()
            text = data.decode(json.detect_encoding(data), "replace")  # an editor may have put a byte-order mark first
            st.session_state["_rc_taken"] = progress.take_in(text) or "The file was added to what is here."

    st.file_uploader("Import a file", "json", key="rc_file", on_change=take_in, max_upload_size=5)
    if st.session_state["rc_file"] and (taken := st.session_state.get("_rc_taken")):
        st.info(taken, icon=":material/upload:")


VIEWS = {"Today": today, "Mock interview": mock, "Progress": statistics}
link.remember("rc")
st.title("Recall", anchor=False)
link.notice("rc")
heard = progress.load() is not None
view = choose_one("View", list(VIEWS), "Today", key="rc_view", label_visibility="collapsed")
VIEWS[view](heard)
link.check("rc")
