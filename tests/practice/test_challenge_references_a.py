"""What the references of the first challenges answer, beside an independent witness."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss

from pages.practice.challenge import load
from pages.practice.grading import answer_of, calls

NAMES = ("softmax", "cross_entropy", "logistic_regression", "linear_regression", "k_means", "pca")


def asked(name, function):
    """The arguments of every probe of a function, with the reference's answers."""
    challenge = load(name)
    probes = [probe for probe in challenge.probes if challenge.asked(probe) == function]
    assert probes
    return [(probe.args, challenge.reference[function](*probe.args)) for probe in probes]


def slopes(function, at, h=1e-5):
    """Central differences of a function of one array."""
    at = np.asarray(at, dtype=float)
    moves = h * np.eye(at.size).reshape(at.size, *at.shape)
    return np.array([function(at + move) - function(at - move) for move in moves]).reshape(at.shape) / (2 * h)


def test_softmax():
    for (x,), p in asked("softmax", "softmax"):
        np.testing.assert_allclose(p, softmax(x.astype(float), axis=-1), rtol=1e-12)


def test_cross_entropy():
    for (x, labels), loss in asked("cross_entropy", "cross_entropy"):
        assert loss == pytest.approx(-log_softmax(x.astype(float), axis=1)[np.arange(len(x)), labels].mean())
    for (x, labels), gradient in asked("cross_entropy", "cross_entropy_gradient"):
        witness = slopes(lambda z, at=labels: -log_softmax(z, axis=1)[np.arange(len(z)), at].mean(), x)
        np.testing.assert_allclose(gradient, witness, atol=1e-6)  # at margins of 10 000 the loss has few digits


def test_logistic_regression():
    for (w, b, X, y, lam), loss in asked("logistic_regression", "loss"):
        z = X @ w + b
        data = np.abs(z).mean() if np.abs(z).max() > 100 else log_loss(y, 1 / (1 + np.exp(-z)), labels=[0, 1])
        wrong = (z > 0) != y
        data = (np.abs(z) * wrong).mean() if np.abs(z).max() > 100 else data
        assert loss == pytest.approx(data + lam / 2 * (w**2).sum())
    for (w, b, X, y, lam), (by_w, by_b) in asked("logistic_regression", "gradient"):

        def objective(at, X=X, y=y, lam=lam):
            z = X @ at[:-1] + at[-1]
            return np.logaddexp(0, (1 - 2 * y) * z).mean() + lam / 2 * (at[:-1] ** 2).sum()

        np.testing.assert_allclose([*by_w, by_b], slopes(objective, [*w, b]), atol=1e-6)
    for (X, y, lam), (w, b) in asked("logistic_regression", "fit"):
        theirs = LogisticRegression(C=1 / (len(y) * lam), solver="newton-cholesky", tol=1e-10).fit(X, y)
        np.testing.assert_allclose([*w, b], [*theirs.coef_[0], *theirs.intercept_], atol=1e-6)


def test_linear_regression():
    for (X, y), (w, b) in asked("linear_regression", "least_squares"):
        if np.linalg.cond(X) < 1e6:
            theirs = LinearRegression().fit(X, y)
            np.testing.assert_allclose([*w, b], [*theirs.coef_, theirs.intercept_], rtol=1e-9)
    for (X, y, w, b, rate, steps), came in asked("linear_regression", "descend"):
        A = np.column_stack([X, np.ones(len(X))])
        best = np.linalg.solve(A.T @ A, A.T @ y)
        left = np.linalg.matrix_power(np.eye(len(best)) - rate * A.T @ A / len(A), steps)
        np.testing.assert_allclose([*came[0], came[1]], best + left @ ([*w, b] - best), rtol=1e-9)


def test_nearly_equal_columns_need_the_whole_precision():
    (judged,) = [probe for probe in load("linear_regression").probes if "1e-8" in probe.name]
    X, y = judged.args
    assert 1e7 < np.linalg.cond(np.column_stack([X, np.ones(len(X))])) < 1e10
    for fit in (
        lambda A: np.linalg.lstsq(A, y)[0],
        lambda A: np.linalg.pinv(A) @ y,
        lambda A: np.linalg.solve(np.linalg.qr(A)[1], np.linalg.qr(A)[0].T @ y),
    ):
        *w, b = fit(np.column_stack([X, np.ones(len(X))]))
        assert judged.judge((np.array(w), b), X, y) == ""
    centred = X - X.mean(axis=0)
    w = np.linalg.lstsq(centred, y - y.mean())[0]
    assert judged.judge((w, y.mean() - X.mean(axis=0) @ w), X, y) == ""


def test_k_means():
    for (X, centres, rounds), (found, labels, inertia) in asked("k_means", "k_means"):
        if rounds and np.abs(centres).max() < 50:  # scikit-learn moves the centre of an empty cluster
            theirs = KMeans(len(centres), init=centres, n_init=1, max_iter=rounds, tol=0).fit(X)
            np.testing.assert_allclose(found, theirs.cluster_centers_)
            np.testing.assert_array_equal(labels, theirs.labels_)
            assert inertia == pytest.approx(theirs.inertia_)


def test_inertia_never_rises():
    probe = next(probe for probe in load("k_means").probes if "thirty" in probe.name)
    X, centres, _ = probe.args
    trace = [load("k_means").reference["k_means"](X, centres, rounds)[2] for rounds in range(31)]
    assert np.diff(trace).max() <= 1e-12
    assert trace[1] < trace[0]


def test_pca():
    one_sign = load("pca").canonical["pca"]
    for (X, k), came in asked("pca", "pca"):
        theirs = PCA(k, svd_solver="full").fit(X)
        witness = theirs.components_, theirs.explained_variance_, theirs.transform(X)
        for ours, other in zip(one_sign(came, X, k), one_sign(witness, X, k), strict=True):
            np.testing.assert_allclose(ours, other, atol=1e-8 * np.abs(other).max())
    for (X, k), came in asked("pca", "reconstruct"):
        theirs = PCA(k, svd_solver="full").fit(X)
        np.testing.assert_allclose(came, theirs.inverse_transform(theirs.transform(X)))


def test_the_sign_of_a_component_is_clear():
    for _, (components, variances, _) in asked("pca", "pca"):
        first, second = np.sort(np.abs(components), axis=1)[:, :-3:-1].T
        assert (first - second).min() > 1e-3  # which entry is the largest does not depend on rounding
        assert (variances[1:] < 0.95 * variances[:-1]).all()  # nor does the direction


@pytest.mark.parametrize("name", NAMES)
def test_a_mistake_is_not_known_by_exceptions_alone(name):
    challenge = load(name)
    for mistake in challenge.mistakes:  # else any program that raises everywhere would be told this one
        answers = [answer_of(mistake, call) for call in calls(challenge) if call.function in mistake]
        assert not all(answer.fault for answer in answers), next(iter(mistake.values())).__name__
