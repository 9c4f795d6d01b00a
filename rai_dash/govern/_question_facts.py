"""What the questions about a policy are answered from, and what an answer is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.govern.events import Kind
from rai_dash.govern.monitor.lines import Held
from rai_dash.govern.policy import Policy
from rai_dash.govern.standing import Event, Standing
from rai_dash.govern.workflow import Signature, State, VersionStatus

#: Characters of a record's hash that are shown.
_SHOWN: Final = 12
_IN_PLACE: Final = frozenset({State.SIGNED, State.ACTIVE})


class AnswerState(StrEnum):
    """How far a question is answered."""

    ANSWERED = "answered"
    PARTLY = "partly"
    OPEN = "open"
    OUTSIDE = "outside"

    @property
    def words(self) -> str:
        """The state as a reader sees it."""
        return {
            "answered": "Answered",
            "partly": tr("In part"),
            "open": "Open",
            "outside": tr("Outside this app"),
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an answer rests on.

    Parameters
    ----------
    label : str
        What it is.
    seq, hash
        Place and hash of the record; None = no record.
    page : str or None
        Title of the page of the app that shows it. Without record and page it is how the app is set up now.
    """

    label: str
    seq: int | None = None
    hash: str | None = None
    page: str | None = None

    @property
    def words(self) -> str:
        """The evidence with where it is found."""
        if self.seq is not None:
            return tr(
                "{self_}: record {seq}, sha256 {hash}…",
                self_=self.label,
                seq=self.seq,
                hash=(self.hash or "")[:_SHOWN],
            )
        return f"{self.label}: {(tr('as set up now') if self.page is None else tr('page {page}', page=self.page))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """What is on record about the use of a version; counts alone.

    Parameters
    ----------
    batches, applications, outcomes : int
        Batches that were held against it, their rows, and those of them with an outcome.
    newest : Held or None
        Verdict of the newest batch; None = there is none.
    group_figures, groups_settled, groups_outside : int
        Figures of groups in the newest batch that were judged; of these those that do not rest on too few rows, and
        those outside their limits by more than chance.
    problems, problems_open : int
        Of the policy and of the data that it rests on.
    cases, settled, read_twice : int
        Cases in its review queues, those that are settled, and those that two people or more have read.
    monitored, tracked, decided : tuple of Evidence
        The newest record of each; empty = there is none.
    """

    batches: int = 0
    applications: int = 0
    outcomes: int = 0
    newest: Held | None = None
    group_figures: int = 0
    groups_settled: int = 0
    groups_outside: int = 0
    problems: int = 0
    problems_open: int = 0
    cases: int = 0
    settled: int = 0
    read_twice: int = 0
    monitored: tuple[Evidence, ...] = ()
    tracked: tuple[Evidence, ...] = ()
    decided: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known when the questions are asked.

    Parameters
    ----------
    standing : Standing or None
        The policy that is asked about; None = there is none yet.
    version : int
        The version that is asked about.
    policy : Policy or None
        Its content.
    n_records : int
        Records of the whole ledger that were checked.
    finding : str or None
        What is wrong with the ledger; None = it is whole.
    checkpoint : int or None
        Number of the record that the newest checkpoint holds fast.
    explains : bool
        Whether a model is there whose decisions the app can explain.
    sign_in : bool
        Whether people have to sign in.
    rows_are_a_right : bool
        Whether single applications are shown to those only who were given the right.
    is_locked : bool
        Whether files are opened in a process that is locked as far as it goes.
    kept_days : int
        Days after which a kept case is deleted; 0 = when somebody deletes it.
    fewest : int
        Downloads hide numbers of fewer people; 0 = none.
    batch_days : int
        Days for which rows of batches and review queues are kept; 0 = they are not kept.
    use : InUse
        What is on record about its use.
    """

    standing: Standing | None = None
    version: int = 0
    policy: Policy | None = None
    n_records: int = 0
    finding: str | None = None
    checkpoint: int | None = None
    explains: bool = False
    sign_in: bool = False
    rows_are_a_right: bool = False
    is_locked: bool = False
    kept_days: int = 0
    fewest: int = 0
    batch_days: int = 0
    use: InUse = InUse()

    @property
    def subject(self) -> Subject | None:
        """The version that is asked about, with its content; None = there is none."""
        if self.standing is None or self.policy is None:
            return None
        return Subject(standing=self.standing, status=self.standing.version(self.version), policy=self.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A version of a policy that questions are asked about."""

    standing: Standing
    status: VersionStatus
    policy: Policy

    @property
    def name(self) -> str:
        """How a sentence calls it."""
        return tr("Version {version}", version=self.status.version)

    @property
    def signed_words(self) -> str:
        """Who has approved it, by role, and what it waits for."""
        status = self.status
        if status.state in _IN_PLACE:
            text = tr(
                "{self_} is {state}, approved as {approved_roles}.",
                self_=self.name,
                state=status.state.words,
                approved_roles=joined(status.approved_roles),
            )
            return (
                tr("{text} It is suspended: everything goes to a person.", text=text)
                if status.suspended
                else text
            )
        if status.missing_roles:
            return tr(
                "{self_} is in review; not approved yet as {missing_roles}.",
                self_=self.name,
                missing_roles=joined(status.missing_roles),
            )
        if status.state is State.DRAFT:
            return tr("{self_} is a draft: the required roles have not approved it.", self_=self.name)
        return tr(
            "{self_} is {state} and decides nothing any more.", self_=self.name, state=status.state.words
        )

    @property
    def approvals(self) -> tuple[Evidence, ...]:
        """The records in which the required roles approved it."""
        status = self.status
        said = (s for s in status.signatures if s.decision == "approve" and s.role in status.required_roles)
        return tuple(_approval(s) for s in said)

    @property
    def draft(self) -> Evidence:
        """The record that holds its content."""
        return self.events(Kind.DRAFT)[0]

    @property
    def has_harm(self) -> bool:
        """Whether it is stated what wrong decisions do to a person, and who answers for them."""
        harm = self.policy.harm
        return None not in {harm.wrong_approval, harm.wrong_refusal, harm.answerable}

    @property
    def revert_to(self) -> VersionStatus | None:
        """The version that one step back leads to; None = there is no way back."""
        before = self.standing.previous_active
        if self.standing.active is None or before is None or before.is_past(self.standing.as_of):
            return None
        return before if before.state in {State.ACTIVE, State.SUPERSEDED} else None

    def best(self, *, is_whole: bool) -> AnswerState:
        """Return the state of an answer that its content gives: a whole one counts once it is approved."""
        return AnswerState.ANSWERED if is_whole and self.status.state in _IN_PLACE else AnswerState.PARTLY

    def events(self, *kinds: Kind) -> tuple[Evidence, ...]:
        """Return the records about this version of some kinds, the first one first."""
        found = (e for e in self.standing.events if e.kind in kinds and e.version == self.status.version)
        return tuple(_done(event) for event in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What can be said to a question: how far, a few sentences, and what they rest on."""

    state: AnswerState
    words: str
    evidence: tuple[Evidence, ...] = ()


def no_policy(facts: Facts) -> Found:
    """Say why there is no version to answer about."""
    words = tr("No policy has been drafted for these data yet, so there is no record that answers this.")
    if facts.finding is not None:
        words = tr("The records cannot be relied on, so they answer nothing until the ledger is mended.")
    return Found(state=AnswerState.OPEN, words=words)


def joined(names: Iterable[str]) -> str:
    """Write names as a list in a sentence.

    Examples
    --------
    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *most, last = names
    return tr("{most} and {last}", most=", ".join(most), last=last) if most else last


def _approval(signature: Signature) -> Evidence:
    checked = "" if signature.identity == "oidc" else tr(" (under a name that nobody checked)")
    return Evidence(
        label=tr("Approved as {role}{checked}", role=signature.role, checked=checked),
        seq=signature.seq,
        hash=signature.record_hash,
    )


def _done(event: Event) -> Evidence:
    what = {
        Kind.DRAFT: "drafted",
        Kind.ACTIVATE: tr("put into use, stage {stage}", stage=event.stage),
        Kind.STAGE: tr("moved to stage {stage}", stage=event.stage),
        Kind.REVERT: tr("taken back"),
    }[event.kind]
    return Evidence(
        label=tr("Version {version} {what}", version=event.version, what=what), seq=event.seq, hash=event.hash
    )
