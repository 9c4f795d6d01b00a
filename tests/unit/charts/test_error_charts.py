"""The charts of error slices; what holds for every chart is in test_templates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.charts.error_heatmap import error_heatmap
from rai_dash.charts.error_tree import EVERYONE, ErrorNode, error_tree, tree_boxes
from rai_dash.core.types import Estimate
from rai_dash.data.slices import Slice, Term
from rai_dash.trials.slices.finder import SliceOptions, find_slices
from rai_dash.trials.slices.tree import TreeNode


def _heat(rate, n, *, shown=None):
    rate, n = np.array(rate, dtype=float), np.array(n)
    rows, columns = [f"r{i}" for i in range(len(n))], [f"c{i}" for i in range(n.shape[1])]
    return error_heatmap(
        rows, columns, rate=rate, low=rate / 2, high=rate * 1.1, errors=np.nan_to_num(rate * n), n=n, few=n < 30,
        shown=np.zeros(n.shape, dtype=bool) if shown is None else shown,
    )  # fmt: skip


def test_a_cell_carries_its_rate_and_count_and_a_star_where_it_stands_out():
    chart = _heat([[0.25, 0.9]], [[40, 1234]], shown=[[False, True]])

    assert chart.data["label"].tolist() == ["25 %", "90 % ★"]
    assert chart.data["short"].tolist() == ["25", "90★"]
    assert chart.data["n_short"].tolist() == ["n 40", "n 1,234"]
    assert chart.data["finding"].tolist() == ["–", "stands out"]
    assert chart.data["description"][1].endswith("1,234 rows, stands out")


def test_cells_of_few_rows_are_grey_and_empty_ones_outlined():
    chart = _heat([[0.25, 1.0, np.nan]], [[40, 3, 0]])

    assert chart.data["part"].tolist() == ["cell", "few", "none"]
    assert chart.data["label"].tolist() == ["25 %", "100 %", "–"]


def test_few_rows_do_not_stretch_the_colours():
    assert _heat([[0.2, 1.0]], [[40, 3]]).spec is _heat([[0.2, 0.1]], [[40, 3]]).spec


def test_the_largest_map_of_two_columns_stays_under_the_limit_of_marks():
    n = np.full((22, 22), 50)

    assert len(_heat(np.full((22, 22), 0.1), n).data) == 484


def _node(rows: int, wrong: int, *terms: Term, children: tuple[TreeNode, ...] = ()) -> TreeNode:
    return TreeNode(
        slice=Slice(terms=terms), term=terms[-1] if terms else None, rows=rows,
        rate=Estimate(wrong / rows, 0.0, 1.0, wrong, rows), children=children,
    )  # fmt: skip


@pytest.fixture
def tree() -> TreeNode:
    young, old, blank = (Term(column="age", kind="compare", sign=s, low=30) for s in ("<", ">=", ">"))
    girl, boy = (Term(column="sex", kind="is", values=(v,)) for v in "fm")
    blank = Term(column="age", kind="blank")
    below = (_node(100, 10, young, girl), _node(300, 90, young, boy))
    return _node(
        1000, 130, children=(_node(400, 100, young, children=below), _node(590, 30, old), _node(10, 0, blank))
    )


def test_boxes_lie_in_the_box_they_divide_and_fill_it(tree):
    boxes = {box.name: box for box in tree_boxes(tree, min_rows=30)}

    assert list(boxes) == [EVERYONE, "age < 30", "sex is f", "sex is m", "age >= 30", "age is blank"]
    places = {name: (box.depth, round(box.start, 9), round(box.end, 9)) for name, box in boxes.items()}
    assert places == {
        EVERYONE: (0, 0.0, 1.0),
        "age < 30": (1, 0.0, 0.4),
        "sex is f": (2, 0.0, 0.1),
        "sex is m": (2, 0.1, 0.4),
        "age >= 30": (1, 0.4, 0.99),
        "age is blank": (1, 0.99, 1.0),
    }
    assert [name for name, box in boxes.items() if box.few] == ["age is blank"]


def test_a_box_says_its_rate_and_rows(tree):
    data = error_tree(tree_boxes(tree, min_rows=30)).data.set_index("name")

    assert data.loc["sex is m", "label"] == "30 % of 300"
    assert data.loc["sex is m", "share_text"] == "30 %"
    assert data.loc["age is blank", "part"] == "few"
    assert (data["bottom"] - data["top"] == 1.0).all()


def test_a_tree_without_a_split_is_one_box_and_numbers_are_not_in_the_template():
    one = error_tree(tree_boxes(_node(10, 1), min_rows=30))
    other = error_tree(
        [ErrorNode(name="All", depth=0, start=0, end=1, rows=9, rate=None, low=None, high=None)]
    )

    assert len(one.data) == 1
    assert one.spec["height"] < 150
    assert other.data["label"].tolist() == ["– of 9"]


def test_what_the_finder_says_is_drawn_whole():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.choice(list("xyz"), 2000), "b": rng.random(2000)})
    found = find_slices(
        frame,
        rng.random(2000) < np.where(frame["a"] == "x", 0.5, 0.1),
        ["a", "b"],
        options=SliceOptions(draws=39),
    )
    heat = found.heat_map("a", "b")
    drawn = error_heatmap(
        heat.rows, heat.columns, rate=heat.rate, low=heat.low, high=heat.high, errors=heat.errors, n=heat.n,
        few=heat.few, shown=heat.shown,
    )  # fmt: skip
    boxes = error_tree(tree_boxes(found.tree, min_rows=found.min_rows)).data

    assert drawn.data["starred"].sum() == heat.shown.sum() > 0
    assert len(drawn.data) == heat.n.size
    assert {"Everyone", "a is x", "a is not x"} <= set(boxes["name"])
