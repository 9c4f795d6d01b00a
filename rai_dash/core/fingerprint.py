"""Content fingerprints: sha256 in hex, of bytes or of plain values."""

from __future__ import annotations

import hashlib
import json


def fingerprint_bytes(content: bytes | memoryview) -> str:
    """Return the sha256 of some bytes in hex."""
    return hashlib.sha256(content).hexdigest()


def fingerprint_value(value: object) -> str:
    """Return the sha256 of a plain value (numbers, text, lists, dicts) in hex.

    Keys are sorted, so that the order in which a dict was built does not matter. This names cache
    entries; records that are signed use the canonical JSON of RFC 8785 instead.
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return fingerprint_bytes(text.encode())
