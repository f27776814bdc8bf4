"""k-means: Lloyd's algorithm from a given start."""

import numpy as np

from pages.practice.challenge import Probe

RNG = np.random.default_rng(5)


def nearest(X, centres):
    """The nearest centre of every point by squared distance; of two at the same distance, the first."""
    return ((X[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)  # (points, centres, features) summed


def means(X, labels, centres):
    """The mean of every cluster's points; the centre as it was where there are none."""
    return np.array(
        [X[labels == k].mean(axis=0) if (labels == k).any() else centre * 1.0 for k, centre in enumerate(centres)]
    )


def inertia_of(X, centres, labels):
    """The sum of the squared distances of the points to their own centres."""
    return ((X - centres[labels]) ** 2).sum()


def lloyd(X, centres, rounds):
    """Assign and update in turn (Lloyd 1982, Least squares quantization in PCM)."""
    for _ in range(rounds):
        centres = means(X, nearest(X, centres), centres)
    labels = nearest(X, centres)
    return centres, labels, inertia_of(X, centres, labels)


REFERENCE = {"assign": nearest, "update": means, "k_means": lloyd}


def hangs_together(answer, X, centres, rounds):
    """Labels and inertia belong to the centres returned, and the inertia is not above that of the start."""
    found, labels, inertia = answer
    found, labels = np.asarray(found), np.asarray(labels)
    if found.shape != centres.shape or labels.shape != (len(X),) or np.shape(inertia) != ():
        return f"The shapes are {found.shape}, {labels.shape} and {np.shape(inertia)}: not those that were asked for."
    if (labels != nearest(X, found)).any():
        return "Some label is not that of the nearest centre returned: assign once more after the last update."
    want = inertia_of(X, found, labels)
    if not np.isclose(inertia, want, rtol=1e-6):
        return f"The inertia is {inertia:.6g}; for the centres and labels returned it is {want:.6g}."
    start = inertia_of(X, centres, nearest(X, centres))
    return (
        "" if inertia <= start * (1 + 1e-9) else f"The inertia, {inertia:.6g}, is above that of the start, {start:.6g}."
    )


def stays_put(answer, X, centres, rounds):
    """After enough rounds another one changes nothing."""
    if says := hangs_together(answer, X, centres, rounds):
        return says
    found, labels, _ = answer
    moved = np.abs(means(X, np.asarray(labels), np.asarray(found)) - found).max()
    return "" if moved < 1e-9 else f"After {rounds} rounds another one would still move a centre by {moved:.3g}."


BLOBS = (RNG.normal(size=(12, 2)) + np.repeat([[0.0, 0.0], [4.0, 1.0], [1.0, 5.0]], 4, axis=0)).round(2)
START = BLOBS[[0, 1, 2]]
SPREAD = (RNG.normal(size=(20, 3)) * 3).round(2)
HALFWAY = np.array([[1.0, 0.0], [3.0, 0.0], [2.0, 6.0], [2.0, -6.0]])  # its mean is exact: centring keeps the ties
BILLION = 2.0**30 + np.array([[0.0, 0.0], [1.0, 2.0], [6.0, 5.0], [7.0, 7.0], [2.0, 0.0]])
GRID = np.array([[1, 0], [2, 0], [3, 3], [0, 1], [6, 2]])
LONELY = np.array([[0.0, 0.0], [4.0, 1.0], [90.0, 90.0], [1.0, 5.0]])

PROBES = [
    Probe("assign: twelve points, three centres", (BLOBS, START), "assign"),
    Probe("assign: three features, four centres", (SPREAD, SPREAD[:4] / 2), "assign"),
    Probe("assign: halfway between two centres", (HALFWAY, np.array([[4.0, 0.0], [2.0, 0.0], [0.0, 0.0]])), "assign"),
    Probe("assign: coordinates near a billion", (BILLION, BILLION[[0, 3]]), "assign"),
    Probe("update: three clusters", (BLOBS, np.array([0, 0, 1, 0, 1, 1, 1, 1, 2, 2, 2, 0]), START), "update"),
    Probe("update: points and centres of whole numbers", (GRID, np.array([0, 0, 1, 0, 1]), GRID[[0, 2]]), "update"),
    Probe(
        "update: a cluster without points, and one with a single point",
        (GRID * 1.0, np.array([0, 2, 2, 2, 2]), GRID[:3] + 0.5),
        "update",
    ),
    Probe("k-means: no round", (BLOBS, START, 0), "k_means"),
    Probe("k-means: one round", (BLOBS, START, 1), "k_means"),
    Probe("k-means: two rounds", (SPREAD, SPREAD[:4], 2), "k_means"),
    Probe("k-means: a centre far from every point", (BLOBS, LONELY, 3), "k_means"),
    Probe("k-means: labels and inertia fit the centres", (SPREAD, SPREAD[:5], 1), "k_means", hangs_together),
    Probe("k-means: thirty rounds, then nothing moves", (SPREAD, SPREAD[:3], 30), "k_means", stays_put),
]


def city_blocks(X, centres):
    """You add absolute differences. k-means takes the (squared) Euclidean distance: it is for that one that the mean is
    the best centre; for yours it would be the median."""
    return np.abs(X[:, None] - centres).sum(axis=2).argmin(axis=1)


def signed_differences(X, centres):
    """You add the differences without squaring them: positive and negative ones cancel."""
    return (X[:, None] - centres).sum(axis=2).argmin(axis=1)


def farthest(X, centres):
    """You take the farthest centre: `argmin`, not `argmax`."""
    return ((X[:, None] - centres) ** 2).sum(axis=2).argmax(axis=1)


def last_of_equals(X, centres):
    """Of two centres at the same distance you take the last; the first was asked for: `<` instead of `<=` (or
    `argmin`)."""
    return len(centres) - 1 - nearest(X, centres[::-1])


def expanded(X, centres):
    """‖x‖² − 2 x·c + ‖c‖² saves memory, but far from the origin it subtracts huge numbers that are nearly equal, and
    nothing is left of the distance. Subtract first, then square; or centre the data before."""
    squares = (X**2).sum(axis=1)[:, None] - 2 * X @ centres.T + (centres**2).sum(axis=1)
    return squares.argmin(axis=1)


def counted_from_one(X, centres):
    """You number the clusters from 1; from 0 was asked for, so that `centres[labels]` works."""
    return nearest(X, centres) + 1


def mean_of_nothing(X, labels, centres):
    """A cluster without points gets the mean of nothing, 0 / 0 = nan, and no point is ever nearest to nan again. Let it
    keep its centre (or move it to the point farthest from its own)."""
    return np.array([X[labels == k].sum(axis=0) / (labels == k).sum() for k in range(len(centres))])


def mean_over_features(X, labels, centres):
    """`X[labels == k].mean()` is one number, over points and features alike. The mean over the points is
    `.mean(axis=0)`."""
    new = centres * 1.0
    for k in np.unique(labels):
        new[k] = X[labels == k].mean()
    return new


def empty_to_origin(X, labels, centres):
    """You put a cluster without points at the origin, where nothing need be; it keeps its old centre."""
    new = np.zeros(centres.shape)
    for k in np.unique(labels):
        new[k] = X[labels == k].mean(axis=0)
    return new


def empty_dropped(X, labels, centres):
    """You drop clusters without points, so that the others change their numbers. Go through all centres, not through
    the labels that occur."""
    return np.array([X[labels == k].mean(axis=0) for k in np.unique(labels)])


def divided_by_all(X, labels, centres):
    """You divide each cluster's sum by the number of all points; divide by the number of its own."""
    return np.array([X[labels == k].sum(axis=0) / len(X) if k in labels else c for k, c in enumerate(centres)])


def medians(X, labels, centres):
    """You take the medians of each cluster's points. k-means takes the means, which minimise the squared distances."""
    return np.array([np.median(X[labels == k], axis=0) if k in labels else c for k, c in enumerate(centres)])


def cut_to_whole_numbers(X, labels, centres):
    """Where the centres are whole numbers, the means lose their fractions, as when they are written into a copy of the
    centres. Make a new array of floats: `centres.astype(float)`."""
    new = centres.copy()
    for k in np.unique(labels):
        new[k] = X[labels == k].mean(axis=0)
    return new


def labels_before_the_update(X, centres, rounds):
    """The labels you return are those of before the last update. Assign once more, so that labels and inertia belong to
    the centres returned."""
    labels = nearest(X, centres)
    for _ in range(rounds):
        labels = nearest(X, centres)
        centres = means(X, labels, centres)
    return centres, labels, inertia_of(X, centres, labels)


def inertia_as_mean(X, centres, rounds):
    """Your inertia is the mean of the squared distances; it is their sum."""
    centres, labels, inertia = lloyd(X, centres, rounds)
    return centres, labels, inertia / len(X)


def inertia_without_square(X, centres, rounds):
    """Your inertia adds the distances; it is the sum of their squares. Only that one is sure to fall in every round."""
    centres, labels, _ = lloyd(X, centres, rounds)
    return centres, labels, np.sqrt(((X - centres[labels]) ** 2).sum(axis=1)).sum()


def one_centre_at_a_time(X, centres, rounds):
    """You assign anew after every single centre. In a round of Lloyd's all points are assigned first, then all centres
    move."""
    for _ in range(rounds):
        for k in range(len(centres)):
            centres = np.where(np.arange(len(centres))[:, None] == k, means(X, nearest(X, centres), centres), centres)
    return lloyd(X, centres, 0)


def one_round_more(X, centres, rounds):
    """You do one round too many: after the last one points are assigned, but centres do not move."""
    return lloyd(X, centres, rounds + 1)


def only_one_round(X, centres, rounds):
    """You stop after one round whatever `rounds` says: is the `return` inside the loop?"""
    return lloyd(X, centres, min(rounds, 1))


MISTAKES = [
    *(
        {"assign": wrong}
        for wrong in (city_blocks, signed_differences, farthest, last_of_equals, expanded, counted_from_one)
    ),
    *(
        {"update": wrong}
        for wrong in (
            mean_of_nothing,
            mean_over_features,
            empty_to_origin,
            empty_dropped,
            divided_by_all,
            medians,
            cut_to_whole_numbers,
        )
    ),
    *(
        {"k_means": wrong}
        for wrong in (
            labels_before_the_update,
            inertia_as_mean,
            inertia_without_square,
            one_centre_at_a_time,
            one_round_more,
            only_one_round,
        )
    ),
]
