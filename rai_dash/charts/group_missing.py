"""How often a column is blank in each group: a table of coloured cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    FloatLike,
    Spec,
    cached_template,
    fewest_people,
    named_x,
    named_y,
    shares_of,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._cells import RAMP_HEIGHT, cell_layers, cell_texts, ramp_legend
from rai_dash.charts._words import count, number, percent, plain_names
from rai_dash.core.texts import mark, tr

ALT = mark(
    "A table of cells, columns of the data by groups. The stronger the colour, the larger the share of "
    "the group's rows in which the column is blank; each cell has its share. A star is a difference to "
    "all other groups shown by the test. Grey cells have few rows, outlined ones none. The table below "
    "has the numbers."
)
MAX_COLUMNS, MAX_GROUPS = 20, 20
#: Where the colour may be strongest.
TOPS = (0.05, 0.1, 0.25, 0.5, 1.0)


@cached_template(TEMPLATES)
def _template(columns: tuple[str, ...], groups: tuple[str, ...], top: float) -> Spec:
    place: dict[str, Any] = {
        "x": named_x("group", groups),
        "y": named_y("column", columns, labelLimit=160 if len(groups) <= 4 else 110),
    }
    facts = tooltips(
        column=tr("Column"),
        group=tr("Group"),
        value_text=tr("Blank"),
        n_text=tr("Rows of the group"),
        finding=tr("Finding"),
    )
    color = alt.Color(
        "shade:Q",
        scale=alt.Scale(domain=[0, top], range="ramp", clamp=True),
        legend=ramp_legend(
            [0, top], label="(datum.value > 0 ? '' : 'blank in ') + round(datum.value * 100) + ' %'"
        ),
    )
    layers = cell_layers(place, facts, color)
    height = 30 * len(columns) + 60 + RAMP_HEIGHT
    return template(layers, height=height, right=24, bottom=RAMP_HEIGHT)


def group_missing(
    columns: Sequence[str],
    groups: Sequence[str],
    shares: Sequence[FloatLike],
    *,
    n: Sequence[int],
    starred: Sequence[Sequence[bool]],
    small: Sequence[bool] = (),
) -> Chart:
    """Draw the share of blanks by column and group.

    Parameters
    ----------
    columns : sequence of str (C,)
        Columns from top to bottom, at most 20: the caller leaves out the ones that are never blank.
    groups : sequence of str (G,)
        Groups in their fixed order, at most 20.
    shares : nested sequence of float or None (C, G)
        Share of the group's rows in which the column is blank, in [0, 1]; None or NaN = undefined.
    n : sequence of int (G,)
        Rows of each group.
    starred : nested sequence of bool (C, G)
        Whether the test shows that the group differs from all others.
    small : sequence of bool (G,), optional
        Groups with too few rows; grey and without a star.

    Raises
    ------
    ValueError
        More than 20 columns or 20 groups.
    """
    if len(columns) > MAX_COLUMNS or len(groups) > MAX_GROUPS:
        msg = (
            f"This chart shows at most {MAX_COLUMNS} columns and {MAX_GROUPS} groups, got {len(columns)} and "
            f"{len(groups)}. Keep the columns with the largest differences and the largest groups."
        )
        raise ValueError(msg)
    names, titles = plain_names(columns), plain_names(groups)
    few = [bool(small[j]) if j < len(small) else False for j in range(len(groups))]
    data, drawn = [], [0.0]
    for i, column in enumerate(names):
        for j, group in enumerate(titles):
            share = number(shares[i][j])
            kind = "none" if share is None else "few" if few[j] else "cell"
            drawn += [share] if kind == "cell" and share is not None else []
            star = bool(starred[i][j]) and kind == "cell"
            data.append(_row(column, group, share, n[j], kind=kind, star=star))
    people = fewest_people(n, *(shares_of(row, n) for row in shares))
    return Chart(_template(names, titles, stepped(max(drawn), TOPS)), pd.DataFrame(data), tr(ALT), people)


def _row(column: str, group: str, share: float | None, n: int, *, kind: str, star: bool) -> dict[str, object]:
    shown, n_text = percent(share), count(n)
    tested = (
        tr("differs from all others, shown by the test") if star else tr("no difference shown by the test")
    )
    finding = {"cell": tested, "few": tr("few rows: enters no test"), "none": tr("no rows")}[kind]
    return {
        "part": kind,
        "column": column,
        "group": group,
        "shade": share,
        **cell_texts(shown, star=star),
        "value_text": shown,
        "n_text": n_text,
        "finding": finding,
        "description": tr(
            "{column}, {group}: blank in {shown} of {n} rows, {finding}",
            column=column,
            group=group,
            shown=shown,
            n=n_text,
            finding=finding,
        ),
    }
