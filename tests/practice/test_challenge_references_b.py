"""What the references of the challenges on optimisers and networks are worth: torch, scikit-learn, complex steps."""

import json
import statistics
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

from pages.practice.challenge import load
from pages.practice.challenges import adam, attention, batch_norm, mlp_backprop, momentum
from pages.practice.grading import answer_of, calls, grade, told_by
from pages.practice.outcome import FINISHED, Outcome

DATA = Path(__file__).parents[1] / "mlcore" / "data"
TORCH = json.loads(DATA.joinpath("torch_optimizers.json").read_text("utf-8"))
RAVINE, START = np.diag([1 / 20, 1.0]), np.array([-4.5, 2.0])


def torch_paths(*methods):
    """What torch.optim did in the ravine: every 25th of 500 points."""
    return [path for path in TORCH["paths"] if path["surface"] == "ravine" and path["method"] in methods]


@pytest.mark.parametrize("path", torch_paths("adam"), ids=lambda path: str(path["hyper"]))
def test_adam_goes_where_torch_goes(path):
    hyper = (path["lr"], *({"beta1": 0.9, "beta2": 0.999, "eps": 1e-8} | path["hyper"]).values())
    theta, m, v, t = START, np.zeros(2), np.zeros(2), 0
    gradients, points = [], [START]
    for _ in range(500):
        gradients.append(RAVINE @ theta)
        theta, m, v, t = adam.adam_step(theta, gradients[-1], m, v, t, *hyper)
        points.append(theta)
    assert t == 500
    np.testing.assert_allclose(np.array(points)[:: TORCH["every"]], path["theta"], rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(adam.adam(START, np.array(gradients), *hyper), points[1:])


@pytest.mark.parametrize("path", torch_paths("momentum", "nesterov"), ids=lambda path: path["method"])
def test_momentum_goes_where_torch_goes(path):
    mu = next(iter(path["hyper"].values()), 0.9)
    walked = momentum.descend(RAVINE, START, path["lr"], mu, 500, path["method"])
    np.testing.assert_allclose(walked[:: TORCH["every"]], path["theta"], rtol=1e-9, atol=1e-12)


def test_backpropagation_takes_the_step_of_scikit_learn():
    X, y, lr = mlp_backprop.BATCH, mlp_backprop.LABELS, 0.5
    network = MLPClassifier((4,), solver="sgd", alpha=0, batch_size=len(X), learning_rate_init=lr, momentum=0)
    network.random_state = 0

    def params():
        (W1, W2), (b1, b2) = network.coefs_, network.intercepts_
        return [part.copy() for part in (W1, b1, W2, b2)]

    network.partial_fit(X, y, classes=[0, 1, 2])
    start = params()
    loss, *_ = mlp_backprop.loss_and_gradients(X, y, *start)
    np.testing.assert_allclose(loss, log_loss(y, network.predict_proba(X)), rtol=1e-12)
    network.partial_fit(X, y)
    for came, want in zip(mlp_backprop.train_step(X, y, *start, lr), params(), strict=True):
        np.testing.assert_allclose(came, want, rtol=1e-9, atol=1e-14)


def test_the_numerical_gradients_of_backpropagation_stay_off_the_kink():
    for probe in mlp_backprop.PROBES:
        if probe.judge is mlp_backprop.agrees_with_differences:
            X, _, W1, b1, *_ = probe.args
            assert np.abs(X @ W1 + b1).min() > 1e-3


@pytest.mark.parametrize(
    "case",
    json.loads(DATA.joinpath("torch_attention.json").read_text("utf-8"))["attention"],
    ids=lambda case: case["name"],
)
def test_attention_is_torchs(case):
    Q, K, V = (np.array(case[name]) for name in "QKV")
    mask = None if case["mask"] is None else np.array(case["mask"])
    output, weights = attention.attention(Q, K, V, mask)
    np.testing.assert_allclose(output, case["output"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(weights @ V, output, rtol=1e-12)


def test_batch_norm_has_the_statistics_of_the_standard_library():
    x, gamma, beta, mean, variance = batch_norm.PROBES[0].args
    y, new_mean, new_variance = batch_norm.batch_norm_train(x, gamma, beta, mean, variance)
    for j, column in enumerate(x.T.tolist()):
        centre, spread = statistics.fmean(column), statistics.pvariance(column)
        want = [gamma[j] * (value - centre) / (spread + 1e-5) ** 0.5 + beta[j] for value in column]
        np.testing.assert_allclose(y[:, j], want, rtol=1e-12)
        np.testing.assert_allclose(new_mean[j], 0.9 * mean[j] + 0.1 * centre, rtol=1e-12)
        np.testing.assert_allclose(new_variance[j], 0.9 * variance[j] + 0.1 * statistics.variance(column), rtol=1e-12)
        at_test = [gamma[j] * (value - mean[j]) / (variance[j] + 1e-5) ** 0.5 + beta[j] for value in column]
        np.testing.assert_allclose(
            batch_norm.batch_norm_eval(x, gamma, beta, mean, variance)[:, j], at_test, rtol=1e-12
        )


def test_the_gradients_of_batch_norm_are_those_of_complex_steps():
    """f(x + ih) = f(x) + ih f′(x) + O(h²): the derivative without a difference, so without cancellation."""

    def loss(x, gamma, beta):
        centred = x - x.mean(axis=0)
        return (dy * (centred / np.sqrt((centred * centred).mean(axis=0) + 1e-5) * gamma + beta)).sum()

    for rows in (2, 6):
        dy, x, gamma = batch_norm.DY[:rows], batch_norm.X[:rows], batch_norm.GAMMA
        arrays = [x.astype(complex), gamma.astype(complex), np.zeros(3, complex)]
        for a, gradient in zip(arrays, batch_norm.batch_norm_backward(dy, x, gamma), strict=True):
            want = np.zeros(a.shape)
            for i in np.ndindex(a.shape):
                a[i] += 1e-30j
                want[i] = loss(*arrays).imag / 1e-30
                a[i] = a[i].real
            np.testing.assert_allclose(gradient, want, rtol=1e-9, atol=1e-12)


def test_of_two_mistakes_one_is_told():
    """A softmax that overflows hides no other mistake: the missing mask shows wherever it does not overflow."""

    def program(X, y, W1, b1, W2, b2):
        a1 = np.maximum(X @ W1 + b1, 0)
        p = np.exp(a1 @ W2 + b2)
        p /= p.sum(axis=1, keepdims=True)
        rows, n = np.arange(len(y)), len(y)
        loss = -np.log(p[rows, y]).mean()
        p[rows, y] -= 1
        d1 = p / n @ W2.T
        return loss, X.T @ d1, d1.sum(axis=0), a1.T @ p / n, p.sum(axis=0) / n

    challenge = load("mlp_backprop")
    step = challenge.mistakes[0]["train_step"]  # of the mistake expected; it meets no large logit
    answers = tuple(answer_of({"loss_and_gradients": program, "train_step": step}, call) for call in calls(challenge))
    report = grade(challenge, Outcome(FINISHED, answers))
    assert report.diagnosis == told_by({"loss_and_gradients": mlp_backprop.no_mask})
