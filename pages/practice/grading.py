"""Grading: what a visitor's answers are worth, and which mistake they come from.

The reference, the expected answers and the verdict stay here, in the server: the visitor's program only answers
calls. A diagnosis is found by running the known mistakes on the same probes: the mistake whose every answer is the
visitor's explains them.
"""

import copy
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pages.practice import outcome as ended
from pages.practice.challenge import Challenge, Probe, Program, load
from pages.practice.outcome import Answer, Call, Fault, Outcome


@dataclass(frozen=True)
class Result:
    """One probe: whether it passed and, if not, what was expected and what came."""

    name: str
    passed: bool
    says: str = ""
    expected: str = ""
    came: str = ""


@dataclass(frozen=True)
class Report:
    """The verdict on a program, the diagnosis first."""

    solved: bool
    diagnosis: str
    results: tuple[Result, ...]
    line: int | None = None  # where to look, if that is known


def calls(challenge: Challenge) -> list[Call]:
    """What the visitor's program is asked: each probe, then the first once more, to see whether it remembers."""
    asked = [Call(challenge.asked(probe), probe.args) for probe in challenge.probes]
    return [*asked, asked[0]]


@np.errstate(all="ignore")  # answers may hold nan and inf
def grade(challenge: Challenge, outcome: Outcome) -> Report:
    """Judge what came of `calls(challenge)`."""
    answers = outcome.answers[: len(challenge.probes)]
    results = tuple(_judged(challenge, probe, answer) for probe, answer in zip(challenge.probes, answers, strict=False))
    if outcome.status != ended.FINISHED:
        return Report(False, _stopped(challenge, outcome), results, outcome.fault and outcome.fault.line)
    if not all(result.passed for result in results):
        first = next(number for number, result in enumerate(results) if not result.passed)
        says = _mistake(challenge, answers, results) or f"{results[first].name}: {results[first].says}"
        return Report(False, says, results, _line(answers[first]))
    first, again = outcome.answers[0], outcome.answers[-1]
    if again.fault or not same(again.value, first.value, 1e-12):
        says = (
            "The first call repeated at the end gave another answer: the function remembers something between calls "
            "(a global, a mutable default, an unseeded generator)."
        )
        return Report(False, says, results)
    return Report(True, "Every probe passes.", results)


def same(came: Any, want: Any, tolerance: float) -> bool:
    """Whether two answers agree: structure, shape, kind of number and value, not-a-number being equal to itself."""
    return _difference(came, want, tolerance) == ""


def told_by(mistake: Program) -> str:
    """What the author of a known mistake is told."""
    return " ".join((next(iter(mistake.values())).__doc__ or "").split())


def _stopped(challenge: Challenge, outcome: Outcome) -> str:
    """Why a program did not answer every call."""
    number = min(len(outcome.answers), len(challenge.probes) - 1)
    where = f"on the probe “{challenge.probes[number].name}”"
    fault = outcome.fault
    return {
        ended.NOT_LOADED: f"The program cannot be loaded: {_sentence(fault)}" if fault else "It cannot be loaded.",
        ended.TIME: f"No answer within the limit {where}: an endless loop?",
        ended.MEMORY: f"Out of memory {where}: is an array larger than it needs to be?",
        ended.OUTPUT: f"Too much was printed or returned {where}.",
        ended.DIED: f"The program ended {where} before it had answered.",
        ended.TOO_LONG: "The program is longer than 64 KiB; it was not run.",
        ended.BUSY: "Others are running their programs just now; press Run once more in a few seconds.",
        ended.UNAVAILABLE: "Running code is switched off here.",
    }[outcome.status]


def _judged(challenge: Challenge, probe: Probe, answer: Answer) -> Result:
    """The verdict on one probe."""
    function = challenge.asked(probe)
    want = _expected(challenge, probe)
    shown = "" if probe.judge else _shown(want)
    if answer.fault:
        if answer.fault.kind == "NameError" and f"'{function}'" in answer.fault.message:
            says = f"The program defines no function `{function}`."
        else:
            says = _sentence(answer.fault)
        return Result(probe.name, False, says, shown)
    if answer.value is None:
        return Result(probe.name, False, f"`{function}` returned None: is a `return` missing?", shown, "None")
    if answer.changed:
        name = challenge.parameters(function)[answer.changed[0]]
        return Result(probe.name, False, f"`{function}` changed its argument `{name}` in place: copy it first.", shown)
    if _size(answer.value) > 100 + 10 * _size(want):  # nothing is computed from it
        says = _difference(answer.value, want, np.inf) or "The answer is far larger than what was asked for."
        return Result(probe.name, False, says, shown)
    if probe.judge:
        try:
            says = probe.judge(answer.value, *copy.deepcopy(probe.args))
        except Exception:  # the answer may be anything
            says = _difference(answer.value, want, np.inf) or "The answer has not the form that was asked for."
    else:
        came, wanted = (_canonical(challenge, probe, value) for value in (answer.value, want))
        says = _difference(came, wanted, probe.tolerance)
    if says and not _finite(answer.value) and answer.warnings:
        words, line = answer.warnings[0]
        says += f" NumPy warned: {quoted(words)}{f', line {line}' if line else ''}."
    return Result(probe.name, not says, says, shown, _shown(answer.value))


