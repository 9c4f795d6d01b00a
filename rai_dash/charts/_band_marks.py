"""What ``band_handles`` draws: the histogram with the band, and the three routes below it."""

from __future__ import annotations

from typing import Any

from rai_dash.charts import theme
from rai_dash.charts._band_signals import GRIP, LEFT, OPEN_HI, PLOT, REACH, RIGHT
from rai_dash.charts._band_sums import BINS
from rai_dash.charts._base import Spec, in_expression
from rai_dash.core.texts import tr

#: Pixels between the plots, of the row of a route, and for the sentence at the end.
GAP, ROW, FOOT = 62, 30, 26
_BAR = ROW - 10
_WIDTH = 1000 // BINS
# Pixels: the mean width of a bold letter, and a plot on a phone.
_LETTER, _NARROW = 6.6, 420


def _is(expr: str) -> Spec:
    return {"signal": expr}


def _all_values(channels: dict[str, Any]) -> Spec:
    """Let plain values stand for themselves."""
    return {name: given if isinstance(given, dict) else {"value": given} for name, given in channels.items()}


def _mark(kind: str, *, data: str | None = None, hand: bool = False, **channels: Any) -> Spec:
    """Return a mark; ``hand`` = the pointer feels it. The alternative text of the chart speaks for all."""
    mark: Spec = {"type": kind, "aria": False, "interactive": hand}
    if data:
        mark["from"] = {"data": data}
    return mark | {"encode": {"update": _all_values(channels)}}


def _text(**channels: Any) -> Spec:
    look: dict[str, Any] = {"font": theme.FONT, "fontSize": 12, "fill": _is("ink"), "baseline": "middle"}
    return _mark("text", **(look | channels))


def _halo(**channels: Any) -> list[Spec]:
    """Write text with a rim in the background's colour; rim first."""
    surface = _is("surface")
    rim: dict[str, Any] = {"stroke": surface, "strokeWidth": 4, "strokeJoin": "round", "fill": surface}
    return [_text(**channels, **rim), _text(**channels)]


def _rows(field: str) -> str:
    """Write a number of rows; a sum of weights is none."""
    n = f"format(datum.{field}, ',.0f')"
    weight, rows = (in_expression(said, n=n) for said in (tr("{n} by weight"), tr("{n} rows")))
    return f"(now && now.weighted ? {weight} : {rows})"


def _percent(thousandths: str) -> str:
    return f"format({thousandths} / 10, '.3~f') + ' %'"


def _bar(field: str, foot: str, head: str, outcome: str, paint: str | None) -> Spec:
    ends = in_expression(
        tr("{low} to {high}"),
        low=_percent(f"datum.bin * {_WIDTH}"),
        high=_percent(f"(datum.bin + 1) * {_WIDTH}"),
    )
    facts = {tr("Scores"): ends, tr("Outcome"): in_expression(outcome), tr("Applications"): _rows(field)}
    tip = f"{{{', '.join(f'{in_expression(name)}: {fact}' for name, fact in facts.items())}}}"
    inside = f"datum.bin * {_WIDTH} >= lo && (datum.bin + 1) * {_WIDTH} <= shown"
    return _mark(
        "rect",
        data="bins",
        hand=True,
        x=_is(f"scale('x', datum.bin * {_WIDTH})"),
        x2=_is(f"scale('x', (datum.bin + 1) * {_WIDTH})"),
        y=_is(f"scale('y', {foot})"),
        y2=_is(f"scale('y', {head})"),
        opacity=_is(f"datum.{field} > 0 ? 1 : 0"),
        fill=paint or _is("surface"),
        stroke=_is("surface" if paint else "muted"),
        strokeWidth=0.5 if paint else 1,
        tooltip=_is(tip),
        cursor=_is(f"{inside} ? 'grab' : 'default'"),
    )


def _bars() -> list[Spec]:
    """Return the bars: favourable outcomes up, unfavourable ones down, unknown ones as outlines on top."""
    return [
        _bar("good", "0", "sqrt(datum.good)", tr("favourable"), theme.APPROVED),
        _bar("unknown", "sqrt(datum.good)", "sqrt(datum.top)", tr("unknown"), None),
        _bar("bad", "0", "-sqrt(datum.bad)", tr("unfavourable"), theme.DECLINED),
    ]


def labels() -> list[Spec]:
    """Return the signals of the labels of the ends: what they say, and on which side of their line.

    A label points away from the band, unless it would leave the view.
    """
    no_low = in_expression(tr("open: the machine declines nobody"))
    no_high = in_expression(tr("open: the machine approves nobody"))
    low = f"lo <= 0 ? {no_low} : {in_expression(tr('declined below {score}'), score=_percent('lo'))}"
    high = f"hi >= {OPEN_HI} ? {no_high} : {in_expression(tr('approved from {score}'), score=_percent('hi'))}"
    left, right = f"{LEFT} + scale('x', lo)", f"{RIGHT} + plot - scale('x', shown)"
    return [
        {"name": "low_words", "update": low},
        {"name": "high_words", "update": high},
        {"name": "low_align", "update": f"{left} < {_LETTER} * length(low_words) ? 'left' : 'right'"},
        {"name": "high_align", "update": f"{right} < {_LETTER} * length(high_words) ? 'right' : 'left'"},
    ]


