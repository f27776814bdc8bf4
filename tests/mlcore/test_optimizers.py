import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes

from mlcore import optimizers
from mlcore.optimizers import (
    METHODS,
    SCHEDULES,
    Hyperparameters,
    Schedule,
    adam,
    basins,
    descend,
    divergence_limit,
    epoch_batches,
    schedule,
    sensitivity,
    tune,
    update_rule,
)
from mlcore.surfaces import ANALYTIC, least_squares, logistic_loss, ravine

REFERENCE = json.loads((Path(__file__).parent / "data" / "torch_optimizers.json").read_text())
DATA = load_diabetes()
X, Y = DATA.data[:, [2, 8]] / DATA.data[:, [2, 8]].std(axis=0), (DATA.target - 152.0) / 77.0
LINEAR = least_squares(X, Y)
LOGISTIC = logistic_loss(X[:100], Y[:100] > 0)
SURFACES = {**{name: make() for name, make in ANALYTIC.items()}, "linear": LINEAR, "logistic": LOGISTIC}
RAVINE = ravine(20)
COLUMNS = ("m", "v", "m_hat", "v_hat")
HAS = {
    "momentum": ("m",),
    "nesterov": ("m",),
    "adagrad": ("v",),
    "rmsprop": ("v",),
    "adam": COLUMNS,
    "adamw": COLUMNS,
}
every_method = pytest.mark.parametrize("method", METHODS)


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def case_name(case):
    return "-".join(map(str, (case["surface"], case["method"], *case["hyper"].values())))


