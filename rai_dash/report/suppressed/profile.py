"""The profile of a table, without what is hidden in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from rai_dash.core.texts import tr
from rai_dash.core.types import MISSING_GROUP
from rai_dash.report.small_cells import FloatArray, is_small
from rai_dash.report.suppressed.cells import number
from rai_dash.report.suppressed.closure import Hidden, hide, is_hidden, smallest_first
from rai_dash.report.suppressed.marks import Json, Marker
from rai_dash.report.suppressed.views import Node, Relation

#: Findings that say numbers by group.
_BY_GROUP: Final = ("base_rates", "group_without", "blanks_by_group")
#: Share of rows below the first and above the last quantile of a column.
_TAIL: Final = 0.05
_KINDS: Final = ("size", "outcome")


def hide_profile(profile: Json | None, mark: Marker) -> None:
    """Hide numbers of few people in a profile that is told beside an audit of some or all of its rows."""
    if not profile:
        return
    closed: set[str] = set()
    for column, told in (profile.get("base_rates") or {}).items():
        nodes = {group: _node(column, group, one) for group, one in told["groups"].items()}
        hidden = _hidden(nodes, mark, column)
        if any(is_hidden(hidden, node, "outcome") for node in nodes.values() if node.size > 0):
            closed.add(column)
        _hide_rates(told, nodes, hidden, mark)
        if any(is_hidden(hidden, node, "size") for node in nodes.values() if node.size > 0):
            _hide_column_of_groups(profile["columns"].get(column), mark)
    _hide_findings(profile, closed)
    _hide_ends(profile["columns"], mark)
    _hide_periods((profile.get("rows") or {}).get("time"), mark)


def _node(column: str, group: str, told: Json) -> Node:
    people, favourable, labelled = (number(told.get(key)) for key in ("rows", "numerator", "denominator"))
    unknown = max(people - labelled, 0.0)
    values = {"size": np.array([people]), "outcome": np.array([favourable, labelled - favourable, unknown])}
    return Node(group=group, parts={column: group}, values=values)


def _hidden(nodes: Mapping[str, Node], mark: Marker, column: str) -> Hidden:
    """Decide what is hidden of all rows; those that were judged are some of them, the others follow by subtraction."""
    total = [Relation(total=None, members=tuple(nodes.values()))]
    also: Hidden = {kind: set() for kind in _KINDS}
    hidden = hide(nodes.values(), total, fewest=mark.fewest)
    while found := _exposed(nodes, hidden, mark, column):
        for kind, node in found:
            also[kind].add(id(node))
        hidden = hide(nodes.values(), total, fewest=mark.fewest, also=also)
    return hidden


def _exposed(nodes: Mapping[str, Node], hidden: Hidden, mark: Marker, column: str) -> list[tuple[str, Node]]:
    """List shown groups whose rows that were not judged are few, and one more where those of the hidden ones are."""
    for kind in _KINDS:
        shown, others = [], np.zeros(1)
        for group, node in nodes.items():
            judged = mark.people.node(column, group)
            left = node.values[kind] - (np.zeros(1) if judged is None else judged.values[kind])
            if is_hidden(hidden, node, kind) or (judged is not None and not mark.shows(judged, kind)):
                others = others + left
            elif is_small(left, mark.fewest).any():
                return [(kind, node)]
            if not is_hidden(hidden, node, kind):
                shown.append(node)
        if len(shown) < len(nodes) and shown and _is_few(others, mark.fewest):
            return [(kind, smallest_first(shown)[0])]
    return []


def _is_few(amounts: FloatArray, fewest: int) -> bool:
    return bool(is_small(amounts, fewest).any())


def _hide_rates(told: Json, nodes: Mapping[str, Node], hidden: Hidden, mark: Marker) -> None:
    for group, one in told["groups"].items():
        if is_hidden(hidden, nodes[group], "size"):
            mark.take(one)
        elif is_hidden(hidden, nodes[group], "outcome"):
            mark.take(one, *(key for key in one if key != "rows"))
    gap = told["base_rate"]
    # Who is left out of the gap follows from the sizes: it is told where everything is.
    if not any(is_hidden(hidden, node, "outcome") for node in nodes.values() if node.size > 0):
        return
    gap["excluded"] = [
        {"group": group, "reason": mark.reason}
        for group, node in nodes.items()
        if is_hidden(hidden, node, "outcome")
    ]
    mark.take(gap)


def _hide_column_of_groups(told: Json | None, mark: Marker) -> None:
    """Hide what would tell the size of groups of a column: its blanks, and the mean of a column of two numbers."""
    if told:
        mark.take(told, *(key for key in told if key not in {"kind", "rows", "distinct", "distinct_above"}))


def _hide_findings(profile: Json, closed: set[str]) -> None:
    for finding in profile.get("findings") or []:
        code, column = finding.get("code"), finding.get("column")
        if code == "blanks_by_group" or (code in _BY_GROUP and column in closed):
            finding["message"] = tr("Numbers by group that rest on few people are hidden.")


def _hide_ends(columns: Mapping[str, Json], mark: Marker) -> None:
    """Hide the least and the largest value of a column unless enough people have it."""
    for told in columns.values():
        quantiles = told.get("quantiles") or []
        known = number(told.get("rows")) - number(told.get("missing"))
        are_many = bool(quantiles) and known * _TAIL >= mark.fewest
        for end, place in (("low", 0), ("high", -1)):
            if told.get(end) is not None and not (are_many and told[end] == quantiles[place]):
                mark.take(told, end)


def _hide_periods(time: Json | None, mark: Marker) -> None:
    """Hide periods with few people, and further ones until the totals of all periods give none away."""
    periods = (time or {}).get("periods") or []
    nodes = [
        _node(
            MISSING_GROUP,
            str(i),
            {"rows": p["rows"], "numerator": p["favourable"], "denominator": p["labelled"]},
        )
        for i, p in enumerate(periods)
    ]
    hidden = hide(nodes, [Relation(total=None, members=tuple(nodes))], fewest=mark.fewest)
    for period, node in zip(periods, nodes, strict=True):
        if is_hidden(hidden, node, "size"):
            mark.take(period, "rows", "labelled", "favourable", "share", "low", "high")
        elif is_hidden(hidden, node, "outcome"):
            mark.take(period, "labelled", "favourable", "share", "low", "high")
