"""The operator's record of what came through the door: hashes and counts, never values."""

from __future__ import annotations

import json
import logging
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

from rai_dash.core.settings import get_settings

logger = logging.getLogger(__name__)

_NAME = "events.jsonl"
_lock = threading.Lock()


def events_file() -> Path:
    """Return the file that events are appended to, one JSON object a line."""
    return get_settings().data_dir / _NAME


def record(event: str, **facts: str | float | bool | None) -> None:
    """Append one event.

    Parameters
    ----------
    event : str
        What happened, for example ``"data_refused"``.
    **facts
        Fingerprints, counts, codes. Nothing that was read from a file.

    Notes
    -----
    A folder that cannot be written is logged and stops nobody.
    """
    line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="seconds"), "event": event, **facts})
    logger.info("%s", line)
    path = events_file()
    try:
        with _lock:
            path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(fd, "w", encoding="utf-8") as file:
                file.write(line + "\n")
    except OSError as error:
        logger.warning("the event %s could not be written to %s: %s", event, path, error.strerror)
