"""Work on every row of a table on Spark, by the function that works on batches here; Spark writes the parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from rai_dash.data.portfolio.places import find_place
from rai_dash.data.portfolio.spark import spark_frame
from rai_dash.data.portfolio.spark_errors import said_plainly

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Where a row stands in the table: Spark keeps no order, so that each result says of which row it is.
PART, ROW = "part", "row"
_PART, _ROW = "rai_dash_part", "rai_dash_row"
_BATCH: Final = "spark.sql.execution.arrow.maxRecordsPerBatch"

BatchWork = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def write_rows(
    session: SparkSession,
    data: Path,
    out: str,
    work: BatchWork,
    *,
    columns: Sequence[str],
    kept: Sequence[str],
    results: Sequence[tuple[str, str]],
    size: int,
) -> int:
    """Work on all rows of a Parquet table and write the results.

    Parameters
    ----------
    session : SparkSession
        Local or remote; its executors need this package.
    data : Path
        A Parquet file or folder that Spark sees under the same path.
    out : str
        A new folder.
    work : callable
        From batches with ``columns`` to batches with ``part``, ``row``, ``kept`` and the results.
    columns, kept : sequence of str
        To read; those of them that are written beside the results.
    results : sequence of (str, str)
        Columns of results, and their Spark types.
    size : int
        Most rows of a batch.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    RaiError
        What an executor told, or that Spark failed.
    """
    given = spark_frame(session, data)
    session.conf.set(_BATCH, str(size))
    with said_plainly(out):
        numbered = _numbered(given, data, columns)
        fields = [f"`{PART}` string", f"`{ROW}` long"]
        fields += [f"{quoted(name)} {given.schema[name].dataType.simpleString()}" for name in kept]
        fields += [f"{quoted(name)} {kind}" for name, kind in results]
        numbered.mapInArrow(work, ", ".join(fields)).write.mode("error").parquet(out)
        return int(session.read.parquet(out).count())


def _numbered(frame: DataFrame, data: Path, columns: Sequence[str]) -> DataFrame:
    """Put the part and the place of each row before its columns."""
    depth = 1 + max(part.name.count("/") for part in find_place(data).parts)
    part = f"substring_index(_metadata.file_path, '/', -{depth}) AS {_PART}"
    # As text: a session over Spark Connect takes no columns of one that is not.
    return frame.selectExpr(part, f"_metadata.row_index AS {_ROW}", *map(quoted, columns))


def quoted(name: str) -> str:
    """Write the name of a column as Spark's SQL."""
    return "`" + name.replace("`", "``") + "`"


def placed(results: pa.RecordBatch, batch: pa.RecordBatch, kept: Sequence[str]) -> pa.RecordBatch:
    """Put the place of each row, and columns of the table, before the results."""
    columns = [batch.column(name) for name in (_PART, _ROW, *kept)]
    return pa.RecordBatch.from_arrays(
        [*columns, *results.columns], names=[PART, ROW, *kept, *results.schema.names]
    )
