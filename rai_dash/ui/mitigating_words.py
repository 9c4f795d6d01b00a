"""What the mitigation trials found, in words: no louder than the sample allows."""

from __future__ import annotations

from typing import Final

import streamlit as st

from rai_dash.stats.tests import Verdict
from rai_dash.trials.mitigating.results import Goal, Mitigated, Moves, Trial
from rai_dash.ui import widgets
from rai_dash.ui.text import count, percent, points, safe
from rai_dash.ui.words import Wording

GAPS: Final = {
    Goal.EQUALIZED_ODDS: "gap in equalized odds",
    Goal.DEMOGRAPHIC_PARITY: "gap in the share approved",
    Goal.EQUAL_OPPORTUNITY: "gap in recall",
}
_RATES: Final = {"recall": "recall", "fpr": "the false positive rate", "selection_rate": "the share approved"}
#: More groups than this are told apart in the table only.
_MOST_GROUPS = 6


def finding(result: Mitigated) -> str:
    """Say how large the gap is, and what each method does to it at which cost."""
    lines = [_base_line(result)]
    lines += [f"- {_trial_line(result, t)}" for t in result.trials if t.judged is not None]
    return "\n".join(lines)


def coin(result: Mitigated) -> bool:
    """Whether some decision of some method hangs on a coin."""
    return any(t.flips is not None and (t.flips.share or 0.0) > 0.0 for t in result.trials)


def _base_line(result: Mitigated) -> str:
    gap, what = result.base.gap, GAPS[result.goal]
    if gap.value is None:
        return (
            f"The {what} between groups of {safe(result.column)} cannot be measured on these rows: "
            f"{safe(gap.reason or 'undefined', limit=200)}. What can be said:\n"
        )
    shown = any(v is not None and v.verdict == Verdict.SHOWN for v in gap.verdicts.values())
    doubt = "" if shown else ", and this sample does not show that it is more than chance"
    chance = " and ".join(
        f"{points(v.expected_by_chance)} in {_RATES[name]}"
        for name, v in gap.verdicts.items()
        if v is not None and v.expected_by_chance is not None
    )
    by_chance = f" By chance alone one would expect {chance}." if chance else ""
    return (
        f"The model as it is has a **{what}** of **{points(gap.value)}** ({points(gap.low)} to {points(gap.high)}) "
        f"between groups of {safe(result.column)}{doubt}.{by_chance}\n"
    )


def _trial_line(result: Mitigated, trial: Trial) -> str:
    study = " (for study only)" if trial.method.study else ""
    parts = [p for p in (_gap_words(result, trial), _accuracy_words(trial)) if p]
    return (
        f"**{safe(trial.method.title)}**{study} {' and '.join(parts)}{_coin_words(trial)}.{_all_alike(trial)}"
    )


def _is_unchanged(trial: Trial) -> bool:
    moves = trial.moves
    return moves is not None and not moves.approved.any() and not moves.refused.any()


def _gap_words(result: Mitigated, trial: Trial) -> str:
    if _is_unchanged(trial):
        return "changes no decision here"
    change, was = trial.change, result.base.gap.value
    now = None if trial.judged is None else trial.judged.gap.value
    if change is None or change.gap is None or was is None or now is None:
        # Without a gap of the base the first line has said so.
        return "" if was is None else "has a gap that is undefined on these rows"
    path = f"from {points(was)} to {points(now)}"
    if change.gap_low is None or change.gap_high is None:
        return f"takes the gap {path}, without an interval"
    if change.gap_high < 0:
        return f"narrows the gap {path}"
    if change.gap_low > 0:
        return f"**widens** the gap {path}"
    span = f"{points(change.gap_low, signed=True)} to {points(change.gap_high, signed=True)}"
    return f"takes the gap {path}, a change that may be chance ({span}),"


def _accuracy_words(trial: Trial) -> str:
    change = trial.change
    if _is_unchanged(trial):
        return ""
    if (
        change is None
        or change.accuracy is None
        or change.accuracy_low is None
        or change.accuracy_high is None
    ):
        return "its accuracy is undefined"
    if change.accuracy_high < 0:
        span = f"{points(-change.accuracy_high)} to {points(-change.accuracy_low)}"
        return f"costs {points(-change.accuracy)} of accuracy ({span})"
    if change.accuracy_low > 0:
        return f"gains {points(change.accuracy)} of accuracy"
    return "costs no accuracy that this sample can show"


