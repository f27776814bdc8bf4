"""The visitor's own data: honest files give exact values, every other one clear sentence."""

import csv
import gzip
import io
import json
import random
import re
import tomllib
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from streamlit.testing.v1 import AppTest

from pages.ui.upload import (
    MAX_CELLS,
    MAX_CLASSES,
    MAX_COLUMNS,
    MAX_LEVELS,
    MAX_MEGABYTES,
    MAX_ROWS,
    MIN_ROWS,
    Unusable,
    as_code,
    classes,
    drawn,
    labels_and_scores,
    likely_classes,
    likely_columns,
    likely_features,
    likely_positive,
    likely_target,
    limits_in_words,
    parse_pairs,
    prepare,
    read_table,
    safe_name,
    sample_csv,
)

ROOT = Path(__file__).parents[2]
ROWS = [f"{i},{i * 0.5},{'ab'[i % 2]}" for i in range(24)]
HONEST = "\n".join(["x,z,y", *ROWS])
WORDS_OF_PANDAS = re.compile(
    r"pandas|C error|tokeniz|codec|Traceback|dtype|Errno|Exception|None of \[|axis|\bnan\b", re.I
)


def file(*lines, header="x,z,y"):
    """A file of enough honest rows with these lines after the first ten."""
    return "\n".join([header, *ROWS[:10], *lines, *ROWS[10:]]).encode()


def table_of(**columns):
    """A file of the given columns, read."""
    return read_table(pd.DataFrame(columns).to_csv(index=False).encode())


