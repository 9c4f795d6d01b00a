"""Attributions by group, what a gap is made of, partners, marks of pictures, interactions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from rai_dash.core.errors import InvalidChoice
from rai_dash.explain.drivers.by_group import gap_reasons, group_means, holm_over
from rai_dash.explain.drivers.dependence import dependence, partners
from rai_dash.explain.drivers.interaction import friedman_h2, shap_interactions
from rai_dash.explain.drivers.swarm import beeswarm
from rai_dash.stats.means import fieller, means, welch

NAMES = ["a", "b", "c"]
GROUPS = ["women", "men"]


@pytest.fixture(scope="module")
def explained():
    """A linear model's attributions, with the second column higher for the second group."""
    rng = np.random.default_rng(2)
    codes = (rng.random(600) < 0.4).astype(np.int32)
    frame = pd.DataFrame(
        {"a": rng.normal(size=600), "b": rng.normal(size=600) + codes, "c": rng.normal(size=600)}
    )
    values = (frame * [1.0, 0.5, 0.0]).to_numpy()
    return frame, values, 0.3 + values.sum(axis=1), codes


def _reasons(explained, **options):
    _frame, values, output, codes = explained
    return gap_reasons(values, NAMES, output, codes, GROUPS, first=1, second=0, **options)


def test_parts_add_up_to_the_gap_and_shares_to_one(explained):
    _frame, _values, output, codes = explained
    found = _reasons(explained)

    assert found.gap.value == pytest.approx(output[codes == 1].mean() - output[codes == 0].mean(), abs=1e-12)
    assert found.part.value.sum() == pytest.approx(found.gap.value, abs=1e-12)
    assert found.share.sum() == pytest.approx(1)
    assert found.remainder == pytest.approx(0, abs=1e-12)
    assert found.n == ((codes == 1).sum(), (codes == 0).sum())


def test_differences_are_welchs(explained):
    _frame, values, _, codes = explained
    found = _reasons(explained)
    theirs = ttest_ind(values[codes == 1], values[codes == 0], equal_var=False)
    ends = theirs.confidence_interval(0.95)

    assert found.part.p_value[:2] == pytest.approx(theirs.pvalue[:2])
    assert found.part.low[:2] == pytest.approx(ends.low[:2])
    assert found.part.high[:2] == pytest.approx(ends.high[:2])
    assert found.part.p_value[2] == 1  # the model does not use it
    assert found.starred.tolist() == [False, True, False]


def test_the_interval_of_a_share_is_close_to_that_of_the_bootstrap(explained):
    _, values, output, codes = explained
    found, rng, shares = _reasons(explained), np.random.default_rng(0), []
    sides = [np.flatnonzero(codes == g) for g in (1, 0)]
    for _ in range(800):
        one, two = (rng.choice(side, side.size) for side in sides)
        gap = output[one].mean() - output[two].mean()
        shares.append((values[one, 1].mean() - values[two, 1].mean()) / gap)

    low, high = np.quantile(shares, (0.025, 0.975))
    assert (found.share_low[1], found.share_high[1]) == pytest.approx((low, high), rel=0.15)


def test_a_gap_that_may_be_zero_has_no_shares(explained):
    _frame, values, output, _ = explained
    codes = np.tile([0, 1], 300).astype(np.int32)
    found = gap_reasons(values, NAMES, output, codes, GROUPS, first=0, second=1)

    assert found.gap.low < 0 < found.gap.high
    assert np.isnan(found.share).all()
    assert "cannot be told from 0" in found.reason
    assert np.isfinite(found.part.value).all()


def test_a_small_group_is_not_compared(explained):
    _frame, values, output, codes = explained
    found = gap_reasons(values[:20], NAMES, output[:20], codes[:20], GROUPS, first=0, second=1)

    assert np.isnan(found.part.value).all()
    assert "at least 30" in found.reason


def test_at_the_same_value_a_model_that_ignores_the_group_does_not_differ(explained):
    frame, values, _output, codes = explained
    plain = _reasons(explained, frame=frame)
    # The model adds half a point to the second group at every value of the first column.
    uneven = values.copy()
    uneven[codes == 1, 0] += 0.5
    other = gap_reasons(uneven, NAMES, uneven.sum(axis=1), codes, GROUPS, first=1, second=0, frame=frame)

    assert plain.part.value[1] == pytest.approx(0.5, abs=0.15)
    assert plain.same_value.value[1] == pytest.approx(0, abs=0.05)
    assert plain.same_value.low[0] < 0 < plain.same_value.high[0]
    assert other.same_value.value[0] == pytest.approx(0.5, abs=0.05)
    assert other.same_value_adjusted_p[0] < 0.001


def test_rounding_is_no_difference():
    codes = np.repeat([0, 1], 50).astype(np.int32)
    values = np.column_stack([np.where(codes == 1, 0.3 + 1e-12, 0.3), codes.astype(float)])
    found = gap_reasons(values, ["a", "b"], values.sum(axis=1), codes, GROUPS, first=0, second=1)

    assert found.part.value[0] != 0
    assert found.part.p_value.tolist() == [1, 0]


