"""The pages that judge a threshold say whether it was picked on the rows they show, in a place that is always taken."""

from __future__ import annotations

import pytest

from rai_dash.ui.cost_words import PICKED_HERE, STARTS_HERE
from tests.app.conftest import texts

WAYS_OUT = {"performance": "further down", "fairness": "on the Performance page"}


@pytest.mark.parametrize("page", list(WAYS_OUT))
def test_moving_the_threshold_says_what_it_does_and_moves_nothing_else(open_page, page):
    starts, picked = (text.format(where=WAYS_OUT[page]) for text in (STARTS_HERE, PICKED_HERE))
    at = open_page(page)
    assert starts in texts(at)
    assert picked not in texts(at)
    before = [block.type for block in at.main]

    slider = next(s for s in at.slider if s.key == "pick_threshold")
    slider.set_value(slider.value + 0.5).run()

    assert picked in texts(at)
    assert starts not in texts(at)
    assert [block.type for block in at.main] == before


def test_both_sentences_take_as_many_lines():
    assert abs(len(PICKED_HERE) - len(STARTS_HERE)) <= 10
