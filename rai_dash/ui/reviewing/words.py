"""What the workbench says in plain sentences."""

from __future__ import annotations

import math

import numpy as np

from rai_dash.case import Exposure
from rai_dash.charts._band_plane import amount_digits
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.core.words import percentage
from rai_dash.govern.policy_words import PER, of_thousand
from rai_dash.metrics.verdict import DEFAULT_TOLERANCE
from rai_dash.review.band import RouteFigures
from rai_dash.review.capacity import Capacity
from rai_dash.review.cost import TheoryBand
from rai_dash.review.evaluate import Evaluation
from rai_dash.review.figures import BandFigures
from rai_dash.review.settings import Workload
from rai_dash.stats.tests import Evidence, evidence
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
        return tr("There are no applications to route.")
    no, person, yes = of_thousand((reject, review, approve))
    text = tr(
        "Of {per} applications the machine approves **{yes}**, declines **{no}** and sends **{person}** "
        "to a person.",
        per=count(PER),
        yes=count(yes),
        no=count(no),
        person=count(person),
    )
    if no_score:
        has, meets, goes = ("has", "meets", "goes") if no_score == 1 else ("have", "meet", "go")
        why = tr(" or {meets} a condition", meets=meets) if conditions else ""
        whole = no_score.is_integer() and total.is_integer()
        how_many = (
            tr("{no_score} of the {total}", no_score=count(no_score), total=count(total))
            if whole
            else percent(no_score / total)
        )
        text += tr(
            " {how_many} here {has} no score{why} and always {goes} to a person.",
            how_many=how_many,
            has=has,
            why=why,
            goes=goes,
        )
    return text


def rests_on(figures: RouteFigures, *, is_weighted: bool) -> str:
    """Say how many rows the numbers rest on."""
    return tr(
        "From {figures}{which}.",
        figures=many(int(figures.n[0]), "application", "applications"),
        which=tr(", weighted") if is_weighted else "",
    )


def alone_sentence(figures: RouteFigures, *, exposure: Exposure) -> str:
    """Say how often the machine is wrong when it decides alone."""
    error = figures.estimate("auto_error_rate")
    if not error.is_defined:
        return tr(
            "How often it is wrong when it decides alone is not known: {reason}.",
            reason=safe(error.reason, limit=200),
        )
    text = tr(
        "When it decides alone it is wrong for **{error}** whose outcome is known.",
        error=estimate_text(error),
    )
    if exposure in {Exposure.IN_SAMPLE, Exposure.UNKNOWN}:
        text += tr(" The model may have been trained on these rows, which makes this too low.")
    return text


def people_sentence(found: Capacity, workload: Workload) -> str:
    """Say who is needed a day."""
    if found.reviews_per_day is None:
        return tr("How many people are needed is not known without applications.")
    reviews = (
        tr("less than one review")
        if 0 < found.reviews_per_day < 0.5
        else many(round(found.reviews_per_day), "review", "reviews")
    )
    text = tr(
        "Of {volume_per_day} applications a day: **{reviews}**, **{reviewers_needed}**, "
        "{busy_day_reviewers} on a busy day ({busy_day_reviews}; 95 of 100 days have no more).",
        volume_per_day=count(workload.volume_per_day),
        reviews=reviews,
        reviewers_needed=many(found.reviewers_needed, "reviewer", "reviewers"),
        busy_day_reviewers=count(found.busy_day_reviewers),
        busy_day_reviews=many(found.busy_day_reviews, "review", "reviews"),
    )
    if found.utilisation is None or workload.reviewers is None:
        return text
    team = many(workload.reviewers, "reviewer", "reviewers")
    text += tr(
        " The {team} there are would be busy for {utilisation} of their time.",
        team=team,
        utilisation=percent(found.utilisation),
    )
    if found.backlog_after_days:
        waiting = many(round(found.backlog_after_days), "application", "applications")
        text += tr(
            " After {days} days **{waiting}** would be waiting.", days=count(workload.days), waiting=waiting
        )
    return text


def money_sentence(now: BandFigures, plain: BandFigures) -> str:
    """Say what the band costs beside the threshold alone."""
    cost, without = now.values("cost"), plain.values("cost")
    if cost is None or without is None or math.isnan(cost[0]):
        return tr("What it costs is not known: no application here has a known outcome.")
    difference = float(cost[0] - without[0])
    text = tr("An application costs **{money}** on average, reviews included. ", money=money(float(cost[0])))
    if abs(difference) < 5e-7:
        return text + tr("That is what the threshold costs without any review.")
    word = "less" if difference < 0 else "more"
    return text + (
        tr(
            "That is {money} {word} than the threshold alone without any review ({money_without}); both are "
            "means without an interval.",
            money=money(abs(difference)),
            word=word,
            money_without=money(float(without[0])),
        )
    )


def money(x: float) -> str:
    """Write an amount in the user's own unit."""
    digits = amount_digits(x)
    return number(x, digits=digits) if digits else count(round(x))


def theory_sentence(theory: TheoryBand | None, reason: str | None, band: ReviewBand) -> str:
    """Say what a calibrated score would ask for."""
    if theory is None:
        return tr("No band follows from the costs alone: {reason}", reason=safe(reason, limit=200))
    if theory.is_empty:
        return tr(
            "At these costs a review never pays for a calibrated score: the errors it would avoid cost less."
        )
    text = tr(
        "For a calibrated score these costs ask for a person from {lo} to {hi}. ",
        lo=percent(theory.lo),
        hi=percent(theory.hi),
    )
    far = [
        abs(theirs - ours)
        for theirs, ours in ((theory.lo, band.lo), (theory.hi, band.hi))
        if ours is not None
    ]
    if any(d > 0.1 for d in far):
        text += tr("The band here is far from that: look at the calibration before trusting either.")
    return text


