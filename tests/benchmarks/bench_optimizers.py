"""Our optimizers against torch.optim, one thread each, medians of back-to-back pairs.

Run in an environment that has numpy and torch: `python tests/benchmarks/bench_optimizers.py`. Prints how many
times longer torch takes; always exits 0. Our times are those of the public functions, recording included.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import statistics
import sys
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import torch

from mlcore.optimizers import basins, descend, sensitivity
from mlcore.surfaces import ANALYTIC, himmelblau, rosenbrock

STEPS = 500
TORCH = {
    "batch": lambda p, lr: torch.optim.SGD(p, lr),
    "momentum": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9),
    "nesterov": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True),
    "adagrad": lambda p, lr: torch.optim.Adagrad(p, lr),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr),
    "adam": lambda p, lr: torch.optim.Adam(p, lr),
    "adamw": lambda p, lr: torch.optim.AdamW(p, lr),
}
SURFACES = ("ravine", "rosenbrock", "beale", "himmelblau")
LR = 1e-3


# The surfaces again, for torch alone: sharing Python code with it would spoil the interpreter's own
# specialisation for floats, to our cost.
VALUES = {
    "ravine": lambda x, y: 0.5 * (x * x / 20 + y * y),
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    "beale": lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y * y) ** 2 + (2.625 - x + x * y * y * y) ** 2,
    "himmelblau": lambda x, y: (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2,
}


def rosenbrock_gradient(x, y):
    b = y - x * x
    return -2 * (1 - x) - 400 * x * b, 200 * b


def himmelblau_gradient(x, y):
    a, b = x * x + y - 11, x + y * y - 7
    return 4 * x * a + 2 * b, 2 * a + 4 * y * b


def torch_autograd(name, method, start, lr, steps=STEPS):
    """Walk as one writes it in torch: the value, backward, step. `start` is (2,) or (2, N)."""
    theta = torch.tensor(np.array(start), dtype=torch.float64, requires_grad=True)
    optimizer = TORCH[method]([theta], lr)
    for _ in range(steps):
        optimizer.zero_grad()
        VALUES[name](theta[0], theta[1]).sum().backward()
        optimizer.step()
    return theta.detach().numpy()


def torch_analytic(gradient, start, lr, steps=STEPS):
    """Walk with the gradient written out and no autograd: fused Adam."""
    theta = torch.tensor(np.array(start), dtype=torch.float64)
    theta.grad = torch.zeros_like(theta)
    optimizer = torch.optim.Adam([theta], lr, fused=True)
    for _ in range(steps):
        theta.grad[0], theta.grad[1] = gradient(theta[0], theta[1])
        optimizer.step()
    return theta.numpy()


def ratio(title, ours, theirs, pairs, agree, repeat=1):
    """Time both one after the other `pairs` times, ours as the mean of `repeat` calls where it is very short.

    Checks first that they compute the same.
    """
    np.testing.assert_allclose(ours(), theirs(), rtol=agree, atol=agree)
    ratios, times = [], []
    for _ in range(pairs):
        t0 = time.perf_counter()
        for _ in range(repeat):
            ours()
        t1 = time.perf_counter()
        theirs()
        t2 = time.perf_counter()
        times.append(((t1 - t0) / repeat, t2 - t1))
        ratios.append(times[-1][1] / times[-1][0])
    mine, torchs = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{title:66s} {statistics.median(ratios):7.1f}×   ({mine * 1e3:.2f} ms against {torchs * 1e3:.0f} ms)")


def main():
    surfaces = [ANALYTIC[name]() for name in SURFACES]
    banana, himmel = rosenbrock(), himmelblau()
    ratio(
        "7 optimizers × 4 surfaces × 500 steps, autograd",
        lambda: [descend(s, m, s.start, STEPS, LR).theta[-1] for s in surfaces for m in TORCH],
        lambda: [torch_autograd(s.name, m, s.start, LR) for s in surfaces for m in TORCH],
        pairs=5,
        agree=1e-9,
        repeat=5,
    )
    ratio(
        "one Adam path on Rosenbrock, torch with the gradient given, fused",
        lambda: descend(banana, "adam", banana.start, STEPS, 0.01).theta[-1],
        lambda: torch_analytic(rosenbrock_gradient, banana.start, 0.01),
        pairs=31,
        agree=1e-12,
        repeat=20,
    )
    lrs = np.geomspace(1e-4, 1e-1, 64)
    ratio(
        "64 learning rates of Adam on Rosenbrock, autograd one at a time",
        lambda: sensitivity(banana, "adam", banana.start, STEPS, lrs).final_loss,
        lambda: [banana.value(*torch_autograd("rosenbrock", "adam", banana.start, lr)) for lr in lrs],
        pairs=3,
        agree=1e-9,
    )
    ratio(
        "the same, torch with the gradient given, fused",
        lambda: sensitivity(banana, "adam", banana.start, STEPS, lrs).final_loss,
        lambda: [banana.value(*torch_analytic(rosenbrock_gradient, banana.start, lr)) for lr in lrs],
        pairs=5,
        agree=1e-9,
    )
    grid = np.stack(np.meshgrid(*2 * [np.linspace(-6, 6, 100)]), axis=-1).reshape(-1, 2)

    def label(theta):
        distance = np.linalg.norm(theta.T[:, None] - np.array(himmel.minima), axis=2)
        return np.where(distance.min(axis=1) <= 0.24, distance.argmin(axis=1), -1)

    for title, theirs in (
        ("autograd", lambda: label(torch_autograd("himmelblau", "adam", grid.T, 0.1))),
        ("gradient given, fused", lambda: label(torch_analytic(himmelblau_gradient, grid.T, 0.1))),
    ):
        ratio(
            f"100 × 100 basins of Adam on Himmelblau, torch batched, {title}",
            lambda: basins(himmel, "adam", grid, STEPS, 0.1),
            theirs,
            pairs=5,
            agree=0,
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    print(f"torch {torch.__version__}, numpy {np.__version__}: torch's time over ours")
    main()
