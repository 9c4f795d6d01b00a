"""Kept cases: whose they are, how long they stay, and what the ledger tells of them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from rai_dash.core.errors import InvalidChoice, LedgerBroken, NotAllowed
from rai_dash.core.settings import get_settings
from rai_dash.govern import kept
from rai_dash.govern.kept import KeptCases
from rai_dash.govern.people import AppRole, Person

BANK, OTHER = "https://id.bank.example", "https://partners.example"
NOON = datetime(2026, 11, 29, 12, 0, 0, tzinfo=UTC)
CONTENT = b"PK all that is in the case"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def signed_in(name, role=AppRole.ANALYST, issuer=BANK, subject=""):
    return Person(name=name, subject=subject or name.casefold(), issuer=issuer, source="oidc", role=role)


def local(name, role=AppRole.OPERATOR):
    return Person(name=name, subject=name, role=role, signs_as=None)


ANN, BOB, OPERATOR = signed_in("Ann Lee"), signed_in("Bob"), signed_in("Op", AppRole.OPERATOR)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.at = NOON

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cases(each_store, clock):
    return KeptCases(each_store, clock=clock)


@pytest.fixture
def here(store, clock):
    """Kept cases of a SQLite store, where the database is not what matters."""
    return KeptCases(store, clock=clock)


def told(store):
    return [(r.kind, r.subject, json.loads(r.body)) for r in store.records()]


# --- from keeping to deleting, in each database ---


def test_a_case_is_kept_found_shared_and_deleted_and_the_ledger_tells_it_without_names(cases, each_store):
    found = cases.keep("secret-id", "Loans <2026>", CONTENT, ANN)

    assert (found.title, found.owner_name, found.size, found.sha256) == (
        "Loans <2026>",
        "Ann Lee",
        len(CONTENT),
        SHA256,
    )
    assert (found.kept_at, found.expires_at) == (NOON, NOON + timedelta(days=90))
    assert cases.open("secret-id", ANN) == CONTENT
    assert [one.id for one in cases.listed(ANN)] == ["secret-id"]
    assert cases.share("secret-id", " BOB ", ANN).shared_with == ("bob",)
    assert cases.open("secret-id", BOB) == CONTENT
    assert [(one.is_own, one.shared_with) for one in cases.listed(BOB)] == [(False, ())]
    assert cases.unshare("secret-id", "Bob", ANN).shared_with == ()
    cases.delete("secret-id", ANN)

    assert cases.find("secret-id", ANN) is None
    assert cases.listed(ANN) == []
    subject = "case:" + hashlib.sha256(b"secret-id").hexdigest()[:16]
    body = {"sha256": SHA256, "size": len(CONTENT)}
    kinds = ("case.kept", "case.shared", "case.unshared", "case.deleted")
    assert told(each_store) == [(kind, subject, body) for kind in kinds]
    assert each_store.verify() == []
    for word in ("secret-id", "Loans", "Ann", "bob"):
        assert not any(word in r.body + str(r.subject) + str(r.actor) for r in each_store.records()), word


def test_a_newer_state_takes_the_place_of_the_older_one_and_its_time_starts_anew(cases, clock):
    cases.keep("x", "first", CONTENT, ANN)
    clock.at += timedelta(days=80)

    found = cases.keep("x", "second", b"newer", ANN)

    assert (found.title, found.expires_at) == ("second", NOON + timedelta(days=170))
    assert cases.open("x", ANN) == b"newer"
    assert len(cases.listed(ANN)) == 1


def test_a_case_whose_time_is_over_is_gone_at_that_second_and_purged_once(cases, clock, each_store):
    cases.keep("old", "old", CONTENT, ANN)
    cases.share("old", "bob", ANN)
    clock.at += timedelta(days=1)
    cases.keep("new", "new", CONTENT, ANN)
    clock.at = NOON + timedelta(days=90, seconds=-1)
    assert cases.purge() == 0
    assert cases.open("old", BOB) == CONTENT

    clock.at = NOON + timedelta(days=90)

    assert cases.find("old", ANN) is None
    with pytest.raises(InvalidChoice, match="no such kept case"):
        cases.open("old", ANN)
    with pytest.raises(InvalidChoice, match="no such kept case"):
        cases.share("old", "cy", ANN)
    assert [one.id for one in cases.listed(ANN)] == ["new"]
    assert cases.purge() == 1
    assert cases.purge() == 0
    last = each_store.records()[-1]
    assert (last.kind, last.actor) == ("case.expired", "retention")
    assert cases.open("new", ANN) == CONTENT
    assert each_store.verify() == []


def test_zero_days_keep_a_case_until_somebody_deletes_it(here, clock, monkeypatch):
    monkeypatch.setenv("RAI_DASH_RETENTION_DAYS", "0")
    get_settings.cache_clear()

    assert here.keep("x", "t", CONTENT, ANN).expires_at is None

    clock.at += timedelta(days=40_000)
    assert here.purge() == 0
    assert here.open("x", ANN) == CONTENT


# --- whose it is ---


@pytest.mark.parametrize("role", [AppRole.VIEWER, AppRole.EXPERT])
def test_keeping_needs_an_analyst(here, store, role):
    with pytest.raises(NotAllowed, match="needs the role analyst"):
        here.keep("x", "t", CONTENT, signed_in("Ann", role))
    assert store.records() == []


@pytest.mark.parametrize(
    "stranger",
    [
        BOB,
        OPERATOR,
        signed_in("Ann Lee", issuer=OTHER, subject="ann lee"),
        signed_in("Ann Lee", subject="another"),
        local("Ann Lee"),
    ],
    ids=["somebody", "operator", "same name and subject elsewhere", "same name here", "typed name"],
)
def test_the_id_alone_opens_nothing_to_others(here, stranger):
    here.keep("x", "t", CONTENT, ANN)

    for use in (here.open, here.find):
        with pytest.raises(NotAllowed, match="belongs to somebody else"):
            use("x", stranger)
    with pytest.raises(NotAllowed, match="belongs to somebody else"):
        here.keep("x", "mine now", b"other", stranger)
    with pytest.raises(NotAllowed):
        here.share("x", "bob", stranger)
    assert here.listed(stranger) == []
    assert here.open("x", ANN) == CONTENT


@pytest.mark.parametrize("who", ["Bob", "  bob ", "BOB", "\uff22\uff4f\uff42", "b\u200bob"])
def test_a_case_is_shared_by_a_name_however_it_is_written(here, who):
    here.keep("x", "t", CONTENT, ANN)
    here.share("x", who, ANN)

    assert here.open("x", BOB) == CONTENT
    assert [one.owner_name for one in here.listed(BOB)] == ["Ann Lee"]
    with pytest.raises(NotAllowed):
        here.open("x", signed_in("Bobby"))


def test_a_case_is_shared_by_the_address_that_the_sign_in_vouches_for(here):
    here.keep("x", "t", CONTENT, ANN)
    here.share("x", "Bob@Bank.example", ANN)

    assert here.open("x", BOB, email="bob@bank.example") == CONTENT
    for email in ("", "   ", "bob@bank.example.org"):
        with pytest.raises(NotAllowed):
            here.open("x", BOB, email=email)
        assert here.listed(BOB, email=email) == []


def test_a_name_at_another_sign_in_service_opens_nothing_that_is_shared(here):
    here.keep("x", "t", CONTENT, ANN)
    here.share("x", "bob", ANN)

    for impostor in (signed_in("Bob", issuer=OTHER), signed_in("Bob", issuer=BANK + ".evil"), local("Bob")):
        with pytest.raises(NotAllowed):
            here.open("x", impostor)
        assert here.listed(impostor) == []


def test_whom_it_is_shared_with_may_neither_change_share_nor_delete_it(here):
    here.keep("x", "t", CONTENT, ANN)
    here.share("x", "bob", ANN)

    with pytest.raises(NotAllowed):
        here.keep("x", "t", b"mine", BOB)
    with pytest.raises(NotAllowed):
        here.share("x", "cy", BOB)
    with pytest.raises(NotAllowed):
        here.unshare("x", "bob", BOB)
    with pytest.raises(NotAllowed):
        here.delete("x", BOB)
    assert here.find("x", ANN).shared_with == ("bob",)


@pytest.mark.parametrize("who", ["", "   ", "\u200b", "x" * 501])
def test_a_name_that_is_none_is_not_shared_with(here, store, who):
    here.keep("x", "t", CONTENT, ANN)

    with pytest.raises(InvalidChoice):
        here.share("x", who, ANN)
    assert len(store.records()) == 1


def test_sharing_twice_or_taking_back_what_was_not_shared_tells_nothing(here, store):
    here.keep("x", "t", CONTENT, ANN)
    here.share("x", "bob", ANN)

    here.share("x", "BOB", ANN)
    here.unshare("x", "cy", ANN)

    assert [kind for kind, _, _ in told(store)] == ["case.kept", "case.shared"]


def test_an_operator_may_delete_what_they_may_not_open(here, store):
    here.keep("x", "t", CONTENT, ANN)

    here.delete("x", OPERATOR)

    assert here.find("x", ANN) is None
    assert told(store)[-1][0] == "case.deleted"


@pytest.mark.parametrize("address", ["", "a\0b", "\ud800", "x" * 201, "a b", "' OR 1=1 --", "\u00e4", "a\n"])
def test_what_stands_in_an_address_and_is_no_id_is_not_looked_up(cases, each_store, address):
    assert cases.find(address, ANN) is None
    with pytest.raises(InvalidChoice, match="no such kept case"):
        cases.open(address, ANN)
    with pytest.raises(InvalidChoice, match="no link of ours"):
        cases.keep(address, "t", CONTENT, ANN)
    assert each_store.records() == []


# --- without sign-in ---


def test_without_sign_in_whoever_has_the_id_opens_it_and_no_list_tells_it(here):
    here.keep("unguessable", "t", CONTENT, local("Ann"))

    assert here.open("unguessable", local("somebody without a name", AppRole.VIEWER)) == CONTENT
    assert here.listed(local("Ann")) == []
    assert here.listed(BOB) == []
    with pytest.raises(NotAllowed, match="needs a sign-in"):
        here.share("unguessable", "bob", local("Ann"))


def test_what_was_kept_without_sign_in_opens_to_nobody_by_its_id_once_people_sign_in(here):
    here.keep("x", "t", CONTENT, local("Ann Lee"))

    for person in (ANN, OPERATOR):
        with pytest.raises(NotAllowed):
            here.open("x", person)


def test_a_newer_state_without_sign_in_leaves_the_first_name(here):
    here.keep("x", "t", CONTENT, local("Ann"))

    found = here.keep("x", "t", b"newer", local("Bob"))

    assert found.owner_name == "Ann"
    assert here.open("x", local("Cy")) == b"newer"


def test_a_typed_name_that_is_not_the_owners_deletes_only_as_operator(here):
    here.keep("x", "t", CONTENT, local("Ann"))

    with pytest.raises(NotAllowed):
        here.delete("x", local("Bob", AppRole.ANALYST))
    here.delete("x", local(" aNN ", AppRole.ANALYST))

    with pytest.raises(InvalidChoice, match="no such kept case"):
        here.delete("x", local("Bob"))


# --- what is in the file ---


def test_a_content_that_was_changed_in_the_database_is_not_opened(here, path):
    here.keep("x", "t", CONTENT, ANN)
    other = b"something else"
    with closing(sqlite3.connect(path)) as connection, connection:
        changed = "UPDATE kept_case SET content = ?, sha256 = ?"
        connection.execute(changed, (other, hashlib.sha256(other).hexdigest()))

    with pytest.raises(LedgerBroken, match="not what was kept"):
        here.open("x", ANN)


@pytest.mark.parametrize("way", ["delete", "replace", "purge"])
def test_nothing_of_a_deleted_or_replaced_case_stays_in_the_files(here, path, clock, way):
    mark = b"applicant 4711 of Elm Street " * 2000
    here.keep("x", "t", mark, ANN)
    here.share("x", "bob", ANN)
    assert any(b"Elm Street" in f.read_bytes() for f in path.parent.iterdir())

    # Somebody else has the database open: SQLite then keeps the file that it writes ahead.
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT count(*) FROM kept_case").fetchone()
        if way == "delete":
            here.delete("x", ANN)
        elif way == "replace":
            here.keep("x", "t", b"small", ANN)
        else:
            clock.at += timedelta(days=91)
            here.purge()
        found = [f.name for f in path.parent.iterdir() if b"Elm Street" in f.read_bytes()]

    assert found == []
    with closing(sqlite3.connect(path)) as connection:
        shares = connection.execute("SELECT count(*) FROM kept_share").fetchone()[0]
    assert shares == (1 if way == "replace" else 0)


def test_a_case_too_large_for_a_database_is_refused_before_anything_is_written(here, store, monkeypatch):
    monkeypatch.setattr(kept, "LARGEST", 10)

    with pytest.raises(InvalidChoice, match="at most"):
        here.keep("x", "t", b"12345678901", ANN)
    assert store.records() == []
    assert here.keep("x", "t", b"1234567890", ANN).size == 10


def test_an_error_while_keeping_leaves_neither_case_nor_record(here, store, monkeypatch):
    def fail(*_args, **_kwargs):
        msg = "stop"
        raise RuntimeError(msg)

    monkeypatch.setattr(here, "_tell", fail)
    with pytest.raises(RuntimeError):
        here.keep("x", "t", CONTENT, ANN)

    assert here.find("x", ANN) is None
    assert store.records() == []
