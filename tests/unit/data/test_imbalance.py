from __future__ import annotations

import pandas as pd
import pytest
from scipy.stats import binomtest

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.imbalance import imbalance

FRAME = pd.DataFrame(
    {
        "loan": ["yes", "no", "no", None, "yes", "no", "yes"],
        "sex": ["f", "f", "m", "m", "m", None, "f"],
        "age": [20, 30, 40, 20, 50, 60, 25],
        "area": ["n", "n", "s", "s", "n", "n", "n"],
    }
)
ROLES = Roles(target="loan", favourable=("yes",), sensitive=("sex", "age"), bins={"age": (25.0, 45.0)})


@pytest.fixture
def dataset():
    return dataset_from_frame(FRAME, ROLES)


def test_each_cell_has_rows_outcomes_and_its_rate(dataset):
    cells = {c.labels: (c.n, c.labelled, c.favourable) for c in imbalance(dataset, ["sex"]).cells}

    assert cells == {("f",): (3, 3, 2), ("m",): (3, 2, 1), ("(missing)",): (1, 1, 0)}


def test_the_interval_is_wilsons(dataset):
    rate = imbalance(dataset, ["sex"]).cells[0].rate

    oracle = binomtest(2, 3).proportion_ci(method="wilson")
    assert (rate.value, rate.numerator, rate.denominator) == (2 / 3, 2, 3)
    assert (rate.low, rate.high) == pytest.approx((oracle.low, oracle.high), abs=1e-12)


def test_a_cross_lists_every_cell_and_an_empty_one_has_no_rate(dataset):
    table = imbalance(dataset, ["sex", "area"])

    assert [c.labels for c in table.cells] == [(s, a) for s in ("f", "m", "(missing)") for a in ("n", "s")]
    empty = table.cells[1]
    assert (empty.n, empty.rate.value, empty.rate.reason) == (0, None, "no row with a known outcome")


def test_bins_come_from_the_roles_unless_given(dataset):
    assert [c.labels[0] for c in imbalance(dataset, ["age"]).cells] == ["[-inf, 25)", "[25, 45)", "[45, inf)"]
    assert [c.n for c in imbalance(dataset, ["age"], bins={"age": [30]}).cells] == [3, 4]


def test_four_columns_agree_with_a_count_by_hand(dataset):
    cells = {c.labels: c for c in imbalance(dataset, ["sex", "area", "age", "loan"]).cells}

    assert len(cells) == 3 * 2 * 3 * 3
    assert cells[("f", "n", "[25, 45)", "no")].n == 1
    assert sum(c.n for c in cells.values()) == len(FRAME)


@pytest.mark.parametrize("columns", [[], ["sex", "sex"], ["sex", "area", "age", "loan", "x"]])
def test_no_column_a_double_one_or_five_are_refused(dataset, columns):
    with pytest.raises(InvalidChoice):
        imbalance(dataset, columns)


def test_a_column_that_is_not_there_is_named(dataset):
    with pytest.raises(MissingColumn, match=r"`sexx`.*`sex`"):
        imbalance(dataset, ["sexx"])


def test_without_an_outcome_rows_are_counted_and_rates_undefined():
    table = imbalance(dataset_from_frame(FRAME), ["sex"])

    assert [c.n for c in table.cells] == [3, 3, 1]
    assert all(c.rate.value is None for c in table.cells)
