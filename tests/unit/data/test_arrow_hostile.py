from __future__ import annotations

import gzip
import io
import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from rai_dash.core.errors import UnreadableFile
from tests.unit.data.arrow_files import (
    ALL,
    TABLE,
    WRITERS,
    arrow_file,
    arrow_stream,
    parquet_file,
    refused,
)

# --- sizes ---


@pytest.mark.parametrize(
    ("limits", "words"),
    [({"rows": 3}, "3 rows"), ({"columns": 8}, "8 columns"), ({"cells": 35}, "35 cells"),
     ({"cell_chars": 20}, "`view` in row 3 ")],
)  # fmt: skip
@pytest.mark.parametrize("write", ALL)
def test_tables_over_a_limit_are_refused(parse, write, limits, words):
    assert words in refused(parse, write(TABLE), **limits).message


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
@pytest.mark.parametrize("write", ALL)
def test_what_expands_is_refused_at_the_limit(parse, write, compression):
    content = write(pa.table({"x": np.zeros(400_000)}), compression=compression)
    assert len(content) < 2**19

    error = refused(parse, content, expanded_mb=1)

    assert error.code == "too_large"
    assert "more than 1 MB unpacked" in error.message


@pytest.mark.parametrize("write", ALL)
def test_codes_that_stand_for_long_texts_are_counted_at_full_length(parse, write):
    codes = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), ["x" * 1_000])
    content = write(pa.table({"x": codes}))
    assert len(content) < 2**16

    assert refused(parse, content, expanded_mb=1).code == "too_large"
    assert parse(content, expanded_mb=4)[0]["x"].eq("x" * 1_000).all()


def test_plain_text_that_parquet_packs_as_codes_is_counted_at_full_length(parse):
    content = parquet_file(pa.table({"x": ["x" * 1_000] * 2_000}))
    assert len(content) < 2**14

    assert refused(parse, content, expanded_mb=1).code == "too_large"


def test_texts_that_share_their_letters_are_counted_at_full_length(parse):
    letters = pa.py_buffer(b"x" * 1_000)
    views = struct.pack("<i4sii", 1_000, b"xxxx", 0, 0) * 2_000
    table = pa.table(
        {"x": pa.Array.from_buffers(pa.string_view(), 2_000, [None, pa.py_buffer(views), letters])}
    )
    assert table["x"].to_pylist() == ["x" * 1_000] * 2_000

    for content in (arrow_stream(table), arrow_file(table)):
        assert len(content) < 2**16
        assert refused(parse, content, expanded_mb=1).code == "too_large"


def test_a_column_without_values_may_not_have_endless_rows(parse):
    content = arrow_stream(pa.table({"x": pa.Array.from_buffers(pa.null(), 2**31 - 1, [None])}))
    assert len(content) < 1_000

    assert "more than 1,000,000 rows" in refused(parse, content).message


def test_lists_that_expand_are_not_even_unfolded(parse):
    table = pa.table({"x": [1, 2], "deep": pa.array([[0] * 200_000, []])})

    for write in (arrow_file, arrow_stream, parquet_file):
        content = write(table, compression="zstd")
        assert parse(content, expanded_mb=1)[0].columns.tolist() == ["x"]


def test_a_parquet_footer_that_declares_too_much_is_believed(parse):
    content = parquet_file(pa.table({"x": np.zeros(300_000)}), use_dictionary=False)

    error = refused(parse, content, expanded_mb=2)

    assert error.code == "too_large"


# --- damage ---


def test_a_code_beyond_its_categories_or_broken_text_is_refused(parse):
    codes = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), ["aaaa", "bbbb"])
    for write in WRITERS:
        content = write(pa.table({"c": codes}))
        assert parse(content)[0]["c"].tolist() == ["aaaa", "bbbb", "aaaa"]

        for old, new in ((b"\x00\x01\x00\x00", b"\x00\x7f\x00\x00"), (b"bbbb", b"\xff\xfe\xff\xfe")):
            at = content.rindex(old, 0, content.rindex(b"bbbb") + 200)
            damaged = content[:at] + new + content[at + len(old) :]
            assert refused(parse, damaged).code == "damaged_file"


def test_a_date_that_no_calendar_has_is_said(parse):
    table = pa.table({"x": [1, 2], "day": pa.array([0, 2**31 - 1], pa.int32()).cast(pa.date32())})

    for write in ALL:
        error = refused(parse, write(table))
        assert error.code == "damaged_file"
        assert "`day`" in error.message


@pytest.mark.parametrize("write", [arrow_file, arrow_stream, parquet_file])
def test_a_file_cut_off_or_with_changed_bytes_is_refused_or_read(parse, write):
    content = write(TABLE.drop_columns(["id"]))
    rng = np.random.default_rng(7)
    outcomes = set()
    for _ in range(120):
        damaged = bytearray(content[: rng.integers(16, len(content))] if rng.random() < 0.3 else content)
        for at in rng.integers(8, len(damaged), 2):
            damaged[at] = rng.integers(0, 256)
        try:
            parse(bytes(damaged))
        except UnreadableFile as error:
            outcomes.add(error.code)
    assert "damaged_file" in outcomes


def test_an_old_feather_file_is_refused_with_the_way_out(parse):
    out = io.BytesIO()
    with pytest.warns(DeprecationWarning, match="V1"):
        feather.write_feather(pa.table({"x": [1, 2]}), out, version=1)

    error = refused(parse, out.getvalue())

    assert "Feather file of version 1" in error.message
    assert "write_feather" in error.message


def test_memory_that_runs_out_is_said_and_not_taken_for_damage(parse, monkeypatch):
    def greedy(*_, **__):
        message = "malloc of size 99999999999 failed"
        raise pa.ArrowMemoryError(message)

    contents = [arrow_file(TABLE), gzip.compress(arrow_stream(TABLE), mtime=0), parquet_file(TABLE)]
    monkeypatch.setattr(pa.ipc, "open_file", greedy)
    monkeypatch.setattr(pa.ipc, "open_stream", greedy)
    monkeypatch.setattr(pq, "ParquetFile", greedy)

    for content in contents:
        error = refused(parse, content)
        assert error.code == "too_large"
        assert "needs more memory than allowed" in error.message


# --- encrypted Parquet ---


@pytest.mark.parametrize("plain_footer", [False, True])
def test_an_encrypted_parquet_file_is_refused_by_name(parse, plain_footer):
    import base64

    import pyarrow.parquet.encryption as pe

    class Keys(pe.KmsClient):
        def __init__(self, _):
            super().__init__()

        def wrap_key(self, key_bytes, _):
            return base64.b64encode(key_bytes)

        def unwrap_key(self, wrapped_key, _):
            return base64.b64decode(wrapped_key)

    config = pe.EncryptionConfiguration(
        footer_key="k", column_keys={"k": ["x"]}, plaintext_footer=plain_footer
    )
    factory = pe.CryptoFactory(Keys)
    out = io.BytesIO()
    with pq.ParquetWriter(
        out,
        pa.schema({"x": pa.int64()}),
        encryption_properties=factory.file_encryption_properties(pe.KmsConnectionConfig(), config),
    ) as writer:
        writer.write_table(pa.table({"x": [1, 2]}))

    error = refused(parse, out.getvalue())

    assert error.message.startswith("This is an encrypted Parquet file")
    assert "without encryption" in error.message
