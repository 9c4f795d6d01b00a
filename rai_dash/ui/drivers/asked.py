"""Work that asks the model many times: started by itself or by a button, shown until there is a result."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rai_dash.core.texts import mark, tr
from rai_dash.govern.people import AppRole
from rai_dash.sandbox.jobs import JobState, Work
from rai_dash.ui import rights, training
from rai_dash.ui.state import View

ASKING = mark("Asking the model")
_WITHOUT_RESULT = frozenset({JobState.CANCELLED, JobState.FAILED})


def at_once(
    view: View,
    kind: str,
    wanted: dict[str, object],
    work: Work,
    *,
    doing: str = ASKING,
    key: str,
    role: AppRole = AppRole.VIEWER,
) -> Any:
    """Start some work unless it was started or stopped before; return its result, None until there is one.

    Parameters
    ----------
    view, kind, wanted
        As for `training.job_key`.
    work : callable
        See `rai_dash.sandbox.jobs.Work`.
    doing : str
        What to say while it runs.
    key : str
        Of the button that starts again; unique on the page.
    role : AppRole
        The least role that may start it; the others are told so, and see what was found before. What a page shows
        by itself is for everybody who may read it.
    """
    name = training.job_key(view, kind, wanted)
    job, stands = training.jobs().get(name), False
    if job is None and not rights.can_do(role, tr(training.STARTING)):
        return None
    if job is None:
        training.start(name, work, role=role)
    elif job.state in _WITHOUT_RESULT:
        stands = _offer(
            name, work, role, label=tr("Start again"), icon=":material/restart_alt:", key=f"again_{key}"
        )
    return _result(name, idle="", doing=doing, can_start=stands)


def by_button(
    view: View,
    kind: str,
    wanted: dict[str, object],
    work: Work,
    *,
    label: str,
    idle: str,
    doing: str = ASKING,
    key: str,
    role: AppRole = AppRole.ANALYST,
) -> Any:
    """Offer a button that starts some work; return its result, None until there is one.

    Parameters
    ----------
    view, kind, wanted, work, doing, key, role
        As for `at_once`.
    label : str
        What the button says; words of ours.
    idle : str
        What is said before it is pressed; a sentence of ours.
    """
    name = training.job_key(view, kind, wanted)
    job, stands = training.jobs().get(name), False
    if job is None or job.state in _WITHOUT_RESULT:
        stands = _offer(name, work, role, label=label, icon=":material/play_arrow:", key=f"start_{key}")
    return _result(name, idle=idle, doing=doing, can_start=stands)


def known(view: View, kind: str, wanted: dict[str, object]) -> Any:
    """Return the result of some work that was done before; None where there is none. Nothing is started."""
    job = training.jobs().get(training.job_key(view, kind, wanted))
    return None if job is None else job.result


def _offer(name: str, work: Work, role: AppRole, *, label: str, icon: str, key: str) -> bool:
    """Draw a button that starts the work, and take it away once it is pressed: the progress stands there then.

    Returns
    -------
    bool
        Whether the button still stands.
    """
    place = st.empty()
    with place.container():
        is_pressed = training.start_button(label, icon=icon, key=key, role=role)
    if is_pressed:
        training.start(name, work, role=role)
        place.empty()
        return False
    return True


def _result(name: str, *, idle: str, doing: str, can_start: bool) -> Any:
    done = training.finished(name, idle=idle, doing=tr(doing))
    if done is not None:
        return done.result
    job = training.jobs().get(name)
    if not can_start and job is not None and job.state in _WITHOUT_RESULT:
        # It ended while the page was drawn as if it ran: drawn again, the page can start it again.
        st.rerun()
    return None