def _mistake(challenge: Challenge, answers: tuple[Answer, ...], results: tuple[Result, ...]) -> str:
    """What the known mistake that gives these very answers says; "" if none does.

    It has to give the first wrong answer, since what goes wrong later may be a consequence of that one. If no mistake
    gives all wrong answers, one that gives all but those that came to nothing will do: the program has two mistakes.
    """
    first = [result.passed for result in results].index(False)
    for lenient in (False,) if _is_nothing(answers[first]) else (False, True):
        for number, mistake in enumerate(challenge.mistakes):
            theirs = _wrong_answers(challenge.name, number)
            if theirs[first] and all(
                wrong is None or _explains(challenge, probe, *wrong, answer, result, lenient)
                for probe, wrong, answer, result in zip(challenge.probes, theirs, answers, results, strict=True)
            ):
                return told_by(mistake)
    return ""


def _explains(
    challenge: Challenge, probe: Probe, wrong: Answer, right: bool, answer: Answer, result: Result, lenient: bool
) -> bool:
    """Whether what a known mistake answers to a probe, perhaps rightly, explains what a program does."""
    if result.passed:  # a program may be more careful than the mistake's
        return right or _is_nothing(wrong)
    return (not right and _equal(challenge, probe, answer, wrong)) or (lenient and _is_nothing(answer))


def _is_nothing(answer: Answer) -> bool:
    """Whether an answer is an exception, or holds nan or inf."""
    return bool(answer.fault) or not _finite(answer.value)


def _equal(challenge: Challenge, probe: Probe, one: Answer, other: Answer) -> bool:
    """Whether two programs did the same on a probe."""
    if one.fault or other.fault:
        return bool(one.fault and other.fault and one.fault.message == other.fault.message)
    if one.changed != other.changed:
        return False
    return same(*(_canonical(challenge, probe, answer.value) for answer in (one, other)), probe.tolerance)


@functools.cache
def _wrong_answers(name: str, number: int) -> tuple[tuple[Answer, bool] | None, ...]:
    """What a known mistake answers to each probe, and whether rightly; None where it leaves the function alone."""
    challenge = load(name)
    program = challenge.mistakes[number]
    found: list[tuple[Answer, bool] | None] = []
    for probe in challenge.probes:
        function = challenge.asked(probe)
        answer = answer_of(program, Call(function, probe.args)) if function in program else None
        found.append(answer and (answer, _judged(challenge, probe, answer).passed))
    return tuple(found)


def answer_of(program: Program, call: Call) -> Answer:
    """Call one of our own functions as the sandbox calls a visitor's."""
    args = copy.deepcopy(call.args)
    try:
        with np.errstate(all="ignore"):
            value = program[call.function](*args)
    except Exception as exception:  # whatever a wrong program raises
        return Answer(fault=Fault(type(exception).__name__, str(exception)))
    changed = (i for i, (now, was) in enumerate(zip(args, call.args, strict=True)) if not same(now, was, 0))
    return Answer(value, changed=tuple(changed))


@functools.cache
def _expected_answers(name: str) -> tuple[Any, ...]:
    challenge = load(name)
    answers = (answer_of(challenge.reference, call) for call in calls(challenge))
    return tuple(answer.value for answer in answers)


def _expected(challenge: Challenge, probe: Probe) -> Any:
    """The reference's answer."""
    return _expected_answers(challenge.name)[challenge.probes.index(probe)]


def _canonical(challenge: Challenge, probe: Probe, value: Any) -> Any:
    """The answer in the form in which equivalent answers are equal; itself where it has not that form at all."""
    function = challenge.canonical.get(challenge.asked(probe))
    if function is None:
        return value
    try:
        return function(value, *copy.deepcopy(probe.args))
    except Exception:  # the answer may be anything
        return value


