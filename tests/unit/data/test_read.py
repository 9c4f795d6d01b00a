from __future__ import annotations

import hashlib
import io
import os
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.core.errors import InvalidRoles, MissingColumn, UnreadableFile, WorkerFailed
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data import read
from rai_dash.data.ops import list_parts, parse_table
from rai_dash.data.options import ReadOptions
from rai_dash.data.read import read_dataset
from rai_dash.sandbox.client import Reply
from tests.unit.data.workbook_files import two_sheets

CSV = b"loan,sex\nyes,f\nno,m\n"
LOAN = Roles(target="loan", favourable=("yes",))


def test_a_table_comes_from_its_own_process_with_roles_name_and_fingerprint():
    dataset = read_dataset(CSV, LOAN, name="mine")

    assert dataset.outcome.tolist() == [1, 0]
    assert (dataset.name, dataset.n_rows, dataset.columns) == ("mine", 2, ("loan", "sex"))
    assert dataset.fingerprint == hashlib.sha256(CSV).hexdigest()


def test_a_path_gives_the_name(tmp_path):
    path = tmp_path / "loans.csv"
    path.write_bytes(b"a;b\n1;x\n2; NA\n")

    dataset = read_dataset(str(path))

    assert dataset.name == "loans.csv"
    assert {n.code for n in dataset.warnings} == {"missing_code", "trimmed"}


def test_a_path_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UnreadableFile, match=r"nowhere\.csv. cannot be read: No such file"):
        read_dataset(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [(b"\x80\x04.", UnreadableFile, "pickle"), (b"a,b\n1\n", UnreadableFile, "Line 2 has 1 field")],
)
def test_the_refusal_of_either_process_reaches_the_caller(content, kind, words):
    with pytest.raises(kind, match=words):
        read_dataset(content)


def test_wrong_roles_are_named():
    with pytest.raises(MissingColumn, match="`loan`"):
        read_dataset(CSV, Roles(target="laon", favourable=("yes",)))
    with pytest.raises(InvalidRoles, match=r"'Yes'.*Did you mean 'yes'"):
        read_dataset(CSV, Roles(target="loan", favourable=("Yes",)))


def test_a_file_over_the_upload_limit_is_not_even_parsed(monkeypatch):
    monkeypatch.setattr(get_settings(), "max_upload_mb", 0)

    with pytest.raises(UnreadableFile, match="larger than 0 MB"):
        read_dataset(CSV)


def test_chosen_options_give_another_fingerprint_each_and_none_give_that_of_the_file(monkeypatch):
    monkeypatch.setattr(read, "run_once", in_this_process)
    chosen = [
        None,
        ReadOptions(),
        ReadOptions(separator=","),
        ReadOptions(text=("loan",)),
        ReadOptions(encoding="utf-8"),
    ]

    found = [read_dataset(CSV, options=options).fingerprint for options in chosen]

    assert found[0] == found[1] == hashlib.sha256(CSV).hexdigest()
    assert len(set(found)) == 4


#: What the other process says beside the table.
ANSWER = {"notices": [], "format": "text"}


def in_this_process(_, args, blobs, **__):
    return Reply(*parse_table({}, args, [memoryview(b) for b in blobs], lambda *_: None))


def test_the_answer_says_what_the_file_is_and_what_could_be_chosen():
    data, _ = parse_table({}, {}, [memoryview(two_sheets())], lambda *_: None)

    assert (data["format"], data["parts"], data["part"]) == ("xlsx", ["Sheet", "Loans"], "Sheet")
    data, _ = parse_table({}, {}, [memoryview(CSV)], lambda *_: None)
    assert (data["format"], data["parts"], data["part"]) == ("text", [], None)


# --- a process that crashed, or was taken over by the file ---


@pytest.mark.parametrize(
    ("code", "given", "words"),
    [
        ("worker_crashed", "damaged_file", "crashed or ran past 30 s. Only its own process was affected"),
        ("worker_timeout", "damaged_file", "crashed or ran past 30 s"),
        ("worker_memory", "too_large", "needs more memory than allowed. Ask for more."),
    ],
)
def test_a_process_that_fails_is_a_sentence(monkeypatch, code, given, words):
    def fail(*_, **__):
        message = "Ask for more."
        raise WorkerFailed(message, code=code)

    monkeypatch.setattr(read, "run_once", fail)

    with pytest.raises(UnreadableFile) as caught:
        read_dataset(CSV)
    assert caught.value.code == given
    assert words in caught.value.message


def test_a_process_that_cannot_start_is_not_the_fault_of_the_file(monkeypatch):
    def fail(*_, **__):
        message = "No process."
        raise WorkerFailed(message, code="no_worker")

    monkeypatch.setattr(read, "run_once", fail)

    with pytest.raises(WorkerFailed, match="No process"):
        read_dataset(CSV)


