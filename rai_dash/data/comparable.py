"""What of a table can be compared row by row: which columns, and which rows a model was trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rai_dash.data.column_facts import ColumnFacts, TableFacts
from rai_dash.data.columns import is_row_number
from rai_dash.data.dataset import Dataset
from rai_dash.data.duplicates import count_shared, row_hashes
from rai_dash.data.identifiers import is_id_like
from rai_dash.data.labels import labels


def compared_columns(dataset: Dataset, facts: TableFacts) -> list[ColumnFacts]:
    """Choose the columns that tell one application from another: no ids, no row numbers, nothing about the model."""
    roles = dataset.roles
    columns = facts.without((roles.id, roles.split, roles.score))
    return [c for c in columns if c.known and not is_row_number(c.series) and not is_id_like(c)]


def training_rows(dataset: Dataset) -> NDArray[np.bool_] | None:
    """Mark the rows that the model was trained on, bool (n,); None unless the data name some and not all."""
    roles = dataset.roles
    if roles.split is None or not roles.split_train:
        return None
    trained = labels(dataset.frame[roles.split]).isin(list(roles.split_train)).to_numpy(dtype=bool)
    return trained if trained.any() and not trained.all() else None


def rows_seen_in_training(dataset: Dataset, facts: TableFacts) -> int | None:
    """Count the rows outside training that equal a training row in every compared column; None without a split."""
    trained, columns = training_rows(dataset), compared_columns(dataset, facts)
    if trained is None or not columns:
        return None
    rows = row_hashes(columns, lambda c: c.hashes)
    return count_shared(rows[~trained], rows[trained])
