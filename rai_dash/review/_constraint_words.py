"""The words in which the numbers of a band are limited: what can be said, and what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rai_dash.review.gaps import GAPS

#: How groups are compared, in `GAPS` and in sentences.
GAP, RATIO = "gap", "ratio"
COST = "cost"

#: Names of review-band.md sections 4, 5 and 13 with what may be said for them; the first is written back.
PHRASES: Mapping[str, tuple[str, ...]] = {
    "coverage": ("decided automatically", "automatic decisions", "automated decisions", "decided alone"),
    "review_rate": (
        "review", "reviewed", "reviews", "sent to a person", "to a person", "manual review", "human review",
        "referred", "referral", "referrals",
    ),
    "auto_approve_rate": (
        "approved automatically", "auto approve", "automatic approvals", "automatic approval", "auto approved",
        "approved by the machine",
    ),
    "auto_reject_rate": (
        "declined automatically", "auto reject", "auto decline", "automatic refusals", "automatic declines",
        "refused automatically", "rejected automatically", "declined by the machine", "refused by the machine",
    ),
    "auto_error_rate": (
        "automated error", "automated errors", "automatic error", "automatic errors", "auto error", "machine error",
        "machine errors", "wrong when it decides alone",
    ),
    "error_per_application": (
        "error per application", "errors per application", "automated errors per application",
    ),
    "precision_auto": ("approvals that are right", "right approvals", "automatic precision", "precision"),
    "npv_auto": ("declines that are right", "right declines", "right refusals", "npv"),
    "recall_auto": ("approved among good decided automatically", "automatic recall", "recall"),
    "fnr_auto": ("declined among good decided automatically", "automatic fnr", "false negative rate", "fnr"),
    "fpr_auto": ("approved among bad decided automatically", "automatic fpr", "false positive rate", "fpr"),
    "good_auto_rejected": (
        "wrongly declined", "wrongly refused", "wrongly rejected", "wrong refusals", "wrong declines",
        "good auto declined", "good ones declined", "good applicants declined",
    ),
    "bad_auto_approved": (
        "wrongly approved", "wrong approvals", "bad ones approved", "bad applicants approved",
    ),
    "good_rate_in_band": ("good in review", "good in band", "good share in band", "good among reviewed"),
    "post_error_rate": ("final error", "final errors", "error after review", "errors after review", "post error"),
    "post_precision": ("final precision", "precision after review"),
    "post_recall": ("final recall", "recall after review"),
    "post_fnr": (
        "finally wrongly declined", "finally wrongly refused", "wrongly declined in the end",
        "wrongly declined after review", "final false negative rate", "final fnr",
    ),
    "post_fpr": (
        "finally wrongly approved", "wrongly approved in the end", "wrongly approved after review",
        "final false positive rate", "final fpr",
    ),
    "post_approval_rate": (
        "finally approved", "final approval", "final approvals", "approved in the end", "approved after review",
        "approval after review", "post approval",
    ),
    COST: ("cost", "costs", "cost per application", "costs per application"),
}  # fmt: skip

#: The names of section 8 by what they compare and how.
GAP_NAMES: Mapping[tuple[str, str], str] = {parts: name for name, parts in GAPS.items()}

#: What people call groups that the data name otherwise. Used only where exactly one group of a column fits.
ALSO_CALLED: Mapping[str, frozenset[str]] = {
    "women": frozenset({"female", "f", "woman"}),
    "men": frozenset({"male", "m", "man"}),
    "female": frozenset({"women", "woman", "f"}),
    "male": frozenset({"men", "man", "m"}),
}

AT_MOST = (
    "(?:at|to) most|no more than|not more than|not above|not over|less than|lower than|fewer than|under|below|"
    "up to|within|maximum|max"
)
AT_LEAST = (
    "at least|no less than|not less than|not under|not below|more than|higher than|over|above|minimum|min"
)
#: Words without a meaning of their own at the ends of what is limited.
_FILLERS = {
    *(
        "the",
        "a",
        "an",
        "all",
        "is",
        "are",
        "be",
        "been",
        "must",
        "should",
        "shall",
        "has",
        "have",
        "to",
        "stay",
    ),
    *("stays", "may", "can", "with", "of", "in", "for", "whose", "and", "share", "rate", "number"),
}


def plain(text: str) -> str:
    """Write words in lower case, one space apart, without underscores, hyphens between letters, and fillers."""
    lower = re.sub(r"(?<=[a-z])[-–](?=[a-z])", " ", text.lower().replace("_", " "))
    words = re.sub(r"[\s,;:.]+", " ", lower).split()
    while words and words[0] in _FILLERS:
        words = words[1:]
    while words and words[-1] in _FILLERS:
        words = words[:-1]
    return " ".join(words)


#: What may be said, after `plain`, and the metric it means.
SAID: Mapping[str, str] = {
    plain(said): name for name, phrases in PHRASES.items() for said in (name, *phrases)
}
