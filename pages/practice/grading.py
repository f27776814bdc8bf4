"""Grading: what a visitor's answers are worth, and which mistake they come from.

The reference, the expected answers and the verdict stay here, in the server: the visitor's program only answers
calls. A diagnosis is found by running the known mistakes on the same probes: the mistake whose every answer is the
visitor's explains them.
"""

import copy
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pages.practice import outcome as ended
from pages.practice.challenge import Challenge, Probe, Program, load
from pages.practice.compare import changed, difference, in_form, is_numbers, too_large, what_is_wrong
from pages.practice.outcome import Answer, Call, Fault, Outcome

REMEMBERS = (
    "The first call repeated at the end gave another answer: the function remembers something between calls (a global, "
    "a mutable default), or draws without a seed."
)
RENAMED = {  # names that NumPy 2 no longer has, and gives no hint about
    "trapz": "trapezoid",
    "in1d": "isin",
    "product": "prod",
    "cumproduct": "cumprod",
    "alltrue": "all",
    "sometrue": "any",
    "msort": "sort",
}


@dataclass(frozen=True)
class Result:
    """One probe: whether it passed and, if not, what was given, what was expected and what came."""

    name: str
    passed: bool
    says: str = ""
    expected: str = ""
    came: str = ""
    given: str = ""


@dataclass(frozen=True)
class TooLarge:
    """Stands for an answer far larger than the one expected, of which nothing is computed."""

    says: str


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
    came = tuple(map(_bounded, outcome.answers, _expected_answers(challenge.name)))
    answers = came[: len(challenge.probes)]
    pairs = zip(challenge.probes, answers, strict=False)
    results = tuple(_judged(challenge, probe, answer, answers[:number]) for number, (probe, answer) in enumerate(pairs))
    if outcome.status != ended.FINISHED:
        return Report(False, _stopped(challenge, outcome), results, outcome.fault and outcome.fault.line)
    again = [REMEMBERS] if _remembers(came[0], came[-1]) else []
    wrong = [number for number, result in enumerate(results) if not result.passed]
    if not wrong:
        return Report(not again, again[0] if again else "Every probe passes.", results)
    first = results[wrong[0]]
    says = _mistake(challenge, answers, results) or f"{first.name}: {first.says}"
    return Report(False, " ".join([*again, says]), results, _line(answers[wrong[0]]))


def _remembers(first: Answer, again: Answer) -> bool:
    """Whether the same call, put first and last, was answered in two ways."""
    if first.fault or again.fault:
        return (first.fault and first.fault.kind) != (again.fault and again.fault.kind)
    if isinstance(first.value, TooLarge) or isinstance(again.value, TooLarge):
        return type(first.value) is not type(again.value)
    return not same(again.value, first.value, 1e-12)


def _bounded(answer: Answer, want: Any) -> Answer:
    """The answer, or what stands for it if it is too large."""
    says = too_large(answer.value, want)
    return replace(answer, value=TooLarge(says)) if says else answer


def same(came: Any, want: Any, tolerance: float) -> bool:
    """Whether two answers agree: structure, shape, kind of number and value, not-a-number being equal to itself."""
    return difference(came, want, tolerance) == ""


def told_by(mistake: Program) -> str:
    """What the author of a known mistake is told."""
    return " ".join((next(iter(mistake.values())).__doc__ or "").split())


def _stopped(challenge: Challenge, outcome: Outcome) -> str:
    """Why a program did not answer every call."""
    number = min(len(outcome.answers), len(challenge.probes) - 1)
    where = f"on the probe “{challenge.probes[number].name}”"
    if not outcome.loaded:
        where = "before the first probe, at the top level of the program"
    fault = outcome.fault
    return {
        ended.NOT_LOADED: f"The program cannot be loaded: {_sentence(fault)}" if fault else "It cannot be loaded.",
        ended.TIME: f"No answer within the limit {where}: an endless loop?",
        ended.MEMORY: f"Out of memory {where}: is an array larger than it needs to be?",
        ended.OUTPUT: f"Too much was printed or returned {where}.",
        ended.DIED: f"The program ended {where}, without an answer.",
        ended.TOO_LONG: "The program is longer than 64 KiB; it was not run.",
        ended.BUSY: "Others are running their programs just now; press Run once more in a few seconds.",
        ended.ANOTHER: "Another of your programs is still running; press Run once more when it has ended.",
        ended.FAILED: "The page failed to judge your program: the defect is ours. Press Run once more.",
        ended.UNAVAILABLE: "Running code is switched off here.",
    }[outcome.status]


