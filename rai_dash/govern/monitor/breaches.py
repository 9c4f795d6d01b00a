"""What a breach leads to: problems that somebody looks after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from rai_dash.core.types import MISSING_GROUP
from rai_dash.data.slices import Slice, Term
from rai_dash.govern.monitor.lines import Family, Line, MonitorReport
from rai_dash.govern.monitor.verdict import reasons
from rai_dash.govern.policy import Policy
from rai_dash.govern.problems import Basis, ProblemDesk, ProblemScope, Source
from rai_dash.govern.store import Store, Writing

#: Told the open transaction, the policy, the report and the hash of the table; returns the problems that it opened.
OnBreach = Callable[[Writing, Policy, MonitorReport, str], tuple[str, ...]]
_LONGEST: Final = 180


def problems_of(store: Store, clock: Callable[[], datetime] | None = None) -> OnBreach:
    """Return what opens one problem for each kind of figure that is broken, or sees the one again that is there.

    Parameters
    ----------
    store : Store
    clock : callable, optional
        Gives the time with its zone.
    """
    desk = ProblemDesk(store, None, clock, actor="monitor")

    def on_breach(writing: Writing, policy: Policy, report: MonitorReport, batch: str) -> tuple[str, ...]:
        broken: dict[Family, list[Line]] = {}
        for line in report.lines:
            if line.counts:
                broken.setdefault(line.family, []).append(line)
        scope = ProblemScope(data=frozenset({policy.data.sha256, batch}), policy_id=policy.policy_id)
        opened = [
            desk.open(
                f"Monitor: {next(reasons(lines), family.value)}"[:_LONGEST],
                slice_of(lines),
                source=Source.MONITOR,
                scope=scope,
                basis=_basis(policy, batch),
                cause=f"monitor/{policy.policy_id}/{family.value}",
                writing=writing,
            )
            for family, lines in broken.items()
        ]
        return tuple(problem.id for problem in opened)

    return on_breach


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
    if group == MISSING_GROUP:
        return Slice(terms=(Term(column=column, kind="blank"),))
    return Slice(terms=(Term(column=column, kind="is", values=(group,)),))
