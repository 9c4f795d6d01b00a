"""A text table that is read block by block gives the numbers and labels that the data door gives for the whole file."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.options import ReadOptions
from rai_dash.data.portfolio.places import find_place
from rai_dash.data.portfolio.portfolio import plain_frame
from rai_dash.data.portfolio.texts import part, stream
from rai_dash.data.portfolio.texts.dialect import layout_of_part, settle
from rai_dash.data.portfolio.texts.part import Resettled, TextPart
from rai_dash.data.reading.limits import TableLimits

LIMITS = TableLimits(expanded_mb=64, rows=1_000_000, columns=500, cells=10_000_000)


@pytest.fixture
def small_blocks(monkeypatch):
    """Settle on the first 600 bytes, and read 1,000 at a time."""
    monkeypatch.setattr(stream, "HEAD", 600)
    monkeypatch.setattr(part, "BLOCK", 1_000)


@pytest.fixture
def read(tmp_path):
    """Read parts, given as bytes by name, as one table; returns it with the notices by code."""

    def run(options=None, **parts):
        folder = tmp_path / "texts"
        folder.mkdir()
        for name, content in parts.items():
            (folder / name.replace("__", ".")).write_bytes(content)
        options = options or ReadOptions()
        place = find_place(folder)
        dialect, notices = settle(place, options, LIMITS)
        tables = []
        i = 0
        while i < len(place.parts):
            layout, extra = layout_of_part(place, i, dialect, options, LIMITS)
            reader = TextPart(
                place.paths[i],
                place.parts[i].name,
                dialect=dialect,
                layout=layout,
                options=options,
                limits=LIMITS,
            )
            try:
                batches = list(reader.batches())
            except Resettled as found:
                dialect = dialect.with_(found.columns)
                continue
            tables += [pa.Table.from_batches(batches)] if batches else []
            i += 1
            assert not extra
        wide = [t.cast(pa.schema([(c.name, c.type) for c in dialect.columns])) for t in tables]
        return plain_frame(pa.concat_tables(wide)), {n.code: n for n in notices}

    return run


def rows(*lines):
    return ("\n".join(lines) + "\n").encode()


N = 120
RNG = np.random.default_rng(3)
MONEY = [f"{v:,.2f}" for v in RNG.uniform(0, 5e6, N)]
DRESSES = {
    "semicolons and decimal commas": rows("a;b", *(f"{i};{i / 8:.3f}".replace(".", ",") for i in range(N))),
    "quotes, separators and line ends inside": rows("a,b", *(f'{i},"say ""{i}"", or\nnot"' for i in range(N))),
    "blanks around values": rows(" a ,b", *(f" {i} ,  x{i % 3} " for i in range(N))),
    "blank cells": rows("a,b,c", *(f"{i if i % 3 else ''},{'x' if i % 4 else ' '},{i}" for i in range(N))),
    "commas between thousands": rows("a;b", *(f"{m};{i}" for i, m in enumerate(MONEY))),
    "points between thousands": rows("a;b", *(f"{m.translate(str.maketrans(',.', '.,'))};1" for m in MONEY)),
    "blanks between thousands": rows("a;b", *(f"{m.replace(',', ' ')};1" for m in MONEY)),
    "apostrophes between thousands": rows("a;b", *(f"{m.replace(',', chr(39))};1" for m in MONEY)),
    "currency": rows("a;b", *(f"€ {m};{i}" for i, m in enumerate(MONEY))),
    "percent": rows("a,b", *(f"{i / 4}%,{i}" for i in range(N))),
    "minus behind, and brackets": rows("a,b", *(f"({i + 1}),{i}" if i % 2 else f"{i + 1}-,{i}" for i in range(N))),
    "leading zeros": rows("zip,b", *(f"{i:05d},{i}" for i in range(N))),
    "NA as a category": rows("a,b", *(f"{['NA', 'None', 'x'][i % 3]},{i}" for i in range(N))),
    "integers of 16 digits": rows("id,b", *(f"{10**15 + i},{i}" for i in range(N))),
    "integers of 15 digits": rows("id,b", *(f"{10**14 + i},{i}" for i in range(N))),
    "dates": rows("a,b", *(f"2024-{i % 12 + 1:02d}-{i % 28 + 1:02d},{i % 28 + 1}.{i % 12 + 1}.2024" for i in range(N))),
    "doubles to the last bit": rows("a,b", *(f"{v!r},{i}" for i, v in enumerate(RNG.normal(size=N)))),
    "infinite and not a number": rows("a,b", *(f"{['1.5', 'inf', 'nan', '-2'][i % 4]},{i}" for i in range(N))),
    "true and false": rows("a,b", *(f"{bool(i % 2)},{i}" for i in range(N))),
    "no header": rows(*(f"{i},x{i % 3},{i / 8}" for i in range(N))),
    "comments above": rows("# exported in 2024", "# by us", "a,b", *(f"{i},{i}" for i in range(N))),
    "a title above": rows("Loans of the year;;", "", "a;b;c", *(f"{i};x;{i}" for i in range(N))),
    "a separator at the end of lines": rows("a;b;", *(f"{i};x{i};" for i in range(N))),
    "two columns of one name": rows("a,a,b", *(f"{i},{i + 1},x" for i in range(N))),
    "signs in front": rows("a,b", *(f"{'+' if i % 2 else '-'}{i},{i}" for i in range(N))),
    "one column": rows("a", *map(str, range(N))),
    "tabs": rows("a\tb", *(f"{i}\tx y" for i in range(N))),
    "windows line ends": rows("a,b", *(f"{i},x" for i in range(N))).replace(b"\n", b"\r\n"),
    "line ends of an old Mac": rows("a,b", *(f"{i},x{i}" for i in range(N))).replace(b"\n", b"\r"),
    "a header of two lines": rows('"a\nb",c', *(f"{i},x{i}" for i in range(N))),
    "no last line end": rows("a,b", *(f"{i},x" for i in range(N))).rstrip(b"\n"),
    "blank throughout": rows("a,b", *(f"{i:06d}x," for i in range(N))),
    "the first value comes late": rows("a,b", *(f"{i}x,{i / 4 if i > 100 else ''}" for i in range(N))),
    "the first word comes late": rows("a,b", *(f"{i}xx,{'word' if i > 100 else ''}" for i in range(N))),
    "the first fraction comes late": rows("a,b", *(f"{i},{7.5 if i > 100 else 7}" for i in range(N))),
    "the first blank comes late": rows("a,b", *(f"{i}xx,{'' if i > 100 else 7}" for i in range(N))),
}  # fmt: skip


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("dress", list(DRESSES))
def test_every_dress_gives_what_the_whole_file_gives(read, parse, dress):
    content = DRESSES[dress]
    assert len(content) > 600 or dress == "one column"

    frame, _ = read(t__csv=content)

    pd.testing.assert_frame_equal(frame, parse(content)[0], check_exact=True)


ENCODED = {
    "mark of UTF-8": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "Windows-1252": lambda text: text.encode("cp1252"),
    "gzip": lambda text: gzip.compress(text.encode()),
    "gzip of UTF-16": lambda text: gzip.compress(text.encode("utf-16")),
}


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("encoding", list(ENCODED))
def test_every_encoding_gives_what_the_whole_file_gives(read, parse, encoding):
    content = ENCODED[encoding]("ort;b\n" + "".join(f"Köln {i % 5};{i},5\n" for i in range(N)))

    frame, notices = read(t__csv=content)

    pd.testing.assert_frame_equal(frame, parse(content)[0], check_exact=True)
    assert ("encoding" in notices) == (encoding == "Windows-1252")


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("content", "options"),
    [
        (
            rows("a,b", *(f"{'?' if i % 7 == 0 else i},{i}" for i in range(N))),
            ReadOptions(missing={"a": ("?",)}),
        ),
        (
            rows("a,b", *(f"{-999 if i > 90 else i},{i}" for i in range(N))),
            ReadOptions(missing={"*": ("-999",)}),
        ),
        (rows("a,b", *(f"{i},{i}" for i in range(N))), ReadOptions(text=("b",))),
        (rows("a;b", *(f"{i};{i if i < 100 else '100,5'}" for i in range(N))), ReadOptions(decimal=",")),
        (rows("a;b", *(f"{i};{i if i < 100 else '1.100'}" for i in range(N))), ReadOptions(decimal=",")),
        (rows("a|b", *(f"{i}|x,y" for i in range(N))), ReadOptions(separator="|")),
        (rows("x", "x", "a,b", *(f"{i},1" for i in range(N))), ReadOptions(skip_lines=2)),
        (rows(*(f"{i},w{i}" for i in range(N))), ReadOptions(header=False, names=("number", "word"))),
    ],
)
def test_options_say_what_the_guess_does_not(read, parse, content, options):
    frame, _ = read(options, t__csv=content)

    pd.testing.assert_frame_equal(frame, parse(content, options)[0], check_exact=True)


def test_parts_are_one_table_whatever_the_order_of_their_columns(read):
    frame, _ = read(a__csv=b"n,w\n", b__csv=b"n,w\n1,x\n", c__csv=b"w,n\ny,2.5\n", d__csv=b"n,w\n")

    assert frame.to_dict("list") == {"n": [1.0, 2.5], "w": ["x", "y"]}


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("cell", "first", "said"),
    [
        ("007", "7", "'007' in line 112 of `t.csv` is no number like the first ones of `a`. State the column as text"),
        ("unknown", "7", "'unknown' in line 112 of `t.csv` is no number"),
        ("1,25", "7", "'1,25' in line 112 of `t.csv` is no number"),
        ("1,234", "7", "'1,234' in line 112 of `t.csv` is no number"),
        ("1,25", "1,234", "'1,25' in line 112 of `t.csv` is no number"),
        ("1.25", "1,5", "'1.25' in line 112 of `t.csv` is no number"),
        ("€1,234", "€7", "'€1,234' in line 112 of `t.csv` is no number"),
        ("$7", "€7", "'$7' in line 112 of `t.csv` is no number"),
        ("7", "7%", "'7' in line 112 of `t.csv` is no number"),
        ("1234567890123456", "7", "'1234567890123456' in line 112 of `t.csv` is no number"),
        ("1.234.567", "1.234", "'1.234.567' in line 112 of `t.csv` is no number"),
    ],
)  # fmt: skip
def test_a_later_value_that_does_not_fit_is_named_and_never_lost(read, cell, first, said):
    content = rows("b|a", *(f"row number {i}|{first}" for i in range(110)), f"x|{cell}", f"y|{first}")

    with pytest.raises(UnreadableFile) as caught:
        read(t__csv=content)

    assert str(caught.value).startswith(said)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"t__csv": rows("a,b", *(f"{i},x" for i in range(N)), "1,2,3")}, "The part `t.csv`: Line 122 has 3 fields"),
        ({"t__csv": rows("a,b", *(f"{i},x" for i in range(N)), '1,"x', *(f"{i},x" for i in range(N)))},
         "The part `t.csv`: A quote that opens in line 122 never closes."),
        ({"t__csv": rows("a,b", *(f"{i},x" for i in range(200))) + b"1,K\xf6ln\n"},
         "Line 202 of `t.csv` is not utf-8, as its first lines are."),
        ({"t__csv": rows("a,b", *(f"{i},x" for i in range(2_000))) + b"1,\x00\n"},
         "Line 2,002 of `t.csv` holds a zero byte"),
        ({"t__csv": rows("a;b;", *(f"{i};x;" for i in range(N)), "1;x;9")},
         "The part `t.csv` has a value without a name of a column in line 122."),
        ({"t__csv": rows("a b", *(f"{i} x" for i in range(N)))}, "The columns of `t.csv` are separated by blanks"),
        ({"t__csv": gzip.compress(rows("a,b", *(f"{i},{hash(str(i))}" for i in range(2_000))))[:9_000]},
         "The gzip archive `t.csv` is damaged or cut off."),
        ({"a__csv": b"x,age\n1,2\n", "b__csv": b"x,ages\n1,2\n"},
         "The part `b.csv` has no column `age`, which `a.csv` has. Closest name there: `ages`."),
        ({"a__csv": b"x,y\n1,2\n", "b__csv": b"x,y\n1,w\n"}, "'w' in line 2 of `b.csv` is no number"),
        ({"t__csv": rows("a,b", *(f"{i},x" for i in range(N)), "1," + "x" * 10_001)},
         "The part `t.csv`: A cell of `b` in line 122 has"),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_their_part_and_line(read, parts, said):
    with pytest.raises(UnreadableFile) as caught:
        read(**parts)

    assert str(caught.value).startswith(said)


@pytest.mark.usefixtures("small_blocks")
def test_random_numbers_are_read_alike_or_refused(read, parse, tmp_path):
    rng = np.random.default_rng(8)
    forms = [
        "{:d}",
        "{:.2f}",
        "{:,.2f}",
        "{:,d}",
        "{:05d}",
        "€{:,d}",
        "{:d}%",
        " {:d}",
        "{:d}-",
        "({:d})",
        "-{:d}",
        "",
        "?",
    ]
    refused = same = 0
    for i in range(60):
        chosen = rng.choice(forms, 1 + i % 3)
        cells = []
        for row in range(150):
            form = chosen[0] if row < 100 else str(rng.choice(chosen))
            value = float(rng.integers(1, 10 ** rng.integers(1, 8)))
            cells.append(form.format(int(value) if "d}" in form else value))
        sep = ";" if i % 2 else "|"
        content = rows(f"a{sep}b", *(f"{cell}{sep}{j}" for j, cell in enumerate(cells)))
        whole, _ = parse(content)
        try:
            frame, _ = read(t__csv=content)
        except UnreadableFile:
            refused += 1
        else:
            pd.testing.assert_frame_equal(frame, whole, check_exact=True)
            same += 1
        for file in (tmp_path / "texts").iterdir():
            file.unlink()
        Path(tmp_path / "texts").rmdir()

    assert same > 30
    assert refused > 0
