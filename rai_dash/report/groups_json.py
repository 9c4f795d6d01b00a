"""The sections of an audit that are by sensitive column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rai_dash.case import Judgement
from rai_dash.core.counts import GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.metrics.compared import COMPARED, against_json, q_values
from rai_dash.metrics.conditional import conditional
from rai_dash.metrics.crossings import rank_cells
from rai_dash.metrics.curves_json import curves_json
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.impact import impact_ratios
from rai_dash.metrics.parity import parities
from rai_dash.metrics.score_gap import score_gaps
from rai_dash.metrics.table import Costs, MetricTable, metric_table
from rai_dash.metrics.verdict import DEFAULT_TOLERANCE, gap_verdict

#: Parts of the JSON that are by sensitive column.
SECTIONS = (
    "groups", "crosses", "disparities", "parities", "against", "impact_ratios", "score_gaps", "curves", "conditional",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparing:
    """How groups are compared.

    Parameters
    ----------
    threshold : float
        In [0, 1].
    min_n : int
        Groups with fewer rows enter no gap.
    costs : Costs or None
        Without them ``expected_cost`` is undefined.
    tolerance : float
        A difference that does not matter, in (0, 1).
    references : mapping of str to str
        Reference group by sensitive column.
    controls : tuple of str
        Columns whose levels groups are compared within.
    """

    threshold: float
    min_n: int = 30
    costs: Costs | None = None
    tolerance: float = DEFAULT_TOLERANCE
    references: Mapping[str, str] = field(default_factory=dict)
    controls: tuple[str, ...] = ()

    def table(self, counts: GroupCounts) -> MetricTable:
        """Compute all metrics of some groups."""
        return metric_table(counts, self.threshold, min_n=self.min_n, costs=self.costs)


def groups_json(
    judgement: Judgement, how: Comparing, crosses: Sequence[tuple[str, ...]]
) -> dict[str, dict[str, object]]:
    """Describe every sensitive column and cross.

    Parameters
    ----------
    judgement : Judgement
        The rows and their scores; sensitive columns are those of its roles.
    how : Comparing
        Threshold, tolerance and the rest.
    crosses : sequence of tuple of str
        Columns to cross.

    Returns
    -------
    dict
        A section of ``SECTIONS`` each, by column; crosses are called ``A × B``.
    """
    out: dict[str, dict[str, object]] = {section: {} for section in SECTIONS}
    for columns in [*((column,) for column in judgement.roles.sensitive), *crosses]:
        counts = judgement.counts(columns)
        table = how.table(counts)
        name = table.column
        if name in out["disparities"]:
            msg = f"`{name}` names both a column and a cross of two others. Rename the column to tell them apart."
            raise InvalidChoice(msg)
        out["groups" if len(columns) == 1 else "crosses"][name] = _table_json(table)
        out["disparities"][name] = _gaps_json(table, how.tolerance)
        out["parities"][name] = {p.name: p.to_json() for p in parities(table, at=(counts, how.threshold))}
        out["against"][name] = against_json(table, how.references.get(name))
        out["impact_ratios"][name] = impact_ratios(counts, how.threshold).to_json()
        out["score_gaps"][name] = {gap.group: gap.to_json() for gap in score_gaps(counts)}
        out["curves"][name] = curves_json(counts)
        out["conditional"][name] = {
            control: _conditional_json(judgement, how, columns, control)
            for control in how.controls
            if control not in columns
        }
    return out


def intersections_json(
    judgement: Judgement, how: Comparing, crosses: Sequence[tuple[str, ...]]
) -> dict[str, list[dict[str, object]]]:
    """Rank the cells of all crosses together by evidence, metric by metric."""
    tables = [
        metric_table(judgement.counts(columns), how.threshold, min_n=how.min_n, bootstrap=0, metrics=COMPARED)
        for columns in crosses
    ]
    return {
        metric: [cell.to_json() for cell in rank_cells(tables, metric, tolerance=how.tolerance)]
        for metric in COMPARED
    }


def _conditional_json(
    judgement: Judgement, how: Comparing, columns: tuple[str, ...], control: str
) -> dict[str, object]:
    levels = [
        (level, metric_table(counts, how.threshold, min_n=how.min_n, bootstrap=0, metrics=COMPARED))
        for level, counts in judgement.within(columns, control)
    ]
    return {metric: conditional(levels, metric, tolerance=how.tolerance).to_json() for metric in COMPARED}


def _table_json(table: MetricTable) -> dict[str, object]:
    return {name: table.to_json(i) for i, name in enumerate(table.groups)}


def _gaps_json(table: MetricTable, tolerance: float) -> dict[str, object]:
    found = {metric: _gap_json(table, metric, tolerance) for metric in COMPARED}
    for metric, q_value in q_values({m: gap.get("p_value") for m, gap in found.items()}).items():
        found[metric]["q_value"] = q_value
    return dict(found)


def _gap_json(table: MetricTable, metric: str, tolerance: float) -> dict[str, Any]:
    verdict = gap_verdict(table, metric, tolerance=tolerance)
    return disparity(table, metric).to_json() | ({} if verdict is None else verdict.to_json())
