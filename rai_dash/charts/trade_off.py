"""What each mitigation trial gains in fairness and pays in accuracy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    halo_text,
    in_expression,
    legend,
    legend_height,
    part,
    percent_axis,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, number, plain_names
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import percent, points

ALT = mark(
    "One numbered dot with 95 % intervals both ways for each trial, accuracy upwards against the gap "
    "between groups to the right; the names are in the list above. The base model is a square. The "
    "larger the halo, the more decisions flip with the random seed. The dotted line joins the trials "
    "that no other one beats in both, by their point estimates alone. The table below has the numbers."
)
MAX_TRIALS = 10
GAPS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
SPANS = (0.1, 0.2, 0.3, 0.5)
#: Area of the halo at this share of flips and above; in between in proportion.
_FLIPS, _HALO = 0.5, 5000
# Where a number may stand beside its dot, in pixels, the best place first.
_PLACES = ((13, -13), (-13, -13), (13, 13), (-13, 13), (0, -21), (0, 21), (24, 0), (-24, 0), (26, -22), (-26, -22),
           (26, 22), (-26, 22), (0, -36), (0, 36), (40, 0), (-40, 0))  # fmt: skip
# Sizes of the plot, from a phone to a wide screen, at which numbers have to be clear of dots and each other.
_WIDTHS, _HEIGHT, _CLEAR = (270.0, 450.0, 700.0, 1000.0), 270.0, 17.0


@dataclass(frozen=True, slots=True)
class Trial:
    """One way of training or deciding, judged on rows it was not trained on.

    Parameters
    ----------
    name : str
        What was tried.
    accuracy, accuracy_low, accuracy_high : float or None
        Share in [0, 1] and its 95 % interval; None or NaN = undefined.
    gap, gap_low, gap_high : float or None
        Largest minus smallest rate over the groups, in [0, 1], and its 95 % interval.
    flips : float or None
        Share of people whose decision changes with the random seed, in [0, 1].
    is_base : bool
        Whether it is the model as it was before.
    """

    name: str
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    gap: float | None
    gap_low: float | None
    gap_high: float | None
    flips: float | None
    is_base: bool


@cached_template(TEMPLATES)
def _template(
    entries: tuple[str, ...], x_top: float, y_ends: tuple[float, float], titles: tuple[str, str]
) -> Spec:
    x_axis = percent_axis(
        title=titles[0],
        values=[x_top * i / 5 for i in range(6)],
        labelExpr=in_expression(tr("{n} pts"), n="replace(format(datum.value * 100, '.2~f'), '-', '−')"),
    )
    low, high = y_ends
    y_axis = percent_axis(
        title=titles[1],
        values=[low + (high - low) * i / 5 for i in range(6)],
        labelExpr="format(datum.value * 100, '.3~g') + ' %'",
    )
    scales = alt.Scale(domain=[0, x_top], nice=False), alt.Scale(domain=list(y_ends), nice=False, zero=False)

    def at(x: str = "x", y: str = "y") -> dict[str, alt.X | alt.Y]:
        return {
            "x": alt.X(f"{x}:Q", scale=scales[0], axis=x_axis),
            "y": alt.Y(f"{y}:Q", scale=scales[1], axis=y_axis),
        }

    facts = tooltips(
        name=tr("Trial"),
        y_text=titles[1],
        y_interval=tr("95 % interval"),
        x_text=titles[0],
        x_interval=tr("95 % interval (gap)"),
        flips_text=tr("Decisions that flip with the seed"),
    )
    ink = (
        alt.when("datum.base").then(alt.value(theme.shade("ink"))).otherwise(alt.value(theme.shade("accent")))
    )
    # The names live in the domain of a scale that paints nothing; its legend is their list.
    listed = alt.Fill(
        "entry:N",
        scale=alt.Scale(domain=list(entries), range=[theme.shade("surface")]),
        legend=legend(len(entries), columns=1, width=300, symbolOpacity=0, labelLimit=280),
    )
    rule: dict[str, Any] = {"strokeWidth": 2, "opacity": 0.4, "clip": True, "aria": False}
    layers = [
        part("trial")
        .mark_point(filled=True, opacity=0.18, color=theme.shade("accent"), aria=False)
        .encode(**at(), size=alt.Size("halo:Q", scale=None)),
        part("frontier")
        .mark_line(
            strokeDash=[2, 4],
            strokeWidth=1.5,
            interpolate="step-after",
            color=theme.shade("muted"),
            aria=False,
        )
        .encode(**at(), order="x:Q"),
        part("trial").mark_rule(**rule).encode(**at(x="x_low"), x2="x_high:Q", color=ink),
        part("trial").mark_rule(**rule).encode(**at(y="y_low"), y2="y_high:Q", color=ink),
        part("trial").mark_point(size=1, opacity=0, aria=False).encode(**at(), fill=listed),
        part("trial")
        .mark_point(size=110, filled=True, opacity=1, stroke=theme.shade("surface"), strokeWidth=1.5)
        .encode(
            **at(),
            color=ink,
            shape=alt.when("datum.base").then(alt.value("square")).otherwise(alt.value("circle")),
            tooltip=facts,
            description="description:N",
        ),
    ]
    beside = {"dx": alt.ExprRef(expr="datum.dx"), "dy": alt.ExprRef(expr="datum.dy")}
    layers += halo_text(
        part("trial"), {**at(), "text": "number:N"}, baseline="middle", fontWeight=700, fontSize=13, **beside
    )
    halo = part("halo").mark_text(
        x=alt.ExprRef(expr="width - 4"),
        y=alt.ExprRef(expr="height - 8"),
        align="right",
        color=theme.shade("muted"),
    )
    layers.append(halo.encode(text="label:N"))
    note = part("note").mark_text(x=2, y=4, align="left", baseline="top", color=theme.shade("muted"))
    layers.append(note.encode(text="label:N"))
    top = 6 + legend_height(len(entries), columns=1)
    return template(layers, height=330 + top, top=top, right=22)


def trade_off(trials: Sequence[Trial], *, gap_title: str, accuracy_title: str) -> Chart:
    """Draw accuracy against the gap between groups.

    Parameters
    ----------
    trials : sequence of Trial
        At most 10, numbered in this order. One without a gap or without an accuracy is named in a note instead.
    gap_title, accuracy_title : str
        Titles of the axes in our words; not from a file.

    Raises
    ------
    ValueError
        More than 10 trials.
    """
    if len(trials) > MAX_TRIALS:
        msg = (
            f"This chart shows at most {MAX_TRIALS} trials, got {len(trials)}. Keep the ones to choose from."
        )
        raise ValueError(msg)
    names = plain_names([trial.name for trial in trials])
    entries = tuple(f"{i + 1}  {name}" for i, name in enumerate(names))
    spots = {
        i: (x, y)
        for i, trial in enumerate(trials)
        if (x := number(trial.gap)) is not None and (y := number(trial.accuracy)) is not None
    }
    x_top, y_ends = _axes(trials, spots)
    rows: list[dict[str, object]] = [
        {"part": "frontier", "x": x, "y": y} for x, y in _frontier(list(spots.values()))
    ]
    offsets = _beside([(x / x_top, (y_ends[1] - y) / (y_ends[1] - y_ends[0])) for x, y in spots.values()])
    for (i, (x, y)), (dx, dy) in zip(spots.items(), offsets, strict=True):
        trial = _row(trials[i], names[i], x, y)
        rows.append(trial | {"number": str(i + 1), "entry": entries[i], "dx": dx, "dy": dy})
    rows.append({"part": "halo", "label": tr("halo: decisions that flip with the seed")})
    left = [str(i + 1) for i in range(len(trials)) if i not in spots]
    if left:
        rows.append({"part": "note", "label": tr("not drawn, undefined: {left}", left=", ".join(left))})
    return Chart(_template(entries, x_top, y_ends, (gap_title, accuracy_title)), pd.DataFrame(rows), tr(ALT))


def _row(trial: Trial, name: str, x: float, y: float) -> dict[str, object]:
    def end(value: float | None, otherwise: float) -> float:
        known = number(value)
        return otherwise if known is None else known

    flips = number(trial.flips)
    gap = points(x)
    spread = _span(trial.gap_low, trial.gap_high, points)
    told = tr(
        "{name}: accuracy {y}, gap {gap}, 95 % interval {spread}",
        name=name,
        y=percent(y, digits=1),
        gap=gap,
        spread=spread,
    )
    return {
        "part": "trial",
        "name": name,
        "base": trial.is_base,
        "x": x,
        "y": y,
        "x_low": end(trial.gap_low, x),
        "x_high": end(trial.gap_high, x),
        "y_low": end(trial.accuracy_low, y),
        "y_high": end(trial.accuracy_high, y),
        "halo": _HALO * min(flips or 0.0, _FLIPS) / _FLIPS,
        "x_text": gap,
        "y_text": percent(y, digits=1),
        "x_interval": spread,
        "y_interval": _span(trial.accuracy_low, trial.accuracy_high, partial(percent, digits=1)),
        "flips_text": percent(flips),
        "description": tr("{told}, {flips} of decisions flip", told=told, flips=percent(flips)),
    }


def _span(low: float | None, high: float | None, write: Callable[[float | None], str]) -> str:
    return (
        DASH
        if number(low) is None or number(high) is None
        else tr("{write} to {write_high}", write=write(low), write_high=write(high))
    )


def _axes(
    trials: Sequence[Trial], spots: dict[int, tuple[float, float]]
) -> tuple[float, tuple[float, float]]:
    """Return the end of the gap's axis and both ends of the accuracy's: few of them, so few templates."""

    def drawn(*values: float | None) -> list[float]:
        return [known for value in values if (known := number(value)) is not None]

    gaps, shares = [0.0], []
    for i in spots:
        trial = trials[i]
        gaps += drawn(trial.gap, trial.gap_high)
        shares += drawn(trial.accuracy, trial.accuracy_low, trial.accuracy_high)
    lowest, highest = min(shares, default=0.0), max(shares, default=1.0)
    for span in SPANS:
        low = min(math.floor(lowest * 20) / 20, 1 - span)
        if low >= 0 and highest <= low + span:
            return stepped(max(gaps), GAPS), (round(low, 2), round(low + span, 2))
    return stepped(max(gaps), GAPS), (0.0, 1.0)


def _frontier(spots: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points that no other beats in one and equals in the other, by gap; none if it is a single one."""
    best: list[tuple[float, float]] = []
    for x, y in sorted(set(spots), key=lambda spot: (spot[0], -spot[1])):
        if not best or y > best[-1][1]:
            best.append((x, y))
    return best if len(best) > 1 else []


