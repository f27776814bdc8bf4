import inspect
import json
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neural_network import MLPClassifier, MLPRegressor

from mlcore import neural_network
from mlcore.neural_network import (
    ACTIVATIONS,
    CLASSIFICATION,
    DIVERGENCE_NORM,
    INITIALISATIONS,
    INPUT_FEATURES,
    REGRESSION,
    Network,
    Training,
    backward,
    clip_by_norm,
    dead_relu_map,
    distinct_units,
    dropout_masks,
    fields,
    forward,
    initial_running,
    initialise,
    input_features,
    loss_and_gradient,
    make_data,
    predict,
    predict_proba,
    predict_with_dropout,
    split,
    targets,
    trace_example,
    train,
    unpack,
    vanishing_map,
    weight_histograms,
    weight_mask,
)
from mlcore.numerics import sigmoid
from mlcore.optimizers import METHODS, SCHEDULES, Hyperparameters, Schedule

REFERENCE = json.loads((Path(__file__).parent / "data" / "torch_networks.json").read_text())
RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 2))
LABELS = (X[:, 0] * X[:, 1] > 0).astype(int)
CIRCLES = split(*make_data("circles", 200, 0.1, 0), 0.7, 0)
every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def scattered(network, seed=1, scale=0.7):
    """Parameters all different from those of any initialisation: biases, scales and shifts too."""
    return initialise(network, seed) * 0 + np.random.default_rng(seed).normal(0.1, scale, network.n_params)


def numeric_gradient(function, params, h):
    """Fourth-order central differences, all parameters in one stack: error near 1e-11 with h = 2e-4."""
    nudges = h * np.eye(len(params))
    up, down, up2, down2 = (function(params + k * nudges) for k in (1, -1, 2, -2))
    return (8 * (up - down) - (up2 - down2)) / (12 * h)


def far_from_kinks(network, params, inputs, **options):
    """Whether no kink is within reach of the finite difference."""
    return all(np.abs(h.u).min() > 3e-3 for h in forward(network, params, inputs, **options).hidden)


# --- Gradients against finite differences -------------------------------------------------------------------

GRADIENTS = [
    *[Network(activation=a, normalisation=n) for a in ACTIVATIONS for n in ("none", "batch", "layer")],
    *[Network(loss="squared_error", activation=a) for a in ACTIVATIONS],
    Network(hidden=()),
    Network(hidden=(3,) * 6, activation="silu"),
    Network(hidden=(1, 1), activation="gelu"),
    Network(n_outputs=4),
    Network(n_outputs=4, hidden=(16,), normalisation="batch"),
    Network(n_outputs=3, loss="squared_error", normalisation="layer"),
    Network(hidden=(), n_outputs=4),
]


def named(network):
    return f"{network.activation}-{network.normalisation}-{network.loss}-{len(network.hidden)}-{network.n_outputs}"


def answers(network, seed=2):
    rng = np.random.default_rng(seed)
    if network.loss == "squared_error":
        return rng.normal(size=(len(X), network.n_outputs))
    return rng.integers(0, max(2, network.n_outputs), len(X))


@pytest.mark.parametrize("with_masks", [False, True], ids=["all units", "dropout"])
@pytest.mark.parametrize("at_test_time", [False, True], ids=["training", "test time"])
@pytest.mark.parametrize("network", GRADIENTS, ids=named)
def test_gradient_is_the_finite_difference(network, at_test_time, with_masks):
    y, options = answers(network), {}
    if with_masks:
        dropping = Network(**{**vars(network), "dropout": 0.4})
        options["masks"] = dropout_masks(dropping, len(X), np.random.default_rng(5))
    if at_test_time:
        rng = np.random.default_rng(6)
        options["running"] = np.stack([rng.normal(size=network.n_units), rng.uniform(0.5, 2, network.n_units)])
    kinked = network.activation in ("relu", "leaky_relu")
    params = next(
        p for p in (scattered(network, s) for s in range(500)) if not kinked or far_from_kinks(network, p, X, **options)
    )
    _, gradient = loss_and_gradient(network, params, X, y, l1=0.01, l2=0.1, **options)
    expected = numeric_gradient(
        lambda p: loss_and_gradient(network, p, X, y, l1=0.01, l2=0.1, **options)[0], params, 2e-5 if kinked else 2e-4
    )
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8)


@every_activation
def test_derivative_is_the_finite_difference(activation):
    u = np.linspace(-4, 4, 80)  # without 0, where ReLU has a kink
    value, derivative = ACTIVATIONS[activation].value, ACTIVATIONS[activation].derivative
    numeric = (value(u + 1e-5) - value(u - 1e-5)) / 2e-5
    np.testing.assert_allclose(np.broadcast_to(derivative(u, value(u)), u.shape), numeric, atol=1e-9)


@pytest.mark.parametrize("network", GRADIENTS, ids=named)
def test_a_stack_computes_what_its_networks_compute(network):
    y = answers(network)
    stack = np.stack([scattered(network, s) for s in range(6)]).reshape(2, 3, -1)
    losses, gradients = loss_and_gradient(network, stack, X, y, l1=0.1, l2=0.1)
    assert losses.shape == (2, 3)
    for index in np.ndindex(2, 3):
        loss, gradient = loss_and_gradient(network, stack[index], X, y, l1=0.1, l2=0.1)
        np.testing.assert_allclose(losses[index], loss, rtol=1e-12)
        np.testing.assert_allclose(gradients[index], gradient, atol=1e-12)


