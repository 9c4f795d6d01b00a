"""The figures of one problem under one model: errors, and how they changed since the problem was seen first."""

from __future__ import annotations

from dataclasses import replace

from rai_dash.case import Case, Judgement
from rai_dash.core.types import Estimate
from rai_dash.govern.problems import Basis, Problem, Rates, State
from rai_dash.govern.problems.states import Picked, shown
from rai_dash.metrics.paired import paired_difference
from rai_dash.report._problem_rows import (
    NO_OTHERS,
    NO_ROWS,
    ProblemRows,
    Tally,
    basis_of,
    difference,
    judged_by_first,
    rows_of,
    tally,
)
from rai_dash.report._problem_table import Measured


def measured(case: Case, problem: Problem, judgement: Judgement, threshold: float, first: Basis) -> Measured:
    """Measure one problem under one model of a case."""
    rows, basis = rows_of(judgement, problem, threshold), basis_of(judgement, threshold)
    before = None if first.system == basis.system else _rows_of_first(case, problem, judgement, first)
    return measured_rows(problem, rows, before, first, basis)


def measured_rows(
    problem: Problem, rows: ProblemRows, before: ProblemRows | None, first: Basis, basis: Basis
) -> Measured:
    """Measure one problem on rows under one model, and what changed since it was seen.

    Parameters
    ----------
    problem : Problem
    rows : ProblemRows
        Under the model of ``basis``.
    before : ProblemRows or None
        The same rows under the model that the problem was seen on; None = that is not here, or is this one.
    first, basis : Basis
        What the problem was seen on, and what is measured.
    """
    inside, outside = tally(rows, rows.inside & rows.known), tally(rows, ~rows.inside & rows.known)
    all_weight = float(rows.weight.sum())
    overall = tally(rows, rows.known).estimate("no row has an outcome and a score")
    found = Measured(
        rates=Rates(
            rows=int(rows.inside.sum()), n=inside.size, wrong=inside.hits,
            rest_n=outside.size, rest_wrong=outside.hits,
            share=float(rows.weight[rows.inside].sum()) / all_weight if all_weight > 0 else None,
            overall=overall.value,
        ),
        error=inside.estimate(NO_ROWS),
        rest=outside.estimate(NO_OTHERS),
        overall=overall,
        excess=difference(inside, outside, NO_OTHERS if inside.total > 0 else NO_ROWS),
    )  # fmt: skip
    is_first = first.system == basis.system
    if problem.slice is not None and problem.slice.rows:
        return replace(found, picked=_picked(problem, rows, before, first, is_first=is_first))
    if is_first or first.system is None:
        return found
    if before is not None:
        return _compared(found, problem, rows, before)
    return _compared_with_record(found, problem, first)


def _rows_of_first(case: Case, problem: Problem, judgement: Judgement, first: Basis) -> ProblemRows | None:
    """Return the same rows under the model that the problem was seen on; None where it is not here."""
    judged = judged_by_first(case, judgement.data.key, problem)
    if judged is None or not judged.has_scores or first.threshold is None:
        return None
    return rows_of(judged, problem, first.threshold)


def _compared(found: Measured, problem: Problem, rows: ProblemRows, before: ProblemRows) -> Measured:
    """Compare on the same rows."""
    known = rows.known & before.known
    of_everybody = problem.slice is not None and problem.slice.needs_score
    among = known if of_everybody else known & rows.inside
    weight = rows.weight[among] if rows.is_weighted else None
    paired = paired_difference(
        (rows.wrong & rows.inside)[among], (before.wrong & before.inside)[among], weight
    )
    drop = Estimate(paired.difference, paired.low, paired.high, reason=paired.reason)
    return replace(
        found, drop=drop, p_value=paired.p_value, is_paired=True, of_everybody=of_everybody,
        was_shown=_shown_before(problem, before),
    )  # fmt: skip


def _shown_before(problem: Problem, before: ProblemRows) -> bool | None:
    inside, outside = (
        tally(before, before.inside & before.known),
        tally(before, ~before.inside & before.known),
    )
    return shown(inside.estimate(NO_ROWS), difference(inside, outside, NO_OTHERS), problem.tolerance)


def _compared_with_record(found: Measured, problem: Problem, first: Basis) -> Measured:
    """Compare with what is on record of where the problem was seen, as with other people."""
    result = problem.result_on(first)
    if result is None:
        return found
    then, now = result.rates, found.rates
    of_everybody = problem.slice is not None and problem.slice.needs_score
    extra_then, extra_now = (then.rest_n, now.rest_n) if of_everybody else (0.0, 0.0)
    drop = difference(
        Tally(then.wrong, then.n + extra_then, then.n + extra_then),
        Tally(now.wrong, now.n + extra_now, now.n + extra_now),
        NO_ROWS,
    )
    return replace(
        found, drop=drop, of_everybody=of_everybody,
        was_shown=result.state not in {State.NOT_SHOWN, State.TOO_FEW, State.NOTHING_TO_COMPARE},
    )  # fmt: skip


def _picked(
    problem: Problem, rows: ProblemRows, before: ProblemRows | None, first: Basis, *, is_first: bool
) -> Picked:
    """Count how hand-picked rows came out."""
    tried = rows.inside & rows.known
    newly_right = newly_wrong = was_wrong = None
    if before is not None:
        both = tried & before.known
        newly_right = int((both & before.wrong & ~rows.wrong).sum())
        newly_wrong = int((both & ~before.wrong & rows.wrong).sum())
        was_wrong = bool((both & before.wrong).any())
    elif (result := problem.result_on(first)) is not None:
        was_wrong = result.state is State.STILL_THERE
    return Picked(
        right=int((tried & ~rows.wrong).sum()),
        decided=int(tried.sum()),
        of=0 if problem.slice is None else len(problem.slice.rows),
        newly_right=newly_right,
        newly_wrong=newly_wrong,
        was_wrong=was_wrong,
        is_first=is_first,
    )
