"""The counts of a batch: everything that a policy is held against, without a row. They add up over batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import EVERYONE, GroupCounts, add_counts
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import ReviewCube, add_cubes
from rai_dash.core.texts import tr

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnCounts:
    """One watched column of a batch.

    Parameters
    ----------
    n, blank : int
        Rows, and those without a (finite) value.
    is_text : bool
        Whether text stood where numbers were signed; its rows are in no cell then.
    cells : int64 (k,)
        Rows of each signed cell, or of each signed category.
    new : mapping of str to int
        Labels that the policy does not list, with their rows.
    """

    n: int
    blank: int
    is_text: bool = False
    cells: IntArray
    new: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: ColumnCounts) -> ColumnCounts:
        """Add the same column of another batch."""
        return ColumnCounts(
            n=self.n + other.n,
            blank=self.blank + other.blank,
            is_text=self.is_text or other.is_text,
            cells=self.cells + other.cells,
            new=_added(self.new, other.new),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BatchCounts:
    """A batch, or several of them, counted for one policy.

    Parameters
    ----------
    basis : str
        Fingerprint of what it was counted by; counts of another basis do not add up.
    n, batches : int
        Rows and batches.
    routed : mapping of str to ReviewCube
        By sensitive column, ``""`` = everyone, with the cuts of the band. A row that a condition holds, or with a score
        off its scale, has no score here: a person decides.
    scored : mapping of str to ReviewCube
        The same with the threshold as the only cut, and the scores as they are, whatever the conditions.
    scores : GroupCounts
        Of everyone, on the grid of 0.001, by outcome; for calibration.
    score_counts : int64 (edges + 1,)
        Of the scores between the signed edges.
    columns : mapping of str to ColumnCounts
        Watched columns that a batch has.
    models : tuple of str
        Fingerprints of the models that gave the scores, in order.
    score_columns : tuple of str
        Columns that scores were taken from.
    strange_outcomes : mapping of str to int
        Labels of the target that nobody had seen at signing, with their rows; these outcomes count as unknown.
    """

    basis: str
    n: int
    batches: int = 1
    routed: Mapping[str, ReviewCube]
    scored: Mapping[str, ReviewCube]
    scores: GroupCounts
    score_counts: IntArray
    columns: Mapping[str, ColumnCounts]
    models: tuple[str, ...] = ()
    score_columns: tuple[str, ...] = ()
    strange_outcomes: Mapping[str, int] = field(default_factory=dict)

    @property
    def outcomes(self) -> int:
        """Rows with a known outcome."""
        return int(self.scores.counts[:, :2].sum())

    def __add__(self, other: BatchCounts) -> BatchCounts:
        """Add another batch.

        Raises
        ------
        InvalidChoice
            When it was counted for another policy.
        """
        if self.basis != other.basis:
            msg = tr(
                "These batches were counted by two different policies, so their counts do not add up. "
                "Count both by the same version."
            )
            raise InvalidChoice(msg)
        return BatchCounts(
            basis=self.basis,
            n=self.n + other.n,
            batches=self.batches + other.batches,
            routed=_united(self.routed, other.routed, add_cubes),
            scored=_united(self.scored, other.scored, add_cubes),
            scores=add_counts(self.scores, other.scores),
            score_counts=self.score_counts + other.score_counts,
            columns=_united(self.columns, other.columns, lambda a, b: a + b),
            models=tuple(sorted({*self.models, *other.models})),
            score_columns=tuple(sorted({*self.score_columns, *other.score_columns})),
            strange_outcomes=_added(self.strange_outcomes, other.strange_outcomes),
        )

    def without_rare(self, fewest: int) -> BatchCounts:
        """Add up the labels that nobody knew and that fewer rows have: one of them could name a person."""
        columns = {
            name: replace(column, new=without_rare(column.new, fewest))
            for name, column in self.columns.items()
        }
        return replace(self, columns=columns, strange_outcomes=without_rare(self.strange_outcomes, fewest))

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values; `counts_of_json` reads it back."""
        return {
            "schema": SCHEMA,
            "basis": self.basis,
            "n": self.n,
            "batches": self.batches,
            "routed": {name: _cube_json(cube) for name, cube in self.routed.items()},
            "scored": {name: _cube_json(cube) for name, cube in self.scored.items()},
            "scores": _scores_json(self.scores),
            "score_counts": self.score_counts.tolist(),
            "columns": {name: _column_json(column) for name, column in self.columns.items()},
            "models": list(self.models),
            "score_columns": list(self.score_columns),
            "strange_outcomes": dict(self.strange_outcomes),
        }


SCHEMA: Final = "rai-dash/monitor-counts/1"
#: What stands for labels that few rows have.
RARE: Final = "(rare)"


def without_rare(labels: Mapping[str, int], fewest: int) -> dict[str, int]:
    """Add up the rows of labels with fewer than ``fewest`` rows under one name."""
    kept = {label: rows for label, rows in labels.items() if rows >= fewest or label == RARE}
    rare = sum(rows for label, rows in labels.items() if label not in kept)
    return _added(kept, {RARE: rare} if rare else {})


def _added(a: Mapping[str, int], b: Mapping[str, int]) -> dict[str, int]:
    names = sorted({*a, *b})
    return {name: a.get(name, 0) + b.get(name, 0) for name in names}


def _united(a: Mapping[str, Part], b: Mapping[str, Part], add: Any) -> dict[str, Part]:
    """Add what both have; what one of them lacks is that of the other."""
    names = dict.fromkeys([*a, *b])
    return {n: add(a[n], b[n]) if n in a and n in b else a[n] if n in a else b[n] for n in names}


def _column_json(column: ColumnCounts) -> dict[str, Any]:
    return {
        "n": column.n,
        "blank": column.blank,
        "is_text": column.is_text,
        "cells": column.cells.tolist(),
        "new": dict(column.new),
    }


def _cube_json(cube: ReviewCube) -> dict[str, Any]:
    # Nothing is known of decisions and amounts, so that axis is one long.
    def plain(part: NDArray[Any] | None) -> list[Any] | None:
        return None if part is None else part.sum(axis=2).tolist()

    return {
        "column": cube.column,
        "groups": list(cube.groups),
        "edges": cube.edges.tolist(),
        "rows": plain(cube.rows),
        "weight": plain(cube.weight),
        "weight_sq": plain(cube.weight_sq),
    }


def _scores_json(counts: GroupCounts) -> dict[str, Any]:
    label, cell = np.nonzero(counts.counts[0])
    sums = counts.score_sums

    def at(part: NDArray[Any] | None) -> list[Any] | None:
        return None if part is None else part[0][label, cell].tolist()

    return {
        "label": label.tolist(),
        "cell": cell.tolist(),
        "rows": at(counts.counts),
        "weight": at(counts.weighted),
        "weight_sq": at(counts.weighted_sq),
        "sums": None if sums is None else sums().values.tolist(),
        "groups": [EVERYONE],
    }
