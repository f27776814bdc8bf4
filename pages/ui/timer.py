"""A countdown that runs in the browser: no message to the server while it does."""

import time

from pages.ui.component import component

_timer = component("timer")


def timer(key: str, name: str, seconds: float, started: float) -> None:
    """Draw what is left of `seconds` since `started` (by `time.monotonic`); another `name` starts it anew."""
    left = max(0.0, started + seconds - time.monotonic())
    _timer(key=key, data={"name": name, "seconds": left}, width="content")
