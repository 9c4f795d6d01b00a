"""The comparisons of an audit: which metrics, and each group against the rest, everyone and a named reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rai_dash.core.errors import InvalidChoice
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
            msg = (
                f"A reference group is named for `{column}`, which is no sensitive column here. "
                f"Sensitive columns are: {', '.join(columns) or 'none'}."
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
