from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import rai_dash
from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.core.types import ReviewBand, Roles

BOSTON = Roles(target="approve", favourable=("1",), sensitive=("black", "hispan", "male"))


@pytest.fixture(scope="module")
def boston(repo):
    """The audit of the whole Boston table, and the rows with their scores for the oracles."""
    dataset = rai_dash.read_dataset(repo / "sample_data" / "loanapp.csv.gz", BOSTON)
    with rai_dash.load_model(repo / "sample_data" / "boston_pipeline.skops") as model:
        found = rai_dash.audit(
            dataset, model, crosses=[("black", "male")], band=ReviewBand(0.6, 0.8, 0.9), explain=3
        )
        score = model.score(dataset.frame).scores
    return json.loads(found.to_json()), dataset.frame.assign(score=score)


@pytest.mark.parametrize("column", ["black", "hispan", "male"])
def test_group_rates_equal_fairlearn_where_every_denominator_is_positive(boston, column):
    from fairlearn.metrics import (
        MetricFrame,
        false_negative_rate,
        false_positive_rate,
        selection_rate,
        true_negative_rate,
    )
    from sklearn.metrics import accuracy_score, precision_score, recall_score

    content, frame = boston
    known = frame[frame[column].notna()]
    functions = {
        "recall": recall_score, "precision": precision_score, "accuracy": accuracy_score,
        "selection_rate": selection_rate, "fpr": false_positive_rate, "fnr": false_negative_rate,
        "tnr": true_negative_rate,
    }  # fmt: skip
    oracle = MetricFrame(
        metrics=functions,
        y_true=known["approve"],
        y_pred=(known["score"] >= 0.5).astype(int),
        sensitive_features=known[column].astype(int).astype(str),
    ).by_group

    groups = content["groups"][column]
    for group, row in oracle.iterrows():
        for name, expected in row.items():
            assert groups[group][name]["value"] == pytest.approx(expected, abs=1e-12)


def test_a_blank_in_a_sensitive_column_is_its_own_group(boston):
    content, frame = boston

    assert content["groups"]["male"]["(missing)"]["n"] == int(frame["male"].isna().sum()) == 15


def test_what_is_undefined_is_null_and_never_nan(boston):
    content, _ = boston
    cells = content["crosses"]["black × male"]
    text = json.dumps(content)

    assert "NaN" not in text
    assert "Infinity" not in text
    for cell in cells.values():
        if cell["precision"]["denominator"] == 0:
            assert cell["precision"]["value"] is None


def test_auc_and_brier_equal_scikit_learn(boston):
    from sklearn.metrics import brier_score_loss, roc_auc_score

    content, frame = boston
    overall = content["overall"]

    assert overall["auc"]["value"] == pytest.approx(
        roc_auc_score(frame["approve"], frame["score"]), abs=1e-12
    )
    assert overall["brier"]["value"] == pytest.approx(
        brier_score_loss(frame["approve"], frame["score"]), abs=1e-12
    )


def test_the_band_equals_a_scan_of_the_rows(boston):
    content, frame = boston
    band, score = content["band"], frame["score"]

    assert band["overall"]["reject"] == (score < 0.6).sum()
    assert band["overall"]["approve"] == (score >= 0.9).sum()
    assert band["overall"]["review"] == ((score >= 0.6) & (score < 0.9)).sum()
    black = score[frame["black"] == 1]
    assert band["groups"]["black"]["1"]["review_rate"]["value"] == pytest.approx(
        ((black >= 0.6) & (black < 0.9)).mean(), abs=1e-12
    )


def test_explanations_add_up_to_the_log_odds_of_the_score(boston):
    content, frame = boston

    assert [e["row"] for e in content["explanations"]] == [0, 1, 2]
    for e in content["explanations"]:
        total = e["base"] + sum(e["values"].values())
        score = frame["score"][e["row"]]
        assert total == pytest.approx(np.log(score / (1 - score)), abs=1e-9)
        assert e["space"] == "log-odds"
        assert e["background_rows"] == 1989


def test_the_first_scores_are_the_models(boston):
    content, frame = boston

    assert content["scores"]["n"] == 1989
    assert content["scores"]["first"] == [float(s) for s in frame["score"][:200]]


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("story_training.csv.gz", "own_test"),
        ("story_production_110.csv.gz", "production_110"),
        ("story_living_1100.csv.gz", "living_1100"),
    ],
)
@pytest.mark.parametrize(
    ("model", "step"),
    [("story_biased.ubj", "1 biased"), ("story_repaired.ubj", "7 collected, up loan x gender")],
)
def test_the_story_has_the_published_figures(repo, shared, file, key, model, step):  # noqa: PLR0917
    expected = json.loads((shared / "data/story/EXPECTED.json").read_text())["group"][step][key]
    roles = Roles(target="loan", favourable=("Approved",), sensitive=("gender",))
    if key == "own_test":
        roles = roles.with_(split="split", split_train=("train",))
    dataset = rai_dash.read_dataset(repo / "sample_data" / file, roles)

    with rai_dash.load_model(repo / "sample_data" / model) as loaded:
        content = rai_dash.audit(dataset, loaded).content

    for group, want in expected.items():
        found = content["overall"] if group == "all" else content["groups"]["gender"][group]
        assert found["n"] == want["n"]
        for ours, theirs in (("accuracy", "acc"), ("precision", "prec"), ("recall", "rec"), ("auc", "auc")):
            value = found[ours]["value"]
            assert (value is None) == (want[theirs] is None)
            if value is not None:
                assert round(value, 4) == pytest.approx(want[theirs], abs=1e-4)


def test_given_scores_equal_a_score_column():
    rows = pd.DataFrame({"y": [1, 0, 1, 0] * 10, "g": ["a", "b"] * 20, "s": np.linspace(0, 1, 40)})
    csv = rows.to_csv(index=False).encode()
    roles = Roles(target="y", favourable=("1",), sensitive=("g",))
    plain = rai_dash.read_dataset(csv, roles)
    scored = rai_dash.read_dataset(csv, roles.with_(score="s"))

    assert (
        rai_dash.audit(plain, rows["s"].to_numpy()).content["groups"]
        == rai_dash.audit(scored).content["groups"]
    )


def test_wrong_input_is_refused_in_one_sentence(repo):
    csv = b"y,g\n1,a\n0,b\n"
    with pytest.raises(MissingColumn, match="`z`"):
        rai_dash.read_dataset(csv, Roles(target="z", favourable=("1",)))
    dataset = rai_dash.read_dataset(csv, Roles(target="y", favourable=("1",)))
    with pytest.raises(InvalidChoice, match="2 rows, 3 scores"):
        rai_dash.audit(dataset, np.zeros(3))
    with pytest.raises(InvalidChoice, match="0 to 1"):
        rai_dash.audit(dataset, np.array([0.5, 7.0]))
    with pytest.raises(InvalidChoice, match="model file"):
        rai_dash.audit(dataset, np.array([0.5, 0.7]), explain=1)
