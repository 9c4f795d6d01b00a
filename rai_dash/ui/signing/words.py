"""What the Sign-off page says in plain sentences; they hold names as they were typed: escape them where shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from rai_dash.core.words import count
from rai_dash.govern.events import Kind, Stage
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.policy_changes import Change
from rai_dash.govern.standing import Standing, reminders
from rai_dash.govern.timeline import ERASED_NAME, stage_words
from rai_dash.govern.workflow import State, VersionStatus


class Tone(StrEnum):
    """How a state is to be taken."""

    GOOD = "good"
    OPEN = "open"
    SOON = "soon"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing about a policy, and how to take it."""

    text: str
    tone: Tone


STAGES: Final[Mapping[Stage, str]] = {
    Stage.SHADOW: "In the shadow",
    Stage.SHARE: "For a share of the cases",
    Stage.ALL: "For all cases",
}
#: What each stage means, in a sentence.
STAGE_MEANS: Final[Mapping[Stage, str]] = {
    Stage.SHADOW: "The machine decides nothing yet: its routes are only written down, beside what people decide.",
    Stage.SHARE: "A fixed share of the cases, always the same ones, is decided by this version; the rest as before.",
    Stage.ALL: "Every case is decided by this version; the version before is superseded.",
}
MEANINGS: Final[Mapping[str, str]] = {
    "approval": "approval: I agree that this is done",
    "review": "review: I have read and checked it",
    "responsibility": "responsibility: I answer for what follows",
}
#: What follows from the rest, and what the rest is called.
_FOLLOWS: Final = frozenset({"figures", "people", "groups", "gaps"})
_PARTS: Final[Mapping[str, str]] = {
    "title": "the title",
    "validity": "how long it is valid",
    "monitoring": "the monitoring",
    "environment": "what it is meant for",
    "data": "the data",
    "model": "the model",
    "score": "the score",
    "code": "the version of the app",
    "band": "the band",
    "conditions": "the conditions",
    "costs": "the costs",
    "reviewer": "what is assumed of reviewers",
    "workload": "the workload",
    "limits": "the limits",
    "harm": "what was written about harm",
    "guarantee": "the promise",
    "alternatives": "the bands considered",
    "warnings": "the warnings",
    "other": "details",
}
_TO_PERSON: Final = "everything goes to a person"


def day(at: datetime | None) -> str:
    """Write a day: "3 Nov 2026"."""
    return "–" if at is None else f"{at.day} {at:%b %Y}"


def moment(at: datetime) -> str:
    """Write a time: "3 Nov 2026, 14:05 UTC"."""
    return f"{day(at)}, {at:%H:%M} UTC"


def named(name: str | None) -> str:
    """Write a name, or that it was erased."""
    return ERASED_NAME if name is None else name


def both(names: Sequence[str]) -> str:
    """Write names in a row: "a, b and c"."""
    *first, last = names or ("nobody",)
    return f"{', '.join(first)} and {last}" if first else last


def decisive(standing: Standing) -> VersionStatus:
    """Return the version that says who decides: the active one, else the last that was in force, else the newest."""
    over = [v for v in standing.versions if v.state.is_over and v.valid_from is not None]
    # One that was superseded had handed over before the end, even where it began after the one that came back.
    last = max(over, key=lambda v: (v.state is not State.SUPERSEDED, v.valid_from, v.version), default=None)
    return standing.active or last or standing.latest


def status_lines(standing: Standing, now: datetime, days: Sequence[int]) -> Iterator[Line]:
    """Say in a few words how a policy stands, for the sidebar of every page.

    Parameters
    ----------
    standing : Standing
        As of ``now``.
    days : sequence of int
        Days before the end from which on to remind.
    """
    main = decisive(standing)
    yield _short(standing, main, "Policy")
    if main.state is State.ACTIVE and main.expires_at is not None and reminders(standing, now, days):
        left = (main.expires_at - now).days
        when = "in less than a day" if left < 1 else f"in {left} day{'' if left == 1 else 's'}"
        yield Line(f"It expires {when}, on {day(main.expires_at)}", Tone.SOON)
    others = [v for v in standing.versions if v.version != main.version and _is_open(v)]
    for other in others[-1:]:
        yield _short(standing, other, f"Version {other.version}")


def _is_open(status: VersionStatus) -> bool:
    return status.state in {State.DRAFT, State.IN_REVIEW, State.SIGNED} or status.is_rolling_out


def _short(standing: Standing, status: VersionStatus, what: str) -> Line:
    if status.state is State.ACTIVE and status.suspended is not None:
        return Line(f"{what}: suspended, {_TO_PERSON}", Tone.BAD)
    stage = stage_words(status.stage, status.share).partition(":")[0]
    told = {
        State.DRAFT: _draft(status, "a draft, nobody has signed it"),
        State.IN_REVIEW: f"in review, waits for {both(status.missing_roles)}",
        State.SIGNED: f"signed on {day(status.signed_at)}, not in use yet",
        State.ACTIVE: f"active since {day(status.valid_from)}, {stage}",
        State.SUPERSEDED: f"superseded{_since(standing, status)}, {_TO_PERSON}",
        State.EXPIRED: f"expired on {day(status.expires_at)}, {_TO_PERSON}",
        State.REVOKED: f"revoked{_since(standing, status)}, {_TO_PERSON}",
    }
    return Line(f"{what}: {told[status.state]}", tone_of(status))


