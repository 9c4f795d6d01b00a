"""The same table in different dress is the same table."""

from __future__ import annotations

import gzip
import io

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from rai_dash.data.ops import parse_table
from rai_dash.data.reading.limits import TableLimits
from rai_dash.sandbox.arrow import frame_from_ipc

LIMITS = {"limits": TableLimits(expanded_mb=64, rows=10_000, columns=100, cells=100_000).to_args()}
# Letters of all three byte lengths and everything that separates or quotes; starts with a letter, so that no text
# reads as a number, and ends with one, so that nothing is trimmed.
words = st.from_regex(r"\A[a-zé€][a-zé€ ,;|\t\"'\n0-9]{0,6}[a-zé€]\Z").filter(
    lambda w: w not in {"nan", "inf"}
)
wholes = st.integers(-(10**14), 10**14)
decimals = st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0)


@st.composite
def frames(draw):
    n = draw(st.integers(1, 12))
    kinds = draw(st.lists(st.sampled_from(["whole", "decimal", "gaps", "word"]), min_size=1, max_size=4))

    def column(values):
        return draw(st.lists(values, min_size=n, max_size=n))

    make = {
        "whole": lambda: pd.Series(column(wholes), dtype="int64"),
        # A float column whose values are all whole would be one of whole numbers in a CSV of integers.
        "decimal": lambda: pd.Series(column(decimals), dtype="float64"),
        "gaps": lambda: pd.Series([*column(st.one_of(st.none(), wholes))[:-1], None], dtype="float64"),
        "word": lambda: pd.Series(column(st.one_of(st.none(), words)), dtype="str"),
    }
    frame = pd.DataFrame({f"{kind} {i}": make[kind]() for i, kind in enumerate(kinds)})
    # The marker keeps a row of blanks from being an empty line.
    frame.insert(draw(st.integers(0, len(kinds))), "key", pd.Series([f"k{i}" for i in range(n)], dtype="str"))
    return frame


def parse(content):
    _, blobs = parse_table({}, LIMITS, [memoryview(content)], lambda *_: None)
    return frame_from_ipc(blobs[0])


def plain(frame):
    """All-blank text has no type in any file."""
    return frame.astype({c: "float64" for c in frame if frame[c].isna().all()})


@given(
    frames(),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
def test_separator_encoding_and_packing_change_nothing(frame, separator, encoding, packed):
    content = frame.to_csv(index=False, sep=separator, lineterminator="\n").encode(encoding)

    found = parse(gzip.compress(content, mtime=0) if packed else content)

    pd.testing.assert_frame_equal(found, plain(frame), check_exact=True)


@given(frames(), st.sampled_from([None, "snappy", "zstd"]), st.booleans())
def test_parquet_gives_what_a_csv_gives(frame, compression, as_levels):
    sink = io.BytesIO()
    texts = [c for c in frame if frame[c].dtype == "str"]
    given_frame = frame.astype(dict.fromkeys(texts, "category")) if as_levels else frame
    given_frame.to_parquet(sink, compression=compression)

    found = parse(sink.getvalue())

    pd.testing.assert_frame_equal(found, plain(frame), check_exact=True)
    pd.testing.assert_frame_equal(found, parse(frame.to_csv(index=False, lineterminator="\n").encode()))


@given(frames(), st.randoms(use_true_random=False))
def test_the_order_of_columns_changes_no_column(frame, random):
    order = list(frame.columns)
    random.shuffle(order)

    found = parse(frame[order].to_csv(index=False, lineterminator="\n").encode())

    pd.testing.assert_frame_equal(found[list(frame.columns)], plain(frame), check_exact=True)
