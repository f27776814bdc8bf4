"""Adam: one step with its state passed explicitly, then the walk along a stack of gradients."""

import numpy as np

from mlcore import optimizers
from pages.practice.challenge import Probe

RNG = np.random.default_rng(7)
USUAL = (0.9, 0.999, 1e-8)  # β₁, β₂, ε


def adam_step(theta, g, m, v, t, lr, beta1, beta2, eps):
    """One step of Adam (Kingma and Ba 2015, algorithm 1); t counts the steps taken before."""
    theta, (m, v, t), _ = optimizers.adam(theta, g, (m, v, t), lr, beta1, beta2, eps)
    return theta, m, v, t


def walk(step, theta, gradients, lr, beta1, beta2, eps):
    """The parameters after each step from a state of zeros, (steps, n)."""
    m, v, t = np.zeros_like(theta), np.zeros_like(theta), 0
    path = []
    for g in gradients:
        theta, m, v, t = step(theta, g, m, v, t, lr, beta1, beta2, eps)
        path.append(theta)
    return np.array(path)


def adam(theta, gradients, lr, beta1, beta2, eps):
    """The parameters after each step from a state of zeros, (steps, n)."""
    return walk(adam_step, theta, gradients, lr, beta1, beta2, eps)


REFERENCE = {"adam_step": adam_step, "adam": adam}


def first_step_has_length_lr(path, theta, gradients, lr, *_):
    """Corrected, the first step is lr in every coordinate, against the gradient's sign, whatever its size."""
    path = np.asarray(path, dtype=float)
    if path.shape != gradients.shape:
        return f"The shape is {path.shape}; {gradients.shape} was expected."
    moved = path[0] - theta
    if not np.isfinite(moved).all():
        return "The first step is not finite."
    worst = np.argmax(np.abs(moved + lr * np.sign(gradients[0])))
    if abs(moved[worst] + lr * np.sign(gradients[0][worst])) <= 1e-4 * lr:
        return ""
    return (
        f"With a gradient of {gradients[0][worst]:g} the first step is {moved[worst]:.4g}; it must be "
        f"{-lr * np.sign(gradients[0][worst]):g}, ±lr for a gradient of any size."
    )


def memoryless_is_sign_descent(path, theta, gradients, lr, beta1, beta2, eps):
    """With β₁ = β₂ = 0 nothing is remembered: each step is lr g / (|g| + ε)."""
    path = np.asarray(path, dtype=float)
    want = theta - lr * np.cumsum(gradients / (np.abs(gradients) + eps), axis=0)
    if path.shape != want.shape:
        return f"The shape is {path.shape}; {want.shape} was expected."
    if np.allclose(path, want, rtol=1e-9, atol=1e-12):
        return ""
    return "With β₁ = β₂ = 0 every step must be lr g / (|g| + ε), and these are not."


THETA, G = RNG.normal(size=3).round(2), np.array([0.5, -2.0, 0.01])
M, V = RNG.normal(0, 0.3, 3).round(2), RNG.uniform(0.1, 1, 3).round(2)
ZERO = np.zeros(3)
COLUMNS = np.stack(  # each coordinate has a history of its own
    [np.ones(12), np.full(12, 1e-7), np.where(np.arange(12) < 3, 1.0, 0.0), np.where(np.arange(12) == 4, 100.0, 0.1)],
    axis=1,
)

PROBES = [
    Probe("the first step, from zero state", (THETA, G, ZERO, ZERO, 0, 0.1, *USUAL)),
    Probe("a later step, after nine", (THETA, G, M, V, 9, 0.1, *USUAL)),
    Probe(
        "parameters in a matrix",
        (RNG.normal(size=(2, 2)).round(2), RNG.normal(size=(2, 2)).round(2), *np.zeros((2, 2, 2)), 0, 0.1, *USUAL),
    ),
    Probe("gradients of 0 from the start: nothing may move", (THETA, ZERO, ZERO, ZERO, 0, 0.1, *USUAL)),
    Probe("gradients as small as ε", (ZERO, np.array([1e-7, 1e-8, -1e-9]), ZERO, ZERO, 0, 0.1, *USUAL)),
    Probe("other β₁, β₂ and a large ε", (THETA, G, M, V, 2, 0.05, 0.6, 0.9, 0.1)),
    Probe(
        "twelve steps: gradients of 1, of 1e-7, gone after three, one of 100 among 0.1",
        (np.array([1.0, 1.0, 1.0, 1.0]), COLUMNS, 0.1, *USUAL),
        function="adam",
    ),
    Probe(
        "twelve steps along noisy gradients", (THETA, RNG.normal(size=(12, 3)).round(2), 0.01, *USUAL), function="adam"
    ),
    Probe(
        "the first step has length lr, for gradients from 0.001 to 1000",
        (np.zeros(3), np.array([[1e-3, -1.0, 1e3], [1.0, 1.0, 1.0]]), 0.1, *USUAL),
        function="adam",
        judge=first_step_has_length_lr,
    ),
    Probe(
        "β₁ = β₂ = 0 is descent by the sign",
        (np.zeros(2), RNG.normal(size=(4, 2)).round(2), 0.1, 0.0, 0.0, 1e-8),
        function="adam",
        judge=memoryless_is_sign_descent,
    ),
    Probe("a single step", (np.array([2.0]), np.array([[3.0]]), 0.5, *USUAL), function="adam"),
]


