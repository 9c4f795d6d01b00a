"""Conflicts, near-duplicates, time and distributions against brute force."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.conflicts import conflicts
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.distribution import split_counts
from rai_dash.data.near_duplicates import near_duplicates
from rai_dash.data.profile import profile
from rai_dash.data.time_order import EITHER_WAY, time_order
from rai_dash.stats.tests import Verdict

ROLES = Roles(target="y", favourable=("1",))


@pytest.fixture(params=[0, 1, 2])
def coarse(request):
    """A table that repeats itself, with blanks and rows without an outcome."""
    rng = np.random.default_rng(request.param)
    n = 150
    return pd.DataFrame(
        {
            "a": rng.choice(["p", "q", None], n),
            "b": rng.choice([1.0, 2.5, np.nan], n),
            "c": rng.integers(0, 3, n),
            "d": rng.choice(["u", "v"], n),
            "y": rng.choice(["0", "1", None], n, p=[0.5, 0.4, 0.1]),
            "split": rng.choice(["train", "test"], n),
        }
    )


def keys(frame, columns):
    return list(
        frame[columns]
        .astype(object)
        .where(frame[columns].notna(), "blank")
        .itertuples(index=False, name=None)
    )


def test_conflicts_and_the_bound_agree_with_a_count_by_hand(coarse):
    found = conflicts(dataset_from_frame(coarse, ROLES.with_(split="split", split_train=("train",))))

    known = coarse[coarse["y"].notna()]
    sides = {}
    for key, y in zip(keys(known, ["a", "b", "c", "d"]), known["y"], strict=True):
        sides.setdefault(key, []).append(y)
    clash = [v for v in sides.values() if len(set(v)) == 2]
    assert clash
    assert found.labelled == len(known)
    assert (found.rows, found.patterns) == (sum(map(len, clash)), len(clash))
    assert found.most_right == sum(max(v.count("0"), v.count("1")) for v in sides.values())
    assert found.best_accuracy == found.most_right / len(known)


def test_no_tree_gets_more_right_than_the_bound_and_a_full_one_reaches_it(coarse):
    from sklearn.tree import DecisionTreeClassifier

    found = conflicts(dataset_from_frame(coarse.drop(columns="split"), ROLES))
    known = coarse[coarse["y"].notna()]
    codes = np.column_stack([pd.factorize(known[c])[0] for c in "abcd"])
    tree = DecisionTreeClassifier(random_state=0).fit(codes, known["y"])

    assert tree.score(codes, known["y"]) == pytest.approx(found.best_accuracy)


def test_without_target_or_features_there_are_no_conflicts_to_count():
    assert conflicts(dataset_from_frame(pd.DataFrame({"a": [1, 1], "b": [2, 2]}))) is None
    assert conflicts(dataset_from_frame(pd.DataFrame({"y": ["0", "1"]}), ROLES)) is None


def test_near_duplicates_agree_with_comparing_every_pair(coarse):
    roles = ROLES.with_(split="split", split_train=("train",))
    found = near_duplicates(dataset_from_frame(coarse, roles))

    names = ["a", "b", "c", "d", "y"]
    rows = keys(coarse, names)
    near, shared, by = set(), set(), dict.fromkeys(names, 0)
    for i, j in combinations(range(len(rows)), 2):
        differ = [k for k in range(5) if rows[i][k] != rows[j][k]]
        if len(differ) == 1 and names[differ[0]] != "y":
            near |= {i, j}
            by[names[differ[0]]] += 1
            sides = {coarse["split"][i]: i, coarse["split"][j]: j}
            shared |= {sides["test"]} if len(sides) == 2 else set()
    assert found.rows == len(near)
    assert found.pairs == sum(by.values())
    assert dict(found.by_column) == {c: n for c, n in by.items() if n}
    assert (found.test, found.test_rows) == (int((coarse["split"] == "test").sum()), len(shared))


def test_exact_copies_alone_are_no_near_duplicates():
    frame = pd.DataFrame({"a": [1, 1, 9], "b": [2, 2, 8], "c": [3, 3, 7], "d": [4, 4, 6]})

    found = near_duplicates(dataset_from_frame(frame))

    assert (found.rows, found.pairs, found.test, found.test_rows) == (0, 0, None, None)


def test_the_pairs_that_chance_explains_are_found_in_independent_columns():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({c: rng.integers(0, k, 2000) for c, k in zip("abcd", (3, 4, 5, 6), strict=True)})

    found = near_duplicates(dataset_from_frame(frame))

    assert found.pairs == pytest.approx(found.by_chance, rel=0.03)


def times(values, outcome=None, **roles):
    n = len(values)
    y = [str(i % 2) for i in range(n)] if outcome is None else outcome
    return time_order(dataset_from_frame(pd.DataFrame({"t": values, "y": y} | roles.pop("more", {})),
                                         ROLES.with_(time="t", **roles)))  # fmt: skip


def test_periods_are_in_order_and_count_every_row():
    months = [f"2020-{1 + i % 12:02d}-15" for i in range(1200)]
    found = times(months, ["1" if i % 12 < 6 and i % 5 else "0" for i in range(1200)])

    assert found.periods == tuple(f"2020-{m:02d}-15" for m in range(1, 13))
    assert found.n.tolist() == [100] * 12
    assert found.share.tolist() == [0.8] * 6 + [0.0] * 6
    assert found.drift.verdict == Verdict.SHOWN


def test_many_times_are_put_into_a_dozen_periods_of_like_size():
    found = times(list(np.random.default_rng(0).permutation(2400)))

    assert len(found.periods) == 12
    assert set(found.n) == {200}
    assert found.periods[0] == "0 to 199"
    assert found.drift.verdict != Verdict.SHOWN


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["31/01/2020", "01/02/2020", "02/03/2020"], ["31/01/2020", "01/02/2020", "02/03/2020"]),
        (["01/31/2020", "03/02/2020", "02/03/2020"], ["01/31/2020", "02/03/2020", "03/02/2020"]),
        (["02.03.2020", "01.04.2019", "03.02.2020"], ["01.04.2019", "03.02.2020", "02.03.2020"]),
        (["2020-02", "2019-12", "2020-01"], ["2019-12", "2020-01", "2020-02"]),
    ],
)
def test_dates_are_read_the_way_they_are_written(texts, order):
    assert list(times(texts * 40).periods) == order


def test_dates_that_read_both_ways_are_refused_and_other_text_is_no_time():
    assert times(["01/02/2020", "03/04/2020"] * 40).reason == EITHER_WAY
    assert "no dates" in times(["early", "late"] * 40).reason
    assert time_order(dataset_from_frame(pd.DataFrame({"y": ["0", "1"]}), ROLES)) is None


@pytest.mark.parametrize(("cut", "before"), [(50, 0), (40, 10)])
def test_a_split_in_time_order_is_told_from_one_that_is_not(cut, before):
    values = [float(i) for i in range(100)]
    split = ["train" if i < cut or i == 49 else "test" for i in range(100)]
    found = times(values, more={"s": split}, split="s", split_train=("train",))

    assert found.is_split_in_order is (before == 0)
    assert found.test_before == (0 if before == 0 else 9)


@pytest.mark.parametrize("name", ["x", "k"])
def test_bars_split_by_code_add_up_to_the_bars_of_the_profile(name):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=500), "k": rng.integers(0, 9, 500).astype(str)})
    frame.loc[:20, ["x", "k"]] = None
    frame = dataset_from_frame(frame).frame
    one = {p.name: p for p in profile(frame, Roles())}[name]
    codes = rng.integers(0, 3, 500)

    found = split_counts(frame[name], one, codes, 3, top=5)

    whole = one.histogram.counts.tolist() if name == "x" else [n for _, n in one.top[:5]]
    assert found.sum(axis=1)[: len(whole)].tolist() == whole
    assert found.sum(axis=0).tolist() == np.bincount(codes[frame[name].notna()], minlength=3).tolist()


def test_outliers_are_counted_beyond_tukeys_outer_fences():
    values = [*np.random.default_rng(0).normal(size=500), 40.0, 50.0, -60.0]
    (one,) = profile(pd.DataFrame({"x": values}), Roles())

    q1, q3 = np.percentile(values, [25, 75])
    assert one.fences == pytest.approx((q1 - 3 * (q3 - q1), q3 + 3 * (q3 - q1)))
    assert (one.below, one.above) == (1, 2)


def test_half_of_the_values_in_one_place_leave_no_scale_for_outliers():
    (one,) = profile(pd.DataFrame({"x": [0.0] * 80 + [float(i) for i in range(20)]}), Roles())

    assert (one.fences, one.below, one.above) == (None, 0, 0)
