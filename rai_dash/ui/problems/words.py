"""What the Problems page says; titles and names stand in it as they were typed: escape them where shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from rai_dash.core.words import NOTHING, count, number, percent
from rai_dash.data.slices import slice_words
from rai_dash.govern.problems import Problem, Source, State, Status, Triaged
from rai_dash.report.problems_work import Evaluated, ProblemTable

SOURCES: Final[Mapping[Source, str]] = {
    Source.PERSON: "A person saw it",
    Source.MONITOR: "The monitor found it",
    Source.SLICES: "Found where the error concentrates",
    Source.LEAK: "From a leak",
    Source.PROXY: "From a proxy",
    Source.EXPLANATION: "From an explanation",
}
#: What harm means, from 1 to 5.
HARMS: Final[Mapping[int, str]] = {
    1: "1: hardly any",
    2: "2: a nuisance",
    3: "3: costs people something",
    4: "4: costs them dearly",
    5: "5: changes a life",
}


def whom(problem: Problem) -> str:
    """Say which people a problem is about; hand-picked ones are only counted."""
    if problem.slice is None:
        return "People picked by hand; which ones is not kept any more"
    if problem.has_patterns:
        n = len(problem.slice.rows)
        return f"{count(n)} {'person' if n == 1 else 'people'} picked by hand"
    return slice_words(problem.slice)


def finding(problems: Sequence[Problem], order: Sequence[Triaged], table: ProblemTable) -> str:
    """Say in a sentence or two how things are."""
    if not problems:
        return (
            "No problem is known for these data. That may mean that nobody has looked: see where the error "
            "concentrates, or report what you have seen."
        )
    is_open = {p.id for p in problems if not p.status.is_closed}
    n = len(is_open)
    if not n:
        closed = len(problems)
        text = f"No problem is open; {count(closed)} {'is' if closed == 1 else 'are'} closed."
    else:
        text = f"{count(n)} {'problem is' if n == 1 else 'problems are'} open{_worst(order, is_open)}."
    back = sum(any(x.state is State.REGRESSED for x in table.of(p.id)) for p in problems)
    if back:
        text += f" {count(back)} {'has' if back == 1 else 'have'} come back."
    return text


def _worst(order: Sequence[Triaged], is_open: Iterable[str]) -> str:
    """Say how bad the first open problem is; nothing where that is undefined."""
    there = set(is_open)
    known = [one for one in order if one.id in there and one.priority is not None]
    # What is about everyone has the usual error by its definition: that says nothing.
    first = next((one for one in known if one.share is not None and one.share < 1.0), None)
    if first is None:
        return f"; {'it is' if len(there) == 1 else 'the first is'} about everyone" if known else ""
    called = "it" if len(there) == 1 else "the worst"
    return (
        f"; {called} touches {percent(first.share)} of applicants with {number(first.normalised, digits=1)} times the "
        "usual error"
    )


def is_worrying(problems: Sequence[Problem], table: ProblemTable) -> bool:
    """Whether the finding is a warning: something is open or has come back."""
    return any(
        not p.status.is_closed or any(x.state is State.REGRESSED for x in table.of(p.id)) for p in problems
    )


def status(problem: Problem) -> str:
    """Write the status, with the last day of an acceptance."""
    last = problem.last_day
    return problem.status.value if last is None else f"{problem.status.value} until {day(last)}"


def day(at: date) -> str:
    """Write a day.

    Examples
    --------
    >>> day(date(2026, 11, 3))
    '3 Nov 2026'
    """
    return f"{at.day} {at:%b %Y}"


def times(normalised: float | None) -> str:
    """Write a normalised error: "2.4 ×"."""
    return NOTHING if normalised is None else f"{number(normalised, digits=1)} ×"


def list_row(problem: Problem, place: Triaged, line: Evaluated | None) -> dict[str, str]:
    """Write one row of the list of problems."""
    return {
        "Problem": problem.title,
        "Here": NOTHING if line is None else line.state.value,
        "People": percent(place.share),
        "Error against all": times(place.normalised),
        "Harm": count(problem.harm),
        "Priority": number(place.priority),
        "Status": status(problem),
        "Owner": problem.owner or "nobody",
    }


def may_become(status_now: Status, follow: Iterable[Status]) -> dict[str, str]:
    """Name what a problem may become, in the order in which work goes on."""
    allowed = set(follow)
    return {s.value: _BECOMES[s] for s in Status if s in allowed and s is not status_now}


_BECOMES: Final[Mapping[Status, str]] = {
    Status.OPEN: "Open again",
    Status.CONFIRMED: "Confirmed: it is real",
    Status.IN_WORK: "In work: somebody mends it",
    Status.FIXED: "Fixed",
    Status.ACCEPTED: "Accepted for a time",
    Status.NOT_A_PROBLEM: "Not a problem",
}
