"""The ways in which a document divides people into groups, and which of their totals it tells."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

import numpy as np

from rai_dash.data.groups import CROSS_SIGN
from rai_dash.report.suppressed.cells import Cuts, Values, values_of

#: Metrics from which the confusion table of a group inside a level of a control column follows.
_WITHIN: Final = ("selection_rate", "recall", "fpr", "base_rate")
#: Part of a group whose name cannot be taken apart: what it adds up to is not known, so it tells no number.
UNCLEAR: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """One group of one view.

    Parameters
    ----------
    group : str
        Its name.
    parts : mapping of str to str
        Column to group.
    values : dict
        Its counts by kind of number, as far as the document tells them.
    """

    group: str
    parts: Mapping[str, str]
    values: Values

    @property
    def size(self) -> float:
        """People of the group."""
        return float(self.values["size"][0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """One division of everybody into groups.

    Parameters
    ----------
    name : str
        Of the column, or of the cross.
    control : str or None
        A column within whose levels the groups are compared.
    columns : frozenset of str
        What it divides by.
    nodes : tuple of Node
        In the order of the document.
    """

    name: str
    control: str | None = None
    columns: frozenset[str]
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relation:
    """A total of groups that a document tells or may tell.

    Parameters
    ----------
    total : Node or None
        None = everyone, whose numbers are always told.
    members : tuple of Node
        The groups that add up to it.
    rest : float
        People of the total who are in none of the members.
    """

    total: Node | None
    members: tuple[Node, ...]
    rest: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Everybody:
    """All views of a document and how they hang together."""

    cuts: Cuts
    overall: Values
    views: tuple[View, ...]
    relations: tuple[Relation, ...] = field(default=())

    def node(self, name: str, group: str, control: str | None = None) -> Node | None:
        """Find one group of one view."""
        for view in self.views:
            if (view.name, view.control) == (name, control):
                return next((node for node in view.nodes if node.group == group), None)
        return None

    def view(self, name: str, control: str | None = None) -> View | None:
        """Find one view."""
        return next((v for v in self.views if (v.name, v.control) == (name, control)), None)

    def together(self) -> list[list[View]]:
        """Split the views into sets that have nothing to do with each other but the numbers of everyone."""
        set_of = list(range(len(self.views)))
        view_of = {id(node): i for i, view in enumerate(self.views) for node in view.nodes}
        for relation in self.relations:
            if relation.total is not None:
                one, other = (set_of[view_of[id(node)]] for node in (relation.total, relation.members[0]))
                set_of = [one if place == other else place for place in set_of]
        return [
            [view for view, place in zip(self.views, set_of, strict=True) if place == which]
            for which in dict.fromkeys(set_of)
        ]


def everybody(audit: Mapping[str, Any]) -> Everybody:
    """Read all views of an audit, and lay out which of them add up to which."""
    cuts = _cuts(audit)
    views = [*_plain_views(audit, cuts), *_views_within(audit, cuts)]
    views += _levels(views)
    overall = values_of(audit["overall"], cuts, band=(audit.get("band") or {}).get("overall"))
    return Everybody(
        cuts=cuts, overall=overall, views=tuple(views), relations=tuple(relations(views, overall["size"][0]))
    )


def _cuts(audit: Mapping[str, Any]) -> Cuts:
    band = audit.get("band") or {}
    medians = [impact.get("median_score") for impact in audit.get("impact_ratios", {}).values()]
    median = next((m for m in medians if m is not None), None)
    return Cuts(
        threshold=audit["threshold"],
        lo=band.get("lo"),
        hi=band.get("hi"),
        # People above the median are counted, not at it.
        median=None if median is None else math.nextafter(median, 2.0),
    )


def columns_of(name: str, sample: str, sensitive: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a view from its name; ``sample`` is the name of one of its groups."""
    if name in sensitive:
        return (name,)
    parts = tuple(name.split(CROSS_SIGN))
    return parts if len(parts) == len(sample.split(CROSS_SIGN)) else (name,)


