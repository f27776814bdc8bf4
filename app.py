"""The front door: `streamlit run app.py` starts this ASGI app.

Going through `st.App` lets the router run before the first deep link is resolved, and serves the code editor as a
file that a browser loads once.
"""

import os
from pathlib import Path
from urllib.parse import quote

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: two threads contending are slower than one

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGES = Path(__file__).parent / "pages"
base = f"/{st.get_option('server.baseUrlPath').strip('/')}".rstrip("/")


class OneLevel:
    """Leads an address of too many parts, such as `/recall/today`, to its last part at the level of the pages.

    Streamlit answers every address with its HTML, but that finds its scripts at this level alone: anywhere below, the
    window would stay blank.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an app."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        *above, last = scope.get("path", "").removeprefix(f"{base}/").split("/")
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


vendor = Mount(f"{base}/vendor", StaticFiles(directory=PAGES / "ui" / "vendor"))
app = st.App(PAGES / "router.py", routes=[vendor], middleware=[Middleware(OneLevel)])
