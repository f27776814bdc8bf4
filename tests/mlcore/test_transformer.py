import json
import math
import warnings
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate, islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore import transformer
from mlcore.optimizers import Schedule
from mlcore.transformer import (
    Batch,
    Config,
    LanguageModel,
    Task,
    attention,
    attention_backward,
    causal_mask,
    cross_entropy,
    entropy,
    entropy_study,
    filmed_training,
    forward,
    gelu,
    generate,
    generation_cost,
    initial_parameters,
    layer_norm,
    layer_norm_backward,
    loss_and_gradient,
    most_steps,
    multiplications,
    n_parameters,
    next_token_probabilities,
    relu,
    shapes,
    sinusoidal_positions,
    softmax,
    train_language_model,
    train_task,
    training,
    views,
    word_vectors,
)

ROOT = Path(__file__).parents[2]
REFERENCE = json.loads((Path(__file__).parent / "data" / "torch_attention.json").read_text())
CORPUS = ROOT.joinpath("pages", "content", "corpus.txt").read_text("utf-8")
SWITCHES = [
    {},
    {"heads": 4},
    {"layers": 2, "heads": 2},
    {"causal": False},
    {"positions": "sinusoidal"},
    {"positions": "none"},
    {"activation": "relu"},
    {"scale": False},
    {"residual": False},
    {"layer_norm": False},
    {"tied": True},
    {"layers": 2, "tied": True, "residual": False, "scale": False, "causal": False, "positions": "none"},
    {"layers": 2, "layer_norm": False, "residual": False, "mlp_ratio": 1},
]
every_switch = pytest.mark.parametrize("switches", SWITCHES, ids=lambda s: "-".join(map(str, s.values())) or "plain")


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def model(seed=0, vocabulary=7, context=6, width=8, **switches):
    """A configuration, parameters of which none is 0 or 1, and sequences that fill the context."""
    config = Config(vocabulary, context, width, **switches)
    rng = np.random.default_rng(seed)
    theta = initial_parameters(config, seed)
    theta += 0.1 * rng.standard_normal(theta.shape)
    return config, theta, rng.integers(vocabulary, size=(3, context))


def slope(f, x, h=3e-5):
    """Central differences of fourth order of f along every coordinate of the flat x."""
    return np.array([(8 * (f(x + e) - f(x - e)) - f(x + 2 * e) + f(x - 2 * e)) / (12 * h) for e in h * np.eye(len(x))])


# --- Attention against torch --------------------------------------------------------------------------------


@pytest.mark.parametrize("case", REFERENCE["attention"], ids=lambda case: case["name"])
def test_attention_matches_torch(case):
    Q, K, V, d_output = (np.array(case[name]) for name in ("Q", "K", "V", "d_output"))
    mask = None if case["mask"] is None else np.array(case["mask"])
    ours = attention(Q, K, V, mask)
    np.testing.assert_allclose(ours.output, case["output"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(attention(Q, K, V, mask, scale=False).output, case["unscaled"], rtol=0, atol=1e-10)
    gradients = attention_backward(Q, K, V, ours.weights, d_output)
    for mine, theirs in zip(gradients, case["gradients"], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-10 * max(1, np.abs(theirs).max()))


def test_the_reference_has_rows_that_may_look_at_nothing_beside_others():
    masks = [np.array(case["mask"]) for case in REFERENCE["attention"] if case["mask"] is not None]
    assert any((~mask).all(axis=-1).any() and mask.any() for mask in masks)


@pytest.mark.parametrize("case", REFERENCE["models"], ids=lambda case: "-".join(map(str, case["config"].values())))
def test_model_matches_torch(case):
    config = Config(**{"positions": "sinusoidal", **case["config"]})
    assert set(case["parameters"]) == set(shapes(config))
    theta, expected = np.empty(n_parameters(config)), np.empty(n_parameters(config))
    for vector, named in ((theta, case["parameters"]), (expected, case["gradients"])):
        for name, view in views(vector, config).items():
            view[:] = named[name]
    logits = forward(theta, config, case["tokens"]).logits
    np.testing.assert_allclose(logits, case["logits"], rtol=0, atol=1e-10)
    targets = np.array(case["targets"])
    loss, gradient = loss_and_gradient(theta, config, case["tokens"], targets)
    assert loss == pytest.approx(case["loss"], abs=1e-10)
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-10)


# --- Attention by its properties ----------------------------------------------------------------------------


def test_attention_by_hand():
    a = attention([[2.0, 0.0, 0.0, 0.0]], np.eye(2, 4), [[1.0], [5.0]])
    np.testing.assert_array_equal(a.scores, [[2, 0]])
    np.testing.assert_array_equal(a.scaled, [[1, 0]])
    share = math.e / (math.e + 1)
    np.testing.assert_allclose(a.weights, [[share, 1 - share]], rtol=1e-15)
    np.testing.assert_allclose(a.output, [[share + 5 * (1 - share)]], rtol=1e-15)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), size=st.floats(1e-3, 1e3), share=st.floats(0, 1))
