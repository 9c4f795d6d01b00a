"""Like with like: the same comparison within the levels of a third column."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from rai_dash.case import MAX_LEVELS
from rai_dash.charts.ranked_gaps import ranked_gaps
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.metrics.conditional import conditional
from rai_dash.metrics.table import metric_table
from rai_dash.metrics.within import Conditional, GroupWithin
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import controls, widgets
from rai_dash.ui.group_words import metric_subtitle
from rai_dash.ui.groups.look import Look, title, words_of
from rai_dash.ui.text import plain, points, safe

#: Groups that are drawn, the largest first; the table has all.
MOST_GROUPS = 20
_OF_LEVELS = GroupTable(by=("level",))


def within(look: Look) -> None:
    """Let the user hold a column fixed, and show what is left of the gap."""
    columns = [c for c in look.view.judgement.data.dataset.columns if c not in _taken(look)]
    if not columns:
        widgets.note(tr("There is no other column that could be held fixed."))
        return
    control = controls.pick(
        tr("Compare people who are alike in"),
        "within",
        ["", *columns],
        {"": tr("choose a column")},
        meaning=tr(
            "Numbers are cut into ranges; text columns may have up to {max_levels} values.",
            max_levels=MAX_LEVELS,
        ),
    )
    if not control:
        widgets.note(
            tr(
                "Part of a gap may go with another column, such as the size of the loan. Choose one, and "
                "groups are compared within each of its levels. A column that itself carries unequal "
                "treatment can explain a gap without excusing it."
            )
        )
        return
    try:
        found = _found(look, control)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=400))
        return
    _draw(look, found, control)


def _taken(look: Look) -> set[str]:
    """Return columns that it makes no sense to hold fixed."""
    roles = look.view.judgement.roles
    return {
        *look.columns,
        *(c for c in (roles.target, roles.score, roles.id, roles.weight, roles.split) if c),
    }


def _found(look: Look, control: str, *, verdicts: bool = False) -> Conditional:
    levels = [
        (level, metric_table(counts, look.threshold, bootstrap=0, metrics=(look.metric,)))
        for level, counts in look.view.judgement.within(look.columns, control)
    ]
    return conditional(levels, look.metric, tolerance=look.tolerance, verdicts=verdicts)


def _draw(look: Look, found: Conditional, control: str) -> None:
    largest = sorted(found.groups, key=lambda g: -g.n)[:MOST_GROUPS]
    with st.container(border=True):
        widgets.heading(
            tr("{title} among people alike in {control}", title=title(look.metric), control=safe(control)),
            metric_subtitle(look.metric, words_of(look)),
        )
        for text in (*_findings(found, control), *_cautions(found)):
            widgets.paragraph(text)
        if len(largest) < len(found.groups):
            widgets.note(
                tr(
                    "The {largest} largest of {groups} groups are drawn; the table has all.",
                    largest=len(largest),
                    groups=len(found.groups),
                )
            )
        drawn = [g for g in found.groups if g in largest and g.n > 0]
        if drawn:
            _chart(drawn, look)
        widgets.how_to_read(
            tr(
                "The dot is the group less everybody else, averaged over the levels with the weights of "
                "Mantel and Haenszel; the bar is its 95 % interval. A filled dot is shown by the tests, grey "
                "is too small for them."
            )
        )
    widgets.numbers(
        lambda: group_frame(found), name="within", key="within", label=tr("With and without the column held fixed"),
        people="rows",
    )  # fmt: skip
    widgets.numbers(
        lambda: level_frame(_found(look, control, verdicts=True)),
        name="levels",
        key="levels",
        label=tr("The gap in each level"),
        people=_OF_LEVELS,
    )


def _findings(found: Conditional, control: str) -> list[str]:
    """Say of the largest crude difference what is left of it, and for whom a difference is still shown."""
    known = [g for g in found.groups if not g.is_small and g.crude is not None and g.difference is not None]
    if not known:
        return [tr("No group of enough rows can be compared with others of the same level.")]
    group = max(known, key=lambda g: abs(g.crude or 0.0))
    text = tr(
        "**{group}** lies {crude} {side} everybody else; among people alike in {control} it is "
        "{difference} {side_difference} ({span}).",
        group=safe(group.group),
        crude=points(abs(group.crude or 0.0)),
        side=_side(group.crude),
        control=safe(control),
        difference=points(abs(group.difference or 0.0)),
        side_difference=_side(group.difference),
        span=_span(group),
    )
    starred = [g for g in found.groups if g.is_starred]
    names = ", ".join(f"**{safe(g.group)}** ({_side(g.difference)})" for g in starred[:5])
    shown = tr("With it held fixed a difference is shown for {names}.", names=names) if starred else (
        tr("With it held fixed no difference is shown; that is not proof that there is none.")
    )  # fmt: skip
    return [text, shown]


def _side(difference: float | None) -> str:
    return "below" if (difference or 0.0) < 0 else "above"


def _span(group: GroupWithin) -> str:
    if group.low is None or group.high is None:
        return tr("no interval")
    return tr(
        "from {low} to {high}", low=points(group.low, signed=True), high=points(group.high, signed=True)
    )


def _cautions(found: Conditional) -> list[str]:
    uneven = [g for g in found.groups if g.is_uneven and not g.is_small]
    if not uneven:
        return []
    names = ", ".join(f"**{safe(g.group)}**" for g in uneven[:4])
    return [
        tr(
            "For {names} the difference is not the same in all levels: one number hides that, see each level "
            "below.",
            names=names,
        )
    ]


def _chart(groups: Sequence[GroupWithin], look: Look) -> None:
    chart = ranked_gaps(
        [g.group for g in groups],
        [g.difference for g in groups],
        [g.low for g in groups],
        [g.high for g in groups],
        n=[g.n_used for g in groups],
        starred=[g.is_starred for g in groups],
        small=[g.is_small for g in groups],
        tolerance=look.tolerance,
        what=title(look.metric),
    )
    widgets.draw(chart, key="within")


def group_frame(found: Conditional) -> pd.DataFrame:
    """Return one row a group: its difference from the rest, with and without the column held fixed."""
    return pd.DataFrame(
        [
            {
                "group": plain(g.group),
                "rows": g.n,
                "difference": g.crude,
                "low": g.crude_low,
                "high": g.crude_high,
                "held fixed: difference": g.difference,
                "held fixed: low": g.low,
                "held fixed: high": g.high,
                "held fixed: ratio": g.ratio,
                "caution": g.ratio_caution or "",
                "adjusted p": g.adjusted_p,
                "shown": g.is_starred,
                "same in all levels: p": g.homogeneity_p,
                "levels used": len(g.used),
                "levels left out": len(g.left_out),
                "undefined because": g.reason or g.test_reason or "",
            }
            for g in found.groups
        ]
    )


def level_frame(found: Conditional) -> pd.DataFrame:
    """Return one row a level: the gap between its groups and what the tests say."""
    return pd.DataFrame(
        [
            {
                "level": plain(one.level),
                "rows": one.n,
                "gap": one.gap.difference,
                "low": one.gap.low,
                "high": one.gap.high,
                "by chance": None if one.verdict is None else one.verdict.expected_by_chance,
                "lowest and highest": " and ".join(
                    plain(g) for g in (one.gap.worst, one.gap.best) if g is not None
                ),
                "verdict": "" if one.verdict is None else one.verdict.verdict,
                "undefined because": one.gap.reason or "",
            }
            for one in found.levels
        ]
    )
