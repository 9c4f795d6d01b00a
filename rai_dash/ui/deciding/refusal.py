"""Reasons for a refusal: drafts with their texts, what stands in the way first, and a record to keep."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.types import Explanation
from rai_dash.explain.baselines import Baseline, BaselineKind, baseline_of
from rai_dash.explain.client import shap_values
from rai_dash.explain.reason_texts import ReasonTexts
from rai_dash.explain.refusal import LEGAL_NOTE, Reason, Refusal, draft_refusal
from rai_dash.explain.refusal_record import RefusalRecord
from rai_dash.ui import controls, explain_words, widgets
from rai_dash.ui.applicants import name_of
from rai_dash.ui.deciding.stand_ins import stand_ins
from rai_dash.ui.explanations import Applicant, reference_scores, score_of
from rai_dash.ui.text import count, file_name, number, percent, safe, score_beside, sentence

BASELINES = {
    BaselineKind.JUST_APPROVED.value: "Applicants who were just approved",
    BaselineKind.APPROVED.value: "All approved applicants",
    BaselineKind.NEAR_THRESHOLD.value: "Applicants near the threshold, on both sides",
    BaselineKind.POPULATION.value: "Everybody",
}
BASELINE_HELP = (
    "The choice decides which reasons come out: compared with whom does this applicant fall short? Keep to one choice "
    "for all applicants."
)
NOTHING_TO_GIVE = (
    "This applicant is approved at this threshold, so there is no refusal to give reasons for. Choose a refused "
    "applicant below."
)
NO_SCORE = "This applicant has no score, so a person decides and has to give reasons of their own."
#: Fewer comparison applicants than this make reasons of chance.
FEW_COMPARED = 30
NO_OBSTACLE = "Nothing found stands in the way of these reasons. A person still decides whether to send them."


def refusal(applicant: Applicant) -> None:
    """Draft the reasons."""
    if not applicant.is_refused:
        widgets.finding(NOTHING_TO_GIVE if applicant.has_score else NO_SCORE)
        return
    left, right = st.columns(2, gap="medium")
    with left:
        kind = controls.pick("Compared with", "baseline", list(BASELINES), BASELINES, meaning=BASELINE_HELP)
    with right:
        texts = _texts(applicant)
    try:
        with st.spinner("Asking the model about this applicant"):
            found = _drafted(applicant, kind, texts)
    except RaiError as error:
        widgets.problem(safe(error.message.replace("`", "'"), limit=600))
        return
    _show(applicant, found)


def _drafted(applicant: Applicant, kind: str, texts: ReasonTexts) -> Refusal:
    threshold = applicant.view.choices.threshold
    memo = applicant.judgement.memo
    baseline: Baseline = memo.get(
        ("baseline", kind, threshold),
        lambda: baseline_of(applicant.reference, reference_scores(applicant), kind=kind, threshold=threshold),
    )

    def explain() -> Explanation:
        # In log-odds where the model has them: the probability flattens what decides far from the threshold.
        return shap_values(
            applicant.model, applicant.one, applicant.reference.iloc[baseline.rows], row_ids=[applicant.row]
        )[0]

    why = memo.get(("refusal", applicant.row, baseline.fingerprint), explain)
    return draft_refusal(
        score_of(applicant),
        why,
        applicant.one,
        applicant.reference,
        baseline,
        threshold=threshold,
        texts=texts,
        sensitive=applicant.judgement.roles.sensitive,
        proxies=stand_ins(applicant),
    )


def _texts(applicant: Applicant) -> ReasonTexts:
    """Return the dictionary of this session and case; let the user give another one."""
    key = f"reason_texts_{applicant.view.case.id}"
    kept = st.session_state.get(key)
    texts = kept if isinstance(kept, ReasonTexts) else ReasonTexts()
    with st.popover("Texts of the reasons", icon=":material/edit_note:"):
        widgets.note(
            "Download the texts, have them written and reviewed, and load them again. Kept for this session."
        )
        given = st.file_uploader("Load texts", type=["json"], key="reason_texts_file")
        if given is not None:
            try:
                texts = ReasonTexts.load(given.getvalue())
            except RaiError as error:
                widgets.problem(safe(error.message, limit=600))
            else:
                st.session_state[key] = texts
        whole = ReasonTexts(texts={**ReasonTexts.drafts(applicant.names).texts, **texts.texts})
        st.download_button(
            "Download the texts",
            data=whole.to_json(),
            file_name="reason_texts.json",
            mime="application/json",
            on_click="ignore",
            icon=":material/download:",
            key="reason_texts_download",
        )
        widgets.note(
            f"{count(len(whole.unreviewed(applicant.names)))} of {count(len(applicant.names))} are drafts."
        )
    return texts


def _show(applicant: Applicant, found: Refusal) -> None:
    for blocked in found.blocking:
        st.error(sentence(blocked.message), icon=":material/block:")
    others = found.obstacles[len(found.blocking) :]
    if found.can_be_sent:
        widgets.finding(NO_OBSTACLE)
    for text in others:
        widgets.notice(sentence(text))
    if len(found.baseline.rows) < FEW_COMPARED:
        widgets.notice(
            f"Only {count(len(found.baseline.rows))} applicants are in this comparison, so the reasons hang on who "
            "they happen to be. Compare with a larger circle."
        )
    with st.container(border=True):
        title = "Draft reasons" if found.reasons else "No reasons"
        widgets.heading(title, f"Compared with {safe(found.baseline.name, limit=200)}")
        for place, reason in enumerate(found.reasons, start=1):
            widgets.paragraph(_reason(place, reason, found.explanation.space))
        if found.tie is not None:
            widgets.note(sentence(found.tie.message))
    if found.reasons:
        widgets.paragraph(sentence(found.sufficiency.text))
    scored = f"Score {score_beside(found.score, found.threshold)}, threshold {percent(found.threshold)}."
    widgets.note(f"{explain_words.shap_line(found.explanation)} {scored}")
    _record(applicant, found)
    widgets.note(safe(LEGAL_NOTE, limit=600))


def _reason(place: int, reason: Reason, space: str) -> str:
    mark = "" if reason.is_reviewed else " :orange-badge[not reviewed]"
    weight = f"({number(reason.factor.contribution)} {safe(space)})"
    return f"{count(place)}\\. {safe(reason.text, limit=600)}{mark} {weight}"


def _record(applicant: Applicant, found: Refusal) -> None:
    record = RefusalRecord.of(
        found,
        model_fingerprint=applicant.model.info.fingerprint,
        data_fingerprint=applicant.judgement.data.dataset.fingerprint,
    )
    st.download_button(
        "Record (JSON)",
        data=record.to_json(),
        file_name=file_name(f"refusal_{name_of(applicant.judgement, applicant.row)}.json"),
        mime="application/json",
        on_click="ignore",
        icon=":material/download:",
        key="refusal_record",
        help="All that these drafts rest on, with fingerprints, so that they can be made again and checked.",
    )