def test_rows_sum_to_one_or_are_zero_and_masked_keys_have_no_influence(seed, size, share):
    rng = np.random.default_rng(seed)
    Q, K, V = size * rng.standard_normal((3, 2, 5, 4))
    mask = rng.random((2, 5, 5)) < share
    a = attention(Q, K, V, mask)
    assert (a.weights >= 0).all()
    np.testing.assert_allclose(a.weights.sum(axis=-1), mask.any(axis=-1), rtol=1e-12)
    assert (a.weights[~mask] == 0).all()
    assert (a.output[~mask.any(axis=-1)] == 0).all()
    assert (np.isneginf(a.masked) == ~mask).all()
    for key in range(5):  # change one key and its value: only the queries that may look at it notice
        other_K, other_V = K.copy(), V.copy()
        other_K[:, key] += 1 + rng.random()
        other_V[:, key] -= 3
        changed = attention(Q, other_K, other_V, mask).output
        blind = ~mask[:, :, key]
        np.testing.assert_array_equal(changed[blind], a.output[blind])


def test_softmax_is_stable_and_ignores_a_constant():
    z = np.array([[0.0, 1.0, -2.0], [1e300, 1e300, -1e300], [-np.inf, 3.0, -np.inf], [-np.inf] * 3])
    expected = [np.exp(z[0]) / np.exp(z[0]).sum(), [0.5, 0.5, 0], [0, 1, 0], [0, 0, 0]]
    np.testing.assert_allclose(softmax(z), expected, rtol=1e-14)
    np.testing.assert_allclose(softmax(z[0] + 700), expected[0], rtol=1e-12)


def test_causal_mask_of_new_tokens_is_the_end_of_the_whole_mask():
    whole = causal_mask(6)
    np.testing.assert_array_equal(whole, [[key <= query for key in range(6)] for query in range(6)])
    np.testing.assert_array_equal(causal_mask(2, 6), whole[4:])


def test_entropy_of_known_weights():
    np.testing.assert_allclose(entropy([[1, 0, 0], [1 / 3] * 3, [0.5, 0.5, 0]]), [0, math.log(3), math.log(2)])


def test_entropy_study_shows_what_the_scaling_is_for():
    study = entropy_study([1, 4, 16, 64, 256], n=64, seed=3)
    for name in ("scaled", "unscaled"):
        np.testing.assert_allclose(study.sd[name], study.sd_theory[name], rtol=0.12)
        assert (study.entropy[name] <= study.max_entropy).all()
    np.testing.assert_allclose(study.sd_theory["unscaled"], [1, 2, 4, 8, 16])
    assert all(a > b for a, b in pairwise(study.entropy["unscaled"]))
    assert study.entropy["unscaled"][-1] < 0.3
    assert study.largest["unscaled"][-1] > 0.85 > 0.15 > study.largest["scaled"][-1]
    # for many keys with N(0, 1) logits: entropy → ln n − ½
    many = entropy_study([256], n=1024, seed=0)
    assert many.entropy["scaled"][0] == pytest.approx(math.log(1024) - 0.5, abs=0.03)
    assert many.slope["unscaled"][0] < 0.25 < 0.99 < many.slope["scaled"][0]
    np.testing.assert_array_equal(study.entropy["scaled"], entropy_study([1, 4, 16, 64, 256], 64, 3).entropy["scaled"])


def test_entropy_study_is_the_attention_function_s():
    study = entropy_study([3], n=5, seed=1, n_queries=4)
    rng = np.random.default_rng(1)
    Q, K = rng.standard_normal((3, 4)).T, rng.standard_normal((3, 5)).T
    for name, scale in (("scaled", True), ("unscaled", False)):
        weights = attention(Q, K, K, scale=scale).weights
        assert study.entropy[name][0] == pytest.approx(entropy(weights).mean(), rel=1e-12)
        jacobian_traces = [np.trace(np.diag(w) - np.outer(w, w)) for w in weights]
        assert study.slope[name][0] == pytest.approx(np.mean(jacobian_traces), rel=1e-12)


def test_the_same_word_has_the_same_vector_wherever_it_stands():
    one = word_vectors(["the", "cat", "saw", "the", "dog"], 6, seed=4, positions=False)
    two = word_vectors(["dog", "the"], 6, seed=4, positions=False)
    np.testing.assert_array_equal(one.X[0], one.X[3])
    np.testing.assert_array_equal(one.X[[4, 0]], two.X)
    np.testing.assert_allclose(one.Q, one.X @ one.W_Q)
    placed = word_vectors(["the", "the"], 5, seed=4)
    np.testing.assert_allclose(placed.X - placed.X[0] * 0, placed.X)
    np.testing.assert_allclose(placed.X[1] - placed.X[0], np.diff(sinusoidal_positions(2, 6)[:, :5], axis=0)[0])


