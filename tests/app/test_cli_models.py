"""``rai-dash models compare`` on the story: numbers against pandas and scipy, limits, the record, refusals."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

import rai_dash
from tests.command import command

FILES = {
    "living": "story_living_1100.csv.gz",
    "biased": "story_biased.ubj",
    "repaired": "story_repaired.ubj",
    "training": "story_training.csv.gz",
    "collected": "story_collected_8000.csv.gz",
}


@pytest.fixture(scope="module")
def files(repo):
    return {name: repo / "sample_data" / file for name, file in FILES.items()}


def run(files, *more, models=("biased", "repaired")):
    named = [part for m in models for part in ("--model", files[m])]
    return command(
        "models", "compare", files["living"], *named, "--name", "now", "--name", "new", "--model-class", "1",
        "--target", "loan", "--favourable", "Approved", "--sensitive", "gender", "--id", "application_id", *more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def done(files):
    return run(
        files, "--cost", 5, 1, "--review-cost", 0.1, "--training", files["training"], "--training", files["collected"],
        "--threshold", "new=0.6", "--json", "-",
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def scored(files):
    """The applications with both scores, by the models' own doors."""
    roles = rai_dash.Roles(target="loan", favourable=("Approved",), id="application_id")
    dataset = rai_dash.read_dataset(files["living"], roles)
    frame = dataset.frame.copy()
    for name, file in (("now", "biased"), ("new", "repaired")):
        with rai_dash.load_model(files[file]) as model:
            frame[name] = model.score(dataset.frame).scores
    return frame.assign(good=frame["loan"] == "Approved")


def test_the_numbers_are_those_of_pandas_scipy_and_scikit_learn(found, scored):
    assert found["schema"] == "rai-dash/models/1"
    assert found["current"] == "now"
    pair = found["pairs"]["new"]
    a, b, good = scored["now"] >= 0.5, scored["new"] >= 0.6, scored["good"]
    recall = pair["metrics"]["recall"]
    assert recall["difference"] == pytest.approx(b[good].mean() - a[good].mean())
    only = int((a & ~b & good).sum()), int((~a & b & good).sum())
    assert recall["p_value"] == pytest.approx(binomtest(only[0], sum(only)).pvalue)
    assert recall["discordant"] == sum(only)
    auc = pair["metrics"]["auc"]
    assert auc["difference"] == pytest.approx(
        roc_auc_score(good, scored["new"]) - roc_auc_score(good, scored["now"])
    )
    women = scored["gender"] == "Female"
    assert pair["flips"]["groups"]["gender"]["Female"]["changed"] == int((a != b)[women].sum())
    assert found["models"]["new"]["threshold"] == 0.6


def test_rows_like_those_trained_on_are_counted(found, files, scored):
    columns = [c for c in pd.read_csv(files["training"]).columns if c not in {"application_id", "split"}]
    training = pd.read_csv(files["training"])
    # The command was not told of a split, so that all rows of the file count as trained on.
    known = set(training[columns].astype(str).itertuples(index=False, name=None))
    expected = sum(
        row in known
        for row in pd.read_csv(files["living"])[columns].astype(str).itertuples(index=False, name=None)
    )
    assert found["models"]["now"]["seen_rows"]["rows"] == expected > 0
    assert found["models"]["now"]["seen_rows"]["same_id"] == 0
    assert len(scored) == 1_100


def test_a_split_column_says_which_training_rows_count(files, found):
    done = run(files, "--training", files["training"], "--split", "split", "--json", "-")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)["models"]["now"]["seen_rows"]["rows"]
    assert 0 < seen < found["models"]["now"]["seen_rows"]["rows"]


def test_python_gives_what_the_command_writes(files, found):
    from rai_dash.metrics._base import Costs
    from rai_dash.report.models_json import models_report

    roles = rai_dash.Roles(
        target="loan", favourable=("Approved",), sensitive=("gender",), id="application_id"
    )
    dataset = rai_dash.read_dataset(files["living"], roles)
    training = {"now": files["training"], "new": files["collected"]}
    costs = Costs(cost_fp=5, cost_fn=1, cost_review=0.1)
    options = rai_dash.CompareOptions(thresholds={"now": 0.5, "new": 0.6}, costs=costs)
    with (
        rai_dash.load_model(files["biased"], model_class="1") as now,
        rai_dash.load_model(files["repaired"], model_class="1") as new,
    ):
        compared = rai_dash.compare_candidates(
            dataset, {"now": now, "new": new}, options,
            training={name: rai_dash.read_dataset(file) for name, file in training.items()},
        )  # fmt: skip
        written = json.loads(models_report(compared).to_json())
    for part in ("data", "models", "pairs", "rows", "costs"):
        assert written[part] == found[part], part


def test_the_costs_of_the_json_are_those_that_were_given(found):
    assert [found["costs"][name] for name in ("cost_fp", "cost_fn", "cost_review")] == [5.0, 1.0, 0.1]


def test_each_band_is_judged_and_never_certified(found):
    assert set(found["bands"]) == {"now", "new"}
    assert all("Not certified" in one["guarantee"] for one in found["bands"].values())
    assert found["bands"]["new"]["cost"] <= found["bands"]["new"]["threshold_cost"]


def test_the_same_command_writes_the_same_bytes_with_its_record(done, files):
    again = run(
        files, "--cost", 5, 1, "--review-cost", 0.1, "--training", files["training"], "--training", files["collected"],
        "--threshold", "new=0.6", "--json", "-",
    )  # fmt: skip
    assert again.stdout == done.stdout
    assert json.loads(done.stdout)["run"]["job"] == "models compare"


def test_a_broken_limit_ends_with_1_and_says_which_model(files):
    done = run(files, "--json", "-", "--fail-if", "worse_shown > 0", "--fail-if", "recall_difference < -0.02")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("Limit broken: new: worse_shown > 0: it is 1")


@pytest.mark.parametrize(
    ("more", "models", "said"),
    [
        ((), ("biased",), "There are 2 names and 1 models"),
        (("--threshold", "half"), ("biased", "repaired"), "A threshold is a number"),
        (("--threshold", "other=0.5"), ("biased", "repaired"), "A threshold is a number"),
        (("--review-cost", 1), ("biased", "repaired"), "need the costs of both errors"),
        (("--fail-if", "nonsense"), ("biased", "repaired"), "cannot be read"),
        (("--name", "third"), ("biased", "repaired"), "There are 3 names and 2 models"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(files, more, models, said):
    done = run(files, *more, models=models)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
