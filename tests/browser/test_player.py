"""The player of every lab: all charts together, without a message to the server, by mouse and by keyboard."""

import pytest

from tests.browser.window import Bar, alike
from tests.pages.visit import LABS, named, players, visit

pytestmark = pytest.mark.parametrize("lab", LABS, ids=named)


@pytest.fixture
def bar(window, lab):
    tab = window()
    tab.open(lab.name)
    bar = Bar(tab)
    bar.window = tab
    rate = players(visit(lab.name))[0]["rate"]
    bar.while_ = 1000 * max(1, 5 / rate)  # milliseconds in which something is to be seen
    return bar


def test_playing_moves_every_chart_and_sends_nothing(bar):
    bar.go(0)
    before, sent = bar.pictures(), len(bar.window.sent)
    film = bar.film(1.5 * bar.while_)
    after = bar.pictures()
    assert len(set(film)) >= 3
    assert len(before) >= 2
    assert not any(map(alike, before, after))
    assert len(bar.window.sent) == sent
    frame = bar.frame
    bar.page.wait_for_timeout(500)
    assert bar.frame == frame  # it is paused


def test_stepping_scrubbing_and_keys(bar):
    last = bar.last
    sent = len(bar.window.sent)
    bar.go(last // 2)
    bar.part("forward").click()
    assert bar.frame == last // 2 + 1
    bar.part("back").click()
    assert bar.frame == last // 2
    bar.part("scrub").focus()
    for key, frame in [("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1), ("End", last), ("ArrowRight", last)]:
        bar.page.keyboard.press(key)
        assert bar.frame == frame
        text = bar.part("at").inner_text()
        assert text
        assert bar.part("scrub").get_attribute("aria-valuetext") == text
    bar.page.keyboard.press("Home")
    bar.page.keyboard.press(" ")
    assert bar.playing
    bar.page.wait_for_timeout(0.7 * bar.while_)
    bar.page.keyboard.press(" ")
    assert not bar.playing
    assert bar.frame > 0
    assert len(bar.window.sent) == sent


def test_speed_and_loop(bar):
    def covered(speed):
        bar.part("speed").select_option(speed)
        bar.go(0)
        return max(bar.film(bar.while_))

    assert covered("2") > 2 * covered("0.25") > 0
    bar.part("speed").select_option("4")
    bar.go(bar.last - 1)
    bar.film(1000)
    assert bar.frame == bar.last  # it stops at the end
    bar.part("loop").check()
    bar.go(bar.last - 1)
    assert 0 in bar.film(1200)


def test_it_speaks(bar):
    assert bar.group.get_attribute("role") == "group"
    assert "space" in bar.group.get_attribute("aria-label")
    for part in ("play", "back", "forward", "scrub", "speed"):
        assert bar.part(part).get_attribute("aria-label")
    live = bar.part("at")
    assert live.get_attribute("aria-live") == "polite"
    bar.go(0)
    bar.part("play").click()
    assert live.get_attribute("aria-live") == "off"
    bar.part("play").click()
    assert live.get_attribute("aria-live") == "polite"


def test_a_rerun_leaves_the_frame_where_it_is(bar):
    bar.go(3)
    bar.page.locator("[data-testid=stSlider] input").first.focus()
    bar.window.press("ArrowRight")
    assert bar.frame == 3
    after = bar.pictures()
    bar.go(bar.last)
    assert not all(map(alike, bar.pictures(), after))  # a chart may be complete before the end
    bar.go(3)
    assert all(map(alike, bar.pictures(), after))


def test_reduced_motion_shows_stills(window, lab):
    tab = window(reduced_motion="reduce")
    tab.open(lab.name)
    bar = Bar(tab)
    bar.go(0)
    assert 1 <= len(bar.film(2500)) <= 7
