"""``rai-dash drivers`` against XGBoost itself, scikit-learn, brute force, and the page of the story's case."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import xgboost
from scipy.special import expit
from sklearn.metrics import roc_auc_score
from typer.testing import CliRunner

from rai_dash.bundled import open_bundled
from rai_dash.charts.association_heatmap import MAX_COLUMNS
from rai_dash.cli.app import app
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.explain.drivers.dependence import dependence
from rai_dash.metrics.table import Costs
from rai_dash.report import drivers_work
from rai_dash.report.correlated import MOST_COMPARED
from rai_dash.report.drivers_json import DriversOptions, drive_dataset
from rai_dash.report.drivers_views import noise_json, shuffled_json
from rai_dash.report.drivers_work import moved, shaken, shuffled
from rai_dash.ui.choices import Choices
from rai_dash.ui.drivers import columns, explain_all, importance, noise
from rai_dash.ui.drivers.look import correlated_blocks, look_at
from rai_dash.ui.state import View

SENSITIVE = ["--sensitive", "gender", "--sensitive", "ethnicity", "--sensitive", "age:25,35,50,65"]
ROLES = ["--target", "loan", "--favourable", "Approved", "--split", "split", *SENSITIVE]


@pytest.fixture(scope="module")
def files(repo):
    folder = repo / "sample_data"
    return {
        "production": str(folder / "story_production_110.csv.gz"),
        "model": str(folder / "story_biased.ubj"),
        "training": str(folder / "story_training.csv.gz"),
    }


def run(files, *args: str) -> dict:
    given = [
        "drivers", files["production"], "--model", files["model"], "--background", files["training"], *ROLES,
    ]  # fmt: skip
    result = CliRunner().invoke(app, [*given, *args])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module", autouse=True)
def few_are_shaken():
    """Shake and explain fewer rows: noise is the same for each row, however many there are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drivers_work, "LEVELS", (0.05,))
        patch.setattr(drivers_work, "EXPLAINED_DRAWS", 2)
        patch.setattr(drivers_work, "MOST_EXPLAINED", 20)
        patch.setattr(drivers_work, "SHAKEN_ROWS", 40)
        yield


@pytest.fixture(scope="module")
def driven(files, tmp_path_factory):
    """The model's page on its 110 new applications, with correlated blocks as one column."""
    out = tmp_path_factory.mktemp("drivers") / "all.parquet"
    found = run(
        files, "--views", "importance,column,swarm,groups,noise", "--column", "education", "--correlated",
        "--id-column", "application_id", "--all", str(out),
    )  # fmt: skip
    return found | {"all": pd.read_parquet(out)}


@pytest.fixture(scope="module")
def view():
    return View(open_bundled("story", "story.cli-drivers"), Choices(data="production"))


@pytest.fixture(scope="module")
def margins(files):
    """The table, and the model's log-odds by XGBoost itself."""
    booster = xgboost.Booster(model_file=files["model"])
    whole = pd.read_csv(files["production"])

    def margin(frame: pd.DataFrame) -> np.ndarray:
        frame = frame[booster.feature_names].copy()
        text = frame.columns[frame.dtypes == "str"]
        frame[text] = frame[text].astype("category")
        return booster.predict(xgboost.DMatrix(frame, enable_categorical=True), output_margin=True)

    return whole, margin


def test_the_page_and_the_command_say_the_same_importance(driven, view):
    blocks = correlated_blocks(view)
    everyone = explain_all._work(view, "log-odds", blocks, None)(lambda *_: None, lambda: False)
    page = importance.importance_frame(look_at(view, everyone, blocks).importance)

    told = driven["importance"]["shap"]
    assert driven["blocks"] == [["education", "education-num"]]
    assert told["columns"] == page["column"].tolist()
    for name, field in (("importance", "value"), ("low", "low"), ("high", "high")):
        assert told[field] == page[name].tolist()


