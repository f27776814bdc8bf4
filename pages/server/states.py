"""What a browser says of a widget and the widget cannot be: as if the browser had said nothing."""

import json
from typing import Any

from streamlit.runtime.state.session_state import Serialized, WStates

_read = WStates.__getitem__


def _read_usable(states: WStates, widget: str) -> Any:
    """The value of a widget; raises KeyError, as for a widget that is not known, if it cannot be one.

    Streamlit trusts its own frontend. A hostile browser may say a number of a text, or JSON that is none: an error of
    the page that lasts until the visitor reloads it, and a traceback in the log for each message.
    """
    state, metadata = states.states.get(widget), states.widget_metadata.get(widget)
    if isinstance(state, Serialized) and metadata:
        kind = state.value.WhichOneof("value")
        if kind and metadata.value_type and kind != metadata.value_type:
            raise KeyError(widget)
        try:
            if kind == "json_value" and isinstance(text := json.loads(state.value.json_value), str):
                json.loads(text)  # as Streamlit does, which only tells the log if that is no JSON
            return _read(states, widget)
        except Exception as error:  # what reads a value expects a right one, and raises whatever a wrong one leads to
            raise KeyError(widget) from error
    return _read(states, widget)


def read_usable_alone() -> None:
    """Let every session read only such values of widgets as these can have."""
    WStates.__getitem__ = _read_usable
