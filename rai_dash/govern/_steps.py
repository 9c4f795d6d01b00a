"""What each entry of the ledger does to a policy, and when it is not possible.

The same functions are asked before an entry is written and when the ledger is read, so nothing can be
written that would not be read again. They see references, never names: an erasure changes no state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.govern._bodies import (
    Activate,
    Draft,
    Lift,
    Restage,
    Revert,
    Revoke,
    Stage,
    Submit,
    Suspend,
    add_months,
)
from rai_dash.govern._signing import sign
from rai_dash.govern._told import Told
from rai_dash.govern.events import Entry, Kind, content_hash
from rai_dash.govern.workflow import Author, History, State, VersionStatus


def step(history: History, entry: Entry, told: Told) -> History:
    """Do what an entry says.

    Parameters
    ----------
    history : History
        The policy before it.
    entry : Entry
        What was done; its number and hash may still be blank.
    told : Told
        Names and texts.

    Returns
    -------
    History
        The policy after it.

    Raises
    ------
    InvalidChoice, NotAllowed
        When it is not possible from where the policy stands, in a sentence.
    """
    return _STEPS[entry.kind](history.at(entry.at), entry, entry.body, told)


def _draft(history: History, entry: Entry, body: Draft, told: Told) -> History:
    newest = history.versions[-1] if history.versions else None
    after = (1, None) if newest is None else (newest.version + 1, newest.content_hash)
    if (body.version, body.parent_hash) != after:
        msg = tr(
            "Version {version} does not follow the newest one. Open the policy again and draft anew.",
            version=body.version,
        )
        raise InvalidChoice(msg)
    facts = body.facts
    drafted = VersionStatus(
        policy_id=history.policy_id,
        version=body.version,
        title=told.reason(facts.title),
        environment=facts.environment,
        state=State.DRAFT,
        author=Author(entry.actor, told.name(entry.actor)),
        author_refs=(entry.actor,),
        content_hash=content_hash(body.policy),
        settings_fingerprint=body.settings_fingerprint,
        parent_hash=body.parent_hash,
        valid_months=facts.valid_months,
        warnings=tuple(dict.fromkeys(w.code for w in facts.warnings_shown)),
        drafted_at=entry.at,
    )
    return replace(history, versions=(*history.versions, drafted))


def _submit(history: History, entry: Entry, body: Submit, told: Told) -> History:
    del told
    status = history.version(body.version)
    status.needs(State.DRAFT, to_be="submitted")
    status.needs_content(body.content_hash)
    if status.version != len(history.versions):
        msg = tr(
            "Version {versions} is newer than version {version}: submit that one.",
            versions=len(history.versions),
            version=status.version,
        )
        raise InvalidChoice(msg)
    submitted = replace(
        status,
        state=State.IN_REVIEW,
        author_refs=tuple(dict.fromkeys((*status.author_refs, entry.actor))),
        required_roles=body.required_roles,
        earlier_signatures=(*status.earlier_signatures, *status.signatures),
        signatures=(),
        submitted_at=entry.at,
    )
    overtaken = [
        replace(v, state=State.SUPERSEDED, superseded_by=status.version)
        for v in history.versions[:-1]
        if v.state in {State.DRAFT, State.IN_REVIEW}
    ]
    return history.having(submitted, *overtaken)


def _activate(history: History, entry: Entry, body: Activate, told: Told) -> History:
    del told
    status = history.version(body.version)
    status.needs(State.SIGNED, to_be="activated")
    rolling = history.rolling_out
    if rolling is not None:
        msg = tr(
            "Version {version} is still being rolled out. Bring it to all cases or revert it before you "
            "activate version {status_version}.",
            version=rolling.version,
            status_version=status.version,
        )
        raise InvalidChoice(msg)
    if (body.valid_from, body.expires_at) != (entry.at, add_months(entry.at, status.valid_months)):
        msg = tr(
            "Version {version} is valid for {valid_months} months from its activation, no other time.",
            version=status.version,
            valid_months=status.valid_months,
        )
        raise InvalidChoice(msg)
    active = replace(status, state=State.ACTIVE, valid_from=body.valid_from, expires_at=body.expires_at)
    return _at_stage(history, active, body)


def _restage(history: History, entry: Entry, body: Restage, told: Told) -> History:
    del told
    status = history.version(body.version)
    status.needs(State.ACTIVE, to_be="moved to another stage")
    if (body.stage, body.share) == (status.stage, status.share):
        msg = tr("Version {version} is at this stage already. Choose another one.", version=status.version)
        raise InvalidChoice(msg)
    if status.stage is Stage.ALL:
        rolling = history.rolling_out
        if rolling is not None:
            msg = tr(
                "Version {version} is being rolled out beside it: revert that one first.",
                version=rolling.version,
            )
            raise InvalidChoice(msg)
        history = _step_back(history, status, entry)
    return _at_stage(history, status, body)


def _at_stage(history: History, status: VersionStatus, body: Restage) -> History:
    """Put an active version at a stage; at the last one it takes the place of the one before."""
    placed = replace(status, stage=body.stage, share=body.share)
    if body.stage is not Stage.ALL:
        return history.having(placed)
    history = replace(history, line=(*history.line, status.version))
    return history.having(*_superseded(history.in_force, status.version), placed)


def _superseded(
    status: VersionStatus | None, by: int, *, reason: str | None = None
) -> tuple[VersionStatus, ...]:
    if status is None:
        return ()
    return (replace(status, state=State.SUPERSEDED, superseded_by=by, reason=reason),)


def _step_back(history: History, status: VersionStatus, entry: Entry) -> History:
    """Take a version off the line; the one it had superseded decides for the rest again, if it still may."""
    history = replace(history, line=history.line[:-1])
    before = history.version(history.line[-1]) if history.line else None
    if before is None or before.superseded_by != status.version or before.is_past(entry.at):
        return history
    return history.having(replace(before, state=State.ACTIVE, superseded_by=None))


def _revert(history: History, entry: Entry, body: Revert, told: Told) -> History:
    current = history.version(body.version)
    current.needs(State.ACTIVE, to_be="taken back")
    newest = history.current
    if newest is None or newest.version != current.version:
        msg = tr(
            "Version {version} is not the one that came last. Open the policy again and look.",
            version=current.version,
        )
        raise InvalidChoice(msg)
    target = history.previous_active
    if target is None or target.version != body.to:
        msg = tr(
            "No version was in force before version {version}. Suspend or revoke it instead.",
            version=current.version,
        )
        raise InvalidChoice(msg)
    if target.state not in {State.ACTIVE, State.SUPERSEDED} or target.is_past(entry.at):
        over = "revoked" if target.state is State.REVOKED else "expired"
        msg = tr(
            "Version {version}, which was in force before, is {over} and cannot come back. Suspend this "
            "one, and draft a new version.",
            version=target.version,
            over=over,
        )
        raise InvalidChoice(msg)
    line = tuple(n for n in history.line if n != current.version)
    back = replace(target, state=State.ACTIVE, stage=Stage.ALL, share=None, superseded_by=None, reason=None)
    gone = _superseded(current, target.version, reason=told.reason(body.reason))
    return replace(history, line=line).having(*gone, back)


def _suspend(history: History, entry: Entry, body: Suspend, told: Told) -> History:
    del entry
    status = history.version(body.version)
    status.needs(State.ACTIVE, to_be="suspended")
    if status.suspended is not None:
        msg = tr(
            "Version {version} is suspended already: everything goes to a person until it is lifted.",
            version=status.version,
        )
        raise InvalidChoice(msg)
    return history.having(replace(status, suspended=told.reason(body.reason)))


def _lift(history: History, entry: Entry, body: Lift, told: Told) -> History:
    del entry, told
    status = history.version(body.version)
    status.needs(State.ACTIVE, to_be="lifted")
    if status.suspended is None:
        msg = tr(
            "Version {version} is not suspended, so there is nothing to lift. Open the policy again.",
            version=status.version,
        )
        raise InvalidChoice(msg)
    return history.having(replace(status, suspended=None))


def _revoke(history: History, entry: Entry, body: Revoke, told: Told) -> History:
    del entry
    status = history.version(body.version)
    status.needs(State.SIGNED, State.ACTIVE, to_be="revoked")
    return history.having(replace(status, state=State.REVOKED, reason=told.reason(body.reason)))


_Step = Callable[[History, Entry, Any, Told], History]
_STEPS: Final[Mapping[Kind, _Step]] = {
    Kind.DRAFT: _draft,
    Kind.SUBMIT: _submit,
    Kind.SIGNATURE: sign,
    Kind.ACTIVATE: _activate,
    Kind.STAGE: _restage,
    Kind.REVERT: _revert,
    Kind.SUSPEND: _suspend,
    Kind.LIFT: _lift,
    Kind.REVOKE: _revoke,
}