def no_correction(theta, g, m, v, t, lr, beta1, beta2, eps):
    """The bias correction is missing: m and v start at 0 and are pulled towards it. So the first step is (1 − β₁) / √(1
    − β₂) times what it should be: 3.16 times at the usual values. Divide m by 1 − β₁ᵗ and v by 1 − β₂ᵗ."""
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    return theta - lr * m / (np.sqrt(v) + eps), m, v, t + 1


def corrected(m, v, t, beta1, beta2):
    """m̂ and v̂ after t steps."""
    return m / (1 - beta1**t), v / (1 - beta2**t)


def only_m_corrected(theta, g, m, v, t, lr, beta1, beta2, eps):
    """Only m is corrected for its bias. But v starts at 0 too, and with β₂ = 0.999 it is far too small for hundreds of
    steps. The first one is 31.6 times too long: use v / (1 − β₂ᵗ)."""
    m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2, t + 1
    return theta - lr * corrected(m, v, t, beta1, beta2)[0] / (np.sqrt(v) + eps), m, v, t


def only_v_corrected(theta, g, m, v, t, lr, beta1, beta2, eps):
    """Only v is corrected for its bias. m starts at 0 too: the first step is 1 − β₁ of what it should be. Use
    m / (1 − β₁ᵗ)."""
    m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2, t + 1
    return theta - lr * m / (np.sqrt(corrected(m, v, t, beta1, beta2)[1]) + eps), m, v, t


def eps_inside_the_root(theta, g, m, v, t, lr, beta1, beta2, eps):
    """ε stands inside the root. √(v̂ + 1e-8) is never below 1e-4, so coordinates whose gradients are smaller than that
    hardly move; Adam adds ε to the root: √v̂ + ε."""
    m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2, t + 1
    m_hat, v_hat = corrected(m, v, t, beta1, beta2)
    return theta - lr * m_hat / np.sqrt(v_hat + eps), m, v, t


def eps_before_the_correction(theta, g, m, v, t, lr, beta1, beta2, eps):
    """ε is added to √v before the correction. The paper has that shorter form too, lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v
    + ε̂), but its ε̂ is another constant. With the same number, ε weighs 1 / √(1 − β₂) times as much at the first step.
    Correct first, then √v̂ + ε."""
    m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2, t + 1
    rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return theta - rate * m / (np.sqrt(v) + eps), m, v, t


def no_eps(theta, g, m, v, t, lr, beta1, beta2, eps):
    """ε is missing: a parameter that has had no gradient yet has m̂ = v̂ = 0, and 0 / 0 is nan for ever after. Divide
    by √v̂ + ε."""
    m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2, t + 1
    m_hat, v_hat = corrected(m, v, t, beta1, beta2)
    return theta - lr * m_hat / np.sqrt(v_hat), m, v, t


def counted_afterwards(theta, g, m, v, t, lr, beta1, beta2, eps):
    """The correction uses the number of steps before this one: at the first, 1 − β⁰ = 0, a division by zero. Count
    first (t = t + 1), then correct: the first step has t = 1."""
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = corrected(m, v, np.float64(t), beta1, beta2)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, t + 1


def no_power(theta, g, m, v, t, lr, beta1, beta2, eps):
    """You divide by 1 − β at every step: that is right for the first only. After t steps m holds 1 − β₁ᵗ of the
    gradients' weight, and v 1 − β₂ᵗ."""
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = corrected(m, v, 1, beta1, beta2)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, t + 1


def not_counted(theta, g, m, v, t, lr, beta1, beta2, eps):
    """You return the t that came in: the next step corrects as if it were the first again, and the steps grow too
    long. Return t + 1."""
    theta, m, v, _ = adam_step(theta, g, m, v, t, lr, beta1, beta2, eps)
    return theta, m, v, t


def corrected_state(theta, g, m, v, t, lr, beta1, beta2, eps):
    """You return the corrected m̂ and v̂ as the state, so the next step averages and corrects them once more. Keep m and
    v as they are; m̂ and v̂ serve this step alone."""
    theta, m, v, t = adam_step(theta, g, m, v, t, lr, beta1, beta2, eps)
    return theta, *corrected(m, v, t, beta1, beta2), t


def g_not_squared(theta, g, m, v, t, lr, beta1, beta2, eps):
    """v averages g, not g²: its root has no meaning, and is nan where the mean is negative. Use g * g."""
    m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g, t + 1
    m_hat, v_hat = corrected(m, v, t, beta1, beta2)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, t


def no_root(theta, g, m, v, t, lr, beta1, beta2, eps):
    """You divide by v̂, not by its root: the step then has the unit 1 / gradient, and small gradients give huge steps.
    Divide by √v̂ + ε."""
    m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2, t + 1
    m_hat, v_hat = corrected(m, v, t, beta1, beta2)
    return theta - lr * m_hat / (v_hat + eps), m, v, t


