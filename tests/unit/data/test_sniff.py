from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle  # noqa: TID251 - to build what must be refused
import re
import sqlite3
import tarfile
import zipfile
import zlib
from contextlib import closing

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import orc

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading import kinds
from rai_dash.data.reading.refusals import require_table
from rai_dash.data.reading.sniff import HEAD, sniff

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def zipped(*names, content=b"\x00"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


def saved(write):
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def arrow(new):
    def write(out):
        table = pa.Table.from_pandas(FRAME)
        with new(out, table.schema) as writer:
            writer.write_table(table)

    return saved(write)


def tarred():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"), io.BytesIO(b""))
    return out.getvalue()


def database():
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("create table a (b)")
        return connection.serialize()


# --- made by the programs themselves ---

MADE = {
    "csv": (lambda: b"a,b\n1,2\n", kinds.TEXT),
    "utf-16": (lambda: "a,b\n1,2\n".encode("utf-16"), kinds.TEXT),
    "utf-16 without mark": (lambda: "a,b\n1,2\n".encode("utf-16-le"), kinds.UTF16),
    "gzip": (lambda: gzip.compress(b"a,b\n", mtime=0), kinds.GZIP),
    "bzip2": (lambda: bz2.compress(b"a,b\n"), kinds.COMPRESSED),
    "xz": (lambda: lzma.compress(b"a,b\n"), kinds.COMPRESSED),
    "zlib": (lambda: zlib.compress(b"a,b\n"), kinds.COMPRESSED),
    "parquet": (FRAME.to_parquet, kinds.PARQUET),
    "feather": (lambda: saved(FRAME.to_feather), kinds.ARROW),
    "arrow file": (lambda: arrow(pa.ipc.new_file), kinds.ARROW),
    "arrow stream": (lambda: arrow(pa.ipc.new_stream), kinds.ARROW_STREAM),
    "excel": (lambda: saved(FRAME.to_excel), kinds.XLSX),
    "stata": (lambda: saved(lambda out: FRAME.to_stata(out, version=118)), kinds.STATA),
    "old stata": (lambda: saved(lambda out: FRAME.to_stata(out, version=114)), kinds.STATA),
    "orc": (lambda: saved(lambda out: orc.write_table(pa.Table.from_pandas(FRAME), out)), kinds.ORC),
    "numpy": (lambda: saved(lambda out: np.save(out, np.zeros(3))), kinds.NUMPY),
    "sqlite": (database, kinds.SQLITE),
    "tar": (tarred, kinds.TAR),
    "picture": (lambda: saved(lambda out: Image.new("RGB", (2, 2)).save(out, "PNG")), kinds.IMAGE),
    "photograph": (lambda: saved(lambda out: Image.new("RGB", (2, 2)).save(out, "JPEG")), kinds.IMAGE),
    **{
        f"pickle {p}": (lambda p=p: pickle.dumps({"a": [1]}, protocol=p), kinds.PICKLE)
        for p in (0, 2, 3, 4, 5)
    },
    "old pickle of an array": (lambda: pickle.dumps(np.zeros(2), protocol=0), kinds.PICKLE),
}


@pytest.mark.parametrize("name", list(MADE))
def test_files_are_told_by_their_content(name):
    make, kind = MADE[name]
    content = make()

    assert sniff(content) == kind
    assert sniff(memoryview(content)[:HEAD]) == kind


def test_models_are_told_by_their_content(repo):
    for path in (repo / "sample_data").iterdir():
        wanted = {".ubj": kinds.XGBOOST, ".skops": kinds.SKOPS}.get(path.suffix)
        if wanted is not None:
            assert sniff(path.read_bytes()) == wanted


def test_a_lightgbm_an_onnx_and_an_xgboost_model_are_models():
    from lightgbm import Booster, Dataset, train
    from onnx import TensorProto, helper
    from xgboost import DMatrix
    from xgboost import train as train_xgboost

    x, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    light: Booster = train({"verbose": -1, "num_threads": 1}, Dataset(x, y), 1)
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [value], [value])
    boosted = train_xgboost({"nthread": 1}, DMatrix(x, y), 1)

    for content, kind in (
        (light.model_to_string().encode(), kinds.LIGHTGBM),
        (helper.make_model(graph, producer_name="skl2onnx").SerializeToString(), kinds.ONNX),
        (bytes(boosted.save_raw("json")), kinds.XGBOOST),
        (bytes(boosted.save_raw("ubj")), kinds.XGBOOST),
        (bytes(boosted.save_raw("ubj"))[:HEAD], kinds.XGBOOST),
    ):
        assert sniff(content) == kind
        with pytest.raises(
            UnreadableFile, match=rf"This is {kind.label}, not a table. Choose it as the model"
        ) as e:
            require_table(content)
        assert e.value.code == "model_not_table"


