"""One applicant of a judgement, the model that decides, and the rows that say what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rai_dash.case import Case, CaseData, CaseModel, DataRole, Judgement
from rai_dash.data.dataset import Dataset
from rai_dash.explain._asking import FloatArray
from rai_dash.explain._lime import LimeResult
from rai_dash.explain.client import lime_values, score_of
from rai_dash.models.client import Model
from rai_dash.report.correlated import Blocks
from rai_dash.report.drivers_work import usual_linked
from rai_dash.report.reference import feature_names, model_of, reference_rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Applicant:
    """One applicant.

    Parameters
    ----------
    judgement : Judgement
        The pair of data and model.
    row : int
        Position in the table.
    one : DataFrame (1, columns)
        The applicant, with the model's columns.
    reference : DataFrame (m, columns)
        Reference rows, with the model's columns.
    """

    judgement: Judgement
    row: int
    one: pd.DataFrame
    reference: pd.DataFrame

    @property
    def model(self) -> Model:
        """What decides; it answers in its own process."""
        return model_of(self.judgement).model

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
        """Probability of the favourable outcome; NaN where the model gives none."""
        return float(self.judgement.score[self.row])

    @property
    def categories(self) -> Mapping[str, tuple[str, ...]]:
        """Categories that the model knows, by column."""
        return {f.name: f.categories for f in self.model.info.features if f.categories}

    @property
    def linked(self) -> Blocks:
        """Columns of which one says the other, found once in the reference rows."""
        return usual_linked(self.judgement, self.reference)

    @property
    def reference_scores(self) -> FloatArray:
        """The model's answers to the reference rows, float64 (m,), asked once."""
        return self.judgement.memo.get(
            "explanations_reference_scores", lambda: np.asarray(score_of(self.model)(self.reference))
        )

    @property
    def lime(self) -> LimeResult:
        """LIME against the reference rows, asked once."""
        return self.judgement.memo.get(
            ("lime", self.row), lambda: lime_values(self.model, self.one, self.reference)
        )


def applicant_at(case: Case, judgement: Judgement, row: int) -> Applicant:
    """Put one applicant and the reference rows together.

    Raises
    ------
    InvalidChoice
        Without a model there is nobody to ask.
    """
    one = judgement.data.dataset.frame.iloc[[row]][feature_names(judgement)].reset_index(drop=True)
    return Applicant(judgement=judgement, row=row, one=one, reference=reference_rows(case, judgement))


def pair_of(dataset: Dataset, model: Model, background: Dataset | None = None) -> tuple[Case, Judgement]:
    """Make a case of a table, a model and the table it was trained on, and score the first.

    Parameters
    ----------
    dataset : Dataset
        What is looked at, with its roles.
    model : Model
        What decides.
    background : Dataset or None
        Whom applicants are compared with; None = ``dataset`` itself. Where its roles name a split, its training rows.
    """
    data = [CaseData(key="data", title=dataset.name, role=DataRole.PRODUCTION, dataset=dataset)]
    if background is not None:
        data.append(
            CaseData(key="background", title=background.name, role=DataRole.TRAINING, dataset=background)
        )
    case = Case(
        id="pair", title=dataset.name, data=tuple(data),
        models=(CaseModel(key="model", title="", model=model, trained_on=data[-1].key),),
        default_data="data", default_model="model",
    )  # fmt: skip
    return case, case.judge("data", "model")
