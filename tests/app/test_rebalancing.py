"""Strategies side by side, trained for real, against scikit-learn and imbalanced-learn."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn import metrics
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from typer.testing import CliRunner

from rai_dash.cli.app import app
from rai_dash.core.errors import Cancelled, InvalidChoice, RaiError, UnsupportedModel
from rai_dash.core.types import Roles
from rai_dash.data.cell_plan import CellTarget
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.read import read_dataset
from rai_dash.models.client import load_model
from rai_dash.models.refit import STAND_IN, STAND_IN_TREES
from rai_dash.trials.rebalance import Recipe, make_fold, rebalance
from rai_dash.trials.rebalancing.comparing import compare_strategies
from rai_dash.trials.rebalancing.figures import decide, line
from rai_dash.trials.rebalancing.leak import copied_before_the_split, leak_example
from rai_dash.trials.rebalancing.smote import check_smote, invent

# Models are trained here: a busy machine may need longer than the others' limit.
pytestmark = pytest.mark.timeout(400)

FEATURES = (
    "age", "workclass", "education", "education-num", "marital-status", "occupation", "relationship", "ethnicity",
    "gender", "capital-gain", "capital-loss", "hours-per-week",
)  # fmt: skip
STORY = Roles(target="loan", favourable=("Approved",), sensitive=("gender",), features=FEATURES)
ALL = ("none", "threshold", "up", "down", "joint", "corrected", "weights", "smote")
RECIPE = Recipe(by="g", up=1, down=1, seed=5)


@pytest.fixture(scope="module")
def small():
    """600 rows whose outcome is rare and follows two numbers, with a group that one of them leans on."""
    rng = np.random.default_rng(8)
    group = rng.choice(["f", "m"], 600, p=[0.3, 0.7])
    a, b = rng.normal(size=600) + (group == "m"), rng.normal(size=600)
    y = (a + b + rng.normal(size=600) > 2.2).astype(int)
    w = rng.choice([0.0, 0.5, 1.0, 2.0], 600)
    rows = pd.DataFrame({"y": y, "g": group, "a": a, "b": b, "w": w})
    return dataset_from_frame(
        rows, Roles(target="y", favourable=("1",), sensitive=("g",), features=("a", "b"))
    )


@pytest.fixture(scope="module")
def pipeline(small):
    x, y = small.frame[["a", "b"]], small.frame["y"].to_numpy()
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.3)).fit(x, y)


@pytest.fixture(scope="module")
def compared(small, pipeline):
    with load_model(skops.io.dumps(pipeline), model_class="1") as model:
        return compare_strategies(small, model, recipe=RECIPE, strategies=ALL, seeds=2)


def _cells(small, train):
    """Positions of each cell of outcome and group, in the order of the draw."""
    y, g = small.frame["y"].to_numpy(), small.frame["g"].to_numpy()
    return {(o, k): train[(y[train] == o) & (g[train] == k)] for o in (0, 1) for k in "fm"}


def _taught(small, key, train, seed, targets=None):
    """Rows, outcomes and weights that a strategy trains on, drawn here without the code under test.

    ``targets`` are rows a cell; without them every cell is as large as the largest.
    """
    x, y = small.frame[["a", "b"]], small.frame["y"].to_numpy()
    rng = np.random.RandomState(seed)
    if key == "smote":
        from imblearn.over_sampling import SMOTE

        rows, label = SMOTE(random_state=seed, k_neighbors=5).fit_resample(x.iloc[train], y[train])
        return rows, label, None
    at, weight = train, None
    few, many = sorted(np.bincount(y[train]))
    cells = _cells(small, train)
    wanted = dict.fromkeys(cells, max(map(len, cells.values()))) | (targets or {})
    if key == "up":
        at = np.concatenate([rng.choice(train[y[train] == o], many, replace=True) for o in (0, 1)])
    elif key == "down":
        bad, good = train[y[train] == 0], train[y[train] == 1]
        at = np.concatenate((rng.choice(bad, few, replace=False), good))
    elif key == "joint":
        drawn = [
            rng.choice(rows, wanted[c], replace=c not in (targets or {}) or wanted[c] > len(rows))
            for c, rows in cells.items()
        ]
        at = np.concatenate(drawn)
    elif key == "weights":
        of_row = np.zeros(len(y))
        for c, rows in cells.items():
            of_row[rows] = wanted[c] / len(rows)
        weight = of_row[train]
    elif key == "own":
        w = small.frame["w"].to_numpy()
        at = train[w[train] > 0]
        weight = w[at]
    return x.iloc[at], y[at], weight


@pytest.mark.parametrize("key", ["none", "up", "down", "joint", "weights", "smote"])
def test_every_strategy_equals_a_retraining_with_scikit_learn_under_every_seed(
    small, pipeline, compared, key
):
    variant = compared.variant(key)
    assert [run.seed for run in variant.runs] == [5, 6]
    for position, run in enumerate(variant.runs):
        fold = make_fold(small, None, seed=run.seed)
        x, y = small.frame[["a", "b"]].iloc[fold.test], small.frame["y"].to_numpy()[fold.test]
        group = small.frame["g"].to_numpy()[fold.test]
        rows, label, weight = _taught(small, key, fold.train, run.seed)
        oracle = clone(pipeline).fit(rows, label, logisticregression__sample_weight=weight)
        score = oracle.predict_proba(x)[:, 1]

        got = decide(compared, variant, position, 0.5, matched=False)

        auc = run.scored.everyone.figures().auc[0]
        assert auc == pytest.approx(metrics.roc_auc_score(y, score), abs=1e-9)
        assert run.scored.log_loss == pytest.approx(metrics.log_loss(y, score), rel=1e-6)
        for i, name in enumerate(got.by_group.groups):
            wanted = ((score >= 0.5) & (y == 1) & (group == name)).sum()
            assert got.by_group.estimate("recall", i).numerator == wanted


@pytest.fixture(scope="module")
def by_cell(small, pipeline):
    """A recipe in which one cell grows and one shrinks, and a column of one's own."""
    own = (
        CellTarget(group="f", favourable=True, rows=90),
        CellTarget(group="m", favourable=False, share=0.5),
    )
    recipe = Recipe(by="g", up=1, down=1, seed=2, cells=own, column="w")
    with load_model(skops.io.dumps(pipeline), model_class="1") as model:
        return compare_strategies(small, model, recipe=recipe, strategies=("weights",), seeds=1)


