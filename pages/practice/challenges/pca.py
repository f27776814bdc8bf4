"""Principal component analysis by the singular value decomposition."""

import numpy as np

from pages.practice.challenge import Probe

RNG = np.random.default_rng(6)
ANY_OF_THIS_SHAPE = 1e300  # a tolerance for answers that are noise: any two are taken for the same mistake


def principal(X, k):
    """Directions, variances and scores from the SVD of the centred data (ESL 14.5.1)."""
    centred = X - X.mean(axis=0)
    U, s, Vt = np.linalg.svd(centred, full_matrices=False)
    return Vt[:k], s[:k] ** 2 / (len(X) - 1), U[:, :k] * s[:k]


def rank_k(X, k):
    """The best approximation of the centred data of rank k (Eckart & Young 1936), with the mean put back."""
    components, _, scores = principal(X, k)
    return scores @ components + X.mean(axis=0)


REFERENCE = {"pca": principal, "reconstruct": rank_k}


def one_sign(answer, X, k):
    """A component's sign is free: take the one that makes its largest entry positive, and turn its scores with it.

    Where there is no variance the direction is free too, and only wrong answers go there: they are all alike.
    """
    components, variances, scores = answer
    components = np.asarray(components)
    largest = np.abs(components).argmax(axis=1)
    sign = np.sign(components[np.arange(len(components)), largest])
    sign = np.where(np.abs(variances) > 1e-9 * X.var(), sign, 0)
    return components * sign[:, None], variances, scores * sign


CANONICAL = {"pca": one_sign}


def orthonormal(answer, X, k):
    """Every component has length 1 and is orthogonal to the others."""
    components = np.asarray(answer[0])
    if components.shape != (k, X.shape[1]):
        return f"The components have the shape {components.shape}; {(k, X.shape[1])} was expected."
    products = components @ components.T
    if not np.abs(products.diagonal() - 1).max() < 1e-6:
        i = int(np.abs(products.diagonal() - 1).argmax())
        return f"Component {i} has the length {np.sqrt(products[i, i]):.4g}, not 1."
    worst = np.abs(products - np.eye(k)).max()
    return "" if worst < 1e-6 else f"Two components have the product {worst:.3g}; orthogonal ones have 0."


def variances_of_the_scores(answer, X, k):
    """The variances fall, and are those of the scores, which are uncorrelated."""
    _, variances, scores = (np.asarray(part) for part in answer)
    if variances.shape != (k,) or scores.shape != (len(X), k):
        return f"Variances and scores have the shapes {variances.shape} and {scores.shape}."
    if (np.diff(variances) > 0).any():
        return "The variances do not fall: sort them, and the components with them, the largest first."
    if not np.abs(scores.mean(axis=0)).max() < 1e-9:
        return f"The scores have a mean of up to {np.abs(scores.mean(axis=0)).max():.3g}: project the centred data."
    covariance = np.atleast_2d(np.cov(scores, rowvar=False))
    if not np.allclose(covariance.diagonal(), variances, rtol=1e-6):
        i = int(np.argmax(np.abs(covariance.diagonal() - variances)))
        return f"Variance {i} is {variances[i]:.6g}; the scores on it have the variance {covariance[i, i]:.6g} (n − 1)."
    off = np.abs(covariance - np.diag(covariance.diagonal())).max()
    return "" if off < 1e-6 else f"Two columns of scores have the covariance {off:.3g}; principal components have 0."


def as_near_the_origin(answer, X, k):
    """An offset of the data makes no difference."""
    components, variances, scores = one_sign(answer, X, k)
    centred = X - X.mean(axis=0)
    U, s, Vt = np.linalg.svd(centred, full_matrices=False)
    wanted = one_sign((Vt[:k], s[:k] ** 2 / (len(X) - 1), U[:, :k] * s[:k]), X, k)
    for name, came, want in zip(
        ("components", "variances", "scores"), (components, variances, scores), wanted, strict=True
    ):
        if np.shape(came) != want.shape:
            return f"The {name} have the shape {np.shape(came)}; {want.shape} was expected."
        off = np.abs(came - want).max()
        if not off < 1e-6 * np.abs(want).max():
            return (
                f"The {name} are off by up to {off:.2g}. An offset must not matter: subtract the mean before anything "
                "is squared, since differences of huge squares have few digits left."
            )
    return ""


