"""What a browser may send is bounded, wherever a page takes something: found in the pages' text and on every page."""

import ast
import json

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates

from pages.ui import link, progress
from tests.pages.visit import LABS, PAGES, ROOT, choices, controls, problems, visit

LIMITED_BY = {
    "text_input": "max_chars",
    "text_area": "max_chars",
    "chat_input": "max_chars",
    "file_uploader": "max_upload_size",
}
UNBOUNDED = {"data_editor", "camera_input", "audio_input", "declare_component"}  # of these Streamlit keeps what comes
LONG = 500_000  # characters, less than the address that Streamlit ignores
KEPT = 250_000  # characters of one widget's value, but for the progress
TREES = {path: ast.parse(path.read_text("utf-8")) for path in sorted(ROOT.glob("pages/**/*.py"))}
CALLS = [
    pytest.param(path, node, id=f"{path.relative_to(ROOT)}:{node.lineno}")
    for path, tree in TREES.items()
    for node in ast.walk(tree)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
]


@pytest.mark.parametrize(("path", "call"), [call for call in CALLS if call.values[1].func.attr in LIMITED_BY])
def test_every_text_and_file_has_a_limit(path, call):
    assert LIMITED_BY[call.func.attr] in {keyword.arg for keyword in call.keywords}


def test_nothing_takes_more_than_can_be_bounded():
    for path, call in (call.values for call in CALLS):
        assert call.func.attr not in UNBOUNDED, (path, call.lineno)
        assert "accept_new_options" not in {keyword.arg for keyword in call.keywords}, (path, call.lineno)
        ours = path.name == "component.py"
        assert ours or not ast.unparse(call.func).endswith("components.v2.component"), (path, call.lineno)


def held(at):
    """The keys of all that the session keeps and that is longer than one value may be."""
    state = at.session_state._state._state
    parts = state._old_state, state._new_widget_state.states, state._new_session_state
    return {key for part in parts for key, value in part.items() if len(repr(value)) > KEPT}


def hostile(at):
    """For every widget on the page that takes more than a number: far more than it may hold."""
    states = WidgetStates()
    for node in at:
        proto = getattr(node, "proto", None)
        kind, name = getattr(node, "type", ""), getattr(proto, "id", "")
        if not name:
            continue
        if kind in ("text_input", "text_area"):
            states.widgets.add(id=name).string_value = "x" * LONG
        elif kind == "bidi_component":
            states.widgets.add(id=name).json_value = json.dumps({"answer": "x" * LONG, "more": [[0] * LONG]})
        elif kind == "vega_lite_chart":
            states.widgets.add(id=name).string_value = json.dumps({"selection": {"cell": ["x" * LONG]}})
        elif kind == "selectbox":
            states.widgets.add(id=name).string_value = "x" * LONG
        elif kind in ("multiselect", "button_group", "select_slider"):
            states.widgets.add(id=name).string_array_value.data.extend(["x" * 1000] * 1000)
    return states


@pytest.mark.parametrize("page", PAGES)
def test_a_session_keeps_nothing_large_of_what_a_browser_sends(page):
    at = visit(page)
    views = [{}]
    if page in {lab.name for lab in LABS}:
        prefix = next(lab.prefix for lab in LABS if lab.name == page)
        key = f"{prefix}_view"
        views = [{key: choice} for choice in choices(controls(at)[key])] if key in controls(at) else views
    for settings in views:
        at = visit(page, settings)
        for widget in hostile(at).widgets:  # together they would be more than a message may be
            states = WidgetStates()
            states.widgets.append(widget)
            at._run(states)
        at.run()
        assert {key for key in held(at) if not key.endswith("-progress")} == set(), settings


CLICKS = [
    {},
    {"x": "a", "y": "b", "cell": "c"},
    {"x": 1e9, "y": 1e9, "cell": 1e9},
    {"x": None, "cell": [1]},
    {"cell": -1},
]
CLICK = {"chosen": [{"x": 0.5, "y": 1, "cell": 7}]}
NO_CLICKS = [*({"chosen": [click]} for click in CLICKS), {"chosen": 7}, {"chosen": [7]}, {"chosen": {"x": 0}}, {}]


@pytest.mark.parametrize(
    ("page", "settings"),
    [
        ("bias_variance", {"bv_view": "One point"}),
        ("gradient_descent", {}),
        ("logistic_regression", {}),
    ],
)
def test_a_click_on_a_chart_is_taken_and_what_is_none_changes_nothing(page, settings):
    at = visit(page, settings)
    (chart,) = [node for node in at if getattr(node, "type", "") == "vega_lite_chart" and node.proto.id]
    before = dict(at.query_params)
    for selection in [*NO_CLICKS, CLICK]:
        states = WidgetStates()
        states.widgets.add(id=chart.proto.id).string_value = json.dumps({"selection": selection})
        at._run(states)
        assert problems(at) == [], selection
        assert (dict(at.query_params) == before) is (selection != CLICK), selection


def test_a_session_keeps_little_of_a_long_address():
    at = visit("transformer", {"tf_words": "x" * 100_000, **{f"tf_{number}": "y" for number in range(500)}})
    arrived = at.session_state["_tf_arrived"]
    assert len(arrived) <= link.MAX_SETTINGS
    assert sum(len(raw) for raws in arrived.values() for raw in raws) <= link.MAX_SETTINGS * link.MAX_SETTING
    assert problems(at) == []


def test_the_progress_is_bounded_too():
    assert progress.MAX_TEXT < progress.MAX_SAID <= 8_000_000
