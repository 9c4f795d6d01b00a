"""What the Data and Correlations pages say in words and tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rai_dash.core.types import Roles
from rai_dash.data.associations import AssociationMatrix
from rai_dash.data.profile import ColumnProfile
from rai_dash.ui.text import count, number, percent, plain, safe


def figure(x: float) -> str:
    """Write a number of a column: a whole one without decimals."""
    return count(x) if float(x).is_integer() else number(x)


def column_sentence(one: ColumnProfile) -> str:
    """Say what a column holds."""
    text = f"**{safe(one.name)}** ({safe(one.kind)}): {_more(one)}{count(one.distinct)} distinct values, "
    text += f"{count(one.missing)} of {count(one.n)} blank"
    text += f" ({percent(one.missing / one.n)})." if one.missing and one.n else "."
    if one.low is not None and one.high is not None:
        text += f" From {figure(one.low)} to {figure(one.high)}, mean {number(one.mean)}."
    return text


def _more(one: ColumnProfile) -> str:
    return "more than " if one.more_distinct else ""


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


def partner_finding(matrix: AssociationMatrix, roles: Roles) -> str:
    """Name the strongest partner of the target and of each sensitive column."""
    parts = [
        f"**{safe(column)}** goes most with **{safe(best.name)}** "
        f"({safe(best.measure)} {number(best.value)}, {count(best.n)} rows)"
        for column in (roles.target, *roles.sensitive)
        if column is not None and column in matrix.columns
        for best in matrix.partners(column, 1)
    ]
    if not parts:
        return "No association can be computed: the named columns have a single value."
    return (
        "; ".join(parts) + ". A column that goes with a sensitive one can stand in for it, "
        "so leaving the sensitive column out does not blind a model."
    )


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
