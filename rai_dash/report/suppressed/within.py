"""Comparisons within the levels of a control column, without what is hidden in them."""

from __future__ import annotations

from rai_dash.report.suppressed.marks import Json, Marker, kind_of
from rai_dash.report.suppressed.sections import excluded
from rai_dash.report.suppressed.views import View, in_level


def hide_within(audit: Json, mark: Marker) -> None:
    """Hide comparisons within the levels of control columns."""
    for name, controls in (audit.get("conditional") or {}).items():
        for control, metrics in controls.items():
            view = mark.people.view(name, control)
            for metric, found in metrics.items():
                if view is not None:
                    _hide_pooled(found, mark, view, metric)
                    _hide_levels(found, mark, view, metric)


def _hide_pooled(found: Json, mark: Marker, view: View, metric: str) -> None:
    """Hide numbers pooled over levels unless every group shows its part in every level."""
    if mark.shows_all(view.nodes, kind_of(metric)):
        return
    for group, pooled in found["groups"].items():
        is_told = mark.shows(mark.people.node(view.name, group), "size")
        mark.take(pooled, keep=("n", "small") if is_told else ())


def _hide_levels(found: Json, mark: Marker, view: View, metric: str) -> None:
    kind, control = kind_of(metric), str(view.control)
    # The verdict of a level depends on the p-values of the others: all are told or none.
    are_told = all(mark.shows_gap(view, kind, level={control: level}) for level in found["levels"])
    for level, gap in found["levels"].items():
        named = {
            group: mark.people.node(view.name, in_level(group, level), control) for group in gap["groups"]
        }
        gap["excluded"] = excluded(
            gap["excluded"], mark, {group: node for group, node in named.items() if node is not None}, metric
        )
        for group, counts in gap["groups"].items():
            if not mark.shows(named[group], "size"):
                mark.take(counts)
            elif not mark.shows(named[group], kind):
                mark.take(counts, "numerator", "denominator")
        if not are_told:
            mark.take(gap, keep=("n", "groups"))
        if not mark.shows(mark.people.node(control, level), "size"):
            mark.take(gap, "n")
