"""The bodies of the entries of a review queue: case numbers, hashes and codes, never a value of an applicant."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StrictBool, StrictInt, StringConstraints, model_validator

from rai_dash.govern._bodies import Fingerprint, SealedText, Version, When
from rai_dash.govern.journal import JournalBody
from rai_dash.govern.policy import POLICY_ID

PREFIX: Final = "queue:"
#: Hexadecimal digits of the mark of a case: its id, hashed with the key of the store.
MARK: Final = 16
#: Reads of a case: the first, the second, and the third that settles a conflict.
FIRST, SECOND, THIRD = 1, 2, 3

Count = Annotated[StrictInt, Field(ge=0, le=2**31)]
CodeName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
Codes = tuple[CodeName, ...]
Share = Annotated[float, Field(ge=0, le=1)]
End = Annotated[float, Field(ge=0, le=1)] | None


class Decision(StrEnum):
    """What a reviewer says about an application."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CANNOT_SAY = "cannot_say"


#: The one letter that stands for a route, and for the model's own side of the threshold (``-`` = no score).
ROUTE_LETTERS: Final = "rva"
SIDE_LETTERS: Final = "01-"


class Keyed(JournalBody):
    """The secret key of this store was made; the content stands beside the chain."""

    key: Fingerprint


class Fill(JournalBody):
    """A batch was put into a queue.

    One letter a case in ``routes`` (of `ROUTE_LETTERS`; ``v`` is there to be decided, the others are audited),
    ``sides`` and ``second`` (``1`` = two people decide it), one number in ``reasons`` (of ``reason_names``), `MARK`
    digits in ``marks``. ``batch_routes`` are the rows of the batch that are declined, sent to a person and approved.
    """

    policy_id: Annotated[str, StringConstraints(pattern=POLICY_ID)]
    version: Version
    content_hash: Fingerprint
    batch: Fingerprint
    batch_routes: tuple[Count, Count, Count]
    label: SealedText
    model: Fingerprint | None
    lo: End
    threshold: Annotated[float, Field(ge=0, le=1)]
    hi: End
    rows: Fingerprint
    expires_at: When
    key: Fingerprint
    has_ids: StrictBool
    audit_share: Share
    second_share: Share
    codes: Annotated[Codes, Field(min_length=1)]
    routes: Annotated[str, StringConstraints(pattern=r"^[rva]*$")]
    sides: Annotated[str, StringConstraints(pattern=r"^[01-]*$")]
    second: Annotated[str, StringConstraints(pattern=r"^[01]*$")]
    reason_names: tuple[str, ...]
    reasons: tuple[Count, ...]
    marks: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]*$")]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        n = len(self.routes)
        sizes = {len(self.sides), len(self.second), len(self.reasons)}
        if sizes != {n} or len(self.marks) != n * MARK:
            msg = "its parts are of different numbers of cases"
            raise ValueError(msg)
        if any(reason >= len(self.reason_names) for reason in self.reasons):
            msg = "a reason has no name"
            raise ValueError(msg)
        return self


class OfCase(JournalBody):
    """Base of what is about one case."""

    case: Count
    place: Literal[1, 2, 3]


class Take(OfCase):
    """Somebody took a case to read it, until a time."""

    until: When


class Release(OfCase):
    """Somebody gave a case back unread."""


class BlindSaid(OfCase):
    """What a reviewer decided before they saw anything of the model."""

    decision: Decision
    codes: Codes
    note: SealedText | None
    seconds: Count


class FinalSaid(BlindSaid):
    """What they decided after it: ``changed`` = otherwise than blind, ``override`` = against the model's side."""

    changed: StrictBool
    override: StrictBool


class Accept(JournalBody):
    """Decided cases were taken over for the living test set and the next training set."""

    cases: Annotated[tuple[Count, ...], Field(min_length=1)]
    reason: SealedText


class Outcomes(JournalBody):
    """What became of the applications, as far as it is known by now; the codes stand beside the chain."""

    outcomes: Fingerprint
    known: Count


BODIES: Final[dict[str, type[JournalBody]]] = {
    "queue.key": Keyed,
    "queue.fill": Fill,
    "queue.take": Take,
    "queue.release": Release,
    "queue.blind": BlindSaid,
    "queue.final": FinalSaid,
    "queue.accept": Accept,
    "queue.outcomes": Outcomes,
}
