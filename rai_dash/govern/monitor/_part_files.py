"""Counts of finished parts of a batch, kept in a folder beside each other, so that a run that was ended goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from rai_dash.core.errors import InvalidChoice, LedgerBroken
from rai_dash.core.types import Notice
from rai_dash.data.portfolio.jobs.folder import told_of
from rai_dash.data.portfolio.jobs.names import temporary_name
from rai_dash.govern.monitor._counts_json import counts_of_json
from rai_dash.govern.monitor._row_counter import Counted

SCHEMA: Final = "rai-dash/monitor-part/1"
_NOTICES: Final = TypeAdapter(tuple[Notice, ...])


class PartFiles:
    """A folder with one JSON for each part that is counted.

    Parameters
    ----------
    folder : Path
        Made where it is not there.
    mark : mapping
        What the counts depend on; counts of anything else are not taken.

    Raises
    ------
    InvalidChoice
        When the folder cannot be written, or holds the counts of another batch.
    """

    def __init__(self, folder: Path, mark: Mapping[str, object]) -> None:
        self._folder, self._mark = folder, json.loads(json.dumps(mark))
        with told_of(folder):
            folder.mkdir(parents=True, exist_ok=True)

    def read(self, part: int, rows: int) -> Counted | None:
        """Return the counts of a finished part; None = it is not finished."""
        path = self._folder / _name(part)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            mark, found = content["mark"], (content["schema"], content["rows"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            raise self._foreign(path) from None
        if found != (SCHEMA, rows) or mark != self._mark:
            raise self._foreign(path)
        try:
            counts = counts_of_json(content["counts"])
            notices = _NOTICES.validate_python(content["notices"])
        except (LedgerBroken, ValidationError, KeyError):
            raise self._foreign(path) from None
        return Counted(counts=counts, notices=notices)

    def write(self, part: int, rows: int, counted: Counted) -> None:
        """Keep the counts of a part: the file is there whole, or not at all."""
        content: dict[str, Any] = {
            "schema": SCHEMA,
            "mark": self._mark,
            "rows": rows,
            "counts": counted.counts.to_json(),
            "notices": [asdict(n) for n in counted.notices],
        }
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        unfinished = self._folder / temporary_name(_name(part))
        with told_of(self._folder):
            unfinished.unlink(missing_ok=True)
            with unfinished.open("x", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._folder / _name(part))

    def _foreign(self, path: Path) -> InvalidChoice:
        msg = (
            f"`{path.name}` in `{self._folder}` holds no counts of this batch by this policy and model. Choose an "
            "empty or a new folder; nothing was changed."
        )
        return InvalidChoice(msg, code="foreign_files")


def _name(part: int) -> str:
    return f"part-{part:05d}.json"
