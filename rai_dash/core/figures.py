"""What is taken from rows beside the counts, because cells would blur it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
#: Where fine cells could move the AUC by more, too many scores share a cell for calibration to be told from them.
BLURRED: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class ScoreSums:
    """Sums over rows with a score that give mean score and Brier score exactly; they add up.

    Parameters
    ----------
    values : float64 (groups, 3, 4)
        By group and label {unfavourable, favourable, unknown}, sums of ``w s``, ``w s**2``,
        ``w (s - y)**2`` and ``w (s - y)**4``; the last two are 0 for unknown labels.
    """

    values: FloatArray

    def total(self) -> ScoreSums:
        """Add the groups up."""
        return ScoreSums(self.values.sum(axis=0, keepdims=True))

    def take(self, positions: Sequence[int]) -> ScoreSums:
        """Return some groups."""
        return ScoreSums(self.values[list(positions)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowFigures:
    """AUC and calibration a group, from labelled rows with a score.

    Each array is float64 (groups,), NaN = undefined. ``*_low, *_high`` are 95 % limits.

    Parameters
    ----------
    auc_bound : float64 (groups,) or None
        How far the AUC of the rows lies at most from ``auc``, where scores side by side were taken together; None =
        every row was looked at by itself.
    """

    auc: FloatArray
    auc_low: FloatArray
    auc_high: FloatArray
    calibration_intercept: FloatArray
    calibration_intercept_low: FloatArray
    calibration_intercept_high: FloatArray
    calibration_slope: FloatArray
    calibration_slope_low: FloatArray
    calibration_slope_high: FloatArray
    auc_bound: FloatArray | None = None

    @property
    def source(self) -> str:
        """What the figures were taken from: ``"rows"``, or ``"cells"`` of scores side by side."""
        return "rows" if self.auc_bound is None else "cells"

    def take(self, positions: Sequence[int]) -> RowFigures:
        """Return some groups."""
        at = list(positions)
        found: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        bound: FloatArray | None = found.pop("auc_bound")
        taken = {name: values[at] for name, values in found.items()}
        return RowFigures(auc_bound=None if bound is None else bound[at], **taken)
