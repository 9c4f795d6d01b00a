"""Conflicting labels: rows that agree in every feature and differ in the outcome, and what that costs any model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.data.column_facts import ColumnFacts, TableFacts
from rai_dash.data.comparable import compared_columns
from rai_dash.data.dataset import Dataset
from rai_dash.data.duplicates import row_hashes


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicts:
    """Rows that share every feature with a row of the other outcome.

    Parameters
    ----------
    features : tuple of str
        Columns compared: no id, row number, split, score, outcome or column that is left out.
    labelled : int
        Rows with a known outcome; the others are not looked at.
    rows : int
        Rows that share all features with a row of the other outcome.
    patterns : int
        Different combinations of features that these rows have.
    most_right : int
        Most labelled rows that a rule reading only the features can get right: in each combination it has to give
        all rows one answer, at best that of the larger side.
    """

    features: tuple[str, ...]
    labelled: int
    rows: int
    patterns: int
    most_right: int

    @property
    def best_accuracy(self) -> float | None:
        """Upper bound of the accuracy on these rows, in [0.5, 1]; None without a labelled row."""
        return self.most_right / self.labelled if self.labelled else None


def conflicts(dataset: Dataset, facts: TableFacts | None = None) -> Conflicts | None:
    """Count conflicting labels.

    Parameters
    ----------
    dataset : Dataset
        The rows; weights are not used, rows are counted.
    facts : TableFacts, optional
        Of the same table, where there are some already.

    Returns
    -------
    Conflicts or None
        None where there is no target or no feature to compare. Blanks are equal to each other.
    """
    roles = dataset.roles
    columns = compared_columns(dataset, facts or TableFacts(dataset.frame))
    features = [c for c in columns if c.name != roles.target and c.name not in roles.ignored]
    if roles.target is None or not features:
        return None
    return _count(dataset, features)


def _count(dataset: Dataset, features: list[ColumnFacts]) -> Conflicts:
    known = dataset.outcome != UNKNOWN
    hashes = row_hashes(features, lambda c: c.hashes)[known]
    codes, patterns = pd.factorize(hashes)
    good_row = dataset.outcome[known] == FAVOURABLE
    good = np.bincount(codes[good_row], minlength=len(patterns))
    bad = np.bincount(codes[~good_row], minlength=len(patterns))
    both = (good > 0) & (bad > 0)
    return Conflicts(
        features=tuple(c.name for c in features),
        labelled=int(known.sum()),
        rows=int((good + bad)[both].sum()),
        patterns=int(both.sum()),
        most_right=int(np.maximum(good, bad).sum()),
    )
