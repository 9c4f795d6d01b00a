"""Limits typed as sentences, and the cheapest band that keeps them beside the present one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.core.types import ReviewBand
from rai_dash.core.words import NOTHING
from rai_dash.review.constraints import Constraint, parse_constraint
from rai_dash.review.evaluate import Evaluation
from rai_dash.review.limited import is_kept, value_of
from rai_dash.review.optimise import Choice, Optimum, optimise
from rai_dash.ui import controls, state, widgets
from rai_dash.ui.choices import LONGEST
from rai_dash.ui.reviewing import history, words
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.reviewing.limit_codes import decode, encode
from rai_dash.ui.reviewing.tables import table
from rai_dash.ui.text import count, percent, points, safe

_TEXT, _WRONG = "band_limits", "band_limits_wrong"
_EXAMPLE = "review at most 15 %\nwrongly declined gap between women and men under 5 points"
_EXAMPLE_OF_ALL = "review at most 15 %\nautomated error at most 10 %"
_TOO_MANY = mark("These are more limits than the address of the page can hold. Leave some out.")
#: Numbers of the two bands that are set side by side.
SIDE_BY_SIDE = {
    "cost": mark("cost of an application"),
    "review_rate": mark("sent to a person"),
    "auto_error_rate": mark("wrong when alone"),
    "good_auto_rejected": mark("good ones declined alone"),
    "bad_auto_approved": mark("bad ones approved alone"),
    "post_error_rate": mark("wrong after the person"),
}


class Wrong(NamedTuple):
    """Text that could not be read, and why."""

    case: str
    text: str
    message: str


def groups_of(bench: Bench) -> dict[str, tuple[str, ...]]:
    """Return the groups of each sensitive column."""
    return {name: cube.groups for name, cube in bench.cubes().items() if name}


def chosen(bench: Bench) -> tuple[Constraint, ...]:
    """Return the limits of the address."""
    return decode(bench.view.choices.limits, groups_of(bench))


def columns(bench: Bench) -> tuple[str, ...]:
    """Return the sensitive columns that the page needs: the one people are compared by, and those of the limits."""
    named = [limit.column for limit in chosen(bench) if limit.column]
    return tuple(dict.fromkeys([bench.by, *named])) if bench.columns else ()


def panel(bench: Bench) -> None:
    """Draw the limits and what they allow."""
    limits = chosen(bench)
    _typed(bench, limits)
    try:
        found = optimise(bench.grid(), limits, own=bench.band)
    except InvalidChoice as error:
        widgets.note(safe(error.message, limit=300))
        return
    if found.best is None:
        widgets.finding(_why_none(found), warn=True)
    else:
        _best(bench, found, found.best)


def _typed(bench: Bench, limits: tuple[Constraint, ...]) -> None:
    """Let the user type limits, one a line."""
    case, groups = bench.view.case.id, groups_of(bench)
    wrong: Wrong | None = st.session_state.get(_WRONG)
    wrong = wrong if wrong is not None and wrong.case == case else None
    controls.seed(_TEXT, wrong.text if wrong else "\n".join(limit.words() for limit in limits))
    st.text_area(
        tr("Your limits, one a line"),
        key=_TEXT,
        placeholder=_EXAMPLE if groups else _EXAMPLE_OF_ALL,
        on_change=_read,
        args=(case, groups),
        help=tr(
            "For example: review at most 8 %; wrongly declined gap by gender at most 3 points; automated "
            "error at most 10 %; cost at most 0.5. A gap can be between two groups: wrongly declined gap "
            "between women and men under 5 points."
        ),
        height=100,
    )
    st.button(
        tr("Find the cheapest band"),
        icon=":material/search:",
        key="band_find",
        on_click=_read,
        args=(case, groups),
    )
    if wrong:
        widgets.problem(safe(wrong.message, limit=1000))


def _read(case: str, groups: dict[str, tuple[str, ...]]) -> None:
    """Put what was typed into the address, or keep it and say what is wrong with it."""
    text = str(st.session_state[_TEXT])
    lines = [line.strip() for line in text.replace(";", "\n").splitlines()]
    try:
        limits = [parse_constraint(line, columns=groups) for line in lines if line]
    except InvalidChoice as error:
        st.session_state[_WRONG] = Wrong(case, text, error.message)
        return
    code = encode(list(dict.fromkeys(limits)), groups)
    if len(code) > LONGEST:
        st.session_state[_WRONG] = Wrong(case, text, tr(_TOO_MANY))
        return
    st.session_state.pop(_WRONG, None)
    state.choose(limits=code)


def _best(bench: Bench, found: Optimum, best: Choice) -> None:
    """Set the best band beside the present one; once it is taken, beside the one before."""
    if best.band == bench.band:
        widgets.finding(
            tr(
                "{which} is your present one: **{band}**.",
                which=_which(found),
                band=words.band_text(best.band),
            )
        )
        before = history.latest()
        if before is not None and before != bench.band:
            side_by_side(bench, before, tr("before"), found.constraints)
        elif found.constraints:
            kept_table(bench.judged(by=columns(bench)), found.constraints)
        return
    widgets.finding(f"{_which(found)}: **{words.band_text(best.band)}**. {_compared(bench, best.band)}")
    them = tr("it") if len(found.constraints) == 1 else tr("them")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            tr("Take this band"),
            icon=":material/check:",
            key="band_take",
            on_click=history.take,
            args=(best.band,),
        )
        near = found.nearest
        if near is not None and near.band not in {bench.band, best.band}:
            st.button(
                tr("Take the nearest that keeps {them}", them=them), key="band_nearest", on_click=history.take,
                args=(near.band,), help=words.band_text(near.band),
            )  # fmt: skip
        if found.constraints and found.own_is_feasible is not None:
            kept = (
                tr("keeps {them} too", them=them)
                if found.own_is_feasible
                else tr("does **not** keep {them}", them=them)
            )
            widgets.paragraph(tr("Your present band {kept}.", kept=kept))
    side_by_side(bench, best.band, tr("cheapest"), found.constraints)


def _which(found: Optimum) -> str:
    """Say among which bands the cheapest was found."""
    if not found.constraints:
        return tr(
            "Without limits the cheapest of {n_candidates} bands", n_candidates=count(found.n_candidates)
        )
    if found.n_feasible == 1:
        return tr(
            "The only one of {n_candidates} bands that keeps {yours}",
            n_candidates=count(found.n_candidates),
            yours=_yours(found),
        )
    return tr(
        "The cheapest of the {n_feasible} bands that keep {yours} (of {n_candidates})",
        n_feasible=count(found.n_feasible),
        yours=_yours(found),
        n_candidates=count(found.n_candidates),
    )


def _yours(found: Optimum) -> str:
    return tr("your limit") if len(found.constraints) == 1 else tr("all your limits")


def _compared(bench: Bench, band: ReviewBand) -> str:
    """Say what taking the band would change."""
    now, then = (bench.judged(one, by=columns(bench)).overall for one in (bench.band, band))
    cost, review = ([f.values(name) for f in (now, then)] for name in ("cost", "review_rate"))
    if cost[0] is None or cost[1] is None or review[0] is None or review[1] is None:
        return ""
    return tr(
        "Here it costs {money} an application (now {money_cost}) and sends {review} to a person (now {review_2}); the "
        "cheapest of many looks cheaper on these rows than on new ones.",
        money=words.money(float(cost[1][0])),
        money_cost=words.money(float(cost[0][0])),
        review=percent(float(review[1][0])),
        review_2=percent(float(review[0][0])),
    )


def _why_none(found: Optimum) -> str:
    """Say which limit is in the way."""
    text = tr(
        "None of {n_candidates} bands keeps {yours}.",
        n_candidates=count(found.n_candidates),
        yours=_yours(found),
    )
    for block in found.blocks:
        text += tr(" In the way: *{words}*", words=safe(block.constraint.words(), limit=300))
        if block.reachable is not None:
            text += tr(
                "; the best that the others allow is {value}", value=_value(block.constraint, block.reachable)
            )
        text += "."
    if not found.blocks and len(found.constraints) > 1:
        text += tr(" No single limit is in the way: at least two would have to give.")
    return text


def kept_table(judged: Evaluation, rules: Sequence[Constraint]) -> None:
    """Draw one row a limit: what it asks, what the band has, and whether it is kept."""
    rows = []
    for rule in rules:
        value = value_of(judged, rule)
        rows.append(
            [safe(rule.words(), limit=300), _value(rule, value), "yes" if is_kept(value, rule) else "**no**"]
        )
    table(["limit", "now", "kept"], rows)


def _value(limit: Constraint, value: float | None) -> str:
    if value is None:
        return NOTHING
    if limit.unit == "gap":
        return points(value) if limit.is_gap else percent(value)
    return words.money(value)


def side_by_side(bench: Bench, other: ReviewBand, name: str, limits: tuple[Constraint, ...] = ()) -> None:
    """Draw one row a number, the present band beside another one; undefined is a dash."""
    bands = (bench.band, other)
    judged = [bench.judged(band, by=columns(bench)) for band in bands]
    rows = [
        [tr("declined below"), *(_end(band.lo) for band in bands)],
        [tr("approved from"), *(_end(band.hi) for band in bands)],
        *(
            [title, *(_number(one, metric) for one in judged)]
            for metric, title in all_of(SIDE_BY_SIDE).items()
        ),
    ]
    for limit in limits:
        if limit.is_gap or limit.groups:
            values = [_value(limit, value_of(one, limit)) for one in judged]
            rows.append([safe(limit.words(), limit=300), *values])
    table([tr("Figure"), tr("now"), name], rows)


def _end(end: float | None) -> str:
    return "nobody" if end is None else words.score_text(end)


def _number(judged: Evaluation, metric: str) -> str:
    values = judged.overall.values(metric)
    if values is None or math.isnan(values[0]):
        return NOTHING
    value = float(values[0])
    return words.money(value) if metric == "cost" else percent(value)