def stream(*batches, compression=None):
    out = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(out, batches[0].schema, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return out.getvalue()


def batch(**columns):
    return pa.record_batch({k: pa.array(v) if isinstance(v, list) else v for k, v in columns.items()})


GOOD = stream(batch(a=[1, 2], b=["x", None]))
BROKEN_TEXT = pa.Array.from_buffers(
    pa.large_string(), 1, [None, pa.py_buffer(np.array([0, 1], np.int64)), pa.py_buffer(b"\xff")]
)


@pytest.mark.parametrize(
    "blobs",
    [
        [],
        [GOOD, GOOD],
        [b""],
        [b"nonsense"],
        [GOOD[: len(GOOD) // 2]],
        [stream(batch(a=[True, False]))],
        [stream(batch(a=[[1], [2]]))],
        [stream(batch(a=[{"x": 1}]))],
        [stream(batch(a=pa.array([1], pa.int32())))],
        [stream(batch(a=pa.array([0], pa.timestamp("s"))))],
        [stream(batch(a=pa.array(["x"]).dictionary_encode()))],
        [stream(batch(a=pa.Array.from_buffers(pa.null(), 2**31 - 1, [None])))],
        [stream(batch(a=BROKEN_TEXT))],
        [stream(pa.RecordBatch.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]))],
        [stream(batch(a=pa.array([], pa.int64())))],
        [stream(batch(a=[0] * 1000), compression="zstd")],
        [stream(batch(a=["x"] * 1000), compression="lz4")],
    ],
    ids=range(17),
)
def test_an_answer_that_is_no_plain_table_is_refused(monkeypatch, blobs):
    monkeypatch.setattr(read, "run_once", lambda *_, **__: Reply(ANSWER, blobs))

    with pytest.raises(UnreadableFile) as caught:
        read_dataset(CSV)
    assert caught.value.code == "damaged_file"
    assert "makes no sense" in caught.value.message


@pytest.mark.parametrize(
    "data",
    [
        {},
        ANSWER | {"notices": 3},
        ANSWER | {"notices": [{"code": 1}]},
        ANSWER | {"parts": "x"},
        ANSWER | {"format": "x" * 101},
    ],
)
def test_notices_that_are_none_are_refused(monkeypatch, data):
    monkeypatch.setattr(read, "run_once", lambda *_, **__: Reply(data, [GOOD]))

    with pytest.raises(UnreadableFile, match="makes no sense"):
        read_dataset(CSV)


def test_an_answer_larger_than_the_limits_is_refused(monkeypatch):
    monkeypatch.setattr(read, "run_once", lambda *_, **__: Reply(ANSWER, [GOOD]))
    assert read_dataset(CSV).frame["a"].tolist() == [1, 2]

    monkeypatch.setattr(get_settings(), "max_rows", 1)
    with pytest.raises(UnreadableFile, match="more than 1 rows"):
        read_dataset(CSV)


def test_the_parts_of_a_workbook_and_an_archive_are_named(monkeypatch):
    def here(_, args, blobs, **__):
        return Reply(*list_parts({}, args, [memoryview(b) for b in blobs], lambda *_: None))

    monkeypatch.setattr(read, "run_once", here)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", CSV)
        archive.writestr("notes.pdf", b"%PDF-1.4")
        archive.writestr("sub/b.csv", CSV)

    assert read.parts_of(two_sheets()) == ("Sheet", "Loans")
    assert read.parts_of(packed.getvalue()) == ("a.csv", "sub/b.csv")
    assert read.parts_of(CSV) == ()


def test_a_choice_about_a_column_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(read, "run_once", in_this_process)

    found = read_dataset(CSV, options=ReadOptions(missing={"zz": ("?",), "*": ("-",)}, text=("sex",)))

    assert [n.column for n in found.warnings if n.code == "unknown_column"] == ["zz"]


def test_only_a_plain_file_is_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    for source, words in (
        (tmp_path, "is a folder"),
        (tmp_path / "pipe", "is a pipe"),
        ("/dev/zero", "is a device"),
    ):
        with pytest.raises(UnreadableFile, match=words):
            read_dataset(source)


REAL = [
    ("census-loan/census", 32561, {"skipinitialspace": True}),
    ("german-credit/german_credit_decoded", 1000, {}),
    ("german-credit/german_credit_coded", 1000, {}),
    ("german-credit/south_german_credit", 1000, {"sep": " "}),
    ("boston-mortgage/loanapp", 1989, {}),
    ("hmda-pricing/hmda_2018_pricing_test", 39662, {}),
    ("taiwan-default/credit_card_clients", 30000, {}),
    ("story/group_production_110", 110, {}),
]


@pytest.mark.parametrize(("name", "rows", "options"), REAL)
def test_published_files_are_read_as_pandas_reads_them(shared, parse, name, rows, options):
    (path,) = (shared / "data").glob(f"{name}.*.gz")
    oracle = pd.read_csv(path, keep_default_na=False, na_values=[""], **options)

    frame, _ = parse(path.read_bytes())

    assert frame.shape == oracle.shape
    assert len(frame) == rows
    for ours, theirs in zip(frame.columns, oracle.columns, strict=True):
        pd.testing.assert_series_equal(frame[ours], oracle[theirs], check_names=False)
