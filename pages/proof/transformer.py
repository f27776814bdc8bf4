"""The Code and Proof sections of the transformer lab: plain loops, finite differences and counted products."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlcore import optimizers as opt
from mlcore import transformer as tf
from pages.proof.comparison import comparison
from pages.ui.lab import Closing
from pages.ui.script import packed, standalone

VOCABULARY = 53  # characters of the counted model


def by_hand_closing(
    words: Sequence[str], d: int, seed: int, positions: bool, masked: bool, padding: int, scale: bool
) -> Closing:
    """For attention by hand."""
    masks = ["causal_mask(len(words))"] * masked + [f"(np.arange(len(words)) >= {padding})"] * (padding > 0)
    main = f"""np.set_printoptions(precision=6, suppress=True)
words = {list(words)!r}
made = word_vectors(words, {d!r}, {seed!r}, {positions!r})
mask = {" & ".join(masks) or None}
steps = attention(made.Q, made.K, made.V, mask, {scale!r})
print(*words)
print("Q", made.Q, "K", made.K, "V", made.V, "scores", steps.scores, sep="\\n")
print(f"standard deviation {{steps.scores.std():.6g}}, in theory like {{math.sqrt({d!r}):.6g}}")
print("scaled", steps.scaled, f"standard deviation {{steps.scaled.std():.6g}}", sep="\\n")
print("masked", steps.masked, "weights", steps.weights, "output", steps.output, sep="\\n")
last = steps.weights[-1]
print(f"last token: largest weight {{last.max():.6g}}, entropy {{entropy(last):.6g}}", end=" ")
print(f"of {{np.log({len(words) - padding}):.6g}}")
"""

    def compare() -> pd.DataFrame:
        made = tf.word_vectors(words, d, seed, positions)
        mask = (tf.causal_mask(len(words)) if masked else True) & (np.arange(len(words)) >= padding)
        steps = tf.attention(made.Q, made.K, made.V, mask, scale)
        weights = _weights(made.Q.tolist(), made.K.tolist(), masked, math.sqrt(d) if scale else 1.0, padding)
        output = [[sum(w * v for w, v in zip(row, column, strict=True)) for column in made.V.T] for row in weights]
        return comparison([("Weights", steps.weights, np.array(weights)), ("Output", steps.output, np.array(output))])

    return {
        "sources": [tf.word_vectors, tf.attention, tf.softmax, tf.causal_mask],
        "script": lambda: standalone(main, opt, tf),
        "proof": compare,
        "proof_says": "The formula written out as loops over single numbers, with hidden keys left out of the sums.",
    }


def _weights(
    Q: list[list[float]], K: list[list[float]], masked: bool, divisor: float, padding: int = 0
) -> list[list[float]]:
    """Attention weights (T, S) by loops; queries are the last of the keys, the first `padding` of which are hidden."""
    rows = []
    for t, query in enumerate(Q):
        last = t + len(K) - len(Q) if masked else len(K) - 1
        scores = {s: sum(a * b for a, b in zip(query, K[s], strict=True)) / divisor for s in range(padding, last + 1)}
        top = max(scores.values(), default=0.0)
        shares = {s: math.exp(score - top) for s, score in scores.items()}
        total = sum(shares.values())
        rows.append([shares[s] / total if s in shares else 0.0 for s in range(len(K))])
    return rows


def scaling_closing(dimensions: Sequence[int], keys: int, seed: int) -> Closing:
    """For the study of entropies."""
    main = f"""dimensions = {list(dimensions)!r}
study = entropy_study(dimensions, {keys!r}, {seed!r})
print(f"largest possible entropy {{study.max_entropy:.6g}}")
for name in study.entropy:
    print(name)
    for i, d in enumerate(study.d):
        print(f"  d {{d}}: sd {{study.sd[name][i]:.6g}} (theory {{study.sd_theory[name][i]:.6g}})", end=", ")
        print(f"entropy {{study.entropy[name][i]:.6g}}, trace {{study.slope[name][i]:.6g}}")
