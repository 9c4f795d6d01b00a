"""500 damaged tables of each format: every one is read or refused, none ends the process unseen."""

from __future__ import annotations

import gzip

import numpy as np
import pyarrow as pa
import pytest

from rai_dash.core.errors import UnreadableFile
from rai_dash.data import read
from rai_dash.data.read import read_dataset
from tests.hostile.fuzzing import Keeper, fuzz
from tests.hostile.model_parts import TABLE
from tests.hostile.mutations import COUNT, mutants, of_archive, of_bytes, of_place, of_text
from tests.hostile.table_columns import arrow, nested_table, parquet, small
from tests.hostile.table_sheets import honest, shared, workbook
from tests.hostile.zips import archive

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
TYPED = pa.table(
    {
        "word": pa.array(["f", None, "ünï", "a text of some length"] * 25).dictionary_encode(),
        "when": pa.array(range(100), pa.timestamp("ms")),
        "view": pa.array(["one", "a text of more than twelve letters"] * 50, pa.string_view()),
        "flag": pa.array([True, None] * 50),
        "sum": pa.array(range(100), pa.decimal128(9, 2)),
    }
)
#: 100 rows.
PLAIN = b"".join(TABLE.splitlines(keepends=True)[:101])
ODD_TEXT = (
    '\ufeff# note\nname;pay;when;"a ""b"""\n' + '"Müller; A";1.234,5;31.01.2020;x\nB;-2,5;01.02.2021;\n' * 20
)
CORPUS = {
    "csv": ([PLAIN, ODD_TEXT.encode(), ODD_TEXT.encode("utf-16")], of_text),
    "gzip": ([gzip.compress(PLAIN, mtime=0)], of_bytes),
    "gzip, damaged inside": (
        [PLAIN],
        lambda rng, content: gzip.compress(of_text(rng, content), 1, mtime=0),
    ),
    "zip": ([archive({"a.csv": PLAIN, "__MACOSX/._a.csv": b"\x00"})], of_archive),
    "xlsx": ([honest(), workbook()(), shared()()], of_archive),
    "parquet": (
        [
            parquet(small().slice(0, 100), compression="none"),
            parquet(TYPED.drop_columns("view")),
            parquet(nested_table(), compression="none", data_page_version="2.0"),
        ],
        of_place,
    ),
    "feather": (
        [
            arrow(small().slice(0, 100)),
            arrow(TYPED),
            arrow(TYPED, compression="lz4"),
            arrow(TYPED, stream=True),
        ],
        of_place,
    ),
}


def attempt(content):
    """Read a table; what comes out is plain and finite."""
    frame = read_dataset(content).frame
    numbers = frame.select_dtypes("number").to_numpy(dtype=float, na_value=np.nan)
    assert not np.isinf(numbers).any()
    assert set(frame.dtypes.astype(str)) <= {"int64", "float64", "str"}


@pytest.fixture
def keeper(monkeypatch):
    """Read all tables in one process."""
    found = Keeper()
    monkeypatch.setattr(read, "run_once", found.call)
    yield found
    found.end()


@pytest.mark.parametrize("name", CORPUS)
def test_each_of_500_damaged_tables_is_read_or_refused(name, keeper, capsys):
    seeds, mutate = CORPUS[name]
    assert set(fuzz(seeds, keeper, attempt, UnreadableFile).codes) == {"accepted"}  # undamaged

    tally = fuzz(mutants(seeds, mutate), keeper, attempt, UnreadableFile)

    tally.report(name, capsys)
    assert tally.codes.total() == COUNT
    tally.check()
