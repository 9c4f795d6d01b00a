"""A policy: the band with all it rests on, what it was weighed against, and who answers for it.

The model is the one description of the content; `policy_schema` is its JSON Schema. In the ledger free text stands as
``{"sealed": ref}`` and the text itself beside the chain, so that it can be erased without breaking it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, StringConstraints, ValidationError

from rai_dash.core.errors import InvalidRecord, LedgerBroken
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.govern._policy_conditions import PolicyCondition
from rai_dash.govern._policy_monitoring import Monitoring
from rai_dash.govern._policy_parts import (
    ColumnGaps,
    Harm,
    PeopleAfter,
    PolicyAlternative,
    PolicyCost,
    PolicyData,
    PolicyGuarantee,
    PolicyModel,
    PolicyScore,
    PolicySettings,
    PolicyWarning,
    Words,
)
from rai_dash.govern._signed import (
    Fingerprint,
    Moment,
    Name,
    Signed,
    SignedBand,
    SignedFigures,
    Text,
    seen_length,
)
from rai_dash.govern.complaints import sentence
from rai_dash.govern.ledger import canonical
from rai_dash.govern.program import Program
from rai_dash.govern.sealed import unseal
from rai_dash.review.conditions import Condition

SCHEMA: Final = "rai-dash/policy/1"
POLICY_ID: Final = r"^[a-z0-9-]{3,64}$"
#: What says which policy it is and what counted it, and not what it is.
_IDENTITY: Final = ("policy_id", "version", "parent_hash", "created_at", "code")
#: Least characters of what a policy has to say before it can be submitted, and how that is asked for.
_TO_SAY: Final[Mapping[str, tuple[int, str]]] = {
    "harm.wrong_approval": (10, "Say what a wrong approval does to a person"),
    "harm.wrong_refusal": (10, "Say what a wrong refusal does to a person"),
    "harm.answerable": (2, "Say who answers for wrong decisions"),
    "people_before": (10, "Say what changes for the people who decided before"),
}


class Policy(Signed):
    """One version of a policy.

    Parameters
    ----------
    policy_id : str
        What it is called for ever, ``[a-z0-9-]{3,64}``. It stands in the ledger and cannot be erased.
    version : int
        From 1.
    parent_hash : str or None
        Fingerprint of the sealed content of the version it was made from (`rai_dash.govern.events.content_hash`).
    title, people_before
        Free text: its name, and what changes for the people who decided before.
    environment : str
        What it is meant for, such as QA or production.
    metrics : SignedFigures
        What the band does to everyone and to each group, with what is expected after the person.
    gaps : mapping of str to ColumnGaps
        By sensitive column.
    cost : PolicyCost or None
        None where nothing was said to cost anything.
    guarantee : PolicyGuarantee or None
        None where none was asked for.
    valid_months : int
        From its activation.
    suspend_on_breach : bool
        Whether a broken limit of the monitor sends everything to a person.
    monitoring : Monitoring or None
        What a later batch is held against; None = it was drafted without.
    """

    schema_id: Literal["rai-dash/policy/1"] = Field(default=SCHEMA, alias="schema")
    policy_id: Annotated[str, StringConstraints(pattern=POLICY_ID)]
    version: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    parent_hash: Fingerprint | None = None
    title: Words
    environment: Name
    created_at: Moment
    data: PolicyData
    model: PolicyModel
    score: PolicyScore
    code: Program
    band: SignedBand
    conditions: tuple[PolicyCondition, ...] = ()
    settings: PolicySettings
    metrics: SignedFigures
    gaps: Mapping[Text, ColumnGaps] = Field(default_factory=dict)
    cost: PolicyCost | None = None
    people_after: PeopleAfter | None = None
    guarantee: PolicyGuarantee | None = None
    alternatives: tuple[PolicyAlternative, ...] = ()
    warnings_shown: tuple[PolicyWarning, ...] = ()
    harm: Harm = Harm()
    people_before: Words | None = None
    valid_months: Annotated[int, Field(ge=1, le=60)] = 12
    suspend_on_breach: bool = False
    monitoring: Monitoring | None = None

    def content(self) -> dict[str, Any]:
        """Return the content as plain values, ready for canonical JSON."""
        return self.model_dump(mode="json")

    def sealed_content(self, seal: Callable[[str], str]) -> dict[str, Any]:
        """Return the content with every free text given away.

        Parameters
        ----------
        seal : callable
            Takes a text into keeping and returns its ref, 64 hex digits.

        Returns
        -------
        dict
            ``{"sealed": ref}`` in place of each text; `policy_of_content` reads it back.
        """
        content = self.content()
        for place, key in _free_text(content):
            place[key] = {"sealed": seal(place[key])}
        return content

    def numbered(self, version: int, parent_hash: str | None) -> Self:
        """Return the same policy as another version."""
        return type(self).model_validate(self.content() | {"version": version, "parent_hash": parent_hash})

    @property
    def review_band(self) -> ReviewBand:
        """The band, for routing."""
        return ReviewBand(self.band.lo, self.band.threshold, self.band.hi)

    @property
    def routed_conditions(self) -> tuple[Condition, ...]:
        """The conditions, for routing."""
        return tuple(condition.condition for condition in self.conditions)


def _free_text(content: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Find the free texts of some content: the mapping that holds each, and its key there."""
    places = [(content, "title"), (content, "people_before")]
    places += [(content["harm"], name) for name in Harm.model_fields]
    places += [(alternative, "name") for alternative in content["alternatives"]]
    yield from ((place, key) for place, key in places if place[key] is not None)


