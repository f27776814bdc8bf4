"""Anyone can use it: axe in light and dark, by keyboard alone, on a phone, with a pointer."""

from importlib import resources
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.server import IDLE, serve
from tests.browser.window import Bar
from tests.pages.visit import (
    LABS,
    PAGES,
    charts,
    components,
    controls,
    experiments,
    named,
    sections,
    tables,
    views,
    visit,
)

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}  # all that a theme changes
# What a bare Streamlit page breaks too, and why it stays: (rule, the built-in element).
STREAMLIT = {
    ("scrollable-region-focusable", "stCode"): "Chromium and Firefox let Tab reach any box that scrolls",
    (
        "presentation-role-conflict",
        "stFileUploaderDropzone",
    ): "Streamlit names the drop zone that it calls presentational",
    ("color-contrast", "stCode token"): "the colours of syntax are fixed in Streamlit's script, no theme sets them",
}
SCREENS = [(lab.name, view) for lab, view in experiments()]
SPARED = [  # thousands of boxes
    "[data-testid=stCode] .token",  # exempt
    ".katex-html > *",  # hidden from screen readers, in the colour of the text around it
]
FIND = """async ([rules, within, without]) => {
  const context = { include: [[within]], exclude: without.map((selector) => [selector]) };
  const { violations } = await axe.run(context, { runOnly: rules, resultTypes: ['violations'] });
  return violations.flatMap((rule) => rule.nodes.map((node) => {
    const element = document.querySelector(node.target.at(-1));
    const why = node.failureSummary.split('\\n').at(-1).trim();
    const where = element?.closest('[data-testid]')?.dataset.testid ?? node.target.join(' ');
    const part = element?.matches('.token, .token *') ? ' token' : '';
    return [rule.id, where + part, `${why} ${node.html.slice(0, 90)}`];
  }));
}"""


def violations(page, rules=RULES, within="body", exempt=STREAMLIT):
    """What axe finds, the exempt aside: each rule and element once, with an example."""
    page.evaluate("window.axe === undefined") and page.evaluate(AXE)
    found = page.evaluate(FIND, [rules, within, SPARED if exempt else []])
    return {(rule, where): example for rule, where, example in found if (rule, where) not in exempt}


def in_both_schemes(tab, look):
    """What `look` finds by all rules in light and then, after the browser has switched, by contrast in dark."""
    found = {}
    for scheme, is_right in {"light": (600).__lt__, "dark": (150).__gt__}.items():
        tab.page.emulate_media(color_scheme=scheme)
        tab.settle()
        tab.page.wait_for_timeout(300)
        colour = tab.page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")
        assert is_right(sum(int(part) for part in colour[4:-1].split(","))), f"{scheme} shows {colour}"
        found[scheme] = look(RULES if scheme == "light" else CONTRAST)
    return found


@pytest.mark.parametrize(("page", "view"), SCREENS, ids=named)
def test_axe_finds_nothing(page, view, window):
    tab = window()
    assert violations(tab.open(page, view)) == {}


@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_in_light_or_dark(page, window):
    tab = window()
    for option in tab.open(page).locator("[class*=_predict_0] button").all():
        option.click()  # a prediction that was made, and its verdict, are looked at too
    assert in_both_schemes(tab, lambda rules: violations(tab.page, rules)) == {"light": {}, "dark": {}}


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_axe_finds_nothing_in_the_sections_behind_their_tabs_and_in_the_folded_settings(lab, window):
    tab = window()
    page = tab.open(lab.name, sections(lab.name))
    # axe walks through all of a page for each of its parts: without what is spared it takes a fraction of the time.
    page.evaluate("spared => document.querySelectorAll(spared).forEach((box) => box.remove())", ", ".join(SPARED))

    def look(rules):
        found = violations(page, rules, "[class*=_proof]")
        tabs = page.get_by_role("tab").all()
        for tab in tabs if rules is RULES else tabs[:1]:
            tab.click()
            found |= violations(page, rules, f"[id='{tab.get_attribute('aria-controls')}']")
        for popover in page.get_by_test_id("stPopover").get_by_role("button").all():
            popover.click()
            page.get_by_test_id("stPopoverBody").wait_for()
            found |= violations(page, rules, "[data-testid=stPopoverBody]")
            page.keyboard.press("Escape")
        return found

    assert in_both_schemes(tab, look) == {"light": {}, "dark": {}}


