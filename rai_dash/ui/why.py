"""Where a gap between groups may come from: the past, the scores, blanks, and who is not in the figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from rai_dash.case import Judgement
from rai_dash.charts.group_dots import group_dots
from rai_dash.charts.group_missing import MAX_COLUMNS, group_missing
from rai_dash.charts.group_scores import MAX_GROUPS, group_scores
from rai_dash.core.cells import EDGES, LAST_CELL, NO_SCORE
from rai_dash.core.counts import GroupCounts
from rai_dash.core.target_words import wording
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import UNKNOWN
from rai_dash.data.blanks import Blanks, blanks_by_group, blanks_of_counts
from rai_dash.data.portfolio.blanks import judged_blanks
from rai_dash.metrics.curves import score_histogram
from rai_dash.metrics.disparity import Disparity, disparity
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.metrics.verdict import DEFAULT_TOLERANCE, gap_verdict
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import why_words, widgets
from rai_dash.ui.frames import metric_frame, optional
from rai_dash.ui.groups.overview import largest
from rai_dash.ui.state import View
from rai_dash.ui.text import count

FloatArray = NDArray[np.float64]
BINS = 25
INTRODUCTION = mark(
    "These are places to look, not causes: data about who was judged cannot say why a gap is there, and "
    "a gap that can be explained is not thereby fair."
)
#: Ranges of scores make up a group; blanks in one column say nothing about another.
_OF_SCORES = GroupTable(shares=((mark("in this range"), "scored"),))
_OF_BLANKS = GroupTable(line=("column",), shares=(("blank", "rows"),), linked=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sources:
    """What does not depend on the threshold; made once for a pair of data and model and some columns.

    Parameters
    ----------
    base : MetricTable
        Base rates by group.
    gap : Disparity
        Of the base rates.
    everyone : float or None
        Base rate of all together.
    places : tuple of int
        Groups that are drawn, in the order of the table.
    left, right : float64 (bins,)
        Ends of the ranges of scores.
    bins : float64 (places, bins)
        Rows of each drawn group by range.
    middle : float64 (groups,)
        What half of a group score under, to the next multiple of 0.001; NaN = no score.
    blanks : Blanks
        Of the features, the target and the score column.
    absent : Blanks
        Of outcome and score themselves.
    """

    base: MetricTable
    gap: Disparity
    everyone: float | None
    places: tuple[int, ...]
    left: FloatArray
    right: FloatArray
    bins: FloatArray
    middle: FloatArray
    blanks: Blanks
    absent: Blanks


def sources(judgement: Judgement, columns: tuple[str, ...]) -> Sources:
    """Look where a gap may come from, once: rows are read here and nowhere else on the panel."""
    return judgement.memo.get(("why", columns), lambda: _sources(judgement, columns))


def _sources(judgement: Judgement, columns: tuple[str, ...]) -> Sources:
    counts = judgement.counts(columns)
    # The base rate does not depend on the threshold.
    base = metric_table(counts, 0.5, bootstrap=0, metrics=("base_rate",))
    everyone = metric_table(judgement.counts(), 0.5, bootstrap=0, metrics=("base_rate",))
    places = tuple(i for i in largest(base, MAX_GROUPS) if base.n[i] > 0)
    histograms = [score_histogram(counts.group(i), bins=BINS) for i in places]
    absent = [counts.counts[:, UNKNOWN, :].sum(axis=1), counts.counts[:, :, NO_SCORE].sum(axis=1)]
    return Sources(
        base=base,
        gap=disparity(base, "base_rate"),
        everyone=everyone.estimate("base_rate", 0).value,
        places=places,
        left=histograms[0].left,
        right=histograms[0].right,
        bins=np.array([h.unfavourable + h.favourable + h.unknown for h in histograms]),
        middle=_middle(counts),
        blanks=_blanks(judgement, columns),
        absent=blanks_of_counts(("outcome", "score"), counts.groups, np.array(absent), counts.n),
    )


def _blanks(judgement: Judgement, columns: tuple[str, ...]) -> Blanks:
    """Count blanks in what the model reads, the target and the score; not in what the groups are made of."""
    dataset, roles = judgement.data.dataset, judgement.roles
    read = dataset.features
    if judgement.model is not None:
        known = set(dataset.columns)
        read = tuple(c for c in judgement.model.model.info.feature_names if c in known) or read
    wanted = dict.fromkeys(c for c in (*read, roles.target, roles.score) if c and c not in columns)
    if judgement.whole is not None:
        return judged_blanks(judgement.whole, tuple(wanted), columns)
    return blanks_by_group(dataset.frame, tuple(wanted), judgement.groups(columns), judgement.positions)


def _middle(counts: GroupCounts) -> FloatArray:
    """Return the lowest multiple of 0.001 that at least half of each group score under; NaN = no score."""
    upwards = counts.sums[:, :, :NO_SCORE].sum(axis=1).cumsum(axis=1)
    total = upwards[:, -1:]
    cell = np.argmax(upwards >= total / 2.0, axis=1)
    return np.where(total[:, 0] > 0, EDGES[np.minimum(cell + 1, LAST_CELL)], np.nan)


def why_panel(
    view: View, columns: tuple[str, ...], threshold: float, *, tolerance: float = DEFAULT_TOLERANCE
) -> None:
    """Show where a gap between groups may come from.

    Parameters
    ----------
    view : View
        The case and the pair of data and model.
    columns : tuple of str
        One or two sensitive columns.
    threshold : float
        In [0, 1]; nothing is read from rows when it moves.
    tolerance : float
        A difference of base rates that does not matter.
    """
    found = sources(view.judgement, columns)
    widgets.paragraph(tr(INTRODUCTION))
    if len(found.places) < len(found.base.groups):
        filled = int((found.base.n > 0).sum())
        widgets.note(
            tr(
                "The {places} largest of {filled} groups are drawn; the tables have all.",
                places=count(len(found.places)),
                filled=count(filled),
            )
        )
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        _past(view, found, tolerance)
    with right, st.container(border=True, height="stretch"):
        _scores(view, found, columns, threshold)
    with st.container(border=True):
        _cells(found)
    with st.container(border=True):
        widgets.heading(
            tr("Who is not in the figures"), tr("Applicants whose outcome is not known, or who have no score")
        )
        widgets.paragraph(why_words.availability_finding(found.absent))
        if found.absent.has_blanks.any():
            widgets.numbers(
                lambda: why_words.blanks_frame(found.absent),
                name="not_in_the_figures",
                key="why_absent",
                people=_OF_BLANKS,
            )


def _past(view: View, found: Sources, tolerance: float) -> None:
    verdict = gap_verdict(found.base, "base_rate", tolerance=tolerance)
    words = wording(view.judgement.roles.target_kind)
    places, values = list(found.places), found.base.values["base_rate"]
    widgets.heading(tr("The past"), tr("The share that are {good}, before any model", good=words.good))
    widgets.paragraph(why_words.base_rate_finding(found.base, found.gap, verdict, words))
    chart = group_dots(
        [found.base.groups[i] for i in places],
        optional(values.value[places]),
        low=optional(values.low[places]),
        high=optional(values.high[places]),
        n=[int(values.denominator[i]) for i in places],
        small=[bool(found.base.small[i]) for i in places],
        overall=found.everyone,
        what=tr("Base rate"),
        reason=[values.reason[i] for i in places],
    )
    widgets.draw(chart, key="why_past")
    widgets.how_to_read(
        tr(
            "One dot is one group, the bar its 95 % interval, the dashed line everyone. Grey rings have few "
            "rows."
        )
    )
    widgets.numbers(
        lambda: metric_frame(found.base, ("base_rate",)), name="base_rates", key="why_past", people="rows"
    )


def _scores(view: View, found: Sources, columns: tuple[str, ...], threshold: float) -> None:
    counts = view.judgement.counts(columns)
    approved = metric_table(counts, threshold, bootstrap=0, metrics=("selection_rate",))
    places, scored = list(found.places), found.bins.sum(axis=1, keepdims=True)
    shares = np.divide(found.bins, scored, out=np.zeros_like(found.bins), where=scored > 0)
    widgets.heading(
        tr("The scores"), tr("How the scores of each group are spread, and where the threshold cuts them")
    )
    widgets.paragraph(why_words.scores_finding(approved, found.middle, threshold))
    chart = group_scores(
        [found.base.groups[i] for i in places],
        found.left.tolist(),
        found.right.tolist(),
        shares.tolist(),
        threshold=threshold,
        small=[bool(found.base.small[i]) for i in places],
    )
    widgets.draw(chart, key="why_scores")
    widgets.how_to_read(
        tr(
            "One hill is one group; equal heights are equal shares of it. What lies right of the dashed line "
            "is approved."
        )
    )
    widgets.numbers(
        lambda: why_words.scores_frame(found.base, places, found.left, found.right, found.bins),
        name="scores_by_group",
        key="why_scores",
        people=_OF_SCORES,
    )


def _cells(found: Sources) -> None:
    blanks = found.blanks
    widgets.heading(tr("Blank cells"), tr("The share of each group for whom a column is blank"))
    widgets.paragraph(why_words.blanks_finding(blanks))
    rows = most_telling(blanks)
    if not rows:
        return
    if len(rows) < int(blanks.has_blanks.sum()):
        widgets.note(
            tr(
                "The {rows} columns with the strongest evidence of a difference are drawn; the table has all.",
                rows=count(len(rows)),
            )
        )
    places = list(found.places)
    chart = group_missing(
        [blanks.columns[c] for c in rows],
        [blanks.groups[i] for i in places],
        [optional(blanks.share[c, places]) for c in rows],
        n=[int(blanks.n[i]) for i in places],
        starred=[[bool(s) for s in blanks.starred[c, places]] for c in rows],
        small=[not bool(blanks.compared[i]) for i in places],
    )
    widgets.draw(chart, key="why_blanks")
    widgets.how_to_read(
        tr(
            "One cell is one column in one group: the stronger the colour, the more of the group's cells are "
            "blank. A star is a difference to all other groups shown by the test, adjusted for the groups "
            "and columns tried: exploratory."
        )
    )
    widgets.numbers(
        lambda: why_words.blanks_frame(blanks), name="blanks", key="why_blanks", people=_OF_BLANKS
    )


def most_telling(blanks: Blanks) -> list[int]:
    """Return the columns with blanks that are drawn, best supported first to be kept, in their own order."""
    some = np.flatnonzero(blanks.has_blanks)
    strength = np.nan_to_num(blanks.q_value[some], nan=2.0)
    most = np.nan_to_num(blanks.share[some], nan=0.0).max(axis=1, initial=0.0)
    best = some[np.lexsort((-most, strength))][:MAX_COLUMNS]
    return sorted(int(c) for c in best)
