"""What a visitor takes away: scripts that run on NumPy alone and print the screen's numbers, and tables."""

import io
import random
import re
import subprocess
import sys

import pandas as pd
import pytest

from mlcore import logistic_regression
from pages.ui.script import standalone
from tests.pages.visit import draw, experiments, named, players, seen, tables, visit

each_experiment = pytest.mark.parametrize(("lab", "view"), experiments(), ids=named)
DRAWS = 2

# Runs a script in a process that can import NumPy and the standard library, and nothing else.
ALONE = """
import runpy, sys
class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {"numpy", *sys.stdlib_module_names}:
            raise ImportError(f"{name} is neither NumPy nor of the standard library")
sys.meta_path.insert(0, Wall())
runpy.run_path(sys.argv[1], run_name="__main__")
"""
NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")


def settings_of(lab, view, number):
    """The experiment as it opens, then at random settings."""
    if number == 0:
        return dict(view)
    return {**view, **draw(visit(lab.name, view), random.Random(number))}


def value(token):
    """A number as it is written on screen or printed."""
    return float(token.replace("−", "-").replace(",", ""))


def numbers(text):
    """The measured numbers in a text; small whole numbers are settings, shares follow from what is printed."""
    tokens = (token.rstrip(",") for token in NUMBER.findall(re.sub(r"[\d.,]+%", "", text)))
    return {token for token in tokens if re.search(r"[.e,]", token)}


def printed_as(token, printed):
    """Whether one of the printed numbers, its sign aside, reads as the token does on screen."""
    mantissa, _, exponent = token.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return any(abs(abs(number) - abs(value(token))) <= 0.5 * unit + 1e-5 * abs(number) for number in printed)


@each_experiment
@pytest.mark.parametrize("number", range(DRAWS))
def test_the_script_runs_alone_and_prints_the_numbers_on_screen(lab, view, number, tmp_path):
    at = visit(lab.name, {**settings_of(lab, view, number), f"{lab.prefix}_code": "true"})
    assert not at.exception
    script = tmp_path / "script.py"
    script.write_text(at.code[0].value, "utf-8")
    command = [sys.executable, "-I", "-W", "error", "-c", ALONE, str(script)]
    environment = {"PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"}  # two threads on busy cores wait for each other
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, env=environment)
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stderr == ""
    printed = [value(token) for token in NUMBER.findall(run.stdout)]
    frame = [player["labels"][player["frame"]] for player in players(at)]
    on_screen = numbers(" ".join([seen(at), *frame]))
    assert {token for token in on_screen if not printed_as(token, printed)} == set(), (seen(at), frame, run.stdout)


def test_what_a_module_takes_from_another_comes_along(tmp_path):
    code = standalone("print(sigmoid(-40.0))\nwhole_number('n', 3, 1, 5)", logistic_regression)
    assert code.count("def sigmoid(") == code.count("def whole_number(") == 1
    assert "mlcore" not in code
    script = tmp_path / "script.py"
    script.write_text(code, "utf-8")
    run = subprocess.run([sys.executable, "-I", "-c", ALONE, str(script)], capture_output=True, text=True, timeout=60)
    assert float(run.stdout) == pytest.approx(4.248354255291589e-18)


@each_experiment
@pytest.mark.parametrize("number", range(DRAWS))
def test_the_tables_are_whole(lab, view, number):
    found = tables(lab.name, settings_of(lab, view, number))
    assert found
    for name, data in found.items():
        assert re.fullmatch(rf"{lab.name}_[\w-]+\.csv", name)
        table = pd.read_csv(io.BytesIO(data))
        assert len(table)
        assert [column for column in table.columns if not column or column.startswith("Unnamed") or "." in column] == []
        assert [column for column in table.columns if table[column].isna().all()] == []
