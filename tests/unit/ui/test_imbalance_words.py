from __future__ import annotations

import pandas as pd
import pytest

from rai_dash.charts.population_bars import population_bars
from rai_dash.core.types import Roles, TargetKind
from rai_dash.data.balanced_split import balanced_split
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.imbalance import below_share, imbalance
from rai_dash.ui import imbalance_words as words
from rai_dash.ui.balanced_split import split_column
from rai_dash.ui.imbalance import read_names, write_names


def table(*columns, cells):
    """Make the cells from ``{labels: (rows, labelled, favourable)}``."""
    rows = [
        (*labels, "1" if i < good else "0" if i < known else None)
        for labels, (n, known, good) in cells.items()
        for i in range(n)
    ]
    frame = pd.DataFrame(rows, columns=[*columns, "y"])
    return imbalance(dataset_from_frame(frame, Roles(target="y", favourable=("1",))), columns)


def test_two_of_3064_and_98_of_4936_are_not_called_equivalent_within_five_points():
    found = table("g", cells={("f",): (3064, 3064, 2), ("m",): (4936, 4936, 98)})

    tested = words.tested(found, 0.05)

    assert tested.tolerance == pytest.approx(100 / 8000 / 5)
    said = words.tested_words(tested, 1, TargetKind.UNSTATED)
    assert said.startswith("**Disparity shown.**")
    assert "2 of 3,064" in said
    assert "a fifth of the rarer outcome's share" in words.tested_note(tested, 1)


def test_the_tolerance_stays_as_it_is_where_outcomes_are_not_rare():
    assert words.tolerable(table("g", cells={("a",): (100, 100, 40), ("b",): (100, 100, 50)}), 0.05) == 0.05
    assert words.tolerable(table("g", cells={("a",): (100, 100, 98)}), 0.05) == pytest.approx(0.02 / 5)


def test_thin_cells_are_named_by_how_thin_they_are():
    cells = {("a", "u"): (50, 50, 20), ("a", "v"): (3, 3, 1), ("b", "u"): (12, 12, 2), ("c", "v"): (60, 8, 4)}

    texts = words.thin_cells(table("g", "h", cells=cells))

    assert texts == (
        "No row at all: b × v, c × u.",
        "Fewer than 10 rows: a × v.",
        "10 to 29 rows: b × u.",
        "Fewer than 30 rows with a known outcome: c × v.",
    )


def test_cells_without_enough_known_outcomes_enter_no_comparison():
    found = table("g", cells={("a",): (100, 100, 50), ("b",): (100, 100, 20), ("c",): (500, 12, 12)})

    assert words.tested(found, 0.05).gap.eligible == ("a", "b")
    assert below_share(found, 0.9).looked_at == 2


def test_a_cross_of_three_names_the_cells_that_the_tests_support():
    cells = {(g, h, k): (200, 200, 100) for g in "ab" for h in "uv" for k in "xy"}
    cells["a", "u", "x"] = (200, 200, 40)

    tested = words.tested(table("g", "h", "k", cells=cells), 0.05)

    said = words.tested_words(tested, 3, TargetKind.UNSTATED)
    assert said.startswith("**Shown to lie below everybody else: a × u × x (20 %, 30 points)")
    assert tested.ranked is not None
    assert tested.ranked[0].group == "a × u × x"


def test_labels_with_the_sign_of_a_cross_stay_apart():
    cells = {("a × b", "c"): (40, 40, 10), ("a", "b × c"): (40, 40, 30)}
    found = table("g", "h", cells=cells)

    assert len({words.joined(c) for c in found.cells}) == len(found.cells)


def test_the_table_says_which_cells_lie_below_the_share_aimed_at():
    found = table(
        "g", cells={("a",): (100, 100, 10), ("b",): (100, 100, 48), ("c",): (100, 100, 80), ("d",): (9, 9, 0)}
    )

    frame = words.imbalance_frame(found, below_share(found, 0.5))

    assert frame["below the share aimed at"].tolist() == ["shown", "not settled", "no", "too few rows"]
    assert frame["rate"].tolist() == [0.1, 0.48, 0.8, 0.0]


@pytest.mark.parametrize("names", [["a", "b"], ["a,b", "c"], ['say "x"', "a,b"], ["=1"]])
def test_names_of_columns_come_back_from_the_address(names):
    assert read_names(write_names(names), ["z", *names]) == names


def test_unknown_names_are_left_out_and_none_means_the_first_column():
    assert read_names("a,zz,b,a", ["b", "a"]) == ["a", "b"]
    assert read_names("", ["b", "a"]) == ["b"]
    assert read_names("zz", []) == []
    assert read_names('"a\nb', ["b"]) == ["b"]


def test_the_file_of_a_split_has_each_row_with_its_side_and_an_id_that_is_called_row():
    frame = pd.DataFrame(
        {"row": [f"p{i}" for i in range(40)], "x": range(40), "y": (["0", "1", "1", None] * 10)}
    )
    dataset = dataset_from_frame(frame, Roles(target="y", favourable=("1",), id="row"))
    split = balanced_split(dataset, by=None, per_cell_min=2, per_cell_max=4, test_share=0.3, seed=0)

    out = split_column(dataset, split)

    assert list(out.columns) == ["row", "row", "split"]
    assert out.iloc[:, 0].tolist() == list(range(1, 41))
    assert out.iloc[:, 1].tolist() == frame["row"].tolist()
    assert out["split"].value_counts().to_dict() == {"train": 23, "": 10, "test": 7}
    assert set(positions_of(out, "")) == set(split.left_out)


def positions_of(out, side):
    return out.index[out["split"] == side].tolist()


def test_bars_of_a_population_carry_the_star_and_end_where_the_axis_does():
    chart = population_bars(
        ["a", "b"], [0.2, 0.8], [0.5, 0.5], low=[0.18, 0.78], high=[0.22, 0.82], n=[20, 80],
        starred=[True, False], small=[True, False],
    )  # fmt: skip

    assert chart.data["label"].tolist() == ["20 % ★ of 50 %", "80 % of 50 %"]
    assert chart.data["end"].tolist() == [0.5, 0.82]
    assert chart.spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 1.0]
