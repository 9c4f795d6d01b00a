"""The profile of a table, without what is hidden in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np

from rai_dash.core.texts import tr
from rai_dash.core.types import MISSING_GROUP
from rai_dash.report.small_cells import FloatArray, is_small
from rai_dash.report.suppressed.cells import number
from rai_dash.report.suppressed.closure import Hidden, hide, is_hidden, smallest_first
from rai_dash.report.suppressed.marks import Json, Marker
from rai_dash.report.suppressed.sentences import columns_of, sizes_of, tells_few
from rai_dash.report.suppressed.views import Node, Relation

#: Findings that say outcomes by group.
_BY_GROUP: Final = ("base_rates", "group_without")
#: Blank cells of a column, in one group and in all others that are compared.
_BLANKS: Final = re.compile(r"`(?P<column>[^`]*)` is blank for (\S+) of (\S+) .* for (\S+) of (\S+) ")
#: Share of rows below the first and above the last quantile of a column.
_TAIL: Final = 0.05
_KINDS: Final = ("size", "outcome")
_SHARE: Final = ("rows", "numerator", "denominator")


def hide_profile(profile: Json | None, mark: Marker, hidden_sizes: set[str]) -> set[str]:
    """Hide numbers of few people in a profile that is told beside an audit of some or all of its rows.

    Parameters
    ----------
    profile : dict or None
        It is changed.
    mark : Marker
        With the groups of the audit.
    hidden_sizes : set of str
        Columns of which the audit hides the size of a group, or of a level.

    Returns
    -------
    set of str
        Those, and columns of which the profile hides one.
    """
    if not profile:
        return hidden_sizes
    lost = {c: _hide_outcomes(c, told, mark) for c, told in (profile.get("base_rates") or {}).items()}
    sizes = hidden_sizes | {column for column, kinds in lost.items() if "size" in kinds}
    for column in sorted(sizes):
        _hide_column_of_groups(profile["columns"].get(column), mark)
    closed = {column for column, kinds in lost.items() if kinds}
    for finding in profile.get("findings") or []:
        if _is_few_found(finding, profile, mark, closed, sizes):
            finding["message"] = tr("Numbers by group that rest on few people are hidden.")
            mark.taken += 1
    _hide_ends(profile["columns"], mark)
    _hide_periods(profile.get("rows") or {}, mark)
    return sizes


def _hide_outcomes(column: str, told: Json, mark: Marker) -> set[str]:
    """Hide outcomes by the groups of one column; returns the kinds of numbers that any group lost."""
    nodes = {group: _node(column, group, one) for group, one in told["groups"].items()}
    hidden = _hidden(nodes, mark, column)
    _hide_rates(told, nodes, hidden, mark)
    people = [node for node in nodes.values() if node.size > 0]
    return {kind for kind in _KINDS if any(is_hidden(hidden, node, kind) for node in people)}


def _node(column: str, group: str, told: Json) -> Node:
    # With weights numerator and denominator are sums of weights.
    keys = ("rows", "favourable_rows", "labelled_rows") if "labelled_rows" in told else _SHARE
    people, favourable, labelled = (number(told.get(key)) for key in keys)
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
    """List shown groups whose rows that were not judged are few, and one more where those of the hidden ones are.

    A group that the audit hides is not told here either where all, or nearly all, of its rows were judged.
    """
    for kind in _KINDS:
        shown, others = [], np.zeros(1)
        for group, node in nodes.items():
            judged = mark.people.node(column, group)
            left = node.values[kind] - (np.zeros(1) if judged is None else judged.values[kind])
            is_told = not is_hidden(hidden, node, kind)
            are_judged_told = judged is None or mark.shows(judged, kind)
            if is_told and _gives_away(node.values[kind], left, mark.fewest, are_judged_told=are_judged_told):
                return [(kind, node)]
            if not (is_told and are_judged_told):
                others = others + left
            if is_told:
                shown.append(node)
        if len(shown) < len(nodes) and shown and _is_few(others, mark.fewest):
            return [(kind, smallest_first(shown)[0])]
    return []


def _gives_away(told: FloatArray, left: FloatArray, fewest: int, *, are_judged_told: bool) -> bool:
    """Whether numbers of all rows tell of few that were not judged, or of judged ones that are hidden."""
    return _is_few(left, fewest) if are_judged_told else bool(((left < fewest) & (left < told)).any())


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


def _is_few_found(finding: Json, profile: Json, mark: Marker, closed: set[str], sizes: set[str]) -> bool:
    """Whether a finding says something of few people, or of groups whose outcomes or sizes are hidden."""
    code, column, text = finding.get("code"), finding.get("column"), str(finding.get("message"))
    if code in _BY_GROUP:
        return column in closed
    if code == "blanks_by_group":
        return column in sizes or _tells_few_blanks(text, profile, mark)
    about = columns_of(text, column, mark)
    return bool(about) and tells_few(
        text, sizes_of(about, mark), is_closed=bool(about & sizes), fewest=mark.fewest
    )


def _tells_few_blanks(text: str, profile: Json, mark: Marker) -> bool:
    """Whether few have, or few lack, a value in one of three: the group, the others compared, and all the rest."""
    found = _BLANKS.search(text)
    told = profile["columns"].get(found["column"]) if found else None
    if not found or not told or told.get("missing") is None:
        return True
    blank, n, other_blank, others = (int(part.replace(",", "")) for part in found.groups()[1:])
    left = np.array([told["missing"] - blank - other_blank, told["rows"] - n - others])
    return _is_few(
        np.array([blank, n - blank, other_blank, others - other_blank, left[0], left[1] - left[0]], float),
        mark.fewest,
    )


def _hide_ends(columns: Mapping[str, Json], mark: Marker) -> None:
    """Hide the least and the largest value of a column unless enough people have it."""
    for told in columns.values():
        quantiles = told.get("quantiles") or []
        known = number(told.get("rows")) - number(told.get("missing"))
        are_many = bool(quantiles) and known * _TAIL >= mark.fewest
        for end, place in (("low", 0), ("high", -1)):
            if told.get(end) is not None and not (are_many and told[end] == quantiles[place]):
                mark.take(told, end)


def _hide_periods(rows: Json, mark: Marker) -> None:
    """Hide periods with few people; those of a table that stays where it is are of its sample."""
    for time in (rows.get("time"), (rows.get("sample") or {}).get("time")):
        _hide_few_periods((time or {}).get("periods") or [], mark)


def _hide_few_periods(periods: list[Json], mark: Marker) -> None:
    """Hide periods with few people, and further ones until the totals of all periods give none away."""
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
