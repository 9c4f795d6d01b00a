"""500 damaged models of each format: every one is refused or gives probabilities, none ends the process unseen."""

from __future__ import annotations

import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import RefusedModel
from rai_dash.models import client
from rai_dash.models.client import load_model
from tests.hostile.fuzzing import Keeper, fuzz
from tests.hostile.model_parts import ROWS, booster, fitted, light, skops_of
from tests.hostile.mutations import COUNT, mutants, of_place
from tests.hostile.mutations_deep import of_document, of_graph, of_skops, of_trees
from tests.unit.models.onnx_files import converted, pipeline, stump

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
RNG = np.random.default_rng(8)
MIXED = pd.DataFrame({"pay": RNG.normal(size=200), "job": RNG.choice(["cook", "clerk", "driver"], 200)})
OUTCOME = ((MIXED["pay"] > 0) ^ (MIXED["job"] == "cook")).astype(int)


def mixed_pipeline(estimator, **settings):
    """Fit a pipeline on a number and a text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pipeline(MIXED, ("job",), estimator, **settings).fit(MIXED, OUTCOME)


def skops_seeds():
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.svm import SVC

    models = (
        mixed_pipeline(LogisticRegression()),
        fitted(RandomForestClassifier(3, max_depth=3, random_state=0)),
        fitted(HistGradientBoostingClassifier(max_iter=3, random_state=0)),
        fitted(KNeighborsClassifier(3)),
        fitted(SVC(probability=True, random_state=0)),
    )
    return [skops_of(model) for model in models]


def xgb(form):
    """Return XGBoost models without and with categories of their own."""
    import xgboost

    typed = MIXED.astype({"job": "category"})
    data = xgboost.DMatrix(typed, label=OUTCOME, enable_categorical=True)
    with_words = xgboost.train({"objective": "binary:logistic", "max_depth": 3, "nthread": 1}, data, 3)
    return [bytes(made.save_raw(form)) for made in (booster(), with_words)]


def light_seeds():
    import lightgbm

    settings = {"n_estimators": 3, "num_leaves": 6, "verbose": -1, "n_jobs": 1, "min_data_per_group": 5}
    with_words = lightgbm.LGBMClassifier(**settings).fit(MIXED.astype({"job": "category"}), OUTCOME)
    return [light(), with_words.booster_.model_to_string().encode()]


def onnx_seeds():
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    models = (
        mixed_pipeline(LogisticRegression()),
        mixed_pipeline(RandomForestClassifier(3, max_depth=3, random_state=0)),
    )
    return [*(converted(m, MIXED, ("job",)) for m in models), stump().SerializeToString()]


CORPUS = {
    "skops": (skops_seeds, of_skops),
    "xgboost ubj": (partial(xgb, "ubj"), of_place),
    "xgboost json": (partial(xgb, "json"), of_document),
    "lightgbm": (light_seeds, of_trees),
    "onnx": (onnx_seeds, of_graph),
}


def rows_for(names):
    """Make up a few rows with the columns that a damaged file asks for."""
    known = pd.concat([ROWS.head(6), MIXED.head(6)], axis="columns")
    return pd.DataFrame({name: known[name] if name in known else np.arange(6) for name in names[:500]})


def attempt(content):
    """Load a model and score a few rows; what comes out are probabilities."""
    with load_model(content, favourable=("good", "1")) as model:
        scores = model.score(rows_for(model.info.feature_names)).scores
    assert np.isfinite(scores).all()
    assert ((scores >= 0) & (scores <= 1)).all()


@pytest.fixture
def keeper(monkeypatch):
    """Load all models in one process."""
    found = Keeper()
    monkeypatch.setattr(client, "Child", lambda: found)
    yield found
    found.end()


@pytest.mark.parametrize("name", CORPUS)
def test_each_of_500_damaged_models_is_refused_or_gives_probabilities(name, keeper, capsys):
    build, mutate = CORPUS[name]
    seeds = build()
    assert set(fuzz(seeds, keeper, attempt, RefusedModel).codes) == {"accepted"}  # undamaged

    tally = fuzz(mutants(seeds, mutate), keeper, attempt, RefusedModel)

    tally.report(name, capsys)
    assert tally.codes.total() == COUNT
    tally.check()