def band_text(band: ReviewBand, *, digits: int = 6) -> str:
    """Write the ends of a band in a few words, in percent with up to so many decimals."""
    lo = (
        tr("nobody declined alone")
        if band.lo is None
        else tr("declined below {score}", score=score_text(band.lo, digits=digits))
    )
    hi = (
        tr("nobody approved alone")
        if band.hi is None
        else tr("approved from {score}", score=score_text(band.hi, digits=digits))
    )
    return f"{lo}, {hi}"


def score_text(score: float, *, digits: int = 6) -> str:
    """Write an end of a band in percent, with all the decimals that were typed up to so many.

    Examples
    --------
    >>> score_text(0.3), score_text(0.465), score_text(1 / 3)
    ('30 %', '46.5 %', '33.333333 %')
    """
    return percentage(f"{round(score * 100, digits):.10g}")


def spread_of_review(judged: Evaluation, column: str) -> str:
    """Say who waits for a person more than others."""
    rates = _rates(judged, column, "review_rate")
    if len(rates) < 2:
        return ""
    (least, fewest), (most, longest) = (end((x, name) for name, x in rates.items()) for end in (min, max))
    if most - least < 0.005:
        return tr("All groups here are sent to a person about equally often.")
    routes = judged.by_group[column].routes
    of = [count(int(routes.n[routes.groups.index(name)])) for name in (longest, fewest)]
    text = tr(
        "**{longest}** are sent to a person more often than **{fewest}**: {most} against {least}, a gap "
        "of {most_least} between {of} and {of_2} applications.",
        longest=safe(longest),
        fewest=safe(fewest),
        most=percent(most, digits=1),
        least=percent(least, digits=1),
        most_least=points(most - least),
        of=of[0],
        of_2=of[1],
    )
    found = evidence_of(judged, column, "review_rate")
    if found is None or found.test is None:
        return text
    chance = points(found.test.expected_gap)
    if found.starred.any():
        return f"{text} {tr('Chance alone would give about {chance}.', chance=chance)}"
    return f"{text} " + tr(
        "Chance alone would give about {chance}: that these groups differ is not shown.", chance=chance
    )


def evidence_of(judged: Evaluation, column: str, name: str) -> Evidence | None:
    """Test a share between the groups that are compared; None where it is undefined for all but one."""
    figures, compared = judged.by_group[column].routes, _rates(judged, column, name)
    if len(compared) < 2:
        return None
    at = [figures.groups.index(group) for group in compared]
    shares = figures.estimates[name]
    # With weights a group counts as many as its effective size, as everywhere.
    size = np.rint(shares.size[at]).astype(np.int64)
    hits = np.rint(shares.value[at] * shares.size[at]).astype(np.int64)
    if (size <= 0).any():
        return None
    seed = int(fingerprint_value([name, sorted(size.tolist())])[:8], 16)
    return evidence(hits, size, figures.n[at], tolerance=DEFAULT_TOLERANCE, seed=seed)


def widening_sentence(judged: Evaluation, wider: Evaluation, column: str) -> str:
    """Say whether a wider band lowers the share wrongly declined alone of every group, and what that costs whom."""
    now, then = (_rates(one, column, "good_auto_rejected") for one in (judged, wider))
    both = [name for name in now if name in then]
    if len(both) < 2 or wider.band == judged.band:
        return ""
    helped = [name for name in both if then[name] < now[name] - 1e-9]
    left_out = [name for name in both if name not in helped]
    gap_now, gap_then = (max(v[n] for n in both) - min(v[n] for n in both) for v in (now, then))
    start = tr("Widened by {wider} on each side, ", wider=points(WIDER))
    if not helped:
        return tr("{start}no group would be wrongly declined less often.", start=start)
    whom = tr("every group") if not left_out else ", ".join(f"**{safe(name)}**" for name in helped[:4])
    text = tr("{start}{whom} would be wrongly declined less often", start=start, whom=whom)
    text += (
        tr(", **{left_out}** would not", left_out=", ".join(safe(name) for name in left_out[:4]))
        if left_out
        else ""
    )
    moved = "narrows" if gap_then < gap_now - 1e-9 else "widens" if gap_then > gap_now + 1e-9 else "leaves"
    end = (
        tr("the gap between groups as it is")
        if moved == "leaves"
        else (
            tr(
                "the gap between groups from {gap_now} to {gap_then}",
                gap_now=points(gap_now),
                gap_then=points(gap_then),
            )
        )
    )
    text = tr("{text}; it {moved} {end}.", text=text, moved=moved, end=end)
    tested = [evidence_of(one, column, "good_auto_rejected") for one in (judged, wider)]
    if moved == "leaves" or any(found is not None and found.starred.any() for found in tested):
        return text
    return f"{text} {tr('Chance alone may give gaps like these.')}"


def _rates(judged: Evaluation, column: str, name: str) -> dict[str, float]:
    """Return a share by group, where it is defined and the group has enough rows."""
    figures, eligible = judged.by_group[column], set(judged.gaps[column].eligible)
    values = figures.values(name)
    if values is None:
        return {}
    shares = zip(figures.routes.groups, map(float, values), strict=True)
    return {group: share for group, share in shares if group in eligible and not math.isnan(share)}
