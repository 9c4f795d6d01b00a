"""What one column looks like: a score, ages, a group of people, a date."""

from __future__ import annotations

from typing import Final

import numpy as np

from rai_dash.core.types import Direction, ScoreScale
from rai_dash.data import role_words as words
from rai_dash.data.column_facts import ColumnFacts
from rai_dash.data.date_forms import are_months, are_years, is_dates
from rai_dash.data.groups import MAX_CODES

AGE_EDGES: Final = (25.0, 35.0, 50.0, 65.0)
_OLDEST: Final = 130
_MOST_GROUPS: Final = 50
#: Ends of the scales on which scores are written: low, high, unit.
_SCALES: Final = ((0.0, 1.0, "probability"), (0.0, 100.0, "percent"), (300.0, 850.0, "points"))


def score_scale(c: ColumnFacts) -> ScoreScale | None:
    """Find the scale that the values of a score lie on."""
    values = c.numbers
    if np.isnan(values).all():
        return None
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    direction = Direction.LOWER if words.is_risk_score(c.name) else Direction.HIGHER
    for start, end, unit in _SCALES:
        if start <= low and high <= end:
            return ScoreScale(direction=direction, low=start, high=end, unit=unit)
    return None


def is_sensitive(c: ColumnFacts) -> bool:
    """Whether a column divides people into groups by who they are: by name, with few enough values or ages."""
    most = _MOST_GROUPS if not c.is_number else MAX_CODES
    return words.is_sensitive(c.name) and ((c.has_few(most) and c.distinct >= 2) or bool(age_edges(c)))


def age_edges(c: ColumnFacts) -> tuple[float, ...]:
    """Choose the edges for a column of ages; none where it holds few values or no ages."""
    if not (c.is_number and words.is_age(c.name) and c.distinct > 10):
        return ()
    values = c.numbers
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return tuple(e for e in AGE_EDGES if low < e <= high) if low >= 0 and high < _OLDEST else ()


def is_time(c: ColumnFacts) -> bool:
    """Whether a column holds dates or months: text by its form, numbers by form and, for years, by name."""
    if c.is_number:
        if not c.is_whole:
            return False
        named = words.is_time(c.name) and are_years(c.numbers)
        return not words.is_birth(c.name) and (named or are_months(c.numbers))
    return is_dates(c.looked_at) and not words.is_birth(c.name) and not words.is_late(c.name)
