"""A score column that the analyst already has, mapped to the probability scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidRoles
from rai_dash.core.texts import tr
from rai_dash.core.types import Direction
from rai_dash.data.dataset import Dataset


def scores_of_column(dataset: Dataset) -> NDArray[np.float64]:
    """Read the score column of a data set as probability of the favourable outcome.

    The map is the stated line ``(x - low) / (high - low)``, turned round when lower is better; a
    probability with higher-is-better passes unchanged, so that no digit moves.

    Parameters
    ----------
    dataset : Dataset
        Its roles name the score column and its scale.

    Returns
    -------
    float64 (n,)
        In [0, 1]; NaN where the cell is blank.

    Raises
    ------
    InvalidRoles
        When the column is not numeric or leaves its stated scale.
    """
    roles = dataset.roles
    column, scale = roles.score, roles.scale
    if column is None:
        msg = tr("No score column is named. Choose one in the roles, or add a model.")
        raise InvalidRoles(msg)
    series = dataset.frame[column]
    if not pd.api.types.is_numeric_dtype(series):
        msg = tr("The score column `{column}` holds text. Choose a column of numbers.", column=column)
        raise InvalidRoles(msg)
    score = series.to_numpy(dtype=np.float64, na_value=np.nan)
    score = np.where(np.isfinite(score), score, np.nan)
    outside = np.flatnonzero((score < scale.low) | (score > scale.high))
    if outside.size:
        msg = tr(
            "`{column}` holds {size} values outside {low} to {high} (first: {score}). State the scale of "
            "the score, or choose another column.",
            column=column,
            size=f"{outside.size:,}",
            low=f"{scale.low:g}",
            high=f"{scale.high:g}",
            score=f"{score[outside[0]]:g}",
        )
        raise InvalidRoles(msg)
    if (scale.low, scale.high) != (0.0, 1.0):
        score = (score - scale.low) / (scale.high - scale.low)
    # 1 - 0.07 is a double below 0.93: without rounding a risk of 0.07 would miss the cut it lies on.
    return np.round(1.0 - score, 15) if scale.direction is Direction.LOWER else score
