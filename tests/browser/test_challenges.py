"""The challenges page in a browser: its editor, a run, a draft that lasts."""

import pytest

from pages.practice.challenge import all_challenges
from tests.browser.test_access import in_both_schemes, violations

CHALLENGES = all_challenges()
NAIVE = """import numpy as np


def softmax(x):
    print("largest", x.max())
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)
"""
RIGHT = NAIVE.replace("np.exp(x)", "np.exp(x - x.max(axis=-1, keepdims=True))")
DIAGNOSIS = "Subtract each row's maximum first"


class Editor:
    """The editor of the page, as a visitor uses it."""

    def __init__(self, tab):
        self.tab = tab
        self.page = tab.open("challenges", {"ch_name": CHALLENGES[0].title})
        self.content = self.page.locator(".cm-content")
        self.content.wait_for()

    def write(self, program):
        """Replace all by a program, at once."""
        self.content.focus()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(program)

    def text(self):
        """What is written in it: lines only, nothing that is said between them."""
        return "\n".join(line.removesuffix("\n") for line in self.page.locator(".cm-line").all_inner_texts())

    def run(self):
        self.page.keyboard.press("ControlOrMeta+Enter")
        return self.answer()

    def answer(self):
        self.page.locator("[data-part=said]").get_by_text("probes pass").wait_for()
        self.tab.settle()
        return self.page.get_by_test_id("stAlert").first.inner_text()


@pytest.fixture
def editor(window):
    return Editor(window(viewport={"width": 1440, "height": 900}))


def test_statement_and_run_button_are_on_the_first_screen(editor):
    for part in (editor.page.get_by_text("Write softmax"), editor.page.locator("[data-part=run]")):
        box = part.bounding_box()
        assert 0 < box["y"] < box["y"] + box["height"] < 900


def test_a_run_is_diagnosed_and_the_text_stays_as_it_is(editor):
    editor.write(NAIVE)
    editor.page.keyboard.press("ArrowUp")
    editor.page.keyboard.press("End")
    assert DIAGNOSIS in editor.run()
    assert editor.page.get_by_text("largest 1002").count() == 1
    assert editor.page.locator(".cm-line.warning").first.inner_text().strip() == "e = np.exp(x)"
    assert "overflow" in editor.page.locator(".said.warning").first.inner_text()
    editor.page.keyboard.type("  # here")
    assert editor.text().splitlines()[6].endswith("keepdims=True)  # here")
    editor.write(RIGHT)
    assert "Every probe passes." in editor.run()
    assert editor.page.locator(".said").count() == 0
    assert editor.page.get_by_text("Afterwards").count() == 1


def test_typing_through_reruns_loses_nothing(editor):
    editor.write("")
    for number in range(4):
        editor.page.keyboard.type(f"row_{number} = 'car car'\n", delay=60)  # r and c are Streamlit's own shortcuts
        editor.page.wait_for_timeout(450 + 50 * number)  # about when the draft is sent
    editor.tab.settle()
    assert editor.text() == "".join(f"row_{number} = 'car car'\n" for number in range(4))
    assert editor.page.get_by_role("dialog").count() == 0


def test_an_endless_program_is_stopped_while_its_author_types_on(editor):
    editor.write(NAIVE.replace("e = np.exp(x)", "while True: pass"))
    editor.page.keyboard.press("ControlOrMeta+Enter")
    editor.page.locator("[data-part=said]").get_by_text("Running").wait_for()
    editor.page.keyboard.type("# typed on", delay=120)
    assert "endless loop?" in editor.answer()
    assert editor.text().endswith("# typed on")
    editor.write(RIGHT)
    assert "Every probe passes." in editor.run()


def test_tab_indents_and_escape_leads_out(editor):
    editor.write("def f(x):")
    editor.page.keyboard.press("Enter")
    editor.page.keyboard.type("y = [x")
    assert editor.text() == "def f(x):\n    y = [x]"
    editor.page.keyboard.press("Tab")
    assert editor.text().splitlines()[1] == "        y = [x]"
    editor.page.keyboard.press("Shift+Tab")
    editor.page.keyboard.press("Shift+Tab")
    assert editor.text().splitlines()[1] == "y = [x]"
    editor.page.keyboard.press("ControlOrMeta+z")
    assert editor.text().splitlines()[1] == "    y = [x]"
    assert editor.content.evaluate("e => e.getRootNode().activeElement === e")
    editor.page.keyboard.press("Escape")
    editor.page.keyboard.press("Tab")
    assert editor.page.locator("[data-part=run]").evaluate("e => e.getRootNode().activeElement === e")
    editor.page.keyboard.press("Shift+Tab")
    editor.page.keyboard.press("Escape")
    editor.page.keyboard.press("Shift+Tab")
    assert not editor.content.evaluate("e => e.getRootNode().activeElement === e")


