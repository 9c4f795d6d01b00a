"""Read-only links: what a key opens and for whom, until when, and what the store and the ledger know of it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from alembic import command as alembic
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from rai_dash.core.errors import InvalidChoice, LedgerBroken, NotAllowed
from rai_dash.core.settings import get_settings
from rai_dash.govern import links as module
from rai_dash.govern.database import MIGRATIONS
from rai_dash.govern.kept import KeptCases
from rai_dash.govern.links import Links
from rai_dash.govern.people import AppRole
from rai_dash.govern.store import Store
from tests.unit.govern.test_kept import (
    ANN,
    BOB,
    CONTENT,
    NOON,
    OPERATOR,
    OTHER,
    SHA256,
    Clock,
    local,
    signed_in,
)

ANA = local("Ana")
SUBJECT = "case:" + hashlib.sha256(b"secret-id").hexdigest()[:16]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def here(store, clock):
    """The links of a SQLite store with one case that Ann kept."""
    KeptCases(store, clock=clock).keep("secret-id", "Loans", CONTENT, ANN)
    return Links(store, clock=clock)


@pytest.fixture
def allow(monkeypatch):
    def set_(**settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"RAI_DASH_{name.upper()}", str(value))
        get_settings.cache_clear()

    yield set_
    monkeypatch.undo()
    get_settings.cache_clear()


def told(store):
    return [(r.kind, r.subject, json.loads(r.body)) for r in store.records()]


# --- from making to revoking, in each database ---


def test_a_link_is_made_opens_and_is_revoked_and_the_ledger_tells_it_without_the_key(each_store, clock):
    KeptCases(each_store, clock=clock).keep("secret-id", "Loans", CONTENT, ANN)
    links = Links(each_store, clock=clock)

    key, made = links.make("secret-id", ANN, days=30)

    assert (made.title, made.owner_name, made.maker_name) == ("Loans", "Ann Lee", "Ann Lee")
    assert (made.kept_at, made.made_at, made.expires_at) == (NOON, NOON, NOON + timedelta(days=30))
    assert (made.shows_rows, made.is_public, made.is_newer) == (False, False, False)
    assert links.find(key, BOB) == made
    assert links.content(made) == CONTENT
    assert links.listed("secret-id", ANN) == [made]
    links.revoke("secret-id", made.name, ANN)

    assert links.find(key, ANN) is None
    assert links.listed("secret-id", ANN) == []
    body = {
        "sha256": SHA256, "size": len(CONTENT), "link": hashlib.sha256(key.encode()).hexdigest()[:16],
        "until": "2026-12-29T12:00:00Z", "shows_rows": False, "is_public": False,
    }  # fmt: skip
    assert told(each_store)[1:] == [("case.linked", SUBJECT, body), ("case.unlinked", SUBJECT, body)]
    assert each_store.verify() == []
    for word in (key, "secret-id", "Loans", "Ann"):
        assert not any(word in r.body + str(r.subject) + str(r.actor) for r in each_store.records()), word


def test_a_deleted_case_takes_its_links_along(each_store, clock):
    cases, links = KeptCases(each_store, clock=clock), Links(each_store, clock=clock)
    cases.keep("secret-id", "Loans", CONTENT, ANN)
    key, made = links.make("secret-id", ANN, days=30)
    cases.delete("secret-id", ANN)

    assert links.find(key, ANN) is None
    with pytest.raises(InvalidChoice, match="no such kept case"):
        links.content(made)
    cases.keep("secret-id", "Loans", CONTENT, ANN)
    assert links.find(key, ANN) is None


# --- the key ---


def test_the_store_has_no_key_and_keys_are_long_and_never_the_same(here, path):
    keys = [here.make("secret-id", ANN, days=1)[0] for _ in range(20)]

    assert len(set(keys)) == 20
    assert {len(key) for key in keys} == {32}  # 24 bytes in base64 are 192 bits
    with closing(sqlite3.connect(path)) as connection:
        dump = "\n".join(connection.iterdump())
    assert all(key not in dump for key in keys)
    assert all(hashlib.sha256(key.encode()).hexdigest() in dump for key in keys)


@pytest.mark.parametrize(
    "change",
    [str.upper, str.lower, lambda k: k[:-1], lambda k: k + "A", lambda k: k[::-1], lambda k: f" {k[1:]}"],
)
def test_a_key_that_is_nearly_right_opens_nothing(here, change):
    key, _ = here.make("secret-id", ANN, days=1)

    assert here.find(key, ANN) is not None
    assert here.find(change(key), ANN) is None


@pytest.mark.parametrize(
    "key", ["", "secret-id", "%" * 32, "_" * 32, "'; DROP TABLE kept_link --", "a" * 500, "é" * 32]
)
def test_what_is_no_key_opens_nothing(here, key):
    here.make("secret-id", ANN, days=1)

    assert here.find(key, ANN) is None
    assert len(here.listed("secret-id", ANN)) == 1


def test_neither_the_hash_nor_the_name_of_a_link_opens_it(here):
    key, made = here.make("secret-id", ANN, days=1)

    assert here.find(hashlib.sha256(key.encode()).hexdigest(), ANN) is None
    assert here.find(made.name, ANN) is None
    assert here.find(made.name * 2, ANN) is None


# --- until when ---


def test_a_link_ends_to_the_second_and_is_not_listed_any_more(here, clock):
    key, made = here.make("secret-id", ANN, days=2)
    clock.at = NOON + timedelta(days=2, seconds=-1)
    assert here.find(key, ANN) == made

    clock.at += timedelta(seconds=1)

    assert here.find(key, ANN) is None
    assert here.listed("secret-id", ANN) == []


def test_a_link_never_outlives_what_is_kept(here, clock):
    _, made = here.make("secret-id", ANN, days=365)

    assert made.expires_at == NOON + timedelta(days=90)


def test_without_an_end_of_the_case_the_days_of_the_link_count(store, clock, allow):
    allow(retention_days=0)
    KeptCases(store, clock=clock).keep("x", "t", CONTENT, ANN)

    assert Links(store, clock=clock).make("x", ANN, days=365)[1].expires_at == NOON + timedelta(days=365)


@pytest.mark.parametrize("days", [0, -1, 8, 10**9])
def test_the_operator_says_how_long_a_link_can_be_open(here, allow, days):
    allow(most_link_days=7)

    with pytest.raises(InvalidChoice, match="1 to 7 days"):
        here.make("secret-id", ANN, days=days)
    assert here.listed("secret-id", ANN) == []


# --- who makes and revokes ---


def test_only_the_owner_who_is_an_analyst_makes_links(here):
    for person, problem in (
        (BOB, "belongs to somebody else"),
        (OPERATOR, "belongs to somebody else"),
        (signed_in("Ann Lee", AppRole.EXPERT), "needs the role analyst"),
        (signed_in("Ann Lee", issuer=OTHER), "belongs to somebody else"),
    ):
        with pytest.raises(NotAllowed, match=problem):
            here.make("secret-id", person, days=1)
    with pytest.raises(InvalidChoice, match="no such kept case"):
        here.make("another", ANN, days=1)
    assert here.listed("secret-id", BOB) == []


def test_only_the_owner_and_an_operator_revoke(here):
    key, made = here.make("secret-id", ANN, days=1)
    with pytest.raises(NotAllowed, match="somebody else"):
        here.revoke("secret-id", made.name, BOB)
    with pytest.raises(InvalidChoice, match="no such kept case"):
        here.revoke("another", made.name, ANN)
    here.revoke("secret-id", "0" * 16, ANN)
    assert here.find(key, ANN) is not None

    here.revoke("secret-id", made.name, OPERATOR)

    assert here.find(key, ANN) is None


def test_a_name_of_a_link_to_another_case_revokes_nothing(here, store, clock):
    key, made = here.make("secret-id", ANN, days=1)
    KeptCases(store, clock=clock).keep("other", "t", CONTENT, BOB)

    here.revoke("other", made.name, BOB)

    assert here.find(key, ANN) is not None


def test_there_are_not_more_links_than_somebody_can_look_through(here, clock, monkeypatch):
    monkeypatch.setattr(module, "MOST_LINKS", 2)
    here.make("secret-id", ANN, days=1)
    here.make("secret-id", ANN, days=1)
    with pytest.raises(InvalidChoice, match="2 links to this case are open"):
        here.make("secret-id", ANN, days=1)

    clock.at += timedelta(days=1)

    assert here.make("secret-id", ANN, days=1)
    assert len(here.listed("secret-id", ANN)) == 1


def test_the_newest_link_comes_first(here, clock):
    first = here.make("secret-id", ANN, days=5)[1]
    clock.at += timedelta(hours=1)
    second = here.make("secret-id", ANN, days=1)[1]

    assert here.listed("secret-id", ANN) == [second, first]


# --- who looks ---


def test_a_case_of_people_who_sign_in_opens_to_those_who_do(here):
    key, _ = here.make("secret-id", ANN, days=1)

    assert here.find(key, signed_in("Vera", AppRole.VIEWER)) is not None
    assert here.find(key, None) is None
    # Without sign-in a typed name is anybody's.
    assert here.find(key, local("Ann Lee")) is None


def test_a_case_that_was_kept_without_sign_in_opens_while_nobody_signs_in(store, clock, allow):
    allow(public_links=True)
    KeptCases(store, clock=clock).keep("x", "t", CONTENT, ANA)
    links = Links(store, clock=clock)
    key, _ = links.make("x", ANA, days=1)

    assert links.find(key, local("somebody", AppRole.VIEWER)) is not None
    assert links.find(key, ANN) is None
    assert links.find(key, None) is None


def test_a_link_for_guests_needs_the_operator_and_the_maker_and_ends_with_the_setting(here, allow):
    with pytest.raises(InvalidChoice, match="without a sign-in are not made here"):
        here.make("secret-id", ANN, days=1, is_public=True)
    allow(public_links=True)
    private, _ = here.make("secret-id", ANN, days=1)
    public, made = here.make("secret-id", ANN, days=1, is_public=True)

    assert made.is_public
    assert here.find(private, None) is None
    assert here.find(public, None) == made
    allow(public_links=False)
    assert here.find(public, None) is None
    assert here.find(public, BOB) == made


def test_nobody_gives_a_right_on_that_they_do_not_have(here):
    with pytest.raises(InvalidChoice, match="may not see single applications"):
        here.make("secret-id", ANN, days=1, shows_rows=True)


# --- what is behind it ---


def test_a_case_that_was_kept_again_says_so(here, store, clock):
    key, _ = here.make("secret-id", ANN, days=30)
    clock.at += timedelta(days=1)
    KeptCases(store, clock=clock).keep("secret-id", "Loans", CONTENT, ANN)
    same = here.find(key, ANN)
    KeptCases(store, clock=clock).keep("secret-id", "Loans 2", b"newer", ANN)
    newer = here.find(key, ANN)

    assert (same.is_newer, same.kept_at) == (False, NOON + timedelta(days=1))
    assert (newer.is_newer, newer.title) == (True, "Loans 2")
    assert here.content(newer) == b"newer"


def test_a_content_that_the_ledger_does_not_know_is_not_opened(here, path):
    key, _ = here.make("secret-id", ANN, days=30)
    other = b"PK another case"
    with closing(sqlite3.connect(path)) as connection, connection:
        changed = "UPDATE kept_case SET content = ?, sha256 = ?"
        connection.execute(changed, (other, hashlib.sha256(other).hexdigest()))

    found = here.find(key, ANN)
    with pytest.raises(LedgerBroken, match="not what was kept"):
        here.content(found)


# --- exporting by an operator ---


def test_an_operator_exports_anybodys_case_and_the_ledger_tells(here, store, clock):
    cases = KeptCases(store, clock=clock)
    with pytest.raises(NotAllowed, match="needs the role operator"):
        cases.export("secret-id", ANN)
    with pytest.raises(InvalidChoice, match="no such kept case"):
        cases.export("another", OPERATOR)

    assert cases.export("secret-id", OPERATOR) == CONTENT

    assert told(store)[-1] == ("case.exported", SUBJECT, {"sha256": SHA256, "size": len(CONTENT)})
    clock.at += timedelta(days=90)
    with pytest.raises(InvalidChoice, match="no such kept case"):
        cases.export("secret-id", OPERATOR)


# --- a store of before ---


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_store_of_the_revision_before_gets_the_table_and_keeps_its_cases(
    request, tmp_path, clock, database
):
    target = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    if database == "postgresql":
        server = request.getfixturevalue("postgresql")
        target = server.url(server.new_database())
    engine = create_engine(target)
    row = {
        "id": "secret-id", "owner": ANN.key, "owner_name": "Ann Lee", "title": "Loans", "sha256": SHA256,
        "size": len(CONTENT), "content": CONTENT, "kept_at": "2026-11-29T12:00:00Z", "expires_at": None,
    }  # fmt: skip
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        alembic.upgrade(config, "0003")
        assert "kept_link" not in inspect(connection).get_table_names()
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"INSERT INTO kept_case ({names}) VALUES ({values})"), row)  # noqa: S608
    engine.dispose()

    with Store(target) as store:
        key, _ = Links(store, clock=clock).make("secret-id", ANN, days=1)
        assert Links(store, clock=clock).find(key, BOB) is not None
        assert [one.title for one in KeptCases(store, clock=clock).listed(ANN)] == ["Loans"]
        assert store.verify() == []
    with Store(target) as again:
        assert Links(again, clock=clock).find(key, BOB) is not None
