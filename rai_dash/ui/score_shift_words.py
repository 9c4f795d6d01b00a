"""What is said about the scores of two data sets."""

from __future__ import annotations

from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.metrics.score_shift import ScoreShift
from rai_dash.ui.shift_words import p_text
from rai_dash.ui.text import count, number, percent, safe


def score_sentences(found: ScoreShift) -> list[str]:
    """Say whether the scores still rank, mean what they say, and what the threshold does now; never empty."""
    said = [_ranking(found), *_meaning(found), _moved(found)]
    said = [text for text in said if text]
    if is_threshold_off(found):
        ranks = tr("less well, ") if found.ranks_worse else ""
        said.insert(
            0,
            tr("**The ranking still works, {ranks}the threshold no longer means what it did.**", ranks=ranks),
        )
    return said


def is_threshold_off(found: ScoreShift) -> bool:
    """Whether the scores are shown to rank, and the threshold to part people another way than it did."""
    return found.still_ranks and found.declined_moved and found.means_what_it_says is False


def _ranking(found: ScoreShift) -> str:
    was, area = found.of("auc")
    if area.value is None:
        return tr("Whether the scores still rank cannot be said: the outcomes now are not known, or all one.")
    text = (
        tr("The scores still rank applicants")
        if found.still_ranks
        else tr("It is not shown that the scores still rank")
    )
    text += tr(
        ": AUC {area} now, {area_2} then",
        area=_area(area),
        area_2=tr("undefined") if was.value is None else _area(was),
    )
    return tr("{text}; that is a fall by more than chance.", text=text) if found.ranks_worse else f"{text}."


def _meaning(found: ScoreShift) -> list[str]:
    mean, rate = found.now.estimate("mean_score", 0), found.now.estimate("base_rate", 0)
    if found.means_what_it_says is None:
        return []
    if found.means_what_it_says:
        return [
            tr(
                "On average they expect {mean} favourable, in line with the outcomes now.",
                mean=percent(mean.value),
            )
        ]
    then, now = found.of("for_rate")
    text = tr(
        "**On average they expect {mean} favourable; it is {rate} now.**",
        mean=percent(mean.value),
        rate=percent(rate.value),
    )
    if then.value is not None and now.value is not None:
        text += tr(
            " Of those below the threshold of {threshold}, {counted} have the favourable outcome now, "
            "{counted_then} then.",
            threshold=percent(found.threshold),
            counted=_counted(now),
            counted_then=_counted(then),
        )
    return [text]


def _counted(estimate: Estimate) -> str:
    """Write a share with its counts; sums of weights are no counts."""
    hits, total = estimate.numerator or 0.0, estimate.denominator or 0.0
    share = percent(estimate.value)
    is_whole = float(hits).is_integer() and float(total).is_integer()
    return (
        tr("{share} ({hits} of {total})", share=share, hits=count(hits), total=count(total))
        if is_whole
        else tr("{share} (weighted)", share=share)
    )


def _moved(found: ScoreShift) -> str:
    drift = found.drift
    if not drift.test.method:
        return tr(
            "Whether the scores themselves moved is not tested: {reason}.", reason=safe(drift.test.reason)
        )
    moved = (
        tr("The scores themselves have moved")
        if drift.is_shown
        else tr("The scores themselves are not shown to have moved")
    )
    return tr(
        "{moved}: PSI {psi}, {psi_by_chance} by chance alone; Kolmogorov-Smirnov {statistic}, {p}.",
        moved=moved,
        psi=number(drift.psi),
        psi_by_chance=number(drift.psi_by_chance),
        statistic=number(drift.test.statistic),
        p=p_text(drift.test.p_value),
    )


def _area(estimate: Estimate) -> str:
    ends = (
        ""
        if estimate.low is None
        else tr(" ({low} to {high})", low=number(estimate.low), high=number(estimate.high))
    )
    return f"{number(estimate.value)}{ends}"
