"""Open the store's database: SQLite by default, PostgreSQL by URL, migrated to the newest revision.

SQLAlchemy and Alembic are imported on first use, so that the app starts without them.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from rai_dash.core.errors import StoreUnavailable
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

MIGRATIONS = Path(__file__).parent / "migrations"
FILE_NAME = "sign-offs.sqlite3"
#: One number for the advisory lock that PostgreSQL writers queue at.
_LOCK = 0x7261695F64617368
_WAIT_S = 30.0
#: A page waits for PostgreSQL no longer than this, in seconds.
_SOON = {"connect_timeout": 10}
#: Alembic keeps what it works on in module globals, so threads of one process take turns.
_ONE_MIGRATION = Lock()


def store_url(target: str | Path | None = None) -> URL:
    """Work out the database from a URL, a path, or the settings.

    Parameters
    ----------
    target : str, Path or None
        A SQLAlchemy URL, the path of a SQLite file, or None: the setting ``RAI_DASH_DATABASE_URL``,
        else a file in the data folder.

    Raises
    ------
    StoreUnavailable
        When the URL cannot be read or names a database that is not supported.
    """
    from sqlalchemy import URL, make_url
    from sqlalchemy.exc import ArgumentError

    settings = get_settings()
    target = target or settings.database_url or settings.data_dir / FILE_NAME
    if isinstance(target, Path) or "://" not in target:
        return URL.create("sqlite", database=str(Path(target).expanduser().absolute()))
    try:
        url = make_url(target.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError) as error:
        msg = tr(
            "The address of the store is not readable. Write RAI_DASH_DATABASE_URL like "
            "postgresql://user:password@host/name."
        )
        raise StoreUnavailable(msg) from error
    if "@" in (url.host or ""):
        # What stands before the last @ is the rest of a password: it must not be shown as a part of the machine's name.
        msg = tr("The address of the store holds an @ too many. In a user or a password write it as %40.")
        raise StoreUnavailable(msg)
    backend = url.get_backend_name()
    if backend not in {"sqlite", "postgresql"} or (
        backend == "sqlite" and url.database in {None, "", ":memory:"}
    ):
        msg = tr("The store {shown} is not supported. Use a SQLite file or PostgreSQL.", shown=_shown(url))
        raise StoreUnavailable(msg)
    return url


def store_is_there(target: str = "") -> bool:
    """Whether there is a store already, without making one for looking; a database server counts as one."""
    path = store_file(target)
    return path is None or path.exists()


def store_file(target: str = "") -> Path | None:
    """Return the file of a SQLite store, without loading a database; None for another database.

    Parameters
    ----------
    target : str
        As for `store_url`; empty = as in the settings.
    """
    settings = get_settings()
    target = target or settings.database_url
    if not target:
        return settings.data_dir / FILE_NAME
    if "://" not in target:
        return Path(target).expanduser()
    return Path(target.removeprefix("sqlite:///")) if target.startswith("sqlite:///") else None


def sqlite_path(url: URL) -> Path | None:
    """Return the file of a SQLite store; None for other databases."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def store_id(url: URL) -> str:
    """Name a store in files beside it, without telling its address.

    A SQLite store is named by its file and a part of the hash of its place, PostgreSQL by a part of the
    hash of machine, port and database.
    """
    path = sqlite_path(url)
    if path is not None:
        place = str(path.absolute())
        return f"{path.stem}-{hashlib.sha256(place.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
    host = url.host or url.query.get("host", "")
    place = f"{host}/{url.port or url.query.get('port', 5432)}/{url.database}"
    return hashlib.sha256(place.encode()).hexdigest()[:8]


