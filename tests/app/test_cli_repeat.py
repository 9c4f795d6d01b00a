"""``rai-dash repeat``: a run made again from its record is the same to the byte, and what is not is named."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import pytest
import typer

import rai_dash.audit
import rai_dash.cli.app
from rai_dash.cli.repeat import repeat
from rai_dash.cli.running import Recorded, write_run
from rai_dash.core.settings import get_settings
from rai_dash.govern import program
from rai_dash.govern.store import Store
from tests.command import command

ROLES = ("--target", "loan", "--favourable", "Approved", "--sensitive", "gender")


@pytest.fixture(scope="module")
def place(repo, tmp_path_factory):
    """A folder with 400 rows of the story, 150 later ones, and both models."""
    found = tmp_path_factory.mktemp("runs")
    rows = pd.read_csv(repo / "sample_data/story_living_1100.csv.gz")
    rows = rows.sample(len(rows), random_state=3)
    rows.head(400).to_csv(found / "rows.csv", index=False)
    rows.tail(150).to_csv(found / "later.csv", index=False)
    for name in ("biased", "repaired"):
        shutil.copy(repo / f"sample_data/story_{name}.ubj", found / f"{name}.ubj")
    return found


def made(place, out, *arguments):
    """Run a command in that folder, and return its JSON as bytes."""
    done = command(*arguments, "--json", out, cwd=place)
    assert done.returncode == 0, done.stderr
    return (place / out).read_bytes()


@pytest.fixture(scope="module")
def audited(place):
    """An audit's JSON as bytes."""
    return made(place, "audit.json", "audit", "rows.csv", *ROLES, "--model", "repaired.ubj")


JOBS = {
    "audit": ("audit", "rows.csv", *ROLES, "--model", "repaired.ubj", "--band", "0.3", "none", "--cost", "5", "1",
              "--explain", "1", "--reference", "gender=Male", "--cross", "gender,ethnicity"),
    "band evaluate": ("band", "evaluate", "rows.csv", *ROLES, "--model", "repaired.ubj", "--lo", "0.2", "--hi", "none",
                      "--limit", "review at most 90 %", "--fp-cost", "5", "--fn-cost", "1"),
    "band optimise": ("band", "optimise", "rows.csv", *ROLES, "--model", "repaired.ubj", "--fp-cost", "5", "--fn-cost",
                      "1", "--review-cost", "0.1"),
    "band grid": ("band", "grid", "rows.csv", *ROLES, "--model", "biased.ubj", "--metric", "review_rate", "--step",
                  "0.05"),
    "explain": ("explain", "rows.csv", "repaired.ubj", "--rows", "0,3", "--lime", "--seed", "7", "--counterfactuals",
                "--reasons", "--what-if", "age=45", "--background", "later.csv"),
    "drivers": ("drivers", "rows.csv", "repaired.ubj", *ROLES, "--views", "importance,noise", "--sample", "20"),
    "compare": ("compare", "rows.csv", "later.csv", *ROLES[:4], "--seed", "2"),
    "profile": ("profile", "rows.csv", *ROLES, "--other", "later.csv", "--other", "rows.csv"),
    "rebalance": ("rebalance", "rows.csv", *ROLES, "--by", "gender", "--strategies", "none,joint", "--seeds", "1",
                  "--seed", "4"),
    "changed": ("changed", "biased.ubj", "repaired.ubj", "--data", "rows.csv", *ROLES, "--threshold", "0.4"),
}  # fmt: skip


def as_options(job):
    """Name the models of explain and drivers, which are options there."""
    return tuple(
        f"--model={a}" if job in {"explain", "drivers"} and a.endswith(".ubj") else a for a in JOBS[job]
    )


@pytest.mark.parametrize("job", JOBS)
def test_a_repeated_run_gives_identical_json(place, job):
    written = made(place, "first.json", *as_options(job))

    done = command("repeat", "first.json", "--json", "again.json", cwd=place)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Identical: the same JSON to the byte." in done.stdout
    assert (place / "again.json").read_bytes() == written
    record = json.loads(written)["run"]
    assert record["job"] == job.split(" ")[0]
    # No folder, no time, no name of a person: equal inputs have to give equal bytes.
    assert str(place) not in written.decode()


