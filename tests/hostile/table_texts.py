"""Text tables: damaged, oversized, and odd but honest ones."""

from __future__ import annotations

import codecs

from tests.hostile.hostile_file import accepted, refused

ROWS = b"1,f,10\n0,m,20\n1,m,30\n0,f,40\n"
GOOD = b"y,g,a\n" + ROWS


def table(header="y,g,a", rows=ROWS):
    """Return a text table with another header or other rows."""
    return lambda: header.encode() + b"\n" + (rows if isinstance(rows, bytes) else rows.encode())


def cells(*values, name="a"):
    """Return a table of two columns, the second of which holds some values."""
    lines = [f"{i % 2},{value}" for i, value in enumerate(values)]
    return lambda: "\n".join([f"y,{name}", *lines, ""]).encode()


def text(content, codec="utf-8"):
    return lambda: content.encode(codec, "surrogatepass")


def _wide(count):
    return lambda: b"\n".join(
        [b",".join(b"c%d" % i for i in range(count)), *[b",".join([b"1"] * count)] * 2, b""]
    )


def _mixed():
    return "y,name\n1,Zoë Müller\n0,Jürgen\n1,Chloë\n".encode() + "0,René\n".encode("latin-1")


def _lone_surrogate():
    return codecs.BOM_UTF16_LE + text("y,name\n1,a\ud800b\n0,c\n1,d\n", "utf-16-le")()