def _plain_views(audit: Mapping[str, Any], cuts: Cuts) -> Iterator[View]:
    columns = list(audit["groups"])
    for name, groups in {**audit["groups"], **audit["crosses"]}.items():
        of = columns_of(name, next(iter(groups), ""), columns)
        band = ((audit.get("band") or {}).get("groups") or {}).get(name, {})
        impact = (audit.get("impact_ratios", {}).get(name) or {}).get("groups", {})
        nodes = tuple(
            Node(
                group=group,
                parts=dict(zip(of, _parts(group, len(of)), strict=True)),
                values=values_of(metrics, cuts, band=band.get(group), impact=impact.get(group)),
            )
            for group, metrics in groups.items()
        )
        yield View(name=name, columns=frozenset(of), nodes=nodes)


def _parts(group: str, n: int) -> tuple[str, ...]:
    """Split the name of a cell of a cross; `UNCLEAR` where a name of a group holds the sign as well."""
    parts = tuple(group.split(CROSS_SIGN)) if n > 1 else (group,)
    return parts if len(parts) == n else (UNCLEAR,) * n


def _views_within(audit: Mapping[str, Any], cuts: Cuts) -> Iterator[View]:
    for name, controls in audit.get("conditional", {}).items():
        of = columns_of(
            name, next(iter({**audit["groups"], **audit["crosses"]}.get(name, {})), ""), list(audit["groups"])
        )
        for control, metrics in controls.items():
            nodes = tuple(_nodes_within(metrics, cuts, of, control))
            yield View(name=name, control=control, columns=frozenset({*of, control}), nodes=nodes)


def _nodes_within(
    metrics: Mapping[str, Any], cuts: Cuts, columns: Sequence[str], control: str
) -> Iterator[Node]:
    levels = metrics["selection_rate"]["levels"]
    for level, found in levels.items():
        for group in found.get("groups", {}):
            by_metric = {m: metrics[m]["levels"][level]["groups"][group] for m in _WITHIN}
            values = values_of({"n": by_metric["selection_rate"]["n"], **by_metric}, cuts)
            parts = dict(zip(columns, _parts(group, len(columns)), strict=True)) | {control: level}
            yield Node(group=in_level(group, level), parts=parts, values=values)


def _levels(views: Sequence[View]) -> list[View]:
    """Make views of the levels of controls that are no sensitive column: their sizes are told."""
    sizes: dict[str, dict[str, float]] = {}
    for view in {v.control: v for v in views if v.control is not None}.values():
        control = str(view.control)
        for node in view.nodes:
            of = sizes.setdefault(control, {})
            of[node.parts[control]] = of.get(node.parts[control], 0.0) + node.size
    known = {view.name for view in views if view.control is None}
    return [
        View(
            name=control,
            columns=frozenset({control}),
            nodes=tuple(_level(control, *of) for of in by_level.items()),
        )
        for control, by_level in sizes.items()
        if control not in known
    ]


def _level(control: str, level: str, size: float) -> Node:
    return Node(group=level, parts={control: level}, values={"size": np.array([size])})


def in_level(group: str, level: str) -> str:
    """Name a group inside a level of a control column."""
    return f"{group}{CROSS_SIGN}{level}"


def relations(views: Sequence[View], everyone: float) -> Iterator[Relation]:
    """List which groups add up to which, everyone first."""
    for view in views:
        rest = everyone - sum(node.size for node in view.nodes)
        yield Relation(total=None, members=view.nodes, rest=max(rest, 0.0))
    for coarse, fine in combinations(sorted(views, key=lambda v: len(v.columns)), 2):
        if coarse.columns < fine.columns or (coarse.columns == fine.columns and coarse is not fine):
            yield from _between(coarse, fine)


def _between(coarse: View, fine: View) -> Iterator[Relation]:
    for node in coarse.nodes:
        members = tuple(m for m in fine.nodes if all(m.parts[c] == node.parts[c] for c in coarse.columns))
        if members:
            rest = node.size - sum(m.size for m in members)
            yield Relation(total=node, members=members, rest=max(rest, 0.0))
