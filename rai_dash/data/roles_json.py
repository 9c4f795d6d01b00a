"""Roles as plain values, for ``--roles ROLES.json``, the URL and the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from rai_dash.core.errors import InvalidRoles
from rai_dash.core.texts import tr
from rai_dash.core.types import Direction, Roles, ScoreScale, TargetKind
from rai_dash.data.columns import closest_names
from rai_dash.data.labels import label_text

_SINGLE: Final = ("target", "id", "amount", "time", "weight", "split", "score")
_COLUMNS: Final = ("sensitive", "features", "ignored")
_LABELS: Final = ("favourable", "unfavourable", "split_train")


def _one_name(field: str, value: object) -> str | None:
    if value is None or (isinstance(value, str) and value):
        return value
    msg = tr(
        "`{field}` must be the name of one column in quotes, got {dumps}.",
        field=field,
        dumps=json.dumps(value, default=str),
    )
    raise InvalidRoles(msg)


def _items(value: object) -> Sequence[object]:
    """Take a single value for a list of one."""
    return value if isinstance(value, (list, tuple)) else [value]


def _names(field: str, value: object) -> tuple[str, ...]:
    names = _items(value)
    if not all(isinstance(n, str) and n for n in names):
        msg = tr(
            "`{field}` must be a list of column names, got {dumps}.",
            field=field,
            dumps=json.dumps(value, default=str),
        )
        raise InvalidRoles(msg)
    return tuple(dict.fromkeys(str(n) for n in names))


def _labels(field: str, value: object) -> tuple[str, ...]:
    values = _items(value)
    if not all(isinstance(v, (str, int, float, bool)) for v in values):
        msg = tr(
            "`{field}` must be a value of its column or a list of them, got {dumps}.",
            field=field,
            dumps=json.dumps(value, default=str),
        )
        raise InvalidRoles(msg)
    return tuple(dict.fromkeys(label_text(v) for v in values))


def _bins(field: str, value: object) -> dict[str, tuple[float, ...]]:
    good = isinstance(value, Mapping) and all(
        isinstance(edges, (list, tuple)) and all(isinstance(e, (int, float)) for e in edges)
        for edges in value.values()
    )
    if not good or not isinstance(value, Mapping):
        given = json.dumps(value, default=str)
        msg = tr(
            '`{field}` must give edges by column, like {{"age": [25, 35, 50]}}, got {given}.',
            field=field,
            given=given,
        )
        raise InvalidRoles(msg)
    return {str(column): tuple(float(e) for e in edges) for column, edges in value.items()}


def _target_kind(field: str, value: object) -> TargetKind:
    try:
        return TargetKind(str(value))
    except ValueError:
        allowed = ", ".join(TargetKind)
        msg = tr(
            "`{field}` must be one of {allowed}, got {dumps}.",
            field=field,
            allowed=allowed,
            dumps=json.dumps(value, default=str),
        )
        raise InvalidRoles(msg) from None


def _scale(field: str, value: object) -> ScoreScale:
    try:
        given = dict(value)  # type: ignore[call-overload]
        unknown = set(given) - {"direction", "low", "high", "unit"}
        scale = ScoreScale(
            direction=Direction(given.get("direction", Direction.HIGHER)),
            low=float(given.get("low", 0.0)),
            high=float(given.get("high", 1.0)),
            unit=str(given.get("unit", "probability")),
        )
    except (TypeError, ValueError):
        unknown = {"?"}
    if unknown or not scale.low < scale.high:
        msg = tr(
            '`{field}` must look like {{"direction": "higher" or "lower", "low": 0, "high": 1}} with low '
            "below high, got {dumps}.",
            field=field,
            dumps=json.dumps(value, default=str),
        )
        raise InvalidRoles(msg)
    return scale


_READERS: Final[Mapping[str, Callable[[str, object], Any]]] = {
    **dict.fromkeys(_SINGLE, _one_name),
    **dict.fromkeys(_COLUMNS, _names),
    **dict.fromkeys(_LABELS, _labels),
    "bins": _bins,
    "target_kind": _target_kind,
    "scale": _scale,
}


def roles_from_json(content: str | bytes | Mapping[str, object]) -> Roles:
    """Read roles from JSON text or from plain values.

    Parameters
    ----------
    content : str, bytes or mapping
        An object with fields of ``Roles``; a single value stands for a list of one, and numbers and
        true/false for the labels they have in a file.

    Raises
    ------
    InvalidRoles
        When it is not JSON, a field is unknown (with the closest name), or a value has the wrong form.

    Examples
    --------
    >>> roles_from_json('{"target": "default", "favourable": 0, "sensitive": "age", "bins": {"age": [25, 35]}}').bins
    {'age': (25.0, 35.0)}
    """
    given: object = content
    if isinstance(content, (str, bytes)):
        try:
            given = json.loads(content)
        except ValueError as e:
            msg = f"The roles are not valid JSON: {e}. Check quotes and commas there."
            raise InvalidRoles(msg) from None
    if not isinstance(given, Mapping):
        msg = 'Roles must be one JSON object, like {"target": "approved", "favourable": "yes", "sensitive": ["sex"]}.'
        raise InvalidRoles(msg)
    for name in given:
        if name not in _READERS:
            close = closest_names(str(name), _READERS)
            hint = f" Did you mean `{close[0]}`?" if close else ""
            msg = f"`{name}` is not a role.{hint} Roles are: {', '.join(_READERS)}."
            raise InvalidRoles(msg)
    return Roles(**{str(name): _READERS[name](name, value) for name, value in given.items()})


def roles_to_json(roles: Roles) -> dict[str, Any]:
    """Write roles as plain values that ``roles_from_json`` reads back; empty fields are left out."""
    out: dict[str, Any] = {name: getattr(roles, name) for name in _SINGLE if getattr(roles, name)}
    out |= {name: list(getattr(roles, name)) for name in (*_COLUMNS, *_LABELS) if getattr(roles, name)}
    if roles.bins:
        out["bins"] = {column: list(edges) for column, edges in roles.bins.items()}
    if roles.target_kind is not TargetKind.UNSTATED:
        out["target_kind"] = str(roles.target_kind)
    if roles.scale != ScoreScale():
        scale = roles.scale
        out["scale"] = {
            "direction": str(scale.direction),
            "low": scale.low,
            "high": scale.high,
            "unit": scale.unit,
        }
    return out
