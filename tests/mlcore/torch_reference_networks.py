"""Write tests/mlcore/data/torch_networks.json: how torch trains networks, for test_neural_network.py to compare.

Run in an environment with torch, from the repository's root: `python tests/mlcore/torch_reference_networks.py`.
float64, gradients by autograd. Nothing here imports mlcore. Batches and dropout masks are drawn as `Training`
documents it: from one NumPy stream each, [seed, 1] and [seed, 2]. A flat vector holds, layer after layer, the weights
(inputs × outputs), the biases, and the scale and shift of a norm.

A bias before a batch norm has no effect, so its gradient is nothing but rounding, which Adam with its usual
ε = 1e-8 would blow up to steps of 1e-11; there ε is 1e-3.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from torch import nn

N, BATCH, EPOCHS, SEED = 40, 8, 8, 3
STEPS = N * EPOCHS // BATCH
STORED = (2, 10, 22, STEPS)
ACTIVATIONS = {
    "linear": nn.Identity,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(0.01),
    "gelu": lambda: nn.GELU(approximate="tanh"),
    "silu": nn.SiLU,
}
OPTIMIZERS = {
    "sgd": lambda p, lr, eps: torch.optim.SGD(p, lr),
    "momentum": lambda p, lr, eps: torch.optim.SGD(p, lr, momentum=0.9),
    "nesterov": lambda p, lr, eps: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True),
    "adagrad": lambda p, lr, eps: torch.optim.Adagrad(p, lr),
    "rmsprop": lambda p, lr, eps: torch.optim.RMSprop(p, lr, eps=eps),
    "adam": lambda p, lr, eps: torch.optim.Adam(p, lr, eps=eps),
    "adamw": lambda p, lr, eps: torch.optim.AdamW(p, lr, eps=eps),
}
RATES = {"sgd": 0.3, "momentum": 0.05, "nesterov": 0.05, "adagrad": 0.1}  # the others: 0.02
CASES = [
    *[({}, {"optimizer": optimizer}) for optimizer in OPTIMIZERS],
    *[({"activation": activation}, {}) for activation in ACTIVATIONS if activation != "tanh"],
    *[({"normalisation": norm}, {"optimizer": o}) for norm in ("batch", "layer") for o in ("sgd", "momentum", "adam")],
    *[({"dropout": 0.4, "normalisation": norm}, {}) for norm in ("none", "batch", "layer")],
    ({}, {"l2": 0.05}),
    ({}, {"optimizer": "momentum", "l2": 0.05}),
    ({}, {"l1": 0.02}),
    ({}, {"optimizer": "sgd", "clip_norm": 0.1}),
    ({}, {"optimizer": "sgd", "clip_norm": 0.1, "l2": 0.5}),
    ({"n_outputs": 3}, {}),
    ({"n_outputs": 3, "activation": "relu", "normalisation": "batch", "dropout": 0.2}, {"l2": 0.01, "clip_norm": 1.0}),
    ({"loss": "squared_error"}, {}),
    ({"loss": "squared_error", "n_outputs": 2}, {"optimizer": "sgd"}),
    ({"hidden": []}, {"optimizer": "sgd"}),
    ({"hidden": [4, 4, 4, 4, 4, 4], "activation": "silu"}, {}),
]


class Masked(nn.Module):
    """Dropout by masks that are given."""

    def forward(self, a):
        return a * self.mask


def build(network, hidden, outputs):
    blocks, inputs = [], 2
    for units in hidden:
        blocks.append(nn.Linear(inputs, units))
        if network.get("normalisation", "none") != "none":
            blocks.append({"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}[network["normalisation"]](units))
        blocks.append(ACTIVATIONS[network.get("activation", "tanh")]())
        if "dropout" in network:
            blocks.append(Masked())
        inputs = units
    return nn.Sequential(*blocks, nn.Linear(inputs, outputs)).double()


def flat(model):
    parts = [p.T if p.ndim == 2 else p for block in model for p in block.parameters()]
    return torch.cat([p.reshape(-1) for p in parts]).detach().tolist()


def running(model):
    norms = [block for block in model if isinstance(block, nn.BatchNorm1d)]
    return [torch.cat([getattr(b, name) for b in norms]).tolist() for name in ("running_mean", "running_var") if norms]


def train(network, training, hyper, X, y):
    hidden, outputs, loss = network["hidden"], network.get("n_outputs", 1), network.get("loss")
    model = build(network, hidden, outputs)
    rng = np.random.default_rng(SEED)
    with torch.no_grad():
        for block in model:
            if isinstance(block, nn.Linear):
                block.weight[:] = torch.tensor(rng.normal(0, 0.7, block.weight.shape))
                block.bias[:] = torch.tensor(rng.normal(0, 0.3, block.bias.shape))
    start, points = flat(model), []
    optimizer = OPTIMIZERS[training["optimizer"]](model.parameters(), training["lr"], hyper.get("eps", 1e-8))
    if loss == "squared_error":
        measure = nn.MSELoss()
        t = torch.tensor(y, dtype=torch.float64).reshape(N, outputs)
    elif outputs == 1:
        measure, t = nn.BCEWithLogitsLoss(), torch.tensor(y, dtype=torch.float64)[:, None]
    else:
        measure, t = nn.CrossEntropyLoss(), torch.tensor(y)
    order, masks = np.random.default_rng([SEED, 1]), np.random.default_rng([SEED, 2])
    batches = np.concatenate([order.permutation(N) for _ in range(EPOCHS)]).reshape(STEPS, BATCH)
    keep = 1 - network.get("dropout", 0)
    for step, batch in enumerate(batches, start=1):
        if "dropout" in network:
            mask = torch.tensor((masks.random((BATCH, sum(hidden))) < keep) / keep).split(hidden, dim=1)
            for block, own in zip([b for b in model if isinstance(b, Masked)], mask, strict=True):
                block.mask = own
        value = measure(model(torch.tensor(X[batch])), t[batch])
        weights = [block.weight for block in model if isinstance(block, nn.Linear)]
        value = value + training.get("l1", 0) * sum(w.abs().sum() for w in weights)
        value = value + training.get("l2", 0) / 2 * sum((w * w).sum() for w in weights)
        optimizer.zero_grad()
        value.backward()
        length = math.sqrt(sum((p.grad**2).sum() for p in model.parameters()))
        if length > training.get("clip_norm", math.inf):
            for p in model.parameters():
                p.grad *= training["clip_norm"] / length
        optimizer.step()
        if step in STORED:
            points.append(flat(model))
    model.eval()
    for block in model:
        if isinstance(block, Masked):
            block.mask = 1
    with torch.no_grad():
        final = measure(model(torch.tensor(X)), t).item()
    return {"start": start, "params": points, "running": running(model), "loss": final}


def main():
    rng = np.random.default_rng(SEED)
    X = rng.normal(size=(N, 2))
    labels = {1: (X[:, 0] * X[:, 1] > 0).astype(int), 3: np.digitize(X.sum(axis=1), [-0.7, 0.7])}
    values = {1: np.sin(X[:, 0]) + X[:, 1], 2: np.stack([np.sin(X[:, 0]), X.prod(axis=1)], axis=1)}
    cases = []
    for network, options in CASES:
        optimizer = options.get("optimizer", "adam")
        training = {**options, "optimizer": optimizer, "lr": RATES.get(optimizer, 0.02)}
        y = (values if network.get("loss") == "squared_error" else labels)[network.get("n_outputs", 1)]
        training |= {"epochs": EPOCHS, "batch_size": BATCH, "seed": SEED}
        network = {"hidden": [5, 4], **network}
        hyper = {"eps": 1e-3} if network.get("normalisation") == "batch" else {}
        case = {"network": network, "training": training, "hyper": hyper, "y": y.tolist()}
        cases.append({**case, **train(network, training, hyper, X, y)})
    reference = {"torch": torch.__version__, "steps": [0, *STORED], "X": X.tolist(), "cases": cases}
    target = Path(__file__).parent / "data" / "torch_networks.json"
    target.write_text(json.dumps(reference, separators=(",", ":")).replace('{"network"', '\n{"network"') + "\n")


if __name__ == "__main__":
    main()
