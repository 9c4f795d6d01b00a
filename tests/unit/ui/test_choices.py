from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rai_dash.case import Case
from rai_dash.ui.choices import Choices
from rai_dash.ui.store import CaseStore, new_case_id

MILLE = st.integers(0, 1000).map(lambda k: k / 1000)


@given(threshold=MILLE, ends=st.tuples(MILLE, MILLE), by=st.text(max_size=30), row=st.integers(-1, 10**9))
def test_choices_come_back_from_the_address_as_they_went(threshold, ends, by, row):
    lo, hi = sorted(ends)
    chosen = Choices(case="c", threshold=threshold, lo=lo, hi=hi, by=by, row=row, open_hi=True)

    assert Choices.from_query(chosen.to_query()) == chosen


def test_nonsense_in_the_address_is_ignored():
    query = {
        "threshold": "NaN",
        "lo": "2",
        "hi": "x",
        "row": "1e9",
        "case": "c",
        "evil": "1",
        "open_lo": "yes",
    }

    assert Choices.from_query(query) == Choices(case="c")


def test_ends_out_of_order_are_put_in_order():
    chosen = Choices.from_query({"lo": "0.9", "hi": "0.2"})

    assert (chosen.lo, chosen.hi) == (0.2, 0.9)


def test_defaults_are_not_written():
    assert Choices(case="c").to_query() == {"case": "c"}


def test_case_ids_cannot_be_guessed():
    ids = {new_case_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert min(map(len, ids)) >= 22


def test_a_case_is_dropped_when_nobody_came_for_its_time_to_live():
    now = [0.0]
    store = CaseStore(limit=10, ttl_s=100, clock=lambda: now[0])
    store.put(Case(id="a", title="a"))
    store.put(Case(id="b", title="b"))
    now[0] = 90
    assert store.get("a") is not None
    now[0] = 120

    assert store.get("b") is None
    assert store.get("a") is not None


def test_the_least_recently_used_case_goes_first():
    store = CaseStore(limit=2, ttl_s=100, clock=lambda: 0.0)
    for name in "ab":
        store.put(Case(id=name, title=name))
    store.get("a")
    store.put(Case(id="c", title="c"))

    assert store.get("b") is None
    assert store.get("a") is not None
