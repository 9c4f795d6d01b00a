"""Hand-picked rows of a problem: which applicants they are stands beside the chain, under a hash that tells nothing."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, Final

from rai_dash.core.errors import InvalidChoice, LedgerBroken
from rai_dash.core.texts import tr
from rai_dash.govern import artifacts
from rai_dash.govern.ledger import canonical, parse

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from rai_dash.data.slices import Slice

KIND: Final = "patterns"


def about(of: Slice, connection: Connection, *, at: datetime) -> dict[str, Any]:
    """Return what a record says of a slice; hand-picked rows are put beside the chain.

    Parameters
    ----------
    of : Slice
    connection : Connection
        Of the transaction that writes the record.
    at : datetime
        When it is kept.

    Returns
    -------
    dict
        ``slice``, ``patterns`` and ``slice_hash``.
    """
    plain = of.to_json()
    if not of.rows:
        text = canonical(plain)
        return {"slice": plain, "patterns": None, "slice_hash": hashlib.sha256(text.encode()).hexdigest()}
    # Ids of applicants are few enough to be tried out: without a salt the hash would tell them.
    content = canonical({"salt": secrets.token_hex(16), "slice": plain}).encode()
    sha256 = artifacts.put(connection, KIND, content, at=at)
    return {"slice": None, "patterns": sha256, "slice_hash": sha256}


def kept_rows(connection: Connection, sha256: str) -> Slice | None:
    """Return hand-picked rows by their hash; None = they were removed.

    Raises
    ------
    LedgerBroken
        When they are not what was kept.
    """
    from rai_dash.data.slices import slice_from_json

    content = artifacts.get(connection, sha256)
    if content is None:
        return None
    try:
        kept = parse(content.decode())
        return slice_from_json(kept["slice"] if isinstance(kept, dict) else {})
    except (ValueError, KeyError, InvalidChoice) as error:
        msg = tr(
            "The hand-picked rows of a problem cannot be read: the store was changed. Verify the ledger."
        )
        raise LedgerBroken(msg) from error
