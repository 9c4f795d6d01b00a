"""What a policy says about its own monitoring: how the signed rows were spread, and the limits of a later batch.

Routes and their shares by group stand in ``metrics`` and ``gaps`` of the policy and are not written down twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from rai_dash.govern._policy_parts import Chance
from rai_dash.govern._signed import Name, Rate, Rows, Signed, Text

#: Least tolerance of a share: a point.
LEAST: Final = 0.01
Cell = Annotated[int, Field(ge=0, le=1001)]
Limit = Annotated[float, Field(gt=0, le=100)]


class MonitorLimits(Signed):
    """From where on a batch is no longer what was signed.

    Parameters
    ----------
    tolerances : mapping of str to float
        How far the value of a line of this name may lie from the signed one, as the analyst chose. A line that is not
        named here may move by half the width of the signed 95 % interval, at least by ``least``; a group by that half
        width or the tolerance of everyone, whichever is larger.
    least : float
        Of shares that are not named.
    psi_watch, psi_breach : float
        Of the population stability index.
    ks : float or None
        Distance of two distribution functions that is a breach; None = it is shown and not judged.
    min_n : int
        Rows of a batch, or of a group of it, with fewer of which nothing is called settled.
    """

    tolerances: Mapping[Name, Limit] = Field(default_factory=dict)
    least: Chance = LEAST
    psi_watch: Limit = 0.10
    psi_breach: Limit = 0.25
    ks: Chance | None = None
    min_n: Rows = 30

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.psi_watch > self.psi_breach:
            msg = f"a PSI is watched from {self.psi_watch:g} on and broken from {self.psi_breach:g} on: not in order"
            raise ValueError(msg)
        return self


class WatchedColumn(Signed):
    """How one column was spread over the signed rows.

    Parameters
    ----------
    name : str
        Of the column.
    kind : {"number", "category"}
        Numbers are counted between ``edges``, everything else by its label.
    is_feature : bool
        Whether the model reads it; else people are compared by it.
    n, blank : int
        Signed rows, and those of them without a (finite) value.
    edges : tuple of float
        The k/10 quantiles, doubles dropped, ascending; cell = number of edges at or below the value.
    categories : tuple of str
        Labels, most frequent first.
    counts : tuple of int
        Rows of each cell, or of each category.
    other : int
        Rows of categories beyond those that are listed.
    """

    name: Text
    kind: Literal["number", "category"]
    is_feature: bool
    n: Rows
    blank: Rows
    edges: tuple[float, ...] = ()
    categories: tuple[Text, ...] = ()
    counts: tuple[Rows, ...]
    other: Rows = 0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        cells = len(self.edges) + 1 if self.kind == "number" else len(self.categories)
        if cells != len(self.counts):
            msg = f"the counts of `{self.name}` are of {len(self.counts)} cells, and it has {cells}"
            raise ValueError(msg)
        return self


class ScoreReference(Signed):
    """How the score was spread over the signed rows, as the probability of the favourable outcome.

    Parameters
    ----------
    edges, counts
        As of `WatchedColumn`.
    missing : int
        Rows without a score on the scale.
    cells : tuple of (int, int)
        Cell of a thousandth and its rows, where there are any; see `rai_dash.core.cells`.
    """

    edges: tuple[float, ...]
    counts: tuple[Rows, ...]
    missing: Rows
    cells: tuple[tuple[Cell, Rows], ...]


class ApprovalRate(Signed):
    """Share at or above the threshold, of everyone (``column`` blank) or of one group."""

    column: Text
    group: Text
    n: Rows
    rate: Rate


class CalibrationReference(Signed):
    """How far the score could be read as a probability; ``source`` is where intercept and slope come from."""

    intercept: Rate
    slope: Rate
    brier: Rate
    source: Literal["rows", "cells"]


class Monitoring(Signed):
    """The signed rows as a later batch is compared with, and the limits.

    Parameters
    ----------
    columns : tuple of WatchedColumn
        Features and sensitive columns.
    not_watched : mapping of str to str
        Those left out, each with the reason: names of people, ids, free text.
    bins : mapping of str to tuple of float
        Inner edges of sensitive columns of numbers; a column that is not here is divided by its labels.
    score : ScoreReference
        Of all signed rows.
    approval : tuple of ApprovalRate
        Everyone first, then group by group.
    base_rate : Rate
        Share of favourable outcomes.
    error : Rate or None
        Share decided wrongly at the threshold, with or without a person: what a problem about everyone is held
        against. None = a policy from before it was written down.
    calibration : CalibrationReference
        Of rows with a score and an outcome.
    outcomes : mapping of str to {"favourable", "unfavourable"}
        What each label of the target means.
    weight, split : str or None
        Column of weights; column that marks training rows.
    split_train : tuple of str
        Its labels that mean training: the other rows were signed.
    limits : MonitorLimits
        Of a batch.
    """

    columns: tuple[WatchedColumn, ...]
    not_watched: Mapping[Text, Text] = Field(default_factory=dict)
    bins: Mapping[Text, tuple[float, ...]] = Field(default_factory=dict)
    score: ScoreReference
    approval: tuple[ApprovalRate, ...]
    base_rate: Rate
    error: Rate | None = None
    calibration: CalibrationReference
    outcomes: Mapping[Text, Literal["favourable", "unfavourable"]] = Field(default_factory=dict)
    weight: Text | None = None
    split: Text | None = None
    split_train: tuple[Text, ...] = ()
    limits: MonitorLimits = MonitorLimits()

    def column(self, name: str) -> WatchedColumn | None:
        """Find a watched column; None = it is not watched."""
        return next((column for column in self.columns if column.name == name), None)
