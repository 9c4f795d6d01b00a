"""What the charts of the review band draw; `test_templates` has what holds for all."""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.charts._band_plane import written
from rai_dash.charts._base import MAX_MARKS
from rai_dash.charts.band_candidates import Measure, band_candidates
from rai_dash.charts.band_cloud import band_cloud
from rai_dash.charts.band_cohorts import band_cohorts
from rai_dash.charts.band_front import FrontBand, band_front
from rai_dash.charts.band_map import band_map
from rai_dash.charts.calibration import calibration
from rai_dash.charts.risk_coverage import risk_coverage
from rai_dash.core.types import Estimate, ReviewBand

CHARTS = (
    "band_candidates", "band_cloud", "band_cohorts", "band_front", "band_map", "calibration", "risk_coverage",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _bare_templates(monkeypatch):
    """Leave out the templates, which are slow to build: these tests look at the data."""
    for name in CHARTS:
        monkeypatch.setattr(f"rai_dash.charts.{name}._template", lambda *_: {"layer": []})


def _part(chart, name):
    return chart.data[chart.data["part"] == name].reset_index(drop=True)


def _map(los, his, value, **more):
    return band_map(los, his, value, unit="share", **more)


def test_a_cell_of_the_map_is_one_band_and_reaches_half_way_to_its_neighbours():
    chart = _map([0.1, 0.2, 0.4], [0.5, 0.9], [[0.1, 0.2], [0.3, np.nan], [0.5, 0.6]])
    cells = _part(chart, "cell")

    places = cells[["i", "j", "value"]].to_numpy().tolist()
    assert places == [[0, 0, 0.1], [1, 0, 0.3], [2, 0, 0.5], [0, 1, 0.2], [2, 1, 0.6]]
    first = cells.iloc[1]
    assert first[["x0", "x1", "y0", "y1"]].tolist() == pytest.approx([0.15, 0.3, 0.3, 0.7])
    assert first["band_text"] == "declined below 20 %, approved from 50 %"
    assert first["value_text"] == "30 %"
    assert set(cells["state"]) == {"kept"}
    assert not len(_part(chart, "struck"))
    assert not len(_part(chart, "note"))


def test_bands_that_break_a_limit_are_struck_out_run_by_run():
    met = [[True, False], [False, False], [False, True], [True, False]]
    chart = _map([0.1, 0.2, 0.3, 0.4], [0.6, 0.8], np.full((4, 2), 0.5), feasible=met)

    runs = _part(chart, "struck")[["x0", "x1", "middle"]].to_numpy()
    assert runs == pytest.approx(np.array([[0.15, 0.35, 0.6], [0.05, 0.25, 0.8], [0.35, 0.45, 0.8]]))
    cells = _part(chart, "cell")
    assert cells["feasible"].tolist() == [True, False, False, True, False, False, True, False]
    assert cells["state"].tolist() == ["kept" if fits else "not kept" for fits in cells["feasible"]]
    assert _part(chart, "note")["label"].tolist() == ["pale and struck out: breaks a limit"]


def test_a_blank_band_is_neither_drawn_nor_struck_out():
    chart = _map([0.1, 0.2, 0.3], [0.6], [[0.5], [np.nan], [0.5]], feasible=[[False], [False], [False]])

    assert _part(chart, "cell")["i"].tolist() == [0, 2]
    assert len(_part(chart, "struck")) == 2


@pytest.mark.parametrize("pattern", ["none", "chess", "half"])
def test_a_map_of_ten_thousand_bands_shows_lines_of_the_grid_and_no_averages(pattern):
    k = np.arange(101)
    los, his = k / 200, 0.5 + k / 200
    value = los[:, None] * 1000 + his[None, :]
    met = {
        "none": np.ones((101, 101), bool),
        "chess": (k[:, None] + k[None, :]) % 2 == 0,
        "half": k[:, None] < k[None, :],
    }[pattern]
    chart = _map(list(los), list(his), value, feasible=met, now=ReviewBand(0.3, 0.5, 0.7))
    cells = _part(chart, "cell")

    # A marked band is drawn four times, all else once.
    assert len(chart.data) + 3 <= MAX_MARKS
    assert len(cells) >= 400
    assert {0, 100} <= set(cells["i"])
    assert {0, 100} <= set(cells["j"])
    assert np.array_equal(cells["value"], value[cells["i"], cells["j"]])
    assert np.array_equal(cells["feasible"].astype(bool), met[cells["i"], cells["j"]])


def test_the_present_and_the_best_band_stand_where_they_are_and_open_ends_at_the_edge():
    chart = _map([0.1, 0.2], [0.6, 0.7], np.ones((2, 2)), now=ReviewBand(0.13, 0.5, None), best=None, turn=3)

    now = _part(chart, "now")
    assert now[["lo", "hi"]].to_numpy().tolist() == [[0.13, 1.0]]
    assert now["band_text"].tolist() == ["declined below 13 %, nobody approved"]
    assert now[["i", "j"]].to_numpy().tolist() == [[-1, -1]]
    assert not len(_part(chart, "best"))
    assert set(chart.data["turn"]) == {3}


def test_a_map_of_one_band_and_of_another_shape():
    assert len(_part(_map([0.5], [0.5], [[0.2]]), "cell")) == 1
    with pytest.raises(ValueError, match=r"2 × 1 bands, got \(1, 2\)"):
        _map([0.1, 0.2], [0.5], [[0.2, 0.3]])


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.123, "share", "12 %"),
        (0.0712, "share", "7.1 %"),
        (0.0451, "points", "4.5 points"),
        (0.8, "ratio", "0.80"),
        (12345.6, "amount", "12,346"),
        (-12345.6, "amount", "−12,346"),
        (0.314, "amount", "0.314"),
        (3.5, "amount", "3.50"),
        (0.0, "amount", "0"),
        (None, "amount", "–"),
        (float("nan"), "share", "–"),
    ],
)
def test_values_are_written_in_their_unit(value, unit, text):
    assert written(value, unit) == text


