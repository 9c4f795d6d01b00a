"""What an outsider can work out: the least and the most that a hidden count can be, from all that is told.

Every total, every shown count and every roll-up of a cross is one linear equation over the atoms of the groups; the
least and the most of a hidden cell are linear programs. Counts are taken as any numbers from 0 up: with whole numbers
the range could be narrower only by what rounding its ends leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Final, TypeAlias

import numpy as np

from rai_dash.report.small_cells import BoolArray, FloatArray, is_small
from rai_dash.report.suppressed.cells import NEEDS, atom_sets
from rai_dash.report.suppressed.closure import Hidden, hide, smallest_first
from rai_dash.report.suppressed.views import Everybody, Node, Relation

#: Groups with signs, the atoms of each that are added up, and the sum.
_Equation: TypeAlias = tuple[list[tuple[Node, float]], BoolArray, float]
#: The ends of a range are known to so much.
_SLACK: Final = 1e-5


@dataclass(frozen=True, slots=True)
class _Program:
    """The equations over the atoms of some nodes, ``matrix @ x = right`` and ``x >= 0``."""

    place: Mapping[int, int]
    n_atoms: int
    matrix: object
    right: FloatArray

    def width(self, node: Node, atoms: BoolArray) -> float:
        """Return how far the least and the most of a sum of atoms of one node lie apart."""
        from scipy.optimize import linprog

        aim = np.zeros(len(self.place) * self.n_atoms)
        start = self.place[id(node)] * self.n_atoms
        aim[start : start + self.n_atoms] = atoms
        least, most = (
            linprog(sign * aim, A_eq=self.matrix, b_eq=self.right, bounds=(0, None), method="highs")
            for sign in (1.0, -1.0)
        )
        if not (least.success and most.success):
            return 0.0
        ends: tuple[float, float] = (float(least.fun), -float(most.fun))
        return ends[1] - ends[0]


def hide_until_safe(people: Everybody, *, fewest: int) -> Hidden:
    """Decide what is hidden so that no hidden cell of few people can be told to within a few people.

    Returns
    -------
    dict
        As of `rai_dash.report.suppressed.closure.hide`.

    Notes
    -----
    A hidden cell of 1 to ``fewest`` - 1 people keeps a range of at least half of ``fewest`` people, or of all people of
    that cell where the document tells of fewer. The full ``fewest`` is out of reach wherever everyone together has
    fewer in a neighbouring cell: 7 good applicants refused in all bind the other cells of every group to 7.
    """
    nodes = [node for view in people.views for node in view.nodes]
    hidden = hide(nodes, people.relations, fewest=fewest)
    while found := list(_exposed(people, hidden, fewest)):
        before = _size(hidden)
        for node, kind in found:
            _hide_one_more(hidden, node, kind, people)
        hidden = hide(nodes, people.relations, fewest=fewest, also=hidden)
        if _size(hidden) == before:
            break
    return hidden


def _size(hidden: Hidden) -> int:
    return sum(len(nodes) for nodes in hidden.values())


def _exposed(people: Everybody, hidden: Hidden, fewest: int) -> Iterator[tuple[Node, str]]:
    """List the nodes with a hidden count of few people whose range is too narrow."""
    sets = atom_sets(people.cuts)
    for views in people.together():
        nodes = [node for view in views for node in view.nodes]
        targets = [(node, *target) for node in nodes for target in _targets(node, hidden, sets, fewest)]
        program = _program(people, nodes, hidden, sets) if targets else None
        seen: set[tuple[int, str]] = set()
        for node, kind, atoms in targets:
            if program is None or (id(node), kind) in seen:
                continue
            if program.width(node, atoms) < _needed(people, sets, atoms, fewest) - _SLACK:
                seen.add((id(node), kind))
                yield node, kind


def _targets(
    node: Node, hidden: Hidden, sets: Mapping[str, BoolArray], fewest: int
) -> list[tuple[str, BoolArray]]:
    """List the counts of few people that a node hides: its cells, and cells next to each other together."""
    found: dict[bytes, tuple[str, BoolArray]] = {}
    for kind, values in node.values.items():
        if id(node) not in hidden[kind]:
            continue
        groups = [*np.eye(values.size, dtype=bool)]
        if kind in {"decision", "confusion", "routes", "route_outcome"}:
            groups += _runs(
                values.size // 3 if kind in {"confusion", "route_outcome"} else values.size, values.size
            )
        for cells in groups:
            if is_small(values[cells].sum(keepdims=True), fewest).any():
                atoms = sets[kind][cells].any(axis=0)
                found.setdefault(atoms.tobytes(), (kind, atoms))
    return list(found.values())


def _runs(pieces: int, cells: int) -> list[BoolArray]:
    """List the runs of two or more pieces of the axis of each outcome, the last piece (no score) apart."""
    out = []
    for first in range(0, cells, pieces):
        for start, end in combinations(range(pieces), 2):
            if end - start > 1:
                run = np.zeros(cells, dtype=bool)
                run[first + start : first + end] = True
                out.append(run)
    return out


def _needed(people: Everybody, sets: Mapping[str, BoolArray], atoms: BoolArray, fewest: int) -> float:
    """Return the width that a range needs: no more than it has where nothing is told but the numbers of everyone."""
    from scipy.optimize import linprog

    told = [(sets[kind], values) for kind, values in people.overall.items()]
    found = linprog(
        np.where(atoms, -1.0, 0.0),
        A_eq=np.concatenate([one for one, _ in told]).astype(np.float64),
        b_eq=np.concatenate([values for _, values in told]),
        bounds=(0, None),
        method="highs",
    )
    return min(fewest / 2.0, -float(found.fun)) if found.success else fewest / 2.0


def _hide_one_more(hidden: Hidden, node: Node, kind: str, people: Everybody) -> None:
    """Hide the smallest group whose numbers bind this one: the same kind of number first, then what it rests on."""
    near = _near(node, people.relations)
    around = [other for one in near for other in _near(one, people.relations)]
    needed, every = NEEDS[kind], tuple(reversed(list(NEEDS)))
    for nodes, kinds in (
        (near, (kind,)), (around, (kind,)), ([node], needed), (near, needed), ([node, *near, *around], every),
    ):  # fmt: skip
        for one in kinds:
            shown = [o for o in nodes if one in o.values and o.size > 0 and id(o) not in hidden[one]]
            if shown:
                hidden[one].add(id(smallest_first(shown)[0]))
                return


def _near(node: Node, relations: Sequence[Relation]) -> list[Node]:
    """List the groups that stand in one sum with a group."""
    found: dict[int, Node] = {}
    for relation in relations:
        total = [] if relation.total is None else [relation.total]
        if node in relation.members or node is relation.total:
            found |= {id(other): other for other in (*relation.members, *total) if other is not node}
    return list(found.values())


def _program(
    people: Everybody, nodes: Sequence[Node], hidden: Hidden, sets: Mapping[str, BoolArray]
) -> _Program:
    from scipy.sparse import csr_array

    n_atoms = sets["size"].shape[1]
    place = {id(node): i for i, node in enumerate(nodes)}
    rows: list[int] = []
    columns: list[int] = []
    numbers: list[float] = []
    right: list[float] = []
    for terms, atoms, value in chain(
        _told(nodes, hidden, sets),
        *(_added_up(r, people, sets) for r in people.relations if _is_in(r, place)),
    ):
        at = np.flatnonzero(atoms)
        for node, sign in terms:
            columns.extend((place[id(node)] * n_atoms + at).tolist())
            rows.extend([len(right)] * at.size)
            numbers.extend([sign] * at.size)
        right.append(value)
    matrix = csr_array((numbers, (rows, columns)), shape=(len(right), len(nodes) * n_atoms))
    return _Program(place, n_atoms, matrix, np.array(right))


def _is_in(relation: Relation, place: Mapping[int, int]) -> bool:
    return relation.rest == 0 and id(relation.members[0]) in place


def _told(nodes: Sequence[Node], hidden: Hidden, sets: Mapping[str, BoolArray]) -> Iterator[_Equation]:
    """List what is told of each group."""
    for node in nodes:
        for kind, values in node.values.items():
            if id(node) not in hidden[kind]:
                for atoms, value in zip(sets[kind], values.tolist(), strict=True):
                    yield [(node, 1.0)], atoms, value


def _added_up(relation: Relation, people: Everybody, sets: Mapping[str, BoolArray]) -> Iterator[_Equation]:
    """List what follows from the groups that add up to a total: of everyone the numbers are told."""
    terms = [(member, 1.0) for member in relation.members]
    if relation.total is not None:
        for atoms in np.eye(sets["size"].shape[1], dtype=bool):
            yield [*terms, (relation.total, -1.0)], atoms, 0.0
        return
    for kind, values in people.overall.items():
        for atoms, value in zip(sets[kind], values.tolist(), strict=True):
            yield terms, atoms, value
