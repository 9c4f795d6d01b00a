"""``rai-dash queue``: fill, list, figures, decisions as a table; and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.queue.desk import QueueDesk
from tests.command import Done, command
from tests.policies import bring_into_force, store_in
from tests.unit.govern.desk_story import LOANS, make_policy
from tests.unit.govern.queue_story import batch, rows_kept

pytestmark = pytest.mark.usefixtures("keeping")
ROLES = ("--id", "number", "--target", "repaid", "--favourable", "yes", "--sensitive", "gender")


def queue(*arguments: object) -> Done:
    return command("queue", *arguments)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A store with a policy in force, and a batch with its scores."""
    with store_in(tmp_path) as store:
        bring_into_force(store, make_policy())
    dataset, score = batch(40)
    dataset.frame.assign(score=score).to_csv(tmp_path / "batch.csv", index=False)
    return tmp_path


def filled(place: Path) -> str:
    done = queue(
        "fill", place / "batch.csv", "--policy", LOANS, "--score-column", "score", *ROLES, "--store",
        place / "store.sqlite", "--audit-share", "0.5", "--second-reads", "0.25", "--label", "Oct\nober",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split(":", 1)[0]


def worked(place: Path, name: str) -> None:
    person = Person(name="Bea", subject="Bea", role=AppRole.ANALYST, sees_rows=True)
    with store_in(place) as store:
        desk = QueueDesk(store, person)
        while (seen := desk.next_case(name)) is not None:
            desk.decide_blind(name, seen.case, "approve")
            desk.decide(name, seen.case, codes=["model_misses"])


def test_a_queue_is_filled_listed_counted_and_written(place: Path, tmp_path: Path) -> None:
    name, store = filled(place), place / "store.sqlite"
    told = json.loads(queue("list", "--store", store, "--json").stdout)
    assert told["schema"] == "rai-dash/queue-list/1"
    assert [line["id"] for line in told["queues"]] == [name]
    printed = queue("list", "--store", store).stdout.splitlines()
    assert len(printed) == 1
    assert "Oct ober" in printed[0]

    worked(place, name)
    found = json.loads(queue("stats", name, "--store", store, "--json", "-", "--names").stdout)
    assert found["schema"] == "rai-dash/queue/1"
    counts = found["counts"]
    assert counts["cases"] == counts["settled"] + counts["waiting"]
    assert counts["review"] == found["routes"]["review"]
    assert [(line["name"], line["reads"]) for line in found["readers"]] == [("Bea", counts["cases"])]
    lines = queue("stats", name, "--store", store).stdout.splitlines()
    assert lines[0] == f"{counts['settled']} of {counts['cases']} settled, {counts['waiting']} waiting."
    assert "two readers say the same: – (no case was read by two people yet)" in lines

    out = tmp_path / "decisions.csv"
    assert queue("export", name, out, "--store", store).returncode == 0
    table = pd.read_csv(out)
    assert len(table) == counts["settled"] + counts["unsure"]
    assert set(table["blind_1"]) == {"approve"}
    # A formula in a cell of the batch is text in the file.
    assert not table["purpose"].str.startswith("=").any()


def test_accepted_cases_are_rows_with_the_source_of_their_outcome(place: Path, tmp_path: Path) -> None:
    name, store = filled(place), place / "store.sqlite"
    out = tmp_path / "next.parquet"
    refused = queue("export", name, out, "--accepted", "--store", store)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    worked(place, name)
    person = Person(name="Ana", subject="Ana", role=AppRole.ANALYST, sees_rows=True)
    with store_in(place) as opened:
        desk = QueueDesk(opened, person)
        cases = [case.number for case in desk.queue(name).cases if case.decision is not None][:5]
        desk.accept(name, cases, reason="Checked against the files.")
    assert queue("export", name, out, "--accepted", "--store", store).returncode == 0
    table = pd.read_parquet(out)
    assert len(table) == 5
    assert set(table["outcome_source"]) <= {"observed", "decided by a person"}


def test_figures_of_few_people_are_hidden_unless_asked_for(place: Path) -> None:
    name, store = filled(place), place / "store.sqlite"
    hidden = json.loads(queue("stats", name, "--store", store, "--json", "-").stdout)
    assert hidden["readers"] is None
    assert {line["people"] for line in hidden["groups"]["gender"]} == {None}
    shown = json.loads(queue("stats", name, "--store", store, "--json", "-", "--show-small").stdout)
    assert {line["people"] for line in shown["groups"]["gender"]} == {0}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("list", "--store", "nowhere.sqlite"), "There is no store"),
        (("stats", "loans@1-00", "--store", "store.sqlite"), "There is no review queue"),
        (("fill", "batch.csv", "--policy", LOANS, "--store", "store.sqlite"), "--score-column"),
        (("fill", "batch.csv", "--policy", "other", "--score-column", "score", "--store", "store.sqlite"), "no policy"),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_in_one_line(place: Path, arguments: tuple[str, ...], words: str) -> None:
    done = command("queue", *arguments, cwd=place)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert words in done.stderr


def test_without_kept_rows_the_setting_is_named(place: Path, monkeypatch) -> None:
    rows_kept(monkeypatch, keep_batch_rows="false")
    done = queue(
        "fill", place / "batch.csv", "--policy", LOANS, "--score-column", "score", "--store", place / "store.sqlite"
    )  # fmt: skip
    assert done.returncode == 2
    assert "RAI_DASH_KEEP_BATCH_ROWS" in done.stderr


def test_outcomes_that_come_later_are_found_by_the_id(place: Path) -> None:
    name, store = filled(place), place / "store.sqlite"
    frame = pd.read_csv(place / "batch.csv")[["number"]].iloc[::-1]
    frame.assign(paid="yes").to_csv(place / "later.csv", index=False)
    asked = ("--id", "number", "--target", "paid", "--favourable", "yes", "--store", store)
    done = queue("outcomes", name, place / "later.csv", *asked)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(queue("stats", name, "--store", store, "--json", "-").stdout)
    n = found["counts"]["cases"]
    assert done.stdout == f"The outcomes of {n} of {n} cases are known.\n"
    assert found["counts"]["known"] == n
    frame.assign(number="X" + frame["number"], paid="yes").to_csv(place / "others.csv", index=False)
    refused = queue("outcomes", name, place / "others.csv", *asked)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
