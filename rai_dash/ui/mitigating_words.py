"""What the mitigation trials found, in words: no louder than the sample allows."""

from __future__ import annotations

from typing import Final

import streamlit as st

from rai_dash.core.target_words import Wording
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import capital
from rai_dash.stats.tests import Verdict
from rai_dash.trials.mitigating.results import Goal, Mitigated, Moves, Trial
from rai_dash.ui import widgets
from rai_dash.ui.text import count, percent, points, safe

GAPS: Final = {
    Goal.EQUALIZED_ODDS: mark("gap in equalized odds"),
    Goal.DEMOGRAPHIC_PARITY: mark("gap in the share approved"),
    Goal.EQUAL_OPPORTUNITY: mark("gap in recall"),
}
_RATES: Final = {
    "recall": "recall",
    "fpr": mark("the false positive rate"),
    "selection_rate": mark("the share approved"),
}
#: More groups than this are told apart in the table only.
_MOST_GROUPS = 6


def finding(result: Mitigated) -> str:
    """Say how large the gap is, and what each method does to it at which cost."""
    lines = [_base_line(result), _in_short(result)]
    lines += [f"- {_trial_line(result, t)}" for t in result.trials if t.judged is not None]
    return "\n".join(lines)


def coin(result: Mitigated) -> bool:
    """Whether some decision of some method hangs on a coin."""
    return any(t.flips is not None and (t.flips.share or 0.0) > 0.0 for t in result.trials)


def _base_line(result: Mitigated) -> str:
    gap, what = result.base.gap, tr(GAPS[result.goal])
    if gap.value is None:
        return tr(
            "The {what} between groups of {column} cannot be measured on these rows: {reason}. What can "
            "be said:\n",
            what=what,
            column=safe(result.column),
            reason=safe(gap.reason or tr("undefined"), limit=200),
        )
    shown = any(v is not None and v.verdict == Verdict.SHOWN for v in gap.verdicts.values())
    doubt = "" if shown else tr(", and this sample does not show that it is more than chance")
    chance = " and ".join(
        tr(
            "{expected_by_chance} in {name}",
            expected_by_chance=points(v.expected_by_chance),
            name=tr(_RATES[name]),
        )
        for name, v in gap.verdicts.items()
        if v is not None and v.expected_by_chance is not None
    )
    by_chance = tr(" By chance alone one would expect {chance}.", chance=chance) if chance else ""
    return tr(
        "The model as it is has a **{what}** of **{gap}** ({low} to {high}) between groups of "
        "{column}{doubt}.{by_chance}\n",
        what=what,
        gap=points(gap.value),
        low=points(gap.low),
        high=points(gap.high),
        column=safe(result.column),
        doubt=doubt,
        by_chance=by_chance,
    )


def _in_short(result: Mitigated) -> str:
    """Answer the question of the page before the list: which methods are shown to make the gap smaller."""
    if result.base.gap.value is None:
        return ""
    names = [
        f"**{safe(t.method.title)}**{tr(' (for study only)') if t.method.study else ''}"
        for t in result.trials
        if _is_narrower(t)
    ]
    if not names:
        return tr("**No method is shown to make it smaller on these rows.**\n")
    return tr("Shown to make it smaller on these rows: {names}.\n", names=", ".join(names))


def _is_narrower(trial: Trial) -> bool:
    """Whether the whole interval of the change of the gap lies below 0."""
    change = trial.change
    if change is None or change.gap is None or _is_unchanged(trial):
        return False
    return change.gap_high is not None and change.gap_high < 0


def _trial_line(result: Mitigated, trial: Trial) -> str:
    study = tr(" (for study only)") if trial.method.study else ""
    parts = [p for p in (_gap_words(result, trial), _accuracy_words(trial)) if p]
    return (
        f"**{safe(trial.method.title)}**{study} {' and '.join(parts)}{_coin_words(trial)}.{_all_alike(trial)}"
    )


def _is_unchanged(trial: Trial) -> bool:
    moves = trial.moves
    return moves is not None and not moves.approved.any() and not moves.refused.any()


def _gap_words(result: Mitigated, trial: Trial) -> str:
    if _is_unchanged(trial):
        return tr("changes no decision here")
    change, was = trial.change, result.base.gap.value
    now = None if trial.judged is None else trial.judged.gap.value
    if change is None or change.gap is None or was is None or now is None:
        # Without a gap of the base the first line has said so.
        return "" if was is None else tr("has a gap that is undefined on these rows")
    path = tr("from {was} to {now}", was=points(was), now=points(now))
    if change.gap_low is None or change.gap_high is None:
        return tr("takes the gap {path}, without an interval", path=path)
    if _is_narrower(trial):
        return tr("narrows the gap {path}", path=path)
    if change.gap_low > 0:
        return tr("**widens** the gap {path}", path=path)
    span = tr(
        "{gap_low} to {gap_high}",
        gap_low=points(change.gap_low, signed=True),
        gap_high=points(change.gap_high, signed=True),
    )
    return tr("takes the gap {path}, a change that may be chance ({span}),", path=path, span=span)


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
        return tr("its accuracy is undefined")
    if change.accuracy_high < 0:
        span = tr(
            "{accuracy_high} to {accuracy_low}",
            accuracy_high=points(-change.accuracy_high),
            accuracy_low=points(-change.accuracy_low),
        )
        return tr("costs {accuracy} of accuracy ({span})", accuracy=points(-change.accuracy), span=span)
    if change.accuracy_low > 0:
        return tr("gains {accuracy} of accuracy", accuracy=points(change.accuracy))
    return tr("costs no accuracy that this sample can show")


