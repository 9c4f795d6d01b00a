"""scikit-learn pipelines as ``.skops``, loaded with our own list of types."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, RefusedModel
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.texts import tr
from rai_dash.core.types import ModelInfo, Notice
from rai_dash.data.labels import label_text
from rai_dash.models._base import (
    MODEL_FORMATS,
    NO_NAMES,
    ModelFormat,
    check_names,
    model_columns,
    other_names,
)
from rai_dash.models._skops.archive import refuse_damaged
from rai_dash.models._skops.columns import KnownColumns, as_trained, feature_of, known_columns
from rai_dash.models._skops.parts import check_parts, tame
from rai_dash.models._skops.review import Reviewed, cleared, review, reviewed
from rai_dash.models._skops.trial import check_answers

FloatArray = NDArray[np.float64]
MAX_FEATURES = 100_000
_VERSIONS = re.compile(r"version (\S+?)(?= |\.\s|$)")


def _sniff(head: bytes) -> bool:
    """Whether the first bytes are an archive; the review tells what is in it."""
    return head.startswith(b"PK\x03\x04") and (b".npy" in head or b"schema.json" in head or b".npz" in head)


@dataclass(slots=True)
class SkopsModel:
    """A loaded scikit-learn classifier; see `rai_dash.models._base.NativeModel`.

    ``known`` says what the columns were in training; ``is_nameless`` that they had no names there.
    """

    info: ModelInfo
    native: Any
    known: KnownColumns
    is_nameless: bool = False

    def rename(self, names: Sequence[str]) -> None:
        """Take names for a model that was trained without any; else accept its own and no others."""
        check_names(self.info, names)
        old = self.info.feature_names
        if tuple(names) == old:
            return
        if not self.is_nameless:
            raise other_names(self.info, names)
        to = dict(zip(old, names, strict=True))
        self.known = self.known.renamed(to)
        self.info = replace(
            self.info,
            features=tuple(replace(f, name=to[f.name]) for f in self.info.features),
            warnings=tuple(n for n in self.info.warnings if n.code != NO_NAMES),
        )

    def matrix(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the model's columns: text where training had text, else numbers."""
        chosen = model_columns(frame, self.info.features)
        columns = {f.name: _kept(as_trained(chosen[f.name], f, self.known)) for f in self.info.features}
        return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)), copy=False)

    def _matrix(self, frame: pd.DataFrame) -> Any:
        """Return the columns as in training: without names where it had none."""
        matrix = self.matrix(frame)
        return matrix.to_numpy() if self.is_nameless else matrix

    def trial(self, frame: pd.DataFrame) -> FloatArray:
        """Return the probabilities of both classes, and let every error through."""
        return np.asarray(self.native.predict_proba(self._matrix(frame)))

    def _ask(self, method: str, frame: pd.DataFrame) -> FloatArray:
        matrix = self._matrix(frame)
        try:
            return np.asarray(getattr(self.native, method)(matrix), dtype=np.float64)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            said = " ".join(str(error).split())[:200]
            msg = tr(
                "The model cannot score this table. scikit-learn says: {said}. Repair the columns it "
                "names, or let the pipeline handle blanks and unknown values.",
                said=said,
            )
            raise InvalidChoice(msg, code="cannot_score") from error

    def probability(self, frame: pd.DataFrame) -> FloatArray:
        """Return the probability of class 1."""
        return self._ask("predict_proba", frame)[:, 1]

    def margin(self, frame: pd.DataFrame) -> FloatArray | None:
        """Return the log-odds of class 1, from the decision function of a logistic model or from probabilities."""
        if _is_logistic(self.native):
            return self._ask("decision_function", frame)
        p = self.probability(frame)
        with np.errstate(divide="ignore"):
            return np.log(p) - np.log1p(-p)


def _kept(values: Any) -> Any:
    """Keep texts as the objects that scikit-learn makes of them anyway; pandas would pack and unpack them."""
    if isinstance(values, np.ndarray) and values.dtype == object:
        return pd.Series(values, dtype=object, copy=False)
    return values


def _last(model: Any) -> Any:
    return model.steps[-1][1] if hasattr(model, "steps") else model


def _is_logistic(model: Any) -> bool:
    """Whether the decision function is the log-odds."""
    last = _last(model)
    if type(last).__name__ == "GradientBoostingClassifier":
        return bool(last.loss == "log_loss")
    kinds = {"LogisticRegression", "LogisticRegressionCV", "HistGradientBoostingClassifier"}
    return type(last).__name__ in kinds


