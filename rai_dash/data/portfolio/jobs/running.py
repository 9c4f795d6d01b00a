"""Running a job: finished parts are left alone, the others are made one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from rai_dash.core.errors import UnreadableFile, WorkerFailed
from rai_dash.core.stopping import CancelCheck, stop_if
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.jobs.folder import JobFolder, PartWriter, Sums, told_of
from rai_dash.data.portfolio.jobs.plan import Piece, Plan
from rai_dash.data.portfolio.places import check_outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a job is.

    Parameters
    ----------
    parts, all_parts : int
        Finished, and in all.
    rows, all_rows : int
        Written, and in all; those that were found finished count as written.
    found_rows : int
        Rows that were found finished.
    """

    parts: int
    all_parts: int
    rows: int
    all_rows: int
    found_rows: int


#: Gives the results for some pieces, in order; no batch reaches into the next piece.
Results = Callable[[Sequence[Piece]], Iterator[pa.RecordBatch]]
OnProgress = Callable[[Progress], None]


def run_job(
    plan: Plan,
    path: Path,
    results: Results,
    *,
    on_progress: OnProgress | None = None,
    cancelled: CancelCheck | None = None,
) -> dict[str, Any]:
    """Write every part that is not there yet.

    Parameters
    ----------
    plan : Plan
        What to write.
    path : Path
        The folder.
    results : callable
        ``pieces -> batches``: the work.
    on_progress : callable, optional
        Told after each batch.
    cancelled : callable, optional
        Asked before each batch.

    Returns
    -------
    dict
        The manifest: parts, rows and sums.

    Raises
    ------
    InvalidChoice
        When the folder is in use, not ours, inside of the table, or cannot be written.
    Cancelled, RaiError
        What ends the work; finished parts stay.
    """
    check_outside(plan.place.root, path)
    with JobFolder(path) as folder:
        run = _Run(plan, folder, on_progress, cancelled)
        return run.finish(results)


class _Run:
    """One run of a job in its folder."""

    def __init__(
        self, plan: Plan, folder: JobFolder, on_progress: OnProgress | None, cancelled: CancelCheck | None
    ) -> None:
        self._plan, self._folder = plan, folder
        self._on_progress, self._cancelled = on_progress, cancelled
        self._sums: dict[str, Sums] = {}
        self._schema: pa.Schema | None = None

    def finish(self, results: Results) -> dict[str, Any]:
        """Make what is missing, and write the list of parts."""
        plan, folder = self._plan, self._folder
        if not plan.rows:
            msg = tr("`{plan}` has no rows, so there is nothing to do. Check the table.", plan=plan.name)
            raise UnreadableFile(msg, code="no_rows")
        plan.look()
        folder.keep_only({piece.name for piece in plan.pieces})
        missing = [piece for piece in plan.pieces if not self._is_done(piece)]
        found = sum(piece.rows for piece in plan.pieces) - sum(piece.rows for piece in missing)
        self._rows = self._found = found
        self._tell()
        work = [piece for piece in missing if piece.rows]
        batches = results(work) if work else iter(())
        for piece in work:
            self._make(piece, batches)
        for piece in missing:
            if not piece.rows:  # its columns are those of the others
                self._make(piece, iter(()))
        manifest = self._manifest()
        folder.write_manifest(manifest)
        return manifest

    def _is_done(self, piece: Piece) -> bool:
        """Whether a part is there, and of this very job."""
        said = self._folder.finished(piece.name)
        if said is None or said != self._plan.mark(piece):
            return False
        self._sums[piece.name] = self._folder.sums(piece.name)
        self._schema = self._folder.schema(piece.name)
        return True

    def _make(self, piece: Piece, batches: Iterator[pa.RecordBatch]) -> None:
        """Write one part."""
        writer: PartWriter | None = None
        done = 0
        try:
            while writer is None or done < piece.rows:
                batch = self._next(batches, piece, done) if piece.rows else None
                with told_of(self._folder.path):
                    writer = writer or self._writer(piece, batch)
                    if batch is None:
                        break
                    writer.write(batch)
                done += batch.num_rows
                self._rows += batch.num_rows
                self._tell()
            self._plan.check_unchanged(piece)
            with told_of(self._folder.path):
                self._sums[piece.name] = writer.finish()
        except BaseException:
            if writer is not None:
                writer.abandon()
            raise
        self._tell()

    def _writer(self, piece: Piece, batch: pa.RecordBatch | None) -> PartWriter:
        self._schema = self._schema if batch is None else batch.schema
        assert self._schema is not None  # noqa: S101 - a table with rows has written a part before
        return PartWriter(self._folder, piece.name, self._schema, self._plan.mark(piece), self._plan.summed)

    def _next(self, batches: Iterator[pa.RecordBatch], piece: Piece, done: int) -> pa.RecordBatch:
        """Take the next results of a part; they must be as many as its rows."""
        stop_if(self._cancelled)
        batch = next(batches, None)
        if batch is None or done + batch.num_rows > piece.rows:
            msg = tr(
                "`{parts}` gave another number of rows than it has. It may have been changed meanwhile: "
                "run again.",
                parts=self._plan.place.parts[piece.part].name,
            )
            raise WorkerFailed(msg)
        return batch

    def _tell(self) -> None:
        if self._on_progress is not None:
            plan = self._plan
            self._on_progress(
                Progress(
                    parts=len(self._sums),
                    all_parts=len(plan.pieces),
                    rows=self._rows,
                    all_rows=plan.rows,
                    found_rows=self._found,
                )
            )

    def _manifest(self) -> dict[str, Any]:
        """List the parts."""
        plan = self._plan
        parts = [
            {
                "name": piece.name,
                "input": plan.place.parts[piece.part].name,
                "first_row": piece.first,
                "rows": piece.rows,
                "sums": self._sums[piece.name],
            }
            for piece in plan.pieces
        ]
        return {
            "schema": "rai-dash/parts/1",
            "job": plan.job,
            "input": {"name": plan.name, "fingerprint": plan.table, "sha256": plan.input_hash},
            **plan.marks,
            "about": dict(plan.about),
            "rows": plan.rows,
            "sums": added([self._sums[piece.name] for piece in plan.pieces]),
            "parts": parts,
        }


def added(parts: Sequence[Mapping[str, Mapping[str, float]]]) -> Sums:
    """Add up the sums of parts."""
    total: Sums = {}
    for part in parts:
        for name, sums in part.items():
            mine = total.setdefault(name, {"n": 0, "sum": 0.0})
            mine["n"] += sums["n"]
            mine["sum"] += sums["sum"]
            if "largest" in sums:
                mine["largest"] = max(mine.get("largest", sums["largest"]), sums["largest"])
    return total
