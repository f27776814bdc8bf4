"""A fresh process: ready when its port answers, whoever comes first and however many."""

import asyncio
import itertools

import pytest

from tests.browser.server import launch
from tests.pages.visit import PAGES
from tests.session import Session, run

VISITORS = 10


@pytest.mark.parametrize("start", range(10))
def test_ten_first_visitors_of_a_fresh_process_see_no_error(start, tmp_path):
    pages = list(itertools.islice(itertools.cycle(PAGES), start, start + VISITORS))

    async def arrive(address, page):
        async with Session(address, page) as session:
            await session.arrive()
            return session.exceptions

    async def all_at_once(address):
        return await asyncio.gather(*(arrive(address, page) for page in pages))

    with (tmp_path / "log").open("w+") as log:
        with launch("app.py", log=log.fileno()) as (address, _):
            assert run(all_at_once(address)) == [[]] * VISITORS
        log.seek(0)
        printed = log.read()
    assert not any(word in printed for word in ("Traceback", "Error", "Exception", "Warning")), printed


def test_a_first_visit_costs_what_a_later_one_does():
    async def arrive(address, page):
        async with Session(address, page) as session:
            return await session.arrive()

    with launch("app.py") as (address, _):
        visits = [[run(arrive(address, page)) for page in PAGES] for _ in range(5)]
    first, *later = map(sum, visits)
    assert first <= 1.3 * sorted(later)[len(later) // 2]
