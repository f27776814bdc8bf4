"""SGD with momentum, and with Nesterov's: one step of each, then a walk down a quadratic bowl."""

import numpy as np

from mlcore import optimizers
from pages.practice.challenge import Probe

RNG = np.random.default_rng(8)


def momentum_step(theta, g, m, lr, mu):
    """m ← μ m + g, θ ← θ − lr m (Polyak 1964, in torch's form)."""
    theta, m, _ = optimizers.momentum(theta, g, m, lr, mu)
    return theta, m


def nesterov_step(theta, g, m, lr, mu):
    """m ← μ m + g, θ ← θ − lr (g + μ m) (Nesterov 1983, in torch's form)."""
    theta, m, _ = optimizers.nesterov(theta, g, m, lr, mu)
    return theta, m


def walk(steps, A, theta, lr, mu, n_steps, method):
    """The path down ½ θᵀ A θ by one of two step functions, the start included."""
    path, m = [theta], np.zeros_like(theta)
    for _ in range(n_steps):
        theta, m = steps[method](theta, A @ theta, m, lr, mu)
        path.append(theta)
    return np.array(path)


def descend(A, theta, lr, mu, n_steps, method):
    """The path down ½ θᵀ A θ, (n_steps + 1, n); method: "momentum" or "nesterov"."""
    return walk({"momentum": momentum_step, "nesterov": nesterov_step}, A, theta, lr, mu, n_steps, method)


REFERENCE = {"momentum_step": momentum_step, "nesterov_step": nesterov_step, "descend": descend}


def differs(path, want):
    """Where a path first leaves the one wanted."""
    path = np.asarray(path, dtype=float)
    if path.shape != want.shape:
        return f"The shape is {path.shape}; {want.shape} was expected."
    off = ~np.isclose(path, want, rtol=1e-8, atol=1e-10).all(axis=1)
    if not off.any():
        return ""
    at = int(np.argmax(off))
    return f"After {at} steps the point is {np.round(path[at], 5)}; {np.round(want[at], 5)} was expected."


def is_plain_descent(path, A, theta, lr, mu, n_steps, method):
    """Without momentum the step is a fixed linear map: θ_k = (I − lr A)ᵏ θ₀."""
    map_ = np.eye(len(theta)) - lr * A
    return differs(path, np.array([np.linalg.matrix_power(map_, k) @ theta for k in range(n_steps + 1)]))


def is_heavy_ball(path, A, theta, lr, mu, n_steps, method):
    """Polyak's form without a buffer: θ_{k+1} = θ_k − lr A θ_k + μ (θ_k − θ_{k−1})."""
    want = [theta, theta - lr * A @ theta]
    for _ in range(n_steps - 1):
        want.append(want[-1] - lr * A @ want[-1] + mu * (want[-1] - want[-2]))
    return differs(path, np.array(want))


def looks_ahead(path, A, theta, lr, mu, n_steps, method):
    """Sutskever's form: v ← μ v − lr ∇f(x + μ v), x ← x + v; the path is that of the look-ahead points x + μ v."""
    x, v, want = theta, np.zeros_like(theta), [theta]
    for _ in range(n_steps):
        v = mu * v - lr * A @ (x + mu * v)
        x = x + v
        want.append(x + mu * v)
    return differs(path, np.array(want))


THETA, G, M = RNG.normal(size=(3, 3)).round(2)
RAVINE = np.diag([1.0, 0.05])
TILTED = np.array([[1.0, 0.4], [0.4, 0.5]])
START = np.array([1.0, -2.0])
PROBES = [
    Probe("a step of momentum from rest", (THETA, G, np.zeros(3), 0.1, 0.9)),
    Probe("a step of momentum on the move", (THETA, G, M, 0.1, 0.9)),
    Probe("momentum where the gradient is 0: it rolls on", (THETA, np.zeros(3), M, 0.1, 0.9)),
    Probe("a step of Nesterov from rest", (THETA, G, np.zeros(3), 0.1, 0.9), function="nesterov_step"),
    Probe(
        "a step of Nesterov on the move, in a matrix",
        (*RNG.normal(size=(3, 2, 2)).round(2), 0.05, 0.6),
        function="nesterov_step",
    ),
    Probe("Nesterov with μ = 0 is plain descent", (THETA, G, M, 0.1, 0.0), function="nesterov_step"),
    Probe("ten steps of momentum in a ravine", (RAVINE, START, 0.5, 0.9, 10, "momentum"), function="descend"),
    Probe("ten steps of Nesterov in a ravine", (RAVINE, START, 0.5, 0.9, 10, "nesterov"), function="descend"),
    Probe(
        "momentum, with no buffer but the last two points",
        (TILTED, START, 0.3, 0.8, 8, "momentum"),
        function="descend",
        judge=is_heavy_ball,
    ),
    Probe(
        "Nesterov takes the gradient at the look-ahead point",
        (TILTED, START, 0.3, 0.8, 8, "nesterov"),
        function="descend",
        judge=looks_ahead,
    ),
    Probe(
        "μ = 0 is plain descent",
        (TILTED, START, 0.3, 0.0, 6, "momentum"),
        function="descend",
        judge=is_plain_descent,
    ),
    Probe("no step at all: the start alone", (TILTED, START, 0.3, 0.9, 0, "nesterov"), function="descend"),
]


