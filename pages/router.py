"""Navigation: every page, in the order of the menu, and the frame around all of them.

A lab is a script `pages/<name>.py` with its words in `pages/content/labs/<name>.md`; its address is its name.
"""

from pathlib import Path

import streamlit as st

from pages.ui import link, progress
from pages.ui.lab import Lab, all_labs

HERE = Path(__file__).parent


def lab_page(lab: Lab) -> st.Page:
    """The page of a lab."""
    return st.Page(HERE / f"{lab.name}.py", title=lab.title, icon=lab.icon, help=lab.question)


st.set_page_config(page_title="ML Interview Lab", page_icon=HERE / "ui" / "icon.svg", layout="wide")
home = st.Page(HERE / "home.py", title="Home", icon=":material/home:", default=True)
sections: dict[str, list[st.Page]] = {}
for lab in all_labs():
    sections.setdefault(lab.topic, []).append(lab_page(lab))
sections["Practice"] = [
    st.Page(HERE / "questions.py", title="Questions", icon=":material/quiz:", help="Predict, then read the answers"),
    st.Page(HERE / "recall.py", title="Recall", icon=":material/event_repeat:", help="Today's deck, mock interviews"),
    st.Page(HERE / "challenges.py", title="Challenges", icon=":material/code:", help="Write it from scratch"),
]
page = st.navigation({"": [home], **sections}, position="top")
link.arrive(page.url_path)
try:
    page.run()
finally:  # where a page stops early, too
    progress.keep()
