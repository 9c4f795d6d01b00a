"""scikit-learn pipelines as ``.skops``, loaded with our own list of types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, RefusedModel
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.types import ModelInfo
from rai_dash.data.labels import label_text
from rai_dash.models._base import MODEL_FORMATS, ModelFormat, model_columns, other_names
from rai_dash.models._skops_columns import KnownColumns, as_trained, feature_of, known_columns
from rai_dash.models._skops_parts import check_trees, tame
from rai_dash.models._skops_review import allowed_types, refuse_damaged, review

FloatArray = NDArray[np.float64]


def _sniff(head: bytes) -> bool:
    """Whether the first bytes are an archive; the review tells what is in it."""
    return head.startswith(b"PK\x03\x04") and (b".npy" in head or b"schema.json" in head or b".npz" in head)


@dataclass(slots=True)
class SkopsModel:
    """A loaded scikit-learn classifier; see `rai_dash.models._base.NativeModel`.

    ``known`` says what the columns were in training.
    """

    info: ModelInfo
    native: Any
    known: KnownColumns

    def rename(self, names: Sequence[str]) -> None:
        """Accept the names the model was fitted with, and no others."""
        if tuple(names) != self.info.feature_names:
            raise other_names(self.info, names)

    def matrix(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the model's columns: text where training had text, else numbers."""
        chosen = model_columns(frame, self.info.features)
        columns = {f.name: as_trained(chosen[f.name], f, self.known) for f in self.info.features}
        return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))

    def _ask(self, method: str, frame: pd.DataFrame) -> FloatArray:
        matrix = self.matrix(frame)
        try:
            return np.asarray(getattr(self.native, method)(matrix), dtype=np.float64)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            said = " ".join(str(error).split())[:200]
            msg = (
                f"The model cannot score this table. scikit-learn says: {said}. "
                "Repair the columns it names, or let the pipeline handle blanks and unknown values."
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
    if not hasattr(model, "predict_proba") or found is None:
        msg = (
            "This model gives no probabilities (it may be a regressor). Train a classifier with predict_proba, "
            "or upload a table with a score column."
        )
        raise RefusedModel(msg, code="no_probabilities")
    classes = [label_text(c) for c in found] if np.ndim(found) == 1 else []
    if len(classes) != 2 or classes[0] == classes[1]:
        msg = f"This model has {np.size(found)} classes. Train one for approved against not approved."
        raise RefusedModel(msg, code="multiclass")
    return classes[0], classes[1]


def _family(model: Any) -> str:
    name = type(_last(model)).__name__
    return f"scikit-learn {name}" + (" in a pipeline" if hasattr(model, "steps") else "")


def load(content: bytes) -> SkopsModel:
    """Load a reviewed file; call it in the separate process only.

    Raises
    ------
    RefusedModel
        When it is no classifier for two classes, has no column names, or a tree is damaged.
    """
    model = _put_together(content)
    check_trees(model)
    tame(model)
    classes = _classes(model)
    found = getattr(model, "feature_names_in_", None)
    if found is None:
        msg = "This model does not know its column names. Fit it on a table (DataFrame) and save it again."
        raise RefusedModel(msg, code="no_feature_names")
    names = [str(n) for n in found]
    known = known_columns(model, names)
    info = ModelInfo(
        format="skops",
        family=_family(model),
        fingerprint=fingerprint_bytes(content),
        features=tuple(feature_of(n, known) for n in names),
        classes=classes,
        has_class_labels=True,
        can_refit=True,
    )
    return SkopsModel(info, model, known)


def _put_together(content: bytes) -> Any:
    """Build the objects; of a finished search only the best model is kept."""
    import skops.io

    types = set(allowed_types(content))
    try:
        wanted = skops.io.get_untrusted_types(data=content)
        model = skops.io.loads(content, trusted=[t for t in wanted if t in types])
        return getattr(model, "best_estimator_", model)
    except Exception:  # noqa: BLE001 - a damaged file can fail in any way of any library
        refuse_damaged("scikit-learn cannot put it together")


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