def mistake(momentum, nesterov=None):
    """A wrong step of momentum, and perhaps of Nesterov, with the walk that takes them."""
    steps = {"momentum_step": momentum, "nesterov_step": nesterov or nesterov_step}
    by_method = {"momentum": steps["momentum_step"], "nesterov": steps["nesterov_step"]}
    return steps | {"descend": lambda *args: walk(by_method, *args)}


def damped(theta, g, m, lr, mu):
    """The gradient enters the buffer times 1 − μ: that is the running mean of Adam, and every step is 1 − μ as long.
    Here the gradient enters whole: m = μ m + g."""
    m = mu * m + (1 - mu) * g
    return theta - lr * m, m


def damped_nesterov(theta, g, m, lr, mu):
    """Nesterov's step with the same buffer."""
    m = mu * m + (1 - mu) * g
    return theta - lr * (g + mu * m), m


def stale(theta, g, m, lr, mu):
    """The step uses the buffer from before this gradient: from rest nothing moves, and each gradient acts one step
    late. Update m first, then move by the new one."""
    return theta - lr * m, mu * m + g


def rate_in_buffer(theta, g, m, lr, mu):
    """The learning rate is inside the buffer: m = μ m + lr g. At a constant rate the path is the same, but a schedule
    that lowers lr no longer slows what has been gathered, and the buffer is not what was asked for. Keep m the sum of
    gradients, and multiply by lr in the step."""
    m = mu * m + lr * g
    return theta - m, m


def rate_in_buffer_nesterov(theta, g, m, lr, mu):
    """Nesterov's step with that buffer."""
    m = mu * m + lr * g
    return theta - (lr * g + mu * m), m


def velocity(theta, g, m, lr, mu):
    """Your buffer is a velocity, v = μ v − lr g, added to θ. That form exists, but here m is the sum of gradients,
    m = μ m + g, and the step is θ − lr m."""
    m = mu * m - lr * g
    return theta + m, m


def velocity_nesterov(theta, g, m, lr, mu):
    """Nesterov's step with a velocity."""
    m = mu * m - lr * g
    return theta + mu * m - lr * g, m


def undamped(theta, g, m, lr, mu):
    """μ is missing in the buffer: m = m + g never forgets, so nothing damps the swing and it never comes to rest. Write
    m = μ m + g."""
    m = m + g
    return theta - lr * m, m


def undamped_nesterov(theta, g, m, lr, mu):
    """Nesterov's step with that buffer."""
    m = m + g
    return theta - lr * (g + mu * m), m


def forgetful(theta, g, m, lr, mu):
    """The buffer that you return is not the new one, so nothing gathers: every step is one from rest. Return the
    updated m."""
    return momentum_step(theta, g, m, lr, mu)[0], m


def forgetful_nesterov(theta, g, m, lr, mu):
    """Nesterov's step that returns the old buffer."""
    return nesterov_step(theta, g, m, lr, mu)[0], m


def uphill(theta, g, m, lr, mu):
    """The step goes up the gradient: subtract lr m from θ."""
    new, m = momentum_step(theta, g, m, lr, mu)
    return 2 * theta - new, m


def uphill_nesterov(theta, g, m, lr, mu):
    """Nesterov's step upwards."""
    new, m = nesterov_step(theta, g, m, lr, mu)
    return 2 * theta - new, m


