"""A question as a visitor meets it, wherever: asked, predicted or answered, then shown in every depth and rated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import streamlit as st
from fsrs import Card, Rating

from pages.practice import recall
from pages.practice.questions import Question
from pages.ui import progress
from pages.ui.lab import load

_NO_PREDICTION = ""
_MEANS = {
    Rating.Again: "I did not know it",
    Rating.Hard: "I knew it with effort or with gaps",
    Rating.Good: "I knew it",
    Rating.Easy: "I could have said it in my sleep",
}


def badges(question: Question, card: Card | None = None, *, topic: bool = True) -> str:
    """The question's level, topic and, once it was rated, when it comes back, as Markdown."""
    found = [f":gray-badge[{question.level.title()}]"]
    if topic:
        found.append(f":gray-badge[{question.topic}]")
    if card is not None:
        now, back = datetime.now(UTC), recall.due_from(card)
        due = back <= now
        # Days are counted by the calendar: in two days is from the start of the day after tomorrow.
        wait = back - (now.replace(hour=0, minute=0, second=0, microsecond=0) if recall.is_learnt(card) else now)
        found.append(
            ":orange-badge[:material/schedule: Due]"
            if due
            else f":green-badge[:material/schedule: In {in_words(wait)}]"
        )
    return " ".join(found)


def ask(prefix: str, question: Question) -> bool:
    """Draw the question and take a prediction or a typed answer; whether the answer may be shown."""
    store = st.session_state.setdefault(f"_{prefix}_given", {})

    def give(option: str) -> None:
        store[question.name] = option

    typed = f"{prefix}_answer_{question.name}"
    st.header(question.question, anchor=False)
    if not st.session_state.get(typed) and (stored := progress.answer(question.name)):
        st.session_state[typed] = stored
    st.text_area(
        "Answer aloud, or type it here",
        key=typed,
        height=90,
        max_chars=progress.MAX_ANSWER,
        on_change=lambda: progress.keep_answer(question.name, st.session_state[typed]),
        help="Only you see it: it stays in this browser, to be compared with the answer, until you are asked again.",
    )
    given = store.get(question.name)
    with st.container(border=True, key=f"{prefix}_predict"):
        st.markdown(f"**Predict.** {question.prediction}")
        if given is None:
            with st.container(horizontal=True, gap="xsmall"):
                for number, option in enumerate(question.options):
                    st.button(option, key=f"{prefix}_predict_{number}", on_click=give, args=(option,), wrap=True)
                st.button(
                    "Show the answer", key=f"{prefix}_show", on_click=give, args=(_NO_PREDICTION,), type="tertiary"
                )
        elif given == question.right:
            st.markdown(f":green-badge[:material/check: Right] The lab shows **{given}**.")
        elif given == _NO_PREDICTION:
            st.markdown(f":blue-badge[:material/visibility: Shown] The lab shows **{question.right}**.")
        else:
            st.markdown(f":orange-badge[:material/close: Not so] You said {given}; the lab shows **{question.right}**.")
        if given is not None:
            lab = load(question.lab)
            st.page_link(
                f"{lab.name}.py",
                label="See it happen in the lab",
                icon=":material/science:",
                query_params=question.query,
            )
    return given is not None


def answer(question: Question) -> None:
    """Draw the answer in every depth."""
    for tab, (title, text) in zip(st.tabs(list(question.sections)), question.sections.items(), strict=True):
        tab.markdown(text)
        if title == "In 30 seconds":
            tab.markdown("**A good answer says:**\n" + "\n".join(f"- {point}" for point in question.points))


def forget(prefix: str, question: Question) -> None:
    """Let the question be asked anew."""
    st.session_state[f"_{prefix}_given"].pop(question.name, None)
    st.session_state.pop(f"{prefix}_answer_{question.name}", None)
    progress.keep_answer(question.name, "")


def rate(prefix: str, question: Question, card: Card | None, longest: int, then: Callable[[timedelta], None]) -> None:
    """Draw the ratings; one of them notes the review and calls `then` with the time until the question comes back."""

    def note(rating: Rating) -> None:
        progress.add_review(question.name, int(rating))
        then(after[rating])

    given = st.session_state[f"_{prefix}_given"][question.name]
    predicted = given == question.right if given != _NO_PREDICTION else None
    after = recall.comes_back_after(card, question.name, datetime.now(UTC), longest)
    with st.container(border=True, key=f"{prefix}_rate"):
        st.markdown(
            "**How well did you know it?** It comes back accordingly."
            + (" After a wrong prediction it counts as Hard at most." if predicted is False else "")
        )
        with st.container(horizontal=True, gap="xsmall"):
            for rating in recall.ratings(predicted):
                st.button(
                    f"**{rating.name}** · {in_words(after[rating])}",
                    key=f"{prefix}_rate_{rating.name.lower()}",
                    on_click=note,
                    args=(rating,),
                    help=_MEANS[rating],
                )


def in_words(span: timedelta) -> str:
    """A span of time in one unit: 10 min, 5 h, 1 day, 3 months."""
    minutes = max(1, round(span / timedelta(minutes=1)))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{round(minutes / 60)} h"
    days = round(minutes / (24 * 60))
    for unit, length in (("year", 365), ("month", 30)):
        if days >= 2 * length:
            return f"{round(days / length)} {unit}s"
    return f"{days} day{'s' if days > 1 else ''}"