def test_a_click_on_the_front_names_the_band_in_the_list_that_was_given():
    bands = [
        FrontBand(0.1, 0.9, 0.5, 2.0, 0.03),
        FrontBand(0.2, 0.8, None, 2.0, 0.03),
        FrontBand(0.3, 0.7, 0.2, 3.5, None),
        FrontBand(0.3, None, 0.9, float("nan"), 0.1),
    ]
    chart = band_front(bands, now=FrontBand(0.4, 0.6, 0.1, 4.0, 0.02))
    points = _part(chart, "point")

    assert points[["i", "review", "cost"]].to_numpy().tolist() == [[2, 0.2, 3.5], [0, 0.5, 2.0]]
    assert points["known"].tolist() == [False, True]
    assert points["gap_text"].tolist() == ["–", "3 points"]
    assert points["cost_text"].tolist() == ["3.50", "2.00"]
    assert _part(chart, "now")["i"].tolist() == [-1]


def test_a_long_front_is_thinned_and_keeps_its_ends():
    bands = [FrontBand(0.1, 0.9, k / 2000, 1 - k / 2000, 0.1) for k in range(2000)]
    points = _part(band_front(bands), "point")

    assert len(points) == 600
    assert {0, 1999} <= set(points["i"])
    assert points["review"].tolist() == [k / 2000 for k in points["i"]]


def test_no_band_at_all_is_an_empty_picture():
    for chart in (band_front([]), band_cloud([], draws=0), risk_coverage([], [], [])):
        assert not len(chart.data)


def test_both_risks_are_drawn_by_coverage_and_undefined_points_left_out():
    chart = risk_coverage([1.0, 0.5, 0.0], [0.2, 0.1, np.nan], [0.2, 0.05, 0.0], now=(0.712, 0.0711))
    curve = _part(chart, "curve")

    lines = {name: rows[["x", "y"]].to_numpy().tolist() for name, rows in curve.groupby("name")}
    assert lines == {
        "wrong when it decides alone": [[0.5, 0.1], [1.0, 0.2]],
        "wrong among all applications": [[0.0, 0.0], [0.5, 0.05], [1.0, 0.2]],
    }
    assert _part(chart, "now")["label"].tolist() == ["now: 71 % decided alone, 7.1 % wrong"]
    assert not len(_part(risk_coverage([1.0], [0.2], [0.2], now=(0.0, None)), "now"))


