"""What a file is, told from its content; the name and its ending are never believed."""

from __future__ import annotations

import re
from typing import Final

from rai_dash.data.reading import kinds
from rai_dash.data.reading.kinds import FileKind

HEAD: Final = 4_096
TAIL: Final = 65_536

_SAS_MARK: Final = bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
_ENCRYPTED_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")
#: What a file starts with, where no text could start like that.
_STARTS: Final = (
    (b"\x1f\x8b", kinds.GZIP),
    (b"ARROW1\x00\x00", kinds.ARROW),
    (b"\xfd7zXZ\x00", kinds.COMPRESSED),
    (b"\x28\xb5\x2f\xfd", kinds.COMPRESSED),
    (b"\x78\x01", kinds.COMPRESSED),
    (b"\x78\x5e", kinds.COMPRESSED),
    (b"\x78\x9c", kinds.COMPRESSED),
    (b"\x78\xda", kinds.COMPRESSED),
    (b"7z\xbc\xaf\x27\x1c", kinds.OTHER_ARCHIVE),
    (b"Rar!\x1a\x07", kinds.OTHER_ARCHIVE),
    (b"%PDF-", kinds.PDF),
    (b"\x7fELF", kinds.BINARY),
    (b"\x89PNG\r\n\x1a\n", kinds.IMAGE),
    (b"\xff\xd8\xff", kinds.IMAGE),
    (b"SQLite format 3\x00", kinds.SQLITE),
    (b"\x89HDF\r\n\x1a\n", kinds.HDF5),
    (b"\x93NUMPY", kinds.NUMPY),
    (b"\x00" * 12 + _SAS_MARK, kinds.SAS),
    (b"HEADER RECORD*******LIB", kinds.SAS),
    (b"<stata_dta>", kinds.STATA),
    (b"X\n\x00\x00\x00", kinds.R_DATA),
    (b"RDX2\nX\n\x00", kinds.R_DATA),
    (b"RDX3\nX\n\x00", kinds.R_DATA),
    (b"Obj\x01", kinds.AVRO),
)
#: Letters that a text could start with as well: they count only beside bytes that no text has.
_BINARY_STARTS: Final = (
    (b"PARE", kinds.LOCKED_PARQUET),
    (b"FEA1", kinds.OLD_FEATHER),
    (b"CBM1", kinds.CATBOOST),
    (b"binf", kinds.OLD_XGBOOST),
    (b"$FL2", kinds.SPSS),
    (b"$FL3", kinds.SPSS),
    (b"ORC", kinds.ORC),
)
_PATTERNS: Final = (
    (re.compile(rb"\x80[\x02-\x05]"), kinds.PICKLE),
    # The first protocols are text: a dict, a list or a global put together on a stack.
    (
        re.compile(
            rb"\((?:dp|lp)\d+\n|c(?:copy_reg|copyreg|builtins|__builtin__|numpy|sklearn|pandas)[\w.]*\n"
        ),
        kinds.PICKLE,
    ),
    (re.compile(rb"[\]}]q\x00"), kinds.PICKLE),
    (re.compile(rb"BZh[1-9]1AY&SY"), kinds.COMPRESSED),
    (re.compile(rb"tree\r?\nversion="), kinds.LIGHTGBM),
    (re.compile(rb"[\x69-\x73][\x01\x02]\x01\x00"), kinds.STATA),
    (re.compile(rb"\xff{4}[\x00-\xff]{3}\x00[\x04-\x40]\x00\x00\x00"), kinds.ARROW_STREAM),
)
_MARKUP_START: Final = re.compile(rb"<(\?xml|!|/?[a-zA-Z])")
#: Names of parts that tell archives apart, the more telling first.
_PARTS: Final = (
    (b"schema.json", kinds.SKOPS),
    (b"xl/workbook.bin", kinds.XLSB),
    (b"xl/workbook", kinds.XLSX),
    (b"word/document", kinds.OFFICE),
    (b"ppt/presentation", kinds.OFFICE),
    (b"opendocument.spreadsheet", kinds.ODS),
    (b"Index/Document.iwa", kinds.NUMBERS),
    (b"Index.zip", kinds.NUMBERS),
    (b"model.weights.h5", kinds.KERAS),
    (b"/data.pkl", kinds.TORCH),
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_MARKS: Final = b"\xef\xbb\xbf \t\r\n"


def _of_zip(view: memoryview, head: bytes) -> FileKind:
    """Tell archives apart by the names at their start and in the directory at their end."""
    names = head + bytes(view[-TAIL:])
    return next((kind for name, kind in _PARTS if name in names), kinds.ZIP)


def _of_office(view: memoryview) -> FileKind:
    """Tell an old Office file from a new one in a locked shell."""
    looked_at = bytes(view[: 2**20]) + bytes(view[-TAIL:])
    return kinds.LOCKED_OFFICE if _ENCRYPTED_PACKAGE in looked_at else kinds.XLS


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read one number of a protobuf message and where it ends; a damaged one is as large as it gets."""
    value = 0
    for i, byte in enumerate(data[at : at + 10]):
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return value, at + i + 1
    return 2**64, at + 10


def _is_onnx(head: bytes) -> bool:
    """Whether some bytes are a protobuf message with a version (field 1) and, at last, a graph (field 7)."""
    if head[:1] != b"\x08":
        return False
    at = 0
    while at < len(head):
        tag, at = _number(head, at)
        field, wire = tag >> 3, tag & 7
        if field == 7 and wire == 2:
            return True
        if field not in range(1, 27) or wire not in {0, 2}:
            return False
        size, at = _number(head, at)
        at += size if wire == 2 else 0
    return False


def _of_braces(head: bytes) -> FileKind:
    """Tell a JSON or UBJSON model from other JSON."""
    if b"learner" in head:
        return kinds.XGBOOST
    return kinds.JSON if head[1:].lstrip()[:1] in (b'"', b"{", b"[", b"}", b"]") else kinds.TEXT


def _of_text(head: bytes) -> FileKind:
    if not head.lstrip(_MARKS):
        return kinds.EMPTY
    if head.startswith(_UTF16_MARKS) or b"\x00" not in head:
        return kinds.TEXT
    # Every second byte of Latin text in UTF-16 is zero.
    pairs = head[: len(head) // 2 * 2]
    zeros = max(pairs[::2].count(0), pairs[1::2].count(0))
    return kinds.UTF16 if zeros * 4 > len(pairs) else kinds.BINARY


def _by_start(head: bytes) -> FileKind | None:
    """Name what shows in the first bytes."""
    starts = _STARTS + _BINARY_STARTS if b"\x00" in head else _STARTS
    found = next((kind for start, kind in starts if head.startswith(start)), None)
    if found is None:
        found = next((kind for pattern, kind in _PATTERNS if pattern.match(head)), None)
    if found is None and head[257:262] == b"ustar":
        return kinds.TAR
    return kinds.ONNX if found is None and _is_onnx(head) else found


def _by_shape(head: bytes) -> FileKind:
    """Tell kinds of text apart."""
    bare = head.lstrip(_MARKS)
    if _MARKUP_START.match(bare):
        return kinds.PMML if b"<PMML" in head else kinds.MARKUP
    return _of_braces(bare) if bare[:1] in (b"{", b"[") else _of_text(head)


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
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_zip(view, head)
    if head.startswith(_OLE):
        return _of_office(view)
    if head.startswith(b"PAR1"):
        return kinds.PARQUET
    return _by_start(head) or _by_shape(head)
