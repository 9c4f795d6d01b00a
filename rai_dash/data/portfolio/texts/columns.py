"""How the cells of a column are read, settled on some of them and held to for all others.

The data door reads a column by all of its cells at once: 1,234 is a number with a decimal comma where another cell is
1,25. A block of a large table must not decide anew, so some cells of the first rows, its witnesses, are read with
every block, and a block in which they come out differently does not fit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc

from rai_dash.data.missing import set_missing
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading.convert import blanks_to_null, convert_text, finite
from rai_dash.data.reading.number_dress import read_dressed
from rai_dash.data.reading.numerals import any_of, as_number, sample

_MOST_WITNESSES: Final = 5_000
#: Signs in a number that say how it is written.
_MARKS: Final = ".,' %()-+$€£"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How a column is read.

    Parameters
    ----------
    name : str
        Of the column.
    kind : {"blank", "text", "number"}
        What it holds; ``blank`` = no cell with a value was seen yet.
    is_whole : bool
        Whether only whole numbers were seen.
    is_plain : bool
        Whether its numbers are written without any marks but a decimal point.
    comma_first : bool
        What ``1,234`` is where nothing else tells.
    witnesses : tuple of str
        Cells that settle how marks are read.
    """

    name: str
    kind: str = "blank"
    is_whole: bool = True
    is_plain: bool = True
    comma_first: bool = False
    witnesses: tuple[str, ...] = ()

    @property
    def type(self) -> pa.DataType:
        """What it is kept as."""
        if self.kind == "text":
            return pa.large_string()
        return pa.int64() if self.kind == "number" and self.is_whole else pa.float64()

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        """Read it from plain values."""
        return cls(**(args | {"witnesses": tuple(args["witnesses"])}))


@dataclass(frozen=True, slots=True)
class Misfit:
    """A block that does not fit what was settled.

    Parameters
    ----------
    name : str
        The column.
    row, cell : int, str
        The first cell that does not, and its row in the block.
    """

    name: str
    row: int
    cell: str


def settle_column(cells: Any, name: str, options: ReadOptions, *, comma_first: bool) -> Settled:
    """Settle how a column is read, by some of its cells, as the data door would read these.

    Parameters
    ----------
    cells : Array or ChunkedArray of text (n,)
        As written.
    name : str
        Of the column.
    options : ReadOptions
        What was chosen.
    comma_first : bool
        Whether ``1,234`` is rather a decimal than thousands, where nothing else tells.
    """
    settled = Settled(name=name, comma_first=comma_first)
    values = _values(cells, name, options)
    if values.null_count == len(values):
        return settled
    found = convert_text(cells, name, decimal_comma=comma_first, options=options).values
    if pa.types.is_large_string(found.type):
        return replace(settled, kind="text")
    is_plain = options.decimal != "," and as_number(values) is not None
    settled = replace(settled, kind="number", is_plain=is_plain)
    if not is_plain:
        settled = replace(settled, witnesses=_witnesses(values, settled, options))
    read = _numbers(values, settled, options)
    return replace(settled, is_whole=read is not None and pa.types.is_integer(read.type))


def read_column(cells: Any, settled: Settled, options: ReadOptions) -> Any | Misfit:
    """Read a block of cells as it was settled.

    Parameters
    ----------
    cells : Array or ChunkedArray of text (n,)
        As written.
    settled : Settled
        Of a kind that is not ``blank``, unless every cell is.
    options : ReadOptions
        What was chosen.

    Returns
    -------
    Array or Misfit
        int64 where all numbers are whole ones, float64 or text; blanks, and what is infinite or no number, null.
    """
    values = _values(cells, settled.name, options)
    if values.null_count == len(values):
        return pa.nulls(len(values), settled.type)
    if settled.kind == "text":
        return values
    numbers = _numbers(values, settled, options)
    return _misfit(values, settled, options) if numbers is None else numbers


def _values(cells: Any, name: str, options: ReadOptions) -> Any:
    """Trim the cells, and make blanks null, and what was chosen as missing."""
    values, _ = blanks_to_null(cells)
    wanted = options.missing_in(name)
    return set_missing(values, wanted)[0] if wanted else values


def _numbers(values: Any, settled: Settled, options: ReadOptions) -> Any | None:
    """Read a block of numbers; None where it does not fit."""
    numbers = as_number(values) if settled.is_plain else None
    if numbers is None and (not settled.is_plain or options.decimal is not None):
        numbers = _dressed(values, settled, options)
    if numbers is None:
        return None
    if pa.types.is_floating(numbers.type):
        numbers = finite(numbers, settled.name).values
    wanted = options.missing_in(settled.name)
    return set_missing(numbers, wanted)[0] if wanted else numbers


def _dressed(values: Any, settled: Settled, options: ReadOptions) -> Any | None:
    """Read numbers with marks, next to the witnesses; None where these come out differently."""
    witnesses = pa.array(settled.witnesses, pa.large_string())
    if not _is_told(values, settled, options):
        return None
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    read = _read(pa.chunked_array([witnesses, *chunks], pa.large_string()), settled, options)
    n = len(witnesses)
    alone = _read(witnesses, settled, options) if n else witnesses
    if read is None or alone is None or read.slice(0, n).to_pylist() != alone.to_pylist():
        return None
    return read.slice(n)


def _read(values: Any, settled: Settled, options: ReadOptions) -> Any | None:
    """Read numbers as the data door reads a column of nothing else; None where it keeps text."""
    read = read_dressed(values, settled.name, options.decimal, comma_first=settled.comma_first)
    return None if read is None or pa.types.is_large_string(read.values.type) else read.values


def _is_told(values: Any, settled: Settled, options: ReadOptions) -> bool:
    """Whether a witness, or a choice, says what a point and a comma mean, where there is one."""
    if options.decimal is not None or any(mark in cell for cell in settled.witnesses for mark in ".,"):
        return True
    return not any_of(pc.match_substring_regex(values, "[.,]"))


def _witnesses(values: Any, settled: Settled, options: ReadOptions) -> tuple[str, ...]:
    """Choose few cells that are read alone as they are among all."""
    distinct = pc.unique(values).drop_null()
    cells = distinct.to_pylist()
    wanted = _read(distinct, settled, options)
    if wanted is None:
        return tuple(cells[:_MOST_WITNESSES])
    marked = (next((c for c in cells if mark in c), None) for mark in _MARKS)
    few = tuple(dict.fromkeys([*(c for c in marked if c), *sample(distinct)]))
    by_cell = dict(zip(cells, wanted.to_pylist(), strict=True))
    alone = _read(pa.array(few, pa.large_string()), settled, options)
    is_same = alone is not None and alone.to_pylist() == [by_cell[c] for c in few]
    return few if is_same else tuple(cells[:_MOST_WITNESSES])


def _misfit(values: Any, settled: Settled, options: ReadOptions) -> Misfit:
    """Find the first cell that does not fit, by halves."""
    low, high = 0, len(values)
    while high - low > 1:
        middle = (low + high) // 2
        if _numbers(values.slice(0, middle), settled, options) is None:
            high = middle
        else:
            low = middle
    return Misfit(settled.name, low, str(values[low].as_py()))
