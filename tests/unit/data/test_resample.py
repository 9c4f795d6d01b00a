from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.cell_plan import cell_targets
from rai_dash.data.groups import GroupIndex, group_index
from rai_dash.data.resample import resample, weights


def rows(seed=1, n=400):
    rng = np.random.default_rng(seed)
    outcome = rng.choice([0, 1, 2], n, p=[0.75, 0.2, 0.05]).astype(np.int8)
    groups = GroupIndex("sex", ("m", "f"), rng.choice([0, 1], n, p=[0.7, 0.3]).astype(np.int32))
    train = np.sort(rng.choice(n, n * 3 // 4, replace=False))
    return outcome, groups, train


def sizes(outcome, groups, positions):
    known = positions[outcome[positions] != 2]
    return pd.crosstab(outcome[known], groups.codes[known]).to_numpy()


def test_up_to_the_largest_cell_is_the_published_recipe():
    outcome, groups, train = rows()
    known = train[outcome[train] != 2]
    cell = np.array([f"{outcome[i]}{groups.groups[groups.codes[i]]}" for i in known])
    rng = np.random.RandomState(0)
    largest = max(int((cell == c).sum()) for c in set(cell))
    wanted = [known[rng.choice(np.flatnonzero(cell == c), largest, replace=True)] for c in sorted(set(cell))]

    drawn = resample(outcome, groups, train, seed=0)

    assert np.array_equal(drawn, np.concatenate(wanted))


def test_the_bundled_repaired_model_was_trained_on_this_draw(repo):
    frame = pd.read_csv(repo / "sample_data" / "story_collected_8000.csv.gz")
    outcome = (frame["loan"] == "Approved").to_numpy(np.int8)
    rng = np.random.RandomState(0)
    cell = frame["loan"].map({"Approved": "1", "Rejected": "0"}) + frame["gender"]
    largest = cell.value_counts().max()
    wanted = [rng.choice(np.flatnonzero(cell == c), largest, replace=True) for c in sorted(cell.unique())]

    drawn = resample(outcome, group_index(frame, "gender"), np.arange(len(frame)), seed=0)

    assert np.array_equal(drawn, np.concatenate(wanted))


@pytest.mark.parametrize(("up", "down"), [(0, 1), (0.5, 1), (1, 1), (0, 0.3), (0.3, 0.6), (0.4, 0.4)])
def test_every_cell_has_its_target_and_no_row_comes_from_outside(up, down):
    outcome, groups, train = rows()
    before = sizes(outcome, groups, train)
    floor, ceiling = round(up * before.max()), round(down * before.max())

    drawn = resample(outcome, groups, train, up=up, down=down, seed=3)

    assert np.array_equal(sizes(outcome, groups, drawn), np.clip(before, floor, ceiling))
    assert set(drawn) <= set(train[outcome[train] != 2])


def test_cutting_never_repeats_a_row_and_no_change_keeps_each_row_once():
    outcome, groups, train = rows()

    cut = resample(outcome, groups, train, up=0, down=0.4, seed=3)
    same = resample(outcome, groups, train, up=0, down=1, seed=3)

    assert len(set(cut)) == len(cut)
    assert np.array_equal(np.sort(same), train[outcome[train] != 2])


def test_the_seed_decides():
    outcome, groups, train = rows()

    assert np.array_equal(*(resample(outcome, groups, train, seed=5) for _ in range(2)))
    assert not np.array_equal(*(resample(outcome, groups, train, seed=s) for s in (5, 6)))


def test_without_groups_the_outcome_alone_is_balanced():
    outcome, _, train = rows()

    drawn = resample(outcome, None, train, seed=0)

    assert np.bincount(outcome[drawn]).tolist() == [int((outcome[train] == 0).sum())] * 2


@pytest.mark.parametrize(("up", "down"), [(0.5, 1), (1, 1), (0.3, 0.6)])
def test_weights_give_a_cell_the_sum_that_copies_would(up, down):
    outcome, groups, train = rows()

    weight = weights(outcome, groups, train, up=up, down=down)

    drawn = sizes(outcome, groups, resample(outcome, groups, train, up=up, down=down, seed=0))
    known = outcome[train] != 2
    summed = pd.DataFrame({"y": outcome[train], "g": groups.codes[train], "w": weight})[known]
    assert summed.groupby(["y", "g"])["w"].sum().to_numpy() == pytest.approx(drawn.ravel(), rel=1e-12)
    assert (weight[~known] == 0).all()


def test_empty_cells_stay_empty():
    assert cell_targets(np.array([0, 3, 10]), up=1.0, down=1.0).tolist() == [0, 10, 10]


@pytest.mark.parametrize(("up", "down"), [(0.6, 0.5), (-0.1, 1), (0, 1.1), (0, 0.01)])
def test_shares_that_make_no_sense_are_refused(up, down):
    with pytest.raises(InvalidChoice):
        cell_targets(np.array([3, 10]), up=up, down=down)


def test_no_row_to_draw_from_is_refused():
    outcome, groups, _ = rows()

    with pytest.raises(InvalidChoice, match="leaves no row"):
        resample(outcome, groups, np.array([], dtype=np.int64), seed=0)