def test_the_record_holds_the_hash_of_every_file_and_every_option(place, audited):
    record = json.loads(audited)["run"]

    assert record["schema"] == "rai-dash/run/1"
    assert {name: one["sha256"] for name, one in record["inputs"].items()} == {
        "data": hashlib.sha256((place / "rows.csv").read_bytes()).hexdigest(),
        "model": hashlib.sha256((place / "repaired.ubj").read_bytes()).hexdigest(),
    }
    assert record["inputs"]["data"]["file"] == "rows.csv"
    given = record["parameters"]
    assert (given["target"], given["sensitive"], given["threshold"], given["min_n"]) == (
        "loan",
        ["gender"],
        0.5,
        30,
    )
    assert record["program"]["libraries"]["numpy"] == np.__version__
    assert record["settings"]["worker_mem_gb"] == get_settings().worker_mem_gb
    assert "json_out" not in given


def test_a_tampered_result_is_noticed_and_its_place_is_named(place, audited):
    content = json.loads(audited)
    content["overall"]["recall"]["value"] = 0.999
    (place / "tampered.json").write_text(json.dumps(content, indent=2))

    done = command("repeat", "tampered.json", cwd=place)

    assert done.returncode == 1
    assert "overall / recall / value" in done.stdout
    assert "altered after it was written" in done.stdout


def test_tampered_parameters_give_another_result(place, audited):
    content = json.loads(audited)
    content["run"]["parameters"]["threshold"] = 0.9
    (place / "options.json").write_text(json.dumps(content, indent=2))

    done = command("repeat", "options.json", cwd=place)

    assert done.returncode == 1
    assert "threshold" in done.stdout


def test_a_changed_input_is_refused_by_its_name(place, audited, tmp_path):
    (tmp_path / "run.json").write_bytes(audited)
    shutil.copy(place / "repaired.ubj", tmp_path)
    (tmp_path / "rows.csv").write_bytes((place / "rows.csv").read_bytes() + b"\n")

    done = command("repeat", "run.json", cwd=tmp_path)

    assert done.returncode == 2
    assert "`data` is another file" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_inputs_are_found_under_other_names_and_the_json_is_still_the_same(place, audited, tmp_path):
    (tmp_path / "run.json").write_bytes(audited)
    shutil.copy(place / "rows.csv", tmp_path / "renamed.csv")
    shutil.copy(place / "repaired.ubj", tmp_path / "m.bin")

    missing = command("repeat", "run.json", cwd=tmp_path)
    given = ("--input", "data=renamed.csv", "--input", "model=m.bin")
    done = command("repeat", "run.json", *given, "--json", "again.json", cwd=tmp_path)

    assert missing.returncode == 2
    assert "--input data=FILE" in missing.stderr
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again.json").read_bytes() == audited


def test_another_library_version_is_named_and_the_result_is_still_identical(place, audited, monkeypatch):
    real = program._described
    monkeypatch.setattr(
        program,
        "_described",
        lambda root: real(root) | {"libraries": real(root)["libraries"] | {"xgboost": "9.9.9"}},
    )
    was = json.loads(audited)["run"]["program"]["libraries"]["xgboost"]

    done = command("repeat", "audit.json", cwd=place)

    assert done.returncode == 0, done.stderr
    assert f"xgboost: {was} before, 9.9.9 now." in done.stdout
    assert "to the byte" not in done.stdout


def test_another_setting_is_named(place, audited, monkeypatch):
    assert audited
    monkeypatch.setenv("RAI_DASH_CALL_TIMEOUT_S", "77")
    get_settings.cache_clear()
    try:
        done = command("repeat", "audit.json", cwd=place)
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()

    assert done.returncode == 0, done.stderr
    assert "RAI_DASH_CALL_TIMEOUT_S: 120.0 before, 77.0 now." in done.stdout


def test_a_run_that_broke_a_limit_is_repeated_like_any_other(place):
    broke = command("audit", "rows.csv", *ROLES, "--model", "repaired.ubj", "--fail-if", "recall gap by gender > 0",
                    "--json", "limit.json", cwd=place)  # fmt: skip

    done = command("repeat", "limit.json", cwd=place)

    assert broke.returncode == 1
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Limit broken" not in done.stderr


