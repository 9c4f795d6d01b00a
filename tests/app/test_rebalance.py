from __future__ import annotations

import json

import numpy as np
import pytest

from rai_dash.core.errors import Cancelled, InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.groups import group_index
from rai_dash.data.read import read_dataset
from rai_dash.data.resample import resample
from rai_dash.metrics.table import metric_table
from rai_dash.models.client import load_model
from rai_dash.trials.rebalance import Recipe, all_rows, make_fold, rebalance

FEATURES = (
    "age", "workclass", "education", "education-num", "marital-status", "occupation", "relationship", "ethnicity",
    "gender", "capital-gain", "capital-loss", "hours-per-week",
)  # fmt: skip
ROLES = Roles(target="loan", favourable=("Approved",), sensitive=("gender",), features=FEATURES)


def _read(repo, name):
    return read_dataset(repo / "sample_data" / f"story_{name}.csv.gz", ROLES)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("up", "down"), [(0, 1), (1, 1), (0, 0.3), (0.5, 0.8)])
def test_no_row_of_the_test_fold_is_ever_trained_on(repo, up, down, seed):
    dataset = _read(repo, "training")
    fold = make_fold(dataset, None, seed=seed)

    drawn = resample(
        dataset.outcome, group_index(dataset.frame, "gender"), fold.train, up=up, down=down, seed=seed
    )

    assert not np.isin(drawn, fold.test).any()
    assert np.isin(drawn, fold.train).all()


def test_a_seeded_fold_keeps_the_share_of_each_outcome(repo):
    dataset = _read(repo, "training")

    fold = make_fold(dataset, None, seed=3)

    assert (dataset.outcome[fold.test] == 1).sum() == 20
    assert fold.test.size == 1600
    assert np.intersect1d(fold.train, fold.test).size == 0


def test_step_seven_of_the_story_comes_out_to_the_last_row(repo, shared):
    expected = json.loads((shared / "data/story/EXPECTED.json").read_text())["group"]
    want = expected["7 collected, up loan x gender"]["living_1100"]
    before = expected["6 collected 8000"]["living_1100"]
    collected, living = _read(repo, "collected_8000"), _read(repo, "living_1100")

    with load_model(repo / "sample_data" / "story_biased.ubj") as model:
        found = rebalance(
            collected,
            model,
            recipe=Recipe(by="gender", up=1, down=1, seed=0),
            fold=all_rows(collected),
            test=living,
        )

    for trained, figures in ((found.after, want), (found.before, before)):
        table = metric_table(trained.by_group, 0.5, bootstrap=0)
        for i, group in enumerate(table.groups):
            assert table.estimate("recall", i).numerator == figures[group]["tp"]
            assert table.estimate("fpr", i).numerator == figures[group]["fp"]
        accuracy = metric_table(trained.everyone, 0.5, bootstrap=0).estimate("accuracy", 0).value
        assert accuracy == pytest.approx(figures["all"]["acc"], abs=1e-4)
    assert set(found.after.cells.values()) == {max(found.before.cells.values())}
    assert not found.is_stand_in


def test_a_case_without_a_model_gets_a_stand_in_that_is_named_as_one(repo):
    dataset = _read(repo, "living_1100")

    found = rebalance(
        dataset, None, recipe=Recipe(by=None, up=1, down=1), fold=make_fold(dataset, None, seed=0)
    )

    assert found.is_stand_in
    assert "stand-in" in found.kind
    assert found.test_rows == 220


def test_training_can_be_stopped(repo):
    dataset = _read(repo, "living_1100")

    with pytest.raises(Cancelled):
        rebalance(
            dataset,
            None,
            recipe=Recipe(by=None, up=1, down=1),
            fold=make_fold(dataset, None, seed=0),
            cancelled=lambda: True,
        )


def test_too_few_rows_of_an_outcome_are_refused_in_words():
    dataset = read_dataset(b"y,x\n" + b"1,2\n" * 3 + b"0,1\n" * 30, Roles(target="y", favourable=("1",)))

    with pytest.raises(InvalidChoice, match="at least 5 of each"):
        make_fold(dataset, None, seed=0)
