"""What the views on one decision ask the model, with the choices that page and command line share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from rai_dash.core.types import Explanation
from rai_dash.explain._asking import SILENT, Watch
from rai_dash.explain.anchors import Anchor, anchor
from rai_dash.explain.baselines import Baseline, baseline_of, usual_kind
from rai_dash.explain.client import score_of, shap_values
from rai_dash.explain.counterfactuals import (
    Candidates,
    Constraints,
    Counterfactuals,
    candidates_of,
    counterfactuals,
)
from rai_dash.explain.moved_along import changes_from, moved_along, typical_row
from rai_dash.explain.nearest import BY_RANGE, Neighbour, nearest_other
from rai_dash.explain.question import Question
from rai_dash.explain.reason_texts import ReasonTexts
from rai_dash.explain.refusal import Refusal, draft_refusal
from rai_dash.explain.steadiness import Steadiness, steadiness
from rai_dash.explain.what_if import Ice, WhatIf, ice, what_if
from rai_dash.report.applicant import Applicant
from rai_dash.report.correlated import mates, stand_ins
from rai_dash.report.drivers_work import SHOWN_NOISE, usual_noise

OWN, TYPICAL = "own", "typical"


def suggested_fixed(applicant: Applicant) -> tuple[str, ...]:
    """Return the columns that are suggested to stay: sensitive ones, and what goes together with one."""
    return (*applicant.sensitive, *stand_ins(applicant.judgement))


def candidates_for(applicant: Applicant, constraints: Constraints) -> Candidates:
    """Return the values to try, learnt once from the reference rows."""
    return applicant.judgement.memo.get(
        ("candidates", constraints),
        lambda: candidates_of(applicant.reference, applicant.names, constraints),
    )


def ways(
    applicant: Applicant, constraints: Constraints, threshold: float, watch: Watch = SILENT
) -> Counterfactuals:
    """Look for the smallest allowed changes after which the model decides otherwise; see `counterfactuals`."""
    return counterfactuals(
        score_of(applicant.model, watch.cancelled),
        applicant.one,
        candidates_for(applicant, constraints),
        threshold=threshold,
        watch=watch,
    )


def rule_of(applicant: Applicant, threshold: float, watch: Watch = SILENT) -> Anchor:
    """Look for the rule that keeps the decision; see `anchor`."""
    return anchor(
        score_of(applicant.model, watch.cancelled),
        applicant.one,
        applicant.reference,
        threshold=threshold,
        linked=applicant.linked,
        watch=watch,
    )


def neighbours_of(applicant: Applicant, threshold: float, unit: str = BY_RANGE) -> tuple[Neighbour, ...]:
    """Find the judged applicants most alike with the other decision, by their place in the whole table."""
    judgement = applicant.judgement
    rows = judgement.positions[np.isfinite(judgement.score[judgement.positions])]
    frame = judgement.data.dataset.frame[list(applicant.names)].iloc[rows].reset_index(drop=True)
    found = nearest_other(
        score_of(applicant.model), applicant.one, frame, threshold=threshold, unit=unit, scores=judgement.score[rows]
    )  # fmt: skip
    return tuple(replace(one, row=int(rows[one.row])) for one in found)


def baseline_for(applicant: Applicant, threshold: float, kind: str | None = None) -> Baseline:
    """Choose the reference rows a refused applicant is compared with, once.

    Parameters
    ----------
    applicant : Applicant
        The applicant.
    threshold : float
        Favourable at or above.
    kind : str or None
        See `baseline_of`; None = a circle that is large enough, see `usual_kind`.

    Raises
    ------
    InvalidChoice
        Nobody is in it.
    """
    scores = applicant.reference_scores
    chosen = kind or usual_kind(scores, threshold).value
    return applicant.judgement.memo.get(
        ("baseline", chosen, threshold),
        lambda: baseline_of(applicant.reference, scores, kind=chosen, threshold=threshold),
    )


def explained_against(applicant: Applicant, baseline: Baseline) -> Explanation:
    """Explain the applicant against the rows of a baseline, once."""

    def make() -> Explanation:
        # In log-odds where the model has them: the probability flattens what decides far from the threshold.
        return shap_values(
            applicant.model, applicant.one, applicant.reference.iloc[baseline.rows], row_ids=[applicant.row]
        )[0]

    return applicant.judgement.memo.get(("refusal", applicant.row, baseline.fingerprint), make)


def moved_by_noise(steady: Steadiness | None, why: Explanation) -> dict[str, float]:
    """Return how far noise moves each contribution: half of the middle 90 % of the shaken copies.

    Parameters
    ----------
    steady : Steadiness or None
        The check of the applicant's explanation against all reference rows, where it was made.
    why : Explanation
        What the reasons come from.

    Returns
    -------
    dict of str to float
        In the space of ``why``; empty where there is no check in that space, of these columns.
    """
    checked = next((one.shap for one in steady.against if one.shap is not None), None) if steady else None
    if (
        steady is None
        or checked is None
        or checked.space != why.space
        or set(checked.values) != set(why.values)
    ):
        return {}
    half = (steady.noise.high - steady.noise.low) / 2
    return dict(zip(steady.noise.names, half.tolist(), strict=True))


def reasons_of(
    applicant: Applicant,
    threshold: float,
    *,
    kind: str | None = None,
    texts: ReasonTexts | None = None,
    steady: Steadiness | None = None,
) -> Refusal:
    """Draft the reasons for a refusal.

    Parameters
    ----------
    applicant : Applicant
        A refused one.
    threshold : float
        Favourable at or above.
    kind : str or None
        Whom the applicant is compared with, see `baseline_for`.
    texts : ReasonTexts or None
        The dictionary; None = drafts of the columns' names.
    steady : Steadiness or None
        The check of the applicant's explanation: reasons closer than noise moves them then count as a tie.

    Raises
    ------
    InvalidChoice
        Nobody is in the baseline, or the applicant was not refused.
    """
    baseline = baseline_for(applicant, threshold, kind)
    why = explained_against(applicant, baseline)
    return draft_refusal(
        score_of(applicant.model), why, applicant.one, applicant.reference, baseline, threshold=threshold,
        texts=texts, sensitive=applicant.judgement.roles.sensitive, proxies=stand_ins(applicant.judgement),
        instability=moved_by_noise(steady, why),
    )  # fmt: skip


def changed(
    applicant: Applicant, typed: Mapping[str, str], *, start: str = OWN, moves_along: bool = True
) -> WhatIf:
    """Score the applicant with other values.

    Parameters
    ----------
    applicant : Applicant
        The applicant.
    typed : mapping of str to str
        New values as text, by column; empty text = blank.
    start : {"own", "typical"}
        What the values are changed from.
    moves_along : bool
        Whether columns of which a changed one says the value go along.

    Raises
    ------
    InvalidChoice
        A value that its column cannot hold.
    """
    base = typical_row(applicant.reference) if start == TYPICAL else applicant.one
    changes = changes_from(applicant.one, base, typed)
    if moves_along:
        changes |= moved_along(applicant.reference, applicant.one, applicant.linked, changes)
    return what_if(
        score_of(applicant.model), applicant.one, changes, applicant.reference, categories=applicant.categories
    )  # fmt: skip


def curve_of(applicant: Applicant, found: WhatIf, column: str, *, moves_along: bool = True) -> Ice:
    """Move one column of the changed applicant along its values, and with it what it says the value of."""
    return ice(
        score_of(applicant.model),
        found.row,
        applicant.reference,
        column,
        linked=mates(column, applicant.linked) if moves_along else (),
        categories=applicant.categories.get(column, ()),
    )


def steady_of(
    applicant: Applicant, threshold: float, question: Question, watch: Watch = SILENT
) -> Steadiness:
    """Say how steady the explanation is under noise and against other people; see `steadiness`."""
    return steadiness(
        applicant.model,
        applicant.one,
        applicant.reference,
        usual_noise(applicant.judgement, applicant.reference),
        applicant.reference_scores,
        eps=SHOWN_NOISE,
        threshold=threshold,
        question=question,
        watch=watch,
    )
