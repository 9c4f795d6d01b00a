"""The model that explains, the rows it is asked about, and the rows that its applicants are compared with."""

from __future__ import annotations

import pandas as pd

from rai_dash.case import Case, CaseModel, Judgement, held_out_rows
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.columns import require_columns
from rai_dash.data.dataset import Dataset

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
        msg = tr("Explanations ask the model about changed applications, so they need the model itself.")
        raise InvalidChoice(msg)
    return judgement.model


def feature_names(judgement: Judgement) -> list[str]:
    """Return the model's columns in its own order."""
    return list(model_of(judgement).model.info.feature_names)


def reference_rows(case: Case, judgement: Judgement) -> pd.DataFrame:
    """Return who applicants are compared with: what the model was trained on where the case has it, else the data.

    Returns
    -------
    DataFrame (m, columns)
        The model's columns, put together once; at most ``MOST_REFERENCE`` rows, thinned evenly.

    Raises
    ------
    InvalidChoice
        When there is only a score column.
    MissingColumn
        When that table lacks columns of the model.
    """

    def make() -> pd.DataFrame:
        trained_on, names = model_of(judgement).trained_on, feature_names(judgement)
        data = next((d for d in case.data if d.key == trained_on), judgement.data)
        found = reference_of(data.dataset)
        require_columns(found, names)
        return found[names]

    return judgement.memo.get("reference_rows", make)


def reference_of(dataset: Dataset) -> pd.DataFrame:
    """Return the rows that a model was trained on where the data say which, else all; thinned evenly if too many."""
    held_out = held_out_rows(dataset)
    # The rows the model was trained on are the population it knows.
    trained = dataset.frame if held_out is None or held_out.all() else dataset.frame[~held_out]
    step = -(-len(trained) // MOST_REFERENCE)
    return trained.iloc[:: max(1, step)].reset_index(drop=True)


def feature_rows(judgement: Judgement) -> pd.DataFrame:
    """Return the judged rows with the model's columns."""
    frame = judgement.data.dataset.frame
    return frame.iloc[judgement.positions][feature_names(judgement)].reset_index(drop=True)
