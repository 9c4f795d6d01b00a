"""What a chart is, and the few pieces that all templates are made of."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.charts import theme
from rai_dash.core.texts import language
from rai_dash.core.types import Estimate

#: Above this Streamlit paints on a canvas, which a screen reader cannot enter.
MAX_MARKS = 2000
#: Black or white, whichever is readable on the colour of a heat map's cell: 4.5 : 1 or more on any.
ON_CELL = "contrast(scale('color', datum.shade), '#000000') > 4.6 ? '#000000' : '#ffffff'"
ROW_HEIGHT = 34
FRAME_HEIGHT = 46
LABEL_LIMIT = 160
CELL_GAP = 0.05
LEGEND_ROW = 20
#: Axis labels of plain numbers: years stay years, large numbers become 25k.
NUMBER_LABEL = "abs(datum.value) >= 10000 ? format(datum.value, '.3~s') : replace(datum.label, ',', '')"
#: Axis labels of differences between shares, in points with their sign.
POINTS_LABEL = "(datum.value > 0 ? '+' : '') + replace(format(datum.value * 100, '.3~g'), '-', '−')"
#: Templates are kept by what they depend on; this many a kind.
TEMPLATES = 64

P = ParamSpec("P")
T = TypeVar("T")
Spec = dict[str, Any]
#: Sums of weights that differ from none by rounding alone.
_ROUNDING = 1e-9
FloatLike = Sequence[float | None]
_PART = re.compile(r"^datum\.part === '([a-z_]+)'$")


def cached_template(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep what a function makes: by what it is given, and by the language that its titles are in.

    Parameters
    ----------
    most : int
        Results that are kept.
    """

    def kept(make: Callable[P, T]) -> Callable[P, T]:
        @lru_cache(maxsize=most)
        def in_language(_code: str, *args: Hashable, **kwargs: Hashable) -> T:
            return make(*args, **kwargs)  # type: ignore[arg-type]

        @wraps(make)
        def made(*args: P.args, **kwargs: P.kwargs) -> T:
            return in_language(language(), *args, **kwargs)  # type: ignore[arg-type]

        return made

    return kept


def in_expression(text: str, **parts: str) -> str:
    """Write a text as a Vega expression; a name in braces stands for an expression.

    Examples
    --------
    >>> in_expression("{low} to {high}", low="datum.a", high="datum.b")
    "datum.a + ' to ' + datum.b"
    """
    pieces = re.split(r"\{(\w+)\}", text)
    said = [
        parts[piece] if i % 2 else json.dumps(piece, ensure_ascii=False)[1:-1]
        for i, piece in enumerate(pieces)
    ]
    quoted = [
        piece if i % 2 else f"'{piece.replace(chr(39), chr(92) + chr(39))}'" for i, piece in enumerate(said)
    ]
    return " + ".join(piece for piece in quoted if piece != "''")


@dataclass(frozen=True, slots=True)
class Chart:
    """A constant template, the data it is fed with, and its text alternative.

    Parameters
    ----------
    spec : dict
        Vega-Lite template, shared and never to be changed. Live numbers are in ``data`` only.
    data : DataFrame
        One small table for all layers.
    alt : str
        What the chart shows, without numbers; constant like the template.
    fewest : float, optional
        Fewest people, above none, that a number of a group in it is about (see `fewest_people`); None = it has no
        numbers of groups. Pictures that leave the app are held to it.

    Raises
    ------
    ValueError
        More than 2,000 marks.
    """

    spec: Spec
    data: pd.DataFrame
    alt: str
    fewest: float | None = None

    def __post_init__(self) -> None:
        """Refuse a chart with too many marks."""
        marks = count_marks(self.spec, self.data)
        if marks > MAX_MARKS:
            msg = f"This chart would have {marks:,} marks, at most {MAX_MARKS:,} are drawn. Bin or aggregate first."
            raise ValueError(msg)


