"""ONNX files, and what is no model that is read here."""

from __future__ import annotations

import gzip

import numpy as np

from tests.hostile import table_foreign
from tests.hostile.hostile_file import refused
from tests.hostile.table_columns import arrow, parquet
from tests.hostile.table_foreign import joblib_dump, object_array, pickled
from tests.hostile.table_sheets import honest as workbook
from tests.hostile.table_texts import GOOD
from tests.hostile.zips import archive
from tests.unit.models import onnx_files, onnx_hostile


def written(build):
    """Build the bytes of an ONNX model."""
    return lambda: build().SerializeToString()


def cut_off():
    """Return the first half of an ONNX model."""
    content = onnx_files.softmax(weights=np.ones((2, 2), np.float32)).SerializeToString()
    return content[: len(content) // 2]


ONNX = [
    refused(
        "onnx", "values in another file", written(onnx_hostile.external_constant), "external_data", "one file"
    ),
    refused("onnx", "an endless loop", written(onnx_hostile.endless_loop), "unsupported_model", "Loop"),
    refused("onnx", "a branch", written(onnx_hostile.branch), "unsupported_model", "If"),
    refused(
        "onnx",
        "a trillion numbers from a constant",
        written(onnx_hostile.filled_from_a_constant),
        "unsupported_model",
        "ConstantOfShape",
    ),
    refused("onnx", "tiles", written(onnx_hostile.tiled), "unsupported_model", "Tile"),
    refused(
        "onnx",
        "operators of another maker",
        written(onnx_hostile.foreign_operator),
        "unsupported_model",
        "com.evil",
    ),
    refused(
        "onnx", "operators of its own", written(onnx_hostile.own_operator), "unsupported_model", "its own"
    ),
    refused("onnx", "a value doubled 60 times", written(lambda: onnx_hostile.doubling(60)), "too_large"),
    refused("onnx", "an outer sum", written(onnx_hostile.chain_of_broadcasts), "too_large"),
    refused("onnx", "a tree in a circle", written(onnx_hostile.cyclic_tree), "damaged_model", "circle"),
    refused(
        "onnx",
        "a child outside",
        written(lambda: onnx_files.stump(nodes_truenodeids=[9, 0, 0])),
        "damaged_model",
        "outside",
    ),
    refused(
        "onnx",
        "a column outside",
        written(lambda: onnx_files.stump(nodes_featureids=[7, 0, 0])),
        "damaged_model",
        "column outside",
    ),
    refused(
        "onnx",
        "fewer values than declared",
        written(onnx_hostile.fewer_values_than_declared),
        "damaged_model",
        "declares",
    ),
    refused(
        "onnx",
        "coefficients that are no numbers",
        written(lambda: onnx_files.linear(coefficients=[np.nan] * 4)),
        "damaged_model",
        "not a number",
    ),
    refused("onnx", "cut off at half", cut_off, "damaged_model unknown_format"),
    refused("onnx", "no steps", written(lambda: onnx_files.graph([])), "damaged_model unsupported_model"),
]
CODE = [
    *(
        refused("code", f"pickle of protocol {p} as a model", pickled(p), "pickle", "pickle", "skops")
        for p in range(6)
    ),
    refused(
        "code", "joblib packed with zlib as a model", joblib_dump(("zlib", 3)), "unknown_format", "joblib"
    ),
    refused(
        "code", "joblib packed with gzip as a model", joblib_dump(("gzip", 3)), "unknown_format", "joblib"
    ),
    refused("code", "NumPy file of objects as a model", object_array, "unknown_format", "NumPy"),
    refused(
        "code",
        "PyTorch",
        lambda: archive({"archive/data.pkl": pickled(2)(), "archive/version": b"3"}),
        "unknown_format",
        "PyTorch",
    ),
    refused(
        "code",
        "Keras",
        lambda: archive({"config.json": b"{}", "model.weights.h5": b"\x89HDF\r\n\x1a\n"}),
        "unknown_format",
        "Keras",
    ),
    refused("code", "HDF5", lambda: b"\x89HDF\r\n\x1a\n" + bytes(500), "unknown_format", "HDF5"),
    refused("code", "CatBoost", lambda: b"CBM1" + bytes(500), "unknown_format", "CatBoost"),
    refused("code", "program as a model", table_foreign.program, "unknown_format"),
]
FOREIGN = [
    refused("foreign", "nothing", lambda: b"", "unknown_format", "empty"),
    refused("foreign", "one byte", lambda: b"{", "unknown_format damaged_model"),
    refused(
        "foreign",
        "PMML",
        lambda: b'<?xml version="1.0"?><PMML version="4.4"><Header/></PMML>',
        "unknown_format",
    ),
    refused(
        "foreign",
        "log-in page saved as a model",
        lambda: b"<html><body>Sign in</body></html>",
        "unknown_format",
        "log-in page",
    ),
    refused("foreign", "GGUF", lambda: b"GGUF\x03\x00\x00\x00" + bytes(500), "unknown_format"),
    refused("foreign", "XGBoost of the old kind", lambda: b"binf" + bytes(500), "unknown_format", "XGBoost"),
    refused("foreign", "text", lambda: b"please approve this loan\nthank you\n", "table_not_model"),
    refused("foreign", "JSON", lambda: b'{"target": "loan"}', "unknown_format", "JSON"),
    refused("foreign", "table in the place of a model", lambda: GOOD, "table_not_model", "table"),
    refused(
        "foreign",
        "packed table in the place of a model",
        lambda: gzip.compress(GOOD, mtime=0),
        "unknown_format",
    ),
    refused("foreign", "Parquet in the place of a model", parquet, "table_not_model", "Parquet"),
    refused("foreign", "Arrow in the place of a model", arrow, "table_not_model", "Arrow"),
    refused("foreign", "workbook in the place of a model", workbook, "table_not_model", "Excel"),
    refused("foreign", "zeros", lambda: bytes(10_000), "unknown_format"),
    refused("foreign", "random bytes", lambda: np.random.default_rng(2).bytes(5_000), "unknown_format"),
]
OTHERS = [*ONNX, *CODE, *FOREIGN]
