"""The model that explains, and the rows that its applicants are compared with."""

from __future__ import annotations

import pandas as pd

from rai_dash.case import Case, CaseModel, Judgement
from rai_dash.core.errors import InvalidChoice

#: A larger table of reference rows is thinned evenly, to keep what travels to the model's process small.
MOST_REFERENCE = 100_000


def model_of(judgement: Judgement) -> CaseModel:
    """Return the model that is looked at.

    Raises
    ------
    InvalidChoice
        When there is only a score column.
    """
    if judgement.model is None:
        msg = "Explanations ask the model about changed applications, so they need the model itself."
        raise InvalidChoice(msg)
    return judgement.model


def reference_rows(case: Case, judgement: Judgement) -> pd.DataFrame:
    """Return who applicants are compared with: what the model was trained on where the case has it, else the data."""
    model, known = model_of(judgement), {d.key for d in case.data}
    source = case.judge(model.trained_on, model.key) if model.trained_on in known else judgement
    frame = source.data.dataset.frame
    # The rows the model was trained on, where the data say which; they are the population it knows.
    trained = frame[~source.judged] if 0 < source.n_judged < len(frame) else frame
    step = -(-len(trained) // MOST_REFERENCE)
    return trained.iloc[:: max(1, step)].reset_index(drop=True)
