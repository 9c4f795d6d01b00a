"""Naming a file for what it is where a table is expected."""

from __future__ import annotations

from typing import Final

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.sniff import EMPTY, PICKLE, UTF16, FileKind, sniff

_PICKLE_TEXT: Final = (
    "This is a Python pickle file. Opening it would run code, so it is not accepted here. Save a table as CSV or "
    "Parquet, and a model as .skops: `skops.io.dump(model, 'model.skops')`."
)
_OTHER_TEXT: Final = {
    EMPTY: "The file is empty. Choose a CSV or Parquet file with a header and rows.",
    PICKLE: _PICKLE_TEXT,
    UTF16: "The file is UTF-16 text without its mark, so its letters are uncertain. Save it as UTF-8.",
}


def require_table(content: bytes | memoryview) -> FileKind:
    """Tell what a file is and refuse what is no table, from its bytes alone.

    Raises
    ------
    UnreadableFile
        Says what the file is and what to do; ``code`` is ``not_a_table``, ``empty_file`` or ``pickle``.
    """
    kind = sniff(content)
    if kind.slot == "table":
        return kind
    code = {EMPTY: "empty_file", PICKLE: "pickle"}.get(kind, "not_a_table")
    if kind in _OTHER_TEXT:
        msg = _OTHER_TEXT[kind]
    elif kind.slot == "model":
        msg = f"This is {kind.label}, not a table. Choose it as the model, and a CSV or Parquet file here."
    else:
        msg = f"This is {kind.label}, not a table that is read here. Save the table as CSV or Parquet."
    raise UnreadableFile(msg, code=code)
