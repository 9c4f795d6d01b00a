"""What figures say about a problem: still there, fixed, better, back again, or nothing yet.

Everything rests on 95 % intervals, so that *not shown* is never taken for *fixed*:

* the error is **shown** when the interval of the error rate in the slice less that of everybody else lies above 0 (or,
  where an error rate was agreed on, when the interval of the rate lies above that);
* it **fell** when the interval of the error rate where the problem was seen first, less that of now, lies above 0;
* it is **fixed** when it fell, is not shown any more, and what is left of it is at most `LEFT` as far as the rows say.

Figures on rows that the model was trained on never show that something is fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rai_dash.core.texts import ntr, tr
from rai_dash.core.types import Estimate
from rai_dash.core.words import capital, percent, percent_range, points
from rai_dash.govern.problems.nouns import State

#: What may be left of the difference to everybody else, as the rows have it, in something fixed; as for gaps.
LEFT: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is known of a problem on one model and data set.

    Parameters
    ----------
    error : Estimate
        Error rate in the slice.
    excess : Estimate
        The same less the error rate of everybody else.
    tolerance : float or None
        Error rate that was agreed on, which is asked for instead of ``excess``.
    drop : Estimate or None
        Error rate with the model that the problem was seen on, less that of this one; None = it cannot be compared.
    is_first : bool
        Whether this is the model that the problem was seen on.
    was_shown : bool or None
        Whether the error is shown there with that model; None = not known.
    was_fixed : bool
        Whether it was fixed before these figures came.
    in_sample : bool
        Whether the model was trained on these rows.
    of_everybody : bool
        Whether ``drop`` is in shares of everybody, as for slices that ask for scores.
    """

    error: Estimate
    excess: Estimate
    tolerance: float | None
    drop: Estimate | None
    is_first: bool
    was_shown: bool | None = None
    was_fixed: bool = False
    in_sample: bool = False
    of_everybody: bool = False


def shown(error: Estimate, excess: Estimate, tolerance: float | None) -> bool | None:
    """Say whether the error is shown; None = undefined."""
    if tolerance is not None:
        return None if error.low is None else error.low > tolerance
    return None if excess.low is None else excess.low > 0


def state_of(figures: Figures) -> tuple[State, str]:
    """Say what figures mean, and why in a sentence.

    Parameters
    ----------
    figures : Figures

    Returns
    -------
    State, str
    """
    if not figures.error.is_defined:
        return State.TOO_FEW, f"{capital(figures.error.reason or tr('the error rate is undefined'))}."
    is_shown = shown(figures.error, figures.excess, figures.tolerance)
    if is_shown is None:
        reason = tr(
            "Nobody outside the slice can be judged, so there is nobody to compare with: agree on an error "
            "rate."
        )
        if _fell(figures) and not figures.is_first:
            return State.BETTER, f"{_fall(figures)} {reason}"
        return State.NOTHING_TO_COMPARE, reason
    return _there(figures) if is_shown else _gone(figures)


def _there(figures: Figures) -> tuple[State, str]:
    why = tr("The error rate {against}.", against=_against(figures))
    if figures.is_first:
        return State.STILL_THERE, why
    if figures.was_fixed:
        return State.REGRESSED, tr("It was fixed before. {why}", why=why)
    if figures.drop is None:
        return State.STILL_THERE, tr("{why} There is no earlier figure to compare with.", why=why)
    if _fell(figures):
        return State.BETTER, f"{_fall(figures)} {why}"
    return State.NOT_FIXED, f"{why} {_fall(figures)}"


def _gone(figures: Figures) -> tuple[State, str]:
    why = tr("The error rate {against}.", against=_against(figures))
    if figures.is_first or figures.drop is None:
        return State.NOT_SHOWN, why
    if not _fell(figures):
        if figures.was_shown is False:
            return State.NOT_SHOWN, tr("{why} Nor is it with the model that it was seen on.", why=why)
        return State.TOO_FEW, tr("{why} But {fall}", why=why, fall=_fall(figures, begin=False))
    if figures.in_sample:
        return (
            State.BETTER,
            tr(
                "{fall} But the model was trained on these rows: bring rows it has not seen.",
                fall=_fall(figures),
            ),
        )
    if _left(figures) > (0.0 if figures.tolerance is not None else LEFT):
        return State.BETTER, tr(
            "{fall} {why} What is left is too uncertain to call it fixed.", fall=_fall(figures), why=why
        )
    return State.FIXED, f"{_fall(figures)} {why}"