"""

    def compare() -> pd.DataFrame:
        study = tf.entropy_study(dimensions, keys, seed)
        rng = np.random.default_rng(seed)
        queries = rng.standard_normal((max(dimensions), 200))
        vectors = rng.standard_normal((max(dimensions), keys))
        d = dimensions[-1]
        rows = []
        for name, divisor in (("unscaled", 1.0), ("scaled", math.sqrt(d))):
            entropies, traces = [], []
            for query in queries[:d].T:
                (p,) = _weights([query.tolist()], vectors[:d].T.tolist(), False, divisor)
                entropies.append(-sum(w * math.log(w) for w in p if w > 0))
                traces.append(np.trace(np.diag(p) - np.outer(p, p)))
            rows.append((f"Entropy at this d, {name}", study.entropy[name][-1], np.mean(entropies)))
            rows.append((f"Trace of diag(p) − ppᵀ at this d, {name}", study.slope[name][-1], np.mean(traces)))
        rows.append(("Standard deviation, and √d (differs by chance)", study.sd["unscaled"], np.sqrt(dimensions)))
        return comparison(rows)

    return {
        "sources": [tf.entropy_study, tf.entropy, tf.softmax],
        "script": lambda: standalone(main, opt, tf),
        "proof": compare,
        "proof_says": "One query at a time by loops over single numbers, with the Jacobian written out as a matrix.",
    }


def training_closing(
    plan: dict[str, Any], film: tf.Film, complete: tuple[dict[str, Any], tf.Film] | None = None
) -> Closing:
    """For a training of a task, and of the complete model beside it."""
    main = _training(plan, film)
    if complete is not None:
        main += f'\nprint("The complete model:")\n{_training(*complete)}'

    def compare() -> pd.DataFrame:
        config, theta = film.config, film.theta.astype(float)
        sample = plan["task"].sample(2, np.random.default_rng(0)).batch
        ours = tf.forward(theta, config, sample.tokens).logits
        theirs = np.array([_logits(theta, config, tokens) for tokens in sample.tokens])
        start = tf.initial_parameters(config, plan["seed"])
        _, gradient = tf.loss_and_gradient(start, config, *sample)
        directions = np.random.default_rng(1).standard_normal((3, len(start)))
        slopes = [_slope(lambda t, v=v: _loss(start + t * v, config, sample), 1e-4) for v in directions]
        return comparison(
            [
                ("Logits of the trained model, token by token", ours, theirs),
                ("Gradient at the start, in three random directions", directions @ gradient, np.array(slopes)),
            ]
        )

    return {
        "sources": [tf.filmed_training, tf.training, tf.forward, tf.backward, tf.attention_backward],
        "script": lambda: standalone(main, opt, tf),
        "proof": compare,
        "proof_says": "The trained model once more in double precision, each token on its own, and the hand-written "
        "gradient against finite differences of the loss. Training itself runs in single precision: "
        "runs that have not settled differ between machines.",
    }


def _training(plan: dict[str, Any], film: tf.Film) -> str:
    """Lines that train, as far as it came, and print what is on screen."""
    numbers = ", ".join(f"{name}={plan[name]!r}" for name in plan if name not in ("task", "config"))
    return f"""task = {plan["task"]!r}
config = {plan["config"]!r}
for film in filmed_training(task, config, {numbers}):
    if film.steps[-1] == {film.steps[-1]}:
        break
for k, step in enumerate(film.steps):
    answers = " ".join(task.symbols[a] for a in film.answers[k])
    print(f"step {{step}}: loss {{film.loss[k]:.6g}}, without a mistake {{film.accuracy[k]:.2f}}", end=", ")
    print(f"answers in view {{film.seen_accuracy[k]:.2f}}; {{answers}}")
print("weight of answering tokens on the token that holds the answer, by layer and head: before training", end=" ")
print(film.on_source[0].ravel(), "after", film.on_source[-1].ravel())
if task.name == "recall":
    pairs = np.arange(1, 2 * task.length, 2)
    print("weight of digits on the letter before:", film.attention[-1, 0][:, pairs, pairs - 1].mean(axis=1))
    print("loss of guessing among the digits in view:", math.log(task.length))
