"""Rows: copies, near-copies, conflicting labels, rows on both sides of a split, and rows in time."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.group_dots import group_dots
from rai_dash.core.texts import tr
from rai_dash.data.time_order import TimeOrder
from rai_dash.ui import rests_on, widgets
from rai_dash.ui.frames import optional
from rai_dash.ui.profiling import known, row_words
from rai_dash.ui.state import View
from rai_dash.ui.text import safe, sentence

_COPIES = ("duplicate_rows", "rows_in_training_and_test")


def rows(view: View) -> None:
    """Draw what is to be said of whole rows."""
    rests_on.sample_note(
        known.table(view),
        tr(
            "rows are compared and put in time order one by one. A copy is seen only where both rows are in "
            "the sample, so most copies in a large table are not"
        ),
    )
    with st.container(border=True):
        _copies(view)
    with st.container(border=True):
        _conflicts(view)
    with st.container(border=True):
        _near(view)
    with st.container(border=True):
        _time(view)


def _copies(view: View) -> None:
    widgets.heading(tr("Copies"), tr("Equal in every column but ids, row numbers, the split and the score"))
    found = [n for n in known.told(view) if n.code in _COPIES]
    for i, one in enumerate(found):
        if i:
            widgets.paragraph(sentence(one.message))
        else:
            widgets.finding(sentence(one.message), warn=True)
    if not found:
        where = tr("in the sample") if rests_on.is_sampled(known.table(view)) else tr("here")
        widgets.finding(
            tr(
                "No more rows repeat another, {where} or in the other data of the case, than chance explains.",
                where=where,
            )
        )
    widgets.note(
        tr(
            "Told where there are more than twice as many as chance explains; a table of a few coarse "
            "columns repeats itself without any row having been copied."
        )
    )


def _conflicts(view: View) -> None:
    widgets.heading(tr("Conflicting labels"), tr("The same features, another outcome"))
    found = known.clash(view)
    if found is None or not found.labelled:
        widgets.finding(tr("There is no known outcome, or no feature, to compare."))
        return
    widgets.finding(row_words.conflicts_finding(found), warn=found.rows > 0)
    widgets.note(row_words.compared_note(found))


def _near(view: View) -> None:
    widgets.heading(tr("Near-duplicates"), tr("Equal but for one column, or but for rounding and writing"))
    found = known.near(view)
    if found is None:
        widgets.finding(tr("Fewer than three columns can be compared: that says nothing about copies."))
        return
    widgets.finding(row_words.near_finding(found))
    alike = known.alike(view)
    if alike is not None:
        widgets.paragraph(row_words.alike_sentence(alike))
    if found.pairs:
        widgets.numbers(
            lambda: row_words.near_frame(found),
            name="near_duplicates",
            key="near",
            label=tr("In which column they differ"),
        )


def _time(view: View) -> None:
    widgets.heading(
        tr("Time"), tr("Whether the share of favourable outcomes moves, and the split follows the calendar")
    )
    found = known.in_time(view)
    if found is None:
        widgets.finding(tr("No column of times is named. Name one on the Start page to see drift."))
        return
    if found.reason is not None:
        widgets.finding(
            tr(
                "{column} cannot be put in order: {reason}.",
                column=safe(found.column),
                reason=safe(found.reason, limit=200),
            )
        )
        return
    widgets.finding(row_words.time_finding(found), warn=row_words.has_drift(found))
    for text in (row_words.split_note(found), row_words.unread_note(found)):
        if text:
            widgets.note(text)
    if found.labelled.any():
        _periods(found)


def _periods(found: TimeOrder) -> None:
    chart = group_dots(
        found.periods,
        optional(found.share),
        low=optional(found.low),
        high=optional(found.high),
        n=[int(n) for n in found.labelled],
        small=[not bool(c) for c in found.compared],
        overall=found.overall,
        what=tr("Base rate"),
    )
    widgets.draw(chart, key="periods")
    if found.is_weighted:
        widgets.note(tr("Shares and intervals are weighted; the counts are rows."))
    widgets.how_to_read(
        tr(
            "From top to bottom in time: the share with the favourable outcome of each period with its 95 % "
            "interval. Grey rings have fewer than 30 rows with an outcome and are not tested."
        )
    )
    widgets.numbers(
        lambda: row_words.time_frame(found), name="periods", key="periods", people=row_words.OF_PERIODS
    )
