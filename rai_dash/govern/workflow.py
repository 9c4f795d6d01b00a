"""The nouns of a sign-off: the states a version of a policy can be in, and what is known about it.

``draft → in review → signed → active → superseded | expired | revoked``; a version that is active may be
suspended on top. Nothing here is stored: all of it is folded from the ledger (`rai_dash.govern.standing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.govern._bodies import Decision, Identity, Meaning, Stage


class State(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    SIGNED = "signed"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def words(self) -> str:
        """The state as it stands in a sentence after "is"."""
        return _WORDS.get(self, self.value)

    @property
    def is_over(self) -> bool:
        """Whether the version was in use, or overtaken, and is no longer."""
        return self in {State.SUPERSEDED, State.EXPIRED, State.REVOKED}


_WORDS: Final[Mapping[State, str]] = {State.DRAFT: "a draft", State.IN_REVIEW: "in review"}
_ADVICE: Final[Mapping[State, str]] = {
    State.DRAFT: "Submit it for review first.",
    State.IN_REVIEW: "Every required role has to approve it first.",
    State.SIGNED: "An operator has to activate it first.",
    State.ACTIVE: "It is in use: change its stage, or draft a new version.",
    State.SUPERSEDED: "Draft a new version.",
    State.EXPIRED: "That is final: draft a new version.",
    State.REVOKED: "That is final: draft a new version.",
}


@dataclass(frozen=True, slots=True)
class Author:
    """Who drafted a version: the reference in the ledger, and the name (None = erased)."""

    ref: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What somebody said about a version, bound to the record in which they said it.

    Parameters
    ----------
    name : str or None
        None = erased.
    person_ref : str
        The person in the ledger.
    role, meaning, decision
        As what, meaning what, and approve, reject or abstain.
    rationale, conditions : str or None
        In their own words; ``"(erased)"`` once erased, None where nothing was said.
    at : datetime
        UTC.
    identity : {"oidc", "local-unverified"}
        Whether a sign-in vouches for the person.
    seq, record_hash
        Place and hash of the record in the ledger.
    """

    name: str | None
    person_ref: str
    role: str
    meaning: Meaning
    decision: Decision
    rationale: str | None
    conditions: str | None
    at: datetime
    identity: Identity
    seq: int
    record_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionStatus:
    """One version of a policy, as the ledger says it stands.

    Parameters
    ----------
    share : float or None
        Share of the cases in (0, 1) at the stage ``share``, else None.
    suspended : str or None
        Why everything goes to a person for now; None = not suspended.
    author_refs : tuple of str
        Whoever drafted it or put it forward: none of them can approve it.
    content_hash : str
        SHA-256 of the policy as drafted, with free text sealed.
    warnings : tuple of str
        Codes of the warnings it was drafted with: an approval ticks each.
    signatures, earlier_signatures : tuple of Signature
        Of the present round of review, and of those before it.
    reason : str or None
        Why it was revoked or taken back.
    superseded_by : int or None
        The version that took its place.
    """

    policy_id: str
    version: int
    title: str
    environment: str
    state: State
    author: Author
    author_refs: tuple[str, ...]
    content_hash: str
    settings_fingerprint: str
    parent_hash: str | None
    valid_months: int
    warnings: tuple[str, ...]
    drafted_at: datetime
    stage: Stage | None = None
    share: float | None = None
    suspended: str | None = None
    required_roles: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    earlier_signatures: tuple[Signature, ...] = ()
    submitted_at: datetime | None = None
    signed_at: datetime | None = None
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    reason: str | None = None
    superseded_by: int | None = None

    @property
    def approved_roles(self) -> tuple[str, ...]:
        """The required roles that have approved in the present round."""
        said = {s.role for s in self.signatures if s.decision == "approve"}
        return tuple(role for role in self.required_roles if role in said)

    @property
    def missing_roles(self) -> tuple[str, ...]:
        """The required roles whose approval a review still waits for; none outside a review."""
        if self.state is not State.IN_REVIEW:
            return ()
        return tuple(role for role in self.required_roles if role not in self.approved_roles)

    @property
    def dissent(self) -> tuple[Signature, ...]:
        """Every rejection of any round, the first one first."""
        return tuple(s for s in (*self.earlier_signatures, *self.signatures) if s.decision == "reject")

    @property
    def is_rolling_out(self) -> bool:
        """Whether it is active beside the version that decides for everybody else."""
        return self.state is State.ACTIVE and self.stage is not Stage.ALL

    def is_past(self, at: datetime) -> bool:
        """Whether its time has run out."""
        return self.expires_at is not None and at >= self.expires_at

    def needs(self, *states: State, to_be: str) -> None:
        """Refuse what the state does not allow.

        Parameters
        ----------
        *states : State
            Those in which it may be done.
        to_be : str
            What is done, after "cannot be": "activated".

        Raises
        ------
        InvalidChoice
            With the state and the way on.
        """
        if self.state not in states:
            msg = tr(
                "Version {version} is {state} and cannot be {to_be}. {advice_state}",
                version=self.version,
                state=self.state.words,
                to_be=to_be,
                advice_state=_ADVICE[self.state],
            )
            raise InvalidChoice(msg)

    def needs_content(self, content_hash: str) -> None:
        """Refuse what was meant for another content.

        Raises
        ------
        InvalidChoice
            When the fingerprint is that of something else.
        """
        if self.content_hash != content_hash:
            msg = tr(
                "What you were shown is not version {version} as it is now: it was changed meanwhile. "
                "Open it again and read it before you go on.",
                version=self.version,
            )
            raise InvalidChoice(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All versions of one policy after some entries of the ledger.

    Parameters
    ----------
    versions : tuple of VersionStatus
        Version n at place n - 1.
    line : tuple of int
        The versions that came into force for all cases and were not taken back, the newest last.
    """

    policy_id: str
    versions: tuple[VersionStatus, ...] = ()
    line: tuple[int, ...] = ()

    def version(self, number: int) -> VersionStatus:
        """Return one version.

        Raises
        ------
        InvalidChoice
            When there is none of this number.
        """
        if not 1 <= number <= len(self.versions):
            msg = tr(
                "There is no version {number} of the policy {policy_id}; it has {versions}. Open the "
                "policy again and choose one.",
                number=number,
                policy_id=self.policy_id,
                versions=len(self.versions),
            )
            raise InvalidChoice(msg)
        return self.versions[number - 1]

    def having(self, *changed: VersionStatus) -> History:
        """Return the history with some versions replaced."""
        versions = list(self.versions)
        for status in changed:
            versions[status.version - 1] = status
        return replace(self, versions=tuple(versions))

    @property
    def in_force(self) -> VersionStatus | None:
        """The version that decides for all cases, or for all that no roll-out takes."""
        return next((v for v in self.versions if v.state is State.ACTIVE and v.stage is Stage.ALL), None)

    @property
    def rolling_out(self) -> VersionStatus | None:
        """The version that is active in the shadow or for a share."""
        return next((v for v in self.versions if v.is_rolling_out), None)

    @property
    def active(self) -> VersionStatus | None:
        """The version in force; while there is none, the one that is being rolled out."""
        return self.in_force or self.rolling_out

    @property
    def current(self) -> VersionStatus | None:
        """The active version that came last: the one that a revert takes back."""
        return self.rolling_out or self.in_force

    @property
    def previous_active(self) -> VersionStatus | None:
        """The version that was in force before the current one came, whatever became of it."""
        current = self.current
        before = [n for n in self.line if current is None or n != current.version]
        return self.version(before[-1]) if before else None

    def at(self, now: datetime) -> History:
        """Let the time run out for whatever is active and past its end."""
        past = [v for v in self.versions if v.state is State.ACTIVE and v.is_past(now)]
        return self.having(*(replace(v, state=State.EXPIRED) for v in past))
