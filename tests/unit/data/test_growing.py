"""Rows that join a test set: once by id, once by content, and what is left out by number."""

from __future__ import annotations

import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.growing import grow

ROLES = Roles(target="y", favourable=("1",), id="id")


def table(rows, roles=ROLES, columns=("id", "x", "c", "y")):
    return dataset_from_frame(pd.DataFrame(rows, columns=list(columns)), roles)


@pytest.fixture
def before():
    return table([("a", 1.0, "u", "1"), ("b", 2.0, "v", "0"), (None, 3.0, "w", "1")])


def test_new_rows_stand_behind_those_there_were(before):
    found = grow(before, table([("c", 4.0, "u", "0"), ("d", 5.0, None, "1")]))
    assert found.joined.tolist() == [True, True]
    assert found.dataset.frame["id"].tolist()[:2] == ["a", "b"]
    assert found.dataset.frame["id"].tolist()[3:] == ["c", "d"]
    assert found.dataset.roles == before.roles
    assert found.dataset.outcome.tolist() == [1, 0, 1, 0, 1]
    assert found.dataset.fingerprint != before.fingerprint
    assert (found.offered, found.added, found.twice, found.clashing) == (2, 2, 0, 0)


def test_an_id_that_is_there_joins_once_and_a_clash_is_named_as_one(before):
    found = grow(
        before,
        table([("a", 1.0, "u", "1"), ("b", 99.0, "v", "0"), ("c", 4.0, "u", "0"), ("c", 4.0, "u", "0")]),
    )
    assert found.joined.tolist() == [False, False, True, False]
    assert (found.twice, found.clashing) == (2, 1)


def test_two_people_with_ids_of_their_own_may_be_alike_in_everything(before):
    found = grow(before, table([("c", 1.0, "u", "1")]))
    assert found.added == 1


def test_rows_without_an_id_are_told_apart_by_all_they_say(before):
    found = grow(before, table([(None, 3.0, "w", "1"), (None, 3.0, "w", "0"), (None, 3.0, "w", "0")]))
    assert found.joined.tolist() == [False, True, False]
    assert found.twice == 2


def test_tables_without_ids_go_by_content_too():
    roles = ROLES.with_(id=None)
    first = table([(1, 1.0, "u", "1"), (2, 2.0, "v", "0")], roles)
    found = grow(first, table([(1, 1.0, "u", "1"), (1, 1.0, "u", "0")], roles))
    assert found.joined.tolist() == [False, True]


def test_rows_without_a_known_outcome_do_not_join_and_keep_nobody_out(before):
    found = grow(before, table([("c", 4.0, "u", None), ("c", 4.0, "u", "1")]))
    assert found.joined.tolist() == [False, True]
    assert (found.without_outcome, found.twice, found.clashing) == (1, 0, 0)


def test_columns_may_stand_in_another_order_and_further_ones_are_dropped(before):
    offered = table([("1", "u", "c", 4.0, "more")], Roles(), columns=("y", "c", "id", "x", "extra"))
    found = grow(before, offered)
    assert found.dataset.columns == before.columns
    assert found.dropped == ("extra",)


def test_whole_numbers_may_join_others_and_ids_that_look_like_numbers_stay_the_same_ids():
    first = table([(1, 1.5, "u", "1")])
    found = grow(first, table([(1.0, 1.5, "u", "1"), (2, 2, "u", "0")]))
    assert found.joined.tolist() == [False, True]


def test_a_column_that_would_change_its_kind_is_refused(before):
    with pytest.raises(InvalidChoice, match="`x` holds numbers in the test set and text in the new rows"):
        grow(before, table([("c", "four", "u", "1")]))


def test_a_missing_column_is_named(before):
    with pytest.raises(MissingColumn, match="x"):
        grow(before, table([("c", "u", "1")], Roles(), columns=("id", "c", "y")))


def test_where_nothing_is_new_it_says_why(before):
    with pytest.raises(
        InvalidChoice, match="1 are in it already, 1 have the id of another row, 1 have no known"
    ):
        grow(before, table([("a", 1.0, "u", "1"), ("b", 0.0, "v", "0"), ("z", 0.0, "v", None)]))
