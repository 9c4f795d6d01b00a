"""The comparisons of an audit: which metrics, and each group against the rest, everyone and a named reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.metrics._base import MetricTable
from rai_dash.metrics.against import Other, compare

#: Metrics whose gap between groups is reported.
COMPARED: Final = ("selection_rate", "recall", "precision", "fpr", "fnr", "accuracy", "base_rate")


def check_references(references: Mapping[str, str], columns: Sequence[str]) -> None:
    """Refuse a reference group of a column that is not compared by.

    Raises
    ------
    InvalidChoice
        Naming the columns that are.
    """
    for column in references:
        if column not in columns:
            msg = tr(
                "A reference group is named for `{column}`, which is no sensitive column here. Sensitive "
                "columns are: {columns}.",
                column=column,
                columns=", ".join(columns) or tr("none"),
            )
            raise InvalidChoice(msg)


def against_json(table: MetricTable, reference: str | None) -> dict[str, object]:
    """Compare every group with the rest, with everyone and, where one is named, with the reference.

    Returns
    -------
    dict
        Metric to ``{"rest": {GROUP: ...}, "overall": {...}, "reference": {...}, "reference_group": name}``.

    Raises
    ------
    InvalidChoice
        When the reference is no group of the table.
    """
    out: dict[str, object] = {}
    for metric in COMPARED:
        found: dict[str, object] = {}
        for other in (Other.REST, Other.OVERALL):
            found[other.value] = {a.group: a.to_json() for a in compare(table, metric, other)}
        if reference is not None:
            named = compare(table, metric, Other.REFERENCE, reference=reference)
            found["reference"] = {a.group: a.to_json() for a in named}
            found["reference_group"] = reference
        out[metric] = found
    return out


def q_values(p_values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Adjust the p-values of several metrics by Benjamini and Hochberg (1995); exploratory, never a star.

    Parameters
    ----------
    p_values : mapping of str to (float or None)
        By metric; None = no test.

    Returns
    -------
    dict
        The smallest false discovery rate at which each metric would be a finding; None where there was no test.
    """
    # Half a second to import: the first page asks this module for its words only.
    from scipy.stats import false_discovery_control

    tested = {metric: p for metric, p in p_values.items() if p is not None}
    adjusted = false_discovery_control(list(tested.values())) if tested else []
    by_metric = dict(zip(tested, map(float, adjusted), strict=True))
    return {metric: by_metric.get(metric) for metric in p_values}
