"""The explanations of one applicant, made once and kept with the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rai_dash.case import Case, Judgement
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Explanation
from rai_dash.explain._lime import LimeResult
from rai_dash.explain.client import lime_values, shap_values
from rai_dash.ui.state import View

#: Rows that LIME's sampler and SHAP's routes draw from; a larger table is thinned evenly.
MOST_REFERENCE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """SHAP and LIME of one applicant, with the applicant's own values."""

    row: int
    shap: Explanation
    lime: LimeResult
    own: Mapping[str, object]
    sensitive: tuple[str, ...]


def _reference(case: Case, judgement: Judgement) -> Judgement:
    """Choose the reference rows: what the model was trained on where the case has it, else what is looked at."""
    model = judgement.model
    known = {d.key for d in case.data}
    if model is not None and model.trained_on in known:
        return case.judge(model.trained_on, model.key)
    return judgement


def explain_row(view: View, row: int, *, space: str) -> Explained:
    """Explain one row of the data that are looked at, against the reference rows."""
    judgement = view.judgement
    return judgement.memo.get(("explained", row, space), lambda: _make(view, row, space))


def _make(view: View, row: int, space: str) -> Explained:
    judgement = view.judgement
    if judgement.model is None:
        msg = "Explanations ask the model about changed applications, so they need the model itself."
        raise InvalidChoice(msg)
    model = judgement.model.model
    reference = _reference(view.case, judgement)
    frame = reference.data.dataset.frame
    # The rows the model was trained on, where the data say which; they are the population it knows.
    trained = frame[~reference.judged] if 0 < reference.n_judged < len(frame) else frame
    step = max(1, len(trained) // MOST_REFERENCE)
    background = trained.iloc[::step].reset_index(drop=True)
    one = judgement.data.dataset.frame.iloc[[row]].reset_index(drop=True)
    shap = shap_values(model, one, background, row_ids=[row], space=space)[0]
    lime = judgement.memo.get(("lime", row), lambda: lime_values(model, one, background))
    own = {name: one[name].iloc[0] for name in model.info.feature_names}
    return Explained(row=row, shap=shap, lime=lime, own=own, sensitive=judgement.roles.sensitive)
