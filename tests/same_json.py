"""Two JSON values side by side: where they differ, and by how much."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

Place = tuple[str, ...]


def differences(a: Any, b: Any, *, rel: float, at: Place = ()) -> Iterator[tuple[Place, Any, Any]]:
    """Yield every place where two values differ; numbers with a fraction may by ``rel``, counts never."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys([*a, *b]):
            if key in a and key in b:
                yield from differences(a[key], b[key], rel=rel, at=(*at, str(key)))
            else:
                yield (*at, str(key)), a.get(key), b.get(key)
    elif isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            yield (*at, "length"), len(a), len(b)
        for i, (x, y) in enumerate(zip(a, b, strict=False)):
            yield from differences(x, y, rel=rel, at=(*at, str(i)))
    elif isinstance(a, float) and isinstance(b, float):
        # Differences of shares lie near 0: there it is the shares that are compared, which are at most 1.
        if not math.isclose(a, b, rel_tol=rel, abs_tol=rel):
            yield at, a, b
    elif a != b or type(a) is not type(b):
        yield at, a, b
