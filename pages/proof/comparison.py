"""The table of the Proof section: our numbers against somebody else's."""

import numpy as np
import pandas as pd


def comparison(rows: list[tuple[str, np.ndarray, np.ndarray]]) -> pd.DataFrame:
    """For each (name, ours, theirs): how many numbers, the largest, and the largest difference in units of it."""
    return pd.DataFrame(
        [
            {
                "Compared": name,
                "Numbers": f"{np.size(ours):,}",
                "Largest number": f"{np.abs(theirs).max(initial=0):.4g}",
                "Largest difference, relative": f"{_relative(ours, theirs):.1e}",
            }
            for name, ours, theirs in rows
        ]
    )


def _relative(ours: np.ndarray, theirs: np.ndarray) -> float:
    scale = np.abs(theirs).max(initial=0)
    return float(np.abs(ours - theirs).max(initial=0) / (scale or 1))
