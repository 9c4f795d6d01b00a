"""Figures beside their budgets, and how they grow with rows."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Final

import numpy as np
from _scale.process import Figures
from _scale.tables import FEW

BILLION: Final = 1e9


def line(name: str, rows: int, found: Figures, note: str = "") -> None:
    """Print the figures of one process."""
    print(
        f"  {name:22s} {rows:11,d} rows {found.cpu:8.2f} cpu s {found.wall:8.2f} s {found.peak:6.0f} MB, "
        f"{found.over:5.0f} over base, {found.shared:5.0f} PSS  {note}",
        flush=True,
    )


def verdict(what: str, value: float, budget: float, unit: str = "", *, least: bool = False) -> None:
    """Print a figure beside its budget."""
    is_met = value >= budget if least else value <= budget
    bound = "at least" if least else "at most"
    print(
        f"    {what:66s} {value:9.3g} {unit:6s} {bound} {budget:g}   {'met' if is_met else 'MISSED'}",
        flush=True,
    )


def said(text: str) -> None:
    """Print a remark."""
    print(f"    {text}", flush=True)


def slope(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return the slope of log time over log rows."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def growth(name: str, sizes: Sequence[int], seconds: Sequence[float], constant: float) -> None:
    """Print how time grows with rows, without what it costs to count hardly any row, and with it."""
    without = [s - constant for s in seconds]
    if len(sizes) < 2 or min(without) <= 0:
        return
    exponent = slope(sizes, without)
    verdict(f"log-log slope of {name}, without {constant:.2f} s for {FEW:,} rows", exponent, 0.9, least=True)
    verdict(f"log-log slope of {name}, without {constant:.2f} s for {FEW:,} rows", exponent, 1.1)
    said(
        f"with them {slope(sizes, seconds):.2f}; of the last two sizes {slope(sizes[-2:], seconds[-2:]):.2f}"
    )


def for_a_billion(name: str, per_row: float) -> None:
    """Print what a billion rows would cost if time goes on growing with rows."""
    hours = per_row * BILLION / 3600
    said(
        f"a billion rows of {name}: {hours:,.2f} core-hours, by the growth law ({per_row * 1e6:.3g} µs a row)"
    )


def middle(runs: Sequence[Figures]) -> Figures:
    """Return the medians of some runs."""
    names = ("cpu", "wall", "peak", "over", "shared")
    kept = {name: statistics.median(getattr(run, name) for run in runs) for name in names}
    return Figures(**kept, result=runs[-1].result)
