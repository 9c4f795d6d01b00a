"""XGBoost models as ``.ubj`` or ``.json``, with the categories the file stores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import RefusedModel
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.texts import tr
from rai_dash.core.types import Feature, ModelInfo, Notice
from rai_dash.models._base import (
    MODEL_FORMATS,
    NO_NAMES,
    ModelFormat,
    check_names,
    known_codes,
    model_columns,
    numeric_column,
    other_names,
)
from rai_dash.models._xgboost.labels import true_labels
from rai_dash.models._xgboost.review import review
from rai_dash.models._xgboost.ubjson import refuse_damaged

FloatArray = NDArray[np.float64]
CATEGORY, NUMBER = "category", "number"


def _sniff(head: bytes) -> bool:
    """Whether the first bytes are an object with a learner or a version, in JSON or UBJSON."""
    if not head.startswith(b"{"):
        return False
    if head[1:64].lstrip().startswith(b'"'):
        return b'"learner"' in head[:4096] or b'"version"' in head[:64]
    return b"learner" in head[:64]


@dataclass(slots=True)
class XgboostModel:
    """A loaded booster; see `rai_dash.models._base.NativeModel`.

    ``stored`` holds, per category feature, the categories as the file has them (text or numbers).
    """

    info: ModelInfo
    native: Any
    stored: dict[str, Any]
    is_logit: bool = False

    def rename(self, names: Sequence[str]) -> None:
        """Take names for a file that has none; the stored categories move along."""
        old = self.info.feature_names
        check_names(self.info, names)
        if tuple(names) == old:
            return
        if all(n.code != NO_NAMES for n in self.info.warnings):
            raise other_names(self.info, names)
        to = dict(zip(old, names, strict=True))
        self.stored = {to[name]: values for name, values in self.stored.items()}
        self.info = replace(
            self.info,
            features=tuple(replace(f, name=to[f.name]) for f in self.info.features),
            warnings=tuple(n for n in self.info.warnings if n.code != NO_NAMES),
        )
        self.native.feature_names = list(names)

    def matrix(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the model's columns: numbers as float64, categories with the file's own list of them."""
        chosen = model_columns(frame, self.info.features)
        columns: dict[str, Any] = {}
        index = pd.RangeIndex(len(frame))
        for feature in self.info.features:
            series = chosen[feature.name]
            if feature.kind == CATEGORY:
                codes, _ = known_codes(series, feature.categories)
                columns[feature.name] = pd.Categorical.from_codes(codes, categories=self.stored[feature.name])
            else:
                columns[feature.name] = numeric_column(series, feature.name)
        return pd.DataFrame(columns, index=index)

    def _predict(self, frame: pd.DataFrame, *, margin: bool) -> FloatArray:
        import xgboost

        # Types in the file say int where training had whole numbers; the values are the same.
        data = xgboost.DMatrix(self.matrix(frame), enable_categorical=True)
        try:
            found = self.native.predict(data, output_margin=margin, validate_features=False)
        except (xgboost.core.XGBoostError, UnicodeDecodeError):  # its own words can be cut in a letter
            refuse_damaged("XGBoost reads it and cannot predict with it")
        return np.asarray(found, dtype=np.float64)

    def probability(self, frame: pd.DataFrame) -> FloatArray:
        """Return the probability of class 1; float32 of the library, widened once."""
        if self.is_logit:
            from scipy.special import expit

            return np.asarray(expit(self.margin(frame)), dtype=np.float64)
        return self._predict(frame, margin=False)

    def margin(self, frame: pd.DataFrame) -> FloatArray:
        """Return the log-odds of class 1."""
        return self._predict(frame, margin=True)


def _stored_categories(booster: Any) -> dict[str, Any]:
    """Read the categories of each category feature."""
    found = booster.get_categories(export_to_arrow=True).to_arrow()
    try:
        stored = {name: values.to_pylist() for name, values in found if values is not None}
    except UnicodeDecodeError:
        msg = tr(
            "XGBoost cuts off category names with letters such as `ö` when it saves them, and this file "
            "has such names. Rename them to plain letters before training."
        )
        raise RefusedModel(msg, code="cut_categories") from None
    for name, values in stored.items():
        if len(set(values)) != len(values):
            refuse_damaged(f"`{name[:80]}` has the same category twice")
    return stored


def _used_rounds(booster: Any) -> tuple[Any, list[Notice]]:
    """Keep the trees that XGBoost's own classifier uses: after early stopping those up to the best round."""
    rounds, best = int(booster.num_boosted_rounds()), booster.attr("best_iteration")
    if best is None or not best.isdecimal() or int(best) + 1 >= rounds:
        return booster, []
    kept = int(best) + 1
    text = (
        f"Training stopped early: the first {kept:,} of {rounds:,} trees are used, as XGBoost's own "
        "classifier does."
    )
    return booster[:kept], [Notice("early_stopped", text)]


def _names(booster: Any, n: int) -> tuple[list[str], list[Notice]]:
    names = booster.feature_names
    if names:
        return list(names), []
    text = "The file has no column names; the columns are expected to be called f0, f1, … in order."
    return [f"f{i}" for i in range(n)], [Notice(NO_NAMES, text)]


def _features(names: list[str], types: list[str], labels: dict[str, tuple[str, ...]]) -> tuple[Feature, ...]:
    features = []
    for name, kind in zip(names, types, strict=True):
        if kind != "c":
            features.append(Feature(name, NUMBER))
            continue
        if name not in labels:
            msg = tr(
                "The file does not store the categories of `{name}`, so text cannot be matched to them. "
                "Save the model with XGBoost 3 or newer, trained on a table with category columns.",
                name=name,
            )
            raise RefusedModel(msg, code="no_categories")
        features.append(Feature(name, CATEGORY, labels[name]))
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
        n = int(booster.num_features())  # settles its settings, which can fail as well
    except (xgboost.core.XGBoostError, UnicodeDecodeError) as error:
        msg = tr(
            "XGBoost cannot read this file: it is damaged or written by a much newer version. Save it again."
        )
        raise RefusedModel(msg, code="damaged_model") from error
    names, notices = _names(booster, n)
    is_logit = json.loads(booster.save_config())["learner"]["objective"]["name"] == "binary:logitraw"
    types = list(booster.feature_types or ["float"] * n)
    stored = _stored_categories(booster)
    booster, stopped = _used_rounds(booster)
    info = ModelInfo(
        format="xgboost",
        family=f"XGBoost, {booster.num_boosted_rounds():,} trees",
        fingerprint=fingerprint_bytes(content),
        features=_features(names, types, true_labels(booster, stored)),
        can_refit=True,
        warnings=(*notices, *stopped),
    )
    return XgboostModel(info, booster, stored, is_logit)


MODEL_FORMATS.add(
    "xgboost",
    ModelFormat(
        name="xgboost", label="XGBoost", suffixes=(".ubj", ".json"), sniff=_sniff, review=review, load=load
    ),
    home=__name__,
)
