"""What a JSON about a table of any size rests on, and the scores of all of its rows."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import Judgement
from rai_dash.core.types import Roles
from rai_dash.data.dataset import Dataset
from rai_dash.data.portfolio.places import SCORED
from rai_dash.data.portfolio.portfolio import Portfolio, plain_frame
from rai_dash.data.portfolio.questions import Blank, Tally
from rai_dash.data.portfolio.whole import Whole
from rai_dash.data.scores import scores_of_column

#: Scores that are written out, from the first row.
FIRST_SCORES: Final = 200


def rests_on_json(dataset: Dataset) -> dict[str, object] | None:
    """Describe which rows were counted, where, and which were looked at one by one; None = all are in memory.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    dict or None
        ``rows_counted`` (all rows), ``rows_sampled`` (those in memory), ``source`` and ``engine`` in words, what
        the fingerprint of the data is taken of (``fingerprint_of``), and what is ``of_the_sample``.
    """
    portfolio = dataset.portfolio
    if portfolio is None:
        return None
    of_sample = ["explanations", "model.fidelity", "model.warnings"]
    return {
        "rows_counted": portfolio.n_rows,
        "rows_sampled": dataset.n_rows,
        "source": portfolio.source,
        "engine": portfolio.engine.name,
        "fingerprint_of": portfolio.rests_on,
        "of_the_sample": of_sample if has_order(dataset) else [*of_sample, "scores.first"],
    }


def has_order(dataset: Dataset) -> bool:
    """Whether there is a first row: on an engine such as Spark there is none."""
    return dataset.portfolio is None or dataset.places is not None


def scores_json(judgement: Judgement) -> dict[str, object]:
    """Count all rows with and without a score, and write the first ones out.

    Returns
    -------
    dict
        ``n`` and ``missing`` of all rows, and ``first``: scores of the first rows, on an engine without an order of
        the sample (see `rests_on_json`).
    """
    whole = judgement.whole
    if whole is None:
        score = judgement.score
        return _scores(int(score.size), int((~np.isfinite(score)).sum()), score)
    portfolio = whole.portfolio
    n = portfolio.n_rows
    if whole.score is None:
        return _scores(n, n, np.full(min(n, FIRST_SCORES), np.nan))
    blank = portfolio.tally(Tally(keys=(Blank(column=whole.score.column),)))
    missing = int(blank.n[blank.codes(0, 0) == 1].sum())
    first = _first(whole, portfolio) if has_order(judgement.data.dataset) else judgement.score
    return _scores(n, missing, first)


def _scores(n: int, missing: int, first: NDArray[np.float64]) -> dict[str, object]:
    shown = [float(s) if np.isfinite(s) else None for s in first[:FIRST_SCORES]]
    return {"n": n, "missing": missing, "first": shown}


def _first(whole: Whole, portfolio: Portfolio) -> NDArray[np.float64]:
    """Read the scores of the first rows, on the scale of the roles."""
    column = "" if whole.score is None else whole.score.column
    frame = plain_frame(portfolio.engine.head([column], FIRST_SCORES))
    roles = Roles(score=column, scale=Roles().scale if column == SCORED else whole.roles.scale)
    return scores_of_column(Dataset(frame=frame, roles=roles, fingerprint=portfolio.fingerprint))