DAMAGED = [
    refused("text", "empty file", lambda: b"", "empty_file", "empty"),
    refused("text", "only blanks", lambda: b" \t\r\n" * 50, "empty_file", "empty"),
    refused("text", "only a byte order mark", lambda: codecs.BOM_UTF8, "empty_file", "empty"),
    refused("text", "only a UTF-16 mark", lambda: codecs.BOM_UTF16_LE, "empty_file no_rows"),
    refused("text", "only a header", lambda: b"y,g,a\n", "no_rows", "no rows"),
    refused(
        "text",
        "a row too long",
        table(rows=b"1,f,10\n0,m,20\n1,m,30,99\n0,f,4\n"),
        "ragged_row",
        "Line 4",
        "4 fields",
    ),
    refused("text", "a row too short", table(rows=ROWS + b"1,f\n"), "ragged_row", "Line 6", "2 fields"),
    refused("text", "an open quote", table(rows=ROWS + b'1,"f,10\n0,m,20\n'), "open_quote", "line 6"),
    refused(
        "text", "text after a quote", table(rows=ROWS + b'1,"f"x,"10"y"\n'), "bad_quote open_quote", "ine 6"
    ),
    refused(
        "text",
        "a zero byte far down",
        table(rows=ROWS * 2_000 + b"1,f\x00,3\n"),
        "damaged_text",
        "Line 8,002",
    ),
    refused("text", "zero bytes at the start", lambda: b"y,g\x00\x00\x00\n1,2\n", "not_a_table damaged_text"),
    refused("text", "two encodings", _mixed, "mixed_encoding", "Line 5"),
    refused(
        "text",
        "neither UTF-8 nor Windows",
        lambda: b"y,g\n1,a\n0,\x81\x8d\x90\n",
        "unknown_encoding",
        "Line 3",
    ),
    refused(
        "text", "UTF-16 without its mark", text("y,g,a\n1,f,2\n0,m,3\n", "utf-16-le"), "not_a_table", "UTF-16"
    ),
    refused("text", "half a pair in UTF-16", _lone_surrogate, "damaged_text", "UTF-16"),
    refused(
        "text",
        "half a pair in UTF-8",
        text("y,name\n1,a\ud800b\n0,c\n"),
        "mixed_encoding unknown_encoding",
        "Line 2",
    ),
]
LARGE = [
    refused(
        "size",
        "a cell of 10 MB",
        table(rows=ROWS + b"1,f," + b"x" * 10_000_000 + b"\n"),
        "cell_too_long",
        "`a`",
        "line 6",
    ),
    refused("size", "100,000 columns", _wide(100_000), "too_large", "2,000 columns"),
    refused("size", "2,001 columns", _wide(2_001), "too_large", "2,000 columns"),
    refused("size", "3 million rows", lambda: b"y\n" + b"1\n0\n" * 1_500_000, "too_large", "2,000,000 rows"),
    refused("size", "a row without an end", lambda: b"y,g\n1," + b"," * 5_000_000, "ragged_row too_large"),
    refused(
        "size",
        "5 million quotes",
        lambda: b"y,g\n1," + b'"' * 5_000_001,
        "open_quote bad_quote cell_too_long",
    ),
]
NAMES = [
    accepted("names", "one name twice", table("y,a,a"), (4, 3), "duplicate_name"),
    accepted("names", "no names at all", table(",,"), (4, 3)),
    accepted("names", "names that look alike", table("pay,Pay,p\u0430y"), (4, 3), "similar_name"),
    accepted("names", "a zero-width blank", table("age,a\u200bge,z"), (4, 3), "similar_name"),
    accepted("names", "text that runs the other way", table("y,\u202eexe.egami,a"), (4, 3)),
    accepted(
        "names",
        "pictures in markdown",
        table("y,![x](http://evil.example/p.png),[a](javascript:alert(1))"),
        (4, 3),
    ),
    accepted("names", "formulas", table('y,"=HYPERLINK(""http://evil.example"")",@SUM(1)'), (4, 3)),
    accepted("names", "markup", table("y,<script>alert(1)</script>,<img src=x onerror=alert(1)>"), (4, 3)),
    accepted("names", "names of 5,000 letters", table(f"y,{'g' * 5_000},a"), (4, 3)),
    accepted("names", "names of methods", table("y,__class__,to_csv"), (4, 3)),
]
CELLS = [
    accepted(
        "cells", "a command for a spreadsheet", cells("=cmd|'/C calc'!A0", "@SUM(1+1)", "+1", "-1"), (4, 2)
    ),
    accepted("cells", "scripts", cells("<script>alert(1)</script>", "javascript:alert(1)", "x", "y"), (4, 2)),
    accepted("cells", "control characters", cells("\x1b[31mred", "a\x07b", "\u202etxt", "z"), (4, 2)),
    accepted("cells", "numbers without an end", cells("1", "inf", "-Infinity", "2"), (4, 2), "not_finite"),
    accepted("cells", "a number of 400 digits", cells("1" * 400, "2", "3", "9" * 400), (4, 2)),
    accepted("cells", "a huge exponent", cells("1e999", "2", "1e-999", "4"), (4, 2)),
    accepted("cells", "digits of another script", cells("\u0661\u0662", "\u0967", "3", "4"), (4, 2)),
    accepted(
        "cells", "decimal commas", lambda: b"y;a\n1;1,5\n0;2,25\n1;1.000,5\n0;7,1\n", (4, 2), "decimal_comma"
    ),
    accepted(
        "cells", "thousands", cells('"1,500"', '"2,250"', '"1,000,000"', '"7,125"'), (4, 2), "thousands"
    ),
    accepted("cells", "dates", cells("2020-01-31", "2021-02-28", "2022-12-01", "2023-06-05"), (4, 2)),
    accepted("cells", "ids with leading zeros", cells("007", "008", "0110", "000"), (4, 2)),
    accepted("cells", "2,000 levels of brackets", cells("(" * 2_000, "[" * 2_000, "{", "}"), (4, 2)),
]
LAYOUT = [
    accepted(
        "layout",
        "lines of comment",
        lambda: b"# made by a program\n# in 2026\n" + GOOD,
        (4, 3),
        "comment_line",
    ),
    accepted("layout", "a line that names the separator", lambda: b"sep=;\ny;g\n1;a\n0;b\n1;a\n", (3, 2)),
    accepted("layout", "no header", lambda: ROWS, (4, 3), "no_header"),
    accepted("layout", "one row", lambda: b"y,g,a\n1,f,10\n", (1, 3)),
    accepted("layout", "the same outcome everywhere", table(rows=b"1,f,10\n1,m,20\n1,m,30\n"), (3, 3)),
    accepted("layout", "three outcomes", table(rows=b"good,f,10\nbad,m,20\nopen,m,30\n" * 4), (12, 3)),
    accepted("layout", "no outcome at all", table(rows=b",f,10\n,m,20\n,m,30\n"), (3, 3)),
    accepted("layout", "line ends of three systems", lambda: b"y,g\r\n1,a\n0,b\r1,c\r\n", (3, 2)),
    accepted("layout", "Windows letters", text("y,name\n1,Köln\n0,Nîmes\n", "cp1252"), (2, 2), "encoding"),
    accepted("layout", "UTF-16 with its mark", text("\ufeffy,g\n1,ä\n0,b\n", "utf-16-le"), (2, 2)),
    accepted("layout", "a blank line after each row", lambda: GOOD.replace(b"\n", b"\n\n"), (4, 3)),
    accepted("layout", "a script in the first line", lambda: b"#!/bin/sh\n" + GOOD, (4, 3)),
]
TEXTS = [*DAMAGED, *LARGE, *NAMES, *CELLS, *LAYOUT]
