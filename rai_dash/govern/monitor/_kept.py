"""What stands beside the chain about a batch: its report, its counts, and its rows where the operator keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rai_dash.core.errors import LedgerBroken
from rai_dash.core.settings import get_settings
from rai_dash.govern import artifacts
from rai_dash.govern.journal import JournalWork
from rai_dash.govern.monitor.counting import Batch
from rai_dash.sandbox.arrow import frame_from_ipc, frame_to_ipc

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from rai_dash.govern.store import Store


def put_json(work: JournalWork, kind: str, content: Mapping[str, Any]) -> str:
    """Keep plain values for good; the same ones always give the same hash."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return artifacts.put(work.writing.connection, kind, text.encode(), at=work.at)


def get_json(store: Store, sha256: str) -> dict[str, Any]:
    """Return plain values that were kept.

    Raises
    ------
    LedgerBroken
        When they are gone: nothing removes them.
    """
    with store.reading() as connection:
        content = artifacts.get(connection, sha256)
    if content is None:
        msg = (
            "What the record of a batch rests on is missing from the store. Tell your operator to verify it."
        )
        raise LedgerBroken(msg)
    found: dict[str, Any] = json.loads(content)
    return found


def put_rows(work: JournalWork, batch: Batch) -> str | None:
    """Keep the rows with their scores for as many days as the settings say; None where they are not to be kept."""
    settings = get_settings()
    if not settings.keep_batch_rows:
        return None
    name = "score"
    while name in batch.frame.columns:
        name += "_"
    content = frame_to_ipc(batch.frame.assign(**{name: batch.score}))
    return artifacts.put(work.writing.connection, "rows", content, at=work.at, days=settings.batch_days)


def get_rows(
    store: Store, sha256: str | None, *, at: Any = None
) -> tuple[pd.DataFrame, NDArray[np.float64]] | None:
    """Return rows and their scores; None where they were not kept, or their time is over."""
    if sha256 is None:
        return None
    with store.reading() as connection:
        content = artifacts.get(connection, sha256, at=at)
    if content is None:
        return None
    frame = frame_from_ipc(content)
    return frame.iloc[:, :-1], frame.iloc[:, -1].to_numpy(dtype="float64")
