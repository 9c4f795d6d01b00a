"""The remembered head: the last record of a SQLite store, kept in a small file beside it.

The chain cannot see by itself that its tail was cut or that an old copy was put back. This file can, as
long as it is not taken back too; a head printed on a certificate or kept elsewhere is the stronger form.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from rai_dash.core.errors import LedgerBroken
from rai_dash.govern.ledger import Head


def head_path(store: Path) -> Path:
    """Return where the head of a store file is remembered."""
    return store.with_name(f"{store.name}.head")


def read_head(store: Path) -> Head | None:
    """Return the remembered head; None where there is no such file.

    Raises
    ------
    LedgerBroken
        When the file is there and cannot be read.
    """
    path = head_path(store)
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Head(int(kept["seq"]), str(kept["hash"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = (
            f"The remembered head {path} cannot be read, so a cut tail cannot be ruled out. Verify the "
            "store against a certificate; if its last record is there, delete this file."
        )
        raise LedgerBroken(msg) from error


def write_head(store: Path, head: Head) -> None:
    """Remember a head; the file is always the old one or the new one, never half of one.

    Call it while holding the write lock of the store.
    """
    draft = store.with_name(f"{store.name}.head.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8") as out:
            json.dump({"seq": head.seq, "hash": head.hash}, out)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(head_path(store))
    finally:
        draft.unlink(missing_ok=True)
