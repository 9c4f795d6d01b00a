"""Every applicant as a dot: how a column moves whose scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from rai_dash.charts.beeswarm import SwarmLine
from rai_dash.charts.beeswarm import beeswarm as draw_swarm
from rai_dash.core.texts import tr
from rai_dash.explain.drivers.swarm import Swarm, beeswarm
from rai_dash.report.drivers_views import QUANTILES
from rai_dash.ui import rights, widgets
from rai_dash.ui.drivers import words
from rai_dash.ui.drivers.look import Look
from rai_dash.ui.text import count, percent, plain, safe

#: The chart adds one mark.
_MARKS = 1_999


def swarm(look: Look) -> None:
    """Draw a dot an applicant and column, for those who may see single applications; the others get the table."""
    if not rights.rows_shown():
        widgets.numbers(lambda: spread_frame(look), name="contributions_spread", key="swarm")
        return
    found = beeswarm(look.table.values, look.table.names, look.rows, most_marks=_MARKS)
    widgets.finding(_finding(look, found))
    with st.container(border=True):
        widgets.heading(tr("What each column did to each applicant"), words.explained_line(look))
        lines = [
            SwarmLine(name=c.name, value=c.value, offset=c.offset, place=c.place, text=c.text)
            for c in found.columns
        ]
        widgets.draw(draw_swarm(lines, space=look.space), key="swarm")
        widgets.how_to_read(
            tr(
                "One dot is one applicant: right of the middle the column pushed the score up, left down. "
                "Colour is the applicant's own value, low to high; categories and blanks are grey (hover "
                "says which)."
            )
        )
        widgets.note(_shown(found))
    widgets.numbers(lambda: spread_frame(look), name="contributions_spread", key="swarm")
    widgets.numbers(
        lambda: everyone_frame(look), name="contributions", key="swarm_all", label=tr("Every applicant's contributions")
    )  # fmt: skip


def _shown(found: Swarm) -> str:
    drawn = tr("Every row is drawn") if found.shown == found.of else (
        tr("{shown} of {of} rows a column are drawn, evenly by rank of what the column did, so that shape "
"and extremes stay; a row in one line need not be in the next", shown=count(found.shown), of=count(found.of))
    )  # fmt: skip
    left = (
        tr("; {left_out} columns that matter less are left out", left_out=count(found.left_out))
        if found.left_out
        else ""
    )
    return f"{drawn}{left}."


def _finding(look: Look, found: Swarm) -> str:
    """Say of the largest column whom it moves which way and how far it reaches."""
    if not found.columns:
        return tr("The model has no columns.")
    name = found.columns[0].name
    values = look.table.values[:, look.table.names.index(name)]
    low, high = np.quantile(values, (0.05, 0.95))
    up = float((values > 0).mean())
    return tr(
        "**{name}** reaches furthest: for nine of ten applicants it lies between {amount} and "
        "{amount_space}, and it pushes {up} of them up.",
        name=safe(name),
        amount=words.amount(float(low), look.space, signed=True),
        amount_space=words.amount(float(high), look.space, signed=True),
        up=percent(up),
    )


def spread_frame(look: Look) -> pd.DataFrame:
    """Return one row a column with quantiles of its contributions."""
    table, order = look.table, look.importance.order
    quantiles = np.quantile(table.values, QUANTILES, axis=0)
    frame = pd.DataFrame({"column": [plain(table.names[i]) for i in order]})
    for share, values in zip(QUANTILES, quantiles, strict=True):
        frame[f"{share:.0%} quantile"] = values[order]
    frame["share above 0"] = (table.values > 0).mean(axis=0)[order]
    return frame


def everyone_frame(look: Look) -> pd.DataFrame:
    """Return one row an applicant: where it stands in the file, the start, all contributions and the output."""
    rights.require_rows()
    table = look.table
    frame = pd.DataFrame({"row": look.judgement.positions[look.everyone.at] + 1, "start": table.base})
    for j in look.importance.order:
        frame[plain(table.names[j])] = table.values[:, j]
    frame["output"] = table.output
    return frame
