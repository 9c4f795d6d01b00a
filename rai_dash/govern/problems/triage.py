"""Which problem comes first: share of people affected × normalised error × harm.

The rule of the house, to the digit: the share is the weight of the slice in all rows; the error is the plain error rate
at the threshold, which needs an outcome and a score; it is normalised by the error of everybody and can exceed 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Triaged:
    """What the place of a problem in the list follows from.

    Parameters
    ----------
    name : str
        Title, by which equal ones are ordered.
    id : str
        Of the problem.
    harm : int
        From 1 to 5.
    share : float or None
        Weight of the slice / weight of all; None = undefined.
    error, overall : float or None
        Error rate in the slice and of everybody; None = undefined.
    """

    name: str
    id: str
    harm: int
    share: float | None
    error: float | None
    overall: float | None

    @property
    def normalised(self) -> float | None:
        """Error of the slice / error of everybody; None where one is undefined or the latter is 0."""
        if self.error is None or self.overall is None or self.overall == 0:
            return None
        return self.error / self.overall

    @property
    def priority(self) -> float | None:
        """Share × normalised error × harm; None where a factor is undefined."""
        return priority(self.share, self.normalised, self.harm)


def priority(share: float | None, normalised: float | None, harm: int) -> float | None:
    """Multiply the three; None where one is undefined.

    Examples
    --------
    >>> priority(0.25, 2.0, 4)
    2.0
    """
    if share is None or normalised is None:
        return None
    return share * normalised * harm


def triage(found: Iterable[Triaged]) -> list[Triaged]:
    """Put problems in order: the highest priority first, undefined ones last, then by name.

    Parameters
    ----------
    found : iterable of Triaged

    Returns
    -------
    list of Triaged
    """
    return sorted(found, key=_place)


def _place(one: Triaged) -> tuple[bool, float, str, str]:
    value = one.priority
    return value is None, -(value or 0.0), one.name, one.id
