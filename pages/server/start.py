"""The start of the process: every page is visited once before the server accepts a connection."""

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import get_instance
from streamlit.runtime.session_manager import SessionClient

from pages.practice.sandbox import host
from pages.server.states import read_usable_alone

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None

PAGES = Path(__file__).parents[1]
SCRIPTS = sorted(path.stem for path in PAGES.glob("*.py") if path.stem not in ("__init__", "router"))


class Visitor(SessionClient):
    """A visitor without a browser, who only waits for the end of a page's run."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self.finished = asyncio.Event()

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        """Take a message of the page."""
        if msg.WhichOneof("type") == "script_finished":
            self.finished.set()


async def visit(page: str) -> None:
    """Run a page to its end in a session of its own, as its first visitor would."""
    runtime, visitor = get_instance(), Visitor()
    session = runtime.connect_session(visitor, user_info={})
    message = BackMsg()
    message.rerun_script.page_name = "" if page == "home" else page
    runtime.handle_backmsg(session, message)
    await visitor.finished.wait()
    runtime.close_session(session)


def raise_descriptor_limit() -> None:
    """Let the process open as many files and connections as the system allows it; many begin with 1024 or fewer."""
    if resource:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with contextlib.suppress(ValueError, OSError):  # macOS names a hard limit that it does not grant
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def send_at_once() -> None:
    """Let no connection wait for the acknowledgement of what was sent before it sends more.

    Streamlit binds the port by a socket that does not name its protocol, so that asyncio leaves Nagle's algorithm on:
    the end of a move would come 40 ms after its beginning. Connections inherit the option of the listening socket.
    """
    sockets = [item for item in gc.get_objects() if type(item) is socket.socket and item.fileno() >= 0]
    for tcp in [s for s in sockets if s.type == socket.SOCK_STREAM and s.family in (socket.AF_INET, socket.AF_INET6)]:
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@contextlib.asynccontextmanager
async def ready(_app: st.App) -> AsyncIterator[None]:
    """Import, load and build whatever pages share; uvicorn accepts connections when this has been entered.

    Script threads that import the same modules at the same time deadlock, and Python then hands out half-made
    modules; so the first visits come one after the other. What they leave behind lives as long as the process, and
    the garbage collector need not look at it again.
    """
    raise_descriptor_limit()
    send_at_once()
    read_usable_alone()
    host.start()  # the sandbox tests itself meanwhile
    for page in SCRIPTS:
        await visit(page)
    gc.collect()
    gc.freeze()
    yield
