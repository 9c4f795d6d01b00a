"""Examine a store as a whole: what is in the database against what is remembered outside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rai_dash.core.errors import LedgerBroken
from rai_dash.govern._findings import Finding, Tampering
from rai_dash.govern._memory import Memory, Remembered
from rai_dash.govern._reading import read_contents
from rai_dash.govern.checkpoints import Checkpoint, own_public_key
from rai_dash.govern.database import store_url
from rai_dash.govern.export import write_export
from rai_dash.govern.ledger import Head
from rai_dash.govern.verify import Verdict, verify_contents

if TYPE_CHECKING:
    from sqlalchemy import URL


def examine(
    url: URL,
    memory: Memory,
    *,
    expected: Sequence[Checkpoint | Head] = (),
    keys: Collection[str] = (),
    own: str | None = None,
) -> Verdict:
    """Check a store against itself, its memory and what was kept elsewhere; nothing is changed.

    Parameters
    ----------
    url : URL
        The store.
    memory : Memory
        What is remembered of it.
    expected : sequence of Checkpoint or Head
        What was kept elsewhere.
    keys : collection of str
        Public keys (hex) whose checkpoints count; empty = ``own`` and those of the folder, else any.
    own : str, optional
        The public key of who keeps the store.

    Raises
    ------
    StoreUnavailable
        When there is no such store.
    """
    # Before the database: a record that is written meanwhile must not look like one that was cut off.
    remembered = memory.recall()
    contents = read_contents(url, with_kept=True)
    if isinstance(contents, Finding):
        return Verdict([contents], 0, None)
    heads = [remembered.head] if remembered.head else []
    findings = verify_contents(
        contents,
        expected=[*heads, *expected],
        kept=remembered.checkpoints,
        keys=keys or _trusted(own, remembered),
    )
    if remembered.unreadable_head:
        findings.append(Finding(Tampering.TRUNCATION, None, remembered.unreadable_head))
    findings += [Finding(Tampering.CHECKPOINT, None, text) for text in remembered.unreadable]
    return contents.verdict(findings)


def _trusted(own: str | None, remembered: Remembered) -> set[str]:
    """Name the keys that count: those of the folder as well, for a key may have been changed since."""
    folder = {c.public_key for c in remembered.checkpoints}
    # A store that the folder does not know may come from another machine, with a key of its own.
    own = own or (own_public_key() if folder else None)
    return {*folder, *([own] if own else [])}


def export_store(url: URL, memory: Memory, *, subject: str | None = None) -> dict[str, Any]:
    """Export a store; nothing is changed, so that a copy of any revision can be exported.

    Raises
    ------
    LedgerBroken
        When the database is damaged.
    """
    contents = read_contents(url)
    if isinstance(contents, Finding):
        raise LedgerBroken(contents.message)
    return write_export(contents, store=memory.store, subject=subject)


def examine_store(
    target: str | Path | None,
    *,
    expected: Sequence[Checkpoint | Head] = (),
    checkpoints: Path | None = None,
    keys: Collection[str] = (),
) -> Verdict:
    """Check a store as `verify_store` does, and say also how much was checked.

    Parameters
    ----------
    target, expected, checkpoints, keys
        As for `verify_store`.
    """
    url = store_url(target)
    return examine(url, Memory.of(url, checkpoints), expected=expected, keys=keys)


def verify_store(
    target: str | Path | None,
    *,
    expected: Sequence[Checkpoint | Head] = (),
    checkpoints: Path | None = None,
    keys: Collection[str] = (),
) -> list[Finding]:
    """Check a store without changing anything, not even its schema.

    Parameters
    ----------
    target : str, Path or None
        Path of a SQLite file, or a SQLAlchemy URL; None = as the settings say.
    expected : sequence of Checkpoint or Head, optional
        What was kept elsewhere, for example printed on a certificate.
    checkpoints : Path, optional
        Folder of checkpoints; None = as the settings say.
    keys : collection of str, optional
        Public keys (hex) whose checkpoints count; by default those of the folder and of this machine
        where the folder knows the store, else any.

    Returns
    -------
    list of Finding
        Empty = intact. A file that is damaged as a database is a finding too.

    Raises
    ------
    StoreUnavailable
        When there is no such store.
    """
    return examine_store(target, expected=expected, checkpoints=checkpoints, keys=keys).findings


def export_of(target: str | Path | None, *, subject: str | None = None) -> dict[str, Any]:
    """Export a store as `Store.export` does, without changing anything, not even its schema.

    Raises
    ------
    LedgerBroken
        When the database is damaged.
    StoreUnavailable
        When there is no such store.
    """
    url = store_url(target)
    return export_store(url, Memory.of(url), subject=subject)
