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
    decimals: Sequence[int] | None = None,
) -> None:
    """Draw a table for the player of `charts`.

    `columns` are (name, colour or ""), `rows` (name, formula or ""). `values` is (frames, rows, columns), or
    (frames, rows, columns, k) for k numbers in each cell; NaN where a cell is empty. `decimals` (rows,) says how
    many a row shows; without it every number has three significant digits.
    """
    packed = base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode()
    _readout(
        key=key,
        data={
            "charts": charts,
            "title": title,
            "columns": tuple(columns),  # tuples are sent as they are, lists first searched for data frames
            "rows": tuple(rows),
            "values": packed,
            "numbers": values.shape[3] if values.ndim == 4 else 1,
            "decimals": None if decimals is None else tuple(decimals),
        },
    )
