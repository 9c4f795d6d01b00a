"""A shallow tree of splits that shows where errors concentrate; it grows only where a split is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.types import Estimate
from rai_dash.data._slice_term import BLANK, COMPARE, IS, IS_NOT, NOT_BLANK, Term
from rai_dash.data.slices import Slice
from rai_dash.trials.slices.axes import Axis
from rai_dash.trials.slices.scan import Scan
from rai_dash.trials.slices.search import Search, chance_p
from rai_dash.trials.slices.sums import Errors

BoolArray = NDArray[np.bool_]
DEPTH: Final = 3
#: Draws of each split.
DRAWS: Final = 199
_OPPOSITE: Final = {"<": ">=", ">=": "<"}
_OTHER_KIND: Final = {IS: IS_NOT, IS_NOT: IS, BLANK: NOT_BLANK, NOT_BLANK: BLANK}


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeNode:
    """Some rows, and how they are split further.

    Parameters
    ----------
    slice : Slice
        All terms from the root.
    term : Term or None
        What this node adds; None = the root.
    rows : int
        How many; the children's add up to it.
    rate : Estimate
        Mean error with its ordinary 95 % interval: splits were chosen to make it differ.
    p_value : float or None
        Of the best split of these rows, adjusted for all splits tried in this node and for the nodes of its depth;
        None = none was tried.
    children : tuple of TreeNode
        Empty, or two, and the blanks of the column where there are any.
    """

    slice: Slice
    term: Term | None
    rows: int
    rate: Estimate
    p_value: float | None = None
    children: tuple[TreeNode, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Grown:
    axes: tuple[Axis, ...]
    errors: Errors
    min_rows: int
    alpha: float
    seed: int
    depth: int

    def node(self, rows: NDArray[np.intp], terms: tuple[Term, ...], beside: int) -> TreeNode:
        """Make a node of some rows, by place; ``beside`` nodes are at its depth."""
        here = self.errors.of(rows)
        one = here.sums(np.zeros(rows.size, dtype=np.int64), 1).at(0)
        node = TreeNode(
            slice=Slice(terms=terms),
            term=terms[-1] if terms else None,
            rows=int(rows.size),
            rate=one.estimate(),
        )
        if len(terms) >= self.depth or rows.size < 2 * self.min_rows or np.ptp(here.value) == 0:
            return node
        axes = tuple(_at(axis, rows) for axis in self.axes)
        search = Search(scan=Scan(axes, min_rows=self.min_rows, max_terms=1), errors=here)
        if not search.scan.size:
            return node
        strength = search.both_ways()
        best = int(strength.argmax())
        seed = self.seed + len(terms) * 1_000 + int(rows[0]) % 1_000
        largest = search.by_chance(draws=DRAWS, seed=seed, two_sided=True)
        p_value = min(1.0, float(chance_p(strength[best], largest)) * beside)
        node = replace(node, p_value=p_value)
        if p_value > self.alpha:
            return node
        term = search.scan.terms(best)[0]
        parts = _parts(term, search.scan.rows_of(best), _blank(axes, term.column))
        children = tuple(
            self.node(rows[inside], (*terms, with_term), beside * 2) for with_term, inside in parts
        )
        return replace(node, children=children)


def grow_tree(
    axes: Sequence[Axis],
    errors: Errors,
    *,
    min_rows: int,
    alpha: float,
    seed: int,
    depth: int = DEPTH,
    may_split: bool = True,
) -> TreeNode:
    """Grow a tree on all rows.

    Parameters
    ----------
    axes : sequence of Axis
        Columns to split by: numbers at the edges of their cells, one category against the rest, blanks against the
        rest.
    errors : Errors
        Of the same n rows.
    min_rows : int
        Of each side of a split.
    alpha : float
        A node is split where the adjusted p-value is at most this.
    seed : int
        Of the draws.
    depth : int
        Splits above each other, at most.
    may_split : bool
        False = only the root, because over all slices nothing stands out.

    Returns
    -------
    TreeNode
        The root.

    References
    ----------
    Hothorn, T., Hornik, K. and Zeileis, A. (2006). Unbiased recursive partitioning: a conditional inference framework.
    JCGS 15, 651-674: a permutation test decides whether to split at all.
    """
    simple = tuple(map(_simple, axes))
    grown = _Grown(
        axes=simple, errors=errors, min_rows=min_rows, alpha=alpha, seed=seed, depth=depth if may_split else 0
    )
    return grown.node(np.arange(errors.value.size), (), 1)


def _simple(axis: Axis) -> Axis:
    """Keep the terms that cut the column in two: open ranges, single categories, blanks."""
    kept = [i for i, term in enumerate(axis.terms) if term.kind in {COMPARE, IS, BLANK}]
    return replace(axis, terms=tuple(axis.terms[i] for i in kept), member=axis.member[kept])


def _at(axis: Axis, rows: NDArray[np.intp]) -> Axis:
    return replace(axis, codes=axis.codes[rows])


def _blank(axes: Sequence[Axis], column: str) -> BoolArray:
    axis = next(a for a in axes if a.column == column)
    return np.asarray(axis.codes == axis.cells - 1)


def _parts(term: Term, inside: BoolArray, blank: BoolArray) -> list[tuple[Term, NDArray[np.intp]]]:
    """Divide rows by a term, its contrary, and the blanks that answer to neither."""
    if term.kind == COMPARE:
        contrary = replace(term, sign=_OPPOSITE[term.sign])
    else:
        contrary = replace(term, kind=_OTHER_KIND[term.kind])
    no_answer = blank & (term.kind != BLANK)
    parts = [(term, inside), (contrary, ~inside & ~no_answer)]
    if no_answer.any():
        parts.append((Term(column=term.column, kind=BLANK), no_answer))
    return [(one, np.flatnonzero(rows)) for one, rows in parts]
