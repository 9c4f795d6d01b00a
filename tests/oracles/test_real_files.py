"""The five files as our reader gives them, beside pandas."""

from __future__ import annotations

import numpy as np

from rai_dash.core.types import Roles
from rai_dash.data.groups import group_index


def test_the_outcome_of_every_row_equals_the_documentation_of_the_data(real):
    assert np.array_equal(real.dataset.outcome, real.label)


def test_every_column_holds_what_pandas_reads(real):
    frame = real.dataset.frame

    assert list(frame.columns)[1:] == list(real.plain.columns)[1:]
    assert len(frame) == len(real.plain)
    for column in real.plain.columns[1:]:
        ours, theirs = frame[column], real.plain[column]
        if theirs.dtype.kind in "if":
            assert np.array_equal(ours.to_numpy(float), theirs.to_numpy(float), equal_nan=True), column
        else:
            assert ours.str.strip().tolist() == theirs.str.strip().tolist(), column


def test_groups_have_the_names_and_sizes_of_pandas(real):
    for columns in real.divisions:
        counts = real.counts(columns)
        expected = real.groups(columns).value_counts()
        assert {g: n for g, n in zip(counts.groups, counts.n, strict=True) if n} == expected.to_dict(), (
            columns
        )
        assert counts.n.sum() == len(real.plain)


def test_the_codes_of_each_row_are_those_of_pandas(real):
    for columns in real.divisions[: len(real.spec.roles.sensitive)]:
        bins = real.spec.roles.bins.get(columns[0])
        index = group_index(real.dataset.frame, columns[0], bins=bins)
        assert np.array(index.groups, dtype=object)[index.codes].tolist() == real.groups(columns).tolist()


#: A column with more than two values of each data set: (target, favourable, unfavourable).
THREE_SIDES = {
    "census": ("workclass", "Private", "State-gov"),
    "german": ("housing", "own", "rent"),
    # 1 approved, 2 approved and not taken up, 3 refused.
    "boston": ("action", "1", "3"),
    "hmda": ("debt_to_income_ratio", "<20%", "50%-60%"),
    "taiwan": ("EDUCATION", "1", "3"),
}


def test_labels_on_neither_side_are_unknown(real):
    target, good, bad = THREE_SIDES[real.name]
    roles = Roles(target=target, favourable=(good,), unfavourable=(bad,))

    outcome = real.dataset.with_roles(roles).outcome

    text = real.plain[target].astype(str).str.strip()
    assert np.array_equal(outcome == 1, text == good)
    assert np.array_equal(outcome == 0, text == bad)
    assert set(outcome) == {0, 1, 2}
