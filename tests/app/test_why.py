"""The panel on where a gap between groups may come from, on plain and on awkward tables."""

from __future__ import annotations

from functools import lru_cache

import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.case import Case
from rai_dash.core.types import Roles
from tests.app.conftest import table_case, texts

ROLES = Roles(target="y", favourable=("1",), sensitive=("g", "h"), score="s")
CROSSED = "y,g,h,s,x\n" + "".join(
    f"{i % 2},{'abcde'[i % 5]},{i % 3},0.{i % 10},{'' if i % 5 else i}\n" for i in range(600)
)
AWKWARD = {
    "one class": "y,g,h,s\n" + "1,a,x,0.4\n1,b,x,0.8\n" * 20,
    "one group": "y,g,h,s\n" + "1,a,x,0.4\n0,a,x,0.8\n" * 20,
    "blank column": "y,g,h,s,e\n" + "1,a,x,0.4,\n0,b,x,0.8,\n" * 20,
    "blank groups": "y,g,h,s\n" + "1,,,0.4\n0,,,0.8\n" * 20,
    "blank outcomes and scores": "y,g,h,s\n" + ",a,x,0.4\n,b,x,\n1,a,y,0.9\n0,b,y,\n" * 15,
    "few rows": "y,g,h,s\n1,a,x,0.4\n0,b,y,0.9\n",
    "hostile names": "y,g,h,s\n" + "1,[x](http://evil.test),=1,0.4\n0,![y](z),<b>,0.8\n" * 30,
}


@lru_cache
def _case(name: str) -> Case:
    return table_case(AWKWARD.get(name, CROSSED), ROLES)


def panel(case, columns):
    """Draw the panel alone, with every table open; run as a script, without what this file imports."""
    import streamlit as st

    from rai_dash.ui import state
    from rai_dash.ui.choices import Choices
    from rai_dash.ui.state import View
    from rai_dash.ui.why import why_panel

    state.store().put(case)
    state.choose(case=case.id)
    for key in ("why_past", "why_scores", "why_blanks", "why_absent"):
        st.session_state.setdefault(f"numbers_{key}", True)
    why_panel(View(case, Choices(case=case.id)), columns, 0.5)


def _shown(name: str, *columns: str) -> AppTest:
    given = {"case": _case(name), "columns": columns}
    return AppTest.from_function(panel, default_timeout=120, kwargs=given).run()


@pytest.mark.parametrize("columns", [("g",), ("g", "h")], ids=["one column", "a cross"])
@pytest.mark.parametrize("awkward", AWKWARD)
def test_no_awkward_table_breaks_the_panel(awkward: str, columns: tuple[str, ...]) -> None:
    at = _shown(awkward, *columns)

    assert not at.exception
    assert [e.value for e in at.header] == [
        "The past",
        "The scores",
        "Blank cells",
        "Who is not in the figures",
    ]


def test_the_panel_says_that_it_shows_no_causes() -> None:
    assert "These are places to look, not causes" in texts(_shown("crossed", "g"))


def test_of_many_groups_the_eight_largest_are_drawn_and_that_is_said() -> None:
    at = _shown("crossed", "g", "h")

    assert "The 8 largest of 15 groups are drawn" in texts(at)


def test_blanks_that_follow_the_group_are_named() -> None:
    words = texts(_shown("crossed", "g"))

    assert "1 of 3 columns has blanks" in words
    assert "**x** is blank for 0 % (0 % to 3.1 %), 0 of 120 in **a**, for 100 % of all others" in words


def test_names_from_a_file_stay_text() -> None:
    words = texts(_shown("hostile names", "g"))

    assert "[x](" not in words
    assert "\\[x\\]\\(" in words
