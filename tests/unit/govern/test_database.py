from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rai_dash.core.errors import StoreUnavailable
from rai_dash.core.settings import Settings
from rai_dash.govern import database
from rai_dash.govern.database import MIGRATIONS, migrate, open_engine, store_id, store_url
from rai_dash.govern.store import Store, verify_store

AT = datetime(2026, 11, 29, 14, 5, 6, tzinfo=UTC)


def schema(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT type, name FROM sqlite_master ORDER BY 1, 2").fetchall()


def test_an_empty_place_becomes_a_store_for_its_owner_only(path):
    Store(path).close()

    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {name for kind, name in schema(path) if kind == "table"} == {
        "alembic_version",
        "artifact",
        "checkpoint",
        "kept_case",
        "kept_link",
        "kept_share",
        "ledger",
        "sealed",
    }
    assert len([name for kind, name in schema(path) if kind == "trigger"]) == 10
    assert ("index", "ledger_subject") in schema(path)


def test_the_tables_have_the_columns_that_others_rely_on(path, store):
    with closing(sqlite3.connect(path)) as connection:
        columns = {
            table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            for table in ("ledger", "sealed", "checkpoint", "kept_case", "kept_share")
        }
    assert columns == {
        "ledger": ["seq", "body", "prev_hash", "hash", "at_utc", "kind", "subject", "actor"],
        "sealed": ["ref", "kind", "salt", "text", "erased_at"],
        "checkpoint": ["n", "head", "at_utc", "key_id", "public_key", "signature"],
        "kept_case": [
            "id",
            "owner",
            "owner_name",
            "title",
            "sha256",
            "size",
            "content",
            "kept_at",
            "expires_at",
        ],
        "kept_share": ["case_id", "who"],
    }


def test_a_folder_that_is_there_keeps_its_rights(tmp_path):
    tmp_path.chmod(0o750)

    with Store(tmp_path / "x.sqlite3"):
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_the_store_writes_ahead_and_syncs_fully(store):
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_the_newest_revision_is_that_of_alembic(path, store):
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    with closing(sqlite3.connect(path)) as connection:
        stored = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    assert stored == [(ScriptDirectory.from_config(config).get_current_head(),)]


def test_opening_again_changes_no_schema(path, store):
    before = schema(path)

    with Store(path):
        assert schema(path) == before


def test_a_migration_that_fails_leaves_no_half_schema(path, monkeypatch):
    from alembic import command

    real = command.upgrade

    def dies_after(*args: object) -> None:
        real(*args)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(command, "upgrade", dies_after)
    with pytest.raises(StoreUnavailable, match="No space left on device"):
        Store(path)
    assert schema(path) == []
    monkeypatch.undo()

    with Store(path) as store:
        assert store.append("a", "s", "local", {"x": 1}).seq == 1


def test_a_store_of_a_newer_version_is_refused(path, store):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(
        StoreUnavailable, match=r"newer version of the app \(revision 9999, this one knows 0004\)"
    ):
        Store(path)


def test_migrating_twice_is_harmless(path, store):
    engine = open_engine(store_url(path))
    migrate(engine)
    engine.dispose()

    assert store.append("a", "s", "local", {"x": 1}).seq == 1


def test_a_place_that_cannot_be_made_is_one_clear_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreUnavailable) as caught:
        Store(tmp_path / "file" / "x.sqlite3")

    message = caught.value.message
    assert str(tmp_path / "file" / "x.sqlite3") in message
    assert "could not be opened" in message
    assert "RAI_DASH_DATA_DIR" in message
    assert "\n" not in message


def test_a_store_that_cannot_be_written_is_one_clear_sentence(path, store, monkeypatch):
    # The tests may run as root, to whom every folder is writable: SQLite itself is told to refuse.
    real = database._prepare_sqlite

    def read_only(connection: sqlite3.Connection, record: object) -> None:
        real(connection, record)
        connection.execute("PRAGMA query_only=ON").close()

    monkeypatch.setattr(database, "_prepare_sqlite", read_only)
    with (
        Store(path) as locked,
        pytest.raises(StoreUnavailable, match=r"could not be written: .*readonly"),
    ):
        locked.append("a", "s", "local", {"x": 1})


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "x.sqlite3").write_text("not a database " * 100)

    with pytest.raises(StoreUnavailable, match="file is not a database"):
        Store(tmp_path / "x.sqlite3")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://h/db", "oracle://h/db"])
def test_a_database_that_keeps_nothing_or_is_not_supported_is_refused(url):
    with pytest.raises(StoreUnavailable, match="Use a SQLite file or PostgreSQL"):
        store_url(url)


def test_an_unreadable_address_is_refused_without_repeating_it():
    with pytest.raises(StoreUnavailable) as caught:
        store_url("://secret")

    assert "secret" not in caught.value.message


