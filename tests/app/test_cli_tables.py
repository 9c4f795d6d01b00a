"""Commands on tables of any size: a folder, a large file, a small file counted where it lies; what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rai_dash.cli.tables import Opening, opened_table
from rai_dash.core.settings import get_settings
from tests.command import Done, command
from tests.in_process import played  # noqa: F401 - a fixture of this file
from tests.same_json import differences

pytestmark = pytest.mark.usefixtures("played")

ROLES = ("--target", "out", "--favourable", "good", "--sensitive", "sex", "--split", "split")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder ``parts`` of three files, and the same rows as one file beside it."""
    folder = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(1)
    n = 3_000
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], n),
            "split": rng.choice(["Train", "test"], n),
            "out": rng.choice(["good", "bad"], n),
            "score": rng.integers(0, 1_001, n) / 1_000,
        }
    )
    (folder / "parts").mkdir()
    for i in range(3):
        frame.iloc[i * 1_000 : (i + 1) * 1_000].to_parquet(
            folder / "parts" / f"part-{i}.parquet", index=False
        )
    frame.to_parquet(folder / "all.parquet", index=False)
    return folder


def audited(*arguments: object) -> dict[str, Any]:
    done = command("audit", *arguments, *ROLES, "--score-column", "score", "--json", "-")
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_folder_gives_the_counts_of_the_same_rows_in_memory(place):
    memory, folder = audited(place / "all.parquet"), audited(place / "parts")

    assert "rests_on" not in memory
    assert folder["rests_on"]["source"] == "3 Parquet files"
    for part in ("groups", "disparities", "parities"):
        apart = differences(memory[part]["sex"], folder[part]["sex"], rel=1e-12)
        # Only what comes from rows in memory and from cells where the table lies.
        assert {at[-2] for at, *_ in apart} <= {"auc", "calibration_intercept", "calibration_slope"}
    # `Train` was found to mean training among all rows.
    assert folder["data"]["exposure"] == "held out"
    assert folder["run"]["inputs"]["data"]["sha256"] == folder["data"]["fingerprint"]
    assert not {"work", "scores", "spark_remote"} & folder["run"]["parameters"].keys()


def test_a_file_of_more_rows_than_a_table_may_have_is_counted_where_it_lies(place, monkeypatch):
    monkeypatch.setenv("RAI_DASH_MAX_ROWS", "2000")
    get_settings.cache_clear()
    try:
        dataset = opened_table(place / "all.parquet")
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert dataset.n_all == 3_000
    assert dataset.portfolio is not None


def test_inspect_says_what_a_folder_is(place, tmp_path):
    found = json.loads(command("inspect", place / "parts", "--json").stdout)
    said = command("inspect", place / "parts").stdout

    assert (found["kind"], found["format"], found["parts"], found["rows"]) == ("data", "parquet", 3, 3_000)
    assert found["verdict"] in {"accept", "warn"}
    assert said.startswith("data, parquet, 3 files with 3,000 rows, counted where they lie: ")

    (tmp_path / "empty").mkdir()
    refused = command("inspect", tmp_path / "empty", "--json")
    assert refused.returncode == 2
    assert json.loads(refused.stdout)["messages"][0]["code"] == "empty_folder"
    assert "parts" not in json.loads(command("inspect", place / "all.parquet", "--json").stdout)


def test_profile_opens_a_folder_and_a_small_file_that_is_to_be_counted_where_it_lies(place):
    assert opened_table(place / "all.parquet", how=Opening(is_portfolio=True)).n_all == 3_000
    done = command("profile", place / "parts", *ROLES, "--json", "-")

    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert content["data"]["rows"] == content["rests_on"]["rows_counted"] == 3_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("audit", "parts", "--read", "separator=;"), "Parquet says itself what its columns hold"),
        (("audit", "parts", "--spark-master", "local[1]"), "Add --engine spark"),
        (("audit", "all.parquet", "--scores", "parts"), "those of a model"),
        (("profile", "parts", "--read", "header=no"), "Parquet says itself what its columns hold"),
    ],
)
def test_options_that_do_not_go_together_are_refused_in_one_line(place, arguments, said):
    done = command(*arguments, *ROLES, cwd=place)

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


# --- monitor ---


@pytest.fixture(scope="module")
def story(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy on the first model, and a batch as a folder of three files and as one."""
    samples, folder = repo / "sample_data", tmp_path_factory.mktemp("monitor")
    drafted = command(
        "policy", "draft", samples / "story_training.csv.gz", "--target", "loan", "--favourable", "Approved",
        "--sensitive", "gender", "--sensitive", "age:25,35,50,65", "--id", "application_id", "--split", "split",
        "--lo", 0.2, "--hi", 0.8, "--model", samples / "story_biased.ubj", "--wrong-approval", "Debts.",
        "--wrong-refusal", "No home.", "--answerable", "Rita Berg", "--people-before", "Two officers.",
        "--policy-id", "city-loans", "--out", folder / "policy.json",
    )  # fmt: skip
    assert drafted.returncode == 0
    frame = pd.read_csv(samples / "story_living_1100.csv.gz")
    # A category that the model has never seen, in two parts.
    frame.loc[[10, 20, 900], "workclass"] = "Astronaut"
    (folder / "batch").mkdir()
    for i, (a, b) in enumerate([(0, 300), (300, 850), (850, 1_100)]):
        frame.iloc[a:b].to_parquet(folder / "batch" / f"part-{i}.parquet", index=False)
    frame.to_parquet(folder / "batch.parquet", index=False)
    return folder


def monitored(story: Path, repo: Path, batch: str, *more: object) -> tuple[dict[str, Any], Done]:
    done = command(
        "monitor", story / batch, "--policy", story / "policy.json",
        "--model", repo / "sample_data" / "story_biased.ubj", "--show-small", "--label", "November",
        "--json", "-", "--quiet", *more,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done


def test_a_batch_in_a_folder_is_judged_like_its_rows_in_memory(story, repo, tmp_path):
    memory, _ = monitored(story, repo, "batch.parquet")
    lying, done = monitored(story, repo, "batch", "--work", tmp_path / "work")
    again, _ = monitored(story, repo, "batch", "--work", tmp_path / "work")

    assert done.stderr == ""
    for name in ("lines", "verdict", "batch", "notices"):
        assert again[name] == lying[name]
    needs_rows = {"ks", "calibration_intercept", "calibration_slope"}
    # Holm's adjustment, and what is said of it, count the lines that were judged, and three are not.
    left_out = {"p_adjusted", "reason"}
    sides = [
        [
            {k: v for k, v in x.items() if k not in left_out}
            for x in report["lines"]
            if x["name"] not in needs_rows
        ]
        for report in (memory, lying)
    ]
    assert [at for at, *_ in differences(*sides, rel=1e-9)] == []
    assert len(list((tmp_path / "work").iterdir())) == 3
    seen = next(n for n in lying["notices"] if n["code"] == "unseen_category")
    assert (seen["column"], seen["rows"]) == ("workclass", 3)
    assert seen["message"].startswith("3 rows have a value of `workclass` that the model has never seen")


def test_the_signed_rows_are_refused_where_the_rows_of_the_batch_stay_where_they_are(story, repo):
    done = command(
        "monitor", story / "batch", "--policy", story / "policy.json", "--model",
        repo / "sample_data" / "story_biased.ubj", "--reference", repo / "sample_data" / "story_training.csv.gz",
    )  # fmt: skip

    assert done.returncode == 2
    assert "needs every row of the batch in memory" in done.stderr
