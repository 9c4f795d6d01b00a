"""The static review of a skops file: an archive whose schema may name types of our list only."""

from __future__ import annotations

import io
import json
import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, NoReturn

from numpy.lib import format as npy

from rai_dash.core.errors import RefusedModel
from rai_dash.core.settings import get_settings
from rai_dash.models import _xgboost_review
from rai_dash.models._skops_types import ALLOWED, CHECK_ARRAY

MAX_DEPTH = 400
SCHEMA = "schema.json"
#: Longest header of an array that is read; NumPy's own limit is of this size.
_HEADER = 1 << 14


def refuse_damaged(what: str) -> NoReturn:
    """Refuse a damaged archive."""
    msg = f"This skops file is damaged: {what}. Save the model again with `skops.io.dump(model, 'model.skops')`."
    raise RefusedModel(
        msg,
        code="damaged_model",
    )


def _checked_members(archive: zipfile.ZipFile) -> None:
    """Check names, links, encryption and the real expanded size."""
    limit = get_settings().max_expanded_mb * 1024 * 1024
    names = [m.filename for m in archive.infolist()]
    if len(set(names)) != len(names):
        refuse_damaged("a part is in it twice")
    total = 0
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in member.filename or member.flag_bits & 1:
            refuse_damaged("a part has a name that leads outside, or is encrypted")
        size, head = 0, b""
        with archive.open(member) as stream:
            while chunk := stream.read(1 << 20):
                head, size = head or chunk[:_HEADER], size + len(chunk)
                if total + size > limit:
                    msg = f"The model is more than {get_settings().max_expanded_mb:,} MB when unpacked, the limit here."
                    raise RefusedModel(msg, code="too_large")
        total += size
        if member.filename.endswith(".npy"):
            _check_array(head, size)


def _check_array(head: bytes, size: int) -> None:
    """Check that an array declares no more numbers than follow, and no Python objects."""
    stream = io.BytesIO(head)
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(stream)
    declared = math.prod(shape) * dtype.itemsize
    if dtype.hasobject or min(shape, default=0) < 0 or declared != size - stream.tell():
        refuse_damaged("an array declares another size than it has")


def _nodes(schema: object) -> Iterator[dict[str, Any]]:
    """Walk all typed nodes without recursion."""
    waiting: list[tuple[object, int]] = [(schema, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            refuse_damaged(f"it is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, dict):
            if "__class__" in value:
                yield value
            waiting += [(v, depth + 1) for v in value.values()]
        elif isinstance(value, list):
            waiting += [(v, depth + 1) for v in value]


def _check_node(node: dict[str, Any]) -> str:
    """Return the full name of a node's type, or refuse it."""
    module, name, loader = (str(node.get(k, "")) for k in ("__module__", "__class__", "__loader__"))
    full = f"{module}.{name}"
    if loader == "PartialNode":
        func = node.get("content", {}).get("func", {})
        inner = f"{func.get('__module__')}.{func.get('__class__')}"
        if inner != CHECK_ARRAY or func.get("__loader__") != "FunctionNode":
            _refuse_foreign(f"{full} of {inner}")
        return full
    known = ALLOWED.get(loader)
    if known is None or not known.fullmatch(full):
        _refuse_foreign(full)
    return full


def _refuse_foreign(full: str) -> NoReturn:
    msg = (
        f"The model uses `{full[:200]}`, which is not on the list of types that are loaded here. Replace it by a "
        "scikit-learn transformer, or upload a table with a score column."
    )
    raise RefusedModel(
        msg,
        code="foreign_type",
    )


def _check_boosters(archive: zipfile.ZipFile, nodes: list[dict[str, Any]]) -> None:
    """Send an XGBoost model inside the file through the review of its own format."""
    handles = [n for n in nodes if n.get("__loader__") in {"BytearrayNode", "BytesNode"}]
    boosters = [n for n in nodes if n.get("__module__") == "xgboost.core"]
    if not boosters:
        return
    if not handles:
        refuse_damaged("its XGBoost model is missing")
    for handle in handles:
        _xgboost_review.review_snapshot(archive.read(str(handle["file"])))


def allowed_types(content: bytes) -> list[str]:
    """Review a file and return the full names of every type in it, all of them on our list.

    Raises
    ------
    RefusedModel
        When the archive is damaged, too large, or names another type.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _checked_members(archive)
            schema = json.loads(archive.read(SCHEMA))
            nodes = list(_nodes(schema))
            found = sorted({_check_node(node) for node in nodes})
            _check_boosters(archive, nodes)
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        NotImplementedError,
        EOFError,
        OSError,
        RecursionError,
        AttributeError,
        TypeError,
        SyntaxError,
        tokenize.TokenError,  # NumPy reads the header of an array as Python text
        zlib.error,
    ):
        refuse_damaged("it is not a complete archive with a schema")
    return found


def review(content: bytes) -> None:
    """Check a file without loading anything of it; see `allowed_types`."""
    allowed_types(content)