def fewest_people(*counts: Sequence[float | None] | NDArray[Any]) -> float | None:
    """Return the smallest count above 0; None where nobody is counted.

    Parameters
    ----------
    *counts : array-like of float
        People, of any shape; None and NaN are left out.
    """
    told = [np.asarray(c, dtype=np.float64).ravel() for c in counts]
    every = np.concatenate(told) if told else np.zeros(0)
    some = every[every > _ROUNDING]
    return float(some.min()) if some.size else None


def people_of(estimates: Sequence[Estimate]) -> list[float | None]:
    """Return how many people estimates are about: of the share, what is left of it, and all."""
    told: list[float | None] = []
    for one in estimates:
        if one.numerator is not None and one.denominator is not None:
            told += [one.numerator, one.denominator - one.numerator, one.denominator]
    return told


def shares_of(
    rates: Sequence[float | None] | NDArray[np.float64], n: Sequence[float] | NDArray[Any]
) -> NDArray[np.float64]:
    """Return how many people shares are about: those of each share, and those left of it, float64 (2, groups)."""
    share, people = np.asarray(rates, dtype=np.float64), np.asarray(n, dtype=np.float64)
    # A sum of weights times a share is no whole number; a count is, but for rounding.
    part = np.round(share * people, 6)
    return np.stack([part, people - part])


def count_marks(spec: Spec, data: pd.DataFrame) -> int:
    """Count the rows that each layer of a template draws."""
    parts = parts_of(data)
    # A Vega template has no layers: its marks are its own table of at most some hundred bins.
    names = [part_of(layer) for layer in spec.get("layer", ())]
    return sum(len(data) if name is None else parts[name] for name in names)


def parts_of(data: pd.DataFrame) -> Counter[str]:
    """Count the rows of each ``part`` of the data of a chart; empty where they have none.

    A step of a slider asks this of every chart twice: counting a list is a tenth of asking pandas.
    """
    return Counter(data["part"].tolist()) if "part" in data else Counter()


def part_of(layer: Spec) -> str | None:
    """Return the ``part`` whose rows a layer draws; None = all rows, or others."""
    found = [_PART.match(step["filter"]) for step in layer.get("transform", ())]
    return next((match.group(1) for match in found if match), None)


def stays(layer: Spec) -> bool:
    """Whether a layer is drawn without rows too: one that would be a picture without a name is left out then."""
    mark = layer["mark"]
    look = {"type": mark} if isinstance(mark, str) else mark
    return part_of(layer) is None or look["type"] == "text" or look.get("aria") is False or "params" in layer


def part(name: str) -> alt.Chart:
    """Start a layer that draws the rows whose ``part`` is ``name``."""
    return alt.Chart().transform_filter(f"datum.part === '{name}'")


def template(layers: Sequence[Any], *, height: int, top: int = 4, right: int = 8, bottom: int = 4) -> Spec:
    """Assemble, validate and freeze a template.

    Parameters
    ----------
    layers : sequence of altair charts
        Drawn in this order.
    height : int
        Pixels, with axes, legend and padding.
    top, right, bottom : int
        Padding in pixels, for what a layer writes outside the plot.

    Returns
    -------
    dict
        Vega-Lite without data.
    """
    chart = alt.layer(*layers).add_params(*theme.params())
    chart = chart.properties(
        height=height,
        padding={"left": 2, "right": right, "top": top, "bottom": bottom},
        config=theme.config(),
    )
    spec: Spec = chart.to_dict()
    # Altair invents an empty table where there is none; the page brings its own.
    spec.pop("datasets", None)
    for view in (spec, *spec["layer"]):
        view.pop("data", None)
    _share_encoding(spec)
    _say_axes_once(spec)
    return spec


def _share_encoding(spec: Spec) -> None:
    """Say once what all layers encode alike: layers inherit it, and every step of a slider sends the template again."""
    encodings = [layer.get("encoding", {}) for layer in spec["layer"]]
    alike = [c for c, first in encodings[0].items() if all(e.get(c) == first for e in encodings)]
    if len(encodings) > 1 and alike:
        spec["encoding"] = {c: encodings[0][c] for c in alike}
        for encoding in encodings:
            for channel in alike:
                del encoding[channel]


