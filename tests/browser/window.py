"""A page in a real browser: opened, settled, watched."""

import re
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import BrowserContext, Locator, Page

from tests.browser.server import IDLE
from tests.pages.visit import Settings

# Streamlit looks for its server below each page's own address first, and Chromium reports that as an error.
PROBE = re.compile(r"/[^/]+/_stcore/(health|host-config)$")
# Charts and components load lazily: a grey box stands in for each, long after the script has ended on a busy machine.
DRAWN = """
() => {
  const charts = [...document.querySelectorAll('[data-testid=stVegaLiteChart]')];
  return charts.every((chart) => chart.querySelector('canvas'))
    && !document.querySelector('[data-testid=stSkeleton], [data-stale=true]');
}
"""

SMALL_COPIES = """
(container) => [...container.querySelectorAll('canvas')].map((chart) => {
  const copy = Object.assign(document.createElement('canvas'), {width: 128, height: 128}).getContext('2d');
  copy.drawImage(chart, 0, 0, 128, 128);
  return [...copy.getImageData(0, 0, 128, 128).data];
})
"""


class Window:
    """One tab of a browser context of its own, and all that went wrong in it."""

    def __init__(self, context: BrowserContext, base: str):
        self.base, self.context, self.page = base, context, context.new_page()
        self.noise: list[str] = []
        self.sent: list[object] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.noise.append(f"uncaught: {error}"))
        self.page.on("request", self._request)
        self.page.on("websocket", lambda socket: socket.on("framesent", lambda payload: self.sent.append(payload)))

    def _console(self, message):
        if message.type in {"error", "warning"} and not PROBE.search(urlsplit(message.location["url"]).path):
            self.noise.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _request(self, request):
        url = urlsplit(request.url)
        if url.scheme not in {"data", "blob"} and url.hostname != "127.0.0.1":
            self.noise.append(f"a request to {request.url}")

    def open(self, page: str = "", settings: Settings | None = None) -> Page:
        """Go to an address and wait until everything on the page is drawn."""
        query = urlencode(settings or {}, doseq=True)
        self.page.goto(f"{self.base}/{'' if page == 'home' else page}{'?' + query if query else ''}")
        return self.settle()

    def settle(self) -> Page:
        """Wait until no script runs and every chart is drawn."""
        self.page.wait_for_timeout(150)
        self.page.wait_for_selector(IDLE)
        self.page.wait_for_selector("h1")
        self.page.wait_for_function(DRAWN)
        return self.page

    def press(self, key: str) -> None:
        """Press a key that moves a widget, and wait for the answer: the browser asks the server a while later."""
        asked = len(self.sent)
        self.page.keyboard.press(key)
        while len(self.sent) == asked:
            self.page.wait_for_timeout(50)
        self.settle()

    def text(self) -> str:
        """All that stands on the page, letters and digits only."""
        return letters(self.page.get_by_test_id("stMain").inner_text())

    def state(self) -> list[str]:
        """What every control of the page stands at."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll(
              '[data-testid=stMain] :is(input, select, [role=slider], [role=radio], [aria-checked], [aria-pressed])')]
              .map((e) => [e.type, e.value, e.checked, e.ariaLabel, e.ariaValueNow, e.ariaValueText, e.ariaChecked,
                           e.ariaPressed].join(' '))"""
        )


class Bar:
    """The player of a lab, as a visitor uses it."""

    def __init__(self, window: Window):
        self.page = window.page
        self.group = self.page.locator("[data-part=bar]")
        self.group.wait_for()
        self.container = self.page.locator("[class*=st-key-][data-frame]")
        self.container.wait_for()
        self.labels: list[str] = []

    def part(self, name: str) -> Locator:
        """A part of the bar."""
        return self.group.locator(f"[data-part={name}]")

    @property
    def frame(self) -> int:
        """Where it stands; every chart must stand there too."""
        self.page.wait_for_timeout(50)
        frame, charts = self.container.evaluate(
            "c => [c.dataset.frame, [...c.querySelectorAll('input[name=frame]')].map((input) => input.value)]"
        )
        assert set(charts) == {frame}
        return int(frame)

    @property
    def last(self) -> int:
        """The last frame."""
        return int(self.part("scrub").get_attribute("max"))

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self.part("play").get_attribute("data-state") == "playing"

    def go(self, frame: int) -> None:
        """Scrub."""
        self.part("scrub").fill(str(frame))
        assert self.frame == frame

    def pictures(self) -> list[list[int]]:
        """What each chart shows, as the pixels of a small copy."""
        self.page.wait_for_timeout(200)
        return self.container.evaluate(SMALL_COPIES)

    def film(self, milliseconds: int) -> list[int]:
        """The frames shown while it plays for a while."""
        self.container.evaluate(
            """c => { window.film = [];
              new MutationObserver(() => window.film.push(Number(c.dataset.frame)))
                .observe(c, {attributeFilter: ['data-frame']}); }"""
        )
        self.part("play").click()
        self.page.wait_for_timeout(milliseconds)
        if self.playing:
            self.part("play").click()
        return self.page.evaluate("window.film")


def alike(one: list[int], other: list[int]) -> bool:
    """Whether two pictures are the same but for the smoothing of edges."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 40


def letters(text: str) -> str:
    """A text without its markup and spacing."""
    return re.sub(r"\W|_", "", re.sub(r":material/\w+:|visibility", "", text))
