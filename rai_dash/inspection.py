"""What a file is, and whether it would be accepted: the same verdict for page and command line."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rai_dash.core.errors import InvalidChoice, RaiError, UnreadableFile
from rai_dash.core.files import read_limited
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Notice
from rai_dash.data.options import ReadOptions
from rai_dash.data.portfolio.places import find_place
from rai_dash.data.portfolio.size import can_be_counted, lies_outside

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset

Verdict = Literal["accept", "warn", "refuse"]
#: Findings that make a table doubtful; the others only describe it.
_DOUBTFUL = frozenset({"leak_suspect", "personal_data", "one_outcome"})


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
    parts, rows : int or None
        Files and rows of a table that is counted where it lies.
    """

    kind: Literal["data", "model"]
    format: str
    verdict: Verdict
    messages: tuple[dict[str, str], ...] = ()
    parts: int | None = None
    rows: int | None = None

    @property
    def what(self) -> str:
        """The format, with the files and rows of a table that is counted where it lies."""
        if self.parts is None or self.rows is None:
            return self.format
        files = "1 file" if self.parts == 1 else f"{self.parts:,} files"
        return f"{self.format}, {files} with {self.rows:,} rows, counted where they lie"

    def to_json(self) -> dict[str, object]:
        """Return plain values; what does not apply is left out."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def _messages(notices: tuple[Notice, ...]) -> tuple[dict[str, str], ...]:
    return tuple({"code": n.code, "message": n.message} for n in notices)


def inspect_file(path: Path, options: ReadOptions | None = None) -> Inspection:
    """Look at a file by its content, never by its name, and try it in its own process.

    Parameters
    ----------
    path : Path
        A data or model file, or a folder of files that are one table.
    options : ReadOptions, optional
        How a table is to be read.

    Raises
    ------
    UnreadableFile
        When there is no such file.
    """
    from rai_dash.data.reading.sniff import sniff
    from rai_dash.models.sniff import sniff_model

    if lies_outside(path):
        return _inspect_portfolio(path)
    content = read_limited(path, get_settings().max_file_mb, error=UnreadableFile)
    model_format = sniff_model(content)
    if model_format is not None:
        return _inspect_model(path, model_format)
    return _inspect_table(path, sniff(content).name, options)


def _inspect_model(path: Path, model_format: str) -> Inspection:
    from rai_dash.models.client import load_model

    try:
        with load_model(path) as model:
            notices, found = model.info.warnings, model.info.format
    except InvalidChoice as error:
        # Readable, but it does not say which class is good: an option away from being used.
        message = {"code": error.code, "message": error.message}
        return Inspection(kind="model", format=model_format, verdict="warn", messages=(message,))
    except RaiError as error:
        return _refused("model", model_format, error)
    verdict: Verdict = "warn" if notices else "accept"
    return Inspection(kind="model", format=found, verdict=verdict, messages=_messages(notices))


def _inspect_table(path: Path, table_format: str, options: ReadOptions | None) -> Inspection:
    """Read a table; what it tells beside that is listed, and only what rests on a guess is a warning."""
    from rai_dash.data.read import read_dataset

    try:
        dataset = read_dataset(path, options=options)
    except RaiError as error:
        if error.code == "too_large" and options is None and can_be_counted(path):
            return _inspect_portfolio(path)
        return _refused("data", table_format, error)
    return _inspect_dataset(dataset, table_format)


def _inspect_dataset(dataset: Dataset, table_format: str) -> Inspection:
    from rai_dash.data.findings import findings
    from rai_dash.data.roles import guess_roles

    told = findings(dataset.with_roles(guess_roles(dataset.frame).roles))
    doubtful = dataset.warnings or any(n.code in _DOUBTFUL for n in told)
    return Inspection(
        kind="data",
        format=table_format,
        verdict="warn" if doubtful else "accept",
        messages=_messages((*dataset.warnings, *told)),
    )


def _inspect_portfolio(path: Path) -> Inspection:
    """Open a table that is counted where it lies."""
    from rai_dash.data.portfolio.opening import dataset_of, open_portfolio

    table_format = "folder"
    try:
        place = find_place(path)
        table_format = place.format.value.casefold()
        portfolio = open_portfolio(path)
        found = _inspect_dataset(dataset_of(portfolio), table_format)
    except RaiError as error:
        return _refused("data", table_format, error)
    return replace(found, parts=len(place.parts), rows=portfolio.n_rows)


def _refused(kind: Literal["data", "model"], file_format: str, error: RaiError) -> Inspection:
    return Inspection(
        kind=kind,
        format=file_format,
        verdict="refuse",
        messages=({"code": error.code, "message": error.message},),
    )
