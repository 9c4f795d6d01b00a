"""Problems that a candidate fixes, and those that it brings back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import mark, ntr, tr
from rai_dash.govern.database import store_is_there
from rai_dash.ui import identity, widgets
from rai_dash.ui.models.look import Look
from rai_dash.ui.reviewing.tables import table
from rai_dash.ui.signing import desk
from rai_dash.ui.text import NOTHING, count, estimate_text, safe

if TYPE_CHECKING:
    from rai_dash.govern.problems import Problem
    from rai_dash.report.models_found import Candidate
    from rai_dash.report.problems_work import Evaluated

_NONE: Final = mark("No problem is on record for these data. Problems are opened on the Problems page.")


def panel(look: Look) -> None:
    """Draw one row a problem: what both models do to its people on the test set."""
    try:
        found = _problems(look)
        lines = _lines(look, found) if found else []
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    if not found:
        widgets.note(tr(_NONE))
        return
    states = [(now.state.value if now else "", then.state.value if then else "") for _, now, then in lines]
    fixed = sum(then == "fixed" and now != "fixed" for now, then in states)
    back = sum(then == "regressed" for _, then in states)
    widgets.finding(
        ntr(
            "Of {found} problem on record the candidate fixes **{fixed}** and brings back **{back}**, on the "
            "test set.",
            "Of {found} problems on record the candidate fixes **{fixed}** and brings back **{back}**, on "
            "the test set.",
            len(found),
            found=count(len(found)),
            fixed=count(fixed),
            back=count(back),
        ),
        warn=back > 0,
    )
    table(
        [
            tr("Problem"),
            tr("Error now"),
            tr("Error with the candidate"),
            tr("State now"),
            tr("State with the candidate"),
        ],
        [_row(*line) for line in lines],
        words=(0, 3, 4),
    )
    widgets.note(
        tr(
            "A problem is fixed where its error is shown to be smaller than with the model that it was seen "
            "on, on the same people, and nothing of it is shown any more; smaller alone is not fixed. The "
            "Problems page has the history."
        )
    )


def _problems(look: Look) -> list[Problem]:
    """Return the problems of the data of this case; none where there is no store yet."""
    from rai_dash.govern.problems import ProblemDesk, ProblemScope

    if not store_is_there():
        return []
    data = frozenset(d.dataset.fingerprint for d in look.view.case.data)
    scope = ProblemScope(data=data, policy_id=None)
    return ProblemDesk(desk.room().store(), identity.visitor(), clock=desk.now).problems(scope)


def _lines(look: Look, found: list[Problem]) -> list[tuple[Problem, Evaluated | None, Evaluated | None]]:
    """Measure every problem on the test set under both models, each at its own threshold."""
    from rai_dash.report.problems_work import evaluate_problems

    # Only the test set: other data are none of this page's business.
    case = replace(look.view.case, data=(look.found.data,))
    now, then = look.current, look.candidate
    tables = {t: evaluate_problems(case, found, t) for t in {now.threshold, then.threshold}}

    def on(problem: Problem, side: Candidate) -> Evaluated | None:
        return tables[side.threshold].on(problem.id, look.found.data.key, side.key)

    return [(problem, on(problem, now), on(problem, then)) for problem in found]


def _row(problem: Problem, now: Evaluated | None, then: Evaluated | None) -> list[str]:
    return [
        safe(problem.title, limit=120),
        *(NOTHING if one is None else estimate_text(one.found.error) for one in (now, then)),
        *(NOTHING if one is None else safe(one.state.value) for one in (now, then)),
    ]
