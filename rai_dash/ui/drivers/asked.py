"""Work that asks the model many times: started by itself or by a button, shown until there is a result."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rai_dash.explain._asking import Score
from rai_dash.models.client import Model
from rai_dash.sandbox.jobs import JobState, Work
from rai_dash.ui import training
from rai_dash.ui.state import View

ASKING = "Asking the model"


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
    if job is None or (job.state in {JobState.CANCELLED, JobState.FAILED} and _again(key)):
        training.start(name, work)
    done = training.finished(name, idle="", doing=doing)
    return None if done is None else done.result


def _again(key: str) -> bool:
    return st.button("Start again", icon=":material/restart_alt:", key=f"again_{key}")


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
    is_open = job is None or job.state in {JobState.CANCELLED, JobState.FAILED}
    if is_open and st.button(label, icon=":material/play_arrow:", key=f"start_{key}"):
        training.start(name, work)
    done = training.finished(name, idle=idle, doing=doing)
    return None if done is None else done.result


def score_of(model: Model, cancelled: Any = None) -> Score:
    """Return what asks a model for the probability of the favourable outcome, stopped on demand."""
    return lambda frame: model.score(frame, cancelled=cancelled).scores
