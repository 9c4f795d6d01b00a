"""Lines about the score and about each watched column: drift, blanks, categories that are new or gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.cells import NO_SCORE
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.dataset import Dataset
from rai_dash.data.labels import labels
from rai_dash.govern._policy_monitoring import Monitoring, MonitorLimits, WatchedColumn
from rai_dash.govern.monitor import chance
from rai_dash.govern.monitor._making import Place, ks_line, nothing_line, psi_line, rate_line
from rai_dash.govern.monitor.counting import Batch
from rai_dash.govern.monitor.counts import BatchCounts, ColumnCounts
from rai_dash.govern.monitor.lines import Family, Line
from rai_dash.govern.monitor.reference import score_cells
from rai_dash.govern.monitor.states import State, ks, ks_of_cells
from rai_dash.govern.policy import Policy
from rai_dash.stats.drift import Tested
from rai_dash.stats.intervals import wilson

NO_COLUMN = "the batch has no such column"
_NOT_KEPT = "the rows of the batch are not at hand"
_ONLY_SAMPLE = "of the signed rows only a sample is in memory"
_NOT_GIVEN = "the signed rows are not at hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The rows of both sides, for what needs them; a side that is not at hand is None with the reason."""

    reference: pd.DataFrame | None
    batch: pd.DataFrame | None
    reason: str

    @classmethod
    def of(cls, policy: Policy, monitoring: Monitoring, rows: Batch | None, given: Dataset | None) -> Pair:
        """Find the signed rows in the signed data set, and check that they are those."""
        if rows is None:
            return cls(reference=None, batch=None, reason=_NOT_KEPT)
        if given is None:
            return cls(reference=None, batch=rows.frame, reason=_NOT_GIVEN)
        if given.fingerprint != policy.data.sha256:
            return cls(
                reference=None, batch=rows.frame, reason=tr("the data given are not those that were signed")
            )
        frame = given.frame
        if monitoring.split is not None and monitoring.split in frame.columns:
            trained = labels(frame[monitoring.split]).isin(list(monitoring.split_train)).to_numpy(dtype=bool)
            frame = frame if trained.all() else frame[~trained]
        if len(frame) != policy.data.rows_judged:
            sampled = given.n_rows < given.n_all
            reason = _ONLY_SAMPLE if sampled else tr("the signed rows are not marked in the data given")
            return cls(reference=None, batch=rows.frame, reason=reason)
        return cls(reference=frame, batch=rows.frame, reason="")

    def sides(self, column: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Return a column of numbers of both sides; None where one is not at hand."""
        if self.reference is None or self.batch is None:
            return None
        both = (self.reference, self.batch)
        if not all(column in side.columns and is_number(side[column]) for side in both):
            return None
        return numbers(self.reference[column]), numbers(self.batch[column])


def share(k: int, n: int) -> Estimate:
    """Return a share of rows with Wilson's interval."""
    if not n:
        return Estimate.undefined(tr("there is no row"), numerator=float(k), denominator=0.0)
    low, high = wilson(k, n)
    return Estimate(k / n, float(low), float(high), float(k), float(n))


def score_lines(monitoring: Monitoring, counts: BatchCounts) -> Iterator[Line]:
    """Compare the score: PSI of the signed cells, KS of the thousandths, and rows without one."""
    signed, limits = monitoring.score, monitoring.limits
    yield psi_line(
        Place(name="psi", family=Family.SCORE), np.array(signed.counts), counts.score_counts, limits
    )
    cells = counts.scores.counts.sum(axis=(0, 1))
    now = cells[:NO_SCORE]
    yield ks_line(
        Place(name="ks", family=Family.SCORE),
        _tested_cells(score_cells(signed), now),
        int(now.sum()),
        limits,
        "cells",
    )
    n = int(sum(signed.counts)) + signed.missing
    yield rate_line(
        Place(name="no_score_rate", family=Family.SCORE),
        share(signed.missing, n), share(int(cells[NO_SCORE]), counts.n), limits,
    )  # fmt: skip


def _tested_cells(then: NDArray[np.int64], now: NDArray[np.int64]) -> Tested:
    from scipy.stats import kstwo

    distance = ks_of_cells(then, now)
    if np.isnan(distance):
        return Tested(method="", statistic=np.nan, p_value=np.nan, reason=tr("one side has no score"))
    m, n = int(then.sum()), int(now.sum())
    p_value = float(np.clip(kstwo.sf(distance, max(1, round(m * n / (m + n)))), 0.0, 1.0))
    return Tested(method="KS", statistic=distance, p_value=p_value)


def column_lines(monitoring: Monitoring, counts: BatchCounts, pair: Pair) -> Iterator[Line]:
    """Compare every watched column."""
    for watched in monitoring.columns:
        found = counts.columns.get(watched.name)
        if found is None:
            yield _missing(watched, counts)
        elif found.is_text:
            yield _other_kind(watched)
            yield _blank(watched, found, monitoring.limits)
        else:
            yield from _compared(watched, found, monitoring.limits, pair)


def _place(name: str, watched: WatchedColumn) -> Place:
    return Place(name=name, family=Family.COLUMNS, column=watched.name)


def _missing(watched: WatchedColumn, counts: BatchCounts) -> Line:
    state = State.WATCH if counts.n else State.NO_DATA
    return nothing_line(_place("column", watched), NO_COLUMN, state=state)


def _other_kind(watched: WatchedColumn) -> Line:
    reason = tr("it holds text where the policy knows numbers")
    return nothing_line(_place("column", watched), reason, state=State.BREACH, p_value=chance.CERTAIN)


def _blank(watched: WatchedColumn, found: ColumnCounts, limits: MonitorLimits) -> Line:
    return rate_line(
        _place("blank_rate", watched), share(watched.blank, watched.n), share(found.blank, found.n), limits
    )


def _compared(
    watched: WatchedColumn, found: ColumnCounts, limits: MonitorLimits, pair: Pair
) -> Iterator[Line]:
    then, now = np.array(watched.counts, np.int64), found.cells
    new = sum(found.new.values())
    if watched.kind == "category":
        # What is beyond the listed categories is one cell more on both sides.
        then, now = np.append(then, watched.other), np.append(now, new)
    yield psi_line(_place("psi", watched), then, now, limits)
    if watched.kind == "number":
        yield _ks(watched, int(now.sum()), limits, pair)
    else:
        yield _new(watched, found.new, int(now.sum()), limits)
        yield _gone(watched, now, limits)
    yield _blank(watched, found, limits)


def _ks(watched: WatchedColumn, n: int, limits: MonitorLimits, pair: Pair) -> Line:
    sides = pair.sides(watched.name)
    if sides is None:
        reason = pair.reason or NO_COLUMN
        return nothing_line(_place("ks", watched), reason, state=State.NO_ROWS, breach=limits.ks)
    return ks_line(_place("ks", watched), ks(*sides), n, limits, "rows")


def _new(watched: WatchedColumn, new: Mapping[str, int], n: int, limits: MonitorLimits) -> Line:
    known = sum(watched.counts) + watched.other
    items = tuple(sorted(new.items(), key=lambda item: (-item[1], item[0])))
    return rate_line(
        _place("new_categories", watched), share(watched.other, known), share(sum(new.values()), n), limits,
        items=items,
    )  # fmt: skip


def _gone(watched: WatchedColumn, now: NDArray[np.int64], limits: MonitorLimits) -> Line:
    """Hold the most frequent category that has no row against its signed share; the others are named."""
    known = sum(watched.counts) + watched.other
    listed = zip(watched.categories, watched.counts, now[: len(watched.counts)], strict=True)
    gone = [(category, k) for category, k, rows in listed if not rows]
    n, place = int(now.sum()), _place("gone_categories", watched)
    if not n:
        return nothing_line(place, tr("no row of the batch has a value"))
    most = max((k for _, k in gone), default=0)
    line = rate_line(place, share(most, known), share(0, n), limits, items=tuple(gone))
    if line.p_value is not None:
        # The category was picked out of all of them.
        return replace(line, p_value=min(1.0, line.p_value * len(watched.categories)))
    return line
