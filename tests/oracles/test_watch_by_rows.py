"""What the watch pages say about weighted rows, against sums over the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from rai_dash.data.dataset import dataset_from_frame
from tests.unit.govern.monitor_story import ROLES, applications, judged, make_policy


def weighted(n: int, seed: int) -> pd.DataFrame:
    return applications(n, seed).assign(w=np.random.default_rng(seed).gamma(0.5, 1.0, n).round(2))


def approved(frame: pd.DataFrame, sex: str) -> tuple[float, float]:
    """Weighted share at or above the threshold, and Kish's effective rows."""
    group = frame[frame["sex"] == sex]
    return (
        np.average(group["score"] >= 0.5, weights=group["w"]),
        group["w"].sum() ** 2 / (group["w"] ** 2).sum(),
    )


def score_interval(share: float, n: float) -> tuple[float, float]:
    """The shares that the score test does not reject: Wilson's interval by solving for its ends."""

    def z(p: float) -> float:
        return (share - p) / np.sqrt(p * (1 - p) / n)

    ends = norm.ppf(0.975)
    return brentq(lambda p: z(p) - ends, 1e-9, share), brentq(lambda p: z(p) + ends, share, 1 - 1e-9)


def newcombe_by_hand(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    (p1, n1), (p2, n2) = one, other
    l1, u1 = score_interval(p1, n1)
    l2, u2 = score_interval(p2, n2)
    return p1 - p2 - np.hypot(p1 - l1, u2 - p2), p1 - p2 + np.hypot(u1 - p1, p2 - l2)


def test_a_gap_of_weighted_rows_is_the_one_of_the_weighted_shares():
    signed, batch = weighted(600, 5), weighted(150, 6)
    policy = make_policy(dataset_from_frame(signed, ROLES.with_(weight="w")))

    line = judged(policy, batch).line("selection_rate_gap", "sex")

    for found, frame in ((line.signed, signed), (line.batch, batch)):
        high, low = sorted((approved(frame, sex) for sex in ("f", "m")), reverse=True)
        least, most = newcombe_by_hand(high, low)
        assert found.value == pytest.approx(high[0] - low[0], abs=1e-12)
        assert (found.low, found.high) == pytest.approx((max(0.0, least), most), abs=1e-9)
