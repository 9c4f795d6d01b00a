"""Work that asks the model many times: started by itself or by a button, shown until there is a result."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rai_dash.sandbox.jobs import JobState, Work
from rai_dash.ui import training
from rai_dash.ui.state import View

ASKING = "Asking the model"
_WITHOUT_RESULT = frozenset({JobState.CANCELLED, JobState.FAILED})


def at_once(
    view: View, kind: str, wanted: dict[str, object], work: Work, *, doing: str = ASKING, key: str
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
    """
    name = training.job_key(view, kind, wanted)
    job = training.jobs().get(name)
    if job is None:
        training.start(name, work)
    elif job.state in _WITHOUT_RESULT:
        _offer("Start again", ":material/restart_alt:", f"again_{key}", name, work)
    return _result(name, idle="", doing=doing)


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
) -> Any:
    """Offer a button that starts some work; return its result, None until there is one.

    Parameters
    ----------
    view, kind, wanted, work, doing, key
        As for `at_once`.
    label : str
        What the button says; words of ours.
    idle : str
        What is said before it is pressed; a sentence of ours.
    """
    name = training.job_key(view, kind, wanted)
    job = training.jobs().get(name)
    if job is None or job.state in _WITHOUT_RESULT:
        _offer(label, ":material/play_arrow:", f"start_{key}", name, work)
    return _result(name, idle=idle, doing=doing)


def known(view: View, kind: str, wanted: dict[str, object]) -> Any:
    """Return the result of some work that was done before; None where there is none. Nothing is started."""
    job = training.jobs().get(training.job_key(view, kind, wanted))
    return None if job is None else job.result


def _offer(label: str, icon: str, key: str, name: str, work: Work) -> None:
    """Draw a button that starts the work, and take it away once it is pressed: the progress stands there then."""
    place = st.empty()
    if place.button(label, icon=icon, key=key):
        training.start(name, work)
        place.empty()


def _result(name: str, *, idle: str, doing: str) -> Any:
    done = training.finished(name, idle=idle, doing=doing)
    return None if done is None else done.result
