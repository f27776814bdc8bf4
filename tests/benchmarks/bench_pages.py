"""What does a slider move cost on each lab, for the visitor's eye, the browser and the server?

    python tests/benchmarks/bench_pages.py [moves]

The yardstick is a page with one slider and one line of text under Streamlit's own defaults: its server runs in a
folder without our configuration. All pages are open in one headless Chromium, and moves go round them, so that all
see the same machine. Sliders move in one direction, one step a move (after the end from the start again): to and fro,
Streamlit's message cache would answer with what it has sent before.

A move is timed from the key press to the last change on screen: the last mutation of the document or the last drawing
on a canvas. Beside it stand the main thread's time in the browser (its tasks, as Chromium's own metrics count them)
and the CPU time of the server's process, its threads together. Prints medians; never fails. Needs playwright,
Chromium and Linux. Figures of different runs differ with the machine: quote those of one run, on a quiet one.
"""

import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import CDPSession, Page, sync_playwright
from views import VIEWS

from tests.browser.server import CHROMIUM, IDLE, cpu_seconds, launch

HERE = Path(__file__).parent
BARE = "a bare page under the defaults"

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


@dataclass
class Tab:
    """An open page, the key of its slider, its server's process and what its moves have cost, in milliseconds."""

    page: Page
    key: str
    process: int
    metrics: CDPSession
    moves: list[float] = field(default_factory=list)
    browser: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)

    def busy(self) -> float:
        """Seconds that the main thread has worked so far."""
        metrics = self.metrics.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

    def move(self) -> None:
        """One press of an arrow key on the slider, until the page has settled."""
        slider = self.page.locator(f".st-key-{self.key} input[type=range]")
        slider.focus()
        at_end = slider.evaluate("slider => Number(slider.value) >= Number(slider.max)")
        self.page.wait_for_timeout(150)
        busy, spent = self.busy(), cpu_seconds(self.process)
        self.page.keyboard.press("Home" if at_end else "ArrowRight")
        self.page.wait_for_timeout(700)
        while (still := 700 - self.page.evaluate("performance.now() - Math.max(lastChange, pressed)")) > 0:
            self.page.wait_for_timeout(still)
        self.moves.append(self.page.evaluate("lastChange - pressed"))
        self.browser.append(1e3 * (self.busy() - busy))
        self.server.append(1e3 * (cpu_seconds(self.process) - spent))


def main(moves: int) -> None:
    """Print the table."""
    with (
        sync_playwright() as playwright,
        launch("bare_page.py", folder=HERE) as (bare, bare_process),
        launch("app.py") as (app, process),
    ):
        browser = playwright.chromium.launch(**CHROMIUM)
        tabs = {}
        for name, (url, query, key) in {BARE: ("", "", "bare_value"), **VIEWS}.items():
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.add_init_script(WATCH)
            metrics = page.context.new_cdp_session(page)
            metrics.send("Performance.enable")
            page.goto(f"{app if url else bare}/{url}?{query}")
            page.wait_for_selector(IDLE)
            page.wait_for_timeout(1500)
            tabs[name] = Tab(page, key, process if url else bare_process, metrics)
        for _ in range(moves + 2):
            for tab in tabs.values():
                tab.page.bring_to_front()
                tab.move()
        print(f"| medians of {moves} moves, ms | move | ratio | main thread | server CPU |\n|---|---|---|---|---|")
        for name, tab in tabs.items():  # the first moves warm caches on both sides
            ratio = statistics.median(t / b for t, b in zip(tab.moves[2:], tabs[BARE].moves[2:], strict=True))
            costs = [statistics.median(costs[2:]) for costs in (tab.moves, tab.browser, tab.server)]
            print(f"| {name} | {costs[0]:.0f} | {ratio:.2f} | {costs[1]:.0f} | {costs[2]:.1f} |")
        browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
