"""What the Data and Correlations pages say in words and tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from rai_dash.charts._base import Chart
from rai_dash.core.types import Roles
from rai_dash.data.associations import AssociationMatrix
from rai_dash.data.dataset import Dataset
from rai_dash.data.imbalance import Cell, ImbalanceTable
from rai_dash.data.profile import ColumnProfile
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui.text import count, estimate_text, number, percent, plain, safe

FEW = 30
#: Categories with more labels than this say nothing in a table of pairs.
_MOST_LABELS = 200


def _name(cell: Cell) -> str:
    return " × ".join(safe(label) for label in cell.labels)


def is_lopsided(table: ImbalanceTable) -> bool:
    """Whether some cell with rows has almost nobody with the favourable label."""
    known = [c for c in table.cells if c.labelled >= FEW]
    return any(c.favourable < 10 for c in known)


def imbalance_finding(table: ImbalanceTable) -> str:
    """Say who was approved in the fewest and the most cases, and which cells are thin or empty."""
    total = sum(c.labelled for c in table.cells)
    good = sum(c.favourable for c in table.cells)
    start = f"{count(good)} of {count(total)} rows have the favourable label"
    start += f" ({percent(good / total)}). " if total else ". "
    known = [c for c in table.cells if c.rate.is_defined and c.n >= FEW]
    if len(known) >= 2:
        low = min(known, key=lambda c: c.rate.value or 0.0)
        high = max(known, key=lambda c: c.rate.value or 0.0)
        start += (
            f"Fewest in **{_name(low)}**: {estimate_text(low.rate)}; "
            f"most in **{_name(high)}**: {estimate_text(high.rate)}. "
        )
    empty, thin = ([c for c in table.cells if c.n == 0], [c for c in table.cells if 0 < c.n < FEW])
    for cells, text in ((thin, "have fewer than 30 rows"), (empty, "have no row at all")):
        if cells:
            names = ", ".join(_name(c) for c in cells[:4])
            start += (
                f"{count(len(cells))} {text}, for example {names}. "
                if len(cells) > 4
                else f"{names}: {text}. "
            )
    return start.strip()


def imbalance_frame(table: ImbalanceTable) -> pd.DataFrame:
    """Return one row a cell."""
    rows = []
    for cell in table.cells:
        names = dict(zip((plain(c) for c in table.columns), (plain(v) for v in cell.labels), strict=True))
        rows.append(
            {
                **names,
                "rows": cell.n,
                "labelled": cell.labelled,
                "favourable": cell.favourable,
                "rate": cell.rate.value,
                "low": cell.rate.low,
                "high": cell.rate.high,
            }
        )
    return pd.DataFrame(rows)


def imbalance_people(table: ImbalanceTable) -> GroupTable:
    """Say where the table of cells keeps its people, for downloads."""
    shares = (("labelled", "rows"), ("favourable", "labelled"))
    return GroupTable(by=tuple(plain(c) for c in table.columns), shares=shares)


def heatmap(table: ImbalanceTable, draw: Callable[..., Chart]) -> Chart:
    """Arrange the cells of a cross of two columns as rows and columns."""
    rows = list(dict.fromkeys(c.labels[0] for c in table.cells))
    columns = list(dict.fromkeys(c.labels[1] for c in table.cells))
    at = {c.labels: c for c in table.cells}
    grid = [[at[(r, c)] for c in columns] for r in rows]
    return draw(
        rows,
        columns,
        rate=[[c.rate.value for c in line] for line in grid],
        low=[[c.rate.low for c in line] for line in grid],
        high=[[c.rate.high for c in line] for line in grid],
        n=[[c.n for c in line] for line in grid],
        small=[[c.n < FEW for c in line] for line in grid],
    )


def column_sentence(one: ColumnProfile) -> str:
    """Say what a column holds."""
    text = f"**{safe(one.name)}** ({safe(one.kind)}): {count(one.distinct)} distinct values, "
    text += f"{count(one.missing)} of {count(one.n)} blank"
    text += f" ({percent(one.missing / one.n)})." if one.missing and one.n else "."
    if one.low is not None and one.high is not None:
        text += f" From {number(one.low)} to {number(one.high)}, mean {number(one.mean)}."
    return text


def profile_frame(found: Sequence[ColumnProfile]) -> pd.DataFrame:
    """Return one row a column."""
    return pd.DataFrame(
        [
            {
                "column": plain(p.name),
                "kind": p.kind,
                "rows": p.n,
                "blank": p.missing,
                "distinct": p.distinct,
                "lowest": p.low,
                "highest": p.high,
                "mean": p.mean,
                "most frequent": ", ".join(f"{plain(label)} ({n:,})" for label, n in p.top[:3]),
            }
            for p in found
        ]
    )


def associated_columns(dataset: Dataset) -> list[str]:
    """Choose the columns of the matrix: target and sensitive first, no ids, no text with too many labels."""
    roles = dataset.roles
    first = [c for c in (roles.target, *roles.sensitive) if c]
    skip = {roles.id, roles.split, roles.weight, *first}
    rest = [c for c in dataset.columns if c not in skip]
    frame = dataset.frame
    small = [c for c in rest if frame[c].dtype.kind in "if" or frame[c].nunique() <= _MOST_LABELS]
    return first + small


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
