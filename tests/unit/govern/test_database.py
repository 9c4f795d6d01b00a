from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from rai_dash.core.errors import StoreUnavailable
from rai_dash.core.settings import Settings
from rai_dash.govern import database
from rai_dash.govern.database import MIGRATIONS, migrate, open_engine, store_url
from rai_dash.govern.store import SignOffStore


def schema(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT type, name FROM sqlite_master ORDER BY 1, 2").fetchall()


def test_an_empty_place_becomes_a_store_for_its_owner_only(path, store):
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {name for kind, name in schema(path) if kind == "table"} == {"ledger", "alembic_version"}
    assert len([name for kind, name in schema(path) if kind == "trigger"]) == 3


def test_a_folder_that_is_there_keeps_its_rights(tmp_path):
    tmp_path.chmod(0o750)

    with SignOffStore(tmp_path / "x.sqlite3"):
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

    with SignOffStore(path):
        assert schema(path) == before


def test_a_migration_that_fails_leaves_no_half_schema(path, monkeypatch):
    from alembic import command

    real = command.upgrade

    def dies_after(*args: object) -> None:
        real(*args)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(command, "upgrade", dies_after)
    with pytest.raises(StoreUnavailable, match="No space left on device"):
        SignOffStore(path)
    assert schema(path) == []
    monkeypatch.undo()

    with SignOffStore(path) as store:
        assert store.append({"x": 1}).seq == 1


def test_a_store_of_a_newer_version_is_refused(path, store):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(
        StoreUnavailable, match=r"newer version of the app \(revision 9999, this one knows 0001\)"
    ):
        SignOffStore(path)


def test_migrating_twice_is_harmless(path, store):
    engine = open_engine(store_url(path))
    migrate(engine)
    engine.dispose()

    assert store.append({"x": 1}).seq == 1


def test_a_place_that_cannot_be_made_is_one_clear_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreUnavailable) as caught:
        SignOffStore(tmp_path / "file" / "x.sqlite3")

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
        SignOffStore(path) as locked,
        pytest.raises(StoreUnavailable, match=r"could not be written: .*readonly"),
    ):
        locked.append({"x": 1})


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "x.sqlite3").write_text("not a database " * 100)

    with pytest.raises(StoreUnavailable, match="file is not a database"):
        SignOffStore(tmp_path / "x.sqlite3")


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
        SignOffStore(f"{prefix}://me:secret@127.0.0.1:1/db")

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
        "import sys, rai_dash.govern.store, rai_dash.govern.certificate, rai_dash.govern.changes\n"
        "print([m for m in ('sqlalchemy', 'alembic') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
