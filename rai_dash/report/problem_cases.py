"""The single people behind a problem: listed for those who may see them, and kept out of what is written down."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.case import Judgement
from rai_dash.core.errors import InvalidChoice, NotAllowed
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.data.labels import labels
from rai_dash.data.personal import personal_columns
from rai_dash.data.slices import Slice, check_slice, rows_of_slice
from rai_dash.govern.people import Person, require_rows
from rai_dash.govern.problems import Problem
from rai_dash.report._problem_rows import BoolArray, rows_of
from rai_dash.report.slices_work import known_rows, wrong_rows

#: Rows of a slice that are listed at most.
MAX_CASES = 1_000
_OUTCOMES = ("unfavourable", "favourable", "unknown")


def opening_checked(judgement: Judgement, of: Slice) -> None:
    """Refuse a slice that the data cannot answer, or that would write down who a person is.

    Raises
    ------
    InvalidChoice, MissingColumn
        In one sentence.
    """
    dataset = judgement.data.dataset
    personal = {*personal_columns(dataset.frame, dataset.roles), *filter(None, [dataset.roles.id])}
    named = next((c for c in of.columns if c in personal), None)
    if named is not None:
        msg = tr(
            "`{named}` names people, and the words of a problem stay in the ledger. Pick the rows by "
            "hand instead: rows ID, ID expected favourable.",
            named=named,
        )
        raise InvalidChoice(msg)
    # Only now: what it says of a value that is not there lists those that are.
    check_slice(of, dataset.frame, id_column=dataset.roles.id)


def few_checked(judgement: Judgement, of: Slice, threshold: float, person: Person) -> None:
    """Refuse a slice of few people to those who may not see single applications.

    Conditions that fit one person, with the outcome among them, would tell how that person's application went.

    Raises
    ------
    NotAllowed
        When they would single people out.
    """
    few = get_settings().smallest_export_cell
    if person.sees_rows or not 0 < int(slice_rows(judgement, of, threshold).sum()) < few:
        return
    msg = tr(
        "Fewer than {few} people fit this, and you may not see single applications. Say it more widely, "
        "or ask your operator for the right.",
        few=few,
    )
    raise NotAllowed(msg)


def slice_rows(judgement: Judgement, of: Slice, threshold: float) -> BoolArray:
    """Mark the judged rows of a slice, bool (n_judged,).

    Raises
    ------
    RaiError
        When the data cannot answer.
    """
    dataset = judgement.data.dataset
    rows = rows_of_slice(
        of, dataset.frame, score=judgement.score, outcome=dataset.outcome, threshold=threshold,
        id_column=dataset.roles.id,
    )  # fmt: skip
    return rows[judgement.judged]


def problem_cases(
    judgement: Judgement, problem: Problem, threshold: float, person: Person, *, most: int = MAX_CASES
) -> pd.DataFrame:
    """List the rows of a problem, wrong decisions first.

    Parameters
    ----------
    judgement : Judgement
        Which model, on which data.
    problem : Problem
    threshold : float
    person : Person
        Who looks; single rows are a right of its own.
    most : int
        Rows at most.

    Returns
    -------
    DataFrame (rows, 5)
        ``row`` (label in the id column, else the place in the table from 0), ``score``, ``outcome`` (what is expected
        of hand-picked rows), ``decision``, ``wrong`` (None = not known).

    Raises
    ------
    NotAllowed
        When the person may not see rows.
    """
    require_rows(person)
    rows, at = rows_of(judgement, problem, threshold), judgement.positions
    rank = np.where(rows.wrong, 0, np.where(rows.known, 1, 2))
    chosen = np.flatnonzero(rows.inside)
    chosen = chosen[np.argsort(rank[chosen], kind="stable")][:most]
    return _listed(judgement, at[chosen], threshold, wrong=rows.wrong[chosen], known=rows.known[chosen])


def pickable_rows(
    judgement: Judgement, threshold: float, person: Person, *, most: int = MAX_CASES
) -> pd.DataFrame:
    """List judged rows to pick some from by hand, wrong decisions first.

    Parameters
    ----------
    judgement, threshold, person, most
        As for `problem_cases`.

    Returns
    -------
    DataFrame (rows, 5 + features)
        The columns of `problem_cases`, and what the model may read; a feature called like one of them is left out.

    Raises
    ------
    NotAllowed
        When the person may not see rows.
    """
    require_rows(person)
    dataset, at = judgement.data.dataset, judgement.positions
    known = known_rows(judgement)[at]
    wrong = wrong_rows(judgement, threshold)[at] & known
    order = np.argsort(np.where(wrong, 0, np.where(known, 1, 2)), kind="stable")[:most]
    place = at[order]
    listed = _listed(judgement, place, threshold, wrong=wrong[order], known=known[order])
    more = [f for f in dataset.features if f not in listed.columns and f != dataset.roles.id]
    return pd.concat([listed, dataset.frame[more].iloc[place].reset_index(drop=True)], axis=1)


def _listed(
    judgement: Judgement, place: NDArray[np.intp], threshold: float, *, wrong: BoolArray, known: BoolArray
) -> pd.DataFrame:
    """Make the table of some rows, by their places; ``wrong`` and ``known`` are theirs."""
    dataset, score = judgement.data.dataset, judgement.score[place]
    is_favourable = score >= threshold
    outcome = np.where(wrong, ~is_favourable, is_favourable).astype(int)
    outcome = np.where(known, outcome, dataset.outcome[place])
    name = (
        place.astype(str)
        if dataset.roles.id is None
        else labels(dataset.frame[dataset.roles.id]).to_numpy()[place]
    )
    decided = [
        _OUTCOMES[int(f)] if np.isfinite(s) else "no score" for f, s in zip(is_favourable, score, strict=True)
    ]
    return pd.DataFrame(
        {
            "row": name,
            "score": score,
            "outcome": [_OUTCOMES[o] for o in outcome],
            "decision": decided,
            "wrong": [bool(w) if k else None for w, k in zip(wrong, known, strict=True)],
        }
    )


def restating_checked(judgement: Judgement, problem: Problem, of: Slice) -> None:
    """Refuse to make a problem about people that the data cannot name, or who could be taken for others.

    Raises
    ------
    InvalidChoice, MissingColumn
        In one sentence.
    """
    opening_checked(judgement, of)
    if of.rows and problem.scope.data != {judgement.data.dataset.fingerprint}:
        msg = tr(
            "Rows are picked by hand in the data of a problem, and this one belongs to other data as "
            "well. Say what they have in common, or open another problem."
        )
        raise InvalidChoice(msg)
