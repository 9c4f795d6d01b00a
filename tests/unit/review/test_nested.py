from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rai_dash.core.errors import InvalidBand, InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.review.nested import HALF_WIDTHS, count_bands, nested_bands
from tests.unit.review.promised import drawn


def routes_by_hand(score, band):
    if not math.isfinite(score):
        return "review"
    if band.lo is not None and score < band.lo:
        return "reject"
    return "approve" if band.hi is not None and score >= band.hi else "review"


grid = st.sampled_from([0.0, 0.25, 0.3, 0.35, 0.5, 0.7, 1.0])
ends = st.none() | grid
bands = st.tuples(ends, ends).map(
    lambda e: ReviewBand(
        None if e[0] is None else min(e[0], 0.5), 0.5, None if e[1] is None else max(e[1], 0.5)
    )
)
scores = grid | st.sampled_from([np.nan, np.inf, -np.inf, np.nextafter(0.35, 0)]) | st.floats(0, 1)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(scores, st.integers(0, 2)), max_size=40), st.lists(bands, max_size=6), st.booleans()
)
def test_the_counts_of_bands_equal_a_walk_through_the_rows(rows, chosen, narrow):
    score = np.array([s for s, _ in rows], np.float32 if narrow else np.float64)
    label = np.array([y for _, y in rows], np.int8)

    found = count_bands(score, label, chosen)

    assert found.labelled == sum(y != 2 for _, y in rows)
    for i, band in enumerate(chosen):
        routed = [(routes_by_hand(float(s), band), y) for s, y in zip(score, label, strict=True)]
        assert found.approved[i] == sum(r == "approve" and y != 2 for r, y in routed)
        assert found.approved_bad[i] == sum(r == "approve" and y == 0 for r, y in routed)
        assert found.declined[i] == sum(r == "reject" and y != 2 for r, y in routed)
        assert found.declined_good[i] == sum(r == "reject" and y == 1 for r, y in routed)
        assert (found.n[i], found.k[i]) == (
            found.approved[i] + found.declined[i],
            found.approved_bad[i] + found.declined_good[i],
        )


def test_the_default_list_starts_safest_and_ends_at_the_plain_threshold():
    listed = nested_bands(0.5)

    assert listed[0] == ReviewBand(0.05, 0.5, 0.95)
    assert listed[-1] == ReviewBand(0.5, 0.5, 0.5)
    assert len(listed) == len(HALF_WIDTHS)
    counts = count_bands(*drawn(1, 500), listed)
    assert (np.diff(counts.n) >= 0).all()


def test_the_ends_are_the_decimals_that_are_shown_and_open_outside_the_scale():
    assert nested_bands(0.5, (0.15,))[0].lo == 0.35
    assert nested_bands(0.8, (0.3,)) == (ReviewBand(0.5, 0.8, None),)
    assert nested_bands(0.1, (0.1, 0.05)) == (ReviewBand(0.0, 0.1, 0.2), ReviewBand(0.05, 0.1, 0.15))
    assert nested_bands(1 / 3, (0.0,))[0] == ReviewBand(1 / 3, 1 / 3, 1 / 3)


@pytest.mark.parametrize("widths", [(0.1, 0.2), (0.1, -0.1)])
def test_half_widths_that_do_not_fall_are_refused(widths):
    with pytest.raises(InvalidChoice, match="widest first"):
        nested_bands(0.5, widths)


def test_a_threshold_outside_the_scale_is_refused():
    with pytest.raises(InvalidBand):
        nested_bands(1.2, (0.1,))
