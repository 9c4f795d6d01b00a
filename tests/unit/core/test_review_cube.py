from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import OPEN_LO, ReviewCube, add_cubes, check_edges, edges_of
from rai_dash.core.types import ReviewBand


def cube(
    *, groups=("a",), edges=(0.25, 0.5), column="sex", amount=None, weight=None, missing=None
) -> ReviewCube:
    """Put one row of each label and decision into every cell."""
    shape = (len(groups), 3, 3, len(edges) + 2)
    rows = np.ones(shape, np.int64)

    def spread(value):
        return None if value is None else np.full(shape, float(value))

    return ReviewCube(
        column=column,
        groups=groups,
        edges=np.array(edges),
        rows=rows,
        weight=spread(weight),
        weight_sq=None if weight is None else spread(weight**2),
        amount=spread(amount),
        amount_missing=np.zeros(len(groups), np.int64) if missing is None else np.array(missing),
    )


def test_without_weights_mass_and_squares_are_the_counts():
    found = cube()

    assert (found.is_weighted, found.has_amount, found.has_decisions) == (False, False, True)
    assert found.mass.dtype == found.squares.dtype == np.float64
    assert found.mass.sum() == found.squares.sum() == found.n.sum() == 36


def test_nobody_decided_is_said():
    found = cube()
    found.rows[:, :, :2] = 0

    assert not found.has_decisions


def test_a_cut_is_found_only_where_it_is_to_the_last_bit():
    found = cube(edges=(0.0, 0.35, 1.0))

    assert [found.at(cut) for cut in (0.0, 0.35, 1.0)] == [0, 1, 2]
    for cut in (np.nextafter(0.35, 0), np.nextafter(0.35, 1), 0.5, np.nan):
        with pytest.raises(InvalidChoice, match="none of the 3 that were counted"):
            found.at(cut)
    with pytest.raises(InvalidChoice, match="none of the 2"):
        cube().at(0.75)


def test_open_ends_have_positions_outside_the_edges_and_0_is_no_open_end():
    found = cube(edges=(0.0, 0.5, 1.0))

    assert found.positions(ReviewBand(None, 0.5, None)) == (OPEN_LO, 1, 3)
    assert found.positions(ReviewBand(0.0, 0.0, 0.0)) == (0, 0, 0)


@pytest.mark.parametrize(
    "edges", [[], [0.5, 0.5], [0.5, 0.25], [-0.1, 0.5], [0.5, 1.1], [0.5, np.nan], [[0.5]]]
)
def test_cuts_that_do_not_ascend_within_0_and_1_are_refused(edges):
    with pytest.raises(InvalidChoice, match="ascend"):
        check_edges(np.array(edges, np.float64))


def test_parts_of_another_shape_are_refused():
    with pytest.raises(InvalidChoice, match=r"shape \(1, 3, 3, 4\)"):
        replace(cube(), weight=np.ones((1, 3, 3, 5)))


def test_the_cuts_of_bands_are_each_there_once():
    bands = ReviewBand(0.2, 0.5, None), ReviewBand(0.0, 0.5, 0.7)

    assert edges_of(*bands).tolist() == [0.0, 0.2, 0.5, 0.7]


def test_fewer_edges_add_cells_up_and_keep_the_rows_without_score_apart():
    found = cube(edges=(0.1, 0.2, 0.3, 0.4), amount=2.0, weight=3.0)
    found.rows[..., -1] = 7

    merged = found.on([0.2, 0.4])

    assert merged.rows[0, 0, 0].tolist() == [2, 2, 1, 7]
    assert merged.amount[0, 0, 0].tolist() == [4.0, 4.0, 2.0, 2.0]
    assert merged.weight_sq[0, 0, 0].tolist() == [18.0, 18.0, 9.0, 9.0]
    with pytest.raises(InvalidChoice, match="none of the 4"):
        found.on([0.25])


def test_the_total_is_one_group():
    total = cube(groups=("a", "b"), weight=2.0, amount=5.0, missing=[1, 2]).total()

    assert (total.column, total.groups) == ("", ("everyone",))
    assert total.rows.max() == 2
    assert total.mass.max() == 4
    assert total.squares.max() == 8
    assert total.amount.max() == 10
    assert total.amount_missing.tolist() == [3]


def test_groups_of_two_files_are_united_by_name():
    both = add_cubes(cube(groups=("a", "b")), cube(groups=("c", "a")))

    assert both.groups == ("a", "b", "c")
    assert both.n.tolist() == [72, 36, 36]
    assert both.weight is None


def test_a_file_without_weights_has_weights_of_1_beside_one_with_weights():
    both = add_cubes(cube(), cube(weight=2.0))

    assert both.mass.max() == both.mass.min() == 3
    assert both.squares.max() == 5


def test_a_file_without_amounts_has_only_blank_ones_beside_one_with_amounts():
    both = add_cubes(cube(), cube(amount=10.0, missing=[4]))

    assert both.amount.max() == 10
    # 3 decisions x 4 cells x 2 labels, the unknown one not counted
    assert both.amount_missing.tolist() == [24 + 4]


@pytest.mark.parametrize("other", [cube(column="age"), cube(edges=(0.25, 0.75))])
def test_cubes_of_other_columns_or_cuts_do_not_add_up(other):
    with pytest.raises(InvalidChoice, match="cannot be added"):
        add_cubes(cube(), other)