# --- Gradients against finite differences -------------------------------------------------------------------


@every_switch
def test_gradient_of_the_whole_model(switches):
    config, theta, tokens = model(**{"vocabulary": 5, "width": 4, "mlp_ratio": 2, **switches})
    targets, positions = tokens[:, [2, 0, 5]], [1, 3, 5]
    loss, gradient = loss_and_gradient(theta, config, tokens, targets, positions)
    numeric = slope(lambda v: cross_entropy(forward(v, config, tokens, positions).logits, targets)[0], theta)
    np.testing.assert_allclose(gradient, numeric, rtol=0, atol=1e-9 * max(1, np.abs(numeric).max()))
    for name, part in views(gradient, config).items():
        assert np.abs(part).max() > 1e-6, f"{name} is not tested: its gradient is 0"
    assert loss == pytest.approx(cross_entropy(forward(theta, config, tokens, positions).logits, targets)[0])


def test_gradient_of_attention_with_masked_rows():
    rng = np.random.default_rng(0)
    Q, K, V, d_output = rng.standard_normal((4, 2, 3, 4))
    mask = np.array([[True, False, True], [False, False, False], [True, True, True]])
    for scale in (True, False):

        def value(flat, scale=scale):
            return (attention(*flat.reshape(3, 2, 3, 4), mask, scale).output * d_output).sum()

        gradients = attention_backward(Q, K, V, attention(Q, K, V, mask, scale).weights, d_output, scale)
        numeric = slope(value, np.stack([Q, K, V]).ravel())
        np.testing.assert_allclose(np.ravel(gradients), numeric, rtol=0, atol=1e-9)


def test_gradient_of_layer_norm():
    rng = np.random.default_rng(0)
    x, d_y = rng.standard_normal((2, 4, 5))
    gain, bias = rng.standard_normal((2, 5))

    def value(flat):
        return (layer_norm(flat[:20].reshape(4, 5), flat[20:25], flat[25:])[0] * d_y).sum()

    y, normal, inverse = layer_norm(x, gain, bias)
    np.testing.assert_allclose(normal.mean(axis=1), 0, atol=1e-15)
    np.testing.assert_allclose(normal.var(axis=1), 1, rtol=1e-4)
    np.testing.assert_allclose(y, normal * gain + bias)
    mine = np.concatenate([g.ravel() for g in layer_norm_backward(d_y, gain, normal, inverse)])
    np.testing.assert_allclose(mine, slope(value, np.concatenate([x.ravel(), gain, bias])), rtol=0, atol=1e-9)


def test_gradient_of_activations_and_cross_entropy():
    x = np.linspace(-4, 4, 41) + 0.01
    for activation in (gelu, relu):
        numeric = (activation(x + 1e-6)[0] - activation(x - 1e-6)[0]) / 2e-6
        np.testing.assert_allclose(activation(x)[1], numeric, rtol=0, atol=1e-9)
    exact = np.array([0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in x])
    np.testing.assert_allclose(gelu(x)[0], exact, rtol=0, atol=5e-4)
    logits, targets = np.random.default_rng(0).standard_normal((2, 3, 4)), np.array([[0, 3, 1], [2, 2, 0]])
    _, gradient = cross_entropy(logits, targets)
    numeric = slope(lambda v: cross_entropy(v.reshape(2, 3, 4), targets)[0], logits.ravel())
    np.testing.assert_allclose(gradient.ravel(), numeric, rtol=0, atol=1e-9)


@pytest.mark.parametrize("tied", [False, True])
def test_an_untrained_model_has_logits_of_variance_one_so_it_guesses_about_by_chance(tied):
    config = Config(50, 20, 64, tied=tied)
    tokens, targets = np.random.default_rng(0).integers(50, size=(2, 30, 20))
    theta = initial_parameters(config)
    logits = forward(theta, config, tokens).logits
    np.put_along_axis(logits, tokens[..., None], np.nan, axis=2)  # a tied head favours the token it reads
    assert np.nanvar(logits) == pytest.approx(1, abs=0.15)
    if not tied:
        loss, _ = loss_and_gradient(theta, config, tokens, targets)
        assert loss == pytest.approx(math.log(50) + 0.5, abs=0.1)  # ln E e^z of z ~ N(0, 1) is ½


# --- Order, mask and cache ----------------------------------------------------------------------------------


