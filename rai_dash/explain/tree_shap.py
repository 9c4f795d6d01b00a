"""Tree ensembles with numeric splits: shap's TreeExplainer against a true, named background.

Boosted trees are explained in log-odds, forests in the probability they average. shap 0.51 needs care:

- given an array it keeps 100 rows of it without a word; the masker with ``max_samples`` is the way round;
- its interventional code holds thresholds as float32, so a value next to a threshold may take the other
  branch, in trees of scaled columns quite often. Values and thresholds are replaced by their ranks here,
  which float32 holds exactly;
- it counts nodes in 16 bits and subsets in 32: larger trees are refused.
"""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from rai_dash.explain._base import (
    ADDITIVITY_LIMIT,
    EXPLAINERS,
    FORESTS,
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
BOOSTED = frozenset(
    {
        "Booster",
        "XGBClassifier",
        "LightgbmTrees",
        "GradientBoostingClassifier",
        "HistGradientBoostingClassifier",
    }
)
#: Limits of shap's C code: nodes of a tree (short), distinct columns on a path (int binomials).
MAX_NODES = 32_767
MAX_PATH_COLUMNS = 30
#: These compare their inputs as float32. Thresholds misroute a float64 0.1 unless it is rounded first.
FLOAT32_INPUT = (BOOSTED | FORESTS) - {"HistGradientBoostingClassifier", "LightgbmTrees"}


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
    if name == "LightgbmTrees":
        return not model.category_columns and model.slope == 1.0
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
    return space == natural


def _matrix(composed: Composed, rows: pd.DataFrame) -> FloatArray:
    """Prepare rows and round them as the trees will."""
    matrix = composed.prepare(rows)
    if type(composed.estimator).__name__ in FLOAT32_INPUT:
        matrix = matrix.astype(np.float32).astype(np.float64)
    return matrix


class _Ranked:
    """shap's explainer for one background, with thresholds and values replaced by their ranks.

    With the thresholds of a column sorted, ``x <= t[k]`` holds exactly when at most k thresholds are below x.
    """

    def __init__(self, explainer: Any) -> None:
        self._explainer = explainer
        model = explainer.model
        self.base = float(np.ravel(_of_class_1(explainer.expected_value))[0])
        inner = model.children_left >= 0
        longest = min(int(model.max_depth), explainer.data.shape[1])
        if model.children_left.shape[1] > MAX_NODES or longest > MAX_PATH_COLUMNS:
            msg = "its trees are larger than shap's code can count"
            raise RouteRefused(msg)
        self._edges: list[FloatArray] = []
        for j in range(explainer.data.shape[1]):
            here = inner & (model.features == j)
            edges = np.unique(model.thresholds[here])
            model.thresholds[here] = np.searchsorted(edges, model.thresholds[here])
            self._edges.append(edges)
        explainer.data = self._ranks(explainer.data)

    def _ranks(self, matrix: FloatArray) -> FloatArray:
        columns = [np.searchsorted(edges, matrix[:, j], side="left") for j, edges in enumerate(self._edges)]
        return np.where(np.isnan(matrix), np.nan, np.column_stack(columns))

    def values(self, matrix: FloatArray) -> FloatArray:
        """Compute the values of prepared rows for class 1, float64 (n, outputs)."""
        return _of_class_1(self._explainer.shap_values(self._ranks(matrix), check_additivity=False))


def _readable(estimator: Any) -> Any:
    """Return what shap can read of an estimator."""
    return estimator.booster if type(estimator).__name__ == "LightgbmTrees" else estimator


def _explainer(estimator: Any, background: FloatArray) -> _Ranked:
    """Set up shap with all the rows it is given."""
    import shap
    from shap.utils._exceptions import ExplainerError, InvalidModelError

    masker = shap.maskers.Independent(background, max_samples=len(background))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # shap advises fewer reference rows, which is what we avoid
            found = shap.TreeExplainer(
                _readable(estimator),
                data=masker,
                feature_perturbation="interventional",
                model_output="raw",
            )
    except (
        ExplainerError,
        InvalidModelError,
        NotImplementedError,
        AssertionError,
        TypeError,
        ValueError,
    ) as e:
        msg = f"shap cannot read its trees ({type(e).__name__})"
        raise RouteRefused(msg) from None
    return _Ranked(found)


def _of_class_1(values: Any) -> FloatArray:
    """Take class 1 where shap answers for both classes, in the last axis."""
    array = np.asarray(values, dtype=np.float64)
    return array[..., 1] if array.ndim and array.shape[-1] == 2 and array.ndim in {1, 3} else array


def build(subject: Subject, reference: Reference, space: str) -> Attributor:
    """Draw the reference rows, set up shap, check its base and return the attributor."""
    names = list(subject.names)
    background = reference.sample(subject, space, BACKGROUND_ROWS)[names]
    composed = compose(subject, background)
    if composed is None:
        msg = "its preparation does not act column by column"
        raise RouteRefused(msg)
    explainer = _explainer(composed.estimator, _matrix(composed, background))
    base = explainer.base
    # Rows that shap sends down another branch than the model does cancel out in the additivity error
    # of an applicant, but not in the mean over the reference rows.
    if abs(base - float(subject.output(background, space).mean())) > ADDITIVITY_LIMIT * max(1.0, abs(base)):
        msg = "shap's mean over the reference rows is not the model's"
        raise RouteRefused(msg)
    approximate = has_blocks(composed.owners)
    note = ", one-hot columns summed (approximates the whole column)" if approximate else ""
    method = f"shap TreeExplainer, interventional, against {rows_text(len(background))}{note}"

    def attribute(rows: pd.DataFrame, progress: Progress) -> Attribution:
        n = len(rows)
        matrix = _matrix(composed, rows)
        values = np.empty((n, len(names)))
        for at in range(0, n, CHUNK_ROWS):
            found = explainer.values(matrix[at : at + CHUNK_ROWS])
            values[at : at + CHUNK_ROWS] = composed.by_column(found, len(names))
            progress(min(at + CHUNK_ROWS, n), n, "rows explained")
        return Attribution(
            space=space,
            base=np.full(n, base),
            values=values,
            output=subject.output(rows, space),
            methods=[method] * n,
            background_rows=len(background),
            exact=np.full(n, not approximate),
        )

    return attribute


EXPLAINERS.add(
    "tree_shap",
    ExplainRoute(
        name="tree_shap", label="Trees against reference rows (shap)", rank=20, supports=supports, build=build
    ),
    home=__name__,
)
