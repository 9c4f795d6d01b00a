from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, fisher_exact, ks_2samp

from rai_dash.core.types import Roles
from rai_dash.data.column_drift import Shift, column_drift
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.drift import data_drift
from rai_dash.trials.two_sample import shared_columns

ROLES = Roles(target="y", favourable=("1",), sensitive=("g",), id="key")


def _frame(n, seed, **changes):
    rng = np.random.default_rng(seed)
    columns = {
        "key": [f"{seed}-{i}" for i in range(n)],
        "age": rng.normal(40, 10, n).round(1),
        "job": rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2]),
        "g": rng.choice(["m", "f"], n),
        "y": rng.integers(0, 2, n),
    }
    return pd.DataFrame(columns | {k: v(rng, n) for k, v in changes.items()})


def _drift(second, first=None):
    first = _frame(3_000, 1) if first is None else first
    return data_drift(dataset_from_frame(first, ROLES), dataset_from_frame(second, ROLES)), first


def test_where_nothing_moved_about_one_pair_of_data_sets_in_twenty_shows_a_shift():
    pairs = [_drift(_frame(900, 500 + i), _frame(600, i))[0] for i in range(20)]

    hits = sum(any(c.is_shown for c in found.columns) for found in pairs)
    assert hits <= 4
    first = pairs[0]
    assert {c.name: c.shift for c in first.columns} == dict.fromkeys(("age", "job", "g"), Shift.NOT_SHOWN)
    assert first.prior is not None
    assert not first.prior.is_shown


def test_a_shifted_number_comes_first_with_the_test_of_scipy():
    second = _frame(2_000, 2, age=lambda rng, n: rng.normal(48, 10, n).round(1))
    found, first = _drift(second)

    top = found.columns[0]
    assert (top.name, top.kind, top.shift) == ("age", "number", Shift.LARGE)
    assert top.test.p_value == pytest.approx(
        ks_2samp(first["age"], second["age"], method="asymp").pvalue, rel=1e-9
    )
    assert (top.mean_then, top.median_now) == pytest.approx((first["age"].mean(), second["age"].median()))
    assert top.then.sum() == 3_000
    assert top.now.sum() == 2_000


def test_q_values_are_benjamini_hochbergs_over_values_and_blanks_of_all_columns():
    second = _frame(500, 2, age=lambda rng, n: np.where(rng.random(n) < 0.2, np.nan, rng.normal(40, 10, n)))
    found, _ = _drift(second)

    p = [(c.name, p) for c in found.columns for p in (c.test.p_value, c.blank_p) if np.isfinite(p)]
    q = [q for c in found.columns for q in (c.q_value, c.blank_q) if np.isfinite(q)]
    assert len(p) == 4
    assert q == pytest.approx(false_discovery_control([v for _, v in p]))


def test_blanks_are_a_cell_and_have_fishers_test():
    second = _frame(500, 2, age=lambda rng, n: np.where(np.arange(n) < 100, np.nan, rng.normal(40, 10, n)))
    found, _ = _drift(second)

    age = found.column("age")
    assert (age.blank_then, age.blank_now, age.cells[-1]) == (0, 100, "(missing)")
    assert age.blank_p == pytest.approx(fisher_exact([[0, 3_000], [100, 400]]).pvalue, rel=1e-6)
    assert age.blanks_moved


def test_new_and_vanished_categories_are_named_with_their_rows():
    second = _frame(500, 2, job=lambda _rng, n: np.where(np.arange(n) < 7, "new", "a"))
    job = _drift(second)[0].column("job")

    assert job.new == (("new", 7),)
    assert [name for name, _ in job.gone] == ["b", "c"]


def test_the_prior_shift_has_both_shares_and_newcombes_interval():
    second = _frame(400, 2, y=lambda _rng, n: (np.arange(n) < 300).astype(int))
    found, first = _drift(second)

    prior = found.prior
    assert prior is not None
    assert (prior.then.value, prior.now.value) == (first["y"].mean(), 0.75)
    assert prior.low < 0.75 - first["y"].mean() < prior.high
    assert prior.is_shown


def test_few_known_outcomes_give_no_prior_shift():
    found, _ = _drift(_frame(29, 2))

    assert found.prior is None
    assert {c.shift for c in found.columns} == {Shift.UNTESTED}


def test_in_few_rows_no_size_is_claimed_and_the_rows_needed_are_said():
    second = _frame(60, 2, age=lambda rng, n: rng.normal(60, 10, n))
    found, _ = _drift(second)

    assert found.column("age").shift is Shift.UNSURE
    assert found.column("g").shift is Shift.TOO_FEW
    assert (found.column("g").rows_needed or 0) > 60


def test_a_column_that_turned_into_text_is_compared_as_text():
    found = column_drift(pd.Series([1, 2, 3] * 20, name="x"), pd.Series(["1", "2", "three"] * 20, name="x"))

    assert (found.kind, found.changed_kind) == ("category", True)
    assert found.new == (("three", 20),)


def test_a_column_that_is_mostly_one_value_is_not_blind():
    then = pd.Series(np.r_[np.zeros(970), np.arange(30)], name="x")
    now = pd.Series(np.r_[np.zeros(500), np.full(500, 9.0)], name="x")

    assert column_drift(then, now).psi > 1.0


def test_names_and_free_text_are_compared_by_their_blanks_only():
    then = pd.Series([f"n{i}" for i in range(300)], name="x")
    now = pd.Series([f"m{i}" for i in range(200)] + [None] * 100, name="x")

    found = column_drift(then, now)

    assert (found.kind, found.new, found.test.method) == ("other", (), "")
    assert found.blank_p < 1e-10


def test_columns_of_one_data_set_only_are_listed():
    found, _ = _drift(_frame(100, 2).rename(columns={"job": "post"}))

    assert (found.only_then, found.only_now) == (("job",), ("post",))


def test_an_empty_column_is_undefined_and_not_an_error():
    found = column_drift(pd.Series([np.nan] * 40, name="x"), pd.Series([1.0] * 40, name="x"))

    assert np.isnan(found.test.p_value)
    assert found.blank_p < 1e-10


def test_a_classifier_may_look_at_features_and_groups_but_not_at_outcome_or_id():
    first, second = (dataset_from_frame(_frame(60, s), ROLES) for s in (1, 2))

    assert set(shared_columns(first, second)) == {"age", "job", "g"}
