"""What each label of the target means, read from all rows of a portfolio: a sample or a batch may lack a side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.types import UNKNOWN, Roles
from rai_dash.data.labels import label_codes, outcome_codes
from rai_dash.data.portfolio.levels import MOST_VALUES
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Tally, Value


def outcomes_of(portfolio: Portfolio, roles: Roles) -> dict[str, int]:
    """Return the outcome of each label of the target.

    Raises
    ------
    InvalidRoles
        As of `rai_dash.data.labels.outcome_codes`; the values there are told with their rows in the whole table.
    InvalidChoice
        When the target has more than ``MOST_VALUES`` different values.
    """
    target = str(roles.target)
    answer = portfolio.tally(Tally(keys=(Value(column=target),), most=MOST_VALUES))
    values = answer.values()
    found = outcome_codes(values, roles, answer.n)
    codes, names = label_codes(values[target])
    return {names[code]: int(found[i]) for i, code in enumerate(codes.tolist()) if code >= 0}


def outcome_in(frame: pd.DataFrame, roles: Roles, portfolio: Portfolio) -> NDArray[np.int8]:
    """Read the target of some rows of a portfolio as codes, int8 (n,); see `outcomes_of`."""
    if roles.target is None:
        return outcome_codes(frame, roles)
    return codes_by(frame[roles.target], outcomes_of(portfolio, roles))


def codes_by(series: pd.Series, known: Mapping[str, int]) -> NDArray[np.int8]:
    """Read cells of the target by what `outcomes_of` says of their labels, int8 (n,)."""
    codes, names = label_codes(series)
    lookup = np.array([known.get(name, UNKNOWN) for name in names] + [UNKNOWN], np.int8)
    found: NDArray[np.int8] = lookup[codes]
    return found
