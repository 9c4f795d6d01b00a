"""``rai-dash policy`` on a store: list, show, compare, certificate; routes under the terms of a signed policy."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from rai_dash.govern.desk import Desk
from rai_dash.govern.store import Store
from tests.command import Done, command
from tests.policies import PEOPLE, bring_into_force, store_in
from tests.unit.govern.desk_story import LOANS, REASON, make_policy

STORY = ("--target", "loan", "--favourable", "Approved")


def policy(*arguments: object) -> Done:
    return command("policy", *arguments)


def table_of(printed: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(printed), dtype={"id": str}, keep_default_na=False)


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    path.write_text(
        "name,score,amount\n=1+1,0.1,1\nb,0.35,1\nc,0.7,1\nd,0.9,50001\ne,,1\nf,0.9,\ng,1.0000001,1\nh,0.30000000000000004,1\n"
    )
    return path


@pytest.fixture(scope="module")
def active(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a policy in force, a second version in the shadow, and a suspended policy."""
    place = tmp_path_factory.mktemp("active")
    with store_in(place) as store:
        bring_into_force(store, make_policy(title="Loans\n\x1b[2Jhere"))
        bring_into_force(store, make_policy(band={"lo": 0.2, "threshold": 0.5, "hi": 0.6}), stage="shadow")
        bring_into_force(store, make_policy(policy_id="stopped"))
        Desk(store, PEOPLE[3]).suspend("stopped", 1, reason=REASON)
    return place / "store.sqlite"


def shown(active: Path, address: str, tmp_path: Path) -> Path:
    out = tmp_path / f"{address}.json"
    done = policy("show", address, "--store", active, "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    return out


def test_a_list_shows_states_and_ends(active: Path) -> None:
    lines = policy("list", "--store", active).stdout.splitlines()
    found = json.loads(policy("list", "--store", active, "--json").stdout)

    assert [line.split("  ")[:3] for line in lines] == [
        [f"{LOANS}@1", "active", "stage all"],
        [f"{LOANS}@2", "active", "stage shadow"],
        ["stopped@1", "active", "stage all"],
    ]
    assert "suspended" in lines[2]
    assert "\x1b" not in lines[0]
    assert [p["state"] for p in found["policies"]] == ["active"] * 3
    end = datetime.fromisoformat(found["policies"][0]["expires_at"])
    assert timedelta(days=364) < end - datetime.now(UTC) < timedelta(days=367)
    assert found["reminders"] == []
    assert policy("list", "--store", active, "--fail-on", "expiring").returncode == 0


@pytest.mark.parametrize(
    ("ago", "status", "says"),
    [
        (0, {"expired": 0, "expiring": 0}, ""),
        (340, {"expired": 0, "expiring": 1}, "expires in"),
        (400, {"expired": 1, "expiring": 1}, "everything goes to a person"),
    ],
)
def test_a_list_ends_with_status_1_for_what_has_run_out(
    tmp_path: Path, ago: int, status: dict[str, int], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = datetime.now(UTC) - timedelta(days=ago)
    with store_in(tmp_path) as store:
        real = Desk.__init__
        monkeypatch.setattr(Desk, "__init__", lambda self, s, p: real(self, s, p, clock=lambda: then))
        bring_into_force(store, make_policy())
        monkeypatch.undo()

    for fail_on, expected in status.items():
        done = policy("list", "--store", tmp_path / "store.sqlite", "--fail-on", fail_on)
        assert done.returncode == expected
        assert says in done.stdout


def test_the_active_version_is_meant_when_none_is_said(active: Path, tmp_path: Path) -> None:
    found = [
        json.loads(shown(active, a, tmp_path).read_text())["policy"]["version"]
        for a in (LOANS, f"{LOANS}@active")
    ]

    assert found == [1, 1]
    assert json.loads(shown(active, f"{LOANS}@2", tmp_path).read_text())["standing"]["in_force_beside"] == 1


def test_in_the_shadow_the_band_is_told_beside(active: Path, scores: Path, tmp_path: Path) -> None:
    done = policy("route", shown(active, f"{LOANS}@2", tmp_path), scores)

    found = table_of(done.stdout)
    assert set(zip(found["route"], found["reason"], strict=True)) == {("review", "shadow")}
    assert found.columns.tolist()[-2:] == ["shadow_route", "shadow_reason"]
    assert found["shadow_route"].tolist() == [
        "reject", "review", "approve", "approve", "review", "approve", "review", "review",
    ]  # fmt: skip
    assert "runs in the shadow" in done.stderr


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("stopped@1", None), ("policy_not_in_force", "is not in force")),
        ((LOANS, "2099-01-01T00:00:00Z"), ("policy_expired", "has expired")),
        ((LOANS, "2099-01-01"), ("policy_expired", "has expired")),
        ((LOANS, "2001-01-01T00:00:00+09:00"), ("policy_not_in_force", "is not in force")),
    ],
)
def test_outside_of_its_terms_everything_goes_to_a_person(
    active: Path, scores: Path, tmp_path: Path, asked: tuple[str, str | None], told: tuple[str, str]
) -> None:
    address, at = asked
    file = shown(active, address, tmp_path)

    done = policy("route", file, scores, "--strict", *(() if at is None else ("--at", at)))

    found = table_of(done.stdout)
    assert set(zip(found["route"], found["reason"], strict=True)) == {("review", told[0])}
    assert told[1] in done.stderr


