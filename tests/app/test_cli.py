"""The command line as a script meets it: exit status, one line on refusal, the JSON."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

BOSTON = ["sample_data/loanapp.csv.gz", "--target", "approve", "--favourable", "1"]


@pytest.fixture(scope="module")
def run(repo):
    def run(*args):
        code = "from rai_dash.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, args)],
            cwd=repo,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def _refused(done, *words):
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert all(w in done.stderr for w in words)


def test_the_audit_of_a_score_column_equals_a_count_by_hand(run, tmp_path):
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {"y": rng.integers(0, 2, 300), "age": rng.integers(18, 80, 300), "pd": rng.random(300)}
    )
    table, out = tmp_path / "t.csv", tmp_path / "a.json"
    rows.to_csv(table, index=False)

    done = run(
        "audit", table, "--target", "y", "--favourable", "1", "--sensitive", "age:25,35,50", "--score-column", "pd",
        "--score-direction", "lower", "--threshold", "0.4", "--band", "none", "0.7", "--json", out,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    content = json.loads(out.read_text())
    score = 1 - rows["pd"]
    young = (rows["age"] >= 25) & (rows["age"] < 35)
    assert list(content["groups"]["age"]) == ["[-inf, 25)", "[25, 35)", "[35, 50)", "[50, inf)"]
    assert content["groups"]["age"]["[25, 35)"]["selection_rate"]["numerator"] == (score[young] >= 0.4).sum()
    assert content["band"]["lo"] is None
    assert content["band"]["overall"]["approve"] == (score >= 0.7).sum()
    assert content["band"]["overall"]["reject"] == 0


def test_a_broken_limit_exits_with_1_and_says_which(run):
    done = run(
        "audit", *BOSTON, "--sensitive", "black", "--model", "sample_data/boston_pipeline.skops", "--json", "-",
        "--fail-if", "selection_rate gap by black > 0.05 with evidence", "--fail-if", "accuracy < 0.1",
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.count("Limit broken") == 1
    assert json.loads(done.stdout)["schema"] == "rai-dash/audit/1"


def test_wrong_names_are_refused_with_the_closest_one(run):
    _refused(
        run("audit", "sample_data/loanapp.csv.gz", "--target", "aprove", "--favourable", "1"), "`approve`"
    )
    _refused(run("audit", *BOSTON[:3], "--favourable", "yes"), "approve")
    _refused(run("audit", "nowhere.csv", "--target", "y", "--favourable", "1"), "nowhere.csv")
    _refused(run("audit", *BOSTON, "--band", "0.9", "0.2"), "band")


def test_a_pickle_is_refused_with_the_way_out(run, tmp_path):
    path = tmp_path / "model.skops"
    path.write_bytes(b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00K\x01.")

    _refused(run("audit", *BOSTON, "--model", path), "pickle", "skops")
    found = run("inspect", path, "--json")
    assert found.returncode == 2
    assert json.loads(found.stdout)["verdict"] == "refuse"


def test_inspect_names_what_is_accepted(run):
    model = run("inspect", "sample_data/story_biased.ubj", "--json")
    data = run("inspect", "sample_data/story_training.csv.gz", "--json")

    assert (model.returncode, data.returncode) == (0, 0)
    assert json.loads(model.stdout)["format"] == "xgboost"
    assert json.loads(data.stdout)["verdict"] == "warn"
    assert json.loads(data.stdout)["messages"][0]["code"] == "missing_code"


def test_scores_written_equal_the_ones_of_the_audit(run, tmp_path):
    out = tmp_path / "scores.parquet"

    done = run(
        "score",
        "sample_data/story_production_110.csv.gz",
        "--model",
        "sample_data/story_biased.ubj",
        "--out",
        out,
    )
    audit = run(
        "audit", "sample_data/story_production_110.csv.gz", "--target", "loan", "--favourable", "Approved",
        "--model", "sample_data/story_biased.ubj",
    )  # fmt: skip

    assert done.returncode == 0
    assert pd.read_parquet(out)["score"].tolist() == json.loads(audit.stdout)["scores"]["first"]


def test_a_taken_port_is_said_in_one_sentence(run):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        _refused(run("run", "--port", taken.getsockname()[1]), "cannot be used", "PORT=")


def test_importing_the_package_loads_nothing_heavy(repo):
    heavy = ("pandas", "sklearn", "xgboost", "streamlit", "shap")
    code = f"import rai_dash, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=repo, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
