"""What the panel "where it may come from" says: possible sources of a gap, never its cause."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.target_words import Wording
from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.types import Estimate
from rai_dash.data.blanks import Blanks
from rai_dash.metrics.disparity import Disparity
from rai_dash.metrics.table import MetricTable
from rai_dash.metrics.verdict import GapVerdict
from rai_dash.stats.tests import Verdict
from rai_dash.ui.group_words import few_points, named
from rai_dash.ui.text import count, estimate_text, percent, plain, points, safe

FloatArray = NDArray[np.float64]
#: Middle scores closer than this are called the same.
_SAME_MIDDLE = 0.01
_NAMED = 3
_TWO = mark("That the two differ is shown.")
#: Smaller ones are written as this: a table is no place for 150 zeros.
_LEAST_Q = 1e-6


def base_rate_finding(table: MetricTable, gap: Disparity, verdict: GapVerdict | None, words: Wording) -> str:
    """Say how far apart the groups are before any model, no louder than the test allows."""
    if gap.worst is None or gap.best is None or gap.difference is None or verdict is None:
        why = safe(gap.reason or tr("undefined"), limit=200)
        return tr(
            "How many are {good} before any model cannot be compared between groups here: {why}.",
            good=words.good,
            why=why,
        )
    low, high = (
        estimate_text(table.estimate("base_rate", table.groups.index(g))) for g in (gap.worst, gap.best)
    )
    start = tr(
        "Before any model, **{low}** are {good} in **{worst}** and **{high}** in **{best}**",
        low=low,
        good=words.good,
        worst=named(table, gap.worst),
        high=high,
        best=named(table, gap.best),
    )
    if verdict.verdict == Verdict.SHOWN:
        whom = _listed(sorted(verdict.starred, key=lambda g: (verdict.adjusted[g], g)))
        shown = (
            tr("A difference to all others is shown for {whom}.", whom=whom)
            if len(gap.eligible) > 2
            else tr(_TWO)
        )
        return tr(
            "{start}. {shown} A model that follows the label carries part of it over into approvals, and "
            "the past that made the label may itself be unfair.",
            start=start,
            shown=shown,
        )
    if verdict.verdict == Verdict.EQUIVALENT:
        return tr(
            "{start}: every group is shown to be within {tolerance} of all others.{few_points}",
            start=start,
            tolerance=points(verdict.tolerance),
            few_points=few_points(gap, verdict)
            or tr(" A larger gap in approvals is hardly explained by that."),
        )
    return tr("{start}: this sample does not settle whether the groups differ before any model.", start=start)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"**{safe(n)}**" for n in names[:_NAMED])
    more = len(names) - _NAMED
    return tr("{shown} and {more} more", shown=shown, more=count(more)) if more > 0 else shown


def scores_finding(table: MetricTable, middle: FloatArray, threshold: float) -> str:
    """Say where the middle of each group's scores lies, and who is above the threshold."""
    known = [i for i in range(len(table.groups)) if not table.small[i] and np.isfinite(middle[i])]
    if len(known) < 2:
        return tr(
            "Scores cannot be compared: fewer than two groups have 30 rows or more, some of them with a "
            "score."
        )
    low, high = min(known, key=lambda i: middle[i]), max(known, key=lambda i: middle[i])
    if middle[high] - middle[low] < _SAME_MIDDLE:
        return tr(
            "In every group compared half of the scores are under about {middle}. A gap in approvals then comes from "
            "how far the scores spread, not from where their middle lies.",
            middle=percent(middle[low]),
        )
    first, second = (percent(table.estimate("selection_rate", i).value) for i in (low, high))
    return tr(
        "Half of **{groups}** score under {middle}, half of **{groups_high}** under {middle_high}. At a "
        "threshold of {threshold}, {first} of the one and {second} of the other are approved. This "
        "describes these rows; it is no test.",
        groups=named(table, table.groups[low]),
        middle=percent(middle[low]),
        groups_high=named(table, table.groups[high]),
        middle_high=percent(middle[high]),
        threshold=percent(threshold),
        first=first,
        second=second,
    )