def _end(at: str, name: str, *, y: float) -> list[Spec]:
    """Return one end: its line, its grip, its label above the plot, and last the room in which it can be taken."""
    x, middle = f"scale('x', {at})", PLOT / 2
    ink: dict[str, Any] = {"stroke": _is("ink"), "strokeWidth": 2}
    bold: dict[str, Any] = {"fontWeight": 600}
    grip: dict[str, Any] = {
        "width": 12,
        "height": 36,
        "y": middle - 18,
        "cornerRadius": 6,
        "fill": _is("surface"),
    }
    zone: dict[str, Any] = {
        "width": 2 * REACH,
        "y": 0,
        "y2": PLOT,
        "fill": "transparent",
        "cursor": "ew-resize",
    }
    ridges = [_is(f"{x} + {dx}") for dx in (-2, 2)]
    return [
        _mark("rule", x=_is(x), y=y + 9, y2=PLOT, **ink),
        _mark("rect", xc=_is(x), **grip, **ink),
        *(_mark("rule", x=ridge, y=middle - 8, y2=middle + 8, stroke=_is("ink")) for ridge in ridges),
        *_halo(x=_is(x), y=y, text=_is(f"{name}_words"), align=_is(f"{name}_align"), **bold),
        _mark("rect", hand=True, xc=_is(x), **zone) | {"name": f"{name}_{GRIP}"},
    ]


def histogram() -> Spec:
    """Return the upper plot: the bars, the band in grey, the threshold, the two ends."""
    tall: dict[str, Any] = {"y": 0, "y2": PLOT}
    at = _is("scale('x', now ? now.threshold : 0)")
    turn = "now && now.threshold > 500"
    band: dict[str, Any] = {"x": _is("scale('x', lo)"), "x2": _is("scale('x', shown)"), "fill": theme.PERSON}
    marks = [
        _mark("rect", hand=True, **band, **tall, fillOpacity=0.2, cursor="grab"),
        *_bars(),
        # Over the bars, or tall ones would hide that a person decides there.
        _mark("rect", **band, **tall, fillOpacity=0.42),
        _mark("rule", x=0, x2=_is("plot"), y=_is("scale('y', 0)"), stroke=_is("muted")),
        _mark("rule", x=at, **tall, stroke=_is("ink"), strokeWidth=1.5, strokeDash=[4, 4]),
        *_end("lo", "low", y=-15),
        *_end("shown", "high", y=-31),
        *_halo(
            x=at,
            y=PLOT - 8,
            dx=_is(f"{turn} ? -5 : 5"),
            align=_is(f"{turn} ? 'right' : 'left'"),
            text=_is(f"now ? {in_expression(tr('threshold {score}'), score=_percent('now.threshold'))} : ''"),
        ),
    ]
    size = {"x": LEFT, "y": 0, "width": _is("plot"), "height": PLOT}
    return {"type": "group", "encode": {"update": _all_values(size)}, "axes": _axes(), "marks": marks}


def _axes() -> list[Spec]:
    look: Spec = {"domain": False, "ticks": False, "labelColor": _is("muted"), "titleColor": _is("muted")}
    look |= {"titleFontWeight": "normal", "labelFont": theme.FONT, "titleFont": theme.FONT}
    look |= {"labelFontSize": 12, "titleFontSize": 12, "labelPadding": 6}

    def labels(expr: str) -> Spec:
        return {"labels": {"update": {"text": _is(expr)}}}

    below = {
        "scale": "x",
        "orient": "bottom",
        "values": [0, 250, 500, 750, 1000],
        "title": tr("score (heights on a square-root scale)"),
    }
    up, down = in_expression(tr("favourable")), in_expression(tr("unfavourable"))
    sides = labels(f"datum.value > 0 ? {up} : {down}")
    beside = {"scale": "y", "orient": "left", "values": _is("down > 0 ? [-down / 2, up / 2] : [up / 2]")}
    return [
        look | below | {"encode": labels("datum.value / 10 + ' %'")},
        look | beside | {"encode": sides},
    ]


def routes() -> Spec:
    """Return the lower plot: a bar for each route, of 1,000 applications, and how often the machine is wrong."""
    y = {"scale": "route", "field": "key"}
    middle, end = y | {"offset": _BAR / 2}, "max(40, plot - 200) * datum.share"
    shown = in_expression(
        tr("{n} of {all} · {rows}"),
        n="format(datum.per_1000, ',.0f')",
        all="format(1000, ',.0f')",
        rows=_rows("value"),
    )
    figures = {
        "share": "format(100 * datum.wrong / datum.judged, '.1f') + ' %'",
        "wrong": "format(datum.wrong, ',.0f')",
        "judged": "format(datum.judged, ',.0f')",
    }
    short = in_expression(tr("wrong when it decides alone: {share}, {wrong} of {judged}"), **figures)
    whole = in_expression(
        tr("wrong when it decides alone: {share}, {wrong} of {judged} whose outcome is known"), **figures
    )
    none = in_expression(tr("wrong when it decides alone: –"))
    wrong = f"datum.judged > 0 ? (plot < {_NARROW} ? {short} : {whole}) : {none}"
    marks = [
        _mark(
            "rect", data="routes", x=0, x2=_is(end), y=y, height=_BAR, fill={"scale": "paint", "field": "key"}
        ),
        _text(data="routes", x=-10, y=middle, align="right", text={"scale": "name", "field": "key"}),
        _text(data="routes", x=_is(f"{end} + 8"), y=middle, text=_is(shown)),
        _text(
            data="sums",
            x=_is(f"plot < {_NARROW} ? {-LEFT} : 0"),
            y=3 * ROW + 8,
            limit=_is(f"plot < {_NARROW} ? width : plot"),
            text=_is(wrong),
        ),
    ]
    place = {"x": LEFT, "y": PLOT + GAP, "width": _is("plot")}
    return {"type": "group", "encode": {"update": _all_values(place)}, "marks": marks}
