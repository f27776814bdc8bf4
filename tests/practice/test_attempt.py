"""Runs of visitors' programs: one a session, a bounded number on the server, each with a report, and little kept."""

import gc
import threading
import tracemalloc

import numpy as np
import pytest

from pages.practice import attempt
from pages.practice import outcome as ended
from pages.practice.challenge import all_challenges
from pages.practice.grading import answer_of, calls
from pages.practice.outcome import Answer, Outcome
from pages.practice.sandbox import host

FIRST, SECOND, *_ = CHALLENGES = all_challenges()


@pytest.fixture
def gate(monkeypatch):
    """Runs end once this is set; their outcome has no answers."""
    opened = threading.Event()

    def run(program, asked):
        opened.wait(30)
        return Outcome(ended.TIME)

    monkeypatch.setattr(host, "run", run)
    yield opened
    opened.set()


def free():
    """How many places are free."""
    return attempt._places._value


def test_a_session_has_one_run_at_a_time(gate):
    mine, other = {}, {}
    attempt.begin(mine, FIRST, "a")
    running = mine[FIRST.name]
    attempt.begin(mine, FIRST, "b")
    assert mine == {FIRST.name: running}
    attempt.begin(mine, SECOND, "c")
    refused = mine[SECOND.name].result(0)
    assert (refused.outcome.status, refused.program) == (ended.ANOTHER, "c")
    assert "still running" in refused.report.diagnosis
    attempt.begin(other, SECOND, "d")
    assert not other[SECOND.name].done()
    gate.set()
    assert running.result(30).program == "a"
    attempt.begin(mine, SECOND, "e")
    assert mine[SECOND.name].result(30).outcome.status == ended.TIME


def test_the_server_has_a_bounded_number_of_runs_and_says_so_at_once(gate):
    assert free() == attempt.PLACES
    sessions = [{} for _ in range(attempt.PLACES + 20)]
    for session in sessions:
        attempt.begin(session, FIRST, "a")
    refused = [session for session in sessions if session[FIRST.name].done()]
    assert refused == sessions[attempt.PLACES :]
    assert {session[FIRST.name].result().outcome.status for session in refused} == {ended.BUSY}
    gate.set()
    assert {session[FIRST.name].result(30).outcome.status for session in sessions} == {ended.BUSY, ended.TIME}
    assert free() == attempt.PLACES


def no_memory(program, asked):
    raise MemoryError


def argument_that_is_none(program, asked):
    return Outcome(ended.FINISHED, (Answer(1.0, changed=(7,)),) * len(asked))


def no_answers(program, asked):
    return Outcome(ended.FINISHED)


@pytest.mark.parametrize("run", [no_memory, argument_that_is_none, no_answers])
def test_whatever_fails_there_is_a_report_and_the_place_is_free_again(monkeypatch, caplog, run):
    monkeypatch.setattr(host, "run", run)
    attempts = {}
    attempt.begin(attempts, FIRST, "a")
    came = attempts[FIRST.name].result(30)
    assert came.outcome.status == ended.FAILED
    assert "failed to judge" in came.report.diagnosis
    assert FIRST.name in caplog.text  # the defect is ours: the log says where it is
    assert free() == attempt.PLACES


def test_a_session_keeps_no_answers_and_no_program_that_was_too_long(monkeypatch):
    def large(program, asked):
        return Outcome(ended.FINISHED, tuple(Answer(np.zeros(1 << 16)) for _ in asked))

    def right(program, asked):
        return Outcome(ended.FINISHED, tuple(answer_of(challenge.reference, call) for call in asked))

    attempts = {}
    for run in (large, right):  # twice: what is computed once for all sessions is not the session's
        monkeypatch.setattr(host, "run", run)
        for challenge in CHALLENGES:
            attempt.begin(attempts, challenge, "a")
            assert attempts[challenge.name].result(30).report.solved is (run is right)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    monkeypatch.setattr(host, "run", large)
    for challenge in CHALLENGES:
        attempt.begin(attempts, challenge, "b" * 60_000)
        attempts[challenge.name].result(30)
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0] - before
    assert kept < 15 * 150_000, f"{kept / 2**20:.1f} MiB"
    monkeypatch.setattr(host, "run", lambda *_: pytest.fail("it was run"))
    for challenge in CHALLENGES:
        attempt.begin(attempts, challenge, "c" * 2_000_000)
        came = attempts[challenge.name].result(0)
        assert (came.program, came.outcome.status) == ("", ended.TOO_LONG)
    gc.collect()
    assert tracemalloc.get_traced_memory()[0] - before < 15 * 20_000
    tracemalloc.stop()


def test_every_way_to_end_is_said():
    statuses = {value for name, value in vars(ended).items() if name.isupper() and name != "UNDEFINED"}
    said = {attempt.grade(FIRST, Outcome(status)).diagnosis for status in statuses - {ended.FINISHED}}
    assert len(said) == len(statuses) - 1
    assert all(words.endswith((".", "?")) for words in said)


def test_a_right_program_is_run_and_graded():
    code = "import numpy as np\ndef softmax(x):\n    e = np.exp(x - x.max(-1, keepdims=True))\n"
    code += "    return e / e.sum(-1, keepdims=True)"
    softmax = next(challenge for challenge in CHALLENGES if challenge.name == "softmax")
    attempts = {}
    host.start()
    host.policy()  # the self-test has ended, and children are on their way
    for _ in range(5):  # as the page asks for on a machine that is busy
        attempt.begin(attempts, softmax, code)
        came = attempts["softmax"].result(60)
        if "just now" not in came.report.diagnosis:
            break
    assert came.report.solved, came
    assert len(came.outcome.answers) == len(calls(softmax))
    assert {answer.value is None for answer in came.outcome.answers} == {True}
