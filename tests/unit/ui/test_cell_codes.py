from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rai_dash.ui.cell_codes import read_cells, write_cells
from rai_dash.ui.choices import Choices

GROUPS = tuple(f"group {i}" for i in range(20))
CODES = st.tuples(*[st.integers(-1, 20_000).map(str)] * 3).map(".".join)
PLACES = st.tuples(st.booleans(), st.integers(0, 19))


@given(st.dictionaries(PLACES, st.integers(0, 1000)))
def test_targets_come_back_from_the_address_as_they_went_and_name_nobody(targets):
    text = write_cells("age", GROUPS, targets)

    query = Choices(case="c", balance_cells=text).to_query()
    assert read_cells(Choices.from_query(query).balance_cells, "age", GROUPS) == targets
    assert re.fullmatch(r"[0-9a-f.-]*", text)


@given(st.text(max_size=40) | st.lists(CODES, max_size=4).map("-".join))
def test_nonsense_is_left_out(text):
    mark = write_cells("age", GROUPS, {(True, 0): 1}).split("-")[0]

    for given_text in (text, f"{mark}-{text}"):
        found = read_cells(given_text, "age", GROUPS)
        assert all(0 <= place < 20 and 0 <= target <= 1000 for (_, place), target in found.items())


@pytest.mark.parametrize(("column", "groups"), [("sex", GROUPS), ("age", GROUPS[:-1]), ("age", GROUPS[::-1])])
def test_targets_of_other_groups_do_not_mean_these(column, groups):
    assert read_cells(write_cells("age", GROUPS, {(True, 3): 500}), column, groups) == {}


def test_places_and_targets_out_of_range_are_left_out_and_the_others_stay():
    mark = write_cells("age", GROUPS, {(True, 0): 1}).split("-")[0]

    assert read_cells(f"{mark}-1.0.500-0.20.5-0.1.1001-2.1.5-x-0.2.7", "age", GROUPS) == {
        (True, 0): 500,
        (False, 2): 7,
    }
