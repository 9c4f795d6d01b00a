"""Whether anybody is like a changed applicant: the search knows no plausibility, real rows do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rai_dash.data.columns import is_number
from rai_dash.data.labels import label_text, labels
from rai_dash.explain.counterfactuals.found import Changes, Counterfactuals


def people_like(
    reference: pd.DataFrame, own: Mapping[str, object], changes: Changes, sensitive: Sequence[str]
) -> int | None:
    """Count the reference rows with the new categories and the applicant's own sensitive ones.

    Parameters
    ----------
    reference : DataFrame (n, columns)
        Rows with the model's columns.
    own : mapping of str to value
        The applicant's own values.
    changes : mapping of str to (before, after)
        What is changed.
    sensitive : sequence of str
        Sensitive columns of the model; numbers among them are not compared.

    Returns
    -------
    int or None
        None where no category is changed: numbers are rarely the same twice.
    """
    new = {c: after for c, (_, after) in changes.items() if not is_number(reference[c])}
    if not new:
        return None
    kept = {c: own[c] for c in sensitive if not is_number(reference[c])}
    # As labels, where a blank is the empty text: blanks equal each other then.
    wanted = {name: label_text(value) for name, value in (kept | new).items()}
    holds = np.logical_and.reduce(
        [(labels(reference[n]).fillna("") == text).to_numpy(dtype=bool) for n, text in wanted.items()]
    )
    return int(holds.sum())


def named_first(found: Counterfactuals, alike: Sequence[int | None]) -> int | None:
    """Return which way is named first: the cheapest with people like it; None where there is none."""
    return next((i for i, (_, n) in enumerate(zip(found.found, alike, strict=True)) if n != 0), None)