# --- Against torch ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", REFERENCE["paths"], ids=case_name)
def test_path_matches_torch(case):
    expected = np.array(case["theta"])
    surface = ANALYTIC[case["surface"]]()
    path = descend(surface, case["method"], expected[0], 500, case["lr"], Hyperparameters(**case["hyper"]))
    assert np.abs(expected[-1] - expected[0]).max() > 1e-6
    scale = max(1, np.abs(expected).max())
    np.testing.assert_allclose(path.theta[:: REFERENCE["every"]], expected, rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize("case", REFERENCE["scheduled"], ids=lambda c: f"{c['schedule']['kind']}-{c['method']}")
def test_scheduled_path_matches_torch(case):
    expected = np.array(case["theta"])
    path = descend(
        SURFACES[case["surface"]],
        case["method"],
        expected[0],
        500,
        case["lr"],
        Hyperparameters(**case["hyper"]),
        schedule=Schedule(**case["schedule"]),
    )
    np.testing.assert_allclose(path.lr[:: REFERENCE["every"]], case["rates"], rtol=1e-12, atol=1e-12 * case["lr"])
    np.testing.assert_allclose(path.theta[:: REFERENCE["every"]], expected, rtol=0, atol=1e-12 * 4)


def test_the_reference_covers_every_torch_method_on_every_surface():
    covered = {(case["surface"], case["method"]) for case in REFERENCE["paths"]}
    assert covered == {(s, m) for s in ANALYTIC for m in METHODS if m not in ("sgd", "minibatch")}
    kinds = {case["schedule"]["kind"] for case in REFERENCE["scheduled"]}
    assert kinds == set(SCHEDULES) - {"constant"}


# --- Closed forms -------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(lr=st.floats(1e-4, 1.99), kappa=st.floats(1, 1e4))
def test_gradient_descent_on_a_quadratic(lr, kappa):
    path = descend(ravine(kappa), "batch", (3.0, -2.0), 60, lr)
    t = np.arange(61)[:, None]
    expected = (1 - lr * np.array([1 / kappa, 1.0])) ** t * [3.0, -2.0]
    np.testing.assert_allclose(path.theta, expected, rtol=1e-10, atol=1e-13)


def test_stability_limit_is_two_over_the_largest_curvature():
    below = descend(RAVINE, "batch", (1.0, 1.0), 400, 1.99)
    above = descend(RAVINE, "batch", (1.0, 1.0), 400, 2.01)
    assert below.loss[-1] < below.loss[0] < above.loss[-1]
    assert descend(RAVINE, "batch", (1.0, 1.0), 10000, 2.01).diverged_at is not None


def test_momentum_by_hand():
    path = descend(RAVINE, "momentum", (0.0, 1.0), 2, 0.1, Hyperparameters(momentum=0.5))
    np.testing.assert_allclose(path.m[:, 1], [1.0, 0.5 + 0.9], rtol=1e-15)
    np.testing.assert_allclose(path.theta[:, 1], [1.0, 0.9, 0.9 - 0.14], rtol=1e-15)


def test_without_momentum_all_are_gradient_descent():
    plain = descend(SURFACES["himmelblau"], "batch", (0.0, 0.0), 50, 0.01).theta
    still = Hyperparameters(momentum=0, nesterov_momentum=0)
    for method in ("momentum", "nesterov"):
        path = descend(SURFACES["himmelblau"], method, (0.0, 0.0), 50, 0.01, still)
        np.testing.assert_array_equal(path.theta, plain)
    path = descend(SURFACES["himmelblau"], "adamw", (0.0, 0.0), 50, 0.01, Hyperparameters(weight_decay=0))
    np.testing.assert_array_equal(path.theta, descend(SURFACES["himmelblau"], "adam", (0.0, 0.0), 50, 0.01).theta)


@settings(deadline=None)
@given(g=st.floats(1e-3, 1e3), sign=st.sampled_from([-1, 1]), lr=st.floats(1e-6, 10))
def test_first_step_of_adam(g, sign, lr):
    corrected, _, _ = adam(0.0, sign * g, (0.0, 0.0, 0), lr)
    assert corrected == pytest.approx(-lr * sign, rel=1.1e-8 / g + 1e-12)
    plain, _, _ = adam(0.0, sign * g, (0.0, 0.0, 0), lr, bias_correction=False)
    assert plain == pytest.approx(-lr * sign * 0.1 / np.sqrt(0.001), rel=1e-6 / g + 1e-12)


@pytest.mark.parametrize("method", ["adagrad", "rmsprop"])
def test_first_step_of_the_scaled_methods(method):
    path = descend(RAVINE, method, (2.0, 2.0), 1, 0.1)
    size = 0.1 if method == "adagrad" else 0.1 / np.sqrt(0.01)
    np.testing.assert_allclose(path.update[0], [-size, -size], rtol=1e-5)


def test_decoupled_decay_shrinks_the_weights_without_a_gradient():
    path = descend(SURFACES["plateau"], "adamw", (1000.0, -1000.0), 20, 0.1, Hyperparameters(weight_decay=0.5))
    np.testing.assert_allclose(path.theta[:, 0], 1000 * 0.95 ** np.arange(21), rtol=1e-12)
    assert path.g.max() == 0


# --- What a path records ------------------------------------------------------------------------------------


@every_method
@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES.keys())
@pytest.mark.parametrize("bias_correction", [True, False])
def test_the_record_is_consistent(method, surface, bias_correction):
    hyper = Hyperparameters(bias_correction=bias_correction)
    path = descend(surface, method, surface.start, 40, 1e-3, hyper)
    assert path.diverged_at is None
    assert path.theta.shape == (41, 2)
    assert path.loss.shape == path.evaluations.shape == (41,)
    assert path.lr.shape == (40,)
    np.testing.assert_array_equal(path.theta[0], surface.start)
    np.testing.assert_allclose(np.diff(path.theta, axis=0), path.update, rtol=0, atol=1e-14)
    np.testing.assert_allclose(path.loss, [surface.value(*p) for p in path.theta.tolist()], rtol=1e-12)
    for name in COLUMNS:
        assert (getattr(path, name) is not None) == (name in HAS.get(method, ()))
    if path.m_hat is not None:
        t = np.arange(1, 41)[:, None]
        c1, c2 = (1 - 0.9**t, 1 - 0.999**t) if bias_correction else (1, 1)
        # 1 − 0.999ᵗ cancels: its last bit weighs up to 10⁻¹⁶ / 10⁻³.
        np.testing.assert_allclose(path.m_hat, path.m / c1, rtol=2e-13)
        np.testing.assert_allclose(path.v_hat, path.v / c2, rtol=2e-13)
        np.testing.assert_allclose(path.step_size, 1e-3 / (np.sqrt(path.v_hat) + 1e-8), rtol=1e-14)
    used = {"nesterov": lambda: path.g + 0.9 * path.m, "momentum": lambda: path.m}.get(
        method, lambda: path.g if path.m_hat is None else path.m_hat
    )()
    decay = 1e-3 * 0.01 * path.theta[:-1] if method == "adamw" else 0
    np.testing.assert_allclose(path.update, -path.step_size * used - decay, rtol=1e-9, atol=1e-15)
    if method not in ("sgd", "minibatch"):
        expected = [surface.gradient(*p) for p in path.theta[:-1].tolist()]
        np.testing.assert_array_equal(path.g, expected)


