from __future__ import annotations

import pytest

from rai_dash.charts._monitor_marks import STATES
from rai_dash.charts.monitor_lines import ShareRow, beside, monitor_lines
from rai_dash.charts.monitor_series import BatchPoint, monitor_series
from rai_dash.core.types import Estimate
from tests.unit.charts.monitor_builders import CHARTS


def row(name: str = "Sent to a person", **changes: object) -> ShareRow:
    given: dict[str, object] = {
        "name": name,
        "signed": Estimate(0.18, 0.15, 0.21, 18, 100),
        "batch": Estimate(0.31, 0.23, 0.41, 31, 100),
        "low": 0.16,
        "high": 0.20,
        "state": "breach",
        "told": "breach",
    }
    return ShareRow(**(given | changes))  # type: ignore[arg-type]


def point(label: str, **changes: object) -> BatchPoint:
    given: dict[str, object] = {
        "label": label, "value": 0.2, "low": 0.1, "high": 0.3, "n": 50.0, "state": "ok", "told": "within its limits",
    }  # fmt: skip
    return BatchPoint(**(given | changes))  # type: ignore[arg-type]


def test_a_share_stands_beside_what_was_signed_with_its_limits_and_its_interval():
    found = monitor_lines([row()]).data.iloc[0]

    assert (found["at"], found["start"], found["end"], found["signed"]) == (0.31, 0.23, 0.41, 0.18)
    assert found["least"] == pytest.approx(0.16, abs=0.003)
    assert found["most"] == pytest.approx(0.20, abs=0.003)
    assert found["label"] == "31 %, was 18 %"
    assert "31 %, 95 % interval 23 % to 41 %, 100 rows; 18 % signed" in found["description"]


def test_shares_that_would_read_alike_get_a_decimal_and_equal_ones_do_not():
    assert beside(0.184, 0.18) == ("18.4 %", "18.0 %")
    assert beside(0.18, 0.18) == ("18 %", "18 %")


def test_an_undefined_share_is_no_mark_and_says_why():
    found = monitor_lines([row(batch=Estimate.undefined("no outcome is known yet"), state="few")]).data.iloc[
        0
    ]

    assert not found["defined"]
    assert found["label"] == "– no outcome is known yet"
    assert found["known"]


def test_limits_do_not_reach_over_the_ends_of_the_axis():
    found = monitor_lines([row(low=-0.2, high=1.3)]).data.iloc[0]

    assert (found["least"], found["most"]) == (0.0, 1.0)
    assert found["limits_text"] == "0 % to 100 %"


@pytest.mark.parametrize("name", ["monitor_lines", "monitor_series", "monitor_drift"])
def test_every_state_has_a_shape_of_its_own_but_the_ring(name: str):
    import numpy as np

    chart = CHARTS[name](np.random.default_rng(1))

    assert len({shape for _, shape, _ in STATES.values()}) == len(STATES) - 1
    assert set(chart.data["key"]) == {words for words, _, _ in STATES.values()}


def test_the_legend_is_whole_with_a_single_row_or_batch():
    for chart in (monitor_lines([row()]), monitor_series([point("May")], unit="share")):
        assert set(chart.data["key"]) == {words for words, _, _ in STATES.values()}
        assert chart.data["defined"].tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    "chart", [monitor_lines([row()]), monitor_series([point("May")], unit="share")], ids=["lines", "series"]
)
def test_what_stands_there_for_the_legend_is_no_mark_to_a_screen_reader(chart):
    """axe: svg-img-alt. Of one row or batch exactly one mark is told."""
    told = [layer for layer in chart.spec["layer"] if "description" in layer["encoding"]]

    assert len(told) == 1
    assert told[0]["transform"] == [{"filter": "datum.description !== ''"}]
    # The others say that they are none.
    assert all(layer["mark"]["aria"] is False for layer in chart.spec["layer"] if layer is not told[0])
    assert chart.data["description"].ne("").tolist() == [True, False, False, False]


def test_a_series_keeps_the_order_in_which_batches_were_given():
    chart = monitor_series([point("b"), point("a"), point("c"), point("d")], unit="share", signed=0.2)

    assert chart.data["label"].tolist() == ["b", "a", "c", "d"]
    assert chart.data["order"].tolist() == [0, 1, 2, 3]


def test_a_share_is_written_in_percent_and_an_index_as_it_is():
    share = monitor_series([point("a")], unit="share").data.iloc[0]
    index = monitor_series([point("a")], unit="number").data.iloc[0]

    assert (share["text"], share["span_text"]) == ("20 %", "10 % to 30 %")
    assert (index["text"], index["span_text"]) == ("0.20", "0.10 to 0.30")


def test_limits_of_an_index_start_at_zero_and_without_limits_no_band_is_drawn():
    drift = monitor_series([point("a")], unit="number", limits=(None, 0.25))
    bare = monitor_series([point("a")], unit="number")

    assert (drift.data["least"].iloc[0], drift.data["most"].iloc[0]) == (0.0, 0.25)
    assert len(bare.spec["layer"]) == len(drift.spec["layer"]) - 1


def test_too_many_rows_or_batches_are_refused():
    with pytest.raises(ValueError, match="at most 24 shares"):
        monitor_lines([row(str(i)) for i in range(25)])
    with pytest.raises(ValueError, match="at most 60 batches"):
        monitor_series([point(str(i)) for i in range(61)], unit="share")
