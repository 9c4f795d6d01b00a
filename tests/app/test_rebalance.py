from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import Cancelled, InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.groups import group_index
from rai_dash.data.read import read_dataset
from rai_dash.data.resample import resample
from rai_dash.metrics.table import metric_table
from rai_dash.models.client import load_model
from rai_dash.models.refit import STAND_IN, STAND_IN_TREES
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


@pytest.fixture(scope="module")
def small():
    """300 rows whose outcome follows two numbers, and a group that one of them leans on."""
    rng = np.random.default_rng(8)
    group = rng.choice(["f", "m"], 300, p=[0.3, 0.7])
    a, b = rng.normal(size=300) + (group == "m"), rng.normal(size=300)
    y = (a + b + rng.normal(size=300) > 1.2).astype(int)
    rows = pd.DataFrame({"y": y, "g": group, "a": a, "b": b})
    roles = Roles(target="y", favourable=("1",), sensitive=("g",), features=("a", "b"))
    return read_dataset(rows.to_csv(index=False).encode(), roles)


def _check(trained, dataset, test, score):
    """Compare the counts with a scan of the test rows."""
    from sklearn.metrics import roc_auc_score

    y, g = (dataset.frame[c].to_numpy()[test] for c in "yg")
    approved = score >= 0.5
    everyone = metric_table(trained.everyone, 0.5, bootstrap=0)
    assert everyone.estimate("recall", 0).numerator == (approved & (y == 1)).sum()
    assert everyone.estimate("auc", 0).value == pytest.approx(roc_auc_score(y, score), abs=1e-12)
    table = metric_table(trained.by_group, 0.5, bootstrap=0)
    for i, group in enumerate(table.groups):
        for metric, label in (("recall", 1), ("fpr", 0)):
            e = table.estimate(metric, i)
            assert e.numerator == (approved & (y == label) & (g == group)).sum()
            assert e.denominator == ((y == label) & (g == group)).sum()


RECIPES = [Recipe(by="g", up=1, down=1, seed=3), Recipe(by="g", up=0, down=0.5, seed=4)]


def _positions(dataset, fold, recipe):
    groups = group_index(dataset.frame, "g")
    return resample(dataset.outcome, groups, fold.train, up=recipe.up, down=recipe.down, seed=recipe.seed)


@pytest.mark.parametrize(("recipe", "good"), [(RECIPES[0], "1"), (RECIPES[1], "accepted")])
def test_both_models_equal_a_retraining_with_scikit_learn(small, recipe, good):
    """Also where the favourable class is the first one of the model."""
    import skops.io
    from sklearn.base import clone
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    frame, y = small.frame[["a", "b"]], small.frame["y"].to_numpy()
    own = y if good == "1" else np.where(y == 1, "accepted", "refused")
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.3)).fit(frame, own)
    fold = make_fold(small, None, seed=2)

    with load_model(skops.io.dumps(pipeline), model_class=good) as model:
        found = rebalance(small, model, recipe=recipe, fold=fold)

    column = [str(c) for c in pipeline.classes_].index(good)
    for trained, rows in ((found.before, fold.train), (found.after, _positions(small, fold, recipe))):
        oracle = clone(pipeline).fit(frame.iloc[rows], own[rows])
        _check(trained, small, fold.test, oracle.predict_proba(frame.iloc[fold.test])[:, column])
    assert not found.is_stand_in


def test_weights_of_rows_count_in_training_and_in_every_figure(small):
    import skops.io
    from sklearn.base import clone
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import accuracy_score

    frame = small.frame.assign(w=np.random.default_rng(1).integers(1, 5, 300))
    weighted = read_dataset(frame.to_csv(index=False).encode(), small.roles.with_(weight="w"))
    x, y, w = frame[["a", "b"]], frame["y"].to_numpy(), frame["w"].to_numpy(dtype=float)
    plain = LogisticRegression(C=0.3).fit(x, y)
    fold = make_fold(weighted, None, seed=2)

    with load_model(skops.io.dumps(plain), model_class="1") as model:
        found = rebalance(weighted, model, recipe=RECIPES[0], fold=fold)

    for trained, rows in ((found.before, fold.train), (found.after, _positions(weighted, fold, RECIPES[0]))):
        oracle = clone(plain).fit(x.iloc[rows], y[rows], sample_weight=w[rows])
        decided = oracle.predict_proba(x.iloc[fold.test])[:, 1] >= 0.5
        accuracy = metric_table(trained.everyone, 0.5, bootstrap=0).estimate("accuracy", 0).value
        expected = accuracy_score(y[fold.test], decided, sample_weight=w[fold.test])
        assert accuracy == pytest.approx(expected, abs=1e-12)


def test_the_stand_in_equals_a_training_with_xgboost(small):
    import xgboost

    recipe = RECIPES[1]
    frame, y = small.frame[["a", "b"]], small.frame["y"].to_numpy()
    fold = make_fold(small, None, seed=2)

    found = rebalance(small, None, recipe=recipe, fold=fold)

    for trained, rows in ((found.before, fold.train), (found.after, _positions(small, fold, recipe))):
        settings = {
            "objective": "binary:logistic",
            "tree_method": "hist",
            "nthread": 1,
            "seed": 0,
            **STAND_IN,
        }
        booster = xgboost.train(
            settings, xgboost.DMatrix(frame.iloc[rows], label=y[rows]), num_boost_round=STAND_IN_TREES
        )
        score = booster.predict(xgboost.DMatrix(frame.iloc[fold.test])).astype(np.float64)
        _check(trained, small, fold.test, score)


def test_a_model_whose_file_has_no_column_names_is_trained_again_too(small):
    import xgboost

    data = xgboost.DMatrix(small.frame[["a", "b"]].to_numpy(), label=small.frame["y"].to_numpy())
    content = bytes(xgboost.train({"objective": "binary:logistic"}, data, num_boost_round=3).save_raw("ubj"))

    with load_model(content, feature_names=["a", "b"]) as model:
        found = rebalance(small, model, recipe=RECIPES[0], fold=make_fold(small, None, seed=0))

    assert (found.test_rows, found.is_stand_in) == (60, False)


def test_a_table_without_a_column_to_train_on_is_refused_in_words():
    csv = b"y,g\n" + b"1,a\n0,b\n" * 20
    dataset = read_dataset(csv, Roles(target="y", favourable=("1",), sensitive=("g",)))

    with pytest.raises(InvalidChoice, match="No column is left"):
        rebalance(dataset, None, recipe=Recipe(by=None, up=1, down=1), fold=all_rows(dataset))
