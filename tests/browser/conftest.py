import os

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.server import CHROMIUM, serve
from tests.browser.window import Window

VIEWPORT = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM["executable_path"]:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("Chromium is not installed: `apt-get install chromium-headless-shell` lets the browser tests run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def app():
    with serve("app.py") as address:
        yield address


@pytest.fixture(scope="session")
def profile(chromium):
    """A browser profile that tests share unless they ask for another: it has the scripts of the app in its cache."""
    return chromium.new_context(viewport=VIEWPORT, permissions=["clipboard-read", "clipboard-write"])


@pytest.fixture
def window(chromium, profile, app):
    """A function that opens a tab; whatever went wrong in it fails the test."""
    windows = []

    def new(base=app, **options):
        context = chromium.new_context(**{"viewport": VIEWPORT, **options}) if options else profile
        windows.append(Window(context, base))
        return windows[-1]

    yield new
    noise = [noise for window in windows for noise in window.noise]
    for window in windows:
        window.page.close()
        if window.context is not profile:
            window.context.close()
    assert noise == []
