"""The panels on imbalance, population and balanced split, on plain and on awkward tables."""

from __future__ import annotations

from functools import lru_cache

import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.case import Case
from rai_dash.core.types import Roles
from tests.app.conftest import table_case, texts

ROLES = Roles(target="y", favourable=("1",), sensitive=("g",))
PLAIN = "y,g,h,x\n" + "".join(
    f"{int(i % 4 == 0 or (i % 5 == 0))},{'ab'[i % 5 == 0]},{'uvw'[i % 3]},{i % 97}\n" for i in range(1200)
)
AWKWARD = {
    "one class": "y,g,h,x\n" + "1,a,u,4\n1,b,u,8\n" * 20,
    "one group": "y,g,h,x\n" + "1,a,u,4\n0,a,u,8\n" * 20,
    "blank groups": "y,g,h,x\n" + "1,,,\n0,,,\n" * 20,
    "blank outcomes": "y,g,h,x\n" + ",a,u,4\n,b,v,\n1,a,w,9\n0,b,u,3\n" * 15,
    "few rows": "y,g,h,x\n1,a,u,4\n0,b,v,9\n",
    "hostile names": "y,g,h,x\n" + "1,[x](http://evil.test),=1,4\n0,![y](z) × b,<b>,8\n" * 30,
}


@lru_cache
def _case(name: str) -> Case:
    return table_case(AWKWARD.get(name, PLAIN), ROLES)


def panels(case, query):
    """Draw the panels alone; run as a script, without what this file imports."""
    import streamlit as st

    from rai_dash.ui import state
    from rai_dash.ui.balanced_split import split_panel
    from rai_dash.ui.choices import Choices
    from rai_dash.ui.imbalance import imbalance_panel
    from rai_dash.ui.population import population_panel
    from rai_dash.ui.state import View

    state.store().put(case)
    if "begun" not in st.session_state:
        state.choose(case=case.id, **query)
        st.session_state["begun"] = True
    for key in ("imbalance", "population", "split_cells"):
        st.session_state.setdefault(f"numbers_{key}", True)
    view = View(case, Choices(case=case.id))
    imbalance_panel(view)
    population_panel(view)
    split_panel(view)


def _shown(name: str, **query: object) -> AppTest:
    given = {"case": _case(name), "query": query}
    return AppTest.from_function(panels, default_timeout=120, kwargs=given).run()


@pytest.mark.parametrize("cells", ["g", "g,h", "g,h,x", "x"])
@pytest.mark.parametrize("awkward", AWKWARD)
def test_no_awkward_table_breaks_the_panels(awkward: str, cells: str) -> None:
    at = _shown(awkward, cells=cells, wanted=50)

    assert not at.exception
    for field in at.number_input:
        if "% of the population" in field.label:
            field.set_value(50.0)
    for button in at.button:
        button.click()
    at.run()
    assert not at.exception


def test_a_share_aimed_at_names_the_cells_below_it() -> None:
    at = _shown("plain", cells="g", wanted=60)

    assert "Shown to lie below the 60 % aimed at" in texts(at)
    assert "240 of 960" in texts(at)


def test_own_edges_that_are_no_numbers_are_refused_in_one_sentence() -> None:
    at = _shown("plain", cells="x", binning="young")

    assert [e.value for e in at.error] == [
        "'young' is no list of edges\\. Write numbers that increase, with blanks between\\: 25 35 50\\."
    ]


def test_stated_shares_say_who_is_missing() -> None:
    at = _shown("plain")
    for field, share in zip((f for f in at.number_input if "% of the" in f.label), (50.0, 50.0), strict=True):
        field.set_value(share)
    next(b for b in at.button if b.label == "Compare").click().run()

    assert "**b** is 20 % of the rows (18 % to 22 %) and 50 % of the population: about **360** rows" in texts(
        at
    )


def test_shares_that_do_not_add_up_are_refused_until_they_are_scaled() -> None:
    at = _shown("plain")
    for field, share in zip((f for f in at.number_input if "% of the" in f.label), (8.0, 2.0), strict=True):
        field.set_value(share)
    next(b for b in at.button if b.label == "Compare").click().run()

    assert "add up to 10, not to 100 %" in texts(at)
    next(t for t in at.toggle if t.label == "Scale to 100 %").set_value(True)
    next(b for b in at.button if b.label == "Compare").click().run()
    assert not at.error
    assert "No group is shown to be missing" in texts(at)


def test_a_drawn_split_says_its_caveat_and_its_sizes() -> None:
    at = _shown("plain")
    next(f for f in at.number_input if f.label.startswith("At least")).set_value(5)
    next(f for f in at.number_input if f.label.startswith("At most")).set_value(40)
    next(b for b in at.button if b.label == "Draw the split").click().run()

    assert not [e.value for e in at.error]
    assert "precision, accuracy" in texts(at)
    shown = {m.label: int(m.value.replace(",", "")) for m in at.metric if m.label.endswith("rows")}
    assert shown["Training rows"] + shown["Test rows"] == 1200
    assert shown["Test rows"] <= 4 * 40
