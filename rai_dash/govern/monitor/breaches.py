"""What a breach leads to: problems that somebody looks after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.data.slices import Slice, term_of_group
from rai_dash.govern.monitor.lines import Family, Line, MonitorReport
from rai_dash.govern.monitor.verdict import reasons
from rai_dash.govern.policy import Policy
from rai_dash.govern.problems import Basis, ProblemDesk, ProblemScope, Source
from rai_dash.govern.store import Store, Writing

#: Told the open transaction, the policy, the report and the hash of the table; returns the problems that it opened.
OnBreach = Callable[[Writing, Policy, MonitorReport, str], tuple[str, ...]]
_LONGEST: Final = 180
EVERYONE: Final = "everyone"
#: Groups of their own problem at one breach; more would bury what is to be done.
MOST_GROUPS: Final = 3


def problems_of(store: Store, clock: Callable[[], datetime] | None = None) -> OnBreach:
    """Return what opens a problem about everyone and one for the groups worst hit, or sees those again that are there.

    Parameters
    ----------
    store : Store
    clock : callable, optional
        Gives the time with its zone.
    """
    desk = ProblemDesk(store, None, clock, actor="monitor")

    def on_breach(writing: Writing, policy: Policy, report: MonitorReport, batch: str) -> tuple[str, ...]:
        broken = [line for line in report.lines if line.counts]
        scope = ProblemScope(data=frozenset({policy.data.sha256, batch}), policy_id=policy.policy_id)
        opened = [
            desk.open(
                f"Monitor: {_why(lines)}"[:_LONGEST],
                slice_of(lines),
                source=Source.MONITOR,
                scope=scope,
                basis=_basis(policy, batch),
                tolerance=_agreed(policy) if whom == EVERYONE else None,
                cause=f"monitor/{policy.policy_id}/{whom}",
                writing=writing,
            )
            for whom, lines in by_whom(broken).items()
        ]
        return tuple(problem.id for problem in opened)

    return on_breach


def by_whom(broken: list[Line]) -> dict[str, list[Line]]:
    """Sort broken lines by whom they are about: everyone, and the groups decided wrongly, the worst first.

    A group that moved without more errors belongs to what is said of everyone: it is no set of people whom the model
    decides wrongly.
    """
    if not broken:
        return {}
    worst = sorted((line for line in broken if _is_error_of_a_group(line)), key=_distance, reverse=True)
    whom = {_whom(line) for line in broken}
    found = {whom.pop() if len(whom) == 1 else EVERYONE: broken}
    for line in worst[:MOST_GROUPS]:
        found.setdefault(_whom(line), [line])
    return found


def _why(lines: list[Line]) -> str:
    """Say what is broken: the errors where they are, for a problem is about those; else what comes first."""
    errors = [line for line in lines if line.family is Family.ERROR]
    return next(reasons(errors or lines), tr("a limit is broken"))


def _whom(line: Line) -> str:
    return f"{line.column}/{line.group}" if line.group else EVERYONE


def _is_error_of_a_group(line: Line) -> bool:
    return line.family is Family.GROUPS and line.name == "auto_error_rate"


def _distance(line: Line) -> float:
    return abs((line.batch.value or 0.0) - (line.signed.value or 0.0))


def _agreed(policy: Policy) -> float | None:
    """Return the error rate that was signed, at the upper end of its interval; None = none is known."""
    error = None if policy.monitoring is None else policy.monitoring.error
    return None if error is None else error.high


def _basis(policy: Policy, batch: str) -> Basis:
    return Basis(
        data=batch,
        model=policy.model.sha256,
        model_class=policy.model.favourable_class or "",
        threshold=policy.band.threshold,
    )


def slice_of(lines: list[Line]) -> Slice:
    """Return the people that broken lines are about: one group where it is the only one, else everyone."""
    groups = {(line.column, line.group) for line in lines}
    if len(groups) != 1 or not lines[0].group:
        return Slice()
    column, group = next(iter(groups))
    return Slice(terms=(term_of_group(column, group),))
