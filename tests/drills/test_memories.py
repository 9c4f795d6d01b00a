"""What the chain cannot see by itself: a cut tail, an old copy, a chain written anew. A memory of it can."""

from __future__ import annotations

import json

import pytest

from rai_dash.core.errors import LedgerBroken
from rai_dash.govern.checkpoints import read_checkpoint
from rai_dash.govern.store import verify_store
from tests.drills.manipulations import recompute_the_chain
from tests.drills.places import kinds, verified
from tests.drills.signing import look_on, put_forward

MEMORIES = ["head", "folder", "by hand"]


def keep_only(place, memory):
    """Leave one memory of what was signed; return what is given by hand."""
    by_hand = []
    if memory == "by hand":
        last = max(place.checkpoints.glob("*.json"), key=lambda p: read_checkpoint(p).n)
        by_hand = [last.rename(place.folder / "sent-by-mail.json")]
    if memory != "head":
        place.forget_head()
    if memory != "folder":
        for path in place.checkpoints.glob("*.json"):
            path.unlink()
    return by_hand


def found_by_memory(place, by_hand):
    expected = [read_checkpoint(path) for path in by_hand]
    found = kinds(verify_store(place.target, expected=expected))
    with place.open() as store:
        assert kinds(store.verify(expected=expected)) == found
    options = [part for path in by_hand for part in ("--checkpoint", path)]
    assert verified(place, *options) == (int(bool(found)), found)
    return found


@pytest.mark.parametrize("memory", MEMORIES)
def test_a_cut_tail_is_found_by_every_memory(signed, memory):
    by_hand = keep_only(signed, memory)
    signed.attack("DELETE FROM ledger WHERE seq > 10", "DELETE FROM checkpoint WHERE n > 10")

    assert ("truncation", 11) in found_by_memory(signed, by_hand)


@pytest.mark.parametrize("memory", MEMORIES)
def test_an_old_copy_is_found_by_every_memory(signed, memory):
    with signed.open() as store:
        put_forward(store, "loans-next")
    signed.keep_copy()
    with signed.open() as store:
        for name in ("Dora", "Emil"):
            look_on(store, "loans-next", name=name)()
    by_hand = keep_only(signed, memory)
    signed.restore_copy()

    assert len(signed.rows()) == 15
    assert ("truncation", 16) in found_by_memory(signed, by_hand)


@pytest.mark.parametrize("memory", ["folder", "by hand"])
def test_a_chain_that_was_written_anew_is_found_although_the_store_remembers_nothing(signed, memory):
    by_hand = keep_only(signed, memory)
    recompute_the_chain(signed)
    signed.attack("DELETE FROM checkpoint")

    found = found_by_memory(signed, by_hand)

    assert {kind for kind, _ in found} <= {"checkpoint", "edit"}
    assert found


def test_without_any_memory_a_cut_tail_cannot_be_found(signed):
    """The honest limit: what was never kept elsewhere cannot speak."""
    keep_only(signed, "nothing")
    signed.attack("DELETE FROM ledger WHERE seq > 10", "DELETE FROM checkpoint WHERE n > 10")

    assert found_by_memory(signed, []) == []


def test_nobody_signs_on_after_an_old_copy_was_put_back(signed):
    with signed.open() as store:
        put_forward(store, "loans-next")
    signed.keep_copy()
    with signed.open() as store:
        look_on(store, "loans-next")()
    signed.restore_copy()

    with signed.open() as store:
        again = look_on(store, "loans-next")
        with pytest.raises(LedgerBroken, match="Record 16"):
            again()

    assert len(signed.rows()) == 15


def test_a_checkpoint_file_that_was_changed_is_no_proof(signed):
    path = max(signed.checkpoints.glob("*.json"), key=lambda p: read_checkpoint(p).n)
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({**kept, "head": "0" * 64}))

    assert any(kind == "checkpoint" for kind, _ in found_by_memory(signed, []))