def _beside(spots: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    """Place each number beside its dot, clear of other dots, other numbers and the edges at every width.

    Parameters
    ----------
    spots : sequence of (x, y)
        Shares of the plot's width and height, from the left and from the top.
    """
    placed: list[tuple[int, int]] = []
    for k in range(len(spots)):
        crowding = [_crowding(spots, placed, k, place) for place in _PLACES]
        placed.append(_PLACES[crowding.index(min(crowding))])
    return placed


def _crowding(
    spots: Sequence[tuple[float, float]], placed: Sequence[tuple[int, int]], k: int, place: tuple[int, int]
) -> float:
    """Return by how many pixels a number at this place is too near to something, over all widths."""
    total = 0.0
    for width in _WIDTHS:
        dots = [(x * width, y * _HEIGHT) for x, y in spots]
        x, y = dots[k][0] + place[0], dots[k][1] + place[1]
        numbers = [(dots[i][0] + dx, dots[i][1] + dy) for i, (dx, dy) in enumerate(placed)]
        nearest = [math.hypot(x - a, y - b) for a, b in (*dots[:k], *dots[k + 1 :], *numbers)]
        edges = (x, width - x, y, _HEIGHT - y)
        total += sum(max(0.0, _CLEAR - d) for d in nearest) + sum(max(0.0, 8.0 - d) for d in edges)
    return total
