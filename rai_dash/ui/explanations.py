"""The explanations of one applicant, made once and kept with the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rai_dash.case import Judgement
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.types import Explanation
from rai_dash.explain._asking import FloatArray, Score
from rai_dash.explain._base import INTERVENTIONAL
from rai_dash.explain._lime import LimeResult
from rai_dash.explain._players import Blocks
from rai_dash.explain.client import lime_values, shap_values
from rai_dash.models.client import Model
from rai_dash.ui.reference import model_of, reference_rows
from rai_dash.ui.state import View


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Applicant:
    """One applicant, the model that decides, and the rows that say what is usual.

    Parameters
    ----------
    view : View
        The case and the pair that is looked at.
    row : int
        Position in the table.
    model : Model
        Answers in its own process.
    one : DataFrame (1, columns)
        The applicant, with the model's columns.
    reference : DataFrame (m, columns)
        Reference rows, with the model's columns.
    """

    view: View
    row: int
    model: Model
    one: pd.DataFrame
    reference: pd.DataFrame

    @property
    def judgement(self) -> Judgement:
        """The pair of data and model."""
        return self.view.judgement

    @property
    def names(self) -> tuple[str, ...]:
        """The model's columns."""
        return tuple(self.model.info.feature_names)

    @property
    def own(self) -> Mapping[str, object]:
        """The applicant's values by the model's columns."""
        return {name: self.one[name].iloc[0] for name in self.names}

    @property
    def sensitive(self) -> tuple[str, ...]:
        """The sensitive columns that the model takes."""
        return tuple(c for c in self.judgement.roles.sensitive if c in self.names)

    @property
    def score(self) -> float:
        """Probability of the favourable outcome."""
        return float(self.judgement.score[self.row])

    @property
    def is_refused(self) -> bool:
        """Whether there is a score, and it is below the threshold; without one a person decides."""
        return self.score < self.view.choices.threshold

    @property
    def has_score(self) -> bool:
        """Whether the model gives a score at all."""
        return bool(np.isfinite(self.score))

    @property
    def categories(self) -> Mapping[str, tuple[str, ...]]:
        """Categories that the model knows, by column."""
        return {f.name: f.categories for f in self.model.info.features if f.categories}

    def key(self, *more: object) -> str:
        """Name something that hangs on this applicant and on what else is given."""
        return fingerprint_value([self.row, *more])


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How SHAP is asked.

    Parameters
    ----------
    space : str
        ``log-odds`` or ``probability``.
    perturbation : str
        ``interventional`` or ``path-dependent``.
    blocks : tuple of tuple of str
        Columns that count as one.
    """

    space: str
    perturbation: str = INTERVENTIONAL
    blocks: Blocks = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """SHAP and LIME of one applicant, with the applicant's own values; blocks have no single LIME spread or rule."""

    row: int
    shap: Explanation
    lime: LimeResult
    own: Mapping[str, object]
    sensitive: tuple[str, ...]


def applicant_of(view: View, row: int) -> Applicant:
    """Put one applicant, the model and the reference rows together.

    Raises
    ------
    InvalidChoice
        Without a model there is nobody to ask.
    """
    judgement = view.judgement
    model = model_of(judgement).model
    names = list(model.info.feature_names)
    one = judgement.data.dataset.frame[names].iloc[[row]].reset_index(drop=True)
    return Applicant(view=view, row=row, model=model, one=one, reference=_reference(view, names))


def _reference(view: View, names: list[str]) -> pd.DataFrame:
    return view.judgement.memo.get(
        "explanations_reference", lambda: reference_rows(view.case, view.judgement)[names]
    )


def score_of(applicant: Applicant) -> Score:
    """Return what asks the model for the probability of the favourable outcome."""
    return lambda frame: applicant.model.score(frame).scores


def reference_scores(applicant: Applicant) -> FloatArray:
    """Return the model's answers to the reference rows, float64 (m,)."""
    return applicant.judgement.memo.get(
        "explanations_reference_scores", lambda: np.asarray(score_of(applicant)(applicant.reference))
    )


def shap_of(applicant: Applicant, question: Question) -> Explanation:
    """Explain with SHAP against the reference rows."""

    def make() -> Explanation:
        return shap_values(
            applicant.model,
            applicant.one,
            applicant.reference,
            row_ids=[applicant.row],
            space=question.space,
            perturbation=question.perturbation,
            blocks=question.blocks,
        )[0]

    return applicant.judgement.memo.get(("shap", applicant.row, question), make)


def lime_of(applicant: Applicant) -> LimeResult:
    """Explain with LIME against the reference rows."""
    return applicant.judgement.memo.get(
        ("lime", applicant.row), lambda: lime_values(applicant.model, applicant.one, applicant.reference)
    )