@pytest.mark.parametrize("key", ["joint", "weights", "own"])
def test_targets_of_cells_and_an_own_column_equal_a_retraining_with_scikit_learn(
    small, pipeline, by_cell, key
):
    fold = make_fold(small, None, seed=2)
    largest = max(map(len, _cells(small, fold.train).values()))
    targets = {(1, "f"): 90, (0, "m"): round(largest / 2)}
    rows, label, weight = _taught(small, key, fold.train, 2, targets)
    oracle = clone(pipeline).fit(rows, label, logisticregression__sample_weight=weight)
    score = oracle.predict_proba(small.frame[["a", "b"]].iloc[fold.test])[:, 1]
    y = small.frame["y"].to_numpy()[fold.test]

    run = by_cell.variant(key).runs[0]

    assert run.scored.everyone.figures().auc[0] == pytest.approx(metrics.roc_auc_score(y, score), abs=1e-9)
    assert run.scored.log_loss == pytest.approx(metrics.log_loss(y, score), rel=1e-6)
    assert run.train_rows == len(rows)
    assert run.prior_after == pytest.approx(np.average(label, weights=weight))
    if key == "joint":
        assert (run.cells["favourable × f"], run.cells["unfavourable × m"]) == (90, targets[0, "m"])


def test_threshold_only_approves_the_best_by_the_model_as_it_is(small, pipeline, compared):
    fold = make_fold(small, None, seed=5)
    x, y = small.frame[["a", "b"]].iloc[fold.test], small.frame["y"].to_numpy()[fold.test]
    scores = {}
    for key in ("none", "joint"):
        rows, label, _ = _taught(small, key, fold.train, 5)
        scores[key] = clone(pipeline).fit(rows, label).predict_proba(x)[:, 1]
    many = int((scores["joint"] >= 0.5).sum())
    best = np.zeros(len(y), dtype=bool)
    best[np.argsort(-scores["none"], kind="stable")[:many]] = True

    got = decide(compared, compared.variant("threshold"), 0, 0.5, matched=False)

    assert got.everyone.estimate("selection_rate", 0).numerator == many
    for i, name in enumerate(got.by_group.groups):
        wanted = (best & (y == 1) & (small.frame["g"].to_numpy()[fold.test] == name)).sum()
        assert got.by_group.estimate("recall", i).numerator == wanted


