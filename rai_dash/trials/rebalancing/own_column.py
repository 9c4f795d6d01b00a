"""A column of the data that says which training rows are trained on, or with which weight."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.data.columns import is_number, require_columns
from rai_dash.data.dataset import Dataset
from rai_dash.data.labels import label_codes

_YES: Final = frozenset({"1", "yes", "y", "true"})
_NO: Final = frozenset({"0", "no", "n", "false"})


def check_own_column(dataset: Dataset, column: str) -> None:
    """Refuse a column that has another job.

    Raises
    ------
    MissingColumn
        When the table has no such column.
    InvalidChoice
        When it is the outcome, the weight or the split.
    """
    require_columns(dataset.frame, [column])
    roles = dataset.roles
    taken = {
        roles.target: tr("the outcome"),
        roles.weight: tr("the weight of every row already"),
        roles.split: tr("the split"),
    }
    if column in taken:
        msg = tr(
            "`{column}` is {taken} and cannot say which rows to train on. Choose another column.",
            column=column,
            taken=taken[column],
        )
        raise InvalidChoice(msg, code="own_column")


def own_factor(dataset: Dataset, column: str, train: NDArray[np.int64]) -> NDArray[np.float64]:
    """Read the weight of each training row from a column; what it says of other rows is not looked at.

    Parameters
    ----------
    dataset : Dataset
        Holds the column: numbers from 0 up, or 0 and 1, yes and no, true and false in any case.
    column : str
        Its name.
    train : int64 (m,)
        The training rows.

    Returns
    -------
    float64 (m,)
        Finite, 0 or more; 0 = the row is not trained on.

    Raises
    ------
    InvalidChoice
        When a training row has a blank, a negative or infinite number or another text; when the column leaves no
        row of an outcome; see also `check_own_column`.
    """
    check_own_column(dataset, column)
    values = dataset.frame[column].iloc[train]
    if is_number(values):
        factor = values.to_numpy(dtype=np.float64, na_value=np.nan)
        wrong, kind = ~np.isfinite(factor) | (factor < 0), tr("no number from 0 up")
    else:
        codes, names = label_codes(values)
        lookup = np.array([_said(name) for name in names] + [np.nan])
        factor = lookup[codes]
        wrong, kind = np.isnan(factor), tr("neither yes nor no (1, 0, true, false)")
    if wrong.any():
        blank = int(values.isna().sum())
        told = tr(", {blank} of them blank", blank=f"{blank:,}") if blank else ""
        msg = tr(
            "`{column}` is {kind} in {sum} training rows{told}. Fill every training row with yes or no, "
            "or with a weight from 0 up.",
            column=column,
            kind=kind,
            sum=f"{int(wrong.sum()):,}",
            told=told,
        )
        raise InvalidChoice(msg, code="own_column")
    _check_both(dataset, column, train, factor)
    return factor


def _said(name: str) -> float:
    word = name.casefold()
    return 1.0 if word in _YES else 0.0 if word in _NO else np.nan


def _check_both(dataset: Dataset, column: str, train: NDArray[np.int64], factor: NDArray[np.float64]) -> None:
    outcome = dataset.outcome[train]
    for is_good, name in ((True, "favourable"), (False, "unfavourable")):
        if not (factor[(outcome != UNKNOWN) & ((outcome == FAVOURABLE) == is_good)] > 0).any():
            msg = tr(
                "`{column}` leaves no {name} training row, and a model needs both outcomes. Choose another "
                "column.",
                column=column,
                name=name,
            )
            raise InvalidChoice(msg, code="own_column")
