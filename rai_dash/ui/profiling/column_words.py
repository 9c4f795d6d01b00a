"""What the view of the columns says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.texts import mark, tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE
from rai_dash.data.distribution import ByGroup
from rai_dash.data.profile import FENCE, QUANTILES, ColumnProfile
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui.data_words import column_sentence, figure
from rai_dash.ui.text import count, percent, plain, safe

OF_GROUPS = GroupTable(shares=(("blank", "rows"), (mark("most frequent value"), "filled")))
_FEW = 30
_MEDIAN = "50 %"


def sentence_of(one: ColumnProfile) -> str:
    """Say what a column holds, and what lies far outside."""
    text = column_sentence(one)
    if one.fences is None:
        return text
    out, known = one.below + one.above, one.n - one.missing
    low, high = (figure(f) for f in one.fences)
    if not out:
        return tr(
            "{text} No value lies outside {low} to {high} (quartiles ± {fence} times their distance).",
            text=text,
            low=low,
            high=high,
            fence=f"{FENCE:.0f}",
        )
    return tr(
        "{text} {out} of {known} ({out_known}) lie outside {low} to {high} (quartiles ± {fence} times "
        "their distance, Tukey's outer fences): {below} below, {above} above. They stay in every figure.",
        text=text,
        out=count(out),
        known=count(known),
        out_known=percent(out / known),
        low=low,
        high=high,
        fence=f"{FENCE:.0f}",
        below=count(one.below),
        above=count(one.above),
    )


def by_outcome(one: ColumnProfile, counts: NDArray[np.int64], names: Sequence[str]) -> str:
    """Say between which bars the share with the favourable outcome differs most; a description, no test."""
    known = counts[:, UNFAVOURABLE] + counts[:, FAVOURABLE]
    places = [i for i in range(len(known)) if known[i] >= _FEW]
    if len(places) < 2:
        return tr("Fewer than two bars have 30 rows with a known outcome, so they are not compared.")
    share = [counts[i, FAVOURABLE] / known[i] for i in places]
    low, high = places[int(np.argmin(share))], places[int(np.argmax(share))]
    text = tr(
        "By outcome, favourable are {of} {bar} and {of_high} {bar_high}: the least and the most among "
        "bars of 30 rows or more. ",
        of=_of(counts, known, low),
        bar=_bar(one, names, low),
        of_high=_of(counts, known, high),
        bar_high=_bar(one, names, high),
    )
    return text + tr("It describes these rows; the extremes of many bars differ by chance too.")


def _of(counts: NDArray[np.int64], known: NDArray[np.int64], i: int) -> str:
    good, n = int(counts[i, FAVOURABLE]), int(known[i])
    return tr("**{good}** ({good_2} of {n})", good=percent(good / n), good_2=count(good), n=count(n))


def _bar(one: ColumnProfile, names: Sequence[str], i: int) -> str:
    if one.histogram is None:
        return tr("where it is **{names}**", names=safe(names[i]))
    return tr(
        "from {figure} to {figure_edges}",
        figure=figure(float(one.histogram.edges[i])),
        figure_edges=figure(float(one.histogram.edges[i + 1])),
    )


def group_frame(found: ByGroup) -> pd.DataFrame:
    """Return one row a group: rows, blanks, and quantiles of numbers or the share of the most frequent value."""
    rows = []
    for g in np.flatnonzero(found.n):
        n, filled = int(found.n[g]), int(found.filled[g])
        row: dict[str, object] = {
            "group": plain(found.groups[g]),
            "rows": n,
            "filled": filled,
            "blank": n - filled,
        }
        if found.quantiles is not None:
            row |= {f"{q * 100:.0f} %": float(x) for q, x in zip(QUANTILES, found.quantiles[g], strict=True)}
        else:
            hits = int(found.bars[0, g])
            row |= {"most frequent value": hits, "share": hits / filled if filled else np.nan}
        rows.append(row)
    return pd.DataFrame(rows)


def by_group(one: ColumnProfile, frame: pd.DataFrame) -> str:
    """Say how the groups of 30 filled rows or more differ in the middle, or in the most frequent value."""
    large = frame[frame["filled"] >= _FEW]
    if len(large) < 2:
        return tr("Fewer than two groups have 30 rows with a value, so they are not compared.")
    key = _MEDIAN if one.histogram is not None else "share"
    low, high = (large.iloc[int(at)] for at in (large[key].argmin(), large[key].argmax()))
    if one.histogram is not None:
        return tr(
            "By group, the middle value lies between {figure} in **{group}** and {figure_high} in "
            "**{high}**. It describes these rows; it is no test.",
            figure=figure(float(low[key])),
            group=safe(low["group"]),
            figure_high=figure(float(high[key])),
            high=safe(high["group"]),
        )
    return tr(
        "By group, **{top}** is the value of {share} in **{group}** and of {share_high} in **{high}**. "
        "It describes these rows; it is no test.",
        top=safe(one.top[0][0]),
        share=_share(low),
        group=safe(low["group"]),
        share_high=_share(high),
        high=safe(high["group"]),
    )


def _share(row: pd.Series) -> str:
    hits, filled = int(row["most frequent value"]), int(row["filled"])
    return tr(
        "{hits} ({hits_2} of {filled})", hits=percent(hits / filled), hits_2=count(hits), filled=count(filled)
    )
