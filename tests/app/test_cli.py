"""The command line as a script meets it: exit status, one line on refusal, the JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest

from rai_dash import cli
from rai_dash.cli.shared import roles_of as audit_options
from rai_dash.core.types import Direction, ScoreScale
from rai_dash.inspection import inspect_file
from tests.command import command

BOSTON = ["sample_data/loanapp.csv.gz", "--target", "approve", "--favourable", "1"]


@pytest.fixture(scope="module")
def run(repo):
    return partial(command, cwd=repo)


@pytest.mark.parametrize(
    "arguments",
    [
        ["profile", *BOSTON, "--json", "-"],
        ["profile", *BOSTON, "--fail-if", "duplicates > 0", "--json", "nowhere/p.json"],
        ["profile", *BOSTON, "--fail-if", "leaks > 0"],
        ["audit", "sample_data/loanapp.csv.gz", "--target", "aprove"],
    ],
)
def test_the_program_itself_ends_and_prints_as_the_command_in_this_process(repo, arguments):
    program = [sys.executable, "-c", "from rai_dash.cli import main; main()", *arguments]
    real = subprocess.run(program, cwd=repo, capture_output=True, text=True, check=False)

    done = command(*arguments, cwd=repo)

    assert (done.returncode, done.stdout, done.stderr) == (real.returncode, real.stdout, real.stderr)


def _refused(done, *words):
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
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


STORY = ["--target", "loan", "--favourable", "Approved", "--sensitive", "gender"]


def test_the_story_comes_out_of_a_script_as_published(run, shared, tmp_path):
    steps = json.loads((shared / "data/story/EXPECTED.json").read_text())["group"]
    expected, out = steps["1 biased"]["living_1100"], tmp_path / "audit.json"

    done = run(
        "audit", shared / "data/story/group_living_1100.csv.gz", *STORY,
        "--model", "sample_data/story_biased.ubj", "--json", out,
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    content = json.loads(out.read_text())
    for group, want in expected.items():
        found = content["overall"] if group == "all" else content["groups"]["gender"][group]
        assert found["n"] == want["n"]
        assert found["positives"] == want["tp"] + want["fn"]
        assert found["predicted_positives"] == want["tp"] + want["fp"]
        assert found["recall"]["numerator"] == want["tp"]
        assert found["fpr"]["numerator"] == want["fp"]
        assert found["accuracy"]["value"] == pytest.approx(want["acc"], abs=6e-5)
        assert found["auc"]["value"] == pytest.approx(want["auc"], abs=6e-5)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["audit", "--bogus"], "--bogus"),
        (["audit"], "data"),
        (["aduit"], "audit"),
        (["audit", "x.csv", "--threshold", "half"], "--threshold"),
        (["audit", "x.csv", "--min-n", "0"], "--min-n"),
        (["audit", "x.csv", "--score-direction", "up"], "'lower'"),
        (["audit", "x.csv", "--cross", "g,g"], "--cross g,g"),
        (["audit", "x.csv", "--fail-if", "recall ~ 3"], "cannot be read. Write"),
        (["audit", "x.csv", "--fail-if", "recall < 0.5 with evidence"], "needs a gap between groups"),
        (["audit", "x.csv", "--read", "separator"], "KEY=VALUE"),
        (["audit", "x.csv", "--sensitive", "black", "--reference", "black"], "COLUMN=GROUP"),
        (["audit", "x.csv", "--read", "colour=red"], "--read colour=red is not known"),
        (["audit", "x.csv", "--read", "encoding=ebcdic"], "'ebcdic' is no encoding"),
        (["convert", "x.joblib", "y.skops"], "cannot be read"),
        (["score", "nowhere.csv", "--model", "m", "--out", "o"], "nowhere.csv"),
        (["inspect", "nowhere.skops"], "nowhere.skops"),
    ],
)
def test_a_wrong_call_is_refused_in_one_line(args, words, monkeypatch, capsys, tmp_path):
    (tmp_path / "x.csv").write_text("y,g,s\n1,a,0.5\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["rai-dash", *args])

    with pytest.raises(SystemExit) as left:
        cli.main()

    error = capsys.readouterr().err
    assert left.value.code == 2
    assert len(error.splitlines()) == 1
    assert words in error


def test_a_bare_call_prints_the_commands(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["rai-dash"])

    with pytest.raises(SystemExit) as left:
        cli.main()

    assert left.value.code == 2
    assert "inspect" in capsys.readouterr().out


def test_a_fault_of_ours_is_three_and_no_traceback(monkeypatch, capsys):
    from rai_dash import inspection

    monkeypatch.setattr(inspection, "inspect_file", lambda _: 1 // 0)
    monkeypatch.setattr(sys, "argv", ["rai-dash", "inspect", "x"])

    with pytest.raises(SystemExit) as left:
        cli.main()

    error = capsys.readouterr().err
    assert left.value.code == 3
    assert "our side" in error
    assert "Traceback" not in error


def test_an_interrupted_command_ends_without_a_word(monkeypatch, capsys):
    from rai_dash import inspection

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(inspection, "inspect_file", interrupted)
    monkeypatch.setattr(sys, "argv", ["rai-dash", "inspect", "x"])

    with pytest.raises(SystemExit) as left:
        cli.main()

    assert left.value.code == 130
    assert capsys.readouterr() == ("", "")


def test_a_header_alone_names_the_features_of_a_model_without_names(run, tmp_path):
    import xgboost

    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", "b"])
    y = (rows["a"] > 0).astype(int)
    data = xgboost.DMatrix(rows.to_numpy(), label=y)
    booster = xgboost.train({"objective": "binary:logistic"}, data, num_boost_round=3)
    model, table, header = tmp_path / "m.ubj", tmp_path / "t.csv", tmp_path / "h.csv"
    booster.save_model(model)
    rows[["b", "a"]].assign(y=y).to_csv(table, index=False)
    header.write_text("a,b")

    done = run(
        "audit", table, "--target", "y", "--favourable", "1", "--model", model, "--features-from", header
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model"]["features"] == ["a", "b"]
    assert json.loads(done.stdout)["scores"]["first"] == pytest.approx(
        booster.predict(data).tolist(), abs=1e-7
    )


def test_a_file_of_roles_keeps_its_scale_and_an_option_goes_over_it(tmp_path):
    path = tmp_path / "roles.json"
    scale = {"direction": "lower", "low": 300, "high": 850}
    path.write_text(json.dumps({"target": "y", "favourable": ["1"], "score": "points", "scale": scale}))
    nothing = {"sensitive": [], "direction": None}

    kept = audit_options(path, **nothing)
    turned = audit_options(path, sensitive=["g", "age:25,35", "g"], direction=Direction.HIGHER)
    other = audit_options(path, **nothing, score="pd")

    assert (kept.scale.direction, kept.scale.low, kept.scale.high) == (Direction.LOWER, 300, 850)
    assert (turned.scale.direction, turned.scale.high) == (Direction.HIGHER, 850)
    assert (turned.sensitive, turned.bins) == (("g", "age"), {"age": (25.0, 35.0)})
    assert other.scale == ScoreScale()


def test_a_split_column_in_the_usual_words_needs_no_more(run, tmp_path):
    rows = pd.DataFrame(
        {"y": [1, 0] * 20, "s": np.linspace(0, 1, 40), "part": ["Train"] * 30 + ["test"] * 10}
    )
    table = tmp_path / "t.csv"
    rows.to_csv(table, index=False)
    options = ("--target", "y", "--favourable", "1", "--score-column", "s", "--split", "part")

    content = json.loads(run("audit", table, *options).stdout)

    assert (content["data"]["rows"], content["data"]["judged_rows"], content["overall"]["n"]) == (40, 10, 10)
    assert content["data"]["exposure"] == "held out"


def test_a_model_that_does_not_say_which_class_is_good_is_no_refusal(tmp_path):
    import skops.io
    from sklearn.linear_model import LogisticRegression

    path = tmp_path / "m.skops"
    rows = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0]})
    skops.io.dump(LogisticRegression().fit(rows, ["late", "late", "paid", "paid"]), path)

    found = inspect_file(path)

    assert (found.kind, found.format, found.verdict) == ("model", "skops", "warn")
    assert "--model-class" in found.messages[0]["message"]


@pytest.mark.parametrize(
    ("content", "name", "verdict"),
    [(b"a,b\n1,2\n", "text", "accept"), (b"", "empty", "refuse"), (b"%PDF-1.7\n", "pdf", "refuse")],
)
def test_a_data_file_is_named_by_its_content(tmp_path, content, name, verdict):
    path = tmp_path / "model.skops"
    path.write_bytes(content)

    found = inspect_file(path)

    assert (found.kind, found.format, found.verdict) == ("data", name, verdict)


def test_a_name_that_no_file_can_have_is_refused_in_one_line(run):
    _refused(run("changed", "x" * 5_000, "x" * 5_000), "name of a file")
