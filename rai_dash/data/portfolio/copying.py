"""A text table as Parquet: every cell is read once, by the rules of the data door, and counted from the copy.

A text file is read anew for every count, ten times slower than Parquet, and by the engine's own rules. So the cells are
read once, in a locked process, and written here, a part for each part.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.settings import get_settings
from rai_dash.core.stopping import CancelCheck
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.options import ReadOptions
from rai_dash.data.portfolio.jobs.folder import lock_folder
from rai_dash.data.portfolio.jobs.plan import stamp_of
from rai_dash.data.portfolio.part_names import extra_columns
from rai_dash.data.portfolio.places import Place, find_place
from rai_dash.data.portfolio.texts.columns import Settled
from rai_dash.data.portfolio.texts.dialect import Dialect, encoding_notice
from rai_dash.data.reading.limits import TableLimits
from rai_dash.sandbox.client import Child, Reply

#: ``on_progress(bytes done, bytes in all, what is being read)``
OnProgress = Callable[[int, int, str], None]

_OPS: Final = "rai_dash.data.portfolio.texts.ops:"
_NOTICES = TypeAdapter(tuple[Notice, ...])
#: What a copy leaves free on its disk.
_LEFT_FREE: Final = 1 << 30
_UNFINISHED, _END = ".unfinished", ".parquet"
#: What a part says of itself, so that a run that was stopped goes on after it.
_SOURCE, _DIALECT = b"rai_dash.source", b"rai_dash.dialect"
_MOST_RETURNS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A text table that was written as Parquet.

    Parameters
    ----------
    place : Place
        The copy.
    notices : tuple of Notice
        How the texts were read.
    """

    place: Place
    notices: tuple[Notice, ...]


def copy_texts(
    place: Place,
    folder: Path,
    options: ReadOptions | None = None,
    *,
    on_progress: OnProgress = lambda *_: None,
    cancelled: CancelCheck | None = None,
) -> Copy:
    """Write a text table as Parquet, one part for each part.

    Parameters
    ----------
    place : Place
        The texts.
    folder : Path
        Where to. Parts of the same content, read in the same way, that are there already are kept.
    options : ReadOptions, optional
        How the texts are read, where the guess is wrong.
    on_progress : callable
        Told the bytes of text that were read.
    cancelled : callable, optional
        Looked at now and then; once it is true, the work stops.

    Raises
    ------
    UnreadableFile
        When a part cannot be read, a cell does not fit the kind of its column, or the disk is nearly full.
    """
    with _alone_in(folder), _Texts(place, options or ReadOptions(), cancelled) as texts:
        _check_folder(folder, {f"{part.name}{_END}" for part in place.parts})
        done, total = 0, sum(part.size for part in place.parts)
        for i, part in enumerate(place.parts):
            target = folder / f"{part.name}{_END}"
            if not texts.is_done(i, target):
                texts.copy(i, target, partial(_tell, on_progress, done, total, part.name))
            done += part.size
            on_progress(done, total, part.name)
        notices = [*place.notices, *texts.notices, *texts.extra_notices()]
    place.check_unchanged()
    return Copy(place=find_place(folder), notices=tuple(notices))


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder: two would write the same part into one file."""
    with _told_of_disk():
        held = lock_folder(folder)
    try:
        yield
    finally:
        os.close(held)


def _check_folder(folder: Path, expected: set[str]) -> None:
    """Refuse a folder that holds files of something else: they would be counted too; links lead elsewhere."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        is_known = name in expected or name.endswith(_UNFINISHED)
        if path.is_symlink() or (not path.is_dir() and not is_known):
            msg = tr(
                "The folder `{folder}` holds `{name}`, which is no part of this table. Choose an empty "
                "folder.",
                folder=folder.name,
                name=name,
            )
            raise UnreadableFile(msg, code="folder_in_use")


def _tell(on_progress: OnProgress, before: int, total: int, name: str, read: int) -> None:
    on_progress(min(before + read, total), total, name)


