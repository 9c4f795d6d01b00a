from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chisquare

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.groups import group_index
from rai_dash.data.population import population_fit, shares_of, stated_shares
from rai_dash.stats.tests import holm


def index_of(**sizes: int):
    frame = pd.DataFrame({"g": [g if g != "blank" else None for g, n in sizes.items() for _ in range(n)]})
    return group_index(frame, "g")


def test_two_groups_agree_with_scipy_and_by_hand():
    fit = population_fit(index_of(f=3040, m=4960), {"f": 50, "m": 50})

    women = fit.groups[0]
    oracle = binomtest(3040, 8000)
    limits = oracle.proportion_ci(method="wilson")
    assert (women.group, women.n, women.expected, women.lacking) == ("f", 3040, 4000.0, 960.0)
    assert women.observed.value == 0.38
    assert (women.observed.low, women.observed.high) == pytest.approx((limits.low, limits.high), abs=1e-12)
    assert women.residual == pytest.approx((3040 - 4000) / np.sqrt(8000 * 0.5 * 0.5))
    assert women.p_value == pytest.approx(oracle.pvalue)
    assert fit.statistic == pytest.approx(chisquare([3040, 4960]).statistic)
    assert fit.p_value == pytest.approx(chisquare([3040, 4960]).pvalue)
    assert women.is_shown


def test_with_two_groups_the_squared_residual_is_the_chi_square():
    fit = population_fit(index_of(a=33, b=67), {"a": 45, "b": 55})

    assert fit.groups[0].residual ** 2 == pytest.approx(fit.statistic)
    assert fit.groups[1].residual == pytest.approx(-fit.groups[0].residual)


def test_three_groups_pay_for_each_other():
    sizes, stated = {"a": 260, "b": 420, "c": 320}, {"a": 0.3, "b": 0.4, "c": 0.3}

    fit = population_fit(index_of(**sizes), stated)

    alone = np.array([binomtest(sizes[g], 1000, stated[g]).pvalue for g in "abc"])
    assert [g.p_value for g in fit.groups] == pytest.approx(holm(alone).tolist())
    assert alone[0] < 0.05 / 3 < alone[2]
    assert [g.is_shown for g in fit.groups] == [True, False, False]
    found = chisquare(list(sizes.values()), [300, 400, 300])
    assert (fit.statistic, fit.p_value) == pytest.approx((found.statistic, found.pvalue))


def test_a_group_of_the_population_without_a_row_is_kept_and_named():
    fit = population_fit(index_of(a=60, b=40), {"a": 50, "b": 40, "z": 10})

    assert fit.absent == ("z",)
    assert (fit.groups[2].n, fit.groups[2].observed.value, fit.groups[2].lacking) == (0, 0.0, 10.0)
    assert fit.groups[2].is_shown


def test_blank_rows_are_left_out_and_counted_unless_their_share_is_stated():
    index = index_of(a=60, b=30, blank=10)

    assert (population_fit(index, {"a": 50, "b": 50}).n, population_fit(index, {"a": 50, "b": 50}).blank) == (
        90,
        10,
    )
    stated = population_fit(index, {"a": 50, "b": 40, "(missing)": 10})
    assert (stated.n, stated.blank) == (100, 0)


def test_few_expected_rows_make_the_chi_square_approximate():
    assert population_fit(index_of(a=9, b=1), {"a": 60, "b": 40}).is_approximate
    assert not population_fit(index_of(a=90, b=10), {"a": 60, "b": 40}).is_approximate


def test_a_group_with_share_0_and_no_row_is_no_hypothesis():
    fit = population_fit(index_of(a=50, b=50), {"a": 40, "b": 60, "z": 0})

    assert [g.group for g in fit.groups] == ["a", "b"]


def test_one_group_or_no_row_gives_no_test():
    one = population_fit(index_of(a=50), {"a": 100})
    none = population_fit(index_of(blank=5), {"a": 40, "b": 60})

    assert np.isnan(one.p_value)
    assert not one.groups[0].is_shown
    assert none.groups[0].observed.value is None
    assert np.isnan(none.groups[0].p_value)


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"a": 50, "b": 40}, r"add up to 90, not to 100 %"),
        ({"a": 120, "b": -20}, r"`b` is -20"),
        ({"a": 0, "b": 0}, r"All stated shares are 0"),
        ({"a": 50, "B": 50}, r"`b` has 40 rows in `g`, but no share is stated for it. Is it `B`\?"),
        ({"a": 100, "b": 0}, r"`b` has 40 rows in `g`, but a stated share of 0"),
        ({"a": float("nan"), "b": 50}, r"`a` is nan"),
    ],
)
def test_shares_that_cannot_be_are_refused_in_words(stated, said):
    with pytest.raises(InvalidChoice, match=said):
        population_fit(index_of(a=60, b=40), stated)


def test_percentages_shares_and_on_request_head_counts_are_brought_to_one():
    assert shares_of({"a": 33.3, "b": 66.6}) == pytest.approx({"a": 1 / 3, "b": 2 / 3})
    assert shares_of({"a": 0.25, "b": 0.75}) == {"a": 0.25, "b": 0.75}
    assert shares_of({"a": 3_000_000, "b": 1_000_000}, scale=True) == {"a": 0.75, "b": 0.25}


def test_a_file_of_shares_is_read_whichever_column_stands_first():
    frame = pd.DataFrame({"percent": [48.5, 51.5], "sex": ["m", "f"]})

    assert stated_shares(frame) == {"m": 48.5, "f": 51.5}
    assert stated_shares(pd.DataFrame({"code": [1, 2], "share": [40, 60]})) == {"1": 40.0, "2": 60.0}


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.DataFrame({"sex": ["m", "f"]}), "two columns"),
        (pd.DataFrame({"sex": ["m", "f"], "share": ["x", "y"]}), "two columns"),
        (pd.DataFrame({"sex": ["m", None], "share": [1.0, 2.0]}), "Row 2"),
        (pd.DataFrame({"sex": ["m", "f"], "share": [np.nan, 2.0]}), "Row 1"),
        (pd.DataFrame({"sex": ["m", "f", "m"], "share": [1.0, 2.0, 3.0]}), "`m` stands more than once"),
        (pd.DataFrame({"sex": [str(i) for i in range(201)], "share": 1.0}), "1 to 200"),
    ],
)
def test_a_file_that_holds_no_shares_is_refused_in_words(frame, said):
    with pytest.raises(InvalidChoice, match=said):
        stated_shares(frame)
