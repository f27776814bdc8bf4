"""One training step of our transformer against torch, one thread each, medians of back-to-back pairs.

Run in an environment that has numpy and torch: `python tests/benchmarks/bench_transformer.py`. Prints how many
times longer torch takes; always exits 0. Both compute the same loss from the same parameters, checked first.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import torch
import torch.nn.functional as F

from mlcore.transformer import Batch, Config, generate, initial_parameters, sinusoidal_positions, training, views

VOCABULARY, CONTEXT, BATCH = 30, 20, 32
STEPS = 20  # of one timing


def torch_loss(p, config, positions, tokens, targets):
    """The same model as one writes it in torch, with its fused attention."""
    x = p["embedding"][tokens] * config.width**0.5 + positions
    (B, T, C), H = x.shape, config.heads
    for layer in range(config.layers):
        q = {name: p[f"{layer}.{name}"] for name in ("attention.in", "attention.out", "mlp.in", "mlp.in_bias")}
        normed = F.layer_norm(x, (C,), p[f"{layer}.norm_1.gain"], p[f"{layer}.norm_1.bias"])
        Q, K, V = (normed @ q["attention.in"]).view(B, T, 3, H, C // H).permute(2, 0, 3, 1, 4)
        heads = F.scaled_dot_product_attention(Q, K, V, is_causal=True).transpose(1, 2).reshape(B, T, C)
        x = x + heads @ q["attention.out"]
        normed = F.layer_norm(x, (C,), p[f"{layer}.norm_2.gain"], p[f"{layer}.norm_2.bias"])
        hidden = normed @ q["mlp.in"] + q["mlp.in_bias"]
        active = F.gelu(hidden, approximate="tanh") if config.activation == "gelu" else F.relu(hidden)
        x = x + active @ p[f"{layer}.mlp.out"] + p[f"{layer}.mlp.out_bias"]
    logits = F.layer_norm(x, (C,), p["norm.gain"], p["norm.bias"]) @ p["head"]
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


class Torch:
    """A training loop in torch from the same parameters."""

    def __init__(self, theta, config, batch, **adam):
        self.p = {name: torch.tensor(p, requires_grad=True) for name, p in views(theta, config).items()}
        self.config, self.optimizer = config, torch.optim.Adam(self.p.values(), 1e-3, **adam)
        table = sinusoidal_positions(config.context, config.width).astype(theta.dtype)
        self.data = torch.tensor(table), torch.tensor(batch.tokens), torch.tensor(batch.targets)

    def steps(self, n):
        for _ in range(n):
            self.optimizer.zero_grad()
            loss = torch_loss(self.p, self.config, *self.data)
            loss.backward()
            self.optimizer.step()
        return loss.item()


def compare(title, config, dtype, pairs=15, **adam):
    rng = np.random.default_rng(0)
    tokens, targets = rng.integers(config.vocabulary, size=(2, BATCH, config.context))
    batch = Batch(tokens, targets, np.arange(config.context))
    theta = initial_parameters(config, 0, dtype)

    def ours(n):
        for _, loss in training(theta, config, [batch] * n, [1e-3] * n):  # noqa: B007
            pass
        return loss

    np.testing.assert_allclose(ours(10), Torch(theta, config, batch, **adam).steps(10), rtol=1e-4)
    peer, times = Torch(theta, config, batch, **adam), []
    peer.steps(STEPS)
    for _ in range(pairs):
        t0 = time.perf_counter()
        ours(STEPS)
        t1 = time.perf_counter()
        peer.steps(STEPS)
        times.append((t1 - t0, time.perf_counter() - t1))
    mine, theirs = (statistics.median(column) / STEPS for column in zip(*times, strict=True))
    ratio = statistics.median(b / a for a, b in times)
    print(f"{title:72s} {ratio:5.2f}×   ({mine * 1e3:.2f} ms against {theirs * 1e3:.2f} ms)")


def cache(title, config, n_tokens, pairs=9):
    theta, times = initial_parameters(config, 0, np.float32), []
    for _ in range(pairs):
        t0 = time.perf_counter()
        generate(theta, config, [0], n_tokens)
        t1 = time.perf_counter()
        generate(theta, config, [0], n_tokens, cached=False)
        times.append((t1 - t0, time.perf_counter() - t1))
    with_cache, without = (statistics.median(column) for column in zip(*times, strict=True))
    ratio = statistics.median(b / a for a, b in times)
    print(f"{title:72s} {ratio:5.2f}×   ({with_cache * 1e3:.0f} ms against {without * 1e3:.0f} ms without)")


def main():
    step = "a training step, C = 32, T = 20, B = 32"
    for activation in ("relu", "gelu"):
        config = Config(VOCABULARY, CONTEXT, activation=activation, positions="sinusoidal")
        for dtype in (np.float32, np.float64):
            compare(f"{step}, 1 layer, {activation}, {dtype.__name__}", config, dtype)
    config = Config(VOCABULARY, CONTEXT, positions="sinusoidal")
    compare(f"{step}, 1 layer, gelu, float32, torch with fused Adam", config, np.float32, fused=True)
    two = Config(VOCABULARY, CONTEXT, layers=2, heads=4, positions="sinusoidal")
    compare(f"{step}, 2 layers, 4 heads, gelu, float32", two, np.float32)
    cache("our generation of 128 tokens, C = 64, 2 layers: the KV cache", Config(30, 128, 64, layers=2), 128)


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, numpy {np.__version__}: torch's time over ours")
    main()
