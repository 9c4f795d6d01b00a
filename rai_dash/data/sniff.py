"""What a file is, told from its content; the name and its ending are never believed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Slot = Literal["table", "model", "other"]

HEAD: Final = 4_096
TAIL: Final = 65_536


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file.

    Parameters
    ----------
    name : str
        Stable machine-readable name.
    label : str
        What to call it in a sentence, with its article.
    slot : {"table", "model", "other"}
        Where it belongs.
    """

    name: str
    label: str
    slot: Slot


EMPTY: Final = FileKind("empty", "an empty file", "other")
GZIP: Final = FileKind("gzip", "a gzip archive", "table")
PARQUET: Final = FileKind("parquet", "a Parquet table", "table")
TEXT: Final = FileKind("text", "a text table", "table")
BINARY: Final = FileKind("binary", "a binary file", "other")
PICKLE: Final = FileKind("pickle", "a Python pickle file", "model")
SKOPS: Final = FileKind("skops", "a scikit-learn model saved with skops", "model")
XGBOOST: Final = FileKind("xgboost", "an XGBoost model", "model")
LIGHTGBM: Final = FileKind("lightgbm", "a LightGBM model", "model")
XLSX: Final = FileKind("xlsx", "an Excel workbook", "other")
ZIP: Final = FileKind("zip", "a zip archive", "other")
COMPRESSED: Final = FileKind("compressed", "a compressed file (zlib, bzip2, xz or zstd)", "other")
JSON: Final = FileKind("json", "a JSON file", "other")
MARKUP: Final = FileKind("markup", "an HTML or XML file", "other")
PDF: Final = FileKind("pdf", "a PDF document", "other")
UTF16: Final = FileKind("utf16", "a UTF-16 text without its mark", "other")

_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_STARTS: Final = (
    (b"\x1f\x8b", GZIP),
    (b"BZh", COMPRESSED),
    (b"\xfd7zXZ\x00", COMPRESSED),
    (b"\x28\xb5\x2f\xfd", COMPRESSED),
    (b"\x78\x01", COMPRESSED),
    (b"\x78\x9c", COMPRESSED),
    (b"\x78\xda", COMPRESSED),
    (b"%PDF-", PDF),
    (b"tree\n", LIGHTGBM),
    (b"tree\r\n", LIGHTGBM),
)
_MARKUP_START: Final = re.compile(rb"<(\?xml|!|/?[a-zA-Z])")


def _of_zip(content: memoryview) -> FileKind:
    """Tell archives apart by the names in the directory at their end."""
    tail = bytes(content[-TAIL:])
    if b"schema.json" in tail:
        return SKOPS
    return XLSX if b"xl/workbook" in tail else ZIP


def _of_braces(head: bytes) -> FileKind:
    """Tell a JSON or UBJSON model from other JSON."""
    if b"learner" in head:
        return XGBOOST
    return JSON if head[1:].lstrip()[:1] in (b'"', b"{", b"[", b"}", b"]") else TEXT


def _of_text(head: bytes) -> FileKind:
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n"):
        return EMPTY
    if head.startswith(_UTF16_MARKS) or b"\x00" not in head:
        return TEXT
    # Every second byte of Latin text in UTF-16 is zero.
    pairs = head[: len(head) // 2 * 2]
    zeros = max(pairs[::2].count(0), pairs[1::2].count(0))
    return UTF16 if zeros * 4 > len(pairs) else BINARY


def sniff(content: bytes | memoryview) -> FileKind:
    """Tell what some content is, without parsing it.

    Parameters
    ----------
    content : bytes
        The whole file; only its first and last bytes are looked at.

    Returns
    -------
    FileKind
        ``TEXT`` where nothing else fits.
    """
    view = memoryview(content)
    head = bytes(view[:HEAD])
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return PICKLE
    if head.startswith(b"PAR1"):
        return PARQUET
    if head.startswith(b"PK\x03\x04"):
        return _of_zip(view)
    bare = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if _MARKUP_START.match(bare):
        return MARKUP
    return _of_braces(bare) if bare[:1] in (b"{", b"[") else _of_text(head)
