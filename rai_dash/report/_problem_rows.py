"""The rows of a problem under one model: which are in its slice, which were decided wrongly, and what follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import Case, Judgement, judge
from rai_dash.core.errors import InvalidChoice, RaiError
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNKNOWN, Estimate, ScoreScale
from rai_dash.data.slices import Slice, expected_outcomes, rows_of_slice
from rai_dash.govern.problems import Basis, Problem
from rai_dash.stats.intervals import effective_size, newcombe, wilson

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
NO_ROWS = "no row of the slice has an outcome and a score"
NO_OTHERS = "nobody outside the slice has an outcome and a score"
GONE = "The rows that were picked by hand are not kept any more."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProblemRows:
    """The judged rows of one data set and model as a problem sees them.

    Parameters
    ----------
    inside : bool (n,)
        Rows of the slice.
    known : bool (n,)
        Rows with an outcome (for hand-picked ones: the decision that is expected) and a score.
    wrong : bool (n,)
        Rows that were decided otherwise than that; only where they are known.
    weight : float64 (n,)
    is_weighted : bool
        Whether the data have weights.
    """

    inside: BoolArray
    known: BoolArray
    wrong: BoolArray
    weight: FloatArray
    is_weighted: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """Wrong decisions among some rows: how many, and the numbers that intervals rest on.

    Parameters
    ----------
    wrong, total : float
        Sums of weights.
    size : float
        Kish's effective number of rows.
    """

    wrong: float
    total: float
    size: float

    @property
    def hits(self) -> float:
        """Wrong decisions on the scale of ``size``."""
        if self.size == self.total:
            return self.wrong
        return self.wrong / self.total * self.size if self.total > 0 else 0.0

    def estimate(self, why_undefined: str) -> Estimate:
        """Return the error rate with Wilson's interval."""
        if self.total <= 0:
            return Estimate.undefined(why_undefined, numerator=self.wrong, denominator=self.total)
        low, high = wilson(self.hits, self.size)
        return Estimate(self.wrong / self.total, float(low), float(high), self.wrong, self.total)


def difference(one: Tally, other: Tally, why_undefined: str) -> Estimate:
    """Return the error rate of one less that of another, independent one, with Newcombe's interval."""
    if one.total <= 0 or other.total <= 0:
        return Estimate.undefined(why_undefined)
    low, high = newcombe(one.hits, one.size, other.hits, other.size)
    return Estimate(one.wrong / one.total - other.wrong / other.total, float(low), float(high))


def tally(rows: ProblemRows, among: BoolArray, hits: BoolArray | None = None) -> Tally:
    """Count wrong decisions (or other ``hits``) among some of the rows, by weight."""
    weight = rows.weight[among]
    found = rows.wrong if hits is None else hits
    total, squares = float(weight.sum()), float((weight**2).sum())
    return Tally(float(rows.weight[among & found].sum()), total, float(effective_size(total, squares)))


def basis_of(judgement: Judgement, threshold: float) -> Basis:
    """Name what was judged: data, model and threshold."""
    data, model = judgement.data.dataset, judgement.model
    if model is not None:
        name, favourable = model.model.info.fingerprint, model.model.model_class
    else:
        name, favourable = column_fingerprint(data.roles.score, data.roles.scale), ""
    return Basis(data=data.fingerprint, model=name, model_class=favourable, threshold=threshold)


def column_fingerprint(column: str | None, scale: ScoreScale) -> str:
    """Return what stands for the model where scores come from a column."""
    return fingerprint_value(
        {"score": column, "direction": str(scale.direction), "low": scale.low, "high": scale.high}
    )


def judged_by_first(case: Case, data_key: str, problem: Problem) -> Judgement | None:
    """Judge a data set by the model that a problem was seen on; None where that is not here, or cannot."""
    first, data = problem.basis, case.data_of(data_key)
    for model in case.models:
        if (model.model.info.fingerprint, model.model.model_class) == (first.model, first.model_class):
            try:
                return case.judge(data.key, model.key)
            except RaiError:
                return None
    roles = data.dataset.roles
    if roles.score is None or column_fingerprint(roles.score, roles.scale) != first.model:
        return None
    return case.memo.get(("judge by column", data.key, data.dataset.fingerprint), lambda: judge(data, None))


def rows_of(judgement: Judgement, problem: Problem, threshold: float) -> ProblemRows:
    """Find the rows of a problem under one model.

    Raises
    ------
    RaiError
        When the data cannot answer: a column is missing, or hand-picked rows are of other data.
    """
    dataset, at = judgement.data.dataset, judgement.judged
    of = slice_for(problem, data=dataset.fingerprint)
    inside, expected = _inside(judgement, problem, of, threshold), dataset.outcome
    if of.rows:
        said = _expected(judgement, of)
        # Where nobody said what is expected of a picked row, it is what came out.
        expected = np.where(said == UNKNOWN, expected, said)
    known = (expected != UNKNOWN) & np.isfinite(judgement.score)
    # NaN never reaches the threshold, and is not known anyway.
    wrong = known & ((judgement.score >= threshold) != (expected == FAVOURABLE))
    return ProblemRows(
        inside=inside[at],
        known=known[at],
        wrong=wrong[at],
        weight=dataset.weight[at],
        is_weighted=dataset.roles.weight is not None,
    )


def slice_for(problem: Problem, *, data: str | None) -> Slice:
    """Return the slice of a problem, for data in which rows could be picked by hand; None = they are others.

    Raises
    ------
    InvalidChoice
        When it was picked in other data, or is not kept any more.
    """
    if problem.slice is None:
        raise InvalidChoice(GONE)
    if problem.slice.rows and data not in problem.scope.data:
        # An id or a place in another table may be another applicant.
        msg = tr("The rows were picked by hand in other data, so they are not looked for here.")
        raise InvalidChoice(msg)
    return problem.slice


def _inside(judgement: Judgement, problem: Problem, of: Slice, threshold: float) -> BoolArray:
    """Mark the rows of the slice in the whole table."""
    dataset = judgement.data.dataset

    def make() -> BoolArray:
        return rows_of_slice(
            of, dataset.frame, score=judgement.score, outcome=dataset.outcome, threshold=threshold,
            id_column=dataset.roles.id,
        )  # fmt: skip

    # With scores in it, it would be another one at each step of the threshold.
    return (
        make()
        if of.needs_score
        else judgement.memo.get(("rows of problem", problem.slice_hash, problem.id), make)
    )


def _expected(judgement: Judgement, of: Slice) -> NDArray[np.int8]:
    dataset = judgement.data.dataset
    return expected_outcomes(of, dataset.frame, id_column=dataset.roles.id)