def _classes(model: Any) -> tuple[str, str]:
    found = getattr(model, "classes_", None)
    if found is None and hasattr(model, "predict_proba"):
        msg = tr(
            "This model is not trained yet. Fit it and save it again with `skops.io.dump(model, "
            "'model.skops')`."
        )
        raise RefusedModel(msg, code="not_fitted")
    if not hasattr(model, "predict_proba") or found is None:
        msg = tr(
            "This model gives no probabilities (it may be a regressor). Train a classifier with "
            "predict_proba, or upload a table with a score column."
        )
        raise RefusedModel(msg, code="no_probabilities")
    classes = [label_text(c) for c in found] if np.ndim(found) == 1 else []
    if len(classes) != 2 or classes[0] == classes[1]:
        msg = tr(
            "This model has {size} classes. Train one for approved against not approved.", size=np.size(found)
        )
        raise RefusedModel(msg, code="multiclass")
    return classes[0], classes[1]


def _family(model: Any) -> str:
    name = type(_last(model)).__name__
    return f"scikit-learn {name}" + (" in a pipeline" if hasattr(model, "steps") else "")


def load(content: bytes) -> SkopsModel:
    """Load a file; call it in the separate process only.

    Raises
    ------
    RefusedModel
        When the review refuses it, it is no classifier for two classes, or a part of it is damaged.
    """
    model, notices = _put_together(content, reviewed(content))
    return wrap(model, content, notices)


def wrap(estimator: Any, content: bytes, notices: Sequence[Notice] = ()) -> SkopsModel:
    """Make a model of an estimator that was put together from a file, once its parts are checked.

    Parameters
    ----------
    estimator : object
        A fitted classifier, pipeline or search; of a search the best model is kept.
    content : bytes
        The file, for the fingerprint.
    notices : sequence of Notice
        Found while it was put together.

    Raises
    ------
    RefusedModel
        When it is no classifier for two classes, or a part of it is damaged.
    """
    model = getattr(estimator, "best_estimator_", estimator)
    check_parts(model)
    tame(model)
    try:
        loaded = _described(model, fingerprint_bytes(content), notices)
    except RefusedModel:
        raise
    except Exception:  # noqa: BLE001 - properties of a damaged pipeline can fail in any way
        refuse_damaged("its parts do not fit each other")
    check_answers(loaded.trial, loaded.info.features)
    return loaded


def _described(model: Any, fingerprint: str, notices: Sequence[Notice]) -> SkopsModel:
    """Ask a model for its classes and columns."""
    classes = _classes(model)
    names, nameless = _names(model)
    known = known_columns(model, names)
    info = ModelInfo(
        format="skops",
        family=_family(model),
        fingerprint=fingerprint,
        features=tuple(feature_of(n, known) for n in names),
        classes=classes,
        has_class_labels=True,
        can_refit=True,
        warnings=(*nameless, *notices),
    )
    return SkopsModel(info, model, known, is_nameless=bool(nameless))


def _put_together(content: bytes, found: Reviewed) -> tuple[Any, list[Notice]]:
    """Build the objects from the reviewed schema."""
    import skops.io

    file, types = cleared(content, found.schema), set(found.types)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            wanted = skops.io.get_untrusted_types(data=file)
            model = skops.io.loads(file, trusted=[t for t in wanted if t in types])
    except Exception:  # noqa: BLE001 - a damaged file can fail in any way of any library
        refuse_damaged("scikit-learn cannot put it together")
    return model, [*_version(caught), *_threshold(found)]


def _version(caught: Sequence[warnings.WarningMessage]) -> list[Notice]:
    """Say when another version of scikit-learn wrote the model."""
    other = next(
        (str(w.message) for w in caught if type(w.message).__name__ == "InconsistentVersionWarning"), ""
    )
    versions = _VERSIONS.findall(other)[:2]
    if len(versions) < 2:
        return []
    text = (
        f"The model was trained with scikit-learn {versions[0]} and opened with {versions[1]}. Its scores may differ: "
        "compare them with a column of scores from the original model."
    )
    return [Notice("other_version", text)]


def _threshold(found: Reviewed) -> list[Notice]:
    if not found.has_threshold:
        return []
    text = "The model brings a threshold of its own, which is not used: choose the threshold here."
    return [Notice("own_threshold", text)]


def _names(model: Any) -> tuple[list[str], list[Notice]]:
    """Return the names of the columns, or f0, f1, … with a notice where training had none."""
    found = getattr(model, "feature_names_in_", None)
    if found is not None:
        names = [str(n) for n in found]
        if len(set(names)) != len(names) or not 0 < len(names) <= MAX_FEATURES:
            refuse_damaged("its column names are not all different")
        return names, []
    count = getattr(model, "n_features_in_", None)
    if not isinstance(count, (int, np.integer)) or not 0 < count <= MAX_FEATURES:
        refuse_damaged("it does not say how many columns it takes")
    text = "The model was trained without column names; the columns are expected to be called f0, f1, … in order."
    return [f"f{i}" for i in range(count)], [Notice(NO_NAMES, text)]


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
