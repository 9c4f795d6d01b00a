"""What moves in ``band_handles``: the signals of a Vega template that pull the ends of a band.

Vega-Lite knows a brush that is drawn anew or moved as a whole; it cannot be pulled at one end, nor start from a row of
the data. Vega's signals can do both, and Streamlit hands a Vega template on as it is. Scores are in thousandths.
"""

from __future__ import annotations

from rai_dash.charts import theme
from rai_dash.charts._base import Spec

#: Name of the signal that Streamlit sends back as a selection.
SELECTION = "band"
#: ``hi`` of a band that is open above: beyond the cell of a score of exactly 1.
OPEN_HI = 1001
#: Pixels at the left and the right of the plots, above the histogram for its labels, and its height.
LEFT, RIGHT, HEAD, PLOT = 92, 18, 42, 214
#: Ends of the names of the marks by which the ends are taken.
GRIP = "grip"
#: So many pixels beside an end still hold it.
REACH = 14

_AT = f"1000 * (x() - {LEFT}) / plot"
_PRESS = f"y() >= {HEAD - REACH} && y() <= {HEAD + PLOT} ? {_AT} : null"
# The nearer end if it is in reach, else the whole band if the pointer is in it. Where both ends lie together, the side
# of the pointer decides.
_KIND = (
    f"min(abs(press - lo), abs(press - shown)) * plot / 1000 <= {REACH} ? "
    "(lo === shown ? press < lo : abs(press - lo) < abs(press - shown)) ? 'lo' : 'hi' : "
    "press > lo && press < shown ? 'both' : ''"
)
_GRAB = f"!now || press === null ? null : {{kind: {_KIND}, at: press, lo: lo, hi: hi}}"
# The whole band stops where the end that comes nearer reaches the threshold; an open end stays open.
_SHIFT = (
    "!grab ? 0 : grab.kind === 'both' ? clamp(at - grab.at, grab.hi > 1000 ? -1000 : now.least_hi - grab.hi, "
    "grab.lo <= 0 ? 1000 : now.most_lo - grab.lo) : at - grab.at"
)
_NEW_LO = "clamp(now.step * round((grab.lo + shift) / now.step), 0, now.most_lo)"
_NEW_HI = "max(now.step * round((min(grab.hi, 1000) + shift) / now.step), now.least_hi)"
_PULLED = (
    "!grab || !grab.kind ? null : {"
    f"lo: grab.kind === 'hi' || (grab.kind === 'both' && grab.lo <= 0) ? grab.lo : {_NEW_LO}, "
    "hi: grab.kind === 'lo' || (grab.kind === 'both' && grab.hi > 1000) ? grab.hi : "
    f"raised >= 1000 ? {OPEN_HI} : raised}}"
)


def outer_signals() -> list[Spec]:
    """Return the signals of the whole view: the colours, and the one that goes to Streamlit."""
    colors = [
        {"name": name, "update": f"luminance(background) < 0.2 ? '{dark}' : '{light}'"}
        for name, (light, dark) in theme.PAIRS.items()
    ]
    return [*colors, {"name": SELECTION, "value": {}}]


def signals() -> list[Spec]:
    """Return the signals, each made of the ones before it.

    ``now`` is the committed row; ``press``, ``grab`` and ``at`` follow the pointer; ``ends`` are the ends as drawn;
    the one called ``SELECTION`` goes back to Streamlit and changes by hand only, never because of new data.
    """
    tallest = "length(data('tallest')) ? data('tallest')[0]"
    return [
        {"name": "plot", "update": f"width - {LEFT + RIGHT}"},
        # A new object, or Vega would take it for the old one.
        {"name": "now", "update": "length(data('now')) ? merge({}, data('now')[0]) : null"},
        *_pointer(),
        {"name": "shift", "update": _SHIFT},
        {"name": "raised", "update": f"grab ? {_NEW_HI} : 0"},
        {"name": "pulled", "update": _PULLED},
        *_ends(),
        # A picture has its data from the first: no row comes in, and the ends are those of the one that is there.
        {"name": "lo", "update": "ends ? ends.lo : now ? now.lo : 0"},
        {"name": "hi", "update": f"ends ? ends.hi : now ? now.hi : {OPEN_HI}"},
        {"name": "shown", "update": "min(hi, 1000)"},
        {"name": "up", "update": f"sqrt(max(1, {tallest}.top : 0))"},
        {"name": "down", "update": f"sqrt({tallest}.bad : 0)"},
    ]


def _pointer() -> list[Spec]:
    """Return the signals of the pointer: where it was pressed, what it took there, where it is."""
    down = {"source": "view", "type": "pointerdown", "filter": "event.button === 0"}
    up, lost = ({"source": "window", "type": kind} for kind in ("pointerup", "pointercancel"))
    move = {"source": "window", "type": "pointermove", "between": [down, up]}
    press = {"signal": "press"}
    held = [
        {"source": "view", "type": "touchmove", "markname": f"{end}_{GRIP}", "consume": True}
        for end in ("low", "high")
    ]
    left = [{"events": event, "update": "null"} for event in (up, lost)]
    stayed = {"events": press, "update": "press === null ? at : press"}
    return [
        {"name": "press", "value": None, "on": [{"events": down, "update": _PRESS, "force": True}]},
        {"name": "grab", "value": None, "on": [{"events": press, "update": _GRAB}, *left]},
        {"name": "at", "value": 0, "on": [stayed, {"events": move, "update": _AT}]},
        # On a touch screen the page would scroll away under the finger that holds an end.
        {"name": "finger", "value": None, "on": [{"events": held, "update": "null"}]},
    ]


def _ends() -> list[Spec]:
    """Return the ends as drawn, and what goes to Streamlit."""
    # What was committed comes in as data; it does not take a handle out of the hand.
    committed = "!now || grab ? ends : {lo: now.lo, hi: now.hi}"
    moved = "pulled && (!ends || pulled.lo !== ends.lo || pulled.hi !== ends.hi) ? pulled : ends"
    sent = f"grab && ends ? {{lo: ends.lo, hi: ends.hi, turn: now.turn}} : {SELECTION}"
    handlers = [
        {"events": {"signal": "now"}, "update": committed},
        {"events": {"signal": "pulled"}, "update": moved},
    ]
    return [
        {"name": "ends", "value": None, "on": handlers},
        {"name": SELECTION, "push": "outer", "on": [{"events": {"signal": "ends"}, "update": sent}]},
    ]
