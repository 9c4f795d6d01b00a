"""A real PostgreSQL for the tests: its own folder, port and password, gone when they are done."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

_USER = "rai_dash"
_PATIENCE_S = 60.0
#: Clients are killed, the server never is: what it confirmed is safe in its memory, and need not wait for a disk.
#: Small, for two of them may run side by side.
_SETTINGS = {
    "fsync": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "40",
    "shared_buffers": "32MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}


@dataclass
class PostgresServer:
    """A running server."""

    port: int
    password: str
    programs: Path
    made: int = field(default=0)

    def url(self, database: str) -> str:
        """Write the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{_USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres", *, autocommit: bool = False) -> psycopg.Connection:
        """Open a connection with the driver alone, as somebody without our code would."""
        import psycopg

        return psycopg.connect(self.url(database).replace("+psycopg", ""), autocommit=autocommit)

    def run(self, *statements: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run statements, each in a transaction of its own; return the rows of the last one."""
        with self.connect(database, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def give(self, folder: Path) -> None:
        """Make a folder the server's own, so that it can keep files there."""
        _give(folder, _unprivileged())

    def new_database(self, *, copy_of: str = "template0") -> str:
        """Make a database, empty or a copy of another one that nobody has open; return its name."""
        self.made += 1
        name = f"test_{self.made}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {copy_of}")
        return name

    def restore(self, database: str, *, copy: str) -> None:
        """Put a copy that was kept in the place of a database, as a restored backup would be."""
        self.run(f"DROP DATABASE {database} WITH (FORCE)", f"CREATE DATABASE {database} TEMPLATE {copy}")


def postgres_programs() -> Path | None:
    """Find the folder with `initdb` and `postgres`: as said by POSTGRESQL, on the PATH, the newest of Debian's."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin"), key=lambda p: float(p.parent.name))
    places = [os.environ.get("POSTGRESQL"), on_path and Path(on_path).resolve().parent, *reversed(debian)]
    folders = (Path(place) for place in places if place)
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


@contextmanager
def postgres_server(programs: Path) -> Iterator[PostgresServer]:
    """Start a server in a temporary folder; stop it and remove the folder at the end."""
    # Not pytest's folder: only root may enter that, and PostgreSQL refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="rai-dash-postgresql-"))
    user = _unprivileged()
    as_user = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    password, port = secrets.token_hex(16), _free_port()
    try:
        (folder / "password").write_text(password, encoding="ascii")
        for path in (folder, folder / "password"):
            _give(path, user)
        made = [programs / "initdb", "-D", folder / "data", "-U", _USER, "--pwfile", folder / "password"]
        made += ["-A", "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"]
        subprocess.run(made, cwd=folder, check=True, stdout=subprocess.DEVNULL, **as_user)
        started = [programs / "postgres", "-D", folder / "data", "-p", str(port)]
        started += [f"--{name}={value}" for name, value in _SETTINGS.items()]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(started, cwd=folder, stdout=log, stderr=log, **as_user)
        try:
            found = PostgresServer(port, password, programs)
            _wait_for(found, server, folder / "log")
            yield found
        finally:
            # Immediate: everything in it is thrown away.
            server.send_signal(signal.SIGQUIT)
            server.wait(_PATIENCE_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> pwd.struct_passwd | None:
    """Find whom root can run the server as; None = whoever runs the tests can do it."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _give(path: Path, user: pwd.struct_passwd | None) -> None:
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _wait_for(found: PostgresServer, server: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            found.run("SELECT 1")
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                msg = f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}"
                raise RuntimeError(msg) from None
            time.sleep(0.05)
        else:
            return
