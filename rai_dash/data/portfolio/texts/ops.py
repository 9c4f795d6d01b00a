"""Entry points of the separate process that reads a text table part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.data.options import ReadOptions
from rai_dash.data.portfolio.places import Place
from rai_dash.data.portfolio.texts.dialect import Dialect, layout_of_part, settle
from rai_dash.data.portfolio.texts.part import Resettled, TextPart
from rai_dash.data.reading.limits import TableLimits
from rai_dash.sandbox.arrow import table_to_ipc

Progress = Callable[[int, int, str], None]
Answer = tuple[dict[str, Any], list[memoryview]]


def _given(args: Mapping[str, Any]) -> tuple[Place, ReadOptions, TableLimits]:
    return Place.from_args(args["place"]), ReadOptions.from_args(args["options"]), TableLimits.from_args(args)


def settle_texts(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Settle how a table (``place``, ``options``, ``limits``) is read; returns its dialect, and notices."""
    dialect, notices = settle(*_given(args))
    return {"dialect": dialect.to_args(), "notices": [asdict(n) for n in notices]}, []


def start_text(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Begin to read ``part`` by the ``dialect``; returns ``extra`` columns, and whether its encoding is a guess."""
    place, options, limits = _given(args)
    part, dialect = args["part"], Dialect.from_args(args["dialect"])
    layout, extra = layout_of_part(place, part, dialect, options, limits)
    name = place.parts[part].name
    reader = TextPart(place.paths[part], name, dialect=dialect, layout=layout, options=options, limits=limits)
    state["text"], state["blocks"] = reader, reader.batches()
    return {"extra": list(extra), "is_guess": layout.is_guess}, []


def read_text(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Return the next rows as an Arrow stream; nothing at the end; columns that are settled anew as ``again``."""
    try:
        batch = next(state["blocks"], None)
    except Resettled as found:
        return {"again": [asdict(c) for c in found.columns]}, []
    except MemoryError:
        msg = tr(
            "Reading this table needs more memory than allowed. Ask the operator to raise "
            "RAI_DASH_PORTFOLIO_MEM_GB."
        )
        raise UnreadableFile(msg, code="too_large") from None
    read = {"bytes": state["text"].bytes_read}
    return read, [] if batch is None else [table_to_ipc(pa.Table.from_batches([batch]))]
