"""The Code and Proof sections of the gradient descent lab."""

import math
from typing import Any

import numpy as np
import pandas as pd

from mlcore import optimizers as opt
from mlcore import surfaces
from pages.proof.comparison import comparison
from pages.ui.lab import Closing
from pages.ui.script import packed, standalone

# Label on the page → (name in mlcore, the rule that the Code section shows).
RULES = {
    "GD": ("batch", opt.gradient_descent),
    "SGD": ("sgd", opt.gradient_descent),
    "Mini-batch": ("minibatch", opt.gradient_descent),
    "Momentum": ("momentum", opt.momentum),
    "Nesterov": ("nesterov", opt.nesterov),
    "AdaGrad": ("adagrad", opt.adagrad),
    "RMSProp": ("rmsprop", opt.rmsprop),
    "Adam": ("adam", opt.adam),
    "AdamW": ("adamw", opt.adamw),
}


def closing(setting: Any, found: surfaces.Surface, rates: dict[str, float]) -> Closing:
    """For the views of a race."""
    names = {name: (RULES[name][0], rate) for name, rate in rates.items()}

    def script() -> str:
        main = f"""{_setup(setting, found)}
lowest = min(surface.value(*minimum) for minimum in surface.minima)
for name, (method, lr) in {names!r}.items():
    path = descend(surface, method, start, {setting.steps}, lr, hyper, **options)
    ending = f"diverged at step {{path.diverged_at}}" if path.diverged_at else f"ends at {{path.theta[-1]}}"
    print(f"{{name}}, η = {{lr:.4g}}: {{ending}}")
    if len(path.update):
        print("    first update", path.update[0], "of length", f"{{np.hypot(*path.update[0]):.6g}}")
    print("    loss above the lowest value, step by step:", *(f"{{loss - lowest:.6g}}" for loss in path.loss))
"""
        if setting.surface[0] == "Ravine" and "GD" in rates:
            kappa = setting.surface[1]
            main += f"""
lr = {rates["GD"]!r}
print(f"GD's factor a step: {{abs(1 - lr / {kappa!r}):.6g}} along the valley, {{abs(1 - lr):.6g}} across it")
"""
        if isinstance(found, surfaces.DataLoss):
            main += """
print(f"condition number at the minimum: {surface.hessian_condition:.6g}")
"""
        return standalone(main, surfaces, opt)

    def compare() -> pd.DataFrame:
        rows = []
        for name, rate in rates.items():
            method = RULES[name][0]
            path = opt.descend(found, method, setting.start, setting.steps, rate, setting.hyper, **setting.options)
            theirs = _textbook(method, path, setting.hyper)
            rows.append((f"{name}, {len(path.g)} steps, from its own gradients", path.theta[1:], theirs))
        x, y = np.array([setting.start[0]]), np.array([setting.start[1]])
        rows.append(("Gradient at the start, by finite differences", *_gradient_check(found, float(x[0]), float(y[0]))))
        return comparison(rows)

    rules = list(dict.fromkeys(RULES[name][1] for name in rates))
    return {
        "sources": [*rules, opt.schedule, opt.descend],
        "script": script,
        "proof": compare,
        "proof_says": "Each path again, in closed form where the page goes step by step: the averages as weighted sums "
        "over all past gradients. (The tests hold every rule against PyTorch's paths to 1e-12.)",
    }


def sweep_closing(setting: Any, found: surfaces.Surface, methods: list[str], rates: np.ndarray) -> Closing:
    """For the learning-rate sweep."""
    names = {name: RULES[name][0] for name in methods}

    def script() -> str:
        main = f"""{_setup(setting, found)}
lowest = min(surface.value(*minimum) for minimum in surface.minima)
for name, method in {names!r}.items():
    lrs = np.geomspace({rates[0]!r}, {rates[-1]!r}, {len(rates)})
    result = sensitivity(surface, method, start, {setting.steps}, lrs, hyper, **options)
    best = result.best
    print(f"{{name}}: best learning rate {{result.lrs[best]:.6g}}, final loss {{result.final_loss[best]:.6g}}, "
          f"{{result.final_loss[best] - lowest:.6g}} above the lowest")
    for lr, loss, diverged in zip(result.lrs, result.final_loss, result.diverged):
        print(f"    {{lr:.4g}}: {{'diverged' if diverged else f'{{loss:.6g}}'}}")
""".replace("np.float64(", "(")
        return standalone(main, surfaces, opt)

    def compare() -> pd.DataFrame:
        rows = []
        for name in methods:
            method = RULES[name][0]
            every = rates[::6]
            swept = opt.sensitivity(
                found, method, setting.start, setting.steps, every, setting.hyper, **setting.options
            )
            paths = [
                opt.descend(found, method, setting.start, setting.steps, rate, setting.hyper, **setting.options)
                for rate in every
            ]
            alone = np.array([path.loss[-1] for path in paths])
            kept = ~swept.diverged
            rows.append((f"{name}, every sixth rate walked on its own", swept.final_loss[kept], alone[kept]))
        return comparison(rows)

    return {
        "sources": [opt.sensitivity, *dict.fromkeys(RULES[name][1] for name in methods)],
        "script": script,
        "proof": compare,
        "proof_says": "The sweep walks all rates in one array pass; here some of them one at a time.",
    }


