"""Columns of the data that hold what people decided."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import Judgement
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import NO_DECISION, ReviewCube
from rai_dash.core.types import ReviewBand
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.labels import labels
from rai_dash.data.portfolio.coded import has_few_labels
from rai_dash.data.portfolio.pairs import labels_in
from rai_dash.data.sources import SOURCE, tells_source
from rai_dash.report.band_rows import human_decisions

_TWO: Final = 2


def human_columns(judgement: Judgement) -> tuple[str, ...]:
    """List the columns that may hold recorded decisions: those of two values without another role."""

    def make() -> tuple[str, ...]:
        frame, roles = judgement.data.dataset.frame, judgement.roles
        taken = {roles.target, roles.id, roles.weight, roles.split, roles.score, *roles.sensitive}
        taken |= {SOURCE} if tells_source(frame) else set()
        return tuple(
            name for name in frame.columns if name not in taken and len(two_values(judgement, name)) == 2
        )

    return judgement.memo.get("human_columns", make)


def two_values(judgement: Judgement, column: str) -> tuple[str, ...]:
    """Return the values of a column in order, blanks left out; more than two are cut off after the third."""
    series = judgement.data.dataset.frame[column]
    if is_number(series) and np.unique(numbers(series)[:1000]).size > 3:
        return ()
    found = tuple(sorted(map(str, labels(series).dropna().unique())))[:3]
    if judgement.whole is None or len(found) > _TWO:
        return found
    portfolio = judgement.whole.portfolio
    # A rare third value may not be in the sample.
    few = has_few_labels(portfolio, column, _TWO)
    return tuple(sorted(labels_in(portfolio, column).names)) if few else ()


def recorded_decisions(judgement: Judgement, column: str, *, flip: bool) -> NDArray[np.int8]:
    """Return what people decided on the judged rows: 0 refused, 1 approved, 2 nothing recorded; int8 (n_judged,).

    Raises
    ------
    InvalidChoice
        When the column does not hold two values.
    """
    approved = approved_value(judgement, column, flip=flip)
    return human_decisions(judgement.data.dataset, column, [approved])[judgement.judged]


def approved_value(judgement: Judgement, column: str, *, flip: bool) -> str:
    """Return the value of a column of decisions that means approved.

    Raises
    ------
    InvalidChoice
        When the column does not hold two values.
    """
    values = two_values(judgement, column)
    if len(values) != _TWO:
        msg = f"`{column}` does not hold two values, so it cannot be decisions of people. Choose another column."
        raise InvalidChoice(msg)
    return values[1] if flip else values[0]


def recorded_inside(cube: ReviewCube, band: ReviewBand) -> tuple[int, int]:
    """Count the rows that a band sends to a person, as `Bench.recorded_inside`."""
    lo, _, hi = cube.positions(band)
    # Cell j holds scores from edge j - 1 on; the last one those without a score.
    inside = cube.rows[..., [*range(lo + 1, hi + 1), cube.n_edges + 1]]
    return int(inside[:, :, :NO_DECISION].sum()), int(inside.sum())
