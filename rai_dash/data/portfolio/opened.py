"""A table of files, opened by DuckDB: counted by question, read part by part. Runs in the separate process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.portfolio.answering import Answering
from rai_dash.data.portfolio.ingest import Kind, kinds_of
from rai_dash.data.portfolio.places import Format, Place
from rai_dash.data.portfolio.questions import Tally

if TYPE_CHECKING:
    import duckdb

#: Rows handed on at a time.
BATCH: Final = 1 << 16
#: Most memory that the engine takes for itself; what it counts stays far below.
_MEMORY: Final = "1GB"
_ROW: Final = "file_row_number"


def connect(readable: Sequence[Path]) -> duckdb.DuckDBPyConnection:
    """Start an engine that reads from some places, loads no extension and writes nowhere."""
    import duckdb

    connection = duckdb.connect(
        config={
            "threads": os.cpu_count() or 1,
            "memory_limit": _MEMORY,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    files = [str(p) for p in readable if p.is_file()]
    folders = [str(p) for p in readable if p.is_dir()]
    connection.execute("SET allowed_paths = ?", [files])
    connection.execute("SET allowed_directories = ?", [folders])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


class Opened:
    """The parts of a table under one engine.

    Parameters
    ----------
    place : Place
        The files.
    scores : Place or None
        A part of scores for each part of the table, row by row; their columns stand beside the table's.

    Raises
    ------
    UnreadableFile
        When the parts cannot be read, or do not have the same columns.
    """

    def __init__(self, place: Place, scores: Place | None = None) -> None:
        self.place = place
        self._scores = scores
        self._connection = connect([place.root, *([scores.root] if scores else [])])
        with told(place):
            self._whole = nw.from_native(self._connection.sql(self._sql(range(len(place.parts))))).lazy()
            self.kinds: dict[str, Kind | None] = kinds_of(self._whole)
            check_columns(self._connection, place)
        self._answering = Answering(self._whole)

    def part_rows(self) -> list[int]:
        """Count the rows of each part."""
        with told(self.place):
            if self.place.format is Format.PARQUET:
                asked = "SELECT file_name, num_rows FROM parquet_file_metadata(?)"
                paths = [str(p) for p in self.place.paths]
                found = dict(self._connection.execute(asked, [paths]).fetchall())
                return [int(found[path]) for path in paths]
            counts = (f"SELECT count(*) FROM {self._source(i)}" for i in range(len(self.place.parts)))
            return [int(self._connection.sql(sql).fetchall()[0][0]) for sql in counts]

    def tally(self, question: Tally) -> pa.Table:
        """Answer a question; see `Answering.tally`."""
        with told(self.place):
            return self._answering.tally(question)

    def head(self, columns: Sequence[str], n: int) -> pa.Table:
        """Read some columns of the first rows."""
        cursor = self._connection.cursor()
        with told(self.place):
            sql = f"SELECT {listed(columns)} FROM ({self._sql(range(len(self.place.parts)))}) LIMIT {n:d}"
            return cursor.sql(sql).to_arrow_table()

    def batches(self, part: int, columns: Sequence[str], size: int = BATCH) -> Iterator[pa.RecordBatch]:
        """Read some columns of one part in order, so many rows at a time."""
        # A cursor of its own: questions may come between two batches.
        cursor = self._connection.cursor()
        with told(self.place):
            yield from cursor.sql(f"SELECT {listed(columns)} FROM ({self._sql([part])})").to_arrow_reader(
                size
            )

    def pick(self, part: int, positions: NDArray[np.int64]) -> pa.Table:
        """Read some rows of a part by their place in it, ascending."""
        cursor = self._connection.cursor()
        cursor.register("wanted", pa.table({"wanted_row": positions}))
        numbered = f"SELECT *, row_number() OVER () - 1 AS {_ROW} FROM ({self._sql([part])})"
        if self.place.format is Format.PARQUET and self._scores is None:
            numbered = f"SELECT * FROM {self._source(part, numbered=True)}"
        sql = f"SELECT * FROM ({numbered}) WHERE {_ROW} IN (SELECT wanted_row FROM wanted) ORDER BY {_ROW}"
        with told(self.place):
            return cursor.sql(sql).to_arrow_table().drop_columns([_ROW])

    def _sql(self, parts: Sequence[int]) -> str:
        """Write the rows of some parts, with the scores beside them."""
        if self._scores is None:
            return f"SELECT * FROM {source_of(self.place, parts)}"
        # One part at a time: rows and scores pair up by their place in the part.
        pairs = (
            f"SELECT * FROM {self._source(i)} POSITIONAL JOIN {source_of(self._scores, [i])}" for i in parts
        )
        return " UNION ALL ".join(pairs)

    def _source(self, part: int, *, numbered: bool = False) -> str:
        return source_of(self.place, [part], numbered=numbered)


def source_of(place: Place, parts: Sequence[int], *, numbered: bool = False) -> str:
    """Write the scan of some parts of a table as SQL."""
    paths = place.paths
    files = ", ".join(text(str(paths[i])) for i in parts)
    if place.format is not Format.PARQUET:
        msg = "CSV parts are not read yet."
        raise UnreadableFile(msg)
    hive = any("=" in place.parts[i].name for i in parts)
    return f"read_parquet([{files}], file_row_number={numbered}, hive_partitioning={hive})"


def text(value: str) -> str:
    """Write a text as SQL."""
    return "'" + value.replace("'", "''") + "'"


def listed(columns: Sequence[str]) -> str:
    """Write names of columns as SQL."""
    return ", ".join('"' + c.replace('"', '""') + '"' for c in columns) or "1"


def check_columns(connection: duckdb.DuckDBPyConnection, place: Place) -> None:
    """Refuse parts that lack a column of the first, or hold another kind in it."""


@contextmanager
def told(place: Place) -> Iterator[None]:
    """Turn what the engine says of damaged or unlike parts into one plain sentence."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException:
        msg = "Counting this needs more memory than the engine may use. Choose fewer columns, or fewer bins."
        raise UnreadableFile(msg, code="too_large") from None
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
        raise  # our own mistake, not the file's
    except duckdb.Error as error:
        said = " ".join(str(error).split())
        name = next((p.name for p in place.parts if p.name in said), None)
        which = f"The part `{name}`" if name else "A part of the table"
        msg = f"{which} cannot be read ({type(error).__name__}). Write or download it again, like the others."
        raise UnreadableFile(msg, code="damaged_file") from None
