"""Who has signed a version, who is missing, and who was against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

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
        widgets.heading("Who signs it")
        if status.state is State.DRAFT and not status.earlier_signatures and not status.signatures:
            widgets.note("Nobody yet: it was not sent to review.")
        said = status.signatures
        author = next((s for s in said if s.role == "author"), None)
        by = status.author.name if author is None else author.name
        on = status.drafted_at if author is None else author.at
        widgets.paragraph(f":material/edit: **{safe(named(by))}**, author, {safe(day(on))}")
        for signature in said:
            if signature is not author:
                _one(signature)
        for role in status.missing_roles:
            widgets.paragraph(f":material/hourglass_empty: **{safe(role)}**: waiting")
        if author is not None and author.rationale:
            widgets.note(f"The author: {safe(author.rationale, limit=2_000)}")
    _before(status)


def _one(signature: Signature) -> None:
    """Draw a signature: who, as what, and why."""
    identity = "verified by sign-in" if signature.identity == "oidc" else "name not verified"
    widgets.paragraph(
        f"{_ICONS[signature.decision]} **{safe(named(signature.name))}** {_DECIDED[signature.decision]} as "
        f"{safe(signature.role)}, {safe(day(signature.at))}"
    )
    if signature.rationale:
        widgets.note(f"“{safe(signature.rationale, limit=5_000)}”")
    if signature.conditions:
        widgets.note(f"On condition: {safe(signature.conditions, limit=5_000)}")
    widgets.note(
        f"Meaning: {safe(signature.meaning)}; {identity}; {safe(moment(signature.at))}; "
        f"record {count(signature.seq)}."
    )


def _before(status: VersionStatus) -> None:
    """Draw the signatures of earlier rounds, where somebody was against it."""
    if not status.earlier_signatures:
        return
    with st.expander(f"Earlier rounds of review ({len(status.earlier_signatures)} signatures)"):
        for signature in status.earlier_signatures:
            _one(signature)
