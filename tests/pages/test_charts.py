"""What charts say: every specification of every lab, read as the pages send it."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import numpy as np
import pytest

import pages.charts
from pages.charts import logistic_regression, neural_network
from pages.ui.charts import place_rows
from pages.ui.voice import units
from tests.pages.visit import LABS, named, survey

each_lab = pytest.mark.parametrize("lab", LABS, ids=named)
# Charts over a picture with a height at each place: a loss, a probability, a score.
SURFACES = {"picture", "pictures"}


def functions() -> Iterator[object]:
    """Every specification function of the labs."""
    for module in pkgutil.iter_modules(pages.charts.__path__):
        for function in vars(importlib.import_module(f"pages.charts.{module.name}")).values():
            if hasattr(function, "cache_info") and getattr(function, "__module__", "").endswith(module.name):
                if function.__annotations__.get("return") is not None and "Spec" in str(
                    function.__annotations__["return"]
                ) + repr(function.__wrapped__.__annotations__):
                    yield function


def marks(lab) -> Iterator[tuple[str, dict]]:
    """Every mark of a lab's charts, with the chart's name."""
    for sight in survey(lab):
        for name, spec in zip(sight.charts, sight.specs, strict=True):
            for unit in units(spec):
                yield name, unit


def said(unit) -> list[str]:
    """What a tooltip calls its values; none if there is no tooltip."""
    tooltip = unit["encoding"]["tooltip"]["value"]
    return re.findall(r'"((?:[^"\\]|\\.)*)": ', tooltip["expr"]) if tooltip else []


@each_lab
def test_every_mark_says_named_numbers_in_three_digits_or_nothing(lab):
    for name, unit in marks(lab):
        assert set(unit["encoding"]["tooltip"]) == {"value"}, name  # of Vega's own making are fields and all digits
        tooltip = unit["encoding"]["tooltip"]["value"]
        assert tooltip is None or set(tooltip) == {"expr"}, name
        if unit["mark"]["type"] in {"image", "area", "text"}:
            assert tooltip is None, name
        for called in said(unit):
            assert called.strip() == called, name
            assert not re.search("_(?!k)|^(x2|y2|url|frame|edge.*|left|right|low|high)$", called), (name, called)
        for value in re.findall(r"format\([^,]*, ([^)]*)\)", tooltip["expr"] if tooltip else ""):
            assert "'.3~" in value or value in {"',.0f'", "'.2f'"} or ".3~r" in value, (name, value)


@each_lab
def test_a_line_says_its_name_only_and_its_points_say_the_values(lab):
    """A browser tells of a line the values of its first point, wherever it is touched."""
    for name, unit in marks(lab):
        if unit["mark"]["type"] == "line":
            assert said(unit) == [], name


@each_lab
def test_a_surface_says_its_height_at_every_place(lab):
    for sight in survey(lab):
        for name, spec in zip(sight.charts, sight.specs, strict=True):
            data = {unit.get("data", {}).get("name") for unit in units(spec)}
            heights = [
                unit for unit in units(spec) if unit["mark"].get("fill") == "transparent" and len(said(unit)) == 3
            ]
            if data & SURFACES and not re.match("Basins|Who trains", name):
                assert len(heights) == 1, name


@each_lab
def test_axes_write_powers_of_ten_and_the_true_minus(lab):
    for name, unit in marks(lab):
        for channel in ("x", "y"):
            encoding = unit["encoding"].get(channel, {})
            axis = encoding.get("axis") or {}
            assert not re.search("[esg]$", axis.get("format", "")), name
            if (encoding.get("scale") or {}).get("type") == "log" and encoding.get("axis", {}) is not None:
                assert "labelExpr" in axis, name


def test_the_survey_draws_every_specification():
    drawn = {name for lab in LABS for name, _ in marks(lab)}
    assert drawn
    missing = [function.__qualname__ for function in functions() if not function.cache_info().currsize]
    assert missing == []
    assert len(list(functions())) > 50


def test_the_places_of_a_surface_have_its_heights():
    def height(x, y):
        return np.sin(x) * y**2

    x, y = np.linspace(-2, 3, 61), np.linspace(0, 1, 41)
    rows = place_rows(height(*np.meshgrid(x, y)), (-2, 3), (0, 1))
    middle = (rows["x"] + rows["x2"]) / 2, (rows["y"] + rows["y2"]) / 2
    np.testing.assert_allclose(rows["value"], height(*middle), atol=1e-6)
    assert len(rows) == len(set(zip(*middle, strict=True)))


def luminance(colour) -> float:
    """Relative luminance (WCAG 2.2)."""
    share = np.asarray(colour) / 255
    return float(np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("charts", [logistic_regression, neural_network])
def test_a_point_stands_out_from_the_tint_of_its_own_class(charts, dark):
    tints = charts._TINTS[dark]
    tints = tints[[0, 2]] if charts is neural_network else tints
    for (colour, _), tint in zip(charts.CLASSES, tints, strict=False):
        point = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        dim, bright = sorted((luminance(point), luminance(tint)))
        assert (bright + 0.05) / (dim + 0.05) > 3
