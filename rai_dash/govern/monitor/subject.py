"""What a batch is held against, as a sentence names it: what was signed and is in force, or what was not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.govern._policy_standing import PolicyStanding
from rai_dash.govern.policy import Policy
from rai_dash.govern.workflow import State, VersionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the sentences about a batch speak of.

    Parameters
    ----------
    name : str
        At the beginning of a sentence.
    is_signed : bool
        Whether people have signed it. What nobody has signed is told of as it would be.
    """

    name: str
    is_signed: bool

    @classmethod
    def of(cls, status: VersionStatus) -> Subject:
        """Return a version of a policy as it stands in a store."""
        if status.state is State.ACTIVE:
            return SIGNED
        return not_in_force(status.version, is_signed=status.signed_at is not None)

    @classmethod
    def of_file(cls, policy: Policy, standing: PolicyStanding | None, *, now: datetime) -> Subject:
        """Return a policy as a file says that it stands; None = the file says nothing, so nobody has signed it."""
        if standing is None:
            return drafted(policy)
        if standing.state is State.ACTIVE and (standing.expires_at is None or now < standing.expires_at):
            return SIGNED
        # Without a beginning it was overtaken or taken back before it decided anything.
        is_signed = standing.state is State.SIGNED or standing.valid_from is not None
        return not_in_force(policy.version, is_signed=is_signed)

    @property
    def inside(self) -> str:
        """The name inside a sentence."""
        return f"{self.name[:1].lower()}{self.name[1:]}"

    @property
    def holds(self) -> str:
        """The beginning of a sentence that says that it holds."""
        return f"{self.name} {('holds' if self.is_signed else tr('would hold'))}"

    @property
    def no_longer_holds(self) -> str:
        """The beginning of a sentence that says that it does not."""
        return f"{self.name} {(tr('no longer holds') if self.is_signed else tr('would no longer hold'))}"

    @property
    def taken_down(self) -> str:
        """What was done to its figures, after "was" or "as"."""
        return "signed" if self.is_signed else "measured"


#: The version in force.
SIGNED: Final = Subject(name="The signed policy", is_signed=True)
#: Today's band, which stands nowhere but in memory.
TODAY: Final = Subject(name="Today’s band", is_signed=False)


def not_in_force(version: int, *, is_signed: bool) -> Subject:
    """Return a version that decides nothing now."""
    return Subject(name=f"Version {version}, which is not in force,", is_signed=is_signed)


def drafted(policy: Policy) -> Subject:
    """Return a policy of which nobody knows more than its content: it does not say who has signed it."""
    return not_in_force(policy.version, is_signed=False)
