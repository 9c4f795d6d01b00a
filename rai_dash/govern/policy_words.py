"""A policy in plain sentences, for whoever signs it and whoever reads it a year later.

The sentences hold names as they were typed; a page escapes them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rai_dash.core.texts import mark, tr
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
        mark(
            "The outcome in these data is a past decision, not what became of the loan: “wrong” means "
            "“decided otherwise than then”."
        )
    ),
    TargetKind.STAND_IN: mark("The outcome in these data only stands in for what became of the loan."),
    TargetKind.UNSTATED: mark("Nobody said what the outcome in these data is."),
}


def of_thousand(parts: Sequence[float]) -> list[int]:
    """Write sums as whole numbers out of 1,000 that add up to it: largest remainders are rounded up.

    Examples
    --------
    >>> of_thousand([1, 1, 1]), of_thousand([56.55, 6.9, 936.55])
    ([334, 333, 333], [57, 7, 936])
    """
    total = sum(parts)
    exact = [PER * part / total for part in parts]
    whole = [math.floor(x) for x in exact]
    by_remainder = sorted(range(len(whole)), key=lambda i: whole[i] - exact[i])
    for i in by_remainder[: PER - sum(whole)]:
        whole[i] += 1
    return whole


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
    declined = (
        tr("Nobody is declined")
        if lo is None
        else tr("Scores below {score} are declined", score=score_words(lo))
    )
    approved = (
        tr("nobody is approved")
        if hi is None
        else tr("scores from {score} up are approved", score=score_words(hi))
    )
    text = tr(
        "{declined} and {approved} by the machine; everyone else goes to a person.",
        declined=declined,
        approved=approved,
    )
    return text if policy.score.unit == "probability" else f"{text} {_own_scale(policy)}"


def _own_scale(policy: Policy) -> str:
    """Say the ends of the band on the scale that the score came on."""
    score, higher = policy.score, policy.score.direction == "higher"

    def own(cut: float) -> str:
        part = cut if higher else 1 - cut
        return f"{round(score.low + (score.high - score.low) * part, 6):.10g}"

    ends = (
        None
        if policy.band.lo is None
        else tr("declined below {own}", own=own(policy.band.lo))
        if higher
        else tr("declined above {own}", own=own(policy.band.lo)),
        None
        if policy.band.hi is None
        else tr("approved from {own} up", own=own(policy.band.hi))
        if higher
        else tr("approved up to {own}", own=own(policy.band.hi)),
    )
    told = ", ".join(end for end in ends if end is not None) or tr("open at both ends")
    return tr(
        "On the score’s own scale ({unit}, {low} to {high}): {told}.",
        unit=score.unit,
        low=f"{score.low:g}",
        high=f"{score.high:g}",
        told=told,
    )


def routes_words(figures: Figures) -> str:
    """Say what becomes of 1,000 applications."""
    parts = (figures.reject, figures.review, figures.approve)
    if sum(parts) <= 0:
        return tr("There were no applications to count.")
    no, person, yes = of_thousand(parts)
    return tr(
        "Of {per} applications the machine approves {yes}, declines {no} and sends {person} to a person.",
        per=count(PER),
        yes=count(yes),
        no=count(no),
        person=count(person),
    )


def error_words(policy: Policy) -> str:
    """Say how often the machine is wrong when it decides alone, and what wrong means."""
    rate = policy.metrics.overall.rates.get("auto_error_rate")
    if rate is None or rate.value is None:
        why = tr("it was not counted") if rate is None or rate.reason is None else rate.reason
        text = tr("How often the machine is wrong when it decides alone is not known: {why}.", why=why)
    else:
        told = estimate_words(rate.estimate(), digits=1)
        text = tr("When it decides alone it is wrong for {told} whose outcome is known.", told=told)
    about = _OUTCOMES.get(policy.data.target_kind)
    return text if about is None else f"{text} {about}"


def people_words(policy: Policy) -> str | None:
    """Say how many people it takes a day; None where nobody said how many applications come in."""
    found, work = policy.people_after, policy.settings.workload
    if found is None or work is None or found.reviews_per_day is None:
        return None
    mean = found.reviews_per_day
    reviews = tr("less than one review") if 0 < mean < 0.5 else many(round(mean), "review", "reviews")
    text = tr(
        "Of {volume_per_day} applications a day it takes {reviews} and {reviewers_needed}; "
        "{busy_day_reviewers} on a busy day (95 of 100 days have no more than {busy_day_reviews}).",
        volume_per_day=count(work.volume_per_day),
        reviews=reviews,
        reviewers_needed=many(found.reviewers_needed, "reviewer", "reviewers"),
        busy_day_reviewers=count(found.busy_day_reviewers),
        busy_day_reviews=many(found.busy_day_reviews, "review", "reviews"),
    )
    if found.utilisation is not None and work.reviewers is not None:
        text += tr(
            " There are {reviewers}, busy for {utilisation} of their time.",
            reviewers=count(work.reviewers),
            utilisation=percent(found.utilisation),
        )
    return text


def money_words(policy: Policy) -> str | None:
    """Say what an application is expected to cost; None where that is not known."""
    cost = policy.cost
    if cost is None or cost.per_application is None:
        return None
    return tr(
        "An application costs {amount} on average, errors and reviews included.",
        amount=amount_words(cost.per_application),
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
    return f"{amount:.4g}" if abs(amount) >= 1e-4 else tr("under 0.0001")


def guarantee_words(policy: Policy) -> str:
    """Say what was promised about the automatic part, or that nothing was."""
    promise = policy.guarantee
    if promise is None:
        return tr("No promise was made about the errors of the automatic part.")
    start = "Promise" if promise.holds else tr("Not certified")
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
        yield tr("{low} to {high}", low=percent(rate.low, digits=1), high=percent(rate.high, digits=1))
    if rate.numerator is not None and rate.denominator is not None:
        yield tr(
            "{numerator} of {denominator}",
            numerator=count(rate.numerator),
            denominator=count(rate.denominator),
        )


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
            tr(
                "No group has the {min_n} rows that it takes to compare groups.",
                min_n=count(policy.settings.min_n),
            ),
        )
    out = "".join(tr(" Not {group} ({why}).", group=group, why=why) for group, why in table.excluded.items())
    return (*gaps, tr("Compared: {compared}.{out}", compared=", ".join(table.compared), out=out))


def gap_value(name: str, value: float | None) -> str:
    """Write a gap in points and a ratio as a number; an undefined one as not known."""
    if value is None:
        return tr("not known")
    return number(value) if name.endswith("_ratio") else points(value)
