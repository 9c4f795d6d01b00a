"""The parts of a policy: what it rests on, what it routes, what it was weighed against, and in whose words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from rai_dash.core.types import Direction, ScoreScale
from rai_dash.govern._signed import (
    Amount,
    Fingerprint,
    Name,
    Rate,
    Rows,
    Signed,
    SignedBand,
    Text,
)

Chance = Annotated[float, Field(ge=0, le=1)]
#: What people write about a policy. It is sealed beside the ledger, so that it can be erased.
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000)]


class PolicyData(Signed):
    """The data set that the figures come from; ``rows_judged`` of its ``rows`` were counted."""

    name: Text
    sha256: Fingerprint
    rows: Rows
    columns: Rows
    role: Name
    rows_judged: Rows
    favourable: tuple[Text, ...]
    target: Text | None
    target_kind: Name
    sensitive: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _judged_are_rows(self) -> Self:
        if self.rows_judged > self.rows:
            msg = f"{self.rows_judged:,} rows were judged, of {self.rows:,}"
            raise ValueError(msg)
        return self


class PolicyModel(Signed):
    """The model, or the score column (``format`` ``"score_column"``, no fingerprint of its own)."""

    name: Text
    format: Name
    sha256: Fingerprint | None
    favourable_class: Text | None
    features: tuple[Text, ...] = ()


class PolicyScore(Signed):
    """What is compared with the band, and how it reads: ``(x - low) / (high - low)``, turned round for ``lower``."""

    source: Literal["model", "column"]
    column: Text | None = None
    direction: Literal["higher", "lower"] = "higher"
    low: float = 0.0
    high: float = 1.0
    unit: Text = "probability"

    @model_validator(mode="after")
    def _fits_its_source(self) -> Self:
        if (self.source == "column") != (self.column is not None):
            msg = "a score column has a name, and the score of a model has none"
            raise ValueError(msg)
        if not self.low < self.high:
            msg = f"the scale of the score ends before it begins: {self.low:g} to {self.high:g}"
            raise ValueError(msg)
        return self

    @property
    def scale(self) -> ScoreScale:
        """How the score reads, for routing."""
        return ScoreScale(direction=Direction(self.direction), low=self.low, high=self.high, unit=self.unit)


class PolicyCosts(Signed):
    """What errors and a review cost; see `rai_dash.review.settings.BandCosts`."""

    fp_fixed: Amount = 0.0
    fp_per_amount: Amount = 0.0
    fn_fixed: Amount = 0.0
    fn_per_amount: Amount = 0.0
    review: Amount = 0.0


class PolicyReviewer(Signed):
    """How well the person is assumed to decide; see `rai_dash.review.settings.Reviewer`."""

    h1: Chance
    h0: Chance
    deference: Chance
    by_group: Mapping[Text, tuple[Chance, Chance]] = Field(default_factory=dict)
    column: Text | None = None
    use_recorded: bool = False


class PolicyWorkload(Signed):
    """How many applications come in and who is there; see `rai_dash.review.settings.Workload`."""

    volume_per_day: Amount
    minutes_per_review: Amount
    minutes_per_day: Amount
    reviewers: Amount | None = None
    days: Amount


class PolicySettings(Signed):
    """What was assumed and asked for: ``limits`` are the sentences that were typed."""

    costs: PolicyCosts
    reviewer: PolicyReviewer
    workload: PolicyWorkload | None
    min_n: Rows
    limits: tuple[Text, ...] = ()


class Gap(Signed):
    """How far groups lie apart in one number; ``value`` null = undefined, and ``reason`` says why.

    ``left_out`` are groups large enough to be compared for which the number itself is undefined.
    """

    value: float | None
    reason: Text | None = None
    left_out: tuple[Text, ...] = ()


class ColumnGaps(Signed):
    """Every gap and ratio between the groups of one column, by the names of `rai_dash.review.gaps.GAPS`."""

    values: Mapping[Name, Gap]
    compared: tuple[Text, ...]
    excluded: Mapping[Text, Text]


class PolicyTheory(Signed):
    """The cheapest band for a calibrated score, at the mean amount; null with the ``reason`` where there is none."""

    lo: float | None = None
    threshold: float | None = None
    hi: float | None = None
    is_empty: bool | None = None
    reason: Text | None = None


class PolicyCost(Signed):
    """What is expected to be paid, in the unit of the costs; by application with a known outcome."""

    error_cost: Amount | None
    review_cost: Amount | None
    total: Amount | None
    per_application: Amount | None
    amount_missing: Rows
    reason: Text | None = None
    theory: PolicyTheory


class PeopleAfter(Signed):
    """What is expected once people have decided too, and how many of them it takes.

    Parameters
    ----------
    expected_tp, expected_fn, expected_fp, expected_tn : float
        Final decisions among applications with a known outcome: favourable ones approved and refused, unfavourable
        ones approved and refused.
    reviews_per_day, busy_day_reviews, capacity_per_day, utilisation, backlog_after_days : float or None
        See `rai_dash.review.capacity.Capacity`; null = undefined or not stated.
    reviewers_needed, busy_day_reviewers : int or None
        People for a mean day, and for a day that 95 of 100 do not exceed.
    reason : str or None
        Why nothing is said about the number of people.
    """

    expected_tp: Amount
    expected_fn: Amount
    expected_fp: Amount
    expected_tn: Amount
    reviews_per_day: Amount | None = None
    reviewers_needed: Rows | None = None
    busy_day_reviews: Rows | None = None
    busy_day_reviewers: Rows | None = None
    capacity_per_day: Amount | None = None
    utilisation: Amount | None = None
    backlog_after_days: Amount | None = None
    reason: Text | None = None


class PolicyGuarantee(Signed):
    """What may be promised about the automatic part; ``holds`` false = it was asked for and is not promised.

    ``k`` errors of ``n`` automatic decisions with a known outcome, ``looks`` bands that were looked at, ``data_role``
    the rows it was tested on, ``words`` the sentence that was shown.
    """

    method: Name
    holds: bool
    alpha: Chance | None
    delta: Chance | None
    k: Rows | None
    n: Rows | None
    looks: Rows
    data_role: Name
    words: Text


class PolicyAlternative(Signed):
    """Another band that was considered; its name is what somebody called it."""

    name: Words
    band: SignedBand
    review_rate: Rate
    auto_error_rate: Rate
    cost: Amount | None = None


class PolicyWarning(Signed):
    """A warning that was on the page, and whether somebody ticked it as read."""

    code: Name
    message: Text
    ticked: bool = False


class Harm(Signed):
    """What a wrong decision does to a person, and who answers for it. A draft may leave it open."""

    wrong_approval: Words | None = None
    wrong_refusal: Words | None = None
    answerable: Words | None = None