def test_contributions_add_up_to_the_margins_of_the_library_and_give_the_importance(driven, margins):
    whole, margin = margins
    frame, told = driven["all"], driven["importance"]["shap"]
    values = frame[[c for c in frame if c.startswith("shap: ")]]

    assert frame["application_id"].tolist() == whole["application_id"].tolist()
    np.testing.assert_allclose(frame["base"] + values.sum(axis=1), margin(whole), atol=2e-5)
    mean = values.abs().mean()
    assert told["value"] == pytest.approx([mean[f"shap: {name}"] for name in told["columns"]])
    middle = dict(zip(driven["swarm"]["columns"], driven["swarm"]["quantiles"]["0.5"], strict=True))
    assert middle["gender"] == pytest.approx(values["shap: gender"].median())


def test_before_shuffling_figures_are_those_of_scikit_learn_and_of_a_count(driven, margins):
    whole, margin = margins
    score, good = expit(margin(whole).astype(float)), (whole["loan"] == "Approved").to_numpy()

    told = driven["importance"]["shuffled"]
    assert told["auc"]["before"] == pytest.approx(roc_auc_score(good, score))
    cost = 5 * ((score >= 0.5) & ~good).sum() + ((score < 0.5) & good).sum()
    assert told["cost"]["before"] == pytest.approx(cost / len(whole))


def test_the_page_and_the_command_shuffle_alike(driven, view):
    found = shuffled(
        view.judgement, blocks=correlated_blocks(view), threshold=0.5, costs=Costs(cost_fp=5, cost_fn=1)
    )

    assert driven["importance"]["shuffled"] == shuffled_json(found)


def test_partial_dependence_is_the_mean_of_the_librarys_scores_with_linked_columns_along(driven, margins):
    whole, margin = margins
    (told,) = driven["column"]

    years = whole.groupby("education")["education-num"].first()
    means = [
        expit(margin(whole.assign(**{"education": d, "education-num": years[d]})).astype(float)).mean()
        for d in told["labels"]
    ]
    assert told["moved_along"] == ["education-num"]
    assert told["rows"] == [int((whole["education"] == d).sum()) for d in told["labels"]]
    assert told["partial_dependence"]["value"] == pytest.approx(means, abs=1e-6)


def test_the_page_and_the_command_draw_the_same_curves(driven, view):
    (told,) = driven["column"]
    found = moved(view.judgement, "education", ("education-num",))
    frame = columns.moved_frame(found)
    everyone = explain_all._work(view, "log-odds", (), None)(lambda *_: None, lambda: False)
    look = look_at(view, everyone, ())
    single = columns.lines_frame(look, found)
    partners = columns.partners_frame(
        dependence(look.table.values, look.table.names, look.rows, "education")
    ).set_index("column")["share of what is left"]

    assert told["labels"] == frame["value"].tolist()
    assert told["accumulated_local_effects"]["change"]["value"] == frame["local effects"].tolist()
    assert told["partial_dependence"]["change"]["low"] == frame["change low"].tolist()
    assert told["single_applicants"]["change_90_percent"] == frame["single applicants 90 %"].tolist()
    assert told["single_applicants"]["scores"] == single[told["labels"]].to_numpy().tolist()
    assert [at + 1 for at in told["single_applicants"]["positions"]] == single["row"].tolist()
    assert told["strongest_partner"] == partners.index[0]
    assert {name: share for name, share in told["partners"].items() if share is not None} == (
        partners.dropna().to_dict()
    )


def test_the_gap_between_groups_is_that_of_the_librarys_mean_margins(driven, margins):
    whole, margin = margins
    mean = pd.Series(margin(whole).astype(float)).groupby(whole["gender"]).mean()
    gap = driven["groups"]["gap"]

    assert (gap["first"], gap["second"]) == ("Female", "Male")
    assert gap["value"] == pytest.approx(mean["Female"] - mean["Male"], abs=1e-5)
    assert sum(gap["part"]["value"]) == pytest.approx(gap["value"], abs=1e-5)
    female = driven["all"][(whole["gender"] == "Female").to_numpy()]["shap: gender"].mean()
    of_women = next(one for one in driven["groups"]["means"] if one["group"] == "Female")
    assert of_women["value"][of_women["columns"].index("gender")] == pytest.approx(female)


