from __future__ import annotations

import re
import threading

import pytest

from rai_dash.case import Case, CaseModel
from rai_dash.core.errors import NotAllowed
from rai_dash.ui.store import CaseStore, new_case_id


class FakeModel:
    """A model that notes what was asked of its process."""

    def __init__(self, *, busy: bool = False) -> None:
        self.busy, self.ended = busy, 0

    def close_if_idle(self) -> None:
        """End the process unless it works."""
        self.ended += not self.busy


def _case(name: str, *models: FakeModel) -> Case:
    return Case(
        id=name,
        title=name,
        models=tuple(CaseModel(key=str(i), title="m", model=m) for i, m in enumerate(models)),
    )


@pytest.fixture
def clock():
    return [0.0]


def _store(clock, *, limit=3):
    return CaseStore(limit=limit, ttl_s=100, clock=lambda: clock[0])


def test_an_id_holds_128_random_bits_that_fit_a_url():
    ids = {new_case_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", i) for i in ids)


def test_an_id_that_was_never_given_out_opens_nothing(clock):
    store = _store(clock)
    store.put(_case("a"))

    assert store.get("") is None
    assert store.get("A") is None
    assert len(store) == 1


def test_the_newer_state_of_a_case_takes_the_place_of_the_older(clock):
    store, model = _store(clock), FakeModel()
    store.put(_case("a", model))
    newer = _case("a", model, FakeModel())
    store.put(newer)

    assert store.get("a") is newer
    assert len(store) == 1
    assert model.ended == 0


def test_a_case_lives_to_the_last_second_and_no_longer(clock):
    store, model = _store(clock), FakeModel()
    store.put(_case("a", model))
    clock[0] = 100
    assert store.get("a") is not None
    clock[0] = 200.5

    assert store.get("a") is None
    assert (len(store), model.ended) == (0, 1)


def test_the_models_of_a_case_that_is_pushed_out_are_ended(clock):
    store, first = _store(clock, limit=1), FakeModel()
    store.put(_case("a", first))
    store.put(_case("b"))

    assert store.get("a") is None
    assert first.ended == 1


def test_a_model_that_works_for_another_copy_is_left_alone(clock):
    store, shared = _store(clock, limit=1), FakeModel(busy=True)
    store.put(_case("a", shared))
    store.put(_case("b", shared))

    assert shared.ended == 0


def test_many_sessions_at_once_never_hold_more_than_the_limit(clock):
    store, gate = _store(clock, limit=5), threading.Barrier(8)

    def work(number):
        gate.wait()
        for i in range(50):
            store.put(_case(f"{number}-{i}"))
            store.get(f"{number}-{i}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()

    assert len(store) == 5


# --- whose a case is ---


def test_a_case_opens_for_whoever_put_it_there_and_for_nobody_else(clock):
    store = _store(clock)
    case = _case("a")
    store.put(case, owner="ada")

    assert store.get("a", owner="ada") is case
    for other in ("bob", "", "Ada"):
        assert store.get("a", owner=other) is None
        assert store.is_anothers("a", owner=other)
    assert store.get("a") is None
    assert not store.is_anothers("a", owner="ada")
    assert not store.is_anothers("never there", owner="bob")


def test_nobody_else_can_put_a_newer_state_of_a_case(clock):
    store = _store(clock)
    case = _case("a")
    store.put(case, owner="ada")

    for other in ("bob", ""):
        with pytest.raises(NotAllowed, match="belongs to somebody else"):
            store.put(_case("a"), owner=other)
    assert store.get("a", owner="ada") is case
    newer = _case("a")
    store.put(newer, owner="ada")
    assert store.get("a", owner="ada") is newer


def test_a_look_by_somebody_else_does_not_keep_a_case_alive(clock):
    store = _store(clock)
    store.put(_case("a"), owner="ada")
    clock[0] = 90
    assert store.get("a", owner="bob") is None

    clock[0] = 101

    assert store.get("a", owner="ada") is None
    assert not store.is_anothers("a", owner="bob")
