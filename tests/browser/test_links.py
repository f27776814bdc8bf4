"""The address is the experiment: on a fresh process, in a fresh browser, and when it is hostile."""

import random
from urllib.parse import urlsplit

import pytest

from pages.practice.questions import all_questions
from tests.browser.server import serve
from tests.browser.window import Bar, letters
from tests.pages.visit import LABS, PAGES, bound, draw, named, players, seen, views, visit

each_lab = pytest.mark.parametrize("lab", LABS, ids=named)


@each_lab
def test_a_deep_link_opens_on_a_fresh_process(lab, window):
    view = views(lab)[1]
    settings = {**view, **draw(visit(lab.name, view), random.Random(7))}
    expected = visit(lab.name, settings)
    with serve("app.py") as fresh:
        tab = window(fresh)
        page = tab.open(lab.name, settings)
        page.get_by_text("Predict.").first.wait_for()
        assert page.get_by_text("Page not found").count() == 0
        assert urlsplit(page.url).path == f"/{lab.name}"
        assert page.locator("h1").inner_text() == lab.title
        assert letters(seen(expected)) in tab.text()
        assert page.get_by_test_id("stAlert").count() == 0


@each_lab
def test_a_copied_link_reopens_exactly_this_experiment(lab, window):
    tab = window()
    page = tab.open(lab.name)
    slider = page.locator("[data-testid=stSlider] input").last
    slider.focus()
    tab.press("ArrowRight")
    bar = Bar(tab)
    bar.go(bar.last - 2)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Copied").wait_for()
    there = tab.text()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.get_by_label("Link to this experiment").input_value()
    assert link.startswith(f"{tab.base}/{lab.name}?")
    other = window(color_scheme="light")  # a browser of its own; the fresh process is the test before this one's
    other.page.goto(link)
    other.settle()
    again = Bar(other)
    assert again.frame == bar.last - 2
    assert again.part("at").inner_text() == bar.part("at").inner_text()
    assert other.state() == tab.state()
    assert other.text() == there
    assert other.page.get_by_test_id("stAlert").count() == 0


NO_CLIPBOARD = {
    "denied": "navigator.clipboard.writeText = () => Promise.reject(new Error('denied'))",
    "insecure": "Object.defineProperty(navigator, 'clipboard', { value: undefined })",  # http from another machine
}


@each_lab
@pytest.mark.parametrize("why", NO_CLIPBOARD)
def test_without_the_clipboard_the_link_is_there_to_copy(why, lab, window):
    tab = window()
    tab.page.add_init_script(NO_CLIPBOARD[why])
    page = tab.open(lab.name)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Ctrl-C").wait_for()
    field = page.get_by_label("Link to this experiment")
    assert field.input_value().startswith(f"{tab.base}/{lab.name}?")
    assert field.evaluate("e => e.selectionEnd - e.selectionStart === e.value.length")


@pytest.mark.parametrize("page", PAGES)
def test_a_hostile_address_is_named_and_breaks_nothing(page, window):
    bad = ["nan", "<img src=x onerror=alert(1)>", "![](https://example.com/x.png)", "1e400", "\x00", "x" * 2000, "-1"]
    at = visit(page)
    settings = {key: bad[number % len(bad)] for number, key in enumerate(bound(at))}
    settings |= {f"{player['charts']}_frame": "<script>" for player in players(at)} | {"other": bad[1]}
    if page == "challenges":  # which reads its address itself
        settings["ch_name"] = bad[1]
    tab = window()
    tab.page.on("dialog", lambda dialog: tab.noise.append(f"dialog: {dialog.message}"))
    tab.open(page, settings)
    alerts = tab.page.get_by_test_id("stAlert")
    if page == "home":
        assert alerts.count() == 0
    else:
        alerts.wait_for()
        said = alerts.inner_text()
        assert "cannot be used here" in said or f"There is no challenge {bad[1]}" in said
    assert tab.page.get_by_test_id("stException").count() == 0


