"""The batches in the record, as a series, and all of them added up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from rai_dash.charts.monitor_series import MAX_BATCHES, BatchPoint, Unit, monitor_series
from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.govern.monitor.judging import limits_of
from rai_dash.govern.monitor.lines import Line, MonitorReport
from rai_dash.govern.policy import Policy
from rai_dash.ui import controls, widgets
from rai_dash.ui.monitoring import words
from rai_dash.ui.monitoring.basis import Basis
from rai_dash.ui.monitoring.recorded import Recorded, RecordedLine, log_of, runs_of
from rai_dash.ui.signing import desk
from rai_dash.ui.signing.words import day
from rai_dash.ui.text import count, plain, safe, sentence

#: Lines that may be drawn over batches: those of everyone, and the drift of the score.
LINES: Final = (
    "review_rate", "auto_approve_rate", "auto_reject_rate", "selection_rate", "auto_error_rate", "fnr_auto", "fpr_auto",
    "base_rate", "psi", "ks", "calibration_slope", "brier",
)  # fmt: skip
_SEP: Final = "|"


def section(basis: Basis) -> None:
    """Draw the series of a policy; a rehearsal has none."""
    if basis.is_rehearsal:
        return
    policy = basis.policy
    try:
        runs = runs_of(policy.policy_id)
        kept = log_of(acts=False).kept_rows() if runs else ()
    except RaiError as error:
        widgets.problem(sentence(error.message))
        return
    with st.container(border=True):
        widgets.heading(tr("Batch after batch"), _under(runs))
        if not runs:
            widgets.note(tr("No batch was written into the record of this policy yet."))
            return
        name, column = _picked(runs)
        if len(runs) > 1:
            # A version that was drafted without has none, and may follow one that had.
            limits = {} if policy.monitoring is None else {line.key: line for line in limits_of(policy)}
            _draw(policy, runs, (name, column), limits.get((name, column, "")))
            _total(policy)
        widgets.numbers(
            lambda: runs_frame(runs, name, column), name="monitor_series", key="monitor_series",
            label=tr("The {runs} batches", runs=count(len(runs))) if len(runs) != 1 else tr("The batch"),
        )  # fmt: skip
        widgets.note(rows_words([run.run.kept_rows for run in runs], kept))


@st.cache_resource(show_spinner=False, max_entries=64)
def _added_up(target: str, folder: str, version: tuple[str, int], last: int) -> MonitorReport | None:
    del target, folder, last
    return log_of(acts=False).total(*version)


def _under(runs: Sequence[Recorded]) -> str:
    n = len(runs)
    if not n:
        return ""
    if n == MAX_BATCHES:
        return tr("The newest {n} in the record", n=count(n))
    return (
        tr("Those in the record")
        if n != 1
        else tr("One batch is in the record; from the second on they are drawn")
    )


def _names(runs: Sequence[Recorded]) -> dict[str, str]:
    """Return the lines that can be drawn: of everyone, then the drift of each column."""
    found = {key for run in runs for key in run.lines}
    whole = [(name, "") for name in LINES if (name, "") in found]
    columns = sorted((name, column) for name, column in found if name == "psi" and column)
    return {f"{name}{_SEP}{column}": words.line_name(name, column) for name, column in [*whole, *columns]}


def _picked(runs: Sequence[Recorded]) -> tuple[str, str]:
    """Let the user pick the line; of one batch there is nothing to draw, so that its first line is taken."""
    names = _names(runs)
    if len(runs) == 1:
        return _split(next(iter(names)))
    return _split(
        controls.pick(tr("Line"), "trend", list(names), {k: plain(v, limit=120) for k, v in names.items()})
    )


def _split(key: str) -> tuple[str, str]:
    name, _, column = key.partition(_SEP)
    return name, column


def _draw(policy: Policy, runs: Sequence[Recorded], which: tuple[str, str], limit: Line | None) -> None:
    unit: Unit = "share" if words.is_share(which[0]) else "number"
    low, high = (None, None) if limit is None else limit.limits
    widgets.draw(
        monitor_series(
            [_point(policy, run, which) for run in runs],
            unit=unit, signed=None if limit is None else limit.signed.value, limits=(low, high),
        ),
        key="monitor_series",
    )  # fmt: skip
    others = {run.run.version for run in runs if run.run.version != policy.version}
    other = (
        ""
        if not others
        else tr(" A batch with a number behind it was held against that version, by its limits then.")
    )
    widgets.how_to_read(
        tr(
            "The pale band is what was signed to be allowed, the line in it the signed value, each mark a "
            "batch in the order of its period, else of the record, with its 95 % interval. The state is that "
            "of the day it was recorded.{other}",
            other=other,
        )
    )


def _point(policy: Policy, run: Recorded, which: tuple[str, str]) -> BatchPoint:
    label = (
        run.run.label
        if run.run.version == policy.version
        else tr("{run} (version {version})", run=run.run.label, version=run.run.version)
    )
    line = run.lines.get(which)
    if line is None:
        return BatchPoint(
            label=label,
            value=None,
            low=None,
            high=None,
            n=None,
            state="few",
            told=tr("there was no such line"),
        )
    found = line["batch"]
    return BatchPoint(
        label=label, value=found["value"], low=found["low"], high=found["high"], n=found["denominator"],
        state=_look(line), told=told(line), hollow=bool(line["too_few"]) and _look(line) != "breach",
    )  # fmt: skip


def _look(line: RecordedLine) -> words.Look:
    if line["state"] == "breach" and not line["within_chance"]:
        return "breach"
    if line["state"] in {"breach", "watch"}:
        return "watch"
    return "ok" if line["state"] == "ok" and not line["too_few"] else "few"


def told(line: RecordedLine) -> str:
    """Say the state of a recorded line."""
    look, why = _look(line), line["reason"]
    if line["state"] in {"breach", "watch", "ok"}:
        return {
            "breach": tr("breach"),
            "watch": tr("to watch"),
            "ok": tr("within its limits"),
            "few": tr("too few rows to tell"),
        }[look]
    return tr("not judged: {why}", why=why) if why else tr("not judged")


def _total(policy: Policy) -> None:
    """Say what all batches added up say."""
    if policy.monitoring is None:
        return
    settings = get_settings()
    report = _added_up(
        settings.database_url,
        str(settings.data_dir),
        (policy.policy_id, policy.version),
        desk.room().shelf().last,
    )
    if report is None or report.batches < 2:
        return
    every = tr("Both") if report.batches == 2 else tr("All {batches}", batches=count(report.batches))
    widgets.paragraph(
        tr(
            "**{every} batches added up:** {sentence}",
            every=every,
            sentence=safe(report.verdict.sentence, limit=600),
        )
    )
    widgets.note(safe(words.outcome_words(report.rows, report.outcomes), limit=400))


def rows_words(rows: Sequence[str | None], kept: Collection[str]) -> str:
    """Say what can be asked of past batches, and what would need their rows.

    Parameters
    ----------
    rows : sequence of str or None
        Hash of the rows of each batch; None = they were never kept.
    kept : collection of str
        Hashes of the rows that are still here.
    """
    here = sum(one in kept for one in rows)
    these = tr("this batch") if len(rows) == 1 else tr("these batches")
    if here == len(rows):
        return tr(
            "The rows of {these} are kept for a while: slices and the queue can be asked about them.",
            these=these,
        )
    over = sum(one is not None and one not in kept for one in rows)
    told = (
        tr("The rows of {here} of these batches are still kept", here=count(here))
        if here
        else tr("No rows of {these} are kept", these=these)
    )
    if over:
        told += tr(" any more") if over == len(rows) else tr("; the time of {over} is over", over=count(over))
    return tr(
        "{told}. Slices over past batches, the review queue and the exact KS need rows; counts are "
        "enough for all that is drawn here. The operator keeps rows with RAI\\_DASH\\_KEEP\\_BATCH\\_ROWS.",
        told=told,
    )


def runs_frame(runs: Sequence[Recorded], name: str, column: str) -> pd.DataFrame:
    """Return one row a batch: when, how many rows, the verdict, and the line that is drawn."""
    return pd.DataFrame(list(_rows(runs, name, column)))


def _rows(runs: Sequence[Recorded], name: str, column: str) -> Iterator[dict[str, object]]:
    for one in runs:
        run, line = one.run, one.lines.get((name, column))
        found: Mapping[str, Any] = {} if line is None else line["batch"]
        yield {
            "batch": run.label,
            "period": run.period or "",
            "recorded": day(run.at),
            "by": run.who or tr("the app"),
            "version": run.version,
            "rows": run.rows,
            "outcomes": run.outcomes,
            "verdict": words.verdict_words(run.verdict),
            "suspended": "yes" if run.suspended else "",
            "problems": len(run.problems),
            words.line_name(name, column): found.get("value"),
            "low": found.get("low"),
            "high": found.get("high"),
            "state": "" if line is None else told(line),
        }
