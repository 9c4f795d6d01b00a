"""What a certificate says about where a version stands, and about who said what."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from rai_dash.govern._bodies import AUTHOR, Stage
from rai_dash.govern.events import Kind
from rai_dash.govern.standing import Event, Standing
from rai_dash.govern.timeline import ERASED_NAME, stage_words
from rai_dash.govern.workflow import Signature, State, VersionStatus
from rai_dash.report._certificate_ledger import Ledger
from rai_dash.report._certificate_parts import Fact, Mark, Said, day, facts, moment

_MARKS: Final = {
    State.DRAFT: "NOT SIGNED",
    State.IN_REVIEW: "NOT SIGNED",
    State.SUPERSEDED: "SUPERSEDED",
    State.EXPIRED: "EXPIRED",
    State.REVOKED: "REVOKED",
}
_DECIDED: Final = {"approve": "Approved by", "reject": "Dissent: rejected by", "abstain": "Abstained:"}
_IDENTITY: Final = {
    "oidc": "Verified by sign-in",
    "local-unverified": "Identity not verified: name typed in",
}


def events_of(standing: Standing, status: VersionStatus) -> list[Event]:
    """Return what was done to a version, the first first; a revert is about two."""
    return [e for e in standing.events if status.version in {e.version, e.to}]


def mark(standing: Standing, status: VersionStatus) -> Mark | None:
    """Say across the top why nobody may rely on a version; None where one may."""
    title = _MARKS.get(status.state, None if status.suspended is None else "SUSPENDED")
    return None if title is None else Mark(title, _why(standing, status))


def _why(standing: Standing, status: VersionStatus) -> str:
    """Say what is missing, or since when, by whom and why a version is out of use."""
    if status.state is State.DRAFT:
        return f"This version is a draft of {moment(status.drafted_at)}."
    if status.state is State.IN_REVIEW:
        return f"This version is in review. {missing_words(status)}"
    if status.state is State.EXPIRED and status.expires_at is not None:
        return f"Since {moment(status.expires_at)}. It decides nothing any more."
    since = _since(standing, status)
    if status.state is State.SUPERSEDED:
        return f"{since} Version {status.superseded_by} took its place."
    end = (
        "It decides nothing any more."
        if status.state is State.REVOKED
        else "Everything goes to a person for now."
    )
    return f"{since} {end}"


def _since(standing: Standing, status: VersionStatus) -> str:
    """Say when, by whom and why a version went out of use."""
    last = [e for e in standing.events if _ends(e, status)][-1]
    why = f" The reason given: {last.text}" if last.text else ""
    return f"Since {moment(last.at)}, by {last.who or ERASED_NAME}.{why}"


def _ends(event: Event, status: VersionStatus) -> bool:
    """Whether an event took a version out of use: by itself, or by putting another one in its place."""
    if event.version == status.version:
        return event.kind in {Kind.REVOKE, Kind.SUSPEND, Kind.REVERT}
    return event.stage is Stage.ALL and event.version == status.superseded_by


def missing_words(status: VersionStatus) -> str:
    """Say whose signature a review still waits for."""
    if not status.missing_roles:
        return ""
    return f"Still missing: the approval of {' and of '.join(status.missing_roles)}."


def state_facts(status: VersionStatus, ledger: Ledger, as_of: str) -> tuple[Fact, ...]:
    """Say where a version stands, since when, until when, and by whom."""
    approved = [s for s in status.signatures if s.decision == "approve" and s.role in status.required_roles]
    return facts(
        ("State", _state(status)),
        ("Approved by", _people(approved, ledger) or None),
        ("Dissent", _people(status.dissent, ledger) or None),
        ("Drafted by", ledger.person(status.author.name, status.author.ref)),
        ("In use since", None if status.valid_from is None else moment(status.valid_from)),
        ("Valid until", None if status.expires_at is None else moment(status.expires_at)),
        ("Meant for", status.environment),
        ("Policy", f"{status.policy_id}, version {status.version}"),
        ("As of", as_of),
    )


def _state(status: VersionStatus) -> str:
    words = status.state.words
    text = words[0].upper() + words[1:]
    if status.state is State.SIGNED and status.signed_at is not None:
        return f"Signed on {day(status.signed_at)}, not in use yet"
    if status.state is State.ACTIVE:
        text = f"Active, {stage_words(status.stage, status.share)}"
    return f"{text} (suspended)" if status.suspended is not None else text


def _people(signatures: Iterable[Signature], ledger: Ledger) -> str:
    return "; ".join(f"{ledger.person(s.name, s.person_ref)}, {s.role}" for s in signatures)


def said(signatures: Iterable[Signature], ledger: Ledger, required: Collection[str]) -> tuple[Said, ...]:
    """Tell who signed, the dissent too, in the order of the ledger, and which role was not a required one."""
    return tuple(
        Said(
            headline=_headline(one, ledger, required),
            rationale=ledger.text(one.rationale, one.seq, "rationale"),
            conditions=ledger.text(one.conditions, one.seq, "conditions"),
            detail=f"{_IDENTITY[one.identity]}. {moment(one.at)}. Meaning: {one.meaning}. Record {one.seq}.",
        )
        for one in signatures
    )


def _headline(one: Signature, ledger: Ledger, required: Collection[str]) -> str:
    name = ledger.person(one.name, one.person_ref)
    if one.role == AUTHOR:
        return f"Put forward by {name}, author"
    beside = "" if one.role in required else " (not a required role)"
    return f"{_DECIDED[one.decision]} {name}, {one.role}{beside}"
