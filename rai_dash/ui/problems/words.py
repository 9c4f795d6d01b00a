"""What the Problems page says; titles and names stand in it as they were typed: escape them where shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.words import NOTHING, count, number, percent
from rai_dash.data.slices import slice_words
from rai_dash.govern.problems import Problem, Source, State, Status, Triaged
from rai_dash.govern.problems.states import shown
from rai_dash.report.problems_work import Evaluated, ProblemTable

SOURCES: Final[Mapping[Source, str]] = {
    Source.PERSON: mark("A person saw it"),
    Source.MONITOR: mark("The monitor found it"),
    Source.SLICES: mark("Found where the error concentrates"),
    Source.LEAK: mark("From a leak"),
    Source.PROXY: mark("From a proxy"),
    Source.EXPLANATION: mark("From an explanation"),
}
#: What harm means, from 1 to 5.
HARMS: Final[Mapping[int, str]] = {
    1: mark("1: hardly any"),
    2: mark("2: a nuisance"),
    3: mark("3: costs people something"),
    4: mark("4: costs them dearly"),
    5: mark("5: changes a life"),
}


def whom(problem: Problem) -> str:
    """Say which people a problem is about; hand-picked ones are only counted."""
    if problem.slice is None:
        return tr("People picked by hand; which ones is not kept any more")
    if problem.has_patterns:
        n = len(problem.slice.rows)
        return ntr("{n} person picked by hand", "{n} people picked by hand", n, n=count(n))
    return slice_words(problem.slice)


def finding(problems: Sequence[Problem], order: Sequence[Triaged], table: ProblemTable) -> str:
    """Say in a sentence or two how things are."""
    if not problems:
        return tr(
            "No problem is known for these data. That may mean that nobody has looked: see where the "
            "error concentrates, or report what you have seen."
        )
    is_open = {p.id for p in problems if not p.status.is_closed}
    n = len(is_open)
    if not n:
        closed = len(problems)
        text = ntr(
            "No problem is open; {closed} is closed.",
            "No problem is open; {closed} are closed.",
            closed,
            closed=count(closed),
        )
    else:
        text = ntr(
            "{n} problem is open{worst}.",
            "{n} problems are open{worst}.",
            n,
            n=count(n),
            worst=_worst(order, is_open),
        )
    back = sum(any(x.state is State.REGRESSED for x in table.of(p.id)) for p in problems)
    if back:
        text += ntr(" {back} has come back.", " {back} have come back.", back, back=count(back))
    return text


def _worst(order: Sequence[Triaged], is_open: Iterable[str]) -> str:
    """Say how bad the first open problem is; nothing where that is undefined."""
    there = set(is_open)
    known = [one for one in order if one.id in there and one.priority is not None]
    # What is about everyone has the usual error by its definition: that says nothing.
    first = next((one for one in known if one.share is not None and one.share < 1.0), None)
    if first is None:
        return ntr("; it is about everyone", "; the first is about everyone", len(there)) if known else ""
    return ntr(
        "; on these data it touches {share} of applicants with {normalised} times the usual error",
        "; on these data the worst touches {share} of applicants with {normalised} times the usual error",
        len(there),
        share=percent(first.share),
        normalised=number(first.normalised, digits=1),
    )


def elsewhere(problems: Sequence[Problem], table: ProblemTable, here: tuple[str, str | None]) -> str:
    """Say how many open problems the same model has on other data of the case only; empty = none.

    Parameters
    ----------
    problems : sequence of Problem
    table : ProblemTable
    here : tuple of str
        Keys of the data and the model that are looked at.
    """
    still_open = [p for p in problems if not p.status.is_closed]
    n = sum(_is_only_elsewhere(p, table, here) for p in still_open)
    if not n:
        return ""
    if len(still_open) == 1:
        return tr("It is not shown on these data, but it is on others with the same model.")
    return ntr(
        "{n} of them is not shown on these data, but is on others with the same model.",
        "{n} of them are not shown on these data, but are on others with the same model.",
        n,
        n=count(n),
    )


def _is_only_elsewhere(problem: Problem, table: ProblemTable, here: tuple[str, str | None]) -> bool:
    there = {
        line.data
        for line in table.of(problem.id)
        if line.model == here[1] and shown(line.found.error, line.found.excess, problem.tolerance)
    }
    return bool(there) and here[0] not in there


def is_worrying(problems: Sequence[Problem], table: ProblemTable) -> bool:
    """Whether the finding is a warning: something is open or has come back."""
    return any(
        not p.status.is_closed or any(x.state is State.REGRESSED for x in table.of(p.id)) for p in problems
    )


def status(problem: Problem) -> str:
    """Write the status, with the last day of an acceptance."""
    last = problem.last_day
    return (
        problem.status.value
        if last is None
        else tr("{status} until {day}", status=problem.status.value, day=day(last))
    )


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
    return {s.value: tr(_BECOMES[s]) for s in Status if s in allowed and s is not status_now}


_BECOMES: Final[Mapping[Status, str]] = {
    Status.OPEN: mark("Open again"),
    Status.CONFIRMED: mark("Confirmed: it is real"),
    Status.IN_WORK: mark("In work: somebody mends it"),
    Status.FIXED: mark("Fixed"),
    Status.ACCEPTED: mark("Accepted for a time"),
    Status.NOT_A_PROBLEM: mark("Not a problem"),
}
