"""One table in many dresses is one frame."""

from __future__ import annotations

import csv
import io
import itertools

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.data.text_reading import read

WORDS = ["Köln", "Nîmes", "x;y", "a, b", 'say "hi"', "tab\there", "two words", "b|c", "7a", "a\nb"]
GROUPS = {".": ["", ",", " ", "'"], ",": ["", ".", "\u00a0", "\u202f", "'"]}


def write_number(value, decimal, group):
    """Write a number with a mark between thousands and a decimal mark."""
    text = f"{value:,.2f}"
    return "".join({",": group, ".": decimal}.get(c, c) for c in text)


@st.composite
def tables(draw):
    n = draw(st.integers(3, 8))

    def cells(values, *first):
        return [*first, *draw(st.lists(values, min_size=n - len(first), max_size=n - len(first)))]

    last = draw(st.sampled_from(["town", "Größe", "a b", "x/y [€]"]))
    return pd.DataFrame(
        {
            "key": pd.Series([f"k{i}" for i in range(n)], dtype="str"),
            # Both marks stand in the first number, so that there is no doubt about them.
            "amount": cells(st.integers(-(10**9), 10**9).map(lambda c: c / 4), 1234567.25),
            "count": cells(st.integers(-(10**12), 10**12)),
            "zip": pd.Series(cells(st.from_regex(r"\A[0-9]{5}\Z"), "01234"), dtype="str"),
            last: pd.Series(cells(st.sampled_from(WORDS)), dtype="str"),
        }
    )


def write(frame, dress):
    separator, encoding, (decimal, group), quoting, end = dress
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=end)
    writer.writerow(frame.columns)
    for key, amount, count, code, town in frame.itertuples(index=False):
        writer.writerow([key, write_number(amount, decimal, group), count, code, town])
    return out.getvalue().encode(encoding)


DRESSES = [
    dress
    for dress in itertools.product(
        [",", ";", "\t", "|"],
        ["utf-8", "utf-8-sig", "utf-16", "cp1252"],
        [(d, g) for d, groups in GROUPS.items() for g in groups],
        [csv.QUOTE_MINIMAL, csv.QUOTE_ALL],
        ["\n", "\r\n"],
    )
    if dress[1] != "cp1252" or dress[2][1] != "\u202f"  # Windows-1252 has no narrow blank
]


@given(tables(), st.sampled_from(DRESSES))
def test_separator_encoding_marks_quotes_and_line_ends_change_nothing(frame, dress):
    decimal, group = dress[2]

    found, told = read(write(frame, dress))

    pd.testing.assert_frame_equal(found, frame, check_exact=True)
    assert ("decimal_comma" in told) is (decimal == ",")
    assert ("thousands" in told) is bool(group)
    assert "ambiguous_number" not in told


def test_every_dress_of_one_table_is_the_same_frame():
    frame = pd.DataFrame(
        {
            "key": ["k1", "k2", "k3"],
            "amount": [1234567.25, -0.5, 1000.0],
            "count": [1, 2, 3],
            "zip": ["01234", "99999", "10000"],
            "town": ["Köln", 'say "hi", x;y', "a|b\tc"],
        }
    )

    wanted = frame.astype({"key": "str", "zip": "str", "town": "str"})

    # Every seventh, so that each value of each choice comes up.
    for dress in DRESSES[::7]:
        pd.testing.assert_frame_equal(read(write(frame, dress))[0], wanted, check_exact=True)
