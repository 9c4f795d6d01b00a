"""What a report takes from a policy: what was decided, who signed it, and whether it is about the same things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rai_dash.core.texts import tr

if TYPE_CHECKING:
    from rai_dash.govern.policy import Policy
    from rai_dash.govern.standing import Standing


def policy_facts(
    policy: Policy, standing: Standing, export: Mapping[str, Any], audit: Mapping[str, Any]
) -> dict[str, Any]:
    """Say a policy for `rai_dash.report.audit_report.document.report_document`; the arguments are the certificate's.

    Parameters
    ----------
    policy : Policy
        The version, with its texts.
    standing : Standing
        Of the whole policy.
    export : mapping
        What ``Store.export`` returns for the subject of this policy.
    audit : mapping
        The audit that the report is about: where the policy rests on other data, another model or another band, the
        report says so.

    Returns
    -------
    dict
        Plain values. Shares of groups are left out: they are in the certificate.
    """
    from rai_dash.govern.policy_words import decision_words
    from rai_dash.report._certificate_ledger import Ledger
    from rai_dash.report._certificate_parts import moment
    from rai_dash.report._certificate_status import mark, said, state_facts

    status = standing.version(policy.version)
    ledger = Ledger(export)
    # When it was read is left out: a report says the same tomorrow unless something happened.
    state = state_facts(status, ledger, moment(standing.as_of))[:-1]
    warned = mark(standing, status)
    signatures = said(status.signatures, ledger, status.required_roles)
    return {
        "title": policy.title,
        "version": policy.version,
        "state": state[0].value,
        "mark": None if warned is None else f"{warned.title}: {warned.text}",
        "facts": [[fact.label, fact.value] for fact in state],
        "content_sha256": status.content_hash,
        "decided": list(decision_words(policy)),
        "signed_by": [one.headline for one in signatures],
        "signatures": [
            {"headline": one.headline, "detail": one.detail, "rationale": one.rationale} for one in signatures
        ],
        "warnings": [warning.message for warning in policy.warnings_shown],
        "differs": list(_differs(policy, audit)),
    }


def _differs(policy: Policy, audit: Mapping[str, Any]) -> Iterator[str]:
    """Yield what this report is about and the policy is not."""
    if policy.data.sha256 != audit["data"]["fingerprint"]:
        yield tr(
            "The policy was decided on other data ({theirs}) than this report is about ({ours}).",
            theirs=policy.data.name,
            ours=audit["data"]["name"],
        )
    model = audit["model"]
    if model is not None and policy.model.sha256 != model["fingerprint"]:
        yield tr("The policy is about another model than this report.")
    band = audit["band"]
    if band and (band["lo"], band["hi"]) != (policy.band.lo, policy.band.hi):
        yield tr("The band of the policy is another one than the band of this report.")
