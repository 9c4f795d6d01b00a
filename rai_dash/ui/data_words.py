"""What the Data and Correlations pages say in words and tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rai_dash.core.memo import Memo
from rai_dash.core.texts import tr
from rai_dash.data.associations import AssociationMatrix, Partner
from rai_dash.data.dataset import Dataset
from rai_dash.data.profile import ColumnProfile
from rai_dash.report.correlated import strongest_by_chance
from rai_dash.ui.text import count, number, percent, plain, safe


def figure(x: float) -> str:
    """Write a number of a column: a whole one without decimals."""
    return count(x) if float(x).is_integer() else number(x)


def column_sentence(one: ColumnProfile) -> str:
    """Say what a column holds."""
    text = tr(
        "**{one}** ({kind}): {more}{distinct} distinct values, ",
        one=safe(one.name),
        kind=safe(one.kind),
        more=_more(one),
        distinct=count(one.distinct),
    )
    text += tr("{missing} of {one} blank", missing=count(one.missing), one=count(one.n))
    text += f" ({percent(one.missing / one.n)})." if one.missing and one.n else "."
    if one.low is not None and one.high is not None:
        text += tr(
            " From {figure} to {figure_high}, mean {mean}.",
            figure=figure(one.low),
            figure_high=figure(one.high),
            mean=number(one.mean),
        )
    return text


def _more(one: ColumnProfile) -> str:
    return tr("more than ") if one.more_distinct else ""


def profile_frame(found: Sequence[ColumnProfile]) -> pd.DataFrame:
    """Return one row a column; how many values it has at least where counting stopped."""
    is_stopped = any(p.more_distinct for p in found)
    return pd.DataFrame(
        [
            {
                "column": plain(p.name),
                "kind": p.kind,
                "rows": p.n,
                "blank": p.missing,
                "distinct": None if p.more_distinct else p.distinct,
                **({"distinct, more than": p.distinct if p.more_distinct else None} if is_stopped else {}),
                "lowest": p.low,
                "highest": p.high,
                "mean": p.mean,
                "outliers": None if p.fences is None else p.below + p.above,
                "most frequent": ", ".join(f"{plain(label)} ({n:,})" for label, n in p.top[:3]),
            }
            for p in found
        ]
    )


#: Above this the strongest of many columns is called no stronger than chance makes one of them.
CHANCE = 0.05


def partner_finding(dataset: Dataset, matrix: AssociationMatrix, n_columns: int, memo: Memo) -> str:
    """Name the strongest partner of the target and of each sensitive column, and whether that is more than chance.

    Parameters
    ----------
    dataset : Dataset
        The table.
    matrix : AssociationMatrix
        By kind, of the columns that go most with these.
    n_columns : int
        How many columns there were to choose from.
    memo : Memo
        Of the table.
    """
    roles = dataset.roles
    found = [
        (column, best, strongest_by_chance(dataset, column, best, n_columns - 1, memo))
        for column in (roles.target, *roles.sensitive)
        if column is not None and column in matrix.columns
        for best in matrix.partners(column, 1)
    ]
    if not found:
        return tr("No association can be computed: the named columns have a single value.")
    text = " ".join(_partner(column, best, chance, n_columns - 1) for column, best, chance in found)
    shown = [c for c, _, chance in found if c in roles.sensitive and (chance is None or chance <= CHANCE)]
    if not shown:
        return text
    return (
        text
        + " "
        + tr(
            "A column that goes with a sensitive one can stand in for it, so leaving the sensitive column out does not "
            "blind a model."
        )
    )


def _partner(column: str, best: Partner, chance: float | None, tried: int) -> str:
    parts = {
        "column": safe(column),
        "best": safe(best.name),
        "measure": safe(best.measure),
        "value": number(best.value),
        "rows": count(best.n),
        "tried": count(tried),
    }
    if chance is not None and chance > CHANCE:
        return tr(
            "**{column}** goes most with **{best}** ({measure} {value}, {rows} rows), no more than the strongest of "
            "{tried} unrelated columns may by chance.",
            **parts,
        )
    return tr("**{column}** goes most with **{best}** ({measure} {value}, {rows} rows).", **parts)


def matrix_frame(matrix: AssociationMatrix) -> pd.DataFrame:
    """Return one row a pair of columns."""
    rows = []
    for i, a in enumerate(matrix.columns):
        for j, b in enumerate(matrix.columns[:i]):
            rows.append(
                {
                    "column": plain(a),
                    "with": plain(b),
                    "value": float(matrix.value[i, j]),
                    "measure": matrix.measure[i][j],
                    "rows": int(matrix.n[i, j]),
                }
            )
    return pd.DataFrame(rows)
