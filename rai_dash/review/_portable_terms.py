"""Whether a signed policy decides about an application now. Like `_portable`, the text of every exported router."""

from __future__ import annotations

import calendar
import hashlib
import time
from collections.abc import Mapping
from typing import Any

from rai_dash.review._portable import REVIEW, decide, label

NOT_IN_FORCE, EXPIRED, NOT_IN_ROLLOUT, SHADOW = (
    "policy_not_in_force",
    "policy_expired",
    "not_in_rollout",
    "shadow",
)
TIME = "%Y-%m-%dT%H:%M:%SZ"


def decide_under(
    policy: Mapping[str, Any],
    terms: Mapping[str, Any],
    score: object,
    row: Mapping[str, object] | None = None,
    *,
    at: Any = None,
    key: object = None,
) -> tuple[str, str]:
    """Return the route of one application and the first reason for it: the terms of the policy come first.

    ``terms`` holds ``policy_id, in_force, valid_from, expires_at, stage, share``; ``at`` is a moment (None = now),
    ``key`` names the application, which is asked for only while a policy decides about a share of them.
    """
    reason = outside(terms, at)
    if reason is None and terms["stage"] == "share" and not is_drawn(terms["policy_id"], key, terms["share"]):
        reason = NOT_IN_ROLLOUT
    return decide(policy, score, row) if reason is None else (REVIEW, reason)


def outside(terms: Mapping[str, Any], at: Any = None) -> str | None:
    """Return why the policy decides about nobody at a moment; None = it does decide."""
    if not terms["in_force"]:
        return NOT_IN_FORCE
    moment = seconds(at)
    if terms["valid_from"] is not None and moment < seconds(terms["valid_from"]):
        return NOT_IN_FORCE
    if terms["expires_at"] is not None and moment >= seconds(terms["expires_at"]):
        return EXPIRED
    return SHADOW if terms["stage"] == "shadow" else None


def seconds(at: Any) -> int:
    """Count the whole seconds since 1970 of a datetime (without a zone: UTC) or a text like 2026-11-29T14:05:06Z."""
    if at is None:
        return int(time.time())
    return calendar.timegm(time.strptime(at, TIME) if isinstance(at, str) else at.utctimetuple())


def is_drawn(policy_id: str, key: object, share: float) -> bool:
    """Whether an application belongs to the share that the policy decides about; the same answer for ever.

    A key is a text or a whole number. Who has none does not belong to it.
    """
    text = key if isinstance(key, str) else label(key)
    if not text:
        return False
    digest = hashlib.sha256((policy_id + "\n" + text).encode("utf-8")).digest()
    top, bottom = share.as_integer_ratio()
    return int.from_bytes(digest[:8], "big") * bottom < top * 2**64
