"""One column: what it did to whom, and how the scores move when it is changed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from rai_dash.charts.dependence import dependence as draw_dependence
from rai_dash.charts.effect_curve import MOST_LINES, EffectLine, effect_curve, effect_dots
from rai_dash.core.texts import tr
from rai_dash.explain._asking import Watch
from rai_dash.explain.drivers.curves import Effect
from rai_dash.explain.drivers.dependence import LEAST_LEFT, Dependence, dependence
from rai_dash.report.correlated import Blocks, mates
from rai_dash.report.drivers_work import Moved, moved
from rai_dash.ui import controls, rights, widgets
from rai_dash.ui.drivers import asked, words
from rai_dash.ui.drivers.look import Look
from rai_dash.ui.text import count, percent, plain, points, safe

_MARKS = 1_999


def one_column(look: Look, linked: Blocks) -> None:
    """Let the user pick a column, and draw what it does.

    Parameters
    ----------
    look : Look
        Contributions of single columns.
    linked : tuple of tuple of str
        Blocks whose columns move along.
    """
    left, right = st.columns(2, gap="medium")
    with left:
        column = controls.pick(tr("Column"), "driver", list(look.ranked))
    others = [name for name in look.ranked if name != column]
    with right:
        partner = controls.pick(
            tr("Coloured by"), "partner", ["", *others], {"": tr("the column that changes its effect most")}
        )
    chosen = partner or None
    found = dependence(
        look.table.values, look.table.names, look.rows, column, partner=chosen, most_marks=_MARKS
    )
    widgets.finding(_dependence_finding(look, found))
    with st.container(border=True):
        widgets.heading(
            tr("What {column} did to each applicant", column=safe(column)), words.explained_line(look)
        )
        if rights.rows_shown():
            _dots(look, found)
    if rights.may_see_rows():
        widgets.numbers(lambda: dependence_frame(look, column), name="dependence", key="dependence")
    widgets.numbers(
        lambda: partners_frame(found), name="partners", key="partners", label=tr("What changes its effect")
    )
    _moved(look, column, mates(column, linked))


def _dependence_finding(look: Look, found: Dependence) -> str:
    values = look.table.values[:, look.table.names.index(found.column)]
    low, high = float(values.min()), float(values.max())
    if low == high == 0:
        return tr("**{column}** moves nobody's score.", column=safe(found.column))
    text = tr(
        "**{column}** moves scores by {amount} at the least and {amount_space} at the most.",
        column=safe(found.column),
        amount=words.amount(low, look.space, signed=True),
        amount_space=words.amount(high, look.space, signed=True),
    )
    left = found.found.left
    if left <= LEAST_LEFT:
        return tr("{text} At the same value it does the same to everybody: it acts alone.", text=text)
    text += tr(
        " At the same value it does not do the same to all: {left} of the variance of what it does is ",
        left=percent(left),
    )
    strongest = found.found.strongest
    if strongest is None:
        return tr("{text}left, and no single other column explains it.", text=text)
    share = found.found.share[found.found.names.index(strongest)]
    return tr(
        "{text}left, of which **{strongest}** explains {share}, more than any other column.",
        text=text,
        strongest=safe(strongest),
        share=percent(float(share)),
    )


def _dots(look: Look, found: Dependence) -> None:
    categories: tuple[str, ...] = ()
    if not found.is_numeric:
        names = np.array(found.x, dtype=object)
        effect = {str(name): float(found.value[names == name].mean()) for name in dict.fromkeys(found.x)}
        categories = tuple(sorted(effect, key=lambda name: -effect[name]))
    chart = draw_dependence(
        found.x, found.value, space=look.space, categories=categories, by_effect=found.by_effect,
        place=None if found.partner is None else found.place, partner_text=found.partner_text,
    )  # fmt: skip
    widgets.draw(chart, key="dependence")
    colour = ""
    if found.partner is not None:
        colour = tr(" Colour is **{partner}**: ", partner=safe(found.partner)) + (
            tr("its categories in the order of what they do to this effect, lowering to raising.")
            if found.by_effect
            else tr("low to high.")
        )
    where = tr("from left to right") if found.is_numeric else tr("line by line")
    widgets.how_to_read(
        tr(
            "One dot is one applicant: own value {where}, and what it did to the score. Dots of one value "
            "that lie apart show that other columns change the effect.{colour}",
            where=where,
            colour=colour,
        )
    )
    if len(found.rows) < found.of:
        widgets.note(
            tr(
                "{rows} of {of} rows are drawn, evenly over the values.",
                rows=count(len(found.rows)),
                of=count(found.of),
            )
        )


def _moved(look: Look, column: str, linked: tuple[str, ...]) -> None:
    """Ask the model about everybody with other values of the column, and draw it."""
    judgement = look.judgement

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Moved:
        return moved(judgement, column, linked, Watch(progress, cancelled))

    widgets.heading(
        tr("What if {column} were different?", column=safe(column)),
        tr("The model asked about everybody with other values, in score"),
    )
    wanted: dict[str, object] = {"column": column, "linked": list(linked)}
    found: Moved | None = asked.at_once(look.view, "moved", wanted, work, key="moved")
    if found is None:
        return
    widgets.paragraph(_moved_words(found))
    if linked:
        widgets.note(
            tr(
                "Moved along, as usual at each value: {linked}.",
                linked=", ".join(safe(name) for name in linked),
            )
        )
    with st.container(border=True):
        _curve(found)
    widgets.numbers(lambda: moved_frame(found), name="effect", key="effect")
    if rights.may_see_rows():
        widgets.numbers(
            lambda: lines_frame(look, found),
            name="single_applicants",
            key="lines",
            label=tr("Single applicants"),
        )


def _moved_words(found: Moved) -> str:
    """Say how far the mean score moves between the points, both ways, and whether they tell the same story."""
    grid, change = found.lines.grid, found.lines.change
    low, high = int(np.argmin(change.value)), int(np.argmax(change.value))
    if len(change.value) < 2 or change.value[high] - change.value[low] < _NOTHING:
        return tr("Changing **{column}** alone does not move the mean score.", column=safe(grid.column))
    local = found.local.change.value
    text = tr(
        "If everybody had **{labels}** instead of **{labels_low}**, the mean score would be {change} "
        "higher; steps among the applicants who are there give {local}.",
        labels=safe(grid.labels[high]),
        labels_low=safe(grid.labels[low]),
        change=points(float(change.value[high] - change.value[low])),
        local=points(float(local[high] - local[low]), signed=True),
    )
    if not grid.is_numeric:
        return text
    ends = found.lines.centred[:, high] - found.lines.centred[:, low]
    against = float((ends < 0).mean())
    return (
        tr(
            "{text} For {against} of the applicants the score would fall instead.",
            text=text,
            against=percent(against),
        )
        if against
        else text
    )


#: Less than this is no change, in score.
_NOTHING = 5e-4


def _line(effect: Effect) -> EffectLine:
    return EffectLine(value=effect.value, low=effect.low, high=effect.high)


def _curve(found: Moved) -> None:
    grid, mean, local = found.lines.grid, _line(found.lines.change), _line(found.local.change)
    rows = [int(n) for n in grid.counts]
    basis = tr("{rows} of {of} rows", rows=count(len(found.lines.rows)), of=count(found.lines.of))
    if grid.is_numeric:
        may = rights.may_see_rows()
        some = may and st.toggle(tr("Draw single applicants"), value=True, key="single_applicants")
        single = found.lines.centred if some else None
        chart = effect_curve(grid.values, mean, n=rows, scale="change", local=local, lines=single)
        widgets.draw(chart, key="effect")
        widgets.how_to_read(
            tr(
                "Change of the score from the lowest value. Solid: everybody gets each value in turn "
                "(partial dependence). Dashed: small steps among the applicants who are there (accumulated "
                "local effects). Grey: {most_lines} single applicants. Where solid and dashed part, the "
                "solid line asks about people who do not exist: trust the dashed one. {basis}; bands are 95 "
                "% intervals.",
                most_lines=count(min(MOST_LINES, len(found.lines.rows))),
                basis=basis,
            )
        )
    else:
        widgets.draw(effect_dots(grid.labels, mean, n=rows, scale="change", local=local), key="effect")
        widgets.how_to_read(
            tr(
                "Change of the mean score from {labels}. Dot: everybody in the category (partial "
                "dependence). Diamond: steps among applicants who are alike in the other columns "
                "(accumulated local effects; another order of the categories would give others). {basis}; "
                "lines are 95 % intervals.",
                labels=safe(grid.labels[0]),
                basis=basis,
            )
        )
    if grid.left_out:
        widgets.note(
            tr(
                "{left_out} rows with a blank or a rare category belong to no point.",
                left_out=count(grid.left_out),
            )
        )


def dependence_frame(look: Look, column: str) -> pd.DataFrame:
    """Return one row an applicant: own value and what it did."""
    rights.require_rows()
    return pd.DataFrame(
        {
            "row": look.judgement.positions[look.everyone.at] + 1,
            "value": [plain(v) for v in look.rows[column]],
            "contribution": look.table.values[:, look.table.names.index(column)],
        }
    )


def moved_frame(found: Moved) -> pd.DataFrame:
    """Return one row a value of the column: score and change by partial dependence, lines and local effects."""
    grid, mean, change, local = found.lines.grid, found.lines.mean, found.lines.change, found.local.change
    low, high = found.lines.spread
    return pd.DataFrame(
        {
            "value": [plain(label) for label in grid.labels],
            "rows": grid.counts,
            "mean score": mean.value,
            "mean score low": mean.low,
            "mean score high": mean.high,
            "change": change.value,
            "change low": change.low,
            "change high": change.high,
            "single applicants 10 %": low,
            "single applicants 90 %": high,
            "local effects": local.value,
            "local effects low": local.low,
            "local effects high": local.high,
        }
    )


def partners_frame(found: Dependence) -> pd.DataFrame:
    """Return one row another column: how much of what is left at the same value it explains, the most first."""
    left = found.found
    frame = pd.DataFrame({"column": [plain(n) for n in left.names], "share of what is left": left.share})
    frame["left at the same value"] = left.left
    return frame.sort_values("share of what is left", ascending=False, kind="stable", ignore_index=True)


def lines_frame(look: Look, found: Moved) -> pd.DataFrame:
    """Return one row an applicant that was drawn, with the score at each value of the column."""
    rights.require_rows()
    lines = found.lines
    names = [plain(label) for label in lines.grid.labels]
    if len(set(names)) < len(names):
        # Long categories may look alike once they are cut.
        names = [f"{name} ({place})" for place, name in enumerate(names, start=1)]
    frame = pd.DataFrame(lines.lines, columns=names)
    frame.insert(0, "row", look.judgement.positions[lines.rows] + 1, allow_duplicates=True)
    return frame
