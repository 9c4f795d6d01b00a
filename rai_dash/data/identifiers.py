"""Recognising columns that name the row."""

from __future__ import annotations

from typing import Final

import numpy as np

from rai_dash.data.column_facts import ColumnFacts
from rai_dash.data.columns import is_row_number
from rai_dash.data.date_forms import is_dates
from rai_dash.data.role_words import is_id

_SHARE: Final = 0.95
_ROWS: Final = 50
#: Mean length from which text is taken for sentences.
_SENTENCE: Final = 40
#: So many pairs of equal numbers would be expected by chance.
_PAIRS: Final = 5.0


def is_long_text(column: ColumnFacts) -> bool:
    """Whether text is written in sentences: long on average, with several words."""
    if column.is_number or not column.looked_at:
        return False
    lengths = [len(text) for text in column.looked_at]
    words = sum(text.count(" ") for text in column.looked_at) / len(lengths)
    return len(lengths) > 20 and sum(lengths) / len(lengths) >= _SENTENCE and words >= 4


def is_id_like(column: ColumnFacts) -> bool:
    """Whether nearly every cell is another text, or every cell another whole number though chance would repeat some.

    Numbers between two ends repeat by chance: of n, about ``n² / 2 / range`` pairs. Where five and more
    pairs were to be expected and none is there, or where the name says so, the numbers were given out one by one.
    """
    if column.known < _ROWS:
        return False
    if not column.is_number:
        nearly = column.distinct > _SHARE * column.known
        return nearly and not is_dates(column.looked_at) and not is_long_text(column)
    if not column.is_whole or not column.is_unique or is_row_number(column.series):
        return False
    spread = float(np.nanmax(column.numbers) - np.nanmin(column.numbers)) + 1
    return is_id(column.name) or column.known**2 / 2 / spread >= _PAIRS
