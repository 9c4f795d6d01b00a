"""Frames of engines that the caller has, brought to one shape; what Narwhals has no word for, each engine by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from narwhals import Implementation as Engines
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.reading.convert import decimals_to_float, is_long

Lazy = nw.LazyFrame[Any]
#: Rows handed on at a time.
_BATCH: Final = 1 << 16
_PLACE: Final = "\x1fplace"
#: Engines whose rows stand in an order that every look at them finds again.
_ORDERED: Final = frozenset({Engines.PYARROW, Engines.POLARS})


def as_lazy(frame: Any) -> tuple[Lazy, dict[str, str]]:
    """Take a frame of an engine.

    Returns
    -------
    lazy : LazyFrame
        Its rows.
    names : dict
        What each column is called in it.

    Raises
    ------
    InvalidChoice
        When it is no frame of an engine that Narwhals knows, or two columns have the same name.
    """
    import pandas as pd

    if isinstance(frame, pd.DataFrame):
        frame = _of_pandas(frame)
    try:
        found = nw.from_native(frame)
    except TypeError:
        kind = type(frame)
        msg = tr(
            "A {module}.{qualname} is no table that can be counted. Give a path, or a frame of Spark, "
            "Ibis, DuckDB, Polars, Arrow or pandas.",
            module=kind.__module__,
            qualname=kind.__qualname__,
        )
        raise InvalidChoice(msg) from None
    lazy = found.lazy()
    native, engine = lazy.to_native(), lazy.implementation
    columns = [str(c) for c in (native.columns if engine.is_spark_like() else lazy.collect_schema().names())]
    if twice := [name for name, n in Counter(columns).items() if n > 1]:
        msg = tr(
            "Several columns of the table are called `{twice}`. Give each a name of its own.", twice=twice[0]
        )
        raise InvalidChoice(msg)
    if not columns:
        msg = tr("The table has no columns. Give one that has.")
        raise InvalidChoice(msg)
    inside = dict(zip(columns, (f"c{i}" for i in range(len(columns))), strict=True))
    return nw.from_native(_NAMED.get(engine, _by_narwhals)(native, inside)).lazy(), inside


def _by_narwhals(native: Any, names: Mapping[str, str]) -> Any:
    return nw.from_native(native).lazy().rename(dict(names)).to_native()


def _name_spark(frame: Any, names: Mapping[str, str]) -> Any:
    """Name columns by their place: a dot or a backtick is a path to Spark, `Sex` and `sex` are one column."""
    return frame.toDF(*names.values())


def _name_duckdb(relation: Any, names: Mapping[str, str]) -> Any:
    """Name columns by their place: a star is every column to DuckDB, also in quotes."""
    return relation.query("given", f"SELECT * FROM given AS t({', '.join(names.values())})")


def _name_polars(lazy: Any, names: Mapping[str, str]) -> Any:
    """Name columns, and give those without a type one: a star is every column to Polars."""
    import polars as pl

    return lazy.rename(dict(names)).with_columns(pl.selectors.by_dtype(pl.Null).cast(pl.Float64))


def _name_arrow(table: Any, names: Mapping[str, str]) -> Any:
    return pa.table([_plain_arrow(column) for column in table.columns], names=list(names.values()))


def _of_pandas(frame: Any) -> pa.Table:
    """Take a pandas table through the door of tables in memory: it knows mixed cells, categories and NaN."""
    from rai_dash.data.dataset import dataset_from_frame

    return pa.Table.from_pandas(dataset_from_frame(frame).frame, preserve_index=False)


def _plain_arrow(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Bring a column to where the other engines have it.

    Arrow casts one decimal in ten to a double beside the nearest, and refuses whole numbers that no double holds,
    which the data door keeps as text.
    """
    if pa.types.is_null(column.type):
        return column.cast(pa.float64())
    if pa.types.is_decimal(column.type):
        return decimals_to_float(column)
    if pa.types.is_integer(column.type) and is_long(column):
        return column.cast(pa.string())
    return column


def has_places(lazy: Lazy) -> bool:
    """Whether a row can be found again by its place."""
    return lazy.implementation in _ORDERED


def collected(lazy: Lazy) -> pa.Table:
    """Bring every row here."""
    found: pa.Table = lazy.collect("pyarrow").to_native()
    return found