@every_switch
def test_a_later_token_changes_no_earlier_logit_in_a_causal_model_only(switches):
    config, theta, tokens = model(**switches)
    changed = tokens.copy()
    changed[:, 3] = (changed[:, 3] + 1) % config.vocabulary
    before, after = forward(theta, config, tokens).logits, forward(theta, config, changed).logits
    same = np.abs(before - after).max(axis=(0, 2)) < 1e-12
    if config.causal:
        assert same.tolist() == [True] * 3 + [False] * 3
    elif config.residual or config.layers == 1:
        assert not same.any()


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1000), layers=st.integers(1, 3), heads=st.sampled_from([1, 2]))
def test_without_positions_and_mask_a_permutation_of_the_tokens_permutes_the_logits(seed, layers, heads):
    config, theta, tokens = model(seed, layers=layers, heads=heads, causal=False, positions="none")
    order = np.random.default_rng(seed).permutation(config.context)
    logits = forward(theta, config, tokens).logits
    np.testing.assert_allclose(forward(theta, config, tokens[:, order]).logits, logits[:, order], rtol=0, atol=1e-12)
    for positions in ("learnt", "sinusoidal"):
        placed = replace(config, positions=positions)
        start = initial_parameters(placed, seed)
        a, b = (forward(start, placed, t).logits for t in (tokens, tokens[:, ::-1]))
        assert np.abs(a[:, ::-1] - b).max() > 1e-3


@every_switch
def test_cached_keys_and_values_give_the_same_logits(switches):
    config, theta, tokens = model(**switches)
    if not config.causal:
        with pytest.raises(ValueError, match="causal"):
            forward(theta, config, tokens[:, 3:], past=forward(theta, config, tokens[:, :3]).cache)
        with pytest.raises(ValueError, match="causal"):
            generate(theta, config, [1], 2)
        return
    whole = forward(theta, config, tokens).logits
    first = forward(theta, config, tokens[:, :2])
    second = forward(theta, config, tokens[:, 2:3], past=first.cache)
    third = forward(theta, config, tokens[:, 3:], past=second.cache)
    pieces = np.concatenate([first.logits, second.logits, third.logits], axis=1)
    np.testing.assert_allclose(pieces, whole, rtol=0, atol=1e-12)
    fast, slow = (generate(theta, config, [1, 4], 5, seed=2, cached=cached) for cached in (True, False))
    np.testing.assert_array_equal(fast.tokens, slow.tokens)
    np.testing.assert_allclose(fast.logits, slow.logits, rtol=0, atol=1e-12)
    np.testing.assert_allclose(fast.attention, slow.attention, rtol=0, atol=1e-6)


def test_logits_at_some_positions_are_those_of_all():
    config, theta, tokens = model(layers=2)
    np.testing.assert_allclose(
        forward(theta, config, tokens, [4, 1, -1]).logits,
        forward(theta, config, tokens).logits[:, [4, 1, 5]],
        rtol=0,
        atol=1e-12,
    )


def test_views_share_the_vector_and_cover_it():
    config, theta, _ = model(layers=2, heads=2)
    named = views(theta, config)
    assert all(np.shares_memory(view, theta) for view in named.values())
    np.testing.assert_array_equal(np.concatenate([view.ravel() for view in named.values()]), theta)
    assert "head" not in shapes(replace(config, tied=True))
    assert not any("norm" in name for name in shapes(replace(config, layer_norm=False)))


def test_float32_stays_float32():
    config = Config(7, 6, 8, heads=2)
    theta = initial_parameters(config, 0, np.float32)
    loss, gradient = loss_and_gradient(theta, config, [[1, 2, 3]], np.array([[2, 3, 4]]))
    assert gradient.dtype == np.float32
    precise, exact = loss_and_gradient(theta.astype(float), config, [[1, 2, 3]], np.array([[2, 3, 4]]))
    assert loss == pytest.approx(precise, rel=1e-5)
    np.testing.assert_allclose(gradient, exact, atol=1e-5)
    for after, _ in training(theta, config, [Batch([[1, 2]], np.array([[2, 3]]), np.arange(2))] * 3, [0.1] * 3):
        assert after.dtype == np.float32


def test_sinusoids_of_a_shift_are_a_rotation():
    p = sinusoidal_positions(40, 8)
    np.testing.assert_allclose((p[7:] * p[:-7]).sum(axis=1), (p[7] * p[0]).sum(), rtol=1e-12)


# --- Sampling -----------------------------------------------------------------------------------------------

LOGITS = np.log([0.4, 0.1, 0.3, 0.15, 0.05])


