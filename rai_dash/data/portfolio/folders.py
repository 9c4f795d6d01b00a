"""Columns in the names of folders: ``year=2024/month=05/part.parquet``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import unquote

import pyarrow as pa

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.data.reading.numerals import as_number

#: Stands in the name of a folder where the value is blank.
NO_FOLDER: Final = "__HIVE_DEFAULT_PARTITION__"


def folder_columns(parts: Sequence[str]) -> dict[str, str]:
    """Read the columns in the names of the folders, and settle their types as SQL names them.

    Raises
    ------
    UnreadableFile
        When the folders of two parts do not name the same columns.
    """
    by_part = [folder_values(part) for part in parts]
    keys = tuple(by_part[0])
    for part, pairs in zip(parts, by_part, strict=True):
        if tuple(pairs) != keys:
            msg = tr(
                "The folders of `{part}` do not name the same columns as those of `{parts}`. Put every "
                "part in folders of the same kind, such as year=2024.",
                part=part,
                parts=parts[0],
            )
            raise UnreadableFile(msg, code="unlike_parts")
    return {key: _folder_type([pairs[key] for pairs in by_part]) for key in keys}


def folder_values(name: str) -> dict[str, str]:
    """Take the names and values out of ``year=2024/month=05/part.parquet``."""
    folders = (folder.partition("=") for folder in name.split("/")[:-1])
    return {unquote(key): unquote(value) for key, sign, value in folders if sign}


def _folder_type(values: Sequence[str]) -> str:
    """Read values of folders as cells of a text table are: numbers, unless they begin with 0."""
    known = pa.array([v for v in dict.fromkeys(values) if v != NO_FOLDER], pa.large_string())
    numbers: Any = as_number(known) if len(known) else None
    if numbers is None:
        return "VARCHAR"
    return "BIGINT" if pa.types.is_integer(numbers.type) else "DOUBLE"
