"""How numbers are written wherever a visitor meets them: in sentences, labels, text alternatives, axes and tooltips.

Three significant digits, − for minus, commas between thousands, and a power of ten, as in 2.87×10¹¹, from a million
up and below a thousandth.
"""

import re

LEAST, MOST = 1e-3, 1e6  # numbers outside are written with a power of ten
_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISED = str.maketrans("-0123456789", f"⁻{_DIGITS}")
# Code and formulas stay as they are; a number with an exponent, as Python prints it; a hyphen that is a minus.
_WRITTEN = re.compile(
    r"(?P<kept>`[^`]*`|\$[^$\n]+\$)"
    r"|(?<![\w.])(?P<scientific>[-−]?(?P<mantissa>\d+(?:\.\d+)?)e[-−+]?\d+)(?!\w)"
    r"|(?<![\w)\]’'.-])-(?=\.?\d)"
)


def short(value: float, digits: int = 3) -> str:
    """The number in `digits` significant digits; whole from 1000 on."""
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    if LEAST <= abs(float(f"{mantissa}e{exponent}")) < MOST:
        text = f"{value:,.0f}" if int(exponent) >= digits else f"{value:.{digits - 1 - int(exponent)}f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    times = {"1": "", "-1": "-"}.get(mantissa, f"{mantissa}×")
    return f"{times}10{str(int(exponent)).translate(_RAISED)}".replace("-", "−")


def typeset(text: str) -> str:
    """A text with its numbers as they are written here: −0.97 for -0.97, 9×10⁻⁵ for 9.0e-05."""

    def write(match: re.Match[str]) -> str:
        if match["kept"]:
            return match["kept"]
        if match["scientific"]:
            digits = len(match["mantissa"].replace(".", ""))
            return short(float(match["scientific"].replace("−", "-")), digits)
        return "−"

    return _WRITTEN.sub(write, text)


def expression(value: str) -> str:
    """The same for a browser: the Vega expression that writes the number `value`, itself an expression."""
    power = f"floor(log(abs({value})) / LN10 + 1e-9)"  # the logarithm of a power of ten may fall just short of it
    share = f"format({value} / pow(10, {power}), '.3~r')"
    mantissa = f"({share} == '1' ? '' : {share} == '−1' ? '−' : {share} + '×')"
    tens = f"(abs({power}) > 9 ? '{_DIGITS}'[floor(abs({power}) / 10)] : '')"
    raised = f"({power} < 0 ? '⁻' : '') + {tens} + '{_DIGITS}'[abs({power}) % 10]"
    usual = f"format({value}, abs({value}) < 999.5 ? '.3~r' : ',.0f')"
    within = f"{value} == 0 || abs({value}) >= {LEAST} && abs({value}) < {MOST:.0f}"
    return f"({within} ? {usual} : {mantissa} + '10' + {raised})"
