"""Whom to look at first: applicants whose decisions flip under noise, and those whose explanations disagree."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from rai_dash.case import Case, Judgement
from rai_dash.core.errors import InvalidChoice, UnsupportedModel
from rai_dash.core.texts import tr
from rai_dash.explain._asking import SILENT, FloatArray, IntArray, Watch
from rai_dash.explain._base import LOG_ODDS, PATH_DEPENDENT
from rai_dash.explain.agreement_rows import RowAgreement, agreement_rows
from rai_dash.explain.client import shap_matrix
from rai_dash.explain.lime_blocks import joined_lime
from rai_dash.explain.noise import flipped_shares
from rai_dash.explain.question import USUAL, Question
from rai_dash.report.applicant import applicant_at
from rai_dash.report.correlated import Blocks
from rai_dash.report.drivers_work import SHOWN_NOISE, usual_noise
from rai_dash.report.everyone import LONGEST_S, judged_explained
from rai_dash.report.reference import model_of, reference_rows
from rai_dash.report.shaken_scores import scores_kept

#: Applicants that are shaken, the nearest to the threshold first: each takes ``DRAWS`` answers of the model.
MOST_SHAKEN = 5_000
#: Rows that SHAP explains in one call, so that whoever looks at the page meanwhile is not kept waiting.
_TOGETHER = 20
NOT_FOR_EVERYONE = (
    "Against the reference rows this model must be asked applicant by applicant, which is too slow for everyone. "
    "List those on whom SHAP and LIME disagree instead."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """Share of copies that flip, float64 (m,), of judged rows ``at``, int64 (m,)."""

    at: IntArray
    flip: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Disagreement:
    """How far two explanations agree, of judged rows ``at``, int64 (m,)."""

    at: IntArray
    same: RowAgreement


def nearest_rows(judgement: Judgement, threshold: float, most: int) -> IntArray:
    """Return which judged rows with a score are nearest to the threshold, int64 (≤ most,), the nearest first."""
    distance = np.abs(judgement.score[judgement.positions] - threshold)
    order = np.argsort(distance, kind="stable")
    return order[np.isfinite(distance[order])][:most]


def known_flips(judgement: Judgement, threshold: float) -> Known:
    """Return how often decisions flip at ``SHOWN_NOISE``, of all who were shaken before, here or for the drivers."""
    at, scores = scores_kept(judgement, SHOWN_NOISE).known
    return Known(at=at, flip=flipped_shares(scores, threshold))


def shaken_rows(
    case: Case, judgement: Judgement, threshold: float, *, most: int = MOST_SHAKEN, watch: Watch = SILENT
) -> Known:
    """Count how often the decisions of those nearest to the threshold flip at ``SHOWN_NOISE``.

    Parameters
    ----------
    case, judgement : Case, Judgement
        The pair, and the case that has the model's training rows.
    threshold : float
        Favourable at or above.
    most : int
        Applicants that are shaken.
    watch : Watch
        Progress and stop.
    """
    at = nearest_rows(judgement, threshold, most)
    noise = usual_noise(judgement, reference_rows(case, judgement))
    scores = scores_kept(judgement, SHOWN_NOISE).of(judgement, noise, at, eps=SHOWN_NOISE, watch=watch)
    return Known(at=at, flip=flipped_shares(scores, threshold))


def fragile_first(judgement: Judgement, known: Known, threshold: float) -> IntArray:
    """Return the places in ``known`` of those who flip at least once, the most fragile first."""
    distance = np.abs(judgement.score[judgement.positions[known.at]] - threshold)
    order = np.lexsort((known.at, distance, -known.flip))
    return np.asarray(order[known.flip[order] > 0])


def disagreeing_first(judgement: Judgement, found: Disagreement, threshold: float) -> IntArray:
    """Return the places in ``found``, the least agreement first, the nearest to the threshold among equals."""
    distance = np.abs(judgement.score[judgement.positions[found.at]] - threshold)
    return np.lexsort((distance, found.same.rank, found.same.sign, found.same.overlap))


def shap_and_lime(
    case: Case,
    judgement: Judgement,
    at: IntArray,
    *,
    question: Question = USUAL,
    watch: Watch = SILENT,
) -> Disagreement:
    """Compare SHAP with LIME's centred weights.

    Parameters
    ----------
    case, judgement : Case, Judgement
        The pair, and the case that has the model's training rows.
    at : int64 (m,)
        Which of the judged rows; LIME takes up to half a second each.
    question : Question
        How SHAP is asked.
    watch : Watch
        Progress and stop, between two applicants.

    Raises
    ------
    InvalidChoice
        Nobody is named.
    """
    if not at.size:
        msg = tr("Nobody is named whose explanations could be compared. Choose applicants with a score.")
        raise InvalidChoice(msg)
    rows, n = judgement.positions[at], 2 * len(at)
    model, background = model_of(judgement).model, reference_rows(case, judgement)
    frame, shap = judgement.data.dataset.frame, []
    for start in range(0, len(rows), _TOGETHER):
        watch.step(start, n, "SHAP")
        some = frame.iloc[rows[start : start + _TOGETHER]].reset_index(drop=True)
        table = shap_matrix(model, some, background, **asdict(question), cancelled=watch.cancelled)
        shap.append(table.values)
    lime = np.empty((len(rows), len(table.names)))
    for i, row in enumerate(rows):
        watch.step(len(rows) + i, n, f"LIME, applicant {i + 1} of {len(rows)}")
        # Kept with the case: whoever is chosen from the list has been asked about already.
        centred = joined_lime(applicant_at(case, judgement, int(row)).lime, question.blocks).centred
        lime[i] = [centred[name] for name in table.names]
    return Disagreement(at=at, same=agreement_rows(np.concatenate(shap), lime, table.names))


def two_ways(case: Case, judgement: Judgement, *, blocks: Blocks = (), watch: Watch = SILENT) -> Disagreement:
    """Compare SHAP against the reference rows with path-dependent SHAP, of everyone; once.

    Raises
    ------
    UnsupportedModel
        The model has no trees, or has to be asked applicant by applicant.
    """

    def make() -> Disagreement:
        model, background = model_of(judgement).model, reference_rows(case, judgement)
        rows = judgement.data.dataset.frame.iloc[judgement.positions].reset_index(drop=True)
        trees = shap_matrix(
            model, rows, background, space=LOG_ODDS, perturbation=PATH_DEPENDENT, blocks=blocks,
            timeout=LONGEST_S, on_progress=watch.on_progress, cancelled=watch.cancelled,
        )  # fmt: skip
        # The same contributions as on the page What drives the model: made once for both.
        others = judged_explained(case, judgement, space=LOG_ODDS, blocks=blocks, watch=watch)
        if others is None or others.table.space != trees.space:
            raise UnsupportedModel(NOT_FOR_EVERYONE)
        same = agreement_rows(others.table.values, trees.values, trees.names)
        return Disagreement(at=others.at, same=same)

    return judgement.memo.get(("shap_ways", blocks), make)
