"""LightGBM models as ``.txt``, with the categories the file stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import RefusedModel
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.texts import tr
from rai_dash.core.types import Feature, ModelInfo, Notice
from rai_dash.data.labels import labels
from rai_dash.models._base import (
    MODEL_FORMATS,
    NO_NAMES,
    ModelFormat,
    check_names,
    known_codes,
    model_columns,
    numeric_column,
)
from rai_dash.models._lightgbm.categories import category_columns, stored_categories
from rai_dash.models._lightgbm.review import CATEGORY, NUMERIC, Reviewed, plain_text, reviewed
from rai_dash.models._lightgbm.text import normalised, refuse_damaged

FloatArray = NDArray[np.float64]


def _sniff(head: bytes) -> bool:
    """Whether the first line is that of a LightGBM text model."""
    return normalised(head).startswith(b"tree\n")


def library() -> ModuleType:
    """Import LightGBM.

    Raises
    ------
    RefusedModel
        When a library of the system that it needs is not installed.
    """
    try:
        import lightgbm
    except OSError:
        msg = tr(
            "LightGBM models need the system library libgomp, which is not installed here. Ask the "
            "operator to install it (apt-get install libgomp1), or upload a table with a score column."
        )
        raise RefusedModel(msg, code="missing_library") from None
    return lightgbm


@dataclass(frozen=True, slots=True)
class LightgbmTrees:
    """The loaded trees.

    Parameters
    ----------
    booster : lightgbm.Booster
        Its columns are called ``f0``, ``f1``, …; it takes what `LightgbmModel.matrix` makes.
    slope : float
        Log-odds a unit of its raw score.
    category_columns : tuple of int
        Places of the columns that are split by category.
    """

    booster: Any
    slope: float
    category_columns: tuple[int, ...]


@dataclass(slots=True)
class LightgbmModel:
    """A loaded booster; see `rai_dash.models._base.NativeModel`.

    ``stored`` holds, per column, whether the file lists its categories; ``params`` how it was trained.
    """

    info: ModelInfo
    native: LightgbmTrees
    stored: tuple[bool, ...]
    params: Mapping[str, str] = field(default_factory=dict)

    def rename(self, names: Sequence[str]) -> None:
        """Take names, in the model's order: LightGBM writes its own for those it cannot keep."""
        check_names(self.info, names)
        if tuple(names) == self.info.feature_names:
            return
        renamed = tuple(replace(f, name=n) for f, n in zip(self.info.features, names, strict=True))
        kept = tuple(n for n in self.info.warnings if n.code != NO_NAMES)
        self.info = replace(self.info, features=renamed, warnings=kept)

    def matrix(self, frame: pd.DataFrame) -> FloatArray:
        """Return the model's columns, float64 (n, columns): numbers, and codes of categories."""
        chosen = model_columns(frame, self.info.features)
        out = np.empty((len(frame), len(self.info.features)))
        for place, feature in enumerate(self.info.features):
            series = chosen[feature.name]
            is_listed = self.stored[place]
            out[:, place] = _codes(series, feature) if is_listed else numeric_column(series, feature.name)
        return out

    def _predict(self, frame: pd.DataFrame, *, raw: bool) -> FloatArray:
        found = self.native.booster.predict(self.matrix(frame), raw_score=raw, num_threads=1)
        return np.asarray(found, dtype=np.float64)

    def probability(self, frame: pd.DataFrame) -> FloatArray:
        """Return the probability of class 1."""
        return self._predict(frame, raw=False)

    def margin(self, frame: pd.DataFrame) -> FloatArray:
        """Return the log-odds of class 1."""
        return self.native.slope * self._predict(frame, raw=True)


def _codes(series: pd.Series, feature: Feature) -> FloatArray:
    """Return the code of each label; blank or never seen is a blank to LightGBM, unless it learned blanks."""
    codes, _ = known_codes(series, feature.categories)
    if "" in feature.categories:
        codes = np.where(labels(series).isna(), feature.categories.index(""), codes)
    return np.where(codes < 0, np.nan, codes)


def _features(found: Reviewed) -> tuple[tuple[Feature, ...], tuple[bool, ...]]:
    """Describe the columns, and say which have their categories in the file."""
    stored = stored_categories(found)
    out = []
    for place, (name, kind) in enumerate(zip(found.names, found.kinds, strict=True)):
        if place in stored:
            out.append(Feature(name, CATEGORY, stored[place]))
        elif kind == CATEGORY:
            codes = sorted({int(code) for code in found.infos[place].split(":")} - {-1})
            out.append(Feature(name, CATEGORY, tuple(str(code) for code in codes)))
        else:
            out.append(Feature(name, NUMERIC))
    return tuple(out), tuple(place in stored for place in range(len(out)))


def _notices(names: tuple[str, ...]) -> tuple[Notice, ...]:
    if names != tuple(f"Column_{i}" for i in range(len(names))):
        return ()
    text = (
        "The file has no column names; the columns are expected to be called Column_0, Column_1, … in order."
    )
    return (Notice(NO_NAMES, text),)


def review(content: bytes) -> None:
    """Check a file: line ends and byte-order mark of other systems are undone first.

    Raises
    ------
    RefusedModel
        As `rai_dash.models._lightgbm.review.review_text`, or when its categories fit no column.
    """
    _features(reviewed(normalised(content)))


def load(content: bytes) -> LightgbmModel:
    """Load a file; call it in the separate process only.

    Raises
    ------
    RefusedModel
        When the review or LightGBM itself refuses it, or LightGBM cannot run here.
    """
    found = reviewed(normalised(content))
    features, stored = _features(found)
    lightgbm = library()
    try:
        booster = lightgbm.Booster(model_str=plain_text(found))
        n_trees = int(booster.num_trees())
    except lightgbm.basic.LightGBMError:
        refuse_damaged("LightGBM itself cannot read it")
    if n_trees != len(found.parts.blocks) or booster.num_feature() != len(features):
        refuse_damaged("LightGBM reads another number of trees or columns than it lists")
    # A forest answers with the sigmoid of the mean of its trees; its raw score is their sum.
    slope = found.slope / n_trees if found.averages else found.slope
    kind = "LightGBM random forest" if found.averages else "LightGBM"
    info = ModelInfo(
        format="lightgbm",
        family=f"{kind}, {n_trees:,} trees",
        fingerprint=fingerprint_bytes(content),
        features=features,
        can_refit=bool(found.parts.parameters),
        warnings=_notices(found.names),
    )
    native = LightgbmTrees(booster, slope, tuple(sorted(category_columns(found))))
    return LightgbmModel(info, native, stored, found.parts.parameters)


MODEL_FORMATS.add(
    "lightgbm",
    ModelFormat(
        name="lightgbm",
        label="LightGBM",
        suffixes=(".txt",),
        sniff=_sniff,
        review=review,
        load=load,
        alters_names=True,
    ),
    home=__name__,
)
