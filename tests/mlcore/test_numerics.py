import math
import statistics
import warnings
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.numerics import centre_and_scale, length, sigmoid, varies

SIZES = st.floats(-90, 90).map(lambda exponent: 10.0**exponent)
NUMBERS = st.floats(-1, 1, allow_subnormal=False)


@given(st.floats(-700, 700))
def test_sigmoid_is_exact_in_both_tails(z: float) -> None:
    with localcontext() as context:
        context.prec = 400
        exact = 1 / (1 + (-Decimal(z)).exp())
    assert sigmoid(z) == pytest.approx(float(exact), rel=1e-15)


def test_sigmoid_at_the_ends_of_every_type() -> None:
    assert sigmoid(-40) == pytest.approx(4.248354255291589e-18, rel=1e-15)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind in (np.float16, np.float32, np.float64, np.int8):
            largest = np.finfo(kind).max if np.issubdtype(kind, np.floating) else np.iinfo(kind).max
            ends = sigmoid(np.array([-largest, 0, largest], dtype=kind))
            np.testing.assert_allclose(ends, [0, 0.5, 1], atol=1e-50)
        np.testing.assert_allclose(sigmoid([-np.inf, 0, np.inf]), [math.exp(-709), 0.5, 1], rtol=1e-15)


@given(SIZES, st.integers(1, 9), st.lists(st.integers(-1, 1), min_size=1, max_size=9))
def test_numbers_that_differ_by_rounding_do_not_vary(size: float, n: int, steps: list[int]) -> None:
    assert not varies(np.full(n, size))
    assert not varies(np.array([size, *(size + step * math.ulp(size) for step in steps)]))
    assert not varies(np.array([0.3, 0.1 + 0.2]) * size)
    assert varies(np.array([size] * n + [size * (1 + 1e-14)]))
    assert varies(np.array([0.0] * n + [size]))


def test_numbers_at_the_ends_of_the_range_vary() -> None:
    assert varies(np.array([0, 5e-324]))
    assert varies(np.array([-1.7e308, 1.7e308]))
    np.testing.assert_array_equal(varies(np.array([[0.1, 1.0], [0.1, 2.0]]), axis=0), [False, True])


@given(SIZES, st.lists(NUMBERS, min_size=1, max_size=9))
def test_length_is_that_of_hypot_whatever_the_size(size: float, numbers: list[float]) -> None:
    for scale in (size, size**3):  # squares overflow, or vanish
        vector = np.array(numbers) * scale
        assert length(vector) == pytest.approx(math.hypot(*vector.tolist()), rel=1e-14)


def test_length_of_what_is_not_finite_or_empty_of_content() -> None:
    np.testing.assert_array_equal(length(np.array([[0.0, 0.0], [np.inf, 1.0], [3.0, 4.0]])), [0, np.inf, 5])
    np.testing.assert_allclose(length(np.array([[3e200, 3e-200], [4e200, 4e-200]]), axis=0), [5e200, 5e-200])


@given(SIZES, st.lists(NUMBERS, min_size=2, max_size=9), st.floats(-1e5, 1e5))
def test_centre_and_scale_are_those_of_exact_arithmetic(size: float, numbers: list[float], offset: float) -> None:
    column = (np.array(numbers) + offset) * size
    (centre,), (scale,) = centre_and_scale(column[:, None])
    rounding = 1e-15 * np.abs(column).max()
    assert centre == pytest.approx(statistics.fmean(column), rel=1e-14, abs=rounding)
    if varies(column):
        assert scale == pytest.approx(statistics.pstdev(column.tolist()), rel=1e-9, abs=rounding)
    else:
        assert scale == 1
