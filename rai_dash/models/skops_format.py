"""scikit-learn pipelines as ``.skops``, loaded with our own list of types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import RefusedModel
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.types import Feature, ModelInfo
from rai_dash.data.columns import is_number
from rai_dash.data.labels import label_text, labels
from rai_dash.models._base import MODEL_FORMATS, ModelFormat, model_columns, numeric_column
from rai_dash.models._skops_review import allowed_types, refuse_damaged, review

FloatArray = NDArray[np.float64]


def _sniff(head: bytes) -> bool:
    """Whether the first bytes are an archive; the review tells what is in it."""
    return head.startswith(b"PK\x03\x04") and (b".npy" in head or b"schema.json" in head or b".npz" in head)


@dataclass(slots=True)
class SkopsModel:
    """A loaded scikit-learn classifier; see `rai_dash.models._base.NativeModel`.

    ``text`` names the columns that were text in training.
    """

    info: ModelInfo
    native: Any
    text: frozenset[str]

    def matrix(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the model's columns: text where training had text, else numbers."""
        chosen = model_columns(frame, self.info.features)
        columns: dict[str, Any] = {}
        for feature in self.info.features:
            series = chosen[feature.name]
            if feature.name in self.text:
                # scikit-learn's encoders and imputers want missing text as NaN in an object column.
                columns[feature.name] = labels(series).astype(object).where(series.notna(), np.nan)
            else:
                columns[feature.name] = _as_trained(series, feature)
        return pd.DataFrame(columns)

    def probability(self, frame: pd.DataFrame) -> FloatArray:
        """Return the probability of class 1."""
        return np.asarray(self.native.predict_proba(self.matrix(frame))[:, 1], dtype=np.float64)

    def margin(self, frame: pd.DataFrame) -> FloatArray | None:
        """Return the log-odds of class 1, from the decision function of a logistic model or from probabilities."""
        if _is_logistic(self.native):
            return np.asarray(self.native.decision_function(self.matrix(frame)), dtype=np.float64)
        p = self.probability(frame)
        with np.errstate(divide="ignore"):
            return np.log(p) - np.log1p(-p)


def _is_logistic(model: Any) -> bool:
    """Whether the decision function is the log-odds."""
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    kinds = {
        "LogisticRegression",
        "LogisticRegressionCV",
        "HistGradientBoostingClassifier",
        "GradientBoostingClassifier",
    }
    return type(last).__name__ in kinds and hasattr(model, "decision_function")


def _as_trained(series: pd.Series, feature: Feature) -> Any:
    """Return numbers; whole numbers stay whole, as categories trained as numbers are compared exactly."""
    if is_number(series) and series.dtype.kind == "i":
        return series
    return numeric_column(series, feature.name)


def _parts(model: Any) -> Iterator[Any]:
    """Walk the estimators inside a model without recursion."""
    waiting, seen = [model], set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen or isinstance(part, (str, bytes, int, float, np.ndarray, type(None))):
            continue
        seen.add(id(part))
        if isinstance(part, (list, tuple, set)):
            waiting += list(part)
        elif isinstance(part, dict):
            waiting += list(part.values())
        elif hasattr(part, "__dict__"):
            yield part
            waiting += list(vars(part).values())


def _encoder_categories(model: Any) -> dict[str, tuple[Any, ...]]:
    """Collect the categories that encoders know, by original column, where a column reaches one directly."""
    found: dict[str, tuple[Any, ...]] = {}
    for part in _parts(model):
        if type(part).__name__ != "ColumnTransformer" or not hasattr(part, "transformers_"):
            continue
        for _, step, columns in part.transformers_:
            names = (
                [columns]
                if isinstance(columns, str)
                else list(np.atleast_1d(columns))
                if columns is not None
                else []
            )
            encoder = next((p for p in _parts(step) if hasattr(p, "categories_")), None)
            if encoder is None or not all(isinstance(n, str) for n in names):
                continue
            if len(encoder.categories_) == len(names):
                found |= {str(n): tuple(c) for n, c in zip(names, encoder.categories_, strict=True)}
    return found


def _is_text(categories: tuple[Any, ...]) -> bool:
    return any(isinstance(c, str) for c in categories)


