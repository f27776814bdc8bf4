"""The way in: what this is, a map of the labs, and the shortest path for someone in a hurry."""

from urllib.parse import parse_qsl

import streamlit as st

from pages.ui.lab import all_labs

PRACTICE = [
    ("questions", "Questions", ":material/quiz:"),
    ("recall", "Recall and mock interviews", ":material/event_repeat:"),
    ("challenges", "Programming challenges", ":material/code:"),
]
labs = all_labs()
st.title("ML Interview Lab", anchor=False)
st.markdown(
    "**Machine-learning interview questions as live experiments: predict, move a slider, see what happens, "
    "read the NumPy that computed it.**"
)

with st.container(border=True):
    st.markdown(
        "**In a hurry?** One minute for each question: open the experiment, press play, read the sentence below it."
    )
    with st.container(horizontal=True, gap="xsmall"):
        for lab in labs:
            st.page_link(
                f"{lab.name}.py",
                label=f"{lab.title}: {lab.shortcut}",
                icon=":material/bolt:",
                query_params=parse_qsl(lab.shortcut_link),
                width="content",
            )

with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
    st.markdown("**Practise:** predict, answer, rate yourself; what you know least comes back soonest.")
    for page, label, icon in PRACTICE:
        st.page_link(f"{page}.py", label=label, icon=icon, width="content")

st.header("The labs", anchor=False)
for number, lab in enumerate(labs):
    if number % 2 == 0:
        row = st.columns(2)
    with row[number % 2].container(border=True, height="stretch"):
        st.page_link(f"{lab.name}.py", label=f"**{lab.title}**", icon=lab.icon)
        st.markdown(f"“{lab.question}”")
        st.markdown(lab.summary)
        st.markdown(f":small[{lab.topic} · {lab.level}]")

st.markdown(
    ":small[Nothing is drawn by hand: every curve, number and sentence is computed from the settings on screen, by "
    "code that each page shows and that tests hold against an independent reference. No account, no telemetry.]"
)
