"""The data of a chart on their way to the browser, packed tightly: every step of a slider sends them again."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

#: Texts that fill this many rows each are sent once and numbered.
_REPEATS = 4


def slim(frame: pd.DataFrame) -> pa.Table:
    """Pack a table: no notes of pandas, short offsets, and a text that repeats only once.

    Parameters
    ----------
    frame : DataFrame
        At most a few thousand rows.

    Returns
    -------
    pyarrow.Table
        The same columns and values, without the index.
    """
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    for i, field in enumerate(table.schema):
        if not pa.types.is_large_string(field.type):
            continue
        column = table.column(i).cast(pa.string()).combine_chunks()
        known = column.dictionary_encode()
        if len(known.dictionary) * _REPEATS < len(column):
            column = pa.DictionaryArray.from_arrays(known.indices.cast(pa.int16()), known.dictionary)
        table = table.set_column(i, field.name, column)
    return table
