"""A trial of a loaded model on a few neutral rows: it has to answer with probabilities before it is accepted."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.core.types import Feature
from rai_dash.models._skops.archive import refuse_damaged

#: Numbers that are usual somewhere: shares, flags, ages, amounts.
_NUMBERS: Final = (1.0, 0.0, 35.0, 0.5, 5000.0)
_TOLERANCE: Final = 1e-6


def neutral_rows(features: tuple[Feature, ...]) -> pd.DataFrame:
    """Make rows of known categories and usual numbers."""
    columns: dict[str, Any] = {}
    for feature in features:
        known = feature.categories
        if known:
            columns[feature.name] = [known[i % len(known)] for i in range(len(_NUMBERS))]
        else:
            columns[feature.name] = list(_NUMBERS) if feature.kind == "number" else ["x"] * len(_NUMBERS)
    return pd.DataFrame(columns)


def check_answers(
    predict: Callable[[pd.DataFrame], NDArray[np.float64]], features: tuple[Feature, ...]
) -> None:
    """Ask a model about neutral rows, each by itself.

    Parameters
    ----------
    predict : callable
        ``frame (n, columns) -> probabilities (n, 2)``.
    features : tuple of Feature
        The model's columns.

    Raises
    ------
    RefusedModel
        When no row gets an answer, or an answer is no probability.
    """
    rows = neutral_rows(features)
    answers, failed = [], False
    for place in range(len(rows)):
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                answers.append(np.asarray(predict(rows.iloc[[place]]), dtype=np.float64))
        except (ArithmeticError, ValueError):
            # A number out of a step's range, such as the logarithm of 0, says nothing about the file.
            failed = True
        except Exception:  # noqa: BLE001 - a part that is damaged can fail in any way
            refuse_damaged("it loads and cannot predict")
    if not answers:
        # Text whose categories the file does not show cannot be made up here.
        if failed and all(f.categories or f.kind == "number" for f in features):
            refuse_damaged("it loads and cannot predict")
        return
    _check_numbers(answers)


def _check_numbers(answers: list[NDArray[np.float64]]) -> None:
    if any(answer.shape != (1, 2) for answer in answers):
        refuse_damaged("it does not answer with one probability for each of two classes")
    found = np.concatenate(answers)
    if np.isnan(found).any(axis=1).all():
        msg = tr(
            "The model returned no number for any trial row. Its coefficients may be damaged; save it again."
        )
        raise RefusedModel(msg, code="no_number")
    numbers = found[~np.isnan(found).any(axis=1)]
    is_probability = (numbers >= 0) & (numbers <= 1)
    if not is_probability.all() or (np.abs(numbers.sum(axis=1) - 1) > _TOLERANCE).any():
        msg = tr(
            "The model's scores leave 0 to 1 or do not add up to 1, so they are no probabilities. Use a "
            "classifier."
        )
        raise RefusedModel(msg, code="no_probabilities")
