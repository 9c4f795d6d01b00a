from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice
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
