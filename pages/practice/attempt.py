"""A run of a visitor's program on a challenge, in the background.

Streamlit begins a new rerun of a page while the one before still waits: a run that belonged to a rerun would be lost
with it. This one belongs to the session, and whichever rerun comes to it waits for the same one. A session has one run
at a time, and the server a few dozen: whoever comes after that is told so at once.
"""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from pages.practice import outcome as ended
from pages.practice.challenge import Challenge
from pages.practice.grading import Report, calls, grade
from pages.practice.outcome import Outcome
from pages.practice.sandbox import host

PLACES = 32  # of all sessions together: runs under way and those that wait for their turn

_places = threading.BoundedSemaphore(PLACES)
_workers = ThreadPoolExecutor(max_workers=PLACES, thread_name_prefix="attempt")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """A program and what came of it, as far as a page shows it."""

    program: str  # "" if it was too long to be run
    outcome: Outcome  # without the values of its answers
    report: Report


def begin(attempts: dict[str, Future[Attempt]], challenge: Challenge, program: str) -> None:
    """Run a program on the probes of a challenge, and grade it.

    `attempts` are those of the session, by the challenge's name; this one joins them, unless one on the same challenge
    is still under way.
    """
    name = challenge.name
    if name in attempts and not attempts[name].done():
        return
    if any(not other.done() for other in attempts.values()):
        attempts[name] = _refused(challenge, program, ended.ANOTHER)
    elif len(program) > host.LIMITS.code:
        attempts[name] = _refused(challenge, "", ended.TOO_LONG)
    elif not _places.acquire(blocking=False):
        attempts[name] = _refused(challenge, program, ended.BUSY)
    else:
        attempts[name] = _workers.submit(_run, challenge, program)


def _run(challenge: Challenge, program: str) -> Attempt:
    """Run and grade; whatever goes wrong, there is a report."""
    try:
        outcome = host.run(program, calls(challenge))
        report = grade(challenge, outcome)
    except Exception:  # a defect of ours, or no memory left
        _log.exception("A run on the challenge %s could not be judged", challenge.name)
        outcome = Outcome(ended.FAILED)
        report = grade(challenge, outcome)
    finally:
        _places.release()
    answers = tuple(replace(answer, value=None) for answer in outcome.answers)
    return Attempt(program, replace(outcome, answers=answers), report)


def _refused(challenge: Challenge, program: str, status: str) -> Future[Attempt]:
    """What comes of a program that is not run."""
    future: Future[Attempt] = Future()
    outcome = Outcome(status)
    future.set_result(Attempt(program, outcome, grade(challenge, outcome)))
    return future
