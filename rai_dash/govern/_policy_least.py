"""The least that a file can say about routing: a band, and whatever always goes to a person."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from rai_dash.core.errors import InvalidBand, InvalidChoice, RaiError
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.core.words import capital
from rai_dash.govern._policy_conditions import condition_from_plain
from rai_dash.govern._policy_file import PolicyFile, scale_of
from rai_dash.govern._policy_parts import PolicyScore
from rai_dash.govern.complaints import sentence
from rai_dash.review.conditions import Condition, parse_condition

_Part = TypeVar("_Part", bound=BaseModel)
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_PARTS: Final = ("band", "conditions", "score")
#: What `rai-dash band evaluate` writes beside the parts of a condition.
_BESIDE: Final = frozenset({"words", "rows", "blank_rows", "rows_by_it_alone"})


def least_policy(content: Mapping[str, Any], name: str) -> PolicyFile:
    """Read a band and its conditions.

    Parameters
    ----------
    content : mapping
        With ``band``, and maybe ``conditions`` and ``score``.
    name : str
        What the file is called in sentences.

    Raises
    ------
    InvalidChoice
        When something is missing or makes no sense.
    """
    _check_names(content, name)
    conditions = content.get("conditions") or []
    if isinstance(conditions, Mapping):
        # As `rai-dash band evaluate` writes them.
        conditions = conditions.get("each")
    if not isinstance(conditions, list):
        msg = tr("`conditions` of {name} is not a list. Write a list, empty where there are none.", name=name)
        raise InvalidChoice(msg)
    given = content.get("score")
    score = {"source": "model"} | dict(given) if isinstance(given, Mapping) else given or {"source": "model"}
    known = read_part(PolicyScore, score, f"`score` of {name}")
    return PolicyFile(
        band=_band(content["band"], name),
        conditions=tuple(_condition(one, f"condition {i} of {name}") for i, one in enumerate(conditions, 1)),
        scale=scale_of(known),
        score_column=known.column,
    )


def _check_names(content: Mapping[str, Any], name: str) -> None:
    """Refuse a name that is nearly one of ours: what it holds would be left out, with the people it spares."""
    for given in content:
        for meant in difflib.get_close_matches(given, _PARTS, n=1, cutoff=0.8):
            if meant not in content:
                msg = tr(
                    "{name} has `{given}`, which is not read. Write `{meant}`, or leave it out.",
                    name=capital(name),
                    given=given,
                    meant=meant,
                )
                raise InvalidChoice(msg)


def _band(band: object, name: str) -> ReviewBand:
    if not isinstance(band, Mapping):
        msg = tr(
            '`band` of {name} is not an object. Write {{"lo": 0.35, "threshold": 0.5, "hi": 0.7}}.', name=name
        )
        raise InvalidChoice(msg)
    parts = {**band, "threshold": band.get("threshold", band.get("t"))}
    for key in ("lo", "threshold", "hi"):
        value = parts.get(key)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if key not in parts or not (is_number or (value is None and key != "threshold")):
            may = "a number" if key == "threshold" else "a number, or null where that end is open"
            msg = tr(
                "`band.{key}` of {name} is missing or is not {may}. Write it there.",
                key=key,
                name=name,
                may=may,
            )
            raise InvalidChoice(msg)
    try:
        return ReviewBand(*(None if parts[k] is None else float(parts[k]) for k in ("lo", "threshold", "hi")))  # type: ignore[arg-type]
    except (InvalidBand, OverflowError) as error:
        msg = tr("`band` of {name} makes no sense: {error}", name=name, error=error)
        raise InvalidChoice(msg) from error


def _condition(content: object, name: str) -> Condition:
    """Read a condition as a policy holds it, as plain parts, or as a sentence that needs no training rows."""
    try:
        if isinstance(content, str):
            found = parse_condition(content, columns=_named_in(content))
        else:
            frozen = content.get("frozen", content) if isinstance(content, Mapping) else {}
            found = condition_from_plain({k: v for k, v in frozen.items() if k not in _BESIDE})
        # Raises where it asks for training rows that are not here.
        found.tests()
    except (RaiError, AttributeError, KeyError, TypeError, ValueError) as error:
        msg = tr("{name} cannot be read: {error}", name=capital(name), error=error)
        raise InvalidChoice(msg) from error
    return found


def _named_in(text: str) -> list[str]:
    """List what may be the name of a column in a sentence: there is no table here to look it up in."""
    quoted = [json.loads(found, strict=False) for found in _QUOTED.findall(text)]
    parts = re.split(r"[<>=,]|\bin\b|\bis\b", _QUOTED.sub("", text))
    return [*quoted, *(part.strip() for part in parts if part.strip())]


def read_part(model: type[_Part], content: object, name: str) -> _Part:
    """Read a part of a file by its model, or say in a sentence what is wrong with it."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        msg = tr("{name} cannot be read: {errors}", name=capital(name), errors=sentence(error.errors()[0]))
        raise InvalidChoice(msg) from error
