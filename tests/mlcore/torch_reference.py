"""Write tests/mlcore/data/torch_optimizers.json: where torch.optim goes, for test_optimizers.py to compare.

Run in an environment with torch, from the repository's root: `python tests/mlcore/torch_reference.py`.
float64, gradients by autograd; every 25th of 500 points is stored, in full precision. Nothing here imports
mlcore. Learning rates are low enough that no path is chaotic: where a path bounces across a valley for long,
rounding alone decides where it ends (two builds of torch would not agree), and a comparison says nothing.
"""

import json
from pathlib import Path

import torch

STEPS, EVERY = 500, 25
SURFACES = {  # value, start, a learning rate for plain gradient descent
    "ravine": (lambda x, y: 0.5 * (x**2 / 20 + y**2), (-4.5, 2.0), 0.5),
    "rosenbrock": (lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2, (-1.2, 1.0), 5e-4),
    "beale": (
        lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
        (1.0, 1.5),
        1e-3,
    ),
    "himmelblau": (lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, (-0.5, -0.5), 1e-3),
    "saddle": (lambda x, y: 0.5 * x**2 - 0.5 * y**2 + y**4 / 16, (-2.5, 0.01), 0.1),
    "rastrigin": (
        lambda x, y: 20 + x**2 + y**2 - 10 * (torch.cos(2 * torch.pi * x) + torch.cos(2 * torch.pi * y)),
        (-1.7, 2.2),
        1e-3,
    ),
    "plateau": (lambda x, y: 1 - torch.exp(-(x**2 + y**2) / 2), (-4.0, 3.0), 0.5),
}
optim = torch.optim
CASES = [  # our method, our hyperparameters, learning rate (None: the surface's), the same in torch
    ("batch", {}, None, lambda p, lr: optim.SGD(p, lr)),
    ("momentum", {}, None, lambda p, lr: optim.SGD(p, lr, momentum=0.9)),
    ("momentum", {"momentum": 0.5}, None, lambda p, lr: optim.SGD(p, lr, momentum=0.5)),
    ("nesterov", {}, None, lambda p, lr: optim.SGD(p, lr, momentum=0.9, nesterov=True)),
    (
        "nesterov",
        {"nesterov_momentum": 0.6},
        None,
        lambda p, lr: optim.SGD(p, lr, momentum=0.6, nesterov=True),
    ),
    ("adagrad", {}, 0.3, lambda p, lr: optim.Adagrad(p, lr)),
    ("adagrad", {"adagrad_eps": 1e-3}, 0.3, lambda p, lr: optim.Adagrad(p, lr, eps=1e-3)),
    ("rmsprop", {}, 0.002, lambda p, lr: optim.RMSprop(p, lr)),
    ("rmsprop", {"rmsprop_decay": 0.9, "eps": 1e-3}, 0.001, lambda p, lr: optim.RMSprop(p, lr, 0.9, 1e-3)),
    ("adam", {}, 0.05, lambda p, lr: optim.Adam(p, lr)),
    (
        "adam",
        {"beta1": 0.8, "beta2": 0.99, "eps": 1e-4},
        0.003,
        lambda p, lr: optim.Adam(p, lr, (0.8, 0.99), 1e-4),
    ),
    ("adamw", {}, 0.05, lambda p, lr: optim.AdamW(p, lr)),
    ("adamw", {"weight_decay": 0.3}, 0.05, lambda p, lr: optim.AdamW(p, lr, weight_decay=0.3)),
]
scheduler = optim.lr_scheduler
SCHEDULES = [  # our options, the same in torch
    ({"kind": "step", "decay": 0.7, "every": 60}, lambda o: scheduler.StepLR(o, 60, 0.7)),
    (
        {"kind": "exponential", "decay": 0.6, "every": 40},
        lambda o: scheduler.ExponentialLR(o, 0.6 ** (1 / 40)),
    ),
    ({"kind": "cosine"}, lambda o: scheduler.CosineAnnealingLR(o, STEPS)),
    ({"kind": "warmup", "warmup": 80}, lambda o: scheduler.LinearLR(o, 1 / 80, 1.0, 79)),
]


def walk(value, start, lr, make, make_schedule=None):
    """Return the stored points of a path, and the learning rates of the steps that leave them."""
    theta = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = make([theta], lr)
    plan = make_schedule(optimizer) if make_schedule else None
    points, rates = [theta.tolist()], []
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        value(theta[0], theta[1]).backward()
        if step % EVERY == 1:
            rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if plan:
            plan.step()
        if step % EVERY == 0:
            points.append(theta.tolist())
    return points, rates


def main():
    paths, scheduled = [], []
    for surface, (value, start, own_lr) in SURFACES.items():
        for method, hyper, lr, make in CASES:
            points, _ = walk(value, start, lr or own_lr, make)
            paths.append({"surface": surface, "method": method, "hyper": hyper, "lr": lr or own_lr, "theta": points})
    for options, make_schedule in SCHEDULES:
        for method, hyper, lr, make in (CASES[0], CASES[1], CASES[9]):
            value, start, own_lr = SURFACES["himmelblau"]
            points, rates = walk(value, start, lr or own_lr, make, make_schedule)
            scheduled.append(
                {
                    "surface": "himmelblau",
                    "method": method,
                    "hyper": hyper,
                    "lr": lr or own_lr,
                    "schedule": options,
                    "theta": points,
                    "rates": rates,
                }
            )
    reference = {"torch": torch.__version__, "every": EVERY, "paths": paths, "scheduled": scheduled}
    target = Path(__file__).parent / "data" / "torch_optimizers.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(reference, separators=(",", ":")).replace('{"surface"', '\n{"surface"') + "\n")


if __name__ == "__main__":
    main()
