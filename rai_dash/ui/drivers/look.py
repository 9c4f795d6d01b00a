"""What is looked at on the page: the explained rows, in columns or in blocks of columns that go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.case import Judgement
from rai_dash.data.blocks import blocks
from rai_dash.explain._base import LOG_ODDS, PROBABILITY
from rai_dash.explain._players import JOINED_BY
from rai_dash.explain.drivers._bins import texts_of
from rai_dash.explain.drivers.importance import Importance, shap_importance
from rai_dash.explain.table import AttributionTable
from rai_dash.ui import data_words
from rai_dash.ui.associations.matrix import drawn_columns, matrix_of
from rai_dash.ui.drivers.explain_all import Blocks, Everyone
from rai_dash.ui.reference import model_of
from rai_dash.ui.state import View

Space = Literal["log-odds", "probability"]
#: Between the values of a block's columns.
_WITH = " · "


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """The explained rows.

    Parameters
    ----------
    view : View
        The case and the pair that is looked at.
    everyone : Everyone
        Contributions.
    rows : DataFrame (m, …)
        Their own values by name of the table's columns; a block's are its columns' values put together.
    blocks : tuple of tuple of str
        Columns that count as one in the table.
    """

    view: View
    everyone: Everyone
    rows: pd.DataFrame
    blocks: Blocks

    @property
    def judgement(self) -> Judgement:
        """The pair of data and model."""
        return self.view.judgement

    @property
    def table(self) -> AttributionTable:
        """Contributions."""
        return self.everyone.table

    @property
    def space(self) -> Space:
        """What the contributions are in."""
        return LOG_ODDS if self.table.space == LOG_ODDS else PROBABILITY  # type: ignore[return-value]

    @property
    def importance(self) -> Importance:
        """Mean absolute contribution of each column or block."""
        return shap_importance(self.table.values, self.table.names)

    @property
    def ranked(self) -> tuple[str, ...]:
        """Columns or blocks from the one that moves the scores most."""
        return tuple(self.table.names[i] for i in self.importance.order)

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


def feature_rows(judgement: Judgement) -> pd.DataFrame:
    """Return the judged rows with the model's columns."""
    names = list(model_of(judgement).model.info.feature_names)
    return judgement.data.dataset.frame.iloc[judgement.positions][names].reset_index(drop=True)


def look_at(view: View, everyone: Everyone, joined: Blocks) -> Look:
    """Put contributions and the rows they belong to together."""
    rows = feature_rows(view.judgement).iloc[everyone.at].reset_index(drop=True)
    for block in joined:
        parts = [texts_of(rows[name]) for name in block]
        rows[JOINED_BY.join(block)] = [_WITH.join(values) for values in zip(*parts, strict=True)]
    return Look(view=view, everyone=everyone, rows=rows, blocks=joined)


def correlated_blocks(view: View) -> Blocks:
    """Find the correlated blocks of the model's columns, as the Correlations page measures them."""
    judgement = view.judgement
    features = model_of(judgement).model.info.feature_names
    shown = drawn_columns(view, data_words.associated_columns(judgement.data.dataset))
    inside = [name for name in shown if name in features]
    if len(inside) < 2:
        return ()
    found = blocks(matrix_of(view, shown, "kind").only(inside))
    # In the order of the model's columns, as the process that explains names them.
    return tuple(tuple(name for name in features if name in block) for block in found)


def mates(column: str, joined: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the other columns of a column's block."""
    return tuple(name for block in joined if column in block for name in block if name != column)
