"""The pages that judge a threshold say whether it was picked on the rows they show, in a place that is always taken."""

from __future__ import annotations

import pytest

from rai_dash.ui.cost_words import PICKED_HERE, STARTS_HERE
from tests.app.conftest import texts


@pytest.mark.parametrize("page", ["performance", "fairness"])
def test_moving_the_threshold_says_what_it_does_and_moves_nothing_else(open_page, page):
    at = open_page(page)
    assert STARTS_HERE in texts(at)
    assert PICKED_HERE not in texts(at)
    before = [block.type for block in at.main]

    slider = next(s for s in at.slider if s.key == "pick_threshold")
    slider.set_value(slider.value + 0.5).run()

    assert PICKED_HERE in texts(at)
    assert STARTS_HERE not in texts(at)
    assert [block.type for block in at.main] == before


def test_both_sentences_take_as_many_lines():
    assert abs(len(PICKED_HERE) - len(STARTS_HERE)) <= 10
