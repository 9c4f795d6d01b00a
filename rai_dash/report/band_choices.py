"""What a review band is judged by, and what is handed back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import edges_of
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.review.promise import DELTA
from rai_dash.review.settings import BandCosts, Reviewer, Workload

FloatArray = NDArray[np.float64]
#: Ways to a promise, as they are asked for.
PROMISES: Final = ("fixed", "sequence", "split", "sgr")
#: A finer step than the first is nobody's, a coarser one than the second is no grid.
_FINEST, _COARSEST = 0.001, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class BandChoices:
    """What a band is judged by.

    Parameters
    ----------
    band : ReviewBand
        The user's own.
    reviewer, costs, workload
        See `rai_dash.review.settings`.
    min_n : int
        Groups with fewer rows enter no gap.
    limits : tuple of str
        Constraints as sentences.
    promise : str or None
        One of `PROMISES`; None = the band was picked on these rows.
    alpha : float or None
        Promised share of automatic errors.
    delta : float
        Chance that the promise is broken, at most.
    step : float
        Distance of the cuts of a grid.
    """

    band: ReviewBand
    reviewer: Reviewer = field(default_factory=Reviewer)
    costs: BandCosts = field(default_factory=BandCosts)
    workload: Workload | None = None
    min_n: int = 30
    limits: tuple[str, ...] = ()
    promise: str | None = None
    alpha: float | None = None
    delta: float = DELTA
    step: float = 0.005

    def __post_init__(self) -> None:
        """Refuse a way to a promise that is none, and a step that makes no grid."""
        if self.promise not in {None, *PROMISES}:
            msg = tr(
                "`{promise}` is no way to a promise. Choose from: {promises}.",
                promise=self.promise,
                promises=", ".join(PROMISES),
            )
            raise InvalidChoice(msg)
        if self.promise in {"sequence", "sgr"} and self.alpha is None:
            msg = tr("Which share of errors is to be promised? Give alpha, for example 0.10.")
            raise InvalidChoice(msg)
        if not _FINEST <= self.step <= _COARSEST:
            msg = tr(
                "A step of {step} makes no useful grid. Give a number from {finest} to {coarsest}.",
                step=f"{self.step:g}",
                finest=_FINEST,
                coarsest=_COARSEST,
            )
            raise InvalidChoice(msg)

    @property
    def cuts(self) -> FloatArray:
        """The cuts of the grid, as the doubles nearest to their decimals, float64 (k,)."""
        return np.array([round(i * self.step, 6) for i in range(int(1.0 / self.step + 1e-9) + 1)])

    @property
    def edges(self) -> FloatArray:
        """What has to be counted: the cuts of the grid and of the band, float64 (k,)."""
        return np.union1d(self.cuts, edges_of(self.band))


@dataclass(frozen=True, slots=True, kw_only=True)
class BandReport:
    """What was found; ``content`` is the JSON of the public contract.

    Parameters
    ----------
    content : mapping
        ``schema``, ``command`` and what belongs to it.
    broken : tuple of str
        Limits that do not hold, in sentences.
    table : DataFrame or None
        Of a grid: one line a band and number.
    """

    content: Mapping[str, Any]
    broken: tuple[str, ...] = ()
    table: pd.DataFrame | None = None

    def to_json(self, *, indent: int | None = 2) -> str:
        """Write it as JSON; undefined numbers are null."""
        return json.dumps(self.content, indent=indent, ensure_ascii=False, allow_nan=False)
