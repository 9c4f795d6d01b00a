"""Parquet and Arrow: lengths, codes and sizes that lie, and pickles in what describes a column."""

from __future__ import annotations

import io
import pickle  # noqa: TID251 - to build what must be refused
import struct
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

from tests.hostile.hostile_file import accepted, refused
from tests.hostile.table_foreign import Payload

N = 1_000


@cache
def small():
    """Return 1,000 rows of numbers and texts."""
    rng = np.random.default_rng(0)
    return pa.table(
        {
            "y": rng.integers(0, 2, N),
            "g": pa.array(rng.choice(["f", "m", "x"], N)),
            "a": rng.normal(size=N),
        }
    )


def parquet(table=None, **options):
    """Write a Parquet file."""
    out = io.BytesIO()
    pq.write_table(small() if table is None else table, out, **options)
    return out.getvalue()


def arrow(table=None, *, compression=None, stream=False):
    """Write an Arrow file or stream."""
    out, table = io.BytesIO(), small() if table is None else table
    options = pa.ipc.IpcWriteOptions(compression=compression)
    opened = (pa.ipc.new_stream if stream else pa.ipc.new_file)(out, table.schema, options=options)
    with opened as writer:
        writer.write_table(table)
    return out.getvalue()


def patched(content, old, new, *, last=False):
    """Replace one place of some bytes."""
    at = content.rindex(old) if last else content.index(old)
    return content[:at] + new + content[at + len(old) :]


