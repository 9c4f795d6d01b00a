"""Draft reasons for a refusal as JSON: the record, what stands in the way, and what was left out as a tie."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from rai_dash.explain.reason_texts import ReasonTexts
from rai_dash.explain.refusal import Refusal
from rai_dash.explain.refusal_record import RefusalRecord
from rai_dash.explain.steadiness import Steadiness
from rai_dash.report.applicant import Applicant
from rai_dash.report.decision_work import reasons_of

NO_REFUSAL = "This applicant is approved at this threshold, so there is no refusal to give reasons for."
NO_SCORE = "This applicant has no score, so a person decides and has to give reasons of their own."


def reasons_json(
    applicant: Applicant,
    threshold: float,
    *,
    kind: str | None = None,
    texts: ReasonTexts | None = None,
    steady: Steadiness | None = None,
) -> dict[str, object]:
    """Draft the reasons for a refusal; ``record`` is null, with the reason, where there is none to give reasons for.

    Parameters
    ----------
    applicant : Applicant
        The applicant.
    threshold : float
        Favourable at or above.
    kind : str or None
        Whom the applicant is compared with; None = a circle that is large enough.
    texts : ReasonTexts or None
        The dictionary; None = drafts of the columns' names.
    steady : Steadiness or None
        The check of the applicant's explanation, see `decision_work.reasons_of`.
    """
    if not applicant.score < threshold:
        why = NO_REFUSAL if np.isfinite(applicant.score) else NO_SCORE
        return {"record": None, "reason": why}
    found = reasons_of(applicant, threshold, kind=kind, texts=texts, steady=steady)
    return {"record": record_of(applicant, found).model_dump(mode="json"), "reason": None} | _about(found)


def record_of(applicant: Applicant, found: Refusal) -> RefusalRecord:
    """Write down drafted reasons with the fingerprints of model and data."""
    return RefusalRecord.of(
        found,
        model_fingerprint=applicant.model.info.fingerprint,
        data_fingerprint=applicant.judgement.data.dataset.fingerprint,
    )


def _about(found: Refusal) -> dict[str, object]:
    return {
        "obstacles": list(found.obstacles),
        "blocking": [{**asdict(one), "message": one.message} for one in found.blocking],
        "tie": None if found.tie is None else {**asdict(found.tie), "message": found.tie.message},
        "sufficiency": {**asdict(found.sufficiency), "text": found.sufficiency.text},
    }
