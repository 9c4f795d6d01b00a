"""Cells of several crosses in one list, the best supported first: size of a gap alone is mostly size of noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rai_dash.metrics._base import MetricTable
from rai_dash.metrics.against import Against, Other, compare
from rai_dash.metrics.verdict import DEFAULT_TOLERANCE, GapVerdict, gap_verdict

ALPHA = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedCell:
    """One group of one column or cross, against everybody else.

    Parameters
    ----------
    column, group : str
        The column or cross, and the group.
    n : int
        Rows.
    value, numerator, denominator : float or None
        The number of the group, and the weights of rows that make it up.
    against : Against
        Group less all other rows, with Newcombe's 95 % interval of this one comparison.
    p_value : float or None
        Fisher's exact test against the rest, adjusted for all groups of the cross (Holm) and for the number of crosses
        looked at (Bonferroni); None = not tested.
    starred : bool
        Whether the adjusted p-value, and that of the max-z test of the cross times the number of crosses, are below
        0.05.
    small : bool
        Too few rows to be tested.
    """

    column: str
    group: str
    n: int
    value: float | None
    numerator: float | None
    denominator: float | None
    against: Against
    p_value: float | None
    starred: bool
    small: bool

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        head = {"column": self.column, "group": self.group, "n": self.n, "value": self.value}
        counts = {"numerator": self.numerator, "denominator": self.denominator}
        tail = {"adjusted_p": self.p_value, "starred": self.starred, "small": self.small}
        return head | counts | self.against.to_json() | tail


def rank_cells(
    tables: Sequence[MetricTable], metric: str, *, tolerance: float = DEFAULT_TOLERANCE
) -> tuple[RankedCell, ...]:
    """Rank every group of every table by the evidence that it differs from the rest.

    Parameters
    ----------
    tables : sequence of MetricTable
        One a column or cross.
    metric : str
        A share of rows.
    tolerance : float
        Of the verdicts.

    Returns
    -------
    tuple of RankedCell
        Smallest adjusted p-value first; where these are equal, the difference that is largest beside its own
        uncertainty. Small and undefined groups come last, the larger first. Groups without rows are left out.

    Notes
    -----
    Looking at several crosses is looking several times: p-values are multiplied by the number of crosses.
    """
    verdicts = [gap_verdict(table, metric, tolerance=tolerance) for table in tables]
    looks = sum(1 for v in verdicts if v is not None and v.p_value is not None)
    cells = [
        cell
        for table, verdict in zip(tables, verdicts, strict=True)
        for cell in _cells(table, metric, verdict, looks)
    ]
    return tuple(sorted(cells, key=_rank))


def _cells(table: MetricTable, metric: str, verdict: GapVerdict | None, looks: int) -> list[RankedCell]:
    adjusted = {} if verdict is None else verdict.adjusted
    overall = None if verdict is None else verdict.p_value
    is_shown = overall is not None and overall * looks < ALPHA
    out = []
    for i, against in enumerate(compare(table, metric, Other.REST)):
        p = adjusted.get(against.group)
        p = None if p is None else min(1.0, p * looks)
        if table.n[i] == 0:
            continue
        one = table.estimate(metric, i)
        out.append(
            RankedCell(
                column=table.column,
                group=against.group,
                n=int(table.n[i]),
                value=one.value,
                numerator=one.numerator,
                denominator=one.denominator,
                against=against,
                p_value=p,
                starred=is_shown and p is not None and p < ALPHA,
                small=bool(table.small[i]),
            )
        )
    return out


def _rank(cell: RankedCell) -> tuple[bool, float, float, int]:
    return (cell.p_value is None, cell.p_value or 0.0, -_beside_its_uncertainty(cell.against), -cell.n)


def _beside_its_uncertainty(against: Against) -> float:
    if against.difference is None or against.low is None or against.high is None:
        return 0.0
    return abs(against.difference) / max(against.high - against.low, 1e-12)