def coded(values, codes):
    """Return a column of codes, unchecked."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(values), safe=False)


def long_texts(count, length):
    """Return a column that is one long text again and again, held once."""
    return coded(["x" * length], np.zeros(count, np.int32))


def parquet_codes_outside():
    """Return a Parquet file with three words and codes for a fourth one."""
    words = pa.table({"g": ["ff", "mm", "ff", "xx"] * 300})
    content = parquet(words, compression="none", write_statistics=False)
    return patched(content, b"\x84" * 20, b"\xff" * 20)


def codes_outside():
    """Return a table whose codes stand for nothing."""
    return pa.table({"y": pa.array([0, 1] * 500), "g": coded(["f", "m"], [0, 1, 7, 2**30] * 250)})


def offsets_outside():
    """Return an Arrow file of texts, the last of which ends far outside the letters."""
    content = arrow(pa.table({"g": ["ff", "mm"]}))
    return patched(content, struct.pack("<3i", 0, 2, 4), struct.pack("<3i", 0, 2, 2**31 - 1))


def wide_views():
    """Return a table of text views that lead into a buffer that is not there."""
    views = struct.pack("<i4sii", 100, b"abcd", 7, 10**6) * 4
    texts = pa.Array.from_buffers(pa.string_view(), 4, [None, pa.py_buffer(views), pa.py_buffer(b"abcd")])
    return pa.table({"y": pa.array([0, 1, 0, 1]), "g": texts})


def huge_footer():
    """Return a Parquet file whose footer declares two gigabytes of itself."""
    content = parquet()
    return content[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1"


def more_rows():
    """Return a Parquet file whose footer counts more rows than there are."""
    content = parquet(use_dictionary=False, compression="none", write_statistics=False)
    # 1,000 as a zigzag variable-length number, in the last place: the total of the whole file.
    return content.replace(_varint(N), _varint(7_777))


def _varint(value):
    value *= 2
    return bytes([value & 0x7F | 0x80, value >> 7])


def page_sizes():
    """Return a Parquet file whose pages claim to unpack to two gigabytes."""
    content = bytearray(
        parquet(pa.table({"y": np.arange(5_000) % 2}), use_dictionary=False, compression="zstd")
    )
    at = content.index(b"\x15\x00\x15") + 2
    end = at + 1
    while content[end] & 0x80:
        end += 1
    return bytes(content[: at + 1]) + b"\xfe\xff\xff\xff\x0f" + bytes(content[end + 1 :])


def pickle_in_metadata():
    """Return a table whose column names an extension type with a pickle, as pyarrow once ran it."""
    described = {
        b"ARROW:extension:name": b"arrow.py_extension_type",
        b"ARROW:extension:metadata": pickle.dumps(Payload()),
    }
    schema = pa.schema([pa.field("y", pa.int64()), pa.field("a", pa.float64(), metadata=described)])
    return pa.table([pa.array([0, 1, 0, 1]), pa.array([1.0, 2.0, 3.0, 4.0])], schema=schema)


def pickle_for_pandas():
    """Return a table whose note for pandas is no note."""
    return small().replace_schema_metadata({b"pandas": pickle.dumps(Payload()), b"x": b"{" * 10_000})


def nested_table():
    """Return a table with lists, records and raw bytes beside a plain column."""
    return pa.table({"y": [0, 1], "l": [[1], [2]], "r": [{"a": 1}, {"a": 2}], "b": [b"\x00", b"\x01"]})


def deep():
    """Return a table whose one column is 40 lists deep."""
    values, kind = pa.array([1, 2], pa.int64()), pa.int64()
    for _ in range(40):
        kind = pa.list_(kind)
    return pa.table({"deep": pa.nulls(len(values), kind)})


def unpacked_to_exabytes():
    """Return an Arrow file whose packed column claims to unpack to 2**60 bytes."""
    content = arrow(pa.table({"y": np.arange(5_000) % 2}), compression="zstd")
    return patched(content, struct.pack("<q", 40_000), struct.pack("<q", 2**60))


def zeros(count, columns):
    """Return many columns that share the same zeros."""
    return pa.table({f"c{i}": np.zeros(count, np.int8) for i in range(columns)})


def impossible_date():
    """Return a date that no calendar has."""
    return pa.table({"y": [0, 1], "d": pa.array([2**31 - 1, 1], pa.date32())})


PARQUET = [
    refused("parquet", "only its mark", lambda: b"PAR1", "damaged_file not_a_table"),
    refused("parquet", "cut off", lambda: parquet()[:-200], "damaged_file", "damaged"),
    refused("parquet", "an impossible footer", huge_footer, "damaged_file", "damaged"),
    refused(
        "parquet",
        "a footer of zeros",
        lambda: parquet()[:-400] + bytes(392) + parquet()[-8:],
        "damaged_file",
        "damaged",
    ),
    refused("parquet", "more rows than there are", more_rows, "damaged_file", "damaged"),
    refused("parquet", "pages that claim gigabytes", page_sizes, "damaged_file too_large"),
    refused("parquet", "codes that stand for nothing", parquet_codes_outside, "damaged_file"),
    refused(
        "parquet",
        "only nested columns",
        lambda: parquet(nested_table().select(["l", "r", "b"])),
        "no_columns no_rows",
    ),
    refused("parquet", "no rows", lambda: parquet(small().slice(0, 0)), "no_rows", "no rows"),
    refused("parquet", "no columns", lambda: parquet(pa.table({})), "no_columns no_rows damaged_file"),
    refused("parquet", "a date of no calendar", lambda: parquet(impossible_date()), "damaged_file", "`d`"),
    refused(
        "bomb",
        "parquet of one long text",
        lambda: parquet(pa.table({"y": long_texts(1_900_000, 600)})),
        "too_large",
        "1,024 MB",
    ),
    refused(
        "size",
        "parquet of 2,000,001 rows",
        lambda: parquet(zeros(2_000_001, 1)),
        "too_large",
        "2,000,000 rows",
    ),
    refused(
        "size", "parquet of 3,000 columns", lambda: parquet(zeros(2, 3_000)), "too_large", "2,000 columns"
    ),
    accepted(
        "parquet",
        "nested columns beside a plain one",
        lambda: parquet(nested_table()),
        (2, 1),
        "nested_column",
    ),
    accepted("parquet", "a pickle that describes a column", lambda: parquet(pickle_in_metadata()), (4, 2)),
    accepted("parquet", "a pickle as note for pandas", lambda: parquet(pickle_for_pandas()), (N, 3)),
]
ARROW = [
    refused("arrow", "only its mark", lambda: b"ARROW1\x00\x00", "damaged_file", "damaged"),
    refused("arrow", "cut off", lambda: arrow()[:-300], "damaged_file", "damaged"),
    refused("arrow", "a stream cut off", lambda: arrow(stream=True)[:9_000], "damaged_file", "damaged"),
    refused("arrow", "offsets outside the letters", offsets_outside, "damaged_file", "damaged"),
    refused("arrow", "views outside the letters", lambda: arrow(wide_views()), "damaged_file", "damaged"),
    refused(
        "arrow", "codes that stand for nothing", lambda: arrow(codes_outside()), "damaged_file", "damaged"
    ),
    refused("arrow", "a packed column of exabytes", unpacked_to_exabytes, "damaged_file too_large"),
    refused("arrow", "40 lists in each other", lambda: arrow(deep()), "damaged_file no_columns no_rows"),
    refused("arrow", "no rows", lambda: arrow(small().slice(0, 0)), "no_rows", "no rows"),
    refused(
        "bomb",
        "arrow of one long text",
        lambda: arrow(pa.table({"y": long_texts(1_900_000, 600)}), compression="zstd"),
        "too_large",
        "1,024 MB",
    ),
    refused(
        "size",
        "arrow of too many cells",
        lambda: arrow(zeros(200_000, 600), compression="zstd"),
        "too_large",
        "100,000,000 cells",
    ),
    accepted("arrow", "a pickle that describes a column", lambda: arrow(pickle_in_metadata()), (4, 2)),
    accepted("arrow", "a stream", lambda: arrow(stream=True), (N, 3)),
    accepted("arrow", "packed with LZ4", lambda: arrow(compression="lz4"), (N, 3)),
]
COLUMNS = [*PARQUET, *ARROW]
