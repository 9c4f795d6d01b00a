"""The remembered head: the last record of a store, kept in a small file outside the database.

The chain cannot see by itself that its tail was cut or that an old copy was put back. This file can, as
long as it is not taken back too; a checkpoint that is kept elsewhere is the stronger form. It lies beside
a SQLite store, and in the folder of checkpoints for PostgreSQL.
"""

from __future__ import annotations

import json
from pathlib import Path

from rai_dash.core.errors import LedgerBroken
from rai_dash.core.texts import tr
from rai_dash.govern._files import write_whole
from rai_dash.govern.ledger import Head


def head_path(store: Path) -> Path:
    """Return where the head of a SQLite file is remembered."""
    return store.with_name(f"{store.name}.head")


def read_head(path: Path) -> Head | None:
    """Return a remembered head; None where there is no such file.

    Raises
    ------
    LedgerBroken
        When the file is there and cannot be read.
    """
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Head(int(kept["seq"]), str(kept["hash"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = tr(
            "The remembered head {path} cannot be read, so a cut tail cannot be ruled out. Verify the "
            "store against a certificate; if its last record is there, delete this file.",
            path=path,
        )
        raise LedgerBroken(msg) from error


def write_head(path: Path, head: Head) -> None:
    """Remember a head; call it while holding the write lock of the store.

    Raises
    ------
    OSError
        When the file cannot be written; the one before is untouched then.
    """
    write_whole(path, json.dumps({"seq": head.seq, "hash": head.hash}).encode())
