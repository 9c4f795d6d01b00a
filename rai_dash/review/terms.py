"""When, and for which applications, a signed policy decides. Everybody else goes to a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.review import _portable, _portable_terms
from rai_dash.review.row_routes import ROUTES, RowRoutes

#: Stages of a roll-out.
STAGES: Final = ("shadow", "share", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which terms a policy decides.

    Parameters
    ----------
    policy_id : str
        With the key of an application it settles whether that belongs to the share.
    in_force : bool
        False = suspended, revoked, or not the active one: nothing is decided.
    valid_from, expires_at : datetime or None
        From the first, and before the second. Whole seconds, with their zone.
    stage : str
        One of `STAGES`: ``shadow`` decides nothing, ``share`` decides about a share of the applications.
    share : float or None
        Of the stage ``share``: more than 0, less than 1.

    Raises
    ------
    InvalidChoice
        When the stage is unknown, or has no share or a wrong one, or a time has no zone.
    """

    policy_id: str
    in_force: bool = True
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    stage: str = "all"
    share: float | None = None

    def __post_init__(self) -> None:
        """Check that the parts fit together."""
        if self.stage not in STAGES:
            msg = tr(
                "`{stage}` is no stage of a roll-out. Stages are {stages}.",
                stage=self.stage,
                stages=", ".join(STAGES),
            )
            raise InvalidChoice(msg)
        if self.stage == "share" and not (self.share is not None and 0.0 < self.share < 1.0):
            msg = tr(
                "The stage `share` needs a share between 0 and 1, got {share}. Give one, like 0.1.",
                share=self.share,
            )
            raise InvalidChoice(msg)
        for moment in (self.valid_from, self.expires_at):
            if moment is not None and moment.tzinfo is None:
                msg = tr(
                    "The time {moment} of the policy has no zone. Write it in UTC, like 2026-11-29T14:05:06Z.",
                    moment=moment,
                )
                raise InvalidChoice(msg)

    def to_json(self) -> dict[str, Any]:
        """Return the parts as plain values; times as ``2026-11-29T14:05:06Z``."""
        times = {"valid_from": self.valid_from, "expires_at": self.expires_at}
        return asdict(self) | {k: None if at is None else utc_text(at) for k, at in times.items()}

    def outside(self, at: datetime) -> str | None:
        """Return why the policy decides about nobody at a moment; None = it does decide."""
        return _portable_terms.outside(self.to_json(), at)

    def takes_part(self, key: object) -> bool:
        """Whether an application is one that the policy decides about, as far as the stage goes."""
        if self.stage != "share":
            return self.stage == "all"
        return _portable_terms.is_drawn(self.policy_id, key, float(self.share or 0.0))


def no_key(terms: Terms) -> InvalidChoice:
    """Say that a share of the applications can be told only by their names."""
    share = f"{100 * float(terms.share or 0.0):g} %"
    msg = (
        f"The policy decides about {share} of the applications, so each needs a name that stays the same. Say which "
        "column holds it."
    )
    return InvalidChoice(msg)


def first_outside(share: float) -> str:
    """Write the smallest first 8 bytes of a hash that are not drawn, as hexadecimal digits."""
    top, bottom = share.as_integer_ratio()
    return f"{-(-top * 2**64 // bottom):016x}"


def utc_text(moment: datetime) -> str:
    """Write a moment as ``2026-11-29T14:05:06Z``."""
    return moment.astimezone(UTC).strftime(_portable_terms.TIME)


def terms_from_json(content: Mapping[str, Any]) -> Terms:
    """Read terms back from what `Terms.to_json` wrote.

    Raises
    ------
    InvalidChoice
        When a part is missing, unknown or of the wrong kind.
    """
    try:
        times = {name: _moment(content.get(name)) for name in ("valid_from", "expires_at")}
        share = None if content.get("share") is None else float(content["share"])
        return Terms(**{**content, **times, "share": share})
    except (TypeError, ValueError) as error:
        msg = f"The terms of the policy cannot be read: {error}. Export the policy again."
        raise InvalidChoice(msg) from error


def under_terms(found: RowRoutes, terms: Terms, *, at: datetime, keys: Sequence[object] | None) -> RowRoutes:
    """Send to a person whoever the policy does not decide about.

    Parameters
    ----------
    found : RowRoutes
        Routes by the band and its conditions, n rows.
    terms : Terms
        Of the policy.
    at : datetime
        The moment of routing.
    keys : sequence or None
        Names of the n applications, asked for by the stage ``share`` only.

    Returns
    -------
    RowRoutes
        ``reasons`` gains ``policy_not_in_force, policy_expired, not_in_rollout, shadow``, where one of them is met.

    Raises
    ------
    InvalidChoice
        When keys are needed and missing.
    """
    reason = terms.outside(at)
    if reason is not None:
        return _to_a_person(found, np.ones(found.route.shape, dtype=bool), reason)
    if terms.stage == "all":
        return found
    if keys is None:
        raise no_key(terms)
    left_out = np.array([not terms.takes_part(key) for key in keys], dtype=bool)
    return _to_a_person(found, left_out, _portable_terms.NOT_IN_ROLLOUT)


def _to_a_person(found: RowRoutes, rows: np.ndarray[Any, np.dtype[np.bool_]], reason: str) -> RowRoutes:
    review = np.int8(ROUTES.index(_portable.REVIEW))
    return replace(
        found,
        route=np.where(rows, review, found.route),
        reason=np.where(rows, len(found.reasons), found.reason),
        reasons=(*found.reasons, reason),
    )


def _moment(text: object) -> datetime | None:
    """Read a time; one without a zone stays without, for `Terms` to refuse."""
    return None if text is None else datetime.fromisoformat(str(text))
