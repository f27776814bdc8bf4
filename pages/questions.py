"""Questions: browse and search the bank, or take one question: predict, then read the answer in every depth.

The question on screen is the address's `qu_name`; the filters are the address's too, and next and previous keep to
them.
"""

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st
from fsrs import Card

from pages.practice import recall
from pages.practice.questions import LEVELS, Question, all_questions, topics
from pages.ui import link, progress
from pages.ui.lab import choose_one
from pages.ui.question import answer, ask, badges, forget, in_words, rate

ALL_TOPICS, ALL_LEVELS = "All topics", "All"


def choose() -> list[Question]:
    """Draw the filters; the questions that pass them."""
    search = st.text_input("Search", max_chars=100, key="qu_search", bind="query-params", type="search", live=True)
    topic = st.selectbox("Topic", [ALL_TOPICS, *topics()], key="qu_topic", bind="query-params")
    level = choose_one("Level", [ALL_LEVELS, *(level.title() for level in LEVELS)], ALL_LEVELS, key="qu_level")
    return [
        question
        for question in all_questions()
        if topic in (ALL_TOPICS, question.topic)
        and level in (ALL_LEVELS, question.level.title())
        and question.matches(search)
    ]


def go(name: str | None) -> None:
    """Let the address name this question, or none."""
    if name is None:
        st.query_params.pop("qu_name", None)
    else:
        st.query_params["qu_name"] = name


def browse(found: Sequence[Question], cards: dict[str, Card]) -> None:
    """The list, topic by topic."""
    st.html("<style>[class*=st-key-qu_open_] button * { text-align: left; }</style>")
    st.markdown(f"{len(found)} of {len(all_questions())} questions")
    if not found:
        st.info("No question has all of these words at this topic and level.", icon=":material/search_off:")
    for topic in dict.fromkeys(question.topic for question in found):
        st.header(topic, anchor=False)
        for question in found:
            if question.topic == topic:
                with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                    st.button(
                        f":primary[{question.question}]",
                        key=f"qu_open_{question.name}",
                        on_click=go,
                        args=(question.name,),
                        type="tertiary",
                        wrap=True,
                    )
                    st.markdown(badges(question, cards.get(question.name), topic=False), width="content")


def one(question: Question, card: Card | None, after: Question | None) -> None:
    """One question."""
    rated = st.session_state.setdefault("_qu_rated", {})
    st.markdown(badges(question, card))
    if not ask("qu", question):
        return

    def note(wait: timedelta) -> None:
        rated[question.name] = wait

    def again() -> None:
        forget("qu", question)
        del rated[question.name]

    answer(question)
    if question.name not in rated:
        rate("qu", question, card, recall.LONGEST, note)
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="qu_rated"):
        st.markdown(
            f":green-badge[:material/check: Noted] It comes back in {in_words(rated[question.name])}.", width="content"
        )
        st.button("Ask me again", key="qu_again", on_click=again, icon=":material/replay:")
        if after:
            st.button("Next question", key="qu_go_on", on_click=go, args=(after.name,), icon=":material/arrow_forward:")


link.remember("qu")
st.title("Questions", anchor=False)
link.notice("qu")
progress.load()
cards = recall.replay(progress.reviews())
name = st.query_params.get("qu_name")
shown = next((question for question in all_questions() if question.name == name), None)
if name is not None and shown is None:
    st.warning(f"There is no question `{link.harmless(name)}`; these are all.", icon=":material/link_off:")
if shown is None:
    st.markdown("Predict, answer, compare: each answer is proved by a lab at the settings that it speaks of.")
    with st.container(horizontal=True, key="qu_filters"):
        found = choose()
    browse(found, cards)
else:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="qu_way"):
        way = st.container(horizontal=True, gap="xsmall", width="content")
        with st.popover("Filter", icon=":material/filter_list:"):
            found = choose()
    place = found.index(shown) if shown in found else -1
    before = found[place - 1] if place > 0 else None
    after = found[place + 1] if place + 1 < len(found) else None
    way.button("All questions", key="qu_list", on_click=go, args=(None,), icon=":material/list:")
    for title, other, icon in (("Previous", before, "arrow_back"), ("Next", after, "arrow_forward")):
        way.button(
            title,
            key=f"qu_{title.lower()}",
            on_click=go,
            args=(other and other.name,),
            disabled=other is None,
            icon=f":material/{icon}:",
        )
    one(shown, cards.get(shown.name), after)
link.check("qu")
