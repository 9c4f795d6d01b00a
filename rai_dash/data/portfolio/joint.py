"""Columns that stay where they are, counted against each other: few questions, each for many pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.coded import Coded, Codes
from rai_dash.data.portfolio.moments import Product
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Tally

IntArray = NDArray[np.int64]
Pair = tuple[int, int]
#: Cells of a block of columns; two blocks are counted together.
_MOST_CELLS: Final = 450


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """Some columns counted against each other.

    Parameters
    ----------
    codes : mapping of int to int32 (c,)
        Of each combination, by the position of the column.
    answer : Answer
        Rows, and sums where they were asked for.
    """

    codes: Mapping[int, Codes]
    answer: Answer

    @property
    def n(self) -> IntArray:
        """Rows of each combination."""
        return self.answer.n


def joints(
    portfolio: Portfolio, sides: Mapping[int, Coded], pairs: Iterable[Pair]
) -> Iterator[tuple[Joint, list[Pair]]]:
    """Count pairs of columns, several in one question where their categories are few.

    Parameters
    ----------
    sides : mapping of int to Coded
        Columns by their positions.
    pairs : iterable of (int, int)
        Which of them; a column with itself too.

    Yields
    ------
    Joint, list of (int, int)
        Combinations, and the pairs that are to be taken from them; each pair once.
    """
    left = list(dict.fromkeys(pairs))
    blocks = blocks_of(sides)
    groups = [*((b,) for b in blocks), *combinations(blocks, 2)] if len(blocks) > 2 else [tuple(blocks)]
    for group in groups:
        inside = [i for block in group for i in block]
        here = [pair for pair in left if set(pair) <= set(inside)]
        if here:
            left = [pair for pair in left if pair not in here]
            needed = [i for i in inside if any(i in pair for pair in here)]
            yield joint_of(portfolio, {i: sides[i] for i in needed}), here


def joint_of(portfolio: Portfolio, sides: Mapping[int, Coded], sums: Sequence[Product] = ()) -> Joint:
    """Count some columns against each other, all in one question."""
    answer = portfolio.tally(Tally(keys=tuple(one.key for one in sides.values()), sums=tuple(sums)))
    return Joint({i: one.codes(answer, at) for at, (i, one) in enumerate(sides.items())}, answer)


def blocks_of(sides: Mapping[int, Coded]) -> list[tuple[int, ...]]:
    """Put columns together so that each block has few cells; columns with most categories first."""
    blocks: list[list[int]] = []
    cells: list[int] = []
    for i in sorted(sides, key=lambda i: -sides[i].labels):
        size = sides[i].labels + 1
        at = next((b for b, have in enumerate(cells) if have * size <= _MOST_CELLS), None)
        if at is None:
            blocks.append([i])
            cells.append(size)
        else:
            blocks[at].append(i)
            cells[at] *= size
    return [tuple(block) for block in blocks]
