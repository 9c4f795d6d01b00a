"""What is remembered of a store outside its database: the head of every append, and the checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rai_dash.core.errors import LedgerBroken, RaiError
from rai_dash.core.texts import tr
from rai_dash.govern._tables import at
from rai_dash.govern.checkpoints import Checkpoint, folder_of, keep, kept_files, read_checkpoint
from rai_dash.govern.database import sqlite_path, store_id
from rai_dash.govern.head import head_path, read_head, write_head
from rai_dash.govern.ledger import Head

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was found: the head, the checkpoints, and a sentence for each file that cannot be read."""

    head: Head | None
    checkpoints: tuple[Checkpoint, ...]
    unreadable_head: str | None
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """Where a store is remembered.

    Parameters
    ----------
    store : str
        Its name in these files.
    head_file : Path
        File with the last head.
    folder : Path
        Folder of checkpoints.
    """

    store: str
    head_file: Path
    folder: Path

    @classmethod
    def of(cls, url: URL, folder: Path | None = None) -> Self:
        """Work out the places of a store; ``folder`` None = as the settings say."""
        name, path, folder = store_id(url), sqlite_path(url), folder_of(folder)
        # A database on a server has no place of ours beside it.
        return cls(name, folder / f"{name}.head" if path is None else head_path(path), folder)

    def head(self) -> Head | None:
        """Return the remembered head.

        Raises
        ------
        LedgerBroken
            When its file is there and cannot be read.
        """
        return read_head(self.head_file)

    def check_end(self, connection: Connection, path: Path | None) -> None:
        """Look for the remembered head in the database; ``path``: the file to name, where it is one.

        Raises
        ------
        LedgerBroken
            When it is not there.
        """
        head = self.head()
        if head is None:
            return
        kept = at(connection, head.seq)
        if kept is None or kept.hash != head.hash:
            msg = tr(
                "Record {seq} was signed and is no longer in the store {path}: it was cut off or an old "
                "copy was put back. Nothing was written. Restore the store before anybody signs.",
                seq=head.seq,
                path=path or self.store,
            )
            raise LedgerBroken(msg)

    def remember(self, head: Head, checkpoint: Checkpoint | None) -> None:
        """Keep the head, and the newest checkpoint unless it is kept already.

        Raises
        ------
        OSError
            When one of them cannot be written.
        """
        self.head_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_head(self.head_file, head)
        if checkpoint is not None:
            keep(checkpoint, self.folder, store=self.store)

    def recall(self) -> Remembered:
        """Read everything that is remembered; what cannot be read is told and not raised."""
        head, complaint = None, None
        try:
            head = self.head()
        except RaiError as error:
            complaint = error.message
        found, unreadable = [], []
        for path in kept_files(self.folder, store=self.store):
            try:
                found.append(read_checkpoint(path))
            except RaiError as error:
                unreadable.append(error.message)
        return Remembered(head, tuple(found), complaint, tuple(unreadable))