def tone_of(status: VersionStatus) -> Tone:
    """Say how the state of a version is to be taken."""
    if status.state.is_over or status.suspended is not None:
        return Tone.BAD
    return Tone.GOOD if status.state is State.ACTIVE else Tone.OPEN


def _since(standing: Standing, status: VersionStatus) -> str:
    ends = [
        e for e in standing.events if e.version == status.version and e.kind in {Kind.REVOKE, Kind.REVERT}
    ]
    return f" on {day(ends[-1].at)}" if ends else ""


def state_line(standing: Standing, status: VersionStatus) -> Line:
    """Say in a sentence where a version stands."""
    why = "" if status.reason is None else f" Reason: {status.reason.rstrip('.')}."
    by = "" if status.superseded_by is None else f" by version {status.superseded_by}"
    told = {
        State.DRAFT: f"is {_draft(status, f'a draft of {day(status.drafted_at)} that nobody was asked to sign')}.",
        State.IN_REVIEW: f"is in review since {day(status.submitted_at)} and waits for {_missing(status)}.",
        State.SIGNED: f"was signed on {day(status.signed_at)} and is not in use yet.",
        State.ACTIVE: _active(status),
        State.SUPERSEDED: f"was superseded{by}: it decides nothing any more.{why}",
        State.EXPIRED: f"expired on {day(status.expires_at)}: {_TO_PERSON}.",
        State.REVOKED: f"was revoked{_since(standing, status)}: it decides nothing any more.{why}",
    }
    what = f"Version {status.version} of “{status.title}” ({status.environment})"
    return Line(f"{what} {told[status.state]}", tone_of(status))


def _draft(status: VersionStatus, first: str) -> str:
    """Say that a draft is new, or who sent it back."""
    if not status.dissent:
        return first
    last = status.dissent[-1]
    return f"a draft again: {named(last.name)}, {last.role}, rejected it on {day(last.at)}"


def _missing(status: VersionStatus) -> str:
    return both([f"the {role}" for role in status.missing_roles])


def _active(status: VersionStatus) -> str:
    if status.suspended is not None:
        return f"is suspended: {_TO_PERSON}. Reason: {status.suspended.rstrip('.')}."
    stage = stage_words(status.stage, status.share)
    return f"is active since {day(status.valid_from)}, until {day(status.expires_at)}, {stage}."


def differing_words(changes: Sequence[Change]) -> str:
    """Say what differs: what was chosen by name, and how many figures follow from it."""
    chosen = list(dict.fromkeys(_PARTS.get(c.where, c.where) for c in changes if c.where not in _FOLLOWS))
    n = sum(c.where in _FOLLOWS for c in changes)
    figures = f"{count(n)} figure{'' if n == 1 else 's'}"
    if not chosen:
        return figures
    return f"{both(chosen)}, and {figures} with it" if n else both(chosen)


def you_words(
    person: Person, status: VersionStatus | None, *, is_author: bool = False, approved_as: Sequence[str] = ()
) -> str:
    """Say who somebody is here, and what they can do about a version.

    Parameters
    ----------
    person : Person
    status : VersionStatus or None
        None = there is no version yet.
    is_author : bool
        Whether they wrote the version.
    approved_as : sequence of str
        Required roles in which they have approved it.
    """
    vouched = "signed in" if person.is_verified else "name not verified"
    can = _can(person, status)
    if status is not None and status.state is State.IN_REVIEW:
        if is_author:
            can = "You wrote it, so others have to approve it."
        elif approved_as:
            can = f"You approved it as {both(approved_as)}; each other role needs another person."
    return f"You are {person.name} ({person.role.label}, {vouched}). {can}"


def _can(person: Person, status: VersionStatus | None) -> str:
    state = None if status is None else status.state
    if status is not None and state is State.IN_REVIEW:
        own = [role for role in status.missing_roles if person.may_sign_as(role)]
        asked = person.role >= AppRole.EXPERT and own
        return (
            f"You can sign below as {' or '.join(own)}."
            if asked
            else "You can read it; you are not asked to approve it."
        )
    if state is State.SIGNED:
        may = person.role >= AppRole.OPERATOR
        return "You can put it into force below." if may else "An operator has to put it into force."
    if state is State.ACTIVE:
        return "You can see below what changed since it was signed."
    may = person.role >= AppRole.ANALYST
    return (
        "You can state what is decided below."
        if may
        else "You can read it; an analyst has to send it to review."
    )
