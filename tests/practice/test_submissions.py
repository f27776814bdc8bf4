"""Programs as people write them, right ones in several styles and wrong ones: page and file give each the true verdict.

`submissions/<challenge>.txt` holds them, each under a heading "=== right: …" or "=== wrong: …". A program defines what
it is about, and the reference the rest. A line "> …" is what the diagnosis must contain.
"""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from pages.practice import outcome as ended
from pages.practice.challenge import Challenge, all_challenges
from pages.practice.grading import answer_of, calls, grade
from pages.practice.outcome import Outcome
from tests.practice.take_home_file import passes

HERE = Path(__file__).parent / "submissions"
CHALLENGES = {challenge.name: challenge for challenge in all_challenges()}


class Submission(NamedTuple):
    """One program."""

    challenge: Challenge
    is_right: bool
    name: str
    told: str
    program: str


def stored(path):
    """The programs of a file."""
    found = []
    for part in re.split(r"^=== ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        kind, name, told, program = re.fullmatch(
            r"(right|wrong): ([^\n]+)\n(?:> ([^\n]+)\n)?(.*)", part, re.DOTALL
        ).groups()
        found.append(Submission(CHALLENGES[path.stem], kind == "right", name, told or "", program))
    return found


SUBMISSIONS = [submission for path in sorted(HERE.glob("*.txt")) for submission in stored(path)]
each = pytest.mark.parametrize(
    "submission", SUBMISSIONS, ids=lambda submission: f"{submission.challenge.name}: {submission.name}"
)


def test_every_challenge_has_many():
    for challenge in CHALLENGES.values():
        kinds = [submission.is_right for submission in SUBMISSIONS if submission.challenge is challenge]
        assert (sum(kinds) >= 5, len(kinds) - sum(kinds) >= 10) == (True, True), challenge.name


@each
def test_the_page_gives_the_true_verdict(submission):
    names = dict(submission.challenge.reference)
    exec(submission.program, names)
    with np.errstate(all="ignore"):
        answers = tuple(answer_of(names, call) for call in calls(submission.challenge))
    report = grade(submission.challenge, Outcome(ended.FINISHED, answers))
    assert report.solved == submission.is_right, report.diagnosis
    assert submission.told in report.diagnosis


@each
def test_the_file_to_take_home_agrees(submission):
    assert passes(submission.challenge, submission.program, **submission.challenge.reference) == submission.is_right
