"""The batches in the record of a policy, read once for each change of the ledger, and what the newest of them say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from rai_dash.charts.monitor_series import MAX_BATCHES
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import ntr, tr
from rai_dash.core.words import count
from rai_dash.ui import identity
from rai_dash.ui.monitoring.words import verdict_words
from rai_dash.ui.signing import desk
from rai_dash.ui.signing.words import day

if TYPE_CHECKING:
    from datetime import datetime

    from rai_dash.govern.monitor.log import MonitorLog, MonitorRun, OnRecord

#: A line of a report as it was written down, see `rai_dash.govern.monitor.lines.line_json`.
RecordedLine = Mapping[str, Any]


def log_of(*, acts: bool, on_record: OnRecord | None = None) -> MonitorLog:
    """Return the log of the batches, for reading or under the name of whoever uses the app.

    Parameters
    ----------
    acts : bool
        Whether it is written to.
    on_record : callable, optional
        As for `MonitorLog`.

    Raises
    ------
    InvalidChoice, NotAllowed
        When it is to be written to and nobody knows who that is, or nobody is signed in where that is needed.
    """
    from rai_dash.govern.monitor.log import MonitorLog

    person = identity.who() if acts else identity.visitor()
    return MonitorLog(desk.room().store(), person, clock=time_now, on_record=on_record)


def time_now() -> datetime:
    """Return the time by which batches are written down."""
    # Not the function itself: tests move the clock.
    return desk.now()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The newest run of a batch, as it was written down.

    Parameters
    ----------
    run : MonitorRun
    sentence : str
        What was said of it; names from files are as they were written.
    lines : mapping
        Its lines of everyone by name and column.
    """

    run: MonitorRun
    sentence: str
    lines: Mapping[tuple[str, str], RecordedLine]


def runs_of(policy_id: str) -> tuple[Recorded, ...]:
    """Return the newest run of each batch of a policy; read again only when the ledger has grown."""
    last = desk.room().shelf().last
    settings = get_settings()
    return _runs(settings.database_url, str(settings.data_dir), policy_id, last) if last else ()


@st.cache_resource(show_spinner=False, max_entries=64)
def _runs(target: str, folder: str, policy_id: str, last: int) -> tuple[Recorded, ...]:
    del target, folder, last  # what the answer depends on
    log = log_of(acts=False)
    return tuple(_recorded(run, log.report_of(run)) for run in log.series(policy_id)[-MAX_BATCHES:])


def _recorded(run: MonitorRun, report: Mapping[str, Any]) -> Recorded:
    return Recorded(run=run, sentence=report["verdict"]["sentence"], lines=_whole(report["lines"]))


def _whole(lines: Sequence[RecordedLine]) -> dict[tuple[str, str], RecordedLine]:
    return {(line["name"], line["column"] or ""): line for line in lines if line["group"] is None}


def in_a_row(runs: Sequence[Recorded], version: int) -> tuple[Recorded, ...]:
    """Return the newest batches held against a version that all have the verdict of the last, the first first.

    Parameters
    ----------
    runs : sequence of Recorded
        In the order of the series.
    version : int
    """
    own = [run for run in runs if run.run.version == version]
    found: list[Recorded] = []
    for run in reversed(own):
        if run.run.verdict is not own[-1].run.verdict:
            break
        found.append(run)
    return tuple(reversed(found))


def latest_words(runs: Sequence[Recorded], version: int) -> list[str]:
    """Say what the last batch held against a version found, since when that is so, and then why.

    Parameters
    ----------
    runs : sequence of Recorded
        In the order of the series; labels and names from files stand in the answer as they were written.
    version : int
    """
    row = in_a_row(runs, version)
    if not row:
        return [
            tr(
                "No batch of production was held against version {version} yet: bring one.",
                version=count(version),
            )
        ]
    last, first = row[-1].run, row[0].run
    rows = ntr("{rows} application", "{rows} applications", last.rows, rows=count(last.rows))
    period = "" if last.period is None else f"{last.period}, "
    facts = tr("{period}{rows}, recorded on {day}", period=period, rows=rows, day=day(last.at))
    told = tr(
        "The last batch, “{last}” ({facts}): {verdict}.",
        last=last.label,
        facts=facts,
        verdict=verdict_words(last.verdict),
    )
    if len(row) > 1:
        told += tr(
            " So it has been for {row} batches in a row, since “{first}” of {day}.",
            row=count(len(row)),
            first=first.label,
            day=day(first.at),
        )
    return [told, row[-1].sentence]
