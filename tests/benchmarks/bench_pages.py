"""How much longer does a slider move take on a lab than on a bare Streamlit page?

    python tests/benchmarks/bench_pages.py [rounds]

Both pages are open in one headless Chromium, and moves alternate between them, so that both see the same
machine. A move is timed from the key press to the last change on screen: the last mutation of the document
or the last drawing on a canvas. Prints medians and ratios; never fails. Needs playwright and Chromium.
"""

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import Page, sync_playwright

from tests.browser.server import CHROMIUM, IDLE, serve

ROOT = Path(__file__).parents[2]
# A page, the query that opens the view, and the slider that is moved.
VIEWS = {
    "bias–variance, trade-off": ("bias_variance", "bv_noise"),
    "gradient descent, race": ("gradient_descent", "gd_lr"),
    "logistic regression, training": ("logistic_regression", "lr_rate"),
    "regularisation, paths": ("regularisation", "rg_noise"),
    "model evaluation, threshold": ("model_evaluation", "ev_prevalence"),
    "neural network, training": ("neural_network", "nn_rate"),
    "transformer, attention by hand": ("transformer", "tf_d"),
}

WATCH = """
window.lastChange = 0;
const changed = () => { window.lastChange = performance.now(); };
for (const name of ['clearRect', 'stroke', 'fill', 'fillText', 'fillRect', 'drawImage']) {
  const original = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...args) { changed(); return original.apply(this, args); };
}
document.addEventListener('DOMContentLoaded', () => new MutationObserver(changed).observe(
  document.documentElement, {subtree: true, childList: true, attributes: true, characterData: true}));
document.addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
"""


def move(page: Page, key: str, press: str) -> float:
    """One press of an arrow key on a slider; milliseconds until the page has settled."""
    page.locator(f".st-key-{key} input[type=range]").focus()
    page.wait_for_timeout(150)
    page.keyboard.press(press)
    page.wait_for_function("performance.now() - Math.max(window.lastChange, window.pressed) > 700", polling=50)
    return page.evaluate("window.lastChange - window.pressed")


def main(rounds: int) -> None:
    """Print a table of medians and of ratios to the bare page."""
    with (
        sync_playwright() as playwright,
        serve("tests/benchmarks/bare_page.py") as bare,
        serve("app.py") as lab,
    ):
        browser = playwright.chromium.launch(**CHROMIUM)
        pages = {}
        for name, (url, key) in {"bare page": ("", "bare_value"), **VIEWS}.items():
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.add_init_script(WATCH)
            page.goto(f"{lab if url else bare}/{url}")
            page.wait_for_selector(IDLE)
            page.wait_for_timeout(1500)
            pages[name] = (page, key, [])
        for turn in range(rounds + 2):
            for page, key, times in pages.values():
                page.bring_to_front()
                elapsed = move(page, key, "ArrowRight" if turn % 2 == 0 else "ArrowLeft")
                if turn >= 2:  # the first moves warm caches on both sides
                    times.append(elapsed)
        yardstick = pages["bare page"][2]
        print(f"| page | ms, median of {rounds} | ratio to the bare page |\n|---|---|---|")
        for name, (_, _, times) in pages.items():
            ratio = statistics.median(t / b for t, b in zip(times, yardstick, strict=True))
            print(f"| {name} | {statistics.median(times):.0f} | {ratio:.2f} |")
        browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
