"""What a file in the model slot is, by its first bytes; never by its name."""

from __future__ import annotations

from rai_dash.core.errors import RefusedModel
from rai_dash.models._base import MODEL_FORMATS

PICKLE = (
    "This is a Python pickle file. Opening one runs whatever code is in it, so it is not accepted here. "
    "Save the model as .skops instead: `skops.io.dump(model, 'model.skops')`."
)
_REFUSED: dict[str, str] = {
    "pickle": PICKLE,
    "compressed file": "This is a compressed file, perhaps a joblib dump. Upload the model itself as .skops or .ubj.",
    "LightGBM text": (
        "This is a LightGBM text model, which is not read yet. Put it into a scikit-learn pipeline saved as .skops, "
        "or upload a table with a score column."
    ),
    "CatBoost": "This is a CatBoost model, which is not read here. Upload a table with its scores as a column.",
    "ONNX": "This looks like an ONNX model, which is not read yet. Upload a table with its scores as a column.",
    "archive": (
        "This is a zip archive without a skops schema (perhaps a torch or keras model). "
        "Save a scikit-learn model as .skops, an XGBoost model as .ubj."
    ),
    "web page": "This is a web page or XML, not a model. Was the download a log-in page? Fetch the file again.",
    "Parquet table": "This is a Parquet table, not a model. Upload it as data.",
}


def _known_as(head: bytes) -> str | None:
    """Name a file that is no model of ours; None = nothing known."""
    starts = {
        b"\x1f\x8b": "compressed file",
        b"BZh": "compressed file",
        b"\xfd7zXZ": "compressed file",
        b"tree\n": "LightGBM text",
        b"CBM1": "CatBoost",
        b"PAR1": "Parquet table",
        b"PK\x03\x04": "archive",
        b"<": "web page",
    }
    if len(head) > 1 and head[0] == 0x80 and head[1] <= 5:
        return "pickle"
    for start, name in starts.items():
        if head.startswith(start):
            return name
    if head[:1] == b"\x08" and b"\x12" in head[:6]:
        return "ONNX"
    return None


def sniff_model(head: bytes) -> str | None:
    """Name the model format of a file.

    Parameters
    ----------
    head : bytes
        Its first bytes, 4,096 are plenty.

    Returns
    -------
    str or None
        A name of `MODEL_FORMATS`, or of something known that is not accepted; None = no model at all.
        Gzip and Parquet are tables until shown otherwise.
    """
    for name, entry in MODEL_FORMATS.items():
        if entry.sniff(head):
            return name
    known = _known_as(head)
    return None if known in {"compressed file", "Parquet table", "web page"} else known


def accepted_format(content: bytes) -> str:
    """Return the format of a model file, or refuse it by name with the way out.

    Raises
    ------
    RefusedModel
        When it is empty, something else, or not known.
    """
    head = bytes(content[:4096])
    if not head:
        msg = "The model file is empty. Save the model again."
        raise RefusedModel(msg)
    for name, entry in MODEL_FORMATS.items():
        if entry.sniff(head):
            return name
    known = _known_as(head)
    if known is not None:
        raise RefusedModel(_REFUSED[known], code="pickle" if known == "pickle" else "unknown_format")
    msg = (
        "This is not a model file that is read here. Accepted are XGBoost .ubj and .json, and scikit-learn .skops; "
        "or upload a table with a score column."
    )
    raise RefusedModel(msg, code="unknown_format")
