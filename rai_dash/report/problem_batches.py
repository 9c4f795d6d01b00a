"""Problems on batches of production: tried when a batch is recorded, and later on those whose rows were kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from rai_dash.case import Exposure
from rai_dash.core.errors import InvalidChoice, NotAllowed, RaiError
from rai_dash.core.types import FAVOURABLE, UNKNOWN, Estimate
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.slices import rows_of_slice
from rai_dash.govern.monitor.counting import Batch, batch_of
from rai_dash.govern.problems import Basis, Problem, ProblemDesk, ProblemResult, ProblemScope, Rates
from rai_dash.report._problem_measure import measured_rows
from rai_dash.report._problem_rows import (
    NO_OTHERS,
    NO_ROWS,
    ProblemRows,
    Tally,
    column_fingerprint,
    difference,
    slice_for,
)
from rai_dash.report._problem_state import first_of, judged_state

if TYPE_CHECKING:
    from rai_dash.govern.monitor.log import MonitorLog, MonitorRun, OnRecord
    from rai_dash.govern.policy import Policy
    from rai_dash.govern.store import Store, Writing

#: Why a batch whose rows are kept is not tried.
OTHER_MODEL: Final = "Another model gave its scores than the one that was signed."


def problems_on_batch(
    store: Store,
    clock: Callable[[], datetime] | None = None,
    *,
    data: Iterable[str] = (),
    exposure: Exposure = Exposure.UNKNOWN,
) -> OnRecord:
    """Return what tries every problem of a policy and its data on a batch that is being recorded, in its transaction.

    Parameters
    ----------
    store : Store
    clock : callable, optional
        Gives the time with its zone.
    data : iterable of str
        Fingerprints of further data whose problems are tried as well: those of the case.
    exposure : Exposure
        Whether the model was trained on the rows of the batch.
    """
    desk, more = ProblemDesk(store, None, clock, actor="monitor"), frozenset(data)

    def on_record(writing: Writing, policy: Policy, batch: Batch) -> None:
        scope = ProblemScope(data=more | {policy.data.sha256, batch.sha256}, policy_id=policy.policy_id)
        for problem in desk.problems(scope, writing=writing):
            try:
                result = result_on_batch(problem, policy, batch, exposure)
            except RaiError:
                # The batch lacks a column, or has other rows than were picked: the page says so.
                continue
            desk.record(problem.id, [result], writing=writing)

    return on_record


def result_on_batch(
    problem: Problem, policy: Policy, batch: Batch, exposure: Exposure = Exposure.UNKNOWN
) -> ProblemResult:
    """Try a problem on a batch, at the threshold of the policy.

    Raises
    ------
    RaiError
        When the batch cannot answer: a column is missing, or rows were picked by hand, which are those of other data.
    """
    basis = _basis(policy, batch)
    first = first_of(problem, basis)
    found = measured_rows(problem, _rows(problem, batch, policy.band.threshold), None, first, basis)
    state, _ = judged_state(problem, found, first, basis, exposure)
    return ProblemResult(basis=basis, slice_hash=problem.slice_hash, state=state, rates=found.rates)


def _basis(policy: Policy, batch: Batch) -> Basis:
    """Name what decided about a batch; a column of scores is taken for those of the signed model."""
    model, favourable = batch.model or policy.model.sha256, policy.model.favourable_class or ""
    if model is None:
        model, favourable = column_fingerprint(policy.score.column, policy.score.scale), ""
    return Basis(data=batch.sha256, model=model, model_class=favourable, threshold=policy.band.threshold)


def _rows(problem: Problem, batch: Batch, threshold: float) -> ProblemRows:
    # Nobody said which column of a batch is the id, so that a picked row might be taken for another.
    of = slice_for(problem, data=None)
    inside = rows_of_slice(
        of, batch.frame, score=batch.score, outcome=batch.outcome, threshold=threshold, id_column=None
    )
    known = (batch.outcome != UNKNOWN) & np.isfinite(batch.score)
    return ProblemRows(
        inside=inside,
        known=known,
        wrong=known & ((batch.score >= threshold) != (batch.outcome == FAVOURABLE)),
        weight=np.ones(len(batch.frame)) if batch.weight is None else batch.weight,
        is_weighted=batch.weight is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A problem on one batch of the record.

    Parameters
    ----------
    run : MonitorRun
        The newest of the batch.
    result : ProblemResult
    """

    run: MonitorRun
    result: ProblemResult


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchHistory:
    """A problem on the batches of the record.

    Parameters
    ----------
    tried : tuple of Tried
        In the order in which the batches came.
    not_kept : int
        Batches that it was not tried on, and whose rows are not there any more.
    closed : int
        Batches that it was not tried on, and whose rows are there for those who may see single applications.
    refused : tuple of str
        Why it cannot be tried on others, each reason once.
    """

    tried: tuple[Tried, ...] = ()
    not_kept: int = 0
    closed: int = 0
    refused: tuple[str, ...] = ()

    @property
    def new(self) -> tuple[ProblemResult, ...]:
        """Return what is not on record yet."""
        return tuple(one.result for one in self.tried if one.result.seq == 0)