class _Texts(Child):
    """A separate process that reads the texts, and what it settled."""

    def __init__(self, place: Place, options: ReadOptions, cancelled: CancelCheck | None) -> None:
        super().__init__(mem_gb=get_settings().portfolio_mem_gb, readable=[place.root])
        limits = TableLimits.from_settings().to_args()
        self._args = {"place": place.to_args(), "options": options.to_args(), "limits": limits}
        self._place, self._known = place, options.to_args()
        self._cancelled = cancelled
        self._extra: dict[str, str] = {}
        try:
            settled = self._ask("settle_texts", self._args).data
            self._dialect = Dialect.from_args(settled["dialect"])
            self.notices = list(_NOTICES.validate_python(settled["notices"]))
        except BaseException:
            self.close()
            raise

    def is_done(self, part: int, target: Path) -> bool:
        """Whether a part was written before, from the same content in the same way; what it settled is taken over."""
        if not target.is_file():
            return False
        try:
            found = pq.read_schema(target).metadata or {}
            if found.get(_SOURCE) != self._source(part).encode():
                return False
            self._dialect = Dialect.from_args(json.loads(found[_DIALECT]))
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
            return False
        return True

    def copy(self, part: int, target: Path, on_read: Callable[[int], None]) -> None:
        """Write one part; it begins again where a later row says more of a column."""
        unfinished = target.with_name(f".{target.name}{_UNFINISHED}")
        before = stamp_of(self._place.paths[part])
        try:
            with _told_of_disk():
                target.parent.mkdir(parents=True, exist_ok=True)
            for _ in range(_MOST_RETURNS):
                if self._write(part, unfinished, on_read):
                    break
            # A part may not say that it is of a content that came after it was read.
            if stamp_of(self._place.paths[part]) != before:
                msg = tr(
                    "`{parts}` was changed while it was being read. Run again.",
                    parts=self._place.parts[part].name,
                )
                raise UnreadableFile(msg, code="changed_file")
            with _told_of_disk():
                unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)

    def extra_notices(self) -> list[Notice]:
        """Say which columns only some parts have."""
        return list(extra_columns(list(self._extra.values()), (), [[name] for name in self._extra]))

    def _write(self, part: int, path: Path, on_read: Callable[[int], None]) -> bool:
        """Write a part as far as it fits what is settled; returns whether that is to its end."""
        started = self._ask(
            "start_text", self._args | {"part": part, "dialect": self._dialect.to_args()}
        ).data
        if started["is_guess"] and not any(n.code == "encoding" for n in self.notices):
            self.notices.append(encoding_notice(self._place.parts[part].name))
        for name in started["extra"]:
            self._extra.setdefault(str(name), self._place.parts[part].name)
        schema = pa.schema([(c.name, c.type) for c in self._dialect.columns])
        kept = {_SOURCE: self._source(part), _DIALECT: json.dumps(self._dialect.to_args())}
        with _told_of_disk():
            path.unlink(missing_ok=True)
        with (
            _told_of_disk(),
            path.open("xb") as file,
            pq.ParquetWriter(file, schema.with_metadata(kept)) as writer,
        ):
            while True:
                reply = self._ask("read_text", {})
                if "again" in reply.data:
                    self._dialect = self._dialect.with_([Settled.from_args(c) for c in reply.data["again"]])
                    return False
                if not reply.blobs:
                    return True
                _check_space(path)
                writer.write_table(_checked(reply, schema).replace_schema_metadata(writer.schema.metadata))
                on_read(int(reply.data["bytes"]))

    def _source(self, part: int) -> str:
        """Fingerprint the content of a part, and the way it is read."""
        with self._place.paths[part].open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return fingerprint_value([digest, self._known, version("rai-dash")])

    def _ask(self, op: str, args: dict[str, Any]) -> Reply:
        return self.call(
            _OPS + op, args, timeout=get_settings().portfolio_timeout_s, cancelled=self._cancelled
        )


def _checked(reply: Reply, schema: pa.Schema) -> pa.Table:
    """Take rows from the separate process; nothing in them is believed before it is checked."""
    with pa.ipc.open_stream(pa.py_buffer(reply.blobs[0])) as reader:
        table = reader.read_all()
    table.validate(full=True)
    if table.schema.remove_metadata() != schema:
        msg = tr("Reading this table gave an answer that makes no sense; the file is refused as damaged.")
        raise UnreadableFile(msg, code="damaged_file")
    return table


def _check_space(path: Path) -> None:
    if shutil.disk_usage(path.parent).free < _LEFT_FREE:
        raise _disk_full()


@contextmanager
def _told_of_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            msg = tr(
                "The Parquet copy of this table cannot be written: {strerror}. Choose another folder.",
                strerror=error.strerror or error,
            )
            raise UnreadableFile(msg, code="cannot_write") from error
        raise _disk_full() from error


def _disk_full() -> UnreadableFile:
    msg = (
        "The disk is nearly full, so the Parquet copy that this text table is counted from cannot be written. Free "
        "some space, or write the table as Parquet elsewhere."
    )
    return UnreadableFile(msg, code="no_space")


def in_words(place: Place) -> str:
    """Say what a table is, such as ``10 Parquet files``."""
    return f"{len(place.parts):,} {place.format} {'file' if len(place.parts) == 1 else 'files'}"
