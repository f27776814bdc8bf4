"""The address is the experiment: on a fresh process, in a fresh browser, and when it is hostile."""

import random
from urllib.parse import urlsplit

import pytest

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


@each_lab
def test_without_the_clipboard_the_link_is_there_to_copy(lab, window):
    tab = window()
    tab.page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('denied'))")
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
    tab = window()
    tab.page.on("dialog", lambda dialog: tab.noise.append(f"dialog: {dialog.message}"))
    tab.open(page, settings)
    alerts = tab.page.get_by_test_id("stAlert")
    if page == "home":
        assert alerts.count() == 0
    else:
        alerts.wait_for()
        assert "cannot be used here" in alerts.inner_text()
    assert tab.page.get_by_test_id("stException").count() == 0
