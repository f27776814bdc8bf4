"""What a learner's program may use: this file's text runs in the sandbox, and every function returns the same there."""

from __future__ import annotations

import collections
import contextlib
import copy
import datetime
import decimal
import enum
import fractions
import functools
import heapq
import io
import itertools
import json
import logging
import math
import pickle
import pprint
import random
import re
import statistics
import string
import textwrap
import time
import timeit
import unittest
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

RNG = np.random.default_rng(0)
A = RNG.normal(size=(4, 3))


@dataclass(frozen=True)
class Step:
    size: float = 0.1
    past: list = field(default_factory=list)


class Point(NamedTuple):
    x: float
    y: float


class Model(Protocol):
    def fit(self, X: npt.NDArray[np.float64]) -> Model: ...


class Colour(enum.Enum):
    RED = 1


def einsum_and_product():
    return [np.einsum("ij,kj->ik", A, A), A.T @ A, np.tensordot(A, A, 2)]


def a_large_product():
    a = np.ones((700, 700))
    return (a @ a)[0, 0]


def linear_algebra():
    square = A.T @ A
    return [
        np.linalg.svd(A)[1],
        np.linalg.eigh(square)[0],
        np.linalg.solve(square, A[0]),
        np.linalg.lstsq(A, A[:, 0], rcond=None)[0],
        np.linalg.pinv(A),
        np.linalg.cholesky(square),
        np.linalg.qr(A).R,
        np.linalg.det(square),
        np.linalg.norm(A),
    ]


def random_numbers():
    np.random.seed(0)  # noqa: NPY002
    random.seed(0)
    rng = np.random.default_rng(1)
    return [
        np.random.rand(3),  # noqa: NPY002
        random.random(),
        rng.normal(size=3),
        rng.permutation(5),
        rng.choice(9, 2, replace=False),
        np.random.default_rng().random() < 1,
    ]


def the_rest_of_numpy():
    return [
        np.fft.fft([1, 2, 3.0]),
        np.polyfit([0, 1, 2], [0, 1, 2.5], 1),
        np.polynomial.Polynomial([1, 2])(3),
        np.ma.array([1, 2], mask=[0, 1]).sum(),
        np.char.upper("a").item(),
        sliding_window_view(np.arange(4), 2),
        np.median(A, axis=0),
        np.quantile(A, 0.3),
        np.histogram(A, 3),
        np.unique([3, 1, 3], return_counts=True),
        np.float32(1) / 3,
        np.emath.sqrt(-1),
        np.info is not None,
    ]


def text_of_arrays():
    with np.printoptions(precision=2):
        return [str(A), repr(np.arange(3)), np.array2string(A), f"{A.mean():.3f}"]


def assertions_of_numpy():
    np.testing.assert_allclose(1, 1 + 1e-9)
    with contextlib.suppress(AssertionError):
        np.testing.assert_array_equal([1], [2])
    unittest.TestCase().assertEqual(1, 1)  # noqa: PT009
    return "passed"


def errors_of_numpy():
    with np.errstate(all="raise"):
        try:
            return np.float64(1) / 0
        except FloatingPointError as error:
            return str(error)


def classes():
    return [Step().size, Step().past, Point(1, 2), Colour.RED.name, Model.__name__]


def collections_and_loops():
    counted = collections.Counter("hello").most_common(1)
    heap = [3, 1, 2]
    heapq.heapify(heap)
    return [counted, heap[0], list(itertools.permutations([1, 2])), functools.reduce(lambda a, b: a * b, [1, 2, 3])]


def numbers():
    return [
        math.pi,
        statistics.mean([1, 2]),
        str(fractions.Fraction(1, 2)),
        str(decimal.Decimal("0.1") * 3),
        1j**2,
        math.inf,
        2**62,
        None,
        True,
    ]


def texts():
    found = re.findall(r"\d+", "a1b22")
    return [json.loads(json.dumps({"é": [1, None]})), found, string.ascii_letters, textwrap.dedent("  a"), "é"]


def copies():
    a = {"x": [np.arange(3)]}
    return [copy.deepcopy(a), pickle.loads(pickle.dumps(a)), pprint.pformat([1, 2])]


def clocks():
    start = time.perf_counter()
    time.sleep(0.005)
    took = time.perf_counter() - start
    return [took > 0.004, datetime.datetime.strptime("2020", "%Y").year, timeit.timeit("1", number=1) < 1]


def printing():
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        print("hello", A.shape)
    logging.getLogger("x").debug("unseen")
    return printed.getvalue()


def generators():
    def squares():
        n = 0
        while True:
            yield n * n
            n += 1

    return list(itertools.islice(squares(), 4))


if __name__ == "__main__":
    raise SystemExit("a learner's own trial, which does not run in the sandbox")
