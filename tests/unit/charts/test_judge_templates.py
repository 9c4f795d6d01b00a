"""What holds for every chart of the pages that judge a model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from rai_dash.charts._base import MAX_MARKS, Chart, count_marks
from rai_dash.charts.cost_curve import cost_curve
from rai_dash.charts.curves import Curve
from rai_dash.charts.gains import cumulative_gain, lift
from rai_dash.charts.group_calibration import CalibrationLine, group_calibration
from rai_dash.charts.group_heatmap import HeatCell, group_heatmap
from rai_dash.charts.group_missing import group_missing
from rai_dash.charts.group_scores import group_scores
from rai_dash.charts.ranked_gaps import ranked_gaps
from rai_dash.charts.trade_off import Trial, trade_off

NAMES = (
    "HOSTILE'];alert(1)//",
    'HOSTILE"datum.x',
    "HOSTILE__proto__",
    "HOSTILE\n",
    "HOSTILE b",
    "HOSTILE <b>*c*</b>",
    "HOSTILE \u202ed",
)
K = len(NAMES)
CELL = HeatCell(0.5, 0.4, 0.6, 1234, 0.1, small=False, starred=False, reason=None)
Build = Callable[[np.random.Generator], Chart]


def _ranked(rng: np.random.Generator) -> Chart:
    apart = list(rng.uniform(-0.15, 0.15, K))
    return ranked_gaps(
        list(rng.permutation(NAMES)),
        [None, *apart[1:]],
        [None, *(d - 0.05 for d in apart[1:])],
        [None, *(d + 0.05 for d in apart[1:])],
        n=[int(x) for x in rng.integers(0, 999, K)],
        starred=list(rng.random(K) < 0.5),
        small=list(rng.random(K) < 0.3),
        # Beyond 10 points, so that every draw has the same axis.
        tolerance=0.11,
        what="Recall",
    )


def _heat_cell(rng: np.random.Generator) -> HeatCell:
    value, kind = float(rng.random()), rng.random()
    known = kind > 0.2
    return HeatCell(
        value if known else None,
        value * 0.9 if known else None,
        value if known else None,
        int(rng.integers(0, 999)),
        float(rng.normal(0, 0.2)) if kind > 0.3 else None,
        bool(rng.random() < 0.3),
        bool(rng.random() < 0.3),
        "nobody was approved",
    )


def _heat(rng: np.random.Generator) -> Chart:
    metrics = ("Recall", "Precision")
    return group_heatmap(NAMES, metrics, [[_heat_cell(rng) for _ in metrics] for _ in NAMES])


def _curves(rng: np.random.Generator) -> list[Curve]:
    x = np.linspace(0, 1, 1001)
    return [Curve(name=name, x=x, y=x ** rng.random(), marker=(0.3, float(rng.random()))) for name in NAMES]


def _cost(rng: np.random.Generator) -> Chart:
    t = np.linspace(0, 1, 1001)
    cost = 0.4 + 0.05 * rng.random(t.size)
    cost[400:420] = np.nan
    return cost_curve(
        list(t),
        list(cost),
        list(cost - 0.02),
        list(cost + 0.02),
        now=(0.5, float(cost[500])),
        cheapest=(0.3, 0.4),
        stable=(0.2, 0.4),
        unit="HOSTILE unit",
        baselines=[(name, 0.4) for name in NAMES],
    )


def _trials(rng: np.random.Generator) -> Chart:
    trials = []
    for i, name in enumerate(NAMES):
        accuracy, gap = float(rng.uniform(0.81, 0.84)), float(rng.uniform(0.12, 0.15))
        known = i != 1
        trials.append(
            Trial(name, accuracy, 0.8, 0.85, gap if known else None, 0.1, 0.18, float(rng.random()), i == 0)
        )
    return trade_off(trials, gap_title="gap in recall", accuracy_title="accuracy")


def _calibration(rng: np.random.Generator) -> Chart:
    def line(name: str) -> CalibrationLine:
        at = [None, *np.sort(rng.random(9))]
        n = [0, *(int(x) for x in rng.integers(1, 99, 9))]
        return CalibrationLine(name, at, at, at, at, n, [x < 30 for x in n])

    return group_calibration([line(name) for name in NAMES])


def _scores(rng: np.random.Generator) -> Chart:
    edges = np.linspace(0, 1, 51)
    shares = [list(rng.dirichlet(np.ones(50))) for _ in NAMES]
    shares[1] = [None] * 50
    return group_scores(
        NAMES,
        list(edges[:-1]),
        list(edges[1:]),
        shares,
        threshold=float(rng.random()),
        small=list(rng.random(K) < 0.3),
    )


def _missing(rng: np.random.Generator) -> Chart:
    shares = rng.uniform(0, 0.2, (K, K))
    shares[0, 0], shares[0, 1] = np.nan, 0.2
    return group_missing(
        NAMES,
        NAMES,
        shares.tolist(),
        n=[9] * K,
        starred=(rng.random((K, K)) < 0.3).tolist(),
        small=[False, False, *(rng.random(K - 2) < 0.3)],
    )


CHARTS: dict[str, Build] = {
    "ranked_gaps": _ranked,
    "group_heatmap": _heat,
    "cost_curve": _cost,
    "cumulative_gain": lambda rng: cumulative_gain(
        _curves(rng), best=[(0, 0), (float(rng.random()), 1), (1, 1)], threshold=float(rng.random())
    ),
    "cumulative_gain_one": lambda rng: cumulative_gain(
        _curves(rng)[:1], best=[(0, 0), (0.4, 1), (1, 1)], threshold=float(rng.random())
    ),
    "lift": lambda rng: lift(_curves(rng), highest=float(rng.uniform(2.1, 4.9)), threshold=0.5),
    "trade_off": _trials,
    "group_calibration": _calibration,
    "group_scores": _scores,
    "group_missing": _missing,
}
every_chart = pytest.mark.parametrize("build", CHARTS.values(), ids=CHARTS.keys())


@cache
def _first(build: Build) -> Chart:
    return build(np.random.default_rng(0))


def _walk(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield (*path, "key"), key
            yield from _walk(value, (*path, key))
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value, path)
    elif isinstance(node, str):
        yield path, node


@every_chart
def test_a_template_does_not_change_with_the_numbers(build: Build):
    charts = [build(np.random.default_rng(seed)) for seed in range(3)]

    assert len({json.dumps(c.spec) for c in charts}) == 1
    assert len({c.alt for c in charts}) == 1
    assert all(c.spec is charts[0].spec for c in charts)


@every_chart
def test_a_template_takes_the_width_of_the_page_and_has_no_data(build: Build):
    # Built means valid: Altair checks each template against the schema as it is made.
    spec = _first(build).spec

    assert isinstance(spec["height"], int)
    assert "width" not in spec
    assert "datasets" not in spec
    assert not any("data" in path or text == "data" for path, text in _walk(spec))


@every_chart
def test_names_from_a_file_stand_in_domains_only_and_are_plain_in_the_data(build: Build):
    chart = _first(build)

    found = {path[-2:] for path, text in _walk(chart.spec) if "HOSTILE" in text}
    texts = [
        str(text) for column in chart.data.select_dtypes(exclude="number") for text in chart.data[column]
    ]

    assert found <= {("scale", "domain")}
    assert any("HOSTILE" in text for text in texts)
    assert not any(bad in text for text in texts for bad in ("\n", "\u202e"))


@every_chart
def test_fields_are_columns_of_the_data(build: Build):
    chart = _first(build)

    fields = {text for path, text in _walk(chart.spec) if path[-1] == "field"}

    assert fields
    assert all(field.isidentifier() and field.islower() for field in fields)
    assert fields <= set(chart.data.columns)


@every_chart
def test_every_part_of_the_data_is_drawn_by_a_layer(build: Build):
    chart = _first(build)
    drawn = json.dumps(chart.spec)

    # Without parts every layer draws all rows.
    parts = set(chart.data.get("part", ()))
    assert all(f"datum.part === '{part}'" in drawn for part in parts)


@every_chart
def test_a_chart_stays_under_the_limit_of_marks_and_its_data_is_finite(build: Build):
    chart = _first(build)

    assert 0 < count_marks(chart.spec, chart.data) <= MAX_MARKS
    assert list(chart.data.index) == list(range(len(chart.data)))
    assert not np.isinf(chart.data.select_dtypes("number").to_numpy()).any()


@every_chart
def test_every_tooltip_has_a_title_of_ours(build: Build):
    spec = _first(build).spec
    views = [spec, *spec["layer"]]  # what all layers share stands at the top
    tips = [tip for view in views for tip in view.get("encoding", {}).get("tooltip", [])]

    assert tips
    assert all(tip["title"] for tip in tips)
    # Marks without one show nothing instead of their bare fields.
    assert _first(build).spec["config"]["mark"]["tooltip"] is None


def test_an_area_has_no_order_or_vega_would_cut_it_into_slivers():
    specs = [_first(build).spec for build in CHARTS.values()]
    areas = [
        spec.get("encoding", {}) | layer["encoding"]
        for spec in specs
        for layer in spec["layer"]
        if layer["mark"]["type"] == "area"
    ]

    assert areas
    assert not any("order" in encoding for encoding in areas)


def test_forty_gaps_are_drawn_and_one_more_is_refused():
    def build(k):
        flat, no = [0.1] * k, [False] * k
        names = [f"g{i}" for i in range(k)]
        return ranked_gaps(
            names, flat, flat, flat, n=[99] * k, starred=no, small=no, tolerance=0.3, what="Recall"
        )

    chart = build(40)
    assert len(chart.data) == 40
    scales = (layer["encoding"]["x"]["scale"] for layer in chart.spec["layer"] if "x" in layer["encoding"])
    assert all(scale["domain"] == [-0.5, 0.5] for scale in scales)
    with pytest.raises(ValueError, match="at most 40 groups"):
        build(41)


def test_the_colours_of_cells_are_symmetric_about_no_difference_and_the_legend_says_where_they_end():
    chart = _first(_heat)
    color = chart.spec["layer"][0]["encoding"]["color"]

    assert color["scale"]["domain"] == [-0.25, 0.25]
    assert color["scale"]["domainMid"] == 0
    assert color["scale"]["clamp"] is True
    assert "25+ points lower" in color["legend"]["labelExpr"]
    assert color["legend"]["values"] == [-0.25, 0, 0.25]


def test_sixty_groups_by_eight_metrics_are_drawn_and_more_are_refused():
    def build(groups, metrics):
        names = [f"g{i}" for i in range(groups)], [f"m{i}" for i in range(metrics)]
        return group_heatmap(*names, [[CELL] * metrics] * groups)

    chart = build(60, 8)
    assert count_marks(chart.spec, chart.data) == 2 * 60 * 8
    with pytest.raises(ValueError, match="at most 60 groups and 8 metrics"):
        build(61, 8)
    with pytest.raises(ValueError, match="at most 60 groups and 8 metrics"):
        build(2, 9)


def test_twenty_groups_of_twenty_five_ranges_are_calibrated_within_the_limit_and_more_are_refused():
    def build(k):
        flat = [0.5] * 25
        return group_calibration(
            [CalibrationLine(f"g{i}", flat, flat, flat, flat, [99] * 25, [False] * 25) for i in range(k)]
        )

    chart = build(20)
    assert count_marks(chart.spec, chart.data) <= MAX_MARKS
    with pytest.raises(ValueError, match="at most 20 groups"):
        build(21)


def test_eight_groups_of_two_hundred_scores_are_drawn_and_nine_groups_are_refused():
    edges = np.linspace(0, 1, 201)

    def build(k):
        return group_scores(
            [f"g{i}" for i in range(k)], list(edges[:-1]), list(edges[1:]), [[0.005] * 200] * k,
            threshold=0.5, small=[False] * k,
        )  # fmt: skip

    assert (build(8).data["part"] == "bin").sum() == 1600
    with pytest.raises(ValueError, match="at most 8 groups"):
        build(9)


def test_twenty_columns_by_twenty_groups_of_blanks_are_drawn_and_more_are_refused():
    def build(columns, groups):
        return group_missing(
            [f"c{i}" for i in range(columns)], [f"g{i}" for i in range(groups)], [[0.3] * groups] * columns,
            n=[99] * groups, starred=[[False] * groups] * columns,
        )  # fmt: skip

    chart = build(20, 20)
    assert count_marks(chart.spec, chart.data) == 800
    for shape in ((21, 1), (1, 21)):
        with pytest.raises(ValueError, match="at most 20 columns and 20 groups"):
            build(*shape)
