"""How long a run of a visitor's program takes, cold and warm: prints medians, never fails.

    python tests/benchmarks/bench_sandbox.py [runs]

"Cold" starts a child, which imports NumPy and seals itself; "warm" finds one waiting. Between warm runs the pool is
left to start the next child, as it is while a visitor reads.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pages.practice.outcome import FINISHED, Call
from pages.practice.sandbox import host

SOFTMAX = """
import numpy as np

def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
"""
CALLS = [Call("softmax", (np.random.default_rng(0).normal(size=(50, 10)),))] * 6


def median(work: Callable[[], object], runs: int, pause: float = 0.0) -> float:
    """Median milliseconds of `work`."""
    times = []
    for _ in range(runs):
        time.sleep(pause)
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def cold() -> None:
    """Start a child, seal it, and run."""
    child = host.Child()
    assert child.seal(), child.why
    assert child.run(SOFTMAX, CALLS).status == FINISHED


def main(runs: int) -> None:
    """Print the table."""
    start = time.perf_counter()
    host.start()
    while host.policy().allowed is None:
        time.sleep(0.005)
    print(f"self-test        {1e3 * (time.perf_counter() - start):7.1f} ms: {host.policy().reason}")
    print(f"cold             {median(cold, runs):7.1f} ms")
    print(f"warm             {median(lambda: host.run(SOFTMAX, CALLS), runs, 1.0):7.1f} ms")
    print(f"back to back     {median(lambda: host.run(SOFTMAX, CALLS), runs):7.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
