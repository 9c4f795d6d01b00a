"""A table as a file: CSV, a workbook, JSON. Equal tables give equal bytes, and no cell of any of them can run."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.names import unique_names

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - spreadsheets read the full-width forms too
ABOUT: Final = "About"
#: What a sheet of a workbook holds, its header included.
EXCEL_ROWS, EXCEL_COLUMNS, EXCEL_CHARS = 1_048_576, 16_384, 32_767
_SHEET_NAME_LIMIT: Final = 31
_WIDEST_COLUMN: Final = 48
#: Columns are made as wide as their first rows need.
_LOOKED_AT: Final = 200
#: Whole numbers beyond it would lose digits in a workbook, which keeps float64 only.
_EXACT: Final = 2**53
#: A workbook wants a date of creation; the time of the click would make equal tables unequal files.
_CREATED: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - written as it stands


def formula_safe(cell: object) -> object:
    """Keep a spreadsheet from running a cell: text that begins like a formula gets an apostrophe.

    Numbers, and text that is a number as a whole (``-5.2``), stay as they are.

    Examples
    --------
    >>> formula_safe("=1+1"), formula_safe("-5.2"), formula_safe("- rent")
    ("'=1+1", '-5.2', "'- rent")
    """
    return f"'{cell}" if isinstance(cell, str) and _is_formula(cell) else cell


def _is_formula(text: str) -> bool:
    start = text.lstrip(" \ufeff")[:1]
    return start in _FORMULA_STARTS and bool(start) and not _NUMBER.fullmatch(text.strip())


def _neutral(column: pd.Series[Any]) -> pd.Series[Any]:
    if column.dtype.kind in "biufcmM":
        return column
    return pd.Series([formula_safe(c) for c in column], index=column.index, dtype=object)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Write a table as CSV for a download: UTF-8 with the mark that Excel needs, formulas neutralised.

    Parameters
    ----------
    frame : DataFrame
        The index is left out.

    Returns
    -------
    bytes
        Numbers in full precision, undefined ones empty.
    """
    columns = [_neutral(frame.iloc[:, i]) for i in range(frame.shape[1])]
    out = pd.concat(columns, axis=1) if columns else frame
    header = [str(formula_safe(str(c))) for c in frame.columns]
    text = out.to_csv(index=False, header=header, lineterminator="\n")
    return text.encode("utf-8-sig", errors="backslashreplace")


def json_bytes(frame: pd.DataFrame) -> bytes:
    """Write a table as a JSON list with one object a row.

    Parameters
    ----------
    frame : DataFrame
        The index is left out.

    Returns
    -------
    bytes
        UTF-8. Keys in the order of the columns (a second ``a`` is ``a (2)``); undefined and infinite numbers
        are ``null``.
    """
    names, _ = unique_names([str(c) for c in frame.columns])
    columns = [[_json_value(v) for v in frame.iloc[:, i]] for i in range(frame.shape[1])]
    records = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    text = json.dumps(records, ensure_ascii=False, allow_nan=False, indent=1)
    # Half characters become the escape that JSON has for them.
    return text.encode("utf-8", errors="backslashreplace")


def _json_value(cell: Any) -> object:
    value = _plain_value(cell)
    return None if isinstance(value, float) and abs(value) == float("inf") else value


def _plain_value(cell: Any) -> bool | int | float | str | None:
    """Turn a cell into one of Python's own values; blank and undefined = None."""
    if cell is None or cell is pd.NA or cell is pd.NaT or cell != cell:  # noqa: PLR0124 - NaN is unlike itself
        return None
    value = cell.item() if hasattr(cell, "item") else cell
    return value if isinstance(value, bool | int | float | str) else str(value)


def fits_excel(frame: pd.DataFrame) -> bool:
    """Whether a table fits on one sheet of a workbook."""
    return len(frame) < EXCEL_ROWS and frame.shape[1] <= EXCEL_COLUMNS


def xlsx_bytes(frame: pd.DataFrame, *, title: str = "Table", about: Mapping[str, str] | None = None) -> bytes:
    """Write a table as an Excel workbook: the table on the first sheet, what it is on the second.

    Parameters
    ----------
    frame : DataFrame
        The index is left out.
    title : str
        Becomes the name of the first sheet.
    about : mapping of str to str, optional
        Lines of the second sheet, in this order; without them there is only the table.

    Returns
    -------
    bytes
        Numbers are numbers with 16 digits, undefined ones blank. Text is text: never a formula, a link or a
        number. The header is bold and stays in view.

    Raises
    ------
    InvalidChoice
        More rows or columns than a sheet holds.
    """
    if not fits_excel(frame):
        msg = tr(
            "This table has {frame} rows and {shape} columns, more than an Excel sheet holds. Download "
            "it as CSV.",
            frame=f"{len(frame):,}",
            shape=f"{frame.shape[1]:,}",
        )
        raise InvalidChoice(msg)
    from xlsxwriter import Workbook

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(out, options)
    book.set_properties({"created": _CREATED})
    styles = _Styles(book)
    _write_table(book.add_worksheet(sheet_name(title)), frame, styles)
    if about:
        sheet = book.add_worksheet(ABOUT)
        for row, (key, value) in enumerate(about.items()):
            styles.write(sheet, row, 0, key, bold=True)
            styles.write(sheet, row, 1, str(value))
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 72)
    book.close()
    return out.getvalue()


class _Styles:
    """Writes cells in a few looks; text that begins like a formula is marked as text for good."""

    def __init__(self, book: Any) -> None:
        self._looks = {
            (bold, quoted): book.add_format({"bold": bold, "quote_prefix": quoted})
            for bold in (False, True)
            for quoted in (False, True)
        }

    def write(self, sheet: Any, row: int, column: int, value: object, *, bold: bool = False) -> None:
        """Write one value; None leaves the cell blank."""
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, int | float) and abs(value) <= _EXACT:
            sheet.write_number(row, column, value)
        elif value is not None:
            text = _text_cell(str(value))
            sheet.write_string(row, column, text, self._looks[bold, _is_formula(text)])


def _text_cell(text: str) -> str:
    """Make text fit a cell: half characters written out, cut at the length that a cell holds."""
    whole = text.encode("utf-8", errors="backslashreplace").decode("utf-8")
    return whole if len(whole) <= EXCEL_CHARS else whole[: EXCEL_CHARS - 1] + "…"


def _write_table(sheet: Any, frame: pd.DataFrame, styles: _Styles) -> None:
    for j, name in enumerate(frame.columns):
        styles.write(sheet, 0, j, str(name), bold=True)
        values = [_plain_value(v) for v in frame.iloc[:, j]]
        for i, value in enumerate(values, start=1):
            styles.write(sheet, i, j, value)
        longest = max([len(str(name)), *(len(str(v)) for v in values[:_LOOKED_AT] if isinstance(v, str))])
        sheet.set_column(j, j, min(longest + 3, _WIDEST_COLUMN))
    sheet.freeze_panes(1, 0)


def sheet_name(text: str) -> str:
    """Make a name that Excel takes for a sheet, at most 31 characters and not that of the second sheet.

    Examples
    --------
    >>> sheet_name("sex × age: [25, 35)"), sheet_name("History"), sheet_name("")
    ('sex × age_ _25, 35)', 'History_', 'Table')
    """
    clean = "".join(c if c.isprintable() and c not in "[]:*?/\\" else "_" for c in text)
    clean = clean.strip(" '")[:_SHEET_NAME_LIMIT].rstrip(" '") or "Table"
    is_taken = clean.casefold() in {"history", ABOUT.casefold()}
    return f"{clean}_" if is_taken else clean