# --- written after their published descriptions ---


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"CBM1\x10\x00\x00\x00", kinds.CATBOOST),
        (b"binf\x00\x00\x00\x3f", kinds.OLD_XGBOOST),
        (b"\x89HDF\r\n\x1a\n\x00", kinds.HDF5),
        (b"\x00" * 12 + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011") + b"\x00" * 9, kinds.SAS),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000000", kinds.SAS),
        (b"$FL2@(#) SPSS DATA FILE" + b" " * 40 + b"\x02\x00\x00\x00", kinds.SPSS),
        (b"X\n\x00\x00\x00\x03\x00\x04\x02\x01", kinds.R_DATA),
        (b"RDX3\nX\n\x00\x00\x00\x03", kinds.R_DATA),
        (b"FEA1\x00\x00\x00\x00", kinds.OLD_FEATHER),
        (b"PARE" + b"\x00" * 20 + b"PARE", kinds.LOCKED_PARQUET),
        (b"Obj\x01\x04\x16avro.schema", kinds.AVRO),
        (OLE + b"\x00" * 600, kinds.XLS),
        (OLE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), kinds.LOCKED_OFFICE),
        (zipped("[Content_Types].xml", "xl/workbook.bin"), kinds.XLSB),
        (zipped("[Content_Types].xml", "word/document.xml"), kinds.OFFICE),
        (zipped("mimetype", content=b"application/vnd.oasis.opendocument.spreadsheet"), kinds.ODS),
        (zipped("Index/Document.iwa"), kinds.NUMBERS),
        (zipped("archive/data.pkl", "archive/version"), kinds.TORCH),
        (zipped("metadata.json", "config.json", "model.weights.h5"), kinds.KERAS),
        (zipped("schema.json", "1.npy"), kinds.SKOPS),
        (zipped("loans.csv"), kinds.ZIP),
        (zipped(), kinds.ZIP),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", kinds.OTHER_ARCHIVE),
        (b"Rar!\x1a\x07\x01\x00", kinds.OTHER_ARCHIVE),
        (b"\x28\xb5\x2f\xfd\x00", kinds.COMPRESSED),
        (b"%PDF-1.7", kinds.PDF),
        (b'<?xml version="1.0"?><PMML version="4.4">', kinds.PMML),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", kinds.MARKUP),
        (b'{"a": 1}', kinds.JSON),
        (b'[{"a": 1}]', kinds.JSON),
        (b"\x01\x00\x02\x03" * 9, kinds.BINARY),
        (b"", kinds.EMPTY),
        (b"\xef\xbb\xbf \n", kinds.EMPTY),
    ],
)  # fmt: skip
def test_foreign_files_are_named(content, kind):
    assert sniff(content) == kind


@pytest.mark.parametrize(
    "text",
    [
        b"tree\n1\n2\n", b"tree,version=\n1,2\n", b"ORC,b\n1,2\n", b"CBM1;x\n1;2\n", b"FEA1\n3\n", b"binf,a\n",
        b"PARE,a\n1,2\n", b"$FL2,a\n1,2\n", b"BZh9,a\n1,2\n", b"cost\n12\n", b"(a),b\n1,2\n", b"X\n1\n",
        b"RDX3\nX\n", b"iris,x\n1,2\n", b"{a},b\n1,2\n", b"<10,b\n1,2\n", b"Obj,1\n2,3\n", b"xy\n1\n",
        b"\xc3\xa4,b\n1,2\n", b"\xe4,b\n1,2\n",
    ],
)  # fmt: skip
def test_a_text_that_begins_like_another_file_is_a_text(text):
    assert sniff(text) == kinds.TEXT


def test_damaged_numbers_of_a_model_file_end_the_search():
    for content in (
        b"\x08",
        b"\x08\xff",
        b"\x08" + b"\xff" * 30,
        b"\x08\x01\x12\xff\xff\xff\xff\x0f",
        b"\x08\x01\x3a",
    ):
        assert sniff(content) in {kinds.ONNX, kinds.TEXT, kinds.BINARY}
    assert sniff(b"\x08\x09\x12\x04skl2\x3a\x02ab") == kinds.ONNX
    assert sniff(b"\x08\x09\x12\x04skl2\x3b\x02ab") != kinds.ONNX


def test_every_kind_that_is_no_table_says_what_it_is_and_what_to_do():
    found = [kind for kind in vars(kinds).values() if isinstance(kind, kinds.FileKind)]
    assert len({kind.name for kind in found}) == len(found) > 30

    for kind in found:
        assert re.fullmatch(r"an? .+", kind.label)
        assert kind.way_out.endswith((".", "`."))
        assert kind.slot in {"table", "model", "other"}


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "empty_file", "The file is empty."),
        (b"\x80\x04.", "pickle", "or run `rai-dash convert` on your own machine."),
        (b"SQLite format 3\x00", "not_a_table", "an SQLite database, not a table that is read here. Export"),
        (b"CBM1\x00", "model_not_table", "a CatBoost model, not a table. Save a table as CSV"),
        ("a,b\n1,2\n".encode("utf-16-le"), "not_a_table", "or choose UTF-16"),
    ],
)
def test_a_refusal_says_what_was_found_and_the_way_out(content, code, words):
    with pytest.raises(UnreadableFile) as caught:
        require_table(content)

    assert caught.value.code == code
    assert words in caught.value.message


def test_utf_16_without_its_mark_is_text_once_that_is_chosen():
    content = "a,b\n1,2\n".encode("utf-16-le")

    assert require_table(content, ReadOptions(encoding="utf-16")) == kinds.TEXT
    with pytest.raises(UnreadableFile):
        require_table(content, ReadOptions(encoding="utf-8"))
