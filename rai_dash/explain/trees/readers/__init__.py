"""Readers: a fitted estimator to the neutral form of its trees, and to the matrix that form takes.

What differs between the libraries is settled here, so that the walk over ``Trees`` takes the branch that the
library's own predict takes, bit for bit:

============== ======================== ======================== ======================================
library        a row goes left when     a blank goes             a category goes
============== ======================== ======================== ======================================
XGBoost        ``x < t``, both float32  where the node says      in the set: right; unknown: left
LightGBM       ``x <= t``, float64      by the node's kind of    in the set: left; unknown, negative
                                        missing value            or blank: right
scikit-learn   ``x <= t``, x as float32 where the node says      (no such splits)
HistGradient-  ``x <= t``, float64      where the node says      in the set: left; unknown: as a blank
Boosting
============== ======================== ======================== ======================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from rai_dash.explain.trees.readers._build import Reading
from rai_dash.explain.trees.readers.histogram_trees import read_histogram
from rai_dash.explain.trees.readers.lightgbm_trees import read_lightgbm
from rai_dash.explain.trees.readers.sklearn_trees import read_forest, read_gradient_boosting
from rai_dash.explain.trees.readers.xgboost_trees import read_xgboost

READERS: Final[dict[str, Callable[[Any], Reading]]] = {
    "Booster": read_xgboost,
    "XGBClassifier": read_xgboost,
    "XGBRFClassifier": read_xgboost,
    "LightgbmTrees": read_lightgbm,
    "LGBMClassifier": read_lightgbm,
    "DecisionTreeClassifier": read_forest,
    "ExtraTreeClassifier": read_forest,
    "ExtraTreesClassifier": read_forest,
    "RandomForestClassifier": read_forest,
    "GradientBoostingClassifier": read_gradient_boosting,
    "HistGradientBoostingClassifier": read_histogram,
}


def read_trees(estimator: Any) -> Reading:
    """Read a fitted tree ensemble for two classes.

    Parameters
    ----------
    estimator : object
        One whose type is named in ``READERS``.

    Returns
    -------
    Reading
        Its trees, for class 1, and how to prepare what the estimator is given.

    Raises
    ------
    RouteRefused
        When it is no sum of trees of the kinds that are read; the message says why.
    """
    return READERS[type(estimator).__name__](estimator)
