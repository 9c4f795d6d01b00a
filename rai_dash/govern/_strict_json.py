"""JSON from a file that somebody else may have made, read so that everybody who reads it reads the same."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, NoReturn


def strict_json(raw: bytes) -> Any:
    """Read JSON in which every name of an object stands once, and numbers and characters are whole ones.

    Parameters
    ----------
    raw : bytes

    Raises
    ------
    ValueError, RecursionError
        For what is no JSON, NaN, infinity, a name that stands in one object twice, and halves of characters.
    """
    content = json.loads(raw, parse_constant=_no_constant, object_pairs_hook=_each_once)
    # Half a character can be written in JSON, and neither printed nor named in another file.
    json.dumps(content, ensure_ascii=False).encode()
    return content


def _no_constant(text: str) -> NoReturn:
    msg = f"{text} is no number in JSON"
    raise ValueError(msg)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # One look at each: whoever made the file chose how many there are.
        twice = next(key for key, n in Counter(key for key, _ in pairs).items() if n > 1)
        msg = f"the name {twice!r} stands in one object twice"
        raise ValueError(msg)
    return found
