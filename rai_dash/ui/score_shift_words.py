"""What is said about the scores of two data sets."""

from __future__ import annotations

from rai_dash.core.types import Estimate
from rai_dash.metrics.score_shift import ScoreShift
from rai_dash.ui.shift_words import p_text
from rai_dash.ui.text import count, number, percent, safe


def score_sentences(found: ScoreShift) -> list[str]:
    """Say whether the scores still rank, mean what they say, and what the threshold does now; never empty."""
    said = [_ranking(found), *_meaning(found), _moved(found)]
    said = [text for text in said if text]
    if is_threshold_off(found):
        ranks = "less well, " if found.ranks_worse else ""
        said.insert(0, f"**The ranking still works, {ranks}the threshold no longer means what it did.**")
    return said


def is_threshold_off(found: ScoreShift) -> bool:
    """Whether the scores are shown to rank, and the threshold to part people another way than it did."""
    return found.still_ranks and found.declined_moved and found.means_what_it_says is False


def _ranking(found: ScoreShift) -> str:
    was, area = found.of("auc")
    if area.value is None:
        return "Whether the scores still rank cannot be said: the outcomes now are not known, or all one."
    text = (
        "The scores still rank applicants"
        if found.still_ranks
        else "It is not shown that the scores still rank"
    )
    text += f": AUC {_area(area)} now, {'undefined' if was.value is None else _area(was)} then"
    return f"{text}; that is a fall by more than chance." if found.ranks_worse else f"{text}."


def _meaning(found: ScoreShift) -> list[str]:
    mean, rate = found.now.estimate("mean_score", 0), found.now.estimate("base_rate", 0)
    if found.means_what_it_says is None:
        return []
    if found.means_what_it_says:
        return [f"On average they expect {percent(mean.value)} favourable, in line with the outcomes now."]
    then, now = found.of("for_rate")
    text = f"**On average they expect {percent(mean.value)} favourable; it is {percent(rate.value)} now.**"
    if then.value is not None and now.value is not None:
        text += (
            f" Of those below the threshold of {number(found.threshold)}, {_counted(now)} have the favourable outcome "
            f"now, {_counted(then)} then."
        )
    return [text]


def _counted(estimate: Estimate) -> str:
    """Write a share with its counts; sums of weights are no counts."""
    hits, total = estimate.numerator or 0.0, estimate.denominator or 0.0
    share = percent(estimate.value)
    is_whole = float(hits).is_integer() and float(total).is_integer()
    return f"{share} ({count(hits)} of {count(total)})" if is_whole else f"{share} (weighted)"


def _moved(found: ScoreShift) -> str:
    drift = found.drift
    if not drift.test.method:
        return f"Whether the scores themselves moved is not tested: {safe(drift.test.reason)}."
    moved = (
        "The scores themselves have moved"
        if drift.is_shown
        else "The scores themselves are not shown to have moved"
    )
    return (
        f"{moved}: PSI {number(drift.psi)}, {number(drift.psi_by_chance)} by chance alone; "
        f"Kolmogorov-Smirnov {number(drift.test.statistic)}, {p_text(drift.test.p_value)}."
    )


def _area(estimate: Estimate) -> str:
    ends = "" if estimate.low is None else f" ({number(estimate.low)} to {number(estimate.high)})"
    return f"{number(estimate.value)}{ends}"
