"""Blanks: which columns are blank, and for whom, by group or by outcome."""

from __future__ import annotations

import numpy as np
import streamlit as st

from rai_dash.charts.group_missing import MAX_GROUPS, group_missing
from rai_dash.core.texts import tr
from rai_dash.data.blanks import Blanks
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import controls, widgets
from rai_dash.ui.frames import optional
from rai_dash.ui.profiling import known
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain
from rai_dash.ui.why import most_telling
from rai_dash.ui.why_words import blanks_finding, blanks_frame

_OF_BLANKS = GroupTable(line=("column",), shares=(("blank", "rows"),), linked=False)


def blank_cells(view: View) -> None:
    """Draw the blank cells by the groups of a sensitive column, or by the outcome."""
    roles = known.table(view).roles
    by = [*roles.sensitive, *([roles.target] if roles.target else [])]
    with st.container(border=True):
        widgets.heading(
            tr("Blank cells"), tr("The share of each group, or of each outcome, for whom a column is blank")
        )
        if not by:
            widgets.notice(tr("No sensitive column and no outcome is named, so blanks cannot be compared."))
            return
        names = (
            {roles.target: tr("{target} (the outcome)", target=plain(roles.target))} if roles.target else {}
        )
        found = known.blanks(view, controls.pick(tr("Groups of"), "by", by, names))
        widgets.finding(blanks_finding(found), warn=bool(found.starred.any()))
        if found.has_blanks.any():
            _draw(found)
        else:
            widgets.note(
                tr(
                    "Codes that stand for a blank, such as −9, count as values until they are read as "
                    "missing."
                )
            )


def _draw(found: Blanks) -> None:
    rows = most_telling(found)
    places = sorted(np.argsort(-found.n, kind="stable")[:MAX_GROUPS].tolist())
    places = [i for i in places if found.n[i] > 0]
    if len(rows) < int(found.has_blanks.sum()):
        widgets.note(
            tr(
                "The {rows} columns with the strongest evidence of a difference are drawn; the table has all.",
                rows=count(len(rows)),
            )
        )
    chart = group_missing(
        [found.columns[c] for c in rows],
        [found.groups[i] for i in places],
        [optional(found.share[c, places]) for c in rows],
        n=[int(found.n[i]) for i in places],
        starred=[[bool(s) for s in found.starred[c, places]] for c in rows],
        small=[not bool(found.compared[i]) for i in places],
    )
    widgets.draw(chart, key="blanks")
    widgets.how_to_read(
        tr(
            "One cell is one column in one group: the stronger the colour, the more of the group's cells are "
            "blank. A star is a difference to all other groups shown by the test, adjusted for the groups "
            "and columns tried: exploratory."
        )
    )
    widgets.numbers(lambda: blanks_frame(found), name="blanks", key="blanks", people=_OF_BLANKS)
