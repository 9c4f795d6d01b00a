"""Two models side by side: flips against a count over rows, what their files say against their own libraries."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from rai_dash.core.errors import WorkerFailed
from rai_dash.core.types import Feature, ModelInfo, Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.models import parameters
from rai_dash.models._base import MODEL_FORMATS
from rai_dash.models.parameters import parameters_of, tell
from rai_dash.report.changed.models import ScoredBoth, changed_models
from tests.oracles.formulas import newcombe, wilson_of_scipy

ROLES = Roles(target="paid", favourable=("yes",), sensitive=("sex",))


def model(fingerprint="a" * 64, *, settings=None, model_class="1", **info):
    """A model as far as a comparison looks at it; its process answers with the settings."""
    features = info.pop("features", (Feature("income"), Feature("job", "category", ("a", "b"))))
    told = {
        "format": "xgboost",
        "family": "XGBoost, 3 trees",
        "fingerprint": fingerprint,
        "features": features,
    } | info
    reply = SimpleNamespace(data={"parameters": settings or {}})
    return SimpleNamespace(info=ModelInfo(**told), model_class=model_class, call=lambda _: reply)


@pytest.fixture(scope="module")
def scored():
    """500 rows scored twice; women get another score far more often, and 20 rows have no second score."""
    rng = np.random.default_rng(8)
    n = 500
    frame = pd.DataFrame(
        {"paid": rng.choice(["yes", "no"], n), "sex": rng.choice(["f", "m"], n, p=[0.4, 0.6])}
    )
    frame.loc[:29, "paid"] = None
    first = rng.random(n)
    moved = np.where(frame["sex"] == "f", rng.random(n) < 0.6, rng.random(n) < 0.1)
    second = np.where(moved, rng.random(n), first)
    second[50:70] = np.nan
    return ScoredBoth(dataset=dataset_from_frame(frame, ROLES), first=first, second=second, threshold=0.6)


def by_hand(scored):
    """The same rows as a table, for counting."""
    frame = scored.dataset.frame.assign(was=scored.first >= 0.6, now=scored.second >= 0.6)
    frame = frame[np.isfinite(scored.second)]
    return frame.assign(flip=frame["was"] != frame["now"])


def test_flips_are_those_of_a_count_over_the_rows(scored):
    found = changed_models(model(), model("b" * 64), scored)
    rows = by_hand(scored)

    flips, of_women = rows["flip"].sum(), rows.loc[rows["sex"] == "f", "flip"].sum()
    women = (rows["sex"] == "f").sum()
    assert found.headline == (
        "The model is another file, and all that it says of itself is the same. "
        f"{flips} of 480 decisions flip; the group sex f stands out with {of_women} of {women}."
    )
    for group, told in (("f", found.details["groups"][0]), ("m", found.details["groups"][1])):
        own, rest = rows[rows["sex"] == group], rows[rows["sex"] != group]
        flips = told["flips"]
        k, n = int(own["flip"].sum()), len(own)
        assert (told["group"], flips["changed"], flips["decided_by_both"]) == (group, k, n)
        assert (flips["low"], flips["high"]) == pytest.approx(wilson_of_scipy(k, n))
        assert flips["declined_to_approved"]["rows"] == int((own["now"] & ~own["was"]).sum())
        assert flips["approved_to_declined"]["rows"] == int((own["was"] & ~own["now"]).sum())
        against = told["against_everybody_else"]
        assert against["difference"] == pytest.approx(k / n - rest["flip"].mean())
        assert (against["low"], against["high"]) == pytest.approx(
            newcombe(k / n, n, rest["flip"].mean(), len(rest))
        )
        selection = told["selection_rate"]
        assert selection["difference"] == pytest.approx(own["now"].mean() - own["was"].mean())
        right = own["flip"] & (own["now"] == (own["paid"] == "yes")) & own["paid"].notna()
        assert flips["declined_to_approved"]["right"] + flips["approved_to_declined"]["right"] == int(
            right.sum()
        )


def test_score_differences_are_those_of_numpy_and_the_rank_correlation_that_of_scipy(scored):
    details = changed_models(model(), model("b" * 64), scored).details
    known = np.isfinite(scored.second)
    gap = scored.second[known] - scored.first[known]

    assert details["rows_with_both_scores"] == 480
    assert details["mean_absolute_difference"] == pytest.approx(np.abs(gap).mean())
    assert details["largest_difference"] == pytest.approx(np.abs(gap).max())
    assert details["mean_difference"] == pytest.approx(gap.mean())
    assert details["rank_correlation"] == pytest.approx(
        spearmanr(scored.first[known], scored.second[known]).statistic
    )


def test_the_same_model_on_the_same_rows_has_not_changed(scored):
    same = ScoredBoth(dataset=scored.dataset, first=scored.first, second=scored.first, threshold=0.6)

    found = changed_models(model(), model(), same)

    assert found.is_same
    assert "no score differs" in found.headline


def test_scores_that_move_without_a_flip_are_told_as_such(scored):
    nearly = np.where(
        scored.first >= 0.6, np.minimum(scored.first + 0.01, 1), np.maximum(scored.first - 0.01, 0)
    )
    same = ScoredBoth(dataset=scored.dataset, first=scored.first, second=nearly, threshold=0.6)

    found = changed_models(model(), model("b" * 64), same)

    assert not found.of("decisions")
    assert "scores differ and no decision flips" in found.headline


def test_no_group_is_named_where_chance_would_do_as_well():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"paid": ["yes", "no"] * 100, "sex": rng.choice(["f", "m"], 200)})
    first, second = rng.random(200), rng.random(200)
    both = ScoredBoth(dataset=dataset_from_frame(frame, ROLES), first=first, second=second)

    found = changed_models(model(), model("b" * 64), both)

    flips = int(((first >= 0.5) != (second >= 0.5)).sum())
    assert found.headline.endswith(f"{flips} of 200 decisions flip.")


def test_small_groups_are_told_and_never_named_first():
    frame = pd.DataFrame({"paid": ["yes", "no"] * 100, "sex": ["x"] * 8 + ["m"] * 192})
    first = np.full(200, 0.2)
    second = np.where(np.arange(200) < 8, 0.9, 0.2)
    both = ScoredBoth(dataset=dataset_from_frame(frame, ROLES), first=first, second=second)

    found = changed_models(model(), model("b" * 64), both)

    assert found.headline.endswith("8 of 200 decisions flip.")
    assert any("sex is x (8 rows)" in note for note in found.notes)


def test_without_any_common_score_nothing_is_said_about_decisions(scored):
    nothing = ScoredBoth(dataset=scored.dataset, first=scored.first, second=np.full(500, np.nan))

    found = changed_models(model(), model("b" * 64), nothing)

    assert "no row has a score of both" in found.headline
    assert not found.of("decisions")
    json.loads(found.to_json())


def test_inputs_categories_and_settings_are_told():
    then = model(settings={"eta": 0.1, "rounds": 100, "objective": "binary:logistic"})
    now = model(
        "b" * 64,
        settings={"eta": 0.3, "rounds": 100, "lambda": 2.0},
        features=(Feature("job", "category", ("b", "c")), Feature("age"), Feature("income")),
        model_class="0",
    )

    found = changed_models(then, now)

    told = {(item.area, item.what): item.words for item in found.items}
    assert told[("parameters", "eta")] == "eta: 0.1 before, 0.3 now."
    assert told[("parameters", "lambda")] == "lambda: new, 2.0."
    assert told[("parameters", "objective")] == "objective: gone, it was binary:logistic."
    assert ("parameters", "rounds") not in told
    assert told[("columns", "age")] == "The input `age` is new."
    assert told[("model", "Favourable class")] == "Favourable class: 1 before, 0 now."
    known = [item.words for item in found.of("categories")]
    assert known == ["The input `job` no longer knows a.", "The input `job` now knows c."]
    assert any("No rows were given" in note for note in found.notes)


def test_the_order_of_inputs_is_a_change():
    swapped = (Feature("job", "category", ("a", "b")), Feature("income"))

    found = changed_models(model(), model(features=swapped))

    assert [item.what for item in found.items] == ["order"]
    assert found.headline == "The model is the same file, read another way."


def test_lightgbm_tells_the_settings_it_was_trained_with():
    lightgbm = pytest.importorskip("lightgbm")
    rng = np.random.default_rng(0)
    x = pd.DataFrame({"a": rng.random(200), "b": rng.random(200)})
    params = {"objective": "binary", "learning_rate": 0.07, "num_leaves": 5, "verbosity": -1, "seed": 3}
    booster = lightgbm.train(params, lightgbm.Dataset(x, label=(x["a"] > 0.5).astype(int)), num_boost_round=4)

    told = parameters_told("lightgbm", booster.model_to_string().encode())

    assert (told["learning_rate"], told["num_leaves"], told["rounds"]) == ("0.07", "5", 4)
    assert "num_threads" not in told


def test_xgboost_tells_rounds_depth_objective_and_the_learning_rate_its_trees_show():
    import xgboost

    rng = np.random.default_rng(0)
    x = pd.DataFrame({"a": rng.random(300), "b": rng.random(300)})
    params = {
        "objective": "binary:logistic",
        "eta": 0.25,
        "max_depth": 2,
        "base_score": 0.4,
        "scale_pos_weight": 3,
    }
    noisy = (x["a"] + rng.normal(0, 0.5, 300) > 0.5).astype(int)
    booster = xgboost.train(params, xgboost.DMatrix(x, label=noisy), num_boost_round=5)

    told = parameters_told("xgboost", bytes(booster.save_raw("ubj")))

    assert (told["objective"], told["rounds"], told["max_depth"]) == ("binary:logistic", 5, 2)
    assert (told["eta"], told["base_score"], told["scale_pos_weight"]) == pytest.approx((0.25, 0.4, 3.0))


def test_a_pipeline_tells_the_settings_of_its_steps_and_its_coefficients(tmp_path):
    import skops.io
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    x = pd.DataFrame({"a": rng.random(200), "b": rng.random(200)})
    fitted = make_pipeline(StandardScaler(), LogisticRegression(C=0.5)).fit(x, (x["a"] > 0.5).astype(int))
    skops.io.dump(fitted, tmp_path / "m.skops")

    told = parameters_told("skops", (tmp_path / "m.skops").read_bytes())

    assert told["logisticregression__C"] == 0.5
    assert told["last step"] == "LogisticRegression"
    assert told["standardscaler__with_mean"] == "yes"
    assert [told["coefficient a"], told["coefficient b"]] == pytest.approx(fitted[-1].coef_[0].tolist())
    assert told["intercept"] == pytest.approx(fitted[-1].intercept_[0])


def parameters_told(name, content):
    """What the separate process would answer."""
    answer, blobs = tell({"model": MODEL_FORMATS[name].load(content)}, {}, [], lambda *_: None)
    assert blobs == []
    # As it goes over the wire.
    told = json.loads(json.dumps(answer, allow_nan=False))["parameters"]
    return parameters_of(model(settings=told))


def test_a_kind_that_tells_nothing_gives_nothing():
    told, _ = tell({"model": SimpleNamespace(info=SimpleNamespace(format="onnx"))}, {}, [], None)

    assert told == {"parameters": {}}
    assert any("ONNX" in note for note in changed_models(model(format="onnx"), model()).notes)


@pytest.mark.parametrize(
    "answer", [None, [1], {"a": [1]}, {"a": "x" * 999}, {f"p{i}": 1 for i in range(600)}, {"a": True}]
)
def test_an_answer_that_makes_no_sense_is_refused(answer):
    reply = SimpleNamespace(data={"parameters": answer})

    with pytest.raises(WorkerFailed):
        parameters_of(SimpleNamespace(call=lambda _: reply))


def test_no_more_settings_are_told_than_are_read():
    many = SimpleNamespace(get_params=lambda **_: {f"p{i}": i for i in range(2 * parameters.MOST)})
    wrapped = SimpleNamespace(info=SimpleNamespace(format="skops"), native=many)

    told, _ = tell({"model": wrapped}, {}, [], None)

    assert len(parameters_of(model(settings=told["parameters"]))) == parameters.MOST


def test_rows_that_are_marked_as_trained_on_are_left_out(scored):
    """The same as if they had never been in the table."""
    marked = scored.dataset.frame.assign(part=np.where(np.arange(500) % 3, "train", "test"))
    roles = ROLES.with_(split="part", split_train=("train",))
    whole = replace(scored, dataset=dataset_from_frame(marked, roles))
    kept = np.arange(500) % 3 == 0
    alone = ScoredBoth(
        dataset=dataset_from_frame(scored.dataset.frame[kept].reset_index(drop=True), ROLES),
        first=scored.first[kept], second=scored.second[kept], threshold=0.6,
    )  # fmt: skip

    found = changed_models(model(), model("b" * 64), whole)

    assert found.details == changed_models(model(), model("b" * 64), alone).details
    assert f"{(~kept).sum()} rows that a model was trained on are left out." in found.notes


def test_a_group_is_named_only_where_it_holds_for_as_many_groups_as_were_looked_at():
    """18 of 100 flip against 90 of 900: above zero at 95 %, and not at the level that ten groups share."""
    assert newcombe(0.18, 100, 0.10, 900)[0] > 0 > newcombe(0.18, 100, 0.10, 900, 0.995)[0]
    rng = np.random.default_rng(8)
    group = np.repeat([f"g{i}" for i in range(10)], 100)
    flip = np.zeros(1_000, dtype=bool)
    for i, n in enumerate([18] + [10] * 9):
        flip[100 * i + rng.choice(100, n, replace=False)] = True
    was = np.where(rng.random(1_000) < 0.5, 0.3, 0.7)
    frame = pd.DataFrame({"sex": group, "paid": "yes"})
    roles = Roles(target="paid", favourable=("yes",), sensitive=("sex",))
    rows = ScoredBoth(
        dataset=dataset_from_frame(frame, roles), first=was, second=np.where(flip, 1 - was, was)
    )
    headline = changed_models(model(), model("b" * 64), rows).headline
    assert headline.endswith("108 of 1,000 decisions flip.")

    two = replace(
        rows, dataset=dataset_from_frame(frame.assign(sex=np.where(group == "g0", "f", "m")), roles)
    )
    headline = changed_models(model(), model("b" * 64), two).headline
    assert headline.endswith("108 of 1,000 decisions flip; the group sex f stands out with 18 of 100.")
