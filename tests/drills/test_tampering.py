"""Somebody with full rights changes a signed store: it is found, and the report says where."""

from __future__ import annotations

import json

import pytest
from sqlalchemy.exc import DBAPIError

from rai_dash.govern.store import verify_store
from tests.command import command
from tests.drills.manipulations import MANIPULATIONS, row_of, signatures
from tests.drills.places import kinds, rechained, verified


def test_the_rows_hold_by_the_published_rule(resting):
    rows = resting.rows()

    assert len(rows) == 12
    assert rechained(rows) == rows


def test_an_untouched_store_is_whole(resting):
    assert verify_store(resting.target) == []
    with resting.open() as store:
        assert store.verify() == []
    done = command("ledger", "verify", resting.target)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The chain of 12 records is whole; checkpoint at record 12 by key ")


@pytest.mark.parametrize("manipulate", MANIPULATIONS)
def test_every_manipulation_is_found_where_it_was_done(signed, manipulate):
    names, seq = manipulate(signed)

    found = kinds(verify_store(signed.target))

    assert {kind for kind, at in found if at == seq} & names, found
    with signed.open() as store:
        assert kinds(store.verify()) == found
    assert verified(signed) == (1, found)


def test_an_erasure_with_its_entry_leaves_the_chain_whole(signed):
    seq = signatures(signed)[1]
    ref = json.loads(row_of(signed, seq)["body"])["rationale"]["sealed"]

    with signed.open() as store:
        store.erase([ref], reason="request", actor=row_of(signed, seq)["actor"])

    assert verify_store(signed.target) == []
    assert [row["text"] for row in signed.rows("sealed", "ref") if row["ref"] == ref] == [None]
    with pytest.raises(DBAPIError, match="can only be erased, once"):
        signed.attempt("UPDATE sealed SET text = 'again' WHERE ref = :ref", ref=ref)
