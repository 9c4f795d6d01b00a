"""How one column's attributions follow its value, and which other column changes that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.columns import is_number
from rai_dash.explain._asking import FloatArray, IntArray
from rai_dash.explain.drivers._bins import MOST_MARKS, bins_of, places_of, spread_rows, texts_of

#: Ranges of the column, and of each possible partner, when interactions are looked for.
_OWN_BINS, _PARTNER_BINS = 20, 5
#: What is left of the attributions at the same value must be more than this share of them to be called interaction.
LEAST_LEFT = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Partners:
    """How much of what one column's attributions still vary by at the same value goes with each other column.

    Parameters
    ----------
    column : str
        The column.
    names : tuple of str
        All other columns, in order.
    share : float64 (others,)
        In [0, 1]; see `partners`. NaN where nothing is left or no cell has two rows.
    left : float
        What is left at the same value, as a share of the variance of the attributions; 0 = the column acts alone.
    """

    column: str
    names: tuple[str, ...]
    share: FloatArray
    left: float

    @property
    def strongest(self) -> str | None:
        """The partner with the largest share; None where the column acts alone or no partner explains anything."""
        if self.left <= LEAST_LEFT or not np.isfinite(self.share).any():
            return None
        best = int(np.nanargmax(self.share))
        return self.names[best] if self.share[best] > 0 else None


def partners(values: FloatArray, names: Sequence[str], frame: pd.DataFrame, column: str) -> Partners:
    """Look for the column that changes what another one does.

    Rows are put in up to 20 bins of the column's value, and in each the line through the attributions is taken off.
    What is left differs between rows of (about) the same value, so it comes from other columns. A partner's share is
    how much of it the partner's own 5 ranges (or categories) within each bin explain, with the share that chance
    explains taken off (epsilon squared).

    Parameters
    ----------
    values : float64 (n, columns)
        Attributions of all rows, in one space.
    names : sequence of str
        Columns of ``values``.
    frame : DataFrame (n, …)
        The rows themselves.
    column : str
        One of ``names``.

    Notes
    -----
    With interventional values of a model without interactions nothing is left but curvature within bins. Columns that
    go together share what they explain: the partner found may stand in for another one.

    References
    ----------
    Kelley, T. L. (1935). An unbiased correlation ratio measure. PNAS 21, 554-559.
    """
    if column not in names:
        msg = tr(
            "There are no attributions of a column {column}. Choose one of the model's columns.",
            column=f"{column!r}",
        )
        raise InvalidChoice(msg)
    phi = values[:, list(names).index(column)]
    own = bins_of(frame[column], _OWN_BINS)
    rest = _left(phi, frame[column], own)
    whole, total = float(((phi - phi.mean()) ** 2).sum()) if len(phi) else 0.0, float((rest**2).sum())
    left = total / whole if whole > 0 else 0.0
    others = tuple(name for name in names if name != column)
    share = np.full(len(others), np.nan)
    if left > LEAST_LEFT:
        share = np.array([_explained(rest, own, bins_of(frame[name], _PARTNER_BINS)) for name in others])
    return Partners(column=column, names=others, share=share, left=left)


def _left(phi: FloatArray, series: pd.Series, bins: IntArray) -> FloatArray:
    """Take the line through each bin off the attributions; categories have a mean only."""
    size = np.maximum(np.bincount(bins), 1)

    def centred(x: FloatArray) -> FloatArray:
        found: FloatArray = x - (np.bincount(bins, x) / size)[bins]
        return found

    y = centred(phi)
    if not is_number(series):
        return y
    x = centred(np.nan_to_num(places_of(series), nan=0.0))
    spread = np.bincount(bins, x**2)
    slope = np.divide(np.bincount(bins, x * y), spread, out=np.zeros(len(spread)), where=spread > 1e-12)
    return y - slope[bins] * x


def _by_effect(phi: FloatArray, series: pd.Series, partner: pd.Series) -> FloatArray:
    """Place categories in [0, 1] by the mean of what they leave at the same value of the column."""
    rest, kind = _left(phi, series, bins_of(series, _OWN_BINS)), bins_of(partner, _PARTNER_BINS)
    effect = np.bincount(kind, rest) / np.bincount(kind)
    return places_of(pd.Series(effect[kind]))


def _explained(rest: FloatArray, own: IntArray, partner: IntArray) -> float:
    """Return epsilon squared of the cells of both columns beyond the bins of the first."""
    cell = np.unique(own * (int(partner.max()) + 1) + partner, return_inverse=True)[1]
    n = np.bincount(cell)
    bins = len(np.unique(own))
    total = float((rest**2).sum())
    between = float((np.bincount(cell, rest) ** 2 / n).sum())
    free = len(rest) - len(n)
    if free <= 0:
        return float("nan")
    by_chance = (len(n) - bins) * max(total - between, 0.0) / free
    return float(np.clip((between - by_chance) / total, 0.0, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dependence:
    """Attributions of one column against its own values.

    Parameters
    ----------
    column : str
        Name.
    is_numeric : bool
        Whether ``x`` is a number.
    rows : int64 (m,)
        Rows shown, evenly over the ranks of the column's value (blanks last); categories one after the other.
    x : tuple of (float or None) or of str, m
        The row's own value; None = blank.
    value : float64 (m,)
        Attributions.
    partner : str or None
        The column that colours the marks.
    place : float64 (m,)
        Where the partner's value stands among all, in [0, 1]; NaN = blank number, or no partner. Categories stand in
        the order of what they do to this column's attributions at the same value, from lowering to raising.
    by_effect : bool
        Whether ``place`` is such an order of categories.
    partner_text : tuple of str, m
        The partner's own value, empty without a partner.
    of : int
        Rows there were.
    found : Partners
        Why this partner.
    """

    column: str
    is_numeric: bool
    rows: IntArray
    x: tuple[float | None, ...] | tuple[str, ...]
    value: FloatArray
    partner: str | None
    place: FloatArray
    by_effect: bool
    partner_text: tuple[str, ...]
    of: int
    found: Partners


def dependence(
    values: FloatArray,
    names: Sequence[str],
    frame: pd.DataFrame,
    column: str,
    *,
    partner: str | None = None,
    most_marks: int = MOST_MARKS,
) -> Dependence:
    """Choose the marks that show how one column's attributions follow its value; parameters as of `partners`.

    Parameters
    ----------
    partner : str, optional
        Colours the marks; by default ``Partners.strongest``.
    most_marks : int
        Rows shown at most.
    """
    found = partners(values, names, frame, column)
    chosen = partner if partner is not None else found.strongest
    series, phi = frame[column], values[:, list(names).index(column)]
    is_numeric = is_number(series)
    key = places_of(series) if is_numeric else bins_of(series, _OWN_BINS).astype(np.float64)
    rows = spread_rows(key, most_marks, then=phi)
    shown = series.iloc[rows]
    x: tuple[float | None, ...] | tuple[str, ...] = tuple(texts_of(shown))
    if is_numeric:
        x = tuple(None if np.isnan(v) else float(v) for v in shown.to_numpy(np.float64, na_value=np.nan))
    place, text, by_effect = np.full(len(phi), np.nan), ("",) * len(rows), False
    if chosen is not None:
        by_effect, text = not is_number(frame[chosen]), tuple(texts_of(frame[chosen].iloc[rows]))
        place = _by_effect(phi, series, frame[chosen]) if by_effect else places_of(frame[chosen])
    return Dependence(
        column=column, is_numeric=is_numeric, rows=rows, x=x, value=phi[rows], partner=chosen, place=place[rows],
        by_effect=by_effect,
        partner_text=text, of=len(values), found=found,
    )  # fmt: skip
