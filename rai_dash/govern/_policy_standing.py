"""How a version of a policy stood when it was exported: what a router outside this app has to know of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from rai_dash.govern._signed import Fingerprint, Moment, Name, Rows, Signed, Text
from rai_dash.govern.events import Decision, Identity, Meaning, Stage
from rai_dash.govern.workflow import Signature, State, VersionStatus
from rai_dash.review.terms import Terms

#: States of a version that decides, or did until its time ran out.
_DECIDES = (State.ACTIVE, State.EXPIRED)


class ShownSignature(Signed):
    """What somebody said about the version; ``name`` null = erased."""

    name: Text | None
    role: Name
    meaning: Meaning
    decision: Decision
    rationale: Text | None
    conditions: Text | None
    at: Moment
    identity: Identity
    seq: Rows
    record_hash: Fingerprint

    @classmethod
    def of(cls, signature: Signature) -> Self:
        """Take over a signature."""
        return cls.model_validate({name: getattr(signature, name) for name in cls.model_fields})


class PolicyStanding(Signed):
    """How the version stood at ``as_of``.

    Parameters
    ----------
    state : State
        Only ``active`` decides.
    stage, share
        How far it is rolled out; ``share`` is a number only at the stage ``share``.
    suspended : str or None
        Why everything goes to a person for now.
    valid_from, expires_at : datetime or None
        From the first on and before the second it decides.
    in_force_beside : int or None
        The version that decides about everybody else while this one is being rolled out; null = a person does.
    signatures, earlier_signatures : tuple of ShownSignature
        Of the last round of review, and of those before it.
    """

    state: State
    stage: Stage | None
    share: Annotated[float, Field(gt=0, lt=1)] | None
    suspended: Text | None
    valid_from: Moment | None
    expires_at: Moment | None
    as_of: Moment
    in_force_beside: Rows | None = None
    signatures: tuple[ShownSignature, ...]
    earlier_signatures: tuple[ShownSignature, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.share is not None) != (self.stage is Stage.SHARE):
            msg = "a share goes with the stage `share`, and with no other"
            raise ValueError(msg)
        if self.state in _DECIDES and None in {self.stage, self.valid_from, self.expires_at}:
            msg = f"a policy that is {self.state} has a stage, a beginning and an end"
            raise ValueError(msg)
        return self

    @classmethod
    def of(cls, status: VersionStatus, *, now: datetime, beside: VersionStatus | None = None) -> Self:
        """Take over how a version stands; ``beside``: the version in force for everybody else."""
        own = {
            name: getattr(status, name)
            for name in ("state", "stage", "share", "suspended", "valid_from", "expires_at")
        }
        return cls.model_validate(
            {
                **own,
                "as_of": now,
                "in_force_beside": None if beside is None else beside.version,
                "signatures": [ShownSignature.of(s) for s in status.signatures],
                "earlier_signatures": [ShownSignature.of(s) for s in status.earlier_signatures],
            }
        )

    def terms(self, policy_id: str) -> Terms:
        """Return under which terms the version decides."""
        return Terms(
            policy_id=policy_id,
            in_force=self.state in _DECIDES and self.suspended is None,
            valid_from=self.valid_from,
            expires_at=self.expires_at,
            stage=(self.stage or Stage.ALL).value,
            share=self.share,
        )
