"""Scripts and proofs of the neural network lab.

The witness for gradients is the complex step: a forward pass written again, in complex numbers, gives a derivative
as Im L(θ + i h v) / h, which subtracts nothing and so loses no digits however small h is.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mlcore import neural_network as nn
from mlcore import optimizers, surfaces
from pages.proof.comparison import comparison
from pages.ui.data import digits
from pages.ui.lab import Closing
from pages.ui.script import packed, standalone

MODULES = (surfaces, optimizers, nn)
_STEP = 1e-30


def _bend(kind: str, u: np.ndarray) -> np.ndarray:
    """The activations once more, for complex numbers: the real part decides on which side of a kink u is."""
    half = 0.5 + 0.5 * np.tanh(0.5 * u)
    return {
        "linear": lambda: u,
        "sigmoid": lambda: half,
        "tanh": lambda: np.tanh(u),
        "relu": lambda: u * (u.real > 0),
        "leaky_relu": lambda: u * np.where(u.real > 0, 1, nn.LEAK),
        "gelu": lambda: 0.5 * u * (1 + np.tanh(np.sqrt(2 / np.pi) * (u + 0.044715 * u**3))),
        "silu": lambda: u * half,
    }[kind]()


def _normed(kind: str, z: np.ndarray, statistics: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray:
    """z of a layer (n, units), standardised."""
    if kind == "batch" and statistics is not None:
        mean, variance = statistics
    else:
        axis = 0 if kind == "batch" else 1
        mean = z.mean(axis=axis, keepdims=True)
        variance = ((z - mean) ** 2).mean(axis=axis, keepdims=True)
    return (z - mean) / np.sqrt(variance + nn.NORM_EPS)


def _output(network: nn.Network, params: np.ndarray, X: np.ndarray, running: np.ndarray | None) -> np.ndarray:
    """The forward pass, one layer after the other, cut from the flat vector as it comes."""
    a, at, unit = X, 0, 0
    for layer, (inputs, outputs) in enumerate(network.shapes):
        W = params[at : at + inputs * outputs].reshape(inputs, outputs)
        b = params[at + inputs * outputs : at + (inputs + 1) * outputs]
        at += (inputs + 1) * outputs
        z = a @ W + b
        if layer == len(network.hidden):
            return z
        if network.normalisation != "none":
            known = None if running is None else (running[0, unit : unit + outputs], running[1, unit : unit + outputs])
            z = (
                _normed(network.normalisation, z, known) * params[at : at + outputs]
                + params[at + outputs : at + 2 * outputs]
            )
            at += 2 * outputs
        a, unit = _bend(network.activation, z), unit + outputs
    raise AssertionError


def _loss(network: nn.Network, params: np.ndarray, X: np.ndarray, y: np.ndarray, running: np.ndarray | None) -> Any:
    """The mean loss, from the output."""
    with np.errstate(all="ignore"):
        z = _output(network, params, X, running)
        if network.loss == "squared_error":
            return ((z[:, 0] - y) ** 2).mean()
        if network.n_outputs == 1:
            margin = np.where(y == 1, -1, 1) * z[:, 0]  # log(1 + e^margin)
            large = margin.real > 0
            return (np.where(large, margin, 0) + np.log1p(np.exp(np.where(large, -margin, margin)))).mean()
        top = z.real.max(axis=1, keepdims=True)
        return (np.log(np.exp(z - top).sum(axis=1)) + top[:, 0] - z[np.arange(len(y)), y]).mean()


def _slopes(network: nn.Network, params: np.ndarray, X: np.ndarray, y: np.ndarray, ways: np.ndarray) -> np.ndarray:
    """The derivative of the loss along each of `ways` (k, P), by the complex step."""
    return np.array([_loss(network, params + 1j * _STEP * way, X, y, None).imag / _STEP for way in ways])


def _check(film: nn.Film, data: tuple[np.ndarray, ...], name: str = "") -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Rows of the table for one film: losses and slopes at some moments."""
    X, y, X_test, y_test = data
    network, moments = film.network, np.unique(np.linspace(0, len(film.steps) - 1, 4).astype(int))
    ways = np.random.default_rng(0).standard_normal((3, network.n_params))
    running = [film.running[i] if network.normalisation == "batch" else None for i in moments]
    losses = np.array(
        [
            [_loss(network, film.params[i], *part, known) for part in ((X, y), (X_test, y_test))]
            for i, known in zip(moments, running, strict=True)
        ]
    )
    _, gradients = nn.loss_and_gradient(network, film.params[moments], X, y)
    theirs = np.array([_slopes(network, film.params[i], X, y, ways) for i in moments])
    mine = np.column_stack([film.train_loss[moments], film.test_loss[moments]])
    return [
        (f"Training and test loss{name}, forward pass written again", mine, losses),
        (f"Gradient{name} along three directions, complex step", gradients @ ways.T, theirs),
    ]


