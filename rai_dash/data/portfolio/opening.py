"""From an address, or a frame of an engine, to a portfolio and to a data set that rests on it."""

from __future__ import annotations

import hashlib
import os
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.stopping import CancelCheck
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice, Roles
from rai_dash.data.dataset import Dataset
from rai_dash.data.options import ReadOptions
from rai_dash.data.portfolio.addresses import address_in, open_address, parse_address
from rai_dash.data.portfolio.copies import copy_folder, end_copy
from rai_dash.data.portfolio.copying import (
    OnProgress,
    copy_texts,
    in_words,
)
from rai_dash.data.portfolio.engines import Engine, FileEngine, FrameEngine
from rai_dash.data.portfolio.levels import levels_of
from rai_dash.data.portfolio.marks import OF_MARKS
from rai_dash.data.portfolio.places import Format, Place, find_place
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.sampling import draw_sample

#: The end of a Parquet file describes every block in it, with sizes, places and extremes.
_FOOTER: Final = 1 << 16
_PIECE: Final = 1 << 22


def open_portfolio(
    source: Path | str | Any,
    *,
    name: str | None = None,
    scores: Path | None = None,
    options: ReadOptions | None = None,
    on_progress: OnProgress = lambda *_: None,
    cancelled: CancelCheck | None = None,
) -> Portfolio:
    """Open a table that stays where it is.

    Parameters
    ----------
    source : path, address, or a frame
        A Parquet or CSV file, a folder of such files, an address (see `rai_dash.data.portfolio.addresses`), or a frame
        of an engine that Narwhals knows: Spark, an Ibis table, DuckDB, Polars, pandas.
    name : str, optional
        To show; that of the file or folder when omitted.
    scores : path, optional
        A folder that ``rai-dash score`` wrote for this table.
    options : ReadOptions, optional
        How texts are read, where the guess is wrong.
    on_progress, cancelled : callable, optional
        Told how far the reading of texts is, and asked whether to stop it.

    Raises
    ------
    UnreadableFile
        When there is nothing there, or it cannot be read.
    InvalidChoice
        When options for texts are given for Parquet.
    """
    if not isinstance(source, (str, Path)):
        return _of_frame(source, name or "table")
    if (text := address_in(source)) is not None:
        address = parse_address(text)
        if address.kind != "file":
            _check_for_files(scores, options)
            return open_address(address, name=name)
        source = address.place
    place = find_place(Path(source))
    beside = None if scores is None else find_place(scores)
    if place.format is Format.PARQUET:
        if options is not None and not options.is_default:
            msg = tr(
                "Options for reading are for text tables; Parquet says itself what its columns hold. Leave "
                "them out."
            )
            raise InvalidChoice(msg)
        return portfolio_of_files(place, FileEngine(place, beside), name=name)
    known = fingerprint_place(place)
    if options is not None and not options.is_default:
        known = fingerprint_value({"files": known, "options": options.to_args()})
    folder = copy_folder()
    try:
        copy = copy_texts(place, folder, options, on_progress=on_progress, cancelled=cancelled)
        engine = FileEngine(copy.place, beside)
    except BaseException:
        end_copy(folder)
        raise
    weakref.finalize(engine, end_copy, folder)
    found = portfolio_of_files(place, engine, name=name, fingerprint=known)
    return replace(found, notices=(*copy.notices, *engine.notices))


def _check_for_files(scores: Path | None, options: ReadOptions | None) -> None:
    """Refuse what only files can have."""
    if scores is not None:
        msg = tr("Scores of a job are joined to files only. Open the table with its own column of scores.")
        raise InvalidChoice(msg)
    if options is not None and not options.is_default:
        msg = tr("Options for reading are for text tables in files. Leave them out.")
        raise InvalidChoice(msg)


def portfolio_of_files(
    place: Place, engine: Engine, *, name: str | None = None, fingerprint: str | None = None
) -> Portfolio:
    """Describe the files of a table that an engine counts; they are the same portfolio on each."""
    is_footer = place.format is Format.PARQUET
    return Portfolio(
        name=name or place.root.name,
        engine=engine,
        fingerprint=fingerprint or fingerprint_place(place),
        source=in_words(place),
        rests_on="names, sizes and footers of the files" if is_footer else "names and content of the files",
        notices=(*place.notices, *getattr(engine, "notices", ())),
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
    known = fingerprint_value({"columns": engine.marks(), "rows": list(engine.part_rows), "name": name})
    return Portfolio(
        name=name,
        engine=engine,
        fingerprint=known,
        source=f"a table of {type(frame).__module__.partition('.')[0]}",
        rests_on=f"its name, {OF_MARKS}",
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
        warnings=(*portfolio.notices, *told),
        portfolio=portfolio,
        places=sample.positions,
    )


def _nested(name: str) -> str:
    return f"`{name}` holds lists, records or raw bytes and is left out. Spread it over plain columns."
