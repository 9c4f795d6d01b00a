"""Where the best band lands when the rows are drawn again: a tight cloud is a band to trust."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._band_plane import band_text, marked_layers, marked_rows, plane
from rai_dash.charts._base import Chart, Spec, cached_template, halo_text, part, template, tooltips
from rai_dash.charts._words import count, percent
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import ReviewBand

ALT = mark(
    "One dot for each band that was the best one when the rows were drawn again: the score below which "
    "the machine declines from left to right, the score from which it approves from bottom to top; the "
    "larger the dot, the more often, with the number on the largest. A square marks the present band, a "
    "diamond the best one on all rows. The table below has the numbers."
)
MAX_DOTS = 1500
#: Area of the dot of the band that was best most often, in square pixels.
_LARGEST, _SMALLEST = 600, 24


@cached_template(1)
def _template() -> Spec:
    place = plane()
    # Room for half a dot at the edges.
    for channel in ("x", "y"):
        place[channel]["scale"] = alt.Scale(zero=False, nice=False, padding=20)
    facts = tooltips(band_text=tr("Band"), n_text=tr("Times the best"), share_text=tr("Share of all draws"))
    dots: dict[str, Any] = {"fillOpacity": 0.4, "strokeWidth": 1, "strokeOpacity": 0.7, "opacity": 1}
    layers = [
        part("optimum")
        .mark_point(shape="circle", filled=True, **dots)
        .encode(
            **place,
            size=alt.Size("area:Q", scale=None),
            fill=alt.value(theme.shade("accent")),
            stroke=alt.value(theme.shade("accent")),
            tooltip=facts,
            description="description:N",
        ),
        *halo_text(part("often"), place | {"text": "label:N"}, baseline="middle", align="left", dx=15),
        *marked_layers(place, tooltips(label=tr("Band"), band_text=tr("Ends"))),
    ]
    return template(layers, height=380, right=24, top=12)


def band_cloud(
    optima: Sequence[tuple[float | None, float | None]],
    *,
    draws: int,
    now: ReviewBand | None = None,
    best: ReviewBand | None = None,
) -> Chart:
    """Draw the best bands of the bootstrap.

    Parameters
    ----------
    optima : sequence of (lo, hi)
        The best band of each draw that had one; None = an open end, drawn at the edge.
    draws : int
        All draws, those without a feasible band included.
    now, best : ReviewBand, optional
        The present band, and the best one on all rows.

    Raises
    ------
    ValueError
        More optima than draws.
    """
    if len(optima) > draws:
        msg = f"There cannot be more best bands ({len(optima)}) than draws ({draws})."
        raise ValueError(msg)
    found = Counter(optima).most_common(MAX_DOTS)
    most = found[0][1] if found else 1
    rows: list[dict[str, object]] = [
        {
            "part": "optimum",
            "lo": 0.0 if lo is None else lo,
            "hi": 1.0 if hi is None else hi,
            "area": max(float(_SMALLEST), _LARGEST * n / most),
            "band_text": band_text(lo, hi),
            "n_text": count(n),
            "share_text": percent(n / draws),
            "description": tr(
                "{band}: the best one in {n} of {draws} draws",
                band=band_text(lo, hi),
                n=count(n),
                draws=count(draws),
            ),
        }
        for (lo, hi), n in found
    ]
    if found:
        rows.append(
            rows[0]
            | {"part": "often", "label": tr("{most} of {draws}", most=count(most), draws=count(draws))}
        )
    rows += marked_rows({"now": now, "best": best})
    return Chart(_template(), pd.DataFrame(rows, columns=None if rows else ["part"]), tr(ALT))
