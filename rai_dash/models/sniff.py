"""What a file in the model slot is, by its content; never by its name."""

from __future__ import annotations

import io
import re
import zipfile

from rai_dash.core.errors import RefusedModel
from rai_dash.models._base import MODEL_FORMATS
from rai_dash.models.approval import APPROVED, is_approved

HEAD = 4096
_SCORES = "Upload a table with its scores as a column instead."
_ACCEPTED = (
    "Accepted are scikit-learn .skops, XGBoost .ubj and .json, LightGBM .txt and .onnx; or upload a table with a "
    "score column."
)
_REFUSED: dict[str, str] = {
    "pickle": "This is a Python pickle file. Opening it would run code, so it is not accepted here. Save the model as "
    ".skops: `skops.io.dump(model, 'model.skops')`, or run `rai-dash convert` on your own machine.",
    "compressed file": "This is a compressed file, perhaps a joblib dump, which may hold code. Save the model itself: "
    "`skops.io.dump(model, 'model.skops')` or `booster.save_model('model.ubj')`, or run `rai-dash convert` on your "
    "own machine.",
    "CatBoost": "This is a CatBoost model, which is not read here: damaged ones crash their own library. "
    + _SCORES,
    "old XGBoost": (
        "This is XGBoost's old binary form, which newer versions no longer read. Load it with the version that wrote "
        "it and save it again as .ubj."
    ),
    "ONNX": "This begins like an ONNX model and is none. Export it again, as one file. " + _SCORES,
    "torch": "This is a PyTorch file, which holds a pickle and so may run code. " + _SCORES,
    "keras": "This is a Keras model, which may hold code. " + _SCORES,
    "HDF5": "This is an HDF5 file, perhaps a Keras model, which may hold code. " + _SCORES,
    "NumPy array": "This is a NumPy array, not a model. " + _ACCEPTED,
    "archive": "This is a zip archive without a skops schema, not a model. " + _ACCEPTED,
    "Excel workbook": "This is an Excel workbook, not a model. Upload it as data.",
    "web page": "This is a web page or XML, not a model. Was the download a log-in page? Fetch the file again.",
    "PMML": "This is a PMML model, which is not read here: it is XML and needs a library of its own. "
    + _SCORES,
    "Arrow table": "This is an Arrow or Feather table, not a model. Upload it as data.",
    "Parquet table": "This is a Parquet table, not a model. Upload it as data.",
    "JSON": "This JSON file is not an XGBoost model. Save one with `booster.save_model('model.json')`.",
    "text table": "This is a text table, not a model file. Upload it as data.",
}
_STARTS = (
    (b"\x1f\x8b", "compressed file"),
    (b"BZh", "compressed file"),
    (b"\xfd7zXZ", "compressed file"),
    (b"\x28\xb5\x2f\xfd", "compressed file"),
    (b"\x78\x01", "compressed file"),
    (b"\x78\x5e", "compressed file"),
    (b"\x78\x9c", "compressed file"),
    (b"\x78\xda", "compressed file"),
    (b"CBM1", "CatBoost"),
    (b"binf", "old XGBoost"),
    (b"\x89HDF\r\n", "HDF5"),
    (b"\x93NUMPY", "NumPy array"),
    (b"PAR1", "Parquet table"),
    (b"ARROW1", "Arrow table"),
    (b"PK\x03\x04", "archive"),
    (b"<", "web page"),
)
#: Names of parts that tell archives apart.
_PARTS = (("data.pkl", "torch"), ("model.weights.h5", "keras"), ("xl/workbook.xml", "Excel workbook"))
#: The first protocols of pickle are text: a global, a dict, a list or a tuple put together on a stack.
_OLD_PICKLE = re.compile(rb"(c[\w.]+\n[\w.]+\n|\((dp|lp|i[\w.]+\n)|\]q\x00|\}q\x00)")
#: What the table reader is left to judge.
_TABLES = frozenset(
    {"compressed file", "Arrow table", "Parquet table", "web page", "archive", "Excel workbook", "text table"}
)


def _known_as(head: bytes) -> str | None:
    """Name a file that is no model of ours; None = nothing known."""
    if (head[:1] == b"\x80" and head[1:2] in {b"\x02", b"\x03", b"\x04", b"\x05"}) or _OLD_PICKLE.match(head):
        return "pickle"
    if head.startswith(b"<") and b"<PMML" in head:
        return "PMML"
    for start, name in _STARTS:
        if head.startswith(start):
            return (
                next((n for part, n in _PARTS if part.encode() in head), name) if name == "archive" else name
            )
    if head[:1] == b"\x08" and b"\x12" in head[:6]:
        return "ONNX"
    bare = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if bare[:1] in {b"{", b"["} and b"\x00" not in head:
        return "JSON"
    return "text table" if head and b"\x00" not in head and b"\n" in head else None


def _format(head: bytes) -> str | None:
    return next((name for name, entry in MODEL_FORMATS.items() if entry.sniff(head)), None)


def _parts_of(content: bytes) -> list[str]:
    """List the parts of an archive; empty where it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        return []


def _archive(content: bytes) -> str | None:
    """Tell whole archives apart by their parts; None = a skops file, or too damaged to tell."""
    parts = _parts_of(content)
    if not parts or "schema.json" in parts:
        return None
    return next((n for end, n in _PARTS if any(p.endswith(end) for p in parts)), "archive")


_CODES = {
    "pickle": "pickle",
    **dict.fromkeys(("Arrow table", "Excel workbook", "Parquet table", "text table"), "table_not_model"),
}
#: What `kind_of` calls files that may be pickles: joblib compresses some.
PICKLED = frozenset({"pickle", "compressed file"})


def kind_of(content: bytes) -> str | None:
    """Name what a file in the model slot is: an accepted format, or something known; None = neither."""
    head = bytes(content[:HEAD])
    is_archive = head.startswith(b"PK\x03\x04")
    known = _archive(content) if is_archive else None
    if known is not None:
        return known
    found = "skops" if is_archive and _parts_of(content) else _format(head)
    return found or _known_as(head)


def sniff_model(content: bytes) -> str | None:
    """Name what a file is if it is a model, accepted or not.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    str or None
        A name of `MODEL_FORMATS`, or of something known that is not accepted; None = no model at all.
        Tables, archives and compressed files are left to the reader of tables.
    """
    found = kind_of(content)
    return None if found in _TABLES else found


def accepted_format(content: bytes) -> str:
    """Return the format of a model file, or refuse it by name with the way out.

    Raises
    ------
    RefusedModel
        When it is empty, something else, or not known.
    """
    if not content:
        msg = "The model file is empty. Save the model again."
        raise RefusedModel(msg, code="unknown_format")
    kind = kind_of(content)
    if kind is not None and kind in MODEL_FORMATS and kind != APPROVED:
        return kind
    if kind in PICKLED and is_approved(content):
        return APPROVED
    if kind is not None:
        raise RefusedModel(_REFUSED[kind], code=_CODES.get(kind, "unknown_format"))
    msg = f"This is not a model file that is read here. {_ACCEPTED}"
    raise RefusedModel(msg, code="unknown_format")
