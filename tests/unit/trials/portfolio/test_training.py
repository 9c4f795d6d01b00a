from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import xgboost

from rai_dash.core.errors import Cancelled, InvalidChoice, MissingColumn
from rai_dash.core.types import FAVOURABLE, Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.groups import group_index
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.resample import weights
from rai_dash.models.client import load_model
from rai_dash.trials.portfolio.columns import columns_of
from rai_dash.trials.portfolio.external import TreeRecipe, train_external
from rai_dash.trials.portfolio.rows import PortfolioRows
from rai_dash.trials.portfolio.training import train_on_all_rows, tree_recipe
from rai_dash.trials.rebalancing.recipe import Recipe

ROLES = Roles(target="outcome", favourable=("repaid",), sensitive=("group",), weight="w")
FEATURES = ("income", "region", "age")
PARTS = 3


@pytest.fixture(scope="module")
def frame():
    r = np.random.default_rng(4)
    n = 1_500
    income = r.normal(30, 9, n).round(2)
    region = r.choice(["Köln", "Nîmes", "Oslo"], n).astype(object)
    good = r.random(n) < 1 / (1 + np.exp(-(income - 30) / 6 - (region == "Oslo")))
    table = pd.DataFrame(
        {
            "income": np.where(r.random(n) < 0.05, np.nan, income),
            "region": np.where(r.random(n) < 0.05, None, region),
            "age": r.integers(18, 80, n),
            "group": np.where(r.random(n) < 0.1, None, r.choice(["a", "b"], n, p=[0.8, 0.2])),
            "outcome": np.where(good, "repaid", "defaulted").astype(object),
            "w": np.where(r.random(n) < 0.1, np.nan, r.integers(0, 4, n).astype(float)),
            "split": np.where(np.arange(n) % 5 == 0, "test", "train"),
        }
    )
    table.loc[r.random(n) < 0.03, "outcome"] = None
    # One part without a single favourable row: what a label means must not depend on the batch.
    return table.sort_values("outcome", kind="stable", ignore_index=True)


@pytest.fixture(scope="module")
def parts(frame):
    return [frame.iloc[at] for at in np.array_split(np.arange(len(frame)), PARTS)]


