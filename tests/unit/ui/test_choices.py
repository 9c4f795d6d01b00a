from __future__ import annotations

from dataclasses import fields

import pytest
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


@pytest.mark.parametrize("text", ["--5", "-", "", "²", "1.5", "1e3", "9" * 12, " 1", "0x1", "٣"])
def test_what_is_no_whole_number_is_ignored(text):
    assert Choices.from_query({"row": text, "up": text, "seed": text}) == Choices()


NAMES = st.sampled_from([f.name for f in fields(Choices)])


@given(query=st.dictionaries(NAMES, st.text(max_size=20) | st.sampled_from(["--1", "inf", "-0", "²", "1_0"])))
def test_no_address_can_break_the_page(query):
    found = Choices.from_query(query)

    assert 0 <= found.lo <= found.hi <= 1
    assert 0 <= found.threshold <= 1
    assert Choices.from_query(found.to_query()) == found


def test_what_the_address_does_not_name_stays_as_it_was():
    base = Choices(case="c", threshold=0.25, by="gender")

    assert Choices.from_query({"threshold": "0.75"}, base) == base.with_(threshold=0.75)


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
