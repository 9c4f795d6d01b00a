"""Tabs come and go; the processes of a case that nobody looks at any more do not stay."""

from __future__ import annotations

import pytest

from rai_dash.ui.sessions import Sessions


@pytest.fixture
def house():
    """Two tabs at most; returns the sessions, the open tabs and the cases that were let go."""
    tabs, released = {"a", "b", "c"}, []
    sessions = Sessions(limit=2, let_go=released.append, is_open=tabs.__contains__)
    yield sessions, tabs, released
    tabs.clear()
    sessions.sweep()


def test_a_tab_too_many_is_turned_away_until_another_closes(house):
    sessions, tabs, _ = house
    assert [sessions.enter(s, "case") for s in "ab"] == [True, True]
    assert not sessions.enter("c", "case")
    assert sessions.enter("a", "another")

    tabs.discard("b")

    assert sessions.enter("c", "case")
    assert len(sessions) == 2


def test_a_case_is_let_go_with_the_last_tab_that_looks_at_it(house):
    sessions, tabs, released = house
    sessions.enter("a", "shared")
    sessions.enter("b", "shared")
    tabs.discard("a")
    sessions.sweep()
    assert released == []

    tabs.discard("b")
    sessions.sweep()

    assert released == ["shared"]
    assert sessions._timer is None


def test_a_tab_that_moved_to_another_case_lets_only_that_one_go_when_it_closes(house):
    sessions, tabs, released = house
    sessions.enter("a", "first")
    sessions.enter("a", "second")
    tabs.discard("a")
    sessions.sweep()

    assert released == ["second"]
