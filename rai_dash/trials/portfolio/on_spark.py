"""XGBoost's own Spark estimator on the rows of a cluster, with the weights of their cells.

Every executor needs this package, as for scoring there. Source: XGBoost 3, ``xgboost.spark.SparkXGBClassifier``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.portfolio import plain_frame
from rai_dash.data.portfolio.spark_errors import said_plainly
from rai_dash.data.portfolio.spark_rows import quoted
from rai_dash.models._xgboost.labels import with_plain_names, write_labels
from rai_dash.models.refit import Refitted
from rai_dash.trials.portfolio.columns import ModelColumns
from rai_dash.trials.portfolio.external import TreeRecipe, true_labels_of
from rai_dash.trials.portfolio.rows import PortfolioRows, Weighing

_LABEL, _WEIGHT = "rai_dash_label", "rai_dash_weight"
#: Names that XGBoost's files and the estimator take under other names than ``xgboost.train``.
_ESTIMATOR_NAMES: Final = {"eta": "learning_rate", "lambda": "reg_lambda"}


def train_on_spark(
    frame: Any, rows: PortfolioRows, columns: ModelColumns, recipe: TreeRecipe, *, workers: int = 1
) -> Refitted:
    """Train XGBoost where the rows lie.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
        The table that ``rows`` counts.
    rows : PortfolioRows
        Says which rows count how much.
    columns : ModelColumns
        What is trained on.
    recipe : TreeRecipe
        Kind, depth and number of the trees.
    workers : int
        Spark tasks that train together; at most the free slots of the cluster.

    Returns
    -------
    Refitted
        The model as ``.ubj``, which is read here like any other.

    Raises
    ------
    InvalidChoice
        When there is no pyspark.
    RaiError
        What an executor told, or that Spark failed.
    """
    estimator = _estimator(columns, recipe, workers)
    needed = rows.weighing.needed(columns.names)
    prepare = partial(
        prepared,
        weighing=rows.weighing,
        columns=columns,
        positive_is_favourable=recipe.positive_is_favourable,
    )
    fields = ", ".join(f"f{i} double" for i in range(len(columns.names)))
    table = frame.select(*map(quoted, needed)).mapInArrow(
        prepare, f"{fields}, {_LABEL} double, {_WEIGHT} double"
    )
    with said_plainly():
        booster = estimator.fit(table).get_booster()
    return Refitted(_with_columns(booster, columns), recipe.words)


def prepared(
    batches: Iterator[pa.RecordBatch],
    *,
    weighing: Weighing,
    columns: ModelColumns,
    positive_is_favourable: bool,
) -> Iterator[pa.RecordBatch]:
    """Bring rows to the numbers that the estimator takes: features, label and weight; runs on the executors."""
    for batch in batches:
        found = weighing.batch(plain_frame(pa.Table.from_batches([batch])), columns.names)
        matrix = columns.matrix(found.frame)
        features = [_as_numbers(matrix[name]) for name in columns.names]
        good = found.favourable if positive_is_favourable else ~found.favourable
        names = [*(f"f{i}" for i in range(len(features))), _LABEL, _WEIGHT]
        yield pa.RecordBatch.from_arrays(
            [*map(pa.array, features), pa.array(good.astype(np.float64)), pa.array(found.weight)], names=names
        )


def _as_numbers(column: pd.Series) -> Any:
    """Write categories as their places, blanks as NaN."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy().astype(np.float64)
        return np.where(codes < 0, np.nan, codes)
    return column.to_numpy(np.float64, na_value=np.nan)


def _estimator(columns: ModelColumns, recipe: TreeRecipe, workers: int) -> Any:
    try:
        from xgboost.spark import SparkXGBClassifier
    except ImportError:
        msg = tr("Training on Spark needs pyspark. Install it with: pip install 'rai-dash[spark]'.")
        raise InvalidChoice(msg, code="no_spark") from None
    known = {k: v for k, v in recipe.params.items() if k != "objective"}
    return SparkXGBClassifier(
        features_col=[f"f{i}" for i in range(len(columns.names))],
        label_col=_LABEL,
        weight_col=_WEIGHT,
        num_workers=workers,
        n_estimators=recipe.rounds,
        tree_method="hist",
        seed=0,
        verbosity=0,
        verbose=False,
        feature_types=[
            "float" if known_labels is None else "c" for known_labels in columns.categories.values()
        ],
        **{_ESTIMATOR_NAMES.get(name, name): value for name, value in known.items()},
    )


def _with_columns(booster: Any, columns: ModelColumns) -> bytes:
    """Write the names of columns and categories into the model: on the executors both were numbers."""
    import xgboost

    few = pd.DataFrame({n: [0.0, 1.0] if c is None else [*c, *c][:2] for n, c in columns.categories.items()})
    plain, _ = with_plain_names(columns.matrix(few))
    named = xgboost.DMatrix(plain, label=[0.0, 1.0], enable_categorical=True)
    template = json.loads(xgboost.train({"tree_method": "hist"}, named, 1).save_raw("json"))["learner"]
    found = json.loads(booster.save_raw("json"))
    learner = found["learner"]
    for key in ("feature_names", "feature_types"):
        learner[key] = template[key]
    learner["gradient_booster"]["model"]["cats"] = template["gradient_booster"]["model"]["cats"]
    out = xgboost.Booster()
    out.load_model(bytearray(json.dumps(found).encode()))
    write_labels(out, true_labels_of(columns))
    return bytes(out.save_raw("ubj"))