def _shown(url: URL) -> str:
    """Write an address without its password."""
    path = sqlite_path(url) if url.database else None
    # A password can stand among the options as well, which are shown as they are.
    return str(path) if path else url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def explained(url: URL, doing: str) -> Iterator[None]:
    """Turn what a database or a file system complains about into one sentence.

    Parameters
    ----------
    url : URL
        The store.
    doing : str
        What was tried: ``"opened"``, ``"read"`` or ``"written"``.
    """
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("psycopg"):
            raise
        msg = tr(
            "The driver {error} for {shown} is missing. Run: pip install 'psycopg[binary]'.",
            error=error.name,
            shown=_shown(url),
        )
        raise StoreUnavailable(msg) from error
    except (SQLAlchemyError, OSError, sqlite3.Error) as error:
        cause = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error).splitlines()[0]
        msg = tr(
            "The store of sign-offs {shown} could not be {doing}: {cause}. Check that it may be reached "
            "and written, or choose another place by RAI_DASH_DATA_DIR or RAI_DASH_DATABASE_URL.",
            shown=_shown(url),
            doing=doing,
            cause=cause,
        )
        raise StoreUnavailable(msg) from error


def open_engine(url: URL) -> Engine:
    """Make the engine of a store that is read and written; the SQLite file and its folder are made."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    path = sqlite_path(url)
    if path is None:
        return create_engine(url, pool_pre_ping=True, connect_args=_SOON)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
    # A connection a job: nothing is left open in a thread of Streamlit's that ends.
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _WAIT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def reading_engine(url: URL) -> Engine:
    """Make the engine of a store that is only looked at: no file is made or changed.

    Text that is no UTF-8 any more is read all the same, so that it can be told as a change.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    path = sqlite_path(url)
    if path is None:
        engine = create_engine(url, poolclass=NullPool, isolation_level="REPEATABLE READ", connect_args=_SOON)
        return engine.execution_options(postgresql_readonly=True)
    written_ahead = path.with_name(f"{path.name}-wal").exists()
    # "ro" where somebody is writing or was killed: the last one to close would move what was written ahead.
    # "rw" elsewhere: a connection that may only read leaves its lock files behind.
    uri = f"file:{quote(str(path))}?mode={'ro' if written_ahead else 'rw'}"
    if not written_ahead and not os.access(path.parent, os.W_OK):
        # On a medium that cannot change no lock file can be put beside the store, and none is needed.
        uri = f"file:{quote(str(path))}?immutable=1"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_WAIT_S)
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        connection.execute("PRAGMA query_only=ON").close()
        return connection

    engine = create_engine("sqlite://", poolclass=NullPool, creator=connect)
    # One snapshot for all tables, while others go on writing.
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Transactions are begun by us: Python's driver would begin too late for an atomic append.
    connection.isolation_level = None
    try:
        # secure_delete: an erased name is overwritten and not merely unlinked.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}").close()
    except sqlite3.Error:
        # The pool forgets a connection that fails here, and it would stay open.
        connection.close()
        raise


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("rai_dash_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that no other writer of the store can overlap with."""
    with write_connection(engine) as connection, locked(connection):
        yield connection


def write_connection(engine: Engine) -> Connection:
    """Open a connection whose transactions write; to be closed behind it."""
    return engine.execution_options(rai_dash_writes=True).connect()


@contextmanager
def locked(connection: Connection) -> Iterator[None]:
    """Begin a transaction that holds the write lock; commit at the end, roll back on an error."""
    from sqlalchemy import text

    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        yield


def forget_old_pages(engine: Engine) -> None:
    """Empty the file that SQLite writes ahead: it holds pages as they were before an erasure."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def migrate(engine: Engine) -> None:
    """Bring the store to the newest revision; several processes may ask at once.

    Raises
    ------
    StoreUnavailable
        When the store was made by a newer version of the app.
    """
    newest = max(path.stem.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    with engine.connect() as connection:
        if _revision(connection) == newest:
            return
    from alembic import command
    from alembic.config import Config

    with _ONE_MIGRATION, writing(engine) as connection:
        revision = _revision(connection)
        if revision > newest:
            msg = tr(
                "The store was made by a newer version of the app (revision {revision}, this one knows "
                "{newest}). Update the app.",
                revision=revision,
                newest=newest,
            )
            raise StoreUnavailable(msg)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str:
    """Return the revision of a store; empty for a new one."""
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