def test_a_draft_and_what_is_solved_survive_a_reload_and_a_restart(editor):
    editor.write(RIGHT)
    editor.run()
    editor.write("# another try\n")
    editor.page.wait_for_timeout(800)
    editor.tab.settle()
    editor.page.reload()
    editor.tab.settle()
    editor.page.locator(".cm-line").get_by_text("# another try").wait_for()
    editor.page.get_by_role("button", name="All challenges").click()
    editor.page.get_by_text("1 of 15 solved").wait_for()


def test_starting_over_can_be_taken_back(editor):
    again = editor.page.locator("[data-part=again]")
    editor.write("# mine\n")
    for back in (again.click, lambda: editor.page.keyboard.press("ControlOrMeta+z")):
        assert again.inner_text() == "Start over"
        again.click()
        editor.page.locator(".cm-line").get_by_text("def softmax").wait_for()
        assert again.inner_text() == "Take it back"
        back()
        assert editor.text() == "# mine\n"
    again.click()
    editor.page.keyboard.type("#")
    assert again.inner_text() == "Start over"  # what is typed since is not thrown away


def test_a_failing_probe_shows_its_input_and_a_common_failure_is_told_once(editor):
    editor.write(NAIVE)
    editor.run()
    shown = editor.page.get_by_test_id("stMain").inner_text()
    assert "given     x = [1000., 1001., 1002.]" in shown
    editor.write(NAIVE.replace("np.exp(x)", "np.exponential(x)"))
    editor.run()
    assert editor.page.get_by_test_id("stMain").inner_text().count("no attribute 'exponential'") == 2  # diagnosis, list


def test_a_loop_outside_the_functions_and_a_missing_function_are_named(editor):
    editor.write("while True: pass")
    editor.page.keyboard.press("ControlOrMeta+Enter")
    assert "at the top level of the program" in editor.answer()
    editor.write("def other(x): return x")
    assert "The program defines no function softmax." in editor.run()


def test_another_challenge_brings_its_own_text_and_loses_none(editor):
    other = CHALLENGES[1]

    def choose(title):
        editor.page.get_by_role("button", name="All challenges").click()
        editor.page.get_by_role("button", name=title, exact=True).click()
        editor.page.locator("h1").get_by_text(title, exact=True).wait_for()
        editor.tab.settle()

    editor.write("# of softmax")
    choose(other.title)  # before the draft is sent
    editor.content.wait_for()
    assert editor.text() == other.starter
    assert editor.page.get_by_label(f"Your program: {other.title}").count() == 1
    editor.content.focus()
    editor.page.keyboard.press("ControlOrMeta+z")
    assert editor.text() == other.starter
    assert f"ch_name={other.title.split()[0]}" in editor.page.url
    choose(CHALLENGES[0].title)
    editor.content.wait_for()
    assert editor.text() == "# of softmax"


def test_the_library_is_loaded_once_and_no_rerun_carries_it(window):
    tab = window(viewport={"width": 1440, "height": 900})
    loaded, received = [], []
    tab.page.on("request", lambda request: loaded.append(request.url) if "codemirror" in request.url else None)
    tab.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    editor = Editor(tab)
    received.clear()
    editor.write(NAIVE)
    editor.run()
    editor.page.get_by_role("link", name="Home").first.click()
    tab.settle()
    editor.page.go_back()
    tab.settle()
    editor.content.wait_for()
    assert len(loaded) == 1
    assert max(received) < 50_000


def test_axe_finds_nothing_after_a_run_in_light_or_dark(editor):
    editor.write(NAIVE.replace("    e = ", "    e = undefined + "))
    editor.run()
    editor.write(NAIVE.replace("return e", "return 0 if x.shape == (4,) else e"))
    editor.run()
    editor.page.get_by_role("button", name="Show the reference").click()
    editor.tab.settle()

    def look(rules):
        background = "e => getComputedStyle(e).backgroundColor"
        gutter = editor.page.locator(".cm-gutters").evaluate(background)
        is_dark = max(int(part) for part in gutter[4:-1].split(",")[:3]) < 128
        assert is_dark == (editor.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"))
        return violations(editor.page, rules)

    assert in_both_schemes(editor.tab, look) == {"light": {}, "dark": {}}
    assert editor.content.get_attribute("aria-label") == "Your program: Softmax"
    assert editor.content.get_attribute("role") == "textbox"


def test_it_works_on_a_phone(window):
    editor = Editor(window(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))
    editor.write(NAIVE)
    editor.page.locator("[data-part=run]").tap()
    assert DIAGNOSIS in editor.answer()
    wide = "e => e.scrollWidth - e.clientWidth"
    assert editor.page.get_by_test_id("stMain").evaluate(wide) <= 0
    box = editor.page.locator(".cm-editor").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
