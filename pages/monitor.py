"""Monitor: a batch of production beside what was signed, and all batches in the record."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.govern.monitor.lines import Held
from rai_dash.ui import keeping, widgets
from rai_dash.ui.monitoring import basis, batches, lines_view, recording, series, standing, words
from rai_dash.ui.monitoring.basis import Basis
from rai_dash.ui.monitoring.batches import Judged
from rai_dash.ui.shell import show
from rai_dash.ui.signing import acting
from rai_dash.ui.state import View
from rai_dash.ui.text import safe, sentence
from rai_dash.ui.tour.spots import spot

PAGE = {
    "title": "Monitor",
    "step": "Watch",
    "order": 0,
    "icon": ":material/monitor_heart:",
    "question": "Is what was signed still true?",
    "needs": (),
    "own_rows": True,
    "words": ("score", "favourable", "review_band", "threshold", "target", "stand_in", "held_out", "policy", "batch",
              "breach", "suspended", "drift", "psi", "by_chance", "p_value", "interval", "calibration", "gap",
              "slice", "small_group", "brier", "base_rate", "boosted_trees"),
}  # fmt: skip


def render(view: View) -> None:
    """Draw the page."""
    acting.told()
    keeping.forget_rows()
    if not view.case.data:
        widgets.missing_box(
            widgets.Missing(tr("This case has no data yet. Upload a file or open a bundled case."))
        )
        return
    left, right = st.columns(2)
    against = _against(view, right)
    if against is None:
        return
    found = _batch(view, against, left)
    if found is not None:
        _shown(against, found)
    series.section(against)
    if found is not None:
        lines_view.parts(view, against, found)
        recording.section(view, against, found)
    widgets.next_step(
        tr("What is wrong with the model, and who looks after it?"), "problems", label=tr("Go to problems")
    )
    widgets.next_step(
        tr("Who answers for the band, and what was signed?"), "sign_off", label=tr("Go to sign-off")
    )


def _against(view: View, place: DeltaGenerator) -> Basis | None:
    """Let the user pick what the batch is held against; None = there is nothing, and the page says so."""
    try:
        return basis.chosen(view, place)
    except RaiError as error:
        widgets.missing_box(widgets.Missing(sentence(error.message)))
        return None


def _batch(view: View, against: Basis, place: DeltaGenerator) -> Judged | None:
    """Let the user pick the batch, and judge it; None = it cannot be judged, and the page says why."""
    data = batches.chosen(view, against, place)
    with place:
        scores = batches.scores_from(view, against.policy, data)
    batches.door(view)
    above, found = st.container(), None
    try:
        found = batches.judged(view, against, data, scores)
    except RaiError as error:
        widgets.problem(sentence(error.message))
    with above:
        standing.section(view, against, told="" if found is None else found.report.verdict.sentence)
    return found


def _shown(against: Basis, found: Judged) -> None:
    report = found.report
    with spot("watch"):
        widgets.finding(
            safe(report.verdict.sentence, limit=900), warn=report.verdict.state in {Held.BREACH, Held.WATCH}
        )
        widgets.note(safe(words.outcome_words(report.rows, report.outcomes), limit=400))
        if against.policy.data.sha256 == found.data.dataset.fingerprint:
            own = (
                tr("today’s band is measured on") if against.is_rehearsal else tr("the policy was drafted on")
            )
            widgets.notice(
                tr(
                    "These are the very rows that {own}: they cannot say what has changed since. Bring others.",
                    own=own,
                )
            )
        if against.rests_on:
            widgets.note(tr("What it is held against: {rests_on}", rests_on=sentence(against.rests_on)))
        lines_view.headline(against.policy, report)
    widgets.noticed(report.notices)


show(render, __file__)