#: Tries a problem on a batch whose rows are kept; None = they are not there any more.
Trying = Callable[[Problem, "MonitorRun"], ProblemResult | None]


def batch_history(
    problem: Problem,
    runs: Iterable[MonitorRun],
    trying: Trying,
    *,
    data_of: Callable[[MonitorRun], str],
) -> BatchHistory:
    """Say what is known of a problem on batches, and try it where the rows are there.

    Parameters
    ----------
    problem : Problem
    runs : iterable of MonitorRun
        The newest of each batch that belongs to it, in the order in which they came.
    trying : callable
        As of `kept_rows_tried`; it refuses for those who may not see single applications.
    data_of : callable
        Returns the hash of the data that the policy of a run was signed on.
    """
    tried, refused, not_kept, closed = [], [], 0, 0
    for run in runs:
        result = _on_record(problem, run)
        if result is None and not _belongs(problem, run, data_of(run)):
            continue
        if result is None and problem.has_patterns:
            refused.append("Rows that were picked by hand are tried only on the data they were picked in.")
            continue
        try:
            result = result or trying(problem, run)
        except NotAllowed:
            closed += 1
            continue
        except RaiError as error:
            refused.append(error.message)
            continue
        if result is None:
            not_kept += 1
        else:
            tried.append(Tried(run=run, result=result))
    return BatchHistory(
        tried=tuple(tried), not_kept=not_kept, closed=closed, refused=tuple(dict.fromkeys(refused))
    )


def _belongs(problem: Problem, run: MonitorRun, signed: str) -> bool:
    return problem.scope.meets(
        ProblemScope(data=frozenset({signed, run.batch_sha256}), policy_id=run.policy_id)
    )


def _on_record(problem: Problem, run: MonitorRun) -> ProblemResult | None:
    """Return what is on record of a problem on a batch: the newest, where several models judged the same table."""
    found = [r for r in problem.results if r.basis.data == run.batch_sha256]
    return found[-1] if found else None


def kept_rows_tried(log: MonitorLog, policy_of: Callable[[str, int], Policy]) -> Trying:
    """Return what tries a problem on the rows of a batch that are kept.

    Parameters
    ----------
    log : MonitorLog
        Of a person who may see single applications, else it refuses.
    policy_of : callable
        Returns a version of a policy.
    """

    def trying(problem: Problem, run: MonitorRun) -> ProblemResult | None:
        policy = policy_of(run.policy_id, run.version)
        batch = kept_batch(log, run, policy)
        return None if batch is None else result_on_batch(problem, policy, batch)

    return trying


def kept_batch(log: MonitorLog, run: MonitorRun, policy: Policy) -> Batch | None:
    """Return a batch of the record as it was, with its scores; None = its rows are not there any more.

    Raises
    ------
    NotAllowed
        When there are some, and whoever looks may not see single applications.
    InvalidChoice
        When another model than the signed one scored it.
    """
    if run.kept_rows is None:
        return None
    line = run.line("model")
    if line is not None and line.state in {"breach", "watch"}:
        raise InvalidChoice(OTHER_MODEL)
    kept = log.rows_of(run)
    if kept is None:
        return None
    frame, score = kept
    read = batch_of(policy, dataset_from_frame(frame, name="batch"), score=score)
    return replace(read, sha256=run.batch_sha256)


def states_on(problems: Iterable[Problem], data: str) -> list[str]:
    """Say in a line each how problems came out on data, by its hash; only what is on record."""
    return [f"Problem {p.id}: {r.state.value}." for p in problems for r in p.results if r.basis.data == data]


def recorded_error(rates: Rates) -> tuple[Estimate, Estimate, Estimate]:
    """Return the error rate in the slice and of everybody else, and their difference, from what is on record."""
    inside, rest = (
        Tally(wrong, n, n) for wrong, n in ((rates.wrong, rates.n), (rates.rest_wrong, rates.rest_n))
    )
    why = NO_OTHERS if inside.total > 0 else NO_ROWS
    return inside.estimate(NO_ROWS), rest.estimate(NO_OTHERS), difference(inside, rest, why)
