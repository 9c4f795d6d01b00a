"""What each column of a scikit-learn pipeline was in training, and casting a table to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rai_dash.core.types import Feature
from rai_dash.data.columns import is_number
from rai_dash.data.labels import label_codes, label_text, labels
from rai_dash.models._base import known_codes, numeric_column
from rai_dash.models._skops.boosters import booster_categories
from rai_dash.models._skops.parts import parts

#: Raw categories of a column, blanks left out, in the encoder's order.
Categories = tuple[Any, ...]


def _chosen(columns: Any, names: Sequence[str]) -> list[str]:
    """Resolve the columns of a ColumnTransformer step to names: a name, names, numbers, mask or slice."""
    if isinstance(columns, str):
        return [columns]
    if isinstance(columns, slice) and not isinstance(columns.start or columns.stop, str):
        return list(names[columns])
    found = np.atleast_1d(np.asarray(columns, dtype=object))
    if all(isinstance(c, str) for c in found):
        return [str(c) for c in found]
    kinds = {bool if isinstance(c, (bool, np.bool_)) else int for c in found}
    picked = np.asarray(found, dtype=bool if kinds == {bool} else np.int64)
    return [str(n) for n in np.asarray(names, dtype=object)[picked]]


def _fitted_lists(step: Any, n: int) -> list[Sequence[Any]]:
    """Return the categories, or else the fill values, that a fitted step holds for its ``n`` columns."""
    found: list[Sequence[Any]] = []
    # What stands behind another step, or inside one (a binning has an encoder of its own), sees other values.
    for part in [inner for _, inner in getattr(step, "steps", [("", step)])]:
        held = getattr(part, "__dict__", {})
        if "categories_" in held and len(held["categories_"]) == n:
            return list(held["categories_"])
        if "statistics_" in held and len(held["statistics_"]) == n:
            found = [(value,) if isinstance(value, str) else () for value in held["statistics_"]]
        elif part is not None and part != "passthrough":
            break
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownColumns:
    """What a pipeline shows of its original columns.

    Parameters
    ----------
    categories : dict of str to tuple
        Raw categories of each column that reaches an encoder.
    text : frozenset of str
        Columns that held text in training.
    unused : frozenset of str
        Columns that are asked for and then dropped.
    typed : frozenset of str
        Columns that a booster takes as pandas categories, in its own order.
    """

    categories: dict[str, Categories]
    text: frozenset[str]
    unused: frozenset[str]
    typed: frozenset[str] = frozenset()

    def renamed(self, to: Mapping[str, str]) -> KnownColumns:
        """Return the same under other column names."""
        return KnownColumns(
            categories={to[n]: c for n, c in self.categories.items()},
            text=frozenset(to[n] for n in self.text),
            unused=frozenset(to[n] for n in self.unused),
            typed=frozenset(to[n] for n in self.typed),
        )


def _fronts(model: Any) -> Iterator[Any]:
    """Walk the parts that see the original columns, for a model that was trained without their names."""
    waiting, seen = [model], set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, (list, tuple)):
            waiting += part
        elif id(part) not in seen and hasattr(part, "__dict__"):
            seen.add(id(part))
            yield part
            held = part.__dict__
            if isinstance(held.get("steps"), list):
                waiting += [step for _, step in held["steps"] if step != "passthrough"][:1]
            elif "transformers_" not in held:
                waiting += held.values()


def _steps(part: Any, names: Sequence[str], is_front: Callable[[Any], bool]) -> list[tuple[Any, list[str]]]:
    """List the steps that see original columns, with their columns; empty for anything but a preparation."""
    held = getattr(part, "__dict__", {})
    if "feature_names_in_" not in held and not (is_front(part) and held.get("n_features_in_") == len(names)):
        return []
    own = [str(n) for n in held.get("feature_names_in_", names)]
    if "transformers_" in held and set(own) <= set(names):
        return [(step, _chosen(columns, own)) for _, step, columns in held["transformers_"]]
    if "categories_" in held or "statistics_" in held:
        return [(part, own)]
    return []


def known_columns(model: Any, names: Sequence[str]) -> KnownColumns:
    """Collect what encoders, imputers and column choices know of the original columns.

    Parameters
    ----------
    model : object
        A fitted classifier or pipeline.
    names : sequence of str
        Its columns.
    """
    categories: dict[str, Categories] = {}
    text: set[str] = set()
    used: dict[bool, set[str]] = {True: set(), False: set()}
    has_names = getattr(model, "feature_names_in_", None) is not None
    fronts = set() if has_names else {id(part) for part in _fronts(model)}
    for step, columns in (
        found for part in parts(model) for found in _steps(part, names, lambda p: id(p) in fronts)
    ):
        used[not (isinstance(step, str) and step == "drop")] |= set(columns)
        for name, values in zip(columns, _fitted_lists(step, len(columns)), strict=False):
            raw = tuple(v.item() if isinstance(v, np.generic) else v for v in values)
            if any(isinstance(v, str) for v in raw):
                text.add(name)
            if hasattr(values, "dtype"):
                categories[name] = raw
    typed = {n: tuple(c) for part in parts(model) for n, c in booster_categories(part, names).items()}
    return KnownColumns(
        categories={n: c for n, c in categories.items() if n in names} | typed,
        text=frozenset(text & set(names)),
        unused=frozenset(used[False] - used[True]),
        typed=frozenset(typed),
    )


def feature_of(name: str, known: KnownColumns) -> Feature:
    """Describe one column."""
    labelled = (label_text(c) for c in known.categories.get(name, ()))
    is_category = name in known.categories or name in known.text
    return Feature(
        name, "category" if is_category else "number", tuple(dict.fromkeys(filter(None, labelled)))
    )


def as_trained(series: pd.Series, feature: Feature, known: KnownColumns) -> Any:
    """Cast one column of a table to what it was in training.

    Parameters
    ----------
    series : Series (n,)
        The column as read from a file.
    feature : Feature
        Name and labels.
    known : KnownColumns
        What the pipeline shows of its columns.

    Returns
    -------
    array (n,)
        Text as objects with NaN for blanks (None where training had None), else numbers.

    Raises
    ------
    InvalidChoice
        When training had numbers and the table has text.
    """
    raw = known.categories.get(feature.name, ())
    if feature.name in known.typed:
        codes, _ = known_codes(series, feature.categories)
        return pd.Categorical.from_codes(codes, categories=pd.Index(raw))
    if feature.name in known.text or any(isinstance(c, bool) for c in raw):
        return _texts(series, feature, raw)
    if feature.name in known.unused or (is_number(series) and series.dtype.kind in "iu"):
        return series.to_numpy()  # whole numbers stay whole: categories are compared exactly
    if raw and not is_number(series):
        found = labels(series)
        read = pd.to_numeric(found, errors="coerce")
        if read.notna().equals(found.notna()):
            return read.to_numpy(dtype=np.float64, na_value=np.nan)
    return numeric_column(series, feature.name)


def _texts(series: pd.Series, feature: Feature, raw: Categories) -> Any:
    """Return the raw category of each label; a label that training never had stays as it is."""
    if isinstance(series.dtype, pd.CategoricalDtype) and all(isinstance(c, str) for c in raw):
        return _texts_of_codes(series, raw)
    if _as_it_is(series, raw):
        return series.array
    found = labels(series)
    out = found.to_numpy(dtype=object, na_value=np.nan)
    if raw:
        by_label = {label_text(c): c for c in raw}
        stored = np.array([by_label[c] for c in feature.categories] + [np.nan], dtype=object)
        codes, _ = known_codes(series, feature.categories)
        out = np.where(codes >= 0, stored[codes], out)
        if None in raw:
            out[found.isna().to_numpy()] = None
        if all(isinstance(c, bool) for c in raw) and bool((codes >= 0).all()):
            return out.astype(bool)
    return out


def _texts_of_codes(series: pd.Series, raw: Categories) -> Any:
    """Look each text up once, and put it into every row that has its number."""
    codes, names = label_codes(series)
    by_label = {label_text(c): c for c in raw}
    stored = np.array([*(by_label.get(name, name) for name in names), np.nan], dtype=object)
    return stored[codes]


def _as_it_is(series: pd.Series, raw: Categories) -> bool:
    """Whether every text of the table is its own label, and every category is one: nothing to cast then."""
    if not isinstance(series.dtype, pd.StringDtype) or not all(isinstance(c, str) for c in raw):
        return False
    _, texts = pd.factorize(series)
    return all(label_text(text) == text for text in (*texts, *raw)) and "" not in texts
