"""What the charts of the review queue draw."""

from __future__ import annotations

import pytest

from rai_dash.charts.queue_band import queue_band
from rai_dash.charts.queue_people import Measured, queue_people
from rai_dash.core.types import Estimate, ReviewBand


def test_the_three_zones_fill_the_bar_and_meet_at_the_ends_of_the_band():
    data = queue_band(ReviewBand(0.35, 0.5, 0.7), 0.62).data
    zones = data[data["part"] == "zone"]
    assert zones[["route", "start", "stop"]].to_numpy().tolist() == [
        ["declined", 0.0, 0.35],
        ["to a person", 0.35, 0.7],
        ["approved", 0.7, 1.0],
    ]
    assert data[data["part"] == "score"]["x"].tolist() == [0.62]
    assert data[data["part"] == "cut"]["x"].tolist() == [0.5]


@pytest.mark.parametrize(("lo", "hi", "routes"), [(None, 0.7, ["to a person", "approved"]),
                                                  (0.3, None, ["declined", "to a person"]),
                                                  (0.5, 0.5, ["declined", "approved"])])  # fmt: skip
def test_an_open_end_or_an_empty_band_has_no_zone(lo, hi, routes):
    data = queue_band(ReviewBand(lo, 0.5, hi), None).data
    assert data[data["part"] == "zone"]["route"].tolist() == routes
    assert not (data["part"] == "score").any()


def test_what_is_undefined_says_why_and_has_no_dot():
    found = Estimate(0.5, 0.2, 0.8, 5.0, 10.0)
    data = queue_people([
        Measured(name="a", found=found, assumed=0.9),
        Measured(name="b", found=Estimate.undefined("no outcome is known"), assumed=0.8),
    ]).data  # fmt: skip
    assert data["part"].tolist() == ["found", "assumed", "undefined", "assumed"]
    assert data["label"].tolist() == ["50 %", "90 %", "– no outcome is known", "80 %"]
