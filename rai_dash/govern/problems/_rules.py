"""What may be done to a problem, by whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from rai_dash.core.errors import InvalidChoice, NotAllowed
from rai_dash.core.texts import tr
from rai_dash.govern._bodies import add_months
from rai_dash.govern._desk_rules import MIN_REASON, tidy
from rai_dash.govern.people import AppRole, Person, folded, require
from rai_dash.govern.problems.nouns import Problem, State, Status

MAX_TITLE: Final = 200
#: Months after which an acceptance has to be given again at the latest.
LONGEST_ACCEPTANCE: Final = 60
_ANYTHING_BUT_OPEN = frozenset(Status) - {Status.OPEN}
#: Where each status may lead. What was closed is opened before it is worked on again.
NEXT: Final[Mapping[Status, frozenset[Status]]] = {
    Status.OPEN: _ANYTHING_BUT_OPEN,
    Status.CONFIRMED: _ANYTHING_BUT_OPEN - {Status.CONFIRMED},
    Status.IN_WORK: _ANYTHING_BUT_OPEN - {Status.IN_WORK},
    Status.FIXED: frozenset({Status.OPEN}),
    Status.ACCEPTED: frozenset({Status.OPEN, Status.IN_WORK, Status.FIXED}),
    Status.NOT_A_PROBLEM: frozenset({Status.OPEN}),
}


def is_owner(person: Person, problem: Problem) -> bool:
    """Whether the person looks after the problem: owners are known by name."""
    return problem.owner is not None and folded(problem.owner) == folded(person.name)


def require_move(person: Person, problem: Problem, doing: str) -> None:
    """Refuse what only an analyst, or an expert who looks after the problem, may do.

    Raises
    ------
    NotAllowed
        With what is needed.
    """
    if is_owner(person, problem):
        require(person, AppRole.EXPERT, doing)
    elif person.role < AppRole.ANALYST:
        msg = tr(
            "{doing} needs the role {analyst}, or that you look after the problem; you are signed in as "
            "{role}. Ask your operator.",
            doing=doing,
            analyst=AppRole.ANALYST.label,
            role=person.role.label,
        )
        raise NotAllowed(msg)


def check_move(problem: Problem, to: Status, *, reason: str, until: datetime | None, at: datetime) -> str:
    """Refuse a status that cannot follow, or that lacks what it needs; return the tidied reason.

    Raises
    ------
    InvalidChoice
        When the status cannot follow the one there is, or the end of an acceptance makes no sense.
    InvalidRecord
        When a reason is needed and is missing or too short.
    """
    if to not in NEXT[problem.status]:
        known = ", ".join(status.value for status in Status if status in NEXT[problem.status])
        msg = tr(
            "The problem is {status}; it cannot become {to}. From here it can be: {known}.",
            status=problem.status.value,
            to=to.value,
            known=known,
        )
        raise InvalidChoice(msg)
    _check_until(to, until, at)
    return tidy(reason, "reason", least=MIN_REASON if needs_reason(problem, to) else 0)


def needs_reason(problem: Problem, to: Status) -> bool:
    """Whether a status needs a reason: fixed does where no result on record shows it."""
    if to is Status.FIXED:
        return not shown_fixed(problem)
    return to in {Status.ACCEPTED, Status.NOT_A_PROBLEM} or problem.status.is_closed


def shown_fixed(problem: Problem) -> bool:
    """Whether the newest measurement says that some model mends it, and no newer one says that it is back."""
    last = max((r.seq for r in problem.results), default=0)
    newest = [r.state for r in problem.results if r.seq == last]
    return State.FIXED in newest and State.REGRESSED not in newest


def _check_until(to: Status, until: datetime | None, at: datetime) -> None:
    if (to is Status.ACCEPTED) != (until is not None):
        msg = (
            tr("A problem is accepted until a day. Name the day on which it is looked at again.")
            if until is None
            else tr("Only an acceptance has an end; {to} has none. Leave the day out.", to=to.value)
        )
        raise InvalidChoice(msg)
    if until is not None and not at < until <= add_months(at, LONGEST_ACCEPTANCE):
        msg = tr(
            "A problem is accepted until a day after today, and for at most {longest_acceptance} years. "
            "Name another day.",
            longest_acceptance=LONGEST_ACCEPTANCE // 12,
        )
        raise InvalidChoice(msg)


def tidy_title(text: str) -> str:
    """Tidy a title.

    Raises
    ------
    InvalidRecord
        When it is too short.
    InvalidChoice
        When it is too long.
    """
    title = " ".join(tidy(text, "title", least=3).split())
    if len(title) > MAX_TITLE:
        msg = tr(
            "The title has {title} characters; at most {max_title} are kept. Shorten it.",
            title=f"{len(title):,}",
            max_title=MAX_TITLE,
        )
        raise InvalidChoice(msg)
    return title
