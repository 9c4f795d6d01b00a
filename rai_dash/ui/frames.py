"""Results as tables for the expander and the download: plain numbers, a column each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rai_dash.core.texts import tr
from rai_dash.metrics.against import Other, compare
from rai_dash.metrics.parity import MEANINGS, Parity
from rai_dash.metrics.table import MetricTable
from rai_dash.review.band import RouteFigures
from rai_dash.ui.text import plain


def optional(values: Sequence[float] | np.ndarray) -> list[float | None]:
    """Turn NaN into None, for charts."""
    return [None if x is None or np.isnan(x) else float(x) for x in values]


def metric_frame(table: MetricTable, metrics: Sequence[str]) -> pd.DataFrame:
    """Return one row a group and metric: value, interval, numerator, denominator, reason."""
    rows = []
    for i, group in enumerate(table.groups):
        for name in metrics:
            e = table.estimate(name, i)
            rows.append(
                {
                    "group": plain(group),
                    "rows": int(table.n[i]),
                    "metric": name,
                    "value": e.value,
                    "low": e.low,
                    "high": e.high,
                    "numerator": e.numerator,
                    "denominator": e.denominator,
                    "undefined because": e.reason or "",
                }
            )
    return pd.DataFrame(rows)


def against_frame(
    table: MetricTable, metrics: Sequence[str], *, reference: str | None = None
) -> pd.DataFrame:
    """Return one row a group and metric: the group against all other rows or a named group, with intervals."""
    rows = []
    to, other = (Other.REST, tr("all others")) if reference is None else (Other.REFERENCE, "reference")
    for name in metrics:
        for i, one in enumerate(compare(table, name, to, reference=reference)):
            rows.append(
                {
                    "group": plain(one.group),
                    "rows": int(table.n[i]),
                    "metric": name,
                    "value": table.estimate(name, i).value,
                    "numerator": table.estimate(name, i).numerator,
                    "denominator": table.estimate(name, i).denominator,
                    other: one.other,
                    "difference": one.difference,
                    "low": one.low,
                    "high": one.high,
                    "ratio": one.ratio,
                    "ratio low": one.ratio_low,
                    "ratio high": one.ratio_high,
                    "caution": one.ratio_caution or "",
                    "undefined because": one.reason or "",
                }
            )
    return pd.DataFrame(rows)


def parity_frame(found: Sequence[Parity]) -> pd.DataFrame:
    """Return one row a named parity measure, with what it means and the pair that attains it."""
    return pd.DataFrame(
        [
            {
                "measure": p.name,
                "value": p.value,
                "low": p.low,
                "high": p.high,
                "what it is": MEANINGS[p.name],
                "between": " and ".join(plain(g) for g in p.groups),
                "undefined because": p.reason or "",
                "no interval because": p.interval_reason or "",
            }
            for p in found
        ]
    )


def route_frame(figures: RouteFigures) -> pd.DataFrame:
    """Return one row a group and figure of the review band."""
    rows = []
    for i, group in enumerate(figures.groups):
        for name in figures.estimates:
            e = figures.estimate(name, i)
            rows.append(
                {
                    "group": plain(group),
                    "rows": int(figures.n[i]),
                    "figure": name,
                    "value": e.value,
                    "low": e.low,
                    "high": e.high,
                    "numerator": e.numerator,
                    "denominator": e.denominator,
                    "undefined because": e.reason or "",
                }
            )
    return pd.DataFrame(rows)
