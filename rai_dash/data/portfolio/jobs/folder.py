"""The folder that a job writes: only its own files, one run at a time, and each part there whole or not at all."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.jobs.names import MANIFEST, is_ours, is_temporary, temporary_name

#: Keys of ours in the metadata of a Parquet file: what it was made of, and what it holds.
MARK: Final = b"rai-dash"
SUMS: Final = b"rai-dash sums"
#: Rows that are written as one group: readers work on groups side by side, and small ones cost them time.
_GROUP_ROWS: Final = 1 << 17

Sums = dict[str, dict[str, float]]


class JobFolder:
    """A folder under a lock, which goes with this process however it ends.

    Parameters
    ----------
    path : Path
        Made where it is not there.

    Raises
    ------
    InvalidChoice
        When it cannot be written, another run works in it, or it holds files that no job wrote.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with told_of(path):
            path.mkdir(parents=True, exist_ok=True)
            self._lock = lock_folder(path)
        try:
            with told_of(path):
                self._check_strangers()
                self._clean(is_temporary)
        except BaseException:
            os.close(self._lock)
            raise

    def __enter__(self) -> Self:
        """Return the folder."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let others in."""
        os.close(self._lock)

    def _check_strangers(self) -> None:
        for entry in sorted(self.path.iterdir()):
            is_part = entry.suffix == ".parquet" and not is_temporary(entry.name)
            # A run writes plain files; what lies behind a link is somebody else's.
            is_plain = entry.is_file() and not entry.is_symlink()
            if not (is_ours(entry.name) and is_plain) or (is_part and read_mark(entry) is None):
                msg = tr(
                    "`{path}` holds `{entry}`, which no run of this kind wrote. Choose an empty or a new "
                    "folder; nothing was changed.",
                    path=self.path,
                    entry=entry.name,
                )
                raise InvalidChoice(msg, code="foreign_files")

    def _clean(self, is_waste: Any) -> None:
        for entry in self.path.iterdir():
            if is_waste(entry.name):
                entry.unlink()

    def keep_only(self, names: set[str]) -> None:
        """Remove parts of a job before this one that this one does not write, and its list of parts."""
        with told_of(self.path):
            self._clean(lambda name: name not in names)

    def finished(self, name: str) -> dict[str, Any] | None:
        """Return what the finished part of a name says about itself; None = there is none."""
        path = self.path / name
        return read_mark(path) if path.is_file() else None

    def sums(self, name: str) -> Sums:
        """Return the sums of a finished part."""
        kept = pq.read_metadata(self.path / name).metadata or {}
        found: Sums = json.loads(kept.get(SUMS, b"{}"))
        return found

    def schema(self, name: str) -> pa.Schema:
        """Return the columns of a finished part."""
        return pq.read_schema(self.path / name).remove_metadata()

    def write_manifest(self, content: Mapping[str, Any]) -> None:
        """Write the list of parts in one step."""
        text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        unfinished = self.path / temporary_name(MANIFEST)
        with told_of(self.path):
            with unfinished.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            self.put(unfinished, MANIFEST)

    def put(self, unfinished: Path, name: str) -> None:
        """Give a finished file its name, in one step that outlives a power cut."""
        unfinished.replace(self.path / name)
        os.fsync(self._lock)


class PartWriter:
    """Writes one part under a temporary name, and renames it when it is whole.

    Parameters
    ----------
    folder : JobFolder
        Where.
    name : str
        Of the part.
    schema : Schema
        Its columns.
    mark : mapping
        What it was made of.
    summed : sequence of str
        Columns whose count, sum and largest value are kept.
    """

    def __init__(
        self,
        folder: JobFolder,
        name: str,
        schema: pa.Schema,
        mark: Mapping[str, Any],
        summed: tuple[str, ...],
    ) -> None:
        self._folder, self._name, self._summed = folder, name, summed
        self._unfinished = folder.path / temporary_name(name)
        self._file = self._unfinished.open("xb")
        words = [f.name for f in schema if not pa.types.is_floating(f.type)]
        marked = schema.with_metadata({MARK: json.dumps(mark, sort_keys=True)})
        # Scores hardly repeat: a dictionary of them is work for nothing.
        self._writer = pq.ParquetWriter(self._file, marked, use_dictionary=words)
        self._sums: Sums = {name: {"n": 0, "sum": 0.0} for name in summed}
        self._waiting: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        self._waiting.append(batch)
        if sum(one.num_rows for one in self._waiting) >= _GROUP_ROWS:
            self._write_waiting()
        for name in self._summed:
            column, sums = batch.column(name).cast(pa.float64()), self._sums[name]
            if len(column) > column.null_count:
                sums["n"] += len(column) - column.null_count
                sums["sum"] += pc.sum(column).as_py()
                sums["largest"] = max(sums.get("largest", float("-inf")), pc.max(column).as_py())

    def _write_waiting(self) -> None:
        if self._waiting:
            table = pa.Table.from_batches(self._waiting)
            self._writer.write_table(table, row_group_size=table.num_rows)
            self._waiting.clear()

    def finish(self) -> Sums:
        """Write the end, wait for the disk, and give the part its name."""
        self._write_waiting()
        self._writer.add_key_value_metadata({SUMS: json.dumps(self._sums)})
        self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._folder.put(self._unfinished, self._name)
        return self._sums

    def abandon(self) -> None:
        """Leave nothing of it behind; the reason why must be what is told, and not that this fails too."""
        with suppress(OSError, pa.ArrowException):
            self._writer.close()
        with suppress(OSError):
            self._file.close()
        self._unfinished.unlink(missing_ok=True)


def read_mark(path: Path) -> dict[str, Any] | None:
    """Read what a part of a job says about itself; None = it is none, or damaged."""
    try:
        kept = pq.read_metadata(path).metadata or {}
        found = json.loads(kept[MARK])
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return None
    return found if isinstance(found, dict) else None


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Read the list of parts of a folder; None = there is none that can be read."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def lock_folder(path: Path) -> int:
    """Lock a folder itself, so that no file of the lock stays behind; the lock ends with the process.

    Raises
    ------
    InvalidChoice
        When another run holds it.
    """
    import fcntl

    held = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(held)
        if error.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
            raise
        msg = tr("Another run works in `{path}`. Wait for its end, or choose another folder.", path=path)
        raise InvalidChoice(msg, code="folder_in_use") from None
    return held


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Tell that a folder cannot be written.

    Raises
    ------
    InvalidChoice
        Naming the folder.
    """
    try:
        yield
    except OSError as error:
        # pyarrow puts the reason into the text and leaves strerror empty.
        msg = tr(
            "`{path}` cannot be written: {strerror}. Finished parts are kept: make room or choose "
            "another place, and run the same again.",
            path=path,
            strerror=error.strerror or error,
        )
        raise InvalidChoice(msg, code="cannot_write") from error
