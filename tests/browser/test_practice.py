"""Practice in a real browser: what it keeps between tabs, reloads, servers and files; and that anyone can use it."""

import json
from urllib.parse import urlsplit

import pytest

from pages.practice.questions import all_questions
from tests.browser.server import serve
from tests.browser.test_access import violations
from tests.browser.window import Window

FIRST, SECOND, *_ = all_questions()
STORE = "ml-interview-lab-progress"
DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def press(tab, name):
    """Press the button of that name."""
    tab.page.get_by_role("button", name=name).first.click()
    tab.settle()


def rate(tab, question, rating):
    """Rate a question on its page."""
    tab.open("questions", {"qu_name": question.name})
    press(tab, "Show the answer")
    press(tab, rating)
    tab.page.get_by_text("It comes back in").wait_for()


def reviews(tab):
    """Card and rating of each review that the browser stores."""
    text = tab.page.evaluate(f"localStorage.getItem('{STORE}')")
    return [(card, rating) for card, rating, _ in json.loads(text)["reviews"]]


def count(tab, label):
    """A number on the page of one's progress."""
    return tab.page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue").inner_text()


def test_a_rating_survives_a_reload_and_another_page(window):
    tab = window(**DESK)
    rate(tab, FIRST, "Good")
    assert reviews(tab) == [(FIRST.name, 3)]
    tab.page.reload()
    tab.settle()
    tab.page.get_by_text("2 days").wait_for()
    tab.open("recall", {"rc_view": "Progress"})
    tab.page.get_by_text("Strength by topic").wait_for()
    assert count(tab, "Reviews") == "1"
    assert count(tab, "Learnt").startswith("1 of")


def test_progress_survives_a_restart_of_the_server(window):
    with serve("app.py") as first:
        tab = window(first, **DESK)
        rate(tab, FIRST, "Good")
    with serve("app.py", urlsplit(first).port):
        tab.page.wait_for_selector("[data-test-connection-state=CONNECTED]", timeout=60_000)
        tab.settle()
        press(tab, "Next question")  # of a session that the new server does not know
        tab.page.get_by_role("button", name="Show the answer").wait_for()
        assert reviews(tab) == [(FIRST.name, 3)]
        rate(tab, SECOND, "Hard")
        assert reviews(tab) == [(FIRST.name, 3), (SECOND.name, 2)]
    tab.noise.clear()  # the browser reports that the server was gone


def test_two_tabs_keep_each_others_reviews(window):
    one = window(**DESK)
    other = Window(one.context, one.base)
    one.open("questions", {"qu_name": FIRST.name})
    other.open("questions", {"qu_name": SECOND.name})
    for tab in (one, other):
        press(tab, "Show the answer")
    press(one, "Good")
    press(other, "Hard")
    press(one, "Ask me again")
    press(one, "Show the answer")
    press(one, "Easy")
    assert sorted(reviews(other)) == sorted([(FIRST.name, 3), (SECOND.name, 2), (FIRST.name, 4)])
    other.open("recall", {"rc_view": "Progress"})
    other.page.get_by_text("Strength by topic").wait_for()
    assert count(other, "Reviews") == "3"
    assert other.noise == []
    other.page.close()


def test_a_file_takes_progress_to_another_browser(window, tmp_path):
    tab = window(**DESK)
    rate(tab, FIRST, "Good")
    tab.open("recall", {"rc_view": "Progress"})
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Export").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    other = window(**DESK)
    rate(other, SECOND, "Hard")
    other.open("recall", {"rc_view": "Progress"})
    other.page.locator("input[type=file]").set_input_files(file)
    other.page.get_by_text("The file was added").wait_for()
    other.page.wait_for_function(f"() => localStorage.getItem('{STORE}').includes('{FIRST.name}')")
    other.settle()
    assert sorted(reviews(other)) == sorted([(FIRST.name, 3), (SECOND.name, 2)])
    assert count(other, "Reviews") == "2"
    file = tmp_path / "bad.json"
    file.write_text("{bad")
    other.page.locator("input[type=file]").set_input_files(file)
    other.page.get_by_text("no progress that can be read").wait_for()
    other.settle()
    assert len(reviews(other)) == 2


