"""A visitor without a browser: a websocket session that speaks Streamlit's protobufs as its frontend does.

async with Session("http://127.0.0.1:8501", "bias_variance") as session:
    await session.arrive()
    seconds = await session.move("bv_noise")
"""

import asyncio
import re
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from websockets.asyncio.client import connect

T = TypeVar("T")
KEPT = 2  # runs for which a browser keeps a message that the server may then refer to (`global.maxCachedMessageAge`)


def run(visits: Coroutine[Any, Any, T]) -> T:
    """What `visits` come to, in a thread of their own: a browser's test may have left its loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, visits).result()


class Session:
    """One open page. Its sliders are known by their keys once it has arrived; other widgets keep their values."""

    def __init__(self, address: str, page: str, query: str = "") -> None:
        """`address` as a browser has it, `page` without a slash, `query` without a question mark."""
        self.sliders: dict[str, Slider] = {}
        self.exceptions: list[str] = []  # of which the page told the visitor
        self.received = 0  # bytes
        self.id = ""  # as the server names the session
        self._fragments: dict[str, str] = {}
        self._values: dict[str, float] = {}  # of the sliders that were moved; of one with options, the option's number
        self._page, self._query, self._hash = "" if page == "home" else page, query, ""
        self._messages: dict[str, tuple[int, Element]] = {}  # that the server may refer to, with the run they came in
        self._runs = 0
        self._connection = connect(
            f"ws{address.removeprefix('http')}/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
            open_timeout=60,
            compression=None,
        )

    async def __aenter__(self) -> Self:
        self._socket = await self._connection.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.__aexit__(kind, error, trace)

    async def arrive(self, timeout: float = 60) -> float:
        """Run the whole page; seconds until the script has finished."""
        return await self._run("", timeout)

    async def move(self, key: str, share: float | None = None, timeout: float = 60) -> float:
        """Move a slider by one step, from its end to its start; seconds until the script has finished.

        With `share` it goes to that share of its range instead.
        """
        slider = self.sliders[key]
        value = self._values.get(key, slider.default[0]) + slider.step
        if share is not None:
            value = slider.min + slider.step * round(share * (slider.max - slider.min) / slider.step)
        self._values[key] = value if value <= slider.max + slider.step / 2 else slider.min
        return await self._run(self._fragments[key], timeout)

    async def send(self, fragment: str = "") -> None:
        """Ask for a rerun, of a fragment or of the whole page, and wait for nothing."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.page_script_hash = self._query, self._page, self._hash
        state.fragment_id = fragment
        state.cached_message_hashes.extend(self._messages)
        for key, value in self._values.items():
            widget = state.widget_states.widgets.add(id=self.sliders[key].id)
            if options := self.sliders[key].options:
                widget.string_array_value.data.append(options[int(value)])
            else:
                widget.double_array_value.data.append(value)
        await self._socket.send(message.SerializeToString())

    async def finished(self, timeout: float = 60) -> None:
        """Read until a run has ended that no other rerun has cut short. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while True:
                data = await self._socket.recv()
                self.received += len(data)
                message = ForwardMsg.FromString(data)
                self._take(message)
                early = ForwardMsg.FINISHED_EARLY_FOR_RERUN
                if message.WhichOneof("type") == "script_finished" and message.script_finished != early:
                    self._runs += 1
                    self._messages = {k: v for k, v in self._messages.items() if v[0] > self._runs - KEPT}
                    return

    async def _run(self, fragment: str, timeout: float) -> float:
        start = time.perf_counter()
        await self.send(fragment)
        await self.finished(timeout)
        return time.perf_counter() - start

    def _take(self, message: ForwardMsg) -> None:
        """Keep of a message what a later one from here needs."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.id = message.new_session.initialize.session_id
        elif kind == "navigation":
            self._hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "ref_hash":
            self._messages[message.ref_hash] = self._runs, self._messages[message.ref_hash][1]
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if message.metadata.cacheable:
                self._messages[message.hash] = self._runs, element
            if element.WhichOneof("type") == "exception":
                self.exceptions.append(f"{element.exception.type}: {element.exception.message}")
            elif element.WhichOneof("type") == "slider":
                key = re.sub(r"^\$\$ID-[0-9a-f]+-", "", element.slider.id)
                self.sliders[key], self._fragments[key] = element.slider, message.delta.fragment_id
