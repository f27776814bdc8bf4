from fractions import Fraction

import numpy as np
import pytest

from mlcore import checks

pytestmark = pytest.mark.filterwarnings("error")

SENTENCE = r"^(n|x|kind|y|sample_weight|a and b) (is|has|have) .+: .+ (is|are) allowed$"

REFUSED = {
    "a fraction for a count": lambda: checks.whole_number("n", 2.0, 1, 5),
    "a truth for a count": lambda: checks.whole_number("n", True, 1, 5),
    "a count out of range": lambda: checks.whole_number("n", 6, 1, 5),
    "a text for a count": lambda: checks.whole_number("n", "3", 1),
    "a text for a number": lambda: checks.finite_number("x", "0.1", 0, above=True),
    "a list for a number": lambda: checks.finite_number("x", [0.1]),
    "infinity": lambda: checks.finite_number("x", np.inf, 0),
    "an end left out": lambda: checks.finite_number("x", 0, 0, 1, above=True),
    "the other end left out": lambda: checks.finite_number("x", 1.0, 0, 1, under=True),
    "an unknown name": lambda: checks.one_of("kind", "c", ("a", "b")),
    "an array for a name": lambda: checks.one_of("kind", np.array(["a"]), ("a", "b")),
    "texts for numbers": lambda: checks.float_array("x", ["1", "2"]),
    "objects that are texts": lambda: checks.float_array("x", np.array([1, "2"], dtype=object)),
    "complex numbers": lambda: checks.float_array("x", [1j]),
    "ragged rows": lambda: checks.float_array("x", [[1], [1, 2]]),
    "not a number": lambda: checks.float_array("x", [1, None]),
    "too large": lambda: checks.float_array("x", [1e101], checks.LARGEST),
    "a dimension too many": lambda: checks.float_vector("x", [[1.0]]),
    "a dimension too few": lambda: checks.float_matrix("x", [1.0]),
    "no row": lambda: checks.float_matrix("x", np.empty((0, 2))),
    "unequal shapes": lambda: checks.check_equal_shapes("a and b", np.ones(2), np.ones(3)),
    "a regression target": lambda: checks.class_labels("y", [0.5, 1]),
    "labels of two kinds": lambda: checks.class_labels("y", ["a", 1]),
    "missing labels": lambda: checks.class_labels("y", np.array(["a", None], dtype=object)),
    "a table of labels": lambda: checks.class_labels("y", [[1, 2]]),
    "no weight": lambda: checks.sample_weights([0, 0], 2),
    "a negative weight": lambda: checks.sample_weights([1, -1], 2),
    "a weight too few": lambda: checks.sample_weights([1], 2),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_says_what_came_and_what_is_allowed(what: str) -> None:
    with pytest.raises(ValueError, match=SENTENCE):
        REFUSED[what]()


def test_ranges_in_words() -> None:
    for words, call in {
        "from 1 to 5": lambda: checks.whole_number("n", 0, 1, 5),
        "of at least 1": lambda: checks.whole_number("n", 0, 1),
        "above 0": lambda: checks.finite_number("x", 0, 0, above=True),
        "from 0 to under 1": lambda: checks.finite_number("x", 1, 0, 1, under=True),
    }.items():
        with pytest.raises(ValueError, match=f" {words} is allowed"):
            call()


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i1", "u1", "i8", "O", "?", "g"])
def test_every_real_type_becomes_float64_without_a_warning(kind: str) -> None:
    values = np.array([0, 1, 1], dtype=kind)
    for given in (values, values.tolist(), [Fraction(0), Fraction(1), 1]):
        array = checks.float_vector("x", given, checks.LARGEST)
        assert array.dtype == np.float64
        assert array.tolist() == [0, 1, 1]


def test_labels_of_objects_are_those_of_their_own_type() -> None:
    assert checks.class_labels("y", np.array(["b", "a"], dtype=object)).dtype.kind == "U"
    assert checks.class_labels("y", np.array([2, 1], dtype=object)).dtype.kind == "i"
    assert checks.class_labels("y", [True, False]).dtype.kind == "b"
    assert checks.class_labels("y", np.array([1.0, 2.0], dtype=np.float32)).tolist() == [1, 2]


def test_weights() -> None:
    assert checks.sample_weights(None, 3).tolist() == [1, 1, 1]
    assert checks.sample_weights([0, 2], 2).tolist() == [0, 2]
