"""Gathers what the records say about a policy after it was signed: batches, problems, cases that people decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from rai_dash.govern._question_facts import Evidence, InUse
from rai_dash.govern.monitor.lines import Family
from rai_dash.govern.monitor.log import MonitorLog
from rai_dash.govern.monitor.states import State
from rai_dash.govern.problems import ProblemDesk, ProblemScope
from rai_dash.govern.queue.book import QueueBook

if TYPE_CHECKING:
    from rai_dash.govern.monitor.runs import MonitorRun
    from rai_dash.govern.policy import Policy
    from rai_dash.govern.problems import Problem
    from rai_dash.govern.queue.state import Queue
    from rai_dash.govern.store import Store

__all__ = ["in_use"]

_OF_GROUPS: Final = frozenset({Family.GROUPS.value, Family.GAPS.value})
_JUDGED: Final = frozenset({State.OK.value, State.WATCH.value, State.BREACH.value})


def in_use(store: Store, policy: Policy, *, clock: Callable[[], datetime] | None = None) -> InUse:
    """Gather what is on record about the use of a version.

    Parameters
    ----------
    store : Store
    policy : Policy
        The version; what was measured against another one does not count. Problems are those of the policy and of
        the data it rests on.
    clock : callable, optional
        Gives the time with its zone.

    Raises
    ------
    LedgerBroken
        When the records were manipulated.
    """
    log = MonitorLog(store, None, clock)
    runs = [run for run in log.series(policy.policy_id) if run.version == policy.version]
    scope = ProblemScope(data=frozenset({policy.data.sha256}), policy_id=policy.policy_id)
    problems = ProblemDesk(store, None, clock).problems(scope)
    queues = [
        queue
        for queue in QueueBook(store, clock=clock).queues().values()
        if (queue.fill.policy_id, queue.fill.version) == (policy.policy_id, policy.version)
    ]
    newest = max(runs, key=lambda run: run.seq, default=None)
    judged, settled, outside = (0, 0, 0) if newest is None else _groups_of(log, newest)
    cases = [case for queue in queues for case in queue.cases]
    return InUse(
        batches=len(runs),
        applications=sum(run.rows for run in runs),
        outcomes=sum(run.outcomes for run in runs),
        newest=None if newest is None else newest.verdict,
        group_figures=judged,
        groups_settled=settled,
        groups_outside=outside,
        problems=len(problems),
        problems_open=sum(not problem.status.is_closed for problem in problems),
        cases=len(cases),
        settled=sum(case.decision is not None for case in cases),
        read_twice=sum(len(case.finals) > 1 for case in cases),
        monitored=_batch(store, newest),
        tracked=_problem(store, problems),
        decided=_queue(store, queues),
    )


def _groups_of(log: MonitorLog, run: MonitorRun) -> tuple[int, int, int]:
    """Count figures of groups and gaps: judged, settled by enough rows or a breach, and outside by more than chance."""
    judged = [
        line
        for line in log.report_of(run)["lines"]
        if line["family"] in _OF_GROUPS and line["state"] in _JUDGED
    ]
    broken = [line for line in judged if line["state"] == State.BREACH]
    open_ = [line for line in judged if line["too_few"] and line["state"] != State.BREACH]
    return len(judged), len(judged) - len(open_), sum(not line["within_chance"] for line in broken)


def _batch(store: Store, run: MonitorRun | None) -> tuple[Evidence, ...]:
    return () if run is None else (_record(store, "Newest batch held against it", run.seq),)


def _problem(store: Store, problems: Sequence[Problem]) -> tuple[Evidence, ...]:
    seqs = [line.seq for problem in problems for line in problem.history]
    return (_record(store, "Newest entry about a problem", max(seqs)),) if seqs else ()


def _queue(store: Store, queues: Sequence[Queue]) -> tuple[Evidence, ...]:
    seqs = [queue.seq for queue in queues]
    return (_record(store, "Newest entry of its review queue", max(seqs)),) if seqs else ()


def _record(store: Store, label: str, seq: int) -> Evidence:
    return Evidence(label=label, seq=seq, hash=store.get(seq).hash)
