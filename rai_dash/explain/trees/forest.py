"""A tree ensemble in a neutral form: what the readers make and the kernel explains.

The rules by which a row goes left differ between libraries (type of the comparison, blanks, unseen
categories). A reader settles them once, in the nodes and in the matrix it prepares, so that the kernel
knows only one rule a kind of split.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: ``feature`` of a leaf.
LEAF = -1
#: ``words_at`` of a numeric split.
NUMERIC = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trees:
    """A sum of binary decision trees over a matrix of prepared columns, float64 (rows, columns).

    Nodes of all trees stand in one array; children are absolute positions in it.

    A row goes left at a numeric split when ``x <= threshold``, and a NaN goes where ``missing_left`` says.
    At a categorical split x is a code: in the node's set it goes where ``in_set_left`` says, out of it to the
    other side; NaN goes where ``missing_left`` says. A code that is negative or beyond the node's words is out
    of the set. ``unseen_left`` says where a code goes that the model never saw: the reader's ``prepare`` writes
    such a code as ``-1.0``, and -1 goes there.

    Parameters
    ----------
    n_columns : int
        Columns of the prepared matrix.
    roots : int32 (trees,)
        Root of each tree.
    feature : int32 (nodes,)
        Prepared column of the split; ``LEAF`` at a leaf.
    threshold : float64 (nodes,)
        Of numeric splits; NaN elsewhere.
    left, right : int32 (nodes,)
        Children; -1 at a leaf.
    missing_left : bool (nodes,)
        Where a blank goes.
    words_at : int64 (nodes,)
        First word of the category set in ``words``; ``NUMERIC`` for a numeric split.
    n_words : int32 (nodes,)
        Words of the set.
    words : uint64 (w,)
        Bitsets: bit ``code & 63`` of word ``code >> 6``.
    in_set_left, unseen_left : bool (nodes,)
        Sides of categorical splits.
    value : float64 (nodes,)
        Of a leaf, for class 1 in ``space``, with weights and learning rate in it; 0 elsewhere.
    cover : float64 (nodes,)
        Training weight that reached the node.
    offset : float64
        Added to the sum of the leaves.
    space : str
        ``"log-odds"`` or ``"probability"``: what the sum is.
    cover_name : str
        What ``cover`` counts, in words (``"hessian"``, ``"training rows"``).
    """

    n_columns: int
    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    missing_left: NDArray[np.bool_]
    words_at: NDArray[np.int64]
    n_words: NDArray[np.int32]
    words: NDArray[np.uint64]
    in_set_left: NDArray[np.bool_]
    unseen_left: NDArray[np.bool_]
    value: NDArray[np.float64]
    cover: NDArray[np.float64]
    offset: float
    space: str
    cover_name: str
