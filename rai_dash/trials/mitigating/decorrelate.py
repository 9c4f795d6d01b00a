"""Taking out of numeric columns what the sensitive column explains linearly: fairlearn's CorrelationRemover."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.columns import numbers
from rai_dash.data.groups import GroupIndex

Positions = NDArray[np.int64]


def decorrelated(
    frame: pd.DataFrame, numeric: Sequence[str], index: GroupIndex, train: Positions
) -> pd.DataFrame:
    """Transform a table; everything is learned from the training rows.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        All rows.
    numeric : sequence of str
        Columns to transform; the others stay as they are.
    index : GroupIndex
        Group of all n rows.
    train : int64
        Positions of the training rows.

    Returns
    -------
    DataFrame (n, columns)
        Each numeric column less what its regression on the groups says (alpha 1); blanks stay blank. The
        sensitive column itself holds one value for everyone, its most frequent one.
    """
    out = frame.copy()
    dummies = np.eye(index.n_groups)[index.codes]
    for name in numeric:
        if name != index.column:
            out[name] = _one(numbers(frame[name]), dummies, train)
    if index.column in out.columns:
        common = frame[index.column].iloc[train].mode()
        if len(common):
            out[index.column] = pd.Series(common.iloc[0], index=frame.index, dtype=frame[index.column].dtype)
    return out


def _one(values: NDArray[np.float64], dummies: NDArray[np.float64], train: Positions) -> NDArray[np.float64]:
    """Transform one column; rows where it is blank take no part."""
    from fairlearn.preprocessing import CorrelationRemover

    known = np.isfinite(values)
    learn = train[known[train]]
    if not learn.size:
        return values
    table = np.column_stack((dummies, values))
    remover = CorrelationRemover(sensitive_feature_ids=list(range(dummies.shape[1])), alpha=1)
    remover.fit(table[learn])
    out = values.copy()
    out[known] = remover.transform(table[known])[:, 0]
    return out
