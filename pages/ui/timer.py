"""A countdown that runs in the browser: no message to the server while it does."""

from datetime import UTC, datetime

from pages.ui.component import component

_timer = component("timer")


def timer(key: str, name: str, seconds: float, started: datetime) -> None:
    """Draw what is left of `seconds` since `started`; another `name` starts it anew."""
    left = max(0.0, seconds - (datetime.now(UTC) - started).total_seconds())
    _timer(key=key, data={"name": name, "seconds": left}, width="content")