def _fell(figures: Figures) -> bool:
    return figures.drop is not None and figures.drop.low is not None and figures.drop.low > 0


def _left(figures: Figures) -> float:
    """Return what is left of the problem as the rows have it, without its uncertainty."""
    if figures.tolerance is not None:
        return (figures.error.value or 0.0) - figures.tolerance
    return figures.excess.value or 0.0


def _against(figures: Figures) -> str:
    if figures.tolerance is not None:
        return tr(
            "is {error} ({low}); {tolerance} was agreed on",
            error=percent(figures.error.value),
            low=percent_range(figures.error.low, figures.error.high),
            tolerance=percent(figures.tolerance),
        )
    excess = figures.excess
    value = excess.value or 0.0
    beside = (
        tr("{value} {which} than", value=points(abs(value)), which=tr("higher") if value > 0 else tr("lower"))
        if value
        else tr("equal to")
    )
    return tr(
        "is {beside} that of everybody else ({from_to})",
        beside=beside,
        from_to=_from_to(excess.low, excess.high),
    )


def _fall(figures: Figures, *, begin: bool = True) -> str:
    """Write how far an error rate fell; ``begin`` = with a capital."""
    drop, whom = figures.drop, tr(" of everybody") if figures.of_everybody else ""
    if drop is None or drop.value is None or drop.low is None or drop.high is None:
        reason = (
            tr("there is nothing to compare with") if drop is None or drop.reason is None else drop.reason
        )
        text = tr("whether it fell cannot be told: {reason}.", reason=reason)
    elif drop.low > 0 or drop.high < 0:
        text = tr(
            "it {which} by {drop}{whom} ",
            which=tr("fell") if drop.low > 0 else tr("rose"),
            drop=points(abs(drop.value)),
            whom=whom,
        )
        ends = sorted((abs(drop.low), abs(drop.high)))
        text += tr("({ends} to {ends_2}).", ends=points(ends[0]), ends_2=points(ends[1]))
    else:
        text = tr(
            "that it fell is not shown ({from_to}{whom}).", from_to=_from_to(-drop.high, -drop.low), whom=whom
        )
    return capital(text) if begin else text


def _from_to(low: float | None, high: float | None) -> str:
    """Write both ends of a difference with their signs."""
    return tr("{low} to {high}", low=points(low, signed=True), high=points(high, signed=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """How hand-picked rows came out on one model and data set.

    Parameters
    ----------
    right, decided, of : int
        Rows decided as expected, rows that are there and were decided, and rows that were picked.
    newly_right, newly_wrong : int or None
        Rows that the model it was seen on decided the other way; None = it cannot be compared.
    was_wrong : bool or None
        Whether that model decided any of them otherwise than expected; None = not known.
    is_first, was_fixed : bool
        As of `Figures`.
    """

    right: int
    decided: int
    of: int
    newly_right: int | None
    newly_wrong: int | None
    was_wrong: bool | None
    is_first: bool
    was_fixed: bool = False


def state_of_picked(picked: Picked) -> tuple[State, str]:
    """Say what the decisions about hand-picked rows mean, and why. They are facts about rows, so no interval."""
    if picked.decided == 0:
        return State.TOO_FEW, tr("None of the picked rows is in these data with a score.")
    why = _picked_words(picked)
    if picked.right < picked.decided:
        return _some_wrong(picked), why
    if picked.is_first or not picked.was_wrong:
        return State.NOT_SHOWN, why
    if picked.decided < picked.of:
        return State.TOO_FEW, why
    return State.FIXED, why


def _some_wrong(picked: Picked) -> State:
    if picked.is_first:
        return State.STILL_THERE
    if picked.was_fixed:
        return State.REGRESSED
    if picked.was_wrong is None:
        return State.STILL_THERE
    return State.BETTER if picked.newly_right and not picked.newly_wrong else State.NOT_FIXED


def _picked_words(picked: Picked) -> str:
    n, lost = picked.decided, picked.of - picked.decided
    text = ntr(
        "{right} of {n} picked row came out as expected",
        "{right} of {n} picked rows came out as expected",
        n,
        right=picked.right,
        n=n,
    )
    return (
        tr("{text}; {lost} more cannot be tried on these data.", text=text, lost=lost) if lost else f"{text}."
    )
