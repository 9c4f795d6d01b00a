"""Rows by outcome, over all rows of a data set, and what is said of those that are a sample."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import N_LABELS
from rai_dash.core.types import Notice
from rai_dash.core.words import count
from rai_dash.data.dataset import Dataset
from rai_dash.data.labels import labels

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def outcome_rows_of(dataset: Dataset) -> IntArray:
    """Count all rows by outcome, int64 (3,): unfavourable, favourable, unknown."""
    if dataset.portfolio is None:
        return np.bincount(dataset.outcome, minlength=N_LABELS).astype(np.int64)
    from rai_dash.data.portfolio.cells import outcome_totals

    return outcome_totals(dataset.portfolio, dataset.roles)[0]


def outcome_weights_of(dataset: Dataset) -> FloatArray:
    """Add up the weights of all rows by outcome, float64 (3,); a row without a weight counts 1."""
    if dataset.portfolio is None:
        return np.bincount(dataset.outcome, weights=dataset.weight, minlength=N_LABELS).astype(np.float64)
    from rai_dash.data.portfolio.cells import outcome_totals

    return outcome_totals(dataset.portfolio, dataset.roles)[1]


def blank_outcomes_of(dataset: Dataset) -> int:
    """Count all rows whose outcome is blank; 0 without a target."""
    target = dataset.roles.target
    if target is None:
        return 0
    if dataset.portfolio is None:
        return int(labels(dataset.frame[target]).isna().sum())
    from rai_dash.data.portfolio.blanks import blank_cells

    return blank_cells(dataset.portfolio, [target])[target]


def among(dataset: Dataset) -> str:
    """Say which rows a finding is of, as a sentence after a blank; empty where all of them were looked at."""
    if dataset.n_rows == dataset.n_all:
        return ""
    return f" This is among {count(dataset.n_rows)} sampled rows of {count(dataset.n_all)}."


def said_of_sample(dataset: Dataset, notice: Notice) -> Notice:
    """Say in a notice that it is of the sample, where it is."""
    return replace(notice, message=notice.message + among(dataset))
