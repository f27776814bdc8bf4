"""Rows of charts, from NumPy's arrays to what the browser is sent."""

import numpy as np
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.charts import make_rows, stack_rows


def test_rows_hold_what_the_columns_held_and_nan_is_missing():
    rows = make_rows(
        {
            "number": np.array([1.5, np.nan, 3]),
            "every second": np.arange(6)[::2],
            "small": np.arange(3, dtype=np.float32),
            "word": np.array(["a", "b", "a"]),
            "list": [1, 2, 3],
            "yes": np.array([True, False, True]),
            "same": "x",
            "one": 2,
        }
    )
    assert rows.to_pydict() == {
        "number": [1.5, None, 3.0],
        "every second": [0, 2, 4],
        "small": [0.0, 1.0, 2.0],
        "word": ["a", "b", "a"],
        "list": [1, 2, 3],
        "yes": [True, False, True],
        "same": ["x"] * 3,
        "one": [2] * 3,
    }
    assert rows.schema.field("small").type == pa.float32()


def test_no_rows_are_numbers_and_stack_with_others():
    none, some = make_rows({"x": [], "kind": "none"}), make_rows({"x": [1.0, 2.0], "kind": ["a", "b"]})
    assert none.schema.field("x").type == pa.float64()
    assert stack_rows([none, some, some]).to_pydict() == {"x": [1, 2, 1, 2], "kind": ["a", "b", "a", "b"]}


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(pa.ArrowInvalid):
        make_rows({"x": np.arange(3), "y": np.arange(2)})


def test_the_browser_is_sent_each_word_once():
    def page():
        import altair as alt

        from pages.ui.charts import draw, make_rows, spec, stack_rows

        chart = alt.Chart(alt.NamedData("rows")).mark_point().encode(x="x:Q", color="kind:N")
        halves = [make_rows({"x": [i, i + 1], "kind": kind}) for i, kind in enumerate(("wins", "loses"))]
        draw(spec(chart, 100), "Points.", "Two.", rows=stack_rows(halves))

    at = AppTest.from_function(page).run()
    assert not at.exception
    (chart,) = at.get("vega_lite_chart")
    (dataset,) = chart.proto.datasets
    with pa.ipc.open_stream(dataset.data.data) as stream:
        (batch,) = list(stream)
    assert dataset.name == "rows"
    assert batch["kind"].dictionary.to_pylist() == ["wins", "loses"]
    assert batch.to_pydict() == {"x": [0, 1, 1, 2], "kind": ["wins", "wins", "loses", "loses"]}