def no_look_ahead(theta, g, m, lr, mu):
    """Your Nesterov step is plain momentum: θ − lr m (or lr (g + μ m) with the m from before, which is the same). The
    look-ahead is one more push by the new buffer: θ − lr (g + μ m), m being μ m + g already."""
    return momentum_step(theta, g, m, lr, mu)


def no_gradient(theta, g, m, lr, mu):
    """Your Nesterov step moves by μ m alone; the gradient itself is missing: θ − lr (g + μ m)."""
    m = mu * m + g
    return theta - lr * mu * m, m


def no_mu_ahead(theta, g, m, lr, mu):
    """Your Nesterov step adds the whole buffer to the gradient; the look-ahead is shortened by μ: θ − lr (g + μ m).
    With μ = 0 it must be plain descent."""
    m = mu * m + g
    return theta - lr * (g + m), m


def double_look_ahead(A, theta, lr, mu, n_steps, method):
    """`descend` looks ahead twice with Nesterov: the gradient is taken at θ − lr μ m, and the step adds μ m again. In
    this form θ already is the look-ahead point: take the gradient at θ."""
    if method == "momentum":
        return descend(A, theta, lr, mu, n_steps, method)
    path, m = [theta], np.zeros_like(theta)
    for _ in range(n_steps):
        theta, m = nesterov_step(theta, A @ (theta - lr * mu * m), m, lr, mu)
        path.append(theta)
    return np.array(path)


def twice_the_gradient(A, theta, lr, mu, n_steps, method):
    """`descend` uses 2 A θ as the gradient; that of ½ θᵀ A θ with a symmetric A is A θ."""
    return descend(2 * A, theta, lr, mu, n_steps, method)


def elementwise(A, theta, lr, mu, n_steps, method):
    """This is what `A * theta` gives, which multiplies entry by entry and makes a matrix. The gradient is the product
    `A @ theta`."""
    steps = {"momentum": momentum_step, "nesterov": nesterov_step}
    path, m = [theta], np.zeros_like(theta)
    for _ in range(n_steps):
        theta, m = steps[method](theta, A * theta, m, lr, mu)
        path.append(theta)
    return np.array(path)


def restarted(A, theta, lr, mu, n_steps, method):
    """`descend` begins every step with m = 0, so it never gathers speed. Set m to zeros before the loop, and hand on
    the one that the step returns."""
    steps = {"momentum": momentum_step, "nesterov": nesterov_step}
    path = [theta]
    for _ in range(n_steps):
        theta, _ = steps[method](theta, A @ theta, np.zeros_like(theta), lr, mu)
        path.append(theta)
    return np.array(path)


def one_array_for_all(A, theta, lr, mu, n_steps, method):
    """Every row of the path is the same, the last. A list that holds one array many times over gives this: `-=` changes
    it under all of them. Make a new array at each step (`theta = theta - …`) or append a copy."""
    path = descend(A, theta, lr, mu, n_steps, method)
    return np.repeat(path[-1:], len(path), axis=0)


def without_start(A, theta, lr, mu, n_steps, method):
    """The start is missing from the path, which has n_steps + 1 rows."""
    return descend(A, theta, lr, mu, n_steps, method)[1:]


def without_end(A, theta, lr, mu, n_steps, method):
    """The last point is missing from the path: it holds the points before each step. n_steps + 1 rows were asked
    for."""
    return descend(A, theta, lr, mu, n_steps, method)[:-1]


def always_momentum(A, theta, lr, mu, n_steps, method):
    """`descend` takes the step of momentum whatever `method` says."""
    return descend(A, theta, lr, mu, n_steps, "momentum")


MISTAKES = [
    mistake(damped, damped_nesterov),
    mistake(rate_in_buffer, rate_in_buffer_nesterov),
    mistake(velocity, velocity_nesterov),
    mistake(undamped, undamped_nesterov),
    mistake(forgetful, forgetful_nesterov),
    mistake(uphill, uphill_nesterov),
    {"momentum_step": stale},
    *(
        {"nesterov_step": wrong, "descend": mistake(momentum_step, wrong)["descend"]}
        for wrong in (no_look_ahead, no_gradient, no_mu_ahead)
    ),
    *(
        {"descend": wrong}
        for wrong in (
            double_look_ahead,
            twice_the_gradient,
            elementwise,
            restarted,
            one_array_for_all,
            without_start,
            without_end,
            always_momentum,
        )
    ),
]
