"""Who is decided differently by a second model, by group, and whether that was right by what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN, Estimate
from rai_dash.metrics._paired_cells import APPROVED, DECLINED, JointCells, both_decide, flipped
from rai_dash.stats.intervals import effective_size, wilson

NOBODY = "both models decide about nobody in this group"
_EVERYBODY: NDArray[np.bool_] = np.ones(27, dtype=np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Decisions that change in one direction.

    Parameters
    ----------
    share : Estimate
        Of all that both models decide about in the group, with Wilson's interval; its numerator and denominator are
        rows.
    right, wrong, unknown : int
        Rows whose new decision agrees with the known outcome, does not, and of which none is known.
    """

    share: Estimate
    right: int
    wrong: int
    unknown: int

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.right + self.wrong + self.unknown

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {
            "rows": self.rows,
            "share": self.share.value,
            "low": self.share.low,
            "high": self.share.high,
            "of": self.share.denominator,
            "right": self.right,
            "wrong": self.wrong,
            "unknown": self.unknown,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFlips:
    """Decisions of one group that change.

    Parameters
    ----------
    group : str
    rows, decided : int
        Rows, and those that both models decide about.
    changed : Estimate
        Share of the latter that is decided differently.
    approved, declined : Moves
        Declined by the first and approved by the second, and the other way round.
    is_small : bool
        Whether there are too few rows to say much.
    """

    group: str
    rows: int
    decided: int
    changed: Estimate
    approved: Moves
    declined: Moves
    is_small: bool

    @property
    def n(self) -> int:
        """How many decisions change."""
        return self.approved.rows + self.declined.rows

    @property
    def right(self) -> int:
        """How many of these are right now, and were wrong."""
        return self.approved.right + self.declined.right

    @property
    def wrong(self) -> int:
        """How many of these are wrong now, and were right."""
        return self.approved.wrong + self.declined.wrong

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {
            "rows": self.rows,
            "decided_by_both": self.decided,
            "changed": self.n,
            "share": self.changed.value,
            "low": self.changed.low,
            "high": self.changed.high,
            "declined_to_approved": self.approved.to_json(),
            "approved_to_declined": self.declined.to_json(),
        }


def flips(cells: JointCells, *, min_n: int) -> tuple[GroupFlips, ...]:
    """Count the decisions that change, in each group.

    Parameters
    ----------
    cells : JointCells
        By the groups of a column, or of everyone.
    min_n : int
        Groups with fewer rows are small.
    """
    return tuple(_of_group(cells, g, min_n) for g in range(len(cells.groups)))


def _of_group(cells: JointCells, group: int, min_n: int) -> GroupFlips:
    rows = cells.sum_where(_EVERYBODY, group)[0]
    decided = cells.sum_where(both_decide(), group)
    moves = {to: _moves(cells, group, to, decided) for to in (APPROVED, DECLINED)}
    either = np.logical_or.reduce(
        [flipped(label, to) for label in (UNFAVOURABLE, FAVOURABLE, UNKNOWN) for to in moves]
    )
    return GroupFlips(
        group=cells.groups[group],
        rows=rows,
        decided=decided[0],
        changed=_share(cells.sum_where(either, group), decided, is_weighted=cells.is_weighted),
        approved=moves[APPROVED],
        declined=moves[DECLINED],
        is_small=rows < min_n,
    )


def _moves(cells: JointCells, group: int, to: int, decided: tuple[int, float, float]) -> Moves:
    good, bad, open_ = (
        cells.sum_where(flipped(label, to), group)[0] for label in (FAVOURABLE, UNFAVOURABLE, UNKNOWN)
    )
    whole = np.logical_or.reduce([flipped(label, to) for label in (UNFAVOURABLE, FAVOURABLE, UNKNOWN)])
    share = _share(cells.sum_where(whole, group), decided, is_weighted=cells.is_weighted)
    right, wrong = (good, bad) if to == APPROVED else (bad, good)
    return Moves(share=share, right=right, wrong=wrong, unknown=open_)


def _share(part: tuple[int, float, float], whole: tuple[int, float, float], *, is_weighted: bool) -> Estimate:
    """Divide weights; the counts are rows."""
    if whole[1] <= 0:
        return Estimate.undefined(NOBODY, numerator=float(part[0]), denominator=float(whole[0]))
    value = part[1] / whole[1] if is_weighted else part[0] / whole[0]
    size = float(effective_size(whole[1], whole[2]))
    low, high = wilson(value * size, size)
    return Estimate(value, float(low), float(high), float(part[0]), float(whole[0]))
