"""One number for each of several groups, as arrays; `Estimate` is a single one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.types import Estimate

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimates:
    """One number a group with its interval; NaN = undefined or not applicable.

    Parameters
    ----------
    value, low, high : float64 (groups,)
        The number and its 95 % limits.
    numerator, denominator : float64 (groups,)
        Weighted sums that make up the value; NaN where it is no ratio.
    size : float64 (groups,)
        Rows behind the denominator; Kish's effective number where there are weights.
    reason : tuple of (str or None)
        Why the value is undefined, in plain words; None where it is defined.
    source : str or None
        ``"rows"`` or ``"cells"`` for figures that cells would blur.
    bound : float64 (groups,) or None
        How far the number from rows can lie from a number from cells.
    dropped : int64 (groups,) or None
        Bootstrap replicates in which the number was undefined.
    no_interval : tuple of (str or None), or None
        Why a defined value has no interval, in plain words; None where it has one.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    numerator: FloatArray
    denominator: FloatArray
    size: FloatArray
    reason: tuple[str | None, ...]
    source: str | None = None
    bound: FloatArray | None = None
    dropped: NDArray[np.int64] | None = None
    no_interval: tuple[str | None, ...] | None = None

    def at(self, position: int) -> Estimate:
        """Return the number of one group."""
        return Estimate(
            value=plain(self.value[position]),
            low=plain(self.low[position]),
            high=plain(self.high[position]),
            numerator=plain(self.numerator[position]),
            denominator=plain(self.denominator[position]),
            reason=self.reason[position],
        )

    def to_json(self, position: int) -> dict[str, object]:
        """Return the number of one group as plain values; undefined = None, never NaN."""
        one = self.at(position)
        out: dict[str, object] = {
            "value": one.value,
            "low": one.low,
            "high": one.high,
            "numerator": one.numerator,
            "denominator": one.denominator,
        }
        if one.reason is not None:
            out["reason"] = one.reason
        if self.source is not None:
            out["from"] = self.source
        if self.bound is not None:
            out["bound"] = plain(self.bound[position])
        if self.dropped is not None:
            out["dropped_replicates"] = int(self.dropped[position])
        if self.no_interval is not None and self.no_interval[position] is not None:
            out["interval_reason"] = self.no_interval[position]
        return out


def plain_table(table: NDArray[np.float64]) -> list[list[float | None]]:
    """Return a table as lists, a list a row; None for NaN and infinity."""
    return [[plain(x) for x in line] for line in table]


def plain(number: float | np.float64) -> float | None:
    """Return a number as a Python float, None for NaN and infinity."""
    return float(number) if math.isfinite(number) else None


def reasons(value: FloatArray, reason: str) -> tuple[str | None, ...]:
    """Return the reason where a value is undefined and None elsewhere."""
    return tuple(reason if is_undefined else None for is_undefined in np.isnan(value))
