"""What the parts of a policy are called for people, by their names in the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: The shares that are told, by their names in the review room and in the order in which they are told.
SHARES: Final[Mapping[str, str]] = {
    "auto_approve_rate": "Approved by the machine",
    "auto_reject_rate": "Declined by the machine",
    "review_rate": "Sent to a person",
    "auto_error_rate": "Wrong when the machine decides alone",
    "good_auto_rejected": "Wrongly declined by the machine",
    "bad_auto_approved": "Wrongly approved by the machine",
    "post_error_rate": "Wrong in the end, expected",
    "post_approval_rate": "Approved in the end, expected",
}
#: What each of them is a share of.
OF: Final[Mapping[str, str]] = {
    "auto_approve_rate": "of all applications",
    "auto_reject_rate": "of all applications",
    "review_rate": "of all applications",
    "auto_error_rate": "of its decisions with a known outcome",
    "good_auto_rejected": "of all with a favourable outcome",
    "bad_auto_approved": "of all with an unfavourable outcome",
    "post_error_rate": "of all with a known outcome",
    "post_approval_rate": "of all with a known outcome",
}
#: Of these, what is told of every group.
GROUP_SHARES: Final = (
    "review_rate", "auto_reject_rate", "good_auto_rejected", "auto_error_rate", "post_approval_rate",
)  # fmt: skip
#: How far groups lie apart, by the names of `rai_dash.review.gaps.GAPS`.
GAPS: Final[Mapping[str, str]] = {
    "review_rate_gap": "Gap in who is sent to a person",
    "review_rate_ratio": "Ratio in who is sent to a person",
    "auto_approve_gap": "Gap in who is approved by the machine",
    "auto_approve_ratio": "Ratio in who is approved by the machine",
    "auto_reject_gap": "Gap in who is declined by the machine",
    "auto_error_gap": "Gap in the machine’s errors",
    "fnr_auto_gap": "Gap in who is wrongly declined, of those the machine decides",
    "fpr_auto_gap": "Gap in who is wrongly approved, of those the machine decides",
    "good_auto_rejected_gap": "Gap in who is wrongly declined by the machine",
    "bad_auto_approved_gap": "Gap in who is wrongly approved by the machine",
    "post_approval_ratio": "Ratio in who is approved in the end",
    "post_fnr_gap": "Gap in who is wrongly refused in the end",
    "post_fpr_gap": "Gap in who is wrongly approved in the end",
}
PEOPLE: Final[Mapping[str, str]] = {
    "reviews_per_day": "Reviews a day",
    "reviewers_needed": "Reviewers needed",
    "busy_day_reviewers": "Reviewers needed on a busy day",
}


COSTS: Final[Mapping[str, str]] = {
    "fp_fixed": "Cost of a wrong approval",
    "fp_per_amount": "Cost of a wrong approval, for each unit of the amount",
    "fn_fixed": "Cost of a wrong refusal",
    "fn_per_amount": "Cost of a wrong refusal, for each unit of the amount",
    "review": "Cost of a review",
}
REVIEWER: Final[Mapping[str, str]] = {
    "h1": "A person approves someone with a favourable outcome",
    "h0": "A person refuses someone with an unfavourable outcome",
    "deference": "A person simply follows the model",
}
WORKLOAD: Final[Mapping[str, str]] = {
    "volume_per_day": "Applications a day",
    "minutes_per_review": "Minutes for a review",
    "minutes_per_day": "Minutes a reviewer has in a day",
    "reviewers": "Reviewers there are",
    "days": "Days after which the backlog is counted",
}
HARM: Final[Mapping[str, str]] = {
    "wrong_approval": "What a wrong approval does to a person",
    "wrong_refusal": "What a wrong refusal does to a person",
    "answerable": "Who answers for it",
}
