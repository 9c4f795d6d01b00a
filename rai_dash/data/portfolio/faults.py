"""Whose fault a failure of the engine is: that of a file, which is then named, or ours. In the separate process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.portfolio.places import Place, literally

if TYPE_CHECKING:
    import duckdb

_LOCKED: Final = ("decrypt", "encrypted", "encryption")


@contextmanager
def told(place: Place, connect: Callable[[], duckdb.DuckDBPyConnection]) -> Iterator[None]:
    """Turn what the engine says into one plain sentence, where the fault is a file's.

    Parameters
    ----------
    place : Place
        The files.
    connect : callable
        Starts an engine that may read them; one that failed may be of no more use.

    Notes
    -----
    A file is blamed only when reading all of it, without any question of ours, fails too.
    """
    import duckdb

    try:
        yield
    except (duckdb.OutOfMemoryException, MemoryError):
        raise _too_large() from None
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
        raise  # our own mistake, not the file's
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        place.check_unchanged()
        fault = _fault(place, connect, str(error))
        if fault is None:
            raise
        raise fault from None
    place.check_unchanged()


def _fault(
    place: Place, connect: Callable[[], duckdb.DuckDBPyConnection], said: str
) -> UnreadableFile | None:
    """Find the first part that cannot be read; those that the engine speaks of are looked at first."""
    parts = sorted(zip(place.parts, place.paths, strict=True), key=lambda pair: str(pair[1]) not in said)
    for part, path in parts:
        found = _reading(connect, path)
        if found is None:
            continue
        msg = f"The part `{part.name}` is damaged: it cannot be read to its end. Write or download it again."
        if any(word in found for word in _LOCKED):
            msg = f"The part `{part.name}` is encrypted. Write it again without encryption."
        return UnreadableFile(msg, code="damaged_file")
    return None


def _reading(connect: Callable[[], duckdb.DuckDBPyConnection], path: Path) -> str | None:
    """Read a whole part and return what the engine says of it; None = it can be read."""
    import duckdb

    try:
        reader = connect().sql("FROM read_parquet(?)", params=[literally(path)]).to_arrow_reader(1 << 14)
        for batch in reader:
            batch.validate()
    except (duckdb.OutOfMemoryException, MemoryError):
        raise _too_large() from None
    except (duckdb.Error, OSError, ValueError) as error:
        return str(error).casefold() or "damaged"
    return None


def _too_large() -> UnreadableFile:
    msg = (
        "Counting this needs more memory than the engine may use. Choose fewer columns or bins; where a part holds few "
        "bytes and very many rows, it may be damaged."
    )
    return UnreadableFile(msg, code="too_large")
