"""``rai-dash problems`` from the first entry to the pipeline that stops for what came back."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from tests.command import command

WHY = "Measured by hand on the newest applications."


def people(n=1_500, *, seed=0, bad=0.4):
    """Applicants with two scores: one is often wrong about the young, the other as seldom as about others."""
    rng = np.random.default_rng(seed)
    young, paid = rng.random(n) < 0.2, rng.random(n) < 0.6
    frame = pd.DataFrame(
        {"id": [f"n{i}" for i in range(n)], "age": np.where(young, 20, 40), "paid": paid.astype(int)}
    )
    for name, rate in (("old", bad), ("new", 0.1)):
        wrong = rng.random(n) < np.where(young, rate, 0.1)
        frame[name] = np.where(paid != wrong, 0.8, 0.2)
    return frame


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "people.csv"
    people().to_csv(path, index=False)
    return path


DATA = ("--target", "paid", "--favourable", "1", "--id", "id")


def run(*arguments, status=0):
    done = command("problems", *arguments)
    assert done.returncode == status, done.stderr
    return done


def opened(table, *, score="old", slice_="age < 25", title="The young", **more):
    extra = [text for key, value in more.items() for text in (f"--{key}", value)]
    done = run(
        "open",
        table,
        *DATA,
        "--score-column",
        score,
        "--title",
        title,
        "--slice",
        slice_,
        "--as",
        "Ana",
        *extra,
    )
    return done.stdout.strip()


def told(*arguments, status=0):
    return json.loads(run(*arguments, "--json", status=status).stdout)


def evaluated(table, *more, score="old", status=0):
    return told("evaluate", table, *DATA, "--score-column", score, *more, status=status)


def test_a_problem_is_opened_listed_and_shown(table):
    problem = opened(table, harm=4, harmed="Young people who would pay back.")
    listed = told("list")
    assert listed["schema"] == "rai-dash/problems/1"
    (one,) = listed["problems"]
    assert (one["id"], one["title"], one["harm"], one["status"]) == (problem, "The young", 4, "open")
    assert one["slice"]["words"] == "age < 25"
    assert (one["priority"], one["share"]) == (None, None)
    assert told("show", problem)["problems"] == [one]
    text = run("show", problem).stdout
    assert "About: age < 25" in text
    assert "Ana (unverified) opened it" in text


def test_figures_are_those_of_a_count_by_hand_and_are_recorded_once(table):
    problem = opened(table)
    frame = people()
    wrong, young = (frame["old"] >= 0.5) != (frame["paid"] == 1), frame["age"] < 25
    (one,) = evaluated(table)["problems"]
    assert one["share"] == pytest.approx(young.mean(), abs=1e-12)
    assert one["normalised_error"] == pytest.approx(wrong[young].mean() / wrong.mean(), rel=1e-12)
    assert one["priority"] == pytest.approx(young.mean() * wrong[young].mean() / wrong.mean() * 3, rel=1e-12)
    (line,) = one["results"]
    assert (line["state"], line["rows"], line["error"]["numerator"]) == (
        "still there",
        young.sum(),
        wrong[young].sum(),
    )
    # Without a name nothing is written.
    assert told("list")["problems"][0]["on_record"] == []
    for _ in range(2):
        evaluated(table, "--as", "Ana")
    (one,) = told("list")["problems"]
    assert [r["state"] for r in one["on_record"]] == ["still there"]
    assert one["priority"] == pytest.approx(young.mean() * wrong[young].mean() / wrong.mean() * 3, rel=1e-9)
    assert problem in run("list").stdout


def test_the_same_run_gives_the_same_json(table):
    opened(table)
    assert evaluated(table) == evaluated(table)


def test_a_pipeline_stops_for_a_problem_that_came_back(table, tmp_path):
    problem = opened(table)
    evaluated(table, "--as", "Ana")
    (one,) = evaluated(table, "--as", "Ana", score="new")["problems"]
    assert [line["state"] for line in one["results"]] == ["fixed"]
    assert run("list", "--fail-on", "open", status=1)
    run("set", problem, "--status", "fixed", "--as", "Ana")
    assert run("list", "--fail-on", "open").returncode == 0
    later = tmp_path / "later.csv"
    frame = people(seed=4)
    # The model that had mended it makes the old mistakes on new people.
    frame.assign(new=frame["old"]).to_csv(later, index=False)
    (one,) = evaluated(later, "--fail-on", "regressed", score="new", status=1)["problems"]
    assert one["regressed"] is True
    evaluated(later, "--fail-on", "regressed", "--as", "Ana", score="new", status=1)
    assert run("list", "--fail-on", "regressed", status=1)
    assert "has come back" in run("list").stdout


def test_a_problem_is_changed(table):
    problem = opened(table)
    run(
        "set",
        problem,
        "--as",
        "Ana",
        "--owner",
        "Emil",
        "--harm",
        5,
        "--harmed",
        "Students",
        "--note",
        "See branch 7.",
    )
    run("set", problem, "--as", "Ana", "--status", "accepted", "--reason", WHY, "--until", "2029-03-31")
    run("set", problem, "--as", "Ana", "--title", "The very young")
    (one,) = told("list")["problems"]
    assert (one["owner"], one["harm"], one["harmed"], one["title"]) == (
        "Emil",
        5,
        "Students",
        "The very young",
    )
    assert (one["status"], one["last_day"], one["until"]) == (
        "accepted",
        "2029-03-31",
        "2029-04-01T00:00:00Z",
    )
    assert [line["text"] for line in one["history"] if line["what"] == "noted"] == ["See branch 7."]


def test_picked_rows_are_named_to_those_who_may_see_rows_only(table, monkeypatch):
    problem = opened(table, slice_="rows n1 expected favourable, n2")
    assert "n1" not in run("list", "--json").stdout
    assert [row["row"] for row in told("show", problem)["problems"][0]["slice"]["rows"]] == ["n1", "n2"]
    monkeypatch.setenv("RAI_DASH_LOCAL_SEES_ROWS", "false")
    from rai_dash.core.settings import get_settings

    get_settings.cache_clear()
    assert told("show", problem)["problems"][0]["slice"] == {"words": "rows picked by hand", "picked": 2}
    assert evaluated(table)["problems"][0]["results"][0]["picked"]["of"] == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "nope"), "no problem `nope`"),
        (("set", "nope", "--as", "Ana", "--note", "x"), "no problem `nope`"),
        (("list", "--store", "/nowhere/at/all.sqlite"), "no store"),
        (("list", "--fail-on", "rain"), "rain"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(table, arguments, says):
    opened(table)
    done = run(*arguments, status=2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("slice_", "says"),
    [("agee < 25", "Did you mean `age`"), ("id is n1", "names people"), ("age is old", "age"), ("", "slice"),
     ("rows n9999", "no row `n9999`")],
)  # fmt: skip
def test_a_slice_that_cannot_be_is_refused_and_nothing_is_written(table, slice_, says):
    opened(table)
    done = run(
        "open",
        table,
        *DATA,
        "--score-column",
        "old",
        "--title",
        "A title",
        "--slice",
        slice_,
        "--as",
        "Ana",
        status=2,
    )
    assert says in done.stderr
    assert len(told("list")["problems"]) == 1


def test_people_without_the_right_write_nothing(table, monkeypatch):
    problem = opened(table)
    monkeypatch.setenv("RAI_DASH_LOCAL_ROLE", "viewer")
    from rai_dash.core.settings import get_settings

    get_settings.cache_clear()
    assert "needs the role" in run("set", problem, "--as", "Ana", "--note", "x", status=2).stderr
    done = run("evaluate", table, *DATA, "--score-column", "old", "--as", "Ana", status=2)
    assert "needs the role expert" in done.stderr
    assert told("list")["problems"][0]["on_record"] == []


def test_without_a_change_there_is_nothing_to_set(table):
    assert "What is to be changed" in run("set", opened(table), "--as", "Ana", status=2).stderr


def test_two_models_and_two_tables_make_four_lines(table, repo, tmp_path):
    folder = repo / "sample_data"
    cases = json.loads((folder / "manifest.json").read_text())["cases"]
    story = next(case for case in cases if case["id"] == "story")
    sets = {d["key"]: folder / d["file"] for d in story["datasets"]}
    models = {m["key"]: folder / m["file"] for m in story["models"]}
    roles = ("--target", "loan", "--favourable", story["roles"]["favourable"][0], "--id", "application_id")
    run("open", sets["living"], *roles, "--model", models["biased"], "--title", "Women who pay back",
        "--slice", "gender is Female and outcome is favourable", "--as", "Ana")  # fmt: skip
    both = ("--model", models["biased"], "--model", models["repaired"])
    (one,) = told("evaluate", sets["living"], sets["production"], *roles, *both)["problems"]
    assert [(line["data"], line["state"]) for line in one["results"]] == [
        (sets["living"].name, "still there"), (sets["living"].name, "fixed"),
        (sets["production"].name, "still there"), (sets["production"].name, "fixed"),
    ]  # fmt: skip


def test_whom_a_problem_is_about_is_said_anew(table, tmp_path):
    problem = opened(table)
    evaluated(table, "--as", "Ana")
    run("restate", problem, table, *DATA, "--slice", "age < 25 and outcome is favourable", "--as", "Ana")
    (one,) = told("list")["problems"]
    assert one["slice"]["words"] == "age < 25 and outcome is favourable"
    # What was measured before counts no more.
    assert one["on_record"] == []
    frame = people()
    (one,) = evaluated(table)["problems"]
    assert one["results"][0]["rows"] == ((frame["age"] < 25) & (frame["paid"] == 1)).sum()

    done = run("restate", problem, table, *DATA, "--slice", "id is n1", "--as", "Ana", status=2)
    assert "names people" in done.stderr
    assert done.stderr.count("\n") == 1
    other = tmp_path / "other.csv"
    people(seed=3).to_csv(other, index=False)
    # A row n1 of other data may be another applicant.
    done = run(
        "restate", problem, other, *DATA, "--slice", "rows n1 expected favourable", "--as", "Ana", status=2
    )
    assert "belongs to other data" in done.stderr
    run("restate", problem, table, *DATA, "--slice", "rows n1 expected favourable", "--as", "Ana")
    assert [row["row"] for row in told("show", problem)["problems"][0]["slice"]["rows"]] == ["n1"]


def test_of_several_changes_all_are_recorded_or_none(table):
    made = opened(table)
    before = told("show", made)

    changes = ("--title", "Another title", "--harm", "5", "--status", "accepted")
    done = run("set", made, *changes, "--as", "Ana", status=2)

    assert "Name the day" in done.stderr
    assert told("show", made) == before
