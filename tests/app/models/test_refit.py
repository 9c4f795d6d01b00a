from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice, UnsupportedModel
from rai_dash.models.client import load_model
from rai_dash.models.refit import train_again, train_stand_in
from rai_dash.sandbox.arrow import frame_to_ipc


def test_refitting_the_story_on_its_training_rows_gives_the_same_scores(repo):
    frame = pd.read_csv(repo / "sample_data" / "story_training.csv.gz")
    train = frame[frame["split"] == "train"]

    with load_model(repo / "sample_data" / "story_biased.ubj") as model:
        again = train_again(
            model,
            frame_to_ipc(train[list(model.info.feature_names)]),
            (train["loan"] == "Approved").to_numpy(),
        )
        expected = model.score(frame).scores
    with load_model(again.content) as fresh:
        found = fresh.score(frame).scores

    assert np.allclose(found, expected, rtol=0, atol=1e-6)
    assert "depth 4" in again.recipe


def test_a_pipeline_is_fitted_again_with_its_own_settings(repo):
    import skops.io
    from sklearn.base import clone

    path = repo / "sample_data" / "boston_pipeline.skops"
    frame = pd.read_csv(repo / "sample_data" / "loanapp.csv.gz")
    pipeline = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    rows = frame[pipeline.feature_names_in_].head(800)
    expected = clone(pipeline).fit(rows, frame["approve"].head(800)).predict_proba(rows)[:, 1]

    with load_model(path) as model:
        again = train_again(model, frame_to_ipc(rows), frame["approve"].head(800).to_numpy() == 1)
    with load_model(again.content) as fresh:
        found = fresh.score(rows).scores

    assert np.allclose(found, expected, rtol=0, atol=1e-9)


def test_the_stand_in_learns_and_says_what_it_is(loans):
    frame, label = loans

    made = train_stand_in(frame_to_ipc(frame), label == "good")
    with load_model(made.content) as model:
        score = model.score(frame).scores

    assert made.recipe.startswith("Stand-in")
    assert score[label == "good"].mean() > score[label == "bad"].mean() + 0.2


def test_a_stand_in_keeps_labels_with_letters_beyond_ascii_and_can_be_trained_again(loans):
    frame, label = loans
    frame = frame.assign(job=frame["job"].replace({"clerk": "Bürokraft", "cook": "Köchin"}))
    rows, good = frame_to_ipc(frame), label == "good"

    made = train_stand_in(rows, good)
    with load_model(made.content) as model:
        first = model.score(frame)
        again = train_again(model, rows, good, params={"n_estimators": 200, "max_depth": 4})
    with load_model(again.content) as model:
        second = model.score(frame)

    assert first.notices == second.notices == ()
    assert set(model.info.features[2].categories) == {"Bürokraft", "Köchin", "driver"}
    assert np.allclose(first.scores, second.scores, rtol=0, atol=1e-6)
    assert "given: n_estimators 200, max_depth 4" in again.recipe


def test_weights_reach_the_last_step_of_a_pipeline(repo):
    path = repo / "sample_data" / "boston_pipeline.skops"
    frame = pd.read_csv(repo / "sample_data" / "loanapp.csv.gz").head(400)
    weight = np.where(np.arange(400) < 100, 3.0, 1.0)

    with load_model(path) as model:
        rows = frame[list(model.info.feature_names)].fillna(0)
        label = (frame["approve"] == 1).to_numpy()
        plain = train_again(model, frame_to_ipc(rows), label)
        weighted = train_again(model, frame_to_ipc(rows), label, weight=weight)

    assert plain.content != weighted.content


def test_rows_of_one_outcome_cannot_be_trained_on(loans):
    frame, _ = loans
    with pytest.raises(InvalidChoice, match="same outcome"):
        train_stand_in(frame_to_ipc(frame), np.ones(len(frame), dtype=bool))


