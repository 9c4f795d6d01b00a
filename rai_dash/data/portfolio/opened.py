"""A table of files, opened by DuckDB: counted by question, read part by part. Runs in the separate process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.portfolio.agreement import ROW, Layout, agree, quoted, text
from rai_dash.data.portfolio.answering import Answering
from rai_dash.data.portfolio.faults import told
from rai_dash.data.portfolio.frames import as_lazy
from rai_dash.data.portfolio.ingest import Kind
from rai_dash.data.portfolio.jobs.names import SCORE, pieces_of
from rai_dash.data.portfolio.places import SCORED, Place
from rai_dash.data.portfolio.questions import Tally

if TYPE_CHECKING:
    import duckdb

#: Rows handed on at a time.
BATCH: Final = 1 << 16
#: Most memory that the engine takes for itself; what it counts stays far below.
_MEMORY: Final = "1GB"
#: What a database file is called in the engine.
DATABASE: Final = "place"


def connect(
    readable: Sequence[Path], threads: int | None = None, database: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Start an engine that reads from some places, loads no extension and writes nowhere."""
    import duckdb

    connection = duckdb.connect(
        config={
            "threads": threads or os.cpu_count() or 1,
            "memory_limit": _MEMORY,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    if database is not None:
        connection.execute(f"ATTACH {text(str(database))} AS {DATABASE} (READ_ONLY)")
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
        Parts that a scoring job wrote for the table; the scores stand beside its rows, as ``SCORED``.
    threads : int, optional
        Of the engine; one a processor when omitted.

    Raises
    ------
    UnreadableFile
        When the parts cannot be read, or do not have the same columns.
    """

    def __init__(self, place: Place, scores: Place | None = None, threads: int | None = None) -> None:
        self.place, self._score_place, self._threads = place, scores, threads
        self._readable = [place.root, *([scores.root] if scores else [])]
        self._connection = self._connect()
        with self._told():
            self._layout = agree(self._connection, place)
        self._scores: Layout | None = None
        self._names = [part.name for part in scores.parts] if scores else []
        if scores is not None:
            with told(scores, self._connect):
                self._scores = agree(self._connection, scores)
            self._check_scores(self._scores)
        with self._told():
            whole = self._connection.sql(self._sql(range(len(place.parts))))
            self._answering = Answering(*as_lazy(whole))
        self.kinds: dict[str, Kind | None] = dict(self._answering.kinds)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What of the parts is not read."""
        return self._layout.notices

    def part_rows(self) -> list[int]:
        """Count the rows of each part."""
        return list(self._layout.rows)

    def tally(self, question: Tally) -> pa.Table:
        """Answer a question; see `Answering.tally`."""
        with self._told():
            found = self._answering.tally(question)
        if not question.where:
            self._check_all(int(pc.sum(found.column("n")).as_py() or 0))
        return found

    def head(self, columns: Sequence[str], n: int) -> pa.Table:
        """Read some columns of the first rows."""
        cursor = self._connection.cursor()
        with self._told():
            sql = f"SELECT {listed(columns)} FROM ({self._sql(range(len(self.place.parts)))}) LIMIT {n:d}"
            return cursor.sql(sql).to_arrow_table()

    def batches(
        self,
        part: int,
        columns: Sequence[str],
        size: int = BATCH,
        *,
        first: int = 0,
        rows: int | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Read some columns of one part in order, or of some of its rows from ``first`` on, so many at a time."""
        # A cursor of its own: questions may come between two batches.
        cursor = self._connection.cursor()
        window = "" if rows is None else f" LIMIT {rows:d} OFFSET {first:d}"
        with self._told():
            sql = f"SELECT {listed(columns)} FROM ({self._sql([part])}){window}"
            yield from cursor.sql(sql).to_arrow_reader(size)

    def pick(self, part: int, positions: NDArray[np.int64]) -> pa.Table:
        """Read some rows of a part by their place in it, ascending."""
        cursor = self._connection.cursor()
        cursor.register("wanted", pa.table({"wanted_row": positions}))
        numbered = f"SELECT *, row_number() OVER () - 1 AS {ROW} FROM ({self._sql([part])})"
        if self._scores is None:
            numbered = self._layout.sql([part], numbered=True)
        sql = f"SELECT * FROM ({numbered}) WHERE {ROW} IN (SELECT wanted_row FROM wanted) ORDER BY {ROW}"
        with self._told():
            found = cursor.sql(sql).to_arrow_table().drop_columns([ROW])
        if found.num_rows != len(positions):
            raise _other_rows()
        return found

    def _check_all(self, rows: int) -> None:
        """Hold the rows that were counted against the footers: a damaged part may lose some without a word."""
        if rows != sum(self._layout.rows):
            raise _other_rows()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        return connect(self._readable, self._threads)

    def _check_scores(self, scores: Layout) -> None:
        """Refuse scores that are not one a row: pairs by place would lack some, or be of other rows."""
        for i, rows in enumerate(self._layout.rows):
            found = sum(scores.rows[j] for j in pieces_of(i, self._names))
            if found != rows:
                msg = tr(
                    "The part `{parts}` has {rows} rows, and the folder of scores has {found} scores for "
                    "it. Score the table again.",
                    parts=self.place.parts[i].name,
                    rows=f"{rows:,}",
                    found=f"{found:,}",
                )
                raise UnreadableFile(msg, code="other_scores")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say whose fault a failure is, and refuse what changed: rows, or the scores beside them."""
        with told(self.place, self._connect):
            yield
        if self._score_place is not None:
            self._score_place.check_unchanged()

    def _sql(self, parts: Sequence[int]) -> str:
        """Write the rows of some parts, with the scores beside them."""
        if self._scores is None:
            return self._layout.sql(parts)
        # One part at a time: rows and scores pair up by their place in the part.
        beside, names = self._scores, self._names
        pairs = (
            f"SELECT * FROM ({self._layout.sql([i])}) POSITIONAL JOIN "
            f"(SELECT {SCORE} AS {SCORED} FROM ({beside.sql(pieces_of(i, names))}))"
            for i in parts
        )
        return " UNION ALL ".join(pairs)


def _other_rows() -> UnreadableFile:
    msg = "The parts do not hold as many rows as their footers name: one is damaged. Write or download the table again."
    return UnreadableFile(msg, code="damaged_file")


def listed(columns: Sequence[str]) -> str:
    """Write names of columns as SQL."""
    return ", ".join(map(quoted, columns)) or "1"
