"""The codes that a reviewer gives for a decision: those of the operator, else the usual ones of consumer credit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rai_dash.core.errors import InvalidRecord
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr

#: Code and what it means. The chain holds the codes alone.
USUAL: Final[Mapping[str, str]] = {
    "income_short": "Income does not carry the instalments",
    "income_carries": "Income carries the instalments",
    "debts_high": "Too much other debt",
    "paid_badly": "Payments were missed before",
    "paid_well": "Paid as agreed before",
    "history_short": "History too short to tell",
    "work_unsteady": "Employment is not steady",
    "work_steady": "Employment is steady",
    "security_weak": "Security does not cover the loan",
    "security_sound": "Security covers the loan",
    "purpose_unclear": "Purpose of the loan is not clear",
    "data_wrong": "A value looks wrong or is missing",
    "rule": "A rule of the house decides",
    "model_misses": "Something matters that the model does not know",
    "other": "Another reason, see the note",
}


def reason_words() -> dict[str, str]:
    """Return the reasons a reviewer may give now, words by code."""
    return dict(get_settings().review_reasons or USUAL)


def words_of(code: str) -> str:
    """Say what a code means; one that is on no list any more stands for itself."""
    return reason_words().get(code) or USUAL.get(code, code)


def check_codes(given: Sequence[str], allowed: Sequence[str], *, needed: str = "") -> tuple[str, ...]:
    """Refuse codes that are not on the list of the queue, and none where one is needed.

    Parameters
    ----------
    given, allowed : sequence of str
    needed : str
        What takes a reason: "A refusal"; empty = nothing does.

    Returns
    -------
    tuple of str
        Each once, in the order of the list.

    Raises
    ------
    InvalidRecord
        Naming the first code that is unknown, or saying that one is needed.
    """
    unknown = sorted(set(given) - set(allowed))
    if unknown:
        msg = tr(
            "`{unknown}` is no reason of this queue. Choose from: {allowed}.",
            unknown=unknown[0],
            allowed=", ".join(allowed),
        )
        raise InvalidRecord(msg)
    if needed and not given:
        msg = tr("{needed} takes a reason. Choose at least one from the list.", needed=needed)
        raise InvalidRecord(msg)
    return tuple(code for code in allowed if code in set(given))
