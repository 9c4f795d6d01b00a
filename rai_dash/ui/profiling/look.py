"""What to look at first: the findings that matter, each one click from its view, and the base rates."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.group_dots import group_dots
from rai_dash.core.target_words import wording
from rai_dash.core.texts import tr
from rai_dash.metrics.base_rates import METRIC, BaseRates
from rai_dash.metrics.verdict import GapVerdict, gap_verdict
from rai_dash.report.first_look import MOST, LookAt
from rai_dash.stats.tests import Verdict
from rai_dash.ui import controls, rests_on, state, widgets
from rai_dash.ui.frames import metric_frame, optional
from rai_dash.ui.group_words import is_far_within
from rai_dash.ui.groups.overview import largest
from rai_dash.ui.imbalance import write_names
from rai_dash.ui.imbalance_words import tolerable_among
from rai_dash.ui.profiling import known
from rai_dash.ui.state import View
from rai_dash.ui.text import count, sentence
from rai_dash.ui.why_words import base_rate_finding

_MOST_GROUPS = 20


def look_first(view: View) -> None:
    """Draw the findings and the base rates."""
    found = known.first(view)
    with st.container(border=True):
        widgets.heading(tr("What to look at first"), tr("Before any model, most severe first"))
        rests_on.partly_note(known.table(view), tr("leaks, personal data and copies are looked for"))
        if not found:
            widgets.finding(tr("Nothing stands out in these data. The other views show what is there."))
        for i, one in enumerate(found[:MOST]):
            _finding(i, one)
        if found[MOST:]:
            with st.expander(
                tr("{found} more", found=count(len(found) - MOST)), icon=":material/expand_more:"
            ):
                for i, one in enumerate(found[MOST:], start=MOST):
                    _finding(i, one)
    if known.rates(view):
        _rates(view)


def _finding(i: int, one: LookAt) -> None:
    text, button = st.columns([6, 1], vertical_alignment="center")
    with text:
        widgets.paragraph(f"**{count(i + 1)}.** {sentence(one.message)}")
    with button:
        st.button(tr("Show"), key=f"look_{i}", on_click=_open, args=(one,), width="stretch")


def _open(one: LookAt) -> None:
    """Open the view of a finding, on its column."""
    changes: dict[str, object] = {"lens": one.view}
    if one.column is not None and one.view == "columns":
        changes["column"] = one.column
    if one.column is not None and one.view in {"imbalance", "blanks"}:
        changes["by"] = one.column
    if one.column is not None and one.view == "imbalance":
        changes["cells"] = write_names([one.column])
    state.choose(**changes)


def _rates(view: View) -> None:
    by_column = {r.column: r for r in known.rates(view)}
    with st.container(border=True):
        widgets.heading(
            tr("Base rates by group"), tr("The share with the favourable outcome, before any model; all rows")
        )
        one = by_column[controls.pick(tr("Groups of"), "by", list(by_column))]
        words = wording(view.judgement.roles.target_kind)
        verdict = _verdict(view, one)
        is_shown = verdict.verdict == Verdict.SHOWN or is_far_within(one.gap, verdict)
        widgets.finding(base_rate_finding(one.table, one.gap, verdict, words), warn=is_shown)
        _chart(one)


def _verdict(view: View, one: BaseRates) -> GapVerdict:
    """Judge the gap with the tolerance that the view of the imbalance has: both speak of the same shares."""
    values = one.table.values[METRIC]
    asked = min(max(state.choices().tolerance, 1), 50) / 100
    within = tolerable_among(float(values.numerator.sum()), float(values.denominator.sum()), asked)
    key = ("verdict on base rates", one.column, within)
    return view.judgement.memo.get(
        key, lambda: gap_verdict(one.table, METRIC, tolerance=within) or one.verdict
    )


def _chart(one: BaseRates) -> None:
    table, values = one.table, one.table.values[METRIC]
    places = [i for i in largest(table, _MOST_GROUPS) if table.n[i] > 0]
    everyone = values.denominator.sum()
    chart = group_dots(
        [table.groups[i] for i in places],
        optional(values.value[places]),
        low=optional(values.low[places]),
        high=optional(values.high[places]),
        n=[int(values.denominator[i]) for i in places],
        small=[bool(table.small[i]) for i in places],
        overall=float(values.numerator.sum() / everyone) if everyone else None,
        what=tr("Base rate"),
        reason=[values.reason[i] for i in places],
    )
    widgets.draw(chart, key="base_rates")
    widgets.how_to_read(
        tr(
            "One dot is one group, the bar its 95 % interval, the dashed line everyone. Grey rings have few "
            "rows."
        )
    )
    widgets.numbers(
        lambda: metric_frame(table, (METRIC,)), name="base_rates", key="base_rates", people="rows"
    )
