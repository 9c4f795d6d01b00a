"""What the charts of a pair draw, against numpy and pandas on the rows themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.charts.pair_boxes import pair_boxes
from rai_dash.charts.pair_density import pair_density
from rai_dash.charts.pair_mosaic import pair_mosaic
from rai_dash.charts.partner_bars import partner_bars
from rai_dash.data.pairs import Boxes, Density, Mosaic, picture


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(6)
    n = 700
    x = rng.normal(size=n)
    return pd.DataFrame(
        {
            "x": np.where(rng.random(n) < 0.1, np.nan, x),
            "y": np.exp(x) + rng.normal(size=n),
            "area": pd.Series(rng.choice(["n", "s", "w"], n, p=[0.6, 0.3, 0.1]), dtype="str"),
            "kind": pd.Series(np.where(x > 0, "a", rng.choice(["a", "b"], n)), dtype="str"),
        }
    )


def test_cells_of_a_density_hold_the_rows_that_numpy_counts(frame):
    found = picture(frame, "x", "y")
    assert isinstance(found, Density)
    data = pair_density(found.x, found.y, found.counts).data

    both = frame[["x", "y"]].dropna().to_numpy()
    inner = data[(data["x0"] > found.x[0]) & (data["x1"] < found.x[-1])]
    inner = inner[(inner["y0"] > found.y[0]) & (inner["y1"] < found.y[-1])]
    assert len(inner) > 50
    for cell in inner.to_dict("records"):
        inside = (both[:, 0] >= cell["x0"]) & (both[:, 0] < cell["x1"])
        inside &= (both[:, 1] >= cell["y0"]) & (both[:, 1] < cell["y1"])
        assert cell["n_text"] == str(inside.sum())
    assert data["n_text"].astype(int).sum() == len(both)
    assert np.sqrt(data["n_text"].astype(int) / found.counts.max()).to_numpy() == pytest.approx(data["shade"])


def test_boxes_are_the_quantiles_of_pandas_most_frequent_category_first(frame):
    found = picture(frame, "area", "x")
    assert isinstance(found, Boxes)
    data = pair_boxes(found.names, found.quantiles, found.n).data

    groups = frame.dropna(subset="x").groupby("area")["x"]
    assert list(data["name"]) == list(groups.size().sort_values(ascending=False).index)
    for row in data.to_dict("records"):
        wanted = groups.get_group(row["name"]).quantile([0.05, 0.25, 0.5, 0.75, 0.95])
        drawn = [row[c] for c in ("low", "quarter", "median", "three", "high")]
        assert drawn == pytest.approx(wanted.to_list())
        assert row["n_text"] == str(groups.size()[row["name"]])


def test_a_mosaic_is_as_high_as_shares_of_rows_and_as_wide_as_shares_within(frame):
    found = picture(frame, "area", "kind")
    assert isinstance(found, Mosaic)
    data = pair_mosaic(found.rows, found.columns, found.counts).data
    cells = data[data["part"] == "cell"]

    within = pd.crosstab(frame["area"], frame["kind"], normalize="index")
    share = frame["area"].value_counts(normalize=True)
    assert len(cells) == within.size
    for cell in cells.to_dict("records"):
        assert cell["y1"] - cell["y0"] == pytest.approx(share[cell["row"]])
        assert cell["x1"] - cell["x0"] == pytest.approx(within.loc[cell["row"], cell["column"]])
    assert cells.groupby("row")["x1"].max().to_numpy() == pytest.approx(1.0)
    assert cells["y1"].max() == pytest.approx(1.0)


def test_partners_have_a_short_form_for_narrow_panels():
    chart = partner_bars(
        ["a", "b"], [-0.8, 0.3], measure=["Pearson", "Cramér's V, 3 bins × 2 values"], n=[9, 9]
    )

    assert chart.data["short"].tolist() == ["−0.80 r", "0.30 Cramér's V, 3 bins × 2 values"]