def _feature(name: str, categories: tuple[Any, ...] | None) -> Feature:
    if categories is None:
        return Feature(name)
    known = tuple(text for c in categories if (text := label_text(c)))
    return Feature(name, "category", known)


def _check_trees(model: Any) -> None:
    """Check the arrays of every tree: a damaged one would kill or hang its predict."""
    for part in _parts(model):
        if type(part).__name__ == "Tree":
            _check_tree(part.children_left, part.children_right, part.feature, int(part.n_features))
        for tree in getattr(part, "estimators_", []) if hasattr(part, "estimators_") else []:
            inner = getattr(tree, "tree_", None)
            if inner is not None:
                _check_tree(inner.children_left, inner.children_right, inner.feature, int(inner.n_features))
        if type(part).__name__ == "TreePredictor":
            nodes = part.nodes
            leaf = nodes["is_leaf"].astype(bool)
            left = np.where(leaf, -1, nodes["left"].astype(np.int64))
            right = np.where(leaf, -1, nodes["right"].astype(np.int64))
            _check_tree(left, right, nodes["feature_idx"].astype(np.int64), None)


def _check_tree(left: Any, right: Any, feature: Any, n_features: int | None) -> None:
    n, at = len(left), np.flatnonzero(np.asarray(left) != -1)
    inner = np.asarray(left) != -1
    broken = not np.array_equal(inner, np.asarray(right) != -1)
    for child in (np.asarray(left)[at], np.asarray(right)[at]):
        broken = broken or bool(((child <= at) | (child >= n)).any())
    asked = np.asarray(feature)[at]
    if n_features is not None and asked.size:
        broken = broken or bool(asked.min() < 0 or asked.max() >= n_features)
    if broken:
        refuse_damaged("one of its trees points outside itself")


def _tame(model: Any) -> None:
    """Switch off what would write files, start processes or print."""
    for part in _parts(model):
        for name, value in (("memory", None), ("n_jobs", 1), ("verbose", 0)):
            if name in vars(part):
                setattr(part, name, value)


def _classes(model: Any) -> tuple[str, str]:
    if not hasattr(model, "predict_proba"):
        msg = (
            "This model gives no probabilities (it may be a regressor). Train a classifier with predict_proba, "
            "or upload a table with a score column."
        )
        raise RefusedModel(msg, code="no_probabilities")
    classes = [label_text(c) for c in model.classes_]
    if len(classes) != 2:
        msg = f"This model has {len(classes)} classes. Train one for approved against not approved."
        raise RefusedModel(msg, code="multiclass")
    return classes[0], classes[1]


def _family(model: Any) -> str:
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    name = type(last).__name__
    return f"scikit-learn {name}" + (" in a pipeline" if hasattr(model, "steps") else "")


def load(content: bytes) -> SkopsModel:
    """Load a reviewed file; call it in the separate process only.

    Raises
    ------
    RefusedModel
        When it is no classifier for two classes, has no column names, or a tree is damaged.
    """
    import skops.io

    types = set(allowed_types(content))
    wanted = skops.io.get_untrusted_types(data=content)
    try:
        model = skops.io.loads(content, trusted=[t for t in wanted if t in types])
    except RefusedModel:
        raise
    except Exception:  # noqa: BLE001 - a damaged file can fail in any way of any library
        refuse_damaged("scikit-learn cannot put it together")
    _check_trees(model)
    _tame(model)
    classes = _classes(model)
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        msg = "This model does not know its column names. Fit it on a table (DataFrame) and save it again."
        raise RefusedModel(msg, code="no_feature_names")
    categories = _encoder_categories(model)
    info = ModelInfo(
        format="skops",
        family=_family(model),
        fingerprint=fingerprint_bytes(content),
        features=tuple(_feature(str(n), categories.get(str(n))) for n in names),
        classes=classes,
        has_class_labels=True,
        can_refit=True,
    )
    return SkopsModel(info, model, frozenset(n for n, c in categories.items() if _is_text(c)))


MODEL_FORMATS.add(
    "skops",
    ModelFormat(
        name="skops",
        label="scikit-learn (skops)",
        suffixes=(".skops",),
        sniff=_sniff,
        review=review,
        load=load,
    ),
    home=__name__,
)
