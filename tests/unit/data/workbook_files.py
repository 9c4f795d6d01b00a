"""Workbooks for tests, as they are and as nobody should write them."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import openpyxl
import pandas as pd
import pytest

from rai_dash.core.errors import UnreadableFile


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(*rows, title="Loans", change=None):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if change is not None:
        change(book, sheet)
    return saved(book)


def repacked(content, change):
    """Return a workbook with changed parts; ``change(name, bytes)`` gives the new bytes or None."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                new.writestr(name, part)
    return out.getvalue()


def with_part(content, name, part):
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return out.getvalue()


def in_sheet(old, new):
    def change(name, part):
        if name != "xl/worksheets/sheet1.xml":
            return part
        assert old in part
        return part.replace(old, new, 1)

    return change


def refused(parse, content, options=None, **limits):
    with pytest.raises(UnreadableFile) as caught:
        parse(content, options, **limits)
    return caught.value


def day(*parts):
    return datetime(*parts)  # noqa: DTZ001 - cells have no time zone


SMALL = (["loan", "age"], ["yes", 31], ["no", 45])
TABLE = pd.DataFrame({"loan": pd.Series(["yes", "no"], dtype="str"), "age": [31, 45]})


def two_sheets():
    """A small sheet, and one called Loans."""
    book = openpyxl.Workbook()
    for row in (["x", "y"], [1, "a"]):
        book.active.append(row)
    loans = book.create_sheet("Loans")
    for row in (["loan", "sex"], ["yes", "f"], ["no", "m"]):
        loans.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
