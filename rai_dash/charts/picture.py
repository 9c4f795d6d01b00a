"""Charts as pictures outside the browser: SVG for pages and print, PNG for slides.

The look is the one of the page: the theme that Streamlit merges in the browser is merged here, with the same colours.
Nothing is fetched: data of another address is refused, and letters come from a font that the drawing library brings.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal
from xml.sax.saxutils import quoteattr

from rai_dash.charts import theme as look
from rai_dash.charts._base import LABEL_LIMIT, Chart, Spec
from rai_dash.charts._words import STAR
from rai_dash.charts.drawing import draw, draw_apart

Theme = Literal["light", "dark"]
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
#: Pixels of a picture that goes across a page.
WIDTH: Final = 680
#: The first is what the drawing library measures letters with; the others are as wide, where a reader lacks it.
FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
#: Pixels, as in Streamlit's theme with the base size of ``.streamlit/config.toml``.
_SMALL, _NORMAL = 12, 14
_LABEL_LIMIT = 260
#: Pixels of a line of notes.
_LINE = 16
_TAG = re.compile(r"<[A-Za-z][^>]*>")
#: Names inside of one picture, which another picture on the same page may have too.
_NAME = re.compile(r'(\bid="|url\(#|href="#)([^")]+)')


def svg(
    chart: Chart,
    *,
    width: int = WIDTH,
    theme: Theme = "light",
    notes: Sequence[str] = (),
    apart: bool = False,
) -> str:
    """Draw a chart as an SVG element that can stand alone or inside of a page.

    Parameters
    ----------
    chart : Chart
        What a page would draw.
    width : int
        Pixels, with axes and padding; the height is the chart's own.
    theme : {'light', 'dark'}
        Which colours.
    notes : sequence of str
        Lines below the chart that say what it rests on, for a picture that goes without its page.
    apart : bool
        In a process of its own, for callers beside whom others are at work.

    Returns
    -------
    str
        One ``<svg>`` element, with the chart's text alternative; equal charts give equal text.
    """
    drawn = (draw_apart if apart else draw)(_filled(chart, width, theme, notes), "svg")
    return _named(drawn.decode(), chart.alt)


def png(
    chart: Chart,
    *,
    width: int = WIDTH,
    theme: Theme = "light",
    notes: Sequence[str] = (),
    scale: float = 2.0,
    apart: bool = False,
) -> bytes:
    """Draw a chart as a PNG of ``scale`` points a pixel; see `svg`."""
    # The font has no star, and a machine may have no other font.
    spec = json.loads(json.dumps(_filled(chart, width, theme, notes), ensure_ascii=False).replace(STAR, "*"))
    return (draw_apart if apart else draw)(spec, "png", scale)


def _filled(chart: Chart, width: int, theme: Theme, notes: Sequence[str]) -> Spec:
    """Return the template with its data, width and look, as the browser puts them together."""
    if theme not in THEMES:
        msg = f"No theme is called {theme!r}. There are: {', '.join(THEMES)}."
        raise ValueError(msg)
    rows = json.loads(chart.data.to_json(orient="records"))
    spec = _for_paper(chart.spec)
    spec |= {"width": width, "config": _merged(_streamlit(theme), spec.get("config", {}))}
    if notes:
        _noted(spec, list(notes), width)
    if "layer" in spec:
        return spec | {"data": {"values": rows}}
    # What the browser sends back is nothing to Vega, and its tables are a list.
    spec.pop("params", None)
    return spec | {
        "data": [{"name": spec["data"]["name"], "values": rows}],
        "background": look.SURFACE[_place(theme)],
    }


def _noted(spec: Spec, notes: list[str], width: int) -> None:
    """Write lines below a chart, in room of their own."""
    room = _LINE * len(notes) + _LINE // 2
    spec["height"] += room
    if "layer" in spec:
        style = {"anchor": "start", "fontSize": 11, "fontWeight": "normal", "lineHeight": _LINE}
        place = {"orient": "bottom", "offset": _LINE // 2, "limit": width - 8}
        spec["title"] = {"text": notes, "color": {"expr": "muted"}} | style | place
        return
    place = {"x": {"value": 4}, "y": {"value": spec["height"] - room + _LINE}, "limit": {"value": width - 8}}
    text = {"text": {"value": notes}, "fontSize": {"value": 11}, "lineHeight": {"value": _LINE}}
    ink = {"font": {"value": FONT}, "fill": {"signal": "muted"}}
    spec["marks"].append({"type": "text", "encode": {"update": place | text | ink}})


def _for_paper(template: Spec) -> Spec:
    """Copy a template with a font that is here, and with room for names, which nobody can point at to read the rest."""
    text = json.dumps(template).replace(json.dumps(look.FONT), json.dumps(FONT))
    spec: Spec = json.loads(text.replace(f'"labelLimit": {LABEL_LIMIT}', f'"labelLimit": {_LABEL_LIMIT}'))
    return spec


def _place(theme: Theme) -> int:
    return THEMES.index(theme)


def _merged(under: Spec, over: Spec) -> Spec:
    """Merge two nested settings; ``over`` wins."""
    out = dict(under)
    for key, value in over.items():
        known = out.get(key)
        out[key] = _merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return out


def _streamlit(theme: Theme) -> dict[str, Any]:
    """Return what Streamlit's chart theme adds in the browser, as far as our templates leave it open."""
    place = _place(theme)
    groups = (look.GROUPS_LIGHT, look.GROUPS_DARK)[place]
    ramp = list((look.RAMP_LIGHT, look.RAMP_DARK)[place])
    no_grid = {"grid": False}
    return {
        # One description for the whole picture; the single marks would say their numbers one by one.
        "aria": False,
        "autosize": {"type": "fit", "contains": "padding", "resize": True},
        "axis": {
            "domain": False,
            "labelBound": False,
            "labelOverlap": True,
            "labelSeparation": 4,
            "ticks": False,
            "titleFontWeight": "normal",
        },
        "axisDiscrete": no_grid,
        "axisTemporal": no_grid,
        "axisXBand": no_grid,
        "axisXPoint": no_grid,
        "background": look.SURFACE[place],
        "bar": {"binSpacing": 4, "discreteBandSize": {"band": 0.85}},
        "fieldTitle": "verbal",
        "font": FONT,
        "legend": {
            "columnPadding": 8,
            "labelFontSize": _NORMAL,
            "labelPadding": 16,
            "rowPadding": 4,
            "titleColor": look.INK[place],
            "titleFontSize": _NORMAL,
            "titleFontWeight": "normal",
        },
        "mark": {"color": groups[0]},
        "range": {
            "category": list(groups),
            "diverging": list((look.DIVERGING_LIGHT, look.DIVERGING_DARK)[place]),
            "heatmap": ramp,
            "ramp": ramp,
        },
        "style": {"guide-label": {"fontSize": _SMALL}},
        "view": {"stroke": "transparent", "strokeWidth": 0},
    }


def _named(drawn: str, alt: str) -> str:
    """Give the picture its text alternative, and the names inside of it a beginning of their own.

    The drawing library counts those names on from picture to picture: they are numbered anew.
    """
    places: dict[str, int] = {}
    own = hashlib.sha256(_in_tags(drawn, lambda name: name[1]).encode()).hexdigest()[:8]
    named = _in_tags(drawn, lambda name: f"{name[1]}p{own}-{places.setdefault(name[2], len(places))}")
    return named.replace("<svg ", f'<svg role="img" aria-label={quoteattr(alt)} ', 1)


def _in_tags(drawn: str, name: Callable[[re.Match[str]], str]) -> str:
    """Write names inside of a picture anew; only tags are touched, since text is what files say."""
    return _TAG.sub(lambda tag: _NAME.sub(name, tag[0]), drawn)