def archive():
    """A workbook is a ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("xl/workbook.xml", "<workbook/>")
    return buffer.getvalue()


def sentence(error):
    """The message, which must be one sentence of ours."""
    text = str(error.value)
    assert error.type is Unusable
    assert re.fullmatch(r"[A-Z][^\n]*[^\n. ]\.", text)
    plain = re.sub("`[^`]*`", "", text)
    assert ". " not in plain
    assert len(plain) < 200
    assert not WORDS_OF_PANDAS.search(plain)
    return text


REFUSED = {
    "empty": (b"", "The file is empty."),
    "only white space": (b" \r\n\t\n", "The file is empty."),
    "only a BOM": (b"\xef\xbb\xbf", "The file is empty."),
    "only delimiters": (b",,,\n,,,\n", "The file is empty."),
    "only a form feed": (b"\x0c\n\x0c\n", "The file is empty."),
    "only hard spaces": ("\u00a0\n\u00a0\n".encode(), "The file is empty."),
    "only empty quotes": (b'""\n""\n', "The file is empty."),
    "only a header": (b"x,z,y\n", "The file has a header but no rows."),
    "a header and blank lines": (b"x,z,y\n\n \n\r\n", "The file has a header but no rows."),
    "zeros": (bytes(5000), "The file is not text: it holds control characters that no CSV file has."),
    "random bytes": (
        random.Random(0).randbytes(5000),
        "The file is not text: it holds control characters that no CSV file has.",
    ),
    "one NUL among honest rows": (file("1,2\0,a"), "The file is not text: it holds control characters"),
    "NUL far down": (HONEST.encode() + b"\n1,2,a" * 3000 + b"\n1,\0,b", "The file is not text"),
    "a program": (b"\x7fELF\x02\x01\x01" + bytes(2000), "The file is not text"),
    "escape sequences": (b"\x1b[31m\x1b[0m" * 9 + HONEST.encode(), "The file is not text"),
    "a picture renamed": (
        b"\x89PNG\r\n\x1a\n" + bytes(99),
        "This is a picture, not a CSV file; export the table as CSV first.",
    ),
    "a photograph renamed": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "This is a picture"),
    "a workbook renamed": (archive(), "This is an Excel workbook or another ZIP archive, not a CSV file"),
    "an old workbook renamed": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "This is an old Excel workbook"),
    "a gzipped CSV": (gzip.compress(HONEST.encode()), "This is a compressed archive"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3", "This is a PDF document"),
    "JSON": (json.dumps([{"x": 1, "y": 2}], indent=1).encode(), "This is JSON"),
    "a web page": (b"\xef\xbb\xbf\n<!DOCTYPE html>\n<html>", "This is a web page"),
    "XML": (b"<?xml version='1.0'?><a/>", "This is XML"),
    "damaged UTF-16": (b"\xff\xfe" + HONEST.encode("utf-16-le")[:-1], "The file looks like UTF-16 but is damaged"),
    "UTF-32": (HONEST.encode("utf-32"), "The file is not text"),
    "an unknown encoding": (file("1,2,\x8d\x8f").replace("\x8d".encode(), b"\x8d"), "The file's encoding is unknown"),
    "a short row": (file("1,2"), "Line 12 has 2 cells, but the header on line 1 has 3."),
    "a long row": (file("1,2,a,4"), "Line 12 has 4 cells, but the header on line 1 has 3."),
    "a ragged row after blank lines": (b"\n\n" + file("", "1"), "Line 15 has 1 cell, but the header on line 3 has 3."),
    "prose": (
        b"Dear all,\nplease find\nattached, as agreed, the file\n",
        "Line 3 has 3 cells, but the header on line 1 has 2.",
    ),
    "an unclosed quote": (file('1,2,"a'), "The quotation marks in the row that starts on line 12 do not match."),
    "an unclosed quote in a long file": (
        file('1,2,"a') + b"\n1,2,a" * 40000,
        "The quotation marks in the row that starts on line 12 do not match.",
    ),
    "a quote closed inside a cell": (file('1,2,"a"b'), "The quotation marks in the row that starts on line 12"),
    "a very long cell": (file("1,2," + "a" * 200_000), "Line 12 has a cell longer than 131\u202f072 characters."),
    "a very long line": (file("1,2" * 400_000), "Line 12 is longer than 1\u202f000\u202f000 characters."),
    "a very long header": (b"x," * 600_000 + b"y\n1", "Line 1 is longer than 1\u202f000\u202f000 characters."),
    "one column": (
        "\n".join(["x", *map(str, range(30))]).encode(),
        "The file has only one column; a target and at least one feature are needed, separated by commas, "
        "semicolons, tabs or spaces.",
    ),
    "one column and trailing delimiters": (
        "\n".join(["x,", *(f"{i}," for i in range(30))]).encode(),
        "only one column",
    ),
    "too many columns": (
        ",".join(f"c{i}" for i in range(101)).encode() + b"\n1",
        "The file has 101 columns; at most 100 are taken.",
    ),
    "a hundred thousand columns": (
        b"c," * 99_999 + b"c\n1",
        "The file has 100\u202f000 columns; at most 100 are taken.",
    ),
    "too few rows": (b"x,y\n1,a\n2,b\n", "The file has 2 rows; at least 20 are needed."),
    "a million rows": (
        b"x,y\n" + b"1,a\n" * 1_000_000,
        "The file has 1\u202f000\u202f001 lines; at most 200\u202f000 rows are taken.",
    ),
    "one row too many": (b"x,y\n" + b"1,a\n" * (MAX_ROWS + 1), "at most 200\u202f000 rows are taken."),
    "too many cells": (
        b"x," * 49 + b"y\n" + (b"1," * 49 + b"a\n") * 100_001,
        "The file has 100\u202f002 lines of 50 cells, and at most 5\u202f000\u202f000 cells are taken; leave out",
    ),
    "ARFF": (b"@RELATION iris\n", "This is an ARFF file"),
    "too large": (bytes(51 * 2**20), "The file has 51 MB; at most 50 MB are taken."),
}

N = np.arange(40.0)
HALF = np.where(N % 2, "yes", "no")
UNPREPARED = {  # columns, target, features, task, the sentence
    "one class": (
        {"x": N, "y": ["a"] * 40},
        "classification",
        "The target `y` has only one class, `a`; a classification needs two or more.",
    ),
    "no class": ({"x": N, "y": [None] * 40}, "classification", "The target `y` has no values at all"),
    "infinite target": ({"x": N, "y": ["inf"] * 40}, "classification", "The target `y` has no values at all"),
    "too many classes": (
        {"x": N, "y": N},
        "classification",
        "The target `y` takes 40 different values; a classification takes 2 to 10.",
    ),
    "too many texts": (
        {"x": N, "y": [f"t{i}" for i in range(40)]},
        "binary",
        "The target `y` takes 40 different values",
    ),
    "a rare class": (
        {"x": N, "y": ["a"] * 36 + ["b"] * 4},
        "classification",
        "The class `b` of the target `y` has 4 rows; each class needs at least 5.",
    ),
    "three classes in a binary task": (
        {"x": N, "y": ["a", "b", "c", "c"] * 10},
        "binary",
        "The target `y` has 3 classes; choose the one to predict.",
    ),
    "constant feature": (
        {"x": [7] * 40, "y": HALF},
        "classification",
        "None of the chosen features can be used: each is constant, empty, or text with more than 20 different values.",
    ),
    "constant text": ({"x": ["same"] * 40, "y": HALF}, "classification", "None of the chosen features can be used"),
    "empty feature": ({"x": [None] * 40, "y": HALF}, "classification", "None of the chosen features can be used"),
    "NaN everywhere": ({"x": ["NaN"] * 40, "y": HALF}, "binary", "None of the chosen features can be used"),
    "infinite everywhere": (
        {"x": ["inf", "-inf"] * 20, "y": HALF},
        "binary",
        "None of the chosen features can be used",
    ),
    "dates": ({"x": [f"2024-01-{i % 31}" for i in range(40)], "y": HALF}, "binary", "None of the chosen features"),
    "text target": ({"x": N, "y": HALF}, "regression", "The target `y` holds text; a regression needs numbers."),
    "constant target": (
        {"x": N, "y": [3.5] * 40},
        "regression",
        "The target `y` has the same value in every row; there is nothing to predict.",
    ),
    "mostly missing target": (
        {"x": N, "y": [1, 2, 3] + [None] * 37},
        "regression",
        "Only 3 rows have a usable target `y`; at least 20 are needed.",
    ),
    "hostile class names": (
        {"x": N, "y": ["`$x$` :red[a]", *["b"] * 39]},
        "classification",
        "The class `'$x$' :red[a]` of the target `y` has 1 row; each class needs at least 5.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_table_gets_one_clear_sentence(name):
    data, expected = REFUSED[name]
    with pytest.raises(Unusable) as error:
        read_table(data)
    assert expected in sentence(error)


@pytest.mark.parametrize("name", UNPREPARED)
def test_a_table_that_cannot_be_learnt_from_gets_one_clear_sentence(name):
    columns, task, expected = UNPREPARED[name]
    with pytest.raises(Unusable) as error:
        prepare(table_of(**columns), "y", ["x"], task)
    assert expected in sentence(error)


def test_there_are_forty_hostile_cases_and_more():
    assert len(REFUSED) + len(UNPREPARED) >= 40


ACCEPTED = {
    "commas": HONEST,
    "CRLF": HONEST.replace("\n", "\r\n"),
    "CR": HONEST.replace("\n", "\r"),
    "a last line end": HONEST + "\n",
    "blank lines": HONEST.replace("\n", "\n\n"),
    "semicolons": HONEST.replace(",", ";"),
    "tabs": HONEST.replace(",", "\t"),
    "bars": HONEST.replace(",", "|"),
    "a space after the comma": HONEST.replace(",", ", "),
    "quotes": "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in HONEST.split("\n")),
    "trailing delimiters": HONEST.replace("\n", ",\n") + ",",
    "trailing delimiters below the header": HONEST.replace("\n", ",\n").replace("y,\n", "y\n", 1) + ",",
    "decimal commas": HONEST.replace(",", ";").replace(".", ","),
    "decimal commas and tabs": HONEST.replace(",", "\t").replace(".", ","),
    "exponents": "\n".join(["x,z,y", *(f"{i},{i * 5}e-1,{'ab'[i % 2]}" for i in range(24))]),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_honest_file_gives_exact_values(name):
    table = read_table(ACCEPTED[name].encode())
    assert list(table) == ["x", "z", "y"]
    np.testing.assert_array_equal(table["x"], np.arange(24.0))
    np.testing.assert_array_equal(table["z"], np.arange(24) * 0.5)
    assert list(table["y"]) == ["a", "b"] * 12
    assert list(table["y"].cat.categories) == ["a", "b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(encoding):
    table = read_table(HONEST.replace("z", "größe").replace("a", "é").encode(encoding))
    assert list(table) == ["x", "größe", "y"]
    assert list(table["y"].cat.categories) == ["b", "é"]
    assert ("Windows-1252" in "".join(table.attrs["notes"])) == (encoding == "cp1252")
    assert ("UTF-16" in "".join(table.attrs["notes"])) == encoding.startswith("utf-16")


BODY = "\n".join(f"{i % 7 + 0.5},{i * 0.25},{'ab'[i % 2]}" for i in range(24))
LAYOUTS = {  # a file, its names, the line they are on, its rows, what is said
    "no names": (BODY, ["column 1", "column 2", "column 3"], 0, 24, "The first line looks like data"),
    "no names, only numbers": (
        BODY.replace("a", "1").replace("b", "0"),
        ["column 1", "column 2", "column 3"],
        0,
        24,
        "looks like data",
    ),
    "no names, only texts": ("\n".join(["x,s,e", "b,s,p"] * 20), ["column 1", "column 2", "column 3"], 0, 40, "looks"),
    "no names, texts all different": (
        "\n".join(f"{'hs'[i % 2]}\ttext {i}" for i in range(30)),
        ["column 1", "column 2"],
        0,
        30,
        "The first line looks like data",
    ),
    "names that are years": (BODY.join(["2019,2020,kind\n", ""]), ["2019", "2020", "kind"], 1, 24, ""),
    "names that count": (
        "0,1,2,3\n" + "\n".join(f"{i}.5,{i * i},{i % 3},{i % 2}" for i in range(24)),
        ["0", "1", "2", "3"],
        1,
        24,
        "",
    ),
    "a title": ("Report 2024\nx,z,y\n" + BODY, ["x", "z", "y"], 2, 24, "Line 1 holds neither names"),
    "titles as wide as the table": (
        "Report 2024,,\n,,\nx,z,y\n" + BODY,
        ["x", "z", "y"],
        3,
        24,
        "2 lines hold neither names of columns nor data, and are left out.",
    ),
    "comments": ("# made today\n#\nx,z,y\n" + BODY, ["x", "z", "y"], 3, 24, "2 lines hold neither"),
    "the separator named": ("sep=;\nx;z;y\n" + BODY.replace(",", ";"), ["x", "z", "y"], 2, 24, "Line 1 holds"),
    "two lines of names": ("X1,X2,Y\nage,income,default\n" + BODY, ["age", "income", "default"], 2, 24, "Line 1 holds"),
    "units below the names": ("length,width,kind\ncm,cm,\n" + BODY, ["length", "width", "kind"], 1, 24, "Line 2 holds"),
    "a comma after the last name": ("id,x,y,\n" + BODY, ["id", "x", "y"], 1, 24, ""),
    "a table saved by R": (
        '"x" "z" "y"\n' + "\n".join(f'"{i}" {i % 5}.5 {i % 7}.25 "a {i % 2}"' for i in range(24)),
        ["column 1", "x", "z", "y"],
        1,
        24,
        "",
    ),
    "columns lined up by spaces": (
        "  x      z   y\n" + "\n".join(f"{i % 7 + 0.5:6.2f} {i * 0.25:6.2f}   {'ab'[i % 2]}" for i in range(24)),
        ["x", "z", "y"],
        1,
        24,
        "",
    ),
    "spaces, a tab and quotes": (
        "\n".join(f'18.{i}   8   307.{i % 7}      {i}00.\t"chevrolet {i}"' for i in range(24)),
        ["column 1", "column 2", "column 3", "column 4", "column 5"],
        0,
        24,
        "looks like data",
    ),
    "single quotes": (
        "'x','z','y'\n" + "\n".join(f"{i}.5,{i % 7},'a, {i % 2}'" for i in range(24)),
        ["x", "z", "y"],
        1,
        24,
        "",
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_names_titles_and_data_are_told_apart(name):
    text, names, line, rows, note = LAYOUTS[name]
    table = read_table(text.encode())
    assert list(table) == names
    assert table.attrs["names_on"] == line
    assert len(table) == rows
    assert not table.isna().any(axis=None)
    assert note in " ".join(table.attrs["guesses"])
    assert bool(note) == bool(table.attrs["guesses"])


def test_a_table_without_names_keeps_its_first_row_and_its_values():
    table = read_table(BODY.encode())
    np.testing.assert_array_equal(table["column 1"], np.arange(24) % 7 + 0.5)
    np.testing.assert_array_equal(table["column 2"], np.arange(24) * 0.25)
    assert list(table["column 3"]) == ["a", "b"] * 12


def test_which_line_holds_the_names_can_be_chosen():
    named = read_table(BODY.encode(), names_on=1)
    assert list(named) == ["0.5", "0.0", "a"]
    assert len(named) == 23
    assert named.attrs["guesses"] == ()
    titled = ("X1,X2,Y\nage,income,default\n" + BODY).encode()
    assert list(read_table(titled, names_on=1)) == ["X1", "X2", "Y"]
    assert len(read_table(titled, names_on=1)) == 24
    plain = read_table(HONEST.encode(), names_on=0)
    assert len(plain) == 25
    assert list(plain.iloc[0]) == ["x", "z", "y"] or plain.iloc[0].isna().any()
    assert list(read_table(HONEST.encode(), names_on=999)) == ["x", "z", "y"]


def test_a_word_for_nothing_is_a_value_where_the_file_means_it():
    n = 40
    made = table_of(
        y=np.where(N % 2, "none", "yes"),
        other=["none"] * 36 + ["guarantor"] * 4,
        three=["None", "A", "B", "A"] * 10,
        number=["None", *map(str, range(1, n))],
        alley=["NA", "Grvl"] * 20,
    )
    assert classes(made, "y")[1] == ("none", "yes")
    assert made["other"].notna().all()
    assert classes(made, "three")[1] == ("A", "B", "None")
    np.testing.assert_array_equal(made["number"], [np.nan, *range(1, n)])
    assert made["alley"].isna().sum() == 20
    assert made.attrs["words"] == {"none": 56, "None": 10, "NA": 20}
    meant = read_table(made.assign(alley=["NA", "Grvl"] * 20).to_csv(index=False, na_rep="").encode(), gaps={""})
    assert list(meant["alley"].cat.categories) == ["Grvl", "NA"]
    assert read_table(b"x,y\n" + b"1,none\n2,yes\n" * 20, gaps={"none"})["y"].isna().sum() == 20


def column(*cells, delimiter=","):
    """One column of a file, made of these cells over and over."""
    cells = [f'"{cell}"' for cell in cells] * -(-MIN_ROWS // len(cells))
    table = read_table(
        "\n".join([f"c{delimiter}y", *(f"{cell}{delimiter}{'ab'[i % 2]}" for i, cell in enumerate(cells))]).encode()
    )
    return table["c"], " ".join(table.attrs["notes"])


NUMBERS = {
    "missing": (["1", "", "NA", "n/a", "NaN", "null", "None", " ? "], [1] + [np.nan] * 7, ""),
    "thousands": (["1,234", "12,345,678.5", "7"], [1234, 12345678.5, 7], "thousands"),
    "spaces in thousands": (["1 234", "5"], [1234, 5], "thousands"),
    "decimal commas, quoted": (["1,5", "-2,25"], [1.5, -2.25], "decimal commas"),
    "decimal commas and points in thousands": (["1.234,5", "2,25"], [1234.5, 2.25], "decimal commas"),
    "infinite": (["1", "inf", "-Infinity", "1e400"], [1, np.inf, -np.inf, np.inf], ""),
    "huge integers": (["123456789012345678901234567890", "1"], [123456789012345678901234567890.0, 1], ""),
    "beyond 64 bits in the negative": (["-9223372036854775809", "18446744073709551615"], [-(2.0**63), 2.0**64], ""),
    "currency": (["$20,100.00 ", "-$5.50", "$-2"], [20100, -5.5, -2], "Currency signs left out, and commas"),
    "currency behind": (
        ["20.100,50 €", "7,25 €"],
        [20100.5, 7.25],
        "Currency signs left out, and commas read as decimal",
    ),
    "currency as a word": (["USD 3.5", "USD 4"], [3.5, 4], "Currency signs left out"),
    "brackets of accountants": (["(1,234.50)", "12"], [-1234.5, 12], "Numbers in brackets read as negative"),
    "percent": (["0.5%", "12 %"], [0.5, 12], "Percent signs left out, so that 5% is 5"),
    "units": ([f"{i}.5 kg" for i in range(30)], [i + 0.5 for i in range(30)], "The unit kg left out"),
    "years": (["1 year", *(f"{i} years" for i in range(2, 30))], range(1, 30), "The unit year left out"),
    "points in thousands": (["1.234.567", "12.345"], [1234567, 12345], "Points read as thousands separators"),
    "hard spaces in thousands": (["1\u00a0234", "5\u202f678"], [1234, 5678], "thousands"),
    "a dash for nothing": (["-", *map(str, range(30))], [np.nan, *range(30)], "taken as missing (1 cell)"),
    "signs and exponents": (["+1", "-.5", "1E3", "2.", "1e-400"], [1, -0.5, 1000, 2, 0], ""),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_as_people_write_them(name):
    cells, values, note = NUMBERS[name]
    found, notes = column(*cells)
    np.testing.assert_array_equal(found[: len(values)], values)
    assert note in notes
    assert bool(note) == bool(notes)


def test_a_comma_in_a_file_with_semicolons_is_a_decimal_comma():
    np.testing.assert_array_equal(column("1,234", "5,678", delimiter=";")[0][:2], [1.234, 5.678])
    np.testing.assert_array_equal(column("1,234", "5,678")[0][:2], [1234, 5678])


def test_points_are_thousands_separators_only_where_commas_are_decimal():
    rows = [f"{i},5;{i + 1}.000;{'ab'[i % 2]}" for i in range(24)]
    np.testing.assert_array_equal(read_table("\n".join(["x;n;y", *rows]).encode())["n"], 1000 * np.arange(1, 25))
    rows = [f"{i};{i + 1}.000;0.{i + 100}" for i in range(24)]
    table = read_table("\n".join(["x;n;p", *rows]).encode())
    np.testing.assert_array_equal(table["n"], np.arange(1, 25))
    np.testing.assert_array_equal(table["p"], (np.arange(24) + 100) / 1000)
    assert table.attrs["notes"] == []


def test_booleans_are_one_however_they_are_spelt():
    table = table_of(x=N, y=["TRUE", "True", "false", "False"] * 10)
    assert classes(table, "y")[1] == ("False", "True")


def test_a_file_with_decimal_commas_may_have_decimal_points_too_and_keeps_every_digit():
    values = np.random.default_rng(0).normal(size=(200, 2))
    rows = [f"{str(a).replace('.', ',')};{b};{'pq'[i % 2]}" for i, (a, b) in enumerate(values)]
    table = read_table("\n".join(["a;b;y", *rows]).encode())
    np.testing.assert_array_equal(table[["a", "b"]], values)
    assert table.attrs["notes"] == ["Commas read as decimal commas: `a`."]
    plain = read_table("\n".join(["a;b;y", *rows]).replace(",", ".").encode())
    np.testing.assert_array_equal(plain[["a", "b"]], values)
    assert plain.attrs["notes"] == []


TEXTS = {
    "a formula": ["=cmd|' /C calc'!A0", "=1+1"],
    "booleans": ["True", "False"],
    "underscores": ["1_000", "2_000"],
    "hexadecimal": ["0x1F", "0x20"],
    "dates": ["2024-01-31", "2024-02-01"],
    "mixed": ["1", "2", "three"],
    "other digits": ["١٢", "٣"],
    "markup": ["<script>alert(1)</script>", "$x$"],
    "half a number": ["1.2.3", "4"],
    "a few values with a unit": ["36 months", "60 months"],
    "percentages among other numbers": ["12%", "0.3"],
    "millions": ["$1.5M", "$2K"],
    "marks": ["A+", "A", "B-"],
    "ordinals": ["1st", "2nd", "3rd"],
    "times": ["12:30", "13:45"],
}


@pytest.mark.parametrize("name", TEXTS)
def test_everything_else_is_text_as_it_stands(name):
    found, notes = column(*TEXTS[name])
    assert list(found[: len(TEXTS[name])]) == TEXTS[name]
    assert not notes


def test_a_few_texts_in_a_column_of_numbers_are_missing_and_counted():
    table = table_of(x=[*map(str, range(98)), "unknown", "later"], y=["a", "b"] * 50)
    np.testing.assert_array_equal(table["x"], [*range(98), np.nan, np.nan])
    assert table.attrs["notes"] == ["Texts in a column of numbers taken as missing (2 cells): `x`."]


def test_texts_that_are_all_different_are_of_no_use_and_only_counted():
    table = read_table("\n".join(["t,x,y", *(f"a{i},{i},{'pq'[i % 2]}" for i in range(5000))]).encode())
    assert table["t"].isna().all()
    with pytest.raises(Unusable, match=r"^The target `t` takes 5\u202f000 different values"):
        classes(table, "t")
    assert prepare(table, "y", ["t", "x"]).feature_names == ("x",)


def test_a_class_is_never_taken_for_a_stray_text():
    table = table_of(x=N, y=["0"] * 39 + ["fraud"])
    assert list(table["y"].cat.categories) == ["0", "fraud"]


HOSTILE_NAMES = [
    "<script>alert(1)</script>",
    "**bold** _it_ `code`",
    "$\\frac{1}{0}$",
    ":red[danger] :material/home: :smile:",
    "[link](javascript:alert(1))",
    "![i](http://example.org/x.png)",
    "=HYPERLINK(1)",
    "@SUM(1)",
    "+cmd|x",
    "__proto__",
    "constructor",
    "a" * 5000,
    "\u202eevil\u200b\x07\u2066",
    "\ud7ff\U000e0001x\ue000",
    "line\nbreak\ttab",
    "x",
    "x",
    "X ",
    "",
    "  ",
    "x (2)",
    "#h",
    "nan",
    "NaN",
    "{{7*7}}",
    "'; DROP TABLE students;--",
    "../../etc/passwd",
    "%00",
    "é",
]


def test_hostile_column_names_are_short_visible_unique_and_said():
    buffer = io.StringIO()
    pd.DataFrame([range(len(HOSTILE_NAMES))] * MIN_ROWS).to_csv(buffer, index=False, header=HOSTILE_NAMES)
    table = read_table(buffer.getvalue().encode())
    names = list(table)
    assert len(set(names)) == len(names) == len(HOSTILE_NAMES)
    for name in names:
        assert 0 < len(name) <= 40
        assert name[0] not in "=@+"
        assert name != "__proto__"
        assert "`" not in name
        assert {unicodedata.category(letter)[0] for letter in name} & {"C"} == set()
        assert name.isprintable()
        assert safe_name(name) == name
        assert as_code(name) == f"`{name}`"
    np.testing.assert_array_equal(table.iloc[0], np.arange(len(names)))
    assert names[9:11] == ["proto", "constructor"]
    assert names[12:21] == ["evil", "x", "line break tab", "x (2)", "x (3)", "X", "column 19", "column 20", "x (2) (2)"]
    (note,) = table.attrs["notes"]
    assert note.startswith("Renamed, because the name was empty, repeated, too long or unsafe to show: ")
    assert note.endswith("more.")


def test_names_of_classes_and_levels_are_as_safe_as_those_of_columns():
    long = ["=" + "a" * 60 + "1", "=" + "a" * 60 + "2", "\u202e`b`"]
    table = table_of(x=N[:39], t=long * 13, y=long * 13)
    made = prepare(table, "y", ["x", "t"])
    for name in (*made.class_names, *made.feature_names):
        assert safe_name(name) == name
    assert len(set(made.class_names)) == 3
    assert len(set(made.feature_names)) == len(made.feature_names) == made.X_train.shape[1] == 3


def test_columns_without_name_and_data_are_left_out_and_others_stay():
    table = read_table("\n".join(["a,,b,,", *(f"{i},,{i},5," for i in range(30))]).encode())
    assert list(table) == ["a", "b", "column 4"]
    assert table.attrs["notes"][0] == "Left out: 2 columns with neither a name nor data."


def test_the_largest_file_that_the_limits_allow_is_taken():
    table = read_table(b"x,y\n" + b"1,a\n" * MAX_ROWS)
    assert table.shape == (MAX_ROWS, 2)
    assert table.memory_usage().sum() < 10 * MAX_ROWS
    wide = ",".join(f"c{i}" for i in range(MAX_COLUMNS)) + f"\n{','.join('1' * MAX_COLUMNS)}" * MIN_ROWS
    assert read_table(wide.encode()).shape == (MIN_ROWS, MAX_COLUMNS)


def test_what_is_kept_of_the_largest_file_is_eight_bytes_a_number_and_one_a_text():
    rows = MAX_CELLS // 50
    half = read_table(b"n,t,u\n" + b"".join(b"%d.5,%s,id%d\n" % (i, [b"yes", b"no"][i % 2], i) for i in range(rows)))
    assert half["n"].memory_usage(index=False) == 8 * rows
    assert half[["t", "u"]].memory_usage(index=False, deep=True).sum() < 2 * rows + 2000


def test_progress_runs_from_nothing_to_all():
    marks = []
    read_table(b"x,y\n" + b"1,a\n" * 50_000, marks.append)
    assert marks == sorted(marks)
    assert len(marks) > 20
    assert 0 < marks[0] < 0.1
    assert marks[-1] == 1


@pytest.mark.parametrize("seed", range(100))
def test_what_pandas_writes_is_read_back(seed):
    """Pandas is the witness: whatever the separators, quotes and encodings, each value comes back, digit for digit."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(MIN_ROWS, 200))
    gaps = rng.random((2, n)) < rng.choice([0, 0.3])
    written = pd.DataFrame(
        {
            "measure": np.where(gaps[0], np.nan, rng.normal(size=n) * 10.0 ** rng.integers(-8, 8)),
            "count, in all": rng.integers(-5, 10**6, n),
            "kind": np.where(gaps[1], None, rng.choice(["a b", "é, ü", 'say "no"', "x;y", "none"], n)),
            "flag": rng.choice(["yes", "no"], n),
        }
    ).sample(frac=1, axis=1, random_state=seed)
    delimiter = str(rng.choice([",", ";", "\t", "|"]))
    text = written.to_csv(
        index=False,
        sep=delimiter,
        decimal="," if delimiter != "," and rng.random() < 0.5 else ".",
        quoting=int(rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])),
        lineterminator=rng.choice(["\n", "\r\n"]),
        na_rep=rng.choice(["", "NA", "?", "NaN"]),
    )
    table = read_table(text.encode(rng.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"])))
    assert list(table) == list(written)
    for name in written:
        if name in {"measure", "count, in all"}:
            np.testing.assert_array_equal(table[name], written[name])
        else:
            assert list(table[name].astype(object).fillna("")) == list(written[name].astype(object).fillna(""))


@pytest.mark.parametrize("seed", range(300))
def test_a_file_spoilt_at_random_is_read_or_gets_one_sentence(seed):
    rng = random.Random(seed)
    data = bytearray(HONEST.encode())
    for _ in range(rng.choice([1, 3, 10])):
        at = rng.randrange(len(data))
        data[at : at + rng.choice([0, 0, 1, 5])] = rng.choice(
            [
                b'"',
                b",",
                b"\n",
                b"\r",
                b'""',
                b" ",
                b";",
                b"\t",
                b"\xff",
                b"\xc3",
                b"'",
                b"\\",
                b"#",
                b"\n\n",
                b' "a,b" ',
            ]
        )
    try:
        table = read_table(bytes(data))
    except Unusable:
        with pytest.raises(Unusable) as error:
            read_table(bytes(data))
        sentence(error)
    else:
        assert {str(dtype) for dtype in table.dtypes} <= {"float64", "category"}
        assert len(table) >= MIN_ROWS
        assert not table.columns.duplicated().any()


# From a table to arrays.


def test_a_gap_is_filled_by_the_median_of_the_training_rows_alone():
    x = [i**2 if i % 5 else None for i in range(40)]
    made = prepare(table_of(row=N, x=x, y=HALF), "y", ["row", "x"], seed=3)
    assert (made.X_train.shape, made.X_test.shape) == ((28, 2), (12, 2))
    median = np.median([x[int(row)] for row in made.X_train[:, 0] if row % 5])
    for row, value in np.vstack([made.X_train, made.X_test]):
        assert value == (row**2 if row % 5 else median)
    assert any(row % 5 == 0 for row in made.X_test[:, 0])
    assert made.report == ("Missing numbers filled with the median of the training rows (how many): `x: 8`.",)


@pytest.mark.parametrize("spoilt", [1e9, None, -np.inf])
def test_what_the_test_rows_hold_changes_nothing_about_the_training_rows(spoilt):
    x = [None, *N[1:]]
    t = np.where(N % 4 == 0, "a", "b").astype(object)
    clean = prepare(table_of(row=N, x=x, t=t, y=HALF), "y", ["row", "x", "t"], seed=1)
    tested = clean.X_test[:, 0].astype(int)
    x, t = np.array(x, dtype=object), t.copy()
    x[tested], t[tested] = spoilt, "never seen in training"
    made = prepare(table_of(row=N, x=x, t=t, y=HALF), "y", ["row", "x", "t"], seed=1)
    np.testing.assert_array_equal(made.X_train, clean.X_train)
    assert made.feature_names == clean.feature_names == ("row", "x", "t: a")
    median = np.median([x[int(row)] for row in made.X_train[:, 0] if row])
    assert (made.X_test[:, 1] == (1e9 if spoilt == 1e9 else median)).all()
    assert (made.X_test[:, 2] == 0).all()  # an unseen level looks like the commonest


def test_text_is_coded_against_its_commonest_level():
    table = table_of(t=["b", "b", "a", None] * 10, y=HALF)
    made = prepare(table, "y", ["t"], test_share=0)
    assert made.feature_names == ("t: missing", "t: a")
    np.testing.assert_array_equal(made.X_train[:4], [[0, 0], [0, 0], [0, 1], [1, 0]])
    assert made.X_test.shape == (0, 2)
    assert made.report == (
        "Text coded one-hot; 0 in all its columns means the commonest level, named here: `t: b`.",
        "Missing text kept as a level of its own: `t`.",
    )


def test_infinite_and_enormous_numbers_are_missing():
    made = prepare(table_of(x=["inf", "1e200", *map(str, range(38))], y=HALF), "y", ["x"], test_share=0)
    np.testing.assert_array_equal(made.X_train[:3, 0], [18.5, 18.5, 0])
    assert made.report[1] == "Infinite numbers, and those beyond 1e+100, taken as missing: `x`."


def test_useless_features_are_left_out_and_named():
    nearly = [0.3, 0.1 + 0.2] * 20
    table = table_of(
        x=N,
        constant=[1] * 40,
        nearly=nearly,
        tiny=1e-300 * N,
        empty=[None] * 40,
        ids=[f"id{i}" for i in range(40)],
        y=HALF,
    )
    made = prepare(table, "y", [name for name in table if name != "y"])
    assert made.feature_names == ("x",)
    assert made.report == (
        "Left out, the same in every training row: `constant`, `nearly`, `tiny`.",
        f"Left out, more than {MAX_LEVELS} different texts: `ids`.",
        "Left out, no value in any training row: `empty`.",
    )


def test_the_split_keeps_every_class_in_its_share_and_every_row_once():
    y = ["a"] * 30 + ["b"] * 10 + [None] * 5
    made = prepare(table_of(x=np.arange(45), y=y), "y", ["x"], test_share=0.2, seed=5)
    assert (np.bincount(made.y_train) == [24, 8]).all()
    assert (np.bincount(made.y_test) == [6, 2]).all()
    rows = np.concatenate([made.X_train, made.X_test])[:, 0]
    np.testing.assert_array_equal(np.sort(rows), np.arange(40))
    np.testing.assert_array_equal(made.y_test, made.X_test[:, 0] >= 30)
    assert made.report == ("Left out: 5 rows without a usable value of the target `y`.",)
    other = prepare(table_of(x=np.arange(45), y=y), "y", ["x"], test_share=0.2, seed=6)
    assert not np.array_equal(made.X_test, other.X_test)


def test_classes_are_named_in_order_and_one_can_stand_against_the_rest():
    table = table_of(x=N, y=[10, 2, 3.5, -1] * 10)
    assert prepare(table, "y", ["x"]).class_names == ("-1", "2", "3.5", "10")
    made = prepare(table, "y", ["x"], "binary", positive="2", test_share=0)
    assert made.class_names == ("not 2", "2")
    np.testing.assert_array_equal(made.y_train[:4], [0, 1, 0, 0])
    two = prepare(table_of(x=N, y=HALF), "y", ["x"], "binary")
    assert two.class_names == ("no", "yes")
    assert prepare(table_of(x=N, y=HALF), "y", ["x"], "binary", positive="no").class_names == ("yes", "no")
    with pytest.raises(Unusable, match="has no class `maybe`"):
        prepare(table_of(x=N, y=HALF), "y", ["x"], "binary", positive="maybe")


def test_booleans_are_classes():
    assert classes(table_of(x=N, y=N > 5), "y")[1] == ("False", "True")


def test_a_regression_has_floats_and_no_classes():
    made = prepare(table_of(x=N, y=[*(2 * N[:38]), None, "inf"]), "y", ["x"], "regression", test_share=0.25)
    assert made.class_names == ()
    assert (len(made.y_train), len(made.y_test)) == (29, 9)
    np.testing.assert_array_equal(made.y_train, 2 * made.X_train[:, 0])
    assert made.report == ("Left out: 2 rows without a usable value of the target `y`.",)


def test_the_target_is_never_a_feature():
    table = table_of(x=N, y=HALF)
    assert prepare(table, "y", ["y", "x"]).feature_names == ("x",)
    with pytest.raises(Unusable, match="Choose at least one feature besides the target"):
        prepare(table, "y", ["y"])


def test_one_hot_columns_are_limited():
    rng = np.random.default_rng(0)
    texts = {f"t{i}": rng.choice(list("abcdefghijklmnopqrst"), 2000) for i in range(6)}
    table = table_of(**texts, y=rng.choice(["p", "q"], 2000))
    with pytest.raises(Unusable) as error:
        prepare(table, "y", list(texts))
    assert "the features need 114 columns, and at most 100 are taken" in sentence(error)


@pytest.mark.parametrize(("share", "task"), [(1, "binary"), (-0.1, "binary"), (np.nan, "binary"), (0.3, "ranking")])
def test_arguments_that_no_visitor_can_choose(share, task):
    with pytest.raises(ValueError, match="it must be") as error:
        prepare(table_of(x=N, y=HALF), "y", ["x"], task, test_share=share)
    assert error.type is ValueError


def test_the_sample_file_goes_all_the_way():
    table = read_table(sample_csv())
    assert table.attrs["notes"] == []
    made = prepare(table, "passed", [name for name in table if name != "passed"], "binary")
    assert made.class_names == ("no", "yes")
    assert made.feature_names[:2] == ("hours studied", "short nights")
    assert len(made.feature_names) == 4
    assert np.isfinite(made.X_train).all()
    assert np.isfinite(made.X_test).all()
    model = LogisticRegression(max_iter=1000).fit(made.X_train, made.y_train)
    assert model.score(made.X_test, made.y_test) > 0.7


def test_of_many_rows_some_are_drawn_and_it_is_said():
    rng = np.random.default_rng(0)
    table = table_of(x=rng.normal(size=5000), y=["common"] * 4988 + ["rare"] * 12)
    made = prepare(table, "y", ["x"], most=100)
    assert (len(made.y_train), len(made.y_test)) == (100, 100)
    assert made.drawn
    assert (np.bincount(made.y_train)[1] >= 5) & (np.bincount(made.y_test)[1] >= 3)  # of 9 and 3
    assert made.report == (
        "Of 3\u202f501 rows to train on, 100 drawn at random are used.",
        "Of 1\u202f499 rows to test on, 100 drawn at random are used.",
    )
    whole = prepare(table, "y", ["x"])
    assert not whole.drawn
    assert whole.report == ()
    assert {*made.X_train[:, 0]} <= {*whole.X_train[:, 0]}
    assert {*made.X_test[:, 0]} <= {*whole.X_test[:, 0]}


def test_what_is_learnt_from_the_data_is_learnt_from_all_training_rows():
    x = np.random.default_rng(0).normal(size=1000)
    table = table_of(x=np.where(np.arange(1000) % 3, x, np.nan), y=["a", "b"] * 500)
    fillings = []
    for most in (None, 200):
        values, counts = np.unique(prepare(table, "y", ["x"], most=most).X_train, return_counts=True)
        assert counts.max() > 50
        fillings.append(values[counts.argmax()])
    assert fillings[0] == fillings[1]


def test_a_rare_class_blocks_nothing_but_its_own_prediction():
    table = table_of(x=N, y=["a"] * 19 + ["b"] * 18 + ["rare"] * 3)
    assert likely_classes(table, "y") == ["a", "b"]
    made = prepare(table, "y", ["x"], "binary", positive="b", test_share=0)
    assert made.class_names == ("not b", "b")
    assert made.y_train.sum() == 18
    with pytest.raises(
        Unusable, match=r"^The class `rare` of the target `y` has 3 rows; each class needs at least 5\.$"
    ):
        prepare(table, "y", ["x"], "binary", positive="rare")
    with pytest.raises(Unusable, match=r"^The class `not a` of the target `y` has 4 rows"):
        prepare(table_of(x=N, y=["a"] * 36 + [*"bbcc"]), "y", ["x"], "binary", positive="a")


TARGETS = {  # the task, the columns, the target to begin with
    "the last": ("binary", {"x": N, "u": HALF, "v": HALF}, "v"),
    "a usual name": ("classification", {"Survived": N % 2, "x": N, "port": ["S", "C", "Q", "S"] * 10}, "Survived"),
    "not one with a rare class": ("classification", {"x": N, "u": HALF, "v": ["a"] * 39 + ["b"]}, "u"),
    "not one whose rest is rare": ("binary", {"x": N, "u": HALF, "v": ["a"] * 39 + ["b"]}, "u"),
    "one whose rare class is not asked for": ("binary", {"x": N, "u": HALF, "v": [*"aabb"] * 9 + [*"aabc"]}, "v"),
    "nothing does": ("binary", {"x": N + 0.5, "v": ["a"] * 39 + ["b"]}, "v"),
    "a number": ("regression", {"x": N, "v": HALF}, "x"),
}


@pytest.mark.parametrize("name", TARGETS)
def test_the_target_to_begin_with_works(name):
    task, columns, target = TARGETS[name]
    assert likely_target(table_of(**columns), task) == target


RNG = np.random.default_rng(0)
LEFT = {  # a column that is not chosen at first, and why
    "row numbers": (N + 1, "changes in equal steps"),
    "row numbers of every tenth": (10 * N, "changes in equal steps"),
    "falling": (-(N**2), "changes in one direction"),
    "an id": (RNG.permutation(40) + 5000, "looks like an id"),
    "codes": ([f"0{i}" for i in RNG.integers(100, 999, 40)], "codes, with zeros before the numbers"),
    "names": ([f"Mr {i}" for i in range(40)], "over 20 different texts"),
    "one value": ([7] * 40, "the same in every row"),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_tells_rows_apart_is_not_chosen_at_first_and_it_is_said_why(name):
    cells, why = LEFT[name]
    table = table_of(PatientId=cells, z=RNG.normal(size=40), y=HALF)
    found = likely_features(table, "y")
    assert found.names == ("z",)
    assert found.why.startswith("Not chosen at first: `PatientId` (")
    assert why in found.why


def test_what_measures_is_chosen_even_if_it_is_whole_or_all_different():
    table = table_of(income=RNG.permutation(40) * 977, grid=N % 7, humid=RNG.integers(0, 99, 40), z=N**0.5, y=HALF)
    assert likely_features(table, "y").names == ("income", "grid", "humid", "z")
    assert likely_features(table, "y").why == ""
    only = table_of(x=N, y=HALF)
    assert likely_features(only, "y").names == ("x",)  # rather than nothing


@pytest.mark.parametrize(
    ("names", "positive"),
    [
        (["disease", "healthy"], "disease"),
        (["no", "yes"], "yes"),
        (["0", "1"], "1"),
        (["Negative", "Positive"], "Positive"),
        (["fraud", "legit"], "fraud"),
        (["benign", "malignant"], "malignant"),
        (["a", "b", "c"], "c"),
        (["healthy", "normal"], "normal"),
    ],
)
def test_the_ordinary_class_is_not_the_positive_one(names, positive):
    assert likely_positive(names) == positive


# Labels and scores.


def test_labels_and_scores():
    table = table_of(label=["spam", "ham"] * 20, score=[*np.linspace(0, 1, 38), None, "inf"])
    found = labels_and_scores(table, "label", "score")
    assert found.class_names == ("ham", "spam")
    np.testing.assert_array_equal(found.y, [1, 0] * 19)
    np.testing.assert_array_equal(found.score, np.linspace(0, 1, 38))
    assert found.report == ("Left out: 2 rows with a missing label, or a missing or infinite score.",)
    turned = labels_and_scores(table, "label", "score", positive="ham")
    np.testing.assert_array_equal(turned.y, 1 - found.y)


BAD_SCORES = {
    "text": ({"label": HALF, "score": HALF}, "score", "The score `score` holds text; it must be a number."),
    "the same": ({"label": N % 2, "z": N}, "label", "The label and the score must be two different columns."),
    "three classes": ({"label": N % 3, "score": N}, "score", "The target `label` has 3 classes; choose the one"),
    "one class scored": (
        {"label": HALF, "score": np.where(N % 2, N, np.nan)},
        "score",
        "Only one class has usable scores; both classes are needed.",
    ),
}


@pytest.mark.parametrize("name", BAD_SCORES)
def test_unusable_scores_get_one_clear_sentence(name):
    columns, score, expected = BAD_SCORES[name]
    with pytest.raises(Unusable) as error:
        labels_and_scores(table_of(**columns), "label", score)
    assert expected in sentence(error)


@pytest.mark.parametrize("delimiter", [",", ", ", "\t", ";", " ", "   "])
@pytest.mark.parametrize("header", ["", "label{}score\n"])
def test_pasted_pairs(delimiter, header):
    lines = [f"{i % 2}{delimiter}{i / 8}" for i in range(16)]
    found = parse_pairs(header.format(delimiter) + "\r\n\n".join(lines))
    np.testing.assert_array_equal(found.y, np.arange(16) % 2)
    np.testing.assert_array_equal(found.score, np.arange(16) / 8)
    assert found.class_names == ("0", "1")


def test_pasted_decimal_commas():
    found = parse_pairs("\n".join(f"{'np'[i % 2]};0,{i}" for i in range(10)))
    np.testing.assert_array_equal(found.score, np.arange(10) / 10)


def test_pasted_scores_may_come_first():
    text = "\n".join(f"{i / 16},{i % 2}" for i in range(16))
    with pytest.raises(Unusable) as error:
        parse_pairs(text)
    assert sentence(error) == "The first cell of each line looks like the score; turn on “Score first”."
    with pytest.raises(Unusable, match="Score first"):
        parse_pairs(text.replace(",1", ",spam").replace(",0", ",ham"))
    label_first = "\n".join(f"{i % 2},{i / 16}" for i in range(16))
    with pytest.raises(Unusable) as error:
        parse_pairs(label_first, score_first=True)
    assert sentence(error) == "The second cell of each line looks like the score; turn off “Score first”."
    found = parse_pairs(text, score_first=True)
    np.testing.assert_array_equal(found.y, np.arange(16) % 2)
    np.testing.assert_array_equal(found.score, np.arange(16) / 16)


def test_percentages_are_scores_from_0_to_1():
    np.testing.assert_array_equal(parse_pairs("1,50%\n0,25%\n" * 6).score, [0.5, 0.25] * 6)
    table = table_of(p=[f"{i} %" for i in range(40)], y=HALF)
    found = labels_and_scores(table, "y", "p")
    np.testing.assert_array_equal(found.score, N / 100)
    assert found.report[-1] == "A score of 5% is taken as 0.05."


def test_the_columns_of_a_file_with_scores_are_found():
    table = table_of(id=N + 1, p=N / 40, truth=HALF)
    assert likely_columns(table) == ("truth", "p")
    assert likely_columns(table_of(p=N / 40, caseId=RNG.permutation(40), truth=HALF)) == ("truth", "p")


PAIRS = "1,0.5\n0,0.2\n" * 6
BAD_PAIRS = {
    "nothing": ("", "There is no line with a label and a score."),
    "only a header": ("label,score", "There is no line with a label and a score."),
    "three cells": (PAIRS + "1,2,3", "Line 13 must hold a label and a score, with a comma between them."),
    "one cell": (PAIRS + "0.7", "Line 13 must hold a label and a score"),
    "a word for a score": (PAIRS + "1,high", "The score on line 13 is not a number."),
    "one class": ("1,0.5\n" * 9, "The target `label` has only one class, `1`"),
    "a rare class": ("1,0.5\n" * 9 + "0,1", "The class `0` of the target `label` has 1 row"),
    "three classes": (PAIRS + "2,0.5\n" * 5, "The target `label` has 3 classes"),
    "a name a line": ("".join(f"name {i},0.5\n" for i in range(150)), "The target `label` takes 150 different values"),
    "too many": ("1,1\n" * (MAX_ROWS + 2), "There are too many lines; at most 200\u202f000 are taken."),
    "markup": ("<b>,$x$\n" + "`,:red[x]\n", "The score on line 2 is not a number."),
    "a zero byte": (PAIRS + "1\0,\0", "The score on line 13 is not a number."),
}


@pytest.mark.parametrize("name", BAD_PAIRS)
def test_bad_pasted_pairs_get_one_clear_sentence(name):
    text, expected = BAD_PAIRS[name]
    with pytest.raises(Unusable) as error:
        parse_pairs(text)
    assert expected in sentence(error)


# What is drawn.


def page():
    import streamlit as st

    from pages.ui.lab import load
    from pages.ui.upload import upload_and_choose

    st.session_state.setdefault("task", "binary")
    made = upload_and_choose(load("bias_variance"), st.session_state["task"])
    st.session_state["made"] = made


@pytest.fixture
def at():
    return AppTest.from_function(page, default_timeout=60).run()


def give(at, data, name="mine.csv"):
    """Upload a file."""
    at.file_uploader[0].set_value((name, data, "text/csv"))
    at.run()
    assert not at.exception
    assert not at.error
    return at


def test_the_limits_stand_before_the_upload_and_agree_with_the_uploader(at):
    assert at.session_state["made"] is None
    assert not at.warning
    assert "Your file stays in this session; a link cannot carry it." in at.markdown[0].value
    assert limits_in_words() in at.markdown[1].value
    words = limits_in_words()
    for limit in (
        f"{MAX_MEGABYTES} MB",
        "20 to 200\u202f000 rows",
        f"2 to {MAX_COLUMNS} columns",
        "5\u202f000\u202f000 cells",
        f"2 to {MAX_CLASSES} classes",
    ):
        assert limit in words
    assert at.file_uploader[0].proto.max_upload_size_mb == MAX_MEGABYTES
    config = tomllib.loads(ROOT.joinpath(".streamlit", "config.toml").read_text("utf-8"))
    assert config["server"]["maxUploadSize"] == MAX_MEGABYTES


def test_an_honest_file_is_read_once_and_prepared_once(at, monkeypatch):
    give(at, sample_csv())
    made = at.session_state["made"]
    assert made.target == "passed"
    assert made.class_names == ("no", "yes")
    assert len(made.feature_names) == 4
    assert at.expander[0].markdown[0].value.startswith("- Missing numbers filled")
    monkeypatch.setattr(drawn, "read_table", None)
    monkeypatch.setattr(drawn, "prepare", None)
    at.run()
    assert not at.exception
    assert at.session_state["made"] is made


def test_target_features_and_class_can_be_chosen(at):
    give(at, sample_csv())
    at.selectbox(key="bv_positive").set_value("no").run()
    assert at.session_state["made"].class_names == ("yes", "no")
    at.selectbox(key="bv_target").set_value("course").run()
    assert not at.exception
    made = at.session_state["made"]
    assert made.target == "course"
    assert made.class_names[1] == "online"
    assert not any(name.startswith("course") for name in made.feature_names)
    at.multiselect(key="bv_features").set_value(["short nights"]).run()
    assert at.session_state["made"].feature_names == ("short nights",)
    at.multiselect(key="bv_features").set_value([]).run()
    assert at.session_state["made"] is None
    assert [warning.value for warning in at.warning] == ["Choose at least one feature."]
    at.selectbox(key="bv_target").set_value("hours studied").run()
    assert at.session_state["made"] is None
    assert "different values; a classification takes 2 to 10." in at.warning[0].value


def test_another_file_starts_anew_and_none_forgets(at):
    give(at, sample_csv())
    at.selectbox(key="bv_target").set_value("course").run()
    give(at, HONEST.encode())
    assert at.session_state["made"].target == "y"
    assert at.session_state["made"].feature_names == ("z",)
    at.file_uploader[0].set_value(None)
    at.run()
    assert at.session_state["made"] is None
    assert "_bv_table" not in at.session_state
    assert "_bv_prepared" not in at.session_state


def test_how_a_file_is_read_can_be_chosen_and_taken_back(at):
    rows = "\n".join(f"{i % 7}.5,{['NA', 'Grvl', 'none'][i % 3]},{'ab'[i % 2]}" for i in range(60))
    give(at, rows.encode())
    assert ["The first line looks like data" in info.value for info in at.info] == [True]
    assert at.selectbox(key="bv_names_on").value == 0
    assert at.session_state["made"].target == "column 3"
    assert "- Missing text kept as a level of its own: `column 2`." in at.expander[0].markdown[0].value
    at.pills(key="bv_gaps").set_value([]).run()
    assert not at.exception
    assert "named here: `column 2: NA`." in at.expander[0].markdown[0].value
    at.pills(key="bv_gaps").set_value(["NA", "none"]).run()
    assert at.session_state["made"].feature_names == ("column 1", "column 2: Grvl")
    at.selectbox(key="bv_names_on").set_value(1).run()
    assert not at.exception
    assert not at.info
    assert at.session_state["made"].target == "a"
    at.selectbox(key="bv_names_on").set_value(0).run()
    assert not at.exception
    assert at.session_state["made"].target == "column 3"


def test_a_way_of_reading_that_fails_can_be_taken_back(at):
    give(at, ("p,q\n" + "\n".join(f"{i}.5,{'ab'[i % 2]}" for i in range(MIN_ROWS))).encode())
    at.selectbox(key="bv_names_on").set_value(2).run()
    assert [warning.value for warning in at.warning] == ["The file has 19 rows; at least 20 are needed."]
    assert at.session_state["made"] is None
    at.selectbox(key="bv_names_on").set_value(1).run()
    assert not at.warning
    assert at.session_state["made"].target == "q"


def test_what_is_not_chosen_at_first_is_said(at):
    give(at, ("id,z,y\n" + "\n".join(f"{i},{i % 7}.5,{'ab'[i % 2]}" for i in range(40))).encode())
    assert at.session_state["made"].feature_names == ("z",)
    assert "Not chosen at first: `id` (changes in equal steps from row to row, as row numbers do)." in " ".join(
        text.value for text in at.markdown
    )


def test_a_regression_offers_a_number_as_target(at):
    at.session_state["task"] = "regression"
    give(at, sample_csv())
    assert at.session_state["made"].target == "short nights"
    at.selectbox(key="bv_target").set_value("passed").run()
    assert [warning.value for warning in at.warning] == ["The target `passed` holds text; a regression needs numbers."]


@pytest.mark.parametrize("name", ["empty", "random bytes", "a workbook renamed", "a short row", "an unclosed quote"])
def test_a_bad_file_shows_its_sentence_and_nothing_else(at, name):
    data, expected = REFUSED[name]
    give(at, data, "x.exe")
    (warning,) = at.warning
    assert expected in warning.value
    assert at.session_state["made"] is None
    assert not at.selectbox
    at.run()
    assert len(at.warning) == 1
    give(at, sample_csv())
    assert not at.warning
    assert at.session_state["made"] is not None


def test_hostile_names_reach_markdown_only_as_code(at):
    header = ":red[x],$y$,<b>z</b>,[l](javascript:1)"
    rows = [f"{i},{i % 7},{'p' if i % 3 else ''},{'`:smile:`' if i % 2 else '**b**'}" for i in range(40)]
    give(at, "\n".join([header, *rows]).encode())
    assert at.session_state["made"].class_names == ("**b**", "':smile:'")
    for text in (*at.markdown, *at.warning):
        plain = re.sub("`[^`]*`", "", text.value)
        assert not re.search(r":red|\$|<b>|javascript|smile", plain)
