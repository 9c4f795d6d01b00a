"""Values of a table as text labels, and the outcome as codes.

``1``, ``1.0`` and ``"1"`` are one label, so that the same table in another file format has the same
groups and the same favourable value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidRoles
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN, Roles
from rai_dash.data.columns import closest_names, require_columns

#: Integers up to here are exact in float64 and keep all their digits in a label.
MAX_EXACT: Final = 10**15
SHOWN_VALUES: Final = 8
_WHOLE = re.compile(r"[+-]?(?:0|[1-9][0-9]*)\.0+")


def _number_text(value: float) -> str:
    """Write a number in its shortest exact form; whole numbers without a point."""
    if math.isnan(value):
        return ""
    whole = abs(value) <= MAX_EXACT and value.is_integer()
    return str(int(value)) if whole else repr(value)


def label_text(value: object) -> str:
    """Write one value as its label.

    Parameters
    ----------
    value : object
        A cell of a table, or what a user wrote for one.

    Returns
    -------
    str
        Empty for a blank. Text is trimmed; text that reads as a whole number with zeros behind the
        point loses them; leading zeros stay.

    Examples
    --------
    >>> label_text(1), label_text(1.0), label_text("1.0"), label_text(True), label_text(" a "), label_text("007")
    ('1', '1', '1', 'True', 'a', '007')
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return _number_text(float(value))
    text = str(value).strip()
    return str(int(text.split(".")[0])) if _WHOLE.fullmatch(text) else text


def _raw_codes(series: pd.Series) -> tuple[NDArray[np.intp], Iterable[object]]:
    """Return a number for each value of a column; categories have theirs already."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return series.cat.codes.to_numpy().astype(np.intp), series.cat.categories
    return pd.factorize(series)


def label_codes(series: pd.Series) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Give the labels of a column numbers.

    Parameters
    ----------
    series : Series (n,)
        Any column of a table.

    Returns
    -------
    codes : int32 (n,)
        Position in ``names``; -1 = blank.
    names : tuple of str
        The labels, in order of first appearance; those of categories in their own order.
    """
    raw, uniques = _raw_codes(series)
    texts = [label_text(v) for v in uniques]
    names = tuple(dict.fromkeys(t for t in texts if t))
    place = {name: i for i, name in enumerate(names)}
    # Blank text is a blank; the extra last entry is where code -1 of factorize points.
    lookup = np.array([place.get(t, -1) for t in texts] + [-1], dtype=np.int32)
    return lookup[raw], names


def short_number(value: float) -> str:
    """Write a number of a column, such as the edge of a bin, in at most six digits; a whole one as its label."""
    return label_text(value) if value.is_integer() else f"{value:.6g}"


def labels(series: pd.Series) -> pd.Series:
    """Write a column as labels.

    Parameters
    ----------
    series : Series (n,)
        Any column of a table.

    Returns
    -------
    Series of str (n,)
        Same index and name; blanks are missing.
    """
    codes, names = label_codes(series)
    lookup = pd.Series([*names, None], dtype="str")
    out = lookup.take(np.where(codes < 0, len(names), codes))
    out.index, out.name = series.index, series.name
    return out


def value_counts_text(
    codes: NDArray[np.int32], names: Sequence[str], rows: NDArray[np.int64] | None = None
) -> str:
    """Write the values of a column with their counts, most frequent first, for messages.

    ``rows`` says how many rows each code stands for, where it is not one.
    """
    counts = np.zeros(len(names), np.int64)
    known = codes >= 0
    np.add.at(counts, codes[known], 1 if rows is None else rows[known])
    order = np.argsort(-counts, kind="stable")[:SHOWN_VALUES]
    shown = ", ".join(f"'{names[i]}' ({counts[i]:,})" for i in order)
    rest = len(names) - len(order)
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def _not_there(roles: Roles, wanted: Iterable[str], names: Sequence[str], listed: str) -> InvalidRoles:
    """Say that none of the favourable labels is in the target."""
    close = [c for w in wanted for c in closest_names(w, names)]
    given = ", ".join(f"'{w}'" for w in wanted)
    hint = f" Did you mean '{close[0]}'?" if close else " Choose the value that is good for the applicant."
    msg = f"{given} is not a value of `{roles.target}`. Values there: {listed}.{hint}"
    return InvalidRoles(msg)


def _code_of_labels(roles: Roles, names: Sequence[str], listed: Callable[[], str]) -> dict[str, int]:
    """Find the outcome of each label of the target; ``listed`` writes them with their rows."""
    good = {label_text(v) for v in roles.favourable}
    bad = {label_text(v) for v in roles.unfavourable}
    if not good and not bad:
        msg = tr(
            "Which value of `{target}` is good for the applicant? Values there: {listed}. Name the "
            "favourable one.",
            target=roles.target,
            listed=listed(),
        )
        raise InvalidRoles(msg)
    if both := sorted(good & bad):
        msg = tr(
            "'{both}' of `{target}` is named favourable and unfavourable. Keep one of the two.",
            both=both[0],
            target=roles.target,
        )
        raise InvalidRoles(msg)
    if good and names and not good & set(names) and not set(names) <= bad:
        raise _not_there(roles, sorted(good), names, listed())
    # Where only one side is named, every other label is the other side.
    rest = UNKNOWN if good and bad else UNFAVOURABLE if good else FAVOURABLE
    return {n: FAVOURABLE if n in good else UNFAVOURABLE if n in bad else rest for n in names}


def outcome_codes(
    frame: pd.DataFrame, roles: Roles, rows: NDArray[np.int64] | None = None
) -> NDArray[np.int8]:
    """Read the target as codes.

    Parameters
    ----------
    frame : DataFrame (n, ...)
        Must hold ``roles.target``.
    roles : Roles
        ``favourable`` names the good labels, ``unfavourable`` the bad ones; where only one side is
        named, every other label is the other side.
    rows : int64 (n,), optional
        How many rows each one of ``frame`` stands for, to be told when the roles do not fit; one each when omitted.

    Returns
    -------
    int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown (blank, or a label on neither side). All 2 where
        there is no target.

    Raises
    ------
    MissingColumn
        When the table has no such column.
    InvalidRoles
        When no side is named, a label is on both, or the favourable value is not in the column.
    """
    if roles.target is None:
        return np.full(len(frame), UNKNOWN, dtype=np.int8)
    require_columns(frame, [roles.target])
    codes, names = label_codes(frame[roles.target])
    by_label = _code_of_labels(roles, names, lambda: value_counts_text(codes, names, rows))
    lookup = np.array([by_label[n] for n in names] + [UNKNOWN], dtype=np.int8)
    return lookup[codes]
