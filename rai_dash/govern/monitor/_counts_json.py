"""Counts of a batch, read back from the JSON in which they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import EVERYONE, N_CELLS, N_LABELS, GroupCounts
from rai_dash.core.errors import LedgerBroken
from rai_dash.core.figures import ScoreSums
from rai_dash.core.once import Once
from rai_dash.core.review_cube import N_DECISIONS, NO_DECISION, ReviewCube
from rai_dash.govern.monitor.counts import SCHEMA, BatchCounts, ColumnCounts


def counts_of_json(content: Mapping[str, Any]) -> BatchCounts:
    """Read what `BatchCounts.to_json` wrote.

    Raises
    ------
    LedgerBroken
        When it is no such thing.
    """
    try:
        if content["schema"] != SCHEMA:
            raise _foreign()
        return BatchCounts(
            basis=content["basis"],
            n=content["n"],
            batches=content["batches"],
            routed={name: _cube(cube) for name, cube in content["routed"].items()},
            scored={name: _cube(cube) for name, cube in content["scored"].items()},
            scores=_scores(content["scores"]),
            score_counts=np.array(content["score_counts"], np.int64),
            columns={name: _column(column) for name, column in content["columns"].items()},
            models=tuple(content["models"]),
            score_columns=tuple(content["score_columns"]),
            strange_outcomes=dict(content["strange_outcomes"]),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise _foreign() from error


def _foreign() -> LedgerBroken:
    msg = "The counts of a batch that are kept in the store cannot be read. Update the app, or count the batch again."
    return LedgerBroken(msg)


def _column(content: Mapping[str, Any]) -> ColumnCounts:
    return ColumnCounts(
        n=content["n"],
        blank=content["blank"],
        is_text=content["is_text"],
        cells=np.array(content["cells"], np.int64),
        new=dict(content["new"]),
    )


def _cube(content: Mapping[str, Any]) -> ReviewCube:
    edges = np.array(content["edges"], np.float64)
    groups = tuple(content["groups"])
    shape = (len(groups), N_LABELS, N_DECISIONS, edges.size + 2)

    def spread(part: list[Any] | None, dtype: type) -> NDArray[Any] | None:
        if part is None:
            return None
        out: NDArray[Any] = np.zeros(shape, dtype)
        out[:, :, NO_DECISION] = part
        return out

    rows = spread(content["rows"], np.int64)
    if rows is None:
        msg = "no rows"
        raise ValueError(msg)
    return ReviewCube(
        column=content["column"],
        groups=groups,
        edges=edges,
        rows=rows,
        weight=spread(content["weight"], np.float64),
        weight_sq=spread(content["weight_sq"], np.float64),
        amount_missing=np.zeros(len(groups), np.int64),
    )


def _scores(content: Mapping[str, Any]) -> GroupCounts:
    at = (0, np.array(content["label"], np.intp), np.array(content["cell"], np.intp))

    def spread(part: list[Any] | None, dtype: type) -> NDArray[Any] | None:
        if part is None:
            return None
        out: NDArray[Any] = np.zeros((1, N_LABELS, N_CELLS), dtype)
        out[at] = part
        return out

    rows, sums = spread(content["rows"], np.int64), content["sums"]
    if rows is None:
        msg = "no rows"
        raise ValueError(msg)
    return GroupCounts(
        column="",
        groups=(EVERYONE,),
        counts=rows,
        weighted=spread(content["weight"], np.float64),
        weighted_sq=spread(content["weight_sq"], np.float64),
        score_sums=None if sums is None else Once(lambda: ScoreSums(np.array(sums, np.float64))),
    )
