"""How steady one explanation is: its reasons under small errors in the data, and against other people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Explanation
from rai_dash.explain._asking import SILENT, FloatArray, IntArray, Watch
from rai_dash.explain._base import PATH_DEPENDENT
from rai_dash.explain._noise import Noise
from rai_dash.explain.baselines import BaselineKind, baseline_of
from rai_dash.explain.client import score_of, shap_matrix, shap_values
from rai_dash.explain.coalitions import ESTIMATE, EXACT
from rai_dash.explain.one_stability import COPIES, OneStability, one_stability, reasons_of
from rai_dash.explain.question import USUAL, Question

if TYPE_CHECKING:
    from rai_dash.models.client import Model

#: Copies where each takes many answers of the model.
FEW_COPIES = 20
COMPARED = (BaselineKind.POPULATION, BaselineKind.APPROVED, BaselineKind.JUST_APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Against:
    """One applicant against one baseline.

    Parameters
    ----------
    kind : BaselineKind
        Who the applicant is compared with.
    people : int
        Reference rows in it.
    shap : Explanation or None
        Contributions; None where nobody is in it.
    reasons : tuple of str
        Up to four columns that push hardest towards the decision, the strongest first.
    """

    kind: BaselineKind
    people: int
    shap: Explanation | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steadiness:
    """What noise does, and the reasons against each of ``COMPARED``; none where the question has no reference rows."""

    noise: OneStability
    against: tuple[Against, ...]


def steadiness(
    model: Model,
    row: pd.DataFrame,
    reference: pd.DataFrame,
    noise: Noise,
    scores: FloatArray,
    *,
    eps: float,
    threshold: float,
    question: Question = USUAL,
    watch: Watch = SILENT,
) -> Steadiness:
    """Check one explanation.

    Parameters
    ----------
    model : Model
        Its worker does the work.
    row : DataFrame (1, columns)
        The applicant.
    reference : DataFrame (n, columns)
        Reference rows, with the model's columns.
    noise : Noise
        From `rai_dash.explain.noise.noise_of`.
    scores : float64 (n,)
        The model's answers to the reference rows.
    eps : float
        How much noise, in [0, 1].
    threshold : float
        Favourable at or above.
    question : Question
        How the explanation was asked. Path-dependent values compare with nobody.
    watch : Watch
        Progress and stop.

    Raises
    ------
    MissingColumn, InvalidChoice, UnsupportedModel, WorkerFailed, Cancelled
        With what to do.
    """
    asked: dict[str, Any] = {**asdict(question), "cancelled": watch.cancelled}
    kinds = () if question.perturbation == PATH_DEPENDENT else COMPARED
    watch.step(0, 1 + len(kinds), tr("with noise"))
    alone = shap_values(model, row, reference, row_ids=[0], **asked)[0]
    is_slow = alone.method.startswith((EXACT, ESTIMATE))
    found = one_stability(
        lambda frame: shap_matrix(model, frame, reference, **asked).values,
        score_of(model, watch.cancelled),
        row,
        noise,
        names=tuple(alone.values),
        eps=eps,
        threshold=threshold,
        copies=FEW_COPIES if is_slow else COPIES,
    )
    against = []
    for i, kind in enumerate(kinds):
        watch.step(1 + i, 1 + len(kinds), tr("against other people"))
        rows = _rows(reference, scores, kind, threshold)
        shap = None
        if rows.size:
            everybody = rows.size == len(reference)
            shap = (
                alone if everybody else shap_values(model, row, reference.iloc[rows], row_ids=[0], **asked)[0]
            )
        reasons = reasons_of(shap.values, towards=found.towards) if shap else ()
        against.append(Against(kind=kind, people=rows.size, shap=shap, reasons=reasons))
    return Steadiness(noise=found, against=tuple(against))


def _rows(reference: pd.DataFrame, scores: FloatArray, kind: BaselineKind, threshold: float) -> IntArray:
    try:
        return baseline_of(reference, scores, kind=kind, threshold=threshold).rows
    except InvalidChoice:  # Nobody is in it.
        return np.empty(0, dtype=np.int64)