def test_temperature_one_is_the_softmax_and_zero_the_argmax():
    np.testing.assert_allclose(next_token_probabilities(LOGITS), [0.4, 0.1, 0.3, 0.15, 0.05], rtol=1e-12)
    for temperature in (0, 1e-310, 1e-3):
        np.testing.assert_allclose(next_token_probabilities(LOGITS, temperature), [1, 0, 0, 0, 0], atol=1e-30)
    np.testing.assert_allclose(next_token_probabilities(LOGITS, 1e6), [0.2] * 5, rtol=1e-5)
    np.testing.assert_array_equal(next_token_probabilities([1.0, 2.0, 2.0], 0), [0, 1, 0])


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"top_k": 1}, {0}),
        ({"top_k": 3}, {0, 2, 3}),
        ({"top_k": 99}, {0, 1, 2, 3, 4}),
        ({"top_p": 0.39}, {0}),
        ({"top_p": 0.41}, {0, 2}),
        ({"top_p": 0.69}, {0, 2}),
        ({"top_p": 0.71}, {0, 2, 3}),
        ({"top_p": 0.84}, {0, 2, 3}),
        ({"top_p": 1.0}, {0, 1, 2, 3, 4}),
        ({"top_p": 1e-9}, {0}),
        ({"top_k": 2, "top_p": 0.5}, {0}),  # 0.4 of 0.7 already is more than half
        ({"top_k": 2, "top_p": 0.6}, {0, 2}),
    ],
)
def test_top_k_and_top_p_keep_the_right_tokens(options, kept):
    p = next_token_probabilities(LOGITS, **options)
    assert set(np.flatnonzero(p)) == kept
    expected = np.where(np.isin(np.arange(5), list(kept)), np.exp(LOGITS), 0)
    np.testing.assert_allclose(p, expected / expected.sum(), rtol=1e-12)


@settings(deadline=None)
@given(
    seed=st.integers(0, 10**6),
    t=st.floats(0, 100),
    k=st.none() | st.integers(1, 12),
    p=st.floats(0.01, 1),
    V=st.integers(2, 9),
)
def test_next_token_probabilities_are_a_distribution_on_a_smallest_set(seed, t, k, p, V):
    logits = np.random.default_rng(seed).normal(0, 3, V)
    q = next_token_probabilities(logits, t, k, p)
    assert q.sum() == pytest.approx(1, abs=1e-12)
    assert (q >= 0).all()
    assert q[logits.argmax()] == q.max() > 0
    whole = next_token_probabilities(logits, t, k)
    kept = whole[q > 0]
    assert kept.sum() >= p - 1e-12
    assert kept.sum() - kept.min() < p + 1e-12


def test_generation_draws_from_the_probabilities_it_reports():
    config, theta, _ = model(context=40)
    made = generate(theta, config, [3], 40, temperature=1.3, top_k=4, seed=5)
    assert len(made.tokens) == 41
    np.testing.assert_array_equal(
        made.tokens, generate(theta, config, [3], 40, temperature=1.3, top_k=4, seed=5).tokens
    )
    assert (made.tokens != generate(theta, config, [3], 40, temperature=1.3, top_k=4, seed=6).tokens).any()
    assert (made.probabilities[np.arange(40), made.tokens[1:]] > 0).all()
    np.testing.assert_allclose(made.model_probabilities, softmax(made.logits))
    np.testing.assert_allclose(made.attention.sum(axis=-1), 1, rtol=1e-5)
    assert (made.attention[0, :, :, 1:] == 0).all()
    greedy = generate(theta, config, [3], 40, temperature=0)
    np.testing.assert_array_equal(greedy.tokens[1:], greedy.logits.argmax(axis=1))


def test_tokens_are_drawn_as_often_as_they_are_likely():
    config, theta, _ = model(context=2)
    drawn = [generate(theta, config, [3], 1, seed=seed).tokens[1] for seed in range(1000)]
    p = generate(theta, config, [3], 1).probabilities[0]
    counts = np.bincount(drawn, minlength=7)
    assert ((counts - 1000 * p) ** 2 / (1000 * p)).sum() < 22.5  # χ², 6 degrees of freedom, 0.999


class Counted(np.ndarray):
    """An array that counts the multiplications of the matrix products it takes part in."""

    total = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        plain = [x.view(np.ndarray) if isinstance(x, Counted) else x for x in inputs]
        if out is not None:
            options["out"] = tuple(x.view(np.ndarray) if isinstance(x, Counted) else x for x in out)
        result = getattr(ufunc, method)(*plain, **options)
        if ufunc is np.matmul:
            Counted.total += result.size * plain[0].shape[-1]
        return result.view(Counted)


@pytest.mark.parametrize("cached", [True, False])
def test_multiplications_are_those_that_generation_makes(cached, monkeypatch):
    # let the counting array through where NumPy would make a plain one of it
    monkeypatch.setattr(transformer.np, "asarray", np.asanyarray)
    monkeypatch.setattr(transformer, "softmax", lambda z: softmax(z).view(Counted))
    config, theta, _ = model(context=12, layers=2, heads=2, mlp_ratio=3)
    Counted.total = 0
    generate(theta.view(Counted), config, [1, 2, 3], 9, cached=cached)
    cost = generation_cost(config, 3, 9)
    assert Counted.total == (cost.cached if cached else cost.uncached).sum()
    assert cost.length.tolist() == list(range(3, 12))
    last = generate(theta, config, [1, 2, 3], 9).tokens[:-1]
    assert sum(k.size + v.size for k, v in forward(theta, config, [last]).cache) == cost.cache_size[-1]


