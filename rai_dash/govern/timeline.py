"""Everything that was done to a policy, a line each, in plain words.

The words hold names as they were typed; a page escapes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.core.words import percent
from rai_dash.govern._bodies import AUTHOR, Stage
from rai_dash.govern.events import Kind
from rai_dash.govern.standing import Event, Standing
from rai_dash.govern.workflow import State

ERASED_NAME: Final = "(name erased)"
_DECIDED: Final[Mapping[str | None, str]] = {
    "approve": "approved",
    "reject": "rejected",
    "abstain": "abstained on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One line of the timeline.

    Parameters
    ----------
    at : datetime
        UTC.
    headline : str
        Who did what.
    detail : str
        Why, in their own words; empty where nothing was said.
    is_dissent : bool
        Whether it is a rejection.
    seq : int or None
        Number of the record; None for what happens by itself when the time is over.
    hash : str or None
        Its hash.
    """

    at: datetime
    headline: str
    detail: str
    is_dissent: bool
    seq: int | None
    hash: str | None


def timeline_words(standing: Standing) -> tuple[TimelineEntry, ...]:
    """Tell everything that was done to a policy, the first first, and when a version expired."""
    lines = [_line(event) for event in standing.events]
    lines += [
        TimelineEntry(
            at=status.expires_at,
            headline=tr(
                "Version {version} expired: what it decided goes to a person", version=status.version
            ),
            detail="",
            is_dissent=False,
            seq=None,
            hash=None,
        )
        for status in standing.versions
        if status.state is State.EXPIRED and status.expires_at is not None
    ]
    # A record never comes after one of the same second that it led to: the sort keeps their order.
    return tuple(sorted(lines, key=lambda line: line.at))


def _line(event: Event) -> TimelineEntry:
    who = ERASED_NAME if event.who is None else event.who
    return TimelineEntry(
        at=event.at,
        headline=f"{who} {_DID[event.kind](event)}",
        detail=event.text or "",
        is_dissent=event.decision == "reject",
        seq=event.seq,
        hash=event.hash,
    )


def stage_words(stage: Stage | None, share: float | None) -> str:
    """Say how much of the work an active version does."""
    if stage is Stage.SHADOW:
        return tr("in the shadow: its routes are written down and decide nothing")
    return (
        tr("for {share} of the cases", share=percent(share)) if stage is Stage.SHARE else tr("for all cases")
    )


def _signed(event: Event) -> str:
    if event.role == AUTHOR:
        return tr("signed version {version} as its author", version=event.version)
    return tr(
        "{decision} version {version} as {role}",
        decision=_DECIDED[event.decision],
        version=event.version,
        role=event.role,
    )


_DID: Final[Mapping[Kind, Callable[[Event], str]]] = {
    Kind.DRAFT: lambda e: tr("drafted version {version}", version=e.version),
    Kind.SUBMIT: lambda e: tr("put version {version} forward for review", version=e.version),
    Kind.SIGNATURE: _signed,
    Kind.ACTIVATE: lambda e: tr(
        "put version {version} into use, {stage}", version=e.version, stage=stage_words(e.stage, e.share)
    ),
    Kind.STAGE: lambda e: tr(
        "set version {version} to work {stage}", version=e.version, stage=stage_words(e.stage, e.share)
    ),
    Kind.REVERT: lambda e: tr(
        "took version {version} back: version {to} is in force again for all cases",
        version=e.version,
        to=e.to,
    ),
    Kind.SUSPEND: lambda e: tr("suspended version {version}: everything goes to a person", version=e.version),
    Kind.LIFT: lambda e: tr("lifted the suspension of version {version}", version=e.version),
    Kind.REVOKE: lambda e: tr(
        "revoked version {version} as {role}: that is final", version=e.version, role=e.role
    ),
}
