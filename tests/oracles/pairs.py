"""AIF360's view of two groups."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd

from tests.oracles.cases import Real

#: Our rates by the names of AIF360's methods.
RATES = {
    "selection_rate": "selection_rate",
    "recall": "true_positive_rate",
    "fpr": "false_positive_rate",
    "fnr": "false_negative_rate",
    "tnr": "true_negative_rate",
    "precision": "positive_predictive_value",
    "fdr": "false_discovery_rate",
    "for_rate": "false_omission_rate",
    "npv": "negative_predictive_value",
    "accuracy": "accuracy",
    "base_rate": "base_rate",
}


def two_groups(real: Real, column: str, pair: tuple[str, str]) -> np.ndarray:
    """Return which rows belong to a pair."""
    return real.groups((column,)).isin(pair).to_numpy()


def pair_metric(real: Real, column: str, pair: tuple[str, str], threshold: float, *, weighted: bool = False):
    """Return AIF360's metric of (privileged, unprivileged) at a threshold."""
    at = np.flatnonzero(two_groups(real, column, pair))
    frame = pd.DataFrame(
        {
            "is_privileged": (real.groups((column,)).to_numpy()[at] == pair[0]).astype(float),
            "label": real.label[at].astype(float),
            "weight": real.weight[at] if weighted else 1.0,
        }
    )
    decided = frame.assign(label=(real.score[at] >= threshold).astype(float))
    return _metric(frame, decided)


def _metric(frame: pd.DataFrame, decided: pd.DataFrame):
    # It warns through logging about neural networks that are not installed.
    logging.disable(logging.WARNING)
    try:
        from aif360.datasets import BinaryLabelDataset
        from aif360.metrics import ClassificationMetric
    finally:
        logging.disable(logging.NOTSET)

    def dataset(df: pd.DataFrame):
        return BinaryLabelDataset(
            df=df,
            label_names=["label"],
            protected_attribute_names=["is_privileged"],
            instance_weights_name="weight",
        )

    return ClassificationMetric(
        dataset(frame),
        dataset(decided),
        unprivileged_groups=[{"is_privileged": 0.0}],
        privileged_groups=[{"is_privileged": 1.0}],
    )


def smoothed_differential_fairness(real: Real, columns: tuple[str, ...], threshold: float) -> float:
    """Return AIF360's measure of the decisions by any division."""
    decided = pd.DataFrame(
        {
            "group": pd.factorize(real.groups(columns))[0].astype(float),
            "label": (real.score >= threshold).astype(float),
        }
    )
    from aif360.datasets import BinaryLabelDataset
    from aif360.metrics import BinaryLabelDatasetMetric

    dataset = BinaryLabelDataset(df=decided, label_names=["label"], protected_attribute_names=["group"])
    return BinaryLabelDatasetMetric(dataset).smoothed_empirical_differential_fairness()
