"""A browser that says of a widget what that cannot be."""

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import SessionState, WStates

from pages.server import states
from tests.browser.server import launch
from tests.session import Session, run

DEEP = "[" * 20_000 + "]" * 20_000
WRONG = [
    {"bool_value": True},
    {"double_value": float("nan")},
    {"string_value": "text"},
    {"json_value": DEEP},
    {"json_value": "{"},
    {"json_value": '"no JSON"'},
    {"json_value": '{"a": 1}'},
    {"int_array_value": {"data": [2**62]}},
    {"string_array_value": {"data": ["text"]}},
    {"chat_input_value": {"data": "text"}},
    {"arrow_value": {"data": b"none"}},
]


@pytest.mark.parametrize(
    ("kind", "reads", "writes", "right", "wrong"),
    [
        ("double_array_value", list, list, {"double_array_value": {"data": [1.5]}}, WRONG),
        (
            "json_value",
            dict,
            dict,
            {"json_value": '{"a": 1}'},
            [*WRONG[:5], {"json_value": "[7]"}, {"json_value": '"x"'}],
        ),
        ("string_value", int, str, {"string_value": "7"}, WRONG),
    ],
)
def test_a_widget_has_the_value_that_it_can_have_or_keeps_its_own(monkeypatch, kind, reads, writes, right, wrong):
    monkeypatch.setattr(WStates, "__getitem__", states._read_usable)
    session = SessionState()
    widget = WidgetMetadata("$$ID-0-key", lambda value: reads(value) if value else "own", writes, value_type=kind)
    session.register_widget(widget, "key")

    def said(value):
        session.on_script_will_rerun(
            BackMsg(rerun_script={"widget_states": {"widgets": [value]}}).rerun_script.widget_states
        )
        return session.register_widget(widget, "key").value

    for value in wrong:
        assert said(WidgetState(id=widget.id, **value)) == "own"
    assert said(WidgetState(id=widget.id, **right)) != "own"
    assert said(WidgetState(id=widget.id)) == "own"


def test_wrong_values_leave_the_page_and_the_log_as_they_were(tmp_path):
    async def visit(address):
        async with Session(address, "gradient_descent") as session:
            await session.arrive()
            for value in WRONG:
                message = BackMsg(rerun_script={"page_name": "gradient_descent"})
                for slider in session.sliders.values():
                    message.rerun_script.widget_states.widgets.add(id=slider.id, **value)
                await session._socket.send(message.SerializeToString())
                await session.finished()
            await session.move("gd_lr")
            return session.exceptions

    with (tmp_path / "log").open("w+") as log, launch("app.py", log=log.fileno()) as (address, _):
        assert run(visit(address)) == []
        log.seek(0)
        assert "Traceback" not in log.read()