def streamed(lazy: Lazy, names: Mapping[str, str], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Bring some columns here, some ten thousand rows at a time, without holding all of them where the engine can."""
    native = lazy.select(*(nw.col(names[c]) for c in columns)).to_native()
    stream = _STREAMS.get(lazy.implementation, _at_once)
    for batch in stream(native):
        yield pa.RecordBatch.from_arrays(batch.columns, names=list(columns))


def at_places(lazy: Lazy, places: NDArray[np.int64]) -> pa.Table:
    """Bring the rows at some places here, ascending."""
    if isinstance(lazy.to_native(), pa.Table):
        return collected(lazy).take(pa.array(places))
    import polars as pl

    wanted = pl.DataFrame(
        {_PLACE: places.astype(np.uint32 if pl.get_index_type() == pl.UInt32 else np.uint64)}
    )
    numbered = lazy.to_native().with_row_index(_PLACE)
    found = numbered.join(wanted.lazy(), on=_PLACE, how="semi").sort(_PLACE).drop(_PLACE)
    return collected(nw.from_native(found))


def drawn(lazy: Lazy, chance: float, seed: int) -> pa.Table:
    """Bring rows here, each with the same chance and by itself.

    Raises
    ------
    InvalidChoice
        When the engine cannot draw.
    """
    if chance >= 1.0:
        return collected(lazy)
    draw = _DRAWS.get(lazy.implementation)
    if draw is None:
        msg = tr(
            "Rows cannot be drawn on {implementation}. Give the table as a Parquet folder, or on Spark.",
            implementation=lazy.implementation,
        )
        raise InvalidChoice(msg)
    return collected(nw.from_native(draw(lazy.to_native(), chance, seed)).lazy())


def _of_duckdb(relation: Any) -> Iterator[pa.RecordBatch]:
    yield from relation.to_arrow_reader(_BATCH)


def _of_ibis(table: Any) -> Iterator[pa.RecordBatch]:
    backend = table.get_backend()
    if backend.name == "duckdb":  # Ibis 12 asks DuckDB 2 for a method that it no longer has
        yield from _of_duckdb(backend.con.sql(backend.compile(table)))
    else:
        yield from table.to_pyarrow_batches(chunk_size=_BATCH)


def _of_polars(lazy: Any) -> Iterator[pa.RecordBatch]:
    for frame in lazy.collect_batches(chunk_size=_BATCH, maintain_order=True):
        yield from frame.to_arrow().to_batches(max_chunksize=_BATCH)


def _of_arrow(table: Any) -> Iterator[pa.RecordBatch]:
    yield from table.to_batches(max_chunksize=_BATCH)


def _of_spark(frame: Any) -> Iterator[pa.RecordBatch]:
    """Bring one partition of a Spark frame after the other, as Arrow: rows as Python objects would take ages."""

    # A function in a function travels by value: the workers of a cluster need not have this package.
    def packed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            out = pa.BufferOutputStream()
            with pa.ipc.new_stream(out, batch.schema) as writer:
                writer.write_batch(batch)
            yield pa.record_batch([pa.array([out.getvalue().to_pybytes()])], names=["batch"])

    for row in frame.mapInArrow(packed, "batch binary").toLocalIterator():
        with pa.ipc.open_stream(pa.py_buffer(row[0])) as reader:
            yield from reader


def _at_once(native: Any) -> Iterator[pa.RecordBatch]:
    yield from collected(nw.from_native(native).lazy()).to_batches(max_chunksize=_BATCH)


def _draw_spark(frame: Any, chance: float, seed: int) -> Any:
    return frame.sample(withReplacement=False, fraction=chance, seed=seed)


def _draw_duckdb(relation: Any, chance: float, seed: int) -> Any:
    """Draw by a hash of the place of each row, so that the same seed draws the same rows."""
    cut = int(chance * 2**64)
    numbered = f'SELECT *, hash(row_number() OVER (), {seed:d}) AS "{_PLACE}" FROM rows_of_it'
    drawn = f'SELECT * EXCLUDE "{_PLACE}" FROM ({numbered}) WHERE "{_PLACE}" < {cut:d}'
    return relation.query("rows_of_it", drawn)


def _draw_ibis(table: Any, chance: float, seed: int) -> Any:
    from ibis.common.exceptions import UnsupportedOperationError

    try:
        drawn = table.sample(chance, method="row", seed=seed)
        drawn.compile()
    except UnsupportedOperationError:
        return table.sample(chance, method="row")
    return drawn


_NAMED: Final[dict[Engines, Callable[[Any, Mapping[str, str]], Any]]] = {
    Engines.DUCKDB: _name_duckdb,
    Engines.POLARS: _name_polars,
    Engines.PYARROW: _name_arrow,
    Engines.PYSPARK: _name_spark,
    Engines.PYSPARK_CONNECT: _name_spark,
}
_STREAMS: Final[dict[Engines, Callable[[Any], Iterator[pa.RecordBatch]]]] = {
    Engines.DUCKDB: _of_duckdb,
    Engines.IBIS: _of_ibis,
    Engines.POLARS: _of_polars,
    Engines.PYARROW: _of_arrow,
    Engines.PYSPARK: _of_spark,
    Engines.PYSPARK_CONNECT: _of_spark,
}
_DRAWS: Final[dict[Engines, Callable[[Any, float, int], Any]]] = {
    Engines.DUCKDB: _draw_duckdb,
    Engines.IBIS: _draw_ibis,
    Engines.PYSPARK: _draw_spark,
    Engines.PYSPARK_CONNECT: _draw_spark,
}
