"""What a certificate takes from an export of the ledger: hashes, checkpoints, when something was erased."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rai_dash.govern.checkpoints import Checkpoint
from rai_dash.govern.export import read_contents
from rai_dash.govern.sealed import ERASED


class Ledger:
    """An export of the ledger, as `rai_dash.govern.store.Store.export` makes it for one policy.

    Parameters
    ----------
    export : mapping
        With ``entries``, ``sealed``, ``checkpoints`` and ``public_keys``.
    """

    def __init__(self, export: Mapping[str, Any]) -> None:
        contents = read_contents(export)
        self._export = export
        self._records = {record.seq: record for record in contents.records}
        self._erased = {sealed.ref: sealed.erased_at for sealed in contents.sealed}
        self._checkpoints = sorted(contents.checkpoints, key=lambda c: c.n)

    @property
    def file(self) -> bytes:
        """The export as a file."""
        return json.dumps(self._export, ensure_ascii=False, indent=1).encode("utf-8")

    @property
    def length(self) -> int:
        """How many records the whole ledger had."""
        return len(self._records)

    def previous_hash(self, seq: int) -> str:
        """Return the hash of the record before."""
        return self._records[seq].prev_hash

    def person(self, name: str | None, ref: str) -> str:
        """Return a name, or that and when it was erased."""
        return self._erased_on(ref) if name is None else name

    def text(self, text: str | None, seq: int, field: str) -> str:
        """Return a text that a record refers to, or that and when it was erased; empty for none."""
        if text != ERASED:
            return text or ""
        sealed = self._records[seq].content.get(field)
        return self._erased_on(sealed["sealed"] if isinstance(sealed, dict) else "")

    def _erased_on(self, ref: str) -> str:
        when = self._erased.get(ref)
        return f"(erased on {when[:10]})" if when else ERASED

    def checkpoint(self, seq: int) -> Checkpoint | None:
        """Return the first checkpoint that covers a record, else the newest one; None where none was made."""
        covering = [c for c in self._checkpoints if c.n >= seq]
        return covering[0] if covering else self._checkpoints[-1] if self._checkpoints else None