@pytest.mark.parametrize(
    ("method", "stochastic", "cost"),
    [
        ("batch", False, 442),
        ("batch", True, 442),
        ("sgd", False, 1),
        ("minibatch", False, 8),
        ("adam", False, 442),
        ("adam", True, 8),
    ],
)
def test_evaluations_count_samples(method, stochastic, cost):
    hyper = Hyperparameters(batch_size=8)
    path = descend(LINEAR, method, (0, 0), 10, 1e-3, hyper, stochastic=stochastic)
    np.testing.assert_array_equal(path.evaluations, cost * np.arange(11))
    np.testing.assert_array_equal(descend(RAVINE, method, (1, 1), 10, 0.1).evaluations, np.arange(11))


# --- Divergence ---------------------------------------------------------------------------------------------


@every_method
@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES.keys())
@pytest.mark.parametrize("lr", [1.0, 1e3, 1e150, 1e300])
def test_divergence_is_reported_not_raised(method, surface, lr):
    path = descend(surface, method, surface.start, 60, lr, noise=0.1)
    steps = len(path.theta) - 1
    assert path.diverged_at == (None if steps == 60 else steps + 1)
    recorded = [getattr(path, name) for name in (*COLUMNS, "theta", "loss", "g", "step_size", "update", "lr")]
    for array in recorded:
        assert array is None or np.isfinite(array).all()
    assert np.abs(path.theta).max() <= divergence_limit(surface)
    assert all(len(a) == steps for a in (path.g, path.update, path.lr, path.step_size))
    if lr == 1e300 and np.abs(surface.gradient(*surface.start)).max() > 1e-6:
        assert path.diverged_at == 1


def test_divergence_step_of_a_quadratic():
    # y is multiplied by −2 each step: |y| = 2ᵗ passes the limit 5·10⁶ at t = 23.
    path = descend(RAVINE, "batch", (0.0, 1.0), 100, 3.0)
    assert path.diverged_at == 23
    assert abs(path.theta[-1, 1]) == 2**22


def test_nan_rows_are_diverged_rows():
    result = sensitivity(RAVINE, "batch", (1.0, 1.0), 3000, [0.5, 3.0, 1e300])
    assert result.diverged.tolist() == [False, True, True]
    np.testing.assert_array_equal(result.final_loss[1:], RAVINE.value(1.0, 1.0))
    assert result.best == 0
    assert sensitivity(RAVINE, "batch", (1.0, 1.0), 500, [4.0, 3.0, 9.0]).best == 1


# --- Randomness ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["sgd", "minibatch", "adam"])
@pytest.mark.parametrize("surface", [RAVINE, LINEAR, LOGISTIC], ids=lambda s: s.name)
def test_seed_decides(method, surface):
    def walk(seed):
        return descend(surface, method, surface.start, 50, 0.05, noise=0.5, stochastic=True, seed=seed).theta

    np.testing.assert_array_equal(walk(3), walk(3))
    assert np.abs(walk(3) - walk(4)).max() > 1e-4


