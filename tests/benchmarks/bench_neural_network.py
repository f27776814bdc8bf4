"""Our network training against torch and scikit-learn, one thread each, medians of back-to-back pairs.

Run in an environment that has numpy, torch and scikit-learn: `python tests/benchmarks/bench_neural_network.py`.
Prints how many times longer the peer takes; always exits 0. MLP 2-8-8-1 tanh, 500 points, 200 epochs, batch 32, Adam.
Our times are those of the public function. It keeps at least the first and the last moment; "a film" records 80,
whose losses, norms and scores the peers do not compute.
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
from sklearn.neural_network import MLPClassifier
from torch import nn

from mlcore.neural_network import Network, Training, initialise, make_data, train, unpack

EPOCHS, BATCH, LR = 200, 32, 0.01
X, Y = make_data("spirals", 500, 0.1, 0)
X_TEST, Y_TEST = make_data("spirals", 200, 0.1, 1)
NORMS = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}


def ours(network, moments):
    training = Training(optimizer="adam", lr=LR, epochs=EPOCHS, batch_size=BATCH, moments=moments)
    return train(network, X, Y, X_TEST, Y_TEST, training).params[-1]


def with_torch(network):
    """Train as one writes it in torch, from our initial weights and on our batches."""
    blocks = []
    for inputs, outputs in network.shapes[:-1]:
        blocks.append(nn.Linear(inputs, outputs))
        if network.normalisation in NORMS:
            blocks.append(NORMS[network.normalisation](outputs))
        blocks.append(nn.Tanh())
    model = nn.Sequential(*blocks, nn.Linear(*network.shapes[-1])).double()
    linear = [block for block in model if isinstance(block, nn.Linear)]
    with torch.no_grad():
        for block, layer in zip(linear, unpack(network, initialise(network, 0)), strict=True):
            block.weight[:] = torch.tensor(layer.weights.T)
            block.bias[:] = 0
    optimizer, measure = torch.optim.Adam(model.parameters(), LR), nn.BCEWithLogitsLoss()
    inputs, targets = torch.tensor(X), torch.tensor(Y, dtype=torch.float64)[:, None]
    rng = np.random.default_rng([0, 1])
    order = torch.tensor(np.concatenate([rng.permutation(len(X)) for _ in range(EPOCHS)]))
    for batch in order[: len(order) // BATCH * BATCH].reshape(-1, BATCH):
        optimizer.zero_grad()
        measure(model(inputs[batch]), targets[batch]).backward()
        optimizer.step()
    parts = [p.T if p.ndim == 2 else p for block in model for p in block.parameters()]
    return torch.cat([p.reshape(-1) for p in parts]).detach().numpy()


def with_sklearn():
    model = MLPClassifier(
        hidden_layer_sizes=(8, 8),
        activation="tanh",
        alpha=0,
        batch_size=BATCH,
        learning_rate_init=LR,
        max_iter=EPOCHS,
        tol=0,
        n_iter_no_change=EPOCHS,
        random_state=0,
    )
    return model.fit(X, Y)


def ratio(title, mine, theirs, pairs):
    ratios, times = [], []
    for _ in range(pairs):
        t0 = time.perf_counter()
        mine()
        t1 = time.perf_counter()
        theirs()
        t2 = time.perf_counter()
        times.append((t1 - t0, t2 - t1))
        ratios.append(times[-1][1] / times[-1][0])
    us, them = (statistics.median(column) for column in zip(*times, strict=True))
    print(
        f"{title:50s} {statistics.median(ratios):6.1f}×   ({us * 1e3:.0f} ms against {them * 1e3:.0f} ms)", flush=True
    )


def main():
    plain = Network()
    difference = np.abs(ours(plain, 2) - with_torch(plain)).max()
    print(f"largest difference from torch's weights after {EPOCHS} epochs: {difference:.1e}")
    ratio("torch", lambda: ours(plain, 2), lambda: with_torch(plain), pairs=7)
    ratio("torch, ours a film", lambda: ours(plain, 80), lambda: with_torch(plain), pairs=5)
    ratio("scikit-learn", lambda: ours(plain, 2), with_sklearn, pairs=7)
    ratio("scikit-learn, ours a film", lambda: ours(plain, 80), with_sklearn, pairs=5)
    for norm in NORMS:
        network = Network(normalisation=norm)
        ratio(f"torch, {norm} norm", lambda n=network: ours(n, 2), lambda n=network: with_torch(n), pairs=3)


if __name__ == "__main__":
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    print(f"torch {torch.__version__}, numpy {np.__version__}: the peer's time over ours")
    main()
