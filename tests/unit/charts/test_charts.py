"""What each chart draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage

from rai_dash.charts.association_heatmap import association_heatmap
from rai_dash.charts.before_after import before_after
from rai_dash.charts.calibration import calibration
from rai_dash.charts.column_distribution import category_bars, number_histogram
from rai_dash.charts.confusion import confusion
from rai_dash.charts.contributions import contribution_order, contributions
from rai_dash.charts.curves import Curve, precision_recall, roc
from rai_dash.charts.dendrogram import Tree
from rai_dash.charts.group_dots import group_dots
from rai_dash.charts.imbalance_cells import imbalance_cells
from rai_dash.charts.partner_bars import partner_bars
from rai_dash.charts.rate_heatmap import rate_heatmap
from rai_dash.charts.route_bars import route_bars
from rai_dash.charts.score_histogram import score_histogram
from rai_dash.core.counts import score_cells
from rai_dash.core.types import ReviewBand


def _part(chart, name):
    return chart.data[chart.data["part"] == name].reset_index(drop=True)


def _dots(value, *, small=(False, False), reason=()):
    return group_dots(
        ("A", "B"), value, low=[0.1, 0.2], high=[0.5, 0.6], n=[12, 3400], small=small, overall=0.4, what="Recall",
        reason=reason,
    )  # fmt: skip


def test_a_group_without_a_value_gets_a_dash_and_the_reason_instead_of_a_dot():
    chart = _dots([None, 0.5], reason=["nobody was approved", None])

    assert list(_part(chart, "group")["group"]) == ["B"]
    assert _part(chart, "undefined")["label"][0] == "– nobody was approved"


def test_a_small_group_says_how_many_rows_it_has():
    chart = _dots([0.25, 0.5], small=(True, False))

    assert list(_part(chart, "group")["label"]) == ["25 % of 12", "50 %"]


def test_a_share_of_few_says_of_how_many_in_a_large_group_too():
    # 300 people, 12 of them approved: precision rests on the 12.
    assert list(_part(_dots([1.0, 0.5]), "group")["label"]) == ["100 % of 12", "50 %"]


def test_everyone_is_a_line_with_its_own_label():
    assert _part(_dots([0.25, 0.5]), "overall")["label"][0] == "everyone 40 %"


def test_the_seventh_group_is_plain_and_the_sixth_is_not():
    names = [f"g{i}" for i in range(8)]
    flat = [0.5] * 8

    chart = group_dots(
        names, flat, low=flat, high=flat, n=[99] * 8, small=[False] * 8, overall=None, what="Recall"
    )

    assert list(chart.data["slot"]) == ["1", "2", "3", "4", "5", "6", "rest", "rest"]
    assert not (chart.data["part"] == "overall").any()


def test_the_longest_bar_of_cells_is_the_largest_cell():
    chart = imbalance_cells(
        ["a", "b"], [None, 0.5], low=[None, 0.4], high=[None, 0.6], n=[10, 40], small=[True, False]
    )

    length = chart.data["bar_end"] - chart.data["bar"]
    assert length[0] == pytest.approx(length[1] / 4)
    assert list(chart.data["defined"]) == [False, True]
    assert "no known outcome" in chart.data["why"][0]


@pytest.mark.parametrize("n_cells", [0, 61])
def test_no_cell_and_too_many_cells_are_refused(n_cells):
    values = [0.5] * n_cells

    with pytest.raises(ValueError, match="1 to 60 cells"):
        imbalance_cells(
            [str(i) for i in range(n_cells)],
            values,
            low=values,
            high=values,
            n=[1] * n_cells,
            small=[False] * n_cells,
        )


def test_sixty_cells_are_drawn():
    values = [0.5] * 60

    chart = imbalance_cells(
        [str(i) for i in range(60)], values, low=values, high=values, n=[1] * 60, small=[False] * 60
    )

    assert len(chart.data) == 60


def test_a_heat_map_tells_few_rows_from_none():
    rate = np.array([[0.5, 0.25], [np.nan, 0.75]])
    n = np.array([[100, 5], [0, 50]])

    chart = rate_heatmap(["r", "s"], ["c", "d"], rate=rate, low=rate, high=rate, n=n, small=n < 30)

    assert list(chart.data["part"]) == ["cell", "few", "none", "cell"]
    assert list(chart.data["rate_text"]) == ["50 %", "25 %", "–", "75 %"]


def test_a_histogram_keeps_every_row():
    edges = np.array([0.0, 1.0, 2.0, 3.0])
    counts = np.array([[5, 3, 0], [0, 0, 0], [2, 0, 7]])

    chart = number_histogram(edges, counts)

    assert (chart.data["high"] - chart.data["low"]).sum() == counts.sum()
    assert set(chart.data["start"]) == {0.0, 1.0, 2.0}
    assert chart.data.groupby("start")["high"].max().tolist() == [8, 0, 9]


def test_the_favourable_part_of_a_bar_lies_at_the_axis():
    chart = category_bars(["x"], np.array([[4, 6, 0]]))

    first = chart.data[chart.data["low"] == 0]
    assert list(first["outcome"]) == ["favourable"]
    assert [t for t in chart.data["label"] if t] == ["10 · 100 %"]


def test_associations_leave_the_diagonal_and_undefined_pairs_blank():
    value = np.array([[1.0, -0.5, np.nan], [-0.5, 1.0, 0.2], [np.nan, 0.2, 1.0]])

    chart = association_heatmap(["a", "b", "c"], value, measure=[["pearson"] * 3] * 3, n=np.full((3, 3), 9))

    assert (chart.data["part"] == "pair").sum() == 4
    assert chart.data["label"].tolist() == ["", "−0.50", "–", "−0.50", "", "0.20", "–", "0.20", ""]
    assert chart.data["shade"].max() == 0.5


def test_forty_three_columns_are_drawn_with_their_tree_and_one_more_is_refused():
    def build(k):
        return association_heatmap(
            [f"c{i}" for i in range(k)],
            np.full((k, k), 0.5),
            measure=[["eta"] * k] * k,
            n=np.full((k, k), 9),
            tree=Tree(linkage(np.full(k * (k - 1) // 2, 0.5), "single"), 0.8, ()),
            chosen=(0, 1),
        )

    assert (build(43).data["part"] == "pair").sum() == 43 * 42
    with pytest.raises(ValueError, match="at most 43 columns"):
        build(44)


def test_fourteen_columns_have_numbers_in_their_cells_and_fifteen_have_none():
    def marks(k):
        chart = association_heatmap(
            [f"c{i}" for i in range(k)], np.full((k, k), 0.5), measure=[["eta"] * k] * k, n=np.full((k, k), 9)
        )
        return {layer["mark"]["type"] for layer in chart.spec["layer"]}

    assert marks(14) == {"rect", "text"}
    assert marks(15) == {"rect"}


def test_partners_name_their_measure():
    chart = partner_bars(["a", "b"], [-0.8, 0.3], measure=["pearson", "cramers_v"], n=[9, 9])

    assert chart.data["label"].tolist() == ["−0.80  Pearson's r", "0.30  Cramér's V"]
    assert chart.data["strength"].tolist() == [0.8, 0.3]


def test_shares_of_a_confusion_matrix_are_within_the_outcome():
    chart = confusion(tp=30, fn=10, fp=0, tn=0)

    assert chart.data["label"].tolist() == ["75 %", "25 %", "– no such outcome", "– no such outcome"]
    assert chart.data["word"].tolist() == [
        "rightly approved",
        "wrongly declined",
        "wrongly approved",
        "rightly declined",
    ]


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    x = np.linspace(0, 1, 5000) ** 2
    chart = roc([Curve(name="everyone", x=x, y=np.sqrt(x), marker=(0.25, 0.5))], threshold=0.5)
    line = _part(chart, "curve")

    assert len(line) <= 202
    assert (line["x"].iloc[0], line["x"].iloc[-1]) == (0.0, 1.0)
    assert np.allclose(line["y"], np.sqrt(line["x"]))
    assert line["order"].is_monotonic_increasing
    assert np.abs(np.diff(line["y"])).max() < 0.02


def test_a_curve_without_a_marker_or_with_undefined_points_is_drawn_without_them():
    curve = Curve(name="everyone", x=[0.0, 0.5, 1.0], y=[np.nan, 0.5, 0.4], marker=(None, 0.5))
    chart = precision_recall([curve], base_rate=None, threshold=0.5)

    assert len(_part(chart, "curve")) == 2
    assert set(chart.data["part"]) == {"curve"}


@pytest.mark.parametrize(
    ("x", "y", "marker", "below"),
    [
        # Falls away to the right of the dot: nothing is in the way of a label at its right and a little below.
        ([0.0, 0.3, 0.3, 1.0], [0.8, 0.8, 0.2, 0.1], (0.3, 0.8), 12),
        # All of the curve beside the dot lies at its height or just below: the label goes above.
        ([0.0, 0.2, 1.0], [0.9, 0.9, 0.7], (0.1, 0.9), -12),
        # At the foot of the plot the label keeps to the inside.
        ([0.0, 0.0, 1.0], [0.0, 0.9, 1.0], (0.0, 0.02), -6),
        # In the right half the label is on the left of its dot.
        ([0.0, 0.6, 1.0], [0.9, 0.9, 0.0], (0.9, 0.225), 12),
    ],
)
def test_the_label_of_a_dot_keeps_clear_of_the_curve(x, y, marker, below):
    curve = Curve(name="everyone", x=x, y=y, marker=marker)
    data = precision_recall([curve], base_rate=0.1, threshold=0.5).data

    assert data.loc[data["part"] == "marker", "below"].tolist() == [pytest.approx(below)]


def test_twenty_curves_stay_under_the_limit():
    t = np.linspace(0, 1, 1001)

    chart = roc([Curve(name=f"g{i}", x=t, y=t, marker=(0.5, 0.5)) for i in range(20)], threshold=0.5)

    assert len(chart.data) < 2000


def test_an_empty_range_of_scores_has_no_dot():
    chart = calibration(
        [0, 0.5, 1],
        mean_score=[0.25, None],
        rate=[0.3, None],
        low=[0.2, None],
        high=[0.4, None],
        n=[100, 0],
        small=[False, True],
    )

    dots = _part(chart, "bin")
    assert dots["range"].tolist() == ["0 % to 50 %"]
    assert _part(chart, "note")["label"][0] == "rows, up to 100"


@pytest.fixture
def scored():
    rng = np.random.default_rng(7)
    scores = np.concatenate([rng.integers(0, 1001, 3000) / 1000, [1.0, np.nan]])
    labels = rng.integers(0, 3, scores.size)
    counts = np.zeros((3, 1002), dtype=np.int64)
    np.add.at(counts, (labels, score_cells(scores)), 1)
    return scores, labels, counts


@pytest.mark.parametrize(
    "band", [ReviewBand(0.313, 0.5, 0.625), ReviewBand(None, 0.5, 0.5), ReviewBand(0.2, 0.2, None)]
)
def test_every_score_is_in_its_bin_and_route(scored, band):
    scores, _, counts = scored
    scores = scores[np.isfinite(scores)]
    low = -np.inf if band.lo is None else band.lo
    high = np.inf if band.hi is None else band.hi
    route = np.where(scores < low, "declined", np.where(scores >= high, "approved", "to a person"))

    bars = _part(score_histogram(counts, band, bins=40), "bar")

    height = bars["high"] - bars["low"]
    assert height.groupby(bars["route"]).sum().to_dict() == {r: (route == r).sum() for r in set(route)}
    # Scores are multiples of 0.001: rounded to whole cells, bins are whole numbers.
    bin_of = np.minimum(np.rint(scores * 1000).astype(int) // 25, 39)
    assert (
        height.groupby(np.rint(bars["start"] * 40).astype(int)).sum().tolist() == np.bincount(bin_of).tolist()
    )


def test_split_histograms_are_square_roots_on_both_sides(scored):
    _, _, counts = scored

    bars = _part(score_histogram(counts, ReviewBand(0.3, 0.5, 0.6), split=True), "bar")

    assert bars.loc[bars["outcome"] == "favourable", "high"].min() > 0
    assert bars.loc[bars["outcome"] == "unfavourable", "high"].max() < 0
    assert bars["high"].abs().max() == pytest.approx(1.0)
    assert set(bars["outcome"]) == {"favourable", "unfavourable"}


def test_an_end_of_the_band_that_is_the_threshold_is_marked_once():
    chart = score_histogram(np.ones((3, 1002)), ReviewBand(0.5, 0.5, 0.5))

    assert (chart.data["part"] == "end").sum() == 0
    assert _part(chart, "threshold")["label"].tolist() == ["threshold 50 %"]


def test_an_open_end_has_no_line():
    chart = score_histogram(np.ones((3, 1002)), ReviewBand(None, 0.5, 0.625))

    assert _part(chart, "end")["label"].tolist() == ["62.5 %"]


def test_bins_that_do_not_divide_the_cells_are_refused():
    with pytest.raises(ValueError, match="divide 1,000"):
        score_histogram(np.ones((3, 1002)), ReviewBand(0.3, 0.5, 0.6), bins=30)


def test_contributions_that_are_not_shown_are_added_up():
    values = {"a": 1.0, "b": -2.0, "c": 0.25, "d": 0.5}

    chart = contributions(values, order=["b", "a"], space="log-odds", method="trees", shown={"a": 45})

    assert chart.data["name"].tolist() == ["b", "a = 45", "all other columns (2)"]
    assert chart.data["value"].tolist() == [-2.0, 1.0, 0.75]
    assert chart.data["value"].sum() == pytest.approx(sum(values.values()))
    assert chart.data["label"].tolist() == ["−2.00", "+1.00", "+0.75"]
    assert chart.data["description"][0] == "b: −2.00 towards refusal"


def test_probabilities_are_written_as_points_and_never_share_a_template_with_log_odds():
    points = contributions({"a": -0.043}, order=["a"], space="probability", method="LIME", sd={"a": 0.01})
    odds = contributions({"a": -0.043}, order=["a"], space="log-odds", method="trees")

    assert points.data["label"][0] == "−4.3 pts"
    assert points.data["spread_text"][0] == "± 1.0 pts"
    assert (points.data["spread_low"][0], points.data["spread_high"][0]) == pytest.approx((-0.053, -0.033))
    assert points.spec != odds.spec


def test_an_amount_stands_clear_of_a_whisker_that_crosses_zero():
    chart = contributions({"a": 0.1}, order=["a"], space="log-odds", method="LIME", sd={"a": 0.4})

    assert chart.data["foot"][0] == pytest.approx(-0.3)


def test_two_explanations_share_their_columns_by_the_larger_share_in_the_order_of_the_first():
    first = {"a": 1.0, "b": -3.0, "c": 0.0}
    second = {"c": 0.9, "a": 0.1, "d": 0.0}

    # Shares of the first: a 1/4, b 3/4; of the second: c 9/10, a 1/10.
    assert contribution_order(first, second, k=2) == ("b", "c")
    assert contribution_order(first, second, k=3) == ("b", "a", "c")
    assert contribution_order({}, {}, k=3) == ()


def test_routes_of_a_group_fill_its_bar():
    chart = route_bars(("A", "B"), np.array([[5, 3, 2], [0, 0, 4], [0, 0, 0]]))
    shares = _part(chart, "share")

    assert (shares["stop"] - shares["start"]).groupby(shares["name"]).sum().to_dict() == pytest.approx(
        {"everyone": 1.0, "A": 1.0}
    )
    assert shares["start"].tolist()[:3] == pytest.approx([0.0, 0.5, 0.8])
    assert shares["label"].tolist()[:3] == ["50 % · 5", "30 % · 3", "20 % · 2"]
    assert _part(chart, "none")["name"].tolist() == ["B"]


def test_a_group_called_everyone_is_told_from_everyone():
    chart = route_bars(("everyone",), np.array([[1, 1, 1], [1, 0, 0]]))

    assert set(chart.data["name"]) == {"everyone (all groups)", "everyone"}


def test_a_figure_without_one_side_has_no_line_between():
    chart = before_after(
        ["a", "b", "c"], [0.1, 0.4, None], [0.6, None, None], low=[0.5, 0.1, 0.1], high=[0.7, 1, 1]
    )

    assert _part(chart, "link")["name"].tolist() == ["a"]
    assert _part(chart, "label")["label"].tolist() == ["10 % → 60 %", "40 % → –"]
    assert _part(chart, "undefined")["name"].tolist() == ["c"]
    after = _part(chart, "after")
    assert (after["low"][0], after["high"][0]) == (0.5, 0.7)
