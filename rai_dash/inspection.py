"""What a file is, and whether it would be accepted: the same verdict for page and command line."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rai_dash.core.errors import InvalidChoice, RaiError, UnreadableFile
from rai_dash.core.types import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """The verdict on a file.

    Parameters
    ----------
    kind : str
        ``"data"`` or ``"model"``.
    format : str
        What its content is, for example ``"text"``, ``"gzip"``, ``"parquet"``, ``"xgboost"``, ``"skops"``.
    verdict : str
        ``"accept"``, ``"warn"`` (a number rests on a guess) or ``"refuse"``.
    messages : tuple of dict
        ``{code, message}`` each.
    """

    kind: Literal["data", "model"]
    format: str
    verdict: Literal["accept", "warn", "refuse"]
    messages: tuple[dict[str, str], ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


def _messages(notices: tuple[Notice, ...]) -> tuple[dict[str, str], ...]:
    return tuple({"code": n.code, "message": n.message} for n in notices)


def inspect_file(path: Path) -> Inspection:
    """Look at a file by its content, never by its name, and try it in its own process.

    Raises
    ------
    UnreadableFile
        When there is no such file.
    """
    from rai_dash.data.read import read_dataset
    from rai_dash.data.sniff import sniff
    from rai_dash.models.client import load_model
    from rai_dash.models.sniff import sniff_model

    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        msg = f"`{path}` cannot be read: {error.strerror}. Check the path."
        raise UnreadableFile(msg) from error
    model_format = sniff_model(head)
    if model_format is not None:
        try:
            with load_model(path) as model:
                notices = model.info.warnings
        except InvalidChoice as error:
            # Readable, but it does not say which class is good: an option away from being used.
            message = {"code": error.code, "message": error.message}
            return Inspection(kind="model", format=model_format, verdict="warn", messages=(message,))
        except RaiError as error:
            return _refused("model", model_format, error)
        return Inspection(
            kind="model",
            format=model.info.format,
            verdict="warn" if notices else "accept",
            messages=_messages(notices),
        )
    table_format = sniff(head).name
    try:
        dataset = read_dataset(path)
    except RaiError as error:
        return _refused("data", table_format, error)
    return Inspection(
        kind="data",
        format=table_format,
        verdict="warn" if dataset.warnings else "accept",
        messages=_messages(dataset.warnings),
    )


def _refused(kind: Literal["data", "model"], file_format: str, error: RaiError) -> Inspection:
    return Inspection(
        kind=kind,
        format=file_format,
        verdict="refuse",
        messages=({"code": error.code, "message": error.message},),
    )