def test_names_and_values_that_look_like_options_are_repeated_as_they_were(tmp_path):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"--target": rng.choice(["-1", "yes please"], 200), "-s": rng.choice(["a b", "ü"], 200),
                          "score": rng.random(200).round(3)})  # fmt: skip
    frame.to_csv(tmp_path / "-odd.csv", index=False)
    made_once = command("audit", "--target=--target", "--favourable=-1", "--sensitive=-s", "--score-column", "score",
                        "--threshold", "1e-3", "--json", "odd.json", "--", "-odd.csv", cwd=tmp_path)  # fmt: skip

    done = command("repeat", "odd.json", "--json", "again.json", cwd=tmp_path)

    assert made_once.returncode == 0, made_once.stderr
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "odd.json").read_bytes()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.pop("run"), "holds no record of a run"),
        (lambda c: c["run"].pop("inputs"), "lacks `inputs`"),
        (lambda c: c["run"].update(job="run"), "cannot repeat"),
        (lambda c: c["run"].update(job="ledger verify"), "cannot repeat"),
        (lambda c: c["run"].update(job=""), "lacks `job`"),
        (lambda c: c["run"].update(schema="rai-dash/run/9"), "another form"),
        (lambda c: c["run"]["parameters"].update(nope=1), "the option `nope`"),
        (lambda c: c["run"]["parameters"].update(target={"a": 1}), "neither text nor number"),
        (lambda c: c["run"]["inputs"]["data"].update(sha256=None), "no hash of the input `data`"),
        (lambda c: c["run"]["inputs"].update(data=3), "makes no sense"),
    ],
)
def test_a_record_that_cannot_be_repeated_is_refused_in_one_line(place, audited, change, said):
    content = json.loads(audited)
    change(content)
    (place / "wrong.json").write_text(json.dumps(content))

    done = command("repeat", "wrong.json", cwd=place)

    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_record_takes_no_folder_from_the_one_who_wrote_it(place, audited, tmp_path):
    content = json.loads(audited)
    content["run"]["inputs"]["data"]["file"] = str(place / "rows.csv")
    (tmp_path / "run.json").write_text(json.dumps(content))

    done = command("repeat", "run.json", cwd=tmp_path)

    assert done.returncode == 2
    assert "`data` is not there" in done.stderr


@pytest.mark.parametrize("name", ["data", "features_from", "roles"])
def test_a_file_that_is_no_input_of_the_record_is_not_read(place, audited, tmp_path, name):
    """Whoever wrote the record would have any file of this machine read, and its first lines shown in the refusal."""
    content = json.loads(audited)
    secret = tmp_path / "secret.csv"
    secret.write_text("password\n1,2\n")
    content["run"]["parameters"][name] = str(secret)
    content["run"]["inputs"].pop(name, None)
    (place / "reads.json").write_text(json.dumps(content))

    done = command("repeat", "reads.json", cwd=place)

    assert done.returncode == 2
    assert "has no hash of it among its inputs" in done.stderr


@pytest.mark.parametrize("given", ["data", "=x", "nope=rows.csv"])
def test_an_input_that_makes_no_sense_is_refused(place, audited, given):
    assert audited

    done = command("repeat", "audit.json", "--input", given, cwd=place)

    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_file_that_changes_while_it_is_read_leaves_no_record(place, monkeypatch, tmp_path):
    shutil.copy(place / "rows.csv", tmp_path)
    shutil.copy(place / "repaired.ubj", tmp_path)
    real = rai_dash.audit.audit

    def slow(*arguments, **options):
        found = real(*arguments, **options)
        with (tmp_path / "rows.csv").open("a") as file:
            file.write("\n")
        return found

    monkeypatch.setattr(rai_dash.audit, "audit", slow)

    done = command("audit", "rows.csv", *ROLES, "--model", "repaired.ubj", "--json", "out.json", cwd=tmp_path)

    assert done.returncode == 2
    assert "changed while it was being read" in done.stderr
    assert not (tmp_path / "out.json").exists()


@pytest.fixture
def own_command(monkeypatch):
    """A command line with one command that reads, writes to a store, and prints JSON where that is asked for."""
    done: list[dict] = []
    app, inner = typer.Typer(), typer.Typer()
    app.add_typer(inner, name="watch")
    app.command()(repeat)

    @inner.callback()
    def nothing() -> None:
        """Hold the command."""

    @inner.command(cls=Recorded)
    def batch(
        data: list[Path],
        *,
        policy: Annotated[str, typer.Option()] = "",
        training: Annotated[list[Path] | None, typer.Option()] = None,
        store: Annotated[str, typer.Option()] = "",
        name: Annotated[str | None, typer.Option("--as")] = None,
        record: Annotated[bool, typer.Option("--record")] = False,
        as_json: Annotated[bool, typer.Option("--json")] = False,
    ) -> None:
        done.append(
            {"store": store, "name": name, "record": record, "training": training, "as_json": as_json}
        )
        words = [path.read_text() for path in data]
        write_run({"schema": "rai-dash/test/1", "words": words, "policy": Path(policy).name}, None)

    monkeypatch.setattr(rai_dash.cli.app, "app", app)
    return done