def _say_axes_once(spec: Spec) -> None:
    """Leave an axis to one of the layers that have it: they share it, and it is a fifth of what a step sends."""
    for channel in ("x", "y"):
        # An axis that is null says that there is none, and says it for its layer.
        drawn = [layer for layer in spec["layer"] if layer.get("encoding", {}).get(channel, {}).get("axis")]
        carrier = next((layer for layer in drawn if stays(layer)), None)
        if carrier is None:
            continue
        axis = carrier["encoding"][channel]["axis"]
        for layer in drawn:
            if layer is not carrier and layer["encoding"][channel]["axis"] == axis:
                del layer["encoding"][channel]["axis"]


def rows_height(n_rows: int, *, extra: int = 0) -> int:
    """Return the height of a chart with one row a group, in pixels; ``extra`` for a legend or a note."""
    return ROW_HEIGHT * max(n_rows, 1) + FRAME_HEIGHT + extra


def label_room(pixels: int) -> list[Any]:
    """Return a horizontal scale range that leaves room for the labels at the ends of bars."""
    return [0, alt.ExprRef(expr=f"width - {pixels}")]


def tooltips(**titles: str) -> list[alt.Tooltip]:
    """Show text columns under our own titles."""
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def percent_axis(**options: Any) -> alt.Axis:
    """Return an axis of shares from 0 % to 100 %."""
    settings: dict[str, Any] = {
        "values": [0, 0.25, 0.5, 0.75, 1],
        "labelExpr": "round(datum.value * 100) + ' %'",
        "title": None,
    }
    return alt.Axis(**settings | options)


def round_ticks(reach: float) -> list[float]:
    """Return where an axis from minus to plus ``reach`` is labelled: half way too where that is a whole percent."""
    half = () if round(100 * reach) % 2 else (reach / 2,)
    return [-reach, *(-x for x in half), 0.0, *half, reach]


def percent_x(field: str = "x", **axis: Any) -> alt.X:
    """Encode a share on a fixed axis from 0 % to 100 %."""
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis(**axis))


def named_y(field: str, names: Sequence[str], *, sort: Any = alt.Undefined, **axis: Any) -> alt.Y:
    """Encode a name on a vertical axis whose order is fixed by ``names``."""
    settings: dict[str, Any] = {
        "title": None,
        "grid": False,
        "labelColor": theme.shade("ink"),
        "labelLimit": LABEL_LIMIT,
        "labelOverlap": False,
        "labelPadding": 10,
    }
    # The gap counts for the bands of a heat map only; points have none.
    scale = alt.Scale(domain=list(names), paddingInner=CELL_GAP) if names else alt.Undefined
    return alt.Y(f"{field}:N", scale=scale, sort=sort, axis=alt.Axis(**settings | axis))


def named_x(field: str, names: Sequence[str]) -> alt.X:
    """Encode a name on an axis above the plot; labels turn where their columns are narrow."""
    turn = "bandwidth('x') < 20 ? {steep} : bandwidth('x') < 64 ? {slanted} : {flat}"
    axis = alt.Axis(
        orient="top",
        title=None,
        grid=False,
        labelColor=theme.shade("ink"),
        labelAngle=alt.ExprRef(expr=turn.format(steep="-90", slanted="-40", flat="0")),
        labelAlign=alt.ExprRef(expr=turn.format(steep="'left'", slanted="'left'", flat="'center'")),
        labelBaseline=alt.ExprRef(expr=turn.format(steep="'middle'", slanted="'bottom'", flat="'bottom'")),
        labelLimit=alt.ExprRef(expr=turn.format(steep="90", slanted="90", flat="bandwidth('x') - 6")),
        # Below the height of a letter they would only be ink; the rows carry the same names.
        labelOpacity=alt.ExprRef(expr="bandwidth('x') < 12 ? 0 : 1"),
        labelOverlap=False,
    )
    return alt.X(f"{field}:N", scale=alt.Scale(domain=list(names), paddingInner=CELL_GAP), axis=axis)


