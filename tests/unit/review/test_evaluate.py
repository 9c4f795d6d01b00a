from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_score, recall_score

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import add_cubes, edges_of
from rai_dash.core.types import ReviewBand
from rai_dash.data.groups import GroupIndex, group_index
from rai_dash.data.review_counting import review_cube
from rai_dash.review.evaluate import evaluate
from rai_dash.review.settings import BandCosts, Reviewer, Workload
from rai_dash.samples import bundled_cases
from tests.oracles.band_rows import brute

BAND = ReviewBand(0.3, 0.5, 0.7)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    n = 900
    score = np.round(rng.random(n), 3)
    label = (rng.random(n) < score).astype(int)
    label[::11] = 2
    score[:12] = np.nan
    return pd.DataFrame(
        {
            "score": score,
            "label": label,
            "sex": np.where(rng.random(n) < 0.3, "f", "m"),
            "age": rng.choice(["young", "old", "very old"], n, p=[0.5, 0.48, 0.02]),
            "weight": rng.gamma(2.0, size=n),
            "amount": np.where(rng.random(n) < 0.1, np.nan, rng.gamma(2.0, 500.0, n)),
            "decision": rng.integers(0, 3, n),
        }
    )


def cubes(rows, *columns, **kept):
    arrays = {
        name: rows[name].to_numpy() for name in ("weight", "amount", "decision") if kept.get(name, True)
    }
    return {
        column: review_cube(
            rows["label"].to_numpy(np.int8), rows["score"].to_numpy(), group_index(rows, column), **arrays
        )
        for column in columns
    }


def test_the_json_has_every_part_by_name_and_no_nan(rows):
    prices = BandCosts(fp_fixed=5, fn_per_amount=0.01, review=0.2)
    work = Workload(volume_per_day=90, minutes_per_review=20, minutes_per_day=300, reviewers=2)

    found = evaluate(cubes(rows, "sex", "age"), BAND, costs=prices, workload=work)
    out = json.loads(json.dumps(found.to_json(), allow_nan=False))

    assert out["band"] == {"lo": 0.3, "t": 0.5, "hi": 0.7}
    assert list(out["counts"]) == [
        *("n", "W", "approve", "reject", "review", "no_score", "labelled"),
        *("TP", "FP", "TN", "FN", "RP", "RN"),
    ]
    assert set(out["rates"]["coverage"]) == {"value", "low", "high", "numerator", "denominator", "effective"}
    assert {"error_cost", "review_cost", "total", "cost", "per_application", "n_amount_missing"} <= set(
        out["cost"]
    )
    assert set(out["theory_band"]) == {"lo", "t", "hi", "empty"}
    assert out["capacity"]["reviewers_needed"] > 0
    assert list(out["groups"]) == ["sex", "age"]
    assert list(out["groups"]["age"]) == ["old", "very old", "young"]
    assert set(out["groups"]["sex"]["f"]) == {"counts", "rates", "after_review", "cost"}
    assert out["gaps"]["age"]["excluded"] == {"very old": "16 rows, fewer than 30"}
    assert out["settings"]["costs"]["fp_fixed"] == 5
    assert out["settings"]["min_n"] == 30


def test_several_columns_at_once_equal_brute_force_over_the_rows(rows):
    prices = {"fp_fixed": 5.0, "fn_per_amount": 0.01, "review": 0.2}
    reviewer = {"h1": 0.8, "deference": 0.3, "use_recorded": True}

    out = evaluate(
        cubes(rows, "sex", "age"), BAND, reviewer=Reviewer(**reviewer), costs=BandCosts(**prices)
    ).to_json()

    for column in ("sex", "age"):
        records = rows.rename(columns={column: "group"}).to_dict("records")
        expected = brute(records, (0.3, 0.5, 0.7), prices | reviewer)
        assert out["cost"]["total"] == pytest.approx(expected["total"])
        assert out["after_review"]["post_error_rate"] == pytest.approx(expected["post_error_rate"])
        for group, figures in expected["groups"].items():
            own = out["groups"][column][group]
            assert own["rates"]["auto_error_rate"] == pytest.approx(figures["auto_error_rate"])
            assert own["cost"]["cost"] == pytest.approx(figures["cost"])
            assert own["cost"]["n_amount_missing"] == figures["n_amount_missing"]
        for name, value in expected["gaps"].items():
            assert out["gaps"][column][name] == pytest.approx(value), name


