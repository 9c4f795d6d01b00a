# ruff: noqa: S608 - the tests build the statements of the attacker
"""A store on either database, and what somebody with full rights on the machine can do to it.

Everything here goes past our code: its own connections, its own hashes, its own copies of files.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from rai_dash.govern.store import Store, verify_store
from rai_dash.govern.verify import Finding
from tests.command import command
from tests.servers import PostgresServer

_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal",
}
_FILE = "sign-offs.sqlite3"


@dataclass
class Place:
    """Where a store lives: one folder for its files and, on PostgreSQL, a database."""

    folder: Path
    server: PostgresServer | None = None
    database: str = ""
    kept: str = ""
    touched: bool = False

    @property
    def dialect(self) -> str:
        """Name of the database as SQLAlchemy has it."""
        return "postgresql" if self.server else "sqlite"

    @property
    def target(self) -> str:
        """What `Store` and the command are given."""
        return self.server.url(self.database) if self.server else str(self.folder / _FILE)

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints that are kept as files."""
        return self.folder / "checkpoints"

    @property
    def key(self) -> Path:
        """File of the private key."""
        return self.folder / "signing-key.pem"

    def open(self) -> Store:
        """Open the store as the app would."""
        return Store(self.target, checkpoints=self.checkpoints, signing_key=self.key)

    @contextmanager
    def raw(self, *, keep: bool = True) -> Iterator[Connection]:
        """Give a transaction of somebody who knows the password, or has the file; it can be undone at the end."""
        url = make_url(self.target) if self.server else f"sqlite:///{self.target}"
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as connection:
            yield connection
            if keep:
                connection.commit()

    def rows(self, table: str = "ledger", order: str = "seq") -> list[dict[str, Any]]:
        """Read a whole table."""
        return self.tables((table, order))[0]

    def tables(self, *named: tuple[str, str]) -> list[list[dict[str, Any]]]:
        """Read whole tables, each in the order of one of its columns."""
        with self.raw(keep=False) as connection:
            return [
                [
                    dict(row)
                    for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY {order}")).mappings()
                ]
                for table, order in named
            ]

    def attempt(self, statement: str, **values: object) -> None:
        """Run a statement with the triggers in place."""
        with self.raw() as connection:
            connection.execute(text(statement), values)

    def attack(self, *statements: str, **values: object) -> None:
        """Run statements with the triggers out of the way."""
        with self.raw() as connection:
            for name, table in connection.execute(text(_TRIGGERS[self.dialect])).all():
                on = f" ON {table}" if self.server else ""
                connection.execute(text(f"DROP TRIGGER {name}{on}"))
            for statement in statements:
                connection.execute(text(statement), values)

    def wait_for_the_dead(self) -> None:
        """Wait until PostgreSQL has noticed that a process is gone; until then it may finish what it was told."""
        asked = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{self.database}'"
        while self.server and self.server.run(asked) != [(0,)]:
            time.sleep(0.002)

    def keep_copy(self) -> None:
        """Take a copy of the database as it is now, with whatever lies beside a SQLite file."""
        if self.server:
            self.kept = self.server.new_database(copy_of=self.database)
            return
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for name in (_FILE, f"{_FILE}-wal"):
            if (self.folder / name).exists():
                shutil.copy2(self.folder / name, copy / name)

    def restore_copy(self) -> None:
        """Put the copy back in the place of what is there now."""
        if self.server:
            self.server.restore(self.database, copy=self.kept)
            return
        for name in (_FILE, f"{_FILE}-wal", f"{_FILE}-shm"):
            (self.folder / name).unlink(missing_ok=True)
        for path in (self.folder / "copy").iterdir():
            shutil.copy2(path, self.folder / path.name)

    def forget_head(self) -> None:
        """Remove the remembered head, beside the file or in the folder of checkpoints."""
        found = [*self.folder.glob("*.head"), *self.checkpoints.glob("*.head")]
        assert found, "no head was remembered"
        for path in found:
            path.unlink()

    def forget_checkpoint_files(self) -> None:
        """Remove every checkpoint that was kept as a file."""
        found = list(self.checkpoints.glob("*.json"))
        assert found, "no checkpoint was kept"
        for path in found:
            path.unlink()


def entry_hash(row: Mapping[str, Any]) -> str:
    """Compute the hash of a row by the published rule, with nothing but hashlib and json.

    Seven keys in order, the body as it stands: canonical JSON for rows whose other texts are plain.
    """
    plain = {
        key: json.dumps(row[key], ensure_ascii=False) for key in ("actor", "at_utc", "kind", "seq", "subject")
    }
    whole = (
        f'{{"actor":{plain["actor"]},"at_utc":{plain["at_utc"]},"body":{row["body"]},'
        f'"kind":{plain["kind"]},"seq":{plain["seq"]},"subject":{plain["subject"]}}}'
    )
    return hashlib.sha256(bytes.fromhex(row["prev_hash"]) + whole.encode()).hexdigest()


def rechained(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give rows new numbers and hashes from the first on, as a careful forger would."""
    prev_hash, out = "0" * 64, []
    for seq, row in enumerate(rows, start=1):
        new = {**row, "seq": seq, "prev_hash": prev_hash}
        new["hash"] = prev_hash = entry_hash(new)
        out.append(new)
    return out


def refs_of(rows: list[dict[str, Any]]) -> set[str]:
    """Collect what the entries refer to: their actors and every sealed text in their bodies."""
    refs = {row["actor"] for row in rows if re.fullmatch("[0-9a-f]{64}", row["actor"])}
    waiting = [json.loads(row["body"]) for row in rows]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            refs |= {value["sealed"]} if set(value) == {"sealed"} else set()
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return refs


def check_whole(place: Place, confirmed: list[str]) -> list[dict[str, Any]]:
    """Make sure that every confirmed signature is there, and no half of any; return the entries."""
    assert verify_store(place.target) == []
    rows, sealed, checkpoints = place.tables(("ledger", "seq"), ("sealed", "ref"), ("checkpoint", "n"))
    assert rechained(rows) == rows
    assert set(confirmed) <= {row["hash"] for row in rows}
    assert {row["ref"] for row in sealed} == refs_of(rows)
    days = [None, *(row["at_utc"][:10] for row in rows)]
    signed = [
        (row["seq"], row["hash"])
        for row, day in zip(rows, days, strict=False)
        if row["kind"].startswith("policy.") or row["kind"] == "erasure" or row["at_utc"][:10] != day
    ]
    assert [(row["n"], row["head"]) for row in checkpoints] == signed
    return rows


def kinds(findings: Iterable[Finding]) -> list[tuple[str, int | None]]:
    """Say of findings what and where."""
    return [(found.kind.value, found.seq) for found in findings]


def verified(place: Place, *arguments: object) -> tuple[int, list[tuple[str, int | None]]]:
    """Verify with the command: its status and its findings."""
    done = command("ledger", "verify", place.target, *arguments)
    assert done.stderr == ""
    found = [json.loads(line) for line in done.stdout.splitlines()] if done.returncode else []
    return done.returncode, [(f["kind"], f["seq"]) for f in found]
