"""One action at the desk: the policy as it stands inside the transaction, and what is written to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rai_dash.core.errors import InvalidChoice, InvalidRecord
from rai_dash.core.texts import tr
from rai_dash.govern._bodies import Draft, utc_time
from rai_dash.govern._steps import step
from rai_dash.govern._told import Told
from rai_dash.govern.events import PREFIX, Entry, Kind, body_of, read_entry
from rai_dash.govern.ledger import Record
from rai_dash.govern.people import Person
from rai_dash.govern.policy import (
    Policy,
    check_complete,
    policy_of_content,
    same_policy,
    settings_fingerprint,
)
from rai_dash.govern.sealed import refs_in
from rai_dash.govern.standing import fold
from rai_dash.govern.store import Writing
from rai_dash.govern.workflow import History, VersionStatus


def about(records: Iterable[Record]) -> list[Record]:
    """Keep the entries of the sign-off; other rooms may write about the same policy."""
    return [r for r in records if (r.kind or "").startswith("policy.")]


def refs_of(records: Iterable[Record]) -> set[str]:
    """Collect every reference to a person or a text."""
    refs: set[str] = set()
    for record in records:
        refs |= refs_in(record.content) | {record.actor or ""}
    return refs


def draft_body(records: Iterable[Record], version: int) -> Draft:
    """Find the entry in which a version was drafted.

    Raises
    ------
    InvalidChoice
        When there is none of this number.
    """
    for record in records:
        body = read_entry(record).body
        if isinstance(body, Draft) and body.version == version:
            return body
    msg = tr("There is no version {version} of this policy. Choose one from its history.", version=version)
    raise InvalidChoice(msg)


def drafted(records: Iterable[Record], texts: Mapping[str, str | None], version: int) -> Policy:
    """Read one version of a policy back, or raise as `draft_body` does."""
    return policy_of_content(draft_body(records, version).policy, texts)


@dataclass(slots=True)
class Work:
    """What an action sees and writes.

    Parameters
    ----------
    writing : Writing
        The open transaction.
    history : History
        As of the last entry, with what was written here on top.
    at : datetime
        When it is done: UTC, whole seconds.
    person : Person
        Who does it; sealed when the first entry is written, so that looking leaves no trace.
    """

    writing: Writing
    records: list[Record]
    texts: Mapping[str, str | None]
    history: History
    at: datetime
    person: Person

    @property
    def told(self) -> Told:
        """Names and texts so far."""
        return Told(self.texts)

    def write(self, kind: Kind, **content: Any) -> None:
        """Check an entry against the workflow and append it.

        Raises
        ------
        InvalidChoice, NotAllowed
            When the policy does not stand where it would be possible.
        InvalidRecord
            When a part cannot be written down.
        """
        body = body_of(kind, content)
        policy_id = self.history.policy_id
        actor = self.writing.person(self.person.text)
        entry = Entry(policy_id=policy_id, kind=kind, at=self.at, actor=actor, body=body, seq=0, hash="")
        self.history = step(self.history, entry, self.told)
        # Each with a checkpoint: an export of one policy hides what follows, so that a later one vouches for nothing.
        self.writing.append(kind, PREFIX + policy_id, actor, body.content(), at=self.at, checkpoint=True)

    def sign(
        self,
        status: VersionStatus,
        *,
        role: str,
        meaning: str,
        decision: str,
        rationale: str,
        warnings: Mapping[str, bool],
        conditions: str = "",
    ) -> None:
        """Append a signature; blank texts are left out, and ``warnings`` say which codes were ticked."""
        self.write(
            Kind.SIGNATURE,
            version=status.version,
            content_hash=status.content_hash,
            role=role,
            meaning=meaning,
            decision=decision,
            rationale=self.sealed(rationale) if rationale else None,
            conditions=self.sealed(conditions) if conditions else None,
            identity=self.person.source,
            warnings=[{"code": code, "ticked": ticked} for code, ticked in warnings.items()],
        )

    def sealed(self, text: str) -> dict[str, str]:
        """Take a text into keeping, and return what stands for it in the chain."""
        return {"sealed": self.writing.seal(text)}


def start_work(writing: Writing, policy_id: str, person: Person, *, at: datetime) -> Work:
    """Fold a policy afresh inside a transaction."""
    records = about(writing.records(subject=PREFIX + policy_id))
    texts = writing.texts(refs_of(records))
    if records:
        # A clock that is behind the last record shows that record's time, as for whoever reads.
        at = max(at, *(utc_time(str(record.at_utc)) for record in records))
    history = fold(records, texts, History(policy_id=policy_id)).at(at)
    return Work(writing, records, texts, history, at, person)


def is_open_twin(work: Work, policy: Policy) -> bool:
    """Whether the newest version is this very policy and can still be signed by others than its author."""
    newest = work.history.versions[-1]
    if newest.state.is_over or newest.settings_fingerprint != settings_fingerprint(policy):
        return False
    # An erased author could come back and approve what they wrote, so nobody may: it takes a new draft.
    if any(work.told.name(ref) is None for ref in newest.author_refs):
        return False
    return same_policy(drafted(work.records, work.texts, newest.version), policy)


def complete_policy(work: Work, version: int) -> Policy:
    """Read a version that is put forward; refuse one that lacks what the signers have to know."""
    content = draft_body(work.records, version).policy
    if any(work.texts.get(ref) is None for ref in refs_in(content)):
        msg = tr(
            "A text of version {version} was erased, so nobody can sign it in full. Draft it anew.",
            version=version,
        )
        raise InvalidRecord(msg)
    policy = policy_of_content(content, work.texts)
    check_complete(policy)
    return policy
