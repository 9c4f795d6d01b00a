"""What the workbench says in plain sentences."""

from __future__ import annotations

import math

from rai_dash.case import Exposure
from rai_dash.charts._band_plane import amount_digits
from rai_dash.core.types import ReviewBand
from rai_dash.govern.policy_words import PER, of_thousand
from rai_dash.review.band import RouteFigures
from rai_dash.review.capacity import Capacity
from rai_dash.review.cost import TheoryBand
from rai_dash.review.evaluate import Evaluation
from rai_dash.review.figures import BandFigures
from rai_dash.review.settings import Workload
from rai_dash.ui.text import count, estimate_text, many, number, percent, points, safe

#: Steps of widening that are looked at, on either side.
WIDER = 0.05


def routes_sentence(figures: RouteFigures, *, conditions: bool = False) -> str:
    """Say what becomes of 1,000 applications; ``conditions``: whether some always go to a person."""
    sums = figures.sums
    total, approve, reject, review, no_score = (
        float(sums[name][0]) for name in ("everyone", "approve", "reject", "review", "no_score")
    )
    if total <= 0:
        return "There are no applications to route."
    no, person, yes = of_thousand((reject, review, approve))
    text = (
        f"Of {count(PER)} applications the machine approves **{count(yes)}**, declines **{count(no)}** and sends "
        f"**{count(person)}** to a person."
    )
    if no_score:
        has, meets, goes = ("has", "meets", "goes") if no_score == 1 else ("have", "meet", "go")
        why = f" or {meets} a condition" if conditions else ""
        whole = no_score.is_integer() and total.is_integer()
        how_many = f"{count(no_score)} of the {count(total)}" if whole else percent(no_score / total)
        text += f" {how_many} here {has} no score{why} and always {goes} to a person."
    return text


def rests_on(figures: RouteFigures, *, is_weighted: bool) -> str:
    """Say how many rows the numbers rest on."""
    return f"From {many(int(figures.n[0]), 'application')}{', weighted' if is_weighted else ''}."


def alone_sentence(figures: RouteFigures, *, exposure: Exposure) -> str:
    """Say how often the machine is wrong when it decides alone."""
    error = figures.estimate("auto_error_rate")
    if not error.is_defined:
        return f"How often it is wrong when it decides alone is not known: {safe(error.reason, limit=200)}."
    text = f"When it decides alone it is wrong for **{estimate_text(error)}** whose outcome is known."
    if exposure in {Exposure.IN_SAMPLE, Exposure.UNKNOWN}:
        text += " The model may have been trained on these rows, which makes this too low."
    return text


def people_sentence(found: Capacity, workload: Workload) -> str:
    """Say who is needed a day."""
    if found.reviews_per_day is None:
        return "How many people are needed is not known without applications."
    reviews = (
        "less than one review"
        if 0 < found.reviews_per_day < 0.5
        else many(round(found.reviews_per_day), "review")
    )
    text = (
        f"Of {count(workload.volume_per_day)} applications a day: **{reviews}**, "
        f"**{many(found.reviewers_needed, 'reviewer')}**, "
        f"{count(found.busy_day_reviewers)} on a busy day ({many(found.busy_day_reviews, 'review')}; 95 of 100 days "
        "have no more)."
    )
    if found.utilisation is None or workload.reviewers is None:
        return text
    team = many(workload.reviewers, "reviewer")
    text += f" The {team} there are would be busy for {percent(found.utilisation)} of their time."
    if found.backlog_after_days:
        waiting = many(round(found.backlog_after_days), "application")
        text += f" After {count(workload.days)} days **{waiting}** would be waiting."
    return text


def money_sentence(now: BandFigures, plain: BandFigures) -> str:
    """Say what the band costs beside the threshold alone."""
    cost, without = now.values("cost"), plain.values("cost")
    if cost is None or without is None or math.isnan(cost[0]):
        return "What it costs is not known: no application here has a known outcome."
    difference = float(cost[0] - without[0])
    text = f"An application costs **{money(float(cost[0]))}** on average, reviews included. "
    if abs(difference) < 5e-7:
        return text + "That is what the threshold costs without any review."
    word = "less" if difference < 0 else "more"
    return text + (
        f"That is {money(abs(difference))} {word} than the threshold alone without any review "
        f"({money(float(without[0]))}); both are means without an interval."
    )


