"""Groups within the levels of a control, against a count of single people and textbook formulas."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.against import NOT_A_SHARE, Other, compare
from rai_dash.metrics.conditional import NO_LEVEL, NOBODY_ELSE, conditional
from rai_dash.metrics.disparity import NARROW, disparity
from rai_dash.metrics.table import metric_table
from rai_dash.stats.intervals import newcombe

CUT = 0.5
INSIDE = {
    "selection_rate": lambda p: p.assign(hit=p.yes),
    "recall": lambda p: p[p.label == 1].assign(hit=p.yes),
    "fpr": lambda p: p[p.label == 0].assign(hit=p.yes),
    "precision": lambda p: p[p.yes].assign(hit=p.label == 1),
}


def people(seed=0, n=1500, groups=3, levels=4, effect=0.0):
    """Made-up people whose approval depends on the level; the level depends on the group."""
    rng = np.random.default_rng(seed)
    group = rng.choice(groups, n, p=np.arange(groups, 0, -1) / np.arange(groups + 1).sum())
    level = np.minimum(rng.integers(0, levels, n) + rng.integers(0, 2, n) * group, levels - 1)
    score = np.clip(0.25 + 0.5 * level / levels - effect * (group == 1) + rng.normal(0, 0.15, n), 0, 1)
    label = (rng.random(n) < 0.3 + 0.1 * level).astype(np.int8)
    return pd.DataFrame({"group": group, "level": level, "score": score, "label": label, "yes": score >= CUT})


def tables(p, *, weight=None, min_n=30, bootstrap=0):
    """Return one table a level, each counted on its own."""
    names = tuple("abcdefghij"[: p.group.max() + 1])
    out = []
    for level in range(p.level.max() + 1):
        at = (p.level == level).to_numpy()
        index = GroupIndex("g", names, p.group.to_numpy()[at].astype(np.int32))
        counts = count(
            p.label.to_numpy()[at].astype(np.int8),
            p.score.to_numpy()[at],
            index,
            weight=None if weight is None else weight[at],
        )
        out.append((f"L{level}", metric_table(counts, CUT, min_n=min_n, bootstrap=bootstrap)))
    return out


def by_hand(p, group):
    """Pool one group against all others, person by person."""
    up = down = weights = above = below = surplus = variance = 0.0
    for _, part in p.groupby("level"):
        one, other = part.hit[part.group == group], part.hit[part.group != group]
        if one.empty or other.empty:
            continue
        n = len(part)
        hits = part.hit.sum()
        up += one.sum() * len(other) / n
        down += other.sum() * len(one) / n
        weights += len(one) * len(other) / n
        above, below = above + one.sum() * len(other) / n, below + other.sum() * len(one) / n
        surplus += one.sum() - len(one) * hits / n
        variance += len(one) * len(other) * hits * (n - hits) / (n**2 * (n - 1))
    return (up - down) / weights, above / below, chi2.sf(surplus**2 / variance, 1)


@pytest.mark.parametrize("metric", INSIDE)
@pytest.mark.parametrize("seed", [0, 1])
def test_each_group_is_pooled_as_by_hand_over_people(metric, seed):
    p = people(seed)

    found = conditional(tables(p), metric)

    counted = INSIDE[metric](p)
    for i, one in enumerate(found.groups):
        difference, ratio, p_value = by_hand(counted, i)
        assert one.difference == pytest.approx(difference, abs=1e-12)
        assert one.ratio == pytest.approx(ratio, abs=1e-12)
        assert one.p_value == pytest.approx(p_value, rel=1e-9)
        assert one.low < one.difference < one.high
        assert one.n == (p.group == i).sum()


@pytest.mark.parametrize("weighted", [False, True])
def test_the_crude_difference_is_the_one_without_the_control(weighted):
    p = people(2)
    weight = np.random.default_rng(5).uniform(0.2, 3, len(p)) if weighted else None
    whole = metric_table(
        count(
            p.label.to_numpy(),
            p.score.to_numpy(),
            GroupIndex("g", ("a", "b", "c"), p.group.to_numpy().astype(np.int32)),
            weight=weight,
        ),
        CUT,
        bootstrap=0,
    )

    found = conditional(tables(p, weight=weight), "recall")

    assert found.is_approximate == weighted
    for one, plain in zip(found.groups, compare(whole, "recall", Other.REST), strict=True):
        expected = (plain.difference, plain.low, plain.high)
        assert (one.crude, one.crude_low, one.crude_high) == pytest.approx(expected, abs=1e-9)


def test_with_weights_each_level_counts_by_kishs_effective_sizes():
    p = people(3)
    weight = np.random.default_rng(6).uniform(0.2, 3, len(p))

    one = conditional(tables(p, weight=weight), "selection_rate").groups[1]

    up = below = 0.0
    for level in range(4):
        shares, sizes = [], []
        for side in (p.group == 1, p.group != 1):
            at = side & (p.level == level)
            shares.append(np.average(p.yes[at], weights=weight[at]))
            sizes.append(weight[at].sum() ** 2 / (weight[at] ** 2).sum())
        up += (shares[0] - shares[1]) * sizes[0] * sizes[1] / sum(sizes)
        below += sizes[0] * sizes[1] / sum(sizes)
    assert one.difference == pytest.approx(up / below, abs=1e-12)


def test_a_gap_that_the_control_explains_goes_and_one_that_it_does_not_stays():
    explained = conditional(tables(people(4, n=6000)), "selection_rate").groups
    remaining = conditional(tables(people(4, n=6000, effect=0.06)), "selection_rate").groups

    assert not any(one.is_starred for one in explained)
    assert any(one.crude_low > 0 or one.crude_high < 0 for one in explained)
    assert remaining[1].is_starred
    assert remaining[1].high < 0


def test_p_values_are_adjusted_by_holm_and_two_groups_are_one_question():
    three = conditional(tables(people(1)), "recall").groups
    order = sorted(three, key=lambda one: one.p_value)
    steps = np.maximum.accumulate(
        [min(1.0, m * one.p_value) for m, one in zip((3, 2, 1), order, strict=True)]
    )
    two = conditional(tables(people(1, groups=2)), "recall").groups

    assert [one.adjusted_p for one in order] == pytest.approx(list(steps))
    assert two[0].p_value == pytest.approx(two[1].p_value)
    assert two[0].adjusted_p == two[0].p_value


def test_a_group_is_small_by_its_rows_in_all_levels_and_small_ones_are_shown_and_not_tested():
    p = people(7, n=300)
    tiny = p[p.group == 2].head(29)
    p = pd.concat([p[p.group < 2], tiny])

    found = conditional(tables(p, min_n=30), "selection_rate").groups

    assert [one.is_small for one in found] == [False, False, True]
    assert min(np.bincount(p.level[p.group == 1])) < 30
    assert found[2].difference is not None
    assert (found[2].p_value, found[2].is_starred) == (None, False)
    assert found[2].test_reason == "29 rows, fewer than 30"
    # The two others are not everybody, so they are two questions: the smaller p-value counts twice.
    smaller = min(found[:2], key=lambda one: one.p_value)
    assert smaller.adjusted_p == pytest.approx(min(1.0, 2 * smaller.p_value))


def test_one_large_group_alone_is_not_tested():
    p = people(8, n=90, groups=2)

    found = conditional(tables(p, min_n=40), "selection_rate").groups

    assert [one.is_small for one in found] == [False, True]
    assert found[0].p_value is None
    assert "two groups" in found[0].test_reason


def test_levels_that_say_nothing_are_named_with_the_reason():
    p = people(9)
    p = p[~((p.level == 0) & (p.group == 2)) & ~((p.level == 1) & (p.group != 2))]
    p.loc[(p.level == 2) & (p.group == 2), "label"] = 0

    one = conditional(tables(p), "recall").groups[2]

    assert one.used == ("L3",)
    assert dict(one.left_out) == {
        "L0": "no favourable applicant in this group",
        "L1": NOBODY_ELSE,
        "L2": "no favourable applicant in this group",
    }
    assert one.n_used == ((p.level == 3) & (p.group == 2)).sum()
    assert one.homogeneity_p is None


def test_a_group_that_shares_no_level_with_others_has_no_number_and_a_reason():
    p = people(10)
    p = p[(p.group == 2) == (p.level == 3)]

    one = conditional(tables(p), "selection_rate").groups[2]

    assert (one.difference, one.ratio, one.p_value, one.low) == (None, None, None, None)
    assert one.reason == one.test_reason == NO_LEVEL
    assert one.crude is not None


def test_few_events_never_earn_a_star():
    label = np.ones(300, np.int8)
    score = np.r_[np.full(4, 0.1), np.full(296, 0.9)]
    codes = np.r_[np.zeros(40), np.ones(260)].astype(np.int32)
    table = metric_table(count(label, score, GroupIndex("g", ("a", "b"), codes)), CUT, bootstrap=0)

    one = conditional([("all", table)], "recall").groups[0]

    assert one.p_value < 0.001
    assert (one.is_sparse, one.is_starred) == (True, False)
    assert one.to_json()["ratio_caution"] == NARROW
    assert conditional(tables(people(0)), "recall").groups[0].ratio_caution is None


def test_opposite_gaps_are_flagged_as_uneven():
    rng = np.random.default_rng(1)
    group, level = rng.integers(0, 2, 2000), rng.integers(0, 2, 2000)
    score = np.clip(0.5 + 0.1 * np.where(group == level, 1, -1) + rng.normal(0, 0.1, 2000), 0, 1)
    p = pd.DataFrame({"group": group, "level": level, "score": score, "label": 1, "yes": score >= CUT})

    one = conditional(tables(p), "selection_rate").groups[0]

    assert one.is_uneven
    assert one.to_json()["uneven"] is True


def test_one_level_alone_is_the_plain_comparison_with_newcombes_interval():
    p = people(11, levels=1)

    one = conditional(tables(p), "selection_rate").groups[1]

    mine, others = p.yes[p.group == 1], p.yes[p.group != 1]
    expected = newcombe(mine.sum(), len(mine), others.sum(), len(others))
    assert (one.low, one.high) == pytest.approx([float(x) for x in expected], abs=1e-12)
    assert one.difference == pytest.approx(one.crude, abs=1e-12)


def test_each_level_has_its_plain_gap_and_a_finding_must_stand_up_to_all_levels():
    rng = np.random.default_rng(0)
    frames = []
    for level in range(20):
        group = np.repeat([0, 1], 100)
        score = np.where(rng.permutation(200) < 100, 0.9, 0.1)
        if level == 3:  # alone this would be shown: 62 against 44 of 100
            score = np.r_[np.full(62, 0.9), np.full(38, 0.1), np.full(44, 0.9), np.full(56, 0.1)]
        frames.append(pd.DataFrame({"group": group, "level": level, "score": score, "label": 1}))
    p = pd.concat(frames).assign(yes=lambda d: d.score >= CUT)
    levels = tables(p)

    alone, among = conditional(levels[3:4], "selection_rate"), conditional(levels, "selection_rate")

    assert alone.levels[0].gap == disparity(levels[3][1], "selection_rate")
    assert alone.levels[0].verdict.verdict == "disparity shown"
    assert among.levels[3].gap.difference == pytest.approx(0.18)
    assert among.levels[3].verdict.verdict == "not enough data"
    assert among.levels[3].verdict.starred == ()
    assert among.levels[3].adjusted_p == pytest.approx(min(1, 20 * alone.levels[0].verdict.p_value))


def test_two_levels_are_two_questions():
    p = people(1, levels=2)

    found = conditional(tables(p), "selection_rate").levels

    first, second = sorted(found, key=lambda one: one.verdict.p_value)
    assert first.adjusted_p == pytest.approx(min(1.0, 2 * first.verdict.p_value))
    assert second.adjusted_p == pytest.approx(max(first.adjusted_p, second.verdict.p_value))


def test_what_is_no_share_has_gaps_by_level_and_nothing_pooled():
    levels = tables(people(1))

    found = conditional(levels, "mean_score")

    assert (found.groups, found.reason) == ((), NOT_A_SHARE)
    assert found.levels[0].gap == disparity(levels[0][1], "mean_score")
    assert found.levels[0].verdict is None


def test_the_json_has_plain_values_and_no_nan():
    content = json.loads(json.dumps(conditional(tables(people(1)), "recall").to_json(), allow_nan=False))

    assert list(content["groups"]) == ["a", "b", "c"]
    assert content["levels"]["L0"]["verdict"]
    assert {"crude", "difference", "low", "high", "ratio", "p_value", "adjusted_p", "homogeneity_p"} <= set(
        content["groups"]["a"]
    )


def test_what_cannot_be_compared_is_refused_in_a_sentence():
    levels = tables(people(1))
    other = tables(people(1, groups=2))

    with pytest.raises(InvalidChoice, match="no level"):
        conditional([], "recall")
    with pytest.raises(InvalidChoice, match="no metric 'speed'"):
        conditional(levels, "speed")
    with pytest.raises(InvalidChoice, match="`L0` does not have the groups"):
        conditional([levels[0], other[0]], "recall")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_stars_over_many_groups_are_false_in_at_most_6_percent_when_the_control_explains_everything():
    rng = np.random.default_rng(3)
    runs, alarms = 400, 0
    for _ in range(runs):
        p = people(int(rng.integers(1 << 30)), n=3000, groups=10)
        found = conditional(tables(p, min_n=30), "recall", verdicts=False)
        alarms += any(one.is_starred for one in found.groups)

    # Nominal 5 %; four standard errors of 400 runs above 6 %.
    assert alarms / runs <= 0.06 + 4 * np.sqrt(0.06 * 0.94 / runs)
