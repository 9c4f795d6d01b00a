"""Fewer rows for a model that is asked over a network: fewer reference rows, fewer draws, or a plain refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rai_dash.core.errors import UnsupportedModel
from rai_dash.core.texts import ntr, tr
from rai_dash.explain.coalitions import BACKGROUND_ROWS, KERNEL_PAIRS

if TYPE_CHECKING:
    from rai_dash.models.client import Model

#: Fewer reference rows say too little about who an applicant is compared with.
FEWEST_REFERENCE_ROWS: Final = 10
#: Fewer neighbours make a line of chance.
FEWEST_SAMPLES: Final = 500


def rows_each(players: int) -> int:
    """Most mixed rows that one reference row takes: all coalitions, or the drawn ones where those are fewer."""
    drawn = 2 * KERNEL_PAIRS + 2 * players + 2
    return min(2**players, drawn) if players < 60 else drawn


def sparing_shap(model: Model, args: dict[str, Any], *, applicants: int, players: int) -> dict[str, Any]:
    """Fit a question for Shapley values into what a model may be asked.

    Parameters
    ----------
    model : Model
        Says how many rows explaining an applicant may ask.
    args : dict
        Arguments of the entry point; ``limit`` are the reference rows.
    applicants, players : int
        Of the question.

    Returns
    -------
    dict
        The same for a model file; else with fewer reference rows, and ``most_rows`` an applicant.

    Raises
    ------
    UnsupportedModel
        When too few reference rows would be left.
    """
    allowed = model.rows_to_explain(applicants)
    if allowed is None:
        return args
    rows = min(args["limit"] or BACKGROUND_ROWS, allowed // rows_each(players))
    if rows < min(args["limit"] or BACKGROUND_ROWS, FEWEST_REFERENCE_ROWS):
        msg = ntr(
            "Explaining {applicants} row of a model behind an address takes up to {rows_each} rows each, "
            "and only {allowed} each may be asked. Explain fewer rows, or ask the operator to raise "
            "explain_rows or most_rows.",
            "Explaining {applicants} rows of a model behind an address takes up to {rows_each} rows "
            "each, and only {allowed} each may be asked. Explain fewer rows, or ask the operator to "
            "raise explain_rows or most_rows.",
            applicants,
            applicants=f"{applicants:,}",
            rows_each=f"{rows_each(players) * FEWEST_REFERENCE_ROWS:,}",
            allowed=f"{allowed:,}",
        )
        raise UnsupportedModel(msg, code="endpoint_budget")
    return args | {"limit": rows, "most_rows": allowed}


def sparing_lime(model: Model, *, seeds: int, samples: int) -> int:
    """Fit the neighbours of LIME's draws into what a model may be asked; returns those of one draw.

    Raises
    ------
    UnsupportedModel
        When too few would be left.
    """
    allowed = model.rows_to_explain(1)
    if allowed is None:
        return samples
    found = min(samples, (allowed - 1) // seeds)
    if found < min(samples, FEWEST_SAMPLES):
        msg = tr(
            "LIME asks at least {fewest_samples} rows of a model behind an address, and only {allowed} "
            "may be asked. Ask the operator to raise explain_rows or most_rows.",
            fewest_samples=f"{FEWEST_SAMPLES * seeds:,}",
            allowed=f"{allowed:,}",
        )
        raise UnsupportedModel(msg, code="endpoint_budget")
    return found
