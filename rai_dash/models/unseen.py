"""Categories that a model has never seen: libraries score them in silence, so they are counted here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.types import Feature, Notice
from rai_dash.data.labels import label_codes, value_counts_text


@dataclass(frozen=True, slots=True, eq=False)
class Unseen:
    """What was found: one notice a column, and ``rows``, bool (n,), the rows concerned."""

    notices: tuple[Notice, ...]
    rows: NDArray[np.bool_]


def find_unseen(frame: pd.DataFrame, features: tuple[Feature, ...]) -> Unseen:
    """Find the rows with a value that a model does not know.

    Parameters
    ----------
    frame : DataFrame (n, …)
        Holds every feature.
    features : tuple of Feature
        Those without categories are not looked at.
    """
    notices = []
    rows = np.zeros(len(frame), dtype=bool)
    for feature in features:
        if not feature.categories:
            continue
        codes, names = label_codes(frame[feature.name])
        known = set(feature.categories)
        is_new = np.array([name not in known for name in names] + [False])
        hits = is_new[codes]
        if not hits.any():
            continue
        rows |= hits
        new = np.flatnonzero(is_new[:-1])
        place = np.full(is_new.size, -1, dtype=np.int32)
        place[new] = np.arange(new.size)
        listed = value_counts_text(place[codes], [names[i] for i in new])
        notices.append(_notice(feature.name, int(hits.sum()), listed))
    return Unseen(tuple(notices), rows)


def _notice(column: str, rows: int, listed: str) -> Notice:
    have = "1 row has a value" if rows == 1 else f"{rows:,} rows have a value"
    text = (
        f"{have} of `{column}` that the model has never seen ({listed}); it treats such a value as missing or "
        "unknown, and scores it all the same."
    )
    return Notice("unseen_category", text, column, rows)
