"""The training rows of a portfolio, batch by batch, each with its outcome and its weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN, Roles
from rai_dash.data.cell_plan import CellKey, aim
from rai_dash.data.columns import numbers
from rai_dash.data.counting import not_negative
from rai_dash.data.labels import labels
from rai_dash.data.portfolio.levels import Cross, cross_of, levels_of
from rai_dash.data.portfolio.outcomes import codes_by, outcomes_of
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Key, Tally, Value
from rai_dash.trials.rebalancing.recipe import Recipe

FloatArray = NDArray[np.float64]
_OUTCOMES: Final = (UNFAVOURABLE, FAVOURABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedCell:
    """Training rows of one outcome and group.

    Parameters
    ----------
    group : str or None
        None = the outcome is not crossed with groups.
    favourable : bool
        The outcome.
    rows : int
        How many there are.
    factor : float
        What each of them counts: as if the cell had ``rows * factor`` rows.
    """

    group: str | None
    favourable: bool
    rows: int
    factor: float


@dataclass(frozen=True, slots=True, eq=False)
class TrainingBatch:
    """Some training rows: ``frame`` (n, columns), ``favourable`` bool (n,), ``weight`` float64 (n,)."""

    frame: pd.DataFrame
    favourable: NDArray[np.bool_]
    weight: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighing:
    """Which rows are trained on, and what each counts: plain values that can go to another machine.

    Parameters
    ----------
    roles : Roles
        Target, weight and split.
    outcomes : mapping of str to int
        What each label of the target means.
    by : Cross or None
        Groups that are crossed with the outcome.
    factor : float64 (groups, 2)
        What a row of a group counts, by outcome {unfavourable, favourable}.
    """

    roles: Roles
    outcomes: Mapping[str, int]
    by: Cross | None
    factor: FloatArray

    def needed(self, columns: Sequence[str]) -> list[str]:
        """Name the columns that are read to train on some columns."""
        roles = self.roles
        grouped = () if self.by is None else tuple(part.column for part in self.by.parts)
        more = (roles.target, roles.weight, roles.split, *grouped)
        return list(dict.fromkeys([*columns, *(c for c in more if c is not None)]))

    def batch(self, frame: pd.DataFrame, columns: Sequence[str]) -> TrainingBatch:
        """Take the training rows of some rows, the named columns of them."""
        outcome = codes_by(frame[str(self.roles.target)], self.outcomes)
        group = np.zeros(len(frame), np.int32) if self.by is None else self.by.codes_of(frame)
        known = outcome != UNKNOWN
        factor = np.where(known, self.factor[group, np.where(known, outcome, 0)], 0.0)
        weight = factor * self._weight(frame) * is_training(frame, self.roles)
        # Rows that count nothing are left out: some trainers would still learn from their values.
        kept = weight > 0
        return TrainingBatch(
            frame=frame.loc[kept, list(columns)].reset_index(drop=True),
            favourable=outcome[kept] == FAVOURABLE,
            weight=weight[kept],
        )

    def _weight(self, frame: pd.DataFrame) -> FloatArray:
        if self.roles.weight is None:
            return np.ones(len(frame))
        return not_negative(numbers(frame[self.roles.weight]), "weight", blank=1.0)


def is_training(frame: pd.DataFrame, roles: Roles) -> NDArray[np.bool_]:
    """Mark the rows that the split calls training rows; all of them where there is none."""
    if roles.split is None:
        return np.ones(len(frame), dtype=bool)
    return np.asarray(labels(frame[roles.split]).isin(list(roles.split_train)), dtype=bool)


class PortfolioRows:
    """The rows of a portfolio that a model may be trained on.

    Parameters
    ----------
    portfolio : Portfolio
        The table.
    roles : Roles
        Target, favourable value, weight; where a split is stated, only the rows that it calls training rows are taken.
    recipe : Recipe
        What the cells are to weigh.

    Attributes
    ----------
    cells : tuple of WeighedCell
        Unfavourable before favourable, groups in their order.
    weighing : Weighing
        What a row counts.

    Raises
    ------
    InvalidChoice, InvalidRoles, MissingColumn
        When roles or recipe do not fit, or only one outcome is there.
    """

    def __init__(self, portfolio: Portfolio, roles: Roles, recipe: Recipe) -> None:
        if roles.target is None:
            msg = tr("Nothing can be trained without an outcome. Name the target column.")
            raise InvalidChoice(msg)
        if recipe.column is not None:
            msg = tr(
                "An own column of weights is the weight role of a table that is trained where it lies. Use "
                "--weight."
            )
            raise InvalidChoice(msg)
        self.portfolio, self._roles, self._target = portfolio, roles, roles.target
        by = (
            None
            if recipe.by is None
            else cross_of([levels_of(portfolio, recipe.by, roles.bins.get(recipe.by))])
        )
        groups: tuple[str | None, ...] = (None,) if by is None else by.groups
        # One batch, or one part, may lack a side: what a label means is read from all rows.
        outcomes = outcomes_of(portfolio, roles)
        self.cells = _weighed(recipe, groups, self._sizes(by, len(groups), outcomes))
        factor = np.array([cell.factor for cell in self.cells]).reshape(2, len(groups)).T
        self.weighing = Weighing(roles=roles, outcomes=outcomes, by=by, factor=factor)

    @property
    def n(self) -> int:
        """Rows that are trained on."""
        return sum(cell.rows for cell in self.cells if cell.factor > 0)

    def batches(self, columns: Sequence[str]) -> Iterator[TrainingBatch]:
        """Read the training rows in the order of the table, the named columns of them."""
        for part in range(len(self.portfolio.engine.part_rows)):
            for frame in self.portfolio.batches(part, self.weighing.needed(columns)):
                batch = self.weighing.batch(frame, columns)
                if len(batch.frame):
                    yield batch

    def _sizes(self, by: Cross | None, n_groups: int, outcomes: Mapping[str, int]) -> NDArray[np.int64]:
        """Count the training rows by group and outcome where they lie, int64 (groups, 2)."""
        split = self._roles.split
        keys: tuple[Key, ...] = (*(() if by is None else by.keys), Value(column=self._target))
        answer = self.portfolio.tally(Tally(keys=keys if split is None else (*keys, Value(column=split))))
        values = answer.values()
        outcome = codes_by(values[self._target], outcomes)
        group = np.zeros(len(values), np.int32) if by is None else by.codes(answer)
        kept = (outcome != UNKNOWN) & is_training(values, self._roles)
        sizes = np.zeros((n_groups, 2), np.int64)
        np.add.at(sizes, (group[kept], outcome[kept]), answer.n[kept])
        return sizes


def _weighed(
    recipe: Recipe, groups: Sequence[str | None], sizes: NDArray[np.int64]
) -> tuple[WeighedCell, ...]:
    """Say what a row of each cell counts."""
    if (sizes.sum(axis=0) == 0).any():
        msg = tr("All rows to train on have the same outcome. Keep some of both.")
        raise InvalidChoice(msg, code="one_class")
    names: list[CellKey] = [(g, y == FAVOURABLE) for y in _OUTCOMES for g in groups]
    flat = sizes.T.ravel()
    targets, _ = aim(names, flat, up=recipe.up, down=recipe.down, own=recipe.cells)
    factor = np.divide(targets, flat, out=np.zeros(flat.size), where=flat > 0)
    return tuple(
        WeighedCell(group=group, favourable=good, rows=int(n), factor=float(f))
        for (group, good), n, f in zip(names, flat, factor, strict=True)
    )