SAYS = (
    "The forward pass is written again, layer by layer, in complex numbers. Its losses are held against those of the "
    "film, and the backpropagated gradients against Im L(θ + i h v) / h with h = 1e-30, which rounds nothing away."
)


# --- Films of two inputs ---------------------------------------------------------


def _code(name: str, s: Any) -> str:
    """Lines that train one setting and print its film."""
    training = repr(s.training).replace("=inf", "=math.inf")
    scale = f" * [{s.unit}, 1]" if s.unit != 1 else ""
    lines = [
        f"X, y = make_data({s.data!r}, {s.n}, {s.noise!r}, {s.seed})",
        f"X, y, X_test, y_test = split(X, y, {s.share!r}, {s.seed})",
        f"names = {list(s.features)!r}",
        f"X, X_test = input_features(X, names){scale}, input_features(X_test, names){scale}",
    ]
    if s.standardise:
        lines += ["mean, sd = X.mean(axis=0), X.std(axis=0)", "X, X_test = (X - mean) / sd, (X_test - mean) / sd"]
    lines += [
        f"{name} = train({s.network!r}, X, y, X_test, y_test, {training})",
        f'print("{name}: epoch, training loss, test loss, training score, test score")',
        f"for i in range(len({name}.steps)):",
        f'    print("{{:.4f}} {{:.6g}} {{:.6g}} {{:.6g}} {{:.6g}}".format({name}.epochs[i], {name}.train_loss[i],',
        f"        {name}.test_loss[i], {name}.train_score[i], {name}.test_score[i]))",
    ]
    return "\n".join(lines)


_LAYERS = """
for i in (0, -1):
    print("gradient norms", *[f"{{v:.6g}}" for v in {0}.gradient_norms[i]])
    print("activation rms", *[f"{{v:.6g}}" for v in {0}.activation_rms[i]])
for name, vector in (("start", {0}.params[0]), ("move", {0}.params[-1] - {0}.params[0])):
    length = np.linalg.norm(unpack({0}.network, vector)[0].weights)
    print(f"first layer's weights, length of the {{name}} {{length:.6g}}")
print("dead units", *[f"{{v:.6g}}" for v in {0}.dead[-1]])
print("different units", distinct_units({0}.network, {0}.params[-1]))"""


def films_closing(settings: dict[str, Any], layers: bool = False, stop: Any = None) -> Closing:
    """For trainings in the plane; `stop` is a setting that is stopped early."""
    main = "\n".join(_code(name, s) + (_LAYERS.format(name) if layers else "") for name, s in settings.items())
    if stop is not None:
        main += f"""
X, y = make_data({stop.data!r}, 200, {stop.noise!r}, {stop.seed + 1})
losses, _ = loss_and_gradient(cured.network, cured.params, input_features(X, {list(stop.features)!r}), y)
print("least validation loss at epoch", f"{{cured.epochs[losses.argmin()]:.4f}}")"""

    def compare() -> pd.DataFrame:
        rows = []
        for name, s in settings.items():
            X, y, X_test, y_test = s.split()
            data = s.inputs(X), y, s.inputs(X_test), y_test
            film = nn.train(s.network, *data, s.training)
            rows += _check(film, data, f", {name}" if len(settings) > 1 else "")
        return comparison(rows)

    return {
        "sources": [nn.train, nn.forward, nn.backward, nn.initialise],
        "script": lambda: standalone(main, *MODULES),
        "proof": compare,
        "proof_says": SAYS,
    }


# --- One sample ---------------------------------------------------------


def trace_closing(s: Any, moment: int, sample: int) -> Closing:
    """For one sample's way forward and back."""
    main = (
        _code("film", s)
        + f"""
print("sample", *[f"{{v:.6g}}" for v in X[{sample}]])
t = trace_example(film.network, film.params[{moment}], X[{sample}], y[{sample}])
print(f"loss {{t.loss:.6g}}, largest difference from a finite difference {{t.largest_error:.3e}}")
for k, layer in enumerate(t.layers, 1):
    print("layer", k, f"length of the gradient {{np.linalg.norm(layer.gradient.weights):.6g}}")
    print("  z", layer.z, "a", layer.activation, "delta", layer.delta)
    print("  gradient", layer.gradient.weights.ravel(), layer.gradient.biases.ravel())
    print("  numeric ", layer.numeric.weights.ravel(), layer.numeric.biases.ravel())
"""
    )

    def compare() -> pd.DataFrame:
        X, y, X_test, y_test = s.split()
        film = nn.train(s.network, X, y, X_test, y_test, s.training)
        x, label = X[[sample]], y[[sample]]
        trace = nn.trace_example(film.network, film.params[moment], x[0], label[0])
        slopes = _slopes(film.network, film.params[moment], x, label, np.eye(film.network.n_params))
        loss = _loss(film.network, film.params[moment], x, label, None)
        largest = "Finite differences: limited by rounding (differs by chance)"
        return comparison(
            [
                ("All derivatives, complex step", trace.gradient, slopes),
                (largest, trace.gradient, trace.numeric),
                ("Loss, forward pass written again", np.array([trace.loss]), np.array([loss])),
            ]
        )

    return {
        "sources": [nn.trace_example, nn.forward, nn.backward],
        "script": lambda: standalone(main, *MODULES),
        "proof": compare,
        "proof_says": "Each derivative once more as Im L(θ + i h) / h with h = 1e-30, by a forward pass written again.",
    }


