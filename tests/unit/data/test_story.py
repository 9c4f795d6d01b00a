"""The published figures of the story, from its own training table."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.associations import associations
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.imbalance import imbalance
from rai_dash.data.resample import resample

ROLES = Roles(target="loan", favourable=("Approved",), sensitive=("gender",))


@pytest.fixture(scope="module")
def training(shared):
    return pd.read_csv(shared / "data" / "story" / "group_training.csv.gz")


@pytest.fixture(scope="module")
def expected(shared):
    return json.loads((shared / "data" / "story" / "EXPECTED.json").read_text())


def test_associations_with_the_outcome_are_the_published_ones_before_the_correction_for_bias(
    training, expected
):
    published = expected["group"]["assoc"]
    n = len(training)

    matrix = associations(training, ["loan", *published])

    for i, column in enumerate(published, start=1):
        k = training[column].nunique()
        smaller = min(2 - 1 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
        plain = np.sqrt(matrix.value[0, i] ** 2 * smaller + (k - 1) / (n - 1))
        assert round(float(plain), 3) == published[column]
        assert matrix.n[0, i] == n


def test_two_of_3064_women_and_98_of_4936_men_are_approved(training, expected):
    dataset = dataset_from_frame(training, ROLES)

    cells = {c.labels: (c.favourable, c.labelled) for c in imbalance(dataset, ["gender"]).cells}

    assert cells == {("Female",): (2, 3064), ("Male",): (98, 4936)}
    share = sum(f for f, _ in cells.values()) / len(training)
    assert share == pytest.approx(expected["group"]["share_approved_train"])


@pytest.mark.parametrize(
    "columns", [["ethnicity"], ["gender", "marital-status"], ["gender", "age", "workclass"]]
)
def test_cells_agree_with_pandas(training, columns):
    dataset = dataset_from_frame(training, ROLES)
    edges = [-np.inf, 25, 45, np.inf]
    keys = [
        pd.cut(training[c], edges, right=False, labels=["young", "middle", "old"])
        if c == "age"
        else training[c]
        for c in columns
    ]
    oracle = (training["loan"] == "Approved").groupby(keys, observed=True).agg(["size", "sum"])
    names = {"[-inf, 25)": "young", "[25, 45)": "middle", "[45, inf)": "old"}

    table = imbalance(dataset, columns, bins={"age": (25, 45)})

    ours = {tuple(names.get(v, v) for v in c.labels): (c.n, c.favourable) for c in table.cells if c.n}
    theirs = {
        k if isinstance(k, tuple) else (k,): tuple(v)
        for k, v in zip(oracle.index, oracle.to_numpy(), strict=True)
    }
    assert ours == theirs


def test_rows_held_back_for_testing_are_never_drawn(repo):
    frame = pd.read_csv(repo / "sample_data" / "story_training.csv.gz")
    dataset = dataset_from_frame(frame, ROLES)
    positions = np.flatnonzero(frame["split"] == "train")

    drawn = resample(dataset.outcome, None, positions, up=1.0, down=1.0, seed=0)

    assert np.isin(drawn, positions).all()
    approved = int((frame["loan"].iloc[drawn] == "Approved").sum())
    assert approved * 2 == len(drawn)
