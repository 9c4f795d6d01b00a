"""A library's own path-dependent contributions, in chunks: what the routes for native categories share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain._base import LOG_ODDS, Attribution, Attributor, Progress, Subject

if TYPE_CHECKING:
    import pandas as pd

#: About a second of work between two reports of progress.
CHUNK_ROWS = 500


def path_attributor(
    subject: Subject, method: str, contributions: Callable[[pd.DataFrame], NDArray[np.float64]]
) -> Attributor:
    """Return the attributor of a model whose library explains itself.

    Parameters
    ----------
    subject : Subject
        The model.
    method : str
        Plain name, printed on the chart.
    contributions : callable
        Rows to log-odds, float64 (n, columns + 1); the last column is the base.
    """

    def attribute(rows: pd.DataFrame, progress: Progress) -> Attribution:
        n = len(rows)
        parts = []
        for at in range(0, n, CHUNK_ROWS):
            parts.append(contributions(rows.iloc[at : at + CHUNK_ROWS]))
            progress(min(at + CHUNK_ROWS, n), n, "rows explained")
        found = np.concatenate(parts)
        return Attribution(
            space=LOG_ODDS,
            base=found[:, -1],
            values=found[:, :-1],
            output=subject.output(rows, LOG_ODDS),
            methods=[method] * n,
            background_rows=None,
            exact=np.ones(n, dtype=bool),
        )

    return attribute
