"""What the functions of this package ask of their arguments: a refusal says what came and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isfinite, nan
from operator import index
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAX_SEED = 2**32 - 1
LARGEST = 1e100  # of numbers that are multiplied with each other: their squares are finite


def whole_number(name: str, value: Any, low: int, high: float = inf) -> int:
    """Return a whole number from low to high."""
    try:
        number = index(value)
    except TypeError:
        number = low - 1
    if isinstance(value, bool) or not low <= number <= high:
        allowed = f"from {low} to {high}" if high < inf else f"of at least {low}"
        raise ValueError(f"{name} is {value!r}: a whole number {allowed} is allowed")
    return number


def finite_number(
    name: str, value: Any, low: float = -inf, high: float = inf, *, above: bool = False, under: bool = False
) -> float:
    """Return a finite number from low to high; `above` and `under` leave out low and high themselves."""
    try:
        scalar = not isinstance(value, bool | np.bool_ | str | bytes) and getattr(value, "shape", ()) == ()
        number = float(value) if scalar else nan
    except (TypeError, ValueError, OverflowError):
        number = nan
    if not (isfinite(number) and low <= number <= high) or (above and number == low) or (under and number == high):
        start = f"above {low:g}" if above else f"from {low:g}" if high < inf else f"of at least {low:g}"
        end = "" if high == inf else f" to under {high:g}" if under else f" to {high:g}"
        raise ValueError(f"{name} is {value!r}: a finite number {start}{end} is allowed")
    return number


def one_of(name: str, value: Any, allowed: Iterable[Any]) -> None:
    """Check that a value, a string unless None or a bool is allowed, is one of those allowed."""
    known = list(allowed)
    if not any(type(value) is type(one) and value == one for one in known):
        raise ValueError(f"{name} is {value!r}: one of {', '.join(map(str, known))} is allowed")


def float_array(name: str, values: ArrayLike, largest: float = inf) -> NDArray[np.float64]:
    """Return finite numbers of at most `largest` in size, of any shape and any real type, as float64."""
    try:
        array = np.asarray(values)
        real = array.dtype.kind in "biuf" or (
            array.dtype.kind == "O" and not any(isinstance(one, str | bytes | complex) for one in array.flat)
        )
        with np.errstate(over="ignore"):  # a long double beyond float64 becomes infinite, and is refused
            numbers = array.astype(np.float64, copy=False) if real else np.array(nan)
    except (TypeError, ValueError, OverflowError):
        real = False
    allowed = "finite numbers" + ("" if largest == inf else f" within ±{largest:g}")
    if not real:
        raise ValueError(f"{name} has values that are text, complex or no numbers at all: {allowed} are allowed")
    if not (np.isfinite(numbers).all() and (largest == inf or np.abs(numbers).max(initial=0) <= largest)):
        raise ValueError(f"{name} has NaN, infinity or a value out of range: {allowed} are allowed")
    return numbers


def float_vector(name: str, values: ArrayLike, largest: float = inf) -> NDArray[np.float64]:
    """Return finite numbers in one dimension, none or more, as float64."""
    array = float_array(name, values, largest)
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}: one dimension is allowed")
    return array


def float_matrix(name: str, values: ArrayLike, largest: float = inf) -> NDArray[np.float64]:
    """Return finite numbers in one or more rows and one or more columns, as float64."""
    array = float_array(name, values, largest)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"{name} has shape {array.shape}: (n, d) with n and d of at least 1 is allowed")
    return array


def check_equal_shapes(names: str, first: NDArray[Any], second: NDArray[Any]) -> None:
    """Check that two arrays have one dimension and the same length, at least 1."""
    if first.ndim != 1 or first.shape != second.shape or len(first) == 0:
        raise ValueError(f"{names} have shapes {first.shape} and {second.shape}: equal ones (n,) are allowed")


def class_labels(name: str, values: ArrayLike) -> NDArray[Any]:
    """Return class labels (n,), all whole numbers or all strings, as an array of numbers or of strings."""
    array = np.asarray(values) if hasattr(values, "dtype") else np.asarray(values, dtype=object)  # [1, "a"] stays mixed
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}: class labels in one dimension are allowed")
    if array.dtype.kind == "O" and sum(isinstance(one, str) for one in array) in (0, len(array)):
        array = np.array(array.tolist())
    is_whole = array.dtype.kind in "biu" or (
        array.dtype.kind == "f" and np.isfinite(array).all() and (array == np.rint(array)).all()
    )
    if array.ndim != 1 or not (is_whole or array.dtype.kind in "US"):
        raise ValueError(f"{name} has other values than labels of classes: all whole numbers or all strings is allowed")
    return array


def sample_weights(values: ArrayLike | None, n: int, largest: float = LARGEST) -> NDArray[np.float64]:
    """Return the weights of n samples, at least 0 and not all 0, as float64 (n,); ones for None."""
    if values is None:
        return np.ones(n)
    weight = float_array("sample_weight", values, largest)
    if weight.shape != (n,):
        raise ValueError(f"sample_weight has shape {weight.shape}: ({n},) is allowed")
    if not (weight >= 0).all() or not weight.any():
        what = "has a value below 0" if weight.any() else "is all zeros"
        raise ValueError(f"sample_weight {what}: numbers from 0 to {largest:g}, not all 0, are allowed")
    return weight