def test_the_python_door_takes_targets_of_cells_too(small, pipeline):
    recipe = Recipe(by="g", up=0, down=1, seed=1, cells=(CellTarget(group="f", favourable=True, rows=77),))
    fold = make_fold(small, None, seed=1)

    with load_model(skops.io.dumps(pipeline), model_class="1") as model:
        found = rebalance(small, model, recipe=recipe, fold=fold)

    sizes = {
        f"{('unfavourable', 'favourable')[o]} × {k}": len(r)
        for (o, k), r in _cells(small, fold.train).items()
    }
    assert found.before.cells == sizes
    assert found.after.cells == sizes | {"favourable × f": 77}


def test_an_own_column_is_no_feature_of_the_stand_in_and_the_others_do_not_use_it(small):
    import xgboost

    offered = dataset_from_frame(small.frame, small.roles.with_(features=()))
    assert "w" in offered.features
    recipe = Recipe(by="g", up=1, down=1, seed=2, column="w")

    found = compare_strategies(offered, None, recipe=recipe, strategies=(), seeds=1)

    fold = make_fold(small, None, seed=2)
    x, y = small.frame[["a", "b"]], small.frame["y"].to_numpy()
    settings = {"objective": "binary:logistic", "tree_method": "hist", "nthread": 1, "seed": 0, **STAND_IN}
    for key in ("none", "joint", "own"):
        rows, label, weight = _taught(small, key, fold.train, 2)
        data = xgboost.DMatrix(rows, label=label, weight=weight)
        score = xgboost.train(settings, data, num_boost_round=STAND_IN_TREES).predict(
            xgboost.DMatrix(x.iloc[fold.test])
        )
        auc = found.variant(key).runs[0].scored.everyone.figures().auc[0]
        assert auc == pytest.approx(metrics.roc_auc_score(y[fold.test], score), abs=1e-9)


def test_an_own_column_that_a_model_needs_is_refused_for_its_strategy_alone(small):
    x = small.frame[["a", "w"]]
    fitted = LogisticRegression().fit(x, small.frame["y"])

    with load_model(skops.io.dumps(fitted), model_class="1") as model:
        found = compare_strategies(
            small, model, recipe=Recipe(by=None, up=1, down=1, column="w"), strategies=(), seeds=1
        )

    assert "`w` is a feature of this model" in found.variant("own").failed
    assert found.variant("joint").runs


def test_the_correction_is_the_formula_on_the_scores_of_the_recipe(small, pipeline, compared):
    fold = make_fold(small, None, seed=5)
    rows, label, _ = _taught(small, "joint", fold.train, 5)
    score = clone(pipeline).fit(rows, label).predict_proba(small.frame[["a", "b"]].iloc[fold.test])[:, 1]
    y = small.frame["y"].to_numpy()
    prior, after = y[fold.train].mean(), label.mean()
    odds = score / (1 - score) * (prior / (1 - prior)) * ((1 - after) / after)

    got = line(compared, compared.variant("corrected"), 0.5)

    run = compared.variant("corrected").runs[0]
    mean = run.scored.everyone.score_sums().values[0, :2, 0].sum() / fold.test.size
    assert mean == pytest.approx((odds / (1 + odds)).mean(), rel=1e-6)
    assert (
        got.scores["overstated"].mean
        < line(compared, compared.variant("joint"), 0.5).scores["overstated"].mean
    )
    assert (run.prior, run.prior_after) == (pytest.approx(prior), pytest.approx(after))


