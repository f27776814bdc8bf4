"""Stratified k-fold splits, and a scaler that learns from the training rows only."""

import numpy as np

from mlcore import logistic_regression, validation
from pages.practice.challenge import Probe

RNG = np.random.default_rng(15)


def k_fold(y, k, seed):
    """(train, test) of each fold, as row numbers."""
    splits = validation.stratified_k_fold(y, k, seed % 2**32)  # it takes seeds of 32 bits
    return [
        (np.flatnonzero(train), np.flatnonzero(test)) for train, test in zip(splits.train, splits.test, strict=True)
    ]


def standardise(X_train, X_test):
    """Both tables less the mean and over the standard deviation of the training rows; a constant column is centred."""
    Z_train, mean, scale = logistic_regression.standardise(X_train)
    return Z_train, (X_test - mean) / scale


REFERENCE = {"k_fold": k_fold, "standardise": standardise}


def defects(folds, y, k):
    """What is wrong with the folds, each as a sentence, "" where it is right."""
    n = len(y)
    if len(folds) != k:
        raise ValueError("another number of folds")
    pairs = [[np.asarray(rows) for rows in (train, test)] for train, test in folds]
    for rows in (rows for pair in pairs for rows in pair):
        if rows.ndim != 1 or rows.dtype.kind not in "iu" or (len(rows) and not 0 <= rows.min() <= rows.max() < n):
            raise ValueError("no row numbers")
    tests = [np.bincount(test, minlength=n) for _, test in pairs]  # how often each row is in each test set
    trains = [np.bincount(train, minlength=n) for train, _ in pairs]
    times = np.sum(tests, axis=0)
    both = sum(int(((train > 0) & (test > 0)).sum()) for train, test in zip(trains, tests, strict=True))
    neither = sum(int(((train == 0) & (test == 0)).sum()) for train, test in zip(trains, tests, strict=True))
    sizes = [len(test) for _, test in pairs]
    counts = {int(label): [int((y[test] == label).sum()) for _, test in pairs] for label in np.unique(y)}
    label, worst = max(counts.items(), key=lambda item: max(item[1]) - min(item[1]))
    fold = np.argmax(tests, axis=0)
    as_they_came = n >= 30 and all(came_in_order(fold[y == label], k) for label in np.unique(y))
    return [
        f"{(times == 0).sum()} of {n} rows are in no test set." if (times == 0).any() else "",
        "A test set holds a row more than once." if any((test > 1).any() for test in tests) else "",
        f"{(times > 1).sum()} of {n} rows are tested more than once." if (times > 1).any() else "",
        f"Train and test share rows: {both} in all folds together." if both else "",
        "A training set holds a row more than once." if any((train > 1).any() for train in trains) else "",
        f"Rows that are neither tested nor train: {neither} in all folds together." if neither else "",
        f"The test sets have {min(sizes)} to {max(sizes)} rows; sizes may differ by 1." if np.ptp(sizes) > 1 else "",
        "The rows of a class are dealt to the folds in the order in which they came: shuffle them."
        if as_they_came
        else "",
        f"Of class {label}, the test sets hold {min(worst)} to {max(worst)} rows; the counts may differ by 1."
        if np.ptp(worst) > 1
        else "",
    ]


def came_in_order(folds, k):
    """Whether the rows of a class lie in the folds in runs or in turn, which no shuffle leaves of many rows."""
    runs = np.count_nonzero(np.diff(folds)) == len(np.unique(folds)) - 1
    return runs or bool((folds[k:] == folds[:-k]).all())


def is_fair(folds, y, k, seed):
    """Every row is tested once and trains otherwise; sizes and classes are even."""
    if any(np.asarray(rows).dtype.kind == "b" for pair in folds for rows in pair):
        return "These are masks; row numbers were asked for: `np.flatnonzero(mask)`."
    return next((says for says in defects(folds, y, k) if says), "")


def kind_of_defect(folds, y, k, seed):
    """Splits are alike if the same is wrong with them, or nothing: which rows the shuffle sends where is chance."""
    *who, sizes, in_order, classes = (float(bool(says)) for says in defects(folds, y, k))
    first = [int(test.min()) for _, test in folds if len(test)]
    permuted = in_order and first != sorted(first)  # the folds are in another order than their rows
    uneven = 8.0 if sizes else 4 * permuted + 2 * in_order + classes
    larger = float(all(len(test) > len(train) for train, test in folds))
    return [*who, larger, 0.0 if any(who) else uneven]  # evenness matters once everyone is tested and trains


