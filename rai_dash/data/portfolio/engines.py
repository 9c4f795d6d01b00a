"""Where a table is counted: in a separate process that may read its folder only, or on an engine at hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import TypeAdapter

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.portfolio.answering import Answering
from rai_dash.data.portfolio.frames import as_lazy, at_places, collected, drawn, has_places, streamed
from rai_dash.data.portfolio.ingest import Kind
from rai_dash.data.portfolio.marks import content_marks
from rai_dash.data.portfolio.places import Place
from rai_dash.data.portfolio.questions import Tally
from rai_dash.sandbox.client import Child, Reply
from rai_dash.sandbox.lock import Level

_OPS: Final = "rai_dash.data.portfolio.ops:"
_NOTICES = TypeAdapter(tuple[Notice, ...])
#: Where the engine looks up how many processors and how much memory this container has.
LIMITS_OF_THE_MACHINE: Final = (Path("/sys/fs/cgroup"), Path("/proc/meminfo"))


class Engine(Protocol):
    """What counts a table, and hands out rows of it."""

    @property
    def name(self) -> str:
        """What it is called: ``duckdb``, ``spark``, …."""

    @property
    def kinds(self) -> dict[str, Kind | None]:
        """What each column holds behind the door of ingest; None = left out."""

    @property
    def part_rows(self) -> tuple[int, ...]:
        """Rows of each part; one part where the engine knows none."""

    def tally(self, question: Tally) -> pa.Table:
        """Answer a question; see `rai_dash.data.portfolio.questions.Tally`."""

    def head(self, columns: Sequence[str], n: int) -> pa.Table:
        """Read some columns of the first rows."""

    def batches(self, part: int, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Read some columns of a part in order."""

    def pick(self, part: int, positions: NDArray[np.int64]) -> pa.Table:
        """Read some rows of a part by their place in it, ascending."""


