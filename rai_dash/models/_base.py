"""What a loaded model can do inside its own process, and the registry of formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.registry import Registry
from rai_dash.core.texts import tr
from rai_dash.core.types import Feature, ModelInfo
from rai_dash.data.columns import is_number, require_columns
from rai_dash.data.labels import label_codes

FloatArray = NDArray[np.float64]
#: Code of the notice that a file has no column names.
NO_NAMES = "no_feature_names"


class NativeModel(Protocol):
    """A model in its own process. Class 1 is the second of ``info.classes``."""

    info: ModelInfo
    native: Any

    def rename(self, names: Sequence[str]) -> None:
        """Take column names for a file that has none; raise ``InvalidChoice`` where it has others."""

    def matrix(self, frame: pd.DataFrame) -> Any:
        """Bring table rows into the form the library wants, columns by name in the model's order."""

    def probability(self, frame: pd.DataFrame) -> FloatArray:
        """Return the probability of class 1, float64 (n,)."""

    def margin(self, frame: pd.DataFrame) -> FloatArray | None:
        """Return the log-odds of class 1, float64 (n,); None where the model has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFormat:
    """One kind of model file.

    Parameters
    ----------
    name : str
        Stable machine-readable name.
    label : str
        Plain name.
    suffixes : tuple of str
        Usual endings, for help texts only: content decides.
    sniff : callable
        ``head -> bool``: whether the first bytes look like this format.
    review : callable
        ``content -> None``: reads the file in pure Python and raises ``RefusedModel``.
    load : callable
        ``content -> NativeModel``; only ever called in the separate process, after ``review``.
    alters_names : bool
        Whether exporters change the names of columns, so that they have to be matched to those of a table.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    sniff: Callable[[bytes], bool]
    review: Callable[[bytes], None]
    load: Callable[[bytes], NativeModel]
    alters_names: bool = False


MODEL_FORMATS: Registry[ModelFormat] = Registry(
    "model format", package="rai_dash.models", group="rai_dash.models"
)


def other_names(info: ModelInfo, names: Sequence[str]) -> InvalidChoice:
    """Say that given column names do not fit a model."""
    return InvalidChoice(
        f"The names given do not fit the model: it has {len(info.features)} columns "
        f"({', '.join(info.feature_names[:8])}, …), {len(names)} were given. Give them in the model's order."
    )


def check_names(info: ModelInfo, names: Sequence[str]) -> None:
    """Refuse names that are too many, too few, or not all different."""
    if len(names) != len(info.features) or len(set(names)) != len(names):
        raise other_names(info, names)


def numeric_column(series: pd.Series, name: str) -> FloatArray:
    """Return a column for a model that was trained on numbers, float64 (n,).

    Raises
    ------
    InvalidChoice
        When the column holds text.
    """
    if pd.api.types.is_bool_dtype(series):
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    if not is_number(series):
        if series.isna().all():
            return np.full(len(series), np.nan)
        example = next(str(v) for v in series.dropna())
        msg = tr(
            "The model takes numbers in `{name}`, and the table has text there (for example "
            "`{example}`). Use the table the model was trained on, or repair the column.",
            name=name,
            example=example,
        )
        raise InvalidChoice(msg)
    return series.to_numpy(dtype=np.float64, na_value=np.nan)


def known_codes(series: pd.Series, categories: tuple[str, ...]) -> tuple[NDArray[np.int64], int]:
    """Code the labels of a column by the categories a model knows.

    Returns
    -------
    codes : int64 (n,)
        Position in ``categories``; -1 = blank or not known to the model.
    unseen : int
        Rows with a label that the model does not know.
    """
    codes, names = label_codes(series)
    place = {name: i for i, name in enumerate(categories)}
    lookup = np.array([place.get(name, -1) for name in names] + [-1], dtype=np.int64)
    found = lookup[codes]
    return found, int(((codes >= 0) & (found < 0)).sum())


def model_columns(frame: pd.DataFrame, features: tuple[Feature, ...]) -> pd.DataFrame:
    """Take the model's columns by name, in its order.

    Raises
    ------
    MissingColumn
        When the table lacks some, with the closest names.
    """
    names = [f.name for f in features]
    require_columns(frame, names)
    return frame[names]