def test_the_page_and_the_command_shake_alike(driven, view):
    found = shaken(view.case, view.judgement, threshold=0.5, by="gender", space="log-odds")

    assert driven["noise"] == noise_json(found)
    assert driven["noise"]["moved_together"] == [["education", "education-num"]]
    assert sum(driven["noise"]["by_score"]["rows"]) == 40
    # What the page lets one download says the same.
    by_score, steady = noise.score_frame(found.shown), noise.steady_frame(found.stability, found.space)
    assert by_score["flip"].dropna().tolist() == [
        x for x in driven["noise"]["by_score"]["flip"] if x is not None
    ]
    assert steady["value"].tolist() == [
        driven["noise"]["explanations"][name]["value"]
        for name in ("stay_among_the_largest", "all_stay", "first_stays_first")
    ]


def test_shaken_explanations_are_in_log_odds_where_probability_would_ask_the_model_row_by_row(driven, view):
    found = shaken(view.case, view.judgement, threshold=0.5, by="", space="probability")

    assert found.space == "log-odds"
    assert found.stability.rows == 20
    assert found.stability.overlap.value == driven["noise"]["explanations"]["stay_among_the_largest"]["value"]
    assert set(noise.steady_frame(found.stability, found.space)["space"]) == {"log-odds"}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"views": ("column",), "columns": ("shoes",)}, "no attributions of a column 'shoes'"),
        ({"views": ("groups",), "by": "loan"}, "is not a sensitive column"),
        ({"views": ("groups",), "second": "Martian"}, "no group 'Martian'"),
        ({"views": ("groups",), "first": "Male", "second": "Male"}, "'Male' twice"),
        ({"views": ("noise",), "by": "shoes"}, "is not a sensitive column"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(view, asked, says):
    judgement = view.judgement

    with pytest.raises(InvalidChoice, match=says):
        drive_dataset(judgement.data.dataset, judgement.model.model, options=DriversOptions(**asked))


def test_an_unknown_view_and_an_impossible_threshold_are_refused_before_anything_is_asked():
    with pytest.raises(InvalidChoice, match="no view 'palm'"):
        DriversOptions(views=("palm",))
    with pytest.raises(InvalidChoice, match="between 0 and 1"):
        DriversOptions(threshold=5)


def test_without_roles_it_is_said_what_cannot_be_told(view):
    judgement = view.judgement
    bare = judgement.data.dataset.with_roles(Roles())

    found = drive_dataset(
        bare, judgement.model.model, options=DriversOptions(views=("importance", "groups"))
    ).content

    assert found["importance"]["shuffled"] is None
    assert "no outcome column" in found["importance"]["reason"]
    assert "no sensitive column" in found["groups"]["reason"]


def test_pairs_are_those_of_the_columns_that_move_scores_most_and_none_is_in_a_block(view, monkeypatch):
    monkeypatch.setattr(drivers_work, "PAIRED_COLUMNS", 3)
    judgement = view.judgement

    found = drive_dataset(
        judgement.data.dataset, judgement.model.model, options=DriversOptions(views=("pairs", "importance"))
    ).content

    top = found["importance"]["shap"]["columns"][:3]
    assert {frozenset(pair) for pair in found["pairs"]["pairs"]} == {
        frozenset(pair) for pair in combinations(top, 2)
    }
    assert drivers_work.pairs_of(["a", "b", "c"], (("a", "b"),)) == [("a", "c"), ("b", "c")]


def test_as_many_columns_are_compared_as_are_drawn():
    assert MOST_COMPARED == MAX_COLUMNS
