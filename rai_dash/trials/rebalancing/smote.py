"""SMOTE on the training rows, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import UnsupportedModel
from rai_dash.core.texts import tr
from rai_dash.data.columns import is_number
from rai_dash.sandbox.arrow import frame_from_ipc, frame_to_ipc

Progress = Callable[[int, int, str], None]
SMOTE_OP: Final = "rai_dash.trials.rebalancing.smote:invent"
#: Neighbours that a row is mixed with, as published.
NEIGHBOURS: Final = 5


def check_smote(frame: pd.DataFrame, favourable: NDArray[np.bool_]) -> None:
    """Refuse rows that SMOTE cannot mix.

    Raises
    ------
    UnsupportedModel
        Without a column of numbers, with a blank number, or with too few rows of the rarer outcome.
    """
    numeric = [c for c in frame.columns if is_number(frame[c])]
    if not numeric:
        msg = tr("SMOTE mixes numbers, and no column of the model is one. Use copies or weights instead.")
        raise UnsupportedModel(msg, code="smote_needs_numbers")
    blank = next((c for c in numeric if frame[c].isna().any()), None)
    if blank is not None:
        msg = tr(
            "SMOTE cannot mix blanks, and `{blank}` has {sum} in the training rows. Fill them first, or "
            "use copies or weights instead.",
            blank=blank,
            sum=f"{int(frame[blank].isna().sum()):,}",
        )
        raise UnsupportedModel(msg, code="smote_blanks")
    fewest = int(min(favourable.sum(), (~favourable).sum()))
    if fewest <= NEIGHBOURS:
        msg = tr(
            "SMOTE mixes a row with {neighbours} neighbours of its outcome, and only {fewest} training "
            "rows have the rarer one. Use copies or weights instead.",
            neighbours=NEIGHBOURS,
            fewest=fewest,
        )
        raise UnsupportedModel(msg, code="smote_too_few")


def invent(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[bytes]]:
    """Add invented rows of the rarer outcome until both are as frequent.

    Blobs: rows (Arrow), outcome int8. Argument: ``seed``. The answer is rows and outcomes, the given ones first.
    """
    del state, progress
    frame, label = frame_from_ipc(blobs[0], check=False), np.frombuffer(blobs[1], dtype=np.int8)
    try:
        rows, drawn = _sampled(frame, label, int(args["seed"]))
    except (ValueError, TypeError, ArithmeticError, MemoryError) as error:
        said = " ".join(str(error).split())[:200]
        msg = tr("SMOTE could not be used on these rows. imbalanced-learn says: {said}.", said=said)
        raise UnsupportedModel(msg, code="smote_failed") from error
    return {}, [frame_to_ipc(rows), np.asarray(drawn, dtype=np.int8).tobytes()]


def _sampled(frame: pd.DataFrame, label: NDArray[np.int8], seed: int) -> tuple[pd.DataFrame, Any]:
    """Draw with SMOTE, or SMOTENC where some columns are categories: those are coded, and decoded afterwards."""
    from imblearn.over_sampling import SMOTE, SMOTENC

    texts = [i for i, c in enumerate(frame.columns) if not is_number(frame[c])]
    table = np.empty(frame.shape, dtype=np.float64)
    lists: dict[int, pd.Index] = {}
    for i, name in enumerate(frame.columns):
        if i in texts:
            # A blank is a category of its own: the one after the last.
            codes, lists[i] = pd.factorize(frame[name])
            table[:, i] = np.where(codes < 0, len(lists[i]), codes)
        else:
            table[:, i] = frame[name]
    common = {"random_state": seed, "k_neighbors": NEIGHBOURS}
    sampler = SMOTENC(categorical_features=texts, **common) if texts else SMOTE(**common)
    drawn, outcome = sampler.fit_resample(table, label)
    columns: dict[str, Any] = {}
    for i, name in enumerate(frame.columns):
        if i in lists:
            names = np.append(np.asarray(lists[i], dtype=object), np.array([None], dtype=object))
            columns[name] = names[drawn[:, i].astype(np.int64)]
        else:
            columns[name] = drawn[:, i]
    return pd.DataFrame(columns), outcome
