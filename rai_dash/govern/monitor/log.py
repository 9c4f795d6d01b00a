"""Where batches are written down, and read again as a series: one entry a batch, with all that follows from it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.govern import artifacts
from rai_dash.govern._desk_rules import tidy
from rai_dash.govern._shelf import Shelf
from rai_dash.govern._told import Told
from rai_dash.govern._work import start_work
from rai_dash.govern.desk import MONITOR, suspend_by_monitor
from rai_dash.govern.journal import Journal, JournalWork
from rai_dash.govern.monitor._counts_json import counts_of_json
from rai_dash.govern.monitor._entries import PREFIX, RUN, Run
from rai_dash.govern.monitor._kept import get_json, get_rows, put_json, put_rows
from rai_dash.govern.monitor.breaches import OnBreach, problems_of
from rai_dash.govern.monitor.counting import Batch, BatchFacts, basis_of
from rai_dash.govern.monitor.counts import BatchCounts, without_rare
from rai_dash.govern.monitor.judging import judge_batch, restated
from rai_dash.govern.monitor.lines import Held, Line, MonitorReport
from rai_dash.govern.monitor.runs import MonitorRun, run_of
from rai_dash.govern.monitor.subject import Subject
from rai_dash.govern.people import AppRole, Person, require, require_rows
from rai_dash.govern.policy import Policy
from rai_dash.govern.retention import remove_expired_rows
from rai_dash.govern.store import Store, Writing
from rai_dash.govern.workflow import State, VersionStatus

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["MonitorLog", "MonitorRun", "OnRecord"]

#: Told the open transaction, the policy as it stands in the store, and the batch.
OnRecord = Callable[[Writing, Policy, Batch], None]

_LONGEST_LABEL: Final = 200
_LONGEST_REASON: Final = 1_000


class MonitorLog:
    """The batches of a store that were held against policies.

    Parameters
    ----------
    store : Store
    person : Person or None
        Who acts; None = the app itself, under the name ``monitor``.
    clock : callable, optional
        Gives the time with its zone.
    on_breach : callable, optional
        What a breach opens, in the same transaction; by default problems.
    on_record : callable, optional
        What every batch that is written down leads to, in the same transaction: problems are tried on its rows.

    Notes
    -----
    Every action raises `NotAllowed` for a person who may not, `InvalidChoice` for what is not there, `LedgerBroken`
    when the store was manipulated and `StoreUnavailable` when it cannot be reached; nothing is written then.
    """

    def __init__(
        self,
        store: Store,
        person: Person | None,
        clock: Callable[[], datetime] | None = None,
        *,
        on_breach: OnBreach | None = None,
        on_record: OnRecord | None = None,
    ) -> None:
        self._store, self._person = store, person
        self._journal = Journal(store, prefix=PREFIX, bodies={RUN: Run}, clock=clock)
        self._shelf = Shelf(store, clock)
        self._on_breach = on_breach or problems_of(store, clock)
        self._on_record = on_record

    def record(
        self,
        policy: Policy,
        counts: BatchCounts,
        report: MonitorReport,
        *,
        batch: BatchFacts,
        label: str = "",
        period: str | None = None,
    ) -> MonitorRun:
        """Write down that a batch was held against a policy of the store, with all that a breach leads to, or nothing.

        On a breach of the active version a problem is opened for each kind of figure that is broken, and the version
        is suspended where it says so.

        Parameters
        ----------
        policy : Policy
        counts, report
            Of the batch, by this policy.
        batch : BatchFacts
            The rows of a `Batch` are kept only where the operator turned that on, and problems are tried on them; one
            that was counted where it lies has no rows here, so neither is done.
        label : str
            What the batch is called; a batch that comes again under its label, for example with outcomes, takes the
            place of its earlier run in the series. The name of the table when blank.
        period : str, optional
            When the applications came in: letters, digits and what dates are written with.
        """
        self._require(tr("Recording a batch"))
        fewest = get_settings().smallest_export_cell
        stored = self._stored(policy, counts)
        remove_expired_rows(self._store, self._journal.now)
        name = tidy(label or batch.name, tr("label of the batch"))[:_LONGEST_LABEL]
        with self._at_work(policy.policy_id) as work:
            key = _key_of(work, name, batch.sha256)
            status = _status(work, stored)
            # It may have come into force, or gone out of it, since somebody judged the batch.
            report = restated(report, counts, Subject.of(status))
            is_breach = report.verdict.state is Held.BREACH and status.state is State.ACTIVE
            problems: tuple[str, ...] = ()
            suspended = False
            if is_breach:
                problems = tuple(self._on_breach(work.writing, stored, report, batch.sha256))
                reason = report.verdict.sentence[:_LONGEST_REASON]
                suspended = suspend_by_monitor(
                    work.writing, stored.policy_id, stored.version, reason=reason, at=work.at
                )
            work.write(
                RUN, version=policy.version, key=key, label=work.sealed(name), batch=batch.sha256, basis=counts.basis,
                rows=report.rows, outcomes=report.outcomes, period=period, **_verdict(report),
                lines=[_run_line(line) for line in report.lines],
                report=put_json(work, "monitor_report", _without_rare(report, fewest).to_json()),
                counts=put_json(work, "monitor_counts", counts.without_rare(fewest).to_json()),
                kept_rows=put_rows(work, batch) if isinstance(batch, Batch) else None,
                suspended=suspended, problems=problems,
            )  # fmt: skip
            if self._on_record is not None and isinstance(batch, Batch):
                self._on_record(work.writing, stored, batch)
            return run_of(work.entries[-1], Told(work.texts))

    def runs(self, policy_id: str) -> list[MonitorRun]:
        """Return every run about a policy, the first first."""
        entries = self._journal.entries(policy_id)
        told = Told(self._journal.texts(entries))
        return [run_of(entry, told) for entry in entries]

    def policies(self) -> list[str]:
        """Return the policies that batches were held against."""
        return self._journal.subjects()

    def series(self, policy_id: str) -> list[MonitorRun]:
        """Return the newest run of each batch, in the order of their periods, else in which they first came."""
        newest: dict[str, MonitorRun] = {}
        for run in self.runs(policy_id):
            newest[run.key] = run
        found = list(newest.values())
        if all(run.period is not None for run in found):
            found.sort(key=lambda run: run.period or "")
        return found

    def total(self, policy_id: str, version: int | None = None) -> MonitorReport | None:
        """Add up the counts of the newest run of each batch and judge them as one.

        Parameters
        ----------
        policy_id : str
        version : int, optional
            That of the newest run when omitted. Batches that were counted by other rules do not add up and are left
            out.

        Returns
        -------
        MonitorReport or None
            None = there is no such run.
        """
        runs = self.series(policy_id)
        chosen = max(runs, key=lambda run: run.seq).version if version is None and runs else version
        if chosen is None:
            return None
        policy = self._shelf.policy(policy_id, chosen)
        basis = basis_of(policy)
        found = [self.counts_of(run) for run in runs if run.basis == basis]
        if not found:
            return None
        status = self._shelf.standing(policy_id).version(chosen)
        return judge_batch(policy, reduce(add, found), subject=Subject.of(status))

    def counts_of(self, run: MonitorRun) -> BatchCounts:
        """Return the counts of a run."""
        return counts_of_json(get_json(self._store, run.counts))

    def report_of(self, run: MonitorRun) -> dict[str, Any]:
        """Return the report of a run, as `MonitorReport.to_json` wrote it."""
        return get_json(self._store, run.report)

    def rows_of(self, run: MonitorRun) -> tuple[pd.DataFrame, NDArray[np.float64]] | None:
        """Return the rows of a run with their scores, float64 (n,); None = not kept, or not any more."""
        if self._person is not None:
            require_rows(self._person)
        return get_rows(self._store, run.kept_rows, at=self._journal.now())

    def kept_rows(self) -> frozenset[str]:
        """Return the hashes of all rows that are still kept: those of a run are, where its ``kept_rows`` is in it."""
        with self._store.reading() as connection:
            return artifacts.unexpired(connection, at=self._journal.now())

    def _require(self, doing: str) -> None:
        if self._person is not None:
            require(self._person, AppRole.ANALYST, doing)

    def _at_work(self, policy_id: str) -> Any:
        return self._journal.at_work(policy_id, self._person, actor="monitor")

    def _stored(self, policy: Policy, counts: BatchCounts) -> Policy:
        """Read the version from the store: what was counted must be what was signed there."""
        found = self._shelf.policy(policy.policy_id, policy.version)
        if basis_of(found) != counts.basis:
            msg = tr(
                "{policy_id}@{version} in this store is not the policy that the batch was counted for. "
                "Count the batch by the policy of the store.",
                policy_id=policy.policy_id,
                version=policy.version,
            )
            raise InvalidChoice(msg)
        return found


def _status(work: JournalWork, policy: Policy) -> VersionStatus:
    history = start_work(work.writing, policy.policy_id, MONITOR, at=work.at).history
    return history.version(policy.version)


def _key_of(work: JournalWork, label: str, sha256: str) -> str:
    """Find the batch by its label, or give it a key; the same rows under two labels would count twice."""
    told = Told(work.texts)
    runs = [run_of(entry, told) for entry in work.entries]
    for run in reversed(runs):
        if run.label == label:
            return run.key
    twin = next((run for run in reversed(runs) if run.batch_sha256 == sha256), None)
    if twin is not None:
        msg = tr(
            "This very table is in the log already, as “{twin}”: under another label its rows would "
            "count twice. Give it that label.",
            twin=twin.label,
        )
        raise InvalidChoice(msg)
    return secrets.token_hex(4)


def _verdict(report: MonitorReport) -> dict[str, Any]:
    names = ("judged", "counted", "within_chance", "too_few", "not_judged")
    return {"verdict": report.verdict.state.value} | {name: getattr(report.verdict, name) for name in names}


def _without_rare(report: MonitorReport, fewest: int) -> MonitorReport:
    """Take the new labels of few rows out of a report that is kept for good."""
    lines = [
        replace(line, items=tuple(without_rare(dict(line.items), fewest).items()))
        if line.name == "new_categories"
        else line
        for line in report.lines
    ]
    return replace(report, lines=tuple(lines))


def _run_line(line: Line) -> dict[str, Any]:
    return {
        "name": line.name,
        "family": line.family.value,
        "column": line.column,
        "group": line.group,
        "k": line.batch.numerator,
        "n": line.batch.denominator,
        "value": line.batch.value,
        "state": line.state.value,
        "counts": line.counts,
    }
