"""``rai-dash monitor``: the story as production, gates, the log, refusals in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rai_dash.govern.desk import Desk
from rai_dash.govern.people import AppRole, Person
from tests.command import Done, command
from tests.policies import bring_into_force, store_in

SAID = (
    "--wrong-approval", "Debts nobody can pay back.", "--wrong-refusal", "A home that is not bought.",
    "--answerable", "Rita Berg", "--people-before", "Two officers now see the unsure ones only.",
)  # fmt: skip


def monitor(*arguments: object, cwd: Path | None = None) -> Done:
    return command("monitor", *arguments, cwd=cwd)


@pytest.fixture(scope="module")
def samples(repo: Path) -> Path:
    return repo / "sample_data"


@pytest.fixture(scope="module")
def biased(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The policy on the first model's own test rows."""
    out = tmp_path_factory.mktemp("biased") / "policy.json"
    done = command(
        "policy", "draft", samples / "story_training.csv.gz", "--target", "loan", "--favourable", "Approved",
        "--sensitive", "gender", "--sensitive", "age:25,35,50,65", "--id", "application_id", "--split", "split",
        "--lo", 0.2, "--hi", 0.8, "--model", samples / "story_biased.ubj", *SAID, "--policy-id", "city-loans",
        "--tolerance", "review_rate=0.02", "--suspend-on-breach", "--out", out,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return out


@pytest.fixture(scope="module")
def report(samples: Path, biased: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("report") / "report.json"
    done = monitor(
        samples / "story_production_110.csv.gz", "--policy", biased, "--model", samples / "story_biased.ubj",
        "--reference", samples / "story_training.csv.gz", "--label", "first days", "--json", out, "--show-small",
        "--fail-on", "breach",
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Limit broken: Version 1, which is not in force, would no longer hold: ")
    return json.loads(out.read_text())


def line(
    content: dict[str, Any], name: str, column: str | None = None, group: str | None = None
) -> dict[str, Any]:
    return next(x for x in content["lines"] if (x["name"], x["column"], x["group"]) == (name, column, group))


def test_the_draft_holds_what_the_monitor_needs(biased: Path) -> None:
    policy = json.loads(biased.read_text())
    monitoring = policy["monitoring"]

    assert policy["suspend_on_breach"] is True
    assert monitoring["limits"]["tolerances"] == {"review_rate": 0.02}
    assert monitoring["bins"] == {"age": [25, 35, 50, 65]}
    assert (monitoring["split"], monitoring["split_train"]) == ("split", ["train"])
    assert monitoring["base_rate"]["numerator"] == 18
    assert monitoring["base_rate"]["denominator"] == 1_600
    assert "application_id" not in {column["name"] for column in monitoring["columns"]}
    assert len(biased.read_bytes()) < 150_000


def test_the_story_breaks_on_approval_outcomes_and_errors_and_says_so(report: dict[str, Any]) -> None:
    """The figures of EXPECTED.json: 7 of 1,600 approved then, 5 of 110 now; 18 of 1,600 favourable, 50 of 110."""
    assert report["schema"] == "rai-dash/monitor/1"
    assert report["policy"]["signed"] is False
    assert report["verdict"]["state"] == "breach"
    sentence = report["verdict"]["sentence"]
    assert "4.5 % are approved at the model’s own line, 0.4 % was measured" in sentence
    assert "45 % of the known outcomes are favourable, 1.1 % was measured" in sentence
    assert "of the automatic decisions are wrong" in sentence
    approved, prior = line(report, "selection_rate"), line(report, "base_rate")
    assert (approved["batch"]["numerator"], approved["batch"]["denominator"]) == (5, 110)
    assert approved["signed"]["numerator"] == 7
    assert (prior["batch"]["numerator"], prior["signed"]["numerator"]) == (50, 18)
    assert line(report, "review_rate")["tolerance"] == 0.02
    for name in ("selection_rate", "base_rate", "auto_error_rate"):
        assert (line(report, name)["state"], line(report, name)["within_chance"]) == ("breach", False)


def test_ks_is_exact_with_the_signed_rows_and_missing_without(
    report: dict[str, Any], samples: Path, biased: Path, tmp_path: Path
) -> None:
    from scipy.stats import ks_2samp

    training, batch = (
        pd.read_csv(samples / f"story_{name}.csv.gz") for name in ("training", "production_110")
    )
    held_out = training.loc[training["split"] != "train", "age"]
    exact = line(report, "ks", "age")
    assert exact["from"] == "rows"
    assert exact["batch"]["value"] == pytest.approx(ks_2samp(held_out, batch["age"]).statistic, abs=1e-15)

    out = tmp_path / "r.json"
    monitor(
        samples / "story_production_110.csv.gz", "--policy", biased, "--model", samples / "story_biased.ubj",
        "--json", out,
    )  # fmt: skip
    bare = json.loads(out.read_text())
    assert (line(bare, "ks", "age")["state"], line(bare, "ks", "age")["reason"]) == (
        "no_rows", "the signed rows are not at hand"
    )  # fmt: skip
    hidden = line(bare, "auto_error_rate", "gender", "Female")
    assert hidden["state"] is None
    assert hidden["batch"]["numerator"] is None
    assert hidden["reason"].startswith("fewer than 10 people")
    # What few rows of the first days say is there where it was asked for.
    assert line(report, "auto_error_rate", "gender", "Female")["batch"]["numerator"] is not None


def test_the_same_call_gives_the_same_json(samples: Path, biased: Path, tmp_path: Path) -> None:
    texts = []
    for name in ("a.json", "b.json"):
        done = monitor(
            samples / "story_production_110.csv.gz", "--policy", biased, "--model", samples / "story_biased.ubj",
            "--json", tmp_path / name,
        )  # fmt: skip
        assert done.returncode == 0
        texts.append((tmp_path / name).read_text())

    assert texts[0] == texts[1]


def test_another_model_is_a_breach_and_said_first(samples: Path, biased: Path) -> None:
    done = monitor(
        samples / "story_production_110.csv.gz", "--policy", biased, "--model", samples / "story_repaired.ubj",
        "--fail-on", "breach",
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stdout.startswith(
        "Version 1, which is not in force, would no longer hold: another model gave the scores than that of the "
        "policy; "
    )
    assert "  breach: model: another model" in done.stdout


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.unit.govern.monitor_story import applications

    place = tmp_path_factory.mktemp("scored")
    applications(1_500, 1).to_csv(place / "signed.csv", index=False)
    applications(1_200, 2).to_csv(place / "same.csv", index=False)
    applications(1_200, 2).drop(columns="outcome").to_csv(place / "early.csv", index=False)
    applications(1_200, 3, shift=0.2).to_csv(place / "moved.csv", index=False)
    done = command(
        "policy", "draft", "signed.csv", "--target", "outcome", "--favourable", "repaid", "--sensitive", "sex",
        "--score-column", "score", "--id", "id", "--lo", 0.35, "--hi", 0.7, *SAID, "--suspend-on-breach",
        "--policy-id", "small-loans", "--out", "policy.json", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0
    return place


def test_a_batch_that_holds_ends_with_nought_even_where_watch_fails(scored: Path) -> None:
    done = monitor("same.csv", "--policy", "policy.json", "--fail-on", "watch", cwd=scored)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Version 1, which is not in force, would hold: ")


def test_a_missing_column_is_to_be_watched(scored: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(scored / "same.csv").drop(columns="amount")
    frame.to_csv(tmp_path / "less.csv", index=False)

    for fail_on, status in (("breach", 0), ("watch", 1)):
        done = monitor(tmp_path / "less.csv", "--policy", scored / "policy.json", "--fail-on", fail_on)
        assert done.returncode == status
        assert "amount: the batch has no such column" in done.stdout


def test_batches_are_written_down_and_a_breach_suspends(scored: Path, tmp_path: Path) -> None:
    from rai_dash.govern.monitor.log import MonitorLog
    from rai_dash.govern.policy_export import read_policy_file

    with store_in(tmp_path) as store:
        drafted = read_policy_file(scored / "policy.json").policy
        bring_into_force(store, drafted.model_copy(update={"warnings_shown": ()}))
    where = ("--policy", "small-loans@active", "--store", tmp_path / "store.sqlite")

    early = monitor(scored / "early.csv", *where, "--label", "June", "--record")
    late = monitor(scored / "same.csv", *where, "--label", "June", "--as", "Ada")
    assert late.stdout.startswith("The signed policy holds: ")
    moved = monitor(scored / "moved.csv", *where, "--label", "July", "--period", "2026-07", "--as", "Ada")

    assert [d.returncode for d in (early, late, moved)] == [0, 0, 0]
    assert late.stderr == "The batch is in the log of small-loans@1 as June.\n"
    assert moved.stderr.splitlines()[2] == "small-loans@1 is suspended: everything goes to a person."
    person = Person(name="Ada", subject="Ada", role=AppRole.OPERATOR)
    with store_in(tmp_path) as store:
        runs = MonitorLog(store, person).series("small-loans")
        assert [(r.label, r.outcomes > 0, r.who, r.suspended) for r in runs] == [
            ("June", True, "Ada", False), ("July", True, "Ada", True)
        ]  # fmt: skip
        assert MonitorLog(store, person).runs("small-loans")[0].who is None
        assert (
            Desk(store, person).find("small-loans@active").suspended.startswith("The signed policy no longer")
        )


def test_an_exported_policy_is_told_of_as_it_stood(scored: Path, tmp_path: Path) -> None:
    from rai_dash.govern.policy_export import read_policy_file

    with store_in(tmp_path) as store:
        drafted = read_policy_file(scored / "policy.json").policy
        address = bring_into_force(store, drafted.model_copy(update={"warnings_shown": ()}))
    where = ("--store", tmp_path / "store.sqlite")
    shown = command("policy", "show", address, *where)
    (tmp_path / "exported.json").write_text(shown.stdout)
    out = tmp_path / "report.json"
    said = [
        monitor(scored / "same.csv", "--policy", tmp_path / "exported.json", "--json", out),
        monitor(scored / "moved.csv", "--policy", tmp_path / "exported.json"),
    ]

    assert [d.returncode for d in said] == [0, 0]
    content = json.loads(out.read_text())
    assert content["policy"]["signed"] is True
    assert content["verdict"]["sentence"].startswith("The signed policy holds: ")
    assert said[1].stdout.startswith("The signed policy no longer holds: ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("same.csv", "--policy", "nothing.json"), "There is no file `nothing.json`"),
        (("nothing.csv", "--policy", "policy.json"), "nothing.csv"),
        (("same.csv", "--policy", "least.json"), "holds a band and no whole policy"),
        (("same.csv", "--policy", "old.json"), "Draft a new version"),
        (("same.csv", "--policy", "policy.json", "--score-column", "purpose"), "holds text"),
        (("same.csv", "--policy", "policy.json", "--score-column", "points"), "no column `points`"),
        (("same.csv", "--policy", "policy.json", "--model", "m.ubj", "--score-column", "s"), "not both"),
        (("spelled.csv", "--policy", "policy.json"), "the policy knows 'lost', 'repaid'"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_one_line(
    scored: Path, arguments: tuple[str, ...], says: str
) -> None:
    (scored / "least.json").write_text(json.dumps({"band": {"lo": 0.3, "threshold": 0.5, "hi": 0.7}}))
    (scored / "old.json").write_text(
        json.dumps(json.loads((scored / "policy.json").read_text()) | {"monitoring": None})
    )
    frame = pd.read_csv(scored / "same.csv")
    frame.assign(outcome=frame["outcome"].str.upper()).to_csv(scored / "spelled.csv", index=False)

    done = monitor(*arguments, cwd=scored)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


def test_a_batch_is_not_recorded_where_its_json_cannot_be_written(scored: Path, tmp_path: Path) -> None:
    """A pipeline that sees the refusal must not find out later that the batch is in the record all the same."""
    from rai_dash.govern.policy_export import read_policy_file

    with store_in(tmp_path) as store:
        drafted = read_policy_file(scored / "policy.json").policy
        bring_into_force(store, drafted.model_copy(update={"warnings_shown": ()}))
        before = len(store.records())

    done = monitor(
        scored / "same.csv", "--policy", "small-loans@active", "--as", "Ada", "--store", tmp_path / "store.sqlite",
        "--score-column", "score", "--json", tmp_path / "nowhere" / "report.json",
    )  # fmt: skip

    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    with store_in(tmp_path) as store:
        assert len(store.records()) == before


def test_a_viewer_records_nothing(scored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rai_dash.core.settings import get_settings

    monkeypatch.setenv("RAI_DASH_LOCAL_ROLE", "viewer")
    get_settings.cache_clear()
    try:
        done = monitor(
            scored / "same.csv",
            "--policy",
            scored / "policy.json",
            "--record",
            "--store",
            tmp_path / "s.sqlite",
        )
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()

    assert done.returncode == 2
    assert "Recording a batch" in done.stderr
    assert not (tmp_path / "s.sqlite").exists()


def test_known_problems_are_tried_on_a_batch_that_is_recorded(scored: Path, tmp_path: Path) -> None:
    from rai_dash.data.slices import parse_slice
    from rai_dash.govern.policy_export import read_policy_file
    from rai_dash.govern.problems import ProblemDesk, ProblemScope

    person = Person(name="Ada", subject="Ada", role=AppRole.OPERATOR)
    with store_in(tmp_path) as store:
        drafted = read_policy_file(scored / "policy.json").policy
        bring_into_force(store, drafted.model_copy(update={"warnings_shown": ()}))
        scope = ProblemScope(policy_id="small-loans")
        made = ProblemDesk(store, person).open("Large ones", parse_slice("amount >= 3000"), scope=scope)
    where = ("--policy", "small-loans@active", "--store", tmp_path / "store.sqlite")

    done = monitor(scored / "same.csv", *where, "--label", "June", "--record")

    assert done.returncode == 0
    with store_in(tmp_path) as store:
        (result,) = ProblemDesk(store, person).problem(made.id).results
    assert done.stderr.splitlines()[1] == f"Problem {made.id}: {result.state.value}."
    frame = pd.read_csv(scored / "same.csv")
    assert result.rates.rows == (frame["amount"] >= 3000).sum()
