"""How the state of a number of a batch looks: a colour and a shape each, so that no colour is needed."""

from __future__ import annotations

from typing import Any, Final, Literal

import altair as alt

from rai_dash.charts import theme
from rai_dash.charts._base import legend, legend_height
from rai_dash.core.texts import mark, tr

State = Literal["ok", "watch", "breach", "few"]
#: States in the order of the legend: what they are called, their shape and their colour.
STATES: Final[dict[State, tuple[str, str, Any]]] = {
    "ok": (mark("within"), "circle", theme.shade("accent")),
    "watch": (mark("to watch"), "diamond", theme.LOW_HIGH[0]),
    "breach": (mark("breach"), "square", theme.BREACH),
    "few": (mark("too few rows"), "circle", theme.FEW),
}
#: Two columns, so that a phone shows all of it.
_WIDTH: Final = 210
_COLUMNS: Final = 2


#: Rows that stand there for the legend alone have no words, and a mark without words is a riddle to a screen reader.
IS_TOLD: Final = "datum.description !== ''"


def paint() -> Any:
    """Return the colour of a mark by ``state``; a condition, so that the legend keeps its own scale."""
    return _by_state({state: look[2] for state, look in STATES.items()})


def filled() -> Any:
    """Return the filling of a mark by ``state``; a ``hollow`` one is a rim."""
    looks: dict[str, Any] = {state: look[2] for state, look in STATES.items()}
    return _by_state(looks, first=("datum.hollow", theme.shade("surface")))


def shaped() -> Any:
    """Return the shape of a mark by ``state``."""
    return _by_state({state: look[1] for state, look in STATES.items()})


def key() -> dict[str, Any]:
    """Return encodings for a layer that paints nothing; their legend names the states."""
    entries = [tr(words) for words, _, _ in STATES.values()]
    shared = legend(len(entries), columns=_COLUMNS, width=_WIDTH, labelLimit=110, symbolOpacity=1)
    shapes, colours = ([look[i] for look in STATES.values()] for i in (1, 2))
    return {
        "shape": alt.Shape("key:N", scale=alt.Scale(domain=entries, range=shapes), legend=shared),
        "color": alt.Color("key:N", scale=alt.Scale(domain=entries, range=colours), legend=shared),
    }


def key_height() -> int:
    """Return the pixels that the legend takes above the plot."""
    return legend_height(len(STATES), columns=_COLUMNS)


def with_every_key(rows: list[dict[str, object]], **blank: object) -> list[dict[str, object]]:
    """Add rows without a mark to the rows of a chart, until there is one for each entry of the legend.

    Parameters
    ----------
    rows : list of dict
        With ``defined``, ``order``, ``description`` and a ``key`` by `key_of`.
    **blank
        What further fields hold where nothing is drawn.
    """
    hidden: dict[str, object] = {"defined": False, "description": "", **blank}
    missing = range(len(rows), len(STATES)) if rows else ()
    return rows + [rows[0] | hidden | {"order": i, "key": key_of(i)} for i in missing]


def key_of(position: int) -> str:
    """Return the legend entry that a row stands for: all are needed once, whatever the states of the rows."""
    return tr(list(STATES.values())[position % len(STATES)][0])


def _by_state(looks: dict[Any, Any], *, first: tuple[str, Any] | None = None) -> Any:
    *others, last = looks.items()
    tests = [*([first] if first else []), *((f"datum.state === '{state}'", look) for state, look in others)]
    test, look = tests[0]
    chain: Any = alt.when(test).then(alt.value(look))
    for test, look in tests[1:]:
        chain = chain.when(test).then(alt.value(look))
    return chain.otherwise(alt.value(last[1]))