def money(x: float) -> str:
    """Write an amount in the user's own unit."""
    digits = amount_digits(x)
    return number(x, digits=digits) if digits else count(round(x))


def theory_sentence(theory: TheoryBand | None, reason: str | None, band: ReviewBand) -> str:
    """Say what a calibrated score would ask for."""
    if theory is None:
        return f"No band follows from the costs alone: {safe(reason, limit=200)}"
    if theory.is_empty:
        return (
            "At these costs a review never pays for a calibrated score: the errors it would avoid cost less."
        )
    text = f"For a calibrated score these costs ask for a person from {percent(theory.lo)} to {percent(theory.hi)}. "
    far = [
        abs(theirs - ours)
        for theirs, ours in ((theory.lo, band.lo), (theory.hi, band.hi))
        if ours is not None
    ]
    if any(d > 0.1 for d in far):
        text += "The band here is far from that: look at the calibration before trusting either."
    return text


def band_text(band: ReviewBand, *, digits: int = 6) -> str:
    """Write the ends of a band in a few words, in percent with up to so many decimals."""
    lo = (
        "nobody declined alone" if band.lo is None else f"declined below {score_text(band.lo, digits=digits)}"
    )
    hi = "nobody approved alone" if band.hi is None else f"approved from {score_text(band.hi, digits=digits)}"
    return f"{lo}, {hi}"


def score_text(score: float, *, digits: int = 6) -> str:
    """Write an end of a band in percent, with all the decimals that were typed up to so many.

    Examples
    --------
    >>> score_text(0.3), score_text(0.465), score_text(1 / 3)
    ('30 %', '46.5 %', '33.333333 %')
    """
    return f"{round(score * 100, digits):.10g} %"


def spread_of_review(judged: Evaluation, column: str) -> str:
    """Say who waits for a person more than others."""
    rates = _rates(judged, column, "review_rate")
    if len(rates) < 2:
        return ""
    (least, fewest), (most, longest) = (end((x, name) for name, x in rates.items()) for end in (min, max))
    if most - least < 0.005:
        return "All groups are sent to a person about equally often."
    routes = judged.by_group[column].routes
    of = [count(int(routes.n[routes.groups.index(name)])) for name in (longest, fewest)]
    return (
        f"**{safe(longest)}** are sent to a person more often than **{safe(fewest)}**: "
        f"{percent(most, digits=1)} against {percent(least, digits=1)}, a gap of {points(most - least)} between "
        f"{of[0]} and {of[1]} applications."
    )


def widening_sentence(judged: Evaluation, wider: Evaluation, column: str) -> str:
    """Say whether a wider band lowers the share wrongly declined alone of every group, and what that costs whom."""
    now, then = (_rates(one, column, "good_auto_rejected") for one in (judged, wider))
    both = [name for name in now if name in then]
    if len(both) < 2 or wider.band == judged.band:
        return ""
    helped = [name for name in both if then[name] < now[name] - 1e-9]
    left_out = [name for name in both if name not in helped]
    gap_now, gap_then = (max(v[n] for n in both) - min(v[n] for n in both) for v in (now, then))
    start = f"Widened by {points(WIDER)} on each side, "
    if not helped:
        return f"{start}no group would be wrongly declined less often."
    whom = "every group" if not left_out else ", ".join(f"**{safe(name)}**" for name in helped[:4])
    text = f"{start}{whom} would be wrongly declined less often"
    text += f", **{', '.join(safe(name) for name in left_out[:4])}** would not" if left_out else ""
    moved = "narrows" if gap_then < gap_now - 1e-9 else "widens" if gap_then > gap_now + 1e-9 else "leaves"
    end = (
        "the gap between groups as it is"
        if moved == "leaves"
        else (f"the gap between groups from {points(gap_now)} to {points(gap_then)}")
    )
    return f"{text}; it {moved} {end}."


def _rates(judged: Evaluation, column: str, name: str) -> dict[str, float]:
    """Return a share by group, where it is defined and the group has enough rows."""
    figures, eligible = judged.by_group[column], set(judged.gaps[column].eligible)
    values = figures.values(name)
    if values is None:
        return {}
    shares = zip(figures.routes.groups, map(float, values), strict=True)
    return {group: share for group, share in shares if group in eligible and not math.isnan(share)}
