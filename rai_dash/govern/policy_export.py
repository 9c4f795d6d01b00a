"""A policy as one file that says by itself what it is, how to route by it and how to check it; and its reader."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rai_dash.core.errors import InvalidChoice, InvalidRecord
from rai_dash.core.files import read_limited
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.core.words import capital
from rai_dash.govern._policy_file import PolicyFile
from rai_dash.govern._policy_least import least_policy, read_part
from rai_dash.govern._policy_ledger import Told, check_ledger
from rai_dash.govern._policy_standing import PolicyStanding
from rai_dash.govern._strict_json import strict_json
from rai_dash.govern.policy import SCHEMA as POLICY_SCHEMA
from rai_dash.govern.policy import Policy, checked_policy
from rai_dash.govern.workflow import VersionStatus

__all__ = ["SCHEMA", "PolicyFile", "PolicyStanding", "exported_from", "exported_policy", "read_policy_file"]

SCHEMA: Final = "rai-dash/policy-export/1"
#: What the file says about itself, a paragraph each.
_ABOUT: Final = """
This file holds one version of a policy: which loan applications are declined or approved by their score alone, which go
to a person, what that rests on, and who signed it.

To route an application: where it has no score, or one that is not finite, it goes to a person. Where the score is not
the probability of the favourable outcome (`policy.score`), it is turned into one: (score - low) / (high - low), and for
the direction lower 1 minus that, rounded to 15 decimals. A score outside its scale goes to a person, and so does
whatever `policy.conditions` name. Then a score below `policy.band.lo` is declined, one from `policy.band.hi` on is
approved, and everything between goes to a person; null leaves an end open. Numbers are compared as float64.

`standing` says how the policy stood at `as_of`; null = it is a draft that nobody has signed. Before all of the above,
everything goes to a person unless the state is active, while it is suspended, before `valid_from`, from `expires_at`
on, and at the stage shadow. At the stage share only some applications are decided: those for which the first 8 bytes of
SHA-256 of the policy_id, a line feed and the name of the application, read as a whole number with the highest byte
first, are below share times 2 to the power of 64. The others are routed by the version `in_force_beside`; where that is
null, they go to a person.

`test_vectors` are applications with the route and reason that every router must give them.

`rai-dash policy route FILE SCORES` routes a table; `rai-dash policy export FILE` writes the same routing in Python or
SQL, which need nothing of this app.

`ledger` holds the signed records that all of this rests on; `ledger.about` says how to check them by hand. They are
checked whenever this app reads the file. Of other records only the hashes stand there: that none of them is about this
policy, such as a later suspension, and that the file was not made anew as a whole, it cannot show by itself.
"""


def exported_policy(
    policy: Policy,
    status: VersionStatus | None,
    *,
    now: datetime,
    beside: VersionStatus | None = None,
    ledger: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Put a policy into plain values that can be understood, applied and checked with nothing else at hand.

    Parameters
    ----------
    policy : Policy
        The version.
    status : VersionStatus or None
        How it stands now; None = a draft that is in no store.
    now : datetime
        With its time zone.
    beside : VersionStatus, optional
        The version in force for everybody else, while this one is being rolled out.
    ledger : mapping, optional
        Export of the ledger with the records of this policy.

    Returns
    -------
    dict
        ``{"schema", "about", "policy", "standing", "ledger", "test_vectors"}``.

    Raises
    ------
    InvalidChoice
        When policy and status are of different versions.
    """
    if status is not None and (status.policy_id, status.version) != (policy.policy_id, policy.version):
        msg = tr(
            "The policy is version {version} of {policy_id}, its standing that of version "
            "{status_version} of {status_policy_id}. Take both of the same version.",
            version=policy.version,
            policy_id=policy.policy_id,
            status_version=status.version,
            status_policy_id=status.policy_id,
        )
        raise InvalidChoice(msg)
    standing = None if status is None else PolicyStanding.of(status, now=now, beside=beside)
    return {
        "schema": SCHEMA,
        "about": [" ".join(part.split()) for part in _ABOUT.strip().split("\n\n")],
        "policy": policy.content(),
        "standing": None if standing is None else standing.model_dump(mode="json"),
        "ledger": None if ledger is None else dict(ledger),
        "test_vectors": PolicyFile.of(policy, standing).vectors(),
    }


