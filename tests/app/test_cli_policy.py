"""``rai-dash policy``: a draft that says what was judged, routes to be piped on, exports, refusals in one line."""

from __future__ import annotations

import io
import json
import math
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest

from tests.command import Done, command

LEAST = {"band": {"lo": 0.35, "threshold": 0.5, "hi": 0.7}, "conditions": ["amount > 50000"]}
STORY = ("--target", "loan", "--favourable", "Approved", "--sensitive", "gender", "--lo", 0.2, "--hi", 0.8)
SAID = (
    "--title", "Städtische Kredite", "--environment", "production", "--wrong-approval", "Debts nobody can pay back.",
    "--wrong-refusal", "A home that is not bought.", "--answerable", "Rita Berg",
    "--people-before", "Two officers now see the unsure ones only.", "--policy-id", "city-loans",
)  # fmt: skip


def policy(*arguments: object) -> Done:
    return command("policy", *arguments)


def table_of(printed: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(printed), dtype={"id": str}, keep_default_na=False)


@pytest.fixture
def least(tmp_path: Path) -> Path:
    path = tmp_path / "least.json"
    path.write_text(json.dumps(LEAST))
    return path


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    path.write_text(
        "name,score,amount\n=1+1,0.1,1\nb,0.35,1\nc,0.7,1\nd,0.9,50001\ne,,1\nf,0.9,\ng,1.0000001,1\nh,0.30000000000000004,1\n"
    )
    return path


ROUTED = [
    ("reject", "below_lo"), ("review", "in_band"), ("approve", "at_or_above_hi"), ("review", "amount > 50000"),
    ("review", "no_score"), ("review", "amount is blank"), ("review", "off_scale"), ("reject", "below_lo"),
]  # fmt: skip


