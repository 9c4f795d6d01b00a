"""How many training rows each cell of outcome and group has, and is to have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE
from rai_dash.data.columns import closest_names
from rai_dash.data.groups import GroupIndex

Positions = NDArray[np.int64]
#: Group (None = not crossed with groups) and whether the outcome is favourable.
CellKey = tuple[str | None, bool]
#: A target above this many times the largest cell is a slip of the pen, and would fill the memory.
MOST_OF_LARGEST: Final = 5


def cell_targets(sizes: NDArray[np.int64], *, up: float, down: float) -> NDArray[np.int64]:
    """Compute how many rows each cell gets.

    Parameters
    ----------
    sizes : int64 (cells,)
        Rows a cell; empty cells stay empty.
    up, down : float
        Shares of the largest cell in [0, 1], ``up <= down``: cells below ``round(up * largest)`` are
        topped up to it, cells above ``round(down * largest)`` cut to it.

    Returns
    -------
    int64 (cells,)

    Raises
    ------
    InvalidChoice
        When the shares are out of order or range, or everything would be cut away.
    """
    if not 0.0 <= up <= down <= 1.0:
        msg = tr(
            "Shares must satisfy 0 <= up <= down <= 1, got up {up} and down {down}.",
            up=f"{up:g}",
            down=f"{down:g}",
        )
        raise InvalidChoice(msg)
    largest = int(sizes.max(initial=0))
    floor, ceiling = round(up * largest), round(down * largest)
    if ceiling < 1:
        msg = tr(
            "Cutting to {down} of the largest cell ({largest} rows) leaves no row. Choose a larger share.",
            down=f"{down:.0%}",
            largest=f"{largest:,}",
        )
        raise InvalidChoice(msg)
    return np.where(sizes > 0, np.clip(sizes, floor, ceiling), 0).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellTarget:
    """How many training rows one cell is to have.

    Parameters
    ----------
    group : str or None
        Group of the cell; None = the outcome is not crossed with groups.
    favourable : bool
        Outcome of the cell.
    share, rows : float or None, int or None
        One of the two: a share of the largest cell in [0, 5], or a number of rows up to five times the largest cell.

    Raises
    ------
    InvalidChoice
        When neither or both are given, or one is out of range.
    """

    group: str | None
    favourable: bool
    share: float | None = None
    rows: int | None = None

    def __post_init__(self) -> None:
        """Check the target."""
        where = f"The cell `{self.name}`"
        if (self.share is None) == (self.rows is None):
            msg = tr(
                "{where} needs a share of the largest cell or a number of rows, and not both.", where=where
            )
            raise InvalidChoice(msg, code="cell_target")
        if self.share is not None and not (math.isfinite(self.share) and 0 <= self.share <= MOST_OF_LARGEST):
            msg = tr(
                "{where} was given the share {share}. Choose 0 to {most_of_largest}; 1 is the largest cell.",
                where=where,
                share=f"{self.share:g}",
                most_of_largest=MOST_OF_LARGEST,
            )
            raise InvalidChoice(msg, code="cell_target")
        if self.rows is not None and self.rows < 0:
            msg = tr("{where} was given {rows} rows; choose 0 or more.", where=where, rows=f"{self.rows:,}")
            raise InvalidChoice(msg, code="cell_target")

    @property
    def name(self) -> str:
        """The cell as one says it."""
        return cell_name(self.group, favourable=self.favourable)

    def rows_of(self, largest: int) -> int:
        """Compute the rows of the cell, given those of the largest one before resampling."""
        wanted = round(self.share * largest) if self.share is not None else int(self.rows or 0)
        if wanted > MOST_OF_LARGEST * largest:
            msg = tr(
                "The cell `{self_}` was given {wanted} rows, more than {most_of_largest} times the "
                "largest cell ({largest} rows). Choose fewer.",
                self_=self.name,
                wanted=f"{wanted:,}",
                most_of_largest=MOST_OF_LARGEST,
                largest=f"{largest:,}",
            )
            raise InvalidChoice(msg, code="cell_target")
        return wanted


def cell_name(group: str | None, *, favourable: bool) -> str:
    """Name a cell: ``favourable × Female``."""
    outcome = tr("favourable") if favourable else tr("unfavourable")
    return outcome if group is None else tr("{outcome} × {group}", outcome=outcome, group=group)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cell:
    """Training rows of one outcome and group.

    Parameters
    ----------
    group : str or None
        None = the outcome is not crossed with groups.
    favourable : bool
        The outcome.
    rows : int64
        Positions in the table.
    target : int
        How many rows it is to have; an empty cell stays empty.
    anew : bool
        Whether rows are drawn with replacement although there are enough of them: a bootstrap of the cell.
    """

    group: str | None
    favourable: bool
    rows: Positions
    target: int
    anew: bool = False

    @property
    def name(self) -> str:
        """The cell as one says it."""
        return cell_name(self.group, favourable=self.favourable)


def cells_of(
    outcome: NDArray[np.int8], groups: GroupIndex | None, positions: Positions
) -> list[tuple[int, str | None, Positions]]:
    """List outcome, group and positions of each cell: unfavourable before favourable, groups by name within."""
    order = [0] if groups is None else sorted(range(groups.n_groups), key=lambda i: groups.groups[i])
    code = np.zeros(positions.size, dtype=np.int32) if groups is None else groups.codes[positions]
    label = outcome[positions]
    return [
        (y, None if groups is None else groups.groups[g], positions[(label == y) & (code == g)])
        for y in (UNFAVOURABLE, FAVOURABLE)
        for g in order
    ]


def plan(
    outcome: NDArray[np.int8],
    groups: GroupIndex | None,
    positions: Positions,
    *,
    up: float = 1.0,
    down: float = 1.0,
    own: Sequence[CellTarget] = (),
) -> tuple[Cell, ...]:
    """Say how many rows each cell has and gets; nothing is drawn.

    Parameters
    ----------
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.
    groups : GroupIndex or None
        Groups of all n rows that are crossed with the outcome; None = outcome alone.
    positions : int64 (m,)
        The training rows, and only these. Rows with an unknown outcome are left out.
    up, down : float
        See `cell_targets`; they give every cell its target that ``own`` does not name.
    own : sequence of CellTarget
        Cells with a target of their own; shares are of the largest cell before resampling.

    Raises
    ------
    InvalidChoice
        See `cell_targets`; when a cell is named that there is not, or twice; when an outcome would have no row left.
    """
    found = cells_of(outcome, groups, positions)
    names = [(group, y == FAVOURABLE) for y, group, _ in found]
    sizes = np.array([rows.size for _, _, rows in found], dtype=np.int64)
    targets, anew = aim(names, sizes, up=up, down=down, own=own)
    return tuple(
        Cell(group=group, favourable=is_good, rows=rows, target=target, anew=drawn)
        for (group, is_good), (_, _, rows), target, drawn in zip(
            names, found, targets.tolist(), anew.tolist(), strict=True
        )
    )


def aim(
    names: Sequence[CellKey],
    sizes: NDArray[np.int64],
    *,
    up: float = 1.0,
    down: float = 1.0,
    own: Sequence[CellTarget] = (),
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Compute how many rows each cell gets from how many it has.

    Parameters
    ----------
    names : sequence of (group or None, favourable)
        The cells.
    sizes : int64 (cells,)
        Their training rows.
    up, down, own
        See `plan`.

    Returns
    -------
    targets : int64 (cells,)
        Rows that each cell gets; empty cells stay empty.
    anew : bool (cells,)
        Cells that are drawn with replacement although they are large enough.

    Raises
    ------
    InvalidChoice
        See `plan`.
    """
    largest = int(sizes.max(initial=0))
    targets, named = cell_targets(sizes, up=up, down=down), _by_cell(own, names)
    anew = (sizes > 0) & (sizes <= round(up * largest))
    for place, name in enumerate(names):
        if name in named:
            anew[place] = False
            targets[place] = named[name].rows_of(largest) if sizes[place] else 0
    for is_good in (False, True):
        mine = [i for i, name in enumerate(names) if name[1] == is_good]
        if sizes[mine].any() and not targets[mine].any():
            msg = tr(
                "This recipe leaves no {cell_name} training row, and a model needs both outcomes. Give "
                "one of these cells more rows.",
                cell_name=cell_name(None, favourable=is_good),
            )
            raise InvalidChoice(msg, code="cell_target")
    return targets, anew


def _by_cell(own: Sequence[CellTarget], names: Sequence[CellKey]) -> dict[CellKey, CellTarget]:
    """Find the targets by cell; refuse a cell that is not there or is named twice."""
    named: dict[CellKey, CellTarget] = {}
    for target in own:
        at = (target.group, target.favourable)
        if at not in names:
            raise InvalidChoice(_unknown_cell(target, names), code="unknown_cell")
        if at in named:
            msg = tr("The cell `{target}` has two targets. Give it one.", target=target.name)
            raise InvalidChoice(msg, code="cell_target")
        named[at] = target
    return named


def _unknown_cell(target: CellTarget, names: Sequence[CellKey]) -> str:
    groups = list(dict.fromkeys(group for group, _ in names if group is not None))
    if not groups:
        return f"The cell `{target.name}` names a group, but no column is crossed with the outcome. Name the column."
    if target.group is None:
        return f"The cell `{target.name}` names no group, but the outcome is crossed with a column. Name the group."
    close = closest_names(target.group, groups)
    hint = (
        f"Did you mean `{close[0]}`?" if close else f"There are: {', '.join(f'`{g}`' for g in groups[:10])}."
    )
    return f"There is no group `{target.group}`, which a cell names. {hint}"
