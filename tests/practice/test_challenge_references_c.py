"""Independent witnesses for the references: naive loops, scikit-learn, counting."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc_curve
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from pages.practice.challenges import conv2d, decision_stump, k_fold_and_scaler, roc_auc


@pytest.mark.parametrize("seed", range(8))
def test_conv2d_is_the_sum_in_its_definition(seed):
    rng = np.random.default_rng(seed)
    channels, filters, height, width = rng.integers(1, 4, size=4)
    rows, columns = rng.integers(3, 7, size=2)
    stride, padding = int(rng.integers(1, 4)), int(rng.integers(3))
    x = rng.normal(size=(channels, rows, columns))
    w = rng.normal(size=(filters, channels, height, width))
    b = rng.normal(size=filters)
    answer = conv2d.conv2d(x, w, b, stride, padding)
    for f, i, j in np.ndindex(answer.shape):
        total = b[f]
        for c, u, v in np.ndindex(channels, height, width):
            row, column = i * stride + u - padding, j * stride + v - padding
            if 0 <= row < rows and 0 <= column < columns:
                total += w[f, c, u, v] * x[c, row, column]
        assert answer[f, i, j] == pytest.approx(total)
    for size, length, k in zip(answer.shape[1:], (rows, columns), (height, width), strict=True):
        starts = [start for start in range(-padding, length + padding) if start + k <= length + padding]
        assert size == len(starts[::stride])


@pytest.mark.parametrize("seed", range(20))
def test_best_split_is_the_root_of_a_tree(seed):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 12, size=(30, 3)).astype(float)  # many rows of equal value
    y = rng.choice([-2, 1, 5][: 2 + seed % 2], size=30)
    feature, threshold, gain = decision_stump.best_split(X, y)
    tree = DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, y).tree_
    share = tree.weighted_n_node_samples / 30
    assert gain == pytest.approx(tree.impurity[0] - share[1:] @ tree.impurity[1:])
    best = max(split[2] for split in decision_stump.every_split(X, y))
    assert gain == pytest.approx(best)
    assert (feature, threshold) in [split[:2] for split in decision_stump.every_split(X, y) if split[2] > best - 1e-9]
    if sum(split[2] > best - 1e-9 for split in decision_stump.every_split(X, y)) == 1:
        assert (feature, threshold) == (tree.feature[0], pytest.approx(tree.threshold[0]))


@pytest.mark.parametrize("decimals", [0, 1, 9])
def test_roc_agrees_with_scikit_learn_and_with_pairs(decimals):
    rng = np.random.default_rng(decimals)
    y = rng.permutation(np.repeat([0, 1], [25, 15]))
    score = (rng.normal(size=40) + y).round(decimals)
    fpr, tpr, _ = sklearn_roc_curve(y, score, drop_intermediate=False)
    np.testing.assert_allclose(roc_auc.roc_curve(y, score), [fpr, tpr])
    area = roc_auc.roc_auc(y, score)
    assert area == pytest.approx(roc_auc_score(y, score))
    assert roc_auc.share_of_pairs(area, y, score) == roc_auc.climbs((fpr, tpr), y, score) == ""


def test_the_judge_of_folds_accepts_scikit_learns_and_sees_each_defect():
    y = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [21, 16, 10]))
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(y, y))
    assert k_fold_and_scaler.is_fair(folds, y, 5, 0) == ""
    assert k_fold_and_scaler.is_fair(list(StratifiedKFold(5).split(y, y)), y, 5, 0).startswith(
        "The rows of a class are dealt"
    )
    train, test = folds[0]
    for spoilt, says in [
        ((train, test[1:]), "1 of 47 rows are in no test set"),
        ((train, np.append(test, train[0])), "1 of 47 rows are tested more than once"),
        ((np.append(train, test[0]), test), "Train and test share rows: 1"),
        ((np.append(train, train[0]), test), "A training set holds a row more than once"),
        ((train[1:], test), "Rows that are neither tested nor train: 1 in"),
    ]:
        assert k_fold_and_scaler.is_fair([spoilt, *folds[1:]], y, 5, 0).startswith(says)


@pytest.mark.parametrize("seed", range(5))
def test_the_folds_are_stratified(seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=47)
    folds = k_fold_and_scaler.k_fold(y, 6, seed)
    for i, (train, test) in enumerate(folds):
        assert sorted([*train, *test]) == list(range(47))
        for _, other in folds[:i]:
            assert not set(test) & set(other)
            assert abs(len(test) - len(other)) <= 1
            assert np.abs(np.bincount(y[test], minlength=3) - np.bincount(y[other], minlength=3)).max() <= 1


def test_standardise_agrees_with_scikit_learn():
    for probe in k_fold_and_scaler.PROBES:
        if probe.function == "standardise":
            X_train, X_test = probe.args
            scaler = StandardScaler().fit(X_train)
            for ours, table in zip(k_fold_and_scaler.standardise(X_train, X_test), probe.args, strict=True):
                np.testing.assert_allclose(ours, scaler.transform(table), rtol=1e-6, atol=1e-9)
