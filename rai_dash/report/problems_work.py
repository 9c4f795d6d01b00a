"""Every problem on every model and every data set of a case: errors, what changed, and which problem comes first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rai_dash.case import Case, Judgement
from rai_dash.core.errors import RaiError
from rai_dash.core.types import UNKNOWN
from rai_dash.govern.problems import Problem, ProblemDesk, ProblemResult
from rai_dash.report._problem_measure import measured
from rai_dash.report._problem_rows import basis_of
from rai_dash.report._problem_state import first_of, judged_state
from rai_dash.report._problem_table import Evaluated, ProblemTable, Skipped

__all__ = [
    "Evaluated", "ProblemTable", "Skipped", "basis_of", "evaluate_problems", "record_results",
]  # fmt: skip


def evaluate_problems(case: Case, problems: Sequence[Problem], threshold: float) -> ProblemTable:
    """Run every problem on every model and every data set with outcomes.

    Parameters
    ----------
    case : Case
    problems : sequence of Problem
        As they stand: what is on record decides whether something came back.
    threshold : float
        Favourable from here on.

    Returns
    -------
    ProblemTable
        Figures are made once for each slice, data, model and threshold; models are asked once for each data set.
    """
    lines: list[Evaluated] = []
    skipped: list[Skipped] = []
    pairs = _pairs(case, skipped) if problems else []
    for problem in problems:
        for data, model, judgement in pairs:
            try:
                lines.append(_evaluated(case, problem, judgement, threshold))
            except RaiError as error:
                skipped.append(Skipped(problem_id=problem.id, data=data, model=model, why=error.message))
    return ProblemTable(threshold=threshold, lines=tuple(lines), skipped=tuple(skipped))


def _pairs(case: Case, skipped: list[Skipped]) -> list[tuple[str, str | None, Judgement]]:
    """Judge every data set by every model, as far as that can be done."""
    pairs: list[tuple[str, str | None, Judgement]] = []
    for data in case.data:
        models: list[str | None] = [m.key for m in case.models]
        for model in models or [None]:
            why = "These data have no outcomes, so no error can be counted."
            if (data.dataset.outcome != UNKNOWN).any():
                try:
                    judgement = case.judge(data.key, model or "")
                except RaiError as error:
                    why = error.message
                else:
                    why = "" if judgement.has_scores else "There is nothing to score these data with."
                    if not why:
                        pairs.append((data.key, model, judgement))
            if why:
                skipped.append(Skipped(problem_id=None, data=data.key, model=model, why=why))
    return pairs


def _evaluated(case: Case, problem: Problem, judgement: Judgement, threshold: float) -> Evaluated:
    basis = basis_of(judgement, threshold)
    first = first_of(problem, basis)
    # All that the figures rest on; the id is in none of it.
    about = (problem.slice_hash, problem.tolerance, problem.scope.data)
    on_record = problem.result_on(first) is not None
    found = case.memo.get(
        ("problem", about, first, on_record, basis, judgement.data.key),
        lambda: measured(case, problem, judgement, threshold, first),
    )
    state, why = judged_state(problem, found, first, basis, judgement.exposure)
    return Evaluated(
        problem_id=problem.id,
        data=judgement.data.key,
        model=None if judgement.model is None else judgement.model.key,
        basis=basis,
        exposure=judgement.exposure,
        found=found,
        state=state,
        why=why,
        is_first=first.system == basis.system,
    )


def record_results(desk: ProblemDesk, problems: Iterable[Problem], table: ProblemTable) -> list[Problem]:
    """Put on record what is not yet, once for each model and data set; nothing for those who may not write.

    Returns
    -------
    list of Problem
        As they stand then.
    """
    now = []
    for problem in problems:
        new = [
            _result(problem, line) for line in table.of(problem.id) if problem.result_on(line.basis) is None
        ]
        now.append(desk.record(problem.id, new) if new and desk.may_write() else problem)
    return now


def _result(problem: Problem, line: Evaluated) -> ProblemResult:
    return ProblemResult(
        basis=line.basis, slice_hash=problem.slice_hash, state=line.state, rates=line.found.rates
    )
