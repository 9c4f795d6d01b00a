"""The text door without its process: decode, divide, convert, under chosen options."""

from __future__ import annotations

import pyarrow as pa

from rai_dash.data.names import unique_names
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading.convert import convert_text
from rai_dash.data.reading.decode import to_utf8
from rai_dash.data.reading.limits import TableLimits
from rai_dash.data.reading.text_table import read_text_table

LIMITS = TableLimits(expanded_mb=64, rows=2_000_000, columns=500, cells=10_000_000)


def read(content, *, limits=LIMITS, **options):
    """Read a text table; returns the frame and its notices by code."""
    chosen = ReadOptions(**options)
    text, notices = to_utf8(content.encode() if isinstance(content, str) else content, chosen.encoding)
    table = read_text_table(text, limits, chosen)
    names, renamed = unique_names(table.header)
    columns = {
        name: convert_text(cells, name, decimal_comma=table.separator == ";", options=chosen)
        for name, cells in zip(names, table.columns, strict=True)
    }
    frame = pa.table({name: column.values for name, column in columns.items()}).to_pandas()
    told = {}
    for notice in [*notices, *table.notices, *renamed, *(n for c in columns.values() for n in c.notices)]:
        told.setdefault(notice.code, []).append(notice)
    return frame, told


def read_column(cells, *, separator=",", quoted=True, **options):
    """Read one column ``x`` of cells beside a column of words; returns its values and the notices."""
    mark = '"' if quoted else ""
    lines = [f"x{separator}k", *(f"{mark}{cell}{mark}{separator}w" for cell in cells)]
    frame, told = read("\n".join(lines) + "\n", **options)
    return frame["x"], told
