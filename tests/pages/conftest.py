import logging
from pathlib import Path

import pytest
from streamlit.config import set_option

ROOT = Path(__file__).parents[2]
UPSTREAM = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


@pytest.fixture(autouse=True)
def quiet(monkeypatch, recwarn):
    """No page may log a warning, or cause a Python warning that a visitor's console would show."""
    set_option("client.showErrorDetails", "full")  # a visitor sees none, a failing test should
    records = []
    handle = logging.Logger.handle

    def recording(logger, record):
        # AppTest itself stands outside a script run, and says so.
        if record.levelno >= logging.WARNING and "missing ScriptRunContext" not in record.getMessage():
            records.append(f"{record.name}: {record.getMessage()}")
        handle(logger, record)

    monkeypatch.setattr(logging.Logger, "handle", recording)
    yield
    assert not records
    ours = [w for w in recwarn if not (issubclass(w.category, UPSTREAM) and ROOT not in Path(w.filename).parents)]
    assert not [str(warning) for warning in ours]
