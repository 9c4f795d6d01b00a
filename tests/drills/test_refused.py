# ruff: noqa: S608 - these are the statements of the attacker
"""The database itself refuses to change what was signed: every statement, as long as its triggers are there."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from rai_dash.govern.store import verify_store
from tests.drills.manipulations import COLUMNS, FORGED, NAMES

TABLES = (("ledger", "seq"), ("sealed", "ref"), ("checkpoint", "n"))
REFUSED = [
    *(f"UPDATE ledger SET {column} = 'x' WHERE seq = 4" for column in COLUMNS[1:]),
    "UPDATE ledger SET seq = 99 WHERE seq = 12",
    "UPDATE ledger SET seq = seq",
    "DELETE FROM ledger WHERE seq = 5",
    "DELETE FROM ledger WHERE seq = 12",
    "DELETE FROM ledger",
    f"INSERT INTO ledger ({NAMES}) VALUES (99, {FORGED})",
    f"INSERT INTO ledger ({NAMES}) VALUES (0, {FORGED})",
    f"INSERT INTO ledger ({NAMES}) VALUES (5, {FORGED})",
    f"INSERT INTO ledger ({NAMES}) VALUES (5, {FORGED}) ON CONFLICT (seq) DO UPDATE SET body = 'x'",
    "UPDATE sealed SET text = 'somebody else'",
    "UPDATE sealed SET ref = 'x'",
    "UPDATE sealed SET kind = 'text'",
    "UPDATE sealed SET salt = 'x'",
    "UPDATE sealed SET text = NULL, ref = 'x'",
    "DELETE FROM sealed",
    "UPDATE checkpoint SET head = 'x'",
    "UPDATE checkpoint SET signature = 'x'",
    "DELETE FROM checkpoint",
]
ONLY_SQLITE = [
    f"INSERT OR REPLACE INTO ledger ({NAMES}) VALUES (5, {FORGED})",
    "UPDATE OR REPLACE ledger SET seq = 4 WHERE seq = 5",
    "REPLACE INTO ledger SELECT * FROM ledger WHERE seq = 4",
    "INSERT OR REPLACE INTO sealed (ref, kind, salt, text) SELECT ref, kind, salt, 'x' FROM sealed",
    "INSERT OR REPLACE INTO checkpoint SELECT n, 'x', at_utc, key_id, public_key, signature FROM checkpoint",
]
ONLY_POSTGRESQL = [
    "TRUNCATE ledger",
    "TRUNCATE sealed CASCADE",
    "TRUNCATE checkpoint",
    "TRUNCATE ledger, sealed, checkpoint RESTART IDENTITY CASCADE",
]


def refusal(place, statement):
    """Run a statement, undo it, and return what the database said against it."""
    with place.raw(keep=False) as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text(statement))
    return str(caught.value.orig)


@pytest.mark.parametrize("statement", REFUSED)
def test_every_change_is_refused(resting, statement):
    assert re.search(r"append-only|never changed", refusal(resting, statement))


def test_what_only_one_of_the_databases_can_say_is_refused(resting):
    statements = {"sqlite": ONLY_SQLITE, "postgresql": ONLY_POSTGRESQL}[resting.dialect]

    for statement in statements:
        assert re.search(r"append-only|never changed", refusal(resting, statement)), statement


def test_what_is_refused_leaves_nothing_behind(resting):
    before = resting.tables(*TABLES)

    for statement in REFUSED:
        with pytest.raises(DBAPIError):
            resting.attempt(statement)

    assert resting.tables(*TABLES) == before
    assert verify_store(resting.target) == []
