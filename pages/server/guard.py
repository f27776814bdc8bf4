"""What no visitor may take from the others: middleware in front of Streamlit's own server."""

import asyncio
import contextlib
import time
from collections import Counter

from google.protobuf.message import DecodeError
from starlette.datastructures import Headers, MutableHeaders
from starlette.formparsers import MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnected
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

MEGABYTE = 2**20
SESSION_BYTES = 100 * MEGABYTE  # of uploaded files, and of those on their way
PROCESS_BYTES = 400 * MEGABYTE
SESSION_FILES = 10
BODY_SECONDS = 10.0  # to deliver a file, and one second more for each
BODY_RATE = 50_000  # bytes of it
BURST = 100  # messages that a connection may send at once, and then so many
MESSAGE_RATE = 20  # in a second
CLOSE = {"Connection": "close"}
FILE_NAMES = 10  # that one message may ask addresses for

# A file above 1 MB would be spooled to the disk while it arrives; one above this is refused.
MultiPartParser.spool_max_size = SESSION_BYTES

# All that a page needs is its own: scripts, styles, fonts, pictures and the websocket. Streamlit's first page has an
# inline script, styled components have inline styles, and browser components are loaded from blobs.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
    "media-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
)


class SafeHeaders:
    """Tell the browser what a page may load, and who may frame it: everyone, where the address says `embed=true`."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if scope["path"].endswith("/_stcore/metrics"):  # tells how many visitors there are, and what they hold
            return await PlainTextResponse("Not found", 404)(scope, receive, send)
        embedded = b"embed=true" in scope["query_string"].split(b"&")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY.format(ancestors="*" if embedded else "'self'")
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
            await send(message)

        return await self.app(scope, receive, with_headers)


class UploadQuota:
    """Bound the bytes of the files that a session and the process hold, and the time in which a file must arrive."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app
        self.arriving: Counter[str] = Counter()  # session → bytes announced

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; nothing is kept of a file that is refused."""
        if scope["type"] != "http" or scope["method"] != "PUT" or "/_stcore/upload_file/" not in scope["path"]:
            return await self.app(scope, receive, send)
        headers, session = Headers(scope=scope), scope["path"].split("/")[-2]
        announced = headers.get("content-length", "")
        if not announced.isdecimal() or "transfer-encoding" in headers:  # which would count, and not the length
            return await PlainTextResponse("The length of the file is missing.", 411, CLOSE)(scope, receive, send)
        length = int(announced)
        refusal = self._refusal(session, length)
        reserved = 0 if refusal else length
        self.arriving[session] += reserved
        try:
            async with asyncio.timeout(BODY_SECONDS + min(length, SESSION_BYTES) / BODY_RATE):
                if not refusal:
                    return await self.app(scope, receive, send)
                while (await receive()).get("more_body"):  # a browser reads the answer when it has sent all
                    pass
        except TimeoutError:
            refusal = PlainTextResponse("The file came too slowly.", 408, CLOSE)
        except ClientDisconnect:  # the visitor cancelled the upload, or left
            return None
        finally:
            self.arriving[session] -= reserved
            self.arriving += Counter()  # forgets who has nothing on its way
        return await refusal(scope, receive, send)

    def _refusal(self, session: str, length: int) -> PlainTextResponse | None:
        """The answer to a file of `length` bytes that cannot be taken now."""
        manager = get_instance().uploaded_file_mgr
        assert isinstance(manager, MemoryUploadedFileManager)
        storage = list(manager.file_storage.items())
        held = {name: [len(file.data) for file in list(files.values())] for name, files in storage}
        mine = held.get(session, [])
        if len(mine) >= SESSION_FILES or sum(mine) + self.arriving[session] + length > SESSION_BYTES:
            return PlainTextResponse("This session holds as many files as it may: reload the page.", 413, CLOSE)
        if sum(map(sum, held.values())) + self.arriving.total() + length > PROCESS_BYTES:
            return PlainTextResponse("The server holds as many files as it can: try again later.", 503, CLOSE)
        return None


class MessageLimits:
    """Let through what a page's own script sends, and no faster than a visitor can act."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection; its messages wait where there are too many, so that the sender waits too."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        allowance, before = float(BURST), time.monotonic()

        async def next_message() -> Message:
            nonlocal allowance, before
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                now = time.monotonic()
                allowance, before = min(BURST, allowance + (now - before) * MESSAGE_RATE) - 1, now
                if allowance < 0:
                    await asyncio.sleep(-allowance / MESSAGE_RATE)
                if is_harmless(message.get("bytes") or b""):
                    return message

        with contextlib.suppress(WebSocketDisconnected):  # the visitor left while Streamlit was still sending
            await self.app(scope, next_message, send)


def is_harmless(data: bytes) -> bool:
    """Whether a message is one of those that a page sends.

    Streamlit would also clear the caches of all visitors, or write files beside the app, if a message says so.
    """
    try:
        message = BackMsg.FromString(data)
    except DecodeError:
        return False
    kind = message.WhichOneof("type")
    if kind == "file_urls_request":
        return len(message.file_urls_request.file_names) <= FILE_NAMES
    if kind == "backend_operation_request":
        return message.backend_operation_request.WhichOneof("payload") in ("deferred_file", "dataframe_chunk")
    return kind in ("rerun_script", "stop_script", "app_heartbeat")
