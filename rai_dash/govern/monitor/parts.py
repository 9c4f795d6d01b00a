"""A batch of any size, counted part by part: the counts of its parts add up, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.review_cube import ReviewCube
from rai_dash.core.stopping import CancelCheck, stop_if
from rai_dash.core.texts import tr
from rai_dash.core.types import MISSING_GROUP, Notice, Roles
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import display_order
from rai_dash.data.portfolio.jobs.running import OnProgress, Progress
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.govern.monitor._outcomes import strange_notices
from rai_dash.govern.monitor._part_files import PartFiles
from rai_dash.govern.monitor._row_counter import Counted, RowCounter
from rai_dash.govern.monitor._rows import EVERYONE_COLUMN
from rai_dash.govern.monitor.counting import BatchFacts, basis_of, columns_as_at_signing, monitoring_of
from rai_dash.govern.monitor.counts import BatchCounts
from rai_dash.govern.monitor.judging import no_counts
from rai_dash.govern.policy import Policy
from rai_dash.models.client import Model


def count_parts(
    policy: Policy,
    portfolio: Portfolio,
    *,
    model: Model | None = None,
    score_column: str | None = None,
    folder: Path | None = None,
    on_progress: OnProgress | None = None,
    cancelled: CancelCheck | None = None,
) -> tuple[BatchFacts, BatchCounts]:
    """Score and count a batch that stays where it is, one part of it after the other.

    Parameters
    ----------
    policy : Policy
        With its monitoring.
    portfolio : Portfolio
        The batch. The policy says what its columns are.
    model, score_column
        As of `rai_dash.govern.monitor.counting.batch_of`.
    folder : Path, optional
        Where the counts of each finished part are kept, so that a second run goes on from them.
    on_progress, cancelled : callable, optional
        Told how far it is after some ten thousand rows; asked before them whether to stop.

    Returns
    -------
    facts : BatchFacts
        What is known of the batch beside its counts.
    counts : BatchCounts
        Those of the same rows in memory; sums of weights and of scores differ in the last digits. AUC and calibration
        come from cells, and KS of columns needs the rows.

    Raises
    ------
    RaiError
        As of ``batch_of``; finished parts stay.
    """
    counter, matched = counter_of(policy, portfolio, model=model, score_column=score_column)
    columns = counter.columns(portfolio.columns)
    kept = None if folder is None else PartFiles(folder, _mark(counter, portfolio))
    sizes = portfolio.engine.part_rows
    found = {} if kept is None else {i: c for i, n in enumerate(sizes) if (c := kept.read(i, n)) is not None}
    before = sum(sizes[part] for part in found)

    def tell(rows: int) -> None:
        if on_progress is not None:
            on_progress(_progress(sizes, found, rows, before))

    tell(0)
    for part, rows in enumerate(sizes):
        if part in found:
            continue
        counted = _nothing(policy)
        for frame in portfolio.batches(part, columns):
            stop_if(cancelled)
            counted += counter.count(frame)
            tell(counted.counts.n)
        if kept is not None:
            kept.write(part, rows, counted)
        found[part] = counted
    return whole_batch(counter, portfolio, [found[part] for part in range(len(sizes))], matched)


def _progress(sizes: Sequence[int], found: Mapping[int, Counted], rows: int, before: int) -> Progress:
    """Say how far it is, with so many rows of the part that is being counted."""
    return Progress(
        parts=len(found),
        all_parts=len(sizes),
        rows=sum(sizes[part] for part in found) + rows,
        all_rows=sum(sizes),
        found_rows=before,
    )


def counter_of(
    policy: Policy, portfolio: Portfolio, *, model: Model | None, score_column: str | None
) -> tuple[RowCounter, tuple[Notice, ...]]:
    """Match a model to the columns of a batch, and say what was noticed.

    Raises
    ------
    UnreadableFile
        When the batch has no rows.
    """
    monitoring_of(policy)
    if not portfolio.n_rows:
        msg = tr(
            "`{portfolio}` has no rows, so there is nothing to count. Check the batch.",
            portfolio=portfolio.name,
        )
        raise UnreadableFile(msg, code="no_rows")
    if model is None:
        return RowCounter(policy=policy, score_column=score_column or policy.score.column), ()
    first = Dataset(
        frame=portfolio.first_rows(portfolio.columns), roles=Roles(), fingerprint=portfolio.fingerprint
    )
    with columns_as_at_signing():
        return RowCounter(policy=policy, model=model), model.match(first)


def whole_batch(
    counter: RowCounter, portfolio: Portfolio, parts: Iterable[Counted], matched: Sequence[Notice]
) -> tuple[BatchFacts, BatchCounts]:
    """Add up the parts of a batch, say what is known of it, and put its groups into their order.

    Raises
    ------
    InvalidRoles
        When every outcome is one that nobody knows.
    """
    policy = counter.policy
    found = reduce(add, parts, _nothing(policy))
    counts = found.counts
    monitoring = monitoring_of(policy)
    strange = strange_notices(
        policy.data.target, monitoring.outcomes, counts.strange_outcomes, known=counts.outcomes
    )
    facts = BatchFacts(
        name=portfolio.name,
        sha256=portfolio.fingerprint,
        model=None if counter.model is None else counter.model.info.fingerprint,
        score_column=counter.score_column if counter.model is None else None,
        notices=(*matched, *found.notices, *strange),
    )
    routed, scored = (
        {column: _in_order(cube, is_binned=column in monitoring.bins) for column, cube in cubes.items()}
        for cubes in (counts.routed, counts.scored)
    )
    return facts, replace(counts, routed=routed, scored=scored)


def _in_order(cube: ReviewCube, *, is_binned: bool) -> ReviewCube:
    """Put groups that were met part by part into the order that all rows at once would have given them."""
    if cube.column == EVERYONE_COLUMN:
        return cube
    named = [group for group in cube.groups if group != MISSING_GROUP]
    order = list(named) if is_binned else display_order(named)
    if MISSING_GROUP in cube.groups:
        order.append(MISSING_GROUP)
    at = np.array([cube.groups.index(group) for group in order], np.intp)
    return replace(
        cube,
        groups=tuple(order),
        rows=cube.rows[at],
        weight=None if cube.weight is None else cube.weight[at],
        weight_sq=None if cube.weight_sq is None else cube.weight_sq[at],
        amount_missing=cube.amount_missing[at],
    )


def _nothing(policy: Policy) -> Counted:
    """Return the counts of no row, to which others are added."""
    empty = no_counts(policy)
    return Counted(counts=replace(empty, batches=1, routed={}, scored={}, columns={}))


def _mark(counter: RowCounter, portfolio: Portfolio) -> Mapping[str, object]:
    """Return what the counts of a part depend on."""
    model = counter.model
    return {
        "basis": basis_of(counter.policy),
        "table": portfolio.fingerprint,
        "model": None
        if model is None
        else [model.info.fingerprint, model.model_class, *model.info.feature_names],
        "score_column": counter.score_column,
    }
