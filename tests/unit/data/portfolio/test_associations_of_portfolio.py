from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import MissingColumn
from rai_dash.core.types import Roles
from rai_dash.data.associations import CRAMER, ETA, MEASURES, SPEARMAN, associations, closest_columns
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.pairs import Boxes, Density, Mosaic, measures, picture
from rai_dash.data.portfolio import coded
from rai_dash.data.portfolio.associations import SPEARMAN_CELLS, associations_of, closest_columns_of
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.portfolio.pairs import measures_of, picture_of
from tests.engines.frames import frame_on

N = 900


def table() -> pd.DataFrame:
    """Blanks, ties, spikes, large and constant numbers, rare and odd categories."""
    rng = np.random.default_rng(11)
    x = rng.normal(size=N)
    area = rng.choice(["n", "s ", "West, upper", "1"], N, p=[0.5, 0.3, 0.19, 0.01])
    return pd.DataFrame(
        {
            "x": np.where(rng.random(N) < 0.1, np.nan, x),
            "far": 1e9 + x + rng.normal(size=N),
            "tied": np.round(x * 2),
            "spike": np.where(rng.random(N) < 0.6, 0.0, rng.lognormal(8, 2, N)),
            "whole": rng.integers(0, 400, N),
            "flat": np.full(N, 0.1),
            "once": np.where(np.arange(N) == 5, 7.0, np.nan),
            "none": np.full(N, np.nan),
            "area": pd.Series(area, dtype="str").mask(rng.random(N) < 0.05),
            "many": pd.Series([f"v{i}" for i in rng.integers(0, 30, N)], dtype="str"),
            "one": pd.Series(["k"] * N, dtype="str"),
        }
    )


@pytest.fixture(scope="module")
def frame():
    return table()


@pytest.fixture(scope="module")
def dataset(frame):
    import pyarrow as pa

    found = open_portfolio(
        frame_on("duckdb", pa.Table.from_pandas(frame, preserve_index=False)), name="table"
    )
    return dataset_of(found, Roles())


COLUMNS = list(table().columns)


@pytest.mark.parametrize("measure", [m for m in MEASURES if m != SPEARMAN])
def test_the_matrix_is_that_of_the_rows_in_memory(dataset, frame, measure):
    found, expected = associations_of(dataset, COLUMNS, measure), associations(frame, COLUMNS, measure)

    assert found.columns == expected.columns
    assert found.measure == expected.measure
    np.testing.assert_array_equal(found.n, expected.n)
    np.testing.assert_allclose(found.value, expected.value, rtol=1e-10, atol=1e-12)


def test_ranks_are_exact_where_values_are_few(dataset, frame):
    columns = ["tied", "flat", "area", "none"]

    found, expected = associations_of(dataset, columns, SPEARMAN), associations(frame, columns, SPEARMAN)

    np.testing.assert_array_equal(found.n, expected.n)
    np.testing.assert_allclose(found.value, expected.value, rtol=1e-12)


def test_ranks_in_cells_come_near_and_say_so(dataset, frame):
    columns = ["x", "far", "tied", "whole"]

    found, expected = associations_of(dataset, columns, SPEARMAN), associations(frame, columns, SPEARMAN)

    np.testing.assert_array_equal(found.n, expected.n)
    np.testing.assert_allclose(found.value, expected.value, atol=0.01)
    assert found.measure[0][1] == f"{SPEARMAN_CELLS}, {coded.RANK_CELLS} bins × {coded.RANK_CELLS} bins"
    assert "approximate" in found.measure[0][2]


def test_a_correlation_of_large_numbers_keeps_its_digits(frame):
    import pyarrow as pa

    base = np.random.default_rng(2).normal(size=N)
    wide = pd.DataFrame({"a": base + 3e7, "b": 2 * base - 5e8 + np.arange(N) % 3})
    opened = open_portfolio(
        frame_on("duckdb", pa.Table.from_pandas(wide, preserve_index=False)), name="table"
    )

    found = associations_of(dataset_of(opened, Roles()), ["a", "b"])

    assert found.value[0, 1] == pytest.approx(np.corrcoef(wide["a"], wide["b"])[0, 1], rel=1e-12)


def test_the_closest_columns_are_those_of_the_rows_in_memory(dataset, frame):
    for most in (2, 3, 5):
        found = closest_columns_of(dataset, COLUMNS, ["x", "area"], most)
        assert found == closest_columns(frame, COLUMNS, ["x", "area"], most)


def test_a_data_set_in_memory_is_measured_there(frame):
    given = dataset_from_frame(frame)

    found = associations_of(given, COLUMNS, ETA)

    np.testing.assert_array_equal(found.value, associations(given.frame, COLUMNS, ETA).value)


@pytest.mark.parametrize(
    ("first", "second"),
    [("x", "far"), ("far", "x"), ("tied", "spike"), ("flat", "x"), ("once", "x"), ("none", "x")],
)
def test_a_density_is_that_of_the_rows_in_memory(dataset, frame, first, second):
    found, expected = picture_of(dataset, first, second), picture(frame, first, second)

    assert type(found) is type(expected)
    if isinstance(found, Density) and isinstance(expected, Density):
        np.testing.assert_array_equal(found.x, expected.x)
        np.testing.assert_array_equal(found.y, expected.y)
        np.testing.assert_array_equal(found.counts, expected.counts)


@pytest.mark.parametrize(
    ("first", "second"), [("x", "area"), ("many", "spike"), ("area", "none"), ("one", "x")]
)
def test_boxes_are_those_of_the_rows_in_memory(dataset, frame, first, second):
    found, expected = picture_of(dataset, first, second), picture(frame, first, second)

    assert type(found) is type(expected)
    if isinstance(found, Boxes) and isinstance(expected, Boxes):
        assert (found.names, found.n, found.left_out) == (expected.names, expected.n, expected.left_out)
        np.testing.assert_array_equal(found.quantiles, expected.quantiles)


@pytest.mark.parametrize(
    ("first", "second"), [("area", "many"), ("many", "area"), ("one", "area"), ("area", "area")]
)
def test_a_mosaic_is_that_of_the_rows_in_memory(dataset, frame, first, second):
    found, expected = picture_of(dataset, first, second), picture(frame, first, second)

    assert isinstance(found, Mosaic)
    assert isinstance(expected, Mosaic)
    assert (found.rows, found.columns) == (expected.rows, expected.columns)
    np.testing.assert_array_equal(found.counts, expected.counts)


@pytest.mark.parametrize(
    ("first", "second"), [("area", "many"), ("x", "area"), ("tied", "flat"), ("tied", "tied")]
)
def test_the_measures_of_a_pair_are_those_of_the_rows_in_memory(dataset, frame, first, second):
    found, expected = measures_of(dataset, first, second), measures(frame, first, second)

    assert [(m.measure, m.n) for m in found] == [(m.measure, m.n) for m in expected]
    np.testing.assert_allclose([m.value for m in found], [m.value for m in expected], rtol=1e-10, atol=1e-12)


def test_a_pair_of_many_values_says_that_its_ranks_are_in_cells(dataset):
    found = measures_of(dataset, "x", "whole")

    assert found[1].measure == SPEARMAN_CELLS


def test_a_column_that_is_not_there_is_named(dataset):
    with pytest.raises(MissingColumn, match="`arae`"):
        associations_of(dataset, ["arae", "x"], CRAMER)