def test_matched_noise_has_the_stated_size():
    hyper = Hyperparameters(batch_size=25)

    def noise(method, stochastic=True):
        path = descend(RAVINE, method, (1.0, 1.0), 4000, 1e-3, hyper, noise=0.5, stochastic=stochastic, seed=7)
        return path.g - np.column_stack(RAVINE.gradient(*path.theta[:-1].T))

    single = noise("sgd")
    assert single.std() == pytest.approx(0.5, rel=0.03)
    assert abs(single.mean()) < 0.5 * 4 / np.sqrt(8000)
    for method in ("minibatch", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"):
        np.testing.assert_allclose(noise(method), single / 5, rtol=0, atol=1e-13)
    for method in ("batch", "adam"):
        assert np.abs(noise(method, stochastic=method == "batch")).max() == 0


@settings(deadline=None)
@given(n=st.integers(1, 50), epochs=st.integers(1, 5), data=st.data())
def test_an_epoch_touches_each_sample_once(n, epochs, data):
    size = data.draw(st.integers(1, n))
    count = -(-n * epochs // size)
    batches = epoch_batches(n, size, count, np.random.default_rng(0))
    assert batches.shape == (count, size)
    stream = batches.ravel()[: n * epochs].reshape(epochs, n)
    np.testing.assert_array_equal(np.sort(stream, axis=1), np.tile(np.arange(n), (epochs, 1)))


def test_epochs_are_reshuffled():
    first, second = epoch_batches(50, 50, 2, np.random.default_rng(0))
    assert (first != second).any()


@pytest.mark.parametrize("loss", [LINEAR, LOGISTIC], ids=["linear", "logistic"])
def test_sgd_takes_the_samples_of_the_stream(loss):
    path = descend(loss, "sgd", (0, 0), 30, 0.05, seed=5)
    batches = epoch_batches(loss.n_samples, 1, 30, np.random.default_rng(5))
    expected = [loss.sample_gradient(*p, b) for p, b in zip(path.theta[:-1].tolist(), batches, strict=True)]
    np.testing.assert_allclose(path.g, expected, rtol=1e-12, atol=1e-14)


# --- Sweeps equal single paths ------------------------------------------------------------------------------

plans = st.builds(Schedule, st.sampled_from(SCHEDULES), st.floats(0.1, 1), st.integers(1, 60), st.integers(1, 60))


@every_method
@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES.keys())
@settings(deadline=None, max_examples=25)
@given(plan=plans, stochastic=st.booleans(), seed=st.integers(0, 99))
def test_sensitivity_rows_are_single_paths(method, surface, plan, stochastic, seed):
    lrs = [1e-3, 0.02, 0.7, 5.0, 1e3]
    options = {"schedule": plan, "stochastic": stochastic, "seed": seed, "noise": 0.1}
    # On the logistic loss the matrix products of one and of many rows round differently, and overshooting
    # amplifies that: compare before it can.
    steps = 8 if surface is LOGISTIC else 40
    result = sensitivity(surface, method, surface.start, steps, lrs, **options)
    for i, lr in enumerate(lrs):
        path = descend(surface, method, surface.start, steps, lr, **options)
        assert result.diverged[i] == (path.diverged_at is not None)
        expected = path.loss[0] if result.diverged[i] else path.loss[-1]
        np.testing.assert_allclose(result.final_loss[i], expected, rtol=1e-12, atol=1e-12)
    kept = np.flatnonzero(~result.diverged)
    assert result.best in (kept if kept.size else [0])
    assert result.final_loss[result.best] == (result.final_loss[kept].min() if kept.size else result.final_loss[0])
    assert tune(surface, method, surface.start, steps, lrs, **options) == lrs[result.best]


@every_method
@pytest.mark.parametrize("name", ["himmelblau", "saddle", "rastrigin", "linear"])
@pytest.mark.parametrize("lr", [0.01, 0.3])
def test_basins_are_single_paths(method, name, lr):
    surface = SURFACES[name]
    rng = np.random.default_rng(1)
    starts = np.column_stack([rng.uniform(*surface.x_range, 40), rng.uniform(*surface.y_range, 40)])
    labels = basins(surface, method, starts, 150, lr)
    reach = 0.02 * max(np.ptp(surface.x_range), np.ptp(surface.y_range))
    for start, label in zip(starts, labels, strict=True):
        path = descend(surface, method, start, 150, lr)
        distance = np.linalg.norm(path.theta[-1] - np.array(surface.minima), axis=1)
        expected = int(distance.argmin()) if distance.min() <= reach else -1
        assert label == (-2 if path.diverged_at is not None else expected)


@pytest.mark.parametrize("method", ["batch", "adam"])
def test_blocks_change_nothing(method, monkeypatch):
    surface = SURFACES["himmelblau"]
    starts = np.random.default_rng(0).uniform(-6, 6, (25, 2))
    lrs = np.geomspace(1e-4, 15, 25)
    whole = basins(surface, method, starts, 60, 0.02), sensitivity(surface, method, (1.0, 1.0), 60, lrs)
    monkeypatch.setattr(optimizers, "BLOCK", 7)
    blocks = basins(surface, method, starts, 60, 0.02), sensitivity(surface, method, (1.0, 1.0), 60, lrs)
    np.testing.assert_array_equal(whole[0], blocks[0])
    np.testing.assert_array_equal(whole[1].final_loss, blocks[1].final_loss)
    np.testing.assert_array_equal(whole[1].diverged, blocks[1].diverged)


@every_method
@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_every_state_of_the_page_gives_finite_numbers_or_a_flag(method, data):
    """Whatever the page's controls, or a link to it, can ask for."""
    surface = data.draw(st.sampled_from(list(SURFACES.values())), label="surface")
    (x0, x1), (y0, y1) = surface.x_range, surface.y_range
    start = data.draw(st.tuples(st.floats(x0, x1), st.floats(y0, y1)), label="start")
    steps, lr = data.draw(st.integers(20, 400), label="steps"), data.draw(st.floats(1e-6, 15), label="lr")
    hyper = Hyperparameters(batch_size=data.draw(st.integers(1, 100 if surface is LOGISTIC else 128), label="batch"))
    options = {
        "schedule": Schedule(data.draw(st.sampled_from(SCHEDULES), label="schedule")),
        "noise": data.draw(st.floats(0, 5), label="noise"),
        "stochastic": data.draw(st.booleans(), label="stochastic"),
        "seed": data.draw(st.integers(0, 2**32 - 1), label="seed"),
    }
    path = descend(surface, method, start, steps, lr, hyper, **options)
    for name, column in vars(path).items():
        assert column is None or np.isfinite(column).all(), name
    assert len(path.theta) == (path.diverged_at or steps + 1)
    swept = sensitivity(surface, method, start, steps, [1e-6, lr, 15], hyper, **options)
    assert np.isfinite(swept.final_loss).all()
    assert swept.diverged[1] == (path.diverged_at is not None)
    (label,) = basins(surface, method, [start], steps, lr, hyper, **options)
    assert -2 <= label < len(surface.minima)
    assert (label == -2) == (path.diverged_at is not None)


def test_basins_name_each_outcome():
    surface = SURFACES["himmelblau"]
    labels = basins(surface, "batch", [*surface.minima, (5.9, 5.9)], 200, 1e-3)
    assert labels.tolist() == [0, 1, 2, 3, 0]
    assert basins(surface, "batch", [(5.0, 5.0)], 1, 1e-5).tolist() == [-1]
    assert basins(surface, "batch", [(5.0, 5.0)], 50, 1.0).tolist() == [-2]


@pytest.mark.parametrize("name", ["gradient_descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"])
def test_a_rule_serves_arrays_of_any_shape(name):
    step = getattr(optimizers, name)
    rng = np.random.default_rng(0)
    theta, lr = rng.normal(size=(2, 3, 4)), rng.uniform(0.01, 1, 4)
    rows, zero = theta.copy(), (0.0, 0.0, 0) if name.startswith("adam") else 0.0
    state, states = zero, dict.fromkeys(np.ndindex(theta.shape), zero)
    for _ in range(5):
        g = rng.normal(size=theta.shape)
        theta, state, _ = step(theta, g, state, lr)
        for index in states:
            value, states[index], _ = step(float(rows[index]), float(g[index]), states[index], float(lr[index[-1]]))
            assert type(value) is float
            rows[index] = value
    np.testing.assert_array_equal(theta, rows)


# --- Schedules ----------------------------------------------------------------------------------------------


def test_schedule_formulas():
    np.testing.assert_array_equal(schedule("constant", 0.3, 4), [0.3] * 4)
    np.testing.assert_allclose(schedule("step", 8, 6, decay=0.5, every=2), [8, 8, 4, 4, 2, 2], rtol=1e-15)
    np.testing.assert_allclose(schedule("exponential", 8, 5, decay=0.25, every=2), [8, 4, 2, 1, 0.5], rtol=1e-15)
    half = 0.5 + 0.25 * np.sqrt(2)
    np.testing.assert_allclose(schedule("cosine", 2, 4), [2, 2 * half, 1, 2 - 2 * half], rtol=1e-14)
    np.testing.assert_allclose(schedule("warmup", 1, 6, warmup=4), [0.25, 0.5, 0.75, 1, 1, 1], rtol=1e-15)


@settings(deadline=None)
@given(kind=st.sampled_from(SCHEDULES), n=st.integers(1, 400), lr=st.floats(1e-6, 1e3))
def test_schedules_stay_between_zero_and_lr(kind, n, lr):
    rates = schedule(kind, lr, n)
    assert rates.shape == (n,)
    assert ((rates > 0) & (rates <= lr)).all()
    np.testing.assert_array_equal(schedule(kind, [lr, 2 * lr], n)[:, 0], rates)


# --- Errors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        {"momentum": 1.0},
        {"momentum": -0.1},
        {"nesterov_momentum": 1.5},
        {"rmsprop_decay": float("nan")},
        {"beta1": 1.0},
        {"beta2": -1e-9},
        {"eps": 0.0},
        {"adagrad_eps": float("inf")},
        {"weight_decay": -1.0},
        {"batch_size": 0},
        {"batch_size": 1.5},
    ],
)
def test_bad_hyperparameters_raise(bad):
    (name,) = bad
    with pytest.raises(ValueError, match=name):
        Hyperparameters(**bad)


