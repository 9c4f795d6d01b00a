from __future__ import annotations

import json

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.review.nested import count_bands, nested_bands
from rai_dash.review.two_sided import two_sided
from tests.unit.review.promised import DELTA, drawn, sequence_by_hand


def both(groups, alpha_approve=0.2, alpha_refuse=0.3, delta=DELTA):
    return two_sided(groups, alpha_approve=alpha_approve, alpha_refuse=alpha_refuse, delta=delta)


def test_approvals_and_refusals_have_a_chain_each_with_half_the_doubt():
    listed = nested_bands(0.5)
    counts = count_bands(*drawn(4, 4000), listed)

    found = both({"everyone": counts})

    hi, _ = sequence_by_hand(counts.approved_bad, counts.approved, 0.2, DELTA / 2)
    lo, _ = sequence_by_hand(counts.declined_good, counts.declined, 0.3, DELTA / 2)
    assert (found.approvals.found, found.refusals.found) == (hi, lo)
    assert hi != lo
    assert found.band == ReviewBand(listed[lo].lo, 0.5, listed[hi].hi)
    assert (found.certified, found.delta_each) == (True, DELTA / 2)


def test_a_promise_to_each_group_holds_where_every_group_passed():
    listed = nested_bands(0.5)
    groups = {"a": count_bands(*drawn(4, 4000), listed), "b": count_bands(*drawn(6, 3000), listed)}

    found = both(groups)

    assert found.delta_each == DELTA / 4
    last = [sequence_by_hand(c.approved_bad, c.approved, 0.2, DELTA / 4)[0] for c in groups.values()]
    assert last[0] != last[1]
    assert found.approvals.found == min(last)
    assert found.band.hi == listed[min(last)].hi


def test_a_band_that_is_too_wide_to_be_tested_for_one_group_is_promised_to_none():
    listed = nested_bands(0.5, (0.4, 0.3))
    large = count_bands(np.full(400, 0.95), np.ones(400, np.int8), listed)
    # The small group's scores lie inside the wide band; the large one fails at the narrow one.
    failing = count_bands(
        np.r_[np.full(400, 0.95), np.full(400, 0.85)], np.r_[np.ones(400), np.zeros(400)], listed
    )
    small = count_bands(np.full(400, 0.85), np.ones(400, np.int8), listed)

    assert both({"large": large, "small": small}).approvals.found == 1
    found = both({"large": failing, "small": small})
    assert found.approvals.found is None
    assert found.band.hi is None
    assert "No band passed for every group" in found.approvals.reason


def test_an_end_without_a_promise_stays_open_and_says_whose_chain_failed():
    listed = nested_bands(0.5)
    score, label = drawn(4, 4000)
    groups = {"many": count_bands(score, label, listed), "few": count_bands(score[:20], label[:20], listed)}

    found = both(groups)

    assert (found.band.lo, found.band.hi, found.certified) == (None, None, False)
    assert found.approvals.reason.startswith("few: No band decides")
    content = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert content["band"] == {"lo": None, "threshold": 0.5, "hi": None}
    assert set(content["refusals"]["groups"]) == {"many", "few"}


def test_groups_that_were_counted_with_other_bands_are_refused():
    rows = drawn(1, 50)
    groups = {"a": count_bands(*rows, nested_bands(0.5)), "b": count_bands(*rows, nested_bands(0.4))}

    with pytest.raises(InvalidChoice, match="same list of bands"):
        both(groups)
    with pytest.raises(InvalidChoice, match="same list of bands"):
        both({})


@pytest.mark.parametrize(("alpha", "delta"), [(0.0, 0.05), (1.0, 0.05), (0.1, 0.0), (0.1, 1.5)])
def test_shares_and_chances_outside_0_to_1_are_refused(alpha, delta):
    counts = count_bands(*drawn(1, 50), nested_bands(0.5))

    with pytest.raises(InvalidChoice, match="between 0 and 1"):
        both({"a": counts}, alpha_approve=alpha, delta=delta)