def test_a_forged_file_is_refused(active: Path, scores: Path, tmp_path: Path) -> None:
    file = shown(active, LOANS, tmp_path)
    content = json.loads(file.read_text())
    content["standing"]["expires_at"] = "2099-01-01T00:00:00Z"
    file.write_text(json.dumps(content))

    done = policy("route", file, scores)

    assert (done.returncode, done.stdout) == (2, "")
    assert "does not say what the ledger in it says" in done.stderr


def test_a_file_without_its_ledger_says_so(active: Path, scores: Path, tmp_path: Path) -> None:
    file = shown(active, LOANS, tmp_path)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"ledger": None}))

    assert "nothing in it shows that it was signed" in policy("route", file, scores).stderr
    strict = policy("route", file, scores, "--strict")
    assert (strict.returncode, "is not signed, as --strict asks for" in strict.stderr) == (2, True)


def test_two_versions_are_compared_in_words(active: Path) -> None:
    done = policy("compare", f"{LOANS}@1", f"{LOANS}@2", "--store", active)
    plain = json.loads(policy("compare", f"{LOANS}@1", f"{LOANS}@2", "--store", active, "--json").stdout)

    assert "Declined below" in done.stdout
    assert [c["words"] for c in plain] == done.stdout.splitlines()


def test_the_certificate_is_a_page_and_a_paper(active: Path, tmp_path: Path) -> None:
    html, pdf = tmp_path / "c.html", tmp_path / "c.pdf"

    done = policy("certificate", f"{LOANS}@1", "--store", active, "--html", html, "--pdf", pdf)

    if done.returncode == 2 and "Pango" in done.stderr:
        pytest.skip("This machine cannot write PDF.")
    assert (done.returncode, done.stderr) == (0, "")
    assert "<html" in html.read_text()
    assert "Dora" in html.read_text()
    assert pdf.read_bytes().startswith(b"%PDF-")


def test_looking_makes_no_store(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite"

    assert policy("list", "--store", path).returncode == 2
    assert not path.exists()


def test_a_store_without_policies_is_empty(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite", checkpoints=tmp_path / "c", signing_key=tmp_path / "k.pem"):
        pass

    done = policy("list", "--store", tmp_path / "s.sqlite")

    assert (done.returncode, done.stdout) == (0, "There are no policies in this store.\n")


def test_who_may_not_draft_does_not(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rai_dash.core.settings import get_settings

    monkeypatch.setenv("RAI_DASH_LOCAL_ROLE", "viewer")
    get_settings.cache_clear()
    try:
        done = policy(
            "draft", repo / "sample_data/story_living_1100.csv.gz", *STORY, "--score-column", "age",
            "--roles", _scale(tmp_path), "--as", "Eve", "--store", tmp_path / "s.sqlite",
        )  # fmt: skip
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()

    assert done.returncode == 2
    assert "needs the role analyst" in done.stderr


def _scale(place: Path) -> Path:
    path = place / "roles.json"
    path.write_text(json.dumps({"score": "age", "scale": {"low": 0, "high": 120}}))
    return path
