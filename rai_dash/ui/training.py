"""Training jobs of a page: their key, their start, and how they are shown until there is a result."""

from __future__ import annotations

from functools import partial

import streamlit as st

from rai_dash.case import CaseModel
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.texts import mark, tr
from rai_dash.govern.people import AppRole
from rai_dash.sandbox.jobs import Job, Jobs, Work
from rai_dash.ui import rights, widgets
from rai_dash.ui.guard import fragment
from rai_dash.ui.state import View
from rai_dash.ui.text import safe

TRAINING = mark("Training in a separate process")
#: What needs a role, as the beginning of a sentence.
STARTING = mark("Starting this work")
#: How the key of a button begins that stops a job; the job's own key follows.
CANCEL = "cancel_"


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the training jobs of this process."""
    return Jobs()


def job_key(view: View, kind: str, wanted: dict[str, object]) -> str:
    """Name a job by its case, the model looked at and all its inputs: see `job_key_of`."""
    return job_key_of(view, kind, wanted, view.judgement.model)


def job_key_of(view: View, kind: str, wanted: dict[str, object], source: CaseModel | None) -> str:
    """Name a job by its case, a model and all its inputs: a refresh finds it again, another user never does."""
    seen = [source.model.info.fingerprint, source.model.model_class] if source else []
    dataset = view.judgement.data.dataset
    return fingerprint_value(
        [kind, view.case.id, dataset.fingerprint, dataset.roles_fingerprint, seen, wanted]
    )


def start(key: str, work: Work, *, role: AppRole = AppRole.ANALYST) -> None:
    """Start a job; one that ended without a result is started anew.

    Parameters
    ----------
    key : str
        From `job_key`.
    work : callable
        See `rai_dash.sandbox.jobs.Work`.
    role : AppRole
        The least role that may.

    Raises
    ------
    NotAllowed
        When whoever uses the app may not.
    """
    rights.require_role(role, tr(STARTING))
    jobs().start(key, work)


def start_button(
    label: str, *, icon: str, key: str, disabled: bool = False, role: AppRole = AppRole.ANALYST
) -> bool:
    """Draw a button that starts a job; those who may not are told which role may. Return whether it was pressed."""
    allowed = rights.can_do(role, tr(STARTING))
    return st.button(label, icon=icon, key=key, disabled=disabled or not allowed)


def finished(key: str, *, idle: str, doing: str = TRAINING) -> Job | None:
    """Show a job that is not there yet, runs, failed or was stopped; return it once it has a result.

    Parameters
    ----------
    key : str
        From `job_key`.
    idle : str
        What to say before anything was started; a sentence of ours.
    doing : str
        What to say while it runs; words of ours.
    """
    job = jobs().get(key)
    if job is None:
        widgets.note(idle)
    elif job.is_active:
        _progress(key, tr(doing))
    elif job.error is not None:
        widgets.problem(safe(job.error.message, limit=600))
    elif job.result is None:
        widgets.note(tr("Stopped. Start again when you like."))
    else:
        return job
    return None


@partial(fragment, every=0.5)
def _progress(key: str, doing: str) -> None:
    """Show how far the job is, and a button that stops it."""
    job = jobs().get(key)
    if job is None or not job.is_active:
        st.rerun()
    st.progress(job.fraction, text=tr("{doing}: {note}", doing=doing, note=safe(job.note) or tr("starting")))
    # Several jobs may run beside each other on a page.
    if st.button(tr("Cancel"), key=f"{CANCEL}{key}", icon=":material/cancel:"):
        job.cancel()
