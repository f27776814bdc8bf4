"""Navigation: every page, in the order of the menu, and the frame around all of them.

A lab is a script `pages/<name>.py` with its words in `pages/content/labs/<name>.md`; its address is its name.
"""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui import link, progress, way
from pages.ui.lab import Lab, all_labs

TITLE = "ML Interview Lab"
HERE = Path(__file__).parent


def lab_page(lab: Lab) -> st.Page:
    """The page of a lab."""
    return st.Page(HERE / f"{lab.name}.py", title=lab.title, icon=lab.icon, help=lab.question)


def asked_for() -> str:
    """The last part of the address at which this session began; empty for the home page."""
    context = get_script_run_ctx()
    name = context and context.pages_manager.intended_page_name
    return st.session_state.setdefault("_asked_for", name or "")


def nothing_here() -> None:
    """What stands at an address that is no page's."""
    st.title("There is no page at this address", anchor=False)
    st.markdown("The link may be misspelt or cut off. These are all the pages:")
    with st.container(key="nothing_here"):
        for page in pages:
            st.page_link(page)


# Before the navigation, which would ask Google for a picture of the page's icon.
st.set_page_config(page_icon=HERE / "ui" / "icon.svg", layout="wide")
home = st.Page(HERE / "home.py", title="Home", icon=":material/home:", url_path="", default=True)
sections: dict[str, list[st.Page]] = {}
for lab in all_labs():
    sections.setdefault(lab.topic, []).append(lab_page(lab))
sections["Practice"] = [
    st.Page(HERE / "questions.py", title="Questions", icon=":material/quiz:", help="Predict, then read the answers"),
    st.Page(HERE / "recall.py", title="Recall", icon=":material/event_repeat:", help="Today's deck, mock interviews"),
    st.Page(HERE / "challenges.py", title="Challenges", icon=":material/code:", help="Write it from scratch"),
]
pages = [home, *(page for section in sections.values() for page in section)]
unknown = asked_for()
if unknown not in {page.url_path for page in pages} and "/" not in unknown:
    # A page of its own, so that the address stays and the way back to it works; Streamlit would show the home page.
    sections["Practice"].append(st.Page(nothing_here, title="No such page", url_path=unknown, visibility="hidden"))
page = st.navigation({"": [home], **sections}, position="hidden" if st.context.is_embedded else "top")
st.set_page_config(page_title=TITLE if page == home else f"{page.title} · {TITLE}")
st.html(HERE / "ui" / "frame.css")
link.arrive(page.url_path)
try:
    page.run()
finally:  # where a page stops early, too
    progress.keep()
    way.mend()
