"""What a reader of a sheet should know: which one it is, what was left out, what has no value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.reading.archive import shown_name, shown_names
from rai_dash.data.reading.numerals import as_number
from rai_dash.data.reading.sheet_scan import SheetFacts

if TYPE_CHECKING:
    from python_calamine import CalamineSheet


def merged_notice(sheet: CalamineSheet, first_row: int) -> list[Notice]:
    """Count merged cells from a row on, counted from 0."""
    blocks = [end for _, end in sheet.merged_cell_ranges or [] if end[0] >= first_row]
    if not blocks:
        return []
    msg = tr(
        "The sheet has {blocks} blocks of merged cells; only the first cell of each holds its value, the "
        "others are blank. Unmerge them and fill in the value.",
        blocks=f"{len(blocks):,}",
    )
    return [Notice("merged_cells", msg)]


def empty_notice(count: int) -> list[Notice]:
    """Say how many empty rows were left out."""
    if not count:
        return []
    return [
        Notice(
            "empty_rows",
            tr("{count} empty rows between the others were left out.", count=f"{count:,}"),
            rows=count,
        )
    ]


def part_notice(part: str, parts: Sequence[str]) -> list[Notice]:
    """Say which sheet was read, where there are several."""
    others = [name for name in parts if name != part]
    if not others:
        return []
    msg = tr(
        "The workbook has {parts} sheets; {shown_name} was read. Others: {shown_names}.",
        parts=f"{len(parts):,}",
        shown_name=shown_name(part),
        shown_names=shown_names(others),
    )
    return [Notice("part_chosen", msg)]


def cell_notices(facts: SheetFacts, names: Sequence[str]) -> list[Notice]:
    """Name the columns with error values, and those whose formulas have no stored result."""
    notices = []
    for place, count in sorted(facts.errors.items()):
        if place < len(names):
            msg = tr(
                "{count} cells of `{names}` hold an Excel error such as #N/A; they count as missing.",
                count=f"{count:,}",
                names=names[place],
            )
            notices.append(Notice("error_cells", msg, column=names[place], rows=count))
    for place, count in sorted(facts.without_result.items()):
        if place < len(names):
            msg = tr(
                "{count} formulas of `{names}` have no stored result, so these cells come out empty. "
                "Open the workbook in Excel, let it calculate, and save it.",
                count=f"{count:,}",
                names=names[place],
            )
            notices.append(Notice("formula_without_value", msg, column=names[place], rows=count))
    return notices


def text_number_notice(values: Any, name: str) -> tuple[Notice, ...]:
    """Say so where all texts of a column are numbers, which a CSV would give as numbers."""
    is_text = pa.types.is_large_string(values.type) and values.null_count < len(values)
    if not is_text or as_number(values) is None:
        return ()
    msg = tr(
        "`{name}` holds numbers that the workbook stores as text; it stays text. If they are quantities, "
        "turn them into numbers in Excel.",
        name=name,
    )
    return (Notice("numbers_as_text", msg, column=name),)
