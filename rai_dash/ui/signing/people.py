"""Who has signed a version, who is missing, and who was against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.govern.workflow import Signature, State, VersionStatus
from rai_dash.ui import widgets
from rai_dash.ui.signing.words import day, moment, named
from rai_dash.ui.text import count, safe

_ICONS: Final[Mapping[str, str]] = {
    "approve": ":green[:material/check_circle:]",
    "reject": ":red[:material/cancel:]",
    "abstain": ":material/do_not_disturb_on:",
}
_DECIDED: Final[Mapping[str, str]] = {"approve": "approved", "reject": "rejected", "abstain": "abstained"}


def section(status: VersionStatus) -> None:
    """Draw the signatures of a version."""
    with st.container(border=True, height="stretch"):
        widgets.heading(tr("Who signs it"))
        if status.state is State.DRAFT and not status.earlier_signatures and not status.signatures:
            widgets.note(tr("Nobody yet: it was not sent to review."))
        said = status.signatures
        author = next((s for s in said if s.role == "author"), None)
        by = status.author.name if author is None else author.name
        on = status.drafted_at if author is None else author.at
        widgets.paragraph(
            tr(":material/edit: **{named}**, author, {day}", named=safe(named(by)), day=safe(day(on)))
        )
        for signature in said:
            if signature is not author:
                _one(signature)
        for role in status.missing_roles:
            widgets.paragraph(tr(":material/hourglass_empty: **{role}**: waiting", role=safe(role)))
        if author is not None and author.rationale:
            widgets.note(tr("The author: {rationale}", rationale=safe(author.rationale, limit=2000)))
    _before(status)


def _one(signature: Signature) -> None:
    """Draw a signature: who, as what, and why."""
    identity = tr("verified by sign-in") if signature.identity == "oidc" else tr("name not verified")
    widgets.paragraph(
        tr(
            "{decision} **{named}** {decided_decision} as {role}, {day}",
            decision=_ICONS[signature.decision],
            named=safe(named(signature.name)),
            decided_decision=_DECIDED[signature.decision],
            role=safe(signature.role),
            day=safe(day(signature.at)),
        )
    )
    if signature.rationale:
        widgets.note(f"“{safe(signature.rationale, limit=5_000)}”")
    if signature.conditions:
        widgets.note(tr("On condition: {conditions}", conditions=safe(signature.conditions, limit=5000)))
    widgets.note(
        tr(
            "Meaning: {meaning}; {identity}; {moment}; record {seq}.",
            meaning=safe(signature.meaning),
            identity=identity,
            moment=safe(moment(signature.at)),
            seq=count(signature.seq),
        )
    )


def _before(status: VersionStatus) -> None:
    """Draw the signatures of earlier rounds, where somebody was against it."""
    if not status.earlier_signatures:
        return
    with st.expander(
        tr(
            "Earlier rounds of review ({earlier_signatures} signatures)",
            earlier_signatures=len(status.earlier_signatures),
        )
    ):
        for signature in status.earlier_signatures:
            _one(signature)
