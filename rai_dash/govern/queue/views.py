"""What a reviewer is shown: before they decide nothing but the application, afterwards the model and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rai_dash.core.types import ReviewBand
from rai_dash.govern.queue.bodies import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindCase:
    """An application to be decided.

    It does not say why it is here, what the model says, or whether anybody else has read it.

    Parameters
    ----------
    queue : str
    case : int
        A number drawn by lot.
    values : mapping of str to object
        Columns of the application, without those that `rai_dash.govern.queue.rows.hidden` names.
    withheld : tuple of str
        Names of sensitive columns that are not shown, so that nobody decides by them.
    codes : tuple of str
        Reasons that may be given.
    taken_at, until : datetime
        Since when, and until when it is kept for this reader.
    """

    queue: str
    case: int
    values: Mapping[str, object]
    withheld: tuple[str, ...]
    codes: tuple[str, ...]
    taken_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A decision in words.

    Parameters
    ----------
    decision : Decision
    codes : tuple of str
    note : str or None
        ``(erased)`` where it was erased.
    name : str or None
        Whose it is; None = not told, or erased.
    """

    decision: Decision
    codes: tuple[str, ...]
    note: str | None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """A case after the blind decision.

    Parameters
    ----------
    queue, case, values, codes, until
        As of `BlindCase`.
    row : int
        Position in the batch.
    score : float or None
        None = no score.
    band : ReviewBand
        Of the policy.
    route, reason : str
        What the policy did with it (``reject``, ``review``, ``approve``), and the first reason for it.
    side : bool or None
        Whether the threshold alone would approve; None = no score.
    own : Said
        The blind decision.
    others : tuple of Said
        Final decisions of the first two readers, without names: only for the third, who settles it.
    """

    queue: str
    case: int
    values: Mapping[str, object]
    codes: tuple[str, ...]
    until: datetime
    row: int
    score: float | None
    band: ReviewBand
    route: str
    reason: str
    side: bool | None
    own: Said
    others: tuple[Said, ...] = ()

    def is_override(self, decision: Decision) -> bool:
        """Whether a decision is against the model's side of the threshold."""
        return overrides(decision, side=self.side)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What came of a final decision.

    Parameters
    ----------
    case : int
    changed, override : bool
        Otherwise than blind; against the model's side.
    settled : Decision or None
        What stands; None = another person reads it as well.
    others : tuple of Said
        Final decisions of the others so far; names only once it is settled.
    """

    case: int
    changed: bool
    override: bool
    settled: Decision | None
    others: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """A queue in a list, for everybody.

    Parameters
    ----------
    id, label : str
        ``(erased)`` where the label was erased.
    policy_id, version
        Of the policy that filled it.
    batch, model : str, str or None
        Fingerprints of the batch, and of the model that scored it.
    filled_at, expires_at : datetime
        When it was filled, and when its rows are deleted.
    cases, settled, waiting, escalated : int
        All; those where a decision stands; the others; those of the others that two people could not agree on.
    for_me : int
        Those that whoever asks could read now.
    blocked : int
        Those that nobody can be shown to be another person for: somebody who read them was erased.
    """

    id: str
    label: str
    policy_id: str
    version: int
    batch: str
    model: str | None
    filled_at: datetime
    expires_at: datetime
    cases: int
    settled: int
    waiting: int
    escalated: int
    for_me: int
    blocked: int


def overrides(decision: Decision, *, side: bool | None) -> bool:
    """Whether a decision is against the model's side of the threshold; there is none without a score."""
    if side is None or decision is Decision.CANNOT_SAY:
        return False
    return (decision is Decision.APPROVE) is not side
