"""An applicant's own bins: the quarter of a number or the category, and which other rows share it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.texts import tr
from rai_dash.core.types import MISSING_GROUP
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.groups import default_edges, quantile_edges
from rai_dash.data.labels import label_text
from rai_dash.explain._noise import STRUCTURAL_ZEROS


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One part of a rule.

    Parameters
    ----------
    column : str
        Whose value.
    value : str or None
        The value as text, ``"(missing)"`` for a blank; None for a range.
    low, high : float or None
        The range ``[low, high)``; None = open.
    """

    column: str
    value: str | None = None
    low: float | None = None
    high: float | None = None

    @property
    def text(self) -> str:
        """``"age from 28 to under 37"``, ``"education is Masters"``."""
        if self.value is not None:
            return tr(
                "{column} is {self_}",
                column=self.column,
                self_=tr("missing") if self.value == MISSING_GROUP else self.value,
            )
        if self.low is None:
            return tr("{column} under {label}", column=self.column, label=label_text(self.high))
        if self.high is None:
            return tr("{column} {label} or more", column=self.column, label=label_text(self.low))
        return tr(
            "{column} from {label} to under {label_text_high}",
            column=self.column,
            label=label_text(self.low),
            label_text_high=label_text(self.high),
        )


def own_condition(series: pd.Series, own: pd.Series) -> tuple[Condition, NDArray[np.bool_]]:
    """Return the bin of the applicant's value, and which reference rows are in it.

    Parameters
    ----------
    series : Series (n,)
        A column of the reference rows; its quarters are the bins of a column of many numbers. Where a fifth or more
        of these are 0, that is a bin of its own beside quarters of the others.
    own : Series (1,)
        The applicant's value.

    Returns
    -------
    Condition
    bool (n,)
    """
    column = str(series.name)
    if bool(own.isna().iloc[0]):
        return Condition(column=column, value=MISSING_GROUP), series.isna().to_numpy(dtype=bool)
    if not is_number(series):
        value = own.iloc[0]
        inside = (series == value).fillna(False).to_numpy(dtype=bool)  # noqa: FBT003
        return Condition(column=column, value=str(value)), inside
    x, mine = numbers(series), float(own.iloc[0])
    edges = _edges(x)
    if edges is None or (mine == 0 and _is_zero_heavy(x)):
        return Condition(column=column, value=label_text(mine)), x == mine
    ends = [None, *edges, None]
    at = int(np.searchsorted(np.asarray(edges), mine, side="right"))
    inside = (np.searchsorted(np.asarray(edges), x, side="right") == at) & ~np.isnan(x)
    return Condition(column=column, low=ends[at], high=ends[at + 1]), inside


def _is_zero_heavy(x: NDArray[np.float64]) -> bool:
    known = x[~np.isnan(x)]
    return known.size > 0 and float((known == 0).mean()) >= STRUCTURAL_ZEROS


def _edges(x: NDArray[np.float64]) -> tuple[float, ...] | None:
    """Choose the inner edges of the bins; None where each value is one."""
    edges = default_edges(x)
    if edges is None or not _is_zero_heavy(x):
        return edges
    others = x[~np.isnan(x) & (x != 0)]
    # Zero stands alone: a bin ends below it and the next begins at the smallest number above.
    around = {0.0} if (others < 0).any() else set()
    around |= {float(others[others > 0].min())} if (others > 0).any() else set()
    return tuple(sorted(around.union(quantile_edges(others, 4))))


def plain_value(cell: object) -> object:
    """Turn a cell of a table into a plain value; a blank is None."""
    if cell is None or bool(pd.isna(cell)):  # type: ignore[call-overload]
        return None
    return cell.item() if isinstance(cell, np.generic) else cell
