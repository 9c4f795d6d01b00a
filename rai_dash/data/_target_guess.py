"""Which column is the outcome, and which of its values are good for the applicant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.data import role_words as words
from rai_dash.data.column_facts import ColumnFacts
from rai_dash.data.outcome_words import Sides, sides

#: An outcome has at most so many values.
MOST_OUTCOMES: Final = 12
_BY_NAME: Final = "its name says so"


@dataclass(frozen=True, slots=True)
class TargetGuess:
    """A column that looks like the outcome.

    Parameters
    ----------
    column : ColumnFacts
        Of the table.
    sides : Sides or None
        Which values are good and bad; None where the user has to say.
    reason : str
        Plain words.
    """

    column: ColumnFacts
    sides: Sides | None
    reason: str


def _has_few_values(c: ColumnFacts) -> bool:
    return c.has_few(MOST_OUTCOMES) and 2 <= len(c.values) <= MOST_OUTCOMES


def _sides(c: ColumnFacts) -> Sides | None:
    return sides(c.name, c.values) if _has_few_values(c) else None


def _count_words(c: ColumnFacts) -> str:
    return tr("two values") if len(c.values) == 2 else tr("{values} values", values=len(c.values))


def _named(columns: Iterable[ColumnFacts], patterns: Iterable[re.Pattern[str]]) -> Iterable[ColumnFacts]:
    """Go through the columns with a telling name, the most telling first."""
    listed = list(columns)
    for pattern in patterns:
        yield from (c for c in listed if pattern.fullmatch(words.joined(c.name)))


def guess_target(columns: list[ColumnFacts], last: ColumnFacts | None) -> TargetGuess | None:
    """Guess the outcome of a table.

    By name where it is clear which values are good; else by name alone, for the user to say; else the
    last column, if it has two values of which one is clearly good.

    Parameters
    ----------
    columns : list of ColumnFacts
        Those without another role.
    last : ColumnFacts or None
        The last column of the table.
    """
    for c in _named(columns, words.TARGETS):
        if (found := _sides(c)) is not None:
            return TargetGuess(
                c, found, tr("{by_name} and it has {count}", by_name=_BY_NAME, count=_count_words(c))
            )
    # The last group of names (class, status, income …) is too common to ask about without a clear value.
    unclear = (c for c in _named(columns, words.TARGETS[:-1]) if _has_few_values(c))
    if (asked := next(unclear, None)) is not None:
        return TargetGuess(
            asked,
            None,
            tr(
                "{by_name} and it has {count}; say which are favourable",
                by_name=_BY_NAME,
                count=_count_words(asked),
            ),
        )
    if last is None or last not in columns or words.is_sensitive(last.name) or not last.has_few(2):
        return None
    found = _sides(last)
    return (
        TargetGuess(last, found, tr("it is the last column and has two values; check it")) if found else None
    )
