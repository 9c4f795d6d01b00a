"""The problems of a case as a page sees them: read, run on every model, and put on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import KEPT, spoken, tr
from rai_dash.govern.database import store_is_there
from rai_dash.govern.people import AppRole
from rai_dash.govern.problems import Problem, ProblemDesk, ProblemScope, Triaged
from rai_dash.report.problem_batches import BatchHistory
from rai_dash.report.problems_work import Evaluated, ProblemTable, evaluate_problems, record_results
from rai_dash.ui import identity, rights
from rai_dash.ui.problems import batches
from rai_dash.ui.signing import desk as policies
from rai_dash.ui.signing.acting import is_known
from rai_dash.ui.state import View

if TYPE_CHECKING:
    from rai_dash.govern.people import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The problems of a case, and what its models do about them.

    Parameters
    ----------
    problems : tuple of Problem
        In the order in which they were opened.
    table : ProblemTable
        At the threshold that is looked at.
    order : tuple of Triaged
        The first to look at first, by the data and model that are looked at.
    batches : dict of str to BatchHistory
        How each problem, by id, came out on the batches of production that are on record.
    not_recorded : str
        Why new figures could not be put on record; empty = they are, or nobody tried.
    """

    problems: tuple[Problem, ...]
    table: ProblemTable
    order: tuple[Triaged, ...]
    batches: Mapping[str, BatchHistory] = field(default_factory=dict)
    not_recorded: str = ""

    def history(self, problem_id: str) -> BatchHistory:
        """Return how a problem came out on batches."""
        return self.batches.get(problem_id, BatchHistory())

    def problem(self, problem_id: str) -> Problem | None:
        """Return a problem; None = there is none of that name."""
        return next((p for p in self.problems if p.id == problem_id), None)


def _desk(person: Person) -> ProblemDesk:
    return ProblemDesk(policies.room().store(), person, clock=policies.now)


def acting_desk() -> ProblemDesk:
    """Return the desk for what is recorded under the name of whoever uses the app now.

    Raises
    ------
    InvalidChoice, NotAllowed
        When nobody knows who that is.
    """
    return _desk(identity.who())


def reading_desk() -> ProblemDesk:
    """Return the desk to read at.

    Raises
    ------
    NotAllowed
        When whoever uses the app is not signed in where that is needed.
    """
    return _desk(identity.visitor())


def scope_of(view: View) -> ProblemScope:
    """Return what problems have to belong to: the data of the case, or the policy that is looked at."""
    data = frozenset(d.dataset.fingerprint for d in view.case.data)
    named = view.choices.policy
    return ProblemScope(data=data, policy_id=named if named and named != policies.ANOTHER else None)


def pair_of(view: View) -> tuple[str, str | None]:
    """Return the keys of the data and the model that are looked at."""
    model = view.case.model_of(view.choices.model)
    return view.case.data_of(view.choices.data).key, None if model is None else model.key


def found(view: View) -> Found:
    """Read the problems of a case, run them on every model and data set, and put on record what is new.

    Only figures at the threshold at which a problem was seen go on record: a slider would fill the ledger.
    """
    # None is made for somebody who may only look; whoever may open a problem is told what stands in its way.
    is_open = store_is_there() or rights.may(AppRole.EXPERT)
    problems = reading_desk().problems(scope_of(view)) if is_open else []
    threshold = view.choices.threshold
    with st.spinner(tr("Running the problems on every model")):
        table = evaluate_problems(view.case, problems, threshold)
        same = [p for p in problems if p.basis.threshold in {None, threshold}]
        problems, complaint = _recorded(problems, lambda desk: record_results(desk, same, table))
        tried = batches.histories(view, problems)
    new = {key: found.new for key, found in tried.items() if found.new}
    if new and not complaint:
        # A batch is tried at the threshold of its policy, whatever is looked at.
        problems, complaint = _recorded(problems, lambda desk: [desk.record(*one) for one in new.items()])
    order = table.triaged(problems, *pair_of(view))
    return Found(
        problems=tuple(problems), table=table, order=tuple(order), batches=tried, not_recorded=complaint
    )


@spoken(KEPT)
def _recorded(
    problems: list[Problem], record: Callable[[ProblemDesk], list[Problem]]
) -> tuple[list[Problem], str]:
    """Put something on record as far as whoever looks may; return the problems as they stand then, and a complaint."""
    if not problems or not is_known():
        return problems, ""
    desk = acting_desk()
    if not desk.may_write():
        return problems, ""
    try:
        now = {p.id: p for p in record(desk)}
    except RaiError as error:
        # Looking must not fail for a store that cannot be written.
        return problems, error.message
    return [now.get(p.id, p) for p in problems], ""


def line_here(view: View, found_: Found, problem_id: str) -> Evaluated | None:
    """Return what the model that is looked at does about a problem, on the data that are looked at."""
    return found_.table.on(problem_id, *pair_of(view))
