"""Walking the objects inside a loaded scikit-learn model: damage is refused, side effects are switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import FunctionType, MethodType
from typing import Any, Final

import numpy as np

from rai_dash.core.errors import RefusedModel
from rai_dash.models._skops import arrays, trees
from rai_dash.models._skops.archive import refuse_damaged
from rai_dash.models._skops.boosters import check_lightgbm, keep_training_settings

_PLAIN = (str, bytes, bytearray, int, float, type, type(None))


def parts(model: Any) -> Iterator[Any]:
    """Walk every object inside a model once, without recursion."""
    waiting, seen = [model], set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, _PLAIN) or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, np.ndarray):
            waiting += part.ravel().tolist() if part.dtype == object else []
        elif isinstance(part, (list, tuple, set, frozenset)):
            waiting += list(part)
        elif isinstance(part, dict):
            waiting += list(part.values())
        else:
            yield part
            waiting += list(getattr(part, "__dict__", {}).values())


_FORESTS: Final = (
    "RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor RandomTreesEmbedding "
    "BalancedRandomForestClassifier"
)
_NEIGHBOURS: Final = "KNeighborsClassifier RadiusNeighborsClassifier KNeighborsRegressor NearestNeighbors"
_NEIGHBOUR_TREES: Final = "KDTree KDTree64 BallTree BallTree64"
_SPARSE: Final = "csr_matrix csr_array csc_matrix csc_array"
_CHECKS: Final[tuple[tuple[str, Callable[[Any], None]], ...]] = (
    (_FORESTS, trees.check_forest),
    ("GradientBoostingClassifier GradientBoostingRegressor", trees.check_gradient_boosting),
    ("HistGradientBoostingClassifier HistGradientBoostingRegressor", trees.check_histogram),
    (_NEIGHBOUR_TREES, trees.check_neighbour_tree),
    (_NEIGHBOURS, trees.check_neighbours),
    ("SVC NuSVC", arrays.check_support_vectors),
    ("OneHotEncoder", arrays.check_one_hot),
    ("BSpline", arrays.check_spline),
    (_SPARSE, arrays.check_sparse),
    ("RandomState Generator", arrays.check_random),
    ("PolynomialFeatures", arrays.check_polynomial),
    ("StackingClassifier", arrays.check_stack),
    ("LGBMClassifier", check_lightgbm),
)
_CHECK_OF: Final = {name: check for names, check in _CHECKS for name in names.split()}
#: What a part has once it is trained; the settings of an untrained one hold nothing to check.
_TRAINED: Final = {
    "PolynomialFeatures": "n_output_features_",
    "StackingClassifier": "stack_method_",
    "OneHotEncoder": "categories_",
    "LGBMClassifier": "_Booster",
}
#: What is complete from the start.
_ALWAYS: Final = {"BSpline", "RandomState", "Generator", *_SPARSE.split(), *_NEIGHBOUR_TREES.split()}


def check_parts(model: Any) -> None:
    """Check the parts that native code reads without a look: damage there would kill or hang a prediction.

    Raises
    ------
    RefusedModel
        When a part points outside itself, or contradicts another.
    """
    for part in parts(model):
        name = type(part).__name__
        try:
            _check_attributes(part)
            # Boosting takes the tree of whatever part it is handed.
            if "tree_" in getattr(part, "__dict__", {}):
                trees.check_tree_holder(part)
            if name in _CHECK_OF and (name in _ALWAYS or _is_trained(part, name)):
                _CHECK_OF[name](part)
        except RefusedModel:
            raise
        except Exception:  # noqa: BLE001 - a part that lost an attribute can fail in any way
            refuse_damaged(f"its {name} is not complete")


def _is_trained(part: Any, name: str) -> bool:
    held = part.__dict__
    mark = _TRAINED.get(name)
    return mark in held if mark else any(n.endswith("_") and not n.startswith("__") for n in held)


def _check_attributes(part: Any) -> None:
    """Check that no attribute of a part takes the place of one of its methods."""
    for name in getattr(part, "__dict__", {}):
        if isinstance(getattr(type(part), name, None), (FunctionType, MethodType)):
            refuse_damaged(f"`{str(name)[:80]}` takes the place of a method")


def tame(model: Any) -> None:
    """Switch off what would write files, start processes or print."""
    for part in parts(model):
        held = getattr(part, "__dict__", {})
        for name, value in (("memory", None), ("n_jobs", 1), ("verbose", False)):
            if name in held:
                held[name] = value
        if isinstance(held.get("_other_params"), dict):
            keep_training_settings(held)
