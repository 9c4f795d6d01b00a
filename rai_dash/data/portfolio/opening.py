"""From an address, or a frame of an engine, to a portfolio and to a data set that rests on it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, Final

from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.types import Notice, Roles
from rai_dash.data.dataset import Dataset
from rai_dash.data.portfolio.engines import FileEngine, FrameEngine
from rai_dash.data.portfolio.levels import levels_of
from rai_dash.data.portfolio.places import Format, Place, find_place
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.sampling import draw_sample

#: The end of a Parquet file describes every block in it, with sizes, places and extremes.
_FOOTER: Final = 1 << 16
_PIECE: Final = 1 << 22


def open_portfolio(
    source: Path | str | Any, *, name: str | None = None, scores: Path | None = None
) -> Portfolio:
    """Open a table that stays where it is.

    Parameters
    ----------
    source : path, or a frame
        A Parquet or CSV file, a folder of such files, or a frame of an engine that Narwhals knows: Spark, an Ibis
        table, DuckDB, Polars, pandas.
    name : str, optional
        To show; that of the file or folder when omitted.
    scores : path, optional
        A folder that ``rai-dash score`` wrote for this table.

    Raises
    ------
    UnreadableFile
        When there is nothing there, or it cannot be read.
    """
    if not isinstance(source, (str, Path)):
        return _of_frame(source, name or "table")
    place = find_place(Path(source))
    beside = None if scores is None else find_place(scores)
    engine = FileEngine(place, beside)
    parts = f"{len(place.parts):,} {place.format} {'file' if len(place.parts) == 1 else 'files'}"
    is_footer = place.format is Format.PARQUET
    return Portfolio(
        name=name or place.root.name,
        engine=engine,
        fingerprint=fingerprint_place(place),
        source=parts,
        rests_on="names, sizes and footers of the files" if is_footer else "names and content of the files",
    )


def fingerprint_place(place: Place) -> str:
    """Fingerprint the files of a table: Parquet by name, size and footer, CSV by name and content."""
    ends = _FOOTER if place.format is Format.PARQUET else None
    parts = zip(place.parts, place.paths, strict=True)
    return fingerprint_value([[part.name, part.size, _digest(path, ends)] for part, path in parts])


def _digest(path: Path, ends: int | None) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        if ends is not None:
            file.seek(-min(ends, path.stat().st_size), os.SEEK_END)
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _of_frame(frame: Any, name: str) -> Portfolio:
    engine = FrameEngine(frame)
    kinds = [[column, kind.value if kind else None] for column, kind in engine.kinds.items()]
    known = fingerprint_value({"columns": kinds, "rows": list(engine.part_rows), "name": name})
    return Portfolio(
        name=name,
        engine=engine,
        fingerprint=known,
        source=f"a table of {type(frame).__module__.partition('.')[0]}",
        rests_on="its name, columns and number of rows",
    )


def dataset_of(portfolio: Portfolio, roles: Roles | None = None) -> Dataset:
    """Make a data set that rests on a portfolio: counts are of all rows, single rows are of a sample.

    Parameters
    ----------
    portfolio : Portfolio
        The rows.
    roles : Roles, optional
        Columns of numbers among the sensitive ones get their edges from all rows.

    Raises
    ------
    MissingColumn, InvalidRoles
        When the roles do not fit.
    """
    given = roles or Roles()
    bins = dict(given.bins)
    for column in given.sensitive:
        if column in portfolio.kinds and column not in bins and portfolio.kinds[column].is_number:
            edges = levels_of(portfolio, column).edges
            bins |= {} if edges is None else {column: edges}
    known = {c: b for c, b in bins.items() if b}
    sample = draw_sample(portfolio, given.with_(bins=known))
    left_out = [name for name, kind in portfolio.engine.kinds.items() if kind is None]
    told = (Notice("nested_column", _nested(name), column=name) for name in left_out)
    return Dataset(
        frame=sample.frame,
        roles=given.with_(bins=known),
        fingerprint=portfolio.fingerprint,
        name=portfolio.name,
        warnings=tuple(told),
        portfolio=portfolio,
    )


def _nested(name: str) -> str:
    return f"`{name}` holds lists, records or raw bytes and is left out. Spread it over plain columns."
