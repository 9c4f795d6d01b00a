"""Reasons for a refusal: drafts with their texts, what stands in the way first, and a record to keep."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.explain.baselines import FEW_COMPARED, BaselineKind
from rai_dash.explain.reason_texts import DRAFT, ReasonTexts, with_drafts
from rai_dash.explain.refusal import LEGAL_NOTE, Reason, Refusal
from rai_dash.report.decision_work import moved_by_noise, reasons_of
from rai_dash.report.reasons_json import NO_SCORE, record_of
from rai_dash.ui import controls, explain_words, widgets
from rai_dash.ui.applicants import name_of
from rai_dash.ui.deciding.against import people_in, usual_kind
from rai_dash.ui.deciding.steady import known_steadiness
from rai_dash.ui.explanations import Applicant
from rai_dash.ui.offering import file_button
from rai_dash.ui.text import count, number, percent, safe, score_beside, sentence

BASELINES = {
    BaselineKind.JUST_APPROVED.value: mark("Applicants who were just approved"),
    BaselineKind.APPROVED.value: mark("All approved applicants"),
    BaselineKind.NEAR_THRESHOLD.value: mark("Applicants near the threshold, on both sides"),
    BaselineKind.POPULATION.value: mark("Everybody"),
}
BASELINE_HELP = mark(
    "The choice decides which reasons come out: compared with whom does this applicant fall short? Keep "
    "to one choice for all applicants."
)
NOTHING_TO_GIVE = mark(
    "This applicant is approved at this threshold, so there is no refusal to give reasons for. Choose a "
    "refused applicant below."
)
NOISE_COUNTS = mark(
    "A factor left out counts as a tie where it differs by less than small errors in the data move it, "
    "as the check of this explanation found (half of the middle 90 % of the shaken copies)."
)
NOISE_UNKNOWN = mark(
    "Whether small errors in the data would change this list is not known: check the explanation in the "
    "view Why, in the same space, then factors closer than that count as ties."
)
NO_OBSTACLE = mark(
    "Nothing found stands in the way of these reasons. A person still decides whether to send them."
)


def refusal(applicant: Applicant) -> None:
    """Draft the reasons."""
    if not applicant.is_refused:
        widgets.finding(tr(NOTHING_TO_GIVE) if applicant.has_score else NO_SCORE)
        return
    left, right = st.columns(2, gap="medium")
    with right:
        texts = _texts(applicant)
    try:
        with left:
            kind = _compared_with(applicant)
        with st.spinner(tr("Asking the model about this applicant")):
            steady = known_steadiness(applicant)
            found = reasons_of(applicant, applicant.threshold, kind=kind, texts=texts, steady=steady)
    except RaiError as error:
        widgets.problem(safe(error.message.replace("`", "'"), limit=600))
        return
    _show(applicant, found, has_noise=bool(moved_by_noise(steady, found.explanation)))


def _compared_with(applicant: Applicant) -> str:
    """Let the user choose the baseline; until somebody does, it is one that is large enough."""
    chosen = applicant.view.choices.baseline
    usual = usual_kind(applicant)
    kind = controls.pick(
        tr("Compared with"),
        "baseline",
        list(BASELINES),
        all_of(BASELINES),
        current=chosen if chosen in BASELINES else usual,
        meaning=tr(BASELINE_HELP),
    )
    if chosen not in BASELINES and usual != BaselineKind.JUST_APPROVED:
        n = people_in(applicant, BaselineKind.JUST_APPROVED)
        widgets.note(
            tr(
                "Only {n} of the reference rows were just approved, fewer than {few_compared}: too few to "
                "compare with.",
                n=count(n),
                few_compared=count(FEW_COMPARED),
            )
        )
    return kind


def _texts(applicant: Applicant) -> ReasonTexts:
    """Return the dictionary of this session and case; let the user give another one."""
    key = f"reason_texts_{applicant.view.case.id}"
    kept = st.session_state.get(key)
    texts = kept if isinstance(kept, ReasonTexts) else ReasonTexts()
    with st.popover(tr("Texts of the reasons"), icon=":material/edit_note:"):
        widgets.note(
            tr(
                "Download the texts, have them written and reviewed, and load them again. Kept for this "
                "session."
            )
        )
        given = st.file_uploader(tr("Load texts"), type=["json"], key="reason_texts_file")
        if given is not None:
            try:
                texts = ReasonTexts.load(given.getvalue())
            except RaiError as error:
                widgets.problem(safe(error.message, limit=600))
            else:
                st.session_state[key] = texts
        whole = with_drafts(applicant.names, texts)
        file_button(
            tr("Download the texts"),
            "reason_texts.json",
            "application/json",
            whole.to_json,
            key="reason_texts_download",
        )
        widgets.note(
            tr(
                "{unreviewed} of {names} are drafts.",
                unreviewed=count(len(whole.unreviewed(applicant.names))),
                names=count(len(applicant.names)),
            )
        )
    return texts


def _show(applicant: Applicant, found: Refusal, *, has_noise: bool) -> None:
    for blocked in found.blocking:
        st.error(sentence(blocked.message), icon=":material/block:")
    others = found.obstacles[len(found.blocking) :]
    if found.can_be_sent:
        widgets.finding(tr(NO_OBSTACLE))
    for text in others:
        widgets.notice(sentence(text))
    if len(found.baseline.rows) < FEW_COMPARED:
        widgets.notice(
            tr(
                "Only {rows} applicants are in this comparison, so the reasons hang on who they happen to "
                "be. Compare with a larger circle.",
                rows=count(len(found.baseline.rows)),
            )
        )
    with st.container(border=True):
        title = tr("Draft reasons") if found.reasons else tr("No reasons")
        widgets.heading(title, tr("Compared with {baseline}", baseline=safe(found.baseline.name, limit=200)))
        _listed(found, tr(NOISE_COUNTS) if has_noise else tr(NOISE_UNKNOWN))
    scored = tr(
        "Score {score_beside}, threshold {threshold}.",
        score_beside=score_beside(found.score, found.threshold),
        threshold=percent(found.threshold),
    )
    widgets.note(f"{explain_words.shap_line(found.explanation)} {scored}")
    _record(applicant, found)
    widgets.note(safe(tr(LEGAL_NOTE), limit=600))


def _listed(found: Refusal, about_noise: str) -> None:
    if not found.reasons:
        return
    for place, reason in enumerate(found.reasons, start=1):
        widgets.paragraph(_reason(place, reason, found.explanation.space))
    if found.tie is not None:
        widgets.note(sentence(found.tie.message))
    widgets.note(about_noise)
    widgets.paragraph(sentence(found.sufficiency.text))


def _reason(place: int, reason: Reason, space: str) -> str:
    mark = "" if reason.is_reviewed else tr(" :orange-badge[not reviewed]")
    weight = f"({number(reason.factor.contribution)} {safe(space)})"
    told = reason.text if reason.is_reviewed else reason.text.removeprefix(DRAFT)
    return f"{count(place)}\\. {safe(told, limit=600)}{mark} {weight}"


def _record(applicant: Applicant, found: Refusal) -> None:
    file_button(
        tr("Record (JSON)"),
        f"refusal_{name_of(applicant.judgement, applicant.row)}.json",
        "application/json",
        lambda: record_of(applicant, found).to_json(),
        key="refusal_record",
        meaning=tr(
            "All that these drafts rest on, with fingerprints, so that they can be made again and checked."
        ),
    )
