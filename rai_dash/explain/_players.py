"""Players of the attribution game: the model's columns, or blocks of columns that enter together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr

#: Columns of one player in the order given, as the model knows them.
Blocks = Sequence[Sequence[str]]
JOINED_BY = " + "


@dataclass(frozen=True, slots=True, eq=False)
class Players:
    """Who plays.

    Parameters
    ----------
    names : tuple of str
        A column's own name, or a block's: its columns joined by " + ".
    of : int64 (columns,)
        Player of each of the model's columns, by position in ``names``.
    """

    names: tuple[str, ...]
    of: NDArray[np.int64]


def _block_of(names: Sequence[str], blocks: Blocks) -> dict[str, int]:
    """Say in which block each column is, and refuse blocks that cannot be."""
    found: dict[str, int] = {}
    for place, block in enumerate(blocks):
        if len(block) < 2:
            msg = tr(
                "A block of columns has {block} of them. Name two or more that are to count as one.",
                block=len(block),
            )
            raise InvalidChoice(msg)
        for name in block:
            if name not in names:
                msg = tr(
                    "The model has no column `{name}` to put in a block. Choose among {names}.",
                    name=name,
                    names=", ".join(names),
                )
                raise InvalidChoice(msg)
            if name in found:
                msg = tr(
                    "`{name}` is named twice in the blocks of columns. A column can be in one block, once.",
                    name=name,
                )
                raise InvalidChoice(msg)
            found[name] = place
    return found


def players_of(names: Sequence[str], blocks: Blocks = ()) -> Players:
    """Make the players of a game; a block stands where its first column stood.

    Parameters
    ----------
    names : sequence of str
        The model's columns.
    blocks : sequence of sequences of str
        Columns that count as one.

    Raises
    ------
    InvalidChoice
        For a block of fewer than two columns, a name that is no column, or one that is named twice.
    """
    block_of = _block_of(names, blocks)
    places: dict[tuple[str, int | str], int] = {}
    titles: list[str] = []
    of = np.empty(len(names), dtype=np.int64)
    for j, name in enumerate(names):
        block = block_of.get(name)
        key = ("column", name) if block is None else ("block", block)
        if key not in places:
            places[key] = len(titles)
            titles.append(
                name if block is None else JOINED_BY.join(n for n in names if block_of.get(n) == block)
            )
        of[j] = places[key]
    return Players(tuple(titles), of)
