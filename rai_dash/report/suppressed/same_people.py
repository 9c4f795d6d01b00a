"""Groups of two columns that are the same people: a race and "is black", age bands and "is over 60".

A document does not say that a column repeats another, but their names do, and so do equal numbers. What one of them
hides, the other must not tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Final

import numpy as np

from rai_dash.report.small_cells import BoolArray, FloatArray
from rai_dash.report.suppressed.views import Node, Relation, View

#: Columns with more groups are not looked through: every subset of them is added up.
_MOST: Final = 12
_ROUNDING: Final = 1e-6


def same_people(views: Sequence[View]) -> Iterator[Relation]:
    """List the groups of one column that have all their counts in common with one or more groups of another together.

    Parameters
    ----------
    views : sequence of View
        Of a document; only single columns are compared.
    """
    single = [view for view in views if view.control is None and len(view.columns) == 1]
    for one, other in permutations(single, 2):
        members = [node for node in other.nodes if node.size > 0]
        if 1 < len(members) <= _MOST:
            yield from _found(one.nodes, members)


def _found(totals: Sequence[Node], members: Sequence[Node]) -> Iterator[Relation]:
    subsets = _subsets(len(members))
    kinds = sorted(set.intersection(*(set(node.values) for node in (*totals, *members))))
    sums = subsets @ np.array([_counts(node, kinds) for node in members])
    for total in totals:
        same = np.flatnonzero((np.abs(sums - _counts(total, kinds)) < _ROUNDING).all(axis=1))
        if total.size > 0 and same.size:
            inside = subsets[same[np.argmin(subsets[same].sum(axis=1))]]
            yield Relation(
                total=total, members=tuple(m for m, is_in in zip(members, inside, strict=True) if is_in)
            )


def _subsets(n: int) -> BoolArray:
    """List the subsets of n groups but the empty and the whole one, bool (subsets, n)."""
    found: BoolArray = (np.arange(1, 2**n - 1)[:, None] >> np.arange(n)) % 2 == 1
    return found


def _counts(node: Node, kinds: Sequence[str]) -> FloatArray:
    return np.concatenate([node.values[kind] for kind in kinds])
