"""Targets of single cells, against a draw written out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.cell_plan import CellTarget, plan
from rai_dash.data.groups import GroupIndex
from rai_dash.data.resample import resample, weights


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(3)
    outcome = rng.choice([0, 1, 2], 500, p=[0.75, 0.2, 0.05]).astype(np.int8)
    groups = GroupIndex("sex", ("m", "f"), rng.choice([0, 1], 500, p=[0.7, 0.3]).astype(np.int32))
    return outcome, groups, np.sort(rng.choice(500, 375, replace=False))


OWN = (
    CellTarget(group="f", favourable=True, rows=90),
    CellTarget(group="m", favourable=False, share=0.25),
)


def by_hand(outcome, groups, train):
    """Positions of each cell, unfavourable before favourable, f before m."""
    codes = pd.Series(groups.codes).map(dict(enumerate(groups.groups)))
    frame = pd.DataFrame({"y": outcome, "g": codes}).iloc[train]
    return {
        (y, g): frame.index[(frame["y"] == y) & (frame["g"] == g)].to_numpy() for y in (0, 1) for g in "fm"
    }


def test_single_cells_go_up_and_down_and_the_others_follow_the_two_percentages(rows):
    outcome, groups, train = rows
    cells = by_hand(outcome, groups, train)
    largest = max(map(len, cells.values()))
    rng = np.random.RandomState(7)
    floor = round(0.5 * largest)
    wanted = []
    for (y, g), cell in cells.items():
        if (y, g) == (1, "f"):
            wanted.append(rng.choice(cell, 90, replace=True))
        elif (y, g) == (0, "m"):
            wanted.append(rng.choice(cell, round(0.25 * largest), replace=False))
        elif len(cell) <= floor:
            wanted.append(rng.choice(cell, floor, replace=True))
        else:
            wanted.append(cell)

    drawn = resample(outcome, groups, train, up=0.5, down=1, own=OWN, seed=7)

    assert np.array_equal(drawn, np.concatenate(wanted))


def test_weights_give_the_cells_the_same_sums(rows):
    outcome, groups, train = rows

    weight = weights(outcome, groups, train, up=0, down=1, own=OWN)

    at = {position: place for place, position in enumerate(train)}
    cells = by_hand(outcome, groups, train)
    sums = {name: weight[[at[p] for p in cell]].sum() for name, cell in cells.items()}
    largest = max(map(len, cells.values()))
    assert sums[1, "f"] == pytest.approx(90)
    assert sums[0, "m"] == pytest.approx(round(0.25 * largest))
    assert sums[0, "f"] == len(cells[0, "f"])
    assert sums[1, "m"] == len(cells[1, "m"])


def test_a_cell_whose_target_is_its_size_stays_as_it_is(rows):
    outcome, groups, train = rows
    cell = by_hand(outcome, groups, train)[1, "f"]

    drawn = resample(
        outcome, groups, train, own=[CellTarget(group="f", favourable=True, rows=len(cell))], seed=0
    )

    is_mine = (outcome[drawn] == 1) & (groups.codes[drawn] == 1)
    assert drawn[is_mine].tolist() == cell.tolist()


def test_an_empty_cell_stays_empty_and_a_cell_can_be_left_out(rows):
    outcome, _, train = rows
    groups = GroupIndex("sex", ("m", "f"), np.where(outcome == 1, 0, np.arange(500) % 2).astype(np.int32))

    found = plan(
        outcome, groups, train, up=0, down=1,
        own=[CellTarget(group="f", favourable=True, rows=50), CellTarget(group="f", favourable=False, rows=0)],
    )  # fmt: skip

    assert [c.target for c in found if c.group == "f"] == [0, 0]


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ([CellTarget(group="F", favourable=True, rows=5)], "no group `F`.*Did you mean `f`"),
        ([CellTarget(group=None, favourable=True, rows=5)], "names no group"),
        ([CellTarget(group="f", favourable=True, rows=5)] * 2, "two targets"),
        ([CellTarget(group="f", favourable=True, rows=10**6)], "more than 5 times the largest cell"),
        ([CellTarget(group=g, favourable=True, rows=0) for g in "fm"], "leaves no favourable training row"),
    ],
)
def test_targets_that_do_not_fit_are_refused_in_one_sentence(rows, own, said):
    outcome, groups, train = rows

    with pytest.raises(InvalidChoice, match=said):
        resample(outcome, groups, train, own=own, seed=0)


def test_a_group_where_nothing_is_crossed_is_refused(rows):
    outcome, _, train = rows

    with pytest.raises(InvalidChoice, match="no column is crossed"):
        resample(outcome, None, train, own=[CellTarget(group="f", favourable=True, rows=5)], seed=0)


@pytest.mark.parametrize(
    "given",
    [{}, {"rows": 3, "share": 0.5}, {"rows": -1}, {"share": -0.1}, {"share": float("nan")}, {"share": 5.1}],
)
def test_a_target_that_makes_no_sense_is_refused(given):
    with pytest.raises(InvalidChoice, match="The cell `favourable × f`"):
        CellTarget(group="f", favourable=True, **given)
