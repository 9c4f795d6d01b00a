from __future__ import annotations

import numpy as np
import pytest

from rai_dash.stats.intervals import wilson
from rai_dash.stats.shares import share_estimates


def test_weighted_shares_get_wilsons_interval_on_the_effective_size():
    weights = np.array([1.0, 3.0, 2.0])

    found = share_estimates(
        np.array([3.0]), np.array([weights.sum()]), squares=np.array([(weights**2).sum()]), undefined="no"
    )

    size = 36 / 14
    assert found.value[0] == 0.5
    assert found.size[0] == pytest.approx(size)
    assert (found.low[0], found.high[0]) == pytest.approx(tuple(map(float, wilson(0.5 * size, size))))


def test_a_denominator_of_0_is_undefined_with_the_reason():
    found = share_estimates(
        np.zeros(2), np.array([0.0, 4.0]), squares=np.array([0.0, 4.0]), undefined="nobody"
    )

    assert np.isnan([found.value[0], found.low[0], found.high[0]]).all()
    assert found.reason == ("nobody", None)
    assert found.value[1] == found.low[1] == 0.0
