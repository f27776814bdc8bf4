"""How many visitors does one process carry?

    python tests/benchmarks/bench_load.py [seconds] [sessions ...]

Opens real websocket sessions on a server of its own, mixed over the labs. Each moves a slider every five seconds,
from a place of its own and in one direction, for so many seconds (30 unless told) at 1, 25, 50, 100 and 200 sessions.
Prints the time of a rerun from the message sent to "script finished", median and 95th percentile, what went wrong,
and the server's share of a core and resident memory. Only Linux; all stays on the loopback; at most 300 sessions.
"""

import asyncio
import contextlib
import itertools
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from views import VIEWS

from tests.browser.server import cpu_seconds, launch, resident
from tests.session import Session

EVERY = 5.0  # seconds between two moves of a session
LATE = 60.0  # seconds after which a rerun counts as an error


async def arrive(address: str, view: tuple[str, str, str], arriving: asyncio.Semaphore) -> Session:
    """Open a view and put its slider at a place of its own."""
    page, query, key = view
    async with arriving:
        session = await Session(address, page, query).__aenter__()
        await session.arrive()
        await session.move(key, random.random())
    return session


async def visit(session: Session, key: str, end: float, times: list[float], late: list[str]) -> None:
    """Move until `end`; the first move comes at a random moment."""
    due = time.perf_counter() + random.uniform(0, EVERY)
    while due < end:
        await asyncio.sleep(max(0, due - time.perf_counter()))
        try:
            times.append(await session.move(key, timeout=LATE))
        except TimeoutError:
            late.append(key)
            return
        due = max(due + EVERY, time.perf_counter())


async def load(address: str, process: int, count: int, seconds: float, views: Iterator) -> str:
    """One row of the table."""
    chosen = list(itertools.islice(views, count))
    arriving = asyncio.Semaphore(4)
    sessions = await asyncio.gather(*(arrive(address, view, arriving) for view in chosen))
    times, late = [], []
    start, spent = time.perf_counter(), cpu_seconds(process)
    end = start + seconds
    await asyncio.gather(
        *(visit(session, key, end, times, late) for session, (*_, key) in zip(sessions, chosen, strict=True))
    )
    share = (cpu_seconds(process) - spent) / (time.perf_counter() - start)
    memory = resident(process)
    errors = len(late) + sum(len(session.exceptions) for session in sessions)
    for session in sessions:
        with contextlib.suppress(OSError):
            await session.__aexit__(None, None, None)
    p50, p95 = 1e3 * np.quantile(times, [0.5, 0.95])
    return f"| {count} | {len(times)} | {p50:.0f} | {p95:.0f} | {errors} | {share:.0%} | {memory:.0f} |"


async def main(seconds: float, counts: list[int]) -> None:
    """Print the table."""
    random.seed(0)
    with launch("app.py") as (address, process):
        for page, query, key in VIEWS.values():  # what the first visitor of a view computes, later ones find
            async with Session(address, page, query) as session:
                await session.arrive()
                await session.move(key)
        views = itertools.cycle(VIEWS.values())
        print("| sessions | moves | p50, ms | p95, ms | errors | CPU, of a core | memory, MiB |")
        print("|---|---|---|---|---|---|---|")
        for count in counts:
            print(await load(address, process, count, seconds, views), flush=True)


if __name__ == "__main__":
    asyncio.run(
        main(
            float(sys.argv[1]) if len(sys.argv) > 1 else 30.0,
            [min(int(count), 300) for count in sys.argv[2:]] or [1, 25, 50, 100, 200],
        )
    )
