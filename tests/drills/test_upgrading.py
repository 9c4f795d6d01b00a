"""A store made by the first version of the app opens, is upgraded, and keeps what was signed in it."""

from __future__ import annotations

import hashlib

import pytest
from alembic import command as alembic
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from rai_dash.govern.database import MIGRATIONS
from rai_dash.govern.store import verify_store
from tests.command import command
from tests.drills.signing import POLICY, look_on, put_forward

OLD = ['{"case":"Loans in Köln","x":0.1}', '{"case":"second","x":null}', '{"case":"third"}']


def old_rows():
    """Chain the old bodies by the rule of the first version, by hand."""
    prev_hash = "0" * 64
    for seq, body in enumerate(OLD, start=1):
        whole = f'{{"content":{body},"prev_hash":"{prev_hash}","seq":{seq}}}'
        row = {
            "seq": seq,
            "body": body,
            "prev_hash": prev_hash,
            "hash": hashlib.sha256(whole.encode()).hexdigest(),
        }
        prev_hash = row["hash"]
        yield row


@pytest.fixture
def old(empty):
    """A store at the first revision with three records."""
    engine = create_engine(empty.target if empty.server else f"sqlite:///{empty.target}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        alembic.upgrade(config, "0001")
        for row in old_rows():
            connection.execute(text("INSERT INTO ledger VALUES (:seq, :body, :prev_hash, :hash)"), row)
    engine.dispose()
    return empty


def columns(place):
    with place.raw() as connection:
        return [column["name"] for column in inspect(connection).get_columns("ledger")]


def test_an_old_store_is_verified_without_changing_it(old):
    assert verify_store(old.target) == []
    assert command("ledger", "verify", old.target).returncode == 0
    assert columns(old) == ["seq", "body", "prev_hash", "hash"]


def test_an_old_store_is_upgraded_and_its_records_stay(old):
    with old.open() as store:
        assert [(r.seq, r.body, r.hash) for r in store.records()] == [
            (row["seq"], row["body"], row["hash"]) for row in old_rows()
        ]
        assert store.verify() == []
        put_forward(store, POLICY)
        look_on(store)()
        assert store.get(4).prev_hash == store.get(3).hash
        assert store.verify() == []
    with old.open() as store:
        assert len(store.records()) == 7
    kept = [{name: row[name] for name in ("seq", "body", "prev_hash", "hash")} for row in old.rows()]
    assert kept[:3] == list(old_rows())
    assert [row["kind"] for row in old.rows()][:4] == [None, None, None, "policy.draft"]


def test_an_upgraded_store_still_refuses_changes_and_names_them(old):
    with old.open() as store:
        put_forward(store, POLICY)

    with pytest.raises(DBAPIError, match="append-only"):
        old.attempt("UPDATE ledger SET body = '{}' WHERE seq = 2")
    with pytest.raises(DBAPIError, match="append-only"):
        old.attempt("UPDATE ledger SET kind = 'x' WHERE seq = 2")
    old.attack("UPDATE ledger SET body = '{}' WHERE seq = 2")

    assert [(f.kind.value, f.seq) for f in verify_store(old.target)] == [("edit", 2)]


def test_a_record_by_the_old_rule_after_one_by_the_new_rule_is_found(old):
    with old.open() as store:
        put_forward(store, POLICY)
        last = store.get(6)
    whole = f'{{"content":{{}},"prev_hash":"{last.hash}","seq":7}}'

    with pytest.raises(DBAPIError, match="needs a time"):
        old.attempt("INSERT INTO ledger (seq, body, prev_hash, hash) VALUES (7, '{}', 'x', 'y')")
    old.attack(
        "INSERT INTO ledger (seq, body, prev_hash, hash) VALUES (7, '{}', :prev_hash, :hash)",
        prev_hash=last.hash,
        hash=hashlib.sha256(whole.encode()).hexdigest(),
    )

    assert [(f.kind.value, f.seq) for f in verify_store(old.target)] == [("rule", 7)]
