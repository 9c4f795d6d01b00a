"""The histogram with handles: what is sent to the browser, and what may come back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from rai_dash.charts import picture
from rai_dash.charts.band_handles import PULL, band_handles, pulled_band
from rai_dash.core.types import ReviewBand
from rai_dash.data.counting import count
from rai_dash.govern.policy_words import of_thousand

BAND = ReviewBand(0.3, 0.5, 0.7)
#: What an expression may use beside signals; all of Vega.
VEGA = {
    "abs", "background", "clamp", "ceil", "data", "datum", "floor", "format", "indexof", "length", "luminance", "max",
    "merge", "min", "null", "round", "scale", "sqrt", "width", "x", "y",
}  # fmt: skip


def _counts(rng: np.random.Generator, n: int = 300) -> np.ndarray:
    outcome = rng.integers(0, 3, n).astype(np.int8)
    score = np.round(rng.random(n), 3)
    score[:7] = np.nan
    return count(outcome, score, None).counts.sum(axis=0)


def _sent(chart, part: str) -> float:
    rows = chart.data[chart.data["part"] == part]
    assert len(rows) == 1
    return float(rows["k"].iloc[0])


def _walk(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _walk(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value, key)
    elif isinstance(node, str):
        yield key, node


def test_every_row_is_sent_once_in_the_cell_where_its_score_lies():
    outcome = np.array([1, 1, 0, 2, 0, 1, 1], np.int8)
    score = np.array([0.25, 0.25, 0.2509, 0.9, 1.0, np.nan, 0.0])
    data = band_handles(count(outcome, score, None).counts.sum(axis=0), BAND).data

    cells = data[data["part"] == "cell"]
    assert cells["k"].tolist() == [0, 250, 900, 1000]
    assert cells["good"].tolist() == [1, 2, 0, 0]
    assert cells["bad"].tolist() == [0, 1, 0, 1]
    assert cells["unknown"].tolist() == [0, 0, 1, 0]
    assert data.loc[data["part"] == "no_score", ["good", "bad", "unknown"]].to_numpy().tolist() == [[1, 0, 0]]
    assert data[["good", "bad", "unknown"]].to_numpy().sum() == 7


@pytest.mark.parametrize(
    ("band", "lo", "hi"),
    [
        (ReviewBand(0.3, 0.5, 0.7), 300, 700),
        (ReviewBand(0.29, 0.29, 0.58), 290, 580),
        (ReviewBand(None, 0.5, None), 0, 1001),
        (ReviewBand(0.0, 0.5, 1.0), 0, 1000),
    ],
)
def test_the_committed_band_is_data_in_whole_thousandths_and_open_ends_lie_beyond(band, lo, hi):
    chart = band_handles(np.zeros((3, 1002)), band, turn=4)

    assert (_sent(chart, "lo"), _sent(chart, "hi")) == (lo, hi)
    assert _sent(chart, "threshold") == round(1000 * band.threshold)
    assert _sent(chart, "turn") == 4


def test_ends_stay_on_their_side_of_a_threshold_that_is_not_on_the_grid():
    chart = band_handles(np.zeros((3, 1002)), ReviewBand(0.3, 0.5004, 0.7))

    assert _sent(chart, "threshold") == 500.4
    assert (_sent(chart, "most_lo"), _sent(chart, "least_hi")) == (500, 501)


def test_an_end_off_the_grid_needs_its_own_cell():
    band = ReviewBand(0.3333, 0.5, 0.7)
    with pytest.raises(ValueError, match=r"No cell starts at 0\.3333"):
        band_handles(np.zeros((3, 1002)), band)

    edges = np.array([0.0, 0.3333, 0.7])
    chart = band_handles([[1, 0, 0, 0], [0, 2, 3, 0], [0, 0, 0, 4]], band, edges=edges)
    assert chart.data.loc[chart.data["part"] == "cell", "k"].tolist() == [0, 333.3, 700]
    assert _sent(chart, "lo") == 333.3


def test_weights_are_sent_as_they_are():
    counts = np.zeros((3, 1002))
    counts[1, 250], counts[0, 250] = 1.25, 300

    cell = band_handles(counts, BAND).data.iloc[0]
    assert (cell["good"], cell["bad"]) == (1.25, 300)


@pytest.mark.parametrize("largest", [127, 128, 32_767, 32_768, 3_000_000_000])
def test_large_counts_do_not_overflow(largest):
    counts = np.zeros((3, 1002))
    counts[1, 250] = largest

    assert band_handles(counts, BAND).data["good"].max() == largest


@pytest.mark.parametrize("band", [BAND, ReviewBand(0.17, 0.4, 0.62), ReviewBand(None, 0.5, 0.9)])
def test_a_picture_shows_the_band_and_its_routes_out_of_1000(band):
    rng = np.random.default_rng(7)
    score = np.round(rng.beta(1.3, 2, 677), 3)
    counts = count(rng.integers(0, 2, score.size).astype(np.int8), score, None).counts.sum(axis=0)
    declined = int((score < (band.lo or 0)).sum())
    approved = int((score >= band.hi).sum())
    routes = [declined, score.size - declined - approved, approved]

    said = re.findall(r">([\d,]+) of 1,000 · (\d+) rows<", picture.svg(band_handles(counts, band)))

    assert [int(rows) for _, rows in said] == routes
    per_1000 = [int(n.replace(",", "")) for n, _ in said]
    assert sum(per_1000) == 1000
    # The same numbers as in the sentence above the chart.
    assert per_1000 == of_thousand(routes)


def test_the_template_is_the_same_object_for_all_numbers():
    rng = np.random.default_rng(0)
    charts = [
        band_handles(_counts(rng), ReviewBand(*ends), step=step, turn=step)
        for ends, step in (((None, 0.5, None), 1), ((0.2, 0.3, 0.9), 5), ((0.5, 0.5, 0.5), 10))
    ]

    assert all(chart.spec is charts[0].spec for chart in charts)
    assert len({chart.alt for chart in charts}) == 1
    assert "values" not in charts[0].spec["data"]


def test_a_million_rows_are_a_thousand_cells():
    chart = band_handles(np.full((3, 1002), 333), BAND)

    assert len(chart.data) < 1_020
    assert chart.data[["k", "good", "bad", "unknown"]].memory_usage(index=False).sum() < 10_000


def test_streamlit_finds_the_selection_and_leaves_the_table_to_the_page():
    spec = band_handles(np.zeros((3, 1002)), BAND).spec

    # What the installed Streamlit looks for in ``params`` and ``data``.
    assert [p["name"] for p in spec["params"] if p.get("select")] == [PULL]
    assert spec["data"] == {"name": "source"}
    assert PULL in {signal["name"] for signal in spec["signals"]}
    assert "vega.github.io/schema/vega/" in spec["$schema"]
    assert isinstance(spec["height"], int)
    assert "width" not in spec


def test_every_name_in_an_expression_is_a_signal_or_vegas_own():
    spec = band_handles(np.zeros((3, 1002)), BAND).spec
    inner = spec["marks"][0]
    known = {signal["name"] for signal in [*spec["signals"], *inner["signals"]]}

    expressions = [text for key, text in _walk(spec) if key in {"signal", "update", "expr"}]
    used = set()
    for text in expressions:
        bare = re.sub(r"'[^']*'", "''", text)
        used |= set(re.findall(r"(?<![\w.])[A-Za-z_]\w*(?![\w:])", bare))
    assert len(expressions) > 50
    assert used - VEGA <= known
    assert known - {"accent", "faint", "finger"} <= used | {PULL}


def test_every_table_and_scale_that_is_asked_for_exists():
    spec = band_handles(np.zeros((3, 1002)), BAND).spec
    inner = spec["marks"][0]
    tables = {"source", *(table["name"] for table in inner["data"])}
    scales = {scale["name"] for scale in inner["scales"]}
    text = json.dumps(spec)

    assert {table["source"] for table in inner["data"]} <= tables
    assert set(re.findall(r"\bdata\('(\w+)'\)", text)) <= tables
    assert set(re.findall(r'"from": \{"data": "(\w+)"', text)) <= tables
    assert set(re.findall(r"\bscale\('(\w+)'", text)) | set(re.findall(r'"scale": "(\w+)"', text)) <= scales


def test_what_is_released_comes_back_as_the_doubles_of_the_grid():
    for k in range(501):
        band = pulled_band({"lo": k, "hi": 1000 - k, "turn": 0}, BAND)
        assert band == ReviewBand(k / 1000 if k else None, 0.5, (1000 - k) / 1000)


def test_an_end_at_the_edge_is_open_and_one_that_was_not_pulled_keeps_its_last_bit():
    odd = ReviewBand(0.1 + 0.2, 0.5, 0.7)

    assert pulled_band({"lo": 0, "hi": 1001}, BAND) == ReviewBand(None, 0.5, None)
    assert pulled_band({"lo": 300, "hi": 800}, odd) == ReviewBand(0.1 + 0.2, 0.5, 0.8)
    assert pulled_band({"lo": 333.3, "hi": 800}, ReviewBand(0.3333, 0.5, 0.7)) == ReviewBand(0.3333, 0.5, 0.8)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {},
        [],
        "lo",
        {"lo": 300},
        {"lo": "300", "hi": 700},
        {"lo": True, "hi": 700},
        {"lo": float("nan"), "hi": 700},
        {"lo": -5, "hi": 700},
        {"lo": 300, "hi": 2000},
        {"lo": 700, "hi": 800},
        {"lo": 100, "hi": 400},
        {"lo": 10**400, "hi": 10**400},
    ],
)
def test_what_a_browser_should_not_send_is_no_band(sent):
    assert pulled_band(sent, BAND) is None


def test_another_step_is_refused():
    with pytest.raises(ValueError, match="moves by 1, 5 or 10"):
        band_handles(np.zeros((3, 1002)), BAND, step=7)
