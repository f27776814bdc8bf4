"""A table that follows the player: what each method computed in the step on screen."""

import base64
from collections.abc import Sequence

import numpy as np

from pages.ui.component import component

_steps = component("steps")


def step_table(
    charts: str, title: str, methods: Sequence[tuple[str, str]], quantities: Sequence[str], values: np.ndarray
) -> None:
    """Draw the table for the player of `charts`: a column for each of `methods` (name, colour), a row a quantity.

    `values` is (frames, methods, quantities, 2), the two coordinates of a cell; NaN where a cell is empty.
    """
    packed = base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode()
    _steps(
        key=f"{charts}_steps",
        data={
            "charts": charts,
            "title": title,
            "methods": [list(method) for method in methods],
            "quantities": list(quantities),
            "values": packed,
        },
    )