def constant_is_centred(answer, X_train, X_test):
    """A column that is constant among the training rows is only centred, the others are standardised."""
    constant = np.ptp(X_train, axis=0) == 0
    scale = np.where(constant, 1, X_train.std(axis=0))
    for table, X, name in zip(answer, (X_train, X_test), ("training", "test"), strict=True):
        came, want = np.asarray(table, dtype=float), (X - X_train.mean(axis=0)) / scale
        if came.shape != want.shape:
            return f"The {name} table has the shape {came.shape}; {want.shape} was expected."
        right = np.isclose(came, want, rtol=1e-6, atol=1e-9)
        if not right[:, constant].all():
            worst = came[:, constant][~right[:, constant]][0]
            return f"In the {name} table the constant feature, which is only centred, holds {worst:.6g}."
        if not right.all():
            return f"In the {name} table the other feature is not what was expected."
    return ""


def without_constant_columns(answer, X_train, X_test):
    """Whatever else is wrong is told whether or not the columns constant among the training rows are right."""
    varies = np.ptp(X_train, axis=0) > 0
    return tuple(np.where(varies, np.asarray(table, dtype=float), 0) for table in answer)


CANONICAL = {"k_fold": kind_of_defect, "standardise": without_constant_columns}


def _mixed(*counts):
    """Labels 0, 1, … so many times each, in any order."""
    return RNG.permutation(np.repeat(np.arange(len(counts)), counts))


TRAIN = RNG.normal([0, 50, -3], [1, 20, 0.1], size=(8, 3)).round(2)
TEST = RNG.normal([0, 50, -3], [1, 20, 0.1], size=(4, 3)).round(2)

SIXTY = _mixed(31, 19, 10)

PROBES = [
    Probe("twelve rows of one class in three folds", (np.zeros(12, dtype=int), 3, 0), judge=is_fair),
    Probe("rows that do not divide evenly: 47 in 5 folds", (_mixed(21, 16, 10), 5, 1), judge=is_fair),
    Probe("classes whose rows do not divide evenly either", (_mixed(9, 9, 9, 9), 4, 2), judge=is_fair),
    Probe("sorted rows, one positive in five", (np.repeat([0, 1], [40, 10]), 5, 3), judge=is_fair),
    Probe("six folds, three classes, sixty rows", (SIXTY, 6, 4), judge=is_fair),
    Probe(
        "the same rows with another seed: other folds",
        (SIXTY, 6, 5),
        judge=is_fair,
        unlike="six folds, three classes, sixty rows",
    ),
    Probe("a seed of more than 32 bits", (SIXTY, 6, 2**40), judge=is_fair),
    Probe("as many folds as rows", (np.zeros(5, dtype=int), 5, 5), judge=is_fair),
    Probe("eight rows to train, four to test", (TRAIN, TEST), "standardise"),
    Probe("other test rows: the training rows' answer stays", (TRAIN, 100 + 9 * TEST), "standardise"),
    Probe("a single test row", (TRAIN, TEST[:1]), "standardise"),
    Probe(
        "a feature that is constant among the training rows",
        (np.column_stack([TRAIN[:, 0], np.full(8, 4.0)]), np.array([[0.5, 4.0], [0.1, 6.0]])),
        "standardise",
        constant_is_centred,
    ),
    Probe(
        "a constant feature whose mean is rounded: 0.1",
        (np.column_stack([np.full(6, 0.1), TRAIN[:6, 1]]), np.array([[0.1, 40.0], [0.4, 70.0]])),
        "standardise",
        constant_is_centred,
    ),
    Probe("features far from 0: a million and a little", (1e6 + TRAIN, 1e6 + TEST), "standardise", tolerance=1e-5),
    Probe("features of tiny units: 10⁻⁹", (1e-9 * TRAIN, 1e-9 * TEST), "standardise"),
    Probe("features of whole numbers", (np.array([[1, 20], [2, 40], [4, 10]]), np.array([[3, 30]])), "standardise"),
]


def _pairs(tests, n):
    """(train, test) of each test set, everything else training."""
    return [(np.setdiff1d(np.arange(n), test), np.sort(test)) for test in tests]


def _dealt(y, k, seed, anew=False):
    """Shuffled rows, class by class, dealt to the folds in turn; `anew`: each class from fold 0 on."""
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(np.flatnonzero(y == label)) for label in np.unique(y)]
    if anew:
        return [np.concatenate([part[i::k] for part in rows]) for i in range(k)]
    rows = np.concatenate(rows)
    return [rows[i::k] for i in range(k)]


def not_stratified(y, k, seed):
    """The classes are spread unevenly over the folds, as when rows are shuffled and cut without a look at the classes.
    A rare class may then be missing from a test set: deal the rows of each class to the folds in turn."""
    return _pairs(np.array_split(np.random.default_rng(seed).permutation(len(y)), k), len(y))


def neither_shuffled_nor_stratified(y, k, seed):
    """The classes are spread unevenly, and the rows of a class keep their order, as in folds that are runs of
    neighbouring rows. In a sorted file such a test set holds one class only: shuffle within each class and deal the
    rows to the folds in turn."""
    return _pairs(np.array_split(np.arange(len(y)), k), len(y))


