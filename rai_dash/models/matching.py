"""Finding the columns of a table that a model's inputs are, where the file does not carry their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import ModelInfo, Notice
from rai_dash.models._base import MODEL_FORMATS, NO_NAMES

#: Pairs that are written out in a message.
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Matched:
    """The columns of a table in the order of the model's inputs, and how they were found."""

    names: tuple[str, ...]
    notices: tuple[Notice, ...] = ()


def _key(name: str) -> str:
    """Reduce a name to what survives an exporter: letters and digits."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def _pairs(inputs: Sequence[str], names: Sequence[str]) -> str:
    changed = [f"`{i}` = `{n}`" for i, n in zip(inputs, names, strict=True) if i != n]
    rest = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
    return ", ".join(changed[:_SHOWN]) + rest


def _candidates(inputs: Sequence[str], columns: Sequence[str]) -> list[list[str]]:
    """List, for each input, the columns that it may be by what an exporter leaves of a name."""
    by_key: dict[str, list[str]] = {}
    for column in columns:
        by_key.setdefault(_key(column), []).append(column)
    have = set(columns)
    return [[name] if name in have else by_key.get(_key(name), []) for name in inputs]


def _one_to_one(candidates: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """Take the only candidate of each input, where no column is taken twice."""
    if any(len(columns) != 1 for columns in candidates):
        return None
    names = tuple(columns[0] for columns in candidates)
    return names if len(set(names)) == len(names) else None


def _may_be(order: Sequence[str], candidates: Sequence[Sequence[str]]) -> bool:
    """Whether an order does not contradict the names: with some names known, an unknown one is a missing column."""
    if not any(candidates):
        return True
    return all(name in columns for name, columns in zip(order, candidates, strict=True))


def order_notices(inputs: Sequence[str], columns: Sequence[str], free: Sequence[str]) -> tuple[Notice, ...]:
    """Say where a table differs from a model's inputs without harm: another order, columns that are not used.

    Parameters
    ----------
    inputs : sequence of str
        Inputs of the model, all of them columns of the table.
    columns : sequence of str
        Columns of the table.
    free : sequence of str
        Columns that nothing else is said about: no outcome, no sensitive column, nothing left out.
    """
    found = []
    used = set(inputs)
    if [c for c in columns if c in used] != list(inputs):
        text = "The columns stand in another order than in the model; they are taken by name."
        found.append(Notice("column_order", text))
    extra = [c for c in free if c not in used]
    if extra:
        listed = ", ".join(f"`{c}`" for c in extra[:_SHOWN]) + (", …" if len(extra) > _SHOWN else "")
        noun = "column" if len(extra) == 1 else "columns"
        found.append(
            Notice(
                "unused_columns",
                tr(
                    "The model does not use {extra} {noun} of the table: {listed}.",
                    extra=len(extra),
                    noun=noun,
                    listed=listed,
                ),
            )
        )
    return tuple(found)


def match_columns(info: ModelInfo, columns: Sequence[str], orders: Iterable[Sequence[str]]) -> Matched | None:
    """Say which column of a table each input of a model is.

    Parameters
    ----------
    info : ModelInfo
        The model; the format says whether its files alter names, its warnings whether there were none.
    columns : sequence of str
        All columns of the table.
    orders : iterable of sequence of str
        Lists of columns that may be the inputs in order, the likeliest first.

    Returns
    -------
    Matched or None
        None where every input has its column by name, or where the names are the model's own and some
        columns are simply missing.

    Raises
    ------
    InvalidChoice
        When the file has no names and no list has the right length.
    """
    inputs = info.feature_names
    if set(inputs) <= set(columns):
        return None
    nameless = any(n.code == NO_NAMES for n in info.warnings)
    fitting = [tuple(order) for order in orders if len(order) == len(inputs)]
    if not nameless:
        if not MODEL_FORMATS[info.format].alters_names:
            return None
        candidates = _candidates(inputs, columns)
        fitting = [order for order in fitting if _may_be(order, candidates)]
        names = _one_to_one(candidates)
        if names is not None:
            text = f"Inputs were matched to columns by the letters of their names: {_pairs(inputs, names)}."
            return Matched(names, (Notice("matched_by_altered_name", text),))
    if fitting:
        by_place = fitting[0]
        text = (
            f"The model's inputs are not columns here by name and were matched by position: "
            f"{_pairs(inputs, by_place)}. Check each pair: a wrong order gives wrong scores without any error."
        )
        return Matched(by_place, (Notice("matched_by_position", text),))
    if not nameless:
        return None
    msg = tr(
        "The model file has no column names; it takes {inputs} columns. Name them in the model's order "
        "(on the page, or with --features-from), or leave out what is no feature in the roles.",
        inputs=len(inputs),
    )
    raise InvalidChoice(msg, code="names_needed")