def blanks_finding(blanks: Blanks) -> str:
    """Say whose cells are blank more often than those of others."""
    with_blanks, looked_at = int(blanks.has_blanks.sum()), len(blanks.columns)
    if not with_blanks:
        return tr("No column has blanks ({looked_at} looked at).", looked_at=count(looked_at))
    start = ntr(
        "{with_blanks} of {looked_at} columns has blanks. ",
        "{with_blanks} of {looked_at} columns have blanks. ",
        with_blanks,
        with_blanks=count(with_blanks),
        looked_at=count(looked_at),
    )
    if not np.isfinite(blanks.p_value).any():
        return start + tr(
            "Whether they differ between groups cannot be tested here: too few groups of 30 rows or more."
        )
    found = [int(c) for c in np.flatnonzero(blanks.starred.any(axis=1))]
    if not found:
        return start + tr("In none is a difference between groups shown.")
    found.sort(key=lambda c: blanks.q_value[c])
    named = "; ".join(_stands_out(blanks, c) for c in found[:_NAMED])
    more = tr("; and {found} more", found=count(len(found) - _NAMED)) if len(found) > _NAMED else ""
    return tr(
        "{start}Shown to differ between groups: {named}{more}. A model knows less about people whose "
        "cells are blank; why they are blank, the data do not say.",
        start=start,
        named=named,
        more=more,
    )


def _stands_out(blanks: Blanks, column: int, what: str = mark("is blank for")) -> str:
    """Say which starred group lies furthest from all others in one column."""
    n, hits = blanks.n * blanks.compared, blanks.blank[column] * blanks.compared
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = (hits.sum() - hits) / (n.sum() - n)
    away = np.round(np.abs(blanks.share[column] - rest), 12)
    # Two groups lie equally far from each other: the one with more blanks is named.
    place = max(np.flatnonzero(blanks.starred[column]), key=lambda g: (away[g], blanks.share[column, g]))
    own = Estimate(
        float(blanks.share[column, place]),
        float(blanks.low[column, place]),
        float(blanks.high[column, place]),
        float(blanks.blank[column, place]),
        float(blanks.n[place]),
    )
    return tr(
        "**{columns}** {what} {own} in **{groups}**, for {rest} of all others",
        columns=safe(blanks.columns[column]),
        what=tr(what),
        own=estimate_text(own),
        groups=safe(blanks.groups[place]),
        rest=percent(float(rest[place])),
    )


def availability_finding(absent: Blanks) -> str:
    """Say for whom the outcome or the score is not known."""
    total = int(absent.n.sum())
    sums = absent.blank.sum(axis=1)
    if not sums.any():
        return tr("Everybody looked at has a known outcome and a score.")
    parts = [
        tr("{k} of {total} have no {name}", k=count(float(k)), total=count(total), name=safe(name))
        for k, name in zip(sums, absent.columns, strict=True)
    ]
    text = f"{' and '.join(parts)}. "
    found = [int(c) for c in np.flatnonzero(absent.starred.any(axis=1))]
    if not found:
        return text + tr("No difference between groups is shown in that.")
    named = "; ".join(_stands_out(absent, c, tr("is not known for")) for c in found)
    return tr(
        "{text}Shown to differ between groups: {named}. Figures about outcomes leave out applicants "
        "without one; if they differ from the others, so would the figures.",
        text=text,
        named=named,
    )


def blanks_frame(blanks: Blanks) -> pd.DataFrame:
    """Return one row a column with blanks and group."""
    rows = [
        {
            "column": plain(blanks.columns[c]),
            "group": plain(group),
            "rows": int(blanks.n[g]),
            "blank": int(blanks.blank[c, g]),
            "share": blanks.share[c, g],
            "low": blanks.low[c, g],
            "high": blanks.high[c, g],
            "differs from all others": bool(blanks.starred[c, g]),
            "q-value of the column (0.000001 or more)": np.maximum(blanks.q_value[c], _LEAST_Q),
        }
        for c in np.flatnonzero(blanks.has_blanks)
        for g, group in enumerate(blanks.groups)
    ]
    return pd.DataFrame(rows)


def scores_frame(
    table: MetricTable, places: Sequence[int], left: FloatArray, right: FloatArray, bins: FloatArray
) -> pd.DataFrame:
    """Return one row a group and range of scores."""
    rows = []
    for i, of_group in zip(places, bins, strict=True):
        scored = float(of_group.sum())
        for k, in_range in enumerate(of_group):
            rows.append(
                {
                    "group": plain(table.groups[i]),
                    "rows": int(table.n[i]),
                    "score from": left[k],
                    "to below": right[k],
                    "in this range": in_range,
                    "scored": scored,
                    "share": in_range / scored if scored > 0 else None,
                }
            )
    return pd.DataFrame(rows)