def test_every_tab_has_the_title_of_its_page(window):
    tab = window()
    titles = {}
    for page in PAGES:
        opened = tab.open(page)
        opened.wait_for_function("() => document.title.includes('ML Interview Lab')")
        titles[page] = opened.title()
    assert len(set(titles.values())) == len(PAGES)
    assert titles["home"] == "ML Interview Lab"
    assert all(titles[lab.name] == f"{lab.title} · ML Interview Lab" for lab in LABS)


@pytest.mark.parametrize("path", ["nothing", "home", "recall/today", "a/b/%3Cb%3E", "<script>x", "recall.py"])
def test_an_unknown_address_says_so_and_leads_on(path, window):
    tab = window()
    tab.page.goto(f"{tab.base}/{path}")
    page = tab.settle()
    assert page.locator("h1").inner_text() == "There is no page at this address"
    assert page.title() == "No such page · ML Interview Lab"
    assert page.get_by_role("dialog").count() == 0
    there = page.url
    links = page.get_by_test_id("stMain").get_by_role("link")
    assert links.count() == len(PAGES)
    links.filter(has_text="Recall").click()
    page.wait_for_url("**/recall")
    tab.settle()
    page.go_back()
    page.get_by_text("There is no page").wait_for()
    assert page.url == there


def test_an_address_of_too_many_parts_keeps_what_it_asks_for(window):
    tab = window()
    tab.page.goto(f"{tab.base}/labs/recall?rc_view=Progress")
    tab.settle()
    assert tab.page.url == f"{tab.base}/recall?rc_view=Progress"
    assert tab.page.locator("h1").inner_text() == "Recall"


@pytest.mark.parametrize("page", ["home", LABS[0].name])
def test_an_embedded_page_has_no_menu(page, window):
    tab = window()
    opened = tab.open(page, {"embed": "true"})
    assert opened.get_by_test_id("stTopNavLink").count() == 0
    assert opened.get_by_test_id("stSidebar").count() == 0
    assert opened.locator("h1").bounding_box()["y"] < 60
    opened.get_by_test_id("stMain").get_by_role("link").first.click()  # and neither has the next
    tab.settle()
    assert "embed=true" in opened.url
    assert opened.get_by_test_id("stTopNavLink").count() == 0


def test_a_reload_leaves_the_film_where_it_stood(window):
    tab = window()
    tab.open(LABS[0].name)
    bar = Bar(tab)
    bar.go(bar.last // 2)
    stood = bar.frame
    tab.page.reload()
    tab.settle()
    assert Bar(tab).frame == stood
    tab.open(LABS[0].name)
    assert Bar(tab).frame != stood


def test_back_and_forward_go_one_place_at_a_time_and_find_the_settings(window):
    """From a lab, by a link with settings, to a question, from there to the lab at other settings, and home."""
    question = next(question for question in all_questions() if question.query)
    tab = window(viewport={"width": 1280, "height": 900})
    page = tab.open(question.lab)
    page.locator("[data-testid=stSlider] input").first.focus()
    tab.press("ArrowRight")
    places = []

    def note():
        page.wait_for_timeout(500)
        tab.settle()
        places.append((page.url, page.title(), tab.state()))

    note()
    page.get_by_role("link", name=question.question).click()
    page.wait_for_url("**/questions?**")
    note()
    page.get_by_role("button", name="Show the answer").click()
    tab.settle()
    places.pop()
    note()
    page.get_by_role("link", name="See it happen").click()
    page.wait_for_url(f"**/{question.lab}?**")
    note()
    page.get_by_test_id("stTopNavLink").first.click()
    page.wait_for_url(f"{tab.base}/")
    note()
    there = places.copy()
    places.clear()
    for steps, move in ((3, page.go_back), (3, page.go_forward)):
        for _ in range(steps):
            move()
            note()
    assert places == [*there[2::-1], *there[1:]]
