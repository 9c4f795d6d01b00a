"""Where a table is counted: in a separate process that may read its folder only, or on an engine at hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.settings import get_settings
from rai_dash.data.portfolio.answering import Answering
from rai_dash.data.portfolio.ingest import Kind, kinds_of
from rai_dash.data.portfolio.places import Place
from rai_dash.data.portfolio.questions import Tally
from rai_dash.sandbox.client import Child, Reply

_OPS: Final = "rai_dash.data.portfolio.ops:"
#: Where the engine looks up how many processors and how much memory this container has.
_LIMITS_OF_THE_MACHINE: Final = (Path("/sys/fs/cgroup"), Path("/proc/meminfo"))


class Engine(Protocol):
    """What counts a table, and hands out rows of it."""

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


class FileEngine:
    """Counts files in a separate process, which starts when it is needed and again after a crash.

    Parameters
    ----------
    place : Place
        The files.
    scores : Place or None
        A part of scores for each part of the table.
    """

    def __init__(self, place: Place, scores: Place | None = None) -> None:
        self.place, self.scores = place, scores
        self._child: Child | None = None
        self._lock = threading.RLock()
        with self._lock:
            described = self._start().data
        self.kinds = {name: None if kind is None else Kind(kind) for name, kind in described["kinds"]}
        self.part_rows = tuple(int(n) for n in described["part_rows"])

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
            while blobs := child.call(_OPS + "read_on", timeout=limit).blobs:
                yield from pa.ipc.open_stream(pa.py_buffer(blobs[0]))

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

    def _call(self, op: str, args: dict[str, Any], blobs: Sequence[bytes] = ()) -> Reply:
        with self._lock:
            if self._child is None or not self._child.alive:
                self._start()
            child = self._child
        assert child is not None  # noqa: S101 - started above
        return child.call(_OPS + op, args, blobs, timeout=get_settings().portfolio_timeout_s)

    def _start(self) -> Reply:
        self._child = self._new_child()
        return self._child.opened

    def _new_child(self) -> _Reader:
        return _Reader(self.place, self.scores)


class _Reader(Child):
    """A separate process with the table open in it."""

    def __init__(self, place: Place, scores: Place | None) -> None:
        readable = [place.root, *([scores.root] if scores else []), *_LIMITS_OF_THE_MACHINE]
        super().__init__(mem_gb=get_settings().portfolio_mem_gb, readable=readable)
        args = {"place": place.to_args(), "scores": scores.to_args() if scores else None}
        try:
            self.opened = self.call(_OPS + "open_place", args, timeout=get_settings().portfolio_timeout_s)
        except BaseException:
            self.close()
            raise


class FrameEngine:
    """Counts a frame of an engine that the caller has: Spark, an Ibis table, Polars, DuckDB, pandas.

    Parameters
    ----------
    frame : object
        Anything that Narwhals takes for a lazy frame.
    """

    def __init__(self, frame: Any) -> None:
        self._frame: nw.LazyFrame[Any] = nw.from_native(frame).lazy()
        self.kinds = kinds_of(self._frame)
        self._answering = Answering(self._frame)
        self.part_rows = (int(self._answering.tally(Tally()).column("n")[0].as_py() or 0),)

    def tally(self, question: Tally) -> pa.Table:
        """Answer a question."""
        return self._answering.tally(question)

    def head(self, columns: Sequence[str], n: int) -> pa.Table:
        """Read some columns of the first rows that the engine comes by."""
        found: pa.Table = self._frame.select(*columns).head(n).collect("pyarrow").to_native()
        return found

    def batches(self, part: int, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Bring some columns here, in no stated order."""
        del part
        yield from self._frame.select(*columns).collect("pyarrow").to_native().to_batches()

    def pick(self, part: int, positions: NDArray[np.int64]) -> pa.Table:
        """Rows of such a frame have no place."""
        del part, positions
        msg = "Rows of this engine have no place, so single ones cannot be read. Draw a sample instead."
        raise InvalidChoice(msg)


def _table(reply: Reply) -> pa.Table:
    """Read the few rows that a separate process sent; nothing in them is believed before it is checked."""
    with pa.ipc.open_stream(pa.py_buffer(reply.blobs[0])) as reader:
        table = reader.read_all().replace_schema_metadata(None)
    table.validate(full=True)
    return table