def test_a_band_without_width_is_what_scikit_learn_says_of_the_classifier(rows):
    known = rows[(rows["label"] < 2) & rows["score"].notna()]
    y, decided = known["label"].to_numpy(), (known["score"] >= 0.5).to_numpy()
    arrays = known["label"].to_numpy(np.int8), known["score"].to_numpy()

    found = evaluate({"": review_cube(*arrays, None)}, ReviewBand(0.5, 0.5, 0.5))

    routes = found.overall.routes
    tn, fp, fn, tp = confusion_matrix(y, decided).ravel()
    assert [routes.sums[name][0] for name in ("tn", "fp", "fn", "tp")] == [tn, fp, fn, tp]
    assert routes.estimate("auto_error_rate").value == pytest.approx(1 - accuracy_score(y, decided))
    assert routes.estimate("precision_auto").value == pytest.approx(precision_score(y, decided))
    assert routes.estimate("recall_auto").value == pytest.approx(recall_score(y, decided))
    assert routes.estimate("coverage").value == 1
    limits = binomtest(int(fp + fn), len(y)).proportion_ci(method="wilson")
    error = routes.estimate("auto_error_rate")
    assert (error.low, error.high) == pytest.approx((limits.low, limits.high))
    assert found.by_group == {}
    assert found.gaps == {}


def test_weights_shrink_the_size_behind_an_interval_as_kish_says(rows):
    out = evaluate(cubes(rows, "sex"), BAND).to_json()

    inside = rows[
        (rows["label"] < 2) & (rows["score"].isna() | rows["score"].between(0.3, 0.7, inclusive="left"))
    ]
    w = inside["weight"]
    size = out["rates"]["good_rate_in_band"]["effective"]
    assert size == pytest.approx(w.sum() ** 2 / (w**2).sum())
    assert size < len(inside)


def test_open_ends_send_everyone_to_a_person(rows):
    out = evaluate(cubes(rows, "sex"), ReviewBand(None, 0.5, None)).to_json()

    assert out["rates"]["review_rate"]["value"] == 1
    assert out["rates"]["auto_error_rate"]["value"] is None
    assert "automatically" in out["rates"]["auto_error_rate"]["reason"]
    assert out["gaps"]["sex"]["auto_error_gap"] is None
    assert out["gaps"]["sex"]["undefined"]["auto_error_gap"] == ["f", "m"]


def test_no_rows_are_counts_of_0_and_nothing_else():
    index = GroupIndex("sex", (), np.array([], np.int32))
    empty = review_cube(np.array([], np.int8), np.array([]), index)
    work = Workload(volume_per_day=10, minutes_per_review=10, minutes_per_day=100)

    out = evaluate({"sex": empty}, BAND, workload=work).to_json()

    assert set(out["counts"].values()) == {0}
    assert all(rate["value"] is rate["low"] is None for rate in out["rates"].values())
    assert all(value is None for name, value in out["after_review"].items() if name.startswith("post"))
    assert (out["cost"]["cost"], out["cost"]["reason"]) == (
        None,
        "no applicant with a known outcome in this group",
    )
    assert out["capacity"]["reviewers_needed"] is None
    assert out["groups"] == {"sex": {}}


def test_a_group_with_one_outcome_only_has_no_rate_of_the_other():
    score, index = (
        np.array([0.1, 0.2, 0.9, 0.8]),
        GroupIndex("sex", ("f", "m"), np.array([0, 0, 1, 1], np.int32)),
    )
    cube = review_cube(np.array([1, 1, 0, 0], np.int8), score, index)

    groups = evaluate({"sex": cube}, BAND, min_n=1).to_json()["groups"]["sex"]

    assert (groups["f"]["rates"]["fnr_auto"]["value"], groups["f"]["rates"]["fpr_auto"]["value"]) == (1, None)
    assert (groups["m"]["after_review"]["post_fpr"], groups["m"]["after_review"]["post_fnr"]) == (1, None)
    assert "favourable outcome" in groups["m"]["after_review"]["reasons"]["post_fnr"]


def test_people_described_by_one_column_count_for_everyone_but_not_by_another_column(rows):
    pairs = {"f": (0.6, 0.7)}

    found = evaluate(cubes(rows, "age", "sex", decision=False), BAND, reviewer=Reviewer(by_group=pairs))
    out = found.to_json()

    records = rows.rename(columns={"sex": "group"}).drop(columns="decision").to_dict("records")
    expected = brute(records, (0.3, 0.5, 0.7), {"by_group": pairs})
    assert out["after_review"]["post_error_rate"] == pytest.approx(expected["post_error_rate"])
    assert out["groups"]["sex"]["f"]["after_review"]["post_fnr"] == pytest.approx(
        expected["groups"]["f"]["post_fnr"]
    )
    old = out["groups"]["age"]["old"]
    assert old["rates"]["review_rate"]["value"] > 0
    assert (
        old["after_review"]["post_fnr"] is old["cost"]["cost"] is out["gaps"]["age"]["post_fnr_gap"] is None
    )
    assert "another column" in old["after_review"]["reasons"]["post_fnr"]
    assert "another column" in out["gaps"]["age"]["reasons"]["post_fnr_gap"]


