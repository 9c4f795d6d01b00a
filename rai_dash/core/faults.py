"""Writing down an unforeseen error without what it says: its text can quote an applicant."""

from __future__ import annotations

import traceback
from pathlib import Path

#: Frames of the stack that are kept, the innermost last.
_DEEPEST = 12


def describe_fault(error: BaseException) -> str:
    """Describe an error by its class and the places it passed through, never by its message.

    Examples
    --------
    >>> try:
    ...     int("4000 0000 0000 0002")
    ... except ValueError as error:
    ...     described = describe_fault(error)
    >>> described.startswith("ValueError at "), "4000" in described
    (True, False)
    """
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    places = " > ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames)
    return f"{type(error).__name__} at {places or 'an unknown place'}"
