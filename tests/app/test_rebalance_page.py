"""The Rebalance page, from the button to a kept model."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.core.types import Roles
from rai_dash.trials.rebalancing.folds import make_fold
from rai_dash.ui import state
from tests.app.conftest import Open, table_case, texts

# Models are trained here: a busy machine may need longer than the others' limit.
pytestmark = pytest.mark.timeout(400)


def compared(at: AppTest, seconds: float = 110) -> AppTest:
    """Start the comparison and wait for it."""
    at.number_input(key="pick_seeds").set_value(1)
    at.run()
    at.button(key="reb_go").click()
    at.run()
    end = time.monotonic() + seconds
    while "All strategies on the same" not in texts(at) and not at.error and time.monotonic() < end:
        time.sleep(0.5)
        at.run()
    return at


def address(at: AppTest) -> dict[str, str]:
    """Read the parameters of the address; a single one comes as text or as a list of one."""
    return {k: v if isinstance(v, str) else v[0] for k, v in at.query_params.items()}


def opened_again(open_page: Open, at: AppTest) -> AppTest:
    """Open the address of a page in a new session, as a refresh or a link does."""
    query = address(at)
    return open_page("rebalance", case=state.store().get(query.pop("case")), **query)


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
    at.toggle(key="pick_corrected").set_value(True)
    at.run()
    assert "overstate ×, corrected" in at.dataframe[0].value.columns
    at.selectbox(key="pick_variant").set_value("weights")
    at.run()
    at.button(key="reb_keep").click()
    at.run()
    kept = state.store().get(case.id)
    assert [m.title for m in kept.models] == [
        "Rebalanced: Your recipe as weights (outcome × g, up 100 %, down 100 %), seed 0"
    ]
    assert kept.models[0].trained_on == case.data[0].key
    # The comparison stays, also where the kept model is the first of the case.
    assert "All strategies on the same" in texts(at)
    assert "Kept in the case as" in texts(at)
    assert not [b for b in at.button if b.key == "reb_keep"]
    again = opened_again(open_page, at)
    assert "All strategies on the same" in texts(again)
    assert again.toggle(key="pick_corrected").value
    assert again.selectbox(key="pick_variant").value == "weights"
    assert again.number_input(key="pick_seeds").value == 1
    again.button(key="reb_see_performance").click()
    again.run()
    assert again.title[0].value == "Performance"
    assert address(again)["model"] == kept.models[0].key


def test_a_cell_of_its_own_is_shown_before_training_and_stays_in_the_address(open_page: Open, case) -> None:
    at = open_page("rebalance", case=case)
    dataset = case.data[0].dataset

    at.slider(key="reb_cell_1_1").set_value(50.0)
    at.run()

    assert not at.exception
    code = address(at)["balance_cells"]
    assert code.endswith("-1.1.500")
    assert not any(name in code for name in dataset.frame["g"].unique())
    folds = make_fold(dataset, None, seed=0, features=("a", "b"))
    rows = dataset.frame.iloc[folds.train].groupby(["y", "g"]).size()
    # Three cells as large as the largest, one half as large.
    assert f"become {3 * rows.max() + round(rows.max() / 2):,}" in texts(at)
    again = opened_again(open_page, at)
    assert again.slider(key="reb_cell_1_1").value == 50.0
    again.button(key="reb_cells_reset").click()
    again.run()
    assert "balance_cells" not in address(again)
    assert again.slider(key="reb_cell_1_1").value == 100.0


def test_a_recipe_that_leaves_an_outcome_empty_is_refused_before_training(open_page: Open, case) -> None:
    at = open_page("rebalance", case=case)
    for place in (0, 1):
        at.slider(key=f"reb_cell_1_{place}").set_value(0.0)
        at.run()

    assert "leaves no favourable training row" in texts(at)
    assert at.button(key="reb_go").disabled
    at.button(key="reb_cells_reset").click()
    at.run()
    assert not at.error


@pytest.mark.parametrize(
    "query",
    [
        {"balance_cells": "x-1.0.5", "tried": "evil,,up", "seeds": "99", "variant": "none", "arena": "?"},
        {"balance_cells": "-" * 300, "own_column": "nowhere", "seeds": "-3", "up": "90", "down": "10"},
    ],
)
def test_nonsense_in_the_address_does_not_break_the_page(open_page: Open, case, query) -> None:
    at = open_page("rebalance", case=case, **query)

    assert not at.exception
    assert not at.error
    assert "What the training fold will look like" in texts(at)


def test_a_column_that_cannot_say_what_to_train_on_is_refused_and_one_that_can_joins(open_page: Open) -> None:
    rng = np.random.default_rng(3)
    rows = [
        f"{int(x > 0.8)},{x:.3f},{i % 2},{'perhaps' if i == 5 else 'yes'}"
        for i, x in enumerate(rng.normal(size=300))
    ]
    case = table_case("y,a,keep,odd\n" + "\n".join(rows), Roles(target="y", favourable=("1",)))

    at = open_page("rebalance", case=case, own_column="odd", seed="1")
    assert "'odd' is neither yes nor no" in texts(at)
    at.selectbox(key="pick_own_column").set_value("keep")
    at.run()

    assert not at.error
    assert re.search(r"column keep takes \d+ of 240 training rows", texts(at))
    assert "keep was offered as a feature. It is left out of every model trained here" in texts(at)


def test_nothing_is_trained_before_the_button_is_pressed_and_the_warning_example_is_closed(
    open_page: Open, case
) -> None:
    words = texts(open_page("rebalance", case=case))

    assert "Nothing is trained until then" in words
    assert "All strategies on the same" not in words
    assert "WRONG" not in words
