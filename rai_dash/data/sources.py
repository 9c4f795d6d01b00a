"""Where the outcome of a row comes from: it happened, or people decided in its place."""

from __future__ import annotations

from typing import Final

import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Roles
from rai_dash.data.labels import labels

#: The column that says it, and what stands in it.
SOURCE: Final = "outcome_source"
DECIDED_BY_PEOPLE: Final = "decided by a person"
OBSERVED: Final = "observed"


def tells_source(frame: pd.DataFrame) -> bool:
    """Whether a table says where its outcomes come from: a column of that name with nothing else in it."""
    if SOURCE not in frame.columns:
        return False
    return set(labels(frame[SOURCE]).dropna().unique()) <= {OBSERVED, DECIDED_BY_PEOPLE}


def decided_by_people(frame: pd.DataFrame) -> int:
    """Count the rows whose outcome is a decision of people; a table that does not say has none."""
    return int((labels(frame[SOURCE]) == DECIDED_BY_PEOPLE).sum()) if tells_source(frame) else 0


def with_source(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table that says where its outcomes come from; where it did not, they count as observed.

    Raises
    ------
    InvalidChoice
        When it has a column of that name with something else in it.
    """
    if SOURCE in frame.columns and not tells_source(frame):
        msg = tr(
            "`{source}` holds something else in one of the tables. Rename that column first.", source=SOURCE
        )
        raise InvalidChoice(msg)
    told = frame[SOURCE].fillna(OBSERVED) if SOURCE in frame.columns else OBSERVED
    return frame.assign(**{SOURCE: told})


def without_source(roles: Roles) -> Roles:
    """Return roles by which no model and no comparison of people uses the column."""
    sensitive = tuple(c for c in roles.sensitive if c != SOURCE)
    features = tuple(c for c in roles.features if c != SOURCE)
    ignored = tuple(dict.fromkeys([*roles.ignored, SOURCE]))
    bins = {c: edges for c, edges in roles.bins.items() if c != SOURCE}
    return roles.with_(sensitive=sensitive, features=features, ignored=ignored, bins=bins)
