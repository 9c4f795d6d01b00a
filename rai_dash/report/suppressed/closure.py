"""Which groups hide which kinds of numbers: few people first, then what would give them away by subtraction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from rai_dash.report.small_cells import FloatArray, is_small
from rai_dash.report.suppressed.cells import NEEDS
from rai_dash.report.suppressed.views import UNCLEAR, Node, Relation

#: Kind of number to the groups that hide it.
Hidden: TypeAlias = dict[str, set[int]]


def hide(
    nodes: Iterable[Node], relations: Sequence[Relation], *, fewest: int, also: Hidden | None = None
) -> Hidden:
    """Decide what is hidden.

    Parameters
    ----------
    nodes : iterable of Node
        All groups of all views.
    relations : sequence of Relation
        Which of them add up to which.
    fewest : int
        Fewest people of a cell that is shown.
    also : dict, optional
        What has to be hidden in any case.

    Returns
    -------
    dict
        By kind, ids (`id`) of the nodes that hide it.
    """
    everyone = list(nodes)
    hidden: Hidden = {}
    for kind, needs in NEEDS.items():
        hidden[kind] = set((also or {}).get(kind, ()))
        for node in everyone:
            lacks = any(id(node) in hidden[other] for other in needs)
            if kind in node.values and (lacks or _is_few(node, kind, fewest)):
                hidden[kind].add(id(node))
        _spread(hidden[kind], kind, relations, fewest)
    return hidden


def _is_few(node: Node, kind: str, fewest: int) -> bool:
    return UNCLEAR in node.parts.values() or bool(is_small(node.values[kind], fewest).any())


def _spread(hidden: set[int], kind: str, relations: Sequence[Relation], fewest: int) -> None:
    """Hide further groups until no total gives a hidden one away."""
    before = -1
    while before != len(hidden):
        before = len(hidden)
        for relation in relations:
            _settle(hidden, kind, relation, fewest)


def _settle(hidden: set[int], kind: str, relation: Relation, fewest: int) -> None:
    """Hide the smallest of the shown groups of one total until it gives nobody away; the total too if none is left."""
    total = relation.total
    if total is not None and kind not in total.values:
        return
    members = [m for m in relation.members if kind in m.values and m.size > 0]
    queue = smallest_first(m for m in members if id(m) not in hidden)
    while _is_exposed(hidden, kind, relation, members, fewest):
        if queue:
            hidden.add(id(queue.pop(0)))
        elif total is not None and id(total) not in hidden and members:
            hidden.add(id(total))
        else:
            return


def smallest_first(nodes: Iterable[Node]) -> list[Node]:
    """Sort groups by size, then by name: the order of a document does not matter."""
    return sorted(nodes, key=lambda node: (node.size, sorted(node.parts.items()), node.group))


def _is_exposed(
    hidden: set[int], kind: str, relation: Relation, members: Sequence[Node], fewest: int
) -> bool:
    inside = [m for m in members if id(m) in hidden]
    amounts = _sum(inside, kind)
    total = relation.total
    if total is None or id(total) not in hidden:
        # The total less what is shown: one group, or few people, unless it is the total itself.
        if not inside:
            return bool(is_small(np.array(relation.rest), fewest))
        alone = len(inside) == 1 and relation.rest == 0
        return alone or (len(inside) < len(members) and bool(is_small(amounts, fewest).any()))
    # A hidden total must not follow from what is shown of its groups, nor be told to within a few people.
    if not inside:
        return bool(members) and relation.rest == 0
    return bool((amounts < np.minimum(total.values[kind], fewest)).any())


def _sum(nodes: Sequence[Node], kind: str) -> FloatArray:
    if not nodes:
        return np.zeros(1)
    total: FloatArray = np.sum([node.values[kind] for node in nodes], axis=0)
    return total


def is_hidden(hidden: Mapping[str, set[int]], node: Node | None, kind: str) -> bool:
    """Whether a group hides a kind of number; a group that is not known, or has no such number, does."""
    return node is None or kind not in node.values or id(node) in hidden[kind]
