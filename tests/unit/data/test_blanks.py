from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, fisher_exact

from rai_dash.core.errors import MissingColumn
from rai_dash.data.blanks import blanks_by_group, blanks_of_counts
from rai_dash.data.groups import GroupIndex, group_index


@pytest.fixture
def table():
    rng = np.random.default_rng(5)
    n = 900
    group = rng.choice(["a", "b", "c"], n, p=[0.5, 0.4, 0.1])
    income = np.where(rng.random(n) < np.where(group == "a", 0.25, 0.05), np.nan, rng.normal(size=n))
    job = np.where(rng.random(n) < 0.1, None, "x")
    return pd.DataFrame({"group": group, "income": income, "job": pd.Series(job, dtype="str"), "age": 1})


COLUMNS = ("income", "job", "age")


def _of(frame, keep=None):
    keep = np.ones(len(frame), dtype=bool) if keep is None else keep
    whole = group_index(frame, "group")
    judged = GroupIndex(whole.column, whole.groups, whole.codes[keep])
    return blanks_by_group(frame, COLUMNS, judged, np.flatnonzero(keep))


@pytest.mark.parametrize("part", [False, True], ids=["all rows", "held-out rows"])
def test_shares_equal_a_groupby_of_the_judged_rows(table, part):
    keep = np.arange(len(table)) % 3 == 0 if part else np.ones(len(table), dtype=bool)

    found = _of(table, keep)

    judged = table[keep]
    expected = judged[list(COLUMNS)].isna().groupby(judged["group"]).agg(["sum", "mean"])
    for c, column in enumerate(COLUMNS):
        assert found.blank[c].tolist() == expected[column, "sum"].tolist()
        assert found.share[c].tolist() == pytest.approx(expected[column, "mean"].tolist(), abs=1e-15)
    assert found.n.tolist() == judged["group"].value_counts().sort_index().tolist()
    assert found.groups == ("a", "b", "c")
    assert found.has_blanks.tolist() == [True, True, False]


def test_the_interval_is_wilsons(table):
    found = _of(table)
    k, n, z = found.blank[0, 0], found.n[0], 1.959963984540054
    p, d = k / n, 1 + z**2 / n
    centre, half = (p + z**2 / (2 * n)) / d, z / d * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))

    assert (found.low[0, 0], found.high[0, 0]) == pytest.approx((centre - half, centre + half), abs=1e-12)


def test_p_values_are_fishers_after_holm_and_q_values_benjamini_hochbergs(table):
    found = _of(table)

    expected = []
    for c in (0, 1):
        k, n = found.blank[c], found.n
        raw = [
            fisher_exact([[k[g], n[g] - k[g]], [k.sum() - k[g], (n - k).sum() - (n - k)[g]]]).pvalue
            for g in range(3)
        ]
        expected.append(min(1.0, 3 * min(raw)))
    assert found.p_value[:2] == pytest.approx(expected, rel=1e-6)
    assert found.q_value[:2] == pytest.approx(false_discovery_control(expected), rel=1e-6)
    assert np.isnan([found.p_value[2], found.q_value[2]]).all()


def test_a_group_whose_cells_are_blank_more_often_is_starred(table):
    found = _of(table)

    assert found.starred[0].tolist()[:2] == [True, True]
    assert not found.starred[1:].any()


def test_a_group_of_few_rows_is_counted_and_not_tested():
    blank, n = np.array([[29, 50, 50]]), np.array([29, 500, 500])

    found = blanks_of_counts(["x"], ["a", "b", "c"], blank, n)

    assert found.compared.tolist() == [False, True, True]
    assert found.share[0, 0] == 1.0
    assert found.p_value[0] == pytest.approx(1.0)
    assert not found.starred.any()


def test_a_group_without_rows_has_no_share():
    found = blanks_of_counts(["x"], ["a", "b"], np.array([[0, 4]]), np.array([0, 40]))

    assert np.isnan([found.share[0, 0], found.low[0, 0], found.high[0, 0]]).all()
    assert np.isnan(found.p_value[0])


@pytest.mark.parametrize("blank", [[0, 0], [100, 200]], ids=["no blank", "nothing but blanks"])
def test_where_there_is_nothing_to_compare_there_is_no_test(blank):
    found = blanks_of_counts(["x"], ["a", "b"], np.array([blank]), np.array([100, 200]))

    assert np.isnan(found.p_value[0])
    assert not found.starred.any()


def test_looking_at_many_columns_takes_a_star_that_one_column_alone_would_have():
    n = np.array([200, 200])
    one = np.array([[8, 20]])
    alone = blanks_of_counts(["x"], ["a", "b"], one, n)
    # Each column a pattern of its own, all without a difference.
    many = np.vstack([one, *([[k, k + 1]] for k in range(20, 60))])

    among = blanks_of_counts([str(i) for i in range(41)], ["a", "b"], many, n)

    assert alone.starred.all()
    assert among.p_value[0] == alone.p_value[0]
    assert not among.starred.any()


def test_columns_that_are_blank_together_get_the_same_answer(table):
    frame = table.assign(job=table["income"], age=table["income"])

    found = _of(frame)

    assert len(set(found.p_value)) == 1
    assert (found.starred == found.starred[0]).all()


def test_the_order_and_the_names_of_groups_do_not_matter(table):
    names = {"a": "z", "b": "y", "c": "x"}
    turned = _of(table.assign(group=table["group"].map(names)))
    found = _of(table)

    assert turned.groups == ("x", "y", "z")
    assert np.array_equal(turned.blank[:, ::-1], found.blank)
    assert np.array_equal(turned.starred[:, ::-1], found.starred)
    assert np.array_equal(turned.p_value, found.p_value, equal_nan=True)


def test_false_alarms_stay_below_the_level_where_blanks_have_nothing_to_do_with_the_group():
    rng = np.random.default_rng(3)
    n = np.array([60, 120, 300, 500])
    draws = rng.binomial(n, 0.15, size=(200, 4))

    alarms = sum(blanks_of_counts(["x"], list("abcd"), draw[None, :], n).starred.any() for draw in draws)

    # 5 % of 200 and three standard deviations.
    assert alarms <= 10 + 3 * np.sqrt(9.5)


def test_a_column_that_is_not_there_is_named(table):
    with pytest.raises(MissingColumn, match="incme"):
        blanks_by_group(table, ["incme"], group_index(table, "group"), np.arange(len(table)))