TURN = np.linalg.qr(RNG.normal(size=(3, 3)))[0]
TEN = (RNG.normal(size=(10, 3)) * [3.0, 1.5, 0.5] @ TURN + [1.0, -2.0, 4.0]).round(2)
WIDE = (RNG.normal(size=(4, 6)) * [4.0, 3.0, 2.0, 1.0, 1.0, 1.0]).round(2)
LARGE = TEN * [100.0, 1.0, 1.0]
WHOLE = np.array([[2, 0, 1], [4, 1, 0], [6, 3, 1], [9, 3, 5], [1, 1, 1]])
FAR = TEN + 1e6

PROBES = [
    Probe("pca: ten samples, one of three components", (TEN, 1)),
    Probe("pca: ten samples, all three components", (TEN, 3)),
    Probe("pca: more features than samples", (WIDE, 2)),
    Probe("pca: as many features as samples", (TEN[:3], 2)),
    Probe("pca: whole numbers", (WHOLE, 2)),
    Probe("pca: one feature a hundred times as large", (LARGE, 2)),
    Probe("pca: components are orthonormal", (WIDE, 3), judge=orthonormal),
    Probe("pca: variances fall and are those of the scores", (LARGE[:8], 3), judge=variances_of_the_scores),
    Probe("pca: features around a million", (FAR, 2), judge=as_near_the_origin, tolerance=ANY_OF_THIS_SHAPE),
    Probe("reconstruct: ten samples from one component", (TEN, 1), "reconstruct"),
    Probe("reconstruct: all components give the data back", (TEN, 3), "reconstruct"),
    Probe("reconstruct: more features than samples", (WIDE, 2), "reconstruct"),
]


def not_centred(X, k):
    """You do not centre the data: the first component is then drawn towards the mean. Subtract each feature's mean,
    `X.mean(axis=0)`."""
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    return Vt[:k], s[:k] ** 2 / (len(X) - 1), U[:, :k] * s[:k]


def centred_by_row(X, k):
    """You subtract each sample's own mean; subtract each feature's, `X.mean(axis=0)`."""
    return not_centred(X - X.mean(axis=1, keepdims=True), k)


def centred_by_one_number(X, k):
    """You subtract one mean of all the entries, `X.mean()`; every feature has its own: `X.mean(axis=0)`."""
    return not_centred(X - X.mean(), k)


def of_correlations(X, k):
    """You take the eigenvectors of the correlation matrix, which is the covariance of standardised features; that of
    the features as they are was asked for: `np.cov`, not `np.corrcoef`."""
    values, vectors = np.linalg.eigh(np.corrcoef(X, rowvar=False))
    values, vectors = values[::-1][:k], vectors[:, ::-1][:, :k]
    return vectors.T, values, (X - X.mean(axis=0)) @ vectors


def divided_by_n(X, k):
    """You divide by n; the sample variance, and scikit-learn's `explained_variance_`, divide by n − 1."""
    components, variances, scores = principal(X, k)
    return components, variances * (len(X) - 1) / len(X), scores


def rows_for_columns(X, k):
    """You take rows for features (`np.cov` does so unless told `rowvar=False`): the covariance is that of the samples,
    n × n. Here features are columns."""
    values, vectors = np.linalg.eigh(np.cov(X))
    order = np.argsort(-values)[:k]
    return vectors[:, order].T, values[order], (X - X.mean(axis=0)) @ vectors[:, order]


def unsorted_eigenvalues(X, k):
    """Your components run from the smallest to the largest variance, as `eigh` returns them. Reverse values and
    vectors, or sort both by `np.argsort(values)[::-1]`."""
    values, vectors = np.linalg.eigh(np.cov(X, rowvar=False))
    return vectors[:, :k].T, values[:k], (X - X.mean(axis=0)) @ vectors[:, :k]