def not_shuffled(y, k, seed):
    """The rows are dealt in the order in which they came; `seed` has no effect. Shuffle within each class first:
    neighbours in a file are often alike."""
    rows = np.argsort(y, kind="stable")
    return _pairs([rows[i::k] for i in range(k)], len(y))


def folds_permuted(y, k, seed):
    """The seed only changes the order of the folds: which rows are tested together is always the same, as they came in
    the file. Shuffle the rows of each class, then deal them to the folds."""
    folds = not_shuffled(y, k, seed)
    return [folds[i] for i in np.random.default_rng(seed).permutation(k)]


def seed_ignored(y, k, seed):
    """`seed` has no effect: another seed gives the same folds. Make the generator from the argument,
    `np.random.default_rng(seed)`."""
    return k_fold(y, k, 0)


def legacy_generator(y, k, seed):
    """That is NumPy's legacy generator: it takes no seed of more than 32 bits, and `np.random.seed` changes the state
    of the whole program. Make a generator of your own: `np.random.default_rng(seed)`."""
    if seed >= 2**32:
        raise ValueError("Seed must be between 0 and 2**32 - 1")
    return k_fold(y, k, seed)


def rest_dropped(y, k, seed):
    """Some rows are never tested, as when the rest of n / k is lost. The first n % k folds take one row more each."""
    tests = _dealt(y, k, seed)
    return _pairs([test[: len(y) // k] for test in tests], len(y))


def rest_dropped_unstratified(y, k, seed):
    """Some rows are never tested, as when the rest of n / k is lost; the first n % k folds take one row more each. Nor
    are the classes spread evenly. Deal the shuffled rows of each class to the folds in turn, and both are mended."""
    rows, size = np.random.default_rng(seed).permutation(len(y)), len(y) // k
    return _pairs([rows[i * size : (i + 1) * size] for i in range(k)], len(y))


def last_fold_dropped(y, k, seed):
    """Some rows are never tested, even where k divides n, as when the last test set is empty. There are k folds, and
    each row is tested once: look at the end of your `range` or slice."""
    tests = _dealt(y, k, seed)
    return _pairs([*tests[:-1], tests[-1][:0]], len(y))


def rest_to_last(y, k, seed):
    """The test sets differ in size by more than 1, as when all of the rest of n / k goes to the last one. Deal the
    shuffled rows of each class to the folds in turn: then sizes differ by 1 at most, and the classes are spread evenly
    too."""
    rows, size = np.random.default_rng(seed).permutation(len(y)), len(y) // k
    return _pairs([*(rows[i * size : (i + 1) * size] for i in range(k - 1)), rows[(k - 1) * size :]], len(y))


def dealt_anew(y, k, seed):
    """The test sets differ in size by more than 1, as when each class is dealt from fold 0 on and the first folds
    collect the odd rows of every class. Go on with the fold at which the last class stopped."""
    return _pairs(_dealt(y, k, seed, anew=True), len(y))


def trains_on_all(y, k, seed):
    """The training sets hold the test rows too, so the model is tested on what it has seen. Train on all rows but those
    of the test set: `np.setdiff1d(np.arange(n), test)`."""
    return [(np.arange(len(y)), test) for _, test in k_fold(y, k, seed)]


def exchanged(y, k, seed):
    """Train and test are exchanged: each pair is (train, test), and the test set is the small one."""
    return [(test, train) for train, test in k_fold(y, k, seed)]


def drawn_anew(y, k, seed):
    """Some rows are tested twice and others never, as when each fold draws its test rows anew: that is repeated
    hold-out. Shuffle once and cut the result into k parts."""
    rng = np.random.default_rng(seed)
    return _pairs([rng.permutation(len(y))[: len(y) // k] for _ in range(k)], len(y))


def _scaled(X_train, X_test, centre, scale):
    """Both tables less `centre` and over `scale`, which is 1 where it is 0."""
    scale = np.where(scale > 0, scale, 1)
    return (X_train - centre) / scale, (X_test - centre) / scale


def _varies(X):
    """The standard deviation of each column, exactly 0 where it is constant."""
    return np.where(np.ptp(X, axis=0) > 0, X.std(axis=0), 0)


def fitted_on_all(X_train, X_test):
    """The scaler has seen the test rows: mean and standard deviation come from both tables, so the training data change
    with the test data. That is leakage: measure on X_train only."""
    both = np.concatenate([X_train, X_test])
    return _scaled(X_train, X_test, both.mean(axis=0), _varies(both))


def fitted_twice(X_train, X_test):
    """The test rows are scaled by their own mean and standard deviation. They would then no longer be comparable with
    the training rows, and a single one becomes 0: use the numbers measured on X_train."""
    own = _scaled(X_test, X_test, X_test.mean(axis=0), _varies(X_test))
    return standardise(X_train, X_test)[0], own[0]


def left_test_rows(X_train, X_test):
    """The test rows come back as they were. They go through the same transformation, with the mean and standard
    deviation of the training rows."""
    return standardise(X_train, X_test)[0], X_test.astype(float)


def not_guarded(X_train, X_test):
    """A feature that is constant among the training rows has the standard deviation 0, or about 10⁻¹⁷ where the mean is
    rounded (0.1 six times), and dividing by that gives nan, inf or noise. Divide by 1 where the largest value is the
    smallest; `std == 0` misses the rounded case."""
    return _scaled(X_train, X_test, X_train.mean(axis=0), X_train.std(axis=0))


def guarded_too_early(X_train, X_test):
    """You take every small standard deviation for 0. A feature in tiny units has one too: what matters is whether its
    values differ. Divide by 1 only where the largest value is the smallest."""
    deviation = X_train.std(axis=0)
    return _scaled(X_train, X_test, X_train.mean(axis=0), np.where(deviation < 1e-8, 0, deviation))


def with_epsilon(X_train, X_test):
    """You add a small number to the standard deviation. For a feature in tiny units it is no longer small, and a
    constant feature is blown up by its inverse. Divide by the standard deviation itself, and by 1 where the feature is
    constant."""
    scale = X_train.std(axis=0) + 1e-8
    return _scaled(X_train, X_test, X_train.mean(axis=0), scale)


def of_a_sample(X_train, X_test):
    """You divide by the standard deviation with n − 1 (`ddof=1`). It was asked for with n, NumPy's default, with which
    the training columns have variance 1."""
    scale = _varies(X_train) * np.sqrt(len(X_train) / (len(X_train) - 1))
    return _scaled(X_train, X_test, X_train.mean(axis=0), scale)


def by_variance(X_train, X_test):
    """You divide by the variance; the standard deviation is its root."""
    return _scaled(X_train, X_test, X_train.mean(axis=0), _varies(X_train) ** 2)


def over_everything(X_train, X_test):
    """One mean and one standard deviation for the whole table: each column needs its own, `axis=0`."""
    return _scaled(X_train, X_test, X_train.mean(), X_train.std())


def over_rows(X_train, X_test):
    """You standardise the rows. A feature is a column: take mean and standard deviation over `axis=0`."""
    return tuple((X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True) for X in (X_train, X_test))


def by_range(X_train, X_test):
    """That scales the training columns to 0 … 1 by minimum and maximum. Standardising subtracts the mean and divides by
    the standard deviation."""
    return _scaled(X_train, X_test, X_train.min(axis=0), np.ptp(X_train, axis=0))


def only_centred(X_train, X_test):
    """The columns are centred but not divided by their standard deviation."""
    return _scaled(X_train, X_test, X_train.mean(axis=0), np.ones(X_train.shape[1]))


def mean_of_squares(X_train, X_test):
    """You take the variance as mean of squares less square of the mean. Far from 0 these are two large numbers whose
    difference loses its digits: average the squared deviations from the mean, as `std` does."""
    mean = X_train.mean(axis=0)
    variance = (X_train.astype(float) ** 2).mean(axis=0) - mean**2
    return _scaled(X_train, X_test, mean, np.where(np.ptp(X_train, axis=0) > 0, np.sqrt(np.maximum(variance, 0)), 0))


def in_place(X_train, X_test):
    """You work in place, which changes the caller's tables (and cannot hold a fraction where they hold whole numbers).
    Write `X - mean`, which makes a new array, instead of `X -= mean`."""
    mean, scale = X_train.mean(axis=0), _varies(X_train)
    scale[scale == 0] = 1
    for X in (X_train, X_test):
        X -= mean
        X /= scale
    return X_train, X_test


FOLDS = [
    not_stratified,
    neither_shuffled_nor_stratified,
    not_shuffled,
    folds_permuted,
    seed_ignored,
    legacy_generator,
    rest_dropped,
    rest_dropped_unstratified,
    last_fold_dropped,
    rest_to_last,
    dealt_anew,
    trains_on_all,
    exchanged,
    drawn_anew,
]
SCALERS = [
    fitted_on_all,
    fitted_twice,
    left_test_rows,
    with_epsilon,
    of_a_sample,
    by_variance,
    over_everything,
    over_rows,
    by_range,
    only_centred,
    mean_of_squares,
    in_place,
    guarded_too_early,
    not_guarded,  # last: told only to whom nothing else can be said
]
MISTAKES = [{"k_fold": wrong} for wrong in FOLDS] + [{"standardise": wrong} for wrong in SCALERS]