def test_a_bare_page_still_needs_every_exemption(chromium):
    with serve("tests/browser/bare_page.py") as bare:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(bare)
        page.wait_for_selector(IDLE)
        page.get_by_test_id("stCode").wait_for()
        assert STREAMLIT.keys() <= violations(page, exempt={}).keys()
        page.close()


CONTRAST_OF_WORDS = """([chart, background]) => {
  const { data } = chart.getContext('2d').getImageData(0, chart.height / 2, chart.width, chart.height / 2);
  const light = (rgb) => rgb.map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = light(background.match(/\\d+/g).slice(0, 3).map(Number));
  let best = 1;
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b] = data.slice(i, i + 3);
    if (data[i + 3] < 250 || Math.max(r, g, b) - Math.min(r, g, b) > 30) continue; // words are grey
    const [high, low] = [light([r, g, b]), ground].sort((one, other) => other - one);
    best = Math.max(best, (high + 0.05) / (low + 0.05));
  }
  return best;
}"""


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_the_words_of_a_chart_are_legible_in_light_and_after_a_change_to_dark(lab, window):
    tab = window()
    page = tab.open(lab.name)

    def contrast():
        page.wait_for_timeout(500)
        ground = page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")
        chart = page.get_by_test_id("stVegaLiteChart").first.locator("canvas")
        return page.evaluate(CONTRAST_OF_WORDS, [chart.element_handle(), ground])

    assert in_both_schemes(tab, lambda _: contrast() > 4.5) == {"light": True, "dark": True}


# Links whose words end in an ellipsis, or beyond their box.
CUT = """() => [...document.querySelectorAll('[data-testid=stMain] a, [data-testid=stMain] a *')]
  .filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth && getComputedStyle(e).overflow !== 'visible')
  .map((e) => e.textContent)"""