"""


def _loss(theta: np.ndarray, config: tf.Config, sample: tf.Batch) -> float:
    return tf.cross_entropy(tf.forward(theta, config, sample.tokens, sample.positions).logits, sample.targets)[0]


def _slope(f: Callable[[float], float], h: float) -> float:
    """Derivative at 0 by central differences of fourth order."""
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)


def _logits(theta: np.ndarray, config: tf.Config, tokens: np.ndarray) -> np.ndarray:
    """Logits (T, V), by one token and one head at a time."""
    p, n, d = tf.views(theta, config), len(tokens), config.width // config.heads
    root = math.sqrt(config.width)

    def norm(name: str, x: np.ndarray) -> np.ndarray:
        if not config.layer_norm:
            return x
        return p[f"{name}.gain"] * (x - x.mean()) / math.sqrt(x.var() + 1e-5) + p[f"{name}.bias"]

    stream = [p["embedding"][token] * root for token in tokens]
    if config.positions == "learnt":
        stream = [x + p["positions"][t] * root for t, x in enumerate(stream)]
    elif config.positions == "sinusoidal":
        i = np.arange(config.width)
        for t in range(n):
            angle = t / 10000 ** ((i - i % 2) / config.width)
            stream[t] = stream[t] + np.where(i % 2, np.cos(angle), np.sin(angle))
    for layer in range(config.layers):
        made = [norm(f"{layer}.norm_1", x) @ p[f"{layer}.attention.in"] for x in stream]
        Q, K, V = ([row[k * config.width : (k + 1) * config.width] for row in made] for k in range(3))
        mixed = np.zeros((n, config.width))
        for head in range(config.heads):
            part = slice(head * d, (head + 1) * d)
            divisor = math.sqrt(d) if config.scale else 1.0
            queries, keys = ([row[part].tolist() for row in rows] for rows in (Q, K))
            for t, row in enumerate(_weights(queries, keys, config.causal, divisor)):
                mixed[t, part] = sum(w * value[part] for w, value in zip(row, V, strict=True))
        for t in range(n):
            update = mixed[t] @ p[f"{layer}.attention.out"]
            x = stream[t] + update if config.residual else update
            hidden = norm(f"{layer}.norm_2", x) @ p[f"{layer}.mlp.in"] + p[f"{layer}.mlp.in_bias"]
            inner = math.sqrt(2 / math.pi) * (hidden + 0.044715 * hidden**3)
            update = (0.5 * hidden * (1 + np.tanh(inner))) @ p[f"{layer}.mlp.out"] + p[f"{layer}.mlp.out_bias"]
            stream[t] = x + update if config.residual else update
    return np.array([norm("norm", x) @ p["head"] for x in stream])


def cache_closing(config: tf.Config, start: int, context: int, shown: np.ndarray) -> Closing:
    """For the counted multiplications."""
    main = f"""config = {config!r}
spent = generation_cost(config, {start!r}, {context + 1 - start!r})
print(f"to {context:,} tokens: {{spent.uncached.sum():.6e}} without cache, {{spent.cached.sum():.6e}} with it")
print(f"last token: {{spent.uncached[-1]:.6e}} or {{spent.cached[-1]:.6e}}")
print(f"kept: {{spent.cache_size[-1]:,}} numbers, {{spent.cache_size[-1] * 2 / 2**20:.6g}} MiB in 16 bits")
one, whole = spent.uncached / spent.cached, np.cumsum(spent.uncached) / np.cumsum(spent.cached)
for i in {shown.tolist()!r}:
    print(f"after {{spent.length[i]:,}}: {{one[i]:.6g}} times fewer, {{whole[i]:.6g}} for all so far")
