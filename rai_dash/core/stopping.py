"""Work that a person may stop: looked at between its steps."""

from __future__ import annotations

from collections.abc import Callable

from rai_dash.core.errors import Cancelled

CancelCheck = Callable[[], bool]


def stop_if(cancelled: CancelCheck | None) -> None:
    """End the work here where that was asked for.

    Parameters
    ----------
    cancelled : callable or None
        Whether to stop; None = nobody can ask for it.

    Raises
    ------
    Cancelled
        When it was asked for.
    """
    if cancelled is not None and cancelled():
        msg = "Stopped."
        raise Cancelled(msg)
