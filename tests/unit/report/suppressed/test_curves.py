"""Curves of groups: wider bins, counted again from the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rai_dash.report.suppressed import suppress_document
from tests.unit.report.suppressed.documents import document, random_rows, wilson

Json = dict[str, Any]
FEWEST = 10


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """3,000 people in 2 groups."""
    return random_rows(1, n=3000, groups=(2,), is_complete=True)


@pytest.fixture(scope="module")
def told(rows: pd.DataFrame) -> Json:
    """Return what leaves of them."""
    return suppress_document(document(rows, ("a",), band=(0.3, 0.7), has_curves=True), fewest=FEWEST)


def inside(rows: pd.DataFrame, low: float, high: float) -> pd.Series:
    """Say which scores are in a bin; the last one has its end."""
    cells = (rows.score * 1000).round()
    return (cells >= round(low * 1000)) & ((cells < round(high * 1000)) | (high == 1.0))


def test_every_bin_of_scores_holds_nobody_or_enough(told: Json, rows: pd.DataFrame) -> None:
    """Joined bins add up, are the same for both groups, and there are several."""
    curves = told["curves"]["a"]
    assert curves["a0"]["scores"]["left"] == curves["a1"]["scores"]["left"]
    assert len(curves["a0"]["scores"]["left"]) > 10
    for group, curve in curves.items():
        own, scores = rows[rows.a == group], curve["scores"]
        assert scores["left"][1:] == scores["right"][:-1]
        assert (scores["left"][0], scores["right"][-1]) == (0.0, 1.0)
        for name, letter in (("favourable", "f"), ("unfavourable", "u"), ("unknown", "x")):
            counted = [
                float((inside(own, low, high) & (own.outcome == letter)).sum())
                for low, high in zip(scores["left"], scores["right"], strict=True)
            ]
            assert scores[name] == counted
            assert all(n == 0 or n >= FEWEST for n in counted)


def test_joined_bins_of_calibration_are_counted_again(told: Json, rows: pd.DataFrame) -> None:
    """Rows, mean score, share and its interval of each wider bin."""
    own, found = rows[rows.a == "a1"], told["curves"]["a"]["a1"]["calibration"]
    for i, (low, high) in enumerate(zip(found["left"], found["right"], strict=True)):
        some = own[inside(own, low, high)]
        good = int((some.outcome == "f").sum())
        assert found["rows"][i] == len(some)
        assert found["observed"][i] == pytest.approx(good / len(some))
        assert found["mean_score"][i] == pytest.approx(some.score.mean())
        assert (found["low"][i], found["high"][i]) == pytest.approx(wilson(good, len(some)))


def test_points_of_the_curves_are_at_ends_of_bins(told: Json, rows: pd.DataFrame) -> None:
    """And what they say there is unchanged; the cuts of the document stay."""
    own, curve = rows[rows.a == "a0"], told["curves"]["a"]["a0"]
    points = curve["thresholds"]
    ends = {*curve["scores"]["left"], 0.3, 0.5, 0.7}
    assert set(points["threshold"]) <= ends
    assert {0.5, 0.7} <= set(points["threshold"]) | set(curve["scores"]["left"])
    good = own[own.outcome == "f"]
    for t, recall in zip(points["threshold"], points["recall"], strict=True):
        assert recall == pytest.approx((good.score >= t).mean())


def test_groups_that_hide_a_count_have_no_curve() -> None:
    """9 people of a group: its curve and that of the next are gone."""
    rows = random_rows(2, n=1500, groups=(2,), is_complete=True)
    rows = pd.concat([rows, rows.head(9).assign(a="few")], ignore_index=True)
    curves = suppress_document(document(rows, ("a",), has_curves=True), fewest=FEWEST)["curves"]["a"]
    assert curves["few"] == {part: {"suppressed": True} for part in ("calibration", "thresholds", "scores")}
    assert curves["a1"] == curves["few"]
    assert "left" in curves["a0"]["scores"]


def test_everyone_has_wider_bins_where_all_of_them_are_of_one_group() -> None:
    """Nobody unfavourable of a1 is approved: everyone's fine bins would be those of a0."""
    rows = random_rows(3, n=2500, groups=(2,), skew=0.4, is_complete=True)
    rows = rows[~((rows.a == "a1") & (rows.outcome == "u") & (rows.score >= 0.5))].reset_index(drop=True)
    told = suppress_document(document(rows, ("a",), has_curves=True), fewest=FEWEST)
    assert told["groups"]["a"]["a1"]["fpr"]["numerator"] == 0
    scores = told["overall_curves"]["scores"]
    above = [i for i, left in enumerate(scores["left"]) if left >= 0.5]
    assert (
        np.sum([scores["unfavourable"][i] for i in above])
        == ((rows.outcome == "u") & (rows.score >= 0.5)).sum()
    )
    assert all(scores["unfavourable"][i] == 0 or scores["unfavourable"][i] >= FEWEST for i in above)
