"""A table that follows the player: numbers that belong to the frame on screen, such as a confusion matrix."""

import base64
from collections.abc import Sequence

import numpy as np

from pages.ui.component import component

_readout = component("readout")


def readout(
    charts: str,
    key: str,
    title: str,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[tuple[str, str]],
    values: np.ndarray,
    decimals: Sequence[int],
) -> None:
    """Draw a table for the player of `charts`.

    `columns` are (name, colour or ""), `rows` (name, formula or ""). `values` is (frames, rows, columns), NaN where
    a cell is empty; `decimals` (rows,) says how many a row shows.
    """
    packed = base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode()
    _readout(
        key=key,
        data={
            "charts": charts,
            "title": title,
            "columns": [list(column) for column in columns],
            "rows": [list(row) for row in rows],
            "values": packed,
            "decimals": list(decimals),
        },
    )