# --- Depth ---------------------------------------------------------


def depth_closing(
    chosen: tuple[str, str], depths: tuple[int, ...], gains: tuple[float, ...], layers: int, gain: float
) -> Closing:
    """For the map of depth and gain."""
    activation, norm = chosen
    main = f"""gains = {[float(g) for g in gains]!r}
m = vanishing_map({list(depths)!r}, gains, {activation!r}, normalisation={norm!r})
for i, depth in enumerate(m.depths):
    for j, gain in enumerate(m.gains):
        print(f"{{depth}} layers, gain {{gain:.6g}}: gradient {{10.0 ** m.gradient[i, j]:.6g}}, "
              f"signal {{10.0 ** m.activation[i, j]:.6g}}")
"""

    def compare() -> pd.DataFrame:
        width, few = 16, 4
        ours = nn.vanishing_map([layers], [gain], activation, normalisation=norm, n_samples=few, n_seeds=1)
        # The same draws in the same order.
        rng = np.random.default_rng([0, 0])
        X, errors = rng.standard_normal((few, width)), rng.standard_normal((few, 1))
        normals = rng.standard_normal(nn.Network(width, (width,) * layers, normalisation=norm).n_params)
        weights, at = [], 0
        for outputs in [width] * layers + [1]:
            weights.append(gain / np.sqrt(width) * normals[at : at + width * outputs].reshape(width, outputs))
            at += (width + 1) * outputs + (2 * outputs if norm != "none" and outputs == width else 0)

        def slopes(nudged: int) -> np.ndarray:
            """∂ Σ output · errors / ∂z of one layer."""
            found = np.empty((few, width))
            for i in range(few):
                for j in range(width):
                    a = X.astype(complex)
                    for k, W in enumerate(weights[:-1]):
                        z = a @ W
                        if k == nudged:
                            z[i, j] += 1j * _STEP
                        a = _bend(activation, z if norm == "none" else _normed(norm, z, None))
                    found[i, j] = ((a @ weights[-1]) * errors).sum().imag / _STEP
            return found

        theirs = np.linalg.norm(slopes(0)) / np.linalg.norm(slopes(layers - 1))
        return comparison([("Ratio of one random network, 4 samples", 10 ** ours.gradient[0], np.array([theirs]))])

    return {
        "sources": [nn.vanishing_map, nn.forward, nn.backward],
        "script": lambda: standalone(main, *MODULES),
        "proof": compare,
        "proof_says": "One network of the chosen depth and gain: each ∂L/∂z of its first and last hidden layer once "
        "more by the complex step, one unit and one sample at a time.",
    }


# --- Digits and files ---------------------------------------------------------

_SCALED = """def scaled(*parts):
    mean, sd = centre_and_scale(parts[0])
    return [np.clip((part - mean) / sd, -100, 100) for part in parts]


"""


def _scaled_digits(seed: int) -> str:
    """The digits of a script, split and scaled as on the page."""
    X, y = digits()
    return f"""import base64
import zlib


{_SCALED}X = {packed(X)}
y = {packed(y)}.astype(int)
X, y, X_test, y_test = split(X, y, 0.6, {seed})
X, X_test = scaled(X, X_test)
"""