# --- Tasks and training -------------------------------------------------------------------------------------


def film(task, config=None, **options):
    return train_task(task, config or Config(len(task.symbols), task.context), **options)


def test_samples_are_what_the_task_says():
    for name in transformer.TASKS:
        task = Task(name, 4, 6)
        (tokens, targets, positions), source = task.sample(50, np.random.default_rng(0))
        assert tokens.shape == (50, task.context)
        assert targets.shape == source.shape == (50, 4)
        np.testing.assert_array_equal(np.take_along_axis(tokens, source, axis=1), targets)
        for row, answers in zip(tokens, targets, strict=True):
            line = [task.symbols[t] for t in row] + [task.symbols[answers[-1]]]
            given = [task.symbols[t] for t in answers]
            assert [line[p + 1] for p in positions] == given
            if name == "recall":
                pairs = dict(zip(line[:8:2], line[1:8:2], strict=True))
                assert len(pairs) == 4
                assert sorted(line[8::2]) == sorted(pairs)
                assert [pairs[key] for key in line[8::2]] == given
            else:
                assert line[4] == "|"
                assert given == (line[:4] if name == "copying" else line[3::-1])


def test_reversal_is_learnt_in_a_hundred_steps_by_attention_to_the_mirrored_letter():
    task = Task("reversal", 10, 10)
    done = film(task, n_checkpoints=11, seed=1)
    assert done.steps.tolist() == list(range(0, 101, 10))
    assert done.accuracy[0] == 0
    assert done.accuracy[-1] >= 0.97
    assert done.on_source[-1, 0, 0] >= 0.97
    assert done.loss[0] > 2
    assert done.loss[-1] < 0.05
    np.testing.assert_array_equal(done.accuracy, done.seen_accuracy)
    np.testing.assert_array_equal(done.answers[-1], done.targets)
    weights = done.attention[-1, 0, 0][done.positions, done.source]
    assert weights.mean() == pytest.approx(done.on_source[-1, 0, 0], abs=0.05)
    np.testing.assert_allclose(done.attention.sum(axis=-1), 1, rtol=1e-5)
    assert done.diverged_at is None
    fresh = task.sample(200, np.random.default_rng(99)).batch
    logits = forward(done.theta, done.config, fresh.tokens, fresh.positions).logits
    assert (logits.argmax(axis=2) == fresh.targets).all(axis=1).mean() > 0.95


def test_recall_is_learnt_by_a_head_of_the_second_layer():
    task = Task("recall", 4, 8)
    config = Config(len(task.symbols), task.context, layers=2, positions="sinusoidal")
    done = film(task, config, n_steps=300, lr=0.003, plan=Schedule("warmup"), n_checkpoints=4, seed=0)
    assert done.accuracy[-1] >= 0.95
    assert done.on_source[-1, 1, 0] > 0.9 > done.on_source[-1, 0, 0]


def test_without_mask_training_looks_perfect_and_answering_fails():
    task = Task("copying", 6, 8)
    done = film(task, Config(len(task.symbols), task.context, causal=False), n_steps=150, n_checkpoints=3)
    assert done.seen_accuracy[-1] > done.accuracy[-1] + 0.3


def test_accuracy_is_that_of_answering_one_by_one():
    task = Task("copying", 3, 3)
    for causal in (True, False):
        config = Config(len(task.symbols), task.context, causal=causal)
        done = film(task, config, n_steps=25, n_checkpoints=2, n_test=20)
        test_rng = np.random.default_rng(np.random.SeedSequence(0).spawn(2)[1])
        tokens, targets, _ = task.sample(20, test_rng).batch
        right = 0
        for row, answers in zip(tokens, targets, strict=True):
            made = generate(done.theta, config, row[:4], 3, temperature=0, cached=causal).tokens
            right += np.array_equal(made[4:], answers)
        assert done.accuracy[-1] == pytest.approx(right / 20)