GOOD = ["a", 3, "2026-01-01T00:00:00Z"]
DAMAGED = {
    "cut off": '{"version": 1, "reviews": [["a", 3',
    "one bad review": json.dumps(
        {"version": 1, "reviews": [GOOD, ["a", 9, "x"]], "mocks": [], "drafts": {}, "solved": {}}
    ),
    "too large": "x" * 3_100_000,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_store_gets_a_sentence_and_loses_nothing(name, window):
    tab = window(**DESK)
    tab.open("recall", {"rc_view": "Progress"})
    tab.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [STORE, DAMAGED[name]])
    tab.page.reload()
    tab.settle()
    alert = tab.page.get_by_test_id("stAlert")
    alert.wait_for()
    assert "is damaged" in alert.inner_text()
    tab.page.get_by_role("button", name="What could not be read").wait_for()
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="What could not be read").click()
    assert download.value.path().read_text() == DAMAGED[name]
    rate(tab, FIRST, "Good")
    assert reviews(tab)[-1] == (FIRST.name, 3)
    tab.page.reload()
    tab.settle()
    assert tab.page.get_by_test_id("stAlert").count() == 0


def test_a_browser_that_stores_nothing_is_told_so_and_the_page_works(window):
    tab = window(**DESK)
    tab.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"
    )
    tab.open("questions", {"qu_name": FIRST.name})
    tab.page.get_by_text("does not let the page store your progress").wait_for()
    press(tab, "Show the answer")
    press(tab, "Good")
    tab.page.get_by_text("It comes back in 2 days").wait_for()
    tab.noise.clear()  # Streamlit's own remarks on it


def test_what_is_typed_survives_a_reload_and_the_focus_stays(window):
    tab = window(**DESK)
    page = tab.open("questions", {"qu_name": FIRST.name})
    text = page.get_by_role("textbox").first
    text.click()
    for words in ("the corner", ", since λ"):
        page.keyboard.type(words)
        page.wait_for_function(f"() => localStorage.getItem('{STORE}')?.includes('{words}')")
        tab.settle()
    assert text.input_value() == "the corner, since λ"
    assert text.evaluate("e => e === document.activeElement")
    page.reload()
    tab.settle()
    page.wait_for_function("() => document.querySelector('textarea').value === 'the corner, since λ'")
    page.get_by_role("textbox").first.fill("")
    page.wait_for_function(f"() => !localStorage.getItem('{STORE}').includes('corner')")
    page.reload()
    tab.settle()
    page.wait_for_timeout(1000)
    assert page.get_by_role("textbox").first.input_value() == ""


def test_two_tabs_have_an_interview_each_and_a_reload_goes_on_with_its_own(window):
    one = window(**DESK)
    other = Window(one.context, one.base)
    for tab, typed in ((one, "mine"), (other, "yours")):
        tab.open("recall", {"rc_view": "Mock interview", "rc_questions": "2"})
        press(tab, "Start")
        tab.page.get_by_role("textbox").fill(typed)
        tab.page.wait_for_function(f"() => localStorage.getItem('{STORE}').includes('{typed}')")
        tab.settle()
    press(one, "I have answered")
    one.page.get_by_test_id("stCheckbox").first.locator("label").click()
    one.settle()
    clock = other.page.locator("[data-part=left]").inner_text()
    for tab, typed in ((one, "mine"), (other, "yours")):
        tab.page.reload()
        tab.settle()
        tab.page.get_by_role("textbox").wait_for()
        assert tab.page.get_by_role("textbox").input_value() == typed
    assert one.page.get_by_role("checkbox").first.is_checked()
    assert other.page.locator("[data-part=left]").inner_text() <= clock
    assert other.noise == []
    other.page.close()
    press(one, "Next question")
    one.open("recall", {"rc_view": "Mock interview"})
    one.page.get_by_text("An interview stands at question").first.wait_for()
    assert one.page.get_by_role("button", name="Go on").count() == 2