def checked_policy(content: Mapping[str, object]) -> Policy:
    """Check what is to become a policy, or was exported as one.

    Parameters
    ----------
    content : mapping
        The fields of `Policy`; parts may be models or plain values.

    Raises
    ------
    InvalidRecord
        In plain sentences, one a field, when something is missing, too short or not a finite number.
    """
    try:
        policy = Policy.model_validate(content)
        # What only shows when it is used: a condition whose parts do not fit together.
        _ = policy.routed_conditions
    except ValidationError as error:
        raise InvalidRecord(" ".join(sentence(e) for e in error.errors()[:5])) from error
    return policy


def policy_of_content(content: Mapping[str, object], texts: Mapping[str, str | None]) -> Policy:
    """Read a policy back from the ledger.

    Parameters
    ----------
    content : mapping
        As `Policy.sealed_content` wrote it.
    texts : mapping of str to (str or None)
        Texts by ref; None = erased, which reads "(erased)".

    Raises
    ------
    LedgerBroken
        When it is no policy that was ever written here.
    """
    try:
        return Policy.model_validate(unseal(content, texts))
    except ValidationError as error:
        msg = tr("A policy in the ledger cannot be read: {errors}", errors=sentence(error.errors()[0]))
        raise LedgerBroken(msg) from error


def settings_fingerprint(policy: Policy) -> str:
    """Return the sha256 of everything that a policy decides by and rests on, in hex.

    Left out are ``policy_id, version, parent_hash, created_at, code``, and the free texts: it stands in the chain for
    ever, and a text could be guessed from it after it was erased. `same_policy` compares these as well.
    """
    content = _without_identity(policy)
    for place, key in list(_free_text(content)):
        del place[key]
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def same_policy(old: Policy, new: Policy) -> bool:
    """Whether two versions are the same policy: all is equal but what `settings_fingerprint` leaves out by name."""
    return canonical(_without_identity(old)) == canonical(_without_identity(new))


def _without_identity(policy: Policy) -> dict[str, Any]:
    return {name: value for name, value in policy.content().items() if name not in _IDENTITY}


def check_complete(policy: Policy) -> None:
    """Refuse a draft that does not say yet what has to be said before others are asked to sign.

    Raises
    ------
    InvalidRecord
        With a sentence for each text that is missing or too short.
    """
    texts = {f"harm.{name}": getattr(policy.harm, name) for name in Harm.model_fields}
    texts["people_before"] = policy.people_before
    missing = [
        f"{ask}, in at least {least} characters."
        for name, (least, ask) in _TO_SAY.items()
        if seen_length(texts[name] or "") < least
    ]
    if missing:
        raise InvalidRecord(" ".join(missing))


def policy_id_of(text: str) -> str:
    """Make a policy's short name of a text that names no person: small letters, digits and dashes.

    Examples
    --------
    >>> policy_id_of("Consumer loans, Köln 2026.csv")
    'consumer-loans-koln-2026-csv'
    """
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:64].strip("-")
    return slug if len(slug) >= 3 else f"policy-{slug}".rstrip("-")


def policy_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Policy.content`."""
    return Policy.model_json_schema(mode="serialization")
