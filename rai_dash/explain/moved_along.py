"""Where a what-if starts, and what moves along with a changed value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from rai_dash.data.columns import is_number
from rai_dash.data.labels import label_text


def typical_row(reference: pd.DataFrame) -> pd.DataFrame:
    """Return one row of typical values: the median of numbers, an observed one, and the most frequent category.

    Parameters
    ----------
    reference : DataFrame (n, columns)
        Reference rows with the model's columns.

    Returns
    -------
    DataFrame (1, columns)
        A column without any value is blank.
    """
    columns = {}
    for name, series in reference.items():
        common = series.quantile([0.5], interpolation="lower") if is_number(series) else series.mode()[:1]
        columns[name] = common.reset_index(drop=True).reindex([0]).astype(series.dtype, errors="ignore")
    return pd.DataFrame(columns)


def changes_from(own: pd.DataFrame, start: pd.DataFrame, typed: Mapping[str, str]) -> dict[str, str]:
    """Add to typed values those in which the start differs from the applicant.

    Parameters
    ----------
    own, start : DataFrame (1, columns)
        The applicant, and the row that the changes are made to.
    typed : mapping of str to str
        New values as text, by column.
    """
    texts = {str(name): label_text(start[name].iloc[0]) for name in own.columns}
    return {n: v for n, v in texts.items() if v != label_text(own[n].iloc[0])} | dict(typed)


def moved_along(
    reference: pd.DataFrame, own: pd.DataFrame, linked: Sequence[Sequence[str]], changes: Mapping[str, str]
) -> dict[str, str]:
    """Find what goes along with changed values: columns of which one says the other.

    Parameters
    ----------
    reference : DataFrame (n, columns)
        Rows that hold the combinations.
    own : DataFrame (1, columns)
        The applicant.
    linked : sequence of sequences of str
        Columns that go together, such as those of `linked_columns`.
    changes : mapping of str to str
        New values as text, by column.

    Returns
    -------
    dict of str to str
        Values of the linked columns that were not changed, from the first reference row that holds the changed ones;
        nothing where none does, or where they stay as they are.
    """
    out: dict[str, str] = {}
    for block in linked:
        moved = [name for name in block if name in changes]
        others = [name for name in block if name not in changes]
        if not moved or not others:
            continue
        holds = pd.Series(data=True, index=reference.index)
        for name in moved:
            holds &= reference[name].map(label_text) == changes[name].strip()
        if holds.any():
            donor = reference[others][holds].iloc[0]
            out |= {n: label_text(donor[n]) for n in others}
    return {n: v for n, v in out.items() if v != label_text(own[n].iloc[0])}
