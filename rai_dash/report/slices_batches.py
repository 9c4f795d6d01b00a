"""Error slices over the past batches of a policy whose rows are kept, all of them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.data.columns import is_number
from rai_dash.govern.monitor.counting import Batch, monitoring_of
from rai_dash.report.problem_batches import kept_batch
from rai_dash.report.slices_work import JudgedSlices
from rai_dash.trials.slices.axes import MOST_COLUMNS
from rai_dash.trials.slices.finder import SliceOptions, find_slices
from rai_dash.trials.slices.searched import Searching

if TYPE_CHECKING:
    from rai_dash.govern.monitor.log import MonitorLog, MonitorRun
    from rai_dash.govern.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """The rows of past batches of one policy.

    Parameters
    ----------
    policy : Policy
        Whose threshold decides: the version of the newest batch.
    runs : tuple of MonitorRun
        Batches that are in it, in the order in which they came.
    not_kept, other : int
        Batches that are not: without rows; scored by another model, or without a column that the policy asks for.
    batches : tuple of Batch
        As many as ``runs``.
    """

    policy: Policy
    runs: tuple[MonitorRun, ...]
    not_kept: int
    other: int
    batches: tuple[Batch, ...]

    @property
    def known(self) -> int:
        """Rows with an outcome and a score."""
        return sum(int(_known(batch).sum()) for batch in self.batches)


def pool_of(log: MonitorLog, policy_id: str, policy_of: Callable[[str, int], Policy]) -> Pool | None:
    """Put the kept rows of the past batches of a policy together; each batch counts once, as it was recorded last.

    Parameters
    ----------
    log : MonitorLog
        Of a person who may see single applications.
    policy_id : str
    policy_of : callable
        Returns a version of a policy.

    Returns
    -------
    Pool or None
        None = no batch is on record.

    Raises
    ------
    NotAllowed
        When rows are kept and the person may not see single applications.
    """
    series = log.series(policy_id)
    if not series:
        return None
    policy = policy_of(policy_id, max(series, key=lambda run: run.seq).version)
    runs, batches, not_kept, other = [], [], 0, 0
    for run in series:
        if not _same_scores(policy, policy_of(policy_id, run.version), run):
            other += 1
            continue
        try:
            batch = kept_batch(log, run, policy)
        except (InvalidChoice, MissingColumn):
            other += 1
            continue
        if batch is None:
            not_kept += 1
            continue
        runs.append(run)
        batches.append(batch)
    return Pool(policy=policy, runs=tuple(runs), not_kept=not_kept, other=other, batches=tuple(batches))


def _same_scores(newest: Policy, own: Policy, run: MonitorRun) -> bool:
    line = run.line("model")
    same = (own.model.sha256, own.model.favourable_class, own.score) == (
        newest.model.sha256, newest.model.favourable_class, newest.score,
    )  # fmt: skip
    return same and (line is None or line.state not in {"breach", "watch"})


def _known(batch: Batch) -> NDArray[np.bool_]:
    return np.asarray((batch.outcome != UNKNOWN) & np.isfinite(batch.score))


def slices_of_pool(
    pool: Pool, *, options: SliceOptions | None = None, search: Searching | None = None
) -> JudgedSlices:
    """Find the slices of the pooled rows in which wrong decisions concentrate.

    Parameters
    ----------
    pool : Pool
        With at least one batch.
    options : SliceOptions, optional
        How to search.
    search : callable, optional
        As for `find_slices`.
    """
    columns, left_out = _columns(pool)
    threshold = pool.policy.band.threshold
    known = [_known(batch) for batch in pool.batches]
    frame = pd.concat(
        [batch.frame.loc[rows, list(columns)] for batch, rows in zip(pool.batches, known, strict=True)],
        ignore_index=True,
    )
    wrong = _joined(
        [
            ((b.score >= threshold) != (b.outcome == FAVOURABLE))[k]
            for b, k in zip(pool.batches, known, strict=True)
        ]
    )
    weights = [
        np.ones(int(k.sum())) if b.weight is None else b.weight[k]
        for b, k in zip(pool.batches, known, strict=True)
    ]
    is_weighted = any(batch.weight is not None for batch in pool.batches)
    findings = find_slices(
        frame,
        wrong,
        columns,
        weight=_joined(weights) if is_weighted else None,
        seed=_seed(pool, columns),
        options=options or SliceOptions(),
        search=search,
    )
    return JudgedSlices(
        findings=findings,
        threshold=threshold,
        rows=np.flatnonzero(_joined(known)),
        no_outcome=sum(int((batch.outcome == UNKNOWN).sum()) for batch in pool.batches),
        no_score=sum(int(((b.outcome != UNKNOWN) & ~np.isfinite(b.score)).sum()) for b in pool.batches),
        left_out=left_out,
    )


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts)


def _columns(pool: Pool) -> tuple[tuple[str, ...], dict[str, str]]:
    """Choose the watched columns that every batch has, in one type; and say why the others are left out."""
    monitoring = monitoring_of(pool.policy)
    left_out: dict[str, str] = dict(monitoring.not_watched)
    kept: list[str] = []
    # Sensitive ones are never those that are cut.
    names = sorted(
        (column.name for column in monitoring.columns),
        key=lambda name: name not in pool.policy.data.sensitive,
    )
    for name in names:
        if any(name not in batch.frame.columns for batch in pool.batches):
            left_out[name] = "a batch has no such column"
        elif len({is_number(batch.frame[name]) for batch in pool.batches}) > 1:
            left_out[name] = "numbers in one batch, text in another"
        elif len(kept) == MOST_COLUMNS:
            left_out[name] = f"more than {MOST_COLUMNS} columns"
        else:
            kept.append(name)
    return tuple(kept), left_out


def _seed(pool: Pool, columns: Sequence[str]) -> int:
    named = [
        "slices of batches",
        [run.batch_sha256 for run in pool.runs],
        pool.policy.band.threshold,
        list(columns),
    ]
    return int(fingerprint_value(named)[:8], 16)