def norm_closing(
    films: dict[str, list[nn.Film]], seed: int, size: int, scaled: Callable[..., list[np.ndarray]]
) -> Closing:
    """For accuracy against batch size."""

    def script() -> str:
        main = f"""{_scaled_digits(seed)}for norm in {[row[0].network.normalisation for row in films.values()]!r}:
    network = Network(64, (16, 16), 10, "relu", initialisation="he", normalisation=norm)
    for batch in (2, 4, 8, 32, 128):
        film = train(network, X, y, X_test, y_test,
                     Training("minibatch", 0.05, 3, batch, moments=8, seed={seed}))
        print("epochs", *[f"{{epoch:.4f}}" for epoch in film.epochs])
        print(f"{{norm}}, batches of {{batch}}: test accuracy {{film.test_score[-1]:.4%}}")
        if norm == "batch":
            right = 0
            for first in range(0, len(X_test), {size}):
                output = forward(network, film.params[-1], X_test[first : first + {size}]).output
                right += (output.argmax(axis=1) == y_test[first : first + {size}]).sum()
            print(f"    by the statistics of test batches of {size}: {{right / len(X_test):.4%}}")
"""
        return standalone(main, *MODULES)

    def compare() -> pd.DataFrame:
        X, y, X_test, y_test = nn.split(*digits(), 0.6, seed)
        X, X_test = scaled(X, X_test)
        rows = []
        for name, row in films.items():
            rows += _check(row[1], (X, y, X_test, y_test), f", {name.lower()}")
        return comparison(rows)

    return {"sources": [nn.train, nn.forward, nn.backward], "script": script, "proof": compare, "proof_says": SAYS}


def dropout_closing(film: nn.Film, seed: int, passes: int, scaled: Callable[..., list[np.ndarray]]) -> Closing:
    """For dropout left on at test."""
    network = film.network

    def script() -> str:
        main = f"""{_scaled_digits(seed)}network = {network!r}
film = train(network, X, y, X_test, y_test, Training("minibatch", 0.1, 10, moments=2, seed={seed}))
steady = predict_proba(network, film.params[-1], X_test)
varying = predict_with_dropout(network, film.params[-1], X_test, {passes}, {seed})
for name, p in {{"evaluation mode": steady, "one pass": varying, "mean of the passes": varying.mean(axis=0)}}.items():
    print(f"{{name}}: {{(p.argmax(axis=-1) == y_test).mean():.4%}}")
print("each pass", *[f"{{(p.argmax(axis=-1) == y_test).mean():.4%}}" for p in varying])
true = varying[:, np.arange(len(y_test)), y_test]
print(f"standard deviation of the true digit's probability {{true.std(axis=0).mean():.6g}}, dropout {network.dropout}")
"""
        return standalone(main, *MODULES)

    def compare() -> pd.DataFrame:
        X, y, X_test, y_test = nn.split(*digits(), 0.6, seed)
        X, X_test = scaled(X, X_test)
        ours = nn.predict_with_dropout(network, film.params[-1], X_test, 2, seed)
        # The same draws in the same order.
        rng, theirs = np.random.default_rng([seed, 2]), np.empty_like(ours)
        for each in theirs:
            kept = rng.random((len(X_test), network.n_units)) < 1 - network.dropout
            for image, probabilities in enumerate(each):
                a, at, unit = X_test[image], 0, 0
                for inputs, outputs in network.shapes:
                    W = film.params[-1][at : at + inputs * outputs].reshape(inputs, outputs)
                    z = W.T @ a + film.params[-1][at + inputs * outputs : at + (inputs + 1) * outputs]
                    at += (inputs + 1) * outputs
                    on = kept[image, unit : unit + outputs] if unit < network.n_units else None
                    a = z if on is None else np.where(on, np.maximum(z, 0) / (1 - network.dropout), 0)
                    unit += outputs
                probabilities[:] = np.exp(a - a.max()) / np.exp(a - a.max()).sum()
        return comparison(
            [
                *_check(film, (X, y, X_test, y_test)),
                ("Probabilities of two passes with dropout, image by image", ours, theirs),
            ]
        )

    return {
        "sources": [nn.predict_with_dropout, nn.dropout_masks, nn.forward],
        "script": script,
        "proof": compare,
        "proof_says": SAYS + " The passes with dropout are repeated image by image, unit by unit, with the same draws.",
    }


def real_closing(network: nn.Network, training: nn.Training, data: tuple[np.ndarray, ...]) -> Closing:
    """For the digits or a file; `data` are as the network reads them."""

    def script() -> str:
        X, y, X_test, y_test = data
        main = f"""import base64
import zlib

X = {packed(X)}
y = {packed(y)}.astype(int)
X_test = {packed(X_test)}
y_test = {packed(y_test)}.astype(int)
film = train({network!r}, X, y, X_test, y_test, {repr(training).replace("=inf", "=math.inf")})
print(f"an even guess costs {{np.log({network.n_outputs}):.6g}}")
for i in range(len(film.steps)):
    print("{{:.4f}} {{:.6g}} {{:.6g}} {{:.6g}} {{:.6g}}".format(film.epochs[i], film.train_loss[i], film.test_loss[i],
        film.train_score[i], film.test_score[i]))
"""
        return standalone(main, *MODULES)

    def compare() -> pd.DataFrame:
        return comparison(_check(nn.train(network, *data, training), data))

    return {"sources": [nn.train, nn.forward, nn.backward], "script": script, "proof": compare, "proof_says": SAYS}