@pytest.fixture(scope="module")
def drafted(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("draft")
    done = policy(
        "draft", repo / "sample_data/story_living_1100.csv.gz", *STORY, *SAID,
        "--model", repo / "sample_data/story_repaired.ubj", "--always", "unseen category", "--training",
        repo / "sample_data/story_training.csv.gz", "--limit", "review at most 30 %", "--fp-cost", 5, "--fn-cost", 1,
        "--volume", 200, "--minutes", 20, "--minutes-per-day", 360, "--guarantee", "fixed", "--alpha", 0.15,
        "--tick", "in_sample_unknown", "--data-role", "living test set", "--out", place / "policy.json",
        "--as", "Ada", "--store", place / "store.sqlite",
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "",
        "city-loans@1 is in the store as a draft.\n",
    )
    return place


def test_a_draft_says_what_the_band_report_says(drafted: Path, repo: Path, tmp_path: Path) -> None:
    out = tmp_path / "band.json"
    command(
        "band", "evaluate", repo / "sample_data/story_living_1100.csv.gz", *STORY, "--model",
        repo / "sample_data/story_repaired.ubj", "--always", "unseen category", "--training",
        repo / "sample_data/story_training.csv.gz", "--fp-cost", 5, "--fn-cost", 1, "--volume", 200, "--minutes", 20,
        "--minutes-per-day", 360, "--guarantee", "fixed", "--alpha", 0.15, "--json", out,
    )  # fmt: skip
    report, found = json.loads(out.read_text()), json.loads((drafted / "policy.json").read_text())

    jsonschema.validate(found, json.loads(policy("schema").stdout))
    assert found["band"] == {"lo": 0.2, "threshold": 0.5, "hi": 0.8}
    assert (found["data"]["sha256"], found["data"]["rows"]) == (report["data"]["fingerprint"], 1100)
    assert found["model"]["sha256"] == report["model"]["fingerprint"]
    rates = found["metrics"]["overall"]["rates"]
    for name in ("review_rate", "auto_error_rate", "good_auto_rejected"):
        assert rates[name]["value"] == report["rates"][name]["value"]
        assert (rates[name]["low"], rates[name]["high"]) == (
            report["rates"][name]["low"],
            report["rates"][name]["high"],
        )
    groups = {g["group"]: g["rates"]["review_rate"]["value"] for g in found["metrics"]["groups"]}
    assert groups == {g: v["rates"]["review_rate"]["value"] for g, v in report["groups"]["gender"].items()}
    assert found["cost"]["per_application"] == report["cost"]["cost"]
    assert found["people_after"]["reviewers_needed"] == report["capacity"]["reviewers_needed"]
    promise, stated = found["guarantee"], report["guarantee"]
    assert (promise["holds"], promise["k"], promise["n"]) == (stated["certified"], stated["k"], stated["n"])
    assert promise["data_role"] == "living test set"
    assert [c["text"] for c in found["conditions"]] == ["unseen category"]
    assert found["settings"]["limits"] == ["review at most 30 %"]
    warnings = {w["code"]: w["ticked"] for w in found["warnings_shown"]}
    assert list(warnings) == [n["code"] for n in report["notices"]]
    assert warnings["in_sample_unknown"]
    assert not warnings["held_as_no_score"]
    assert found["harm"] == {
        "wrong_approval": "Debts nobody can pay back.", "wrong_refusal": "A home that is not bought.",
        "answerable": "Rita Berg",
    }  # fmt: skip
    assert (found["title"], found["environment"]) == ("Städtische Kredite", "production")


def test_a_draft_in_the_store_can_be_shown_submitted_and_its_author_cannot_approve_it(
    drafted: Path, tmp_path: Path
) -> None:
    out, store = tmp_path / "shown.json", drafted / "store.sqlite"

    assert policy("show", "city-loans@1", "--store", store, "--out", out).returncode == 0

    content = json.loads(out.read_text())
    assert content["policy"] == json.loads((drafted / "policy.json").read_text())
    assert (content["standing"]["state"], content["standing"]["signatures"]) == ("draft", [])
    assert "city-loans@1  draft  Städtische Kredite (production)" in policy("list", "--store", store).stdout
    assert policy("show", "city-loans", "--store", store).returncode == 2
    assert (
        policy("compare", drafted / "policy.json", "city-loans@1", "--store", store).stdout
        == "Nothing changed.\n"
    )


def test_without_a_guarantee_or_a_model_the_column_is_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    table = tmp_path / "t.csv"
    pd.DataFrame(
        {"y": rng.integers(0, 2, 200), "risk": rng.random(200), "sex": rng.choice(["f", "m"], 200)}
    ).to_csv(table, index=False)

    done = policy(
        "draft", table, "--target", "y", "--favourable", "1", "--sensitive", "sex", "--score-column", "risk",
        "--score-direction", "lower", "--lo", 0.3, "--hi", 0.6,
    )  # fmt: skip

    found = json.loads(done.stdout)
    assert found["score"] | {"unit": ""} == {
        "source": "column", "column": "risk", "direction": "lower", "low": 0.0, "high": 1.0, "unit": "",
    }  # fmt: skip
    assert (found["model"]["format"], found["guarantee"], found["policy_id"]) == (
        "score_column",
        None,
        "t-csv",
    )
    # Routed by its own column, which is turned: a low risk is approved.
    path = tmp_path / "policy.json"
    path.write_text(done.stdout)
    routed = table_of(policy("route", path, table).stdout)
    risk = pd.read_csv(table)["risk"]
    expected = np.where(1 - risk < 0.3, "reject", np.where(1 - risk >= 0.6, "approve", "review"))
    assert routed["route"].tolist() == expected.tolist()


def test_routes_are_printed_to_be_piped_on(least: Path, scores: Path) -> None:
    done = policy("route", least, scores)

    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "row,score,route,reason"
    assert done.stdout.splitlines()[8] == "7,0.30000000000000004,reject,below_lo"
    found = table_of(done.stdout)
    assert list(zip(found["route"], found["reason"], strict=True)) == ROUTED
    counts, note = done.stderr.splitlines()
    why = "in_band 1, amount > 50000 1, no_score 1, amount is blank 1, off_scale 1"
    assert counts == f"8 rows: approve 1, reject 2, review 5 ({why})."
    assert note == "This policy is not signed: nobody has approved these routes."


def test_every_score_printed_reads_back_to_the_last_bit(least: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    values = np.concatenate(
        [rng.random(500), rng.random(500).astype(np.float32), [5e-324, 0.1 + 0.2, -0.0, 1e-300]]
    )
    path = tmp_path / "s.parquet"
    pd.DataFrame({"score": values, "amount": 1.0}).to_parquet(path)

    printed = table_of(policy("route", least, path).stdout)["score"].astype(float)

    assert printed.to_numpy().tobytes() == values.tobytes()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_routes_are_written_with_the_id_first(least: Path, scores: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"routes.{ending}"

    done = policy("route", least, scores, "--id-column", "name", "--out", out)

    found = pd.read_csv(out) if ending == "csv" else pd.read_parquet(out)
    assert (done.returncode, done.stdout) == (0, "")
    assert found.columns.tolist() == ["id", "row", "score", "route", "reason"]
    assert list(zip(found["route"], found["reason"], strict=True)) == ROUTED
    assert found["id"][0] == ("'=1+1" if ending == "csv" else "=1+1")


def test_the_only_column_of_numbers_holds_the_scores(least: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("who,p,amount\nx,0.9,1\n")
    two = tmp_path / "two.csv"
    two.write_text("who,p,q,amount\nx,0.9,0.1,1\n")

    assert table_of(policy("route", least, table).stdout)["route"].tolist() == ["approve"]
    assert table_of(policy("route", least, two, "--score-column", "q").stdout)["route"].tolist() == ["reject"]
    refused = policy("route", least, two)
    assert refused.returncode == 2
    assert "Which column holds the scores?" in refused.stderr


MISTAKES = [
    (("route", "{least}", "/nowhere.csv"), "/nowhere.csv"),
    (("route", "/nowhere.json", "{scores}"), "`/nowhere.json` cannot be read"),
    (("route", "{scores}", "{scores}"), "is not JSON"),
    (("route", "{least}", "{scores}", "--strict"), "is not signed, as --strict asks for"),
    (("route", "{least}", "{scores}", "--score-column", "scor"), "Closest names here: `score`"),
    (("route", "{least}", "{scores}", "--score-column", "name"), "holds texts, so there are no scores"),
    (("route", "{least}", "{scores}", "--id-column", "nme"), "Closest names here: `name`"),
    (("route", "{least}", "{scores}", "--at", "soon"), "--at soon is not a moment"),
    (("route", "{least}", "{scores}", "--at", "9999-12-31T23:59:59-12:00"), "is not a moment"),
    (("route", "{least}", "{scores}", "--at", "0001-01-01T00:00:00+12:00"), "is not a moment"),
    (("route", "{least}", "{twice}", "--score-column", "score"), "Two columns are called `score`"),
    (("route", "{least}", "{scores}", "--out", "x.doc"), "ends neither in .csv nor in .parquet"),
    (("route", "{least}", "{scores}", "--out", "/nowhere/x.csv"), "cannot be written"),
    (("route", "{lack}", "{scores}"), "`band.threshold` of"),
    (("route", "{other}", "{scores}"), "no column `salary`"),
    (("export", "{least}"), "What is to be written?"),
    (("export", "{least}", "--sql", "x.sql", "--dialect", "oracle"), "oracle"),
    (("export", "{least}", "--python", "/nowhere/x.py"), "cannot be written"),
    (("show", "loans@1", "--store", "/nowhere/x.sqlite"), "There is no store at /nowhere/x.sqlite"),
    (("compare", "{least}", "{least}"), "holds a band and no whole policy"),
    (("compare", "no.json", "{least}"), "There is no file `no.json`"),
    (("certificate", "loans@1"), "What is to be written?"),
    (("draft", "{scores}", "--store", "x.sqlite"), "Give it by --as NAME"),
    (("draft", "{scores}", "--target", "nme"), "nme"),
]


@pytest.mark.parametrize(("mistake", "says"), MISTAKES)
def test_a_mistake_is_refused_in_one_line(
    mistake: tuple[str, ...], says: str, least: Path, scores: Path, tmp_path: Path
) -> None:
    lack, other = tmp_path / "lack.json", tmp_path / "other.json"
    lack.write_text(json.dumps({"band": {"lo": 0.1, "hi": 0.7}}))
    other.write_text(json.dumps(LEAST | {"conditions": ["salary > 5"]}))
    twice = tmp_path / "twice.csv"
    twice.write_text("score,amount,score\n0.1,1,0.9\n")
    places = {"least": least, "scores": scores, "lack": lack, "other": other, "twice": twice}

    done = policy(*(part.format(**places) for part in mistake))

    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_the_exports_agree_with_the_command(least: Path, scores: Path, tmp_path: Path) -> None:
    router, sql, vectors = tmp_path / "r.py", tmp_path / "r.sql", tmp_path / "v.json"

    done = policy(
        "export", least, "--python", router, "--sql", sql, "--dialect", "sqlite", "--vectors", vectors,
        "--table", 'my "t"', "--score-column", "p",
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    checked = subprocess.run(
        [sys.executable, "-I", "-S", router], capture_output=True, text=True, check=False
    )
    n = len(json.loads(vectors.read_text()))
    assert checked.stdout == f"{n} of {n} test vectors agree.\n"
    assert "Not signed" in sql.read_text()
    database = sqlite3.connect(":memory:")
    pd.read_csv(scores).rename(columns={"score": "p"}).to_sql('my "t"', database, index=False)
    assert [row[-2:] for row in database.execute(sql.read_text()).fetchall()] == ROUTED


def test_infinite_and_blank_scores_go_to_a_person(least: Path, tmp_path: Path) -> None:
    table = tmp_path / "s.parquet"
    values: list[Any] = [math.inf, -math.inf, math.nan, None]
    pd.DataFrame({"score": pd.Series(values, dtype="float64"), "amount": 1}).to_parquet(table)

    found = table_of(policy("route", least, table).stdout)

    assert found["reason"].tolist() == ["no_score"] * 4
    # The app's reader takes an infinite number for a blank.
    assert found["score"].tolist() == [""] * 4
