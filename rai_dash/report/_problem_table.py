"""The nouns of the work on problems: what one model does to the people of one, and the table of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rai_dash.case import Exposure
from rai_dash.core.types import Estimate
from rai_dash.govern.problems import Basis, Problem, Rates, State, Triaged, priority, triage
from rai_dash.govern.problems.states import Picked


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one model does to the people of a problem on one data set.

    Parameters
    ----------
    rates : Rates
        Numbers that intervals rest on, for the record.
    error, rest, overall : Estimate
        Error rate in the slice, of everybody else, and of everybody.
    excess : Estimate
        Error rate in the slice less that of everybody else.
    drop : Estimate or None
        Error rate with the model that the problem was seen on less that of this one; None = there is none to compare
        with, or it is that model.
    p_value : float or None
        Of McNemar's exact test, where both were compared on the same rows.
    is_paired : bool
        Whether they were.
    of_everybody : bool
        Whether ``drop`` is in shares of everybody: a slice that asks for scores holds other people under another
        model.
    was_shown : bool or None
        Whether the error is shown on these data with the model that the problem was seen on.
    picked : Picked or None
        How hand-picked rows came out.
    """

    rates: Rates
    error: Estimate
    rest: Estimate
    overall: Estimate
    excess: Estimate
    drop: Estimate | None = None
    p_value: float | None = None
    is_paired: bool = False
    of_everybody: bool = False
    was_shown: bool | None = None
    picked: Picked | None = None

    @property
    def normalised(self) -> float | None:
        """Error of the slice / error of everybody; None where one is undefined or the latter is 0."""
        if self.error.value is None or not self.overall.value:
            return None
        return self.error.value / self.overall.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """One problem on one model and one data set.

    Parameters
    ----------
    problem_id : str
    data : str
        Key of the data set in the case.
    model : str or None
        Key of the model; None = the score column of the data.
    basis : Basis
        The same by fingerprints, with the threshold.
    exposure : Exposure
        Whether the model was trained on these rows.
    found : Measured
    state : State
    why : str
        In a sentence.
    is_first : bool
        Whether this model at this threshold is what the problem was seen on.
    """

    problem_id: str
    data: str
    model: str | None
    basis: Basis
    exposure: Exposure
    found: Measured
    state: State
    why: str
    is_first: bool

    def priority(self, harm: int) -> float | None:
        """Share of people affected × normalised error × harm; None where a factor is undefined."""
        return priority(self.found.rates.share, self.found.normalised, harm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """What could not be measured, and why; ``problem_id`` None = no problem could."""

    problem_id: str | None
    data: str
    model: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemTable:
    """Every problem on every model and data set.

    Parameters
    ----------
    threshold : float
        Favourable from here on.
    lines : tuple of Evaluated
        By problem, data set and model, each in its own order.
    skipped : tuple of Skipped
    """

    threshold: float
    lines: tuple[Evaluated, ...]
    skipped: tuple[Skipped, ...]

    def of(self, problem_id: str) -> tuple[Evaluated, ...]:
        """Return the lines of one problem."""
        return tuple(line for line in self.lines if line.problem_id == problem_id)

    def on(self, problem_id: str, data: str, model: str | None) -> Evaluated | None:
        """Return the line of one problem on one pair; None = it could not be measured."""
        return next((x for x in self.of(problem_id) if (x.data, x.model) == (data, model)), None)

    def triaged(self, problems: Iterable[Problem], data: str, model: str | None) -> list[Triaged]:
        """Put problems in the order in which to look at them, by what one model does on one data set."""
        return triage(_triaged(p, self.on(p.id, data, model)) for p in problems)


def _triaged(problem: Problem, line: Evaluated | None) -> Triaged:
    found = None if line is None else line.found
    return Triaged(
        name=problem.title,
        id=problem.id,
        harm=problem.harm,
        share=None if found is None else found.rates.share,
        error=None if found is None else found.error.value,
        overall=None if found is None else found.overall.value,
    )
