"""Arithmetic that several modules need, right at both ends of the range of a float."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

ROUNDING_UNITS = 4 * float(np.finfo(np.float64).eps)  # numbers that differ by this share of their size are equal


def sigmoid(z: ArrayLike) -> Any:
    """σ(z) = 1 / (1 + e^−z), of z's shape.

    Accurate in both tails: σ(−40) is 4.2e-18, where ½ tanh(z/2) + ½ rounds to 0. Below z = −709, where e^−z
    overflows, σ stays at 1.2e-308.
    """
    return 1 / (1 + np.exp(np.minimum(np.subtract(0.0, z, dtype=np.float64), 709.0)))


def varies(values: NDArray[np.float64], axis: int | None = None) -> Any:
    """Whether numbers differ by more than rounding, along an axis or all of them.

    Never compare a standard deviation with 0 instead: that of [0.1, 0.1, 0.1] is 1.4e-17.
    """
    low, high = values.min(axis=axis), values.max(axis=axis)
    with np.errstate(over="ignore"):
        return high - low > ROUNDING_UNITS * np.maximum(np.abs(low), np.abs(high))


def power_of_two(size: Any) -> Any:
    """The power of two at or under each size above 0. Division by it is exact, and leaves squares of a safe size."""
    return np.ldexp(1.0, np.frexp(size)[1] - 1)


def length(vectors: NDArray[np.float64], axis: int = -1) -> Any:
    """Euclidean length √Σx² along an axis, where squares of the numbers would overflow or vanish too."""
    unit = power_of_two(np.abs(vectors).max(axis=axis, keepdims=True))
    with np.errstate(over="ignore"):
        return np.squeeze(unit, axis) * np.sqrt(np.square(vectors / unit).sum(axis=axis))


def centre_and_scale(features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and population standard deviation of each column of (n, d), both (d,); the latter 1 where none varies."""
    unit = power_of_two(np.abs(features).max(axis=0))  # of each column: sums do not overflow
    centre = (features / unit).mean(axis=0) * unit
    scale = length(features / unit - centre / unit, axis=0) / np.sqrt(len(features)) * unit
    different = varies(features, axis=0)
    return np.where(different, centre, features[0]), np.where(different, scale, 1)
