"""Whether an exported policy says what the signed records in the same file say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rai_dash.core.errors import InvalidChoice, LedgerBroken
from rai_dash.core.texts import tr
from rai_dash.core.words import capital
from rai_dash.govern._policy_standing import PolicyStanding
from rai_dash.govern._work import about, drafted
from rai_dash.govern.events import PREFIX
from rai_dash.govern.export import read_contents, verify_export
from rai_dash.govern.ledger import Link
from rai_dash.govern.policy import Policy
from rai_dash.govern.standing import Standing, standing


class Told:
    """What the records of an export say about one policy.

    Parameters
    ----------
    ledger : mapping
        An export that was found intact, or that was made just now.
    policy_id : str
    """

    def __init__(self, ledger: Mapping[str, Any], policy_id: str) -> None:
        contents, subject = read_contents(ledger), PREFIX + policy_id
        own = (r for r in contents.records if not isinstance(r, Link) and r.subject == subject)
        self._records = about(own)
        self._texts = {sealed.ref: sealed.text for sealed in contents.sealed}

    def policy(self, version: int) -> Policy:
        """Return a version as it was drafted; `InvalidChoice` where there is none."""
        return drafted(self._records, self._texts, version)

    def standing(self, now: datetime) -> Standing:
        """Say how the policy stands; `InvalidChoice` where there is none."""
        return standing(self._records, self._texts, now)

    def standing_of(self, version: int, *, now: datetime) -> PolicyStanding:
        """Say how a version stands, as an exported policy does."""
        whole = self.standing(now)
        status = whole.version(version)
        return PolicyStanding.of(
            status, now=now, beside=whole.history.in_force if status.is_rolling_out else None
        )


def check_ledger(
    ledger: Mapping[str, Any], policy: Policy, stated: PolicyStanding | None, *, name: str
) -> None:
    """Check the records of an exported policy, and that the rest of the file follows from them.

    Raises
    ------
    LedgerBroken
        When a record was changed, or does not say what the file says.
    """
    findings = verify_export(ledger)
    if findings:
        msg = tr(
            "The ledger in {name} is broken: {findings} Do not route by it; export the policy again.",
            name=name,
            findings=findings[0].message,
        )
        raise LedgerBroken(msg)
    told = Told(ledger, policy.policy_id)
    try:
        signed = told.policy(policy.version)
    except InvalidChoice as error:
        raise _differs(
            name,
            tr(
                "version {version} of {policy_id} is not in it",
                version=policy.version,
                policy_id=policy.policy_id,
            ),
        ) from error
    if signed != policy:
        raise _differs(name, tr("the policy is not the one that was written down there"))
    if stated is None:
        raise _differs(name, tr("it knows how the policy stands, and the file does not say it"))
    found = told.standing_of(policy.version, now=stated.as_of)
    changed = [key for key in PolicyStanding.model_fields if getattr(found, key) != getattr(stated, key)]
    if changed:
        raise _differs(name, tr("`standing.{changed}` is not what follows from it", changed=changed[0]))


def _differs(name: str, what: str) -> LedgerBroken:
    msg = (
        f"{capital(name)} does not say what the ledger in it says: {what}. "
        "Do not route by it; export the policy again."
    )
    return LedgerBroken(msg)
