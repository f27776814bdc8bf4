import os

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as app.py does, before NumPy is imported


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: needs Chromium")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in item.path.parent.parts:
            item.add_marker(pytest.mark.browser)
        elif lab := getattr(item, "callspec", None) and item.callspec.params.get("lab"):
            item.add_marker(pytest.mark.xdist_group(lab.name))  # in one process: it surveys the lab once
        else:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