def sums_instead_of_means(theta, g, m, v, t, lr, beta1, beta2, eps):
    """The new gradient enters m and v without its factor: they must be running means, β₁ m + (1 − β₁) g and
    β₂ v + (1 − β₂) g²."""
    m, v, t = beta1 * m + g, beta2 * v + g**2, t + 1
    m_hat, v_hat = corrected(m, v, t, beta1, beta2)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, t


def betas_swapped(theta, g, m, v, t, lr, beta1, beta2, eps):
    """β₁ and β₂ are swapped: β₁ (0.9) belongs to m, the mean of the gradients, and β₂ (0.999) to v, that of their
    squares."""
    return adam_step(theta, g, m, v, t, lr, beta2, beta1, eps)


def beta2_for_both(theta, g, m, v, t, lr, beta1, beta2, eps):
    """You use β₂ for m as well: β₁ (0.9) belongs to m, the mean of the gradients."""
    return adam_step(theta, g, m, v, t, lr, beta2, beta2, eps)


def no_correction_and_eps_inside(theta, g, m, v, t, lr, beta1, beta2, eps):
    """The bias correction is missing, and ε stands inside the root. Divide m by 1 − β₁ᵗ and v by 1 − β₂ᵗ, and add ε to
    the root: √v̂ + ε."""
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    return theta - lr * m / np.sqrt(v + eps), m, v, t + 1


def g_for_m_hat(theta, g, m, v, t, lr, beta1, beta2, eps):
    """The step goes along the present gradient: that is RMSProp, without Adam's momentum. Use m̂ in the numerator."""
    _, m, v, t = adam_step(theta, g, m, v, t, lr, beta1, beta2, eps)
    return theta - lr * g / (np.sqrt(corrected(m, v, t, beta1, beta2)[1]) + eps), m, v, t


def uphill(theta, g, m, v, t, lr, beta1, beta2, eps):
    """The step goes up the gradient: subtract it from theta."""
    new, m, v, t = adam_step(theta, g, m, v, t, lr, beta1, beta2, eps)
    return 2 * theta - new, m, v, t


def one_array_for_all(theta, gradients, lr, beta1, beta2, eps):
    """Every row of the path is the same, the last. A list that holds one array many times over gives this: `-=` or
    `theta[:] = …` changes it under all of them. Make a new array at each step (`theta = theta - …`) or append a
    copy."""
    path = adam(theta, gradients, lr, beta1, beta2, eps)
    return np.repeat(path[-1:], len(path), axis=0)


def changes_only(theta, gradients, lr, beta1, beta2, eps):
    """Each row holds what the step adds, not the parameters after it: add it to those of the step before."""
    return np.diff(np.vstack([theta, adam(theta, gradients, lr, beta1, beta2, eps)]), axis=0)


def start_for_end(theta, gradients, lr, beta1, beta2, eps):
    """The path holds the parameters before each step; those after it were asked for. Append once the step is done."""
    return np.vstack([theta, adam(theta, gradients, lr, beta1, beta2, eps)[:-1]])


def with_start(theta, gradients, lr, beta1, beta2, eps):
    """The path begins with the start, and so has a row too many: one row for each gradient was asked for."""
    return np.vstack([theta, adam(theta, gradients, lr, beta1, beta2, eps)])


def counted_twice(theta, gradients, lr, beta1, beta2, eps):
    """The path is corrected as if every step were one later. This happens if `adam` starts with t = 1 and `adam_step`
    counts the step once more: its t is the number of steps taken before, 0 at the start."""
    m, v, t, path = np.zeros_like(theta), np.zeros_like(theta), 1, []
    for g in gradients:
        theta, m, v, t = adam_step(theta, g, m, v, t, lr, beta1, beta2, eps)
        path.append(theta)
    return np.array(path)


def state_lost(theta, gradients, lr, beta1, beta2, eps):
    """The state is not handed on: m, v and t begin at zero in every step, so each is a first step of length lr. Put
    them before the loop, and take what the step returns."""
    path = []
    for g in gradients:
        theta = adam_step(theta, g, np.zeros_like(g), np.zeros_like(g), 0, lr, beta1, beta2, eps)[0]
        path.append(theta)
    return np.array(path)


def _in_both(step):
    """A wrong step, and the walk that takes it."""
    return {"adam_step": step, "adam": lambda *args: walk(step, *args)}


MISTAKES = [
    *(
        _in_both(step)
        for step in (
            no_correction,
            only_m_corrected,
            only_v_corrected,
            eps_inside_the_root,
            eps_before_the_correction,
            no_eps,
            counted_afterwards,
            no_power,
            not_counted,
            corrected_state,
            g_not_squared,
            no_root,
            sums_instead_of_means,
            betas_swapped,
            beta2_for_both,
            no_correction_and_eps_inside,
            g_for_m_hat,
            uphill,
        )
    ),
    *(
        {"adam": wrong}
        for wrong in (one_array_for_all, changes_only, start_for_end, with_start, counted_twice, state_lost)
    ),
]
