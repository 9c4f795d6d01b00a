"""Which model it is that answers behind an address: what it says of itself, and what it answers to fixed rows.

The description is a small JSON document that stands where a model file would: its sha256 is the model's fingerprint,
and a kept case holds it. It names no secret, and opening it asks the operator's list first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rai_dash.core.endpoints import Endpoint, EndpointInput
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.models.endpoint.protocols import Schema
from rai_dash.models.endpoint.values import Row

_MARK: Final = "rai_dash_endpoint"
_HEAD: Final = b'{"' + _MARK.encode()
_LARGEST: Final = 2**20
#: Decimals of the answers that tell two models apart; machines of one service differ in the last ones.
_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class Identity:
    """The description, as bytes, and its sha256."""

    content: bytes
    fingerprint: str


def probe_rows(endpoint: Endpoint, schema: Schema) -> list[Row]:
    """Return the fixed rows: the operator's, else two made from the inputs.

    Numbers are 0 and 1, then 1 and 2 in the next column, and so on; texts the first and the last known category.
    """
    if endpoint.probe:
        return [tuple(row) for row in endpoint.probe]
    return [
        tuple(_made(column, place, which) for place, column in enumerate(schema.inputs)) for which in (0, 1)
    ]


def _made(column: EndpointInput, place: int, which: int) -> Any:
    if column.type == "text":
        known = column.categories or ("a", "b")
        return known[-which]
    if column.type == "boolean":
        return bool(which)
    return (float if column.type == "number" else int)(place + which)


def identity_of(
    endpoint: Endpoint, schema: Schema, version: str, answers: Sequence[float] | None
) -> Identity:
    """Write down which model it is.

    Parameters
    ----------
    endpoint : Endpoint
        Where it is, and how its answers are read.
    schema : Schema
        What it takes.
    version : str
        As it says; empty = it says none.
    answers : sequence of float or None
        Probability of class 1 of each fixed row; None = they could not be asked.
    """
    told = None if answers is None else [f"{p:.{_DECIMALS}f}" for p in answers]
    described: dict[str, Any] = {
        # First, for it is known again by its first bytes.
        _MARK: 1,
        "url": endpoint.url, "protocol": endpoint.protocol, "version": version, "versions": schema.versions,
        "inputs": [[i.name, i.type, i.categories] for i in schema.inputs],
        "sent": endpoint.send, "datatypes": schema.datatypes, "output": endpoint.output,
        "classes": endpoint.labels, "one_column_is": endpoint.one_column_is or endpoint.labels[1],
        "probe": {"rows": probe_rows(endpoint, schema), "answers": told},
    }  # fmt: skip
    content = json.dumps(described, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return Identity(content, fingerprint_bytes(content))


def address_in(source: str | Path | bytes) -> str | None:
    """Return the address that a model was asked for by, in place of a file; None where it is a file.

    Parameters
    ----------
    source : path, str or bytes
        An address, also one that went through a path and lost a slash, or the bytes of a description.
    """
    if isinstance(source, bytes):
        return _described(source)
    text = str(source)
    scheme, colon, rest = text.partition(":/")
    if not colon or scheme.casefold() not in {"https", "http"}:
        return None
    return f"{scheme}://{rest.removeprefix('/')}"


def _described(content: bytes) -> str | None:
    if len(content) > _LARGEST or not content.startswith(_HEAD):
        return None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    is_ours = isinstance(found, dict) and found.get(_MARK) == 1 and isinstance(found.get("url"), str)
    return str(found["url"]) if is_ours else None
