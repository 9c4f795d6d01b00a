"""What is looked at on the page: the explained rows, in columns or in blocks of columns that go together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain._base import LOG_ODDS, PROBABILITY
from rai_dash.explain._players import JOINED_BY
from rai_dash.report import correlated
from rai_dash.report.correlated import Blocks
from rai_dash.report.drivers_views import Driven
from rai_dash.report.everyone import Everyone, explained_rows
from rai_dash.ui.state import View

Space = Literal["log-odds", "probability"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Look(Driven):
    """The explained rows.

    Parameters
    ----------
    view : View
        The case and the pair that is looked at.
    blocks : tuple of tuple of str
        Columns that count as one in the table.
    """

    view: View
    blocks: Blocks

    @property
    def space(self) -> Space:
        """What the contributions are in."""
        return LOG_ODDS if self.table.space == LOG_ODDS else PROBABILITY  # type: ignore[return-value]

    def moves(self, name: str) -> bool:
        """Whether a column or block of the table moves anybody's score."""
        return bool(self.table.values[:, self.table.names.index(name)].any())

    def groups(self, column: str) -> tuple[tuple[str, ...], NDArray[np.int32]]:
        """Return the groups of a sensitive column, and the position of each explained row's group."""
        index = self.judgement.groups((column,))
        return index.groups, index.codes[self.everyone.at]

    def player_of(self, column: str) -> str | None:
        """Return the name under which a column of the model is in the table, None = the model does not take it."""
        if column in self.table.names:
            return column
        return next((JOINED_BY.join(block) for block in self.blocks if column in block), None)


def look_at(view: View, everyone: Everyone, joined: Blocks) -> Look:
    """Put contributions and the rows they belong to together."""
    judgement = view.judgement
    rows = explained_rows(judgement, everyone, joined)
    return Look(view=view, judgement=judgement, everyone=everyone, rows=rows, blocks=joined)


def correlated_blocks(view: View) -> Blocks:
    """Find the correlated blocks of the model's columns, as the Correlations page measures them."""
    return correlated.correlated_blocks(view.judgement)
