"""What a report is asked for with: certificate, small cells, explanations, what nobody can count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from rai_dash.core.settings import get_settings
from rai_dash.core.texts import mark, tr
from rai_dash.govern.standing import Standing
from rai_dash.report.audit_report.about import DATA, LONGEST, MODEL
from rai_dash.ui import rights, widgets
from rai_dash.ui.signing import desk
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, safe

#: Applicants that are explained where single applicants may be told of.
EXPLAINED: Final = 3
_ABOUT: Final = "report_about_"
_HIDE_HELP: Final = mark(
    "On: numbers that rest on few people are left out, and as many others as it takes to keep them from being worked "
    "out by subtraction. Single applicants are not explained. Off: the report has every number; it may then say "
    "something about single people."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a report is to hold.

    Parameters
    ----------
    fewest : int
        Numbers of fewer people are hidden; 0 = none is.
    explain : int
        Applicants that are explained.
    standing : Standing or None
        The policy whose certificate goes into it, with its band.
    with_band : bool
        Whether a review band does.
    about : mapping of str to str
        What was stated.
    """

    fewest: int
    explain: int
    standing: Standing | None
    with_band: bool
    about: dict[str, str] = field(default_factory=dict)


def asked(view: View) -> Asked:
    """Draw the choices."""
    widgets.heading(tr("What it holds"))
    fewest = _fewest()
    standing = _policy(view)
    with_band = standing is not None or st.toggle(
        tr("With the review band of the page Review band"), value=False, key="report_band"
    )
    explain = EXPLAINED if not fewest and view.judgement.model is not None and rights.may_see_rows() else 0
    return Asked(fewest=fewest, explain=explain, standing=standing, with_band=with_band, about=_about(view))


def _fewest() -> int:
    limit = get_settings().smallest_export_cell
    if limit <= 0:
        return 0
    label = tr("Hide numbers of fewer than {limit} people", limit=count(limit))
    return limit if st.toggle(label, value=True, key="report_hide", help=tr(_HIDE_HELP)) else 0


def _policy(view: View) -> Standing | None:
    """Let the user choose the policy that the report is signed with; the newest on these data first."""
    offer = desk.on_offer(view)
    if not offer.standings:
        return None
    found = desk.looked_at(view, offer)
    names = ["", *offer.standings]
    labels = {"": tr("without")} | {
        key: plain(standing.latest.title) for key, standing in offer.standings.items()
    }
    picked = st.selectbox(
        tr("Sign-off certificate"),
        names,
        index=names.index(found.policy_id) if found is not None else 0,
        format_func=lambda key: labels[key],
        key="report_policy",
        width=420,
    )
    return offer.standings.get(picked)


def _about(view: View) -> dict[str, str]:
    """Take what nobody can count: it stays in this session, for this case."""
    found: dict[str, str] = {}
    with st.expander(tr("State what the app cannot know"), icon=":material/edit_note:", key="report_state"):
        widgets.note(tr("What is left empty stands in the report as “not stated”."))
        for label, fields in ((tr("Model card"), MODEL), (tr("Data sheet"), DATA)):
            st.markdown(f"**{safe(label)}**")
            for name, question in fields.items():
                text = st.text_area(
                    tr(question), key=f"{_ABOUT}{view.case.id}_{name}", max_chars=LONGEST, height=68
                )
                if text.strip():
                    found[name] = text.strip()
    return found
