"""The past batches of a policy, all together, as rows in which slices are searched."""

from __future__ import annotations

from typing import Final

import streamlit as st

from rai_dash.core.errors import NotAllowed, RaiError
from rai_dash.core.texts import ntr, tr
from rai_dash.govern.database import store_is_there
from rai_dash.report.slices_batches import Pool, pool_of
from rai_dash.ui import rights, widgets
from rai_dash.ui.monitoring.recorded import log_of
from rai_dash.ui.signing import desk
from rai_dash.ui.state import View
from rai_dash.ui.text import count, percent, plain, safe

_HERE: Final = ""


def chosen(view: View) -> str:
    """Let the user search past batches instead of the data looked at; return the policy, empty = those data."""
    try:
        # None is made by looking.
        if not store_is_there():
            return _HERE
        log, offer = log_of(acts=False), desk.on_offer(view)
        policies = [policy for policy in log.policies() if policy in offer.standings]
    except RaiError:
        # The data looked at can be searched without a store; the list of problems says what is wrong with it.
        return _HERE
    if not policies:
        return _HERE
    names = {_HERE: plain(view.judgement.data.title, limit=60)}
    for policy in policies:
        n = len(log.series(policy))
        title = plain(offer.standings[policy].history.versions[-1].title, limit=60)
        names[policy] = ntr(
            "the recorded batch of {title}",
            "all {n} recorded batches of {title}",
            n,
            n=count(n),
            title=title,
        )
    picked = st.radio(
        tr("Rows that are searched"),
        list(names),
        format_func=lambda one: safe(names[one]),
        horizontal=True,
        key="slices_rows",
    )
    return str(picked)


def pool(view: View, policy_id: str) -> Pool | None:
    """Return the rows of the past batches; says why where there are none."""
    try:
        rights.require_rows()
    except NotAllowed as error:
        widgets.notice(safe(error.message, limit=300))
        return None
    log = log_of(acts=False)
    seqs = tuple(run.seq for run in log.series(policy_id))
    found = view.case.memo.get(
        ("pool of batches", policy_id, seqs), lambda: pool_of(log, policy_id, desk.room().policy)
    )
    if found is None or not found.runs:
        n = 0 if found is None else found.not_kept + found.other
        widgets.notice(
            ntr(
                "No row of {n} recorded batch is there to be searched: rows are kept only where the operator "
                "turned RAI_DASH_KEEP_BATCH_ROWS on, and for RAI_DASH_BATCH_DAYS days.",
                "No row of {n} recorded batches are there to be searched: rows are kept only where the "
                "operator turned RAI_DASH_KEEP_BATCH_ROWS on, and for RAI_DASH_BATCH_DAYS days.",
                n,
                n=count(n),
            )
        )
        return None
    widgets.note(_told(found))
    return found


def _told(found: Pool) -> str:
    n, labels = len(found.runs), ", ".join(safe(run.label, limit=40) for run in found.runs[-6:])
    text = ntr(
        "{known} rows with an outcome and a score, of {n} batch ({which}{labels}), decided at "
        "{threshold} as version {version} says.",
        "{known} rows with an outcome and a score, of {n} batches ({which}{labels}), decided at "
        "{threshold} as version {version} says.",
        n,
        known=count(found.known),
        n=count(n),
        which="… " if n > 6 else "",
        labels=labels,
        threshold=percent(found.policy.band.threshold),
        version=count(found.policy.version),
    )
    if found.not_kept:
        text += tr(" Rows of {not_kept} more were not kept.", not_kept=count(found.not_kept))
    if found.other:
        text += tr(" {other} more had another model, or lack a column.", other=count(found.other))
    return text
