"""Processes that sign and may be killed at any moment; every hash they print was confirmed.

One warm process is asked by lines of JSON on its standard input, ``{"place", "jobs", "kill_after"}``: it doubles itself
for each job, kills them after so many seconds (null = never), and prints ``ended`` with their statuses at the end.
``place`` is the target, the folder of checkpoints and the key. The jobs:

    ["forward", POLICY]                     put a policy forward
    ["sign", POINT]                         the same, sign it, sign it once more and die at the point
    ["again", NAME]                         sign for ever a policy that was put forward
    ["repeat", NAME, TIMES, BYTES, LIMIT]   sign so many times, each followed by an entry of so many bytes; no file may
                                            grow beyond the limit (0 = any size); a refusal is printed and ends it
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from rai_dash.core.errors import RaiError
from rai_dash.govern.store import Store
from tests.drills.signing import POLICY, look_on, put_forward, signing
from tests.unit.govern.desk_story import CAST, DOMAIN


def say(line: str) -> None:
    """Write a line at once and whole."""
    os.write(1, f"{line}\n".encode())


def die() -> None:
    """End without any chance to tidy up."""
    os.kill(os.getpid(), signal.SIGKILL)


def at_statement(*beginnings: str) -> None:
    def look(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.upper().startswith(beginnings):
            die()

    event.listen(Engine, "after_cursor_execute", look)


def at_commit(*, done: bool) -> None:
    """Before or after the transaction that wrote an entry is committed; other transactions pass."""
    written = []

    def look(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.upper().startswith("INSERT INTO LEDGER"):
            written.append(statement)

    commit = DefaultDialect.do_commit

    def do_commit(dialect: Any, connection: Any) -> None:
        if written and not done:
            die()
        commit(dialect, connection)
        if written:
            die()

    event.listen(Engine, "after_cursor_execute", look)
    DefaultDialect.do_commit = do_commit


def at_file(ending: str) -> None:
    """Before a finished draft gets the name of a file that is kept."""

    def look(name: str, arguments: Any) -> None:
        if name in {"os.rename", "os.link"} and str(arguments[1]).endswith(ending):
            die()

    sys.addaudithook(look)


#: What arms each point, and whether the entry is in the store when it is reached.
POINTS: dict[str, tuple[Callable[[], None], bool]] = {
    "before the transaction": (lambda: event.listen(Engine, "begin", lambda _: die()), False),
    "after the lock": (lambda: at_statement("BEGIN IMMEDIATE", "SELECT PG_ADVISORY_XACT_LOCK"), False),
    "after the sealed texts": (lambda: at_statement("INSERT INTO SEALED"), False),
    "after the entry": (lambda: at_statement("INSERT INTO LEDGER"), False),
    "after the checkpoint": (lambda: at_statement("INSERT INTO CHECKPOINT"), False),
    "before the commit": (lambda: at_commit(done=False), False),
    "after the commit": (lambda: at_commit(done=True), True),
    "before the head file": (lambda: at_file(".head"), True),
    "before the checkpoint file": (lambda: at_file(".json"), True),
}


def forward(store: Store, policy: str) -> None:
    put_forward(store, policy)


def sign(store: Store, point: str) -> None:
    put_forward(store, POLICY)
    say(look_on(store)())
    last = signing(store, by=CAST["domain"], role=DOMAIN)
    POINTS[point][0]()
    say(last())


def again(store: Store, name: str) -> None:
    once = look_on(store, name=name)
    while True:
        say(once())


def repeat(store: Store, name: str, times: int, size: int, limit: int) -> None:
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    once = look_on(store, name=name)
    for _ in range(times):
        try:
            say(once())
            if size:
                filler = {"text": os.urandom(size // 2).hex()}
                say(store.append("note", "filler", "local", filler).hash)
        except RaiError as error:
            say(f"refused: {error.message}")
            return


JOBS: dict[str, Callable[..., None]] = {"forward": forward, "sign": sign, "again": again, "repeat": repeat}


def start(store_of: Callable[[], Store], work: Callable[[Store], None]) -> int:
    """Double this process; return the number of the one that opens a store and does the work."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        with store_of() as store:
            work(store)
        status = 0
    finally:
        os._exit(status)


def ends(children: Sequence[int]) -> list[int]:
    """Wait for doubles; return how each ended, minus a number is the signal that killed it."""
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def answer(place: list[str], jobs: list[list[Any]], kill_after: float | None) -> None:
    def store_of() -> Store:
        return Store(place[0], checkpoints=Path(place[1]), signing_key=Path(place[2]))

    children = [start(store_of, lambda store, job=job: JOBS[job[0]](store, *job[1:])) for job in jobs]
    if kill_after is not None:
        time.sleep(kill_after)
        for child in children:
            os.kill(child, signal.SIGKILL)
    say(f"ended {json.dumps(ends(children))}")


def serve() -> None:
    """Answer line after line; no connection may be open when the process is doubled."""
    import psycopg  # noqa: F401 - not every test is on PostgreSQL
    import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401

    for line in sys.stdin:
        answer(**json.loads(line))


def warm_up() -> None:
    """Import everything by signing once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with Store(path / "warm.sqlite3", checkpoints=path, signing_key=path / "key.pem") as store:
            put_forward(store, POLICY)
            look_on(store)()


if __name__ == "__main__":
    warm_up()
    serve()
