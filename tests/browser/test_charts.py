"""Charts as a visitor sees them: the same whichever way one came, whole at any width, round where they are circles."""

import pytest

from pages.ui import numbers
from tests.browser.window import alike
from tests.pages.visit import LABS, experiments, named

PHONE = {"width": 390, "height": 844}
# What each chart shows, and whether something is painted on its very edge: it would be cut there, since room is left.
SHOWN = """
() => [...document.querySelectorAll('[data-testid=stVegaLiteChart] canvas')].map((chart) => {
  const copied = (width, height) => {
    const copy = Object.assign(document.createElement('canvas'), { width, height });
    const context = copy.getContext('2d', { willReadFrequently: true });
    context.imageSmoothingQuality = 'high';
    context.drawImage(chart, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
  };
  const { width, height } = chart;
  const pixels = new Uint32Array(copied(width, height).buffer);
  const edge = [];
  for (let x = 0; x < width; x++) edge.push(pixels[x], pixels[(height - 1) * width + x]);
  for (let y = 0; y < height; y++) edge.push(pixels[y * width], pixels[(y + 1) * width - 1]);
  const name = chart.closest('[data-testid=stVegaLiteChart]').getAttribute('aria-label');
  // So small that what Vega lays out a pixel or two aside is the same.
  return { name, cut: new Set(edge).size > 1, picture: [...copied(24, 18)] };
})
"""
# The sides of the box around the orange pixels of the first chart, its legend aside.
ORANGE = """
() => {
  const chart = document.querySelector('[data-testid=stVegaLiteChart] canvas');
  const { width, height } = chart;
  const copy = Object.assign(document.createElement('canvas'), { width, height });
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(chart, 0, 0);
  const { data } = context.getImageData(0, 0, width, Math.floor(0.75 * height));
  const xs = [], ys = [];
  for (let i = 0; i < data.length / 4; i++) {
    const [red, green, blue] = data.slice(4 * i, 4 * i + 3);
    if (Math.abs(red - 210) + Math.abs(green - 85) + Math.abs(blue - 30) < 30) {
      xs.push(i % width);
      ys.push(Math.floor(i / width));
    }
  }
  return [xs, ys].map((places) => Math.max(...places) - Math.min(...places));
}
"""
# Vega's own functions, as far as the expression of a number needs them.
VEGA = """
([expression, values]) => {
  const { floor, abs, log, pow, LN10 } = Math;
  const format = (value, how) => (how === '.3~r'
    ? value.toLocaleString('en', { maximumSignificantDigits: 3, useGrouping: false })
    : value.toLocaleString('en', { maximumFractionDigits: 0 })).replace('-', '−');
  const write = new Function('floor', 'abs', 'log', 'pow', 'LN10', 'format', 'value', `return ${expression}`);
  return values.map((value) => write(floor, abs, log, pow, LN10, format, value));
}
"""
each_lab = pytest.mark.parametrize("lab", LABS, ids=named)


def walk(window, lab, **options):
    """Every experiment of a lab and its charts, each reached from the one before, and the first from the last."""
    views = [view for other, view in experiments() if other == lab]
    window = window(**options)
    page = window.open(lab.name, views[-1])
    for view in views:
        (choice,) = view.values()
        page.get_by_test_id("stMain").get_by_role("radio", name=choice, exact=True).click()
        page.wait_for_timeout(400)
        window.settle()
        page.wait_for_timeout(200)
        yield view, page.evaluate(SHOWN)


@each_lab
def test_charts_are_the_same_whichever_experiment_one_came_from(window, lab):
    fresh = window()
    for view, moved in walk(window, lab):
        page = fresh.open(lab.name, view)
        page.wait_for_timeout(200)
        opened = page.evaluate(SHOWN)
        assert len(moved) == len(opened)
        for one, other in zip(moved, opened, strict=True):
            assert not other["cut"], (view, other["name"])
            if "by time" not in other["name"]:  # which is measured anew
                assert alike(one["picture"], other["picture"]), (view, other["name"])


@each_lab
def test_nothing_is_cut_at_the_width_of_a_phone(window, lab):
    for view, shown in walk(window, lab, viewport=PHONE):
        assert [chart["name"] for chart in shown if chart["cut"]] == [], view


@pytest.mark.parametrize("width", [390, 1280])
def test_a_circle_is_round(window, width):
    page = window(viewport={"width": width, "height": 900}).open(
        "regularisation", {"rg_view": "Geometry", "rg_penalty": "Ridge", "rg_charts_frame": "30"}
    )
    page.wait_for_timeout(300)
    across, up = page.evaluate(ORANGE)
    assert across > 50
    assert abs(across / up - 1) < 0.04


def test_the_choices_beside_a_chart_are_whole(window):
    page = window().open("home")
    for lab, settings in (
        ("logistic_regression", {"lr_view": "Training"}),
        ("regularisation", {"rg_view": "Paths"}),
        ("model_evaluation", {"ev_view": "AUC by pairs"}),
        ("neural_network", {"nn_view": "Backpropagation"}),
        ("transformer", {"tf_view": "Watch a head form"}),
    ):
        page = window().open(lab, settings)
        cut = "(all) => all.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.innerText)"
        assert page.locator("[role=radiogroup]").evaluate_all(cut) == [], lab


def test_a_browser_writes_numbers_as_the_server_does(window):
    values = [
        0.0,
        *(sign * a * 10.0**b for sign in (1, -1) for a in (1, 1.004, 2.347, 9.876, 9.994) for b in range(-14, 15)),
    ]
    written = window().page.evaluate(VEGA, [numbers.expression("value"), values])
    assert written == [numbers.short(value) for value in values]


def test_a_race_that_has_no_row_at_the_frame_on_screen_is_no_cause_for_a_warning(window):
    tab = window()  # whose console must stay empty
    tab.open("gradient_descent")
    tab.page.get_by_role("button", name="Rate too large").click()
    tab.settle()
    tab.open("gradient_descent", {"gd_lr": 5, "gd_methods": "GD"})