def eig_unsorted(X, k):
    """The components are not in the order of their variances: `eig` returns eigenvalues in no particular order. Sort
    them, and the vectors with them: `np.argsort(values)[::-1]`. For a symmetric matrix `eigh` is more accurate, and
    faster."""
    values, vectors = np.linalg.eig(np.cov(X, rowvar=False))
    return vectors[:, :k].T.real, values[:k].real, (X - X.mean(axis=0)) @ vectors[:, :k].real


def rows_of_vectors(X, k):
    """You take rows of the matrix whose columns are the components, or columns where they are rows: `eigh` returns them
    as columns, the SVD as the rows of V^T."""
    values, vectors = np.linalg.eigh(np.cov(X, rowvar=False))
    values, vectors = values[::-1], vectors[:, ::-1]
    return vectors[:k], values[:k], (X - X.mean(axis=0)) @ vectors[:k].T


def components_as_columns(X, k):
    """Your components are columns; one row for each was asked for, shape (k, d)."""
    components, variances, scores = principal(X, k)
    return components.T, variances, scores


def singular_values(X, k):
    """You return the singular values; the variance along a component is s² / (n − 1)."""
    components, variances, scores = principal(X, k)
    return components, np.sqrt(variances * (len(X) - 1)), scores


def squared_only(X, k):
    """s² is the sum of the squared scores; divide by n − 1 to make it a variance."""
    components, variances, scores = principal(X, k)
    return components, variances * (len(X) - 1), scores


def standard_deviations(X, k):
    """These are standard deviations; the variances are their squares."""
    components, variances, scores = principal(X, k)
    return components, np.sqrt(variances), scores


def share_of_variance(X, k):
    """You return each component's share of the variance; the variance itself was asked for."""
    components, variances, scores = principal(X, k)
    return components, variances / X.var(axis=0, ddof=1).sum(), scores


def standardised(X, k):
    """You divide the features by their standard deviations: that is the PCA of the correlations. Often wise, but a
    choice, and not the one asked for."""
    return principal((X - X.mean(axis=0)) / X.std(axis=0), k)


def scores_with_the_mean(X, k):
    """Your scores project X as it comes; project the centred data, so that every score has the mean 0."""
    components, variances, _ = principal(X, k)
    return components, variances, X @ components.T


def whitened(X, k):
    """Your scores are the columns of U, all of length 1. Multiply each by its singular value, or project the centred
    data on the components."""
    components, variances, scores = principal(X, k)
    return components, variances, scores / np.sqrt((scores**2).sum(axis=0))


def moments(X, k):
    """mean(x x^T) − mean(x) mean(x)^T is right in exact arithmetic. Far from the origin it subtracts huge numbers that
    are nearly equal, and few digits are left. Centre first, then multiply."""
    n, mean = len(X), X.mean(axis=0)
    values, vectors = np.linalg.eigh((X.T @ X / n - np.outer(mean, mean)) * n / (n - 1))
    order = np.argsort(-values)[:k]
    return vectors[:, order].T, values[order], (X - mean) @ vectors[:, order]


def mean_left_out(X, k):
    """The mean is missing from the reconstruction: it was subtracted before, so put it back."""
    return rank_k(X, k) - X.mean(axis=0)


def through_the_origin(X, k):
    """You project X as it comes. Centre it, project, and add the mean: the best plane goes through the mean, not
    through the origin."""
    components = principal(X, k)[0]
    return X @ components.T @ components


def mean_added_twice(X, k):
    """You project X as it comes and then add the mean, which so counts twice in part. Project the centred data."""
    return through_the_origin(X, k) + X.mean(axis=0)


MISTAKES = [
    *(
        {"pca": wrong}
        for wrong in (
            not_centred,
            centred_by_row,
            centred_by_one_number,
            of_correlations,
            divided_by_n,
            rows_for_columns,
            unsorted_eigenvalues,
            eig_unsorted,
            rows_of_vectors,
            components_as_columns,
            singular_values,
            squared_only,
            standard_deviations,
            share_of_variance,
            standardised,
            scores_with_the_mean,
            whitened,
            moments,
        )
    ),
    *({"reconstruct": wrong} for wrong in (mean_left_out, through_the_origin, mean_added_twice)),
]