def test_holm_counts_two_columns_as_two_questions():
    assert holm_over(np.array([0.03, 0.01])).tolist() == [0.03, 0.02]
    assert holm_over(np.array([0.04, np.nan])).tolist()[0] == 0.04
    assert holm_over(np.array([0.01, 0.04, 0.03])).tolist() == pytest.approx([0.03, 0.06, 0.06])


def test_means_by_group_are_those_of_the_rows(explained):
    _, values, _, codes = explained
    found = group_means(values, NAMES, codes, [*GROUPS, "nobody"])

    assert found.value[1] == pytest.approx(values[codes == 1].mean(axis=0))
    assert found.size[0] == pytest.approx(np.abs(values[codes == 0]).mean(axis=0))
    assert np.isnan(found.value[2]).all()
    assert found.small.tolist() == [False, False, True]


def test_the_same_group_twice_is_refused(explained):
    _frame, values, output, codes = explained
    with pytest.raises(InvalidChoice):
        gap_reasons(values, NAMES, output, codes, GROUPS, first=1, second=1)


def test_fiellers_interval_solves_its_equation():
    low, high = fieller(2.0, 5.0, var_part=0.3, var_whole=0.4, covariance=0.1, z=1.96)

    for end in (low, high):
        variance = 0.3 - 2 * end * 0.1 + end**2 * 0.4
        assert (2.0 - end * 5.0) ** 2 == pytest.approx(1.96**2 * variance)
    assert low < 0.4 < high


def test_a_single_row_has_a_mean_and_no_interval():
    one, two = means(np.array([[1.0]])), means(np.array([[1.0], [2.0]]))

    assert one.value.tolist() == [1]
    assert np.isnan(one.low).all()
    assert np.isnan(welch(one, two).p_value).all()


def test_the_partner_is_the_column_that_changes_the_effect():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"a": rng.normal(size=900), "b": rng.choice(["x", "y"], 900), "c": rng.normal(size=900)}
    )
    side = np.where(frame["b"] == "x", 1.0, -1.0)
    values = np.column_stack([frame["a"] * side, frame["a"] * side, frame["c"]])
    found = partners(values, NAMES, frame, "a")
    shown = dependence(values, NAMES, frame, "a", most_marks=200)

    assert found.strongest == "b"
    assert found.share[0] > 0.9
    assert abs(found.share[1]) < 0.05
    assert (shown.partner, len(shown.rows), shown.of) == ("b", 200, 900)
    assert {min(shown.x), max(shown.x)} == {frame["a"].min(), frame["a"].max()}
    assert set(shown.partner_text) == {"x", "y"}
    assert shown.by_effect


def test_a_column_that_acts_alone_has_no_partner(explained):
    frame, values, _, _ = explained

    assert partners(values, NAMES, frame, "b").left == pytest.approx(0, abs=0.001)
    assert dependence(values, NAMES, frame, "b").partner is None


def test_a_swarm_keeps_the_extremes_of_each_column(explained):
    frame, values, _, _ = explained
    found = beeswarm(values, NAMES, frame, most_columns=2, most_marks=100)

    assert [column.name for column in found.columns] == ["a", "b"]
    assert (found.shown, found.of, found.left_out) == (50, 600, 1)
    for column, j in zip(found.columns, (0, 1), strict=True):
        assert (column.value[0], column.value[-1]) == (values[:, j].min(), values[:, j].max())
        assert column.value.tolist() == values[column.rows, j].tolist()
        assert np.abs(column.offset).max() <= 1


def test_h2_is_the_share_of_a_product_by_brute_force():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.normal(size=30), "b": rng.integers(0, 3, 30), "c": rng.normal(size=30)})

    def score(table):
        return (table["a"] * table["b"] + table["c"]).to_numpy(float)

    def dependence_of(names):
        level = np.array(
            [score(frame.assign(**{n: row[n] for n in names})).mean() for _, row in frame.iterrows()]
        )
        return level - level.mean()

    found = friedman_h2(score, frame, NAMES)
    both = dependence_of(["a", "b"])
    rest = both - dependence_of(["a"]) - dependence_of(["b"])

    assert found.pairs == (("a", "b"), ("a", "c"), ("b", "c"))
    assert found.value[0] == pytest.approx((rest**2).sum() / (both**2).sum(), abs=1e-12)
    assert found.size[0] == pytest.approx(np.sqrt((rest**2).mean()), abs=1e-12)
    assert found.value[1:] == pytest.approx([0, 0], abs=1e-12)
    assert found.order[0] == 0


def test_shap_interactions_add_both_halves():
    values = np.zeros((4, 2, 2))
    values[:, 0, 1] = values[:, 1, 0] = [0.1, -0.2, 0.1, -0.2]
    found = shap_interactions(values, ["a", "b"])

    assert found.pairs == (("a", "b"),)
    assert found.value == pytest.approx([0.3])
    assert found.low[0] < 0.3 < found.high[0]
