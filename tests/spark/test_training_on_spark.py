from __future__ import annotations

import numpy as np
import pandas as pd

from rai_dash.core.types import Roles
from rai_dash.data.portfolio.opening import open_portfolio
from rai_dash.models.client import load_model
from rai_dash.trials.portfolio.columns import columns_of
from rai_dash.trials.portfolio.external import TreeRecipe, train_external
from rai_dash.trials.portfolio.on_spark import train_on_spark
from rai_dash.trials.portfolio.rows import PortfolioRows
from rai_dash.trials.rebalancing.recipe import Recipe

ROLES = Roles(target="outcome", favourable=("repaid",), sensitive=("group",))
FEATURES = ("income", "region")
TREES = TreeRecipe(params={"max_depth": 3, "eta": 0.3, "lambda": 2.0}, rounds=6, words="six trees")


def test_the_estimator_of_spark_grows_the_trees_that_are_grown_here(spark, tmp_path):
    r = np.random.default_rng(4)
    n = 4_000
    income, region = r.normal(30, 9, n).round(1), r.choice(["Köln", "Nîmes", "Oslo"], n).astype(object)
    frame = pd.DataFrame(
        {
            "income": np.where(r.random(n) < 0.05, np.nan, income),
            "region": np.where(r.random(n) < 0.05, None, region),
            "group": r.choice(["a", "b"], n, p=[0.8, 0.2]),
            "outcome": np.where(r.random(n) < 1 / (1 + np.exp(-(income - 30) / 6)), "repaid", "defaulted"),
        }
    )
    folder = tmp_path / "table"
    folder.mkdir()
    frame.to_parquet(folder / "part.parquet", index=False)
    table = spark.read.parquet(str(folder))
    scores = []
    for source in (folder, table):
        portfolio = open_portfolio(source)
        rows = PortfolioRows(portfolio, ROLES, Recipe(by="group", up=1.0, down=1.0))
        columns = columns_of(portfolio, FEATURES)
        if source is folder:
            made = train_external(rows, columns, TREES, folder=tmp_path)
        else:
            made = train_on_spark(table, rows, columns, TREES)
        with load_model(made.content, model_class="1") as model:
            assert model.info.features[1].categories == ("Köln", "Nîmes", "Oslo")
            scores.append(model.score(frame).scores)
    np.testing.assert_allclose(scores[0], scores[1], rtol=0, atol=1e-6)
    assert np.ptp(scores[0]) > 0.2
