"""Turning a pickled model into a skops file, on the analyst's own machine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from rai_dash.core.errors import RefusedModel, WorkerFailed
from rai_dash.core.files import read_limited
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.core.types import ModelInfo
from rai_dash.data.reading.sniff import sniff
from rai_dash.models.sniff import PICKLED
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.sandbox.client import Reply, run_once

_INFO = TypeAdapter(ModelInfo)


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A skops file made of a pickle.

    Parameters
    ----------
    content : bytes
        The file.
    family : str
        What kind of model it is.
    features : tuple of str
        Its columns, in order.
    rows : int
        Rows on which both were compared.
    largest_difference : float
        Largest difference of their probabilities there.
    warnings : tuple of str
        What the libraries said when the pickle was opened.
    """

    content: bytes
    family: str
    features: tuple[str, ...]
    rows: int
    largest_difference: float
    warnings: tuple[str, ...]


def convert_pickle(source: str | Path | bytes, *, check: pd.DataFrame | None = None) -> Converted:
    """Turn a pickle or joblib file into a skops file that is accepted here.

    Opening a pickle runs its code. It runs in the locked process, and still: only do this with your own file.

    Parameters
    ----------
    source : path or bytes
        The pickle.
    check : DataFrame, optional
        Rows on which both models are compared; made-up ones when omitted.

    Raises
    ------
    RefusedModel
        When it is no pickle, cannot be opened, or holds what a skops file may not.
    """
    content = read_limited(source, get_settings().max_file_mb, error=RefusedModel)
    if sniff(content) not in PICKLED:
        msg = tr(
            "This is not a pickle or joblib file, so there is nothing to convert. Try it with rai-dash "
            "inspect."
        )
        raise RefusedModel(msg, code="unknown_format")
    rows = [] if check is None else [frame_to_ipc(check)]
    try:
        reply = run_once(
            "rai_dash.models.unpickle:convert", {}, [content, *rows], timeout=get_settings().call_timeout_s
        )
    except WorkerFailed as error:
        msg = tr(
            "Opening this pickle crashed, took too long, or tried what its locked process may not do. "
            "Only that process was affected; nothing was written."
        )
        raise RefusedModel(msg, code="damaged_model") from error
    return _converted(reply)


def _converted(reply: Reply) -> Converted:
    """Check what the process sent: what ran in it could be hostile."""
    try:
        info = _INFO.validate_python(reply.data["info"])
        rows, largest = int(reply.data["rows"]), float(reply.data["largest_difference"])
        said = tuple(str(text)[:300] for text in reply.data["warnings"][:5])
        content = reply.blobs[0]
    except (ValidationError, KeyError, IndexError, TypeError, ValueError) as error:
        msg = tr(
            "The process that opened this pickle answered with something that makes no sense. Nothing was "
            "written."
        )
        raise RefusedModel(msg, code="damaged_model") from error
    if not math.isfinite(largest):
        msg = tr("The converted model gives no number where the pickled one does. Nothing was written.")
        raise RefusedModel(msg, code="no_number")
    return Converted(
        content=content,
        family=info.family,
        features=info.feature_names,
        rows=rows,
        largest_difference=largest,
        warnings=said,
    )
