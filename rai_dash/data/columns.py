"""Finding columns by name, and telling numbers from text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import MissingColumn
from rai_dash.core.texts import tr
from rai_dash.data.names import ROW_NUMBER_NAME


def closest_names(wanted: str, names: Iterable[str], *, k: int = 1) -> list[str]:
    """Find the names most like ``wanted``, ignoring case; empty where none is close."""
    by_fold = {name.casefold(): name for name in names}
    return [by_fold[m] for m in get_close_matches(wanted.casefold(), list(by_fold), n=k, cutoff=0.6)]


def require_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Check that a table has some columns.

    Raises
    ------
    MissingColumn
        Naming every column that is not there, and the closest names that are.
    """
    require_names([str(c) for c in frame.columns], names)


def require_names(have: Sequence[str], names: Iterable[str]) -> None:
    """Check that some columns are among those of a table.

    Raises
    ------
    MissingColumn
        As of `require_columns`.
    """
    missing = [name for name in dict.fromkeys(names) if name not in set(have)]
    if not missing:
        return
    listed = ", ".join(f"`{name}`" for name in missing)
    close = list(dict.fromkeys(c for name in missing for c in closest_names(name, have)))
    hint = f" Closest names here: {', '.join(f'`{c}`' for c in close)}." if close else ""
    noun = "column" if len(missing) == 1 else "columns"
    shown = ", ".join(f"`{name}`" for name in have[:12]) + (", …" if len(have) > 12 else "")
    msg = tr(
        "The table has no {noun} {listed}.{hint} Choose another column.",
        noun=noun,
        listed=listed,
        hint=hint or tr(" It has: {shown}.", shown=shown),
    )
    raise MissingColumn(msg)


def is_number(series: pd.Series) -> bool:
    """Whether a column holds numbers (and not true/false)."""
    return pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)


def numbers(series: pd.Series) -> NDArray[np.float64]:
    """Return a column of numbers as float64 (n,); blanks and infinities are NaN."""
    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def is_row_number(series: pd.Series) -> bool:
    """Whether a column only numbers the rows: it counts them up by one from 0 or 1, or its name says so."""
    if series.dtype.kind not in "iu" or len(series) < 2:
        return False
    values = series.to_numpy()
    if values[0] in {0, 1} and len(values) > 2 and bool((np.diff(values) == 1).all()):
        return True
    named = ROW_NUMBER_NAME.fullmatch(str(series.name).casefold()) is not None
    return named and bool(series.is_unique)
