"""Choosing one of the candidates: which, and why in somebody's own words, on record."""

from __future__ import annotations

from typing import Final

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import mark, ntr, tr
from rai_dash.govern.chosen_model import ModelChoice
from rai_dash.govern.people import AppRole
from rai_dash.report.models_growth import asked_of
from rai_dash.ui import rights, widgets
from rai_dash.ui.models import records, words
from rai_dash.ui.models.look import Look
from rai_dash.ui.signing import acting
from rai_dash.ui.text import count, percent, plain, safe

_CHOOSING: Final = mark("Choosing a model")
_MOST_SHOWN: Final = 10


def panel(look: Look) -> None:
    """Show what was chosen so far, and the form."""
    acting.told()
    try:
        living = records.living_set(look.found.data.dataset.fingerprint)
        known = records.choices_about(look.found, living)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    for one in known[:_MOST_SHOWN]:
        _said(one)
    if not known:
        widgets.note(tr("Nobody has chosen a model on these applications yet."))
    if len(look.found.candidates) > 2:
        widgets.note(
            tr(
                "The best of {candidates} on the applications that pick it looks better than it is. Choose "
                "for a reason that does not rest on the last point of accuracy.",
                candidates=count(len(look.found.candidates)),
            )
        )
    _form(look)


def _said(one: ModelChoice) -> None:
    """Show one choice with who, when, on what and why."""
    who = tr("somebody whose name was erased") if one.by is None else safe(one.by.name)
    unverified = "" if one.by is None or one.by.is_verified else tr(", unverified")
    version = (
        ""
        if one.body.version is None
        else tr(", version {version} of the test set", version=count(one.body.version))
    )
    figures = ", ".join(
        f"{words.label(f.metric)} {words.value_text(f.metric, f.value)}"
        for f in one.body.figures
        if f.metric in {"accuracy", "recall", "fpr", "auc"}
    )
    others = len(one.body.others)
    with st.container(border=True):
        widgets.paragraph(
            ntr(
                "**{one}** against {others} other model, at a threshold of {threshold}, on {rows} "
                "applications{version}: {figures}.",
                "**{one}** against {others} other models, at a threshold of {threshold}, on {rows} "
                "applications{version}: {figures}.",
                others,
                one=safe(one.title or tr("a model whose name was erased"), limit=200),
                others=count(others),
                threshold=percent(one.body.threshold),
                rows=count(one.body.rows),
                version=version,
                figures=figures,
            )
        )
        widgets.paragraph(safe(one.reason or tr("The reason was erased."), limit=5_000))
        widgets.note(
            tr(
                "{who}{unverified}, {at} UTC. Model {model}.",
                who=who,
                unverified=unverified,
                at=safe(f"{one.at:%Y-%m-%d %H:%M}"),
                model=safe(one.body.model[:12]),
            )
        )


def _form(look: Look) -> None:
    if not rights.can_do(AppRole.ANALYST, tr(_CHOOSING)):
        return
    acting.ask_for_a_name()
    if not acting.is_known():
        return
    by_key = {c.key: c for c in look.found.candidates}
    with st.form(acting.key("models_choose"), border=True):
        picked = st.selectbox(
            tr("The model I would rather sign"), list(by_key), key=acting.key("models_which"),
            index=list(by_key).index(look.pair.candidate),
            format_func=lambda key: plain(by_key[key].model.title),
        )  # fmt: skip
        reason = st.text_area(
            tr("Why, in your own words (at least 20)"), key=acting.key("models_reason"), max_chars=5_000, height=120,
            placeholder=tr("What it does better and for whom, what it does worse, and why that is worth it."),
        )  # fmt: skip
        is_sent = st.form_submit_button(tr("Choose it"), icon=":material/how_to_vote:")
    if is_sent:
        acting.act(lambda: _choose(look, picked, reason), tr("The choice is on record, with your reason."))


def _choose(look: Look, key: str, reason: str) -> None:
    """Put the choice on record, if whoever uses the app may."""
    rights.require_role(AppRole.ANALYST, tr(_CHOOSING))
    living = records.living_set(look.found.data.dataset.fingerprint)
    records.acting_choices().choose(asked_of(look.found, look.found.candidate(key), living), reason)