def test_the_area_of_a_dot_of_the_cloud_is_how_often_its_band_was_best():
    chart = band_cloud([(0.2, 0.8)] * 4 + [(0.3, 0.7)] * 2 + [(None, None)], draws=10)
    dots = _part(chart, "optimum")

    assert dots[["lo", "hi"]].to_numpy().tolist() == [[0.2, 0.8], [0.3, 0.7], [0.0, 1.0]]
    assert dots["area"][0] == 2 * dots["area"][1] == 4 * dots["area"][2]
    assert dots["n_text"].tolist() == ["4", "2", "1"]
    assert dots["share_text"].tolist() == ["40 %", "20 %", "10 %"]
    assert dots["band_text"][2] == "nobody declined, nobody approved"
    assert _part(chart, "often")["label"].tolist() == ["4 of 10"]
    with pytest.raises(ValueError, match="more best bands"):
        band_cloud([(0.1, 0.9)] * 2, draws=1)


def test_many_optima_stay_within_the_limit_of_marks():
    optima = [(k / 10_000, 0.9) for k in range(5_000)]

    chart = band_cloud(optima, draws=5_000)

    assert 1_000 <= len(chart.data) <= MAX_MARKS


def test_each_number_of_the_candidates_has_its_own_axis():
    measures = [
        Measure("Review", "share", [Estimate(0.2, 0.1, 0.3), Estimate(0.4, 0.3, 0.5)]),
        Measure("Cost", "amount", [Estimate(None, reason="no costs"), Estimate(5.0)], [False, True]),
    ]
    chart = band_candidates(["now", "A"], measures)
    bands = _part(chart, "band")

    assert chart.data["part"].tolist() == ["title", "band", "band"] * 2
    assert chart.data["order"].tolist() == list(range(6))
    assert bands["x"].tolist() == pytest.approx([0.25, 0.75, 0.0, 0.5])
    assert bands["low"].tolist() == pytest.approx([0.0, 0.5, 0.0, 0.5])
    assert bands["high"].tolist() == pytest.approx([0.5, 1.0, 0.0, 0.5])
    assert bands["defined"].tolist() == [True, True, False, True]
    assert bands["first"].tolist() == [True, False, True, False]
    assert bands["few"].tolist() == [False, False, False, True]
    assert bands["label"].tolist() == ["20 %", "40 %", "–", "5.00"]
    assert bands["long"].tolist() == ["20 %, 10 % to 30 %", "40 %, 30 % to 50 %", "– no costs", "5.00"]


def test_five_candidates_or_nine_numbers_are_refused():
    one = Measure("Review", "share", [Estimate(0.2)])
    for names, measures in ((["x"] * 5, []), (["x"], [one] * 9)):
        with pytest.raises(ValueError, match="at most 4 bands by 8 numbers"):
            band_candidates(names, measures)


def test_a_cohort_shows_review_and_error_with_their_intervals():
    chart = band_cohorts(
        ["2023", "2024"],
        [Estimate(0.2, 0.15, 0.25, 40, 200), Estimate(0.3, 0.2, 0.4, 6, 20)],
        [Estimate(0.05, 0.03, 0.08, 8, 160), Estimate(None, reason="nobody repaid yet")],
        small=[False, True],
    )
    data = chart.data

    assert data[["review", "review_low", "review_high"]].to_numpy().tolist() == [
        [0.2, 0.15, 0.25],
        [0.3, 0.2, 0.4],
    ]
    assert data["wrong_text"].tolist() == ["5.0 %", "– nobody repaid yet"]
    assert data["wrong_defined"].tolist() == [True, False]
    assert data["review_few"].tolist() == [False, True]
    assert data["review_n"].tolist() == ["200", "20"]
    assert data["wrong_span"].tolist() == ["3.0 % to 8.0 %", "–"]
    with pytest.raises(ValueError, match="at most 60 cohorts"):
        band_cohorts(["x"] * 61, [], [])


def test_the_calibration_chart_serves_inside_a_band_too():
    edges = [0.3, 0.38, 0.46, 0.54, 0.62, 0.7]
    chart = calibration(
        edges,
        mean_score=[0.34, 0.42, None, 0.58, 0.66],
        rate=[0.3, 0.5, None, 0.6, 0.7],
        low=[0.2, 0.4, None, 0.5, 0.6],
        high=[0.4, 0.6, None, 0.7, 0.8],
        n=[40, 40, 0, 40, 12],
        small=[False, False, True, False, True],
    )

    bins = _part(chart, "bin")
    assert bins["range"].tolist() == ["30 % to 38 %", "38 % to 46 %", "54 % to 62 %", "62 % to 70 %"]
    assert bins["few"].tolist() == [False, False, False, True]
