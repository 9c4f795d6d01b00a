"""Score columns on the scales that lenders write them on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidRoles, MissingColumn
from rai_dash.core.types import Direction, Roles, ScoreScale
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.scores import scores_of_column

LOWER = Direction.LOWER


def scores(values, scale=None):
    frame = pd.DataFrame({"score": values, "loan": ["yes"] * len(values)})
    return scores_of_column(dataset_from_frame(frame, Roles(score="score", scale=scale or ScoreScale())))


def test_a_probability_passes_without_moving_a_digit():
    written = np.array([0.1, 0.1 + 0.2, 5e-324, np.nextafter(1.0, 0.0), 0.0, 1.0])

    assert scores(written).tobytes() == written.tobytes()


@pytest.mark.parametrize(
    ("values", "scale", "expected"),
    [
        ([0.0, 0.25, 1.0], ScoreScale(direction=LOWER), [1.0, 0.75, 0.0]),
        ([0.0, 35.0, 100.0], ScoreScale(low=0, high=100, unit="percent"), [0.0, 0.35, 1.0]),
        ([300, 575, 850], ScoreScale(low=300, high=850, unit="points"), [0.0, 0.5, 1.0]),
        ([300, 575, 850], ScoreScale(low=300, high=850, direction=LOWER, unit="points"), [1.0, 0.5, 0.0]),
        ([-3.0, 0.0, 1.0], ScoreScale(low=-3, high=1, unit="points"), [0.0, 0.75, 1.0]),
        ([0, 1, 1], ScoreScale(), [0.0, 1.0, 1.0]),
    ],
)
def test_the_ends_of_the_scale_become_0_and_1_and_low_may_be_good(values, scale, expected):
    assert scores(values, scale).tolist() == pytest.approx(expected, abs=1e-15)


def test_blank_cells_have_no_score():
    found = scores([0.2, np.nan, 0.4], ScoreScale(direction=LOWER))

    assert np.isnan(found).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("values", "scale", "words"),
    [
        ([0.5, 1.5, -2.0], ScoreScale(), r"2 values outside 0 to 1 \(first: 1\.5\)"),
        ([299, 500, 600], ScoreScale(low=300, high=850, unit="points"), r"1 values outside 300 to 850"),
        (["high", "low", "low"], ScoreScale(), "`score` holds text"),
    ],
)
def test_what_leaves_its_scale_or_is_text_is_refused(values, scale, words):
    with pytest.raises(InvalidRoles, match=words):
        scores(values, scale)


def test_a_table_without_a_score_column_says_so():
    frame = pd.DataFrame({"scores": [0.1, 0.2]})

    with pytest.raises(InvalidRoles, match="No score column"):
        scores_of_column(dataset_from_frame(frame))
    with pytest.raises(MissingColumn, match=r"`score`.*`scores`"):
        dataset_from_frame(frame, Roles(score="score"))
