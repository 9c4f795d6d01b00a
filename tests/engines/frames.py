"""One Arrow table as a frame of every engine that runs without Java."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

EMBEDDED = ("pandas", "arrow", "duckdb", "polars", "ibis")


def frame_on(engine: str, table: pa.Table) -> Any:
    """Put a table on an engine."""
    match engine:
        case "pandas":
            return table.to_pandas()
        case "arrow":
            return table
        case "duckdb":
            return _in_duckdb(table).sql("SELECT * FROM counted")
        case "polars":
            import polars as pl

            return pl.from_arrow(table).lazy()
        case _:
            import ibis

            return ibis.duckdb.from_connection(_in_duckdb(table)).table("counted")


def _in_duckdb(table: pa.Table) -> Any:
    import duckdb

    connection = duckdb.connect()
    connection.register("given", table)
    connection.execute("CREATE TABLE counted AS SELECT * FROM given")
    return connection
