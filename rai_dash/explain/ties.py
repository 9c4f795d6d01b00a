"""Factors as strong as the last one that is listed: the list could have had one of them instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rai_dash.core.texts import tr
from rai_dash.core.types import Explanation
from rai_dash.explain.reasons import Factor

#: Contributions up to this size, or up to the additivity error, are rounding.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Factors left out that are as strong as the last one listed, as far as can be told.

    Parameters
    ----------
    last : str
        The weakest factor that is listed.
    others : tuple of str
        Factors left out whose contribution is within the instability of it; equal ones always are.
    within : float
        The instability that was used for the first of them, in the space of the explanation; of exact values rounding.
    is_equal : bool
        Whether they are equal up to rounding.
    """

    last: str
    others: tuple[str, ...]
    within: float
    is_equal: bool = False

    @property
    def message(self) -> str:
        """The finding as a sentence."""
        listed = ", ".join(f"`{name}`" for name in self.others)
        why = tr("they weigh the same") if self.is_equal else tr("the difference is within the instability")
        return tr(
            "{listed} could stand in the place of `{last}`: {why}.", listed=listed, last=self.last, why=why
        )


def rounding_of(explanation: Explanation) -> float:
    """Return up to which size a contribution, or a difference of two, is rounding."""
    return max(explanation.additivity_error, ROUNDING)


def tie_of(
    ranked: Sequence[Factor], most: int, explanation: Explanation, instability: float | Mapping[str, float]
) -> Tie | None:
    """Name the factors left out that could stand in the last place.

    Parameters
    ----------
    ranked : sequence of Factor
        All factors against the applicant, the strongest first.
    most : int
        How many of them are listed.
    explanation : Explanation
        What they come from: its standard errors and its rounding count.
    instability : float or mapping of str to float
        How far a contribution moves by chance or noise: for all, or by factor.

    Returns
    -------
    Tie or None
        None where all are listed, or none of the others is close.
    """
    if len(ranked) <= most:
        return None
    last = ranked[most - 1]
    rounding = rounding_of(explanation)

    def unsure(name: str) -> float:
        stated = instability if isinstance(instability, (int, float)) else instability.get(name, 0.0)
        return float(stated)

    def within(name: str) -> float:
        errors = explanation.errors.get(name, 0.0) ** 2 + explanation.errors.get(last.column, 0.0) ** 2
        # Exact values are equal up to rounding: without that, equals would never be said to tie.
        stated = max(unsure(name), unsure(last.column), rounding)
        return stated + 2.0 * float(errors**0.5)

    close = [f for f in ranked[most:] if abs(f.contribution - last.contribution) <= within(f.column)]
    if not close:
        return None
    is_equal = all(abs(f.contribution - last.contribution) <= rounding for f in close)
    return Tie(
        last=last.column, others=tuple(f.column for f in close), within=within(close[0].column), is_equal=is_equal
    )  # fmt: skip