def test_a_full_browser_is_told_so_and_what_is_typed_stays(window):
    tab = window(**DESK)
    page = tab.open("questions", {"qu_name": FIRST.name})
    page.evaluate(
        """() => {
          for (let size = 4e6, i = 0; size >= 1; i++) {
            try { localStorage.setItem(`filler ${i}`, 'x'.repeat(size)); } catch { size = Math.floor(size / 2); }
          }
        }"""
    )
    page.get_by_role("textbox").first.fill("the corner")
    page.get_by_text("This browser has no room for your progress").wait_for()
    assert page.get_by_role("textbox").first.input_value() == "the corner"


def states(tab):
    """The pages of practice in each of their states, one after the other."""
    yield tab.open("questions", {"qu_search": "the"})
    yield tab.open("questions", {"qu_name": FIRST.name})
    press(tab, "Show the answer")
    yield tab.page
    press(tab, "Good")
    yield tab.page
    tab.open("recall")
    tab.page.get_by_text("Predict.").wait_for()
    yield tab.page
    tab.open("recall", {"rc_view": "Mock interview", "rc_questions": "1"})
    yield tab.page
    press(tab, "Start")
    tab.page.get_by_text("left", exact=False).first.wait_for()
    yield tab.page
    press(tab, "I have answered")
    yield tab.page
    press(tab, "Finish")
    yield tab.page
    tab.open("recall", {"rc_view": "Progress"})
    tab.page.get_by_text("Strength by topic").wait_for()
    yield tab.page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(scheme, window):
    tab = window(color_scheme=scheme, **DESK)
    for number, page in enumerate(states(tab)):
        page.mouse.move(0, 0)
        page.wait_for_timeout(300)
        assert violations(page) == {}, number


def test_a_phone_needs_no_sideways_scroll_in_any_state(window):
    tab = window(**PHONE)
    wide = "e => e.scrollWidth - e.clientWidth"
    for number, page in enumerate(states(tab)):
        assert page.evaluate(f"({wide})(document.scrollingElement)") <= 0, number
        assert page.get_by_test_id("stMain").evaluate(wide) <= 0, number


def test_the_clock_runs_in_the_browser_and_outlives_a_rerun(window):
    tab = window(**DESK)
    page = tab.open("recall", {"rc_view": "Mock interview", "rc_questions": "1", "rc_minutes": "1"})
    press(tab, "Start")
    clock = page.locator("[data-part=left]")
    clock.wait_for()
    page.wait_for_timeout(2500)
    tab.sent.clear()
    before = clock.inner_text()
    page.wait_for_timeout(2000)
    after = clock.inner_text()
    assert before != after
    assert tab.sent == []
    page.get_by_role("textbox").fill("an answer")
    page.get_by_role("textbox").press("Control+Enter")
    tab.settle()
    assert clock.inner_text() <= after
    assert clock.inner_text().endswith("left")


def test_a_question_leads_to_its_lab_and_back(window):
    tab = window(**DESK)
    page = tab.open("questions", {"qu_name": FIRST.name})
    press(tab, "Show the answer")
    page.get_by_role("link", name="See it happen").click()
    page.wait_for_url(f"**/{FIRST.lab}?**")
    tab.settle()
    assert page.get_by_test_id("stAlert").count() == 0
    page.get_by_role("link", name=FIRST.question).click()
    page.wait_for_url(f"**/questions?*qu_name={FIRST.name}*")
    tab.settle()
    assert page.locator("h2").first.inner_text() == FIRST.question
