"""What holds for every chart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import repeat
from typing import Any

import altair as alt
import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage

from rai_dash.charts._base import MAX_MARKS, Chart, count_marks
from rai_dash.charts.association_heatmap import association_heatmap
from rai_dash.charts.before_after import before_after
from rai_dash.charts.calibration import calibration
from rai_dash.charts.cell_rows import cell_rows
from rai_dash.charts.column_distribution import category_bars, number_histogram
from rai_dash.charts.confusion import confusion
from rai_dash.charts.contributions import contributions
from rai_dash.charts.curves import Curve, precision_recall, roc
from rai_dash.charts.dendrogram import Tree
from rai_dash.charts.group_dots import group_dots
from rai_dash.charts.imbalance_cells import imbalance_cells
from rai_dash.charts.pair_boxes import pair_boxes
from rai_dash.charts.pair_density import pair_density
from rai_dash.charts.pair_mosaic import pair_mosaic
from rai_dash.charts.partner_bars import partner_bars
from rai_dash.charts.population_bars import population_bars
from rai_dash.charts.proxy_bars import proxy_bars
from rai_dash.charts.rate_heatmap import rate_heatmap
from rai_dash.charts.route_bars import route_bars
from rai_dash.charts.score_histogram import score_histogram
from rai_dash.core.types import ReviewBand
from tests.unit.charts.band_builders import CHARTS as BAND
from tests.unit.charts.decision_builders import CHARTS as DECISION
from tests.unit.charts.driver_builders import CHARTS as DRIVERS
from tests.unit.charts.judge_builders import CHARTS as JUDGE
from tests.unit.charts.model_builders import CHARTS as MODELS
from tests.unit.charts.monitor_builders import CHARTS as MONITOR
from tests.unit.charts.problem_builders import CHARTS as PROBLEMS
from tests.unit.charts.queue_builders import CHARTS as QUEUE
from tests.unit.charts.slice_builders import CHARTS as SLICES

NAMES = (
    "HOSTILE'];alert(1)//",
    'HOSTILE"datum.x',
    "HOSTILE__proto__",
    "HOSTILE\n",
    "HOSTILE b",
    "HOSTILE c",
    "HOSTILE d",
)
K = len(NAMES)

Build = Callable[[np.random.Generator], Chart]


def _shares(rng: np.random.Generator) -> dict[str, list[float]]:
    rate = rng.random(K)
    return {"low": list(rate * 0.9), "high": list(rate * 0.9 + 0.1), "rate": list(rate)}


def _dots(rng: np.random.Generator) -> Chart:
    s = _shares(rng)
    value: list[float | None] = [None, *s["rate"][1:]] if rng.random() < 0.5 else [*s["rate"]]
    small = list(rng.random(K) < 0.3)
    n = [int(x) for x in rng.integers(0, 9999, K)]
    return group_dots(
        NAMES,
        value,
        low=s["low"],
        high=s["high"],
        n=n,
        small=small,
        overall=float(rng.random()),
        what="Recall",
    )


def _cells(rng: np.random.Generator) -> Chart:
    s = _shares(rng)
    n = [int(x) for x in rng.integers(0, 9999, K)]
    return imbalance_cells(
        NAMES, s["rate"], low=s["low"], high=s["high"], n=n, small=list(rng.random(K) < 0.3)
    )


def _rates(rng: np.random.Generator) -> Chart:
    rate = rng.random((K, K))
    rate[0, 1] = np.nan
    n = rng.integers(0, 99999, (K, K))
    return rate_heatmap(NAMES, NAMES, rate=rate, low=rate, high=rate, n=n, small=n < 30)


def _associations(rng: np.random.Generator) -> Chart:
    measure = list(repeat(["pearson"] * K, K))
    return association_heatmap(
        NAMES, rng.uniform(-1, 1, (K, K)), measure=measure, n=rng.integers(1, 99, (K, K))
    )


def _tree(rng: np.random.Generator) -> Chart:
    tree = Tree(linkage(rng.random(K * (K - 1) // 2), "single"), 0.8, [NAMES[:2]])
    value = rng.uniform(-1, 1, (K, K))
    measure = list(repeat(["pearson"] * K, K))
    return association_heatmap(
        NAMES, value, measure=measure, n=rng.integers(1, 99, (K, K)), tree=tree, chosen=(1, 2), turn=3
    )


def _curves(rng: np.random.Generator) -> list[Curve]:
    return [
        Curve(
            name=name,
            x=np.sort(rng.random(2000)),
            y=np.sort(rng.random(2000)),
            marker=(0.3, float(rng.random())),
        )
        for name in NAMES
    ]


def _calibration(rng: np.random.Generator) -> Chart:
    rate = [None, *rng.random(9)]
    return calibration(
        np.linspace(0, 1, 11),
        mean_score=rate,
        rate=rate,
        low=rate,
        high=rate,
        n=[0, *(int(x) for x in rng.integers(1, 999, 9))],
        small=list(rng.random(10) < 0.3),
    )


def _scores(rng: np.random.Generator, *, split: bool) -> Chart:
    band = ReviewBand(*sorted(rng.integers(0, 1001, 3) / 1000))
    return score_histogram(rng.integers(0, 99, (3, 1002)), band, bins=100, split=split)


CHARTS: dict[str, Build] = {
    "group_dots": _dots,
    "imbalance_cells": _cells,
    "rate_heatmap": _rates,
    "number_histogram": lambda rng: number_histogram(np.sort(rng.normal(size=31)), rng.integers(0, 99, 30)),
    "number_histogram_split": lambda rng: number_histogram(np.arange(31), rng.integers(0, 99, (30, 3))),
    "category_bars": lambda rng: category_bars(NAMES, rng.integers(0, 99, K)),
    "category_bars_split": lambda rng: category_bars(NAMES, rng.integers(0, 99, (K, 3))),
    "association_heatmap": _associations,
    "dendrogram": _tree,
    "partner_bars": lambda rng: partner_bars(
        rng.permutation(NAMES), list(rng.random(K)), measure=["eta"] * K, n=[9] * K
    ),
    "confusion": lambda rng: confusion(
        **dict(zip(("tp", "fn", "fp", "tn"), rng.integers(0, 9, 4), strict=True))
    ),
    "roc_one": lambda rng: roc(_curves(rng)[:1], threshold=float(rng.random())),
    "roc_groups": lambda rng: roc(_curves(rng), threshold=float(rng.random())),
    "precision_recall": lambda rng: precision_recall(
        _curves(rng), base_rate=float(rng.random()), threshold=0.5
    ),
    "calibration": _calibration,
    "score_histogram": lambda rng: _scores(rng, split=False),
    "score_histogram_split": lambda rng: _scores(rng, split=True),
    "contributions": lambda rng: contributions(
        dict(zip(rng.permutation(NAMES), rng.normal(size=K), strict=True)),
        order=NAMES[:4],
        space="log-odds",
        method="trees",
        sd=dict.fromkeys(NAMES, float(rng.random())),
    ),
    "route_bars": lambda rng: route_bars(NAMES, rng.integers(0, 999, (K + 1, 3))),
    "pair_density": lambda rng: pair_density(
        np.sort(rng.normal(size=9)), np.sort(rng.normal(size=7)), rng.integers(1, 99, (8, 6))
    ),
    "pair_boxes": lambda rng: pair_boxes(NAMES, np.sort(rng.normal(size=(K, 5))), [999] * K),
    "pair_mosaic": lambda rng: pair_mosaic(NAMES, NAMES[:3], rng.integers(1, 99, (K, 3))),
    "population_bars": lambda rng: population_bars(
        NAMES,
        list(rng.uniform(0.1, 0.4, K)),
        [0.9, *[0.1 / (K - 1)] * (K - 1)],
        low=[0.05] * K,
        high=[0.5] * K,
        n=[99] * K,
        starred=list(rng.random(K) < 0.5),
        small=[False] * K,
    ),
    "proxy_bars": lambda rng: proxy_bars(
        rng.permutation(NAMES),
        list(rng.random(K)),
        low=[None] * K,
        high=[None] * K,
        share=[None] * K,
        shown=[True] * K,
    ),
    "cell_rows": lambda rng: cell_rows(NAMES, list(rng.integers(0, 999, K)), list(rng.integers(0, 999, K))),
    "before_after": lambda rng: before_after(NAMES, list(rng.random(K)), list(rng.random(K))),
}
CHARTS |= JUDGE
CHARTS |= DRIVERS
CHARTS |= DECISION
CHARTS |= BAND
CHARTS |= MODELS
CHARTS |= MONITOR
CHARTS |= SLICES | QUEUE
CHARTS |= PROBLEMS
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
    charts = [build(np.random.default_rng(seed)) for seed in range(6)]

    assert len({json.dumps(c.spec) for c in charts}) == 1
    assert len({c.alt for c in charts}) == 1
    assert all(c.spec is charts[0].spec for c in charts)


@every_chart
def test_a_template_is_valid_and_has_no_data(build: Build):
    spec = _first(build).spec

    # A layer needs no data to be valid, and the page's table is the only one.
    alt.LayerChart.from_dict(spec, validate=True)
    assert "datasets" not in spec
    assert not any("data" in path or text == "data" for path, text in _walk(spec))


@every_chart
def test_names_from_a_file_stand_in_domains_only(build: Build):
    spec = _first(build).spec

    found = {path[-2:] for path, text in _walk(spec) if "HOSTILE" in text}

    assert found <= {("scale", "domain")}


@every_chart
def test_names_from_a_file_are_plain_in_the_data(build: Build):
    data = _first(build).data
    texts = [str(text) for column in data.select_dtypes(exclude="number") for text in data[column]]

    assert not any(bad in text for text in texts for bad in ("\n", "\u202e"))


@every_chart
def test_every_part_of_the_data_is_drawn_by_a_layer(build: Build):
    chart = _first(build)
    drawn = json.dumps(chart.spec)

    # Without parts every layer draws all rows.
    assert all(f"datum.part === '{part}'" in drawn for part in set(chart.data.get("part", ())))


@every_chart
def test_marks_without_a_tooltip_show_nothing_instead_of_bare_fields(build: Build):
    assert _first(build).spec["config"]["mark"]["tooltip"] is None


@every_chart
def test_fields_are_columns_of_the_data(build: Build):
    chart = _first(build)
    texts = list(_walk(chart.spec))

    fields = {text for path, text in texts if path[-1] == "field"}

    # Written for some rows only; a missing column is an empty one for Vega.
    assert fields
    assert all(field.isidentifier() and field.islower() for field in fields)
    assert fields - set(chart.data.columns) <= {"few", "label"}


@every_chart
def test_a_chart_stays_under_the_limit_of_marks(build: Build):
    chart = _first(build)

    assert 0 < count_marks(chart.spec, chart.data) <= MAX_MARKS


@every_chart
def test_a_chart_has_a_whole_height_and_leaves_the_width_to_the_page(build: Build):
    spec = _first(build).spec

    assert isinstance(spec["height"], int)
    assert "width" not in spec


@every_chart
def test_every_tooltip_has_a_title_of_ours(build: Build):
    spec = _first(build).spec
    views = [spec, *spec["layer"]]  # what all layers share stands at the top
    tips = [tip for view in views for tip in view.get("encoding", {}).get("tooltip", [])]

    assert tips
    assert all(tip["title"] for tip in tips)


@every_chart
def test_data_is_plain_and_has_no_infinity(build: Build):
    data = _first(build).data

    assert list(data.index) == list(range(len(data)))
    numbers = data.select_dtypes("number").to_numpy()
    assert not np.isinf(numbers).any()


def test_too_many_marks_are_refused():
    counts = np.ones(700)

    with pytest.raises(ValueError, match="at most 2,000"):
        category_bars([str(i) for i in range(1200)], np.ones(1200))
    assert number_histogram(np.arange(701), counts).data.shape[0] == 700


@every_chart
def test_what_all_layers_encode_alike_is_sent_once(build: Build):
    layers = _first(build).spec["layer"]
    if len(layers) < 2:
        return
    first, *rest = (layer["encoding"] for layer in layers)

    assert not [c for c, value in first.items() if all(e.get(c) == value for e in rest)]