def test_the_theory_band_is_taken_at_the_mean_amount_or_says_why_there_is_none(rows):
    labelled = rows[rows["label"] < 2]
    mean = (labelled["weight"] * labelled["amount"].fillna(0)).sum() / labelled["weight"].sum()
    prices = BandCosts(fp_per_amount=0.5, fn_fixed=30)

    found = evaluate(cubes(rows, "sex"), BAND, costs=prices)
    none = evaluate(cubes(rows, "sex"), BAND)

    assert found.theory.threshold == pytest.approx(0.5 * mean / (0.5 * mean + 30))
    assert none.theory is None
    assert "above 0 for both errors" in none.to_json()["theory_band"]["reason"]


def test_a_band_off_the_grid_needs_a_cube_of_its_own(rows):
    band = ReviewBand(0.30005, 0.5, 0.70005)
    arrays = rows["label"].to_numpy(np.int8), rows["score"].to_numpy()

    with pytest.raises(InvalidChoice, match=r"The cut 0.30005 is none of the 1,001"):
        evaluate({"": review_cube(*arrays, None)}, band)
    own = evaluate({"": review_cube(*arrays, None, edges=edges_of(band))}, band)
    assert own.overall.routes.sums["reject"][0] == (rows["score"] < 0.30005).sum()


def test_cubes_of_different_rows_and_no_cubes_are_refused(rows):
    found = cubes(rows, "sex", "age")

    with pytest.raises(InvalidChoice, match="`sex` 1,800, `age` 900"):
        evaluate({"sex": add_cubes(found["sex"], found["sex"]), "age": found["age"]}, BAND)
    with pytest.raises(InvalidChoice, match="no counts to judge"):
        evaluate({}, BAND)


def test_costs_by_amount_without_amounts_are_refused(rows):
    with pytest.raises(InvalidChoice, match="no amount column"):
        evaluate(cubes(rows, "sex", amount=False), BAND, costs=BandCosts(fp_per_amount=1))


def test_the_story_is_told_to_the_published_digit(shared):
    """Step 7, the repaired model: how many a person sees at each half-width, and how right the rest is."""
    import xgboost

    case = bundled_cases()["story"]
    (model,) = [m for m in case.models if m.key == "repaired"]
    (data,) = [d for d in case.datasets if d.key == "living"]
    frame = pd.read_csv(data.path)
    booster = xgboost.Booster(model_file=model.path)
    features = frame[booster.feature_names].copy()
    for column in features.select_dtypes(exclude="number"):
        features[column] = features[column].astype("category")
    score = booster.predict(xgboost.DMatrix(features, enable_categorical=True))
    label = frame[data.roles.target].astype(str).isin(data.roles.favourable).to_numpy(np.int8)
    cube = review_cube(label, score, group_index(frame, "gender"))
    expected = json.loads((shared / "data" / "story" / "EXPECTED.json").read_text())["group"]
    published = expected["7 collected, up loan x gender"]["band(w,review share,acc auto,review M,review F)"]

    for half, review, accuracy, men, women in published:
        lo, hi = round(0.5 - half, 4), round(0.5 + half, 4)
        found = evaluate({"gender": cube}, ReviewBand(lo, 0.5, hi))
        groups = found.by_group["gender"].routes
        by_name = {g: groups.estimate("review_rate", i).value for i, g in enumerate(groups.groups)}
        routes = found.overall.routes
        assert routes.estimate("review_rate").value == pytest.approx(review, abs=5.1e-5)
        assert 1 - routes.estimate("auto_error_rate").value == pytest.approx(accuracy, abs=5.1e-5)
        assert (by_name["Male"], by_name["Female"]) == pytest.approx((men, women), abs=5.1e-5)
    assert {row[0] for row in published} >= {0.2, 0.3, 0.4}


@pytest.mark.parametrize("hi", [0.0, 0.5])
def test_a_cut_of_0_declines_nobody_and_is_not_an_open_end(hi):
    cube = review_cube(np.array([1, 0, 1], np.int8), np.array([0.0, 0.25, 0.5]), None)

    routes = evaluate({"": cube}, ReviewBand(0.0, hi, hi)).overall.routes

    assert (routes.sums["reject"][0], routes.sums["approve"][0]) == (0, 3 if hi == 0 else 1)
