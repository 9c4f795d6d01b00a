"""How many people a weighted audit counts: every row once, in the places where the audit has sums of weights.

A sum of weights does not say of how many people it is, and numbers of few people are hidden before a report leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rai_dash.case import Judgement
from rai_dash.core.counts import GroupCounts
from rai_dash.core.types import ReviewBand
from rai_dash.metrics.curves_json import curves_json
from rai_dash.metrics.impact import impact_ratios
from rai_dash.metrics.table import metric_table
from rai_dash.review.band import route

#: Shares from whose counts the table of outcomes and decisions of a group follows.
COUNTED: Final = ("selection_rate", "recall", "fpr", "base_rate")


def people_json(
    judgement: Judgement,
    *,
    threshold: float,
    crosses: Sequence[tuple[str, ...]] = (),
    controls: Sequence[str] = (),
    band: ReviewBand | None = None,
) -> dict[str, object]:
    """Count people where the audit of the same choices has sums of weights.

    Parameters
    ----------
    judgement : Judgement
        The judged rows.
    threshold, crosses, controls, band
        See `rai_dash.audit.audit`.

    Returns
    -------
    dict
        ``overall``, ``overall_curves``, ``groups``, ``crosses``, ``curves``, ``impact_ratios``, ``conditional`` and
        ``band`` of the audit, with the shares of `COUNTED` alone, by rows.
    """
    everyone = judgement.counts().unweighted()
    single = [(column,) for column in judgement.roles.sensitive]
    by = {columns: judgement.counts(columns).unweighted() for columns in [*single, *crosses]}
    names = {columns: counts.column for columns, counts in by.items()}
    tables = {columns: _shares(counts, threshold) for columns, counts in by.items()}
    return {
        "overall": next(iter(_shares(everyone, threshold).values())),
        "overall_curves": curves_json(everyone)[everyone.groups[0]],
        "groups": {names[columns]: tables[columns] for columns in single},
        "crosses": {names[columns]: tables[columns] for columns in crosses},
        "curves": {names[columns]: curves_json(by[columns]) for columns in single},
        "impact_ratios": {
            names[columns]: impact_ratios(counts, threshold).to_json() for columns, counts in by.items()
        },
        "conditional": {
            names[columns]: {
                control: _within(judgement.within(columns, control), threshold)
                for control in dict.fromkeys(controls)
                if control not in columns
            }
            for columns in by
        },
        "band": None if band is None else _band(band, everyone, {c[0]: by[c] for c in single}),
    }


def _shares(counts: GroupCounts, threshold: float) -> dict[str, dict[str, object]]:
    table = metric_table(counts, threshold, bootstrap=0, metrics=COUNTED)
    return {group: table.to_json(i) for i, group in enumerate(table.groups)}


def _within(levels: Iterable[tuple[str, GroupCounts]], threshold: float) -> dict[str, object]:
    """Count the groups in each level, arranged as the audit arranges its comparisons within levels."""
    found = {level: _shares(counts.unweighted(), threshold) for level, counts in levels}
    return {
        metric: {"levels": {level: _level(of, metric) for level, of in found.items()}} for metric in COUNTED
    }


def _level(shares: Mapping[str, Mapping[str, object]], metric: str) -> dict[str, object]:
    groups: dict[str, object] = {}
    for group, of in shares.items():
        share = of[metric]
        groups[group] = {"n": of["n"]} | (share if isinstance(share, dict) else {})
    return {"groups": groups}


def _band(band: ReviewBand, everyone: GroupCounts, by: Mapping[str, GroupCounts]) -> dict[str, object]:
    routed = {column: route(counts, band).by_group for column, counts in by.items()}
    return {
        "lo": band.lo,
        "threshold": band.threshold,
        "hi": band.hi,
        "overall": route(everyone, band).overall.to_json(),
        "groups": {
            column: {group: found.to_json(i) for i, group in enumerate(found.groups)}
            for column, found in routed.items()
        },
    }
