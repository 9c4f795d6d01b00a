"""The static review of a skops file: an archive whose schema may name types of our list only."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from dataclasses import dataclass

from rai_dash.models._skops.archive import DAMAGE, SCHEMA, Counter, checked_parts, refuse_damaged
from rai_dash.models._skops.schema import (
    Node,
    check_nodes,
    check_references,
    clear,
    full_name,
    lightgbm_text,
    parsed,
    unwrapped,
    walk,
)
from rai_dash.models._skops.types import LIGHTGBM
from rai_dash.models._xgboost import review as _xgboost_review


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A reviewed file.

    Parameters
    ----------
    types : list of str
        Full names of every type in it, all of them on our list.
    schema : dict
        Its schema, cleared; the only one that may be loaded.
    has_threshold : bool
        Whether it brought a threshold of its own.
    """

    types: list[str]
    schema: Node
    has_threshold: bool


def _check_boosters(archive: zipfile.ZipFile, schema: Node) -> None:
    """Send XGBoost and LightGBM models inside the file through the reviews of their own formats."""
    nodes = list(walk(schema))
    if any(str(n.get("__module__")).startswith("xgboost.") for n in nodes):
        for handle in (n for n in nodes if n["__loader__"] in {"BytearrayNode", "BytesNode"}):
            _xgboost_review.review_snapshot(archive.read(str(handle["file"])))
    for booster in (n for n in nodes if full_name(n) == LIGHTGBM and n["__loader__"] == "ObjectNode"):
        from rai_dash.models._lightgbm.review import review_text

        review_text(lightgbm_text(booster))


def reviewed(content: bytes) -> Reviewed:
    """Review a file without loading anything of it.

    Raises
    ------
    RefusedModel
        When the archive is damaged, too large, or names a type that is not on our list.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = checked_parts(archive, Counter())
            whole = parsed(archive.read(SCHEMA))
            check_references(whole, parts)
            schema, has_threshold = unwrapped(whole)
            clear(schema)
            types = check_nodes(schema, parts)
            _check_boosters(archive, schema)
    except DAMAGE:
        refuse_damaged("it is not a complete archive with a schema")
    return Reviewed(types, schema, has_threshold)


def cleared(content: bytes, schema: Node) -> bytes:
    """Return the file with the reviewed schema in the place of its own."""
    out = io.BytesIO()
    out.write(content)
    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as archive:
        warnings.simplefilter("ignore", UserWarning)  # of two parts with one name the last one counts
        archive.writestr(SCHEMA, json.dumps(schema))
    return out.getvalue()


def review(content: bytes) -> None:
    """Check a file without loading anything of it; see `reviewed`."""
    reviewed(content)
