from __future__ import annotations

import numpy as np
import pandas as pd

from rai_dash.explain.reasons import factors, in_words

VALUES = {
    "gain": 4.9,
    "gender": -1.8,
    "job": -0.7,
    "hours": -0.4,
    "age": 0.4,
    "debt": 0.0,
    "zip": -0.1,
    "home": -0.2,
}
ROW = {
    "gain": 15024,
    "gender": "Female",
    "job": None,
    "hours": 37.0,
    "age": np.int64(40),
    "debt": 0,
    "zip": "x",
    "home": 0.5,
}


def test_only_factors_against_the_applicant_are_adverse_and_at_most_four():
    found = factors(VALUES)

    assert [f.column for f in found.adverse] == ["gender", "job", "hours", "home"]
    assert [f.column for f in found.favourable] == ["gain", "age"]


def test_a_list_may_be_empty_rather_than_name_a_factor_of_the_other_side():
    found = factors({"age": 1.0, "debt": 0.0})

    assert found.adverse == ()
    assert in_words(found) == ("Nothing pushes towards refusal.", "Pushes towards approval: age.")


def test_factors_carry_the_applicants_own_values():
    words = in_words(factors(VALUES, ROW), favourable="repayment", unfavourable="default")

    assert words == (
        "Pushes towards default: gender (Female), job (missing), hours (37), home (0.5).",
        "Pushes towards repayment: gain (15024), age (40).",
    )


def test_every_kind_of_blank_is_called_missing():
    for blank in (None, float("nan"), pd.NA, pd.NaT):
        assert factors({"a": -1.0}, {"a": blank}).adverse[0].text == "a (missing)"


def test_a_block_shows_the_values_of_all_its_columns():
    found = factors({"job + home": -1.0}, ROW | {"job": "clerk"})

    assert found.adverse[0].text == "job + home (clerk, 0.5)"


def test_a_column_whose_name_looks_like_a_block_is_read_as_itself():
    assert factors({"a + b": -1.0}, {"a + b": 3, "a": 1, "b": 2}).adverse[0].text == "a + b (3)"
