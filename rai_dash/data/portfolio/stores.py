"""Parquet in an object store, counted by DuckDB through Arrow's own readers. Runs in a separate process with network.

The engine's extension for object stores would have to be downloaded; Arrow reads them as it is installed, and hands the
engine only the columns and rows that a question asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.fs as pafs
from numpy.typing import NDArray

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.labels import MAX_EXACT
from rai_dash.data.names import unique_names
from rai_dash.data.portfolio.answering import Answering
from rai_dash.data.portfolio.folders import NO_FOLDER, folder_columns, folder_values
from rai_dash.data.portfolio.frames import as_lazy
from rai_dash.data.portfolio.ingest import Kind
from rai_dash.data.portfolio.opened import BATCH, connect
from rai_dash.data.portfolio.part_names import check_has_all, check_names, extra_columns
from rai_dash.data.portfolio.part_types import settle
from rai_dash.data.portfolio.places import MOST_PARTS, Part
from rai_dash.data.portfolio.questions import Tally
from rai_dash.data.portfolio.store_access import FAILED, file_system, reached

_ARROW_TYPES: Final = {
    pa.int8(): "TINYINT", pa.int16(): "SMALLINT", pa.int32(): "INTEGER", pa.int64(): "BIGINT", pa.uint8(): "UTINYINT",
    pa.uint16(): "USMALLINT", pa.uint32(): "UINTEGER", pa.uint64(): "UBIGINT", pa.float16(): "FLOAT",
    pa.float32(): "FLOAT", pa.float64(): "DOUBLE", pa.string(): "VARCHAR", pa.large_string(): "VARCHAR",
    pa.string_view(): "VARCHAR", pa.bool_(): "BOOLEAN", pa.date32(): "DATE", pa.null(): '"NULL"',
}  # fmt: skip
_CAST_TO: Final = {"BIGINT": pa.int64(), "DOUBLE": pa.float64(), "VARCHAR": pa.string()}


@dataclass(frozen=True, slots=True)
class _StorePlace:
    """The objects of a table; has what a place on this machine has for its names."""

    root: str
    parts: tuple[Part, ...]


class _ArrowFooters:
    """What the ends of the parts say of a column."""

    def __init__(self, fragments: Sequence[ds.ParquetFileFragment], rows: Sequence[int]) -> None:
        self._fragments, self._rows = fragments, rows

    def blank(self, name: str) -> list[bool]:
        """Say of each part whether the column is blank throughout."""
        return [
            n == 0 or sum(c.statistics.null_count or 0 for c in self._chunks(f, name) if c.statistics) == n
            for f, n in zip(self._fragments, self._rows, strict=True)
        ]

    def signed(self, name: str) -> str:
        """Choose what to read unsigned numbers of 64 bits as."""
        chunks = [c for f in self._fragments for c in self._chunks(f, name)]
        known = all(c.statistics is not None and c.statistics.has_min_max for c in chunks)
        return "BIGINT" if known and all(c.statistics.max < MAX_EXACT for c in chunks) else "VARCHAR"

    @staticmethod
    def _chunks(fragment: ds.ParquetFileFragment, name: str) -> Iterator[Any]:
        footer = fragment.metadata
        for i in range(footer.num_row_groups):
            group = footer.row_group(i)
            yield from (c for c in map(group.column, range(group.num_columns)) if c.path_in_schema == name)


class OpenedStore:
    """Parquet objects under one prefix.

    Parameters
    ----------
    scheme, path : str
        Such as ``s3`` and ``bucket/prefix``.
    choices : mapping of str
        Region, endpoint and so on.

    Raises
    ------
    UnreadableFile
        When nothing is there, it cannot be reached, or the parts do not have the same columns.
    """

    def __init__(self, scheme: str, path: str, choices: Mapping[str, str]) -> None:
        self._address = f"{scheme}://{path}"
        with reached(self._address):
            self._files = file_system(scheme, choices)
            self._path = path.strip("/")
            self._place, self.notices = self._find()
            self._open()
        # The engine itself reads nothing but what Arrow hands it.
        self._connection = connect([])
        frame, names = as_lazy(self._connection.from_arrow(self._dataset))
        self._answering = Answering(frame, {self._renamed[name]: inside for name, inside in names.items()})
        self.kinds: dict[str, Kind | None] = dict(self._answering.kinds)

    def part_rows(self) -> list[int]:
        """Count the rows of each part."""
        return list(self._rows)

    def fingerprint(self) -> list[list[Any]]:
        """Name what identifies the content: names, sizes and times of the objects."""
        return [[p.name, p.size, p.changed] for p in self._place.parts]

    def tally(self, question: Tally) -> pa.Table:
        """Answer a question; see `Answering.tally`."""
        with self._told():
            found = self._answering.tally(question)
        if not question.where and int(pc.sum(found.column("n")).as_py() or 0) != sum(self._rows):
            msg = tr(
                "The parts do not hold as many rows as their footers name: one is damaged. Write the table "
                "again."
            )
            raise UnreadableFile(msg, code="damaged_file")
        return found

    def head(self, columns: Sequence[str], n: int) -> pa.Table:
        """Read some columns of the first rows."""
        written = [self._written[c] for c in columns]
        with self._told():
            return self._dataset.head(n, columns=written).rename_columns(list(columns))

    def batches(
        self, part: int, columns: Sequence[str], size: int = BATCH, *, first: int = 0, rows: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Read some columns of one part in order, or of some of its rows from ``first`` on, so many at a time."""
        written = [self._written[c] for c in columns]
        left, seen = rows, 0
        with self._told():
            scanner = self._fragments[part].scanner(
                schema=self._dataset.schema, columns=written, batch_size=size
            )
            for batch in scanner.to_batches():
                start = min(max(first - seen, 0), len(batch))
                seen += len(batch)
                kept = batch.slice(start, left)
                left = None if left is None else left - len(kept)
                if len(kept):
                    yield kept.rename_columns(list(columns))
                if left == 0:
                    return

    def pick(self, part: int, positions: NDArray[np.int64]) -> pa.Table:
        """Read some rows of a part by their place in it, ascending."""
        with self._told():
            scanner = self._fragments[part].scanner(schema=self._dataset.schema)
            table: pa.Table = scanner.take(pa.array(positions))
        return table.rename_columns([self._renamed[c] for c in table.column_names])

    def _find(self) -> tuple[_StorePlace, tuple[Notice, ...]]:
        """List the objects; hidden ones and what is no Parquet by its name are left out."""
        found = self._files.get_file_info([self._path])[0]
        if found.type == pafs.FileType.File:
            return _StorePlace(self._path.rpartition("/")[0], (_part(found, found.base_name),)), ()
        listed = self._files.get_file_info(
            pafs.FileSelector(self._path, recursive=True, allow_not_found=True)
        )
        files = [i for i in listed if i.type == pafs.FileType.File and i.size]
        named = {i.path.removeprefix(self._path).lstrip("/"): i for i in files}
        seen = {
            n: i for n, i in sorted(named.items()) if not any(p.startswith((".", "_")) for p in n.split("/"))
        }
        parts = tuple(
            _part(i, n) for n, i in seen.items() if n.casefold().endswith((".parquet", ".pq", ".parq"))
        )
        if not parts or len(parts) > MOST_PARTS:
            many = "more objects than can be counted" if parts else "no Parquet object (.parquet) with rows"
            msg = tr(
                "There is {many} under `{address}`. Check the address; objects are read as Parquet only.",
                many=many,
                address=self._address,
            )
            raise UnreadableFile(msg, code="empty_folder")
        left = len(seen) - len(parts)
        what = "1 object is" if left == 1 else f"{left:,} objects are"
        told = Notice("other_files", tr("{what} not called .parquet and not counted.", what=what))
        return _StorePlace(self._path, parts), (told,) if left else ()

    def _open(self) -> None:
        """Read every footer, and settle how the parts are read as one."""
        place = self._place
        paths = [f"{place.root}/{part.name}" for part in place.parts]
        format_ = ds.ParquetFileFormat()
        plain = [format_.make_fragment(path, self._files) for path in paths]
        schemas = [fragment.physical_schema for fragment in plain]
        self._rows = tuple(int(fragment.metadata.num_rows) for fragment in plain)
        if not sum(self._rows):
            msg = tr("The table has no rows in any part. Choose one with rows.")
            raise UnreadableFile(msg, code="no_rows")
        folders = folder_columns([part.name for part in place.parts])
        schema = self._agreed(schemas, folders, _ArrowFooters(plain, self._rows))
        self._fragments = [
            format_.make_fragment(path, self._files, _in_folder(part.name, schema, list(folders)))
            for path, part in zip(paths, place.parts, strict=True)
        ]
        self._dataset = ds.FileSystemDataset(self._fragments, schema, format_, self._files)

    def _agreed(
        self, schemas: Sequence[pa.Schema], folders: Mapping[str, str], footers: _ArrowFooters
    ) -> pa.Schema:
        first, parts = schemas[0], [part.name for part in self._place.parts]
        check_names(parts[0], [*first.names, *folders])
        for part, other in zip(parts, schemas, strict=True):
            check_has_all(part, other.names, parts[0], first.names)
            check_names(part, other.names)
        fields = []
        for name in first.names:
            types = [other.field(name).type for other in schemas]
            casts = settle(parts, name, [_sql_type(t) for t in types], footers)
            # Where no part is cast, they all have the type of the first.
            cast = next((c for c in casts if c is not None), None)
            fields.append(pa.field(name, types[0] if cast is None else _CAST_TO[cast]))
        fields += [pa.field(name, _CAST_TO[kind]) for name, kind in folders.items()]
        written = [f.name for f in fields]
        shown, told = unique_names(written)
        self._renamed = dict(zip(written, shown, strict=True))
        self._written = dict(zip(shown, written, strict=True))
        extra = extra_columns(parts, first.names, [s.names for s in schemas])
        self.notices = (*self.notices, *told, *extra)
        return pa.schema(fields)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn failures of the network and of objects into one sentence, and notice objects that changed."""
        try:
            with reached(self._address):
                yield
        except UnreadableFile as error:
            if error.code == FAILED:
                self._check_unchanged()
            raise
        self._check_unchanged()

    def _check_unchanged(self) -> None:
        with reached(self._address):
            parts = self._find()[0].parts
        if parts != self._place.parts:
            msg = tr(
                "The objects under `{address}` changed since the table was opened. Open the table again.",
                address=self._address,
            )
            raise UnreadableFile(msg, code="changed_file")


def _part(found: pafs.FileInfo, name: str) -> Part:
    return Part(name, int(found.size), int(found.mtime_ns or 0))


def _sql_type(kind: pa.DataType) -> str:
    """Name an Arrow type as SQL does, where parts may differ in it."""
    if pa.types.is_dictionary(kind):
        return _sql_type(kind.value_type)
    if pa.types.is_decimal(kind):
        return "DECIMAL"
    if pa.types.is_timestamp(kind):
        return f"TIMESTAMP {kind.unit}{' with time zone' if kind.tz else ''}"
    return _ARROW_TYPES.get(kind, str(kind))


def _in_folder(name: str, schema: pa.Schema, folders: Sequence[str]) -> ds.Expression | None:
    """Say what the names of its folders say of every row of a part."""
    values = folder_values(name)
    found = None
    for column in folders:
        given = values[column]
        one = ds.field(column).is_null()
        if given != NO_FOLDER:
            one = ds.field(column) == pa.scalar(given, pa.string()).cast(schema.field(column).type)
        found = one if found is None else found & one
    return found
