"""Lines of a batch as tables: plain numbers, a column each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.texts import tr
from rai_dash.govern.monitor.lines import Line
from rai_dash.ui.monitoring.words import OF, items_words, line_name, state_words


def lines_frame(lines: Iterable[Line]) -> pd.DataFrame:
    """Return one row a line: what it is, its value then and now with interval and count, its limits, the finding."""
    return pd.DataFrame([{"line": line_name(*line.key), **_numbers(line), **_more(line)} for line in lines])


def group_frame(lines: Iterable[Line]) -> pd.DataFrame:
    """Return one row a line about a group, with the group in a column of its own; its figures are hidden where few."""
    rows = [
        {
            "group": f"{line.column}: {line.group}" if line.group else line.column,
            "figure": line_name(line.name),
            **_numbers(line),
        }
        for line in lines
    ]
    return pd.DataFrame(rows)


def _numbers(line: Line) -> dict[str, object]:
    low, high = line.limits
    return {
        "signed": line.signed.value,
        "batch": line.batch.value,
        "low": line.batch.low,
        "high": line.batch.high,
        "numerator": line.batch.numerator,
        "denominator": line.batch.denominator,
        "rows": line.batch.denominator,
        "lowest allowed": low,
        "highest allowed": high,
        "rows needed": line.rows_needed,
        "finding": state_words(line),
    }


def _more(line: Line) -> dict[str, object]:
    return {
        "watched from": line.watch,
        "p-value": line.p_value,
        "p-value for all lines": line.p_adjusted,
        "by chance alone": line.by_chance,
        "categories": items_words(line),
        "counted from": line.source or "",
        "share of": tr(OF.get(line.name, "")),
    }


def cells_frame(names: Sequence[str], then: NDArray[np.int64], now: NDArray[np.int64]) -> pd.DataFrame:
    """Return one row a range or value: rows of both sides."""
    return pd.DataFrame({"group": list(names), "rows then": then, "rows now": now})
