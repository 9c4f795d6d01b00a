"""The kinds of file that are told apart, what to call each, and the way out where it is no table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Slot = Literal["table", "model", "other"]

_EXPORT: Final = "Save the table as CSV or Parquet."
_AS_MODEL: Final = "Choose it as the model, and a CSV or Parquet file here."
_AS_SKOPS: Final = (
    "Save a table as CSV or Parquet; a model is accepted as .skops, .ubj, .txt (LightGBM) or .onnx."
)


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
    way_out : str
        What to do where a table was expected.
    """

    name: str
    label: str
    slot: Slot
    way_out: str = _EXPORT


EMPTY: Final = FileKind("empty", "an empty file", "other")
BINARY: Final = FileKind("binary", "a binary file", "other")

GZIP: Final = FileKind("gzip", "a gzip archive", "table")
ZIP: Final = FileKind("zip", "a zip archive", "table")
PARQUET: Final = FileKind("parquet", "a Parquet table", "table")
ARROW: Final = FileKind("arrow", "an Arrow or Feather file", "table")
ARROW_STREAM: Final = FileKind("arrow_stream", "an Arrow stream", "table")
XLSX: Final = FileKind("xlsx", "an Excel workbook", "table")
TEXT: Final = FileKind("text", "a text table", "table")

PICKLE: Final = FileKind("pickle", "a Python pickle file", "model")
SKOPS: Final = FileKind("skops", "a scikit-learn model saved with skops", "model", _AS_MODEL)
XGBOOST: Final = FileKind("xgboost", "an XGBoost model", "model", _AS_MODEL)
LIGHTGBM: Final = FileKind("lightgbm", "a LightGBM model", "model", _AS_MODEL)
ONNX: Final = FileKind("onnx", "an ONNX model", "model", _AS_MODEL)
CATBOOST: Final = FileKind("catboost", "a CatBoost model", "model", _AS_SKOPS)
OLD_XGBOOST: Final = FileKind("old_xgboost", "an XGBoost model in its old binary form", "model", _AS_SKOPS)
TORCH: Final = FileKind("torch", "a PyTorch file, which holds a Python pickle", "model", _AS_SKOPS)
KERAS: Final = FileKind("keras", "a Keras model", "model", _AS_SKOPS)
PMML: Final = FileKind("pmml", "a PMML model", "model", _AS_SKOPS)

_FROM_EXCEL: Final = "Open it in Excel and save it as .xlsx or CSV."
XLS: Final = FileKind("xls", "an old Office file, such as an Excel .xls", "other", _FROM_EXCEL)
LOCKED_OFFICE: Final = FileKind(
    "locked_office", "an Office file with a password", "other", "Save it without the password."
)
XLSB: Final = FileKind("xlsb", "a binary Excel workbook (.xlsb)", "other", _FROM_EXCEL)
ODS: Final = FileKind(
    "ods", "an OpenDocument spreadsheet (.ods)", "other", "Open it and save it as .xlsx or CSV."
)
NUMBERS: Final = FileKind(
    "numbers", "an Apple Numbers spreadsheet", "other", "Export it from Numbers as CSV or Excel."
)
OFFICE: Final = FileKind(
    "office",
    "a text document or presentation",
    "other",
    "Put the table in a sheet, and save it as .xlsx or CSV.",
)
OLD_FEATHER: Final = FileKind(
    "old_feather",
    "a Feather file of version 1",
    "other",
    "Write it again as version 2, `pyarrow.feather.write_feather(table, 'table.feather')`, or as Parquet.",
)
LOCKED_PARQUET: Final = FileKind(
    "locked_parquet", "an encrypted Parquet file", "other", "Write it again without encryption."
)
SQLITE: Final = FileKind(
    "sqlite", "an SQLite database", "other", "Export one of its tables as CSV or Parquet."
)
HDF5: Final = FileKind("hdf5", "an HDF5 file", "other")
NUMPY: Final = FileKind(
    "numpy", "a NumPy array", "other", "Save it with the names of its columns, as CSV or Parquet."
)
SAS: Final = FileKind("sas", "a SAS data file", "other", "Export it from SAS as CSV.")
STATA: Final = FileKind("stata", "a Stata data file", "other", "Export it from Stata as CSV.")
SPSS: Final = FileKind("spss", "an SPSS data file", "other", "Export it from SPSS as CSV.")
R_DATA: Final = FileKind(
    "r_data",
    "an R data file",
    "other",
    "Write it from R as CSV: `write.csv(table, 'table.csv', row.names = FALSE)`.",
)
ORC: Final = FileKind("orc", "an ORC table", "other")
AVRO: Final = FileKind("avro", "an Avro file", "other")
TAR: Final = FileKind(
    "tar", "a tar archive", "other", "Unpack it and choose the table itself, as CSV or Parquet."
)
OTHER_ARCHIVE: Final = FileKind(
    "archive", "a 7z or rar archive", "other", "Unpack it and choose the table itself, as CSV or Parquet."
)
COMPRESSED: Final = FileKind(
    "compressed",
    "a compressed file (zlib, bzip2, xz or zstd)",
    "other",
    "Unpack it, or pack the table with gzip instead.",
)
JSON: Final = FileKind("json", "a JSON file", "other")
MARKUP: Final = FileKind(
    "markup",
    "an HTML or XML file",
    "other",
    "Was the download a log-in page? Fetch it again, or save the table as CSV or Parquet.",
)
PDF: Final = FileKind("pdf", "a PDF document", "other")
IMAGE: Final = FileKind("image", "a picture", "other")
UTF16: Final = FileKind("utf16", "a UTF-16 text without its mark", "other")
