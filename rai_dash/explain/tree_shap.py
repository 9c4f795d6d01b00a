"""Tree ensembles with numeric splits: shap's TreeExplainer against a true, named background.

Given an array, shap keeps 100 rows of it without a word; the masker with ``max_samples`` is the way
round. Boosted trees are explained in log-odds, forests in the probability they average.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from rai_dash.explain._base import (
    ADDITIVITY_LIMIT,
    EXPLAINERS,
    LOG_ODDS,
    PROBABILITY,
    Attribution,
    Attributor,
    ExplainRoute,
    Progress,
    Reference,
    RouteRefused,
    Subject,
    rows_text,
)
from rai_dash.explain._columns import Composed, compose, has_blocks, last_step, owners_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

BACKGROUND_ROWS = 1_000
#: One pass of shap costs rows x background: this many rows between two reports of progress.
CHUNK_ROWS = 8
#: Up to here the exact route by differing columns is preferred for one-hot blocks (see ``supports``).
FEW_COLUMNS = 15
BOOSTED = frozenset({"Booster", "XGBClassifier", "GradientBoostingClassifier", "HistGradientBoostingClassifier"})
FORESTS = frozenset(
    {"DecisionTreeClassifier", "ExtraTreeClassifier", "ExtraTreesClassifier", "RandomForestClassifier"}
)
#: These compare their inputs as float32. Thresholds misroute a float64 0.1 unless it is rounded first.
FLOAT32_INPUT = (BOOSTED | FORESTS) - {"HistGradientBoostingClassifier"}


def _is_plain_boosting(model: Any) -> bool:
    """Whether an XGBoost model is a sum of trees of equal weight with numeric splits."""
    booster = model.get_booster() if hasattr(model, "get_booster") else model
    kind = json.loads(booster.save_config())["learner"]["gradient_booster"]["name"]
    types = booster.feature_types or ()
    return kind == "gbtree" and "c" not in types


def _has_numeric_splits_only(model: Any) -> bool:
    name = type(model).__name__
    if name in {"Booster", "XGBClassifier"}:
        return _is_plain_boosting(model)
    categorical = getattr(model, "is_categorical_", None)  # of HistGradientBoosting
    return name in BOOSTED | FORESTS and (categorical is None or not np.any(categorical))


def supports(subject: Subject, space: str) -> bool:
    """Whether this is an ensemble of numeric splits that answers in the wanted space.

    The values of a one-hot block do not add up to the value of its column: the game in which the whole
    column moves is another one (relative difference about 0.4 %). So a pipeline with one-hot blocks is
    left to the exact route by differing columns, unless it has too many columns for that; then the
    block is summed and the result says that it is an approximation.
    """
    model = last_step(subject)
    if not _has_numeric_splits_only(model):
        return False
    natural = PROBABILITY if type(model).__name__ in FORESTS else LOG_ODDS
    owners = owners_of(subject)
    if owners is None or (has_blocks(owners) and len(subject.names) <= FEW_COLUMNS):
        return False
    return natural in {space, PROBABILITY}


def _matrix(composed: Composed, rows: pd.DataFrame) -> FloatArray:
    """Prepare rows and round them as the trees will."""
    matrix = composed.prepare(rows)
    if type(composed.estimator).__name__ in FLOAT32_INPUT:
        matrix = matrix.astype(np.float32).astype(np.float64)
    return matrix


def _explainer(estimator: Any, background: FloatArray) -> Any:
    """Set up shap with all the rows it is given."""
    import shap
    from shap.utils._exceptions import ExplainerError, InvalidModelError

    masker = shap.maskers.Independent(background, max_samples=len(background))
    try:
        return shap.TreeExplainer(
            estimator, data=masker, feature_perturbation="interventional", model_output="raw"
        )
    except (ExplainerError, InvalidModelError, NotImplementedError, AssertionError, TypeError, ValueError) as e:
        msg = f"shap cannot read its trees ({type(e).__name__})"
        raise RouteRefused(msg) from None


def _of_class_1(values: Any) -> FloatArray:
    """Take class 1 where shap answers for both classes, in the last axis."""
    array = np.asarray(values, dtype=np.float64)
    return array[..., 1] if array.ndim and array.shape[-1] == 2 and array.ndim in {1, 3} else array


def build(subject: Subject, reference: Reference, _space: str) -> Attributor:
    """Draw the reference rows, set up shap, check its base and return the attributor."""
    names = list(subject.names)
    forest = type(last_step(subject)).__name__ in FORESTS
    space = PROBABILITY if forest else LOG_ODDS
    background = reference.sample(subject, space, BACKGROUND_ROWS)[names]
    composed = compose(subject, background)
    if composed is None:
        msg = "its preparation does not act column by column"
        raise RouteRefused(msg)
    explainer = _explainer(composed.estimator, _matrix(composed, background))
    base = float(np.ravel(_of_class_1(explainer.expected_value))[0])
    # Rows that shap sends down another branch than the model does cancel out in the additivity error
    # of an applicant, but not in the mean over the reference rows.
    if abs(base - float(subject.output(background, space).mean())) > ADDITIVITY_LIMIT * max(1.0, abs(base)):
        msg = "shap's mean over the reference rows is not the model's"
        raise RouteRefused(msg)
    approximate = has_blocks(composed.owners)
    note = ", one-hot columns summed (approximates the whole column)" if approximate else ""

    def attribute(rows: pd.DataFrame, progress: Progress) -> Attribution:
        n = len(rows)
        matrix = _matrix(composed, rows)
        values = np.empty((n, len(names)))
        for at in range(0, n, CHUNK_ROWS):
            found = _of_class_1(explainer.shap_values(matrix[at : at + CHUNK_ROWS], check_additivity=False))
            values[at : at + CHUNK_ROWS] = composed.by_column(found, len(names))
            progress(min(at + CHUNK_ROWS, n), n, "rows explained")
        return Attribution(
            space=space,
            base=np.full(n, base),
            values=values,
            output=subject.output(rows, space),
            method=f"shap TreeExplainer, interventional, against {rows_text(len(background))}{note}",
            background_rows=len(background),
            exact=not approximate,
        )

    return attribute


EXPLAINERS.add(
    "tree_shap",
    ExplainRoute(
        name="tree_shap", label="Trees against reference rows (shap)", rank=20, supports=supports, build=build
    ),
    home=__name__,
)
