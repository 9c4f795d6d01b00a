"""What a record says about a table that is counted where it lies: which rows were counted, and which are a sample."""

from __future__ import annotations

from typing import Final

from rai_dash.case import Judgement
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
    sample, total = count(dataset.n_rows), many(dataset.n_all, "row")
    if judgement.whole is not None or dataset.n_rows == dataset.n_all:
        counted = (
            f"{many(judgement.n_counted, 'row')} were counted where they lie ({portfolio.source}); figures that need "
            f"single rows are of a sample of {count(judgement.n_judged)}."
        )
    elif plain is not None and plain.whole is not None:
        counted = (
            f"Routes, errors and costs are of a sample of {sample} of {total}: {ROW_BY_ROW}. What later batches are "
            "held against, columns and rates at signing, was counted over all rows."
        )
    else:
        counted = f"The model has scored {sample} of {total}: every figure is of this sample."
    text = f"{counted} The fingerprint of the data is of the {portfolio.rests_on}."
    return Notice(COUNTED_IN_PLACE, text)
