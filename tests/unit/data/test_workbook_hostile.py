from __future__ import annotations

import io
import re
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from rai_dash.core.errors import UnreadableFile
from tests.unit.data.workbook_files import (
    SMALL,
    TABLE,
    refused,
    repacked,
    with_part,
    workbook,
)


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml"])
def test_macros_are_refused(parse, part):
    error = refused(parse, with_part(workbook(*SMALL), part, b"\x00"))

    assert error.code == "macros"
    assert "programs. Save it without them" in error.message


def test_a_workbook_that_may_hold_macros_is_refused(parse):
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"

    content = repacked(workbook(*SMALL), lambda n, p: p.replace(plain, macro) if "Types" in n else p)

    assert refused(parse, content).code == "macros"


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "docProps/app.xml"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declarations_that_could_expand_are_refused_in_any_part(parse, part, encoding):
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x>&a;</x>'.encode(encoding)

    error = refused(parse, repacked(workbook(*SMALL), lambda n, p: bomb if n == part else p))

    assert error.code == "unsafe_archive"
    assert "XML entities" in error.message


def test_a_declaration_across_two_pieces_is_found(parse):
    blank = b" " * (2**20 - 5)

    content = with_part(workbook(*SMALL), "xl/more.xml", blank + b"<!DOCTYPE x>")

    assert "XML entities" in refused(parse, content).message


def test_an_ordinary_part_may_be_a_picture_with_any_bytes(parse):
    content = with_part(workbook(*SMALL), "xl/media/image1.svg", b"<!DOCTYPE svg><svg/>")

    pd.testing.assert_frame_equal(parse(content)[0], TABLE)


def test_links_to_other_workbooks_are_ignored(parse):
    link = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'

    pd.testing.assert_frame_equal(
        parse(with_part(workbook(*SMALL), "xl/externalLinks/externalLink1.xml", link))[0], TABLE
    )


def test_all_parts_together_are_held_against_the_limit(parse):
    content = with_part(workbook(*SMALL), "xl/media/a.bin", b"\x00" * 2**20)
    assert len(content) < 2**16

    error = refused(parse, content, expanded_mb=1)

    assert error.code == "too_large"
    assert "more than 1 MB unpacked" in error.message


def test_a_value_in_the_far_corner_is_refused_before_it_takes_the_memory(parse):
    content = workbook(*SMALL, change=lambda _, sheet: sheet.__setitem__("XFD1048576", 1))

    error = refused(parse, content, rows=2_000_000, columns=20_000, cells=100_000_000)

    assert error.code == "too_large"
    assert "more than 100,000,000 cells" in error.message


def test_cells_that_are_only_formatted_do_not_make_a_sheet_large(parse):
    def paint(_, sheet):
        sheet["XFD1048576"].font = openpyxl.styles.Font(bold=True)

    content = workbook(*SMALL, change=paint)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b'r="XFD1048576"' in archive.read("xl/worksheets/sheet1.xml")

    pd.testing.assert_frame_equal(parse(content)[0], TABLE)


def test_memory_that_a_sheet_would_need_is_held_against_the_process(parse, monkeypatch):
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (400_000, 400_000))
    content = workbook(["a"], *([i] for i in range(3)), change=lambda _, sheet: sheet.__setitem__("Z1000", 1))

    error = refused(parse, content)

    assert error.code == "too_large"
    assert "1,000 rows and 26 columns, which needs more memory than allowed" in error.message


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"rows": 2}, "2 rows"),
        ({"columns": 1}, "1 columns"),
        ({"cells": 3}, "3 cells"),
        ({"cell_chars": 2}, "`loan` in row 1 "),
    ],
)
def test_sheets_over_a_limit_are_refused(parse, limits, words):
    assert words in refused(parse, workbook(*SMALL), **limits).message


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/workbook.xml", b"<workbook"),
        ("xl/_rels/workbook.xml.rels", None),
        ("xl/_rels/workbook.xml.rels", b"<a>&b;</a>"),
        ("xl/worksheets/sheet1.xml", None),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c r='A1' t='n'><v>x</v></c>"),
        ("xl/workbook.xml", None),
    ],
)
def test_damaged_parts_are_said(parse, part, content):
    damaged = repacked(workbook(*SMALL), lambda n, p: content if n == part else p)
    if part == "xl/workbook.xml" and content is None:
        damaged = with_part(damaged, "xl/workbook.old", b"")

    error = refused(parse, damaged)

    assert error.code in {"damaged_file", "no_rows"}
    assert re.search(r"[Ss]ave", error.message)


def test_a_workbook_cut_off_or_with_changed_bytes_is_refused_or_read(parse):
    content = workbook(*SMALL)
    rng = np.random.default_rng(3)
    outcomes = set()
    for _ in range(150):
        damaged = bytearray(content[: rng.integers(30, len(content) + 1)] if rng.random() < 0.3 else content)
        for at in rng.integers(0, len(damaged), 3):
            damaged[at] = rng.integers(0, 256)
        try:
            parse(bytes(damaged))
        except UnreadableFile as error:
            outcomes.add(error.code)
    assert "damaged_archive" in outcomes
