"""What the Sign-off page says in plain sentences; they hold names as they were typed: escape them where shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from rai_dash.core.texts import mark, ntr, tr
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
    Stage.SHADOW: mark("In the shadow"),
    Stage.SHARE: mark("For a share of the cases"),
    Stage.ALL: mark("For all cases"),
}
#: What each stage means, in a sentence.
STAGE_MEANS: Final[Mapping[Stage, str]] = {
    Stage.SHADOW: mark(
        "The machine decides nothing yet: its routes are only written down, beside what people decide."
    ),
    Stage.SHARE: mark(
        "A fixed share of the cases, always the same ones, is decided by this version; the rest as before."
    ),
    Stage.ALL: mark("Every case is decided by this version; the version before is superseded."),
}
MEANINGS: Final[Mapping[str, str]] = {
    "approval": mark("approval: I agree that this is done"),
    "review": mark("review: I have read and checked it"),
    "responsibility": mark("responsibility: I answer for what follows"),
}
#: What follows from the rest, and what the rest is called.
_FOLLOWS: Final = frozenset({"figures", "people", "groups", "gaps"})
_PARTS: Final[Mapping[str, str]] = {
    "title": mark("the title"),
    "validity": mark("how long it is valid"),
    "monitoring": mark("the monitoring"),
    "environment": mark("what it is meant for"),
    "data": mark("the data"),
    "model": mark("the model"),
    "score": mark("the score"),
    "code": mark("the version of the app"),
    "band": mark("the band"),
    "conditions": mark("the conditions"),
    "costs": mark("the costs"),
    "reviewer": mark("what is assumed of reviewers"),
    "workload": mark("the workload"),
    "limits": mark("the limits"),
    "harm": mark("what was written about harm"),
    "guarantee": mark("the promise"),
    "alternatives": mark("the bands considered"),
    "warnings": mark("the warnings"),
    "other": "details",
}
_TO_PERSON: Final = mark("everything goes to a person")


def day(at: datetime | None) -> str:
    """Write a day: "3 Nov 2026"."""
    return "–" if at is None else f"{at.day} {at:%b %Y}"


def moment(at: datetime) -> str:
    """Write a time: "3 Nov 2026, 14:05 UTC"."""
    return tr("{day}, {at} UTC", day=day(at), at=f"{at:%H:%M}")


def named(name: str | None) -> str:
    """Write a name, or that it was erased."""
    return ERASED_NAME if name is None else name


def both(names: Sequence[str]) -> str:
    """Write names in a row: "a, b and c"."""
    *first, last = names or ("nobody",)
    return tr("{first} and {last}", first=", ".join(first), last=last) if first else last


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
    yield _short(standing, main, tr("Policy"))
    if main.state is State.ACTIVE and main.expires_at is not None and reminders(standing, now, days):
        left = (main.expires_at - now).days
        when = (
            tr("in less than a day") if left < 1 else ntr("in {left} day", "in {left} days", left, left=left)
        )
        yield Line(tr("It expires {when}, on {day}", when=when, day=day(main.expires_at)), Tone.SOON)
    others = [v for v in standing.versions if v.version != main.version and _is_open(v)]
    for other in others[-1:]:
        yield _short(standing, other, tr("Version {version}", version=other.version))


def _is_open(status: VersionStatus) -> bool:
    return status.state in {State.DRAFT, State.IN_REVIEW, State.SIGNED} or status.is_rolling_out


def _short(standing: Standing, status: VersionStatus, what: str) -> Line:
    if status.state is State.ACTIVE and status.suspended is not None:
        return Line(tr("{what}: suspended, {to_person}", what=what, to_person=tr(_TO_PERSON)), Tone.BAD)
    stage = stage_words(status.stage, status.share).partition(":")[0]
    told = {
        State.DRAFT: _draft(status, tr("a draft, nobody has signed it")),
        State.IN_REVIEW: tr("in review, waits for {both}", both=both(status.missing_roles)),
        State.SIGNED: tr("signed on {day}, not in use yet", day=day(status.signed_at)),
        State.ACTIVE: tr("active since {day}, {stage}", day=day(status.valid_from), stage=stage),
        State.SUPERSEDED: tr(
            "superseded{since}, {to_person}", since=_since(standing, status), to_person=tr(_TO_PERSON)
        ),
        State.EXPIRED: tr(
            "expired on {day}, {to_person}", day=day(status.expires_at), to_person=tr(_TO_PERSON)
        ),
        State.REVOKED: tr(
            "revoked{since}, {to_person}", since=_since(standing, status), to_person=tr(_TO_PERSON)
        ),
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
    return tr(" on {day}", day=day(ends[-1].at)) if ends else ""


def state_line(standing: Standing, status: VersionStatus) -> Line:
    """Say in a sentence where a version stands."""
    why = "" if status.reason is None else tr(" Reason: {reason}.", reason=status.reason.rstrip("."))
    by = (
        ""
        if status.superseded_by is None
        else tr(" by version {superseded_by}", superseded_by=status.superseded_by)
    )
    told = {
        State.DRAFT: tr(
            "is {draft}.",
            draft=_draft(
                status, tr("a draft of {day} that nobody was asked to sign", day=day(status.drafted_at))
            ),
        ),
        State.IN_REVIEW: tr(
            "is in review since {day} and waits for {missing}.",
            day=day(status.submitted_at),
            missing=_missing(status),
        ),
        State.SIGNED: tr("was signed on {day} and is not in use yet.", day=day(status.signed_at)),
        State.ACTIVE: _active(status),
        State.SUPERSEDED: tr("was superseded{by}: it decides nothing any more.{why}", by=by, why=why),
        State.EXPIRED: tr(
            "expired on {day}: {to_person}.", day=day(status.expires_at), to_person=tr(_TO_PERSON)
        ),
        State.REVOKED: tr(
            "was revoked{since}: it decides nothing any more.{why}", since=_since(standing, status), why=why
        ),
    }
    what = tr(
        "Version {version} of “{status}” ({environment})",
        version=status.version,
        status=status.title,
        environment=status.environment,
    )
    return Line(f"{what} {told[status.state]}", tone_of(status))


def _draft(status: VersionStatus, first: str) -> str:
    """Say that a draft is new, or who sent it back."""
    if not status.dissent:
        return first
    last = status.dissent[-1]
    return tr(
        "a draft again: {named}, {role}, rejected it on {day}",
        named=named(last.name),
        role=last.role,
        day=day(last.at),
    )


def _missing(status: VersionStatus) -> str:
    return both([tr("the {role}", role=role) for role in status.missing_roles])


def _active(status: VersionStatus) -> str:
    if status.suspended is not None:
        return tr(
            "is suspended: {to_person}. Reason: {suspended}.",
            to_person=tr(_TO_PERSON),
            suspended=status.suspended.rstrip("."),
        )
    stage = stage_words(status.stage, status.share)
    return tr(
        "is active since {day}, until {day_expires_at}, {stage}.",
        day=day(status.valid_from),
        day_expires_at=day(status.expires_at),
        stage=stage,
    )


def differing_words(changes: Sequence[Change]) -> str:
    """Say what differs: what was chosen by name, and how many figures follow from it."""
    chosen = list(
        dict.fromkeys(
            tr(_PARTS[c.where]) if c.where in _PARTS else c.where for c in changes if c.where not in _FOLLOWS
        )
    )
    n = sum(c.where in _FOLLOWS for c in changes)
    figures = ntr("{n} figure", "{n} figures", n, n=count(n))
    if not chosen:
        return figures
    return tr("{both}, and {figures} with it", both=both(chosen), figures=figures) if n else both(chosen)


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
    vouched = tr("signed in") if person.is_verified else tr("name not verified")
    can = _can(person, status)
    if status is not None and status.state is State.IN_REVIEW:
        if is_author:
            can = tr("You wrote it, so others have to approve it.")
        elif approved_as:
            can = tr(
                "You approved it as {both}; each other role needs another person.", both=both(approved_as)
            )
    return tr(
        "You are {person} ({role}, {vouched}). {can}",
        person=person.name,
        role=person.role.label,
        vouched=vouched,
        can=can,
    )


def _can(person: Person, status: VersionStatus | None) -> str:
    state = None if status is None else status.state
    if status is not None and state is State.IN_REVIEW:
        own = [role for role in status.missing_roles if person.may_sign_as(role)]
        asked = person.role >= AppRole.EXPERT and own
        return (
            tr("You can sign below as {own}.", own=" or ".join(own))
            if asked
            else tr("You can read it; you are not asked to approve it.")
        )
    if state is State.SIGNED:
        may = person.role >= AppRole.OPERATOR
        return tr("You can put it into force below.") if may else tr("An operator has to put it into force.")
    if state is State.ACTIVE:
        return tr("You can see below what changed since it was signed.")
    may = person.role >= AppRole.ANALYST
    return (
        tr("You can state what is decided below.")
        if may
        else tr("You can read it; an analyst has to send it to review.")
    )
