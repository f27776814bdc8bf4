"""Addresses that lie deeper than the pages do."""

from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class OneLevel:
    """Leads an address of too many parts, such as `/recall/today`, to its last part at the level of the pages.

    Streamlit answers every address with its HTML, but that finds its scripts at this level alone: anywhere below, the
    window would stay blank.
    """

    def __init__(self, app: ASGIApp, base: str) -> None:
        """Wrap `app`, whose pages lie below the path `base`."""
        self.app, self.base = app, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        *above, last = scope.get("path", "").removeprefix(f"{self.base}/").split("/")
        led = False

        async def send_on(message: Message) -> None:
            nonlocal led
            is_answer = message["type"] == "http.response.start"
            if above and is_answer and Headers(raw=message["headers"]).get("content-type", "").startswith("text/html"):
                led = True
                there = f"{'../' * len(above)}{quote(last, safe='')}"
                query = scope["query_string"].decode("latin-1")
                await RedirectResponse(f"{there}?{query}" if query else there)(scope, receive, send)
            elif not led:
                await send(message)

        await self.app(scope, receive, send_on)
