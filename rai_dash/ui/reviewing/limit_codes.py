"""Limits in the address: names of ours, numbers and places of groups, never a word from a file."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from rai_dash.core.errors import InvalidChoice
from rai_dash.review.constraints import LIMITED, Constraint

_CODE = re.compile(
    r"(?P<metric>[a-z_]+)(?P<sign>[<>])(?P<value>[0-9.e+-]{1,24})(@(?P<column>\d+)(:(?P<groups>[\d-]+))?)?"
)
_SIGNS = {"<": "<=", ">": ">="}


def encode(limits: Sequence[Constraint], columns: Mapping[str, Sequence[str]]) -> str:
    """Write limits; columns and groups by their place in ``columns``."""
    return ";".join(_encode(limit, columns) for limit in limits)


def decode(text: str, columns: Mapping[str, Sequence[str]]) -> tuple[Constraint, ...]:
    """Read limits; what is nonsense, or names what these data do not have, is left out."""
    found = (_decode(part, columns) for part in text.split(";"))
    return tuple(dict.fromkeys(limit for limit in found if limit is not None))


def _encode(limit: Constraint, columns: Mapping[str, Sequence[str]]) -> str:
    code = f"{limit.metric}{limit.operator[0]}{limit.value!r}"
    if limit.column is not None:
        code += f"@{list(columns).index(limit.column)}"
        groups = [str(list(columns[limit.column]).index(group)) for group in limit.groups]
        code += f":{'-'.join(groups)}" if groups else ""
    return code


def _decode(text: str, columns: Mapping[str, Sequence[str]]) -> Constraint | None:
    read = _CODE.fullmatch(text)
    if read is None or read["metric"] not in LIMITED:
        return None
    try:
        column = None if read["column"] is None else list(columns)[int(read["column"])]
        places = [] if not read["groups"] or column is None else [int(k) for k in read["groups"].split("-")]
        groups = tuple(columns[column][k] for k in places) if column is not None else ()
        value = float(read["value"])
        return (
            Constraint(read["metric"], _SIGNS[read["sign"]], value, column, groups)
            if math.isfinite(value)
            else None
        )
    except (IndexError, ValueError, InvalidChoice):
        return None
