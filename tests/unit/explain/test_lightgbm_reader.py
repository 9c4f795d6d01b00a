"""The reader of LightGBM against its own leaves, bit for bit, where a row is most easily sent astray."""

from __future__ import annotations

import lightgbm
import numpy as np
import pandas as pd
import pytest

from rai_dash.explain._base import RouteRefused
from rai_dash.explain.trees.readers import read_trees
from rai_dash.models.lightgbm_format import LightgbmTrees
from tests.unit.explain.reader_rows import NUMBERS, drawn_table, edges
from tests.unit.explain.tree_walk import leaves, margin


@pytest.fixture(scope="module")
def table():
    return drawn_table()


def light(x, y, rounds=6, *, categories=(), slope=1.0, **params):
    """Train with LightGBM, one thread, and load the text it writes."""
    settings = {"objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 15, "seed": 0} | params
    settings |= {"min_data_in_leaf": 5, "min_data_per_group": 5, "cat_smooth": 1.0}
    trained = lightgbm.train(settings, lightgbm.Dataset(x, y, categorical_feature=list(categories)), rounds)
    return LightgbmTrees(lightgbm.Booster(model_str=trained.model_to_string()), slope, tuple(categories))


def lightgbm_leaves(reading, matrix):
    """Count leaves as LightGBM does: after the inner nodes of each tree."""
    found = leaves(reading.trees, matrix)
    ends = np.append(reading.trees.roots[1:], len(reading.trees.feature))
    inner = [(reading.trees.feature[a:b] >= 0).sum() for a, b in zip(reading.trees.roots, ends, strict=True)]
    return found - np.array(inner)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"zero_as_missing": True},
        {"use_missing": False},
        {"boosting": "dart", "drop_rate": 0.6},
        {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6},
        {"objective": "cross_entropy"},
    ],
    ids=str,
)
@pytest.mark.parametrize("blanks", [True, False], ids=["blanks", "none in training"])
def test_lightgbm_reaches_its_own_leaves(params, blanks, table):
    x, _, y = table
    x = x if blanks else np.nan_to_num(x)
    model = light(x, y, slope=1 / 6 if params.get("boosting") == "rf" else 1.0, **params)
    reading = read_trees(model)
    rows = edges(reading.trees, x)

    found = lightgbm_leaves(reading, reading.matrix(rows))

    assert (found == model.booster.predict(rows, pred_leaf=True)).all()
    p = model.booster.predict(rows)
    assert margin(reading.trees, reading.matrix(rows)) == pytest.approx(np.log(p / (1 - p)), abs=1e-9)


def test_lightgbm_reaches_its_own_leaves_with_codes_that_it_never_saw(table):
    x, codes, y = table
    both = np.column_stack([x, codes])
    model = light(both, y, categories=[3])
    reading = read_trees(model)
    rows = edges(reading.trees, both)
    odd = [0, 1, 31, 32, 63, 64, 69, 70, 95, 96, 1000, 2**31, 1e12, np.nan, -1, -0.5, -7, 3.7]
    rows[:, 3] = np.resize(odd, len(rows))

    found = lightgbm_leaves(reading, reading.matrix(rows))

    assert (reading.trees.n_words > 1).any()
    assert (found == model.booster.predict(rows, pred_leaf=True)).all()


def test_a_lightgbm_classifier_codes_tables_in_its_own_order(table):
    x, codes, y = table
    frame = pd.DataFrame(x, columns=NUMBERS).assign(job=pd.Categorical([f"c{int(c):02d}" for c in codes]))
    model = lightgbm.LGBMClassifier(
        n_estimators=5, verbose=-1, n_jobs=1, min_child_samples=5, min_data_per_group=5
    )
    model.fit(frame, y)
    other = frame.assign(job=frame["job"].cat.reorder_categories(list(reversed(frame["job"].cat.categories))))
    reading = read_trees(model)

    p = model.predict_proba(frame)[:, 1]
    assert margin(reading.trees, reading.matrix(other)) == pytest.approx(np.log(p / (1 - p)), abs=1e-9)


def test_a_steeper_sigmoid_and_a_forest_are_in_the_log_odds(table):
    x, _, y = table
    for params in ({"sigmoid": 2.5}, {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}):
        model = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1, **params).fit(x, y)
        reading = read_trees(model)

        p = model.predict_proba(x)[:, 1]
        assert margin(reading.trees, reading.matrix(x)) == pytest.approx(np.log(p / (1 - p)), abs=1e-9)


def test_formulas_in_leaves_are_refused(table):
    x, _, y = table

    with pytest.raises(RouteRefused, match="linear_tree"):
        read_trees(light(np.nan_to_num(x), y, linear_tree=True))
