"""The limits of a batch as somebody types them: ``review_rate=0.05``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import ValidationError

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.columns import closest_names
from rai_dash.govern._policy_monitoring import MonitorLimits
from rai_dash.govern.complaints import sentence
from rai_dash.govern.monitor._gap_lines import WATCHED_GAPS

#: Lines whose tolerance can be named, and what it is of.
TOLERANCES: Final[Mapping[str, str]] = {
    "review_rate": "share sent to a person",
    "auto_approve_rate": "share approved automatically",
    "auto_reject_rate": "share declined automatically",
    "selection_rate": "share at or above the threshold",
    "auto_error_rate": "share of automatic decisions that are wrong",
    "fnr_auto": "share of good applications decided automatically that are declined",
    "fpr_auto": "share of bad applications decided automatically that are approved",
    "base_rate": "share of favourable outcomes",
    "no_score_rate": "share without a score",
    "blank_rate": "share of blanks of a column",
    "new_categories": "share with a category that was not signed",
    "gone_categories": "share of a category that nobody has any more",
    "calibration_intercept": "calibration intercept, in log-odds",
    "calibration_slope": "calibration slope",
    "brier": "Brier score",
    **{name: f"largest difference between groups in {of}" for name, of in WATCHED_GAPS.items()},
}
_FIELDS: Final = ("psi_watch", "psi_breach", "ks", "least", "min_n")


def read_limits(items: Iterable[str]) -> MonitorLimits:
    """Read limits of the form ``NAME=VALUE``; what is not named has its usual limit.

    Parameters
    ----------
    items : iterable of str
        A name of `TOLERANCES`, or ``psi_watch``, ``psi_breach``, ``ks``, ``least``, ``min_n``.

    Raises
    ------
    InvalidChoice
        When a name is not known, a value is no number above 0, or they do not go together.
    """
    fields: dict[str, object] = {}
    tolerances: dict[str, float] = {}
    for item in items:
        name, sign, text = (part.strip() for part in item.partition("="))
        if not sign or name not in {*TOLERANCES, *_FIELDS}:
            raise _unknown(item, name)
        value = _number(item, text)
        if name in TOLERANCES:
            tolerances[name] = value
        else:
            fields[name] = int(value) if name == "min_n" and value.is_integer() else value
    try:
        return MonitorLimits.model_validate({**fields, "tolerances": tolerances})
    except ValidationError as error:
        raise InvalidChoice(sentence(error.errors()[0])) from error


def _number(item: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value > 0.0 or math.isinf(value):
        msg = tr(
            "`{item}` is no limit: behind the = a number above 0 is needed. Write for example "
            "review_rate=0.05.",
            item=item,
        )
        raise InvalidChoice(msg)
    return value


def _unknown(item: str, name: str) -> InvalidChoice:
    close = closest_names(name, [*TOLERANCES, *_FIELDS])
    hint = (
        tr("Did you mean {close}?", close=close[0])
        if close
        else tr("Names are {names}.", names=", ".join([*TOLERANCES, *_FIELDS]))
    )
    return InvalidChoice(tr("`{item}` names no limit of a batch. {hint}", item=item, hint=hint))
