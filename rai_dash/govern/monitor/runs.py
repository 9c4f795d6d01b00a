"""One entry of the log of batches, read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rai_dash.govern._told import Told
from rai_dash.govern.journal import JournalEntry
from rai_dash.govern.monitor._entries import Run, RunLine
from rai_dash.govern.monitor.lines import Held
from rai_dash.govern.sealed import ERASED

__all__ = ["MonitorRun", "RunLine", "run_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorRun:
    """One entry of the log.

    Parameters
    ----------
    policy_id, version
        What the batch was held against.
    label : str
        What the batch is called; ``(erased)`` where that was erased.
    key : str
        The same for every run of one batch.
    batch_sha256, basis : str
        Of the table, and of what it was counted by.
    rows, outcomes : int
    period : str or None
        When the applications came in.
    at : datetime
        When it was written down, UTC.
    who : str or None
        Who did it; None = the app itself.
    verdict : Held
    judged, counted, within_chance, too_few, not_judged : int
        As of `rai_dash.govern.monitor.lines.Verdict`.
    lines : tuple of RunLine
        Short: name, family, column, group, k, n, value, state, counts.
    report, counts, kept_rows : str
        Hashes of what stands beside the chain; rows None = not kept.
    suspended : bool
        Whether the policy was suspended for it.
    problems : tuple of str
        Opened or seen again.
    seq : int
        Number of the record.
    """

    policy_id: str
    version: int
    label: str
    key: str
    batch_sha256: str
    basis: str
    rows: int
    outcomes: int
    period: str | None
    at: datetime
    who: str | None
    verdict: Held
    judged: int
    counted: int
    within_chance: int
    too_few: int
    not_judged: int
    lines: tuple[RunLine, ...]
    report: str
    counts: str
    kept_rows: str | None
    suspended: bool
    problems: tuple[str, ...]
    seq: int

    def line(self, name: str, column: str = "", group: str = "") -> RunLine | None:
        """Find a line; None = it was not there."""
        key = (name, column, group)
        return next((x for x in self.lines if (x.name, x.column, x.group) == key), None)


def run_of(entry: JournalEntry, told: Told) -> MonitorRun:
    """Read an entry; names and texts come from beside the chain."""
    body: Run = entry.body
    names = (
        "version", "key", "basis", "rows", "outcomes", "period", "judged", "counted", "within_chance", "too_few",
        "not_judged", "lines", "report", "counts", "kept_rows", "suspended", "problems",
    )  # fmt: skip
    return MonitorRun(
        policy_id=entry.subject,
        label=told.text(body.label) or ERASED,
        batch_sha256=body.batch,
        at=entry.at,
        who=None if entry.actor == "monitor" else told.name(entry.actor),
        verdict=Held(body.verdict),
        seq=entry.seq,
        **{name: getattr(body, name) for name in names},
    )
