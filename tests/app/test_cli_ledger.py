from __future__ import annotations

import hashlib
import json
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import rfc8785

from rai_dash.govern.checkpoints import Checkpoint, read_checkpoint
from rai_dash.govern.store import Store
from tests.command import command

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three records of two policies, a name and a text."""
    from rai_dash.core.settings import get_settings

    monkeypatch.setenv("RAI_DASH_DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    path = tmp_path / "loans.sqlite3"
    with Store(path) as opened, opened.writing() as job:
        zoe, why = job.person("Zoë"), job.seal("because of the drift")
        job.append("policy.draft", "policy:cards", zoe, {"why": {"sealed": why}}, at=AT)
        job.append("policy.draft", "policy:cars", zoe, {"n": 2}, at=AT)
        job.append("policy.revoke", "policy:cards", zoe, {"n": 3}, at=AT, checkpoint=True)
    return path


@pytest.fixture
def export(store: Path, tmp_path: Path) -> Path:
    out = tmp_path / "export.json"
    assert command("ledger", "export", store, "--out", out).returncode == 0
    return out


def edit(store: Path, statement: str) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)


def last_checkpoint(store: Path) -> Checkpoint:
    with Store(store) as opened:
        return opened.checkpoints()[-1]


def test_a_whole_store_is_told_with_its_checkpoint(store):
    done = command("ledger", "verify", store)

    key = last_checkpoint(store).key_id
    assert done.stdout == f"The chain of 3 records is whole; checkpoint at record 3 by key {key} holds.\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_an_export_is_verified_alike(store, export):
    assert command("ledger", "verify", export).stdout == command("ledger", "verify", store).stdout


def test_every_finding_is_a_line_of_json_and_the_status_says_so(store):
    edit(store, "UPDATE ledger SET actor = 'somebody' WHERE seq = 2")

    done = command("ledger", "verify", store)

    assert done.returncode == 1
    [found] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (found["kind"], found["seq"]) == ("edit", 2)
    assert found["message"].startswith("Record 2 was changed")


def test_the_outcome_can_be_one_json(store):
    key = last_checkpoint(store).key_id
    whole = json.loads(command("ledger", "verify", store, "--json").stdout)
    newest = {"n": 3, "key_id": key}
    assert whole == {"intact": True, "records": 3, "hashes_only": 0, "checkpoint": newest, "findings": []}

    edit(store, "DELETE FROM ledger WHERE seq = 2")
    done = command("ledger", "verify", store, "--json")
    assert done.returncode == 1
    assert [(f["kind"], f["seq"]) for f in json.loads(done.stdout)["findings"]] == [("deletion", 2)]


def test_the_configured_store_is_the_default(store, tmp_path, monkeypatch):
    from rai_dash.core.settings import get_settings

    monkeypatch.setenv("RAI_DASH_DATABASE_URL", f"sqlite:///{store}")
    get_settings.cache_clear()

    assert command("ledger", "verify").stdout.startswith("The chain of 3 records is whole")


def test_a_store_without_records_has_no_checkpoint(tmp_path):
    Store(tmp_path / "x.sqlite3").close()

    done = command("ledger", "verify", tmp_path / "x.sqlite3")

    assert done.stdout == "The chain of 0 records is whole; it has no checkpoint.\n"


def test_an_export_is_verified_without_a_database_or_a_network(export, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(sqlite3, "connect", refuse)
    monkeypatch.setattr(socket, "socket", refuse)
    assert command("ledger", "verify", export).returncode == 0

    code = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, _: event.startswith(('sqlite3.', 'socket.')) and opened.append(event))\n"
        "sys.argv = ['rai-dash', 'ledger', 'verify', sys.argv[1]]\n"
        "from rai_dash.cli import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print(opened, [m for m in ('sqlalchemy', 'alembic', 'psycopg', 'sqlite3') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(export)], capture_output=True, text=True, check=True
    )
    assert "is whole" in done.stdout
    opened, modules = done.stdout.splitlines()[-1].split("] [")
    assert "sqlite3.connect" not in opened
    assert "socket.connect" not in opened
    assert "sqlalchemy" not in modules


def test_an_export_that_was_changed_is_found(export):
    content = json.loads(export.read_text())
    content["entries"][0]["body"]["why"] = "other"
    export.write_text(json.dumps(content))

    done = command("ledger", "verify", export)

    assert done.returncode == 1
    assert [json.loads(line)["kind"] for line in done.stdout.splitlines()] == ["edit"]


def test_a_cut_export_is_found_by_a_checkpoint_kept_elsewhere(store, export, tmp_path):
    kept = tmp_path / "kept.json"
    done = command("ledger", "checkpoint", store, "--out", kept)
    key = last_checkpoint(store)
    assert done.stdout == f"Checkpoint at record 3 by key {key.key_id} written to {kept}.\n"
    assert read_checkpoint(kept) == key
    content = json.loads(export.read_text())
    del content["entries"][2:]
    content["checkpoints"] = content["checkpoints"][:1]
    export.write_text(json.dumps(content))

    assert command("ledger", "verify", export).returncode == 0
    found = command("ledger", "verify", export, "--checkpoint", kept)
    assert found.returncode == 1
    assert json.loads(found.stdout)["kind"] == "truncation"


def test_only_checkpoints_of_a_known_key_count_when_it_is_given(store, export, tmp_path):
    key = last_checkpoint(store).public_key
    (tmp_path / "key.txt").write_text(key)

    for target in (store, export):
        assert command("ledger", "verify", target, "--key", key).returncode == 0
        assert command("ledger", "verify", target, "--key", tmp_path / "key.txt").returncode == 0
        done = command("ledger", "verify", target, "--key", "00" * 32)
        assert done.returncode == 1
        assert "was signed by the key" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["none.sqlite3"],
        ["none.json"],
        ["broken.json"],
        ["other.json"],
        ["loans.sqlite3", "--checkpoint", "none.json"],
        ["loans.sqlite3", "--checkpoint", "other.json"],
        ["loans.sqlite3", "--key", "none"],
        ["mysql://h/db"],
    ],
)
def test_what_cannot_be_read_is_one_sentence_and_status_2(store, tmp_path, arguments):
    (tmp_path / "broken.json").write_text('{"schema":')
    (tmp_path / "other.json").write_text('{"schema": "other"}')

    done = command("ledger", "verify", *arguments, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_verifying_makes_no_file(tmp_path, store):
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}

    command("ledger", "verify", store)
    command("ledger", "verify", tmp_path / "none.sqlite3")

    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_the_export_of_one_policy_hides_the_others(store, tmp_path):
    out = tmp_path / "cards.json"

    assert command("ledger", "export", store, "--out", out, "--policy", "cards").returncode == 0

    content = json.loads(out.read_text())
    assert [e["seq"] for e in content["entries"] if "body" in e] == [1, 3]
    assert "policy:cars" not in out.read_text()
    done = command("ledger", "verify", out)
    assert done.returncode == 0
    assert "Of 1 only the hashes are shown" in done.stdout
    assert "only the whole ledger can show." in done.stdout


def test_records_written_anew_before_a_hidden_one_are_not_vouched_for_by_its_checkpoint(store, tmp_path):
    """Whoever makes the export can put the true hash of a hidden record behind false ones."""
    with Store(store) as opened:
        opened.append("policy.draft", "policy:cars", "local", {"n": 4}, at=AT, checkpoint=True)
        opened.append("policy.draft", "policy:cards", "local", {"n": 5}, at=AT, checkpoint=True)
    key, out = last_checkpoint(store), tmp_path / "cards.json"
    command("ledger", "export", store, "--out", out, "--policy", "cards")
    content = json.loads(out.read_text())
    entries = content["entries"]
    said = {k: entries[2][k] for k in ("seq", "at_utc", "kind", "subject", "actor")} | {"body": {"n": 99}}
    forged = hashlib.sha256(bytes.fromhex(entries[2]["prev_hash"]) + rfc8785.dumps(said)).hexdigest()
    entries[2].update(body={"n": 99}, hash=forged)
    entries[3]["prev_hash"] = forged
    content["checkpoints"] = [c for c in content["checkpoints"] if c["n"] != 3]
    out.write_text(json.dumps(content))
    kept = tmp_path / "kept.json"
    kept.write_text(key.to_json())

    for option in (("--key", key.public_key), ("--checkpoint", kept)):
        done = command("ledger", "verify", out, *option)
        assert (done.returncode, "No checkpoint vouches for record 3" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace('"body": {', '"body": {"approved": "by all"}, "body": {', 1), "twice"),
        (lambda text: text.replace("because of the drift", "\\ud800"), "surrogates"),
        (lambda text: text.replace('"n": 1,', f'"n": {10**400},', 1), "is forged"),
        (
            lambda text: text.replace('"store"', '"approved_by": "the board", "store"', 1),
            "approved_by is no part",
        ),
    ],
)
def test_what_two_readers_could_read_differently_is_not_verified(export, change, told):
    export.write_text(change(json.dumps(json.loads(export.read_text()))))

    done = command("ledger", "verify", export)

    assert done.returncode in {1, 2}
    assert told in done.stdout + done.stderr


@pytest.mark.parametrize(
    "address",
    ["postgresql://u@127.0.0.1:1/x?password=s3cret", "postgresql://u:s3cret@h:port/x"],
)
def test_the_password_of_a_store_is_never_printed(address):
    done = command("ledger", "verify", address)

    assert done.returncode == 2
    assert "s3cret" not in done.stdout + done.stderr


def test_an_export_that_cannot_be_made_is_refused(store, tmp_path):
    done = command("ledger", "export", store, "--out", tmp_path / "x.json", "--policy", "none")
    assert (done.returncode, "no policy none" in done.stderr) == (2, True)
    assert not (tmp_path / "x.json").exists()
    done = command("ledger", "export", store, "--out", tmp_path / "no" / "x.json")
    assert (done.returncode, "cannot be written" in done.stderr) == (2, True)


def test_a_name_is_erased_and_the_chain_tells(store, export, tmp_path):
    refs = [s["ref"] for s in json.loads(export.read_text())["sealed"]]

    done = command("ledger", "erase", *refs, "--reason", "gdpr-17", "--store", store)

    assert (done.returncode, done.stdout) == (0, "2 sealed texts erased; record 4 tells of it.\n")
    assert "The chain of 4 records is whole" in command("ledger", "verify", store).stdout
    command("ledger", "export", store, "--out", export)
    assert "Zoë" not in export.read_text()
    again = command("ledger", "erase", refs[0], "--reason", "gdpr-17", "--store", store)
    assert (again.returncode, "was erased before" in again.stderr) == (2, True)


def test_an_erasure_without_a_code_is_refused(store):
    done = command("ledger", "erase", "f" * 64, "--reason", "Zoë wants it", "--store", store)

    assert done.returncode == 2
    assert "short code" in done.stderr