class ProcessEngine:
    """Counts in a separate process, which starts when it is needed and again after a crash.

    Parameters
    ----------
    start : callable
        Starts one in which the table is open.
    """

    name = "duckdb"

    def __init__(self, start: Callable[[], Reader]) -> None:
        self._new_child = start
        self._child: Child | None = None
        self._lock = threading.RLock()
        with self._lock:
            described = self._start().data
        self.kinds = {name: None if kind is None else Kind(kind) for name, kind in described["kinds"]}
        self.part_rows = tuple(int(n) for n in described["part_rows"])
        self.notices: tuple[Notice, ...] = _NOTICES.validate_python(described["notices"])
        #: What identifies the content, where the process knows it.
        self.content = described.get("fingerprint")

    def tally(self, question: Tally) -> pa.Table:
        """Answer a question."""
        return _table(self._call("tally", {"tally": question.model_dump()}))

    def head(self, columns: Sequence[str], n: int) -> pa.Table:
        """Read some columns of the first rows."""
        return _table(self._call("head", {"columns": list(columns), "n": n}))

    def batches(self, part: int, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Read some columns of a part in order, in a process of its own, so that questions go on meanwhile."""
        with self._new_child() as child:
            limit = get_settings().portfolio_timeout_s
            child.call(_OPS + "start_reading", {"part": part, "columns": list(columns)}, timeout=limit)
            while (reply := child.call(_OPS + "read_on", timeout=limit)).blobs:
                yield from _table(reply).to_batches()

    def pick(self, part: int, positions: NDArray[np.int64]) -> pa.Table:
        """Read some rows of a part by their place in it."""
        blob = np.ascontiguousarray(positions, dtype=np.int64).tobytes()
        return _table(self._call("pick", {"part": part}, [blob]))

    def close(self) -> None:
        """End the process; it starts again on next use."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.close()

    def close_if_idle(self) -> None:
        """End the process unless it counts at the moment."""
        with self._lock:
            if self._child is not None and not self._child.busy:
                self.close()

    def _call(self, op: str, args: dict[str, Any], blobs: Sequence[bytes] = ()) -> Reply:
        with self._lock:
            if self._child is None or not self._child.alive:
                self._start()
            child = self._child
        assert child is not None  # noqa: S101 - started above
        return child.call(_OPS + op, args, blobs, timeout=get_settings().portfolio_timeout_s)

    def _start(self) -> Reply:
        self._child = child = self._new_child()
        return child.opened


class FileEngine(ProcessEngine):
    """Counts files in a separate process that may read them, and nothing else.

    Parameters
    ----------
    place : Place
        The files.
    scores : Place or None
        A part of scores for each part of the table.
    """

    def __init__(self, place: Place, scores: Place | None = None) -> None:
        self.place, self.scores = place, scores
        readable = [place.root, *([scores.root] if scores else [])]
        args = {"place": place.to_args(), "scores": scores.to_args() if scores else None}
        super().__init__(lambda: Reader("open_place", args, readable=readable))


class Reader(Child):
    """A separate process with a table open in it.

    Parameters
    ----------
    op : str
        What opens it.
    args : dict
        Of that.
    readable : sequence of Path
        What it may read.
    level : Level, optional
        How far it is locked; as far as this machine can when omitted.
    """

    def __init__(
        self, op: str, args: dict[str, Any], *, readable: Sequence[Path] = (), level: Level | None = None
    ) -> None:
        places = [*readable, *LIMITS_OF_THE_MACHINE]
        super().__init__(mem_gb=get_settings().portfolio_mem_gb, readable=places, level=level)
        try:
            self.opened = self.call(_OPS + op, args, timeout=get_settings().portfolio_timeout_s)
        except BaseException:
            self.close()
            raise


class FrameEngine:
    """Counts a frame of an engine that the caller has: Spark, an Ibis table, DuckDB, Polars, Arrow, pandas.

    Parameters
    ----------
    frame : object
        Anything that Narwhals takes for a frame.
    """

    def __init__(self, frame: Any) -> None:
        self._frame, self._names = as_lazy(frame)
        self.name = "spark" if self._frame.implementation.is_spark_like() else str(self._frame.implementation)
        self.has_places = has_places(self._frame)
        self._answering = Answering(self._frame, self._names)
        self.kinds = self._answering.kinds
        self.part_rows = (int(self._answering.tally(Tally()).column("n")[0].as_py() or 0),)

    def marks(self) -> list[list[Any]]:
        """Look at every column for what tells this content from another; see `content_marks`."""
        return content_marks(self._frame, self._names, self.kinds)

    def tally(self, question: Tally) -> pa.Table:
        """Answer a question."""
        return self._answering.tally(question)

    def head(self, columns: Sequence[str], n: int) -> pa.Table:
        """Read some columns of the first rows that the engine comes by."""
        return self._renamed(collected(self._chosen(columns).head(n)), columns)

    def batches(self, part: int, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Read some columns, a batch at a time; in order where rows have places."""
        del part
        yield from streamed(self._frame, self._names, columns)

    def pick(self, part: int, positions: NDArray[np.int64]) -> pa.Table:
        """Read some rows by their place.

        Raises
        ------
        InvalidChoice
            When rows of the engine have none.
        """
        del part
        if not self.has_places:
            msg = tr(
                "Rows of this engine have no place, so single ones cannot be read. Draw a sample instead."
            )
            raise InvalidChoice(msg)
        columns = self._plain_columns()
        return self._renamed(at_places(self._chosen(columns), positions), columns)

    def draw(self, chance: float, seed: int, only: Mapping[str, Sequence[Any]] | None = None) -> pa.Table:
        """Draw rows, each by itself with the same chance, where they have no places.

        Parameters
        ----------
        only : dict, optional
            Values of some columns, None = blank: rows with others are left out.
        """
        columns = self._plain_columns()
        rows = self._chosen(columns)
        for column, values in (only or {}).items():
            cell = nw.col(self._names[column])
            inside = cell.is_in([value for value in values if value is not None])
            rows = rows.filter(inside | cell.is_null() if None in values else inside)
        return self._renamed(drawn(rows, chance, seed), columns)

    def _plain_columns(self) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind is not None]

    def _chosen(self, columns: Sequence[str]) -> nw.LazyFrame[Any]:
        return self._frame.select(*(nw.col(self._names[c]) for c in columns))

    @staticmethod
    def _renamed(table: pa.Table, columns: Sequence[str]) -> pa.Table:
        return table.rename_columns(list(columns))


def _table(reply: Reply) -> pa.Table:
    """Read the few rows that a separate process sent; nothing in them is believed before it is checked."""
    with pa.ipc.open_stream(pa.py_buffer(reply.blobs[0])) as reader:
        table = reader.read_all().replace_schema_metadata(None)
    table.validate(full=True)
    return table
