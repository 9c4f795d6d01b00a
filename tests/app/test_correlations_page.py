"""The Correlations page: a click on a cell chooses the pair, and the measure and pair of the address are shown."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import streamlit as st

from rai_dash.bundled import open_bundled
from rai_dash.ui import state
from rai_dash.ui.associations import clicks, words
from tests.app.conftest import Open, texts


@pytest.fixture
def chosen(monkeypatch):
    """What a callback writes into the choices, without a running page."""
    found: dict[str, object] = {}
    monkeypatch.setattr(state, "choose", lambda **changes: found.update(changes))

    def click(cells, columns=("a", "b", "c")):
        state_of = {"matrix_click": SimpleNamespace(selection={"cell": cells})}
        monkeypatch.setattr(st, "session_state", state_of)
        clicks._choose(columns)
        return dict(found)

    return click


def test_a_click_on_a_cell_chooses_row_and_column(chosen):
    assert chosen([{"i": 2, "j": 0, "turn": 1}]) == {"first": "c", "second": "a"}


@pytest.mark.parametrize(
    "cells", [[], [{}], [{"i": 1, "j": 1}], [{"i": -1, "j": -1}], [{"i": 0, "j": 3}], [{"i": "0", "j": None}]]
)
def test_a_click_beside_the_cells_or_a_forged_one_chooses_nothing(chosen, cells):
    assert chosen(cells) == {}


def test_the_turn_goes_up_when_the_pair_changes_and_only_then(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})

    first = clicks.turn("a", "b")

    assert clicks.turn("a", "b") == first
    assert clicks.turn("a", "c") == first + 1
    assert clicks.turn("a", "b") == first + 2


@pytest.mark.parametrize("code", ["pearson", "phik"])
def test_a_measure_draws_and_the_pair_of_the_address_is_shown(open_page: Open, code):
    at = open_page(
        "correlations",
        case=open_bundled("story", "story.measures"),
        measure=code,
        first="gender",
        second="age",
    )

    assert not at.exception
    assert [at.selectbox(f"pick_{side}").value for side in ("first", "second")] == ["gender", "age"]
    assert words.meaning(code).split(".", maxsplit=1)[0] in texts(at)
