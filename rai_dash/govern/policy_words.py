"""A policy in plain sentences, for whoever signs it and whoever reads it a year later.

The sentences hold names as they were typed; a page escapes them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from rai_dash.core.types import TargetKind
from rai_dash.core.words import count, estimate_words, many, number, percent, points
from rai_dash.govern._signed import Figures, GroupFigures, Rate
from rai_dash.govern.policy import Policy
from rai_dash.govern.policy_labels import GAPS, GROUP_SHARES, OF, SHARES

PER: Final = 1_000
#: The gaps that are told; the others are in the record.
_TOLD: Final = ("review_rate_gap", "good_auto_rejected_gap", "auto_error_gap", "post_approval_ratio")
_OUTCOMES: Final[Mapping[str, str]] = {
    TargetKind.DECISION: (
        "The outcome in these data is a past decision, not what became of the loan: “wrong” means “decided "
        "otherwise than then”."
    ),
    TargetKind.STAND_IN: "The outcome in these data only stands in for what became of the loan.",
    TargetKind.UNSTATED: "Nobody said what the outcome in these data is.",
}


def of_thousand(parts: Sequence[float]) -> list[int]:
    """Write sums as whole numbers out of 1,000 that add up to it: their running sums are rounded, halves up.

    Examples
    --------
    >>> of_thousand([1, 1, 1])
    [333, 334, 333]
    """
    total = sum(parts)
    ends = [math.floor(PER * part / total + 0.5) for part in accumulate(parts)]
    return [end - start for start, end in pairwise([0, *ends])]


def score_words(score: float | None) -> str:
    """Write an end of a band in percent with all the decimals that matter; None is an open end.

    Examples
    --------
    >>> score_words(0.3), score_words(0.465), score_words(None)
    ('30 %', '46.5 %', 'open')
    """
    return "open" if score is None else f"{round(score * 100, 6):.10g} %"


def band_words(policy: Policy) -> str:
    """Say what the band does with a score."""
    lo, hi = policy.band.lo, policy.band.hi
    declined = "Nobody is declined" if lo is None else f"Scores below {score_words(lo)} are declined"
    approved = "nobody is approved" if hi is None else f"scores from {score_words(hi)} up are approved"
    text = f"{declined} and {approved} by the machine; everyone else goes to a person."
    return text if policy.score.unit == "probability" else f"{text} {_own_scale(policy)}"


def _own_scale(policy: Policy) -> str:
    """Say the ends of the band on the scale that the score came on."""
    score, higher = policy.score, policy.score.direction == "higher"

    def own(cut: float) -> str:
        part = cut if higher else 1 - cut
        return f"{round(score.low + (score.high - score.low) * part, 6):.10g}"

    below, up = ("below", "from {} up") if higher else ("above", "up to {}")
    ends = (
        None if policy.band.lo is None else f"declined {below} {own(policy.band.lo)}",
        None if policy.band.hi is None else f"approved {up.format(own(policy.band.hi))}",
    )
    told = ", ".join(end for end in ends if end is not None) or "open at both ends"
    return f"On the score’s own scale ({score.unit}, {score.low:g} to {score.high:g}): {told}."


def routes_words(figures: Figures) -> str:
    """Say what becomes of 1,000 applications."""
    parts = (figures.reject, figures.review, figures.approve)
    if sum(parts) <= 0:
        return "There were no applications to count."
    no, person, yes = of_thousand(parts)
    return (
        f"Of {count(PER)} applications the machine approves {count(yes)}, declines {count(no)} and sends "
        f"{count(person)} to a person."
    )


def error_words(policy: Policy) -> str:
    """Say how often the machine is wrong when it decides alone, and what wrong means."""
    rate = policy.metrics.overall.rates.get("auto_error_rate")
    if rate is None or rate.value is None:
        why = "it was not counted" if rate is None or rate.reason is None else rate.reason
        text = f"How often the machine is wrong when it decides alone is not known: {why}."
    else:
        told = estimate_words(rate.estimate(), digits=1)
        text = f"When it decides alone it is wrong for {told} whose outcome is known."
    about = _OUTCOMES.get(policy.data.target_kind)
    return text if about is None else f"{text} {about}"


def people_words(policy: Policy) -> str | None:
    """Say how many people it takes a day; None where nobody said how many applications come in."""
    found, work = policy.people_after, policy.settings.workload
    if found is None or work is None or found.reviews_per_day is None:
        return None
    mean = found.reviews_per_day
    reviews = "less than one review" if 0 < mean < 0.5 else many(round(mean), "review")
    text = (
        f"Of {count(work.volume_per_day)} applications a day it takes {reviews} and "
        f"{many(found.reviewers_needed, 'reviewer')}; {count(found.busy_day_reviewers)} on a busy day "
        f"(95 of 100 days have no more than {many(found.busy_day_reviews, 'review')})."
    )
    if found.utilisation is not None and work.reviewers is not None:
        text += f" There are {count(work.reviewers)}, busy for {percent(found.utilisation)} of their time."
    return text


def money_words(policy: Policy) -> str | None:
    """Say what an application is expected to cost; None where that is not known."""
    cost = policy.cost
    if cost is None or cost.per_application is None:
        return None
    return (
        f"An application costs {amount_words(cost.per_application)} on average, errors and reviews included."
    )


def amount_words(amount: float) -> str:
    """Write an amount in the user's own unit: up to four digits that matter, thousands marked.

    Examples
    --------
    >>> amount_words(1234567.0), amount_words(12.3456), amount_words(0.0)
    ('1,234,567', '12.35', '0')
    """
    if amount == 0 or abs(amount) >= 1_000:
        return count(amount)
    return f"{amount:.4g}" if abs(amount) >= 1e-4 else "under 0.0001"


def guarantee_words(policy: Policy) -> str:
    """Say what was promised about the automatic part, or that nothing was."""
    promise = policy.guarantee
    if promise is None:
        return "No promise was made about the errors of the automatic part."
    start = "Promise" if promise.holds else "Not certified"
    return f"{start}: {promise.words}"


def decision_words(policy: Policy) -> tuple[str, ...]:
    """Say what was decided, in the order in which a person asks: routes, errors, promise, people, money."""
    told = (
        routes_words(policy.metrics.overall),
        band_words(policy),
        error_words(policy),
        guarantee_words(policy),
        people_words(policy),
        money_words(policy),
    )
    return tuple(text for text in told if text is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLine:
    """One share as a table shows it.

    Parameters
    ----------
    label, of : str
        Its name, and what it is a share of.
    value : str
        In percent.
    rest : tuple of str
        The 95 % interval and the count, as far as there are; why it is undefined where it is.
    """

    label: str
    of: str
    value: str
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """One group as a table shows it.

    Parameters
    ----------
    group : str
        As in the data.
    n : int
        Rows.
    is_small : bool
        Whether it has fewer rows than a group needs to be compared.
    shares : tuple of ShareLine
        One for each of `GROUP_SHARES`.
    """

    group: str
    n: int
    is_small: bool
    shares: tuple[ShareLine, ...]


def group_lines(policy: Policy) -> dict[str, tuple[GroupLine, ...]]:
    """Return every group by sensitive column, in the order of the policy."""
    lines: dict[str, list[GroupLine]] = {}
    for figures in policy.metrics.groups:
        lines.setdefault(figures.column, []).append(_line(figures, policy.settings.min_n))
    return {column: tuple(found) for column, found in lines.items()}


def _line(figures: GroupFigures, min_n: int) -> GroupLine:
    return GroupLine(
        group=figures.group,
        n=figures.n,
        is_small=figures.n < min_n,
        shares=tuple(share_line(figures, name) for name in GROUP_SHARES),
    )


def share_lines(policy: Policy) -> tuple[ShareLine, ...]:
    """Return every share of everyone that was counted."""
    overall = policy.metrics.overall
    return tuple(share_line(overall, name) for name in SHARES if name in overall.rates)


def share_line(figures: Figures, name: str) -> ShareLine:
    """Put one share into words."""
    rate = figures.rates.get(name)
    value = None if rate is None else rate.value
    rest = () if rate is None else tuple(_rest(rate))
    return ShareLine(label=SHARES[name], of=OF[name], value=percent(value, digits=1), rest=rest)


def _rest(rate: Rate) -> Iterator[str]:
    if rate.value is None:
        yield from () if rate.reason is None else (rate.reason,)
        return
    if rate.low is not None and rate.high is not None:
        yield f"{percent(rate.low, digits=1)} to {percent(rate.high, digits=1)}"
    if rate.numerator is not None and rate.denominator is not None:
        yield f"{count(rate.numerator)} of {count(rate.denominator)}"


def gap_lines(policy: Policy, column: str) -> tuple[str, ...]:
    """Say how far the groups of a column lie apart, which were compared and which were not."""
    table = policy.gaps.get(column)
    if table is None:
        return ()
    gaps = [
        f"{GAPS[name]}: {gap_value(name, table.values[name].value)}."
        for name in _TOLD
        if name in table.values
    ]
    if not table.compared:
        return (
            *gaps,
            f"No group has the {count(policy.settings.min_n)} rows that it takes to compare groups.",
        )
    out = "".join(f" Not {group} ({why})." for group, why in table.excluded.items())
    return (*gaps, f"Compared: {', '.join(table.compared)}.{out}")


def gap_value(name: str, value: float | None) -> str:
    """Write a gap in points and a ratio as a number; an undefined one as not known."""
    if value is None:
        return "not known"
    return number(value) if name.endswith("_ratio") else points(value)
