"""A job that doubles a column, without a model: for tests of parts, also in a process of its own that is killed."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rai_dash.data.portfolio.jobs.plan import Plan, pieces_for
from rai_dash.data.portfolio.jobs.running import run_job
from rai_dash.data.portfolio.places import find_place

ROWS = 1_000


def write_table(folder: Path, parts: int = 8, rows: int = ROWS) -> Path:
    """Write a table of some parts; x counts the rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(parts):
        x = pa.array(np.arange(i * rows, (i + 1) * rows, dtype=np.float64))
        pq.write_table(pa.table({"x": x}), folder / f"in-{i}.parquet")
    return folder


def plan_of(table: Path, model: str = "m", most_rows: int = 10**6, **marks: object) -> Plan:
    """Plan the job."""
    place = find_place(table)
    rows = [pq.read_metadata(path).num_rows for path in place.paths]
    return Plan(
        job="double",
        place=place,
        pieces=pieces_for(rows, most_rows),
        marks={"model": model, **marks},
        summed=("twice",),
        name="table",
        table="t",
    )


class Doubling:
    """The work; takes down what it was asked for, and may do something before a batch."""

    def __init__(self, plan: Plan, before=lambda _name, _batch: None):
        self.plan, self.before, self.asked = plan, before, []

    def __call__(self, pieces):
        """Give the results for some pieces."""
        self.asked += [piece.name for piece in pieces]
        for piece in pieces:
            found = pq.read_table(self.plan.place.paths[piece.part]).slice(piece.first, piece.rows)
            for i, at in enumerate(range(0, piece.rows, 300)):
                self.before(piece.name, i)
                x = found["x"].slice(at, 300).combine_chunks()
                yield pa.RecordBatch.from_arrays([pa.array(2.0 * x.to_numpy())], names=["twice"])


def kill_in(part: str, batch: int):
    """Return what kills this process in one part."""

    def before(name, i):
        if (name, i) == (part, batch):
            os.kill(os.getpid(), signal.SIGKILL)

    return before


if __name__ == "__main__":
    given = plan_of(Path(sys.argv[1]))
    run_job(given, Path(sys.argv[2]), Doubling(given, kill_in("part-00002.parquet", 2)))
