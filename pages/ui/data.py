"""Data to learn from, real or made, and the weights of a small language model: loaded once for each process."""

import functools
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, make_classification

DIABETES = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")  # the data's own order


@functools.cache
def diabetes(*names: str) -> tuple[np.ndarray, np.ndarray]:
    """The named columns (442, names) in their own units, and the disease progression (442,), 25 to 346 points."""
    bunch = load_diabetes(scaled=False)
    return bunch.data[:, [bunch.feature_names.index(name) for name in names]], bunch.target.astype(float)


@functools.cache
def breast_cancer(*names: str) -> tuple[np.ndarray, np.ndarray]:
    """The named columns (569, names) in their own units, and 1 for malignant, 0 for benign (569,)."""
    bunch = load_breast_cancer()
    columns = [list(bunch.feature_names).index(name) for name in names]
    return bunch.data[:, columns], 1.0 - bunch.target


@functools.cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Handwritten digits: 8 × 8 pixels of 0 to 16 (1797, 64), and which digit (1797,)."""
    bunch = load_digits()
    return bunch.data, bunch.target


@functools.cache
def breast_cancer_names() -> tuple[str, ...]:
    """The names of the thirty columns of the breast cancer data, in their own order."""
    return tuple(str(name) for name in load_breast_cancer().feature_names)


@functools.cache
def iris_petals() -> tuple[np.ndarray, np.ndarray]:
    """Petal length and width (150, 2) in cm; 0, 1, 2 for setosa, versicolor, virginica (150,)."""
    bunch = load_iris()
    return bunch.data[:, 2:], bunch.target


@functools.cache
def digits_one_and_five() -> tuple[np.ndarray, np.ndarray]:
    """Ink and asymmetry (363, 2) of handwritten ones and fives, 8 × 8 pixels of 0 to 16; 1 for a five (363,).

    Ink is the mean pixel, asymmetry the mean difference from the mirror image, the two features of Abu-Mostafa,
    Magdon-Ismail and Lin, *Learning from Data* (2012), example 3.1.
    """
    pixels, digit = digits()
    chosen = np.isin(digit, (1, 5))
    images = pixels[chosen].reshape(-1, 8, 8)
    features = [images.mean(axis=(1, 2)), np.abs(images - images[:, :, ::-1]).mean(axis=(1, 2))]
    return np.column_stack(features), (digit[chosen] == 5).astype(int)


@functools.cache
def reference_classification() -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's made classification at its defaults but for 1000 samples of 10 features, seed 42."""
    return make_classification(n_samples=1000, n_features=10, n_classes=2, random_state=42)


@functools.lru_cache(maxsize=128)
def toy(kind: str, n: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two classes of made points (n, 2), nearly all within ±3, and 0 or 1 (n,); `noise` is from 0 to 1.

    `kind` is "Blobs", "Moons", "Circles", "XOR", "Separable" (with a gap, whatever the noise) or "Imbalanced"
    (one in twenty is a 1).
    """
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    side = 2 * y - 1
    angle, cloud, square = rng.uniform(0, np.pi, n), rng.standard_normal((n, 2)), rng.uniform(-2, 2, (n, 2))
    if kind == "Moons":
        X = 1.5 * np.column_stack([-side * np.cos(angle) + y - 0.5, -side * np.sin(angle) + 0.5 * y - 0.25])
        return X + noise * cloud, y
    if kind == "Circles":
        X = np.where(y, 0.8, 2.0)[:, None] * np.column_stack([np.cos(2 * angle), np.sin(2 * angle)])
        return X + noise * cloud, y
    if kind == "XOR":
        return square + noise * cloud, (square[:, 0] * square[:, 1] > 0).astype(int)
    if kind == "Imbalanced":
        y = (np.arange(n) % 20 == 0).astype(int)
        return np.where(y[:, None], 1.0, -0.6) + (0.4 + noise) * cloud, y
    across, along = np.array([0.8, 0.6]), np.array([-0.6, 0.8])
    if kind == "Separable":
        distance = 0.3 + 1.5 * rng.uniform(0, 1, n)
        return np.outer(side * distance, across) + np.outer((0.5 + noise) * cloud[:, 0], along), y
    return np.outer(1.2 * side, across) + (0.4 + noise) * cloud, y  # blobs


@functools.cache
def language_model() -> dict[str, np.ndarray]:
    """Arrays of the model of characters that `tests/train_language_model.py` trained."""
    with np.load(Path(__file__).parents[1] / "content" / "language_model.npz") as arrays:
        return dict(arrays)
