"""Column by column: what it holds, its outliers, and how it is spread by outcome and by group."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from rai_dash.charts._base import fewest_people
from rai_dash.charts.column_distribution import category_bars, number_histogram
from rai_dash.core.texts import tr
from rai_dash.data.distribution import ByGroup, by_group_of, by_outcome_of
from rai_dash.data.profile import ColumnProfile
from rai_dash.ui import controls, data_words, rights, widgets
from rai_dash.ui.profiling import column_words, known
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain

MOST_CATEGORIES = 20
#: Groups that get a chart of their own.
_DRAWN = 4


def columns(view: View) -> None:
    """Draw one column, and all of them as a table."""
    dataset, hidden = known.table(view), rights.hidden_columns(view)
    found = [p for p in known.profiles(view) if p.name not in hidden]
    by_name = {p.name: p for p in found}
    with st.container(border=True):
        if hidden:
            widgets.note(rights.hidden_note(len(hidden)))
        widgets.heading(
            tr("Column by column"),
            tr("{found} columns, {n_all} rows", found=count(len(found)), n_all=count(dataset.n_all)),
        )
        first = [c for c in (dataset.roles.target, *dataset.roles.sensitive) if c]
        one = by_name[controls.pick("Column", "column", list(dict.fromkeys([*first, *by_name])))]
        widgets.finding(column_words.sentence_of(one))
        if one.histogram is None and (not one.top or one.kind == "id"):
            widgets.note(
                tr(
                    "There is nothing to draw: the column is blank, names each row, or has too many values "
                    "to be counted."
                )
            )
        else:
            _spread(view, one)
        widgets.numbers(
            lambda: data_words.profile_frame(found), name="columns", key="columns", label=tr("All columns")
        )
    widgets.noticed(dataset.warnings)


def _spread(view: View, one: ColumnProfile) -> None:
    dataset = known.table(view)
    by_outcome = dataset.roles.target is not None and one.name != dataset.roles.target
    counts = view.judgement.memo.get(
        ("spread", one.name),
        lambda: by_outcome_of(dataset, one, top=MOST_CATEGORIES),
    )
    _draw(one, counts if by_outcome else counts.sum(axis=1), key="column")
    widgets.how_to_read(
        tr("The longer a bar, the more rows have its value; its parts are the outcomes of those rows.")
        if by_outcome
        else tr("The longer a bar, the more rows have its value.")
    )
    if by_outcome:
        widgets.paragraph(column_words.by_outcome(one, counts, labels_of(one)))
    sensitive = [c for c in dataset.roles.sensitive if c != one.name]
    if sensitive:
        _by_group(view, one, sensitive)


def labels_of(one: ColumnProfile) -> list[str]:
    """Name the bars of a column of categories."""
    shown = [label for label, _ in one.top[:MOST_CATEGORIES]]
    more = one.distinct - len(shown)
    return [*shown, tr("all other values ({more})", more=count(more))] if more > 0 else shown


def _draw(one: ColumnProfile, counts: NDArray[np.int64], *, key: str, group: str = "") -> None:
    if one.histogram is not None:
        chart = number_histogram(one.histogram.edges, counts)
    else:
        chart = category_bars(labels_of(one), counts)
    if group:
        chart = replace(chart, fewest=fewest_people(counts))
    widgets.draw(chart, key=key, title=group)


def _by_group(view: View, one: ColumnProfile, sensitive: list[str]) -> None:
    dataset = known.table(view)
    by = controls.pick(tr("By groups of"), "by", sensitive)
    found: ByGroup = view.judgement.memo.get(
        ("spread", one.name, by), lambda: by_group_of(dataset, one, by, top=MOST_CATEGORIES)
    )
    frame = column_words.group_frame(found)
    widgets.paragraph(column_words.by_group(one, frame))
    places = [i for i in np.argsort(-found.n, kind="stable") if found.n[i] > 0][:_DRAWN]
    if len(places) < int((found.n > 0).sum()):
        widgets.note(
            tr("The {places} largest groups are drawn; the table has all.", places=count(len(places)))
        )
    for k in range(0, len(places), 2):
        for box, i in zip(st.columns(2, gap="medium"), sorted(places)[k : k + 2], strict=False):
            with box:
                st.text(
                    tr("{groups}: {found} rows", groups=plain(found.groups[i]), found=count(int(found.n[i])))
                )
                _draw(one, found.bars[:, i], key=f"column_{i}", group=found.groups[i])
    widgets.how_to_read(
        tr("As above, for each group by itself: the axes of two groups need not be the same.")
    )
    widgets.numbers(
        lambda: frame,
        name="column_by_group",
        key="by_group",
        label=tr("By group"),
        people=column_words.OF_GROUPS,
    )
