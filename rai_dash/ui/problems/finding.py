"""Where the error concentrates: a tree and a heat map over columns, and slices that can be made a problem."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from rai_dash.charts._base import Chart
from rai_dash.charts.error_heatmap import error_heatmap
from rai_dash.charts.error_tree import error_tree, tree_boxes
from rai_dash.core.stopping import CancelCheck
from rai_dash.core.texts import mark, ntr, tr
from rai_dash.data.slices import slice_words
from rai_dash.govern.problems import Source
from rai_dash.report.slices_batches import slices_of_pool
from rai_dash.report.slices_work import JudgedSlices, known_rows, slices_of
from rai_dash.report.small_cells import GroupTable
from rai_dash.trials.slices.findings import SliceFindings, SliceFound
from rai_dash.trials.slices.heatmap import ErrorHeatMap
from rai_dash.trials.slices.searched import search_apart
from rai_dash.trials.training import Progress
from rai_dash.ui import rests_on, widgets
from rai_dash.ui.drivers import asked
from rai_dash.ui.problems import flag, pooled
from rai_dash.ui.state import View
from rai_dash.ui.text import count, number, percent, percent_range, plain, points, safe

#: Slices that are told one by one.
MOST = 5
#: Rows that are searched while the page waits, some two seconds at most; more are searched beside it.
AT_ONCE = 10_000
COMPARING = mark("Comparing slices with the rest")


def finding(view: View) -> None:
    """Search once for data, model and threshold, and draw what was found."""
    widgets.heading(
        tr("Where the error concentrates"),
        tr(
            "Every slice of one or two conditions is compared with the rest; what stands out by chance is "
            "not named"
        ),
    )
    policy = pooled.chosen(view)
    if not policy:
        rests_on.sample_note(view.judgement.data.dataset, tr("slices are searched among single rows"))
    if not policy and not view.judgement.has_scores:
        widgets.notice(
            tr("There is nothing to judge yet: add a model or name a score column on the Start page.")
        )
        return
    judged = _searched_pool(view, policy) if policy else _searched(view)
    if judged is None:
        return
    found = judged.findings
    widgets.finding(_said(found), warn=bool(found.found))
    if found.reason is not None:
        return
    _tree(found)
    for place, one in enumerate(found.found[:MOST]):
        _slice(one, place)
    _map(found)
    _notes(judged)


def _searched(view: View) -> JudgedSlices | None:
    """Search at once where that is quick, else as a job beside the page; None while it runs, or was stopped."""
    judgement, threshold = view.judgement, view.choices.threshold
    if known_rows(judgement).sum() <= AT_ONCE:
        with st.spinner(tr(COMPARING)):
            return slices_of(judgement, threshold=threshold)

    def work(progress: Progress, cancelled: CancelCheck) -> JudgedSlices:
        return slices_of(judgement, threshold=threshold, search=search_apart(progress, cancelled))

    found: JudgedSlices | None = asked.at_once(
        view, "slices", {"threshold": threshold}, work, doing=tr(COMPARING), key="slices"
    )
    return found


def _searched_pool(view: View, policy: str) -> JudgedSlices | None:
    """Search the past batches of a policy, as `_searched` does the data looked at."""
    pool = pooled.pool(view, policy)
    if pool is None:
        return None
    seqs = [run.seq for run in pool.runs]
    if pool.known <= AT_ONCE:
        with st.spinner(tr(COMPARING)):
            found: JudgedSlices = view.case.memo.get(
                ("slices of batches", policy, *seqs), lambda: slices_of_pool(pool)
            )
        return found

    def work(progress: Progress, cancelled: CancelCheck) -> JudgedSlices:
        return slices_of_pool(pool, search=search_apart(progress, cancelled))

    later: JudgedSlices | None = asked.at_once(
        view,
        tr("slices of batches"),
        {"policy": policy, "runs": seqs},
        work,
        doing=tr(COMPARING),
        key="slices",
    )
    return later


def _said(found: SliceFindings) -> str:
    if found.reason is not None:
        return tr("Nothing can be compared: {reason}.", reason=safe(found.reason, limit=300))
    if not found.found:
        needed = (
            ""
            if found.rows_needed is None
            else (
                tr(
                    " A slice that is {points} worse would need about {rows_needed} rows to be found.",
                    points=points(0.15),
                    rows_needed=count(found.rows_needed),
                )
            )
        )
        return tr(
            "No slice stands out among {looked_at} that were compared, {overall} of {rows} decisions are "
            "wrong.{needed}",
            looked_at=count(found.looked_at),
            overall=percent(found.overall.value),
            rows=count(found.rows),
            needed=needed,
        )
    first, n = found.found[0], len(found.found)
    return ntr(
        "{n} slice stands out among {looked_at} that were compared. Most certain: where {slice}, {rate} "
        "of {rows} decisions are wrong, elsewhere {rest}.",
        "{n} slices stand out among {looked_at} that were compared. Most certain: where {slice}, {rate} "
        "of {rows} decisions are wrong, elsewhere {rest}.",
        n,
        n=count(n),
        looked_at=count(found.looked_at),
        slice=safe(slice_words(first.slice), limit=300),
        rate=percent(first.rate.value),
        rows=count(first.rows),
        rest=percent(first.rest.value),
    )


def _slice(one: SliceFound, place: int) -> None:
    words = slice_words(one.slice)
    times = (
        tr(", {lift} times the error of all", lift=number(one.lift, digits=1)) if one.lift is not None else ""
    )
    with st.container(border=True):
        left, right = st.columns([3, 1], vertical_alignment="center")
        with left:
            widgets.paragraph(f"**{safe(words, limit=300)}**")
            widgets.note(
                tr(
                    "{rate} wrong ({low}), {rows} rows{times}; elsewhere {rest}. Here are {share_of_errors} of "
                    "all wrong decisions.",
                    rate=percent(one.rate.value),
                    low=percent_range(one.rate.low, one.rate.high),
                    rows=count(one.rows),
                    times=times,
                    rest=percent(one.rest.value),
                    share_of_errors=percent(one.share_of_errors),
                )
            )
        with right:
            title = tr("Too many wrong decisions where {words}", words=words)[:200]
            made = flag.Draft(title=title, words=words, source=Source.SLICES)
            flag.button(made, key=f"problem_of_slice_{place}")


def _tree(found: SliceFindings) -> None:
    if found.tree.children:
        widgets.draw(error_tree(tree_boxes(found.tree, min_rows=found.min_rows)), key="error_tree")
        widgets.how_to_read(
            tr(
                "The top box is everyone; each line below cuts the boxes above into two. The wider a box, "
                "the more people; the stronger the colour, the larger the share of wrong decisions."
            )
        )


def _map(found: SliceFindings) -> None:
    pair = _pair(found)
    if pair is None:
        return
    made = found.heat_map(*pair)
    widgets.draw(_heat(made), key="error_heatmap")
    widgets.how_to_read(
        tr(
            "Rows are {first}, columns are {second}. Each cell has its share of wrong decisions and its "
            "number of rows; a star stands out though everything was looked at, grey cells have too few rows "
            "for that.",
            first=safe(made.first),
            second=safe(made.second),
        )
    )
    cells = GroupTable(people="rows", by=(made.first, made.second), line=(), shares=(("wrong", "rows"),))
    widgets.numbers(lambda: _cells(made), name="error_cells", key="error_cells", people=cells)


def _pair(found: SliceFindings) -> tuple[str, str] | None:
    """Let the user pick the two columns; None = there are no two."""
    if found.pair is None:
        return None
    names = [axis.column for axis in found.axes]
    left, right = st.columns(2)
    with left:
        first = st.selectbox(
            tr("Rows of the map"), names, names.index(found.pair[0]), format_func=plain, key="error_first"
        )
    others = [name for name in names if name != first]
    wanted = found.pair[1] if found.pair[1] in others else found.pair[0]
    with right:
        second = st.selectbox(
            tr("Its columns"), others, others.index(wanted), format_func=plain, key="error_second"
        )
    return str(first), str(second)


def _heat(made: ErrorHeatMap) -> Chart:
    return error_heatmap(
        made.rows,
        made.columns,
        rate=made.rate.tolist(),
        low=made.low.tolist(),
        high=made.high.tolist(),
        errors=made.errors.tolist(),
        n=made.n.tolist(),
        few=made.few.tolist(),
        shown=made.shown.tolist(),
    )


def _cells(made: ErrorHeatMap) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                made.first: row,
                made.second: column,
                "rows": int(made.n[i, j]),
                "wrong": float(made.errors[i, j]),
                "error": float(made.rate[i, j]),
                "low": float(made.low[i, j]),
                "high": float(made.high[i, j]),
                "stands out": bool(made.shown[i, j]),
            }
            for i, row in enumerate(made.rows)
            for j, column in enumerate(made.columns)
        ]
    )


def _notes(judged: JudgedSlices) -> None:
    found = judged.findings
    widgets.note(
        tr(
            "{looked_at} slices of at least {min_rows} rows were compared. Where errors have nothing to do "
            "with the columns, a slice is named in at most {alpha} of cases ({draws} permutations). A slice "
            "is chosen for being bad, so that its rate is rather too high; its interval allows for that. "
            "What is fixed later is best shown on other rows than these.",
            looked_at=count(found.looked_at),
            min_rows=count(found.min_rows),
            alpha=percent(found.alpha, digits=0),
            draws=count(found.draws),
        )
    )
    if judged.left_out:
        told = ", ".join(f"{name} ({why})" for name, why in list(judged.left_out.items())[:8])
        widgets.note(tr("Not looked at: {told}.", told=safe(told, limit=500)))
    if judged.no_outcome or judged.no_score:
        widgets.note(
            tr(
                "Left out: {no_outcome} rows without an outcome, {no_score} without a score.",
                no_outcome=count(judged.no_outcome),
                no_score=count(judged.no_score),
            )
        )
