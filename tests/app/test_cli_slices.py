"""``rai-dash slices`` on the story's living test set, and where it is refused."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from rai_dash.bundled import open_bundled
from rai_dash.cli.app import app
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.slices import parse_slice, rows_of_slice, slice_from_json
from rai_dash.report.slices_json import find_dataset_slices, limits_of
from rai_dash.report.slices_work import slice_columns, slices_of
from tests.command import command

SENSITIVE = ["--sensitive", "gender", "--sensitive", "ethnicity", "--sensitive", "age:25,35,50,65"]
ROLES = ["--target", "loan", "--favourable", "Approved", "--id", "application_id", *SENSITIVE]


@pytest.fixture(scope="module")
def living(repo) -> str:
    return str(repo / "sample_data" / "story_living_1100.csv.gz")


@pytest.fixture(scope="module")
def found(repo, living) -> dict:
    model = str(repo / "sample_data" / "story_biased.ubj")
    result = CliRunner().invoke(app, ["slices", living, "--model", model, *ROLES])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def judgement():
    return open_bundled("story", "slices").judge("living", "biased")


@pytest.fixture(scope="module")
def wrong(judgement) -> np.ndarray:
    outcome = (judgement.data.dataset.frame["loan"] == "Approved").to_numpy()
    return (judgement.score >= 0.5) != outcome


def test_every_slice_is_the_one_that_its_rows_say(found, living, wrong):
    frame = pd.read_csv(living)

    assert found["schema"] == "rai-dash/slices/1"
    assert found["overall"]["numerator"] == wrong.sum()
    assert found["rows"] == {
        "judged": 1100,
        "no_outcome": 0,
        "no_score": 0,
        "looked_at": 1100,
        "searched": 1100,
    }
    for one in found["slices"]:
        of = slice_from_json(one["slice"])
        rows = rows_of_slice(of, frame)
        assert parse_slice(one["words"]) == of
        assert one["rows"] == rows.sum()
        assert one["error_rate"]["numerator"] == wrong[rows].sum()
        assert one["error_rate"]["low"] < one["error_rate"]["value"] < one["error_rate"]["high"]
        assert one["difference"]["low"] > 0
        assert one["share_of_errors"] == pytest.approx(wrong[rows].sum() / wrong.sum())


def test_the_biased_model_is_wrong_about_the_married_and_most_about_wives(found):
    words = [one["words"] for one in found["slices"]]

    assert words[0] == "marital-status is Married-civ-spouse"
    assert "relationship is Wife" in words
    wives = found["slices"][words.index("relationship is Wife")]
    assert wives["error_rate"]["low"] > found["overall"]["high"]
    assert found["tree"]["children"]


def test_no_slice_speaks_of_the_outcome_or_the_id(found):
    assert not {"loan", "application_id"} & set(found["columns"])
    assert found["columns_left_out"]["loan"] == "it is the target"
    assert found["columns_left_out"]["application_id"] == "it is the id"


def test_the_page_and_the_command_count_the_same(found, judgement):
    here = slices_of(judgement, threshold=0.5)

    assert here is slices_of(judgement, threshold=0.5)
    assert len(here.findings.found) == len(found["slices"])
    assert here.findings.overall.value == found["overall"]["value"]


def test_the_same_command_writes_the_same_twice(repo, living, tmp_path):
    model = str(repo / "sample_data" / "story_repaired.ubj")
    written = []
    for name in ("a.json", "b.json"):
        given = ["slices", living, "--model", model, *ROLES, "--json", str(tmp_path / name)]
        assert CliRunner().invoke(app, given).exit_code == 0
        written.append((tmp_path / name).read_bytes())

    assert written[0] == written[1]


@pytest.fixture(scope="module")
def scored(tmp_path_factory) -> str:
    rng = np.random.default_rng(3)
    n = 1500
    kind = rng.choice(["a", "b", "c"], n)
    good = rng.random(n) < 0.6
    wrong = rng.random(n) < np.where(kind == "c", 0.5, 0.1)
    frame = pd.DataFrame({
        "kind": kind, "x": rng.random(n), "mail": [f"p{i}@example.org" for i in range(n)],
        "good": np.where(np.arange(n) < 100, "", np.where(good, "yes", "no")),
        "p": np.where(np.arange(n) % 50 == 0, np.nan, np.where(good ^ wrong, 0.9, 0.1)),
    })  # fmt: skip
    path = tmp_path_factory.mktemp("slices") / "scored.csv"
    frame.to_csv(path, index=False)
    return str(path)


SCORED = ["--target", "good", "--favourable", "yes", "--score-column", "p"]


def test_a_score_column_will_do_and_rows_without_outcome_or_score_are_left_out(scored):
    result = CliRunner().invoke(app, ["slices", scored, *SCORED])
    found = json.loads(result.stdout)

    assert [one["words"] for one in found["slices"]] == ["kind is c"]
    assert found["score_column"] == "p"
    assert found["rows"] == {
        "judged": 1500,
        "no_outcome": 100,
        "no_score": 28,
        "looked_at": 1372,
        "searched": 1372,
    }
    assert found["columns_left_out"]["mail"].startswith("it holds e-mail")


@pytest.mark.parametrize(
    ("rule", "status"),
    [("slices > 0", 1), ("slices > 1", 0), ("worst_rate > 0.4", 1), ("worst_difference > 0.6", 0)],
)
def test_a_limit_that_is_broken_ends_with_1(scored, rule, status):
    assert CliRunner().invoke(app, ["slices", scored, *SCORED, "--fail-if", rule]).exit_code == status


def test_a_limit_fails_where_nothing_could_be_compared():
    frame = pd.DataFrame({"x": range(20), "good": ["yes", "no"] * 10, "p": [0.9, 0.9] * 10})
    roles = Roles(target="good", favourable=("yes",), score="p")
    limits = limits_of(find_dataset_slices(dataset_from_frame(frame, roles), None))

    assert limits["overall"]["slices"]["value"] is None
    assert limits["overall"]["error_rate"]["value"] == 0.5


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--target", "good", "--favourable", "yes"], "need scores"),
        (["--score-column", "p"], "need outcomes"),
        ([*SCORED, "--column", "knd"], "Did you mean `kind`"),
        ([*SCORED, "--column", "good"], "may not speak of `good`: it is the target"),
        ([*SCORED, "--column", "mail"], "may not speak of `mail`"),
        ([*SCORED, "--fail-if", "slices above 3"], "cannot be read"),
        ([*SCORED, "--fail-if", "slyces > 3"], "no number `slyces`"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(scored, given, says):
    done = command("slices", scored, *given)

    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_only_columns_that_are_named_are_looked_at(scored):
    result = CliRunner().invoke(app, ["slices", scored, *SCORED, "--column", "x", "--max-terms", "1"])
    found = json.loads(result.stdout)

    assert found["columns"] == ["x"]
    assert found["slices"] == []
    assert found["heat_map"] is None


def test_free_text_and_names_of_rows_are_no_columns_of_slices():
    n = 200
    notes = [f"a long note about case {i} and some more words" for i in range(n)]
    frame = pd.DataFrame({
        "x": range(n), "key": [f"K-{i:04}" for i in range(n)], "note": notes,
        "good": ["yes", "no"] * (n // 2), "p": [0.5] * n,
    })  # fmt: skip
    roles = Roles(target="good", favourable=("yes",), score="p", features=("x", "key", "note"))
    columns, left_out = slice_columns(dataset_from_frame(frame, roles))

    assert columns == ("x",)
    assert left_out["key"] == "it names the row"
    assert left_out["note"] == "it holds free text"


def test_a_threshold_that_is_none_is_refused(judgement):
    with pytest.raises(InvalidChoice, match="threshold lies between"):
        slices_of(judgement, threshold=1.5)


def test_figures_of_few_people_are_hidden_unless_they_are_asked_for(repo, living, found):
    model = str(repo / "sample_data" / "story_biased.ubj")
    result = CliRunner().invoke(app, ["slices", living, "--model", model, *ROLES, "--show-small"])
    whole = json.loads(result.stdout)

    def few(content):
        return [n for line in content["heat_map"]["n"] for n in line if n is not None and 0 < n < 10]

    assert few(whole)
    assert "suppressed" not in whole
    assert few(found) == []
    assert found["suppressed"].startswith("fewer than 10 people")
