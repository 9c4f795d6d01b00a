"""The columns of a model as a trainer takes them: numbers, and categories with one fixed list of labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.columns import require_names
from rai_dash.data.labels import labels
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Tally, Value

#: Labels of one column that a tree can still choose among; ids and free text have more.
MOST_LABELS: Final = 1_000


@dataclass(frozen=True, slots=True)
class ModelColumns:
    """Columns to train on.

    Parameters
    ----------
    categories : dict of str to tuple of str, or None
        In the order of the model: the labels of a column of categories, None for numbers.
    """

    categories: dict[str, tuple[str, ...] | None]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self.categories)

    def matrix(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Bring rows to numbers and categories; a label outside the list is a blank."""
        columns: dict[str, object] = {}
        for name, known in self.categories.items():
            series = frame[name]
            columns[name] = (
                series if known is None else pd.Categorical(labels(series), categories=list(known))
            )
        return pd.DataFrame(columns, index=frame.index)


def columns_of(portfolio: Portfolio, names: Sequence[str]) -> ModelColumns:
    """List the labels of each column of text among all rows, sorted, so that the same rows give the same model.

    Raises
    ------
    MissingColumn
        When there is no such column.
    InvalidChoice
        When a column of text has more than ``MOST_LABELS`` labels.
    """
    require_names(portfolio.columns, names)
    kinds = portfolio.kinds
    return ModelColumns({n: None if kinds[n].is_number else _labels(portfolio, n) for n in names})


def _labels(portfolio: Portfolio, name: str) -> tuple[str, ...]:
    try:
        answer = portfolio.tally(Tally(keys=(Value(column=name),), most=MOST_LABELS))
    except InvalidChoice as error:
        if error.code != "too_many_values":
            raise
        msg = tr(
            "`{name}` holds more than {most_labels} different texts: no categories to train on. Leave it out.",
            name=name,
            most_labels=f"{MOST_LABELS:,}",
        )
        raise InvalidChoice(msg) from None
    return tuple(sorted(labels(answer.values()[name]).dropna().unique()))
