"""The reads of a queue as arrays, for counting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.govern.queue.bodies import ROUTE_LETTERS, SIDE_LETTERS, Decision
from rai_dash.govern.queue.state import Queue

IntArray = NDArray[np.int64]
Codes = NDArray[np.int8]
BoolArray = NDArray[np.bool_]
#: Codes of decisions, as everywhere in the review band; a person may also say that they cannot say.
REFUSED, APPROVED, UNSURE, OPEN = 0, 1, 2, -1
_CODES: Final = {Decision.REFUSE: REFUSED, Decision.APPROVE: APPROVED, Decision.CANNOT_SAY: UNSURE}
#: A side that there is none of: no score.
NO_SIDE: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reads:
    """Every read in which somebody decided at least blind, in the order of case and place.

    Parameters
    ----------
    case, place : int64 (reads,)
    blind, final : int8 (reads,)
        `REFUSED`, `APPROVED`, `UNSURE`; a final one may be `OPEN`.
    side : int8 (reads,)
        1 approve, 0 refuse, `NO_SIDE`.
    route : int8 (reads,)
        0 declined, 1 to a person, 2 approved.
    seconds : int64 (reads,)
        Of the blind decision.
    override : bool (reads,)
    reader : tuple of str
        References, (reads,).
    """

    case: IntArray
    place: IntArray
    blind: Codes
    final: Codes
    side: Codes
    route: Codes
    seconds: IntArray
    override: BoolArray
    reader: tuple[str, ...]

    def where(self, rows: BoolArray) -> Reads:
        """Return some of the reads."""
        return Reads(
            case=self.case[rows],
            place=self.place[rows],
            blind=self.blind[rows],
            final=self.final[rows],
            side=self.side[rows],
            route=self.route[rows],
            seconds=self.seconds[rows],
            override=self.override[rows],
            reader=tuple(ref for ref, is_in in zip(self.reader, rows, strict=True) if is_in),
        )

    @property
    def is_done(self) -> BoolArray:
        """Reads with a final decision, bool (reads,)."""
        return np.asarray(self.final != OPEN)

    def pairs(self) -> tuple[IntArray, Codes, Codes]:
        """Return the cases that two people have finished, and what the first and the second said blind."""
        done = self.where(self.is_done)
        first = {int(c): int(b) for c, p, b in zip(done.case, done.place, done.blind, strict=True) if p == 1}
        second = {int(c): int(b) for c, p, b in zip(done.case, done.place, done.blind, strict=True) if p == 2}
        both = sorted(first.keys() & second.keys())
        return (
            np.array(both, dtype=np.int64),
            np.array([first[c] for c in both], dtype=np.int8),
            np.array([second[c] for c in both], dtype=np.int8),
        )


def reads_of(queue: Queue) -> Reads:
    """Collect the reads of a queue."""
    found = [
        (case, read)
        for case in queue.cases
        for read in sorted(case.reads, key=lambda r: r.place)
        if read.blind
    ]
    blind = [_CODES[read.blind.decision] for _, read in found if read.blind is not None]
    final = [OPEN if read.final is None else _CODES[read.final.decision] for _, read in found]
    seconds = [read.blind.seconds for _, read in found if read.blind is not None]
    return Reads(
        case=np.array([case.number for case, _ in found], dtype=np.int64),
        place=np.array([read.place for _, read in found], dtype=np.int64),
        blind=np.array(blind, dtype=np.int8),
        final=np.array(final, dtype=np.int8),
        side=np.array([_side(case.side) for case, _ in found], dtype=np.int8),
        route=np.array([ROUTE_LETTERS.index(case.route) for case, _ in found], dtype=np.int8),
        seconds=np.array(seconds, dtype=np.int64),
        override=np.array([read.override for _, read in found], dtype=bool),
        reader=tuple(read.reader for _, read in found),
    )


def settled_codes(queue: Queue) -> Codes:
    """Return what stands for each case, int8 (cases,); `OPEN` = not settled."""
    standing = [case.decision for case in queue.cases]
    return np.array([OPEN if found is None else _CODES[found] for found in standing], dtype=np.int8)


def _side(letter: str) -> int:
    return NO_SIDE if letter == SIDE_LETTERS[2] else int(letter)
