"""Files that are no table at all, some of which run code where they are opened."""

from __future__ import annotations

import bz2
import io
import json
import lzma
import os
import pickle  # noqa: TID251 - to build what must be refused
import sqlite3
import sys
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from tests.hostile.hostile_file import refused
from tests.hostile.table_texts import GOOD
from tests.hostile.zips import archive

#: What every dangerous file writes when it is opened in the usual way.
MARKER = Path(tempfile.gettempdir()) / f"rai-dash-ran-{os.getpid()}"
_WEB_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>"
_PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1000)


class Payload:
    """Writes the marker when it is unpickled."""

    def __reduce__(self):
        return os.system, (f"echo ran > {MARKER}",)


def pickled(protocol):
    return lambda: pickle.dumps({"model": Payload(), "rows": list(range(5))}, protocol=protocol)


def joblib_dump(compress):
    """Return what joblib writes, compressed by some method or not."""

    def build():
        import joblib

        out = io.BytesIO()
        joblib.dump({"model": Payload()}, out, compress=compress)
        return out.getvalue()

    return build


def object_array():
    """Return a NumPy file of objects, which holds a pickle."""
    out = io.BytesIO()
    np.save(out, np.array([Payload(), 1], dtype=object), allow_pickle=True)
    return out.getvalue()


def database():
    """Return an SQLite file."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table loans (y, g)")
        return connection.serialize()


def tar():
    """Return a tar archive with a link to a file of the system."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        link = tarfile.TarInfo("table.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(link)
    return out.getvalue()


def ods():
    """Return the start of an OpenDocument sheet."""
    parts = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}
    return archive(parts, method=zipfile.ZIP_STORED)


def program():
    """Return the start of a program of this system."""
    return Path(sys.executable).resolve().read_bytes()[:100_000]


def skops_file():
    """Return something that looks like a saved scikit-learn model."""
    return archive({"schema.json": b"{}"})


CODE = [
    *(
        refused("code", f"pickle of protocol {p}", pickled(p), "pickle", "pickle", "skops")
        for p in (0, 2, 3, 4, 5)
    ),
    # Without a first byte of its own, and half text: refused, but not always by name.
    refused("code", "pickle of protocol 1", pickled(1), "pickle not_a_table"),
    refused("code", "joblib", joblib_dump(0), "pickle", "pickle"),
    refused("code", "joblib packed with zlib", joblib_dump(("zlib", 3)), "not_a_table"),
    refused("code", "joblib packed with gzip", joblib_dump(("gzip", 3)), "pickle", "pickle"),
    refused("code", "joblib packed with bzip2", joblib_dump(("bz2", 3)), "not_a_table", "compressed"),
    refused("code", "joblib packed with xz", joblib_dump(("xz", 3)), "not_a_table", "compressed"),
    refused("code", "NumPy file of objects", object_array, "not_a_table", "NumPy"),
    refused("code", "program", program, "not_a_table"),
]
FOREIGN = [
    refused("foreign", "log-in page saved as a table", lambda: _WEB_PAGE, "not_a_table", "log-in page"),
    refused("foreign", "JSON", lambda: json.dumps([{"y": 1, "g": "f"}] * 3).encode(), "not_a_table", "JSON"),
    refused("foreign", "JSON of 100,000 levels", lambda: b"[" * 100_000, "not_a_table", "JSON"),
    refused("foreign", "PDF", lambda: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", "not_a_table", "PDF"),
    refused("foreign", "SQLite", database, "not_a_table", "SQLite"),
    refused("foreign", "old .xls", lambda: _OLE, "not_a_table", ".xls"),
    refused(
        "foreign",
        "old Office file with a password",
        lambda: _OLE + "EncryptedPackage".encode("utf-16-le"),
        "not_a_table",
        "password",
    ),
    refused("foreign", ".ods", ods, "not_a_table", ".ods"),
    refused("foreign", "picture", lambda: _PNG, "not_a_table", "picture"),
    refused("foreign", "tar with a link", tar, "not_a_table", "tar"),
    refused("foreign", "xz", lambda: lzma.compress(GOOD), "not_a_table", "compressed"),
    refused("foreign", "bzip2", lambda: bz2.compress(GOOD), "not_a_table", "compressed"),
    refused("foreign", "zlib", lambda: zlib.compress(GOOD), "not_a_table", "compressed"),
    refused(
        "foreign",
        "random bytes",
        lambda: np.random.default_rng(1).bytes(5_000),
        "not_a_table unknown_encoding damaged_text",
    ),
    refused("foreign", "skops model in the place of a table", skops_file, "model_not_table", "skops"),
    refused(
        "foreign",
        "XGBoost model in the place of a table",
        lambda: b'{"learner":{}}',
        "model_not_table",
        "XGBoost",
    ),
    refused(
        "foreign",
        "LightGBM model in the place of a table",
        lambda: b"tree\nversion=v4\n",
        "model_not_table",
        "LightGBM",
    ),
    refused(
        "foreign",
        "CatBoost model in the place of a table",
        lambda: b"CBM1" + bytes(50),
        "model_not_table",
        "CatBoost",
    ),
]
