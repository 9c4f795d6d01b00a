"""Naming a file for what it is where a table is expected."""

from __future__ import annotations

from typing import Final

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading.kinds import EMPTY, PICKLE, TEXT, UTF16, FileKind
from rai_dash.data.reading.sniff import sniff

PICKLE_TEXT: Final = (
    "This is a Python pickle file. Opening it would run code, so it is not accepted here. Save a table as CSV or "
    "Parquet, and a model as .skops: `skops.io.dump(model, 'model.skops')`, or run `rai-dash convert` on your own "
    "machine."
)
_OTHER_TEXT: Final = {
    EMPTY: "The file is empty. Choose a CSV or Parquet file with a header and rows.",
    PICKLE: PICKLE_TEXT,
    UTF16: (
        "The file is UTF-16 text without its mark, so its letters are uncertain. Save it as UTF-8, or choose UTF-16 as "
        "its encoding."
    ),
}
_GUESS: Final = ReadOptions()
_CODES: Final = {EMPTY: "empty_file", PICKLE: "pickle"}


def no_table(kind: FileKind) -> UnreadableFile:
    """Say what a file is that is no table, and what to do."""
    is_model = kind.slot == "model"
    code = _CODES.get(kind, "model_not_table" if is_model else "not_a_table")
    what = "not a table" if is_model else "not a table that is read here"
    msg = _OTHER_TEXT.get(kind) or f"This is {kind.label}, {what}. {kind.way_out}"
    return UnreadableFile(msg, code=code)


def table_kind(content: bytes | memoryview, options: ReadOptions = _GUESS) -> FileKind:
    """Tell what a file is; a text in UTF-16 without its mark is a table once that encoding is chosen."""
    kind = sniff(content)
    return TEXT if kind == UTF16 and options.encoding == "utf-16" else kind


def require_table(content: bytes | memoryview, options: ReadOptions = _GUESS) -> FileKind:
    """Tell what a file is and refuse what is no table, from its bytes alone.

    Parameters
    ----------
    content : bytes
        The whole file.
    options : ReadOptions
        ``encoding`` is used.

    Raises
    ------
    UnreadableFile
        Says what the file is and what to do; ``code`` is ``not_a_table``, ``model_not_table``, ``empty_file`` or
        ``pickle``.
    """
    kind = table_kind(content, options)
    if kind.slot != "table":
        raise no_table(kind)
    return kind
