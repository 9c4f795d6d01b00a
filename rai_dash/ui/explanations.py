"""The explanations of one applicant, made once and kept with the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from rai_dash.core.types import Explanation
from rai_dash.explain._lime import LimeResult
from rai_dash.explain.client import shap_values
from rai_dash.explain.question import Question
from rai_dash.report import applicant as applicants
from rai_dash.ui import rights
from rai_dash.ui.state import View


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Applicant(applicants.Applicant):
    """One applicant as the page looks at it.

    Parameters
    ----------
    view : View
        The case, the pair and the threshold that are looked at.
    """

    view: View

    @property
    def threshold(self) -> float:
        """Favourable at or above."""
        return self.view.choices.threshold

    @property
    def is_refused(self) -> bool:
        """Whether there is a score, and it is below the threshold; without one a person decides."""
        return self.score < self.threshold

    @property
    def has_score(self) -> bool:
        """Whether the model gives a score at all."""
        return bool(np.isfinite(self.score))


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
    NotAllowed
        When whoever uses the app may not see single applications.
    """
    rights.require_rows()
    found = applicants.applicant_at(view.case, view.judgement, row)
    return Applicant(view=view, judgement=view.judgement, row=row, one=found.one, reference=found.reference)


def shap_of(applicant: Applicant, question: Question) -> Explanation:
    """Explain with SHAP against the reference rows."""

    def make() -> Explanation:
        return shap_values(
            applicant.model, applicant.one, applicant.reference, row_ids=[applicant.row], **asdict(question)
        )[0]

    return applicant.judgement.memo.get(("shap", applicant.row, question), make)