"""

    def compare() -> pd.DataFrame:
        small = tf.Config(config.vocabulary, 24, config.width, 1, config.layers)
        n_prompt, theta = min(start, 12), tf.initial_parameters(small)
        prompt = np.arange(n_prompt) % config.vocabulary
        kept, fresh = (tf.generate(theta, small, prompt, 12, cached=cached) for cached in (True, False))
        spent = tf.generation_cost(small, n_prompt, 12)
        counted: tuple[list[int], list[int]] = ([], [])
        past = None
        for length in range(n_prompt, n_prompt + 12):
            tokens = kept.tokens[None, :length]
            counted[0].append(_products(small, tf.forward(theta, small, tokens, [-1])))
            passed = tf.forward(theta, small, tokens if past is None else tokens[:, -1:], [-1], past)
            counted[1].append(_products(small, passed))
            past = passed.cache
        return comparison(
            [
                ("Logits with the cache and without, 12 tokens", kept.logits, fresh.logits),
                ("Products counted in those passes, no cache", spent.uncached, np.array(counted[0])),
                ("Products counted in those passes, with cache", spent.cached, np.array(counted[1])),
            ]
        )

    return {
        "sources": [tf.generation_cost, tf.multiplications, tf.generate],
        "script": lambda: standalone(main, opt, tf),
        "proof": compare,
        "proof_says": "An untrained model of this width and depth that generates 12 tokens, once with the cache and "
        "once without, its matrix products counted from the arrays that took part in them.",
    }


def _products(config: tf.Config, passed: tf.Activations) -> int:
    """Multiplications of a pass, from the shapes of what it multiplied."""
    total = passed.logits.size * passed.final.shape[1]
    for block in passed.blocks:
        width = block.input.shape[1]
        total += (block.Q.size + 2 * block.input.size) * width  # queries; keys and values of the new tokens
        total += block.attention.scores.size * block.Q.shape[-1] + block.attention.output.size * block.K.shape[2]
        total += block.heads.size * width + 2 * block.active.size * width
    return total


def language_closing(lm: tf.LanguageModel, prompt: str, n_tokens: int, options: dict[str, Any]) -> Closing:
    """For the generated text; the weights travel in the script."""

    def script() -> str:
        numbers = ", ".join(f"{name}={value!r}" for name, value in options.items())
        main = f"""import base64
import zlib

theta = {packed(lm.theta)}
config = {lm.config!r}
alphabet = {lm.alphabet!r}
prompt = [alphabet.index(character) for character in {prompt!r}]
made = generate(theta, config, prompt, {n_tokens}, {numbers})
drawn = made.tokens[len(prompt):]
print("".join(alphabet[token] for token in made.tokens))
for i, token in enumerate(drawn):
    p, own = made.probabilities[i, token], made.model_probabilities[i, token]
    print(f"{{alphabet[token]!r}}: drawn at probability {{p:.6g}}, the model's own {{own:.6g}}")
at = np.arange(len(drawn))
surprise = -np.log(made.model_probabilities[at, drawn]).mean()
kept = (made.probabilities > 0).sum(axis=1).mean()
print(f"{{surprise:.6g}} nats, perplexity {{np.exp(surprise):.6g}}, {{kept:.6g}} stood to be drawn")
"""
        return standalone(main, opt, tf)

    def compare() -> pd.DataFrame:
        tokens = lm.encode(prompt)
        made = tf.generate(lm.theta, lm.config, tokens, n_tokens, **options)
        theirs = _logits(lm.theta, lm.config, made.tokens[:-1])[made.n_prompt - 1 :]
        own = np.exp(theirs - theirs.max(axis=1, keepdims=True))
        own /= own.sum(axis=1, keepdims=True)
        drawn_from = np.array([_sampled(row, options) for row in theirs])
        return comparison(
            [
                ("Logits, token by token, no cache", made.logits, theirs),
                ("The model’s probabilities", made.model_probabilities, own),
                ("Probabilities drawn from", made.probabilities, drawn_from),
            ]
        )

    return {
        "sources": [tf.generate, tf.next_token_probabilities, tf.forward],
        "script": script,
        "proof": compare,
        "proof_says": "The model once more, each token on its own and without cache; temperature, top-k and top-p by "
        "sorting a list. In the script the weights are the long text at its beginning.",
    }


def _sampled(logits: np.ndarray, options: dict[str, Any]) -> list[float]:
    """Probabilities after temperature, top-k and top-p, by a sorted list."""
    ranked = sorted(range(len(logits)), key=lambda token: -logits[token])
    if options["temperature"] == 0:
        return [float(token == ranked[0]) for token in range(len(logits))]
    ranked = ranked[: options["top_k"]]
    shares = [math.exp((logits[token] - logits[ranked[0]]) / options["temperature"]) for token in ranked]
    total, reached, kept = sum(shares), 0.0, []
    for token, share in zip(ranked, shares, strict=True):
        if options["top_p"] < 1 and reached >= options["top_p"]:
            break
        kept.append((token, share / total))
        reached += share / total
    result = [0.0] * len(logits)
    for token, share in kept:
        result[token] = share / reached
    return result
