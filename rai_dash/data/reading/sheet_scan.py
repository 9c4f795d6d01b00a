"""What the XML of a workbook says beside its values: sheets, far corner, errors, formulas without result."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.data.reading.archive import CHUNK, Archive
from rai_dash.data.reading.limits import TableLimits

WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_TYPES: Final = "[Content_Types].xml"
_MACROS: Final = re.compile(r"(^|/)(vbaProject[^/]*\.bin|macrosheets/)", re.IGNORECASE)
_NOT_XML: Final = re.compile(r"/(media|embeddings)/|^docProps/thumbnail")
_DECLARATIONS: Final = (b"<!DOCTYPE", b"<!ENTITY")
_OVERLAP: Final = 2 * max(map(len, _DECLARATIONS))

_P: Final = rb"(?:[\w.-]+:)?"  # a tag may have a prefix
_CELL: Final = rb"<" + _P + rb"c\s"
_FILLED: Final = rb"""["'][^>]*(?<!/)>(?!</)"""
#: Quick to look for: names of rows, and of columns from AA on.
_ROW: Final = re.compile(rb"""row\s(?:[^>]*\s)?r=["'](\d{1,7})""")
#: No sheet has so many rows, and the reader of workbooks gives up at such a name.
_NO_ROW: Final = re.compile(rb"""r=["'][A-Za-z]{0,3}\d{8,}""")
_FAR_COLUMN: Final = re.compile(rb"""r=["']([A-Za-z]{2,3})\d""")
#: Cells that hold something.
_COLUMNS_USED: Final = re.compile(_CELL + rb"""[^>]*?\br=["']([A-Za-z]{1,3})\d{1,7}""" + _FILLED)
_ROWS_USED: Final = re.compile(_CELL + rb"""[^>]*?\br=["'][A-Za-z]{1,3}(\d{1,7})""" + _FILLED)
_ERROR: Final = re.compile(_CELL + rb"""([^>]*?\bt=["']e["'][^>]*)>""")
_NO_RESULT: Final = re.compile(
    _CELL + rb"([^>]*)>\s*<" + _P + rb"f(?:\s[^>]*)?(?:/>|>[^<]*</" + _P + rb"f>)"
    rb"\s*(<" + _P + rb"v\s*(?:/>|>\s*</" + _P + rb"v>))?\s*</" + _P + rb"c>"
)
_COLUMN: Final = re.compile(rb"""\br=["']([A-Za-z]{1,3})\d""")
_ERROR_MARKS: Final = (b't="e"', b"t='e'")
_FORMULA_MARKS: Final = (b"<f", b":f")
_IS_TEXT: Final = re.compile(rb"""\bt=["']str["']""")


@dataclass(slots=True)
class SheetFacts:
    """What was found in the XML of one sheet.

    Parameters
    ----------
    rows, columns : int
        At least as many as there are, from 1: empty cells may be counted.
    errors, without_result : Counter of int
        Cells with an error value, and formulas without a stored result, by column from 0.
    """

    rows: int = 0
    columns: int = 0
    errors: Counter[int] = field(default_factory=Counter)
    without_result: Counter[int] = field(default_factory=Counter)


def _refuse_macros(archive: Archive) -> None:
    types = b"".join(archive.chunks(_TYPES)) if _TYPES in archive.entries else b""
    if any(_MACROS.search(name) for name in archive.entries) or b"macroEnabled" in types:
        msg = tr(
            "The workbook holds macros, which are programs. Save it without them, as .xlsx, or save the "
            "sheet as CSV."
        )
        raise UnreadableFile(msg, code="macros")


def check_parts(archive: Archive, limits: TableLimits, packed: int) -> None:
    """Unpack every part of a workbook once, counting bytes and looking for what no workbook needs.

    Raises
    ------
    UnreadableFile
        When it holds macros or declarations that could expand, or is damaged or too large.
    """
    if WORKBOOK not in archive.entries:
        msg = tr(
            "The file is packed like an Excel workbook but lacks its list of sheets. Save the workbook again."
        )
        raise UnreadableFile(msg, code="damaged_file")
    _refuse_macros(archive)
    size = 0
    for name in archive.entries:
        is_xml, tail = not _NOT_XML.search(name), b""
        for chunk in archive.chunks(name):
            size += len(chunk)
            limits.check_size(size, packed=packed)
            if is_xml:
                tail = _look_for_declarations(tail + chunk)


def _look_for_declarations(piece: bytes) -> bytes:
    """Refuse document types and entities, in UTF-16 as well; return what may be the start of one."""
    letters = piece.replace(b"\x00", b"") if b"\x00" in piece else piece
    if any(mark in letters for mark in _DECLARATIONS):
        msg = tr(
            "The workbook declares XML entities, which Excel never writes and which can expand without "
            "end. Save it again in Excel, or save the sheet as CSV."
        )
        raise UnreadableFile(msg, code="unsafe_archive")
    return piece[-_OVERLAP:]


def _tree(archive: Archive, name: str) -> ET.Element:
    if name not in archive.entries:
        msg = tr("The workbook lacks its part `{name}`. Save the workbook again.", name=name)
        raise UnreadableFile(msg, code="damaged_file")
    try:
        return ET.fromstring(b"".join(archive.chunks(name)))  # noqa: S314 - check_parts refused declarations
    except (ET.ParseError, ValueError, LookupError):
        msg = tr("The list of sheets in the workbook is damaged. Save the workbook again.")
        raise UnreadableFile(msg, code="damaged_file") from None


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def sheet_paths(archive: Archive) -> dict[str, str]:
    """Map the name of each sheet to its part; call ``check_parts`` first.

    Raises
    ------
    UnreadableFile
        When the list of sheets is damaged.
    """
    targets = {
        relation.get("Id", ""): posixpath.normpath(posixpath.join("/xl", relation.get("Target", "")))[1:]
        for relation in _tree(archive, _RELATIONS)
    }
    paths: dict[str, str] = {}
    for element in _tree(archive, WORKBOOK).iter():
        if _local(element.tag) == "sheet":
            key = next((v for k, v in element.attrib.items() if _local(k) == "id" and k != "id"), "")
            paths[element.get("name", "")] = targets.get(key, "")
    return paths


def column_index(letters: bytes) -> int:
    """Return the position, from 0, of a column called A, B … Z, AA and so on."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + letter - 64
    return index - 1


def _whole_rows(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Regroup pieces so that no cell is cut, except in rows without end."""
    held = b""
    for chunk in chunks:
        held += chunk
        cut = max(held.rfind(b"<row"), held.rfind(b":row "))
        if cut <= 0 and len(held) > 8 * CHUNK:
            cut = len(held)
        if cut > 0:
            yield held[:cut]
            held = held[cut:]
    yield held


def _count_places(facts: SheetFacts, piece: bytes) -> None:
    """Widen the bounds: by the names of rows and far columns, and else by one letter."""
    columns = set(_FAR_COLUMN.findall(piece)) or {b"Z"}
    facts.columns = max(facts.columns, 1 + max(map(column_index, columns)))
    facts.rows = max(facts.rows, *map(int, _ROW.findall(piece)), 0)


def _count_gaps(facts: SheetFacts, piece: bytes) -> None:
    """Count error values and formulas without result."""
    for attributes in _ERROR.findall(piece) if any(mark in piece for mark in _ERROR_MARKS) else ():
        if (found := _COLUMN.search(attributes)) is not None:
            facts.errors[column_index(found[1])] += 1
    for attributes, empty in (
        _NO_RESULT.findall(piece) if any(mark in piece for mark in _FORMULA_MARKS) else ()
    ):
        # A formula may well give an empty text.
        is_empty_text = bool(empty) and _IS_TEXT.search(attributes) is not None
        if not is_empty_text and (found := _COLUMN.search(attributes)) is not None:
            facts.without_result[column_index(found[1])] += 1


def _pieces(archive: Archive, path: str) -> Iterator[bytes]:
    if path not in archive.entries:
        msg = tr("The workbook names a sheet that is not in the file. Save the workbook again.")
        raise UnreadableFile(msg, code="damaged_file")
    return _whole_rows(archive.chunks(path))


def scan_sheet(archive: Archive, path: str) -> SheetFacts:
    """Look through the XML of one sheet.

    Whoever hides a cell from this can only make the reader need more memory than its process has.

    Raises
    ------
    UnreadableFile
        When there is no such part, or it is damaged.
    """
    facts = SheetFacts()
    for piece in _pieces(archive, path):
        if _NO_ROW.search(piece) is not None:
            msg = tr(
                "The Excel workbook is damaged: a cell lies in a row that no sheet has. Save it again in "
                "Excel."
            )
            raise UnreadableFile(msg, code="damaged_file")
        _count_places(facts, piece)
        _count_gaps(facts, piece)
    return facts


def far_corner(archive: Archive, path: str) -> tuple[int, int]:
    """Return the rows and columns up to the last cells that hold something; slower than ``scan_sheet``."""
    rows, columns = 0, 0
    for piece in _pieces(archive, path):
        rows = max(rows, *map(int, set(_ROWS_USED.findall(piece))), 0)
        columns = max(columns, *(1 + column_index(c) for c in set(_COLUMNS_USED.findall(piece))), 0)
    return rows, columns
