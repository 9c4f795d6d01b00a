"""XGBoost models as ``.ubj`` or ``.json``, with the categories the file stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import RefusedModel
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.types import Feature, ModelInfo, Notice
from rai_dash.data.labels import label_text
from rai_dash.models._base import MODEL_FORMATS, ModelFormat, known_codes, model_columns, numeric_column
from rai_dash.models._xgboost_review import review

FloatArray = NDArray[np.float64]
CATEGORY, NUMBER = "category", "number"


def _sniff(head: bytes) -> bool:
    """Whether the first bytes are an object with a learner or a version, in JSON or UBJSON."""
    if not head.startswith(b"{"):
        return False
    start = head[1:64].lstrip()
    if start.startswith(b'"'):
        return b'"learner"' in head[:512] or b'"version"' in head[:512]
    return start[:1] in {b"L", b"i", b"U", b"I", b"l", b"$", b"#"}


@dataclass(slots=True)
class XgboostModel:
    """A loaded booster; see `rai_dash.models._base.NativeModel`.

    ``stored`` holds, per category feature, the categories as the file has them (text or numbers).
    """

    info: ModelInfo
    native: Any
    stored: dict[str, Any]

    def matrix(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the model's columns: numbers as float64, categories with the file's own list of them."""
        chosen = model_columns(frame, self.info.features)
        columns: dict[str, Any] = {}
        for feature in self.info.features:
            series = chosen[feature.name]
            if feature.kind == CATEGORY:
                codes, _ = known_codes(series, feature.categories)
                columns[feature.name] = pd.Categorical.from_codes(codes, categories=self.stored[feature.name])
            else:
                columns[feature.name] = numeric_column(series, feature.name)
        return pd.DataFrame(columns)

    def _predict(self, frame: pd.DataFrame, *, margin: bool) -> FloatArray:
        import xgboost

        # Types in the file say int where training had whole numbers; the values are the same.
        data = xgboost.DMatrix(self.matrix(frame), enable_categorical=True)
        found = self.native.predict(data, output_margin=margin, validate_features=False)
        return np.asarray(found, dtype=np.float64)

    def probability(self, frame: pd.DataFrame) -> FloatArray:
        """Return the probability of class 1; float32 of the library, widened once."""
        return self._predict(frame, margin=False)

    def margin(self, frame: pd.DataFrame) -> FloatArray:
        """Return the log-odds of class 1."""
        return self._predict(frame, margin=True)


def _stored_categories(booster: Any) -> dict[str, Any]:
    """Read the categories of each category feature."""
    found = booster.get_categories(export_to_arrow=True).to_arrow()
    return {name: values.to_pylist() for name, values in found if values is not None}


def _names(booster: Any, n: int) -> tuple[list[str], list[Notice]]:
    names = booster.feature_names
    if names:
        return list(names), []
    text = "The file has no column names; the columns are expected to be called f0, f1, … in order."
    return [f"f{i}" for i in range(n)], [Notice("no_feature_names", text)]


def _features(names: list[str], types: list[str], stored: dict[str, Any]) -> tuple[Feature, ...]:
    features = []
    for name, kind in zip(names, types, strict=True):
        if kind != "c":
            features.append(Feature(name, NUMBER))
            continue
        if name not in stored:
            msg = (
                f"The file does not store the categories of `{name}`, so text cannot be matched to them. "
                "Save the model with XGBoost 3 or newer, trained on a table with category columns."
            )
            raise RefusedModel(msg, code="no_categories")
        features.append(Feature(name, CATEGORY, tuple(label_text(c) for c in stored[name])))
    return tuple(features)


def load(content: bytes) -> XgboostModel:
    """Load a reviewed file; call it in the separate process only.

    Raises
    ------
    RefusedModel
        When XGBoost itself cannot read it, or categories are not stored.
    """
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(content))
    except xgboost.core.XGBoostError as error:
        msg = (
            "XGBoost cannot read this file: it is damaged or written by a much newer version. Save it again."
        )
        raise RefusedModel(msg, code="damaged_model") from error
    n = int(booster.num_features())
    names, notices = _names(booster, n)
    types = list(booster.feature_types or ["float"] * n)
    stored = _stored_categories(booster)
    info = ModelInfo(
        format="xgboost",
        family=f"XGBoost, {booster.num_boosted_rounds():,} trees",
        fingerprint=fingerprint_bytes(content),
        features=_features(names, types, stored),
        can_refit=True,
        warnings=tuple(notices),
    )
    return XgboostModel(info, booster, stored)


MODEL_FORMATS.add(
    "xgboost",
    ModelFormat(
        name="xgboost", label="XGBoost", suffixes=(".ubj", ".json"), sniff=_sniff, review=review, load=load
    ),
    home=__name__,
)
