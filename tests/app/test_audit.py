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


def _by_hand(rows):
    """Numerator and denominator of each rate, by a scan."""
    good, bad = rows["approve"] == 1, rows["approve"] == 0
    yes = rows["score"] >= 0.5
    return {
        "selection_rate": (yes.sum(), len(rows)), "base_rate": (good.sum(), len(rows)),
        "accuracy": ((yes == good).sum(), len(rows)), "precision": ((yes & good).sum(), yes.sum()),
        "recall": ((yes & good).sum(), good.sum()), "fnr": ((~yes & good).sum(), good.sum()),
        "fpr": ((yes & bad).sum(), bad.sum()), "tnr": ((~yes & bad).sum(), bad.sum()),
        "fdr": ((yes & bad).sum(), yes.sum()), "npv": ((~yes & bad).sum(), (~yes).sum()),
        "for_rate": ((~yes & good).sum(), (~yes).sum()),
    }  # fmt: skip


def _is_by_hand(found, rows):
    assert found["n"] == len(rows)
    assert found["positives"] == (rows["approve"] == 1).sum()
    assert found["predicted_positives"] == (rows["score"] >= 0.5).sum()
    for name, (numerator, denominator) in _by_hand(rows).items():
        cell = found[name]
        assert (cell["numerator"], cell["denominator"]) == (numerator, denominator)
        if denominator:
            assert cell["value"] == pytest.approx(numerator / denominator, abs=1e-12)
            assert 0 <= cell["low"] <= cell["value"] <= cell["high"] <= 1
        else:
            assert (cell["value"], cell["low"], cell["high"]) == (None, None, None)


@pytest.mark.parametrize("column", ["black", "hispan", "male"])
def test_every_group_equals_a_scan_and_is_undefined_where_nothing_can_be_divided(boston, column):
    content, frame = boston
    label = frame[column].map({0.0: "0", 1.0: "1"}).fillna("(missing)")

    assert set(content["groups"][column]) == set(label)
    for group, found in content["groups"][column].items():
        _is_by_hand(found, frame[label == group])
    _is_by_hand(content["overall"], frame)


def test_a_cross_equals_a_scan(boston):
    content, frame = boston
    black, male = (frame[c].map({0.0: "0", 1.0: "1"}).fillna("(missing)") for c in ("black", "male"))
    label = black + " × " + male

    cells = {name: found for name, found in content["crosses"]["black × male"].items() if found["n"]}
    assert set(cells) == set(label)
    for name, found in cells.items():
        _is_by_hand(found, frame[label == name])
    assert any(found["npv"]["value"] is None for found in cells.values())


def test_a_gap_is_the_largest_less_the_smallest_of_the_groups_that_are_large_enough(boston):
    content, _ = boston
    for column, gaps in content["disparities"].items():
        place = "crosses" if "×" in column else "groups"
        for metric, gap in gaps.items():
            values = [
                g[metric]["value"]
                for g in content[place][column].values()
                if g["n"] >= content["min_n"] and g[metric]["value"] is not None
            ]
            assert gap["difference"] == pytest.approx(max(values) - min(values), abs=1e-12)
            assert gap["ratio"] == pytest.approx(min(values) / max(values), abs=1e-12)
    assert "(missing)" in json.dumps(content["disparities"]["male"]["recall"]["excluded"])


METRICS = {
    "n", "base_rate", "selection_rate", "accuracy", "balanced_accuracy", "precision", "recall", "fpr", "fnr", "tnr",
    "fdr", "for_rate", "npv", "f1", "auc", "brier", "mean_score", "calibration_intercept", "calibration_slope",
    "expected_cost",
}  # fmt: skip
CONTRACT = {
    "": {
        "schema",
        "data",
        "model",
        "scores",
        "overall",
        "groups",
        "crosses",
        "disparities",
        "band",
        "explanations",
    },
    "data": {"rows", "columns", "fingerprint", "warnings"},
    "model": {"format", "fingerprint", "features", "classes", "warnings"},
    "scores": {"n", "missing", "first"},
    "band": {"lo", "threshold", "hi", "overall", "groups"},
    "overall": METRICS | {"positives", "predicted_positives"},
}