def _all_alike(trial: Trial) -> str:
    """Say where a gap is closed by deciding the same for everybody."""
    share = None if trial.judged is None else trial.judged.everyone.estimate("selection_rate", 0).value
    if share == 1.0:
        return tr(" **It approves everybody.**")
    return tr(" **It approves nobody.**") if share == 0.0 else ""


def _coin_words(trial: Trial) -> str:
    if trial.flips is None or not trial.flips.share:
        return ""
    return tr(", but **{share}** of decisions then depend on a coin", share=percent(trial.flips.share))


def remarks(result: Mitigated) -> list[str]:
    """Say what was trained, on which rows, and judged on which."""
    trained = tr(
        "Trained: {kind}, on {train_rows} rows ({fold}). Of the test rows {chosen_on} choose cuts and "
        "{reported_on} judge. {recipe}",
        kind=safe(result.kind, limit=200),
        train_rows=count(result.train_rows),
        fold=safe(result.fold, limit=200),
        chosen_on=count(result.chosen_on),
        reported_on=count(result.reported_on),
        recipe=safe(result.recipe, limit=400),
    )
    stand_in = tr(
        "This case has no model that can be trained again, so a stand-in was used for every method, the "
        "base included: it is not your model."
    )
    own = tr(
        "The base was trained again on the training rows, like the others, so that only the method differs."
    )
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
                tr(
                    "**For study only.** {study}.",
                    study=safe(capital(method.study.removeprefix("for study only: ")), limit=300),
                )
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
        st.badge(tr("needs the group at decision time"), icon=":material/id_card:", color="orange")
    elif is_feature:
        st.badge(
            tr("reads the group: it is a column of the model"), icon=":material/id_card:", color="orange"
        )
    else:
        st.badge(tr("decides without the group"), icon=":material/visibility_off:", color="gray")
    if method.is_random:
        st.badge(tr("decides by a coin"), icon=":material/casino:", color="orange")
    if method.has_score:
        st.badge(tr("gives a score"), icon=":material/speed:", color="gray")
    else:
        st.badge(tr("gives no score of its own"), icon=":material/block:", color="gray")


def _moves_words(trial: Trial, words: Wording) -> str:
    moves = trial.moves
    if moves is None or _is_unchanged(trial):
        return tr("Nobody's decision changes on these rows.")
    told = [
        tr(
            "**{groups}**: {approved} newly approved, **{refused} newly refused**{good}, of {moves}",
            groups=safe(moves.groups[i]),
            approved=count(int(moves.approved[i])),
            refused=count(int(moves.refused[i])),
            good=_good(moves, i, words),
            moves=count(int(moves.n[i])),
        )
        for i in range(len(moves.groups))
        if moves.approved[i] or moves.refused[i]
    ]
    more = "" if len(told) <= _MOST_GROUPS else tr("; the other groups are in the table")
    return f"{'; '.join(told[:_MOST_GROUPS])}{more}."


def _good(moves: Moves, i: int, words: Wording) -> str:
    if not moves.refused[i]:
        return ""
    return tr(
        " ({refused_good} of them {good})", refused_good=count(int(moves.refused_good[i])), good=words.good
    )


def _matched_words(trial: Trial) -> str:
    matched = trial.matched
    if matched is None or matched.before.gap.value is None or matched.after.gap.value is None:
        return ""
    share = percent(matched.after.everyone.estimate("selection_rate", 0).value)
    whose = tr("this method's") if matched.moved == "after" else tr("the model's")
    return tr(
        "At the same share approved ({share}, by moving {whose} threshold): gap {gap} for the model as "
        "it is, {gap_value} for this method.",
        share=share,
        whose=whose,
        gap=points(matched.before.gap.value),
        gap_value=points(matched.after.gap.value),
    )


def _flips_words(trial: Trial) -> str:
    flips = trial.flips
    if flips is None:
        return ""
    span = ""
    if flips.gap_low is not None and flips.gap_high is not None:
        span = tr(
            " The gap lies between {gap_low} and {gap_high} over the seeds.",
            gap_low=points(flips.gap_low),
            gap_high=points(flips.gap_high),
        )
    return tr(
        "{share} of decisions differ between two seeds of the prediction (mean over {draws} seeds; "
        "training is not repeated). The figures are of the seed whose gap is in the middle.{span}",
        share=percent(flips.share),
        draws=count(flips.draws),
        span=span,
    )
