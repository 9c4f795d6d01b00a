"""Canonical JSON by RFC 8785: one text for one value, so that it can be hashed.

References
----------
RFC 8785, JSON Canonicalization Scheme (2020).
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

import rfc8785

from rai_dash.core.errors import InvalidRecord
from rai_dash.core.texts import tr

#: Integers beyond this are not exact in JSON's doubles.
_LARGEST_INTEGER = 2**53 - 1
#: Numbers that Python and RFC 8785 can write differently: of sixteen digits and more, or with an exponent.
_LONG_NUMBER = re.compile(r"[:,\[]-?\d++(?:(?<=\d{16})|(?:\.\d++)?+e)")


def canonical(value: object) -> str:
    """Write plain values as canonical JSON.

    Parameters
    ----------
    value : object
        Mappings with text keys, lists, text, numbers, booleans and None.

    Raises
    ------
    InvalidRecord
        For NaN and infinity, integers beyond 2^53, halves of surrogate pairs and other types.
    """
    try:
        return rfc8785.dumps(value).decode("utf-8")  # type: ignore[arg-type]
    except (ValueError, TypeError, RecursionError) as error:
        msg = tr(
            "A value has no exact form in JSON: {error}. Leave it out of the record, or write it as text.",
            error=error,
        )
        raise InvalidRecord(msg) from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def parse(body: str) -> object:
    """Read JSON text back, so that its canonical form is the same again; None when it is no JSON."""

    def whole(digits: str) -> int | float:
        # Canonical JSON writes the double 1e16 like an integer; it has to come back as a double.
        number = int(digits)
        return number if abs(number) <= _LARGEST_INTEGER else float(digits)

    try:
        return json.loads(body, parse_int=whole, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def canonical_form(body: str) -> str | None:
    """Return the canonical form of a JSON text; None when it has none."""
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return canonical_value(value)


def canonical_value(value: object) -> str | None:
    """Return the canonical form of a value as `json` reads it; None when it has none.

    Python's own writer is several times faster than that of RFC 8785 and agrees with it but for a few
    forms; only texts that could hold one of those take the slow way.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return canonical(parse(text)) if _needs_care(text) else text
    except (ValueError, RecursionError, InvalidRecord):
        return None


def _needs_care(text: str) -> bool:
    if not text.startswith(("{", "[")) or _LONG_NUMBER.search(text):
        return True
    if ".0," in text or ".0]" in text or ".0}" in text:
        return True
    # Characters of two UTF-16 units sort elsewhere, and halves of them have no form at all.
    return not text.isascii() and max(text) >= "\ud800"
