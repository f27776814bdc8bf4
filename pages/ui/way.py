"""Back and Forward: the browser's history has one entry for each place that the visitor went to."""

from pages.ui.component import component

_way = component("way")


def mend() -> None:
    """Let the browser mend its history; draws nothing."""
    _way(key="way", height="content")