@pytest.mark.parametrize(
    "params",
    [
        {"learning_rate": 0.05, "num_leaves": 7, "reg_lambda": 2.0, "scale_pos_weight": 3.0},
        {"boosting_type": "rf", "subsample": 0.6, "subsample_freq": 1, "random_state": 5},
        {"boosting_type": "dart", "max_depth": 3, "colsample_bytree": 0.6, "max_bin": 20},
    ],
    ids=lambda params: params.get("boosting_type", "gbdt"),
)
def test_refitting_a_lightgbm_model_on_its_training_rows_gives_the_same_scores(german, params):
    import lightgbm

    frame, target = german
    text = list(frame.columns[frame.dtypes == "str"])
    typed = frame.astype(dict.fromkeys(text, "category"))
    classifier = lightgbm.LGBMClassifier(
        n_estimators=30, n_jobs=1, verbose=-1, force_col_wise=True, min_child_samples=7, **params
    ).fit(typed, target == "good")

    with load_model(classifier.booster_.model_to_string().encode()) as model:
        again = train_again(model, frame_to_ipc(frame), (target == "good").to_numpy())
    with load_model(again.content) as fresh:
        score = fresh.score(frame).scores

    assert model.info.can_refit
    assert np.array_equal(score, classifier.predict_proba(typed)[:, 1])
    assert fresh.info.features == model.info.features
    assert again.recipe.startswith("LightGBM, 30 trees")


def test_given_settings_and_weights_reach_lightgbm_and_paths_in_the_file_do_not(loans):
    import lightgbm

    frame, label = loans
    rows, good = frame[["age", "income", "grade"]], label == "good"
    weight = np.where(np.arange(len(rows)) < 200, 3.0, 1.0)
    settings = {"num_leaves": 5, "n_jobs": 1, "verbose": -1, "force_col_wise": True}
    made = lightgbm.LGBMClassifier(n_estimators=10, **settings).fit(rows, good)
    wanted = lightgbm.LGBMClassifier(n_estimators=15, learning_rate=0.3, **settings)
    wanted.fit(rows, good, sample_weight=weight)
    content = made.booster_.model_to_string().encode()
    for name in (b"forcedsplits_filename", b"forcedbins_filename", b"data", b"machines"):
        content = content.replace(b"[%s: ]" % name, b"[%s: /nowhere/at:1]" % name)

    with load_model(content) as model:
        given = {"eta": 0.3, "n_estimators": 15}
        again = train_again(model, frame_to_ipc(rows), good, weight=weight, params=given)
        with pytest.raises(InvalidChoice, match="`machines` is no setting"):
            train_again(model, frame_to_ipc(rows), good, params={"machines": "192.0.2.1:80"})
    with load_model(again.content) as fresh:
        score = fresh.score(rows).scores

    assert np.array_equal(score, wanted.predict_proba(rows)[:, 1])
    assert "given: eta 0.3, n_estimators 15" in again.recipe
    assert "not repeated" in again.recipe


def test_a_lightgbm_model_whose_columns_were_given_other_names_is_trained_again(loans):
    import lightgbm

    frame, label = loans
    rows = frame[["age", "income"]].rename(columns={"age": "age [years]", "income": "in,come: net"})
    settings = {"objective": "binary", "num_threads": 1, "verbose": -1, "force_col_wise": True}
    booster = lightgbm.train(settings, lightgbm.Dataset(rows.to_numpy(), label == "good"), 10)

    with load_model(booster.model_to_string().encode(), feature_names=list(rows.columns)) as model:
        again = train_again(model, frame_to_ipc(rows), label == "good")
    with load_model(again.content, feature_names=list(rows.columns)) as fresh:
        score = fresh.score(rows).scores

    assert np.array_equal(score, booster.predict(rows.to_numpy()))


def test_a_lightgbm_file_without_its_settings_says_that_it_cannot_be_trained_again(loans):
    import lightgbm

    frame, label = loans
    rows = frame[["age", "grade"]]
    content = lightgbm.LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1).fit(rows, label).booster_
    bare = content.model_to_string().split("\nparameters:")[0].encode()

    with load_model(bare) as model, pytest.raises(UnsupportedModel, match="does not say how"):
        train_again(model, frame_to_ipc(rows), label == "good")
    assert not model.info.can_refit
