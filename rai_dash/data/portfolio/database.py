"""A table in a DuckDB file. Runs in the separate process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.columns import closest_names
from rai_dash.data.portfolio.agreement import quoted
from rai_dash.data.portfolio.answering import Answering
from rai_dash.data.portfolio.frames import as_lazy
from rai_dash.data.portfolio.ingest import Kind
from rai_dash.data.portfolio.opened import BATCH, DATABASE, connect, listed
from rai_dash.data.portfolio.part_names import check_names
from rai_dash.data.portfolio.questions import Tally

_SHOWN: Final = 5
_ROW: Final = "\x1frow"


class OpenedTable:
    """A table, or a view of tables of the same file.

    Parameters
    ----------
    path : Path
        The file.
    table : str
        Its name, with that of its schema in front where it is not ``main``.

    Raises
    ------
    UnreadableFile
        When it is no DuckDB file, or has no such table.
    """

    notices: tuple[Notice, ...] = ()

    def __init__(self, path: Path, table: str) -> None:
        self._path = path
        self._stamp = _stamp(path)
        with self._told():
            self._connection = connect([], database=path)
            self._sql = f"SELECT * FROM {self._named(table)}"
            whole = self._connection.sql(self._sql)
            check_names(table, whole.columns)
            self._answering = Answering(*as_lazy(whole))
        self.kinds: dict[str, Kind | None] = dict(self._answering.kinds)

    def part_rows(self) -> list[int]:
        """Count the rows: they are one part."""
        with self._told():
            return [int(self._connection.sql(f"SELECT count(*) FROM ({self._sql})").fetchall()[0][0])]

    def fingerprint(self) -> list[Any]:
        """Name what identifies the content: size and time of the file."""
        return list(self._stamp)

    def tally(self, question: Tally) -> pa.Table:
        """Answer a question; see `Answering.tally`."""
        with self._told():
            return self._answering.tally(question)

    def head(self, columns: Sequence[str], n: int) -> pa.Table:
        """Read some columns of the first rows."""
        with self._told():
            sql = f"SELECT {listed(columns)} FROM ({self._sql}) LIMIT {n:d}"
            return self._connection.cursor().sql(sql).to_arrow_table()

    def batches(
        self, part: int, columns: Sequence[str], size: int = BATCH, *, first: int = 0, rows: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Read some columns in order, or of some rows from ``first`` on, so many at a time."""
        del part
        window = "" if rows is None else f" LIMIT {rows:d} OFFSET {first:d}"
        with self._told():
            cursor = self._connection.cursor()
            yield from cursor.sql(f"SELECT {listed(columns)} FROM ({self._sql}){window}").to_arrow_reader(
                size
            )

    def pick(self, part: int, positions: NDArray[np.int64]) -> pa.Table:
        """Read some rows by their place, ascending."""
        del part
        cursor = self._connection.cursor()
        cursor.register("wanted", pa.table({"wanted_row": positions}))
        row = quoted(_ROW)
        sql = (
            f"SELECT * FROM (SELECT *, row_number() OVER () - 1 AS {row} FROM ({self._sql})) "
            f"WHERE {row} IN (SELECT wanted_row FROM wanted) ORDER BY {row}"
        )
        with self._told():
            return cursor.sql(sql).to_arrow_table().drop_columns([_ROW])

    def _named(self, table: str) -> str:
        """Find a table by its exact name."""
        asked = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = ?"
        found = self._connection.execute(asked, [DATABASE]).fetchall()
        names = {name if schema == "main" else f"{schema}.{name}": (schema, name) for schema, name in found}
        if table not in names:
            close = closest_names(table, list(names)) or sorted(names)[:_SHOWN]
            hint = f" There are: {', '.join(f'`{n}`' for n in close)}." if close else ""
            msg = tr(
                "The file `{path}` has no table `{table}`.{hint} Name one of its tables.",
                path=self._path.name,
                table=table,
                hint=hint,
            )
            raise UnreadableFile(msg, code="no_table")
        schema, name = names[table]
        return f"{DATABASE}.{quoted(schema)}.{quoted(name)}"

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in one sentence that the file is damaged, or that it changed."""
        import duckdb

        try:
            yield
        except (duckdb.ParserException, duckdb.BinderException, duckdb.ConversionException):
            raise  # our own mistake, not the file's
        except duckdb.OutOfMemoryException:
            msg = tr("Counting this needs more memory than the engine may use. Choose fewer columns or bins.")
            raise UnreadableFile(msg, code="too_large") from None
        except duckdb.PermissionException:
            msg = tr(
                "The table reads other files, which it may not. Name a table that is stored in the file "
                "itself."
            )
            raise UnreadableFile(msg, code="not_allowed") from None
        except (duckdb.Error, pa.ArrowException, OSError):
            msg = tr(
                "`{path}` cannot be read as a DuckDB file: it is damaged, of another version, or open "
                "for writing elsewhere. Close it there, or export the table as Parquet.",
                path=self._path.name,
            )
            raise UnreadableFile(msg, code="damaged_file") from None
        if _stamp(self._path) != self._stamp:
            msg = tr(
                "`{path}` has changed since the table was opened. Open the table again.", path=self._path.name
            )
            raise UnreadableFile(msg, code="changed_file")


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
