"""What is taken from rows beside the counts, because cells would blur it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


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

    def take(self, positions: Sequence[int]) -> RowFigures:
        """Return some groups."""
        at = list(positions)
        return RowFigures(**{f.name: getattr(self, f.name)[at] for f in fields(self)})
