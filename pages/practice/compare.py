"""Whether an answer is right: the comparisons of the page, and of the file to take home, which holds a copy of them."""

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np


def what_is_wrong(
    answer: Any,
    args: tuple[Any, ...],
    want: Any,
    judge: Callable[..., str] | None,
    canonical: Callable[..., Any] | None,
    tolerance: float,
) -> str:
    """What is wrong with an answer to a call with `args`, as a sentence; "" if nothing is.

    `judge` looks for a property of the answer; without it the answer must equal `want`, both in canonical form.
    """
    if says := too_large(answer, want):
        return says
    if judge is None:
        return difference(in_form(canonical, answer, args), in_form(canonical, want, args), tolerance)
    try:
        return judge(answer, *copy.deepcopy(args))
    except Exception:  # the answer may be anything
        return difference(answer, want, np.inf) or "The answer has not the form that was asked for."


def in_form(canonical: Callable[..., Any] | None, answer: Any, args: tuple[Any, ...]) -> Any:
    """The answer in the form in which equivalent answers are equal; itself where it has not that form at all."""
    if canonical is None:
        return answer
    try:
        return canonical(answer, *copy.deepcopy(args))
    except Exception:  # the answer may be anything
        return answer


def difference(came: Any, want: Any, tolerance: float) -> str:
    """The first thing in which an answer differs from the one expected, as a sentence; "" if nothing does."""
    if isinstance(want, tuple | list) and not is_numbers(want):
        if isinstance(came, np.ndarray) and came.ndim and len(came) == len(want):
            came = list(came)  # it unpacks into as many values
        if not isinstance(came, tuple | list):
            return f"It returned {kind_of(came)}; {len(want)} values were asked for."
        if len(came) != len(want):
            return f"It returned {len(came)} values; {len(want)} were asked for."
        for number, (one, other) in enumerate(zip(came, want, strict=True), 1):
            if says := difference(one, other, tolerance):
                return f"Value {number} of {len(want)}: {says[0].lower()}{says[1:]}"
        return ""
    if isinstance(want, dict):
        if not isinstance(came, dict) or list(came) != list(want):
            return f"It returned {kind_of(came)}; a dict of other keys was expected."
        return difference(list(came.values()), list(want.values()), tolerance)
    if want is None or isinstance(want, str):
        alike = type(came) is type(want) and came == want
        return "" if alike else f"It returned {kind_of(came)}, {want!r} was expected."
    if not is_numbers(came):
        return f"It returned {kind_of(came)}, not numbers."
    got, wanted = np.asarray(came), np.asarray(want)
    if got.shape != wanted.shape:
        return f"The shape is {got.shape}; {wanted.shape} was expected."
    if got.dtype.kind not in {"f": "fiu", "i": "iu", "u": "iu"}.get(wanted.dtype.kind, wanted.dtype.kind):
        return f"The numbers are of type {got.dtype}; {wanted.dtype} was expected."
    if got.dtype.kind == "f" and got.dtype.itemsize < 8:
        return f"The numbers are of type {got.dtype}; compute in float64."
    bad = ~np.isfinite(got) & np.isfinite(wanted)
    if bad.any():
        return f"{bad.sum()} of {got.size} values are nan or inf." if got.size > 1 else f"The value is {got.item()}."
    kind = complex if got.dtype.kind == "c" else float  # complex on both sides: a call and its repetition
    numbers, wanted = got.astype(kind), wanted.astype(kind)
    wrong = ~np.isclose(numbers, wanted, rtol=tolerance, atol=1e-10, equal_nan=True)
    if not wrong.any():
        return ""
    worst = np.unravel_index(np.argmax(np.where(wrong, np.abs(numbers - wanted), -1)), got.shape)
    where = f"Entry {[int(i) for i in worst]}" if got.ndim else "The value"
    ratio = numbers[worst] / wanted[worst] if wanted[worst] else 0.0
    scaled = np.allclose(numbers, ratio * wanted, rtol=1e-3, atol=0)
    common = scaled and wrong.all() and got.size > 1 and ratio and abs(ratio - 1) > 1e-3
    times = f", {ratio:.4g} times as much" if common else ""
    digits = 6 if f"{numbers[worst]:.6g}" != f"{wanted[worst]:.6g}" else 12
    return f"{where} is {numbers[worst]:.{digits}g}; {wanted[worst]:.{digits}g} was expected{times}."


def is_numbers(value: Any) -> bool:
    """Whether a value is a number, an array of numbers, or a list that NumPy makes one of."""
    if isinstance(value, tuple):
        return False
    if isinstance(value, list):
        try:
            value = np.array(value)
        except ValueError:  # ragged
            return False
    return isinstance(value, bool | int | float | np.generic | np.ndarray) and np.asarray(value).dtype.kind in "fiubc"


def too_large(answer: Any, want: Any) -> str:
    """What is wrong with an answer so large that nothing may be computed from it, as a sentence; "" if it is not."""
    if size_of(answer) <= 100 + 10 * size_of(want):
        return ""
    return other_form(answer, want) or "The answer is far larger than what was asked for."


def size_of(value: Any) -> int:
    """How many numbers, characters and containers an answer holds; an axis without entries counts as one entry."""
    if isinstance(value, tuple | list):
        return 1 + sum(map(size_of, value))
    if isinstance(value, dict):
        return 1 + sum(map(size_of, value)) + sum(map(size_of, value.values()))
    if isinstance(value, str):
        return 1 + len(value)
    return math.prod(max(1, n) for n in value.shape) if isinstance(value, np.ndarray) else 1


def other_form(came: Any, want: Any) -> str:
    """The first length or shape in which an answer differs from the one expected; "" if none does."""
    if isinstance(came, tuple | list) and isinstance(want, tuple | list):
        if len(came) != len(want):
            return f"It returned {len(came)} values; {len(want)} were asked for."
        for number, (one, other) in enumerate(zip(came, want, strict=True), 1):
            if says := other_form(one, other):
                return f"Value {number} of {len(want)}: {says[0].lower()}{says[1:]}"
    if isinstance(came, np.ndarray) and is_numbers(want) and came.shape != np.shape(want):
        return f"The shape is {came.shape}; {np.shape(want)} was expected."
    return ""


def kind_of(value: Any) -> str:
    """What a value is, in words."""
    if value is None:
        return "None"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return "an array" if isinstance(value, np.ndarray) else f"a value of type {type(value).__name__}"


def changed(now: tuple[Any, ...], before: tuple[Any, ...]) -> tuple[int, ...]:
    """The positions of the arrays that are no longer what they were."""
    pairs = enumerate(zip(now, before, strict=True))
    return tuple(i for i, (new, old) in pairs if isinstance(old, np.ndarray) and new.tobytes() != old.tobytes())
