"""The strongest factors on either side of a decision, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from rai_dash.core.texts import tr
from rai_dash.explain._players import JOINED_BY

#: A statement of reasons lists few: with more of them nobody sees what decided.
MOST_FACTORS = 4


@dataclass(frozen=True, slots=True)
class Factor:
    """One column that pushes a score.

    Parameters
    ----------
    column : str
        Original column, or a block of them with their names joined by " + ".
    contribution : float
        In the space of the explanation; negative = towards the unfavourable outcome.
    shown : str or None
        The applicant's own value as text; None where it was not given.
    """

    column: str
    contribution: float
    shown: str | None

    @property
    def text(self) -> str:
        """``"gender (Female)"``, or the bare column."""
        return self.column if self.shown is None else f"{self.column} ({self.shown})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """Adverse and favourable factors, the strongest first."""

    adverse: tuple[Factor, ...]
    favourable: tuple[Factor, ...]


def factors(
    values: Mapping[str, float],
    applicant: Mapping[str, object] | None = None,
    *,
    most: int = MOST_FACTORS,
    least: float = 0.0,
) -> Factors:
    """Sort contributions into those that push against the applicant and those that push for them.

    A favourable factor is never listed as adverse, so a list may be shorter than ``most`` or empty.

    Parameters
    ----------
    values : mapping of str to float
        Contribution a column to the favourable outcome.
    applicant : mapping of str to value, optional
        The applicant's own values.
    most : int
        Longest list.
    least : float
        Contributions up to this size are rounding and push neither way.
    """

    def factor(column: str) -> Factor:
        own = None if applicant is None else ", ".join(shown(v) for v in own_values(column, applicant))
        return Factor(column, values[column], own)

    ranked = sorted(values, key=lambda column: (-abs(values[column]), column))
    return Factors(
        adverse=tuple(factor(c) for c in ranked if values[c] < -least)[:most],
        favourable=tuple(factor(c) for c in ranked if values[c] > least)[:most],
    )


def own_values(name: str, applicant: Mapping[str, object]) -> tuple[object, ...]:
    """Return the applicant's values of a column, or of the columns of a block."""
    return tuple(applicant.get(column) for column in members(name, applicant))


def members(name: str, columns: Collection[str]) -> tuple[str, ...]:
    """Return the columns behind the name of a factor: itself, or those of a block joined by " + "."""
    parts = tuple(name.split(JOINED_BY))
    is_block = name not in columns and len(parts) > 1 and all(part in columns for part in parts)
    return parts if is_block else (name,)


def shown(value: object) -> str:
    """Write a value as the applicant would: whole numbers without a point, blanks as missing."""
    if value is None or bool(pd.isna(value)):  # type: ignore[call-overload]
        return "missing"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.6g}"
    return str(value)


def in_words(
    found: Factors, *, favourable: str = "approval", unfavourable: str = "refusal"
) -> tuple[str, str]:
    """Write both lists as sentences, the adverse one first.

    Parameters
    ----------
    found : Factors
        From ``factors``.
    favourable, unfavourable : str
        The two outcomes as nouns.

    Examples
    --------
    >>> in_words(factors({"gender": -1.76, "gain": 4.86}, {"gender": "Female", "gain": 15024}))
    ('Pushes towards refusal: gender (Female).', 'Pushes towards approval: gain (15024).')
    """

    def sentence(outcome: str, side: tuple[Factor, ...]) -> str:
        listed = ", ".join(factor.text for factor in side)
        return (
            tr("Pushes towards {outcome}: {listed}.", outcome=outcome, listed=listed)
            if side
            else tr("Nothing pushes towards {outcome}.", outcome=outcome)
        )

    return sentence(unfavourable, found.adverse), sentence(favourable, found.favourable)
