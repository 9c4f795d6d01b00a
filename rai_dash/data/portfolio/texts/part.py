"""One part of a text table, block by block, in the kinds of its columns. Runs in the separate process."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.data.options import ReadOptions
from rai_dash.data.portfolio.texts.columns import Misfit, Settled, read_column, settle_column
from rai_dash.data.portfolio.texts.dialect import Dialect, PartLayout
from rai_dash.data.portfolio.texts.stream import Utf8Stream
from rai_dash.data.reading.limits import TableLimits
from rai_dash.data.reading.mistakes import Body, find_mistake, line_of_row
from rai_dash.data.reading.numerals import any_of

#: Bytes of text that are read at a time.
BLOCK: Final = 1 << 24
_SHOWN: Final = 40


class Resettled(Exception):
    """Columns turned out to hold more than was settled: a first value, or the first broken number."""

    def __init__(self, columns: list[Settled]) -> None:
        super().__init__()
        self.columns = columns


@dataclass(frozen=True, slots=True)
class _FileBody(Body):
    """The same table in a file that is not held in memory."""

    path: Path
    encoding: str

    def text(self) -> io.TextIOWrapper:
        """Open the text at its first row."""
        stream = io.BufferedReader(Utf8Stream(self.path, "", self.encoding), BLOCK)
        stream.read(self.offset)
        return io.TextIOWrapper(stream, "utf-8", newline="")


class TextPart:
    """Reads a part.

    Parameters
    ----------
    path, name : Path, str
        The file, and what to call it.
    dialect, layout : Dialect, PartLayout
        How it is written.
    options : ReadOptions
        What was chosen.
    limits : TableLimits
        Longest cell.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        *,
        dialect: Dialect,
        layout: PartLayout,
        options: ReadOptions,
        limits: TableLimits,
    ) -> None:
        self._path, self._name, self._dialect, self._layout = path, name, dialect, layout
        self._options, self._limits = options, limits
        self._row = 0
        self._stream: Utf8Stream | None = None
        self._body = _FileBody(
            content=b"",
            offset=layout.offset,
            lines=layout.lines,
            separator=dialect.separator,
            header=layout.header,
            width=layout.width,
            path=path,
            encoding=layout.encoding,
        )

    @property
    def bytes_read(self) -> int:
        """Bytes of the file that were read so far."""
        return 0 if self._stream is None or self._stream.closed else self._stream.bytes_read

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, some megabytes of text at a time.

        Raises
        ------
        UnreadableFile
            When a line has another number of cells, a quote never closes, or a cell does not fit the kind of its
            column. Names the line.
        Resettled
            When columns have to be settled anew; the part is then read from its beginning.
        """
        self._stream = stream = Utf8Stream(self._path, self._name, self._layout.encoding)
        with stream, ThreadPoolExecutor() as pool:
            skipped = io.BufferedReader(stream, 1 << 16)
            skipped.read(self._layout.start)
            reader = self._reader(cast("BinaryIO", skipped))
            for cells in self._blocks(reader):
                yield self._read(cells, pool)
                self._row += len(cells)
            # An odd number of quotes may mean one that never closes, which the reader swallows.
            if stream.quotes % 2 and (mistake := self._mistake()) is not None:
                raise mistake

    def _reader(self, stream: BinaryIO) -> Any:
        names = [str(i) for i in range(self._layout.width)]
        try:
            return pa.csv.open_csv(
                stream,
                read_options=pa.csv.ReadOptions(column_names=names, block_size=BLOCK),
                parse_options=pa.csv.ParseOptions(
                    delimiter=self._dialect.separator,
                    newlines_in_values=True,
                    ignore_empty_lines=self._layout.width > 1,
                ),
                convert_options=pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.large_string()),
                    strings_can_be_null=False,
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV" in str(error):
                return ()
            raise self._undivided() from None

    def _blocks(self, reader: Any) -> Iterator[pa.RecordBatch]:
        try:
            yield from reader
        except pa.ArrowInvalid:
            raise self._undivided() from None

    def _undivided(self) -> UnreadableFile:
        msg = (
            f"The part `{self._name}` cannot be divided into rows and columns. Save it again as CSV with commas, or as "
            "Parquet."
        )
        return self._mistake() or UnreadableFile(msg, code="unreadable_table")

    def _mistake(self) -> UnreadableFile | None:
        """Find the line that does not fit."""
        found = find_mistake(self._body, self._limits)
        return (
            None
            if found is None
            else UnreadableFile(f"The part `{self._name}`: {found.message}", code=found.code)
        )

    def _read(self, cells: pa.RecordBatch, pool: ThreadPoolExecutor) -> pa.RecordBatch:
        """Bring a block of cells to the kinds of its columns."""
        self._check(cells)
        columns = self._dialect.columns
        jobs = [
            pool.submit(read_column, cells.column(place), settled, self._options)
            for place, settled in zip(self._layout.columns, columns, strict=True)
        ]
        found = [job.result() for job in jobs]
        anew = [
            one
            for place, settled, values in zip(self._layout.columns, columns, found, strict=True)
            if (one := self._anew(cells.column(place), settled, values)) is not None
        ]
        misfit = next(
            (v for v in found if isinstance(v, Misfit) and v.name not in {c.name for c in anew}), None
        )
        if misfit is not None:
            raise self._refusal(misfit)
        if anew:
            raise Resettled(anew)
        arrays = [_as(values, settled.type) for values, settled in zip(found, columns, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, names=[c.name for c in columns])

    def _anew(self, cells: pa.Array, settled: Settled, values: Any) -> Settled | None:
        """Settle a column whose first value this is, or whose numbers are not all whole."""
        if settled.kind == "blank":
            first = settle_column(cells, settled.name, self._options, comma_first=settled.comma_first)
            return None if first.kind == "blank" else first
        is_broken = not isinstance(values, Misfit) and pa.types.is_floating(values.type)
        if settled.kind == "number" and settled.is_whole and is_broken:
            return replace(settled, is_whole=False)
        return None

    def _check(self, cells: pa.RecordBatch) -> None:
        """Refuse cells that are too long, and values where the lines should be at their end."""
        for j, column in enumerate(cells.columns):
            if (pc.max(pc.binary_length(column)).as_py() or 0) > self._limits.cell_chars:
                too_long = pc.greater(pc.utf8_length(column), self._limits.cell_chars)
                if any_of(too_long):
                    place = (
                        f"{self._line(pc.index(too_long, pa.scalar(value=True)).as_py())} of `{self._name}`"
                    )
                    raise self._limits.cell_too_long(self._named(j), place)
        for j in self._layout.blank:
            filled = pc.not_equal(pc.utf8_trim_whitespace(cells.column(j)), "")
            if any_of(filled):
                line = self._line(pc.index(filled, pa.scalar(value=True)).as_py())
                msg = tr(
                    "The part `{name}` has a value without a name of a column in {line}. Is there a "
                    "separator inside a value? Put it in quotes, or name the column.",
                    name=self._name,
                    line=line,
                )
                raise UnreadableFile(msg, code="ragged_row")

    def _refusal(self, misfit: Misfit) -> UnreadableFile:
        shown = misfit.cell if len(misfit.cell) <= _SHOWN else misfit.cell[:_SHOWN] + "…"
        msg = (
            f"'{shown}' in {self._line(misfit.row)} of `{self._name}` is no number like the first ones of "
            f"`{misfit.name}`. State the column as text (--read text={misfit.name}), the value as missing "
            f"(--read missing.{misfit.name}={shown}), or the decimal mark (--read decimal=.)."
        )
        return UnreadableFile(msg, code="unlike_value")

    def _line(self, row: int) -> str:
        return f"line {line_of_row(self._body, self._row + row):,}"

    def _named(self, place: int) -> str:
        header = self._layout.header
        return (
            header[place].strip() if place < len(header) and header[place].strip() else f"column {place + 1}"
        )


def _as(values: Any, kind: pa.DataType) -> pa.Array:
    """Bring a column to the type that the part has."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    whole = pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
    return whole.cast(kind)
