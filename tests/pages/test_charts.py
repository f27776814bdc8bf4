"""What charts say: every specification of every lab, read as the pages send it."""

import importlib
import re
from collections.abc import Callable, Iterator
from typing import get_type_hints

import numpy as np
import pytest

from pages.charts import logistic_regression, neural_network, transformer
from pages.ui.charts import SEEN, Spec, place_rows
from pages.ui.voice import units
from tests.pages.visit import LABS, named, survey

each_lab = pytest.mark.parametrize("lab", LABS, ids=named)
# Charts over a picture with a height at each place: a loss, a probability, a score.
SURFACES = {"picture", "pictures"}


def functions(lab) -> list[Callable[..., Spec]]:
    """Every specification function of a lab."""
    found = vars(importlib.import_module(f"pages.charts.{lab.name}")).values()
    return [one for one in found if hasattr(one, "cache_info") and get_type_hints(one).get("return") == Spec]


# What the survey does not see: drawn after a click on a button.
LATER = {"transformer": {"Milliseconds": transformer.time_taken(300)}}


def marks(lab) -> Iterator[tuple[str, dict]]:
    """Every mark of a lab's charts, with the chart's name."""
    drawn = [pair for sight in survey(lab) for pair in zip(sight.charts, sight.specs, strict=True)]
    for name, spec in [*drawn, *LATER.get(lab.name, {}).items()]:
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
        expression = tooltip["expr"] if tooltip else ""
        assert set(re.findall(r"'(,?\.\d~?[a-z%])'", expression)) <= {".3~r", ".3~p", ",.0f", ".0%", ".2f"}, name
        for encoding in unit["encoding"].values():
            for part in encoding if isinstance(encoding, list) else [encoding]:
                if part.get("type") == "quantitative":
                    assert f': datum["{part.get("field")}"]' not in expression, name


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
                assert "labelExpr" in axis or axis["format"] == "d", name


@each_lab
def test_the_survey_draws_every_specification(lab):
    survey(lab)
    assert len(functions(lab)) > 3
    assert [function.__qualname__ for function in functions(lab) if not function.cache_info().currsize] == []


def test_the_places_of_a_surface_have_its_heights():
    def height(x, y):
        return np.sin(x) * y**2

    x, y = np.linspace(-2, 3, 61), np.linspace(0, 1, 41)
    rows = place_rows(height(*np.meshgrid(x, y)), (-2, 3), (0, 1)).to_pandas()
    middle = (rows["x"] + rows["x2"]) / 2, (rows["y"] + rows["y2"]) / 2
    np.testing.assert_allclose(rows["value"], height(*middle), atol=1e-6)
    assert len(rows) == len(set(zip(*middle, strict=True)))


def test_a_film_has_the_value_of_each_place():
    """In cells of SEEN, row by row from the bottom left, whichever way the pictures run."""

    def share(x, y):
        return 0.5 + 0.1 * x + 0.03 * y

    rows, columns = SEEN
    ends = neural_network.EXTENT * np.array([-1, 1])
    x, y = (ends[0] + np.ptp(ends) * (np.arange(n) + 0.5) / n for n in (columns, rows))
    expected = share(*np.meshgrid(x, y)).ravel()
    p = share(*logistic_regression.grid(ends, ends).T)
    films = (
        logistic_regression.pictures(np.stack([1 - p, p], axis=-1)[None], dark=False),
        neural_network.pictures(share(*neural_network.grid().T)[None], dark=False),
    )
    for film in films:
        (word,) = film["thousandths"].to_pylist()
        found = [int(word[i : i + 3]) / 999 for i in range(0, len(word), 3)]
        np.testing.assert_allclose(found, expected, atol=0.03)  # a cell's own middle is between the points known


def luminance(colour) -> float:
    """Relative luminance (WCAG 2.2)."""
    share = np.asarray(colour) / 255
    return float(np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("module", [logistic_regression, neural_network])
def test_a_point_stands_out_from_the_tint_of_its_own_class(module, dark):
    tints = module._TINTS[dark]
    tints = tints[[0, 2]] if module is neural_network else tints
    for (colour, _), tint in zip(module.CLASSES, tints, strict=False):
        point = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        dim, bright = sorted((luminance(point), luminance(tint)))
        assert (bright + 0.05) / (dim + 0.05) > 3