def _difference(came: Any, want: Any, tolerance: float) -> str:
    """The first thing in which an answer differs from the one expected, as a sentence; "" if nothing does."""
    if isinstance(want, tuple | list) and not _numbers(want):
        if not isinstance(came, tuple | list):
            return f"It returned {_kind(came)}; {len(want)} values were asked for."
        if len(came) != len(want):
            return f"It returned {len(came)} values; {len(want)} were asked for."
        for number, (one, other) in enumerate(zip(came, want, strict=True), 1):
            if says := _difference(one, other, tolerance):
                return f"Value {number} of {len(want)}: {says[0].lower()}{says[1:]}"
        return ""
    if want is None or isinstance(want, str | dict):
        return "" if came == want else f"It returned {_kind(came)}, {want!r} was expected."
    if not _numbers(came):
        return f"It returned {_kind(came)}, not numbers."
    got, wanted = np.asarray(came), np.asarray(want)
    if got.shape != wanted.shape:
        return f"The shape is {got.shape}; {wanted.shape} was expected."
    if (got.dtype.kind == "f") != (wanted.dtype.kind == "f") or got.dtype.kind == "c":
        return f"The numbers are of type {got.dtype}; {wanted.dtype} was expected."
    bad = ~np.isfinite(got) & np.isfinite(wanted)
    if bad.any():
        return f"{bad.sum()} of {got.size} values are nan or inf." if got.size > 1 else f"The value is {got.item()}."
    wrong = ~np.isclose(got.astype(float), wanted.astype(float), rtol=tolerance, atol=1e-10, equal_nan=True)
    if not wrong.any():
        return ""
    worst = np.unravel_index(np.argmax(np.where(wrong, np.abs(got - wanted.astype(float)), -1)), got.shape)
    where = f"Entry {[int(i) for i in worst]}" if got.ndim else "The value"
    ratio = got[worst] / wanted[worst] if wanted[worst] else 0.0
    scaled = np.allclose(got, ratio * wanted, rtol=1e-3, atol=0)
    common = scaled and wrong.all() and got.size > 1 and ratio and abs(ratio - 1) > 1e-3
    times = f", {ratio:.4g} times as much" if common else ""
    return f"{where} is {got[worst]:.6g}; {wanted[worst]:.6g} was expected{times}."


def _numbers(value: Any) -> bool:
    """Whether a value is a number, an array of numbers, or a list that NumPy makes one of."""
    if isinstance(value, tuple):
        return False
    if isinstance(value, list):
        try:
            value = np.array(value)
        except ValueError:  # ragged
            return False
    return isinstance(value, bool | int | float | np.generic | np.ndarray) and np.asarray(value).dtype.kind in "fiubc"


def _leaves(value: Any) -> Iterator[np.ndarray]:
    """The arrays in an answer."""
    if _numbers(value):
        yield np.asarray(value)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _leaves(item)


def _size(value: Any) -> int:
    """How many numbers and containers an answer holds."""
    if isinstance(value, tuple | list):
        return 1 + sum(map(_size, value))
    return value.size if isinstance(value, np.ndarray) else 1


def _finite(value: Any) -> bool:
    """Whether no number of an answer is nan or inf."""
    return all(np.isfinite(leaf).all() for leaf in _leaves(value))


def _kind(value: Any) -> str:
    """What a value is, in words."""
    if value is None:
        return "None"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return "an array" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"


def _shown(value: Any, room: int = 160) -> str:
    """An answer, short enough for a line of a table."""
    if isinstance(value, tuple | list) and not _numbers(value):
        parts = [_shown(item, room // max(len(value), 1)) for item in value[:6]]
        return f"({', '.join(parts)}{', …' if len(value) > 6 else ''})"
    if not _numbers(value):
        return repr(value)[:room]
    array = np.asarray(value)
    text = np.array2string(array, precision=4, separator=", ", threshold=12, edgeitems=2, floatmode="maxprec")
    text = " ".join(text.split()).replace(" ,", ",").replace("[ ", "[").replace(" ]", "]")
    return text if len(text) <= room else f"array of shape {array.shape}"


def _sentence(fault: Fault | None) -> str:
    """An exception and where it came from."""
    if fault is None:
        return ""
    where = f" (line {fault.line})" if fault.line else ""
    return quoted(f"{fault.kind}: {fault.message}") + where


def quoted(words: str, room: int = 300) -> str:
    """Words that are not ours, as code: never as Markdown."""
    text = " ".join(words.split()).replace("`", "'")
    return f"`{text if len(text) <= room else f'{text[:room]}…'}`"


def _line(answer: Answer) -> int | None:
    """The line that an answer points at."""
    if answer.fault:
        return answer.fault.line
    return answer.warnings[0][1] if answer.warnings and not _finite(answer.value) else None
