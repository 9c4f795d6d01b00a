"""Whether the model here gives the scores that the table says it gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

#: Rows that are compared at most, evenly over the table.
MAX_ROWS: Final = 1_000
#: Above it the two are not the same model, or not the same data.
TOLERANCE: Final = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Fidelity:
    """Scores of a model beside a score column, on the rows that have both.

    Parameters
    ----------
    model, column : float64 (n,)
        Both as probabilities of the favourable outcome.
    """

    model: FloatArray
    column: FloatArray

    @property
    def rows(self) -> int:
        """Rows compared."""
        return int(self.model.size)

    @property
    def largest(self) -> float:
        """Largest difference of the two."""
        return float(np.abs(self.model - self.column).max()) if self.rows else 0.0

    @property
    def holds(self) -> bool:
        """Whether no row differs by more than ``TOLERANCE``."""
        return self.largest <= TOLERANCE

    def flips(self, threshold: float) -> int:
        """Count the rows that the two decide differently."""
        return int(((self.model >= threshold) != (self.column >= threshold)).sum())


def compare(model: FloatArray, column: FloatArray) -> Fidelity | None:
    """Compare scores of a model with a score column.

    Parameters
    ----------
    model, column : float64 (n,)
        NaN = no score.

    Returns
    -------
    Fidelity or None
        None where no row has both.
    """
    both = np.flatnonzero(np.isfinite(model) & np.isfinite(column))
    if both.size == 0:
        return None
    if both.size > MAX_ROWS:
        both = both[np.linspace(0, both.size - 1, MAX_ROWS).astype(np.intp)]
    return Fidelity(model[both], column[both])
