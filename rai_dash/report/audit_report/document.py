"""The one JSON document that a report is written from: every number in the report stands in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from rai_dash.core.fingerprint import fingerprint_value

SCHEMA: Final = "rai-dash/report/1"


def report_document(
    audit: Mapping[str, Any],
    *,
    title: str = "",
    made: str = "",
    profile: Mapping[str, Any] | None = None,
    drivers: Mapping[str, Any] | None = None,
    policy: Mapping[str, Any] | None = None,
    about: Mapping[str, str] | None = None,
    run: Mapping[str, Any] | None = None,
    fewest: int = 0,
) -> dict[str, Any]:
    """Put a report together.

    Parameters
    ----------
    audit : mapping
        ``rai-dash/audit/1``.
    title : str
        What is judged; the name of the data when empty.
    made : str
        A date that is shown, such as ``2026-11-30``; none is when empty. Nothing reads the clock.
    profile : mapping, optional
        ``rai-dash/profile/1`` of the same data.
    drivers : mapping, optional
        ``rai-dash/drivers/1`` of the same model.
    policy : mapping, optional
        What `rai_dash.report.audit_report.signed.policy_facts` returns.
    about : mapping of str to str, optional
        What somebody stated, see `rai_dash.report.audit_report.about`.
    run : mapping, optional
        The record of the run (`rai_dash.report.run_record`).
    fewest : int
        Numbers of fewer people are hidden, and what would give them away; 0 = nothing is.

    Returns
    -------
    dict
        Plain values. The scores of single rows are left out.
    """
    document = {
        "schema": SCHEMA,
        "title": title or str(audit["data"]["name"]),
        "made": made,
        "audit": {key: value for key, value in audit.items() if key not in {"scores", "run"}}
        | {"scores": {key: value for key, value in audit["scores"].items() if key != "first"}},
        "profile": profile,
        "drivers": drivers,
        "policy": policy,
        "about": dict(about or {}),
        "run": run,
    }
    plain: dict[str, Any] = json.loads(json.dumps(document, ensure_ascii=False, allow_nan=False))
    if fewest <= 0:
        return plain
    from rai_dash.report.suppressed import suppress_document

    return dict(suppress_document(plain, fewest=fewest))


def document_sha256(document: Mapping[str, Any]) -> str:
    """Return the fingerprint of a report's document, in hex."""
    return fingerprint_value(document)


def document_json(document: Mapping[str, Any]) -> str:
    """Write a document as JSON; undefined and hidden numbers are null."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