def test_the_json_has_every_key_of_the_contract(boston):
    content, frame = boston

    for place, keys in CONTRACT.items():
        assert keys <= set(content[place] if place else content)
    for group in (content["groups"]["black"]["1"], content["crosses"]["black × male"]["1 × 1"]):
        assert CONTRACT["overall"] <= set(group)
    for name in METRICS - {"n"}:
        assert {"value", "low", "high", "numerator", "denominator"} <= set(content["overall"][name])
    assert {
        "difference", "low", "high", "ratio", "ratio_low", "ratio_high", "expected_by_chance", "p_value", "tolerance",
        "verdict", "rows_needed", "starred", "excluded",
    } <= set(content["disparities"]["black"]["recall"])  # fmt: skip
    assert set(content["explanations"][0]) >= {
        "row", "space", "base", "values", "additivity_error", "method", "background_rows",
    }  # fmt: skip
    assert content["schema"] == "rai-dash/audit/1"
    assert content["data"]["rows"] == len(frame)
    assert content["overall"]["expected_cost"]["value"] is None


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
        assert e["additivity_error"] < 1e-9


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

    expected = rai_dash.audit(scored).content["groups"]
    for given in (rows["s"].to_numpy(), rows["s"], rows["s"].tolist()):
        assert rai_dash.audit(plain, given).content["groups"] == expected


def test_a_row_without_a_score_is_counted_as_such_and_null_in_the_json():
    dataset = rai_dash.read_dataset(b"y,g\n1,a\n0,b\n1,a\n", Roles(target="y", favourable=("1",)))
    score = np.array([0.9, np.nan, np.inf])

    content = json.loads(rai_dash.audit(dataset, score, band=ReviewBand(0.2, 0.5, 0.8)).to_json())

    assert content["scores"] == {"n": 3, "missing": 2, "first": [0.9, None, None]}
    assert content["band"]["overall"]["review"] == 2
    assert np.isnan(score[1])


def test_wrong_input_is_refused_in_one_sentence(repo):
    csv = b"y,g\n1,a\n0,b\n"
    with pytest.raises(MissingColumn, match="`z`"):
        rai_dash.read_dataset(csv, Roles(target="z", favourable=("1",)))
    dataset = rai_dash.read_dataset(csv, Roles(target="y", favourable=("1",)))
    with pytest.raises(InvalidChoice, match="2 rows, 3 scores"):
        rai_dash.audit(dataset, np.zeros(3))
    with pytest.raises(InvalidChoice, match="0 to 1"):
        rai_dash.audit(dataset, np.array([0.5, 7.0]))
    with pytest.raises(InvalidChoice, match="must be numbers"):
        rai_dash.audit(dataset, ["high", "low"])
    with pytest.raises(InvalidChoice, match="model file"):
        rai_dash.audit(dataset, np.array([0.5, 0.7]), explain=1)


def test_named_parity_measures_of_the_json_are_fairlearns(boston):
    from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference

    content, frame = boston
    known = frame[frame["black"].notna()]
    given = {
        "y_true": known["approve"],
        "y_pred": (known["score"] >= 0.5).astype(int),
        "sensitive_features": known["black"],
    }
    ours = content["parities"]["black"]

    assert ours["demographic_parity_difference"]["value"] == pytest.approx(
        demographic_parity_difference(**given)
    )
    assert ours["equalized_odds_max"]["value"] == pytest.approx(equalized_odds_difference(**given))
    assert ours["equalized_odds_mean"]["value"] == pytest.approx(
        equalized_odds_difference(**given, agg="mean")
    )


def test_each_group_is_compared_with_the_rest_with_everyone_and_with_a_named_reference(repo):
    dataset = rai_dash.read_dataset(repo / "sample_data" / "loanapp.csv.gz", BOSTON)
    rng = np.random.default_rng(0)
    score = rng.random(dataset.n_rows)
    selected, black = score >= 0.5, dataset.frame["black"].to_numpy()

    content = rai_dash.audit(dataset, score, references={"black": "0"}).content

    found = content["against"]["black"]["selection_rate"]
    own, other = selected[black == 1].mean(), selected[black == 0].mean()
    assert found["reference_group"] == "0"
    assert found["reference"]["1"]["difference"] == pytest.approx(own - other, abs=1e-12)
    assert found["rest"]["1"]["difference"] == pytest.approx(own - selected[black != 1].mean(), abs=1e-12)
    assert found["overall"]["1"]["difference"] == pytest.approx(own - selected.mean(), abs=1e-12)
    assert found["reference"]["0"]["difference"] is None
    assert "reference" not in content["against"]["male"]["selection_rate"]


def test_a_reference_that_is_not_there_is_refused(repo):
    dataset = rai_dash.read_dataset(repo / "sample_data" / "loanapp.csv.gz", BOSTON)
    score = np.full(dataset.n_rows, 0.5)

    with pytest.raises(
        InvalidChoice, match=r"no sensitive column here\. Sensitive columns are: black, hispan, male"
    ):
        rai_dash.audit(dataset, score, references={"race": "0"})
    with pytest.raises(InvalidChoice, match="`7` is no group of `black`"):
        rai_dash.audit(dataset, score, references={"black": "7"})
