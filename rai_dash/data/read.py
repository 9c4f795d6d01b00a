"""Reading a table file: the app only looks at its bytes, a separate process parses them."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rai_dash.core.errors import UnreadableFile, WorkerFailed
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Notice, Roles
from rai_dash.data.dataset import Dataset
from rai_dash.data.limits import MEGABYTE, TableLimits
from rai_dash.data.refusals import require_table
from rai_dash.sandbox.arrow import frame_from_ipc
from rai_dash.sandbox.client import run_once

_NOTICES = TypeAdapter(tuple[Notice, ...])


def _content(source: str | Path | bytes) -> bytes:
    if isinstance(source, bytes):
        content = source
    else:
        try:
            content = Path(source).read_bytes()
        except OSError as error:
            msg = f"`{source}` cannot be read: {error.strerror}. Check the path."
            raise UnreadableFile(msg) from error
    limit = get_settings().max_upload_mb
    if len(content) > limit * MEGABYTE:
        msg = f"The file is larger than {limit:,} MB, the limit here. Ask the operator to raise RAI_DASH_MAX_UPLOAD_MB."
        raise UnreadableFile(msg, code="too_large")
    return content


def read_dataset(
    source: str | Path | bytes, roles: Roles | None = None, *, name: str | None = None
) -> Dataset:
    """Read a table in a separate process.

    Parameters
    ----------
    source : path or bytes
        CSV (also gzip) or Parquet; content decides, not the name.
    roles : Roles, optional
        What the columns are for; they can be given later with ``with_roles``.
    name : str, optional
        Name to show; the file name when omitted.

    Returns
    -------
    Dataset
        Its fingerprint is the sha256 of the file.

    Raises
    ------
    UnreadableFile
        When it is no table that can be read; says what was found, where, and what to do.
    MissingColumn, InvalidRoles
        When the roles do not fit.
    """
    content = _content(source)
    require_table(content)
    try:
        reply = run_once(
            "rai_dash.data.ops:parse_table",
            {"limits": TableLimits.from_settings().to_args()},
            [content],
            timeout=get_settings().load_timeout_s,
        )
        notices = _NOTICES.validate_python(reply.data["notices"])
    except (WorkerFailed, ValidationError, KeyError) as error:
        msg = (
            "Reading this table crashed or took too long. Only its own process was affected. "
            "Save it again as Parquet, or keep fewer rows."
        )
        raise UnreadableFile(msg, code="damaged_file") from error
    shown = name or (Path(source).name if isinstance(source, (str, Path)) else "table")
    return Dataset(
        frame=frame_from_ipc(reply.blobs[0]),
        roles=roles or Roles(),
        fingerprint=fingerprint_bytes(content),
        name=shown,
        warnings=notices,
    )
