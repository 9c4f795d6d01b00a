"""Writing a batch into the record: what that will do is said before, and nothing is written by looking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import mark, tr
from rai_dash.govern.monitor.breaches import by_whom
from rai_dash.govern.monitor.lines import Held
from rai_dash.govern.people import AppRole
from rai_dash.ui import rights, widgets
from rai_dash.ui.monitoring import batches
from rai_dash.ui.monitoring.basis import Basis
from rai_dash.ui.monitoring.batches import Judged
from rai_dash.ui.monitoring.recorded import log_of, runs_of, time_now
from rai_dash.ui.signing import acting, desk
from rai_dash.ui.signing.words import day
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, safe

if TYPE_CHECKING:
    from rai_dash.govern.monitor.log import MonitorRun

RECORDING: Final = mark("Writing a batch into the record")
_LONGEST: Final = 120


def section(view: View, basis: Basis, judged: Judged) -> None:
    """Draw the form that writes the batch into the record, or say why there is none."""
    if basis.is_rehearsal:
        widgets.note(
            tr("Nothing is kept of this look: a batch can be written into the record once a band is signed.")
        )
        return
    with st.container(border=True):
        earlier = _earlier(basis, judged)
        widgets.heading(tr("Write it into the record"), safe(_under(earlier), limit=400))
        for text in consequences(basis, judged):
            widgets.paragraph(safe(text, limit=400))
        if not rights.can_do(AppRole.ANALYST, tr(RECORDING)):
            return
        if not acting.is_known():
            acting.ask_for_a_name()
            return
        _form(view, basis, judged, earlier)


def _earlier(basis: Basis, judged: Judged) -> MonitorRun | None:
    """Find this very table in the record; None = it is not there, or the record cannot be read."""
    try:
        runs = [one.run for one in runs_of(basis.policy.policy_id)]
    except RaiError:
        # The series below says what it is.
        return None
    same = (run for run in reversed(runs) if run.batch_sha256 == judged.data.dataset.fingerprint)
    return next(same, None)


def _under(earlier: MonitorRun | None) -> str:
    if earlier is None:
        return tr("Until then nothing is kept of this look")
    return tr(
        "It is in the record already, as “{earlier}” of {day}. Written again it takes the place of that "
        "entry in the series",
        earlier=plain(earlier.label, limit=_LONGEST),
        day=day(earlier.at),
    )


def consequences(basis: Basis, judged: Judged) -> list[str]:
    """Say what recording will do besides writing the batch down."""
    status = basis.status
    told = []
    if judged.report.verdict.state is Held.BREACH and status is not None:
        if not basis.is_in_force:
            told.append(
                tr("This version is not in force, so a breach suspends nothing and opens no problem.")
            )
        else:
            n = len(by_whom([line for line in judged.report.lines if line.counts]))
            opens = (
                tr("a problem, or adds to the one that is")
                if n == 1
                else tr("{n} problems, or adds to those that are", n=count(n))
            )
            told.append(tr("This is a breach. Recording it opens {opens} open already.", opens=opens))
            told.append(_suspends(basis))
    days = get_settings().batch_days
    told.append(
        tr(
            "Its counts are kept, and its rows for {days} days: the operator turned that on.",
            days=count(days),
        )
        if get_settings().keep_batch_rows and judged.in_place is None
        else tr("Its counts are kept and no row of it.")
    )
    if judged.in_place is None:
        told.append(tr("The problems that are known of this policy and its data are tried on it."))
    return told


def _suspends(basis: Basis) -> str:
    if basis.status is not None and basis.status.suspended is not None:
        return tr("Automatic decisions are suspended already.")
    if basis.policy.suspend_on_breach:
        return tr(
            "Recording this suspends automatic decisions: a person decides everything until somebody lifts "
            "it."
        )
    return tr("The policy does not say that a breach suspends it, so the machine goes on deciding.")


def _form(view: View, basis: Basis, judged: Judged, earlier: MonitorRun | None) -> None:
    with st.form("monitor_record", border=False):
        left, right = st.columns([2, 1])
        called = judged.data.title if earlier is None else earlier.label
        shown = plain(called, limit=_LONGEST)
        label = left.text_input(
            tr("What the batch is called"), shown, max_chars=_LONGEST,
            key=acting.key(f"monitor_label_{judged.data.key}"),
            help=tr("A batch that comes again under its name, for example once outcomes are known, takes the "
"place of its earlier entry in the series. Name no person here."),
        )  # fmt: skip
        period = right.text_input(
            tr("When the applications came in (optional)"),
            "" if earlier is None else earlier.period or "", key=acting.key(f"monitor_period_{judged.data.key}"),
            placeholder="2026-11", max_chars=40,
        )  # fmt: skip
        sent = st.form_submit_button(tr("Write this into the record"), icon=":material/edit_document:")
    if sent:
        # What was put there for them may have been cut, and is the same batch nevertheless.
        name = called if label == shown else label
        acting.act(
            lambda: record(view, basis, judged, label=name, period=period.strip() or None),
            tr("The batch is in the record, and in the series of batches."),
        )


def record(view: View, basis: Basis, judged: Judged, *, label: str, period: str | None) -> MonitorRun:
    """Write a batch into the record, with all that a breach leads to.

    Raises
    ------
    RaiError
        When that is refused; nothing is written then.
    """
    from rai_dash.report.problem_batches import problems_on_batch

    rows = judged.in_place or batches.rows_of(view, basis.policy, judged.data, judged.scores)
    trying = problems_on_batch(
        desk.room().store(), time_now, data=[d.dataset.fingerprint for d in view.case.data],
        exposure=batches.exposure(view, basis.policy, judged.data, judged.scores),
    )  # fmt: skip
    return log_of(acts=True, on_record=trying).record(
        basis.policy, judged.counts, judged.report, batch=rows, label=label, period=period
    )