def ordered_y(field: str = "name", **axis: Any) -> alt.Y:
    """Encode a name on a vertical axis in the order of the data, so that no name is in the template.

    Every layer that uses it must draw all rows: layers with different rows lose the order.
    """
    return named_y(field, (), sort=alt.EncodingSortField(field="order", op="min"), **axis)


def legend(entries: int, *, columns: int, width: int, **options: Any) -> alt.Legend:
    """Return a legend above the plot; give the template ``legend_height`` more room at the top.

    Parameters
    ----------
    entries, columns : int
        Number of entries and in how many columns they stand.
    width : int
        Pixels it takes. Where the plot is narrower, the legend reaches over the empty corner above the
        names of the rows instead of being cut, which a phone needs.
    """
    return alt.Legend(
        orient="none",
        direction="horizontal",
        columns=columns,
        legendX=alt.ExprRef(expr=f"min(0, width - {width})"),
        legendY=-legend_height(entries, columns=columns),
        **options,
    )


def legend_height(entries: int, *, columns: int) -> int:
    """Return the height of a legend with its gap to the plot, in pixels."""
    return LEGEND_ROW * math.ceil(entries / columns) + 10


def stepped(value: float, steps: Sequence[float]) -> float:
    """Return the first of ascending ``steps`` that reaches ``value``, else the last: few axes, few templates."""
    return next((step for step in steps if value <= step), steps[-1])


def if_few(few: Any, otherwise: Any) -> Any:
    """Paint rows that rest on few applicants in one colour, all others in another."""
    return alt.when("datum.few").then(alt.value(few)).otherwise(alt.value(otherwise))


def if_there(field: str) -> Any:
    """Make rows invisible whose ``field`` does not hold: an opacity, so that they keep their place."""
    return alt.when(f"datum.{field}").then(alt.value(1)).otherwise(alt.value(0))


def inward(low: float, high: float, *, field: str = "x") -> alt.ExprRef:
    """Align a label to its mark, turned inwards where the mark lies below ``low`` or above ``high``."""
    return alt.ExprRef(expr=f"datum.{field} < {low} ? 'left' : datum.{field} > {high} ? 'right' : 'center'")


def group_paint(channel: type[Any] = alt.Color, *, few: Any = theme.FEW) -> Any:
    """Paint by place in the group list: theme colours for six, then plain; ``few`` for too few rows."""
    return channel(
        "slot:N",
        scale=alt.Scale(domain=[str(i + 1) for i in range(theme.N_GROUP_COLORS)]),
        legend=None,
        condition=[
            {"test": "datum.few", "value": few},
            {"test": "datum.slot === 'rest'", "value": theme.shade("muted")},
        ],
    )


def halo_text(layer: alt.Chart, encoding: dict[str, Any], **mark: Any) -> list[alt.Chart]:
    """Write text with a rim in the background's colour, so that a line behind it does not cut it.

    Returns two layers, rim first.
    """
    place: dict[str, Any] = {"align": "center", "aria": False} | mark
    surface = theme.shade("surface")
    rim: dict[str, Any] = place | {
        "stroke": surface,
        "strokeWidth": 4,
        "strokeJoin": "round",
        "color": surface,
    }
    return [layer.mark_text(**style).encode(**encoding) for style in (rim, place)]


def outlined() -> dict[str, Any]:
    """Return the look of a heat map's cell without a value."""
    return {"filled": True, "fill": None, "stroke": theme.shade("faint"), "strokeWidth": 1.5}


def slot(position: int) -> str:
    """Return the colour slot of the group at a place in the group list."""
    return str(position + 1) if position < theme.N_GROUP_COLORS else "rest"
