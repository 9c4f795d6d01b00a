"""The review band in plain sentences."""

from __future__ import annotations

from rai_dash.case import Exposure
from rai_dash.core.types import ReviewBand
from rai_dash.review.band import RouteTable
from rai_dash.ui.text import count, estimate_text, percent, safe


def band_sentence(table: RouteTable) -> str:
    """Say what the machine does with how many applications, and what a person gets."""
    sums = table.overall.sums
    total, approve, reject, review, no_score = (
        float(sums[name][0]) for name in ("everyone", "approve", "reject", "review", "no_score")
    )
    if total <= 0:
        return "There are no applications to route."
    text = (
        f"Of {count(total)} applications the machine approves **{count(approve)}**, declines "
        f"**{count(reject)}** and sends **{count(review)}** to a person."
    )
    if no_score:
        text += f" {count(no_score)} of these have no score and always go to a person."
    return text


def error_sentence(table: RouteTable, *, exposure: Exposure) -> str:
    """Say how often the machine is wrong when it decides alone, and what that claim rests on."""
    error = table.overall.estimate("auto_error_rate")
    if not error.is_defined:
        return f"How often it is wrong when it decides alone is undefined: {safe(error.reason, limit=200)}."
    badge = (
        "The band and these figures come from the same rows, so nothing is certified: a band picked here will look "
        "better here than on new applications."
    )
    if exposure in {Exposure.IN_SAMPLE, Exposure.UNKNOWN}:
        badge += " The model may also have been trained on these rows."
    return f"When it decides alone it is wrong for **{estimate_text(error)}**. {badge}"


def band_words(band: ReviewBand) -> str:
    """Write the ends of a band."""
    lo = "nothing is declined automatically" if band.lo is None else f"declined below {percent(band.lo)}"
    hi = "nothing is approved automatically" if band.hi is None else f"approved from {percent(band.hi)}"
    return f"{lo}, {hi}, a person in between"
