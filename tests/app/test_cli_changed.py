"""``rai-dash changed``: what each file is, the words and the JSON, and refusals in one line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from tests.command import command
from tests.oracles.formulas import newcombe
from tests.unit.govern.desk_story import make_policy

ROLES = ("--target", "loan", "--favourable", "Approved", "--sensitive", "gender")


@pytest.fixture(scope="module")
def place(repo, tmp_path_factory):
    """A folder with the story's tables and models, two policies, and two runs of an audit."""
    found = tmp_path_factory.mktemp("changed")
    for name in ("living_1100", "production_110"):
        shutil.copy(repo / f"sample_data/story_{name}.csv.gz", found)
    for name in ("biased", "repaired"):
        shutil.copy(repo / f"sample_data/story_{name}.ubj", found / f"{name}.ubj")
        done = command("audit", "story_living_1100.csv.gz", *ROLES, "--model", f"{name}.ubj", "--json",
                       f"audit_{name}.json", cwd=found)  # fmt: skip
        assert done.returncode == 0, done.stderr
    for name, policy in (("old", make_policy()), ("new", make_policy(environment="production"))):
        (found / f"{name}.json").write_text(json.dumps(policy.content()))
    for name, k in (("june", 20), ("july", 62)):
        batch = {"value": k / 200, "numerator": k, "denominator": 200}
        content = {
            "schema": "rai-dash/monitor/1",
            "lines": [{"name": "review_rate", "state": "ok", "batch": batch}],
        }
        (found / f"{name}.json").write_text(json.dumps(content))
    return found


def content_of(place, *arguments):
    """Return the JSON that the command prints."""
    done = command("changed", *arguments, "--json", "-", cwd=place)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_models_on_the_same_rows_have_the_flips_of_their_scores(place):
    found = content_of(place, "biased.ubj", "repaired.ubj", "--data", "story_living_1100.csv.gz", *ROLES)

    scores = []
    for name in ("biased", "repaired"):
        done = command(
            "score",
            "story_living_1100.csv.gz",
            "--model",
            f"{name}.ubj",
            "--out",
            f"{name}.parquet",
            cwd=place,
        )
        assert done.returncode == 0, done.stderr
        scores.append(pd.read_parquet(place / f"{name}.parquet")["score"])
    rows = pd.read_csv(place / "story_living_1100.csv.gz")
    flip = (scores[0] >= 0.5) != (scores[1] >= 0.5)
    assert found["kind"] == "model"
    assert f"{flip.sum()} of 1,100 decisions flip" in found["headline"]
    told = {g["group"]: g["flips"]["changed"] for g in found["details"]["groups"]}
    assert told == flip.groupby(rows["gender"]).sum().to_dict()
    assert found["run"]["job"] == "changed"


def test_two_tables_are_told_in_words(place):
    done = command("changed", "story_living_1100.csv.gz", "story_production_110.csv.gz", *ROLES, cwd=place)

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    shares = [
        (pd.read_csv(place / f"story_{n}.csv.gz")["loan"] == "Approved").mean()
        for n in ("production_110", "living_1100")
    ]
    low, high = newcombe(shares[0], 110, shares[1], 1100)
    assert lines[0].startswith("The data are other ones: 1,100 rows before, 110 now")
    assert "- 1,100 rows before, 110 now." in lines
    assert (
        "Note: The share of favourable outcomes is not shown to differ; it may by "
        f"\u2212{-low * 100:.1f} points to +{high * 100:.1f} points."
    ) in lines


def test_two_runs_name_the_other_model_and_the_numbers(place):
    found = content_of(place, "audit_biased.json", "audit_repaired.json")

    assert found["kind"] == "run"
    assert found["headline"].startswith(
        "Same options, program and settings; other files (model: biased.ubj → repaired.ubj)."
    )
    recalls = [json.loads((place / f"audit_{n}.json").read_text())["overall"]["recall"]["value"] for n in
               ("biased", "repaired")]  # fmt: skip
    item = next(i for i in found["items"] if i["what"] == "overall / recall")
    assert [item["before"], item["after"]] == recalls


def test_two_policies_and_two_batches_are_known_by_their_content(place):
    policies = content_of(place, "old.json", "new.json")
    batches = content_of(place, "june.json", "july.json")

    assert policies["kind"] == "policy"
    assert [i["words"] for i in policies["items"]] == ["Environment: QA before, production now."]
    assert batches["kind"] == "batch"
    assert batches["items"][0]["what"] == "review_rate"


def test_the_same_file_twice_has_not_changed(place):
    for name in ("biased.ubj", "story_living_1100.csv.gz", "audit_biased.json", "old.json", "june.json"):
        assert content_of(place, name, name)["same"], name


def test_a_role_of_a_column_that_one_table_lacks_is_left_out(place):
    rows = pd.read_csv(place / "story_production_110.csv.gz")
    rows.drop(columns=["loan", "gender"]).to_csv(place / "open.csv", index=False)

    done = command("changed", "story_living_1100.csv.gz", "open.csv", *ROLES, cwd=place)

    assert done.returncode == 0, done.stderr
    assert "- The column `loan` is gone." in done.stdout.splitlines()


def test_names_from_a_file_steer_no_terminal(place):
    frame = pd.DataFrame({"a\x1b[31mred": [1, 2, 3], "b": [1, 2, 3]})
    frame.to_csv(place / "esc.csv", index=False)
    frame.drop(columns="b").to_csv(place / "esc2.csv", index=False)

    done = command("changed", "esc2.csv", "esc.csv", cwd=place)
    other = command("changed", "esc.csv", "story_production_110.csv.gz", cwd=place)

    assert "\x1b" not in done.stdout + other.stdout + done.stderr + other.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("biased.ubj", "story_living_1100.csv.gz"), "The first is a model and the second a data set"),
        (("audit_biased.json", "old.json"), "The first is a run and the second a policy"),
        (("june.json", "biased.ubj"), "The first is a batch and the second a model"),
        (("nothing.csv", "old.json"), "`nothing.csv` cannot be read"),
        (("old.json", "new.json", "--data", "story_living_1100.csv.gz"), "--data is for two models"),
        (("cut.json", "old.json"), "cut.json"),
        (("least.json", "old.json"), "holds a band and no whole policy"),
        (("bare.json", "old.json"), "holds no record of a run"),
        (("biased.ubj", "repaired.ubj", "--threshold", "1.5"), "threshold"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(place, arguments, said):
    (place / "cut.json").write_text('{"schema": "rai-dash/audit/1", ')
    (place / "least.json").write_text('{"band": {"lo": 0.2, "threshold": 0.5, "hi": 0.8}, "conditions": []}')
    (place / "bare.json").write_text('{"schema": "rai-dash/audit/1"}')

    done = command("changed", *arguments, cwd=place)

    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_program_itself_says_the_same(place):
    done = subprocess.run(
        [sys.executable, "-c", "from rai_dash.cli import main; main()", "changed", "old.json", "new.json"],
        cwd=place, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.splitlines()[0].startswith("The policy is another one: 1 change.")