@pytest.mark.parametrize("page", PAGES)
def test_a_phone_needs_no_sideways_scroll(page, window):
    tab = window(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    opened = tab.open(page)
    wide = "e => e.scrollWidth - e.clientWidth"
    assert opened.evaluate(f"({wide})(document.scrollingElement)") <= 0
    assert opened.get_by_test_id("stMain").evaluate(wide) <= 0
    assert opened.evaluate(CUT) == []
    assert violations(opened, within="[data-testid=stMain]") == {}
    if page == "home":
        return
    for key in controls(visit(page)):
        control = opened.locator(f".st-key-{key}")
        if control.count():  # the rest is folded away
            box = control.bounding_box()
            assert box["width"] > 40, key
            assert box["x"] >= 0, key
            assert box["x"] + box["width"] <= 390, key
    if page not in {lab.name for lab in LABS}:
        return
    bar = Bar(tab)
    for part in ("play", "back", "forward", "scrub", "speed", "loop"):
        box = bar.part(part).bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= 390, part
    bar.part("scrub").fill("1")
    bar.part("forward").tap()
    assert bar.frame == 2


@pytest.mark.parametrize("page", PAGES)
def test_a_page_reflows_when_magnified_and_is_printed_in_full(page, window):
    """A window of 1280 pixels magnified to 200% and 400% is one of 640 and 320."""
    tab = window(viewport={"width": 640, "height": 450})
    opened = tab.open(page)
    main = opened.get_by_test_id("stMain")
    for width in (640, 320):
        opened.set_viewport_size({"width": width, "height": 450})
        tab.settle()
        assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 0, width
    opened.emulate_media(media="print")
    assert main.evaluate("e => e.scrollHeight - e.clientHeight") <= 1


REACHABLE = """() => {
  const all = (root) => [...root.querySelectorAll('*')].flatMap((e) => e.shadowRoot ? all(e.shadowRoot) : [e]);
  window.met = new Set();
  window.wanted = all(document.querySelector('[data-testid=stMain]')).filter((e) =>
    e.matches('button, input, select, a[href], summary') && e.checkVisibility() && !e.disabled && e.tabIndex >= 0
    && !['radio', 'file'].includes(e.type) && !e.closest('.vega-bindings, .vega-embed'));
  return window.wanted.length;
}"""
MEET = """() => {
  let e = document.activeElement;
  while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  window.met.add(e);
  return e.closest('[class*=st-key-]')?.className ?? '';
}"""
# Arrow keys lead on inside a group of buttons: one of them takes the Tab.
MISSED = """() => window.wanted.filter((e) => e.isConnected && !window.met.has(e)
  && ![...window.met].some((met) => met.closest('[role=toolbar], [role=radiogroup]')?.contains(e)))
  .map((e) => e.outerHTML.slice(0, 160))"""


@pytest.mark.parametrize("page", PAGES)
def test_every_control_is_reached_with_the_tab_key(page, window):
    tab = window()
    opened = tab.open(page)
    count = opened.evaluate(REACHABLE)
    assert count >= 2
    met = []
    for _ in range(2 * count + 30):
        opened.keyboard.press("Escape")  # the way out of the code editor, where Tab indents
        opened.keyboard.press("Tab")
        met.append(opened.evaluate(MEET))
    assert opened.evaluate(MISSED) == []
    for key in controls(visit(page)):
        if opened.locator(f".st-key-{key}").count():  # the rest is folded away
            assert any(f"st-key-{key} " in name for name in met), key


FINGER = {"has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("lab", LABS, ids=named)
@pytest.mark.parametrize("pointer", [{}, FINGER], ids=["click", "tap"])
def test_a_click_or_tap_on_a_chart_is_a_setting(pointer, lab, window):
    for view in views(lab):
        clickable = [i for i, chart in enumerate(charts(visit(lab.name, view))) if chart.selection_mode]
        for number in clickable:
            tab = window(**pointer)
            page = tab.open(lab.name, view)
            before = page.url
            chart = page.get_by_test_id("stVegaLiteChart").nth(number).locator("canvas")
            chart.scroll_into_view_if_needed()
            box = chart.bounding_box()
            press = chart.tap if pointer else chart.click
            press(position={"x": box["width"] * 0.4, "y": box["height"] * 0.4})
            page.wait_for_function("before => location.href !== before", arg=before)
            tab.settle()
            assert page.get_by_test_id("stException").count() == 0
            if pointer:  # no finger leaves a picture: the next touch takes away what the tap has shown
                page.locator("h1").tap()
                page.wait_for_timeout(300)
                assert page.locator("#vg-tooltip-element.visible").count() == 0


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_a_table_is_that_of_the_settings_on_screen(lab, window):
    tab = window()
    page = tab.open(lab.name)
    for slider in page.get_by_test_id("stSlider").all()[:2]:
        slider.locator("input").focus()
        tab.press("ArrowRight")
    (name, data), *_ = tables(lab.name, parse_qs(urlsplit(page.url).query)).items()
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button").first.click()
    assert download.value.suggested_filename == name
    assert download.value.path().read_bytes() == data
    assert data != tables(lab.name, {})[name]


@pytest.mark.parametrize("lab", LABS, ids=named)
def test_a_chart_tells_a_screen_reader_what_it_shows_now(lab, window):
    tab = window()
    page = tab.open(lab.name)

    def spoken():
        return [chart.get_attribute("aria-label") for chart in page.get_by_test_id("stVegaLiteChart").all()]

    before = spoken()
    page.get_by_test_id("stSlider").first.locator("input").press("End")
    tab.settle()
    settings = parse_qs(urlsplit(page.url).query)
    (described,) = components(visit(lab.name, settings), "describe")
    assert spoken() == described["alts"] != before