def test_a_film_is_reproducible_and_can_be_stopped():
    task = Task("copying", 4, 5)
    one, two, other = (film(task, n_steps=12, n_checkpoints=4, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.theta, two.theta)
    np.testing.assert_array_equal(one.attention, two.attention)
    assert (one.theta != other.theta).any()
    films = filmed_training(task, one.config, n_steps=12, n_checkpoints=4, seed=1)
    *_, stopped = islice(films, 3)
    assert stopped.steps.tolist() == [0, 4, 8]
    assert stopped.diverged_at is None
    assert len(stopped.train_loss) == 8
    np.testing.assert_array_equal(stopped.train_loss, one.train_loss[:8])
    np.testing.assert_array_equal(stopped.attention, one.attention[:3])
    (rest,) = films  # and it can go on
    np.testing.assert_array_equal(rest.theta, one.theta)
    np.testing.assert_array_equal(rest.train_loss, one.train_loss)


def test_divergence_is_a_result():
    task = Task("copying", 4, 5)
    config = Config(len(task.symbols), task.context, layers=4, layer_norm=False, residual=False, scale=False)
    done = film(task, config, n_steps=200, lr=1e9, plan=Schedule(), n_checkpoints=50)
    assert done.diverged_at == len(done.train_loss) + 1
    for array in (done.theta, done.train_loss, done.loss, done.attention):
        assert np.isfinite(array).all()


def test_the_longest_run_allowed_is_bounded():
    task = Task("recall", 16, 20)
    config = Config(len(task.symbols), task.context, 256, layers=8)
    most = most_steps(config, 256)
    assert most * 3 * 256 * multiplications(config, 63, 63) <= transformer.MAX_MULTIPLICATIONS
    with pytest.raises(ValueError, match="n_steps"):
        film(task, config, n_steps=most + 1, batch_size=256)
    assert most_steps(Config(11, 20), 32) > 1000


# --- The language model -------------------------------------------------------------------------------------


def test_the_shipped_model_fits_the_shipped_text():
    with np.load(ROOT / "pages" / "content" / "language_model.npz") as arrays:
        shipped = LanguageModel.unpacked(arrays)
        again = LanguageModel.unpacked(shipped.packed()).theta
    np.testing.assert_array_equal(shipped.theta, again)
    assert set(shipped.alphabet) >= set(CORPUS)
    assert shipped.loss(CORPUS[:5000]) < 1.15
    assert shipped.loss(CORPUS[len(CORPUS) * 9 // 10 :]) < 1.4  # never trained on; chance is ln 53 = 3.97
    text = "The owl said, "
    assert shipped.decode(shipped.encode(text)) == text
    words = set(CORPUS.split())
    made = generate(shipped.theta, shipped.config, shipped.encode("The fox "), 100, temperature=0.3, seed=0)
    whole = shipped.decode(made.tokens).split()[:-1]
    assert np.mean([word in words for word in whole]) > 0.85


def test_the_corpus_is_plain_text():
    assert CORPUS.isascii()
    assert 20_000 < len(CORPUS) < 40_000


def test_training_a_language_model_lowers_the_loss_and_can_be_stopped():
    options = {"context": 16, "width": 16, "n_steps": 40, "batch_size": 8}
    trained, losses = train_language_model(CORPUS[:2000], **options, seed=1)
    again, _ = train_language_model(CORPUS[:2000], **options, seed=1)
    np.testing.assert_array_equal(trained.theta, again.theta)
    assert losses[-5:].mean() < losses[:5].mean() - 0.5
    assert trained.loss(CORPUS[:2000]) < losses[0]
    _, few = train_language_model(CORPUS[:2000], **options, seed=1, progress=lambda step, loss: step < 3)
    np.testing.assert_array_equal(few, losses[:3])


def test_weight_decay_shrinks_every_weight_by_its_share():
    config, theta, tokens = model()
    batch = Batch(tokens, tokens, np.arange(6))
    (plain, _), (decayed, _) = (next(training(theta, config, [batch], [0.01], decay)) for decay in (0.0, 0.5))
    np.testing.assert_allclose(plain - decayed, 0.01 * 0.5 * theta, rtol=0, atol=1e-15)


def test_loss_of_a_text_is_the_mean_over_its_characters():
    trained, _ = train_language_model(CORPUS[:500], context=8, width=8, heads=1, n_steps=2)
    text = CORPUS[:41]
    tokens = trained.encode(text)
    total = [
        -np.log(softmax(forward(trained.theta, trained.config, [tokens[i : i + 8]]).logits[0])[j, tokens[i + j + 1]])
        for i in range(0, 40, 8)
        for j in range(8)
    ]
    assert trained.loss(text) == pytest.approx(np.mean(total), rel=1e-5)


# --- Errors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Config(7, 6, 8, heads=3), "multiple of heads"),
        (lambda: Config(7, 6, 7, positions="sinusoidal"), "an even one is allowed"),
        (lambda: Config(7, 6, positions="rotary"), "positions is 'rotary': one of sinusoidal, learnt, none is allowed"),
        (lambda: Config(7, 6, activation="tanh"), "activation is 'tanh'"),
        (lambda: Config(7, 6, layers=0), "layers is 0: a whole number from 1 to 8 is allowed"),
        (lambda: Config(7, 6, heads=2.0), "whole number"),
        (lambda: attention(np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4))), "shapes .* are allowed"),
        (lambda: attention(np.ones(3), np.ones((2, 3)), np.ones((2, 3))), "shapes .* are allowed"),
        (lambda: attention(*np.ones((3, 2, 2)), np.zeros((2, 2))), "a boolean one"),
        (lambda: Task("sorting"), "task is 'sorting'"),
        (lambda: Task("recall", 9, 8), "the number of letters, 8, is allowed"),
        (lambda: Task("copying", 99), "length is 99"),
        (lambda: entropy_study([0]), "d is 0"),
        (lambda: entropy_study([]), "number of d values"),
        (lambda: word_vectors([], 3), "number of words"),
        (lambda: next_token_probabilities(LOGITS, -1), "temperature"),
        (lambda: next_token_probabilities(LOGITS, math.nan), "temperature"),
        (lambda: next_token_probabilities(LOGITS, top_p=0), "top_p"),
        (lambda: next_token_probabilities(LOGITS, top_k=0), "top_k"),
        (lambda: film(Task(), Config(5, 20)), "vocabulary 11"),
        (lambda: film(Task(), n_checkpoints=61), "n_checkpoints"),
        (lambda: film(Task(), lr=-1), "lr is -1"),
        (lambda: generation_cost(Config(5, 20), 15, 7), "n_tokens"),
        (lambda: train_language_model("short", context=16), "text's length"),
        (lambda: train_language_model("long enough", context=3, weight_decay=-1), "weight_decay"),
        (lambda: LanguageModel(Config(2, 5), np.zeros(1), "ab").encode("abc"), "does not know 'c'"),
    ],
)
def test_anything_out_of_range_is_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("tokens", [[1, 2], [[7]], [[-1]], [[]], [[0] * 7]])
def test_tokens_are_checked(tokens):
    config, theta, _ = model()
    with pytest.raises(ValueError, match=r"tokens (have|run) .* allowed"):
        forward(theta, config, np.array(tokens, dtype=int))


