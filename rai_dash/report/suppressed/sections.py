"""The sections of an audit that are by group, without what is hidden in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rai_dash.core.types import MISSING_GROUP
from rai_dash.report.suppressed.marks import SUPPRESSED, Json, Marker, kind_of
from rai_dash.report.suppressed.views import Node, View

_HEAD: Final = ("n", "positives", "predicted_positives")
#: Numbers of a band by kind; every other one needs the outcomes as well.
_BAND_KINDS: Final = {
    "n": "size",
    "everyone": "size",
    "labelled": "outcome",
    "approve": "routes",
    "reject": "routes",
    "review": "routes",
    "no_score": "routes",
    "coverage": "routes",
    "review_rate": "routes",
    "auto_approve_rate": "routes",
    "auto_reject_rate": "routes",
}
_PARITIES: Final = {
    "demographic_parity_difference": "decision",
    "demographic_parity_ratio": "decision",
    "smoothed_differential_fairness": "decision",
}


def hide_groups(audit: Json, mark: Marker) -> None:
    """Hide what is told about each group of each column and cross."""
    for name, groups in [*audit["groups"].items(), *audit["crosses"].items()]:
        view = mark.people.view(name)
        for group, metrics in groups.items():
            _hide_metrics(metrics, mark, mark.people.node(name, group))
        _hide_gaps(audit, mark, view, name)
        _hide_against(audit["against"].get(name, {}), mark, name)
        _hide_impact(audit["impact_ratios"].get(name), mark, view)
        for group, gap in audit["score_gaps"].get(name, {}).items():
            if not mark.shows(mark.people.node(name, group), "decision"):
                mark.take(gap, keep=("group",))


def _hide_metrics(metrics: Json, mark: Marker, node: Node | None) -> None:
    for metric, told in metrics.items():
        if isinstance(told, dict) and not mark.shows(node, kind_of(metric)):
            mark.take(told)
    if lost := [key for key in _HEAD if not mark.shows(node, kind_of(key))]:
        mark.take(metrics, *lost)


def _hide_gaps(audit: Json, mark: Marker, view: View | None, name: str) -> None:
    gaps = audit["disparities"].get(name, {})
    for metric, gap in gaps.items():
        _hide_gap(gap, mark, view, metric)
    _hide_q_values(gaps)
    for measure, parity in audit["parities"].get(name, {}).items():
        if not mark.shows_gap(view, _PARITIES.get(measure, "confusion")):
            mark.take(parity)


def _hide_gap(gap: Json, mark: Marker, view: View | None, metric: str) -> None:
    named = {node.group: node for node in view.nodes} if view else {}
    gap["excluded"] = excluded(gap.get("excluded") or [], mark, named, metric)
    if not mark.shows_gap(view, kind_of(metric)):
        mark.take(gap)


def excluded(found: list[Json], mark: Marker, named: Mapping[str, Node], metric: str) -> list[Json]:
    """Name the groups left out; that a hidden one was would say how large it is, so all hidden ones are named."""
    reasons = {one["group"]: one["reason"] for one in found}
    out = []
    for group, node in named.items():
        told = mark.shows(node, "size") and (mark.shows(node, kind_of(metric)) or node.size < mark.min_n)
        if not told:
            out.append({"group": group, "reason": mark.reason})
        elif group in reasons:
            out.append({"group": group, "reason": reasons[group]})
    return out


def _hide_q_values(gaps: Json) -> None:
    """Take the q-values of all metrics where one is hidden: each depends on the p-values of all."""
    if any(SUPPRESSED in gap for gap in gaps.values()):
        for gap in gaps.values():
            gap["q_value"] = None


def _hide_against(by_metric: Json, mark: Marker, name: str) -> None:
    for metric, found in by_metric.items():
        kind = kind_of(metric)
        reference = found.get("reference_group")
        for other in ("rest", "overall", "reference"):
            for group, against in found.get(other, {}).items():
                shown = mark.shows(mark.people.node(name, group), kind)
                if other == "reference":
                    shown = shown and mark.shows(mark.people.node(name, reference), kind)
                if not shown:
                    mark.take(against)


def _hide_impact(impact: Json | None, mark: Marker, view: View | None) -> None:
    if impact is None or view is None:
        return
    known = [node for node in view.nodes if node.group in impact["groups"]]
    unknown = [node for node in view.nodes if MISSING_GROUP in node.parts.values()]
    if not mark.shows_all(unknown, "decision"):
        mark.take(impact, "unknown")
    for node in known:
        one = impact["groups"][node.group]
        above = "median_in_band" if "median_in_band" in node.values else "median"
        lost = [] if mark.shows(node, "decision") else ["n", "selection_rate", "scoring_rate"]
        lost += [] if mark.shows(node, above) else ["scoring_rate"]
        # A ratio is to the highest rate of all, whoever has it.
        lost += [] if mark.shows_all(known, "decision") else ["selection_impact_ratio"]
        lost += (
            []
            if all(mark.shows_all(known, kind) for kind in ("decision", above))
            else ["scoring_impact_ratio"]
        )
        if lost:
            mark.take(one, *dict.fromkeys(lost))


def hide_band(audit: Json, mark: Marker) -> None:
    """Hide what is told about what the band does to each group."""
    band = audit.get("band") or {}
    for name, groups in (band.get("groups") or {}).items():
        for group, told in groups.items():
            node = mark.people.node(name, group)
            lost = [key for key in told if not mark.shows(node, _BAND_KINDS.get(key, "route_outcome"))]
            for key in lost:
                if isinstance(told[key], dict):
                    mark.take(told[key])
            if numbers := [key for key in lost if not isinstance(told[key], dict)]:
                mark.take(told, *numbers)


def hide_intersections(audit: Json, mark: Marker) -> None:
    """Hide cells of the ranking of all crosses, and the ranking itself where hidden cells took part in it."""
    for metric, cells in (audit.get("intersections") or {}).items():
        kind = kind_of(metric)
        shown_first = []
        is_ranked = all(mark.shows_gap(mark.people.view(name), kind) for name in audit["crosses"])
        for cell in cells:
            node = mark.people.node(cell["column"], cell["group"])
            is_shown = mark.shows(node, kind)
            if not is_shown:
                mark.take(
                    cell, keep=("column", "group", *(["n", "small"] if mark.shows(node, "size") else []))
                )
            elif not is_ranked:
                cell["adjusted_p"], cell["starred"] = None, False
            shown_first.append(
                (not is_shown, () if is_ranked and is_shown else (cell["column"], cell["group"]))
            )
        order = sorted(range(len(cells)), key=lambda i: shown_first[i])
        audit["intersections"][metric] = [cells[i] for i in order]