def _judged(challenge: Challenge, probe: Probe, answer: Answer, earlier: tuple[Answer, ...] = ()) -> Result:
    """The verdict on one probe; `earlier` are the answers to those before it."""
    says = _complaint(challenge, probe, answer, earlier)
    if not says:
        return Result(probe.name, True)
    if not _finite(answer.value) and answer.warnings:
        words, line = answer.warnings[0]
        says += f" NumPy warned: {quoted(words)}{f', line {line}' if line else ''}."
    expected = "" if probe.judge or probe.unlike else _shown(_expected(challenge, probe))
    came = "" if answer.fault or answer.changed or isinstance(answer.value, TooLarge) else _shown(answer.value)
    names, room = challenge.parameters(challenge.asked(probe)), max(90, 240 // len(probe.args))
    given = ", ".join(f"{name} = {_shown(value, room)}" for name, value in zip(names, probe.args, strict=True))
    return Result(probe.name, False, says, expected, came, given)


def _complaint(challenge: Challenge, probe: Probe, answer: Answer, earlier: tuple[Answer, ...]) -> str:
    """What is wrong with the answer to a probe, as a sentence; "" if nothing is."""
    function = challenge.asked(probe)
    if answer.fault:
        if answer.fault.kind == "NameError" and answer.fault.message == ended.UNDEFINED.format(function):
            return f"The program defines no function `{function}`."
        return _sentence(answer.fault)
    if answer.value is None:
        return f"`{function}` returned None: is a `return` missing?"
    if answer.changed:
        name = challenge.parameters(function)[answer.changed[0]]
        return f"`{function}` changed its argument `{name}` in place: copy it first."
    if isinstance(answer.value, TooLarge):
        return answer.value.says
    want, canonical = _expected(challenge, probe), challenge.canonical.get(function)
    if says := what_is_wrong(answer.value, probe.args, want, probe.judge, canonical, probe.tolerance):
        return says
    if probe.unlike:
        number = [each.name for each in challenge.probes].index(probe.unlike)
        other = challenge.probes[number]
        if number < len(earlier) and same(answer.value, earlier[number].value, 0):
            pairs = zip(challenge.parameters(function), probe.args, other.args, strict=True)
            name = next(name for name, one, two in pairs if not same(one, two, 0))
            return (
                f"The answer is the same as on the probe “{other.name}”, whose `{name}` is another: it has no effect."
            )
    return ""


def _mistake(challenge: Challenge, answers: tuple[Answer, ...], results: tuple[Result, ...]) -> str:
    """What the known mistake that gives these very answers says; "" if none does.

    It has to give the first wrong answer, since what goes wrong later may be a consequence of that one. If no mistake
    gives all wrong answers, one that gives all but those that came to nothing will do: the program has two mistakes.
    If none does either, but just one gives the first wrong answer, it is told, and that there must be another one.
    A mistake may be made in one function and not in another: then those whose every answer is right do not count.
    """
    first = [result.passed for result in results].index(False)
    asked = [challenge.asked(probe) for probe in challenge.probes]
    wrong = {function for function, result in zip(asked, results, strict=True) if not result.passed}
    in_these_functions, all_but_nothing, at_first = [], [], set()
    for number, mistake in enumerate(challenge.mistakes):
        theirs = _wrong_answers(challenge.name, number)
        if not theirs[first]:
            continue
        unexplained = [
            at
            for at, pair in enumerate(theirs)
            if pair and not _explains(challenge, at, *pair, answers[at], results[at])
        ]
        if not unexplained:
            return told_by(mistake)
        unexplained = [at for at in unexplained if asked[at] in wrong]
        if not unexplained:
            in_these_functions.append(told_by(mistake))
        if any(results[at].passed for at in unexplained):
            continue
        if _errs_alike(challenge, challenge.probes[first], answers[first], theirs[first][0]):
            at_first.add(told_by(mistake))
        if first not in unexplained and all(_is_nothing(answers[at]) for at in unexplained):
            all_but_nothing.append(told_by(mistake))
    if in_these_functions:
        return in_these_functions[0]
    if _is_nothing(answers[first]):
        return ""
    if all_but_nothing:
        return all_but_nothing[0]
    if len(at_first) != 1:
        return ""
    return (
        f"The first wrong value of the probe “{results[first].name}” is the one that this mistake gives: "
        f"{at_first.pop()} But it does not give all wrong values, so look for a second mistake as well."
    )


def _explains(challenge: Challenge, at: int, theirs: Answer, right: bool, answer: Answer, result: Result) -> bool:
    """Whether what a known mistake answers to the probe in that place, perhaps rightly, explains a program's answer."""
    if result.passed:  # a program may be more careful than the mistake's
        return right or _is_nothing(theirs)
    return not right and _equal(challenge, challenge.probes[at], answer, theirs)


def _errs_alike(challenge: Challenge, probe: Probe, one: Answer, other: Answer) -> bool:
    """Whether two answers are the same, or at least the first of their values that is wrong."""
    if one.fault or other.fault or one.changed or other.changed:
        return _equal(challenge, probe, one, other)
    canonical, want = challenge.canonical.get(challenge.asked(probe)), _expected(challenge, probe)
    parts = [in_form(canonical, value, probe.args) for value in (one.value, other.value, want)]
    if not all(isinstance(part, tuple | list) and not is_numbers(part) for part in parts):
        return same(parts[0], parts[1], probe.tolerance)
    if len({len(part) for part in parts}) > 1:
        return False
    for mine, theirs, wanted in zip(*parts, strict=True):
        if not (same(mine, wanted, probe.tolerance) and same(theirs, wanted, probe.tolerance)):
            return same(mine, theirs, probe.tolerance)
    return False  # what is wrong is not among what is compared


def _is_nothing(answer: Answer) -> bool:
    """Whether an answer is an exception, or holds nan or inf."""
    return bool(answer.fault) or not _finite(answer.value)


def _equal(challenge: Challenge, probe: Probe, one: Answer, other: Answer) -> bool:
    """Whether two programs did the same on a probe."""
    if one.fault or other.fault:
        return bool(one.fault and other.fault and one.fault.message == other.fault.message)
    if one.changed != other.changed:
        return False
    canonical = challenge.canonical.get(challenge.asked(probe))
    return same(*(in_form(canonical, answer.value, probe.args) for answer in (one, other)), probe.tolerance)


@functools.cache
def _wrong_answers(name: str, number: int) -> tuple[tuple[Answer, bool] | None, ...]:
    """What a known mistake answers to each probe, and whether rightly; None where it leaves the function alone."""
    challenge = load(name)
    program = challenge.mistakes[number]
    found: list[tuple[Answer, bool] | None] = []
    for probe in challenge.probes:
        function = challenge.asked(probe)
        answer = answer_of(program, Call(function, probe.args)) if function in program else None
        earlier = tuple(pair[0] if pair else Answer() for pair in found)
        found.append(answer and (answer, _judged(challenge, probe, answer, earlier).passed))
    return tuple(found)


def answer_of(program: Program, call: Call) -> Answer:
    """Call one of our own functions as the sandbox calls a visitor's."""
    args = copy.deepcopy(call.args)
    try:
        with np.errstate(all="ignore"):
            value = program[call.function](*args)
    except Exception as exception:  # whatever a wrong program raises
        return Answer(fault=Fault(type(exception).__name__, str(exception)))
    return Answer(value, changed=changed(args, call.args))


@functools.cache
def _expected_answers(name: str) -> tuple[Any, ...]:
    challenge = load(name)
    answers = (answer_of(challenge.reference, call) for call in calls(challenge))
    return tuple(answer.value for answer in answers)


def _expected(challenge: Challenge, probe: Probe) -> Any:
    """The reference's answer."""
    return _expected_answers(challenge.name)[challenge.probes.index(probe)]


def _leaves(value: Any) -> Iterator[np.ndarray]:
    """The arrays in an answer."""
    if is_numbers(value):
        yield np.asarray(value)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _leaves(item)


def _finite(value: Any) -> bool:
    """Whether no number of an answer is nan or inf."""
    return all(np.isfinite(leaf).all() for leaf in _leaves(value))


def _shown(value: Any, room: int = 160) -> str:
    """An answer, short enough for a line of a table."""
    if isinstance(value, tuple | list) and not is_numbers(value):
        parts = [_shown(item, room // max(len(value), 1)) for item in value[:6]]
        return f"({', '.join(parts)}{', …' if len(value) > 6 else ''})"
    if not is_numbers(value):
        return repr(value)[:room]
    array = np.asarray(value)
    for edge in (2, 1):
        text = np.array2string(array, precision=4, separator=", ", threshold=12, edgeitems=edge, floatmode="maxprec")
        text = " ".join(text.split()).replace(" ,", ",").replace("[ ", "[").replace(" ]", "]")
        if len(text) <= room:
            return text
    return f"array of shape {array.shape}"


def _sentence(fault: Fault | None) -> str:
    """An exception and where it came from."""
    if fault is None:
        return ""
    where = f" (line {fault.line})" if fault.line else ""
    lost = fault.kind == "AttributeError" and re.fullmatch(r"module 'numpy' has no attribute '(\w+)'", fault.message)
    new = lost and RENAMED.get(lost[1])
    return quoted(f"{fault.kind}: {fault.message}") + where + (f". In NumPy 2 it is `np.{new}`." if new else "")


def quoted(words: str) -> str:
    """Words that are not ours, as code: never as Markdown."""
    text = " ".join(words.split()).replace("`", "'")
    return f"`{text if len(text) <= 300 else f'{text[:300]}…'}`"


def _line(answer: Answer) -> int | None:
    """The line that an answer points at."""
    if answer.fault:
        return answer.fault.line
    return answer.warnings[0][1] if answer.warnings and not _finite(answer.value) else None