def test_step_seven_of_the_story_is_among_the_strategies(repo, shared):
    """Accuracy .836, recall of men .784 and of women .848, to the last row."""
    expected = json.loads((shared / "data/story/EXPECTED.json").read_text())["group"]
    want = expected["7 collected, up loan x gender"]["living_1100"]
    collected, living = (
        read_dataset(repo / f"sample_data/story_{n}.csv.gz", STORY) for n in ("collected_8000", "living_1100")
    )

    with load_model(repo / "sample_data" / "story_biased.ubj") as model:
        found = compare_strategies(
            collected, model, recipe=Recipe(by="gender", up=1, down=1), strategies=(), seeds=2, test=living
        )

    first = decide(found, found.variant("joint"), 0, 0.5, matched=False)
    assert first.everyone.estimate("accuracy", 0).value == pytest.approx(want["all"]["acc"], abs=1e-4)
    for i, group in enumerate(first.by_group.groups):
        assert first.by_group.estimate("recall", i).numerator == want[group]["tp"]
        assert first.by_group.estimate("fpr", i).numerator == want[group]["fp"]
    ends = expected["7 over upsampling seeds 0-9 (min, max)"]
    spread = line(found, found.variant("joint"), 0.5).decisions["accuracy"]
    low, high = ends["living accuracy"]
    assert low - 1e-4 <= spread.low < spread.high <= high + 1e-4
    second = decide(found, found.variant("joint"), 1, 0.5, matched=False).by_group
    for group, who in (("Male", "men"), ("Female", "women")):
        low, high = ends[f"living recall {who}"]
        assert low <= second.estimate("recall", second.groups.index(group)).value <= high
    assert found.variant("none").runs[0].scored is found.variant("none").runs[1].scored
    assert (found.test_rows, found.train_rows, found.is_stand_in) == (1100, 8000, False)


def test_rows_that_the_data_hold_out_are_not_trained_on_for_other_data_either(small, pipeline):
    """A model that is kept would else be judged on them as if it had not seen them."""
    held_out = np.arange(600) % 3 == 0
    other = dataset_from_frame(small.frame.iloc[:200].assign(a=lambda r: r["a"] + 9), small.roles)

    with load_model(skops.io.dumps(pipeline), model_class="1") as model:
        found = compare_strategies(
            small, model, recipe=RECIPE, strategies=(), seeds=1, test=other, held_out=held_out
        )

    x, y = small.frame[["a", "b"]], small.frame["y"].to_numpy()
    oracle = clone(pipeline).fit(x[~held_out], y[~held_out]).predict_proba(other.frame[["a", "b"]])[:, 1]
    auc = found.variant("none").runs[0].scored.everyone.figures().auc[0]
    assert auc == pytest.approx(metrics.roc_auc_score(other.frame["y"], oracle), abs=1e-9)
    assert (found.train_rows, found.test_rows, found.twins) == (400, 200, 0)


def test_smote_invents_categories_that_exist_and_keeps_the_given_rows_first():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"n": rng.normal(size=90), "c": rng.choice(["x", "y"], 90)})
    frame.loc[3, "c"] = None
    label = np.r_[np.ones(15), np.zeros(75)].astype(np.int8)
    from rai_dash.sandbox.arrow import frame_from_ipc, frame_to_ipc

    _, blobs = invent({}, {"seed": 1}, [memoryview(frame_to_ipc(frame)), memoryview(label.tobytes())], print)

    rows, outcome = frame_from_ipc(blobs[0]), np.frombuffer(blobs[1], dtype=np.int8)
    assert np.bincount(outcome).tolist() == [75, 75]
    assert rows["n"].to_numpy()[:90] == pytest.approx(frame["n"].to_numpy())
    assert rows["c"].iloc[:90].fillna("-").tolist() == frame["c"].fillna("-").tolist()
    assert set(rows["c"].dropna()) == {"x", "y"}
    low, high = frame["n"].iloc[:15].agg(["min", "max"])
    assert rows["n"].iloc[90:].between(low, high).all()


@pytest.mark.parametrize(
    ("frame", "good", "said"),
    [
        (pd.DataFrame({"c": ["x"] * 40}), 20, "no column of the model is one"),
        (pd.DataFrame({"n": [1.0, np.nan] * 20}), 20, "cannot mix blanks, and `n` has 20"),
        (pd.DataFrame({"n": np.arange(40.0)}), 5, "only 5 training rows"),
    ],
)
def test_smote_is_refused_in_words_where_it_cannot_mix(frame, good, said):
    with pytest.raises(UnsupportedModel, match=said):
        check_smote(frame, np.arange(40) < good)


