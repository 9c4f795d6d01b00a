"""A batch of rows as a model's process takes it: plain numbers, and text as categories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from rai_dash.core.errors import MissingColumn
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.answers import plain_values


def plain_batch(batch: pa.RecordBatch, columns: Sequence[str]) -> pd.DataFrame:
    """Bring some columns of a batch behind the data door, each by its type and never by what this batch holds.

    Parameters
    ----------
    batch : RecordBatch (n, …)
        As any reader brings it.
    columns : sequence of str
        Taken by name.

    Returns
    -------
    DataFrame (n, columns)
        int64, float64 (NaN = blank), and everything else as categories of ``str``, which are the texts that the data
        door writes.

    Raises
    ------
    MissingColumn
        When a column is not there.
    """
    missing = [name for name in columns if name not in batch.schema.names]
    if missing:
        msg = tr(
            "The table has no column `{missing}`. Give the table that the model was made for.",
            missing=missing[0],
        )
        raise MissingColumn(msg)
    found = {name: _plain(batch.column(name), name) for name in columns}
    return pd.DataFrame(found, index=range(batch.num_rows), copy=False)


def _plain(column: pa.Array, name: str) -> pd.Categorical | NDArray[np.int64] | NDArray[np.float64]:
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_integer(kind) and not column.null_count and kind != pa.uint64():
        return np.asarray(column.cast(pa.int64()).to_numpy(zero_copy_only=False))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        wide = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return np.where(np.isfinite(wide), wide, np.nan)
    return np.full(len(column), np.nan) if pa.types.is_null(kind) else _texts(column, name)


def _texts(column: pa.Array, name: str) -> pd.Categorical:
    """Write each different value once, as the data door does; two that it writes alike become one."""
    coded = column.dictionary_encode()
    own, texts = pd.factorize(plain_values(pa.chunked_array([coded.dictionary]), name))
    place = np.append(own, -1)  # where a blank points
    codes = place[np.asarray(pc.fill_null(coded.indices, len(own)))]
    return pd.Categorical.from_codes(codes, categories=pd.Index(texts, dtype="str"))