@pytest.fixture(scope="module")
def portfolio(parts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    for i, part in enumerate(parts):
        part.to_parquet(folder / f"part-{i}.parquet", index=False)
    return open_portfolio(folder)


@pytest.fixture(scope="module")
def chunks(parts):
    """The same rows in the same batches, but no process is started to read each part in each pass."""
    tables = [pa.Table.from_pandas(part, preserve_index=False) for part in parts]
    chunks = open_portfolio(pa.concat_tables(tables), name="chunks")
    assert [len(batch) for batch in chunks.batches(0, FEATURES)] == [len(part) for part in parts]
    return chunks


def gathered(rows, columns=FEATURES):
    found = list(rows.batches(columns))
    frame = pd.concat([b.frame for b in found], ignore_index=True)
    return frame, np.concatenate([b.favourable for b in found]), np.concatenate([b.weight for b in found])


@pytest.mark.parametrize("recipe", [Recipe(by="group", up=1.0, down=1.0), Recipe(by=None, up=0.5, down=0.8)])
def test_rows_weigh_what_they_do_in_memory(frame, portfolio, recipe):
    data = dataset_from_frame(frame, ROLES)
    every = np.arange(len(frame))
    groups = None if recipe.by is None else group_index(data.frame, recipe.by)
    expected = weights(data.outcome, groups, every, up=recipe.up, down=recipe.down) * data.weight
    kept = expected > 0
    table, favourable, weight = gathered(PortfolioRows(portfolio, ROLES, recipe))
    np.testing.assert_array_equal(weight, expected[kept])
    np.testing.assert_array_equal(favourable, data.outcome[kept] == FAVOURABLE)
    np.testing.assert_array_equal(table["age"], frame["age"][kept])
    np.testing.assert_array_equal(table["income"], frame["income"][kept])


def test_rows_outside_the_training_split_are_never_read(frame, chunks):
    roles = ROLES.with_(split="split", split_train=("train",), weight=None)
    rows = PortfolioRows(chunks, roles, Recipe(by=None, up=0.0, down=1.0))
    table, _, weight = gathered(rows, ("income", "split"))
    trained = (frame["split"] == "train") & frame["outcome"].notna()
    assert set(table["split"]) == {"train"}
    assert len(table) == rows.n == trained.sum()
    assert (weight == 1.0).all()


def test_trees_are_those_of_xgboost_in_memory(chunks, tmp_path):
    rows = PortfolioRows(chunks, ROLES, Recipe(by="group", up=1.0, down=1.0))
    columns = columns_of(chunks, FEATURES)
    params = {"max_depth": 3, "eta": 0.3}
    made = train_external(rows, columns, TreeRecipe(params=params, rounds=8, words="so"), folder=tmp_path)
    table, favourable, weight = gathered(rows)
    plain = columns.matrix(table)
    plain["region"] = plain["region"].cat.codes.replace(-1, np.nan).astype(float)
    types = ["float", "c", "float"]
    data = xgboost.QuantileDMatrix(
        plain, label=favourable, weight=weight, feature_types=types, enable_categorical=True
    )
    oracle = xgboost.train(
        {"objective": "binary:logistic", "tree_method": "hist", "seed": 0, **params}, data, 8
    )
    with load_model(made.content, model_class="1") as model:
        score = model.score(table).scores
        assert model.info.feature_names == FEATURES
        assert model.info.features[1].categories == ("Köln", "Nîmes", "Oslo")
    np.testing.assert_allclose(
        score, oracle.predict(xgboost.DMatrix(plain, feature_types=types, enable_categorical=True)), atol=2e-2
    )
    assert not list(tmp_path.iterdir())


def test_a_model_is_trained_again_with_what_its_file_shows(portfolio, chunks, tmp_path):
    rows = PortfolioRows(chunks, ROLES, Recipe(by=None, up=0.0, down=1.0))
    first = train_external(
        rows,
        columns_of(chunks, ("income", "age")),
        tree_recipe(None, {"n_estimators": 7}),
        folder=tmp_path,
    )
    with load_model(first.content, model_class="0") as model:
        recipe = tree_recipe(model)
        assert (recipe.rounds, recipe.params["max_depth"], recipe.positive_is_favourable) == (7, 4, False)
        dataset = dataset_of(portfolio, ROLES)
        again = train_on_all_rows(dataset, model, Recipe(by=None, up=0.0, down=1.0), folder=tmp_path)
    assert again.features == ("income", "age")
    said = json.loads(json.dumps(again.to_json()))
    assert said["rows"] == sum(c["rows"] for c in said["cells"] if c["factor"] > 0)
    with (
        load_model(again.content, model_class="0") as turned,
        load_model(first.content, model_class="1") as old,
    ):
        sample = dataset.frame.head(200)
        # Class 0 is the favourable one for this model: trained on turned labels, its scores go the same way.
        assert np.corrcoef(turned.score(sample).scores, old.score(sample).scores)[0, 1] > 0.9


def test_what_does_not_fit_is_refused_in_a_sentence(portfolio, frame, tmp_path):
    none = Recipe(by=None, up=0.0, down=1.0)
    with pytest.raises(InvalidChoice, match="Name the target"):
        PortfolioRows(portfolio, Roles(), none)
    with pytest.raises(MissingColumn, match=r"`incom`.*`income`"):
        columns_of(portfolio, ["incom"])
    only = ROLES.with_(split="split", split_train=("nobody",))
    with pytest.raises(InvalidChoice, match="same outcome"):
        PortfolioRows(portfolio, only, none)
    with pytest.raises(InvalidChoice, match="in memory"):
        train_on_all_rows(dataset_from_frame(frame, ROLES), None, none, folder=tmp_path)


def test_no_model_is_trained_on_the_outcome_or_where_its_bins_do_not_fit(portfolio, tmp_path, monkeypatch):
    dataset, none = dataset_of(portfolio, ROLES), Recipe(by=None, up=0.0, down=1.0)
    with pytest.raises(InvalidChoice, match=f"`{ROLES.target}` holds the outcome"):
        train_on_all_rows(dataset, None, none, folder=tmp_path, features=(*FEATURES, ROLES.target))
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(InvalidChoice, match="too little for"):
        train_on_all_rows(dataset, None, none, folder=tmp_path, features=FEATURES)


def test_training_stops_when_asked_to(chunks, tmp_path):
    rows = PortfolioRows(chunks, ROLES, Recipe(by=None, up=0.0, down=1.0))
    grown = []
    with pytest.raises(Cancelled):
        train_external(
            rows, columns_of(chunks, ["income"]), tree_recipe(None), folder=tmp_path,
            on_progress=lambda done, total, _: grown.append((done, total)), cancelled=lambda: len(grown) >= 3,
        )  # fmt: skip
    assert grown == [(1, 200), (2, 200), (3, 200)]
