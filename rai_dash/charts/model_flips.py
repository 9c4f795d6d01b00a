"""Who a candidate decides differently: approved now to the right, declined now to the left, by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    fewest_people,
    legend,
    legend_height,
    named_y,
    part,
    round_ticks,
    rows_height,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._words import count, interval, percent, plain_names
from rai_dash.core.texts import mark, tr

ALT = mark(
    "One line for each group: to the right the share that the candidate approves and the present model "
    "declines, to the left the share that it declines and the present model approves. Strong colour is "
    "right by the known outcome, pale is wrong, grey has no known outcome. The table below has the "
    "numbers."
)
MAX_GROUPS: Final = 40
REACHES: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0)
#: Kinds of segments in the order of the legend: side and what is known.
KINDS: Final = (
    mark("approved now, rightly"),
    mark("approved now, wrongly"),
    mark("declined now, rightly"),
    mark("declined now, wrongly"),
    mark("outcome not known"),
)
_COLORS: Final = (theme.APPROVED, theme.APPROVED, theme.DECLINED, theme.DECLINED, theme.PERSON)
_STRENGTH: Final = (1.0, 0.4, 1.0, 0.4, 0.7)
#: Absolute shares on both sides of the line.
_AXIS: Final = "format(abs(datum.value) * 100, '.3~g') + ' %'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Rows of one group that move in one direction: rightly, wrongly, and with no known outcome."""

    right: int
    wrong: int
    unknown: int
    low: float | None
    high: float | None

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.right + self.wrong + self.unknown


def largest(sizes: Sequence[float]) -> list[int]:
    """Return the places of at most as many groups as are drawn: the largest, in their order."""
    return sorted(sorted(range(len(sizes)), key=lambda g: -sizes[g])[:MAX_GROUPS])


@cached_template(TEMPLATES)
def _template(groups: tuple[str, ...], reach: float) -> Spec:
    y = named_y("group", groups)
    # Room for the counts at the ends of the bars.
    edge = reach * 1.3
    axis = alt.Axis(title=None, values=round_ticks(reach), labelExpr=_AXIS)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[-edge, edge], nice=False), axis=axis)

    domain = [tr(kind) for kind in KINDS]
    # Small and close together, it has room in a card on a phone.
    key = legend(len(KINDS), columns=2, width=246, labelLimit=170, labelFontSize=11, columnPadding=4)
    color = alt.Color("kind:N", scale=alt.Scale(domain=domain, range=list(_COLORS)), legend=key)
    strength = alt.Opacity(
        "kind:N", scale=alt.Scale(type="ordinal", domain=domain, range=list(_STRENGTH)), legend=key
    )
    side, gap = (alt.ExprRef(expr=f"datum.x < 0 ? {a} : {b}") for a, b in (("'right'", "'left'"), (-6, 6)))
    layers = [
        part("segment")
        .mark_bar(size=16)
        .encode(
            x=x("start"),
            x2="stop:Q",
            y=y,
            color=color,
            opacity=strength,
            tooltip=tooltips(
                group=tr("Group"), kind=tr("Decision"), rows_text=tr("Applications"), share_text=tr("Share")
            ),
            description="description:N",
        ),
        part("zero").mark_rule(color=theme.shade("muted"), strokeWidth=1.5, aria=False).encode(x=x("start")),
        part("side")
        .mark_text(align=side, dx=gap)
        .encode(x=x("x"), y=y, text="label:N", description="description:N"),
        part("none")
        .mark_text(align="left", dx=6, color=theme.shade("muted"), aria=False)
        .encode(x=x("x"), y=y, text="label:N"),
    ]
    height = rows_height(len(groups), extra=20 + legend_height(len(KINDS), columns=2))
    return template(layers, height=height, top=10 + legend_height(len(KINDS), columns=2))


def model_flips(
    groups: Sequence[str], approved: Sequence[Moved], declined: Sequence[Moved], *, decided: Sequence[int]
) -> Chart:
    """Draw the decisions that change.

    Parameters
    ----------
    groups : sequence of str (G,)
        Names in their fixed order, at most 40.
    approved, declined : sequence of Moved (G,)
        Approved by the candidate only, and by the present model only.
    decided : sequence of int (G,)
        Applications of the group that both decide about.

    Raises
    ------
    ValueError
        More than 40 groups.
    """
    if len(groups) > MAX_GROUPS:
        msg = f"This chart shows at most {MAX_GROUPS} groups, got {len(groups)}. Keep the largest."
        raise ValueError(msg)
    names = plain_names(groups)
    rows: list[dict[str, object]] = [{"part": "zero", "start": 0.0}]
    largest = 0.0
    for i, name in enumerate(names):
        total = decided[i]
        for sign, moved in ((1.0, approved[i]), (-1.0, declined[i])):
            if total and moved.rows:
                rows += _side(name, sign, moved, total)
                largest = max(largest, moved.rows / total)
        if not approved[i].rows and not declined[i].rows:
            text = tr("nobody") if total else tr("nobody to decide about")
            rows.append({"part": "none", "group": name, "x": 0.0, "label": text})
    moves = [*approved, *declined]
    people = fewest_people(*((m.right, m.wrong, m.unknown, m.rows) for m in moves), decided)
    return Chart(_template(names, stepped(largest, REACHES)), pd.DataFrame(rows), tr(ALT), people)


def _side(name: str, sign: float, moved: Moved, total: int) -> list[dict[str, object]]:
    """Lay the segments of one direction side by side, and write their sum at the end."""
    first = 0 if sign > 0 else 2
    kinds = (tr(KINDS[first]), tr(KINDS[first + 1]), tr(KINDS[4]))
    found: list[dict[str, object]] = []
    at = 0.0
    for kind, n in zip(kinds, (moved.right, moved.wrong, moved.unknown), strict=True):
        if n:
            share = n / total
            text = tr("{n} of {total}", n=count(n), total=count(total))
            found.append(
                {
                    "part": "segment", "group": name, "kind": kind, "start": sign * at, "stop": sign * (at + share),
                    "rows_text": text, "share_text": percent(share), "description": f"{name}, {kind}: {text}",
                }
            )  # fmt: skip
            at += share
    ends = interval(moved.low, moved.high)
    said = tr(
        "{name}: {rows} of {total}, 95 % interval {ends}",
        name=name,
        rows=count(moved.rows),
        total=count(total),
        ends=ends,
    )
    found.append(
        {"part": "side", "group": name, "x": sign * at, "label": count(moved.rows), "description": said}
    )
    return found