@pytest.mark.parametrize("prefix", ["postgresql", "postgres"])
def test_a_missing_driver_is_named_and_the_password_is_not(prefix, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(StoreUnavailable, match="pip install 'psycopg") as caught:
        Store(f"{prefix}://me:secret@127.0.0.1:1/db")

    assert "secret" not in caught.value.message


def test_the_settings_choose_the_store(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "get_settings", lambda: Settings(data_dir=tmp_path / "d", database_url=""))
    assert store_url().database == str(tmp_path / "d" / "sign-offs.sqlite3")

    monkeypatch.setattr(
        database, "get_settings", lambda: Settings(data_dir=tmp_path, database_url="postgresql://u@h/db")
    )
    assert store_url().render_as_string() == "postgresql://u@h/db"


def test_the_database_libraries_are_not_imported_before_a_store_is_opened():
    code = (
        "import sys, rai_dash.govern.store, rai_dash.govern.export, rai_dash.cli.ledger\n"
        "print([m for m in ('sqlalchemy', 'alembic', 'cryptography') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT seq, body, prev_hash, hash FROM ledger ORDER BY seq").fetchall()


def test_a_store_of_the_first_version_is_verified_as_it_is(old_store):
    before = {p.name: p.read_bytes() for p in old_store.path.parent.iterdir()}

    assert verify_store(old_store.path) == []

    assert {p.name: p.read_bytes() for p in old_store.path.parent.iterdir()} == before
    with closing(sqlite3.connect(old_store.path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]


def test_upgrading_keeps_every_record_and_new_ones_chain_onto_them(old_store):
    with Store(old_store.path) as store:
        assert rows(old_store.path) == list(old_store.rows)
        assert store.verify() == []

        record = store.append("policy.draft", "policy:a", "local", {"x": 1}, at=AT)

        assert rows(old_store.path)[:4] == list(old_store.rows)
        assert (record.seq, record.prev_hash) == (5, old_store.rows[3][3])
        whole = {
            "actor": "local",
            "at_utc": "2026-11-29T14:05:06Z",
            "body": {"x": 1},
            "kind": "policy.draft",
            "seq": 5,
            "subject": "policy:a",
        }
        text = json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()
        assert record.hash == hashlib.sha256(bytes.fromhex(old_store.rows[3][3]) + text).hexdigest()
        assert [c.n for c in store.checkpoints()] == [5]
        assert [r.kind for r in store.records()] == [None] * 4 + ["policy.draft"]
        assert [r.seq for r in store.records(subject="policy:a")] == [5]
        assert store.verify() == []
        assert store.get(2).content == {"n": 2, "what": "Zoë signs 2"}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE ledger SET body = '{\"n\":2}' WHERE seq = 2", ("edit", 2)),
        ("UPDATE ledger SET actor = 'somebody' WHERE seq = 2", ("edit", 2)),
        ("UPDATE ledger SET at_utc = '2026-11-29T14:05:06Z' WHERE seq = 2", ("edit", 2)),
        ("DELETE FROM ledger WHERE seq = 3", ("deletion", 3)),
        ("DELETE FROM ledger WHERE seq > 3", ("truncation", 4)),
    ],
)
def test_tampering_with_an_old_record_is_still_found_after_the_upgrade(old_store, raw, change, found):
    with Store(old_store.path) as store:
        store.append("policy.draft", "policy:a", "local", {"x": 1}, at=AT)
    raw(change)

    assert found in [(f.kind.value, f.seq) for f in verify_store(old_store.path)]


def test_an_upgrade_that_fails_leaves_the_old_store_as_it_was(old_store, monkeypatch):
    from alembic import command

    real = command.upgrade

    def dies_after(*args: object) -> None:
        real(*args)
        raise OSError(28, "No space left on device")

    before = schema(old_store.path)
    monkeypatch.setattr(command, "upgrade", dies_after)
    with pytest.raises(StoreUnavailable, match="No space left on device"):
        Store(old_store.path)
    monkeypatch.undo()

    assert schema(old_store.path) == before
    assert rows(old_store.path) == list(old_store.rows)
    assert verify_store(old_store.path) == []


def test_two_that_upgrade_at_once_do_it_once(old_store):
    def use(_: int) -> int:
        with Store(old_store.path) as store:
            return store.append("a", "s", "local", {}).seq

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [5, 6, 7, 8]
    assert verify_store(old_store.path) == []


def test_a_store_is_named_without_its_address(tmp_path):
    path = tmp_path / "loans.sqlite3"
    digest = hashlib.sha256(str(path).encode()).hexdigest()[:8]

    assert store_id(store_url(path)) == f"loans-{digest}"
    remote = "postgresql://me:secret@db.bank:6543/rai"
    assert store_id(store_url(remote)) == hashlib.sha256(b"db.bank/6543/rai").hexdigest()[:8]
    assert store_id(store_url("postgresql://other@db.bank:6543/rai")) == store_id(store_url(remote))
    assert store_id(store_url("postgresql://u@h/d")) == hashlib.sha256(b"h/5432/d").hexdigest()[:8]


def test_a_password_with_an_at_sign_is_not_shown_as_a_part_of_the_machine():
    with pytest.raises(StoreUnavailable, match="write it as %40") as caught:
        store_url("postgresql://bob:first@second@127.0.0.1/loans")

    assert "second" not in caught.value.message
