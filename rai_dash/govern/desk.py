"""Where a policy is drafted, signed, put into use and taken out again.

Every action asks first whether the person may, then looks at the policy afresh inside one transaction,
and writes what was done at the end of the ledger; when anything is in the way, nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from rai_dash.core.settings import get_settings
from rai_dash.govern._bodies import AUTHOR, add_months
from rai_dash.govern._desk_rules import (
    check_rationale,
    check_signing,
    require_stop,
    role_named,
    stage_named,
    stopping_role,
    tidy,
    tidy_reason,
)
from rai_dash.govern._shelf import Shelf
from rai_dash.govern._work import Work, complete_policy, drafted, is_open_twin, start_work
from rai_dash.govern.events import Kind
from rai_dash.govern.people import AppRole, Person, require
from rai_dash.govern.policy import Policy, settings_fingerprint
from rai_dash.govern.store import Store, Writing
from rai_dash.govern.workflow import State, VersionStatus

#: Under which name the app itself suspends, as a policy asks it to; the cause of the entry is ``monitor``.
MONITOR: Final = Person(name="The monitor", subject="monitor")


def suspend_by_monitor(writing: Writing, policy_id: str, version: int, *, reason: str, at: datetime) -> bool:
    """Send everything to a person where the active version asks for it when a limit is broken.

    Nobody's right is asked: those who signed the version have decided it.

    Parameters
    ----------
    writing : Writing
        The transaction in which the batch is written down, so that there is no one without the other.
    policy_id, version
    reason : str
        At least 10 characters.
    at : datetime
        When; the time of the last entry about the policy where that is later.

    Returns
    -------
    bool
        Whether it was suspended: the version is active, says so, and was not suspended already.
    """
    work = start_work(writing, policy_id, MONITOR, at=at)
    status = work.history.version(version)
    if status.state is not State.ACTIVE or status.suspended is not None:
        return False
    if not drafted(work.records, work.texts, version).suspend_on_breach:
        return False
    text = work.sealed(tidy_reason(reason))
    work.write(Kind.SUSPEND, version=version, cause="monitor", reason=text)
    return True


class Desk(Shelf):
    """The policies of a store, as one person may read and move them.

    Parameters
    ----------
    store : Store
    person : Person
        Who acts; what they may do is asked in every action.
    clock : callable, optional
        Gives the time with its zone.

    Notes
    -----
    Every action raises `NotAllowed` for a person who may not, `InvalidChoice` when the policy does not stand
    where the action is possible, `InvalidRecord` for a text that is missing or too short, `LedgerBroken` when the
    store was manipulated and `StoreUnavailable` when it cannot be reached. Each returns the version as it is then.
    """

    def __init__(self, store: Store, person: Person, *, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__(store, clock)
        self._person = person

    def draft(self, policy: Policy) -> VersionStatus:
        """Write down a new version; nothing when the newest one is the same and still open.

        Parameters
        ----------
        policy : Policy
            Its version and parent are set here: 1, or the one after the newest.
        """
        require(self._person, AppRole.ANALYST, "Drafting a policy")
        with self._at_work(policy.policy_id) as work:
            number = len(work.history.versions)
            if not number or not is_open_twin(work, policy):
                number += 1
                parent = work.history.versions[-1].content_hash if number > 1 else None
                work.write(
                    Kind.DRAFT,
                    version=number,
                    parent_hash=parent,
                    settings_fingerprint=settings_fingerprint(policy),
                    policy=policy.numbered(number, parent).sealed_content(work.writing.seal),
                )
        return self._now(policy.policy_id, number)

    def submit(
        self, policy_id: str, version: int, *, content_hash: str | None = None, rationale: str = ""
    ) -> VersionStatus:
        """Put the newest draft forward, signed by whoever does so as its author.

        Parameters
        ----------
        policy_id, version
        content_hash : str, optional
            Of what was shown; None = as it is in the store.
        rationale : str
            What the author wants to say to the signers; may be blank.
        """
        require(self._person, AppRole.ANALYST, "Submitting a policy")
        with self._at_work(policy_id) as work:
            status = work.history.version(version)
            shown = status.content_hash if content_hash is None else content_hash
            work.write(
                Kind.SUBMIT,
                version=version,
                content_hash=shown,
                required_roles=list(get_settings().required_roles),
                environment=status.environment,
            )
            ticked: dict[str, bool] = {}
            for warning in complete_policy(work, version).warnings_shown:
                ticked[warning.code] = warning.ticked and ticked.get(warning.code, True)
            work.sign(
                work.history.version(version),
                role=AUTHOR,
                meaning="authorship",
                decision="approve",
                rationale=tidy(rationale, "rationale", least=0),
                warnings=ticked,
            )
        return self._now(policy_id, version)

    def sign(
        self,
        policy_id: str,
        version: int,
        *,
        content_hash: str,
        role: str,
        decision: str,
        rationale: str,
        meaning: str = "approval",
        conditions: str = "",
        ticked: Collection[str] = (),
    ) -> VersionStatus:
        """Approve, reject or abstain, in a role.

        Parameters
        ----------
        policy_id, version
        content_hash : str
            Of what was shown to the person.
        role : str
            One that the person may sign as.
        decision : {"approve", "reject", "abstain"}
        rationale : str
            At least 20 words to approve or reject in a required role.
        meaning : {"approval", "review", "responsibility"}
        conditions : str
            Under which conditions; may be blank.
        ticked : collection of str
            Codes of the warnings that were ticked; an approval needs all of them.
        """
        require(self._person, AppRole.EXPERT, "Signing")
        with self._at_work(policy_id) as work:
            status = work.history.version(version)
            status.needs(State.IN_REVIEW, to_be="signed")
            status.needs_content(content_hash)
            role = role_named(role, status.required_roles)
            check_signing(self._person, status, work.told, role=role, decision=decision, ticked=ticked)
            why, under = tidy(rationale, "rationale"), tidy(conditions, "conditions", least=0)
            if role in status.required_roles and decision != "abstain":
                check_rationale(why)
            work.sign(
                status,
                role=role,
                meaning=meaning,
                decision=decision,
                rationale=why,
                conditions=under,
                warnings={code: code in ticked for code in status.warnings},
            )
        return self._now(policy_id, version)

    def activate(
        self, policy_id: str, version: int, *, stage: str, share: float | None = None
    ) -> VersionStatus:
        """Put a signed version into use, from now for as many months as it says.

        Parameters
        ----------
        policy_id, version
        stage : {"shadow", "share", "all"}
            At ``all`` it takes the place of the active version before; till then that one decides for the rest.
        share : float, optional
            Above 0 and below 1, with the stage ``share``.
        """
        require(self._person, AppRole.OPERATOR, "Activating a policy")
        with self._at_work(policy_id) as work:
            months = work.history.version(version).valid_months
            work.write(
                Kind.ACTIVATE,
                version=version,
                stage=stage_named(stage),
                share=share,
                valid_from=work.at,
                expires_at=add_months(work.at, months),
            )
        return self._now(policy_id, version)

    def stage(self, policy_id: str, version: int, *, stage: str, share: float | None = None) -> VersionStatus:
        """Let an active version do more or less of the work; parameters as in `activate`.

        Back from ``all``, the version whose place it took decides for the rest again, unless it has expired.
        """
        require(self._person, AppRole.OPERATOR, "Changing the stage of a policy")
        with self._at_work(policy_id) as work:
            work.write(Kind.STAGE, version=version, stage=stage_named(stage), share=share)
        return self._now(policy_id, version)

    def revert(self, policy_id: str, version: int, *, reason: str) -> VersionStatus:
        """Go back one step, from the active version that came last to the one in force before it.

        Returns
        -------
        VersionStatus
            The version that is in force again.
        """
        require(self._person, AppRole.OPERATOR, "Reverting a policy")
        with self._at_work(policy_id) as work:
            work.history.version(version)
            before = work.history.previous_active
            # Where there is none, the version itself: the workflow then says what is in the way.
            to = version if before is None else before.version
            content = {"from": version, "to": to, "reason": work.sealed(tidy_reason(reason))}
            work.write(Kind.REVERT, **content)
        return self._now(policy_id, to)

    def suspend(self, policy_id: str, version: int, *, reason: str, cause: str = "person") -> VersionStatus:
        """Send everything to a person until it is lifted.

        Parameters
        ----------
        policy_id, version
        reason : str
            At least 10 characters.
        cause : str
            A short code: what it comes from.
        """
        return self._halt(Kind.SUSPEND, policy_id, version, reason=reason, cause=cause)

    def lift(self, policy_id: str, version: int, *, reason: str, cause: str = "person") -> VersionStatus:
        """End a suspension; parameters as in `suspend`."""
        return self._halt(Kind.LIFT, policy_id, version, reason=reason, cause=cause)

    def revoke(self, policy_id: str, version: int, *, reason: str, role: str | None = None) -> VersionStatus:
        """Withdraw a signed or active version for good.

        Parameters
        ----------
        policy_id, version
        reason : str
            At least 10 characters.
        role : str, optional
            A required role of the person's, or ``operator``; their first when omitted.
        """
        require(self._person, AppRole.EXPERT, "Revoking")
        with self._at_work(policy_id) as work:
            chosen = stopping_role(self._person, work.history.version(version), role)
            work.write(Kind.REVOKE, version=version, role=chosen, reason=work.sealed(tidy_reason(reason)))
        return self._now(policy_id, version)

    def _halt(self, kind: Kind, policy_id: str, version: int, *, reason: str, cause: str) -> VersionStatus:
        doing = "Suspending" if kind is Kind.SUSPEND else "Lifting a suspension"
        require(self._person, AppRole.EXPERT, doing)
        with self._at_work(policy_id) as work:
            require_stop(self._person, work.history.version(version), doing)
            work.write(kind, version=version, cause=cause, reason=work.sealed(tidy_reason(reason)))
        return self._now(policy_id, version)

    @contextmanager
    def _at_work(self, policy_id: str) -> Iterator[Work]:
        with self._store.writing() as writing:
            # The clock is read once the lock is held, so that times follow the order of the ledger.
            yield start_work(writing, policy_id, self._person, at=self._time())
