"""Grading what a hostile child may send: always a report, soon, and in little memory."""

import math
import time
import tracemalloc

import numpy as np
import pytest

from pages.practice import outcome as ended
from pages.practice.challenge import all_challenges
from pages.practice.grading import _expected_answers, calls, grade
from pages.practice.outcome import Answer, Outcome
from pages.practice.sandbox import wire

CHALLENGES = all_challenges()
SECONDS = 2.0  # of the processor, for all probes together
MEMORY = 24 << 20  # bytes


def deep(depth):
    """Lists in lists."""
    value = []
    for _ in range(depth):
        value = [value, value]
    return value


# Each can cross the wire; those that cannot are refused there.
WHOLE = {
    "as large as a frame": np.zeros(wire.DATA_BYTES, bool),
    "complex": np.zeros(wire.DATA_BYTES // 16, complex),
    "no rows, endless columns": np.zeros((0, wire.DATA_BYTES // 8)),
    "eight axes": np.zeros((4,) * 8),
    "eight axes of one": np.zeros((1,) * 8),
    "eight empty axes": np.zeros((0,) * 8),
    "a long text among numbers": ["x" * 900_000, *[1] * 19_000],
    "many texts": ["x" * 40] * 19_000,
    "texts just small enough": ["x" * 2000, *[1] * 1500],
    "many numbers": list(range(19_000)),
    "many empty lists": [[] for _ in range(19_000)],
    "large arrays in a list": [np.zeros(1 << 16)] * 15 + [np.zeros(1 << 15, complex)],
    "arrays of many kinds": [np.zeros(3, dtype) for dtype in wire.DTYPES],
    "nested": deep(8),
    "a chain": [[[[[[[[[1]]]]]]]]],
    "dicts": [dict.fromkeys(range(900))] * 10,
    "a dict of arrays": {"a": np.zeros(1 << 19), 1: [np.zeros(1 << 18)]},
    "the largest number": 2**63 - 1,
    "the smallest number": -(2**63),
    "not a number": math.nan,
    "infinity": -math.inf,
    "complex nan": complex(math.nan, math.inf),
    "a single half": np.float16(math.inf),
    "a truth": np.bool_(True),
    "a text": "`x` $y$" * 50,
    "nothing": (),
}


def on_each_leaf(change):
    """The expected answers with every array and number in them changed."""

    def apply(value):
        if isinstance(value, tuple | list):
            return type(value)(map(apply, value))
        with np.errstate(over="ignore"):
            return change(np.asarray(value))

    return apply


LIKE = {
    "empty, the other axes endless": lambda a: np.zeros((0, *[9] * max(a.ndim - 1, 1))),
    "of truths": lambda a: a.astype(bool),
    "of halves": lambda a: a.astype(np.float16),
    "of the largest numbers": lambda a: np.full(a.shape, 2**64 - 1, np.uint64),
    "of the smallest numbers": lambda a: np.full(a.shape, -(2**63)),
    "of complex numbers": lambda a: a.astype(complex),
    "of nan": lambda a: np.full(a.shape, math.nan),
    "of infinity": lambda a: np.full(a.shape, math.inf),
    "of huge numbers": lambda a: np.full(a.shape, 1e308),
    "of tiny numbers": lambda a: np.full(a.shape, 5e-324),
    "of -1": lambda a: np.full(a.shape, -1),
    "one axis more": lambda a: a[None],
    "turned": lambda a: a.T,
    "nine times": lambda a: np.tile(a, 9),
    "lists": lambda a: a.tolist(),
    "texts": lambda a: ["x" * 9] * len(a) if a.ndim else "x",
    "dicts": lambda a: {"a": a},
    "nothing": lambda a: None,
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("challenge", CHALLENGES, ids=lambda challenge: challenge.name)
def test_whatever_is_answered_ends_in_a_report_soon_and_in_little_memory(challenge):
    wanted = _expected_answers(challenge.name)
    tried = {name: [value] * len(wanted) for name, value in WHOLE.items()}
    tried |= {f"like the right one, {name}": list(map(on_each_leaf(change), wanted)) for name, change in LIKE.items()}
    grade(challenge, Outcome(ended.FINISHED, (Answer(0.0),) * len(wanted)))  # what the known mistakes answer is kept
    for name, values in tried.items():
        for value in values[:2]:
            buffer = bytearray(wire.pack(value))
            wire.take(buffer)  # it crosses
        outcome = Outcome(ended.FINISHED, tuple(map(Answer, values)))
        if name in WHOLE:  # the others are as small as the right ones
            tracemalloc.start()
        start = time.thread_time()
        report = grade(challenge, outcome)
        seconds, (_, peak) = time.thread_time() - start, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert not report.solved or "like" in name, name
        assert all(len(result.says) < 600 for result in report.results), name
        assert seconds < SECONDS, name
        assert peak < MEMORY, name


@pytest.mark.parametrize("challenge", CHALLENGES, ids=lambda challenge: challenge.name)
def test_a_changed_argument_is_named(challenge):
    for value in (1.0, WHOLE["as large as a frame"]):
        answers = (Answer(value, changed=(0,)),) * len(calls(challenge))
        report = grade(challenge, Outcome(ended.FINISHED, answers))
        assert "changed its argument" in report.results[0].says


def test_the_calls_and_the_answers_expected_are_small():
    for challenge in CHALLENGES:
        assert len(wire.pack([call.args for call in calls(challenge)])) < 1 << 20
        assert all(len(wire.pack(answer)) < 1 << 14 for answer in _expected_answers(challenge.name))
