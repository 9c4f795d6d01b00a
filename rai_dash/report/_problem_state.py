"""What the figures of a problem mean, with what is on record of it."""

from __future__ import annotations

from dataclasses import replace

from rai_dash.case import Exposure
from rai_dash.govern.problems import Basis, Problem, State
from rai_dash.govern.problems.states import Figures, state_of, state_of_picked
from rai_dash.report._problem_table import Measured


def first_of(problem: Problem, now: Basis) -> Basis:
    """Return what the problem was seen on; a threshold that nobody stated is that of now."""
    first = problem.basis
    return first if first.threshold is not None else replace(first, threshold=now.threshold)


def judged_state(
    problem: Problem, found: Measured, first: Basis, basis: Basis, exposure: Exposure
) -> tuple[State, str]:
    """Say what figures mean, and why in a sentence.

    Parameters
    ----------
    problem : Problem
        What is on record of it decides whether something came back.
    found : Measured
        On ``basis``.
    first, basis : Basis
        What the problem was seen on, and what was measured.
    exposure : Exposure
        Whether the model was trained on these rows.
    """
    was_fixed = _was_fixed(problem, basis)
    if found.picked is not None:
        state, why = state_of_picked(replace(found.picked, was_fixed=was_fixed))
    else:
        state, why = state_of(
            Figures(
                error=found.error, excess=found.excess, tolerance=problem.tolerance, drop=found.drop,
                is_first=first.system == basis.system, was_shown=found.was_shown, was_fixed=was_fixed,
                in_sample=exposure is Exposure.IN_SAMPLE, of_everybody=found.of_everybody,
            )
        )  # fmt: skip
    if state is State.FIXED and exposure is Exposure.UNKNOWN:
        why += " Nobody said whether the model was trained on these rows."
    return state, why


def _was_fixed(problem: Problem, basis: Basis) -> bool:
    """Whether it was fixed before the figures of a pair came.

    That is: the same model at the same threshold was on record as fixing it, or it had been closed as fixed when the
    model was first seen. What was on record first decides, so that the answer stays the same ever after.
    """
    own = problem.result_on(basis)
    others = [r for r in problem.results if own is None or r.seq < own.seq]
    if any(r.state is State.FIXED and r.basis.system == basis.system for r in others):
        return True
    if basis.model == problem.basis.model:
        return False
    seen = min((r.seq for r in problem.results if r.basis.model == basis.model), default=None)
    return any(seen is None or closed < seen for closed in problem.fixed_at)
