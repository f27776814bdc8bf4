"""Hostile and honest visitors together leave the server as they found it."""

import asyncio
import os
import time
from pathlib import Path
from urllib.parse import urlsplit

from pages.server import guard
from tests.browser.server import launch
from tests.server.test_guard import form, request, token
from tests.session import Session, run

LIVES = 1  # seconds for which the server keeps a session whose visitor has gone


def held(pid):
    """Megabytes, descriptors and child processes of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return (
        int(status.split("VmRSS:")[1].split()[0]) / 1024,
        len(os.listdir(f"/proc/{pid}/fd")),
        sum(len(path.read_text().split()) for path in children),
    )


async def honest(address):
    async with Session(address, "gradient_descent") as session:
        await session.arrive()
        for _ in range(10):
            await session.move("gd_steps")
        return session.exceptions


async def uploads(address):
    body, headers = form(20 * guard.MEGABYTE)
    async with Session(address, "neural_network") as session:
        await session.arrive()
        for number in range(8):
            path = f"/_stcore/upload_file/{session.id}/{number}"
            await asyncio.to_thread(request, address, "PUT", path, body, {**headers, **token(address)})


async def flood(address):
    async with Session(address, "recall") as session:
        await session.arrive()
        for _ in range(500):
            await session.send()


async def heavy(address, seed):
    async with Session(address, "neural_network", f"nn_view=Normalisation&nn_norm_seed={seed}") as session:
        await session.arrive()


async def unfinished(address):
    """A handshake, the beginning of a message, a while of silence."""
    url = urlsplit(address)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(
        f"GET /_stcore/stream HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"\x82\xff" + (7_000_000).to_bytes(8, "big") + b"mask" + bytes(5_000_000))
    await writer.drain()
    await asyncio.sleep(2)
    writer.close()


async def round_of_visits(address):
    hostile = [uploads(address), flood(address), *(heavy(address, seed) for seed in range(3))]
    hostile += [unfinished(address) for _ in range(5)]
    *_, first, second = await asyncio.gather(*hostile, honest(address), honest(address))
    assert first == second == []


def test_memory_descriptors_and_processes_are_given_back():
    with launch("app.py", options=[f"--server.disconnectedSessionTTL={LIVES}"]) as (address, pid):

        def after_a_round():
            run(round_of_visits(address))
            time.sleep(2 * LIVES)
            run(honest(address))  # the store of sessions looks at its clock when it is used
            time.sleep(1)
            return held(pid)

        after_a_round()  # fills the caches
        megabytes, descriptors, processes = after_a_round()
        for _ in range(2):
            now = after_a_round()
        assert now[0] < megabytes + 40
        assert now[1] <= descriptors + 1
        assert now[2] == processes
