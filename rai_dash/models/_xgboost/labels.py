"""The labels of categories in an XGBoost file, where its own table of them cannot hold the letters.

XGBoost 3.2 counts letters where it should count bytes when it stores text: with `Köln` and `Nîmes` in a
column the names come back cut at the wrong places and the last letters are gone. What is trained here is
therefore given plain-letter names, with the true labels beside them in an attribute of the file.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.data.labels import label_text
from rai_dash.models._xgboost.ubjson import refuse_damaged

ATTRIBUTE = "rai_dash_labels"


def with_plain_names(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Give text categories names of plain letters where they have others.

    Returns
    -------
    frame : DataFrame (n, columns)
        The same codes under names that survive saving.
    labels : dict of str to list of str
        The true labels of the columns that were changed, in the order of the codes.
    """
    out, labels = frame.copy(deep=False), {}
    for name in frame.columns:
        if not isinstance(frame[name].dtype, pd.CategoricalDtype):
            continue
        categories = list(frame[name].cat.categories)
        texts = [str(c) for c in categories]
        if all(t.isascii() for t in texts):
            continue
        labels[str(name)] = texts
        out[name] = frame[name].cat.rename_categories(
            [t.encode("ascii", "backslashreplace").decode() for t in texts]
        )
    return out, labels


def write_labels(booster: Any, labels: dict[str, list[str]]) -> None:
    """Put true labels into the file; see `with_plain_names`."""
    if labels:
        booster.set_attr(**{ATTRIBUTE: json.dumps(labels)})


def _written(booster: Any) -> dict[str, Any]:
    text = booster.attr(ATTRIBUTE)
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        refuse_damaged("its table of labels is not JSON")
    if not isinstance(found, dict):
        refuse_damaged("its table of labels has another form")
    return found


def true_labels(booster: Any, stored: dict[str, list[Any]]) -> dict[str, tuple[str, ...]]:
    """Return the label of each stored category, by column.

    Raises
    ------
    RefusedModel
        When a stored name has letters that XGBoost does not store correctly.
    """
    written = _written(booster)
    out = {}
    for name, values in stored.items():
        given = written.get(name)
        if isinstance(given, list) and len(given) == len(values):
            out[name] = tuple(str(v) for v in given)
            continue
        if any(isinstance(v, str) and not v.isascii() for v in values):
            msg = tr(
                "XGBoost cuts off category names with letters such as `ö` when it saves them, so those "
                "of `{name}` cannot be matched. Rename them to plain letters before training.",
                name=name[:80],
            )
            raise RefusedModel(msg, code="cut_categories")
        out[name] = tuple(label_text(v) for v in values)
    return out