def basin_closing(setting: Any, found: surfaces.Surface, rates: dict[str, float], shape: tuple[int, int]) -> Closing:
    """For the basins; `shape` is (rows, columns) of the grid of starts."""
    names = {name: (RULES[name][0], rate) for name, rate in rates.items()}

    def script() -> str:
        main = f"""{_setup(setting, found)}
rows, columns = {shape!r}
(x0, x1), (y0, y1) = surface.x_range, surface.y_range
across, up = (np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows
x, y = np.meshgrid(x0 + (x1 - x0) * across, y0 + (y1 - y0) * up)
starts = np.column_stack([x.ravel(), y.ravel()])
for name, (method, lr) in {names!r}.items():
    labels = basins(surface, method, starts, {setting.steps}, lr, hyper, **options)
    reached, lost = (labels >= 0).mean(), (labels == -2).mean()
    print(f"{{name}}: a known minimum from {{reached:.0%}} of {{len(starts):,}} starts, diverged from {{lost:.0%}}")
"""
        return standalone(main, surfaces, opt)

    def compare() -> pd.DataFrame:
        rng = np.random.default_rng(0)
        (x0, x1), (y0, y1) = found.x_range, found.y_range
        starts = np.column_stack([rng.uniform(x0, x1, 25), rng.uniform(y0, y1, 25)])
        table = []
        for name, rate in rates.items():
            method = RULES[name][0]
            labels = opt.basins(found, method, starts, setting.steps, rate, setting.hyper, **setting.options)
            alone = [
                opt.descend(found, method, start, setting.steps, rate, setting.hyper, **setting.options)
                for start in starts.tolist()
            ]
            table.append(
                (f"{name}, 25 random starts walked on their own", labels, np.array([_ends(found, p) for p in alone]))
            )
        return comparison(table)

    return {
        "sources": [opt.basins, *dict.fromkeys(RULES[name][1] for name in rates)],
        "script": script,
        "proof": compare,
        "proof_says": "The grid is walked in one array pass; here random starts one by one. Equal labels differ by 0.",
    }


def _setup(setting: Any, found: surfaces.Surface) -> str:
    """The lines that every script begins with: the surface, the start and the settings."""
    lines = ["import base64", "import zlib", ""] if isinstance(found, surfaces.DataLoss) else []
    if isinstance(found, surfaces.DataLoss):
        lines.append("# Two features (centred, and standardised if the page says so) and the target.")
        lines.append(f"data = {packed(np.column_stack([found.features, found.targets]))}")
        maker = "least_squares" if setting.surface[0] == "Diabetes" else "logistic_loss"
        lines.append(f"surface = {maker}(data[:, :2], data[:, 2])")
    else:
        name, kappa, _ = setting.surface
        lines.append(f"surface = {name.lower()}({kappa if name == 'Ravine' else ''})")
    lines += [
        f"start = {setting.start!r}",
        f"hyper = {setting.hyper!r}",
        f"options = dict(schedule={setting.schedule!r}, noise={setting.noise!r}, "
        f"stochastic={setting.stochastic!r}, seed={setting.seed!r})",
    ]
    return "\n".join(lines)


def _textbook(method: str, path: opt.Path, hyper: opt.Hyperparameters) -> np.ndarray:
    """The points of a path from its gradients g_t alone, each average written as a sum over the past: (T, 2)."""
    g, lr, steps = path.g, path.lr[:, None], len(path.g)
    age = np.subtract.outer(np.arange(steps), np.arange(steps))[..., None]  # (T, T, 1), how long ago

    def past(weight: float, values: np.ndarray) -> np.ndarray:
        return (np.where(age >= 0, weight ** np.maximum(age, 0), 0.0) * values).sum(axis=1)

    update = -lr * g
    if method in ("momentum", "nesterov"):
        mu = hyper.momentum if method == "momentum" else hyper.nesterov_momentum
        m = past(mu, g)
        update = -lr * (m if method == "momentum" else g + mu * m)
    elif method == "adagrad":
        update = -lr * g / (np.sqrt(np.cumsum(g**2, axis=0)) + hyper.adagrad_eps)
    elif method == "rmsprop":
        update = -lr * g / (np.sqrt((1 - hyper.rmsprop_decay) * past(hyper.rmsprop_decay, g**2)) + hyper.eps)
    elif method in ("adam", "adamw"):
        t = np.arange(1, steps + 1)[:, None]
        m, v = (1 - hyper.beta1) * past(hyper.beta1, g), (1 - hyper.beta2) * past(hyper.beta2, g**2)
        if hyper.bias_correction:
            m, v = m / (1 - hyper.beta1**t), v / (1 - hyper.beta2**t)
        update = -lr * m / (np.sqrt(v) + hyper.eps)
    if method != "adamw":
        return path.theta[0] + np.cumsum(update, axis=0)
    points, theta = [], path.theta[0]
    for rate, change in zip(path.lr, update, strict=True):
        theta = (1 - rate * hyper.weight_decay) * theta + change
        points.append(theta)
    return np.array(points).reshape(-1, 2)


def _gradient_check(found: surfaces.Surface, x: float, y: float) -> tuple[np.ndarray, np.ndarray]:
    hx, hy = (1e-6 * (high - low) for low, high in (found.x_range, found.y_range))
    slope_x = (found.value(x + hx, y) - found.value(x - hx, y)) / (2 * hx)
    slope_y = (found.value(x, y + hy) - found.value(x, y - hy)) / (2 * hy)
    return np.array(found.gradient(x, y), dtype=float), np.array([slope_x, slope_y], dtype=float)


def _ends(found: surfaces.Surface, path: opt.Path) -> int:
    """The label that `basins` gives to a path that was walked on its own."""
    if path.diverged_at:
        return -2
    reach = 0.02 * max(found.x_range[1] - found.x_range[0], found.y_range[1] - found.y_range[0])
    gaps = [math.dist(path.theta[-1], minimum) for minimum in found.minima]
    return int(np.argmin(gaps)) if gaps and min(gaps) <= reach else -1