def test_deltas_are_the_derivatives_with_respect_to_z():
    network = Network(normalisation="layer")
    params = scattered(network)
    passed = forward(network, params, X)
    _, deltas = backward(network, params, passed, np.ones_like(passed.output))
    for layer, delta in zip(unpack(network, np.arange(network.n_params)), deltas, strict=True):
        numeric = []
        for bias in layer.biases[0].astype(int):  # a bias moves one unit's z of every sample
            step = np.zeros_like(params)
            step[bias] = 1e-5
            up, down = (forward(network, params + s * step, X).output for s in (1, -1))
            numeric.append((up - down)[:, 0] / 2e-5)
        np.testing.assert_allclose(delta, np.stack(numeric, axis=1), atol=1e-8)


# --- Against torch ------------------------------------------------------------------------------------------


def case_name(case):
    network = {k: v for k, v in case["network"].items() if k != "hidden" or v != [5, 4]}
    training = {k: v for k, v in case["training"].items() if k in ("optimizer", "l1", "l2", "clip_norm")}
    return "-".join(map(str, (*network.values(), *training.values())))


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=case_name)
def test_training_matches_torch(case):
    network = Network(**{**case["network"], "hidden": tuple(case["network"]["hidden"])})
    hyper = Hyperparameters(**case["hyper"])
    training = Training(**case["training"], hyper=hyper, moments=5)
    inputs, y = np.array(REFERENCE["X"]), np.array(case["y"])
    film = train(network, inputs, y, inputs[:9], y[:9], training, case["start"])
    assert film.steps.tolist() == REFERENCE["steps"]
    expected = np.array([case["start"], *case["params"]])
    assert np.abs(expected[-1] - expected[0]).max() > 1e-2
    np.testing.assert_allclose(film.params, expected, rtol=0, atol=1e-10)
    if case["running"]:
        np.testing.assert_allclose(film.running[-1], case["running"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(film.train_loss[-1], case["loss"], rtol=0, atol=1e-10)


# --- Against scikit-learn -----------------------------------------------------------------------------------


def given_weights(network, params):
    """The parameters as the `coefs_` and `intercepts_` of scikit-learn."""
    layers = unpack(network, params)
    return [layer.weights for layer in layers], [layer.biases[0] for layer in layers]


@pytest.mark.parametrize(("ours", "theirs"), [("tanh", "tanh"), ("relu", "relu"), ("sigmoid", "logistic")])
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_loss_and_gradient_are_scikit_learns(ours, theirs, kind):
    alpha, n = 0.3, len(X)
    if kind == "regression":
        y, network = np.sin(X[:, 0]), Network(2, (5, 4), activation=ours, loss="squared_error")
        model, half = (
            MLPRegressor(hidden_layer_sizes=(5, 4), activation=theirs, alpha=alpha, max_iter=1),
            0.5,
        )  # it takes half the square
    else:
        y = LABELS if kind == "binary" else np.digitize(X.sum(axis=1), [-0.7, 0.7])
        network = Network(2, (5, 4), 1 if kind == "binary" else 3, activation=ours)
        model, half = MLPClassifier(hidden_layer_sizes=(5, 4), activation=theirs, alpha=alpha, max_iter=1), 1.0
    params = scattered(network)
    loss, gradient = loss_and_gradient(network, params, X, y, l2=alpha / n / half)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y)
    model.coefs_, model.intercepts_ = given_weights(network, params)
    t = targets(network, y)
    zeros = [[np.zeros_like(part) for part in parts] for parts in given_weights(network, params)]
    activations = [X, *[np.empty((n, units)) for units in (*network.hidden, network.n_outputs)]]
    spare = [np.empty_like(a) for a in activations[1:]]
    arguments = {
        "X": X,
        "y": t,
        "sample_weight": None,
        "activations": activations,
        "deltas": spare,
        "coef_grads": zeros[0],
        "intercept_grads": zeros[1],
    }
    known = inspect.signature(model._backprop).parameters
    value, weights, biases = model._backprop(**{k: v for k, v in arguments.items() if k in known})
    np.testing.assert_allclose(loss * half, value, rtol=1e-12)
    for layer, w, b in zip(unpack(network, gradient), weights, biases, strict=True):
        np.testing.assert_allclose(layer.weights * half, w, atol=1e-12)
        np.testing.assert_allclose(layer.biases[0] * half, b, atol=1e-12)
    np.testing.assert_allclose(predict(network, params, X), model.predict(X), rtol=1e-10, atol=1e-12)
    if kind != "regression":
        probabilities = predict_proba(network, params, X)
        np.testing.assert_allclose(probabilities[:, -1], model.predict_proba(X)[:, -1], rtol=1e-10)


@pytest.mark.parametrize("outputs", [1, 3])
def test_cross_entropy_is_stable_at_extreme_logits(outputs):
    network = Network(hidden=(), n_outputs=outputs)
    params = np.zeros(network.n_params)
    unpack(network, params)[0].weights[:] = 1e4 * np.arange(1, outputs + 1)
    inputs, y = np.array([[5.0, 5.0], [-5.0, -5.0]]), np.array([0, 0])
    loss, gradient = loss_and_gradient(network, params, inputs, y)
    expected = 1e5 / 2 if outputs == 1 else 2e5 / 2  # one sample right, the other wrong by its logits' difference
    assert loss == pytest.approx(expected, rel=1e-12)
    assert np.isfinite(gradient).all()


# --- Regularisers and norms ---------------------------------------------------------------------------------


def test_dropout_keeps_the_expectation():
    network = Network(hidden=(6, 3), dropout=0.3)
    masks = np.stack([dropout_masks(network, 50, np.random.default_rng(s)) for s in range(400)])
    assert masks.shape == (400, 50, 9)
    assert set(np.unique(masks)) == {0, 1 / 0.7}
    error = math.sqrt(0.3 / 0.7 / masks[..., 0].size)  # of the mean of one unit's mask
    assert np.abs(masks.mean(axis=(0, 1)) - 1).max() < 4 * error


def test_dropout_of_a_linear_network_leaves_its_mean_output():
    network = Network(hidden=(8,), activation="linear", dropout=0.5)
    params, rng = scattered(network), np.random.default_rng(0)
    masked = [forward(network, params, X, masks=dropout_masks(network, len(X), rng)).output for _ in range(4000)]
    error = np.std(masked, axis=0) / math.sqrt(4000)
    assert (np.abs(np.mean(masked, axis=0) - forward(network, params, X).output) < 5 * error).all()


@pytest.mark.parametrize("outputs", [1, 3])
def test_dropout_left_on_predicts_with_a_new_mask_each_time(outputs):
    network = Network(hidden=(6, 3), n_outputs=outputs, activation="relu", normalisation="batch", dropout=0.4)
    params, running, rng = scattered(network), initial_running(network) + 0.2, neural_network._stream(7, "dropout")
    passes = predict_with_dropout(network, params, X, 5, 7, running)
    for given_back in passes:
        masks = dropout_masks(network, len(X), rng)
        a, layers = X, unpack(network, params)
        for k, units in enumerate((slice(0, 6), slice(6, 9))):
            z = a @ layers[k].weights + layers[k].biases
            z = (z - running[0, units]) / np.sqrt(running[1, units] + 1e-5) * layers[k].scale + layers[k].shift
            a = np.maximum(z, 0) * masks[:, units]
        output = a @ layers[2].weights + layers[2].biases
        e = np.exp(output)
        expected = e / (1 + e) if outputs == 1 else e / e.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(given_back, expected, rtol=1e-10)


def test_without_dropout_leaving_it_on_changes_nothing():
    network = Network()
    passes = predict_with_dropout(network, scattered(network), X, 3, 0)
    np.testing.assert_array_equal(passes, np.stack([predict_proba(network, scattered(network), X)] * 3))


def test_batches_in_a_stack_are_normalised_one_by_one():
    network = Network(normalisation="batch")
    params = np.stack([scattered(network), 2 * scattered(network)])  # (2, P)
    batches = X[:24].reshape(4, 6, 2)
    stacked = forward(network, params[:, None], batches).output  # (2, 4, 6, 1)
    for row, vector in zip(stacked, params, strict=True):
        for output, batch in zip(row, batches, strict=True):
            np.testing.assert_allclose(output, forward(network, vector, batch).output, rtol=1e-12)


def test_batch_norm_at_test_time_does_not_depend_on_the_batch():
    network = Network(normalisation="batch")
    params, running = scattered(network), initial_running(network) + 0.3
    whole = predict_proba(network, params, X, running)
    for rows in ([3], [3, 7, 11]):
        np.testing.assert_allclose(predict_proba(network, params, X[rows], running), whole[rows], rtol=1e-12)
    alone = forward(network, params, X[[3, 7]]).output
    assert not np.allclose(alone, forward(network, params, X).output[[3, 7]])  # in training it does


@pytest.mark.parametrize(("norm", "axis"), [("batch", 0), ("layer", 1)])
def test_norms_standardise(norm, axis):
    network = Network(hidden=(7, 5), normalisation=norm)
    for hidden in forward(network, scattered(network, scale=3), X).hidden:
        np.testing.assert_allclose(hidden.norm.unit.mean(axis=axis), 0, atol=1e-12)
        spread = hidden.z.var(axis=axis)
        np.testing.assert_allclose(hidden.norm.unit.var(axis=axis), spread / (spread + 1e-5), rtol=1e-9)


def test_layer_norm_does_not_depend_on_the_batch():
    network = Network(normalisation="layer")
    params = scattered(network)
    np.testing.assert_allclose(
        forward(network, params, X[:1]).output, forward(network, params, X).output[:1], rtol=1e-12
    )


def test_running_statistics_converge_to_those_of_the_data():
    network = Network(hidden=(4,), normalisation="batch")
    training = Training(optimizer="sgd", lr=1e-12, epochs=200, batch_size=len(X))
    film = train(network, X, LABELS, X, LABELS, training)
    z = forward(network, film.params[0], X).hidden[0].z
    np.testing.assert_allclose(film.running[-1], [z.mean(axis=0), z.var(axis=0, ddof=1)], rtol=1e-6, atol=1e-8)


def test_batch_norm_changes_nothing_without_hidden_layers():
    plain, normed = (Network(hidden=(), normalisation=norm) for norm in ("none", "batch"))
    training = Training(epochs=3, batch_size=len(X))
    films = [train(network, X, LABELS, X, LABELS, training) for network in (plain, normed)]
    np.testing.assert_array_equal(films[0].params, films[1].params)


@given(st.integers(0, 1000), st.floats(1e-3, 100))
@settings(max_examples=50, deadline=None)
def test_clipping_bounds_the_norm_and_keeps_the_direction(seed, limit):
    gradient = np.random.default_rng(seed).normal(size=20)
    clipped = clip_by_norm(gradient, limit)
    length = np.linalg.norm(gradient)
    assert np.linalg.norm(clipped) <= limit * (1 + 1e-12) or length <= limit
    np.testing.assert_allclose(clipped, gradient * min(1, limit / length), rtol=1e-12)


def test_a_clipped_step_is_no_longer_than_lr_times_the_limit():
    training = Training(optimizer="sgd", lr=0.5, clip_norm=0.01, epochs=2, moments=1000)
    film = train(Network(initialisation="too_large"), *CIRCLES, training)
    moves = np.linalg.norm(np.diff(film.params, axis=0), axis=1) / np.diff(film.steps)
    assert moves.max() <= 0.5 * 0.01 * (1 + 1e-9)
    assert moves.max() > 0.5 * 0.009


def test_l2_shrinks_the_weights_and_l1_sets_features_aside():
    norms = [
        np.linalg.norm(train(Network(), *CIRCLES, Training(l2=l2)).params[-1][weight_mask(Network())])
        for l2 in (0, 0.01, 0.1)
    ]
    assert norms[0] > norms[1] > norms[2]
    network = Network(n_inputs=5, hidden=())
    inputs = np.random.default_rng(0).normal(size=(200, 5))
    y = (inputs[:, 0] > 0).astype(int)
    weights = [
        unpack(network, train(network, inputs, y, inputs, y, Training(l1=l1)).params[-1])[0].weights[:, 0]
        for l1 in (0, 0.1)
    ]
    assert np.abs(weights[1][1:]).max() < 0.02 < np.abs(weights[0][1:]).max()
    assert weights[1][0] > 0.5


# --- Training -----------------------------------------------------------------------------------------------

NETWORKS = [
    Network(),
    Network(hidden=()),
    Network(dropout=0.3),
    Network(normalisation="batch", activation="relu"),
    Network(normalisation="layer", dropout=0.3),
    Network(n_outputs=2),
    Network(loss="squared_error", hidden=(16,) * 6, activation="gelu"),
]


@pytest.mark.parametrize("network", NETWORKS, ids=named)
def test_same_seed_same_film(network):
    one, two, other = (train(network, *CIRCLES, Training(epochs=10, seed=s)) for s in (4, 4, 5))
    for name in ("params", "train_loss", "running", "gradient_norms"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert not np.array_equal(one.params[-1], other.params[-1])


@pytest.mark.parametrize("network", NETWORKS, ids=named)
def test_a_film_says_what_its_parameters_say(network):
    film = train(network, *CIRCLES, Training(epochs=20, moments=30))
    inputs, y, test_inputs, test_y = CIRCLES
    M, L = len(film.steps), len(network.hidden)
    assert 25 < M <= 30  # at the start, two of them may fall on the same step
    assert film.steps[-1] == round(20 * 140 / 32)
    assert film.params.shape == (M, network.n_params)
    assert film.running.shape == (M, 2, network.n_units)
    assert film.activation_rms.shape == film.dead.shape == (M, L)
    assert film.gradient_norms.shape == film.update_ratios.shape == (M, L + 1)
    assert (np.diff(film.steps) > 0).all()
    assert film.steps[0] == 0
    assert film.epochs[-1] == pytest.approx(20, rel=0.02)
    for k in (0, M // 2, -1):
        params, running = film.params[k], film.running[k]
        for points, labels, loss, score in (
            (inputs, y, film.train_loss[k], film.train_score[k]),
            (test_inputs, test_y, film.test_loss[k], film.test_score[k]),
        ):
            assert loss == pytest.approx(loss_and_gradient(network, params, points, labels, running=running)[0])
            guess = predict(network, params, points, running)
            if network.loss == "cross_entropy":
                assert score == (guess == labels).mean()
            else:
                assert score == pytest.approx(1 - ((guess - labels) ** 2).mean() / labels.var())
        _, gradient = loss_and_gradient(network, params, inputs, y)
        norms = [np.linalg.norm(layer.weights) for layer in unpack(network, gradient)]
        np.testing.assert_allclose(film.gradient_norms[k], norms, rtol=1e-9)
        rms = [math.sqrt((h.a**2).mean()) for h in forward(network, params, inputs).hidden]
        np.testing.assert_allclose(film.activation_rms[k], rms, rtol=1e-9)
    assert (film.update_ratios[0] == 0).all()
    assert (film.update_ratios[1:] > 0).all()


def test_update_ratio_is_that_of_the_last_step():
    film = train(Network(), *CIRCLES, Training(epochs=1, batch_size=140))
    assert film.steps.tolist() == [0, 1]
    before, after = (unpack(Network(), p) for p in film.params)
    ratios = [
        np.linalg.norm(b.weights - a.weights) / np.linalg.norm(b.weights) for a, b in zip(before, after, strict=True)
    ]
    np.testing.assert_allclose(film.update_ratios[-1], ratios, rtol=1e-9)


@pytest.mark.parametrize("data", CLASSIFICATION)
def test_every_classification_is_learnt(data):
    samples = split(*make_data(data, 300, 0.0, 1), 0.7, 0)
    network = Network(hidden=(16, 16), activation="relu", initialisation="he")
    film = train(network, *samples, Training(lr=0.02, epochs=200))
    assert film.train_score[-1] > 0.97
    assert film.test_score[-1] > 0.9


@pytest.mark.parametrize("data", REGRESSION)
def test_every_regression_is_learnt(data):
    samples = split(*make_data(data, 300, 0.0, 1), 0.7, 0)
    film = train(Network(hidden=(16, 16), loss="squared_error"), *samples, Training(epochs=200))
    assert film.test_score[-1] > 0.95


@pytest.mark.parametrize("optimizer", METHODS)
@pytest.mark.parametrize("kind", SCHEDULES)
def test_every_optimizer_and_schedule_lowers_the_loss(optimizer, kind):
    film = train(
        Network(), *CIRCLES, Training(optimizer=optimizer, lr=0.02, epochs=20, schedule=Schedule(kind), moments=5)
    )
    assert film.train_loss[-1] < film.train_loss[0]


def test_predictions_from_a_start_of_ones_own():
    start = scattered(Network())
    film = train(Network(), *CIRCLES, Training(epochs=1), start)
    np.testing.assert_array_equal(film.params[0], start)
    assert start is not film.params


# --- Divergence and other failures --------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", METHODS)
@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
@pytest.mark.parametrize("lr", [1.0, 1e3, 1e300])
@pytest.mark.parametrize("activation", ["relu", "gelu", "linear"])
def test_nothing_in_a_film_is_ever_not_finite(optimizer, loss, lr, activation):
    network = Network(loss=loss, hidden=(8,) * 4, activation=activation, initialisation="too_large")
    film = train(network, *CIRCLES, Training(optimizer=optimizer, lr=lr, epochs=3, moments=9))
    for value in vars(film).values():
        if isinstance(value, np.ndarray):
            assert np.isfinite(value).all()
    assert np.linalg.norm(film.params, axis=1).max() <= DIVERGENCE_NORM
    if lr == 1e300:
        assert film.diverged_at is not None
    if film.diverged_at is not None:
        assert film.steps[-1] == film.diverged_at - 1


def test_divergence_ends_the_film_at_the_first_bad_step():
    training = Training(optimizer="sgd", lr=3.0, epochs=20, moments=1000)
    network = Network(loss="squared_error", activation="relu", initialisation="he")
    film = train(network, *CIRCLES, training)
    assert film.diverged_at is not None
    assert film.steps[-1] == film.diverged_at - 1 < round(20 * 140 / 32)
    calm = train(network, *CIRCLES, Training(optimizer="sgd", lr=0.01, epochs=20))
    assert calm.diverged_at is None


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "gelu"])
def test_units_that_start_the_same_stay_the_same(activation):
    zeros = Network(hidden=(8, 8), activation=activation, initialisation="zeros")
    film = train(zeros, *CIRCLES, Training(epochs=20))
    assert [distinct_units(zeros, p).tolist() for p in film.params] == [[1, 1]] * len(film.params)
    assert distinct_units(zeros, train(Network(), *CIRCLES, Training(epochs=20)).params[-1]).tolist() == [8, 8]


def test_relu_from_zeros_moves_only_its_output_bias():
    network = Network(activation="relu", initialisation="zeros")
    film = train(network, *CIRCLES, Training(epochs=20))
    moved = np.flatnonzero(film.params[-1])
    assert set(moved) <= {network.n_params - 1}
    np.testing.assert_array_equal(film.dead, 1)


def test_a_dead_unit_is_one_that_nothing_moves():
    network = Network(hidden=(3,), activation="relu")
    params = scattered(network)
    layer = unpack(network, params)[0]
    layer.biases[:] = [[-1e3, 1e3, 0]]  # off, always on, a kink among the samples
    film = train(network, X, LABELS, X, LABELS, Training(optimizer="sgd", epochs=5, batch_size=8), params)
    np.testing.assert_allclose(film.dead, 1 / 3)
    before, after = (unpack(network, p)[0].weights for p in film.params[[0, -1]])
    np.testing.assert_array_equal(before[:, 0], after[:, 0])
    assert (before[:, 1:] != after[:, 1:]).all()


def test_a_saturated_unit_is_dead_too():
    network = Network(hidden=(2,))
    params = scattered(network)
    unpack(network, params)[0].biases[:] = [[40, 0]]
    film = train(network, X, LABELS, X, LABELS, Training(epochs=1, batch_size=8), params)
    assert film.dead[0] == 0.5


def test_gradients_fade_in_linear_networks_as_the_closed_form_says():
    gains = np.array([0.3, 1.0, 2.0])
    depths = [1, 4, 11]
    result = vanishing_map(depths, gains, "linear", width=64, n_seeds=30)
    expected = (np.array(depths)[:, None] - 1) * np.log10(gains)  # E‖Wδ‖² = gain² ‖δ‖²
    np.testing.assert_allclose(result.gradient, expected, atol=0.15)
    np.testing.assert_allclose(result.activation, np.array(depths)[:, None] * np.log10(gains), atol=0.15)


def test_the_map_shows_what_each_initialisation_is_for():
    he, xavier = math.sqrt(2), 1.0
    relu = vanishing_map([15], [xavier, he, 3], "relu", width=32, n_seeds=20).gradient[0]
    assert relu[0] < -1.5
    assert abs(relu[1]) < 0.5
    assert relu[2] > 3
    sigmoid = vanishing_map([10], [1.0], "sigmoid").gradient[0, 0]
    assert sigmoid < 9 * math.log10(0.25) + 0.5  # σ′ ≤ ¼
    tanh = vanishing_map([15], [0.3, 1.0, 3.0], "tanh").gradient[0]
    assert tanh[0] < -5 < tanh[1] < 0 < tanh[2]


@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_norms_make_the_gain_irrelevant(norm):
    result = vanishing_map([2, 10], [0.3, 1.0, 5.0], "relu", normalisation=norm)
    assert np.ptp(result.gradient, axis=1).max() < 0.05


@every_activation
def test_maps_are_finite_at_their_corners(activation):
    result = vanishing_map([1, 20], [1e-3, 100], activation, n_seeds=2)
    assert np.isfinite(result.gradient).all()
    assert np.isfinite(result.activation).all()
    np.testing.assert_allclose(result.gradient[0], 0, atol=1e-12)


def test_relus_die_of_low_biases_and_of_high_rates():
    inputs, y = make_data("xor", 60, 0.0, 0)
    dead = dead_relu_map(inputs, y, [-20, 0, 1], [0.01, 0.1, 1e3])
    assert dead.shape == (3, 3)
    np.testing.assert_array_equal(dead[0], 1)
    np.testing.assert_array_equal(dead[1:, 0], 0)
    assert dead[1, 2] > 0.3


def test_the_map_of_dead_units_is_that_of_trainings_one_by_one():
    inputs, y = make_data("xor", 60, 0.0, 0)
    network = Network(hidden=(16,), activation="relu", initialisation="he")
    dead = dead_relu_map(inputs, y, [-1.5], [2.0], n_steps=30, n_seeds=3)
    one_by_one = []
    for seed in range(3):
        start = initialise(network, seed)
        unpack(network, start)[0].biases[:] = -1.5
        training = Training(optimizer="batch", lr=2.0, epochs=30, batch_size=60)
        one_by_one.append(train(network, inputs, y, inputs, y, training, start).dead[-1, 0])
    assert dead[0, 0] == pytest.approx(np.mean(one_by_one))
    assert 0 < dead[0, 0] < 1


# --- Initialisation -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "std"),
    [("zeros", 0), ("too_small", 0.01), ("too_large", 2), ("xavier", math.sqrt(2 / 300)), ("he", math.sqrt(2 / 200))],
)
def test_initial_weights_have_the_standard_deviation_they_claim(name, std):
    network = Network(200, (100,), initialisation=name, normalisation="layer")
    layer = unpack(network, initialise(network, 3))[0]
    assert layer.weights.std() == pytest.approx(std, rel=0.03)
    assert abs(layer.weights.mean()) <= 4 * std / math.sqrt(layer.weights.size)
    assert (layer.biases == 0).all()
    assert (layer.scale == 1).all()
    assert (layer.shift == 0).all()


