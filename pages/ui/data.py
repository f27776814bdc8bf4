"""Real data, bundled with scikit-learn, and the weights of a small language model: loaded once for each process."""

import functools
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

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
def language_model() -> dict[str, np.ndarray]:
    """Arrays of the model of characters that `tests/train_language_model.py` trained."""
    with np.load(Path(__file__).parents[1] / "content" / "language_model.npz") as arrays:
        return dict(arrays)
