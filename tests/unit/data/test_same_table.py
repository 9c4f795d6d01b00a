"""One table in every form that it can be written in is one frame."""

from __future__ import annotations

import csv as csv_module
import gzip
import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai_dash.core.errors import UnreadableFile


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(11)
    n = 60
    exact = rng.standard_normal(n) * 10.0 ** rng.integers(-300, 300, n)
    exact[:6] = [0.1 + 0.2, 5e-324, 1.7976931348623157e308, 1 / 3, -0.0, 123456789.12345679]
    return pd.DataFrame(
        {
            "zip": pd.Series([f"{i:05d}" for i in rng.integers(0, 99999, n)], dtype="str"),
            "count": rng.integers(-(10**12), 10**12, n),
            "exact": exact,
            "some": pd.Series(np.where(rng.random(n) < 0.3, np.nan, rng.integers(1, 9, n) + 0.5)),
            "town": pd.Series(rng.choice(["Köln", "a b", "x'y", "?", "NA"], n), dtype="str"),
            "note": pd.Series(rng.choice(['say "hi"', "a,b;c\td|e", "plain", "two\nlines"], n), dtype="str"),
        }
    )


def csv(table, sep=",", **options):
    return table.to_csv(index=False, sep=sep, lineterminator=options.pop("end", "\n"), **options)


def parquet(table, **options):
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), out, **options)
    return out.getvalue()


FORMS = {
    "comma": lambda t: csv(t).encode(),
    "semicolon": lambda t: csv(t, ";").encode(),
    "tab": lambda t: csv(t, "\t").encode(),
    "bar": lambda t: csv(t, "|").encode(),
    "mark of UTF-8": lambda t: csv(t).encode("utf-8-sig"),
    "UTF-16": lambda t: csv(t).encode("utf-16"),
    "UTF-16 big end first": lambda t: b"\xfe\xff" + csv(t, ";").encode("utf-16-be"),
    "all quoted": lambda t: csv(t, quoting=1).encode(),
    "gzip": lambda t: gzip.compress(csv(t).encode()),
    "gzip of UTF-16": lambda t: gzip.compress(csv(t, "\t").encode("utf-16")),
    "no last line end": lambda t: csv(t).encode().rstrip(b"\n"),
    "parquet": parquet,
    "parquet in groups": lambda t: parquet(t, row_group_size=7, compression="gzip", use_dictionary=True),
    "parquet of categories": lambda t: parquet(t.astype({"town": "category", "note": "category"})),
}


@pytest.mark.parametrize("form", list(FORMS))
def test_the_form_of_a_file_changes_nothing(table, parse, form):
    frame, _ = parse(FORMS[form](table))

    pd.testing.assert_frame_equal(frame, table, check_exact=True)
    assert frame["exact"].to_numpy().tobytes() == table["exact"].to_numpy().tobytes()


def test_windows_line_ends_are_line_ends(table, parse):
    plain = table.assign(note="x")

    frame, _ = parse(csv(plain, end="\r\n").encode())

    pd.testing.assert_frame_equal(frame, plain, check_exact=True)


def test_columns_in_another_order_are_the_same_columns(table, parse):
    turned = table[table.columns[::-1]]

    frame, _ = parse(csv(turned).encode())

    pd.testing.assert_frame_equal(frame[list(table.columns)], table, check_exact=True)
    assert list(frame.columns) == list(turned.columns)


def test_every_double_comes_back_as_it_was_written(parse):
    bits = np.random.default_rng(5).integers(0, 2**63, 20_000, dtype=np.int64).view(np.float64)
    values = np.concatenate([bits[np.isfinite(bits)], -bits[np.isfinite(bits)]])

    frame, _ = parse(("v\n" + "\n".join(map(repr, values.tolist())) + "\n").encode())

    assert frame["v"].to_numpy().tobytes() == values.tobytes()


def test_one_file_read_twice_is_equal_whatever_was_read_between(table, parse):
    first, _ = parse(FORMS["comma"](table))
    parse(FORMS["UTF-16"](table.head(3)))

    pd.testing.assert_frame_equal(parse(FORMS["comma"](table))[0], first, check_exact=True)


def test_parquet_with_a_code_beyond_its_categories_or_broken_text_is_refused(parse):
    codes = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int32()), pa.array(["aaaa", "bbbb"]))
    out = io.BytesIO()
    pq.write_table(pa.table({"c": codes}), out, compression=None)
    content = out.getvalue()
    assert parse(content)[0]["c"].tolist() == ["aaaa", "bbbb", "aaaa"]

    with pytest.raises(UnreadableFile, match="damaged"):
        parse(content.replace(b"bbbb", b"\xff\xfe\xff\xfe"))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv_module.QUOTE_MINIMAL, csv_module.QUOTE_ALL])
def test_random_cells_come_back_as_they_were_written(parse, separator, quoting):
    rng = np.random.default_rng(ord(separator) + quoting)
    words = [
        "a",
        "b c",
        "x,y",
        "p;q",
        "t\tu",
        "v|w",
        'say "hi"',
        '"',
        "ö",
        "日本",
        "#no",
        "7",
        "007",
        "?",
        "",
        "a\nb",
        "'",
    ]
    for _ in range(25):
        width, length = rng.integers(2, 6), rng.integers(1, 20)
        rows = [["k", *rng.choice(words, width)] for _ in range(length)]
        out = io.StringIO(newline="")
        writer = csv_module.writer(out, delimiter=separator, quoting=quoting, lineterminator="\n")
        writer.writerows([[f"c{i}" for i in range(width + 1)], *rows])

        frame, _ = parse(out.getvalue().encode())

        written = [[None if cell == "" else cell for cell in row] for row in rows]
        columns = [frame[c] for c in frame.columns]
        assert [[_as_written(c.iloc[i]) for c in columns] for i in range(len(frame))] == [
            [_as_written(cell) for cell in row] for row in written
        ]


def _as_written(cell):
    """Numbers by value; the one numeric word without leading zeros is 7."""
    if cell is None or cell != cell:  # noqa: PLR0124 - NaN
        return None
    return 7.0 if str(cell) in {"7", "7.0"} else str(cell)