def test_a_strategy_that_cannot_be_trained_says_why_beside_the_others():
    rows = pd.DataFrame({"y": [1, 0] * 60, "c": ["p", "q", "r"] * 40})
    dataset = dataset_from_frame(rows, Roles(target="y", favourable=("1",), features=("c",)))

    found = compare_strategies(
        dataset, None, recipe=Recipe(by=None, up=1, down=1), strategies=("smote",), seeds=1
    )

    assert "no column of the model is one" in found.variant("smote").failed
    assert found.variant("joint").failed is None
    assert found.is_stand_in
    assert line(found, found.variant("smote"), 0.5).scores == {}


def test_a_comparison_can_be_stopped_and_refuses_too_many_seeds(small):
    with pytest.raises(Cancelled):
        compare_strategies(small, None, recipe=RECIPE, strategies=(), cancelled=lambda: True)
    with pytest.raises(InvalidChoice, match="Choose 1 to 8"):
        compare_strategies(small, None, recipe=RECIPE, strategies=(), seeds=9)


def test_copies_before_the_split_pretend_more_than_copies_after_it():
    """On noise the honest AUC is near one half; a model that learned copies by heart shows far more."""
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(
        {"y": (rng.random(800) < 0.1).astype(int), "a": rng.normal(size=800), "b": rng.normal(size=800)}
    )
    noise = dataset_from_frame(rows, Roles(target="y", favourable=("1",), features=("a", "b")))

    leak = leak_example(noise, None, seed=0)

    train, test = copied_before_the_split(noise, seed=0)
    assert leak.copied == sum(t in set(train.tolist()) for t in test.tolist()) > 0
    assert leak.test_rows == test.size
    assert leak.shown_auc > 0.9
    assert abs(leak.honest_auc - 0.5) < 0.2
    assert not any(isinstance(v, bytes) for v in leak.to_json().values())


def test_the_command_writes_the_comparison_and_the_model(small, tmp_path):
    csv, out, model = tmp_path / "rows.csv", tmp_path / "found.json", tmp_path / "model.ubj"
    small.frame.to_csv(csv, index=False)

    listed = tmp_path / "cells.json"
    listed.write_text(json.dumps([{"group": "f", "label": "1", "share": 0.25}]))

    done = CliRunner().invoke(
        app,
        ["rebalance", str(csv), "--target", "y", "--favourable", "1", "--by", "g", "--seeds", "1",
         "--strategies", "none,joint,corrected", "--json", str(out), "--out", str(model),
         "--cell", "m|0=100", "--cells", str(listed), "--own-column", "w"],
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    found = json.loads(out.read_text())
    assert [s["strategy"]["key"] for s in found["strategies"]] == ["none", "joint", "corrected", "own"]
    assert found["recipe"] == {
        "by": "g", "up": 1.0, "down": 1.0, "seed": 0, "column": "w",
        "cells": [
            {"group": "f", "label": "favourable", "share": 0.25}, {"group": "m", "label": "unfavourable", "rows": 100},
        ],
    }  # fmt: skip
    cells = found["strategies"][1]["runs"][0]["cells"]
    largest = max(found["strategies"][0]["runs"][0]["cells"].values())
    assert cells["unfavourable × m"] == 100
    assert cells["favourable × f"] == round(largest / 4)
    with load_model(model) as loaded:
        assert set(loaded.info.feature_names) == {"a", "b"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--cell", "m=0"], "does not have"),
        (["--cell", "nobody|0=5"], "There is no group `nobody`"),
        (["--cell", "m|0"], "is no cell"),
        (["--cells", "nowhere.json"], "nowhere.json"),
        (["--own-column", "y"], "is the outcome"),
        (["--own-column", "nowhere"], "nowhere"),
    ],
)
def test_the_command_refuses_cells_and_columns_that_are_not_there(small, tmp_path, options, said):
    csv = tmp_path / "rows.csv"
    small.frame.to_csv(csv, index=False)

    done = CliRunner().invoke(
        app,
        ["rebalance", str(csv), "--target", "y", "--favourable", "1", "--by", "g", "--seeds", "1", *options],
    )

    # ``main`` turns it into one line and exit status 2.
    assert isinstance(done.exception, RaiError)
    assert said in done.exception.message
