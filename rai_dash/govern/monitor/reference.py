"""What is frozen into a policy when it is drafted, so that later batches can be compared with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.cells import N_CELLS, NO_SCORE
from rai_dash.core.counts import GroupCounts
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, Roles
from rai_dash.data.column_facts import TableFacts
from rai_dash.data.columns import is_row_number
from rai_dash.data.dataset import Dataset
from rai_dash.data.identifiers import is_id_like, is_long_text
from rai_dash.data.personal import find_personal
from rai_dash.data.portfolio.whole import Whole
from rai_dash.govern._policy_monitoring import (
    ApprovalRate,
    CalibrationReference,
    Monitoring,
    MonitorLimits,
    ScoreReference,
    WatchedColumn,
)
from rai_dash.govern._signed import Rate
from rai_dash.govern.monitor._figures import approval, base_rate, calibration, plain_error
from rai_dash.govern.monitor._rows import EVERYONE_COLUMN
from rai_dash.govern.monitor._signed_portfolio import RowsCounted
from rai_dash.govern.monitor._signed_rows import RowsInMemory, SignedRows, Spread

FloatArray = NDArray[np.float64]
#: Most categories of a column, and labels of the target, that are written down one by one.
MOST_CATEGORIES: Final = 200
_USUAL: Final = MonitorLimits()
_OUTCOMES: Final = {FAVOURABLE: "favourable", UNFAVOURABLE: "unfavourable"}


def reference_of(
    dataset: Dataset,
    score: FloatArray,
    *,
    judged: NDArray[np.bool_],
    features: Sequence[str],
    threshold: float,
    whole: Whole | None = None,
    limits: MonitorLimits = _USUAL,
) -> Monitoring:
    """Describe the rows that a policy is signed on.

    Parameters
    ----------
    dataset : Dataset
        With its roles.
    score : float64 (n,)
        Probability of the favourable outcome of every row, whatever the conditions of the policy; NaN = none.
    judged : bool (n,)
        Rows that the figures of the policy are of.
    features : sequence of str
        Inputs of the model; those of the data where there is only a score column.
    threshold : float
        From which score on the model says yes.
    whole : Whole, optional
        All rows of a portfolio that ``dataset`` holds a sample of: counts are of them, whatever ``score`` and
        ``judged`` say. Which columns name a person is told by the sample.
    limits : MonitorLimits
        Of a later batch.

    Returns
    -------
    Monitoring
        Counts only. Columns that name a person, ids, dates and free text are not in it.
    """
    roles = dataset.roles
    rows: SignedRows = RowsInMemory(dataset, score, judged) if whole is None else RowsCounted(dataset, whole)
    bins = {c: tuple(edges) for c in roles.sensitive if (edges := rows.edges(c)) is not None}
    scored, scores = rows.scored(bins, threshold), rows.scores()
    names = list(dict.fromkeys(c for c in (*features, *roles.sensitive) if c in dataset.columns))
    left_out = _left_out(dataset.frame, names, roles)
    return Monitoring(
        columns=tuple(_column(rows, c, is_feature=c in features) for c in names if c not in left_out),
        not_watched=left_out,
        bins=bins,
        score=_score(rows.score_spread(), scores),
        approval=tuple(_approval(scored)),
        base_rate=Rate.of(base_rate(scored[EVERYONE_COLUMN])),
        error=Rate.of(plain_error(scored[EVERYONE_COLUMN])),
        calibration=_calibration(scores),
        outcomes=_outcomes(rows.outcomes()),
        weight=roles.weight,
        split=roles.split,
        split_train=roles.split_train,
        limits=limits,
    )


def _left_out(frame: pd.DataFrame, names: Sequence[str], roles: Roles) -> dict[str, str]:
    """Say which columns must not stand in a record, and why."""
    taken = {
        roles.id: tr("it names the row"),
        roles.target: tr("it is the outcome"),
        roles.score: tr("it is the score"),
        roles.weight: tr("it is the weight of a row"),
        roles.split: tr("it marks the training rows"),
    }
    facts = TableFacts(frame[list(names)])
    found = {name: taken[name] for name in names if name in taken}
    found |= {
        p.name: tr("it holds {what}", what=p.what) for p in find_personal(facts, roles) if p.name not in found
    }
    for column in facts.without(found):
        if is_row_number(column.series):
            found[column.name] = tr("it numbers the rows")
        elif is_long_text(column):
            found[column.name] = tr("it holds free text")
        elif is_id_like(column) and (column.is_number or column.distinct > MOST_CATEGORIES):
            found[column.name] = tr("nearly every value is met once")
    return found


def _column(rows: SignedRows, name: str, *, is_feature: bool) -> WatchedColumn:
    shared: dict[str, Any] = {"name": name, "is_feature": is_feature, "n": rows.n}
    if rows.is_number(name):
        edges, cells = rows.spread(name)
        return WatchedColumn(
            kind="number", blank=rows.n - int(cells.sum()), edges=tuple(edges.tolist()),
            counts=tuple(cells.tolist()), **shared,
        )  # fmt: skip
    seen = rows.labels(name)
    # Most frequent first, those of equal number by name: the order of the rows says nothing.
    order = sorted((label for label, n in seen.items() if n), key=lambda label: (-seen[label], label))
    kept = tuple(order[:MOST_CATEGORIES])
    return WatchedColumn(
        kind="category", blank=rows.n - sum(seen.values()), categories=kept,
        counts=tuple(seen[label] for label in kept), other=sum(seen[label] for label in order[MOST_CATEGORIES:]),
        **shared,
    )  # fmt: skip


def _score(spread: Spread, scores: GroupCounts) -> ScoreReference:
    edges, counts = spread
    cells = scores.counts.sum(axis=(0, 1))
    return ScoreReference(
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        missing=int(cells[NO_SCORE]),
        cells=tuple((int(k), int(cells[k])) for k in np.flatnonzero(cells[:NO_SCORE])),
    )


def score_cells(reference: ScoreReference) -> NDArray[np.int64]:
    """Return the signed rows of each thousandth, int64 (1001,)."""
    cells = np.zeros(N_CELLS - 1, np.int64)
    for cell, rows in reference.cells:
        cells[cell] = rows
    return cells


def _approval(scored: Mapping[str, Any]) -> Iterator[ApprovalRate]:
    for column, cube in scored.items():
        estimates = approval(cube)
        for i, group in enumerate(cube.groups):
            yield ApprovalRate(
                column=column, group=group if column else "", n=int(cube.n[i]), rate=Rate.of(estimates.at(i))
            )


def _calibration(scores: GroupCounts) -> CalibrationReference:
    found = calibration(scores)
    return CalibrationReference(
        intercept=Rate.of(found["calibration_intercept"][0]),
        slope=Rate.of(found["calibration_slope"][0]),
        brier=Rate.of(found["brier"][0]),
        source="rows" if found["calibration_slope"][1] == "rows" else "cells",
    )


def _outcomes(meaning: Mapping[str, int]) -> dict[str, str]:
    """Say what each label of the target means; labels on neither side are left out."""
    return {name: _OUTCOMES[meaning[name]] for name in sorted(meaning) if meaning[name] in _OUTCOMES}