def test_a_repeated_run_writes_nothing_down_and_names_nobody(own_command, tmp_path):
    for name in ("a.txt", "b.txt", "p.json"):
        (tmp_path / name).write_text(name)
    secret = "postgresql://user:geheim@host/db"
    first = command("watch", "batch", tmp_path / "a.txt", tmp_path / "b.txt", "--policy", tmp_path / "p.json",
                    "--training", "none", "--training", tmp_path / "b.txt", "--store", secret, "--as", "Ana Lopez",
                    "--record", "--json", cwd=tmp_path)  # fmt: skip
    assert first.returncode == 0, first.stderr
    (tmp_path / "run.json").write_text(first.stdout)

    again = command("repeat", "run.json", "--store", "other.sqlite", cwd=tmp_path)

    record = json.loads(first.stdout)["run"]
    assert record["job"] == "watch batch"
    assert list(record["inputs"]) == ["data", "data.2", "policy", "training.2"]
    assert record["parameters"] == {
        "data": ["a.txt", "b.txt"], "policy": "p.json", "training": ["none", "b.txt"]
    }  # fmt: skip
    for hidden in ("geheim", "Ana", str(tmp_path)):
        assert hidden not in first.stdout
    assert again.returncode == 0, again.stdout + again.stderr
    assert "to the byte" in again.stdout
    assert own_command[0]["record"]
    assert own_command[1] | {"training": None} == {
        "store": "other.sqlite", "name": None, "record": False, "training": None, "as_json": True
    }  # fmt: skip
    assert [path.name for path in own_command[1]["training"]] == ["none", "b.txt"]


def test_the_commands_that_count_all_take_down_their_runs():
    commands = typer.main.get_command(rai_dash.cli.app.app).commands

    assert {name for name, one in commands.items() if isinstance(one, Recorded)} >= {
        "audit", "band", "explain", "drivers", "compare", "profile", "rebalance", "changed", "monitor", "slices",
    }  # fmt: skip


def with_records(path, *texts):
    """A store with some records that are no problems."""
    with Store(path) as store:
        for text in texts:
            store.append("note", "note:1", "app", {"text": text})
        return store.last()


LISTS = {"problems list": "problems", "policy list": "policies", "queue list": "queues"}


@pytest.mark.parametrize("job", LISTS)
def test_a_run_on_a_store_says_how_far_the_ledger_went_and_is_repeated_to_the_byte(tmp_path, job):
    last = with_records(tmp_path / "store.sqlite3", "one", "two")
    written = command(*job.split(" "), "--json", "--store", "store.sqlite3", cwd=tmp_path).stdout
    (tmp_path / "run.json").write_text(written)
    content = json.loads(written)

    done = command("repeat", "run.json", "--store", "store.sqlite3", cwd=tmp_path)

    assert content[LISTS[job]] == []
    assert content["run"]["ledger"] == {"seq": last.seq, "hash": last.hash}
    assert "store" not in content["run"]["parameters"]
    assert (done.returncode, done.stdout) == (0, "Identical: the same JSON to the byte.\n")


def test_a_store_that_has_moved_on_or_is_another_one_is_told_apart(tmp_path):
    then = with_records(tmp_path / "store.sqlite3", "one", "two")
    with_records(tmp_path / "other.sqlite3", "one", "else", "and more")
    written = command("problems", "list", "--json", "--store", "store.sqlite3", cwd=tmp_path).stdout
    (tmp_path / "run.json").write_text(written)
    now = with_records(tmp_path / "store.sqlite3", "three")

    moved = command("repeat", "run.json", "--store", "store.sqlite3", cwd=tmp_path)
    other = command("repeat", "run.json", "--store", "other.sqlite3", cwd=tmp_path)

    assert moved.returncode == other.returncode == 0
    assert (
        f"The store has moved on: its last record was number {then.seq} then and is number {now.seq} now."
        in moved.stdout
    )
    assert "The store is another one than then, or was changed" in other.stdout
    assert "moved on" not in other.stdout


@pytest.mark.parametrize(
    "ledger", [[], "x", {}, {"seq": -1, "hash": ""}, {"seq": True, "hash": "a"}, {"seq": 1}]
)
def test_a_ledger_in_a_record_that_makes_no_sense_is_refused(place, audited, ledger):
    content = json.loads(audited)
    content["run"]["ledger"] = ledger
    (place / "ledger.json").write_text(json.dumps(content))

    done = command("repeat", "ledger.json", cwd=place)

    assert done.returncode == 2
    assert "says of a store what makes no sense" in done.stderr


def test_what_a_file_is_can_be_repeated_too(place):
    (place / "what.json").write_text(command("inspect", "rows.csv", "--json", cwd=place).stdout)
    done = command("repeat", "what.json", cwd=place)
    assert (done.returncode, done.stdout) == (0, "Identical: the same JSON to the byte.\n")