@pytest.mark.parametrize("targets", [[-1], [3], [[0]], [0, 1], [0.0], []])
def test_targets_are_checked(targets):
    with pytest.raises(ValueError, match=r"targets (have|run) .* allowed"):
        cross_entropy(np.zeros((1, 3)), targets)


@pytest.mark.parametrize("positions", [[6], [-7], [0.5], [[0]]])
def test_positions_are_checked(positions):
    config, theta, tokens = model()
    with pytest.raises(ValueError, match="positions are"):
        forward(theta, config, tokens, positions)


# --- The ends of the range ----------------------------------------------------------------------------------


@pytest.mark.parametrize("positions", [[2, 2], [0, 3, 0, -1], [5, 4, 3, 2, 1, 0, 5]])
def test_a_position_that_is_asked_for_twice_adds_both_gradients(positions):
    config, theta, tokens = model(width=2)
    targets = np.arange(3 * len(positions)).reshape(3, -1) % config.vocabulary
    _, gradient = transformer.loss_and_gradient(theta, config, tokens, targets, positions)
    numeric = slope(lambda x: transformer.loss_and_gradient(x, config, tokens, targets, positions)[0], theta)
    np.testing.assert_allclose(gradient, numeric, rtol=0, atol=1e-8)


@pytest.mark.parametrize("width", [1, 4, 5, 7])
def test_sinusoids_of_any_width(width):
    table = transformer.sinusoidal_positions(4, width)
    assert table.shape == (4, width)
    for t in range(4):
        for i in range(width):
            angle = t / 10000 ** (2 * (i // 2) / width)
            assert table[t, i] == pytest.approx(math.cos(angle) if i % 2 else math.sin(angle), abs=1e-15)


def test_top_p_keeps_as_few_as_reach_it():
    np.testing.assert_allclose(next_token_probabilities(np.log([0.5, 0.3, 0.2]), top_p=0.8), [0.625, 0.375, 0])


@given(st.lists(st.integers(1, 20), min_size=1, max_size=12), st.data())
def test_top_p_is_exact_where_the_probabilities_are_shares(counts, data):
    shares = [Fraction(count, sum(counts)) for count in counts]
    reached = list(accumulate(sorted(shares, reverse=True)))
    kept = data.draw(st.integers(1, len(shares)))
    p = next_token_probabilities(np.log([float(share) for share in shares]), top_p=float(reached[kept - 1]))
    assert np.count_nonzero(p) == kept


def test_loss_of_a_text_in_groups_of_unequal_size():
    trained, _ = train_language_model(CORPUS[:500], context=8, width=8, heads=1, n_steps=2)
    text = CORPUS[: 8 * 19 + 1]  # 19 windows, in groups of 10 and 9
    tokens = trained.encode(text)
    windows = np.arange(0, 8 * 19, 8)[:, None] + np.arange(8)
    each = cross_entropy(forward(trained.theta, trained.config, tokens[windows]).logits, tokens[windows + 1])[0]
    assert trained.loss(text) == pytest.approx(each, rel=1e-6)


def test_lists_are_taken():
    np.testing.assert_array_equal(softmax([1, 2]), softmax(np.array([1.0, 2.0])))
    loss, gradient = cross_entropy([[1, 2, 3]], [2])
    assert loss == pytest.approx(-math.log(softmax([1, 2, 3])[2]))
    np.testing.assert_allclose(gradient, [softmax([1, 2, 3]) - [0, 0, 1]])
