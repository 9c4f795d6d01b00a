"""Parquet: the footer first, then one row group at a time."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.limits import TableLimits


def read_parquet(content: memoryview, limits: TableLimits, on_group: Callable[[int, int], None]) -> pa.Table:
    """Read a Parquet file into columns as they are.

    Parameters
    ----------
    content : memoryview
        The whole file.
    limits : TableLimits
        Declared and true sizes are both held against them.
    on_group : callable
        Told the number of row groups read and their total.

    Raises
    ------
    UnreadableFile
        When it is damaged, too large, or has no row.
    """
    try:
        with pq.ParquetFile(pa.BufferReader(pa.py_buffer(content))) as file:
            footer = file.metadata
            limits.check_shape(footer.num_rows, len(file.schema_arrow))
            groups, size = [], 0
            for i in range(footer.num_row_groups):
                limits.check_size(size + footer.row_group(i).total_byte_size, packed=len(content))
                groups.append(file.read_row_group(i))
                groups[-1].validate(full=True)  # codes beyond their categories, text that is no UTF-8
                size += groups[-1].nbytes
                limits.check_size(size, packed=len(content))
                on_group(i + 1, footer.num_row_groups)
            schema = file.schema_arrow
    except (pa.ArrowException, OSError, ValueError, IndexError):
        msg = "The Parquet file is damaged or cut off. Write or download it again."
        raise UnreadableFile(msg, code="damaged_file") from None
    table = pa.concat_tables(groups) if groups else schema.empty_table()
    if table.num_rows == 0 or table.num_columns == 0:
        msg = f"The Parquet table has {table.num_columns} columns and no rows. Choose a file with rows."
        raise UnreadableFile(msg, code="no_rows")
    limits.check_shape(table.num_rows, table.num_columns)
    return table
