"""What the first look at a portfolio asks of groups, outcomes and blanks, in one question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rai_dash.data.portfolio.blanks import key_of_blanks
from rai_dash.data.portfolio.levels import levels_of
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Factor, Key, Tally, Value

if TYPE_CHECKING:
    from rai_dash.core.types import Roles
    from rai_dash.data.dataset import Dataset

#: Most combinations; what they add up to is answered without another look at the rows.
_MOST_CELLS: Final = 10_000


def count_together(dataset: Dataset, blank: Sequence[str]) -> None:
    """Count groups, outcomes and blanks against each other, so that tables of some of them are added up from these.

    Parameters
    ----------
    dataset : Dataset
        Nothing is done for a table in memory.
    blank : sequence of str
        Columns with blank cells.
    """
    portfolio, roles = dataset.portfolio, dataset.roles
    if portfolio is None or not roles.sensitive:
        return
    keys: dict[Key, None] = {}
    cells = 1
    for key, values in _keys(portfolio, roles, blank):
        if key not in keys and cells * values <= _MOST_CELLS:
            cells *= values
            keys[key] = None
    numbers = [c for c in blank if portfolio.kinds[c].is_number and c not in roles.ignored]
    portfolio.tally(Tally(keys=tuple(keys), sums=tuple((Factor(column=c, power=0),) for c in numbers)))


def _keys(portfolio: Portfolio, roles: Roles, blank: Sequence[str]) -> Iterator[tuple[Key, int]]:
    """Return what divides the rows, with how many values each has, most important first."""
    if roles.target is not None:
        levels = levels_of(portfolio, roles.target)
        yield Value(column=roles.target), len(levels.groups)
    for column in roles.sensitive:
        levels = levels_of(portfolio, column, roles.bins.get(column))
        yield levels.key, len(levels.groups)
    for column in blank:
        if not portfolio.kinds[column].is_number and column not in roles.ignored:
            yield key_of_blanks(portfolio, column)
