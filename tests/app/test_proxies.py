"""Proxies of a sensitive column from end to end: the locked process against XGBoost and scikit-learn run directly."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import PredefinedSplit, StratifiedKFold, cross_val_predict
from streamlit.testing.v1 import AppTest

from rai_dash.core.errors import Cancelled
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.read import read_dataset
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.trials import proxy_ops
from rai_dash.trials.proxies import make_folds, proxies
from tests.app.conftest import settled, stops, table_case, texts


def make_frame(n, *, n_groups=2, seed=0):
    rng = np.random.default_rng(seed)
    group = rng.choice(n_groups, n)
    return pd.DataFrame(
        {
            "g": np.array(["f", "m", "x", "y"])[group],
            "a": rng.normal(size=n) + 0.8 * (group == 1),
            "b": np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n)),
            "c": np.where(rng.random(n) < 0.3, "same", np.array(["p", "q", "r", "s"])[group]),
        }
    )


@pytest.mark.parametrize("n_groups", [2, 3])
def test_scores_and_contributions_are_those_of_xgboost_run_directly(n_groups):
    frame = make_frame(600, n_groups=n_groups)
    codes = pd.Categorical(frame["g"]).codes.astype("<i4")
    fold = make_folds(codes, folds=5, seed=3).astype("<i4")
    blobs = [
        memoryview(b)
        for b in (frame_to_ipc(frame[["a", "b", "c"]], coded=True), codes.tobytes(), fold.tobytes())
    ]

    data, (raw,) = proxy_ops.guess_groups({}, {"groups": n_groups, "seed": 3}, blobs, lambda *_: None)

    matrix = frame[["a", "b"]].assign(c=pd.Categorical(pd.Categorical(frame["c"]).codes))
    learner = xgboost.XGBClassifier(
        n_estimators=100, max_depth=4, learning_rate=0.1, min_child_weight=5, tree_method="hist", n_jobs=1,
        random_state=3, enable_categorical=True,
    )  # fmt: skip
    held = [test for _, test in StratifiedKFold(5, shuffle=True, random_state=3).split(codes, codes)]
    assert all((fold[test] == k).all() for k, test in enumerate(held))
    expected = cross_val_predict(learner, matrix, codes, cv=PredefinedSplit(fold), method="predict_proba")
    score = np.frombuffer(raw).reshape(600, n_groups)
    assert score == pytest.approx(expected, abs=1e-6)
    judged = expected[:, 1] if n_groups == 2 else expected
    assert data["auc"]["auc"]["value"] == pytest.approx(
        roc_auc_score(codes, judged, multi_class="ovr"), abs=1e-6
    )

    total = np.zeros(3)
    for test in held:
        train = np.setdiff1d(np.arange(600), test)
        booster = learner.fit(matrix.iloc[train], codes[train]).get_booster()
        found = booster.predict(
            xgboost.DMatrix(matrix.iloc[test], enable_categorical=True), pred_contribs=True
        )
        size = np.abs(found[..., :-1])
        total += (size if n_groups == 2 else size.mean(axis=1)).sum(axis=0)
    assert data["explained"] == 600
    assert data["carried"] == pytest.approx(total / 600, rel=1e-4)


def test_two_shifted_features_of_twelve_thousand_rows_give_the_proxy_of_the_reference():
    rng = np.random.default_rng(0)
    n = 12_000
    group = rng.random(n) < 0.4
    frame = pd.DataFrame(
        {"g": np.where(group, "f", "m"), "noise": rng.normal(size=n), "text": rng.choice(list("xyz"), n)}
    )
    # Two independent shifts of 0.6 and 0.55 standard deviations: the best AUC there is is Phi(.814 / sqrt 2) = .718.
    frame["a"], frame["b"] = rng.normal(size=n) + 0.6 * group, rng.normal(size=n) - 0.55 * group

    found = proxies(dataset_from_frame(frame, Roles(sensitive=("g",))), "g")

    assert found.auc.value == pytest.approx(0.716, abs=0.015)
    assert found.is_shown
    assert {c.name for c in found.carriers[:2]} == {"a", "b"}
    assert sum(c.share for c in found.carriers) == pytest.approx(1.0)
    assert {c.name for c in found.carriers if c.is_shown} == {"a", "b"}
    alone = {c.name: c.auc.value for c in found.carriers}
    assert alone["a"] == pytest.approx(0.664, abs=0.015)
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["rows"] == n


def test_a_column_independent_of_everything_is_not_told():
    frame = make_frame(3_000, seed=5)
    frame["coin"] = np.random.default_rng(1).choice(["h", "t", "edge"], 3_000)

    found = proxies(dataset_from_frame(frame, Roles(sensitive=("coin",))), "coin")

    assert found.auc.low < 0.5 < found.auc.high
    assert not found.is_shown
    assert not any(c.is_shown for c in found.carriers)


def test_blanks_are_a_group_numbers_are_binned_and_tiny_groups_are_named():
    rng = np.random.default_rng(2)
    age = rng.integers(18, 80, 1_500).astype(float)
    frame = pd.DataFrame({"a": age + rng.normal(size=1_500) * 3, "age": age})
    frame.loc[:99, "age"] = np.nan
    frame.loc[100:110, "age"] = 120
    dataset = dataset_from_frame(frame, Roles(sensitive=("age",), bins={"age": (35, 55, 100)}))

    found = proxies(dataset, "age")

    assert found.groups == ("[-inf, 35)", "[35, 55)", "[55, 100)", "(missing)")
    assert found.small == ("[100, inf)",)
    assert found.rows == sum(found.sizes) == 1_500 - 11
    assert found.by_group[0].low > 0.9


def test_of_many_rows_a_seeded_sample_is_used():
    dataset = dataset_from_frame(make_frame(2_000), Roles(sensitive=("g",)))
    first, again = (proxies(dataset, "g", rows=500, seed=1) for _ in range(2))

    assert (first.rows, first.of_rows) == (500, 2_000)
    assert first.to_json() == again.to_json()
    assert proxies(dataset, "g", rows=500, seed=2).auc != first.auc


def test_a_search_that_is_stopped_says_so():
    dataset = dataset_from_frame(make_frame(2_000), Roles(sensitive=("g",)))

    with pytest.raises(Cancelled):
        proxies(dataset, "g", cancelled=lambda: True)


def test_census_gives_sex_away_through_relationship(shared):
    raw = (shared / "data" / "census-loan" / "census.csv.gz").read_bytes()
    plain = read_dataset(raw, name="census.csv.gz")
    sex = next(c for c in plain.columns if c.casefold() in {"sex", "gender"})
    found = proxies(plain.with_roles(Roles(sensitive=(sex,))), sex, rows=5_000)

    assert found.auc.low > 0.85
    assert found.carriers[0].name == "relationship"


CSV = make_frame(400).to_csv(index=False)
HOSTILE = CSV.replace("g,a,b,c", "[g](http://evil.test),:red[a],<b>,=c", 1)


def panel(case):
    """Draw the panel alone; run as a script, without what this file imports."""
    import streamlit as st

    from rai_dash.ui import state
    from rai_dash.ui.choices import Choices
    from rai_dash.ui.proxies import proxies_panel
    from rai_dash.ui.state import View

    state.store().put(case)
    if state.choices().case != case.id:
        state.choose(case=case.id)
    for key in ("proxies", "proxies_groups"):
        st.session_state.setdefault(f"numbers_{key}", True)
    proxies_panel(View(case, Choices(case=case.id)))


def _ended(at: AppTest) -> AppTest:
    """Run again until the job is no longer shown as running."""
    assert not stops(settled(at)), "the job did not end"
    return at


@pytest.mark.parametrize(
    ("csv", "column", "label"),
    [(CSV, "g", "**g**"), (HOSTILE, "[g](http://evil.test)", "**\\[g\\]")],
    ids=["plain", "hostile"],
)
def test_the_panel_trains_on_the_button_and_keeps_what_it_found(csv, column, label):
    case = table_case(csv, Roles(sensitive=(column,)))
    at = AppTest.from_function(panel, default_timeout=120, kwargs={"case": case}).run()
    assert "Nothing is trained until you start." in texts(at)

    at.button(key="proxies_go").click().run()
    _ended(at)

    assert not at.exception
    words = texts(at)
    assert "does not blind a model" in words
    assert label in words
    assert "[g](" not in words
    assert len(at.dataframe) == 2
    again = AppTest.from_function(panel, default_timeout=120, kwargs={"case": case}).run()
    assert "does not blind a model" in texts(again)


def test_a_column_that_cannot_be_guessed_is_a_sentence_on_the_panel():
    case = table_case("g,a\n" + "x,1\ny,2\n" * 5, Roles(sensitive=("g",)))
    at = AppTest.from_function(panel, default_timeout=120, kwargs={"case": case}).run()
    at.button(key="proxies_go").click().run()
    _ended(at)

    assert not at.exception
    assert "no group with 30 rows or more" in texts(at)


def test_without_a_sensitive_column_the_panel_says_what_to_do():
    case = table_case("g,a\n" + "x,1\ny,2\n" * 5, Roles())
    at = AppTest.from_function(panel, default_timeout=120, kwargs={"case": case}).run()

    assert not at.exception
    assert "No sensitive column is named" in texts(at)
