"""What a file in the model slot is, by its content; never by its name."""

from __future__ import annotations

from typing import Final

from rai_dash.core.errors import RefusedModel
from rai_dash.data.reading import kinds
from rai_dash.data.reading.kinds import FileKind
from rai_dash.data.reading.sniff import HEAD, sniff
from rai_dash.models._base import MODEL_FORMATS
from rai_dash.models.approval import APPROVED, is_approved

_SCORES: Final = "Upload a table with its scores as a column instead."
_ACCEPTED: Final = (
    "Accepted are scikit-learn .skops, XGBoost .ubj and .json, LightGBM .txt and .onnx; or upload a table with a "
    "score column."
)
#: Files that may be pickles: joblib compresses some.
PICKLED: Final = frozenset({kinds.PICKLE, kinds.COMPRESSED, kinds.GZIP})
_PACKED: Final = (
    "This is a compressed file, perhaps a joblib dump, which may hold code. Save the model itself: "
    "`skops.io.dump(model, 'model.skops')` or `booster.save_model('model.ubj')`, or run `rai-dash convert` on your "
    "own machine."
)
_REFUSED: Final = {
    kinds.EMPTY: "The model file is empty. Save the model again.",
    kinds.PICKLE: "This is a Python pickle file. Opening it would run code, so it is not accepted here. Save the model "
    "as .skops: `skops.io.dump(model, 'model.skops')`, or run `rai-dash convert` on your own machine.",
    kinds.COMPRESSED: _PACKED,
    kinds.GZIP: _PACKED,
    kinds.ZIP: "This is a zip archive without a skops schema, not a model. " + _ACCEPTED,
    kinds.CATBOOST: "This is a CatBoost model, which is not read here: damaged ones crash their own library. "
    + _SCORES,
    kinds.OLD_XGBOOST: "This is XGBoost's old binary form, which newer versions no longer read. Load it with the "
    "version that wrote it and save it again as .ubj.",
    kinds.ONNX: "This begins like an ONNX model and is none. Export it again, as one file. " + _SCORES,
    kinds.TORCH: "This is a PyTorch file, which holds a pickle and so may run code. " + _SCORES,
    kinds.KERAS: "This is a Keras model, which may hold code. " + _SCORES,
    kinds.PMML: "This is a PMML model, which is not read here. " + _SCORES,
    kinds.HDF5: "This is an HDF5 file, perhaps a Keras model, which may hold code. " + _SCORES,
    kinds.NUMPY: "This is a NumPy array, not a model. " + _ACCEPTED,
    kinds.JSON: "This JSON file is not an XGBoost model. Save one with `booster.save_model('model.json')`.",
    kinds.MARKUP: "This is a web page or XML, not a model. Was the download a log-in page? Fetch the file again.",
    kinds.TEXT: "This is a text table, not a model file. Upload it as data.",
    kinds.BINARY: f"This is not a model file that is read here. {_ACCEPTED}",
}
#: Wrappings that are left to the reader of tables where nobody said that a model is meant.
_AMBIGUOUS: Final = frozenset({kinds.COMPRESSED, kinds.GZIP, kinds.ZIP})
#: Named as models although no table reader would take them for one.
_MODEL_LIKE: Final = frozenset({kinds.HDF5, kinds.NUMPY, kinds.JSON})


def _format(content: bytes, kind: FileKind) -> str | None:
    """Return the accepted format that takes a file; archives of another kind are nobody's."""
    if kind == kinds.SKOPS:
        return "skops"
    if kind.slot == "table" and kind not in {kinds.ZIP, kinds.TEXT}:
        return None
    head = bytes(content[:HEAD])
    return next((name for name, entry in MODEL_FORMATS.items() if entry.sniff(head)), None)


def sniff_model(content: bytes) -> str | None:
    """Name what a file is if it is a model, accepted or not.

    Parameters
    ----------
    content : bytes
        The whole file; only its first and last bytes are looked at.

    Returns
    -------
    str or None
        A name of `MODEL_FORMATS`, or of a `FileKind` that is not accepted; None = no model at all. Tables,
        archives and compressed files are left to the reader of tables.
    """
    kind = sniff(content)
    found = _format(content, kind)
    if found is not None:
        return found
    return kind.name if kind.slot == "model" or kind in _MODEL_LIKE else None


def accepted_format(content: bytes) -> str:
    """Return the format of a model file, or refuse it by name with the way out.

    Raises
    ------
    RefusedModel
        When it is empty, something else, or not known; ``code`` is ``pickle``, ``table_not_model`` or
        ``unknown_format``.
    """
    kind = sniff(content)
    found = _format(content, kind)
    if found is not None:
        return found
    if kind in PICKLED and is_approved(content):
        return APPROVED
    code = "unknown_format"
    if kind == kinds.PICKLE:
        code = "pickle"
    elif kind.slot == "table" and kind not in _AMBIGUOUS:
        code = "table_not_model"
    is_table = code == "table_not_model"
    other = f"This is {kind.label}, not a model. {'Upload it as data.' if is_table else _ACCEPTED}"
    raise RefusedModel(_REFUSED.get(kind, other), code=code)
