"""The Rebalance page, from the button to a kept model."""

from __future__ import annotations

import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.core.types import Roles
from rai_dash.ui import state
from tests.app.conftest import Open, table_case, texts


def compared(at: AppTest, seconds: float = 110) -> AppTest:
    """Start the comparison and wait for it."""
    at.number_input(key="reb_seeds").set_value(1)
    at.run()
    at.button(key="reb_go").click()
    at.run()
    end = time.monotonic() + seconds
    while "All strategies on the same" not in texts(at) and not at.error and time.monotonic() < end:
        time.sleep(0.5)
        at.run()
    return at


@pytest.fixture(scope="module")
def case():
    """A table with a rare outcome whose group names are Markdown."""
    rng = np.random.default_rng(2)
    lines = ["y,g,a,b"]
    for _ in range(700):
        group, (a, b) = rng.integers(2), rng.normal(size=2)
        y = int(a + b + 0.8 * group + rng.normal() > 2.6)
        lines.append(f"{y},{('![x](https://example.invalid/p.png)', '**m**')[group]},{a:.3f},{b:.3f}")
    return table_case("\n".join(lines), Roles(target="y", favourable=("1",), sensitive=("g",)))


def test_the_page_compares_says_what_it_found_and_keeps_a_model(open_page: Open, case) -> None:
    at = compared(open_page("rebalance", case=case))

    words = texts(at)
    assert not at.exception
    assert not at.error
    assert "The scores of your recipe promise" in words
    assert "nothing is shown to beat choosing the threshold" in words
    assert "a stand-in was used: it is not your model" in words
    assert "![x]" not in words
    table = at.dataframe[0].value
    assert table["strategy"].tolist() == [
        "As it is", "Threshold only", "Up, by outcome", "Down, by outcome", "Your recipe",
        "Your recipe, prior-corrected", "Your recipe as weights",
    ]  # fmt: skip
    same = table.set_index("strategy")["recall at the same share"]
    assert same["As it is"] == same["Threshold only"]
    at.toggle(key="reb_corrected").set_value(True)
    at.run()
    assert "overstate ×, corrected" in at.dataframe[0].value.columns
    at.selectbox(key="reb_shown").set_value("weights")
    at.run()
    at.button(key="reb_keep").click()
    at.run()
    kept = state.store().get(case.id)
    assert [m.title for m in kept.models] == [
        "Rebalanced: Your recipe as weights (outcome × g, up 100 %, down 100 %), seed 0"
    ]
    assert kept.models[0].trained_on == case.data[0].key


def test_nothing_is_trained_before_the_button_is_pressed_and_the_warning_example_is_closed(
    open_page: Open, case
) -> None:
    words = texts(open_page("rebalance", case=case))

    assert "Nothing is trained until then" in words
    assert "All strategies on the same" not in words
    assert "WRONG" not in words
