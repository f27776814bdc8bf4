"""A run of a visitor's program on a challenge, in the background.

Streamlit begins a new rerun of a page while the one before still waits: a run that belonged to a rerun would be lost
with it. This one belongs to the session, and whichever rerun comes to it waits for the same one.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from pages.practice.challenge import Challenge
from pages.practice.grading import Report, calls, grade
from pages.practice.outcome import Outcome
from pages.practice.sandbox import host

_workers = ThreadPoolExecutor(max_workers=32, thread_name_prefix="attempt")


@dataclass(frozen=True)
class Attempt:
    """A program and what came of it."""

    program: str
    outcome: Outcome
    report: Report


def begin(challenge: Challenge, program: str) -> Future[Attempt]:
    """Run a program on the probes of a challenge, and grade it."""
    return _workers.submit(_run, challenge, program)


def _run(challenge: Challenge, program: str) -> Attempt:
    outcome = host.run(program, calls(challenge))
    return Attempt(program, outcome, grade(challenge, outcome))
