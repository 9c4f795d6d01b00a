"""What several commands share: exit statuses, and how a table is to be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.options import ReadOptions

BROKEN, REFUSED, OUR_FAULT = 1, 2, 3
TABLE_HELP: Final = "CSV or other text (also in gzip or zip), Excel .xlsx, Parquet, Feather or Arrow."
MODEL_HELP: Final = (
    "scikit-learn .skops, XGBoost .ubj/.json, LightGBM .txt, .onnx, or a listed https address."
)

Reading = Annotated[
    list[str] | None,
    typer.Option(
        "--read",
        metavar="KEY=VALUE",
        help="How to read the table where the guess is wrong: part=SHEET, separator=;, decimal=, , encoding=cp1252, "
        "header=no, skip_lines=3, text=COLUMN, missing.COLUMN=?|NA (COLUMN * = all). Give it as often as needed.",
    ),
]
_PLAIN: Final = ("part", "encoding", "decimal")
_SEPARATORS: Final = {"tab": "\t", "\\t": "\t", "blank": " ", "comma": ",", "semicolon": ";", "bar": "|"}
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


def options_of(items: Sequence[str] | None) -> ReadOptions | None:
    """Build the reading options from ``KEY=VALUE`` texts; None where there are none.

    Raises
    ------
    InvalidChoice
        When a key is not known or a value makes no sense.
    """
    if not items:
        return None
    found: dict[str, Any] = {"text": (), "missing": {}}
    for item in items:
        key, sign, value = item.partition("=")
        if not sign:
            msg = f"--read {item} is not KEY=VALUE. Write for example --read separator=;"
            raise InvalidChoice(msg)
        _take(found, key.strip(), value)
    return ReadOptions(**found)


def _take(found: dict[str, Any], key: str, value: str) -> None:
    if key in _PLAIN:
        found[key] = value
    elif key == "separator":
        found[key] = _SEPARATORS.get(value.casefold(), value)
    elif key == "header" and value.casefold() in _YES | _NO:
        found[key] = value.casefold() in _YES
    elif key == "skip_lines" and value.isdecimal():
        found[key] = int(value)
    elif key == "text":
        found[key] = (*found[key], value)
    elif key.startswith("missing.") and value:
        found["missing"][key.removeprefix("missing.")] = tuple(value.split("|"))
    else:
        msg = (
            f"--read {key}={value} is not known. Keys are part, separator, decimal, encoding, header (yes or no), "
            "skip_lines (a number), text and missing.COLUMN."
        )
        raise InvalidChoice(msg)


def read_bytes(path: Path) -> bytes:
    """Read a small file of ours, such as roles.

    Raises
    ------
    InvalidChoice
        When there is none.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"`{path}` cannot be read: {error.strerror}. Check the path."
        raise InvalidChoice(msg) from error
