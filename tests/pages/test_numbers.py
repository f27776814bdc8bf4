"""How numbers are written, against decimal arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui.numbers import short, typeset


def read(text: str) -> Decimal:
    """The number that a text says."""
    digits = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
    mantissa, _, power = text.translate(digits).replace(",", "").rpartition("×10") if "×" in text else (text, "", "")
    if "×" in text:
        return Decimal(mantissa.translate(digits)) * Decimal(10) ** int(power)
    sign, _, raised = text.partition("10")
    if raised and raised[0] in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹":
        return Decimal(f"{sign}1".replace("−", "-")) * Decimal(10) ** int(raised.translate(digits))
    return Decimal(text.replace("−", "-").replace(",", ""))


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300), st.integers(1, 6))
def test_a_number_is_right_to_its_digits(value, digits):
    text = short(value, digits)
    assert not set("-eE+") & set(text)
    exact = Decimal(value)
    if not exact:
        assert text == "0"
        return
    unit = Decimal(10) ** (exact.adjusted() - digits + 1)
    assert abs(read(text) - exact) <= unit / 2 * (1 + Decimal("1e-9"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.973, "−0.973"),
        (-1, "−1"),
        (1e-4, "10⁻⁴"),
        (-1e-7, "−10⁻⁷"),
        (2.867e11, "2.87×10¹¹"),
        (12345.6, "12,346"),
        (999_999.9, "10⁶"),
        (0.5, "0.5"),
    ],
)
def test_numbers_as_they_are_written(value, text):
    assert short(value) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("mean -0.973 (bias -1e-05)", "mean −0.973 (bias −10⁻⁵)"),
        ("2.867e+11 in all, 9.0e-05 left, 5e-01 kept", "2.867×10¹¹ in all, 9×10⁻⁵ left, 0.5 kept"),
        ("10-fold, k-fold, 75–90%, w − 1, A-1, 2024-11-28", "10-fold, k-fold, 75–90%, w − 1, A-1, 2024-11-28"),
        ("`fit(x=-1, tol=1e-6)` and $x = -1$ stay", "`fit(x=-1, tol=1e-6)` and $x = -1$ stay"),
    ],
)
def test_a_sentence_has_its_numbers_written_alike(text, written):
    assert typeset(text) == written
