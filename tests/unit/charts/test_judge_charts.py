"""What the charts of the pages that judge a model draw."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from rai_dash.charts.cost_curve import cost_curve
from rai_dash.charts.curves import Curve
from rai_dash.charts.gains import cumulative_gain, lift
from rai_dash.charts.group_calibration import CalibrationLine, group_calibration
from rai_dash.charts.group_heatmap import HeatCell, group_heatmap
from rai_dash.charts.group_missing import group_missing
from rai_dash.charts.group_scores import group_scores
from rai_dash.charts.ranked_gaps import ranked_gaps
from rai_dash.charts.trade_off import Trial, trade_off

CHARTS = (
    "cost_curve", "gains", "group_calibration", "group_heatmap", "group_missing", "group_scores", "ranked_gaps",
    "trade_off",
)  # fmt: skip


def _part(chart, name):
    return chart.data[chart.data["part"] == name].reset_index(drop=True)


@pytest.fixture(autouse=True)
def _bare_templates(monkeypatch):
    """Leave out the templates, which are slow to build: these tests look at the data and at what was asked for."""
    for name in CHARTS:
        monkeypatch.setattr(f"rai_dash.charts.{name}._template", lambda *asked: {"layer": [], "asked": asked})


def _asked(chart):
    """Return what the template was asked for: sizes, names, ends of axes."""
    return chart.spec["asked"]


def _gaps(difference, low, high, *, starred=None, small=None, tolerance=0.05):
    k = len(difference)
    return ranked_gaps(
        [f"g{i}" for i in range(k)],
        difference,
        low,
        high,
        n=[1200] * k,
        starred=starred or [False] * k,
        small=small or [False] * k,
        tolerance=tolerance,
        what="Recall",
        reason=["nobody repaid"] * k,
    )


def test_gaps_keep_their_order_and_are_written_in_points():
    chart = _gaps([-0.121, 0.05, None], [-0.2, 0.01, None], [-0.04, 0.09, None], starred=[True, False, False])

    assert chart.data["order"].tolist() == [0, 1, 2]
    assert chart.data["x"].tolist() == [-0.121, 0.05, 0.0]
    assert chart.data["label"].tolist() == ["−12.1 points ★", "+5 points", "– nobody repaid"]
    assert chart.data["interval_text"].tolist() == ["−20 points to −4 points", "+1 point to +9 points", "–"]
    assert chart.data["defined"].tolist() == [True, True, False]
    assert chart.data["finding"].tolist() == ["shown by the test", "not shown by the test", "nobody repaid"]
    assert set(chart.data["n_text"]) == {"1,200"}


def test_a_small_group_has_no_star_and_does_not_stretch_the_axis():
    chart = _gaps([0.05, -0.02], [-0.4, -0.06], [0.6, 0.02], starred=[True, False], small=[True, False])

    assert _asked(chart) == (2, 0.1)
    assert chart.data["label"][0] == "+5 points, 1,200 rows"
    assert chart.data["finding"][0] == "few rows: enters no test"
    assert not chart.data["starred"].any()
    assert (chart.data["cut_before"][0], chart.data["cut_after"][0]) == ("◂", "▸")
    assert (chart.data["cut_before"][1], chart.data["cut_after"][1]) == ("", "")


@pytest.mark.parametrize(
    ("difference", "high", "tolerance", "reach"),
    [
        (0.05, 0.1, 0.05, 0.1),
        (0.05, 0.101, 0.05, 0.25),
        (0.3, 0.4, 0.05, 0.5),
        (0.05, 0.1, 0.6, 1.0),
        (0.9, 1.0, 0.05, 1.0),
    ],
)
def test_the_axis_of_gaps_holds_the_intervals_and_the_tolerance(difference, high, tolerance, reach):
    chart = _gaps([difference], [0.0], [high], tolerance=tolerance)

    assert _asked(chart) == (1, reach)


def test_a_gap_of_exactly_zero_is_drawn():
    chart = _gaps([0.0], [-0.01], [0.01])

    assert chart.data["defined"].tolist() == [True]
    assert chart.data["label"].tolist() == ["0 points"]


def _cell(value=0.5, difference=0.1, *, small=False, starred=False, reason=None):
    return HeatCell(value, 0.4, 0.6, 1234, difference, small, starred, reason)


def test_the_colour_of_a_cell_is_its_difference_and_its_text_the_value():
    chart = group_heatmap(
        ["A", "B"], ["Recall"], [[_cell(0.42, -0.137, starred=True)], [_cell(0.557, 0.137)]]
    )

    assert chart.data["part"].tolist() == ["cell", "cell"]
    assert chart.data["shade"].tolist() == [-0.137, 0.137]
    assert chart.data["label"].tolist() == ["42 % ★", "56 %"]
    assert chart.data["short"].tolist() == ["42★", "56"]
    assert chart.data["difference_text"].tolist() == ["−13.7 points", "+13.7 points"]
    assert chart.data["interval_text"].tolist() == ["40 % to 60 %"] * 2
    assert chart.data["n_text"].tolist() == ["1,234"] * 2


def test_small_cells_have_no_star_and_cells_without_a_comparison_no_colour():
    row = [
        _cell(small=True, starred=True),
        _cell(None, None, reason="nobody was approved"),
        _cell(0.3, None, starred=True, reason="no other group"),
        _cell(float("nan"), float("nan")),
    ]
    chart = group_heatmap(["A"], ["a", "b", "c", "d"], [row])

    assert chart.data["part"].tolist() == ["few", "none", "none", "none"]
    assert chart.data["label"].tolist() == ["50 %", "–", "30 %", "–"]
    assert chart.data["finding"].tolist() == [
        "few rows: enters no test", "nobody was approved", "no other group", "no comparison",
    ]  # fmt: skip
    assert not chart.data["starred"].any()


def _cost(threshold, cost, *, width=0.01, **options):
    given = {"now": (0.5, None), "cheapest": None, "stable": None, "unit": "euro", "baselines": []}
    low, high = ([None if c is None else c + sign * width for c in cost] for sign in (-1, 1))
    return cost_curve(threshold, cost, low, high, **(given | options))


def test_the_costs_on_the_curve_are_the_ones_given():
    chart = _cost([0.0, 0.5, 1.0], [0.2, 0.1, 0.35], now=(0.5, 0.1), cheapest=(0.5, 0.1), stable=(0.4, 0.6))
    line, band = _part(chart, "curve"), _part(chart, "band")

    assert line["x"].tolist() == [0.0, 0.5, 1.0]
    assert line["y"].tolist() == [0.2, 0.1, 0.35]
    assert line["y_text"].tolist() == ["0.200", "0.100", "0.350"]
    assert band["low"].tolist() == pytest.approx([0.19, 0.09, 0.34])
    assert band["high"].tolist() == pytest.approx([0.21, 0.11, 0.36])
    assert _part(chart, "now")["label"].tolist() == ["now 50 %: 0.100"]
    assert _part(chart, "cheapest")["label"].tolist() == ["cheapest 50 %: 0.100"]
    assert _part(chart, "now")["interval_text"].tolist() == ["0.090 to 0.110"]
    assert _part(chart, "stable")[["x", "stop"]].to_numpy().tolist() == [[0.4, 0.6]]


def test_an_undefined_cost_is_a_hole_in_curve_and_band():
    chart = _cost([0.0, 0.25, 0.5, 0.75, 1.0], [0.1, 0.2, None, 0.2, 0.1])

    for name in ("curve", "band"):
        rows = _part(chart, name)
        assert rows["x"].tolist() == [0.0, 0.25, 0.75, 1.0]
        assert rows["run"].nunique() == 2
        assert rows["run"][0] == rows["run"][1] != rows["run"][2]
    assert not set(chart.data["part"]) & {"now", "cheapest", "stable"}


def test_a_thousand_thresholds_are_thinned_and_keep_the_ends_and_the_lowest_cost():
    t = np.arange(1001) / 1000
    cost = 0.5 + 0.1 * np.abs(t - 0.4)
    cost[617] = 0.01

    line = _part(_cost(list(t), list(cost)), "curve")

    assert len(line) <= 300
    assert {0.0, 0.617, 1.0} <= set(line["x"])
    assert line["y"].min() == 0.01
    assert np.allclose(line["y"], cost[np.rint(line["x"] * 1000).astype(int)])


@pytest.mark.parametrize(
    ("highest", "lowest", "ends"),
    [
        (0.29, 0.1, (0.0, 0.3)),
        (0.31, 0.1, (0.0, 0.4)),
        (1200.0, 10.0, (0.0, 1500.0)),
        (70.0, -12.0, (-15.0, 80.0)),
        (0.7, 0.0, (0.0, 0.8)),
        (0.0, 0.0, (0.0, 1.0)),
        (-3.0, -5.0, (-5.0, 1.0)),
    ],
)
def test_the_axis_of_costs_ends_at_round_numbers_and_holds_zero(highest, lowest, ends):
    chart = _cost([0.0, 1.0], [lowest, highest], width=0.0)

    assert _asked(chart) == pytest.approx(ends)


def test_rules_at_almost_the_same_cost_have_labels_apart():
    rules = [("refuse all", 0.301), ("approve all", 0.3), ("coin", 0.1)]
    rows = _part(_cost([0.0, 1.0], [0.1, 0.4], baselines=rules), "baseline")

    assert sorted(rows["y"]) == [0.1, 0.3, 0.301]
    assert rows["label"].tolist() == ["coin 0.100", "approve all 0.300", "refuse all 0.301"]
    assert np.diff(rows["label_y"]).min() >= 0.03
    assert (rows["label_y"] >= rows["y"]).all()


def test_money_has_thousands_and_a_true_minus():
    chart = _cost([0.0, 1.0], [-12345.6, 250.4], now=(0.0, -12345.6))

    assert _part(chart, "curve")["y_text"].tolist() == ["−12,346", "250"]
    assert _part(chart, "now")["label"].tolist() == ["now 0 %: −12,346"]


def test_gain_has_the_best_line_and_the_diagonal():
    x = np.array([0.0, 0.5, 1.0])
    curve = Curve(name="everyone", x=x, y=np.array([0.0, 0.8, 1.0]), marker=(0.5, 0.8))
    chart = cumulative_gain([curve], best=[(0, 0), (0.3, 1), (1, 1)], threshold=0.45)

    assert _part(chart, "best")[["x", "y"]].to_numpy().tolist() == [[0, 0], [0.3, 1], [1, 1]]
    assert _part(chart, "chance")[["x", "y"]].to_numpy().tolist() == [[0, 0], [1, 1]]
    assert _part(chart, "curve")["y"].tolist() == [0.0, 0.8, 1.0]
    marker = _part(chart, "marker")
    assert marker["label"].tolist() == ["threshold 45 %"]
    assert (marker["x_text"][0], marker["y_text"][0]) == ("50 %", "80 %")


@pytest.mark.parametrize(
    ("highest", "top"),
    [(None, 2), (float("nan"), 2), (1.2, 2), (2.0, 2), (2.01, 5), (31.0, 50), (400.0, 100)],
)
def test_the_axis_of_lift_ends_at_a_step(highest, top):
    curve = Curve(name="everyone", x=[0.1, 1.0], y=[1.5, 1.0], marker=(0.1, 1.5))
    chart = lift([curve], highest=highest, threshold=0.5)

    assert _asked(chart) == ("lift", ("everyone",), top)
    assert set(_part(chart, "chance")["y"]) == {1.0}
    assert _part(chart, "marker")["y_text"].tolist() == ["1.50 ×"]


def test_a_gain_without_a_marker_or_with_undefined_points_is_drawn_without_them():
    curves = [
        Curve(name="A", x=[0.0, 0.5, 1.0], y=[np.nan, 0.5, 1.0], marker=None),
        Curve(name="B", x=[0.0, 1.0], y=[0.0, 1.0], marker=(0.5, None)),
    ]
    chart = cumulative_gain(curves, best=[], threshold=0.5)

    assert set(chart.data["part"]) == {"chance", "curve"}
    assert _part(chart, "curve")["name"].tolist() == ["A", "A", "B", "B"]


def _trial(name, gap, accuracy, *, flips=0.0, is_base=False, reach=0.0):
    return Trial(
        name,
        accuracy,
        None if accuracy is None else accuracy - reach,
        None if accuracy is None else accuracy + reach,
        gap,
        None if gap is None else max(0.0, gap - reach),
        None if gap is None else gap + reach,
        flips,
        is_base,
    )


def _draw_trials(*trials):
    return trade_off(trials, gap_title="gap in recall", accuracy_title="accuracy")


def test_a_trial_is_drawn_where_it_is_with_both_intervals():
    chart = _draw_trials(
        _trial("base", 0.12, 0.843, is_base=True, reach=0.01), _trial("reweighing", 0.04, 0.831, flips=0.063)
    )
    rows = _part(chart, "trial")

    assert rows[["x", "y"]].to_numpy().tolist() == [[0.12, 0.843], [0.04, 0.831]]
    assert rows.loc[0, ["x_low", "x_high", "y_low", "y_high"]].tolist() == pytest.approx(
        [0.11, 0.13, 0.833, 0.853]
    )
    assert rows["y_text"].tolist() == ["84.3 %", "83.1 %"]
    assert rows["x_text"].tolist() == ["12 points", "4 points"]
    assert rows["x_interval"][0] == "11 points to 13 points"
    assert rows["y_interval"][0] == "83.3 % to 85.3 %"
    assert rows["number"].tolist() == ["1", "2"]
    assert rows["base"].tolist() == [True, False]
    assert rows["flips_text"].tolist() == ["0 %", "6.3 %"]


def test_the_area_of_a_halo_follows_the_share_of_flips():
    chart = _draw_trials(*(_trial(f"t{i}", 0.1, 0.8, flips=f) for i, f in enumerate((None, 0.1, 0.2, 0.9))))

    halo = _part(chart, "trial")["halo"]
    assert halo[0] == 0
    assert halo[2] == pytest.approx(2 * halo[1])
    assert halo[3] == pytest.approx(5 * halo[1])


def test_the_frontier_is_the_trials_that_no_other_beats_in_both():
    rng = np.random.default_rng(8)
    spots = [(float(x), float(y)) for x, y in np.round(rng.uniform((0.0, 0.7), (0.2, 0.9), (10, 2)), 2)]
    chart = _draw_trials(*(_trial(f"t{i}", x, y) for i, (x, y) in enumerate(spots)))

    beaten = {a for a, b in product(spots, spots) if b[0] <= a[0] and b[1] >= a[1] and b != a}
    kept = sorted(set(spots) - beaten)
    assert len(kept) > 1
    assert [tuple(row) for row in _part(chart, "frontier")[["x", "y"]].to_numpy()] == kept


def test_one_trial_that_beats_all_others_makes_no_frontier():
    chart = _draw_trials(_trial("a", 0.05, 0.9), _trial("b", 0.1, 0.8))

    assert not (chart.data["part"] == "frontier").any()


def test_a_trial_without_a_gap_or_an_accuracy_is_named_and_not_drawn():
    chart = _draw_trials(_trial("a", None, 0.9), _trial("b", 0.1, 0.8), _trial("c", 0.1, None))

    assert _part(chart, "trial")["name"].tolist() == ["b"]
    assert _part(chart, "trial")["number"].tolist() == ["2"]
    assert _part(chart, "note")["label"].tolist() == ["not drawn, undefined: 1, 3"]


def test_numbers_of_ten_trials_at_one_place_are_all_apart():
    rows = _part(_draw_trials(*(_trial(f"t{i}", 0.1, 0.82) for i in range(10))), "trial")

    places = rows[["dx", "dy"]].to_numpy()
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)[~np.eye(10, dtype=bool)]
    assert apart.min() >= 12


@pytest.mark.parametrize(
    ("shares", "ends"),
    [
        ((0.81, 0.84), (0.8, 0.9)),
        ((0.84, 0.93), (0.8, 1.0)),
        ((0.97, 0.99), (0.9, 1.0)),
        ((0.2, 0.9), (0.0, 1.0)),
    ],
)
def test_the_axis_of_accuracy_is_a_window_that_holds_all_trials(shares, ends):
    chart = _draw_trials(*(_trial(f"t{i}", 0.1, share) for i, share in enumerate(shares)))

    assert _asked(chart)[2] == ends


def test_eleven_trials_are_refused():
    with pytest.raises(ValueError, match="at most 10 trials"):
        _draw_trials(*(_trial(f"t{i}", 0.1, 0.8) for i in range(11)))


def test_calibration_marks_ranges_with_few_rows_and_leaves_out_empty_ones():
    line = CalibrationLine(
        "A",
        [0.1, 0.5, None],
        [0.15, 0.6, None],
        [0.1, 0.2, None],
        [0.2, 0.9, None],
        [1500, 12, 0],
        [False, True, True],
    )
    chart = group_calibration([line])

    assert _part(chart, "bin")[["x", "y", "low", "high"]].to_numpy().tolist() == [[0.1, 0.15, 0.1, 0.2]]
    assert _part(chart, "few")[["x", "y", "low", "high"]].to_numpy().tolist() == [[0.5, 0.6, 0.2, 0.9]]
    assert _part(chart, "line")["x"].tolist() == [0.1, 0.5]
    assert _part(chart, "bin")["n_text"].tolist() == ["1,500"]
    assert _part(chart, "few")["interval_text"].tolist() == ["20 % to 90 %"]


def test_heights_of_scores_are_shares_over_widths():
    chart = group_scores(
        ["A", "B"], [0.0, 0.5, 0.75], [0.5, 0.75, 1.0], [[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]],
        threshold=0.625, small=[False, False],
    )  # fmt: skip
    rows = _part(chart, "bin")
    height = rows["foot"] - rows["y"]

    # Densities: A 1, 1, 1; B 4 in its only range.
    assert height.tolist() == pytest.approx([height[3] / 4] * 3 + [height[3]])
    assert rows["share_text"].tolist() == ["50 %", "25 %", "25 %", "100 %"]
    assert (rows["y"] > rows["foot"] - 1).all()
    assert _part(chart, "threshold")["label"].tolist() == ["threshold 62.5 %"]
    assert _part(chart, "name")["name"].tolist() == ["A", "B"]


def test_the_spike_of_a_few_people_does_not_flatten_the_others():
    chart = group_scores(
        ["A", "B"], [0.0, 0.5], [0.5, 1.0], [[0.5, 0.5], [0.0, 1.0]], threshold=0.5, small=[False, True]
    )
    rows = _part(chart, "bin")
    height = rows["foot"] - rows["y"]

    assert rows["few"].tolist() == [False, False, True]
    assert height.tolist() == pytest.approx([height[0]] * 3)
    assert (rows["y"] > rows["foot"] - 1).all()
    assert rows["share_text"].tolist()[2] == "100 %"


def test_a_group_without_scores_says_so():
    chart = group_scores(
        ["A", "B"], [0.0, 0.5], [0.5, 1.0], [[None, None], [0.5, 0.5]], threshold=0.5, small=[False] * 2
    )

    assert _part(chart, "none")[["name", "label"]].to_numpy().tolist() == [["A", "– no scores"]]
    assert set(_part(chart, "bin")["name"]) == {"B"}


def test_blanks_are_coloured_up_to_a_step_and_small_groups_do_not_stretch_it():
    chart = group_missing(
        ["income", "job"],
        ["A", "B", "C"],
        [[0.031, 0.0, 0.9], [None, 0.049, 0.2]],
        n=[900, 80, 12],
        starred=[[True, False, True], [True, False, False]],
        small=[False, False, True],
    )

    assert _asked(chart)[2] == 0.05
    assert chart.data["part"].tolist() == ["cell", "cell", "few", "none", "cell", "few"]
    assert chart.data["label"].tolist() == ["3.1 % ★", "0 %", "90 %", "–", "4.9 %", "20 %"]
    assert chart.data["column"].tolist() == ["income"] * 3 + ["job"] * 3
    assert chart.data["n_text"].tolist() == ["900", "80", "12"] * 2
    assert chart.data["finding"][0] == "differs from all others, shown by the test"
