"""What a signature does to a version, and who may give it."""

from __future__ import annotations

from dataclasses import replace

from rai_dash.core.errors import InvalidChoice, NotAllowed
from rai_dash.core.texts import tr
from rai_dash.govern._bodies import AUTHOR, Signed
from rai_dash.govern._told import Told
from rai_dash.govern.events import Entry
from rai_dash.govern.workflow import History, Signature, State, VersionStatus


def sign(history: History, entry: Entry, body: Signed, told: Told) -> History:
    status = history.version(body.version)
    status.needs(State.IN_REVIEW, to_be="signed")
    status.needs_content(body.content_hash)
    _check_signer(status, entry.actor, body)
    _check_told(told, entry.actor, body)
    signature = Signature(
        name=told.name(entry.actor),
        person_ref=entry.actor,
        role=body.role,
        meaning=body.meaning,
        decision=body.decision,
        rationale=told.text(body.rationale),
        conditions=told.text(body.conditions),
        at=entry.at,
        identity=body.identity,
        seq=entry.seq,
        record_hash=entry.hash,
    )
    signed = replace(status, signatures=(*status.signatures, signature))
    if body.role in status.required_roles and body.decision == "reject":
        return history.having(replace(signed, state=State.DRAFT))
    if not signed.missing_roles:
        return history.having(replace(signed, state=State.SIGNED, signed_at=entry.at))
    return history.having(signed)


def _check_signer(status: VersionStatus, actor: str, body: Signed) -> None:
    if (body.role == AUTHOR) != (body.meaning == "authorship") or (
        body.role == AUTHOR and actor not in status.author_refs
    ):
        msg = tr(
            "Authorship is signed by whoever submits a version, and by nobody else: choose another role."
        )
        raise NotAllowed(msg)
    if body.role not in status.required_roles:
        return
    if body.decision == "approve":
        if actor in status.author_refs:
            raise own_approval(status)
        if body.role in status.approved_roles:
            msg = tr(
                "The role {role} has approved version {version} already. Sign in another role, or reject it.",
                role=body.role,
                version=status.version,
            )
            raise InvalidChoice(msg)
    for other in spoken_roles(status):
        if other.person_ref == actor and other.role != body.role and body.decision != "abstain":
            raise one_role_only(other.role)


def _check_told(told: Told, actor: str, body: Signed) -> None:
    """Refuse what no signature of this app is like: without a reason, or more verified than the person was."""
    if body.rationale is None and body.role != AUTHOR:
        msg = tr("A signature says why. Give a rationale.")
        raise InvalidChoice(msg)
    person = told.person(actor)
    if person is not None and person.source != body.identity:
        msg = tr(
            "The signature calls the identity {identity}, and the person is {source}. Sign in again.",
            identity=body.identity,
            source=person.source,
        )
        raise NotAllowed(msg)


def spoken_roles(status: VersionStatus) -> list[Signature]:
    """Return the signatures of the present round that speak for a required role (abstaining does not)."""
    return [s for s in status.signatures if s.role in status.required_roles and s.decision != "abstain"]


def own_approval(status: VersionStatus) -> NotAllowed:
    """Say that nobody approves what they wrote."""
    msg = (
        f"You are the author of version {status.version} and cannot approve it. "
        "Somebody else has to sign in this role."
    )
    return NotAllowed(msg)


def one_role_only(role: str) -> NotAllowed:
    """Say that nobody speaks for two required roles."""
    msg = f"You have signed as {role} already, and each required role needs another person. Ask a colleague to sign."
    return NotAllowed(msg)
