"""Does the server's memory stay bounded while visitors come and go?

    python tests/benchmarks/bench_soak.py [sessions]

Opens 300 websocket sessions (or as many as told) on a server of its own, twenty at a time and mixed over the labs;
each moves its slider five times and closes. Prints the server's resident memory, descriptors and threads before, after
them, and after as many again; each time also two minutes later, when Streamlit has forgotten the sessions, which it
keeps for a visitor whose connection comes back. Takes about six minutes. Only Linux; all stays on the loopback.
"""

import asyncio
import itertools
import random
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from views import VIEWS

from tests.browser.server import launch, resident
from tests.session import Session

TOGETHER = 20
MOVES = 5
KEPT = 125  # seconds; Streamlit keeps a closed session for 120


async def visit(address: str, view: tuple[str, str, str], room: asyncio.Semaphore) -> int:
    """Open, move, close; the number of errors that the visitor was told."""
    page, query, key = view
    async with room, Session(address, page, query) as session:
        await session.arrive()
        await session.move(key, random.random())
        for _ in range(MOVES - 1):
            await session.move(key)
        return len(session.exceptions)


async def soak(address: str, count: int, views: Iterator) -> int:
    """Let so many come and go; the number of errors."""
    room = asyncio.Semaphore(TOGETHER)
    return sum(await asyncio.gather(*(visit(address, next(views), room) for _ in range(count))))


async def main(count: int) -> None:
    """Print the table."""
    random.seed(0)
    views = itertools.cycle(VIEWS.values())
    with launch("app.py") as (address, process):

        def row(moment: str, errors: int = 0) -> None:
            at = Path(f"/proc/{process}")
            open_files, threads = (sum(1 for _ in at.joinpath(kind).iterdir()) for kind in ("fd", "task"))
            print(f"| {moment} | {resident(process):.0f} | {open_files} | {threads} | {errors} |", flush=True)

        print("| sessions so far | memory, MiB | descriptors | threads | errors |\n|---|---|---|---|---|")
        await soak(address, len(VIEWS), views)  # what the first visitor of a view computes, later ones find
        row(f"{len(VIEWS)}, one a view")
        for done in (count, 2 * count):
            row(f"{done}", await soak(address, count, views))
            await asyncio.sleep(KEPT)
            await soak(address, 1, views)  # who looks finds that the others' time is over
            row(f"{done}, two minutes later")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