@pytest.mark.parametrize(
    "bad", [{"kind": "linear"}, {"decay": 0.0}, {"decay": 1.1}, {"every": 0}, {"warmup": -3}, {"every": True}]
)
def test_bad_schedules_raise(bad):
    with pytest.raises(ValueError, match="schedule" if "kind" in bad else next(iter(bad))):
        Schedule(**bad)
    with pytest.raises(ValueError, match="schedule" if "kind" in bad else next(iter(bad))):
        schedule(**{"kind": "step", "lr": 0.1, "n_steps": 5, **bad})


def good(**changes):
    return {"surface": RAVINE, "method": "adam", "start": (1.0, 1.0), "n_steps": 5, "lr": 0.1} | changes


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"method": "lion"}, "method is 'lion': one of batch"),
        ({"start": (1.0, np.nan)}, "start"),
        ({"start": (1e300, 0.0)}, "start"),
        ({"start": (1.0, 2.0, 3.0)}, "start"),
        ({"n_steps": 0}, "n_steps"),
        ({"n_steps": 2.5}, "n_steps"),
        ({"lr": 0.0}, "lr"),
        ({"lr": -1.0}, "lr"),
        ({"lr": np.nan}, "lr"),
        ({"lr": np.inf}, "lr"),
        ({"noise": -1.0}, "noise"),
        ({"surface": LINEAR, "stochastic": True, "hyper": Hyperparameters(batch_size=443)}, "442"),
    ],
)
def test_bad_arguments_raise(changes, says):
    arguments = good(**changes)
    with pytest.raises(ValueError, match=says):
        descend(**arguments)
    rates = {"lrs": [arguments.pop("lr"), 0.1]}
    for sweep in (sensitivity, tune):
        with pytest.raises(ValueError, match=says):
            sweep(**arguments, **rates)
    with pytest.raises(ValueError, match=says):
        basins(starts=[arguments.pop("start")], lr=rates["lrs"][0], **arguments)


def test_bad_sweeps_raise():
    with pytest.raises(ValueError, match="lrs"):
        sensitivity(RAVINE, "adam", (1.0, 1.0), 5, [])
    with pytest.raises(ValueError, match="tolerance"):
        basins(RAVINE, "adam", [(1.0, 1.0)], 5, 0.1, tolerance=0)
    with pytest.raises(ValueError, match="start"):
        basins(RAVINE, "adam", np.empty((0, 2)), 5, 0.1)


def test_settings_are_hashable():
    assert hash(Hyperparameters()) == hash(Hyperparameters())
    assert hash(Schedule("cosine")) == hash(Schedule("cosine"))


@every_method
def test_rules_take_lists_as_they_take_arrays(method):
    theta, g = [1.0, -2.0], [0.5, 0.25]
    rule, state = update_rule(method)
    of_lists, of_arrays = (rule(kind(theta), kind(g), state, 0.1)[0] for kind in (list, np.array))
    np.testing.assert_array_equal(of_lists, of_arrays)