def _all_alike(trial: Trial) -> str:
    """Say where a gap is closed by deciding the same for everybody."""
    share = None if trial.judged is None else trial.judged.everyone.estimate("selection_rate", 0).value
    if share == 1.0:
        return " **It approves everybody.**"
    return " **It approves nobody.**" if share == 0.0 else ""


def _coin_words(trial: Trial) -> str:
    if trial.flips is None or not trial.flips.share:
        return ""
    return f", but **{percent(trial.flips.share)}** of decisions then depend on a coin"


def remarks(result: Mitigated) -> list[str]:
    """Say what was trained, on which rows, and judged on which."""
    trained = (
        f"Trained: {safe(result.kind, limit=200)}, on {count(result.train_rows)} rows "
        f"({safe(result.fold, limit=200)}). Of the test rows {count(result.chosen_on)} choose cuts and "
        f"{count(result.reported_on)} judge. {safe(result.recipe, limit=400)}"
    )
    stand_in = (
        "This case has no model that can be trained again, so a stand-in was used for every method, the base "
        "included: it is not your model."
    )
    own = "The base was trained again on the training rows, like the others, so that only the method differs."
    return [trained, stand_in if result.is_stand_in else own, *(safe(n, limit=300) for n in result.notes)]


def describe(result: Mitigated, trial: Trial, words: Wording) -> None:
    """Show one method: what it does, what it needs, who gains and who loses."""
    method = trial.method
    with st.container(border=True):
        widgets.heading(safe(method.title))
        with st.container(horizontal=True, gap="small"):
            _badges(trial, is_feature=result.group_is_feature)
        if method.study:
            widgets.notice(
                f"**For study only.** {safe(method.study.removeprefix('for study only: '), limit=300)}."
            )
        widgets.paragraph(safe(method.what, limit=400))
        if trial.failed is not None:
            widgets.problem(safe(trial.failed, limit=600))
            return
        widgets.paragraph(_moves_words(trial, words))
        for text in (_matched_words(trial), _flips_words(trial), safe(" ".join(trial.details), limit=600)):
            if text:
                widgets.note(text)


def _badges(trial: Trial, *, is_feature: bool) -> None:
    method = trial.method
    if method.needs_group:
        st.badge("needs the group at decision time", icon=":material/id_card:", color="orange")
    elif is_feature:
        st.badge("reads the group: it is a column of the model", icon=":material/id_card:", color="orange")
    else:
        st.badge("decides without the group", icon=":material/visibility_off:", color="gray")
    if method.is_random:
        st.badge("decides by a coin", icon=":material/casino:", color="orange")
    if method.has_score:
        st.badge("gives a score", icon=":material/speed:", color="gray")
    else:
        st.badge("gives no score of its own", icon=":material/block:", color="gray")


def _moves_words(trial: Trial, words: Wording) -> str:
    moves = trial.moves
    if moves is None or _is_unchanged(trial):
        return "Nobody's decision changes on these rows."
    told = [
        f"**{safe(moves.groups[i])}**: {count(int(moves.approved[i]))} newly approved, "
        f"**{count(int(moves.refused[i]))} newly refused**{_good(moves, i, words)}, of {count(int(moves.n[i]))}"
        for i in range(len(moves.groups))
        if moves.approved[i] or moves.refused[i]
    ]
    more = "" if len(told) <= _MOST_GROUPS else "; the other groups are in the table"
    return f"{'; '.join(told[:_MOST_GROUPS])}{more}."


def _good(moves: Moves, i: int, words: Wording) -> str:
    if not moves.refused[i]:
        return ""
    return f" ({count(int(moves.refused_good[i]))} of them {words.good})"


def _matched_words(trial: Trial) -> str:
    matched = trial.matched
    if matched is None or matched.before.gap.value is None or matched.after.gap.value is None:
        return ""
    share = percent(matched.after.everyone.estimate("selection_rate", 0).value)
    whose = "this method's" if matched.moved == "after" else "the model's"
    return (
        f"At the same share approved ({share}, by moving {whose} threshold): gap {points(matched.before.gap.value)} "
        f"for the model as it is, {points(matched.after.gap.value)} for this method."
    )


def _flips_words(trial: Trial) -> str:
    flips = trial.flips
    if flips is None:
        return ""
    span = ""
    if flips.gap_low is not None and flips.gap_high is not None:
        span = f" The gap lies between {points(flips.gap_low)} and {points(flips.gap_high)} over the seeds."
    return (
        f"{percent(flips.share)} of decisions differ between two seeds of the prediction (mean over "
        f"{count(flips.draws)} seeds; training is not repeated). The figures are of the seed whose gap is in the "
        f"middle.{span}"
    )