def exported_from(
    ledger: Mapping[str, Any], policy_id: str, version: int, *, now: datetime
) -> dict[str, Any]:
    """Export a version by the records of a ledger alone, so that the file says nothing else than they do.

    Parameters
    ----------
    ledger : mapping
        Export of a ledger, with the records of this policy, as it was made just now.
    policy_id, version
    now : datetime
        With its time zone.

    Raises
    ------
    InvalidChoice
        When there is no such policy or version.
    LedgerBroken
        When the records make no sense.
    """
    told = Told(ledger, policy_id)
    standing = told.standing(now)
    status = standing.version(version)
    beside = standing.history.in_force if status.is_rolling_out else None
    return exported_policy(told.policy(version), status, now=standing.as_of, beside=beside, ledger=ledger)


def read_policy_file(source: str | Path | bytes) -> PolicyFile:
    """Read what it takes to route from a file.

    Parameters
    ----------
    source : path or bytes
        An exported policy, a policy alone, or the least there can be: ``{"band": {"lo", "threshold" (or "t"),
        "hi"}, "conditions": [...]}``, with ``"score": {"direction", "low", "high"}`` where the score is not the
        probability of the favourable outcome.

    Raises
    ------
    InvalidChoice, InvalidRecord
        In one sentence, when something is missing or makes no sense.
    LedgerBroken
        When the file holds records that were changed, or that do not say what the rest of it says.
    """
    name = "the file" if isinstance(source, bytes) else f"`{source}`"
    content = _object(read_limited(source, get_settings().max_file_mb, error=InvalidChoice), name)
    schema = content.get("schema")
    if schema == SCHEMA:
        return _exported(content, name)
    if schema == POLICY_SCHEMA:
        return PolicyFile.of(_policy(content, name))
    if "band" in content:
        return least_policy(content, name)
    msg = tr(
        "{name} holds no policy: it has neither the schema {schema} or {policy_schema} nor a `band`. "
        "Give a file of `rai-dash policy draft` or `rai-dash policy show`.",
        name=capital(name),
        schema=SCHEMA,
        policy_schema=POLICY_SCHEMA,
    )
    raise InvalidChoice(msg)


def _object(raw: bytes, name: str) -> dict[str, Any]:
    """Read a JSON object; NaN, infinity and a name that stands there twice are refused."""
    try:
        content = strict_json(raw)
    except (ValueError, RecursionError) as error:
        msg = tr(
            "{name} is not JSON that can be read: {error}. Export the policy again.",
            name=capital(name),
            error=error,
        )
        raise InvalidChoice(msg) from error
    if not isinstance(content, dict):
        msg = tr(
            "{name} holds no policy: it is not a JSON object. Give a file of `rai-dash policy show`.",
            name=capital(name),
        )
        raise InvalidChoice(msg)
    return content


def _exported(content: Mapping[str, Any], name: str) -> PolicyFile:
    missing = [key for key in ("policy", "standing", "ledger") if key not in content]
    if missing:
        msg = tr(
            "{name} lacks `{missing}`, which every exported policy has. Export it again.",
            name=capital(name),
            missing=missing[0],
        )
        raise InvalidChoice(msg)
    # What nothing vouches for could be taken for a part of what was signed.
    unknown = sorted(content.keys() - {"schema", "about", "policy", "standing", "ledger", "test_vectors"})
    if unknown:
        msg = tr(
            "{name} holds `{unknown}`, which no exported policy has. Export it again.",
            name=capital(name),
            unknown=unknown[0],
        )
        raise InvalidChoice(msg)
    policy = _policy(content["policy"], name)
    standing = None
    if content["standing"] is not None:
        standing = read_part(PolicyStanding, content["standing"], f"`standing` of {name}")
    has_ledger = content["ledger"] is not None
    if has_ledger:
        check_ledger(content["ledger"], policy, standing, name=name)
    return PolicyFile.of(policy, standing, has_ledger=has_ledger)


def _policy(content: object, name: str) -> Policy:
    if not isinstance(content, Mapping):
        msg = tr("`policy` of {name} is not a policy. Export it again.", name=name)
        raise InvalidChoice(msg)
    try:
        return checked_policy(content)
    except InvalidRecord as error:
        msg = tr("{name} holds no whole policy: {error}", name=capital(name), error=error.message)
        raise InvalidRecord(msg) from error
