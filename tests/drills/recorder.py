"""A process that writes a batch down and may be killed at any statement of it.

It is asked as `signer.py` is. The only job is ``["record", POINT]``: the number of the statement of the transaction
after which it dies, ``before the commit``, ``after the commit``, or null = it lives.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Engine, event

from rai_dash.govern.desk import Desk
from rai_dash.govern.monitor.counting import Batch, batch_of, count_batch
from rai_dash.govern.monitor.counts import BatchCounts
from rai_dash.govern.monitor.judging import judge_batch
from rai_dash.govern.monitor.lines import MonitorReport
from rai_dash.govern.monitor.log import MonitorLog
from rai_dash.govern.policy import Policy
from rai_dash.govern.store import Store
from tests.drills import signer
from tests.drills.signer import at_commit, die
from tests.policies import PEOPLE
from tests.unit.govern.monitor_story import applications, make_policy, table

#: Of the policy that is watched.
NAME = "small-loans"


def policy() -> Policy:
    return make_policy(suspend_on_breach=True)


def batch(found: Policy) -> tuple[Batch, BatchCounts, MonitorReport]:
    """A batch that breaks it."""
    rows = batch_of(found, table(applications(600, 41, shift=0.2)))
    counts = count_batch(found, rows)
    return rows, counts, judge_batch(found, counts, rows=rows)


def arm(point: int | str | None) -> None:
    if isinstance(point, str):
        at_commit(done=point == "after the commit")
        return
    left = [point]

    def look(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        # Counted from the lock on: what is only read before it is no part of the transaction.
        if (
            statement.upper().startswith(("BEGIN IMMEDIATE", "SELECT PG_ADVISORY_XACT_LOCK"))
            or left[0] != point
        ):
            left[0] -= 1
        if left[0] == 0:
            die()

    if point is not None:
        event.listen(Engine, "after_cursor_execute", look)


def record(store: Store, point: int | str | None, judged: Any) -> None:
    stored = Desk(store, PEOPLE[0]).policy(NAME, 1)
    rows, counts, report = judged
    log = MonitorLog(store, None)
    arm(point)
    log.record(stored, counts, report, batch=rows, label="July")


if __name__ == "__main__":
    signer.JOBS["record"] = partial(record, judged=batch(policy()))
    signer.serve()
