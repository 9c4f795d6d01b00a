"""Colours and the look that every chart shares; the same values stand in ``.streamlit/config.toml``.

Streamlit's own chart theme gives fonts, background, group colours and colour ramps. What it leaves
to marks (text, rules) follows the background through Vega parameters, so that one constant template
is right in light and dark, on a page and in a picture.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from rai_dash.core.catalogues import has_plain_numbers
from rai_dash.core.texts import language

#: textColor of the two themes: values and names.
INK = ("#0f1822", "#e8edf3")
#: Axis numbers, notes, lines of reference; at least 4.5 : 1 on the background.
MUTED = ("#566273", "#a3b0bf")
#: Grid lines and empty cells.
FAINT = ("#e3e8ee", "#26323f")
#: backgroundColor of the two themes.
SURFACE = ("#ffffff", "#10161e")

#: Marks that stand for no group and no decision: counts, curves of everyone, strengths.
ACCENT = ("#1f5f99", "#7db8ee")

#: Streamlit's own font; Vega-Lite takes it from the theme, plain Vega has to be told.
FONT = '"Source Sans", sans-serif'

#: Where a decision goes, the same in both themes. Grey means a person decides, or too few rows.
DECLINED, PERSON, APPROVED = "#c2570c", "#87939e", "#0b7fb8"
FEW = PERSON

#: First to sixth group; safe for red-, green- and blue-blind eyes, 4.5 : 1 or more on the background.
GROUPS_LIGHT = ("#2413a4", "#89710a", "#22827b", "#b51bfd", "#52293d", "#313e06")
GROUPS_DARK = ("#1f7ffb", "#ffca37", "#9ef9d5", "#d6caff", "#af7485", "#7c8709")
N_GROUP_COLORS = len(GROUPS_LIGHT)

#: One hue, from nothing (near the background) to all.
RAMP_LIGHT = (
    "#e6f1f9", "#cae2f2", "#abd1ea", "#88bee0", "#62a9d5",
    "#3b93c6", "#1b7cb1", "#0d6596", "#094e77", "#083958",
)  # fmt: skip
RAMP_DARK = (
    "#172a39", "#183a52", "#194b6c", "#1c5e87", "#2471a2",
    "#3a86b8", "#5a9cca", "#7fb3da", "#a8cbe7", "#d3e5f4",
)  # fmt: skip

#: Orange to blue by way of the background, for a difference from everyone; never red to green.
DIVERGING_LIGHT = (
    "#9a4108", "#c2570c", "#dd8a4f", "#eeb98f", "#f8e2d0",
    "#d3e6f2", "#99c6e2", "#4fa0cd", "#0b7fb8", "#085c87",
)  # fmt: skip
DIVERGING_DARK = (
    "#f2b184", "#e08a4e", "#b9601f", "#7d451c", "#432c1e",
    "#1f3445", "#1f5578", "#2a7fb4", "#62a9d5", "#a3cfea",
)  # fmt: skip

#: Amber to blue by way of grey: 3 : 1 or more on both backgrounds, apart for colour-blind eyes, and neither a group's
#: colour nor a decision's.
LOW_HIGH = ("#b98a12", "#7d8597", "#3f7fd6")

#: A limit that is broken, the same in both themes; always with a shape of its own.
BREACH = "#d13057"

#: Vega parameters of the pairs above; ``background`` is a signal that Vega gives to every chart.
PAIRS = {"ink": INK, "muted": MUTED, "faint": FAINT, "surface": SURFACE, "accent": ACCENT}


def shade(name: str) -> Any:
    """Return the theme-following colour called ``ink``, ``muted``, ``faint``, ``surface`` or ``accent``."""
    if name not in PAIRS:
        msg = f"No colour is called {name!r}. There are: {', '.join(PAIRS)}."
        raise ValueError(msg)
    return alt.ExprRef(expr=name)


def params() -> list[Any]:
    """Return the Vega parameters that turn the pairs into one colour, by the background's luminance."""
    return [
        alt.param(name="dark", expr="luminance(background) < 0.2"),
        *(alt.param(name=name, expr=f"dark ? '{dark}' : '{light}'") for name, (light, dark) in PAIRS.items()),
    ]


def config() -> dict[str, Any]:
    """Return the parts of the Vega-Lite configuration that differ from Streamlit's theme.

    No more than those: every step of a slider sends them again, once for each chart.
    """
    settings: dict[str, Any] = {
        "axis": {
            "gridColor": {"expr": "faint"},
            "labelColor": {"expr": "muted"},
            "labelFlush": False,
            "labelFontSize": 12,
            "labelLimit": 160,
            "labelPadding": 6,
            "titleColor": {"expr": "muted"},
            "titleFontSize": 12,
            "titlePadding": 6,
        },
        "legend": {
            "labelColor": {"expr": "ink"},
            "labelFontSize": 12,
            "labelLimit": 110,
            "padding": 0,
            "symbolSize": 110,
            "symbolStrokeWidth": 2,
            "title": None,
        },
        # Streamlit's own would show the bare fields of every mark that has no tooltip of ours.
        "mark": {"tooltip": None},
        "text": {"color": {"expr": "ink"}, "fontSize": 12},
    }
    return settings | number_locale()


def number_locale() -> dict[str, Any]:
    """Return how numbers and dates are written on axes, where that is not as in English."""
    code = language()
    if has_plain_numbers(code):
        return {}
    from rai_dash.core.numerals import chart_locale

    return {"locale": chart_locale(code)}
