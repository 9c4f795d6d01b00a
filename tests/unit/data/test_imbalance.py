from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from rai_dash.core.errors import InvalidChoice, InvalidRoles, MissingColumn
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.groups import bin_labels
from rai_dash.data.imbalance import below_share, chosen_edges, imbalance

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


@pytest.fixture(scope="module")
def wide():
    rng = np.random.default_rng(4)
    n = 3000
    frame = pd.DataFrame(
        {
            "y": rng.choice(["1", "0", ""], n, p=[0.3, 0.65, 0.05]),
            "age": rng.integers(18, 80, n),
            "pay": np.where(rng.random(n) < 0.1, np.nan, rng.normal(3000, 800, n)),
            "gain": np.where(rng.random(n) < 0.9, 0.0, rng.integers(1, 900, n)),
            "sex": rng.choice(["f", "m"], n),
        }
    )
    return frame, dataset_from_frame(frame, Roles(target="y", favourable=("1",), bins={"age": (25.0, 45.0)}))


def by_cell(dataset, columns, **how):
    table = imbalance(dataset, columns, bins=chosen_edges(dataset, columns, **how))
    return {c.labels: (c.n, c.labelled, c.favourable) for c in table.cells}


def oracle(frame, edges):
    """Count with pandas: every cell of a cut crossed with sex."""
    ends = [-np.inf, *edges, np.inf]
    cut = pd.cut(frame["pay"], ends, right=False, labels=bin_labels(edges)).astype(object)
    part = frame.assign(cut=cut.fillna("(missing)"), known=frame["y"] != "", good=frame["y"] == "1")
    found = part.groupby(["cut", "sex"]).agg(n=("y", "size"), known=("known", "sum"), good=("good", "sum"))
    return {cell: tuple(int(x) for x in row) for cell, row in zip(found.index, found.to_numpy(), strict=True)}


def test_bins_of_equal_counts_agree_with_pandas(wide):
    frame, dataset = wide
    edges = frame["pay"].quantile([0.2, 0.4, 0.6, 0.8]).tolist()

    assert by_cell(dataset, ["pay", "sex"], bins=5) == oracle(frame, edges)


def test_bins_of_equal_width_agree_with_pandas(wide):
    frame, dataset = wide
    low, high = frame["pay"].min(), frame["pay"].max()
    edges = [low + (high - low) * i / 3 for i in (1, 2)]

    found = by_cell(dataset, ["pay", "sex"], binning="width", bins=3)

    assert sorted(found.values()) == sorted(oracle(frame, edges).values())


def test_own_edges_cut_the_first_column_of_numbers_and_a_value_on_an_edge_starts_a_bin(wide):
    frame, dataset = wide
    edges = chosen_edges(dataset, ["sex", "age", "pay"], binning=" 30, 40;50 ", bins=2)

    assert edges == {"age": (30.0, 40.0, 50.0), "pay": (frame["pay"].median(),)}
    found = by_cell(dataset, ["age"], binning="30 40 50")
    assert [n for n, _, _ in found.values()] == [
        int(frame["age"].between(a, b, inclusive="left").sum())
        for a, b in ((0, 30), (30, 40), (40, 50), (50, 99))
    ]


def test_stated_edges_are_kept_unless_equal_width_is_asked_for(wide):
    dataset = wide[1]

    assert chosen_edges(dataset, ["age"]) == {"age": (25.0, 45.0)}
    assert len(chosen_edges(dataset, ["age"], binning="width", bins=6)["age"]) == 5


def test_a_column_that_is_mostly_its_lowest_value_is_cut_above_it(wide):
    frame, dataset = wide
    edges = chosen_edges(dataset, ["gain"])

    assert edges == {"gain": (frame.loc[frame["gain"] > 0, "gain"].min(),)}
    assert by_cell(dataset, ["gain"])[bin_labels(edges["gain"])[0],][0] == (frame["gain"] == 0).sum()


def test_columns_of_text_and_of_few_numbers_keep_their_values(dataset):
    assert chosen_edges(dataset, ["sex", "area"]) == {}
    assert chosen_edges(dataset_from_frame(FRAME), ["age"]) == {}


@pytest.mark.parametrize("text", ["young old", "25 x", "40 25", "25 25", "nan 3", "inf"])
def test_edges_that_are_no_rising_numbers_are_refused_in_words(wide, text):
    with pytest.raises((InvalidChoice, InvalidRoles), match=r"25,? 35,? 50"):
        chosen_edges(wide[1], ["age"], binning=text)


def test_more_cells_than_can_be_shown_are_refused_with_the_sizes(wide):
    frame = wide[0].assign(name=[f"p{i}" for i in range(3000)])
    dataset = dataset_from_frame(frame)

    with pytest.raises(
        InvalidChoice, match=r"`name` \(3,000\) × `sex` \(2\) makes 6,000 cells, at most 5,000"
    ):
        imbalance(dataset, ["name", "sex"])
    with pytest.raises(InvalidChoice, match=r"6,000 cells"):
        imbalance(dataset_from_frame(pd.DataFrame({"id": [f"p{i}" for i in range(6000)]})), ["id"])


def test_a_cell_below_a_share_needs_an_interval_that_pays_for_all_cells():
    rows = [("a", 120, 40), ("b", 100, 40), ("c", 100, 70), ("d", 20, 1), ("e", 100, 50)]
    frame = pd.DataFrame(
        {
            "g": [g for g, n, _ in rows for _ in range(n)],
            "y": ["1" if i < k else "0" for _, n, k in rows for i in range(n)],
        }
    )
    table = imbalance(dataset_from_frame(frame, Roles(target="y", favourable=("1",))), ["g"])

    found = below_share(table, 0.5)

    def end(k, n, level):
        return binomtest(k, n).proportion_ci(confidence_level=level, method="wilson").high

    # The interval of one cell alone would name b too.
    assert end(40, 120, 1 - 0.05 / 4) < 0.5 < end(40, 100, 1 - 0.05 / 4)
    assert end(40, 100, 0.95) < 0.5
    assert [c.labels for c in found.shown] == [("a",)]
    assert [c.labels for c in found.unsettled] == [("b",)]
    assert found.looked_at == 4


def test_without_a_cell_that_is_large_enough_nothing_lies_below(dataset):
    found = below_share(imbalance(dataset, ["sex"]), 0.9)

    assert (found.shown, found.unsettled, found.looked_at) == ((), (), 0)
