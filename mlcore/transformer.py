"""A transformer from scratch: attention, forward and backward by hand, training on toy tasks, generation.

Every step of attention is kept, so it can be looked at; the model calls the same `attention`. A model is a
`Config` and one flat vector of parameters, seen through `views`; its gradient is a vector of the same shape.
The arithmetic runs in the parameters' own precision: float64 to check gradients, float32 to train.

Shapes in comments: B sequences, T tokens, C = width, H heads of d = C / H, S keys, P predicted positions,
V = vocabulary. Sources: Vaswani et al. 2017, *Attention is all you need*; Xiong et al. 2020 (layer norm before
each part); Ba et al. 2016 (layer norm); Hendrycks and Gimpel 2016 (GELU); Press and Wolf 2017 (tied head);
Olsson et al. 2022 (induction heads); Holtzman et al. 2020 (top-p).
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlcore.checks import finite_number, one_of, whole_number
from mlcore.optimizers import Schedule, adamw, schedule

Floats = NDArray[Any]  # float32 or float64
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

POSITIONS = {"sinusoidal": "Sinusoidal", "learnt": "Learnt", "none": "None"}
ACTIVATIONS = {"gelu": "GELU", "relu": "ReLU"}
TASKS = {"reversal": "Reversal", "copying": "Copying", "recall": "Associative recall"}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
COSINE = Schedule("cosine")
MAX_MULTIPLICATIONS = 6e10  # of one training run: a few seconds on one core


# --- Attention ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Attention:
    """Every step of one attention. All (…, T, S) but `output`, (…, T, d_v).

    `scores` = Q Kᵀ; `scaled` = scores / √d (scores themselves without scaling); `masked` = −∞ where a query may
    not look; `weights` = softmax over the keys, a row of zeros where nothing may be looked at; `output` =
    weights V.
    """

    scores: Floats
    scaled: Floats
    masked: Floats
    weights: Floats
    output: Floats


def attention(Q: ArrayLike, K: ArrayLike, V: ArrayLike, mask: Mask | None = None, scale: bool = True) -> Attention:
    """Scaled dot-product attention, softmax(Q Kᵀ / √d) V (Vaswani et al. 2017, equation 1).

    Q (…, T, d), K (…, S, d), V (…, S, d_v); `mask` is boolean, broadcast to (…, T, S), True where a query may
    look at a key. Raises ValueError for shapes that do not fit or a mask that is not boolean.
    """
    Q, K, V = np.asarray(Q), np.asarray(K), np.asarray(V)
    if min(Q.ndim, K.ndim, V.ndim) < 2 or Q.shape[-1] != K.shape[-1] or K.shape[-2] != V.shape[-2]:
        raise ValueError(
            f"Q, K, V have shapes {Q.shape}, {K.shape}, {V.shape}: (…, T, d), (…, S, d), (…, S, d_v) are allowed"
        )
    if mask is not None and np.asarray(mask).dtype != bool:
        raise ValueError(f"mask is of {np.asarray(mask).dtype}: a boolean one, True where a query may look, is allowed")
    scores = Q @ K.swapaxes(-1, -2)  # (…, T, S)
    scaled = scores * (1 / math.sqrt(Q.shape[-1])) if scale else scores
    masked = scaled if mask is None else np.where(mask, scaled, -np.inf)
    weights = softmax(masked)
    return Attention(scores, scaled, masked, weights, weights @ V)


def attention_backward(
    Q: Floats, K: Floats, V: Floats, weights: Floats, d_output: Floats, scale: bool = True
) -> tuple[Floats, Floats, Floats]:
    """Gradients with respect to Q, K, V, given `weights` of `attention(Q, K, V)` and that of its output.

    A softmax w of z sends dw back as dz = w (dw − Σ w dw), which is zero wherever w is: at masked keys.
    """
    d_V = weights.swapaxes(-1, -2) @ d_output
    d_weights = d_output @ V.swapaxes(-1, -2)
    d_weights -= np.einsum("...ts,...ts->...t", weights, d_weights)[..., None]
    d_scores = np.multiply(weights, d_weights, out=d_weights)
    if scale:
        d_scores *= 1 / math.sqrt(Q.shape[-1])
    return d_scores @ K, d_scores.swapaxes(-1, -2) @ Q, d_V


def softmax(z: ArrayLike) -> Floats:
    """exp z / Σ exp z over the last axis, with the maximum taken off first, so that nothing overflows.

    An entry of −∞ gets 0, and a row of −∞ alone gives zeros rather than 0 / 0.
    """
    z = np.asarray(z)
    top = z.max(axis=-1, keepdims=True)
    e: Floats = np.exp(z - np.where(top == -np.inf, 0, top))
    total = e.sum(axis=-1, keepdims=True)
    e /= np.where(total == 0, 1, total)
    return e


def causal_mask(n_queries: int, n_keys: int | None = None) -> Mask:
    """Mask (n_queries, n_keys) by which no token sees a later one; the queries are the last of the keys."""
    n_keys = n_queries if n_keys is None else n_keys
    return np.tri(n_queries, n_keys, n_keys - n_queries, dtype=bool)


def entropy(weights: ArrayLike) -> Floats:
    """Entropy −Σ w ln w over the last axis, in nats: 0 for one key, ln S for S keys alike."""
    w = np.asarray(weights)
    result: Floats = -np.sum(w * np.log(np.where(w > 0, w, 1)), axis=-1)
    return result


@dataclass(frozen=True, eq=False)
class WordAttention:
    """Vectors of words, X (T, d), and the queries, keys and values (T, d) made of them by matrices (d, d)."""

    X: Floats
    W_Q: Floats
    W_K: Floats
    W_V: Floats
    Q: Floats
    K: Floats
    V: Floats


def word_vectors(words: Sequence[str], d: int, seed: int = 0, positions: bool = True) -> WordAttention:
    """Queries, keys and values of `words` from random vectors and matrices: an untrained layer, to compute by hand.

    A word's vector has N(0, 1) entries drawn from its letters and `seed` alone, so the same word gets the same
    vector wherever it stands; `positions` adds the sinusoids of `sinusoidal_positions`. The matrices' entries are
    N(0, 1/d), which keeps the variance. Raises ValueError for no words, or d outside 1 … 256.
    """
    whole_number("d", d, 1, 256)
    whole_number("the number of words", len(words), 1, 256)
    X = np.array([np.random.default_rng([seed, zlib.crc32(word.encode())]).standard_normal(d) for word in words])
    if positions:
        X += sinusoidal_positions(len(words), d + d % 2)[:, :d]
    W_Q, W_K, W_V = np.random.default_rng(seed).standard_normal((3, d, d)) / math.sqrt(d)
    return WordAttention(X, W_Q, W_K, W_V, X @ W_Q, X @ W_K, X @ W_V)


@dataclass(frozen=True, eq=False)
class EntropyStudy:
    """Attention of random queries and keys against d, without scaling and with; all arrays (D,) but `d`.

    `sd`: measured standard deviation of the logits; `sd_theory`: √d without scaling, 1 with. `entropy`: mean over
    the queries, in nats, at most `max_entropy` = ln S. `largest`: mean largest weight. `slope`: mean of
    1 − Σ w², the trace of the softmax's Jacobian: the gradient that still passes through.
    """

    d: Ints
    max_entropy: float
    sd: dict[str, Floats]
    sd_theory: dict[str, Floats]
    entropy: dict[str, Floats]
    largest: dict[str, Floats]
    slope: dict[str, Floats]


def entropy_study(d_values: Sequence[int], n: int = 32, seed: int = 0, n_queries: int = 200) -> EntropyStudy:
    """Entropy of attention over `n` keys against d, with and without division by √d ("scaled", "unscaled").

    Entries of q and k are independent N(0, 1), so q·k = Σ q_i k_i has mean 0 and variance d (Vaswani et al. 2017,
    footnote 4): unscaled logits spread like √d and the softmax saturates; scaled ones keep standard deviation 1.
    Smaller d use the first coordinates of the larger. Raises ValueError for d outside 1 … 4096, n outside
    2 … 1024 or n_queries outside 1 … 2000.
    """
    for value in d_values:
        whole_number("d", value, 1, 4096)
    whole_number("the number of d values", len(d_values), 1, 200)
    whole_number("n", n, 2, 1024)
    whole_number("n_queries", n_queries, 1, 2000)
    d = np.array(d_values, dtype=np.int64)
    rng = np.random.default_rng(seed)
    queries = rng.standard_normal((d.max(), n_queries)).T
    keys = rng.standard_normal((d.max(), n)).T
    scores = np.stack([queries[:, :k] @ keys[:, :k].T for k in d])  # (D, n_queries, n)
    study: dict[str, dict[str, Floats]] = {name: {} for name in ("sd", "sd_theory", "entropy", "largest", "slope")}
    for name, theory in (("unscaled", np.sqrt(d)), ("scaled", np.ones(len(d)))):
        logits = scores * (theory / np.sqrt(d))[:, None, None]
        weights = softmax(logits)
        study["sd"][name] = logits.std(axis=(1, 2))
        study["sd_theory"][name] = theory
        study["entropy"][name] = entropy(weights).mean(axis=1)
        study["largest"][name] = weights.max(axis=2).mean(axis=1)
        study["slope"][name] = 1 - np.square(weights).sum(axis=2).mean(axis=1)
    return EntropyStudy(d=d, max_entropy=math.log(n), **study)


# --- The model ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Config:
    """A transformer's shape and its switches.

    `vocabulary` V and `context`, the longest sequence; `width` C, a multiple of `heads`; `mlp_ratio`: hidden units
    per unit of width. Switches: `causal` (a token sees no later one), `positions` (a key of POSITIONS),
    `activation` (a key of ACTIVATIONS), `scale` (divide the scores by √d), `residual`, `layer_norm`, `tied` (the
    head shares the embedding's matrix). Raises ValueError for anything out of range.
    """

    vocabulary: int
    context: int
    width: int = 32
    heads: int = 1
    layers: int = 1
    mlp_ratio: int = 4
    causal: bool = True
    positions: str = "learnt"
    activation: str = "gelu"
    scale: bool = True
    residual: bool = True
    layer_norm: bool = True
    tied: bool = False

    def __post_init__(self) -> None:
        """Check every value."""
        for name, low, high in (
            ("vocabulary", 2, 1000),
            ("context", 1, 1024),
            ("width", 2, 256),
            ("heads", 1, 16),
            ("layers", 1, 8),
            ("mlp_ratio", 1, 8),
        ):
            whole_number(name, getattr(self, name), low, high)
        one_of("positions", self.positions, POSITIONS)
        one_of("activation", self.activation, ACTIVATIONS)
        if self.width % self.heads:
            raise ValueError(f"width is {self.width}: a multiple of heads, {self.heads}, is allowed")
        if self.width % 2 and self.positions == "sinusoidal":
            raise ValueError(f"width is {self.width}: an even one is allowed with sinusoidal positions")


@lru_cache(maxsize=64)
def shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Name and shape of each parameter, in the order in which they lie in the flat vector."""
    V, C, M = config.vocabulary, config.width, config.mlp_ratio * config.width
    named: dict[str, tuple[int, ...]] = {"embedding": (V, C)}
    if config.positions == "learnt":
        named["positions"] = (config.context, C)
    for layer in range(config.layers):
        part: dict[str, tuple[int, ...]] = {
            "norm_1.gain": (C,),
            "norm_1.bias": (C,),
            "attention.in": (C, 3 * C),  # queries, keys, values of all heads side by side
            "attention.out": (C, C),
            "norm_2.gain": (C,),
            "norm_2.bias": (C,),
            "mlp.in": (C, M),
            "mlp.in_bias": (M,),
            "mlp.out": (M, C),
            "mlp.out_bias": (C,),
        }
        named |= {f"{layer}.{name}": shape for name, shape in part.items()}
    named |= {"norm.gain": (C,), "norm.bias": (C,)}
    if not config.tied:
        named["head"] = (C, V)
    return {name: shape for name, shape in named.items() if config.layer_norm or "norm" not in name}


def n_parameters(config: Config) -> int:
    """Length of the flat vector of parameters."""
    return sum(math.prod(shape) for shape in shapes(config).values())


def views(vector: Floats, config: Config) -> dict[str, Floats]:
    """The parameters (or gradients) in a flat vector by name: views, so writing to one writes to the vector."""
    named, start = {}, 0
    for name, shape in shapes(config).items():
        end = start + math.prod(shape)
        named[name] = vector[start:end].reshape(shape)
        start = end
    return named


def initial_parameters(config: Config, seed: int = 0, dtype: type[np.floating[Any]] = np.float64) -> Floats:
    """Random start: matrices N(0, 1/fan-in), gains 1, biases 0, one flat vector.

    The embedding is N(0, 1/C) and enters multiplied by √C (Vaswani et al. 2017, section 3.4): tokens then have
    variance 1, and a tied head gives logits of variance 1 too. Learnt positions are drawn and scaled likewise.
    """
    rng = np.random.default_rng(seed)
    theta = np.zeros(n_parameters(config))
    for name, p in views(theta, config).items():
        if name.endswith("gain"):
            p[:] = 1
        elif name in ("embedding", "positions"):
            p[:] = rng.standard_normal(p.shape) / math.sqrt(config.width)
        elif p.ndim == 2:
            p[:] = rng.standard_normal(p.shape) / math.sqrt(p.shape[0])
    return theta.astype(dtype)


def sinusoidal_positions(n: int, width: int) -> Floats:
    """Positions (n, width): sin and cos of t / 10000^(2i / width) (Vaswani et al. 2017, section 3.5).

    With an odd width the last sine has no cosine.
    """
    angles = np.arange(n)[:, None] / 10000 ** (np.arange(0, width, 2) / width)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(n, -1)[:, :width]


@lru_cache(maxsize=64)
def _position_table(config: Config, dtype: np.dtype[Any]) -> Floats:
    table = sinusoidal_positions(config.context, config.width).astype(dtype)
    table.flags.writeable = False
    return table


def gelu(x: Floats) -> tuple[Floats, Floats]:
    """x Φ(x) by its tanh form, ½ x (1 + tanh u), u = √(2/π) (x + 0.044715 x³), and its derivative.

    The derivative is ½ (1 + tanh u) + ½ x (1 − tanh² u) u'. In place, as fresh arrays of this size cost more than
    the arithmetic.
    """
    c = math.sqrt(2 / math.pi)
    t = x * x
    t *= c * 0.044715
    slope = 3 * t
    slope += c  # u'
    t += c
    t *= x  # u
    np.tanh(t, out=t)
    value = 0.5 * t
    value += 0.5
    t *= t
    t -= 1
    t *= -0.5
    slope *= x
    slope *= t
    slope += value
    value *= x
    return value, slope


def relu(x: Floats) -> tuple[Floats, Floats]:
    """max(x, 0), and its derivative, taken as 0 at 0."""
    return np.maximum(x, 0), (x > 0).astype(x.dtype)


def layer_norm(x: Floats, gain: Floats, bias: Floats, eps: float = 1e-5) -> tuple[Floats, Floats, Floats]:
    """gain · x̂ + bias, x̂ = (x − mean) / √(variance + ε) over the last axis; also x̂ and 1 / √(variance + ε)."""
    normal = x - _mean(x)
    inverse = 1 / np.sqrt(_mean(normal, normal) + eps)
    normal *= inverse
    y = normal * gain
    y += bias
    return y, normal, inverse


def layer_norm_backward(d_y: Floats, gain: Floats, normal: Floats, inverse: Floats) -> tuple[Floats, Floats, Floats]:
    """Gradients with respect to x (N, C), gain and bias (C,), from that of the result and what `layer_norm` kept.

    x̂ has mean 0 and variance 1 whatever x is, so of dx̂ the parts along 1 and along x̂ change nothing and go.
    """
    d_normal = d_y * gain
    d_x = inverse * (d_normal - _mean(d_normal) - normal * _mean(d_normal, normal))
    return d_x, np.einsum("nc,nc->c", d_y, normal), d_y.sum(axis=0)


def _mean(*factors: Floats) -> Floats:
    """Mean of x, or of x y, over the last axis, kept as an axis; einsum is faster than `mean` for short rows."""
    total: Floats = np.einsum("...c,...c->..." if len(factors) == 2 else "...c->...", *factors)
    mean: Floats = total[..., None] / factors[0].shape[-1]
    return mean


def cross_entropy(logits: ArrayLike, targets: ArrayLike) -> tuple[float, Floats]:
    """Mean of −ln softmax(logits)[target], logits (…, V), targets (…), and its gradient (softmax − one-hot) / count.

    Raises ValueError for targets of another shape, or that are not whole numbers from 0 to V − 1.
    """
    logits = np.asarray(logits)
    rows = logits.reshape(-1, logits.shape[-1])
    at = np.arange(len(rows)), _tokens("targets", targets, logits.shape[-1], logits.shape[:-1]).ravel()
    z = rows - rows.max(axis=1, keepdims=True)
    e = np.exp(z)
    total = e.sum(axis=1)
    loss = float((np.log(total) - z[at]).mean())
    e /= total[:, None]
    e[at] -= 1
    e /= len(rows)
    return loss, e.reshape(logits.shape)


class Block(NamedTuple):
    """What one layer computed: what `backward` needs, and what there is to look at. N = B · T rows.

    `normal_1` (N, C), `inverse_1` (N, 1) of the first layer norm (None without), `input` (N, C) of the attention;
    Q (B, H, T, d), K, V (B, H, S, d), `attention`, its heads side by side in `heads` (N, C); the same for the MLP:
    `normal_2`, `inverse_2`, `mlp_input`, `active` (N, M) and the activation's `slope` (N, M).
    """

    normal_1: Floats | None
    inverse_1: Floats | None
    input: Floats
    Q: Floats
    K: Floats
    V: Floats
    attention: Attention
    heads: Floats
    normal_2: Floats | None
    inverse_2: Floats | None
    mlp_input: Floats
    active: Floats
    slope: Floats


@dataclass(frozen=True, eq=False)
class Activations:
    """One pass through the model: `logits` (B, P, V) at the asked positions, and all on the way to them.

    `blocks`: one a layer, see Block. `tokens` (B, T), `positions` (P,); `final` (B · P, C) enters the head,
    `normal` and `inverse` belong to the last layer norm (None without).
    """

    logits: Floats
    tokens: Ints
    positions: Ints
    blocks: tuple[Block, ...]
    final: Floats
    normal: Floats | None
    inverse: Floats | None

    @property
    def weights(self) -> Floats:
        """Attention weights of all layers and heads, (B, layers, H, T, S)."""
        return np.stack([block.attention.weights for block in self.blocks], axis=1)

    @property
    def cache(self) -> list[tuple[Floats, Floats]]:
        """Keys and values of each layer, to pass as `past`."""
        return [(block.K, block.V) for block in self.blocks]


def forward(
    theta: Floats,
    config: Config,
    tokens: ArrayLike,
    positions: ArrayLike | None = None,
    past: list[tuple[Floats, Floats]] | None = None,
) -> Activations:
    """Run the model on `tokens` (B, T), logits at `positions` (P,), all by default.

    `past` holds the keys and values of earlier tokens (`Activations.cache`): then `tokens` are only those that
    follow. Causal models alone may use it: with no mask, a new token changes what the earlier ones computed.
    Positions below 0 count from the end. Raises ValueError for tokens that are not (B, T), outside the vocabulary, or
    longer than the context, and for positions outside the tokens.
    """
    p = views(theta, config)
    if past is not None and not config.causal:
        raise ValueError("only a causal model can continue from cached keys and values")
    first = 0 if past is None else past[0][0].shape[2]
    tokens = _tokens("tokens", tokens, config.vocabulary)
    if tokens.ndim != 2 or 0 in tokens.shape or tokens.shape[1] > config.context - first:
        raise ValueError(
            f"tokens have shape {tokens.shape}: (B, T) with T from 1 to {config.context - first} is allowed"
        )
    B, T = tokens.shape
    C, V = config.width, config.vocabulary
    asked = np.arange(T)
    if positions is not None:
        places = np.asarray(positions)
        if places.ndim != 1 or places.dtype.kind not in "iu" or not ((places >= -T) & (places < T)).all():
            raise ValueError(f"positions are {positions!r}: whole numbers from {-T} to {T - 1} are allowed")
        asked = asked[places]

    x: Floats = p["embedding"][tokens] * math.sqrt(C)  # (B, T, C)
    if config.positions != "none":
        table = p["positions"] * math.sqrt(C) if "positions" in p else _position_table(config, theta.dtype)
        x += table[first : first + T]
    x = x.reshape(B * T, C)
    mask = causal_mask(T, first + T) if config.causal else None
    blocks = []
    for layer in range(config.layers):
        x, block = _block(p, config, layer, x, B, mask, None if past is None else past[layer])
        blocks.append(block)
    final = x if positions is None else x.reshape(B, T, C)[:, asked].reshape(-1, C)
    final, normal, inverse = _norm(p, config, "norm", final)
    logits = final @ (p["embedding"].T if config.tied else p["head"])
    return Activations(logits.reshape(B, -1, V), tokens, asked, tuple(blocks), final, normal, inverse)


def _norm(p: dict[str, Floats], config: Config, name: str, x: Floats) -> tuple[Floats, Floats | None, Floats | None]:
    return layer_norm(x, p[f"{name}.gain"], p[f"{name}.bias"]) if config.layer_norm else (x, None, None)


def _block(
    p: dict[str, Floats],
    config: Config,
    layer: int,
    x: Floats,
    B: int,
    mask: Mask | None,
    past: tuple[Floats, Floats] | None,
) -> tuple[Floats, Block]:
    """One layer: x + attention(norm(x)), then x + MLP(norm(x)), on x (N, C)."""
    H = config.heads
    input, normal_1, inverse_1 = _norm(p, config, f"{layer}.norm_1", x)
    projected = (input @ p[f"{layer}.attention.in"]).reshape(B, -1, 3, H, config.width // H)
    Q, K, V = projected.transpose(2, 0, 3, 1, 4)  # each (B, H, T, d)
    if past is not None:
        K, V = np.concatenate([past[0], K], axis=2), np.concatenate([past[1], V], axis=2)
    looked = attention(Q, K, V, mask, config.scale)
    heads = looked.output.transpose(0, 2, 1, 3).reshape(x.shape)
    update = heads @ p[f"{layer}.attention.out"]
    x = np.add(x, update, out=update) if config.residual else update

    mlp_input, normal_2, inverse_2 = _norm(p, config, f"{layer}.norm_2", x)
    activation = gelu if config.activation == "gelu" else relu
    hidden = mlp_input @ p[f"{layer}.mlp.in"]
    hidden += p[f"{layer}.mlp.in_bias"]
    active, slope = activation(hidden)
    update = active @ p[f"{layer}.mlp.out"]
    update += p[f"{layer}.mlp.out_bias"]
    x = np.add(x, update, out=update) if config.residual else update
    kept = (normal_1, inverse_1, input, Q, K, V, looked, heads, normal_2, inverse_2, mlp_input, active, slope)
    return x, Block(*kept)


def backward(theta: Floats, config: Config, passed: Activations, d_logits: Floats) -> Floats:
    """Gradient of the loss with respect to `theta`, given `forward`'s activations and that of the logits (B, P, V)."""
    p, gradient = views(theta, config), np.zeros_like(theta)
    g = views(gradient, config)
    (B, T), C = passed.tokens.shape, config.width
    d_logits = d_logits.reshape(-1, config.vocabulary)
    if config.tied:
        g["embedding"] += d_logits.T @ passed.final
        d_final = d_logits @ p["embedding"]
    else:
        g["head"] += passed.final.T @ d_logits
        d_final = d_logits @ p["head"].T
    d_final = _norm_backward(p, g, "norm", d_final, passed.normal, passed.inverse)
    d_x: Floats = np.zeros((B * T, C), theta.dtype)
    at_positions, d_final = d_x.reshape(B, T, C), d_final.reshape(B, -1, C)
    if len(set(passed.positions.tolist())) == len(passed.positions):
        at_positions[:, passed.positions] = d_final
    else:  # each time that a position is asked for adds to its gradient
        for k, at in enumerate(passed.positions):
            at_positions[:, at] += d_final[:, k]
    for layer in reversed(range(config.layers)):
        d_x = _block_backward(p, g, config, layer, passed.blocks[layer], d_x)
    if config.positions == "learnt":
        g["positions"][:T] += math.sqrt(C) * d_x.reshape(B, T, C).sum(axis=0)
    one_hot = (np.arange(config.vocabulary)[:, None] == passed.tokens.ravel()).astype(theta.dtype)  # (V, N)
    g["embedding"] += math.sqrt(C) * (one_hot @ d_x)
    return gradient


def _norm_backward(
    p: dict[str, Floats], g: dict[str, Floats], name: str, d_y: Floats, normal: Floats | None, inverse: Floats | None
) -> Floats:
    if normal is None or inverse is None:
        return d_y
    d_x, g[f"{name}.gain"][:], g[f"{name}.bias"][:] = layer_norm_backward(d_y, p[f"{name}.gain"], normal, inverse)
    return d_x


def _block_backward(
    p: dict[str, Floats], g: dict[str, Floats], config: Config, layer: int, block: Block, d_x: Floats
) -> Floats:
    """The layer's steps in reverse: each product y = a W sends back dW = aᵀ dy and da = dy Wᵀ."""
    g[f"{layer}.mlp.out"][:] = block.active.T @ d_x
    g[f"{layer}.mlp.out_bias"][:] = d_x.sum(axis=0)
    d_hidden = d_x @ p[f"{layer}.mlp.out"].T
    d_hidden *= block.slope
    g[f"{layer}.mlp.in"][:] = block.mlp_input.T @ d_hidden
    g[f"{layer}.mlp.in_bias"][:] = d_hidden.sum(axis=0)
    d_input = d_hidden @ p[f"{layer}.mlp.in"].T
    d_branch = _norm_backward(p, g, f"{layer}.norm_2", d_input, block.normal_2, block.inverse_2)
    d_x = d_x + d_branch if config.residual else d_branch

    B, H, T, d = block.Q.shape
    g[f"{layer}.attention.out"][:] = block.heads.T @ d_x
    d_heads = (d_x @ p[f"{layer}.attention.out"].T).reshape(B, T, H, d).transpose(0, 2, 1, 3)
    d_projected = np.empty((B, T, 3, H, d), d_x.dtype)
    d_projected.transpose(2, 0, 3, 1, 4)[:] = attention_backward(
        block.Q, block.K, block.V, block.attention.weights, d_heads, config.scale
    )
    rows = d_projected.reshape(B * T, -1)
    g[f"{layer}.attention.in"][:] = block.input.T @ rows
    d_input = rows @ p[f"{layer}.attention.in"].T
    d_branch = _norm_backward(p, g, f"{layer}.norm_1", d_input, block.normal_1, block.inverse_1)
    return d_x + d_branch if config.residual else d_branch


def loss_and_gradient(
    theta: Floats, config: Config, tokens: ArrayLike, targets: Ints, positions: ArrayLike | None = None
) -> tuple[float, Floats]:
    """Mean cross-entropy of `targets` (B, P) at `positions` (P,) of `tokens` (B, T), and its gradient.

    Raises ValueError as `forward` and `cross_entropy` do.
    """
    passed = forward(theta, config, tokens, positions)
    loss, d_logits = cross_entropy(passed.logits, targets)
    return loss, backward(theta, config, passed, d_logits)


class Batch(NamedTuple):
    """Sequences `tokens` (B, T), and what is to be predicted, `targets` (B, P), at `positions` (P,)."""

    tokens: Ints
    targets: Ints
    positions: Ints


def training(
    theta: Floats, config: Config, batches: Iterable[Batch], rates: Sequence[float], weight_decay: float = 0.0
) -> Iterator[tuple[Floats, float]]:
    """One step of AdamW for each batch and learning rate: (parameters after it, loss of the batch before it).

    With a `weight_decay` of 0 that is Adam. Ends early where the loss or a parameter is no longer a finite number:
    that step is left out.
    """
    np.empty(2**24, np.uint8)  # given back at once: glibc then keeps freed memory, and a step costs no page faults
    state: Any = (0.0, 0.0, 0)
    for batch, rate in zip(batches, rates, strict=False):
        with np.errstate(all="ignore"):
            loss, gradient = loss_and_gradient(theta, config, *batch)
            theta, state, _ = adamw(theta, gradient, state, rate, weight_decay=weight_decay)
        if not (math.isfinite(loss) and np.isfinite(theta).all()):
            return
        yield theta, loss


# --- Toy tasks ----------------------------------------------------------------------------------------------


class TaskSample(NamedTuple):
    """Sequences of a task: `batch`, and in `source` (B, P) which token each answer is found at."""

    batch: Batch
    source: Ints


@dataclass(frozen=True)
class Task:
    """A toy task, solved from left to right: what is given, a bar, then the answer.

    `name`, a key of TASKS, `length` n, and the number of `letters` they are drawn from (with replacement).

    - reversal: a b c | c b a
    - copying: a b c | a b c
    - recall: n pairs of a letter and a digit, a 2 c 0 b 2, then the letters in another order, each followed by its
      digit: b 2 a 2 c 0. Letters differ (so n ≤ letters); there are as many digits as letters.

    Raises ValueError for another name, length outside 2 … 16, letters outside 2 … 20.
    """

    name: str = "reversal"
    length: int = 10
    letters: int = 10

    def __post_init__(self) -> None:
        """Check every value."""
        one_of("task", self.name, TASKS)
        whole_number("length", self.length, 2, 16)
        whole_number("letters", self.letters, 2, 20)
        if self.name == "recall" and self.length > self.letters:
            raise ValueError(
                f"length is {self.length}: for recall at most the number of letters, {self.letters}, is allowed"
            )

    @property
    def symbols(self) -> tuple[str, ...]:
        """What each token stands for."""
        letters = tuple(LETTERS[: self.letters])
        return (*letters, *map(str, range(self.letters))) if self.name == "recall" else (*letters, "|")

    @property
    def context(self) -> int:
        """Length of a sequence: all but the last answer, which nothing follows."""
        return 4 * self.length - 1 if self.name == "recall" else 2 * self.length

    def sample(self, n_sequences: int, rng: np.random.Generator) -> TaskSample:
        """Draw sequences afresh."""
        n, rows = self.length, np.arange(n_sequences)[:, None]
        if self.name == "recall":
            keys = rng.permuted(np.tile(np.arange(self.letters), (n_sequences, 1)), axis=1)[:, :n]
            values = rng.integers(self.letters, size=(n_sequences, n)) + self.letters
            order = rng.permuted(np.tile(np.arange(n), (n_sequences, 1)), axis=1)
            pairs = np.stack([keys, values], axis=2).reshape(n_sequences, 2 * n)
            asked = np.stack([keys[rows, order], values[rows, order]], axis=2).reshape(n_sequences, 2 * n)
            tokens = np.concatenate([pairs, asked], axis=1)
            return TaskSample(Batch(tokens[:, :-1], asked[:, 1::2], 2 * n + 2 * np.arange(n)), 2 * order + 1)
        given = rng.integers(self.letters, size=(n_sequences, n))
        source = np.arange(n)[::-1] if self.name == "reversal" else np.arange(n)
        targets = given[:, source]
        bar = np.full((n_sequences, 1), self.letters)
        tokens = np.concatenate([given, bar, targets[:, :-1]], axis=1)
        return TaskSample(Batch(tokens, targets, n + np.arange(n)), np.tile(source, (n_sequences, 1)))


@dataclass(frozen=True, eq=False)
class Film:
    """A training, and the model at K checkpoints of it, tested on the same fresh sequences each time.

    `train_loss` (steps done,); `steps` (K,) of the checkpoints, 0 first. At each: `loss` (K,); `accuracy` (K,), the
    share of sequences answered without a mistake, each answer given from the tokens before it alone; `seen_accuracy`
    (K,), the same with the whole sequence in view, later answers included: no different in a causal model, and what
    training sees in one without mask. `on_source` (K, layers, H): mean weight that an answering token puts on
    the token that holds its answer. For the one sequence `tokens` (T,): `answers` (K, P) and `attention`
    (K, layers, H, T, T), float32. `positions`, `targets`, `source` (P,) of it. `theta`: the parameters at the end.
    `diverged_at`: None, or the number of the first step with a result that is not finite; it is left out.
    """

    config: Config
    train_loss: Floats
    steps: Ints
    loss: Floats
    accuracy: Floats
    seen_accuracy: Floats
    on_source: Floats
    tokens: Ints
    positions: Ints
    targets: Ints
    source: Ints
    answers: Ints
    attention: Floats
    theta: Floats
    diverged_at: int | None


def most_steps(config: Config, batch_size: int) -> int:
    """Largest number of steps a training takes: MAX_MULTIPLICATIONS over those of a step, three passes forward."""
    return int(MAX_MULTIPLICATIONS // (3 * batch_size * multiplications(config, config.context, config.context)))


def filmed_training(
    task: Task,
    config: Config,
    *,
    n_steps: int = 100,
    lr: float = 0.01,
    batch_size: int = 32,
    plan: Schedule = COSINE,
    n_checkpoints: int = 40,
    n_test: int = 100,
    seed: int = 0,
) -> Iterator[Film]:
    """Train on fresh sequences of `task` in float32: the film so far at each checkpoint, before any step first.

    The training goes on only while films are asked for. The defaults are for reversal and
    copying with one layer; recall needs two layers, lr about 0.003, constant after a warm-up, and about 300 steps:
    at higher rates many seeds stay at guessing among the digits in view. `config.vocabulary` must be
    `len(task.symbols)` and its context at least `task.context`. Raises ValueError if it is not, for a number of
    steps above `most_steps`, n_checkpoints outside 2 … 60, n_test outside 1 … 500, batch_size outside 1 … 256.
    """
    if config.vocabulary != len(task.symbols) or config.context < task.context:
        raise ValueError(
            f"the task needs vocabulary {len(task.symbols)} and context {task.context} or more, "
            f"got {config.vocabulary} and {config.context}"
        )
    whole_number("batch_size", batch_size, 1, 256)
    whole_number("n_steps", n_steps, 1, most_steps(config, batch_size))
    whole_number("n_checkpoints", n_checkpoints, 2, 60)
    whole_number("n_test", n_test, 1, 500)
    rates: list[float] = _rates_of(plan, lr, n_steps)
    theta = initial_parameters(config, seed, np.float32)
    train_rng, test_rng = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(2))
    test = task.sample(n_test, test_rng)
    checkpoints = set(np.linspace(0, n_steps, n_checkpoints).round().astype(int).tolist())

    batches = (task.sample(batch_size, train_rng).batch for _ in range(n_steps))
    losses: list[float] = []
    steps, tested = [0], [_test(theta, config, test)]

    def film(diverged_at: int | None = None) -> Film:
        loss_at, accuracy, seen_accuracy, on_source, answers, weights = (np.array(c) for c in zip(*tested, strict=True))
        return Film(
            config=config,
            train_loss=np.array(losses),
            steps=np.array(steps),
            loss=loss_at,
            accuracy=accuracy,
            seen_accuracy=seen_accuracy,
            on_source=on_source,
            tokens=test.batch.tokens[0],
            positions=test.batch.positions,
            targets=test.batch.targets[0],
            source=test.source[0],
            answers=answers,
            attention=weights,
            theta=theta,
            diverged_at=diverged_at,
        )

    yield film()
    learning = training(theta, config, batches, rates)
    for theta, loss in learning:
        losses.append(loss)
        if len(losses) in checkpoints:
            steps.append(len(losses))
            tested.append(_test(theta, config, test))
            yield film()
    if len(losses) < n_steps:
        yield film(diverged_at=len(losses) + 1)


def train_task(task: Task, config: Config, **options: Any) -> Film:
    """The film of a whole training, see `filmed_training`."""
    *_, film = filmed_training(task, config, **options)
    return film


def _test(theta: Floats, config: Config, test: TaskSample) -> tuple[float, float, float, Floats, Ints, Floats]:
    """Loss, accuracy, seen accuracy, weight on the sources, and answers and attention of the first sequence."""
    tokens, targets, positions = test.batch
    with np.errstate(all="ignore"):
        passed = forward(theta, config, tokens, positions)
        loss, _ = cross_entropy(passed.logits, targets)
        seen = passed.logits.argmax(axis=2)
        if config.causal:
            answers = seen
        else:
            logits = [forward(theta, config, tokens[:, : at + 1], [at]).logits for at in positions]
            answers = np.concatenate(logits, axis=1).argmax(axis=2)
    weights = passed.weights  # (B, layers, H, T, T)
    at = np.broadcast_to(test.source[:, None, None, :, None], (*weights.shape[:3], len(positions), 1))
    on_source = np.take_along_axis(weights[:, :, :, positions], at, axis=4).mean(axis=(0, 3, 4))
    right, seen_right = ((given == targets).all(axis=1).mean() for given in (answers, seen))
    return loss, float(right), float(seen_right), on_source, answers[0], weights[0]


# --- Generation ---------------------------------------------------------------------------------------------


def next_token_probabilities(
    logits: ArrayLike, temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0
) -> Floats:
    """Probabilities (V,) to draw the next token from, given logits (V,).

    softmax(logits / temperature); temperature 0 is its limit, all on the largest logit (the first, if several).
    Then `top_k` keeps the k most probable tokens, and `top_p` of what is left the fewest most probable ones that
    together reach p; the rest get 0 and the kept are scaled to sum to 1. Ties go to the lower token.
    Raises ValueError for temperature < 0, top_k < 1 or top_p outside (0, 1].
    """
    z = np.asarray(logits, dtype=float)
    if z.ndim != 1 or not np.isfinite(z.max(initial=-np.inf)):
        raise ValueError(f"logits have shape {z.shape}: one or more finite ones (V,) are allowed, and −∞ beside them")
    finite_number("temperature", temperature, 0)
    if top_k is not None:
        whole_number("top_k", top_k, 1, 10**9)
    finite_number("top_p", top_p, 0, 1, above=True)
    order = np.argsort(-z, kind="stable")  # most probable first
    if temperature == 0:
        return np.where(np.arange(len(z)) == order[0], 1.0, 0.0)
    with np.errstate(over="ignore"):  # a tiny temperature sends all but the largest to −∞: the limit
        p: Floats = softmax((z - z.max()) / temperature)
    if top_k is not None:
        p[order[top_k:]] = 0
        p /= p.sum()
    if top_p < 1:
        reached = np.cumsum(p[order])
        p[order[np.searchsorted(reached, top_p - 1e-12) + 1 :]] = 0  # .5 + .3 may round to just under .8
        p /= p.sum()
    return p


@dataclass(frozen=True, eq=False)
class Generation:
    """What was generated, and from what.

    `tokens` (T₀ + n,), the prompt first. For each of the n new tokens: `logits` and `probabilities` (n, V), those
    drawn from, after temperature, top-k and top-p; `model_probabilities` (n, V), before them; `attention`
    (n, layers, H, T₀ + n), the weights of the token it follows, 0 at tokens that are not there yet.
    """

    tokens: Ints
    n_prompt: int
    logits: Floats
    probabilities: Floats
    model_probabilities: Floats
    attention: Floats


def generate(
    theta: Floats,
    config: Config,
    prompt: ArrayLike,
    n_tokens: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
    seed: int = 0,
    cached: bool = True,
) -> Generation:
    """Continue `prompt` (T₀,) by `n_tokens`, one at a time, feeding each one back.

    With `cached`, only the newest token passes through the model, beside the keys and values kept of the others;
    without, the whole sequence does, for the same logits. Raises ValueError for a prompt that is empty or outside
    the vocabulary, T₀ + n_tokens − 1 > context, `cached` with a model that is not causal, or as
    `next_token_probabilities` does.
    """
    tokens = np.asarray(prompt, dtype=np.int64).ravel().tolist()
    n_prompt = len(tokens)
    whole_number("the prompt's length", n_prompt, 1, config.context)
    whole_number("n_tokens", n_tokens, 1, config.context + 1 - n_prompt)
    if cached and not config.causal:
        raise ValueError("only a causal model can continue from cached keys and values")
    draws = np.random.default_rng(seed).random(n_tokens)
    steps = []
    looked = np.zeros((n_tokens, config.layers, config.heads, n_prompt + n_tokens), np.float32)
    past = None
    for i, draw in enumerate(draws):
        new = tokens if past is None else tokens[-1:]
        passed = forward(theta, config, [new], [-1], past)
        past = passed.cache if cached else None
        logits = passed.logits[0, 0]
        p = next_token_probabilities(logits, temperature, top_k, top_p)
        steps.append((logits, p, next_token_probabilities(logits)))
        looked[i, :, :, : len(tokens)] = [block.attention.weights[0, :, -1] for block in passed.blocks]
        reached = np.cumsum(p)
        tokens.append(int(np.searchsorted(reached, draw * reached[-1], side="right")))
    logits, probabilities, model_probabilities = map(np.array, zip(*steps, strict=True))
    return Generation(np.array(tokens), n_prompt, logits, probabilities, model_probabilities, looked)


def multiplications(config: Config, n_new: int, n_keys: int, n_logits: int = 1) -> int:
    """Multiplications in the matrix products of one pass: T = n_new tokens beside S = n_keys − n_new cached ones.

    Per layer 3TC² for Q, K, V, T·n_keys·C for the scores and again for their use, TC² for the output, 2TCM for the
    MLP of M hidden units; C·V for each of `n_logits` positions. Masked scores are computed, hence counted.
    """
    C, M = config.width, config.mlp_ratio * config.width
    layer = 4 * n_new * C * C + 2 * n_new * n_keys * C + 2 * n_new * C * M
    return config.layers * layer + n_logits * C * config.vocabulary


@dataclass(frozen=True, eq=False)
class GenerationCost:
    """Multiplications for each new token, all (n,).

    `length` t of the sequence that it follows; the cost `uncached`, when t tokens pass, and `cached`, when one does
    (for the first, all of the prompt); `cache_size`, the 2 · layers · C · t numbers kept in exchange.
    """

    length: Ints
    uncached: Ints
    cached: Ints
    cache_size: Ints


def generation_cost(config: Config, n_prompt: int, n_tokens: int) -> GenerationCost:
    """Count what `generate` multiplies, with and without cache, see `multiplications`."""
    whole_number("n_prompt", n_prompt, 1, config.context)
    whole_number("n_tokens", n_tokens, 1, config.context + 1 - n_prompt)
    length = np.arange(n_prompt, n_prompt + n_tokens)
    return GenerationCost(
        length=length,
        uncached=np.array([multiplications(config, t, t) for t in length.tolist()]),
        cached=np.array([multiplications(config, t if t == n_prompt else 1, t) for t in length.tolist()]),
        cache_size=2 * config.layers * config.width * length,
    )


# --- A language model ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """A trained model of characters: `alphabet[i]` is the character of token i."""

    config: Config
    theta: Floats
    alphabet: str

    def encode(self, text: str) -> Ints:
        """Tokens of `text`. Raises ValueError for a character outside the alphabet."""
        unknown = sorted(set(text) - set(self.alphabet))
        if unknown:
            raise ValueError(f"the model does not know {', '.join(map(repr, unknown))}")
        return np.array([self.alphabet.index(character) for character in text], dtype=np.int64)

    def decode(self, tokens: ArrayLike) -> str:
        """Text of tokens."""
        return "".join(self.alphabet[token] for token in np.asarray(tokens).ravel().tolist())

    def packed(self) -> dict[str, NDArray[Any]]:
        """Arrays to store with `np.savez_compressed`; the weights as float16."""
        about = json.dumps({"alphabet": self.alphabet, "config": asdict(self.config)})
        return {"theta": self.theta.astype(np.float16), "about": np.array(about)}

    @staticmethod
    def unpacked(arrays: Mapping[str, NDArray[Any]], dtype: type[np.floating[Any]] = np.float32) -> LanguageModel:
        """The model stored by `packed`, from what `np.load` gives."""
        about = json.loads(str(arrays["about"]))
        return LanguageModel(Config(**about["config"]), arrays["theta"].astype(dtype), about["alphabet"])

    def loss(self, text: str) -> float:
        """Mean cross-entropy of the characters of `text`, in nats, read in windows of the context, each on its own."""
        tokens, T = self.encode(text), self.config.context
        whole_number("the text's length", len(tokens), T + 1, 10**7)
        starts = np.arange(0, len(tokens) - T, T)[:, None] + np.arange(T)
        total = sum(
            len(rows) * cross_entropy(forward(self.theta, self.config, tokens[rows]).logits, tokens[rows + 1])[0]
            for rows in np.array_split(starts, math.ceil(len(starts) / 16))  # of unequal sizes
        )
        return total / len(starts)


def train_language_model(
    text: str,
    *,
    context: int = 64,
    width: int = 32,
    heads: int = 2,
    layers: int = 1,
    n_steps: int = 300,
    lr: float = 0.01,
    batch_size: int = 16,
    plan: Schedule = COSINE,
    weight_decay: float = 0.0,
    seed: int = 0,
    progress: Callable[[int, float], object] = lambda step, loss: None,
    **switches: Any,
) -> tuple[LanguageModel, Floats]:
    """Train a model of `text`'s characters in float32 on random windows; also the loss of each step's batch.

    `switches` are further fields of Config. `progress(step, loss)` is called after each step; if it returns False,
    training stops there. Raises ValueError for a text not longer than the context, weight_decay outside 0 … 10, and
    as Config and `schedule` do.
    """
    alphabet = "".join(sorted(set(text)))
    config = Config(len(alphabet), context, width, heads, layers, **switches)
    whole_number("batch_size", batch_size, 1, 256)
    whole_number("the text's length", len(text), context + 1, 10**7)
    finite_number("weight_decay", weight_decay, 0, 10)
    theta = initial_parameters(config, seed, np.float32)
    tokens = LanguageModel(config, theta, alphabet).encode(text)
    rng, places = np.random.default_rng(seed), np.arange(context)

    def batch() -> Batch:
        windows = rng.integers(len(tokens) - context, size=batch_size)[:, None] + places
        return Batch(tokens[windows], tokens[windows + 1], places)

    losses: list[float] = []
    batches = (batch() for _ in range(n_steps))
    for step in training(theta, config, batches, _rates_of(plan, lr, n_steps), weight_decay):
        theta, loss = step
        losses.append(loss)
        if progress(len(losses), loss) is False:
            break
    return LanguageModel(config, theta, alphabet), np.array(losses)


# --- Checks -------------------------------------------------------------------------------------------------


def _rates_of(plan: Schedule, lr: float, n_steps: int) -> list[float]:
    rates: list[float] = schedule(
        plan.kind, lr, n_steps, decay=plan.decay, every=plan.every, warmup=plan.warmup
    ).tolist()
    return rates


def _tokens(name: str, values: ArrayLike, vocabulary: int, shape: tuple[int, ...] | None = None) -> Ints:
    """Whole numbers from 0 to vocabulary − 1, as an array, of a certain shape if one is given."""
    tokens = np.asarray(values)
    if tokens.size and (tokens.dtype.kind not in "iu" or tokens.min() < 0 or tokens.max() >= vocabulary):
        raise ValueError(
            f"{name} run from {tokens.min()} to {tokens.max()}: whole numbers from 0 to {vocabulary - 1} are allowed"
        )
    if shape is not None and tokens.shape != shape:
        raise ValueError(f"{name} have shape {tokens.shape}: {shape} is allowed")
    return tokens
