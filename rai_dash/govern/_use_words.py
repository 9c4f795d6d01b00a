"""The use of a policy in sentences: batches, problems, and cases that people decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rai_dash.core.texts import ntr, tr
from rai_dash.core.words import count, many
from rai_dash.govern._question_facts import InUse
from rai_dash.govern.monitor.lines import Held

_HELD: Final[Mapping[Held, str]] = {
    Held.HOLDS: "holds what was signed",
    Held.WATCH: "lies outside the limits, but by no more than chance would often give",
    Held.BREACH: "breaks the limits that were signed",
    Held.UNSURE: "has too few rows to say whether the limits hold",
}


def batch_words(use: InUse) -> str:
    """Say which batches were held against a version, and what the newest one says."""
    if use.newest is None:
        return tr("No batch has been recorded yet, so nothing is known from its use.")
    known = (
        tr("{outcomes} of them with an outcome", outcomes=count(use.outcomes))
        if use.outcomes
        else tr("none of them with an outcome")
    )
    have = "has" if use.batches == 1 else "have"
    return tr(
        "{batches} with {applications}, {known}, {have} been held against it; the newest one {newest}.",
        batches=many(use.batches, "batch", "batches"),
        applications=many(use.applications, "application", "applications"),
        known=known,
        have=have,
        newest=_HELD[use.newest],
    )


def group_words(use: InUse) -> str:
    """Say what the newest batch says about groups."""
    if use.newest is None:
        return batch_words(use)
    if not use.group_figures:
        return tr("{batch} No figure of a group could be judged in it.", batch=batch_words(use))
    outside = ntr(
        "{groups_outside} lies outside by more than chance",
        "{groups_outside} lie outside by more than chance",
        use.groups_outside,
        groups_outside=count(use.groups_outside),
    )
    few = use.group_figures - use.groups_settled
    rest = (
        ntr(", and {few} rests on too few rows", ", and {few} rest on too few rows", few, few=count(few))
        if few
        else ""
    )
    return tr(
        "{batch} Of its {group_figures} by group {outside}{rest}.",
        batch=batch_words(use),
        group_figures=many(use.group_figures, "figure", "figures"),
        outside=outside,
        rest=rest,
    )


def problem_words(use: InUse) -> str:
    """Say how many problems are tracked."""
    if not use.problems:
        return tr("No problem has been recorded yet.")
    return ntr(
        "{problems} is on record, each with the people it hits and how bad that is; {problems_open} "
        "{which} open.",
        "{problems} are on record, each with the people it hits and how bad that is; {problems_open} "
        "{which} open.",
        use.problems,
        problems=many(use.problems, "problem", "problems"),
        problems_open=count(use.problems_open),
        which=tr("is") if use.problems_open == 1 else tr("are"),
    )


def queue_words(use: InUse) -> str:
    """Say how far people are with the cases that the policy sends to them."""
    if not use.cases:
        return tr("No review queue has been filled yet, so how people decide is not on record.")
    return ntr(
        "People have settled {settled} of {cases} of its review queue, blind first; {read_twice} was "
        "read by two or more.",
        "People have settled {settled} of {cases} of its review queue, blind first; {read_twice} were "
        "read by two or more.",
        use.read_twice,
        settled=count(use.settled),
        cases=many(use.cases, "case", "cases"),
        read_twice=count(use.read_twice),
    )
