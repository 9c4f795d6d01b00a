"""Rows of a test set that a candidate was trained on: its figures are too good on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import Case, CaseData, CaseModel, held_out_rows
from rai_dash.data.dataset import Dataset
from rai_dash.data.duplicates import FEWEST_COLUMNS, pairs_by_chance
from rai_dash.data.shared_rows import cells_of, common_columns, equal_rows, same_ids

BoolArray = NDArray[np.bool_]

NOT_KNOWN = "which rows it was trained on is not known"
NOT_THERE = "its training data are not part of this case"
ONLY_A_SAMPLE = "its training data are counted where they lie, and only a sample of them is in memory"
TOO_FEW_COLUMNS = f"fewer than {FEWEST_COLUMNS} columns are in both tables"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenRows:
    """Which rows of a test set equal a row that a model was trained on.

    Parameters
    ----------
    rows : bool (n,)
        Of all rows of the table: equal in all columns that both tables have, but for ids, split and score.
    same_id : int or None
        How many of them have an id that is in the training rows too; None where there is no one column of ids.
    by_chance : float or None
        Equal pairs expected if the columns had nothing to do with each other: a lower bound.
    training : str
        Title of the training data; empty where they are not known.
    reason : str or None
        Why nothing can be said.
    """

    rows: BoolArray
    same_id: int | None = None
    by_chance: float | None = None
    training: str = ""
    reason: str | None = None

    def n(self, judged: BoolArray) -> int | None:
        """Count them among the judged rows; None = not known."""
        return None if self.reason is not None else int((self.rows & judged).sum())


def seen_rows(case: Case, data: CaseData, model: CaseModel) -> SeenRows:
    """Find the rows of a data set that a model was trained on; looked for once."""
    key = ("seen_rows", data.key, data.dataset.fingerprint, model.key, model.trained_on)
    return case.memo.get(key, lambda: _seen_rows(case, data, model))


def _seen_rows(case: Case, data: CaseData, model: CaseModel) -> SeenRows:
    nobody = np.zeros(data.dataset.n_rows, dtype=bool)
    if model.trained_on is None:
        return SeenRows(rows=nobody, reason=NOT_KNOWN)
    found = next((d for d in case.data if d.key == model.trained_on), None)
    if found is None:
        return SeenRows(rows=nobody, reason=NOT_THERE)
    training = trained_rows(found.dataset)
    held_out = held_out_rows(data.dataset)
    if found.key == data.key and held_out is None:
        # The very rows: nothing has to be compared.
        return SeenRows(rows=~nobody, same_id=None, training=found.title)
    if found.dataset.n_rows < found.dataset.n_all:
        return SeenRows(rows=nobody, training=found.title, reason=ONLY_A_SAMPLE)
    pairs = common_columns(data.dataset, training)
    if len(pairs) < FEWEST_COLUMNS:
        return SeenRows(rows=nobody, training=found.title, reason=TOO_FEW_COLUMNS)
    here, there = [a for a, _ in pairs], [b for _, b in pairs]
    rows = equal_rows(here, there)
    return SeenRows(
        rows=rows,
        same_id=same_ids(data.dataset, training, rows if held_out is None else rows & held_out),
        by_chance=pairs_by_chance(here, data.dataset.n_rows * training.n_rows, cells_of(pairs)),
        training=found.title,
    )


def trained_rows(dataset: Dataset) -> Dataset:
    """Return the rows of a training table that its split column marks; all of them without one."""
    held_out = held_out_rows(dataset)
    if held_out is None:
        return dataset
    frame = dataset.frame[~held_out].reset_index(drop=True)
    return Dataset(frame=frame, roles=dataset.roles, fingerprint=dataset.fingerprint, name=dataset.name)
