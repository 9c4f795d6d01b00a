"""The use of a policy in sentences: batches, problems, and cases that people decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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
        return "No batch has been recorded yet, so nothing is known from its use."
    known = (
        f"{count(use.outcomes)} of them with an outcome" if use.outcomes else "none of them with an outcome"
    )
    have = "has" if use.batches == 1 else "have"
    return (
        f"{many(use.batches, 'batch', 'batches')} with {many(use.applications, 'application')}, {known}, {have} been "
        f"held against it; the newest one {_HELD[use.newest]}."
    )


def group_words(use: InUse) -> str:
    """Say what the newest batch says about groups."""
    if use.newest is None:
        return batch_words(use)
    if not use.group_figures:
        return f"{batch_words(use)} No figure of a group could be judged in it."
    outside = f"{count(use.groups_outside)} {'lies' if use.groups_outside == 1 else 'lie'} outside by more than chance"
    few = use.group_figures - use.groups_settled
    rest = f", and {count(few)} {'rests' if few == 1 else 'rest'} on too few rows" if few else ""
    return f"{batch_words(use)} Of its {many(use.group_figures, 'figure')} by group {outside}{rest}."


def problem_words(use: InUse) -> str:
    """Say how many problems are tracked."""
    if not use.problems:
        return "No problem has been recorded yet."
    return (
        f"{many(use.problems, 'problem')} {'is' if use.problems == 1 else 'are'} on record, each with the people it "
        f"hits and how bad that is; {count(use.problems_open)} {'is' if use.problems_open == 1 else 'are'} open."
    )


def queue_words(use: InUse) -> str:
    """Say how far people are with the cases that the policy sends to them."""
    if not use.cases:
        return "No review queue has been filled yet, so how people decide is not on record."
    return (
        f"People have settled {count(use.settled)} of {many(use.cases, 'case')} of its review queue, blind first; "
        f"{count(use.read_twice)} {'was' if use.read_twice == 1 else 'were'} read by two or more."
    )
