"""Whether the model uses its columns differently for two groups, and what the gap between their scores is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rai_dash.charts.group_reasons import group_reasons
from rai_dash.core.texts import tr
from rai_dash.core.words import NOTHING
from rai_dash.explain._asking import FloatArray
from rai_dash.explain.drivers.by_group import NOT_A_CAUSE, GapReasons, GroupMeans, gap_reasons, group_means
from rai_dash.report.drivers_work import usual_pair
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import controls, widgets
from rai_dash.ui.drivers import words
from rai_dash.ui.drivers.look import Look
from rai_dash.ui.frames import optional
from rai_dash.ui.text import count, percent, plain, safe

#: Where the table of means keeps its people, for downloads.
_OF_MEANS = GroupTable(line=("column",))
_LEVEL = 0.05


def by_group(look: Look) -> None:
    """Let the user pick two groups, and show what their gap is made of."""
    sensitive = list(look.judgement.roles.sensitive)
    if not sensitive:
        widgets.notice(
            tr(
                "No sensitive column is named, so there are no groups to compare. Choose some on the Start "
                "page."
            )
        )
        return
    boxes = st.columns(3, gap="medium")
    with boxes[0]:
        by = controls.pick(tr("Compare by"), "by", sensitive)
    groups, codes = look.groups(by)
    means = group_means(look.table.values, look.table.names, codes, groups)
    usual = usual_pair(means, look.table.output, codes)
    if usual is None:
        widgets.notice(
            tr(
                "All explained rows are in one group of {by}: there is nothing to compare it with.",
                by=safe(by),
            )
        )
        return
    first, second = _pair(means, usual, boxes[1:])
    if first == second:
        widgets.notice(tr("Choose two different groups."))
        return
    found = gap_reasons(
        look.table.values, look.table.names, look.table.output, codes, groups,
        first=first, second=second, frame=look.rows,
    )  # fmt: skip
    _gap(look, found)
    _same_value(look, found)
    widgets.numbers(lambda: gap_frame(found), name="gap_reasons", key="gap")
    widgets.numbers(
        lambda: means_frame(means),
        name="contributions_by_group",
        key="means",
        label=tr("Every group"),
        people=_OF_MEANS,
    )


def _pair(means: GroupMeans, usual: tuple[int, int], boxes: Sequence[DeltaGenerator]) -> tuple[int, int]:
    """Let the user pick two groups; at first the usual ones."""
    names = [name for name, n in zip(means.groups, means.n, strict=True) if n]
    picked = []
    for box, label, field, place in (
        (boxes[0], tr("Scores of"), "one_group", usual[0]),
        (boxes[1], tr("less those of"), "other_group", usual[1]),
    ):
        first = means.groups[place]
        with box:
            options = [first, *(name for name in names if name != first)]
            picked.append(means.groups.index(controls.pick(label, field, options)))
    return picked[0], picked[1]


def _gap(look: Look, found: GapReasons) -> None:
    widgets.finding(_gap_finding(look, found), warn=_carries_itself(look, found))
    if found.reason is not None and not np.isfinite(found.part.value).any():
        return
    with st.container(border=True):
        widgets.heading(
            tr("{first} less {second}", first=safe(found.first), second=safe(found.second)),
            tr(
                "{found} and {found_2} rows; the bars of the columns add up to the gap",
                found=count(found.n[0]),
                found_2=count(found.n[1]),
            ),
        )
        gap = found.gap
        chart = group_reasons(
            found.names, optional(found.part.value), low=optional(found.part.low), high=optional(found.part.high),
            share=optional(found.share),
            starred=[bool(s) for s in found.starred], space=look.space,
            gap=(float(gap.value), float(gap.low), float(gap.high)),
        )  # fmt: skip
        widgets.draw(chart, key="gap")
        widgets.how_to_read(
            tr(
                "A bar to the left: the column pulls the mean score of {first} below that of {second}. A "
                "star is a difference the test shows (Holm over the columns); thin lines are 95 % intervals. "
                "Shares of the gap are on hover and in the table.",
                first=safe(found.first),
                second=safe(found.second),
            )
        )
        widgets.note(tr(NOT_A_CAUSE))
        widgets.note(words.explained_line(look))


def _carries_itself(look: Look, found: GapReasons) -> bool:
    """Whether a sensitive column is shown to carry a part of the gap."""
    players = {look.player_of(column) for column in look.judgement.roles.sensitive}
    return any(bool(star) and name in players for name, star in zip(found.names, found.starred, strict=True))


def _gap_finding(look: Look, found: GapReasons) -> str:
    gap = float(found.gap.value)
    if not np.isfinite(gap):
        return tr(
            "The groups cannot be compared: {reason}.",
            reason=safe(found.reason or tr("too few rows"), limit=300),
        )
    side = "below" if gap < 0 else "above"
    text = tr(
        "The model's output for **{first}** lies {amount} {side} that for **{second}** on average "
        "({between}).",
        first=safe(found.first),
        amount=words.amount(abs(gap), look.space),
        side=side,
        second=safe(found.second),
        between=words.between(float(found.gap.low), float(found.gap.high), look.space, signed=True),
    )
    if found.reason is not None:
        return tr("{text} No share can be named: {reason}.", text=text, reason=safe(found.reason, limit=300))
    starred = [int(i) for i in np.argsort(-np.abs(found.part.value)) if found.starred[i]]
    if not starred:
        return tr("{text} No single column is shown to carry it.", text=text)
    named = ", ".join(f"**{safe(found.names[i])}** {_share(float(found.share[i]))}" for i in starred[:4])
    return tr("{text} Shown to carry it: {named} of the gap.", text=text, named=named)


def _share(share: float) -> str:
    """Write the part of the gap that a column carries; one that works against it is negative."""
    return f"−{percent(-share)}" if share < 0 else percent(share)


def _same_value(look: Look, found: GapReasons) -> None:
    """Say which columns the model uses differently for the two groups."""
    widgets.heading(tr("Does the model use a column differently for them?"))
    size = _shown(found.size_adjusted_p, found.size.value)
    parts = [
        f"**{safe(found.names[i])}** ({words.amount(float(found.size.value[i]), look.space, signed=True)})"
        for i in size[:4]
    ]
    widgets.paragraph(
        tr(
            "Whichever way, scores of {first} are moved further (+) or less far (−) by {parts}.",
            first=safe(found.first),
            parts=", ".join(parts),
        )
        if parts
        else tr("No column is shown to move the scores of one group further than those of the other.")
    )
    if found.same_value is None or found.same_value_adjusted_p is None:
        return
    same = _shown(found.same_value_adjusted_p, found.same_value.value)
    parts = [
        f"**{safe(found.names[i])}** ({words.amount(float(found.same_value.value[i]), look.space, signed=True)})"
        for i in same[:4]
    ]
    more = tr(" and {same} more", same=count(len(same) - 4)) if len(same) > 4 else ""
    widgets.paragraph(
        tr(
            "At the same value the model gives {first} more (+) or less (−) for {parts}{more}: the column "
            "does not do the same in both groups, by itself or through others that go with the group.",
            first=safe(found.first),
            parts=", ".join(parts),
            more=more,
        )
        if parts
        else tr("At the same value of a column the model is not shown to treat the two groups differently.")
    )


def _shown(p: FloatArray, value: FloatArray) -> list[int]:
    """Return what a test shows after Holm, the largest first."""
    order = np.argsort(-np.abs(np.nan_to_num(value)), kind="stable")
    return [int(i) for i in order if p[i] < _LEVEL]


def gap_frame(found: GapReasons) -> pd.DataFrame:
    """Return one row a column: its part of the gap, and how differently it is used."""
    order = np.argsort(-np.abs(np.nan_to_num(found.part.value)), kind="stable")
    frame = pd.DataFrame({"column": [plain(found.names[i]) for i in order]})
    columns = {
        "part of the gap": found.part.value,
        "part low": found.part.low,
        "part high": found.part.high,
        "p (Holm)": found.adjusted_p,
        "share of the gap": found.share,
        "share low": found.share_low,
        "share high": found.share_high,
        "difference in size": found.size.value,
        "difference in size p (Holm)": found.size_adjusted_p,
    }
    if found.same_value is not None and found.same_value_adjusted_p is not None:
        columns |= {
            "difference at the same value": found.same_value.value,
            "same value low": found.same_value.low,
            "same value high": found.same_value.high,
            "same value p (Holm)": found.same_value_adjusted_p,
        }
    for name, values in columns.items():
        frame[name] = values[order]
    return frame


def means_frame(found: GroupMeans) -> pd.DataFrame:
    """Return one row a group and column: mean contribution and mean size."""
    return pd.DataFrame(
        [
            {
                "group": plain(group),
                "column": plain(name),
                "rows": int(found.n[g]),
                "mean contribution": found.value[g, j],
                "low": found.low[g, j],
                "high": found.high[g, j],
                "mean size": found.size[g, j],
                "size low": found.size_low[g, j],
                "size high": found.size_high[g, j],
                "remark": tr("few rows") if found.small[g] else NOTHING,
            }
            for g, group in enumerate(found.groups)
            for j, name in enumerate(found.names)
        ]
    )