def test_initialisations_scale_the_same_normals():
    small, large = (initialise(Network(initialisation=name), 5) for name in ("too_small", "too_large"))
    np.testing.assert_allclose(large, 200 * small, rtol=1e-12)


def test_the_views_cover_the_vector_once():
    for network in GRADIENTS:
        counts = np.zeros(network.n_params)
        for layer in unpack(network, counts):
            for part in layer:
                if part is not None:
                    part += 1
        np.testing.assert_array_equal(counts, 1)


# --- Pictures and the traced example ------------------------------------------------------------------------


@pytest.mark.parametrize("network", NETWORKS, ids=named)
def test_fields_are_the_networks_answers(network):
    film = train(network, *CIRCLES, Training(epochs=5, moments=6))
    output, units = fields(network, film.params, X, film.running)
    assert output.dtype == units.dtype == np.float32
    assert units.shape == (len(film.steps), len(X), network.n_units)
    for k in range(len(film.steps)):
        np.testing.assert_allclose(
            output[k], predict_proba(network, film.params[k], X, film.running[k]), rtol=1e-4, atol=1e-5
        )
        hidden = forward(network, film.params[k], X, running=film.running[k]).hidden
        expected = np.concatenate([np.empty((len(X), 0)), *(h.a for h in hidden)], axis=1)
        np.testing.assert_allclose(units[k], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("network", NETWORKS, ids=named)
def test_weight_histograms_are_numpys(network):
    params = np.stack([scattered(network, scale=scale) for scale in (0, 0.5, 5)])
    edges = np.linspace(-2, 2, 9)
    shares = weight_histograms(network, params, edges)
    assert shares.shape == (3, len(network.shapes), 8)
    np.testing.assert_allclose(shares.sum(axis=-1), 1, rtol=1e-12)
    np.testing.assert_array_equal(weight_histograms(network, params[1], edges), shares[1])
    for vector, found in zip(params, shares, strict=True):
        for layer, share in zip(unpack(network, vector), found, strict=True):
            counts, _ = np.histogram(layer.weights.clip(-2, 2), edges)
            np.testing.assert_allclose(share, counts / layer.weights.size, rtol=1e-12)


@pytest.mark.parametrize("network", GRADIENTS, ids=named)
def test_a_trace_adds_up_number_by_number(network):
    params, y = scattered(network), answers(network)
    running = initial_running(network) + 0.2
    trace = trace_example(network, params, X[0], y[0], running)
    assert trace.loss == pytest.approx(loss_and_gradient(network, params, X[:1], y[:1], running=running)[0], rel=1e-12)
    assert trace.largest_error < 1e-8
    assert trace.largest_error == np.abs(trace.gradient - trace.numeric).max()
    np.testing.assert_array_equal(trace.layers[0].inputs, X[0])
    for k, layer in enumerate(trace.layers):
        np.testing.assert_allclose(layer.z, layer.inputs @ layer.parameters.weights + layer.parameters.biases[0])
        np.testing.assert_allclose(layer.gradient.weights, np.outer(layer.inputs, layer.delta))
        np.testing.assert_allclose(layer.gradient.biases[0], layer.delta)
        np.testing.assert_allclose(layer.numeric.biases[0], layer.delta, atol=1e-8)
        if k + 1 < len(trace.layers):
            np.testing.assert_array_equal(layer.activation, trace.layers[k + 1].inputs)
            np.testing.assert_allclose(layer.activation, ACTIVATIONS[network.activation].value(layer.u))
            if layer.unit is not None:
                np.testing.assert_allclose(layer.u, layer.unit * layer.parameters.scale[0] + layer.parameters.shift[0])
            else:
                np.testing.assert_array_equal(layer.u, layer.z)
    np.testing.assert_allclose(trace.layers[-1].activation, predict_proba(network, params, X[:1], running)[0])


# --- Data ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [*CLASSIFICATION, *REGRESSION])
def test_data_are_seeded_in_range_and_moved_by_noise_alone(data):
    points, y = make_data(data, 401, 0.0, 7)
    again, y_again = make_data(data, 401, 0.0, 7)
    np.testing.assert_array_equal(points, again)
    np.testing.assert_array_equal(y, y_again)
    assert np.abs(points).max() <= 3
    assert np.ptp(points, axis=0).min() > 2
    noisy, noisy_y = make_data(data, 401, 0.2, 7)
    if data in CLASSIFICATION:
        assert abs((y == 1).sum() - 200.5) <= 0.5
        assert (noisy - points).std() == pytest.approx(0.2, rel=0.15)
        np.testing.assert_array_equal(y, noisy_y)
        np.testing.assert_allclose((make_data(data, 401, 0.4, 7)[0] - points), 2 * (noisy - points), atol=1e-12)
    else:
        assert np.abs(y).max() <= 1.1
        np.testing.assert_array_equal(points, noisy)
        assert (noisy_y - y).std() == pytest.approx(0.2, rel=0.15)


def test_input_features_are_playgrounds():
    columns = input_features(X, list(INPUT_FEATURES))
    a, b = X.T
    np.testing.assert_array_equal(columns.T, [a, b, a**2, b**2, a * b, np.sin(a), np.sin(b)])
    np.testing.assert_array_equal(input_features(X, ["x2", "x1"]), X[:, ::-1])


@given(st.integers(2, 60), st.floats(0.01, 0.99), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_a_split_loses_and_doubles_nothing(n, share, seed):
    numbers = np.arange(n)
    train_X, train_y, test_X, test_y = split(numbers[:, None], numbers, share, seed)
    assert sorted([*train_y, *test_y]) == list(range(n))
    np.testing.assert_array_equal(train_X[:, 0], train_y)
    np.testing.assert_array_equal(test_X[:, 0], test_y)
    assert len(train_y) == min(max(1, round(share * n)), n - 1)


# --- What is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Network(n_inputs=0), "n_inputs"),
        (lambda: Network(n_outputs=101), "n_outputs"),
        (lambda: Network(hidden=(0,)), "units"),
        (lambda: Network(hidden=(8,) * 21), "at most 20"),
        (lambda: Network(hidden=[8]), "tuple"),
        (lambda: Network(activation="swish"), "activation"),
        (lambda: Network(loss="hinge"), "loss"),
        (lambda: Network(initialisation="orthogonal"), "initialisation"),
        (lambda: Network(normalisation="group"), "normalisation"),
        (lambda: Network(dropout=1.0), "dropout"),
        (lambda: Network(dropout=math.nan), "dropout"),
        (lambda: Training(optimizer="lion"), "method is 'lion'"),
        (lambda: Training(lr=0.0), "lr"),
        (lambda: Training(lr=math.inf), "lr"),
        (lambda: Training(epochs=0), "epochs"),
        (lambda: Training(epochs=2.5), "epochs"),
        (lambda: Training(batch_size=True), "batch_size"),
        (lambda: Training(l1=-1.0), "l1"),
        (lambda: Training(l2=math.nan), "l2"),
        (lambda: Training(clip_norm=0.0), "clip_norm"),
        (lambda: Training(moments=1), "moments"),
        (lambda: Training(seed=-1), "seed"),
        (lambda: train(Network(), X, LABELS, X, LABELS, Training(batch_size=25)), "batch_size"),
        (lambda: train(Network(n_inputs=3), X, LABELS, X, LABELS), r"\(n, 3\)"),
        (lambda: train(Network(), X * np.nan, LABELS, X, LABELS), "finite"),
        (lambda: train(Network(), X, LABELS + 1, X, LABELS), "labels"),
        (lambda: train(Network(), X, LABELS + 0.5, X, LABELS), "labels"),
        (lambda: train(Network(), X, LABELS[1:], X, LABELS), "n as in y"),
        (lambda: train(Network(loss="squared_error"), X, X, X, X), "y has shape"),
        (lambda: train(Network(), X, LABELS, X[:0], LABELS[:0]), "X has shape"),
        (lambda: train(Network(), X, LABELS, X, LABELS, Training(batch_size=8), np.ones(3)), "parameters"),
        (
            lambda: train(Network(normalisation="batch"), X, LABELS, X, LABELS, Training(batch_size=1)),
            "one sample has no variance",
        ),
        (lambda: forward(Network(), np.zeros(5), X), "parameters"),
        (lambda: initialise(Network(), 2**32), "seed"),
        (lambda: predict_with_dropout(Network(), np.zeros(Network().n_params), X, 0, 0), "n_passes"),
        (lambda: weight_histograms(Network(), np.zeros(Network().n_params), [0, 0]), "edges"),
        (lambda: weight_histograms(Network(), np.zeros(5), [0, 1]), "parameters"),
        (lambda: make_data("rings", 10, 0.0, 0), "data is 'rings'"),
        (lambda: make_data("xor", 1, 0.0, 0), "n is 1"),
        (lambda: make_data("xor", 10, -1.0, 0), "noise"),
        (lambda: split(X, LABELS, 1.0, 0), "train_share"),
        (lambda: split(X, LABELS[1:], 0.5, 0), "same"),
        (lambda: input_features(X, []), "names is empty"),
        (lambda: input_features(X, ["x3"]), "input feature"),
        (lambda: vanishing_map([0], [1.0], "tanh"), "depth"),
        (lambda: vanishing_map([1], [0.0], "tanh"), "gains"),
        (lambda: vanishing_map([1], [1.0], "step"), "activation"),
        (lambda: dead_relu_map(X, LABELS, [math.inf], [1.0]), "biases"),
        (lambda: dead_relu_map(X, LABELS, [0.0], [-1.0]), "lrs"),
        (lambda: dead_relu_map(X, LABELS, [0.0], [1.0], n_steps=0), "n_steps"),
    ],
)
def test_what_is_refused_is_told_why(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_every_initialisation_and_activation_trains():
    for initialisation in INITIALISATIONS:
        for activation in ACTIVATIONS:
            network = Network(initialisation=initialisation, activation=activation)
            film = train(network, *CIRCLES, Training(epochs=2, moments=3))
            assert film.diverged_at is None
            assert np.isfinite(film.train_loss).all()


def test_logistic_cannot_overflow():
    np.testing.assert_allclose(sigmoid(np.array([-1e308, 0, 1e308])), [math.exp(-709), 0.5, 1], rtol=1e-15)


def test_public_functions_say_what_they_return():
    for name, value in vars(neural_network).items():
        if inspect.isfunction(value) and value.__module__ == neural_network.__name__ and not name.startswith("_"):
            assert value.__doc__, name


# --- The ends of the range ----------------------------------------------------------------------------------


@given(
    st.lists(st.floats(-1, 1, allow_subnormal=False), min_size=1, max_size=9),
    st.sampled_from([1e-200, 1e-160, 1.0, 1e160, 1e300]),
    st.sampled_from([0.1, 1.0, 5.0]),
)
def test_a_clipped_gradient_has_the_limit_as_its_length(numbers, size, limit):
    gradient = np.array(numbers) * size
    clipped = clip_by_norm(gradient, limit * size)
    length = math.hypot(*gradient.tolist())
    if length > limit * size * (1 + 1e-12):
        np.testing.assert_allclose(clipped, gradient * (limit * size / length), rtol=1e-12)
    else:
        np.testing.assert_allclose(clipped, gradient, rtol=1e-12)


def test_clipping_at_the_ends_of_the_range():
    np.testing.assert_allclose(clip_by_norm([3e200, 4e200], 5), [3, 4])
    np.testing.assert_allclose(clip_by_norm([1e308, 1e308], 1), np.full(2, math.sqrt(0.5)))
    np.testing.assert_array_equal(clip_by_norm([math.inf, 1], 5), [math.inf, 1])
    np.testing.assert_array_equal(clip_by_norm([0, 0], 5), [0, 0])


@pytest.mark.parametrize(("bias", "score"), [(0.1, 1), (1.1, 0)])
def test_the_score_of_a_target_that_is_constant_to_rounding(bias, score):
    network = Network(hidden=(), loss="squared_error")
    data = np.zeros((3, 2)), np.full(3, 0.1)
    film = train(network, *data, *data, Training(epochs=1, batch_size=3), start=np.array([0, 0, bias]))
    assert film.train_score[0] == score


def test_points_of_another_width_are_refused():
    network = Network(n_inputs=3)
    with pytest.raises(ValueError, match=r"X has shape \(24, 2\): \(..., n, 3\) is allowed"):
        predict(network, initialise(network, 0), X)
