"""Reading a table file: the app only looks at its bytes, a separate process parses them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from rai_dash.core.errors import UnreadableFile, WorkerFailed
from rai_dash.core.files import read_limited
from rai_dash.core.fingerprint import fingerprint_bytes, fingerprint_value
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import KEPT, spoken
from rai_dash.core.types import Notice, Roles
from rai_dash.data.dataset import Dataset
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading.answer import checked_frame, nonsense
from rai_dash.data.reading.limits import TableLimits
from rai_dash.data.reading.refusals import require_table
from rai_dash.sandbox.client import Child, run_once
from rai_dash.sandbox.spawn import expect

PARSE, LIST_PARTS = "rai_dash.data.ops:parse_table", "rai_dash.data.ops:list_parts"
expect("rai_dash.data.ops")
_PARTS = TypeAdapter(tuple[str, ...])
_GUESS: Final = ReadOptions()


def _fingerprint(content: bytes, options: ReadOptions) -> str:
    """Fingerprint what the table rests on: the file, and how it was read where that was chosen."""
    file = fingerprint_bytes(content)
    return file if options.is_default else fingerprint_value({"file": file, "options": options.to_args()})


def _failed(error: WorkerFailed) -> WorkerFailed | UnreadableFile:
    """Say how reading failed; a process that could not even start is not the fault of the file."""
    if error.code == "no_worker":
        return error
    if error.code == "worker_memory":
        msg = f"Reading this table needs more memory than allowed. {error.message}"
        return UnreadableFile(msg, code="too_large")
    msg = (
        f"Reading this table crashed or ran past {get_settings().load_timeout_s:g} s. Only its own process was "
        "affected; the file is refused as damaged. Save it again as Parquet, or keep fewer rows."
    )
    return UnreadableFile(msg, code="damaged_file")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFile:
    """A table file as it was read.

    Parameters
    ----------
    dataset : Dataset
        The table, without roles.
    format : str
        What the file is.
    parts : tuple of str
        Sheets of the workbook or tables of the archive; empty where there is nothing to choose.
    part : str or None
        The one that was read.
    """

    dataset: Dataset
    format: str
    parts: tuple[str, ...] = ()
    part: str | None = None


class _Answer(BaseModel):
    """What the other process says beside the table."""

    notices: tuple[Notice, ...]
    format: str = Field(max_length=100)
    parts: tuple[str, ...] = ()
    part: str | None = None


def _content(source: str | Path | bytes) -> bytes:
    """Take the bytes of an upload, or of a file by its path, which may be larger."""
    settings = get_settings()
    limit = settings.max_upload_mb if isinstance(source, bytes) else settings.max_file_mb
    return read_limited(source, limit, error=UnreadableFile)


@spoken(KEPT)
def read_table(
    source: str | Path | bytes,
    *,
    name: str | None = None,
    options: ReadOptions | None = None,
    reader: Child | None = None,
) -> TableFile:
    """Read a table in a separate process, and say what else the file holds.

    Parameters
    ----------
    source : path or bytes
        CSV and its kin, Parquet, Arrow or Feather, each also in gzip or a zip archive, or an Excel workbook;
        content decides, not the name.
    name : str, optional
        Name to show; the file name when omitted.
    options : ReadOptions, optional
        How to read it, where the guess was wrong.
    reader : Child, optional
        A process that read other files of the same origin; one for this file alone when omitted.

    Raises
    ------
    UnreadableFile
        When it is no table that can be read; says what was found, where, and what to do.
    """
    chosen = options or _GUESS
    content = _content(source)
    require_table(content, chosen)
    limits = TableLimits.from_settings()
    args = {"limits": limits.to_args(), "options": chosen.to_args()}
    try:
        ask = run_once if reader is None else reader.call
        reply = ask(PARSE, args, [content], timeout=get_settings().load_timeout_s)
        answer = _Answer.model_validate(reply.data)
    except WorkerFailed as error:
        raise _failed(error) from error
    except ValidationError:
        raise nonsense() from None
    shown = name or (Path(source).name if isinstance(source, (str, Path)) else "table")
    dataset = Dataset(
        frame=checked_frame(reply.blobs, limits),
        roles=Roles(),
        fingerprint=_fingerprint(content, chosen),
        name=shown,
        warnings=answer.notices,
    )
    return TableFile(dataset=dataset, format=answer.format, parts=answer.parts, part=answer.part)


@spoken(KEPT)
def read_dataset(
    source: str | Path | bytes,
    roles: Roles | None = None,
    *,
    name: str | None = None,
    options: ReadOptions | None = None,
    reader: Child | None = None,
) -> Dataset:
    """Read a table in a separate process; see `read_table` for ``source``, ``name``, ``options`` and ``reader``.

    Parameters
    ----------
    source : path or bytes
        The file.
    roles : Roles, optional
        What the columns are for; they can be given later with ``with_roles``.
    name : str, optional
        Name to show; the file name when omitted.
    options : ReadOptions, optional
        How to read it, where the guess was wrong.
    reader : Child, optional
        A process that read other files of the same origin.

    Returns
    -------
    Dataset
        Its fingerprint is the sha256 of the file, together with the options where some are chosen.

    Raises
    ------
    UnreadableFile
        When it is no table that can be read; says what was found, where, and what to do.
    MissingColumn, InvalidRoles
        When the roles do not fit.
    """
    dataset = read_table(source, name=name, options=options, reader=reader).dataset
    return dataset if roles is None else dataset.with_roles(roles)


def parts_of(source: str | Path | bytes) -> tuple[str, ...]:
    """Name the sheets of a workbook or the tables of a zip archive; empty for other files.

    Raises
    ------
    UnreadableFile
        When the file is damaged or not allowed.
    """
    args = {"limits": TableLimits.from_settings().to_args()}
    try:
        reply = run_once(LIST_PARTS, args, [_content(source)], timeout=get_settings().load_timeout_s)
        found: tuple[str, ...] = _PARTS.validate_python(reply.data["parts"])
    except WorkerFailed as error:
        raise _failed(error) from error
    except (ValidationError, KeyError):
        raise nonsense() from None
    return found
