"""What a visitor takes away: scripts that run on NumPy alone and print the screen's numbers, and tables."""

import io
import random
import re
import subprocess
import sys
from unittest import mock

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from mlcore import logistic_regression
from pages.ui.script import standalone
from tests.pages.visit import draw, experiments, named, players, seen, tables, visit

each_experiment = pytest.mark.parametrize(("lab", "view"), experiments(), ids=named)

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


ENCODINGS = ["cp1252", "ascii"]  # of a pipe or file on Windows, and of the poorest terminal


def run(script, encoding, folder):
    """Run a script where the output takes the signs of this encoding alone; what it printed is read back in full."""
    path = folder / "script.py"
    path.write_text(script, "utf-8")
    command = [sys.executable, "-P", "-s", "-W", "error", "-c", ALONE, str(path)]
    environment = {"PYTHONIOENCODING": encoding, "OPENBLAS_NUM_THREADS": "1"}  # two threads wait for each other
    done = subprocess.run(command, capture_output=True, cwd=folder, timeout=120, env=environment)
    printed = done.stdout.decode(encoding).encode("ascii", "backslashreplace").decode("unicode_escape")
    return done.returncode, printed, done.stderr.decode("utf-8", "replace")


def settings_of(lab, view, number):
    """The experiment as it opens, then at random settings."""
    if number == 0:
        return dict(view)
    return {**view, **draw(visit(lab.name, view), random.Random(number))}


def plain(text):
    """A text with 2.87×10¹¹ as 2.87e11."""
    digits = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return re.sub(r"(?:(\d[\d.]*)×)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: f"{m[1] or 1}e{m[2].translate(digits)}", text)


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
@pytest.mark.parametrize("number", range(len(ENCODINGS)))
def test_the_script_runs_alone_and_prints_the_numbers_on_screen(lab, view, number, tmp_path):
    at = visit(lab.name, {**settings_of(lab, view, number), f"{lab.prefix}_code": "true"})
    assert not at.exception
    assert "NumPy is all it needs." in "".join(text.value for text in at.markdown)
    code, stdout, stderr = run(at.code[0].value, ENCODINGS[number], tmp_path)
    assert code == 0, stderr[-2000:]
    assert stderr == ""
    printed = [value(token) for token in NUMBER.findall(stdout)]
    frame = [player["labels"][player["frame"]] for player in players(at)]
    on_screen = numbers(plain(" ".join([seen(at), *frame])))
    assert {token for token in on_screen if not printed_as(token, printed)} == set(), (seen(at), frame, stdout)


def test_a_script_that_needs_a_file_says_so(tmp_path):
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(6000, 14)).round(3), columns=[f"λ{j}" for j in range(14)])
    rows["passed"] = np.where(rows["λ0"] + rng.normal(size=6000) > 0, "yes", "no")
    at = visit("logistic_regression", {"lr_view": "Your data", "lr_code": "true"})
    at.file_uploader[0].set_value(("mine.csv", rows.to_csv(index=False).encode(), "text/csv"))
    offered = {}
    with mock.patch.object(st, "download_button", lambda label, data, name, *_, **__: offered.update({name: data})):
        at.run()
    assert not at.exception
    said = "".join(text.value for text in at.markdown)
    assert "NumPy is all it needs" not in said
    assert "Prepared data (CSV)" in said
    code, _, stderr = run(at.code[0].value, "cp1252", tmp_path)
    assert code == 1
    assert stderr == (
        "logistic_regression_prepared_data.csv is not in this folder: "
        'the button "Prepared data (CSV)" of the lab downloads it.\n'
    )
    table = offered["logistic_regression_prepared_data.csv"]()
    (tmp_path / "logistic_regression_prepared_data.csv").write_bytes(table)
    code, stdout, stderr = run(at.code[0].value, "cp1252", tmp_path)
    assert (code, stderr) == (0, "")
    (right,) = re.findall(r"gets \*\*(\d+)\*\*", seen(at))
    assert f"right on the test rows: {right} at the minimum" in stdout


def test_what_a_module_takes_from_another_comes_along(tmp_path):
    code = standalone("print(sigmoid(-40.0))\nwhole_number('n', 3, 1, 5)", logistic_regression)
    assert code.count("def sigmoid(") == code.count("def whole_number(") == 1
    assert "mlcore" not in code
    script = tmp_path / "script.py"
    script.write_text(code, "utf-8")
    run = subprocess.run([sys.executable, "-I", "-c", ALONE, str(script)], capture_output=True, text=True, timeout=60)
    assert float(run.stdout) == pytest.approx(4.248354255291589e-18)


@each_experiment
@pytest.mark.parametrize("number", range(len(ENCODINGS)))
def test_the_tables_are_whole(lab, view, number):
    found = tables(lab.name, settings_of(lab, view, number))
    assert found
    for name, data in found.items():
        assert re.fullmatch(rf"{lab.name}_[\w-]+\.csv", name)
        table = pd.read_csv(io.BytesIO(data))
        assert len(table)
        assert [column for column in table.columns if not column or column.startswith("Unnamed") or "." in column] == []
        assert [column for column in table.columns if table[column].isna().all()] == []
