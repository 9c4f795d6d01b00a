"""What a record says about a table that is counted where it lies: which rows were counted, and which are a sample."""

from __future__ import annotations

from typing import Final

from rai_dash.case import Judgement
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.core.words import count, many

#: Why a band may be judged on the sample though every row has a score.
ROW_BY_ROW: Final = (
    "decisions of a review queue, or conditions on many columns at once, are looked up row by row"
)
COUNTED_IN_PLACE: Final = "counted_in_place"


def sample_notice(judgement: Judgement, *, plain: Judgement | None = None) -> Notice | None:
    """Say how many rows were counted, how many are the sample, and what the fingerprint of the data is of.

    Parameters
    ----------
    judgement : Judgement
        What the band is judged on.
    plain : Judgement, optional
        The same pair without conditions or a review queue, where those may have left only the sample to judge on.

    Returns
    -------
    Notice or None
        None = all rows are in memory, and the fingerprint is of all of them.
    """
    dataset = judgement.data.dataset
    portfolio = dataset.portfolio
    if portfolio is None:
        return None
    sample, total = count(dataset.n_rows), many(dataset.n_all, "row", "rows")
    if judgement.whole is not None or dataset.n_rows == dataset.n_all:
        counted = tr(
            "{n_counted} were counted where they lie ({source}); figures that need single rows are of a "
            "sample of {n_judged}.",
            n_counted=many(judgement.n_counted, "row", "rows"),
            source=portfolio.source,
            n_judged=count(judgement.n_judged),
        )
    elif plain is not None and plain.whole is not None:
        counted = tr(
            "Routes, errors and costs are of a sample of {sample} of {total}: {row_by_row}. What later "
            "batches are held against, columns and rates at signing, was counted over all rows.",
            sample=sample,
            total=total,
            row_by_row=ROW_BY_ROW,
        )
    else:
        counted = tr(
            "The model has scored {sample} of {total}: every figure is of this sample.",
            sample=sample,
            total=total,
        )
    text = tr(
        "{counted} The fingerprint of the data is of the {rests_on}.",
        counted=counted,
        rests_on=portfolio.rests_on,
    )
    return Notice(COUNTED_IN_PLACE, text)
